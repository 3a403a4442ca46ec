"""The signature of an installation under its reports, PAdES B-B: made, and looked at again.

The only importer of pyHanko. A certificate comes as a PKCS#12 file; where an
installation has none it makes one that says it is for demonstration. docs/decisions/0010 says
what a signature is worth. Private parts of pyHanko are used, so its version is pinned.
"""

import asyncio
import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.keys.internal import (
    translate_pyca_cryptography_cert_to_asn1,
    translate_pyca_cryptography_key_to_asn1,
)
from pyhanko.pdf_utils.decode_limits import (
    DecodeLimits,
    DocumentDecodeBudget,
    StreamDecodeLimits,
)
from pyhanko.pdf_utils.generic import ArrayObject, ByteStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko_certvalidator.registry import SimpleCertificateStore
from typing_extensions import override

from survey.core.copies import LARGEST_RESULT
from survey.core.errors import SurveyError

DEMO = "企诊 Qizhen demo"

SIGNATURE_FIELD = "Signature"
"""The place for the signature, by the name that the PDF gives it."""

_VALID_FOR = timedelta(days=5 * 365)
_KEY_BITS = 3072
_DIGEST = "sha256"
_Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
_ALGORITHMS = {"rsa": "sha256_rsa", "ec": "sha256_ecdsa"}

_MOST_ATTACHMENTS = 8
_MOST_REVISIONS = 8
_LIMITS = DecodeLimits(
    per_stream=StreamDecodeLimits(max_output_size=LARGEST_RESULT),
    document_budget=DocumentDecodeBudget(base_allowance=2 * LARGEST_RESULT, max_ratio=2),
)


class BadCertificate(SurveyError):
    """There is no certificate with a key in `file`, or the password does not open it."""

    code = "certificate-unreadable"


class NoCertificate(SurveyError):
    """There is no certificate in `file`, neither as PEM nor as DER."""

    code = "certificate-not-read"


class CertificateExpired(SurveyError):
    """The certificate of `name` is valid from `first` to `last`, and that is not now."""

    code = "certificate-expired"


class Unreadable(Exception):
    """The bytes are not a PDF that can be read within limits of size and time."""


class State(StrEnum):
    """What a file's signature says of the bytes around it."""

    ABSENT = "absent"
    INTACT = "intact"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Signature:
    """`fingerprint` is the SHA-256 of the certificate; anybody can make one that is `self_made`.

    A signature that does not cover the whole file is broken, and so is an empty place for one.
    """

    state: State
    name: str = ""
    self_made: bool = False
    covers_whole_file: bool = False
    at: datetime | None = None
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """What is in a PDF, apart from what it looks like."""

    pages: int
    language: str
    attachments: Mapping[str, bytes]
    signature: Signature


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Signer:
    """Signs finished files with the installation's certificate; can be sent to another process."""

    pkcs12: bytes = field(repr=False)
    password: str = field(repr=False)
    clock: Callable[[], datetime] = utc_now

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256 of the certificate, to know one's own signatures by."""
        return self._certificate.fingerprint(hashes.SHA256()).hex()

    @cached_property
    def name(self) -> str:
        return _name(self._certificate)

    @property
    def valid_until(self) -> datetime:
        return self._certificate.not_valid_after_utc

    @property
    def is_self_made(self) -> bool:
        return self._certificate.issuer == self._certificate.subject

    @property
    def _certificate(self) -> x509.Certificate:
        return _parts(self.pkcs12, self.password)[1]

    def must_be_valid(self, now: datetime) -> None:
        """Raises CertificateExpired, also for a certificate that is not valid yet."""
        certificate = self._certificate
        first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        if not first <= now <= last:
            raise CertificateExpired(
                name=self.name, first=first.date().isoformat(), last=last.date().isoformat()
            )

    def sign(self, content: bytes) -> bytes:
        """Add a signature that permits no further change. All bytes of `content` stay in front.

        Raises CertificateExpired.
        """
        now = self.clock()
        self.must_be_valid(now)
        key, certificate, others = _parts(self.pkcs12, self.password)
        signer = _KeyAtHand(
            key,
            signing_cert=translate_pyca_cryptography_cert_to_asn1(certificate),
            signing_key=translate_pyca_cryptography_key_to_asn1(key),
            cert_registry=SimpleCertificateStore.from_certs(  # type: ignore[no-untyped-call]  # half typed
                translate_pyca_cryptography_cert_to_asn1(other) for other in others
            ),
        )
        meta = PdfSignatureMetadata(
            field_name=SIGNATURE_FIELD,
            md_algorithm=_DIGEST,
            subfilter=SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
        )
        # In a thread of its own: the caller's may have an event loop already.
        with ThreadPoolExecutor(max_workers=1) as apart:
            signing = _signed(PdfSigner(meta, signer), content, now)
            return apart.submit(asyncio.run, signing).result()


