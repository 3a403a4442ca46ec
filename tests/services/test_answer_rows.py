"""Attempts to answer: sent again, late, at the same moment; nothing is undone or lost."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from survey.core.answers import Typed
from survey.core.errors import NotFound, SurveyError
from survey.core.progress import PageState
from survey.pdf import fonts
from survey.services import answer_rows, assessments, autosave, glance, sharing
from survey.services.answer_rows import Attempt, Fate, Row, Sent, Taken, Writer
from survey.services.assessments import AlreadySubmitted, NotComplete, Saved
from survey.services.assignments import NotYourSection
from survey.services.glance import Before
from survey.services.people import ASSIGNED, Actor, actor_of
from survey.services.sharing import Share
from survey.store.models import AnswerChange, AnswerRow, Assessment, Firm, Membership, User
from tests.builders import FULL_ANSWERS, bank_data, domain, edition, ladder, level, section
from tests.stored import NOW, a_firm, a_member, a_version, an_assessment

LATER = NOW + timedelta(minutes=5)
Value = int | None
"""A step of the ladder `planning`, or nothing."""


def step(value: Value) -> dict[str, Any] | None:
    return None if value is None else level(value)


def send(
    session: Session,
    actor: Actor,
    assessment_id: int,
    value: Value,
    *,
    seen: int = 0,
    page: str = "page-a",
    seq: int = 1,
    key: str = "",
) -> Saved:
    """Send one answer to `planning` as an open page does."""
    sent = Sent(key or f"{page}-{seq}", page, seq)
    before = look(session, actor, assessment_id, sent)
    return send_after(session, actor, before, value, seen=seen, sent=sent)


def look(session: Session, actor: Actor, assessment_id: int, sent: Sent) -> Before:
    """What stands before this attempt to answer `planning` is looked at."""
    mark = session.scalars(select(User.fs_uniquifier).filter_by(id=actor.user_id)).one()
    bank, _ = assessments.asked(session, actor, assessment_id)
    page = bank.place_of["planning"]
    _, found = glance.recognise_sender(session, mark, assessment_id, page, "planning", sent.key)
    assert found is not None
    return glance.before_saving(session, found, "planning")


def send_after(
    session: Session, actor: Actor, before: Before, value: Value, *, seen: int, sent: Sent
) -> Saved:
    return autosave.save(
        session,
        actor,
        before,
        given={"planning": step(value)},
        seen={"planning": seen},
        typed={},
        sent={"planning": sent},
        now=LATER,
    )


def fate(saved: Saved) -> tuple[str, int]:
    """What became of the one answer sent, and the revision that its page knows from then on."""
    if saved.conflicts:
        return "conflict", saved.conflicts[0].revision
    if "planning" in saved.late:
        return "late", saved.late["planning"]
    return "saved", saved.saved["planning"]


def stored(session: Session, assessment_id: int) -> tuple[Any, int]:
    row = answer_rows.rows_of(session, assessment_id).get("planning")
    return (None, 0) if row is None else (row.plain, row.revision)


def lines(session: Session, actor: Actor, assessment_id: int) -> list[tuple[str, Any, int]]:
    changes = assessments.history(session, actor, assessment_id, "planning")
    return [(change.outcome, change.after, change.revision) for change in changes]


@pytest.fixture
def owner(session: Session) -> Actor:
    return a_firm(session)[1]


@pytest.fixture
def colleague(session: Session, owner: Actor) -> Actor:
    firm = session.get_one(Firm, owner.firm_id)
    return a_member(session, firm, name="赵倩")


@pytest.fixture
def draft(session: Session, owner: Actor) -> int:
    return an_assessment(session, owner).id


# ------------------------------------------------------------------- sent again


def test_an_attempt_that_is_sent_twice_is_stored_once(
    session: Session, owner: Actor, draft: int
) -> None:
    first = send(session, owner, draft, 2)
    again = send(session, owner, draft, 2)

    assert fate(first) == fate(again) == ("saved", 1)
    assert lines(session, owner, draft) == [("saved", level(2), 1)]


def test_an_attempt_sent_again_undoes_nothing_that_came_after(
    session: Session, owner: Actor, colleague: Actor, draft: int
) -> None:
    send(session, owner, draft, 2)
    send(session, colleague, draft, 4, seen=1, page="page-b")

    again = send(session, owner, draft, 2)

    assert fate(again) == ("saved", 1)
    assert stored(session, draft) == (level(4), 2)
    assert len(lines(session, owner, draft)) == 2


def test_an_attempt_sent_again_changes_nothing_even_if_it_claims_to_have_seen_more(
    session: Session, owner: Actor, colleague: Actor, draft: int
) -> None:
    send(session, owner, draft, 2)
    send(session, colleague, draft, 4, seen=1, page="page-b")

    again = send(session, owner, draft, 2, seen=2, seq=9, key="page-a-1")

    assert fate(again) == ("saved", 1)
    assert stored(session, draft) == (level(4), 2)


def test_a_conflict_sent_again_is_the_same_conflict(
    session: Session, owner: Actor, colleague: Actor, draft: int
) -> None:
    send(session, colleague, draft, 4, page="page-b")
    first = send(session, owner, draft, 2)

    again = send(session, owner, draft, 2)

    assert first.conflicts == again.conflicts
    assert first.conflicts[0].their_name == "赵倩"
    assert lines(session, owner, draft) == [("saved", level(4), 1), ("conflict", level(2), 1)]


def test_a_conflict_sent_again_after_one_was_chosen_is_none_any_more(
    session: Session, owner: Actor, colleague: Actor, draft: int
) -> None:
    send(session, colleague, draft, 4, page="page-b")
    send(session, owner, draft, 2)
    send(session, owner, draft, 2, seen=1, seq=2)

    assert fate(send(session, owner, draft, 2)) == ("saved", 2)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"years": {"number": "5"}}, {"years": {"number": "5.00"}}),
        (
            {"share": {"numerator": "30", "denominator": "100"}},
            {"share": {"numerator": "30.0", "denominator": "100"}},
        ),
    ],
)
def test_the_same_figure_written_in_another_way_is_no_conflict(
    session: Session,
    owner: Actor,
    colleague: Actor,
    draft: int,
    first: dict[str, Any],
    second: dict[str, Any],
) -> None:
    (key,) = first
    page, other_page = Sent("a-1", "page-a", 1), Sent("b-1", "page-b", 1)

    def save(who: Actor, given: dict[str, Any], seen: int, sent: Sent) -> Saved:
        return assessments.save(
            session, who, draft, given=given, seen={key: seen}, now=LATER, sent={key: sent}
        )

    save(owner, first, 0, page)
    same = save(colleague, second, 0, other_page)
    same_again = save(colleague, second, 0, other_page)
    kept = assessments.hub(session, owner, draft)
    rewritten = save(owner, second, 1, Sent("a-2", "page-a", 2))

    assert [(each.saved, each.conflicts) for each in (same, same_again)] == [({key: 1}, ())] * 2
    assert (kept.plain, kept.revisions) == (first, {key: 1})
    assert rewritten.saved == {key: 2}, "who sees how it is written may write it otherwise"
    assert assessments.hub(session, owner, draft).plain == second


def test_a_late_value_sent_again_is_late_once_more_and_noted_once(
    session: Session, owner: Actor, draft: int
) -> None:
    send(session, owner, draft, 4, seq=2)

    assert fate(send(session, owner, draft, 2)) == ("late", 1)
    assert fate(send(session, owner, draft, 2)) == ("late", 1)
    assert lines(session, owner, draft) == [("saved", level(4), 1), ("late", level(2), 1)]


def test_a_key_that_was_used_for_another_value_hides_nothing(
    session: Session, owner: Actor, draft: int
) -> None:
    send(session, owner, draft, 2, key="same")

    other = send(session, owner, draft, 4, seq=2, key="same")

    assert fate(other) == ("saved", 2)
    assert stored(session, draft) == (level(4), 2)
    assert lines(session, owner, draft)[-1] == ("saved", level(4), 2)


def test_a_key_that_is_used_elsewhere_just_now_hides_nothing(
    session: Session, owner: Actor, draft: int
) -> None:
    sent = Sent("same", "page-a", 1)
    before = look(session, owner, draft, sent)
    years = {"years": {"number": "5"}}
    assessments.save(session, owner, draft, given=years, seen={}, now=LATER, sent={"years": sent})

    saved = send_after(session, owner, before, 2, seen=0, sent=sent)

    assert fate(saved) == ("saved", 1)
    assert lines(session, owner, draft) == [("saved", level(2), 1)]


def test_a_key_that_was_used_for_another_value_does_not_hide_one_that_lost(
    session: Session, owner: Actor, colleague: Actor, draft: int
) -> None:
    send(session, owner, draft, 2, key="same")
    send(session, colleague, draft, 4, seen=1, page="page-b")

    other = send(session, owner, draft, 5, seen=1, page="page-c", key="same")

    assert fate(other) == ("conflict", 2)
    assert lines(session, owner, draft)[-1] == ("conflict", level(5), 2)


def test_keys_of_different_people_are_different_keys(
    session: Session, owner: Actor, colleague: Actor, draft: int
) -> None:
    send(session, owner, draft, 2, key="same")

    other = send(session, colleague, draft, 2, seen=1, page="page-b", key="same")

    assert fate(other) == ("saved", 1)
    assert fate(send(session, colleague, draft, 3, page="page-b", seq=2, key="same")) == (
        "saved",
        2,
    )


# ------------------------------------------------------------ one page, in order


def test_a_page_need_not_wait_for_the_reply_to_its_last_value(
    session: Session, owner: Actor, draft: int
) -> None:
    send(session, owner, draft, 2, seq=1)

    assert fate(send(session, owner, draft, 3, seq=2)) == ("saved", 2)


def test_two_tabs_of_one_person_are_two_colleagues(
    session: Session, owner: Actor, draft: int
) -> None:
    send(session, owner, draft, 2, page="tab-1")

    assert fate(send(session, owner, draft, 3, page="tab-2")) == ("conflict", 1)


def test_a_page_without_script_has_no_order_but_what_it_saw(
    session: Session, owner: Actor, draft: int
) -> None:
    send(session, owner, draft, 2)
    given = {"planning": level(5)}

    whole = assessments.save(session, owner, draft, given=given, seen={"planning": 1}, now=LATER)

    assert fate(whole) == ("saved", 2)
    assert fate(send(session, owner, draft, 3, seq=2)) == ("conflict", 2)


SERIES: Sequence[tuple[Value, Sequence[Value]]] = (
    (None, (4, 5)),
    (None, (4, 5, 4)),
    (None, (4, None)),
    (None, (4, None, 4)),
    (None, (4, None, 5, None)),
    (1, (4, 1)),
    (1, (4, 1, 4)),
    (1, (None, 1)),
    (1, (4, None, 1)),
    (1, (4, None, 4, None)),
)
"""What was stored before, and what one page sends one after the other."""


@pytest.mark.parametrize(("before", "values"), SERIES)
def test_in_whatever_order_a_pages_values_arrive_the_newest_stays(
    session: Session, owner: Actor, before: Value, values: Sequence[Value]
) -> None:
    draft = an_assessment(session, owner).id
    seen = 0
    if before is not None:
        seen = fate(send(session, owner, draft, before, page="yesterday"))[1]
    session.commit()

    for order in permutations(range(len(values))):
        for index in order:
            send(session, owner, draft, values[index], seen=seen, seq=index + 1)
            send(session, owner, draft, values[index], seen=seen, seq=index + 1)

        assert stored(session, draft)[0] == step(values[-1]), order
        session.rollback()


@pytest.mark.parametrize(("before", "values"), SERIES)
def test_every_value_that_did_not_stay_is_in_the_history(
    session: Session, owner: Actor, before: Value, values: Sequence[Value]
) -> None:
    draft = an_assessment(session, owner).id
    seen = 0
    if before is not None:
        seen = fate(send(session, owner, draft, before, page="yesterday"))[1]
    session.commit()

    for order in permutations(range(len(values))):
        for index in order:
            send(session, owner, draft, values[index], seen=seen, seq=index + 1)

        known = [after for _, after, _ in lines(session, owner, draft)]
        known += [stored(session, draft)[0], step(before)]
        assert all(step(value) in known for value in values), order
        session.rollback()


def test_pages_that_sent_the_same_value_both_know_it(
    session: Session, owner: Actor, colleague: Actor, draft: int
) -> None:
    send(session, owner, draft, 2, page="page-a")
    same = send(session, colleague, draft, 2, page="page-b")
    assert fate(same) == ("saved", 1)

    assert fate(send(session, colleague, draft, 3, page="page-b", seq=2)) == ("saved", 2)
    assert fate(send(session, owner, draft, 4, page="page-a", seq=2)) == ("conflict", 2)


def test_what_a_page_sent_before_it_confirmed_a_value_is_late_for_each_of_them(
    session: Session, owner: Actor, colleague: Actor, draft: int
) -> None:
    seen = fate(send(session, owner, draft, 2, page="yesterday"))[1]
    for actor, page in ((owner, "page-a"), (colleague, "page-b")):
        assert fate(send(session, actor, draft, 2, seen=seen, page=page, seq=2)) == ("saved", 1)

    for actor, page in ((owner, "page-a"), (colleague, "page-b")):
        assert fate(send(session, actor, draft, 5, seen=seen, page=page, seq=1)) == ("late", 1)
    assert stored(session, draft) == (level(2), 1)


def test_clearing_what_nobody_answered_is_no_answer(
    session: Session, owner: Actor, colleague: Actor, draft: int
) -> None:
    cleared = send(session, owner, draft, None, seq=2)

    assert fate(cleared) == ("saved", 0)
    assert lines(session, owner, draft) == []
    assert fate(send(session, owner, draft, 5, seq=1)) == ("late", 0)
    assert fate(send(session, colleague, draft, 3, page="page-b")) == ("saved", 1)


def test_a_revision_that_there_never_was_is_a_conflict_and_changes_nothing(
    session: Session, owner: Actor, draft: int
) -> None:
    forged = send(session, owner, draft, 3, seen=7)

    assert forged.conflicts[0].theirs is None
    assert stored(session, draft) == (None, 0)


# ----------------------------------------------------------------------- drafts


def keep(
    session: Session,
    actor: Actor,
    assessment_id: int,
    given: Mapping[str, Any],
    typed: Mapping[str, Typed],
    **facts: Any,
) -> Saved:
    return assessments.save(
        session, actor, assessment_id, given=given, typed=typed, seen={}, now=LATER, **facts
    )


def test_what_a_question_cannot_take_is_kept_as_it_was_typed(
    session: Session, owner: Actor, draft: int
) -> None:
    typed = {"years": {"": ["about five"]}}

    kept = keep(session, owner, draft, {"years": {"number": "about five"}}, typed)

    page = assessments.open_page(session, owner, draft, "everything")
    assert kept.saved == {"years": 1}
    assert [(key, p.code) for key, p in kept.kept.items()] == [("years", "answer-not-a-number")]
    assert kept.refused == ()
    assert "years" not in page.plain
    assert page.wrong == typed
    assert page.revisions["years"] == 1
    assert page.progress.pages["everything"].wrong == ("years",)
    assert page.progress.pages["everything"].state is PageState.NEEDS_A_LOOK


def test_a_draft_is_corrected_by_an_ordinary_save(
    session: Session, owner: Actor, draft: int
) -> None:
    keep(session, owner, draft, {"years": {"number": "x"}}, {"years": {"": ["x"]}})

    right = assessments.save(
        session, owner, draft, given={"years": {"number": "5"}}, seen={"years": 1}, now=LATER
    )

    history = assessments.history(session, owner, draft, "years")
    assert (right.saved, dict(right.kept), right.progress.wrong) == ({"years": 2}, {}, ())
    assert [(c.before, c.after, c.outcome) for c in history] == [
        (None, {"typed": {"": ["x"]}}, "saved"),
        ({"typed": {"": ["x"]}}, {"number": "5"}, "saved"),
    ]


def test_the_same_draft_twice_is_the_same_value(session: Session, owner: Actor, draft: int) -> None:
    wrong = {"years": {"number": "x"}}, {"years": {"": ["x"]}}
    keep(session, owner, draft, *wrong)

    again = keep(session, owner, draft, *wrong)

    assert (again.saved, list(again.kept), again.conflicts) == ({"years": 1}, ["years"], ())


def test_a_conflict_shows_drafts_as_they_were_typed(
    session: Session, owner: Actor, draft: int
) -> None:
    keep(session, owner, draft, {"years": {"number": "x"}}, {"years": {"": ["x"]}})

    other = keep(session, owner, draft, {"years": {"number": "y"}}, {"years": {"": ["y"]}})

    (conflict,) = other.conflicts
    assert (conflict.mine, conflict.theirs) == ({"typed": {"": ["y"]}}, {"typed": {"": ["x"]}})
    assert dict(other.kept) == {}


def test_what_is_far_too_long_is_refused_and_changes_nothing(
    session: Session, owner: Actor, draft: int
) -> None:
    long = "x" * 20_001

    refused = keep(session, owner, draft, {"product": {"text": long}}, {"product": {"": [long]}})

    assert [(p.code, p.place) for p in refused.refused] == [("answer-far-too-long", "product")]
    assert (refused.saved, dict(refused.kept)) == ({}, {})
    assert session.scalar(select(func.count()).select_from(AnswerRow)) == 0


def test_an_unknown_question_is_refused_whatever_was_typed(
    session: Session, owner: Actor, draft: int
) -> None:
    refused = keep(session, owner, draft, {"no\x00ne": {"text": "x"}}, {"no\x00ne": {"": ["x"]}})

    assert [p.code for p in refused.refused] == ["answer-unknown-question"]
    assert refused.saved == {}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("5\x00 years", "5 years"),
        ("\u202e5 years", "5 years"),
        ("5\ud800 years", "5 years"),
        ("𠮷野家 👩‍🏭", "𠮷野家 👩‍🏭"),
        ("\ufeff5 years\r\n", "5 years\n"),
        ('"; DROP TABLE answer; --', '"; DROP TABLE answer; --'),
    ],
)
def test_no_sign_that_can_be_typed_stops_a_save(
    session: Session, owner: Actor, draft: int, typed: str, kept: str
) -> None:
    saved = keep(session, owner, draft, {"years": {"number": typed}}, {"years": {"": [typed]}})
    session.commit()

    assert list(saved.kept) == ["years"]
    assert assessments.hub(session, owner, draft).wrong == {"years": {"": [kept]}}


def test_invisible_signs_alone_are_nothing(session: Session, owner: Actor, draft: int) -> None:
    saved = keep(session, owner, draft, {"years": {"number": "\x00"}}, {"years": {"": ["\x00"]}})

    assert (saved.saved, dict(saved.kept)) == ({"years": 0}, {})


def test_what_the_fonts_lack_is_kept_as_it_was_typed(
    session: Session, owner: Actor, draft: int, tmp_path: Path
) -> None:
    fonts.make(tmp_path / "fonts")
    given = {"product": {"text": "阀门👩"}}

    saved = keep(
        session, owner, draft, given, {"product": {"": ["阀门👩"]}}, fonts_folder=tmp_path / "fonts"
    )

    assert [(key, p.code) for key, p in saved.kept.items()] == [("product", "answer-unprintable")]
    assert assessments.hub(session, owner, draft).wrong == {"product": {"": ["阀门👩"]}}


def test_nothing_is_handed_in_while_a_draft_is_shown(
    session: Session, owner: Actor, draft: int
) -> None:
    assessments.save(session, owner, draft, given=FULL_ANSWERS, seen={}, now=NOW)
    assessments.save(
        session,
        owner,
        draft,
        given={"years": {"number": "x"}, "planning": None},
        typed={"years": {"": ["x"]}},
        seen={"years": 1, "planning": 1},
        now=LATER,
    )

    with pytest.raises(NotComplete) as refused:
        assessments.submit(session, owner, draft, now=LATER)

    assert (refused.value.missing, refused.value.wrong) == (("planning",), ("years",))
    assert refused.value.facts == {"count": 2}


# ----------------------------------------------------------------- what is hidden


def conditional(session: Session, owner: Actor) -> int:
    """`schedule` applies from step 3 of `planning` on; `staff` always."""
    only_above = {"question": "planning", "at_least": 3}
    parts = domain("first", ladder(), ladder("schedule", when=only_above), ladder("staff"))
    version = a_version(session, bank_data(section("one", "A", parts)))
    given = {"production-type": {"option": "mixed"}, "planning": level(1)}
    return an_assessment(session, owner, version=version, answers=given).id


def test_an_answer_that_arrives_before_its_question_applies_counts_once_it_does(
    session: Session, owner: Actor
) -> None:
    draft = conditional(session, owner)

    hidden = keep(session, owner, draft, {"schedule": level(4)}, {})
    shown = send(session, owner, draft, 3, seen=1)

    assert hidden.saved == {"schedule": 1}
    assert "schedule" not in hidden.visible
    assert hidden.progress.pages["one"].answered == 1
    assert "schedule" in shown.visible
    assert shown.progress.pages["one"].answered == 2


def test_a_hidden_draft_does_not_keep_anybody_from_handing_in(
    session: Session, owner: Actor
) -> None:
    draft = conditional(session, owner)
    keep(
        session,
        owner,
        draft,
        {"schedule": {"option": "level-9"}, "staff": level(2)},
        {"schedule": {"": ["level-9"]}},
    )

    assessments.submit(session, owner, draft, now=LATER)

    outcome = assessments.outcome(session, owner, draft)
    assert "schedule" not in outcome.answers
    assert "schedule" not in outcome.plain


# ---------------------------------------------------------------------- who may


@pytest.fixture
def helper(session: Session, colleague: Actor) -> Actor:
    """Somebody who answers only what is given out."""
    session.get_one(Membership, colleague.user_id).scope = ASSIGNED
    session.flush()
    return actor_of(session, colleague.user_id)


def test_who_answers_given_pages_alone_saves_nothing_elsewhere(
    session: Session, owner: Actor, helper: Actor, draft: int
) -> None:
    shares = {"profile": Share(helper.user_id)}
    sharing.share_out(session, owner, draft, shares=shares, now=NOW)
    given = {"size-class": {"option": "small"}}

    assert keep(session, helper, draft, given, {}).saved == {"size-class": 1}
    with pytest.raises(NotYourSection):
        keep(session, helper, draft, given | {"planning": level(3)}, {})
    assert stored(session, draft) == (None, 0)


def test_what_was_saved_is_said_so_even_after_the_page_was_given_to_somebody_else(
    session: Session, owner: Actor, helper: Actor, draft: int
) -> None:
    mine, theirs = Share(helper.user_id), Share(owner.user_id)
    sharing.share_out(session, owner, draft, shares={"everything": mine}, now=NOW)
    send(session, helper, draft, 2)
    sharing.share_out(session, owner, draft, shares={"everything": theirs}, now=NOW)

    assert fate(send(session, helper, draft, 2)) == ("saved", 1)
    with pytest.raises(NotYourSection):
        send(session, helper, draft, 3, seq=2)


def test_what_was_saved_is_said_so_even_after_all_was_handed_in(
    session: Session, owner: Actor, draft: int
) -> None:
    assessments.save(session, owner, draft, given=FULL_ANSWERS, seen={}, now=NOW)
    send(session, owner, draft, 2, seen=1)
    assessments.submit(session, owner, draft, now=LATER)

    assert fate(send(session, owner, draft, 2, seen=1)) == ("saved", 2)
    with pytest.raises(AlreadySubmitted):
        send(session, owner, draft, 3, seen=2, seq=2)
    assert stored(session, draft) == (level(2), 2)


# ---------------------------------------- since what stood before was looked at


@pytest.mark.parametrize("seen", [0, 1])
def test_a_colleague_who_answered_since_is_noticed(
    session: Session, owner: Actor, colleague: Actor, draft: int, seen: int
) -> None:
    if seen:
        send(session, owner, draft, 1, page="yesterday")
    sent = Sent("key", "page-a", 1)
    before = look(session, owner, draft, sent)
    send(session, colleague, draft, 4, seen=seen, page="page-b")

    saved = send_after(session, owner, before, 2, seen=seen, sent=sent)

    assert fate(saved) == ("conflict", seen + 1)
    assert stored(session, draft) == (level(4), seen + 1)
    assert lines(session, owner, draft)[-1] == ("conflict", level(2), seen + 1)


@pytest.mark.parametrize("others", [(), ("page-b",)])
@pytest.mark.parametrize("newer", [None, 3])
def test_a_newer_value_of_the_page_that_was_confirmed_since_is_noticed(
    session: Session, owner: Actor, draft: int, newer: Value, others: tuple[str, ...]
) -> None:
    """It made no revision: with a row, and where nobody has answered."""
    if newer is not None:
        send(session, owner, draft, newer, page="yesterday")
    seen = 0 if newer is None else 1
    for other in others:
        send(session, owner, draft, newer, seen=seen, page=other)
    sent = Sent("key", "page-a", 1)
    before = look(session, owner, draft, sent)
    send(session, owner, draft, newer, seen=seen, seq=2)

    saved = send_after(session, owner, before, 5, seen=seen, sent=sent)

    assert fate(saved) == ("late", seen)
    assert stored(session, draft) == (step(newer), seen)


def test_an_answer_after_others_confirmed_the_last_is_written_without_a_lock(
    session: Session, owner: Actor, draft: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(session, owner, draft, 3, page="yesterday")
    send(session, owner, draft, 3, seen=1, page="page-b")
    monkeypatch.delattr(assessments, "save")

    saved = send(session, owner, draft, 2, seen=1)

    assert fate(saved) == ("saved", 2)
    assert stored(session, draft) == (level(2), 2)
    assert session.scalars(select(AnswerRow.confirmed)).one() is None


@pytest.mark.parametrize(
    ("became", "refusal"),
    [
        ("submitted", AlreadySubmitted),
        ("discarded", NotFound),
    ],
)
@pytest.mark.parametrize("seen", [0, 1])
def test_an_assessment_that_takes_no_answers_any_more_is_noticed(
    session: Session,
    owner: Actor,
    draft: int,
    became: str,
    refusal: type[SurveyError],
    seen: int,
) -> None:
    if seen:
        send(session, owner, draft, 1, page="yesterday")
    sent = Sent("key", "page-a", 1)
    before, stands = look(session, owner, draft, sent), stored(session, draft)
    facts = {f"{became}_at": NOW, f"{became}_by": owner.user_id}
    result: dict[str, Any] = {"result": {}} if became == "submitted" else {}
    session.execute(update(Assessment).filter_by(id=draft).values(facts | result))

    with pytest.raises(refusal):
        send_after(session, owner, before, 2, seen=seen, sent=sent)

    assert stored(session, draft) == stands
    assert session.scalar(select(func.count()).select_from(AnswerChange)) == seen


WITHOUT_IT = section("everything", "A", domain("first", ladder("something-else")))


@pytest.mark.parametrize("moves", ["version", "edition"])
def test_a_bank_that_does_not_ask_it_any_more_since_is_noticed(
    session: Session, owner: Actor, moves: str
) -> None:
    version = a_version(session, bank_data(editions=[edition("years")]))
    draft = an_assessment(session, owner, version=version).id
    sent = Sent("key", "page-a", 1)
    before = look(session, owner, draft, sent)
    newer = a_version(session, bank_data(WITHOUT_IT, version=2))
    facts = {"bank_version_id": newer.id} if moves == "version" else {"edition": "express"}
    session.execute(update(Assessment).filter_by(id=draft).values(facts))

    saved = send_after(session, owner, before, 2, seen=0, sent=sent)

    assert [problem.code for problem in saved.refused] == ["answer-unknown-question"]
    assert stored(session, draft) == (None, 0)


def test_a_page_that_was_given_to_somebody_else_since_is_noticed(
    session: Session, owner: Actor, helper: Actor, draft: int
) -> None:
    def give(person: Actor) -> None:
        shares = {"everything": Share(person.user_id)}
        sharing.share_out(session, owner, draft, shares=shares, now=NOW)

    sent = Sent("key", "page-a", 1)
    give(helper)
    before = look(session, helper, draft, sent)
    give(owner)

    with pytest.raises(NotYourSection):
        send_after(session, helper, before, 2, seen=0, sent=sent)

    assert stored(session, draft) == (None, 0)


def test_a_key_that_was_used_for_another_question_since_hides_nothing(
    session: Session, owner: Actor, draft: int
) -> None:
    sent = Sent("key", "page-a", 1)
    before = look(session, owner, draft, sent)
    assessments.save(
        session,
        owner,
        draft,
        given={"years": {"number": "3"}},
        seen={},
        sent={"years": sent},
        now=NOW,
    )

    saved = send_after(session, owner, before, 2, seen=0, sent=sent)

    assert fate(saved) == ("saved", 1)
    assert lines(session, owner, draft) == [("saved", level(2), 1)]


# ------------------------------------------------ behind the lock, since the rows were read


def take(session: Session, owner: Actor, draft: int, attempt: Attempt, row: Row) -> Taken:
    return Writer(session, draft, owner.user_id, NOW).take(attempt, row)


def test_a_newer_value_that_was_confirmed_since_the_rows_were_read_stays(
    session: Session, owner: Actor, draft: int
) -> None:
    send(session, owner, draft, 3, page="yesterday")
    row = answer_rows.rows_of(session, draft)["planning"]
    send(session, owner, draft, 3, seen=1, seq=2)
    older = Attempt("planning", level(5), 1, Sent("key", "page-a", 1))

    taken = take(session, owner, draft, older, row)

    assert (taken.fate, taken.revision) == (Fate.LATE, 1)
    assert stored(session, draft) == (level(3), 1)


@pytest.mark.parametrize(
    ("mine", "expected"), [(2, Fate.CONFLICT), (4, Fate.SAVED)], ids=["another", "the same"]
)
def test_what_a_colleague_saved_since_the_rows_were_read_is_what_is_shown(
    session: Session, owner: Actor, colleague: Actor, draft: int, mine: int, expected: Fate
) -> None:
    send(session, owner, draft, 3, page="yesterday")
    row = answer_rows.rows_of(session, draft)["planning"]
    send(session, colleague, draft, 4, seen=1, page="page-b")
    attempt = Attempt("planning", level(mine), 0)

    taken = take(session, owner, draft, attempt, row)

    assert (taken.fate, taken.revision) == (expected, 2)
    assert taken.row is not None
    assert taken.row.plain == level(4)
    conflict = Writer(session, draft, owner.user_id, NOW).conflict(attempt, taken.row)
    assert (conflict.theirs, conflict.their_id) == (level(4), colleague.user_id)


def test_a_row_remembers_the_newest_pages_that_confirmed_its_value(
    session: Session, owner: Actor, draft: int
) -> None:
    send(session, owner, draft, 3, page="yesterday")
    pages = [f"page-{n}" for n in range(60)]

    for seq, page in enumerate([*pages, "page-10", "fresh"], 1):
        send(session, owner, draft, 3, seen=1, page=page, seq=seq)

    last = answer_rows.rows_of(session, draft)["planning"].last
    assert set(last) == {"yesterday", "page-10", *pages[12:], "fresh"}
    assert last["page-10"] == 61


# ------------------------------------------------------------- at the same moment


def at_once(engine: Engine, acts: Sequence[Callable[[Session], Any]]) -> list[Any]:
    """Do all of this at the same moment, each in a transaction of its own; refusals are results."""
    barrier = Barrier(len(acts))

    def one(act: Callable[[Session], Any]) -> Any:
        barrier.wait()
        with Session(engine) as session:
            try:
                done = act(session)
            except SurveyError as error:
                return error
            session.commit()
            return done

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


@pytest.fixture
def shared(engine: Engine) -> tuple[Actor, Actor, int]:
    """An owner, a colleague and their committed assessment."""
    with Session(engine) as session:
        firm, owner = a_firm(session)
        colleague = a_member(session, firm)
        draft = an_assessment(session, owner).id
        session.commit()
    return owner, colleague, draft


ROUNDS = 5


def test_duplicates_at_the_same_moment_are_stored_once(
    engine: Engine, shared: tuple[Actor, Actor, int]
) -> None:
    owner, _, draft = shared
    for seq in range(1, ROUNDS + 1):

        def same(session: Session, seq: int = seq) -> Saved:
            return send(session, owner, draft, seq, seen=seq - 1, seq=seq)

        found = at_once(engine, [same] * 4)

        assert [fate(each) for each in found] == [("saved", seq)] * 4
    with Session(engine) as session:
        expected = [("saved", level(n), n) for n in range(1, ROUNDS + 1)]
        assert lines(session, owner, draft) == expected


def test_of_colleagues_at_the_same_moment_one_is_stored_and_the_others_are_told(
    engine: Engine, shared: tuple[Actor, Actor, int]
) -> None:
    owner, colleague, draft = shared

    def by(actor: Actor, value: int) -> Callable[[Session], Saved]:
        return lambda session: send(session, actor, draft, value, page=f"page-{value}")

    found = at_once(engine, [by(owner, 1), by(colleague, 2), by(owner, 3), by(colleague, 4)])

    with Session(engine) as session:
        (plain, revision), known = stored(session, draft), lines(session, owner, draft)
    winner = [n for n, each in enumerate(found, 1) if fate(each) == ("saved", 1)]
    losers = [each.conflicts[0] for each in found if each.conflicts]
    assert [level(n) for n in winner] == [plain]
    assert revision == 1
    assert [loser.theirs for loser in losers] == [plain] * 3
    assert sorted(outcome for outcome, *_ in known) == ["conflict"] * 3 + ["saved"]
    assert sorted(after["option"] for _, after, _ in known) == [f"level-{n}" for n in (1, 2, 3, 4)]


def test_values_of_one_page_at_the_same_moment_leave_the_newest(
    engine: Engine, shared: tuple[Actor, Actor, int]
) -> None:
    owner, _, draft = shared

    def sent(seq: int) -> Callable[[Session], Saved]:
        return lambda session: send(session, owner, draft, seq % 6, seq=seq)

    at_once(engine, [sent(seq) for seq in range(1, 9)])

    with Session(engine) as session:
        known = lines(session, owner, draft)
        assert stored(session, draft)[0] == level(8 % 6)
    saved = [revision for outcome, _, revision in known if outcome == "saved"]
    assert saved == sorted(set(saved))
    assert {outcome for outcome, *_ in known} <= {"saved", "late"}


def test_a_page_that_went_back_to_what_is_stored_stays_there(
    engine: Engine, shared: tuple[Actor, Actor, int]
) -> None:
    """Of somebody who answers given pages alone: that is saved behind the lock."""
    owner, colleague, draft = shared
    with Session(engine) as session:
        session.get_one(Membership, colleague.user_id).scope = ASSIGNED
        session.flush()
        helper = actor_of(session, colleague.user_id)
        shares = {"everything": Share(helper.user_id)}
        sharing.share_out(session, owner, draft, shares=shares, now=NOW)
        session.commit()

    def sent(value: int, page: str, seen: int, seq: int) -> Callable[[Session], Saved]:
        return lambda session: send(session, helper, draft, value, page=page, seen=seen, seq=seq)

    for turn in range(4 * ROUNDS):
        there, page = 3 + turn % 2, f"page-{turn}"
        with Session(engine) as session:
            send(session, owner, draft, there, seen=stored(session, draft)[1], page=f"owner-{turn}")
            session.commit()
            seen = stored(session, draft)[1]

        at_once(engine, [sent(5, page, seen, 1), sent(there, page, seen, 2)])

        with Session(engine) as session:
            assert stored(session, draft)[0] == level(there)


def test_pages_that_confirm_a_value_at_the_same_moment_are_all_remembered(
    engine: Engine, shared: tuple[Actor, Actor, int]
) -> None:
    owner, colleague, draft = shared
    with Session(engine) as session:
        send(session, owner, draft, 2, page="yesterday")
        session.commit()
    pages = [f"page-{n}" for n in range(6)]

    def confirm(page: str) -> Callable[[Session], Saved]:
        return lambda session: send(session, colleague, draft, 2, seen=1, page=page, seq=2)

    found = at_once(engine, [confirm(page) for page in pages])

    with Session(engine) as session:
        row = answer_rows.rows_of(session, draft)["planning"]
    assert [fate(each) for each in found] == [("saved", 1)] * 6
    assert row.last == {"yesterday": 1} | dict.fromkeys(pages, 2)


def test_pages_that_clear_what_nobody_answered_at_the_same_moment_are_all_remembered(
    engine: Engine, shared: tuple[Actor, Actor, int]
) -> None:
    owner, _, draft = shared
    pages = [f"page-{n}" for n in range(6)]

    def clear(page: str) -> Callable[[Session], Saved]:
        return lambda session: send(session, owner, draft, None, page=page, seq=2)

    found = at_once(engine, [clear(page) for page in pages])

    with Session(engine) as session:
        row = answer_rows.rows_of(session, draft)["planning"]
    assert [fate(each) for each in found] == [("saved", 0)] * 6
    assert (row.plain, row.revision, row.last) == (None, 0, dict.fromkeys(pages, 2))


def test_what_is_saved_while_all_is_handed_in_is_in_the_result_or_refused(
    engine: Engine, shared: tuple[Actor, Actor, int]
) -> None:
    owner, colleague, draft = shared
    with Session(engine) as session:
        assessments.save(session, owner, draft, given=FULL_ANSWERS, seen={}, now=NOW)
        session.commit()

    def submit(session: Session) -> Assessment:
        return assessments.submit(session, owner, draft, now=LATER)

    def save(session: Session) -> Saved:
        return send(session, colleague, draft, 5, seen=1)

    saved, _ = at_once(engine, [save, submit])

    with Session(engine) as session:
        outcome = assessments.outcome(session, owner, draft)
        kept = session.get_one(Assessment, draft).result
        assert kept is not None
        assert str(outcome.result.total) == kept["total"]
        refused = isinstance(saved, AlreadySubmitted)
        assert outcome.plain["planning"] == (FULL_ANSWERS["planning"] if refused else level(5))
        changes = session.scalar(select(func.count()).select_from(AnswerChange))
        assert changes == len(FULL_ANSWERS) + (0 if refused else 1)
