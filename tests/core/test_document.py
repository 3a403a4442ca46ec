"""Every fault of a bank is named, with its place, and all of them at once."""

import ast
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from survey.core import document
from survey.core.document import MOST_PROBLEMS
from survey.core.errors import BadDocument
from survey.core.text import Locale
from survey.messages import for_error, for_problem
from tests.builders import (
    Data,
    a_profile,
    advice,
    bank_data,
    benchmark,
    choice,
    distribution,
    domain,
    edition,
    eligibility,
    ladder,
    levels,
    matrix,
    multiple,
    number,
    published_share,
    ratio,
    requirements,
    rule_condition,
    section,
    two_years,
    words,
    yes_no,
)

LADDER = "sections.0.domains.0.questions.0"
MULTIPLE = "sections.0.domains.0.questions.1"
NUMBER = "sections.0.domains.0.questions.2"
RATIO = "sections.0.domains.1.questions.0"
MATRIX = "sections.0.domains.1.questions.1"
YES_NO = "sections.0.domains.1.questions.2"
WORDS = "sections.0.domains.1.questions.3"
MISSING = object()
A_SOURCE: Data = {"key": "norm", "title": {"zh": "标准", "en": "Standard"}, "edition": "2025"}


def changed(place: str, value: object) -> Data:
    """The builder's document with another value at one place, or without it.

    Its ladder has whole steps only, so that it can be a scene.
    """
    data = deepcopy(bank_data(sources=[A_SOURCE]))
    data["sections"][0]["domains"][0]["questions"][0]["half_steps"] = False
    *path, last = place.split(".")
    node: Any = data
    for part in path:
        node = node[int(part)] if isinstance(node, list) else node[part]
    key: Any = int(last) if isinstance(node, list) else last
    if value is MISSING:
        del node[key]
    else:
        node[key] = value
    return data


def found(data: object) -> list[tuple[str, str]]:
    return [(problem.code, problem.place) for problem in document.problems(data)]


def an_option(key: str, points: object = None, zh: str = "选项", en: str = "Option") -> Data:
    return {"key": key, "points": points, "label": {"zh": zh, "en": en}}


def a_row(key: str) -> Data:
    return {"key": key, "label": {"zh": "一行", "en": "Row"}}


def a_hint(**changes: object) -> Data:
    return {"key": "first", "text": {"zh": "先看这里。", "en": "Look here first."}} | changes


def a_scale(base: object, lead: object, source: str = "norm") -> Data:
    return {"base": base, "lead": lead, "source": source}


def scenes(*keys: str, mandatory: Sequence[str] = (), **step: int) -> Data:
    """A gate with one step: one scene at level 1, unless the step says otherwise."""
    steps = [{"level": 1, "scenes": 1, "mandatory": len(mandatory)} | step]
    return {"scenes": list(keys), "mandatory": list(mandatory), "steps": steps}


def scale_faults(code: str, *cases: tuple[Data, str]) -> list[tuple[str, str, object, str | None]]:
    """A question in the place of the number, and where inside it the fault is."""
    return [(code, NUMBER, question, f"{NUMBER}.{inside}") for question, inside in cases]


SCENE_0 = "levels.gates.scenes.scenes.0"
SCENE_1 = "levels.gates.scenes.scenes.1"


def staged_levels(*thresholds: object, first: int = 0) -> Data:
    steps = levels()["steps"][first:]
    return levels() | {
        "steps": [
            step | {"threshold": points} for step, points in zip(steps, thresholds, strict=False)
        ]
    }


def three_stages() -> Data:
    rows = [row | {"level": n} for n, row in enumerate(requirements()["rows"], 1)]
    return requirements("r", rows=rows)


FALLING = [{"from": 0, "score": 100}, {"from": 3, "score": 0}]
LOOKS_AT_TYPE = {"question": "production-type", "in": ["discrete"]}
NEVER = {"all": [LOOKS_AT_TYPE, {"not": LOOKS_AT_TYPE}]}
DEEP: dict[str, Any] = LOOKS_AT_TYPE
for _ in range(60):
    DEEP = {"not": DEEP}

