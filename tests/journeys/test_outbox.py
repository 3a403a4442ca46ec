"""What is typed and not yet stored: half texts, closed windows, lost sessions, other people."""

import json
import re

from playwright.sync_api import Dialog, Page, Route, expect

from tests.journeys.conftest import PHONE, Opener, Site, sign_in

PRESSED = """document.querySelector("button[name=language]").dispatchEvent(
    new MouseEvent("click", {bubbles: true, cancelable: true, detail: 1})
)"""
"""As a mouse does, but without scrolling up to the button."""

OWNER, MEMBER = "owner@example.com", "member@example.com"


def asked(page: Page, email: str = OWNER) -> str:
    """Sign in, open the page with every kind of question and say where it is."""
    sign_in(page, email)
    page.goto("/firm")
    page.click("a:has-text('继续答题'), button:has-text('开始')")
    address = f"{page.url}/pages/everything"
    page.goto(address)
    return address


def word(page: Page, name: str) -> str:
    """A sentence of the page's script."""
    words = json.loads(page.get_attribute("#outbox", "data-words") or "")
    return str(words[name])


def state(key: str) -> str:
    return f"#q_{key}-state"


def test_the_language_changes_in_mid_answer_and_the_reader_stays_where_he_was(
    site: Site, open_browser: Opener
) -> None:
    page = open_browser(size=PHONE)
    asked(page)
    product = page.locator("#q_product")
    product.scroll_into_view_if_needed()
    product.fill("")
    product.press_sequentially("高压阀")
    before = product.bounding_box()

    page.evaluate(PRESSED)

    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(product).to_be_focused()
    expect(product).to_have_value("高压阀")
    after = product.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) < PHONE["height"] / 2
    expect(page.locator(state("product"))).to_contain_text("Saved at")
    page.click("button[name=language]")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


LATE_STORE = """(() => {
  const open = IDBFactory.prototype.open;
  IDBFactory.prototype.open = function (...all) {
    const late = {};
    setTimeout(() => {
      const asked = open.apply(this, all);
      for (const what of ["onupgradeneeded", "onsuccess", "onerror", "onblocked"]) {
        asked[what] = (event) => { late.result = asked.result; late[what]?.(event); };
      }
    }, 1000);
    return late;
  };
})();"""


def test_a_change_of_language_waits_for_a_store_that_opens_late(
    site: Site, open_browser: Opener
) -> None:
    page = open_browser(size=PHONE)
    page.add_init_script(LATE_STORE)
    asked(page)
    page.route("**/answers/**", lambda route: route.abort())
    page.locator("#q_product").fill("")
    page.locator("#q_product").press_sequentially("截止阀")

    page.evaluate(PRESSED)

    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#q_product")).to_have_value("截止阀")
    page.unroute("**/answers/**")
    expect(page.locator(state("product"))).to_contain_text("Saved at")
    page.click("button[name=language]")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_what_a_closed_window_had_not_sent_is_sent_by_the_next_one(
    site: Site, open_browser: Opener
) -> None:
    page = open_browser()
    address = asked(page)
    context = page.context
    context.set_offline(True)
    page.fill("#q_years", "7")
    page.locator("#q_years").blur()
    expect(page.locator(state("years"))).to_have_text(word(page, "offline"))
    page.route("**/answers/**", lambda route: route.abort())
    context.set_offline(False)
    page.close()

    hub = context.new_page()
    hub.goto(address.replace("/pages/everything", ""))
    expect(hub.locator("#outbox")).to_contain_text(word(hub, "done"))
    hub.goto(address)

    expect(hub.locator("#q_years")).to_have_value("7")


