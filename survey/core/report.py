"""All of it to a Report: what the document says, in both languages, before anybody prints it.

The same bank, answers and dates always give the same Report. Which story is told (`Standing`)
and which sentences are chosen follow from facts alone; how the sentences read stands in
`survey.core.wording` and the modules named after their part.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from survey.core import (
    answer_parts,
    beside,
    next_level,
    plan_parts,
    reading_words,
    rule_parts,
    section_parts,
    trace_table,
    wording,
)
from survey.core.advice import Plan
from survey.core.answers import Answers
from survey.core.bank import Bank, Level, Method
from survey.core.conditions import holds, visible
from survey.core.facts import (
    PROVEN,
    STRONG,
    WEAK,
    Facts,
    Previous,
    step_of,
    without_answer,
)
from survey.core.figures import beyond, short_of
from survey.core.parts import (
    FORMAT,
    GlossaryTerm,
    LevelStep,
    Report,
    SectionPart,
    SourceLine,
    Standing,
    Typed,
    Verdict,
)
from survey.core.result import Result
from survey.core.text import Text
from survey.core.unblock import ways

HEAVIEST = 3


def build(
    *,
    bank: Bank,
    answers: Answers,
    result: Result,
    plan: Plan,
    firm_name: str,
    report_id: str,
    issued_on: date,
    bank_digest: str,
    previous: Previous | None = None,
    targets: Mapping[str, int] = MappingProxyType({}),
) -> Report:
    """Decide what the report of one assessment says. `result` and `plan` are of these answers.

    `previous` is the firm's round before, `targets` are the levels that it chose by domain key.
    """
    facts = Facts(
        bank=bank,
        answers=answers,
        result=result,
        plan=plan,
        shown=visible(bank, answers),
        questions={
            question.key: (section, domain, question)
            for section in bank.sections
            for domain in section.domains
            for question in domain.questions
        },
        standing=_standing(bank, result),
        ways=ways(bank, answers, result),
        issued_on=issued_on,
        previous=previous,
        targets=targets,
    )
    sections = section_parts.sections(facts)
    strengths = section_parts.strengths(facts)
    return Report(
        format=FORMAT,
        engine=result.engine,
        report_id=report_id,
        bank_key=bank.key,
        bank_version=bank.version,
        bank_digest=bank_digest,
        bank_title=bank.title,
        issued_on=issued_on,
        round=reading_words.round_of(issued_on.year),
        reading=_reading(facts, sections),
        firm=Typed(firm_name),
        standing=facts.standing,
        verdict=_verdict(facts),
        levels=tuple(
            LevelStep(step.number, step.title, step.meaning, step.threshold)
            for step in bank.levels.steps
        ),
        levels_title=bank.levels.title,
        banner=bank.banner,
        outcomes=answer_parts.outcomes(facts),
        profile=answer_parts.profile(facts),
        sections=sections,
        picture=section_parts.picture(bank, result, sections),
        blocks=next_level.blocks(facts),
        strengths=strengths,
        gaps=section_parts.gaps(facts, strengths),
        preconditions=rule_parts.preconditions(facts),
        roadmap=plan_parts.roadmap(facts),
        comparison=beside.comparison(facts),
        targets=beside.targets(facts),
        distributions=beside.distributions(facts),
        unknowns=answer_parts.unknowns(facts),
        answers=answer_parts.answer_groups(facts),
        trace=trace_table.table(bank, answers, result),
        method=_method(bank),
        glossary=tuple(GlossaryTerm(t.key, t.term, t.meaning) for t in bank.glossary),
        sources=tuple(SourceLine(s.key, s.title, s.edition, s.note) for s in bank.sources),
        notice=bank.notice,
    )


def _method(bank: Bank) -> tuple[Text, ...]:
    """How scores come about: what the bank says, and what it need not say of every question."""
    scored = (
        each for section in bank.sections for domain in section.domains for each in domain.questions
    )
    may_be_open = any(each.optional_when is not None for each in scored)
    return (*bank.method, wording.OPTIONAL_RULE) if may_be_open else bank.method


def _standing(bank: Bank, result: Result) -> Standing:
    if result.not_applicable > bank.levels.not_applicable_cap:
        return Standing.OVER_CAP
    if result.total is None:
        return Standing.UNKNOWN
    if result.provisional:
        return Standing.INCOMPLETE
    told = result.total
    given = step_of(bank, result.level)
    if given is not None and _held_back_from(bank, told, given) is not None:
        told = given.threshold
    if told < WEAK:
        return Standing.STARTING
    if told < STRONG:
        return Standing.BUILDING
    return Standing.CONNECTED if told < PROVEN else Standing.PROVING


def _held_back_from(bank: Bank, total: Decimal, given: Level) -> Level | None:
    """The level that the points alone would give, if conditions keep the firm below it."""
    above = [step for step in bank.levels.steps if step.number > given.number]
    enough = [step for step in above if step.threshold <= total]
    return max(enough, key=lambda step: step.number, default=None)


# --------------------------------------------------------------------- verdict


def _verdict(facts: Facts) -> Verdict:
    result, scheme = facts.result, facts.bank.levels
    step = step_of(facts.bank, result.level)
    return Verdict(
        total=result.total,
        provisional=result.provisional,
        level_number=result.level,
        level=wording.NO_LEVEL if step is None else wording.level_reached(step),
        meaning=None if step is None else step.meaning,
        completeness=short_of(result.completeness, scheme.gates.completeness),
        not_applicable=beyond(result.not_applicable, scheme.not_applicable_cap),
        headline=_headline(facts, step),
    )


_BY_STANDING = {
    Standing.STARTING: wording.starting,
    Standing.BUILDING: wording.building,
    Standing.CONNECTED: wording.connected,
    Standing.PROVING: wording.proving,
}


def _headline(facts: Facts, step: Level | None) -> tuple[Text, ...]:
    result, scheme = facts.result, facts.bank.levels
    if facts.standing is Standing.OVER_CAP:
        return (wording.over_cap(result.not_applicable, scheme.not_applicable_cap),)
    if result.total is None:
        return (wording.nothing_known(len(without_answer(facts))),)
    if facts.standing is Standing.INCOMPLETE:
        return (
            wording.provisional(result.total, result.completeness, scheme.gates.completeness),
            wording.find_out_first(len(without_answer(facts))),
        )
    if step is None:
        return (wording.without_level(result.total),)
    weighted = facts.bank.scoring.method is Method.WEIGHTED
    sentence = _BY_STANDING[facts.standing] if weighted else wording.reached
    said = sentence(result.total, step)
    enough = _held_back_from(facts.bank, result.total, step)
    if enough is None:
        return (said,)
    return (said, wording.held_back(enough, step.number, result.blockers))


def _reading(facts: Facts, sections: Sequence[SectionPart]) -> tuple[Text, ...]:
    """How to read the report: by where the firm stands, by its size, and by what the bank says."""
    hints = tuple(
        hint.text
        for hint in facts.bank.hints
        if hint.when is None or holds(hint.when, facts.bank, facts.answers, facts.shown)
    )
    return (
        reading_words.SHORT_OF_TIME,
        reading_words.STANDINGS[facts.standing],
        reading_words.SMALL if facts.small else reading_words.LARGE,
        *_weights(facts.bank, sections),
        *hints,
        reading_words.CHECKING,
    )


def _weights(bank: Bank, sections: Sequence[SectionPart]) -> tuple[Text, ...]:
    """The sections that weigh most, in banks that weigh firms of different types differently."""
    if bank.weigh_by is None:
        return ()
    heaviest = sorted(sections, key=lambda section: -section.weight)[:HEAVIEST]
    weights = [(section.short, section.weight) for section in heaviest]
    return (reading_words.heaviest(bank.questions[bank.weigh_by].prompt, weights),)
