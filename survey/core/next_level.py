"""What blocks the next level, and the fewest answers that would have to change."""

from survey.core import wording
from survey.core.facts import Facts, code_of, step_of
from survey.core.parts import Block, BlockPart, Blocks, Standing
from survey.core.result import Blocker, BlockerKind
from survey.core.said import name_of
from survey.core.steps import level_at
from survey.core.text import Text
from survey.core.unblock import Way


def blocks(facts: Facts) -> Blocks:
    result = facts.result
    if not result.blockers:
        return Blocks(wording.HIGHEST_LEVEL, ())
    target = step_of(facts.bank, result.blockers[0].level)
    general = result.total is None or facts.standing is Standing.INCOMPLETE
    if {blocker.kind for blocker in result.blockers} == {BlockerKind.CEILING}:
        opening = wording.WITHIN_REACH
    elif general or target is None:
        opening = wording.before_any_level(len(result.blockers))
    else:
        opening = wording.conditions_missing(target, len(result.blockers))
    note = wording.FEWEST_NOTE if any(way.changes for way in facts.ways) else None
    return Blocks(opening, tuple(_block(facts, way) for way in facts.ways), note)


def _block(facts: Facts, way: Way) -> Block:
    blocker = way.blocker
    return Block(
        kind=blocker.kind,
        sentence=wording.blocked(facts.bank, blocker),
        parts=_block_parts(facts, blocker),
        fewest=wording.fewest_changes(len(way.changes)) if way.changes else None,
        changes=tuple(
            _block_part(facts, each.question, wording.change(each.act, each.score, each.level))
            for each in way.changes
        ),
    )


def _block_parts(facts: Facts, blocker: Blocker) -> tuple[BlockPart, ...]:
    """Domains and core questions by name; a list of open questions has a chapter of its own."""
    if blocker.kind is BlockerKind.CORE:
        return tuple(
            _block_part(facts, key, wording.item_level(_level(facts, key))) for key in blocker.keys
        )
    if blocker.kind in (BlockerKind.BREADTH, BlockerKind.BREADTH_BELOW):
        places = {d.key: (s.code, d.title) for s in facts.bank.sections for d in s.domains}
        scores = {d.key: d.score for s in facts.result.sections for d in s.domains}
        return tuple(
            BlockPart(
                key,
                *places[key],
                wording.item_level(None) if (at := scores[key]) is None else wording.points(at),
            )
            for key in blocker.keys
        )
    return ()


def _level(facts: Facts, key: str) -> int | None:
    score = facts.item(key).score
    return None if score is None else level_at(facts.bank.questions[key], score)


def _block_part(facts: Facts, key: str, note: Text) -> BlockPart:
    section, domain, question = facts.questions[key]
    return BlockPart(key, code_of(section, question), name_of(question, domain), note)
