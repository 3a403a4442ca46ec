"""Reports: asked for, watched with and without script, downloaded by those who may."""

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import unquote

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.core.copies import Copy, Extent, Format, plainest
from survey.core.text import Languages, Locale
from survey.services import accounts, report_rows, reports
from survey.store.models import Report
from tests.browser import Browser, words_of
from tests.signing import latin_words
from tests.stored import (
    a_consultant,
    a_firm,
    a_member,
    a_submitted_assessment,
    an_administrator,
    an_assessment,
)
from tests.web.people import browser_of
from tests.web.reported import BOTH, PDF, asked, claimed, failed, made

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

WORD = Copy(Languages.ZH, Extent.SHORT, Format.DOCX)


@pytest.fixture
def delivered(app: Flask) -> list[str]:
    """The reports that the site handed to the workers."""
    handed: list[str] = []
    app.extensions["deliver"] = handed.append
    return handed


# ------------------------------------------------------------------------ asking


def test_the_usual_copy_is_chosen_beforehand(
    app: Flask, session: Session, delivered: list[str]
) -> None:
    _, owner = a_firm(session)
    assessment = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, owner)
    place = f"/assessments/{assessment.id}/reports"

    reply = browser.send(browser.get(place), place)

    (report_id,) = delivered
    assert reply.location == f"/reports/{report_id}"
    session.rollback()
    assert report_rows.copy_of(session.get_one(Report, report_id)) == BOTH


@pytest.mark.parametrize("languages", list(Languages))
@pytest.mark.parametrize("extent", list(Extent))
@pytest.mark.parametrize("kind", list(Format))
def test_every_copy_can_be_asked_for(
    app: Flask,
    session: Session,
    delivered: list[str],
    languages: Languages,
    extent: Extent,
    kind: Format,
) -> None:
    _, owner = a_firm(session)
    assessment = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, owner)
    place = f"/assessments/{assessment.id}/reports"

    browser.send(
        browser.get(place), place, languages=languages.value, extent=extent.value, format=kind.value
    )

    (report_id,) = delivered
    session.rollback()
    made_of = report_rows.copy_of(session.get_one(Report, report_id))
    assert made_of == plainest(Copy(languages, extent, kind))


def test_asking_twice_is_the_same_report(
    app: Flask, session: Session, delivered: list[str]
) -> None:
    _, owner = a_firm(session)
    assessment = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, owner)
    place = f"/assessments/{assessment.id}/reports"

    first = browser.post(place, {"languages": "zh"})
    second = browser.post(place, {"languages": "zh"})

    assert first.location == second.location
    assert len(set(delivered)) == 1


@pytest.mark.parametrize(
    "forged",
    [
        {"languages": ""},
        {"languages": "fr"},
        {"languages": "zh,en"},
        {"extent": "whole"},
        {"format": "exe"},
        {"format": "../../etc/passwd"},
    ],
)
@pytest.mark.parametrize("locale", list(Locale))
def test_a_copy_that_does_not_exist_is_refused_in_a_sentence(
    app: Flask,
    session: Session,
    delivered: list[str],
    forged: dict[str, str],
    locale: Locale,
) -> None:
    _, owner = a_firm(session)
    assessment = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, owner, language=locale)

    reply = browser.post(f"/assessments/{assessment.id}/reports", forged)

    assert reply.status == 400
    assert reply.lang == locale.html_lang
    if locale is Locale.EN:
        assert "There is no such copy of the report." in reply.text
    assert not delivered


def test_there_is_no_report_before_the_answers_are_in(
    app: Flask, session: Session, delivered: list[str]
) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner)

    reply = browser.post(f"/assessments/{assessment.id}/reports", {"languages": "zh"})

    assert reply.status == 422
    assert "There is no result yet" in reply.text
    assert not delivered
    assert browser.get(f"/assessments/{assessment.id}/reports").status == 422
    assert browser.get(f"/assessments/{assessment.id}/report").status == 422


# ----------------------------------------------------------------- the list of copies


