"""Drafts: begun from any version, edited by several people, merged, undone, and never lost."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from survey.core import texts
from survey.core.bank_edits import add, blank, duplicated, moved
from survey.core.errors import BadDocument, NotFound
from survey.core.places import Place, get, parse, put, removed
from survey.core.texts import State
from survey.services import banks, drafts
from survey.services.banks import TranslationsOpen, VersionExists
from survey.services.drafts import DiscardedDraft, Edited, KeyTwice, NotADraft, UnknownRevision
from survey.store import db as store
from survey.store.models import AuditEvent, BankEdit, BankVersion
from tests.builders import bank_data
from tests.stored import NOW, a_version, an_administrator

LATER = NOW + timedelta(days=1)
PROMPT = parse("sections/everything/domains/first/questions/planning/prompt")


def a_draft(session: Session, **changes: Any) -> int:
    """A draft begun from a published version."""
    source = a_version(session, bank_data(**changes))
    return drafts.begin(session, source_id=source.id, by=None, now=NOW).id


def setting(place: str | Place, value: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    where = parse(place) if isinstance(place, str) else place
    return lambda data: put(data, where, value)


def set_at(
    session: Session,
    draft: int,
    place: str | Place,
    value: Any,
    *,
    seen: int,
    by: int | None = None,
    **more: Any,
) -> Edited:
    return drafts.edit(
        session,
        draft,
        seen=seen,
        change=setting(place, value),
        act="set",
        place=str(place),
        by=by,
        now=LATER,
        **more,
    )


def document(session: Session, draft: int) -> dict[str, Any]:
    return drafts.opened(session, draft).document


# --------------------------------------------------------------------------- begun


def test_a_draft_is_a_copy_of_any_version_under_the_next_number(session: Session) -> None:
    person = an_administrator(session)
    first = a_version(session)
    a_version(session, bank_data(version=7))

    begun = drafts.begin(session, source_id=first.id, by=person.user_id, now=LATER)
    again = drafts.begin(session, source_id=begun.id, by=None, now=LATER)

    draft = drafts.opened(session, begun.id)
    assert (begun.number, again.number) == (8, 9)
    assert draft.document == bank_data(version=8)
    assert (draft.revision, draft.based_on_id) == (1, first.id)
    assert (begun.created_by, begun.created_at, begun.changed_at) == (person.user_id, LATER, LATER)
    assert again.based_on_id == begun.id


def test_what_is_in_doubt_in_a_draft_is_in_doubt_in_its_copy(session: Session) -> None:
    draft = a_draft(session)
    set_at(session, draft, (*PROMPT, "zh"), "换一种问法？", seen=1)

    copy = drafts.begin(session, source_id=draft, by=None, now=NOW)

    ledger = drafts.opened(session, copy.id).ledger
    assert ledger == drafts.opened(session, draft).ledger
    assert [entry["state"] for entry in ledger.values()] == [texts.State.STALE]


def test_a_draft_can_begin_with_a_document_full_of_faults(session: Session) -> None:
    faulty = {"key": "other-bank", "version": "x", "sections": [1], "title": ["\0"]}

    version = drafts.begin_with(session, document=faulty, by=None, now=NOW, source="from.xlsx")

    draft = drafts.opened(session, version.id)
    found, bank = drafts.checked(draft)
    assert draft.document == faulty | {"version": 1}
    assert (version.bank_key, version.number, version.title_zh) == ("other-bank", 1, "")
    assert found
    assert bank is None
    with pytest.raises(BadDocument):
        banks.bank_of(session, version.id)


def test_of_a_file_only_the_reviewed_translations_of_the_newest_version_are_reviewed(
    session: Session,
) -> None:
    a_version(session)
    second = a_version(session, bank_data(version=2))
    newest = drafts.begin(session, source_id=second.id, by=None, now=NOW)
    drafts.edit(
        session,
        newest.id,
        seen=1,
        change=lambda data: put(data, ("notice", "en"), "Other words."),
        act="set",
        place="notice/en",
        by=None,
        now=NOW,
    )
    data = put(drafts.opened(session, newest.id).document, ("title", "zh"), "全新的标题")
    data = put(data, ("summary", "en"), "Nobody has read this.")

    version = drafts.begin_with(session, document=data, by=None, now=NOW)

    ledger = drafts.opened(session, version.id).ledger
    assert {place: entry["state"] for place, entry in ledger.items()} == {
        "title": State.STALE,
        "summary": State.DRAFT,
        "notice": State.DRAFT,
    }
    with pytest.raises(TranslationsOpen):
        banks.publish(session, version.id, now=NOW)


def test_of_the_first_file_of_a_bank_no_translation_is_reviewed(session: Session) -> None:
    version = drafts.begin_with(session, document=bank_data(), by=None, now=NOW)

    draft = drafts.opened(session, version.id)
    english = [text.place for text in texts.texts(draft.document) if text.en]
    assert set(draft.ledger) == set(english)
    assert {entry["state"] for entry in draft.ledger.values()} == {State.DRAFT}
    with pytest.raises(TranslationsOpen) as refused:
        banks.publish(session, version.id, now=NOW)
    assert refused.value.facts == {"count": len(english)}


def test_what_was_discarded_vouches_for_no_translation(session: Session) -> None:
    first = drafts.begin_with(session, document=bank_data(), by=None, now=NOW)
    first.ledger = {}
    drafts.discard(session, first.id, by=None, now=NOW)

    again = drafts.begin_with(session, document=bank_data(), by=None, now=NOW)

    assert "title" in drafts.opened(session, again.id).ledger


def test_a_title_with_what_no_database_stores_is_kept_readable(session: Session) -> None:
    data = {"key": "other-bank", "title": {"zh": "一\0二\ud800", "en": 5}}

    version = drafts.begin_with(session, document=data, by=None, now=NOW)

    assert (version.title_zh, version.title_en) == ("一二?", "")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ([], "bank-bad-key"),
        ({}, "bank-bad-key"),
        ({"key": "No Key"}, "bank-bad-key"),
        ({"key": "k" * 61}, "bank-bad-key"),
        ({"key": ["a"]}, "bank-bad-key"),
        ({"key": "a", "minutes": float("nan")}, "bank-not-json"),
        ({"key": "a", "minutes": NOW}, "bank-not-json"),
    ],
)
def test_what_cannot_be_stored_begins_no_draft(session: Session, data: Any, code: str) -> None:
    with pytest.raises(BadDocument) as refused:
        drafts.begin_with(session, document=data, by=None, now=NOW)

    assert [problem.code for problem in refused.value.problems] == [code]
    assert banks.list_versions(session) == []


def test_a_document_too_deep_to_work_with_is_refused(session: Session) -> None:
    deep: Any = 1
    for _ in range(10_000):
        deep = [deep]

    with pytest.raises(BadDocument):
        drafts.begin_with(session, document={"key": "a", "x": deep}, by=None, now=NOW)


def test_only_drafts_are_opened(session: Session) -> None:
    published = a_version(session)

    with pytest.raises(NotADraft):
        drafts.opened(session, published.id)
    with pytest.raises(NotFound):
        drafts.opened(session, 987654)
    with pytest.raises(NotFound):
        drafts.begin(session, source_id=987654, by=None, now=NOW)


def test_the_same_document_is_checked_once(session: Session) -> None:
    draft = drafts.opened(session, a_draft(session))

    first = drafts.checked(draft)

    assert drafts.checked(draft) is first
    assert first[0] == ()
    for number in range(20):
        version = drafts.begin_with(
            session, document={"key": "many", "minutes": number}, by=None, now=NOW
        )
        drafts.checked(drafts.opened(session, version.id))
    assert drafts.checked(draft) == first


# -------------------------------------------------------------------------- edited


def test_an_edit_makes_a_revision_and_tells_who_changed_what(session: Session) -> None:
    person = an_administrator(session, "周管理")
    draft = a_draft(session)

    edited = set_at(session, draft, "minutes", 9, seen=1, by=person.user_id)

    (line,) = drafts.edits(session, draft, most=10)
    version = session.get_one(BankVersion, draft)
    assert edited == Edited(2)
    assert (line.revision, line.who, line.act, line.place) == (2, "周管理", "set", "minutes")
    assert [(each.place, each.before, each.after) for each in line.patches] == [("minutes", 5, 9)]
    assert (line.at, line.undone, line.undoes_revision) == (LATER, False, None)
    assert (version.revision, version.changed_at, version.created_at) == (2, LATER, NOW)


def test_a_new_title_is_what_lists_say(session: Session) -> None:
    draft = a_draft(session)

    set_at(session, draft, "title", {"zh": "新的", "en": ""}, seen=1)

    version = session.get_one(BankVersion, draft)
    assert (version.title_zh, version.title_en) == ("新的", "")


def test_no_change_makes_no_revision(session: Session) -> None:
    draft = a_draft(session)

    assert set_at(session, draft, "minutes", 5, seen=1) == Edited(1)
    assert drafts.edits(session, draft, most=10) == ()


def test_key_and_number_of_a_draft_cannot_be_edited(session: Session) -> None:
    draft = a_draft(session)

    edited = set_at(session, draft, "key", "another", seen=1)
    set_at(session, draft, "version", 99, seen=1)

    assert edited == Edited(1)
    assert document(session, draft) == bank_data(version=2)


def test_two_who_change_different_places_both_are_in_the_draft(session: Session) -> None:
    draft = a_draft(session)

    set_at(session, draft, "minutes", 9, seen=1)
    second = set_at(session, draft, (*PROMPT, "zh"), "换一种问法？", seen=1)

    now = document(session, draft)
    assert second == Edited(3)
    assert (now["minutes"], get(now, PROMPT)["zh"]) == (9, "换一种问法？")


def test_the_same_place_changed_differently_is_handed_back_with_both_sides(
    session: Session,
) -> None:
    person = an_administrator(session, "周管理")
    draft = a_draft(session)
    set_at(session, draft, "minutes", 9, seen=1, by=person.user_id)
    set_at(session, draft, "banner", {"zh": "试用", "en": "Trial"}, seen=2)

    met = set_at(session, draft, "minutes", 7, seen=1)

    (clash,) = met.clashes
    assert (clash.place, clash.base, clash.theirs, clash.mine) == ("minutes", 5, 9, 7)
    assert (clash.who, clash.at, met.revision) == ("周管理", LATER, 3)
    assert document(session, draft)["minutes"] == 9
    assert len(drafts.edits(session, draft, most=10)) == 2


@pytest.mark.parametrize(("choice", "minutes", "revision"), [("mine", 7, 3), ("theirs", 9, 2)])
def test_whoever_met_a_clash_chooses_a_side(
    session: Session, choice: str, minutes: int, revision: int
) -> None:
    draft = a_draft(session)
    set_at(session, draft, "minutes", 9, seen=1)

    chosen = set_at(session, draft, "minutes", 7, seen=1, choices={"minutes": choice})

    assert chosen == Edited(revision)
    assert document(session, draft)["minutes"] == minutes


def test_a_question_that_somebody_removed_meanwhile_is_a_clash_about_the_question(
    session: Session,
) -> None:
    draft = a_draft(session)
    question = PROMPT[:-1]
    drafts.edit(
        session,
        draft,
        seen=1,
        change=lambda data: removed(data, question),
        act="delete",
        place="",
        by=None,
        now=NOW,
    )

    met = set_at(session, draft, (*PROMPT, "zh"), "换一种问法？", seen=1)

    assert [clash.place for clash in met.clashes] == ["/".join(question)]
    assert not met.clashes[0].theirs
    assert met.clashes[0].at == NOW


def test_an_edit_of_what_moved_meanwhile_finds_its_place(session: Session) -> None:
    draft = a_draft(session)
    first = PROMPT[:-2]
    drafts.edit(
        session,
        draft,
        seen=1,
        change=lambda data: moved(data, (*first, "planning"), first, 2),
        act="move",
        place="",
        by=None,
        now=NOW,
    )

    set_at(session, draft, (*PROMPT, "zh"), "换一种问法？", seen=1)

    questions = get(document(session, draft), first)
    assert [question["key"] for question in questions] == ["security", "years", "planning"]
    assert questions[2]["prompt"]["zh"] == "换一种问法？"


@pytest.mark.parametrize("seen", [0, -1, 2, 99])
def test_a_revision_that_never_was_is_refused(session: Session, seen: int) -> None:
    draft = a_draft(session)

    with pytest.raises(UnknownRevision):
        set_at(session, draft, "minutes", 9, seen=seen)


def test_a_change_that_leaves_no_document_is_refused(session: Session) -> None:
    draft = a_draft(session)

    with pytest.raises(BadDocument):
        set_at(session, draft, (), [], seen=1)
    with pytest.raises(BadDocument):
        set_at(session, draft, "minutes", float("inf"), seen=1)


def test_a_published_version_is_not_edited(session: Session) -> None:
    published = a_version(session)

    with pytest.raises(NotADraft):
        set_at(session, published.id, "minutes", 9, seen=1)
    with pytest.raises(NotFound):
        set_at(session, 987654, "minutes", 9, seen=1)


def test_states_of_translations_set_by_hand_stand_in_the_history_and_are_undone(
    session: Session,
) -> None:
    draft = a_draft(session)
    set_at(session, draft, (*PROMPT, "zh"), "换一种问法？", seen=1)
    place = "/".join(PROMPT)

    drafts.edit(
        session,
        draft,
        seen=2,
        change=lambda data: data,
        act="translate",
        place=place,
        by=None,
        now=NOW,
        mark=lambda ledger, _document: texts.reviewed(ledger, [place]),
    )
    reviewed = drafts.opened(session, draft).ledger
    line = drafts.edits(session, draft, most=1)[0]
    undone = drafts.undo(session, draft, edit_id=line.id, by=None, now=NOW)

    assert reviewed == {}
    assert [patch.place for patch in line.patches] == [f"~ledger/{place}"]
    assert undone == Edited(4)
    assert drafts.opened(session, draft).ledger[place]["state"] == texts.State.STALE


# -------------------------------------------------------------------------- undone


def undo(session: Session, draft: int, *, back: int = 0, **more: Any) -> Edited:
    """Undo the last edit, or the one so many before it."""
    line = drafts.edits(session, draft, most=back + 1)[back]
    return drafts.undo(session, draft, edit_id=line.id, by=None, now=LATER, **more)


def test_an_edit_is_taken_back_and_later_ones_stay(session: Session) -> None:
    draft = a_draft(session)
    set_at(session, draft, "minutes", 9, seen=1)
    set_at(session, draft, "banner", {"zh": "试用", "en": "Trial"}, seen=2)

    undone = undo(session, draft, back=1)

    now = document(session, draft)
    last, _banner, first = drafts.edits(session, draft, most=10)
    assert undone == Edited(4)
    assert (now["minutes"], now["banner"]["en"]) == (5, "Trial")
    assert (last.act, last.undoes_revision, first.undone) == ("undo", 2, True)


def test_an_undo_is_undone(session: Session) -> None:
    draft = a_draft(session)
    set_at(session, draft, "minutes", 9, seen=1)
    undo(session, draft)

    undo(session, draft)

    again, undoing, first = drafts.edits(session, draft, most=10)
    assert document(session, draft)["minutes"] == 9
    assert (again.undone, undoing.undone, first.undone) == (False, True, False)


def test_to_undo_twice_changes_nothing(session: Session) -> None:
    draft = a_draft(session)
    set_at(session, draft, "minutes", 9, seen=1)
    undo(session, draft)

    assert undo(session, draft, back=1) == Edited(3)


def test_what_was_changed_again_since_is_a_clash_of_the_undo(session: Session) -> None:
    draft = a_draft(session)
    set_at(session, draft, "minutes", 9, seen=1)
    set_at(session, draft, "minutes", 12, seen=2)

    met = undo(session, draft, back=1)

    (clash,) = met.clashes
    assert (clash.place, clash.base, clash.theirs, clash.mine) == ("minutes", 9, 12, 5)
    assert document(session, draft)["minutes"] == 12
    assert undo(session, draft, back=1, choices={"minutes": "mine"}) == Edited(4)
    assert document(session, draft)["minutes"] == 5


def test_a_removed_question_comes_back_where_it_was(session: Session) -> None:
    draft = a_draft(session)
    before = document(session, draft)
    drafts.edit(
        session,
        draft,
        seen=1,
        change=lambda data: removed(data, PROMPT[:-1]),
        act="delete",
        place="",
        by=None,
        now=NOW,
    )

    undo(session, draft)

    assert document(session, draft) == before
    assert drafts.opened(session, draft).ledger == {}


def test_an_undo_that_would_give_one_key_to_two_questions_is_refused(session: Session) -> None:
    draft = a_draft(session)
    first = PROMPT[:-2]
    second = parse("sections/everything/domains/second/questions")

    def edit(seen: int, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Edited:
        return drafts.edit(
            session, draft, seen=seen, change=change, act="set", place="", by=None, now=NOW
        )

    edit(1, lambda data: duplicated(data, PROMPT[:-1]))
    undo(session, draft)
    edit(3, lambda data: add(data, second, get(data, PROMPT[:-1])))

    with pytest.raises(KeyTwice) as caught:
        undo(session, draft, back=1)

    assert caught.value.facts == {"key": "planning-2"}
    assert get(document(session, draft), (*second, "planning-2"))
    edit(4, lambda data: put(data, (*second, "planning-2", "key"), "planning-3"))
    assert not undo(session, draft, back=2).clashes
    assert get(document(session, draft), (*first, "planning-2"))


def test_two_people_cannot_give_one_key_to_questions_of_two_domains(session: Session) -> None:
    draft = a_draft(session)
    first, second = (
        parse(f"sections/everything/domains/{d}/questions") for d in ("first", "second")
    )

    def adding(list_place: Place) -> Edited:
        return drafts.edit(
            session, draft, seen=1, act="add", place="", by=None, now=NOW,
            change=lambda data: add(data, list_place, get(data, PROMPT[:-1])),
        )  # fmt: skip

    adding(first)

    with pytest.raises(KeyTwice):
        adding(second)


def test_the_edit_of_another_draft_is_not_undone(session: Session) -> None:
    draft = a_draft(session)
    other = drafts.begin(session, source_id=draft, by=None, now=NOW).id
    set_at(session, other, "minutes", 9, seen=1)
    (line,) = drafts.edits(session, other, most=1)

    with pytest.raises(NotFound):
        drafts.undo(session, draft, edit_id=line.id, by=None, now=NOW)
    with pytest.raises(NotFound):
        drafts.undo(session, draft, edit_id=987654, by=None, now=NOW)


def test_the_history_is_read_page_by_page_with_the_documents_around_each_edit(
    session: Session,
) -> None:
    draft = a_draft(session)
    for minutes in (6, 7, 8):
        set_at(session, draft, "minutes", minutes, seen=minutes - 5)

    first = drafts.edits(session, draft, most=2)
    second = drafts.edits(session, draft, before=first[-1].id, most=2)
    told = drafts.with_documents(session, draft, second)

    assert [line.revision for line in (*first, *second)] == [4, 3, 2]
    assert [(old["minutes"], new["minutes"]) for _, old, new in told] == [(5, 6)]
    assert drafts.with_documents(session, draft, ()) == ()


# ---------------------------------------------------------------- discarded, loaded


def test_a_discarded_draft_is_kept_and_restored(session: Session) -> None:
    draft = a_draft(session)
    set_at(session, draft, "minutes", 9, seen=1)

    drafts.discard(session, draft, by=None, now=LATER)
    drafts.discard(session, draft, by=None, now=NOW)

    for act in (
        lambda: set_at(session, draft, "minutes", 7, seen=1),
        lambda: drafts.opened(session, draft),
        lambda: banks.publish(session, draft, now=NOW),
        lambda: banks.store_draft(session, data=bank_data(version=2), now=NOW),
    ):
        with pytest.raises(DiscardedDraft):
            act()
    assert session.get_one(BankVersion, draft).discarded_at == LATER
    drafts.restore(session, draft, by=None, now=LATER)
    drafts.restore(session, draft, by=None, now=LATER)
    assert document(session, draft)["minutes"] == 9
    acts = session.scalars(select(AuditEvent.act).order_by(AuditEvent.id)).all()
    assert acts[-3:] == ["begin-draft", "discard-draft", "restore-draft"]


def test_a_published_version_is_neither_discarded_nor_restored(session: Session) -> None:
    published = a_version(session)

    for act in (drafts.discard, drafts.restore):
        with pytest.raises(NotADraft):
            act(session, published.id, by=None, now=NOW)


def test_a_file_of_a_draft_is_one_edit_that_can_be_undone(session: Session) -> None:
    draft = a_draft(session)
    set_at(session, draft, "minutes", 9, seen=1)

    banks.store_draft(session, data=bank_data(version=2, minutes=11), now=LATER)

    line = drafts.edits(session, draft, most=1)[0]
    assert (line.act, line.revision) == ("import", 3)
    undo(session, draft)
    assert document(session, draft)["minutes"] == 9


def test_a_file_was_reviewed_but_for_what_is_older_than_its_source(session: Session) -> None:
    draft = a_draft(session)
    data = document(session, draft)
    reworded = put(data, PROMPT, {"zh": "换一种问法？", "en": "Asked in other words?"})
    stale = put(reworded, parse("summary/zh"), "另一种说明。")

    banks.store_draft(session, data=stale, now=LATER)

    ledger = drafts.opened(session, draft).ledger
    assert {place: entry["state"] for place, entry in ledger.items()} == {"summary": "stale"}


def test_a_file_of_a_published_version_is_still_refused(session: Session) -> None:
    a_version(session)

    with pytest.raises(VersionExists):
        banks.store_draft(session, data=bank_data(minutes=9), now=LATER)


# --------------------------------------------------------------- at the same moment


def at_once(engine: Engine, *acts: Callable[[Session], Any]) -> list[Any]:
    """Run these acts in threads of their own that begin together; what each returned."""
    together = Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(number: int) -> None:
        with Session(engine) as session:
            together.wait()
            results[number] = acts[number](session)
            session.commit()

    threads = [Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_edits_at_the_same_moment_none_is_lost(engine: Engine) -> None:
    with Session(engine) as session:
        draft = a_draft(session)
        session.commit()
    fields = ("minutes", "notice/en", "summary/en", "title/en")

    def act(field: str) -> Callable[[Session], Edited]:
        value = 9 if field == "minutes" else "Changed"
        return lambda session: set_at(session, draft, field, value, seen=1)

    results = at_once(engine, *map(act, fields))

    with Session(engine) as session:
        now = document(session, draft)
        revisions = [line.revision for line in drafts.edits(session, draft, most=10)]
    assert sorted(each.revision for each in results) == [2, 3, 4, 5]
    assert revisions == [5, 4, 3, 2]
    assert now["minutes"] == 9
    assert {now[name]["en"] for name in ("notice", "summary", "title")} == {"Changed"}


def test_of_two_who_change_the_same_at_the_same_moment_one_is_asked(engine: Engine) -> None:
    with Session(engine) as session:
        draft = a_draft(session)
        session.commit()

    results = at_once(
        engine,
        lambda session: set_at(session, draft, "minutes", 7, seen=1),
        lambda session: set_at(session, draft, "minutes", 8, seen=1),
    )

    stored, asked = sorted(results, key=lambda each: len(each.clashes))
    assert (stored.clashes, len(asked.clashes)) == ((), 1)
    assert {asked.clashes[0].theirs, asked.clashes[0].mine} == {7, 8}
    with Session(engine) as session:
        assert document(session, draft)["minutes"] == asked.clashes[0].theirs


EDITS_SINCE = "bank_edit.revision >"


def a_colleague_before(session: Session, words: str, act: Callable[[Session], Any]) -> None:
    """Let somebody else act just before the next statement with these words."""
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    ready = [act]

    def look(_connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        if ready and words in statement:
            somebody_else(engine, ready.pop())

    event.listen(engine, "before_cursor_execute", look)


def somebody_else(engine: Engine, act: Callable[[Session], Any]) -> None:
    with Session(engine) as other:
        if engine.dialect.name == "postgresql":  # as SQLite does: to wait for us would be for ever
            other.execute(text("SET lock_timeout = '1s'"))
        act(other)
        other.commit()


def test_a_draft_is_looked_back_at_while_a_colleague_edits_it(engine: Engine) -> None:
    """The document and the log are read one after the other: what is only in the log is left."""

    def add_a_part(session: Session) -> None:
        seen = drafts.opened(session, draft).revision
        set_at(session, draft, f"part-{seen}", {"zh": "新", "en": "New"}, seen=seen)

    with Session(engine) as session:
        draft = a_draft(session)
        set_at(session, draft, "minutes", 6, seen=1)
        session.commit()
        lines = drafts.edits(session, draft, most=5)

        a_colleague_before(session, EDITS_SINCE, add_a_part)
        told = drafts.with_documents(session, draft, lines)
        a_colleague_before(session, EDITS_SINCE, add_a_part)
        then = drafts.as_seen(session, draft, 1)

        assert drafts.opened(session, draft).revision == 4
    assert [(old["minutes"], new["minutes"]) for _, old, new in told] == [(5, 6)]
    assert then == bank_data(version=2)


def test_a_draft_can_be_edited_while_an_edit_of_it_is_worked_out(engine: Engine) -> None:
    def slow(data: dict[str, Any]) -> dict[str, Any]:
        somebody_else(engine, lambda other: set_at(other, draft, "title/en", "Theirs", seen=1))
        return setting("minutes", 9)(data)

    with Session(engine) as session:
        draft = a_draft(session)
        session.commit()
        edited = drafts.edit(
            session, draft, seen=1, change=slow, act="set", place="minutes", by=None, now=NOW
        )
        session.commit()

        assert edited == Edited(3)
        assert document(session, draft)["minutes"] == 9
        assert document(session, draft)["title"]["en"] == "Theirs"


def test_an_undo_is_worked_out_again_when_a_colleague_was_quicker(engine: Engine) -> None:
    def change_it_too(session: Session) -> None:
        set_at(session, draft, "minutes", 11, seen=2)

    with Session(engine) as session:
        draft = a_draft(session)
        set_at(session, draft, "minutes", 9, seen=1)
        session.commit()
        [line] = drafts.edits(session, draft, most=1)

        a_colleague_before(session, EDITS_SINCE, change_it_too)
        undone = drafts.undo(session, draft, edit_id=line.id, by=None, now=NOW)

        assert [(each.theirs, each.mine) for each in undone.clashes] == [(11, 5)]


def test_an_edit_that_is_overtaken_again_and_again_ends_all_the_same(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last time it is worked out nobody else is let in."""
    monkeypatch.setattr(store, "WAIT_MS", 50)
    refused: list[DBAPIError] = []

    def overtaken(ledger: Any, _document: Any) -> Any:
        try:
            somebody_else(engine, edit_theirs)
        except DBAPIError as error:
            refused.append(error)
        return ledger

    def edit_theirs(other: Session) -> None:
        seen = drafts.opened(other, draft).revision
        set_at(other, draft, "minutes", 10 + seen, seen=seen)

    with Session(engine) as session:
        draft = a_draft(session)
        session.commit()
        edited = set_at(session, draft, "title/en", "Mine", seen=1, mark=overtaken)
        session.commit()

        assert len(refused) == 1
        assert edited == Edited(6)
        assert document(session, draft)["title"]["en"] == "Mine"
        assert document(session, draft)["minutes"] == 14


