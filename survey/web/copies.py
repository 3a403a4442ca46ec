"""Which copy of a report a reader asks for, and what the copies are called."""

from collections.abc import Mapping

from survey.core.copies import Copy, Extent, Format, plainest
from survey.core.errors import SurveyError
from survey.core.text import Languages
from survey.i18n import Later, lazy
from survey.services.reports import USUAL, Found

LANGUAGES: Mapping[Languages, Later] = {
    Languages.BOTH: lazy("Chinese and English"),
    Languages.ZH: lazy("Chinese"),
    Languages.EN: lazy("English"),
}
EXTENTS: Mapping[Extent, Later] = {
    Extent.FULL: lazy("Full report"),
    Extent.SHORT: lazy("Short edition"),
}
FORMATS: Mapping[Format, Later] = {
    Format.PDF: lazy("PDF"),
    Format.DOCX: lazy("Word"),
    Format.HTML: lazy("Web page"),
    Format.XLSX: lazy("Excel"),
    Format.JSON: lazy("JSON"),
}
TITLES: Mapping[tuple[Languages, Extent], Later] = {
    (Languages.BOTH, Extent.FULL): lazy("Report in Chinese and English"),
    (Languages.ZH, Extent.FULL): lazy("Report in Chinese"),
    (Languages.EN, Extent.FULL): lazy("Report in English"),
    (Languages.BOTH, Extent.SHORT): lazy("Short report in Chinese and English"),
    (Languages.ZH, Extent.SHORT): lazy("Short report in Chinese"),
    (Languages.EN, Extent.SHORT): lazy("Short report in English"),
}
DATA_TITLES: Mapping[Format, Later] = {
    Format.XLSX: lazy("All answers as a workbook"),
    Format.JSON: lazy("Answers, result and trace as data"),
}


class UnknownCopy(SurveyError):
    """Languages, extent or format are none that a report can have."""

    code = "unknown-copy"


def read(given: Mapping[str, str]) -> Copy:
    """The copy that a form or an address names; what is left out is as usual.

    Raises UnknownCopy.
    """
    try:
        wanted = Copy(
            Languages(given.get("languages", USUAL.languages)),
            Extent(given.get("extent", USUAL.extent)),
            Format(given.get("format", USUAL.format)),
        )
    except ValueError as error:
        raise UnknownCopy from error
    return plainest(wanted)


def title(copy: Copy | Found) -> Later:
    return DATA_TITLES.get(copy.format) or TITLES[copy.languages, copy.extent]
