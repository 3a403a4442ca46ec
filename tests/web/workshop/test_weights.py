"""Weights: their sums, saving them, and filling them in from comparisons in pairs."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.core import places
from survey.services import banks, drafts
from survey.store.models import BankEdit
from tests.browser import Browser, Page, filled_in, words_of
from tests.builders import bank_data, domain, ladder, number, section, words
from tests.stored import NOW, a_version, an_administrator
from tests.web.people import browser_of

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

DOMAIN = "sections/one/domains/first"


def a_bank(**changes: Any) -> dict[str, Any]:
    asked = (ladder(weight=60), number(weight=30), ladder("stock", weight=10), words())
    one = section("one", "A", domain("first", *asked), weight=40)
    two = section("two", "B", domain("second", ladder("more")), weight=60)
    facts = {"weigh_by": "production-type", "weigh_default": "mixed"} | changes
    return bank_data(one, two, **facts)


@pytest.fixture
def office(app: Flask, session: Session) -> Browser:
    return browser_of(app, session, an_administrator(session))


@pytest.fixture
def draft(session: Session) -> int:
    begun = drafts.begin_with(session, document=a_bank(), by=None, now=NOW).id
    session.commit()
    return begun


def sent(office: Browser, page: Page, **changes: Any) -> Page:
    form = next(f for f in page.all("form") if f.get("id") in {"weights", "weighing"})
    data: dict[str, Any] = {**dict(filled_in(page, form)), **changes}
    address = form.get("action", "").partition("#")[0]
    return office.post(address, {name: v for name, v in data.items() if v is not None})


def weights_of(session: Session, version_id: int, at: int = 0) -> list[Any]:
    session.expire_all()
    data = banks.document_of(session, version_id)
    return [q.get("weight") for q in data["sections"][at]["domains"][0]["questions"]]


def sums(page: Page) -> list[str]:
    return [words_of(cell) for cell in page.all("span") if cell.get("data-sum") is not None]


# ----------------------------------------------------------------------- the sheet


def test_the_sections_stand_with_their_sum(office: Browser, draft: int) -> None:
    page = office.get(f"/admin/banks/{draft}/weights")

    assert sums(page) == ["100"]
    assert "60.0%" in page.text
    assert page.one("input", id="w.one.").get("value") == "40"


def test_every_joint_can_be_reached(office: Browser, draft: int) -> None:
    page = office.get(f"/admin/banks/{draft}/weights")

    assert f"/admin/banks/{draft}/weights/{DOMAIN}" in page.links()
    assert f"/admin/banks/{draft}/weights/sections/two" in page.links()


def test_weights_are_saved_as_one_edit(office: Browser, session: Session, draft: int) -> None:
    page = office.get(f"/admin/banks/{draft}/weights/{DOMAIN}")
    assert "Not scored" in page.text

    answer = sent(office, page, **{"w.planning.": "52.5", "w.years.": "37.5"})

    assert answer.status == 303
    assert weights_of(session, draft)[:3] == ["52.5", "37.5", 10]
    line = session.scalars(select(BankEdit)).one()
    assert (line.act, line.place) == ("weights", DOMAIN)
    assert "Saved." in office.follow(answer).text


def test_nothing_typed_is_no_edit(office: Browser, session: Session, draft: int) -> None:
    page = office.get(f"/admin/banks/{draft}/weights/{DOMAIN}")

    answer = office.follow(sent(office, page))

    assert "Nothing was changed." in answer.text
    assert session.scalars(select(BankEdit)).all() == []


def test_weights_that_do_not_add_up_are_kept_and_told(
    office: Browser, session: Session, draft: int
) -> None:
    page = office.get(f"/admin/banks/{draft}/weights/{DOMAIN}")

    page = office.follow(sent(office, page, **{"w.planning.": "50"}))

    assert weights_of(session, draft)[0] == 50
    assert sums(page) == ["90"]
    unsound = next(e for e in page.all("span") if e.get("data-unsound") is not None)
    assert unsound.get("hidden") is None


@pytest.mark.parametrize("typed", ["many", "-1", "1001", "", "1.23456", "9,5", "9，5"])
def test_what_is_no_weight_is_said_beside_its_field(
    office: Browser, session: Session, draft: int, typed: str
) -> None:
    page = office.get(f"/admin/banks/{draft}/weights/{DOMAIN}")

    answer = sent(office, page, **{"w.planning.": typed, "w.years.": "31"})

    assert answer.status == 422
    assert "Enter a weight from 0 to 1000" in words_of(answer.by_id("w.planning.-fault"))
    assert answer.one("input", id="w.years.").get("value") == "31"
    assert weights_of(session, draft)[1] == 30


def test_weights_can_differ_by_the_kind_of_firm(
    office: Browser, session: Session, draft: int
) -> None:
    page = office.get(f"/admin/banks/{draft}/weights?each=1")

    sent(office, page, **{"w.one.discrete": "30", "w.two.discrete": "70"})

    session.expire_all()
    first = banks.document_of(session, draft)["sections"][0]
    assert first["weight"] == {"discrete": 30, "process": 40, "mixed": 40}
    page = office.get(f"/admin/banks/{draft}/weights")
    assert sums(page) == ["100", "100", "100"]


def test_the_language_can_be_changed_with_half_typed_weights(office: Browser, draft: int) -> None:
    page = office.get(f"/admin/banks/{draft}/weights/{DOMAIN}")

    answer = sent(office, page, language="zh", **{"w.planning.": "77"})

    assert answer.lang == "zh-CN"
    assert answer.one("input", id="w.planning.").get("value") == "77"


def test_two_administrators_weigh_differently(
    office: Browser, session: Session, draft: int
) -> None:
    page = office.get(f"/admin/banks/{draft}/weights/{DOMAIN}")
    sent(office, page, **{"w.planning.": "55", "w.years.": "35"})

    answer = sent(office, page, **{"w.planning.": "50"})

    assert answer.status == 422
    assert weights_of(session, draft)[:2] == [55, 35]
    form = answer.form(f"/admin/banks/{draft}/weights")
    chosen = {**dict(filled_in(answer, form)), "clash.0.keep": "mine"}
    office.post(form.get("action", ""), chosen)
    assert weights_of(session, draft)[:2] == [50, 35]


def test_a_published_version_can_only_be_read(office: Browser, session: Session) -> None:
    version = a_version(session, a_bank())
    session.commit()

    page = office.get(f"/admin/banks/{version.id}/weights")

    assert page.status == 200
    assert "Save" not in [words_of(button) for button in page.all("button")]
    refused = office.post(f"/admin/banks/{version.id}/weights", {"seen": "1", "w.one.": "10"})
    assert refused.status >= 400


@pytest.mark.parametrize("place", ["profile", "sections/gone", f"{DOMAIN}/questions/planning"])
def test_other_places_have_no_weights(office: Browser, draft: int, place: str) -> None:
    assert office.get(f"/admin/banks/{draft}/weights/{place}").status == 404


def test_a_mean_tells_that_weights_do_not_matter(office: Browser, session: Session) -> None:
    data = a_bank(scoring={"method": "mean"})
    begun = drafts.begin_with(session, document=data, by=None, now=NOW).id
    session.commit()

    page = office.get(f"/admin/banks/{begun}/weights/sections/one")

    assert "its weights change no score" in page.text


# -------------------------------------------------------------- comparing in pairs


def compared(office: Browser, draft: int, **chosen: str) -> Page:
    page = office.get(f"/admin/banks/{draft}/weighing/{DOMAIN}")
    return sent(office, page, do="preview", **chosen)


CONSISTENT = {"c:planning:years": "2", "c:planning:stock": "4", "c:years:stock": "2"}
CIRCLE = {"c:planning:years": "9", "c:planning:stock": "1/9", "c:years:stock": "9"}


def proposed(page: Page) -> list[str]:
    panel = page.by_id("proposal")
    return [words_of(c) for c in panel.iter("td") if c.get("data-label") == "Proposed"]


def test_comparisons_give_weights_that_are_not_stored_yet(
    office: Browser, session: Session, draft: int
) -> None:
    page = compared(office, draft, **CONSISTENT)

    assert proposed(page) == ["57.1", "28.6", "14.3", "100"]
    assert "0.000 consistent" in page.text
    assert weights_of(session, draft)[:3] == [60, 30, 10]


def test_contradicting_comparisons_are_warned_of(office: Browser, draft: int) -> None:
    page = compared(office, draft, **CIRCLE)

    assert "not consistent" in page.text
    assert "contradict each other too much" in page.text
    assert "contradicts the others" in page.text


def test_contradicting_comparisons_are_taken_over_only_if_that_is_said(
    office: Browser, session: Session, draft: int
) -> None:
    page = compared(office, draft, decimals="0", **CIRCLE)

    refused = sent(office, page, do="apply")

    assert refused.status == 422
    assert weights_of(session, draft)[:3] == [60, 30, 10]
    assert "used all the same" in words_of(refused.by_id("faults"))
    assert sent(office, refused, do="apply", nevertheless="1").status == 303
    assert weights_of(session, draft)[:3] != [60, 30, 10]


def test_weights_for_all_kinds_of_firm_tell_what_they_replace(office: Browser, draft: int) -> None:
    page = office.get(f"/admin/banks/{draft}/weighing/{DOMAIN}?each=1")

    answer = sent(office, page, do="preview", **CONSISTENT)

    assert "replace those of all 3 kinds of firm" in answer.text
    heads = [words_of(head) for head in answer.by_id("proposal").iter("th")]
    assert [head for head in heads if head.startswith(("Now", "Proposed"))][-1] == "Proposed"
    assert len([head for head in heads if head.startswith("Now: ")]) == 3


def test_the_proposal_is_taken_over(office: Browser, session: Session, draft: int) -> None:
    page = compared(office, draft, decimals="0", **CONSISTENT)

    answer = sent(office, page, do="apply")

    assert answer.status == 303
    assert weights_of(session, draft)[:3] == [57, 29, 14]


def test_one_kind_of_firm_can_be_filled_in_alone(
    office: Browser, session: Session, draft: int
) -> None:
    page = office.get(f"/admin/banks/{draft}/weighing/{DOMAIN}?each=1")

    sent(office, page, do="apply", column="process", decimals="0", **CONSISTENT)

    assert weights_of(session, draft)[0] == {"discrete": 60, "process": 57, "mixed": 60}


def test_forged_comparisons_count_as_alike(office: Browser, draft: int) -> None:
    forged = {"c:planning:years": "100", "c:planning:stock": "x", "decimals": "77"}

    page = compared(office, draft, **forged)

    assert page.status == 200
    assert "0.000 consistent" in page.text


def test_the_language_can_be_changed_while_comparing(office: Browser, draft: int) -> None:
    page = compared(office, draft, language="zh", **CONSISTENT)

    assert page.lang == "zh-CN"
    first = page.one("select", name="c:planning:years")
    assert [o.get("value") for o in first.iter("option") if o.get("selected") is not None] == ["2"]


def test_one_part_alone_cannot_be_compared(office: Browser, draft: int) -> None:
    page = office.get(f"/admin/banks/{draft}/weighing/sections/two/domains/second")

    assert page.status == 404


# ------------------------------------------------------------- two at a time


def change_meanwhile(session: Session, version_id: int, change: Any) -> None:
    seen = drafts.opened(session, version_id).revision
    facts: Any = {"act": "set", "place": "", "by": None, "now": NOW}
    drafts.edit(session, version_id, seen=seen, change=change, **facts)
    session.commit()


def test_weights_are_saved_though_a_colleague_has_made_columns_of_others(
    office: Browser, session: Session, draft: int
) -> None:
    page = office.get(f"/admin/banks/{draft}/weights/{DOMAIN}")
    other = places.parse(f"{DOMAIN}/questions/years/weight")
    differing = {"discrete": 10, "process": 20, "mixed": 30}
    change_meanwhile(session, draft, lambda data: places.put(data, other, differing))

    answer = sent(office, page, **{"w.planning.": "77"})

    assert answer.status == 303
    assert weights_of(session, draft)[:2] == [77, differing]


def test_the_weight_of_a_part_that_a_colleague_has_deleted_is_a_clash(
    office: Browser, session: Session, draft: int
) -> None:
    page = office.get(f"/admin/banks/{draft}/weights/{DOMAIN}")
    gone = places.parse(f"{DOMAIN}/questions/planning")
    change_meanwhile(session, draft, lambda data: places.removed(data, gone))

    answer = sent(office, page, **{"w.planning.": "77"})

    assert answer.status == 422
    assert "77" in answer.html


@pytest.mark.parametrize("place", ["weights", "weighing"])
def test_weights_typed_into_a_draft_that_was_discarded_are_shown(
    office: Browser, session: Session, draft: int, place: str
) -> None:
    page = office.get(f"/admin/banks/{draft}/{place}/{DOMAIN}")
    drafts.discard(session, draft, by=None, now=NOW)
    session.commit()

    answer = sent(office, page, **{"w.planning.": "77", "do": "apply"})

    assert answer.status == 422
    assert "is discarded. Restore it" in answer.text
    assert place == "weighing" or "77" in answer.html


def test_comparisons_fill_each_column_up_to_its_own_sum(office: Browser, session: Session) -> None:
    sums_of = {"discrete": 40, "process": 60, "mixed": 60}
    one = section("one", "A", domain("a", ladder()), domain("b", ladder("more")), weight=sums_of)
    data = bank_data(
        one, scoring={"method": "points"}, weigh_by="production-type", weigh_default="mixed"
    )
    version_id = drafts.begin_with(session, document=data, by=None, now=NOW).id
    session.commit()
    page = office.get(f"/admin/banks/{version_id}/weighing/sections/one?each=1")

    answer = sent(office, page, do="apply", decimals="0", **{"c:a:b": "3"})

    assert answer.status == 303
    session.expire_all()
    found = banks.document_of(session, version_id)["sections"][0]["domains"]
    assert {
        column: sum(int(each["weight"][column]) for each in found) for column in sums_of
    } == sums_of
