"""Reports as they never are, but may be: everything as long as it can get, and simple ones."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from survey.core.answers import Answer, Boxes, Figure, Grid, Measured, Picked, Quotient, Words
from survey.core.bank import Bank, Kind
from survey.core.parts import Report, Said, Typed
from survey.core.wording import GRADES
from tests.pdf.conftest import TYPICAL, a_firms_report

RARE = "䶮㛃𬭸"
NAME = (
    f"{RARE}砺洲高端特种阀门智能制造与绿色能源装备股份有限公司华东区域第一分公司"
    "暨国家级企业技术中心联合实验室（示例集团）"
)
LONG_TEXT = (
    f"我们在{RARE}镇的车间从2019年起逐步改造，目前已有三条产线联网，其余两条仍靠手工记录。" * 50
)[:2000]
LONG_WORD = "QZ-2026-" + "0123456789ABCDEF" * 12


def an_extreme_report() -> Report:
    """A firm with a name of 60 characters, and notes as long as they may get."""
    made = a_firms_report(TYPICAL)
    first, *groups = made.answers
    one, two, three, *rest = first.entries
    evidence = next(iter(GRADES.values()))
    entries = (
        replace(one, evidence=Said(evidence, Typed(LONG_TEXT))),
        replace(two, said=Said(None, Typed(LONG_TEXT))),
        replace(three, evidence=Said(evidence, Typed(LONG_WORD))),
        *rest,
    )
    facts = (replace(made.profile[0], said=Said(None, Typed(NAME))), *made.profile[1:])
    return replace(
        made,
        firm=Typed(NAME[:60]),
        profile=facts,
        answers=(replace(first, entries=entries), *groups),
    )


def easy_answers(bank: Bank, *, best: bool) -> dict[str, Answer]:
    """An answer to every question that has one: the best, or a low one."""
    return {
        key: _ANSWERS[question.kind](question, best)
        for key, question in bank.questions.items()
        if question.kind in _ANSWERS
    }


def _picked(question: Any, best: bool) -> Answer:  # noqa: FBT001
    return Picked(question.options[-1 if best else 1].key)


def _boxes(question: Any, best: bool) -> Answer:  # noqa: FBT001
    keys = [option.key for option in question.options if option.key != question.none]
    return Boxes(tuple(keys if best else keys[:1]))


def _rows(question: Any, best: bool) -> Answer:  # noqa: FBT001
    states = sorted(question.states, key=lambda state: state.points or 0)
    return Grid({row.key: states[-1 if best else 0].key for row in question.rows})


def _statements(question: Any, best: bool) -> Answer:  # noqa: FBT001
    return Grid({row.key: "yes" if best else "no" for row in question.statements})


_ANSWERS: Mapping[Kind, Callable[[Any, bool], Answer]] = {
    Kind.CHOICE: _picked,
    Kind.LADDER: _picked,
    Kind.MULTIPLE: _boxes,
    Kind.MATRIX: _rows,
    Kind.REQUIREMENTS: _rows,
    Kind.YES_NO: _statements,
    Kind.NUMBER: lambda question, best: Figure(question.maximum if best else question.minimum),
    Kind.RATIO: lambda _, best: Quotient(Decimal(90 if best else 10), Decimal(100)),
    Kind.TEXT: lambda _, __: Words("示例"),
    Kind.BENCHMARK: lambda _, best: Measured(
        Decimal(1 if best else 9), Decimal(10), Decimal(1), "示例"
    ),
}