def load(path: Path, password: str, clock: Callable[[], datetime] = utc_now) -> Signer:
    """Read key and certificate. An empty password is none. Raises BadCertificate."""
    try:
        content = path.read_bytes()
        _parts(content, password)
    except (OSError, ValueError) as error:
        raise BadCertificate(file=path.name) from error
    return Signer(content, password, clock)


def fingerprint_of(path: Path) -> str:
    """The SHA-256 of a certificate that its owner has published. Raises NoCertificate."""
    content = path.read_bytes()
    try:
        if content.lstrip().startswith(b"-----BEGIN"):
            certificate = x509.load_pem_x509_certificate(content)
        else:
            certificate = x509.load_der_x509_certificate(content)
    except ValueError as error:
        raise NoCertificate(file=path.name) from error
    return certificate.fingerprint(hashes.SHA256()).hex()


def self_made(path: Path, clock: Callable[[], datetime] = utc_now) -> None:
    """Make a certificate for demonstration, unless there is a file. The first process wins."""
    if path.exists():
        return
    key = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, DEMO),
            x509.NameAttribute(NameOID.COMMON_NAME, DEMO),
        ]
    )
    now = clock()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + _VALID_FOR)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_only_signatures(), critical=True)
        .sign(key, hashes.SHA256())
    )
    content = pkcs12.serialize_key_and_certificates(
        DEMO.encode(), key, certificate, None, NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    # mkstemp makes the file readable by its owner alone.
    handle, fresh = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        Path(fresh).unlink()


def opened(content: bytes) -> Opened:
    """Read a file that anybody may have sent. Raises Unreadable."""
    if content.count(b"startxref") > _MOST_REVISIONS:
        raise Unreadable("too many revisions")
    try:
        reader = PdfFileReader(BytesIO(content), decode_limits=_LIMITS)
        return Opened(
            pages=int(reader.root["/Pages"]["/Count"]),
            language=str(reader.root.get("/Lang", "")),
            attachments=_attachments(reader),
            signature=_signature(reader, content),
        )
    except Exception as error:  # a hostile file can provoke any of them
        raise Unreadable(type(error).__name__) from error


# ------------------------------------------------------------------- certificate


@lru_cache(maxsize=4)
def _parts(
    content: bytes, password: str
) -> tuple[_Key, x509.Certificate, tuple[x509.Certificate, ...]]:
    """Raises ValueError if key or certificate is missing, or cannot sign a PDF."""
    key, certificate, others = pkcs12.load_key_and_certificates(content, password.encode() or None)
    if certificate is None or not isinstance(key, _Key):
        raise ValueError("no key that can sign")
    return key, certificate, tuple(others)


def _only_signatures() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(certificate: x509.Certificate) -> str:
    for wanted in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for attribute in certificate.subject.get_attributes_for_oid(wanted):
            return str(attribute.value)
    return certificate.subject.rfc4514_string()


# ---------------------------------------------------------------------- signing


class _Addition(IncrementalPdfFileWriter):
    """Appends to a file, and to nothing else: its metadata stays what the validators have seen."""

    @override
    def _update_meta(self) -> None:
        """Leave the metadata alone: pyHanko would write them anew and break PDF/A-3a."""

    @classmethod
    @override
    def _handle_id(cls, prev: PdfFileReader) -> ArrayObject:
        """Keep the file's number, and make that of the revision from it instead of by chance."""
        first = prev.trailer["/ID"][0].original_bytes
        second = hashlib.sha256(b"signed" + first).digest()[:16]
        return ArrayObject([ByteStringObject(first), ByteStringObject(second)])


class _KeyAtHand(SimpleSigner):
    """Signs with the key as it was read once: pyHanko reads and checks it for every signature."""

    def __init__(self, key: _Key, **certificates: Any) -> None:
        super().__init__(**certificates)
        self._key = key

    @override
    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return self._key.sign(data, ec.ECDSA(hashes.SHA256()))


async def _signed(signer: PdfSigner, content: bytes, now: datetime, spare: int = 0) -> bytes:
    """What pyHanko's `sign_pdf` does, but at the time that is given.

    A stream that ends in CR is shorter for some readers than it says: then it is signed
    again with more bytes to spare.
    """
    session = signer.init_signing_session(_Addition(BytesIO(content)), existing_fields_only=True)
    session.system_time = now
    room = await session.estimate_signature_container_size(validation_info=None, tight=False)
    document = session.prepare_tbs_document(validation_info=None, bytes_reserved=room + spare)
    prepared, output = document.digest_tbs_document()
    done = await document.perform_signature(
        document_digest=prepared.document_digest,
        pdf_cms_signed_attrs=PdfCMSSignedAttributes(signing_time=now),
    )
    await done.post_signature_processing(output)
    output.seek(0)
    written = bytes(output.read())
    if b"\r\nendstream" in written[len(content) :]:
        return await _signed(signer, content, now, spare + 2)
    return written


# ---------------------------------------------------------------------- looking


def _attachments(reader: PdfFileReader) -> dict[str, bytes]:
    """The files inside, by name. Other programmes make deeper trees; those are not our reports."""
    names = _below(reader.root, "/Names", "/EmbeddedFiles", "/Names")
    if len(names) > 2 * _MOST_ATTACHMENTS:
        raise Unreadable("too many attachments")
    files = {}
    for at in range(1, len(names), 2):
        specification = names[at]
        files[str(specification["/UF"])] = bytes(specification["/EF"]["/F"].data)
    return files


def _below(start: Any, *path: str) -> Any:
    """The array at the end of a path of dictionaries; an empty one where the path ends before."""
    for step in path:
        if step not in start:
            return ()
        start = start[step]
    return start


def _signature(reader: PdfFileReader, content: bytes) -> Signature:
    fields = _below(reader.root, "/AcroForm", "/Fields")
    if not fields:
        return Signature(State.ABSENT)
    try:
        (place,) = fields
        return _looked_at(EmbeddedPdfSignature(reader, place, SIGNATURE_FIELD), content)
    except Exception:  # noqa: BLE001  # whatever it is, it is no signature of ours
        return Signature(State.BROKEN)


def _looked_at(found: EmbeddedPdfSignature, content: bytes) -> Signature:
    certificate = x509.load_der_x509_certificate(found.signer_cert.dump())
    whole = _covers(found, content)
    at = found.self_reported_timestamp
    in_time = (
        at is not None and certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc
    )
    signed, valid = validate_sig_integrity(
        found.signer_info, found.signer_cert, "data", found.compute_digest()
    )
    fine = whole and in_time and signed and valid and _is_exact(found)
    return Signature(
        state=State.INTACT if fine else State.BROKEN,
        name=_name(certificate),
        self_made=certificate.issuer == certificate.subject,
        covers_whole_file=whole,
        at=at,
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
    )


def _covers(found: EmbeddedPdfSignature, content: bytes) -> bool:
    """Whether everything but the signature itself is signed, to the last byte."""
    start, before, after, rest = (int(number) for number in found.byte_range)
    gap = content[before:after]
    return (
        start == 0
        and after + rest == len(content)
        and gap == b"<" + found.pkcs7_content.hex().upper().encode() + b">"
    )


def _is_exact(found: EmbeddedPdfSignature) -> bool:
    """Whether the bytes of the signature, which nothing signs, are those that follow from it.

    Signed are the attributes, and by them the certificate. The rest is built again and compared,
    so that a changed byte is found there, too.
    """
    info = found.signer_info
    certificate = found.signer_cert
    attributes = {each["type"].native: each["values"] for each in info["signed_attrs"]}
    named = attributes["signing_certificate_v2"][0]["certs"][0]["cert_hash"].native
    written = cms.ContentInfo(
        {
            "content_type": "signed_data",
            "content": cms.SignedData(
                {
                    "version": "v1",
                    "digest_algorithms": [{"algorithm": _DIGEST}],
                    "encap_content_info": {"content_type": "data"},
                    "certificates": found.signed_data["certificates"],
                    "signer_infos": [_signer_info(info, certificate)],
                }
            ),
        }
    ).dump()
    room = len(found.pkcs7_content)
    names_it: bool = named == hashlib.sha256(certificate.dump()).digest()
    return names_it and found.pkcs7_content == bytes(written).ljust(room, b"\0")


def _signer_info(info: Any, certificate: Any) -> cms.SignerInfo:
    return cms.SignerInfo(
        {
            "version": "v1",
            "sid": {
                "issuer_and_serial_number": {
                    "issuer": certificate.issuer,
                    "serial_number": certificate.serial_number,
                }
            },
            "digest_algorithm": {"algorithm": _DIGEST},
            "signed_attrs": info["signed_attrs"],
            "signature_algorithm": {"algorithm": _ALGORITHMS[certificate.public_key.algorithm]},
            "signature": info["signature"],
        }
    )
