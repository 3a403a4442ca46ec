"""What a program can tell about a translation."""

from collections.abc import Iterable

import pytest

from survey.core.text_checks import Check, agreed_terms, findings
from survey.core.texts import TextAt, TextKind
from tests.builders import Data

GLOSSARY: list[Data] = [
    {
        "key": "mes",
        "term": {"zh": "制造执行系统（MES）", "en": "manufacturing execution system (MES)"},
    },
    {"key": "data", "term": {"zh": "数据", "en": "data"}},
    {"key": "governance", "term": {"zh": "数据治理", "en": "stewardship of data"}},
    {"key": "company", "term": {"zh": "企业", "en": "company"}},
    {"key": "process", "term": {"zh": "工序", "en": "process step"}},
]


def told(
    zh: str,
    en: str,
    *,
    place: str = "title",
    glossary: object = (),
    checks: Iterable[Check] = Check,
) -> list[tuple[str, str]]:
    """Each finding by its code and what it is about."""
    text = TextAt(place, TextKind.TITLE, zh, en, "")
    found = findings(text, agreed_terms({"glossary": glossary}), tuple(checks))
    return [(each.code, str(next(iter(each.facts.values())))) for each in found]


# --------------------------------------------------------------------- glossary


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("用制造执行系统管理", "Run by a Manufacturing Execution System"),
        ("用制造执行系统管理", "Run by an MES"),
        ("关键工序", "The key process-steps"),
        ("这些企业", "These companies"),
        ("数据治理", "The stewardship of data"),
        ("没有术语", "No term"),
    ],
)
def test_an_agreed_term_is_known_in_any_case_number_and_form(zh: str, en: str) -> None:
    assert told(zh, en, glossary=GLOSSARY) == []


def test_a_term_in_other_words_is_found() -> None:
    found = told("用制造执行系统管理", "Run by a shop-floor system", glossary=GLOSSARY)

    assert found == [("text-term", "制造执行系统")]


def test_a_term_inside_a_longer_one_is_not_looked_for() -> None:
    assert told("数据治理", "Rules for figures", glossary=GLOSSARY) == [("text-term", "数据治理")]


def test_a_word_that_only_begins_like_the_term_is_not_the_term() -> None:
    assert told("数据", "A database", glossary=GLOSSARY) == [("text-term", "数据")]


def test_a_term_is_not_held_against_its_own_entry() -> None:
    found = told(
        "制造执行系统的数据", "A shop-floor system", place="glossary/mes/meaning", glossary=GLOSSARY
    )

    assert found == [("text-term", "数据")]


@pytest.mark.parametrize(
    "glossary",
    [
        None,
        "none",
        ["none", {"key": "a"}, {"key": "b", "term": "数据"}],
        [{"key": "a", "term": {"zh": "数据"}}, {"key": "b", "term": {"zh": " ", "en": "data"}}],
    ],
)
def test_a_glossary_with_faults_is_used_as_far_as_it_goes(glossary: object) -> None:
    assert told("数据", "Figures", glossary=glossary) == []


def test_what_is_no_bank_has_no_terms() -> None:
    assert agreed_terms(None) == ()


def test_a_term_of_nothing_but_brackets_is_taken_as_it_is() -> None:
    (term,) = agreed_terms({"glossary": [{"key": "a", "term": {"zh": "（）", "en": "()"}}]})

    assert (term.zh, term.en) == (("（）",), ("()",))


@pytest.mark.parametrize(
    ("one", "many"), [("box", "boxes"), ("press", "presses"), ("die", "dies"), ("bus", "buses")]
)
def test_plurals_of_many_forms_are_known_as_far_as_they_follow_a_rule(one: str, many: str) -> None:
    glossary = [{"key": "a", "term": {"zh": "物件", "en": one}}]

    assert told("物件", one, glossary=glossary) == []
    if one != "bus":
        assert told("物件", many, glossary=glossary) == []


