"""A firm is offered the newer version of its questions: the list, the move, pages still open."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.core.text import Locale
from survey.services import assessments, moving
from survey.services.answer_rows import rows_of
from survey.services.people import Actor
from survey.store.models import Assessment, Comment, Firm
from tests.browser import Browser
from tests.builders import Data, bank_data, domain, ladder, level, multiple, number, section, words
from tests.stored import NOW, a_file, a_firm, a_member, a_version, an_assessment
from tests.web.autosaved import autosave, years
from tests.web.people import browser_of

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

OTHERWISE = {"zh": "换一种问法？", "en": "Asked in other words?"}


def of(version: int, *questions: Data, aside: Data | None = None) -> Data:
    """A bank of two pages; `aside` stands alone on the second."""
    sections = [section("everything", "A", domain("d", *questions), weight=60)]
    if aside is not None:
        sections.append(section("aside", "B", domain("e", aside), weight=40))
    else:
        sections[0]["weight"] = 100
    return bank_data(*sections, version=version)


OLD = of(1, ladder(), multiple(), number(), aside=words())
NEW = of(2, ladder(prompt=OTHERWISE), multiple(), words(), ladder("culture"))
"""`planning` is asked otherwise, `years` is gone, `product` stands elsewhere, `culture` is new."""

ANSWERS = {"planning": level(2), "security": {"options": ["a"]}, "years": {"number": "5"}}


@dataclass
class Case:
    """An assessment of the old version, and the new one."""

    owner: Actor
    draft: Assessment
    here: str


@pytest.fixture
def case(session: Session) -> Case:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner, version=a_version(session, OLD), answers=ANSWERS)
    a_version(session, NEW)
    return Case(owner, draft, f"/assessments/{draft.id}")


def go_over(session: Session, case: Case) -> None:
    mark = moving.offer(session, case.owner, case.draft.id).mark
    moving.move(session, case.owner, case.draft.id, mark=mark, now=NOW + timedelta(hours=1))


def a_colleague(app: Flask, session: Session, case: Case) -> Browser:
    member = a_member(session, session.get_one(Firm, case.owner.firm_id))
    return browser_of(app, session, member)


@pytest.mark.parametrize("locale", list(Locale))
def test_the_owner_sees_the_list_and_moves(
    app: Flask, session: Session, case: Case, locale: Locale
) -> None:
    browser = browser_of(app, session, case.owner, language=locale)
    offered = [f"{case.here}/move" in browser.get(a).links() for a in ("/firm", case.here)]

    listed = browser.get(f"{case.here}/move")
    moved = browser.follow(browser.send(listed, f"{case.here}/move"))
    hub = browser.get(case.here)

    assert offered == [True, True]
    assert OTHERWISE[locale.value] in listed.text
    assert {"zh": "关于planning的问题？", "en": "What about planning?"}[locale.value] in listed.text
    assert "5" in " ".join("".join(cell.itertext()) for cell in listed.all("td"))
    assert moved.status == 200
    assert OTHERWISE[locale.value] in moved.text
    assert f"{case.here}/moves" in hub.links()
    assert f"{case.here}/move" not in hub.links()


def test_a_question_that_only_has_another_key_is_called_replaced(
    app: Flask, session: Session, case: Case
) -> None:
    same = number("age", prompt=number()["prompt"])
    a_version(session, of(3, ladder(), same, ladder("culture"), aside=words()))

    listed = browser_of(app, session, case.owner, language=Locale.EN).get(f"{case.here}/move")

    told = [cell.text for cell in listed.all("td", **{"data-label": "Why"}) if cell.text]
    assert [each.partition(".")[0] for each in told] == [
        "The question is not asked any more",
        "This question was replaced by a new one that asks the same",
    ]


def test_a_colleague_is_offered_nothing_and_reads_the_list_afterwards(
    app: Flask, session: Session, case: Case
) -> None:
    colleague = a_colleague(app, session, case)
    before = [f"{case.here}/move" in colleague.get(a).links() for a in ("/firm", case.here)]
    nothing_yet = colleague.get(f"{case.here}/moves")
    go_over(session, case)
    session.commit()

    afterwards = colleague.get(f"{case.here}/moves")

    assert before == [False, False]
    assert nothing_yet.status == 404
    assert afterwards.status == 200
    assert colleague.post(f"{case.here}/move").status == 403


def test_what_belongs_to_a_dropped_answer_is_listed_and_its_history_stays_readable(
    app: Flask, session: Session, case: Case
) -> None:
    file = a_file(session, case.owner, case.draft.id, question_key="years")
    session.add(
        Comment(
            assessment_id=case.draft.id,
            question_key="years",
            author_id=case.owner.user_id,
            text="As the licence says",
            at=NOW,
        )
    )
    go_over(session, case)
    browser = browser_of(app, session, case.owner)

    listed = browser.get(f"{case.here}/moves")
    question = browser.get(f"{case.here}/questions/years")
    refused = browser.post(f"{case.here}/questions/years/comments", {"text": "Late"})

    assert "As the licence says" in listed.text
    assert f"/files/{file.id}" in listed.links()
    assert f"{case.here}/questions/years" in listed.links()
    assert "5 years" in question.text
    assert "not asked any more" in question.text
    assert "As the licence says" in question.text
    assert refused.status == 404


def test_the_history_reads_an_old_answer_by_the_old_question(
    app: Flask, session: Session, case: Case
) -> None:
    other_steps = ladder(prompt=OTHERWISE)
    other_steps["options"] = [
        option | {"key": f"step-{option['points']}"} for option in other_steps["options"]
    ]
    a_version(session, of(3, other_steps, multiple(), words()))
    go_over(session, case)
    browser = browser_of(app, session, case.owner)

    page = browser.get(f"{case.here}/questions/planning")

    assert page.text.count("Step 2") >= 2
    assert OTHERWISE["en"] in page.text


def test_a_change_in_between_brings_the_list_back(app: Flask, session: Session, case: Case) -> None:
    browser = browser_of(app, session, case.owner)
    listed = browser.get(f"{case.here}/move")
    colleague = a_colleague(app, session, case)
    autosave(
        colleague, case.draft, "planning", ("q_planning.seen", "1."), ("q_planning", "level-4")
    )

    page = browser.send(listed, f"{case.here}/move")
    again = browser.follow(browser.send(page, f"{case.here}/move"))

    assert page.status == 409
    assert "Nothing was moved" in page.text
    assert "Step 4" in page.text
    assert again.status == 200


def test_without_a_newer_version_the_page_leads_back(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    draft = an_assessment(session, owner, answers={})
    browser = browser_of(app, session, owner)

    page = browser.get(f"/assessments/{draft.id}/move")
    forced = browser.post(f"/assessments/{draft.id}/move", {"seen": "anything"})

    assert page.location == f"/assessments/{draft.id}"
    assert "no newer version" in browser.follow(page).text
    assert forced.status == 303


def test_a_submitted_one_leads_to_its_result(app: Flask, session: Session, case: Case) -> None:
    plain = {"culture": level(1), "product": {"text": "阀门"}}
    facts = {"production-type": {"option": "mixed"}, "size-class": {"option": "small"}}
    go_over(session, case)
    assessments.save(session, case.owner, case.draft.id, given=plain | facts, seen={}, now=NOW)
    assessments.submit(session, case.owner, case.draft.id, now=NOW)
    browser = browser_of(app, session, case.owner)

    for reply in (browser.get(f"{case.here}/move"), browser.post(f"{case.here}/move")):
        assert reply.location == f"{case.here}/result"
    assert browser.get(f"{case.here}/moves").status == 200


def test_an_open_page_that_saves_by_itself_hears_that_its_question_is_gone(
    app: Flask, session: Session, case: Case
) -> None:
    colleague = a_colleague(app, session, case)
    go_over(session, case)
    session.commit()

    gone = autosave(colleague, case.draft, "years", *years("6", "1."))
    unknown = autosave(colleague, case.draft, "nothing", ("q_nothing.seen", "0."))

    assert (gone.status, gone.json["state"]) == (422, "refused")
    assert "not asked any more" in gone.json["message"]
    assert "What about years?" in gone.json["message"]
    assert unknown.status == 422
    assert rows_of(session, case.draft.id)["years"].plain is None


def test_an_open_page_that_saves_by_itself_meets_a_conflict_where_its_question_has_changed(
    app: Flask, session: Session, case: Case
) -> None:
    colleague = a_colleague(app, session, case)
    go_over(session, case)
    session.commit()

    changed = autosave(
        colleague, case.draft, "planning", ("q_planning.seen", "1."), ("q_planning", "level-4")
    )
    same = autosave(
        colleague, case.draft, "security", ("q_security.seen", "1."), ("q_security", "b")
    )

    assert (changed.status, changed.json["state"]) == (409, "conflict")
    assert (same.status, same.json["state"]) == (200, "saved")
    assert rows_of(session, case.draft.id)["planning"].plain == level(2)


def test_a_question_that_stands_on_another_page_now_is_saved_all_the_same(
    app: Flask, session: Session, case: Case
) -> None:
    colleague = a_colleague(app, session, case)
    go_over(session, case)
    session.commit()

    saved = autosave(
        colleague,
        case.draft,
        "product",
        ("q_product.seen", "0."),
        ("q_product", "阀门"),
        page="aside",
    )

    assert (saved.status, saved.json["state"]) == (200, "saved")


def test_where_nothing_was_moved_a_page_that_is_not_there_is_not_found(
    app: Flask, session: Session, case: Case
) -> None:
    browser = browser_of(app, session, case.owner)

    reply = autosave(browser, case.draft, "years", *years("6", "1."), page="nowhere")
    page = browser.post(f"{case.here}/pages/nowhere", {"q_years": "6", "q_years.seen": "1."})

    assert (reply.status, page.status) == (404, 404)


def test_a_whole_page_that_is_gone_gives_back_what_was_typed(
    app: Flask, session: Session, case: Case
) -> None:
    colleague = a_colleague(app, session, case)
    page = colleague.get(f"{case.here}/pages/aside")
    go_over(session, case)
    session.commit()

    reply = colleague.send(page, f"{case.here}/pages/aside", q_product="调节阀")

    assert reply.status == 409
    assert "调节阀" in reply.text
    assert f"{case.here}/pages/everything#q_product" in reply.links()
    assert f"{case.here}/moves" in reply.links()


def test_of_a_page_that_is_still_there_the_rest_is_saved(
    app: Flask, session: Session, case: Case
) -> None:
    colleague = a_colleague(app, session, case)
    page = colleague.get(f"{case.here}/pages/everything")
    go_over(session, case)
    session.commit()

    reply = colleague.send(
        page, f"{case.here}/pages/everything", q_years="8", q_security=["a", "b"]
    )

    assert reply.status == 409
    assert "8" in " ".join("".join(quoted.itertext()) for quoted in reply.all("q"))
    assert rows_of(session, case.draft.id)["security"].plain == {"options": ["a", "b"]}
    assert "not asked any more" in reply.text


def test_a_page_on_which_nothing_of_that_was_touched_goes_on(
    app: Flask, session: Session, case: Case
) -> None:
    colleague = a_colleague(app, session, case)
    page = colleague.get(f"{case.here}/pages/everything")
    go_over(session, case)
    session.commit()

    reply = colleague.send(page, f"{case.here}/pages/everything", q_security=["b"])

    assert reply.status == 303


def test_strangers_find_nothing(app: Flask, session: Session, case: Case) -> None:
    go_over(session, case)
    stranger = browser_of(app, session, a_firm(session, "远山机械有限公司")[1])

    for reply in (
        stranger.get(f"{case.here}/move"),
        stranger.post(f"{case.here}/move"),
        stranger.get(f"{case.here}/moves"),
        stranger.post(f"{case.here}/pages/aside", {"q_product": "x", "q_product.seen": "0."}),
        autosave(stranger, case.draft, "years", *years("6", "1.")),
    ):
        assert reply.status == 404


def test_forged_names_of_questions_that_no_version_asked_are_left_alone(
    app: Flask, session: Session, case: Case
) -> None:
    colleague = a_colleague(app, session, case)
    go_over(session, case)
    session.commit()
    forged = {f"q_k{number}.seen": "0.x" for number in range(3000)}

    reply = colleague.post(f"{case.here}/pages/aside", forged | {"q_product.seen": "0.x"})

    assert reply.status == 409
    assert "k2999" not in reply.text
