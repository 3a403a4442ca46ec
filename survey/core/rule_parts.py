"""The conditions of rules, as far as the answers tell: four states, no points, no approval."""

from collections import Counter
from collections.abc import Iterable

from survey.core import rule_words
from survey.core.answers import Excluded, Grid, Supported
from survey.core.bank import Condition, Eligibility, RuleCondition, Section, YesNo
from survey.core.conditions import holds, mentions
from survey.core.facts import Facts, code_of
from survey.core.parts import ConditionLine, ConditionState, Preconditions
from survey.core.said import said
from survey.core.text import Text

_OF_STATEMENT = {
    "yes": ConditionState.MET,
    "no": ConditionState.NOT_MET,
    "unknown": ConditionState.UNKNOWN,
    "not-applicable": ConditionState.NOT_APPLICABLE,
}


def preconditions(facts: Facts) -> tuple[Preconditions, ...]:
    """What the bank asks as statements first, then the programmes whose conditions it knows."""
    asked = tuple(
        _statements(facts, section, question)
        for key, (section, _, question) in facts.questions.items()
        if isinstance(question, YesNo) and key in facts.shown
    )
    return asked + tuple(_programme(facts, rule) for rule in facts.bank.eligibility)


def _statements(facts: Facts, section: Section, question: YesNo) -> Preconditions:
    answer = facts.answers.get(question.key)
    given = answer.rows if isinstance(answer, Grid) else {}
    states = {row.key: _OF_STATEMENT[given.get(row.key, "unknown")] for row in question.statements}
    known = {source.key: source for source in facts.bank.sources}
    source = next((known[key] for key in question.leans_on if key in known), None)
    return Preconditions(
        key=question.key,
        code=code_of(section, question),
        title=question.short or question.prompt,
        rule=None if source is None else source.title,
        edition="" if source is None else source.edition,
        counted=rule_words.statements_counted(Counter(states.values())),
        lines=tuple(
            ConditionLine(
                row.key, row.label, states[row.key], rule_words.STATES[states[row.key]], None
            )
            for row in question.statements
        ),
        caution=None,
    )


def _programme(facts: Facts, rule: Eligibility) -> Preconditions:
    source = next(source for source in facts.bank.sources if source.key == rule.source)
    lines = tuple(_line(facts, condition) for condition in rule.conditions)
    return Preconditions(
        key=rule.key,
        code="",
        title=rule.title,
        rule=source.title,
        edition=source.edition,
        counted=rule_words.conditions_counted(Counter(line.state for line in lines)),
        lines=lines,
        caution=rule.caution,
    )


def _line(facts: Facts, condition: RuleCondition) -> ConditionLine:
    state = _state(facts, condition)
    return ConditionLine(
        key=condition.key,
        label=condition.label,
        state=state,
        said=rule_words.STATES[state],
        note=_note(facts, condition, state),
    )


def _state(facts: Facts, condition: RuleCondition) -> ConditionState:
    if condition.when is not None and _truth(facts, condition.when) is False:
        return ConditionState.NOT_APPLICABLE
    if condition.holds is None:
        return ConditionState.UNKNOWN
    if any(isinstance(facts.answers.get(key), Excluded) for key in mentions(condition.holds)):
        return ConditionState.NOT_APPLICABLE
    truth = _truth(facts, condition.holds)
    if truth is None or (not truth and condition.other_way is not None):
        return ConditionState.UNKNOWN
    return ConditionState.MET if truth else ConditionState.NOT_MET


def _truth(facts: Facts, condition: Condition) -> bool | None:
    """Whether the condition holds; None if an answer that matters is not known."""
    if condition.all_ is not None:
        return _all(_truth(facts, part) for part in condition.all_)
    if condition.any_ is not None:
        return _not(_all(_not(_truth(facts, part)) for part in condition.any_))
    if condition.not_ is not None:
        return _not(_truth(facts, condition.not_))
    key = condition.question or ""
    known = key in facts.shown and isinstance(facts.answers.get(key), Supported)
    return holds(condition, facts.bank, facts.answers, facts.shown) if known else None


def _all(parts: Iterable[bool | None]) -> bool | None:
    found = set(parts)
    return False if False in found else None if None in found else True


def _not(value: bool | None) -> bool | None:  # noqa: FBT001  # a truth of three values, not a switch
    return None if value is None else not value


def _note(facts: Facts, condition: RuleCondition, state: ConditionState) -> Text | None:
    """The answers behind a state, or how to find out what is not known."""
    if condition.when is not None and _truth(facts, condition.when) is False:
        return _answers_behind(facts, condition.when)
    if condition.holds is None:
        return condition.where
    if state is not ConditionState.UNKNOWN:
        return _answers_behind(facts, condition.holds)
    if _truth(facts, condition.holds) is not None:
        return condition.other_way
    if not mentions(condition.holds) <= facts.bank.questions.keys():
        return condition.where or rule_words.NOT_ASKED
    return condition.where or rule_words.ANSWER_FIRST


def _answers_behind(facts: Facts, condition: Condition) -> Text | None:
    """The known answers that a condition looks at, in the order of the questionnaire."""
    looked_at = mentions(condition) & facts.shown
    told = [
        said(question, answer).text
        for key, question in facts.bank.questions.items()
        if key in looked_at and isinstance(answer := facts.answers.get(key), Supported)
    ]
    return rule_words.answered([text for text in told if text is not None])
