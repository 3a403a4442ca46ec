"""What WeasyPrint leaves out of a file that is PDF/A-3a and PDF/UA-1 at once.

WeasyPrint writes either standard, tags the running heads as content, and knows one language per
document. These repairs lean on its private parts, so its version is pinned; the validators of
the test suite tell when they stop to fit. docs/decisions/0010 has the reasons.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, BinaryIO

import pydyf
from typing_extensions import override
from weasyprint import pdf as writer
from weasyprint.css import ColorProfile
from weasyprint.formatting_structure import boxes
from weasyprint.layout.absolute import AbsolutePlaceholder
from weasyprint.pdf import tags
from weasyprint.pdf.stream import Stream

from survey.pdf.compact import compact
from survey.pdf.signing import SIGNATURE_FIELD

VARIANT = "pdf/a-3a"

_LANGUAGE = "lang"
_SAYING_NOTHING = ("/Span", "/Div", "/NonStruct")
_IN_A_LIST = ("/LI", "/L", "/Caption")
_PRINTED = 1 << 2
_LOCKED = 1 << 7
_SIGNATURES_EXIST_AND_APPEND_ONLY = 3
_EXTENSION = """\
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about=""
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Indicates, which part of ISO 14289 is followed</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
</rdf:RDF>
"""


class _TaggedStream(Stream):  # type: ignore[misc]  # WeasyPrint has no types
    """A page whose running head and foot are artifacts: nobody wants them read on every page."""

    @override
    def marked(self, box: Any, tag: str) -> AbstractContextManager[None]:
        marker: AbstractContextManager[None]
        marker = self.artifact() if _is_running(box) else super().marked(box, tag)
        return marker


class _ClosedProfile(ColorProfile):  # type: ignore[misc]  # WeasyPrint has no types
    """The colours of the screen, read from a file that is closed at once."""

    def __init__(self, file: BinaryIO, *rest: Any) -> None:
        with file:
            super().__init__(file, *rest)


_unended = pydyf.Stream.data.fget


def _ended(stream: Any) -> bytes:
    """End a stream so that its length is clear: a last CR would be taken for a part of the end."""
    data: bytes = _unended(stream)
    end = b"\nendstream"
    return data.removesuffix(end) + b"\r" + end if data.endswith(b"\r" + end) else data


_untold = tags._build_box_tree  # noqa: SLF001  # there is no other way in


def _told(box: Any, parent: Any, pdf: Any, *rest: Any) -> Iterator[Any]:
    """Build the tags of a box, each with the language and the scope that its element names.

    A box that only has a colour is not told at all.
    """
    if isinstance(box, boxes.MarginBox):
        return
    real = box._box if isinstance(box, AbsolutePlaceholder) else box  # noqa: SLF001  # see above
    facts = {} if real.element is None else real.element.attrib
    for element in _untold(box, parent, pdf, *rest):
        if not element["K"] and element["S"] in _SAYING_NOTHING:
            continue
        if _LANGUAGE in facts:
            element["Lang"] = pydyf.String(facts[_LANGUAGE])
        if element["S"] == "/TH":
            element["A"]["Scope"] = "/Row" if facts.get("scope") == "row" else "/Column"
        if element["S"] == "/L":
            _keep_items_only(element, pdf)
        yield element


def _keep_items_only(listed: Any, pdf: Any) -> None:
    """Hand the space between two items of a list to the item before: a list holds items alone."""
    kept: list[Any] = []
    for reference in listed["K"]:
        child = _at(pdf, reference)
        if child["S"] in _IN_A_LIST or not kept:
            kept.append(reference)
            continue
        item = _at(pdf, kept[-1])
        body = _at(pdf, item["K"][-1])
        child["P"] = body.reference
        body["K"].append(reference)
    listed["K"] = pydyf.Array(kept)


def install() -> None:
    """Have this process write such files. Doing it twice changes nothing."""
    writer.Stream = _TaggedStream
    pydyf.Stream.data = property(_ended)
    writer.ColorProfile = _ClosedProfile
    tags._build_box_tree = _told  # noqa: SLF001  # see above


def prepare(document: Any) -> None:
    """Mark what stands in the margins, before the pages are drawn."""
    for page in document.pages:
        for box in page._page_box.children:  # noqa: SLF001  # see above
            if isinstance(box, boxes.MarginBox):
                for inner in (box, *box.descendants()):
                    inner.runs = True


def finish(document: Any, pdf: Any) -> None:
    """Add what both standards want in the catalogue and the metadata, after the pages are drawn."""
    xmp = document.metadata
    declared = xmp.generate_rdf_metadata("a", 3, "A").decode()
    body = declared.replace("</rdf:RDF>", "", 1) + _inner(_EXTENSION) + "</rdf:RDF>"
    content = (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/">\n{body}\n</x:xmpmeta>\n<?xpacket end="r"?>'
    )
    # Readers of PDF/UA look for the words, so the stream is left as they are.
    stream = pydyf.Stream([content.encode()], {"Type": "/Metadata", "Subtype": "/XML"})
    stream.number = _at(pdf, pdf.catalog["Metadata"]).number
    pdf.objects[stream.number] = stream
    for each in pdf.objects:
        if "Interpolate" in getattr(each, "extra", ()):  # WeasyPrint smoothes pictures
            each.extra["Interpolate"] = "false"
    if "AF" in pdf.catalog:  # WeasyPrint names each of them twice
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))
    compact(pdf)


def finish_for_signature(document: Any, pdf: Any, label: str) -> None:
    """Add an empty field for the signature, tagged like the rest: its signer changes no tags.

    The field takes no room on the paper; `label` is what a screen reader calls it.
    """
    finish(document, pdf)
    page = pdf.page_references[0]
    field = pydyf.Dictionary(
        {
            "Type": "/Annot",
            "Subtype": "/Widget",
            "FT": "/Sig",
            "T": pydyf.String(SIGNATURE_FIELD),
            "TU": pydyf.String(label),
            "Rect": pydyf.Array([0, 0, 0, 0]),
            "F": _PRINTED | _LOCKED,
            "P": page,
        }
    )
    pdf.add_object(field)
    _at(pdf, page).setdefault("Annots", pydyf.Array()).append(field.reference)
    pdf.catalog["AcroForm"] = pydyf.Dictionary(
        {
            "Fields": pydyf.Array([field.reference]),
            "SigFlags": _SIGNATURES_EXIST_AND_APPEND_ONLY,
        }
    )
    _tag(pdf, field, page)


def _tag(pdf: Any, field: Any, page: Any) -> None:
    """Put a field into the tree of tags, at its end, and into the way back from page to tag."""
    root = _at(pdf, pdf.catalog["StructTreeRoot"])
    whole = _at(pdf, root["K"][0])
    pointer = pydyf.Dictionary({"Type": "/OBJR", "Obj": field.reference, "Pg": page})
    pdf.add_object(pointer)
    element = pydyf.Dictionary(
        {
            "Type": "/StructElem",
            "S": "/Form",
            "P": whole.reference,
            "Pg": page,
            "K": pydyf.Array([pointer.reference]),
        }
    )
    pdf.add_object(element)
    whole["K"].append(element.reference)
    back = _at(pdf, root["ParentTree"])["Nums"]
    field["StructParent"] = back[-2] + 1
    back.extend([field["StructParent"], element.reference])


def _at(pdf: Any, reference: bytes | str) -> Any:
    """The object that a reference like ``12 0 R`` leads to."""
    return pdf.objects[int(reference.split()[0])]


def _inner(rdf: str) -> str:
    return rdf[rdf.index(">") + 1 : rdf.rindex("</rdf:RDF>")]


def _is_running(box: Any) -> bool:
    return getattr(box, "runs", False)
