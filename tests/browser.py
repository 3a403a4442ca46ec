"""The test client as a browser that checks every page it is given, and sends whole forms.

It sends what a real browser without script would send: hidden fields, preset values, only
what is enabled. A page that breaks a rule fails the test that happened to open it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import time
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from survey.core.text import Locale
from survey.store.models import User

SPOKEN = {locale.html_lang for locale in Locale}
VOICELESS = ("hidden", "submit", "button", "image", "reset")


@dataclass(frozen=True)
class Page:
    """An answer to a request, with its HTML as a tree."""

    response: TestResponse
    tree: Element | None

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def location(self) -> str:
        return self.response.headers.get("Location", "")

    @property
    def html(self) -> str:
        return self.response.get_data(as_text=True)

    @property
    def json(self) -> Any:
        return self.response.get_json()

    @property
    def text(self) -> str:
        """What can be read in the body, white space folded."""
        body = self.one("body")
        return words_of(body)

    @property
    def lang(self) -> str:
        assert self.tree is not None
        return self.tree.get("lang", "")

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Every element of this name with these attributes, in reading order."""
        assert self.tree is not None, "this answer is no page"
        return [
            element
            for element in self.tree.iter(tag)
            if all(element.get(name) == value for name, value in attributes.items())
        ]

    def one(self, tag: str, **attributes: str) -> Element:
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} × {tag} {attributes} instead of one"
        return found[0]

    def by_id(self, name: str) -> Element:
        assert self.tree is not None
        return next(element for element in self.tree.iter() if element.get("id") == name)

    def links(self) -> Sequence[str]:
        return [link.get("href", "") for link in self.all("a")]

    def form(self, action: str) -> Element:
        """The form whose action begins like this; those that only search do not count."""
        forms = [form for form in self.all("form") if form.get("method", "get").lower() == "post"]
        found = [form for form in forms if form.get("action", "").startswith(action)]
        assert found, f"no form to {action}"
        return found[0]


class Browser:
    """One person's browser. With `be` it is signed in without the sign-in page."""

    def __init__(self, app: Flask, *, language: Locale | None = None) -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()
        if language is not None:
            with self.client.session_transaction() as session:
                session["language"] = language.value

    def be(self, user: User) -> "Browser":
        with self.client.session_transaction() as session:
            session["_user_id"] = user.fs_uniquifier
            session["_fresh"] = True
            session["fs_cc"] = "set"
            session["fs_paa"] = time()
        return self

    def get(self, address: str, **facts: Any) -> Page:
        return self._page(self.client.get(address, **facts))

    def follow(self, page: Page) -> Page:
        """Go where the answer leads, until there is a page."""
        while page.status in (301, 302, 303):
            page = self.get(page.location)
        return page

    def send(self, page: Page, action: str, **changes: str | Sequence[str] | None) -> Page:
        """Send a form of the page with some fields changed; None leaves a field out.

        A name that Python cannot spell is given in a mapping: ``**{"q_key.half": "1"}``.
        """
        form = page.form(action)
        data: dict[str, list[str]] = {}
        for name, value in filled_in(page, form):
            data.setdefault(name, []).append(value)
        for name, change in changes.items():
            data[name] = [change] if isinstance(change, str) else list(change or ())
        return self._page(self.client.post(form.get("action", ""), data=data))

    def post(self, address: str, data: Mapping[str, Any] | None = None, **facts: Any) -> Page:
        """Send anything at all, with a valid CSRF token."""
        data = {"csrf_token": self.token(), **(data or {})}
        return self._page(self.client.post(address, data=data, **facts))

    def send_raw(self, address: str, body: bytes, *, content_type: str) -> Page:
        return self._page(self.client.post(address, data=body, content_type=content_type))

    def post_json(self, address: str, body: Any, headers: Mapping[str, str] | None = None) -> Page:
        own = {"X-CSRFToken": self.token(), "Accept": "application/json", **(headers or {})}
        return self._page(self.client.post(address, json=body, headers=own))

    def token(self) -> str:
        page = self.get("/no-such-page")
        return next(field.get("value", "") for field in page.all("input", name="csrf_token"))

    def _page(self, response: TestResponse) -> Page:
        if response.mimetype != "text/html" or response.status_code in (301, 302, 303):
            return Page(response, None)
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        tree = parser.parse(response.get_data(), transport_encoding="utf-8")
        faults = [f"{code} at {place} {facts}" for place, code, facts in parser.errors]
        faults += list(faults_of(tree, response.headers.get("Content-Security-Policy", "")))
        assert not faults, f"{response.request.path}: " + "; ".join(faults)
        return Page(response, tree)


