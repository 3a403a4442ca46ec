"""Sections given to people, on the pages: by the owner, for the others, at their borders."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.core.text import Locale
from survey.services import (
    accounts,
    assessments,
    assignments,
    comments,
    invitations,
    sharing,
)
from survey.services.people import FIRM, Actor, actor_of
from survey.services.sharing import Share
from survey.store.models import Assessment, Firm
from tests.browser import Page, filled_in, words_of
from tests.builders import a_profile, bank_data, words
from tests.stored import (
    NOW,
    a_firm,
    a_link,
    a_member,
    a_submitted_assessment,
    a_user,
    a_version,
    an_assessment,
)
from tests.web.people import browser_of

TODAY = datetime.now(UTC).date()
SOON = TODAY + timedelta(days=30)


def a_team(session: Session) -> tuple[Firm, Actor, Actor, Assessment]:
    """A firm, its owner, a member who answers given sections only, and a draft."""
    firm, owner = a_firm(session)
    member = a_member(session, firm)
    accounts.set_scope(session, owner, user_id=member.user_id, scope="assigned", now=NOW)
    session.flush()
    return firm, owner, actor_of(session, member.user_id), an_assessment(session, owner)


def give(
    session: Session, owner: Actor, draft: Assessment, who: Actor, due_on: date | None = None
) -> None:
    shares = {"everything": Share(who.user_id, due_on)}
    sharing.share_out(session, owner, draft.id, shares=shares, now=NOW)


def step(page: Page, key: str = "everything") -> str:
    """What the overview says about one section."""
    return words_of(page.by_id(f"page-{key}"))


def test_the_owner_gives_a_section_to_a_colleague_until_a_day(app: Flask, session: Session) -> None:
    _, owner, member, draft = a_team(session)
    browser = browser_of(app, session, owner)
    place = f"/assessments/{draft.id}/sections"
    fields = {"who.everything": str(member.user_id), "due.everything": SOON.isoformat()}

    hub = browser.follow(browser.send(browser.get(place), place, **fields))
    again = browser.get(place)

    assert f"赵倩 · due on {SOON.day} " in step(hub)
    assert "Not assigned" in step(hub, "profile")
    assert again.by_id("due-everything").get("value") == SOON.isoformat()


@pytest.mark.parametrize(
    ("who", "due", "sentence"),
    [
        ("x", "", "choose somebody from the list"),
        ("99999999999", "", "choose somebody from the list"),
        ("999999", "", "no longer a colleague"),
        ("", "2026-12-31", "choose who answers it by that day"),
        ("1", "31.12.2026", "enter the date like 2026-12-31"),
        ("1", "2026-02-30", "enter the date like 2026-12-31"),
        ("1", "2025-12-31", "this date is in the past"),
        ("1", "2199-12-31", "within the next two years"),
    ],
)
def test_what_cannot_be_given_is_said_and_nothing_typed_is_lost(
    app: Flask, session: Session, who: str, due: str, sentence: str
) -> None:
    _, owner, _member, draft = a_team(session)
    browser = browser_of(app, session, owner)
    place = f"/assessments/{draft.id}/sections"

    page = browser.send(browser.get(place), place, **{"who.everything": who, "due.everything": due})

    assert page.status == 422
    assert sentence in page.text
    assert page.by_id("due-everything").get("value") == due
    assert assignments.of_assessment(session, draft.id) == {}


@pytest.mark.parametrize("locale", list(Locale))
@pytest.mark.parametrize(
    ("who", "due"),
    [("x", ""), ("", "2026-12-31"), ("1", "2026-02-30"), ("1", "2025-12-31"), ("1", "2199-12-31")],
)
def test_each_fault_names_its_section(
    app: Flask, session: Session, locale: Locale, who: str, due: str
) -> None:
    _, owner, _member, draft = a_team(session)
    browser = browser_of(app, session, owner, language=locale)
    place = f"/assessments/{draft.id}/sections"

    page = browser.send(browser.get(place), place, **{"who.everything": who, "due.everything": due})

    title = {Locale.ZH: "板块everything", Locale.EN: "Section everything"}[locale]
    (fault,) = page.by_id("faults").iter("li")
    assert f"“{title}”" in words_of(fault)


def test_what_was_chosen_stays_when_the_language_is_changed(app: Flask, session: Session) -> None:
    _, owner, member, draft = a_team(session)
    browser = browser_of(app, session, owner)
    place = f"/assessments/{draft.id}/sections"
    page = browser.get(place)
    fields = {"who.everything": str(member.user_id), "due.everything": SOON.isoformat()}

    changed = browser.send(page, place, **fields, language="zh")
    before = assignments.of_assessment(session, draft.id)
    saved = browser.send(changed, place)

    assert page.one("button", name="language").get("form") == page.form(place).get("id")
    assert (changed.status, changed.lang) == (200, "zh-CN")
    assert dict(filled_in(changed, changed.form(place))).items() >= fields.items()
    assert before == {}
    assert saved.status == 303
    assert assignments.of_assessment(session, draft.id)["everything"].due_on == SOON


def test_what_was_chosen_comes_back_if_the_page_was_open_for_too_long(
    app: Flask, session: Session
) -> None:
    _, owner, member, draft = a_team(session)
    browser = browser_of(app, session, owner)
    place = f"/assessments/{draft.id}/sections"
    page = browser.get(place)
    with browser.client.session_transaction() as kept:
        del kept["csrf_token"]
    fields = {"who.everything": str(member.user_id), "due.everything": SOON.isoformat()}

    unsent = browser.send(page, place, **fields)
    saved = browser.send(unsent, place)

    assert unsent.status == 400
    (typed,) = unsent.one("details", **{"class": "more"}).iter("li")
    assert words_of(typed) == SOON.isoformat()
    assert "Your 1 choice is still here" in words_of(unsent.by_id("main"))
    assert saved.status == 303
    assert assignments.of_assessment(session, draft.id)["everything"].user_id == member.user_id


def test_an_old_form_takes_nothing_away_from_somebody_who_has_joined_since(
    app: Flask, session: Session
) -> None:
    _, owner, member, draft = a_team(session)
    browser = browser_of(app, session, owner)
    place = f"/assessments/{draft.id}/sections"
    opened = browser.get(place)
    newcomer = a_user(session, FIRM, name="孙丽")
    invitations.accept(session, a_link(session, owner, draft.id), user=newcomer, now=NOW)
    session.commit()

    saved = browser.send(opened, place, **{"who.profile": str(member.user_id)})

    given = assignments.of_assessment(session, draft.id)
    assert saved.status == 303
    assert {key: each.user_id for key, each in given.items()} == {
        "everything": newcomer.id,
        "profile": member.user_id,
    }


@pytest.mark.parametrize("locale", list(Locale))
def test_a_section_that_two_gave_out_is_shown_as_it_is_now_and_nothing_is_half_done(
    app: Flask, session: Session, locale: Locale
) -> None:
    _, owner, member, draft = a_team(session)
    browser = browser_of(app, session, owner, language=locale)
    place = f"/assessments/{draft.id}/sections"
    opened = browser.get(place)
    give(session, owner, draft, member, SOON)
    session.commit()
    wanted = {"who.everything": str(owner.user_id), "who.profile": str(owner.user_id)}

    refused = browser.send(opened, place, **wanted)
    after_refusal = assignments.of_assessment(session, draft.id)
    saved = browser.send(refused, place)
    after = assignments.of_assessment(session, draft.id)
    again = browser.send(browser.get(place), place, **wanted, **{"due.everything": ""})

    title = {Locale.ZH: "板块everything", Locale.EN: "Section everything"}[locale]
    assert refused.status == 409
    assert f"“{title}”" in words_of(refused.by_id("faults"))
    assert dict(filled_in(refused, refused.form(place)))["who.everything"] == str(member.user_id)
    assert refused.by_id("due-everything").get("value") == SOON.isoformat()
    assert [*after_refusal] == ["everything"], "what was chosen beside it has to wait too"
    assert saved.status == 303, "it is as it is shown, and the other choice still stands there"
    assert {key: each.user_id for key, each in after.items()} == {
        "everything": member.user_id,
        "profile": owner.user_id,
    }
    assert again.status == 303
    assert assignments.of_assessment(session, draft.id)["everything"].user_id == owner.user_id


def test_what_two_gave_to_the_same_person_is_no_conflict(app: Flask, session: Session) -> None:
    _, owner, member, draft = a_team(session)
    browser = browser_of(app, session, owner)
    place = f"/assessments/{draft.id}/sections"
    opened = browser.get(place)
    give(session, owner, draft, member)
    session.commit()

    saved = browser.send(opened, place, **{"who.everything": str(member.user_id)})

    assert saved.status == 303
    assert assignments.of_assessment(session, draft.id)["everything"].user_id == member.user_id


def test_a_form_that_does_not_say_what_it_showed_takes_nothing_away(
    app: Flask, session: Session
) -> None:
    _, owner, member, draft = a_team(session)
    give(session, owner, draft, member)
    session.commit()
    browser = browser_of(app, session, owner)
    place = f"/assessments/{draft.id}/sections"

    silent = browser.post(place, {"who.everything": str(owner.user_id)})
    forged = browser.post(place, {"who.everything": "", "was.everything": "x y"})

    assert (silent.status, forged.status) == (409, 400)
    assert assignments.of_assessment(session, draft.id)["everything"].user_id == member.user_id


def test_sections_of_what_is_submitted_are_not_given_out(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, owner)

    shown = browser.get(f"/assessments/{done.id}/sections")
    sent = browser.post(f"/assessments/{done.id}/sections", {"who.everything": "1"})

    assert (shown.status, sent.status) == (422, 422)
    assert "has been submitted" in shown.text


@pytest.mark.parametrize("locale", list(Locale))
def test_everybody_sees_what_is_theirs_and_what_is_overdue(
    app: Flask, session: Session, locale: Locale
) -> None:
    _, owner, member, draft = a_team(session)
    give(session, owner, draft, member, TODAY - timedelta(days=3))

    mine = browser_of(app, session, member, language=locale).get(f"/assessments/{draft.id}")
    owners = browser_of(app, session, owner, language=locale).get(f"/assessments/{draft.id}")

    late = [words_of(each) for each in owners.all("strong", **{"class": "late"})]
    assert len(late) == 1
    assert mine.form(f"/assessments/{draft.id}/pages/everything/done") is not None
    assert not [f for f in owners.all("form") if f.get("action", "").endswith("/done")]
    assert "赵倩" in step(owners)


def test_my_part_is_done_and_not_done_after_all(app: Flask, session: Session) -> None:
    _, owner, member, draft = a_team(session)
    give(session, owner, draft, member)
    browser = browser_of(app, session, member)
    here = f"/assessments/{draft.id}"

    done = browser.follow(browser.send(browser.get(here), f"{here}/pages/everything/done"))
    seen = browser_of(app, session, owner).get(here)
    undone = browser.follow(browser.send(done, f"{here}/pages/everything/not-done"))

    assert "7 questions are still open" in browser.get(here).text
    assert "part done on" in step(done)
    assert "part done on" in step(seen)
    assert "part done on" not in step(undone)


def test_nobody_says_that_a_part_of_others_is_done(app: Flask, session: Session) -> None:
    _, owner, member, draft = a_team(session)
    _, stranger = a_firm(session, "远山机械有限公司")
    give(session, owner, draft, member)
    place = f"/assessments/{draft.id}/pages/everything/done"

    answers = {
        who.user_id: browser_of(app, session, who).post(place).status for who in (owner, stranger)
    }

    assert answers == {owner.user_id: 403, stranger.user_id: 404}
    assert assignments.of_assessment(session, draft.id)["everything"].done_at is None


def test_a_section_of_others_is_for_reading_and_refuses_what_is_forged(
    app: Flask, session: Session
) -> None:
    _, owner, member, draft = a_team(session)
    give(session, owner, draft, member)
    browser = browser_of(app, session, member)
    place = f"/assessments/{draft.id}/pages/profile"

    page = browser.get(place)
    forged = browser.post(place, {"q_size-class": "small", "q_size-class.seen": "0", "go": "hub"})
    check = browser.get(f"/assessments/{draft.id}/check")

    assert "not assigned to you" in page.text
    assert not [form for form in page.all("form") if form.get("id") == "answers"]
    assert forged.status in (403, 409)
    assert assessments.hub(session, owner, draft.id).plain == {}
    assert "you can read it, but not change it" in check.text
    assert not [link for link in check.links() if "/pages/profile" in link]
    assert [link for link in check.links() if "/pages/everything" in link]


def test_what_is_missing_stands_by_person_ones_own_first_nobodys_last(
    app: Flask, session: Session
) -> None:
    _firm, owner, member, draft = a_team(session)
    give(session, owner, draft, member)

    of_owner = browser_of(app, session, owner).get(f"/assessments/{draft.id}/missing")
    of_member = browser_of(app, session, member).get(f"/assessments/{draft.id}/missing")

    titles = [[words_of(heading) for heading in page.all("h2")] for page in (of_owner, of_member)]
    assert titles == [
        ["赵倩 7 questions", "Not assigned 1 question"],
        ["You 7 questions", "Not assigned 1 question"],
    ]


def test_the_owner_changes_what_a_colleague_answers(app: Flask, session: Session) -> None:
    _, owner, member, _draft = a_team(session)
    browser = browser_of(app, session, owner)
    place = f"/firm/people/{member.user_id}/scope"

    page = browser.follow(browser.post(place, {"scope": "all"}))
    wrong = browser.post(place, {"scope": "nothing"})

    assert "Change to: only the assigned sections" in page.text
    assert wrong.status == 422
    assert actor_of(session, member.user_id).scope == "all"


def test_two_windows_of_one_person_are_told_apart_by_name(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    member = a_member(session, firm)
    draft = an_assessment(session, owner)
    place = f"/assessments/{draft.id}/pages/everything"
    mine, theirs = browser_of(app, session, owner), browser_of(app, session, member)
    first, second, third = mine.get(place), mine.get(place), theirs.get(place)

    mine.send(second, place, q_years="6")
    own = mine.send(first, place, q_years="7")
    others = theirs.send(third, place, q_years="8")

    assert "You saved another answer in another window" in own.text
    assert "王强" not in words_of(own.by_id("q_years-box"))
    assert "王强 saved another answer" in others.text


def test_the_registered_name_is_offered_and_counts_once_it_is_confirmed(
    app: Flask, session: Session
) -> None:
    firm, owner = a_firm(session)
    profile = a_profile(words("company-name", maximum_length=100, required=True))
    version = a_version(session, bank_data(profile=profile, size_by=None))
    draft = an_assessment(session, owner, version=version)
    browser = browser_of(app, session, owner)
    place = f"/assessments/{draft.id}/pages/profile"

    page = browser.get(place)
    before = assessments.hub(session, owner, draft.id).plain
    after = browser.follow(browser.send(page, place, confirm="company-name"))

    assert "As registered:" in page.text
    assert before == {}
    assert after.by_id("q_company-name").get("value") == firm.name
    assert "As registered" not in after.text


def test_a_day_that_has_passed_stays_while_it_is_not_changed(app: Flask, session: Session) -> None:
    _, owner, member, draft = a_team(session)
    give(session, owner, draft, member, TODAY - timedelta(days=3))
    browser = browser_of(app, session, owner)
    place = f"/assessments/{draft.id}/sections"

    saved = browser.send(browser.get(place), place)

    assert saved.status == 303


def test_comments_of_colleagues_are_counted_at_the_question_and_on_the_overview(
    app: Flask, session: Session
) -> None:
    _, owner, member, draft = a_team(session)
    give(session, owner, draft, member)
    now = datetime.now(UTC)
    comments.add(session, member, draft.id, "years", text="谁知道？", now=now)
    comments.add(session, owner, draft.id, "years", text="我问一下。", now=now)
    owners = browser_of(app, session, owner)

    hub = owners.get(f"/assessments/{draft.id}")
    page = owners.get(f"/assessments/{draft.id}/pages/everything")

    assert "#latest" in hub.links()
    assert "2 comments" in words_of(page.by_id("q_years-box"))
    assert "comment" not in words_of(page.by_id("q_planning-box")).replace("and comments", "")


def test_whoever_has_no_section_is_told_so_and_offered_to_read(
    app: Flask, session: Session
) -> None:
    _, owner, member, draft = a_team(session)
    browser = browser_of(app, session, member)

    before = [browser.get("/firm"), browser.get(f"/assessments/{draft.id}")]
    give(session, owner, draft, member)
    session.commit()
    after = [browser.get("/firm"), browser.get(f"/assessments/{draft.id}")]

    assert "Look at it" in before[0].text
    assert "No section is assigned to you yet" in before[1].text
    assert "For reading" in step(before[1])
    assert "Go on answering" in after[0].text
    assert "No section is assigned to you yet" not in after[1].text
    assert "Not assigned · for reading" in step(after[1], "profile")
