"""How far a firm is: counts and states of every page."""

import pytest

from survey.core.conditions import visible
from survey.core.progress import PageProgress, PageState, progress
from tests.builders import (
    FULL_ANSWERS,
    Data,
    a_bank,
    a_profile,
    answers,
    choice,
    domain,
    ladder,
    level,
    matrix,
    section,
    two_years,
)

A_TABLE = a_bank(section("s", "A", domain("d", matrix("table"), ladder("step"))))
OPEN: Data = {"rows": {"erp": "none"}}
FILLED: Data = {"rows": {"erp": "none", "mes": "linked"}}


@pytest.mark.parametrize(
    ("given", "page", "state"),
    [
        ({}, PageProgress(2, 0, 0, 0, ("table", "step")), PageState.NOT_STARTED),
        # a table with open rows is begun, but not answered
        ({"table": OPEN}, PageProgress(2, 1, 0, 0, ("table", "step")), PageState.IN_PROGRESS),
        ({"step": level(0)}, PageProgress(2, 1, 1, 0, ("table",)), PageState.IN_PROGRESS),
        (
            {"table": OPEN, "step": level(0)},
            PageProgress(2, 2, 1, 0, ("table",)),
            PageState.IN_PROGRESS,
        ),
        # don't know is an answer: it is said, not forgotten
        (
            {"table": FILLED, "step": {"unknown": True}},
            PageProgress(2, 2, 2, 1, ()),
            PageState.COMPLETE,
        ),
    ],
)
def test_a_page_says_what_is_answered_and_what_is_missing(
    given: dict[str, Data], page: PageProgress, state: PageState
) -> None:
    found = progress(A_TABLE, answers(A_TABLE, given)).pages["s"]

    assert found == page
    assert found.state is state


def test_the_profile_misses_required_facts_alone() -> None:
    bank = a_bank()

    empty = progress(bank, {}).pages["profile"]
    enough = progress(bank, answers(bank, {"production-type": {"option": "mixed"}}))

    assert empty == PageProgress(2, 0, 0, 0, ("production-type",))
    assert enough.pages["profile"] == PageProgress(2, 1, 1, 0, ())
    assert enough.pages["profile"].state is PageState.COMPLETE


def test_a_profile_without_required_facts_is_not_called_complete_before_it_was_opened() -> None:
    bank = a_bank(profile=a_profile(choice("type", "a", "b")), size_by=None)

    assert progress(bank, {}).missing == (
        "planning",
        "security",
        "years",
        "share",
        "systems",
        "conditions",
        "product",
    )
    assert progress(bank, {}).pages["profile"].state is PageState.NOT_STARTED


def test_the_whole_adds_up_the_pages_in_reading_order() -> None:
    bank = a_bank()

    empty = progress(bank, {})
    full = progress(bank, answers(bank, FULL_ANSWERS))

    assert list(empty.pages) == ["profile", "everything"]
    assert (empty.total, empty.answered) == (9, 0)
    assert empty.missing[:2] == ("production-type", "planning")
    assert (full.total, full.answered, full.missing) == (9, 9, ())


def test_hidden_questions_are_neither_counted_nor_missing() -> None:
    when = {"question": "type", "in": ["process"]}
    bank = a_bank(
        section("a", "A", domain("da", ladder("always")), weight=50),
        section("b", "B", domain("db", ladder("sometimes", when=when)), weight=50),
        profile=a_profile(
            choice("type", "discrete", "process", required=True),
            choice("detail", "x", "y", required=True, when=when),
        ),
        size_by=None,
    )
    kept = {"sometimes": level(3), "type": {"option": "discrete"}}

    found = progress(bank, answers(bank, kept))

    assert found.pages["b"] == PageProgress(0, 0, 0, 0, ())
    assert found.pages["b"].state is PageState.COMPLETE
    assert found.missing == ("always",)


# ------------------------------------------------------------------- optional ones

