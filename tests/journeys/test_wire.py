"""What goes over the wire of the real server: budgets in bytes, and nothing from elsewhere.

Measured as a browser on a slow network has it: every byte of the answers, heads included.
"""

import re
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import time

import pytest
from sqlalchemy.orm import Session

from survey import application
from survey.config import Settings
from survey.core.bank import OUTCOMES, PROFILE
from survey.core.text import Locale
from survey.exchange import answer_file, yaml_bank
from survey.services import assessments, banks
from survey.services.people import actor_of
from survey.store.db import open_engine
from survey.store.models import User
from tests.journeys.servers import Server, environment_of
from tests.stored import NOW, a_firm

FIRST_PAGE = 100_000
NEXT_PAGE = 30_000
SCRIPTS = 50_000

ROOT = Path(application.__file__).parent.parent
BANK = ROOT / "questionnaires" / "manufacturing-transformation" / "3.yaml"
ANSWERS = ROOT / "seeds" / "answers" / "hengyao-motors.yaml"


@dataclass(frozen=True)
class Asked:
    """A firm that has answered everything, and what its browser holds."""

    port: int
    cookies: dict[Locale, str]
    pages: tuple[str, ...]


@dataclass(frozen=True)
class Reply:
    size: int
    head: str
    body: bytes


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Asked]:
    folder = tmp_path_factory.mktemp("wire")
    shutil.copyfile(sqlite_template, folder / "qizhen.db")
    environment = environment_of(folder, f"sqlite:///{folder / 'qizhen.db'}")
    settings = Settings.from_environment(environment)
    server = Server(environment, folder / "log")
    pages, mark = _answered(settings)
    cookies = {locale: _cookie(settings, mark, locale) for locale in Locale}
    try:
        server.start()
        yield Asked(server.port, cookies, pages)
    finally:
        server.stop()


def _answered(settings: Settings) -> tuple[tuple[str, ...], str]:
    engine = open_engine(settings.database_url)
    given = answer_file.read(ANSWERS.read_bytes(), file=str(ANSWERS)).answers
    data, bank = yaml_bank.read(BANK.read_bytes(), file=str(BANK))
    with Session(engine) as session, session.begin():
        draft = banks.store_draft(session, data=data, now=NOW)
        version = banks.publish(session, draft.id, now=NOW)
        _, owner = a_firm(session)
        owner = actor_of(session, owner.user_id)
        begun = assessments.start(session, owner, version_id=version.id, now=NOW)
        assessments.save(session, owner, begun.id, given=given, seen={}, now=NOW)
        mark = session.get_one(User, owner.user_id).fs_uniquifier
        keys = [PROFILE, *(section.key for section in bank.sections)]
        keys += [OUTCOMES] if bank.outcomes else []
        pages = tuple(f"/assessments/{begun.id}/pages/{key}" for key in keys)
    engine.dispose()
    return pages, mark


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
