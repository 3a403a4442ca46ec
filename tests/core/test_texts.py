"""The texts of a bank, and which of their translations can be relied on."""

import random
from collections.abc import Iterator
from copy import deepcopy
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.core import places
from survey.core.text import Locale
from survey.core.texts import (
    Completeness,
    Entry,
    State,
    Tally,
    TextKind,
    completeness,
    ledger_after,
    reviewed,
    states,
    texts,
)
from tests.builders import Data, advice, bank_data, domain, edition, ladder, section, text, yes_no

PROMPT = "sections/everything/domains/first/questions/planning/prompt"
WHAT = "sections/everything/domains/first/questions/planning/advice/#0/what"


def changed(data: Data, place: str, **languages: Any) -> Data:
    """The document with other words at this place."""
    where = places.parse(place)
    put: Data = places.put(data, where, places.get(data, where) | languages)
    return put


def translation(data: Data, ledger: dict[str, Entry], place: str) -> State:
    return states(data, ledger)[place][Locale.EN]


def after(ledger: dict[str, Entry], *documents: Data) -> dict[str, Entry]:
    """The ledger after the document went through all these forms."""
    for n in range(len(documents) - 1):
        ledger = ledger_after(ledger, documents[n], documents[n + 1])
    return ledger


# ----------------------------------------------------------------------- texts


def test_every_text_has_its_place_kind_and_section() -> None:
    data = bank_data(glossary=[{"key": "mes", "term": text("系统"), "meaning": text("说明")}])

    found = {each.place: each for each in texts(data)}

    assert found["title"].zh == "测试题库"
    assert found["title"].section == ""
    assert (found["title"].in_(Locale.ZH), found["title"].in_(Locale.EN)) == (
        "测试题库",
        "Test bank",
    )
    assert found[PROMPT].kind is TextKind.PROMPT
    assert found[PROMPT].section == "sections/everything"
    assert found["profile/questions/size-class/options/large/label"].kind is TextKind.OPTION
    assert found["profile/questions/size-class/options/large/label"].section == "profile"
    assert found["method/#0"].kind is TextKind.SUMMARY
    assert found["levels/steps/#2/meaning"].kind is TextKind.SUMMARY
    assert found["glossary/mes/meaning"].kind is TextKind.TERM
    assert found["roles/manager/label"].kind is TextKind.NOTE
    assert found[WHAT].kind is TextKind.ADVICE
    assert list(found)[:5] == ["title", "summary", "notice", "method/#0", "roles/manager/label"]


def test_texts_are_found_in_a_document_with_any_fault() -> None:
    data: Data = {
        "title": {"zh": " 题库 "},
        "summary": {"en": 5, "zh": None},
        "notice": "no text",
        "method": [],
        "other": [{"zh": "甲"}, 7],
        "sections": [
            {"key": "twice", "title": {"zh": "甲", "en": "A"}},
            {"key": "twice", "title": {"zh": "乙", "en": "B"}},
        ],
        "roles": [{"key": {}, "label": {"zh": "丙", "en": "C"}}, None, "x"],
    }

    found = [(each.place, each.zh, each.en, each.kind.value) for each in texts(data)]

    assert found == [
        ("title", "题库", "", "title"),
        ("summary", "", "", "summary"),
        ("other/#0", "甲", "", "note"),
        ("sections/#0/title", "甲", "A", "title"),
        ("sections/#1/title", "乙", "B", "title"),
        ("roles/#0/label", "丙", "C", "note"),
    ]


@pytest.mark.parametrize("data", [None, 3, "zh", [], {}, {"zh": "甲"}])
def test_what_is_no_document_has_no_texts(data: object) -> None:
    assert list(texts(data)) == []
    assert completeness(data, {}).en == Tally(total=0, present=0, stale=0, drafts=0)
    assert completeness(data, {}).en.percent == 100


# ---------------------------------------------------------------------- states


