"""Submitted answers scored by the next version of their bank: what changes, and because of what."""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from survey.core import scoring
from survey.core.answers import read_all
from survey.core.bank import Bank
from survey.core.plain import plain
from survey.core.rerun import ALONE, Loss, Rerun, Shift, Why, standing, stored_standing
from survey.core.scored_edits import EditKind
from tests.builders import at, bank_data, domain, ladder, section

Data = dict[str, Any]


def a_bank_data(count: int = 4, **changes: Any) -> Data:
    """One section, one domain and so many ladders `q0`, `q1`, … of equal weight."""
    questions = [ladder(f"q{i}") for i in range(count)]
    return bank_data(section("all", "A", domain("all-of-it", *questions)), **changes)


def questions(data: Data) -> list[Data]:
    found: list[Data] = data["sections"][0]["domains"][0]["questions"]
    return found


def rerun(change: Callable[[Data], object], count: int = 4, **facts: Any) -> Rerun:
    old = a_bank_data(count)
    new = deepcopy(old)
    change(new)
    return Rerun(Bank.model_validate(old), Bank.model_validate(new), **facts)


def given(answers: Mapping[str, Data]) -> dict[str, str]:
    return {key: json.dumps(answer) for key, answer in answers.items()}


def reweighed(**weights: int) -> Callable[[Data], None]:
    def change(data: Data) -> None:
        for question in questions(data):
            question["weight"] = weights.get(question["key"], question["weight"])

    return change


# ---------------------------------------------------------------------- before


def test_what_is_stored_says_the_same_as_scoring_again() -> None:
    bank = Bank.model_validate(a_bank_data())
    result = scoring.score(bank, read_all(bank, at(1, 2, 3)))

    assert stored_standing(plain(result)) == standing(result)


def test_a_result_without_a_total_adds_nothing_up() -> None:
    bank = Bank.model_validate(a_bank_data())
    result = scoring.score(bank, {})

    assert stored_standing(plain(result)) == standing(result)
    assert standing(result).points == {}


def test_a_result_by_other_rules_is_not_compared_with() -> None:
    same = rerun(lambda _: None)
    stored = {"engine": "0", "total": "99"}

    shift = same.shift(given(at(1, 1, 1, 1)), stored)

    assert stored_standing(stored) is None
    assert shift.before == shift.after == (Decimal(20), 1)


def test_the_result_as_submitted_is_what_stands_before() -> None:
    bank = Bank.model_validate(a_bank_data())
    stored = plain(scoring.score(bank, read_all(bank, at(3, 3, 3, 3))))

    shift = rerun(lambda _: None).shift(given(at(1, 1, 1, 1)), stored)

    assert shift.before == (Decimal(60), 3)
    assert shift.after == (Decimal(20), 1)
    assert (shift.why, shift.causes) == (Why.UNKNOWN, ())


# ---------------------------------------------------------------------- shifts


def test_nothing_shifts_without_an_edit() -> None:
    shift = rerun(lambda _: None).shift(given(at(1, 2, 3, 4)))

    assert shift == Shift(
        before=(Decimal(50), 2),
        after=(Decimal(50), 2),
        points={},
        lost={},
        opened=(),
        why=Why.SAME,
        causes=(),
    )


def test_points_move_with_a_weight_and_with_what_it_takes_from_others() -> None:
    shift = rerun(reweighed(q0=5)).shift(given(at(5, 0, 5, 0)))

    assert shift.after == (Decimal(75), 3)
    assert shift.points == {"q0": Decimal("37.5"), "q2": Decimal("-12.5")}


def test_lost_and_new_questions_are_named() -> None:
    def change(data: Data) -> None:
        questions(data)[0]["options"][3]["key"] = "other"
        questions(data)[1] = ladder("new")

    shift = rerun(change).shift(given(at(3, 3, 3, 3)))

    assert shift.lost == {"q0": Loss.UNREADABLE, "q1": Loss.REMOVED}
    assert shift.opened == ("new",)
    assert shift.after == (Decimal(60), None)


def test_answers_that_never_counted_are_not_lost() -> None:
    old = a_bank_data(3)
    questions(old)[2]["when"] = {"question": "q0", "at_least": 5}
    new = deepcopy(old)
    questions(new).pop()
    case = Rerun(Bank.model_validate(old), Bank.model_validate(new))

    assert case.shift(given(at(1, 1, 3))).lost == {}
    assert case.shift(given(at(5, 1, 3))).lost == {"q2": Loss.REMOVED}


def test_drafts_of_answers_and_cleared_ones_are_none() -> None:
    answers = given(at(1, 1, 1)) | {"q3": json.dumps({"typed": {"": ["x"]}}), "q2": "null"}

    shift = rerun(lambda _: None).shift(answers)

    assert shift.before == (Decimal(20), None)
    assert shift.lost == {}


