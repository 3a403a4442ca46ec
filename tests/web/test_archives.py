"""Archives: many firms' reports in one file, for those in whose care the firms are."""

import csv
import hashlib
import json
import zipfile
from datetime import datetime
from io import BytesIO, StringIO
from urllib.parse import unquote

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.core.text import Locale
from survey.services.people import Actor
from survey.services.report_inputs import CHINA
from survey.store.models import Report
from survey.web import sending
from tests.browser import Browser, Page
from tests.signing import latin_words
from tests.stored import (
    a_consultant,
    a_firm,
    a_member,
    a_submitted_assessment,
    a_version,
    an_administrator,
)
from tests.web.people import browser_of
from tests.web.reported import claimed, failed, made

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

NAMES = ("江海阀门有限公司", "远山机械有限公司", "云溪铸造有限公司")


class Region:
    """Three firms, the last without a submission, in the care of one consultant."""

    def __init__(self, session: Session) -> None:
        version = a_version(session)
        firms = [a_firm(session, name) for name in NAMES]
        self.firms = [firm for firm, _ in firms]
        self.owners = [owner for _, owner in firms]
        for owner in self.owners[:2]:
            a_submitted_assessment(session, owner, version=version)
        self.consultant = a_consultant(session, *self.firms)

    def ids(self) -> list[str]:
        return [str(firm.id) for firm in self.firms]


@pytest.fixture
def delivered(app: Flask) -> list[str]:
    handed: list[str] = []
    app.extensions["deliver-later"] = lambda *numbers: handed.extend(numbers)
    return handed


def packed(browser: Browser, *firms: str) -> Page:
    return browser.send(browser.get("/archives"), "/archives", firm=list(firms), which="chosen")


def the_reports(session: Session) -> list[Report]:
    session.rollback()
    return list(session.scalars(select(Report).order_by(Report.assessment_id)))


def test_a_consultant_packs_two_firms_and_watches(
    app: Flask, session: Session, delivered: list[str]
) -> None:
    region = Region(session)
    browser = browser_of(app, session, region.consultant)

    asked = packed(browser, *region.ids()[:2])
    first, second = the_reports(session)
    waiting = browser.follow(asked)
    made(app, session, first, b"%PDF the first")
    half = browser.get(f"{asked.location}/state").json
    made(app, session, second, b"%PDF the second")
    done = browser.get(asked.location)

    assert set(delivered) == {first.id, second.id}
    assert 'http-equiv="refresh"' in waiting.html
    assert "0 of 2 are ready" in waiting.text
    assert half == {
        "state": "making",
        "open": True,
        "stage": "making-1-0",
        "progress": 50,
        "message": "The reports are being made: 1 of 2 are ready.",
    }
    assert "2 of 2 reports are ready." in done.text
    assert f"{asked.location}/file" in done.links()
    assert asked.location in browser.get("/archives").links()


def test_the_file_holds_the_reports_and_a_list_of_them(
    app: Flask, session: Session, delivered: list[str]
) -> None:
    region = Region(session)
    browser = browser_of(app, session, region.consultant)
    asked = packed(browser, *region.ids())
    contents = (b"%PDF the first" * sending.LARGEST_WHOLE, b"%PDF the second")
    for report, content in zip(the_reports(session), contents, strict=True):
        made(app, session, report, content)

    reply = browser.get(f"{asked.location}/file").response
    streamed, body = reply.is_streamed, reply.get_data()

    assert reply.mimetype == "application/zip"
    assert reply.content_length == len(body)
    assert streamed
    with zipfile.ZipFile(BytesIO(body)) as archive:
        assert archive.testzip() is None
        listed = json.loads(archive.read("manifest.json"))["items"]
        rows = list(csv.reader(StringIO(archive.read("manifest.csv").decode("utf-8-sig"))))
        for item in listed[:2]:
            assert hashlib.sha256(archive.read(item["file"])).hexdigest() == item["sha256"]
    assert [item["firm"] for item in listed] == list(NAMES)
    assert listed[2]["file"] is None
    assert listed[2]["sentence"]
    assert len(rows) == 4
    reply.close()


@pytest.mark.parametrize("locale", list(Locale))
def test_one_download_too_many_is_asked_to_wait(
    app: Flask, session: Session, delivered: list[str], locale: Locale
) -> None:
    region = Region(session)
    browser = browser_of(app, session, region.consultant, language=locale)
    asked = packed(browser, region.ids()[0])
    made(app, session, the_reports(session)[0])
    running = [sending.Stream(iter(())) for _ in range(sending.MOST_STREAMS)]

    refused = browser.get(f"{asked.location}/file")
    running.pop().close()
    served = browser.get(f"{asked.location}/file")

    for stream in running:
        stream.close()
    assert (refused.status, refused.response.headers["Retry-After"]) == (503, "30")
    assert refused.lang == locale.html_lang
    if locale is Locale.EN:
        assert "Several archives are being downloaded at this moment." in refused.text
    assert served.status == 200


