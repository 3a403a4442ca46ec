"""A page of questions: every kind, what is refused, and two people at once."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.core.answers import PlainAnswer
from survey.core.bank import Kind
from survey.core.text import Locale
from survey.services import assessments
from survey.services.people import Actor
from survey.store.models import Assessment, Firm
from survey.web.forms import _FIELDS
from tests.browser import Browser, Page, words_of
from tests.builders import bank_data, domain, ladder, number, section
from tests.stored import (
    NOW,
    a_firm,
    a_member,
    a_submitted_assessment,
    a_version,
    an_assessment,
)
from tests.web.people import browser_of

EVERYTHING = {
    "q_planning": "level-3",
    "q_planning.half": "1",
    "q_security": ["a", "b"],
    "q_years": "5",
    "q_share.numerator": "30",
    "q_share.denominator": "１２０",
    "q_systems.row.erp": "linked",
    "q_systems.row.mes": "alone",
    "q_conditions.row.registered": "yes",
    "q_conditions.row.permit": "unknown",
    "q_product": "阀门",
}


def address(assessment: Assessment, page: str = "everything") -> str:
    return f"/assessments/{assessment.id}/pages/{page}"


def opened(app: Flask, session: Session) -> tuple[Browser, Actor, Assessment, Page]:
    """An owner's browser with the page of every kind of question."""
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner)
    return browser, owner, assessment, browser.get(address(assessment))


def stored(session: Session, actor: Actor, assessment: Assessment) -> dict[str, object]:
    session.rollback()
    return dict(assessments.hub(session, actor, assessment.id).plain)


def test_every_kind_of_question_has_a_field() -> None:
    assert set(_FIELDS) == set(Kind)


def test_every_kind_of_answer_is_taken_without_script(app: Flask, session: Session) -> None:
    browser, owner, assessment, page = opened(app, session)

    reply = browser.send(page, address(assessment), **EVERYTHING)

    assert reply.status == 303
    assert reply.location.endswith("/check")
    assert stored(session, owner, assessment) == {
        "planning": {"option": "level-3", "half": True},
        "security": {"options": ["a", "b"]},
        "years": {"number": "5"},
        "share": {"numerator": "30", "denominator": "120"},
        "systems": {"rows": {"erp": "linked", "mes": "alone"}},
        "conditions": {"statements": {"registered": "yes", "permit": "unknown"}},
        "product": {"text": "阀门"},
    }


def test_a_stored_answer_is_shown_again_as_it_was_given(app: Flask, session: Session) -> None:
    browser, owner, assessment, page = opened(app, session)
    browser.send(page, address(assessment), **EVERYTHING)
    before = stored(session, owner, assessment)

    again = browser.get(address(assessment))
    browser.send(again, address(assessment))

    assert "25.0%" in words_of(again.one("output"))
    assert stored(session, owner, assessment) == before
    assert len(assessments.history(session, owner, assessment.id, "planning")) == 1


def test_dont_know_and_not_applicable_are_answers_of_their_own(
    app: Flask, session: Session
) -> None:
    browser, owner, assessment, page = opened(app, session)

    browser.send(
        page,
        address(assessment),
        **{
            "q_planning": "_not-applicable",
            "q_planning.reason": "只做来料加工",
            "q_years.state": "_unknown",
        },
    )

    assert stored(session, owner, assessment) == {
        "planning": {"not_applicable": "只做来料加工"},
        "years": {"unknown": True},
    }


def test_what_is_right_is_stored_and_what_is_wrong_comes_back_as_typed(
    app: Flask, session: Session
) -> None:
    browser, owner, assessment, page = opened(app, session)

    reply = browser.send(
        page, address(assessment), q_years="about five", q_product="阀门", q_security=["a", "none"]
    )

    assert reply.status == 422
    assert stored(session, owner, assessment) == {"product": {"text": "阀门"}}
    assert reply.by_id("q_years").get("value") == "about five"
    assert reply.by_id("q_product").get("value") == "阀门"
    summary = reply.by_id("faults")
    assert [link.get("href") for link in summary.iter("a")] == ["#q_security", "#q_years"]
    assert "enter a number" in words_of(summary)


