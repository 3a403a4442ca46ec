"""A condition is built from menus, the draft is looked at as firms see it, weights are compared.

Pictures of the way are kept where SURVEY_PICTURES says.
"""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from survey import application
from survey.services import drafts
from survey.store.db import open_engine
from tests.builders import bank_data, domain, ladder, number, section
from tests.journeys.conftest import Opener, Site, must_be_accessible, picture, sign_in
from tests.stored import NOW

LIST = "sections/everything/domains/first/questions"
HAND = {"width": 390, "height": 844}


@pytest.fixture
def draft_id(site: Site) -> int:
    """A draft of its own for every journey."""
    asked = (ladder(weight=50), number(weight=30), ladder("detail", weight=20))
    data = bank_data(section("everything", "A", domain("first", *asked)), key="tried")
    app = application.create_app(site.settings)
    engine = open_engine(site.settings.database_url)
    with app.app_context(), Session(engine) as session:
        found = drafts.begin_with(session, document=data, by=None, now=NOW).id
        session.commit()
    engine.dispose()
    return found


def an_administrator(open_browser: Opener, *, script: bool = True, **facts: object) -> Page:
    page = open_browser(script=script, **facts)
    sign_in(page, "administrator@example.com")
    return page


@pytest.mark.parametrize("script", [True, False])
def test_a_question_gets_a_condition_and_is_looked_at(
    open_browser: Opener, draft_id: int, *, script: bool
) -> None:
    page = an_administrator(open_browser, script=script)
    page.goto(f"/admin/banks/{draft_id}/parts/{LIST}/detail")
    builder = page.locator("[data-condition][data-prefix=when]")

    builder.locator("button[value=add]").click()
    builder.locator("[name='when.0.question']").select_option("planning")
    if not script:
        builder.locator("button[value=show]").first.click()
    builder.locator("[name='when.0.way']").select_option("at-least")
    if not script:
        page.locator(".ws-save button").click()  # the value can be chosen once the test is sent
    builder.locator("select[name='when.0.number']").select_option("3")
    if script:
        expect(builder.locator("[data-said] [lang=en]")).to_contain_text("is “Step 3” or higher")
        expect(builder.locator("[data-said] [lang=zh-CN]")).to_contain_text("达到“第3步”或更高")
        must_be_accessible(page)
        picture(page, "condition")
    page.locator(".ws-save button").click()
    expect(page.locator(".notice-success")).to_be_visible()

    page.goto(f"/admin/banks/{draft_id}/preview?page=everything")
    detail = page.locator("[data-question=detail]")
    expect(detail).to_be_hidden()
    page.locator("[name=q_planning][value=level-4]").check()
    if not script:
        page.locator(".follow button[name=go][value=everything]").click()
    expect(detail).to_be_visible()
    if script:
        must_be_accessible(page)
        picture(page, "preview")


def test_the_score_of_a_preview_comes_with_its_trace(open_browser: Opener, draft_id: int) -> None:
    page = an_administrator(open_browser, size=HAND)
    page.goto(f"/admin/banks/{draft_id}/preview?page=everything")

    page.locator("[name=q_planning][value=level-4]").check()
    page.locator(".follow button[value=_result]").click()
    missing = page.locator("button[formaction$='#q_detail']")
    expect(missing).to_be_visible()
    missing.click()
    page.wait_for_url("**#q_detail")
    page.locator("button[name=fill][value=most]").click()
    page.locator(".follow button[value=_result]").click()

    expect(page.locator(".preview-pane .sum").first).to_contain_text("90.0")
    must_be_accessible(page)
    picture(page, "preview-score")
    page.locator("button[name=speak][value=en]").click()
    expect(page.locator(".preview-pane[lang=en]")).to_contain_text("of 100")


def test_weights_are_added_up_and_filled_in_from_comparisons(
    open_browser: Opener, draft_id: int
) -> None:
    page = an_administrator(open_browser)
    address = f"/admin/banks/{draft_id}/weights/{LIST.removesuffix('/questions')}"
    page.goto(address)
    total = page.locator("[data-sum]")

    page.fill("[name='w.planning.']", "60.5")
    expect(total).to_contain_text("110.5")
    expect(page.locator("[data-unsound]")).to_be_visible()
    must_be_accessible(page)
    picture(page, "weights")

    page.goto(address.replace("/weights/", "/weighing/"))
    for pair, value in (("planning:years", "2"), ("planning:detail", "4"), ("years:detail", "2")):
        page.locator(f"[name='c:{pair}']").select_option(value)
    page.locator("[name=decimals]").select_option("0")
    page.locator("button[value=preview]").click()
    expect(page.locator("#proposal")).to_contain_text("0.000")
    must_be_accessible(page)
    picture(page, "weighing")
    page.locator("button[value=apply]").click()

    expect(page.locator("[name='w.planning.']")).to_have_value("57")
    expect(total).to_contain_text("100")
