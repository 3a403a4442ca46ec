"""The form of every part of a draft: opened, saved, refused, brought together with another's."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.core import places
from survey.core.text import Locale
from survey.services import drafts
from tests import stored
from tests.browser import Browser, Page, filled_in, words_of
from tests.web.people import browser_of
from tests.web.workshop.bench import LADDER, Bench, a_bench, everything

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

OPTION = f"{LADDER}/options/level-0"


@pytest.fixture
def bench(app: Flask, session: Session) -> Bench:
    return a_bench(app, session)


def pages() -> Iterator[str]:
    """The places of all parts with a form of their own."""
    data = everything()
    yield from ("", "profile", "outcomes", "levels")
    for name in ("sections", "editions", "eligibility", "distributions", "hints", "glossary"):
        yield from (f"{name}/{part['key']}" for part in data[name])
    yield from (f"sections/everything/domains/{key}" for key in ("first", "second"))
    yield "eligibility/" + data["eligibility"][0]["key"] + "/conditions/market"
    yield "sources/plan"
    yield from (places.written(place) for place, _ in places.questions(data))


def opened(bench: Bench, place: str = LADDER, **facts: Any) -> tuple[Browser, Page]:
    browser = bench.browser(**facts)
    return browser, browser.get(bench.address(place))


def save(bench: Bench, place: str = LADDER, /, **changes: Any) -> Page:
    browser, page = opened(bench, place)
    return browser.send(page, bench.address(place), **changes)


# -------------------------------------------------------------------- unchanged


@pytest.mark.parametrize("locale", list(Locale))
@pytest.mark.parametrize("place", list(pages()))
def test_a_part_that_is_opened_and_saved_is_unchanged(
    bench: Bench, place: str, locale: Locale
) -> None:
    browser, page = opened(bench, place, language=locale)
    before = bench.draft

    answer = browser.send(page, bench.address(place))

    assert answer.status == 303
    assert bench.draft.document == before.document
    assert bench.draft.revision == before.revision


def test_an_address_inside_a_part_leads_to_its_field(bench: Bench) -> None:
    browser = bench.browser()

    answer = browser.get(bench.address(f"{OPTION}/label/en"))
    page = browser.follow(answer)

    path, _, fragment = unquote(answer.location).partition("#")
    assert path == bench.address(LADDER)
    assert page.by_id(fragment).get("lang") == "en"


@pytest.mark.parametrize(
    "place", ["sections/nowhere", "nothing", f"{LADDER}x", "hints/small/x/y/z/nothing"]
)
def test_a_part_that_does_not_exist_is_not_found(bench: Bench, place: str) -> None:
    browser = bench.browser()

    found = browser.follow(browser.get(bench.address(place)))
    sent = browser.post(bench.address(place), {"seen": "1"})

    assert sent.status == 404
    assert found.status == (200 if place.startswith("hints") else 404)


# ------------------------------------------------------------------------ saved


def test_what_is_wrong_is_told_with_the_field_and_its_language(bench: Bench) -> None:
    answer = save(bench, **{"prompt-en": ""})
    page = bench.browser().get(answer.location)

    listed = [words_of(each) for each in page.all("a") if "--prompt" in (each.get("href") or "")]
    assert "Question (English): The text is empty. Write it." in listed


def test_what_cannot_be_stored_is_told_with_its_field(bench: Bench) -> None:
    answer = save(bench, weight="many", **{"options-0-points": "2,5"})

    told = words_of(answer.by_id("faults"))
    assert answer.status == 422
    assert "Weight: “many” is not a plain number" in told
    assert "Options › 1 › Its points: “2,5” is not a plain number" in told


def test_a_missing_field_is_called_as_its_box(app: Flask, session: Session) -> None:
    data = everything()
    del places.get(data, places.parse(f"{LADDER}/advice/#0"))["owner"]
    bench = a_bench(app, session, data)

    page = bench.browser().get(bench.address(LADDER))

    assert "“Who does it” is missing" in page.text


def test_every_scored_question_can_be_a_core_question(bench: Bench) -> None:
    page = bench.browser().get(bench.address("levels"))

    boxes = {each.get("value") for each in page.all("input") if "core" in (each.get("name") or "")}
    assert {"planning", "years"} <= boxes
    assert "there is no such part" not in page.text


def test_both_languages_of_a_text_are_saved(bench: Bench) -> None:
    answer = save(bench, **{"prompt-zh": "有没有计划？", "prompt-en": " Is there a plan?\r\n"})

    assert answer.status == 303
    assert bench.at(f"{LADDER}/prompt") == {"zh": "有没有计划？", "en": "Is there a plan?"}
    assert bench.draft.revision == 2


def test_a_draft_is_saved_with_its_faults_and_they_are_shown(bench: Bench) -> None:
    answer = save(bench, **{"prompt-en": "", "weight": "", "weight-how": "each"})
    page = bench.browser().get(answer.location)

    assert answer.status == 303
    assert bench.at(f"{LADDER}/prompt")["en"] == ""
    assert "The text is empty" in page.text
    assert "#f-" + LADDER.replace("/", "--") + "--prompt" in page.links()


@pytest.mark.parametrize(
    ("field", "typed", "value"),
    [
        ("code", "B7", "B7"),
        ("urgent_below", "2", 2),
        ("required", ["", "1"], True),
        ("half_steps", [""], False),
        ("source", "our own words", "our own words"),
        ("not_applicable", "with-reason", "with-reason"),
        ("weight", "2.50", "2.50"),
        ("weight", "4", 4),
        ("terms", ["", "mes"], ["mes"]),
    ],
)
def test_each_sort_of_field_is_saved_as_its_model_wants_it(
    bench: Bench, field: str, typed: Any, value: Any
) -> None:
    answer = save(bench, **{field: typed})

    assert answer.status == 303
    assert bench.at(f"{LADDER}/{field}") == value


def test_what_is_emptied_leaves_the_document(bench: Bench) -> None:
    save(bench, **{"help-zh": "说明", "help-en": "Help", "code": "B7", "policy-more": "srdi"})
    assert bench.at(f"{LADDER}/policy") == ["srdi"]

    save(bench, **{"help-zh": "", "help-en": "", "code": "", "leans_on": [""], "policy": [""]})

    assert {"help", "code", "leans_on", "policy"}.isdisjoint(bench.at(LADDER))


def test_weights_can_differ_by_the_answer(bench: Bench) -> None:
    each = {f"weight-each-{key}": "2" for key in ("discrete", "process", "mixed")}

    save(bench, **(each | {"weight-how": "each", "weight-each-mixed": "1.5"}))

    assert bench.at(f"{LADDER}/weight") == {"discrete": 2, "process": 2, "mixed": "1.5"}


def test_an_object_is_there_if_anything_of_it_is_filled_in(bench: Bench) -> None:
    place = "sections/everything/domains/first/questions/years"

    save(bench, place, **{"likely-low": "1", "likely-high": "30"})
    there = bench.at(f"{place}/likely")
    save(bench, place, **{"likely-low": "", "likely-high": ""})

    assert there == {"low": 1, "high": 30}
    assert "likely" not in bench.at(place)


def test_figures_stand_in_one_line(bench: Bench) -> None:
    place = "distributions/" + everything()["distributions"][0]["key"]

    save(bench, place, **{"shares-0-levels": "3，4"})
    good = bench.at(f"{place}/shares/#0/levels")
    refused = save(bench, place, **{"shares-0-levels": "3, four"})

    assert good == [3, 4]
    assert refused.status == 422


# ------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("code", "seven"),
        ("urgent_below", "two"),
        ("weight", "1e3"),
        ("weight", "NaN"),
        ("options-1-points", "1,5"),
        ("options-1-key", "No Key"),
        ("not_applicable", "perhaps"),
        ("terms", ["", "MES!"]),
    ],
)
def test_what_cannot_be_stored_is_said_beside_its_field_and_stays_as_typed(
    bench: Bench, field: str, typed: Any
) -> None:
    answer = save(bench, **{field: typed, "prompt-zh": "没有保存的题目"})

    shown = typed if isinstance(typed, str) else typed[-1]
    assert answer.status == 422
    assert shown in answer.html
    assert "没有保存的题目" in answer.html
    assert "There is a problem" in answer.text
    assert bench.draft.revision == 1


def test_a_key_that_is_published_stays(bench: Bench) -> None:
    page = save(bench, key="plans")
    line = save(bench, **{"options-0-key": "nothing"})

    assert page.status == line.status == 422
    assert "Published: the key stays as it is." in opened(bench)[1].text
    assert "Published: the key stays as it is." not in opened(bench, "glossary/mes")[1].text
    assert "has been published" in page.text
    assert "has been published" in line.text
    assert bench.draft.revision == 1


def test_the_key_of_a_new_part_can_be_changed_and_what_names_it_follows(bench: Bench) -> None:
    answer = save(bench, "glossary/mes", key="execution")

    assert answer.location.endswith("/parts/glossary/execution")
    assert bench.at("glossary/execution/term")
    assert bench.at(f"{LADDER}/terms") == ["execution"]


@pytest.mark.parametrize("place", ["glossary", "sections", "profile/questions"])
def test_the_address_of_a_list_leads_to_the_contents(bench: Bench, place: str) -> None:
    answer = bench.browser().get(bench.address(place))

    assert answer.location.endswith(f"/{bench.version_id}/contents")


@pytest.mark.parametrize("key", ["", "planning"])
def test_a_question_needs_a_key_of_its_own(bench: Bench, key: str) -> None:
    answer = save(bench, "outcomes/questions/staff", key=key)

    assert answer.status == 422
    assert bench.draft.revision == 1


def test_forged_input_is_refused_or_ignored(bench: Bench) -> None:
    browser = bench.browser()

    nothing = browser.post(bench.address(LADDER), {})
    future = browser.post(bench.address(LADDER), {"seen": "7"})
    stray = browser.post(
        bench.address(LADDER), {"seen": "1", "kind": "text", "bogus": "1", "options-9-key": "x"}
    )

    assert nothing.status == future.status == 422
    assert stray.status == 303
    assert bench.draft.revision == 1


def test_a_text_that_no_page_can_show_is_stored_and_told(bench: Bench) -> None:
    answer = save(bench, **{"prompt-zh": "题\u202e目"})

    assert answer.status == 303
    assert "cannot be shown" in bench.browser().get(answer.location).text


def test_a_condition_that_is_too_deep_to_be_stored_is_told_and_the_rest_stays_typed(
    bench: Bench,
) -> None:
    deep = '{"not": ' * 60 + "{}" + "}" * 60

    answer = save(bench, **{"when.0.kind": "kept", "when.0.kept": deep, "prompt-zh": "还在"})

    assert answer.status == 422
    assert "Flatten it" in answer.text
    assert "还在" in answer.html
    assert bench.draft.revision == 1


@pytest.mark.parametrize("who", ["owner", "consultant"])
def test_nobody_else_may_look_or_save(bench: Bench, who: str) -> None:
    actor = (
        stored.a_firm(bench.session)[1] if who == "owner" else stored.a_consultant(bench.session)
    )
    browser = browser_of(bench.app, bench.session, actor)

    assert browser.get(bench.address(LADDER)).status == 403
    assert browser.post(bench.address(LADDER), {"seen": "1"}).status == 403
    assert browser.post(bench.address(LADDER, "check"), {"seen": "1"}).status == 403


# ------------------------------------------------------------------------ lines


def lines_of(bench: Bench) -> list[str]:
    return [option["key"] for option in bench.at(f"{LADDER}/options")]


def test_lines_are_moved_and_removed_by_buttons_and_saved_afterwards(bench: Bench) -> None:
    before = lines_of(bench)
    browser, page = opened(bench)

    moved = browser.send(page, bench.address(LADDER), line="down options 0")
    cut = browser.send(moved, bench.address(LADDER), line="remove options 5")
    unsaved = lines_of(bench)
    answer = browser.send(cut, bench.address(LADDER))

    assert moved.status == cut.status == 422
    assert "Nothing has been saved yet" in moved.text
    assert unsaved == before
    assert answer.status == 303
    assert lines_of(bench) == [before[1], before[0], *before[2:5]]


def test_a_line_is_added_and_gets_a_key_of_what_it_says(bench: Bench) -> None:
    browser, page = opened(bench)

    more = browser.send(page, bench.address(LADDER), line="add options")
    browser.send(
        more,
        bench.address(LADDER),
        **{
            "options-6-label-zh": "全厂",
            "options-6-label-en": "All of the plant",
            "options-6-points": "6",
        },
    )

    assert bench.at(f"{LADDER}/options/all-of-the-plant") == {
        "key": "all-of-the-plant",
        "label": {"zh": "全厂", "en": "All of the plant"},
        "points": 6,
    }


def test_a_line_that_nobody_filled_in_is_not_saved(bench: Bench) -> None:
    browser, page = opened(bench)

    more = browser.send(page, bench.address(LADDER), line="add options")
    browser.send(more, bench.address(LADDER))

    assert bench.draft.revision == 1


def test_one_key_cannot_stand_twice_in_a_list(bench: Bench) -> None:
    place = "sections/everything/domains/second/questions/scheduling"
    browser, page = opened(bench, place)
    key = bench.at(f"{place}/rows")[0]["key"]

    more = browser.send(page, bench.address(place), line="add rows")
    number = len(bench.at(f"{place}/rows"))
    answer = browser.send(more, bench.address(place), **{f"rows-{number}-key": key})

    assert answer.status == 422
    assert "appears here twice" in answer.text


def test_paragraphs_are_lines_too(bench: Bench) -> None:
    browser, page = opened(bench, "")

    more = browser.send(page, bench.address(), line="add method")
    browser.send(
        more, bench.address(), **{"method-1-text-zh": "第二段", "method-1-text-en": "Two."}
    )

    assert bench.at("method/#1") == {"zh": "第二段", "en": "Two."}


def test_a_line_inside_an_optional_object_makes_it_exist(bench: Bench) -> None:
    browser, page = opened(bench, "levels")

    more = browser.send(page, bench.address("levels"), line="add gates-scenes-steps")
    browser.send(
        more,
        bench.address("levels"),
        **{
            "gates-scenes-scenes": ["", "planning"],
            "gates-scenes-steps-0-level": "1",
            "gates-scenes-steps-0-scenes": "1",
            "gates-scenes-steps-0-mandatory": "0",
        },
    )

    assert bench.at("levels/gates/scenes") == {
        "scenes": ["planning"],
        "steps": [{"level": 1, "scenes": 1, "mandatory": 0}],
    }


def test_the_language_can_be_changed_in_the_middle_of_typing(bench: Bench) -> None:
    browser, page = opened(bench)

    other = browser.send(page, bench.address(LADDER), language="zh", code="?")

    assert other.lang == "zh-CN"
    assert 'value="?"' in other.html
    assert bench.draft.revision == 1


def test_a_button_of_a_condition_stores_nothing(bench: Bench) -> None:
    browser, page = opened(bench)

    more = browser.send(page, bench.address(LADDER), **{"when.do": "add", "prompt-zh": "新题目"})

    assert more.status == 422
    assert "新题目" in more.html
    assert bench.draft.revision == 1


def test_a_condition_is_saved_and_taken_away(bench: Bench) -> None:
    browser, page = opened(bench)

    browser.send(page, bench.address(LADDER), **{"when.0.in": ["process", "mixed"]})
    changed = bench.at(f"{LADDER}/when")
    again = browser.get(bench.address(LADDER))
    without = browser.send(again, bench.address(LADDER), **{"when.do": "remove:0"})
    browser.send(without, bench.address(LADDER))

    assert changed == {"question": "production-type", "in": ["process", "mixed"]}
    assert "when" not in bench.at(LADDER)


# ---------------------------------------------------------------- read only


def test_a_published_version_can_only_be_read(bench: Bench) -> None:
    browser = bench.browser()
    address = bench.address(LADDER).replace(f"/{bench.version_id}/", f"/{bench.published_id}/")

    page = browser.get(address)
    sent = browser.post(address, {"seen": "1", "prompt-zh": "改了", "prompt-en": "x"})
    checked = browser.post(address.replace("/parts/", "/check/"), {"seen": "1"})

    assert page.status == 200
    assert "can only be read" in page.text
    assert sent.status == 422
    assert "改了" in sent.html
    assert "has not been saved" in sent.text
    assert checked.status == 422


def test_what_is_typed_into_a_draft_that_was_discarded_is_shown(bench: Bench) -> None:
    browser, page = opened(bench)
    drafts.discard(bench.session, bench.version_id, by=None, now=stored.NOW)
    bench.session.commit()

    sent = browser.send(page, bench.address(LADDER), **{"prompt-zh": "没有丢失"})

    assert sent.status == 422
    assert "没有丢失" in sent.html
    assert "is discarded. Restore it" in sent.text


# ------------------------------------------------------------- two at a time


def both_open(bench: Bench) -> tuple[tuple[Browser, Page], tuple[Browser, Page]]:
    return opened(bench), opened(bench, who=1)


def test_two_people_in_different_fields_do_not_disturb_each_other(bench: Bench) -> None:
    (first, one), (second, other) = both_open(bench)

    first.send(one, bench.address(LADDER), **{"prompt-zh": "甲的题目"})
    answer = second.send(other, bench.address(LADDER), **{"options-0-label-en": "Nothing yet"})

    assert answer.status == 303
    assert bench.at(f"{LADDER}/prompt/zh") == "甲的题目"
    assert bench.at(f"{OPTION}/label/en") == "Nothing yet"


@pytest.mark.parametrize(("keep", "stays"), [("mine", "乙的题目"), ("theirs", "甲的题目")])
def test_of_two_wordings_one_is_chosen_and_nothing_else_is_lost(
    bench: Bench, keep: str, stays: str
) -> None:
    (first, one), (second, other) = both_open(bench)
    first.send(one, bench.address(LADDER), **{"prompt-zh": "甲的题目"})

    clash = second.send(
        other, bench.address(LADDER), **{"prompt-zh": "乙的题目", "prompt-en": "Of the second?"}
    )
    undecided = second.send(clash, bench.address(LADDER))
    answer = second.send(clash, bench.address(LADDER), **{"clash.0.keep": keep})

    assert clash.status == undecided.status == 422
    assert all(said in clash.html for said in ("甲的题目", "乙的题目", "管理员", "You, now"))
    assert answer.status == 303
    assert bench.at(f"{LADDER}/prompt") == {"zh": stays, "en": "Of the second?"}


def test_a_choice_does_not_hold_for_what_was_changed_after_it(bench: Bench) -> None:
    (first, one), (second, other) = both_open(bench)
    first.send(one, bench.address(LADDER), **{"prompt-zh": "甲的题目"})
    clash = second.send(other, bench.address(LADDER), **{"prompt-zh": "乙的题目"})
    later = first.get(bench.address(LADDER))
    first.send(later, bench.address(LADDER), **{"prompt-zh": "甲又改了"})

    answer = second.send(clash, bench.address(LADDER), **{"clash.0.keep": "mine"})

    assert answer.status == 422
    assert "甲又改了" in answer.html
    assert bench.at(f"{LADDER}/prompt/zh") == "甲又改了"


def test_a_part_that_somebody_deleted_meanwhile_is_a_clash(bench: Bench) -> None:
    browser, page = opened(bench)
    other = bench.browser(1)
    other.post(f"/admin/banks/{bench.version_id}/contents/delete", {"seen": "1", "place": LADDER})

    answer = browser.send(page, bench.address(LADDER), **{"prompt-zh": "还在写"})

    assert answer.status == 422
    assert "还在写" in answer.html


# ------------------------------------------------------------- while one types


def checked(bench: Bench, place: str = LADDER, /, **typed: Any) -> Any:
    browser, page = opened(bench, place)
    form = page.form(bench.address(place))
    sent: dict[str, Any] = {}
    for name, value in filled_in(page, form):
        sent.setdefault(name, []).append(value)
    return browser.post(bench.address(place, "check"), {**sent, **typed}).json


def test_problems_are_told_beside_their_fields_before_anything_is_saved(bench: Bench) -> None:
    before = checked(bench)

    answer = checked(
        bench, **{"prompt-en": "", "options-2-points": "many", "options-1-points": "9"}
    )

    own = "f-" + LADDER.replace("/", "--")
    told = {each["id"] for each in answer["problems"]}
    assert f"{own}--prompt" in told - {each["id"] for each in before["problems"]}
    assert [each["id"] for each in answer["refused"]] == [f"{own}--options--level-2--points"]
    assert answer["changed"] == ""
    assert bench.draft.revision == 1


def test_the_problem_of_a_new_line_is_told_in_it(bench: Bench) -> None:
    answer = checked(
        bench,
        **{"options": ["0", "1", "2", "3", "4", "5", "7"], "options-7-label-zh": "全厂"},
    )

    own = "f-" + LADDER.replace("/", "--")
    assert f"{own}--options--+7--label" in {each["id"] for each in answer["problems"]}


def test_whoever_types_is_told_that_somebody_else_has_saved(bench: Bench) -> None:
    answer = checked(bench, seen="0")

    assert "Somebody else" in answer["changed"]


def test_all_lines_of_a_long_list_come_back(app: Flask, session: Session) -> None:
    place = "sections/everything/domains/first/questions/security"
    data = everything()
    question = places.get(data, places.parse(place))
    first, *_ = question["options"]
    question["options"] = [{**first, "key": f"o-{number}"} for number in range(210)]
    long = a_bench(app, session, data)
    browser = long.browser()

    answer = browser.send(browser.get(long.address(place)), long.address(place))

    assert answer.status == 303
    assert len(long.at(place)["options"]) == 210


def test_what_was_chosen_for_one_place_is_kept_while_another_is_chosen_for(bench: Bench) -> None:
    (first, one), (second, other) = both_open(bench)
    first.send(one, bench.address(LADDER), **{"prompt-zh": "甲的题目", "weight": "2"})
    clash = second.send(other, bench.address(LADDER), **{"prompt-zh": "乙的题目", "weight": "3"})

    again = second.send(clash, bench.address(LADDER), **{"clash.0.keep": "mine"})
    answer = second.send(again, bench.address(LADDER), **{"clash.0.keep": "mine"})

    assert (clash.status, again.status, answer.status) == (422, 422, 303)
    assert bench.at(f"{LADDER}/prompt/zh") == "乙的题目"
    assert str(bench.at(f"{LADDER}/weight")) == "3"
