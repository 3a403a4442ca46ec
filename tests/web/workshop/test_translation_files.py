"""Translations fetched as a file, and loaded back: shown first, then taken in one edit."""

import zlib
from base64 import b64encode
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook, load_workbook
from sqlalchemy.orm import Session

from survey.core import places
from survey.core.text import Locale
from survey.core.texts import texts
from survey.services import banks, drafts
from survey.services.drafts import Draft
from survey.services.people import Actor
from survey.store.models import User
from tests import stored
from tests.browser import Browser, Page
from tests.builders import bank_data
from tests.stored import NOW
from tests.web.uploads import upload

PROMPT = "sections/everything/domains/first/questions/planning/prompt"
APPLY = "/admin/banks/{}/translations/apply"


@pytest.fixture
def administrator(session: Session) -> Actor:
    actor = stored.an_administrator(session)
    session.commit()
    return actor


@pytest.fixture
def office(app: Flask, session: Session, administrator: Actor) -> Browser:
    return Browser(app, language=Locale.EN).be(session.get_one(User, administrator.user_id))


@pytest.fixture
def draft_id(session: Session) -> int:
    version = banks.store_draft(session, data=bank_data(), now=NOW)
    session.commit()
    return version.id


def reword(session: Session, version_id: int, place: str, **words: str) -> None:
    def change(document: dict[str, Any]) -> dict[str, Any]:
        where = places.parse(place)
        changed: dict[str, Any] = places.put(document, where, places.get(document, where) | words)
        return changed

    drafts.edit(
        session,
        version_id,
        seen=draft_of(session, version_id).revision,
        change=change,
        act="set",
        place=place,
        by=None,
        now=NOW,
    )
    session.commit()


def draft_of(session: Session, version_id: int) -> Draft:
    session.expire_all()
    return drafts.opened(session, version_id)


def english(session: Session, version_id: int, place: str) -> str:
    document = draft_of(session, version_id).document
    said: str = places.get(document, (*places.parse(place), "en"))
    return said


def fetched(browser: Browser, version_id: int, kind: str) -> bytes:
    reply = browser.client.get(f"/admin/banks/{version_id}/translations/{kind}")
    assert reply.status_code == 200
    content: bytes = reply.data
    return content


def load(browser: Browser, version_id: int, content: bytes, name: str = "en.po") -> Page:
    return upload(browser, f"/admin/banks/{version_id}/translations/load", content, name=name)


def translated(content: bytes, old: str, new: str) -> bytes:
    """A PO file with another translation of one text."""
    assert f'msgstr "{old}"'.encode() in content
    return content.replace(f'msgstr "{old}"'.encode(), f'msgstr "{new}"'.encode(), 1)


def edited(content: bytes, act: Callable[[Workbook], object]) -> bytes:
    book = load_workbook(BytesIO(content))
    act(book)
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def cell_of(book: Workbook, place: str, column: str) -> Any:
    sheet = book.worksheets[0]
    row = next(number for number, cell in enumerate(sheet["A"], start=1) if cell.value == place)
    return sheet[f"{column}{row}"]


@pytest.mark.parametrize("kind", ["po", "xlsx"])
def test_an_unchanged_file_changes_nothing(
    office: Browser, session: Session, draft_id: int, kind: str
) -> None:
    reword(session, draft_id, PROMPT, zh="换了说法的问题？")
    reword(session, draft_id, "title", en="Another name")
    reword(session, draft_id, "notice", en="")
    before = draft_of(session, draft_id)

    page = load(office, draft_id, fetched(office, draft_id, kind), f"en.{kind}")

    assert page.status == 200
    assert "There is nothing to take" in page.text
    office.send(page, APPLY.format(draft_id))
    assert draft_of(session, draft_id) == before


@pytest.mark.parametrize("kind", ["po", "xlsx"])
def test_a_translation_is_shown_and_then_taken_as_reviewed(
    office: Browser, session: Session, draft_id: int, kind: str
) -> None:
    reword(session, draft_id, "title", zh="新的名字")
    content = fetched(office, draft_id, kind)
    if kind == "po":
        content = translated(content, "Test bank", "The new name")
        content = content.replace(b'#, fuzzy\n#| msgid "', b'#| msgid "', 1)
    else:

        def fill_in(book: Workbook) -> None:
            cell_of(book, "title", "E").value = "The new name"
            cell_of(book, "title", "F").value = "已审核 reviewed"

        content = edited(content, fill_in)

    page = load(office, draft_id, content, f"en.{kind}")

    assert "<ins>" in page.html
    assert english(session, draft_id, "title") == "Test bank"
    reply = office.send(page, APPLY.format(draft_id))
    assert reply.status == 303
    assert english(session, draft_id, "title") == "The new name"
    assert draft_of(session, draft_id).ledger == {}
    assert drafts.edits(session, draft_id, most=1)[0].act == "import"


