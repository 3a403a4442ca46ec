"""A page of questions: every kind, what is refused, and two people at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from survey.core.bank import Kind
from survey.core.text import Locale
from survey.services import accounts, assessments
from survey.services.people import ASSIGNED, Actor
from survey.store.models import AnswerRow, Assessment
from survey.web.forms import _FIELDS
from tests.browser import Browser, Page, words_of
from tests.builders import (
    FULL_ANSWERS,
    a_profile,
    bank_data,
    domain,
    ladder,
    number,
    ratio,
    section,
    words,
)
from tests.stored import (
    NOW,
    a_firm,
    a_member,
    a_submitted_assessment,
    a_version,
    an_assessment,
)
from tests.web.people import browser_of

LATER = NOW + timedelta(days=365)

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


def drafts(session: Session, actor: Actor, assessment: Assessment) -> dict[str, object]:
    session.rollback()
    return dict(assessments.hub(session, actor, assessment.id).wrong)


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


def test_asking_for_the_headers_of_a_page_is_reading_it(app: Flask, session: Session) -> None:
    browser, _owner, assessment, page = opened(app, session)

    headers = browser.client.head(address(assessment))

    assert headers.status_code == page.status == 200
    assert headers.content_length == page.response.content_length


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


def test_what_is_wrong_is_stored_as_typed_and_comes_back_once_with_the_reason(
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
    assert drafts(session, owner, assessment) == {
        "years": {"": ["about five"]},
        "security": {"": ["a", "none"]},
    }

    again = browser.send(reply, address(assessment))

    assert again.status == 303
    assert again.location.endswith("/check")


def test_a_draft_is_shown_with_its_reason_until_it_is_corrected(
    app: Flask, session: Session
) -> None:
    browser, owner, assessment, page = opened(app, session)
    browser.send(page, address(assessment), q_years="about five")

    later = browser.get(address(assessment))
    corrected = browser.send(later, address(assessment), q_years="5")

    assert "enter a number" in words_of(later.by_id("q_years-fault"))
    assert later.by_id("q_years").get("value") == "about five"
    assert corrected.status == 303
    assert stored(session, owner, assessment) == {"years": {"number": "5"}}
    assert drafts(session, owner, assessment) == {}


@pytest.mark.parametrize("locale", list(Locale))
def test_what_no_report_can_print_is_named_and_kept_as_typed(
    app: Flask, session: Session, locale: Locale
) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner, language=locale)

    reply = browser.send(browser.get(address(assessment)), address(assessment), q_product="阀门😀")
    later = browser.get(address(assessment))

    sentence = {
        Locale.EN: "the report cannot print “😀” (U+1F600). Replace this character",
        Locale.ZH: "报告无法打印“😀”（U+1F600），请改用其他字符",
    }[locale]
    assert reply.status == 422
    for shown in (reply, later):
        assert sentence in words_of(shown.by_id("q_product-fault"))
        assert shown.by_id("q_product").get("value") == "阀门😀"


def test_far_too_much_text_is_stored_nowhere_and_stays_on_the_page(
    app: Flask, session: Session
) -> None:
    browser, owner, assessment, page = opened(app, session)

    reply = browser.send(page, address(assessment), q_product="门" * 20_001, q_years="5")

    assert reply.status == 422
    assert len(reply.by_id("q_product").get("value", "")) == 20_001
    assert stored(session, owner, assessment) == {"years": {"number": "5"}}
    assert drafts(session, owner, assessment) == {}


def test_two_answers_to_one_question_are_none(app: Flask, session: Session) -> None:
    browser, owner, assessment, page = opened(app, session)

    for twice in ({"q_years": ["5", "6"]}, {"q_planning": ["level-1", "level-2"]}):
        reply = browser.send(page, address(assessment), **{"q_product": "阀门", **twice})

        assert reply.status == 400
    assert stored(session, owner, assessment) == {}


def test_both_boxes_beside_an_answer_can_be_ticked_and_are_asked_about(
    app: Flask, session: Session
) -> None:
    asked = number("years", not_applicable="with-reason")
    version = a_version(session, bank_data(section("everything", "A", domain("first", asked))))
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, version=version)
    browser = browser_of(app, session, owner)

    reply = browser.send(
        browser.get(address(assessment)),
        address(assessment),
        **{"q_years.state": ["_unknown", "_not-applicable"], "q_years.reason": "新厂"},
    )

    assert reply.status == 422
    assert "Keep one of them" in reply.text
    ticked = [box for box in reply.all("input", name="q_years.state") if "checked" in box.attrib]
    assert len(ticked) == 2


def test_the_language_changes_although_something_is_wrong(app: Flask, session: Session) -> None:
    browser, _, assessment, page = opened(app, session)

    reply = browser.follow(
        browser.send(page, address(assessment), q_years="about five", language="zh")
    )

    assert reply.lang == "zh-CN"
    assert "“关于years的问题？”" in words_of(reply.by_id("q_years-fault"))
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


def test_a_share_above_the_whole_is_said_in_the_words_of_its_boxes(
    app: Flask, session: Session
) -> None:
    browser, _, assessment, page = opened(app, session)
    figures = {"q_share.numerator": "30", "q_share.denominator": "20"}

    reply = browser.send(page, address(assessment), **figures)

    assert "“Networked machines” is part of “All machines”" in reply.text


def test_of_two_figures_the_one_that_is_missing_is_asked_for_by_its_name(
    app: Flask, session: Session
) -> None:
    browser, _, assessment, page = opened(app, session)

    reply = browser.send(page, address(assessment), **{"q_share.numerator": "120"})

    assert "enter “All machines” as well" in words_of(reply.by_id("faults"))
    assert "in digits" not in reply.text
    assert reply.by_id("q_share").get("value") == "120"


def test_the_box_that_excludes_the_others_is_called_as_the_page_calls_it(
    app: Flask, session: Session
) -> None:
    browser, _, assessment, page = opened(app, session)

    reply = browser.send(page, address(assessment), q_security=["a", "none"])

    assert "“Measure none” excludes the other options" in words_of(reply.by_id("faults"))


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


def test_a_page_without_a_question_of_its_own_is_not_found(app: Flask, session: Session) -> None:
    browser, _, assessment, _ = opened(app, session)

    assert browser.get(address(assessment, "nowhere")).status == 404


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
        told = words_of(page.by_id("faults"))
        assert "a colleague, or another page of yours, has saved another answer" in told
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


# --------------------------------------------------------------- odd characters


def test_invisible_signs_that_turn_a_text_never_get_into_an_answer(
    app: Flask, session: Session
) -> None:
    browser, owner, assessment, page = opened(app, session)

    browser.send(page, address(assessment), q_product="\u202e阀\u2066门\u2069\x00\u200e")

    assert stored(session, owner, assessment) == {"product": {"text": "阀门"}}


# ------------------------------------------------------- what cannot be changed


def test_a_page_that_was_submitted_can_only_be_read(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    assessment = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, owner)

    page = browser.get(address(assessment))

    assert page.status == 200
    assert page.by_id("q_years").get("value") == "5"
    assert "can no longer be changed" in page.text
    assert not [form for form in page.all("form") if form.get("id") == "answers"]


def test_what_is_sent_after_submitting_is_not_stored_and_can_be_copied(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers=FULL_ANSWERS)
    browser = browser_of(app, session, owner)
    page = browser.get(address(assessment))
    assessments.submit(session, owner, assessment.id, now=NOW)
    session.commit()

    reply = browser.send(page, address(assessment), q_years="6")

    assert reply.status == 409
    assert reply.by_id("q_years").get("value") == "6"
    assert "was not saved" in reply.text
    assert stored(session, owner, assessment)["years"] == {"number": "5"}


def test_a_page_that_is_given_to_others_can_only_be_read(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers={"years": {"number": "5"}})
    member = a_member(session, firm)
    browser = browser_of(app, session, member)
    page = browser.get(address(assessment))
    accounts.set_scope(session, owner, user_id=member.user_id, scope=ASSIGNED, now=NOW)
    session.commit()

    reply = browser.send(page, address(assessment), q_years="6")
    later = browser.get(address(assessment))

    assert reply.status == 409
    assert reply.by_id("q_years").get("value") == "6"
    assert "was not saved" in reply.text
    assert later.by_id("q_years").get("value") == "5"
    assert "not assigned to you" in later.text
    assert stored(session, owner, assessment) == {"years": {"number": "5"}}


def test_saving_can_lead_to_the_overview(app: Flask, session: Session) -> None:
    browser, _, assessment, page = opened(app, session)

    reply = browser.send(page, address(assessment), q_years="5", go="hub")

    assert reply.location.endswith(f"/assessments/{assessment.id}")


# ---------------------------------------------------------- the round before


def second_round(
    app: Flask, session: Session, *, years_ago: int = 0, **facts: Any
) -> tuple[Browser, Actor, Assessment]:
    """A firm that submitted one assessment and has begun the next."""
    _, owner = a_firm(session)
    version = a_version(session, facts.pop("data", None))
    a_submitted_assessment(session, owner, version=version, **facts)
    answered_at = datetime(datetime.now(UTC).year - years_ago, 7, 1, tzinfo=UTC)
    session.execute(update(AnswerRow).values(saved_at=answered_at))
    assessment = assessments.start(session, owner, version_id=version.id, now=LATER)
    session.commit()
    return browser_of(app, session, owner), owner, assessment


def test_old_answers_are_offered_and_do_not_count(app: Flask, session: Session) -> None:
    browser, owner, assessment = second_round(app, session)

    page = browser.get(address(assessment))

    assert "Last time: 5 years" in words_of(page.by_id("q_years-box"))
    assert page.by_id("q_years").get("value") == ""
    assert stored(session, owner, assessment) == {}


@pytest.mark.parametrize(
    ("language", "named"),
    [
        (Locale.ZH, "本企业文件：三年规划，总经理签发"),
        (Locale.EN, "Document of our own: 三年规划，总经理签发"),
    ],
)
def test_an_old_answer_is_offered_with_the_evidence_that_it_brings_along(
    app: Flask, session: Session, language: Locale, named: str
) -> None:
    evidence = {"grade": "document", "note": "三年规划，总经理签发"}
    given = {**FULL_ANSWERS, "planning": {"option": "level-3", "evidence": evidence}}
    _, owner, assessment = second_round(app, session, answers=given)
    browser = browser_of(app, session, owner, language=language)

    page = browser.get(address(assessment))
    (offer,) = (
        words_of(each)
        for each in page.by_id("q_planning-box").iter("div")
        if each.get("class") == "offer"
    )
    browser.send(page, address(assessment), confirm="planning")

    assert named in offer
    assert stored(session, owner, assessment)["planning"] == given["planning"]


def test_what_another_bank_asked_about_the_firm_is_offered_with_day_and_title(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    facts = {"profile": a_profile(words("main-product"), words("city")), "size_by": None}
    first = a_version(session, bank_data(**facts, key="one", title={"zh": "甲", "en": "Bank A"}))
    second = a_version(session, bank_data(**facts, key="two"))
    known = {"main-product": {"text": "阀门"}, "city": {"text": "苏州"}}
    an_assessment(session, owner, version=first, answers=known)
    draft = an_assessment(session, owner, version=second)
    browser, place = browser_of(app, session, owner), f"/assessments/{draft.id}/pages/profile"

    page = browser.get(place)
    before = stored(session, owner, draft)
    after = browser.follow(browser.send(page, place, confirm="main-product"))
    last = browser.follow(browser.send(after, place, confirm="*"))

    told = "Answered on 2 March 2026 in “Bank A”: 阀门"
    assert told in words_of(page.by_id("q_main-product-box"))
    assert "2 questions here were answered in an earlier assessment of your firm." in page.text
    assert before == {}
    assert told not in after.text
    assert "1 question here was answered in an earlier assessment of your firm." in after.text
    assert stored(session, owner, draft) == known
    assert "earlier assessment" not in last.text


def test_one_old_answer_is_confirmed(app: Flask, session: Session) -> None:
    browser, owner, assessment = second_round(app, session)
    page = browser.get(address(assessment))

    reply = browser.send(page, address(assessment), confirm="years", q_product="水泵")

    assert (reply.status, reply.location.endswith("/pages/everything#q_years")) == (303, True)
    assert stored(session, owner, assessment) == {
        "years": {"number": "5"},
        "product": {"text": "水泵"},
    }


def test_all_old_answers_of_a_page_are_confirmed_but_for_what_was_answered_anew(
    app: Flask, session: Session
) -> None:
    browser, owner, assessment = second_round(app, session)
    page = browser.get(address(assessment))

    browser.send(page, address(assessment), confirm="*", q_product="水泵")

    after = stored(session, owner, assessment)
    assert after["product"] == {"text": "水泵"}
    assert after["planning"] == {"option": "level-3"}


def test_figures_are_left_out_where_all_old_answers_are_confirmed(
    app: Flask, session: Session
) -> None:
    browser, owner, assessment = second_round(app, session)
    page = browser.get(address(assessment))

    browser.send(page, address(assessment), confirm="*")

    assert stored(session, owner, assessment).keys().isdisjoint({"years", "share"})
    assert "Still the same" in words_of(page.by_id("q_years-box"))


def test_a_figure_of_an_earlier_year_is_shown_and_cannot_be_confirmed(
    app: Flask, session: Session
) -> None:
    browser, owner, assessment = second_round(app, session, years_ago=2)
    page = browser.get(address(assessment))

    browser.send(page, address(assessment), confirm="years")

    beside = words_of(page.by_id("q_years-box"))
    assert "Last time: 5 years" in beside
    assert "from an earlier year" in beside
    assert "Still the same" not in beside
    assert "years" not in stored(session, owner, assessment)


def test_last_time_s_year_moves_to_the_year_before_and_leaves_the_year_open(
    app: Flask, session: Session
) -> None:
    rise = ratio("rise", may_exceed=True, better="higher")
    given = {
        "production-type": {"option": "mixed"},
        "rise": {"numerator": "61.9", "denominator": "57.3"},
    }
    browser, owner, assessment = second_round(
        app,
        session,
        years_ago=1,
        data=bank_data(section("everything", "A", domain("first", rise))),
        answers=given,
    )
    page = browser.get(address(assessment))

    after = browser.send(page, address(assessment), confirm="rise")

    assert "Enter 61.9 as “All machines”" in words_of(page.by_id("q_rise-box"))
    assert "rise" not in stored(session, owner, assessment)
    assert after.by_id("q_rise-denominator").get("value") == "61.9"
    assert after.by_id("q_rise").get("value") == ""


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


def test_a_chosen_answer_can_be_cleared_without_script(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers=FULL_ANSWERS)
    browser = browser_of(app, session, owner)
    place = f"/assessments/{assessment.id}/pages/everything"
    page = browser.get(place)
    wanted = [button.get("value") for button in page.all("button", name="clear")]

    reply = browser.send(page, place, clear="planning")

    assert (reply.status, reply.location) == (303, f"{place}#q_planning")
    assert "planning" in wanted
    assert "years" not in wanted
    session.rollback()
    left = assessments.hub(session, owner, assessment.id).plain
    assert "planning" not in left
    assert left["years"] == FULL_ANSWERS["years"]


def test_changing_the_language_without_script_leads_back_to_where_one_was(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner)
    place = f"/assessments/{assessment.id}/pages/everything"

    changed = browser.send(browser.get(place), place, q_product="阀门", language="zh")
    unchanged = browser.send(browser.get(place), place, language="en")

    assert changed.location == f"{place}#q_product"
    assert unchanged.location == place


def test_going_on_tells_of_what_cannot_be_taken_yet(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner)
    place = f"/assessments/{assessment.id}/pages/everything"
    browser.send(browser.get(place), place, q_years="many")

    onwards = browser.follow(browser.send(browser.get(place), place))

    assert "1 answer on the page before still has to be corrected" in onwards.text


@pytest.mark.parametrize("typed", ["12年", "12 years", "１２ 年", "12 YEARS"])
def test_a_unit_that_is_typed_as_well_is_left_out(app: Flask, session: Session, typed: str) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner)
    place = f"/assessments/{assessment.id}/pages/everything"

    browser.send(browser.get(place), place, q_years=typed)

    session.rollback()
    assert assessments.hub(session, owner, assessment.id).plain["years"]["number"] in ("12", "１２")
