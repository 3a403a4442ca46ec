"""The administration: banks, firms, users, the log; in both languages, with every refusal."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from survey.core import document
from survey.core.text import Locale
from survey.exchange import yaml_bank, yaml_file
from survey.services import assessments, banks, invitations
from survey.services.people import Actor
from survey.store.models import Assessment, BankVersion, ConsultantFirm, User
from tests import stored
from tests.browser import Browser, Page, words_of
from tests.builders import bank_data, domain, ladder, multiple, section
from tests.signing import latin_words


@pytest.fixture
def administrator(session: Session) -> Actor:
    actor = stored.an_administrator(session)
    session.commit()
    return actor


@pytest.fixture
def office(app: Flask, session: Session, administrator: Actor) -> Browser:
    return Browser(app, language=Locale.EN).be(session.get_one(User, administrator.user_id))


def look(browser: Browser, content: bytes, name: str = "bank.yaml") -> Page:
    """Send a file to be looked at. Encoded here: the client leaves a temporary file open."""
    file = FileStorage(BytesIO(content), name)
    boundary, body = encode_multipart({"csrf_token": browser.token(), "file": file})
    kind = f"multipart/form-data; boundary={boundary}"
    answer = browser.client.post("/admin/banks/import", data=body, content_type=kind)
    return browser._page(answer)


def begun(browser: Browser, content: bytes) -> str:
    """The address of the draft that begins with a file."""
    answer = browser.send(look(browser, content), "/admin/banks/import/begin")
    assert answer.status == 303
    return answer.location


def as_yaml(**changes: Any) -> bytes:
    return yaml_file.dump(bank_data(**changes)).encode()


def reviewed(session: Session) -> None:
    """Every translation of the drafts is looked through."""
    for version in versions(session):
        if version.published_at is None:
            version.ledger = {}
    session.commit()


def versions(session: Session) -> list[BankVersion]:
    session.expire_all()
    return list(session.scalars(select(BankVersion).order_by(BankVersion.id)))


# ----------------------------------------------------------------------- banks


def test_a_good_file_becomes_a_draft_that_nobody_can_start(
    office: Browser, session: Session
) -> None:
    _, owner = stored.a_firm(session)
    session.commit()

    page = office.get(begun(office, as_yaml()))

    (version,) = versions(session)
    assert "Draft" in page.text
    assert version.published_at is None
    assert version.digest in page.text
    with pytest.raises(assessments.BankNotOpen):
        assessments.start(session, owner, version_id=version.id, now=stored.NOW)


def varied(*weights: int) -> dict[str, int]:
    return dict(zip(("discrete", "process", "mixed"), weights, strict=True))


@pytest.mark.parametrize("locale", list(Locale))
def test_weights_that_depend_on_the_firm_stand_in_columns_of_their_own(
    app: Flask, session: Session, administrator: Actor, locale: Locale
) -> None:
    data = bank_data(
        section("first", "A", domain("a", ladder()), weight=varied(60, 70, 65)),
        section("second", "B", domain("b", multiple()), weight=varied(40, 30, 35)),
        weigh_by="production-type",
        weigh_default="mixed",
    )
    version = stored.a_version(session, data)
    session.commit()
    browser = Browser(app, language=locale).be(session.get_one(User, administrator.user_id))

    page = browser.get(f"/admin/banks/{version.id}")

    cells = [[words_of(cell) for cell in row.iter("td")] for row in page.all("tr")]
    labels = {cell.get("data-label") for cell in page.all("td")}
    assert [row for row in cells if row] == [["1", "60", "70", "65"], ["1", "40", "30", "35"]]
    assert (
        labels
        == {
            Locale.EN: {"Questions", "discrete", "process", "mixed"},
            Locale.ZH: {"题目", "选项discrete", "选项process", "选项mixed"},
        }[locale]
    )


def test_every_problem_is_listed_and_nothing_is_stored(office: Browser, session: Session) -> None:
    data = bank_data()
    data["sections"][0]["weight"] = 90
    del data["sections"][0]["domains"][0]["questions"][0]["prompt"]["en"]
    data["surprise"] = True

    page = look(office, yaml_file.dump(data).encode(), "mine.yaml")

    assert page.status == 200
    assert "2 problems" in page.text
    assert "The text in “en” is missing. Write it in both languages." in page.text
    assert "“surprise” is not a field here." in page.text
    assert "Section A › Domain first › 关于planning的问题？ › Question › English" in page.text
    assert "line " in page.text
    assert versions(session) == []


def test_problems_are_told_in_chinese(office: Browser, session: Session) -> None:
    office.post("/language", {"language": "zh"})
    data = bank_data()
    data["sections"][0]["weight"] = 90

    page = look(office, yaml_file.dump(data).encode())

    assert page.status == 200
    cells = [cell for cell in page.all("td") if cell.get("class") == "main-cell"]
    assert cells
    assert [next(cell.iter("p")).get("lang") for cell in cells] == ["zh-CN"] * len(cells)


@pytest.mark.parametrize(
    "content",
    [
        b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
        b"\xff\xfe not text",
        b"",
        b"key: [never, closed",
        b"- 1\n- 2\n",
        b"!!python/object/apply:os.system ['true']",
    ],
)
def test_a_file_that_is_no_bank_is_refused(
    office: Browser, session: Session, content: bytes
) -> None:
    page = look(office, content)

    assert page.status == 422
    assert "Nothing was taken from it." in page.text
    assert "import_id" not in page.html
    assert versions(session) == []


def test_a_file_above_two_megabytes_is_refused(office: Browser, session: Session) -> None:
    page = look(office, b"#" * (2 * 1024 * 1024 + 1))

    assert page.status == 422
    assert versions(session) == []


def test_a_huge_upload_ends_with_413(office: Browser) -> None:
    assert look(office, b"#" * (5 * 1024 * 1024)).status == 413


def test_no_file_is_a_sentence(office: Browser) -> None:
    page = office.send(office.get("/admin/banks/import"), "/admin/banks/import")

    assert page.status == 422
    assert "Choose the file to import." in page.text


def test_the_list_of_banks_leads_to_the_import_and_takes_no_file_itself(office: Browser) -> None:
    assert "/admin/banks/import" in office.get("/admin/banks").links()
    assert office.post("/admin/banks").status == 405


def test_publishing_leaves_assessments_under_way_on_their_version(
    office: Browser, session: Session
) -> None:
    _, owner = stored.a_firm(session)
    version = stored.a_version(session)
    assessment = stored.an_assessment(session, owner, version=version)
    session.commit()
    old_digest = version.digest

    draft = begun(office, as_yaml(version=2, title={"zh": "新题库", "en": "New bank"}))
    reviewed(session)
    page = office.get(f"{draft}/publishing")
    published = office.send(page, f"{draft}/publishing")

    old, new = versions(session)
    assert published.status == 303
    assert (old.digest, old.published_at, old.retired_at) == (old_digest, stored.NOW, None)
    assert new.published_at is not None
    assert session.get_one(Assessment, assessment.id).bank_version_id == version.id
    assert [each.id for each in banks.open_versions(session)] == [new.id]


def test_publishing_twice_changes_nothing(office: Browser, session: Session) -> None:
    place = begun(office, as_yaml())
    reviewed(session)

    office.post(f"{place}/publishing", {"seen": "1"})
    first = versions(session)[0].published_at
    again = office.post(f"{place}/publishing", {"seen": "1"})

    assert again.status == 303
    assert versions(session)[0].published_at == first


def test_a_published_version_is_never_replaced_by_a_file(office: Browser, session: Session) -> None:
    version = stored.a_version(session)
    session.commit()

    digest = version.digest
    begun(office, as_yaml(title={"zh": "改过的题库", "en": "Changed bank"}))

    old, new = versions(session)
    assert (old.number, old.digest) == (1, digest)
    assert (new.number, new.published_at) == (2, None)


def test_the_page_of_a_draft_says_what_changed(office: Browser, session: Session) -> None:
    stored.a_version(session)
    session.commit()
    data = bank_data(version=2)
    first, second = data["sections"][0]["domains"]
    first["questions"][0]["prompt"] = {"zh": "换一种问法？", "en": "Asked in other words?"}
    first["questions"][1]["code"] = "A1"
    first["questions"].append(ladder("brand-new"))
    second["questions"][0]["bands"][1]["score"] = 30
    del second["questions"][-1]

    place = begun(office, yaml_file.dump(data).encode())
    page = office.get(place)

    assert "5 parts differ from version 1." in page.text
    assert "Added 1 Removed 1 Reworded 1 Scored differently 1 Annotated 1" in page.text
    told = office.get(f"{place}/compare").text
    for sentence in (
        "Asked in other words? Question · planning Reworded",
        "What about brand-new? Question · brand-new Added",
        "What about product? Question · product Removed",
        "What about share? Question · share Scored differently",
        "What about security? Question · security Annotated",
    ):
        assert sentence in told


def test_a_retired_bank_cannot_be_started_and_a_draft_cannot_be_retired(
    office: Browser, session: Session
) -> None:
    _, owner = stored.a_firm(session)
    version = stored.a_version(session)
    session.commit()
    draft = begun(office, as_yaml(version=2))

    office.post(f"/admin/banks/{version.id}/retire")
    office.post(f"{draft}/retire")
    page = office.get(draft)

    retired, still_draft = versions(session)
    assert retired.retired_at is not None
    assert still_draft.retired_at is None
    assert "A draft cannot be retired" in page.text
    with pytest.raises(assessments.BankNotOpen):
        assessments.start(session, owner, version_id=version.id, now=stored.NOW)


def test_the_downloaded_file_is_the_same_bank(office: Browser, session: Session) -> None:
    version = stored.a_version(session)
    session.commit()

    answer = office.get(f"/admin/banks/{version.id}/file").response

    data, _ = yaml_bank.read(answer.get_data())
    assert document.digest(data) == version.digest
    assert "test-bank-1.yaml" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("place", ["", "/file"])
def test_there_is_no_other_bank(office: Browser, place: str) -> None:
    assert office.get(f"/admin/banks/987654{place}").status == 404
    assert office.post("/admin/banks/987654/publishing").status == 404
    assert office.post("/admin/banks/987654/retire").status == 404


# ----------------------------------------------------------------------- firms


def test_firms_are_found_by_a_part_of_the_name(office: Browser, session: Session) -> None:
    stored.a_firm(session, "江海阀门")
    stored.a_firm(session, "Suzhou Castings")
    session.commit()

    found = office.get("/admin/firms", query_string={"q": "CASTINGS"})
    nothing = office.get("/admin/firms", query_string={"q": "<none>"})

    assert "Suzhou Castings" in found.text
    assert "江海阀门" not in found.text
    assert "No name contains “<none>”." in nothing.text


def test_a_long_list_has_pages(office: Browser, session: Session) -> None:
    for number in range(51):
        stored.a_firm(session, f"Firm {number:02}")
    session.commit()

    first, last = office.get("/admin/firms"), office.get("/admin/firms?page=99")

    assert "Firm 49" in first.text
    assert "Firm 50" not in first.text
    assert "Firm 50" in last.text
    assert "Page 2 of 2" in last.text


def test_a_consultant_is_assigned_and_the_assignment_ended(
    office: Browser, session: Session
) -> None:
    firm, _ = stored.a_firm(session)
    consultant = stored.a_consultant(session, name="Zhou Min")
    session.commit()
    place = f"/admin/firms/{firm.id}"

    page = office.send(
        office.get(place), f"{place}/consultants", consultant=str(consultant.user_id)
    )
    assigned = office.get(place)
    office.send(assigned, f"{place}/consultants/{consultant.user_id}/remove")

    assert page.status == 303
    assert "Zhou Min" in assigned.text
    session.expire_all()
    assert session.get(ConsultantFirm, (consultant.user_id, firm.id)) is None


def test_only_a_consultant_can_be_assigned(office: Browser, session: Session) -> None:
    firm, owner = stored.a_firm(session)
    stored.a_consultant(session)
    session.commit()
    place = f"/admin/firms/{firm.id}"

    for forged in (str(owner.user_id), "987654", "x", ""):
        assert office.post(f"{place}/consultants", {"consultant": forged}).status == 422
    assert office.get("/admin/firms/987654").status == 404
    assert office.post("/admin/firms/987654/consultants", {"consultant": "1"}).status == 404
    assert session.scalars(select(ConsultantFirm)).all() == []


# ----------------------------------------------------------------------- users


@pytest.mark.parametrize("role", ["consultant", "administrator"])
def test_a_consultant_or_administrator_is_added(
    office: Browser, session: Session, role: str
) -> None:
    page = office.get("/admin/users")

    answer = office.send(page, "/admin/users", name="Wu Hao", email="wu@example.com", role=role)

    user = session.scalars(select(User).where(User.email == "wu@example.com")).one()
    assert answer.status == 303
    assert [each.name for each in user.roles] == [role]
    assert user.password is None


@pytest.mark.parametrize(
    "change", [{"role": "firm"}, {"role": None}, {"email": "no address"}, {"name": " "}]
)
def test_a_bad_addition_is_refused(
    office: Browser, session: Session, change: dict[str, str | None]
) -> None:
    data = {"name": "Wu Hao", "email": "wu@example.com", "role": "consultant"} | change

    page = office.send(office.get("/admin/users"), "/admin/users", **data)

    assert page.status == 422
    assert len(session.scalars(select(User)).all()) == 1


def test_a_taken_address_is_refused_with_a_remedy(office: Browser, session: Session) -> None:
    user = stored.a_user(session, "consultant")
    session.commit()

    page = office.send(
        office.get("/admin/users"),
        "/admin/users",
        name="X",
        email=user.email.upper(),
        role="consultant",
    )

    assert page.status == 422
    assert "This address belongs to an account already." in page.text


def test_roles_change_and_accounts_are_deactivated_and_activated(
    office: Browser, session: Session
) -> None:
    user = stored.a_user(session, "consultant")
    session.commit()
    place = f"/admin/users/{user.id}"

    office.send(office.get(place), f"{place}/role", role="administrator")
    session.expire_all()
    roles = [role.name for role in user.roles]
    office.send(office.get(place), f"{place}/deactivate")
    session.expire_all()
    inactive = user.active
    office.send(office.get(place), f"{place}/activate")
    session.expire_all()

    assert roles == ["administrator"]
    assert (inactive, user.active) == (False, True)


def test_closing_an_owners_account_says_how_many_invitations_it_withdraws(
    office: Browser, session: Session
) -> None:
    _, owner = stored.a_firm(session)
    for _each in range(2):
        invitations.invite(
            session, owner, name="周明", locale=Locale.ZH, scope="all", now=datetime.now(UTC)
        )
    session.commit()
    place = f"/admin/users/{owner.user_id}"
    before = office.get(place)

    after = office.follow(office.send(before, f"{place}/deactivate"))

    assert "Their open invitations are withdrawn." in before.text
    assert "2 open invitations by this person have been withdrawn." in after.text


@pytest.mark.parametrize("act", ["deactivate", "role", "second-step"])
def test_administrators_cannot_lock_themselves_out(
    office: Browser, session: Session, administrator: Actor, act: str
) -> None:
    stored.an_administrator(session)
    session.commit()
    place = f"/admin/users/{administrator.user_id}"

    answer = office.post(f"{place}/{act}", {"role": "consultant"})

    assert answer.status == 303
    assert "Ask another administrator" in office.get(place).text
    session.expire_all()
    myself = session.get_one(User, administrator.user_id)
    assert myself.active
    assert [role.name for role in myself.roles] == ["administrator"]


def test_people_of_a_firm_keep_their_role(office: Browser, session: Session) -> None:
    _, owner = stored.a_firm(session)
    session.commit()
    place = f"/admin/users/{owner.user_id}"

    office.post(f"{place}/role", {"role": "administrator"})
    page = office.get(place)

    assert "People of a firm keep their role." in page.text
    session.expire_all()
    assert [role.name for role in session.get_one(User, owner.user_id).roles] == ["firm"]


@pytest.mark.parametrize("act", ["deactivate", "activate", "role", "second-step"])
def test_there_is_no_other_user(office: Browser, act: str) -> None:
    assert office.get("/admin/users/987654").status == 404
    assert office.post(f"/admin/users/987654/{act}", {"role": "consultant"}).status == 404


# -------------------------------------------------------------- log, languages


def test_the_log_names_who_did_what_to_whom(office: Browser, session: Session) -> None:
    firm, _ = stored.a_firm(session, "江海阀门")
    consultant = stored.a_consultant(session)
    session.commit()
    office.post(f"/admin/firms/{firm.id}/consultants", {"consultant": str(consultant.user_id)})

    page = office.get("/admin/log")

    assert "管理员 assigned a consultant to the firm 江海阀门" in page.text


def test_every_act_in_the_log_has_words_in_both_languages(
    office: Browser, session: Session
) -> None:
    version = stored.a_version(session)
    firm, _ = stored.a_firm(session)
    consultant = stored.a_consultant(session, firm)
    session.commit()
    office.post(f"/admin/users/{consultant.user_id}/deactivate")
    office.post(f"/admin/banks/{version.id}/retire")
    office.post("/language", {"language": "zh"})

    assert latin_words(office.get("/admin/log"), "test-bank") == set()


@pytest.mark.parametrize(
    "address",
    ["", "/banks", "/banks/{bank}", "/firms", "/firms/{firm}", "/users", "/users/{user}", "/log"],
)
def test_no_english_word_stands_on_a_chinese_page(
    office: Browser, session: Session, address: str
) -> None:
    firm, owner = stored.a_firm(session)
    assessment = stored.a_submitted_assessment(session, owner)
    session.commit()
    office.post("/language", {"language": "zh"})
    ids = {"bank": assessment.bank_version_id, "firm": firm.id, "user": owner.user_id}

    page = office.get("/admin" + address.format(**ids))

    digest = session.get_one(BankVersion, assessment.bank_version_id).digest
    known = ("YAML", "JSON", "MB", "test-bank", "everything", digest, digest[:12])
    assert page.status == 200
    assert latin_words(page, *known) == set()


@pytest.mark.parametrize("role", ["firm", "consultant"])
def test_nobody_else_administers(app: Flask, session: Session, role: str) -> None:
    _, owner = stored.a_firm(session)
    actor = owner if role == "firm" else stored.a_consultant(session)
    session.commit()
    browser = Browser(app, language=Locale.EN).be(session.get_one(User, actor.user_id))

    for address in ("", "/banks", "/firms", "/users", "/log"):
        assert browser.get("/admin" + address).status == 403
    for act in (
        "/banks/import",
        "/banks/1/publishing",
        "/users",
        "/users/1/role",
        "/firms/1/consultants",
    ):
        assert browser.post("/admin" + act).status == 403
