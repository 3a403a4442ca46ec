"""Anybody holds a report against the site: unchanged, changed, unknown, and nothing leaks."""

import hashlib
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from survey.config import Settings
from survey.core.copies import Copy, Extent, Format
from survey.core.text import Languages, Locale
from survey.pdf import fonts, signing, strangers
from survey.services import making, report_jobs, reports
from survey.services.making import Printing
from survey.services.people import Actor
from survey.store.models import Report
from survey.store.site import db
from tests.browser import Browser
from tests.pdf.small import with_file
from tests.signing import latin_words
from tests.stored import a_consultant, a_firm, an_administrator
from tests.web.people import browser_of
from tests.web.reported import PDF, asked, claimed, failed, made
from tests.web.uploads import upload

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

FIRM = "江海阀门有限公司"
NOWHERE = "0" * 32
MADE_AGAIN = b"%PDF-1.7 made again"


@pytest.fixture
def issued(app: Flask, session: Session) -> str:
    """The number of a finished report."""
    _, owner = a_firm(session)
    report = asked(session, owner)
    made(app, session, report)
    return report.id


# ------------------------------------------------------------------ who may see what


@pytest.mark.parametrize("locale", list(Locale))
def test_the_address_in_the_qr_code_shows_what_was_issued_and_masks_the_firm(
    app: Flask, issued: str, locale: Locale
) -> None:
    page = Browser(app, language=locale).get(f"/verify/{issued}")

    assert page.status == 200
    assert page.lang == locale.html_lang
    assert "江海****" in page.text
    assert FIRM not in page.html
    assert "61.5" in page.text
    assert ("Integrated" if locale is Locale.EN else "集成级") in page.text
    assert ("Issued byQizhen" if locale is Locale.EN else "出具方企诊") in page.text
    assert issued in page.text
    assert page.one("meta", name="robots").get("content") == "noindex"
    assert page.response.headers["X-Robots-Tag"] == "noindex"


def test_asking_for_the_headers_only_is_no_checking(app: Flask, issued: str) -> None:
    assert app.test_client().head(f"/verify/{issued}").status_code == 200


@pytest.mark.parametrize("who", ["owner", "consultant", "administrator"])
def test_those_who_may_see_the_firm_read_its_name(app: Flask, session: Session, who: str) -> None:
    firm, owner = a_firm(session)
    report = asked(session, owner)
    made(app, session, report)
    actor = {
        "owner": lambda: owner,
        "consultant": lambda: a_consultant(session, firm),
        "administrator": lambda: an_administrator(session),
    }[who]()

    assert FIRM in browser_of(app, session, actor).get(f"/verify/{report.id}").text


@pytest.mark.parametrize("who", ["another firm", "another consultant"])
def test_others_read_as_much_as_strangers(app: Flask, session: Session, who: str) -> None:
    _, owner = a_firm(session)
    other, stranger = a_firm(session, "远山机械有限公司")
    report = asked(session, owner)
    made(app, session, report)
    actor = stranger if who == "another firm" else a_consultant(session, other)

    page = browser_of(app, session, actor).get(f"/verify/{report.id}")

    assert "江海****" in page.text
    assert FIRM not in page.html


# ----------------------------------------------------------------- what is not there


@pytest.mark.parametrize("number", [NOWHERE, "nothing", "0" * 31, "F" * 32, "<b>x"])
@pytest.mark.parametrize("locale", list(Locale))
def test_an_unknown_number_is_said_plainly(app: Flask, number: str, locale: Locale) -> None:
    page = Browser(app, language=locale).get(f"/verify/{number}")

    assert page.status == 404
    if locale is Locale.EN:
        assert "There is no report with this number here." in page.text
    else:
        assert latin_words(page, "PDF", "Word", "MB", "SHA-256") == set()


@pytest.mark.parametrize("state", ["queued", "rendering"])
def test_a_report_without_a_file_is_no_report_yet(app: Flask, session: Session, state: str) -> None:
    _, owner = a_firm(session)
    report = asked(session, owner)
    session.commit()
    if state == "rendering":
        claimed(session, report, progress=10)

    page = Browser(app).get(f"/verify/{report.id}")

    assert page.status == 404
    assert "江海" not in page.html


