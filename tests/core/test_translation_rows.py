"""Texts on their way to a translator."""

from survey.core.texts import State
from survey.core.translation_rows import (
    FileFault,
    TranslationRow,
    exported,
    only_once,
    plain,
    without_source,
)
from tests.builders import bank_data


def test_every_text_is_exported_with_its_state() -> None:
    data = bank_data(title={"zh": "", "en": "No source"}, notice={"zh": "提示", "en": ""})
    ledger = {
        "summary": {"state": "stale", "source": "旧的说明。", "was": "reviewed"},
        "levels/title": {"state": "draft", "source": "自评等级"},
    }

    found = {row.text.place: (row.state, row.was) for row in exported(data, ledger)}

    assert found["title"] == (State.DRAFT, "")
    assert [text.place for text in without_source(data)] == ["title"]
    assert found["notice"] == (State.MISSING, "")
    assert found["summary"] == (State.STALE, "旧的说明。")
    assert found["levels/title"] == (State.DRAFT, "")
    assert found["method/#0"] == (State.REVIEWED, "")


def test_of_a_text_that_is_there_twice_none_is_taken() -> None:
    rows = [
        TranslationRow(place, "题库", en, reviewed=True)
        for place, en in (("title", "One"), ("notice", "Note"), ("title", "Two"))
    ]

    taken, faults = only_once([(row, f"A{n}") for n, row in enumerate(rows, start=2)])

    assert taken == (rows[1],)
    facts = {"part": "title", "first": "A2", "second": "A4"}
    assert faults == (FileFault("translations-twice", facts),)


def test_line_ends_and_blanks_around_a_text_are_no_difference() -> None:
    assert plain(" a\r\nb\rc ") == "a\nb\nc"
