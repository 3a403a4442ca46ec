"""The administration: banks, firms, users, the log; in both languages, with every refusal."""

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
from survey.services import assessments, banks
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


def upload(browser: Browser, content: bytes, name: str = "bank.yaml") -> Page:
    """Send a file. Encoded here: the client's own way leaves a temporary file open."""
    file = FileStorage(BytesIO(content), name)
    boundary, body = encode_multipart({"csrf_token": browser.token(), "file": file})
    kind = f"multipart/form-data; boundary={boundary}"
    answer = browser.client.post("/admin/banks", data=body, content_type=kind)
    return browser._page(answer)


def as_yaml(**changes: Any) -> bytes:
    return yaml_file.dump(bank_data(**changes)).encode()


def versions(session: Session) -> list[BankVersion]:
    session.expire_all()
    return list(session.scalars(select(BankVersion).order_by(BankVersion.id)))


# ----------------------------------------------------------------------- banks


def test_a_good_file_becomes_a_draft_that_nobody_can_start(
    office: Browser, session: Session
) -> None:
    _, owner = stored.a_firm(session)
    session.commit()

    answer = upload(office, as_yaml())
    page = office.get(answer.location)

    (version,) = versions(session)
    assert answer.status == 303
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

    page = upload(office, yaml_file.dump(data).encode(), "mine.yaml")

    assert page.status == 422
    assert "“mine.yaml” has 2 problems. Nothing was stored." in page.text
    assert "The text in “en” is missing. Write it in both languages." in page.text
    assert "“surprise” is not a field here." in page.text
    assert "sections.0.domains.0.questions.0.prompt" in page.text
    assert versions(session) == []


def test_problems_are_told_in_chinese(office: Browser, session: Session) -> None:
    office.post("/language", {"language": "zh"})
    data = bank_data()
    data["sections"][0]["weight"] = 90

    page = upload(office, yaml_file.dump(data).encode())

    assert page.status == 422
    assert latin_words(page, "bank.yaml", "sections", "YAML") == set()


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
    page = upload(office, content)

    assert page.status == 422
    assert "Nothing was stored." in page.text
    assert versions(session) == []


def test_a_file_above_two_megabytes_is_refused(office: Browser, session: Session) -> None:
    page = upload(office, b"#" * (2 * 1024 * 1024 + 1))

    assert page.status == 422
    assert versions(session) == []


def test_a_huge_upload_ends_with_413(office: Browser) -> None:
    assert upload(office, b"#" * (5 * 1024 * 1024)).status == 413


def test_no_file_is_a_sentence(office: Browser) -> None:
    page = office.send(office.get("/admin/banks"), "/admin/banks")

    assert page.status == 422
    assert "Choose a file." in page.text


def test_publishing_leaves_assessments_under_way_on_their_version(
    office: Browser, session: Session
) -> None:
    _, owner = stored.a_firm(session)
    version = stored.a_version(session)
    assessment = stored.an_assessment(session, owner, version=version)
    session.commit()
    old_digest = version.digest

    draft = upload(office, as_yaml(version=2, title={"zh": "新题库", "en": "New bank"}))
    page = office.get(draft.location)
    published = office.send(page, f"{draft.location}/publish")

    old, new = versions(session)
    assert published.status == 303
    assert (old.digest, old.published_at, old.retired_at) == (old_digest, stored.NOW, None)
    assert new.published_at is not None
    assert session.get_one(Assessment, assessment.id).bank_version_id == version.id
    assert [each.id for each in banks.open_versions(session)] == [new.id]


def test_publishing_twice_changes_nothing(office: Browser, session: Session) -> None:
    place = upload(office, as_yaml()).location

    office.post(f"{place}/publish")
    first = versions(session)[0].published_at
    again = office.post(f"{place}/publish")

    assert again.status == 303
    assert versions(session)[0].published_at == first


def test_a_published_version_is_never_replaced_by_an_upload(
    office: Browser, session: Session
) -> None:
    version = stored.a_version(session)
    session.commit()

    page = upload(office, as_yaml(title={"zh": "改过的题库", "en": "Changed bank"}))
    same = upload(office, as_yaml())

    assert page.status == 422
    assert "Give the file a higher version number." in page.text
    assert same.status == 303
    assert [each.digest for each in versions(session)] == [version.digest]


def test_the_page_of_a_draft_says_what_changed(office: Browser, session: Session) -> None:
    stored.a_version(session)
    session.commit()
    data = bank_data(version=2)
    first, second = data["sections"][0]["domains"]
    first["questions"][0]["prompt"] = {"zh": "换一种问法？", "en": "Asked in other words?"}
    first["questions"].append(ladder("brand-new"))
    second["questions"][0]["bands"][1]["score"] = 30
    del second["questions"][-1]

    place = upload(office, yaml_file.dump(data).encode()).location
    page = office.get(place)

    for sentence in (
        "Compared with the published version 1:",
        "Added questions brand-new What about brand-new?",
        "Removed questions product What about product?",
        "Reworded questions planning Asked in other words?",
        "Questions that score differently share What about share?",
    ):
        assert sentence in page.text


def test_a_retired_bank_cannot_be_started_and_a_draft_cannot_be_retired(
    office: Browser, session: Session
) -> None:
    _, owner = stored.a_firm(session)
    version = stored.a_version(session)
    session.commit()
    draft = upload(office, as_yaml(version=2)).location

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
    assert office.post("/admin/banks/987654/publish").status == 404
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
    known = ("YAML", "MB", "test-bank", "everything", digest, digest[:12])
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
    for act in ("/banks", "/banks/1/publish", "/users", "/users/1/role", "/firms/1/consultants"):
        assert browser.post("/admin" + act).status == 403
