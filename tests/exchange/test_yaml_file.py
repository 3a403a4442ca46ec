"""YAML in and out: what is accepted, what is refused and where, and that nothing changes."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.core.bank import LONGEST_KEY
from survey.core.errors import BadDocument, Problem
from survey.core.text import Locale
from survey.exchange import yaml_file
from survey.exchange.yaml_file import DEEPEST, LARGEST, MOST_PARTS, dump, load
from survey.messages import for_problem


def refused(content: str | bytes) -> list[tuple[str, str, int | None]]:
    """Code, place and line of every problem."""
    with pytest.raises(BadDocument) as caught:
        load(content.encode() if isinstance(content, str) else content, file="bank.yaml")
    problems = caught.value.problems
    assert all(for_problem(problem, Locale.EN).endswith(".") for problem in problems)
    assert {problem.file for problem in problems} == {"bank.yaml"}
    return [(problem.code, problem.place, problem.line) for problem in problems]


# ----------------------------------------------------------------- what is understood


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        # whole numbers, if they mean the same to everybody
        ("3", 3),
        ("-3", -3),
        ("0", 0),
        ("123456789012345", 123456789012345),
        ("1234567890123456", "1234567890123456"),
        ("010", "010"),
        ("+5", "+5"),
        ("0x10", "0x10"),
        ("0b1", "0b1"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("٣", "٣"),
        # fractions stay as they are written, and so does what only looks like a number
        ("1.875", "1.875"),
        ("1.10", "1.10"),
        ("1e5", "1e5"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("2026-11-23", "2026-11-23"),
        # true, false and nothing
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        # text
        ('"yes"', "yes"),
        ("'3'", "3"),
        ("y", "y"),
        ("=", "="),
        ("中文：冒号", "中文：冒号"),
        ("[]", []),
        ("{}", {}),
    ],
)
def test_a_value_is_understood_without_guessing(written: str, understood: object) -> None:
    value = load(f"key: {written}".encode()).data["key"]

    assert value == understood
    assert type(value) is type(understood)


@pytest.mark.parametrize("key", ["no", "1", "2026-01-01", "null", "1.5", "true", "<<", "键"])
def test_a_key_is_always_text(key: str) -> None:
    assert load(f"{key}: {{a: 1}}".encode()).data == {key: {"a": 1}}


def test_a_byte_order_mark_is_ignored() -> None:
    assert load(b"\xef\xbb\xbfkey: 1").data == {"key": 1}


# -------------------------------------------------------------------- what is refused

BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", [("yaml-empty", "", None)]),
        ("# only a comment\n", [("yaml-empty", "", None)]),
        ("a: 1\nb: [1, 2\nc: 3", [("yaml-syntax", "", 3)]),
        ("a: 1\n\tb: 2", [("yaml-syntax", "", 2)]),
        ("a: 1\n---\nb: 2", [("yaml-syntax", "", 2)]),
        ('a: "\\ud800"', [("yaml-syntax", "", 1)]),
        ("a: \x00", [("yaml-syntax", "", None)]),
        ("a: 企".encode("gb18030"), [("yaml-not-utf8", "", 1)]),
        ("a: 1\nb: 二".encode("utf-16"), [("yaml-not-utf8", "", 1)]),
        (b"a: 1\nb: \xff", [("yaml-not-utf8", "", 2)]),
        (b"a: \xed\xa0\x80", [("yaml-not-utf8", "", 1)]),
        (b" " * (LARGEST + 1), [("yaml-too-large", "", None)]),
        # a small file that would grow without end
        (BOMB, [("yaml-alias", "", line) for line in (1, 2, 2, 2, 3, 3)]),
        ("a: &a 1", [("yaml-alias", "", 1)]),
        ("a: 1\nb: *a", [("yaml-alias", "", 2)]),
        ("a: &a\n  b: *a", [("yaml-alias", "", 1), ("yaml-alias", "", 2)]),
        # tags
        ("a: !!python/object/apply:os.system [ls]", [("yaml-tag", "", 1)]),
        ("a: !!python/object:int 5", [("yaml-tag", "", 1)]),
        ("a: !!int 5\nb: !mine {c: 1}", [("yaml-tag", "", 1), ("yaml-tag", "", 2)]),
        ("a: ! x", [("yaml-tag", "", 1)]),
        ("!!set {a, b}", [("yaml-tag", "", 1)]),
        # keys
        (
            "a: 1\nb:\n  c: 1\n  c: 2\na: 3",
            [("yaml-duplicate-key", "b.c", 4), ("yaml-duplicate-key", "a", 5)],
        ),
        ("? [a, b]\n: 1", [("yaml-key-not-text", "", 1)]),
        ("a:\n  ? {b: 1}\n  : 1", [("yaml-key-not-text", "a", 2)]),
        ('"": 1', [("yaml-key-not-text", "", 1)]),
        (f"a:\n  {'k' * (LONGEST_KEY + 1)}: 1", [("yaml-key-too-long", "a", 2)]),
        # words that YAML takes for true and false
        (
            "a: yes\nb:\n- No\n- off",
            [
                ("yaml-bare-boolean", "a", 1),
                ("yaml-bare-boolean", "b.0", 3),
                ("yaml-bare-boolean", "b.1", 4),
            ],
        ),
        ("a: True", [("yaml-bare-boolean", "a", 1)]),
    ],
)
def test_what_is_not_accepted_is_named_with_its_line(
    content: str | bytes, expected: list[tuple[str, str, int | None]]
) -> None:
    assert refused(content) == expected


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("[" * 100_000, 1),
        ("{a: " * 100_000, 1),
        ("- " * 5_000, 1),
        ("\n".join(" " * depth + "a:" for depth in range(500)), DEEPEST + 1),
    ],
)
def test_what_is_nested_too_deeply_is_refused_before_it_is_built(content: str, line: int) -> None:
    assert refused(content) == [("yaml-too-deep", "", line)]


def test_the_deepest_that_is_accepted_is_accepted() -> None:
    data = load(("[" * DEEPEST + "]" * DEEPEST).encode()).data

    for _ in range(DEEPEST - 1):
        [data] = data
    assert data == []


def test_what_has_too_many_parts_is_refused_before_it_is_built() -> None:
    assert refused("[" + "1," * MOST_PARTS + "]") == [("yaml-too-many-parts", "", 1)]


def test_as_many_parts_as_are_accepted_are_accepted_and_a_key_as_long() -> None:
    key = "k" * LONGEST_KEY

    listed = load(f"{key}: [{'1,' * (MOST_PARTS - 3)}]".encode()).data

    assert listed == {key: [1] * (MOST_PARTS - 3)}  # beside the list, the key, and the whole


# ------------------------------------------------------------------------------ lines

FOUR_LINES = b"""title:
  zh: one
  en: two
