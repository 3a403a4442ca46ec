"""What is said to differ between two versions of a bank."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from itertools import pairwise
from typing import Any

import pytest

from survey.core import patches, places
from survey.core.bank_parts import Part
from survey.core.version_diff import Change, Line, Named, Sort, between, renames
from tests.builders import (
    Data,
    a_profile,
    bank_data,
    choice,
    distribution,
    domain,
    edition,
    eligibility,
    ladder,
    matrix,
    multiple,
    number,
    section,
    yes_no,
)

OTHERWISE = {"zh": "换一种说法。", "en": "In other words."}


def of(*questions: Data, **changes: Any) -> Data:
    return bank_data(section("s", "A", domain("d", *questions)), **changes)


def lines(old: Data, new: Data) -> list[tuple[str, Sort, str]]:
    """Key, sort and field of every difference."""
    return [
        (change.key or change.part.value, line.sort, line.field)
        for change in between(old, new)
        for line in change.lines
    ]


def only(old: Data, new: Data) -> tuple[Change, Line]:
    (change,) = between(old, new)
    (line,) = change.lines
    return change, line


def test_the_number_of_the_version_is_no_difference() -> None:
    assert between(bank_data(), bank_data(version=2)) == ()


def test_added_and_removed_questions_stand_in_reading_order() -> None:
    old = of(ladder("one"), ladder("two"), ladder("three"))
    new = of(ladder("four"), ladder("two"), ladder("five"))

    assert lines(old, new) == [
        ("one", Sort.REMOVED, ""),
        ("four", Sort.ADDED, ""),
        ("three", Sort.REMOVED, ""),
        ("five", Sort.ADDED, ""),
    ]


def test_a_reworded_text_is_shown_in_both_languages() -> None:
    change, line = only(of(ladder()), of(ladder(prompt=OTHERWISE)))

    assert (change.part, change.key, change.name) == (Part.QUESTION, "planning", OTHERWISE)
    assert change.place == "sections/s/domains/d/questions/planning"
    assert line == Line(Sort.REWORDED, "prompt", ladder()["prompt"], OTHERWISE)


def test_a_text_where_there_was_none_is_wording() -> None:
    _, line = only(of(ladder()), of(ladder(evidence=OTHERWISE)))

    assert line == Line(Sort.REWORDED, "evidence", None, OTHERWISE)


@pytest.mark.parametrize(
    "written_out",
    [
        {"weight": 1},
        {"weight": "1.0"},
        {"half_steps": True},
        {"required": False, "not_applicable": "never", "when": None, "terms": []},
        {"options": [{**each, "points": str(each["points"])} for each in ladder()["options"]]},
    ],
)
def test_a_default_that_is_written_out_is_no_difference(written_out: Data) -> None:
    short = {name: value for name, value in ladder().items() if name != "weight"}

    assert between(of(short), of(short | written_out)) == ()
    assert between(of(short | written_out), of(short)) == ()


def test_what_differs_from_a_default_that_is_not_written_out_is_told_beside_it() -> None:
    _, line = only(of(ladder()), of(ladder(half_steps=False)))

    assert line == Line(Sort.RESCORED, "half_steps", True, False)


def test_a_field_that_cannot_be_read_is_compared_as_it_is_written() -> None:
    old, new = of(ladder(weight="much")), of(ladder(weight="1", unheard_of=1))

    assert lines(old, new) == [
        ("planning", Sort.REWEIGHTED, "weight"),
        ("planning", Sort.RESCORED, "unheard_of"),
    ]
    assert lines(of(ladder()), of({**ladder(), "kind": "riddle"})) == [
        ("planning", Sort.RESCORED, "kind")
    ]


def option_points(question: Data) -> None:
    question["options"][1]["points"] = "1.5"


def option_label(question: Data) -> None:
    question["options"][1]["label"] = OTHERWISE


def one_option_less(question: Data) -> None:
    del question["options"][-1]


def two_options_swapped(question: Data) -> None:
    options = question["options"]
    options[0], options[1] = options[1], options[0]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (option_points, [(Sort.RESCORED, "options/level-1/points")]),
        (option_label, [(Sort.REWORDED, "options/level-1/label")]),
        (one_option_less, [(Sort.RESCORED, "options/level-5")]),
        (two_options_swapped, [(Sort.MOVED, "options")]),
    ],
)
def test_options_are_told_apart_by_their_keys(
    change: Callable[[Data], None], expected: list[tuple[Sort, str]]
) -> None:
    changed = ladder()
    change(changed)

    assert [(sort, field) for _, sort, field in lines(of(ladder()), of(changed))] == expected


@pytest.mark.parametrize(
    ("changes", "sort"),
    [
        ({"weight": "2"}, Sort.REWEIGHTED),
        ({"weight": {"discrete": "1", "process": "2", "mixed": "1"}}, Sort.REWEIGHTED),
        ({"when": {"question": "size-class", "in": ["small"]}}, Sort.CONDITION),
        ({"optional_when": {"question": "size-class", "in": ["small"]}}, Sort.CONDITION),
        ({"half_steps": False}, Sort.RESCORED),
        ({"kind": "choice"}, Sort.RESCORED),
        ({"required": True}, Sort.ANSWERING),
        ({"not_applicable": "with-reason"}, Sort.ANSWERING),
        ({"urgent_below": 2}, Sort.ADVICE),
        ({"code": "A1"}, Sort.ANNOTATED),
        ({"policy": ["x"]}, Sort.ANNOTATED),
        ({"source": "elsewhere"}, Sort.ANNOTATED),
    ],
)
def test_each_field_of_a_question_has_its_sort(changes: Data, sort: Sort) -> None:
    _, line = only(of(ladder()), of(ladder(**changes)))

    assert line.sort is sort


def test_what_is_chosen_in_a_question_that_earns_nothing_only_answers_differently() -> None:
    fact = choice("place", "north", "south")
    more = choice("place", "north", "south", "west")
    boxes, fewer = multiple(full_at=None), multiple(full_at=None)
    del fewer["options"][0]
    old, new = of(fact, boxes, multiple("paid")), of(more, fewer, multiple("paid"))
    del new["sections"][0]["domains"][0]["questions"][2]["options"][0]

    assert lines(old, new) == [
        ("place", Sort.ANSWERING, "options/west"),
        ("security", Sort.ANSWERING, "options/a"),
        ("paid", Sort.RESCORED, "options/a"),
    ]


def test_bands_and_advice_are_matched_by_their_contents() -> None:
    old, new = number(), number()
    new["bands"] = [new["bands"][0], {"from": 1, "score": 20}, *new["bands"][1:]]
    new["advice"] = deepcopy(new["advice"][1:])
    new["advice"][0]["owner"] = "director"

    assert lines(of(old), of(new)) == [
        ("years", Sort.ADVICE, "advice/#0"),
        ("years", Sort.ADVICE, "advice/#0/owner"),
        ("years", Sort.RESCORED, "bands/#1"),
    ]


def test_what_is_added_without_a_key_at_the_end_is_named_by_its_number() -> None:
    old, new = number(), number()
    del old["bands"][2]

    _, more = only(of(old), of(new))
    _, less = only(of(new), of(old))

    band = {"from": "10", "above": False, "score": "100"}
    assert more == Line(Sort.RESCORED, "bands/#2", None, band)
    assert less == Line(Sort.RESCORED, "bands/#2", band, None)


def test_a_remedy_is_advice_and_a_statement_is_an_answer() -> None:
    remedy = {"what": OTHERWISE, "proof": OTHERWISE, "owner": "m", "effort": "S", "horizon": 30}
    old, new = yes_no(), yes_no()
    new["statements"][0]["remedy"] = remedy
    new["statements"] = [*new["statements"], {"key": "audited", "label": OTHERWISE}]

    assert lines(of(old), of(new)) == [
        ("conditions", Sort.ADVICE, "statements/registered/remedy"),
        ("conditions", Sort.ANSWERING, "statements/audited"),
    ]


def test_a_question_in_another_domain_has_moved_and_is_the_same() -> None:
    def two(first: tuple[Data, ...], second: tuple[Data, ...]) -> Data:
        domains = (domain("d", *first), domain("e", *second))
        return bank_data(section("s", "A", *domains))

    old = two((ladder("a"), ladder("b")), (ladder("c"),))
    new = two((ladder("a"),), (ladder("c"), ladder("b", code="B1")))

    (change,) = between(old, new)

    assert change.key == "b"
    assert change.sorts == (Sort.MOVED, Sort.ANNOTATED)
    assert change.lines[0] == Line(
        Sort.MOVED, "home", "sections/s/domains/d", "sections/s/domains/e"
    )


def test_of_those_that_changed_places_as_few_as_possible_have_moved() -> None:
    old = of(ladder("a"), ladder("b"), ladder("c"), ladder("d"))
    new = of(ladder("d"), ladder("a"), ladder("b"), ladder("c"))

    change, line = only(old, new)

    assert change.key == "d"
    assert line == Line(Sort.MOVED, "order", 4, 1)


def test_a_domain_that_moves_takes_its_questions_along() -> None:
    def two(first: tuple[Data, ...], second: tuple[Data, ...]) -> Data:
        return bank_data(section("s", "A", *first), section("t", "B", *second))

    one, other, last = (domain(key, ladder(f"q-{key}")) for key in ("d", "e", "f"))

    change, line = only(two((one, other), (last,)), two((one,), (other, last)))

    assert (change.part, change.key) == (Part.DOMAIN, "e")
    assert line == Line(Sort.MOVED, "home", "sections/s", "sections/t")


def test_every_other_part_of_a_bank_is_compared_too() -> None:
    def whole(text: Mapping[str, str], size: int, extra: str) -> Data:
        named = {"key": "k", "title": text, "edition": extra}
        term = {"key": "t", "term": text, "meaning": text}
        gates = bank_data()["levels"]["gates"] | {"completeness": size}
        steps = deepcopy(bank_data()["levels"]["steps"])
        steps[1]["threshold"] = size
        levels = bank_data()["levels"] | {"gates": gates, "steps": steps, "rated_from": size}
        profile = a_profile(choice("production-type", "discrete", "process"))
        rule = {"key": "r", "label": text, "holds": {"question": "q", "at_least": size}}
        return bank_data(
            section("s", "A", domain("d", ladder(), weight=size), weight=size),
            minutes=size,
            size_by=extra,
            scoring={"method": extra},
            roles=[{"key": "manager", "label": text}],
            profile=profile | {"summary": text},
            outcomes=a_profile(choice("later", "a", "b")) | {"title": text},
            levels=levels,
            editions=[edition("planning", extra, ceiling=size)],
            eligibility=[eligibility(rule)],
            distributions=[distribution(year=2000 + size)],
            hints=[{"key": "h", "text": text, "when": {"question": "q", "at_least": size}}],
            glossary=[term],
            sources=[named],
        )

    found = between(whole(OTHERWISE, 1, "a"), whole({"zh": "甲", "en": "A"}, 2, "b"))

    assert {(change.part, sort) for change in found for sort in change.sorts} == {
        (Part.BANK, Sort.ANNOTATED),
        (Part.BANK, Sort.ADVICE),
        (Part.BANK, Sort.RESCORED),
        (Part.ROLE, Sort.REWORDED),
        (Part.PAGE, Sort.REWORDED),
        (Part.SECTION, Sort.REWEIGHTED),
        (Part.DOMAIN, Sort.REWEIGHTED),
        (Part.LEVELS, Sort.RESCORED),
        (Part.LEVEL, Sort.RESCORED),
        (Part.GATES, Sort.RESCORED),
        (Part.EDITION, Sort.ANSWERING),
        (Part.EDITION, Sort.RESCORED),
        (Part.ELIGIBILITY, Sort.REWORDED),
        (Part.ELIGIBILITY, Sort.CONDITION),
        (Part.DISTRIBUTION, Sort.ANNOTATED),
        (Part.HINT, Sort.REWORDED),
        (Part.HINT, Sort.CONDITION),
        (Part.TERM, Sort.REWORDED),
        (Part.SOURCE, Sort.REWORDED),
        (Part.SOURCE, Sort.ANNOTATED),
    }


def test_a_matrix_that_scores_differently_says_where() -> None:
    changed = matrix()
    changed["states"][1]["points"] = "0.5"

    assert lines(of(matrix()), of(changed)) == [("systems", Sort.RESCORED, "states/alone/points")]


@pytest.mark.parametrize(
    "faulty",
    [
        None,
        [],
        {},
        {"sections": "none", "levels": [], "profile": 3, "glossary": [1, "x"]},
        {"sections": [{"key": "s", "domains": [{"questions": {"key": "q"}}, 7]}]},
        {"levels": {"steps": [{"number": "one"}, {}], "gates": []}},
        {"sections": [{"title": None}, {"key": 7, "domains": [{"key": "d", "questions": [{}]}]}]},
    ],
)
def test_a_draft_with_any_fault_can_be_compared(faulty: Any) -> None:
    whole = bank_data()

    assert between(whole, faulty)
    assert between(faulty, whole)
    assert between(faulty, faulty) == ()


def test_two_questions_with_one_key_are_told_apart_by_their_places() -> None:
    twice = bank_data(
        section("s", "A", domain("d", ladder("q")), domain("e", ladder("q", code="Q2")))
    )
    third = bank_data(
        section("s", "A", domain("d", ladder("q")), domain("e", ladder("q", code="Q3")))
    )

    change, line = only(twice, third)

    assert change.place == "sections/s/domains/e/questions/q"
    assert (line.before, line.after) == ("Q2", "Q3")


def test_a_question_whose_key_stands_twice_is_the_only_one_that_differs() -> None:
    once = bank_data(section("s", "A", domain("d", ladder("p"), ladder("q"), ladder("r"))))
    again = ladder("q", code="Q2")
    twice = bank_data(section("s", "A", domain("d", ladder("p"), ladder("q"), again, ladder("r"))))

    ((change,), (back,)) = between(once, twice), between(twice, once)

    assert (change.key, change.sorts, change.lines[0].after) == ("q", (Sort.ADDED,), again)
    assert (back.key, back.sorts, back.lines[0].before) == ("q", (Sort.REMOVED,), again)


def test_long_lists_without_keys_are_compared_as_a_whole() -> None:
    parts = [{"zh": str(number), "en": str(number), "x": 1} for number in range(201)]
    old, new = bank_data(method=parts), bank_data(method=[*parts, parts[0]])

    (change,) = between(old, new)

    assert [line.field for line in change.lines] == ["method"]


def test_thousands_of_parts_in_another_order_are_told() -> None:
    parts = [{"key": f"s{number}"} for number in range(3000)]

    changes = between({"sections": parts}, {"sections": [parts[-1], *parts[:-1]]})

    assert [(change.key, change.sorts) for change in changes] == [("s2999", (Sort.MOVED,))]


# ---------------------------------------------------------------------- renamed


def renamed_bank(**changes: Any) -> Data:
    asked = domain("d", ladder("p"), ladder("q"), number("r"))
    return (
        bank_data(section("s", "A", asked), section("t", "B", domain("e", ladder("u")))) | changes
    )


def with_key(data: Data, place: str, key: str) -> Data:
    return places.put(data, (*places.parse(place), "key"), key)  # type: ignore[no-any-return]  # plain data


Q = "sections/s/domains/d/questions/q"


def test_a_part_that_says_the_same_under_another_key_has_perhaps_been_renamed() -> None:
    old = renamed_bank()

    gone, come = between(old, with_key(old, Q, "new"))

    assert (gone.sorts, gone.key, gone.perhaps) == ((Sort.REMOVED,), "q", "new")
    assert (come.sorts, come.key, come.perhaps) == ((Sort.ADDED,), "new", "q")


def test_a_part_that_says_something_else_has_not_even_perhaps_been_renamed() -> None:
    old = renamed_bank()
    new = places.put(with_key(old, Q, "new"), places.parse(f"{Q[:-1]}new/code"), "Z9")

    assert [each.perhaps for each in between(old, new)] == ["", ""]


def test_what_is_known_to_be_renamed_is_one_part_with_all_that_differs_in_it() -> None:
    old = renamed_bank()
    new = places.put(with_key(old, Q, "new"), places.parse(f"{Q[:-1]}new/code"), "Z9")

    (change,) = between(old, new, {(Part.QUESTION, "new"): "q"})

    assert (change.key, change.sorts) == ("new", (Sort.RENAMED, Sort.ANNOTATED))
    assert (change.lines[0].before, change.lines[0].after) == ("q", "new")


def test_what_stands_in_a_renamed_part_has_not_moved() -> None:
    old = renamed_bank()
    new = with_key(with_key(old, "sections/s/domains/d", "room"), "sections/s", "house")

    found = between(old, new, {(Part.SECTION, "house"): "s", (Part.DOMAIN, "room"): "d"})

    assert [(each.key, each.sorts) for each in found] == [
        ("house", (Sort.RENAMED,)),
        ("room", (Sort.RENAMED,)),
    ]


@pytest.mark.parametrize("known", [{(Part.QUESTION, "p"): "q"}, {(Part.QUESTION, "gone"): "q"}])
def test_a_record_that_fits_neither_version_is_of_no_use(known: dict[Named, str]) -> None:
    old = renamed_bank()

    assert between(old, places.removed(old, places.parse(Q)), known)[0].sorts == (Sort.REMOVED,)


def test_the_keys_before_a_row_of_edits_are_worked_out() -> None:
    first = renamed_bank()
    steps = [first, with_key(first, Q, "a")]
    steps.append(with_key(steps[-1], f"{Q[:-1]}a", "b"))
    steps.append(with_key(steps[-1], "sections/t", "hall"))
    steps.append(with_key(steps[-1], "sections/hall", "t"))
    options = f"{Q[:-1]}b/options/level-1"
    steps.append(with_key(steps[-1], options, "other"))
    edits = [(patches.between(*two), ()) for two in pairwise(steps)]

    assert renames(edits) == {(Part.QUESTION, "b"): "q"}


def test_a_new_part_under_a_key_that_was_given_up_is_no_renamed_one() -> None:
    first = renamed_bank()
    kept = with_key(first, Q, "kept")
    again = places.put(kept, (*places.parse(Q)[:-1], "q"), ladder("q"))
    newer = with_key(again, Q, "newer")
    newest = with_key(newer, f"{Q[:-1]}newer", "newest")
    steps = [first, kept, again, newer, newest]

    known = renames((patches.between(*two), ()) for two in pairwise(steps))

    assert known == {(Part.QUESTION, "kept"): "q"}
    assert {each.key: each.sorts for each in between(first, newest, known)} == {
        "kept": (Sort.RENAMED,),
        "newest": (Sort.ADDED,),
    }
