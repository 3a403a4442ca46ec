"""Files of a version: fetched in every format, taken in from any, and looked at first."""

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from survey.core import document, places
from survey.core.text import Locale
from survey.exchange import bank_xlsx_write, yaml_bank, yaml_file
from survey.services import drafts, imports
from survey.services.people import Actor
from survey.store.models import BankEdit, BankVersion, User
from tests import stored
from tests.browser import Browser, Page
from tests.builders import bank_data

NOW = stored.NOW
Data = dict[str, Any]


@pytest.fixture
def administrator(session: Session) -> Actor:
    actor = stored.an_administrator(session)
    session.commit()
    return actor


@pytest.fixture
def office(app: Flask, session: Session, administrator: Actor) -> Browser:
    return Browser(app, language=Locale.EN).be(session.get_one(User, administrator.user_id))


@pytest.fixture
def draft(session: Session, administrator: Actor) -> int:
    version = drafts.begin_with(
        session, document=bank_data(), by=administrator.user_id, now=NOW, source=""
    )
    session.commit()
    return version.id


def send(browser: Browser, address: str, content: bytes, name: str) -> Page:
    """Send a file. Encoded here: the client's own way leaves a temporary file open."""
    file = FileStorage(BytesIO(content), name)
    boundary, body = encode_multipart({"csrf_token": browser.token(), "file": file})
    kind = f"multipart/form-data; boundary={boundary}"
    return browser._page(browser.client.post(address, data=body, content_type=kind))


def confirm(browser: Browser, page: Page, address: str, **more: str) -> Page:
    """Press the button below what was shown."""
    import_id = page.html.partition('name="import_id" value="')[2].partition('"')[0]
    form = {"csrf_token": browser.token(), "import_id": import_id, **more}
    return browser._page(browser.client.post(address, data=form))


def now(session: Session, version_id: int) -> drafts.Draft:
    session.expire_all()
    return drafts.opened(session, version_id)


def reworded(data: Data, zh: str = "新标题", en: str = "New title") -> Data:
    return data | {"title": {"zh": zh, "en": en}}


# ------------------------------------------------------------------- downloads


@pytest.mark.parametrize("locale", list(Locale))
def test_the_page_offers_every_format_in_both_languages(
    office: Browser, draft: int, locale: Locale
) -> None:
    page = office.get(f"/admin/banks/{draft}/files")

    assert page.status == 200
    for name in ("xlsx", "yaml"):
        assert f"/admin/banks/{draft}/files/{name}/file" in page.html


@pytest.mark.parametrize("name", ["yaml", "xlsx", "json", "xlsform", "surveyjs"])
def test_every_format_can_be_fetched(office: Browser, draft: int, name: str) -> None:
    reply = office.client.get(f"/admin/banks/{draft}/files/{name}/file")

    assert reply.status_code == 200
    assert "attachment" in reply.headers["Content-Disposition"]
    assert len(reply.data) > 500
    reply.close()


def test_a_format_that_loses_something_says_so_before_it_is_fetched(
    office: Browser, draft: int
) -> None:
    page = office.get(f"/admin/banks/{draft}/files/surveyjs")

    assert page.status == 200
    assert "What is left out" in page.text


def test_words_that_only_the_report_keeps_are_shown_as_words(office: Browser) -> None:
    title = {"en": "Name", "zh-cn": "名称", "fr": "<b>Nom</b> & \u201cprénom\u201d 1 < 2"}
    definition = {"elements": [{"type": "expression", "name": "e", "title": "<i>Total</i>"},
                               {"type": "text", "name": "q", "title": title}]}  # fmt: skip

    shown = send(office, "/admin/banks/import", json.dumps(definition).encode(), "form.json")

    assert shown.status == 200
    assert "<i>Total</i>" in shown.text
    assert "Nom & “prénom” 1 < 2" in shown.text


