"""The what-if page: other answers, another result, section by section, and nothing is saved."""

import json
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.core.text import Locale
from survey.services.people import Actor
from survey.store.models import AnswerChange, AnswerRow, Assessment
from tests.browser import Browser, Page, filled_in, words_of
from tests.builders import bank_data, domain, ladder, level, section
from tests.stored import a_consultant, a_firm, a_submitted_assessment, a_version, an_assessment
from tests.web.people import browser_of


def place(assessment: Assessment, key: str = "everything") -> str:
    return f"/assessments/{assessment.id}/what-if/{key}"


def two_sections(session: Session, actor: Actor, **facts: Any) -> Assessment:
    """A submitted assessment whose two sections weigh the same."""
    only_above = {"question": "planning", "at_least": 3}
    one = domain("first", ladder(), ladder("detail", when=only_above))
    two = domain("second", ladder("stock", not_applicable="with-reason"))
    data = bank_data(section("one", "A", one, weight=50), section("two", "B", two, weight=50))
    answers = {"production-type": {"option": "discrete"}, "planning": level(2), "stock": level(2)}
    return a_submitted_assessment(
        session, actor, version=a_version(session, data), answers=answers | facts
    )


def row(page: Page, label: str) -> list[str]:
    """Stored, supposed and difference of a figure or a question."""
    for line in page.all("tr"):
        heads = [words_of(head) for head in line.iter("th")]
        if heads and heads[0].endswith(label):
            return [words_of(cell) for cell in line.iter("td")]
    raise AssertionError(label)


def carried(page: Page) -> Any:
    return json.loads(page.one("input", name="changes").get("value", ""))


def sent_to(browser: Browser, page: Page, address: str, **changes: str) -> Page:
    """Press one of the buttons that send the form to another section."""
    form = page.form(address.rpartition("/")[0])
    data = {**dict(filled_in(page, form)), **changes}
    return browser.post(address, data)


def stored(session: Session) -> list[int | None]:
    return [
        session.scalar(select(func.count()).select_from(AnswerChange)),
        session.scalar(select(func.sum(AnswerRow.revision))),
    ]


def test_the_page_shows_the_present_answers(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, owner)

    page = browser.get(place(done))

    checked = [
        i.get("value") for i in page.all("input", name="q_planning") if i.get("checked") is not None
    ]
    assert checked == ["level-3"]
    assert carried(page) == {}
    assert "The result with these answers" not in page.text


