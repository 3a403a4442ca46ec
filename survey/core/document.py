"""A bank as plain data (JSON types): every fault at once, reading, and the digest.

Fractions are strings in a document (``"1.875"``), so that no reader turns them into floats
and equal documents have equal digests.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any, Protocol

from pydantic import TypeAdapter, ValidationError

from survey.core.answers import UNPRINTABLE
from survey.core.bank import (
    PROFILE,
    Advice,
    Band,
    Bank,
    Choice,
    Condition,
    Domain,
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
from survey.core.errors import BadDocument, Facts, Problem, quoted
from survey.core.patterns import is_pattern
from survey.core.scoring import is_scored

LONGEST_OPTION_ZH = 40
LONGEST_OPTION_EN = 25
DEEPEST = 40
_IN_PROFILE = (Kind.CHOICE, Kind.MULTIPLE, Kind.NUMBER, Kind.TEXT)
_COMPARABLE = (Kind.NUMBER, Kind.RATIO, Kind.LADDER)


def problems(data: object) -> tuple[Problem, ...]:
    """List every fault. An empty tuple means: may be published.

    If a part has not the right shape, the rules between parts cannot be checked; each
    question's own rules and the typography of every text are checked all the same.
    """
    if _too_deep(data):
        return (Problem("bank-too-deep", "bank", {"most": DEEPEST}),)
    try:
        bank = Bank.model_validate(data)
    except ValidationError as error:
        rules = [*_shape_problems(error), *_lone_questions(data)]
    else:
        rules = list(_rule_problems(bank))
    return (*rules, *_typography(data, ""), *_unprintable(data, ""))


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


def _too_deep(data: object) -> bool:
    """Counted without recursion, which a hostile document would exhaust."""
    layer = [data]
    for _ in range(DEEPEST):
        layer = [part for node in layer for _, part in _parts(node)]
    return bool(layer)


def _parts(node: object) -> list[tuple[object, object]]:
    if isinstance(node, dict):
        return list(node.items())
    return list(enumerate(node)) if isinstance(node, list) else []


# ----------------------------------------------------------------------- shape

_SHAPE_CODES = {
    "missing": "bank-missing",
    "extra_forbidden": "bank-unknown-field",
    "unexpected_keyword_argument": "bank-unknown-field",
    "dataclass_type": "bank-not-both-languages",
    "string_too_short": "bank-empty-text",
    "string_too_long": "bank-text-too-long",
    "string_pattern_mismatch": "bank-bad-key",
    "union_tag_invalid": "bank-unknown-kind",
    "union_tag_not_found": "bank-missing-kind",
    "enum": "bank-not-one-of",
    "literal_error": "bank-not-one-of",
    "too_short": "bank-too-few",
    "value_error": "bank-not-a-number",
    "int_type": "bank-not-a-whole-number",
    "bool_type": "bank-not-true-or-false",
    "decimal_max_places": "bank-too-many-decimals",
    "greater_than_equal": "bank-too-low",
    "less_than_equal": "bank-too-high",
}
_LIMITS = {
    "string_too_long": "max_length",
    "decimal_max_places": "decimal_places",
    "greater_than_equal": "ge",
    "less_than_equal": "le",
}


def _shape_problems(error: ValidationError) -> Iterator[Problem]:
    for fault in error.errors(include_url=False):
        given, context = fault["input"], fault.get("ctx", {})
        if fault["type"] == "too_short" and len(given) >= context["min_length"]:
            continue  # long enough, but for the faulty parts that are reported themselves
        yield _shape_problem(fault["type"], _path(fault["loc"]), given, context)


def _shape_problem(
    kind: str, path: Sequence[str], given: object, context: Mapping[str, Any]
) -> Problem:
    field = path[-1] if path else "bank"
    code = _SHAPE_CODES.get(kind, "bank-wrong-value")
    if code == "bank-missing" and field in {"zh", "en"}:
        code = "bank-missing-language"
    if code == "bank-bad-key" and field == "code":
        code = "bank-bad-code"
    if code == "bank-unknown-kind":
        path, given = [*path, "kind"], context["tag"]
    kinds = ", ".join(Kind) if code in {"bank-unknown-kind", "bank-missing-kind"} else ""
    expected = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
    facts: Facts = {
        "field": quoted(field),
        "value": quoted(given),
        "expected": kinds or expected,
        "limit": str(context.get(_LIMITS.get(kind, ""), "")),
    }
    return Problem(code, ".".join(path) or "bank", facts)


def _path(parts: Sequence[int | str]) -> list[str]:
    """The path inside the document: without what pydantic adds to tell the forms of a part."""
    return [
        str(part)
        for at, part in enumerate(parts)
        if part != "[key]"
        and not (at > 1 and parts[at - 2] == "questions" and isinstance(parts[at - 1], int))
        and not (at > 0 and parts[at - 1] == "weight" and part in {"one", "each"})
    ]


_QUESTION: TypeAdapter[Question] = TypeAdapter(Question)


def _lone_questions(data: object, place: str = "") -> Iterator[Problem]:
    """The faults of each question that has the right shape, wherever it stands."""
    for key, part in _parts(data):
        inside = f"{place}.{key}" if place else str(key)
        if place.endswith("questions"):
            try:
                question = _QUESTION.validate_python(part)
            except ValidationError:
                continue
            yield from _by_itself(question, inside)
        else:
            yield from _lone_questions(part, inside)


# ----------------------------------------------------------------------- rules


def _rule_problems(bank: Bank) -> Iterator[Problem]:
    yield from _duplicates(bank)
    for at, section in enumerate(bank.sections):
        if section.key == PROFILE:
            yield Problem("bank-reserved-key", f"sections.{at}.key", {"key": PROFILE})
    yield from _weighing(bank)
    seen: dict[str, Question] = {}
    for place, question in _questions(bank):
        yield from _by_itself(question, place)
        yield from _in_its_bank(question, place, bank)
        if question.when is not None:
            yield from _condition(question.when, f"{place}.when", seen, bank)
        seen[question.key] = question
    yield from _levels(bank)


def _questions(bank: Bank) -> Iterator[tuple[str, Question]]:
    """Every question with its place."""
    for at, question in enumerate(bank.profile.questions):
        yield f"profile.questions.{at}", question
    for domain_place, domain in _domains(bank):
        for at, question in enumerate(domain.questions):
            yield f"{domain_place}.questions.{at}", question


def _domains(bank: Bank) -> Iterator[tuple[str, Domain]]:
    for section_at, section in enumerate(bank.sections):
        for at, domain in enumerate(section.domains):
            yield f"sections.{section_at}.domains.{at}", domain


def _duplicates(bank: Bank) -> Iterator[Problem]:
    """Keys that must differ: those of all questions, all domains, and of the parts of a list."""
    yield from _repeated((f"{place}.key", question.key) for place, question in _questions(bank))
    yield from _repeated((f"{place}.key", domain.key) for place, domain in _domains(bank))
    codes = enumerate(section.code for section in bank.sections)
    yield from _repeated((f"sections.{at}.code", code) for at, code in codes)
    lists: Sequence[tuple[str, Sequence[_Keyed]]] = (
        ("sections", bank.sections),
        ("roles", bank.roles),
        ("glossary", bank.glossary),
        ("sources", bank.sources),
    )
    for place, parts in lists:
        yield from _repeated_in(parts, place)


class _Keyed(Protocol):
    """Any part of a bank that has a key."""

    @property
    def key(self) -> str: ...


def _repeated_in(parts: Sequence[_Keyed], place: str) -> Iterator[Problem]:
    return _repeated((f"{place}.{at}.key", part.key) for at, part in enumerate(parts))


def _repeated(keys: Iterable[tuple[str, str]]) -> Iterator[Problem]:
    seen = set()
    for place, key in keys:
        if key in seen:
            yield Problem("bank-duplicate-key", place, {"key": key})
        seen.add(key)


def _options(question: Question) -> tuple[Option, ...]:
    match question:
        case Choice() | Ladder() | Multiple():
            return question.options
        case Matrix():
            return question.states
        case _:
            return ()


def _weighing(bank: Bank) -> Iterator[Problem]:
    """Section weights: one for each answer to `weigh_by`, adding up to 100 for each of them."""
    sized = bank.questions.get(bank.size_by) if bank.size_by else None
    if bank.size_by and (sized is None or sized.kind is not Kind.CHOICE):
        yield Problem("bank-not-a-choice", "size_by", {"key": bank.size_by})
    by = bank.questions.get(bank.weigh_by) if bank.weigh_by else None
    if bank.weigh_by and (by is None or by.kind is not Kind.CHOICE):
        yield Problem("bank-not-a-choice", "weigh_by", {"key": bank.weigh_by})
        return
    options = [option.key for option in _options(by)] if by is not None else []
    if by is not None and bank.weigh_default not in options:
        yield Problem("bank-unknown-key", "weigh_default", {"key": bank.weigh_default or ""})
    incomplete = [
        f"sections.{at}.weight"
        for at, section in enumerate(bank.sections)
        if not isinstance(section.weight, Decimal) and set(section.weight) != set(options)
    ]
    for place in incomplete:
        code = "bank-weights-incomplete" if options else "bank-weights-without-question"
        yield Problem(code, place, {"expected": ", ".join(options)})
    if incomplete:
        return
    for option in options or [""]:
        weights = sum((_weight(section, option) for section in bank.sections), Decimal(0))
        if weights != 100:
            code = "bank-weights-sum-for" if option else "bank-weights-sum"
            yield Problem(code, "sections", {"sum": f"{weights:f}", "option": option})


def _weight(section: Section, option: str) -> Decimal:
    if isinstance(section.weight, Decimal):
        return section.weight
    return section.weight[option]


def _by_itself(question: Question, place: str) -> Iterator[Problem]:
    """What must hold whatever the rest of the bank says."""
    name = "states" if question.kind is Kind.MATRIX else "options"
    yield from _repeated_in(_options(question), f"{place}.{name}")
    for at, option in enumerate(_options(question)):
        yield from _option_length(option, f"{place}.{name}.{at}.label")
    yield from _KIND_RULES[question.kind](question, place)
    if is_scored(question):
        yield from _advice(question.advice, place)


def _in_its_bank(question: Question, place: str, bank: Bank) -> Iterator[Problem]:
    in_profile = place.startswith(PROFILE)
    if in_profile and (question.kind not in _IN_PROFILE or is_scored(question)):
        yield Problem("bank-kind-in-profile", f"{place}.kind", {"kind": question.kind.value})
    if not in_profile and question.kind is Kind.CHOICE:
        yield Problem("bank-choice-outside-profile", f"{place}.kind", {})
    roles = {role.key for role in bank.roles}
    for at, advice in enumerate(question.advice):
        if advice.owner not in roles:
            yield Problem("bank-unknown-key", f"{place}.advice.{at}.owner", {"key": advice.owner})
    terms = {term.key for term in bank.glossary}
    for at, term in enumerate(question.terms):
        if term not in terms:
            yield Problem("bank-unknown-key", f"{place}.terms.{at}", {"key": term})


def _option_length(option: Option, place: str) -> Iterator[Problem]:
    if len(option.label.zh) > LONGEST_OPTION_ZH:
        facts = {"length": len(option.label.zh), "longest": LONGEST_OPTION_ZH}
        yield Problem("bank-option-too-long-zh", f"{place}.zh", facts)
    words = len(option.label.en.split())
    if words > LONGEST_OPTION_EN:
        facts = {"length": words, "longest": LONGEST_OPTION_EN}
        yield Problem("bank-option-too-long-en", f"{place}.en", facts)


def _advice(advice: tuple[Advice, ...], place: str) -> Iterator[Problem]:
    """Advice in rising order, up to the top: every answer that is not the best gets a next step."""
    steps = [each.to for each in advice]
    if steps != sorted(set(steps)) or not steps or steps[-1] != 5:
        yield Problem("bank-advice-gap", f"{place}.advice", {"steps": ", ".join(map(str, steps))})


# -------------------------------------------------------------- rules per kind


def _no_rule(_question: Question, _place: str) -> Iterator[Problem]:
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
    if known[0] != 0 or any(low >= high for low, high in pairwise(known)):
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
    yield from _repeated_in(question.rows, f"{place}.rows")
    yield from _rising(question.states, f"{place}.states")
    if question.full_at is not None and question.full_at > len(question.rows):
        yield Problem("bank-full-at-too-high", f"{place}.full_at", {"most": len(question.rows)})


def _yes_no_rule(question: Question, place: str) -> Iterator[Problem]:
    assert isinstance(question, YesNo)
    yield from _repeated_in(question.statements, f"{place}.statements")


def _text_rule(question: Question, place: str) -> Iterator[Problem]:
    assert isinstance(question, Open)
    if question.pattern is not None and not is_pattern(question.pattern):
        yield Problem("bank-bad-pattern", f"{place}.pattern", {"value": quoted(question.pattern)})


_KIND_RULES: dict[Kind, Callable[[Question, str], Iterator[Problem]]] = {
    Kind.CHOICE: _no_rule,
    Kind.LADDER: _ladder_rule,
    Kind.MULTIPLE: _multiple_rule,
    Kind.NUMBER: _number_rule,
    Kind.RATIO: _ratio_rule,
    Kind.MATRIX: _matrix_rule,
    Kind.YES_NO: _yes_no_rule,
    Kind.TEXT: _text_rule,
}


# ------------------------------------------------------------------ conditions


def _condition(
    condition: Condition, place: str, earlier: Mapping[str, Question], bank: Bank
) -> Iterator[Problem]:
    """Exactly one form, at every depth, over questions that stand before this one."""
    forms = (condition.question, condition.all_, condition.any_, condition.not_)
    tests = (condition.in_, condition.at_least)
    needed = 1 if condition.question is not None else 0
    if _given(forms) != 1 or _given(tests) != needed:
        yield Problem("bank-condition-form", place, {})
    elif condition.question is not None:
        yield from _test(condition, condition.question, place, earlier, bank)
    for name, parts in (("all", condition.all_), ("any", condition.any_)):
        for at, part in enumerate(parts or ()):
            yield from _condition(part, f"{place}.{name}.{at}", earlier, bank)
    if condition.not_ is not None:
        yield from _condition(condition.not_, f"{place}.not", earlier, bank)


def _given(parts: Sequence[object]) -> int:
    return sum(part is not None for part in parts)


def _test(
    condition: Condition, key: str, place: str, earlier: Mapping[str, Question], bank: Bank
) -> Iterator[Problem]:
    """A condition looks back, which also rules out circles."""
    question = earlier.get(key)
    if question is None:
        code = "bank-condition-looks-ahead" if key in bank.questions else "bank-unknown-key"
        yield Problem(code, f"{place}.question", {"key": key})
    elif condition.in_ is None and question.kind not in _COMPARABLE:
        yield Problem("bank-condition-not-a-number", f"{place}.at_least", {"key": key})
    elif condition.in_ is not None:
        known = {option.key for option in _options(question)} if _pickable(question) else set()
        for at, option in enumerate(condition.in_):
            if option not in known:
                facts = {"key": key, "option": option}
                yield Problem("bank-unknown-option", f"{place}.in.{at}", facts)


def _pickable(question: Question) -> bool:
    return question.kind in {Kind.CHOICE, Kind.LADDER, Kind.MULTIPLE}


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
    if isinstance(node, dict) and {"zh", "en"} & set(node):
        yield from _slip(node.get("zh"), _HALF_WIDTH_IN_CHINESE, f"{place}.zh", "bank-half-width")
        yield from _slip(node.get("en"), _FULL_WIDTH_IN_ENGLISH, f"{place}.en", "bank-full-width")
        return
    for key, part in _parts(node):
        yield from _typography(part, f"{place}.{key}" if place else str(key))


def _unprintable(node: object, place: str) -> Iterator[Problem]:
    """Characters that no page can show, or that turn the reading direction of what follows.

    Halves of characters are not even text: the shape of the bank has named them already.
    """
    found = UNPRINTABLE.search(node) if isinstance(node, str) else None
    if found and not "\ud800" <= found.group() <= "\udfff":
        yield Problem("bank-unprintable", place, {"character": f"U+{ord(found.group()):04X}"})
    for key, part in _parts(node):
        yield from _unprintable(part, f"{place}.{key}" if place else str(key))


def _slip(text: object, slips: re.Pattern[str], place: str, code: str) -> Iterator[Problem]:
    slip = slips.search(text) if isinstance(text, str) else None
    if slip:
        yield Problem(code, place, {"character": slip.group()})
