"""Answers that a page sends by itself: what becomes of them, sent once, twice, late or forged."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.config import Settings
from survey.core.text import Locale
from survey.services import accounts, assessments
from survey.services.people import ASSIGNED, Actor
from survey.store.models import Assessment, Firm, Membership, User
from survey.web import limits
from tests.browser import Browser, words_of
from tests.builders import FULL_ANSWERS, bank_data, domain, ladder, number, section
from tests.stored import NOW, a_firm, a_member, a_submitted_assessment, a_version, an_assessment
from tests.web.autosaved import CLIENT, OTHER_CLIENT, autosave, body_of, years
from tests.web.people import browser_of


def begun(
    app: Flask, session: Session, *, language: Locale = Locale.EN, name: str = "江海阀门有限公司"
) -> tuple[Browser, Actor, Assessment]:
    _, owner = a_firm(session, name)
    assessment = an_assessment(session, owner)
    return browser_of(app, session, owner, language=language), owner, assessment


def stored(session: Session, actor: Actor, assessment: Assessment) -> dict[str, object]:
    """Answers and drafts."""
    session.rollback()
    state = assessments.hub(session, actor, assessment.id)
    return {**state.plain, **{key: {"typed": typed} for key, typed in state.wrong.items()}}


def outcomes(session: Session, actor: Actor, assessment: Assessment) -> list[str]:
    session.rollback()
    lines = assessments.history(session, actor, assessment.id, "years")
    return [line.outcome for line in lines]


# ----------------------------------------------------------------------- stored


@pytest.mark.parametrize(
    ("locale", "saved", "progress"),
    [
        (Locale.EN, "Saved at ", "1 of 7 questions answered"),
        (Locale.ZH, "保存", "共7题，已答1题"),
    ],
)
def test_an_answer_saves_itself(
    app: Flask, session: Session, locale: Locale, saved: str, progress: str
) -> None:
    browser, owner, assessment = begun(app, session, language=locale)

    reply = autosave(browser, assessment, "years", *years("5"))

    assert reply.status == 200
    assert reply.json["state"] == "saved"
    assert reply.json["at"] in reply.json["message"]
    assert saved in reply.json["message"]
    assert reply.json["seen"].startswith("1.")
    assert reply.json["progress"] == progress
    assert stored(session, owner, assessment) == {"years": {"number": "5"}}


def test_what_is_wrong_is_kept_as_typed_with_the_reason(app: Flask, session: Session) -> None:
    browser, owner, assessment = begun(app, session)

    reply = autosave(browser, assessment, "years", *years("-3"))

    assert (reply.status, reply.json["state"]) == (200, "kept")
    assert "from 0 to 100" in reply.json["problem"]
    assert reply.json["problem"] in reply.json["message"]
    assert stored(session, owner, assessment) == {"years": {"typed": {"": ["-3"]}}}


def test_what_no_report_can_print_is_kept_as_typed(app: Flask, session: Session) -> None:
    browser, owner, assessment = begun(app, session)

    reply = autosave(
        browser, assessment, "product", ("q_product.seen", "0."), ("q_product", "门😀")
    )

    assert (reply.status, reply.json["state"]) == (200, "kept")
    assert "U+1F600" in reply.json["problem"]
    assert stored(session, owner, assessment) == {"product": {"typed": {"": ["门😀"]}}}


def test_control_characters_and_overrides_of_the_direction_are_left_out(
    app: Flask, session: Session
) -> None:
    browser, owner, assessment = begun(app, session)
    odd = "\u202e阀\u2066门\u2069\x00\u200e\ud800"

    right = autosave(browser, assessment, "product", ("q_product.seen", "0."), ("q_product", odd))
    wrong = autosave(browser, assessment, "years", *years(odd))

    assert (right.json["state"], wrong.json["state"]) == ("saved", "kept")
    assert stored(session, owner, assessment) == {
        "product": {"text": "阀门"},
        "years": {"typed": {"": ["阀门"]}},
    }


def test_rare_characters_are_stored_or_named(app: Flask, session: Session) -> None:
    browser, _, assessment = begun(app, session)

    for text in ("𠮷", "㐂", "👩🏽‍🔧", "é", "א"):
        seen = ("q_product.seen", "0.")
        reply = autosave(browser, assessment, "product", seen, ("q_product", text))

        assert reply.status == 200, text
        assert (reply.json["state"] == "kept") == bool(reply.json["problem"]), text


@pytest.mark.parametrize("length", [20_001, 1_000_000])
def test_far_too_much_text_is_refused_with_a_sentence(
    app: Flask, session: Session, length: int
) -> None:
    browser, owner, assessment = begun(app, session)

    reply = autosave(
        browser, assessment, "product", ("q_product.seen", "0."), ("q_product", "x" * length)
    )

    assert (reply.status, reply.json["state"]) == (422, "refused")
    assert reply.json["message"]
    assert stored(session, owner, assessment) == {}


def test_figures_are_understood_and_said_back(app: Flask, session: Session) -> None:
    browser, _, assessment = begun(app, session)
    fields = (
        ("q_share.seen", "0."),
        ("q_share.numerator", "３，０００"),
        ("q_share.denominator", "12,000"),
    )

    whole = autosave(browser, assessment, "share", *fields)
    half = autosave(browser, assessment, "share", *fields[:2], ("q_share.denominator", ""))

    assert whole.json["share"] == "25.0%"
    assert "3000" in whole.json["understood"]
    assert (half.json["state"], half.json["share"]) == ("kept", "")


def test_a_rare_value_is_asked_about_and_stored(app: Flask, session: Session) -> None:
    asked = number("years", likely={"low": "1", "high": "10"})
    version = a_version(session, bank_data(section("everything", "A", domain("first", asked))))
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, version=version)
    browser = browser_of(app, session, owner)

    reply = autosave(browser, assessment, "years", *years("90"))

    assert reply.json["state"] == "saved"
    assert reply.json["unlikely"]
    assert reply.json["unlikely"] in reply.json["message"]
    assert reply.json["unlikely"] in browser.get(page_of(assessment)).text


def page_of(assessment: Assessment) -> str:
    return f"/assessments/{assessment.id}/pages/everything"


# ------------------------------------------------------------ twice, late, beside


def test_what_is_sent_twice_is_stored_once(app: Flask, session: Session) -> None:
    browser, owner, assessment = begun(app, session)
    facts: dict[str, Any] = {"save_key": str(uuid4()), "seq": 1}

    first = autosave(browser, assessment, "years", *years("5"), **facts)
    again = autosave(browser, assessment, "years", *years("5"), **facts)

    assert first.json == again.json | {"at": first.json["at"], "message": first.json["message"]}
    assert outcomes(session, owner, assessment) == ["saved"]


def test_what_arrives_late_does_not_undo_what_the_page_sent_later(
    app: Flask, session: Session
) -> None:
    browser, owner, assessment = begun(app, session)
    autosave(browser, assessment, "years", *years("6"), seq=8)

    late = autosave(browser, assessment, "years", *years("5"), seq=7)

    assert (late.status, late.json["state"]) == (200, "late")
    assert late.json["fields"] == [["q_years", "6"]]
    assert late.json["seen"].startswith("1.")
    assert stored(session, owner, assessment) == {"years": {"number": "6"}}


def test_a_page_writes_over_its_own_value_before_it_has_heard_of_it(
    app: Flask, session: Session
) -> None:
    browser, owner, assessment = begun(app, session)
    autosave(browser, assessment, "years", *years("5"), seq=1)

    reply = autosave(browser, assessment, "years", *years("6"), seq=2)

    assert reply.json["state"] == "saved"
    assert stored(session, owner, assessment) == {"years": {"number": "6"}}


@pytest.mark.parametrize("value", ["6", "six"])
def test_two_windows_of_one_person_meet_like_colleagues(
    app: Flask, session: Session, value: str
) -> None:
    browser, owner, assessment = begun(app, session)
    autosave(browser, assessment, "years", *years("5"), client=OTHER_CLIENT)

    reply = autosave(browser, assessment, "years", *years(value))

    assert (reply.status, reply.json["state"]) == (409, "conflict")
    assert "5 years" in reply.json["panel"]
    assert value in reply.json["panel"]
    assert "in another window" in reply.json["panel"]
    assert reply.json["fields"] == [["q_years", "5"]]
    assert stored(session, owner, assessment) == {"years": {"number": "5"}}
    assert outcomes(session, owner, assessment) == ["saved", "conflict"]


def test_of_two_answers_one_is_chosen_in_place(app: Flask, session: Session) -> None:
    browser, owner, assessment = begun(app, session)
    autosave(browser, assessment, "years", *years("5"), client=OTHER_CLIENT)
    conflict = autosave(browser, assessment, "years", *years("6")).json
    undecided = (*years("7", conflict["seen"]), ("q_years.clash", "1"))

    still = autosave(browser, assessment, "years", *undecided)
    chosen = autosave(browser, assessment, "years", *undecided, ("q_years.keep", "mine"))

    assert (still.json["state"], chosen.json["state"]) == ("conflict", "saved")
    assert stored(session, owner, assessment) == {"years": {"number": "7"}}


def test_the_same_value_twice_is_no_conflict(app: Flask, session: Session) -> None:
    browser, _, assessment = begun(app, session)
    autosave(browser, assessment, "years", *years("5"), client=OTHER_CLIENT)

    reply = autosave(browser, assessment, "years", *years("5"))

    assert (reply.status, reply.json["state"]) == (200, "saved")


def test_going_back_to_what_the_page_had_shown_does_not_hide_a_colleagues_answer(
    app: Flask, session: Session
) -> None:
    browser, owner, assessment = begun(app, session)
    seen = autosave(browser, assessment, "years", *years("5")).json["seen"]
    member = a_member(session, session.get_one(Firm, owner.firm_id))
    session.commit()
    theirs = browser_of(app, session, member)
    autosave(theirs, assessment, "years", *years("9", seen), client=OTHER_CLIENT)

    reply = autosave(browser, assessment, "years", *years("5", seen))

    assert (reply.status, reply.json["state"]) == (409, "conflict")
    assert "赵倩" in reply.json["panel"]
    assert stored(session, owner, assessment) == {"years": {"number": "9"}}


# --------------------------------------------------------------------- conditions


def test_the_reply_lists_what_applies_now(app: Flask, session: Session) -> None:
    when = {"question": "planning", "at_least": 3}
    data = bank_data(
        section("everything", "A", domain("first", ladder(), number("years", when=when)))
    )
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, version=a_version(session, data))
    browser = browser_of(app, session, owner)
    seen = ("q_planning.seen", "0.")

    early = autosave(browser, assessment, "years", *years("5"))
    low = autosave(browser, assessment, "planning", seen, ("q_planning", "level-1"))
    high = autosave(browser, assessment, "planning", seen, ("q_planning", "level-4"))

    assert early.json["state"] == "saved"
    assert low.json["visible"] == ["planning"]
    assert high.json["visible"] == ["planning", "years"]
    assert high.json["progress"] == "2 of 2 questions answered"


# ------------------------------------------------------------------------- forged


def test_odd_messages_change_nothing(app: Flask, session: Session) -> None:
    browser, owner, assessment = begun(app, session)
    place = f"/assessments/{assessment.id}/answers/years?page=everything"
    good = body_of(years("5"))
    key = {"Idempotency-Key": str(uuid4())}
    bodies: tuple[object, ...] = (
        [],
        {},
        {**good, "fields": "x"},
        {**good, "fields": [["a"]]},
        {**good, "fields": [["q_years.seen", "0."], ["q_other", "1"]]},
        {**good, "fields": [["q_years", "1"]]},
        {**good, "fields": [["q_years.seen", "yesterday"], ["q_years", "1"]]},
        {**good, "fields": [["q_years.seen", "0."], ["q_years", 1]]},
        {**good, "fields": [*good["fields"], ["q_years", "6"]]},
        {**good, "fields": [*good["fields"], ["q_years.seen", "7."]]},
        {**good, "client": None},
        {**good, "client": "x" * 36},
        {**good, "seq": 0},
        {**good, "seq": True},
        {**good, "seq": "1"},
        {**good, "seq": 2**31},
        {name: good[name] for name in ("fields", "seq")},
        {name: good[name] for name in ("fields", "client")},
    )

    for body in bodies:
        reply = browser.post_json(place, body, key)
        assert reply.status == 400, body
        assert reply.json["message"], body
    for odd in ("", "é", "x" * 37, "a" * 37):
        assert browser.post_json(place, good, {"Idempotency-Key": odd}).status == 400
    deep = b"[" * 100_000
    headers = {"X-CSRFToken": browser.token(), "Accept": "application/json", **key}
    nested = browser.client.post(place, data=deep, content_type="application/json", headers=headers)
    assert nested.status_code == 400
    assert stored(session, owner, assessment) == {}


def test_a_question_of_another_page_is_refused(app: Flask, session: Session) -> None:
    browser, owner, assessment = begun(app, session)

    for key, page in (("nonsense", "everything"), ("years", "profile")):
        seen = (f"q_{key}.seen", "0.")
        reply = autosave(browser, assessment, key, seen, (f"q_{key}", "5"), page=page)

        assert (reply.status, reply.json["state"]) == (422, "refused")
        assert reply.json["message"]
    assert autosave(browser, assessment, "years", *years("5"), page="nowhere").status == 404
    assert stored(session, owner, assessment) == {}


def test_another_firms_assessment_is_not_found(app: Flask, session: Session) -> None:
    _, owner, assessment = begun(app, session)
    stranger, _, _ = begun(app, session, name="远山机械有限公司")

    reply = autosave(stranger, assessment, "years", *years("5"))
    here = stranger.post_json(f"/assessments/{assessment.id}/presence?page=everything", {})

    assert (reply.status, here.status) == (404, 404)
    assert reply.json["message"]
    assert stored(session, owner, assessment) == {}


def test_a_revision_that_does_not_exist_yet_is_a_conflict(app: Flask, session: Session) -> None:
    browser, owner, assessment = begun(app, session)
    autosave(browser, assessment, "years", *years("5"), client=OTHER_CLIENT)

    reply = autosave(browser, assessment, "years", *years("6", "999999999."))

    assert (reply.status, reply.json["state"]) == (409, "conflict")
    assert stored(session, owner, assessment) == {"years": {"number": "5"}}


# ------------------------------------------------------------- not able to, any more


def test_a_submitted_assessment_takes_no_more_answers(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    assessment = a_submitted_assessment(session, owner, answers=FULL_ANSWERS)
    browser = browser_of(app, session, owner)

    reply = autosave(browser, assessment, "years", *years("6", "1."))

    assert (reply.status, reply.json["state"]) == (409, "submitted")
    assert reply.json["message"]
    assert stored(session, owner, assessment)["years"] == {"number": "5"}


def test_who_is_signed_out_is_told_where_to_sign_in(app: Flask, session: Session) -> None:
    browser, owner, assessment = begun(app, session)
    browser.client.delete_cookie("qizhen")

    save = autosave(browser, assessment, "years", *years("5"))
    token = browser.get("/answers/token", headers={"Accept": "application/json"})

    for reply in (save, token):
        assert (reply.status, reply.json["state"]) == (401, "signed-out")
        assert reply.json["message"]
        assert reply.json["sign_in"] == "/login"
    assert stored(session, owner, assessment) == {}


def test_a_token_of_another_session_is_told_from_being_signed_out(
    app: Flask, session: Session
) -> None:
    browser, owner, assessment = begun(app, session)
    place = f"/assessments/{assessment.id}/answers/years?page=everything"
    headers = {"X-CSRFToken": "stale", "Idempotency-Key": str(uuid4())}

    reply = browser.post_json(place, body_of(years("5")), headers)

    assert (reply.status, reply.json["state"]) == (400, "expired")
    fresh = browser.get("/answers/token", headers={"Accept": "application/json"}).json
    assert fresh["user"] == owner.user_id
    again = browser.post_json(
        place, body_of(years("5")), {**headers, "X-CSRFToken": fresh["token"]}
    )
    assert again.json["state"] == "saved"


def test_what_one_person_typed_is_never_sent_as_another(app: Flask, session: Session) -> None:
    browser, owner, assessment = begun(app, session)
    member = a_member(session, session.get_one(Firm, owner.firm_id))
    session.commit()
    browser.be(session.get_one(User, member.user_id))

    reply = autosave(browser, assessment, "years", *years("5"), user=owner.user_id)

    assert (reply.status, reply.json["state"]) == (401, "signed-out")
    assert stored(session, owner, assessment) == {}
    own = autosave(browser, assessment, "years", *years("5"), user=member.user_id)
    assert own.json["state"] == "saved"


def test_who_left_the_firm_is_refused(app: Flask, session: Session) -> None:
    _, owner, assessment = begun(app, session)
    firm = session.get_one(Firm, owner.firm_id)
    member = a_member(session, firm)
    session.commit()
    browser = browser_of(app, session, member)
    session.delete(session.get_one(Membership, member.user_id))
    session.commit()

    reply = autosave(browser, assessment, "years", *years("5"))

    assert (reply.status, reply.json["state"]) == (403, "not-yours")
    assert reply.json["message"]


def test_a_page_that_is_given_to_others_takes_no_answers(app: Flask, session: Session) -> None:
    _, owner, assessment = begun(app, session)
    member = a_member(session, session.get_one(Firm, owner.firm_id))
    accounts.set_scope(session, owner, user_id=member.user_id, scope=ASSIGNED, now=NOW)
    session.commit()
    browser = browser_of(app, session, member)

    reply = autosave(browser, assessment, "years", *years("5"))

    assert (reply.status, reply.json["state"]) == (403, "not-yours")
    assert reply.json["message"]
    assert stored(session, owner, assessment) == {}


# ------------------------------------------------------------------- who else is here


def test_colleagues_on_the_same_page_are_named_to_each_other(app: Flask, session: Session) -> None:
    browser, owner, assessment = begun(app, session)
    member = a_member(session, session.get_one(Firm, owner.firm_id))
    session.commit()
    theirs = browser_of(app, session, member)
    here = f"/assessments/{assessment.id}/presence?page=everything"

    alone = theirs.post_json(here, {})
    both = browser.post_json(here, {})
    elsewhere = browser.post_json(f"/assessments/{assessment.id}/presence?page=profile", {})

    assert (alone.json["others"], alone.json["message"]) == ([], "")
    assert both.json["others"] == ["赵倩"]
    assert "赵倩" in both.json["message"]
    assert elsewhere.json["others"] == []


def test_the_page_brings_what_its_script_needs(app: Flask, session: Session) -> None:
    browser, owner, assessment = begun(app, session)

    page = browser.get(page_of(assessment))

    strip = page.by_id("outbox")
    assert strip.get("data-user") == str(owner.user_id)
    assert strip.get("data-save", "").replace("KEY", "years").replace("PAGE", "everything") == (
        f"/assessments/{assessment.id}/answers/years?page=everything"
    )
    assert words_of(strip) == ""
    assert CLIENT not in page.html


# --------------------------------------------------------------------- too many


def test_one_person_saves_no_faster_than_people_do_and_colleagues_go_on(
    settings: Settings, open_app: Callable[[Settings], Flask], session: Session
) -> None:
    app = open_app(replace(settings, saves_a_minute=3))
    firm, owner = a_firm(session)
    member = a_member(session, firm)
    assessment = an_assessment(session, owner)
    mine, theirs = browser_of(app, session, owner), browser_of(app, session, member)

    replies = [autosave(mine, assessment, "years", *years(str(n))) for n in range(5)]
    other = autosave(theirs, assessment, "product", ("q_product.seen", "0."), ("q_product", "阀门"))

    assert [reply.status for reply in replies][-2:] == [429, 429]
    assert 429 not in [reply.status for reply in replies][:3]
    assert replies[-1].json["state"] == "too-fast"
    assert replies[-1].json["message"].startswith("Too many answers in one minute.")
    assert other.json["state"] == "saved"
    session.rollback()
    assert len(assessments.history(session, owner, assessment.id, "years")) == 3


def test_when_the_minute_is_over_it_goes_on(
    settings: Settings,
    open_app: Callable[[Settings], Flask],
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = open_app(replace(settings, saves_a_minute=1))
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner)
    statuses = []
    for value, second in enumerate([100.0, 159.9, 160.0, 219.9]):
        monkeypatch.setattr(limits, "monotonic", lambda second=second: second)
        statuses.append(autosave(browser, assessment, "years", *years(str(value))).status)

    assert [status == 429 for status in statuses] == [False, True, False, True]
