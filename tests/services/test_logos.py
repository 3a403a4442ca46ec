"""Logos: who may set one, what is refused, and which of them a report carries."""

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.core.errors import NotFound, SurveyError
from survey.pdf.pictures import VectorPicture
from survey.services import accounts, logos
from survey.services.logos import LogoMissing
from survey.services.people import Actor, OwnerOnly
from survey.store import files
from survey.store.models import AuditEvent, ConsultantFirm, Firm, Logo
from tests.pictures import a_logo
from tests.stored import (
    NOW,
    a_consultant,
    a_firm,
    a_member,
    an_administrator,
)


def set_firm(session: Session, actor: Actor, folder: Path, shade: int = 0) -> None:
    logos.set_for_firm(session, actor, a_logo(shade), "logo.png", folder=folder, now=NOW)


def set_consultant(session: Session, actor: Actor, folder: Path, shade: int = 0) -> None:
    logos.set_for_consultant(session, actor, a_logo(shade), "logo.png", folder=folder, now=NOW)


def test_a_firm_and_its_consultants_stand_on_its_cover_in_this_order(
    session: Session, tmp_path: Path
) -> None:
    firm, owner = a_firm(session)
    consultant = a_consultant(session, firm, name="陈顾问")
    set_consultant(session, consultant, tmp_path, 10)
    set_firm(session, owner, tmp_path, 20)

    rows = logos.for_firm(session, firm.id)

    assert [row.alt for row in rows] == ["江海阀门有限公司", "陈顾问"]
    assert [(row.media_type, row.width, row.height) for row in rows] == [("image/png", 30, 10)] * 2
    printed = logos.read(tmp_path, rows)
    assert [logo.alt for logo in printed] == ["江海阀门有限公司", "陈顾问"]
    assert all(logo.content.startswith(b"\x89PNG") for logo in printed)


def test_another_firms_logos_and_other_consultants_do_not(session: Session, tmp_path: Path) -> None:
    firm, _ = a_firm(session)
    other, other_owner = a_firm(session, "另一家公司")
    set_firm(session, other_owner, tmp_path)
    set_consultant(session, a_consultant(session, other), tmp_path, 10)

    assert logos.for_firm(session, firm.id) == ()
    assert len(logos.for_firm(session, other.id)) == 2


def test_consultants_of_one_house_print_their_logo_once_and_a_cover_has_room_for_three(
    session: Session, tmp_path: Path
) -> None:
    firm, owner = a_firm(session)
    set_firm(session, owner, tmp_path, 1)
    for shade in (2, 2, 3, 4):
        set_consultant(session, a_consultant(session, firm), tmp_path, shade)

    rows = logos.for_firm(session, firm.id)

    assert len(rows) == len({row.sha256 for row in rows}) == 3


def test_a_consultant_who_is_taken_off_takes_the_logo_along(
    session: Session, tmp_path: Path
) -> None:
    firm, _ = a_firm(session)
    consultant = a_consultant(session, firm)
    set_consultant(session, consultant, tmp_path)

    session.delete(session.get_one(ConsultantFirm, (consultant.user_id, firm.id)))
    session.flush()

    assert logos.for_firm(session, firm.id) == ()


def test_a_new_logo_takes_the_place_of_the_old_one(session: Session, tmp_path: Path) -> None:
    firm, owner = a_firm(session)
    set_firm(session, owner, tmp_path, 1)
    (first,) = logos.for_firm(session, firm.id)
    set_firm(session, owner, tmp_path, 2)
    (second,) = logos.for_firm(session, firm.id)

    assert first.sha256 != second.sha256
    assert logos.of_own_firm(session, owner) == second
    assert files.path(tmp_path, first.sha256).is_file()  # reports that were made with it stay


def test_a_logo_can_be_removed_and_removing_it_twice_changes_nothing(
    session: Session, tmp_path: Path
) -> None:
    firm, owner = a_firm(session)
    consultant = a_consultant(session, firm)
    set_firm(session, owner, tmp_path, 1)
    set_consultant(session, consultant, tmp_path, 2)

    for _ in range(2):
        logos.remove_for_firm(session, owner, now=NOW)
        logos.remove_for_consultant(session, consultant, now=NOW)

    assert logos.for_firm(session, firm.id) == ()
    assert logos.of_own_firm(session, owner) is None
    assert logos.of_consultant(session, consultant) is None


