"""`survey report` prints, verifies and shows samples; what is wrong is a sentence, exit code 1."""

import json
import resource
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import docx
import pypdfium2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, pkcs12
from cryptography.x509.oid import NameOID

from survey import cli, report_commands
from survey.pdf import proof, signing
from tests.pdf.small import with_file
from tests.pictures import a_logo

ROOT = Path(__file__).parent.parent
BANK = "manufacturing-transformation/4"
ANSWERS = ROOT / "seeds" / "answers"
SMALL = str(ANSWERS / "aqiao-stamping.yaml")
OPEN = str(ANSWERS / "weizhou-furniture.yaml")
ASKED = ("report", "--bank", BANK, "--answers", SMALL, "--date", "2026-01-02")
SHORT = ("--language", "zh", "--extent", "short")

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def installation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An installation without database and certificate."""
    monkeypatch.setenv("SURVEY_FOLDER", str(tmp_path / "var"))
    monkeypatch.setenv("SURVEY_FONTS", str(ROOT / "var" / "fonts"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path


@pytest.fixture
def survey(installation: Path, capfd: pytest.CaptureFixture[str]) -> Command:
    """Run a command; give its exit code, what it said, and what it complained about."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli.main(arguments)
        out, err = capfd.readouterr()
        return code, out, err

    return run


# -------------------------------------------------------------------- printing


