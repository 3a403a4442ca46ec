"""What must hold between the parts of a bank: keys exist, weights add up, advice for everybody."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import product

from survey.core.bank import (
    OUTCOMES,
    PROFILE,
    Action,
    Bank,
    Condition,
    Domain,
    Edition,
    Gates,
    Kind,
    Ladder,
    Method,
    Question,
    Requirements,
    Section,
    Weights,
    YesNo,
)
from survey.core.conditions import mentions
from survey.core.earned import is_scored
from survey.core.errors import Problem
from survey.core.kind_rules import Keyed, by_itself, options_of, repeated
from survey.core.possible import can_hold
from survey.core.steps import highest_below_full

_ONLY_FACTS = {
    PROFILE: ("bank-kind-in-profile", (Kind.CHOICE, Kind.MULTIPLE, Kind.NUMBER, Kind.TEXT)),
    OUTCOMES: ("bank-kind-in-outcomes", (Kind.NUMBER, Kind.RATIO)),
}
_COMPARABLE = (Kind.NUMBER, Kind.RATIO, Kind.LADDER)
_PICKABLE = (Kind.CHOICE, Kind.LADDER, Kind.MULTIPLE)
HUNDRED = Decimal(100)


def between_parts(bank: Bank) -> Iterator[Problem]:
    """Every fault of a bank whose parts have the right shape, in reading order."""
    yield from _duplicates(bank)
    for at, section in enumerate(bank.sections):
        if section.key in (PROFILE, OUTCOMES):
            yield Problem("bank-reserved-key", f"sections.{at}.key", {"key": section.key})
    yield from _weighing(bank)
    seen: dict[str, Question] = {}
    unsound: set[str] = set()
    for place, question in _questions(bank):
        alone = list(by_itself(question, place))
        yield from alone
        yield from _in_its_bank(question, place, bank)
        if is_scored(question) and not alone:  # what it can earn is known only if it is sound
            yield from _advice(question, place, bank)
        for name, condition in (("when", question.when), ("optional_when", question.optional_when)):
            if condition is None:
                continue
            faults = list(_condition(condition, f"{place}.{name}", seen, bank))
            yield from faults
            if faults or mentions(condition) & unsound:
                unsound.add(question.key)
            elif not can_hold(condition, seen):
                yield Problem("bank-condition-never", f"{place}.{name}", {})
        seen[question.key] = question
    yield from _levels(bank)
    yield from _editions(bank)


def _questions(bank: Bank) -> Iterator[tuple[str, Question]]:
    """Every question with its place."""
    for at, question in enumerate(bank.profile.questions):
        yield f"profile.questions.{at}", question
    for domain_place, domain in _domains(bank):
        for at, question in enumerate(domain.questions):
            yield f"{domain_place}.questions.{at}", question
    for at, question in enumerate(bank.outcomes.questions if bank.outcomes else ()):
        yield f"outcomes.questions.{at}", question


def _domains(bank: Bank) -> Iterator[tuple[str, Domain]]:
    for section_at, section in enumerate(bank.sections):
        for at, domain in enumerate(section.domains):
            yield f"sections.{section_at}.domains.{at}", domain


def _duplicates(bank: Bank) -> Iterator[Problem]:
    """Keys that must differ: those of all questions, all domains, and of the parts of a list."""
    yield from repeated((f"{place}.key", question.key) for place, question in _questions(bank))
    yield from repeated((f"{place}.key", domain.key) for place, domain in _domains(bank))
    codes = enumerate(section.code for section in bank.sections)
    yield from repeated((f"sections.{at}.code", code) for at, code in codes)
    yield from repeated((f"{p}.code", q.code) for p, q in _questions(bank) if q.code is not None)
    lists: Sequence[tuple[str, Sequence[Keyed]]] = (
        ("sections", bank.sections),
        ("roles", bank.roles),
        ("glossary", bank.glossary),
        ("sources", bank.sources),
        ("editions", bank.editions),
    )
    for place, parts in lists:
        yield from repeated((f"{place}.{at}.key", part.key) for at, part in enumerate(parts))


# --------------------------------------------------------------------- weights


def _weighing(bank: Bank) -> Iterator[Problem]:
    """The questions that choose weights and advice, and the weights themselves."""
    for name, key in (("size_by", bank.size_by), ("sector_by", bank.sector_by)):
        if key and not _is_choice(bank, key):
            yield Problem("bank-not-a-choice", name, {"key": key})
    if bank.weigh_by and not _is_choice(bank, bank.weigh_by):
        yield Problem("bank-not-a-choice", "weigh_by", {"key": bank.weigh_by})
        return
    options = _keys_of(bank, bank.weigh_by)
    if options and bank.weigh_default is None:
        yield Problem("bank-missing", "weigh_default", {"field": "weigh_default"})
    elif options and bank.weigh_default not in options:
        yield Problem("bank-unknown-key", "weigh_default", {"key": bank.weigh_default or ""})
    incomplete = [
        f"{place}.weight"
        for place, weights in _weights(bank)
        if not isinstance(weights, Decimal) and set(weights) != set(options)
    ]
    for place in incomplete:
        code = "bank-weights-incomplete" if options else "bank-weights-without-question"
        yield Problem(code, place, {"expected": ", ".join(options)})
    if not incomplete:
        for option in options or [""]:
            yield from _sums(bank, option)


def _is_choice(bank: Bank, key: str) -> bool:
    return key in bank.questions and bank.questions[key].kind is Kind.CHOICE


def _keys_of(bank: Bank, key: str | None) -> list[str]:
    return [option.key for option in options_of(bank.questions[key])] if key else []


def _weights(bank: Bank) -> Iterator[tuple[str, Weights]]:
    for at, section in enumerate(bank.sections):
        yield f"sections.{at}", section.weight
    for place, domain in _domains(bank):
        yield place, domain.weight
    for place, question in _questions(bank):
        yield place, question.weight


def _weight(weights: Weights, option: str) -> Decimal:
    return weights if isinstance(weights, Decimal) else weights[option]


def _sums(bank: Bank, option: str) -> Iterator[Problem]:
    """Whether the weights add up, as the bank's method wants it, for one answer to `weigh_by`."""
    if bank.scoring.method is Method.MEAN:
        return
    total = _sum(bank.sections, option)
    if total != HUNDRED:
        code = "bank-weights-sum-for" if option else "bank-weights-sum"
        yield Problem(code, "sections", {"sum": f"{total:f}", "option": option})
    for at, section in enumerate(bank.sections):
        yield from _inner_sum(bank, section.domains, section, f"sections.{at}.domains", option)
    for place, domain in _domains(bank):
        scored = [question for question in domain.questions if is_scored(question)]
        if scored:
            yield from _inner_sum(bank, scored, domain, f"{place}.questions", option)


