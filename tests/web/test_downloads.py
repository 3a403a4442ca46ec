"""What a file is called when it is saved: by the firm, the kind and the date, and harmless."""

from datetime import date

import pytest

from survey.core.copies import Copy, Extent, Format
from survey.core.text import Languages
from survey.web.downloads import LONGEST_NAME, report_name, safe


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("砺洲阀门有限公司（示例）", "砺洲阀门有限公司（示例）"),
        ("../../etc/passwd", "etcpasswd"),
        ('a"b\\c:d|e?f*g<h>i%j', "abcdefghij"),
        ("two\r\nlines\0", "twolines"),
        ("fdp\u202e.exe", "fdp.exe"),
        ("  . spaced   out .  ", "spaced out"),
        ("㐂𠮷机械", "㐂𠮷机械"),
        ("é", "é"),
        ("...", ""),
    ],
)
def test_a_name_loses_what_a_disk_or_a_reader_would_trip_over(typed: str, expected: str) -> None:
    assert safe(typed) == expected


@pytest.mark.parametrize(
    ("typed", "kept"), [("阀" * 200, "阀" * 50), ("𠮷" * 200, "𠮷" * 37), ("a" * 200, "a" * 150)]
)
def test_a_long_name_is_cut_by_the_bytes_that_a_disk_counts(typed: str, kept: str) -> None:
    assert safe(typed) == kept
    assert len(kept.encode()) <= LONGEST_NAME


@pytest.mark.parametrize(
    ("firm", "copy", "expected"),
    [
        ("砺洲阀门", Copy(Languages.BOTH), "砺洲阀门-报告-中英双语-20260301.pdf"),
        (
            "砺洲阀门",
            Copy(Languages.ZH, Extent.SHORT, Format.DOCX),
            "砺洲阀门-报告简版-中文-20260301.docx",
        ),
        ("砺洲阀门", Copy(Languages.EN, format=Format.XLSX), "砺洲阀门-答案-英文-20260301.xlsx"),
        ("砺洲阀门", Copy(Languages.EN, format=Format.JSON), "砺洲阀门-自评结果-20260301.json"),
        ("...", Copy(Languages.ZH), "报告-中文-20260301.pdf"),
    ],
)
def test_the_name_of_a_file_says_what_it_is(firm: str, copy: Copy, expected: str) -> None:
    assert report_name(firm, copy, date(2026, 3, 1)) == expected
