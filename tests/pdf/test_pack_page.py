"""A preparation pack on paper: every question with its help and room to answer, valid and whole."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from survey.core import document
from survey.core.bank import Bank
from survey.core.text import Languages
from survey.exchange import yaml_bank
from survey.pdf import pack_page, render
from survey.pdf.look import ACCENT
from survey.services.making import Printing
from survey.services.pack_inputs import PackInputs
from survey.services.pack_making import make
from survey.services.report_inputs import CHECKED_FROM
from tests.builders import (
    a_bank,
    a_profile,
    benchmark,
    choice,
    domain,
    ladder,
    matrix,
    multiple,
    number,
    ratio,
    requirements,
    section,
    two_years,
    words,
    yes_no,
)
from tests.pdf.conftest import BANK
from tests.pdf.test_conformance import failed

ONLY = {"question": "production-type", "in": ["process"]}
SMALL = {"question": "size-class", "in": ["small", "micro"]}
DIGEST = "d1" * 32


def every_kind() -> Bank:
    helped = ladder(
        not_applicable="with-reason",
        code="A1",
        help={"zh": "看现在做到哪一步。", "en": "Look at the present step."},
        example={"zh": "一家阀门厂。", "en": "A valve maker."},
        evidence={"zh": "计划书", "en": "The plan"},
        terms=["mes"],
    )
    first = domain("first", helped, multiple(), number(when=ONLY), ratio(optional_when=SMALL))
    second = domain("second", matrix(), yes_no(), words(), benchmark(), requirements())
    return a_bank(
        section("everything", "A", first, second),
        profile=a_profile(
            choice("production-type", "discrete", "process", "mixed", required=True),
            choice("size-class", "large", "medium", "small", "micro"),
            words("story", maximum_length=500),
        ),
        outcomes=a_profile(two_years()),
        glossary=[
            {
                "key": "mes",
                "term": {"zh": "制造执行系统", "en": "MES"},
                "meaning": {"zh": "管生产现场的软件。", "en": "Software of the shop floor."},
            },
            {
                "key": "erp",
                "term": {"zh": "企业资源计划", "en": "ERP"},
                "meaning": {"zh": "管经营的软件。", "en": "Software of the office."},
            },
        ],
    )


@cache
def printed(languages: Languages, fonts_folder: Path) -> Any:
    return made(every_kind(), languages, fonts_folder)


def made(bank: Bank, languages: Languages, fonts_folder: Path, *keys: str) -> Any:
    inputs = PackInputs(bank, DIGEST, "", languages, keys or tuple(bank.questions))
    told: list[int] = []
    result = make(Printing(fonts_folder, ACCENT, ""), inputs, told.append)
    assert told == sorted(told)
    assert max(told) < CHECKED_FROM
    return result


def words_of(content: bytes) -> str:
    """What the file says, without the spaces that lines and pages bring."""
    pages = pypdfium2.PdfDocument(content)
    said = "".join(page.get_textpage().get_text_bounded() for page in pages)
    pages.close()
    return "".join(said.split())


@pytest.mark.parametrize("languages", Languages)
def test_every_question_stands_there_with_help_example_place_unit_and_options(
    languages: Languages, fonts_folder: Path
) -> None:
    said = words_of(printed(languages, fonts_folder).content)

    for locale in languages.locales:
        for question in every_kind().questions.values():
            assert "".join(question.prompt.in_(locale).split()) in said
        for text in (
            {"zh": "看现在做到哪一步。", "en": "Look at the present step."},
            {"zh": "一家阀门厂。", "en": "A valve maker."},
            {"zh": "到哪里找：计划书", "en": "Where to find it: The plan"},
            {"zh": "千克标准煤", "en": "kgce"},
            {"zh": "第5步", "en": "Step 5"},
            {
                "zh": "此外，下一级已部分做到",
                "en": "In addition, the next step is partly in place",
            },
            {"zh": "不适用于本企业，理由：", "en": "Does not apply to us, because:"},
            {"zh": "单独使用", "en": "Stand-alone"},
            {"zh": "时填写。", "en": "Only if"},
            {"zh": "时可以不填。", "en": "May be left open if"},
            {"zh": "制造执行系统", "en": "MES"},
        ):
            assert "".join(text[locale.value].split()) in said, text
    if languages is Languages.ZH:
        assert "Step5" not in said


def test_only_words_of_the_glossary_that_are_used_are_explained(fonts_folder: Path) -> None:
    said = words_of(printed(Languages.EN, fonts_folder).content)

    assert "Softwareoftheshopfloor." in said
    assert "Softwareoftheoffice." not in said


def test_only_what_applies_is_printed_and_empty_sections_are_left_out(fonts_folder: Path) -> None:
    said = words_of(made(every_kind(), Languages.EN, fonts_folder, "planning", "years").content)

    assert "Whataboutplanning?" in said
    assert "Whataboutshare?" not in said
    assert "Keyfigures" not in said
    assert "2questions" in said


def test_it_holds_nothing_of_any_firm_and_the_same_gives_the_same_bytes(
    fonts_folder: Path,
) -> None:
    first = printed(Languages.BOTH, fonts_folder)
    second = made(every_kind(), Languages.BOTH, fonts_folder)

    assert first.content == second.content
    assert first.said == {}


@pytest.mark.parametrize("languages", Languages)
def test_it_passes_both_standards(languages: Languages, fonts_folder: Path) -> None:
    assert failed(printed(languages, fonts_folder).content) == {"3a": [], "ua1": []}


def test_a_question_that_the_fonts_cannot_print_ends_the_job(fonts_folder: Path) -> None:
    bank = a_bank(
        section(
            "everything", "A", domain("first", ladder(prompt={"zh": "\U0001f600？", "en": "?"}))
        )
    )

    with pytest.raises(render.RendererComplaint):
        made(bank, Languages.ZH, fonts_folder)


def test_the_contents_lead_to_each_section() -> None:
    html = pack_page.html(
        every_kind(), DIGEST, Languages.BOTH, tuple(every_kind().questions), ACCENT
    ).html

    for key in ("profile", "everything", "outcomes", "glossary"):
        assert f'href="#{key}"' in html
        assert f'id="{key}"' in html


def test_short_options_stand_beside_each_other_and_long_ones_below() -> None:
    wordy = ladder("wordy")
    wordy["options"][5]["label"] = {"zh": "计划由系统排出并自动下达", "en": "Planned by a system"}
    bank = a_bank(
        section("everything", "A", domain("first", wordy, words("product"))),
        profile=a_profile(
            choice("size-class", "large", "medium", "small", "micro"),
            words("story", maximum_length=500),
        ),
        size_by="size-class",
    )

    def asked(key: str, languages: Languages) -> pack_page.Asked:
        return pack_page._asked(bank, bank.questions[key], languages.locales)

    assert asked("size-class", Languages.BOTH).are_short
    assert asked("wordy", Languages.ZH).are_short
    assert not asked("wordy", Languages.BOTH).are_short
    assert asked("story", Languages.ZH).lines == 3
    assert asked("product", Languages.ZH).lines == 1


def test_a_question_that_may_go_on_overleaf_says_its_code_there_again() -> None:
    def codes(languages: Languages) -> list[str]:
        html = pack_page.html(bank, DIGEST, languages, tuple(bank.questions), ACCENT).html
        return re.findall('class="room-code">([^<]*)<', html)

    coded = [each | {"code": f"A{at}"} for at, each in enumerate((ladder("long"), number("short")))]
    bank = a_bank(section("everything", "A", domain("first", *coded)))

    assert codes(Languages.BOTH) == ["A0"]
    assert codes(Languages.ZH) == []


@pytest.mark.parametrize("languages", Languages)
def test_the_long_bank_is_printed_whole(languages: Languages, fonts_folder: Path) -> None:
    data, bank = yaml_bank.read(BANK.read_bytes())
    inputs = PackInputs(bank, document.digest(data), "", languages, tuple(bank.questions))

    result = make(Printing(fonts_folder, ACCENT, ""), inputs, lambda percent: None)

    said = words_of(result.content)
    locale = languages.locales[0]
    missing = [
        key
        for key, question in bank.questions.items()
        if "".join(question.prompt.in_(locale).split()) not in said
    ]
    assert missing == []
    assert (result.pages or 0) < 110
