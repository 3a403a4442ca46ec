"""Fonts are not copied into memory, and the file is the same as if they were."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from weasyprint.pdf import fonts as written

from survey.core.copies import Copy, Extent
from survey.core.text import Languages
from survey.pdf import render, thrift
from tests.pdf.conftest import EMPTY, a_firms_report

COPY = Copy(Languages.EN, Extent.SHORT)
WHOLE = 1024 * 1024


def test_the_same_file_without_a_copy_of_every_font(
    fonts_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[bytes] = []
    made = [render.pdf_bytes(a_firms_report(EMPTY), COPY, fonts_folder=fonts_folder).content]

    with monkeypatch.context() as patch:
        patch.setattr(written.Font, "file_content", property(thrift._content, keeping(kept)))
        made.append(
            render.pdf_bytes(a_firms_report(EMPTY), COPY, fonts_folder=fonts_folder).content
        )
        patch.delattr(written.Font, "file_content")
        made.append(
            render.pdf_bytes(a_firms_report(EMPTY), COPY, fonts_folder=fonts_folder).content
        )

    assert made[0] == made[1] == made[2]
    assert kept
    assert all(len(each) < WHOLE for each in kept)


def keeping(kept: list[bytes]) -> Callable[[Any, Any], None]:
    """Keep as the program does, and note what was kept."""

    def keep(font: Any, content: bytes) -> None:
        thrift._keep(font, content)
        if "cut_content" in vars(font):
            kept.append(content)

    return keep


def test_a_font_that_was_not_cut_yet_can_be_read_whole(fonts_folder: Path) -> None:
    found: list[bytes] = []

    class Reading(written.Font):  # type: ignore[misc]  # WeasyPrint has no types
        def clean(self, *given: object) -> None:
            found.append(self.file_content)
            super().clean(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(written, "Font", Reading)
        patch.setattr("weasyprint.pdf.stream.Font", Reading)
        render.warm_up(fonts_folder)

    assert any(len(each) > WHOLE for each in found)
