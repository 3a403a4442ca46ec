"""The questions as a workbook: all to answer with is there, and comes back as it was meant."""

import shutil
import subprocess
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from survey.core import document
from survey.core.bank import Bank
from survey.core.text import Languages
from survey.exchange import packs_read, xlsx, yaml_bank
from survey.exchange.pack_xlsx import Stamp
from survey.exchange.packs_read import Contents, ForeignWorkbook, OtherFormat
from tests.builders import (
    FULL_ANSWERS,
    a_bank,
    bank_data,
    benchmark,
    choice,
    domain,
    ladder,
    level,
    number,
    requirements,
    section,
    two_years,
    words,
)
from tests.workbooks import DIGEST, a_workbook, cell_of, changed, filled_in, opened

ROOT = Path(__file__).parents[2]
PERCENT = {"zh": "%", "en": "%"}


def every_kind() -> Bank:
    """A bank with a question of each kind."""
    first = section(
        "everything",
        "A",
        domain("first", *bank_data()["sections"][0]["domains"][0]["questions"]),
        domain("second", *bank_data()["sections"][0]["domains"][1]["questions"]),
        domain("third", benchmark(), requirements()),
    )
    return a_bank(first)


ANSWERS: dict[str, Any] = {
    **FULL_ANSWERS,
    "energy": {"value": "31.5", "base": "40", "lead": "20", "source": "行业报告"},
    "scheduling": {"rows": {"list": "met", "plan": "partly", "model": "unmet"}},
}


def read(content: bytes, bank: Bank, digest: str = DIGEST) -> Contents:
    return packs_read.contents(xlsx.looked_into(content), bank, digest)


def answer_in(content: bytes, bank: Bank, key: str) -> Any:
    """What is taken for one question; its faults if it is not taken."""
    found = read(content, bank)
    faults = [fault.code for fault in found.faults if fault.key == key]
    return faults or next(taken.plain for taken in found.taken if taken.key == key)


# --------------------------------------------------------------------- writing


@pytest.mark.parametrize("languages", Languages)
def test_every_kind_of_answer_comes_back_as_it_went(languages: Languages) -> None:
    bank = every_kind()

    found = read(a_workbook(bank, ANSWERS, languages=languages), bank)

    assert {taken.key: taken.plain for taken in found.taken} == ANSWERS
    assert not any(taken.is_changed for taken in found.taken)
    assert (found.faults, found.unknown, found.missing_sheets) == ((), (), ())


@pytest.mark.parametrize(
    "plain",
    [
        level(2, half=True),
        {"unknown": True},
        {"not_applicable": "没有生产计划。"},
        level(3) | {"evidence": {"grade": "third-party", "note": "认证证书"}},
    ],
)
def test_what_stands_beside_an_answer_comes_back_too(plain: dict[str, Any]) -> None:
    bank = every_kind()

    assert answer_in(a_workbook(bank, {"planning": plain}), bank, "planning") == plain


def test_every_kind_of_answer_can_be_filled_into_an_empty_workbook() -> None:
    bank = every_kind()
    content = filled_in(
        a_workbook(bank),
        production_type="选项discrete",
        planning="第3步",
        planning__half="是",
        security__box__a="是",
        security__box__b="否",
        years=5,
        share__numerator=30,
        share__denominator=100,
        systems__row__erp="互通",
        conditions__row__registered="不清楚",
        product="阀门",
        energy__value=31.5,
        energy__base=40,
        energy__lead=20,
        energy__source="行业报告",
        scheduling__row__list="做到",
    )

    taken = {each.key: each.plain for each in read(content, bank).taken if each.is_changed}

    assert taken == {
        "production-type": {"option": "discrete"},
        "planning": level(3, half=True),
        "security": {"options": ["a"]},
        "years": {"number": "5"},
        "share": {"numerator": "30", "denominator": "100"},
        "systems": {"rows": {"erp": "linked"}},
        "conditions": {"statements": {"registered": "unknown"}},
        "product": {"text": "阀门"},
        "energy": ANSWERS["energy"],
        "scheduling": {"rows": {"list": "met"}},
    }


