"""The contents of a version: what is amiss where, and parts that come, move and go."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.core.bank import Kind
from survey.core.places import parse, question_place, written
from survey.core.text import Locale
from survey.services import drafts
from tests import stored
from tests.browser import Page, words_of
from tests.builders import number
from tests.web.workshop.bench import LADDER, Bench, a_bench, everything

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

FIRST = "sections/everything/domains/first/questions"
SECOND = "sections/everything/domains/second/questions"


@pytest.fixture
def bench(app: Flask, session: Session) -> Bench:
    return a_bench(app, session)


def contents(bench: Bench, act: str = "") -> str:
    return f"/admin/banks/{bench.version_id}/contents{act}".replace("#", "%23")


def do(bench: Bench, act: str, /, **facts: Any) -> Page:
    sent = {"seen": str(bench.draft.revision), **facts}
    return bench.browser().post(contents(bench, f"/{act}"), sent)


def keys(bench: Bench, place: str) -> list[str]:
    return [part["key"] for part in bench.at(place)]


# ------------------------------------------------------------------- the page


@pytest.mark.parametrize("locale", list(Locale))
def test_every_part_of_a_draft_is_a_link(bench: Bench, locale: Locale) -> None:
    page = bench.browser(language=locale).get(contents(bench))

    wanted = ["", "profile", "outcomes", "levels", LADDER, "hints/small", "glossary/mes"]
    assert page.status == 200
    assert {bench.address(place) for place in wanted} <= set(page.links())


def test_problems_and_missing_texts_are_counted_where_they_are_and_around(
    app: Flask, session: Session
) -> None:
    data = everything()
    question = data["sections"][0]["domains"][0]["questions"][0]
    question["prompt"] = {"zh": "题目", "en": ""}
    question["options"][1]["points"] = 9
    bench = a_bench(app, session, data)

    page = bench.browser().get(contents(bench))

    for place in (LADDER, "sections/everything/domains/first", "sections/everything"):
        line = words_of(page.by_id("f-" + place.replace("/", "--")))
        assert "problem" in line
        assert "1 text missing" in line
    assert "problem" not in words_of(page.by_id("f-levels"))


def test_a_published_version_is_shown_without_any_act(bench: Bench) -> None:
    browser = bench.browser()

    page = browser.get(f"/admin/banks/{bench.published_id}/contents")
    acts = {form.get("action") for form in page.all("form") if form.get("method") == "post"}
    refused = browser.post(
        f"/admin/banks/{bench.published_id}/contents/delete", {"seen": "1", "place": LADDER}
    )
    moving = browser.get(f"/admin/banks/{bench.published_id}/contents/move/{LADDER}")

    assert "can only be read" in page.text
    assert acts <= {"/language", "/logout"}
    assert refused.status == 422
    assert moving.status == 404


def test_a_question_is_found_by_its_code_its_key_and_its_words(bench: Bench) -> None:
    browser = bench.browser()

    for sought in ("planning", "PLANNING"):
        page = browser.get(f"{contents(bench)}?q={sought}")
        assert words_of(page.by_id("found-title")) == "Questions found"
        assert page.links().count(bench.address(LADDER)) == 2
    assert "No question has" in browser.get(f"{contents(bench)}?q=nowhere").text


def test_a_question_is_moved_within_its_own_list_unless_another_is_chosen(bench: Bench) -> None:
    page = bench.browser().get(f"{contents(bench)}/move/{LADDER}")

    chosen = [each.get("value") for each in page.all("option") if each.get("selected") is not None]
    assert chosen == [LADDER.rpartition("/")[0]]


def test_a_section_can_be_jumped_to(bench: Bench) -> None:
    page = bench.browser().get(contents(bench))

    links = {link.get("href") for link in page.all("a")}
    assert "#f-sections--everything" in links
    assert page.by_id("f-sections--everything") is not None


def test_a_copy_is_called_one(bench: Bench) -> None:
    browser = bench.browser()
    page = browser.get(contents(bench))

    answer = browser.send(page, f"{contents(bench)}/duplicate", place=LADDER)

    assert "This is the copy" in browser.follow(answer).text


def test_what_is_to_be_deleted_is_named_with_its_key_and_its_place(bench: Bench) -> None:
    page = bench.browser().get(f"{contents(bench)}/delete/{LADDER}")

    assert "Key: planning" in page.text


def test_what_is_not_scored_shows_no_weight(app: Flask, session: Session) -> None:
    data = everything()
    questions = data["sections"][0]["domains"][0]["questions"]
    questions[2] |= {"weight": 50}
    questions[2].pop("bands", None)
    bench = a_bench(app, session, data)
    place = "f-sections--everything--domains--first--questions--" + questions[2]["key"]

    page = bench.browser().get(contents(bench))

    assert "weight 50" not in words_of(page.by_id(place))


def test_a_draft_with_any_fault_has_contents(app: Flask, session: Session) -> None:
    data = everything() | {
        "sections": "none",
        "levels": [],
        "roles": 3,
        "glossary": [1, {"key": 2}],
    }
    bench = a_bench(app, session, data)

    page = bench.browser().get(contents(bench))

    assert page.status == 200
    assert bench.browser().get(bench.address()).status == 200


# --------------------------------------------------------------------- adding


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.CHOICE])
def test_a_question_of_any_kind_is_added_and_its_form_opened(bench: Bench, kind: Kind) -> None:
    answer = do(bench, "add", list=FIRST, kind=kind.value)
    page = bench.browser().get(answer.location)

    assert answer.status == 303
    assert bench.at(FIRST)[-1]["kind"] == kind
    assert page.status == 200


@pytest.mark.parametrize(
    "place",
    [
        *("sections", "sections/everything/domains", "profile/questions", "editions", "hints"),
        *("eligibility", "distributions", "glossary", "sources"),
    ],
)
def test_any_other_part_is_added_and_its_form_opened(bench: Bench, place: str) -> None:
    before = len(bench.at(place))

    answer = do(bench, "add", list=place, kind="number")

    assert bench.browser().get(answer.location).status == 200
    assert len(bench.at(place)) == before + 1


def test_the_page_of_key_figures_can_go_and_come(bench: Bench) -> None:
    question = bench.browser().get(contents(bench, "/delete/outcomes"))
    do(bench, "delete", place="outcomes")
    gone = "outcomes" not in bench.draft.document
    answer = do(bench, "add", list="outcomes")

    assert question.status == 200
    assert gone
    assert answer.location.endswith("/parts/outcomes")
    assert bench.at("outcomes/questions")


@pytest.mark.parametrize(
    ("place", "kind"),
    [("roles", "number"), ("levels/steps", "number"), (FIRST, "oracle"), ("", ""), ("x/y", "text")],
)
def test_nothing_is_added_where_no_part_can_stand(bench: Bench, place: str, kind: str) -> None:
    assert do(bench, "add", list=place, kind=kind).status == 400
    assert do(bench, "add", list="sections/nowhere/domains").status == 404
    assert bench.draft.revision == 1


# --------------------------------------------------------------------- moving


def test_a_part_goes_up_and_down_in_its_list_and_no_further(bench: Bench) -> None:
    before = keys(bench, FIRST)

    do(bench, "move", move=f"down {LADDER}")
    down = keys(bench, FIRST)
    do(bench, "move", move=f"up {LADDER}")
    answer = do(bench, "move", move=f"up {LADDER}")

    assert down == [before[1], before[0], *before[2:]]
    assert keys(bench, FIRST) == before
    assert answer.status == 303
    assert answer.location.endswith("#f-" + LADDER.replace("/", "--"))


def test_a_question_goes_to_a_place_of_another_domain(bench: Bench) -> None:
    answer = do(bench, "move", place=LADDER, list=SECOND, at="1")

    assert keys(bench, SECOND)[1] == "planning"
    assert "planning" not in keys(bench, FIRST)
    assert answer.location.endswith(
        f"#f-{SECOND}/planning".replace("/", "--").replace("admin--", "admin/")
    )


def test_the_page_for_moving_offers_every_list_that_fits(bench: Bench) -> None:
    browser = bench.browser()

    page = browser.get(contents(bench, f"/move/{LADDER}"))
    offered = {option.get("value") for option in page.all("option")}
    answer = browser.send(page, contents(bench, "/move"), list=SECOND, at="9999")

    assert offered == {FIRST, SECOND, "profile/questions", "outcomes/questions"}
    assert answer.status == 303
    assert keys(bench, SECOND)[-1] == "planning"


@pytest.mark.parametrize(
    ("place", "target"),
    [
        (LADDER, "glossary"),
        (LADDER, "sections/everything/domains/nowhere/questions"),
        ("glossary/mes", FIRST),
        ("levels", "sections"),
        (f"{LADDER}/options/level-0", f"{LADDER}/options"),
        ("", ""),
    ],
)
def test_a_part_goes_nowhere_else(bench: Bench, place: str, target: str) -> None:
    assert do(bench, "move", place=place, list=target, at="0").status == 400
    assert bench.draft.revision == 1


def test_a_domain_goes_to_another_section(bench: Bench) -> None:
    do(bench, "add", list="sections")

    page = bench.browser().get(contents(bench, "/move/sections/everything/domains/second"))
    do(bench, "move", place="sections/everything/domains/second", list="sections/section/domains")

    assert "sections/section/domains" in {each.get("value") for each in page.all("option")}
    assert "second" in keys(bench, "sections/section/domains")


def test_what_is_not_there_cannot_be_moved_copied_or_deleted(bench: Bench) -> None:
    nowhere = f"{FIRST}/nowhere"

    answers = [
        do(bench, "move", move=f"up {nowhere}"),
        do(bench, "duplicate", place=nowhere),
        do(bench, "delete", place=nowhere),
        do(bench, "kind", place=nowhere, to="text"),
        bench.browser().get(contents(bench, f"/delete/{nowhere}")),
        bench.browser().get(contents(bench, "/delete/levels")),
        bench.browser().get(contents(bench, "/kind/glossary/mes")),
    ]

    assert [each.status for each in answers] == [404] * len(answers)


# ------------------------------------------------------------ copies, deletions


def test_a_copy_has_a_key_of_its_own_and_stands_behind_its_original(bench: Bench) -> None:
    answer = do(bench, "duplicate", place=LADDER)

    assert keys(bench, FIRST)[:2] == ["planning", "planning-2"]
    assert answer.location.endswith("/planning-2")


def test_what_names_a_part_is_shown_before_it_is_deleted(bench: Bench) -> None:
    browser = bench.browser()

    page = browser.get(contents(bench, "/delete/profile/questions/production-type"))
    answer = browser.send(page, contents(bench, "/delete"))

    assert bench.address(f"{LADDER}/when/question") in page.links()
    assert bench.address("weigh_by") in page.links()
    assert "has been published" in page.text
    assert answer.status == 303
    assert "production-type" not in keys(bench, "profile/questions")


def test_what_nothing_names_and_what_is_inside_is_said_too(bench: Bench) -> None:
    term = bench.browser().get(contents(bench, "/delete/hints/small"))
    domain = bench.browser().get(contents(bench, "/delete/sections/everything/domains/second"))

    assert "Nothing else in this draft names it" in term.text
    assert "5 questions inside it are deleted as well" in domain.text


def test_a_part_that_somebody_changed_meanwhile_is_not_deleted_silently(bench: Bench) -> None:
    other = bench.browser(1)
    page = other.get(bench.address(LADDER))
    other.send(page, bench.address(LADDER), **{"prompt-zh": "改好了"})

    browser = bench.browser()
    clash = browser.post(contents(bench, "/delete"), {"seen": "1", "place": LADDER})
    decided = browser.send(clash, contents(bench, "/delete"), **{"clash.0.keep": "mine"})

    assert clash.status == 422
    assert "改好了" in clash.html
    assert decided.status == 303
    assert question_place(bench.draft.document, "planning") is None


# --------------------------------------------------------------- another kind


def test_what_another_kind_keeps_and_drops_is_shown_before_it_is_changed(bench: Bench) -> None:
    browser = bench.browser()
    address = contents(bench, f"/kind/{LADDER}")

    plain = browser.get(address)
    page = browser.get(f"{address}?to=text")
    answer = browser.send(page, contents(bench, "/kind"))

    assert "Carried over" not in plain.text
    assert "Options" in page.text
    assert "Dropped" in page.text
    assert answer.status == 303
    assert bench.at(LADDER)["kind"] == "text"
    assert "options" not in bench.at(LADDER)
    assert (
        bench.at(f"{LADDER}/prompt")
        == everything()["sections"][0]["domains"][0]["questions"][0]["prompt"]
    )


def test_a_kind_that_does_not_exist_is_refused(bench: Bench) -> None:
    assert do(bench, "kind", place=LADDER, to="oracle").status == 400
    assert do(bench, "kind", place="glossary/mes", to="text").status == 404


def test_a_question_of_an_unknown_kind_can_be_opened_and_given_one(
    app: Flask, session: Session
) -> None:
    data = everything()
    data["outcomes"]["questions"] = [number("staff") | {"kind": "rating"}]
    bench = a_bench(app, session, data)
    place = "outcomes/questions/staff"

    browser = bench.browser()
    page = browser.get(bench.address(place))
    saved = browser.send(page, bench.address(place), **{"prompt-zh": "人数"})
    shown = bench.browser().get(contents(bench, f"/kind/{place}?to=number"))
    do(bench, "kind", place=place, to="number")

    assert page.status == shown.status == 200
    assert saved.status == 303
    assert bench.at(place)["kind"] == "number"


def test_a_discarded_draft_is_not_changed(bench: Bench) -> None:
    drafts.discard(bench.session, bench.version_id, by=None, now=stored.NOW)
    bench.session.commit()

    answer = bench.browser().post(contents(bench, "/duplicate"), {"seen": "1", "place": LADDER})

    assert answer.status == 422
    assert written(parse(LADDER)) == LADDER
