"""Files on their way to the real server: killed in the middle, cut off, closed, taken up again."""

import base64
import re
import socket
import urllib.error
import urllib.request
from http.client import HTTPMessage
from http.cookiejar import CookieJar
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Request, Route, expect
from sqlalchemy.orm import Session

from survey import application
from survey.config import Settings
from survey.services import accounts
from survey.services.people import FIRM, actor_of
from survey.store import pieces
from survey.store.db import open_engine
from survey.store.models import EvidenceFile
from tests.journeys.conftest import (
    PASSWORD,
    PHONE,
    Opener,
    Site,
    a_person,
    must_be_accessible,
    sign_in,
)
from tests.journeys.servers import Server, environment_of
from tests.journeys.test_killed import Program, begun
from tests.proofs import a_pdf, a_picture
from tests.stored import NOW, an_assessment

QUESTION = "planning"
MEGABYTE = 1024 * 1024


class Sender(Program):
    """A program that speaks tus."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self._cookies = CookieJar()
        self._jar = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies))

    @property
    def cookie(self) -> str:
        return "; ".join(f"{each.name}={each.value}" for each in self._cookies)

    def ask(
        self, method: str, address: str, body: bytes | None = None, **headers: str
    ) -> HTTPMessage:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        given |= {"Tus-Resumable": "1.0.0", "Accept": "application/json"}
        asked = urllib.request.Request(address, body, given, method=method)
        with self._jar.open(asked, timeout=20) as reply:
            told: HTTPMessage = reply.headers
            return told


def test_an_upload_goes_on_after_every_process_was_killed(database: str, tmp_path: Path) -> None:
    environment = environment_of(tmp_path, database, SURVEY_WORKERS="2")
    settings = Settings.from_environment(environment)
    assessment_id = begun(settings)
    server = Server(environment, tmp_path / "log")
    sender = Sender(server.address)
    content = a_pdf(2 * MEGABYTE)
    place = f"{server.address}/assessments/{assessment_id}/questions/{QUESTION}/files"
    try:
        server.start()
        sender.sign_in("owner@example.com")
        token = sender.token(f"/assessments/{assessment_id}/pages/everything")
        name = base64.b64encode("台账.pdf".encode()).decode()
        told = sender.ask(
            "POST", place, b"", X_CSRFToken=token,
            Upload_Length=str(len(content)), Upload_Metadata=f"filename {name}",
        )  # fmt: skip
        upload = server.address + told["Location"]
        piece = {"Content_Type": "application/offset+octet-stream", "X_CSRFToken": token}
        sender.ask("PATCH", upload, content[:MEGABYTE], Upload_Offset="0", **piece)
        half_a_piece(server, told["Location"], sender.cookie, token, content[MEGABYTE:])
        server.kill()
        server.start()

        offset = int(sender.ask("HEAD", upload)["Upload-Offset"])
        with pytest.raises(urllib.error.HTTPError, match="409"):
            sender.ask("PATCH", upload, content[:10], Upload_Offset="0", **piece)
        sender.ask("PATCH", upload, content[offset:], Upload_Offset=str(offset), **piece)
        server.kill()
    finally:
        server.kill()

    file_id = told["Location"].rpartition("/")[2]
    assert offset == MEGABYTE
    assert pieces.read(settings.evidence_folder, file_id) == content
    engine = open_engine(database)
    with Session(engine) as session:
        assert session.get_one(EvidenceFile, file_id).size == len(content)
    engine.dispose()


def half_a_piece(server: Server, path: str, cookie: str, token: str, content: bytes) -> None:
    """Begin to send a piece; the connection is cut in its middle."""
    head = (
        f"PATCH {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nCookie: {cookie}\r\n"
        f"X-CSRFToken: {token}\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: {MEGABYTE}\r\n"
        f"Content-Type: application/offset+octet-stream\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(head.encode() + content[: len(content) // 2])


# ---------------------------------------------------------------------------- browser


@pytest.fixture(scope="module")
def address(site: Site) -> str:
    """A page with questions, of a firm whose owner is writer@example.com."""
    app = application.create_app(site.settings)
    engine = open_engine(site.settings.database_url)
    with app.app_context(), Session(engine) as session:
        user = a_person(session, "writer@example.com", "周敏", FIRM)
        accounts.register_firm(session, user=user, firm_name="青溪泵业有限公司", now=NOW)
        assessment = an_assessment(session, actor_of(session, user.id))
        session.commit()
        path = f"/assessments/{assessment.id}/pages/everything"
    engine.dispose()
    return path


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "能源台账.pdf"
    path.write_bytes(a_pdf(5 * MEGABYTE))
    return path


def question(page: Page, key: str) -> Locator:
    """A question with its evidence unfolded."""
    box = page.locator(f"[data-question={key}]")
    if not box.locator("details.evidence").evaluate("each => each.open"):
        box.locator("details.evidence summary").click()
    return box


def offsets(page: Page) -> list[int]:
    """Where each piece that the page sends begins; filled while it works."""
    found: list[int] = []

    def note(request: Request) -> None:
        if request.method == "PATCH":
            found.append(int(request.headers["upload-offset"]))

    page.on("request", note)
    return found


def cut_after(page: Page, pieces_sent: int) -> None:
    """Let so many pieces through, then cut the line."""
    passed = 0

    def decide(route: Route) -> None:
        nonlocal passed
        if route.request.method == "PATCH":
            passed += 1
        if passed > pieces_sent:
            route.abort("internetdisconnected")
        else:
            route.continue_()

    page.route("**/uploads/*", decide)


def test_a_cut_line_costs_a_piece_and_the_page_goes_on(
    open_browser: Opener, address: str, large: Path
) -> None:
    page = open_browser()
    sign_in(page, "writer@example.com")
    page.goto(address)
    box = question(page, "planning")
    sent = offsets(page)
    cut_after(page, 2)

    box.locator("input[type=file]").set_input_files(large)
    expect(box.locator(".upload .state-wrong")).to_be_visible()
    said = page.locator("#files-live").text_content()
    page.unroute("**/uploads/*")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(box.locator("[data-files-list] a")).to_have_text(["能源台账.pdf"], timeout=30_000)

    assert said
    assert sent.count(0) == 1
    assert box.locator(".upload").count() == 0


def test_a_closed_page_is_taken_up_again_with_the_same_file(
    open_browser: Opener, address: str, large: Path
) -> None:
    page = open_browser()
    sign_in(page, "writer@example.com")
    page.goto(address)
    cut_after(page, 2)
    question(page, "security").locator("input[type=file]").set_input_files(large)
    expect(page.locator(".upload .state-wrong")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())

    page.unroute("**/uploads/*")
    page.goto(address)
    box = page.locator("[data-question=security]")
    expect(box.locator(".upload [data-name]")).to_have_text("能源台账.pdf")
    sent = offsets(page)
    box.locator("input[type=file]").set_input_files(large)
    expect(box.locator("[data-files-list] a")).to_have_text(["能源台账.pdf"], timeout=30_000)

    assert sent[0] > 0
    assert box.locator(".upload").count() == 0
    assert (
        page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('evidence ')).length")
        == 0
    )


def test_an_upload_is_paused_gone_on_with_and_cancelled(
    open_browser: Opener, address: str, large: Path
) -> None:
    page = open_browser()
    sign_in(page, "writer@example.com")
    page.goto(address)
    box = question(page, "years")
    cut_after(page, 2)
    box.locator("input[type=file]").set_input_files(large)
    expect(box.locator(".upload .state-wrong")).to_be_visible()

    box.locator("[data-pause-it]").press("Enter")
    expect(box.locator(".upload .state-wrong")).to_have_count(0)
    page.unroute("**/uploads/*")
    box.locator("[data-pause-it]").press("Enter")
    expect(box.locator("[data-files-list] a")).to_have_count(1, timeout=30_000)
    cut_after(page, 0)
    box.locator("input[type=file]").set_input_files(large)
    expect(box.locator(".upload .state-wrong")).to_be_visible()
    box.locator("[data-cancel]").press("Enter")

    expect(box.locator(".upload")).to_have_count(0)
    expect(box.locator("input[type=file]")).to_be_focused()


def test_a_screenshot_is_pasted_named_and_removed_by_keyboard(
    open_browser: Opener, address: str
) -> None:
    page = open_browser(size=PHONE)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(page, "writer@example.com")
    page.goto(address)
    box = question(page, "share")
    page.evaluate(A_SCREENSHOT)
    box.locator("input[inputmode]").first.focus()

    page.keyboard.press("Control+V")
    name = box.locator(".files-name input")
    expect(name).to_be_focused()
    must_be_accessible(page)
    name.fill("配电房读数")
    name.press("Enter")
    expect(box.locator("[data-files-list] a")).to_have_text(["配电房读数.png"])
    must_be_accessible(page)
    remove = box.locator("[data-remove]")
    remove.press("Enter")
    expect(remove).to_be_visible()
    remove.press("Enter")

    expect(box.locator("[data-files-list] a")).to_have_count(0)
    expect(box.locator("input[type=file]")).to_be_focused()


A_SCREENSHOT = """async () => {
  const canvas = document.createElement("canvas");
  canvas.width = 40; canvas.height = 30;
  canvas.getContext("2d").fillRect(5, 5, 20, 20);
  const image = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  await navigator.clipboard.write([new ClipboardItem({ "image/png": image })]);
}"""


@pytest.mark.parametrize(
    ("words", "is_evidence"),
    [
        ({"text/plain": "1250", "text/html": "<table><tr><td>1250</td></tr></table>"}, False),
        ({"text/html": "<style>td {}</style><p>1250</p>"}, False),
        ({"text/html": "<img src='https://example.com/meter.png' alt=''>"}, True),
        ({}, True),
    ],
)
def test_a_cell_of_a_spreadsheet_goes_into_the_field_and_only_a_picture_alone_is_evidence(
    open_browser: Opener, address: str, *, words: dict[str, str], is_evidence: bool
) -> None:
    """Spreadsheets and Word copy text with a picture of it."""
    page = open_browser()
    sign_in(page, "writer@example.com")
    page.goto(address)
    box = question(page, "years")

    taken = box.locator("#q_years").evaluate(PASTED, words)

    assert taken is is_evidence, "what a script takes does not reach the field"
    expect(box.locator(".files-name")).to_have_count(int(is_evidence))


PASTED = """(field, words) => {
  const clipboardData = new DataTransfer();
  Object.entries(words).forEach(([type, text]) => clipboardData.setData(type, text));
  clipboardData.items.add(new File([new Uint8Array(100)], "image.png", { type: "image/png" }));
  field.focus();
  return !field.dispatchEvent(
    new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""


def test_files_are_dropped_on_a_question_and_nothing_else_is_taken_for_files(
    open_browser: Opener, address: str
) -> None:
    page = open_browser()
    sign_in(page, "writer@example.com")
    page.goto(address)
    box = question(page, "security")
    pdf, picture = a_pdf(), a_picture("PNG")
    dropped = {
        "current.pdf": base64.b64encode(pdf).decode(),
        "meter.png": base64.b64encode(picture).decode(),
    }

    over = page.evaluate_handle(DRAGGED, {"files": {}})
    box.dispatch_event("dragover", {"dataTransfer": over})
    expect(box).not_to_have_class(re.compile("files-over"))
    files = page.evaluate_handle(DRAGGED, {"files": dropped})
    box.dispatch_event("dragover", {"dataTransfer": files})
    expect(box).to_have_class(re.compile("files-over"))
    box.dispatch_event("drop", {"dataTransfer": files})

    for name in dropped:
        expect(box.get_by_role("link", name=name)).to_be_visible()
    expect(box).not_to_have_class(re.compile("files-over"))
    must_be_accessible(page)
    beside = page.locator("h1")
    assert beside.evaluate(DROPPED, files), "the browser would have left the page for the file"
    expect(page.locator("#files-live")).not_to_be_empty()
    page.reload()
    for name in dropped:
        expect(question(page, "security").get_by_role("link", name=name)).to_be_visible()


DROPPED = """(place, dataTransfer) => !place.dispatchEvent(
  new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true })
)"""

DRAGGED = """({ files }) => {
  const dragged = new DataTransfer();
  dragged.setData("text/plain", "a word");
  for (const [name, packed] of Object.entries(files)) {
    const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
    dragged.items.add(new File([bytes], name));
  }
  return dragged;
}"""


def test_what_the_server_could_not_take_is_sent_again_from_where_it_stopped(
    open_browser: Opener, address: str, large: Path
) -> None:
    page = open_browser()
    sign_in(page, "writer@example.com")
    page.goto(address)
    box = question(page, "systems")
    full_after(page, 2)
    box.locator("input[type=file]").set_input_files(large)
    expect(box.locator(".upload .state-wrong")).to_have_text("磁盘已满")
    expect(box.locator(".upload progress, .upload [data-pause-it]").first).to_be_hidden()
    must_be_accessible(page)
    page.unroute("**/uploads/*")
    sent = offsets(page)

    box.locator("[data-again]").press("Enter")
    expect(box.locator("[data-files-list] a")).to_have_text(["能源台账.pdf"], timeout=30_000)

    assert sent[0] > 0
    assert box.locator(".upload").count() == 0
    remove(box)


def test_the_same_file_chosen_once_more_takes_the_place_of_the_one_that_was_refused(
    open_browser: Opener, address: str, large: Path
) -> None:
    page = open_browser()
    sign_in(page, "writer@example.com")
    page.goto(address)
    box = question(page, "systems")
    full_after(page, 1)
    box.locator("input[type=file]").set_input_files(large)
    expect(box.locator("[data-again]")).to_be_visible()
    page.unroute("**/uploads/*")

    box.locator("input[type=file]").set_input_files(large)
    expect(box.locator("[data-files-list] a")).to_have_text(["能源台账.pdf"], timeout=30_000)

    assert box.locator(".upload").count() == 0
    remove(box)


def full_after(page: Page, pieces_sent: int) -> None:
    """Let so many pieces through, then have no room left."""
    passed = 0

    def decide(route: Route) -> None:
        nonlocal passed
        passed += route.request.method == "PATCH"
        if passed > pieces_sent:
            route.fulfill(status=507, json={"message": "磁盘已满"})
        else:
            route.continue_()

    page.route("**/uploads/*", decide)


def test_whoever_is_signed_out_meanwhile_is_led_to_sign_in_and_the_upload_goes_on(
    open_browser: Opener, address: str, large: Path
) -> None:
    page = open_browser()
    sign_in(page, "writer@example.com")
    page.goto(address)
    box = question(page, "systems")
    page.context.clear_cookies()
    box.locator("input[type=file]").set_input_files(large)
    door = box.locator(".upload a")
    expect(door).to_be_visible()
    expect(box.locator("[data-again]")).to_be_visible()
    must_be_accessible(page)

    with page.expect_popup() as opened:
        door.click()
    opened.value.fill("input[name=email]", "writer@example.com")
    opened.value.fill("input[name=password]", PASSWORD)
    opened.value.press("input[name=password]", "Enter")
    opened.value.wait_for_url(lambda address: "/login" not in address)
    opened.value.close()
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(box.locator("[data-files-list] a")).to_have_text(["能源台账.pdf"], timeout=30_000)

    assert door.count() == 0
    remove(box)


def remove(box: Locator) -> None:
    """The questions are the same for all of these journeys."""
    box.locator("[data-remove]").press("Enter")
    box.locator("[data-remove]").press("Enter")
    expect(box.locator("[data-files-list] a")).to_have_count(0)


def test_of_many_files_the_newest_are_shown_and_the_others_are_one_step_away(
    open_browser: Opener, address: str, tmp_path: Path
) -> None:
    page = open_browser()
    sign_in(page, "writer@example.com")
    page.goto(address)
    box = question(page, "share")
    names = [f"电费单{month}.png" for month in range(1, 5)]
    for name in names:
        (tmp_path / name).write_bytes(a_picture("PNG"))
        box.locator("input[type=file]").set_input_files(tmp_path / name)
        expect(box.get_by_role("link", name=name)).to_be_visible()

    expect(box.locator("[data-files-list] a")).to_have_text(names[-2:])
    expect(box.locator("[data-files-count]")).to_contain_text("4")
    box.locator("[data-files-link]").click()
    expect(page.locator(".files-list a")).to_have_text(names)


def test_what_is_not_taken_says_why_and_can_be_dismissed(
    open_browser: Opener, address: str, tmp_path: Path
) -> None:
    page = open_browser()
    sign_in(page, "writer@example.com")
    page.goto(address)
    box = question(page, "systems")
    (tmp_path / "report.pdf").write_bytes(b"<!doctype html><script>alert(1)</script>")
    (tmp_path / "empty.pdf").write_bytes(b"")
    (tmp_path / "scan.png").write_bytes(a_picture("PNG"))

    box.locator("input[type=file]").set_input_files(
        [tmp_path / "report.pdf", tmp_path / "empty.pdf", tmp_path / "scan.png"]
    )
    expect(box.locator("[data-files-list] a")).to_have_text(["scan.png"])
    refused = box.locator(".upload .state-wrong")
    expect(refused).to_have_count(2)
    expect(box.get_by_role("button", name="重试")).to_have_count(0)
    must_be_accessible(page)
    box.locator("[data-cancel]").first.press("Enter")

    expect(refused).to_have_count(1)


def test_the_first_file_of_an_answer_is_named_as_its_proof(
    open_browser: Opener, address: str, tmp_path: Path
) -> None:
    """Only what is named counts: whoever sends a file should not have to know that."""
    page = open_browser()
    sign_in(page, "writer@example.com")
    page.goto(address)
    (tmp_path / "安全制度.png").write_bytes(a_picture("PNG"))
    answered, unanswered = question(page, "years"), question(page, "planning")
    answered.locator("#q_years").fill("5")

    for box in (answered, unanswered):
        box.locator("input[type=file]").set_input_files(tmp_path / "安全制度.png")
        expect(box.locator("[data-files-list] a")).to_have_count(1)

    expect(answered.locator("select[name$='.evidence']")).to_have_value("document")
    expect(answered.locator("input[name$='.note']")).to_have_value("安全制度")
    expect(unanswered.locator("select[name$='.evidence']")).to_have_value("")
    page.reload()
    expect(page.locator("#q_years-note")).to_have_value("安全制度")