def test_another_answer_shows_the_new_result_beside_the_stored_one(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    done = two_sections(session, owner)
    before = stored(session)
    browser = browser_of(app, session, owner)

    page = browser.send(browser.get(place(done, "two")), place(done, "two"), q_stock="level-5")

    assert page.status == 200
    assert row(page, "Total") == ["40.0", "70.0", "+30.0"]
    assert row(page, "Section two") == ["40.0", "100.0", "+60.0"]
    assert row(page, "Section one") == ["40.0", "40.0", "–"]
    assert row(page, "What about stock?") == ["20.00", "50.00", "+30.00"]
    assert row(page, "Level")[0] != row(page, "Level")[1]
    assert "No longer in the way" in page.text
    assert "Now in the way" in page.text
    assert stored(session) == before
    assert "70.0" not in browser.get(f"/assessments/{done.id}/result").text


def test_a_worse_answer_takes_points_away(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    done = two_sections(session, owner)
    browser = browser_of(app, session, owner)

    page = browser.send(browser.get(place(done, "two")), place(done, "two"), q_stock="level-0")

    assert row(page, "Total") == ["40.0", "20.0", "−20.0"]


def test_changes_come_along_to_another_section(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    done = two_sections(session, owner)
    browser = browser_of(app, session, owner)
    first = browser.get(place(done, "two"))

    second = sent_to(browser, first, place(done, "one"), q_stock="level-4")
    third = browser.send(second, place(done, "one"), q_planning="level-3")
    back = sent_to(browser, third, place(done, "two"))

    assert "Section one" in [words_of(title) for title in second.all("h2")]
    assert carried(third) == {"stock": level(4), "planning": level(3)}
    assert "2 answers are different" in third.text
    assert carried(back) == carried(third)
    assert Decimal(row(back, "Total")[1]) > Decimal(row(second, "Total")[1]) - 20


def test_a_question_that_comes_up_can_be_answered_as_well(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    done = two_sections(session, owner)
    browser = browser_of(app, session, owner)
    first = browser.get(place(done, "one"))

    second = browser.send(first, place(done, "one"), q_planning="level-4")
    third = browser.send(second, place(done, "one"), q_detail="level-4")

    assert first.by_id("q_detail-box").get("hidden") is not None
    assert second.by_id("q_detail-box").get("hidden") is None
    assert row(third, "What about detail?")[0] == "–"
    assert row(third, "Section one") == ["40.0", "80.0", "+40.0"]


def test_the_stored_answers_again_are_no_change(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    done = two_sections(session, owner)
    browser = browser_of(app, session, owner)
    changed = browser.send(browser.get(place(done, "two")), place(done, "two"), q_stock="level-5")

    same = browser.send(changed, place(done, "two"), q_stock="level-2")

    assert carried(same) == {}
    assert "so the result is the same" in same.text


def test_without_a_total_the_page_says_so(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    done = two_sections(session, owner)
    browser = browser_of(app, session, owner)

    page = browser.send(
        browser.get(place(done, "two")),
        place(done, "two"),
        q_stock="_not-applicable",
        **{"q_stock.reason": "没有仓库"},
    )

    assert page.status == 200
    assert row(page, "Total") == ["40.0", "Not given", "−40.0"]
    assert row(page, "Section two") == ["40.0", "not rated", "−40.0"]


def test_from_no_total_to_a_total(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    done = two_sections(session, owner, stock={"not_applicable": "没有仓库"})
    browser = browser_of(app, session, owner)

    page = browser.send(browser.get(place(done, "two")), place(done, "two"), q_stock="level-2")

    assert row(page, "Total") == ["Not given", "40.0", "+40.0"]
    assert row(page, "What about planning?") == ["–", "20.00", "+20.00"]


def test_an_answer_that_cannot_be_taken_is_shown_as_typed_with_its_sentence(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, owner)

    page = browser.send(
        browser.get(place(done)), place(done), q_years="five hundred", q_planning="level-5"
    )

    assert page.status == 422
    assert "enter a number" in page.text
    assert page.by_id("q_years").get("value") == "five hundred"
    assert "The result with these answers" not in page.text
    assert "#q_years" in page.links()


def test_a_fault_keeps_the_reader_where_it_is(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    done = two_sections(session, owner)
    browser = browser_of(app, session, owner)

    page = sent_to(
        browser,
        browser.get(place(done, "two")),
        place(done, "one"),
        q_stock="_not-applicable",
        **{"q_stock.reason": ""},
    )

    assert page.status == 422
    assert "Section two" in [words_of(title) for title in page.all("h2")]


BAD = {
    "no json": "{",
    "a list": "[1, 2]",
    "a number": "7",
    "nested": '{"planning":' * 3000,
    "deep": "[" * 50_000 + "]" * 50_000,
    "endless digits": '{"planning":{"option":' + "9" * 5000 + "}}",
    "too long": '{"planning":"' + "x" * 100_000 + '"}',
    "not a number": '{"years":{"number":NaN}}',
    "unknown question": '{"no-such":{"text":"x"}}',
    "unknown option": '{"planning":{"option":"level-9"}}',
    "no answer": '{"planning":5}',
    "odd parts": '{"planning":{"option":{"a":[]}},"security":{"options":[[],{}]}}',
    "odd rows": '{"systems":{"rows":{"erp":{}}},"share":{"numerator":[],"denominator":1}}',
    "half a character": '{"\\ud800":{"text":"\\ud800"}}',
    "out of range": '{"years":{"number":"500"}}',
    "odd evidence": '{"planning":{"option":"level-1","evidence":{"grade":[],"note":{}}}}',
}


@pytest.mark.parametrize("sent", BAD.values(), ids=BAD.keys())
def test_changes_that_cannot_be_read_start_from_the_stored_answers(
    app: Flask, session: Session, sent: str
) -> None:
    _, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, owner)

    page = browser.send(browser.get(place(done)), place(done), changes=sent)

    assert page.status == 422
    assert "could not be read" in page.text
    assert carried(page) == {}


def test_the_question_of_a_bad_change_is_named_as_the_reader_knows_it(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, owner)

    page = browser.send(browser.get(place(done)), place(done), changes=BAD["out of range"])

    assert "“What about years?”: enter a number from 0 to 100." in page.text


def test_an_unknown_section_is_not_found(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, owner)

    for key in ("no-such-section", "profile"):
        assert browser.get(place(done, key)).status == 404
        assert browser.post(place(done, key)).status == 404
        assert browser.post(place(done), {"from": key}).status == 404


def test_who_sees_the_result_may_suppose_and_nobody_else(app: Flask, session: Session) -> None:
    firm, owner = a_firm(session)
    _, stranger = a_firm(session, "远山机械有限公司")
    done = two_sections(session, owner)
    browser = browser_of(app, session, a_consultant(session, firm))
    outside = browser_of(app, session, stranger)

    page = browser.send(browser.get(place(done, "two")), place(done, "two"), q_stock="level-5")

    assert row(page, "Total")[1] == "70.0"
    assert outside.get(place(done, "two")).status == 404
    assert outside.post(place(done, "two")).status == 404


def test_there_is_no_what_if_before_submitting(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner)
    browser = browser_of(app, session, owner)

    page = browser.get(place(draft))

    assert page.status == 422
    assert "There is no result yet." in page.text


def test_result_and_trace_lead_there(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    done = two_sections(session, owner)
    browser = browser_of(app, session, owner)

    for page in ("result", "trace"):
        links = browser.get(f"/assessments/{done.id}/{page}").links()
        assert {place(done, "one"), place(done, "two")} <= set(links), page


def test_switching_the_language_keeps_the_changes(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    done = two_sections(session, owner)
    browser = browser_of(app, session, owner, language=Locale.EN)

    page = browser.send(
        browser.get(place(done, "two")), place(done, "two"), q_stock="level-5", language="zh"
    )

    assert page.lang == "zh-CN"
    assert carried(page) == {"stock": level(5)}
    assert row(page, "总分") == ["40.0", "70.0", "+30.0"]
    assert "改动后的结果" in page.text
