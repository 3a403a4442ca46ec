"""Which part of a bank has a page of its own, what it is called, and what it can refer to."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey.core import bank, places
from survey.core.bank import Frozen, Kind
from survey.core.errors import NotFound
from survey.core.patches import ORDER
from survey.core.places import Place
from survey.core.text import Locale
from survey.core.weight_sheet import earns
from survey.i18n import _, current_locale
from survey.web.workshop import field_words
from survey.web.workshop.fields import QUESTIONS, specs_of, words_of

_LISTS: Mapping[str, type[Frozen]] = {
    "editions": bank.Edition,
    "eligibility": bank.Eligibility,
    "distributions": bank.PublishedDistribution,
    "hints": bank.Hint,
    "glossary": bank.Term,
    "sources": bank.Source,
}
"""The lists of the bank whose parts have pages."""

LISTS = tuple(_LISTS)


@dataclass(frozen=True, slots=True)
class Page:
    """One part with a form of its own."""

    place: Place
    model: type[Frozen]
    raw: dict[str, Any]

    @property
    def is_question(self) -> bool:
        return issubclass(self.model, bank.QuestionBase)

    @property
    def word(self) -> str:
        """What sort of part it is."""
        name = "Question" if self.is_question else self.model.__name__
        return str(field_words.MODELS[name])


def page_of(document: Any, place: Place) -> Page:
    """The page that has the field at this place. Raises NotFound if there is no such part."""
    if place and place[0] not in bank.Bank.model_fields:
        raise NotFound
    for length in range(len(place), -1, -1):
        model = model_at(document, place[:length])
        if model is not None:
            return _page(document, place[:length], model)
    raise NotFound


def _page(document: Any, place: Place, model: type[Frozen]) -> Page:
    raw = places.find(document, place)
    if not isinstance(raw, dict):
        raise NotFound
    return Page(place, model, raw)


def page_place(place: Place) -> Place:
    """The place of the page that a place belongs to, by its form alone; the bank's own is ()."""
    match place:
        case ("sections", _, "domains", _, "questions", _, *_):
            return place[:6]
        case ("sections", _, "domains", _, *_) | ("eligibility", _, "conditions", _, *_):
            return place[:4]
        case (("profile" | "outcomes"), "questions", _, *_):
            return place[:3]
        case ("sections", _, *_):
            return place[:2]
        case (name, _, *_) if name in _LISTS:
            return place[:2]
        case (("profile" | "outcomes" | "levels"), *_):
            return place[:1]
        case _:
            return ()


def model_at(document: Any, place: Place) -> type[Frozen] | None:
    """The model of the part at a place, None where no part with a page can stand."""
    match place:
        case ():
            return bank.Bank
        case ("profile",) | ("outcomes",):
            return bank.Profile
        case ("levels",):
            return bank.LevelScheme
        case ("sections", _):
            return bank.Section
        case ("sections", _, "domains", _):
            return bank.Domain
        case ("eligibility", _, "conditions", _):
            return bank.RuleCondition
        case (name, _) if name in _LISTS:
            return _LISTS[name]
        case (("profile" | "outcomes"), "questions", _):
            return _question(document, place)
        case ("sections", _, "domains", _, "questions", _):
            return _question(document, place)
        case _:
            return None


def _question(document: Any, place: Place) -> type[Frozen]:
    """The model by the kind; what all kinds have in common if it has none that is known."""
    kind = places.find(document, (*place, "kind"))
    known = isinstance(kind, str) and kind in list(Kind)
    return QUESTIONS[Kind(kind)] if known else bank.QuestionBase


# ----------------------------------------------------------------------- names


def in_reader_s(text: Any) -> str:
    """A text in the reader's language; in the other one if it is missing."""
    if not isinstance(text, dict):
        return ""
    own = current_locale().value
    for language in (own, *(locale.value for locale in Locale if locale.value != own)):
        said = text.get(language)
        if isinstance(said, str) and said.strip():
            return said.strip()
    return ""


def name_of(part: Any) -> str:
    """What a part is called: by the shortest text it has, else by its key."""
    if not isinstance(part, dict):
        return "–"
    for field in ("short", "title", "label", "term", "prompt", "text", "what"):
        if said := in_reader_s(part.get(field)):
            return said if len(said) <= 80 else f"{said[:79]}…"
    return str(part.get("key", "–"))


def trail(document: Any, place: Place) -> list[tuple[Place, str]]:
    """The pages around a place, from the outside in, without the bank itself."""
    around = (place[:length] for length in range(1, len(place)))
    return [
        (each, name_of(places.find(document, each)))
        for each in around
        if model_at(document, each) is not None
    ]


