"""Weights as a sheet: what is weighed where and for whom, what it adds up to, how it is written."""

from decimal import Decimal
from typing import Any

import pytest

from survey.core import document
from survey.core.bank import Method
from survey.core.text import Text
from survey.core.weight_sheet import (
    ALL,
    joints,
    may_differ,
    scaled,
    sheet,
    weight_of,
    with_weights,
)
from tests.builders import (
    bank_data,
    choice,
    domain,
    ladder,
    number,
    plain_question,
    points_bank_data,
    section,
    text,
)

EVERYTHING = ("sections", "everything")
FIRST = (*EVERYTHING, "domains", "first")
KINDS = ("discrete", "process", "mixed")


def a_draft(*questions: dict[str, Any], **changes: Any) -> dict[str, Any]:
    asked = questions or (ladder(weight=60), number(weight=40))
    facts = {"weigh_by": "production-type", "weigh_default": "mixed"} | changes
    return bank_data(section("everything", "A", domain("first", *asked)), **facts)


def two_sections(first: Any, second: Any) -> dict[str, Any]:
    one = section("one", "A", domain("first", ladder()), weight=first)
    two = section("two", "B", domain("second", number()), weight=second)
    return bank_data(one, two, weigh_by="production-type", weigh_default="mixed")


def cells_of(found: Any) -> dict[str, dict[str, str]]:
    return {line.step: dict(line.cells) for line in found.lines}


# ------------------------------------------------------------------ what is weighed


def test_every_joint_of_a_bank_is_listed() -> None:
    found = list(joints(a_draft()))

    assert [place for place, _ in found] == [(), EVERYTHING, FIRST]


def test_the_questions_of_a_domain_are_one_joint() -> None:
    found = sheet(a_draft(), FIRST)

    assert cells_of(found) == {"planning": {ALL: "60"}, "years": {ALL: "40"}}
    assert found.expected == {ALL: Decimal(100)}
    assert found.total(ALL) == 100
    assert found.sound(ALL)


def test_weights_that_differ_have_a_column_for_each_kind_of_firm() -> None:
    each = {"discrete": 30, "process": 40, "mixed": 20}

    found = sheet(two_sections(each, 60), ())

    assert [column.key for column in found.columns] == list(KINDS)
    assert cells_of(found)["two"] == dict.fromkeys(KINDS, "60")
    assert [found.total(key) for key in KINDS] == [90, 100, 80]
    assert [found.sound(key) for key in KINDS] == [False, True, False]


def test_a_column_for_each_kind_of_firm_can_be_asked_for() -> None:
    assert len(sheet(a_draft(), (), each=True).columns) == 3
    assert len(sheet(a_draft(weigh_by=None), (), each=True).columns) == 1


def test_questions_that_earn_nothing_are_not_weighed() -> None:
    broken = ladder("broken", options="none")
    fact = plain_question("fact", "text", options="none")

    found = sheet(a_draft(ladder(), number(bands=[]), broken, fact), FIRST)

    scored = {line.step: line.scored for line in found.lines}
    assert scored == {"planning": True, "years": False, "broken": True, "fact": False}


@pytest.mark.parametrize("weights", [(1, 1), (0, 0), (60, 40)])
def test_inside_of_a_section_all_may_weigh_alike(weights: tuple[int, int]) -> None:
    one, other = weights

    assert sheet(a_draft(ladder(weight=one), number(weight=other)), FIRST).sound(ALL)


def test_the_sections_may_not_weigh_nothing() -> None:
    assert not sheet(two_sections(1, 1), ()).sound(ALL)


def test_points_add_up_to_the_part_around() -> None:
    data = points_bank_data()
    section_key = data["sections"][0]["key"]
    whole = data["sections"][0]["weight"]

    found = sheet(data, ("sections", section_key))

    assert found.expected == {ALL: Decimal(str(whole))}


def test_points_differ_where_the_part_around_differs() -> None:
    data = a_draft(scoring={"method": "points"})
    data["sections"][0]["weight"] = {"discrete": 10, "process": "many"}

    found = sheet(data, EVERYTHING)

    assert found.expected == {"discrete": Decimal(10)}


def test_a_plain_mean_needs_no_sum() -> None:
    found = sheet(a_draft(ladder(weight=7), scoring={"method": "mean"}), FIRST)

    assert found.method is Method.MEAN
    assert found.expected == {}
    assert found.sound(ALL)


def test_a_weight_that_is_not_written_is_the_usual_one() -> None:
    plain = ladder()
    del plain["weight"]
    data = a_draft(plain)
    del data["sections"][0]["weight"]

    assert cells_of(sheet(data, FIRST)) == {"planning": {ALL: "1"}}
    assert cells_of(sheet(data, ())) == {"everything": {ALL: ""}}


@pytest.mark.parametrize(
    "place",
    [
        ("profile",),
        ("sections",),
        ("sections", "gone"),
        ("glossary", "x"),
        (*FIRST, "questions", "planning"),
    ],
)
def test_there_is_no_other_joint(place: tuple[str, ...]) -> None:
    with pytest.raises(KeyError):
        sheet(a_draft(), place)


