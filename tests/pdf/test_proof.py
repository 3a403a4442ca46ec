"""What a file says of itself, and that no changed byte and no hostile file gets past."""

import dataclasses
import io
import json
import random
import zipfile
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pyhanko.pdf_utils.generic import ByteStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from survey.core.copies import Copy, Extent
from survey.core.parts import Report
from survey.core.text import Languages, Text
from survey.pdf import proof, render, signing, strangers
from survey.pdf.attachments import Attachment
from survey.pdf.proof import BadFile, NotAReport, State
from survey.pdf.signing import Signer
from tests.pdf.conftest import EMPTY, LOOK, a_firms_report
from tests.pdf.small import a_pdf, stream, with_file
from tests.work import counted

SHORT = Copy(Languages.ZH, Extent.SHORT)
NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)


def identity(report: Report, **changed: Any) -> dict[str, Any]:
    bank = {
        "key": report.bank_key,
        "version": report.bank_version,
        "digest": report.bank_digest,
        "edition": "",
    }
    return {"report_id": report.report_id, "engine": report.engine, "bank": bank, **changed}


def workbook() -> bytes:
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as file:
        file.writestr(zipfile.ZipInfo("a"), "a")
    return stored.getvalue()


def inside(result: object, answers: bytes | None = None) -> list[Attachment]:
    words = Text("文件", "File")
    content = result if isinstance(result, bytes) else json.dumps(result).encode()
    found = [Attachment("result.json", "application/json", words, content)]
    if answers is not None:
        found.append(Attachment("answers.xlsx", "application/zip", words, answers))
    return found


def printed(
    fonts_folder: Path, attachments: list[Attachment], signer: Signer | None = None
) -> bytes:
    return render.pdf_bytes(
        a_firms_report(EMPTY),
        SHORT,
        LOOK,
        fonts_folder=fonts_folder,
        attachments=attachments,
        signer=signer,
    ).content


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    path = tmp_path_factory.mktemp("certificate") / "certificate.p12"
    signing.self_made(path, lambda: NOW)
    return signing.load(path, "", lambda: NOW)


@pytest.fixture(scope="module")
def unsigned(fonts_folder: Path) -> bytes:
    return printed(fonts_folder, inside(identity(a_firms_report(EMPTY)), workbook()))


@pytest.fixture(scope="module")
def signed(fonts_folder: Path, signer: Signer) -> bytes:
    return printed(fonts_folder, inside(identity(a_firms_report(EMPTY)), workbook()), signer)


# ------------------------------------------------------------------- what it says


def test_a_file_says_which_report_it_is(signed: bytes, signer: Signer) -> None:
    report = a_firms_report(EMPTY)

    found = proof.inspect(signed)

    assert found.report_id == report.report_id
    assert (found.bank_key, found.bank_version) == (report.bank_key, report.bank_version)
    assert (found.bank_digest, found.engine) == (report.bank_digest, report.engine)
    assert set(signing.opened(signed).attachments) == {"result.json", "answers.xlsx"}
    assert json.loads(found.result) == identity(report)
    assert found.signature == proof.Signature(
        State.INTACT,
        name="企诊 Qizhen demo",
        self_made=True,
        covers_whole_file=True,
        at=NOW,
        fingerprint=signer.fingerprint,
    )


def test_a_file_without_a_signature_says_so(unsigned: bytes) -> None:
    assert proof.inspect(unsigned).signature.state is State.ABSENT


def test_it_says_the_same_in_a_process_of_its_own(signed: bytes, unsigned: bytes) -> None:
    for content in (signed, unsigned):
        assert strangers.inspect(content) == proof.inspect(content)


# --------------------------------------------------------------- what was changed


def seen(content: bytes) -> str:
    try:
        return proof.inspect(content).signature.state
    except NotAReport:
        return "not a report"


def places(content: bytes) -> list[int]:
    """Some places all over the file, and more of them in the signature and at the end."""
    choose = random.Random(20261128)
    start = content.index(b"/ByteRange")
    from_contents = content.rindex(b"/Contents", 0, start)
    return [
        *choose.sample(range(len(content)), 60),
        *choose.sample(range(from_contents, start), 80),
        *choose.sample(range(start, len(content)), 40),
    ]


def test_a_changed_byte_is_found_wherever_it_is(signed: bytes) -> None:
    missed = []
    for place in places(signed):
        for flipped in (signed[place] ^ 1, signed[place] ^ 0x20):
            changed = signed[:place] + bytes([flipped]) + signed[place + 1 :]
            if seen(changed) not in (State.BROKEN, "not a report"):
                missed.append((place, flipped))

    assert missed == []


