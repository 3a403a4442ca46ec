"""Files that support answers: the protocol, the plain form, who may have them, and how."""

import base64
import hashlib
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey.core.text import Locale
from survey.services import assessments, evidence
from survey.services.people import ASSIGNED, Actor
from survey.store import pieces
from survey.store.models import Assessment, EvidenceFile, Membership, Upload
from survey.web import evidence as web
from survey.web import sending
from tests.browser import Browser, words_of
from tests.builders import FULL_ANSWERS
from tests.proofs import a_pdf, a_picture, an_ooxml
from tests.signing import latin_words
from tests.stored import NOW, a_consultant, a_firm, a_member, an_administrator, an_assessment
from tests.web.people import browser_of
from tests.web.uploads import upload

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

QUESTION = "years"
MEGABYTE = 1024 * 1024
NONE: Mapping[str, str] = {}


class Tus:
    """A program that speaks tus as somebody who is signed in."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.client = browser.client
        self.address = address
        self.token = browser.token()
        self.url = ""

    def ask(
        self, method: str, url: str, body: bytes = b"", headers: Mapping[str, str] = NONE
    ) -> TestResponse:
        given = {
            "Tus-Resumable": "1.0.0",
            "X-CSRFToken": self.token,
            "Accept": "application/json",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return self.client.open(url, method=method, headers=given, data=body)

    def begin(self, size: int, name: str = "台账.pdf", **headers: str) -> TestResponse:
        told = base64.b64encode(name.encode()).decode()
        reply = self.ask(
            "POST",
            self.address,
            headers={"Upload_Length": str(size), "Upload_Metadata": f"filename {told}", **headers},
        )
        self.url = reply.headers.get("Location", "")
        return reply

    def patch(self, offset: int, body: bytes, **headers: str) -> TestResponse:
        given = {"Content_Type": web.PIECE, "Upload_Offset": str(offset), **headers}
        return self.ask("PATCH", self.url, body, given)

    def send(self, content: bytes, name: str = "台账.pdf", step: int = MEGABYTE) -> TestResponse:
        reply = self.begin(len(content), name)
        assert reply.status_code == 201, reply.get_data(as_text=True)
        for place in range(0, len(content), step):
            reply = self.patch(place, content[place : place + step])
            if reply.status_code != 204:
                break
        return reply

    @property
    def id(self) -> str:
        return self.url.rpartition("/")[2]


def address(assessment: Assessment, question: str = QUESTION) -> str:
    return f"/assessments/{assessment.id}/questions/{question}/files"


def opened(app: Flask, session: Session) -> tuple[Tus, Actor, Assessment, Browser]:
    """An owner who is about to add files to a question."""
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner)
    return Tus(browser, address(assessment)), owner, assessment, browser


def stored(session: Session, tus: Tus) -> EvidenceFile:
    session.rollback()
    return session.get_one(EvidenceFile, tus.id, populate_existing=True)


def folder_of(app: Flask) -> Path:
    folder: Path = app.extensions["settings"].evidence_folder
    return folder


# ------------------------------------------------------------------------------ tus


def test_a_file_arrives_in_pieces_and_is_the_same_file(app: Flask, session: Session) -> None:
    tus, owner, assessment, browser = opened(app, session)
    content = a_pdf(300_000)

    last = tus.send(content, "能源台账.pdf", step=100_000)
    file = stored(session, tus)
    fetched = browser.client.get(f"/files/{file.id}")

    assert last.headers["Upload-Offset"] == str(len(content))
    assert fetched.get_data() == content
    assert (file.name, file.media_type, file.size) == ("能源台账.pdf", "application/pdf", 300_000)
    assert file.sha256 == hashlib.sha256(content).hexdigest()
    assert (file.assessment_id, file.question_key) == (assessment.id, QUESTION)
    assert file.added_by == owner.user_id
    assert session.get(Upload, tus.id) is None
    assert pieces.path(folder_of(app), tus.id).stat().st_mode & 0o777 == 0o600


def test_what_is_spoken_here_can_be_asked(app: Flask, session: Session) -> None:
    tus, _, _, _ = opened(app, session)

    reply = tus.client.options(tus.address)

    assert reply.status_code == 204
    assert reply.headers["Tus-Version"] == "1.0.0"
    assert reply.headers["Tus-Resumable"] == "1.0.0"
    assert reply.headers["Tus-Max-Size"] == str(20 * MEGABYTE)
    assert set(reply.headers["Tus-Extension"].split(",")) == {
        "creation",
        "expiration",
        "checksum",
        "termination",
    }


def test_how_far_it_is_can_be_asked_at_any_time(app: Flask, session: Session) -> None:
    tus, _, _, _ = opened(app, session)
    content = a_pdf(1000)
    begun = tus.begin(1000)
    tus.patch(0, content[:400])

    asked = tus.ask("HEAD", tus.url)
    tus.patch(400, content[400:])
    whole = tus.ask("HEAD", tus.url)

    assert begun.headers["Upload-Offset"] == "0"
    assert "Upload-Expires" in begun.headers
    assert asked.status_code == 200
    assert asked.headers["Upload-Offset"] == "400"
    assert asked.headers["Upload-Length"] == "1000"
    assert asked.headers["Cache-Control"] == "no-store"
    assert asked.headers["Tus-Resumable"] == "1.0.0"
    assert whole.headers["Upload-Offset"] == "1000"
    assert "Upload-Expires" not in whole.headers


def test_the_last_piece_may_be_sent_again_without_harm(app: Flask, session: Session) -> None:
    tus, _, _, browser = opened(app, session)
    content = a_pdf(1000)
    tus.send(content)

    again = tus.patch(0, content)

    assert again.status_code == 409
    assert again.headers["Upload-Offset"] == "1000"
    assert browser.client.get(f"/files/{tus.id}").get_data() == content


def test_an_upload_is_given_up(app: Flask, session: Session) -> None:
    tus, _, _, _ = opened(app, session)
    tus.begin(1000)
    tus.patch(0, a_pdf(1000)[:500])

    reply = tus.ask("DELETE", tus.url)

    assert reply.status_code == 204
    assert tus.ask("HEAD", tus.url).status_code == 404
    assert not pieces.path(folder_of(app), tus.id).exists()


WRONG_REQUESTS: dict[str, tuple[dict[str, str], int]] = {
    "no version": ({"Tus_Resumable": ""}, 412),
    "another version": ({"Tus_Resumable": "0.2.2"}, 412),
    "a form's type": ({"Content_Type": "text/plain"}, 415),
    "no offset": ({"Upload_Offset": ""}, 400),
    "a negative offset": ({"Upload_Offset": "-1"}, 400),
    "figures of another script": ({"Upload_Offset": "1e3"}, 400),
    "an endless offset": ({"Upload_Offset": "9" * 400}, 400),
    "an offset ahead": ({"Upload_Offset": "7"}, 409),
    "an unknown checksum": ({"Upload_Checksum": "md5 AAAA"}, 400),
    "a wrong checksum": ({"Upload_Checksum": "sha1 AAAA"}, 460),
    "no token": ({"X_CSRFToken": ""}, 400),
    "another token": ({"X_CSRFToken": "forged"}, 400),
}


@pytest.mark.parametrize("name", WRONG_REQUESTS)
def test_a_wrong_request_changes_nothing(app: Flask, session: Session, name: str) -> None:
    tus, _, _, _ = opened(app, session)
    tus.begin(1000)
    headers, status = WRONG_REQUESTS[name]

    reply = tus.patch(0, a_pdf(1000)[:500], **headers)

    assert reply.status_code == status
    assert reply.headers["Tus-Resumable"] == "1.0.0"
    assert reply.get_json()["message"]
    assert tus.ask("HEAD", tus.url).headers["Upload-Offset"] == "0"


def test_a_right_checksum_is_taken(app: Flask, session: Session) -> None:
    tus, _, _, _ = opened(app, session)
    tus.begin(1000)
    piece = a_pdf(1000)[:500]
    told = base64.b64encode(hashlib.sha256(piece).digest()).decode()

    assert tus.patch(0, piece, Upload_Checksum=f"sha256 {told}").status_code == 204


def test_pieces_are_small(app: Flask, session: Session) -> None:
    tus, _, _, _ = opened(app, session)
    tus.begin(3 * MEGABYTE)

    assert tus.patch(0, a_pdf(MEGABYTE + 1)).status_code == 413
    assert tus.patch(0, a_pdf(MEGABYTE)).status_code == 204


def test_no_more_is_taken_than_was_announced(app: Flask, session: Session) -> None:
    tus, _, _, _ = opened(app, session)
    tus.begin(1000)

    reply = tus.patch(0, a_pdf(1001))

    assert reply.status_code == 413
    assert tus.ask("HEAD", tus.url).headers["Upload-Offset"] == "0"


def test_a_piece_says_its_length(app: Flask, session: Session) -> None:
    tus, _, _, _ = opened(app, session)
    tus.begin(1000)

    assert tus.patch(0, b"").status_code == 411


@pytest.mark.parametrize(
    ("size", "status"),
    [("0", 422), (str(20 * MEGABYTE + 1), 413), ("", 400), ("-5", 400), ("much", 400)],
)
def test_a_size_that_cannot_be_is_refused(
    app: Flask, session: Session, size: str, status: int
) -> None:
    tus, _, _, _ = opened(app, session)

    reply = tus.begin(0, Upload_Length=size)

    assert reply.status_code == status
    assert reply.get_json()["message"]


def test_twenty_megabytes_are_taken(app: Flask, session: Session) -> None:
    tus, _, _, browser = opened(app, session)
    content = a_pdf(20 * MEGABYTE)

    last = tus.send(content)
    fetched = browser.client.get(f"/files/{tus.id}")
    part = browser.client.get(f"/files/{tus.id}", headers={"Range": "bytes=0-8"})

    assert last.status_code == 204
    assert hashlib.sha256(fetched.get_data()).digest() == hashlib.sha256(content).digest()
    assert part.status_code == 206
    assert part.get_data() == content[:9]
    for reply in (fetched, part):
        reply.close()


def test_what_is_no_evidence_is_refused_at_its_first_piece(app: Flask, session: Session) -> None:
    tus, _, _, _ = opened(app, session)
    tus.begin(5 * MEGABYTE, "invoice.pdf")

    reply = tus.patch(0, b"MZ\x90\0" + b"\0" * 1000)

    assert reply.status_code == 422
    assert "This kind of file is not accepted." in reply.get_json()["message"]
    assert tus.ask("HEAD", tus.url).status_code == 404
    assert not pieces.path(folder_of(app), tus.id).exists()


@pytest.mark.parametrize(
    "content",
    [
        a_pdf() + b"PK\x05\x06" + b"\0" * 18,
        an_ooxml(further={"vbaProject.bin": b"x"}),
        an_ooxml(further={"a": b"\0" * 30_000_000}),
    ],
)
def test_what_is_refused_when_it_is_whole_leaves_nothing(
    app: Flask, session: Session, content: bytes
) -> None:
    tus, _, assessment, browser = opened(app, session)

    reply = tus.send(content)

    assert reply.status_code == 422
    assert reply.get_json()["message"].endswith(".")
    assert not pieces.path(folder_of(app), tus.id).exists()
    assert (
        browser.get(f"/assessments/{assessment.id}/files").all("ul", **{"class": "files-list"})
        == []
    )


def test_bytes_of_an_attempt_that_died_are_written_over(app: Flask, session: Session) -> None:
    tus, _, _, browser = opened(app, session)
    content = a_pdf(3000)
    tus.begin(3000)
    tus.patch(0, content[:1000])
    with pieces.path(folder_of(app), tus.id).open("ab") as file:
        file.write(b"never committed" * 300)

    told = tus.ask("HEAD", tus.url).headers["Upload-Offset"]
    tus.patch(1000, content[1000:])

    assert told == "1000"
    assert browser.client.get(f"/files/{tus.id}").get_data() == content


def test_bytes_that_are_gone_are_sent_again(app: Flask, session: Session) -> None:
    tus, _, _, browser = opened(app, session)
    content = a_pdf(3000)
    tus.begin(3000)
    tus.patch(0, content[:1000])
    pieces.forget(folder_of(app), tus.id)

    told = tus.ask("HEAD", tus.url).headers["Upload-Offset"]
    ahead = tus.patch(1000, content[1000:])
    whole = tus.patch(0, content)

    assert told == "0"
    assert ahead.status_code == 409
    assert whole.status_code == 204
    assert browser.client.get(f"/files/{tus.id}").get_data() == content


def test_two_pieces_at_once_never_mix(app: Flask, session: Session) -> None:
    tus, _, _, browser = opened(app, session)
    content = a_pdf(2 * MEGABYTE)
    tus.begin(len(content))
    twins = []
    for _ in range(2):
        twin = Tus(browser, tus.address)
        twin.client = app.test_client()
        twin.client._cookies = browser.client._cookies
        twin.url = tus.url
        twins.append(twin)
    together = threading.Barrier(2)
    statuses: list[int] = []

    def send(twin: Tus, piece: bytes) -> None:
        together.wait()
        statuses.append(twin.patch(0, piece).status_code)

    threads = [
        threading.Thread(target=send, args=(twin, content[:size]))
        for twin, size in zip(twins, (MEGABYTE, 1000), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = int(tus.ask("HEAD", tus.url).headers["Upload-Offset"])
    while told < len(content):
        told = int(tus.patch(told, content[told : told + MEGABYTE]).headers["Upload-Offset"])

    assert min(statuses) == 204
    assert max(statuses) in (409, 423)
    assert browser.client.get(f"/files/{tus.id}").get_data() == content


def test_who_comes_while_a_piece_is_written_is_told_to_wait(app: Flask, session: Session) -> None:
    tus, _, _, _ = opened(app, session)
    tus.begin(1000)

    with pieces.alone(folder_of(app), tus.id):
        piece = tus.patch(0, a_pdf(1000))
        given_up = tus.ask("DELETE", tus.url)

    assert (piece.status_code, given_up.status_code) == (423, 423)


@pytest.mark.parametrize(
    ("places", "count"), [(web._places, web.MOST_RECEIVED), (sending.slow, sending.THREADS - 1)]
)
def test_pages_keep_their_threads(
    app: Flask, session: Session, places: threading.Semaphore, count: int
) -> None:
    tus, _, _, _ = opened(app, session)
    tus.begin(1000)
    for _ in range(count):
        places.acquire()

    try:
        reply = tus.patch(0, a_pdf(1000))
    finally:
        for _ in range(count):
            places.release()

    assert reply.status_code == 503
    assert reply.headers["Retry-After"] == str(web.TRY_AGAIN)
    assert tus.patch(0, a_pdf(1000)).status_code == 204


class Stalled:
    """A body of which nothing more comes until the connection is closed."""

    def __init__(self) -> None:
        self.closed = threading.Event()

    def read(self, _size: int = -1) -> bytes:
        self.closed.wait()
        raise OSError("the connection is gone")


def test_a_piece_that_stalls_is_not_waited_for(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    tus, _, _, _ = opened(app, session)
    tus.begin(1000)
    monkeypatch.setattr(web, "LONGEST_PIECE", 0.2)
    stalled = Stalled()
    headers = {
        "Tus-Resumable": "1.0.0",
        "X-CSRFToken": tus.token,
        "Upload-Offset": "0",
        "Content-Type": web.PIECE,
    }
    sent = {"wsgi.input": stalled, "CONTENT_LENGTH": "1000"}

    reply = tus.client.patch(tus.url, headers=headers, environ_overrides=sent)
    stalled.closed.set()

    assert reply.status_code == 408
    assert tus.patch(0, a_pdf(1000)).status_code == 204


def test_one_person_takes_one_place_alone(app: Flask, session: Session) -> None:
    tus, owner, _, _ = opened(app, session)
    tus.begin(1000)
    web._senders.add(owner.user_id)

    try:
        reply = tus.patch(0, a_pdf(1000))
    finally:
        web._senders.discard(owner.user_id)

    assert reply.status_code == 423
    assert tus.patch(0, a_pdf(1000)).status_code == 204
    assert not web._senders


def test_a_form_that_finds_no_place_says_so(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, assessment, browser = opened(app, session)
    monkeypatch.setattr(web, "PATIENCE", 0.1)
    for _ in range(web.MOST_RECEIVED):
        web._places.acquire()

    try:
        page = upload(browser, address(assessment), a_pdf())
    finally:
        for _ in range(web.MOST_RECEIVED):
            web._places.release()

    assert page.status == 422
    assert "The server is busy with other files" in page.html
    assert upload(browser, address(assessment), a_pdf()).status == 303


def on_disk(app: Flask) -> int:
    return sum(path.stat().st_size for path in folder_of(app).rglob("*") if path.is_file())


def test_beginning_anew_leaves_no_bytes_behind(app: Flask, session: Session) -> None:
    """Else whoever begins again and again fills the disk, and nothing counts it."""
    tus, _, _, _ = opened(app, session)
    tus.begin(3 * MEGABYTE)
    tus.patch(0, a_pdf(MEGABYTE))
    session.execute(update(Upload).values(touched_at=NOW - evidence.QUIET))
    session.commit()

    tus.begin(3 * MEGABYTE)

    assert on_disk(app) == 0
    assert session.scalars(select(Upload.id)).all() == [tus.id]


def test_a_piece_that_comes_after_all_leaves_no_bytes_behind(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    tus, _, _, _ = opened(app, session)
    tus.begin(1000)
    look = evidence.progress

    def begun_anew_meanwhile(*args: Any, **facts: Any) -> evidence.Progress:
        monkeypatch.setattr(evidence, "progress", look)
        found = look(*args, **facts)
        with Session(session.get_bind()) as other:
            other.execute(delete(Upload))
            other.commit()
        return found

    monkeypatch.setattr(evidence, "progress", begun_anew_meanwhile)

    assert tus.patch(0, a_pdf(500)).status_code == 404
    assert not list(folder_of(app).glob("*/*"))


def test_a_page_of_somebody_else_sends_nothing_in_ones_name(app: Flask, session: Session) -> None:
    """On a shared machine the page of the one before may still be open."""
    firm, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    colleague = a_member(session, firm)
    browser = browser_of(app, session, colleague)
    tus = Tus(browser, address(assessment))
    made_for = {"X_Signed_In": str(owner.user_id)}

    assert tus.begin(1000, **made_for).status_code == 401
    assert tus.begin(1000, X_Signed_In=str(colleague.user_id)).status_code == 201
    assert tus.patch(0, a_pdf(1000), **made_for).status_code == 401
    assert tus.patch(0, a_pdf(1000)).status_code == 204
    reply = browser.client.post(
        f"/files/{tus.id}/remove",
        headers={"X-CSRFToken": browser.token(), "X-Signed-In": str(owner.user_id)},
    )
    assert reply.status_code == 401
    assert stored(session, tus).removed_at is None


def test_a_refusal_points_at_no_field_that_is_not_there(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    member = a_member(session, firm)
    session.get_one(Membership, member.user_id).scope = ASSIGNED
    browser = browser_of(app, session, member)

    page = upload(browser, address(assessment), a_pdf())

    assert page.status == 422
    assert page.one("div", id="faults")
    assert not page.all("a", href="#file")


def test_an_upload_that_lay_still_for_a_day_is_gone(app: Flask, session: Session) -> None:
    tus, _, _, _ = opened(app, session)
    tus.begin(1000)
    session.execute(update(Upload).values(touched_at=NOW - timedelta(days=1)))
    session.commit()

    assert tus.ask("HEAD", tus.url).status_code == 410
    assert tus.patch(0, a_pdf(1000)).status_code == 410


@pytest.mark.parametrize("who", ["colleague", "stranger", "consultant", "nobody"])
def test_an_upload_belongs_to_whoever_began_it(app: Flask, session: Session, who: str) -> None:
    firm, owner = a_firm(session)
    _, stranger = a_firm(session, "远山机械有限公司")
    assessment = an_assessment(session, owner)
    tus = Tus(browser_of(app, session, owner), address(assessment))
    tus.begin(1000)
    actors = {
        "colleague": lambda: a_member(session, firm),
        "stranger": lambda: stranger,
        "consultant": lambda: a_consultant(session, firm),
    }
    browser = Browser(app) if who == "nobody" else browser_of(app, session, actors[who]())
    other = Tus(browser, tus.address)
    other.url = tus.url

    statuses = [
        other.ask("HEAD", tus.url).status_code,
        other.patch(0, a_pdf(1000)).status_code,
        other.ask("DELETE", tus.url).status_code,
    ]

    assert statuses == [{"consultant": 403, "nobody": 401}.get(who, 404)] * 3
    assert tus.ask("HEAD", tus.url).headers["Upload-Offset"] == "0"


def test_nothing_can_be_added_to_what_is_not_ones_own(app: Flask, session: Session) -> None:
    tus, _, assessment, _ = opened(app, session)
    _, stranger = a_firm(session, "远山机械有限公司")
    foreign = Tus(browser_of(app, session, stranger), tus.address)

    assert foreign.begin(1000).status_code == 404
    for forged in (
        address(assessment, "no-such-question"),
        address(assessment, "\x00"),
        "/assessments/999999/questions/years/files",
    ):
        assert tus.ask("POST", quote(forged), headers={"Upload_Length": "10"}).status_code == 404


def test_after_submission_nothing_is_added(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers=FULL_ANSWERS)
    browser = browser_of(app, session, owner)
    tus, late = Tus(browser, address(assessment)), Tus(browser, address(assessment))
    tus.send(a_pdf(500))
    late.begin(1000)
    assessments.submit(session, owner, assessment.id, now=NOW)
    session.commit()

    begun = Tus(browser, address(assessment)).begin(1000)
    half = late.patch(0, a_pdf(1000)[:500])
    whole = late.patch(0, a_pdf(1000))
    removed = browser.post(f"/files/{tus.id}/remove")

    assert [begun.status_code, half.status_code, whole.status_code] == [409] * 3
    assert removed.status == 422
    assert browser.client.get(f"/files/{tus.id}").status_code == 200
    page = browser.get(address(assessment))
    assert "its files can no longer be changed" in page.text
    assert page.all("input", type="file") == []


# --------------------------------------------------------------------------- limits


def test_a_firm_keeps_no_more_than_it_may(app: Flask, session: Session) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], evidence_mb=1)
    tus, _, _, _ = opened(app, session)
    tus.begin(700_000)

    second = Tus.__new__(Tus)
    second.__dict__.update(tus.__dict__)
    refused = second.begin(500_000)
    tus.ask("DELETE", tus.url)
    taken = second.begin(500_000)

    assert refused.status_code == 413
    assert "1 MB" in refused.get_json()["message"]
    assert "0.3 MB" in refused.get_json()["message"]
    assert taken.status_code == 201


def test_a_question_has_no_more_files_than_can_be_read(app: Flask, session: Session) -> None:
    tus, _, _, _ = opened(app, session)
    for size in range(1, 1 + evidence.MOST_PER_QUESTION):
        tus.begin(size)

    reply = tus.begin(99)

    assert reply.status_code == 409
    assert "10 files" in reply.get_json()["message"]


# ------------------------------------------------------------------------------ names

NAMES = {
    "../../etc/passwd.pdf": "passwd.pdf",
    "C:\\fakepath\\台账.pdf": "台账.pdf",
    "a\0b\r\nc.pdf": "abc.pdf",
    "invoice\u202efdp.exe": "invoicefdp.exe.pdf",
    "photo.exe": "photo.exe.pdf",
    "台账.PDF": "台账.PDF",
    "📎 证明.pdf": "📎 证明.pdf",
    "𠮷野家.pdf": "𠮷野家.pdf",
    '"quoted"; filename=x.html': "quoted; filename=x.html.pdf",
    "": "file.pdf",
    "...": "file.pdf",
    "能" * 300 + ".pdf": "能" * 78 + ".pdf",
    "<script>.pdf": "script.pdf",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_shown_without_what_misleads(app: Flask, session: Session, name: str) -> None:
    tus, _, assessment, browser = opened(app, session)
    tus.send(a_pdf(500), name)

    page = browser.get(address(assessment))
    fetched = browser.client.get(f"/files/{tus.id}")
    link = page.all("a", href=f"/files/{tus.id}")[0]

    assert words_of(link) == NAMES[name]
    disposition = fetched.headers["Content-Disposition"]
    assert disposition.startswith("attachment; ")
    assert f"filename*=UTF-8''{quote(NAMES[name])}" in disposition
    assert disposition.isascii()


def test_a_name_in_broken_letters_is_a_wrong_request(app: Flask, session: Session) -> None:
    tus, _, _, _ = opened(app, session)

    assert tus.begin(10, Upload_Metadata="filename ///8").status_code == 400
    assert tus.begin(10, Upload_Metadata="filename %%%").status_code == 400
    assert tus.begin(10, Upload_Metadata="filetype YQ==,filename").status_code == 201
    assert tus.begin(10, Upload_Metadata="").status_code == 201


# -------------------------------------------------------------------------- handed out


def test_a_file_is_served_so_that_it_can_do_nothing(app: Flask, session: Session) -> None:
    tus, _, _, browser = opened(app, session)
    tus.send(a_picture("PNG"), "屏幕截图.png")

    reply = browser.client.get(f"/files/{tus.id}")
    again = browser.client.get(f"/files/{tus.id}", headers={"If-None-Match": reply.headers["ETag"]})
    head = browser.client.head(f"/files/{tus.id}")

    assert reply.mimetype == "image/png"
    assert reply.headers["Content-Disposition"].startswith("attachment")
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert reply.headers["Cache-Control"] == "private, no-cache"
    assert again.status_code == 304
    assert head.status_code == 200
    assert head.get_data() == b""


@pytest.mark.parametrize("submitted", [False, True])
def test_who_may_have_a_file(app: Flask, session: Session, *, submitted: bool) -> None:
    firm, owner = a_firm(session)
    _, stranger = a_firm(session, "远山机械有限公司")
    assessment = an_assessment(session, owner, answers=FULL_ANSWERS)
    tus = Tus(browser_of(app, session, owner), address(assessment))
    tus.send(a_pdf(500))
    if submitted:
        assessments.submit(session, owner, assessment.id, now=NOW)
    people = {
        "owner": owner,
        "member": a_member(session, firm),
        "consultant": a_consultant(session, firm),
        "administrator": an_administrator(session),
        "stranger": stranger,
        "other consultant": a_consultant(session, name="林顾问"),
    }
    seen = {}
    for who, actor in people.items():
        browser = browser_of(app, session, actor)
        page = browser.get(f"/assessments/{assessment.id}/files")
        reply = browser.client.get(f"/files/{tus.id}")
        assert page.status == reply.status_code
        seen[who] = reply.status_code

    later = 200 if submitted else 404
    assert seen == {
        "owner": 200,
        "member": 200,
        "consultant": later,
        "administrator": 403,
        "stranger": 404,
        "other consultant": 404,
    }


def test_a_large_file_waits_for_its_turn(app: Flask, session: Session) -> None:
    tus, _, _, browser = opened(app, session)
    tus.send(a_pdf(9 * MEGABYTE))
    running = [sending.Stream(iter(())) for _ in range(sending.MOST_STREAMS)]

    busy = browser.client.get(f"/files/{tus.id}")
    for stream in running:
        stream.close()
    free = browser.client.get(f"/files/{tus.id}")

    assert busy.status_code == 503
    assert free.get_data() == a_pdf(9 * MEGABYTE)
    free.close()


def test_a_file_whose_bytes_are_lost_is_not_there(app: Flask, session: Session) -> None:
    tus, _, _, browser = opened(app, session)
    tus.send(a_pdf(500))
    pieces.forget(folder_of(app), tus.id)

    assert browser.get(f"/files/{tus.id}").status == 404


def test_all_files_are_listed_by_section_for_the_consultant(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers=FULL_ANSWERS)
    browser = browser_of(app, session, owner)
    for question in ("years", "planning"):
        Tus(browser, address(assessment, question)).send(a_pdf(500), f"{question}.pdf")
    assessments.submit(session, owner, assessment.id, now=NOW)
    consultant = browser_of(app, session, a_consultant(session, firm))

    page = consultant.get(f"/assessments/{assessment.id}/files")

    assert [words_of(link) for link in page.all("a", download="")] == ["planning.pdf", "years.pdf"]
    assert page.all("button", **{"data-remove": ""}) == []


# ------------------------------------------------------------------------ without script


def test_a_file_is_sent_listed_and_removed_without_script(app: Flask, session: Session) -> None:
    _, _, assessment, browser = opened(app, session)
    place = address(assessment)

    kept = upload(browser, place, a_pdf(500), name="证书.pdf")
    page = browser.follow(kept)
    link = page.one("a", download="")
    fetched = browser.client.get(link.get("href", ""))
    removed = browser.send(page, "/files/")
    after = browser.follow(removed)

    assert kept.location == place
    assert "The file has been saved." in page.text
    assert words_of(link) == "证书.pdf"
    assert fetched.get_data() == a_pdf(500)
    assert "There are no files yet." in after.text
    assert browser.get(link.get("href", "")).status == 404
    assert not pieces.path(folder_of(app), link.get("href", "")[7:]).exists()


@pytest.mark.parametrize("locale", list(Locale))
def test_the_form_refuses_in_a_sentence(app: Flask, session: Session, locale: Locale) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner, language=locale)

    for content in (b"<html></html>", b"", a_pdf()[:-8]):
        page = upload(browser, address(assessment), content, name="a.pdf")

        assert page.status == 422
        assert words_of(page.by_id("file-fault")).endswith("." if locale is Locale.EN else "。")


def test_no_file_is_said(app: Flask, session: Session) -> None:
    _, _, assessment, browser = opened(app, session)

    page = browser.send(browser.get(address(assessment)), address(assessment), file=None)

    assert page.status == 422
    assert words_of(page.by_id("file-fault")) == "Choose a file."


def test_more_than_a_form_can_bring_gets_a_sentence(app: Flask, session: Session) -> None:
    _, _, assessment, browser = opened(app, session)

    assert upload(browser, address(assessment), a_pdf(5 * MEGABYTE)).status == 413


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_question_that_is_none_has_no_page(app: Flask, session: Session, method: str) -> None:
    _, _, assessment, browser = opened(app, session)
    place = address(assessment, "no-such-question")

    page = browser.get(place) if method == "GET" else upload(browser, place, a_pdf(500))

    assert page.status == 404


def test_a_full_question_offers_no_form(app: Flask, session: Session) -> None:
    _, _, assessment, browser = opened(app, session)
    for _ in range(evidence.MOST_PER_QUESTION):
        upload(browser, address(assessment), a_pdf(500))

    page = browser.get(address(assessment))

    assert page.all("input", type="file") == []
    assert "Remove one before you add another." in page.text


def test_members_remove_their_own_and_the_owner_any(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    his = browser_of(app, session, owner)
    hers = browser_of(app, session, a_member(session, firm))
    own, others = Tus(hers, address(assessment)), Tus(his, address(assessment))
    second = Tus(hers, address(assessment))
    for tus in (own, others, second):
        tus.send(a_pdf(500))

    assert hers.post(f"/files/{others.id}/remove").status == 403
    assert hers.post(f"/files/{own.id}/remove").status == 303
    removed = his.post_json(f"/files/{second.id}/remove", {})
    assert removed.json["message"] == "The file has been removed."
    assert his.post(f"/files/{second.id}/remove").status == 404
    assert his.post(f"/files/{others.id}/remove").status == 303


# ------------------------------------------------------------------- on the question's page


def test_the_page_of_the_question_shows_its_files(app: Flask, session: Session) -> None:
    tus, _, assessment, browser = opened(app, session)
    tus.send(a_pdf(500), "能源台账.pdf")

    page = browser.get(f"/assessments/{assessment.id}/pages/everything")
    piece = browser.client.get(f"{address(assessment)}/list").get_data(as_text=True)

    assert [words_of(link) for link in page.all("a", download="")] == ["能源台账.pdf"]
    assert any("1 file" in words_of(each) for each in page.all("summary"))
    checked = browser.get(f"/assessments/{assessment.id}/check")
    assert words_of(checked.one("a", href=address(assessment))).startswith("1 file")
    assert "能源台账.pdf" in piece
    assert "<html" not in piece


def test_no_english_word_stands_on_a_chinese_page(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner, language=Locale.ZH)
    upload(browser, address(assessment), a_pdf(500), name="台账.pdf")

    known = (
        "PDF",
        "Word",
        "Excel",
        "PowerPoint",
        "MB",
        "kB",
        "pdf",
        "JavaScript",
        "years",
        "everything",
    )
    for place in (address(assessment), f"/assessments/{assessment.id}/files"):
        assert latin_words(browser.get(place), *known) == set()
