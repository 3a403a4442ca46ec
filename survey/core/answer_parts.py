"""The firm's own words and figures: profile, key figures, open questions, all answers."""

from survey.core import trace, wording
from survey.core.answers import Answer, Figure, Quotient, Supported
from survey.core.bank import Better, Method, Number, Question, Ratio
from survey.core.facts import Facts, code_of, without_answer
from survey.core.parts import (
    AnswerGroup,
    Entry,
    Fact,
    KeyFigure,
    Said,
    Typed,
    Unknown,
    Unknowns,
)
from survey.core.result import ItemScore
from survey.core.said import came_to, change_of, said
from survey.core.text import Text

MOST_TO_FIND_OUT = 5
"""As many as the first steps of a plan that stand on the manager's page."""


def outcomes(facts: Facts) -> tuple[KeyFigure, ...]:
    """The key figures that the firm gave, with their change over the year before."""
    page = facts.bank.outcomes
    return tuple(
        _key_figure(question, answer)
        for question in (page.questions if page else ())
        if question.key in facts.shown
        if isinstance(answer := facts.answers.get(question.key), Figure | Quotient)
    )


def _key_figure(question: Question, answer: Figure | Quotient) -> KeyFigure:
    assert isinstance(question, Number | Ratio)  # other kinds hold no figures
    latest, before, change = _two_years(question, answer)
    return KeyFigure(
        key=question.key,
        label=question.short or question.prompt,
        said=said(question, answer),
        latest=latest,
        before=before,
        change=change,
        moved=_better(question, answer),
    )


def _two_years(
    question: Number | Ratio, answer: Figure | Quotient
) -> tuple[Text, Text | None, Text | None]:
    """Last year, the year before and the change; a figure of one year has neither of the two."""
    if isinstance(answer, Figure):
        return wording.with_unit(answer.number, question.unit), None, None
    assert isinstance(question, Ratio)
    if not question.compares_years:
        return came_to(question, answer), None, None
    return (
        wording.with_unit(answer.numerator, question.unit),
        wording.with_unit(answer.denominator, question.unit),
        change_of(question, answer),
    )


def _better(question: Question, answer: Figure | Quotient) -> Text | None:
    """Whether the figure moved the way it should; None where that cannot be said."""
    if not isinstance(question, Ratio) or not isinstance(answer, Quotient):
        return None
    if question.better is None or answer.numerator == answer.denominator:
        return None
    rose = answer.numerator > answer.denominator
    return wording.MOVED[rose is (question.better is Better.HIGHER)]


def unknowns(facts: Facts) -> Unknowns:
    items = without_answer(facts)
    if not items:
        return Unknowns(wording.NOTHING_TO_COLLECT, (), ())
    points = facts.bank.scoring.method is Method.POINTS
    told = wording.to_collect_under_points if points else wording.to_collect
    core = facts.bank.levels.gates.core
    heaviest = sorted(items, key=lambda item: (item.key not in core, -item.cover))
    return Unknowns(
        opening=told(len(items)),
        items=tuple(_unknown(facts, item) for item in items),
        first=tuple(_unknown(facts, item) for item in heaviest[:MOST_TO_FIND_OUT]),
    )


def _unknown(facts: Facts, item: ItemScore) -> Unknown:
    section, _, question = facts.questions[item.key]
    return Unknown(
        key=item.key,
        code=code_of(section, question),
        prompt=question.prompt,
        state=trace.state_of(item, facts.answers.get(item.key)),
        where=question.evidence,
    )


def profile(facts: Facts) -> tuple[Fact, ...]:
    """What the firm told about itself; what it left out is not listed."""
    return tuple(
        Fact(question.key, question.prompt, said(question, facts.answers[question.key]))
        for question in facts.bank.profile.questions
        if question.key in facts.shown and question.key in facts.answers
    )


def _evidence(answer: Answer | None) -> Said | None:
    """What the firm names in support of an answer."""
    evidence = answer.evidence if isinstance(answer, Supported) else None
    if evidence is None:
        return None
    return Said(wording.GRADES[evidence.grade], Typed(evidence.note))


def answer_groups(facts: Facts) -> tuple[AnswerGroup, ...]:
    return tuple(
        AnswerGroup(
            key=section.key,
            code=section.code,
            title=section.title,
            entries=tuple(
                Entry(
                    key=question.key,
                    code=code_of(section, question),
                    prompt=question.prompt,
                    said=said(question, facts.answers.get(question.key)),
                    score=facts.item(question.key).score,
                    evidence=_evidence(facts.answers.get(question.key)),
                )
                for question in section.questions
                if question.key in facts.shown
            ),
        )
        for section in facts.bank.sections
    )
