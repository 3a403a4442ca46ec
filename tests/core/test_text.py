"""Languages, texts that exist in both of them, and facts that sentences can quote."""

import pytest

from survey.core.errors import NotFound, quoted
from survey.core.text import Languages, Locale, Text, cut_to_bytes, same
from tests.builders import a_bank


@pytest.mark.parametrize(
    ("locale", "tag", "folder", "name"),
    [(Locale.ZH, "zh-CN", "zh_CN", "简体中文"), (Locale.EN, "en", "en", "English")],
)
def test_a_language_knows_its_names(locale: Locale, tag: str, folder: str, name: str) -> None:
    assert (locale.html_lang, locale.folder, locale.own_name) == (tag, folder, name)


@pytest.mark.parametrize(
    ("languages", "locales"),
    [
        (Languages.ZH, (Locale.ZH,)),
        (Languages.EN, (Locale.EN,)),
        (Languages.BOTH, (Locale.ZH, Locale.EN)),
    ],
)
def test_a_report_in_both_languages_begins_with_chinese(
    languages: Languages, locales: tuple[Locale, ...]
) -> None:
    assert languages.locales == locales


def test_a_text_is_said_in_either_language() -> None:
    text = Text(zh="工厂", en="factory")

    assert [text.in_(locale) for locale in Locale] == ["工厂", "factory"]
    assert same("B4") == Text(zh="B4", en="B4")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("abc", "abc"),
        ("x" * 40, "x" * 40),
        ("x" * 41, "x" * 39 + "…"),
        ("a\nb\x00", "a\ufffdb\ufffd"),
        ("\ud800", "\ufffd"),
        (5, "5"),
        (None, "null"),
        ({"a": "中"}, '{"a": "中"}'),
        (object(), "object"),
    ],
)
def test_a_value_is_quoted_short_and_printable(value: object, shown: str) -> None:
    assert quoted(value) == shown


def test_a_refusal_carries_its_code_and_facts() -> None:
    error = NotFound(what="report")

    assert (error.code, error.facts) == ("not-found", {"what": "report"})


def test_a_section_is_found_by_its_key() -> None:
    bank = a_bank()

    assert bank.section("everything").code == "A"
    with pytest.raises(KeyError, match="nowhere"):
        bank.section("nowhere")


def test_every_question_knows_its_page() -> None:
    bank = a_bank()

    assert bank.place_of["size-class"] == "profile"
    assert bank.place_of["planning"] == "everything"
    assert list(bank.questions) == list(bank.place_of)


@pytest.mark.parametrize(
    ("text", "most", "kept"),
    [("阀门", 6, "阀门"), ("阀门", 5, "阀"), ("𠮷家", 3, ""), ("abc", 2, "ab"), ("", 9, "")],
)
def test_a_text_is_cut_by_its_bytes_and_between_characters(text: str, most: int, kept: str) -> None:
    assert cut_to_bytes(text, most) == kept
