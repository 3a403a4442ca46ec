"""What goes over the wire of the real server: budgets in bytes, and nothing from elsewhere.

Measured as a browser on a slow network has it: every byte of the answers, heads included.
"""

import re
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import time

import pytest
from sqlalchemy.orm import Session

from survey import application
from survey.config import Settings
from survey.core.pages import pages
from survey.core.text import Locale
from survey.exchange import answer_file, yaml_bank
from survey.services import assessments, banks, comments, evidence
from survey.services.people import actor_of
from survey.store.db import open_engine
from survey.store.models import Assessment, BankVersion, User
from tests.journeys.servers import Server, environment_of
from tests.stored import NOW, a_file, a_firm, a_member, a_submitted_assessment, an_assessment

FIRST_PAGE = 100_000
NEXT_PAGE = 30_000
SCRIPTS = 50_000

ROOT = Path(application.__file__).parent.parent
BANKS = ROOT / "questionnaires" / "manufacturing-transformation"
BANK = max(BANKS.glob("*.yaml"), key=lambda path: int(path.stem))
"""The newest version."""

ANSWERS = ROOT / "seeds" / "answers" / "hengyao-motors.yaml"
GIVEN = answer_file.read(ANSWERS.read_bytes(), file=str(ANSWERS)).answers
A_YEAR_LATER = NOW + timedelta(days=365)
NAMES = ("能源管理台账", "设备联网清单", "培训记录与签到表")


@dataclass(frozen=True)
class Asked:
    """A firm that is asked everything, and what its browser holds."""

    port: int
    cookies: dict[Locale, str]
    pages: tuple[str, ...]


@dataclass(frozen=True)
class Reply:
    size: int
    head: str
    body: bytes


@dataclass(frozen=True)
class Served:
    """A firm that has answered everything, and one whose pages cannot be fuller."""

    answered: Asked
    crowded: Asked


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("wire")
    shutil.copyfile(sqlite_template, folder / "qizhen.db")
    environment = environment_of(folder, f"sqlite:///{folder / 'qizhen.db'}")
    settings = Settings.from_environment(environment)
    server = Server(environment, folder / "log")
    data, bank = yaml_bank.read(BANK.read_bytes(), file=str(BANK))
    engine = open_engine(settings.database_url)
    with Session(engine) as session, session.begin():
        draft = banks.store_draft(session, data=data, now=NOW)
        version = banks.publish(session, draft.id, now=NOW)
        begun = {"answered": _answered(session, version), "crowded": _crowded(session, version)}
        marks = {
            name: session.get_one(User, each.started_by).fs_uniquifier
            for name, each in begun.items()
        }
        firms = {
            name: Asked(
                server.port,
                {locale: _cookie(settings, marks[name], locale) for locale in Locale},
                tuple(f"/assessments/{each.id}/pages/{page.key}" for page in pages(bank)),
            )
            for name, each in begun.items()
        }
    engine.dispose()
    try:
        server.start()
        yield Served(**firms)
    finally:
        server.stop()


@pytest.fixture
def asked(served: Served) -> Asked:
    return served.answered


def _answered(session: Session, version: BankVersion) -> Assessment:
    _, owner = a_firm(session)
    return an_assessment(session, actor_of(session, owner.user_id), version=version, answers=GIVEN)


def _crowded(session: Session, version: BankVersion) -> Assessment:
    """The answers of last year are offered, with as many files as there may be, and a comment."""
    firm, owner = a_firm(session, "恒耀电机有限公司")
    member, owner = a_member(session, firm), actor_of(session, owner.user_id)
    a_submitted_assessment(session, owner, version=version, answers=GIVEN)
    begun = assessments.start(session, owner, version_id=version.id, now=A_YEAR_LATER)
    for key in assessments.bank_of(session, owner, begun.id).questions:
        for number in range(evidence.MOST_PER_QUESTION):
            who = (owner, member)[number % 2]
            at = A_YEAR_LATER + timedelta(minutes=number)
            name = f"{NAMES[number % len(NAMES)]}-{key}-{2020 + number}.pdf"
            a_file(session, who, begun.id, question_key=key, name=name, added_at=at)
        comments.add(session, owner, begun.id, key, text="请再核对这个数。", now=A_YEAR_LATER)
    return begun


def _cookie(settings: Settings, mark: str, locale: Locale) -> str:
    client = application.create_app(settings).test_client()
    with client.session_transaction() as session:
        session.update(_user_id=mark, _fresh=True, fs_cc="set", fs_paa=time())
        session["language"] = locale.value
    cookie = client.get_cookie("qizhen")
    assert cookie is not None
    return f"qizhen={cookie.value}"


def fetched(asked: Asked, address: str, locale: Locale, encoding: str) -> Reply:
    request = (
        f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1:{asked.port}\r\nConnection: close\r\n"
        f"Accept-Encoding: {encoding}\r\nCookie: {asked.cookies[locale]}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", asked.port), timeout=30) as connection:
        connection.sendall(request.encode())
        content = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = content.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    return Reply(len(content), head.decode().lower(), body)


def addresses_of(html: str) -> set[str]:
    """Everything that the browser fetches by itself."""
    return set(re.findall(r'<(?:link|script|img)[^>]* (?:href|src)="([^"]+)"', html))


@pytest.mark.parametrize("encoding", ["gzip", "br"])
@pytest.mark.parametrize("locale", Locale)
def test_a_page_full_of_offers_files_and_comments_fits_as_well(
    served: Served, locale: Locale, encoding: str
) -> None:
    crowded = served.crowded
    sizes = {page: fetched(crowded, page, locale, encoding).size for page in crowded.pages}
    html = fetched(crowded, crowded.pages[2], locale, "identity").body.decode()

    assert max(sizes.values()) <= NEXT_PAGE, sizes
    for crowd in ("data-offer", "data-more", 'class="small talk"'):
        assert html.count(crowd) > 10, crowd


@pytest.mark.parametrize("encoding", ["gzip", "br"])
@pytest.mark.parametrize("locale", Locale)
def test_a_page_of_questions_fits_through_a_narrow_line(
    asked: Asked, locale: Locale, encoding: str
) -> None:
    sizes = {page: fetched(asked, page, locale, encoding).size for page in asked.pages}
    html = fetched(asked, asked.pages[0], locale, "identity").body.decode()
    files = {
        address: fetched(asked, address, locale, encoding).size for address in addresses_of(html)
    }
    scripts = sum(size for address, size in files.items() if ".js" in address)

    assert max(sizes.values()) <= NEXT_PAGE, sizes
    assert max(sizes.values()) + sum(files.values()) <= FIRST_PAGE, files
    assert 0 < scripts <= SCRIPTS, files


@pytest.mark.parametrize("locale", Locale)
def test_nothing_is_fetched_from_elsewhere_and_files_are_kept_for_a_year(
    asked: Asked, locale: Locale
) -> None:
    for page in asked.pages:
        html = fetched(asked, page, locale, "identity").body.decode()
        for address in addresses_of(html):
            assert address.startswith("/"), address
            assert not address.startswith("//"), address
            reply = fetched(asked, address, locale, "gzip")
            assert "max-age=31536000, immutable" in reply.head, address
            assert "vary: accept-encoding" in reply.head, address
