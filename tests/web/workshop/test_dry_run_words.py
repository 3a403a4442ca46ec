"""Edits, levels and questions of a dry run in words, and its chart."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from flask import Flask

from survey.core.bank import Bank
from survey.core.rerun_sums import Distribution
from survey.core.scored_edits import Edit, EditKind
from survey.web.workshop import dry_run_words as words
from tests.builders import a_bank, a_profile, domain, ladder, section, two_years

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def in_english(app: Flask) -> Iterator[None]:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


def old() -> Bank:
    return a_bank(
        section("work", "A", domain("plans", ladder("planning"), ladder("gone"))),
        outcomes=a_profile(two_years()),
    )


def new() -> Bank:
    question = ladder("planning", code="A1", short={"zh": "计划", "en": "Plan"})
    return a_bank(section("work", "A", domain("plans", question)))


def said(kind: EditKind, *questions: str, part: str = "") -> str:
    return words.edit(Edit(kind, part, questions), old(), new())


@pytest.mark.parametrize("kind", list(EditKind))
def test_every_kind_of_edit_has_words(kind: EditKind) -> None:
    found = said(kind, "planning", part="work" if kind is EditKind.DOMAIN_WEIGHTS else "")

    assert found
    assert "%" not in found


def test_a_question_is_called_as_the_draft_calls_it_or_as_it_was_called() -> None:
    assert said(EditKind.WEIGHT, "planning") == "Weight: A1 Plan"
    assert said(EditKind.REMOVED, "gone") == "Removed: What about gone?"
    assert words.question("nowhere", new(), old()) == "nowhere"


def test_parts_are_called_by_their_titles() -> None:
    assert said(EditKind.MOVED, "planning", part="plans") == "Moved: Domain plans (1 question)"
    assert said(EditKind.ADDED, "a", "b", part="work") == "Added: Section work (2 questions)"
    assert said(EditKind.REMOVED, "productivity", part="outcomes") == (
        "Removed: Profile (1 question)"
    )
    assert said(EditKind.DOMAIN_WEIGHTS, part="nowhere").endswith("“nowhere”")


def test_several_questions_of_one_edit_are_counted() -> None:
    assert said(EditKind.POINTS, "planning", "gone", "x") == (
        "What its answers earn: A1 Plan and 2 more"
    )


def test_levels_have_titles_and_none_is_said_too() -> None:
    assert words.level(1, old()) == "Level 1"
    assert words.level(None, old()) == "No level"
    assert words.level(99, old()) == "–"


def test_bars_are_as_high_as_their_share_of_the_highest() -> None:
    before, after = Distribution(), Distribution()
    for total in (5, 5, 15, 100):
        before.add(Decimal(total))
    after.add(Decimal(5))

    bins = words.chart(before, after)

    assert [(each.low, each.high) for each in bins][::9] == [(0, 10), (90, 100)]
    assert (bins[0].before.height, bins[1].before.height) == (words.HEIGHT, words.HEIGHT / 2)
    assert (bins[0].after.count, bins[9].before.count) == (1, 1)
    assert bins[0].before.x < bins[0].before.middle < bins[0].after.x
    assert words.chart(Distribution(), Distribution())[0].before.height == 0
