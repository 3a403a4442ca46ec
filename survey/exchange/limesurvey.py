"""What both files of LimeSurvey, .lss and .txt, say of a survey, as a questionnaire.

Each reader gathers groups, questions, subquestions and answers; what their kinds mean stands here
once. A kind is one sign, as LimeSurvey stores it.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from survey.core.errors import quoted
from survey.exchange.foreign import (
    OTHER,
    SPECIFY_OTHER,
    Ask,
    Choice,
    Group,
    Item,
    Kept,
    Labels,
    Losses,
    Named,
    kept,
    kept_choices,
)
from survey.exchange.foreign_conditions import number_of
from survey.exchange.foreign_questions import LONGEST_TEXT
from survey.exchange.foreign_texts import one_line


@dataclass(slots=True)
class Part:
    """A subquestion or an answer. `scale` is 0, or 1 for the second axis.

    `is_taken` once it is a choice or a line; what has not been taken at the end is a loss.
    """

    code: str
    labels: Labels = field(default_factory=dict)
    scale: int = 0
    score: str = ""
    place: str = ""
    relevance: str = ""
    is_taken: bool = False


@dataclass(slots=True)
class Asked:
    """A question as LimeSurvey has it. Attributes that nobody takes are losses."""

    code: str
    kind: str
    place: str
    labels: Labels = field(default_factory=dict)
    helps: Labels = field(default_factory=dict)
    relevance: str = ""
    mandatory: str = ""
    other: str = ""
    pattern: str = ""
    defaults: Kept = ()
    subquestions: list[Part] = field(default_factory=list)
    answers: list[Part] = field(default_factory=list)
    attributes: dict[str, Labels] = field(default_factory=dict)
    """By name and language; most say the same in every language."""
    number: str = ""
    """What old conditions call it: ``12X3X45``."""
    taken: set[str] = field(default_factory=set)

    def labels_of(self, attribute: str) -> Labels:
        """What an attribute says in each language; it is taken with that."""
        self.taken.add(attribute)
        found = self.attributes.get(attribute, {})
        return {tag: words for tag, words in found.items() if words.strip()}

    def value_of(self, attribute: str) -> str:
        """What an attribute says that needs no translation; it is taken with that."""
        return next(iter(self.labels_of(attribute).values()), "").strip()

    def has_other(self) -> bool:
        self.taken.add("other")
        return self.other.strip().upper() == "Y"

    def take_pattern(self) -> str:
        self.taken.add("validation")
        return self.pattern.strip()


_YES_NO = (("Y", "是", "Yes"), ("N", "否", "No"))
_GENDER = (("F", "女", "Female"), ("M", "男", "Male"))
_UNCERTAIN = (("Y", "是", "Yes"), ("U", "不确定", "Uncertain"), ("N", "否", "No"))
_CHANGE = (("I", "增加", "Increase"), ("S", "不变", "Same"), ("D", "减少", "Decrease"))
OTHER_CODE = "-oth-"

_PLAIN_ONE = {"L", "!", "O", "Z", "W"}
_MANY = {"M", "P"}
_TEXTS = {"S", "T", "U"}
_SEVERAL_NUMBERS, _SEVERAL_TEXTS = "K", "Q"
_CHANGED = {"D", "|", "I", "R", ":", ";", "5", "G", "Y", "1", "*"}
_NO_QUESTION = {"*", "X"}

_EMPTY = {"", "0", "N", "default", "normal", "none", "I"}
_USUAL = {
    "scriptActivate": "1", "statistics_showgraph": "1", "time_limit_action": "1",
    "value_range_allows_missing": "1", "showpopups": "1", "samechoiceheight": "1",
    "samelistheight": "1", "commented_checkbox": "checked", "commented_checkbox_auto": "1",
    "exclude_all_others_auto": "0", "button_size": "default", "dropdown_dates_minute_step": "1",
    "slider_handle": "0", "slider_show_min_max": "1", "other_position": "end",
}  # fmt: skip
"""What LimeSurvey writes for a question that nobody has changed."""

_VALUES = {"", "naok", "value", "valuenaok", "code"}
"""What behind a dot means the answer itself."""

_EXPRESSION = re.compile(r"\{[^{}\s][^{}]*\}")


def item_parts(asked: Asked, losses: Losses) -> Iterator[Item]:
    """The questions that one of LimeSurvey becomes: mostly one, or one for each line to fill in."""
    yield from _made(asked, losses)
    _say_what_is_left(asked, losses)


def _made(asked: Asked, losses: Losses) -> Iterator[Item]:
    if asked.kind in {_SEVERAL_NUMBERS, _SEVERAL_TEXTS}:
        yield from _each_line(asked, losses)
        return
    item = _item(asked)
    _KINDS.get(asked.kind, _unknown)(item, asked, losses)
    if asked.kind in _CHANGED - _NO_QUESTION:
        facts = {"question": asked.code, "kind": asked.kind, "became": item.ask.value}
        losses.add("loss-kind", asked.place, **facts)
    yield item
    if item.ask in {Ask.ONE, Ask.MANY} and asked.has_other():
        label = asked.labels_of("other_replace_text")
        item.choices.append(Choice(OTHER_CODE, losses.words(label, asked.place) or dict(OTHER)))
        yield Item(
            f"{asked.code}_other",
            Ask.TEXT,
            asked.place,
            dict(SPECIFY_OTHER),
            relevant=f"{{{asked.code}}} contains '{OTHER_CODE}'",
        )


def _item(asked: Asked, code: str = "") -> Item:
    return Item(
        code or asked.code,
        Ask.TEXT,
        asked.place,
        dict(asked.labels),
        dict(asked.helps),
        required=asked.mandatory.upper() in {"Y", "S"},
        relevant=_relevance(asked.relevance),
    )


def _relevance(text: str) -> str:
    """``1`` is what LimeSurvey writes for a question that is always asked."""
    return "" if text.strip() in {"", "1", "(1)"} else text.strip()


def _each_line(asked: Asked, losses: Losses) -> Iterator[Item]:
    """One question for each line to fill in, with the words of both."""
    lines = [part for part in asked.subquestions if part.scale == 0]
    for part in lines:
        part.is_taken = True
        item = _item(asked, f"{asked.code}_{part.code}")
        item.labels = {
            tag: f"{asked.labels.get(tag, '')} {words}".strip()
            for tag, words in part.labels.items()
        } or item.labels
        item.place = part.place or asked.place
        item.around, item.relevant = (item.relevant,), _relevance(part.relevance)
        if asked.kind == _SEVERAL_NUMBERS:
            _number(item, asked, losses)
        else:
            _text(item, asked, losses)
        yield item
    if lines:
        losses.add("loss-lines-split", asked.place, question=asked.code)
    else:
        yield _item(asked)


def _choices(parts: list[Part], scale: int = 0) -> list[Choice]:
    """The parts of one scale as choices; they are taken with that."""
    found = []
    for part in parts:
        if part.scale != scale:
            continue
        part.is_taken = True
        points = number_of(part.score) if part.score else None
        found.append(Choice(part.code, dict(part.labels), points))
    return found


def _fixed(entries: tuple[tuple[str, str, str], ...]) -> list[Choice]:
    return [Choice(code, {"zh": zh, "en": en}) for code, zh, en in entries]


def _numbered(most: int) -> list[Choice]:
    return [Choice(str(n), {"zh": str(n), "en": str(n)}) for n in range(1, most + 1)]


def _one(item: Item, asked: Asked, losses: Losses) -> None:
    item.ask, item.choices = Ask.ONE, _scored(_choices(asked.answers))
    if asked.kind == "O":
        losses.feature(asked.place, asked.code, "comment", "O")


def _scored(choices: list[Choice]) -> list[Choice]:
    """Without scores where all are 0, which is what LimeSurvey writes if there are none."""
    if not any(choice.points for choice in choices):
        for choice in choices:
            choice.points = None
    return choices


def _many(item: Item, asked: Asked, losses: Losses) -> None:
    item.ask, item.choices = Ask.MANY, _scored(_choices(asked.subquestions))
    excluding = asked.value_of("exclude_all_others").split(";")
    item.none = excluding[0].strip()
    if len(excluding) > 1:
        losses.feature(asked.place, asked.code, "exclude_all_others", ";".join(excluding[1:]))
    if asked.kind == "P":
        losses.feature(asked.place, asked.code, "comment", "P")


def _number(item: Item, asked: Asked, losses: Losses) -> None:
    """A number. What limits the sum of several numbers limits none of them."""
    item.ask = Ask.NUMBER
    item.decimals = 0 if asked.value_of("num_value_int_only") in {"1", "Y"} else 2
    item.minimum = _limit(asked, "min_num_value_n", losses)
    item.maximum = _limit(asked, "max_num_value_n", losses)
    unit = asked.labels_of("suffix") or asked.labels_of("prefix")
    item.unit = losses.words(unit, asked.place)


def _limit(asked: Asked, name: str, losses: Losses) -> Decimal | None:
    text = asked.value_of(name)
    number = number_of(text) if text else None
    if text and number is None:
        losses.feature(asked.place, asked.code, name, text)
    return number


def _text(item: Item, asked: Asked, losses: Losses) -> None:
    said = asked.value_of("maximum_chars")
    longest = number_of(said)
    if longest is not None and 1 <= longest <= LONGEST_TEXT:
        item.longest = int(longest)
    elif said:
        losses.feature(asked.place, asked.code, "maximum_chars", said)
    pattern = asked.take_pattern()
    if pattern:
        ends = pattern[:1] == pattern[-1:] == "/" and len(pattern) > 1
        item.pattern = pattern[1:-1] if ends else pattern


def _fixed_one(entries: tuple[tuple[str, str, str], ...]) -> Callable[[Item, Asked, Losses], None]:
    def make(item: Item, _asked: Asked, _losses: Losses) -> None:
        item.ask, item.choices = Ask.ONE, _fixed(entries)

    return make


def _five(item: Item, _asked: Asked, _losses: Losses) -> None:
    item.ask, item.choices = Ask.ONE, _numbered(5)


def _fixed_table(states: list[Choice]) -> Callable[[Item, Asked, Losses], None]:
    def make(item: Item, asked: Asked, _losses: Losses) -> None:
        item.ask, item.rows = Ask.TABLE, _choices(asked.subquestions)
        item.choices = [Choice(state.code, dict(state.labels)) for state in states]

    return make


def _table(item: Item, asked: Asked, losses: Losses) -> None:
    item.ask, item.rows = Ask.TABLE, _choices(asked.subquestions)
    item.choices = _scored(_choices(asked.answers))
    second = [part for part in asked.answers if part.scale == 1]
    if second:
        codes = ", ".join(part.code for part in second)
        facts = {"question": asked.code, "codes": quoted(codes, longest=1000)}
        texts = kept_choices(_choices(asked.answers, 1))
        losses.add("loss-second-scale", asked.place, texts, **facts)


def _rank(item: Item, asked: Asked, _losses: Losses) -> None:
    item.ask = Ask.MANY
    item.choices = _choices(asked.answers) or _choices(asked.subquestions)


def _note(item: Item, _asked: Asked, _losses: Losses) -> None:
    item.ask, item.required = Ask.NOTE, False


def _plain(_item: Item, _asked: Asked, _losses: Losses) -> None:
    """A text, which is what a question is that nothing more is known of, or with many fields."""


def _unknown(item: Item, asked: Asked, losses: Losses) -> None:
    facts = {"question": asked.code, "kind": quoted(asked.kind), "became": item.ask.value}
    losses.add("loss-kind-unknown", asked.place, **facts)


_KINDS: Mapping[str, Callable[[Item, Asked, Losses], None]] = {
    **dict.fromkeys(_PLAIN_ONE, _one),
    **dict.fromkeys(_MANY, _many),
    **dict.fromkeys(_TEXTS, _text),
    **dict.fromkeys(("F", "H", "1"), _table),
    "5": _five,
    "Y": _fixed_one(_YES_NO),
    "G": _fixed_one(_GENDER),
    "A": _fixed_table(_numbered(5)),
    "B": _fixed_table(_numbered(10)),
    "C": _fixed_table(_fixed(_UNCERTAIN)),
    "E": _fixed_table(_fixed(_CHANGE)),
    "N": _number,
    "R": _rank,
    "X": _note,
    ":": _plain,
    ";": _plain,
    "D": _plain,
    "|": _plain,
    "I": _plain,
}


def unseen(asked: Asked, losses: Losses) -> bool:
    """Whether a question asks nobody anything, which is a loss with all of its words."""
    if asked.kind != "*":
        return False
    said = quoted(next(iter(asked.labels.values()), "-"), longest=300)
    facts = {"question": quoted(asked.code), "kind": asked.kind, "value": said}
    texts = kept("question", asked.labels) + kept("help", asked.helps)
    if _relevance(asked.relevance):
        texts += (("relevance", asked.relevance),)
    losses.add("loss-unseen", asked.place, texts, **facts)
    _say_what_is_left(asked, losses)
    return True


def _say_what_is_left(asked: Asked, losses: Losses) -> None:
    """Everything of a question that its kind has not taken."""
    for name, labels in asked.attributes.items():
        said = {tag: words for tag, words in labels.items() if words.strip() not in _EMPTY}
        if name in asked.taken or not said or set(said.values()) == {_USUAL.get(name)}:
            continue
        words = next(iter(said.values()))
        texts = kept(name, said) if len(set(said.values())) > 1 else ()
        losses.feature(asked.place, asked.code, name, words, texts)
    if asked.defaults:
        words = asked.defaults[0][1]
        losses.feature(asked.place, asked.code, "default", words, asked.defaults)
    if asked.mandatory.upper() == "S":
        losses.feature(asked.place, asked.code, "mandatory", "S")
    if "other" not in asked.taken and asked.other.strip().upper() == "Y":
        losses.feature(asked.place, asked.code, "other", asked.other)
    if "validation" not in asked.taken and asked.pattern.strip():
        losses.feature(asked.place, asked.code, "validation", asked.pattern.strip())
    for part in (*asked.subquestions, *asked.answers):
        if not part.is_taken:
            words = next(iter(part.labels.values()), part.code)
            texts = kept(part.code, part.labels)
            losses.feature(part.place or asked.place, asked.code, part.code, words, texts)
    for part in asked.subquestions:
        several = asked.kind in {_SEVERAL_NUMBERS, _SEVERAL_TEXTS}
        if _relevance(part.relevance) and not several:
            condition = quoted(one_line(part.relevance), longest=1000)
            facts = {"question": f"{asked.code}_{part.code}", "condition": condition}
            losses.add("loss-condition", part.place or asked.place, **facts)
    for tag, words in asked.labels.items():
        if _EXPRESSION.search(words):
            losses.add("loss-piping", asked.place, language=tag or "-")


def names_of(questions: Sequence[Asked]) -> Callable[[str], Named | None]:
    """What a name in a relevance equation means: ``Q1.NAOK``, ``Q1_SQ001``, ``12X3X45SQ001``."""
    known: dict[str, Named] = {}
    for asked in questions:
        names = [asked.code] + ([asked.number] if asked.number else [])
        for at, name in enumerate(names):
            join = "" if at else "_"
            known.setdefault(name, Named(asked.code))
            for part in asked.subquestions:
                whole = f"{name}{join}{part.code}"
                if asked.kind in _MANY:
                    known.setdefault(whole, Named(asked.code, part.code))
                elif asked.kind in {_SEVERAL_NUMBERS, _SEVERAL_TEXTS}:
                    known.setdefault(whole, Named(f"{asked.code}_{part.code}"))
            known.setdefault(f"{name}{join}other", Named(f"{asked.code}_other"))

    def resolve(name: str) -> Named | None:
        bare, _, what = name.partition(".")
        return known.get(bare) if what.lower() in _VALUES else None

    return resolve


def group_of(code: str, place: str, labels: Labels, hints: Labels, relevance: str) -> Group:
    return Group(code, place, labels, hints, relevant=_relevance(relevance))
