"""Which language is spoken now, and the words, dates and numbers in it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias

from babel import Locale as BabelLocale
from flask import Flask, g, has_request_context, request, session
from flask_babel import Babel, format_date, format_datetime, format_decimal, refresh
from flask_babel.speaklater import LazyString

from survey.catalogue import words
from survey.core.parts import Typed
from survey.core.text import Locale, Text

Later: TypeAlias = LazyString
"""A sentence that waits to be said: the type of what `lazy` gives."""

_CHINA = timezone(timedelta(hours=8))
_SPOKEN = {locale: BabelLocale.parse(locale.folder) for locale in Locale}

CHOICE = "language"
"""Where the session remembers the language that was chosen by hand."""


def init_app(app: Flask) -> None:
    """Teach the application and its templates both languages."""
    Babel(
        app,
        default_locale=Locale.ZH.folder,
        default_timezone="Asia/Shanghai",
        locale_selector=lambda: _SPOKEN[current_locale()],
        configure_jinja=False,
    )
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        _plain, _plural, newstyle=True
    )
    app.jinja_env.globals.update(
        current_locale=current_locale, other_locale=other_locale, Locale=Locale, gap=gap
    )
    app.jinja_env.filters.update(
        say=say,
        written_in=written_in,
        date=day,
        moment=moment,
        clock=clock,
        decimal=number,
        points=points,
        two=two,
    )


def gap(locale: Locale | None = None) -> str:
    """What stands between two sentences: Chinese has no space there."""
    return "" if (locale or current_locale()) is Locale.ZH else " "


def current_locale() -> Locale:
    """The language chosen by hand, else the browser's, else Chinese."""
    if not has_request_context():
        return Locale.ZH
    if "locale" not in g:
        g.locale = _chosen() or _preferred()
    locale: Locale = g.locale
    return locale


def other_locale() -> Locale:
    return Locale.EN if current_locale() is Locale.ZH else Locale.ZH


def choose(locale: Locale) -> None:
    """Speak this language from now on, for the rest of this request too."""
    session[CHOICE] = locale.value
    g.locale = locale
    refresh()


@contextmanager
def speaking(locale: Locale) -> Iterator[None]:
    """Speak another language for a moment: for a letter to somebody else."""
    before = current_locale()
    g.locale = locale
    refresh()
    try:
        yield
    finally:
        g.locale = before
        refresh()


def _chosen() -> Locale | None:
    chosen = session.get(CHOICE)
    return Locale(chosen) if chosen in list(Locale) else None


def _preferred() -> Locale:
    best = request.accept_languages.best_match(["zh", "zh-CN", "zh-Hans", "en"], default="zh")
    return Locale.EN if best == "en" else Locale.ZH


# ------------------------------------------------------------------- words


def gettext(message: str, **facts: object) -> str:
    """The sentence in the language spoken now."""
    said = _plain(message)
    return said % facts if facts else said


def ngettext(one: str, many: str, num: int, **facts: object) -> str:
    """The sentence for a count, which stands in it as ``%(num)d``."""
    return _plural(one, many, num) % {"num": num, **facts}


def lazy(message: str) -> Later:
    """A sentence that is looked up when it is shown: for form labels in class bodies."""
    return LazyString(gettext, message)


_ = gettext


def _plain(message: str) -> str:
    return words(current_locale()).gettext(message)


def _plural(one: str, many: str, num: int) -> str:
    return words(current_locale()).ngettext(one, many, num)


def say(text: Text) -> str:
    """Content that carries both languages, in the one spoken now."""
    return text.in_(current_locale())


def written_in(typed: str) -> str:
    """The language tag of words that a firm typed, so that Chinese keeps its own shapes."""
    return Typed(typed).html_lang


# ------------------------------------------------------- dates and numbers


def in_a_row(names: Iterable[str]) -> str:
    """Names one after the other, set apart as the reader's language does it."""
    return ("、" if _zh() else ", ").join(names)


def day(when: datetime) -> str:
    return str(format_date(when, "yyyy年M月d日" if _zh() else "d MMMM yyyy"))


def moment(when: datetime) -> str:
    """Day and time of day, in the time zone of the reader."""
    return str(format_datetime(when, "yyyy年M月d日 HH:mm" if _zh() else "d MMMM yyyy, HH:mm"))


def clock(when: datetime) -> str:
    return f"{when.astimezone(_CHINA):%H:%M}"


def number(value: Decimal | int | str) -> str:
    """A figure as it was given, nothing rounded away; separators from five digits on, as in print.

    Years have four digits and take none.
    """
    figure = Decimal(value)
    return str(format_decimal(figure, "#,##0.######" if abs(figure) >= 10_000 else "0.######"))


def points(value: Decimal) -> str:
    """A score or a share for reading: always one decimal, rounded half up."""
    return str(format_decimal(value.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP), "#,##0.0"))


def two(value: Decimal) -> str:
    """A figure of the trace: two decimals, as they add up."""
    return str(format_decimal(value, "#,##0.00"))


def _zh() -> bool:
    return current_locale() is Locale.ZH
