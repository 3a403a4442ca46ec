"""What administrators do with a question bank, from the first draft to the firm that goes over.

Where SURVEY_PICTURES names a folder, each journey leaves the pictures of docs/administrators.*.md
there, in the language in which it was walked: ``SURVEY_PICTURES=docs/pictures pytest -n 0
tests/journeys/test_workshop.py`` makes them all anew.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import pytest
from flask import Flask
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import application
from survey.core.text import Locale
from survey.services import accounts, banks, drafts
from survey.services.people import ADMINISTRATOR, FIRM, actor_of
from survey.store.db import open_engine
from survey.store.models import User
from tests.builders import Data
from tests.journeys.conftest import (
    DESK,
    Opener,
    Site,
    a_person,
    keep,
    must_be_accessible,
    sign_in,
    speak,
)
from tests.journeys.small_bank import ANSWERS, ENERGY, METERING, QUESTIONS, small_bank
from tests.stored import NOW, a_firm, a_submitted_assessment, a_version, an_assessment

EDITOR, COLLEAGUE = "administrator@example.com", "lin@example.com"
TITLE = ("能源管理自评", "Energy check")
HAND = {"width": 390, "height": 844}
TAGS = {Locale.ZH: "zh-CN", Locale.EN: "en-GB"}


class Office:
    """Windows in one language, on the data that a journey puts into the site beforehand."""

    def __init__(self, open_browser: Opener, app: Flask, locale: Locale) -> None:
        self.locale = locale
        self._open, self._app = open_browser, app

    def window(self, email: str = EDITOR) -> Page:
        page = self._open(locale=TAGS[self.locale])
        page.emulate_media(reduced_motion="reduce")  # no colour is looked at on its way
        sign_in(page, email)
        speak(page, TAGS[self.locale])
        return page

    def keep(self, page: Page, name: str, *, top: str = "main", bottom: str = "main") -> None:
        keep(page, f"workshop-{name}-{self.locale.value}", top=top, bottom=bottom)

    @contextmanager
    def database(self) -> Iterator[Session]:
        engine = open_engine(self._app.config["SQLALCHEMY_DATABASE_URI"])
        with self._app.app_context(), Session(engine) as session:
            yield session
            session.commit()
        engine.dispose()

    def bank(self, name: str, **changes: object) -> Data:
        """A bank of its own for every journey and language."""
        return small_bank(f"{name}-{self.locale.value}", title=TITLE, **changes)

    def published(self, name: str) -> int:
        with self.database() as session:
            return a_version(session, self.bank(name)).id

    def draft(self, name: str, **changes: object) -> int:
        """A draft of a published bank; `changes` have been made to its first question since."""
        with self.database() as session:
            editor = session.scalars(select(User).filter_by(email=EDITOR)).one()
            version = a_version(session, self.bank(name))
            draft = drafts.begin(session, source_id=version.id, by=editor.id, now=NOW)
            drafts.edit(
                session,
                draft.id,
                seen=draft.revision,
                change=lambda _: self.bank(name, **changes) | {"version": draft.number},
                act="import",
                place="",
                by=editor.id,
                now=NOW,
            )
            return draft.id


@pytest.fixture(scope="module")
def app(site: Site) -> Flask:
    return application.create_app(site.settings)


@pytest.fixture(scope="module")
def colleague(app: Flask, site: Site) -> str:
    """A second administrator."""
    engine = open_engine(site.settings.database_url)
    with app.app_context(), Session(engine) as session:
        a_person(session, COLLEAGUE, "林静", ADMINISTRATOR)
        session.commit()
    engine.dispose()
    return COLLEAGUE


@pytest.fixture(params=list(Locale), ids=lambda locale: locale.value)
def office(request: pytest.FixtureRequest, open_browser: Opener, app: Flask) -> Office:
    return Office(open_browser, app, request.param)


def save(page: Page) -> None:
    page.locator(".ws-save button").first.click()
    expect(page.locator(".notice-success")).to_be_visible()


def sound(page: Page) -> None:
    """Accessible, and not scrolling sideways, on a desk and in a hand."""
    for size in (HAND, DESK):
        page.set_viewport_size(size)  # type: ignore[arg-type]  # has both
        must_be_accessible(page)


def address(version_id: int, more: str = "") -> str:
    return f"/admin/banks/{version_id}{more}"


def test_a_question_is_reworded_in_both_languages_and_published(office: Office) -> None:
    page = office.window()
    page.goto(address(office.published("reworded")))

    page.locator("form[action$='/draft'] button").click()
    page.wait_for_url(lambda url: "/contents" in url or url.split("/")[-1].isdigit())
    draft = page.locator("nav.tabs a[href$='/contents']").get_attribute("href")
    assert draft is not None
    here = draft.removesuffix("/contents")
    page.goto(draft)
    office.keep(page, "contents", bottom=".ws-tree > section:nth-of-type(2)")
    page.locator(f"a[href$='/parts/{METERING}']").first.click()
    page.wait_for_url(f"**/parts/{METERING}")
    page.fill("[name=prompt-zh]", "主要用能设备是否分项计量?")
    expect(page.locator(".remark").first).to_be_visible()
    office.keep(page, "editor", bottom=".ws-group")
    page.fill("[name=prompt-zh]", "主要用能设备是否分项计量？")
    page.fill("[name=prompt-en]", "Is each major energy use metered separately?")
    save(page)
    sound(page)

    page.goto(f"{here}/publishing")
    expect(page.locator("form[action$='/publishing']")).to_have_count(0)
    page.goto(f"{here}/translations?state=draft")
    page.locator("[name^=reviewed]").check()
    page.locator(".tw-save .btn-primary").click()
    page.goto(f"{here}/publishing")
    page.locator("section[aria-labelledby=changes] .acts a").click()
    expect(page.locator(".diff-change")).to_have_count(1)
    expect(page.locator(".diff-change [lang=zh-CN] ins").first).to_contain_text("分项")
    expect(page.locator(".diff-change [lang=en] ins").first).to_contain_text("each")
    sound(page)
    office.keep(page, "diff")

    page.goto(f"{here}/publishing")
    office.keep(page, "publishing", bottom="section[aria-labelledby=changes]")
    sound(page)
    page.locator(".sure:has(form[action$='/publishing']) summary").click()
    page.locator("form[action$='/publishing'] button").click()
    page.goto(f"{here}/parts/{METERING}")

    expect(page.locator("fieldset.ws-whole")).to_have_attribute("disabled", "")
    expect(page.locator("[name=prompt-en]")).to_have_value(
        "Is each major energy use metered separately?"
    )
    page.goto("/admin/banks")
    office.keep(page, "versions", bottom="table.versions")


def test_a_question_with_a_condition_is_added_and_previewed(office: Office) -> None:
    draft = office.draft("condition")
    page = office.window()
    page.goto(address(draft, "/contents"))

    adding = page.locator(f"form.ws-add:has(input[value='{QUESTIONS}'])")
    adding.locator("select").select_option("text")
    adding.locator("button").click()
    page.wait_for_url("**/parts/**")
    page.fill("[name=prompt-zh]", "计量数据由谁分析？")
    page.fill("[name=prompt-en]", "Who analyses the readings?")
    builder = page.locator("[data-condition][data-prefix=when]")
    builder.locator("button[value=add]").click()
    builder.locator("[name='when.0.question']").select_option("metering")
    builder.locator("[name='when.0.way']").select_option("at-least")
    builder.locator("select[name='when.0.number']").select_option("4")
    expect(builder.locator("[data-said] [lang=en]")).to_contain_text("Read automatically")
    expect(builder.locator("[data-said] [lang=zh-CN]")).to_contain_text("自动采集")
    sound(page)
    office.keep(page, "condition", top="[data-prefix=when]", bottom="[data-prefix=when]")
    save(page)
    key = page.url.split("/parts/")[1].split("?")[0].split("#")[0].rsplit("/", 1)[-1]

    page.goto(address(draft, "/preview?page=green"))
    asked = page.locator(f"[data-question={key}]")
    expect(asked).to_be_hidden()
    page.locator("[name=q_metering][value=level-5]").check()
    expect(asked).to_be_visible()
    sound(page)
    office.keep(page, "preview", bottom="[data-question=metering]")
    page.locator("[name=q_metering][value=level-0]").check()
    expect(asked).to_be_hidden()
    page.locator("button[name=fill][value=most]").click()
    page.locator(".follow button[value=_result]").click()

    expect(page.locator(".preview-pane .sum").first).to_be_visible()
    expect(page.locator(".preview-pane table").last).to_contain_text("50")
    sound(page)
    office.keep(page, "preview-score", top=".preview-pane h3:last-of-type", bottom=".preview-pane")


def test_a_workbook_with_five_faults_is_read_corrected_and_applied(office: Office) -> None:
    draft = office.draft("sheet")
    page = office.window()
    page.goto(address(draft, "/files"))
    office.keep(page, "files", bottom="section[aria-labelledby=import-title] h2 + p")
    with page.expect_download() as fetching:
        page.locator("a[href$='/files/xlsx/file']").click()
    book = load_workbook(BytesIO(fetching.value.path().read_bytes()))
    survey, advice = book["survey"], book["advice"]
    survey[cell(survey, "label::中文 (zh)", "metering")] = "主要用能设备是否分项计量？"
    survey[cell(survey, "label::English (en)", "metering")] = "Is each energy use metered?"
    right = content(book)
    places = [
        put(survey, cell(survey, "type", "audit-years"), "barcode"),
        put(survey, cell(survey, "weight", "metering"), "heavy"),
        put(survey, cell(survey, "label::English (en)", "measures"), None),
        put(advice, f"{letter(advice, 'question')}2", "nothing"),
        put(advice, f"{letter(advice, 'to')}3", "=1+1"),
    ]

    upload(page, "能源.xlsx", content(book))

    told = page.locator("table.told tbody tr")
    for place in places:
        line = told.filter(has_text=place)
        expect(line.locator("[lang=zh-CN]")).not_to_be_empty()
        expect(line.locator("[lang=en]")).not_to_be_empty()
    assert not page.locator("input[name=import_id]").count()
    sound(page)
    office.keep(page, "faults", top="[aria-labelledby=problems-title]", bottom="table.told")

    page.goto(address(draft, "/files"))
    upload(page, "能源.xlsx", right)
    expect(page.locator(".diff-change")).to_have_count(1)
    expect(page.locator(".diff-change [lang=en] ins").first).to_be_visible()
    sound(page)
    office.keep(page, "import")
    page.locator("form[action$='/files/apply'] button").click()
    expect(page.locator(".notice-success")).to_be_visible()

    page.goto(address(draft, f"/parts/{METERING}"))
    expect(page.locator("[name=prompt-en]")).to_have_value("Is each energy use metered?")


def upload(page: Page, name: str, bytes_of_it: bytes) -> None:
    page.set_input_files("#file", {"name": name, "mimeType": "", "buffer": bytes_of_it})
    page.locator("form:has(#file) button").click()
    page.wait_for_load_state()


def content(book: Workbook) -> bytes:
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def letter(sheet: Worksheet, header: str) -> str:
    return next(cell.column_letter for cell in sheet[1] if cell.value == header)


def cell(sheet: Worksheet, header: str, question: str) -> str:
    names = sheet[letter(sheet, "name")]
    row = next(number for number, each in enumerate(names, 1) if each.value == question)
    return f"{letter(sheet, header)}{row}"


def put(sheet: Worksheet, where: str, value: str | None) -> re.Pattern[str]:
    """Plant a fault; its sheet, row and column as the page names them in either language."""
    sheet[where] = value
    found = sheet[where]
    return re.compile(rf"{sheet.title}\D+{found.row}\D[^·]*·[^·]*{found.column_letter}")


def test_two_administrators_at_one_text_lose_nothing(office: Office, colleague: str) -> None:
    draft = office.draft("clash")
    first, second = office.window(), office.window(colleague)
    for page in (first, second):
        page.goto(address(draft, f"/parts/{METERING}"))

    first.fill("[name=prompt-zh]", "主要用能设备是否分项计量？")
    save(first)
    second.fill("[name=prompt-zh]", "主要用能设备有没有独立的表计？")
    second.locator(".ws-save button").click()
    clash = second.locator(".clash")
    expect(clash).to_contain_text("主要用能设备是否分项计量？")
    expect(clash).to_contain_text("主要用能设备有没有独立的表计？")
    expect(clash).to_contain_text("管理员")
    expect(clash).to_contain_text("2026")
    sound(second)
    office.keep(second, "clash")
    second.locator("input[value=mine]").check()
    second.locator(".ws-clash .btn-primary").click()
    expect(second.locator("[name=prompt-zh]")).to_have_value("主要用能设备有没有独立的表计？")

    second.goto(address(draft, "/history"))
    edits = second.locator(".edits > li")
    expect(edits).to_have_count(2)
    expect(edits.nth(0)).to_contain_text("林静")
    expect(edits.nth(1)).to_contain_text("管理员")
    expect(edits.nth(1)).to_contain_text("主要用能设备是否分项计量？")
    sound(second)
    office.keep(second, "history")
    edits.nth(0).locator("form button").click()
    expect(edits).to_have_count(3)
    second.goto(address(draft, f"/parts/{METERING}"))
    expect(second.locator("[name=prompt-zh]")).to_have_value("主要用能设备是否分项计量？")


def test_a_stale_translation_is_found_mended_and_reviewed(office: Office) -> None:
    draft = office.draft("stale")
    page = office.window()
    page.goto(address(draft, f"/parts/{METERING}"))
    page.fill("[name=prompt-zh]", "主要用能设备是否分项计量？")
    save(page)

    page.goto(address(draft, "/translations"))
    page.locator(".tw-sum a[href*='state=stale']").click()
    row = page.locator(".tw")
    expect(row).to_have_count(1)
    expect(row.locator(".tw-diff del")).to_have_text("单独")
    expect(row.locator(".tw-diff ins")).to_have_text("分项")
    sound(page)
    office.keep(page, "stale", bottom=".tw-list")
    row.locator("textarea[lang=en]").fill("Is each major energy use metered separately?")
    row.locator("[name^=reviewed]").check()
    page.locator(".tw-save .btn-primary").click()
    expect(page.locator(".notice-success")).to_be_visible()

    page.goto(address(draft, "/translations?state=stale"))
    expect(row).to_have_count(0)
    page.goto(address(draft, "/translations?state=reviewed&q=metered separately"))
    expect(row.locator("textarea[lang=en]").first).to_have_value(
        "Is each major energy use metered separately?"
    )


def test_weights_are_filled_from_comparisons_in_pairs(office: Office) -> None:
    draft = office.draft("weights")
    page = office.window()
    page.goto(address(draft, f"/weighing/{ENERGY}"))

    for pair, value in (
        ("metering:measures", "3"),
        ("metering:audit-years", "5"),
        ("measures:audit-years", "2"),
    ):
        page.locator(f"[name='c:{pair}']").select_option(value)
    page.locator("[name=decimals]").select_option("0")
    page.locator("button[value=preview]").click()
    expect(page.locator("#proposal")).to_be_visible()
    office.keep(page, "weighing")
    page.locator("button[value=apply]").click()

    expect(page.locator("[data-sum]")).to_contain_text("100")
    sound(page)
    office.keep(page, "weights")


def test_a_dry_run_shows_its_progress_and_its_result(office: Office) -> None:
    steps = office.bank("dry")["sections"][0]["domains"][0]["questions"][0]["options"]
    options = [*steps[:-1], steps[-1] | {"points": 12}]
    draft = office.draft("dry", options=options)
    with office.database() as session:
        version = banks.get_version(session, drafts.opened(session, draft).based_on_id or 0)
        for step, name in enumerate(("江海阀门", "远山机械", "明光电子", "青松纸业"), 2):
            _firm, owner = a_firm(session, f"{name}有限公司")
            given = ANSWERS | {"metering": {"option": f"level-{step}"}}
            a_submitted_assessment(session, owner, version=version, answers=given)
    page = office.window()
    page.goto(address(draft, "/publishing"))

    page.locator("[data-dry-run-begin]").click()

    done = page.locator("[data-dry-run-done]")
    expect(done).to_be_visible()
    expect(page.locator("[data-dry-run] .dry-step progress").last).to_have_attribute("max", "4")
    expect(done.locator(".dry-firms")).to_contain_text("有限公司")
    sound(page)
    office.keep(page, "dry-run", top="[data-dry-run]", bottom="[data-dry-run]")


def test_a_firm_under_way_is_offered_the_move_and_loses_nothing(office: Office) -> None:
    email = f"owner-{office.locale.value}@example.com"
    with office.database() as session:
        old = a_version(session, office.bank("moving"))
        person = a_person(session, email, "周敏", FIRM, locale=office.locale)
        accounts.register_firm(session, user=person, firm_name="青石泵业有限公司", now=NOW)
        owner = actor_of(session, person.id)
        under_way = an_assessment(session, owner, version=old, answers=ANSWERS).id
        asked = {"zh": "主要用能设备是否分项计量？", "en": "Is each energy use metered?"}
        new = office.bank("moving", prompt=asked) | {"version": 2}
        new["sections"][0]["domains"][0]["questions"].pop()  # the name of the system
        a_version(session, new)
    page = office.window(email)

    page.goto("/firm")
    page.locator(f"a[href='/assessments/{under_way}/move']").click()
    expect(page.locator("section[aria-labelledby=dropped]")).to_contain_text("能源看板")
    expect(page.locator("section[aria-labelledby=changed] tbody tr")).to_have_count(1)
    sound(page)
    office.keep(page, "move")
    page.locator("form[action$='/move'] .btn-primary").click()
    page.wait_for_load_state()

    page.goto(f"/assessments/{under_way}/moves")
    expect(page.locator("main")).to_contain_text("能源看板")
    sound(page)
    page.goto(f"/assessments/{under_way}/pages/green")
    expect(page.locator("[name=q_metering][value=level-3]")).to_be_checked()
    expect(page.locator("main")).to_contain_text(asked[office.locale.value])