def test_a_lost_session_is_gone_on_with_and_nobody_elses_hands_touch_it(
    site: Site, open_browser: Opener
) -> None:
    page = open_browser()
    address = asked(page)
    context = page.context
    context.clear_cookies()
    page.fill("#q_years", "11")
    page.locator("#q_years").blur()
    outbox = page.locator("#outbox")
    expect(page.locator(state("years"))).to_have_text(word(page, "signed-out"))
    expect(outbox.locator("a[target=_blank]")).to_be_visible()

    other = context.new_page()
    sign_in(other, MEMBER)
    other.goto(address)
    expect(other.locator("#outbox")).to_be_hidden()
    assert other.input_value("#q_years") != "11"
    somebody_else = word(page, "somebody-else")
    expect(page.locator(state("years"))).to_have_text(somebody_else, timeout=40_000)
    other.click("details.account summary")
    other.click("form[action='/logout'] button")
    other.wait_for_url(lambda url: "/assessments/" not in url)
    sign_in(other, OWNER)

    expect(page.locator(state("years"))).to_contain_text("已于", timeout=40_000)
    expect(outbox).to_be_hidden()
    page.reload()
    expect(page.locator("#q_years")).to_have_value("11")


def test_going_on_waits_until_everything_is_stored(site: Site, open_browser: Opener) -> None:
    page = open_browser()
    asked(page)
    page.route("**/answers/**", lambda route: route.abort())
    page.fill("#q_years", "13")

    page.click("button:has-text('保存并核对答案')")
    outbox = page.locator("#outbox")
    expect(outbox.locator("li")).to_contain_text("关于years的问题", timeout=20_000)
    expect(page).to_have_url(re.compile("/pages/everything"))
    page.unroute("**/answers/**")
    page.click("button:has-text('保存并核对答案')")

    expect(page.locator("h1")).to_have_text("核对答案")
    expect(page.locator("tr", has_text="关于years的问题").first).to_contain_text("13")


def test_what_is_typed_over_a_waiting_answer_has_not_seen_what_a_colleague_saved_meanwhile(
    site: Site, open_browser: Opener
) -> None:
    page, member = open_browser(), open_browser()
    address = asked(page)
    asked(member, MEMBER)
    product = "#q_product"
    saved_alone(page, product, "甲阀")
    page.context.set_offline(True)
    page.fill(product, "乙阀")
    page.locator(product).blur()
    expect(page.locator(state("product"))).to_have_text(word(page, "offline"))
    page.close()
    member.reload()
    saved_alone(member, product, "丙阀")
    held: list[Route] = []
    page.context.route(
        "**/answers/product**",
        lambda route: route.continue_() if held else held.append(route),
    )
    page.context.set_offline(False)

    again = page.context.new_page()
    again.goto(address)
    expect(again.locator(product)).to_have_value("乙阀")
    again.locator(product).press("End")
    again.keyboard.type("门")
    again.wait_for_timeout(1_000)
    held[0].continue_()

    clash = again.locator("#q_product-box .clash")
    expect(clash).to_contain_text("丙阀")
    expect(clash).to_contain_text("乙阀门")
    member.reload()
    expect(member.locator(product)).to_have_value("丙阀")
    clash.locator("[data-choose=mine]").click()
    expect(clash).to_have_count(0)
    expect(again.locator(state("product"))).to_contain_text("已于")
    member.reload()
    expect(member.locator(product)).to_have_value("乙阀门")


def test_what_was_typed_beside_a_conflict_is_in_the_history_though_the_other_answer_is_kept(
    site: Site, open_browser: Opener
) -> None:
    page, member = open_browser(), open_browser()
    address = asked(page)
    asked(member, MEMBER)
    product = "#q_product"
    saved_alone(member, product, "丁阀")
    page.fill(product, "戊阀")
    page.locator(product).blur()
    clash = page.locator("#q_product-box .clash")
    expect(clash).to_contain_text("丁阀")
    page.context.set_offline(True)
    page.fill(product, "己阀")

    clash.locator("[data-choose=theirs]").click()
    expect(page.locator(product)).to_have_value("丁阀")
    expect(page.locator(state("product"))).to_have_text(word(page, "theirsLater"))
    page.context.set_offline(False)

    expect(page.locator("#outbox")).to_be_hidden()
    expect(page.locator(state("product"))).to_have_text(word(page, "theirs"))
    page.goto(address.replace("/pages/everything", "/questions/product"))
    expect(page.locator("main")).to_contain_text("己阀")
    member.reload()
    expect(member.locator(product)).to_have_value("丁阀")