def test_the_file_is_called_by_the_day_in_china(
    app: Flask, session: Session, delivered: list[str]
) -> None:
    region = Region(session)
    browser = browser_of(app, session, region.consultant)
    asked = packed(browser, region.ids()[0])
    made(app, session, the_reports(session)[0])
    days = [f"{datetime.now(CHINA):%Y%m%d}"]

    said = browser.get(f"{asked.location}/file").response.headers["Content-Disposition"]

    days.append(f"{datetime.now(CHINA):%Y%m%d}")
    assert any(f"qizhen-{day}.zip" in said for day in days)


@pytest.mark.parametrize("who", ["consultant", "administrator", "another consultant"])
def test_what_is_missing_can_be_asked_for_again(
    app: Flask, session: Session, delivered: list[str], who: str
) -> None:
    region = Region(session)
    browser = browser_of(app, session, region.consultant)
    asked = packed(browser, *region.ids())
    first, second = the_reports(session)
    made(app, session, first).unlink()
    failed(session, second)
    actor: Actor = {
        "consultant": lambda: region.consultant,
        "administrator": lambda: an_administrator(session),
        "another consultant": lambda: a_consultant(session, *region.firms, name="林顾问"),
    }[who]()
    delivered.clear()

    page = browser.get(asked.location)
    reply = browser_of(app, session, actor).post(f"{asked.location}/again")

    assert f'action="{asked.location}/again"' in page.html
    assert "no longer on the disk" in page.text
    if who == "another consultant":
        assert (reply.status, delivered) == (404, [])
        return
    assert reply.location == asked.location
    assert set(delivered) == {first.id, second.id}
    assert "0 of 3 are ready" in browser.get(asked.location).text


def test_nothing_is_asked_for_again_of_what_is_there_or_under_way(
    app: Flask, session: Session, delivered: list[str]
) -> None:
    region = Region(session)
    browser = browser_of(app, session, region.consultant)
    asked = packed(browser, *region.ids())
    waiting = browser.get(asked.location)
    for report in the_reports(session):
        made(app, session, report)
    delivered.clear()

    page = browser.get(asked.location)
    browser.post(f"{asked.location}/again")

    for seen in (waiting, page):
        assert f"{asked.location}/again" not in seen.html
    assert delivered == []


@pytest.mark.parametrize("locale", list(Locale))
def test_the_file_has_a_name_in_the_readers_language(
    app: Flask, session: Session, delivered: list[str], locale: Locale
) -> None:
    region = Region(session)
    browser = browser_of(app, session, region.consultant, language=locale)
    asked = packed(browser, region.ids()[0])
    made(app, session, the_reports(session)[0])

    reply = browser.get(f"{asked.location}/file").response
    named = unquote(reply.headers["Content-Disposition"].partition("filename*=UTF-8''")[2])
    reply.close()

    assert named.endswith(".zip")
    assert named.isascii() is (locale is Locale.EN)


def test_all_that_have_submitted_are_packed_at_once(
    app: Flask, session: Session, delivered: list[str]
) -> None:
    Region(session)
    browser = browser_of(app, session, an_administrator(session))

    page = browser.follow(browser.post("/archives", {"which": "all"}))

    assert NAMES[0] in page.text
    assert NAMES[1] in page.text
    assert NAMES[2] not in page.text


def test_firms_are_found_by_name(app: Flask, session: Session) -> None:
    region = Region(session)
    browser = browser_of(app, session, region.consultant)

    found = browser.get("/archives?q=远山")
    none = browser.get("/archives?q=nobody")

    assert NAMES[1] in found.text
    assert NAMES[0] not in found.text
    assert "No firm has this in its name." in none.text


def test_what_failed_is_named_with_its_reason(
    app: Flask, session: Session, delivered: list[str]
) -> None:
    region = Region(session)
    browser = browser_of(app, session, region.consultant)
    asked = packed(browser, *region.ids()[:2])
    first, second = the_reports(session)
    made(app, session, first)
    failed(session, second)

    page = browser.get(asked.location)

    assert "1 of 2 reports are ready" in page.text
    assert "tried 5 times" in page.text
    assert f"{asked.location}/file" in page.links()


@pytest.mark.parametrize("locale", list(Locale))
def test_a_character_without_a_shape_is_named_with_the_question_it_stands_in(
    app: Flask, session: Session, delivered: list[str], locale: Locale
) -> None:
    region = Region(session)
    browser = browser_of(app, session, region.consultant, language=locale)
    asked = packed(browser, region.ids()[0])
    glyph = {"character": "😀", "codepoint": "U+1F600", "place": "product"}
    failed(session, the_reports(session)[0], "missing-glyph", **glyph)

    page = browser.get(asked.location)

    prompt = "What about product?" if locale is Locale.EN else "关于product的问题？"
    assert f"{prompt}”" in page.text


