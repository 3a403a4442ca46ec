"""The history tells every edit in words and takes any of them back."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.core import bank_edits, texts
from survey.core.places import get, parse, put
from survey.core.renaming import renamed
from survey.core.text import Locale
from survey.services import banks, drafts
from survey.services.people import Actor
from survey.store.models import User
from survey.web.workshop import history, history_words
from tests import stored
from tests.browser import Browser
from tests.builders import bank_data

FIRST = parse("sections/everything/domains/first/questions")
SECOND = parse("sections/everything/domains/second/questions")
PROMPT = (*FIRST, "planning", "prompt")


@pytest.fixture
def administrator(session: Session) -> Actor:
    actor = stored.an_administrator(session, "周管理")
    session.commit()
    return actor


@pytest.fixture
def office(app: Flask, session: Session, administrator: Actor) -> Browser:
    return Browser(app, language=Locale.EN).be(session.get_one(User, administrator.user_id))


@pytest.fixture
def draft(session: Session) -> int:
    source = stored.a_version(session)
    version = drafts.begin(session, source_id=source.id, by=None, now=stored.NOW)
    session.commit()
    return version.id


def edit(
    session: Session,
    draft: int,
    change: Callable[[dict[str, Any]], Any],
    by: Actor | None = None,
    **more: Any,
) -> int:
    """Edit the draft as it is; the edit's id."""
    drafts.edit(
        session,
        draft,
        seen=drafts.opened(session, draft).revision,
        change=change,
        by=None if by is None else by.user_id,
        now=stored.NOW,
        **({"act": "set", "place": ""} | more),
    )
    session.commit()
    return drafts.edits(session, draft, most=1)[0].id


def test_a_version_that_was_never_edited_says_so(office: Browser, draft: int) -> None:
    page = office.get(f"/admin/banks/{draft}/history")

    assert "Nothing has been edited in this version." in page.text


def test_an_edit_says_who_when_where_and_from_what_to_what_in_both_languages(
    office: Browser, session: Session, draft: int, administrator: Actor
) -> None:
    words = {"zh": "关于planning怎么样？", "en": "What about it?"}
    edit(session, draft, lambda data: put(data, PROMPT, words), administrator)

    page = office.get(f"/admin/banks/{draft}/history")

    assert "周管理" in page.text
    assert "Section A" in page.text
    assert [node.text for node in page.all("del")] == ["的问题", "planning"]
    assert [node.text for node in page.all("ins")] == ["怎么样", "it"]


def test_parts_that_come_go_and_move_are_told(
    office: Browser, session: Session, draft: int
) -> None:
    edit(session, draft, lambda data: bank_edits.duplicated(data, (*FIRST, "planning")))
    edit(session, draft, lambda data: bank_edits.moved(data, (*FIRST, "years"), SECOND))
    edit(session, draft, lambda data: bank_edits.moved(data, (*FIRST, "planning"), FIRST, 1))
    edit(session, draft, lambda data: bank_edits.removed(data, (*FIRST, "security")))
    edit(session, draft, lambda data: put(data, ("minutes",), 9))
    edit(session, draft, lambda data: put(data, (*FIRST, "planning", "required"), True))
    edit(session, draft, lambda data: put(data, ("small_sizes",), []))
    edit(session, draft, lambda data: put(data, ("method",), [{"zh": "一", "en": "One"}] * 2))

    page = office.get(f"/admin/banks/{draft}/history")

    assert page.status == 200
    assert "Moved here from “" in page.text
    assert "Everything in it" in page.text
    assert "(nothing)" in page.text
    assert "Yes" in page.text


def test_another_key_is_told_as_such_and_only_perhaps_where_nothing_is_on_record(
    office: Browser, session: Session, draft: int
) -> None:
    edit(session, draft, lambda data: renamed(data, (*FIRST, "planning"), "plans"))

    history = office.get(f"/admin/banks/{draft}/history")
    known = office.get(f"/admin/banks/{draft}/compare?other={draft - 1}")
    guessed = office.get(f"/admin/banks/{draft - 1}/compare?other={draft}")

    assert "(nothing)" not in history.text
    assert "planning" in history.text
    assert "plans" in history.text
    assert "Renamed" in known.text
    assert "Perhaps renamed" not in known.text
    assert guessed.text.count("Perhaps renamed") == 2


def test_weights_that_differ_are_told_by_the_kinds_of_firm(
    app: Flask, session: Session, administrator: Actor, draft: int
) -> None:
    reader = Browser(app, language=Locale.ZH).be(session.get_one(User, administrator.user_id))
    weights = {"discrete": 40, "process": 20, "mixed": 20}
    edit(session, draft, lambda data: put(data, ("weigh_by",), "production-type"))
    edit(session, draft, lambda data: put(data, (*FIRST, "planning", "weight"), weights))
    edit(session, draft, lambda data: put(data, (*FIRST, "planning", "weight", "process"), 30))

    history = reader.get(f"/admin/banks/{draft}/history")
    compared = reader.get(f"/admin/banks/{draft}/compare?other={draft - 1}")

    assert "权重 › 选项process" in history.text
    assert "选项process：30" in compared.text


