"""A bank with some of the edits that lead to its next version: what each of them does alone.

Such a bank need not be one that may be published, but it can be scored: what an edit that was
left out would have brought is mended. A gate asks for no question that is not there, and a
weight is known for every answer that it may depend on.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TypeVar

from survey.core.bank import (
    OUTCOMES,
    PROFILE,
    Bank,
    Choice,
    Domain,
    Gates,
    LevelScheme,
    Question,
    SceneGate,
    Section,
    Weights,
)
from survey.core.editions import with_fields
from survey.core.scored_edits import Edit, EditKind, Spot, spots

Part = TypeVar("Part", Section, Domain)


def mixed(old: Bank, new: Bank, chosen: AbstractSet[Edit]) -> Bank:
    """The old version with some of the edits that `scored_edits.between` finds.

    Where the two count levels in different ways there are no banks between them.
    """
    return _Mix(old, new, chosen).bank()


def merged(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """All of both, in the order of the first; what only the second has follows what it follows."""
    every = list(first)
    known = set(first)
    for at, key in enumerate(second):
        if key not in known:
            every.insert(every.index(second[at - 1]) + 1 if at else 0, key)
            known.add(key)
    return every


@dataclass(frozen=True)
class _Mix:
    old: Bank
    new: Bank
    chosen: AbstractSet[Edit]

    def bank(self) -> Bank:
        outcomes = self.old.outcomes or self.new.outcomes
        return with_fields(
            self.old,
            profile=with_fields(self.old.profile, questions=self._asked(PROFILE, "")),
            outcomes=outcomes and with_fields(outcomes, questions=self._asked(OUTCOMES, "")),
            scoring=self._scheme.scoring,
            weigh_by=self._scheme.weigh_by,
            weigh_default=self._scheme.weigh_default,
            sections=tuple(self._sections()),
            levels=self._levels(),
        )

    def _has(self, kind: EditKind, part: str = "") -> bool:
        return any(edit.kind is kind and edit.part == part for edit in self.chosen)

    def _concerned(self, kind: EditKind) -> frozenset[str]:
        return frozenset(k for edit in self.chosen if edit.kind is kind for k in edit.questions)

    def _merged(self, old: Sequence[str], new: Sequence[str]) -> list[str]:
        return merged(new, old) if self._has(EditKind.ORDER) else merged(old, new)

    # ---------------------------------------------------------------- questions

    @cached_property
    def _spots(self) -> Mapping[str, Spot]:
        """Where each question stands, in reading order."""
        before, after = spots(self.old), spots(self.new)
        came, went = self._concerned(EditKind.ADDED), self._concerned(EditKind.REMOVED)
        moved = came | self._concerned(EditKind.MOVED)
        there = (before.keys() - went) | came
        return {
            key: after[key] if key in moved else before[key]
            for key in self._merged(list(before), list(after))
            if key in there
        }

    def _asked(self, section: str, domain: str) -> tuple[Question, ...]:
        return tuple(self._question(key) for key in self._keys.get((section, domain), ()))

    @cached_property
    def _keys(self) -> Mapping[Spot, Sequence[str]]:
        found: dict[Spot, list[str]] = {}
        for key, spot in self._spots.items():
            found.setdefault(spot, []).append(key)
        return found

    def _question(self, key: str) -> Question:
        then = self.old.questions.get(key)
        now = self.new.questions.get(key)
        if then is None or now is None:
            only = then or now
            assert only is not None
            return with_fields(only, weight=self._weight(only.weight, only.weight))
        kinds = {edit.kind for edit in self.chosen if key in edit.questions}
        condition = now if EditKind.CONDITION in kinds else then
        weights = (
            (now.weight, then.weight) if EditKind.WEIGHT in kinds else (then.weight, now.weight)
        )
        return with_fields(
            now if EditKind.POINTS in kinds else then,
            weight=self._weight(*weights),
            when=condition.when,
            optional_when=condition.optional_when,
        )

    # ------------------------------------------------------------------ weights

    @cached_property
    def _scheme(self) -> Bank:
        return self.new if self._has(EditKind.SCORING) else self.old

    @cached_property
    def _weighed_as(self) -> frozenset[str]:
        """What a weight may be looked up by: any answer of either version, and none."""
        by, default = self._scheme.weigh_by or "", self._scheme.weigh_default or ""
        asked = (bank.questions.get(by) for bank in (self.old, self.new))
        options = (each.options for each in asked if isinstance(each, Choice))
        return frozenset(option.key for few in options for option in few) | {default}

    def _weight(self, weights: Weights, others: Weights) -> Weights:
        """The same weights, known for every answer."""
        if isinstance(weights, Decimal):
            return weights
        return {key: _weighs(key, weights, others) for key in self._weighed_as}

    # -------------------------------------------------------------------- parts

    def _sections(self) -> Iterator[Section]:
        before = {section.key: section for section in self.old.sections}
        after = {section.key: section for section in self.new.sections}
        reweighed = self._has(EditKind.SECTION_WEIGHTS)
        for key in self._merged(list(before), list(after)):
            domains = tuple(self._domains(key, before.get(key), after.get(key)))
            if domains:
                section, weight = self._chosen(before.get(key), after.get(key), reweighed=reweighed)
                yield with_fields(section, weight=weight, domains=domains)

    def _domains(self, key: str, old: Section | None, new: Section | None) -> Iterator[Domain]:
        before = {domain.key: domain for domain in (old.domains if old else ())}
        after = {domain.key: domain for domain in (new.domains if new else ())}
        reweighed = self._has(EditKind.DOMAIN_WEIGHTS, key)
        for name in self._merged(list(before), list(after)):
            questions = self._asked(key, name)
            if questions:
                domain, weight = self._chosen(
                    before.get(name), after.get(name), reweighed=reweighed
                )
                yield with_fields(domain, weight=weight, questions=questions)

    def _chosen(
        self, old: Part | None, new: Part | None, *, reweighed: bool
    ) -> tuple[Part, Weights]:
        part, other = (old or new), (new or old)
        assert part is not None
        assert other is not None
        own, others = (other.weight, part.weight) if reweighed else (part.weight, other.weight)
        return part, self._weight(own, others)

    def _levels(self) -> LevelScheme:
        steps, gates, limits = (
            (self.new if self._has(kind) else self.old).levels
            for kind in (EditKind.LEVELS, EditKind.GATES, EditKind.LIMITS)
        )
        return with_fields(
            self.old.levels,
            steps=steps.steps,
            gates=_among(gates.gates, self._spots.keys()),
            not_applicable_cap=limits.not_applicable_cap,
            rated_from=limits.rated_from,
        )


def _weighs(key: str, *known: Weights) -> Decimal:
    """What the first that knows it says; else some weight, for an answer that nobody has."""
    for weights in known:
        if isinstance(weights, Decimal):
            return weights
        if key in weights:
            return weights[key]
    return Decimal(1)


def _among(gates: Gates, asked: AbstractSet[str]) -> Gates:
    """The gates as far as their questions are asked."""
    return with_fields(
        gates,
        core=tuple(key for key in gates.core if key in asked),
        scenes=gates.scenes and _scenes_among(gates.scenes, asked),
    )


def _scenes_among(gate: SceneGate, asked: AbstractSet[str]) -> SceneGate:
    return with_fields(
        gate,
        scenes=tuple(key for key in gate.scenes if key in asked),
        mandatory=tuple(key for key in gate.mandatory if key in asked),
    )
