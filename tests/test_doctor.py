"""What the doctor says of the reports, the certificate and the disk."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from survey import doctor
from survey.config import Settings
from survey.doctor import Finding
from survey.pdf import signing
from survey.services import report_jobs, reports
from tests.stored import a_firm, a_submitted_assessment

Examine = Callable[[], dict[str, Finding]]


@pytest.fixture
def examine(settings: Settings) -> Examine:
    """The findings by the English name of their part."""
    return lambda: {finding.part.en: finding for finding in doctor.examine(settings)}


def ask(engine: Engine, *, now: datetime) -> str:
    with Session(engine) as session, session.begin():
        _, owner = a_firm(session)
        assessment = a_submitted_assessment(session, owner)
        return reports.ask(session, owner, assessment.id, reports.USUAL, now=now).id


def test_without_reports_nothing_waits_and_nothing_failed(examine: Examine) -> None:
    found = examine()

    assert found["Waiting reports"].good
    assert found["Waiting reports"].remark.en == "no report is waiting"
    assert found["Failed reports"].good
    assert found["Failed reports"].remark.en.startswith("0 within")


def test_a_report_that_has_waited_for_long_points_to_the_worker(
    examine: Examine, engine: Engine
) -> None:
    ask(engine, now=datetime.now(UTC))
    soon = examine()["Waiting reports"]
    ask(engine, now=datetime.now(UTC) - timedelta(minutes=40))
    late = examine()["Waiting reports"]

    assert (soon.good, late.good) == (True, False)
    assert "1 waiting" in soon.remark.en
    assert "2 reports wait, the oldest for 40 minutes" in late.remark.en
    assert "survey worker" in late.remark.zh


def test_failures_of_the_last_day_are_counted(examine: Examine, engine: Engine) -> None:
    now = datetime.now(UTC)
    for hours in (1, 30):
        report_id, moment = ask(engine, now=now), now - timedelta(hours=hours)
        with Session(engine) as session, session.begin():
            report_jobs.claim(session, report_id, token="t", now=moment, lease=timedelta(minutes=1))
            report_jobs.fail(session, report_id, token="t", code="bad-page", facts={}, now=moment)

    found = examine()["Failed reports"]

    assert not found.good
    assert found.remark.en.startswith("1 within")


def test_a_certificate_that_is_not_there_yet_is_made_later(examine: Examine) -> None:
    found = examine()["Certificate"]

    assert found.good
    assert "first start" in found.remark.en


def test_a_self_made_certificate_is_called_so(examine: Examine, settings: Settings) -> None:
    signing.self_made(settings.certificate)

    found = examine()["Certificate"]

    assert found.good
    assert "self-made" in found.remark.en
    assert "自签" in found.remark.zh
    assert str(datetime.now(UTC).year + 5)[:3] in found.remark.en


def test_an_expired_certificate_is_not_in_order(examine: Examine, settings: Settings) -> None:
    signing.self_made(settings.certificate, clock=lambda: datetime(2015, 1, 1, tzinfo=UTC))

    found = examine()["Certificate"]

    assert not found.good
    assert "2014-12-31" in found.remark.en
    assert str(settings.certificate) in found.remark.zh


def test_a_certificate_that_cannot_be_opened_is_not_in_order(
    examine: Examine, settings: Settings
) -> None:
    settings.certificate.write_bytes(b"no certificate")

    found = examine()["Certificate"]

    assert not found.good
    assert "SURVEY_CERTIFICATE_PASSWORD" in found.remark.en


def test_a_disk_that_is_nearly_full_is_not_in_order(
    examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = examine()["Disk space"]
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=3 * 1024 * 1024))
    full = examine()["Disk space"]

    assert (free.good, full.good) == (True, False)
    assert "3 MB" in full.remark.en
    assert "SURVEY_REPORTS" in full.remark.zh


def test_a_public_site_without_a_proxy_in_front_is_not_in_order(settings: Settings) -> None:
    def found(**changes: object) -> Finding:
        given = replace(settings, **changes)  # type: ignore[arg-type]  # of several kinds
        return next(one for one in doctor.examine(given) if one.part.en == "Proxy in front")

    public = {"base_url": "https://qizhen.example.com"}

    assert found().good
    assert not found(**public).good
    assert "SURVEY_TRUSTED_PROXIES" in found(**public).remark.zh
    assert found(**public, trusted_proxies=1).good
    assert "taken in whole" in found(**public, trusted_proxies=1).remark.en


def test_work_that_is_late_does_not_keep_the_site_from_starting(
    settings: Settings, engine: Engine
) -> None:
    ask(engine, now=datetime.now(UTC) - timedelta(days=1))
    settings.certificate.write_bytes(b"no certificate")

    parts = {finding.part.en for finding in doctor.essentials(settings)}

    assert parts.isdisjoint({"Waiting reports", "Failed reports", "Certificate", "Disk space"})


def test_a_database_that_is_out_of_order_is_named_once(settings: Settings) -> None:
    empty = replace(settings, database_url=f"sqlite:///{settings.folder / 'empty.db'}")

    parts = [finding.part.en for finding in doctor.examine(empty)]

    assert parts.count("Migrations") == 1
    assert "Waiting reports" not in parts


def test_a_folder_for_evidence_that_cannot_be_written_is_named(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    blocked = replace(settings, evidence_folder=tmp_path / "file" / "evidence")

    good = doctor._evidence(settings)
    bad = doctor._evidence(blocked)

    assert good.good
    assert "500 MB for each firm" in good.remark.en
    assert not bad.good
    assert "SURVEY_EVIDENCE" in bad.remark.zh
