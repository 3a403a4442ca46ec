"""What one person moved or renamed keeps what the other one wrote, whoever saves last."""

from typing import Any

import pytest

from survey.core import bank_edits, places
from survey.core.following import Three, doubled, followed
from survey.core.patches import ABSENT, merged
from survey.core.renaming import all_renamed, renamed
from tests.builders import (
    bank_data,
    domain,
    eligibility,
    ladder,
    multiple,
    number,
    rule_condition,
    section,
    words,
)
from tests.work import counted

FIRST = ("sections", "one", "domains", "first", "questions")
SECOND = ("sections", "one", "domains", "second", "questions")
NEW = {"zh": "新的问法？", "en": "New words?"}


def a_bank() -> dict[str, Any]:
    first = domain("first", ladder(), multiple())
    second = domain("second", number(), words())
    return bank_data(section("one", "A", first, second), section("two", "B", domain("third")))


def moved(data: Any, at: int = 1, key: str = "planning", to: places.Place = SECOND) -> Any:
    return bank_edits.moved(data, (*FIRST, key), to, at)


def reworded(data: Any, place: places.Place = FIRST) -> Any:
    return places.put(data, (*place, "planning", "prompt"), NEW)


def helped(data: Any, place: places.Place = FIRST, key: str = "planning") -> Any:
    return places.put(data, (*place, key, "help"), NEW)


def brought_together(base: Any, theirs: Any, mine: Any) -> Any:
    three, clashes = followed(Three(base, theirs, mine))
    found = merged(*three)
    assert (clashes, found.clashes) == ((), ())
    return found.document


def keys(data: Any, place: places.Place) -> list[str]:
    return [each["key"] for each in places.get(data, place)]


@pytest.mark.parametrize("mover", ["theirs", "mine"])
def test_a_question_is_moved_and_reworded(mover: str) -> None:
    base = a_bank()
    both = (moved(base), reworded(base))

    document = brought_together(base, *(both if mover == "theirs" else both[::-1]))

    assert keys(document, FIRST) == ["security"]
    assert keys(document, SECOND) == ["years", "planning", "product"]
    assert places.get(document, (*SECOND, "planning", "prompt")) == NEW


def test_both_moved_it_to_the_same_list() -> None:
    base = a_bank()

    document = brought_together(base, moved(base), reworded(moved(base), SECOND))

    assert keys(document, SECOND) == ["years", "planning", "product"]
    assert places.get(document, (*SECOND, "planning", "prompt")) == NEW


def test_a_domain_is_moved_while_a_question_in_it_is_reworded() -> None:
    base = a_bank()
    there = ("sections", "two", "domains")
    theirs = bank_edits.moved(base, ("sections", "one", "domains", "first"), there, 0)

    document = brought_together(base, theirs, reworded(base))

    assert keys(document, there) == ["first", "third"]
    assert places.get(document, (*there, "first", "questions", "planning", "prompt")) == NEW


def test_both_moved_it_to_different_lists_and_have_to_choose() -> None:
    base = a_bank()
    there = ("sections", "two", "domains", "third", "questions")
    three = Three(base, moved(base), moved(base, at=0, to=there))
    place = places.written((*SECOND, "planning"))

    (clash,) = followed(three).clashes
    theirs, no_clash = followed(three, {place: "theirs"})
    mine, _none = followed(three, {place: "mine"})

    assert (clash.place, clash.theirs, clash.mine) == (
        place,
        "sections/one/domains/second",
        "sections/two/domains/third",
    )
    assert no_clash == ()
    assert "planning" in keys(merged(*theirs).document, SECOND)
    assert "planning" not in keys(merged(*theirs).document, there)
    assert keys(merged(*mine).document, there) == ["planning"]
    assert "planning" not in keys(merged(*mine).document, SECOND)


def test_a_list_that_the_others_have_not_is_left_to_clash() -> None:
    base = a_bank()
    other = domain("other")
    theirs = bank_edits.add(base, ("sections", "one", "domains"), other)
    theirs = moved(theirs, at=0, to=("sections", "one", "domains", "other", "questions"))
    three = Three(base, theirs, reworded(base))

    assert followed(three) == (three, ())


def rekeyed(data: Any, key: str = "plans", place: places.Place = (*FIRST, "planning")) -> Any:
    return renamed(data, place, key)


@pytest.mark.parametrize("renamer", ["theirs", "mine"])
def test_a_question_is_renamed_and_reworded(renamer: str) -> None:
    base = bank_edits.add(a_bank(), SECOND, ladder("next", when={"question": "planning"}))
    both = (rekeyed(base), reworded(base))

    document = brought_together(base, *(both if renamer == "theirs" else both[::-1]))

    assert keys(document, FIRST) == ["plans", "security"]
    assert places.get(document, (*FIRST, "plans", "prompt")) == NEW
    assert places.get(document, (*SECOND, "next", "when")) == {"question": "plans"}


