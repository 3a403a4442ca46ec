"""The whole assessment with Tab, arrows, Space and Enter: from signing in to handing in."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.journeys.conftest import PASSWORD, PATIENCE, Opener, Site, must_be_accessible

MOST_STOPS = 150

FOCUSED = """() => {
  const it = document.activeElement;
  if (!it || it === document.body) return null;
  const shown = it.closest('label, summary') || it;
  const { left, right, top, bottom } = shown.getBoundingClientRect();
  const at = document.elementFromPoint((left + right) / 2, (Math.max(top, 0) + bottom) / 2);
  const near = at && (shown.contains(at) || at.contains(shown)
    || (it.closest('fieldset') && it.closest('fieldset') === at.closest('fieldset')));
  const rings = [it, shown, it.parentElement].map((each) => getComputedStyle(each));
  return {
    tag: it.tagName, type: it.type || '', name: it.name || '', id: it.id,
    href: it.getAttribute('href') || '', primary: it.matches('main form .btn-primary'),
    follows: !window.walked?.isConnected
      || Boolean(window.walked.compareDocumentPosition(it) & Node.DOCUMENT_POSITION_FOLLOWING),
    in_sight: bottom > 0 && top < innerHeight && Boolean(near),
    ringed: rings.some(({ outlineStyle, outlineWidth, boxShadow }) =>
      (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none'),
  }; }"""

FIGURES = {"q_years": "5", "q_share.numerator": "30", "q_share.denominator": "120"}


@dataclass(frozen=True)
class Stop:
    """Where the focus is."""

    tag: str
    type: str
    name: str
    id: str
    href: str
    primary: bool
    follows: bool
    in_sight: bool
    ringed: bool


def focused(page: Page) -> Stop | None:
    found = page.evaluate(FOCUSED)
    return None if found is None else Stop(**found)


def scrolled(page: Page) -> Stop | None:
    """Where the focus is once the page has moved there."""
    until = time.monotonic() + PATIENCE / 1000
    stop = focused(page)
    while stop is not None and not stop.in_sight and time.monotonic() < until:
        page.wait_for_timeout(50)
        stop = focused(page)
    return stop


def tabbed(page: Page) -> Iterator[Stop]:
    """Every place that Tab leads to: each in sight, visibly focused, in the order of the page."""
    for _ in range(MOST_STOPS):
        page.evaluate("window.walked = document.activeElement")
        page.keyboard.press("Tab")
        stop = scrolled(page)
        if stop is None:
            return
        assert stop.in_sight, f"{page.url}: the focus is hidden at {stop}"
        assert stop.ringed, f"{page.url}: nothing shows that the focus is at {stop}"
        assert stop.follows, f"{page.url}: Tab leads back to {stop}"
        yield stop


def reach(page: Page, **wanted: object) -> Stop:
    """Tab until the focus is there."""
    for stop in tabbed(page):
        if all(getattr(stop, name) == value for name, value in wanted.items()):
            return stop
    raise AssertionError(f"{page.url}: Tab never leads to {wanted}")


def answer_with_keys(page: Page) -> None:
    """Answer every question that Tab leads to, and press the button that goes on."""
    for stop in tabbed(page):
        if stop.primary:
            page.keyboard.press("Enter")
            return
        if stop.type == "radio":
            page.keyboard.press("Space")
            page.keyboard.press("ArrowDown")
        elif stop.name == "q_security":
            if stop.id == "q_security":
                page.keyboard.press("Space")
        elif stop.name in FIGURES:
            page.keyboard.type(FIGURES[stop.name])
        elif stop.name == "q_product":
            page.keyboard.type("valves")
    raise AssertionError(f"{page.url}: Tab never leads to the button that goes on")


def test_the_whole_assessment_is_done_by_keyboard(site: Site, open_browser: Opener) -> None:
    page = open_browser()
    page.goto("/login")
    stop = focused(page)
    if stop is None or stop.name != "email":
        reach(page, name="email")
    page.keyboard.type("second@example.com")
    reach(page, name="password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/firm$"))
    reach(page, tag="BUTTON", name="version")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/assessments/\d+$"))
    hub = page.url

    path = re.sub("^https?://[^/]+", "", hub)
    reach(page, href=f"{path}/pages/profile")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{hub}/pages/profile")
    answer_with_keys(page)
    page.wait_for_url(f"{hub}/pages/everything")
    answer_with_keys(page)
    page.wait_for_url(f"{hub}/check")
    reach(page, primary=True)
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_have_text("自评结果")


def test_faults_are_summed_up_first_and_each_leads_to_its_field(
    site: Site, open_browser: Opener
) -> None:
    page = open_browser()
    page.goto("/register")
    reach(page, name="password_confirm")
    page.keyboard.press("Enter")

    expect(page.locator("#faults")).to_be_focused()
    assert page.title().startswith("需要更正")
    must_be_accessible(page)
    stop = next(tabbed(page))
    assert stop.href.startswith("#")
    page.keyboard.press("Enter")
    expect(page.locator(stop.href)).to_be_focused()


def test_what_became_of_an_answer_is_told_in_a_live_region(
    site: Site, open_browser: Opener
) -> None:
    page = open_browser()
    page.goto("/login")
    page.fill("input[name=email]", "owner@example.com")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/firm$"))
    page.locator("button[name=version], a:has-text('继续答题')").first.click()
    page.goto(f"{page.url}/pages/everything")
    live = page.locator("#outbox-live")
    expect(live).to_have_attribute("aria-live", "polite")

    page.focus("#q_years")
    page.keyboard.type("7")
    expect(live).to_have_text(re.compile("已于"))
    expect(page.locator("#q_years")).to_be_focused()
    page.context.set_offline(True)
    page.keyboard.type("0")

    expect(live).to_have_text(re.compile("本机"))
    expect(page.locator("#q_years")).to_be_focused()
    page.context.set_offline(False)
    expect(live).to_have_text(re.compile("已于"), timeout=40_000)