# code, where a value of the document is changed, the value, and where the problem is reported
# (None: at the same place)
FAULTS: list[tuple[str, str, object, str | None]] = [
    # ------------------------------------------------------------------- shape
    ("bank-too-deep", f"{LADDER}.when", DEEP, "bank"),
    ("bank-too-long-list", f"{LADDER}.leans_on", ["plan"] * 1001, "bank"),
    ("bank-missing", "levels", MISSING, None),
    ("bank-missing", f"{LADDER}.prompt", MISSING, None),
    ("bank-missing", f"{LADDER}.advice.0.owner", MISSING, None),
    ("bank-missing-language", "title.en", MISSING, None),
    ("bank-missing-language", f"{LADDER}.options.2.label.zh", MISSING, None),
    ("bank-not-both-languages", "title", "标题", None),
    ("bank-not-both-languages", f"{LADDER}.prompt", ["一", "one"], None),
    ("bank-unknown-field", "colour", "red", None),
    ("bank-unknown-field", "title.fr", "titre", None),
    ("bank-unknown-field", f"{LADDER}.option", [], None),
    ("bank-unknown-field", f"{WORDS}.bands", [], None),
    ("bank-empty-text", "title.zh", "", None),
    ("bank-empty-text", "title.en", " \n ", None),
    ("bank-text-too-long", "title.zh", "长" * 4001, None),
    ("bank-unprintable", "title.zh", "标\0题", None),
    ("bank-unprintable", f"{LADDER}.prompt.en", "Is it\u202e planned?", None),
    ("bank-too-high", "version", 1_000_000, None),
    ("bank-unknown-kind", f"{LADDER}.kind", "dropdown", None),
    ("bank-missing-kind", f"{LADDER}.kind", MISSING, LADDER),
    ("bank-bad-key", "key", "Big Bank", None),
    ("bank-bad-key", f"{LADDER}.key", "planning_2", None),
    ("bank-bad-key", f"{LADDER}.key", "trailing-", None),
    ("bank-bad-key", f"{LADDER}.key", "规划", None),
    ("bank-bad-key", "sections.0.weight", {"Discrete": 100}, "sections.0.weight.Discrete"),
    ("bank-bad-code", "sections.0.code", "a1", None),
    ("bank-not-one-of", "format", 2, None),
    ("bank-not-one-of", "format", True, None),
    ("bank-not-one-of", "format", 1.0, None),
    ("bank-not-one-of", "sections.0.theme", "fast", None),
    ("bank-not-one-of", f"{LADDER}.not_applicable", "sometimes", None),
    ("bank-not-one-of", f"{LADDER}.advice.0.effort", "XL", None),
    ("bank-not-one-of", f"{LADDER}.advice.0.horizon", 31, None),
    ("bank-not-one-of", f"{LADDER}.advice.0.horizon", "30", None),
    ("bank-too-few", "sections", [], None),
    ("bank-too-few", f"{LADDER}.options", [an_option("only", 0)], None),
    ("bank-too-few", f"{MATRIX}.rows", [], None),
    ("bank-too-few", f"{LADDER}.when", {"all": []}, f"{LADDER}.when.all"),
    ("bank-too-few", "sections.0.weight", {}, None),
    ("bank-too-many", f"{LADDER}.options", [an_option(f"o{n}", n) for n in range(101)], None),
    ("bank-too-many", f"{MULTIPLE}.options", [an_option(f"o{n}") for n in range(101)], None),
    ("bank-too-many", f"{MATRIX}.states", [an_option(f"o{n}", n) for n in range(101)], None),
    ("bank-too-many", f"{MATRIX}.rows", [a_row(f"o{n}") for n in range(101)], None),
    ("bank-too-many", f"{YES_NO}.statements", [a_row(f"o{n}") for n in range(101)], None),
    ("bank-too-many", f"{LADDER}.advice", advice() * 21, None),
    ("bank-too-many", f"{LADDER}.when", {"any": [LOOKS_AT_TYPE] * 101}, f"{LADDER}.when.any"),
    ("bank-not-a-number", f"{LADDER}.weight", 1.5, None),
    ("bank-not-a-number", f"{LADDER}.weight", True, None),
    ("bank-not-a-number", f"{LADDER}.weight", None, None),
    ("bank-not-a-number", f"{LADDER}.weight", "", None),
    ("bank-not-a-number", f"{LADDER}.weight", "NaN", None),
    ("bank-not-a-number", f"{LADDER}.weight", "Infinity", None),
    ("bank-not-a-number", f"{LADDER}.weight", ".inf", None),
    ("bank-not-a-number", f"{LADDER}.weight", "1e2", None),
    ("bank-not-a-number", f"{LADDER}.weight", "1_000", None),
    ("bank-not-a-number", f"{LADDER}.weight", "0x10", None),
    ("bank-not-a-number", f"{LADDER}.weight", "٣", None),
    ("bank-not-a-number", f"{LADDER}.weight", "１", None),
    ("bank-not-a-number", f"{LADDER}.weight", " 1 ", None),
    ("bank-not-a-number", f"{LADDER}.weight", "9" * 40, None),
    ("bank-not-a-number", f"{LADDER}.weight", [1], None),
    ("bank-not-a-number", f"{NUMBER}.maximum", "2026-01-01", None),
    ("bank-not-a-number", "sections.0.weight", "all", None),
    ("bank-not-a-number", "sections.0.weight", {"discrete": "x"}, "sections.0.weight.discrete"),
    ("bank-not-a-whole-number", "version", "1", None),
    ("bank-not-a-whole-number", "version", "1_0", None),
    ("bank-not-a-whole-number", "version", 1.0, None),
    ("bank-not-a-whole-number", "version", True, None),
    ("bank-not-a-whole-number", "levels.steps.0.number", "first", None),
    ("bank-not-true-or-false", f"{LADDER}.half_steps", "yes", None),
    ("bank-not-true-or-false", f"{LADDER}.required", 1, None),
    ("bank-too-many-decimals", f"{LADDER}.weight", "0.00001", None),
    ("bank-too-low", f"{LADDER}.weight", "-1", None),
    ("bank-too-low", "version", 0, None),
    ("bank-too-high", f"{LADDER}.weight", "1000.1", None),
    ("bank-too-high", "levels.gates.breadth", "100.0001", None),
    ("bank-too-high", "levels.steps.0.number", 6, None),
    ("bank-wrong-value", "roles", "manager", None),
    ("bank-wrong-value", "title.zh", "\ud800", None),
    ("bank-wrong-value", "title.zh", 5, None),
    # -------------------------------------------------------------------- keys
    ("bank-duplicate-key", f"{NUMBER}.key", "planning", None),
    ("bank-duplicate-key", f"{LADDER}.key", "production-type", None),
    ("bank-duplicate-key", "profile.questions.0.key", "size-class", "profile.questions.1.key"),
    ("bank-duplicate-key", "sections.0.domains.1.key", "first", None),
    ("bank-duplicate-key", f"{LADDER}.options.3.key", "level-0", None),
    ("bank-duplicate-key", f"{MATRIX}.states.2.key", "none", None),
    ("bank-duplicate-key", f"{MATRIX}.rows.1.key", "erp", None),
    ("bank-duplicate-key", f"{YES_NO}.statements.1.key", "registered", None),
    ("bank-reserved-key", "sections.0.key", "profile", None),
    ("bank-unknown-key", f"{LADDER}.advice.0.owner", "nobody", None),
    ("bank-unknown-key", f"{LADDER}.terms", ["mes"], f"{LADDER}.terms.0"),
    ("bank-unknown-key", "levels.gates.core", ["nothing"], "levels.gates.core.0"),
    ("bank-unknown-key", f"{MULTIPLE}.none", "nothing", None),
    ("bank-unknown-key", f"{LADDER}.leans_on", ["norm", "none"], f"{LADDER}.leans_on.1"),
    ("bank-unknown-key", f"{LADDER}.advice.0.sizes", ["huge"], f"{LADDER}.advice.0.sizes.0"),
    ("bank-unknown-key", f"{LADDER}.advice.0.types", ["mixed"], f"{LADDER}.advice.0.types.0"),
    ("bank-unknown-key", f"{LADDER}.advice.0.sectors", ["food"], f"{LADDER}.advice.0.sectors.0"),
    (
        "bank-unknown-key",
        f"{YES_NO}.statements.0.remedy",
        {key: part for key, part in advice(owner="nobody")[0].items() if key != "to"},
        f"{YES_NO}.statements.0.remedy.owner",
    ),
    (
        "bank-unknown-key",
        NUMBER,
        number("n", bands=[], better="higher", scale=a_scale(0, 9, "rumour")),
        f"{NUMBER}.scale.source",
    ),
    ("bank-core-not-scored", "levels.gates.core", ["planning", "product"], "levels.gates.core.1"),
    # ----------------------------------------------------------------- weights
    ("bank-not-a-choice", "weigh_by", "nothing", None),
    ("bank-not-a-choice", "weigh_by", "planning", None),
    ("bank-not-a-choice", "size_by", "nothing", None),
    ("bank-not-a-choice", "size_by", "planning", None),
    ("bank-not-a-choice", "sector_by", "nothing", None),
    ("bank-weights-without-question", "sections.0.weight", {"discrete": 100}, None),
    ("bank-weights-sum", "sections.0.weight", "99.9999", "sections"),
    ("bank-inner-sum", "sections.0.domains.1.weight", "2", "sections.0.domains"),
    ("bank-inner-sum", f"{LADDER}.weight", "98.0001", "sections.0.domains.0.questions"),
    ("bank-kind-in-profile", "profile.questions.0", ladder("extra"), "profile.questions.0.kind"),
    ("bank-kind-in-profile", "profile.questions.0", matrix("extra"), "profile.questions.0.kind"),
    ("bank-kind-in-profile", "profile.questions.0", multiple("e"), "profile.questions.0.kind"),
    ("bank-kind-in-profile", "profile.questions.0", number("e"), "profile.questions.0.kind"),
    ("bank-kind-in-outcomes", "outcomes", a_profile(yes_no("e")), "outcomes.questions.0.kind"),
    ("bank-kind-in-outcomes", "outcomes", a_profile(ratio("e")), "outcomes.questions.0.kind"),
    ("bank-choice-outside-profile", LADDER, choice("extra", "a", "b"), f"{LADDER}.kind"),
    # ----------------------------------------------------------------- options
    ("bank-option-too-long-zh", f"{LADDER}.options.1.label.zh", "长" * 41, None),
    ("bank-option-too-long-zh", f"{MATRIX}.states.1.label.zh", "长" * 41, None),
    ("bank-option-too-long-en", f"{LADDER}.options.1.label.en", "word " * 26, None),
    ("bank-points-missing", f"{LADDER}.options.2.points", None, f"{LADDER}.options"),
    ("bank-points-missing", f"{MATRIX}.states.0.points", None, f"{MATRIX}.states"),
    ("bank-points-not-rising", f"{LADDER}.options.0.points", "0.5", f"{LADDER}.options"),
    ("bank-points-not-rising", f"{LADDER}.options.2.points", 1, f"{LADDER}.options"),
    ("bank-points-not-rising", f"{MATRIX}.states.1.points", 3, f"{MATRIX}.states"),
    (
        "bank-points-missing",
        MULTIPLE,
        multiple("m", full_at=None, credit="points"),
        f"{MULTIPLE}.options",
    ),
    ("bank-full-at-too-high", f"{MULTIPLE}.full_at", 5, None),
    ("bank-full-at-too-high", f"{MATRIX}.full_at", 3, None),
    ("bank-full-at-and-credit", f"{MULTIPLE}.credit", "equal", None),
    (
        "bank-full-at-and-credit",
        MULTIPLE,
        multiple("m", full_at=None, credit="capped"),
        f"{MULTIPLE}.credit",
    ),
    # ------------------------------------------------------------------ advice
    ("bank-advice-not-rising", f"{LADDER}.advice", advice()[::-1], None),
    ("bank-advice-missing", f"{LADDER}.advice", [], None),
    ("bank-advice-missing", f"{LADDER}.advice", advice()[:4], None),
    ("bank-advice-missing", f"{MULTIPLE}.advice", advice()[:3], None),
    ("bank-advice-missing", f"{NUMBER}.advice", advice()[:2], None),
    ("bank-advice-missing", f"{RATIO}.advice", advice()[:3], None),
    ("bank-advice-missing", f"{MATRIX}.advice", advice()[:3], None),
    ("bank-advice-missing", NUMBER, benchmark("b", advice=advice()[:4]), f"{NUMBER}.advice"),
    (
        "bank-advice-missing",
        f"{LADDER}.advice",
        advice(sizes=["large", "medium", "small", "micro"]),
        None,
    ),
    (
        "bank-advice-missing-for",
        f"{LADDER}.advice",
        [*advice()[:4], *advice(sizes=["large", "micro"])[4:]],
        None,
    ),
    # ------------------------------------------------------------------- bands
    ("bank-range-empty", f"{NUMBER}.minimum", 100, None),
    ("bank-bands-start-late", f"{NUMBER}.bands.0.from", 1, f"{NUMBER}.bands"),
    ("bank-bands-start-late", f"{NUMBER}.bands.0.above", True, f"{NUMBER}.bands"),
    ("bank-bands-not-rising", f"{NUMBER}.bands.1.from", 10, f"{NUMBER}.bands"),
    ("bank-bands-not-rising", f"{RATIO}.bands.1.above", False, f"{RATIO}.bands"),
    ("bank-bands-not-monotone", f"{NUMBER}.bands.1.score", 0, f"{NUMBER}.bands"),
    ("bank-bands-not-monotone", f"{RATIO}.bands.2.score", 10, f"{RATIO}.bands"),
    ("bank-bands-wrong-way", f"{NUMBER}.better", "lower", f"{NUMBER}.bands"),
    ("bank-bands-wrong-way", f"{RATIO}.better", "lower", f"{RATIO}.bands"),
    ("bank-bands-not-full", f"{NUMBER}.bands.2.score", 99, f"{NUMBER}.bands"),
    ("bank-bands-not-full", f"{RATIO}.bands.3.score", "99.9999", f"{RATIO}.bands"),
    ("bank-too-low", f"{NUMBER}.bands.0.from", "-0.5", None),
    ("bank-too-low", f"{RATIO}.bands.0.from", -1, None),
    ("bank-too-high", f"{NUMBER}.bands.2.from", "100.5", None),
    ("bank-too-high", f"{RATIO}.bands.3.from", "100.000001", None),
    (
        "bank-band-out-of-reach",
        f"{RATIO}.bands.3",
        {"from": 100, "above": True, "score": 100},
        None,
    ),
    (
        "bank-bands-wrong-way",
        RATIO,
        ratio("r", better="higher", bands=FALLING),
        f"{RATIO}.bands",
    ),
    # ------------------------------------------------------ scales and requirements
    *scale_faults(
        "bank-bands-and-scale", (number("n", better="higher", scale=a_scale(0, 9)), "scale")
    ),
    *scale_faults(
        "bank-missing",
        (number("n", bands=[], scale=a_scale(0, 9)), "better"),
        (ratio("r", bands=[], scale=a_scale(0, 9)), "better"),
    ),
    *scale_faults(
        "bank-scale-sides",
        (number("n", bands=[], better="higher", scale=a_scale(9, 9)), "scale"),
        (number("n", bands=[], better="lower", scale=a_scale(0, 9)), "scale"),
    ),
    *scale_faults(
        "bank-too-low",
        (number("n", minimum=1, bands=[], better="higher", scale=a_scale(0, 9)), "scale.base"),
        (ratio("r", bands=[], better="lower", scale=a_scale(9, -1)), "scale.lead"),
        (benchmark("b", minimum=3, scale=a_scale(9, "2.9")), "scale.lead"),
    ),
    *scale_faults(
        "bank-too-high",
        (number("n", bands=[], better="higher", scale=a_scale(0, "100.1")), "scale.lead"),
        (ratio("r", bands=[], better="lower", scale=a_scale(101, 9)), "scale.base"),
        (benchmark("b", scale=a_scale(1001, 2)), "scale.base"),
    ),
    (
        "bank-scale-sides",
        RATIO,
        ratio("r", bands=[], better="higher", scale=a_scale(60, "59.5")),
        f"{RATIO}.scale",
    ),
    ("bank-scale-sides", NUMBER, benchmark("b", scale=a_scale(18, 55)), f"{NUMBER}.scale"),
    ("bank-range-empty", NUMBER, benchmark("b", minimum=1000), f"{NUMBER}.minimum"),
    # ---------------------------------------------------------- likely figures
    *scale_faults(
        "bank-range-empty",
        (number("n", likely={"low": 9, "high": 9}), "likely.low"),
        (ratio("r", likely_each={"low": 9, "high": 8}), "likely_each.low"),
    ),
    *scale_faults(
        "bank-too-low",
        (number("n", likely={"low": -1, "high": 9}), "likely.low"),
        (ratio("r", likely={"low": -1, "high": 9}), "likely.low"),
        (ratio("r", likely_each={"low": -1, "high": 9}), "likely_each.low"),
        (two_years("t", likely={"low": -101, "high": 9}), "likely.low"),
        (benchmark("b", minimum=3, likely={"low": 2, "high": 9}), "likely.low"),
    ),
    *scale_faults(
        "bank-too-high",
        (number("n", likely={"low": 1, "high": 101}), "likely.high"),
        (ratio("r", likely={"low": 1, "high": 101}), "likely.high"),
        (benchmark("b", likely={"low": 1, "high": 1001}), "likely.high"),
    ),
    ("bank-missing", NUMBER, number("n", likely={"low": 1}), f"{NUMBER}.likely.high"),
    ("bank-unknown-field", f"{LADDER}.likely", {"low": 1, "high": 2}, None),
    (
        "bank-not-a-number",
        NUMBER,
        number("n", likely={"low": 1, "high": "inf"}),
        f"{NUMBER}.likely.high",
    ),
    (
        "bank-requirements-gap",
        MATRIX,
        requirements("r", rows=[row | {"level": 3} for row in requirements()["rows"]]),
        f"{MATRIX}.rows",
    ),
    (
        "bank-duplicate-key",
        MATRIX,
        requirements("r", rows=requirements()["rows"][:1] * 2),
        f"{MATRIX}.rows.1.key",
    ),
    (
        "bank-points-not-rising",
        MATRIX,
        requirements("r", states=requirements()["states"][::-1]),
        f"{MATRIX}.states",
    ),
    # ---------------------------------------------------------------- patterns
    ("bank-bad-pattern", f"{WORDS}.pattern", "(", None),
    ("bank-bad-pattern", f"{WORDS}.pattern", "a)(?:b", None),
    ("bank-bad-pattern", f"{WORDS}.pattern", "(?=a)b", None),
    ("bank-bad-pattern", f"{WORDS}.pattern", r"(a)\1", None),
    ("bank-bad-pattern", f"{WORDS}.pattern", "(a{1000}){1000}", None),
    ("bank-bad-pattern", f"{WORDS}.pattern", "a" * 301, None),
    # -------------------------------------------------------------- conditions
    ("bank-condition-form", f"{LADDER}.when", {}, None),
    ("bank-condition-form", f"{LADDER}.when", {"question": "size-class"}, None),
    ("bank-condition-form", f"{LADDER}.when", {"in": ["a"]}, None),
    ("bank-condition-form", f"{LADDER}.when", {"at_least": 3, "not": LOOKS_AT_TYPE}, None),
    ("bank-condition-form", f"{LADDER}.when", LOOKS_AT_TYPE | {"at_least": 3}, None),
    ("bank-condition-form", f"{LADDER}.when", LOOKS_AT_TYPE | {"all": [LOOKS_AT_TYPE]}, None),
    ("bank-condition-form", f"{LADDER}.when", {"not": {"any": [{}]}}, f"{LADDER}.when.not.any.0"),
    (
        "bank-condition-looks-ahead",
        f"{LADDER}.when",
        {"question": "years", "at_least": 3},
        f"{LADDER}.when.question",
    ),
    (
        "bank-condition-looks-ahead",
        f"{LADDER}.when",
        {"all": [LOOKS_AT_TYPE, {"question": "planning", "at_least": 3}]},
        f"{LADDER}.when.all.1.question",
    ),
    (
        "bank-unknown-key",
        f"{LADDER}.when",
        {"question": "nothing", "at_least": 3},
        f"{LADDER}.when.question",
    ),
    (
        "bank-unknown-option",
        f"{LADDER}.when",
        {"question": "production-type", "in": ["discrete", "handmade"]},
        f"{LADDER}.when.in.1",
    ),
    (
        "bank-unknown-option",
        f"{RATIO}.when",
        {"question": "years", "in": ["three"]},
        f"{RATIO}.when.in.0",
    ),
    (
        "bank-unknown-option",
        f"{YES_NO}.when",
        {"question": "systems", "in": ["linked"]},
        f"{YES_NO}.when.in.0",
    ),
    (
        "bank-condition-not-a-number",
        f"{LADDER}.when",
        {"question": "production-type", "at_least": 3},
        f"{LADDER}.when.at_least",
    ),
    ("bank-condition-never", f"{LADDER}.when", NEVER, None),
    ("bank-condition-never", f"{WORDS}.optional_when", NEVER, None),
    # ------------------------------------------------------------------ levels
    ("bank-levels-not-consecutive", "levels.steps.2.number", 5, "levels.steps"),
    ("bank-levels-not-rising", "levels.steps.2.threshold", 20, "levels.steps"),
    ("bank-ceiling-reason", "levels.gates.ceiling", 3, None),
    (
        "bank-ceiling-reason",
        "levels.gates.ceiling_reason",
        {"zh": "无", "en": "None"},
        "levels.gates.ceiling",
    ),
    ("bank-scene-not-a-ladder", "levels.gates.scenes", scenes("planning", "share"), SCENE_1),
    ("bank-scene-not-a-ladder", "levels.gates.scenes", scenes("planning", "nothing"), SCENE_1),
    (
        "bank-duplicate-key",
        "levels.gates.scenes",
        scenes("planning", "planning"),
        SCENE_1,
    ),
    (
        "bank-duplicate-key",
        "levels.gates.scenes",
        scenes("planning", mandatory=["planning"] * 2),
        "levels.gates.scenes.mandatory.1",
    ),
    (
        "bank-unknown-key",
        "levels.gates.scenes",
        scenes("planning", mandatory=["systems"]),
        "levels.gates.scenes.mandatory.0",
    ),
    (
        "bank-unknown-level",
        "levels",
        levels(scenes=scenes("planning", level=5)) | {"steps": levels()["steps"][:5]},
        "levels.gates.scenes.steps.0.level",
    ),
    (
        "bank-too-many-scenes",
        "levels.gates.scenes",
        scenes("planning", scenes=2),
        "levels.gates.scenes.steps.0",
    ),
    (
        "bank-too-many-scenes",
        "levels.gates.scenes",
        scenes("planning") | {"steps": [{"level": 1, "scenes": 1, "mandatory": 1}]},
        "levels.gates.scenes.steps.0",
    ),
    # ---------------------------------------------------------------- editions
    ("bank-duplicate-key", "editions", [edition("planning")] * 2, "editions.1.key"),
    ("bank-unknown-key", "editions", [edition("planning", "none")], "editions.0.questions.1"),
    ("bank-unknown-key", "editions", [edition("size-class")], "editions.0.questions.0"),
    (
        "bank-duplicate-key",
        "editions",
        [edition("years", "planning", "years")],
        "editions.0.questions.2",
    ),
    ("bank-ceiling-reason", "editions", [edition("planning", ceiling=3)], "editions.0.ceiling"),
    # ------------------------------------------- rules and figures of others
    ("bank-duplicate-key", "eligibility", [eligibility()] * 2, "eligibility.1.key"),
    ("bank-unknown-key", "eligibility", [eligibility(source="none")], "eligibility.0.source"),
    (
        "bank-duplicate-key",
        "eligibility",
        [eligibility(rule_condition(), rule_condition())],
        "eligibility.0.conditions.1.key",
    ),
    (
        "bank-unknown-key",
        "eligibility",
        [eligibility(rule_condition(holds={"question": "none", "at_least": 3}))],
        "eligibility.0.conditions.0.holds.question",
    ),
    (
        "bank-condition-never",
        "eligibility",
        [eligibility(rule_condition(when=NEVER))],
        "eligibility.0.conditions.0.when",
    ),
    (
        "bank-rule-without-way",
        "eligibility",
        [eligibility(rule_condition(holds=None))],
        "eligibility.0.conditions.0",
    ),
    ("bank-duplicate-key", "hints", [a_hint()] * 2, "hints.1.key"),
    ("bank-condition-never", "hints", [a_hint(when=NEVER)], "hints.0.when"),
    (
        "bank-unknown-option",
        "hints",
        [a_hint(when={"question": "production-type", "in": ["handmade"]})],
        "hints.0.when.in.0",
    ),
    ("bank-duplicate-key", "distributions", [distribution()] * 2, "distributions.1.key"),
    ("bank-unknown-key", "distributions", [distribution(source="none")], "distributions.0.source"),
    (
        "bank-shares-above-hundred",
        "distributions",
        [distribution(published_share(60), published_share("40.1"))],
        "distributions.0.shares",
    ),
    # -------------------------------------------------------------- typography
    ("bank-half-width", "title.zh", "规划,执行", None),
    ("bank-half-width", f"{LADDER}.options.1.label.zh", "没有!", None),
    ("bank-half-width", f"{LADDER}.help", {"zh": "例如:排产", "en": "Say"}, f"{LADDER}.help.zh"),
    ("bank-half-width", "title.zh", "完成.", None),
    ("bank-half-width", "title.zh", "使用MES.然后", None),
    ("bank-half-width", "title.zh", "等等...", None),
    ("bank-half-width", "title.zh", "系统(MES)", None),
    ("bank-half-width", "title.zh", "MES(执行系统", None),
    ("bank-half-width", "title.zh", "(MES)系统", None),
    ("bank-half-width", "title.zh", "每百万元(万元)/年", None),
    ("bank-full-width", "title.en", "Planning，execution", None),
    ("bank-full-width", "title.en", "The 规划 question", None),
]


