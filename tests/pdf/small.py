"""PDFs of a few hundred bytes, written by hand, to put something odd into."""


def a_pdf(catalog: bytes, *objects: bytes, prev: bytes = b"") -> bytes:
    """A small file; `objects` are numbered from 3 on, the catalogue is 1, the pages 2."""
    content, offsets = b"%PDF-1.7\n", []
    pages = b"<</Type/Pages/Kids[]/Count 0>>"
    for number, body in enumerate((catalog, pages, *objects), start=1):
        offsets.append(len(content))
        content += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = b"".join(f"{offset:010} 00000 n \n".encode() for offset in offsets)
    start = len(content)
    size = len(offsets) + 1
    content += f"xref\n0 {size}\n0000000000 65535 f \n".encode() + table
    content += f"trailer\n<</Size {size}/Root 1 0 R".encode() + prev
    return content + f">>\nstartxref\n{start}\n%%EOF\n".encode()


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return (
        f"<</Length {len(content)}".encode() + entries + b">>\nstream\n" + content + b"\nendstream"
    )


def with_file(content: bytes, entries: bytes = b"") -> bytes:
    return a_pdf(
        b"<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles<</Names[(a) 3 0 R]>>>>>>",
        b"<</Type/Filespec/UF(result.json)/EF<</F 4 0 R>>>>",
        stream(content, entries),
    )
