"""What could not be carried over is told once each, with a limit and with the words kept."""

from collections.abc import Callable

import pytest
import xlrd
from pydantic import TypeAdapter

from survey.exchange import foreign, form_strangers, limesurvey_lss, limesurvey_txt, surveyjs, xlsx
from survey.exchange.foreign import Losses, Questionnaire
from survey.exchange.loss import Loss
from survey.exchange.xlsx import BadWorkbook, LockedWorkbook, NoWorkbook
from tests.foreign_files import (
    GROUPS,
    a_definition,
    a_form,
    a_question,
    a_txt,
    an_lss,
    draft,
    questions,
)


def test_the_same_loss_is_told_once() -> None:
    losses = Losses()

    for _ in range(2):
        losses.add("loss-row", "survey!A2", text="x")

    assert losses.all() == (Loss("loss-row", "survey!A2", {"text": "x"}),)


def test_of_too_many_losses_the_rest_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign, "MOST_LOSSES", 2)
    losses = Losses()

    for number in range(5):
        losses.add("loss-row", str(number), text="x")

    assert [loss.code for loss in losses.all()] == ["loss-row", "loss-row", "loss-more"]
    assert losses.all()[-1].facts == {"count": 3}


def test_no_loss_carries_what_a_terminal_would_obey() -> None:
    losses = Losses()

    losses.add("loss-row", "a\x1b[31m", text="b\r\n\x07c")

    (loss,) = losses.all()
    assert (loss.place, loss.facts["text"]) == ("a\ufffd[31m", "b\ufffd\ufffd\ufffdc")


def test_words_without_a_place_are_in_the_plain_form_of_their_loss() -> None:
    losses = Losses()
    losses.keep("loss-language", [("survey!C2", "Nom")], language="fr", count=1)

    (loss,) = losses.all()

    assert loss.to_plain() == {
        "code": "loss-language",
        "place": "",
        "facts": {"language": "fr", "count": 1},
        "texts": [{"place": "survey!C2", "text": "Nom"}],
    }
    assert "texts" not in Loss("loss-row", "2", {}).to_plain()


def test_texts_lose_scripts_signs_and_what_is_too_long_and_say_so() -> None:
    losses = Losses()

    words = losses.words({"en": "<script>x</script>A\x00", "zh": "字" * 4100, "fr": " "}, "B2")

    assert words == {"en": "A", "zh": "字" * 4000}
    assert [loss.code for loss in losses.all()] == ["loss-markup", "loss-signs", "loss-text-cut"]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Workbook is encrypted", LockedWorkbook),
        ("Can't find workbook in OLE2 compound document", NoWorkbook),
        ("Expected BOF record", BadWorkbook),
    ],
)
def test_what_is_wrong_with_an_old_workbook_is_told(said: str, kind: type[BadWorkbook]) -> None:
    assert type(form_strangers._of_old(xlrd.XLRDError(said))) is kind


@pytest.mark.parametrize("content", [b"", b"\0" * 9000, b"\xfe" * 600])
def test_the_process_answers_with_the_code_of_a_refusal(content: bytes) -> None:
    answer = form_strangers.answer(xlsx.OLE + content)

    assert TypeAdapter(str).validate_json(answer).startswith("workbook-")


ESCAPED = "Write &lt;b&gt; &amp; go"
"""As HTML and Markdown have it; people read ``Write <b> & go``."""


def in_lss(words: str) -> Questionnaire:
    """With the words as a CDATA section, as LimeSurvey writes them."""
    words_of = {"question": "WORDS", "language": "en"}
    content = an_lss({"groups": GROUPS, "questions": [a_question(1, "S", "q") | words_of]})
    return limesurvey_lss.read(content.replace(b"WORDS", f"<![CDATA[{words}]]>".encode()))


def in_lss_without_cdata(words: str) -> Questionnaire:
    words_of = {"question": words, "language": "en"}
    content = an_lss({"groups": GROUPS, "questions": [a_question(1, "S", "q") | words_of]})
    return limesurvey_lss.read(content)


def in_txt(words: str) -> Questionnaire:
    rows = (
        {"class": "S", "name": "language", "text": "en"},
        {"class": "G", "name": "Group", "language": "en"},
        {"class": "Q", "type/scale": "S", "name": "q", "text": words, "language": "en"},
    )
    return limesurvey_txt.read(a_txt(*rows))


def in_surveyjs(words: str) -> Questionnaire:
    return surveyjs.read(a_definition({"type": "text", "name": "q", "title": words}))


def in_an_xlsform(words: str) -> Questionnaire:
    heads = ("type", "name", "label::English (en)")
    return a_form(("text", "q", words), heads=heads)


@pytest.mark.parametrize("read", [in_lss, in_lss_without_cdata, in_txt, in_surveyjs, in_an_xlsform])
def test_every_format_escapes_once_what_people_shall_read(
    read: Callable[[str], Questionnaire],
) -> None:
    escaped, twice, tagged = (
        questions(draft(read(words)))["q"]["prompt"]["en"]
        for words in (ESCAPED, ESCAPED.replace("&", "&amp;"), f"<p><b>{ESCAPED}</b></p>")
    )

    assert escaped == tagged == "Write <b> & go"
    assert twice == ESCAPED