@pytest.mark.parametrize(("code", "where", "value", "reported"), FAULTS)
def test_a_fault_is_named_with_its_place_and_nothing_else_is_complained_about(
    code: str, where: str, value: object, reported: str | None
) -> None:
    assert found(changed(where, value)) == [(code, reported or where)]


@pytest.mark.parametrize(("code", "where", "value", "reported"), FAULTS)
def test_a_fault_has_a_sentence_in_which_nothing_is_left_open(
    code: str, where: str, value: object, reported: str | None
) -> None:
    problem = document.problems(changed(where, value))[0]

    said = for_problem(problem, Locale.EN)

    assert said.endswith(".")
    assert "“”" not in said or value == ""
    assert "%(" not in said
    assert said.encode()  # can be written, whatever was sent


SECTION_FAULTS: list[tuple[str, Data, list[tuple[str, str]]]] = [
    (
        "a share of a published distribution that names a level which does not exist",
        changed("levels", levels() | {"steps": levels()["steps"][1:5]})
        | {"distributions": [distribution(published_share(60, levels=[0, 4, 5]))]},
        [("bank-share-of-no-level", "distributions.0.shares.0.levels")],
    ),
    (
        "two sections with one key, and with one code",
        bank_data(
            section("a", "A", domain("da", ladder("qa")), weight=50),
            section("a", "A", domain("db", ladder("qb")), weight=50),
        ),
        [("bank-duplicate-key", "sections.1.code"), ("bank-duplicate-key", "sections.1.key")],
    ),
    (
        "two domains of different sections with one key",
        bank_data(
            section("a", "A", domain("d", ladder("qa")), weight=50),
            section("b", "B", domain("d", ladder("qb")), weight=50),
        ),
        [("bank-duplicate-key", "sections.1.domains.0.key")],
    ),
    (
        "weights that lack an answer",
        bank_data(
            section("a", "A", domain("da", ladder("qa")), weight={"discrete": 60, "process": 50}),
            section("b", "B", domain("db", ladder("qb")), weight=40),
            weigh_by="production-type",
            weigh_default="mixed",
        ),
        [("bank-weights-incomplete", "sections.0.weight")],
    ),
    (
        "weights that do not add up for two of the answers",
        bank_data(
            section(
                "a",
                "A",
                domain("da", ladder("qa")),
                weight={"discrete": 60, "process": 50, "mixed": "60.1"},
            ),
            section("b", "B", domain("db", ladder("qb")), weight=40),
            weigh_by="production-type",
            weigh_default="mixed",
        ),
        [("bank-weights-sum-for", "sections"), ("bank-weights-sum-for", "sections")],
    ),
    (
        "weights inside a section that do not add up for one of the answers",
        bank_data(
            section(
                "a",
                "A",
                domain("da", ladder("qa"), weight={"discrete": 60, "process": 50, "mixed": 1}),
                domain("db", ladder("qb"), weight={"discrete": 40, "process": 49, "mixed": 1}),
            ),
            weigh_by="production-type",
            weigh_default="mixed",
        ),
        [("bank-inner-sum-for", "sections.0.domains")],
    ),
    (
        "points that do not add up to those of the part around them",
        bank_data(
            section(
                "a",
                "A",
                domain("da", ladder("qa", weight="30"), ladder("qb", weight="20"), weight="50"),
                domain("db", ladder("qc", weight="40"), weight="50"),
            ),
            scoring={"method": "points"},
        ),
        [("bank-inner-sum", "sections.0.domains.1.questions")],
    ),
    (
        "a staged bank with another kind, and with requirements of too few levels",
        bank_data(
            section("s", "A", domain("d", requirements("r"), ladder("q"), words("w"))),
            scoring={"method": "staged"},
            levels=staged_levels(0, "26.6667", 60, "93.3333"),
        ),
        [
            ("bank-stages-differ", "sections.0.domains.0.questions.0.rows"),
            ("bank-not-staged", "sections.0.domains.0.questions.1.kind"),
        ],
    ),
    (
        "advice for each size and type, but not for each of both",
        bank_data(
            section(
                "s",
                "A",
                domain(
                    "d",
                    ladder(
                        "q",
                        advice=[
                            *advice(sizes=["large", "medium", "small"])[4:],
                            *advice(sizes=["micro"], types=["discrete", "process"])[4:],
                        ],
                    ),
                ),
                weight={"discrete": 100, "process": 100, "mixed": 100},
            ),
            weigh_by="production-type",
            weigh_default="mixed",
        ),
        [("bank-advice-missing-for", f"{LADDER}.advice")],
    ),
    (
        "a question with a fault: what its answers can earn is not judged",
        bank_data(section("s", "A", domain("d", multiple("m", full_at=9, advice=[])))),
        [("bank-full-at-too-high", f"{LADDER}.full_at")],
    ),
    (
        "a condition that rests on one with a fault is not judged",
        bank_data(
            section(
                "s",
                "A",
                domain(
                    "d",
                    ladder("p", when={"question": "nothing", "at_least": 1}),
                    ladder("q", when={"question": "p", "at_least": 1}),
                    ladder("r", when={"all": [{"question": "q", "at_least": 9}]}),
                ),
            ),
        ),
        [("bank-unknown-key", f"{LADDER}.when.question")],
    ),
    (
        "two conditions in a circle",
        bank_data(
            section(
                "s",
                "A",
                domain(
                    "d",
                    ladder("p", when={"question": "q", "at_least": 1}),
                    ladder("q", when={"question": "p", "at_least": 1}),
                ),
            ),
        ),
        [("bank-condition-looks-ahead", f"{LADDER}.when.question")],
    ),
    (
        "two questions with one key, of which the later has a condition with a fault",
        bank_data(
            section(
                "s",
                "A",
                domain(
                    "d",
                    ladder("p"),
                    ladder("q", when={"question": "p", "at_least": 1}),
                    ladder("p", when={"question": "nothing", "at_least": 1}),
                ),
            ),
        ),
        [
            ("bank-duplicate-key", "sections.0.domains.0.questions.2.key"),
            ("bank-unknown-key", "sections.0.domains.0.questions.2.when.question"),
        ],
    ),
    (
        "an edition that leaves out what its questions depend on",
        bank_data(
            section(
                "s",
                "A",
                domain(
                    "d",
                    ladder("p"),
                    ladder("q", when={"question": "p", "at_least": 1}),
                    ladder(
                        "r",
                        when={"question": "q", "at_least": 1},
                        optional_when={
                            "any": [
                                {"question": "p", "at_least": 1},
                                {"question": "size-class", "in": ["micro"]},
                            ]
                        },
                    ),
                ),
            ),
            editions=[edition("q", "r")],
        ),
        [
            ("bank-edition-incomplete", "editions.0.questions.0"),
            ("bank-edition-incomplete", "editions.0.questions.1"),
        ],
    ),
    (
        "a staged bank with thresholds at which no stage is met",
        bank_data(
            section("s", "A", domain("d", three_stages())),
            scoring={"method": "staged"},
            levels=staged_levels("26.6669", 60, "93.3331", first=1),
        ),
        [
            ("bank-staged-threshold", "levels.steps.0.threshold"),
            ("bank-staged-threshold", "levels.steps.2.threshold"),
        ],
    ),
    (
        "a staged bank whose level 0 has to be earned",
        bank_data(
            section("s", "A", domain("d", requirements("r"))),
            scoring={"method": "staged"},
            levels=staged_levels(1, 40, 90),
        ),
        [("bank-staged-threshold", "levels.steps.0.threshold")],
    ),
    (
        "scenes that are hidden from some, left open by some, and reached by half",
        bank_data(
            section(
                "s",
                "A",
                domain(
                    "d",
                    ladder("p", half_steps=False, when=LOOKS_AT_TYPE),
                    ladder("q", half_steps=False, optional_when=LOOKS_AT_TYPE),
                    ladder("r"),
                ),
            ),
            levels=levels(scenes=scenes("p", "q", "r")),
        ),
        [
            ("bank-scene-conditional", "levels.gates.scenes.scenes.0"),
            ("bank-scene-conditional", "levels.gates.scenes.scenes.1"),
            ("bank-scene-half-steps", "levels.gates.scenes.scenes.2"),
        ],
    ),
    (
        "questions without weight in a domain that has one",
        bank_data(
            section(
                "s",
                "A",
                domain("d", ladder("p", weight="0"), ladder("q", weight="0"), words("w")),
                domain("e", ladder("r")),
            ),
        ),
        [("bank-all-zero", "sections.0.domains.0.questions")],
    ),
    (
        "a section whose weight lies on what is not scored",
        bank_data(
            section("s", "A", domain("d", ladder(), weight=0), domain("e", words(), weight=100)),
        ),
        [("bank-all-zero", "sections.0.domains")],
    ),
    (
        "domains without weight for one of the answers",
        bank_data(
            section(
                "s",
                "A",
                domain("d", ladder("p"), weight={"discrete": 60, "process": 1, "mixed": 0}),
                domain("e", ladder("q"), weight={"discrete": 40, "process": 1, "mixed": 0}),
            ),
            weigh_by="production-type",
            weigh_default="mixed",
        ),
        [("bank-all-zero-for", "sections.0.domains")],
    ),
    (
        "a question without weight, where all others are hidden for one of the answers",
        bank_data(
            section(
                "s",
                "A",
                domain(
                    "d",
                    ladder(
                        "p",
                        when={"not": {"question": "production-type", "in": ["process"]}},
                        weight={"discrete": 100, "process": 0, "mixed": 100},
                    ),
                    ladder("q", weight={"discrete": 0, "process": 0, "mixed": 0}),
                ),
            ),
            weigh_by="production-type",
            weigh_default="mixed",
        ),
        [("bank-all-zero-for", "sections.0.domains.0.questions")],
    ),
    (
        "an edition that leaves out a scene",
        bank_data(
            section(
                "s", "A", domain("d", ladder("p", half_steps=False), ladder("q", half_steps=False))
            ),
            levels=levels(scenes=scenes("p", "q")),
            editions=[edition("p")],
        ),
        [("bank-edition-lacks-scene", "editions.0.questions")],
    ),
    (
        "a default that is no answer",
        bank_data(weigh_by="production-type", weigh_default="handmade"),
        [("bank-unknown-key", "weigh_default")],
    ),
    (
        "no default",
        bank_data(weigh_by="production-type"),
        [("bank-missing", "weigh_default")],
    ),
    (
        "roles, terms and sources twice",
        bank_data(
            roles=[{"key": "manager", "label": {"zh": "人", "en": "Person"}}] * 2,
            glossary=[
                {"key": "t", "term": {"zh": "词", "en": "Term"}, "meaning": {"zh": "义", "en": "M"}}
            ]
            * 2,
            sources=[{"key": "s", "title": {"zh": "源", "en": "Source"}, "edition": "2024"}] * 2,
        ),
        [
            ("bank-duplicate-key", "roles.1.key"),
            ("bank-duplicate-key", "glossary.1.key"),
            ("bank-duplicate-key", "sources.1.key"),
        ],
    ),
]