def test_a_refusal_is_said_in_the_readers_language(app: Flask, session: Session) -> None:
    browser, _, assessment, page = opened(app, session)

    reply = browser.send(page, address(assessment), q_years="about five", language="zh")

    assert reply.lang == "zh-CN"
    assert "“关于years的问题？”" in words_of(reply.by_id("faults"))
    assert reply.by_id("q_years").get("value") == "about five"


def test_the_language_changes_without_losing_page_or_answers(app: Flask, session: Session) -> None:
    browser, owner, assessment, page = opened(app, session)

    reply = browser.follow(browser.send(page, address(assessment), q_years="7", language="zh"))

    assert reply.response.request.path == address(assessment)
    assert reply.lang == "zh-CN"
    assert reply.by_id("q_years").get("value") == "7"
    assert stored(session, owner, assessment) == {"years": {"number": "7"}}


def test_a_figure_beside_dont_know_is_asked_about(app: Flask, session: Session) -> None:
    browser, owner, assessment, page = opened(app, session)

    reply = browser.send(page, address(assessment), **{"q_years": "5", "q_years.state": "_unknown"})

    assert reply.status == 422
    assert "Keep one of them" in reply.text
    assert stored(session, owner, assessment) == {}


def test_options_that_were_never_offered_are_refused(app: Flask, session: Session) -> None:
    browser, owner, assessment, page = opened(app, session)

    reply = browser.send(
        page,
        address(assessment),
        **{"q_planning": "level-9", "q_systems.row.erp": "perfect", "q_security": ["<script>"]},
    )

    assert reply.status == 422
    assert len(list(reply.by_id("faults").iter("a"))) == 3
    assert "<script>" not in reply.html
    assert stored(session, owner, assessment) == {}


def test_an_emptied_answer_is_cleared(app: Flask, session: Session) -> None:
    browser, owner, assessment, page = opened(app, session)
    browser.send(page, address(assessment), q_years="5")

    browser.send(browser.get(address(assessment)), address(assessment), q_years="")

    assert stored(session, owner, assessment) == {}
    assert len(assessments.history(session, owner, assessment.id, "years")) == 2


# --------------------------------------------------------------- two at a time


def test_two_people_answer_different_questions_without_noticing(
    app: Flask, session: Session
) -> None:
    firm, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers={"years": {"number": "1"}})
    mine = browser_of(app, session, owner)
    theirs = browser_of(app, session, a_member(session, firm))
    my_page, their_page = mine.get(address(assessment)), theirs.get(address(assessment))

    first = theirs.send(their_page, address(assessment), q_years="9")
    second = mine.send(my_page, address(assessment), q_product="阀门")

    assert (first.status, second.status) == (303, 303)
    assert stored(session, owner, assessment) == {
        "years": {"number": "9"},
        "product": {"text": "阀门"},
    }