def test_of_many_words_the_first_are_shown_and_the_others_counted(office: Browser) -> None:
    pages = [{"type": "text", "name": f"q{at}", "title": {"en": "Q", "zh-cn": "问", "fr": f"N{at}"}}
             for at in range(103)]  # fmt: skip

    shown = send(
        office, "/admin/banks/import", json.dumps({"elements": pages}).encode(), "form.json"
    )

    assert "N99" in shown.text
    assert "N100" not in shown.text
    assert "3 more are not shown." in shown.text


def test_of_many_losses_the_first_are_shown_and_the_others_counted(office: Browser) -> None:
    asked = [{"type": "text", "name": f"q{at}", "odd": at + 1} for at in range(350)]

    shown = send(
        office, "/admin/banks/import", json.dumps({"elements": asked}).encode(), "form.json"
    )

    assert "352 features cannot be carried over." in shown.text
    assert "52 more are not shown." in shown.text


def test_an_unknown_format_is_not_there(office: Browser, draft: int) -> None:
    assert office.client.get(f"/admin/banks/{draft}/files/exe/file").status_code == 404
    assert office.client.get(f"/admin/banks/{draft}/files/lss").status_code == 404


def test_a_workbook_to_fill_in_can_be_fetched(office: Browser) -> None:
    reply = office.client.get("/admin/banks/template.xlsx")

    assert load_workbook(BytesIO(reply.data)).sheetnames[:2] == ["notes", "survey"]
    reply.close()


# ------------------------------------------------------------------ into a draft


@pytest.mark.parametrize("name", ["yaml", "xlsx", "json"])
def test_import_of_an_unchanged_export_makes_no_change(
    office: Browser, session: Session, draft: int, name: str
) -> None:
    reply = office.client.get(f"/admin/banks/{draft}/files/{name}/file")
    content = reply.data
    reply.close()

    page = send(office, f"/admin/banks/{draft}/files", content, f"bank.{name}")

    assert page.status == 200
    assert "There is nothing to change." in page.text
    assert "import_id" not in page.html
    assert now(session, draft).revision == 1


def test_changes_are_shown_first_and_applied_when_they_are_confirmed(
    office: Browser, session: Session, draft: int
) -> None:
    before = now(session, draft).document
    content = bank_xlsx_write.write(reworded(before)).content

    shown = send(office, f"/admin/banks/{draft}/files", content, "bank.xlsx")

    assert shown.status == 200
    assert "New title" in shown.text
    assert "[removed:]" in shown.text
    assert now(session, draft).document == before

    done = confirm(office, shown, f"/admin/banks/{draft}/files/apply")

    assert done.status == 303
    after = now(session, draft)
    assert after.document == reworded(before)
    edit = session.scalars(select(BankEdit).where(BankEdit.version_id == draft)).one()
    assert edit.act == "import"


def test_what_was_applied_cannot_be_applied_again(
    office: Browser, session: Session, draft: int
) -> None:
    content = yaml_file.dump(reworded(now(session, draft).document)).encode()
    shown = send(office, f"/admin/banks/{draft}/files", content, "bank.yaml")
    confirm(office, shown, f"/admin/banks/{draft}/files/apply")

    again = confirm(office, shown, f"/admin/banks/{draft}/files/apply")

    assert again.status == 422
    assert "no longer kept" in again.text


def test_a_forged_id_and_a_colleague_s_id_are_refused(
    app: Flask, office: Browser, session: Session, draft: int
) -> None:
    content = yaml_file.dump(reworded(now(session, draft).document)).encode()
    shown = send(office, f"/admin/banks/{draft}/files", content, "bank.yaml")
    colleague = stored.an_administrator(session, name="另一位管理员")
    session.commit()
    other = Browser(app, language=Locale.EN).be(session.get_one(User, colleague.user_id))

    for browser, import_id in ((other, None), (office, "../../etc"), (office, "0" * 32)):
        more = {} if import_id is None else {"import_id": import_id}
        answer = confirm(browser, shown, f"/admin/banks/{draft}/files/apply", **more)
        assert answer.status == 422
    assert now(session, draft).revision == 1