def test_drafts_begun_at_the_same_moment_have_numbers_of_their_own(engine: Engine) -> None:
    with Session(engine) as session:
        source = a_version(session).id
        session.commit()

    def begin(session: Session) -> int:
        return drafts.begin(session, source_id=source, by=None, now=NOW).number

    assert sorted(at_once(engine, begin, begin, begin)) == [2, 3, 4]


def test_an_edit_and_a_publication_at_the_same_moment_do_not_mix(engine: Engine) -> None:
    with Session(engine) as session:
        draft = a_draft(session)
        session.commit()

    def edit(session: Session) -> bool:
        try:
            set_at(session, draft, "minutes", 9, seen=1)
        except NotADraft:
            return False
        return True

    was_edited, _ = at_once(engine, edit, lambda session: banks.publish(session, draft, now=NOW))

    with Session(engine) as session:
        version = session.get_one(BankVersion, draft)
        assert version.published_at == NOW
        assert banks.document_of(session, draft)["minutes"] == (9 if was_edited else 5)
        assert version.revision == (2 if was_edited else 1)


# ------------------------------------------------------------------- by any door

FROZEN = {
    "id": "id + 100",
    "bank_key": "'other'",
    "number": "number + 100",
    "title_zh": "'改'",
    "title_en": "'changed'",
    "document": "'{}'",
    "digest": "'" + "0" * 64 + "'",
    "created_at": "'2020-01-01 00:00:00'",
    "created_by": "NULL",
    "published_at": "'2020-01-01 00:00:00'",
    "revision": "revision + 1",
    "changed_at": "'2020-01-01 00:00:00'",
    "based_on_id": "NULL",
    "discarded_at": "'2020-01-01 00:00:00'",
    "ledger": """'{"title": {}}'""",
    "waivers": "'[1]'",
}