parts:
- key: a

- key: b
  label: {zh: x,
          en: y}
"""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("", 1),
        ("title", 2),
        ("title.en", 3),
        ("parts", 5),
        ("parts.0", 5),
        ("parts.1", 7),
        ("parts.1.key", 7),
        ("parts.1.label.en", 9),
        # what is not there has the line of the nearest part around it
        ("title.fr", 2),
        ("parts.1.advice.0.owner", 7),
        ("nothing.at.all", 1),
        ("bank", 1),
    ],
)
def test_a_problem_gets_the_line_of_its_place(place: str, line: int) -> None:
    problem = Problem("bank-missing", place, {"field": "x"})

    located = load(FOUR_LINES).locate(problem, file="bank.yaml")

    assert located == Problem("bank-missing", place, {"field": "x"}, file="bank.yaml", line=line)


# -------------------------------------------------------------------------- round trip

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    [
        "yes",
        "No",
        "on",
        "1.10",
        "1_000",
        "0x10",
        "010",
        "1e5",
        ".inf",
        "2026-01-01",
        "~",
        "null",
        "=",
        "<<",
        "&a",
        "*a",
        "!x",
        "- a",
        "a: b",
        " a ",
        "a\n b\n",
        "#",
        "",
        "\u0085",
        "\u2028",
        "\ufeff",
    ]
)
keys = texts.filter(bool)
values = st.none() | st.booleans() | st.integers(-(10**14), 10**14) | texts
documents: st.SearchStrategy[Any] = st.recursive(
    values,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(keys, documents, min_size=1, max_size=4))
@settings(max_examples=200, deadline=None, derandomize=True, database=None)
def test_what_is_written_reads_back_unchanged(data: dict[str, Any]) -> None:
    assert load(dump(data).encode()).data == data


def test_a_part_that_occurs_twice_is_written_twice_because_aliases_are_refused() -> None:
    shared = {"zh": "人", "en": "person"}

    written = dump({"a": shared, "b": [shared]})

    assert "&" not in written
    assert load(written.encode()).data == {"a": shared, "b": [shared]}


def test_what_is_written_can_be_reviewed() -> None:
    assert dump({"weight": "1.875", "label": {"zh": "没有", "en": "No"}, "points": [0, 1]}) == (
        "weight: '1.875'\nlabel:\n  zh: 没有\n  en: 'No'\npoints:\n- 0\n- 1\n"
    )


def test_the_tests_above_have_every_code_that_a_file_can_be_refused_with() -> None:
    code = re.compile(r'"(yaml-[a-z0-9-]+)"')
    in_module = code.findall(Path(yaml_file.__file__).read_text(encoding="utf-8"))
    tried = code.findall(Path(__file__).read_text(encoding="utf-8"))

    assert set(tried) == set(in_module)