def test_a_fuzzy_translation_is_taken_as_not_reviewed(
    office: Browser, session: Session, draft_id: int
) -> None:
    content = translated(fetched(office, draft_id, "po"), "Test bank", "A guess")
    content = content.replace(b'msgctxt "title"', b'#, fuzzy\nmsgctxt "title"')

    office.send(load(office, draft_id, content), APPLY.format(draft_id))

    assert english(session, draft_id, "title") == "A guess"
    assert draft_of(session, draft_id).ledger["title"]["state"] == "draft"


def test_a_file_can_only_mark_as_reviewed(office: Browser, session: Session, draft_id: int) -> None:
    reword(session, draft_id, "title", en="Another name")
    content = fetched(office, draft_id, "po").replace(b"#, fuzzy\n", b"")

    page = load(office, draft_id, content)
    office.send(page, APPLY.format(draft_id))

    assert "Marked as reviewed" in page.text
    assert draft_of(session, draft_id).ledger == {}


def test_a_source_that_changed_since_is_asked_about_and_makes_the_translation_stale(
    office: Browser, session: Session, draft_id: int
) -> None:
    content = translated(fetched(office, draft_id, "po"), "Test bank", "From the file")
    reword(session, draft_id, "title", zh="后来的名字")

    page = load(office, draft_id, content)

    assert "The source has changed since the file was made" in page.text
    office.send(page, APPLY.format(draft_id))
    assert english(session, draft_id, "title") == "Test bank"
    office.send(page, APPLY.format(draft_id), take="title")
    assert english(session, draft_id, "title") == "From the file"
    entry = draft_of(session, draft_id).ledger["title"]
    assert (entry["state"], entry["source"]) == ("stale", "测试题库")


@pytest.mark.parametrize("kind", ["po", "xlsx"])
def test_chinese_that_was_written_over_in_the_file_is_told_with_its_cell(
    office: Browser, session: Session, draft_id: int, kind: str
) -> None:
    content = fetched(office, draft_id, kind)
    if kind == "po":
        content = translated(content, "Test bank", "From the file")
        content = content.replace('msgid "测试题库"'.encode(), 'msgid "改过的题库"'.encode())
        lines = content.decode().split("\n")
        number = lines.index('msgctxt "title"') + 1
        spot = f"Line {number} of the PO file"
    else:

        def fill_in(book: Workbook) -> None:
            cell_of(book, "title", "D").value = "改过的题库"
            cell_of(book, "title", "E").value = "From the file"

        content = edited(content, fill_in)
        spot = "row 2, column D"

    page = load(office, draft_id, content, f"en.{kind}")

    assert f"{spot}: the Chinese has been changed in the file" in page.text
    assert "The source has changed since" not in page.text
    office.send(page, APPLY.format(draft_id))
    assert draft_of(session, draft_id).document["title"] == {
        "zh": "测试题库",
        "en": "From the file",
    }


def test_a_translation_that_somebody_else_changed_is_asked_about(
    office: Browser, session: Session, draft_id: int
) -> None:
    content = translated(fetched(office, draft_id, "po"), "Test bank", "From the file")
    reword(session, draft_id, "title", en="From somebody else")

    page = load(office, draft_id, content)

    assert "Somebody else has changed the translation meanwhile" in page.text
    office.send(page, APPLY.format(draft_id))
    assert english(session, draft_id, "title") == "From somebody else"
    office.send(page, APPLY.format(draft_id), **{"all.translation-changed": "1"})
    assert english(session, draft_id, "title") == "From the file"


def test_what_only_somebody_else_changed_stays(
    office: Browser, session: Session, draft_id: int
) -> None:
    content = fetched(office, draft_id, "po")
    reword(session, draft_id, "title", en="From somebody else")

    page = load(office, draft_id, content)

    assert "There is nothing to take" in page.text


