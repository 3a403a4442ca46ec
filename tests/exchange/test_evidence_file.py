"""What an uploaded file is: told by its content, whatever it is called, and by nothing else."""

import os
import struct
from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_STORED

import pytest
from PIL import Image

from survey.exchange import evidence_office
from survey.exchange.evidence_file import may_begin, recognise
from survey.exchange.evidence_kinds import (
    DOC,
    DOCX,
    GIF,
    HEIC,
    JPEG,
    ODP,
    ODS,
    ODT,
    PDF,
    PNG,
    PPT,
    PPTX,
    WEBP,
    XLS,
    XLSX,
    BadEvidence,
    BrokenEvidence,
    Kind,
    NotEvidence,
    TooManyPixels,
    TwoInOne,
    UnpacksTooLarge,
    WithMacros,
    WithPassword,
)
from tests.proofs import (
    a_docx,
    a_heic,
    a_pdf,
    a_picture,
    a_png_of,
    an_archive,
    an_odf,
    an_ole,
    an_ooxml,
    an_xlsx,
)


def a_film() -> bytes:
    """A GIF of two pictures, each with a table of colours of its own."""
    stream = BytesIO()
    frames = [Image.effect_noise((8, 8), 90).convert("P") for _ in range(2)]
    frames[0].save(stream, "GIF", save_all=True, append_images=frames[1:])
    return stream.getvalue()


VBA_RECORD = (
    b"\x1f\0\xff\x03\x14\0\0\0"  # a container of type 0x03FF
    b"\x02\0\0\x04\x0c\0\0\0"  # an atom of type 0x0400
    b"\x07\0\0\0"  # where the macros are kept
)
"""What an old presentation says of its macros; whether there are any follows."""

