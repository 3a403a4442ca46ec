"""Readers who take their time, on the real server: pages go on, and nobody is forgotten."""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.core.copies import Copy, Format
from survey.core.text import Languages
from survey.services import archives, report_jobs, reports
from survey.services.people import actor_of
from survey.store import files
from survey.store.db import open_engine
from survey.store.models import Assessment, User
from survey.web.sending import MOST_STREAMS, THREADS
from tests.journeys.conftest import Opener, Site, sign_in
from tests.stored import NOW

MEGABYTE = 1024 * 1024
OK, WAIT = b"HTTP/1.1 200", b"HTTP/1.1 503"
PATIENCE = 20.0
"""Seconds; the slow readers stay for ever."""


@pytest.fixture
def consultant(open_browser: Opener) -> Page:
    page = open_browser()
    sign_in(page, "consultant@example.com")
    return page


def test_slow_readers_of_reports_and_archives_hold_up_nobody(site: Site, consultant: Page) -> None:
    report, archive = large_files(site)
    cookie = "; ".join(f"{c['name']}={c['value']}" for c in consultant.context.cookies())

    with ExitStack() as readers:
        slow = [
            readers.enter_context(begun(site, f"/reports/{report}/file", cookie))
            for _ in range(2 * THREADS)
        ]
        packed = [
            readers.enter_context(begun(site, f"/archives/{archive}/file", cookie))
            for _ in range(MOST_STREAMS + 1)
        ]
        started = time.monotonic()
        page = consultant.goto("/archives")
        taken = time.monotonic() - started
    afterwards = answered_until(OK, site, f"/archives/{archive}/file", cookie)

    assert set(slow) == {OK}
    assert packed == [OK] * MOST_STREAMS + [WAIT]
    assert page is not None
    assert page.status == 200
    assert taken < PATIENCE
    assert afterwards == OK


def answered_until(wanted: bytes, site: Site, path: str, cookie: str) -> bytes:
    """The answer, asked for again until the server has noticed that its readers have gone."""
    until = time.monotonic() + PATIENCE
    while True:
        with begun(site, path, cookie) as answer:
            if answer == wanted or time.monotonic() > until:
                return answer
        time.sleep(0.1)


@contextmanager
def begun(site: Site, path: str, cookie: str) -> Iterator[bytes]:
    """A download whose reader takes its beginning and then no more, until he hangs up."""
    host = urlsplit(site.address)
    with socket.socket() as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.settimeout(10)
        reader.connect((str(host.hostname), int(host.port or 80)))
        head = f"GET {path} HTTP/1.1\r\nHost: {host.netloc}\r\nCookie: {cookie}\r\n\r\n"
        reader.sendall(head.encode())
        yield reader.recv(len(OK))


def large_files(site: Site) -> tuple[str, str]:
    """A report as large as they may be, and an archive of one that is larger than any."""
    engine = open_engine(f"sqlite:///{site.folder / 'qizhen.db'}")
    with Session(engine) as session:
        user = session.scalars(select(User).filter_by(email="consultant@example.com")).one()
        actor = actor_of(session, user.id)
        firm_id = session.get_one(Assessment, site.assessment_id).firm_id
        word, page = (Copy(Languages.EN, format=kind) for kind in (Format.DOCX, Format.HTML))
        report = reports.ask(session, actor, site.assessment_id, word, now=NOW).id
        made(session, site, report, 7 * MEGABYTE)
        archive = archives.ask(session, actor, [firm_id], page, now=NOW).id
        for each in archives.get(session, actor, archive).to_deliver:
            made(session, site, each, 40 * MEGABYTE)
        session.commit()
    engine.dispose()
    return report, archive


def made(session: Session, site: Site, report_id: str, size: int) -> None:
    token, content = uuid4().hex, os.urandom(size)
    sha256 = files.put(site.folder / "reports", content)
    report_jobs.claim(session, report_id, token=token, now=NOW, lease=timedelta(minutes=1))
    said = {"firm": {"typed": "x"}, "verdict": {}}
    assert report_jobs.finish(
        session, report_id, token=token, sha256=sha256, size=size, pages=None, content=said, now=NOW
    )


def test_requests_that_stop_in_their_headers_hold_up_nobody_and_are_cut_off(site: Site) -> None:
    place = urlsplit(site.address)

    with ExitStack() as senders:
        halves = [
            senders.enter_context(socket.create_connection((place.hostname, place.port), PATIENCE))
            for _ in range(4 * THREADS)
        ]
        for half in halves:
            half.sendall(b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n")
        with socket.create_connection((place.hostname, place.port), PATIENCE) as whole:
            whole.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = whole.recv(len(OK))
        ended = {half.recv(len(OK)) for half in halves}

    assert answer == OK
    assert OK not in ended