def test_only_the_cells_to_fill_in_are_open_and_the_rest_is_hidden_or_locked() -> None:
    bank = every_kind()
    book = opened(a_workbook(bank, ANSWERS))
    sheet = book["A 板块A"]

    assert book.sheetnames == ["填写说明", "企业概况", "A 板块A", "_lists", "_qizhen"]
    assert [page.sheet_state for page in book.worksheets] == ["visible"] * 3 + ["hidden"] * 2
    assert all(page.protection.sheet and not page.protection.password for page in book.worksheets)
    assert sheet.freeze_panes == "G3"
    assert sheet.row_dimensions[1].hidden
    hidden = [name for name, column in sheet.column_dimensions.items() if column.hidden]
    assert hidden[0] == "A"
    assert cell_of(book, "planning").protection.locked is False
    assert cell_of(book, "planning", column="question").protection.locked is True
    assert cell_of(book, "security", "head", "answer").protection.locked is True
    assert cell_of(book, "years").value == 5


def test_lists_are_offered_where_there_is_something_to_choose() -> None:
    book = opened(a_workbook(every_kind(), languages=Languages.BOTH))
    sheet = book["A 板块A"]
    lists = {
        str(place): validation.formula1
        for validation in sheet.data_validations.dataValidation
        for place in validation.sqref.ranges
    }
    place = cell_of(book, "planning").coordinate
    column, first, last = lists[place].replace("'_lists'!$", "").replace("$", " ").split()[0], 2, 7
    offered = [book["_lists"][f"{column}{row}"].value for row in range(first, last + 1)]

    assert offered == [f"第{n}步 / Step {n}" for n in range(6)]
    assert not any(cell_of(book, "years").coordinate in place.split(":") for place in lists)


def test_help_place_unit_and_condition_stand_beside_the_question() -> None:
    only = {"question": "production-type", "in": ["process"]}
    small = {"question": "size-class", "in": ["small", "micro"]}
    asked = number(
        when=only,
        optional_when=small,
        help={"zh": "从成立算起。", "en": "Since the foundation."},
        example={"zh": "2016年成立的，填10。", "en": "Founded in 2016: 10."},
        evidence={"zh": "营业执照", "en": "Business licence"},
    )
    bank = a_bank(section("everything", "A", domain("first", asked)))
    book = opened(a_workbook(bank, languages=Languages.BOTH))

    def said(column: str) -> str:
        return str(cell_of(book, "years", column=column).value)

    assert "只在“关于production-type的问题？”选“选项process”时填写。" in said("question")
    assert "May be left open if the answer to “What about size-class?” is" in said("question")
    assert "例：2016年成立的，填10。" in said("help")
    assert "Example: Founded in 2016: 10." in said("help")
    assert said("where") == "营业执照\nBusiness licence"
    assert said("unit") == "年\nyears\n0–100"


def test_a_figure_that_the_bank_measures_stands_in_one_row_with_its_unit() -> None:
    sources = [{"key": "norm", "title": {"zh": "标准", "en": "Norm"}, "edition": "2024"}]
    scale = {"base": 40, "lead": 20, "source": "norm"}
    first = section("everything", "A", domain("first", benchmark(scale=scale)))
    bank = a_bank(first, sources=sources)
    content = filled_in(a_workbook(bank), energy__value=31.5)

    assert cell_of(opened(content), "energy", "value", "unit").value == "千克标准煤"
    assert answer_in(content, bank, "energy") == {"value": "31.5"}


def test_one_section_can_be_had_alone_and_leaves_the_others_alone() -> None:
    bank = every_kind()
    content = a_workbook(bank, ANSWERS, page_key="profile")

    found = read(content, bank)

    assert opened(content).sheetnames == ["填写说明", "企业概况", "_lists", "_qizhen"]
    assert {taken.key for taken in found.taken} == {"production-type", "size-class"}
    assert found.missing_sheets == ()


