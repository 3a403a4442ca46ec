"""Administrators at work on a draft in a real browser: problems as one types, lines, clashes.

Pictures of the way are kept where SURVEY_PICTURES says.
"""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import application
from survey.services import drafts
from survey.services.people import ADMINISTRATOR
from survey.store.db import open_engine
from survey.store.models import User
from tests.builders import bank_data
from tests.journeys.conftest import Opener, Site, a_person, must_be_accessible, picture, sign_in
from tests.stored import NOW, a_version

LIST = "sections/everything/domains/first/questions"
PLANNING = f"{LIST}/planning"
HAND = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def draft_id(site: Site) -> int:
    """A draft of a published bank, and a second administrator."""
    app = application.create_app(site.settings)
    engine = open_engine(site.settings.database_url)
    with app.app_context(), Session(engine) as session:
        a_person(session, "editor@example.com", "孙编辑", ADMINISTRATOR)
        first = session.scalars(select(User).filter_by(email="administrator@example.com")).one()
        title = {"zh": "在编题库", "en": "Bank in work"}
        published = a_version(session, bank_data(key="in-work", title=title))
        draft = drafts.begin(session, source_id=published.id, by=first.id, now=NOW)
        session.commit()
        found = draft.id
    engine.dispose()
    return found


def save(page: Page) -> None:
    with page.expect_navigation():
        page.locator(".ws-save button").click()


def test_a_question_is_reworded_and_its_problems_are_told_as_one_types(
    open_browser: Opener, draft_id: int
) -> None:
    page = open_browser(locale="en-GB")
    sign_in(page, "administrator@example.com")
    page.goto(f"/admin/banks/{draft_id}/parts/{PLANNING}")

    page.fill("[name=prompt-zh]", "企业有没有书面的转型规划?")
    page.fill("[name=prompt-en]", "")
    told = page.locator(f"[id='f-{PLANNING.replace('/', '--')}--prompt-said'] .remark")
    expect(told).to_have_count(2)
    picture(page, "editing-problems")
    must_be_accessible(page)

    page.fill("[name=prompt-zh]", "企业有没有书面的转型规划？")
    page.fill("[name=prompt-en]", "Is there a transformation plan in writing?")
    expect(told).to_have_count(0)
    save(page)

    expect(page.locator(".notice-success")).to_be_visible()
    expect(page.locator("[name=prompt-en]")).to_have_value(
        "Is there a transformation plan in writing?"
    )


def test_lines_are_added_and_moved_in_place(open_browser: Opener, draft_id: int) -> None:
    page = open_browser(size=HAND)
    sign_in(page, "administrator@example.com")
    place = f"{LIST}/security"
    page.goto(f"/admin/banks/{draft_id}/parts/{place}")
    options = page.locator("[data-lines=options] > ol > li")
    before = options.count()

    page.locator("[data-lines=options] > [data-line-act=add]").click()
    page.keyboard.type("drills")
    options.last.locator("input[lang=zh-CN], textarea[lang=zh-CN]").fill("应急演练")
    options.last.locator("input[lang=en], textarea[lang=en]").fill("Emergency drills")
    options.last.locator("[data-line-act=up]").focus()
    page.keyboard.press("Enter")
    must_be_accessible(page)
    picture(page, "editing-lines")
    save(page)

    keys = page.locator("[data-lines=options] > ol [name$='-key']").evaluate_all(
        "fields => fields.map((field) => field.value)"
    )
    assert len(keys) == before + 1
    assert keys[-2] == "drills"


def test_a_question_is_dragged_to_another_place(open_browser: Opener, draft_id: int) -> None:
    page = open_browser(size={"width": 1280, "height": 1600})
    sign_in(page, "administrator@example.com")
    page.goto(f"/admin/banks/{draft_id}/contents")
    names = page.locator(f"[data-list='{LIST}'] > li [data-node]")
    before = names.evaluate_all("nodes => nodes.map((node) => node.dataset.node)")

    names.nth(0).locator("[data-grip]").drag_to(names.nth(2), target_position={"x": 200, "y": 34})
    page.wait_for_url("**/contents#*")

    after = names.evaluate_all("nodes => nodes.map((node) => node.dataset.node)")
    assert after == [before[1], before[2], before[0]]
    must_be_accessible(page)
    picture(page, "editing-contents")


