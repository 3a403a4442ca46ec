"""The journey around the questions: begin, hub, check, submit, result, trace."""

from datetime import timedelta
from xml.etree.ElementTree import Element

import pytest
from flask import Flask
from flask_sqlalchemy.session import Session as SiteSession
from sqlalchemy import delete, event, insert
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from survey.core.text import Locale
from survey.store.models import AnswerChange, Assessment
from tests.browser import Page, words_of
from tests.builders import (
    FULL_ANSWERS,
    a_profile,
    bank_data,
    domain,
    number,
    points_bank_data,
    section,
    two_years,
    words,
)
from tests.stored import (
    NOW,
    a_consultant,
    a_firm,
    a_member,
    a_submitted_assessment,
    a_version,
    an_assessment,
)
from tests.web.people import browser_of


def test_a_firm_begins_an_assessment_and_arrives_at_its_hub(app: Flask, session: Session) -> None:
    a_version(session)
    _, owner = a_firm(session)
    browser = browser_of(app, session, owner)
    page = browser.get("/firm")

    hub = browser.follow(browser.send(page, "/firm/assessments", version="1"))

    assert words_of(hub.one("h1")) == "Test bank"
    assert "0 of 9 questions answered" in hub.text
    assert "/assessments/1/pages/everything" in hub.links()


def test_beginning_leads_on_even_if_the_assessment_is_gone_in_the_next_moment(
    app: Flask, session: Session, engine: Engine
) -> None:
    a_version(session)
    _, owner = a_firm(session)
    browser = browser_of(app, session, owner)
    page = browser.get("/firm")

    def erase(_committed: Session) -> None:
        with engine.begin() as connection:
            connection.execute(delete(Assessment))

    event.listen(SiteSession, "after_commit", erase, once=True)
    begun = browser.send(page, "/firm/assessments", version="1")

    assert (begun.status, begun.location) == (303, "/assessments/1")
    assert browser.follow(begun).status == 404


