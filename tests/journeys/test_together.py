"""Several people answer one assessment: invited, given their parts, and met at one question.

Pictures of the way are kept where SURVEY_PICTURES says.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from survey.store.db import open_engine
from tests.builders import (
    a_profile,
    bank_data,
    choice,
    domain,
    ladder,
    number,
    section,
    words,
    yes_no,
)
from tests.journeys.conftest import (
    DESK,
    PASSWORD,
    Opener,
    Site,
    must_be_accessible,
    picture,
    sign_in,
)
from tests.stored import a_version
from tests.workbooks import filled_in

PARTS = ("production", "energy", "finance")
OMITTED = ("years", "product")
"""What everybody leaves open at first, in each part."""


HAND = {"width": 390, "height": 844}
TITLE = "共同题库"
TITLES = {"zh": TITLE, "en": "Shared bank"}


def one_part(key: str, code: str) -> dict[str, object]:
    asked = domain(
        f"all-{key}",
        ladder(f"planning-{key}"),
        number(f"years-{key}"),
        yes_no(f"conditions-{key}"),
        words(f"product-{key}", required=True),
    )
    return section(key, code, asked, weight=34 if code == "A" else 33)


@pytest.fixture(scope="module")
def version_id(site: Site) -> int:
    """A bank of three parts, for three people."""
    profile = a_profile(
        choice("production-type", "discrete", "process", required=True),
        choice("size-class", "large", "medium", "small", "micro"),
    )
    parts = [one_part(key, code) for key, code in zip(PARTS, "ABC", strict=True)]
    engine = open_engine(site.settings.database_url)
    with Session(engine) as session:
        version = a_version(
            session, bank_data(*parts, key="shared-bank", profile=profile, title=TITLES)
        )
        session.commit()
        found = version.id
    engine.dispose()
    return found


@dataclass(frozen=True)
class Hub:
    """The overview of the assessment that is shared."""

    address: str

    @property
    def path(self) -> str:
        return re.sub("^https?://[^/]+", "", self.address)


def begun(page: Page, version_id: int) -> Hub:
    """The firm's assessment with this bank; begun now unless there is one under way."""
    page.goto("/firm")
    begin = page.locator(f"button[name=version][value='{version_id}']")
    under_way = page.locator("main a[href^='/assessments/']:not([href$='/result'])", has_text=TITLE)
    under_way.first.click() if under_way.count() else begin.first.click()
    page.wait_for_url(re.compile(r"/assessments/\d+$"))
    return Hub(page.url)


def invited(owner: Page, hub: Hub, *, name: str, locale: str, part: str) -> str:
    """The link that the owner sends."""
    owner.goto(f"/firm/invitations?assessment={hub.address.rpartition('/')[2]}")
    owner.fill("#invite input[name=name]", name)
    owner.check(f"#invite input[name=locale][value={locale}]")
    owner.check("#invite input[name=scope][value=assigned]")
    owner.check(f"#invite input[name=pages][value={part}]")
    owner.locator("#invite button, #invite input[type=submit]").last.click()
    return owner.input_value("#link")


def joined(page: Page, link: str, email: str) -> None:
    page.goto(link)
    must_be_accessible(page)
    page.fill("#join input[name=email]", email)
    page.fill("#join input[name=password]", PASSWORD)
    page.fill("#join input[name=password_confirm]", PASSWORD)
    page.check("#join input[name=consent]")
    page.locator("#join [type=submit], #join button").first.click()
    page.wait_for_url(lambda address: "/join" not in address)


def answer(page: Page, hub: Hub, part: str) -> None:
    """Everything of a part but what is omitted."""
    page.goto(f"{hub.path}/pages/{part}")
    page.check(f"input[name=q_planning-{part}][value=level-3]")
    for row in ("registered", "permit"):
        page.check(f"input[name='q_conditions-{part}.row.{row}'][value=yes]")
    for key in ("planning", "conditions"):
        settled(page, f"{key}-{part}")


def settled(page: Page, question: str) -> None:
    """Wait until the page says that the answer is kept."""
    expect(page.locator(f"#q_{question}-state")).to_have_text(re.compile("已于|Saved at|Kept"))


def complete(page: Page, hub: Hub, part: str) -> list[str]:
    """Follow every link to what is missing in a part: each lands on its field, to be answered."""
    page.goto(f"{hub.path}/missing")
    links = [
        str(link.get_attribute("href"))
        for link in page.locator("main a[href*='#q_']").all()
        if f"/pages/{part}#" in str(link.get_attribute("href"))
    ]
    for link in links:
        question = link.partition("#q_")[2]
        page.goto(link)
        expect(page.locator(f"#q_{question}")).to_be_focused()
        page.keyboard.type("5" if question.startswith("years") else "阀门")
        page.keyboard.press("Tab")
        settled(page, question)
    return links