def words_of(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def filled_in(page: Page, form: Element) -> Iterator[tuple[str, str]]:
    """What a browser would send for this form, as long as nobody touches it."""
    for field in _enabled(form, form):
        name, kind = field.get("name"), field.get("type", "text")
        if not name or field.tag == "button" or kind in ("submit", "button"):
            continue
        if field.tag == "select":
            options = list(field.iter("option"))
            chosen = [o for o in options if o.get("selected") is not None] or options[:1]
            yield from ((name, option.get("value", words_of(option))) for option in chosen)
        elif field.tag == "textarea":
            yield name, "".join(field.itertext())
        elif kind not in ("checkbox", "radio") or field.get("checked") is not None:
            yield name, field.get("value", "on" if kind in ("checkbox", "radio") else "")


def _enabled(form: Element, element: Element) -> Iterator[Element]:
    for child in element:
        if child.get("disabled") is not None:
            continue
        if child.tag in ("input", "select", "textarea", "button"):
            yield child
        yield from _enabled(form, child)


# ------------------------------------------------------------- rules of a page


def faults_of(tree: Element, policy: str = "") -> Iterator[str]:
    """Everything about a page that some reader could not use, or the policy would block."""
    if tree.get("lang") not in SPOKEN:
        yield f"lang is {tree.get('lang')!r}"
    titles = [words_of(title) for title in tree.iterfind("head/title")]
    if len(titles) != 1 or not titles[0].strip(" ·"):
        yield f"titles {titles}"
    if len(list(tree.iter("h1"))) != 1:
        yield f"{len(list(tree.iter('h1')))} h1"
    ids = Counter(element.get("id") for element in tree.iter() if element.get("id") is not None)
    yield from (f"id {name!r} {count} times" for name, count in ids.items() if count > 1)
    yield from _broken_references(tree, set(ids))
    yield from _nameless(tree)
    yield from _inline(tree, policy)
    yield from _headings_that_skip(tree)
    for form in tree.iter("form"):
        if form.get("method", "get").lower() == "post" and not any(
            field.get("name") == "csrf_token" for field in form.iter("input")
        ):
            yield f"form to {form.get('action')} without token"


def _broken_references(tree: Element, ids: set[str | None]) -> Iterator[str]:
    for element in tree.iter():
        for attribute in ("for", "aria-labelledby", "aria-describedby", "form"):
            for name in element.get(attribute, "").split():
                if name not in ids:
                    yield f"{attribute}={name!r} leads nowhere"
        href = element.get("href", "")
        if href.startswith("#") and href[1:] not in ids:
            yield f"link {href} leads nowhere"


def _nameless(tree: Element) -> Iterator[str]:
    """Fields without a label, buttons and links without words, pictures without a name."""
    labelled = {label.get("for") for label in tree.iter("label") if words_of(label)}
    wrapped = {id(f) for label in tree.iter("label") if words_of(label) for f in label.iter()}
    for field in tree.iter():
        named = field.get("aria-label") or field.get("aria-labelledby")
        if field.tag in ("input", "select", "textarea"):
            if field.get("type") in VOICELESS or named or id(field) in wrapped:
                continue
            if field.get("id") is None or field.get("id") not in labelled:
                yield f"{field.tag} {field.get('name')} without label"
        elif field.tag in ("button", "a", "summary", "legend") and not (words_of(field) or named):
            yield f"{field.tag} without words"
        elif field.tag == "img" and field.get("alt") is None:
            yield "img without alt"


def _inline(tree: Element, policy: str) -> Iterator[str]:
    """What the content security policy forbids, so that it would silently not work."""
    for element in tree.iter():
        if element.get("style") is not None:
            yield f"inline style in {element.tag}"
        if element.tag == "style" and f"'nonce-{element.get('nonce')}'" not in policy:
            yield "a style sheet that the policy does not name"
        if element.tag == "script" and not element.get("src"):
            yield "inline script"
        handlers = [name for name in element.attrib if name.startswith("on")]
        yield from (f"{name} in {element.tag}" for name in handlers)
        source = element.get("src") or (element.get("href") if element.tag == "link" else None)
        if source and not source.startswith(("/", "data:image/", "data:,")):
            yield f"foreign {source}"


def _headings_that_skip(tree: Element) -> Iterator[str]:
    before = 0
    for element in tree.iter():
        if element.tag in ("h1", "h2", "h3", "h4"):
            level = int(element.tag[1])
            if level > before + 1 and before:
                yield f"{element.tag} {words_of(element)!r} after h{before}"
            before = level
