"""Whether a file is the report it claims to be: for everybody, without an account.

Nothing that is sent here is kept. A stranger learns of a report no more than what its paper
says, and of the firm only the beginning of its name.
"""

import hashlib
import re
from dataclasses import dataclass, replace
from enum import StrEnum

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from survey import messages
from survey.core.errors import NotFound
from survey.i18n import _, current_locale, moment
from survey.pdf import proof, signing, strangers
from survey.pdf.proof import NotAReport, Proof, Signature, State
from survey.pdf.strangers import Busy
from survey.services import people, reports
from survey.services.reports import Found
from survey.store.site import db
from survey.web import copies
from survey.web.access import Role, actor, allow, signed_in
from survey.web.limits import VERIFYING, limiter
from survey.web.masks import masked
from survey.web.wiring import settings

bp = Blueprint("verify", __name__)

NUMBER = re.compile("[0-9a-f]{32}")
FINGERPRINT = re.compile("[0-9a-f]{64}")
LARGEST = 4 * 1024 * 1024
TRY_AGAIN = 5
"""Seconds."""


class Verdict(StrEnum):
    """What is found out about a file or a fingerprint."""

    UNCHANGED = "unchanged"
    EARLIER = "earlier"
    """As it was issued; the report was made again since, and that is another file."""
    ANOTHER = "another"
    SIGNED = "signed"
    """Not known as issued, but signed here: the database was put back to an earlier day."""
    ELSEWHERE = "elsewhere"
    """Not known as issued, and signed with a certificate that is not the present one."""
    CHANGED = "changed"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"


KINDS = {
    Verdict.UNCHANGED: "success",
    Verdict.EARLIER: "success",
    Verdict.ANOTHER: "warning",
    Verdict.SIGNED: "success",
    Verdict.ELSEWHERE: "danger",
    Verdict.CHANGED: "danger",
    Verdict.OUTSIDE: "warning",
    Verdict.UNKNOWN: "danger",
}
"""The colour of what is said."""