def test_the_list_shows_state_format_size_pages_and_date(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    report = asked(session, owner)
    made(app, session, report)
    waiting = reports.ask(session, owner, report.assessment_id, WORD, now=datetime.now(UTC))
    claimed(session, waiting, progress=40)
    browser = browser_of(app, session, owner)

    page = browser.get(f"/assessments/{report.assessment_id}/reports")

    rows = [words_of(row) for row in page.all("tr")[1:]]
    assert any(
        "Report in Chinese and English" in row and "Ready" in row and "PDF" in row and "12" in row
        for row in rows
    )
    assert any(
        "Short report in Chinese" in row and "Being made 40%" in row and "Word" in row
        for row in rows
    )
    assert f"/reports/{report.id}/file" in page.links()
    assert f"/reports/{waiting.id}/file" not in page.links()


def test_no_english_word_stands_on_a_chinese_page(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    report = asked(session, owner)
    made(app, session, report)
    other = reports.ask(session, owner, report.assessment_id, WORD, now=datetime.now(UTC))
    failed(session, other)
    browser = browser_of(app, session, owner, language=Locale.ZH)
    known = ("PDF", "Word", "Excel", "JSON", "SHA-256", "kB", report.id, report.file_sha256 or "")

    for address in (
        f"/assessments/{report.assessment_id}/reports",
        f"/reports/{report.id}",
        f"/reports/{other.id}",
    ):
        assert latin_words(browser.get(address), *known) == set()


# ----------------------------------------------------------------- one report's page


def test_a_waiting_report_is_watched_with_and_without_script(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    report = asked(session, owner)
    browser = browser_of(app, session, owner)

    waiting = browser.get(f"/reports/{report.id}")
    claimed(session, report, progress=40)
    state = browser.get(f"/reports/{report.id}/state").json

    assert 'http-equiv="refresh"' in waiting.html
    assert waiting.one("p", role="status").get("aria-live") == "polite"
    assert "waits for its turn" in waiting.text
    assert state == {
        "state": "rendering",
        "open": True,
        "progress": 40,
        "message": "The report is being made: 40% done.",
    }


def test_a_report_that_is_nearly_there_is_being_checked(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    report = asked(session, owner)
    claimed(session, report, progress=97)

    page = browser_of(app, session, owner).get(f"/reports/{report.id}")

    assert "The report is being checked: 97% done." in page.text


def test_a_report_can_be_called_off_and_asked_for_after_all(
    app: Flask, session: Session, delivered: list[str]
) -> None:
    _, owner = a_firm(session)
    report = asked(session, owner)
    browser = browser_of(app, session, owner)
    place = f"/reports/{report.id}"

    off = browser.send(browser.get(place), f"{place}/cancel")
    page = browser.follow(off)
    state = browser.get(f"{place}/state").json
    again = browser.send(page, f"{place}/retry")

    assert "The report was cancelled." in page.text
    assert (state["state"], state["open"]) == ("cancelled", False)
    assert again.location == place
    assert delivered == [report.id]


def test_a_failed_report_says_why_and_can_be_tried_again(
    app: Flask, session: Session, delivered: list[str]
) -> None:
    _, owner = a_firm(session)
    report = asked(session, owner)
    failed(session, report)
    browser = browser_of(app, session, owner)

    page = browser.get(f"/reports/{report.id}")
    reply = browser.send(page, f"/reports/{report.id}/retry")

    assert page.status == 200
    assert "tried 5 times" in page.text
    assert reply.location == f"/reports/{report.id}"
    assert delivered == [report.id]


@pytest.mark.parametrize("locale", list(Locale))
@pytest.mark.parametrize(
    ("place", "zh", "en"),
    [
        ("product", "关于product的问题？”", "What about product?”"),
        ("planning", "关于planning的问题？”", "What about planning?”"),
        ("production-type", "“关于production-type的问题？”", "“What about production-type?”"),
        ("firm", "“企业名称”", "“Name of the firm”"),
        ("everything", "“板块everything”", "“Section everything”"),
        ("roadmap", "“roadmap”", "“roadmap”"),
    ],
)
def test_a_character_without_a_shape_is_named_with_its_place_in_the_readers_words(
    app: Flask, session: Session, locale: Locale, place: str, zh: str, en: str
) -> None:
    firm, owner = a_firm(session)
    report = asked(session, owner)
    failed(session, report, "missing-glyph", character="😀", codepoint="U+1F600", place=place)
    consultant = browser_of(app, session, a_consultant(session, firm), language=locale)

    page = browser_of(app, session, owner, language=locale).get(f"/reports/{report.id}")

    answer = f"/assessments/{report.assessment_id}/check#answer-{place}"
    assert "“😀”" in page.text
    assert (zh if locale is Locale.ZH else en) in page.text
    assert (answer in page.links()) == (place in ("product", "planning", "production-type"))
    assert answer not in consultant.get(f"/reports/{report.id}").links()
    assert any(f"/assessments/{report.assessment_id}/report?" in link for link in page.links())


def test_the_answer_that_a_reason_speaks_of_is_found_on_its_page(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    report = asked(session, owner)

    page = browser_of(app, session, owner).get(f"/assessments/{report.assessment_id}/check")

    assert "What about product?" in words_of(page.by_id("answer-product"))


# --------------------------------------------------------------------- the file


def test_a_finished_report_is_downloaded_byte_for_byte(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    report = asked(session, owner)
    made(app, session, report)
    browser = browser_of(app, session, owner)
    page = browser.get(f"/reports/{report.id}")

    reply = browser.get(f"/reports/{report.id}/file").response

    assert "12 pages" in page.text
    assert f"/reports/{report.id}/file" in page.links()
    assert reply.get_data() == PDF
    assert reply.mimetype == "application/pdf"
    assert reply.headers["Content-Disposition"].startswith("attachment")
    assert reply.headers["Cache-Control"] == "private, no-cache"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["ETag"] == f'"{report.file_sha256}"'
    reply.close()


@pytest.mark.parametrize(
    ("locale", "copy", "expected"),
    [
        (Locale.EN, BOTH, "江海阀门有限公司-Report-Chinese-English-20260301.pdf"),
        (Locale.EN, WORD, "江海阀门有限公司-Short-report-Chinese-20260301.docx"),
    ],
)
def test_the_file_has_a_name_that_says_what_it_is(
    app: Flask, session: Session, locale: Locale, copy: Copy, expected: str
) -> None:
    _, owner = a_firm(session)
    report = asked(session, owner, copy)
    made(app, session, report)

    reply = browser_of(app, session, owner, language=locale).get(f"/reports/{report.id}/file")
    said = reply.response.headers["Content-Disposition"]
    reply.response.close()

    name = unquote(said.partition("filename*=UTF-8''")[2])
    assert (
        name.partition("-")[2].rpartition("-")[0] == expected.partition("-")[2].rpartition("-")[0]
    )
    assert name.startswith("江海阀门有限公司-")
    assert reply.response.mimetype == copy.format.media_type


def test_a_browser_that_has_the_file_is_not_sent_it_again(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    member = a_member(session, firm)
    report = asked(session, owner)
    made(app, session, report)
    known = {"If-None-Match": f'"{report.file_sha256}"'}
    browser = browser_of(app, session, member)

    reply = browser.get(f"/reports/{report.id}/file", headers=known)

    assert reply.status == 304
    assert reply.response.headers["Cache-Control"] == "private, no-cache"
    assert not reply.response.get_data()
    reply.response.close()


def test_who_may_not_see_the_report_is_not_told_that_the_file_is_the_same(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    _, stranger = a_firm(session, "远山机械有限公司")
    report = asked(session, owner)
    made(app, session, report)
    known = {"If-None-Match": f'"{report.file_sha256}"'}

    reply = browser_of(app, session, stranger).get(f"/reports/{report.id}/file", headers=known)

    assert reply.status == 404


def test_a_report_that_is_not_there_yet_has_no_file(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    report = asked(session, owner)

    page = browser_of(app, session, owner).get(f"/reports/{report.id}/file")

    assert page.status == 404
    assert "waits for its turn" in page.text


def test_a_file_that_is_gone_is_said_and_can_be_made_again(
    app: Flask, session: Session, delivered: list[str]
) -> None:
    _, owner = a_firm(session)
    report = asked(session, owner)
    made(app, session, report).unlink()
    browser = browser_of(app, session, owner)

    page = browser.get(f"/reports/{report.id}/file")
    reply = browser.send(page, f"/reports/{report.id}/retry")

    assert page.status == 404
    assert "The file of this report is no longer available." in page.text
    assert reply.location == f"/reports/{report.id}"
    assert delivered == [report.id]


@pytest.mark.parametrize("damage", [PDF[:20], PDF.swapcase(), b""])
def test_a_damaged_file_is_not_handed_out_and_can_be_made_again(
    app: Flask, session: Session, delivered: list[str], damage: bytes
) -> None:
    _, owner = a_firm(session)
    report = asked(session, owner)
    path = made(app, session, report)
    path.write_bytes(damage)
    browser = browser_of(app, session, owner)

    page = browser.get(f"/reports/{report.id}/file")
    browser.send(page, f"/reports/{report.id}/retry")
    made(app, session, report)

    assert page.status == 404
    assert delivered == [report.id]
    assert path.read_bytes() == PDF


def test_a_file_that_came_back_is_handed_out_while_it_waits_to_be_made_again(
    app: Flask, session: Session, delivered: list[str]
) -> None:
    _, owner = a_firm(session)
    report = asked(session, owner)
    path = made(app, session, report)
    aside = path.rename(path.parent / "aside")
    browser = browser_of(app, session, owner)
    browser.send(browser.get(f"/reports/{report.id}/file"), f"/reports/{report.id}/retry")
    away = browser.get(f"/reports/{report.id}/file")
    aside.rename(path)

    back = browser.get(f"/reports/{report.id}/file")

    assert away.status == 404
    assert "waits for its turn" in away.text
    assert back.response.get_data() == PDF


def test_a_lost_report_that_would_be_another_today_is_explained(
    app: Flask, session: Session, delivered: list[str]
) -> None:
    _, owner = a_firm(session)
    report = asked(session, owner)
    made(app, session, report).unlink()
    accounts.rename_firm(session, owner, firm_name="江海流体控制有限公司", now=datetime.now(UTC))
    session.commit()
    browser = browser_of(app, session, owner)

    lost = browser.send(browser.get(f"/reports/{report.id}/file"), f"/reports/{report.id}/retry")
    page = browser.follow(lost)
    another = browser.send(page, f"/reports/{report.id}/retry")

    assert lost.location == f"/reports/{report.id}"
    assert "Copies that were handed out stay valid" in page.text
    assert another.location not in (None, lost.location)
    assert len(delivered) == 1
    assert Browser(app).get(f"/verify/{report.id}").status == 200


# -------------------------------------------------------------- the edition on screen


@pytest.mark.parametrize("languages", list(Languages))
@pytest.mark.parametrize("extent", list(Extent))
def test_the_report_can_be_read_in_the_browser(
    app: Flask, session: Session, languages: Languages, extent: Extent
) -> None:
    _, owner = a_firm(session)
    assessment = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, owner)

    page = browser.get(f"/assessments/{assessment.id}/report?languages={languages}&extent={extent}")

    assert page.status == 200
    assert "江海阀门有限公司" in page.text
    assert page.lang == languages.locales[0].html_lang
    assert "'unsafe-inline'" not in page.response.headers["Content-Security-Policy"]
    assert page.response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("query", ["languages=fr", "extent=half", "languages=%00", "extent="])
def test_an_edition_that_does_not_exist_is_refused(
    app: Flask, session: Session, query: str
) -> None:
    _, owner = a_firm(session)
    assessment = a_submitted_assessment(session, owner)

    page = browser_of(app, session, owner).get(f"/assessments/{assessment.id}/report?{query}")

    assert page.status == 400
    assert "There is no such copy of the report." in page.text


def test_the_edition_counts_as_asking(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    assessment = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, owner)
    app.config["RATELIMIT_ENABLED"] = True

    replies = {
        browser.get(f"/assessments/{assessment.id}/report?extent=x").status for _ in range(31)
    }

    assert replies == {400, 429}


# ------------------------------------------------------------------- whose it is


DOORS: tuple[Callable[[Report], tuple[str, str]], ...] = (
    lambda report: ("GET", f"/assessments/{report.assessment_id}/reports"),
    lambda report: ("POST", f"/assessments/{report.assessment_id}/reports"),
    lambda report: ("GET", f"/assessments/{report.assessment_id}/report"),
    lambda report: ("GET", f"/reports/{report.id}"),
    lambda report: ("GET", f"/reports/{report.id}/state"),
    lambda report: ("GET", f"/reports/{report.id}/file"),
    lambda report: ("POST", f"/reports/{report.id}/cancel"),
    lambda report: ("POST", f"/reports/{report.id}/retry"),
)


@pytest.mark.parametrize("door", range(len(DOORS)))
@pytest.mark.parametrize("who", ["stranger", "unassigned"])
def test_a_report_of_others_looks_as_if_it_did_not_exist(
    app: Flask, session: Session, delivered: list[str], door: int, who: str
) -> None:
    firm, owner = a_firm(session)
    other, stranger = a_firm(session, "远山机械有限公司")
    actor = stranger if who == "stranger" else a_consultant(session, other)
    report = asked(session, owner)
    made(app, session, report)
    browser = browser_of(app, session, actor)
    method, address = DOORS[door](report)

    reply = browser.get(address) if method == "GET" else browser.post(address)

    assert reply.status == 404
    assert firm.name not in reply.response.get_data(as_text=True)
    assert not delivered


@pytest.mark.parametrize("door", range(len(DOORS)))
@pytest.mark.parametrize("who", ["member", "assigned", "administrator"])
def test_those_who_may_see_the_firm_reach_its_reports(
    app: Flask, session: Session, delivered: list[str], door: int, who: str
) -> None:
    firm, owner = a_firm(session)
    actor = {
        "member": lambda: a_member(session, firm),
        "assigned": lambda: a_consultant(session, firm),
        "administrator": lambda: an_administrator(session),
    }[who]()
    report = asked(session, owner)
    made(app, session, report)
    browser = browser_of(app, session, actor)
    method, address = DOORS[door](report)

    reply = browser.get(address) if method == "GET" else browser.post(address)

    assert reply.status in (200, 303)
    reply.response.close()


def test_forms_without_a_token_are_refused(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    report = asked(session, owner)
    browser: Browser = browser_of(app, session, owner)

    for act in ("cancel", "retry"):
        assert browser.client.post(f"/reports/{report.id}/{act}").status_code == 400
    session.rollback()
    session.refresh(report)
    assert report.state == "queued"
