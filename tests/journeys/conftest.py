"""The real site with its real worker, and a real browser that looks at it."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import count
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask_security import hash_password
from PIL import Image
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    expect,
    sync_playwright,
)
from sqlalchemy.orm import Session

from survey import application
from survey.config import Settings
from survey.core.text import Locale
from survey.services import accounts
from survey.services.people import ADMINISTRATOR, CONSULTANT, FIRM, actor_of
from survey.store.db import open_engine
from survey.store.models import ConsultantFirm, User
from tests.builders import FULL_ANSWERS
from tests.journeys.servers import Server, environment_of
from tests.stored import NOW, a_submitted_assessment, a_version

PASSWORD = "a password for journeys"
WCAG = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],  # naming what is right takes a third of the time
}
"""What axe is asked for."""
PATIENCE = 20_000  # ms; a busy machine takes its time
expect.set_options(timeout=PATIENCE)
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser"))),
    None,
)
"""The shell draws the same pages without a window of its own, which takes a fifth less."""
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--font-render-hinting=none",
)
DESK = {"width": 1280, "height": 900}
FONTS = Path(os.environ.get("SURVEY_FONTS", "var/fonts"))
PHONE = {"width": 360, "height": 740}
STICKY = (
    "(position) => document.querySelectorAll('.ws-save').forEach(\n"
    "  (bar) => { bar.style.position = position; })"
)
"""Bars that stay in sight would lie across a picture that is taller than the window."""
COLOURS, MARGIN, TALLEST = 48, 12, 900
"""Of pictures for documents: how many colours, and how many pixels around and down."""


@dataclass(frozen=True)
class Site:
    """A running site, and what its database was given beforehand."""

    address: str
    folder: Path
    assessment_id: int
    settings: Settings


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Site]:
    """Served by the real server, with a real worker beside it."""
    folder = tmp_path_factory.mktemp("site")
    database = folder / "qizhen.db"
    shutil.copyfile(sqlite_template, database)
    environment = environment_of(folder, f"sqlite:///{database}") | {"SURVEY_TRUSTED_PROXIES": "1"}
    settings = Settings.from_environment(environment)
    assessment_id = _people(settings)
    server = Server(environment, folder / "log")
    try:
        server.start()
        yield Site(server.address, folder, assessment_id, settings)
    finally:
        server.stop()


def _people(settings: Settings) -> int:
    """A firm with a member and a submitted assessment, a consultant, an administrator."""
    app = application.create_app(replace(settings, debug=True))
    engine = open_engine(settings.database_url)
    with app.app_context(), Session(engine) as session:
        version = a_version(session)
        owner = a_person(session, "owner@example.com", "王强", FIRM)
        firm = accounts.register_firm(session, user=owner, firm_name="江海阀门有限公司", now=NOW)
        actor = actor_of(session, owner.id)
        member = a_person(session, "member@example.com", "赵倩", FIRM)
        accounts.add_member(session, actor, user=member, now=NOW)
        consultant = a_person(session, "consultant@example.com", "陈顾问", CONSULTANT)
        session.add(ConsultantFirm(consultant_id=consultant.id, firm_id=firm.id))
        a_person(session, "administrator@example.com", "管理员", ADMINISTRATOR)
        second = a_person(session, "second@example.com", "孙洁", FIRM)
        other = accounts.register_firm(session, user=second, firm_name="远山机械有限公司", now=NOW)
        session.add(ConsultantFirm(consultant_id=consultant.id, firm_id=other.id))
        its_owner = actor_of(session, second.id)
        a_submitted_assessment(session, its_owner, version=version, answers=FULL_ANSWERS)
        done = a_submitted_assessment(session, actor, version=version, answers=FULL_ANSWERS)
        session.commit()
        assessment_id = done.id
    engine.dispose()
    return assessment_id


def a_person(
    session: Session, email: str, name: str, role: str, *, locale: Locale = Locale.ZH
) -> User:
    return accounts.create_user(
        session,
        email=email,
        name=name,
        password_hash=hash_password(PASSWORD),
        roles=[role],
        locale=locale,
        now=NOW,
    )


# -------------------------------------------------------------------- browsers


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    assert CHROMIUM, "install Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM, args=list(ARGUMENTS), env=_with_fonts(tmp_path_factory)
    )
    yield browser
    browser.close()


def _with_fonts(folders: pytest.TempPathFactory) -> dict[str, str | float | bool]:
    """For pictures: the fonts of the reports, by a name that the style sheet asks for."""
    if not os.environ.get("SURVEY_PICTURES"):
        return {**os.environ}
    folder = folders.mktemp("fontconfig")
    listed = folder / "fonts.conf"
    listed.write_text(
        "<!DOCTYPE fontconfig SYSTEM 'fonts.dtd'><fontconfig>"
        f"<dir>{FONTS.absolute()}</dir><dir>/usr/share/fonts</dir><cachedir>{folder}</cachedir>"
        "<selectfont><rejectfont><glob>*Serif*</glob><glob>*Math*</glob><glob>*Mono*</glob>"
        "</rejectfont></selectfont>"
        "<match target='scan'><test name='family'><string>Noto Sans SC Thin</string></test>"
        "<edit name='family' mode='assign'><string>Noto Sans CJK SC</string></edit></match>"
        "</fontconfig>",
        encoding="utf-8",
    )
    return {**os.environ, "FONTCONFIG_FILE": str(listed)}


Opener = Callable[..., Page]

_ADDRESSES = count()


@pytest.fixture
def open_browser(chromium: Browser, site: Site) -> Iterator[Opener]:
    """Open a window of somebody at an address of their own, as behind a proxy.

    At the end nothing may have been complained about in its console.
    """
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
            extra_http_headers={"X-Forwarded-For": f"192.0.2.{next(_ADDRESSES) % 250 + 1}"},
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
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


def speak(page: Page, tag: str) -> None:
    """The language of the site as `tag` says, whatever the person's own is."""
    if not tag.startswith(page.locator("html").get_attribute("lang") or "?"):
        page.locator(".top-end button[name=language]").last.click()
        page.wait_for_load_state()


