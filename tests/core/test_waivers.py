"""Texts that forbid to publish, and waivers that hold for these very words alone."""

from typing import Any

import pytest

from survey.core.text import Locale
from survey.core.texts import State
from survey.core.waivers import Waiver, open_texts, unsettled
from tests.builders import bank_data

PLACE = "summary"
SUMMARY = bank_data()["summary"]
STALE = {PLACE: {"state": "stale", "source": "以前的说明。", "was": "reviewed"}}
DRAFT = {PLACE: {"state": "draft", "source": SUMMARY["zh"]}}


def waiver(**changes: Any) -> Waiver:
    return {
        "place": PLACE,
        "state": "stale",
        "source": SUMMARY["zh"],
        "target": SUMMARY["en"],
        "reason": "意思没有变。",
        "by": 1,
        "at": "2026-03-02T08:30:00+00:00",
    } | changes


def test_what_is_reviewed_is_not_open() -> None:
    assert open_texts(bank_data(), {}, []) == ()


def test_a_stale_text_is_shown_with_what_it_was_translated_from() -> None:
    (text,) = open_texts(bank_data(), STALE, [])

    assert (text.state, text.was, text.source) == (State.STALE, "以前的说明。", SUMMARY["zh"])
    assert text.may_be_waived
    assert text.waiver is None
    assert text.missing_in == ()


def test_a_text_that_nobody_reviewed_is_open_too() -> None:
    (text,) = open_texts(bank_data(), DRAFT, [])

    assert (text.state, text.was) == (State.DRAFT, "")


@pytest.mark.parametrize(
    ("summary", "missing"),
    [
        ({"zh": "说明。"}, (Locale.EN,)),
        ({"zh": "说明。", "en": " "}, (Locale.EN,)),
        ({"en": "A summary."}, (Locale.ZH,)),
        ({"zh": "", "en": ""}, (Locale.ZH, Locale.EN)),
    ],
)
def test_a_missing_text_cannot_be_waived(summary: Any, missing: tuple[Locale, ...]) -> None:
    kept = waiver(state="missing", source=summary.get("zh", ""), target="")

    (text,) = unsettled(bank_data(summary=summary), {}, [kept])

    assert (text.state, text.missing_in) == (State.MISSING, missing)
    assert not text.may_be_waived
    assert text.waiver is None


def test_a_waiver_lets_these_very_words_pass() -> None:
    kept = waiver()

    (text,) = open_texts(bank_data(), STALE, [kept])

    assert text.waiver == kept
    assert unsettled(bank_data(), STALE, [kept]) == ()


@pytest.mark.parametrize(
    "other",
    [
        {"source": "别的说明。"},
        {"target": "Something else."},
        {"state": "draft"},
        {"place": "notice"},
        {"withdrawn_at": "2026-03-03T08:30:00+00:00", "withdrawn_by": 1},
    ],
)
def test_it_is_void_for_anything_else(other: Any) -> None:
    assert len(unsettled(bank_data(), STALE, [waiver(**other)])) == 1


def test_a_mark_names_words_at_a_place() -> None:
    (stale,) = open_texts(bank_data(), STALE, [])
    (draft,) = open_texts(bank_data(), DRAFT, [])
    (again,) = open_texts(bank_data(), STALE, [waiver()])

    assert stale.mark == again.mark
    assert stale.mark != draft.mark