def _sum(parts: Sequence[Section] | Sequence[Domain] | Sequence[Question], option: str) -> Decimal:
    return sum((_weight(part.weight, option) for part in parts), Decimal(0))


def _inner_sum(
    bank: Bank,
    parts: Sequence[Domain] | Sequence[Question],
    whole: Section | Domain,
    place: str,
    option: str,
) -> Iterator[Problem]:
    """Points add up to those of the part around them; weights to 100, or all are 1, or all 0."""
    total = _sum(parts, option)
    given = {_weight(part.weight, option) for part in parts}
    expected = HUNDRED
    if bank.scoring.method is Method.POINTS:
        expected = _weight(whole.weight, option)
    elif given in ({Decimal(0)}, {Decimal(1)}):
        return
    if total != expected:
        facts = {"sum": f"{total:f}", "expected": f"{expected:f}", "option": option}
        yield Problem("bank-inner-sum-for" if option else "bank-inner-sum", place, facts)


# ------------------------------------------------------------------- questions


def _in_its_bank(question: Question, place: str, bank: Bank) -> Iterator[Problem]:
    page = place.partition(".")[0]
    if page in _ONLY_FACTS:
        code, allowed = _ONLY_FACTS[page]
        if question.kind not in allowed or is_scored(question):
            yield Problem(code, f"{place}.kind", {"kind": question.kind.value})
    elif question.kind is Kind.CHOICE:
        yield Problem("bank-choice-outside-profile", f"{place}.kind", {})
    if bank.scoring.method is Method.STAGED and is_scored(question):
        yield from _stageable(question, place, bank)
    terms = {term.key for term in bank.glossary}
    sources = {source.key for source in bank.sources}
    yield from _unknown(question.terms, terms, f"{place}.terms")
    yield from _unknown(question.leans_on, sources, f"{place}.leans_on")
    scale = getattr(question, "scale", None)
    if scale is not None and scale.source not in sources:
        yield Problem("bank-unknown-key", f"{place}.scale.source", {"key": scale.source})
    for at, advice in enumerate(question.advice):
        yield from _action(advice, f"{place}.advice.{at}", bank)
    if isinstance(question, YesNo):
        for at, statement in enumerate(question.statements):
            if statement.remedy is not None:
                yield from _action(statement.remedy, f"{place}.statements.{at}.remedy", bank)


