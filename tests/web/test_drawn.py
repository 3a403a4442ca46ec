"""A page put together from kept pieces is, byte for byte, the page that the templates draw."""

import random
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from survey import application
from survey.core import answers, wording
from survey.core.bank import (
    OUTCOMES,
    PROFILE,
    Bank,
    Benchmark,
    Choice,
    Ladder,
    Matrix,
    Multiple,
    Number,
    Open,
    Question,
    Ratio,
    Requirements,
    YesNo,
)
from survey.core.text import Locale
from survey.exchange import yaml_bank
from survey.services import assessments, banks
from survey.services.people import ASSIGNED, Actor
from survey.store.models import Firm, Membership, User
from survey.web import drawn
from tests.browser import Browser
from tests.builders import level
from tests.stored import NOW, a_firm, a_member, an_assessment
from tests.web.people import browser_of

ROOT = Path(application.__file__).parent.parent
BANKS = sorted((ROOT / "questionnaires").rglob("*.yaml"))
ROUNDS = 3
TOKEN = re.compile(r'(name="csrf_token" value=")[^"]*')


def an_answer(question: Question, chance: random.Random) -> dict[str, Any]:
    """Something that might be typed; now and then more than its question can take."""
    if (luck := chance.random()) < 0.1:
        return {"unknown": True}
    if luck < 0.2:
        return {"not_applicable": "没有这项 <业务> & “其他”"}
    given = _value(question, chance)
    if chance.random() < 0.3:
        grade = chance.choice(list(answers.GRADES))
        given["evidence"] = {"grade": grade, "note": "年报'2025' \"p\"<3>"}
    return given


def _value(question: Question, chance: random.Random) -> dict[str, Any]:
    match question:
        case Choice() | Ladder():
            half = {"half": True} if chance.random() < 0.2 else {}
            return {"option": chance.choice(question.options).key} | half
        case Multiple():
            keys = [option.key for option in question.options]
            return {"options": chance.sample(keys, chance.randint(1, len(keys)))}
        case Number():
            return {"number": str(chance.randint(int(question.minimum), int(question.maximum)))}
        case Ratio():
            lower = chance.randint(1, 99999)
            return {"numerator": str(chance.randint(0, lower)), "denominator": str(lower)}
        case Benchmark():
            figure = {"value": str(chance.randint(1, 99))}
            scale = {"base": "1", "lead": "99", "source": "同行 & 协会"}
            return figure | (scale if question.scale is None else {})
        case YesNo():
            states = list(wording.STATES)
            return {"statements": {row.key: chance.choice(states) for row in question.statements}}
        case Matrix() | Requirements():
            states = [state.key for state in question.states]
            return {"rows": {row.key: chance.choice(states) for row in question.rows}}
        case Open():
            return {"text": chance.choice(["<b>甲</b>&amp;", "𠮷野 \"乙\" 'x'", "plain words"])}


def pages_of(bank: Bank) -> list[str]:
    figures = [OUTCOMES] if bank.outcomes else []
    return [PROFILE, *(section.key for section in bank.sections), *figures]


def told(browser: Browser, address: str) -> str:
    page = browser.client.get(address)
    assert page.status_code == 200
    return TOKEN.sub(r"\1", page.text)


