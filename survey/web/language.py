"""How the language is changed, and where that leads: to the page that its form stood on."""

from flask import current_app, request, url_for

from survey.core.text import Locale
from survey.i18n import choose

STOOD_ON = {
    "discarding.restore": "discarding.listed",
    "evidence.remove": "firm.home",
    "exchange.apply": "exchange.index",
    "firm.submit": "firm.check",
    "reopening.begin_review": "firm.result",
    "reopening.end_review": "firm.result",
}
"""Of forms sent to an address that answers nothing else, unless it is the page above."""


def language_changed() -> bool:
    """Whether the button of a language was pressed; from then on that language is spoken."""
    wanted = language_wanted()
    if wanted is not None:
        choose(wanted)
    return wanted is not None


def language_wanted() -> Locale | None:
    """The language whose button was pressed, on any form that carries the switch."""
    wanted = request.form.get("language", "")
    return Locale(wanted) if wanted in list(Locale) else None


def page_here() -> str:
    """An address that can be asked for. What only takes forms cannot be shown once more."""
    if not request.path.isprintable():
        return "/"
    if request.method == "POST" and request.endpoint in STOOD_ON:
        return _page_of(STOOD_ON[request.endpoint])
    places = current_app.create_url_adapter(request)
    assert places is not None
    if places.test(method="GET") or not places.allowed_methods():
        here = request.full_path.rstrip("?")
        return here if here.isprintable() else request.path
    above = request.path
    while not places.test(above, method="GET"):
        above = above.rpartition("/")[0] or "/"
    return above


def _page_of(endpoint: str) -> str:
    rule = next(current_app.url_map.iter_rules(endpoint))
    known = request.view_args or {}
    return url_for(endpoint, **{name: known[name] for name in rule.arguments})
