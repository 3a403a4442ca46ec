"""The way of a report: made beforehand, had in another format, called off, verified, packed."""

import json
import re
import zipfile
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.journeys.conftest import PHONE, Opener, Site, must_be_accessible, sign_in

PATIENCE = 90_000


def test_a_report_is_ready_after_submitting_and_anybody_can_verify_it(
    site: Site, open_browser: Opener, tmp_path: Path
) -> None:
    page = open_browser()
    sign_in(page, "owner@example.com")
    _answer_and_submit(page)
    page.click("a:has-text('查看进度')")
    expect(page.locator("[role=status]")).to_have_text("报告已生成。", timeout=PATIENCE)
    must_be_accessible(page)
    page.click("nav.crumbs a:has-text('自评结果')")
    with page.expect_download() as download:
        page.click("a:has-text('下载PDF')")
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name.startswith("江海阀门有限公司-报告-中英双语-")

    stranger = open_browser(locale="en-GB", size=PHONE)
    stranger.goto("/verify")
    must_be_accessible(stranger)
    stranger.set_input_files("#file", file)
    stranger.click("main button:has-text('Check')")
    expect(stranger.locator(".notice-success")).to_contain_text("unchanged")
    expect(stranger.locator("main")).to_contain_text("江海****")
    must_be_accessible(stranger)

    changed = bytearray(file.read_bytes())
    changed[len(changed) // 2] ^= 1
    other = tmp_path / "changed.pdf"
    other.write_bytes(changed)
    stranger.set_input_files("#file", other)
    stranger.click("main button:has-text('Check')")
    expect(stranger.locator(".notice-danger")).to_contain_text(
        "Ask for the original", ignore_case=True
    )


def test_a_copy_is_had_as_word_and_another_is_called_off(
    site: Site, open_browser: Opener, tmp_path: Path
) -> None:
    page = open_browser()
    sign_in(page, "owner@example.com")
    place = f"/assessments/{site.assessment_id}/reports"
    page.goto(place)
    must_be_accessible(page)
    _ask(page, place, languages="en", kind="pdf")
    _ask(page, place, languages="zh", kind="docx")
    word = page.url
    _ask(page, place, languages="zh", kind="html")

    page.click("button:has-text('取消')")
    expect(page.locator("[role=status]")).to_contain_text("已取消")
    must_be_accessible(page)
    page.click("button:has-text('重新生成')")
    expect(page.locator("main a:has-text('下载')")).to_be_visible(timeout=PATIENCE)

    page.goto(word)
    with page.expect_download(timeout=PATIENCE) as download:
        page.click("main a:has-text('下载')", timeout=PATIENCE)
    file = tmp_path / "report.docx"
    download.value.save_as(file)
    assert zipfile.ZipFile(file).testzip() is None
    page.goto(place)
    expect(page.locator("table.data")).to_contain_text("Word")
    must_be_accessible(page)


def test_the_report_is_read_in_the_browser(site: Site, open_browser: Opener) -> None:
    page = open_browser(size=PHONE)
    sign_in(page, "owner@example.com")
    page.goto(f"/assessments/{site.assessment_id}/report?languages=both")

    expect(page.locator("h1")).to_have_count(1)
    expect(page.locator("header")).to_contain_text("江海阀门有限公司")
    must_be_accessible(page)
    background = "getComputedStyle(document.querySelector('header')).backgroundColor"
    assert page.evaluate(background) != "rgba(0, 0, 0, 0)"


def test_a_consultant_packs_the_reports_of_two_firms(
    site: Site, open_browser: Opener, tmp_path: Path
) -> None:
    page = open_browser()
    sign_in(page, "consultant@example.com")
    page.goto("/archives")
    must_be_accessible(page)
    page.fill("#q", "远山")
    expect(page.locator("label:has-text('江海阀门')")).to_be_hidden()
    page.check("label:has-text('远山机械') input")
    page.fill("#q", "")
    page.check("label:has-text('江海阀门') input")
    page.click("button:has-text('打包所选企业')")
    must_be_accessible(page)
    left = page.url
    page.goto("/consultant")
    page.goto(left)

    with page.expect_download(timeout=PATIENCE) as download:
        page.click("a:has-text('下载压缩包')", timeout=PATIENCE)
    must_be_accessible(page)
    file = tmp_path / "reports.zip"
    download.value.save_as(file)
    assert re.fullmatch(r"企诊报告-\d{8}\.zip", download.value.suggested_filename)
    with zipfile.ZipFile(file) as archive:
        listed = json.loads(archive.read("manifest.json"))["items"]
        pdfs = [archive.read(item["file"]) for item in listed]
    assert {item["firm"] for item in listed} >= {"江海阀门有限公司", "远山机械有限公司"}
    assert all(pdf.startswith(b"%PDF") for pdf in pdfs)


def test_a_logo_of_ten_megabytes_gets_a_sentence(
    site: Site, open_browser: Opener, tmp_path: Path
) -> None:
    page = open_browser()
    sign_in(page, "owner@example.com")
    page.goto("/firm/logo")
    must_be_accessible(page)
    file = tmp_path / "logo.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * (10 * 1024 * 1024))

    page.set_input_files("input[type=file]", file)
    page.click("button:has-text('保存标志')")

    expect(page.locator("h1")).to_have_text("提交的内容过大")
    must_be_accessible(page)


def _ask(page: Page, place: str, *, languages: str, kind: str) -> None:
    page.goto(place)
    page.check(f"input[name=languages][value={languages}]")
    page.check(f"input[name=format][value={kind}]")
    page.click("button:has-text('生成报告')")
    expect(page).to_have_url(re.compile("/reports/[0-9a-f]{32}$"))


def _answer_and_submit(page: Page) -> None:
    page.goto("/firm")
    page.click("button:has-text('开始')")
    page.click("ol.steps a >> nth=0")
    page.check("input[value=discrete]")
    page.click("button:has-text('保存并继续')")
    page.check("input[name=q_planning][value=level-2]")
    page.fill("#q_years", "4")
    for key in ("security", "share", "systems"):
        page.check(f"input[name='q_{key}.state'][value=_unknown]")
    for row in ("registered", "permit"):
        page.check(f"input[name='q_conditions.row.{row}'][value=yes]")
    page.fill("#q_product", "阀门")
    page.click("button:has-text('保存并核对')")
    page.click("button:has-text('提交并查看结果')")
    expect(page.locator("h1")).to_have_text("自评结果")