def test_every_column_but_one_is_named_here() -> None:
    assert set(FROZEN) == set(BankVersion.__table__.columns.keys()) - {"retired_at"}


@pytest.mark.parametrize("column", sorted(FROZEN))
def test_the_database_refuses_any_change_of_a_published_version(
    session: Session, column: str
) -> None:
    person = an_administrator(session)
    source = a_version(session)
    draft = drafts.begin(session, source_id=source.id, by=person.user_id, now=NOW)
    banks.publish(session, draft.id, by=person.user_id, now=NOW)
    session.commit()

    with pytest.raises(DBAPIError):
        session.execute(
            text(f"UPDATE bank_version SET {column} = {FROZEN[column]} WHERE id = :id"),
            {"id": draft.id},
        )
    session.rollback()
    session.execute(text("UPDATE bank_version SET retired_at = '2030-01-01 00:00:00'"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE bank_edit SET patches = '[]'",
        'UPDATE bank_edit SET "by" = NULL',
        "DELETE FROM bank_edit",
    ],
)
def test_the_history_of_a_draft_only_grows(session: Session, statement: str) -> None:
    draft = a_draft(session)
    set_at(session, draft, "minutes", 9, seen=1)
    session.commit()

    with pytest.raises(DBAPIError, match="this table only grows"):
        session.execute(text(statement))


