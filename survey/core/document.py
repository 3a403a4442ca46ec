"""A bank as plain data (JSON types): every fault at once, reading, and the digest.

Fractions are strings in a document (``"1.875"``), so that no reader turns them into floats
and equal documents have equal digests.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from survey.core.bank import (
    PROFILE,
    Advice,
    Band,
    Bank,
    Condition,
    Kind,
    Ladder,
    Matrix,
    Multiple,
    Number,
    Open,
    Option,
    Question,
    Ratio,
    Section,
    YesNo,
)
from survey.core.conditions import mentioned
from survey.core.errors import BadDocument, Facts, Problem
from survey.core.scoring import is_scored

LONGEST_OPTION_ZH = 40
LONGEST_OPTION_EN = 25
_IN_PROFILE = (Kind.CHOICE, Kind.MULTIPLE, Kind.NUMBER, Kind.TEXT)


def problems(data: object) -> tuple[Problem, ...]:
    """List every fault, in reading order. An empty tuple means: may be published."""
    try:
        bank = Bank.model_validate(data)
    except ValidationError as error:
        return tuple(_shape_problem(dict(fault)) for fault in error.errors(include_url=False))
    return tuple(_rule_problems(bank))


def read(data: object) -> Bank:
    """Read a document. Raises BadDocument with every fault found."""
    found = problems(data)
    if found:
        raise BadDocument(found)
    return Bank.model_validate(data)


def digest(data: object) -> str:
    """The SHA-256 of the document's canonical JSON, in hexadecimal."""
    canonical = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


# ----------------------------------------------------------------------- shape

_SHAPE_CODES = {
    "missing": "bank-missing",
    "extra_forbidden": "bank-unknown-field",
    "string_too_short": "bank-empty-text",
    "union_tag_invalid": "bank-unknown-kind",
    "union_tag_not_found": "bank-missing-kind",
    "string_pattern_mismatch": "bank-bad-key",
    "enum": "bank-not-one-of",
    "literal_error": "bank-not-one-of",
    "too_short": "bank-too-few",
}


def _shape_problem(fault: dict[str, Any]) -> Problem:
    kinds = {kind.value for kind in Kind}
    path = [str(part) for part in fault["loc"] if str(part) not in kinds]
    place = ".".join(path) or "bank"
    if path and path[-1] in ("zh", "en") and fault["type"] == "missing":
        return Problem("bank-missing-language", place, {"language": path[-1]})
    code = _SHAPE_CODES.get(fault["type"], "bank-wrong-value")
    context = fault.get("ctx", {})
    expected = str(context.get("expected") or context.get("expected_tags") or "")
    facts: Facts = {
        "field": path[-1] if path else "bank",
        "value": _short(fault.get("input")),
        "expected": expected,
    }
    return Problem(code, place, facts)


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 40 else text[:39] + "…"


# ----------------------------------------------------------------------- rules


def _rule_problems(bank: Bank) -> Iterator[Problem]:
    yield from _duplicates(bank)
    if any(section.key == PROFILE for section in bank.sections):
        yield Problem("bank-reserved-key", "sections", {"key": PROFILE})
    yield from _weighing(bank)
    seen: dict[str, Question] = {}
    for place, question in _questions(bank):
        yield from _question(question, place, bank)
        for condition in mentioned(question.when) if question.when else ():
            yield from _condition(condition, f"{place}.when", seen, bank)
        if question.when is not None:
            yield from _forms(question.when, f"{place}.when")
        seen[question.key] = question
    yield from _levels(bank)
    yield from _typography(bank.model_dump(mode="json", by_alias=True, exclude_none=True), "")


def _questions(bank: Bank) -> Iterator[tuple[str, Question]]:
    """Every question with its place."""
    for at, question in enumerate(bank.profile.questions):
        yield f"profile.questions.{at}", question
    for section_at, section in enumerate(bank.sections):
        for domain_at, domain in enumerate(section.domains):
            for at, question in enumerate(domain.questions):
                yield f"sections.{section_at}.domains.{domain_at}.questions.{at}", question


