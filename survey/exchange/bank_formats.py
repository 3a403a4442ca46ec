"""Every format that a question bank is written in and read from.

A writer and a reader deal in documents (plain data), never in banks: a draft may have faults. What
a format cannot carry is a loss with its place. A file of which nothing can be understood, or not
all, gives no document: nothing is taken from it by halves.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from survey.core import document
from survey.core.bank import Bank
from survey.core.errors import BadDocument, Problem
from survey.exchange import (
    bank_json,
    bank_xlsx_read,
    bank_xlsx_write,
    foreign_formats,
    other_files,
    own_markup,
    soundness,
    surveyjs_write,
    xlsform_write,
    xlsx,
    yaml_bank,
    yaml_file,
)
from survey.exchange.bank_parts import Read, Written
from survey.exchange.foreign import is_wide
from survey.exchange.xlsx import BadWorkbook

Document = dict[str, Any]
Reader = Callable[[bytes, str], Read]


@dataclass(frozen=True, slots=True)
class Format:
    """One format. Without `write` it is read only, without `read` written only."""

    extension: str
    media_type: str
    write: Callable[[Document], Written] | None = None
    read: Reader | None = None


def write_yaml(data: Document) -> Written:
    return Written(yaml_bank.write(data).encode())


def read_yaml(content: bytes, file: str) -> Read:
    """The document with the faults that a draft may have, line by line."""
    try:
        loaded = yaml_file.load(content, file=file)
    except BadDocument as error:
        return Read(None, error.problems)
    if not isinstance(loaded.data, dict):
        return Read(None, (Problem("yaml-empty", "", {}, file=file),))
    if unsound := soundness.unsound(loaded.data, file):
        return Read(None, tuple(loaded.locate(each, file=file) for each in unsound))
    found = [loaded.locate(each, file=file) for each in document.problems(loaded.data)]
    return Read(loaded.data, tuple(sorted(found, key=lambda problem: problem.line or 0)))


def _of_a_bank(read: Reader) -> Reader:
    """A reader of whole banks; what runs in their texts is taken out."""
    return lambda content, file: own_markup.without_running(read(content, file))


XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "yaml": Format("yaml", "application/yaml", write_yaml, _of_a_bank(read_yaml)),
        "xlsx": Format("xlsx", XLSX_TYPE, bank_xlsx_write.write, _of_a_bank(bank_xlsx_read.read)),
        "json": Format("json", "application/json", bank_json.write, _of_a_bank(bank_json.read)),
        "xlsform": Format("xlsx", XLSX_TYPE, xlsform_write.write, foreign_formats.read_xlsform),
        "surveyjs": Format(
            "json", "application/json", surveyjs_write.write, foreign_formats.read_surveyjs
        ),
        "lss": Format("lss", "application/xml", read=foreign_formats.read_lss),
        "limesurvey-txt": Format("txt", "text/plain", read=foreign_formats.read_txt),
    }
)
"""By name: the same in addresses, on the command line and in `detected`."""

_BANK_FIELDS = frozenset({"format", "sections", "levels"})


UNKNOWN = "exchange-unknown-format"


def read(content: bytes, file: str, name: str = "") -> Read:
    """Whatever is understood of a file, as the format of that name or by what is in it.

    The name of the file helps where its content says little.

    Raises `xlsx_strangers.Busy`, `apart.Late`.
    """
    if other := other_files.code_of(content):
        return Read(None, (Problem(other, "", {}, file=file),))
    format_ = FORMATS.get(name or detected(content, file))
    if format_ is None or format_.read is None:
        return Read(None, (Problem(UNKNOWN, "", {}, file=file),))
    found = format_.read(content, file)
    too_much = () if found.document is None else document.too_large(found.document)
    return Read(None, too_much) if too_much else found


def bank_of_yaml(content: bytes, file: str) -> tuple[Document, Bank]:
    """A bank in YAML. Raises BadDocument, which says so of a file in another format."""
    if code := other_files.code_of(content) or _code_of_no_yaml(content, file):
        raise BadDocument((Problem(code, "", {}, file=file),))
    return yaml_bank.read(content, file=file)


def _code_of_no_yaml(content: bytes, file: str) -> str:
    """Nobody is sent to convert what cannot be converted either."""
    format_ = detected(content, file)
    if not format_:
        return "" if _is_mapping(content, file) else UNKNOWN
    if content.startswith(b"PK") and xlsx.titles(content) is None:
        return BadWorkbook.code
    return "bank-no-yaml" if format_ in _NO_YAML else ""


def _is_mapping(content: bytes, file: str) -> bool:
    """Whether it is worth saying what it lacks of a bank, whatever it is called."""
    try:
        return not content.strip() or isinstance(yaml_file.load(content, file=file).data, dict)
    except BadDocument:
        return False


_NO_YAML = frozenset({"xlsx", "xlsform", "lss", "limesurvey-txt"})
"""JSON is YAML as well."""


def detected(content: bytes, file: str) -> str:
    """The name of the format; nothing if it is none of ours."""
    if other_files.code_of(content):
        return ""
    start = _start(content)
    extension = file.rpartition(".")[2].lower()
    if content.startswith(_OLE):
        return "xlsx" if _is_ours_of_old(content) else "xlsform"
    if content.startswith(b"PK"):
        return "xlsx" if _is_ours(content) else "xlsform"
    if start.startswith("<"):
        return "lss"
    if start.startswith("{"):
        return "json" if _is_bank(content) else "surveyjs"
    if "\t" in start and {cell.strip().lower() for cell in _first_row(start)} >= _LIMESURVEY:
        return "limesurvey-txt"
    if extension in _BY_NAME:
        return _BY_NAME[extension]
    return "yaml" if _FIELD_OF_YAML.search(start) else ""


_FIELD_OF_YAML = re.compile(
    r"^(?:format|key|version|title|levels|sections):(?=\s|\Z)", re.MULTILINE
)
_LIMESURVEY = {"class", "type/scale", "name"}
_BY_NAME = {
    "lss": "lss", "xlsx": "xlsx", "xls": "xlsform", "csv": "xlsform", "json": "surveyjs",
    "yaml": "yaml", "yml": "yaml",
}  # fmt: skip
"""What a file is taken for that does not say it itself: it is refused in the words of that."""


def _start(content: bytes) -> str:
    """The beginning of a file as text, for all that it may be none."""
    text = content[:4096].decode("utf-16" if is_wide(content) else "utf-8-sig", errors="replace")
    return text.lstrip(" \t\r\n")


def _first_row(start: str) -> list[str]:
    return start.partition("\n")[0].replace('"', "").split("\t")


_OLE = b"\xd0\xcf\x11\xe0"


def _is_ours(content: bytes) -> bool:
    """Whether a workbook has a sheet that only ours have; a broken one is taken for ours."""
    titles = xlsx.titles(content)
    return titles is None or len(bank_xlsx_read.OURS.intersection(titles)) > 1


def _is_ours_of_old(content: bytes) -> bool:
    """The same of a workbook in the old format, where a name stands behind its length."""
    found = [
        title
        for title in bank_xlsx_read.OURS
        if bytes([len(title), 0]) + title.encode() in content
        or bytes([len(title), 1]) + title.encode("utf-16-le") in content
    ]
    return len(found) > 1


def _is_bank(content: bytes) -> bool:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return isinstance(data, dict) and len(_BANK_FIELDS & data.keys()) > 1