def test_three_colleagues_finish_what_six_omissions_had_left_open(
    site: Site, open_browser: Opener, version_id: int
) -> None:
    owner = open_browser(size=DESK)
    sign_in(owner, "owner@example.com")
    hub = begun(owner, version_id)
    links = {
        part: invited(owner, hub, name=name, locale=locale, part=part)
        for name, locale, part in (("周敏", "zh", "production"), ("Tom Baker", "en", "energy"))
    }
    must_be_accessible(owner)
    picture(owner, "invitation-made-zh-1280")

    phone, desk = open_browser(size=HAND), open_browser(size=DESK)
    joined(phone, links["production"], "zhou@example.com")
    desk.goto(links["energy"])
    expect(desk.locator("html")).to_have_attribute("lang", re.compile("^en"))
    picture(desk, "invitation-en-1280")
    joined(desk, links["energy"], "tom@example.com")
    for page, part in ((phone, "production"), (desk, "energy"), (owner, "finance")):
        answer(page, hub, part)
    owner.goto(f"{hub.path}/pages/profile")
    owner.check("input[value=discrete]")
    settled(owner, "production-type")

    phone.goto(f"{hub.path}/pages/energy")
    expect(phone.locator("#answers")).to_have_count(0)
    owner.goto(f"{hub.path}/missing")
    expect(owner.locator("main a[href*='#q_']")).to_have_count(len(PARTS) * len(OMITTED))
    expect(owner.locator("main")).to_contain_text("周敏")
    expect(owner.locator("main")).to_contain_text("Tom Baker")
    must_be_accessible(owner)
    picture(owner, "missing-zh-1280")
    for page in (phone, desk):
        page.goto(hub.path)
        must_be_accessible(page)
    picture(phone, "hub-zh-390")
    picture(desk, "hub-en-1280")

    assert complete(phone, hub, "production")
    assert complete(desk, hub, "energy")
    for page in (phone, desk):
        page.goto(hub.path)
        page.locator("form.part-done button").click()
        expect(page.locator("form.part-done[action$='/not-done'] button")).to_be_visible()
    owner.goto(hub.path)
    picture(owner, "hub-parts-done-zh-1280")
    assert len(complete(owner, hub, "finance")) == len(OMITTED)
    owner.goto(f"{hub.path}/check")
    must_be_accessible(owner)
    owner.locator("form[action$='/submit'] button").click()

    expect(owner.locator("h1")).to_have_text("自评结果")
    phone.goto(f"{hub.path}/pages/production")
    expect(phone.locator("#answers")).to_have_count(0)
    desk.goto(links["energy"])
    expect(desk.locator("#join")).to_have_count(0)


def test_the_cable_is_pulled_in_the_middle_and_the_window_closed(
    site: Site, open_browser: Opener, version_id: int
) -> None:
    page = open_browser(size=DESK)
    sign_in(page, "owner@example.com")
    hub = begun(page, version_id)
    context = page.context
    page.goto(f"{hub.path}/pages/energy")
    page.fill("#q_years-energy", "7")
    page.locator("#q_years-energy").blur()
    settled(page, "years-energy")

    context.set_offline(True)
    page.fill("#q_years-energy", "8")
    page.fill("#q_product-energy", "水泵")
    page.locator("#q_product-energy").blur()
    for key in ("years", "product"):
        expect(page.locator(f"#q_{key}-energy-state")).to_have_text(re.compile("本机|this device"))
    page.evaluate("scrollTo({ top: document.body.scrollHeight, behavior: 'instant' })")
    must_be_accessible(page)  # at the end the strip of what waits lies over nothing
    picture(page, "cable-pulled-zh-1280")
    page.set_viewport_size({"width": 390, "height": 844})
    picture(page, "cable-pulled-zh-390")
    page.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto(f"{hub.path}/check")

    expect(again.locator("#outbox")).to_contain_text("现已保存")
    again.goto(f"{hub.path}/pages/energy")
    expect(again.locator("#q_years-energy")).to_have_value("8")
    expect(again.locator("#q_product-energy")).to_have_value("水泵")