def _duplicates(bank: Bank) -> Iterator[Problem]:
    groups: Sequence[tuple[str, Sequence[str]]] = (
        ("profile", [question.key for _, question in _questions(bank)]),
        ("sections", [section.key for section in bank.sections]),
        ("sections", [section.code for section in bank.sections]),
        ("sections", [domain.key for section in bank.sections for domain in section.domains]),
        ("roles", [role.key for role in bank.roles]),
        ("glossary", [term.key for term in bank.glossary]),
        ("sources", [source.key for source in bank.sources]),
    )
    for place, keys in groups:
        yield from _repeated(keys, place)
    for place, question in _questions(bank):
        match question:
            case Matrix():
                yield from _repeated([row.key for row in question.rows], f"{place}.rows")
            case YesNo():
                yield from _repeated([row.key for row in question.statements], f"{place}.statements")
            case _:
                pass
        yield from _repeated([option.key for option in _options(question)], f"{place}.options")


def _repeated(keys: Sequence[str], place: str) -> Iterator[Problem]:
    for key, count in Counter(keys).items():
        if count > 1:
            yield Problem("bank-duplicate-key", place, {"key": key})


def _options(question: Question) -> tuple[Option, ...]:
    if isinstance(question, Matrix):
        return question.states
    return getattr(question, "options", ())


def _weighing(bank: Bank) -> Iterator[Problem]:
    """Section weights: one for each answer to `weigh_by`, adding up to 100 for each of them."""
    by = bank.questions.get(bank.weigh_by) if bank.weigh_by else None
    if bank.weigh_by and (by is None or by.kind is not Kind.CHOICE):
        yield Problem("bank-unknown-key", "weigh_by", {"key": bank.weigh_by})
        return
    options = [option.key for option in _options(by)] if by is not None else []
    if by is not None and bank.weigh_default not in options:
        yield Problem("bank-unknown-key", "weigh_default", {"key": bank.weigh_default or ""})
    if bank.size_by and bank.size_by not in bank.questions:
        yield Problem("bank-unknown-key", "size_by", {"key": bank.size_by})
    for at, section in enumerate(bank.sections):
        if not isinstance(section.weight, Decimal) and set(section.weight) != set(options):
            facts = {"expected": ", ".join(options)}
            yield Problem("bank-weights-incomplete", f"sections.{at}.weight", facts)
    for option in options or [""]:
        weights = [_weight(section, option) for section in bank.sections]
        if sum(weights) != 100:
            facts = {"sum": f"{sum(weights):f}", "option": option}
            yield Problem("bank-weights-sum", "sections", facts)


def _weight(section: Section, option: str) -> Decimal:
    if isinstance(section.weight, Decimal):
        return section.weight
    return section.weight.get(option, Decimal(0))


def _question(question: Question, place: str, bank: Bank) -> Iterator[Problem]:
    in_profile = place.startswith(PROFILE)
    if in_profile and (question.kind not in _IN_PROFILE or is_scored(question)):
        yield Problem("bank-kind-in-profile", f"{place}.kind", {"kind": question.kind.value})
    if not in_profile and question.kind is Kind.CHOICE:
        yield Problem("bank-choice-outside-profile", f"{place}.kind", {})
    for at, option in enumerate(_options(question)):
        yield from _option_length(option, f"{place}.options.{at}.label")
    yield from _KIND_RULES[question.kind](question, place)
    yield from _references(question, place, bank)
    if is_scored(question):
        yield from _advice(question.advice, place)


def _option_length(option: Option, place: str) -> Iterator[Problem]:
    if len(option.label.zh) > LONGEST_OPTION_ZH:
        facts = {"length": len(option.label.zh), "longest": LONGEST_OPTION_ZH}
        yield Problem("bank-option-too-long-zh", f"{place}.zh", facts)
    words = len(option.label.en.split())
    if words > LONGEST_OPTION_EN:
        facts = {"length": words, "longest": LONGEST_OPTION_EN}
        yield Problem("bank-option-too-long-en", f"{place}.en", facts)