def test_a_line_of_the_history_is_not_replaced(session: Session) -> None:
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("only SQLite knows INSERT OR REPLACE")
    draft = a_draft(session)
    set_at(session, draft, "minutes", 9, seen=1)
    session.commit()

    with pytest.raises(DBAPIError, match="this table only grows"):
        session.execute(text("INSERT OR REPLACE INTO bank_edit SELECT * FROM bank_edit"))


def test_the_history_of_a_draft_is_not_emptied_at_once(session: Session) -> None:
    if session.get_bind().dialect.name != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")

    with pytest.raises(DBAPIError, match="this table only grows"):
        session.execute(text("TRUNCATE bank_edit"))


def test_a_draft_may_be_changed_and_an_edit_belongs_to_one_revision(session: Session) -> None:
    draft = a_draft(session)
    set_at(session, draft, "minutes", 9, seen=1)
    session.commit()

    session.add(
        BankEdit(version_id=draft, revision=2, at=NOW, act="set", place="", patches=[], by=None)
    )
    with pytest.raises(DBAPIError):
        session.flush()


def test_a_new_part_is_added_to_a_draft(session: Session) -> None:
    draft = a_draft(session)

    set_at(session, draft, "hints", [blank(("hints",))], seen=1)

    assert drafts.checked(drafts.opened(session, draft))[0]


