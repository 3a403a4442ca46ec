"""What must hold between the parts of a bank: keys exist, weights add up, advice for everybody."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal

from survey.core.bank import (
    OUTCOMES,
    PROFILE,
    Action,
    Bank,
    Condition,
    Domain,
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
from survey.core.errors import Facts, Problem
from survey.core.kind_rules import Keyed, by_itself, options_of, repeated
from survey.core.possible import asked_of, can_hold
from survey.core.steps import highest_below_full

_ONLY_FACTS = {
    PROFILE: ("bank-kind-in-profile", (Kind.CHOICE, Kind.MULTIPLE, Kind.NUMBER, Kind.TEXT)),
    OUTCOMES: ("bank-kind-in-outcomes", (Kind.NUMBER, Kind.RATIO)),
}
_COMPARABLE = (Kind.NUMBER, Kind.RATIO, Kind.LADDER)
_PICKABLE = (Kind.CHOICE, Kind.LADDER, Kind.MULTIPLE)
HUNDRED = Decimal(100)
CLOSE_ENOUGH = Decimal("0.0001")
"""A threshold is written with four decimals at most."""


def between_parts(bank: Bank) -> Iterator[Problem]:
    """Every fault of a bank whose parts have the right shape, in reading order."""
    yield from _duplicates(bank)
    for at, section in enumerate(bank.sections):
        if section.key in (PROFILE, OUTCOMES):
            yield Problem("bank-reserved-key", f"sections.{at}.key", {"key": section.key})
    yield from _weighing(bank)
    names = _names(bank)
    seen: dict[str, Question] = {}
    unsound: set[str] = set()
    for place, question in _questions(bank):
        alone = list(by_itself(question, place))
        yield from alone
        yield from _in_its_bank(question, place, bank, names)
        if is_scored(question) and not alone:  # what it can earn is known only if it is sound
            yield from _advice(question, place, names)
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
    yield from _eligibility(bank, names, seen)
    yield from _distributions(bank, names)
    yield from _hints(bank, seen)


@dataclass(frozen=True, slots=True)
class _Names:
    """The keys that the parts of a bank may name, gathered once.

    `fits` has, for each limit of an action, the answers that it can be limited to.
    """

    roles: AbstractSet[str]
    terms: AbstractSet[str]
    sources: AbstractSet[str]
    fits: Mapping[str, Sequence[str]]


def _names(bank: Bank) -> _Names:
    limits = {"sizes": bank.size_by, "types": bank.weigh_by, "sectors": bank.sector_by}
    return _Names(
        roles={role.key for role in bank.roles},
        terms={term.key for term in bank.glossary},
        sources={source.key for source in bank.sources},
        fits={name: _keys_of(bank, key) for name, key in limits.items()},
    )


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
        ("eligibility", bank.eligibility),
        ("distributions", bank.distributions),
        ("hints", bank.hints),
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
    if not incomplete and bank.scoring.method is not Method.MEAN:
        for joint in _joints(bank):
            yield from _balance(bank, joint, options)


def _is_choice(bank: Bank, key: str) -> bool:
    return key in bank.questions and bank.questions[key].kind is Kind.CHOICE


def _keys_of(bank: Bank, key: str | None) -> list[str]:
    """The answers to a choice; none if there is no such question."""
    question = bank.questions.get(key or "")
    return [option.key for option in options_of(question)] if question else []


def _weights(bank: Bank) -> Iterator[tuple[str, Weights]]:
    for at, section in enumerate(bank.sections):
        yield f"sections.{at}", section.weight
    for place, domain in _domains(bank):
        yield place, domain.weight
    for place, question in _questions(bank):
        yield place, question.weight


def _weight(weights: Weights, option: str) -> Decimal:
    return weights if isinstance(weights, Decimal) else weights[option]


@dataclass(frozen=True, slots=True)
class _Joint:
    """Parts that are weighed against each other, and the part around them, None for the bank.

    `askable` has, for each part, the answers to `weigh_by` with which it can earn something.
    """

    place: str
    parts: Sequence[Section] | Sequence[Domain] | Sequence[Question]
    whole: Section | Domain | None
    askable: Sequence[AbstractSet[str]]


def _joints(bank: Bank) -> Iterator[_Joint]:
    asked = asked_of(bank)
    yield _Joint("sections", bank.sections, None, ())
    earning: dict[str, AbstractSet[str]] = {}
    inner = []
    for place, domain in _domains(bank):
        scored = [question for question in domain.questions if is_scored(question)]
        askable = [asked[question.key] for question in scored]
        earning[place] = frozenset().union(*askable)
        if scored:
            inner.append(_Joint(f"{place}.questions", scored, domain, askable))
    for at, section in enumerate(bank.sections):
        place = f"sections.{at}.domains"
        parts = [earning[f"{place}.{n}"] for n in range(len(section.domains))]
        yield _Joint(place, section.domains, section, parts)
    yield from inner


def _balance(bank: Bank, joint: _Joint, options: Sequence[str]) -> Iterator[Problem]:
    """Whether the weights of a joint add up and let its parts count.

    Where no weight differs from answer to answer one look is enough.
    """
    around = () if joint.whole is None else (joint.whole,)
    if all(isinstance(part.weight, Decimal) for part in (*joint.parts, *around)):
        yield from _balance_for(bank, joint, "")
        return
    for option in options:
        yield from _balance_for(bank, joint, option)


def _balance_for(bank: Bank, joint: _Joint, option: str) -> Iterator[Problem]:
    given = [_weight(part.weight, option) for part in joint.parts]
    total = sum(given, Decimal(0))
    if joint.whole is None:
        if total != HUNDRED:
            code = "bank-weights-sum-for" if option else "bank-weights-sum"
            yield Problem(code, joint.place, {"sum": f"{total:f}", "option": option})
        return
    whole = _weight(joint.whole.weight, option)
    points = bank.scoring.method is Method.POINTS
    expected = whole if points else HUNDRED
    alike = not points and set(given) in ({Decimal(0)}, {Decimal(1)})
    facts: Facts = {"sum": f"{total:f}", "expected": f"{expected:f}", "option": option}
    if total != expected and not alike:
        yield Problem("bank-inner-sum-for" if option else "bank-inner-sum", joint.place, facts)
        return
    counting = [
        weight
        for weight, askable in zip(given, joint.askable, strict=True)
        if (option in askable if option else askable)
    ]
    if whole and counting and not any(counting):
        facts = {"weight": f"{whole:f}", "option": option}
        yield Problem("bank-all-zero-for" if option else "bank-all-zero", joint.place, facts)


# ------------------------------------------------------------------- questions


def _in_its_bank(question: Question, place: str, bank: Bank, names: _Names) -> Iterator[Problem]:
    page = place.partition(".")[0]
    if page in _ONLY_FACTS:
        code, allowed = _ONLY_FACTS[page]
        if question.kind not in allowed or is_scored(question):
            yield Problem(code, f"{place}.kind", {"kind": question.kind.value})
    elif question.kind is Kind.CHOICE:
        yield Problem("bank-choice-outside-profile", f"{place}.kind", {})
    if bank.scoring.method is Method.STAGED and is_scored(question):
        yield from _stageable(question, place, bank)
    yield from _unknown(question.terms, names.terms, f"{place}.terms")
    yield from _unknown(question.leans_on, names.sources, f"{place}.leans_on")
    scale = getattr(question, "scale", None)
    if scale is not None and scale.source not in names.sources:
        yield Problem("bank-unknown-key", f"{place}.scale.source", {"key": scale.source})
    for at, advice in enumerate(question.advice):
        yield from _action(advice, f"{place}.advice.{at}", names)
    if isinstance(question, YesNo):
        for at, statement in enumerate(question.statements):
            if statement.remedy is not None:
                yield from _action(statement.remedy, f"{place}.statements.{at}.remedy", names)


def _stageable(question: Question, place: str, bank: Bank) -> Iterator[Problem]:
    """A staged bank compares levels across questions: all of them need the same ones."""
    if not isinstance(question, Requirements):
        yield Problem("bank-not-staged", f"{place}.kind", {"kind": question.kind.value})
        return
    highest = max(step.number for step in bank.levels.steps)
    levels = {row.level for row in question.rows}
    if max(levels) != highest:
        yield Problem("bank-stages-differ", f"{place}.rows", {"most": highest})


def _unknown(given: Sequence[str], known: AbstractSet[str], place: str) -> Iterator[Problem]:
    for at, key in enumerate(given):
        if key not in known:
            yield Problem("bank-unknown-key", f"{place}.{at}", {"key": key})


def _action(action: Action, place: str, names: _Names) -> Iterator[Problem]:
    if action.owner not in names.roles:
        yield Problem("bank-unknown-key", f"{place}.owner", {"key": action.owner})
    for name, known in names.fits.items():
        yield from _unknown(_limit(action, name), set(known), f"{place}.{name}")


def _limit(action: Action, name: str) -> tuple[str, ...]:
    return {"sizes": action.sizes, "types": action.types, "sectors": action.sectors}[name]


def _advice(question: Question, place: str, names: _Names) -> Iterator[Problem]:
    """Advice in rising order, and for every firm a next step from every answer but the best."""
    steps = [each.to for each in question.advice]
    if steps != sorted(steps):
        facts: Facts = {"steps": ", ".join(map(str, steps))}
        yield Problem("bank-advice-not-rising", f"{place}.advice", facts)
    highest = highest_below_full(question)
    if highest is None:
        return
    last = [each for each in question.advice if each.to > highest]
    firm = _left_out(last, names)
    if firm is not None:
        who = ", ".join(firm) if all(firm) else ""
        code = "bank-advice-missing-for" if who else "bank-advice-missing"
        yield Problem(code, f"{place}.advice", {"level": highest, "firm": who})


def _left_out(last: Sequence[Action], names: _Names) -> Sequence[str] | None:
    """The answers of a firm that no action fits; an empty answer leaves the question open."""
    sizes, types, sectors = (_kinds(last, name, names) for name in names.fits)
    both: dict[int, tuple[str | None, ...]] = {}
    for one, size in sizes.items():
        for other, kind in types.items():
            both.setdefault(one & other, (size, kind))
    for fitting, firm in both.items():
        for more, sector in sectors.items():
            if not fitting & more:
                return [answer for answer in (*firm, sector) if answer is not None]
    return None


def _kinds(last: Sequence[Action], name: str, names: _Names) -> Mapping[int, str | None]:
    """The answers that a limit tells apart, by the actions that fit, each a bit of the number.

    All answers that no action names are of one kind, and so is an open question. None stands for
    any answer, where no action has this limit.
    """
    anybody = sum(1 << at for at, each in enumerate(last) if not _limit(each, name))
    if anybody == (1 << len(last)) - 1:
        return {anybody: None}
    fitting = dict.fromkeys((*names.fits[name], ""), anybody)
    for at, each in enumerate(last):
        for key in fitting.keys() & _limit(each, name):
            fitting[key] |= 1 << at
    kinds: dict[int, str | None] = {}
    for key, actions in fitting.items():
        kinds.setdefault(actions, key)
    return kinds


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
    if bank.scoring.method is Method.STAGED:
        yield from _staged_thresholds(bank)
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


def _staged_thresholds(bank: Bank) -> Iterator[Problem]:
    """A level of a staged bank is reached exactly where its stage is met, or one would lie."""
    stages = max(step.number for step in bank.levels.steps)
    for at, step in enumerate(bank.levels.steps):
        needed = Decimal(0)
        if step.number:
            needed = (HUNDRED * (step.number - 1) + bank.scoring.met_at) / stages
        if abs(step.threshold - needed) > CLOSE_ENOUGH:
            facts: Facts = {"level": step.number, "expected": f"{round(needed, 4):f}"}
            yield Problem("bank-staged-threshold", f"levels.steps.{at}.threshold", facts)


def _scenes(bank: Bank, gates: Gates, place: str) -> Iterator[Problem]:
    """Scenes are ladder questions, mandatory ones are scenes, and no step asks for too many."""
    if gates.scenes is None:
        return
    for at, key in enumerate(gates.scenes.scenes):
        yield from _scene(bank.questions.get(key), key, f"{place}.scenes.{at}")
    scenes, mandatory = gates.scenes.scenes, gates.scenes.mandatory
    yield from _unknown(mandatory, set(scenes), f"{place}.mandatory")
    yield from _named_twice(scenes, f"{place}.scenes")
    yield from _named_twice(mandatory, f"{place}.mandatory")
    numbers = [step.number for step in bank.levels.steps]
    for at, step in enumerate(gates.scenes.steps):
        if step.level not in numbers:
            yield Problem("bank-unknown-level", f"{place}.steps.{at}.level", {"level": step.level})
        if step.scenes > len(scenes) or step.mandatory > len(mandatory):
            facts = {"scenes": len(scenes), "mandatory": len(mandatory)}
            yield Problem("bank-too-many-scenes", f"{place}.steps.{at}", facts)


def _scene(question: Question | None, key: str, place: str) -> Iterator[Problem]:
    """A scene is counted by its own step, of every firm: nothing half, nothing hidden."""
    if not isinstance(question, Ladder):
        yield Problem("bank-scene-not-a-ladder", place, {"key": key})
        return
    for name, condition in (("when", question.when), ("optional_when", question.optional_when)):
        if condition is not None:
            yield Problem("bank-scene-conditional", place, {"key": key, "field": name})
    if question.half_steps:
        yield Problem("bank-scene-half-steps", place, {"key": key})


def _editions(bank: Bank) -> Iterator[Problem]:
    known = {question.key for section in bank.sections for question in section.questions}
    profile = {question.key for question in bank.profile.questions}
    needs = {key: _needs(question) for key, question in bank.questions.items()}
    scenes = bank.levels.gates.scenes
    for at, edition in enumerate(bank.editions):
        place = f"editions.{at}.questions"
        if (edition.ceiling is None) != (edition.ceiling_reason is None):
            yield Problem("bank-ceiling-reason", f"editions.{at}.ceiling", {})
        yield from _unknown(edition.questions, known, place)
        yield from _named_twice(edition.questions, place)
        asked = {*edition.questions, *profile}
        for n, key in enumerate(edition.questions):
            for needed in sorted(needs.get(key, frozenset()) - asked):
                facts: Facts = {"key": key, "needed": needed}
                yield Problem("bank-edition-incomplete", f"{place}.{n}", facts)
        for key in scenes.scenes if scenes else ():
            if key not in asked:
                yield Problem("bank-edition-lacks-scene", place, {"key": key})


def _needs(question: Question) -> AbstractSet[str]:
    """The questions that its conditions look at: whoever asks it asks them as well."""
    conditions = (question.when, question.optional_when)
    return {name for each in conditions if each is not None for name in mentions(each)}


def _named_twice(keys: Sequence[str], place: str) -> Iterator[Problem]:
    return repeated((f"{place}.{at}", key) for at, key in enumerate(keys))


# --------------------------------------------------- rules and figures of others


def _eligibility(bank: Bank, names: _Names, questions: Mapping[str, Question]) -> Iterator[Problem]:
    for at, rule in enumerate(bank.eligibility):
        place = f"eligibility.{at}"
        yield from _known_source(rule.source, place, names)
        keys = enumerate(each.key for each in rule.conditions)
        yield from repeated((f"{place}.conditions.{i}.key", key) for i, key in keys)
        for i, each in enumerate(rule.conditions):
            for name, condition in (("when", each.when), ("holds", each.holds)):
                spot = f"{place}.conditions.{i}.{name}"
                yield from _of_any_answer(condition, spot, questions, bank)
            if each.holds is None and each.where is None:
                yield Problem("bank-rule-without-way", f"{place}.conditions.{i}", {})


def _hints(bank: Bank, questions: Mapping[str, Question]) -> Iterator[Problem]:
    for at, hint in enumerate(bank.hints):
        yield from _of_any_answer(hint.when, f"hints.{at}.when", questions, bank)


def _of_any_answer(
    condition: Condition | None, place: str, questions: Mapping[str, Question], bank: Bank
) -> Iterator[Problem]:
    """The faults of a condition that may look at every question, because all are answered."""
    if condition is None:
        return
    faults = list(_condition(condition, place, questions, bank))
    yield from faults
    if not faults and not can_hold(condition, questions):
        yield Problem("bank-condition-never", place, {})


def _known_source(key: str, place: str, names: _Names) -> Iterator[Problem]:
    if key not in names.sources:
        yield Problem("bank-unknown-key", f"{place}.source", {"key": key})


def _distributions(bank: Bank, names: _Names) -> Iterator[Problem]:
    levels = [level.number for level in bank.levels.steps]
    for at, published in enumerate(bank.distributions):
        place = f"distributions.{at}"
        yield from _known_source(published.source, place, names)
        whole = sum((share.percent for share in published.shares), Decimal(0))
        if whole > HUNDRED:
            yield Problem("bank-shares-above-hundred", f"{place}.shares", {"sum": f"{whole:f}"})
        for i, share in enumerate(published.shares):
            if any(level not in levels and level != 0 for level in share.levels):
                yield Problem("bank-share-of-no-level", f"{place}.shares.{i}.levels", {})
