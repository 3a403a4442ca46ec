"""How parts become a whole, by each method and for each kind of nothing."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from survey.core import methods
from survey.core.bank import Bank, Method, NaPolicy
from survey.core.methods import Part
from survey.core.result import Result, Treatment
from survey.core.scoring import score
from tests.builders import Data, a_bank, answers, domain, ladder, level, levels, section, words

NA: Data = {"not_applicable": "没有这个环节"}
UNKNOWN: Data = {"unknown": True}
EXCLUDE, ZERO = NaPolicy.EXCLUDE, NaPolicy.ZERO
WEIGHTED, MEAN, POINTS, STAGED = Method.WEIGHTED, Method.MEAN, Method.POINTS, Method.STAGED


def known(weight: int, score: int) -> Part:
    return Part(Decimal(weight), Decimal(score))


def open_(weight: int) -> Part:
    """Nothing of it is known."""
    return Part(Decimal(weight), None)


def excluded(weight: int) -> Part:
    """All of it is declared not applicable."""
    return Part(Decimal(weight), None, excluded=True)


def shares(parts: Sequence[Part], method: Method, policy: NaPolicy) -> list[str | None]:
    divided = methods.shares(parts, method, policy)
    return [None if share is None else f"{share.normalize():f}" for share in divided]


THREE = (known(30, 80), known(20, 50), excluded(50))
OPEN = (known(30, 80), known(20, 50), open_(50))


@pytest.mark.parametrize(
    ("parts", "method", "policy", "expected", "mean"),
    [
        # vectors.md, weighted mean, N/A and unknown (C): 68.0, with count-as-zero 34.0
        (THREE, WEIGHTED, EXCLUDE, ["0.6", "0.4", None], "68"),
        (THREE, WEIGHTED, ZERO, ["0.3", "0.2", "0.5"], "34"),
        (OPEN, WEIGHTED, EXCLUDE, ["0.6", "0.4", None], "68"),
        (OPEN, WEIGHTED, ZERO, ["0.6", "0.4", None], "68"),
        # the same parts without their weights
        (THREE, MEAN, EXCLUDE, ["0.5", "0.5", None], "65"),
        ((*THREE, known(1, 5)), MEAN, ZERO, ["0.25"] * 4, "33.75"),
        (OPEN, MEAN, ZERO, ["0.5", "0.5", None], "65"),
        # points: what is unknown keeps its points and earns none of them
        (THREE, POINTS, EXCLUDE, ["0.6", "0.4", None], "68"),
        (THREE, POINTS, ZERO, ["0.3", "0.2", "0.5"], "34"),
        (OPEN, POINTS, EXCLUDE, ["0.3", "0.2", "0.5"], "34"),
        # the joints of a staged bank weigh
        (THREE, STAGED, EXCLUDE, ["0.6", "0.4", None], "68"),
    ],
)
def test_each_method_divides_the_whole(
    parts: Sequence[Part],
    method: Method,
    policy: NaPolicy,
    expected: Sequence[str | None],
    mean: str,
) -> None:
    divided = methods.shares(parts, method, policy)

    assert shares(parts, method, policy) == list(expected)
    assert methods.mean(parts, divided) == Decimal(mean)


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("policy", NaPolicy)
@pytest.mark.parametrize(
    "parts",
    [(), (open_(1), open_(2)), (excluded(1), excluded(2)), (excluded(1), open_(2))],
)
def test_where_nothing_is_known_the_whole_has_no_score(
    parts: Sequence[Part], method: Method, policy: NaPolicy
) -> None:
    """vectors.md: every item N/A gives null, neither 0 nor 100; every item unknown as well."""
    divided = methods.shares(parts, method, policy)

    assert methods.mean(parts, divided) is None


def test_under_points_what_is_unknown_keeps_its_share_also_if_nothing_is_known() -> None:
    assert shares((open_(1), open_(3)), POINTS, NaPolicy.EXCLUDE) == ["0.25", "0.75"]


@pytest.mark.parametrize("method", [WEIGHTED, POINTS, STAGED])
def test_parts_of_weight_zero_alone_give_no_score(method: Method) -> None:
    parts = (known(0, 80), known(0, 20))

    assert methods.mean(parts, methods.shares(parts, method)) is None


def test_in_a_plain_mean_weights_do_not_matter() -> None:
    parts = (known(0, 80), known(7, 20))

    assert methods.mean(parts, methods.shares(parts, MEAN)) == 50


# ------------------------------------------------------------------ in a whole bank


def a_scored_bank(method: Method, policy: NaPolicy = EXCLUDE) -> Bank:
    """Question p in d0 has 60 % of the whole, q in d1 15 %; r, alone in its section, 25 %."""
    inner = ("60", "15", "25") if method is POINTS else ("80", "20", "100")
    p, q, r = (
        ladder(key, weight=weight if method is POINTS else "1", not_applicable="with-reason")
        for key, weight in zip("pqr", inner, strict=True)
    )
    return a_bank(
        section(
            "a",
            "A",
            domain("d0", p, weight=inner[0]),
            domain("d1", q, weight=inner[1]),
            weight=75,
        ),
        section("b", "B", domain("d2", r, weight=inner[2]), weight=25),
        scoring={"method": method, "not_applicable": policy},
        levels=levels() | {"not_applicable_cap": 100},
    )


def result(method: Method, policy: NaPolicy = EXCLUDE, **plain: Data) -> Result:
    """The result of p at 100, q at 40 and r at 0, or of what is said otherwise."""
    bank = a_scored_bank(method, policy)
    return score(bank, answers(bank, {"p": level(5), "q": level(2), "r": level(0)} | plain))


@pytest.mark.parametrize(
    ("method", "whole", "without_q", "without_r"),
    [(WEIGHTED, 66, 75, 88), (POINTS, 66, 75, 88), (MEAN, 35, 50, 70)],
)
def test_what_is_excluded_gives_its_share_to_what_stands_beside_it(
    method: Method, whole: int, without_q: int, without_r: int
) -> None:
    assert result(method).total == whole
    assert result(method, q=NA).total == without_q
    assert result(method, r=NA).total == without_r


@pytest.mark.parametrize(
    ("method", "without_q", "without_r"), [(WEIGHTED, 60, 66), (POINTS, 60, 66), (MEAN, 25, 35)]
)
def test_where_not_applicable_counts_as_zero_it_keeps_its_share(
    method: Method, without_q: int, without_r: int
) -> None:
    """Question r is a section of its own, which is not left out though none of it applies."""
    without = result(method, ZERO, q=NA)

    assert without.total == without_q
    assert without.items["q"].treatment is Treatment.NOT_APPLICABLE
    assert without.items["q"].score is None
    assert without.completeness == 100
    assert result(method, ZERO, r=NA).total == without_r


@pytest.mark.parametrize(("policy", "totals"), [(EXCLUDE, (100, 100, 100)), (ZERO, (60, 60, 50))])
def test_what_is_excluded_gives_its_share_to_its_own_domain(
    policy: NaPolicy, totals: Sequence[int]
) -> None:
    """Question p, at 100, has 60 % of its domain; q beside it does not apply."""
    found = []
    for method in (WEIGHTED, POINTS, MEAN):
        p, q = (
            ladder(key, weight=weight, not_applicable="with-reason")
            for key, weight in (("p", "60"), ("q", "40"))
        )
        bank = a_bank(
            section("a", "A", domain("d", p, q, weight="100"), weight=100),
            scoring={"method": method, "not_applicable": policy},
            levels=levels() | {"not_applicable_cap": 100},
        )
        found.append(score(bank, answers(bank, {"p": level(5), "q": NA})).total)

    assert found == list(totals)


def test_what_is_never_scored_does_not_keep_the_points_of_what_is_excluded() -> None:
    """All that could earn points in d1 and in section b is declared not applicable."""
    p, q, r = (
        ladder(key, weight=weight, not_applicable="with-reason")
        for key, weight in (("p", "60"), ("q", "15"), ("r", "25"))
    )
    bank = a_bank(
        section(
            "a", "A", domain("d0", p, weight="60"), domain("d1", q, words(), weight="15"), weight=75
        ),
        section("b", "B", domain("d2", r, words("w"), weight="25"), weight=25),
        scoring={"method": POINTS},
        levels=levels() | {"not_applicable_cap": 100},
    )

    found = score(bank, answers(bank, {"p": level(5), "q": NA, "r": NA}))

    assert found.total == 100


def test_a_section_counts_as_zero_though_it_asks_something_that_is_never_scored() -> None:
    bank = a_bank(
        section("a", "A", domain("d0", ladder("p")), weight=60),
        section(
            "b", "B", domain("d1", ladder("q", not_applicable="with-reason"), words()), weight=40
        ),
        scoring={"not_applicable": ZERO},
        levels=levels() | {"not_applicable_cap": 100},
    )

    assert score(bank, answers(bank, {"p": level(5), "q": NA})).total == 60


def test_a_section_that_is_not_rated_has_no_points_to_hand_down() -> None:
    """Less than half of section b applies."""
    p, q, r = (
        ladder(key, weight=weight, not_applicable="with-reason")
        for key, weight in (("p", "60"), ("q", "30"), ("r", "10"))
    )
    bank = a_bank(
        section("a", "A", domain("d0", p, weight="60"), weight=60),
        section("b", "B", domain("d1", q, r, weight="40"), weight=40),
        scoring={"method": POINTS},
        levels=levels() | {"not_applicable_cap": 100},
    )

    found = score(bank, answers(bank, {"p": level(4), "q": NA, "r": level(5)}))

    assert found.total == 80
    assert found.sections[1].score == 100
    assert found.sections[1].share is None
    assert (found.domains["d1"].share, found.items["r"].contribution) == (None, None)


@pytest.mark.parametrize("method", [WEIGHTED, POINTS, MEAN])
@pytest.mark.parametrize("policy", NaPolicy)
def test_a_section_of_which_nothing_is_asked_is_no_part_of_the_whole(
    method: Method, policy: NaPolicy
) -> None:
    """Its only question is hidden: that is not the same as not applicable."""
    when = {"question": "production-type", "in": ["process"]}
    inner = ("60", "40") if method is POINTS else ("100", "100")
    shown, hidden = ladder("p", weight=inner[0]), ladder("q", weight=inner[1], when=when)
    bank = a_bank(
        section("a", "A", domain("d0", shown, weight=inner[0]), weight=60),
        section("b", "B", domain("d1", hidden, weight=inner[1]), weight=40),
        scoring={"method": method, "not_applicable": policy},
    )

    found = score(bank, answers(bank, {"p": level(5), "production-type": {"option": "discrete"}}))

    assert found.total == 100
    assert [part.share for part in found.sections] == [1, None]


@pytest.mark.parametrize(("method", "total"), [(WEIGHTED, 75), (POINTS, 60), (MEAN, 50)])
@pytest.mark.parametrize("policy", NaPolicy)
def test_what_is_unknown_earns_nothing_only_where_points_are_counted(
    method: Method, total: int, policy: NaPolicy
) -> None:
    without = result(method, policy, q=UNKNOWN)

    assert without.total == total
    assert without.completeness < 100


@pytest.mark.parametrize("method", [WEIGHTED, POINTS, MEAN])
@pytest.mark.parametrize("policy", NaPolicy)
def test_the_contributions_add_up_by_every_method(method: Method, policy: NaPolicy) -> None:
    for plain in ({}, {"q": NA}, {"r": NA}, {"q": UNKNOWN}, {"p": UNKNOWN, "q": NA}):
        found = result(method, policy, **plain)

        counted = (item.contribution or Decimal(0) for item in found.items.values())

        assert sum(counted, Decimal(0)) == found.total


def test_in_a_plain_mean_every_question_counts_alike_for_the_completeness() -> None:
    """Two sections count alike, and so do the two domains of the first: 50 and 25 per cent."""
    assert result(MEAN, r=UNKNOWN).completeness == 50
    assert result(MEAN, q=UNKNOWN).completeness == 75
    assert result(MEAN, q=NA).not_applicable == 25
    assert [item.weight for item in result(MEAN).items.values()] == [1, 1, 1]