SMALL = {"question": "size", "in": ["small"]}
FOR_LARGE = a_bank(
    section("s", "A", domain("d", ladder("always"), matrix("table", optional_when=SMALL))),
    profile=a_profile(choice("size", "large", "small", required=True)),
    size_by="size",
)


@pytest.mark.parametrize(
    ("size", "table", "page"),
    [
        ("large", None, PageProgress(2, 0, 0, 0, ("always", "table"))),
        ("small", None, PageProgress(1, 0, 0, 0, ("always",))),
        # half a table is as good as none where the whole is optional
        ("small", OPEN, PageProgress(1, 0, 0, 0, ("always",))),
        ("small", FILLED, PageProgress(2, 1, 1, 0, ("always",))),
        ("small", {"unknown": True}, PageProgress(2, 1, 1, 1, ("always",))),
    ],
)
def test_an_optional_question_counts_only_once_it_is_answered(
    size: str, table: Data | None, page: PageProgress
) -> None:
    given = {"size": {"option": size}} | ({} if table is None else {"table": table})

    found = progress(FOR_LARGE, answers(FOR_LARGE, given))

    assert found.pages["s"] == page
    assert found.optional == ({"table"} if size == "small" else set())


def test_of_the_key_figures_nothing_is_ever_missing() -> None:
    bank = a_bank(outcomes=a_profile(two_years("output"), two_years("delivery", required=True)))
    output: Data = {"output": {"numerator": "9", "denominator": "8"}}

    empty, some = progress(bank, {}), progress(bank, answers(bank, output))

    assert list(empty.pages) == ["profile", "everything", "outcomes"]
    assert empty.pages["outcomes"] == PageProgress(2, 0, 0, 0, ())
    assert empty.pages["outcomes"].state is PageState.NOT_STARTED
    assert some.pages["outcomes"] == PageProgress(2, 1, 1, 0, ())
    assert some.missing == empty.missing


# -------------------------------------------------------------------------- drafts


@pytest.mark.parametrize(
    ("given", "wrong", "page", "state"),
    [
        ({}, {"step"}, PageProgress(2, 1, 0, 0, ("table",), ("step",)), PageState.NEEDS_A_LOOK),
        (
            {"table": FILLED},
            {"step"},
            PageProgress(2, 2, 1, 0, (), ("step",)),
            PageState.NEEDS_A_LOOK,
        ),
        (
            {},
            {"step", "table"},
            PageProgress(2, 2, 0, 0, (), ("table", "step")),
            PageState.NEEDS_A_LOOK,
        ),
    ],
)
def test_what_is_typed_and_cannot_be_taken_is_neither_answered_nor_missing(
    given: dict[str, Data], wrong: set[str], page: PageProgress, state: PageState
) -> None:
    found = progress(A_TABLE, answers(A_TABLE, given), wrong)

    assert found.pages["s"] == page
    assert found.pages["s"].state is state
    assert found.wrong == page.wrong


def test_an_optional_question_with_a_draft_counts() -> None:
    given = answers(FOR_LARGE, {"size": {"option": "small"}})

    found = progress(FOR_LARGE, given, {"table"})

    assert found.pages["s"] == PageProgress(2, 1, 0, 0, ("always",), ("table",))


def test_a_draft_that_does_not_apply_needs_no_look() -> None:
    when = {"question": "always", "at_least": 3}
    bank = a_bank(section("s", "A", domain("d", ladder("always"), ladder("sometimes", when=when))))

    hidden = progress(bank, answers(bank, {"always": level(1)}), {"sometimes"})
    shown = progress(bank, answers(bank, {"always": level(4)}), {"sometimes"})

    assert (hidden.wrong, hidden.pages["s"].state) == ((), PageState.COMPLETE)
    assert (shown.wrong, shown.pages["s"].state) == (("sometimes",), PageState.NEEDS_A_LOOK)


def test_the_questions_that_apply_are_those_of_the_conditions() -> None:
    bank = a_bank()
    given = answers(bank, FULL_ANSWERS)

    assert progress(bank, given).visible == visible(bank, given)
