"""Numbers, dates and lists in words, the same way in every part of a report.

Formats are explicit, so that a report never depends on the machine's settings. They are those of
`survey.i18n`, which asks Babel; where Babel's usual formats differ, this is meant: English dates
have the day first, halves are rounded up, and thousands are separated from five digits on.
"""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from functools import lru_cache

from survey.core.text import Text

_TENTH = Decimal("0.1")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def as_seen(value: Decimal) -> Decimal:
    """A score or per cent as readers see it: one decimal, half up, never -0.0."""
    return value.quantize(_TENTH, rounding=ROUND_HALF_UP) + 0


@lru_cache(maxsize=8192)
def one_decimal(value: Decimal) -> str:
    return f"{as_seen(value):,f}"


def apart(one: Decimal, other: Decimal) -> Decimal:
    """How far two scores are apart as readers see them: what is printed must add up."""
    return Decimal(one_decimal(one)) - Decimal(one_decimal(other))


def lacking(missing: Decimal) -> Text:
    """What is missing to a limit: never 0.0, or the limit would seem to be reached."""
    shown = one_decimal(missing)
    if missing and shown == "0.0":
        return Text(zh="不到0.1", en="less than 0.1")
    return Text(zh=shown, en=shown)


def short_of(value: Decimal, needed: Decimal) -> Decimal:
    """A value beside what is needed: if it misses that, it never looks as if it did not."""
    looks_enough = value < needed and as_seen(value) >= as_seen(needed)
    return as_seen(needed) - _TENTH if looks_enough else value


def beyond(value: Decimal, most: Decimal) -> Decimal:
    """A value beside its limit: if it is above that, it never looks as if it kept it."""
    looks_kept = value > most and as_seen(value) <= as_seen(most)
    return as_seen(most) + _TENTH if looks_kept else value


def about(value: Decimal) -> Text:
    """A computed number of points inside a sentence: 约0.6; 不到0.1 where it would round to 0.0."""
    shown = one_decimal(value)
    if shown == "0.0":
        return lacking(value)
    return Text(zh=f"约{shown}", en=f"about {shown}")


def amount(value: Decimal) -> str:
    """A number as the firm gave it, without idle zeros behind the point.

    Thousands are separated from five digits on, so that a year stays a year.
    """
    text = f"{value:,f}" if abs(value) >= 10_000 else f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def digits(value: Decimal) -> str:
    """A weight or a threshold: as few digits as it needs."""
    return f"{value.normalize():f}"


def whole_day(day: date) -> Text:
    """A date written out: 2026年11月23日, 23 November 2026."""
    return Text(
        zh=f"{day.year}年{day.month}月{day.day}日",
        en=f"{day.day} {_MONTHS[day.month - 1]} {day.year}",
    )


def listed(names: Sequence[Text]) -> Text:
    """Name several things: “甲”“乙”“丙” (GB/T 15834: no mark between quotes); a, b and c."""
    english = [name.en for name in names]
    last = english.pop()
    return Text(
        zh="".join(f"“{name.zh}”" for name in names),
        en=f"{', '.join(english)} and {last}" if english else last,
    )


def apportioned(values: Sequence[Decimal], total: Decimal, *, places: int = 2) -> list[Decimal]:
    """Round down or up so that the rounded values add up to the rounded total exactly.

    The values with the largest remainders are rounded up, earlier ones first; none is off by
    a whole unit of the last place. `total` must be the sum of the values, rounded.
    """
    unit = Decimal(1).scaleb(-places)
    floors = [value.quantize(unit, rounding=ROUND_FLOOR) for value in values]
    short = int((total - sum(floors, Decimal(0))) / unit)
    by_remainder = sorted(range(len(values)), key=lambda i: floors[i] - values[i])
    for i in by_remainder[:short]:
        floors[i] += unit
    return floors