def told(document: Any, place: Place) -> str:
    """A place in words: parts by their names, fields by their labels."""
    said: list[str] = []
    model: type[Frozen] = bank.Bank
    for length in range(1, len(place) + 1):
        here, step = place[:length], place[length - 1]
        part = places.find(document, here)
        if step == ORDER:
            said.append(_("Order"))
        elif step in ("zh", "en") and length == len(place):
            said.append(Locale(step).own_name)
        elif isinstance(places.find(document, here[:-1]), list):
            said.append(name_of(part) if isinstance(part, dict) else step)
        elif said and step in _CONDITION:
            break
        elif length > 1 and place[length - 2] == "weight":
            said.append(kinds_of_firm(document).get(step, step))
        elif (label := label_of(model, step)) and step not in ("questions", "domains", "sections"):
            said.append(label)
        model = model_at(document, here) or _inside(model, step) or model
    return " › ".join(said)


def _inside(model: type[Frozen], name: str) -> type[Frozen] | None:
    """The model of what stands in a field."""
    return next((spec.item for spec in specs_of(model) if spec.name == name), None)


_CONDITION = frozenset({"question", "in", "at_least", "all", "any", "not"})
"""Inside a condition: the whole of it is named."""


def kinds_of_firm(document: Any) -> dict[str, str]:
    """The answers that weights may differ by, by their keys."""
    return dict(Pools(document, None).named("types"))


def label_of(model: type[Frozen] | None, name: str) -> str:
    try:
        return str(words_of(model or bank.Bank, name).label)
    except KeyError:
        for known, words in field_words.FIELDS.items():
            if known.rpartition(".")[2] == name:
                return str(words.label)
        return name


# ------------------------------------------------------------------ references

Pool = Sequence[tuple[str, str]]
"""Keys with their names."""


class Pools:
    """What the references of one part can name."""

    def __init__(self, document: Any, part: Any) -> None:
        self._document = document if isinstance(document, dict) else {}
        self._part = part if isinstance(part, dict) else {}
        self._known: dict[str, Pool] = {}

    def named(self, pool: str) -> Pool:
        if pool not in self._known:
            self._known[pool] = _POOLS[pool](self._document, self._part)
        return self._known[pool]


_Data = Mapping[str, Any]


def _asked(document: _Data, wanted: Callable[[_Data], bool]) -> Pool:
    return [
        (str(question.get("key")), _coded(question))
        for _place, question in places.questions(document)
        if wanted(question)
    ]


def _ladders(document: _Data, _part: _Data) -> Pool:
    return _asked(document, lambda question: question.get("kind") == Kind.LADDER)


def _facts(document: _Data, _part: _Data) -> Pool:
    facts = places.find(document, ("profile", "questions"))
    return _keyed([part for part in _dicts(facts) if part.get("kind") == Kind.CHOICE])


def _policy(document: _Data, _part: _Data) -> Pool:
    """The directions that some question of this bank names already."""
    named = (question.get("policy") for _place, question in places.questions(document))
    lists = (each for each in named if isinstance(each, list))
    return [(key, key) for key in sorted({str(key) for each in lists for key in each})]


def _answers_to(document: _Data, field: str) -> Pool:
    """The answers to the question that a field of the bank names."""
    asked = document.get(field)
    for _place, question in places.questions(document):
        if asked is not None and question.get("key") == asked:
            return _keyed(question.get("options"))
    return []


_POOLS: Mapping[str, Callable[[_Data, _Data], Pool]] = {
    "roles": lambda document, _part: _keyed(document.get("roles")),
    "sources": lambda document, _part: _keyed(document.get("sources")),
    "terms": lambda document, _part: _keyed(document.get("glossary")),
    "options": lambda _document, part: _keyed(part.get("options")),
    "facts": _facts,
    "sizes": lambda document, _part: _answers_to(document, "size_by"),
    "types": lambda document, _part: _answers_to(document, "weigh_by"),
    "sectors": lambda document, _part: _answers_to(document, "sector_by"),
    "questions": lambda document, _part: _asked(document, lambda _question: True),
    "ladders": _ladders,
    "scored": lambda document, _part: _asked(document, earns),
    "policy": _policy,
}


def _dicts(parts: Any) -> Iterator[dict[str, Any]]:
    if isinstance(parts, list):
        yield from (part for part in parts if isinstance(part, dict))


def _keyed(parts: Any) -> Pool:
    return [(str(part["key"]), name_of(part)) for part in _dicts(parts) if "key" in part]


def _coded(question: Mapping[str, Any]) -> str:
    return f"{question.get('code') or ''} {name_of(question)}".strip()
