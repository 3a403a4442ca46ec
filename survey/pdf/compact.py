"""What WeasyPrint writes that no reader needs: a fifth of a report's bytes.

It gives every line of text an element of its own in the tree of tags, moves glyphs by nothing,
and places them to a millionth of a point.
"""

import re
from typing import Any

import pydyf

_BY_NOTHING = re.compile(rb">-?0(?=[<\]])")
_FINE = re.compile(rb"-?\d+\.\d{4,}")
_MATRIX, _TEXT = b" cm", b" TJ"
_LINE_KEYS = frozenset({"Type", "S", "K", "Pg", "P"})


def compact(pdf: Any) -> None:
    """Shorten a file that is about to be written. What a reader shows or reads is the same."""
    tree = pdf.catalog["StructTreeRoot"]
    _drop_lines(pdf, pdf.objects[_number(pdf.objects[_number(tree)]["ParentTree"])]["Nums"])
    for page in pdf.page_references:
        contents = pdf.objects[_number(page)]["Contents"]
        stream = pdf.objects[_number(contents)]
        stream.stream = [_shortened(each) for each in stream.stream]


def _drop_lines(pdf: Any, of_pages: list[Any]) -> None:
    """Hand the text of each line to the element around it; the line's own becomes nothing."""
    around: dict[bytes, bytes] = {}
    for at, line in enumerate(pdf.objects):
        if not isinstance(line, pydyf.Dictionary) or not _is_line(line):
            continue
        parent = pdf.objects[_number(line["P"])]
        if parent.get("Pg") != line["Pg"]:
            continue
        parent["K"][parent["K"].index(line.reference)] = line["K"][0]
        around[line.reference] = line["P"]
        pdf.objects[at] = _Nothing()
    for on_page in of_pages[1::2]:
        if isinstance(on_page, pydyf.Array):
            on_page[:] = [around.get(each, each) for each in on_page]


def _is_line(element: Any) -> bool:
    """Whether an element says no more than which text it is."""
    return (
        element.get("S") == "/Span"
        and element.keys() == _LINE_KEYS
        and len(element["K"]) == 1
        and isinstance(element["K"][0], int)
    )


def _shortened(operation: Any) -> Any:
    if not isinstance(operation, bytes) or operation.endswith(_MATRIX):
        return operation
    if operation.endswith(_TEXT):
        return _BY_NOTHING.sub(b">", operation).replace(b"><", b"")
    return _FINE.sub(_rounded, operation)


def _rounded(number: re.Match[bytes]) -> bytes:
    return b"%.3f" % float(number[0])


def _number(reference: bytes | str) -> int:
    return int(reference.split()[0])


class _Nothing(pydyf.Object):  # type: ignore[misc]  # pydyf has no types
    """The place of an object that is not there any more: without a number it is listed as free."""

    compressible = False

    def __init__(self) -> None:
        super().__init__()
        self.number, self.free = 0, "f"