@pytest.mark.parametrize(
    ("data", "expected"),
    [pytest.param(data, expected, id=name) for name, data, expected in SECTION_FAULTS],
)
def test_faults_between_parts_are_named(data: Data, expected: list[tuple[str, str]]) -> None:
    assert found(data) == expected
    for problem in document.problems(data):
        said = [for_problem(problem, locale) for locale in Locale]
        assert not any("%(" in each or "“”" in each for each in said)


GOOD: list[tuple[str, Data]] = [
    ("one of each kind", bank_data()),
    (
        "a question with a word of the glossary",
        changed(f"{LADDER}.terms", ["mes"])
        | {
            "glossary": [
                {
                    "key": "mes",
                    "term": {"zh": "制造执行系统", "en": "MES"},
                    "meaning": {"zh": "管理生产现场的系统。", "en": "It runs the shop floor."},
                }
            ]
        },
    ),
    (
        "a ceiling with its reason",
        bank_data(levels=levels(ceiling=3, ceiling_reason={"zh": "题", "en": "Q"})),
    ),
    (
        "weights by an answer",
        bank_data(
            section(
                "a",
                "A",
                domain("da", ladder("qa")),
                weight={"discrete": 60, "process": "50.5", "mixed": 1},
            ),
            section(
                "b",
                "B",
                domain("db", ladder("qb")),
                weight={"discrete": 40, "process": "49.5", "mixed": 99},
            ),
            weigh_by="production-type",
            weigh_default="mixed",
        ),
    ),
    (
        "falling bands",
        changed(f"{NUMBER}.bands", [{"from": 0, "score": 100}, {"from": 3, "score": 0}]),
    ),
    (
        "a number without bands, and so without advice",
        changed(NUMBER, number("n", bands=[], advice=[])),
    ),
    ("boxes without a score", changed(MULTIPLE, multiple("m", full_at=None, none=None, advice=[]))),
    ("a matrix that needs one row only", changed(MATRIX, matrix("x", full_at=1))),
    (
        "a condition that looks back",
        changed(
            f"{RATIO}.when",
            {
                "any": [
                    {"question": "years", "at_least": "2.5"},
                    {"not": {"question": "security", "in": ["a"]}},
                ]
            },
        ),
    ),
    ("a usable pattern", changed(f"{WORDS}.pattern", "[0-9A-Z]{18}")),
    ("a pattern with alternatives", changed(f"{WORDS}.pattern", "a|b")),
    (
        "unscored facts in the profile",
        changed("profile.questions.0", number("n", bands=[], advice=[])),
    ),
    ("advice that skips a step", changed(f"{LADDER}.advice", [advice()[1], advice()[4]])),
    (
        "advice of which a part is for some firms only",
        changed(f"{LADDER}.advice", [*advice(), *advice(sizes=["micro"])[4:]]),
    ),
    ("advice up to the best answer but one", changed(f"{MULTIPLE}.advice", advice()[:4])),
    (
        "three boxes of a third each, of which all earn everything",
        changed(
            MULTIPLE,
            multiple(
                "m",
                full_at=None,
                credit="equal",
                options=[an_option(key) for key in "abc"],
                none=None,
                advice=advice()[:4],
            ),
        ),
    ),
    (
        "boxes with points of their own",
        changed(
            MULTIPLE,
            multiple(
                "m",
                full_at=None,
                credit="points",
                options=[an_option("a", 1), an_option("b", 2), an_option("none")],
            ),
        ),
    ),
    (
        "a benchmark, with its own values and with those of the bank",
        changed(NUMBER, benchmark("b", scale=a_scale("3.9", "2.2")))
        | {"outcomes": a_profile(two_years())},
    ),
    (
        "a ratio and a number with a scale",
        changed(RATIO, ratio("r", bands=[], better="higher", scale=a_scale(18, 55))),
    ),
    (
        "bands that go the way they should",
        changed(RATIO, ratio("r", better="lower", bands=FALLING)),
    ),
    ("one band, which goes no way", changed(RATIO, ratio("r", better="lower", bands=FALLING[:1]))),
    (
        "requirements in bands, with advice up to the best band but one",
        changed(MATRIX, requirements("r", rule="bands", advice=advice()[:3])),
    ),
    (
        "a staged bank",
        bank_data(
            section("s", "A", domain("d", requirements("r"), words("w"))),
            scoring={"method": "staged"},
            levels=staged_levels(0, 40, 90),
        ),
    ),
    (
        "a staged bank of three levels, met at half, whose thresholds cannot be written in full",
        bank_data(
            section("s", "A", domain("d", three_stages())),
            scoring={"method": "staged", "met_at": 50},
            levels=staged_levels("16.6667", 50, "83.3333", first=1),
        ),
    ),
    (
        "points that add up",
        bank_data(
            section(
                "a",
                "A",
                domain("da", ladder("qa", weight="30"), ladder("qb", weight="20"), weight="50"),
                domain("db", ladder("qc", weight="50"), weight="50"),
            ),
            scoring={"method": "points"},
        ),
    ),
    (
        "a plain mean, in which weights need not add up",
        bank_data(
            section("a", "A", domain("da", ladder("qa", weight="7")), weight=3),
            scoring={"method": "mean"},
        ),
    ),
    (
        "weights that add up, and beside them what is not scored",
        bank_data(
            section(
                "a",
                "A",
                domain("da", ladder("qa", weight="60"), ladder("qb", weight="40"), yes_no()),
                domain("db", words("w")),
            ),
        ),
    ),
    (
        "inner weights of 100 for each answer",
        bank_data(
            section(
                "a",
                "A",
                domain("da", ladder("qa"), weight={"discrete": 60, "process": 1, "mixed": 1}),
                domain("db", ladder("qb"), weight={"discrete": 40, "process": 1, "mixed": 1}),
            ),
            weigh_by="production-type",
            weigh_default="mixed",
        ),
    ),
    (
        "no weight where nothing is asked, and none in what has none itself",
        bank_data(
            section(
                "s",
                "A",
                domain(
                    "d",
                    ladder(
                        "p",
                        when={"not": {"question": "production-type", "in": ["process"]}},
                        weight={"discrete": 1, "process": 0, "mixed": 1},
                    ),
                    weight=40,
                ),
                domain("e", ladder("q", weight="0"), weight=0),
                domain("f", ladder("r"), weight=60),
            ),
            weigh_by="production-type",
            weigh_default="mixed",
        ),
    ),
    (
        "scenes, some of them mandatory, and an edition that asks for all of them",
        changed("levels", levels(scenes=scenes("planning", mandatory=["planning"])))
        | {"editions": [edition("planning", "years")]},
    ),
    (
        "an edition with what its questions depend on",
        changed(f"{RATIO}.when", {"question": "years", "at_least": 1})
        | {"editions": [edition("years", "share", ceiling=3, ceiling_reason=A_SOURCE["title"])]},
    ),
    (
        "the conditions of a programme, one of them beyond the questionnaire",
        changed(
            "eligibility",
            [
                eligibility(
                    rule_condition(when=LOOKS_AT_TYPE),
                    rule_condition("debt", holds=None, where={"zh": "查账。", "en": "See books."}),
                )
            ],
        ),
    ),
    (
        "hints for all and for some",
        changed("hints", [a_hint(), a_hint(key="b", when=LOOKS_AT_TYPE)]),
    ),
    (
        "a published distribution of less than all firms, by level",
        changed(
            "distributions",
            [distribution(published_share(60, levels=[0, 1]), published_share(30, levels=[2]))],
        ),
    ),
    (
        "Chinese with figures, letters and a colon between them",
        changed("title.zh", "2024版：ISO 9001, 10:1"),
    ),
    *[
        (f"Chinese with {written}", changed("title.zh", written))
        for written in (
            "比例为3.5以上",
            "依据GB/T 1.1—2020编写",
            "版本v2.0.1中的规则",
            "用kg/(m²·h)表示",
            "吨标准煤/(万元·年)",
            "导出为模板.xlsx文件",
            "报告.pdf",
            "1.先做什么\n12.再做什么",
            "全角（括号）。",
        )
    ],
    (
        "weights as text, and -0",
        bank_data(
            section("s", "A", domain("d", ladder("p", weight="-0"), ladder("q", weight="100.0")))
        ),
    ),
    ("an option of exactly 40 characters", changed(f"{LADDER}.options.1.label.zh", "长" * 40)),
    ("an option of exactly 25 words", changed(f"{LADDER}.options.1.label.en", "word " * 25)),
]