def test_a_colleague_s_edit_in_between_is_kept(
    office: Browser, session: Session, draft: int
) -> None:
    before = now(session, draft).document
    content = yaml_file.dump(reworded(before)).encode()
    shown = send(office, f"/admin/banks/{draft}/files", content, "bank.yaml")
    edit(session, draft, lambda data: data | {"minutes": 9})

    done = confirm(office, shown, f"/admin/banks/{draft}/files/apply")

    assert done.status == 303
    assert now(session, draft).document == reworded(before) | {"minutes": 9}


def test_a_clash_with_a_colleague_shows_both_sides_and_is_decided(
    office: Browser, session: Session, draft: int
) -> None:
    before = now(session, draft).document
    content = yaml_file.dump(reworded(before)).encode()
    shown = send(office, f"/admin/banks/{draft}/files", content, "bank.yaml")
    edit(session, draft, lambda data: reworded(data, "别的标题", "Another title"))

    asked = confirm(office, shown, f"/admin/banks/{draft}/files/apply")

    assert asked.status == 422
    assert "New title" in asked.text
    assert "Another title" in asked.text
    assert now(session, draft).document["title"]["en"] == "Another title"

    chosen = {"clash.at": "2"}
    for number, place in enumerate(("title/zh", "title/en")):
        chosen |= {f"clash.{number}.place": place, f"clash.{number}.keep": "mine"}
    done = confirm(office, shown, f"/admin/banks/{draft}/files/apply", **chosen)

    assert done.status == 303
    assert now(session, draft).document == reworded(before)


@pytest.mark.parametrize("address", ["files/xlsx/file", "files/yaml/file", "file"])
def test_a_file_made_before_a_colleague_s_edit_takes_nothing_back(
    office: Browser, session: Session, draft: int, address: str
) -> None:
    older = fetched(office, draft, address)
    edit(session, draft, lambda data: reworded(data, "别的标题", "Another title"))

    name = "bank.xlsx" if "xlsx" in address else "bank.yaml"
    page = send(office, f"/admin/banks/{draft}/files", older, name)

    assert page.status == 200
    assert "was made from revision 1 of this draft, which is at revision 2 now" in page.text
    assert "The draft has every change of this file already." in page.text
    assert "import_id" not in page.html


def test_a_workbook_made_before_a_colleague_s_edit_asks_where_both_changed_the_same(
    office: Browser, session: Session, draft: int
) -> None:
    book = load_workbook(BytesIO(fetched(office, draft)))
    column = [each.value for each in book["settings"][1]].index("form_title (en)") + 1
    book["settings"].cell(2, column, "A title from the file")
    book["bank"]["B7"] = 9
    saved = BytesIO()
    book.save(saved)
    edit(session, draft, lambda data: reworded(data, "别的标题", "Another title"))

    shown = send(office, f"/admin/banks/{draft}/files", saved.getvalue(), "bank.xlsx")
    asked = confirm(office, shown, f"/admin/banks/{draft}/files/apply")
    choice = {"clash.at": "2", "clash.0.place": "title/en", "clash.0.keep": "theirs"}
    done = confirm(office, shown, f"/admin/banks/{draft}/files/apply", **choice)

    assert "1 place was changed both in the file and in the draft" in shown.text
    assert "[removed:] 别的标题" not in shown.text
    assert asked.status == 422
    assert "A title from the file" in asked.text
    assert "Another title" in asked.text
    assert done.status == 303
    after = now(session, draft).document
    assert after["title"] == {"zh": "别的标题", "en": "Another title"}
    assert after["minutes"] == 9


