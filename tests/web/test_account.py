"""Signing in and out, passwords, registering: in both languages, with every refusal."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import i18n
from survey.config import Settings
from survey.core.text import Locale
from survey.services.people import actor_of
from survey.store.models import AuditEvent, Firm, Membership, User
from survey.web.signing import MESSAGES
from tests import stored
from tests.browser import Browser, words_of
from tests.mail import MailBox, a_mail_server
from tests.signing import (
    PASSWORD,
    latin_words,
    link_in,
    sign_in,
    with_mail_server,
    with_password,
)

OpenApp = Callable[[Settings], Flask]

FIRM = {
    "firm_name": "华东精密\u202e铸造",
    "name": "周 明",
    "email": "Zhou@example.com",
    "password": PASSWORD,
    "password_confirm": PASSWORD,
    "consent": "y",
}


@pytest.fixture
def owner(app: Flask, session: Session) -> User:
    _, actor = stored.a_firm(session)
    return with_password(app, session, actor, email="owner@example.com")


@pytest.fixture
def mail_box() -> Iterator[MailBox]:
    with a_mail_server() as box:
        yield box


@pytest.fixture
def mailing(open_app: OpenApp, settings: Settings, mail_box: MailBox) -> Flask:
    """The application with a real mail server."""
    return open_app(with_mail_server(settings, mail_box))


@pytest.fixture
def cut_off(open_app: OpenApp, settings: Settings) -> Flask:
    """The application with a mail server that does not answer any more."""
    with a_mail_server() as box:
        gone = with_mail_server(settings, box)
    return open_app(gone)


# ------------------------------------------------------------------ signing in


def test_who_signs_in_arrives_where_they_wanted_to_go(app: Flask, owner: User) -> None:
    browser = Browser(app, language=Locale.EN)

    asked = browser.get("/firm/people")
    page = sign_in(browser, "OWNER@example.com", address=asked.location)

    assert (asked.status, asked.location) == (303, "/login?next=/firm/people")
    assert (page.status, page.location) == (303, "/firm/people")
    assert browser.get("/firm/people").status == 200


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"],
)
def test_signing_in_never_leads_to_another_site(app: Flask, owner: User, elsewhere: str) -> None:
    browser = Browser(app, language=Locale.EN)
    page = browser.get("/login", query_string={"next": elsewhere})

    answer = browser.send(page, "/login", email=owner.email, password=PASSWORD)

    assert urlsplit(urljoin("http://localhost/login", answer.location)).netloc == "localhost"
    assert "\\" not in answer.location


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    app: Flask, session: Session, owner: User
) -> None:
    browser = Browser(app, language=Locale.EN)

    wrong = sign_in(browser, owner.email, "something else entirely")
    unknown = sign_in(browser, "nobody@example.com", "something else entirely")

    sentence = "Check the e-mail address and the password: together they are not known here."
    assert (wrong.status, unknown.status) == (422, 422)
    assert wrong.text == unknown.text
    assert sentence in wrong.text
    acts = session.scalars(select(AuditEvent.act)).all()
    assert acts.count("fail-to-sign-in") == 1


def test_a_deactivated_person_is_out_at_once(app: Flask, session: Session, owner: User) -> None:
    browser = Browser(app, language=Locale.EN)
    sign_in(browser, owner.email)
    owner.active = False
    session.commit()

    assert browser.get("/account").status == 303
    assert sign_in(Browser(app, language=Locale.EN), owner.email).status == 422


def test_signing_out_needs_the_token_and_ends_the_session(app: Flask, owner: User) -> None:
    browser = Browser(app, language=Locale.EN)
    sign_in(browser, owner.email)

    assert browser.client.post("/logout").status_code == 400
    assert browser.get("/account").status == 200
    assert browser.client.get("/logout").status_code == 405
    assert browser.post("/logout").status == 303
    assert browser.get("/account").status == 303


def test_the_eleventh_try_within_a_minute_is_refused(app: Flask, owner: User) -> None:
    browser = Browser(app, language=Locale.EN)

    statuses = [browser.post("/login", {"email": "a@example.com"}).status for _ in range(11)]

    assert statuses == [422] * 10 + [429]


def test_a_person_meets_the_language_of_the_account(app: Flask, session: Session) -> None:
    user = stored.a_user(session, "administrator", locale=Locale.EN)
    with_password(app, session, actor_of(session, user.id))
    browser = Browser(app)

    sign_in(browser, user.email)

    assert browser.get("/account").lang == "en"


def test_the_session_carries_neither_password_nor_name(app: Flask, owner: User) -> None:
    browser = Browser(app, language=Locale.EN)
    sign_in(browser, owner.email)

    with browser.client.session_transaction() as session:
        assert PASSWORD not in str(dict(session))
        assert owner.email not in str(dict(session))


# -------------------------------------------------------------------- language


@pytest.mark.parametrize(
    "address", ["/login", "/reset", "/register", "/register/sent", "/login?next=/firm"]
)
def test_no_english_word_stands_on_a_chinese_page(app: Flask, address: str) -> None:
    page = Browser(app, language=Locale.ZH).get(address)

    assert page.status == 200
    assert latin_words(page) == set()


@pytest.mark.parametrize(
    "address",
    ["/account", "/change", "/tf-setup", "/mf-recovery-codes", "/firm/people", "/password-again"],
)
def test_no_english_word_stands_on_a_chinese_page_inside(
    app: Flask, owner: User, address: str
) -> None:
    page = Browser(app, language=Locale.ZH).be(owner).get(address)

    assert page.status == 200
    assert latin_words(page) == set()


@pytest.mark.parametrize(
    ("locale", "label"), [(Locale.EN, "Current password"), (Locale.ZH, "当前密码")]
)
def test_the_password_that_is_to_be_changed_is_asked_for_in_the_usual_words(
    app: Flask, owner: User, locale: Locale, label: str
) -> None:
    page = Browser(app, language=locale).be(owner).get("/change")

    assert words_of(page.one("label", **{"for": "password"})) == label


def test_empty_forms_are_refused_in_chinese_words(app: Flask, owner: User) -> None:
    browser = Browser(app, language=Locale.ZH)
    inside = Browser(app, language=Locale.ZH).be(owner)

    answers = [
        browser.send(browser.get("/login"), "/login", email="", password=""),
        browser.send(browser.get("/reset"), "/reset", email="no address"),
        browser.send(browser.get("/register"), "/register"),
        inside.send(inside.get("/change"), "/change"),
        inside.send(inside.get("/firm/invitations"), "/firm/invitations"),
        inside.send(inside.get("/password-again"), "/password-again", password="wrong"),
    ]

    assert [answer.status for answer in answers] == [422] * 6
    assert [latin_words(answer, "name@example.com") for answer in answers] == [set()] * 6


def test_every_message_of_the_library_is_said_in_chinese(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "zh"}):
        said = {key: i18n.gettext(sentence) for key, (sentence, _) in MESSAGES.items()}

    assert [key for key, sentence in said.items() if sentence.isascii()] == []


# ------------------------------------------------------------------- passwords


def test_a_forgotten_password_is_set_by_a_link_that_works_once(
    mailing: Flask, mail_box: MailBox, owner: User
) -> None:
    browser = Browser(mailing, language=Locale.EN)

    asked = browser.send(browser.get("/reset"), "/reset", email=owner.email)
    told = browser.follow(asked)
    link = link_in(mail_box.words())
    answer = browser.send(
        browser.get(link),
        "/reset/",
        password="a new phrase here",
        password_confirm="a new phrase here",
    )

    assert "If owner@example.com belongs to an account" in told.text
    assert mail_box.letters[0]["Subject"] == "企诊：重设密码"
    assert (answer.status, answer.location) == (303, "/login")
    assert mail_box.letters[1]["Subject"] == "企诊：您的密码已重设"
    assert sign_in(browser, owner.email).status == 422
    assert sign_in(browser, owner.email, "a new phrase here").status == 303
    assert Browser(mailing).get(link).location == "/reset"


def test_asking_for_an_unknown_address_looks_the_same_and_sends_nothing(
    mailing: Flask, mail_box: MailBox, owner: User
) -> None:
    texts = []
    for email in (owner.email, "nobody@example.com"):
        browser = Browser(mailing, language=Locale.EN)
        page = browser.follow(browser.send(browser.get("/reset"), "/reset", email=email))
        texts.append(page.text.replace(email, "…"))

    assert texts[0] == texts[1]
    assert len(mail_box.letters) == 1


@pytest.mark.parametrize("email", ["owner@example.com", "nobody@example.com"])
def test_a_silent_mail_server_is_a_sentence_for_everybody(
    cut_off: Flask, owner: User, email: str
) -> None:
    browser = Browser(cut_off, language=Locale.EN)

    page = browser.send(browser.get("/reset"), "/reset", email=email)

    assert page.status == 422
    assert "The e-mail could not be sent" in page.text


def test_without_a_mail_server_letters_become_files(
    app: Flask, settings: Settings, owner: User
) -> None:
    browser = Browser(app, language=Locale.EN)

    browser.send(browser.get("/reset"), "/reset", email=owner.email)

    (letter,) = Path(settings.mail_folder).glob("*.eml")
    assert b"To: owner@example.com" in letter.read_bytes()


def test_links_in_letters_lead_to_the_site_and_not_where_the_request_says(
    mailing: Flask, settings: Settings, mail_box: MailBox, owner: User
) -> None:
    browser = Browser(mailing, language=Locale.EN)
    token = browser.token()

    data = {"email": owner.email, "csrf_token": token}
    browser.client.post(
        "/reset", data=data, headers={"Host": "localhost", "X-Forwarded-Host": "evil"}
    )

    assert settings.base_url + "/reset/" in mail_box.words()


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("short", "Choose a password of 12 to 128 characters."),
        ("aaaabbbbaaaabbbb", "Choose a password that is harder to guess"),
        ("zhangsan-factory", "Choose a password that is harder to guess"),
        ("password1234", "Choose a password that is harder to guess"),
        ("江海阀门有限公司2026", "Choose a password that is harder to guess"),
    ],
)
def test_a_weak_password_is_refused_with_a_remedy(
    app: Flask, session: Session, password: str, sentence: str
) -> None:
    _, actor = stored.a_firm(session)
    user = with_password(app, session, actor, email="zhangsan@example.com")
    browser = Browser(app, language=Locale.EN).be(user)

    page = browser.send(
        browser.get("/change"),
        "/change",
        password=PASSWORD,
        new_password=password,
        new_password_confirm=password,
    )

    assert page.status == 422
    assert sentence in page.text


def test_changing_the_password_ends_other_sessions_but_not_this_one(
    mailing: Flask, mail_box: MailBox, owner: User
) -> None:
    here, there = Browser(mailing, language=Locale.EN), Browser(mailing, language=Locale.EN)
    sign_in(here, owner.email)
    sign_in(there, owner.email)

    answer = here.send(
        here.get("/change"),
        "/change",
        password=PASSWORD,
        new_password="quite another phrase",
        new_password_confirm="quite another phrase",
    )

    assert (answer.status, answer.location) == (303, "/account")
    assert here.get("/account").status == 200
    assert there.get("/account").status == 303
    assert mail_box.letters[-1]["Subject"] == "企诊：您的密码已更改"


def test_a_password_is_changed_even_if_the_notice_cannot_be_sent(
    cut_off: Flask, owner: User
) -> None:
    browser = Browser(cut_off, language=Locale.EN)
    sign_in(browser, owner.email)

    answer = browser.send(
        browser.get("/change"),
        "/change",
        password=PASSWORD,
        new_password="quite another phrase",
        new_password_confirm="quite another phrase",
    )

    assert answer.status == 303
    assert sign_in(Browser(browser.app), owner.email, "quite another phrase").status == 303


# ----------------------------------------------------------------- registering


def test_a_firm_registers_and_its_owner_is_signed_in(app: Flask, session: Session) -> None:
    browser = Browser(app, language=Locale.EN)

    answer = browser.send(browser.get("/register"), "/register", **FIRM)

    assert (answer.status, answer.location) == (303, "/firm")
    assert browser.get("/account").status == 200
    user = session.scalars(select(User).where(User.email == "Zhou@example.com")).one()
    firm = session.scalars(select(Firm)).one()
    assert firm.name == "华东精密 铸造"
    assert session.get_one(Membership, user.id).standing == "owner"
    assert user.locale == "en"
    assert PASSWORD not in (user.password or "")
    assert "argon2" in (user.password or "")


def test_what_was_typed_survives_the_language_switch(app: Flask, session: Session) -> None:
    browser = Browser(app, language=Locale.EN)

    page = browser.send(browser.get("/register"), "/register", **FIRM, language="zh")

    assert page.status == 200
    assert page.lang == "zh-CN"
    assert page.one("input", name="name").get("value") == "周 明"
    assert session.scalars(select(User)).all() == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"consent": None}, "Agree to the storing of your answers to go on."),
        ({"password_confirm": "something else"}, "Type the same password in both boxes."),
        ({"email": "no address"}, "Enter an e-mail address such as name@example.com."),
        ({"firm_name": " \u202e "}, "Enter the name of the firm."),
        ({"firm_name": "𠮷田阀门"}, "The report cannot print “𠮷” (U+20BB7). Replace this"),
        ({"name": "x" * 121}, "Shorten your name to 120 characters."),
    ],
)
def test_a_registration_is_refused_with_a_remedy(
    app: Flask, session: Session, change: dict[str, str | None], sentence: str
) -> None:
    browser = Browser(app, language=Locale.EN)

    page = browser.send(browser.get("/register"), "/register", **(FIRM | change))

    assert page.status == 422
    assert sentence in page.text
    assert session.scalars(select(User)).all() == []


def test_forms_given_back_do_not_count_as_registrations(app: Flask, session: Session) -> None:
    browser = Browser(app, language=Locale.EN)
    page = browser.get("/register")

    back = [
        *(
            browser.send(page, "/register", **FIRM | {"password_confirm": "other"})
            for _ in range(5)
        ),
        *(browser.send(page, "/register", **FIRM, language="zh") for _ in range(5)),
    ]
    done = browser.send(page, "/register", **FIRM)

    assert [each.status for each in back] == [422] * 5 + [200] * 5
    assert (done.status, done.location) == (303, "/firm")


def test_registering_is_limited(mailing: Flask) -> None:
    browser = Browser(mailing)
    page = browser.get("/register")

    asked = [browser.send(page, "/register", **FIRM).status for _ in range(6)]

    assert asked == [303] * 5 + [429]


def test_forms_given_back_are_limited_too(app: Flask) -> None:
    browser = Browser(app)
    page, other = browser.get("/register"), FIRM | {"password_confirm": "other"}

    typed = [browser.send(page, "/register", **other).status for _ in range(31)]

    assert typed == [422] * 30 + [429]


def test_a_name_that_no_report_can_print_is_refused_in_chinese_too(
    app: Flask, session: Session
) -> None:
    browser = Browser(app, language=Locale.ZH)

    page = browser.send(browser.get("/register"), "/register", **FIRM | {"firm_name": "吉😀"})

    assert page.status == 422
    assert "报告无法打印“😀”（U+1F600），请改用其他字符" in page.text
    assert page.one("input", name="firm_name").get("value") == "吉😀"
    assert session.scalars(select(User)).all() == []


def test_with_a_mail_server_nothing_is_stored_before_the_address_is_confirmed(
    mailing: Flask, mail_box: MailBox, session: Session
) -> None:
    browser = Browser(mailing, language=Locale.EN)

    answer = browser.send(browser.get("/register"), "/register", **FIRM)
    before = session.scalars(select(User)).all()
    link = link_in(mail_box.words())
    looked = browser.get(link)
    after_looking = session.scalars(select(User)).all()
    opened = browser.send(looked, "/register/confirm/")

    assert (answer.status, answer.location) == (303, "/register/sent")
    assert before == after_looking == []
    assert (opened.status, opened.location) == (303, "/firm")
    assert session.scalars(select(Firm.name)).all() == ["华东精密 铸造"]
    again = browser.app.test_client()
    assert Browser(mailing, language=Locale.EN).get(link).status == 200
    assert again.get("/register/confirm/forged").status_code == 303


def test_confirming_twice_makes_one_firm(
    mailing: Flask, mail_box: MailBox, session: Session
) -> None:
    first, second = Browser(mailing, language=Locale.EN), Browser(mailing, language=Locale.EN)
    first.send(first.get("/register"), "/register", **FIRM)
    link = link_in(mail_box.words())

    first.send(first.get(link), "/register/confirm/")
    answer = second.send(second.get(link), "/register/confirm/")

    assert answer.location == "/login"
    assert len(session.scalars(select(Firm)).all()) == 1


def test_registering_a_known_address_looks_the_same_and_tells_its_owner(
    mailing: Flask, mail_box: MailBox, session: Session, owner: User
) -> None:
    browser = Browser(mailing, language=Locale.EN)

    known = browser.send(browser.get("/register"), "/register", **(FIRM | {"email": owner.email}))
    unknown = browser.send(browser.get("/register"), "/register", **FIRM)

    assert (known.status, known.location) == (unknown.status, unknown.location)
    assert [letter["Subject"] for letter in mail_box.letters] == [
        "企诊：您的邮箱已有账号",
        "Qizhen: confirm your address",
    ]
    assert len(session.scalars(select(User)).all()) == 1


# --------------------------------------------------------------- every session


def test_signing_out_everywhere_ends_a_copied_session_too(app: Flask, owner: User) -> None:
    browser, copy = (Browser(app, language=Locale.EN) for _ in range(2))
    sign_in(browser, owner.email)
    cookie = browser.client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    copy.client.set_cookie(cookie.key, cookie.value)
    before = copy.get("/firm").status

    page = browser.follow(browser.send(browser.get("/account"), "/account/sign-out-everywhere"))

    assert "signed out on all devices" in page.text
    assert before == 200
    told, again = [copy.follow(copy.get("/firm")) for _ in range(2)]
    assert "You have been signed out on this device. Sign in again." in told.text
    assert "signed out on this device" not in again.text
    assert browser.get("/firm").status == 303
    assert sign_in(Browser(app), owner.email).status == 303


# ----------------------------------------------------------------------- people


def test_nobody_is_put_into_a_firm_from_outside(app: Flask, session: Session, owner: User) -> None:
    free = stored.a_user(session, "firm", email="free@example.com")
    session.commit()
    browser = Browser(app, language=Locale.EN).be(owner)

    answers = [
        browser.post("/firm/people", {"name": "X", "email": email, "scope": "all"}).status
        for email in ("free@example.com", "unknown@example.com")
    ]

    assert answers == [405, 405]
    assert session.get(Membership, free.id) is None
    assert len(session.scalars(select(User)).all()) == 2


def test_a_removed_colleague_cannot_open_the_firm(app: Flask, session: Session) -> None:
    firm, actor = stored.a_firm(session)
    owner = session.get_one(User, actor.user_id)
    member = session.get_one(User, stored.a_member(session, firm).user_id)
    session.commit()
    browser, theirs = Browser(app, language=Locale.EN).be(owner), Browser(app).be(member)

    removed = browser.send(browser.get("/firm/people"), f"/firm/people/{member.id}/remove")
    refused, home = theirs.get("/firm/people"), theirs.get("/")

    assert removed.status == 303
    assert refused.status == 403
    assert home.status == 200
    assert "/firm" not in home.links()


def test_a_member_leaves_the_firm_after_reading_what_that_means(
    app: Flask, session: Session
) -> None:
    firm, _ = stored.a_firm(session)
    member = session.get_one(User, stored.a_member(session, firm).user_id)
    session.commit()
    browser = Browser(app, language=Locale.EN).be(member)
    page = browser.get("/firm/people")

    home = browser.follow(browser.send(page, "/firm/leave"))

    assert "that are assigned to you become unassigned" in page.text
    assert "You have left the firm." in home.text
    assert browser.get("/firm").status == 403
    assert session.get(Membership, member.id) is None


def test_who_belongs_to_no_firm_may_register_one_of_their_own(app: Flask, session: Session) -> None:
    free = stored.a_user(session, "firm", email="free@example.com")
    session.commit()
    browser = Browser(app, language=Locale.EN).be(free)
    home, page = browser.get("/"), browser.get("/register")

    refused = browser.send(page, "/register", firm_name="远山机械有限公司")
    switched = browser.send(page, "/register", firm_name="远山机械有限公司", language="zh")
    begun = browser.send(page, "/register", firm_name="远山机械有限公司", consent="y")

    assert "/register" in home.links()
    assert refused.status == 422
    assert (switched.status, switched.lang) == (200, "zh-CN")
    assert switched.one("input", name="firm_name").get("value") == "远山机械有限公司"
    assert begun.location == "/firm"
    assert actor_of(session, free.id).owner


@pytest.mark.parametrize("who", ["owner", "member", "consultant", "administrator"])
def test_who_belongs_somewhere_registers_no_second_firm(
    app: Flask, session: Session, who: str
) -> None:
    firm, owner = stored.a_firm(session)
    actor = {
        "owner": owner,
        "member": stored.a_member(session, firm),
        "consultant": stored.a_consultant(session),
        "administrator": stored.an_administrator(session),
    }[who]
    person = session.get_one(User, actor.user_id)
    session.commit()
    browser = Browser(app, language=Locale.EN).be(person)

    asked = browser.get("/register")
    forced = browser.post("/register", {"firm_name": "远山机械有限公司", "consent": "y"})

    assert [each.location for each in (asked, forced)] == ["/", "/"]
    assert session.scalars(select(Firm.id)).all() == [firm.id]


def test_the_owner_stays_in_the_firm(app: Flask, session: Session, owner: User) -> None:
    browser = Browser(app, language=Locale.EN).be(owner)

    offered, forced = browser.get("/firm/people").text, browser.post("/firm/leave")

    assert "Leave this firm" not in offered
    assert forced.status == 422
    assert session.get(Membership, owner.id) is not None


def test_members_see_the_list_and_change_nothing(app: Flask, session: Session) -> None:
    firm, owner = stored.a_firm(session)
    member = session.get_one(User, stored.a_member(session, firm).user_id)
    session.commit()
    browser = Browser(app, language=Locale.EN).be(member)

    page = browser.get("/firm/people")

    assert page.status == 200
    assert "Invite a colleague" not in page.text
    assert browser.post("/firm/invitations", {"name": "X"}).status == 403
    assert browser.post(f"/firm/people/{owner.user_id}/remove").status == 403


def test_an_owner_cannot_remove_another_firms_people_nor_the_owner(
    app: Flask, session: Session, owner: User
) -> None:
    other, _ = stored.a_firm(session, "别家")
    stranger = stored.a_member(session, other)
    session.commit()
    browser = Browser(app, language=Locale.EN).be(owner)

    assert browser.post(f"/firm/people/{stranger.user_id}/remove").status == 404
    assert browser.post("/firm/people/987654/remove").status == 404
    assert browser.post(f"/firm/people/{owner.id}/remove").status == 422
    assert session.get(Membership, stranger.user_id) is not None


def test_the_owner_changes_the_name_of_the_firm(app: Flask, owner: User, session: Session) -> None:
    browser = Browser(app, language=Locale.EN).be(owner)

    page = browser.follow(
        browser.send(browser.get("/firm/name"), "/firm/name", firm_name=" 江海\u202e 泵业 ")
    )

    assert "has its new name" in page.text
    assert "江海 泵业" in page.text
    assert session.scalars(select(Firm.name)).all() == ["江海 泵业"]


@pytest.mark.parametrize("name", ["", "长" * 201, "江海\U00016fe0"])
def test_a_name_that_is_missing_too_long_or_unprintable_is_refused(
    app: Flask, owner: User, session: Session, name: str
) -> None:
    browser = Browser(app, language=Locale.EN).be(owner)
    before = session.scalars(select(Firm.name)).all()

    page = browser.send(browser.get("/firm/name"), "/firm/name", firm_name=name)

    assert page.status == 422
    assert "There is a problem" in page.text
    assert session.scalars(select(Firm.name)).all() == before