def test_what_one_renamed_and_changed_keeps_what_the_other_wrote_elsewhere_in_it() -> None:
    base = a_bank()
    label = ("options", "level-1", "label")
    theirs = places.put(base, (*FIRST, "planning", *label), NEW)
    mine = rekeyed(helped(base))

    document = brought_together(base, theirs, mine)

    assert places.get(document, (*FIRST, "plans", *label)) == NEW
    assert places.get(document, (*FIRST, "plans", "help")) == NEW


def test_what_one_asks_otherwise_under_another_key_is_another_question() -> None:
    base = a_bank()
    three = Three(base, rekeyed(reworded(base)), helped(base))

    assert followed(three) == (three, ())
    assert [each.place for each in merged(*three).clashes] == ["/".join((*FIRST, "planning"))]


def test_a_question_that_came_as_one_with_the_same_steps_went_gets_nothing_of_it() -> None:
    base = bank_edits.add(a_bank(), SECOND, ladder("sorting"))
    prompts = {"meters": "Electricity metered?", "noise": "Noise limits kept?"}
    meters, noise = (ladder(key, prompt={"zh": said, "en": said}) for key, said in prompts.items())
    base = bank_edits.add(base, FIRST, meters)
    theirs = bank_edits.add(bank_edits.removed(base, (*FIRST, "meters")), FIRST, noise)
    mine = helped(base, key="meters")
    when = {"question": "meters", "in": ["level-3"]}
    mine = places.put(mine, (*SECOND, "sorting", "when"), when)

    found = followed(Three(base, theirs, mine))
    both = merged(*found.three)

    assert [each.place for each in both.clashes] == ["/".join((*FIRST, "meters"))]
    assert places.get(both.document, (*FIRST, "noise")) == noise
    assert places.get(both.document, (*SECOND, "sorting", "when")) == when


PROMPT = ladder()["prompt"]


@pytest.mark.parametrize(
    ("base", "came"),
    [
        ([ladder()], [ladder("plans", prompt={**PROMPT, "zh": "另一个问题？"})]),
        ([ladder()], [ladder("plans", prompt={**PROMPT, "en": "Another one?"})]),
        ([ladder()], [ladder("plans", prompt=PROMPT), ladder("others", prompt=PROMPT)]),
        ([ladder(), ladder("copy", prompt=PROMPT)], [ladder("plans", prompt=PROMPT)]),
        ([ladder()], [multiple("plans", prompt=PROMPT)]),
        ([ladder(prompt={"zh": " "})], [ladder("plans", prompt={"zh": " "})]),
        ([ladder(prompt=7)], [ladder("plans", prompt=7)]),
    ],
)
def test_in_doubt_one_question_is_gone_and_the_other_one_new(
    base: list[Any], came: list[Any]
) -> None:
    start = places.put(a_bank(), FIRST, base)
    theirs = places.put(start, FIRST, [*base[1:], *came])
    three = Three(start, theirs, helped(start))

    assert followed(three) == (three, ())
    assert [each.place for each in merged(*three).clashes] == ["/".join((*FIRST, "planning"))]


def test_a_question_that_came_twice_is_not_followed() -> None:
    base = a_bank()
    theirs = places.put(rekeyed(base), (*SECOND, "plans"), ladder("plans"))
    three = Three(base, theirs, helped(base))

    assert followed(three) == (three, ())


def test_many_questions_are_renamed_at_once() -> None:
    count = 300
    many = [ladder(f"q{at}", when={"question": f"q{at + 1}", "at_least": 2}) for at in range(count)]
    base = places.put(a_bank(), FIRST, many)
    theirs = all_renamed(base, {(*FIRST, f"q{at}"): f"r{at}" for at in range(count)})

    with counted() as work:
        document = brought_together(base, theirs, helped(base, key="q7"))

    assert work.calls < 150 * count**2  # so much for each pair, not for each three of them
    assert keys(document, FIRST) == [f"r{at}" for at in range(count)]
    assert places.get(document, (*FIRST, "r7", "help")) == NEW
    assert places.get(document, (*FIRST, "r7", "when", "question")) == "r8"


def test_a_question_is_moved_by_one_and_renamed_by_the_other() -> None:
    base = a_bank()

    for theirs, mine in ((moved(base), rekeyed(base)), (rekeyed(base), moved(base))):
        document = brought_together(base, theirs, mine)

        assert keys(document, FIRST) == ["security"]
        assert keys(document, SECOND) == ["years", "plans", "product"]


def test_both_gave_it_the_same_key() -> None:
    base = a_bank()

    document = brought_together(base, rekeyed(base), rekeyed(helped(base)))

    assert keys(document, FIRST) == ["plans", "security"]
    assert places.get(document, (*FIRST, "plans", "help")) == NEW


def test_the_same_key_for_another_question_is_a_clash() -> None:
    base = a_bank()
    found = followed(Three(base, rekeyed(base), rekeyed(reworded(base))))

    assert found.clashes == ()
    assert [each.place for each in merged(*found.three).clashes] == ["/".join((*FIRST, "plans"))]


