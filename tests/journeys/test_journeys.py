"""The journeys of every role, once each, in a real browser against the real site."""

import re
from pathlib import Path

import pypdfium2
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PASSWORD, PHONE, Opener, Site, must_be_accessible, sign_in


def test_a_firm_registers_answers_submits_and_holds_its_report(
    site: Site, open_browser: Opener, tmp_path: Path
) -> None:
    page = open_browser()
    page.goto("/")
    must_be_accessible(page)
    page.click("main a[href='/register'], .band a[href='/register']")
    must_be_accessible(page)
    _register(page, "新远机械有限公司", "new-owner@example.com")
    expect(page).to_have_url(re.compile("/firm$"))
    must_be_accessible(page)

    page.click("button:has-text('开始')")
    must_be_accessible(page)
    page.click("ol.steps a >> nth=0")
    _answered(page, "label:has-text('选项discrete')")
    must_be_accessible(page)
    page.click("button:has-text('保存并继续')")
    expect(page.locator("h1")).to_have_text("板块everything")
    _answer_everything(page)
    must_be_accessible(page)
    page.click("button:has-text('保存并核对答案')")
    expect(page.locator("h1")).to_have_text("核对答案")
    must_be_accessible(page)
    page.click("button:has-text('提交并查看结果')")

    expect(page.locator("h1")).to_have_text("自评结果")
    must_be_accessible(page)
    page.click("a:has-text('查看进度')")
    must_be_accessible(page)
    with page.expect_download(timeout=90_000) as download:
        page.click("main a:has-text('下载')", timeout=90_000)
    file = tmp_path / "report.pdf"
    download.value.save_as(file)
    text = "".join(sheet.get_textpage().get_text_range() for sheet in pypdfium2.PdfDocument(file))
    assert "新远机械有限公司" in text
    assert "Test bank" in text
    assert "测试题库" in text


def test_without_script_and_on_a_phone_the_journey_is_the_same(
    site: Site, open_browser: Opener
) -> None:
    page = open_browser(locale="en-GB", size=PHONE, script=False)
    page.goto("/register")
    _register(page, "Without Script Ltd", "no-script@example.com", submit="main form button")
    page.click("button:has-text('Begin')")
    page.click("ol.steps a >> nth=0")
    page.check("input[value=discrete]")
    page.click("button:has-text('Save and continue')")
    page.check("input[name=q_planning][value=level-2]")
    page.fill("#q_years", "many")
    page.click("button:has-text('Save and check')")

    expect(page.locator("#faults")).to_contain_text("enter a number")
    expect(page.locator("#q_years")).to_have_value("many")
    expect(page.locator("input[name=q_planning][value=level-2]")).to_be_checked()

    page.fill("#q_years", "4")
    page.click("header button[name=language]")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator("#q_years")).to_have_value("4")
    for key in ("security", "share", "systems"):
        page.check(f"input[name='q_{key}.state'][value=_unknown]")
    for row in ("registered", "permit"):
        page.check(f"input[name='q_conditions.row.{row}'][value=yes]")
    page.fill("#q_product", "阀门")
    page.click("button:has-text('保存并核对')")
    page.click("button:has-text('提交并查看结果')")

    expect(page.locator("h1")).to_have_text("自评结果")
    page.click("a:has-text('其他语言')")
    page.check("input[value=short]")
    page.click("button:has-text('生成报告')")
    expect(page.locator("main a:has-text('下载')")).to_be_visible(timeout=90_000)


def test_two_colleagues_meet_at_one_question(site: Site, open_browser: Opener) -> None:
    owner, member = open_browser(), open_browser()
    sign_in(owner, "owner@example.com")
    sign_in(member, "member@example.com")
    owner.goto("/firm")
    owner.click("button:has-text('开始')")
    hub = owner.url
    for page in (owner, member):
        page.goto(f"{hub}/pages/everything")

    member.fill("#q_years", "9")
    member.locator("#q_years").blur()
    expect(member.locator("#q_years-box .state")).to_contain_text("已于")
    owner.fill("#q_years", "4")
    owner.locator("#q_years").blur()

    clash = owner.locator("#q_years-box .clash")
    expect(clash).to_contain_text("赵倩")
    expect(clash).to_contain_text("9年")
    must_be_accessible(owner)
    owner.click("#q_years-box .clash [data-choose=mine]")
    expect(clash).to_have_count(0)
    member.reload()
    expect(member.locator("#q_years")).to_have_value("4")


def test_an_answer_that_cannot_be_sent_is_said_to_be_unsaved_and_sent_later(
    site: Site, open_browser: Opener
) -> None:
    page = open_browser()
    sign_in(page, "owner@example.com")
    page.goto("/firm")
    page.click("a:has-text('继续答题'), button:has-text('开始')")
    page.goto(f"{page.url}/pages/everything")

    page.context.set_offline(True)
    page.fill("#q_product", "泵")
    page.locator("#q_product").blur()
    state = page.locator("#q_product-box .state")
    expect(state).to_contain_text("本机")
    page.context.set_offline(False)

    expect(state).to_contain_text("已于", timeout=30_000)
    page.reload()
    expect(page.locator("#q_product")).to_have_value("泵")