def test_an_answer_is_read_once_however_often_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("survey.core.rerun._MOST_READ", 3)
    case = rerun(reweighed(q0=2))

    assert [case.shift(given(at(n, n, n, n))).after[1] for n in (1, 2, 1)] == [1, 2, 1]


# ---------------------------------------------------------------------- causes


def test_the_only_edit_is_the_cause() -> None:
    shift = rerun(reweighed(q0=5)).shift(given(at(5, 0, 5, 0)))

    assert (shift.why, shift.causes) == (Why.ALONE, (0,))


def test_of_several_edits_the_one_that_does_it_alone_is_named() -> None:
    def change(data: Data) -> None:
        reweighed(q0=5)(data)
        questions(data)[3]["options"][4]["points"] = 3

    case = rerun(change)
    shift = case.shift(given(at(5, 0, 5, 0)))

    assert shift.why is Why.ALONE
    assert [case.edits[at].questions for at in shift.causes] == [("q0",)]


def test_gates_are_tried_first() -> None:
    def change(data: Data) -> None:
        reweighed(q0=2)(data)
        data["levels"]["gates"]["core"] = ["q1"]

    case = rerun(change)
    shift = case.shift(given(at(5, 0, 5, 3)))

    assert shift.after[1] == 1
    assert [case.edits[at].kind for at in shift.causes] == [EditKind.GATES]


def test_an_edit_of_points_is_read_by_the_new_question() -> None:
    def change(data: Data) -> None:
        questions(data)[0]["options"][5]["key"] = "other"
        questions(data)[1]["weight"] = 2

    case = rerun(change, 5)
    shift = case.shift(given(at(5, 2, 1, 1, 1)))

    assert shift.why is Why.ALONE
    assert [case.edits[at].kind for at in shift.causes] == [EditKind.POINTS]


def test_edits_that_only_together_do_it_are_named_together() -> None:
    """Eight of thirteen are at 60: 36.9 in all, 38.6 with one raised weight, 40 with two."""
    case = rerun(reweighed(**{f"q{i}": 2 for i in range(8)}), 13)

    shift = case.shift(given(at(*[3] * 8, *[0] * 5)))

    assert (shift.before[1], shift.after[1]) == (1, 2)
    assert (shift.why, shift.causes) == (Why.TOGETHER, (0, 1))


def test_only_the_fewest_of_the_weightiest_are_named() -> None:
    """35.4 in all; with raised weights 37.1, 38.7 and 40, the fourth is not needed."""
    case = rerun(reweighed(**{f"q{i}": 2 for i in range(8)}), 13)

    shift = case.shift(given(at(*[3] * 7, 2, *[0] * 5)))

    assert (shift.before[1], shift.after[1]) == (1, 2)
    assert (shift.why, shift.causes) == (Why.TOGETHER, tuple(range(3)))


def test_if_it_takes_all_of_them_all_are_named() -> None:
    raised = {f"q{i}": 2 for i in range(3)}
    case = rerun(
        lambda data: (reweighed(**raised)(data), data["levels"]["steps"][3].update(threshold=56)),
        8,
    )
    answers = given(at(5, 5, 5, 0, 0, 1, 0, 0))

    shift = case.shift(answers)

    assert (shift.why, shift.causes) == (Why.TOGETHER, tuple(range(len(case.edits))))


def test_causes_are_looked_for_only_so_often() -> None:
    answers = given(at(5, 0, 5, 0))
    case = rerun(reweighed(q0=5, q1=2), most_trials=2)

    assert [case.shift(answers).why for _ in range(3)] == [Why.ALONE, Why.ALONE, Why.UNKNOWN]


def test_a_search_that_has_to_end_early_names_nothing() -> None:
    answers = given(at(*[3] * 8, *[0] * 5))
    case = rerun(reweighed(**{f"q{i}": 2 for i in range(8)}), 13, most_trials=ALONE)

    assert case.shift(answers).why is Why.UNKNOWN


def test_nor_does_one_that_ends_before_it_knows_how_few_will_do() -> None:
    answers = given(at(*[3] * 7, 2, *[0] * 5))
    case = rerun(reweighed(**{f"q{i}": 2 for i in range(8)}), 13, most_trials=ALONE + 2)

    assert case.shift(answers).why is Why.UNKNOWN


def test_banks_between_the_versions_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("survey.core.rerun._MOST_MIXED", 1)
    case = rerun(reweighed(**{f"q{i}": 2 for i in range(8)}), 13)

    assert case.shift(given(at(*[3] * 8, *[0] * 5))).causes == (0, 1)
