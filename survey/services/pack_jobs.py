"""Packs are asked for, and what workers do with them: as with reports, on rows of their own."""

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from survey.core.errors import NotFound
from survey.core.text import Languages
from survey.services.banks import bank_by_digest
from survey.services.job_rows import FAILED, PATIENCE, QUEUED, READY, RENDERING, JobRows
from survey.services.pack_inputs import PackInputs
from survey.store import files
from survey.store.db import insert_if_absent
from survey.store.models import BankVersion, Pack

TRIAL = "_trial"
"""Where a pack has its edition: this row is a trial report. No key of an edition is like it."""

ROWS = JobRows(Pack, checking=RENDERING, only=Pack.edition != TRIAL)
claim = ROWS.claim
heartbeat = ROWS.heartbeat
fail = ROWS.fail
give_back = ROWS.give_back
put_back = ROWS.put_back
sweep = ROWS.sweep
sweep_long_queue = ROWS.sweep_long_queue


def asked(
    session: Session, rows: JobRows, number: str, *, folder: Path, now: datetime, **made_from: Any
) -> Pack:
    """The row with this number, queued unless it has its file or somebody is making it."""
    insert_if_absent(
        session,
        Pack,
        id=number,
        state=QUEUED,
        progress=0,
        attempts=0,
        lease_until=now + PATIENCE,
        requested_at=now,
        **made_from,
    )
    pack = session.get_one(Pack, number, populate_existing=True)
    return with_a_chance(session, rows, pack, folder=folder, now=now)


def with_a_chance(
    session: Session, rows: JobRows, pack: Pack, *, folder: Path, now: datetime
) -> Pack:
    """Queue it again if it has no file and nobody is making one."""
    lost = pack.file_sha256 is not None and not files.is_whole(folder, pack.file_sha256)
    if lost or pack.state == FAILED:
        rows.change(
            session,
            pack.id,
            Pack.state.in_((FAILED, READY)),
            state=QUEUED,
            progress=0,
            attempts=0,
            lease_until=now + PATIENCE,
            requested_at=now,
            finished_at=None,
            file_sha256=None,
            file_size=None,
            pages=None,
            reason_code=None,
            reason_facts=None,
        )
        session.refresh(pack)
    return pack


def inputs(session: Session, pack_id: str) -> PackInputs:
    """Read what the pack is made from. Raises NotFound."""
    pack = session.get(Pack, pack_id)
    if pack is None:
        raise NotFound
    version = session.get_one(BankVersion, pack.bank_version_id)
    return PackInputs(
        bank=bank_by_digest(session, version.id, version.digest, pack.edition),
        bank_digest=version.digest,
        edition=pack.edition,
        languages=Languages(pack.languages),
        question_keys=tuple(pack.question_keys),
    )


def finish(
    session: Session,
    pack_id: str,
    *,
    token: str,
    sha256: str,
    size: int,
    pages: int | None,
    now: datetime,
) -> bool:
    """Hand in the file. False: nothing was changed, for somebody else took over."""
    return ROWS.finish(
        session, pack_id, token=token, now=now, file_sha256=sha256, file_size=size, pages=pages
    )