def test_what_is_added_behind_a_signature_is_found(signed: bytes, unsigned: bytes) -> None:
    end = len(signed)
    update = (
        b"\n1 0 obj\n<< >>\nendobj\nxref\n0 1\n0000000000 65535 f \n1 1\n"
        + f"{end + 1:010} 00000 n \n".encode()
        + b"trailer\n<< /Size 2 /Root 2 0 R /Prev 0 >>\nstartxref\n"
        + f"{end + 25}\n".encode()
        + b"%%EOF\n"
    )

    for added in (b"\n", b"\0", b"%%EOF\n", b"% a remark\n", update, unsigned):
        assert seen(signed + added) in (State.BROKEN, "not a report")


def test_a_revision_that_a_programme_adds_is_found(signed: bytes) -> None:
    writer: Any = IncrementalPdfFileWriter(io.BytesIO(signed))
    writer.root["/Lang"] = ByteStringObject(b"en")
    writer.update_root()
    output = io.BytesIO()
    writer.write(output)

    assert seen(output.getvalue()) == State.BROKEN


def test_a_signature_cut_off_leaves_an_empty_place_for_it(signed: bytes) -> None:
    first = signed[: signed.index(b"%%EOF") + 6]

    assert proof.inspect(first).signature.state is State.BROKEN


# --------------------------------------------------------------------- hostile files


def a_stream_of_references(index: bytes, width: int) -> bytes:
    body = stream(
        zlib.compress(b"\0" * 1_000_000),
        f"/Type/XRef/Size 9/Root 1 0 R/W[1 {width} 1]/Filter/FlateDecode/Index".encode() + index,
    )
    return b"%PDF-1.7\n1 0 obj\n" + body + b"\nendobj\nstartxref\n9\n%%EOF\n"


def a_bomb() -> bytes:
    """A hundred megabytes of spaces, packed twice."""
    packer = zlib.compressobj(9)
    once = b"".join(packer.compress(b" " * 1_000_000) for _ in range(100)) + packer.flush()
    return zlib.compress(once, 9)


def an_identity(**changed: object) -> bytes:
    return json.dumps(identity(a_firms_report(EMPTY), **changed)).encode()


FEW_CALLS = 10_000
"""Of functions, until it is clear that a file is no report."""

MORE_CALLS = {
    "many files": 400_000,
    "many filters": 500_000,
    "a stream of references without end": 6_000_000,  # for the megabyte that it has of them
}

