"""Trying out a version: what there is to look at, and answers that are stored nowhere."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from survey.core.bank import Bank
from survey.core.errors import NotFound
from survey.services import drafts, previewing
from survey.services.drafts import DiscardedDraft
from tests.builders import bank_data, edition, eligibility, level, rule_condition
from tests.stored import NOW, a_version

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

TODAY = date(2026, 11, 28)


def begun(session: Session, **changes: Any) -> int:
    return drafts.begin_with(session, document=bank_data(**changes), by=None, now=NOW).id


def bank_of(preview: previewing.Preview) -> Bank:
    assert preview.bank is not None
    return preview.bank


def test_a_draft_is_opened_as_it_is_now(session: Session) -> None:
    preview = previewing.opened(session, begun(session))

    assert bank_of(preview).questions.keys() >= {"planning", "years"}
    assert (preview.problems, preview.left_out) == (0, ())


def test_a_published_version_is_opened_as_firms_answer_it(session: Session) -> None:
    version = a_version(session)

    assert previewing.opened(session, version.id).digest == version.digest


def test_a_draft_with_faults_counts_them(session: Session) -> None:
    version_id = begun(session, title={"zh": "测试题库"})

    preview = previewing.opened(session, version_id)

    assert preview.problems == 1
    assert bank_of(preview).title.en == "测试题库"
    assert previewing.opened(session, version_id).bank is preview.bank


def test_only_the_last_few_faulty_drafts_are_kept_in_memory(session: Session) -> None:
    first = begun(session, title={"zh": "第0份"})
    before = previewing.opened(session, first).bank
    for number in range(1, 10):
        previewing.opened(session, begun(session, title={"zh": f"第{number}份"}))

    assert previewing.opened(session, first).bank is not before


@pytest.mark.parametrize("discarded", [True, False])
def test_what_is_gone_cannot_be_opened(session: Session, *, discarded: bool) -> None:
    version_id = begun(session)
    if discarded:
        drafts.discard(session, version_id, by=None, now=NOW)

    with pytest.raises(DiscardedDraft if discarded else NotFound):
        previewing.opened(session, version_id if discarded else version_id + 1)


def test_an_edition_that_does_not_exist_is_the_whole_bank(session: Session) -> None:
    bank = bank_of(previewing.opened(session, begun(session, editions=[edition("planning")])))

    assert previewing.edition_of(bank, "none-such") is bank
    assert len(previewing.edition_of(bank, "express").sections[0].questions) == 1


def test_an_answer_that_the_question_cannot_take_is_wrong_and_not_lost(session: Session) -> None:
    bank = bank_of(previewing.opened(session, begun(session)))
    given = {
        "planning": level(3),
        "years": {"number": "many"},
        "share": {"typed": {"numerator": ["9"]}},
        "gone": {"option": "a"},
    }

    tried = previewing.tried(bank, given)

    assert set(tried.answers) == {"planning"}
    assert tried.wrong == {"years", "share"}
    assert set(tried.progress.wrong) == {"years", "share"}


def test_a_sound_bank_gives_its_report(session: Session) -> None:
    preview = previewing.opened(session, begun(session))
    bank = bank_of(preview)
    open_now = previewing.tried(bank, {})
    full = previewing.tried(bank, previewing.fill(preview, bank, open_now, best=True))

    found = previewing.judged(preview, bank, full, today=TODAY)

    assert found is not None
    assert found.verdict.total == 100


def test_a_programme_whose_source_is_gone_forbids_the_report_and_breaks_nothing(
    session: Session,
) -> None:
    data = bank_data(eligibility=[eligibility(rule_condition(), source="gone")])
    version_id = drafts.begin_with(session, document=data, by=None, now=NOW).id
    preview = previewing.opened(session, version_id)
    bank = bank_of(preview)

    tried = previewing.tried(bank, {})

    assert previewing.judged(preview, bank, tried, today=date(2026, 1, 1)) is None