def test_names_of_sheets_are_short_allowed_and_different() -> None:
    first = section("everything", "A", domain("first", ladder()))
    first["short"] = {"zh": "生产/运营" + "长" * 40, "en": "Production [core]"}
    figures = bank_data()["profile"] | {"questions": [two_years()]}
    bank = a_bank(first, outcomes=figures)

    chinese = opened(a_workbook(bank)).sheetnames
    english = opened(a_workbook(bank, languages=Languages.EN)).sheetnames

    assert chinese[1] == "企业概况"
    assert chinese[2].startswith("A 生产 运营长")
    assert chinese[3] == "企业概况 2"
    assert english[2] == "A Production  core"
    assert all(len(name) <= 31 for name in chinese + english)


def test_options_of_one_name_can_still_be_told_apart() -> None:
    twins = choice("twins", "one", "other")
    for option in twins["options"]:
        option["label"] = {"zh": "一样", "en": "Alike"}
    bank = a_bank(section("everything", "A", domain("first", ladder())), profile={
        "title": {"zh": "企业概况", "en": "Profile"},
        "summary": {"zh": "几个事实。", "en": "Facts."},
        "questions": [twins, choice("size-class", "large", "small")],
    })  # fmt: skip

    content = filled_in(a_workbook(bank), twins="2. 一样")

    assert answer_in(content, bank, "twins") == {"option": "other"}


def test_typed_text_is_never_a_formula_and_keeps_its_first_sign() -> None:
    bank = every_kind()
    content = a_workbook(bank, {"product": {"text": "=cmd|' /C calc'!A0"}})
    cell = cell_of(opened(content), "product")

    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    assert answer_in(content, bank, "product") == {"text": "=cmd|' /C calc'!A0"}


def test_the_same_answers_give_the_same_bytes() -> None:
    bank = every_kind()

    assert a_workbook(bank, ANSWERS) == a_workbook(bank, ANSWERS)


def test_a_number_with_more_digits_than_a_spreadsheet_keeps_stays_whole() -> None:
    precise = number(minimum=0, maximum=10**17, decimals=6)
    bank = a_bank(section("everything", "A", domain("first", precise)))
    plain = {"number": "123456789012.123456"}

    content = a_workbook(bank, {"years": plain})

    assert answer_in(content, bank, "years") == plain


# --------------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("typed", "format_", "expected"),
    [
        (12, "General", "12"),
        (12.50, "0.00", "12.5"),
        ("12.5", "@", "12.5"),
        ("１２．５", "@", "12.5"),
        ("1,234.5", "@", "1234.5"),
        ("1，234", "@", "1234"),
        (" 12 年 ", "@", "12"),
        ("12 years", "@", "12"),
        (0.5, "0%", ["cell-percent"]),
        ("50%", "@", ["cell-no-number"]),
        ("twelve", "@", ["cell-no-number"]),
        ("12.3.4", "@", ["cell-no-number"]),
        (date(2026, 3, 2), "yyyy-mm-dd", ["cell-date"]),
        ("=6*2", "General", ["cell-formula"]),
        ("#DIV/0!", "General", ["cell-fault"]),
        (20000, "General", ["answer-out-of-range"]),
        (-1, "General", ["answer-out-of-range"]),
        (1.23, "General", ["answer-too-many-decimals"]),
    ],
)
def test_a_number_is_read_however_it_was_typed(typed: Any, format_: str, expected: Any) -> None:
    bank = a_bank(section("everything", "A", domain("first", number(maximum=9999, decimals=1))))

    def fill(book: Workbook) -> None:
        cell = cell_of(book, "years")
        cell.value = typed
        cell.number_format = format_

    found = answer_in(changed(a_workbook(bank), fill), bank, "years")

    assert found == (expected if isinstance(expected, list) else {"number": expected})


@pytest.mark.parametrize(
    ("typed", "format_", "expected"),
    [(0.35, "0%", "35"), (35, "General", "35"), ("35%", "@", "35"), ("３５％", "@", "35")],
)
def test_where_per_cents_are_asked_for_a_share_is_taken(
    typed: Any, format_: str, expected: str
) -> None:
    bank = a_bank(section("everything", "A", domain("first", number(unit=PERCENT))))

    def fill(book: Workbook) -> None:
        cell = cell_of(book, "years")
        cell.value = typed
        cell.number_format = format_

    assert answer_in(changed(a_workbook(bank), fill), bank, "years") == {"number": expected}