HOSTILE = {
    "nothing": b"",
    "text": b"hello",
    "head alone": b"%PDF-1.7\n",
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "no attachment": a_pdf(b"<</Type/Catalog/Pages 2 0 R>>"),
    "no catalogue": a_pdf(b"null"),
    "a loop of names": a_pdf(b"<</Type/Catalog/Pages 2 0 R/Names 3 0 R>>", b"3 0 R"),
    "two in a loop": a_pdf(b"<</Type/Catalog/Pages 2 0 R/Names 3 0 R>>", b"4 0 R", b"3 0 R"),
    "a file in itself": a_pdf(
        b"<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles<</Names[(a) 3 0 R]>>>>>>",
        b"<</UF(result.json)/EF<</F 3 0 R>>>>",
    ),
    "a table before itself": a_pdf(b"<</Type/Catalog/Pages 2 0 R>>", prev=b"/Prev 1"),
    "many files": a_pdf(
        b"<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles<</Names["
        + b"(a) 3 0 R " * 5000
        + b"]>>>>>>",
        b"<</UF(result.json)/EF<</F 4 0 R>>>>",
        stream(b"{}"),
    ),
    "many revisions": b"%PDF-1.7\n" + b"startxref\n0\n%%EOF\n" * 1000,
    "a table without end": a_pdf(b"<</Type/Catalog/Pages 2 0 R>>").replace(
        b"xref\n0 3", b"xref\n0 9999999999"
    ),
    "a stream of references without end": a_stream_of_references(b"[0 999999999]", 9),
    "references wider than memory": a_stream_of_references(b"[0 9]", 999_999_999),
    "deep arrays": a_pdf(b"<</Type/Catalog/Pages 2 0 R/X " + b"[" * 20000 + b"]" * 20000 + b">>"),
    "a bomb": with_file(a_bomb(), b"/Filter[/FlateDecode/FlateDecode]"),
    "many filters": with_file(b"x", b"/Filter[" + b"/FlateDecode" * 5000 + b"]"),
    "a length of its own": with_file(b"{}").replace(b"/Length 2", b"/Length 4 0 R"),
    "a foreign file": with_file(b"x", b"/F(file:///etc/passwd)"),
    "a secret": a_pdf(b"<</Type/Catalog/Pages 2 0 R>>", prev=b"/Encrypt<</Filter/Standard>>"),
    "no JSON": with_file(b"{"),
    "deep JSON": with_file(b"[" * 100_000),
    "a list": with_file(b"[]"),
    "a figure too long": with_file(b"9" * 10_000),
    "no bank": with_file(an_identity(bank=None)),
    "a number as version": with_file(an_identity(bank={"key": "a", "version": True, "digest": ""})),
    "a number as engine": with_file(an_identity(engine=7)),
    "no report number": with_file(an_identity(report_id="../../etc")),
    "a number too long": with_file(an_identity(report_id="0" * 32 + "\n")),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_at_once(name: str) -> None:
    with counted() as work, pytest.raises(NotAReport):
        proof.inspect(HOSTILE[name])

    assert work.calls < MORE_CALLS.get(name, FEW_CALLS)


@pytest.mark.parametrize("entries", [b"", b"/Filter/FlateDecode"])
def test_a_result_that_is_too_long_is_not_taken_apart(entries: bytes) -> None:
    """It could have a gigabyte as objects."""
    long = b'{"x":[' + b"[]," * 1_500_000 + b"0]}"

    with pytest.raises(NotAReport) as caught:
        proof.inspect(with_file(zlib.compress(long) if entries else long, entries))

    assert not isinstance(caught.value.__cause__, KeyError)


def test_a_small_file_that_says_what_it_is_is_read() -> None:
    """So that the hostile files above are refused for what is wrong with them."""
    assert proof.inspect(with_file(an_identity())).pages == 0


def test_a_file_cut_anywhere_is_refused(unsigned: bytes) -> None:
    for part in range(1, 40):
        with pytest.raises(NotAReport):
            proof.inspect(unsigned[: len(unsigned) * part // 40])


def test_a_file_that_is_too_large_is_not_looked_at() -> None:
    with pytest.raises(NotAReport):
        proof.inspect(b"%PDF-1.7\n".ljust(proof.LARGEST + 1))


# ------------------------------------------------------------------------- read back


def test_a_finished_file_is_read_back(signed: bytes, unsigned: bytes) -> None:
    for content in (signed, unsigned):
        proof.check_made(content, a_firms_report(EMPTY), SHORT)


def test_a_finished_file_that_is_not_what_it_should_be_is_not_handed_out(
    fonts_folder: Path, signed: bytes, unsigned: bytes
) -> None:
    report = a_firms_report(EMPTY)
    said = identity(report)
    broken = bytearray(workbook())
    broken[31] ^= 1
    place = signed.rindex(b"/Contents <") + 500
    torn = signed[:place] + b"00000000" + signed[place + 8 :]
    cases = {
        "result.json": (unsigned[:-100], report, SHORT),
        "answers.xlsx": (printed(fonts_folder, inside(said, b"no workbook")), report, SHORT),
        "answers.xlsx ": (printed(fonts_folder, inside(said)), report, SHORT),
        "answers.xlsx  ": (printed(fonts_folder, inside(said, bytes(broken))), report, SHORT),
        "pages": (with_both(said), report, SHORT),
        "report id": (unsigned, dataclasses.replace(report, report_id="1" * 32), SHORT),
        "bank": (unsigned, dataclasses.replace(report, bank_digest="0" * 64), SHORT),
        "engine": (unsigned, dataclasses.replace(report, engine="0"), SHORT),
        "language": (unsigned, report, Copy(Languages.EN)),
        "signature": (torn, report, SHORT),
    }

    for part, (content, made, copy) in cases.items():
        with pytest.raises(BadFile) as caught:
            proof.check_made(content, made, copy)
        assert caught.value.facts == {"part": part.strip()}


def with_both(said: object) -> bytes:
    """A file with both attachments and not a single page."""
    return a_pdf(
        b"<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles<</Names[(a) 3 0 R(b) 5 0 R]>>>>>>",
        b"<</UF(result.json)/EF<</F 4 0 R>>>>",
        stream(json.dumps(said).encode()),
        b"<</UF(answers.xlsx)/EF<</F 6 0 R>>>>",
        stream(workbook()),
    )
