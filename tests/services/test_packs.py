"""Preparation packs: asked for once for everybody, filled in elsewhere, loaded back with care."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from survey.core.colour import ACCENT
from survey.core.errors import NotFound
from survey.core.text import Languages
from survey.exchange import xlsx
from survey.exchange.packs_read import ForeignWorkbook
from survey.services import assessments, banks, discarding, pack_jobs, packs, people
from survey.services.assessments import AlreadySubmitted, BankNotOpen
from survey.services.packs import Fate, NothingInCommon, OtherFirm, Preview
from survey.services.people import Actor
from survey.store import files
from survey.store.models import Assessment, BankVersion, Membership, Pack
from tests.builders import FULL_ANSWERS, bank_data, edition, level
from tests.stored import (
    NOW,
    a_consultant,
    a_firm,
    a_member,
    a_submitted_assessment,
    a_version,
    an_assessment,
)
from tests.workbooks import changed, filled_in

LATER = NOW + timedelta(hours=1)
LEASE = timedelta(minutes=1)
NO_FONTS = Path("/nowhere")


def asked(session: Session, actor: Actor, version: BankVersion, folder: Path, **facts: Any) -> Pack:
    return packs.ask(
        session,
        actor,
        version.id,
        edition=facts.get("edition", ""),
        languages=facts.get("languages", Languages.BOTH),
        accent=facts.get("accent", ACCENT),
        folder=folder,
        now=facts.get("now", NOW),
    )


def made(session: Session, pack: Pack, folder: Path) -> Pack:
    """Do what a worker does."""
    assert pack_jobs.claim(session, pack.id, token="t", now=NOW, lease=LEASE)
    sha256 = files.put(folder, b"a pack")
    assert pack_jobs.finish(session, pack.id, token="t", sha256=sha256, size=6, pages=3, now=NOW)
    session.refresh(pack)
    return pack


def fetched(session: Session, actor: Actor, assessment: Assessment, **facts: Any) -> bytes:
    return packs.workbook(
        session,
        actor,
        assessment.id,
        languages=facts.get("languages", Languages.ZH),
        page_key=facts.get("page_key"),
        now=NOW,
    ).content


def looked_at(session: Session, actor: Actor, assessment: Assessment, content: bytes) -> Preview:
    sheets = xlsx.looked_into(content)
    return packs.preview(session, actor, assessment.id, sheets, fonts_folder=NO_FONTS)


def fates(seen: Preview) -> dict[str, Fate]:
    return {line.key: line.fate for line in seen.lines}


def save(session: Session, actor: Actor, assessment: Assessment, key: str, plain: Any) -> None:
    """What a colleague does on the site."""
    seen = assessments.hub(session, actor, assessment.id).revisions.get(key, 0)
    done = assessments.save(
        session, actor, assessment.id, given={key: plain}, seen={key: seen}, now=LATER
    )
    assert key in done.saved


# -------------------------------------------------------------------------- PDF


def test_two_firms_that_ask_for_the_same_share_one_pack(session: Session, tmp_path: Path) -> None:
    version = a_version(session)
    _, one = a_firm(session)
    _, other = a_firm(session, "远山机械有限公司")

    first = asked(session, one, version, tmp_path)
    second = asked(session, other, version, tmp_path)

    assert first.id == second.id
    assert packs.get(session, other, first.id).state == "queued"


@pytest.mark.parametrize(
    "facts", [{"languages": Languages.ZH}, {"accent": "#123456"}, {"edition": "express"}]
)
def test_another_language_colour_or_edition_is_another_pack(
    session: Session, tmp_path: Path, facts: dict[str, Any]
) -> None:
    version = a_version(session, bank_data(editions=[edition("planning")]))
    _, owner = a_firm(session)

    plain = asked(session, owner, version, tmp_path)
    other = asked(session, owner, version, tmp_path, **facts)

    assert plain.id != other.id


def test_within_an_assessment_the_pack_has_what_applies_at_the_moment(
    session: Session, tmp_path: Path
) -> None:
    data = bank_data()
    only = {"question": "production-type", "in": ["process"]}
    data["sections"][0]["domains"][0]["questions"][2]["when"] = only
    version = a_version(session, data)
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, version=version)

    def keys() -> list[str]:
        pack = packs.ask_for_assessment(
            session,
            owner,
            assessment.id,
            languages=Languages.ZH,
            accent=ACCENT,
            folder=tmp_path,
            now=NOW,
        )
        return pack.question_keys

    before = keys()
    save(session, owner, assessment, "production-type", {"option": "process"})

    assert "years" not in before
    assert "years" in keys()
    assert "years" in asked(session, owner, version, tmp_path).question_keys


def test_a_ready_pack_is_handed_out_again_and_a_failed_one_gets_another_chance(
    session: Session, tmp_path: Path
) -> None:
    version = a_version(session)
    _, owner = a_firm(session)
    ready = made(session, asked(session, owner, version, tmp_path), tmp_path)
    failed = asked(session, owner, version, tmp_path, languages=Languages.EN)
    pack_jobs.claim(session, failed.id, token="t", now=NOW, lease=LEASE)
    pack_jobs.fail(session, failed.id, token="t", code="disk-full", facts={}, now=NOW)

    assert asked(session, owner, version, tmp_path, now=LATER).state == "ready"
    again = packs.retry(session, owner, failed.id, folder=tmp_path, now=LATER)

    assert (ready.progress, ready.pages, ready.finished_at) == (100, 3, NOW)
    assert (again.state, again.reason_code, again.finished_at) == ("queued", None, None)


def test_a_pack_whose_file_is_lost_is_made_again(session: Session, tmp_path: Path) -> None:
    version = a_version(session)
    _, owner = a_firm(session)
    pack = made(session, asked(session, owner, version, tmp_path), tmp_path)
    files.path(tmp_path, pack.file_sha256 or "").unlink()

    again = asked(session, owner, version, tmp_path, now=LATER)

    assert (again.state, again.file_sha256, again.pages) == ("queued", None, None)


def test_a_pack_is_read_by_people_of_firms_while_its_bank_is_open(
    session: Session, tmp_path: Path
) -> None:
    version = a_version(session)
    firm, owner = a_firm(session)
    pack = asked(session, owner, version, tmp_path)

    with pytest.raises(NotFound):
        packs.get(session, a_consultant(session, firm), pack.id)
    with pytest.raises(NotFound):
        packs.get(session, owner, "0" * 64)
    with pytest.raises(BankNotOpen):
        asked(session, owner, version, tmp_path, edition="none-such")
    banks.retire(session, version.id, by=None, now=NOW)
    with pytest.raises(NotFound):
        packs.get(session, owner, pack.id)
    with pytest.raises(BankNotOpen):
        asked(session, owner, version, tmp_path)


def test_a_firm_that_has_begun_keeps_the_packs_of_a_retired_bank(
    session: Session, tmp_path: Path
) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    version = session.get_one(BankVersion, assessment.bank_version_id)
    banks.retire(session, version.id, by=None, now=NOW)

    assert asked(session, owner, version, tmp_path).state == "queued"
    discarding.discard(session, owner, assessment.id, now=NOW)
    with pytest.raises(BankNotOpen):
        asked(session, owner, version, tmp_path)


def test_what_a_pack_is_made_from_is_read_from_its_row(session: Session, tmp_path: Path) -> None:
    version = a_version(session)
    _, owner = a_firm(session)
    pack = asked(session, owner, version, tmp_path, languages=Languages.EN)

    inputs = pack_jobs.inputs(session, pack.id)

    assert inputs.bank_digest == version.digest
    assert inputs.languages is Languages.EN
    assert inputs.question_keys == tuple(inputs.bank.questions)
    with pytest.raises(NotFound):
        pack_jobs.inputs(session, "0" * 64)


# --------------------------------------------------------------------- workbook


def test_an_unknown_page_or_somebody_elses_assessment_has_no_workbook(session: Session) -> None:
    _, owner = a_firm(session)
    _, stranger = a_firm(session, "远山机械有限公司")
    assessment = an_assessment(session, owner)

    with pytest.raises(NotFound):
        fetched(session, owner, assessment, page_key="none-such")
    with pytest.raises(NotFound):
        fetched(session, stranger, assessment)


def test_a_workbook_that_comes_back_untouched_changes_nothing(session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers=FULL_ANSWERS)

    for languages in Languages:
        content = fetched(session, owner, assessment, languages=languages)
        seen = looked_at(session, owner, assessment, content)

        assert (seen.lines, seen.faults, seen.unchanged) == ((), (), 9)
        assert seen.is_current
        assert seen.is_own


def test_new_changed_and_cleared_answers_are_told_apart(session: Session) -> None:
    _, owner = a_firm(session)
    answers = {key: FULL_ANSWERS[key] for key in ("planning", "years")}
    assessment = an_assessment(session, owner, answers=answers)
    content = filled_in(
        fetched(session, owner, assessment), planning="第4步", years=None, product="阀门"
    )

    seen = looked_at(session, owner, assessment, content)

    assert fates(seen) == {
        "planning": Fate.CHANGED,
        "years": Fate.CLEARED,
        "product": Fate.ADDED,
    }
    assert {line.key: line.after for line in seen.lines} == {
        "planning": level(4),
        "years": None,
        "product": {"text": "阀门"},
    }
    assert all(line.seen == (0 if line.key == "product" else 1) for line in seen.lines)


def test_what_a_colleague_changed_meanwhile_is_a_conflict_with_both_values(
    session: Session,
) -> None:
    firm, owner = a_firm(session)
    colleague = a_member(session, firm, "赵倩")
    assessment = an_assessment(session, owner, answers=FULL_ANSWERS)
    content = filled_in(
        fetched(session, owner, assessment), planning="第5步", years=8, product=None
    )
    save(session, colleague, assessment, "planning", level(1))
    save(session, colleague, assessment, "years", {"number": "8.0"})
    save(session, colleague, assessment, "product", {"text": "泵"})

    seen = looked_at(session, owner, assessment, content)

    assert fates(seen) == {"planning": Fate.CONFLICT, "product": Fate.CONFLICT}
    planning, product = seen.lines
    assert (planning.before, planning.after) == (level(1), level(5))
    assert (planning.their_name, planning.their_time, planning.seen) == ("赵倩", LATER, 2)
    assert (product.before, product.after) == ({"text": "泵"}, None)


def test_an_untouched_cell_never_undoes_what_a_colleague_did(session: Session) -> None:
    firm, owner = a_firm(session)
    colleague = a_member(session, firm)
    answers = {"planning": level(3), "years": {"number": "5"}}
    assessment = an_assessment(session, owner, answers=answers)
    content = fetched(session, owner, assessment)
    save(session, colleague, assessment, "planning", level(1))
    save(session, colleague, assessment, "years", None)
    save(session, colleague, assessment, "product", {"text": "泵"})

    assert looked_at(session, owner, assessment, content).lines == ()


def test_an_answer_that_a_colleague_cleared_meanwhile_is_asked_about(session: Session) -> None:
    firm, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers={"years": {"number": "5"}})
    content = filled_in(fetched(session, owner, assessment), years=6)
    save(session, a_member(session, firm), assessment, "years", None)

    (line,) = looked_at(session, owner, assessment, content).lines

    assert (line.fate, line.before, line.after) == (Fate.CONFLICT, None, {"number": "6"})


def test_a_draft_is_in_the_workbook_and_can_be_mended_or_cleared_there(session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    assessments.save(
        session,
        owner,
        assessment.id,
        given={"years": {"number": "about six"}},
        seen={},
        typed={"years": {"": ["about six"]}},
        now=LATER,
    )
    content = fetched(session, owner, assessment)

    untouched = looked_at(session, owner, assessment, content)
    mended = looked_at(session, owner, assessment, filled_in(content, years=6))
    emptied = looked_at(session, owner, assessment, filled_in(content, years=None))

    assert (untouched.lines, untouched.faults) == ((), ())
    assert fates(mended) == {"years": Fate.CHANGED}
    assert fates(emptied) == {"years": Fate.CLEARED}


def test_a_draft_on_the_site_is_never_overwritten_unasked(session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    content = filled_in(fetched(session, owner, assessment), years=6)
    assessments.save(
        session,
        owner,
        assessment.id,
        given={"years": {"number": "about six"}},
        seen={},
        typed={"years": {"": ["about six"]}},
        now=LATER,
    )

    (line,) = looked_at(session, owner, assessment, content).lines

    assert line.fate is Fate.CONFLICT
    assert line.before == {"typed": {"": ["about six"]}}


def test_loading_saves_by_revision_and_tells_what_was_changed_since_the_preview(
    session: Session,
) -> None:
    firm, owner = a_firm(session)
    colleague = a_member(session, firm, "赵倩")
    assessment = an_assessment(session, owner, answers={"planning": level(3)})
    content = filled_in(fetched(session, owner, assessment), planning="第4步", product="阀门")
    seen = looked_at(session, owner, assessment, content)
    save(session, colleague, assessment, "planning", level(1))

    done, clashes = packs.load(
        session,
        owner,
        assessment.id,
        given={line.key: line.after for line in seen.lines},
        seen={line.key: line.seen for line in seen.lines},
        fonts_folder=NO_FONTS,
        now=LATER,
    )

    assert set(done.saved) == {"product"}
    (clash,) = clashes
    assert (clash.key, clash.before, clash.after) == ("planning", level(1), level(4))
    assert (clash.their_name, clash.seen) == ("赵倩", 2)
    outcomes = [
        change.outcome for change in assessments.history(session, owner, assessment.id, "planning")
    ]
    assert outcomes == ["saved", "saved", "conflict"]


@pytest.mark.parametrize("after", [level(4), None])
def test_what_was_declined_stands_in_the_history_once_however_often_it_is_declined(
    session: Session, after: dict[str, Any] | None
) -> None:
    firm, owner = a_firm(session)
    colleague = a_member(session, firm)
    assessment = an_assessment(session, owner, answers={"planning": level(3)})
    save(session, colleague, assessment, "planning", level(1))

    def decline(seen: int) -> tuple[Any, tuple[Any, ...]]:
        done, clashes = packs.load(
            session,
            owner,
            assessment.id,
            given={"planning": after},
            seen={"planning": seen},
            declined={"planning"},
            fonts_folder=NO_FONTS,
            now=LATER,
        )
        return done.saved, clashes

    said = [decline(2), decline(2)]
    save(session, colleague, assessment, "planning", level(2))
    said += [decline(3), decline(3)]

    assert said == [({}, ())] * 4
    history = assessments.history(session, owner, assessment.id, "planning")
    assert [(each.outcome, each.before, each.after) for each in history] == [
        ("saved", None, level(3)),
        ("saved", level(3), level(1)),
        ("conflict", level(1), after),
        ("saved", level(1), level(2)),
        ("conflict", level(2), after),
    ]
    assert assessments.hub(session, owner, assessment.id).plain["planning"] == level(2)


def test_what_is_undecided_is_asked_again_and_kept_once_also_if_it_is_declined_then(
    session: Session,
) -> None:
    firm, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers={"planning": level(3)})
    save(session, a_member(session, firm), assessment, "planning", level(1))

    def load(**chosen: Any) -> tuple[Any, ...]:
        return packs.load(
            session,
            owner,
            assessment.id,
            given={"planning": level(4)},
            seen={"planning": 2},
            fonts_folder=NO_FONTS,
            now=LATER,
            **chosen,
        )[1]

    asked, again = load(undecided={"planning"}), load(undecided={"planning"})
    declined = load(declined={"planning"})

    assert [line.key for line in (*asked, *again)] == ["planning", "planning"]
    assert declined == ()
    history = assessments.history(session, owner, assessment.id, "planning")
    assert [each.outcome for each in history] == ["saved", "saved", "conflict"]


def test_what_is_declined_is_never_written_also_where_nothing_is_stored(session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)

    done, clashes = packs.load(
        session,
        owner,
        assessment.id,
        given={"planning": level(4), "years": {"number": "9"}, "product": {"text": 7}},
        seen={"planning": 0, "years": 0, "product": 0},
        declined={"planning", "product"},
        undecided={"years"},
        fonts_folder=NO_FONTS,
        now=LATER,
    )

    assert (done.saved, done.refused) == ({}, ())
    assert [line.key for line in clashes] == ["years"]
    assert assessments.hub(session, owner, assessment.id).plain == {}


# ------------------------------------------------------ workbooks from elsewhere


def test_a_workbook_fetched_before_the_start_asks_before_it_replaces_anything(
    session: Session,
) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers={"planning": level(3)})
    before = packs.workbook_before(
        session,
        owner,
        assessment.bank_version_id,
        edition="",
        languages=Languages.ZH,
        page_key=None,
        now=NOW,
    )
    content = filled_in(before.content, planning="第4步", years=6)

    seen = looked_at(session, owner, assessment, content)

    assert fates(seen) == {"planning": Fate.CONFLICT, "years": Fate.ADDED}
    assert seen.is_current
    assert not seen.is_own


def test_another_firms_workbook_is_recognised(session: Session) -> None:
    _, owner = a_firm(session)
    _, stranger = a_firm(session, "远山机械有限公司")
    version = a_version(session)
    theirs = an_assessment(session, stranger, version=version)
    mine = an_assessment(session, owner, version=version)

    with pytest.raises(OtherFirm):
        looked_at(session, owner, mine, fetched(session, stranger, theirs))


def test_of_another_version_only_what_both_ask_is_taken_and_nothing_is_cleared(
    session: Session,
) -> None:
    _, owner = a_firm(session)
    old = an_assessment(session, owner, answers=FULL_ANSWERS)
    data = bank_data(version=2)
    questions = data["sections"][0]["domains"][0]["questions"]
    questions[0]["options"] = questions[0]["options"][:4]
    del data["sections"][0]["domains"][1]["questions"][3]
    answers = {"years": {"number": "5"}}
    new = an_assessment(session, owner, version=a_version(session, data), answers=answers)
    content = filled_in(
        fetched(session, owner, old), planning="第5步", years=None, share__numerator=40
    )

    seen = looked_at(session, owner, new, content)

    assert not seen.is_current
    assert seen.unknown == ("product",)
    assert fates(seen) == {"share": Fate.ADDED}
    assert [(fault.key, fault.code) for fault in seen.faults] == [("planning", "cell-no-option")]


def test_a_workbook_without_a_common_question_or_without_a_stamp_is_refused(
    session: Session,
) -> None:
    _, owner = a_firm(session)
    other = bank_data(key="other-bank")
    for domain in other["sections"][0]["domains"]:
        for question in domain["questions"]:
            question["key"] = f"other-{question['key']}"
    other["profile"]["questions"][0]["key"] = "other-type"
    other["profile"]["questions"][1]["key"] = "other-size"
    other["size_by"] = "other-size"
    theirs = an_assessment(session, owner, version=a_version(session, other))
    mine = an_assessment(session, owner)

    with pytest.raises(NothingInCommon):
        looked_at(session, owner, mine, fetched(session, owner, theirs))
    with pytest.raises(ForeignWorkbook):
        looked_at(
            session,
            owner,
            mine,
            changed(fetched(session, owner, mine), lambda book: book.remove(book["_qizhen"])),
        )


def test_nothing_is_loaded_into_a_submitted_assessment_or_by_others(session: Session) -> None:
    _, owner = a_firm(session)
    _, stranger = a_firm(session, "远山机械有限公司")
    assessment = a_submitted_assessment(session, owner)
    content = fetched(session, owner, assessment)

    with pytest.raises(AlreadySubmitted):
        looked_at(session, owner, assessment, content)
    with pytest.raises(NotFound):
        looked_at(session, stranger, assessment, content)


def test_a_colleague_with_some_sections_loads_only_those(session: Session) -> None:
    firm, owner = a_firm(session)
    member = a_member(session, firm)
    session.get_one(Membership, member.user_id).scope = "assigned"
    session.flush()
    assessment = an_assessment(session, owner)
    content = filled_in(fetched(session, owner, assessment), planning="第4步", years="many")

    seen = looked_at(session, people.actor_of(session, member.user_id), assessment, content)

    assert (seen.lines, seen.faults) == ((), ())
    assert seen.not_yours == ("planning",)


def test_whoever_lost_a_section_meanwhile_may_still_leave_it_as_it_is(session: Session) -> None:
    firm, owner = a_firm(session)
    member = a_member(session, firm)
    session.get_one(Membership, member.user_id).scope = "assigned"
    session.flush()
    assessment = an_assessment(session, owner, answers={"planning": level(3)})

    done, clashes = packs.load(
        session,
        people.actor_of(session, member.user_id),
        assessment.id,
        given={"planning": level(1)},
        seen={"planning": 1},
        declined={"planning"},
        fonts_folder=NO_FONTS,
        now=LATER,
    )

    assert (done.saved, clashes) == ({}, ())
    assert assessments.hub(session, owner, assessment.id).plain["planning"] == level(3)
    (line,) = assessments.history(session, owner, assessment.id, "planning")
    assert line.outcome == "saved"


def test_what_no_report_could_print_is_named_with_its_cell(session: Session, settings: Any) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    content = filled_in(fetched(session, owner, assessment), product="阀门\U0001f600")

    seen = packs.preview(
        session,
        owner,
        assessment.id,
        xlsx.looked_into(content),
        fonts_folder=settings.fonts_folder,
    )

    assert seen.lines == ()
    (fault,) = seen.faults
    assert (fault.key, fault.code, fault.place.column) == ("product", "answer-unprintable", "K")


def test_each_cell_that_cannot_be_printed_is_named_by_its_own_column(
    session: Session, settings: Any
) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    content = filled_in(
        fetched(session, owner, assessment),
        planning="第4步", planning__grade="本企业文件", planning__note="计划\U0001f600",
        security__state="不清楚", security__reason="无\U0001f600",
        years=500, years__grade="传闻", years__note="记录\U0001f600",
        product="阀\u200b门",
    )  # fmt: skip

    seen = packs.preview(
        session,
        owner,
        assessment.id,
        xlsx.looked_into(content),
        fonts_folder=settings.fonts_folder,
    )

    named = {(fault.key, fault.place.column, fault.code) for fault in seen.faults}
    assert named == {
        ("planning", "O", "answer-unprintable"),
        ("security", "M", "answer-reason-alone"),
        ("years", "K", "answer-out-of-range"),
        ("years", "N", "cell-no-option"),
        ("years", "O", "answer-unprintable"),
    }
    assert fates(seen) == {"product": Fate.ADDED}