@pytest.mark.parametrize("foreign", ["digest", "number", "revision", "bank"])
def test_a_workbook_of_another_draft_is_compared_with_the_draft_as_it_is(
    office: Browser, session: Session, draft: int, foreign: str
) -> None:
    said = {"bank": "test-bank", "version": "1", "revision": "1", "digest": ""}
    said["digest"] = document.digest(now(session, draft).document)
    said[{"number": "version"}.get(foreign, foreign)] = "77"
    book = load_workbook(BytesIO(fetched(office, draft)))
    for row in book["_qizhen"].iter_rows():
        row[1].value = said[str(row[0].value)]
    saved = BytesIO()
    book.save(saved)
    edit(session, draft, lambda data: reworded(data, "别的标题", "Another title"))

    page = send(office, f"/admin/banks/{draft}/files", saved.getvalue(), "bank.xlsx")

    assert "was made from revision" not in page.text
    assert "import_id" in page.html


def fetched(browser: Browser, version_id: int, address: str = "files/xlsx/file") -> bytes:
    """A file of a version, as it is downloaded."""
    reply = browser.client.get(f"/admin/banks/{version_id}/{address}")
    content: bytes = reply.data
    reply.close()
    return content


def edit(session: Session, version_id: int, change: Any) -> None:
    drafts.edit(session, version_id, seen=1, change=change, act="set", place="", by=None, now=NOW)
    session.commit()


def test_a_file_of_another_bank_is_refused(office: Browser, session: Session, draft: int) -> None:
    content = yaml_file.dump(bank_data(key="other-bank")).encode()

    page = send(office, f"/admin/banks/{draft}/files", content, "bank.yaml")

    assert page.status == 422
    assert "other-bank" in page.text
    assert now(session, draft).revision == 1


@pytest.mark.parametrize("locale", list(Locale))
def test_faults_of_a_workbook_are_listed_in_both_languages_and_nothing_is_taken(
    app: Flask, session: Session, administrator: Actor, draft: int, locale: Locale
) -> None:
    browser = Browser(app, language=locale).be(session.get_one(User, administrator.user_id))
    book = load_workbook(BytesIO(bank_xlsx_write.write(now(session, draft).document).content))
    book["survey"]["E3"] = "=1+1"
    book["bank"]["B7"] = "many"
    saved = BytesIO()
    book.save(saved)

    page = send(browser, f"/admin/banks/{draft}/files", saved.getvalue(), "bank.xlsx")

    assert page.status == 422
    where = {
        Locale.EN: "sheet survey · row 3 · column E · label::中文 (zh)",
        Locale.ZH: "survey · ",
    }
    assert where[locale] in page.text
    assert "formulas are never calculated" in page.text
    assert 'lang="zh-CN"' in page.html
    assert "import_id" not in page.html


def test_missing_translations_may_come_into_a_draft(
    office: Browser, session: Session, draft: int
) -> None:
    data = now(session, draft).document | {"title": {"zh": "标题"}}

    shown = send(office, f"/admin/banks/{draft}/files", yaml_file.dump(data).encode(), "a.yaml")
    done = confirm(office, shown, f"/admin/banks/{draft}/files/apply")

    assert "A draft may have it" in shown.text
    assert done.status == 303
    assert now(session, draft).document == data


def test_the_yaml_of_a_published_version_is_the_file_that_is_reviewed(
    office: Browser, session: Session
) -> None:
    version = stored.a_version(session)
    session.commit()

    for address in ("files/yaml/file", "file"):
        assert fetched(office, version.id, address) == yaml_bank.write(bank_data()).encode()
    workbook = load_workbook(BytesIO(fetched(office, version.id, "files/xlsx/file")))
    assert "_qizhen" not in workbook.sheetnames


def test_a_published_version_takes_nothing_in(office: Browser, session: Session) -> None:
    version = stored.a_version(session)
    session.commit()

    page = send(office, f"/admin/banks/{version.id}/files", b"key: a\n", "a.yaml")

    assert page.status == 422
    assert "A published version never changes." in page.text


