"""A bank's own file with markup in its texts: what runs is gone and told, the rest stays."""

import json

import pytest

from survey.core import document
from survey.exchange.bank_formats import FORMATS, write_yaml
from tests.builders import bank_data

RUNS = "Metered<script>alert(1)</script> separately? <img src=https://example.org/a.png onload=x()>"


@pytest.mark.parametrize("name", ["yaml", "json", "xlsx"])
def test_what_runs_is_taken_out_of_a_text_and_told_with_its_words(name: str) -> None:
    data = bank_data()
    data["title"]["en"] = RUNS
    form = FORMATS[name]
    assert form.write is not None
    assert form.read is not None

    found = form.read(form.write(data).content, f"bank.{form.extension}")

    assert found.document is not None
    assert found.document["title"]["en"] == "Metered separately?"
    (loss,) = found.losses
    assert (loss.code, loss.place) == ("loss-markup", "title/en")
    assert "<script>" in str(loss.facts["what"])
    assert loss.texts == (("en", RUNS),)


@pytest.mark.parametrize(
    "text", ["Less than 5 % (<5 %)", "Enter <your name> here", "a<b", "x &lt; y", "5 <> 6"]
)
def test_what_only_looks_like_markup_stays_to_the_sign(text: str) -> None:
    data = bank_data()
    data["title"]["en"] = text
    read = FORMATS["json"].read
    assert read is not None

    found = read(json.dumps(data).encode(), "bank.json")

    assert found.losses == ()
    assert found.document is not None
    assert document.digest(found.document) == document.digest(data)


def test_a_file_that_is_refused_has_no_texts() -> None:
    read = FORMATS["yaml"].read
    assert read is not None

    assert read(b"[", "bank.yaml").document is None
    assert write_yaml(bank_data()).losses == ()
