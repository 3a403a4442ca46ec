"""Random edits of a page of questions, made as a person makes them; and answers made comparable.

An answer is compared as the set of its parts and values, the same whether it is read from a page,
from what a page sent, or from the database.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from playwright.sync_api import Page

Fields = frozenset[tuple[str, str]]
"""Pairs of a part (empty for the question itself) and a value; empty for no answer."""

NOT_PART_OF_AN_ANSWER = ("seen", "clash", "keep")

BOXES = """() => [...document.querySelectorAll('#answers [data-question]')]
  .filter((box) => !box.disabled && !box.hidden)
  .map((box) => ({
    question: box.dataset.question,
    clash: Boolean(box.querySelector('.clash')),
    inputs: [...box.querySelectorAll('input, select, textarea')]
      .filter((i) => i.name.startsWith('q_') && i.type !== 'hidden')
      .map((i) => ({ name: i.name, type: i.type, value: i.value, checked: i.checked === true,
                     far: Boolean(i.closest('details')) })) }))"""

FIELDS = """(question) => {
  const box = document.querySelector(`#answers [data-question="${question}"]`);
  return [...box.querySelectorAll('input, select, textarea')]
    .filter((i) => i.name.startsWith('q_') && !(/^(radio|checkbox)$/.test(i.type) && !i.checked))
    .map((i) => [i.name, i.value]); }"""


KEYS = """() => [...document.querySelectorAll('#answers [data-question]')]
  .map((box) => box.dataset.question)"""


@dataclass(frozen=True)
class Input:
    """What can be filled in or chosen. `far`: only after a fold has been opened."""

    name: str
    type: str
    value: str
    checked: bool
    far: bool

    @property
    def part(self) -> str:
        return self.name.partition(".")[2]


@dataclass(frozen=True)
class Box:
    """One question as it stands on the page."""

    question: str
    clash: bool
    inputs: tuple[Input, ...]


def boxes(page: Page) -> list[Box]:
    """The questions that the page asks now."""
    return [
        Box(each["question"], each["clash"], tuple(Input(**i) for i in each["inputs"]))
        for each in page.evaluate(BOXES)
    ]


def keys_on(page: Page) -> list[str]:
    """Every question of the page, also those that do not apply at the moment."""
    keys: list[str] = page.evaluate(KEYS)
    return keys


def fields_on(page: Page, question: str) -> Fields:
    """What stands in the fields of a question."""
    return fields_of(page.evaluate(FIELDS, question))


def fields_of(pairs: Iterable[Iterable[str]]) -> Fields:
    """The names and values of a page or of a request."""
    found = ((name.partition(".")[2], value.strip()) for name, value in pairs)
    return frozenset(
        (part, value) for part, value in found if value and part not in NOT_PART_OF_AN_ANSWER
    )


def fields_of_plain(plain: Mapping[str, Any] | None, *, picked: bool) -> Fields:
    """What is stored, as it stands in the fields. `picked`: one group of radio buttons."""
    if plain is None:
        return frozenset()
    found: set[tuple[str, str]] = set()
    for name, value in plain.items():
        match name, value:
            case "typed", _:
                found |= {(part, v.strip()) for part, values in value.items() for v in values}
            case "unknown", _:
                found.add(("" if picked else "state", "_unknown"))
            case "not_applicable", _:
                found |= {("" if picked else "state", "_not-applicable"), ("reason", value)}
            case "options", _:
                found |= {("", option) for option in value}
            case (("rows" | "statements"), _):
                found |= {(f"row.{row}", state) for row, state in value.items()}
            case "evidence", _:
                found |= {("evidence", value["grade"]), ("note", value["note"])}
            case "half", _:
                found.add(("half", "1"))
            case (("option" | "number" | "text"), _):
                found.add(("", value))
            case _:
                found.add((name, value))
    return frozenset(pair for pair in found if pair[1])


# ----------------------------------------------------------------------- edits


def edit(page: Page, box: Box, chance: Random, number: int, who: str) -> None:
    """Change the question somehow. Whatever is typed stands nowhere else: `number` is its mark."""
    near = [i for i in box.inputs if not i.far and i.part not in NOT_PART_OF_AN_ANSWER]
    typed = [i for i in near if i.type in ("text", "textarea") and i.part != "reason"]
    chosen = [i for i in near if i.type in ("radio", "checkbox")]
    if typed and (not chosen or chance.random() < 0.8):
        for each in typed:
            _type(page, each.name, _words(each.part, box.question, chance, number, who))
        return
    options = [i for i in chosen if i.type == "checkbox" or not i.checked]
    if not options:
        return
    target = chance.choice(options)
    _pick(page, target)
    if target.value == "_not-applicable":
        _type(page, f"q_{box.question}.reason", f"{who} {number}")


def choose(page: Page, box: Box, chance: Random) -> str:
    """Decide a conflict; return whose answer is kept."""
    kept = chance.choice(("mine", "theirs"))
    page.locator(f"[data-question='{box.question}'] [data-choose={kept}]").click(timeout=1_500)
    return kept


def _words(part: str, question: str, chance: Random, number: int, who: str) -> str:
    kind = question.rpartition("-")[0] or question
    if part == "source" or kind in ("product", "site"):
        rare = "😀" if chance.random() < 0.05 else ""
        return f"{who} {number}{rare}"
    if chance.random() < 0.05:
        return f"many {number}"
    figures = {"denominator": number + 400, "base": number + 400, "lead": number / 10 + 0.01}
    if part in figures:
        return f"{figures[part]:g}"
    return f"{number // 10}.{number % 10}1" if kind in ("years", "turnover") else f"{number}"


def _type(page: Page, name: str, words: str) -> None:
    field = page.locator(f"[name='{name}']")
    field.fill(words)
    field.blur()


def _pick(page: Page, target: Input) -> None:
    """By the space bar: a click would first wait until the page has stopped scrolling."""
    page.locator(f"[name='{target.name}'][value='{target.value}']").press(" ")
