"""A workshop for tests: a draft of a bank that has one of everything, and its administrators."""

from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from survey.core import places
from survey.core.text import Locale
from survey.services import banks, drafts
from survey.store.models import BankVersion, User
from tests import stored
from tests.browser import Browser
from tests.builders import (
    advice,
    bank_data,
    benchmark,
    distribution,
    domain,
    edition,
    eligibility,
    ladder,
    matrix,
    multiple,
    number,
    published_share,
    ratio,
    requirements,
    rule_condition,
    section,
    text,
    words,
    yes_no,
)

IF_DISCRETE = {"question": "production-type", "in": ["discrete"]}
LADDER = "sections/everything/domains/first/questions/planning"


def everything() -> dict[str, Any]:
    """A bank with every kind of part and every kind of field."""
    first = domain(
        "first",
        ladder(when=IF_DISCRETE, advice=advice(), leans_on=["plan"], terms=["mes"]),
        multiple(none=None, full_at=None, credit=None),
        number(),
        benchmark(),
    )
    second = domain("second", ratio(), matrix(), yes_no(), words(), requirements())
    sections = section("everything", "A", first, second)
    return bank_data(
        sections,
        outcomes={"title": text(), "summary": text(), "questions": [number("staff")]},
        editions=[edition("planning")],
        eligibility=[eligibility(rule_condition(when=IF_DISCRETE), source="plan")],
        distributions=[distribution(published_share(100, levels=[1, 2]), source="plan")],
        hints=[{"key": "small", "when": IF_DISCRETE, "text": text()}],
        glossary=[{"key": "mes", "term": text("执行系统"), "meaning": text()}],
        sources=[{"key": "plan", "title": text("规划"), "edition": "2025"}],
        weigh_by="production-type",
    )


@dataclass(frozen=True)
class Bench:
    """A draft, and the browsers of those who work on it."""

    app: Flask
    session: Session
    version_id: int
    published_id: int
    names: tuple[str, str] = ("管理员", "孙洁")

    def browser(self, who: int = 0, language: Locale = Locale.EN) -> Browser:
        user = self.session.query(User).filter_by(name=self.names[who]).one()
        return Browser(self.app, language=language).be(user)

    def address(self, place: str = "", endpoint: str = "parts") -> str:
        return f"/admin/banks/{self.version_id}/{endpoint}/{place}".replace("#", "%23")

    @property
    def draft(self) -> drafts.Draft:
        self.session.expire_all()
        return drafts.opened(self.session, self.version_id)

    def at(self, place: str) -> Any:
        return places.get(self.draft.document, places.parse(place))


def a_bench(app: Flask, session: Session, data: dict[str, Any] | None = None) -> Bench:
    """A published version, a draft with every translation reviewed, and two administrators."""
    first = stored.an_administrator(session)
    stored.an_administrator(session, name="孙洁")
    published = banks.store_draft(session, data=bank_data(), by=None, now=stored.NOW)
    banks.publish(session, published.id, by=None, now=stored.NOW)
    draft: BankVersion = drafts.begin_with(
        session, document=data or everything(), by=first.user_id, now=stored.NOW
    )
    draft.ledger = {}
    session.commit()
    return Bench(app, session, draft.id, published.id)