def test_no_file_is_asked_for(office: Browser, draft: int) -> None:
    form = {"csrf_token": office.token()}

    page = office._page(office.client.post(f"/admin/banks/{draft}/files", data=form))

    assert page.status == 422
    assert "Choose the file" in page.text


def test_what_waits_is_gone_after_a_day(
    app: Flask, office: Browser, session: Session, draft: int
) -> None:
    content = yaml_file.dump(reworded(now(session, draft).document)).encode()
    shown = send(office, f"/admin/banks/{draft}/files", content, "bank.yaml")
    folder = app.extensions["settings"].folder
    waiting = imports.Waiting({"key": "x"}, "x", None, 0)
    later = datetime.now(UTC) + imports.KEPT + timedelta(minutes=1)
    imports.keep(folder, waiting, by=1, now=later)

    answer = confirm(office, shown, f"/admin/banks/{draft}/files/apply")

    assert answer.status == 422


# ---------------------------------------------------------------- as a new draft


@pytest.mark.parametrize("name", ["bank.yaml", "bank.xlsx"])
def test_a_file_becomes_a_new_draft_when_it_is_confirmed(
    office: Browser, session: Session, name: str
) -> None:
    data = bank_data()
    is_yaml = name.endswith("yaml")
    content = yaml_file.dump(data).encode() if is_yaml else bank_xlsx_write.write(data).content

    shown = send(office, "/admin/banks/import", content, name)

    assert shown.status == 200
    assert session.scalars(select(BankVersion)).all() == []

    done = confirm(office, shown, "/admin/banks/import/begin")

    assert done.status == 303
    version = session.scalars(select(BankVersion)).one()
    assert version.published_at is None
    assert document.digest(drafts.opened(session, version.id).document) == document.digest(data)


@pytest.mark.parametrize("name", ["xlsx", "yaml"])
def test_a_new_draft_of_a_drafts_file_knows_what_it_was_made_from(
    office: Browser, session: Session, draft: int, name: str
) -> None:
    edit(session, draft, lambda data: reworded(data, "别的标题", "Another title"))
    content = fetched(office, draft, f"files/{name}/file")
    edit(session, draft, reworded)

    shown = send(office, "/admin/banks/import", content, f"bank.{name}")
    confirm(office, shown, "/admin/banks/import/begin")

    number = now(session, draft).number + 1
    made = session.scalars(select(BankVersion).where(BankVersion.number == number)).one()
    assert (made.based_on_id, made.revision, made.title_en) == (draft, 1, "Another title")


def test_a_new_draft_is_shown_beside_the_newest_version_of_its_bank(
    office: Browser, session: Session, draft: int
) -> None:
    data = reworded(bank_data())

    shown = send(office, "/admin/banks/import", yaml_file.dump(data).encode(), "bank.yaml")

    assert "Beside version 1 of this bank" in shown.text
    assert "New title" in shown.text


def renamed(data: Data) -> Data:
    """The same bank with another key for its question."""
    found: Data = json.loads(json.dumps(data).replace('"planning"', '"plans"'))
    return found


def test_another_key_is_told_of_a_question_that_was_published_and_as_it_will_be_recorded(
    office: Browser, session: Session
) -> None:
    published = stored.a_version(session)
    draft = drafts.begin(session, source_id=published.id, by=None, now=NOW)
    session.commit()
    here = f"/admin/banks/{draft.id}"
    content = yaml_file.dump(renamed(now(session, draft.id).document)).encode()

    new = send(office, "/admin/banks/import", content, "bank.yaml")
    shown = send(office, f"{here}/files", content, "bank.yaml")
    confirm(office, shown, f"{here}/files/apply")
    compared = office.get(f"{here}/compare?other={published.id}").text

    assert "1 published question gets another key" in new.text
    assert "1 published question gets another key" in shown.text
    assert "Perhaps renamed" not in shown.text
    assert shown.text.count("Renamed") == 1
    assert ("Renamed" in compared, "Removed" in compared) == (True, False)


