"""Certificates that sign, and those that are refused."""

import pickle
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    NoEncryption,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from survey.core.copies import Copy, Extent
from survey.core.text import Languages
from survey.pdf import render, signing
from survey.pdf.signing import BadCertificate, CertificateExpired, Signer, State
from tests.pdf.conftest import EMPTY, LOOK, ROOT, a_firms_report

NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
SHORT = Copy(Languages.ZH, Extent.SHORT)
Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def certificate(
    key: Key,
    name: str = "Huadong Consulting",
    *,
    by: Key | None = None,
    first: datetime = NOW - DAY,
) -> x509.Certificate:
    issuer = "An Authority" if by else name
    algorithm = hashes.SHA256() if isinstance(by or key, ec.EllipticCurvePrivateKey) else None
    return (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(issuer))
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(first)
        .not_valid_after(first + 30 * DAY)
        .sign(by or key, algorithm)
    )


def stored(
    path: Path,
    key: Key | None,
    made: x509.Certificate | None,
    *,
    chain: list[x509.Certificate] | None = None,
    password: str = "",
) -> Path:
    encryption = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"x", key, made, chain, encryption))
    return path


def printed(fonts_folder: Path, signer: Signer) -> bytes:
    made = render.pdf_bytes(
        a_firms_report(EMPTY), SHORT, LOOK, fonts_folder=fonts_folder, signer=signer
    )
    return made.content


# ------------------------------------------------------------------- self-made


def test_a_self_made_certificate_says_what_it_is_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "certificate.p12"

    signing.self_made(path, lambda: NOW)
    signer = signing.load(path, "")

    assert signer.name == "企诊 Qizhen demo"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["certificate.p12"]
    signer.must_be_valid(NOW)
    signer.must_be_valid(NOW + 1820 * DAY)


def test_a_certificate_that_is_there_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "certificate.p12"
    path.write_bytes(b"a file of the operator")

    signing.self_made(path)

    assert path.read_bytes() == b"a file of the operator"


def test_processes_that_start_together_agree_on_one_certificate(tmp_path: Path) -> None:
    path = tmp_path / "certificate.p12"
    programme = (
        "import sys; from pathlib import Path; from survey.pdf import signing\n"
        "path = Path(sys.argv[1]); signing.self_made(path)\n"
        "print(signing.load(path, '').fingerprint)\n"
    )

    running = [
        subprocess.Popen(
            [sys.executable, "-c", programme, str(path)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    said = {process.communicate()[0].split()[-1] for process in running}

    assert said == {signing.load(path, "").fingerprint}
    assert [file.name for file in tmp_path.iterdir()] == ["certificate.p12"]


# --------------------------------------------------------------------- signing


def test_a_signer_can_be_sent_to_another_process_and_tells_no_secret(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    path = stored(tmp_path / "c.p12", key, certificate(key), password="geheim")
    signer = signing.load(path, "geheim")

    again = pickle.loads(pickle.dumps(signer))

    assert again.fingerprint == signer.fingerprint
    assert "geheim" not in repr(signer)


def test_a_file_signed_under_an_authority_is_intact_and_not_self_made(
    tmp_path: Path, fonts_folder: Path
) -> None:
    top, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority, own = certificate(top, "An Authority"), certificate(key, by=top)
    path = stored(tmp_path / "c.p12", key, own, chain=[authority], password="x")
    signer = signing.load(path, "x", lambda: NOW)

    found = signing.opened(printed(fonts_folder, signer)).signature

    assert found.state is State.INTACT
    assert (found.name, found.self_made) == ("Huadong Consulting", False)
    assert (found.at, found.fingerprint) == (NOW, signer.fingerprint)


def test_the_same_moment_gives_the_same_signature(tmp_path: Path, fonts_folder: Path) -> None:
    path = tmp_path / "certificate.p12"
    signing.self_made(path, lambda: NOW)
    signer = signing.load(path, "", lambda: NOW + DAY)

    assert printed(fonts_folder, signer) == printed(fonts_folder, signer)


def test_a_certificate_without_a_name_is_called_by_what_it_has(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    country = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "CN")])
    made = (
        x509.CertificateBuilder(country, country, key.public_key(), 7, NOW - DAY, NOW + DAY)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )

    signer = signing.load(stored(tmp_path / "c.p12", key, made), "")

    assert signer.name == "C=CN"


# -------------------------------------------------------------------- refusals


@pytest.mark.parametrize("now", [NOW - 2 * DAY, NOW + 30 * DAY])
def test_a_certificate_out_of_its_time_signs_nothing(
    tmp_path: Path, fonts_folder: Path, now: datetime
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    path = stored(tmp_path / "c.p12", key, certificate(key))
    signer = signing.load(path, "", lambda: now)

    with pytest.raises(CertificateExpired) as caught:
        printed(fonts_folder, signer)
    with pytest.raises(CertificateExpired):
        signer.sign(b"never looked at")

    assert caught.value.facts == {
        "name": "Huadong Consulting",
        "first": "2026-11-27",
        "last": "2026-12-27",
    }


def test_a_file_that_gives_no_key_and_certificate_is_refused(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    unfit = ed25519.Ed25519PrivateKey.generate()
    (tmp_path / "junk.p12").write_bytes(b"junk")
    (tmp_path / "empty.p12").touch()
    (tmp_path / "folder.p12").mkdir()
    stored(tmp_path / "locked.p12", key, certificate(key), password="right")
    stored(tmp_path / "keyless.p12", None, certificate(key))
    stored(tmp_path / "unfit.p12", unfit, certificate(unfit))

    for name, password in (
        ("absent.p12", ""),
        ("junk.p12", ""),
        ("empty.p12", ""),
        ("folder.p12", ""),
        ("locked.p12", ""),
        ("locked.p12", "wrong"),
        ("keyless.p12", ""),
        ("unfit.p12", ""),
    ):
        with pytest.raises(BadCertificate) as caught:
            signing.load(tmp_path / name, password)
        assert caught.value.facts == {"file": name}