def _stageable(question: Question, place: str, bank: Bank) -> Iterator[Problem]:
    """A staged bank compares levels across questions: all of them need the same ones."""
    if not isinstance(question, Requirements):
        yield Problem("bank-not-staged", f"{place}.kind", {"kind": question.kind.value})
        return
    highest = max(step.number for step in bank.levels.steps)
    levels = {row.level for row in question.rows}
    if max(levels) != highest:
        yield Problem("bank-stages-differ", f"{place}.rows", {"most": highest})


def _unknown(given: Sequence[str], known: set[str], place: str) -> Iterator[Problem]:
    for at, key in enumerate(given):
        if key not in known:
            yield Problem("bank-unknown-key", f"{place}.{at}", {"key": key})


def _action(action: Action, place: str, bank: Bank) -> Iterator[Problem]:
    roles = {role.key for role in bank.roles}
    if action.owner not in roles:
        yield Problem("bank-unknown-key", f"{place}.owner", {"key": action.owner})
    for name, (by, fits) in _limits(action, bank).items():
        known = set(_keys_of(bank, by)) if by in bank.questions else set()
        yield from _unknown(fits, known, f"{place}.{name}")


_Limits = Mapping[str, tuple[str | None, tuple[str, ...]]]


def _limits(action: Action, bank: Bank) -> _Limits:
    """The limits of an action: which question each is about, and the answers it fits."""
    return {
        "sizes": (bank.size_by, action.sizes),
        "types": (bank.weigh_by, action.types),
        "sectors": (bank.sector_by, action.sectors),
    }


def _advice(question: Question, place: str, bank: Bank) -> Iterator[Problem]:
    """Advice in rising order, and for every firm a next step from every answer but the best."""
    steps = [each.to for each in question.advice]
    if steps != sorted(steps):
        facts = {"steps": ", ".join(map(str, steps))}
        yield Problem("bank-advice-not-rising", f"{place}.advice", facts)
    highest = highest_below_full(question)
    if highest is None:
        return
    last = [_limits(each, bank) for each in question.advice if each.to > highest]
    for firm in _firms(last, bank):
        if not any(_fits(limits, firm) for limits in last):
            who = ", ".join(firm.values()) if all(firm.values()) else ""
            code = "bank-advice-missing-for" if who else "bank-advice-missing"
            yield Problem(code, f"{place}.advice", {"level": highest, "firm": who})
            return


def _firms(last: Sequence[_Limits], bank: Bank) -> Iterator[Mapping[str, str]]:
    """Every firm that the limits could tell apart; the last ones leave a question open."""
    by = {name: key for each in last for name, (key, fits) in each.items() if fits}
    answers = [[*_keys_of(bank, key if key in bank.questions else None), ""] for key in by.values()]
    for firm in product(*answers):
        yield dict(zip(by, firm, strict=True))


