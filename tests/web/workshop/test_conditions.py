"""The condition builder: rows of menus in any form, with and without script."""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from survey.core.condition_parts import Asked, Group, Joined, Kept, Way
from survey.core.text import Locale
from survey.services import drafts
from survey.web.workshop import conditions
from tests.browser import Browser
from tests.builders import bank_data, domain, eligibility, ladder, multiple, number, section
from tests.builders import rule_condition as a_rule
from tests.stored import NOW, a_version, an_administrator
from tests.web.people import browser_of

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

PLACE = ("sections", "everything", "domains", "first", "questions", "last", "when")
PROCESS = {"question": "production-type", "in": ["process"]}
DEEP = {"any": [{"all": [PROCESS, {"any": [PROCESS, PROCESS]}]}, PROCESS]}


def a_draft(condition: Any = None) -> dict[str, Any]:
    last = ladder("last") if condition is None else ladder("last", when=condition)
    return bank_data(
        section("everything", "A", domain("first", ladder(), multiple(), number(), last)),
        eligibility=[eligibility(a_rule(when=PROCESS))],
    )


def fields_of(group: Group, was: Any = None, **more: Any) -> MultiDict[str, str]:
    """What a browser sends for these rows."""
    sent: MultiDict[str, str] = MultiDict({"when.was": json.dumps(was), **more})
    _add(sent, "when", group)
    return sent


def _add(sent: MultiDict[str, str], name: str, group: Group) -> None:
    sent.setdefault(f"{name}.joined", group.joined.value)
    for at, part in enumerate(group.parts):
        row = f"{name}.{at}"
        if isinstance(part, Group):
            sent.setdefault(f"{row}.kind", "group")
            _add(sent, row, part)
        elif isinstance(part, Kept):
            sent.update({f"{row}.kind": "kept", f"{row}.kept": json.dumps(part.condition)})
        else:
            sent.update({f"{row}.kind": "test", f"{row}.question": part.question})
            sent.update({f"{row}.way": part.way.value, f"{row}.number": part.number})
            sent.setdefault(f"{row}.shown", part.question)
            sent.setlist(f"{row}.in", list(part.options))


@pytest.fixture(autouse=True)
def _asked(app: Flask) -> Any:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


def test_rows_become_a_condition() -> None:
    rows = Group(
        Joined.ANY,
        (
            Asked("production-type", Way.NOT_IN, ("process", "mixed")),
            Group(Joined.ALL, (Asked("years", Way.AT_LEAST, number="2.5"),)),
        ),
    )

    field = conditions.sent(a_draft(), PLACE, fields_of(rows))

    assert not field.errors
    assert field.plain == {
        "any": [
            {"not": {"question": "production-type", "in": ["process", "mixed"]}},
            {"question": "years", "at_least": "2.5"},
        ]
    }


@pytest.mark.parametrize("condition", [PROCESS, DEEP, {"all": [PROCESS]}, {"question": "gone"}])
def test_what_nobody_touched_comes_back_as_it_was(condition: Any) -> None:
    shown = conditions.shown(a_draft(condition), PLACE)

    field = conditions.sent(a_draft(condition), PLACE, fields_of(shown.group, condition))

    assert field.plain == condition
    assert not field.errors


def test_a_part_too_deep_for_the_menus_stays_when_a_row_beside_it_changes() -> None:
    shown = conditions.shown(a_draft(DEEP), PLACE)
    rows = Group(Joined.ALL, (*shown.group.parts[:1], Asked("years", Way.BELOW, number="3")))

    field = conditions.sent(a_draft(DEEP), PLACE, fields_of(rows, DEEP))

    deep = {"all": [PROCESS, {"any": [PROCESS, PROCESS]}]}
    assert field.plain == {"all": [deep, {"not": {"question": "years", "at_least": 3}}]}


def test_without_rows_there_is_no_condition() -> None:
    field = conditions.sent(a_draft(PROCESS), PLACE, fields_of(Group(), PROCESS))

    assert field.plain is None
    assert field.said.en == "There is no condition."


