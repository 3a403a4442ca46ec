"""Shorter forms of a bank: the same questions under the same keys, only fewer of them."""

from typing import Any, TypeVar, cast

from survey.core.bank import Bank, Domain, Edition, Frozen, LevelScheme, Section

Part = TypeVar("Part", bound=Frozen)

FULL = ""
"""The edition of an assessment that answers the whole bank."""


def edition(bank: Bank, key: str) -> Bank:
    """The bank as the edition `key` asks it; the bank itself for `FULL`.

    Weights stay as they are: what is not asked hands its weight to what stands beside it.
    Raises KeyError if there is no such edition.
    """
    if key == FULL:
        return bank
    chosen = next((each for each in bank.editions if each.key == key), None)
    if chosen is None:
        raise KeyError(key)
    sections = tuple(
        with_fields(section, domains=domains)
        for section in bank.sections
        if (domains := _domains(section, chosen))
    )
    return with_fields(
        bank,
        title=chosen.title,
        summary=chosen.summary,
        minutes=chosen.minutes,
        sections=sections,
        outcomes=None,
        levels=_levels(bank, chosen),
    )


def _domains(section: Section, chosen: Edition) -> tuple[Domain, ...]:
    return tuple(
        with_fields(domain, questions=questions)
        for domain in section.domains
        if (questions := tuple(q for q in domain.questions if q.key in chosen.questions))
    )


def _levels(bank: Bank, chosen: Edition) -> LevelScheme:
    """The gates look only at what is asked, and the edition judges no further than it says."""
    gates = bank.levels.gates
    return with_fields(
        bank.levels,
        gates=with_fields(
            gates,
            core=tuple(key for key in gates.core if key in chosen.questions),
            ceiling=gates.ceiling if chosen.ceiling is None else chosen.ceiling,
            ceiling_reason=chosen.ceiling_reason or gates.ceiling_reason,
        ),
    )


def with_fields(part: Part, **changes: Any) -> Part:
    """The same part with other fields; nothing that was computed from the old ones comes along."""
    fields = {name: getattr(part, name) for name in type(part).model_fields}
    return cast(Part, type(part).model_construct(**(fields | changes)))