@pytest.mark.parametrize("typed", ["第4步", "Step 4", "第4步 / Step 4", "level-4", " step　4 "])
def test_an_option_is_known_by_its_label_in_any_language_and_by_its_key(typed: str) -> None:
    bank = every_kind()

    assert answer_in(filled_in(a_workbook(bank), planning=typed), bank, "planning") == level(4)


@pytest.mark.parametrize("typed", ["是", "Yes", "√", "x", 1, True, "对"])
def test_a_box_is_ticked_by_any_sign_that_people_use(typed: Any) -> None:
    bank = every_kind()
    content = filled_in(a_workbook(bank), security__box__a=typed, security__box__b="×")

    assert answer_in(content, bank, "security") == {"options": ["a"]}


def test_text_may_be_a_number_a_share_or_a_date() -> None:
    bank = a_bank(
        section("everything", "A", domain("first", ladder())),
        profile={
            "title": {"zh": "企业概况", "en": "Profile"},
            "summary": {"zh": "几个事实。", "en": "Facts."},
            "questions": [
                words("a"), words("b"), words("c"), choice("size-class", "large", "small"),
            ],
        },
    )  # fmt: skip

    def fill(book: Workbook) -> None:
        cell_of(book, "a").value = 400
        cell_of(book, "b").value = date(2026, 3, 2)
        cell_of(book, "c").value = 0.5
        cell_of(book, "c").number_format = "0%"

    taken = read(changed(a_workbook(bank), fill), bank).taken

    assert [each.plain for each in taken][:3] == [
        {"text": "400"}, {"text": "2026-03-02"}, {"text": "50%"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "key", "code", "column"),
    [
        ({"planning": "第9步"}, "planning", "cell-no-option", "K"),
        ({"planning__half": "是"}, "planning", "answer-half-alone", "K"),
        ({"planning": "第5步", "planning__half": "是"}, "planning", "answer-no-half-step", "K"),
        ({"planning__state": "也许"}, "planning", "cell-no-option", "L"),
        ({"planning__state": "不适用"}, "planning", "answer-reason-missing", "M"),
        ({"planning": "第1步", "planning__state": "不清楚"}, "planning", "answer-both", "L"),
        ({"planning": "第1步", "planning__reason": "无"}, "planning", "answer-reason-alone", "M"),
        ({"planning__note": "记录"}, "planning", "answer-evidence-alone", "O"),
        ({"planning": "第1步", "planning__note": "记录"}, "planning", "answer-grade-missing", "N"),
        (
            {"planning": "第1步", "planning__grade": "第三方证明"},
            "planning", "answer-note-missing", "O",
        ),
        (
            {"planning__state": "不清楚", "planning__note": "记录"},
            "planning", "answer-evidence-alone", "O",
        ),
        (
            {"planning": "第1步", "planning__grade": "传闻", "planning__note": "记录"},
            "planning", "cell-no-option", "N",
        ),
        (
            {"planning__state": "不清楚", "planning__reason": "无"},
            "planning", "answer-reason-alone", "M",
        ),
        ({"security__box__a": "否"}, "security", "answer-no-box", "K"),
        ({"security__box__a": "也许"}, "security", "cell-no-option", "K"),
        (
            {"security__box__a": "是", "security__box__none": "是"},
            "security", "answer-none-and-others", "K",
        ),
        (
            {"share__numerator": 120, "share__denominator": 100},
            "share", "answer-numerator-too-large", "K",
        ),
        ({"share__numerator": 12}, "share", "answer-figure-missing", "K"),
        ({"systems__row__erp": "还行"}, "systems", "cell-no-option", "K"),
        ({"product": "很" * 30}, "product", "answer-too-long", "K"),
        (
            {"energy__value": 30, "energy__base": 20, "energy__lead": 40, "energy__source": "x"},
            "energy", "answer-lead-not-lower", "K",
        ),
        (
            {"energy__value": 30, "energy__base": 40, "energy__lead": 20},
            "energy", "answer-source-missing", "K",
        ),
    ],
)  # fmt: skip
def test_every_wrong_cell_is_named_and_the_right_ones_are_taken(
    cells: dict[str, Any], key: str, code: str, column: str
) -> None:
    bank = every_kind()
    content = filled_in(a_workbook(bank), years=5, **cells)
    book = opened(content)

    found = read(content, bank)

    (fault,) = found.faults
    assert (fault.key, fault.code, fault.place.column) == (key, code, column)
    assert fault.place.sheet == "A 板块A"
    row = book["A 板块A"][fault.place.row]
    assert row[0].value == key
    assert [each.key for each in found.taken if each.is_changed] == ["years"]