@pytest.mark.parametrize("script", [True, False])
def test_two_administrators_at_one_place_lose_nothing(
    open_browser: Opener, draft_id: int, *, script: bool
) -> None:
    address = f"/admin/banks/{draft_id}/parts/{LIST}/years"
    pages = [open_browser(script=script), open_browser(script=script, locale="en-GB")]
    for page, who in zip(pages, ("administrator", "editor"), strict=True):
        sign_in(page, f"{who}@example.com")
        page.goto(address)
    first, second = pages
    mark = "有" if script else "无"

    first.fill("[name=prompt-zh]", f"甲的问法（{mark}脚本）")
    save(first)
    second.fill("[name=prompt-zh]", f"乙的问法（{mark}脚本）")
    second.fill("[name=help-zh]", f"只有乙写了说明（{mark}脚本）")
    save(second)
    expect(second.locator(".clash")).to_contain_text(f"甲的问法（{mark}脚本）")
    expect(second.locator(".clash")).to_contain_text("管理员")
    if script:
        must_be_accessible(second)
        picture(second, "editing-clash")
    second.locator("input[value=theirs]").check()
    second.locator(".ws-clash .btn-primary").click()
    second.wait_for_load_state()

    expect(second.locator("[name=prompt-zh]")).to_have_value(f"甲的问法（{mark}脚本）")
    expect(second.locator("[name=help-zh]")).to_have_value(f"只有乙写了说明（{mark}脚本）")


@pytest.mark.parametrize(
    ("address", "field", "typed", "button"),
    [
        (f"parts/{PLANNING}", "[name=prompt-en]", "Is there a plan?", ".ws-save button"),
        ("weights/sections/everything/domains/first", "input.weight >> nth=0", "40", ".acts .btn"),
        ("translations?q=plan", "[lang=en].form-control >> nth=0", "A plan.", ".ws-save button"),
    ],
)
def test_a_lost_session_keeps_what_was_typed_and_it_is_saved_after_signing_in(
    open_browser: Opener, draft_id: int, address: str, field: str, typed: str, button: str
) -> None:
    page = open_browser(locale="en-GB")
    sign_in(page, "administrator@example.com")
    page.goto(f"/admin/banks/{draft_id}/{address}")
    page.fill(field, typed)
    page.context.clear_cookies()
    # As if the page had been open for an hour.
    page.eval_on_selector("form[data-gone]", "form => { form.dataset.knownAt = '0'; }")

    page.locator(f"form[data-gone] {button}").first.click()
    told = page.locator("[data-said].fault")
    expect(told).to_be_visible()
    expect(page.locator(field)).to_have_value(typed)

    other = page.context.new_page()
    sign_in(other, "administrator@example.com")
    page.locator(f"form[data-gone] {button}").first.click()
    expect(page.locator(".notice-success")).to_be_visible()
    expect(page.locator(field)).to_have_value(typed)


PRESSED_TWICE = """form => {
    const told = [];
    const button = form.querySelector("button");
    form.addEventListener("submit", (event) => {
        told.push([event.defaultPrevented, button.textContent, form.innerText.trim()]);
        event.preventDefault();  // nothing leaves the page: an answer would take its place
    });
    button.click();
    button.click();
    return told;
}"""


def test_a_file_is_sent_once_and_the_page_says_at_once_that_it_works(
    open_browser: Opener, draft_id: int
) -> None:
    page = open_browser(locale="en-GB")
    sign_in(page, "administrator@example.com")
    page.goto(f"/admin/banks/{draft_id}/files")
    form = page.locator("form[data-working]")
    working, takes_long = form.get_attribute("data-working"), form.get_attribute("data-long")
    page.set_input_files(
        "#file", {"name": "bank.yaml", "mimeType": "application/yaml", "buffer": b"key: in-work"}
    )

    first, second = form.evaluate(PRESSED_TWICE)

    assert first[:2] == [False, working]
    assert str(takes_long) in first[2]
    assert second[0] is True
