"""The page of questions under the hands: what comes and goes, what is early, what is not kept."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Dialog, Page, Route, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.services.people import actor_of
from survey.store.db import open_engine
from survey.store.models import User
from tests.builders import bank_data, domain, ladder, number, section, words
from tests.journeys.conftest import Opener, Site, picture, sign_in
from tests.journeys.test_outbox import state, word
from tests.stored import a_submitted_assessment, a_version

HAND = {"width": 390, "height": 844}
TERM = {
    "key": "erp",
    "term": {"zh": "企业资源计划", "en": "ERP"},
    "meaning": {"zh": "管理订单和物料的软件。", "en": "Software for orders and materials."},
}
BEFORE = {
    "production-type": {"option": "discrete"},
    "planning": {"option": "level-3"},
    "years": {"number": "5"},
    "product": {"text": "闸阀"},
    "notes": {"text": "无"},
}


@pytest.fixture(scope="module")
def version_id(site: Site) -> Iterator[int]:
    """A bank whose second question depends on the first, answered once before."""
    asked = domain(
        "first",
        ladder("planning", terms=["erp"]),
        number("years", when={"question": "planning", "at_least": 3}),
        words("product"),
        words("notes"),
    )
    titles = {"zh": "手感题库", "en": "Bank under the hands"}
    data = bank_data(section("everything", "A", asked), key="asking", title=titles, glossary=[TERM])
    engine = open_engine(site.settings.database_url)
    with Session(engine) as session:
        version = a_version(session, data)
        owner = session.scalars(select(User).filter_by(email="owner@example.com")).one()
        actor = actor_of(session, owner.id)
        a_submitted_assessment(session, actor, version=version, answers=BEFORE)
        session.commit()
        yield version.id
    engine.dispose()


def asked(page: Page, version_id: int) -> str:
    """Open the page; the assessment is begun now unless one is under way."""
    sign_in(page, "owner@example.com")
    page.goto("/firm")
    going = page.locator(
        "main a[href^='/assessments/']:not([href$='/result'])", has_text="手感题库"
    )
    begin = page.locator(f"button[name=version][value='{version_id}']")
    (going if going.count() else begin).first.click()
    page.wait_for_url(re.compile(r"/assessments/\d+$"))
    address = f"{page.url}/pages/everything"
    page.goto(address)
    return address


def test_answers_of_the_last_time_count_once_they_are_confirmed(
    site: Site, open_browser: Opener, version_id: int
) -> None:
    page = open_browser()
    address = asked(page, version_id)
    offer = page.locator("#q_planning-box [data-offer]")
    expect(offer).to_contain_text("第3步")
    expect(page.locator("[data-progress]")).to_contain_text("已答0题")

    offer.locator("button").click()

    expect(page.locator("#q_planning-box input[value=level-3]")).to_be_checked()
    expect(page.locator(state("planning"))).to_contain_text("已于")
    expect(page.locator("#q_planning")).to_be_focused()
    expect(page.locator("[data-progress]")).to_contain_text("已答1题")

    plain = open_browser(script=False)
    sign_in(plain, "owner@example.com")
    plain.goto(address)
    plain.click("#confirm-all button")
    plain.goto(address)
    expect(plain.locator("#q_product")).to_have_value("闸阀")
    expect(plain.locator("#q_product-box [data-offer]")).to_have_count(0)


def test_a_word_is_explained_by_keyboard_and_closed_again(
    site: Site, open_browser: Opener, version_id: int
) -> None:
    page = open_browser()
    asked(page, version_id)
    summary = page.locator("details.term summary")
    meaning = page.get_by_text("管理订单和物料的软件。")
    expect(meaning).to_be_hidden()

    summary.focus()
    page.keyboard.press("Enter")
    expect(meaning).to_be_visible()
    page.keyboard.press("Escape")

    expect(meaning).to_be_hidden()
    expect(summary).to_be_focused()
    summary.click()
    expect(meaning).to_be_visible()
    page.locator("h1").click()
    expect(meaning).to_be_hidden()


def test_questions_come_and_go_while_the_reader_stays_where_he_is(
    site: Site, open_browser: Opener, version_id: int
) -> None:
    page = open_browser(size=HAND)
    asked(page, version_id)
    years = page.locator("#q_years-box")
    here = page.locator("#q_planning-box input[value=level-2]")
    here.check()
    expect(years).to_be_hidden()
    here.focus()
    before = here.bounding_box()

    page.keyboard.press("ArrowDown")

    expect(years).to_be_visible()
    there = page.locator("#q_planning-box input[value=level-3]")
    expect(there).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(years).to_be_hidden()
    expect(here).to_be_focused()
    after = here.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) < 2


def test_a_chosen_answer_can_be_cleared(site: Site, open_browser: Opener, version_id: int) -> None:
    page = open_browser()
    asked(page, version_id)
    box = page.locator("#q_planning-box")
    clear = box.locator("button[name=clear]")
    box.locator("input[value=level-4]").check()
    expect(page.locator(state("planning"))).to_contain_text("已于")

    clear.click()

    expect(box.locator("input:checked")).to_have_count(0)
    expect(page.locator("#q_planning")).to_be_focused()
    expect(clear).to_be_hidden()
    expect(page.locator(state("planning"))).to_contain_text("已于")
    page.reload()
    expect(box.locator("input:checked")).to_have_count(0)


def test_what_is_typed_before_the_scripts_have_come_is_saved_by_them(
    site: Site, open_browser: Opener, version_id: int
) -> None:
    page = open_browser()
    address = asked(page, version_id)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/answers*.js*", hold)
    page.goto(address, wait_until="commit")
    page.fill("#q_notes", "早写的字")
    page.wait_for_function("window.outbox")

    held[0].continue_()

    expect(page.locator(state("notes"))).to_contain_text("已于")
    page.unroute("**/answers*.js*")
    page.reload()
    expect(page.locator("#q_notes")).to_have_value("早写的字")


def test_a_browser_that_keeps_nothing_says_so_and_asks_before_it_is_left(
    site: Site, open_browser: Opener, version_id: int
) -> None:
    page = open_browser()
    page.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined })")
    asked(page, version_id)
    asks: list[str] = []

    def go(dialog: Dialog) -> None:
        asks.append(dialog.type)
        dialog.accept()

    page.on("dialog", go)
    page.route("**/answers/**", lambda route: route.abort())
    page.locator("#q_notes").click()
    page.keyboard.type("不能丢")
    page.keyboard.press("Tab")

    expect(page.locator(state("notes"))).to_have_text(word(page, "unkept"), timeout=20_000)
    page.reload()
    assert asks == ["beforeunload"]


def test_what_is_refused_stays_until_it_is_discarded(
    site: Site, open_browser: Opener, version_id: int
) -> None:
    page = open_browser()
    asked(page, version_id)
    stored = page.input_value("#q_notes")
    page.on("dialog", lambda dialog: dialog.accept())
    page.route(
        "**/answers/notes**",
        lambda route: route.fulfill(status=422, json={"state": "refused", "message": "太长了。"}),
    )
    page.fill("#q_notes", "退回的字")
    page.locator("#q_notes").blur()
    expect(page.locator(state("notes"))).to_have_text("太长了。")
    page.reload()
    outbox = page.locator("#outbox")
    expect(page.locator("#q_notes")).to_have_value("退回的字")

    outbox.locator("summary").click()
    expect(outbox.locator("li")).to_contain_text("退回的字")
    outbox.locator("li button").click()

    expect(outbox).to_be_hidden()
    expect(page.locator("#q_notes")).to_have_value(stored)


def test_a_half_step_goes_with_its_step_and_comes_back_with_it(
    site: Site, open_browser: Opener, version_id: int
) -> None:
    page = open_browser()
    asked(page, version_id)
    box = page.locator("#q_planning-box")
    half = box.locator("input[name='q_planning.half']")
    box.locator("input[value=level-2]").check()
    half.check()

    box.locator("input[value=level-3]").check()
    expect(half).not_to_be_checked()
    box.locator("input[value=level-2]").check()
    expect(half).to_be_checked()
    box.locator("input[value=level-4]").check()
    expect(page.locator(state("planning"))).to_contain_text("已于")
    page.reload()

    expect(box.locator("input[value=level-4]")).to_be_checked()
    expect(half).not_to_be_checked()


def test_what_is_refused_is_listed_in_the_words_of_the_page(
    site: Site, open_browser: Opener, version_id: int
) -> None:
    page = open_browser()
    asked(page, version_id)
    page.route(
        "**/answers/planning**",
        lambda route: route.fulfill(status=422, json={"state": "refused", "message": "不行。"}),
    )
    page.locator("#q_planning-box input[value=level-1]").check()
    expect(page.locator(state("planning"))).to_have_text("不行。")

    page.locator("#outbox summary").click()

    expect(page.locator("#outbox li q")).to_have_text("第1步")


def test_the_strip_of_what_waits_never_covers_the_field_in_hand(
    site: Site, open_browser: Opener, version_id: int
) -> None:
    page = open_browser(size=HAND)
    asked(page, version_id)
    page.locator("#q_notes").focus()
    page.evaluate(
        "scrollBy({ top: document.activeElement.getBoundingClientRect().bottom - innerHeight + 4,"
        " behavior: 'instant' })"
    )
    page.context.set_offline(True)
    page.keyboard.type("一")
    strip = page.locator("#outbox")
    expect(strip).to_be_visible()
    picture(page, "outbox-390")

    for key in ("", "Tab", "Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab"):
        if key:
            page.keyboard.press(key)
        page.wait_for_function(COVERS_NOTHING)
    box = strip.bounding_box()
    assert box is not None
    assert box["height"] < HAND["height"] / 8


COVERS_NOTHING = """() => {
  const strip = document.getElementById("outbox"), active = document.activeElement;
  const { bottom } = active.getBoundingClientRect();
  return strip.contains(active) || bottom <= strip.getBoundingClientRect().top;
}"""