def _fits(limits: _Limits, firm: Mapping[str, str]) -> bool:
    return all(not fits or firm[name] in fits for name, (_, fits) in limits.items())


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
        known = (
            {option.key for option in options_of(question)} if question.kind in _PICKABLE else set()
        )
        for at, option in enumerate(condition.in_):
            if option not in known:
                facts = {"key": key, "option": option}
                yield Problem("bank-unknown-option", f"{place}.in.{at}", facts)


# ------------------------------------------------------------ levels, editions


def _levels(bank: Bank) -> Iterator[Problem]:
    steps = bank.levels.steps
    numbers = [step.number for step in steps]
    if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        yield Problem("bank-levels-not-consecutive", "levels.steps", {})
    thresholds = [step.threshold for step in steps]
    if thresholds != sorted(set(thresholds)):
        yield Problem("bank-levels-not-rising", "levels.steps", {})
    gates, place = bank.levels.gates, "levels.gates"
    for at, key in enumerate(gates.core):
        question = bank.questions.get(key)
        if question is None:
            yield Problem("bank-unknown-key", f"{place}.core.{at}", {"key": key})
        elif not is_scored(question):
            yield Problem("bank-core-not-scored", f"{place}.core.{at}", {"key": key})
    if (gates.ceiling is None) != (gates.ceiling_reason is None):
        yield Problem("bank-ceiling-reason", f"{place}.ceiling", {})
    yield from _scenes(bank, gates, f"{place}.scenes")


def _scenes(bank: Bank, gates: Gates, place: str) -> Iterator[Problem]:
    """Scenes are ladder questions, mandatory ones are scenes, and no step asks for too many."""
    if gates.scenes is None:
        return
    for at, key in enumerate(gates.scenes.scenes):
        if not isinstance(bank.questions.get(key), Ladder):
            yield Problem("bank-scene-not-a-ladder", f"{place}.scenes.{at}", {"key": key})
    scenes, mandatory = gates.scenes.scenes, gates.scenes.mandatory
    yield from _unknown(mandatory, set(scenes), f"{place}.mandatory")
    numbers = [step.number for step in bank.levels.steps]
    for at, step in enumerate(gates.scenes.steps):
        if step.level not in numbers:
            yield Problem("bank-unknown-level", f"{place}.steps.{at}.level", {"level": step.level})
        if step.scenes > len(scenes) or step.mandatory > len(mandatory):
            facts = {"scenes": len(scenes), "mandatory": len(mandatory)}
            yield Problem("bank-too-many-scenes", f"{place}.steps.{at}", facts)


def _editions(bank: Bank) -> Iterator[Problem]:
    for at, edition in enumerate(bank.editions):
        place = f"editions.{at}"
        if (edition.ceiling is None) != (edition.ceiling_reason is None):
            yield Problem("bank-ceiling-reason", f"{place}.ceiling", {})
        known = {question.key for section in bank.sections for question in section.questions}
        yield from _unknown(edition.questions, known, f"{place}.questions")
        yield from _leans_outside(bank, edition, f"{place}.questions")
        scenes = bank.levels.gates.scenes
        for key in scenes.scenes if scenes else ():
            if key not in edition.questions:
                yield Problem("bank-edition-lacks-scene", f"{place}.questions", {"key": key})


def _leans_outside(bank: Bank, edition: Edition, place: str) -> Iterator[Problem]:
    """A question of an edition may only depend on what the edition asks as well."""
    asked = {*edition.questions, *(question.key for question in bank.profile.questions)}
    for at, key in enumerate(edition.questions):
        question = bank.questions.get(key)
        conditions = (question.when, question.optional_when) if question else ()
        needed = {name for each in conditions if each is not None for name in mentions(each)}
        for name in sorted(needed - asked):
            facts = {"key": key, "needed": name}
            yield Problem("bank-edition-incomplete", f"{place}.{at}", facts)
