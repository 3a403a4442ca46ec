"""A firm prepares away from the site: the questions as a PDF, and a workbook that comes back.

Pictures of the way are kept where SURVEY_PICTURES says.
"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pypdfium2 import PdfDocument
from sqlalchemy.orm import Session

from survey.store.db import open_engine
from tests.builders import bank_data
from tests.journeys.conftest import (
    DESK,
    PHONE,
    Opener,
    Site,
    must_be_accessible,
    picture,
    sign_in,
)
from tests.stored import a_version
from tests.workbooks import filled_in

PATIENCE = 180_000
TITLE = "准备题库"


@pytest.fixture(scope="module")
def version_id(site: Site) -> int:
    engine = open_engine(site.settings.database_url)
    with Session(engine) as session:
        titles = {"zh": TITLE, "en": "Bank to prepare"}
        found = a_version(session, bank_data(key="pack-bank", title=titles)).id
        session.commit()
    engine.dispose()
    return found


def looked_at(page: Page, name: str) -> None:
    """Fit for everybody at a desk and on a phone."""
    for size in (DESK, PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]  # a dictionary with both keys
        must_be_accessible(page)
        picture(page, f"{name}-{size['width']}")
    page.set_viewport_size(DESK)  # type: ignore[arg-type]  # a dictionary with both keys


def downloaded(page: Page, button: str, folder: Path) -> Path:
    with page.expect_download(timeout=PATIENCE) as download:
        page.click(button)
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def shown(page: Page, pack: str, workbook: Path) -> None:
    """Send the workbook, and wait for what it would change."""
    page.goto(pack)
    page.set_input_files("#file", workbook)
    page.click("form[action$='/pack/load'] button[type=submit]")
    expect(page.locator("form[action$='/pack/save']")).to_be_visible(timeout=PATIENCE)


def test_a_pack_is_printed_and_a_workbook_filled_in_and_loaded_back(
    site: Site, open_browser: Opener, version_id: int, tmp_path: Path
) -> None:
    page = open_browser()
    sign_in(page, "owner@example.com")
    page.goto("/firm")
    page.locator(f"button[name=version][value='{version_id}']").first.click()
    page.wait_for_url(re.compile(r"/assessments/\d+$"))
    hub = page.url
    page.click("a[href$='/pack']")
    pack = page.url
    looked_at(page, "pack-zh")

    page.click("form[action$='/pack'] button[type=submit]")
    expect(page.locator("a[href$='/file']")).to_be_visible(timeout=PATIENCE)
    looked_at(page, "made-zh")
    printed = downloaded(page, "a[href$='/file']", tmp_path)
    page.goto(pack)
    fetched = downloaded(page, "form[action$='/pack/workbook'] button", tmp_path)
    workbook = tmp_path / "filled.xlsx"
    workbook.write_bytes(
        filled_in(fetched.read_bytes(), planning="第3步", product="阀门", years="大约十年")
    )

    shown(page, pack, workbook)
    looked_at(page, "load-zh")
    expect(page.locator("table", has_text="大约十年")).to_be_visible()
    page.goto(f"{hub}/pages/everything")
    expect(page.locator("[name=q_product]")).to_have_value("")
    shown(page, pack, workbook)
    page.click("form[action$='/pack/save'] button.btn-primary")
    page.wait_for_url(hub)
    page.goto(f"{hub}/pages/everything")

    assert TITLE in PdfDocument(printed)[0].get_textpage().get_text_range()
    expect(page.locator("[name=q_planning][value=level-3]")).to_be_checked()
    expect(page.locator("[name=q_product]")).to_have_value("阀门")
    expect(page.locator("[name=q_years]")).to_have_value("")

    page.goto(pack)
    page.click("header button[name=language]")
    expect(page.locator("html")).to_have_attribute("lang", re.compile("^en"))
    looked_at(page, "pack-en")
    shown(page, pack, workbook)
    looked_at(page, "load-en")
    page.goto(pack)
    page.check("form[action$='/pack'] input[value=zh]")
    page.click("form[action$='/pack'] button[type=submit]")
    expect(page.locator("a[href$='/file']")).to_be_visible(timeout=PATIENCE)
    looked_at(page, "made-en")
