"""The dry run in the browser: begun, seen at work, read in both languages; nothing stored."""

from copy import deepcopy
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey import apart
from survey.core.text import Locale
from survey.services import drafts, rerunning
from survey.store.models import Assessment, AuditEvent, BankEdit, BankVersion, Report
from survey.web import sending
from survey.web.workshop import dry_run
from tests.browser import Browser
from tests.builders import FULL_ANSWERS, bank_data, edition, ladder
from tests.stored import NOW, a_firm, a_submitted_assessment, a_version, an_administrator
from tests.web.people import browser_of

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

Data = dict[str, Any]


def submitted(session: Session, version: BankVersion, name: str, **facts: Any) -> Assessment:
    _firm, owner = a_firm(session, name)
    return a_submitted_assessment(session, owner, version=version, **facts)


def a_draft(session: Session, data: Data) -> int:
    return drafts.begin_with(session, document=data, by=None, now=NOW).id


def first_question(data: Data) -> Data:
    question: Data = data["sections"][0]["domains"][0]["questions"][0]
    return question


def worth_less(data: Data) -> Data:
    """The same bank, where only the highest step of the first ladder earns much."""
    harder = deepcopy(data)
    first_question(harder)["options"][-1]["points"] = 100
    return harder


def address(version_id: int) -> str:
    return f"/admin/banks/{version_id}/dry-run"


@pytest.fixture
def office(app: Flask, session: Session) -> Browser:
    return browser_of(app, session, an_administrator(session))


@pytest.mark.parametrize("locale", list(Locale))
def test_the_result_names_firms_levels_edits_and_questions(
    app: Flask, session: Session, locale: Locale
) -> None:
    data = bank_data()
    submitted(session, a_version(session, data), "江海阀门有限公司")
    draft_id = a_draft(session, worth_less(data))
    office = browser_of(app, session, an_administrator(session), language=locale)

    page = office.get(f"{address(draft_id)}/result")

    assert page.status == 200
    assert page.lang == locale.html_lang
    assert "江海阀门有限公司" in page.text
    assert "▼" in page.text
    assert first_question(data)["prompt"][locale.value] in page.text
    assert len(page.all("progress")) >= 2
    assert page.one("div", **{"data-dry-run-done": ""}).findall(".//{*}svg")


def test_the_page_offers_the_versions_that_were_answered(office: Browser, session: Session) -> None:
    data = bank_data()
    submitted(session, a_version(session, data), "江海阀门有限公司")
    a_version(session, {**data, "version": 2})
    draft_id = a_draft(session, data)
    session.commit()

    page = office.get(address(draft_id))

    assert [option.text for option in page.all("option")] == ["version 1 · 1 assessment"]
    assert page.all("form", action=f"{address(draft_id)}/result", method="get")


def test_a_version_can_be_chosen(office: Browser, session: Session) -> None:
    data = bank_data()
    first = a_version(session, data)
    submitted(session, first, "江海阀门有限公司")
    second = a_version(session, {**data, "version": 2})
    submitted(session, second, "示例轴承有限公司")
    submitted(session, second, "示例齿轮有限公司")
    draft_id = a_draft(session, data)
    session.commit()

    newest = office.get(f"{address(draft_id)}/result")
    chosen = office.get(f"{address(draft_id)}/result?basis={first.id}")

    assert "2 assessments of version 2" in newest.text
    assert "1 assessment of version 1" in chosen.text


def test_another_banks_version_is_not_found(office: Browser, session: Session) -> None:
    data = bank_data()
    submitted(session, a_version(session, data), "江海阀门有限公司")
    other = a_version(session, bank_data(key="other-bank"))
    submitted(session, other, "示例轴承有限公司")
    draft_id = a_draft(session, data)
    session.commit()

    page = office.get(f"{address(draft_id)}/result?basis={other.id}")

    assert page.status == 404


@pytest.mark.parametrize("basis", ["x", "-1", "99999999999"])
def test_a_basis_that_is_no_number_is_not_looked_at(
    office: Browser, session: Session, basis: str
) -> None:
    data = bank_data()
    submitted(session, a_version(session, data), "江海阀门有限公司")
    draft_id = a_draft(session, data)
    session.commit()

    assert office.get(f"{address(draft_id)}/result?basis={basis}").status == 200


def test_an_unchanged_draft_changes_nothing(office: Browser, session: Session) -> None:
    data = bank_data()
    submitted(session, a_version(session, data), "江海阀门有限公司")
    draft_id = a_draft(session, data)
    session.commit()

    page = office.get(f"{address(draft_id)}/result")

    assert "No edit changes the level of any of these assessments." in page.text
    assert "No question adds more or less to any total than before." in page.text
    assert "江海阀门有限公司" not in page.text


def test_missing_translations_do_not_hinder_it(office: Browser, session: Session) -> None:
    data = bank_data()
    submitted(session, a_version(session, data), "江海阀门有限公司")
    untranslated = deepcopy(data)
    first_question(untranslated)["prompt"]["en"] = ""
    del first_question(untranslated)["options"][1]["label"]["en"]
    draft_id = a_draft(session, untranslated)
    session.commit()

    assert office.get(f"{address(draft_id)}/result").status == 200


