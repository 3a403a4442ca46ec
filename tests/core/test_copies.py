"""Which copies of a report can be asked for."""

import pytest

from survey.core.copies import Copy, Extent, Format, plainest
from survey.core.text import Languages


def test_the_usual_copy_is_the_whole_report_as_a_pdf() -> None:
    usual = Copy(Languages.BOTH)

    assert (usual.extent, usual.format) == (Extent.FULL, Format.PDF)


def test_every_format_has_a_media_type_of_its_own() -> None:
    types = [each.media_type for each in Format]

    assert len(set(types)) == len(types)
    assert Format.JSON.media_type == "application/json"


@pytest.mark.parametrize("extent", list(Extent))
@pytest.mark.parametrize("languages", list(Languages))
def test_copies_whose_files_are_equal_are_one(languages: Languages, extent: Extent) -> None:
    found = {each: plainest(Copy(languages, extent, each)) for each in Format}

    assert found == {
        Format.PDF: Copy(languages, extent, Format.PDF),
        Format.DOCX: Copy(languages, extent, Format.DOCX),
        Format.HTML: Copy(languages, extent, Format.HTML),
        Format.JSON: Copy(Languages.BOTH, Extent.FULL, Format.JSON),
        Format.XLSX: Copy(languages, Extent.FULL, Format.XLSX),
    }