def test_both_gave_it_different_keys_and_have_to_choose() -> None:
    base = a_bank()
    three = Three(base, rekeyed(base, "theirs"), rekeyed(helped(base), "mine"))
    place = places.written((*FIRST, "planning", "key"))

    (clash,) = followed(three).clashes

    assert (clash.place, clash.base) == (place, "planning")
    assert (clash.theirs, clash.mine) == ("theirs", "mine")
    for choice in ("theirs", "mine"):
        found, clashes = followed(three, {place: choice})
        assert clashes == ()
        assert keys(merged(*found).document, FIRST) == [choice, "security"]
        assert places.get(merged(*found).document, (*FIRST, choice, "help")) == NEW


@pytest.mark.parametrize("renamer", ["theirs", "mine"])
def test_what_one_renamed_and_the_other_took_out_is_a_clash(renamer: str) -> None:
    base = a_bank()
    sides = (rekeyed(base), bank_edits.removed(base, (*FIRST, "planning")))
    three = Three(base, *(sides if renamer == "theirs" else sides[::-1]))
    remover = "mine" if renamer == "theirs" else "theirs"

    (clash,) = followed(three).clashes
    kept, no_clash = followed(three, {clash.place: renamer})
    gone, _none = followed(three, {clash.place: remover})

    assert clash.place == places.written((*FIRST, "plans"))
    assert clash.base["key"] == "planning"
    assert getattr(clash, remover) is ABSENT
    assert getattr(clash, renamer)["key"] == "plans"
    assert no_clash == ()
    assert keys(merged(*kept).document, FIRST) == ["plans", "security"]
    assert keys(merged(*gone).document, FIRST) == ["security"]


def test_a_new_key_that_the_other_one_gave_to_something_else_is_not_given_twice() -> None:
    base = a_bank()
    theirs = bank_edits.add(reworded(base), SECOND, ladder("plans", prompt=NEW))
    three = Three(base, theirs, rekeyed(base))

    assert followed(three) == (three, ())


def test_what_came_as_something_else_went_is_no_other_name_for_it() -> None:
    base = a_bank()
    mine = bank_edits.removed(base, (*FIRST, "planning"))
    mine = bank_edits.add(mine, FIRST, words("remarks"))
    three = Three(base, reworded(base), mine)

    found, _clashes = followed(three)

    assert found == three
    assert [each.place for each in merged(*found).clashes] == ["/".join((*FIRST, "planning"))]


@pytest.mark.parametrize(
    ("place", "key", "field"),
    [
        (("sections", "one"), "first-one", "title"),
        (("sections", "one", "domains", "first"), "begin", "title"),
        ((*FIRST, "planning", "options", "level-1"), "nothing", "label"),
    ],
)
def test_other_parts_are_renamed_and_reworded(place: places.Place, key: str, field: str) -> None:
    base = a_bank()
    theirs = places.put(base, (*place, field), NEW)

    document = brought_together(base, theirs, rekeyed(base, key, place))

    assert places.get(document, (*place[:-1], key, field)) == NEW
    assert place[-1] not in keys(document, place[:-1])


def test_a_condition_of_a_programme_is_renamed_and_reworded() -> None:
    place = ("eligibility", "programme", "conditions")
    base = bank_data(eligibility=[eligibility(rule_condition("one"), key="programme")])
    mine = rekeyed(base, "two", (*place, "one"))

    document = brought_together(base, places.put(base, (*place, "one", "text"), NEW), mine)

    assert keys(document, place) == ["two"]
    assert places.get(document, (*place, "two", "text")) == NEW


def test_a_condition_is_renamed_in_a_programme_that_was_renamed() -> None:
    base = bank_data(eligibility=[eligibility(rule_condition("one"), key="programme")])
    inside = ("eligibility", "programme", "conditions", "one")
    mine = rekeyed(rekeyed(base, "two", inside), "plan", ("eligibility", "programme"))

    document = brought_together(base, places.put(base, (*inside, "text"), NEW), mine)

    assert keys(document, ("eligibility",)) == ["plan"]
    (condition,) = places.get(document, ("eligibility", "plan", "conditions"))
    assert (condition["key"], condition["text"]) == ("two", NEW)


def test_documents_with_any_fault_are_left_alone() -> None:
    base = a_bank()
    twice = places.put(base, FIRST, [ladder(), ladder()])
    three = Three(base, twice, {**base, "sections": 3, "profile": {"questions": {}}})

    assert followed(three) == (three, ())
    odd = Three({}, {}, {"sections": [1]})
    assert followed(odd) == (odd, ())


def test_a_key_that_two_people_gave_to_parts_of_different_lists_is_named() -> None:
    def data(*lists: list[Any]) -> Any:
        domains = [{"key": f"d{at}", "questions": listed} for at, listed in enumerate(lists)]
        return {"sections": [{"key": "s", "domains": domains}]}

    both = data([{"key": "q"}], [{"key": "q"}, "no part", {"key": 7}])

    assert doubled(data([{"key": "q"}], []), data([], [{"key": "q"}]), both) == "q"
    assert doubled(both, data([], []), both) == ""
    assert doubled(data([], []), data([], []), data([{"key": "q"}], [])) == ""