def drawn_anew(browser: Browser, address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    with monkeypatch.context() as patch:
        patch.setattr(drawn, "page", lambda *_facts: None)
        return told(browser, address)


def is_kept(browser: Browser, address: str, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether this page is put together from pieces."""
    found: list[bytes | None] = []
    together = drawn.page

    def watched(*facts: Any) -> bytes | None:
        found.append(together(*facts))
        return found[-1]

    with monkeypatch.context() as patch:
        patch.setattr(drawn, "page", watched)
        told(browser, address)
    return found[0] is not None


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("file", BANKS, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_every_page_of_every_bank_is_what_the_templates_draw(
    app: Flask, session: Session, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(file.parent.name)
    data, bank = yaml_bank.read(file.read_bytes(), file=str(file))
    draft = banks.store_draft(session, data=data, now=NOW)
    version = banks.publish(session, draft.id, now=NOW)
    _, owner = a_firm(session, name="<江海> & “阀门”")
    begun = assessments.start(session, owner, version_id=version.id, now=NOW)
    browsers = {locale: browser_of(app, session, owner, language=locale) for locale in Locale}
    differing, kept = [], 0

    for _ in range(ROUNDS):
        questions = chance.sample(list(bank.questions.values()), len(bank.questions) * 3 // 4)
        given = {question.key: an_answer(question, chance) for question in questions}
        state = assessments.hub(session, owner, begun.id)
        assessments.save(session, owner, begun.id, given=given, seen=state.revisions, now=NOW)
        session.commit()
        for key in pages_of(bank):
            for locale, browser in browsers.items():
                address = f"/assessments/{begun.id}/pages/{key}"
                if told(browser, address) != drawn_anew(browser, address, monkeypatch):
                    differing.append((key, locale))
                kept += is_kept(browser, address, monkeypatch)

    assert differing == []
    assert kept >= len(pages_of(bank)) * ROUNDS * len(Locale) * 0.8


@pytest.fixture
def firm(session: Session) -> tuple[Firm, Actor]:
    return a_firm(session)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_two_firms_share_pieces_and_nothing_else(
    app: Flask, session: Session, firm: tuple[Firm, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = a_firm(session, name="远山机械有限公司")
    given = {"planning": level(2)}
    begun = [an_assessment(session, who, answers=given) for _, who in (firm, other)]
    names = ("王<强>", "孙 & 洁")
    for (_, who), name in zip((firm, other), names, strict=True):
        session.get_one(User, who.user_id).name = name
    browsers = [browser_of(app, session, who) for _, who in (firm, other)]

    pages = [
        told(browser, f"/assessments/{each.id}/pages/everything")
        for browser, each in zip(browsers, begun, strict=True)
    ]

    assert "王&lt;强&gt;" in pages[0]
    assert "孙 &amp; 洁" in pages[1]
    for page, own, foreign in zip(pages, begun, reversed(begun), strict=True):
        assert f"/assessments/{own.id}/" in page
        assert f"/assessments/{foreign.id}/" not in page


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_page_has_a_token_of_its_own_session(
    app: Flask, session: Session, firm: tuple[Firm, Actor]
) -> None:
    address = f"/assessments/{an_assessment(session, firm[1]).id}/pages/everything"
    colleague = a_member(session, firm[0])
    browsers = [browser_of(app, session, who) for who in (firm[1], colleague)]

    for browser in browsers:
        page = browser.get(address)
        sent = browser.post("/language", {"language": "zh", "next": "/"})

        assert page.status == 200
        assert sent.status == 303
    tokens = {
        tuple(re.findall(r'name="csrf_token" value="([^"]+)"', browser.get(address).html))
        for browser in browsers
    }
    assert len(tokens) == 2


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_rare_is_drawn_anew(
    app: Flask, session: Session, firm: tuple[Firm, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = an_assessment(session, firm[1])
    address = f"/assessments/{begun.id}/pages/everything"
    browser = browser_of(app, session, firm[1])
    ordinary = is_kept(browser, address, monkeypatch)
    with browser.client.session_transaction() as kept:
        kept["_flashes"] = [("info", "Saved.")]
    flashed = is_kept(browser, address, monkeypatch)
    assessments.save(
        session,
        firm[1],
        begun.id,
        given={"years": {"number": "viele"}},
        seen={},
        typed={"years": {"": ["viele"]}},
        now=NOW,
    )
    session.commit()
    wrong = is_kept(browser, address, monkeypatch)

    assert (ordinary, flashed, wrong) == (True, False, False)
    assert 'value="viele"' in told(browser, address)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_may_not_answer_gets_the_locked_page(
    app: Flask, session: Session, firm: tuple[Firm, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    colleague = a_member(session, firm[0])
    begun = an_assessment(session, firm[1])
    address = f"/assessments/{begun.id}/pages/everything"
    browser = browser_of(app, session, colleague)
    before = is_kept(browser, address, monkeypatch)
    session.execute(
        update(Membership).where(Membership.user_id == colleague.user_id).values(scope=ASSIGNED)
    )
    session.commit()

    assert before
    assert not is_kept(browser, address, monkeypatch)
    assert "locked" in told(browser, address)