# ---------------------------------------------------------------------- by its bytes


def test_the_file_as_it_was_issued_is_unchanged(app: Flask, issued: str) -> None:
    browser = Browser(app, language=Locale.EN)

    for place in ("/verify", f"/verify/{issued}"):
        page = upload(browser, place, PDF)
        assert page.status == 200
        assert f"This is report {issued}, unchanged" in page.text
        assert "江海****" in page.text


def test_one_changed_byte_is_found(app: Flask, issued: str) -> None:
    changed = bytearray(PDF)
    changed[20] ^= 1

    page = upload(Browser(app, language=Locale.EN), f"/verify/{issued}", bytes(changed))

    assert "This is none of the files that were issued here" in page.text
    assert "unchanged" not in page.text


def test_a_fingerprint_is_enough_however_it_is_typed(app: Flask, issued: str) -> None:
    browser = Browser(app, language=Locale.EN)
    fingerprint = hashlib.sha256(PDF).hexdigest()

    known = browser.post(
        "/verify", {"fingerprint": f" {fingerprint[:32].upper()} {fingerprint[32:]}"}
    )
    unknown = browser.post("/verify", {"fingerprint": "0" * 64})

    assert f"This is report {issued}, unchanged" in known.text
    assert "This is none of the files" in unknown.text


def test_another_report_under_the_address_of_this_one_is_told_apart(
    app: Flask, session: Session, issued: str
) -> None:
    _, owner = a_firm(session, "远山机械有限公司")
    other = asked(session, owner)
    made(app, session, other, b"%PDF-1.7 another one")

    page = upload(Browser(app, language=Locale.EN), f"/verify/{issued}", b"%PDF-1.7 another one")

    assert f"This is another report, number {other.id}" in page.text


HOSTILE = {
    "a page": b"<!doctype html><script>alert(1)</script>",
    "zeros": b"\0" * (4 * 1024 * 1024),
    "half a PDF": b"%PDF-1.7\n1 0 obj\n<</Type /Catalog /Pages 2 0 R",
    "a PDF of nothing": b"%PDF-1.7\n%%EOF\n",
    "a picture": b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("locale", list(Locale))
def test_whatever_is_sent_gets_a_sentence(
    app: Flask, issued: str, kind: str, locale: Locale
) -> None:
    page = upload(Browser(app, language=locale), f"/verify/{issued}", HOSTILE[kind])

    assert page.status == 200
    assert page.lang == locale.html_lang
    assert "alert(1)" not in page.html
    if locale is Locale.EN:
        assert "This is none of the files" in page.text


@pytest.mark.parametrize(
    ("content", "typed", "sentence"),
    [
        (None, "", "Choose a file, or enter a fingerprint."),
        (b"", "", "The file is empty."),
        (None, "abc", "Enter the whole fingerprint"),
        (None, "g" * 64, "Enter the whole fingerprint"),
        (b"\0" * (4 * 1024 * 1024 + 1), "", "The file is larger than 4 MB."),
    ],
)
def test_what_cannot_be_checked_is_said_beside_the_field(
    app: Flask, content: bytes | None, typed: str, sentence: str
) -> None:
    browser = Browser(app, language=Locale.EN)

    if content is None:
        page = browser.post("/verify", {"fingerprint": typed})
    else:
        page = upload(browser, "/verify", content)

    assert page.status == 422
    assert sentence in page.text


def test_what_is_sent_is_not_kept(app: Flask, session: Session, issued: str) -> None:
    browser = Browser(app, language=Locale.EN)
    folder = app.extensions["settings"].folder
    before = sorted(folder.rglob("*"))
    written: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *facts: written.append(facts[2]))

    upload(browser, "/verify", b"%PDF-1.7 a secret of somebody")

    assert not [s for s in written if not s.lstrip().upper().startswith(("SELECT", "PRAGMA"))]
    assert [path for path in sorted(folder.rglob("*")) if path not in before] == []