@pytest.mark.parametrize("data", [pytest.param(data, id=name) for name, data in GOOD])
def test_a_good_document_has_no_problem(data: Data) -> None:
    assert found(data) == []
    assert document.read(data) == document.read(deepcopy(data))


# ---------------------------------------------------------------------- all at once


def test_all_faults_are_named_at_once() -> None:
    data = changed(f"{LADDER}.advice.0.owner", "nobody")
    data["title"]["en"] = "标题"
    data["levels"]["steps"][1]["threshold"] = 0
    data["sections"][0]["domains"][0]["questions"][1]["full_at"] = 9

    assert found(data) == [
        ("bank-unknown-key", f"{LADDER}.advice.0.owner"),
        ("bank-full-at-too-high", f"{MULTIPLE}.full_at"),
        ("bank-levels-not-rising", "levels.steps"),
        ("bank-full-width", "title.en"),
    ]


def test_beside_a_part_of_the_wrong_shape_every_question_is_still_checked() -> None:
    data = changed(f"{LADDER}.weight", "heavy")
    data["title"]["zh"] = "标题,副标题"
    data["sections"][0]["domains"][0]["questions"][1]["full_at"] = 9
    data["sections"][0]["domains"][1]["questions"][1]["states"][1]["points"] = 9

    assert found(data) == [
        ("bank-not-a-number", f"{LADDER}.weight"),
        ("bank-full-at-too-high", f"{MULTIPLE}.full_at"),
        ("bank-points-not-rising", f"{MATRIX}.states"),
        ("bank-half-width", "title.zh"),
    ]


