"""What stands before publishing: problems, translations, waivers with reasons, the fonts."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.core import places
from survey.core.errors import BadDocument, NotFound
from survey.core.texts import State
from survey.services import banks, drafts, imports, publishing
from survey.services.banks import DraftChanged, TranslationsOpen
from survey.services.drafts import DiscardedDraft, NotADraft
from survey.services.publishing import WaivedAlready, WaiverRefused, WouldGoBack
from survey.store.models import AuditEvent, BankVersion
from tests.builders import bank_data
from tests.stored import NOW, a_version, an_administrator

LATER = NOW + timedelta(days=1)
FONTS = Path("var/fonts")
SUMMARY = ("summary", "zh")


@pytest.fixture
def by(session: Session) -> int:
    return an_administrator(session).user_id


@pytest.fixture
def draft(session: Session) -> BankVersion:
    """A draft whose summary was changed in Chinese alone."""
    version = drafts.begin(session, source_id=a_version(session).id, by=None, now=NOW)
    put(session, version, SUMMARY, "新的说明。")
    return version


def put(session: Session, version: BankVersion, place: tuple[str, ...], value: Any) -> None:
    session.refresh(version)
    drafts.edit(
        session,
        version.id,
        seen=version.revision,
        change=lambda data: places.put(data, place, value),
        act="set",
        place="/".join(place),
        by=None,
        now=NOW,
    )


def check(session: Session, version: BankVersion) -> publishing.Check:
    return publishing.check(session, version.id, fonts_folder=FONTS)


def waive(session: Session, version: BankVersion, by: int | None = None, **facts: Any) -> int:
    marks = facts.pop("marks", None) or [text.mark for text in check(session, version).unsettled]
    reason = facts.pop("reason", "意思没有变。")
    return publishing.waive(session, version.id, marks=marks, reason=reason, by=by, now=LATER)


def publish(session: Session, version: BankVersion, **facts: Any) -> BankVersion:
    return banks.publish(session, version.id, now=LATER, **facts)


def test_a_copy_of_what_is_published_may_be_published(session: Session) -> None:
    source = a_version(session)
    version = drafts.begin(session, source_id=source.id, by=None, now=NOW)

    found = check(session, version)

    assert found.ready
    assert publishing.before(session, version) is source
    assert publish(session, version, fonts_folder=FONTS).published_at == LATER


def test_a_stale_translation_forbids_it(session: Session, draft: BankVersion) -> None:
    found = check(session, draft)

    (text,) = found.unsettled
    assert (text.place, text.state) == ("summary", State.STALE)
    assert not found.ready
    with pytest.raises(TranslationsOpen) as refused:
        publish(session, draft)
    assert refused.value.facts == {"count": 1}


def test_with_a_reason_it_is_let_pass_and_the_reason_is_kept(
    session: Session, draft: BankVersion, by: int
) -> None:
    count = waive(session, draft, by)

    ready = check(session, draft).ready
    published = publish(session, draft)
    assert count == 1
    assert ready
    (kept,) = published.waivers
    assert kept["reason"] == "意思没有变。"
    assert (kept["by"], kept["at"]) == (by, LATER.isoformat())
    assert publishing.names_of(session, published.waivers) == {by: "管理员"}


def test_it_is_void_as_soon_as_the_text_changes(session: Session, draft: BankVersion) -> None:
    waive(session, draft)
    put(session, draft, SUMMARY, "更新的说明。")

    found = check(session, draft)

    assert len(found.unsettled) == 1
    assert [waiver["source"] for waiver in found.void] == ["新的说明。"]
    assert found.waived == ()
    with pytest.raises(TranslationsOpen):
        publish(session, draft)


def test_it_can_be_withdrawn_and_stays_on_record(
    session: Session, draft: BankVersion, by: int
) -> None:
    waive(session, draft)
    (text,) = check(session, draft).waived

    publishing.withdraw(session, draft.id, mark=text.mark, by=by, now=LATER)
    publishing.withdraw(session, draft.id, mark=text.mark, by=by, now=LATER)

    found = check(session, draft)
    assert len(found.unsettled) == 1
    assert [waiver["withdrawn_by"] for waiver in found.void] == [by]
    acts = session.scalars(select(AuditEvent.act).where(AuditEvent.act.like("%waive%"))).all()
    assert sorted(acts) == ["waive-translations", "withdraw-waiver"]


def test_waiving_again_changes_nothing(session: Session, draft: BankVersion) -> None:
    marks = [text.mark for text in check(session, draft).unsettled]
    waive(session, draft, marks=marks)

    assert waive(session, draft, marks=marks) == 1
    assert len(check(session, draft).kept) == 1


def test_what_passes_by_another_waiver_is_not_waived_again(
    session: Session, draft: BankVersion, by: int
) -> None:
    marks = [text.mark for text in check(session, draft).unsettled]
    waive(session, draft, marks=marks)

    for other in ({"reason": "只是标点。"}, {"by": by}):
        with pytest.raises(WaivedAlready) as refused:
            waive(session, draft, marks=marks, **other)
        assert [waiver["by"] for waiver in refused.value.waivers] == [None]
    assert [waiver["reason"] for waiver in check(session, draft).kept] == ["意思没有变。"]


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("", "waiver-reason-missing"),
        (" \n", "waiver-reason-missing"),
        ("长" * 501, "waiver-reason-too-long"),
    ],
)
def test_without_a_fitting_reason_nothing_is_waived(
    session: Session, draft: BankVersion, reason: str, code: str
) -> None:
    marks = [text.mark for text in check(session, draft).unsettled]

    with pytest.raises(WaiverRefused) as refused:
        publishing.waive(session, draft.id, marks=marks, reason=reason, by=None, now=LATER)

    assert refused.value.code == code
    assert check(session, draft).kept == []


def test_nothing_chosen_waives_nothing(session: Session, draft: BankVersion) -> None:
    with pytest.raises(WaiverRefused) as refused:
        publishing.waive(session, draft.id, marks=[], reason="因为", by=None, now=LATER)

    assert refused.value.code == "waiver-nothing-chosen"


def test_a_missing_text_cannot_be_waived(session: Session, draft: BankVersion) -> None:
    put(session, draft, ("notice",), {"zh": "提示。", "en": ""})

    with pytest.raises(WaiverRefused) as refused:
        waive(session, draft)

    assert refused.value.code == "waiver-missing-text"
    assert check(session, draft).kept == []
    with pytest.raises(BadDocument):
        publish(session, draft)


def test_words_that_were_changed_since_are_not_waived(session: Session, draft: BankVersion) -> None:
    marks = [text.mark for text in check(session, draft).unsettled]
    put(session, draft, SUMMARY, "别人刚改的。")

    with pytest.raises(WaiverRefused) as refused:
        publishing.waive(session, draft.id, marks=marks, reason="因为", by=None, now=LATER)

    assert refused.value.code == "waiver-other-text"


def test_only_what_was_shown_is_published(session: Session, draft: BankVersion) -> None:
    waive(session, draft)
    seen = check(session, draft).version.revision
    put(session, draft, ("minutes",), 7)

    with pytest.raises(DraftChanged) as refused:
        publish(session, draft, seen=seen)

    assert refused.value.facts == {"revision": seen + 1}
    assert publish(session, draft, seen=seen + 1).document["minutes"] == 7


def test_a_character_that_the_fonts_lack_forbids_it(session: Session, draft: BankVersion) -> None:
    put(session, draft, ("summary",), {"zh": "很少见的字𪚥。", "en": "A rare character."})
    waive(session, draft)

    found = check(session, draft)

    assert found.printed
    (problem,) = found.unprintable
    assert (problem.code, problem.place) == ("bank-glyph-missing", "summary.zh")
    assert problem.facts == {"character": "𪚥", "codepoint": "U+2A6A5"}
    assert not found.ready
    with pytest.raises(BadDocument):
        publish(session, draft, fonts_folder=FONTS)


def test_without_fonts_nobody_can_tell(
    session: Session, draft: BankVersion, tmp_path: Path
) -> None:
    put(session, draft, ("summary",), {"zh": "很少见的字𪚥。", "en": "A rare character."})

    found = publishing.check(session, draft.id, fonts_folder=tmp_path)

    assert (found.printed, found.unprintable) == (False, ())


def test_problems_are_named_and_forbid_it(session: Session, draft: BankVersion) -> None:
    put(session, draft, ("minutes",), 0)
    waive(session, draft)

    found = check(session, draft)

    assert [problem.place for problem in found.problems] == ["minutes"]
    assert not found.ready


def test_a_published_version_is_only_looked_at(session: Session) -> None:
    version = a_version(session)

    found = check(session, version)

    assert not found.ready
    assert (found.problems, found.texts) == ((), ())
    with pytest.raises(NotADraft):
        publishing.waive(session, version.id, marks=["x"], reason="因为", by=None, now=LATER)
    with pytest.raises(NotADraft):
        publishing.withdraw(session, version.id, mark="x", by=None, now=LATER)


def test_a_discarded_draft_is_not_published(session: Session, draft: BankVersion) -> None:
    waive(session, draft)
    drafts.discard(session, draft.id, by=None, now=NOW)

    assert not check(session, draft).ready
    with pytest.raises(DiscardedDraft):
        publish(session, draft)


def test_what_is_not_there_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        publishing.check(session, 999, fonts_folder=FONTS)
    with pytest.raises(NotFound):
        publishing.waive(session, 999, marks=["x"], reason="因为", by=None, now=LATER)


def test_a_draft_is_compared_with_what_is_published_else_with_its_origin(session: Session) -> None:
    first = banks.store_draft(session, data=bank_data(), now=NOW)
    second = drafts.begin(session, source_id=first.id, by=None, now=NOW)

    before_first = publishing.before(session, first)
    unpublished = publishing.before(session, second)

    assert before_first is None
    assert unpublished is first


# --------------------------------------------------- begun from an older version


def two_drafts(session: Session) -> tuple[BankVersion, BankVersion]:
    """Two drafts of one version, of which the first was published with other minutes."""
    origin = a_version(session)
    first = drafts.begin(session, source_id=origin.id, by=None, now=NOW)
    second = drafts.begin(session, source_id=origin.id, by=None, now=NOW)
    put(session, first, ("minutes",), 33)
    put(session, first, ("levels", "not_applicable_cap"), 18)
    banks.publish(session, first.id, now=LATER)
    put(session, second, ("levels", "not_applicable_cap"), 19)
    session.refresh(second)
    return first, second


def test_what_a_newer_version_changed_and_a_draft_does_not_know_would_go_back(
    session: Session,
) -> None:
    first, second = two_drafts(session)

    going = publishing.going_back(session, second)

    assert going is not None
    assert (going.published.number, going.base.number) == (first.number, 1)
    own = banks.document_of(session, second.id)
    assert going.document == own | {"minutes": 33}


def test_a_draft_that_has_the_newer_changes_takes_nothing_back(session: Session) -> None:
    first, second = two_drafts(session)
    put(session, second, ("minutes",), 33)
    session.refresh(second)
    of_the_newest = drafts.begin(session, source_id=first.id, by=None, now=LATER)
    put(session, of_the_newest, ("minutes",), 5)
    session.refresh(of_the_newest)

    assert publishing.going_back(session, second) is None
    assert publishing.going_back(session, of_the_newest) is None
    assert publishing.going_back(session, first) is None


def test_a_copy_of_a_draft_that_was_published_later_may_take_its_last_changes_back(
    session: Session,
) -> None:
    first = drafts.begin(session, source_id=a_version(session).id, by=None, now=NOW)
    copy = drafts.begin(session, source_id=first.id, by=None, now=NOW)
    put(session, first, ("minutes",), 33)
    banks.publish(session, first.id, now=LATER)
    session.refresh(copy)

    going = publishing.going_back(session, copy)

    assert going is not None
    assert going.document["minutes"] == 33


def test_a_draft_that_was_begun_from_nothing_takes_nothing_back(session: Session) -> None:
    a_version(session)
    of_a_file = drafts.begin_with(session, document=bank_data(minutes=7), by=None, now=NOW)
    lone = banks.store_draft(session, data=bank_data(key="other-bank"), now=NOW)
    of_a_draft = drafts.begin(session, source_id=lone.id, by=None, now=NOW)

    found = [publishing.going_back(session, each) for each in (of_a_file, lone, of_a_draft)]

    assert found == [None, None, None]


def two_versions(session: Session) -> tuple[BankVersion, BankVersion]:
    """Two published ones, of which the second has other minutes and another cap."""
    first = a_version(session)
    second = drafts.begin(session, source_id=first.id, by=None, now=NOW)
    put(session, second, ("minutes",), 33)
    put(session, second, ("levels", "not_applicable_cap"), 18)
    return first, banks.publish(session, second.id, now=LATER)


def test_a_file_of_an_older_version_takes_back_what_the_newest_changed(session: Session) -> None:
    first, second = two_versions(session)
    older = banks.document_of(session, first.id)
    newer = banks.document_of(session, second.id)
    title = {"zh": "新的题库", "en": "New bank"}

    of_the_older, reworded, of_the_newer = (
        drafts.begin_with(session, document=each, by=None, now=LATER)
        for each in (older, older | {"title": title}, newer | {"title": title})
    )
    of_the_command = banks.store_draft(
        session, data=older | {"title": title, "version": 9}, now=LATER
    )

    for each in (of_the_older, reworded, of_the_command):
        going = publishing.going_back(session, each)
        assert going is not None
        assert (going.base.number, going.published.number) == (first.number, second.number)
        assert going.document["minutes"] == 33
        with pytest.raises(WouldGoBack) as refused:
            publishing.publish(session, each.id, now=LATER)
        assert refused.value.facts["parts"] == "minutes, levels/not_applicable_cap"
        assert refused.value.facts["count"] == 2
    assert publishing.going_back(session, of_the_newer) is None


def test_a_file_of_a_draft_takes_back_what_was_changed_before_that_was_published(
    session: Session,
) -> None:
    draft = drafts.begin(session, source_id=a_version(session).id, by=None, now=NOW)
    put(session, draft, ("minutes",), 33)
    session.refresh(draft)
    origin = imports.origin_of(draft)
    file = banks.document_of(session, draft.id) | {"title": {"zh": "新的题库", "en": "New bank"}}
    put(session, draft, ("levels", "not_applicable_cap"), 18)
    banks.publish(session, draft.id, now=LATER)

    begun = drafts.begin_with(session, document=file, by=None, now=LATER, origin=origin)

    going = publishing.going_back(session, begun)
    assert (begun.based_on_id, begun.revision) == (draft.id, 2)
    assert begun.document == file | {"version": begun.number}
    assert drafts.as_seen(session, begun.id, 1)["title"] == bank_data()["title"]
    assert going is not None
    assert [change.place for change in going.changes] == ["levels"]


@pytest.mark.parametrize(
    "changed",
    [{"bank": "other"}, {"number": 9}, {"revision": 9}, {"digest": "0a" * 32}],
    ids=lambda changed: next(iter(changed)),
)
def test_an_origin_that_is_not_of_this_installation_is_none(
    session: Session, changed: dict[str, Any]
) -> None:
    draft = drafts.begin(session, source_id=a_version(session).id, by=None, now=NOW)
    origin = imports.origin_of(draft)
    assert origin is not None
    file = banks.document_of(session, draft.id)

    begun = drafts.begin_with(
        session, document=file, by=None, now=LATER, origin=replace(origin, **changed)
    )

    assert (begun.based_on_id, begun.revision) == (None, 1)


def test_what_says_the_same_in_other_words_does_not_go_back(session: Session) -> None:
    origin = a_version(session)
    first = drafts.begin(session, source_id=origin.id, by=None, now=NOW)
    second = drafts.begin(session, source_id=origin.id, by=None, now=NOW)
    question = ("sections", "everything", "domains", "first", "questions", "planning")
    put(session, first, (*question, "required"), False)
    banks.publish(session, first.id, now=LATER)

    assert publishing.going_back(session, second) is None


def test_what_would_go_back_is_looked_for_when_nobody_can_publish_meanwhile(
    session: Session,
) -> None:
    first, second = two_drafts(session)

    with pytest.raises(WouldGoBack):
        publishing.publish(session, second.id, confirmed=1, now=LATER)
    done = publishing.publish(session, second.id, confirmed=first.number, now=LATER)

    assert publishing.publish(session, second.id, now=LATER).published_at == done.published_at