def test_all_wrong_cells_are_named_at_once() -> None:
    bank = every_kind()
    content = filled_in(
        a_workbook(bank), planning="?", years="?", share__numerator="?", share__denominator="?"
    )

    found = [(fault.key, fault.part) for fault in read(content, bank).faults]

    assert found == [
        ("planning", ""), ("years", ""), ("share", "numerator"), ("share", "denominator"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "wrong"),
    [
        (
            {"years": 99999, "years__grade": "传闻", "years__note": "记录"},
            [("K", "answer-out-of-range"), ("N", "cell-no-option")],
        ),
        (
            {"years": 99999, "years__grade": "传闻"},
            [
                ("K", "answer-out-of-range"), ("N", "cell-no-option"),
                ("O", "answer-note-missing"),
            ],
        ),
        (
            {"share__numerator": -5, "share__denominator": -7},
            [("K", "answer-ratio-not-positive"), ("K", "answer-ratio-not-positive")],
        ),
        (
            {"share__numerator": "?", "share__denominator": -7, "share__note": "很" * 201},
            [
                ("N", "answer-grade-missing"), ("O", "answer-too-long"),
                ("K", "cell-no-number"), ("K", "answer-ratio-not-positive"),
            ],
        ),
        (
            {"energy__value": 2000, "energy__base": "=1+1"},
            [
                ("K", "answer-out-of-range"), ("K", "cell-formula"),
                ("K", "answer-figure-missing"), ("K", "answer-source-missing"),
            ],
        ),
        (
            {"planning": "第9步", "planning__state": "不清楚", "planning__reason": "无"},
            [("K", "cell-no-option"), ("L", "answer-both"), ("M", "answer-reason-alone")],
        ),
    ],
)  # fmt: skip
def test_all_wrong_cells_of_one_question_are_named_at_once(
    cells: dict[str, Any], wrong: list[tuple[str, str]]
) -> None:
    bank = every_kind()
    content = filled_in(a_workbook(bank), **cells)

    found = read(content, bank)

    assert [(fault.place.column, fault.code) for fault in found.faults] == wrong
    places = [fault.place for fault in found.faults]
    assert len(set(places)) == len(places)
    assert not [each for each in found.taken if each.is_changed]


def test_a_wrong_answer_that_was_there_before_is_not_held_against_the_workbook() -> None:
    bank = every_kind()
    content = a_workbook(bank, {"product": {"text": "很" * 30}})

    found = read(content, bank)

    assert found.faults == ()
    assert [each.is_changed for each in found.taken if each.key == "product"] == [False]


DRAFTS: dict[str, Any] = {
    "years": {"": ["about six"]},
    "planning": {"": ["_unknown"], "half": ["1"], "evidence": ["document"], "note": ["记录"]},
    "security": {"": ["a"], "state": ["_unknown", "_not-applicable"], "reason": ["无"]},
    "share": {"numerator": ["64人"], "denominator": ["1,20"]},
    "systems": {"row.erp": ["linked"], "state": ["_unknown"]},
    "energy": {"value": ["9.50"], "base": ["=1+1"]},
    "product": {"": ["x" * 9000], "state": ["_not-applicable"], "note": ["无"]},
}