def test_a_draft_that_cannot_be_scored_says_so(office: Browser, session: Session) -> None:
    data = bank_data()
    submitted(session, a_version(session, data), "江海阀门有限公司")
    broken = deepcopy(data)
    first_question(broken)["when"] = {"question": "no-such-question", "in": ["a"]}
    draft_id = a_draft(session, broken)
    session.commit()

    page = office.get(f"{address(draft_id)}/result")

    assert page.status == 422
    assert "Solve them first." in page.text


def test_without_submissions_there_is_a_sentence(office: Browser, session: Session) -> None:
    draft_id = a_draft(session, bank_data())
    session.commit()

    assert "nothing to try the draft on" in office.get(address(draft_id)).text
    refused = office.get(f"{address(draft_id)}/result")

    assert refused.status == 422
    assert "nothing to try the draft on" in refused.text


def test_a_published_version_has_none(office: Browser, session: Session) -> None:
    version = a_version(session, bank_data())
    session.commit()

    for at in (address(version.id), f"{address(version.id)}/result"):
        assert office.get(at).status == 422


def test_answers_that_the_draft_misses_are_listed(office: Browser, session: Session) -> None:
    data = bank_data(editions=[edition("planning")])
    version = a_version(session, data)
    submitted(session, version, "江海阀门有限公司")
    answers = {key: FULL_ANSWERS[key] for key in ("production-type", "size-class", "planning")}
    submitted(session, version, "示例轴承有限公司", edition="express", answers=answers)
    changed = deepcopy(data)
    del changed["editions"]
    first, second = changed["sections"][0]["domains"]
    first["questions"][0]["options"][3]["key"] = "other"
    second["questions"] = [ladder("stock"), *second["questions"][1:]]
    draft_id = a_draft(session, changed)
    session.commit()

    page = office.get(f"{address(draft_id)}/result")

    assert "The question cannot take this answer any more" in page.text
    assert "The question is removed" in page.text
    assert "The question is new, so it counts as unanswered" in page.text
    assert "answered an edition that this draft does not have" in page.text


def test_inside_another_page_only_the_result_comes(office: Browser, session: Session) -> None:
    data = bank_data()
    submitted(session, a_version(session, data), "江海阀门有限公司")
    draft_id = a_draft(session, data)
    session.commit()

    answer = office.client.get(f"{address(draft_id)}/result?inside=1")

    html = answer.get_data(as_text=True)
    assert "<html" not in html
    assert "data-dry-run-done" in html


def test_nothing_is_stored(office: Browser, session: Session) -> None:
    data = bank_data()
    version = a_version(session, data)
    assessment = submitted(session, version, "江海阀门有限公司")
    draft_id = a_draft(session, worth_less(data))
    session.commit()
    before = counts(session), assessment.result, drafts.opened(session, draft_id).digest
    session.commit()

    office.get(f"{address(draft_id)}/result")

    session.expire_all()
    after = counts(session), assessment.result, drafts.opened(session, draft_id).digest
    assert after == before


def counts(session: Session) -> dict[str, int]:
    tables = (Assessment, AuditEvent, BankEdit, BankVersion, Report)
    return {
        t.__tablename__: session.scalar(select(func.count()).select_from(t)) or 0 for t in tables
    }


def test_a_second_one_waits_for_the_first(office: Browser, session: Session) -> None:
    data = bank_data()
    submitted(session, a_version(session, data), "江海阀门有限公司")
    draft_id = a_draft(session, data)
    session.commit()

    with dry_run.places:
        busy = office.get(f"{address(draft_id)}/result")

    assert busy.status == 503
    assert busy.response.headers["Retry-After"]
    assert "Another dry run" in busy.text
    assert office.get(f"{address(draft_id)}/result").status == 200


def test_it_leaves_a_place_to_the_pages(office: Browser, session: Session) -> None:
    data = bank_data()
    submitted(session, a_version(session, data), "江海阀门有限公司")
    draft_id = a_draft(session, data)
    session.commit()
    streams = [sending.Stream(iter(())) for _ in range(sending.MOST_STREAMS)]

    busy = office.get(f"{address(draft_id)}/result")

    for stream in streams:
        stream.close()
    assert busy.status == 503
    assert office.get(f"{address(draft_id)}/result").status == 200


def test_a_reader_who_leaves_ends_it(office: Browser, session: Session) -> None:
    data = bank_data()
    submitted(session, a_version(session, data), "江海阀门有限公司")
    draft_id = a_draft(session, data)
    session.commit()

    answer = office.client.get(f"{address(draft_id)}/result", buffered=False)
    next(iter(answer.response))
    answer.close()

    assert dry_run.places.acquire(blocking=False)
    dry_run.places.release()


def test_one_that_takes_too_much_says_so(
    office: Browser, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = bank_data()
    submitted(session, a_version(session, data), "江海阀门有限公司")
    draft_id = a_draft(session, data)
    session.commit()
    monkeypatch.setattr(rerunning, "LIMITS", apart.Limits(5, 5, memory_mb=1))

    page = office.get(f"{address(draft_id)}/result")

    assert "took more time or memory than it may" in page.text
    assert not page.all("div", **{"data-dry-run-done": ""})
