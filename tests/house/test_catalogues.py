"""Every word of the interface exists in Chinese and can be filled in like the English."""

import ast
import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from survey.core.text import Locale

ROOT = Path(__file__).parents[2]
CHINESE = ROOT / "translations" / Locale.ZH.folder / "LC_MESSAGES" / "messages.po"
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|%%")
HAN = re.compile(r"[\u4e00-\u9fff]")
HALF_WIDTH_AFTER_HAN = re.compile(r"[\u4e00-\u9fff][,;:!?]")
SPACED = re.compile(r"[\u4e00-\u9fff] +[0-9A-Za-z%{.]|[0-9A-Za-z%}] +[\u4e00-\u9fff]")
NAMES = {"第{}级 {}"}
"""Said of levels in the report: the space parts the number of a level from its name."""

AS_TYPED = re.compile("“select_one 选项表”")
"""What somebody has to type into a cell, with its space."""
REMEDY = "run: make i18n, then translate"


@cache
def spoken() -> frozenset[str]:
    """The English that stands in code and templates; a singular stands for its plural too."""
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    mappings = tools["babel"]["mappings"]
    methods = [(one["pattern"], one["method"]) for one in mappings]
    options = {one["pattern"]: {"silent": "false"} for one in mappings}
    found = extract_from_dir(ROOT, methods, options, keywords={**DEFAULT_KEYWORDS, "lazy": None})
    return frozenset(_first(said) for _, _, said, _, _ in found if said)


def _first(said: str | Sequence[str]) -> str:
    return said if isinstance(said, str) else said[0]


def _last(said: str | Sequence[str]) -> str:
    return said if isinstance(said, str) else said[-1]


@cache
def chinese() -> Catalog:
    with CHINESE.open("rb") as file:
        return read_po(file, locale=Locale.ZH.folder)


def pairs() -> list[tuple[str, str, Message]]:
    """English and Chinese of each entry, of a plural the form for many."""
    return [
        (_last(message.id), _last(message.string or ""), message)
        for message in chinese()
        if message.id
    ]


def test_every_word_of_the_interface_is_translated() -> None:
    known = {_first(message.id) for message in chinese()}

    assert sorted(spoken() - known) == [], REMEDY
    assert [english for english, said, _ in pairs() if not said.strip()] == [], REMEDY


def test_no_translation_is_a_guess_or_left_over() -> None:
    known = {_first(message.id) for message in chinese()}

    assert [english for english, _, message in pairs() if message.fuzzy] == [], REMEDY
    assert sorted(known - spoken() - {""}) == [], REMEDY
    assert list(chinese().obsolete) == [], REMEDY


def test_a_translation_has_the_placeholders_of_its_source() -> None:
    different = [
        english
        for english, said, _ in pairs()
        if sorted(PLACEHOLDER.findall(english)) != sorted(PLACEHOLDER.findall(said))
    ]

    assert different == []


def test_chinese_is_written_with_chinese_punctuation() -> None:
    assert [said for _, said, _ in pairs() if HALF_WIDTH_AFTER_HAN.search(said)] == []


def test_chinese_has_no_space_beside_figures_or_latin_words() -> None:
    assert [said for _, said, _ in pairs() if SPACED.search(said)] == []


def test_chinese_in_the_code_has_no_space_beside_figures_or_latin_words() -> None:
    trees = (
        ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "survey").rglob("*.py")
    )
    said = (
        _literal(node.value)
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg == "zh"
    )

    spaced = {each for each in said if SPACED.search(AS_TYPED.sub("", each))}
    assert spaced - NAMES == set()


def _literal(node: ast.expr) -> str:
    """What is written there, with {} for each part that is filled in."""
    if isinstance(node, ast.JoinedStr):
        return "".join(_literal(each) for each in node.values)
    if isinstance(node, ast.FormattedValue):
        return "{}"
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def test_english_holds_no_chinese() -> None:
    names = {"中文", "企诊"}

    mixed = [word for word in spoken() if HAN.search(word) and not any(n in word for n in names)]

    assert mixed == []