NO_TEXTS = [
    ("bank-missing-language", "title.en", MISSING),
    ("bank-missing-language", f"{LADDER}.options.0.label.zh", MISSING),
    ("bank-missing", "summary", MISSING),
    ("bank-missing", f"{MATRIX}.rows.1.label", MISSING),
    ("bank-not-both-languages", f"{LADDER}.prompt", "问题"),
    ("bank-not-both-languages", "method.0", None),
    ("bank-empty-text", f"{LADDER}.advice.0.what.en", " "),
    ("bank-text-too-long", "levels.steps.0.meaning.zh", "长" * 4001),
    ("bank-wrong-value", "profile.summary.en", 5),
]


@pytest.mark.parametrize(("code", "where", "value"), NO_TEXTS)
def test_a_text_that_is_missing_does_not_hide_what_is_wrong_between_the_parts(
    code: str, where: str, value: object
) -> None:
    data = changed(where, value)
    data["sections"][0]["weight"] = 99
    data["sections"][0]["domains"][0]["questions"][1]["advice"] = []
    data["levels"]["gates"]["core"] = ["nothing"]

    assert found(data) == [
        (code, where),
        ("bank-weights-sum", "sections"),
        ("bank-advice-missing", f"{MULTIPLE}.advice"),
        ("bank-unknown-key", "levels.gates.core.0"),
    ]


