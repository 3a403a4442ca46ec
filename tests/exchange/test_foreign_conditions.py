"""Conditions of other systems keep their meaning, and what cannot be said is refused."""

from typing import Any

import pytest

from survey.core.numerals import as_written
from survey.exchange import foreign_conditions
from survey.exchange.expressions import NotRead, parse
from survey.exchange.foreign import Named
from survey.exchange.foreign_conditions import LooksAhead, Seen, Truth, both, number_of

YES_NO = {"yes": "yes", "no": "no"}
SEEN: dict[str, Seen] = {
    "one": Seen({"key": "one", "kind": "choice"}, YES_NO),
    "many": Seen({"key": "many", "kind": "multiple"}, {"a": "a", "b": "b"}),
    "level": Seen({"key": "level", "kind": "ladder"}, {"1": "l1", "2": "l2", "3": "l3"}),
    "n": Seen({"key": "n", "kind": "number", "minimum": -5}, {}),
    "d": Seen({"key": "d", "kind": "number", "minimum": 0, "decimals": 1}, {}),
    "t": Seen({"key": "t", "kind": "text"}, {}),
    "loud": Seen(
        {"key": "loud", "kind": "choice"}, {"Yes": "yes", "yes": "yes"}, ignores_case=True
    ),
}


def resolve(name: str) -> Named | None:
    whole, _, part = name.partition("_")
    return Named(whole, part) if whole != "none" else None


def look(code: str) -> Seen | None:
    if code == "later":
        raise LooksAhead
    return SEEN.get(code)


def said(text: str) -> Truth:
    return foreign_conditions.condition(parse(text), resolve, look)


def at_least(key: str, number: Any) -> dict[str, Any]:
    return {"question": key, "at_least": number}


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("1", True),
        ("0", False),
        ("1 = 1", True),
        ("'a' != 'a'", False),
        ("2 > 1 and 1 >= 1 and 0 < 1 and 1 <= 1", True),
        ("true() or {one} = 'yes'", True),
        ("false() and {one} = 'yes'", False),
        ("not(not({one} = 'yes'))", {"question": "one", "in": ["yes"]}),
        ("boolean({one} = 'yes')", {"question": "one", "in": ["yes"]}),
        ("({one} = 'yes') = false", {"not": {"question": "one", "in": ["yes"]}}),
        ("{one} noneof ['yes']", {"not": {"question": "one", "in": ["yes"]}}),
        ("{many} notcontains 'a'", {"not": {"question": "many", "in": ["a"]}}),
        ("{many_a} = 'Y'", {"question": "many", "in": ["a"]}),
        ("{many_a} != ''", {"question": "many", "in": ["a"]}),
        ("{many_a} = 'N'", {"not": {"question": "many", "in": ["a"]}}),
        ("{many_a}", {"question": "many", "in": ["a"]}),
        ("{level} < 3", {"question": "level", "in": ["l1", "l2"]}),
        ("{level} > 9", False),
        ("{n} <= -5", {"all": [at_least("n", -5), {"not": at_least("n", -4)}]}),
        ("{n} < -5", False),
        ("{n} > -1.5", at_least("n", -1)),
        ("{n} != 5", {"not": {"all": [at_least("n", 5), {"not": at_least("n", 6)}]}}),
        ("{n} noneof [1]", {"not": {"all": [at_least("n", 1), {"not": at_least("n", 2)}]}}),
        ("{d} > 1", at_least("d", "1.1")),
        ("string-length({n}) = 0", {"not": at_least("n", -5)}),
        ("{loud} = 'YES'", {"question": "loud", "in": ["yes"]}),
        ("{one}='yes' and {one}='yes'", {"question": "one", "in": ["yes"]}),
        ("({one}='yes' and {n}>=1) and {n}>=2",
         {"all": [{"question": "one", "in": ["yes"]}, at_least("n", 1), at_least("n", 2)]}),
    ],
)  # fmt: skip
def test_a_condition_keeps_its_meaning(text: str, meaning: Truth) -> None:
    assert said(text) == meaning


@pytest.mark.parametrize(
    "text",
    [
        "",
        "'yes'",
        "['a']",
        "{none} = 1",
        "{nobody} = 1",
        "{t} = 'x'",
        "{one}",
        "{one} = {many}",
        "{one} = 'maybe'",
        "{one} > 'a'",
        "{many} = 'a'",
        "{many} > 1",
        "{many_a} = 'x'",
        "{many_a} > 1",
        "{many_z} = 'Y'",
        "{n} = 'x'",
        "{n} = 1e99",
        "{n} contains 1",
        "{n} = ['1', '2']",
        "'a' > 'b'",
        "1 contains 1",
        "selected({one})",
        "count-selected({many}) > 2",
        "({one} = 'yes') > 1",
        "({one} = 'yes') = 5",
        "today() = 1",
        "{one} = ",
        "{one} 'yes'",
        "({one} = 'yes'",
        "[1 2]",
        "- {n}",
        "{n} = @",
        "not" * 3000,
        " and ".join(f"({{n}} >= {n})" for n in range(120)),
        "not(" * 20 + "{one}='yes' and not({n} >= 1 or not(" * 1 + "{n}>=2" + "))" + ")" * 20 + "!",
    ],
)
def test_what_cannot_be_said_is_refused(text: str) -> None:
    with pytest.raises(NotRead):
        said(text)


def test_a_condition_too_deep_is_refused() -> None:
    text = "{one}='yes'"
    for at in range(14):
        text = f"({text} {'and' if at % 2 else 'or'} {{n}} >= {at})"

    with pytest.raises(NotRead):
        said(text)


def test_a_later_question_is_told_from_one_that_is_not_there() -> None:
    with pytest.raises(LooksAhead):
        said("{later} = 'yes'")


def test_two_conditions_become_one() -> None:
    first, second = {"question": "one", "in": ["yes"]}, at_least("n", 1)

    assert both(None, None) is None
    assert both(first, None) == both(None, first) == both(first, first) == first
    assert both(first, {"all": [second]}) == {"all": [first, second]}


@pytest.mark.parametrize(
    ("text", "number"),
    [("5", 5), ("1.50", "1.5"), ("-0.25", "-0.25"), ("x", None), ("NaN", None), ("1e40", None),
     ("0.12345678", None), ("1E2", 100)],
)  # fmt: skip
def test_a_number_is_one_that_a_bank_can_hold(text: str, number: object) -> None:
    found = number_of(text)

    assert (None if found is None else as_written(found)) == number