def test_another_line_cannot_take_the_place_of_a_revision(session: Session) -> None:
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("only SQLite knows INSERT OR REPLACE")
    draft = a_draft(session)
    set_at(session, draft, "minutes", 9, seen=1)
    session.commit()
    columns = 'version_id, revision, at, "by", act, place, patches, undoes_id'

    with pytest.raises(DBAPIError, match="this table only grows"):
        session.execute(
            text(
                f"INSERT OR REPLACE INTO bank_edit (id, {columns}) "
                f"SELECT id + 500, {columns} FROM bank_edit"
            )
        )


def test_a_published_version_gets_no_line_of_history(session: Session) -> None:
    published = a_version(session)
    session.add(
        BankEdit(
            version_id=published.id, revision=2, at=NOW, by=None, act="set", place="", patches=[]
        )
    )

    with pytest.raises(DBAPIError):
        session.flush()


def test_a_part_whose_key_no_column_can_hold_is_edited_all_the_same(session: Session) -> None:
    draft = a_draft(session)

    drafts.edit(
        session,
        draft,
        seen=1,
        change=setting("minutes", 9),
        act="set",
        place="sections/a\0b",
        by=None,
        now=NOW,
    )

    (line,) = drafts.edits(session, draft, most=9)
    assert line.place == "sections/a\ufffdb"