def test_a_firms_members_ask_its_owner(session: Session, tmp_path: Path) -> None:
    firm, owner = a_firm(session)
    member = a_member(session, firm)
    set_firm(session, owner, tmp_path)

    with pytest.raises(OwnerOnly):
        set_firm(session, member, tmp_path)
    with pytest.raises(OwnerOnly):
        logos.remove_for_firm(session, member, now=NOW)
    assert logos.of_own_firm(session, member) is not None


def test_nobody_sets_the_logo_of_somebody_else(session: Session, tmp_path: Path) -> None:
    firm, owner = a_firm(session)

    for stranger in (a_consultant(session, firm), an_administrator(session)):
        with pytest.raises(NotFound):
            set_firm(session, stranger, tmp_path)
        with pytest.raises(NotFound):
            logos.remove_for_firm(session, stranger, now=NOW)
        assert logos.of_own_firm(session, stranger) is None
    for stranger in (owner, an_administrator(session)):
        with pytest.raises(NotFound):
            set_consultant(session, stranger, tmp_path)
        with pytest.raises(NotFound):
            logos.remove_for_consultant(session, stranger, now=NOW)


def test_a_picture_that_is_refused_leaves_the_old_one_and_no_file(
    session: Session, tmp_path: Path
) -> None:
    firm, owner = a_firm(session)
    set_firm(session, owner, tmp_path / "logos")
    before = logos.for_firm(session, firm.id)

    with pytest.raises(VectorPicture):
        logos.set_for_firm(
            session, owner, b"<svg/>", "logo.png", folder=tmp_path / "logos", now=NOW
        )

    assert logos.for_firm(session, firm.id) == before
    assert len(list((tmp_path / "logos").rglob("*"))) == 2  # a folder and the file in it


@pytest.mark.parametrize("damage", ["gone", "changed", "no file"])
def test_a_logo_that_cannot_be_read_says_whose_it_is(
    session: Session, tmp_path: Path, damage: str
) -> None:
    firm, owner = a_firm(session)
    set_firm(session, owner, tmp_path)
    rows = logos.for_firm(session, firm.id)
    path = files.path(tmp_path, rows[0].sha256)
    path.unlink()
    if damage == "changed":
        path.write_bytes(b"something else")
    if damage == "no file":
        path.mkdir()

    with pytest.raises(LogoMissing) as refused:
        logos.read(tmp_path, rows)

    assert refused.value.facts == {"owner": "江海阀门有限公司"}


def test_setting_and_removing_is_written_down(session: Session, tmp_path: Path) -> None:
    firm, owner = a_firm(session)
    set_firm(session, owner, tmp_path)
    logos.remove_for_firm(session, owner, now=NOW)
    session.flush()

    events = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()

    assert [(event.act, event.subject, event.user_id) for event in events[-2:]] == [
        ("set-logo", f"firm:{firm.id}", owner.user_id),
        ("remove-logo", f"firm:{firm.id}", owner.user_id),
    ]
    assert events[-2].facts["file"] == "logo.png"


def test_a_full_disk_leaves_the_old_logo(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    firm, owner = a_firm(session)
    set_firm(session, owner, tmp_path, 1)
    before = logos.for_firm(session, firm.id)

    def full(*given: object, **facts: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)

    with pytest.raises(SurveyError) as refused:
        set_firm(session, owner, tmp_path, 2)

    assert refused.value.code == "disk-full"
    assert logos.for_firm(session, firm.id) == before


def test_a_renamed_firm_is_named_anew_beside_its_logo(session: Session, tmp_path: Path) -> None:
    firm, owner = a_firm(session)
    set_firm(session, owner, tmp_path)

    accounts.rename_firm(session, owner, firm_name="江海流体控制有限公司", now=NOW)
    session.flush()

    assert session.get_one(Firm, firm.id).name == logos.for_firm(session, firm.id)[0].alt
    assert session.scalars(select(Logo)).one().firm_id == firm.id
