"""Every page that somebody can reach, by the list of addresses itself: WCAG 2.2 AA, and narrow.

Each address is asked for as everybody it is declared for, in both languages; axe looks at it at
1280 and at 360 pixels, and nothing may scroll sideways at 360, nor at 640, which is a desk's
window at 200 per cent.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import product
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import application
from survey.core.colour import ACCENT
from survey.core.copies import Copy
from survey.core.editions import FULL
from survey.core.text import Languages, Locale
from survey.services import (
    archives,
    assessments,
    comments,
    drafts,
    invitations,
    packs,
    reports,
    trials,
)
from survey.services.people import Actor, actor_of
from survey.store.db import open_engine
from survey.store.models import Assessment, User
from survey.web.access import Role, declared
from tests.journeys.conftest import WCAG, Site, sign_in, speak
from tests.stored import NOW, a_file

DESK, ZOOMED, NARROW = 1280, 640, 360
LOCALES = ("zh-CN", "en-GB")
PEOPLE: Mapping[str, frozenset[Role]] = {
    "": frozenset({Role.PUBLIC}),
    "owner@example.com": frozenset({Role.SIGNED_IN, Role.FIRM, Role.OWNER}),
    "consultant@example.com": frozenset({Role.SIGNED_IN, Role.CONSULTANT}),
    "administrator@example.com": frozenset({Role.SIGNED_IN, Role.ADMINISTRATOR}),
}
NO_PAGES = {
    "static": "files",
    "bootstrap.static": "files",
    "security.logout": "ends the session that the walk needs",
    "evidence.listed": "a piece of a page, fetched by its script",
}
"""Endpoints that are never asked for, and why."""

FIRST = "sections/everything/domains/first/questions/"

MOVES = """() => [...document.querySelectorAll('*')].filter((element) => {
  const style = getComputedStyle(element);
  const lasts = (list) => list.split(',').some((each) => parseFloat(each) > 0.001);
  return lasts(style.transitionDuration) || (style.animationName !== 'none'
    && lasts(style.animationDuration)) || style.scrollBehavior === 'smooth';
}).map((element) => element.outerHTML.slice(0, 100)).slice(0, 5)"""

Facts = Mapping[str, Sequence[object]]


@pytest.fixture(scope="module")
def app(site: Site) -> Flask:
    return application.create_app(site.settings)


@pytest.fixture(scope="module")
def facts(site: Site) -> Facts:
    """What can stand for each part of an address: things of the first firm, in every state."""
    engine = open_engine(site.settings.database_url)
    with Session(engine) as session:
        owner = _actor(session, "owner@example.com")
        consultant = _actor(session, "consultant@example.com")
        member = session.scalars(select(User).filter_by(email="member@example.com")).one()
        done = session.get_one(Assessment, site.assessment_id)
        version_id, firm_id = done.bank_version_id, done.firm_id
        draft = assessments.start(session, owner, version_id=version_id, edition=FULL, now=NOW)
        copy = Copy(Languages.ZH)
        report = reports.ask(session, owner, done.id, copy, now=NOW)
        archive = archives.ask(session, consultant, [firm_id], copy, now=NOW)
        pack = packs.ask_for_assessment(
            session,
            owner,
            draft.id,
            languages=Languages.ZH,
            accent=ACCENT,
            folder=site.settings.reports_folder,
            now=NOW,
        )
        administrator = _actor(session, "administrator@example.com").user_id
        in_work = drafts.begin(session, source_id=version_id, by=administrator, now=NOW)
        trial = trials.ask(
            session,
            in_work.id,
            languages=Languages.ZH,
            folder=site.settings.reports_folder,
            now=NOW,
        )
        invitation = invitations.invite(
            session,
            owner,
            name="周敏",
            locale=Locale.ZH,
            scope="assigned",
            assessment_id=draft.id,
            page_keys=["everything"],
            now=datetime.now(UTC),
        )
        comments.add(session, owner, draft.id, "years", text="请设备科核对年数。", now=NOW)
        found: Facts = {
            "assessment_id": (done.id, draft.id),
            "report_id": (report.id,),
            "number": (report.id,),
            "archive_id": (archive.id,),
            "firm_id": (firm_id,),
            "version_id": (version_id, in_work.id),
            "name": ("xlsx", "xlsform"),
            "place": ("levels", FIRST + "planning", "profile/questions/size-class"),
            "user_id": (member.id,),
            "page_key": ("profile", "everything"),
            "section_key": ("everything",),
            "question_key": ("years",),
            "token": (invitation,),
            "pack_id": (pack.id,),
            "trial_id": (trial.id,),
            "file_id": (a_file(session, owner, draft.id).id,),
            "upload_id": ("0" * 32,),
        }
        session.commit()
    engine.dispose()
    return found


def _actor(session: Session, email: str) -> Actor:
    return actor_of(session, session.scalars(select(User).filter_by(email=email)).one().id)


@pytest.mark.parametrize("email", PEOPLE)
def test_every_page_is_accessible_in_both_languages_and_widths(
    chromium: Browser, site: Site, app: Flask, facts: Facts, email: str
) -> None:
    faults: list[str] = []
    for locale in LOCALES:
        context = chromium.new_context(
            base_url=site.address, locale=locale, reduced_motion="reduce"
        )
        page = context.new_page()
        if email:
            sign_in(page, email)
            speak(page, locale)
        for address in pages(context, addresses(app, facts, PEOPLE[email])):
            faults += [f"{email} {locale} {fault}" for fault in looked_at(page, address)]
        context.close()

    assert not faults, "\n".join(faults)


def addresses(app: Flask, facts: Facts, roles: frozenset[Role]) -> Iterator[str]:
    """Every address that can be asked for, with everything that can stand in it."""
    places = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if rule.endpoint in NO_PAGES or "GET" not in (rule.methods or ()):
            continue
        if declared(app, rule.endpoint).isdisjoint(roles):
            continue
        names = sorted(rule.arguments)
        unknown = [name for name in names if name not in facts]
        assert not unknown, f"say in `facts` what stands for {unknown} in {rule.rule}"
        for values in product(*(facts[name] for name in names)):
            yield places.build(rule.endpoint, dict(zip(names, values, strict=True)))


def pages(context: BrowserContext, asked: Iterator[str]) -> list[str]:
    """Those that are pages, where they lead in the end, once each."""
    found: dict[str, None] = {}
    for address in asked:
        reply = context.request.get(address)
        assert reply.status not in (429, 500, 503), f"{address} answered {reply.status}"
        if reply.ok and reply.headers.get("content-type", "").startswith("text/html"):
            parts = urlsplit(reply.url)
            found[f"{parts.path}?{parts.query}".rstrip("?")] = None
        reply.dispose()
    return list(found)


def looked_at(page: Page, address: str) -> Iterator[str]:
    """What is wrong with one page."""
    for width in (DESK, NARROW):
        page.set_viewport_size({"width": width, "height": 900})
        if width == DESK:
            page.goto(address)
        result = Axe().run(page, options=WCAG)
        if result.violations_count:
            yield f"{address} at {width} px\n{result.generate_report()}"
    for width in (NARROW, ZOOMED):
        page.set_viewport_size({"width": width, "height": 900})
        sideways = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if sideways > 0:
            yield f"{address} at {width} px scrolls sideways by {sideways} px"
    if moving := page.evaluate(MOVES):
        yield f"{address} moves although the reader prefers that nothing does: {moving}"
