"""A draft tried on what was submitted by an earlier version: which, how, and without a trace."""

from copy import deepcopy
from typing import Any

import pytest
from sqlalchemy.orm import Session

from survey.core.errors import NotFound
from survey.core.rerun import Why
from survey.core.scored_edits import EditKind
from survey.services import drafts, dry_run
from survey.services.bank_rows import DiscardedDraft
from survey.services.drafts import NotADraft
from survey.services.dry_run import NothingSubmitted, NotScorable
from tests.builders import FULL_ANSWERS, bank_data, edition
from tests.stored import NOW, a_firm, a_submitted_assessment, a_version, an_assessment

Data = dict[str, Any]


def a_draft(session: Session, data: Data) -> int:
    return drafts.begin_with(session, document=data, by=None, now=NOW).id


def planning(data: Data) -> Data:
    question: Data = data["sections"][0]["domains"][0]["questions"][0]
    return question


def test_every_submitted_assessment_is_scored_by_both(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dry_run, "BLOCK", 2)
    data = bank_data()
    version = a_version(session, data)
    for number in range(5):
        _firm, owner = a_firm(session, f"示例企业{number}")
        a_submitted_assessment(session, owner, version=version)
    _firm, owner = a_firm(session, "还没提交的企业")
    an_assessment(session, owner, version=version, answers=FULL_ANSWERS)
    harder = deepcopy(data)
    planning(harder)["options"][-1]["points"] = 100
    draft_id = a_draft(session, harder)

    run = dry_run.prepare(session, draft_id)
    told = list(dry_run.steps(session, run))

    assert (told[0], told[-1], run.total) == (0, 5, 5)
    assert run.sums.count == 5
    assert {mover.firm for mover in run.sums.movers} == {f"示例企业{n}" for n in range(5)}
    assert {mover.shift.why for mover in run.sums.movers} == {Why.ALONE}
    assert [edit.kind for edit, _ in run.sums.blamed] == [EditKind.POINTS]
    assert not session.dirty
    assert not session.new


def test_editions_are_scored_as_editions(session: Session) -> None:
    data = bank_data(editions=[edition("planning", "years")])
    version = a_version(session, data)
    _firm, owner = a_firm(session)
    keys = ("production-type", "size-class", "planning", "years")
    answers = {key: FULL_ANSWERS[key] for key in keys}
    a_submitted_assessment(session, owner, version=version, edition="express", answers=answers)
    without = deepcopy(data)
    del without["editions"]
    fewer = deepcopy(data)
    fewer["editions"] = [edition("planning")]

    same, gone, less = (
        dry_run.prepare(session, a_draft(session, each)) for each in (data, without, fewer)
    )
    for run in (same, gone, less):
        list(dry_run.steps(session, run))

    assert (same.sums.count, same.sums.gone, same.sums.same) == (1, 0, 1)
    assert (gone.sums.count, gone.sums.gone) == (0, 1)
    assert list(less.sums.lost) == ["years"]


def test_the_newest_answered_version_is_taken_unless_another_is_asked_for(
    session: Session,
) -> None:
    data = bank_data()
    versions = [a_version(session, {**data, "version": number}) for number in (1, 2, 3)]
    for version, count in zip(versions, (1, 2, 0), strict=True):
        for _ in range(count):
            a_submitted_assessment(session, a_firm(session)[1], version=version)
    draft_id = a_draft(session, data)

    found = dry_run.bases(session, draft_id)

    assert [(basis.number, basis.submitted) for basis in found] == [(2, 2), (1, 1)]
    assert dry_run.prepare(session, draft_id).basis == found[0]
    chosen = dry_run.prepare(session, draft_id, basis_id=versions[0].id)
    assert chosen.basis == found[1]
    with pytest.raises(NotFound):
        dry_run.prepare(session, draft_id, basis_id=versions[2].id)


def test_only_the_newest_are_looked_at_if_there_are_very_many(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dry_run, "MOST", 2)
    data = bank_data()
    version = a_version(session, data)
    made = [a_submitted_assessment(session, a_firm(session)[1], version=version) for _ in range(3)]

    run = dry_run.prepare(session, a_draft(session, data))

    assert (run.total, run.basis.submitted) == (2, 3)
    assert list(run.ids) == [made[2].id, made[1].id]


def test_missing_words_do_not_hinder_but_other_faults_do(session: Session) -> None:
    data = bank_data()
    a_submitted_assessment(session, a_firm(session)[1], version=a_version(session, data))
    wordless, slipped, broken, shapeless = (deepcopy(data) for _ in range(4))
    planning(wordless)["prompt"] = {"zh": "只有中文？", "en": ""}
    planning(slipped)["prompt"]["zh"] = "半角标点,不该有？"
    planning(broken)["when"] = {"question": "nowhere", "in": ["a"]}
    planning(shapeless)["kind"] = "riddle"

    for document in (wordless, slipped):
        run = dry_run.prepare(session, a_draft(session, document))
        list(dry_run.steps(session, run))
        assert run.sums.same == 1
    for document in (broken, shapeless):
        with pytest.raises(NotScorable):
            dry_run.prepare(session, a_draft(session, document))


def test_without_submissions_there_is_nothing_to_try(session: Session) -> None:
    data = bank_data()
    a_version(session, data)
    draft_id = a_draft(session, data)

    assert dry_run.bases(session, draft_id) == ()
    with pytest.raises(NothingSubmitted):
        dry_run.prepare(session, draft_id)


def test_only_drafts_are_tried(session: Session) -> None:
    data = bank_data()
    version = a_version(session, data)
    discarded = a_draft(session, data)
    drafts.discard(session, discarded, by=None, now=NOW)

    with pytest.raises(NotADraft):
        dry_run.prepare(session, version.id)
    with pytest.raises(DiscardedDraft):
        dry_run.prepare(session, discarded)
    with pytest.raises(NotFound):
        dry_run.bases(session, 999)
