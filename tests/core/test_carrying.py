"""What becomes of answers on the way to another version: kept, changed, dropped, nothing else."""

from typing import Any

import pytest

from survey.core.bank import Bank
from survey.core.carrying import Carried, Carrying, Fate, asks_the_same, carried, replacement
from survey.core.version_diff import Sort
from tests.builders import (
    Data,
    a_bank,
    a_profile,
    benchmark,
    choice,
    domain,
    edition,
    ladder,
    level,
    matrix,
    multiple,
    number,
    plain_question,
    ratio,
    section,
    words,
    yes_no,
)

ASKED_OTHERWISE = {"zh": "换一种问法？", "en": "Asked in other words?"}
NAMED = {"evidence": {"grade": "document", "note": "台账"}}


def of(*questions: Data, **changes: Any) -> Bank:
    """A bank with these questions in one domain."""
    return a_bank(section("s", "A", domain("d", *questions)), **changes)


def moved(old: Data, new: Data, answer: Data) -> Carried:
    """What becomes of the answer to one question."""
    key = old["key"]
    (one,) = carried(of(old), of(new), {key: answer}).answers
    return one


def fates(found: Carrying) -> dict[str, Fate]:
    return {each.key: each.fate for each in found.answers}


def test_an_answer_to_a_question_that_is_the_same_is_kept() -> None:
    one = moved(ladder(), ladder(), level(3, half=True))

    assert (one.fate, one.becomes) == (Fate.KEPT, level(3, half=True))
    assert (one.sorts, one.partly, one.to_correct) == ((), False, False)


@pytest.mark.parametrize(
    "beside",
    [
        {"code": "A1"},
        {"short": ASKED_OTHERWISE},
        {"evidence": ASKED_OTHERWISE},
        {"weight": "1", "source": "elsewhere"},
        {"required": True},
        {"not_applicable": "with-reason"},
    ],
)
def test_what_changes_no_answer_needs_no_look(beside: Data) -> None:
    assert moved(ladder(), ladder(**beside), level(3)).fate is Fate.KEPT


def test_an_answer_to_a_reworded_question_needs_a_look() -> None:
    one = moved(ladder(), ladder(prompt=ASKED_OTHERWISE), level(3))

    assert (one.fate, one.becomes, one.sorts) == (Fate.CHANGED, level(3), (Sort.REWORDED,))


def test_so_does_one_whose_points_or_answers_are_others() -> None:
    rescored = multiple(full_at=3)
    other_statements = yes_no()
    other_statements["statements"] = [
        *other_statements["statements"],
        {"key": "audited", "label": ASKED_OTHERWISE},
    ]

    boxes = moved(multiple(), rescored, {"options": ["a"]})
    lines = moved(yes_no(), other_statements, {"statements": {"registered": "yes"}})

    assert (boxes.fate, boxes.sorts) == (Fate.CHANGED, (Sort.RESCORED,))
    assert (lines.fate, lines.sorts) == (Fate.CHANGED, (Sort.ANSWERING,))


def test_an_advice_that_is_worded_otherwise_changes_no_answer() -> None:
    remedy = ladder()["advice"][0]
    remedy = {name: remedy[name] for name in remedy if name != "to"}
    old, new = yes_no(), yes_no()
    new["statements"] = [{**new["statements"][0], "remedy": remedy}, new["statements"][1]]

    assert moved(old, new, {"statements": {"registered": "no"}}).fate is Fate.KEPT


def test_the_answer_to_a_question_that_is_gone_is_dropped_and_still_told() -> None:
    found = carried(of(ladder(), number()), of(ladder()), {"years": {"number": "5"}})

    (one,) = found.of(Fate.DROPPED)
    assert (one.key, one.was, one.becomes, one.after) == ("years", {"number": "5"}, None, None)


def test_a_step_that_is_gone_is_dropped() -> None:
    shorter = ladder()
    shorter["options"] = [o for o in shorter["options"] if o["key"] != "level-2"]

    one = moved(ladder(), shorter, level(2))

    assert (one.fate, one.becomes, one.partly) == (Fate.DROPPED, None, False)


def test_of_several_boxes_those_that_are_left_stay_ticked() -> None:
    fewer = multiple(full_at=2)
    fewer["options"] = [option for option in fewer["options"] if option["key"] != "b"]

    one = moved(multiple(full_at=2), fewer, {"options": ["a", "b"], **NAMED})
    none_left = moved(multiple(full_at=2), fewer, {"options": ["b"]})

    assert (one.fate, one.becomes, one.partly) == (
        Fate.CHANGED,
        {"options": ["a"], **NAMED},
        True,
    )
    assert none_left.fate is Fate.DROPPED


def test_a_half_step_that_is_not_possible_any_more_becomes_a_whole_one() -> None:
    one = moved(ladder(), ladder(half_steps=False), level(3, half=True))

    assert (one.fate, one.becomes, one.partly) == (Fate.CHANGED, level(3), True)


def test_of_a_table_the_rows_and_states_that_are_left_stay() -> None:
    other = matrix()
    other["rows"] = [other["rows"][0], {"key": "scm", "label": ASKED_OTHERWISE}]
    statements = yes_no()
    statements["statements"] = statements["statements"][:1]

    table = moved(matrix(), other, {"rows": {"erp": "linked", "mes": "alone"}})
    block = moved(yes_no(), statements, {"statements": {"registered": "yes", "permit": "no"}})

    assert table.becomes == {"rows": {"erp": "linked"}}
    assert block.becomes == {"statements": {"registered": "yes"}}
    assert table.partly
    assert block.partly


