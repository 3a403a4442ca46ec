"""A questionnaire of another system as plain values: what its three readers have in common.

`survey.exchange.foreign_bank` makes a document of it. Codes and languages are those of the file;
texts are words without markup already, and what a reader had to leave out is among the losses.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from survey.core.errors import SurveyError, quoted
from survey.exchange import markup
from survey.exchange.loss import Loss

Labels = dict[str, str]
"""A text by language tag; the empty tag is the language of the file, which it does not name."""

OTHER: Labels = {"zh": "其他", "en": "Other"}
SPECIFY_OTHER: Labels = {"zh": "请说明其他", "en": "Specify other"}
"""What a choice and a question are called that a file has without words of its own."""

LARGEST = 8 * 1024 * 1024
"""Bytes of one file; the largest questionnaires that people exchange have a tenth of it."""

MOST_ITEMS = 5000
"""Questions of one file."""

LONGEST_FACT = 4000
"""Signs of one thing that a loss names."""

LONGEST_VALUE = 200
"""Signs of a value in a sentence; the whole of a longer one stands behind it."""

LONGEST_PLACE = 300
"""Signs of where a kept text stood."""

MOST_LOSSES = 5000
"""Nobody reads more; a hostile file could have millions."""

MOST_TEXTS = 5000
"""Texts that one loss keeps; how many more there were is said behind them."""

Kept = tuple[tuple[str, str], ...]
"""Words that the report alone keeps, each by where it stood."""


class NotReadable(SurveyError):
    """Nothing can be taken from this file."""

    code = "foreign-not-a-form"

    def __init__(self, code: str, **facts: str | int) -> None:
        self.code = code
        super().__init__(**facts)


def is_wide(content: bytes) -> bool:
    """Whether a text file says that it is UTF-16."""
    return content.startswith((b"\xff\xfe", b"\xfe\xff"))


def decoded(content: bytes) -> str:
    """The text of a file in UTF-8 or UTF-16. Raises NotReadable."""
    if len(content) > LARGEST:
        raise NotReadable("foreign-too-large", megabytes=LARGEST // 1024**2)
    try:
        return content.decode("utf-16" if is_wide(content) else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise NotReadable("foreign-not-utf8", line=line) from error


class Ask(StrEnum):
    """How a question is asked, as far as the systems agree."""

    ONE = "choice"
    MANY = "multiple"
    NUMBER = "number"
    TEXT = "text"
    TABLE = "matrix"
    NOTE = "note"


@dataclass(slots=True)
class Choice:
    """One answer to choose, or one line of a table."""

    code: str
    labels: Labels
    points: Decimal | None = None


@dataclass(slots=True)
class Item:
    """One question, or a note between questions.

    `relevant` is its condition, as it stands; `around` are those of what it stands in, each of
    which has to hold as well.
    """

    code: str
    ask: Ask
    place: str
    labels: Labels = field(default_factory=dict)
    hints: Labels = field(default_factory=dict)
    choices: list[Choice] = field(default_factory=list)
    rows: list[Choice] = field(default_factory=list)
    none: str = ""
    required: bool = False
    relevant: str = ""
    around: tuple[str, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    decimals: int = 0
    unit: Labels = field(default_factory=dict)
    longest: int | None = None
    pattern: str = ""


@dataclass(slots=True)
class Group:
    """Questions and groups that stand together. `around` are conditions beside its own."""

    code: str
    place: str
    labels: Labels = field(default_factory=dict)
    hints: Labels = field(default_factory=dict)
    parts: list["Item | Group"] = field(default_factory=list)
    relevant: str = ""
    around: tuple[str, ...] = ()

    def items(self) -> Iterator[Item]:
        for part in self.parts:
            if isinstance(part, Item):
                yield part
            else:
                yield from part.items()

    def asks(self) -> bool:
        """Whether anything in it is to be answered."""
        return any(item.ask is not Ask.NOTE for item in self.items())


@dataclass(frozen=True, slots=True)
class Named:
    """What a condition looks at: a question, or one box of it."""

    item: str
    choice: str = ""


Resolve = Callable[[str], Named | None]
"""What a name in a condition means; None for what is no question."""


def _shown(facts: Mapping[str, str | int]) -> dict[str, str | int]:
    """Facts that any page and any terminal can show, whatever the file has."""
    return {
        name: quoted(value, longest=LONGEST_FACT) if isinstance(value, str) else value
        for name, value in facts.items()
    }


def kept(name: str, labels: Labels) -> Kept:
    """A text in every language, for a report to keep."""
    return tuple((f"{name} · {tag}" if tag else name, words) for tag, words in labels.items())


def kept_choices(choices: Sequence[Choice]) -> Kept:
    """Choices for a report to keep: the code with every language."""
    return tuple(
        text for choice in choices for text in kept(choice.code, choice.labels or {"": choice.code})
    )


def within(name: str, value: object) -> Kept:
    """Every text and number inside a value of JSON, by its path; nothing of what says nothing."""
    found: list[tuple[str, str]] = []
    waiting: list[tuple[str, object]] = [(name, value)]
    while waiting and len(found) <= MOST_TEXTS:
        place, inner = waiting.pop()
        if isinstance(inner, dict):
            waiting += reversed([(f"{place}.{key}", part) for key, part in inner.items()])
        elif isinstance(inner, list):
            waiting += reversed([(f"{place}[{at}]", part) for at, part in enumerate(inner)])
        elif inner is not None and inner != "":
            found.append((place, inner if isinstance(inner, str) else quoted(inner)))
    return tuple(found)


def _printable(texts: Kept) -> Kept:
    """Texts that any page and any terminal can show, line by line, and not more than a report."""
    shown = [
        (
            quoted(place, longest=LONGEST_PLACE),
            "\n".join(
                quoted(line, longest=LONGEST_FACT) for line in text[:LONGEST_FACT].split("\n")
            ),
        )
        for place, text in texts[:MOST_TEXTS]
    ]
    if len(texts) > MOST_TEXTS:
        shown.append(("…", f"+ {len(texts) - MOST_TEXTS}"))
    return tuple(shown)


class Losses:
    """What could not be carried over, in the order of the file, each only once."""

    def __init__(self) -> None:
        self._found: dict[object, Loss] = {}
        self.left_out = 0

    def add(self, code: str, place: str, texts: Kept = (), /, **facts: str | int) -> None:
        if len(self._found) >= MOST_LOSSES:
            self.left_out += 1
            return
        place, shown = quoted(place, longest=LONGEST_FACT), _shown(facts)
        loss = Loss(code, place, shown, _printable(texts))
        self._found.setdefault((code, place, tuple(shown.items()), loss.texts), loss)

    def keep(self, code: str, texts: Sequence[tuple[str, str]], **facts: str | int) -> None:
        """Words that the report alone keeps, even where it lists no further losses."""
        name = (code, "", tuple(facts.items()))
        self._found[name] = Loss(code, "", facts, _printable(tuple(texts)))

    def all(self) -> tuple[Loss, ...]:
        if not self.left_out:
            return tuple(self._found.values())
        more = Loss("loss-more", "", {"count": self.left_out})
        return (*self._found.values(), more)

    def words(self, raw: Mapping[str, str], place: str) -> Labels:
        """Texts without markup; empty ones are left out. What is taken out is reported."""
        made: Labels = {}
        for tag, text in raw.items():
            plain = markup.plain(text)
            if plain.text:
                made[tag] = plain.text
            if plain.dropped or plain.lost:
                said = ", ".join(quoted(each, longest=60) for each in plain.dropped[:20]) or "…"
                texts = tuple((tag or "-", words) for words in plain.lost)
                self.add("loss-markup", place, texts, language=tag or "-", what=said)
            if plain.signs:
                self.add("loss-signs", place, language=tag or "-", count=plain.signs)
            if plain.cut:
                facts = {"most": markup.LONGEST, "count": plain.cut}
                self.add("loss-text-cut", place, language=tag or "-", **facts)
        return made

    def feature(
        self, place: str, question: str, feature: str, value: object, texts: Kept = ()
    ) -> None:
        """Something a question has that there is no place for."""
        said, texts = quoted(value, longest=LONGEST_VALUE), texts or _behind(feature, value)
        facts = {
            "question": quoted(question, longest=LONGEST_VALUE),
            "feature": quoted(feature, longest=LONGEST_VALUE),
        }
        self.add("loss-feature", place, texts, **facts, value=said)

    def setting(self, place: str, name: str, value: object) -> None:
        """Something a whole survey has that there is no place for."""
        said = quoted(value, longest=LONGEST_VALUE)
        texts = _behind(name, value)
        self.add(
            "loss-setting",
            place,
            texts,
            setting=quoted(name, longest=LONGEST_VALUE),
            value=said,
        )


def _behind(name: str, value: object) -> Kept:
    """All of a value that a sentence shows only in part: long ones, and those with line breaks."""
    said = str(value)
    is_whole = not isinstance(value, dict | list) and len(said) <= LONGEST_VALUE
    return () if is_whole and said.isprintable() else within(name, value)


@dataclass(slots=True)
class Questionnaire:
    """Everything of one file. `language` is the tag of its texts that have none."""

    form: str
    code: str = ""
    labels: Labels = field(default_factory=dict)
    hints: Labels = field(default_factory=dict)
    language: str = ""
    parts: list[Item | Group] = field(default_factory=list)
    losses: Losses = field(default_factory=Losses)
    resolve: Resolve = Named
    ignores_case: bool = False
    """Whether conditions take "Yes" for "yes"."""

    def items(self) -> Iterator[Item]:
        return Group("", "", parts=self.parts).items()
