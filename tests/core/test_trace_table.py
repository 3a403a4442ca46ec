"""The table of the trace: every column adds up to the last digit that is shown."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from survey.core import trace_table
from survey.core.bank import Bank, Method
from survey.core.parts import Trace
from survey.core.scoring import score
from survey.core.wording import TRACE_RULES
from tests.builders import (
    Data,
    a_bank,
    answers,
    domain,
    ladder,
    level,
    levels,
    matrix,
    multiple,
    requirements,
    section,
    staged_levels,
)

NA = {"not_applicable": "没有这个环节"}
UNKNOWN = {"unknown": True}
THIRD = {"options": ["a"]}


def tabled(bank: Bank, plain: Mapping[str, Data]) -> Trace:
    given = answers(bank, plain)
    return trace_table.table(bank, given, score(bank, given))


def thirds(method: str = "weighted") -> Bank:
    """Three sections of three questions each, whose scores and shares are thirds of thirds."""
    sections = [
        section(f"s{n}", "ABC"[n], domain(f"d{n}", *(multiple(f"q{n}{k}", full_at=3, weight=weight)
                                                   for k in range(3))), weight=whole)
        for n, (whole, weight) in enumerate(((33, "1"), (33, "1"), (34, "1")))
    ]  # fmt: skip
    return a_bank(*sections, scoring={"method": method}, levels=levels(completeness=0))


def every(answer: Data) -> dict[str, Data]:
    return {f"q{n}{k}": answer for n in range(3) for k in range(3)}


def staged() -> Bank:
    return a_bank(
        section("s", "A", domain("d", *(requirements(key) for key in "abc"))),
        scoring={"method": "staged", "met_at": 60},
        levels=staged_levels(60),
    )


def met(*states: str) -> Data:
    return {"rows": dict(zip(("list", "plan", "model"), states, strict=True))}


STAGED = {
    "a": met("met", "partly", "partly"),
    "b": met("met", "met", "unmet"),
    "c": met("partly", "partly", "partly"),
}


@pytest.mark.parametrize(
    ("bank", "plain"),
    [
        (thirds(), every(THIRD)),
        (thirds(), every(THIRD) | {"q00": UNKNOWN, "q11": {"options": ["a", "b"]}}),
        (thirds(), {"q00": THIRD}),
        (thirds("mean"), every(THIRD)),
        (staged(), STAGED),
    ],
)
def test_every_column_adds_up_to_its_sum(bank: Bank, plain: Mapping[str, Data]) -> None:
    found = tabled(bank, plain)
    nothing = Decimal(0)

    for each in found.sections:
        assert sum((row.share or nothing for row in each.rows), nothing) == (each.share or nothing)
        brought = sum((row.contribution or nothing for row in each.rows), nothing)
        assert brought == (each.contribution or nothing)
    brought = sum((each.contribution or nothing for each in found.sections), nothing)
    brought += sum((extra.contribution for extra in found.extras), nothing)
    assert brought == found.total
    assert sum((each.share or nothing for each in found.sections), nothing) == found.share == 100


def test_two_decimals_are_rounded_so_that_nothing_is_off_by_a_whole_unit() -> None:
    found = tabled(thirds(), every(THIRD))

    assert found.total == Decimal("33.33")
    shares = [row.share for row in found.sections[0].rows]
    assert shares == [Decimal("11.00")] * 3
    contributions = [row.contribution for row in found.sections[0].rows]
    assert sorted(c for c in contributions if c is not None) == [
        Decimal("3.66"),
        Decimal("3.67"),
        Decimal("3.67"),
    ]


def test_a_met_level_of_a_staged_bank_has_a_line_of_its_own() -> None:
    """Level 1 has (.75 + 1 + .5) / 3 = .75 and is met at .6: a quarter of 50 points is added."""
    found = tabled(staged(), STAGED)

    [extra] = found.extras
    assert extra.contribution == Decimal("12.50")
    assert extra.label.zh == "第1级已满足"
    assert extra.because.en.startswith("A level that reaches the share asked for counts in full")
    assert found.total == Decimal("66.67")
    assert found.sections[0].contribution == Decimal("54.17")


def test_other_banks_have_no_such_line() -> None:
    assert tabled(thirds(), every(THIRD)).extras == ()


@pytest.mark.parametrize("method", ["weighted", "mean"])
def test_the_table_says_by_which_rule_it_is_read(method: str) -> None:
    rule = tabled(thirds(method), every(THIRD)).rule

    assert rule.zh.startswith(TRACE_RULES[Method(method)].zh)
    assert rule.en.startswith(TRACE_RULES[Method(method)].en)
    assert rule.en.endswith("every column adds up.")


def test_every_method_has_its_rule() -> None:
    assert set(TRACE_RULES) == set(Method)


def test_the_summary_gives_the_total_as_the_table_and_as_the_text_have_it() -> None:
    summary = tabled(thirds(), every(THIRD)).summary

    assert summary.en.startswith("The contributions add up to 33.33;")
    assert "即33.3分" in summary.zh


def test_what_is_left_open_or_not_rated_has_no_share() -> None:
    bank = a_bank(
        section("s", "A", domain("d", ladder("a"), matrix("m"), ladder("u")), weight=50),
        section("t", "B", domain("e", ladder("na", not_applicable="with-reason")), weight=50),
        levels=levels(completeness=0) | {"not_applicable_cap": 100},
    )
    half = {"rows": {"erp": "linked"}}

    found = tabled(bank, {"a": level(3), "m": half, "u": UNKNOWN, "na": NA})

    said = [(row.key, row.share, row.state.zh) for part in found.sections for row in part.rows]
    assert said == [
        ("a", Decimal("100.00"), "计分"),
        ("m", None, "未答全"),
        ("u", None, "待查实"),
        ("na", None, "不适用"),
    ]
    one, other = found.sections
    assert (one.share, one.contribution) == (Decimal("100.00"), Decimal("60.00"))
    assert (other.share, other.contribution, other.score) == (None, None, None)


def test_every_row_and_domain_tells_why_and_what_is_ahead() -> None:
    found = tabled(a_bank(section("s", "A", domain("d", ladder("a")))), {"a": level(3)})

    [each], [row] = found.sections[0].domains, found.sections[0].rows
    assert each.because.en == "Weighted mean 60.0; weight 1, share 100.0%."
    assert each.ahead is not None
    assert each.ahead.zh == "第4级需要80.0分，还差20.0分。"
    assert row.because.en.startswith("Step 3 of 5: 60.0 points")
    assert row.ahead is not None
    assert row.ahead.zh == "下一级（第4级）：第4步。"
    assert (row.code, row.domain, row.weights.en) == ("A", "d", "1 × 1")


def test_without_a_total_no_row_speaks_of_a_share() -> None:
    """One question of two does not apply: above the cap there is no total."""
    bank = a_bank(
        section("s", "A", domain("d", ladder("a"), ladder("b", not_applicable="with-reason")))
    )

    found = tabled(bank, {"a": level(3), "b": NA})

    assert (found.total, found.share, found.extras) == (None, None, ())
    assert found.summary.en.startswith("There is no total")
    for row in found.sections[0].rows:
        assert (row.share, row.contribution) == (None, None)
        assert "share" not in row.because.en
