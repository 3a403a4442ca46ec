"""Archives: asked for once, filled one by one, read by those who may, and named in a manifest."""

import csv
import io
import json
import zipfile
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from survey import messages
from survey.core.copies import Copy, Extent, Format
from survey.core.errors import Facts, NotFound
from survey.core.text import Languages, Locale
from survey.exchange import zip_file
from survey.services import archives, logos, report_jobs, reports
from survey.services.archives import NothingChosen, NotReady
from survey.services.people import Actor
from survey.store import files
from survey.store.models import Archive, BankVersion, ConsultantFirm, Firm, Report
from tests.builders import bank_data
from tests.pictures import a_logo
from tests.stored import (
    NOW,
    a_consultant,
    a_firm,
    a_member,
    a_submitted_assessment,
    a_version,
    an_administrator,
)

CHINESE = Copy(Languages.ZH)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def version(session: Session) -> BankVersion:
    return a_version(session)


def submitted(session: Session, version: BankVersion, name: str = "江海阀门有限公司") -> Firm:
    """A firm that has handed its answers in."""
    firm, owner = a_firm(session, name)
    a_submitted_assessment(session, owner, version=version)
    return firm


def ask(
    session: Session, actor: Actor, *firms: Firm, copy: Copy = CHINESE, now: datetime = NOW
) -> str:
    return archives.ask(session, actor, [firm.id for firm in firms], copy, now=now).id


def make(session: Session, report_id: str | None, folder: Path, *, pages: int | None = 1) -> bytes:
    """What a worker does, in short."""
    assert report_id is not None
    content = f"report {report_id}".encode()
    report_jobs.claim(session, report_id, token="t", now=NOW, lease=timedelta(minutes=1))
    assert report_jobs.finish(
        session,
        report_id,
        token="t",
        sha256=files.put(folder, content),
        size=len(content),
        pages=pages,
        content={"firm": {"typed": "x"}, "verdict": {}},
        now=NOW,
    )
    return content


def make_all(session: Session, actor: Actor, archive_id: str, folder: Path) -> None:
    view = archives.get(session, actor, archive_id)
    pages = 1 if view.copy.format is Format.PDF else None
    for report_id in view.to_deliver:
        make(session, report_id, folder, pages=pages)


def opened(session: Session, actor: Actor, archive_id: str, folder: Path) -> zipfile.ZipFile:
    """The archive as it arrives."""
    entries = archives.entries(session, actor, archive_id, folder=folder, say=chinese)
    stream = zip_file.stream(entries)
    content = b"".join(stream.pieces)
    assert len(content) == stream.size
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    return archive


def chinese(code: str, facts: Facts) -> str:
    return messages.sentence(code, facts, Locale.ZH)