def test_of_two_values_one_is_chosen_and_the_other_stays_in_the_history(
    site: Site, open_browser: Opener, version_id: int
) -> None:
    owner, member = open_browser(), open_browser(locale="en-GB", size=HAND)
    sign_in(owner, "owner@example.com")
    sign_in(member, "member@example.com")
    hub = begun(owner, version_id)
    for page in (owner, member):
        page.goto(f"{hub.path}/pages/finance")

    owner.fill("#q_years-finance", "9")
    owner.locator("#q_years-finance").blur()
    settled(owner, "years-finance")
    member.fill("#q_years-finance", "4")
    member.locator("#q_years-finance").blur()
    clash = member.locator("#q_years-finance-box .clash")
    expect(clash).to_contain_text("王强")
    expect(clash).to_contain_text("9")
    expect(clash).to_contain_text("4")
    assert len(re.findall(r"\d{1,2}:\d\d", clash.inner_text())) == 2
    must_be_accessible(member)
    clash.scroll_into_view_if_needed()
    picture(member, "conflict-390")
    member.locator("#answers .acts .btn-primary").click()
    told = re.compile("^(One question has two answers|有1道题有两个答案)")
    expect(member.locator("#outbox summary")).to_have_text(told)
    expect(member.locator("#outbox-live")).to_have_text(told)
    expect(clash).to_be_visible()
    clash.locator("[data-choose=theirs]").click()

    expect(clash).to_have_count(0)
    expect(member.locator("#q_years-finance")).to_have_value("9")
    assert member.locator("#outbox").is_hidden()
    member.goto(f"{hub.path.removesuffix('/')}/questions/years-finance")
    expect(member.locator("main")).to_contain_text("赵倩")
    expect(member.locator("main")).to_contain_text("4")
    must_be_accessible(member)
    picture(member, "history-390")


def test_the_language_changes_in_the_middle_of_an_answer(
    site: Site, open_browser: Opener, version_id: int
) -> None:
    page = open_browser(size=HAND)
    sign_in(page, "owner@example.com")
    hub = begun(page, version_id)
    page.goto(f"{hub.path}/pages/production")
    field = page.locator("#q_product-production")
    field.scroll_into_view_if_needed()
    field.press_sequentially("半句")
    before = field.bounding_box()
    picture(page, "language-before-zh-390")

    page.evaluate("document.querySelector('button[name=language]').click()")

    expect(page.locator("html")).to_have_attribute("lang", re.compile("^en"))
    expect(field).to_have_value("半句")
    after = field.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) < 120
    picture(page, "language-after-en-390")
    page.reload()
    expect(page.locator("#q_product-production")).to_have_value("半句")


def test_what_is_half_answered_is_reached_where_it_is_to_be_completed(
    site: Site, open_browser: Opener, version_id: int
) -> None:
    page = open_browser()
    sign_in(page, "owner@example.com")
    hub = begun(page, version_id)
    page.goto(f"{hub.path}/pages/production")
    page.check("input[name='q_conditions-production.row.registered'][value=yes]")
    page.check("input[name=q_planning-production][value=level-3]")
    settled(page, "planning-production")
    page.locator("#q_planning-production-box .evidence summary").click()
    page.fill("#q_planning-production-note", "检测报告")
    page.locator("#q_planning-production-note").blur()
    for key, said in (("conditions", "保存"), ("planning", "按所填内容保留")):
        expect(page.locator(f"#q_{key}-production-state")).to_contain_text(said)
    landed = []
    for key in ("conditions", "planning"):
        page.goto(f"{hub.path}/missing")
        page.locator(f"main a[href*='#q_{key}-production']").click()
        landed.append(page.locator(":focus").get_attribute("name"))

    assert landed == ["q_conditions-production.row.permit", "q_planning-production.evidence"]


def test_a_workbook_is_filled_away_from_the_site_and_loaded_back(
    site: Site, open_browser: Opener, version_id: int, tmp_path: Path
) -> None:
    page = open_browser()
    sign_in(page, "owner@example.com")
    hub = begun(page, version_id)
    page.goto(f"{hub.path}/pack")
    must_be_accessible(page)
    with page.expect_download() as download:
        page.locator("form[action$='/pack/workbook'] button").first.click()
    file = tmp_path / "pack.xlsx"
    download.value.save_as(file)
    file.write_bytes(filled_in(file.read_bytes(), years_production="12", product_production="水泵"))

    page.set_input_files("#file", file)
    page.locator("form[action$='/pack/load'] button").click()
    expect(page.locator("main")).to_contain_text("水泵")
    must_be_accessible(page)
    picture(page, "workbook-loaded-zh-1280")
    page.locator("form[action$='/pack/save'] button.btn-primary").click()

    page.wait_for_url(hub.address)
    page.goto(f"{hub.path}/pages/production")
    expect(page.locator("#q_years-production")).to_have_value("12")
    expect(page.locator("#q_product-production")).to_have_value("水泵")
