"""The road map: steps by phase, what they would change, and what to keep."""

from decimal import Decimal

from survey.core import plan_words, reached, scoring, wording
from survey.core.advice import PHASE_OF, Improvement, Rank
from survey.core.bank import Bank, Question, Requirements, YesNo
from survey.core.facts import PROVEN, Facts, code_of, points_of, scored, step_of
from survey.core.figures import one_decimal
from survey.core.parts import (
    Change,
    Effect,
    Keep,
    Milestone,
    Phase,
    Roadmap,
    Said,
    SaidRow,
    Standing,
    Step,
)
from survey.core.result import Result, SectionScore
from survey.core.said import name_of, said
from survey.core.steps import at_least, level_at, names_level
from survey.core.text import Text
from survey.core.unblock import PER_LEVEL

MOST_TO_KEEP = 6


def roadmap(facts: Facts) -> Roadmap:
    short = tuple(_plan_step(facts, step) for step in facts.plan.short)
    phase_of = {step.key: step.phase for step in facts.plan.short}
    return Roadmap(
        opening=_plan_opening(facts),
        phases=tuple(
            Phase(
                number=number,
                title=wording.PHASE_TITLES[number],
                empty=wording.PHASE_EMPTY[number],
                days=days,
                steps=tuple(step for step in short if phase_of[step.key] == number),
            )
            for days, number in PHASE_OF.items()
        )
        if short
        else (),
        first=short,
        later_opening=wording.LATER,
        later=tuple(_plan_step(facts, step) for step in facts.plan.rest),
        keep_opening=wording.KEEP,
        keep=_keep(facts),
        effect=_effect(facts),
    )


def _plan_opening(facts: Facts) -> Text:
    count = len(facts.plan.short)
    if not scored(facts):
        return wording.PLAN_WITHOUT_ANSWERS
    if not count:
        return wording.PLAN_EMPTY
    if facts.standing in (Standing.INCOMPLETE, Standing.OVER_CAP):
        return wording.plan_incomplete(count)
    if facts.standing is Standing.PROVING:
        return wording.plan_proving(count)
    if facts.standing is Standing.STARTING:
        return wording.plan_starting(count)
    return wording.plan_building(count)


def _plan_step(facts: Facts, step: Improvement) -> Step:
    section, domain, question = facts.questions[step.question]
    roles = {role.key: role.label for role in facts.bank.roles}
    action = step.action
    return Step(
        key=step.key,
        code=code_of(section, question),
        section=section.short,
        title=name_of(question, domain),
        climbs=_climbs(facts, step),
        what=action.what,
        because=step.because,
        prompt=question.prompt,
        said=_behind(facts, question, step.statement),
        owner=roles[action.owner],
        effort=wording.EFFORTS[action.effort],
        horizon=wording.HORIZONS[action.horizon],
        proof=action.proof,
        unblocks=step.unblocks,
        urgent=step.rank is Rank.URGENT,
        gain=step.gain,
        days=action.horizon,
    )


def _climbs(facts: Facts, step: Improvement) -> Text:
    if step.to is None:
        return wording.NOT_MET_TO_MET
    question = facts.bank.questions[step.question]
    present = points_of(facts.item(step.question).score)
    reached = at_least(question, PER_LEVEL * step.to)
    if isinstance(question, Requirements) or names_level(facts.bank, question):
        return wording.climbs(level_at(question, present), level_at(question, reached))
    return wording.climbs_points(present, reached)


def _behind(facts: Facts, question: Question, statement: str | None) -> Said:
    """The answer that a step starts from: of a block of statements only the one concerned."""
    answer = facts.answers.get(question.key)
    if statement is None or not isinstance(question, YesNo):
        return said(question, answer)
    label = next(row.label for row in question.statements if row.key == statement)
    return Said(None, rows=(SaidRow(label, wording.STATES["no"]),))


def _keep(facts: Facts) -> tuple[Keep, ...]:
    """The proof of what works, for firms whose work is to keep it up."""
    if facts.standing is not Standing.PROVING and facts.plan.short:
        return ()
    strong = [item for item in scored(facts) if points_of(item.score) >= PROVEN]
    strong.sort(key=lambda item: -points_of(item.contribution))
    kept = []
    for item in strong:
        section, domain, question = facts.questions[item.key]
        if question.evidence is not None:
            code = code_of(section, question)
            kept.append(Keep(item.key, code, name_of(question, domain), question.evidence))
    return tuple(kept[:MOST_TO_KEEP])


# ---------------------------------------------------------------------- effect


def _effect(facts: Facts) -> Effect | None:
    """The plan's effect, scored anew after each phase; None without a total to compare with."""
    if facts.result.total is None or not facts.plan.short:
        return None
    stages = [milestone(facts.bank, plan_words.TODAY, facts.result)]
    done: list[Improvement] = []
    last = facts.result
    for number in PHASE_OF.values():
        steps = facts.plan.phase(number)
        if steps:
            done += steps
            last = scoring.score(facts.bank, reached.after(facts.bank, facts.answers, done))
            stages.append(milestone(facts.bank, plan_words.AFTER[number], last))
    return Effect(
        opening=_effect_opening(facts, last),
        stages=tuple(stages),
        sections=section_changes(facts.bank, facts.result, last),
        note=plan_words.EFFECT_NOTE,
    )


def _effect_opening(facts: Facts, last: Result) -> Text:
    before, after = points_of(facts.result.total), points_of(last.total)
    if one_decimal(before) == one_decimal(after):
        return plan_words.NO_EFFECT_ON_TOTAL
    new = step_of(facts.bank, last.level)
    if last.provisional:
        return plan_words.effect_before_level(before, after)
    if new is None:
        return plan_words.effect_below_levels(before, after)
    if last.level != facts.result.level:
        return plan_words.effect_with_level(before, after, new)
    return plan_words.effect(before, after)


def milestone(bank: Bank, title: Text, result: Result) -> Milestone:
    """Total and level of one result, under a title."""
    step = step_of(bank, result.level)
    level = wording.NO_LEVEL if step is None else wording.level_reached(step)
    return Milestone(title, result.total, result.level, level)


def section_changes(bank: Bank, before: Result, after: Result) -> tuple[Change, ...]:
    """Each section that both results know, before and after."""
    old = {section.key: section for section in before.sections}
    new = {section.key: section for section in after.sections}
    return tuple(
        Change(
            section.key, section.code, section.short,
            _score_of(old[section.key]), _score_of(new[section.key]),
        )
        for section in bank.sections
        if section.key in old and section.key in new and new[section.key].weight
    )  # fmt: skip


def _score_of(section: SectionScore) -> Decimal | None:
    return section.score if section.rated else None