@pytest.mark.parametrize("languages", Languages)
def test_a_draft_stands_in_its_cells_as_it_was_typed_and_untouched_changes_nothing(
    languages: Languages,
) -> None:
    bank = every_kind()
    content = a_workbook(
        bank, {key: {"typed": typed} for key, typed in DRAFTS.items()}, languages=languages
    )
    book = opened(content)
    about = cell_of(book, "years")

    found = read(content, bank)

    assert about.value == "about six"
    assert about.fill.fgColor.rgb == "00FBDDD3"
    assert cell_of(book, "share", "numerator").value == "64人"
    assert cell_of(book, "share", "denominator").value == "1,20"
    assert cell_of(book, "energy", "value").value == 9.5
    assert cell_of(book, "energy", "base").data_type == "s"
    assert (
        "red" in str(cell_of(book, "years", column="question").value) or languages is Languages.ZH
    )
    assert not found.faults
    assert {each.key for each in found.taken if each.was_filled} == DRAFTS.keys()
    assert not any(each.is_changed for each in found.taken)


def test_a_draft_is_mended_emptied_or_made_wrong_in_another_way() -> None:
    bank = every_kind()
    content = a_workbook(bank, {key: {"typed": typed} for key, typed in DRAFTS.items()})
    content = filled_in(
        content, years="about seven", share__numerator=64, share__denominator=120,
        product=None, product__state=None, product__note=None,
    )  # fmt: skip

    found = read(content, bank)
    changed = {each.key: each.plain for each in found.taken if each.is_changed}

    assert changed == {"share": {"numerator": "64", "denominator": "120"}, "product": None}
    assert [(fault.key, fault.code) for fault in found.faults] == [("years", "cell-no-number")]


@pytest.mark.parametrize("word", ["不清楚", "暂不清楚", "Don’t know", "Don't know yet"])
def test_dont_know_in_the_cell_of_the_answer_gets_the_remedy(word: str) -> None:
    bank = every_kind()

    chosen = filled_in(a_workbook(bank), planning=word)
    stated = filled_in(a_workbook(bank), planning__state=word)
    row = filled_in(a_workbook(bank), conditions__row__registered="不清楚")

    assert answer_in(chosen, bank, "planning") == ["cell-other-column"]
    assert answer_in(stated, bank, "planning") == {"unknown": True}
    assert answer_in(row, bank, "conditions") == {"statements": {"registered": "unknown"}}


@pytest.mark.parametrize(
    "kind", ["本企业文件", "本企业的文件或记录", "A document or record of our own"]
)
def test_the_kind_of_evidence_is_read_as_it_is_called_and_as_it_was_called(kind: str) -> None:
    bank = every_kind()
    content = filled_in(
        a_workbook(bank), planning="第4步", planning__grade=kind, planning__note="规划"
    )

    answer = answer_in(content, bank, "planning")

    assert isinstance(answer, dict)
    assert answer["evidence"] == {"grade": "document", "note": "规划"}


def test_not_applicable_where_every_firm_answers_says_so() -> None:
    bank = a_bank(section("one", "A", domain("only", ladder("always", not_applicable="never"))))

    taken = answer_in(filled_in(a_workbook(bank), always__state="不适用"), bank, "always")

    assert taken == ["answer-never-not-applicable"]


def test_merged_cells_are_named() -> None:
    bank = every_kind()

    def merge(book: Workbook) -> None:
        cell = cell_of(book, "systems", "row.erp")
        assert cell.parent is not None
        cell.value = "互通"
        book["A 板块A"].merge_cells(f"K{cell.row}:K{cell.row + 1}")

    found = read(changed(a_workbook(bank), merge), bank)

    assert {(fault.key, fault.code) for fault in found.faults} == {("systems", "cell-merged")}


def test_what_else_is_wrong_beside_merged_and_doubled_cells_is_named_too() -> None:
    bank = every_kind()
    content = filled_in(a_workbook(bank), share__numerator=5, share__denominator=-7, years=500)

    def merge_and_copy(book: Workbook) -> None:
        row = cell_of(book, "share", "numerator").row
        book["A 板块A"].merge_cells(f"K{row - 1}:K{row}")
        twin = book.copy_worksheet(book["A 板块A"])
        twin.cell(cell_of(book, "years").row, 15).value = "记录"

    found = read(changed(content, merge_and_copy), bank)

    assert {(fault.key, fault.place.column, fault.code) for fault in found.faults} == {
        ("years", "K", "answer-out-of-range"),
        ("years", "N", "answer-grade-missing"),
        ("years", "O", "cell-twice"),
        ("share", "K", "cell-merged"),
        ("share", "K", "answer-ratio-not-positive"),
    }


