"""Files as firms have them, small and real, and files as attackers make them."""

import struct
import zlib
from collections.abc import Mapping, Sequence
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import docx
from openpyxl import Workbook
from PIL import Image

ODF = "application/vnd.oasis.opendocument."


def a_pdf(size: int = 0) -> bytes:
    """A PDF that is complete as far as anybody looks, padded to a size."""
    start, end = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n", b"\ntrailer\n<<>>\nstartxref\n9\n%%EOF\n"
    return start + b"%" * max(0, size - len(start) - len(end)) + end


def a_picture(form: str, size: tuple[int, int] = (8, 6), **options: object) -> bytes:
    stream = BytesIO()
    Image.new("RGB", size, "#205080").save(stream, form, **options)
    return stream.getvalue()


def a_docx() -> bytes:
    document = docx.Document()
    document.add_paragraph("能源管理制度")
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


def an_xlsx() -> bytes:
    book = Workbook()
    book["Sheet"]["A1"] = "用电量"
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def an_archive(
    entries: Mapping[str, bytes], *, packed: int = ZIP_DEFLATED, comment: bytes = b""
) -> bytes:
    stream = BytesIO()
    with ZipFile(stream, "w", packed) as archive:
        archive.comment = comment
        for name, content in entries.items():
            archive.writestr(ZipInfo(name), content, compress_type=packed)
    return stream.getvalue()


def an_ooxml(
    main: str = "wordprocessingml.document.main+xml", further: Mapping[str, bytes] | None = None
) -> bytes:
    types = f'<Types><Override ContentType="application/vnd.openxmlformats.{main}"/></Types>'
    return an_archive({"[Content_Types].xml": types.encode(), **(further or {})})


def an_odf(kind: str = "text", further: Mapping[str, bytes] | None = None) -> bytes:
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        archive.writestr(ZipInfo("mimetype"), ODF + kind, compress_type=ZIP_STORED)
        entries = {"META-INF/manifest.xml": b"<manifest/>", "content.xml": b"<x/>"}
        for name, content in {**entries, **(further or {})}.items():
            archive.writestr(name, content)
    return stream.getvalue()


def a_heic(width: int = 40, height: int = 30, brand: bytes = b"heic") -> bytes:
    size = b"ispe" + struct.pack(">III", 0, width, height)
    boxes = {b"ftyp": brand + b"\0\0\0\0mif1", b"meta": b"\0\0\0\0" + size, b"mdat": b"\0" * 20}
    return b"".join(struct.pack(">I", 8 + len(data)) + kind + data for kind, data in boxes.items())


def a_png_of(width: int, height: int) -> bytes:
    """A PNG that claims a size and has next to nothing in it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


FREE, END = 0xFFFFFFFF, 0xFFFFFFFE


def an_ole(top: Sequence[str], inside: Sequence[str] = (), *, tables: int = 1) -> bytes:
    """A file of the older office kind with these entries, and a folder with those inside it.

    With many tables the list of what follows on what does not fit into the header.
    """
    names = ["Root Entry", *top, *(["Folder", *inside] if inside else [])]
    count = -(-len(names) // 4)
    inner = len(top) + 2
    entries = b""
    for place in range(count * 4):
        name = names[place].encode("utf-16-le") if place < len(names) else b""
        last_on_top = 1 + len(top) if inside else len(top)
        right = place + 1 if 0 < place < last_on_top or inner <= place < len(names) - 1 else FREE
        child = 1 if place == 0 else inner if names[place : place + 1] == ["Folder"] else FREE
        length = len(name) + 2 if name else 0
        entries += struct.pack("<64sHBBIII", name, length, 1, 1, FREE, right, child) + b"\0" * 48
    first_listed = list(range(count, count + min(tables, 109)))
    rest = tables - len(first_listed)
    following = [place + 1 for place in range(count)]
    following[-1] = END
    following += [FREE] * (128 * tables - count)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    chain = count + tables if rest else END
    header += struct.pack("<IIIIIIIII", 0, tables, 0, 0, 4096, END, 0, chain, int(rest > 0))
    header += struct.pack("<109I", *first_listed, *[FREE] * (109 - len(first_listed)))
    assert len(header) == 512
    body = entries + struct.pack(f"<{128 * tables}I", *following)
    if rest:
        more = list(range(count + 109, count + tables))
        body += struct.pack("<128I", *more, *[FREE] * (127 - len(more)), END)
    return header + body