@pytest.mark.parametrize(
    ("old", "new", "answer", "typed"),
    [
        (number(), number(maximum=10), {"number": "12"}, {"": ["12"]}),
        (words(), words(maximum_length=2), {"text": "大阀门"}, {"": ["大阀门"]}),
        (
            ratio(may_exceed=True),
            ratio(),
            {"numerator": "3", "denominator": "2", **NAMED},
            {
                "numerator": ["3"],
                "denominator": ["2"],
                "evidence": ["document"],
                "note": ["台账"],
            },
        ),
    ],
)
def test_what_was_typed_is_kept_to_be_corrected(
    old: Data, new: Data, answer: Data, typed: Data
) -> None:
    one = moved(old, new, answer)

    assert (one.fate, one.becomes) == (Fate.CHANGED, {"typed": typed})
    assert one.to_correct
    assert not one.partly


def test_a_base_that_the_bank_gives_now_is_not_asked_any_more() -> None:
    scale = {"base": 300, "lead": 100, "source": "norm"}
    sources = [{"key": "norm", "title": ASKED_OTHERWISE, "edition": "2025"}]
    answer = {"value": "200", "base": "280", "lead": "90", "source": "规范", **NAMED}

    (one,) = carried(
        of(benchmark()), of(benchmark(scale=scale), sources=sources), {"energy": answer}
    ).answers

    assert one.becomes == {"value": "200", **NAMED}
    assert one.partly


def test_a_question_of_another_kind_takes_nothing_that_was_typed() -> None:
    asked_in_words = words("years")

    answer = moved(number(), asked_in_words, {"number": "5"})
    draft = moved(number(), asked_in_words, {"typed": {"": ["five"]}})
    same_kind = moved(number(), number(), {"typed": {"": ["five"]}})

    assert (answer.fate, draft.fate) == (Fate.DROPPED, Fate.DROPPED)
    assert (same_kind.fate, same_kind.becomes) == (Fate.KEPT, {"typed": {"": ["five"]}})
    assert not same_kind.to_correct


def test_a_reason_is_dropped_where_every_firm_has_to_answer() -> None:
    answer = {"not_applicable": "没有这道工序"}

    one = moved(ladder(not_applicable="with-reason"), ladder(), answer)

    assert (one.fate, one.was) == (Fate.DROPPED, answer)


def test_new_questions_and_altered_ones_that_nobody_has_answered_are_named() -> None:
    old = of(ladder(), number(), words())
    new = of(ladder(), number(prompt=ASKED_OTHERWISE), words(), multiple())

    found = carried(old, new, {"planning": level(2)})

    assert (found.new, found.altered) == (("security",), ("years",))
    assert fates(found) == {"planning": Fate.KEPT}


def test_the_profile_is_carried_as_well() -> None:
    old, new = (
        of(ladder(), profile=a_profile(choice("production-type", "discrete", other)), size_by=None)
        for other in ("process", "mixed")
    )

    (one,) = carried(old, new, {"production-type": {"option": "process"}}).answers

    assert one.fate is Fate.DROPPED


def test_an_edition_asks_what_it_asks_in_the_new_version() -> None:
    old = of(ladder(), number(), words(), editions=[edition("planning")])
    new = of(ladder(), number(), words(), editions=[edition("planning", "years")])

    found = carried(old, new, {}, edition="express")
    without = carried(old, of(ladder(), number(), words()), {}, edition="express")

    assert found.new == ("years",)
    assert without.new == ("years", "product")


def test_a_question_under_another_key_is_the_one_that_asks_the_same() -> None:
    years = of(number()).questions["years"]
    age = of(number("age", prompt=number()["prompt"])).questions["age"]
    other = of(number("other")).questions["other"]

    assert replacement(years, [other, age]) is age
    assert replacement(years, [other]) is None


SIZE = choice("size", "small", "large")
SMALL, LARGE = SIZE["options"]
AGE = plain_question("age", "number", unit={"zh": "年", "en": "years"}, minimum=0, maximum=99)
OTHER_LABEL = {**SMALL, "label": {"zh": "100人以下", "en": "Below 100 people"}}


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        (SIZE, SIZE | {"help": ASKED_OTHERWISE, "required": True}, True),
        (SIZE, SIZE | {"options": [SMALL, {**LARGE, "key": "huge"}]}, True),
        (SIZE, SIZE | {"options": [OTHER_LABEL, LARGE]}, False),
        (SIZE, SIZE | {"prompt": ASKED_OTHERWISE}, False),
        (SIZE, words("size", prompt=SIZE["prompt"]), False),
        (AGE, AGE | {"maximum": 7}, True),
        (AGE, AGE | {"unit": {"zh": "月", "en": "months"}}, False),
    ],
)
def test_two_questions_ask_the_same_if_an_answer_says_the_same(
    before: Data, after: Data, *, same: bool
) -> None:
    asked = [
        of(ladder(), profile=a_profile(one), size_by=None).questions[one["key"]]
        for one in (before, after)
    ]

    assert asks_the_same(*asked) is same