def test_all_missing_texts_are_named_beside_what_is_wrong_between_the_parts() -> None:
    data = changed("weigh_by", "nothing")
    for _, where, _ in NO_TEXTS[:2]:
        *path, last = where.split(".")
        node: Any = data
        for part in path:
            node = node[int(part)] if isinstance(node, list) else node[part]
        del node[last]
    before = deepcopy(data)

    assert found(data) == [
        ("bank-missing-language", "title.en"),
        ("bank-missing-language", f"{LADDER}.options.0.label.zh"),
        ("bank-not-a-choice", "weigh_by"),
    ]
    assert data == before  # nothing was filled in


@pytest.mark.parametrize("key", ["a.b", "a\ud800.en", "0.1.zh"])
def test_a_key_with_a_dot_in_it_leads_nobody_astray(key: str) -> None:
    data = changed("sections.0.weight", {key: "heavy"})
    data["title"]["zh"] = ""

    assert ("bank-empty-text", "title.zh") in found(data)


def test_of_too_many_problems_the_first_are_named_and_that_there_are_more() -> None:
    data = changed("glossary", [{}] * MOST_PROBLEMS)

    listed = document.problems(data)

    assert len(listed) == MOST_PROBLEMS + 1
    assert (listed[-1].code, listed[-1].place) == ("bank-too-many-problems", "bank")
    assert for_problem(listed[-1], Locale.EN).startswith("There are more problems than these 1000.")


