"""A shorter form of a bank asks some of the same questions, and judges by them alone."""

from decimal import Decimal

import pytest

from survey.core import editions
from survey.core.bank import Bank
from survey.core.editions import FULL
from survey.core.result import BlockerKind
from survey.core.scoring import score
from tests.builders import (
    Data,
    a_bank,
    a_profile,
    all_at,
    answers,
    domain,
    edition,
    ladder,
    level,
    levels,
    section,
    two_years,
)

FEW: Data = {"zh": "题目较少。", "en": "There are few questions."}
FULL_CEILING: Data = {"zh": "需要现场核实。", "en": "It takes a visit."}


def a_long_bank(**changes: object) -> Bank:
    """Sections a (60) and b (40); ``express`` asks p, q and s."""
    gates = levels(core=["q", "r"], ceiling=4, ceiling_reason=FULL_CEILING)
    parts: Data = {
        "levels": gates,
        "outcomes": a_profile(two_years()),
        "editions": [edition("p", "q", "s", ceiling=3, ceiling_reason=FEW)],
    }
    return a_bank(
        section(
            "a",
            "A",
            domain("one", ladder("p", weight="50"), ladder("r", weight="50"), weight="20"),
            domain("two", ladder("q"), weight="80"),
            weight=60,
        ),
        section("b", "B", domain("three", ladder("s")), domain("four", ladder("t")), weight=40),
        **(parts | changes),
    )


def test_the_full_edition_is_the_bank_itself() -> None:
    bank = a_long_bank()

    assert editions.edition(bank, FULL) is bank


def test_an_edition_that_does_not_exist_is_refused() -> None:
    with pytest.raises(KeyError, match="monthly"):
        editions.edition(a_long_bank(), "monthly")


def test_an_edition_asks_the_same_questions_under_the_same_keys() -> None:
    bank = a_long_bank()

    express = editions.edition(bank, "express")

    assert list(express.questions) == ["production-type", "size-class", "p", "q", "s"]
    assert all(express.questions[key] is bank.questions[key] for key in express.questions)
    assert [part.key for part in express.sections] == ["a", "b"]
    assert [part.key for part in express.sections[1].domains] == ["three"]
    assert (express.key, express.version) == (bank.key, bank.version)


def test_a_section_of_which_nothing_is_asked_is_left_out() -> None:
    bank = a_long_bank(editions=[edition("q")], levels=levels())

    express = editions.edition(bank, "express")

    assert [part.key for part in express.sections] == ["a"]
    assert [part.key for part in express.sections[0].domains] == ["two"]


def test_an_edition_has_its_own_words_and_no_page_of_key_figures() -> None:
    bank = a_long_bank()

    express = editions.edition(bank, "express")

    assert express.title == bank.editions[0].title
    assert express.summary == bank.editions[0].summary
    assert express.minutes == 2
    assert express.outcomes is None
    assert bank.outcomes is not None


def test_nothing_that_was_computed_from_the_whole_bank_comes_along() -> None:
    bank = a_long_bank()
    assert set(bank.questions) > {"r", "t"}
    assert set(bank.place_of) > {"r", "t"}
    assert bank.ladder_domains == {"one", "two", "three", "four"}
    assert len(bank.sections[1].questions) == 2

    express = editions.edition(bank, "express")

    assert "productivity" not in express.questions
    assert "t" not in express.place_of
    assert express.ladder_domains == {"one", "two", "three"}
    assert [question.key for question in express.sections[1].questions] == ["s"]
    assert len(bank.sections[1].questions) == 2


def test_the_weight_of_what_is_not_asked_goes_to_what_stands_beside_it() -> None:
    """Question p takes over the weight of r within its domain, s that of t within its section."""
    bank = a_long_bank()
    express = editions.edition(bank, "express")
    plain = {"p": level(5), "q": level(0), "s": level(5), "r": level(0), "t": level(0)}
    given = answers(bank, plain)

    full, short = score(bank, given), score(express, {k: given[k] for k in ("p", "q", "s")})

    assert full.total == 26
    assert short.total == 52
    assert short.completeness == 100
    assert [short.items[key].share for key in ("p", "q", "s")] == [
        Decimal("0.12"),
        Decimal("0.48"),
        Decimal("0.4"),
    ]


def test_answers_to_what_the_edition_does_not_ask_are_kept_and_not_scored() -> None:
    bank = a_long_bank()
    express = editions.edition(bank, "express")
    given = answers(bank, all_at(3, ["p", "q", "s"]) | {"r": level(0), "t": level(0)})

    assert score(express, given).total == 60


def test_the_core_questions_are_those_that_are_asked() -> None:
    """In the full bank the core question r holds the level back; the express form omits it."""
    bank = a_long_bank(editions=[edition("p", "q", "s")], levels=levels(core=["q", "r"]))
    express = editions.edition(bank, "express")
    given = answers(bank, all_at(5, ["p", "q", "s", "t"]) | {"r": level(1)})

    assert express.levels.gates.core == ("q",)
    assert [blocker.kind for blocker in score(bank, given).blockers] == [BlockerKind.CORE]
    assert (score(bank, given).level, score(express, given).level) == (2, 5)


@pytest.mark.parametrize(
    ("own", "ceiling", "reason"),
    [
        ({"ceiling": 3, "ceiling_reason": FEW}, 3, FEW["en"]),
        ({}, 4, FULL_CEILING["en"]),
    ],
)
def test_an_edition_has_its_own_ceiling_or_that_of_the_bank(
    own: Data, ceiling: int, reason: str
) -> None:
    bank = a_long_bank(editions=[edition("p", "q", "s", **own)])
    express = editions.edition(bank, "express")
    given = answers(bank, all_at(5, ["p", "q", "r", "s", "t"]))

    gates = express.levels.gates

    assert (gates.ceiling, gates.ceiling_reason and gates.ceiling_reason.en) == (ceiling, reason)
    assert score(express, given).level == ceiling
    assert score(bank, given).level == 4
    assert [blocker.kind for blocker in score(express, given).blockers] == [BlockerKind.CEILING]
    assert [step.number for step in express.levels.steps] == [0, 1, 2, 3, 4, 5]
