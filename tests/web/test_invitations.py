"""Invitations by link: made, opened in the invitee's language, used, closed; every refusal."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from survey.config import Settings
from survey.core.text import Locale
from survey.services import assessments, invitations
from survey.services.people import FIRM, Actor, actor_of
from survey.store.models import Invitation, User
from tests.browser import Browser, Page, words_of
from tests.builders import FULL_ANSWERS, bank_data
from tests.mail import MailBox, a_mail_server
from tests.signing import PASSWORD, link_in, sign_in, with_mail_server, with_password
from tests.stored import (
    NOW,
    a_consultant,
    a_firm,
    a_member,
    a_user,
    a_version,
    an_assessment,
)
from tests.web.people import browser_of

JOINING: Mapping[str, str] = {
    "name": "周 明",
    "email": "Zhou@example.com",
    "password": PASSWORD,
    "password_confirm": PASSWORD,
    "consent": "y",
}


def a_link(session: Session, owner: Actor, *, locale: Locale = Locale.EN) -> str:
    """The address of a fresh link."""
    secret = invitations.invite(
        session, owner, name="周明", locale=locale, scope="assigned", now=datetime.now(UTC)
    )
    session.commit()
    return f"/join/{secret}"


def opened(browser: Browser, link: str) -> Page:
    return browser.follow(browser.get(link))


def the_link_on(page: Page) -> str:
    return urlsplit(page.by_id("link").get("value", "")).path


def test_the_owner_makes_a_link_that_is_shown_once(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner)
    browser = browser_of(app, session, owner)
    page = browser.get(f"/firm/invitations?assessment={draft.id}")

    sent = browser.send(
        page, "/firm/invitations", name="周明", locale="en", scope="assigned", pages="everything"
    )
    shown = browser.follow(sent)
    again = browser.get("/firm/invitations")

    assert sent.status == 303
    secret = the_link_on(shown).removeprefix("/join/")
    assert secret not in sent.location
    assert secret not in again.html
    assert "周明" in again.text
    assert "1 section assigned" in again.text
    assert invitations.open_link(session, secret, now=datetime.now(UTC)).scope == "assigned"


@pytest.mark.parametrize("locale", list(Locale))
def test_a_link_stays_while_the_language_is_changed_and_no_longer(
    app: Flask, session: Session, locale: Locale
) -> None:
    _, owner = a_firm(session)
    browser = browser_of(app, session, owner, language=locale)
    place = "/firm/invitations"
    shown = browser.follow(browser.send(browser.get(place), place, name="周明"))
    secret = the_link_on(shown).removeprefix("/join/")
    switch = shown.one("button", name="language")

    changed = browser.send(shown, place, name="钱进", days="9", language=switch.get("value"))
    with browser.client.session_transaction() as kept:
        remembered = str(dict(kept))
    again = browser.get(place)

    assert switch.get("form") == "invite"
    assert (changed.status, changed.lang == shown.lang) == (200, False)
    assert the_link_on(changed) == the_link_on(shown)
    assert "周明" in words_of(changed.one("section", **{"aria-labelledby": "made-title"}))
    assert [changed.by_id(name).get("value") for name in ("name", "days")] == ["钱进", "9"]
    assert changed.response.headers["Cache-Control"] == "no-store"
    assert secret not in remembered
    assert secret not in again.html
    assert len(session.scalars(select(Invitation)).all()) == 1


def test_a_link_stays_while_the_next_invitation_is_corrected(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    browser = browser_of(app, session, owner)
    place = "/firm/invitations"
    shown = browser.follow(browser.send(browser.get(place), place, name="周明"))

    again = browser.send(shown, place, name="钱进", days="99")

    assert again.status == 422
    assert the_link_on(again) == the_link_on(shown)


@pytest.mark.parametrize("whose", ["withdrawn", "another firm's", "nobody"])
def test_no_other_link_is_shown_when_the_language_is_changed(
    app: Flask, session: Session, whose: str
) -> None:
    _, owner = a_firm(session)
    _, other = a_firm(session, "远山机械有限公司")
    secret = "of-nobody"
    if whose != "nobody":
        link = a_link(session, other if whose == "another firm's" else owner)
        secret = link.removeprefix("/join/")
    if whose == "withdrawn":
        close(session, owner, "withdrawn")
    browser = browser_of(app, session, owner)

    page = browser.post("/firm/invitations", {"made": secret, "made-to": "", "language": "zh"})

    assert (page.status, page.lang) == (200, "zh-CN")
    assert secret not in page.html


def test_an_invitation_comes_back_if_the_page_was_open_for_too_long_but_no_link(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    browser = browser_of(app, session, owner)
    place = "/firm/invitations"
    shown = browser.follow(browser.send(browser.get(place), place, name="周明"))
    secret = the_link_on(shown).removeprefix("/join/")
    with browser.client.session_transaction() as kept:
        del kept["csrf_token"]

    unsent = browser.send(shown, place, name="钱进", days="9")
    sent = browser.send(unsent, place)

    assert unsent.status == 400
    shown_again = unsent.one("details", **{"class": "more"})
    assert [words_of(line) for line in shown_again.iter("li")] == ["钱进", "9"]
    assert secret not in unsent.html
    assert sent.status == 303
    assert "钱进" in browser.follow(sent).text


@pytest.mark.parametrize("days", ["7天", "soon", "0", "31", ""])
@pytest.mark.parametrize("locale", list(Locale))
def test_a_wrong_number_of_days_is_said_in_one_sentence_of_ours(
    app: Flask, session: Session, locale: Locale, days: str
) -> None:
    _, owner = a_firm(session)
    browser = browser_of(app, session, owner, language=locale)
    place = "/firm/invitations"

    page = browser.send(browser.get(place), place, name="周明", days=days)

    sentence = {
        Locale.EN: "Enter a number of days from 1 to 30.",
        Locale.ZH: "请填写1至30之间的天数。",
    }[locale]
    assert words_of(page.by_id("days-fault")) == sentence


def test_after_submission_a_link_is_made_without_sections(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner, answers=FULL_ANSWERS)
    browser = browser_of(app, session, owner)
    place = f"/firm/invitations?assessment={draft.id}"
    page = browser.get(place)
    assessments.submit(session, owner, draft.id, now=NOW)
    session.commit()

    shown = browser.get(place)
    refused = browser.send(page, place, name="周明", pages="everything")
    sent = browser.send(refused, "/firm/invitations")

    assert shown.status == 200
    assert shown.all("input", name="pages") == []
    assert refused.status == 422
    assert "its sections can no longer be assigned" in words_of(refused.by_id("faults"))
    assert refused.by_id("name").get("value") == "周明"
    assert sent.status == 303
    assert the_link_on(browser.follow(sent)).startswith("/join/")


@pytest.mark.parametrize("locale", list(Locale))
def test_who_belongs_to_the_firm_already_is_told_so(
    app: Flask, session: Session, locale: Locale
) -> None:
    firm, owner = a_firm(session)
    link = a_link(session, owner)
    member = a_member(session, firm)
    sentence = {
        Locale.EN: "You belong to this firm already.",
        Locale.ZH: "您已是该企业的成员。",
    }[locale]

    pages = [
        opened(browser_of(app, session, who, language=locale), link) for who in (owner, member)
    ]

    assert [sentence in page.text for page in pages] == [True, True]
    assert [
        form for page in pages for form in page.all("form") if form.get("action") == "/join"
    ] == []


@pytest.mark.parametrize("locale", list(Locale))
def test_with_a_mail_server_the_link_goes_to_the_colleague_in_their_language(
    open_app: Callable[[Settings], Flask], settings: Settings, session: Session, locale: Locale
) -> None:
    firm, owner = a_firm(session)
    with a_mail_server() as box:
        app = open_app(with_mail_server(settings, box))
        browser = browser_of(app, session, owner)
        page = browser.get("/firm/invitations")
        facts = {"name": "周明", "email": "zhou@example.com", "locale": locale.value}

        shown = browser.follow(browser.send(page, "/firm/invitations", **facts))

    (letter,) = box.letters
    assert "on its way to zhou@example.com" in shown.text
    assert (letter["To"], letter["Content-Language"]) == ("zhou@example.com", locale.html_lang)
    assert firm.name in box.words()
    assert link_in(box.words()) == the_link_on(shown)
    assert opened(Browser(app), the_link_on(shown)).status == 200
    assert session.scalars(select(User.id)).all() == [owner.user_id]


def test_the_owner_does_not_learn_who_has_an_account(
    open_app: Callable[[Settings], Flask], settings: Settings, session: Session
) -> None:
    firm, owner = a_firm(session)
    with_password(open_app(settings), session, a_member(session, firm), email="own@example.com")
    a_user(session, FIRM, email="free@example.com")
    a_user(session, "consultant", email="consultant@example.com")
    with a_mail_server() as box:
        app = open_app(with_mail_server(settings, box))
        browser = browser_of(app, session, owner)

        pages = []
        for whose in ("own", "free", "consultant", "nobody"):
            facts = {"name": "周明", "email": f"{whose}@example.com", "locale": "zh"}
            shown = browser.follow(
                browser.send(browser.get("/firm/invitations"), "/firm/invitations", **facts)
            )
            panel = words_of(shown.one("section", **{"aria-labelledby": "made-title"}))
            pages.append(panel.replace(f"{whose}@", "…@"))

    assert len(box.letters) == 4
    assert len(set(pages)) == 1
    assert [line.accepted_by for line in invitations.list_for_firm(session, owner, now=NOW)] == [
        None
    ] * 4


def test_a_link_whose_letter_cannot_be_sent_is_handed_on_by_the_owner(
    open_app: Callable[[Settings], Flask], settings: Settings, session: Session
) -> None:
    _, owner = a_firm(session)
    with a_mail_server() as box:
        gone = with_mail_server(settings, box)
    app = open_app(gone)
    browser = browser_of(app, session, owner)
    facts = {"name": "周明", "email": "zhou@example.com", "locale": "zh"}

    shown = browser.follow(
        browser.send(browser.get("/firm/invitations"), "/firm/invitations", **facts)
    )

    assert "The e-mail to zhou@example.com could not be sent." in shown.text
    assert "on its way" not in shown.text
    assert opened(Browser(app), the_link_on(shown)).status == 200


def test_without_a_mail_server_no_address_is_asked_for(
    app: Flask, settings: Settings, session: Session
) -> None:
    _, owner = a_firm(session)
    browser = browser_of(app, session, owner)
    page = browser.get("/firm/invitations")

    facts = {
        "name": "周明",
        "email": "zhou@example.com",
        "locale": "zh",
        "scope": "all",
        "days": "7",
    }
    forged = browser.post("/firm/invitations", facts)

    assert page.all("input", name="email") == []
    assert forged.status == 303
    assert not settings.mail_folder.exists()


def test_letters_to_strangers_are_limited_more_than_links(
    open_app: Callable[[Settings], Flask], settings: Settings, session: Session
) -> None:
    _, owner = a_firm(session)
    with a_mail_server() as box:
        browser = browser_of(open_app(with_mail_server(settings, box)), session, owner)
        facts = {"name": "周明", "locale": "zh", "scope": "all", "days": "7"}
        by_hand = [browser.post("/firm/invitations", facts).status for _each in range(6)]
        facts["email"] = "zhou@example.com"
        spoken = {**facts, "language": "en"}
        switched = [browser.post("/firm/invitations", spoken).status for _each in range(6)]
        by_letter = [browser.post("/firm/invitations", facts).status for _each in range(6)]

    assert by_hand == [303] * 6
    assert switched == [200] * 6
    assert by_letter == [303] * 5 + [429]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "明" * 121),
        ("days", "0"),
        ("days", "31"),
        ("days", "soon"),
        ("locale", "fr"),
        ("scope", "nothing"),
        ("pages", "no-such-page"),
    ],
)
def test_a_link_with_a_fault_is_not_made_and_nothing_typed_is_lost(
    app: Flask, session: Session, field: str, value: str
) -> None:
    _, owner = a_firm(session)
    an_assessment(session, owner)
    browser = browser_of(app, session, owner)
    whole = {"name": "周明", "locale": "en", "scope": "all", "days": "9"}

    page = browser.send(
        browser.get("/firm/invitations"), "/firm/invitations", **(whole | {field: value})
    )

    assert page.status == 422
    assert "There is a problem" in page.text
    if field != "days":
        assert page.by_id("days").get("value") == "9"
    assert session.scalars(select(Invitation)).all() == []


def test_a_firm_without_an_assessment_can_invite_too(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    browser = browser_of(app, session, owner)

    sent = browser.send(
        browser.get("/firm/invitations"), "/firm/invitations", name="周明", locale="zh"
    )

    assert sent.status == 303
    assert the_link_on(browser.follow(sent)).startswith("/join/")


def test_with_several_assessments_the_owner_chooses_whose_sections(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    first, other = an_assessment(session, owner), a_firm(session)[1]
    second = an_assessment(session, owner, version=a_version(session, bank_data(key="another")))
    theirs = an_assessment(session, other)
    browser = browser_of(app, session, owner)

    page = browser.get("/firm/invitations")

    assert f"/firm/invitations?assessment={first.id}" in page.links()
    assert browser.get(f"/firm/invitations?assessment={second.id}").status == 200
    for unknown in (theirs.id, 999_999):
        assert browser.get(f"/firm/invitations?assessment={unknown}").status == 404


def test_too_many_open_links_are_refused_with_a_sentence(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    for _each in range(invitations.MOST_OPEN):
        a_link(session, owner)
    browser = browser_of(app, session, owner)

    page = browser.send(
        browser.get("/firm/invitations"), "/firm/invitations", name="周明", locale="zh"
    )

    assert page.status == 422
    assert "Withdraw those that are not needed" in page.text


@pytest.mark.parametrize("locale", list(Locale))
@pytest.mark.parametrize("browsers", ["zh-CN", "en", "de"])
def test_a_link_opens_in_the_language_that_it_was_made_for(
    app: Flask, session: Session, locale: Locale, browsers: str
) -> None:
    firm, owner = a_firm(session)
    link = a_link(session, owner, locale=locale)
    browser = Browser(app)
    browser.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = browsers

    page = opened(browser, link)

    assert page.lang == locale.html_lang
    assert firm.name in page.text


def test_the_language_can_be_changed_on_the_page_and_stays(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    browser = Browser(app)
    page = opened(browser, a_link(session, owner, locale=Locale.EN))

    chinese = browser.send(page, "/join", language="zh", **{**JOINING, "password_confirm": "x"})
    refused = browser.send(chinese, "/join", **{**JOINING, "password_confirm": "other"})

    assert (chinese.status, chinese.lang) == (200, "zh-CN")
    assert chinese.by_id("email").get("value") == "Zhou@example.com"
    assert (refused.status, refused.lang) == (422, "zh-CN")


def test_an_invited_person_opens_an_account_and_is_a_colleague(
    app: Flask, session: Session
) -> None:
    firm, owner = a_firm(session)
    browser = Browser(app)
    page = opened(browser, a_link(session, owner))

    inside = browser.follow(browser.send(page, "/join", **JOINING))

    user = session.scalars(select(User).where(User.email == "Zhou@example.com")).one()
    newcomer = actor_of(session, user.id)
    assert "Welcome" in inside.text
    assert (newcomer.firm_id, newcomer.owner, newcomer.scope) == (firm.id, False, "assigned")
    assert user.locale == "en"
    assert sign_in(Browser(app), "zhou@example.com", PASSWORD).status == 303


def test_an_invitation_to_sections_leads_to_the_overview(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner)
    secret = invitations.invite(
        session,
        owner,
        name="周明",
        locale=Locale.EN,
        scope="all",
        assessment_id=draft.id,
        page_keys=["everything"],
        now=datetime.now(UTC),
    )
    session.commit()
    browser = Browser(app)
    page = opened(browser, f"/join/{secret}")

    inside = browser.send(page, "/join", **JOINING)

    assert "Section everything" in page.text
    assert inside.location == f"/assessments/{draft.id}"
    assert "Yours" in browser.follow(inside).text


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"email": "no address"},
        {"password": "short", "password_confirm": "short"},
        {"password_confirm": "another long password"},
        {"consent": None},
    ],
)
def test_joining_keeps_the_rules_of_registering(
    app: Flask, session: Session, change: dict[str, str | None]
) -> None:
    _, owner = a_firm(session)
    browser = Browser(app)
    link = a_link(session, owner)

    page = browser.send(opened(browser, link), "/join", **(dict(JOINING) | change))

    assert page.status == 422
    assert "There is a problem" in page.text
    assert opened(Browser(app), link).status == 200


def test_somebody_who_is_known_signs_in_first_and_joins_then(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    free = actor_of(session, a_user(session, FIRM, name="钱进").id)
    with_password(app, session, free, email="free@example.com")
    browser = Browser(app)
    page = opened(browser, a_link(session, owner))

    refused = browser.send(page, "/join", **{**JOINING, "email": "FREE@example.com"})
    login = browser.send(page, "/join", go="sign-in")
    back = sign_in_here(browser, login, "free@example.com")
    joined = browser.follow(browser.send(back, "/join"))

    assert refused.status == 422
    assert "already has an account" in refused.text
    assert login.location == "/login?next=/join"
    assert "钱进" in back.text
    assert "欢迎" in joined.text  # the account's own language
    assert actor_of(session, free.user_id).firm_id == firm.id


def sign_in_here(browser: Browser, login: Page, email: str) -> Page:
    """Sign in on the page that an answer leads to, and go where that leads."""
    page = browser.follow(login)
    return browser.follow(browser.send(page, "/login", email=email, password=PASSWORD))


def joined_by_letter(app: Flask, box: MailBox, link: str) -> tuple[Page, str]:
    """What is answered to somebody who fills in the form, and the link of the letter."""
    browser = Browser(app)
    return browser.send(opened(browser, link), "/join", **JOINING), link_in(box.words())


def test_with_a_mail_server_an_address_is_confirmed_before_anything_is_stored(
    open_app: Callable[[Settings], Flask], settings: Settings, session: Session
) -> None:
    firm, owner = a_firm(session)
    with a_mail_server() as box:
        app = open_app(with_mail_server(settings, box))
        answer, confirm = joined_by_letter(app, box, a_link(session, owner))
        before = session.scalars(select(User.id)).all()
        browser = Browser(app, language=Locale.EN)
        looked = browser.get(confirm)
        inside = browser.follow(browser.send(looked, "/register/confirm/"))

    newcomer = session.scalars(select(User).where(User.email == "Zhou@example.com")).one()
    assert answer.location == "/register/sent"
    assert before == [owner.user_id]
    assert firm.name in looked.text
    assert "Welcome" in inside.text
    assert actor_of(session, newcomer.id).firm_id == firm.id


def test_with_a_mail_server_the_page_does_not_tell_who_has_an_account(
    open_app: Callable[[Settings], Flask], settings: Settings, session: Session
) -> None:
    _, owner = a_firm(session)
    a_user(session, FIRM, email="zhou@example.com")
    with a_mail_server() as box:
        app = open_app(with_mail_server(settings, box))
        browser = Browser(app)
        page = opened(browser, a_link(session, owner))

        known = browser.send(page, "/join", **JOINING)
        unknown = browser.send(page, "/join", **(dict(JOINING) | {"email": "new@example.com"}))

    assert (known.status, known.location) == (unknown.status, unknown.location)
    assert len(box.letters) == 2
    assert len(session.scalars(select(User)).all()) == 2


@pytest.mark.parametrize("late", ["used", "confirmed twice"])
def test_a_letter_is_of_use_as_long_as_its_invitation(
    open_app: Callable[[Settings], Flask], settings: Settings, session: Session, late: str
) -> None:
    _, owner = a_firm(session)
    link = a_link(session, owner)
    with a_mail_server() as box:
        app = open_app(with_mail_server(settings, box))
        _, confirm = joined_by_letter(app, box, link)
        second = confirm
        if late == "confirmed twice":
            _, second = joined_by_letter(app, box, a_link(session, owner))
        first = Browser(app, language=Locale.EN)
        first.send(first.get(confirm), "/register/confirm/")
        again = Browser(app, language=Locale.EN)
        page = again.send(again.get(second), "/register/confirm/")

    assert (page.status, page.location) == {
        "used": (410, ""),
        "confirmed twice": (303, "/login"),
    }[late]
    assert len(session.scalars(select(User)).all()) == 2


def test_a_whole_team_is_invited_in_one_go(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    browser = browser_of(app, session, owner)
    facts = {"name": "周明", "locale": "zh", "scope": "all", "days": "7"}

    answers = [browser.post("/firm/invitations", facts).status for _ in range(12)]

    assert answers == [303] * 12


@pytest.mark.parametrize("who", ["member", "owner elsewhere", "consultant"])
def test_who_belongs_elsewhere_is_told_so(app: Flask, session: Session, who: str) -> None:
    firm, owner = a_firm(session)
    actors = {
        "member": a_member(session, firm),
        "owner elsewhere": a_firm(session, "远山机械有限公司")[1],
        "consultant": a_consultant(session, firm),
    }
    link = a_link(session, owner)
    browser = browser_of(app, session, actors[who])

    page = opened(browser, link)
    forced = browser.post("/join", {"for": session.scalars(select(Invitation.id)).one()})

    assert ("This account cannot join" in page.text) is (who != "member")
    assert forced.status == 422
    assert opened(Browser(app), link).status == 200


@pytest.mark.parametrize("who", ["stranger", "signed-in"])
@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("used", "has already been used"),
        ("withdrawn", "has been withdrawn"),
        ("expired", "has expired"),
    ],
)
def test_a_closed_link_says_why_in_the_invitees_language(
    app: Flask, session: Session, state: str, sentence: str, who: str
) -> None:
    _, owner = a_firm(session)
    link = a_link(session, owner)
    user = a_user(session, FIRM)
    browser, typed = Browser(app), dict(JOINING)
    if who == "signed-in":
        browser, typed = browser_of(app, session, actor_of(session, user.id)), {}
    before = opened(browser, link)
    close(session, owner, state)

    late = browser.send(before, "/join", **typed)
    fresh = opened(Browser(app), link)

    for page in (late, fresh):
        assert (page.status, page.lang) == (410, "en")
        assert sentence in page.text
    assert session.scalars(select(User).where(User.email == "Zhou@example.com")).all() == []


def close(session: Session, owner: Actor, state: str) -> None:
    """Make the only invitation one that lets nobody in."""
    invitation = session.scalars(select(Invitation)).one()
    now = datetime.now(UTC)
    if state == "used":
        invitation.accepted_at, invitation.accepted_by = now, owner.user_id
    elif state == "withdrawn":
        invitation.withdrawn_at = now
    else:
        invitation.expires_at = now - timedelta(seconds=1)
    session.commit()


def test_an_unknown_link_leads_nowhere(app: Flask) -> None:
    for link in ("/join", "/join/unknown", "/join/%00", "/join/" + "x" * 3000):
        assert opened(Browser(app), link).status == 404, link


def test_the_secret_stands_in_no_address_that_loads_or_leads_anywhere(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    link = a_link(session, owner)
    browser = Browser(app)

    answer = browser.get(link)
    page = browser.follow(answer)

    assert answer.location == "/join"
    assert answer.response.headers["Referrer-Policy"] == "no-referrer"
    assert answer.response.headers["Cache-Control"] == "no-store"
    assert link.removeprefix("/join/") not in page.html


def test_a_page_of_one_link_never_uses_another(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    _, other = a_firm(session, "远山机械有限公司")
    browser = Browser(app)
    first = opened(browser, a_link(session, owner))
    opened(browser, a_link(session, other))

    answer = browser.send(first, "/join", **JOINING)

    assert answer.location == "/join"
    assert "远山机械有限公司" in browser.follow(answer).text
    assert session.scalars(select(User).where(User.email == "Zhou@example.com")).all() == []


def test_the_owner_withdraws_a_link(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    link = a_link(session, owner)
    browser = browser_of(app, session, owner)

    page = browser.get("/firm/invitations")
    after = browser.follow(browser.send(page, "/firm/invitations/1/withdraw"))

    assert "Withdrawn" in after.text
    assert opened(Browser(app), link).status == 410


def test_another_firms_link_cannot_be_withdrawn(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    _, stranger = a_firm(session, "远山机械有限公司")
    link = a_link(session, owner)

    answer = browser_of(app, session, stranger).post("/firm/invitations/1/withdraw")

    assert answer.status == 404
    assert opened(Browser(app), link).status == 200


def test_opening_links_is_limited(app: Flask) -> None:
    browser = Browser(app)

    answers = {browser.get("/join/guess").status for _each in range(40)}

    assert 429 in answers


def test_a_link_that_gives_nothing_to_answer_is_made_with_a_warning(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    browser = browser_of(app, session, owner)
    form = browser.get("/firm/invitations")
    whole = {"name": "周明", "locale": "en"}

    some = browser.send(form, "/firm/invitations", **whole, scope="all")
    whole_firm = browser.follow(some)
    none = browser.follow(browser.send(form, "/firm/invitations", **whole, scope="assigned"))

    assert "can only read" not in whole_firm.text
    assert "No section is ticked: 周明 can only read until you assign some." in none.text


def test_the_people_page_names_who_is_expected(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    member = a_member(session, firm)
    a_link(session, owner)
    browser, theirs = browser_of(app, session, owner), browser_of(app, session, member)

    open_ = browser.get("/firm/people")
    hidden = theirs.get("/firm/people")
    session.execute(update(Invitation).values(withdrawn_at=datetime.now(UTC)))
    session.commit()
    closed = browser.get("/firm/people")

    assert "周明 · the link works until" in open_.text
    assert "周明" not in hidden.text
    assert "Expected to join" not in closed.text
