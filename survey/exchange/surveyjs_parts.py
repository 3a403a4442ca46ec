"""What the questions of a SurveyJS definition are made of: texts, choices, limits."""

from dataclasses import dataclass, field
from decimal import Decimal

from survey.core.errors import quoted
from survey.exchange.bank_questions import bare_pattern
from survey.exchange.foreign import Ask, Choice, Item, Labels, Questionnaire, within
from survey.exchange.foreign_questions import LONGEST_TEXT
from survey.exchange.surveyjs_json import Element, list_of, value_of

_MOST_NUMBERED = 1000
_PICTURES = {"imageLink", "imageUrl"}
_YES = {"zh": "是", "en": "Yes"}
_NO = {"zh": "否", "en": "No"}


def length_of(data: Element) -> int | None:
    """The longest answer; a length that no bank can have is not taken."""
    length = data.data.get("maxLength")
    if not isinstance(length, int) or isinstance(length, bool):
        return None
    if length == -1:  # as long as you like
        data.get("maxLength")
    if not 1 <= length <= LONGEST_TEXT:
        return None
    data.get("maxLength")
    return length


@dataclass(slots=True)
class Parts:
    """Makes the parts of questions. What they cannot take is among the losses of `made`."""

    made: Questionnaire
    count: int = 0
    choices_of: dict[str, list[Choice]] = field(default_factory=dict)
    copied: list[tuple[Item, str, list[Choice]]] = field(default_factory=list)
    """Questions that offer the choices of another one, with its name and their own choices."""

    def odd(self, place: str, value: object) -> None:
        texts = within("", value)
        self.made.losses.add("loss-row", place, texts, text=quoted(value, longest=300))

    def text(self, element: Element, name: str) -> Labels:
        """A text of an element, or one in several languages; anything else is not taken."""
        value = element.data.get(name)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if isinstance(value, str | dict) or is_number:
            place = f"{element.place}.{name}" if element.place else name
            return self.labels(element.get(name), place)
        return {}

    def labels(self, value: object, place: str) -> Labels:
        """The default language has no tag."""
        raw: Labels = {"": str(value)}
        if isinstance(value, dict):
            raw = {}
            for tag, words in value.items():
                if isinstance(words, str):
                    raw["" if tag == "default" else str(tag).lower()] = words
                elif words is not None:
                    self.odd(f"{place}.{tag}", words)
        made = self.made.losses.words(raw, place)
        for tag, words in made.items():
            if "{" in words and "}" in words:
                self.made.losses.add("loss-piping", place, language=tag or "-")
        return made

    def validators(self, data: Element) -> list[Element]:
        found = []
        for at, each in enumerate(list_of(data.data.get("validators"))):
            place = f"{data.place}.validators[{at}]"
            if isinstance(each, dict):
                found.append(Element(each, place))
            else:
                self.odd(place, each)
        if isinstance(data.data.get("validators"), list):
            data.get("validators")
        return found

    def validator(self, item: Item, data: Element) -> None:
        """A limit of the answer. What a limit says when it is not kept has no place."""
        if self.is_limit(item, data):
            data.tell(self.made.losses, item.code, "validators.")
            return
        facts = {"question": quoted(item.code), "constraint": quoted(data.data, longest=200)}
        self.made.losses.add("loss-constraint", item.place, within("", data.data), **facts)

    def is_limit(self, item: Item, data: Element) -> bool:
        kind = value_of(data.get("type"))
        if kind in {"numeric", "number"} and item.ask is Ask.NUMBER:
            low, high = data.number("minValue"), data.number("maxValue")
            item.minimum = low if low is not None else item.minimum
            item.maximum = high if high is not None else item.maximum
            return True
        if kind == "regex" and item.ask is Ask.TEXT and data.text("regex"):
            item.pattern = bare_pattern(data.text("regex"))
            return True
        longest = length_of(data) if kind == "text" and not data.has("minLength") else None
        if longest is None or item.ask is not Ask.TEXT:
            return False
        item.longest = longest
        return True

    def choices(self, data: Element, name: str, code: str) -> list[Choice]:
        """The choices, rows or columns that stand under a name."""
        if not isinstance(data.data.get(name), list):
            return []
        found = []
        for at, value in enumerate(data.get(name)):
            inside = f"{data.place}.{name}[{at}]"
            if isinstance(value, dict):
                found.append(self.choice(Element(value, inside), code))
                continue
            given, _, said = value_of(value).partition("|")
            found.append(Choice(given, self.labels(said or given, inside) or {"": given}))
        return found

    def choice(self, data: Element, code: str) -> Choice:
        named = next((name for name in ("value", "name", "text") if data.has(name)), "value")
        given = value_of(data.get(named, ""))
        labels = self.text(data, "text") or self.text(data, "title") or {"": given}
        choice = Choice(given, labels, data.number("score"))
        for name in sorted(_PICTURES & data.data.keys()):
            texts, file = within(name, data.data[name]), value_of(data.get(name))
            facts = {"question": quoted(given), "kind": name, "file": quoted(file)}
            self.made.losses.add("loss-media", data.place, texts, language="-", **facts)
        data.tell(self.made.losses, code)
        return choice

    def numbered(self, data: Element) -> list[Choice]:
        """The choices of a list of numbers."""
        if not data.has("choicesMin") or not data.has("choicesMax"):
            return []
        low, high = data.number("choicesMin"), data.number("choicesMax")
        step = data.number("choicesStep") or Decimal(1)
        if low is None or high is None or step <= 0:
            data.taken -= {"choicesMin", "choicesMax", "choicesStep"}
            return []
        return self.steps(low, high, step)

    def rates(self, data: Element, code: str) -> list[Choice]:
        """The steps of a scale, which are 1 to 5 if nothing is said of them."""
        found = self.choices(data, "rateValues", code)
        if found:
            return found
        given = data.number("rateMin")
        low = given if given is not None else Decimal(1)
        step = data.number("rateStep") or Decimal(1)
        count = data.number("rateCount") or Decimal(5)
        high = data.number("rateMax") or low + step * (count - 1)
        return self.steps(low, high, abs(step))

    def steps(self, low: Decimal, high: Decimal, step: Decimal) -> list[Choice]:
        count = min(_MOST_NUMBERED, int((high - low) / step) + 1) if high >= low else 0
        values = (f"{(low + step * at).normalize():f}" for at in range(count))
        return [Choice(value, {"zh": value, "en": value}) for value in values]

    def yes_no(self, data: Element) -> list[Choice]:
        return [
            Choice(
                value_of(data.get(code, code == "valueTrue")),
                self.text(data, label) or {**otherwise},
            )
            for code, label, otherwise in (
                ("valueTrue", "labelTrue", _YES),
                ("valueFalse", "labelFalse", _NO),
            )
        ]