def test_a_form_without_the_field_changes_nothing() -> None:
    field = conditions.sent(a_draft(PROCESS), PLACE, MultiDict())

    assert field.plain == PROCESS


def test_a_hundred_rows_all_come_back() -> None:
    long = {"any": [PROCESS] * 99 + [{"question": "years", "at_least": 2}]}
    rows = conditions.shown(a_draft(long), PLACE).group
    one_less = Group(rows.joined, rows.parts[1:])

    field = conditions.sent(a_draft(long), PLACE, fields_of(one_less, long))

    assert field.plain == {"any": long["any"][1:]}


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (Asked("last", Way.IN, ("a",)), "is not asked before"),
        (Asked("production-type", Way.IN), "Tick at least one answer"),
        (Asked("production-type", Way.IN, ("other",)), "Clear the tick"),
        (Asked("years", Way.AT_LEAST, number="many"), "Enter a number"),
        (Asked("years", Way.IN, ("a",)), "Choose another test"),
        (Asked("", Way.IN, ("a",)), "Choose the question"),
    ],
)
def test_a_fault_stands_beside_its_row(row: Asked, sentence: str) -> None:
    field = conditions.sent(a_draft(), PLACE, fields_of(Group(parts=(row,))))

    assert sentence in field.faults["0"]


def test_another_question_gets_its_own_menus() -> None:
    rows = Group(parts=(Asked("years", Way.IN, ("process",)),))
    sent = fields_of(rows, **{"when.0.shown": "production-type", "when.do": "show"})

    field = conditions.sent(a_draft(), PLACE, sent)

    assert field.pressed
    assert field.group.parts == (Asked("years", Way.AT_LEAST),)


def test_a_question_that_is_gone_loses_the_answers_of_another_one() -> None:
    rows = Group(parts=(Group(parts=(Asked("gone", Way.IN, ("process",)),)),))

    field = conditions.sent(a_draft(), PLACE, fields_of(rows, **{"when.0.0.shown": "x"}))

    assert field.group.parts == (Group(parts=(Asked("gone"),)),)


A, B = Asked("years", Way.AT_LEAST, number="1"), Asked("years", Way.BELOW, number="9")


@pytest.mark.parametrize(
    ("button", "rows"),
    [
        ("add", (A, Group(Joined.ANY, (A, B)), Asked())),
        ("add-group", (A, Group(Joined.ANY, (A, B)), Group(Joined.ANY, (Asked(),)))),
        ("add:1", (A, Group(Joined.ANY, (A, B, Asked())))),
        ("remove:0", (Group(Joined.ANY, (A, B)),)),
        ("remove:1.0", (A, Group(Joined.ANY, (B,)))),
        ("remove:7", (A, Group(Joined.ANY, (A, B)))),
        ("remove:0.1", (A, Group(Joined.ANY, (A, B)))),
        ("remove:x", (A, Group(Joined.ANY, (A, B)))),
        ("remove:0." + "9" * 5000, (Group(Joined.ANY, (A, B)),)),
        ("add:" + "9" * 5000, (A, Group(Joined.ANY, (A, B)), Asked())),
    ],
)
def test_buttons_change_the_rows_and_store_nothing(button: str, rows: tuple[Any, ...]) -> None:
    before = Group(parts=(A, Group(Joined.ANY, (A, B))))

    field = conditions.sent(a_draft(), PLACE, fields_of(before, **{"when.do": button}))

    assert field.pressed
    assert not field.errors
    assert field.group.parts == rows


@pytest.mark.parametrize("forged", ['["\\ud800"]', "[", "[" * 9000, "x" * 30_000])
def test_a_hidden_field_that_nobody_can_read_is_told(forged: str) -> None:
    field = conditions.sent(a_draft(PROCESS), PLACE, MultiDict({"when.was": forged}))

    assert "shown as it is stored" in field.errors[0]
    assert field.plain == PROCESS


def test_strange_values_of_menus_are_read_as_the_usual_ones() -> None:
    sent = fields_of(Group(parts=(A,)))
    sent["when.joined"], sent["when.0.way"] = "some", "like"
    sent["when.1.kind"] = "poem"

    field = conditions.sent(a_draft(), PLACE, sent)

    assert field.group == Group(Joined.ALL, (Asked("years", Way.IN, number="1"),))