def test_unknown_places_and_empty_translations_are_told(office: Browser, draft_id: int) -> None:
    content = translated(fetched(office, draft_id, "po"), "Test bank", "")
    content += '\nmsgctxt "nowhere/title"\nmsgid "无"\nmsgstr "None"\n'.encode()

    page = load(office, draft_id, content)

    assert "There is no such place in this draft" in page.text
    assert "nowhere/title" in page.text
    assert "No translation in the file" in page.text


def test_a_change_made_between_the_report_and_its_sending_is_a_clash(
    office: Browser, session: Session, draft_id: int
) -> None:
    content = translated(fetched(office, draft_id, "po"), "Test bank", "From the file")
    page = load(office, draft_id, content)
    reword(session, draft_id, "title", en="From somebody else")

    clash = office.send(page, APPLY.format(draft_id))

    assert clash.status == 422
    assert "From somebody else" in clash.text
    assert english(session, draft_id, "title") == "From somebody else"
    office.send(clash, APPLY.format(draft_id), **{"clash.0.keep": "mine"})
    assert english(session, draft_id, "title") == "From the file"


def test_a_file_of_another_version_is_compared_by_its_texts_alone(
    office: Browser, session: Session, draft_id: int
) -> None:
    content = translated(fetched(office, draft_id, "po"), "Test bank", "From the file")
    content = content.replace(b"test-bank 1.1", b"test-bank 9.99")
    reword(session, draft_id, "title", en="From somebody else")

    office.send(load(office, draft_id, content), APPLY.format(draft_id))

    assert english(session, draft_id, "title") == "From the file"


def test_wrong_cells_are_named_and_the_others_are_taken(
    office: Browser, session: Session, draft_id: int
) -> None:
    def spoil(book: Workbook) -> None:
        cell_of(book, "title", "E").value = "=1+1"
        cell_of(book, "summary", "E").value = "A better summary."
        cell_of(book, "notice", "F").value = "finished"

    content = edited(fetched(office, draft_id, "xlsx"), spoil)

    page = load(office, draft_id, content, "en.xlsx")
    office.send(page, APPLY.format(draft_id))

    assert "2 things in the file are not taken as they stand:" in page.text
    assert "row 2, column E: there is a formula" in page.text
    assert "row 4, column F: “finished” is not a state" in page.text
    assert english(session, draft_id, "summary") == "A better summary."
    assert english(session, draft_id, "title") == "Test bank"


@pytest.mark.parametrize("kind", ["po", "xlsx"])
def test_what_runs_in_a_translation_is_taken_out_and_told_with_its_place(
    office: Browser, session: Session, draft_id: int, kind: str
) -> None:
    runs = "Hi <script>alert(1)</script><img src=x onerror=alert(2)>there"
    content = fetched(office, draft_id, kind)
    content = (
        translated(content, "Test bank", runs)
        if kind == "po"
        else edited(content, lambda book: setattr(cell_of(book, "title", "E"), "value", runs))
    )

    page = load(office, draft_id, content, f"en.{kind}")
    office.send(page, APPLY.format(draft_id))

    place = "Line " if kind == "po" else "row 2, column E: "
    assert "1 thing in the file is not taken as it stands:" in page.text
    assert place in page.text
    assert "taken out of the translation (<script>, <img>, src=x, onerror)" in page.text
    assert english(session, draft_id, "title") == "Hi there"


def test_texts_without_chinese_are_named_in_the_po_file_and_stand_in_the_workbook(
    office: Browser, session: Session, draft_id: int
) -> None:
    reword(session, draft_id, PROMPT, zh="")

    text = fetched(office, draft_id, "po").decode()
    content = fetched(office, draft_id, "xlsx")
    book = load_workbook(BytesIO(content))
    content = edited(
        content, lambda book: setattr(cell_of(book, PROMPT, "E"), "value", "How is it planned?")
    )
    office.send(load(office, draft_id, content, "en.xlsx"), APPLY.format(draft_id))

    assert "# Texts without Chinese, not in this file: 1." in text
    assert f"# {PROMPT}\n" in text
    assert f'msgctxt "{PROMPT}"' not in text
    assert cell_of(book, PROMPT, "D").value is None
    assert cell_of(book, PROMPT, "F").value == "未审核 not reviewed"
    assert "The Chinese is missing. Write it in the editor." in cell_of(book, PROMPT, "G").value
    assert english(session, draft_id, PROMPT) == "How is it planned?"
    assert draft_of(session, draft_id).ledger[PROMPT]["state"] == "draft"