@pytest.mark.parametrize("form", ["docx", "html", "json", "xlsx"])
def test_each_format_is_written(survey: Command, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"report.{form}"

    code, said, complaint = survey(*ASKED, *SHORT, "--format", form, "-o", str(path))

    assert (code, said, complaint) == (0, f"{path}\n", "")
    assert path.stat().st_size > 1000


def test_a_pdf_without_a_certificate_is_not_signed_and_its_bytes_repeat(
    survey: Command, tmp_path: Path
) -> None:
    one, other = tmp_path / "one.pdf", tmp_path / "other.pdf"

    code, said, _ = survey(*ASKED, *SHORT, "-o", str(one))
    survey(*ASKED, *SHORT, "-o", str(other))

    assert code == 0
    assert f"{len(pypdfium2.PdfDocument(one))} 页" in said
    assert one.read_bytes() == other.read_bytes()
    assert proof.inspect(one.read_bytes()).signature.state is proof.State.ABSENT


def test_logos_and_an_accent_are_printed(survey: Command, tmp_path: Path) -> None:
    logo, path = tmp_path / "firm.png", tmp_path / "report.docx"
    logo.write_bytes(a_logo())
    look = ("--logo", str(logo), "--accent", "#5A1E3C", "--format", "docx")

    code, _, _ = survey(*ASKED, *SHORT, *look, "-o", str(path))

    body = docx.Document(BytesIO(path.read_bytes())).element.body.xml
    assert code == 0
    assert 'descr="firm"' in body


def test_the_round_before_is_put_beside_this_one(survey: Command, tmp_path: Path) -> None:
    before, path = tmp_path / "before.yaml", tmp_path / "report.json"
    before.write_text(Path(SMALL).read_text(encoding="utf-8"), encoding="utf-8")
    beside = tmp_path / "report.docx"
    rounds = ("--previous", str(before), "--previous-date", "2025-02-03", "--format", "docx")

    code, _, _ = survey(*ASKED, *SHORT, *rounds, "-o", str(beside))
    other, _, complaint = survey(
        *ASKED, "--previous", str(ANSWERS / "lizhou-valve.yaml"), "-o", str(path)
    )

    words = docx.Document(BytesIO(beside.read_bytes())).element.body.xml
    assert code == 0
    assert "上一轮" in words
    assert other == 1
    assert "上一轮" in complaint
    assert "not an earlier round" in complaint
    assert not path.exists()


def test_an_unfinished_questionnaire_is_printed_only_if_that_is_meant(
    survey: Command, tmp_path: Path
) -> None:
    path = tmp_path / "report.json"
    asked = ("report", "--bank", BANK, "--answers", OPEN, "--format", "json", "-o", str(path))

    refused = survey(*asked)
    meant = survey(*asked, "--unfinished")

    assert refused[0] == 1
    assert "37题没有回答" in refused[2]
    assert "37 questions are open" in refused[2]
    assert meant[0] == 0


@pytest.mark.parametrize(
    ("wrong", "zh", "en"),
    [
        (("--language", "fr"), "没有这种语言", "no such language"),
        (("--extent", "middle"), "没有这种篇幅", "no such extent"),
        (("--format", "odt"), "没有这种格式", "no such format"),
        (("--accent", "#eeeeee"), "深色", "dark colour"),
        (("--accent", "red"), "#rrggbb", "#rrggbb"),
        (("--edition", "short"), "可选：express", "it has: express"),
        (("--bank", "green-factory/1"), "这些答案属于题库", "these answers belong to"),
        (("--bank", "nothing/1"), "没有这个题库", "no such bank"),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else None,
)
def test_what_cannot_be_printed_is_refused_in_both_languages(
    survey: Command, tmp_path: Path, wrong: tuple[str, ...], zh: str, en: str
) -> None:
    path = tmp_path / "report.pdf"

    code, said, complaint = survey(*ASKED, *SHORT, *wrong, "-o", str(path))

    assert (code, said) == (1, "")
    assert zh in complaint
    assert en in complaint
    assert len(complaint.splitlines()) == 2
    assert not path.exists()


@pytest.mark.parametrize(
    "content", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", b"\x89PNG\r\n", b""],
    ids=["svg", "gif", "broken", "empty"],
)  # fmt: skip
def test_a_logo_that_cannot_be_used_is_refused(
    survey: Command, tmp_path: Path, content: bytes
) -> None:
    logo, path = tmp_path / "logo", tmp_path / "report.pdf"
    logo.write_bytes(content)

    code, _, complaint = survey(*ASKED, "--logo", str(logo), "-o", str(path))

    assert code == 1
    assert len(complaint.splitlines()) == 2
    assert "Traceback" not in complaint
    assert not path.exists()


def test_what_is_missing_on_the_line_is_said(survey: Command) -> None:
    code, _, complaint = survey("report", "--bank", BANK)

    assert code == 1
    assert "--answers" in complaint


def test_a_report_that_cannot_be_written_or_has_no_fonts_is_a_sentence(
    survey: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    unwritable = survey(*ASKED, "--format", "json", "-o", str(tmp_path / "no-folder" / "x.json"))
    monkeypatch.setenv("SURVEY_FONTS", str(tmp_path / "nowhere"))
    without_fonts = survey(*ASKED, "-o", str(tmp_path / "x.pdf"))

    assert unwritable[0] == without_fonts[0] == 1
    assert "文件无法使用" in unwritable[2]
    assert "make setup" in without_fonts[2]


@pytest.fixture
def full_disk() -> Iterator[None]:
    """No file may grow beyond some kilobytes, as on a disk that fills up in mid-writing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_leaves_the_old_file_and_no_half_one(survey: Command, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    path = folder / "report.json"
    path.write_bytes(b"old")

    code, _, complaint = survey(*ASKED, "--format", "json", "-o", str(path))

    assert code == 1
    assert "文件无法使用" in complaint
    assert path.read_bytes() == b"old"
    assert list(folder.iterdir()) == [path]


# ------------------------------------------------------------------- verifying


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A signed report, with the certificate of its installation beside it."""
    folder = tmp_path_factory.mktemp("signed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SURVEY_FOLDER", str(folder))
        patch.setenv("SURVEY_FONTS", str(ROOT / "var" / "fonts"))
        assert cli.main([*ASKED, *SHORT, "--sign", "-o", str(folder / "report.pdf")]) == 0
    return folder / "report.pdf"


def test_a_report_is_verified_offline_in_both_languages(survey: Command, signed: Path) -> None:
    signer = signing.load(signed.with_name("certificate.p12"), "")

    code, said, complaint = survey(
        "report", "verify", str(signed), "--fingerprint", signer.fingerprint
    )

    assert (code, complaint) == (0, "")
    for words in (
        "✓ 签名完好", "✓ The signature is intact", "由您指定的证书签名", "that you named",
        "重新计分，结果一致", "scored again, give the attached result", f"{BANK} express",
    ):  # fmt: skip
        assert words in said


def test_the_own_certificate_is_known(survey: Command, installation: Path, signed: Path) -> None:
    (installation / "var").mkdir()
    shutil.copy(signed.with_name("certificate.p12"), installation / "var" / "certificate.p12")

    code, said, _ = survey("report", "verify", str(signed), "--json")
    _, in_words, _ = survey("report", "verify", str(signed))

    found = json.loads(said)
    assert code == 0
    assert found["good"] is True
    assert found["signature"]["issuer"] == "ours"
    assert found["signature"]["state"] == "intact"
    assert found["rescored"] == "same"
    assert found["bank"]["edition"] == "express"
    assert "由本安装的证书签名" in in_words


@pytest.fixture(scope="module")
def forged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report signed with a certificate that somebody else's authority has made."""
    folder = tmp_path_factory.mktemp("forged")
    key = ec.generate_private_key(ec.SECP256R1())
    day = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "The Ministry")]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Any Authority")]))
        .public_key(key.public_key())
        .serial_number(5)
        .not_valid_before(day)
        .not_valid_after(day + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    (folder / "certificate.p12").write_bytes(
        pkcs12.serialize_key_and_certificates(b"x", key, certificate, None, NoEncryption())
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "certificate.der").write_bytes(certificate.public_bytes(Encoding.DER))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SURVEY_FOLDER", str(folder))
        patch.setenv("SURVEY_FONTS", str(ROOT / "var" / "fonts"))
        assert cli.main([*ASKED, *SHORT, "--sign", "-o", str(folder / "report.pdf")]) == 0
    return folder / "report.pdf"


@pytest.mark.parametrize("has_certificate", [True, False])
def test_a_file_that_somebody_else_signed_is_not_called_good(
    survey: Command, installation: Path, forged: Path, *, has_certificate: bool
) -> None:
    if has_certificate:
        signing.self_made(installation / "var" / "certificate.p12")

    code, said, _ = survey("report", "verify", str(forged))
    _, plain, _ = survey("report", "verify", str(forged), "--json")

    assert code == 1
    assert "！签名者的身份未经核对" in said
    assert "! Who signed is not checked" in said
    assert json.loads(plain)["good"] is False
    assert json.loads(plain)["signature"]["issuer"] == "unchecked"


def test_the_issuer_is_known_by_the_certificate_or_the_fingerprint_that_is_named(
    survey: Command, signed: Path, forged: Path
) -> None:
    signer = signing.load(forged.with_name("certificate.p12"), "")
    spaced = signer.fingerprint[:32].upper() + " " + signer.fingerprint[32:]

    for named in (
        ("--certificate", str(forged.with_name("certificate.pem"))),
        ("--certificate", str(forged.with_name("certificate.der"))),
        ("--fingerprint", signer.fingerprint),
        ("--fingerprint", spaced),
    ):
        right = survey("report", "verify", str(forged), *named)
        wrong = survey("report", "verify", str(signed), *named)

        assert (right[0], wrong[0]) == (0, 1)
        assert "✓ Signed with the certificate that you named" in right[1]
        assert "✗ 不是由您指定的证书签名" in wrong[1]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--certificate", str(ROOT / "pyproject.toml")),
        ("--certificate", "/nowhere.pem"),
        ("--fingerprint", "abc"),
        ("--fingerprint", "g" * 64),
    ],
)
def test_a_certificate_that_is_none_is_refused(
    survey: Command, signed: Path, option: str, value: str
) -> None:
    code, said, complaint = survey("report", "verify", str(signed), option, value)

    assert (code, said) == (1, "")
    assert len(complaint.splitlines()) == 2