def test_groups_inside_of_groups_are_not_sent_by_any_page() -> None:
    sent = MultiDict({"when.was": "null"})
    for depth in range(1, 800):
        sent[f"when{'.0' * depth}.kind"] = "group"

    assert conditions.sent(a_draft(), PLACE, sent).plain is None


def test_the_sentence_fits_the_place() -> None:
    data = a_draft(PROCESS)
    rule = data["eligibility"][0]["key"]
    place = ("eligibility", rule, "conditions", "market", "when")

    assert conditions.shown(data, PLACE).said.en.startswith("Only if the answer to")
    assert conditions.shown(data, place).said.en.startswith("Matters only if the answer to")
    assert conditions.shown(data, ("when",)).said.en == "There is no condition."


def test_rows_know_what_does_not_belong_to_them() -> None:
    field = conditions.shown(a_draft({"question": "years", "in": ["x"]}), PLACE)
    row = field.group.parts[0]
    assert isinstance(row, Asked)

    assert field.strangers(row) == ["x"]
    assert field.ways(row) == (Way.AT_LEAST, Way.BELOW, Way.IN)
    assert field.ways(Asked("gone")) == tuple(Way)
    assert field.strangers(Asked("gone", Way.IN, ("x",))) == ["x"]
    assert field.pages()[0][0] == field.subjects["production-type"].page


# --------------------------------------------------------------- while one types


@pytest.fixture
def office(app: Flask, session: Session) -> Browser:
    return browser_of(app, session, an_administrator(session), language=Locale.EN)


def drawn(office: Browser, version_id: int, sent: MultiDict[str, str]) -> Any:
    address = f"/admin/banks/{version_id}/conditions?place={'/'.join(PLACE)}&prefix=when"
    data = {name: sent.getlist(name) for name in sent}
    return office.client.post(address, data=data | {"csrf_token": office.token()})


def test_a_page_that_is_worked_on_gets_the_rows_and_the_sentence(
    office: Browser, session: Session
) -> None:
    version_id = drafts.begin_with(session, document=a_draft(DEEP), by=None, now=NOW).id
    session.commit()
    rows = conditions.shown(a_draft(DEEP), PLACE).group
    more = Group(rows.joined, (*rows.parts, A, Asked("planning", Way.AT_LEAST, number="2.5")))

    reply = drawn(office, version_id, fields_of(more, DEEP, **{"when.do": "show"}))

    assert reply.status_code == 200
    assert "kept as it is" in reply.json["html"]
    assert "2.5 points" in reply.json["html"]
    assert "“What about years?” is at least 1" in reply.json["en"]
    assert "不小于1" in reply.json["zh"]


def test_a_request_without_the_field_is_refused(office: Browser, session: Session) -> None:
    version_id = drafts.begin_with(session, document=a_draft(), by=None, now=NOW).id
    session.commit()

    assert drawn(office, version_id, MultiDict()).status_code == 400


def test_a_published_version_has_nothing_to_build(office: Browser, session: Session) -> None:
    version = a_version(session)
    session.commit()

    assert drawn(office, version.id, fields_of(Group())).status_code in (404, 409, 422)


# -------------------------------------------------------------- without a script


def test_a_condition_is_built_by_pressing_buttons_alone(office: Browser, session: Session) -> None:
    version_id = drafts.begin_with(session, document=a_draft(), by=None, now=NOW).id
    session.commit()
    address = f"/admin/banks/{version_id}/parts/{'/'.join(PLACE[:-1])}"

    page = office.get(address)
    page = office.send(page, address, **{"when.do": "add"})
    page = office.send(page, address, **{"when.0.question": "production-type", "when.do": "show"})
    answer = office.send(page, address, **{"when.0.in": ["process"]})

    assert answer.status == 303
    last = drafts.opened(session, version_id).document["sections"][0]["domains"][0]["questions"][-1]
    assert last["when"] == PROCESS
