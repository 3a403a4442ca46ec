"""A person with a browser of their own: it can be killed, and opened again with what it kept."""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Playwright
from playwright.sync_api import Error as BrowserError

from tests.journeys.edits import Fields, fields_of

PATIENCE = 60
"""Seconds to get to a page through a bad line, with a server that starts again in between."""

BEGUN = int(time.time() * 1000)

SAVED = re.compile(r"^(Saved|Kept as typed) at |^已于")

WITNESS = """addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("answers");
  if (!form) return;
  new MutationObserver((records) => {
    const lines = new Set(records.map((r) => (r.target.closest ? r.target : r.target.parentElement)
      ?.closest("[data-question] > .state")).filter(Boolean));
    for (const line of lines) {
      const { question } = line.parentElement.dataset;
      const fields = [...line.parentElement.querySelectorAll("input, select, textarea")]
        .filter((i) => i.name && !(/^(radio|checkbox)$/.test(i.type) && !i.checked))
        .map((i) => [i.name, i.value]);
      window.witness(question, line.textContent.trim(), fields);
    }
  }).observe(form, { subtree: true, childList: true, characterData: true });
});"""

SAID = """(question) => document.querySelector(
  `#answers [data-question="${question}"] > .state`)?.textContent"""

PACE = """(() => {
  const sooner = (ms) => (ms > 250 ? ms * %(pace)s : ms);
  for (const name of ["setTimeout", "setInterval"]) {
    const original = window[name];
    window[name] = (act, ms, ...more) => original(act, sooner(ms), ...more);
  }
  const clock = Date.now;
  Date.now = () => %(begun)s + (clock() - %(begun)s) / %(pace)s;
})();"""
"""A page whose clock and timers run faster, all from the same moment on."""


@dataclass(frozen=True)
class Claim:
    """What a page said about an answer, what stood in its fields, and when."""

    at: float
    question: str
    said: str
    fields: Fields

    @property
    def saved(self) -> bool:
        return SAVED.match(self.said) is not None


class Colleague:
    """Somebody of the firm, at a desk of their own."""

    def __init__(
        self, playwright: Playwright, launch: dict[str, Any], *, name: str, email: str, pace: float
    ) -> None:
        self.name, self.email = name, email
        self.claims: list[Claim] = []
        self.visit = 0
        self._playwright, self._launch, self._pace = playwright, launch, pace
        self._context: BrowserContext | None = None

    @property
    def profile(self) -> Path:
        return Path(self._launch["user_data_dir"])

    @property
    def page(self) -> Page:
        assert self._context is not None
        return self._context.pages[0]

    def open(self) -> None:
        """Start the browser with whatever its profile has kept."""
        context = self._playwright.chromium.launch_persistent_context(**self._launch)
        context.set_default_timeout(5_000)
        context.expose_binding("witness", self._witness)
        context.add_init_script(PACE % {"pace": self._pace, "begun": BEGUN})
        context.add_init_script(WITNESS)
        self._context = context
        self.page.on("dialog", lambda dialog: dialog.accept())

    @contextmanager
    def elsewhere(self) -> "Iterator[Colleague]":
        """The same person at a machine that knows nothing yet."""
        launch = self._launch | {"user_data_dir": f"{self.profile}-elsewhere"}
        other = Colleague(
            self._playwright, launch, name=self.name, email=self.email, pace=self._pace
        )
        other.open()
        try:
            yield other
        finally:
            other.close()

    def kill(self) -> None:
        """End the browser as a power cut does."""
        mark = f"--user-data-dir={self.profile}".encode()
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                if entry.name.isdigit() and mark in (entry / "cmdline").read_bytes().split(b"\0"):
                    os.kill(int(entry.name), signal.SIGKILL)
        self.close()

    def close(self) -> None:
        if self._context is not None:
            with suppress(BrowserError):
                self._context.close()
        self._context = None

    def _witness(self, _source: object, question: str, said: str, fields: list[list[str]]) -> None:
        self.claims.append(Claim(time.monotonic(), question, said, fields_of(fields)))

    # ------------------------------------------------------------------ going

    def go(self, address: str, password: str) -> None:
        """Get to a page, signing in where that is asked, trying again as people do."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with suppress(BrowserError):
                self.visit += 1
                self.page.goto(address, wait_until="domcontentloaded")
                if "/login" in self.page.url:
                    self._fill_in(self.page, password)
                if self.page.locator("#answers, ol.steps").count():
                    return
            time.sleep(0.2)
        shown = self.page.locator("body").inner_text()
        raise AssertionError(
            f"{self.name} never gets to {address}, but to {self.page.url}\n{shown}"
        )

    def sign_in_beside(self, address: str, password: str) -> None:
        """Sign in again in another tab, while the page stays open."""
        assert self._context is not None
        tab = self._context.new_page()
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with suppress(BrowserError):
                tab.goto(f"{address}/login", wait_until="domcontentloaded")
                if "/login" not in tab.url:
                    break
                self._fill_in(tab, password)
                break
            time.sleep(0.2)
        tab.close()

    def _fill_in(self, page: Page, password: str) -> None:
        page.fill("input[name=email]", self.email)
        page.fill("input[name=password]", password)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda address: "/login" not in address, wait_until="domcontentloaded")

    def sign_out_unnoticed(self) -> None:
        """The session ends behind the page's back."""
        assert self._context is not None
        self._context.clear_cookies()

    def wait_until(self, right: Callable[[], bool], seconds: float) -> bool:
        """Whether it comes true; the browser goes on meanwhile."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with suppress(BrowserError):
                if right():
                    return True
            self.page.wait_for_timeout(50)
        return False

    def said_about(self, question: str) -> str:
        """What the page says about an answer at this moment."""
        said = self.page.evaluate(SAID, question)
        return f"nothing, at {self.page.url}" if said is None else str(said).strip()