def _references(question: Question, place: str, bank: Bank) -> Iterator[Problem]:
    roles = {role.key for role in bank.roles}
    for at, advice in enumerate(question.advice):
        if advice.owner not in roles:
            yield Problem("bank-unknown-key", f"{place}.advice.{at}.owner", {"key": advice.owner})
    terms = {term.key for term in bank.glossary}
    for at, term in enumerate(question.terms):
        if term not in terms:
            yield Problem("bank-unknown-key", f"{place}.terms.{at}", {"key": term})


def _advice(advice: tuple[Advice, ...], place: str) -> Iterator[Problem]:
    """Advice in rising order, up to the top: every answer that is not the best gets a next step."""
    steps = [each.to for each in advice]
    if steps != sorted(set(steps)) or not steps or steps[-1] != 5:
        yield Problem("bank-advice-gap", f"{place}.advice", {"steps": ", ".join(map(str, steps))})


# -------------------------------------------------------------- rules per kind


def _no_rule(question: Question, place: str) -> Iterator[Problem]:
    return iter(())


def _ladder_rule(question: Question, place: str) -> Iterator[Problem]:
    assert isinstance(question, Ladder)
    yield from _rising(question.options, f"{place}.options")


def _rising(options: Sequence[Option], place: str) -> Iterator[Problem]:
    points = [option.points for option in options]
    if None in points:
        yield Problem("bank-points-missing", place, {})
        return
    known = [value for value in points if value is not None]
    if known[0] != 0 or any(low >= high for low, high in zip(known, known[1:], strict=False)):
        yield Problem("bank-points-not-rising", place, {"points": ", ".join(map(str, known))})


def _multiple_rule(question: Question, place: str) -> Iterator[Problem]:
    assert isinstance(question, Multiple)
    keys = [option.key for option in question.options]
    if question.none is not None and question.none not in keys:
        yield Problem("bank-unknown-key", f"{place}.none", {"key": question.none})
    boxes = len(keys) - (question.none in keys)
    if question.full_at is not None and question.full_at > boxes:
        yield Problem("bank-full-at-too-high", f"{place}.full_at", {"most": boxes})


def _number_rule(question: Question, place: str) -> Iterator[Problem]:
    assert isinstance(question, Number)
    if question.minimum >= question.maximum:
        yield Problem("bank-range-empty", f"{place}.minimum", {})
    yield from _bands(question.bands, question.minimum, f"{place}.bands")


def _ratio_rule(question: Question, place: str) -> Iterator[Problem]:
    assert isinstance(question, Ratio)
    yield from _bands(question.bands, Decimal(0), f"{place}.bands")


def _bands(bands: Sequence[Band], lowest: Decimal, place: str) -> Iterator[Problem]:
    if not bands:
        return
    if bands[0].from_ > lowest or (bands[0].above and bands[0].from_ == lowest):
        yield Problem("bank-bands-start-late", place, {"lowest": f"{lowest:f}"})
    edges = [(band.from_, band.above) for band in bands]
    if edges != sorted(set(edges)):
        yield Problem("bank-bands-not-rising", place, {})
    scores = [band.score for band in bands]
    if scores not in (sorted(set(scores)), sorted(set(scores), reverse=True)):
        yield Problem("bank-bands-not-monotone", place, {"scores": ", ".join(map(str, scores))})


def _matrix_rule(question: Question, place: str) -> Iterator[Problem]:
    assert isinstance(question, Matrix)
    yield from _rising(question.states, f"{place}.states")
    if question.full_at is not None and question.full_at > len(question.rows):
        yield Problem("bank-full-at-too-high", f"{place}.full_at", {"most": len(question.rows)})


def _text_rule(question: Question, place: str) -> Iterator[Problem]:
    assert isinstance(question, Open)
    if question.pattern is None:
        return
    try:
        re.compile(question.pattern)
    except re.error:
        yield Problem("bank-bad-pattern", f"{place}.pattern", {"value": _short(question.pattern)})


