"""The preview: a draft as firms would see it, in each language, with its score; nothing stored."""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.core.text import Locale
from survey.services import drafts
from survey.store.models import AnswerRow, Assessment
from tests.browser import Browser, Page, filled_in, words_of
from tests.builders import (
    a_profile,
    bank_data,
    choice,
    domain,
    edition,
    ladder,
    level,
    multiple,
    number,
    section,
)
from tests.stored import NOW, a_version, an_administrator
from tests.web.people import browser_of

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def two_pages(**changes: Any) -> dict[str, Any]:
    above = {"question": "planning", "at_least": 3}
    one = domain("first", ladder(), ladder("detail", when=above))
    two = domain("second", ladder("stock", not_applicable="with-reason"), number())
    return bank_data(
        section("one", "A", one, weight=50), section("two", "B", two, weight=50), **changes
    )


def a_draft(session: Session, data: dict[str, Any]) -> int:
    return drafts.begin_with(session, document=data, by=None, now=NOW).id


@pytest.fixture
def office(app: Flask, session: Session) -> Browser:
    return browser_of(app, session, an_administrator(session))


def previewed(office: Browser, session: Session, data: dict[str, Any], **facts: str) -> Page:
    version_id = a_draft(session, data)
    session.commit()
    return office.get(f"/admin/banks/{version_id}/preview", query_string=facts)


def turned(office: Browser, page: Page, **changes: Any) -> Page:
    """Press a button of the preview's form."""
    form = page.form(page.form("/admin").get("action", ""))
    data: dict[str, Any] = {**dict(filled_in(page, form)), **changes}
    return office.post(form.get("action", ""), {k: v for k, v in data.items() if v is not None})


def shown(page: Page) -> list[str]:
    """The questions on the page that apply."""
    boxes = [box for box in page.all("fieldset") if box.get("data-question")]
    return [box.get("data-question", "") for box in boxes if box.get("hidden") is None]


def carried(page: Page) -> Any:
    return json.loads(page.one("input", name="answers").get("value", ""))


def test_a_draft_is_shown_page_by_page(office: Browser, session: Session) -> None:
    page = previewed(office, session, two_pages())

    assert shown(page) == ["production-type", "size-class"]
    assert shown(turned(office, page, go="two")) == ["stock", "years"]


def test_a_question_appears_when_its_condition_holds(office: Browser, session: Session) -> None:
    page = previewed(office, session, two_pages(), page="one")
    assert shown(page) == ["planning"]

    page = turned(office, page, go="one", q_planning="level-4")

    assert shown(page) == ["planning", "detail"]


def test_the_answers_travel_from_page_to_page(office: Browser, session: Session) -> None:
    page = previewed(office, session, two_pages(), page="one")

    page = turned(office, page, go="two", q_planning="level-4")
    page = turned(office, page, go="one", q_stock="level-2")

    assert carried(page) == {"planning": level(4), "stock": level(2)}
    checked = [
        i.get("value") for i in page.all("input", name="q_planning") if i.get("checked") is not None
    ]
    assert checked == ["level-4"]


def test_an_answer_that_cannot_be_taken_is_kept_as_typed(office: Browser, session: Session) -> None:
    page = previewed(office, session, two_pages(), page="two")

    page = turned(office, page, go="one", q_years="many")
    assert carried(page)["years"]["typed"] == {"": ["many"]}
    page = turned(office, page, go="two")

    assert page.one("input", id="q_years").get("value") == "many"
    assert "enter a number" in page.text.lower()


def test_the_score_comes_with_its_trace_and_what_is_missing(
    office: Browser, session: Session
) -> None:
    page = previewed(office, session, two_pages(), page="one")

    page = turned(office, page, go="_result", q_planning="level-5")

    assert "How this total would come about" in page.text
    assert "Section together" in page.text
    missing = [words_of(b) for b in page.all("button") if "#q_" in b.get("formaction", "")]
    assert missing == [
        "What about production-type?",
        "What about detail?",
        "What about stock?",
        "What about years?",
    ]