def test_an_archive_of_failures_alone_is_not_offered(
    app: Flask, session: Session, delivered: list[str]
) -> None:
    region = Region(session)
    browser = browser_of(app, session, region.consultant)
    asked = packed(browser, region.ids()[0])
    failed(session, the_reports(session)[0])

    page = browser.get(asked.location)

    assert "None of the reports could be made" in page.text
    assert f"{asked.location}/file" not in page.links()


def test_an_archive_is_not_handed_out_half_done(
    app: Flask, session: Session, delivered: list[str]
) -> None:
    region = Region(session)
    browser = browser_of(app, session, region.consultant)
    asked = packed(browser, region.ids()[0])
    claimed(session, the_reports(session)[0], progress=50)

    reply = browser.get(f"{asked.location}/file")

    assert reply.status == 422
    assert reply.response.mimetype == "text/html"


@pytest.mark.parametrize("locale", list(Locale))
def test_choosing_nothing_is_said_beside_the_list(
    app: Flask, session: Session, locale: Locale
) -> None:
    region = Region(session)
    browser = browser_of(app, session, region.consultant, language=locale)

    page = browser.post("/archives", {"which": "chosen"})

    assert page.status == 422
    assert page.by_id("firms-fault") is not None


def test_forged_choices_are_refused(app: Flask, session: Session, delivered: list[str]) -> None:
    region = Region(session)
    other, owner = a_firm(session, "别家铸造")
    a_submitted_assessment(session, owner)
    browser = browser_of(app, session, region.consultant)

    theirs = browser.post("/archives", {"firm": [region.ids()[0], str(other.id)]})
    nobodys = browser.post("/archives", {"firm": "987654"})
    copy = browser.post("/archives", {"firm": region.ids()[0], "languages": "fr"})
    words = browser.post("/archives", {"firm": "1 OR 1=1"})

    assert (theirs.status, nobodys.status, copy.status, words.status) == (404, 404, 400, 422)
    assert not delivered
    assert the_reports(session) == []


@pytest.mark.parametrize("who", ["consultant", "administrator"])
def test_the_archives_of_others(
    app: Flask, session: Session, delivered: list[str], who: str
) -> None:
    region = Region(session)
    asked = packed(browser_of(app, session, region.consultant), region.ids()[0])
    made(app, session, the_reports(session)[0])
    other: Actor = (
        a_consultant(session, *region.firms, name="林顾问")
        if who == "consultant"
        else an_administrator(session)
    )
    browser = browser_of(app, session, other)

    replies = [browser.get(asked.location + part) for part in ("", "/state", "/file")]

    expected = 404 if who == "consultant" else 200
    assert [reply.status for reply in replies] == [expected] * 3
    for reply in replies:
        reply.response.close()


def test_an_ended_assignment_takes_the_firm_out_of_the_archive(
    app: Flask, session: Session, delivered: list[str]
) -> None:
    region = Region(session)
    browser = browser_of(app, session, region.consultant)
    asked = packed(browser, *region.ids()[:2])
    for report in the_reports(session):
        made(app, session, report)
    office = browser_of(app, session, an_administrator(session))

    office.post(f"/admin/firms/{region.ids()[0]}/consultants/{region.consultant.user_id}/remove")
    page = browser.get(asked.location)

    assert NAMES[0] not in page.text
    assert NAMES[1] in page.text


@pytest.mark.parametrize("who", ["owner", "member", "nobody"])
def test_firms_people_have_no_archives(
    app: Flask, session: Session, delivered: list[str], who: str
) -> None:
    region = Region(session)
    asked = packed(browser_of(app, session, region.consultant), region.ids()[0])
    made(app, session, the_reports(session)[0])
    actors = {"owner": region.owners[0], "member": a_member(session, region.firms[0])}
    browser = Browser(app) if who == "nobody" else browser_of(app, session, actors[who])
    expected = 303 if who == "nobody" else 403

    for address in ("/archives", asked.location, f"{asked.location}/state"):
        assert browser.get(address).status == expected
    assert browser.get(f"{asked.location}/file").status == expected
    assert browser.post("/archives", {"firm": region.ids()[0]}).status == expected


def test_no_english_word_stands_on_a_chinese_page(
    app: Flask, session: Session, delivered: list[str]
) -> None:
    region = Region(session)
    browser = browser_of(app, session, region.consultant, language=Locale.ZH)
    asked = packed(browser, *region.ids())
    waiting = browser.get(asked.location)
    first, second = the_reports(session)
    made(app, session, first)
    failed(session, second)

    known = ("PDF", "Word", "Excel", "JSON", "kB", "test-bank")
    for page in (waiting, browser.get(asked.location), browser.get("/archives")):
        assert latin_words(page, *known) == set()