def test_a_copied_sheet_is_one_and_the_same_unless_it_says_otherwise() -> None:
    bank = every_kind()
    content = filled_in(a_workbook(bank), years=5)

    def copy(book: Workbook, *, other: bool) -> None:
        twin = book.copy_worksheet(book["A 板块A"])
        if other:
            row = cell_of(book, "years").row
            twin.cell(row, 11).value = 6

    same = read(changed(content, partial(copy, other=False)), bank)
    other = read(changed(content, partial(copy, other=True)), bank)

    assert same.faults == ()
    assert [(fault.key, fault.code) for fault in other.faults] == [("years", "cell-twice")]


def test_rows_may_be_moved_but_not_be_deleted() -> None:
    bank = every_kind()

    def move(book: Workbook) -> None:
        book["A 板块A"].insert_rows(5)
        book["A 板块A"].insert_cols(7)

    def delete(book: Workbook) -> None:
        row = cell_of(book, "systems", "row.mes").row
        book["A 板块A"].delete_rows(row)

    content = a_workbook(bank, ANSWERS)
    moved, deleted = read(changed(content, move), bank), read(changed(content, delete), bank)
    elsewhere = read(changed(content, delete), bank, digest="e2" * 32)

    assert not any(taken.is_changed for taken in moved.taken)
    assert [(fault.key, fault.code) for fault in deleted.faults] == [
        ("systems", "cell-rows-missing")
    ]
    assert elsewhere.faults == ()


def test_a_renamed_sheet_is_there_and_one_that_cannot_be_read_is_not() -> None:
    bank = every_kind()

    def rename(book: Workbook) -> None:
        book["A 板块A"].title = "张工填的"

    def move_rows(book: Workbook) -> None:
        for row in book["企业概况"].iter_rows(min_row=3, values_only=True):
            book["A 板块A"].append(row)
        book.remove(book["企业概况"])

    def lose_the_first_row(book: Workbook) -> None:
        book["A 板块A"].delete_rows(1)

    content = filled_in(a_workbook(bank, ANSWERS), years=9)
    renamed = read(changed(content, rename), bank)
    moved = read(changed(content, move_rows), bank)
    headless = read(changed(content, lose_the_first_row), bank)

    assert [each.key for each in renamed.taken if each.is_changed] == ["years"]
    assert renamed.missing_sheets == ()
    assert {each.key for each in moved.taken} == set(ANSWERS)
    assert moved.missing_sheets == ()
    assert headless.missing_sheets == ("A 板块A",)
    assert {each.key for each in headless.taken} == {"production-type", "size-class"}


def test_a_workbook_of_before_that_does_not_say_its_pages_is_read_by_its_titles() -> None:
    bank = every_kind()

    def forget(book: Workbook) -> None:
        book["_qizhen"].delete_cols(3)
        book.remove(book["企业概况"])

    found = read(changed(a_workbook(bank, ANSWERS), forget), bank)

    assert found.missing_sheets == ("企业概况",)


def test_a_missing_sheet_is_named_and_its_questions_are_left_alone() -> None:
    bank = every_kind()
    content = changed(a_workbook(bank, ANSWERS), lambda book: book.remove(book["企业概况"]))

    found = read(content, bank)

    assert found.missing_sheets == ("企业概况",)
    assert "production-type" not in {taken.key for taken in found.taken}


def test_other_sheets_rows_and_numbers_in_hidden_cells_do_no_harm() -> None:
    bank = every_kind()

    def add(book: Workbook) -> None:
        book.create_sheet("我的笔记")["A1"] = "planning"
        cell_of(book, "years", column="revision").value = "many"
        cell_of(book, "planning", column="key").value = "no-such-question"

    found = read(changed(a_workbook(bank, ANSWERS), add), bank)

    assert found.unknown == ("no-such-question",)
    assert next(taken.revision for taken in found.taken if taken.key == "years") == 0


