"""Texts of a bank as a PO file, and back."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.core.errors import Facts
from survey.core.texts import State, TextAt, TextKind
from survey.core.translation_rows import (
    LONGEST,
    ExportedText,
    FileFault,
    TranslationFile,
    TranslationRow,
    exported,
)
from survey.exchange import translation_po
from survey.exchange.translation_po import BadPo, BrokenPo, LargePo, PoOfOtherSigns
from tests.builders import bank_data

DAY = date(2026, 3, 2)
ODD_HEADER = (
    b'msgid ""\nmsgstr ""\n"Language: xx-yy-zz\\n"\n"POT-Creation-Date: never\\n"\n'
    b'"Plural-Forms: rubbish\\n"\n"Content-Type: text/plain; charset=nonsense\\n"\n'
)
some = settings(max_examples=100, deadline=None, derandomize=True, database=None)
SIGNS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff")
    | st.sampled_from('"\\\n\t%#'),
    max_size=40,
).map(str.strip)


def written(rows: list[ExportedText], *, revision: int = 7) -> bytes:
    return translation_po.written(rows, bank="test-bank", version=3, revision=revision, day=DAY)


def a_text(place: str = "title", zh: str = "题库", en: str = "Bank") -> TextAt:
    return TextAt(place, TextKind.TITLE, zh, en, "")


def test_a_file_says_of_which_bank_version_and_revision_it_is() -> None:
    file = translation_po.read(written([ExportedText(a_text(), State.REVIEWED, "")]))

    row = TranslationRow("title", "题库", "Bank", reviewed=True)
    assert file == TranslationFile("test-bank", 3, 7, (row,))


def test_what_nobody_has_reviewed_is_fuzzy_and_a_stale_one_has_its_older_source() -> None:
    rows = [
        ExportedText(a_text("title"), State.DRAFT, ""),
        ExportedText(a_text("summary", "说明（新）"), State.STALE, "说明"),
        ExportedText(a_text("notice", en=""), State.MISSING, ""),
    ]

    content = written(rows)

    text = content.decode()
    assert '#, fuzzy\nmsgctxt "title"' in text
    assert '#, fuzzy\n#| msgid "说明"\nmsgctxt "summary"' in text
    assert [row.reviewed for row in translation_po.read(content).rows] == [False, False, False]
    assert [row.en for row in translation_po.read(content).rows] == ["Bank", "Bank", ""]


def test_what_has_no_chinese_is_named_at_the_beginning_of_the_file() -> None:
    rows = [
        ExportedText(a_text(), State.REVIEWED, ""),
        ExportedText(a_text("odd\u2028place", ""), State.DRAFT, ""),
        ExportedText(a_text("notice", "", ""), State.MISSING, ""),
    ]

    content = written(rows)

    lines = content.decode().split("\n")
    assert "Texts without Chinese, not in this file: 2." in lines[1]
    assert lines[2:5] == ["# odd place", "# notice", 'msgid ""']
    assert [row.place for row in translation_po.read(content).rows] == ["title"]


def test_the_same_texts_give_the_same_bytes() -> None:
    rows = list(exported(bank_data(), {}))

    assert written(rows) == written(rows)


def test_every_text_of_a_bank_comes_back() -> None:
    rows = list(exported(bank_data(), {}))

    file = translation_po.read(written(rows))

    assert [(row.place, row.zh, row.en) for row in file.rows] == [
        (row.text.place, row.text.zh, row.text.en) for row in rows
    ]


@given(st.lists(st.tuples(SIGNS.filter(bool), SIGNS, SIGNS), min_size=1, max_size=5))
@some
def test_texts_of_any_signs_come_back(pairs: list[tuple[str, str, str]]) -> None:
    rows = [
        ExportedText(a_text(f"place/{n}", zh, en), State.STALE if was else State.REVIEWED, was)
        for n, (zh, en, was) in enumerate(pairs)
    ]

    file = translation_po.read(written(rows))

    assert [(row.zh, row.en) for row in file.rows] == [(zh, en) for zh, en, _ in pairs]


def test_a_file_of_another_program_is_read_without_a_revision() -> None:
    content = (
        "\ufeff# made elsewhere\r\n"
        'msgid ""\r\nmsgstr ""\r\n"Project-Id-Version: other\\n"\r\n\r\n'
        'msgctxt "title"\r\nmsgid "题"\r\n"库"\r\nmsgstr "Ba"\r\n"nk"\r\n\r\n'
        'msgid "no place"\r\nmsgstr "x"\r\n\r\n'
        'msgctxt "a"\r\nmsgid "一"\r\nmsgid_plural "多"\r\nmsgstr[0] "one"\r\nmsgstr[1] "many"\r\n'
        '#~ msgctxt "old"\r\n#~ msgid "旧"\r\n#~ msgstr "Old"\r\n'
    ).encode()

    file = translation_po.read(content)

    assert (file.version, file.revision) == (0, 0)
    assert file.rows == (
        TranslationRow("title", "题库", "Bank", reviewed=True),
        TranslationRow("a", "一", "one", reviewed=True),
    )


def test_a_header_of_another_program_does_not_matter() -> None:
    entry = b'\nmsgctxt "a"\nmsgid "b"\nmsgstr ""\n"Language: English\\n"\n"Go on"\n'

    (row,) = translation_po.read(ODD_HEADER + entry).rows

    assert row == TranslationRow("a", "b", "Language: English\nGo on", reviewed=True)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b'msgctxt "a"\nmsgid "x"\nmsgstr "cut o', 3),
        (b'msgctxt "a"\nmsgid "x\nmsgstr "y"\n', 2),
        (b"<html>\n", 1),
        (b'msgctxt "a"\nmsgid "x"\n', 2),
        (b'msgwhat "a"\n', 1),
    ],
)
def test_a_line_that_cannot_be_there_is_named(content: bytes, line: int) -> None:
    with pytest.raises(BrokenPo) as caught:
        translation_po.read(content)

    assert caught.value.facts == {"line": line}


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", BadPo),
        (b"# nothing\n", BadPo),
        (b'msgid ""\nmsgstr ""\n', BadPo),
        (b'msgid "without a place"\nmsgstr "x"\n', BadPo),
        (b'msgstr "first"\n', BadPo),
        (b'msgctxt "a"\nmsgid "b"\nmsgstr "c"\n\n' + ODD_HEADER, BadPo),
        (b'"begins in the middle"\n', BadPo),
        ('msgid "题"\n'.encode("gbk"), PoOfOtherSigns),
        (b"\x89PNG\r\n\x1a\n\xff", PoOfOtherSigns),
        (b"#" * (translation_po.LARGEST + 1), LargePo),
    ],
)
def test_what_is_no_file_of_texts_is_refused(content: bytes, refusal: type[BadPo]) -> None:
    with pytest.raises(refusal):
        translation_po.read(content)


def entries(*texts: tuple[str, str, str]) -> bytes:
    return "\n".join(
        f'msgctxt "{place}"\nmsgid "{zh}"\nmsgstr "{en}"\n' for place, zh, en in texts
    ).encode()


def test_a_text_that_is_there_twice_is_a_fault_with_both_lines_and_not_taken() -> None:
    content = entries(("title", "题库", "First"), ("notice", "注意", "Note"), ("title", "题", "B"))
    content += b'\nmsgctxt ""\n"note"\n"ice"\nmsgid "x"\nmsgstr "y"\n'

    file = translation_po.read(content)

    assert [row.place for row in file.rows] == ["notice", "noteice"]
    facts: Facts = {"part": "title", "first": 1, "second": 9}
    assert file.faults == (FileFault("translations-twice-in-lines", facts),)


def test_what_runs_in_a_translation_is_taken_out_and_told_with_its_line() -> None:
    content = entries(
        ("title", "题库", "Bank"),
        ("notice", "注意", "Hi <script>alert(1)</script><img src=x onerror=alert(2)>"),
        ("banner", "字", "Less than 5 (<5), <your name>"),
    )

    file = translation_po.read(content)

    assert [row.en for row in file.rows] == ["Bank", "Hi", "Less than 5 (<5), <your name>"]
    assert [row.reviewed for row in file.rows] == [True, False, True]
    what = "<script>, <img>, src=x, onerror"
    assert file.faults == (FileFault("translations-markup-line", {"line": 5, "what": what}),)


def test_a_text_that_is_too_long_or_holds_a_control_is_a_fault_with_its_line() -> None:
    content = entries(
        ("title", "题库", "Bank"),
        ("notice", "注意", "x" * (LONGEST + 1)),
        ("banner", "字", "a\x0bb"),
    )

    file = translation_po.read(content)

    assert [row.place for row in file.rows] == ["title"]
    assert file.faults == (
        FileFault("translations-too-long-line", {"line": 5, "most": LONGEST}),
        FileFault("translations-unprintable-line", {"line": 9, "character": "U+000B"}),
    )