def test_the_hub_says_for_each_page_how_far_it_is(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    answers = {"production-type": {"option": "discrete"}, "years": {"number": "5"}}
    assessment = an_assessment(session, owner, answers=answers)
    browser = browser_of(app, session, owner)

    page = browser.get(f"/assessments/{assessment.id}")

    steps = [words_of(item) for item in page.all("ol", **{"class": "steps"})[0].iter("li")]
    assert "1 of 2" in steps[0]
    assert "Required ones done" in steps[0]
    assert "1 of 7" in steps[1]
    assert "In progress" in steps[1]


def test_every_missing_question_is_a_link_to_its_own_field(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner)
    page = browser.get(f"/assessments/{assessment.id}/missing")
    missing = [link for link in page.links() if "#q_" in link]

    for link in missing:
        address, _, name = link.partition("#")
        field = browser.get(address).by_id(name)

        assert field.tag in ("input", "select", "textarea"), link
    assert len(missing) == 8


def test_an_incomplete_assessment_is_not_submitted(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers={"years": {"number": "5"}})
    browser = browser_of(app, session, owner)

    page = browser.post(f"/assessments/{assessment.id}/submit")

    assert page.status == 422
    assert "There is a problem" in page.text
    assert any(link.endswith("#q_planning") for link in page.links())
    session.refresh(assessment)
    assert assessment.submitted_at is None


def test_the_owner_submits_and_sees_the_result(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers=FULL_ANSWERS)
    browser = browser_of(app, session, owner)
    check = browser.get(f"/assessments/{assessment.id}/check")

    page = browser.follow(browser.send(check, f"/assessments/{assessment.id}/submit"))

    assert words_of(page.one("h1")) == "Result"
    assert "Self-declared, indicative" in page.text
    assert "What blocks the next level" in page.text


def test_a_member_reads_who_can_submit_and_cannot(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers=FULL_ANSWERS)
    browser = browser_of(app, session, a_member(session, firm))

    check = browser.get(f"/assessments/{assessment.id}/check")
    refused = browser.post(f"/assessments/{assessment.id}/submit")

    assert "The owner of your firm can now submit" in check.text
    assert not [f for f in check.all("form") if f.get("action", "").endswith("/submit")]
    assert refused.status == 403
    session.refresh(assessment)
    assert assessment.submitted_at is None


def test_the_result_shows_each_score_of_the_radar_in_a_table(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    assessment = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, owner)

    page = browser.get(f"/assessments/{assessment.id}/result")

    table = next(t for t in page.all("table") if "Scores of the sections" in words_of(t))
    assert "Section everything" in words_of(table)


def test_the_trace_adds_up_to_the_total(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    assessment = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, owner)

    page = browser.get(f"/assessments/{assessment.id}/trace")

    cells = [
        [words_of(cell) for cell in row.iter("td")]
        for row in page.all("tr")
        if row.get("class") != "sub"
    ]
    points = sum(float(row[-1]) for row in cells if row and row[-1][0].isdigit())
    assert f"{points:.2f}" == words_of(page.all("dd")[-1])


def test_a_consultant_sees_result_and_trace_of_assigned_firms_alone(
    app: Flask, session: Session
) -> None:
    firm, owner = a_firm(session)
    _other, stranger = a_firm(session, "远山机械有限公司")
    mine = a_submitted_assessment(session, owner)
    theirs = a_submitted_assessment(session, stranger)
    browser = browser_of(app, session, a_consultant(session, firm))

    assert browser.get(f"/assessments/{mine.id}/result").status == 200
    assert browser.get(f"/assessments/{mine.id}/trace").status == 200
    assert browser.get(f"/assessments/{theirs.id}/result").status == 404
    assert browser.get(f"/assessments/{theirs.id}/trace").status == 404


def test_a_submitted_assessment_leads_to_its_result(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    assessment = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, owner)

    hub = browser.get(f"/assessments/{assessment.id}")
    page = browser.follow(browser.get(f"/assessments/{assessment.id}/pages/everything"))

    assert hub.location.endswith("/result")
    assert "can no longer be changed" in page.text


def test_every_page_of_the_journey_speaks_both_languages(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    submitted = a_submitted_assessment(session, owner).id
    under_way = an_assessment(session, owner).id
    places = ["/firm"]
    parts = ("", "/check", "/missing", "/sections", "/questions/years")
    places += [f"/assessments/{under_way}{part}" for part in parts]
    places += [f"/assessments/{under_way}/pages/{page}" for page in ("profile", "everything")]
    places += [f"/assessments/{submitted}{part}" for part in ("/result", "/trace", "/reopen")]

    for locale in Locale:
        browser = browser_of(app, session, owner, language=locale)
        for place in places:
            page = browser.get(place)

            assert page.status == 200, place
            assert page.lang == locale.html_lang, place


def test_the_result_shows_the_key_figures_with_their_change(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    version = a_version(session, bank_data(outcomes=a_profile(two_years())))
    given = {**FULL_ANSWERS, "productivity": {"numerator": "54", "denominator": "48"}}
    assessment = a_submitted_assessment(session, owner, version=version, answers=given)

    page = browser_of(app, session, owner).get(f"/assessments/{assessment.id}/result")

    (row,) = [words_of(row) for row in page.all("tr") if "54" in words_of(row)]
    assert "48" in row
    assert "12.5%" in row


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_sections_of_a_bank_without_their_levels_have_no_column_for_them(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    answers = {
        "production-type": {"option": "discrete"},
        "planning": {"option": "level-2"},
        "orders": {"option": "level-1"},
    }
    points = a_submitted_assessment(
        session, owner, version=a_version(session, points_bank_data(key="points")), answers=answers
    )
    levels = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, owner)

    columns = [
        [words_of(cell) for cell in scores(browser.get(f"/assessments/{one.id}/result")).iter("th")]
        for one in (points, levels)
    ]

    assert "Level" not in columns[0]
    assert "Level" in columns[1]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("locale", list(Locale))
def test_basic_requirements_that_are_not_met_stand_at_the_top_of_the_result(
    app: Flask, session: Session, locale: Locale
) -> None:
    _, owner = a_firm(session)
    unmet = {"statements": {"registered": "no", "permit": "yes"}}
    places = [
        f"/assessments/{a_submitted_assessment(session, owner, answers=given).id}/result"
        for given in (FULL_ANSWERS, {**FULL_ANSWERS, "conditions": unmet})
    ]
    browser = browser_of(app, session, owner, language=locale)

    met, not_met = (browser.get(place) for place in places)

    assert "#rule-conditions" not in met.links()
    assert "#rule-conditions" in not_met.links()
    (notice,) = not_met.all("div", **{"class": "notice notice-warning"})
    assert ("not met: 1" if locale is Locale.EN else "1项未满足") in words_of(notice)
    registered = "The firm is registered" if locale is Locale.EN else "已登记注册"
    (folded,) = [d for d in not_met.all("details") if registered in words_of(d)]
    assert folded.get("open") is not None


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_everybody_who_sees_a_result_reaches_all_its_answers(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    place = f"/assessments/{done.id}/result"
    consultant = browser_of(app, session, a_consultant(session, firm))

    links = consultant.get(place).links()

    edition = f"/assessments/{done.id}/report?languages=en#answers"
    assert edition in links
    assert f"/assessments/{done.id}/check" not in links
    assert consultant.get(edition).by_id("answers") is not None
    assert f"/assessments/{done.id}/check" in browser_of(app, session, owner).get(place).links()
    assert edition in consultant.get(f"/consultant/firms/{firm.id}").links()


def scores(page: Page) -> Element:
    """The table of the section scores."""
    (table,) = [t for t in page.all("table") if "scores" in t.get("class", "").split()]
    return table


def test_a_change_from_the_check_leads_back_to_its_row(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers=FULL_ANSWERS)
    browser = browser_of(app, session, owner)
    here = f"/assessments/{assessment.id}"
    check = browser.get(f"{here}/check")
    link = next(link for link in check.links() if link.endswith("#q_years"))
    page = browser.get(link.partition("#")[0])

    sent = browser.send(page, f"{here}/pages/everything", q_years="6")
    elsewhere = browser.send(page, f"{here}/pages/everything", go="hub")
    forged = browser.get(f"{here}/pages/everything?back=//evil.example")

    assert "Save and go back to the check" in page.text
    assert sent.location == f"{here}/check#answer-years"
    assert browser.get(f"{here}/check").by_id("answer-years").tag == "tr"
    assert elsewhere.location == here
    assert "evil" not in forged.html


def test_the_check_marks_what_was_typed_and_cannot_be_taken(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers=FULL_ANSWERS)
    browser = browser_of(app, session, owner)
    here = f"/assessments/{assessment.id}"
    page = browser.get(f"{here}/pages/everything")
    browser.send(page, f"{here}/pages/everything", q_years="many years")

    check = browser.get(f"{here}/check")
    hub = browser.get(here)
    missing = browser.get(f"{here}/missing")
    refused = browser.post(f"{here}/submit")

    row = words_of(check.by_id("answer-years"))
    assert "Needs correcting as typed: many years" in row
    assert "Needs a look" in hub.text
    assert "Needs correcting" in missing.text
    assert f"{here}/pages/everything#q_years" in missing.links()
    assert refused.status == 422
    assert [link for link in refused.links() if link.endswith("?back=years#q_years")]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (Locale.ZH, ["按所填内容保留：第3步", "此外，下一级已部分做到", "本企业文件"]),
        (
            Locale.EN,
            [
                "as typed: Step 3",
                "In addition, the next step is partly in place",
                "Document of our own",
            ],
        ),
    ],
)
def test_a_draft_is_shown_in_the_words_of_its_page(
    app: Flask, session: Session, language: Locale, said: list[str]
) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner, language=language)
    here = f"/assessments/{assessment.id}"
    page = browser.get(f"{here}/pages/everything")
    typed = {"q_planning": "level-3", "q_planning.half": "1", "q_planning.evidence": "document"}
    browser.send(page, f"{here}/pages/everything", **typed)

    check = words_of(browser.get(f"{here}/check").by_id("answer-planning"))
    history = browser.get(f"{here}/questions/planning").text

    assert all(words in check and words in history for words in said)
    assert "document" not in check
    assert "level-3" not in check


@pytest.mark.parametrize(
    ("language", "required", "optional"),
    [(Locale.ZH, "缺答（必填）", "未填（选填）"), (Locale.EN, "Missing", "Optional, left open")],
)
def test_the_check_tells_what_must_be_answered_from_what_may_stay_open(
    app: Flask, session: Session, language: Locale, required: str, optional: str
) -> None:
    _, owner = a_firm(session)
    profile = a_profile(words("main-product", required=True), words("city", required=False))
    version = a_version(session, bank_data(profile=profile, size_by=None))
    assessment = an_assessment(session, owner, version=version)
    browser = browser_of(app, session, owner, language=language)

    check = browser.get(f"/assessments/{assessment.id}/check")

    assert required in words_of(check.by_id("answer-main-product"))
    assert optional in words_of(check.by_id("answer-city"))


def test_unusual_figures_are_worth_a_second_look_and_hinder_nothing(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    question = number("years", likely={"low": 1, "high": 60})
    data = bank_data(section("everything", "A", domain("first", question)))
    answers = {"production-type": {"option": "discrete"}, "years": {"number": "90"}}
    version = a_version(session, data)
    assessment = an_assessment(session, owner, version=version, answers=answers)
    browser = browser_of(app, session, owner)

    check = browser.get(f"/assessments/{assessment.id}/check")
    sent = browser.send(check, f"/assessments/{assessment.id}/submit")

    assert "Worth a second look" in check.text
    assert "#answer-years" in check.links()
    assert sent.location.endswith("/result")


def test_the_hub_says_how_long_the_rest_takes_once_it_was_measured(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner)
    before = browser.get(f"/assessments/{assessment.id}").text
    for position in range(12):
        session.execute(
            insert(AnswerChange).values(
                assessment_id=assessment.id,
                question_key=f"q{position}",
                revision=1,
                after={"number": "1"},
                author_id=owner.user_id,
                at=NOW + timedelta(seconds=30 * position),
                outcome="saved",
            )
        )
    session.commit()

    after = browser.get(f"/assessments/{assessment.id}").text

    assert "left" not in before
    assert "about 4 minutes left" in after
    assert "worked out from how long questions have taken" in after


def test_a_new_round_says_that_the_last_answers_are_offered(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, owner)

    home = browser.get("/firm")
    hub = browser.follow(browser.send(home, "/firm/assessments", version=str(done.bank_version_id)))

    assert "are offered again, question by question" in home.text
    assert "count only once you confirm them" in hub.text
