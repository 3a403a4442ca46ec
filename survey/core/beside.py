"""The firm beside itself and others: its last round, its own targets, published figures."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from survey.core import beside_words
from survey.core.bank import Bank, Domain, Section
from survey.core.earned import level_of
from survey.core.facts import Facts, Previous, code_of, points_of, scored
from survey.core.figures import apart
from survey.core.levels import domain_threshold
from survey.core.parts import (
    Change,
    Comparison,
    Distribution,
    Share,
    TargetLine,
    Targets,
)
from survey.core.plan_parts import milestone, section_changes
from survey.core.result import ItemScore, Result, Treatment
from survey.core.said import name_of
from survey.core.text import Text

MOST_MOVES = 3
MOST_QUESTIONS = 5
MOVED_FROM = Decimal(1)
"""A section that moved by less is called unchanged."""


def comparison(facts: Facts) -> Comparison | None:
    """This round beside the one before; None where the two have nothing in common."""
    before, now = facts.previous, facts.result
    if before is None or before.result.total is None or now.total is None:
        return None
    common = [item for item in scored(facts) if _score_in(before.result, item.key) is not None]
    if before.bank.key != facts.bank.key or not common:
        return None
    changes = section_changes(facts.bank, before.result, now)
    risen, fallen = _questions_moved(facts, before.result, common)
    return Comparison(
        opening=beside_words.rose_or_fell(before.result.total, now.total),
        before_on=before.issued_on,
        before=milestone(before.bank, beside_words.LAST_ROUND, before.result),
        now=milestone(facts.bank, beside_words.THIS_ROUND, now),
        sections=changes,
        moved=_moves(changes),
        risen=risen,
        fallen=fallen,
        note=_note(facts, before, common),
    )


def _score_in(result: Result, key: str) -> Decimal | None:
    item = result.items.get(key)
    return None if item is None or item.treatment is not Treatment.SCORED else item.score


def _moves(changes: Sequence[Change]) -> tuple[Text, ...]:
    """The sections that moved furthest, in words."""
    both = [
        (apart(change.after, change.before), change)
        for change in changes
        if change.before is not None and change.after is not None
    ]
    moved = sorted((each for each in both if abs(each[0]) >= MOVED_FROM), key=lambda m: -abs(m[0]))
    return tuple(beside_words.moved(change.title, by) for by, change in moved[:MOST_MOVES])


def _questions_moved(
    facts: Facts, before: Result, common: Sequence[ItemScore]
) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """The questions that rose and those that fell, by what this does to the total of today."""
    by_effect = sorted(
        ((points_of(item.score) - points_of(_score_in(before, item.key)), item) for item in common),
        key=lambda moved: -abs(moved[0]) * points_of(moved[1].share),
    )
    risen = [_change(facts, before, item) for by, item in by_effect if by > 0]
    fallen = [_change(facts, before, item) for by, item in by_effect if by < 0]
    return tuple(risen[:MOST_QUESTIONS]), tuple(fallen[:MOST_QUESTIONS])


def _change(facts: Facts, before: Result, item: ItemScore) -> Change:
    section, domain, question = facts.questions[item.key]
    return Change(
        key=item.key,
        code=code_of(section, question),
        title=name_of(question, domain),
        before=_score_in(before, item.key),
        after=item.score,
    )


def _note(facts: Facts, before: Previous, common: Sequence[ItemScore]) -> Text:
    """Whether the two rounds may be compared as they stand."""
    if before.result.provisional or facts.result.provisional:
        return beside_words.provisional(len(common))
    if _same_rules(facts.bank, before.bank):
        return beside_words.SAME_QUESTIONS
    then = _mean(common, {item.key: _score_in(before.result, item.key) for item in common})
    now = _mean(common, {item.key: item.score for item in common})
    return beside_words.comparable(len(common), len(scored(facts)), then, now)


def _mean(items: Sequence[ItemScore], scores: Mapping[str, Decimal | None]) -> Decimal:
    """The scores of these questions, weighed as they count today; alike if none of them counts."""
    parts = [points_of(item.share) for item in items]
    if not any(parts):
        parts = [Decimal(1)] * len(items)
    earned = (part * points_of(scores[item.key]) for part, item in zip(parts, items, strict=True))
    return sum(earned, Decimal(0)) / sum(parts, Decimal(0))


_AROUND_IT = {
    *("code", "evidence", "example", "help", "leans_on"),
    *("likely", "likely_each", "policy", "terms"),
}
"""What stands beside a question: neither what is asked nor how it scores depends on it."""


def _same_rules(now: Bank, before: Bank) -> bool:
    """Whether questions, weights and levels are the same, whatever the versions are called."""
    return (now.scoring, now.levels) == (before.scoring, before.levels) and (
        now.sections == before.sections or _asked(now) == _asked(before)
    )


def _asked(bank: Bank) -> Mapping[str, object]:
    """Each question by its key, with the weights of what it stands in."""
    return {
        question.key: (
            (section.key, section.weight),
            (domain.key, domain.weight),
            question.model_dump(exclude=_AROUND_IT),
        )
        for section in bank.sections
        for domain in section.domains
        for question in domain.questions
    }


def targets(facts: Facts) -> Targets | None:
    """The levels that the firm wants its domains to reach; None if it chose none."""
    lines = tuple(
        _target_line(facts, section, domain, facts.targets[domain.key])
        for section in facts.bank.sections
        for domain in section.domains
        if domain.key in facts.targets and domain.key in facts.result.domains
    )
    if not lines:
        return None
    reached = sum(line.state == beside_words.TARGET_REACHED for line in lines)
    return Targets(beside_words.targets_counted(len(lines), reached), lines)


def _target_line(facts: Facts, section: Section, domain: Domain, target: int) -> TargetLine:
    score = facts.result.domains[domain.key].score
    needed = domain_threshold(facts.bank, target)
    if score is None:
        state = beside_words.TARGET_UNKNOWN
    elif score >= needed:
        state = beside_words.TARGET_REACHED
    else:
        state = beside_words.target_missing(needed - score)
    return TargetLine(
        key=domain.key,
        code=section.code,
        title=domain.title,
        level=None if score is None else level_of(score),
        target=target,
        state=state,
    )


def distributions(facts: Facts) -> tuple[Distribution, ...]:
    """Published figures, with the firm's own part marked where the levels correspond."""
    sources = {source.key: source for source in facts.bank.sources}
    level = (
        None if facts.result.total is None or facts.result.provisional else facts.result.level or 0
    )
    return tuple(
        Distribution(
            key=each.key,
            title=each.title,
            year=each.year,
            base=each.base,
            shares=tuple(
                Share(share.label, share.percent, here=level is not None and level in share.levels)
                for share in each.shares
            ),
            source=sources[each.source].title,
            caution=each.caution,
        )
        for each in facts.bank.distributions
    )