def test_trying_numbers_is_slowed_down(app: Flask) -> None:
    browser = Browser(app, language=Locale.EN)

    replies = {browser.get(f"/verify/{NOWHERE}").status for _ in range(31)}

    assert replies == {404, 429}


def test_a_form_without_a_token_is_refused(app: Flask, issued: str) -> None:
    reply = Browser(app).client.post("/verify", data={"fingerprint": "0" * 64})

    assert reply.status_code == 400


# ------------------------------------------------------------- by what a PDF says of itself


class Signed:
    """A real report, signed by the installation, under whose number another file is kept.

    Unless nobody knows of it, it was handed out first, lost and made again.
    """

    def __init__(
        self,
        app: Flask,
        session: Session,
        fonts_folder: Path,
        *,
        known: bool = True,
        number: str = "",
    ) -> None:
        settings: Settings = app.extensions["settings"]
        signing.self_made(settings.certificate)
        _, owner = a_firm(session)
        report = asked(session, owner, Copy(Languages.ZH, Extent.SHORT))
        inputs = report_jobs.inputs(session, report.id, logos_folder=settings.logos_folder)
        signer = signing.load(settings.certificate, settings.certificate_password)
        printing = Printing(fonts_folder, settings.accent, settings.base_url, signer)
        if number:
            inputs = replace(inputs, report_id=number)
        self.number, self.owner, self.fingerprint = report.id, owner, signer.fingerprint
        self.content = making.make(printing, inputs, lambda _percent: None).content
        if known:
            made(app, session, report, self.content).unlink()
            again(app, session, owner, report.id)
        self.path = made(app, session, report, MADE_AGAIN)


def again(app: Flask, session: Session, actor: Actor, report_id: str) -> Report:
    """Somebody asks for a report again that has lost its file."""
    folder, now = app.extensions["settings"].reports_folder, datetime.now(UTC)
    report = reports.make_again(session, actor, report_id, folder=folder, now=now)
    session.commit()
    return report


@pytest.fixture(scope="module")
def fonts_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fonts")
    fonts.make(folder)
    return folder


def test_what_was_signed_here_and_changed_is_told_from_what_is_unchanged(
    app: Flask, session: Session, fonts_folder: Path
) -> None:
    signed = Signed(app, session, fonts_folder)
    browser = Browser(app, language=Locale.EN)
    place = signed.content.rindex(b"endstream") - 40
    changed = signed.content[:place] + b"\x00" + signed.content[place + 1 :]

    ours = upload(browser, "/verify", signed.content)
    added = upload(browser, "/verify", signed.content + b"\n% a line more")
    broken = upload(browser, "/verify", changed)

    assert f"This is a genuine copy of report {signed.number}, made earlier" in ours.text
    assert "The report was made again on" in ours.text
    assert "signed by “企诊 Qizhen demo”, and the signature fits it." in ours.text
    assert "signed by “企诊 Qizhen demo”" in ours.text
    assert "The certificate is that of this installation." in ours.text
    assert "Who signed was not checked" not in ours.text
    assert f"says that it is report {signed.number}, but it is not the file" in added.text
    assert "The signature in the file is broken" in added.text
    assert "unchanged" not in broken.text
    assert "江海****" in added.text


@pytest.mark.parametrize("state", ["queued", "failed"])
def test_an_earlier_copy_is_genuine_also_while_its_file_is_lost(
    app: Flask, session: Session, fonts_folder: Path, state: str
) -> None:
    signed = Signed(app, session, fonts_folder)
    signed.path.unlink()
    report = again(app, session, signed.owner, signed.number)
    if state == "failed":
        failed(session, report)
    browser = Browser(app, language=Locale.EN)

    first = upload(browser, "/verify", signed.content)
    second = upload(browser, "/verify", MADE_AGAIN)
    without = browser.get(f"/verify/{signed.number}")

    assert f"This is a genuine copy of report {signed.number}, made earlier" in first.text
    assert "The report was made again on" not in first.text
    assert f"This is report {signed.number}, unchanged" in second.text
    for page in (first, second, without):
        assert page.status == 200
        assert "61.5" in page.text