def test_of_a_question_that_was_never_published_the_key_is_free(
    office: Browser, session: Session, draft: int
) -> None:
    content = yaml_file.dump(renamed(now(session, draft).document)).encode()

    shown = send(office, f"/admin/banks/{draft}/files", content, "bank.yaml")

    assert shown.text.count("Renamed") == 1
    assert "another key" not in shown.text


def test_questions_are_counted_without_the_facts(office: Browser) -> None:
    data = bank_data()
    profile = len(data["profile"]["questions"])
    asked = sum(1 for _place in places.questions(data)) - profile

    shown = send(office, "/admin/banks/import", yaml_file.dump(data).encode(), "bank.yaml")

    _sections, questions = shown.all("dd")
    assert questions.text == str(asked)
    assert f"and {profile} profile fact" in "".join(questions.itertext())


def test_a_document_without_a_key_cannot_become_a_draft(office: Browser, session: Session) -> None:
    shown = send(office, "/admin/banks/import", b"title: {zh: a, en: b}\n", "bank.yaml")

    answer = confirm(office, shown, "/admin/banks/import/begin")

    assert answer.status == 422
    assert session.scalars(select(BankVersion)).all() == []


def test_a_large_workbook_is_refused_with_a_sentence(office: Browser) -> None:
    page = send(office, "/admin/banks/import", b"PK" + b"x" * (4 * 1024 * 1024 + 10), "a.xlsx")

    assert page.status == 413
    assert "too large" in page.text


def test_fifty_megabytes_are_refused_with_a_sentence(office: Browser) -> None:
    page = send(office, "/admin/banks/import", b"PK" + b"x" * (50 * 1024 * 1024), "a.xlsx")

    assert page.status == 413


def test_only_administrators_may(app: Flask, session: Session, draft: int) -> None:
    _, owner = stored.a_firm(session)
    session.commit()
    browser = Browser(app).be(session.get_one(User, owner.user_id))

    assert browser.client.get(f"/admin/banks/{draft}/files").status_code == 403
    assert browser.client.get(f"/admin/banks/{draft}/files/xlsx/file").status_code == 403
    assert browser.client.get("/admin/banks/import").status_code == 403


@pytest.mark.parametrize("where", ["draft", "new"])
def test_halves_of_characters_are_refused_with_a_sentence_and_nothing_changes(
    office: Browser, draft: int, session: Session, where: str
) -> None:
    address = f"/admin/banks/{draft}/files" if where == "draft" else "/admin/banks/import"
    content = json.dumps(bank_data(title={"zh": "\ud800", "en": "Bank"})).encode()

    page = send(office, address, content, "bank.json")

    assert page.status in {400, 422}
    assert "U+D800" in page.text
    assert now(session, draft).revision == 1


def test_the_schema_that_a_bank_in_json_names_can_be_fetched_under_that_name(
    office: Browser, draft: int
) -> None:
    page = office.get(f"/admin/banks/{draft}/files")
    reply = office.client.get(f"/admin/banks/{draft}/files/json/file")

    named = json.loads(reply.data)["$schema"]
    assert f'href="/schemas/bank-1.json" download="{named}"' in page.html
    schema = office.client.get("/schemas/bank-1.json")
    assert named in schema.headers["Content-Disposition"]
    reply.close()
    schema.close()


def test_a_file_with_a_list_of_thousands_is_refused_before_it_is_compared(
    office: Browser, session: Session, draft: int
) -> None:
    many = bank_data() | {"sections": [{"key": f"s{number}"} for number in range(5000)]}
    content = json.dumps(many).encode()

    new = send(office, "/admin/banks/import", content, "many.json")
    into = send(office, f"/admin/banks/{draft}/files", content, "many.json")

    assert (new.status, into.status) == (422, 422)
    assert "more than 1000 parts" in new.text
    assert now(session, draft).revision == 1
