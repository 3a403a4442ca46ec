"""Targets in pages: chosen by the firm in hub and result, read by everybody else."""

from decimal import Decimal
from xml.etree.ElementTree import Element

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.core.text import Locale
from survey.services import accounts, targets
from survey.services.people import actor_of
from survey.store.models import Target
from tests.browser import Page, words_of
from tests.builders import FULL_ANSWERS, bank_data, edition, points_bank_data
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


def line(page: Page, domain: str) -> list[Element]:
    """The cells of a domain's row in the table of targets."""
    for row in page.all("tr"):
        heads = [words_of(head) for head in row.iter("th")]
        if heads and heads[0].endswith(domain):
            return list(row.iter("td"))
    raise AssertionError(domain)


def test_a_firm_chooses_targets_on_its_result_and_reads_the_gap(
    app: Flask, session: Session
) -> None:
    firm, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, a_member(session, firm, name="赵倩"))
    place = f"/assessments/{done.id}/result"
    page = browser.get(place)

    page = browser.follow(
        browser.send(page, f"/assessments/{done.id}/targets", target_first="4", target_second="1")
    )

    score = Decimal(words_of(line(page, "Domain first")[0]))
    assert words_of(page.one("h1")) == "Result"
    assert "The targets are saved." in page.text
    assert words_of(line(page, "Domain first")[-1]) == f"{80 - score}"
    assert words_of(line(page, "Domain second")[-1]) == "Reached"
    assert "Last changed by 赵倩" in page.text


def test_targets_are_chosen_before_submitting_too(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner)
    browser = browser_of(app, session, owner)
    place = f"/assessments/{draft.id}/targets"
    hub = browser.get(f"/assessments/{draft.id}")

    page = browser.follow(browser.send(browser.get(place), place, target_first="3"))

    chosen = [o.get("value") for o in page.all("option") if o.get("selected") is not None]
    assert place in hub.links()
    assert chosen == ["3"]
    assert "Gap" not in page.text


def test_a_target_is_taken_away_by_choosing_none(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner)
    targets.set_targets(session, owner, draft.id, targets={"first": 3, "second": 2}, now=NOW)
    browser = browser_of(app, session, owner)
    place = f"/assessments/{draft.id}/targets"

    browser.send(browser.get(place), place, target_first="")

    session.expire_all()
    assert set(targets.targets_of(session, owner, draft.id)) == {"second"}


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("target_first", "6", "is not a level that can be a target"),
        ("target_first", "-1", "is not a level that can be a target"),
        ("target_first", "٣", "is not a level that can be a target"),
        ("target_first", "three", "is not a level that can be a target"),
        ("target_first", "9" * 5000, "is not a level that can be a target"),
        ("target_planning", "3", "is not a domain that these questions score"),
        ("target_", "3", "is not a domain that these questions score"),
        ("target_\x00🏭", "3", "is not a domain that these questions score"),
    ],
)
def test_what_cannot_be_a_target_gets_a_sentence_and_changes_nothing(
    app: Flask, session: Session, field: str, value: str, sentence: str
) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner)
    browser = browser_of(app, session, owner)

    page = browser.post(f"/assessments/{draft.id}/targets", {"target_second": "2", field: value})

    assert page.status == 422
    assert sentence in page.text
    assert targets.targets_of(session, owner, draft.id) == {}