def must_be_accessible(page: Page) -> None:
    """WCAG 2.2 A and AA as far as a program can tell, and no sideways scrolling.

    Once no colour is on its way from one to another: half-way they contrast with nothing.
    """
    page.evaluate(STANDING_STILL)
    found = Axe().run(page, options=WCAG)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
    sideways = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert sideways <= 0, f"{page.url} scrolls sideways by {sideways} px"


STANDING_STILL = """() => {
  const turning = document.getAnimations().filter((each) => each instanceof CSSTransition);
  return Promise.allSettled(turning.map((each) => each.finished));
}"""


def keep(page: Page, name: str, *, top: str, bottom: str) -> None:
    """The page from one element to the end of another, for documents; as `picture`, but small."""
    if folder := os.environ.get("SURVEY_PICTURES"):
        first, last = (page.locator(each).first.bounding_box() for each in (top, bottom))
        assert first, f"{name}: {top} is not on the page"
        assert last, f"{name}: {bottom} is not on the page"
        above = page.evaluate("scrollY") + first["y"] - MARGIN
        height = last["y"] + last["height"] - first["y"] + 2 * MARGIN
        cut = {"x": 0, "y": max(0, above), "width": DESK["width"], "height": min(height, TALLEST)}
        page.evaluate(STICKY, "static")
        taken = page.screenshot(full_page=True, clip=cut)  # type: ignore[arg-type]  # has all four
        page.evaluate(STICKY, "")
        drawn = Image.open(BytesIO(taken)).convert("RGB").quantize(COLOURS)
        drawn.save(Path(folder) / f"{name}.png", optimize=True)


def picture(page: Page, name: str) -> None:
    """Keep what the page looks like, for people to look at, where SURVEY_PICTURES says."""
    if folder := os.environ.get("SURVEY_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png")