def test_a_state_of_a_translation_that_was_set_is_told(
    office: Browser, session: Session, draft: int
) -> None:
    edit(session, draft, lambda data: put(data, (*PROMPT, "zh"), "换一种问法？"))
    edit(
        session,
        draft,
        lambda data: data,
        act="translate",
        mark=lambda ledger, _data: texts.reviewed(ledger, ["/".join(PROMPT)]),
    )

    page = office.get(f"/admin/banks/{draft}/history")

    assert "The state of 1 translation was set." in page.text


def test_an_edit_of_thousands_of_places_shows_the_first_ones(
    office: Browser, session: Session, draft: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_words, "MOST_CHANGES", 2)
    changes = {"minutes": 9, "title": {}, "notice": {}, "summary": {}}
    edit(session, draft, lambda data: data | changes, act="import")

    page = office.get(f"/admin/banks/{draft}/history")

    assert "and 2 more places" in page.text


def test_the_history_has_pages(
    office: Browser, session: Session, draft: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "PAGE", 2)
    for minutes in (6, 7, 8):
        edit(session, draft, partial(put, place=("minutes",), value=minutes))

    first = office.get(f"/admin/banks/{draft}/history")
    (older,) = [link.get("href") for link in first.all("a") if link.text == "Older edits"]
    second = office.get(str(older))

    assert ("revision 4" in first.text, "revision 2" in first.text) == (True, False)
    assert ("revision 4" in second.text, "revision 2" in second.text) == (False, True)
    assert "Newest edits" in second.text


def test_an_edit_is_undone_by_its_button(office: Browser, session: Session, draft: int) -> None:
    edited = edit(session, draft, lambda data: put(data, ("minutes",), 9))

    page = office.get(f"/admin/banks/{draft}/history")
    answer = office.send(page, f"/admin/banks/{draft}/history/{edited}/undo")
    after = office.get(answer.location)

    assert answer.status == 303
    assert drafts.opened(session, draft).document["minutes"] == 5
    assert "Undone since" in after.text
    assert "(revision 2)" in after.text


def test_to_undo_what_is_undone_changes_nothing(
    office: Browser, session: Session, draft: int
) -> None:
    edited = edit(session, draft, lambda data: put(data, ("minutes",), 9))
    office.post(f"/admin/banks/{draft}/history/{edited}/undo")

    answer = office.post(f"/admin/banks/{draft}/history/{edited}/undo")

    assert "There is nothing to undo here" in office.get(answer.location).text
    assert drafts.opened(session, draft).revision == 3


def test_a_clash_of_an_undo_shows_both_sides_and_one_is_chosen(
    office: Browser, session: Session, draft: int, administrator: Actor
) -> None:
    edited = edit(session, draft, lambda data: put(data, ("minutes",), 9))
    edit(session, draft, lambda data: put(data, ("minutes",), 12), administrator)
    address = f"/admin/banks/{draft}/history/{edited}/undo"

    met = office.post(address)
    kept = drafts.opened(session, draft).document["minutes"]
    done = office.send(met, address, **{"clash.0.keep": "mine"})

    assert met.status == 422
    assert "周管理" in met.text
    assert (kept, done.status) == (12, 303)
    session.expire_all()
    assert drafts.opened(session, draft).document["minutes"] == 5


def test_the_history_of_a_published_version_is_read_only(
    office: Browser, session: Session, draft: int
) -> None:
    edited = edit(session, draft, lambda data: put(data, ("minutes",), 9))
    banks.publish(session, draft, now=stored.NOW)
    session.commit()

    page = office.get(f"/admin/banks/{draft}/history")
    answer = office.post(f"/admin/banks/{draft}/history/{edited}/undo")

    assert "Undo" not in [node.text for node in page.all("button")]
    assert answer.status == 422
    assert "is published and never changes" in answer.text
    assert banks.document_of(session, draft)["minutes"] == 9


def test_an_undo_that_would_give_one_key_to_two_questions_is_refused_with_the_key(
    office: Browser, session: Session, draft: int
) -> None:
    copied = edit(session, draft, lambda data: bank_edits.duplicated(data, PROMPT[:-1]))
    office.post(f"/admin/banks/{draft}/history/{copied}/undo")
    undone = drafts.edits(session, draft, most=1)[0].id
    edit(session, draft, lambda data: bank_edits.add(data, SECOND, get(data, PROMPT[:-1])))
    before = drafts.opened(session, draft)

    answer = office.post(f"/admin/banks/{draft}/history/{undone}/undo")

    assert answer.status == 422
    assert "“planning-2” would be the key of two parts" in answer.text
    session.expire_all()
    assert drafts.opened(session, draft) == before


def test_no_edit_of_another_version_is_undone(
    office: Browser, session: Session, draft: int
) -> None:
    other = drafts.begin(session, source_id=draft, by=None, now=stored.NOW).id
    edited = edit(session, other, lambda data: put(data, ("minutes",), 9))

    assert office.post(f"/admin/banks/{draft}/history/{edited}/undo").status == 404
    assert office.post("/admin/banks/987654/history/1/undo").status == 404
    assert office.get("/admin/banks/987654/history").status == 404
    assert drafts.opened(session, other).document == bank_data(version=3, minutes=9)