def test_a_character_that_cannot_be_printed_is_named_at_once_and_nothing_typed_is_lost(
    site: Site, open_browser: Opener
) -> None:
    page = open_browser(size=PHONE)
    sign_in(page, "owner@example.com")
    page.goto("/firm")
    page.click("a:has-text('继续答题'), button:has-text('开始')")
    page.goto(f"{page.url}/pages/everything")
    box = page.locator("#q_product-box")

    page.fill("#q_product", "水泵😀")
    page.locator("#q_product").blur()

    expect(box.locator(".state")).to_contain_text("“😀”")
    expect(box).to_have_class(re.compile("line-wrong"))
    expect(page.locator("#q_product")).to_have_value("水泵😀")
    must_be_accessible(page)
    page.click("button:has-text('保存并核对')")
    line = page.locator("tr", has_text="关于product的问题").first
    expect(line).to_contain_text("水泵😀")
    line.locator("a").first.click()
    expect(page.locator("#q_product")).to_be_focused()
    expect(page.locator("#q_product")).to_have_value("水泵😀")
    page.fill("#q_product", "水泵")
    page.locator("#q_product").blur()
    expect(box.locator(".state")).to_contain_text("已于")
    expect(box).not_to_have_class(re.compile("line-wrong"))


def test_evidence_is_named_beside_an_answer_and_saves_itself(
    site: Site, open_browser: Opener
) -> None:
    page = open_browser(size=PHONE)
    sign_in(page, "owner@example.com")
    page.goto("/firm")
    page.click("a:has-text('继续答题'), button:has-text('开始')")
    page.goto(f"{page.url}/pages/everything")
    box = page.locator("#q_planning-box")
    _answered(page, "#q_planning-box label:has-text('第3步')")

    box.locator("summary:has-text('证据')").click()
    page.select_option("#q_planning-evidence", "third-party")
    must_be_accessible(page)
    page.check("input[name=q_planning][value=level-4]")
    page.focus("#q_years")
    expect(box.locator(".state")).to_contain_text("请写明文件或证明的名称")
    page.fill("#q_planning-note", "检测报告")
    page.locator("#q_planning-note").blur()
    expect(box.locator(".state")).to_contain_text("已于")

    page.reload()
    expect(box.locator("summary:has-text('证据')")).to_contain_text("检测报告")
    expect(page.locator("input[name=q_planning][value=level-4]")).to_be_checked()
    expect(page.locator("#q_planning-evidence")).to_have_value("third-party")


def test_everything_is_reached_by_keyboard(site: Site, open_browser: Opener) -> None:
    page = open_browser()
    sign_in(page, "owner@example.com")
    page.goto("/firm")
    page.click("a:has-text('继续答题'), button:has-text('开始')")
    page.goto(f"{page.url}/pages/everything#q_planning")

    assert page.evaluate("document.activeElement.id") == "q_planning"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")

    expect(page.locator("#q_planning-box .state")).to_contain_text("已于")
    page.reload()
    expect(page.locator("input[name=q_planning][value=level-2]")).to_be_checked()
    page.goto("/")
    page.keyboard.press("Tab")
    assert "跳到正文" in page.locator(":focus").inner_text()


def test_a_consultant_fetches_the_report_of_an_assigned_firm(
    site: Site, open_browser: Opener, tmp_path: Path
) -> None:
    page = open_browser()
    sign_in(page, "consultant@example.com")
    page.goto("/consultant")
    must_be_accessible(page)
    page.click(f"a[href='/assessments/{site.assessment_id}/result']")
    expect(page.locator("h1")).to_have_text("自评结果")
    page.click("button:has-text('生成报告')")
    with page.expect_download(timeout=90_000) as download:
        page.click("main a:has-text('下载')", timeout=90_000)

    download.value.save_as(tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


def test_an_administrator_looks_after_banks_firms_and_users(
    site: Site, open_browser: Opener
) -> None:
    page = open_browser()
    sign_in(page, "administrator@example.com")
    for place in (
        "/admin", "/admin/banks", "/admin/firms", "/admin/users", "/admin/log", "/admin/doctor",
    ):  # fmt: skip
        page.goto(place)
        must_be_accessible(page)
    phone = open_browser(size=PHONE, locale="en-GB")
    sign_in(phone, "administrator@example.com")
    for place in ("/admin/doctor", "/admin/banks/1"):
        phone.goto(place)
        must_be_accessible(phone)

    page.goto("/admin/firms")
    expect(page.locator("main")).to_contain_text("江海阀门有限公司")


# --------------------------------------------------------------------- answers


def _register(page: Page, firm: str, email: str, *, submit: str = "main form button") -> None:
    page.fill("input[name=firm_name]", firm)
    page.fill("input[name=name]", "周明")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", PASSWORD)
    page.fill("input[name=password_confirm]", PASSWORD)
    page.check("input[name=consent]")
    page.locator(submit).last.click()
    page.wait_for_url(re.compile("/firm$"))


def _answered(page: Page, label: str) -> None:
    """Choose something and wait until the page says that it is saved."""
    page.click(label)
    box = page.locator(label).locator("xpath=ancestor::fieldset")
    expect(box.locator(".state")).to_contain_text("已于")


def _answer_everything(page: Page) -> None:
    _answered(page, "#q_planning-box label:has-text('第3步')")
    _answered(page, "#q_security-box label:has-text('措施a')")
    for name, value in (
        ("#q_years", "5"),
        ("#q_product", "阀门"),
        ("#q_share", "30"),
        ("#q_share-denominator", "120"),
    ):
        page.fill(name, value)
        page.locator(name).blur()
    expect(page.locator("[data-share]")).to_have_text("25.0%")
    for row, state in (("erp", "linked"), ("mes", "alone")):
        page.check(f"input[name='q_systems.row.{row}'][value={state}]")
    for row in ("registered", "permit"):
        page.check(f"input[name='q_conditions.row.{row}'][value=yes]")