# ---------------------------------------------------------------------- figures


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("共120台", "120 machines in all"),
        ("共１２０台", "120 machines in all"),
        ("达到15％", "reaches 15%"),
        ("达到15%", "reaches 15 per cent"),
        ("提高5个百分点", "up 5 percentage points"),
        ("百分之二十", "20%"),
        ("3万元", "CNY 30,000"),
        ("1.5亿元", "CNY 150 million"),
        ("2000万元", "CNY 20 million"),
        ("5千人", "5,000 people"),
        ("200千克", "200 kg"),
        ("万元", "CNY 10,000"),
        ("营业收入8000万元", "revenue of 8,000 (in CNY 10,000)"),
        ("5~10万元", "CNY 50,000 to 100,000"),
        ("66%、71%和80%", "66, 71 and 80%"),
        ("三年", "3 years"),
        ("3年", "three years"),
        ("第3步", "the third step"),
        ("二十五台", "25 machines"),
        ("一百二十台", "120 machines"),
        ("三万件", "30,000 pieces"),
        ("25台", "twenty-five machines"),
        ("10000件", "ten thousand pieces"),
        ("2025年3月", "March 2025"),
        ("九成以上", "over 90%"),
        ("一半以上", "more than 50%"),
        ("0至1项", "none or one"),
        ("5G网络", "a 5G network"),
        ("按C3回答", "see C3 there"),
        ("十分重要", "very important"),
        ("GB/T 36132-2025", "GB/T 36132-2025"),
    ],
)
def test_figures_that_mean_the_same_are_no_finding(zh: str, en: str) -> None:
    assert told(zh, en, checks=(Check.FIGURES,)) == []


@pytest.mark.parametrize(
    ("zh", "en", "found"),
    [
        (
            "共120台",
            "210 machines in all",
            [("text-figure-missing", "120"), ("text-figure-added", "210")],
        ),
        ("3万元", "money", [("text-figure-missing", "3万")]),
        ("3万元", "CNY 3,000", [("text-figure-missing", "3万"), ("text-figure-added", "3,000")]),
        ("15%", "15 machines", [("text-figure-missing", "15%"), ("text-figure-added", "15")]),
        ("百分之二十", "a fifth", [("text-figure-missing", "百分之二十")]),
        ("若干", "7 and 7 again", [("text-figure-added", "7")]),
    ],
)
def test_a_figure_that_only_one_language_has_is_found_once(
    zh: str, en: str, found: list[tuple[str, str]]
) -> None:
    assert told(zh, en) == found


# ----------------------------------------------------------------- placeholders


def test_placeholders_have_to_be_the_same() -> None:
    assert told("%(name)s在{place}", "%(name)s at {place}") == []
    assert told("%(name)s在{place}", "{where}") == [
        ("text-placeholder-missing", "%(name)s"),
        ("text-placeholder-missing", "{place}"),
        ("text-placeholder-added", "{where}"),
    ]


@pytest.mark.parametrize(
    "placeholder", ["%s", "%d", "%1$s", "{0}", "{}", "{{name}}", "${name}", "%(name)s", "{a.b}"]
)
def test_a_placeholder_of_any_program_is_missed_and_is_no_figure(placeholder: str) -> None:
    assert told(f"共{placeholder}台", f"{placeholder} machines") == []
    assert told(f"共{placeholder}台", "machines") == [("text-placeholder-missing", placeholder)]


def test_placeholders_without_names_are_counted() -> None:
    assert told("从%s到%s", "from %s") == [("text-placeholder-missing", "%s")]
    assert told("到{place}", "to {place}, which is {place}") == []


@pytest.mark.parametrize("share", ["5%的企业", "100%，共有", "5 %"])
def test_a_per_cent_sign_is_no_placeholder(share: str) -> None:
    assert told(share, "5% share", checks=(Check.PLACEHOLDERS,)) == []


# ------------------------------------------------------------------- typography


@pytest.mark.parametrize(
    ("zh", "code", "sign"),
    [
        ('“引号"在此', "text-straight-quote", '"'),
        ("他说：'好'", "text-straight-quote", "'"),
        ("３台设备", "text-wide-sign", "３"),
        ("使用ＡＩ技术", "text-wide-sign", "ＡＩ"),
        ("使用 AI技术", "text-space-in-chinese", "用"),
        ("5 台设备", "text-space-in-chinese", "5"),
        ("占比5% 以上", "text-space-in-chinese", "%"),
    ],
)
def test_what_is_unusual_in_chinese_is_found(zh: str, code: str, sign: str) -> None:
    assert told(zh, "", checks=(Check.TYPOGRAPHY,)) == [(code, sign)]


@pytest.mark.parametrize(
    "zh",
    ["使用AI技术", "GB/T 36132-2025", "智能制造 能力成熟度模型", "“引号”", "it's 5", "第一行\n5台"],
)
def test_what_is_usual_in_chinese_is_no_finding(zh: str) -> None:
    assert told(zh, "", checks=(Check.TYPOGRAPHY,)) == []


def test_punctuation_of_the_wrong_width_is_found_even_in_one_language_alone() -> None:
    assert told("中文,中文", "") == [("bank-half-width", ",")]
    assert told("", "English。") == [("bank-full-width", "。")]


def test_a_finding_says_which_check_it_is_of() -> None:
    text = TextAt("title", TextKind.TITLE, "数据3,中文{a}", "Nothing", "")

    found = findings(text, agreed_terms({"glossary": GLOSSARY}))

    assert {each.check for each in found} == set(Check)