def test_a_colleagues_answer_is_never_overwritten_silently(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    mine = browser_of(app, session, owner)
    theirs = browser_of(app, session, a_member(session, firm, "赵倩"))
    my_page, their_page = mine.get(address(assessment)), theirs.get(address(assessment))
    theirs.send(their_page, address(assessment), q_years="9")

    reply = mine.send(my_page, address(assessment), q_years="4")
    undecided = mine.send(reply, address(assessment))

    for page in (reply, undecided):
        assert page.status == 409
        panel = words_of(page.by_id("q_years-box"))
        assert "赵倩" in panel
        assert "9 years" in panel
        assert "4 years" in panel
    assert stored(session, owner, assessment) == {"years": {"number": "9"}}

    kept = mine.send(undecided, address(assessment), **{"q_years.keep": "mine"})

    assert kept.status == 303
    assert stored(session, owner, assessment) == {"years": {"number": "4"}}


def test_of_two_answers_the_colleagues_can_be_kept(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    mine = browser_of(app, session, owner)
    theirs = browser_of(app, session, a_member(session, firm))
    my_page, their_page = mine.get(address(assessment)), theirs.get(address(assessment))
    theirs.send(their_page, address(assessment), q_years="9")
    reply = mine.send(my_page, address(assessment), q_years="4")

    kept = mine.send(reply, address(assessment), **{"q_years.keep": "theirs"})

    assert kept.status == 303
    assert stored(session, owner, assessment) == {"years": {"number": "9"}}


# ------------------------------------------------------------------ one by one


def send(browser: Browser, assessment: Assessment, key: str, *fields: tuple[str, str]) -> Page:
    place = f"/assessments/{assessment.id}/answers/{key}?page=everything"
    return browser.post_json(place, {"fields": [list(pair) for pair in fields]})


def test_an_answer_saves_itself(app: Flask, session: Session) -> None:
    browser, owner, assessment, _ = opened(app, session)

    reply = send(browser, assessment, "years", ("q_years.seen", "0."), ("q_years", "5"))

    assert reply.status == 200
    assert reply.json["state"] == "saved"
    assert reply.json["seen"].startswith("1.")
    assert reply.json["progress"] == "1 of 7 questions answered"
    assert stored(session, owner, assessment) == {"years": {"number": "5"}}


def test_an_answer_that_saves_itself_is_refused_with_a_sentence(
    app: Flask, session: Session
) -> None:
    browser, owner, assessment, _ = opened(app, session)

    reply = send(browser, assessment, "years", ("q_years.seen", "0."), ("q_years", "-3"))

    assert reply.status == 422
    assert "from 0 to 100" in reply.json["message"]
    assert stored(session, owner, assessment) == {}


@pytest.mark.parametrize("locale", list(Locale))
def test_a_character_that_no_report_can_print_is_named_and_the_text_stays_in_its_field(
    app: Flask, session: Session, locale: Locale
) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner, language=locale)
    page = browser.get(address(assessment))

    whole = browser.send(page, address(assessment), q_product="阀门😀", q_years="5")
    alone = send(browser, assessment, "product", ("q_product.seen", "0."), ("q_product", "阀门😀"))

    sentence = {
        Locale.EN: "the report cannot print “😀” (U+1F600). Replace this character",
        Locale.ZH: "报告无法打印“😀”（U+1F600），请改用其他字符",
    }[locale]
    assert whole.status == alone.status == 422
    assert sentence in whole.text
    assert whole.by_id("q_product").get("value") == "阀门😀"
    assert alone.json["state"] == "refused"
    assert sentence in alone.json["message"]
    assert stored(session, owner, assessment) == {"years": {"number": "5"}}


def test_invisible_signs_that_turn_a_text_never_get_into_an_answer(
    app: Flask, session: Session
) -> None:
    browser, owner, assessment, page = opened(app, session)

    browser.send(page, address(assessment), q_product="\u202e阀\u2066门\u2069\x00\u200e")

    assert stored(session, owner, assessment) == {"product": {"text": "阀门"}}


def test_an_answer_that_saves_itself_meets_a_colleagues(app: Flask, session: Session) -> None:
    browser, owner, assessment, _ = opened(app, session)
    send(browser, assessment, "years", ("q_years.seen", "0."), ("q_years", "5"))

    reply = send(browser, assessment, "years", ("q_years.seen", "0."), ("q_years", "6"))

    assert reply.status == 409
    assert "5 years" in reply.json["panel"]
    assert "6 years" in reply.json["panel"]
    assert stored(session, owner, assessment) == {"years": {"number": "5"}}


def test_odd_messages_are_answered_with_a_sentence(app: Flask, session: Session) -> None:
    browser, owner, assessment, _ = opened(app, session)
    place = f"/assessments/{assessment.id}/answers/years?page=everything"

    bodies: tuple[object, ...] = (
        [],
        {},
        {"fields": "x"},
        {"fields": [["a"]]},
        {"fields": [["q_other", "1"]]},
        {"fields": [["q_years", "1"]]},
    )
    for body in bodies:
        reply = browser.post_json(place, body)

        assert reply.status == 400, body
        assert reply.json["message"], body
    assert send(browser, assessment, "nonsense").status == 404
    assert stored(session, owner, assessment) == {}


def test_a_submitted_assessment_takes_no_more_answers(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    assessment = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, owner)

    reply = send(browser, assessment, "years", ("q_years.seen", "1."), ("q_years", "6"))

    assert reply.status == 422
    assert reply.json["message"]
    assert stored(session, owner, assessment)["years"] == {"number": "5"}


# ------------------------------------------------------------------ conditions


def branching(session: Session) -> tuple[Actor, Assessment]:
    """A page whose second question applies only from the third step of the first on."""
    when = {"question": "planning", "at_least": 3}
    data = bank_data(
        section("everything", "A", domain("first", ladder(), number("years", when=when)))
    )
    _, owner = a_firm(session)
    version = a_version(session, data)
    return owner, an_assessment(session, owner, version=version)


def test_a_question_that_does_not_apply_is_hidden_and_sends_nothing(
    app: Flask, session: Session
) -> None:
    owner, assessment = branching(session)
    browser = browser_of(app, session, owner)

    page = browser.get(address(assessment))
    browser.send(page, address(assessment), q_planning="level-1")

    assert page.by_id("q_years-box").get("hidden") is not None
    assert stored(session, owner, assessment) == {"planning": {"option": "level-1"}}


def test_an_answer_that_brings_up_a_question_leads_to_it(app: Flask, session: Session) -> None:
    owner, assessment = branching(session)
    browser = browser_of(app, session, owner)

    reply = browser.send(
        browser.get(address(assessment)), address(assessment), q_planning="level-4"
    )

    assert reply.location.endswith("/pages/everything#q_years")
    page = browser.follow(reply)
    assert page.by_id("q_years-box").get("hidden") is None
    assert "1 more question on this page" in page.text


def test_the_reply_to_a_saved_answer_lists_what_applies_now(app: Flask, session: Session) -> None:
    owner, assessment = branching(session)
    browser = browser_of(app, session, owner)

    low = send(
        browser, assessment, "planning", ("q_planning.seen", "0."), ("q_planning", "level-1")
    )
    high = send(
        browser,
        assessment,
        "planning",
        ("q_planning.seen", low.json["seen"]),
        ("q_planning", "level-4"),
    )

    assert low.json["visible"] == ["planning"]
    assert high.json["visible"] == ["planning", "years"]


def test_going_back_to_what_the_page_had_shown_does_not_hide_a_colleagues_answer(
    app: Flask, session: Session
) -> None:
    browser, owner, assessment, page = opened(app, session)
    browser.send(page, address(assessment), q_product="阀门")
    seen = browser.get(address(assessment)).one("input", name="q_product.seen").get("value")
    member = a_member(session, session.get_one(Firm, owner.firm_id))
    given: dict[str, PlainAnswer | None] = {"product": {"text": "水泵"}}
    assessments.save(session, member, assessment.id, given=given, seen={"product": 1}, now=NOW)
    session.commit()
    fields = [["q_product.seen", seen], ["q_product", "阀门"]]

    reply = browser.post_json(
        f"/assessments/{assessment.id}/answers/product?page=everything", {"fields": fields}
    )

    assert (reply.status, reply.json["state"]) == (409, "conflict")
    assert "水泵" in reply.json["panel"]
    assert stored(session, owner, assessment)["product"] == {"text": "水泵"}