def test_an_earlier_copy_stays_genuine_when_the_certificate_is_replaced(
    app: Flask, session: Session, fonts_folder: Path
) -> None:
    signed = Signed(app, session, fonts_folder)
    certificate: Path = app.extensions["settings"].certificate
    certificate.unlink()
    signing.self_made(certificate)

    page = upload(Browser(app, language=Locale.EN), f"/verify/{signed.number}", signed.content)

    assert f"This is a genuine copy of report {signed.number}, made earlier" in page.text
    assert "Who signed was not checked" not in page.text


def test_an_earlier_copy_without_a_signature_is_genuine_as_well(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    report = asked(session, owner, Copy(Languages.EN, Extent.FULL, Format.HTML))
    made(app, session, report, b"<html>teal</html>").unlink()
    again(app, session, owner, report.id)
    made(app, session, report, b"<html>blue</html>")
    browser = Browser(app, language=Locale.EN)

    earlier = upload(browser, "/verify", b"<html>teal</html>")
    present = upload(browser, f"/verify/{report.id}", b"<html>blue</html>")

    assert f"This is a genuine copy of report {report.id}, made earlier" in earlier.text
    assert "The report was made again on" in earlier.text
    assert f"This is report {report.id}, unchanged" in present.text


def test_what_was_signed_here_is_genuine_though_nobody_knows_of_it(
    app: Flask, session: Session, fonts_folder: Path
) -> None:
    signed = Signed(app, session, fonts_folder, known=False)

    page = upload(Browser(app, language=Locale.EN), "/verify", signed.content)

    assert f"genuine copy of report {signed.number}, unchanged since it was signed" in page.text


def test_somebody_elses_signature_makes_no_report_of_ours(
    app: Flask, session: Session, fonts_folder: Path
) -> None:
    signed = Signed(app, session, fonts_folder, known=False)
    certificate: Path = app.extensions["settings"].certificate
    certificate.unlink()
    without = upload(Browser(app, language=Locale.EN), "/verify", signed.content)
    signing.self_made(certificate)
    another = upload(Browser(app, language=Locale.EN), "/verify", signed.content)

    for page in (without, another):
        assert f"says that it is report {signed.number}, but it is none of the files" in page.text
        assert "with a certificate that is not the one in use here" in page.text
        assert "Who signed was not checked" in page.text
        assert signed.fingerprint in page.text
        assert "afterwards" not in page.text


def test_what_was_signed_here_but_not_issued_on_the_site_is_told_apart(
    app: Flask, session: Session, fonts_folder: Path
) -> None:
    signed = Signed(app, session, fonts_folder, known=False, number=NOWHERE)

    page = upload(Browser(app, language=Locale.EN), "/verify", signed.content)

    assert "signed with the certificate of this installation" in page.text
    assert "it was not issued on this site" in page.text
    assert "What was issued" not in page.text


# ------------------------------------------------------------------------ hostile files


@pytest.mark.parametrize("locale", list(Locale))
def test_while_other_files_are_checked_only_those_from_here_are_known(
    app: Flask, issued: str, locale: Locale
) -> None:
    browser = Browser(app, language=locale)

    with strangers.places, strangers.places:
        foreign = upload(browser, f"/verify/{issued}", b"%PDF-1.7 from elsewhere")
        known = upload(browser, f"/verify/{issued}", PDF)
        no_pdf = upload(browser, "/verify", b"PK")

    assert (foreign.status, known.status, no_pdf.status) == (503, 200, 200)
    assert int(foreign.response.headers["Retry-After"]) >= 5
    if locale is Locale.EN:
        assert "Other files are being checked at this moment." in foreign.text
        assert f"This is report {issued}, unchanged" in known.text


def test_a_file_from_elsewhere_is_not_opened_in_this_process(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = zlib.compress(b'{"x":[' + b"[]," * 1_300_000 + b"0]}", 9)
    opened: list[bytes] = []
    monkeypatch.setattr("survey.pdf.signing.opened", opened.append)

    page = upload(
        Browser(app, language=Locale.EN), "/verify", with_file(bomb, b"/Filter/FlateDecode")
    )

    assert "This is none of the files" in page.text
    assert opened == []
