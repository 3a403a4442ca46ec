"""The real site with its real worker, and a real browser that looks at it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask_security import hash_password
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from sqlalchemy.orm import Session

from survey import application
from survey.config import Settings
from survey.core.text import Locale
from survey.services import accounts
from survey.services.people import ADMINISTRATOR, CONSULTANT, FIRM, actor_of
from survey.store.db import open_engine
from survey.store.models import ConsultantFirm, User
from tests.builders import FULL_ANSWERS
from tests.stored import NOW, a_submitted_assessment, a_version

PASSWORD = "a password for journeys"
PATIENCE_SECONDS = 60
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--font-render-hinting=none",
)
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}


@dataclass(frozen=True)
class Site:
    """A running site, and what its database was given beforehand."""

    address: str
    folder: Path
    assessment_id: int


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Site]:
    """Served by the real server, with a real worker beside it."""
    folder = tmp_path_factory.mktemp("site")
    database = folder / "qizhen.db"
    shutil.copyfile(sqlite_template, database)
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{database}",
        "SECRET_KEY": "for journeys only, and long enough to be taken",
        "PASSWORD_SALT": "for journeys only, and long enough to be taken",
        "SURVEY_FOLDER": str(folder),
        "SURVEY_FONTS": os.environ.get("SURVEY_FONTS", str(Path("var/fonts").absolute())),
        "SURVEY_PORT": str(_free_port()),
        "SURVEY_WORKERS": "1",
        "SURVEY_SWEEP_SECONDS": "2",
    }
    settings = Settings.from_environment(environment)
    assessment_id = _people(settings)
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "survey", "run"], env=environment, stdout=log, stderr=log
    )
    try:
        _wait_for(settings.base_url, process, folder / "log")
        yield Site(settings.base_url, folder, assessment_id)
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()


def _people(settings: Settings) -> int:
    """A firm with a member and a submitted assessment, a consultant, an administrator."""
    app = application.create_app(replace(settings, debug=True))
    engine = open_engine(settings.database_url)
    with app.app_context(), Session(engine) as session:
        version = a_version(session)
        owner = _person(session, "owner@example.com", "王强", FIRM)
        firm = accounts.register_firm(session, user=owner, firm_name="江海阀门有限公司", now=NOW)
        actor = actor_of(session, owner.id)
        member = _person(session, "member@example.com", "赵倩", FIRM)
        accounts.add_member(session, actor, user=member, now=NOW)
        consultant = _person(session, "consultant@example.com", "陈顾问", CONSULTANT)
        session.add(ConsultantFirm(consultant_id=consultant.id, firm_id=firm.id))
        _person(session, "administrator@example.com", "管理员", ADMINISTRATOR)
        second = _person(session, "second@example.com", "孙洁", FIRM)
        other = accounts.register_firm(session, user=second, firm_name="远山机械有限公司", now=NOW)
        session.add(ConsultantFirm(consultant_id=consultant.id, firm_id=other.id))
        its_owner = actor_of(session, second.id)
        a_submitted_assessment(session, its_owner, version=version, answers=FULL_ANSWERS)
        done = a_submitted_assessment(session, actor, version=version, answers=FULL_ANSWERS)
        session.commit()
        assessment_id = done.id
    engine.dispose()
    return assessment_id


def _person(session: Session, email: str, name: str, role: str) -> User:
    return accounts.create_user(
        session,
        email=email,
        name=name,
        password_hash=hash_password(PASSWORD),
        roles=[role],
        locale=Locale.ZH,
        now=NOW,
    )


def _free_port() -> int:
    with closing(socket.socket()) as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=1).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"the site does not answer:\n{log.read_text(errors='replace')}")


# -------------------------------------------------------------------- browsers


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    assert CHROMIUM, "install Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


Opener = Callable[..., Page]


@pytest.fixture
def open_browser(chromium: Browser, site: Site) -> Iterator[Opener]:
    """Open a window. At the end nothing may have been complained about in its console."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def complain(message: ConsoleMessage) -> None:
        expected = "Failed to load resource" in message.text
        if message.type in ("error", "warning") and not expected:
            complaints.append(message.text)

    def open_one(
        *, locale: str = "zh-CN", size: dict[str, int] = DESK, script: bool = True
    ) -> Page:
        context = chromium.new_context(
            base_url=site.address,
            locale=locale,
            viewport=size,  # type: ignore[arg-type]  # a dictionary with both keys
            java_script_enabled=script,
            accept_downloads=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", complain)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not complaints


def sign_in(page: Page, email: str) -> None:
    page.goto("/login")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", PASSWORD)
    page.locator(
        "main form button[type=submit], main form input[type=submit], main form button"
    ).first.click()
    page.wait_for_url(lambda address: "/login" not in address)


def must_be_accessible(page: Page) -> None:
    """WCAG 2.2 A and AA as far as a program can tell, and no sideways scrolling."""
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    found = Axe().run(page, options=rules)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
    sideways = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert sideways <= 0, f"{page.url} scrolls sideways by {sideways} px"
