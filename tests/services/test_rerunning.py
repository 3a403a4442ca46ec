"""Blocks of assessments scored in other processes: in their order, and ended with the caller."""

import json
from typing import Any

import pytest

from survey import apart
from survey.core.rerun import Why
from survey.services import rerunning
from survey.services.rerunning import Rerunner, Submitted
from tests.builders import FULL_ANSWERS, bank_data, edition

Data = dict[str, Any]


def one(number: int, key: str = "") -> Submitted:
    answers = {key: json.dumps(answer) for key, answer in FULL_ANSWERS.items()}
    return Submitted(number, key, json.dumps({"engine": "none"}), answers)


def test_a_process_answers_the_first_line_with_edits_and_the_others_with_shifts() -> None:
    old = bank_data(editions=[edition("planning")])
    new = bank_data()
    new["levels"]["steps"][1]["threshold"] = 25
    rerunner = Rerunner()

    first = rerunner.answer(
        json.dumps({"old": old, "new": new, "editions": ["", "express"]}).encode()
    )
    shifts = json.loads(rerunner.answer(json.dumps([one(1), one(2, "express")]).encode()))

    assert [edit["kind"] for edit in json.loads(first)[""]] == ["levels"]
    assert list(json.loads(first)) == [""]
    assert shifts[0]["why"] == Why.SAME
    assert shifts[1] is None


@pytest.mark.parametrize("processes", [1, 2])
def test_blocks_come_back_in_their_order(processes: int) -> None:
    data = bank_data()
    blocks = [[one(0), one(1)], [one(2)], [one(3)], [one(4), one(5)]]

    scored = list(rerunning.rerun(data, data, [""], blocks, processes=processes))

    assert [each.block for each in scored] == blocks
    assert [len(each.shifts) for each in scored] == [2, 1, 1, 2]
    assert {shift.why for each in scored for shift in each.shifts if shift} == {Why.SAME}


def test_no_block_is_nothing_to_do() -> None:
    data = bank_data()

    assert list(rerunning.rerun(data, data, [""], [], processes=1)) == []


def test_a_process_that_may_not_start_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rerunning, "LIMITS", apart.Limits(5, 20, memory_mb=1))
    data = bank_data()

    with pytest.raises(apart.Lost):
        list(rerunning.rerun(data, data, [""], [[one(1)]], processes=1))


def test_a_bank_that_nobody_could_read_is_lost() -> None:
    with pytest.raises(apart.Lost):
        list(rerunning.rerun({}, {}, [""], [[one(1)]], processes=1))