def test_a_line_that_is_not_asked_here_is_named_if_something_stands_there() -> None:
    bank = every_kind()

    def rename(book: Workbook, value: str | None) -> None:
        cell_of(book, "systems", "row.erp").value = value
        cell_of(book, "systems", "row.erp", "part").value = "row.plm"

    old = a_workbook(bank, bank_digest="e2" * 32)
    filled = read(changed(old, partial(rename, value="互通")), bank)
    empty = read(changed(old, partial(rename, value=None)), bank)

    assert [(fault.key, fault.code) for fault in filled.faults] == [("systems", "cell-not-asked")]
    assert empty.faults == ()


@pytest.mark.parametrize(
    ("name", "value", "refusal"),
    [
        ("format", "2", OtherFormat),
        ("format", None, OtherFormat),
        ("version", "three", ForeignWorkbook),
        ("assessment", "mine", ForeignWorkbook),
        ("digest", None, ForeignWorkbook),
    ],
)
def test_a_stamp_that_is_not_ours_is_refused(
    name: str, value: str | None, refusal: type[Exception]
) -> None:
    def forge(book: Workbook) -> None:
        for row in book["_qizhen"].iter_rows():
            if row[0].value == name:
                row[1].value = value

    with pytest.raises(refusal):
        read(changed(a_workbook(every_kind()), forge), every_kind())


def test_a_workbook_without_a_stamp_is_refused() -> None:
    content = changed(a_workbook(every_kind()), lambda book: book.remove(book["_qizhen"]))

    with pytest.raises(ForeignWorkbook):
        read(content, every_kind())


def test_a_workbook_fetched_before_the_start_names_no_assessment() -> None:
    content = a_workbook(every_kind(), assessment_id=None, firm_id=None)

    stamp = packs_read.stamp_of(xlsx.looked_into(content))

    assert stamp == Stamp("test-bank", 1, DIGEST, "")


# --------------------------------------------------- the real bank, real programs


@cache
def the_bank() -> tuple[Bank, str]:
    path = ROOT / "questionnaires" / "manufacturing-transformation" / "3.yaml"
    data, bank = yaml_bank.read(path.read_bytes())
    return bank, document.digest(data)


@pytest.mark.parametrize("languages", Languages)
def test_the_long_bank_has_a_sheet_for_each_section_and_is_read_whole(
    languages: Languages,
) -> None:
    bank, digest = the_bank()
    content = a_workbook(bank, languages=languages, bank_digest=digest)

    found = read(content, bank, digest)

    assert len(opened(content).sheetnames) == len(bank.sections) + 5
    assert {each.key for each in found.taken} == set(bank.questions)
    assert len(content) < 300_000


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice Calc")
def test_libreoffice_gives_back_what_it_was_given(tmp_path: Path) -> None:
    bank, digest = the_bank()
    content = filled_in(
        a_workbook(bank, languages=Languages.BOTH, bank_digest=digest),
        company_name="＝立洲阀门",
        headcount="１,２３４",
        founding_year="=2000+8",
        production_type="mixed",
        transformation_strategy__state="不清楚",
    )
    converted = through_libreoffice(content, tmp_path)

    found = read(converted, bank, digest)

    assert found.faults == ()
    assert {each.key: each.plain for each in found.taken if each.is_changed} == {
        "company-name": {"text": "＝立洲阀门"},
        "headcount": {"number": "1234"},
        "founding-year": {"number": "2008"},
        "production-type": {"option": "mixed"},
        "transformation-strategy": {"unknown": True},
    }


def through_libreoffice(content: bytes, folder: Path) -> bytes:
    """The workbook opened, worked out and stored by LibreOffice."""
    source, target = folder / "pack.xlsx", folder / "out"
    source.write_bytes(content)
    done = subprocess.run(
        [
            "soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless",
            "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(target), str(source),
        ],
        capture_output=True,
        check=False,
        timeout=120,
    )  # fmt: skip
    if not (target / "pack.xlsx").exists():
        pytest.skip(f"no Calc: {done.stderr.decode(errors='replace')[:200]}")
    return (target / "pack.xlsx").read_bytes()