ISSUED = frozenset({Verdict.UNCHANGED, Verdict.EARLIER, Verdict.ANOTHER, Verdict.SIGNED})


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a file or a fingerprint; `proof` is what a PDF says of itself.

    `ours` says whether the installation's own certificate has signed it.
    """

    verdict: Verdict
    found: Found | None
    proof: Proof | None = None
    ours: bool = False

    @property
    def is_issued(self) -> bool:
        """Whether it is a file from here, whoever signed it: certificates are replaced."""
        return self.verdict in ISSUED

    @property
    def kind(self) -> str:
        return KINDS[self.verdict]

    @property
    def sentence(self) -> str:
        number = self.found.report_id if self.found else ""
        match self.verdict:
            case Verdict.UNCHANGED:
                return _(
                    "This is report %(number)s, unchanged: every byte is as it was issued.",
                    number=number,
                )
            case Verdict.ANOTHER:
                return _(
                    "This is another report, number %(number)s. The file is unchanged; compare "
                    "its number with the one you expected.",
                    number=number,
                )
            case Verdict.EARLIER:
                return self._earlier(number)
            case Verdict.SIGNED:
                return _(
                    "This is a genuine copy of report %(number)s, unchanged since it was signed "
                    "here. The file itself is not kept here at this moment.",
                    number=number,
                )
            case Verdict.ELSEWHERE:
                return _(
                    "This file says that it is report %(number)s, but it is none of the files that "
                    "were issued here. It is unchanged since it was signed, yet with a certificate "
                    "that is not the one in use here. Do not rely on it; ask for the original.",
                    number=number,
                )
            case Verdict.CHANGED:
                return _(
                    "This file says that it is report %(number)s, but it is not the file that was "
                    "issued: it was changed afterwards. Do not rely on it; ask for the original.",
                    number=number,
                )
            case Verdict.OUTSIDE:
                return _(
                    "This file is unchanged and signed with the certificate of this installation, "
                    "but it was not issued on this site: no report here has its number."
                )
            case Verdict.UNKNOWN:
                return _(
                    "This is none of the files that were issued here: it was changed, or it comes "
                    "from elsewhere. Ask for the original."
                )

    def _earlier(self, number: str) -> str:
        if self.found is None or self.found.made_at is None:
            return _(
                "This is a genuine copy of report %(number)s, made earlier and unchanged: every "
                "byte is as it was issued.",
                number=number,
            )
        return _(
            "This is a genuine copy of report %(number)s, made earlier and unchanged: every byte "
            "is as it was issued. The report was made again on %(moment)s.",
            number=number,
            moment=moment(self.found.made_at),
        )


@dataclass(frozen=True, slots=True)
class Faults:
    """Sentences beside the fields of the form."""

    file: str = ""
    fingerprint: str = ""

    def __bool__(self) -> bool:
        return bool(self.file or self.fingerprint)


NO_FAULTS = Faults()


@bp.route("/verify", methods=["GET", "POST"])
@allow(Role.PUBLIC)
@limiter.limit(VERIFYING, methods=["POST"])
def index() -> ResponseReturnValue:
    return _answer(None)


@bp.route("/verify/<number>", methods=["GET", "POST"])
@allow(Role.PUBLIC)
@limiter.limit(VERIFYING)
def report(number: str) -> ResponseReturnValue:
    """Where the QR code of a report leads."""
    found = _issued(number)
    if found is None:
        return _page(None, number=number[:64], status=404)
    return _answer(found)


def _answer(expected: Found | None) -> ResponseReturnValue:
    if request.method != "POST":
        return _page(expected)
    file = request.files.get("file")
    content = _sent(file)
    typed = "".join(request.form.get("fingerprint", "").split()).lower()[:100]
    faults = _faults(content, typed, named=bool(file and file.filename))
    if faults:
        return _page(expected, faults=faults, typed=typed, status=422)
    try:
        checked = _check_file(content, expected) if content else _check_hash(typed, expected)
    except Busy as error:
        return _busy(error, expected)
    return _page(checked.found or expected, checked=checked, typed=typed)


def _sent(file: FileStorage | None) -> bytes:
    if file is None:
        return b""
    with file.stream as stream:
        return stream.read(LARGEST + 1)


def _faults(content: bytes, typed: str, *, named: bool) -> Faults:
    if len(content) > LARGEST:
        return Faults(file=_("The file is larger than 4 MB. Enter its fingerprint instead."))
    if named and not content:
        return Faults(file=_("The file is empty. Choose the report as you received it."))
    if not content and not typed:
        return Faults(file=_("Choose a file, or enter a fingerprint."))
    if not content and not FINGERPRINT.fullmatch(typed):
        return Faults(
            fingerprint=_("Enter the whole fingerprint: 64 characters, digits and letters a to f.")
        )
    return Faults()


def _check_hash(sha256: str, expected: Found | None) -> Checked:
    if expected is not None and expected.sha256 == sha256:
        return Checked(Verdict.UNCHANGED, expected)
    found = reports.found_by_hash(db.session(), sha256)
    if found is None:
        return Checked(Verdict.UNKNOWN, None)
    if expected is not None and expected.report_id != found.report_id:
        return Checked(Verdict.ANOTHER, found)
    return Checked(Verdict.UNCHANGED if found.sha256 == sha256 else Verdict.EARLIER, found)


def _check_file(content: bytes, expected: Found | None) -> Checked:
    """By its bytes first. What a changed file says of itself is told, but proves nothing.

    Only a file that was made here is opened in this process. Raises Busy.
    """
    checked = _check_hash(hashlib.sha256(content).hexdigest(), expected)
    inspect = strangers.inspect if checked.found is None else proof.inspect
    try:
        said = inspect(content)
    except NotAReport:
        return checked
    ours = _is_ours(said.signature)
    if checked.found is not None:
        return replace(checked, proof=said, ours=ours)
    if ours:
        return _signed(said)
    claimed = _issued(said.report_id)
    if claimed is None:
        return Checked(Verdict.UNKNOWN, None, said)
    whole = _is_whole(said.signature)
    return Checked(Verdict.ELSEWHERE if whole else Verdict.CHANGED, claimed, said)


def _signed(said: Proof) -> Checked:
    """A file that nobody but this installation can have made, though it is not known here."""
    found = reports.found_by_id(db.session(), said.report_id)
    verdict = Verdict.OUTSIDE if found is None else Verdict.SIGNED
    return Checked(verdict, found, said, ours=True)


def _is_ours(signature: Signature) -> bool:
    """Whether the installation's own certificate has signed the whole file."""
    if not _is_whole(signature):
        return False
    try:
        signer = signing.load(settings().certificate, settings().certificate_password)
    except signing.BadCertificate:
        return False
    return signature.fingerprint == signer.fingerprint


def _is_whole(signature: Signature) -> bool:
    """Whether somebody has signed the whole file, and nothing was changed since."""
    return signature.state is State.INTACT and signature.covers_whole_file


def _issued(number: str) -> Found | None:
    """The report with this number, if a file of it was handed out, kept today or not."""
    if not NUMBER.fullmatch(number):
        return None
    found = reports.found_by_id(db.session(), number)
    return found if found is not None and found.sha256 is not None else None


def _busy(error: Busy, expected: Found | None) -> Response:
    fault = messages.for_error(error, current_locale())
    response = _page(expected, faults=Faults(file=fault), status=503)
    response.headers["Retry-After"] = str(TRY_AGAIN)
    return response


def _page(
    found: Found | None,
    *,
    number: str = "",
    checked: Checked | None = None,
    faults: Faults = NO_FAULTS,
    typed: str = "",
    status: int = 200,
) -> Response:
    html = render_template(
        "verify/report.html",
        found=found,
        firm=_firm(found) if found else "",
        issuer=settings().issuer or _("Qizhen"),
        number=number,
        checked=checked,
        faults=faults,
        typed=typed,
        copies=copies,
        State=State,
    )
    response = make_response(html, status)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _firm(found: Found) -> str:
    return found.firm_name if _may_see(found.firm_id) else masked(found.firm_name)


def _may_see(firm_id: int) -> bool:
    if not signed_in():
        return False
    try:
        people.must_see_firm(db.session(), actor(), firm_id)
    except NotFound:
        return False
    return True