def test_a_file_from_elsewhere_is_not_opened_in_this_process(
    survey: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(with_file(b"[" + b"[]," * 1_300_000 + b"0]"))
    opened: list[bytes] = []
    monkeypatch.setattr("survey.pdf.signing.opened", opened.append)

    code, said, complaint = survey("report", "verify", str(path))

    assert (code, said) == (1, "")
    assert len(complaint.splitlines()) == 2
    assert opened == []


@pytest.mark.parametrize("arguments", [("report",), ("report", "verify", "/nowhere.pdf")])
def test_what_is_missing_is_said_in_both_languages(
    survey: Command, arguments: tuple[str, ...]
) -> None:
    code, said, complaint = survey(*arguments)

    chinese, english = complaint.splitlines()
    assert (code, said) == (1, "")
    assert not chinese.isascii()
    assert english.isascii()


def test_one_changed_byte_is_found(survey: Command, signed: Path, tmp_path: Path) -> None:
    content = bytearray(signed.read_bytes())
    content[len(content) // 2] ^= 1
    path = tmp_path / "changed.pdf"
    path.write_bytes(content)

    code, said, complaint = survey("report", "verify", str(path))

    assert code == 1
    assert "✗" in said or "不是" in complaint


def test_a_report_without_signature_or_bank_is_not_called_good(
    survey: Command, tmp_path: Path, signed: Path
) -> None:
    path = tmp_path / "unsigned.pdf"
    survey(*ASKED, *SHORT, "--no-sign", "-o", str(path))

    unsigned = survey("report", "verify", str(path))
    other_bank = survey("report", "verify", str(signed), "--bank", "green-factory/1")

    assert unsigned[0] == other_bank[0] == 1
    assert "没有签名" in unsigned[1]
    assert "Not signed" in unsigned[1]
    assert "找不到该指纹的题库" in other_bank[1]
    assert "no bank of this digest" in other_bank[1]


def test_other_scores_and_other_rules_are_named(
    survey: Command, signed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("survey.core.scoring.ENGINE", "9")
    other_rules = survey("report", "verify", str(signed))
    monkeypatch.undo()
    monkeypatch.setattr("survey.exchange.result_file.agrees", lambda *_: False)
    other_scores = survey("report", "verify", str(signed))

    assert other_rules[0] == other_scores[0] == 1
    assert "计分规则版本" in other_rules[1]
    assert "do not give the attached result" in other_scores[1]


def test_what_is_no_report_is_refused(survey: Command, tmp_path: Path) -> None:
    path = tmp_path / "letter.pdf"
    path.write_bytes(b"%PDF-1.7\n%%EOF\n")

    code, said, complaint = survey("report", "verify", str(path))

    assert (code, said) == (1, "")
    assert len(complaint.splitlines()) == 2


def test_an_expired_certificate_prints_nothing(
    survey: Command, installation: Path, tmp_path: Path
) -> None:
    certificate = installation / "var" / "certificate.p12"
    signing.self_made(certificate, lambda: datetime(2001, 1, 1, tzinfo=UTC))
    path = tmp_path / "report.pdf"

    code, _, complaint = survey(*ASKED, *SHORT, "-o", str(path))

    assert code == 1
    assert "valid from 2000-12-31" in complaint
    assert len(complaint.splitlines()) == 2
    assert not path.exists()


# --------------------------------------------------------------------- samples


def test_samples_are_printed_by_one_command(
    survey: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_commands, "SAMPLES", report_commands.SAMPLES[1:])
    folder = tmp_path / "out"

    code, said, _ = survey("report", "samples", str(folder), "--firm", "aqiao-stamping")
    unknown = survey("report", "samples", str(folder), "--firm", "nobody")

    names = sorted(path.name for path in folder.iterdir())
    assert code == 0
    assert len(said.splitlines()) == len(names) == 6
    assert names[0] == "aqiao-stamping-both-full.docx"
    assert unknown[0] == 1
    assert "没有这家示例企业" in unknown[2]