def test_a_consultant_reads_the_targets_and_cannot_choose(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    targets.set_targets(session, owner, done.id, targets={"first": 4}, now=NOW)
    browser = browser_of(app, session, a_consultant(session, firm))

    page = browser.get(f"/assessments/{done.id}/result")
    refused = browser.post(f"/assessments/{done.id}/targets", {"target_first": "1"})

    assert words_of(line(page, "Domain first")[2]) == "4"
    assert page.all("select") == []
    assert refused.status == 403


def test_another_firm_finds_no_targets(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    _, stranger = a_firm(session, "远山机械有限公司")
    draft = an_assessment(session, owner)
    browser = browser_of(app, session, stranger)

    assert browser.get(f"/assessments/{draft.id}/targets").status == 404
    assert browser.post(f"/assessments/{draft.id}/targets", {"target_first": "1"}).status == 404


def test_after_submitting_the_targets_stand_on_the_result(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, owner)

    page = browser.get(f"/assessments/{done.id}/targets")

    assert page.location.endswith(f"/assessments/{done.id}/result#targets")


def test_the_targets_speak_both_languages(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner)

    for locale, word in (
        (Locale.ZH, "第3级“等级3”（60分起）"),
        (Locale.EN, "Level 3 (Level 3), from 60 points"),
    ):
        page = browser_of(app, session, owner, language=locale).get(
            f"/assessments/{draft.id}/targets"
        )
        assert word in page.text


def offered(page: Page) -> list[str]:
    return [words_of(option) for option in page.all("option")]


def test_published_rules_offer_their_own_steps_for_what_they_weigh(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner, version=a_version(session, points_bank_data()))
    browser = browser_of(app, session, owner)

    page = browser.get(f"/assessments/{draft.id}/targets")

    assert offered(page) == [
        "None",
        "Level 1 (Level 1), from 40 points",
        "Level 2 (Level 2), from 60 points",
        "Level 3 (Level 3), from 80 points",
    ]
    assert [select.get("name") for select in page.all("select")] == ["target_equipment"]


@pytest.mark.parametrize(
    ("locale", "level", "note"),
    [
        (Locale.ZH, "等级", "单个领域没有等级"),
        (Locale.EN, "Level", "give single domains no level"),
    ],
)
def test_published_rules_show_no_level_of_a_domain(
    app: Flask, session: Session, locale: Locale, level: str, note: str
) -> None:
    _, owner = a_firm(session)
    answers = {
        "production-type": {"option": "discrete"},
        "planning": {"option": "level-2"},
        "orders": {"option": "level-1"},
    }
    places = []
    for data in (points_bank_data(key="points"), bank_data()):
        given = answers if data["key"] == "points" else FULL_ANSWERS
        version = a_version(session, data)
        done = a_submitted_assessment(session, owner, version=version, answers=given)
        places.append(f"/assessments/{done.id}/result")
    aim = {"equipment": 2}
    targets.set_targets(session, owner, int(places[0].split("/")[2]), targets=aim, now=NOW)
    browser = browser_of(app, session, owner, language=locale)

    without, with_levels = (browser.get(place) for place in places)

    assert level not in labels(without)
    assert level in labels(with_levels)
    assert note in without.text
    assert note not in with_levels.text
    (row,) = [r for r in without.all("tr") if "target_equipment" in names(r)]
    cells = [words_of(cell) for cell in row.iter("td")]
    assert (cells[0], cells[-1]) == ("40.0", "20.0")


def labels(page: Page) -> list[str | None]:
    """What the cells of the targets say that they hold."""
    tables = [table for table in page.all("table") if "aims" in table.get("class", "").split()]
    return [cell.get("data-label") for table in tables for cell in table.iter("td")]


def names(row: Element) -> list[str | None]:
    return [field.get("name") for field in row.iter("select")]


def test_a_target_that_is_not_offered_any_more_stays_until_it_is_changed(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    reason = {"zh": "题目太少。", "en": "Too few questions."}
    short = edition("planning", ceiling=3, ceiling_reason=reason)
    version = a_version(session, bank_data(editions=[short]))
    draft = an_assessment(session, owner, version=version, edition="express")
    row = {"domain_key": "first", "level": 5, "author_id": owner.user_id, "at": NOW}
    session.add(Target(assessment_id=draft.id, **row))
    session.flush()
    browser = browser_of(app, session, owner)
    place = f"/assessments/{draft.id}/targets"

    page = browser.follow(browser.send(browser.get(place), place, target_first="5"))

    assert [said.split(" (")[0] for said in offered(page)] == [
        "None",
        *(f"Level {n}" for n in (0, 1, 2, 3, 5)),
    ]
    chosen = [o.get("value") for o in page.all("option") if o.get("selected") is not None]
    assert chosen == ["5"]


def test_a_member_of_given_sections_reads_the_targets_and_cannot_choose(
    app: Flask, session: Session
) -> None:
    firm, owner = a_firm(session)
    draft = an_assessment(session, owner)
    member = a_member(session, firm, name="赵倩")
    accounts.set_scope(session, owner, user_id=member.user_id, scope="assigned", now=NOW)
    browser = browser_of(app, session, actor_of(session, member.user_id))

    page = browser.get(f"/assessments/{draft.id}/targets")
    refused = browser.post(f"/assessments/{draft.id}/targets", {"target_first": "1"})

    assert page.status == 200
    assert page.all("select") == []
    assert refused.status == 403
    assert "only the sections assigned to you" in refused.text