def test_a_list_that_is_too_long_to_work_with_is_refused(session: Session) -> None:
    parts = [{"key": f"s{number}"} for number in range(1001)]

    with pytest.raises(BadDocument) as refused:
        drafts.begin_with(session, document={"key": "a", "sections": parts}, by=None, now=NOW)

    assert [problem.code for problem in refused.value.problems] == ["bank-too-long-list"]


def test_a_question_that_a_colleague_moved_keeps_the_words_written_meanwhile(
    session: Session,
) -> None:
    draft = a_draft(session)
    domains = ("sections", "everything", "domains")
    here, there = (*domains, "first", "questions"), (*domains, "second", "questions")
    facts: dict[str, Any] = {"seen": 1, "act": "set", "place": "", "by": None, "now": NOW}
    drafts.edit(
        session, draft, change=lambda data: moved(data, (*here, "planning"), there, 0), **facts
    )

    edited = drafts.edit(
        session,
        draft,
        change=lambda data: put(data, (*here, "planning", "prompt", "zh"), "新的问法"),
        **facts,
    )

    document = drafts.opened(session, draft).document
    assert edited.clashes == ()
    assert get(document, (*there, "planning", "prompt", "zh")) == "新的问法"
    assert "planning" not in [each["key"] for each in get(document, here)]
