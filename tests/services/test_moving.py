"""Going over to the newer version of a bank: offered, listed, done at once, nothing lost."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from survey.core.carrying import Fate
from survey.core.errors import NotFound
from survey.services import assessments, assignments, banks, moving, reopening, targets
from survey.services.answer_rows import Sent, rows_of
from survey.services.assessments import AlreadySubmitted, Saved
from survey.services.moving import MoveRefused
from survey.services.people import Actor, OwnerOnly
from survey.store.models import Assessment, Assignment, AuditEvent, BankVersion, Comment, Firm, Move
from tests.builders import (
    FULL_ANSWERS,
    Data,
    bank_data,
    domain,
    edition,
    ladder,
    level,
    multiple,
    number,
    section,
    words,
)
from tests.stored import (
    NOW,
    a_consultant,
    a_file,
    a_firm,
    a_member,
    a_submitted_assessment,
    a_version,
    an_assessment,
)

LATER = NOW + timedelta(days=1)
LATEST = NOW + timedelta(days=2)
OTHERWISE = {"zh": "换一种问法？", "en": "Asked in other words?"}


def of(number_: int, *questions: Data, **changes: Any) -> Data:
    return bank_data(section("s", "A", domain("d", *questions)), version=number_, **changes)


OLD = of(1, ladder(), multiple(), number(), words())
NEW = of(2, ladder(prompt=OTHERWISE), multiple(), words(prompt=OTHERWISE), ladder("culture"))
"""`planning` and `product` are asked otherwise, `years` is gone, `culture` is new."""

ANSWERS = {"planning": level(2), "security": {"options": ["a"]}, "years": {"number": "5"}}


@pytest.fixture
def owner(session: Session) -> Actor:
    return a_firm(session)[1]


@pytest.fixture
def draft(session: Session, owner: Actor) -> Assessment:
    return an_assessment(session, owner, version=a_version(session, OLD), answers=ANSWERS)


@pytest.fixture
def newer(session: Session, draft: Assessment) -> BankVersion:  # it comes after
    return a_version(session, NEW)


def colleague_of(session: Session, owner: Actor) -> Actor:
    return a_member(session, session.get_one(Firm, owner.firm_id))


def go_over(session: Session, owner: Actor, draft: Assessment) -> None:
    mark = moving.offer(session, owner, draft.id).mark
    moving.move(session, owner, draft.id, mark=mark, now=LATER)


def save(
    session: Session, actor: Actor, draft: Assessment, seen: int = 0, **given: Data | None
) -> Saved:
    """What a page sends that had been opened before the move."""
    return assessments.save(
        session,
        actor,
        draft.id,
        given=given,
        seen=dict.fromkeys(given, seen),
        typed={key: {"": ["typed"]} for key in given},
        now=LATEST,
    )


def refusal_of(error: pytest.ExceptionInfo[MoveRefused]) -> str:
    return error.value.code


def test_nothing_moves_by_itself(session: Session, owner: Actor, draft: Assessment) -> None:
    before = draft.bank_version_id

    a_version(session, NEW)
    state = assessments.hub(session, owner, draft.id)

    assert state.assessment.bank_version_id == before
    assert set(state.answers) == set(ANSWERS)


def test_the_newest_open_version_is_offered(
    session: Session, owner: Actor, draft: Assessment
) -> None:
    mine = assessments.list_for_firm(session, owner, draft.firm_id)
    none = moving.newer(session, mine)
    middle = a_version(session, NEW)
    retired = a_version(session, NEW | {"version": 3})
    banks.retire(session, retired.id, now=NOW)
    banks.store_draft(session, data=NEW | {"version": 4}, now=NOW)
    a_version(session, bank_data(key="another-bank", version=9))

    found = moving.newer(session, mine)

    assert none == {}
    assert found == {draft.id: middle}
    assert moving.newer(session, []) == {}


def test_the_offer_says_what_is_kept_changed_dropped_and_new(
    session: Session, owner: Actor, draft: Assessment, newer: BankVersion
) -> None:
    offer = moving.offer(session, owner, draft.id)

    fates = {one.key: one.fate for one in offer.carrying.answers}
    assert offer.version.id == newer.id
    assert fates == {
        "planning": Fate.CHANGED,
        "security": Fate.KEPT,
        "years": Fate.DROPPED,
    }
    assert (offer.carrying.new, offer.carrying.altered) == (("culture",), ("product",))
    assert draft.bank_version_id != newer.id


def test_moving_keeps_what_can_be_kept_and_tells_of_the_rest(
    session: Session, owner: Actor, draft: Assessment, newer: BankVersion
) -> None:
    go_over(session, owner, draft)

    state = assessments.hub(session, owner, draft.id)
    (made,) = moving.list_for(session, owner, draft.id)
    assert state.assessment.bank_version_id == newer.id
    assert state.plain == {"planning": level(2), "security": {"options": ["a"]}}
    assert state.revisions == {"planning": 2, "security": 1, "years": 2, "product": 1}
    assert (made.from_number, made.to_number, made.kept) == (1, 2, 1)
    assert {line.key: (line.fate, line.was, line.became) for line in made.lines} == {
        "planning": (Fate.CHANGED, level(2), level(2)),
        "years": (Fate.DROPPED, {"number": "5"}, None),
    }
    (dropped,) = made.of(Fate.DROPPED)
    assert (dropped.before.key, dropped.after) == ("years", None)


def test_the_history_has_the_old_answer_and_the_bank_it_was_given_to(
    session: Session, owner: Actor, draft: Assessment, newer: BankVersion
) -> None:
    old = assessments.asked(session, owner, draft.id)[0]

    go_over(session, owner, draft)

    changes = assessments.history(session, owner, draft.id, "years")
    (before,) = moving.banks_before(session, draft.id)
    assert [(each.before, each.after, each.outcome) for each in changes] == [
        (None, {"number": "5"}, "saved"),
        ({"number": "5"}, None, "cleared"),
    ]
    assert (before.until, before.bank) == (LATER, old)


def test_what_was_typed_can_be_corrected_on_the_page(
    session: Session, owner: Actor, draft: Assessment
) -> None:
    save(session, owner, draft, product={"text": "阀门配件"})
    a_version(session, of(2, ladder(), multiple(), number(), words(maximum_length=2)))

    go_over(session, owner, draft)

    state = assessments.hub(session, owner, draft.id)
    assert state.wrong == {"product": {"": ["阀门配件"]}}
    assert state.progress.wrong == ("product",)


def test_a_line_tells_whether_somebody_has_looked_since(
    session: Session, owner: Actor, draft: Assessment, newer: BankVersion
) -> None:
    go_over(session, owner, draft)
    save(session, owner, draft, seen=2, planning=level(3))

    (made,) = moving.list_for(session, owner, draft.id)

    assert {line.key: line.saved_since for line in made.lines} == {
        "planning": True,
        "years": False,
    }


def test_files_and_comments_stay_and_are_named_with_what_was_dropped(
    session: Session, owner: Actor, draft: Assessment, newer: BankVersion
) -> None:
    file = a_file(session, owner, draft.id, question_key="years")
    session.add(
        Comment(
            assessment_id=draft.id,
            question_key="years",
            author_id=owner.user_id,
            text="按营业执照算",
            at=NOW,
        )
    )
    go_over(session, owner, draft)

    found = moving.beside(session, draft.id, ["years", "planning"])

    assert found["years"].files == ((file.id, file.name),)
    assert [said for _name, _at, said in found["years"].comments] == ["按营业执照算"]
    assert (found["planning"].files, found["planning"].comments) == ((), ())


def test_a_short_form_stays_one_if_the_new_version_has_it(session: Session, owner: Actor) -> None:
    old = a_version(session, OLD | {"editions": [edition("planning")]})
    short = an_assessment(session, owner, version=old, edition="express", answers={})
    a_version(session, NEW | {"editions": [edition("planning", "culture")]})

    go_over(session, owner, short)

    state = assessments.hub(session, owner, short.id)
    assert state.assessment.edition == "express"
    assert "culture" in state.bank.questions
    assert "security" not in state.bank.questions


def test_without_it_the_whole_bank_is_asked(session: Session, owner: Actor) -> None:
    old = a_version(session, OLD | {"editions": [edition("planning")]})
    short = an_assessment(session, owner, version=old, edition="express", answers={})
    a_version(session, NEW)

    go_over(session, owner, short)

    assert assessments.hub(session, owner, short.id).assessment.edition == ""
    assert session.scalars(select(Move.from_edition)).all() == ["express"]


def test_moving_on_once_more_tells_of_both(
    session: Session, owner: Actor, draft: Assessment, newer: BankVersion
) -> None:
    go_over(session, owner, draft)
    a_version(session, NEW | {"version": 3})
    go_over(session, owner, draft)

    made = moving.list_for(session, owner, draft.id)

    assert [(each.from_number, each.to_number) for each in made] == [(2, 3), (1, 2)]
    assert made[0].lines == ()


def test_a_colleagues_change_since_brings_the_list_back(
    session: Session, owner: Actor, draft: Assessment, newer: BankVersion
) -> None:
    mark = moving.offer(session, owner, draft.id).mark
    save(session, colleague_of(session, owner), draft, seen=1, years={"number": "7"})

    with pytest.raises(MoveRefused) as refused:
        moving.move(session, owner, draft.id, mark=mark, now=LATER)

    assert refusal_of(refused) == "move-changed"
    assert moving.list_for(session, owner, draft.id) == ()


def test_one_of_an_answer_that_is_kept_does_not(
    session: Session, owner: Actor, draft: Assessment, newer: BankVersion
) -> None:
    mark = moving.offer(session, owner, draft.id).mark
    save(session, colleague_of(session, owner), draft, seen=1, security={"options": ["b"]})

    moving.move(session, owner, draft.id, mark=mark, now=LATER)

    assert assessments.hub(session, owner, draft.id).plain["security"] == {"options": ["b"]}


def test_a_page_that_was_open_before_overwrites_nothing(
    session: Session, owner: Actor, draft: Assessment, newer: BankVersion
) -> None:
    colleague = colleague_of(session, owner)
    go_over(session, owner, draft)

    looked_at = save(session, colleague, draft, seen=1, planning=level(5))
    never_answered = save(session, colleague, draft, seen=0, product={"text": "阀门"})
    gone = save(session, colleague, draft, seen=1, years={"number": "6"})

    assert [each.theirs for each in looked_at.conflicts] == [level(2)]
    assert [each.mine for each in never_answered.conflicts] == [{"text": "阀门"}]
    assert [problem.code for problem in gone.refused] == ["answer-unknown-question"]
    assert rows_of(session, draft.id)["planning"].plain == level(2)


def test_what_such_a_page_sends_of_an_unchanged_question_is_saved(
    session: Session, owner: Actor, draft: Assessment, newer: BankVersion
) -> None:
    go_over(session, owner, draft)

    saved = save(session, owner, draft, seen=1, security={"options": ["b"]})

    assert saved.saved == {"security": 2}


def test_only_the_owner_moves(
    session: Session, owner: Actor, draft: Assessment, newer: BankVersion
) -> None:
    colleague = colleague_of(session, owner)
    _, stranger = a_firm(session, "远山机械有限公司")

    for who, refusal in ((colleague, OwnerOnly), (stranger, NotFound)):
        with pytest.raises(refusal):
            moving.offer(session, who, draft.id)
        with pytest.raises(refusal):
            moving.move(session, who, draft.id, mark="", now=LATER)


def test_the_list_is_for_everybody_who_may_see_the_firm(
    session: Session, owner: Actor, draft: Assessment, newer: BankVersion
) -> None:
    go_over(session, owner, draft)
    firm = session.get_one(Firm, owner.firm_id)

    for who in (colleague_of(session, owner), a_consultant(session, firm)):
        assert len(moving.list_for(session, who, draft.id)) == 1
    for stranger in (a_firm(session, "远山机械有限公司")[1], a_consultant(session)):
        with pytest.raises(NotFound):
            moving.list_for(session, stranger, draft.id)
    with pytest.raises(NotFound):
        moving.list_for(session, owner, 999)


def test_a_submitted_assessment_stays_on_its_version(session: Session, owner: Actor) -> None:
    done = a_submitted_assessment(session, owner)
    a_version(session, bank_data(version=2))

    with pytest.raises(AlreadySubmitted):
        moving.offer(session, owner, done.id)
    assert moving.newer(session, [done]) == {}


def test_a_reopened_one_may_move_and_its_old_scores_are_kept(
    session: Session, owner: Actor
) -> None:
    done = a_submitted_assessment(session, owner, answers=FULL_ANSWERS)
    result = done.result
    reopening.reopen(session, owner, done.id, reason="补充", now=NOW)
    a_version(session, bank_data(version=2))

    go_over(session, owner, done)

    (line,) = reopening.list_for(session, owner, done.id)
    assert line.submitted_at == NOW
    again = assessments.submit(session, owner, done.id, now=LATEST).result
    assert result is not None
    assert again == result | {"bank_version": 2}


def test_without_a_newer_version_there_is_nothing_to_move_to(
    session: Session, owner: Actor, draft: Assessment
) -> None:
    with pytest.raises(MoveRefused) as refused:
        moving.offer(session, owner, draft.id)

    assert refusal_of(refused) == "move-none"


def test_beside_one_that_was_begun_with_the_newer_version_none_is_offered(
    session: Session, owner: Actor, draft: Assessment, newer: BankVersion
) -> None:
    an_assessment(session, owner, version=newer, answers={})
    mine = assessments.list_for_firm(session, owner, draft.firm_id)

    assert moving.newer(session, mine) == {}
    with pytest.raises(MoveRefused) as refused:
        moving.offer(session, owner, draft.id)
    assert refusal_of(refused) == "move-none"


def test_a_question_is_found_where_it_stands_since(
    session: Session, owner: Actor, draft: Assessment, newer: BankVersion
) -> None:
    with pytest.raises(NotFound):
        moving.page_now(session, owner, draft.id, "planning")
    go_over(session, owner, draft)

    assert moving.page_now(session, owner, draft.id, "planning") == "s"
    assert moving.page_now(session, owner, draft.id, "years") is None
    with pytest.raises(NotFound):
        moving.page_now(session, a_firm(session, "远山")[1], draft.id, "planning")


def test_the_audit_log_tells_of_it(
    session: Session, owner: Actor, draft: Assessment, newer: BankVersion
) -> None:
    go_over(session, owner, draft)

    (event,) = session.scalars(select(AuditEvent).where(AuditEvent.act == "move-assessment"))
    assert (event.user_id, event.facts) == (owner.user_id, {"assessment": draft.id, "version": 2})


def test_a_move_is_never_rewritten(
    session: Session, owner: Actor, draft: Assessment, newer: BankVersion
) -> None:
    go_over(session, owner, draft)
    session.commit()

    for forbidden in ("UPDATE move SET kept = 9", "DELETE FROM move"):
        with pytest.raises(DBAPIError, match="this table only grows"):
            session.execute(text(forbidden))
        session.rollback()


def test_a_colleague_who_saves_in_that_very_moment_loses_nothing(
    session: Session, engine: Engine, owner: Actor, draft: Assessment, newer: BankVersion
) -> None:
    colleague = colleague_of(session, owner)
    session.commit()

    def answer() -> Saved:
        with Session(engine) as own:
            given = {"security": {"options": ["b"]}}
            sent = {"security": Sent("key-1", "page-a", 1)}
            saved = assessments.save(
                own, colleague, draft.id, given=given, seen={"security": 1}, sent=sent, now=LATEST
            )
            own.commit()
            return saved

    with Session(engine) as mover, ThreadPoolExecutor(1) as pool:
        mark = moving.offer(mover, owner, draft.id).mark
        moving.move(mover, owner, draft.id, mark=mark, now=LATER)
        waiting = pool.submit(answer)
        _until_somebody_waits(engine)
        mover.commit()
        saved = waiting.result()

    session.expire_all()
    assert saved.saved == {"security": 2}
    assert rows_of(session, draft.id)["security"].plain == {"options": ["b"]}
    assert session.get_one(Assessment, draft.id).bank_version_id == newer.id


def test_whoever_begins_the_newer_version_in_that_very_moment_stops_the_move(
    session: Session, engine: Engine, owner: Actor, draft: Assessment, newer: BankVersion
) -> None:
    mark = moving.offer(session, owner, draft.id).mark
    session.commit()

    def go() -> str:
        with Session(engine) as own, pytest.raises(MoveRefused) as refused:
            moving.move(own, owner, draft.id, mark=mark, now=LATER)
        return refusal_of(refused)

    with Session(engine) as other, ThreadPoolExecutor(1) as pool:
        assessments.start(other, owner, version_id=newer.id, now=LATER)
        waiting = pool.submit(go)
        _until_somebody_waits(engine)
        other.commit()
        code = waiting.result()

    assert code in ("other-under-way", "move-none")
    session.expire_all()
    assert session.get_one(Assessment, draft.id).bank_version_id != newer.id


def _until_somebody_waits(engine: Engine) -> None:
    """On PostgreSQL, until the other transaction has met the lock; at most for a moment."""
    if engine.dialect.name == "sqlite":
        return
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    with engine.connect() as connection:
        for _ in range(200):
            if connection.execute(waiting).scalar_one():
                return
            time.sleep(0.01)


def test_a_later_move_is_no_answer(session: Session, owner: Actor, draft: Assessment) -> None:
    a_version(session, NEW)
    go_over(session, owner, draft)
    a_version(session, of(3, ladder(), multiple(), words(), ladder("culture")))
    mark = moving.offer(session, owner, draft.id).mark
    moving.move(session, owner, draft.id, mark=mark, now=LATEST)

    made = moving.list_for(session, owner, draft.id)

    assert [line.saved_since for one in made for line in one.lines if line.key == "planning"] == [
        False,
        False,
    ]


def assign(session: Session, assessment: Assessment, page_key: str, to: Actor) -> None:
    session.add(
        Assignment(
            assessment_id=assessment.id,
            page_key=page_key,
            user_id=to.user_id,
            assigned_by=to.user_id,
            assigned_at=NOW,
            due_on=date(2026, 8, 1),
            done_at=NOW,
        )
    )
    session.flush()


def test_assignments_and_targets_without_a_place_are_told(
    session: Session, owner: Actor, draft: Assessment
) -> None:
    assign(session, draft, "s", colleague_of(session, owner))
    targets.set_targets(session, owner, draft.id, targets={"d": 3}, now=NOW)
    other = bank_data(section("other", "A", domain("other-d", ladder("another"))), version=2)
    a_version(session, other)

    offered = moving.offer(session, owner, draft.id).agreed
    go_over(session, owner, draft)

    (made,) = moving.list_for(session, owner, draft.id)
    assert [(level, goal) for _title, level, goal in offered.targets] == [(3, None)]
    assert [goal for _title, _name, goal in offered.pages] == [None]
    assert made.agreed == offered


def test_assignments_and_targets_go_where_the_questions_are_now(
    session: Session, owner: Actor, draft: Assessment
) -> None:
    colleague = colleague_of(session, owner)
    assign(session, draft, "s", colleague)
    targets.set_targets(session, owner, draft.id, targets={"d": 3}, now=NOW)
    there = section("other", "A", domain("other-d", ladder(), ladder("more")))
    a_version(session, bank_data(there, version=2))

    offered = moving.offer(session, owner, draft.id)
    go_over(session, owner, draft)

    (made,) = moving.list_for(session, owner, draft.id)
    given = assignments.of_assessment(session, draft.id)["other"]
    titles = {each.key: each.title for each in offered.new.sections}
    assert (given.user_id, given.due_on, given.done_at) == (
        colleague.user_id,
        date(2026, 8, 1),
        None,
    )
    assert targets.levels_of(session, draft.id)["other-d"] == 3
    assert [goal for _title, _name, goal in offered.agreed.pages] == [titles["other"]]
    assert [level for _title, level, _goal in offered.agreed.targets] == [3]
    assert None not in [goal for _title, _level, goal in offered.agreed.targets]
    assert made.agreed == offered.agreed


def test_what_goes_over_belongs_to_what_the_owner_has_seen(
    session: Session, owner: Actor, draft: Assessment
) -> None:
    a_version(session, bank_data(section("other", "A", domain("d", ladder())), version=2))
    mark = moving.offer(session, owner, draft.id).mark
    assign(session, draft, "s", colleague_of(session, owner))

    with pytest.raises(MoveRefused):
        moving.move(session, owner, draft.id, mark=mark, now=LATER)


def test_a_level_that_the_new_version_has_not_is_no_target_there(
    session: Session, owner: Actor, draft: Assessment
) -> None:
    targets.set_targets(session, owner, draft.id, targets={"d": 3}, now=NOW)
    lower = bank_data(section("other", "A", domain("other-d", ladder())), version=2)
    lower["levels"]["steps"] = lower["levels"]["steps"][:3]
    a_version(session, lower)

    go_over(session, owner, draft)

    assert targets.levels_of(session, draft.id) == {"d": 3}