def saved_alone(page: Page, field: str, value: str) -> None:
    page.fill(field, value)
    page.locator(field).blur()
    expect(page.locator(f"{field}-state")).to_contain_text("已于")


def test_signing_out_waits_for_what_is_unsent_and_asks_if_it_cannot_be_sent(
    site: Site, open_browser: Opener
) -> None:
    page = open_browser()
    address = asked(page)
    asks: list[str] = []
    answers = [False, True]

    def answer(dialog: Dialog) -> None:
        asks.append(dialog.message)
        (dialog.accept if answers.pop(0) else dialog.dismiss)()

    page.on("dialog", answer)
    page.fill("#q_years", "21")
    sign_out(page)
    page.wait_for_url(lambda url: "/pages/" not in url)
    assert asks == []

    page.goto("/login")
    sign_in(page, OWNER)
    page.goto(address)
    expect(page.locator("#q_years")).to_have_value("21")
    page.route("**/answers/years**", lambda route: route.fulfill(status=503, body="{}"))
    page.fill("#q_years", "22")
    leave = word(page, "leave")
    sign_out(page)
    expect(page.locator("#outbox summary")).to_be_visible(timeout=20_000)
    sign_out(page)
    page.wait_for_url(lambda url: "/pages/" not in url)
    assert asks == [leave, leave]

    page.unroute("**/answers/years**")
    sign_in(page, OWNER)
    assert page.url.endswith("/firm")
    expect(page.locator("#outbox")).to_contain_text(word(page, "done"))
    page.goto(address)
    expect(page.locator("#q_years")).to_have_value("22")


def test_a_window_that_opened_earlier_knows_what_waits_in_another_one(
    site: Site, open_browser: Opener
) -> None:
    page = open_browser()
    address = asked(page)
    hub = page.context.new_page()
    hub.goto(address.replace("/pages/everything", ""))
    asks: list[str] = []

    def stay(dialog: Dialog) -> None:
        asks.append(dialog.message)
        dialog.dismiss()

    hub.on("dialog", stay)
    page.context.route("**/answers/years**", lambda route: route.fulfill(status=503, body="{}"))
    page.fill("#q_years", "31")
    page.locator("#q_years").blur()
    expect(page.locator(state("years"))).to_have_text(word(page, "broken"))

    with hub.expect_event("dialog"):
        sign_out(hub)

    expect(hub.locator("#outbox summary")).to_contain_text("1")
    expect(hub.locator("#outbox li")).to_contain_text("关于years的问题")
    assert asks == [word(hub, "leave")]
    page.context.unroute("**/answers/years**")
    expect(page.locator(state("years"))).to_contain_text("已于", timeout=40_000)
    sign_out(hub)
    hub.wait_for_url(lambda url: "/assessments/" not in url)


def sign_out(page: Page) -> None:
    page.evaluate("document.querySelector(\"form[action='/logout']\").requestSubmit()")


SLOW_STORE = """(() => {
  const open = IDBFactory.prototype.open;
  IDBFactory.prototype.open = function (...asked) {
    const real = open.apply(this, asked);
    return {
      get result() { return real.result; },
      set onupgradeneeded(act) { real.onupgradeneeded = act; },
      set onsuccess(act) { real.onsuccess = () => setTimeout(act, 5000); },
    };
  };
})();"""
"""A disk so busy that the browser opens its store only after five seconds."""