TAKEN: dict[str, tuple[bytes, Kind]] = {
    "a PDF": (a_pdf(), PDF),
    "a PNG": (a_picture("PNG"), PNG),
    "a JPEG": (a_picture("JPEG"), JPEG),
    "a JPEG that sharpens in steps": (a_picture("JPEG", progressive=True), JPEG),
    "a JPEG with a filling byte": (b"\xff\xd8\xff" + a_picture("JPEG")[2:], JPEG),
    "a GIF": (a_picture("GIF"), GIF),
    "a GIF that moves": (a_film(), GIF),
    "a WebP": (a_picture("WEBP"), WEBP),
    "a WebP without loss": (a_picture("WEBP", lossless=True), WEBP),
    "a WebP with a profile": (a_picture("WEBP", icc_profile=b"profile"), WEBP),
    "a picture of an iPhone": (a_heic(), HEIC),
    "a HEIC with a long box": (
        a_heic() + struct.pack(">I4sQ", 1, b"free", 20) + b"\0" * 4,
        HEIC,
    ),
    "a HEIC whose last box is open": (a_heic() + struct.pack(">I4s", 0, b"free") + b"x", HEIC),
    "a Word document": (a_docx(), DOCX),
    "an Excel workbook": (an_xlsx(), XLSX),
    "a presentation": (an_ooxml("presentationml.presentation.main+xml"), PPTX),
    "a text document": (an_odf("text"), ODT),
    "a spreadsheet": (an_odf("spreadsheet"), ODS),
    "a presentation of LibreOffice": (an_odf("presentation"), ODP),
    "an old Word document": (an_ole(["WordDocument", "1Table"]), DOC),
    "an old workbook": (an_ole(["Workbook"]), XLS),
    "a very old workbook": (an_ole(["Book"]), XLS),
    "an old presentation": (an_ole(["Current User", "PowerPoint Document"]), PPT),
    "an old presentation that had macros once": (
        an_ole(["PowerPoint Document"]) + VBA_RECORD + b"\0\0\0\0\x02\0\0\0",
        PPT,
    ),
    "a large old document": (an_ole(["WordDocument"], tables=112), DOC),
    "an old document with a workbook inside": (
        an_ole(["WordDocument"], ["Workbook", "CompObj"]),
        DOC,
    ),
    "a document with a workbook inside": (an_ooxml(further={"word/chart.xlsx": an_xlsx()}), DOCX),
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_firms_have_is_recognised(name: str) -> None:
    content, kind = TAKEN[name]

    assert recognise(content) == kind
    assert may_begin(content[:64])


JPEG_FILE = a_picture("JPEG")


def a_nest(depth: int) -> bytes:
    content = an_ooxml()
    for _ in range(depth):
        content = an_ooxml(further={"word/inner.docx": content})
    return content


def with_changed(content: bytes, place: int, form: str, *values: int) -> bytes:
    changed = bytearray(content)
    struct.pack_into(form, changed, place, *values)
    return bytes(changed)


def over_one_another() -> bytes:
    """An archive whose two entries are the same bytes, so that these are unpacked twice."""
    content = an_ooxml(further={"a.xml": b"\0" * 500, "b.xml": b"\0" * 500}).replace(
        b"b.xml", b"c.xml"
    )
    directory = content.index(b"PK\x01\x02")
    first = content.index(b"a.xml", directory) - 46
    second = content.index(b"c.xml", directory) - 46
    size = len(content)
    changed = with_changed(content, first + 20, "<I", size)
    return with_changed(changed, second + 20, "<I", size)


def with_prefix() -> bytes:
    """An archive behind other bytes that are counted as its own."""
    return b"PK\x03\x04" + an_ooxml()


def claiming_less() -> bytes:
    """An entry that unpacks to more than its list says."""
    content = an_ooxml(further={"a.xml": b"\0" * 100_000})
    place = content.rindex(b"a.xml") - 46
    return with_changed(content, place + 24, "<I", 10)


REFUSED: dict[str, tuple[bytes, type[BadEvidence]]] = {
    "nothing": (b"", NotEvidence),
    "HTML": (b"<!doctype html><script>alert(1)</script>", NotEvidence),
    "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", NotEvidence),
    "a script": (b"#!/bin/sh\nrm -rf ~\n", NotEvidence),
    "a program": (b"MZ\x90\0" + b"\0" * 200, NotEvidence),
    "a program of Linux": (b"\x7fELF" + b"\0" * 200, NotEvidence),
    "words": ("能耗：120".encode(), NotEvidence),
    "an archive": (an_archive({"readme.txt": b"hello"}), NotEvidence),
    "an archive of another format": (b"7z\xbc\xaf\x27\x1c" + b"\0" * 100, NotEvidence),
    "a Java program": (an_archive({"META-INF/MANIFEST.MF": b"", "A.class": b""}), NotEvidence),
    "a film in boxes": (a_heic(brand=b"isom"), NotEvidence),
    "an installer": (an_ole(["Property"]), NotEvidence),
    "another OOXML": (an_ooxml("visio.drawing.main+xml"), NotEvidence),
    "another ODF": (an_odf("graphics"), NotEvidence),
    "half a PDF": (a_pdf()[:-10], BrokenEvidence),
    "a PDF of nothing": (b"%PDF-1.4%%EOF", BrokenEvidence),
    "a PDF of no version": (b"%PDF-x.7\n%%EOF", BrokenEvidence),
    "half a PNG": (a_picture("PNG")[:-20], BrokenEvidence),
    "a PNG without pixels": (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sI", 0, b"IEND", 0),
        BrokenEvidence,
    ),
    "half a JPEG": (a_picture("JPEG")[:-2], BrokenEvidence),
    "a JPEG without a size": (b"\xff\xd8\xff\xd9", BrokenEvidence),
    "a JPEG with rubbish": (b"\xff\xd8\xff\xe0\0\x02rubbish", BrokenEvidence),
    "half a GIF": (a_picture("GIF")[:-1], BrokenEvidence),
    "a GIF of rubbish": (b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0, 0, 0) + b"\0;", BrokenEvidence),
    "half a WebP": (a_picture("WEBP")[:-9], BrokenEvidence),
    "sound": (b"RIFF" + struct.pack("<I", 4) + b"WAVE", BrokenEvidence),
    "a WebP of rubbish": (b"RIFF" + struct.pack("<I", 8) + b"WEBPnone", BrokenEvidence),
    "half a HEIC": (a_heic()[:-1], BrokenEvidence),
    "a HEIC with a box of nothing": (a_heic() + struct.pack(">I4s", 4, b"free"), BrokenEvidence),
    "an empty PNG": (b"\x89PNG\r\n\x1a\n", BrokenEvidence),
    "a PNG that is cut off in a part": (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s", 900, b"IHDR") + b"\0" * 30,
        BrokenEvidence,
    ),
    "a JPEG that ends before its size": (b"\xff\xd8\xff\xe0\0\x02\xff\xd9\0\x02", BrokenEvidence),
    "a HEIC without a size": (a_heic().replace(b"ispe", b"none"), BrokenEvidence),
    "a picture without height": (a_heic(height=0), BrokenEvidence),
    "half an archive": (an_xlsx()[:-30], BrokenEvidence),
    "an archive behind something": (with_prefix(), BrokenEvidence),
    "an archive with a comment": (an_archive({"mimetype": b""}, comment=b"x"), BrokenEvidence),
    "an archive packed otherwise": (
        an_archive({"[Content_Types].xml": b"x"}, packed=ZIP_BZIP2),
        BrokenEvidence,
    ),
    "an entry larger than it says": (claiming_less(), BrokenEvidence),
    "the beginning of an old document": (an_ole(["WordDocument"])[:600], BrokenEvidence),
    "an old document without a list": (
        with_changed(an_ole(["WordDocument"]), 48, "<I", 0xFFFFFFFE),
        BrokenEvidence,
    ),
    "an old document in a circle": (
        with_changed(an_ole(["WordDocument"]), 1024, "<I", 0),
        BrokenEvidence,
    ),
    "an old document that leads nowhere": (
        with_changed(an_ole(["WordDocument"]), 1024, "<I", 5000),
        BrokenEvidence,
    ),
    "an old document with tables for ever": (
        with_changed(an_ole(["WordDocument"], tables=112), 114 * 512 + 508, "<I", 113),
        BrokenEvidence,
    ),
    "an old document with a chain of nothing": (
        with_changed(
            with_changed(an_ole(["WordDocument"], tables=112), 114 * 512 + 508, "<I", 113),
            114 * 512,
            "<127I",
            *[0xFFFFFFFF] * 127,
        ),
        BrokenEvidence,
    ),
    "an old document of odd sectors": (
        with_changed(an_ole(["WordDocument"]), 30, "<H", 3),
        BrokenEvidence,
    ),
    "PDF and HTML": (b"%PDF-1.7\n<html><script>alert(1)</script>" + a_pdf(), TwoInOne),
    "PDF and archive": (a_pdf() + an_archive({"a.class": b"\xca\xfe"}), TwoInOne),
    "archive and PDF in its comment": (
        an_archive({"a.txt": a_pdf()}, packed=ZIP_STORED, comment=b"%%EOF"),
        TwoInOne,
    ),
    "PDF and archive with a comment": (
        a_pdf() + an_archive({"a.class": b""}, comment=b"\n%%EOF\n"),
        TwoInOne,
    ),
    "picture and PDF": (
        a_picture("GIF")[:-1] + b"\x21\xfe\x09%PDF-1.7\n\0;",
        TwoInOne,
    ),
    "picture and HTML": (a_picture("GIF")[:-1] + b"\x21\xfe\x08<script>\0;", TwoInOne),
    "picture and archive": (a_picture("PNG") + an_archive({"a": b"b"}), TwoInOne),
    "document and Java program": (
        an_ooxml(further={"META-INF/MANIFEST.MF": b"", "A.class": b"\xca\xfe\xba\xbe"}),
        TwoInOne,
    ),
    "document and page": (an_ooxml(further={"index.html": b"<p>"}), TwoInOne),
    "macros": (an_ooxml("ms-word.document.macroEnabled.main+xml"), WithMacros),
    "hidden macros": (an_ooxml(further={"word/vbaProject.bin": b"x"}), WithMacros),
    "macros of LibreOffice": (
        an_odf(further={"Basic/Standard/Module1.xml": b"<x/>"}),
        WithMacros,
    ),
    "macros of an old presentation": (
        an_ole(["PowerPoint Document"]) + VBA_RECORD + b"\x01\0\0\0\x02\0\0\0",
        WithMacros,
    ),
    "a sheet of old macros": (an_ooxml("ms-excel.macrosheet+xml"), WithMacros),
    "macros under another name": (an_ooxml("ms-office.vbaProject"), WithMacros),
    "macros of an old document": (an_ole(["WordDocument"], ["VBA", "dir"]), WithMacros),
    "a password": (an_ole(["EncryptedPackage", "EncryptionInfo"]), WithPassword),
    "a password of LibreOffice": (
        an_odf(further={"META-INF/manifest.xml": b"<encryption-data/>"}),
        WithPassword,
    ),
    "a bomb": (an_ooxml(further={"a.xml": b"\0" * 20_000_000}), UnpacksTooLarge),
    "a bomb in a document": (
        an_ooxml(further={"a.docx": an_ooxml(further={"b.xml": b"\0" * 20_000_000})}),
        UnpacksTooLarge,
    ),
    "a bomb of one layer": (over_one_another(), UnpacksTooLarge),
    "a bomb of many layers": (a_nest(3), UnpacksTooLarge),
    "a list of names too long": (
        an_archive({f"{number:05}" + "n" * 600: b"" for number in range(3400)}),
        UnpacksTooLarge,
    ),
    "an archive of nothing": (
        b"PK\x03\x04" + b"PK\x05\x06" + b"\0" * 12 + struct.pack("<IH", 4, 0),
        BrokenEvidence,
    ),
    "an archive within an archive": (
        an_ooxml(further={"a.zip": an_archive({"a.txt": b"x"})}),
        NotEvidence,
    ),
    "a bomb of many entries": (
        an_archive({f"{number}": b"" for number in range(evidence_office.MOST_ENTRIES + 1)}),
        UnpacksTooLarge,
    ),
    "a PNG of too many pixels": (a_png_of(20_000, 20_000), TooManyPixels),
    "a GIF of too many pixels": (
        with_changed(a_picture("GIF"), 6, "<HH", 60_000, 60_000),
        TooManyPixels,
    ),
    "a HEIC of too many pixels": (a_heic(60_000, 60_000), TooManyPixels),
    "a JPEG of too many pixels": (
        with_changed(JPEG_FILE, JPEG_FILE.index(b"\xff\xc0") + 5, ">HH", 60_000, 60_000),
        TooManyPixels,
    ),
    "an entry with a password": (
        with_changed(an_ooxml(), an_ooxml().index(b"PK\x01\x02") + 8, "<H", 1),
        WithPassword,
    ),
    "two entries of one name": (
        an_ooxml(further={"a.xml": b"1", "A.xml": b"2"}),
        BrokenEvidence,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_everything_else_is_refused_for_its_reason(name: str) -> None:
    content, reason = REFUSED[name]

    with pytest.raises(BadEvidence) as refusal:
        recognise(content)

    assert type(refusal.value) is reason


def test_a_document_inside_another_is_not_too_large_to_be_looked_into() -> None:
    """It is held in memory as a whole, however small it is packed."""
    inner = an_archive({"a.bin": b"\0" * evidence_office.MOST_NESTED}, packed=ZIP_STORED)
    room = os.urandom(evidence_office.MOST_NESTED // 20)

    with pytest.raises(UnpacksTooLarge):
        recognise(an_ooxml(further={"word/inner.docx": inner, "a.png": room}))
    assert recognise(an_ooxml(further={"a.bin": inner[4:], "a.png": room})) == DOCX
