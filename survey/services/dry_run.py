"""What a draft would do to the assessments that were submitted by an earlier version.

Everything is read and nothing written: neither a result nor that anybody looked.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Text, cast, func, select
from sqlalchemy.orm import Session

from survey.core import document
from survey.core.bank import Bank
from survey.core.errors import NotFound, SurveyError
from survey.core.rerun_sums import Sums
from survey.core.shape import with_texts
from survey.services import drafts, rerunning
from survey.services.answer_rows import read_rows, rows_listed
from survey.services.banks import bank_of, document_of
from survey.services.rerunning import Submitted
from survey.store.models import AnswerRow, Assessment, BankVersion, Firm

MOST = 5_000
"""Assessments that are looked at, the newest."""

BLOCK = 20
"""Assessments that a process scores before it tells how far it is."""

_SLIPS = frozenset({"bank-half-width", "bank-full-width", "bank-unprintable"})
"""Faults that no score depends on, beside texts that are missing."""


class NotScorable(SurveyError):
    """A draft with faults that no result can be calculated with."""

    code = "dry-run-faults"


class NothingSubmitted(SurveyError):
    """Nobody has submitted anything by the version that was asked for."""

    code = "dry-run-nothing-submitted"


@dataclass(frozen=True, slots=True)
class Basis:
    """An earlier version, and how many assessments of it were submitted."""

    version_id: int
    number: int
    submitted: int


@dataclass(slots=True)
class DryRun:
    """A dry run that `steps` carries out. `banks` are the earlier version and the draft."""

    basis: Basis
    banks: tuple[Bank, Bank]
    total: int
    documents: tuple[Any, Any]
    ids: Sequence[int]
    editions: frozenset[str]
    sums: Sums = field(default_factory=Sums)


def bases(session: Session, version_id: int) -> tuple[Basis, ...]:
    """The published versions of the same bank that were answered, the newest first.

    Raises NotFound, NotADraft.
    """
    draft = drafts.opened(session, version_id)
    return _bases(session, draft.bank_key)


def _bases(session: Session, bank_key: str) -> tuple[Basis, ...]:
    rows = session.execute(
        select(BankVersion.id, BankVersion.number, func.count(Assessment.id))
        .join(Assessment, Assessment.bank_version_id == BankVersion.id)
        .where(
            BankVersion.bank_key == bank_key,
            BankVersion.published_at.is_not(None),
            Assessment.submitted_at.is_not(None),
        )
        .group_by(BankVersion.id, BankVersion.number)
        .order_by(BankVersion.number.desc())
    )
    return tuple(Basis(*row) for row in rows)


def prepare(session: Session, version_id: int, *, basis_id: int | None = None) -> DryRun:
    """Set up a dry run over the newest version that was answered, or over the one asked for.

    Raises NotFound, NotADraft, NotScorable, NothingSubmitted.
    """
    draft = drafts.opened(session, version_id)
    found = _bases(session, draft.bank_key)
    if not found:
        raise NothingSubmitted
    basis = next((b for b in found if basis_id in (None, b.version_id)), None)
    if basis is None:
        raise NotFound
    data, new = _scorable(draft)
    rows = session.execute(
        select(Assessment.id, Assessment.edition)
        .where(Assessment.bank_version_id == basis.version_id, Assessment.submitted_at.is_not(None))
        .order_by(Assessment.submitted_at.desc(), Assessment.id.desc())
        .limit(MOST)
    ).all()
    return DryRun(
        basis=basis,
        banks=(bank_of(session, basis.version_id), new),
        total=len(rows),
        documents=(document_of(session, basis.version_id), data),
        ids=[row.id for row in rows],
        editions=frozenset(row.edition for row in rows),
    )


def steps(session: Session, run: DryRun) -> Iterator[int]:
    """Carry it out: how many assessments are done, again and again; `run.sums` is the result.

    Raises `survey.apart.Lost` if it takes more than it may.
    """
    names: dict[int, str] = {}
    blocks = _blocks(session, run.ids, names)
    processes = 1 if run.total <= BLOCK else rerunning.PROCESSES
    yield 0
    reruns = rerunning.rerun(*run.documents, run.editions, blocks, processes=processes)
    with closing(reruns):
        done = 0
        for scored in reruns:
            for one, shift in zip(scored.block, scored.shifts, strict=True):
                if shift is None:
                    run.sums.gone += 1
                else:
                    edits = scored.edits[one.edition]
                    run.sums.add(one.id, names[one.id], shift, edits)
            done += len(scored.block)
            yield done


def _scorable(draft: drafts.Draft) -> tuple[object, Bank]:
    """The document with every text that a bank needs; what it says does not matter here."""
    problems, bank = drafts.checked(draft)
    data: object = draft.document
    if bank is None:
        data = with_texts(data, problems)
        problems, bank = document.judge(data)
    if bank is None or any(problem.code not in _SLIPS for problem in problems):
        raise NotScorable
    return data, bank


def _blocks(
    session: Session, ids: Sequence[int], names: dict[int, str]
) -> Iterator[list[Submitted]]:
    """The assessments as they are stored; notes the names of their firms."""
    dialect = session.connection().dialect.name
    answers = select(rows_listed(dialect)).where(AnswerRow.assessment_id == Assessment.id)
    query = select(
        Assessment.id,
        Assessment.edition,
        cast(Assessment.result, Text),
        answers.scalar_subquery(),
        Firm.name,
    ).join(Assessment.firm)
    for start in range(0, len(ids), BLOCK):
        block = []
        rows = session.execute(query.where(Assessment.id.in_(ids[start : start + BLOCK])))
        for id_, edition, result, listed, name in rows:
            given = {
                key: row.stored for key, row in read_rows(listed).items() if row.stored is not None
            }
            block.append(Submitted(id_, edition, result, given))
            names[id_] = name
        yield block
