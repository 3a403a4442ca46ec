"""The owner's digest on its way: a real mail server, two workers, a server that is down."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from survey import jobs
from survey.config import Settings
from survey.core.text import Locale
from survey.services import assessments, comments, sharing
from survey.services.people import Actor
from survey.services.sharing import Share
from survey.store.models import Assessment, Digest, User
from tests.mail import MailBox, a_mail_server
from tests.signing import with_mail_server
from tests.stored import a_firm, a_member, an_assessment

BEFORE = datetime.now(UTC) - timedelta(hours=2)


@pytest.fixture
def mail_box() -> Iterator[MailBox]:
    with a_mail_server() as box:
        yield box


@pytest.fixture
def mailing(settings: Settings, mail_box: MailBox) -> Settings:
    return with_mail_server(settings, mail_box)


def a_draft_with_news(session: Session, *, locale: Locale = Locale.ZH) -> tuple[Assessment, Actor]:
    """An assessment that a colleague answered two hours ago, and that colleague."""
    firm, owner = a_firm(session)
    member = a_member(session, firm)
    user = session.get_one(User, owner.user_id)
    user.locale, user.email = locale.value, "owner@example.com"
    draft = an_assessment(session, owner)
    shares = {"everything": Share(member.user_id)}
    sharing.share_out(session, owner, draft.id, shares=shares, now=BEFORE)
    given = {"years": {"number": "5"}, "product": {"text": "阀门"}}
    assessments.save(session, member, draft.id, given=given, seen={}, now=BEFORE)
    comments.add(session, member, draft.id, "years", text="?", now=BEFORE)
    sharing.finish(session, member, draft.id, "everything", now=BEFORE)
    session.commit()
    return draft, member


def test_the_owner_gets_one_letter_about_what_changed(
    mailing: Settings, engine: Engine, session: Session, mail_box: MailBox
) -> None:
    draft, _member = a_draft_with_news(session, locale=Locale.EN)

    for _sweep in range(3):
        jobs.write_to_owners(mailing, engine)

    (letter,) = mail_box.letters
    words = mail_box.words()
    assert letter["To"] == "owner@example.com"
    assert letter["Content-Language"] == "en"
    assert "Test bank" in str(letter["Subject"])
    assert "Section everything" in words
    assert "- 赵倩: 2 answers changed" in words
    assert "- 赵倩: 1 comment" in words
    assert "- 赵倩: “my part is done”" in words
    assert f"{mailing.base_url}/assessments/{draft.id}" in words.split()


def test_the_letter_speaks_the_owners_language(
    mailing: Settings, engine: Engine, session: Session, mail_box: MailBox
) -> None:
    a_draft_with_news(session, locale=Locale.ZH)

    jobs.write_to_owners(mailing, engine)

    (letter,) = mail_box.letters
    assert letter["Content-Language"] == "zh-CN"
    assert "测试题库" in str(letter["Subject"])


def test_the_next_letter_says_since_when(
    mailing: Settings, engine: Engine, session: Session, mail_box: MailBox
) -> None:
    draft, member = a_draft_with_news(session, locale=Locale.EN)
    jobs.write_to_owners(mailing, engine)
    two_days_ago = datetime.now(UTC) - timedelta(days=2)
    session.get_one(Digest, draft.id).sent_at = two_days_ago
    given = {"size-class": {"option": "small"}}
    assessments.save(session, member, draft.id, given=given, seen={}, now=BEFORE)
    session.commit()

    jobs.write_to_owners(mailing, engine)

    assert len(mail_box.letters) == 2
    assert " since " in mail_box.words()


def test_two_workers_send_one_letter(
    mailing: Settings, engine: Engine, session: Session, mail_box: MailBox
) -> None:
    a_draft_with_news(session)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: jobs.write_to_owners(mailing, engine), range(4)))

    assert len(mail_box.letters) == 1


def test_a_mail_server_that_is_down_delays_the_letter_and_loses_nothing(
    mailing: Settings, engine: Engine, session: Session, mail_box: MailBox
) -> None:
    draft, _member = a_draft_with_news(session)
    mail_box.refuse = True
    jobs.write_to_owners(mailing, engine)
    jobs.write_to_owners(replace(mailing, mail_port=1), engine)
    mail_box.refuse = False
    jobs.write_to_owners(mailing, engine)
    while_leased = len(mail_box.letters)

    digest = session.scalars(select(Digest).where(Digest.assessment_id == draft.id)).one()
    assert digest.sent_at is None
    assert digest.claimed_at is not None
    digest.claimed_at -= timedelta(minutes=11)
    session.commit()
    jobs.write_to_owners(mailing, engine)

    assert while_leased == 0
    assert len(mail_box.letters) == 1