def test_without_a_ledger_every_text_that_is_there_is_reviewed() -> None:
    data = changed(bank_data(), "title", en=" ", zh="")

    found = states(data, {})

    assert found.pop("title") == {Locale.ZH: State.MISSING, Locale.EN: State.MISSING}
    assert {state for each in found.values() for state in each.values()} == {State.REVIEWED}


def test_completeness_is_counted_for_each_language() -> None:
    old = bank_data()
    new = changed(old, "title", zh="另一个题库")
    new = changed(new, "notice", zh="")
    new = changed(new, "summary", en="Another summary.")
    new = changed(new, "method/#0", en="")
    total = len(list(texts(new)))

    found = completeness(new, ledger_after({}, old, new))

    assert found == Completeness(
        zh=Tally(total=total, present=total - 1, stale=0, drafts=0),
        en=Tally(total=total, present=total - 1, stale=2, drafts=1),
    )
    assert found.in_(Locale.EN) is found.en
    assert found.in_(Locale.ZH).missing == 1
    assert found.zh.percent == 100 * (total - 1) // total
    assert found.en.percent == 100 * (total - 4) // total


def test_all_texts_are_a_hundred_per_cent_and_almost_all_are_not() -> None:
    assert Tally(total=300, present=300, stale=0, drafts=0).percent == 100
    assert Tally(total=300, present=300, stale=0, drafts=9).percent == 97
    assert Tally(total=300, present=300, stale=0, drafts=300).percent == 0
    assert Tally(total=300, present=300, stale=1, drafts=0).percent == 99


# ---------------------------------------------------------------------- ledger


def test_a_translation_whose_source_changed_is_stale() -> None:
    old = bank_data()
    new = changed(old, PROMPT, zh="换了说法的问题？")

    ledger = ledger_after({}, old, new)

    assert ledger == {
        PROMPT: {"state": "stale", "source": "关于planning的问题？", "was": "reviewed"}
    }
    assert translation(new, ledger, PROMPT) is State.STALE


def test_a_stale_translation_remembers_the_source_it_was_made_from() -> None:
    first = bank_data()
    second = changed(first, PROMPT, zh="第二种说法？")
    third = changed(second, PROMPT, zh="第三种说法？")

    ledger = after({}, first, second, third)

    assert ledger[PROMPT]["source"] == "关于planning的问题？"


@pytest.mark.parametrize(
    "known", [{}, {PROMPT: {"state": "draft", "source": "关于planning的问题？"}}]
)
def test_a_translation_is_what_it_was_when_its_source_comes_back(known: dict[str, Entry]) -> None:
    first = bank_data()
    second = changed(first, PROMPT, zh="第二种说法？")

    ledger = after(known, first, second, first)

    assert ledger == known


def test_a_new_translation_is_a_draft_until_it_is_reviewed() -> None:
    first = bank_data()
    second = changed(first, PROMPT, zh="第二种说法？")
    third = changed(second, PROMPT, en="Another way to ask?")

    ledger = after({}, first, second, third)

    assert ledger == {PROMPT: {"state": "draft", "source": "第二种说法？"}}
    assert reviewed(ledger, [PROMPT, "title"]) == {}
    assert reviewed(ledger, ["title"]) == ledger


def test_both_languages_changed_at_once_are_a_draft() -> None:
    old = bank_data()
    new = changed(old, PROMPT, zh="第二种说法？", en="Another way to ask?")

    assert translation(new, ledger_after({}, old, new), PROMPT) is State.DRAFT


def test_a_translation_that_is_taken_away_is_missing_and_comes_back_as_a_draft() -> None:
    first = bank_data()
    second = changed(first, PROMPT, en="")

    ledger = after({}, first, second)
    assert ledger == {}
    assert translation(second, ledger, PROMPT) is State.MISSING

    assert translation(first, after({}, first, second, first), PROMPT) is State.DRAFT


def test_a_source_that_is_taken_away_and_put_back_leaves_the_translation_as_it_was() -> None:
    first = bank_data()
    second = changed(first, PROMPT, zh="")

    assert translation(second, after({}, first, second), PROMPT) is State.STALE
    assert after({}, first, second, first) == {}