def test_as_many_problems_as_can_be_named_are_named() -> None:
    data = changed("sources", [A_SOURCE | {"key": f"source-{n}"} for n in range(MOST_PROBLEMS)])
    for source in data["sources"]:
        source["title"] = {"zh": "源", "en": "源"}

    assert [code for code, _ in found(data)] == ["bank-full-width"] * MOST_PROBLEMS


def test_a_document_is_judged_once_and_the_bank_comes_with_it() -> None:
    data = bank_data()

    assert document.judge(data) == ((), document.read(data))
    faults, bank = document.judge(data | {"size_by": "nothing"})
    assert [fault.code for fault in faults] == ["bank-not-a-choice"]
    assert bank is not None  # of the right shape, but not to be published
    assert document.judge(data | {"version": 0})[1] is None


def test_two_faults_of_one_question_do_not_make_its_domain_look_empty() -> None:
    data = bank_data(section("s", "A", domain("d", ladder("q", weight="x", required="y"))))

    assert found(data) == [
        ("bank-not-a-number", f"{LADDER}.weight"),
        ("bank-not-true-or-false", f"{LADDER}.required"),
    ]


@pytest.mark.parametrize("data", [None, 5, "bank", [], [1], True, {"questions": 5}])
def test_what_is_no_document_at_all_is_refused(data: object) -> None:
    assert document.problems(data)


def test_reading_a_bad_document_refuses_it_with_every_problem() -> None:
    data = changed("title.en", "标题")
    data["version"] = 0

    with pytest.raises(BadDocument) as caught:
        document.read(data)

    assert [problem.code for problem in caught.value.problems] == [
        "bank-too-low",
        "bank-full-width",
    ]
    assert for_error(caught.value, Locale.EN) == "The bank has 2 problems. Nothing was stored."


def test_a_document_of_hundred_thousand_levels_is_refused_without_exhausting_the_stack() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]

    assert [problem.code for problem in document.problems(deep)] == ["bank-too-deep"]


# --------------------------------------------------------------------------- digest


def test_the_digest_is_the_same_for_the_same_content_in_any_order() -> None:
    data = bank_data()
    backwards = dict(reversed(data.items()))

    assert document.digest(data) == document.digest(backwards)
    # printf '{"a":"中","b":1}' | sha256sum
    assert document.digest({"b": 1, "a": "中"}) == (
        "d8158d9a7acf211407d1309876015fc6e69f13b7dd8126a571e429ddce565911"
    )


@pytest.mark.parametrize(
    ("place", "value"),
    [("title.en", "Another title"), ("version", 2), (f"{LADDER}.weight", "1.0")],
)
def test_any_change_gives_another_digest(place: str, value: object) -> None:
    assert document.digest(changed(place, value)) != document.digest(bank_data())


def test_the_order_of_a_list_is_content() -> None:
    data = bank_data()
    other = deepcopy(data)
    other["sections"][0]["domains"].reverse()

    assert document.digest(data) != document.digest(other)


# ------------------------------------------------------------- the table is complete


def codes_in(module: Path) -> set[str]:
    """Every problem code that stands in a module's code."""
    strings = (
        node.value
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return {value for value in strings if value.startswith("bank-") and " " not in value}


def test_the_tables_above_have_every_code_that_a_bank_can_be_refused_with() -> None:
    modules = Path(document.__file__).parent.glob("*.py")
    named = {code for code, *_ in FAULTS}
    named |= {code for _, _, expected in SECTION_FAULTS for code, _ in expected}
    named.add("bank-too-many-problems")  # which has a test of its own

    assert named == {code for module in modules for code in codes_in(module)}
