"""The contents of a version as a tree: every part that has a page, and what is amiss in it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey.core import bank, places, texts
from survey.core.bank import Kind
from survey.core.places import Place, steps_of, written
from survey.core.texts import State
from survey.core.weight_sheet import earns
from survey.web.workshop import field_words
from survey.web.workshop.fields import words_of
from survey.web.workshop.part_fields import anchor
from survey.web.workshop.part_pages import LISTS, name_of, page_place
from survey.web.workshop.versions_shown import Shown

FACTS = (Kind.CHOICE, Kind.NUMBER, Kind.TEXT, Kind.MULTIPLE)
FIGURES = (Kind.NUMBER, Kind.RATIO)
SCORED = tuple(kind for kind in Kind if kind is not Kind.CHOICE)


@dataclass(frozen=True, slots=True)
class Amiss:
    """How much is amiss in a part and in everything inside it."""

    problems: int = 0
    missing: int = 0
    stale: int = 0

    def __bool__(self) -> bool:
        return bool(self.problems or self.missing or self.stale)


@dataclass(frozen=True, slots=True)
class Node:
    """One part. `first` and `last` tell whether it can go up and down in its list."""

    place: str
    id: str
    sort: str
    code: str
    name: str
    key: str
    weight: str
    amiss: Amiss
    first: bool = True
    last: bool = True
    lists: Sequence["Branch"] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """A list of parts; `kinds` are those that a new question in it can have."""

    place: str
    id: str
    name: str
    sort: str
    nodes: Sequence[Node]
    kinds: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """All of it: what stands alone, the questionnaire, and the lists beside it."""

    general: Node
    profile: Node | None
    sections: Branch
    outcomes: Node | None
    levels: Node | None
    lists: Sequence[Branch]


def outline(now: Shown) -> Outline:
    """The tree of a version, whatever faults its document has."""
    data = now.document
    tree = _Tree(data, _amiss_by_page(now))
    return Outline(
        general=tree.node((), data, str(field_words.MODELS["Bank"])),
        profile=tree.facts("profile", FACTS),
        sections=tree.branch(("sections",), data, sort="Section"),
        outcomes=tree.facts("outcomes", FIGURES),
        levels=tree.node(("levels",), data.get("levels"), ""),
        lists=[tree.branch((name,), data, sort=_SORTS[name]) for name in LISTS],
    )


_SORTS = {
    "editions": "Edition",
    "eligibility": "Eligibility",
    "distributions": "PublishedDistribution",
    "hints": "Hint",
    "glossary": "Term",
    "sources": "Source",
    "domains": "Domain",
    "conditions": "RuleCondition",
    "questions": "Question",
}


_OWNERS: Mapping[str, type[bank.Frozen]] = {
    "domains": bank.Section,
    "conditions": bank.Eligibility,
}


class _Tree:
    def __init__(self, data: dict[str, Any], amiss: Mapping[Place, Amiss]) -> None:
        self.data = data
        self.amiss = amiss

    def node(
        self,
        place: Place,
        part: Any,
        sort: str,
        *,
        lists: Sequence[Branch] = (),
        first: bool = True,
        last: bool = True,
    ) -> Node:
        inside = part if isinstance(part, dict) else {}
        kind = inside.get("kind")
        words = field_words.CHOICES["Kind"]
        return Node(
            place=written(place),
            id=anchor(place),
            sort=str(words.get(str(kind), kind)) if kind else sort,
            code=str(inside.get("code") or ""),
            name=name_of(part),
            key=str(inside.get("key", "")),
            weight=_weight(inside.get("weight")) if not kind or earns(inside) else "",
            amiss=self.amiss.get(place, Amiss()),
            first=first,
            last=last,
            lists=lists,
        )

    def branch(self, place: Place, around: Any, *, sort: str, kinds: Sequence[Kind] = ()) -> Branch:
        found = around.get(place[-1]) if isinstance(around, dict) else None
        parts = found if isinstance(found, list) else []
        sort_said = str(field_words.MODELS[sort])
        nodes = [
            self.node(
                (*place, step),
                part,
                sort_said,
                lists=self.inner((*place, step), part),
                first=number == 0,
                last=number == len(parts) - 1,
            )
            for number, (step, part) in enumerate(zip(steps_of(parts), parts, strict=True))
        ]
        return Branch(
            place=written(place),
            id=anchor(place),
            name=_list_name(place[-1]),
            sort=sort_said,
            nodes=nodes,
            kinds=[(kind.value, str(field_words.CHOICES["Kind"][kind.value])) for kind in kinds],
        )

    def inner(self, place: Place, part: Any) -> Sequence[Branch]:
        match place:
            case ("sections", _):
                return [self.branch((*place, "domains"), part, sort="Domain")]
            case ("sections", _, "domains", _):
                here = (*place, "questions")
                return [self.branch(here, part, sort="Question", kinds=SCORED)]
            case ("eligibility", _):
                return [self.branch((*place, "conditions"), part, sort="RuleCondition")]
            case _:
                return ()

    def facts(self, name: str, kinds: Sequence[Kind]) -> Node | None:
        part = self.data.get(name)
        if part is None:
            return None
        questions = self.branch((name, "questions"), part, sort="Question", kinds=kinds)
        return self.node((name,), part, _list_name(name), lists=[questions])


def _list_name(name: str) -> str:
    return str(words_of(_OWNERS.get(name, bank.Bank), name).label)


def _weight(value: Any) -> str:
    if isinstance(value, dict):
        return " / ".join(str(each) for each in value.values())
    return "" if value is None else str(value)


# ------------------------------------------------------------------ what is amiss


def _amiss_by_page(now: Shown) -> dict[Place, Amiss]:
    """For each page what is amiss there and in the pages inside it."""
    problems = _counted(places.of_problem(now.document, p.place) for p in now.problems)
    missing: list[Place] = []
    stale: list[Place] = []
    for place, languages in texts.states(now.document, now.ledger).items():
        found = languages.values()
        if State.MISSING in found:
            missing.append(places.parse(place))
        if State.STALE in found:
            stale.append(places.parse(place))
    lacking, old = _counted(missing), _counted(stale)
    every = {*problems, *lacking, *old}
    return {page: Amiss(problems[page], lacking[page], old[page]) for page in every}


def _counted(found: Iterable[Place]) -> Counter[Place]:
    counted: Counter[Place] = Counter()
    for place in found:
        page = page_place(place)
        counted[page] += 1
        while page:
            around = page_place(page[:-2] if len(page) > 2 else ())
            if not around:
                break
            counted[around] += 1
            page = around
    return counted