def test_a_translation_that_was_there_before_its_source_is_a_draft() -> None:
    first = changed(bank_data(), PROMPT, zh="", en="")
    second = changed(first, PROMPT, en="What about planning?")
    third = changed(second, PROMPT, zh="计划如何？")

    assert after({}, first, second, third) == {PROMPT: {"state": "draft", "source": "计划如何？"}}


def test_a_part_that_is_new_has_drafts_and_the_others_stay_as_they_are() -> None:
    old = bank_data()
    questions = ("sections", "everything", "domains", "first", "questions")
    new = places.put(old, questions, [yes_no("added", statements=[]), *places.get(old, questions)])

    ledger = ledger_after({}, old, new)

    assert list(ledger) == ["sections/everything/domains/first/questions/added/prompt"]
    assert {entry["state"] for entry in ledger.values()} == {"draft"}


def test_a_question_moved_to_another_domain_keeps_its_states() -> None:
    old = bank_data()
    known = {
        PROMPT: {"state": "draft", "source": "关于planning的问题？"},
        WHAT: {"state": "stale", "source": "旧的说法。", "was": "reviewed"},
    }
    question = places.get(old, places.parse(PROMPT)[:-1])
    second = ("sections", "everything", "domains", "second", "questions")
    new = places.removed(old, places.parse(PROMPT)[:-1])
    new = places.put(new, second, [*places.get(new, second), question])

    ledger = ledger_after(known, old, new)

    assert ledger == {place.replace("first", "second"): entry for place, entry in known.items()}


def test_a_copy_has_the_states_of_what_it_was_copied_from() -> None:
    old = bank_data()
    known = {PROMPT: {"state": "stale", "source": "旧的说法？", "was": "reviewed"}}
    first = ("sections", "everything", "domains", "first", "questions")
    copy = places.get(old, places.parse(PROMPT)[:-1]) | {"key": "planning-2"}
    new = places.put(old, first, [*places.get(old, first), copy])

    ledger = ledger_after(known, old, new)

    assert ledger == known | {PROMPT.replace("planning", "planning-2"): known[PROMPT]}


def test_numbered_parts_that_change_places_keep_their_states() -> None:
    old = bank_data()
    known = {WHAT: {"state": "stale", "source": "旧的说法。", "was": "reviewed"}}
    listed = places.parse(WHAT)[:-2]
    new = places.put(old, listed, places.get(old, listed)[::-1])

    assert ledger_after(known, old, new) == {WHAT.replace("#0", "#4"): known[WHAT]}


def test_two_parts_with_one_key_do_not_disturb_the_states() -> None:
    first = bank_data(section("one", "A", domain("d", ladder("a"))), editions=[edition("a")])
    known = {"sections/one/title": {"state": "draft", "source": "板块one"}}
    second = first | {"sections": [*first["sections"], section("one", "B")]}

    ledger = after(known, first, second)
    assert ledger["sections/#0/title"] == known["sections/one/title"]
    assert set(ledger) == {"sections/#0/title", "sections/#1/title", "sections/#1/short"}

    assert after(known, first, second, first) == known


def test_a_source_edited_while_two_parts_have_one_key_makes_its_translation_stale() -> None:
    first = bank_data()
    second = first | {"sections": [*first["sections"], section("everything", "B")]}
    second = places.put(second, ("sections", "#0", "title", "zh"), "改过的标题")

    ledger = ledger_after({}, first, second)

    assert ledger["sections/#0/title"]["state"] == "stale"


# --------------------------------------------------------- whatever the edits are

some = settings(max_examples=150, deadline=None, derandomize=True, database=None)