def test_a_draft_with_faults_has_its_sheet() -> None:
    data = a_draft()
    data["sections"][0]["domains"][0]["questions"] += ["no question", {"prompt": {"zh": "题"}}]
    data["sections"].append("no section")
    data["scoring"] = {"method": "unheard-of"}
    data["weigh_by"] = 7
    del data["title"], data["sections"][0]["title"]

    found = sheet(data, ("sections", "#0", "domains", "first"))

    assert [line.title for line in found.lines][-1] == Text(zh="题", en="题")
    assert [title.en for _, title in joints(data)][:2] == ["test-bank", "everything"]
    assert not may_differ(data)


def test_a_joint_without_a_list_is_none() -> None:
    data = a_draft()
    data["sections"][0]["domains"] = "none"

    with pytest.raises(KeyError):
        sheet(data, EVERYTHING)
    with pytest.raises(KeyError):
        sheet([], ())
    assert len(list(joints(data))) == 2
    assert list(joints({})) == [((), Text(zh="", en=""))]


def test_the_kinds_of_firm_come_from_the_question_that_is_named() -> None:
    profile = {"title": text(), "summary": text(), "questions": [choice("production-type", "a")]}

    assert may_differ(a_draft(profile=profile))
    assert not may_differ(a_draft(weigh_by="gone"))


# ------------------------------------------------------------------------ writing


@pytest.mark.parametrize(
    ("typed", "weight"),
    [
        ("12", "12"),
        (" １２．５ ", "12.5"),
        ("1000", "1000"),
        ("0.0001", "0.0001"),
        ("1001", None),
        ("-1", None),
        ("1.23456", None),
        ("", None),
        ("many", None),
    ],
)
def test_a_weight_is_understood_as_it_is_typed(typed: str, weight: str | None) -> None:
    assert weight_of(typed) == (None if weight is None else Decimal(weight))


def test_weights_are_written_as_documents_write_them() -> None:
    data = a_draft()
    typed = {"planning": {ALL: "37.50"}, "years": {ALL: "62.5"}}

    changed = with_weights(data, sheet(data, FIRST), typed)

    questions = changed["sections"][0]["domains"][0]["questions"]
    assert [question["weight"] for question in questions] == ["37.5", "62.5"]
    assert data["sections"][0]["domains"][0]["questions"][0]["weight"] == 60


def test_what_is_equal_stays_as_it_is_written() -> None:
    data = a_draft(ladder(weight="60.0"), number(weight=40))

    typed = {"planning": {ALL: "60"}, "years": {ALL: "40"}}

    assert with_weights(data, sheet(data, FIRST), typed) is data
    assert with_weights(data, sheet(data, FIRST), {}) is data


def test_one_weight_becomes_several_where_they_differ() -> None:
    data = two_sections(40, 60)
    found = sheet(data, (), each=True)

    changed = with_weights(
        data,
        found,
        {
            "one": dict.fromkeys(KINDS, "50"),
            "two": {"discrete": "50", "process": "50", "mixed": "49.5"},
        },
    )

    assert changed["sections"][0]["weight"] == 50
    assert changed["sections"][1]["weight"] == {"discrete": 50, "process": 50, "mixed": "49.5"}


def test_several_weights_stay_several_though_they_are_alike() -> None:
    data = two_sections(dict.fromkeys(KINDS, 40), 60)

    changed = with_weights(data, sheet(data, ()), {"one": dict.fromkeys(KINDS, "30")})

    assert changed["sections"][0]["weight"] == dict.fromkeys(KINDS, 30)


def test_what_cannot_be_a_weight_is_written_as_it_is() -> None:
    data = two_sections({"discrete": "many"}, 60)

    changed = with_weights(data, sheet(data, ()), {"one": {"process": "30"}})

    assert changed["sections"][0]["weight"] == {"discrete": "many", "process": 30}
    assert document.problems(changed)


# ------------------------------------------------------------------------ scaling


@pytest.mark.parametrize(
    ("shares", "total", "decimals", "weights"),
    [
        (["0.333333", "0.333333", "0.333334"], "100", 0, ["33", "33", "34"]),
        (["0.5", "0.5"], "100", 1, ["50.0", "50.0"]),
        (["0.25", "0.25", "0.25", "0.25"], "12.5", 0, ["3.2", "3.1", "3.1", "3.1"]),
        (["0.648329", "0.229651", "0.122020"], "100", 4, ["64.8329", "22.9651", "12.2020"]),
        (["0.7", "0.3"], "0", 1, ["0.0", "0.0"]),
    ],
)
def test_shares_become_weights_that_add_up(
    shares: list[str], total: str, decimals: int, weights: list[str]
) -> None:
    found = scaled([Decimal(share) for share in shares], Decimal(total), decimals)

    assert [str(weight) for weight in found] == weights
    assert sum(found) == Decimal(total)