def manifest(archive: zipfile.ZipFile) -> list[dict[str, str]]:
    text = archive.read("manifest.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


# ------------------------------------------------------------------------- ask


def test_an_archive_asks_for_what_is_missing_and_takes_what_is_there(
    session: Session, version: BankVersion, tmp_path: Path
) -> None:
    first, second = submitted(session, version), submitted(session, version, "另一家公司")
    administrator = an_administrator(session)
    before = archives.get(session, administrator, ask(session, administrator, first))
    make(session, before.items[0].report_id, tmp_path)

    view = archives.get(session, administrator, ask(session, administrator, first, second))

    assert [item.firm for item in view.items] == ["江海阀门有限公司", "另一家公司"]
    assert view.items[0].report_id == before.items[0].report_id
    assert (view.state, view.done, view.failed, view.total) == ("making", 1, 0, 2)
    assert view.to_deliver == (view.items[1].report_id,)
    assert session.scalar(select(func.count()).select_from(Report)) == 2


def test_an_archive_holds_the_newest_report_of_each_bank(
    session: Session, version: BankVersion
) -> None:
    firm, owner = a_firm(session)
    second = a_version(session, bank_data(version=2))
    another = a_version(session, bank_data(key="another-bank"))
    for each in (version, second, another):
        a_submitted_assessment(session, owner, version=each)
    administrator = an_administrator(session)

    view = archives.get(session, administrator, ask(session, administrator, firm))

    assert [(item.bank_key, item.version) for item in view.items] == [
        ("another-bank", 1),
        ("test-bank", 2),
    ]


def test_a_firm_is_in_an_archive_once_however_often_it_was_named(
    session: Session, version: BankVersion
) -> None:
    firm, administrator = submitted(session, version), an_administrator(session)

    view = archives.get(session, administrator, ask(session, administrator, firm, firm))

    assert view.total == 1


def test_a_firm_without_a_report_is_named_and_stops_nobody(
    session: Session, version: BankVersion, tmp_path: Path
) -> None:
    firm, (idle, _) = submitted(session, version), a_firm(session, "还没有提交的公司")
    administrator = an_administrator(session)
    archive_id = ask(session, administrator, idle, firm)
    make_all(session, administrator, archive_id, tmp_path)

    view = archives.get(session, administrator, archive_id)

    assert (view.state, view.done, view.failed, view.total) == ("ready", 1, 1, 2)
    assert view.items[0].reason == ("archive-nothing-submitted", {})


def test_an_archive_of_nothing_is_refused(session: Session) -> None:
    with pytest.raises(NothingChosen):
        ask(session, an_administrator(session))


# ---------------------------------------------------------------------- rights


def test_consultants_have_the_firms_in_their_care(session: Session, version: BankVersion) -> None:
    firm, foreign = submitted(session, version), submitted(session, version, "另一家公司")
    consultant = a_consultant(session, firm)

    assert archives.get(session, consultant, ask(session, consultant, firm)).total == 1
    with pytest.raises(NotFound):
        ask(session, consultant, firm, foreign)
    assert session.scalar(select(func.count()).select_from(Archive)) == 1


def test_a_firms_people_have_no_archives(session: Session, version: BankVersion) -> None:
    firm, owner = a_firm(session)
    archive_id = ask(session, an_administrator(session), firm)

    for person in (owner, a_member(session, firm)):
        with pytest.raises(NotFound):
            ask(session, person, firm)
        with pytest.raises(NotFound):
            archives.get(session, person, archive_id)
        with pytest.raises(NotFound):
            archives.list_own(session, person)


def test_an_archive_belongs_to_the_person_who_asked_and_to_administrators(
    session: Session, version: BankVersion
) -> None:
    firm = submitted(session, version)
    consultant, colleague = a_consultant(session, firm), a_consultant(session, firm)
    first = ask(session, consultant, firm)
    second = ask(session, consultant, firm, now=LATER)

    assert archives.get(session, an_administrator(session), first).total == 1
    assert [archive.id for archive in archives.list_own(session, consultant)] == [second, first]
    assert archives.list_own(session, colleague) == []
    with pytest.raises(NotFound):
        archives.get(session, colleague, first)
    with pytest.raises(NotFound):
        archives.get(session, consultant, "0" * 32)


def test_a_firm_taken_from_a_consultant_is_not_in_the_archive_any_more(
    session: Session, version: BankVersion, tmp_path: Path
) -> None:
    kept, lost = submitted(session, version), submitted(session, version, "另一家公司")
    consultant = a_consultant(session, kept, lost)
    archive_id = ask(session, consultant, kept, lost)
    make_all(session, consultant, archive_id, tmp_path)

    session.execute(delete(ConsultantFirm).where(ConsultantFirm.firm_id == lost.id))

    archive = opened(session, consultant, archive_id, tmp_path)
    assert len(archive.namelist()) == 3
    assert [row["企业 Firm"] for row in manifest(archive)] == ["江海阀门有限公司"]
    assert "另一家公司" not in archive.read("manifest.json").decode()


# ----------------------------------------------------------------------- again


def test_a_logo_set_while_an_archive_waits_stands_on_its_reports(
    session: Session, version: BankVersion, tmp_path: Path
) -> None:
    firm, owner = a_firm(session)
    a_submitted_assessment(session, owner, version=version)
    consultant = a_consultant(session, firm)
    archive_id = ask(session, consultant, firm)
    (report_id,) = archives.get(session, consultant, archive_id).to_deliver

    logos.set_for_firm(session, owner, a_logo(), "l.png", folder=tmp_path, now=LATER)

    assert len(report_jobs.inputs(session, report_id, logos_folder=tmp_path).logos) == 1


def test_an_outdated_report_of_an_archive_gives_its_place_to_that_of_today(
    session: Session, version: BankVersion, tmp_path: Path
) -> None:
    firm, owner = a_firm(session)
    assessment = a_submitted_assessment(session, owner, version=version)
    administrator = an_administrator(session)
    archive_id = ask(session, administrator, firm)
    (before,) = archives.get(session, administrator, archive_id).to_deliver
    logos.set_for_firm(session, owner, a_logo(), "l.png", folder=tmp_path, now=LATER)
    today = reports.ask(session, owner, assessment.id, CHINESE, now=LATER).id
    report_jobs.claim(session, before, token="t", now=NOW, lease=timedelta(minutes=1))
    report_jobs.fail(session, before, token="t", code="report-outdated", facts={}, now=NOW)

    failed = archives.get(session, administrator, archive_id)
    view = again(session, administrator, archive_id, tmp_path)

    assert (failed.state, failed.failed, failed.can_be_asked_again) == ("ready", 1, True)
    assert (view.to_deliver, view.failed, view.can_be_asked_again) == ((today,), 0, False)


def test_a_report_that_cannot_be_the_same_again_gives_its_place_to_that_of_today(
    session: Session, version: BankVersion, tmp_path: Path
) -> None:
    firm, owner = a_firm(session)
    a_submitted_assessment(session, owner, version=version)
    administrator = an_administrator(session)
    archive_id = ask(session, administrator, firm)
    (before,) = archives.get(session, administrator, archive_id).to_deliver
    make(session, before, tmp_path)
    logos.set_for_firm(session, owner, a_logo(), "l.png", folder=tmp_path, now=LATER)
    kept = again(session, administrator, archive_id, tmp_path)

    view = again(session, administrator, archive_id, tmp_path / "empty")

    assert [item.report_id for item in kept.items] == [before]
    (today,) = view.to_deliver
    assert today != before


def test_others_ask_for_nothing_again(
    session: Session, version: BankVersion, tmp_path: Path
) -> None:
    firm = submitted(session, version)
    archive_id = ask(session, an_administrator(session), firm)

    for stranger in (a_consultant(session, firm), a_member(session, firm)):
        with pytest.raises(NotFound):
            again(session, stranger, archive_id, tmp_path)


def again(session: Session, actor: Actor, archive_id: str, folder: Path) -> archives.ArchiveView:
    return archives.again(session, actor, archive_id, folder=folder, now=LATER)


# ----------------------------------------------------------------- handing out


def test_the_manifest_names_every_file_with_its_hash(
    session: Session, version: BankVersion, tmp_path: Path
) -> None:
    firms = [submitted(session, version, name) for name in ("江海阀门有限公司", "Acme Valves")]
    administrator = an_administrator(session)
    archive_id = ask(session, administrator, *firms)
    make_all(session, administrator, archive_id, tmp_path)

    archive = opened(session, administrator, archive_id, tmp_path)

    rows = manifest(archive)
    names = ["江海阀门有限公司-test-bank-1-zh.pdf", "Acme Valves-test-bank-1-zh.pdf"]
    assert archive.namelist() == ["manifest.csv", "manifest.json", *names]
    assert [row["文件 File"] for row in rows] == names
    for row in rows:
        content = archive.read(row["文件 File"])
        assert content == f"report {row['报告编号 Report']}".encode()
        assert files.path(tmp_path, row["SHA-256"]).read_bytes() == content
        assert (row["语言 Language"], row["版本 Version"], row["原因 Reason"]) == ("zh", "1", "")
    plain = json.loads(archive.read("manifest.json"))
    assert [item["sha256"] for item in plain["items"]] == [row["SHA-256"] for row in rows]
    assert (plain["archive"], plain["format"], plain["extent"]) == (archive_id, "pdf", "full")


def test_archives_of_data_have_no_copies_whose_files_are_equal(
    session: Session, version: BankVersion, tmp_path: Path
) -> None:
    firm, administrator = submitted(session, version), an_administrator(session)
    archive_ids = [
        ask(session, administrator, firm, copy=Copy(languages, extent, Format.JSON))
        for languages, extent in product(Languages, Extent)
    ]
    make_all(session, administrator, archive_ids[0], tmp_path)

    archive = opened(session, administrator, archive_ids[-1], tmp_path)

    assert session.scalar(select(func.count()).select_from(Report)) == 1
    assert archive.namelist()[2:] == ["江海阀门有限公司-test-bank-1.json"]


def test_what_failed_was_cancelled_or_is_gone_is_named_with_its_reason(
    session: Session, version: BankVersion, tmp_path: Path
) -> None:
    firms = [submitted(session, version, name) for name in ("一", "二", "三", "四")]
    administrator = an_administrator(session)
    archive_id = ask(session, administrator, *firms)
    failed, cancelled, gone, short = archives.get(session, administrator, archive_id).to_deliver
    report_jobs.claim(session, failed, token="t", now=NOW, lease=timedelta(minutes=1))
    facts = {"character": "𠮷", "codepoint": "U+20BB7", "place": "firm"}
    report_jobs.fail(session, failed, token="t", code="missing-glyph", facts=facts, now=NOW)
    reports.cancel(session, administrator, cancelled, now=NOW)
    for report_id in (gone, short):
        make(session, report_id, tmp_path)
    files.path(tmp_path, reports.found_by_id(session, gone).sha256).unlink()  # type: ignore[union-attr, arg-type]  # it is ready
    files.path(tmp_path, reports.found_by_id(session, short).sha256).write_bytes(b"r")  # type: ignore[union-attr, arg-type]  # it is ready

    archive = opened(session, administrator, archive_id, tmp_path)

    assert archive.namelist() == ["manifest.csv", "manifest.json"]
    reasons = [row["原因 Reason"] for row in manifest(archive)]
    assert "“𠮷”" in reasons[0]
    assert "U+20BB7" in reasons[0]
    assert [item["reason"] for item in json.loads(archive.read("manifest.json"))["items"]] == [
        "missing-glyph",
        "report-cancelled",
        "report-file-missing",
        "report-file-missing",
    ]
    assert all(reasons)


def test_an_archive_is_handed_out_when_all_of_it_is_done(
    session: Session, version: BankVersion, tmp_path: Path
) -> None:
    administrator = an_administrator(session)
    archive_id = ask(session, administrator, submitted(session, version))

    with pytest.raises(NotReady):
        archives.entries(session, administrator, archive_id, folder=tmp_path, say=chinese)


@pytest.mark.parametrize(
    ("firm", "name"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\firm*?", "C__firm__"),
        ("甲" * 200, "甲" * 50),
        ("𠮷" * 60, "𠮷" * 37),
        ("a\u202egnp.exe\n", "agnp.exe"),
        (" .hidden. ", "hidden"),
        ("..", "firm"),
        ("𠮷野家 & Söhne", "𠮷野家 & Söhne"),
    ],
)
def test_a_firms_name_is_safe_in_the_name_of_a_file(
    session: Session, version: BankVersion, tmp_path: Path, firm: str, name: str
) -> None:
    administrator = an_administrator(session)
    archive_id = ask(session, administrator, submitted(session, version, firm))
    make_all(session, administrator, archive_id, tmp_path)

    archive = opened(session, administrator, archive_id, tmp_path)

    assert archive.namelist()[2] == f"{name}-test-bank-1-zh.pdf"
    assert len(archive.namelist()[2].encode()) < 255
    assert manifest(archive)[0]["企业 Firm"] == firm


def test_firms_of_one_name_have_files_of_their_own(
    session: Session, version: BankVersion, tmp_path: Path
) -> None:
    firms = [submitted(session, version, name) for name in ("Acme", "ACME", "acme")]
    administrator = an_administrator(session)
    copy = Copy(Languages.BOTH, Extent.SHORT, Format.DOCX)
    archive_id = ask(session, administrator, *firms, copy=copy)
    make_all(session, administrator, archive_id, tmp_path)

    archive = opened(session, administrator, archive_id, tmp_path)

    assert archive.namelist()[2:] == [
        "Acme-test-bank-1-both-short.docx",
        "ACME-test-bank-1-both-short-2.docx",
        "acme-test-bank-1-both-short-3.docx",
    ]


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-1", "@x"])
def test_a_firms_name_is_no_formula_in_the_manifest(
    session: Session, version: BankVersion, tmp_path: Path, name: str
) -> None:
    administrator = an_administrator(session)
    archive_id = ask(session, administrator, submitted(session, version, name))
    make_all(session, administrator, archive_id, tmp_path)

    archive = opened(session, administrator, archive_id, tmp_path)

    assert manifest(archive)[0]["企业 Firm"] == f"'{name}"