def test_a_store_that_opens_late_is_used_from_then_on(site: Site, open_browser: Opener) -> None:
    page = open_browser()
    page.add_init_script(SLOW_STORE)
    address = asked(page)
    page.context.set_offline(True)
    page.fill("#q_years", "8")
    page.locator("#q_years").blur()

    expect(page.locator(state("years"))).to_have_text(word(page, "unkept"))
    expect(page.locator(state("years"))).to_have_text(word(page, "offline"), timeout=10_000)

    context = page.context
    page.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto(address)
    expect(again.locator("#q_years")).to_have_value("8")


def test_a_page_drawn_just_before_an_answer_was_saved_shows_it_all_the_same(
    site: Site, open_browser: Opener
) -> None:
    """A page loaded anew while an answer is on its way, so that it was drawn without it."""
    page = open_browser()
    address = asked(page)
    drawn = page.context.request.get(address)
    page.evaluate("dispatchEvent(new Event('beforeunload'))")
    page.fill("#q_years", "9")
    expect(page.locator(state("years"))).to_contain_text("已于")
    page.route(address, lambda route: route.fulfill(response=drawn), times=1)
    page.reload()

    expect(page.locator("#q_years")).to_have_value("9")
    expect(page.locator(state("years"))).to_contain_text("已于")
    page.reload()
    expect(page.locator("#q_years")).to_have_value("9")
    expect(page.locator("#outbox")).to_be_hidden()


def test_who_is_told_to_slow_down_reads_it_and_nothing_is_lost(
    site: Site, open_browser: Opener
) -> None:
    page = open_browser()
    asked(page)
    page.route("**/answers/years**", lambda route: route.fulfill(status=429, json={}))

    page.fill("#q_years", "13")
    page.locator("#q_years").blur()

    expect(page.locator(state("years"))).to_have_text(word(page, "too-fast"))
    expect(page.locator("#outbox")).to_contain_text("1")
    page.unroute("**/answers/years**")
    expect(page.locator(state("years"))).to_contain_text("已于", timeout=40_000)


def test_an_open_page_of_a_discarded_assessment_says_so_and_sends_what_it_kept_once_it_is_back(
    site: Site, open_browser: Opener
) -> None:
    owner, colleague = open_browser(), open_browser()
    address = asked(owner)
    here = address.removesuffix("/pages/everything")
    sign_in(colleague, MEMBER)
    colleague.goto(address)
    owner.goto(f"{here}/discard")
    owner.check("#sure")
    owner.click("main button[type=submit]")
    owner.wait_for_url("**/firm/discarded")

    colleague.fill("#q_years", "17")
    colleague.locator("#q_years").blur()
    expect(colleague.locator(state("years"))).to_contain_text("王强")
    expect(colleague.locator("#outbox")).to_be_visible()
    owner.click(f"form[action='{here.removeprefix(site.address)}/restore'] button")
    owner.wait_for_url(here)

    colleague.goto(address)

    expect(colleague.locator("#q_years")).to_have_value("17")
    expect(colleague.locator(state("years"))).to_contain_text("已于")


def test_what_a_colleague_has_changed_since_is_not_shown_as_it_was_saved(
    site: Site, open_browser: Opener
) -> None:
    """The page that comes sends the old answer once more, and that one was saved indeed."""
    page, colleague = open_browser(), open_browser()
    address = asked(page)
    sign_in(colleague, MEMBER)
    page.evaluate("dispatchEvent(new Event('beforeunload'))")
    page.fill("#q_years", "21")
    expect(page.locator(state("years"))).to_contain_text("已于")
    colleague.goto(address)
    colleague.fill("#q_years", "22")
    expect(colleague.locator(state("years"))).to_contain_text("已于")
    page.reload()

    expect(page.locator(state("years"))).to_have_text(word(page, "changedSince"))
    expect(page.locator("#q_years")).to_have_value("22")
    page.fill("#q_years", "23")
    expect(page.locator(state("years"))).to_contain_text("已于")