_KIND_RULES: dict[Kind, Callable[[Question, str], Iterator[Problem]]] = {
    Kind.CHOICE: _no_rule,
    Kind.LADDER: _ladder_rule,
    Kind.MULTIPLE: _multiple_rule,
    Kind.NUMBER: _number_rule,
    Kind.RATIO: _ratio_rule,
    Kind.MATRIX: _matrix_rule,
    Kind.YES_NO: _no_rule,
    Kind.TEXT: _text_rule,
}


# ------------------------------------------------------------------ conditions


def _forms(condition: Condition, place: str) -> Iterator[Problem]:
    """Exactly one form at every level of a condition."""
    forms = [
        condition.question is not None,
        condition.all_ is not None,
        condition.any_ is not None,
        condition.not_ is not None,
    ]
    tests = [condition.in_ is not None, condition.at_least is not None]
    if sum(forms) != 1 or sum(tests) != (1 if condition.question is not None else 0):
        yield Problem("bank-condition-form", place, {})
    for part in (*(condition.all_ or ()), *(condition.any_ or ())):
        yield from _forms(part, place)
    if condition.not_ is not None:
        yield from _forms(condition.not_, place)


def _condition(
    condition: Condition, place: str, earlier: dict[str, Question], bank: Bank
) -> Iterator[Problem]:
    """A condition looks back at an earlier question, which therefore rules out cycles."""
    key = condition.question or ""
    question = earlier.get(key)
    if question is None:
        code = "bank-condition-looks-ahead" if key in bank.questions else "bank-unknown-key"
        yield Problem(code, place, {"key": key})
        return
    if condition.in_ is not None:
        known = {option.key for option in getattr(question, "options", ())}
        for option in condition.in_:
            if option not in known:
                yield Problem("bank-unknown-option", place, {"key": key, "option": option})
    elif question.kind not in (Kind.NUMBER, Kind.RATIO, Kind.LADDER):
        yield Problem("bank-condition-not-a-number", place, {"key": key})


# ---------------------------------------------------------------------- levels


def _levels(bank: Bank) -> Iterator[Problem]:
    steps = bank.levels.steps
    numbers = [step.number for step in steps]
    if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        yield Problem("bank-levels-not-consecutive", "levels.steps", {})
    thresholds = [step.threshold for step in steps]
    if thresholds != sorted(set(thresholds)):
        yield Problem("bank-levels-not-rising", "levels.steps", {})
    for at, key in enumerate(bank.levels.gates.core):
        question = bank.questions.get(key)
        if question is None:
            yield Problem("bank-unknown-key", f"levels.gates.core.{at}", {"key": key})
        elif not is_scored(question):
            yield Problem("bank-core-not-scored", f"levels.gates.core.{at}", {"key": key})
    gates = bank.levels.gates
    if (gates.ceiling is None) != (gates.ceiling_reason is None):
        yield Problem("bank-ceiling-reason", "levels.gates.ceiling", {})


# ------------------------------------------------------------------ typography

_HALF_WIDTH_IN_CHINESE = re.compile(r"(?<=[\u4e00-\u9fff])[,;:!?]|[,;:!?](?=[\u4e00-\u9fff])")
_FULL_WIDTH_IN_ENGLISH = re.compile(r"[\u3000-\u303f\uff01-\uff5e\u4e00-\u9fff]")


def _typography(node: object, place: str) -> Iterator[Problem]:
    """Half-width punctuation beside Han characters, and full-width characters in English."""
    if isinstance(node, dict):
        if set(node) == {"zh", "en"}:
            slip = _HALF_WIDTH_IN_CHINESE.search(node["zh"])
            if slip:
                yield Problem("bank-half-width", f"{place}.zh", {"character": slip.group()})
            slip = _FULL_WIDTH_IN_ENGLISH.search(node["en"])
            if slip:
                yield Problem("bank-full-width", f"{place}.en", {"character": slip.group()})
            return
        for key, value in node.items():
            yield from _typography(value, f"{place}.{key}" if place else key)
    elif isinstance(node, list):
        for at, value in enumerate(node):
            yield from _typography(value, f"{place}.{at}")
