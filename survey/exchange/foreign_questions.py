"""The questions of another system as those of a draft: kinds, choices, limits, conditions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from survey.core.bank import MOST
from survey.core.errors import quoted
from survey.core.numerals import as_written
from survey.core.patterns import is_pattern
from survey.exchange import foreign_conditions
from survey.exchange.expressions import NotRead, parse
from survey.exchange.foreign import Ask, Choice, Item, Labels, Questionnaire, kept, kept_choices
from survey.exchange.foreign_conditions import Data, LooksAhead, Seen
from survey.exchange.foreign_keys import Keys
from survey.exchange.foreign_texts import Texts, one_line

LOWEST, HIGHEST = 0, 999_999_999
LONGEST_TEXT = 2000
_NUMBER = {"zh": "数值", "en": "number"}


@dataclass(slots=True)
class Questions:
    """Makes questions, in the order they are asked in: conditions look at those before."""

    source: Questionnaire
    texts: Texts
    known: frozenset[str]
    keys: Keys = field(default_factory=lambda: Keys("profile", "outcomes"))
    seen: dict[str, Seen | None] = field(default_factory=dict)

    def questions(self, items: Sequence[Item], when: Data | None) -> list[Data]:
        made: list[Data] = []
        notes: list[Item] = []
        for item in items:
            if item.ask is Ask.NOTE:
                notes.append(item)
                continue
            made.append(self.question(item, when, notes))
            notes = []
        for note in notes:
            self.note_left_out(note)
        return made

    def note_left_out(self, note: Item) -> None:
        """A note that no question follows: the report keeps all of its words."""
        words = quoted(next(iter(note.labels.values()), ""), longest=LONGEST_TEXT)
        texts = kept("label", note.labels) + kept("hint", note.hints)
        conditions = [text for text in (*note.around, note.relevant) if text.strip()]
        texts += tuple(("condition", text) for text in conditions)
        self.source.losses.add("loss-note", note.place, texts, note=note.code, text=words)
        self.seen.setdefault(note.code, None)

    def question(self, item: Item, when: Data | None, notes: Sequence[Item]) -> Data:
        losses = self.source.losses
        key = self.keys.give(item.code, otherwise="q")
        ask = self.ask_of(item)
        made: Data = {"key": key, "kind": "", "prompt": self.texts.of(item.labels, item.place)}
        helps = [labels for note in notes for labels in (note.labels, note.hints)] + [item.hints]
        for note in notes:
            losses.add("loss-note-moved", note.place, note=note.code, question=item.code)
            self.note_moved(note, (*item.around, item.relevant))
            self.seen.setdefault(note.code, None)
        help_text = self.texts.of(stacked(helps), item.place)
        if help_text.get("zh") or help_text.get("en"):
            made["help"] = help_text
        if item.required:
            made["required"] = True
        condition = when
        for text in (*item.around, item.relevant):
            own = self.condition(text, item.code, item.place)
            condition = foreign_conditions.both(condition, own)
        if condition is not None:
            made["when"] = condition
        choices = _KINDS[ask](self, item, made)
        if self.say_code("loss-code", item.place, item.code, key):
            made["source"] = f"{self.source.form}: {quoted(item.code, longest=200)}"
        if item.code in self.seen:
            losses.add("loss-code-twice", item.place, question=item.code, key=key)
        if self.source.ignores_case:
            lower = {code.casefold(): key for code, key in choices.items()}
            choices = {**lower, **choices}
        self.seen[item.code] = Seen(made, choices, self.source.ignores_case)
        return made

    def ask_of(self, item: Item) -> Ask:
        if item.ask in {Ask.ONE, Ask.MANY} and not item.choices:
            self.source.losses.add("loss-no-choices", item.place, question=item.code)
            return Ask.TEXT
        if item.ask is Ask.TABLE and not (item.choices and item.rows):
            texts = kept_choices((*item.rows, *item.choices))
            self.source.losses.add("loss-no-choices", item.place, texts, question=item.code)
            return Ask.TEXT
        return item.ask

    def one(self, item: Item, made: Data) -> Mapping[str, str]:
        made["options"], keys = self.options(item, item.choices)
        points = [choice.points for choice in item.choices[:MOST]]
        made["kind"] = "ladder" if _rises(points) else "choice"
        return keys

    def many(self, item: Item, made: Data) -> Mapping[str, str]:
        made["kind"] = "multiple"
        made["options"], keys = self.options(item, item.choices)
        if item.none in keys:
            made["none"] = keys[item.none]
        elif item.none:
            self.source.losses.feature(item.place, item.code, "none", item.none)
        return keys

    def number(self, item: Item, made: Data) -> Mapping[str, str]:
        made["kind"] = "number"
        made["unit"] = self.texts.of(item.unit, item.place) if item.unit else dict(_NUMBER)
        lowest = item.minimum if item.minimum is not None else Decimal(LOWEST)
        highest = item.maximum if item.maximum is not None else Decimal(HIGHEST)
        if highest <= lowest:
            facts = {"minimum": f"{lowest:f}", "maximum": f"{highest:f}"}
            self.source.losses.add("loss-range", item.place, question=item.code, **facts)
            lowest, highest = Decimal(LOWEST), Decimal(HIGHEST)
        made["minimum"], made["maximum"] = as_written(lowest), as_written(highest)
        if item.decimals:
            made["decimals"] = item.decimals
        return {}

    def words(self, item: Item, made: Data) -> Mapping[str, str]:
        made["kind"] = "text"
        if item.longest is not None:
            made["maximum_length"] = max(1, min(item.longest, LONGEST_TEXT))
        if item.pattern and is_pattern(item.pattern):
            made["pattern"] = item.pattern
        elif item.pattern:
            self.source.losses.feature(item.place, item.code, "pattern", item.pattern)
        return {}

    def table(self, item: Item, made: Data) -> Mapping[str, str]:
        made["kind"] = "matrix"
        made["rows"], _ = self.options(item, item.rows)
        for row, choice in zip(made["rows"], item.rows, strict=False):
            if row.pop("points", None) is not None:
                said = f"{choice.code}: {choice.points:f}"
                self.source.losses.feature(item.place, item.code, "score", said)
        made["states"], _ = self.options(item, item.choices)
        if not _rises([choice.points for choice in item.choices[:MOST]]):
            texts = tuple(
                (choice.code, f"{choice.points:f}")
                for choice in item.choices
                if choice.points is not None
            )
            self.source.losses.add("loss-points-by-order", item.place, texts, question=item.code)
            for at, state in enumerate(made["states"]):
                state["points"] = at
        return {}

    def options(
        self, item: Item, choices: Sequence[Choice]
    ) -> tuple[list[Data], Mapping[str, str]]:
        """The first hundred, each with a key of its own, and the key of every code."""
        losses = self.source.losses
        given = Keys()
        keys: dict[str, str] = {}
        made: list[Data] = []
        renamed: list[str] = []
        for choice in choices[:MOST]:
            key = given.give(choice.code, otherwise="o")
            if choice.code in keys:
                facts = {"question": item.code, "choice": quoted(choice.code), "key": key}
                losses.add("loss-choice-twice", item.place, **facts)
            keys.setdefault(choice.code, key)
            if key != choice.code:
                renamed.append(f"{quoted(choice.code)} → {key}")
            option: Data = {
                "key": key,
                "label": self.texts.of(choice.labels, f"{item.place} {choice.code}"),
            }
            if choice.points is not None and 0 <= choice.points <= MOST:
                option["points"] = as_written(round(choice.points, 4))
            elif choice.points is not None:
                said = f"{choice.code}: {choice.points:f}"
                losses.feature(item.place, item.code, "score", said)
            made.append(option)
        if renamed:
            facts = {"question": item.code, "codes": ", ".join(renamed)}
            losses.add("loss-choice-codes", item.place, **facts)
        if len(choices) > MOST:
            left = ", ".join(quoted(choice.code) for choice in choices[MOST : 3 * MOST])
            left += ", …" if len(choices) > 3 * MOST else ""
            facts = {"question": item.code, "codes": left}
            count, texts = len(choices) - MOST, kept_choices(choices[MOST:])
            losses.add("loss-choices-cut", item.place, texts, **facts, most=MOST, count=count)
        return made, keys

    def say_code(self, loss: str, place: str, code: str, key: str) -> bool:
        """Whether the code could not stay as it was."""
        if key == code or not code:
            return False
        self.source.losses.add(loss, place, question=code, key=key)
        return True

    # ------------------------------------------------------------- conditions

    def condition(self, text: str, code: str, place: str) -> Data | None:
        if not text.strip():
            return None
        try:
            made = foreign_conditions.condition(parse(text), self.source.resolve, self.look)
        except NotRead:
            self.lost_condition(text, code, place)
            return None
        except LooksAhead:
            said = quoted(one_line(text), longest=LONGEST_TEXT)
            self.source.losses.add("loss-condition-ahead", place, question=code, condition=said)
            return None
        if made is False:
            said = quoted(one_line(text), longest=LONGEST_TEXT)
            self.source.losses.add("loss-condition-never", place, question=code, condition=said)
        return made if isinstance(made, dict) else None

    def note_moved(self, note: Item, conditions: Sequence[str] = ()) -> None:
        """A note that has become part of something else is shown when that is."""
        for text in (*note.around, note.relevant):
            if text.strip() and text not in conditions:
                self.lost_condition(text, note.code, note.place)

    def lost_condition(self, text: str, code: str, place: str) -> None:
        said = quoted(one_line(text), longest=LONGEST_TEXT)
        self.source.losses.add("loss-condition", place, question=code, condition=said)

    def look(self, code: str) -> Seen | None:
        if code in self.seen:
            return self.seen[code]
        if code in self.known:
            raise LooksAhead
        return None


_KINDS = {
    Ask.ONE: Questions.one,
    Ask.MANY: Questions.many,
    Ask.NUMBER: Questions.number,
    Ask.TEXT: Questions.words,
    Ask.TABLE: Questions.table,
}


def stacked(texts: Sequence[Labels]) -> Labels:
    """Several texts as one, language by language."""
    made: Labels = {}
    for labels in texts:
        for tag, words in labels.items():
            made[tag] = f"{made[tag]}\n{words}" if tag in made else words
    return made


def _rises(points: Sequence[Decimal | None]) -> bool:
    """Whether the points are those of a ladder: from 0 on, each higher than the one before."""
    known = [value for value in points if value is not None]
    return (
        len(known) == len(points) > 1
        and known[0] == 0
        and known[-1] <= MOST
        and all(low < high for low, high in pairwise(known))
    )