def test_with_every_answer_there_is_a_total(office: Browser, session: Session) -> None:
    page = previewed(office, session, two_pages(), page="profile")

    page = turned(
        office, page, go="one", **{"q_production-type": "discrete", "q_size-class": "small"}
    )
    page = turned(office, page, go="two", q_planning="level-2")
    page = turned(office, page, go="_result", q_stock="level-2", q_years="10")

    assert "Nothing is missing." in page.text
    assert "55.0 of 100" in page.text


@pytest.mark.parametrize(("fill", "total"), [("least", "0.0 of 100"), ("most", "100.0 of 100")])
def test_what_is_open_can_be_filled_in_at_once(
    office: Browser, session: Session, fill: str, total: str
) -> None:
    page = previewed(office, session, two_pages(), page="one")

    page = turned(office, page, go="_result", fill=fill)

    assert total in page.text
    assert "Nothing is missing." in page.text


def test_the_preview_speaks_either_language_whatever_the_administrator_speaks(
    office: Browser, session: Session
) -> None:
    page = previewed(office, session, two_pages(), page="one")
    assert "Help with this question" not in page.text or page.lang == "en"

    page = turned(office, page, speak="zh")

    pane = next(e for e in page.all("div") if e.get("class") == "preview-pane")
    assert page.lang == "en"
    assert pane.get("lang") == "zh-CN"
    assert "第3步" in words_of(pane)
    assert "Step 3" not in words_of(pane)


def test_the_language_of_the_site_keeps_what_was_answered(
    office: Browser, session: Session
) -> None:
    page = previewed(office, session, two_pages(), page="one")

    page = turned(office, page, language="zh", q_planning="level-1", go="one")

    assert page.lang == "zh-CN"
    assert carried(page) == {"planning": level(1)}


def test_an_edition_asks_only_its_own_questions(office: Browser, session: Session) -> None:
    data = two_pages(editions=[edition("planning")])
    page = previewed(office, session, data, page="two")
    page = turned(office, page, q_stock="level-2")

    page = turned(office, page, edition="express", go="two")

    assert shown(page) == ["production-type", "size-class"]
    assert "two" not in [button.get("value") for button in page.all("button", name="go")]
    assert carried(page) == {"stock": level(2)}


def test_nothing_is_stored(office: Browser, session: Session) -> None:
    page = previewed(office, session, two_pages(), page="one")

    turned(office, page, go="_result", q_planning="level-5")

    assert session.scalar(select(func.count()).select_from(AnswerRow)) == 0
    assert session.scalar(select(func.count()).select_from(Assessment)) == 0


def test_a_published_version_can_be_looked_at_too(office: Browser, session: Session) -> None:
    version = a_version(session, two_pages())
    session.commit()

    page = office.get(f"/admin/banks/{version.id}/preview?page=one")

    assert shown(page) == ["planning"]


# ------------------------------------------------------------ drafts with faults


def test_a_draft_with_faults_shows_what_can_be_shown(office: Browser, session: Session) -> None:
    data = two_pages()
    questions = data["sections"][0]["domains"][0]["questions"]
    questions[0]["prompt"] = {"zh": "只有中文的问题？"}
    questions[1]["kind"] = "unheard-of"

    page = previewed(office, session, data, page="one")

    assert shown(page) == ["planning"]
    assert "只有中文的问题？" in page.text
    assert "problems" in page.text
    assert "These questions cannot be shown: detail" in page.text


def test_a_draft_without_a_frame_says_so(office: Browser, session: Session) -> None:
    page = previewed(office, session, {"key": "demo"})

    assert page.status == 200
    assert "This draft cannot be shown" in page.text


def test_faults_that_do_not_concern_the_score_let_it_be(office: Browser, session: Session) -> None:
    data = two_pages()
    data["sections"][0]["title"]["en"] = ""

    page = previewed(office, session, data, page="one")
    page = turned(office, page, go="_result", fill="most")

    assert "This draft has 1 problem." in page.text
    assert "100.0 of 100" in page.text


