"""Which language a file means, however it names it."""

import pytest

from survey.core.text import Locale
from survey.exchange.language_names import guessed, ours, tag_of


@pytest.mark.parametrize(
    ("name", "tag", "locale"),
    [
        ("English (en)", "en", Locale.EN),
        ("English", "en", Locale.EN),
        ("en-GB", "en-gb", Locale.EN),
        ("ENG", "en", Locale.EN),
        ("中文 (zh)", "zh", Locale.ZH),
        ("中文", "zh", Locale.ZH),
        ("简体中文", "zh", Locale.ZH),
        ("Chinese", "zh", Locale.ZH),
        ("Chinese (Simplified)", "zh", Locale.ZH),
        ("zh-Hans", "zh-hans", Locale.ZH),
        ("zh_CN", "zh-cn", Locale.ZH),
        ("Chinese - PRC", "zh", Locale.ZH),
        ("繁體中文", "zh-hant", None),
        ("zh-Hant-HK", "zh-hant-hk", None),
        ("zh-TW", "zh-tw", None),
        ("Français (fr)", "fr", None),
        ("Spanish", "es", None),
        ("Klingon of old", "klingon of old", None),
    ],
)
def test_a_language_is_known_by_its_names(name: str, tag: str, locale: Locale | None) -> None:
    assert tag_of(name) == tag
    assert ours(tag) == locale


@pytest.mark.parametrize(
    ("text", "locale"),
    [("名称", Locale.ZH), ("Name", Locale.EN), ("なまえ", Locale.EN), ("东京の名前", Locale.EN)],
)
def test_a_text_without_a_name_is_told_by_its_script(text: str, locale: Locale) -> None:
    assert guessed(text) == locale