def test_texts_without_chinese_are_told_beside_the_files_with_their_links(
    office: Browser, session: Session, draft_id: int
) -> None:
    before = office.get(f"/admin/banks/{draft_id}/translations")
    reword(session, draft_id, PROMPT, zh="")
    one = office.get(f"/admin/banks/{draft_id}/translations")
    document = draft_of(session, draft_id).document
    with_chinese = [text for text in texts(document) if text.zh]
    for text in with_chinese[:21]:
        reword(session, draft_id, text.place, zh="")
    many = office.get(f"/admin/banks/{draft_id}/translations")

    assert "its Chinese" not in before.text
    assert "1 text lacks its Chinese and is not in the PO file" in one.text
    assert f"#f-{PROMPT.replace('/', '--')}" in one.html
    assert "22 texts lack their Chinese" in many.text
    assert "2 more are not shown." in many.text


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b'msgid "cut o', "en.po", "Line 1 of the PO file cannot be read"),
        (b"", "en.po", "There are no texts in this file"),
        ("题库".encode("gbk"), "en.po", "The PO file is not in UTF-8"),
        (b"no workbook", "en.xlsx", "This is not a workbook in the .xlsx format"),
        (b"PK\x03\x04broken", "en.xlsx", "cannot be read"),
        (b"\x89PNG\r\n\x1a\n", "picture.png", "This is neither a PO file nor a workbook."),
        (b"%PDF-1.7\n", "en.po", "This is neither a PO file nor a workbook."),
    ],
)
def test_a_file_that_cannot_be_read_gets_a_sentence(
    office: Browser, session: Session, draft_id: int, content: bytes, name: str, said: str
) -> None:
    page = load(office, draft_id, content, name)

    assert page.status == 422
    assert said in page.text
    assert draft_of(session, draft_id).revision == 1


def test_a_file_that_is_far_too_large_gets_a_sentence(
    office: Browser, session: Session, draft_id: int
) -> None:
    page = load(office, draft_id, b"#" * 5 * 1024 * 1024)
    just = load(office, draft_id, b"#" * (4 * 1024 * 1024 + 1))

    assert page.status == 413
    assert page.all("h1")
    assert just.status == 413
    assert "The PO file is larger than 4 MB." in just.text
    assert draft_of(session, draft_id).revision == 1


def test_a_workbook_without_the_columns_and_no_file_at_all_get_a_sentence(
    office: Browser, draft_id: int
) -> None:
    empty = BytesIO()
    Workbook().save(empty)

    page = load(office, draft_id, empty.getvalue(), "en.xlsx")
    nothing = office.post(f"/admin/banks/{draft_id}/translations/load", {})

    assert "No sheet of the workbook has the columns" in page.text
    assert nothing.status == 422
    assert "Choose a .po or .xlsx file" in nothing.text


@pytest.mark.parametrize(
    "lines",
    [
        "",
        "no base64",
        b64encode(b"no zlib").decode(),
        b64encode(zlib.compress(b"no json")).decode(),
        b64encode(zlib.compress(b'{"a": 1}')).decode(),
        b64encode(zlib.compress(b'[["title", "", "x", 1, "changed"]]')).decode(),
        b64encode(zlib.compress(b'[["title", "", "x", true, "odd"]]')).decode(),
        b64encode(zlib.compress(b" " * 20_000_000)).decode(),
        b64encode(zlib.compress(b"[" * 100_000)).decode(),
    ],
)
def test_a_forged_form_is_refused(
    office: Browser, session: Session, draft_id: int, lines: str
) -> None:
    reply = office.post(APPLY.format(draft_id), {"seen": "1", "lines": lines})

    assert reply.status == 400
    assert draft_of(session, draft_id).revision == 1


def test_files_of_a_published_version_are_fetched_and_not_loaded(
    office: Browser, session: Session, draft_id: int
) -> None:
    content = fetched(office, draft_id, "po")
    banks.publish(session, draft_id, now=NOW)
    session.commit()

    assert fetched(office, draft_id, "po") == content
    assert load(office, draft_id, content).status in (400, 409, 422)
    assert office.post(APPLY.format(draft_id), {"seen": "1"}).status in (400, 409, 422)