def told_apart() -> Data:
    """A bank with two sections whose texts are all different."""
    parts = [
        section(
            key,
            key.upper(),
            domain(f"{key}1", ladder(f"{key}-x"), yes_no(f"{key}-y")),
            domain(f"{key}2", ladder(f"{key}-z", advice=advice()[:3])),
        )
        for key in "ab"
    ]
    data = deepcopy(bank_data(*parts))
    for n, pair in enumerate(_pairs(data)):
        pair |= {"zh": f"中文{n}", "en": f"English {n}"}
    return data


def _pairs(node: Any) -> Iterator[Data]:
    if isinstance(node, dict) and {"zh", "en"} & set(node):
        yield node
        return
    inside = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for part in inside:
        yield from _pairs(part)


def _lists(node: Any) -> Iterator[list[Any]]:
    """Every list of parts."""
    if isinstance(node, list):
        if node and isinstance(node[0], dict):
            yield node
        for part in node:
            yield from _lists(part)
    elif isinstance(node, dict):
        for part in node.values():
            yield from _lists(part)


def _disturb(data: Data, act: str, chance: random.Random) -> None:
    """Change the structure, not the words."""
    parts = chance.choice(list(_lists(data)))
    match act:
        case "reorder":
            chance.shuffle(parts)
        case "remove":
            parts.pop(chance.randrange(len(parts)))
        case "add":
            mark = f"{chance.random()}"[2:]
            new = {"key": f"new-{mark}", "label": {"zh": f"新{mark}", "en": f"New {mark}"}}
            parts.insert(chance.randrange(len(parts) + 1), new)
        case _:
            domains = [domain for each in data["sections"] for domain in each.get("domains", [])]
            chance.shuffle(domains)
            for one, other in pairwise(domains):
                if one.get("questions"):
                    other.setdefault("questions", []).append(one["questions"].pop())


ACTS = st.lists(
    st.lists(st.sampled_from(["reorder", "remove", "add", "move", "reword"]), max_size=6),
    min_size=1,
    max_size=4,
)


@given(ACTS, st.integers(0, 10**9))
@some
def test_exactly_the_translations_whose_sources_were_edited_are_stale(
    edits: list[list[str]], seed: int
) -> None:
    chance = random.Random(seed)
    data, ledger, stale = told_apart(), dict[str, Entry](), dict[str, str]()

    for number, acts in enumerate(edits):
        old = data
        data = deepcopy(old)
        for act in acts:
            pairs = [pair for pair in _pairs(data) if pair["en"].startswith("English")]
            if act == "reword" and pairs:
                pair = chance.choice(pairs)
                stale.setdefault(pair["en"], pair["zh"])
                pair["zh"] = f"{pair['zh']}，改{number}"
            elif act != "reword":
                _disturb(data, act, chance)
        ledger = ledger_after(ledger, old, data)

    found = {
        each.en: ledger[each.place]["source"]
        for each in texts(data)
        if ledger.get(each.place, {}).get("state") == "stale"
    }
    left = {each.en for each in texts(data)}
    assert found == {en: source for en, source in stale.items() if en in left}
    drafts = {e.en for e in texts(data) if ledger.get(e.place, {}).get("state") == "draft"}
    assert drafts == {en for en in left if en.startswith("New")}


@given(st.integers(0, 10**9), st.integers(1, 8))
@some
def test_texts_that_read_alike_are_not_taken_for_one_another(seed: int, count: int) -> None:
    """Sources and translations from a handful of words, so that most occur many times."""
    chance = random.Random(seed)
    old = told_apart()
    for pair in _pairs(old):
        pair |= {"zh": chance.choice("甲乙丙"), "en": chance.choice(["One", "Two"])}
    new = deepcopy(old)
    edited = chance.sample([each.place for each in texts(new) if "#" not in each.place], count)
    for place in edited:
        pair = places.get(new, places.parse(place))
        pair["zh"] = chance.choice([word for word in "甲乙丙" if word != pair["zh"]])
    for parts in _lists(new):
        if all("key" in part for part in parts):
            chance.shuffle(parts)

    ledger = ledger_after({}, old, new)

    assert set(ledger) == set(edited)
    assert {entry["state"] for entry in ledger.values()} == {"stale"}