def test_a_score_that_the_faults_forbid_is_not_given(office: Browser, session: Session) -> None:
    data = two_pages(weigh_by="production-type", weigh_default="mixed")
    data["sections"][0]["weight"] = {"discrete": 50}

    page = previewed(office, session, data, page="one")
    page = turned(office, page, go="_result", q_planning="level-3")

    assert page.status == 200
    assert "There is no score" in page.text
    assert "What is missing" in page.text


def test_what_is_open_stays_open_where_faults_forbid_to_fill_it_in(
    office: Browser, session: Session
) -> None:
    data = two_pages()
    questions = data["sections"][1]["domains"][0]["questions"]
    questions[0]["options"] = [{**option, "points": 0} for option in questions[0]["options"]]

    page = previewed(office, session, data, page="one")
    page = turned(office, page, go="_result", fill="most")

    assert page.status == 200
    assert "questions need an answer or a correction." in page.text


# ------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    "answers",
    [
        "",
        "[",
        "[1]",
        "null",
        "[" * 5000,
        '{"planning": 3}',
        '{"planning": {"typed": 3}}',
        '{"planning": {"typed": {"": [3]}}}',
        '{"planning": {"option": "none-such"}}',
        '{"planning": {"option": ["a"]}}',
        '{"gone": {"option": "a"}}',
        '{"planning": {"typed": {"weird": ["x"]}}, "years": {"typed": {}}}',
    ],
)
def test_forged_answers_do_no_harm(office: Browser, session: Session, answers: str) -> None:
    page = previewed(office, session, two_pages(), page="two")

    for go in ("one", "_result", "no-such-page"):
        answer = turned(office, page, answers=answers, go=go)
        assert answer.status == 200


def test_an_answer_to_a_question_that_is_gone_is_told(office: Browser, session: Session) -> None:
    page = previewed(office, session, two_pages(), page="one")

    page = turned(office, page, answers='{"gone": {"option": "a"}}')

    assert "1 answer was left out" in page.text


def test_only_administrators_look(app: Flask, session: Session) -> None:
    version_id = a_draft(session, two_pages())
    session.commit()

    assert Browser(app).get(f"/admin/banks/{version_id}/preview").status == 303


def test_a_draft_that_is_not_there_is_not_found(office: Browser) -> None:
    assert office.get("/admin/banks/99/preview").status == 404


# --------------------------------------------------------------------- the script


def test_the_script_is_told_what_applies(office: Browser, session: Session) -> None:
    page = previewed(office, session, two_pages(), page="one")
    form = page.form("/admin/banks")
    data = {**dict(filled_in(page, form)), "q_planning": "level-3"}

    reply = office.post(form.get("data-state", ""), data)

    assert "detail" in reply.json["visible"]
    assert reply.json["progress"] == "1 of 2 questions answered"


def test_the_script_of_a_draft_without_a_frame_hears_nothing(
    office: Browser, session: Session
) -> None:
    version_id = a_draft(session, {"key": "demo"})
    session.commit()

    reply = office.post(f"/admin/banks/{version_id}/preview/state", {})

    assert reply.json == {"visible": [], "optional": [], "progress": ""}


def test_boxes_and_choices_are_carried_as_well(app: Flask, session: Session) -> None:
    profile = a_profile(
        choice("production-type", "discrete", "process"), choice("size-class", "small", "large")
    )
    data = bank_data(section("one", "A", domain("first", multiple(), ladder())), profile=profile)
    office = browser_of(app, session, an_administrator(session), language=Locale.ZH)
    page = previewed(office, session, data, page="one")

    page = turned(office, page, q_security=["a", "b"])

    assert carried(page) == {"security": {"options": ["a", "b"]}}


@pytest.mark.parametrize("spoken", ["zh", "en"])
def test_files_are_shown_as_firms_see_them_and_none_is_taken(
    office: Browser, session: Session, spoken: str
) -> None:
    page = previewed(office, session, two_pages(), page="one", spoken=spoken)

    said = page.by_id("q_planning-box")
    assert {"zh": "选择文件", "en": "Choose files"}[spoken] in words_of(said)
    assert not [field for field in said.iter("input") if field.get("type") == "file"]
    assert all(button.get("disabled") is not None for button in said.iter("button"))
    assert not list(said.iter("a"))
