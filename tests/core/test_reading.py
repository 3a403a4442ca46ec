"""How a report is best read: said differently to firms of different standing, size and type."""

from itertools import combinations
from typing import Any

import pytest

from survey.core import reading_words
from survey.core.parts import Standing
from survey.core.text import Text
from tests import builders as b
from tests.builders import a_report, at, ladders

HINTS = [
    {"key": "all", "text": {"zh": "人人都看。", "en": "For everyone."}},
    {
        "key": "process",
        "when": {"question": "production-type", "in": ["process"]},
        "text": {"zh": "看能源。", "en": "Look at energy."},
    },
]


def test_every_standing_has_a_sentence_of_its_own() -> None:
    assert set(reading_words.STANDINGS) == set(Standing)
    assert all(one != other for one, other in combinations(reading_words.STANDINGS.values(), 2))


@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        ("micro", reading_words.SMALL),
        ("small", reading_words.SMALL),
        ("medium", reading_words.LARGE),
        ("large", reading_words.LARGE),
    ],
)
def test_small_firms_are_told_something_else_than_large_ones(size: str, sentence: Text) -> None:
    made = a_report(ladders(), at(2, 2, 2, 2, 2) | {"size-class": {"option": size}})

    assert [
        text for text in made.reading if text in (reading_words.SMALL, reading_words.LARGE)
    ] == [sentence]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({}, ["For everyone."]),
        ({"production-type": {"option": "discrete"}}, ["For everyone."]),
        ({"production-type": {"option": "process"}}, ["For everyone.", "Look at energy."]),
    ],
)
def test_the_bank_says_more_to_firms_that_answered_so(
    answer: dict[str, Any], said: list[str]
) -> None:
    made = a_report(ladders(hints=HINTS), at(2, 2, 2, 2, 2) | answer)

    assert [text.en for text in made.reading[3:-1]] == said


def weighed(**answer: str) -> list[str]:
    types = ("discrete", "process", "mixed")
    weights = {"a": (50, 20, 30), "b": (30, 20, 30), "c": (20, 20, 30), "d": (0, 40, 10)}
    bank = b.a_bank(
        *(
            b.section(
                key,
                key.upper(),
                b.domain(f"d{key}", b.ladder(f"q{key}")),
                weight=dict(zip(types, parts, strict=True)),
            )
            for key, parts in weights.items()
        ),
        weigh_by="production-type",
        weigh_default="mixed",
    )
    plain = {key.replace("_", "-"): {"option": value} for key, value in answer.items()}
    return [text.en for text in a_report(bank, plain).reading if "weights" in text.en]


@pytest.mark.parametrize(
    ("kind", "heaviest"),
    [
        ("discrete", "Section A (50%), Section B (30%), Section C (20%)"),
        ("process", "Section D (40%), Section A (20%), Section B (20%)"),
    ],
)
def test_the_heaviest_sections_are_named_where_they_depend_on_the_firm(
    kind: str, heaviest: str
) -> None:
    [said] = weighed(production_type=kind)

    assert said.endswith(f"the heaviest for this firm: {heaviest}.")


def test_the_same_weights_for_every_firm_are_not_mentioned() -> None:
    assert not any("weights" in text.en for text in a_report(ladders(), at(2)).reading)


def test_the_round_is_named_by_its_year() -> None:
    assert a_report(ladders(), at(2)).round == Text(zh="2026年自评", en="Self-assessment of 2026")
