"""All of it to a Report: what the document says, in both languages, before anybody prints it.

The same bank, answers and dates always give the same Report. Which story is told (`Standing`)
and which sentences are chosen follow from facts alone; how the sentences read stands in
`survey.core.wording`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from survey.core import trace, trace_table, wording
from survey.core.advice import Improvement, Plan, Rank
from survey.core.answers import (
    Answer,
    Answers,
    Figure,
    Grid,
    Quotient,
    Supported,
)
from survey.core.bank import (
    Bank,
    Better,
    Domain,
    Level,
    Method,
    Question,
    Ratio,
    Requirements,
    Section,
    YesNo,
)
from survey.core.conditions import visible
from survey.core.earned import is_scored
from survey.core.parts import (
    FORMAT,
    AnswerGroup,
    Block,
    BlockPart,
    Blocks,
    ConditionLine,
    DomainPart,
    Entry,
    Fact,
    Finding,
    Findings,
    GlossaryTerm,
    Keep,
    KeyFigure,
    LevelStep,
    Phase,
    Preconditions,
    Report,
    Roadmap,
    Said,
    SaidRow,
    SectionPart,
    SourceLine,
    Standing,
    Step,
    Typed,
    Unknown,
    Unknowns,
    Verdict,
)
from survey.core.result import (
    Blocker,
    BlockerKind,
    DomainScore,
    ItemScore,
    Result,
    SectionScore,
    Treatment,
)
from survey.core.said import name_of, said
from survey.core.steps import at_least, level_at, names_level
from survey.core.text import Text
from survey.core.unblock import PER_LEVEL, Way, ways

WEAK = Decimal(40)
STRONG = Decimal(60)
PROVEN = Decimal(80)
UNEVEN = Decimal(25)
"""From so many points between best and weakest section on, a profile is called uneven."""

MOST_FINDINGS = 3
MOST_TO_KEEP = 6


# -------------------------------------------------------------------- building


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the parts are decided from."""

    bank: Bank
    answers: Answers
    result: Result
    plan: Plan
    shown: frozenset[str]
    questions: Mapping[str, tuple[Section, Domain, Question]]
    standing: Standing
    ways: tuple[Way, ...]

    def item(self, key: str) -> ItemScore:
        return self.result.items[key]


def build(
    *,
    bank: Bank,
    answers: Answers,
    result: Result,
    plan: Plan,
    firm_name: str,
    report_id: str,
    issued_on: date,
    bank_digest: str,
) -> Report:
    """Decide what the report of one assessment says. `result` and `plan` are of these answers."""
    facts = _Facts(
        bank=bank,
        answers=answers,
        result=result,
        plan=plan,
        shown=visible(bank, answers),
        questions={
            question.key: (section, domain, question)
            for section in bank.sections
            for domain in section.domains
            for question in domain.questions
        },
        standing=_standing(bank, result),
        ways=ways(bank, answers, result),
    )
    sections = _sections(facts)
    strengths = _strengths(facts)
    return Report(
        format=FORMAT,
        engine=result.engine,
        report_id=report_id,
        bank_key=bank.key,
        bank_version=bank.version,
        bank_digest=bank_digest,
        bank_title=bank.title,
        issued_on=issued_on,
        firm=Typed(firm_name),
        standing=facts.standing,
        verdict=_verdict(facts),
        levels=tuple(
            LevelStep(step.number, step.title, step.meaning, step.threshold)
            for step in bank.levels.steps
        ),
        levels_title=bank.levels.title,
        banner=bank.banner,
        outcomes=_outcomes(facts),
        profile=_profile(facts),
        sections=sections,
        picture=_picture(bank, sections),
        blocks=_blocks(facts),
        strengths=strengths,
        gaps=_gaps(facts, strengths),
        preconditions=_preconditions(facts),
        roadmap=_roadmap(facts),
        unknowns=_unknowns(facts),
        answers=_answer_groups(facts),
        trace=trace_table.table(bank, answers, result),
        method=bank.method,
        glossary=tuple(GlossaryTerm(t.key, t.term, t.meaning) for t in bank.glossary),
        sources=tuple(SourceLine(s.key, s.title, s.edition, s.note) for s in bank.sources),
        notice=bank.notice,
    )


def _standing(bank: Bank, result: Result) -> Standing:
    if result.not_applicable > bank.levels.not_applicable_cap:
        return Standing.OVER_CAP
    if result.total is None:
        return Standing.UNKNOWN
    if result.provisional:
        return Standing.INCOMPLETE
    if result.total < WEAK:
        return Standing.STARTING
    if result.total < STRONG:
        return Standing.BUILDING
    return Standing.CONNECTED if result.total < PROVEN else Standing.PROVING


# --------------------------------------------------------------------- verdict


def _verdict(facts: _Facts) -> Verdict:
    result = facts.result
    step = _step(facts.bank, result.level)
    return Verdict(
        total=result.total,
        provisional=result.provisional,
        level_number=result.level,
        level=wording.NO_LEVEL if step is None else wording.level_reached(step),
        meaning=None if step is None else step.meaning,
        completeness=result.completeness,
        not_applicable=result.not_applicable,
        headline=_headline(facts, step),
    )


def _step(bank: Bank, level: int | None) -> Level | None:
    return next((step for step in bank.levels.steps if step.number == level), None)


_BY_STANDING = {
    Standing.STARTING: wording.starting,
    Standing.BUILDING: wording.building,
    Standing.CONNECTED: wording.connected,
    Standing.PROVING: wording.proving,
}


def _headline(facts: _Facts, step: Level | None) -> tuple[Text, ...]:
    result, scheme = facts.result, facts.bank.levels
    if facts.standing is Standing.OVER_CAP:
        return (wording.over_cap(result.not_applicable, scheme.not_applicable_cap),)
    if result.total is None:
        return (wording.nothing_known(len(_without_answer(facts))),)
    if facts.standing is Standing.INCOMPLETE:
        return (
            wording.provisional(result.total, result.completeness, scheme.gates.completeness),
            wording.find_out_first(len(_without_answer(facts))),
        )
    if step is None:
        return (wording.without_level(result.total),)
    if facts.bank.scoring.method is not Method.WEIGHTED:
        return (wording.reached(result.total, step),)
    return (_BY_STANDING[facts.standing](result.total, step),)


# --------------------------------------------------------------- the picture


def _sections(facts: _Facts) -> tuple[SectionPart, ...]:
    scores = {score.key: score for score in facts.result.sections}
    return tuple(
        _section(facts.bank, section, scores[section.key])
        for section in facts.bank.sections
        if scores[section.key].weight
    )


def _section(bank: Bank, section: Section, score: SectionScore) -> SectionPart:
    domains: Mapping[str, DomainScore] = {domain.key: domain for domain in score.domains}
    return SectionPart(
        key=section.key,
        code=section.code,
        title=section.title,
        short=section.short,
        summary=section.summary,
        weight=score.weight,
        score=score.score if score.rated else None,
        level=_section_level(bank, score),
        completeness=score.completeness or Decimal(0),
        domains=tuple(
            _domain(domain, domains[domain.key])
            for domain in section.domains
            if any(is_scored(question) for question in domain.questions)
        ),
    )


def _section_level(bank: Bank, score: SectionScore) -> Text | None:
    """The section's own level, in banks whose parts have levels; marked if it is cut."""
    if not score.rated or score.level is None or not bank.parts_have_levels:
        return None
    return wording.section_level(score.level, unverified=score.unverified)


def _domain(domain: Domain, score: DomainScore) -> DomainPart:
    evidence = None if score.evidence is None else wording.GRADES[score.evidence]
    return DomainPart(domain.key, domain.title, score.score, score.level, evidence)


def _picture(bank: Bank, sections: Sequence[SectionPart]) -> tuple[Text, ...]:
    """What the radar shows: the highest and the lowest section, and those without a score."""
    rated = [(section.short, section.score) for section in sections if section.score is not None]
    empty = [section.short for section in sections if section.score is None]
    said: list[Text] = []
    if len(rated) == 1:
        said.append(wording.only_one(*rated[0]))
    elif rated:
        best = max(rated, key=lambda part: part[1])
        worst = min(rated, key=lambda part: part[1])
        spread = best[1] - worst[1]
        if spread == 0:
            said.append(wording.all_alike(best[1]))
        else:
            sentence = wording.uneven if spread >= UNEVEN else wording.even
            said.append(sentence(best[0], best[1], worst[0], worst[1]))
    if rated and empty:
        said.append(wording.not_rated(empty))
    if rated and bank.scoring.method is Method.STAGED:
        said.append(wording.STAGED_PARTS)
    return tuple(said)


# ---------------------------------------------------------------- next level


def _blocks(facts: _Facts) -> Blocks:
    result = facts.result
    if not result.blockers:
        return Blocks(wording.HIGHEST_LEVEL, ())
    target = _step(facts.bank, result.blockers[0].level)
    general = result.total is None or facts.standing is Standing.INCOMPLETE
    if {blocker.kind for blocker in result.blockers} == {BlockerKind.CEILING}:
        opening = wording.WITHIN_REACH
    elif general or target is None:
        opening = wording.before_any_level(len(result.blockers))
    else:
        opening = wording.conditions_missing(target, len(result.blockers))
    note = wording.FEWEST_NOTE if any(way.changes for way in facts.ways) else None
    return Blocks(opening, tuple(_block(facts, way) for way in facts.ways), note)


def _block(facts: _Facts, way: Way) -> Block:
    blocker = way.blocker
    return Block(
        kind=blocker.kind,
        sentence=wording.blocked(facts.bank, blocker),
        parts=_block_parts(facts, blocker),
        fewest=wording.fewest_changes(len(way.changes)) if way.changes else None,
        changes=tuple(
            _block_part(facts, each.question, wording.change(each.act, each.score, each.level))
            for each in way.changes
        ),
    )


def _block_parts(facts: _Facts, blocker: Blocker) -> tuple[BlockPart, ...]:
    """Domains and core questions by name; a list of open questions has a chapter of its own."""
    if blocker.kind is BlockerKind.CORE:
        return tuple(
            _block_part(facts, key, wording.item_level(_level(facts, key))) for key in blocker.keys
        )
    if blocker.kind in (BlockerKind.BREADTH, BlockerKind.BREADTH_BELOW):
        places = {d.key: (s.code, d.title) for s in facts.bank.sections for d in s.domains}
        scores = {d.key: d.score for s in facts.result.sections for d in s.domains}
        return tuple(
            BlockPart(
                key,
                *places[key],
                wording.item_level(None) if (at := scores[key]) is None else wording.points(at),
            )
            for key in blocker.keys
        )
    return ()


def _level(facts: _Facts, key: str) -> int | None:
    score = facts.item(key).score
    return None if score is None else level_at(facts.bank.questions[key], score)


def _block_part(facts: _Facts, key: str, note: Text) -> BlockPart:
    section, domain, question = facts.questions[key]
    return BlockPart(key, _code(section, question), name_of(question, domain), note)


# -------------------------------------------------------- strengths and gaps


def _scored(facts: _Facts) -> list[ItemScore]:
    return [
        item
        for item in facts.result.items.values()
        if item.treatment is Treatment.SCORED and item.score is not None
    ]


def _strengths(facts: _Facts) -> Findings:
    """The best questions of at least 60 points; without any, the best of at least 40."""
    scored = _scored(facts)
    if not scored:
        return Findings(wording.NOTHING_TO_COMPARE, ())
    best = sorted(scored, key=lambda item: (-_points(item.score), -_points(item.share)))
    strong = [item for item in best if _points(item.score) >= STRONG]
    fair = [item for item in best if _points(item.score) >= WEAK]
    if not fair:
        return Findings(wording.NO_STRENGTHS, ())
    opening = wording.STRENGTHS if strong else wording.BEST_SO_FAR
    return Findings(
        opening,
        tuple(
            _finding(facts, item, wording.contributes(_points(item.contribution)))
            for item in (strong or fair)[:MOST_FINDINGS]
        ),
    )


def _gaps(facts: _Facts, strengths: Findings) -> Findings:
    """What costs the total most, of the questions below 60 points or, without any, below 100.

    What is named as a strength is not named as a gap as well.
    """
    named = {finding.key for finding in strengths.items}
    scored = [item for item in _scored(facts) if item.key not in named]
    if not _scored(facts):
        return Findings(wording.NOTHING_TO_COMPARE, ())
    weak = [item for item in scored if _points(item.score) < STRONG]
    short = weak or [item for item in scored if _points(item.score) < 100]
    if not short:
        return Findings(wording.NO_GAPS, ())
    short.sort(key=lambda item: (-_lost(item), _points(item.score)))
    opening = wording.GAPS if weak else wording.LAST_GAPS
    findings = tuple(
        _finding(facts, item, wording.could_bring(_lost(item))) for item in short[:MOST_FINDINGS]
    )
    return Findings(opening, findings)


def _finding(facts: _Facts, item: ItemScore, comment: Text) -> Finding:
    section, domain, question = facts.questions[item.key]
    return Finding(
        key=item.key,
        code=_code(section, question),
        title=name_of(question, domain),
        prompt=question.prompt,
        said=said(question, facts.answers.get(item.key)),
        score=_points(item.score),
        comment=comment,
    )


def _code(section: Section, question: Question) -> str:
    return question.code or section.code


def _points(value: Decimal | None) -> Decimal:
    return value or Decimal(0)


def _lost(item: ItemScore) -> Decimal:
    """The points of the total that the question could still bring."""
    return _points(item.share) * (100 - _points(item.score))


# ------------------------------------------------------------- preconditions


def _preconditions(facts: _Facts) -> tuple[Preconditions, ...]:
    return tuple(
        _precondition(section, question, facts.answers.get(key))
        for key, (section, _, question) in facts.questions.items()
        if isinstance(question, YesNo) and key in facts.shown
    )


def _precondition(section: Section, question: YesNo, answer: Answer | None) -> Preconditions:
    given = answer.rows if isinstance(answer, Grid) else {}
    states = {row.key: given.get(row.key, "unknown") for row in question.statements}
    counted = list(states.values())
    return Preconditions(
        key=question.key,
        code=_code(section, question),
        prompt=question.prompt,
        counted=wording.conditions_counted(
            counted.count("yes"), counted.count("no"), counted.count("unknown")
        ),
        lines=tuple(
            ConditionLine(row.label, states[row.key], wording.CONDITION_STATES[states[row.key]])
            for row in question.statements
        ),
    )


# ------------------------------------------------------------------ road map


def _roadmap(facts: _Facts) -> Roadmap:
    short = tuple(_plan_step(facts, step) for step in facts.plan.short)
    phase_of = {step.key: step.phase for step in facts.plan.short}
    return Roadmap(
        opening=_plan_opening(facts),
        phases=tuple(
            Phase(
                number=number,
                title=wording.PHASE_TITLES[number],
                empty=wording.PHASE_EMPTY[number],
                steps=tuple(step for step in short if phase_of[step.key] == number),
            )
            for number in (1, 2, 3)
        )
        if short
        else (),
        first=short,
        later_opening=wording.LATER,
        later=tuple(_plan_step(facts, step) for step in facts.plan.rest),
        keep_opening=wording.KEEP,
        keep=_keep(facts),
    )


def _plan_opening(facts: _Facts) -> Text:
    count = len(facts.plan.short)
    if not _scored(facts):
        return wording.PLAN_WITHOUT_ANSWERS
    if not count:
        return wording.PLAN_EMPTY
    if facts.standing in (Standing.INCOMPLETE, Standing.OVER_CAP):
        return wording.plan_incomplete(count)
    if facts.standing is Standing.PROVING:
        return wording.plan_proving(count)
    if facts.standing is Standing.STARTING:
        return wording.plan_starting(count)
    return wording.plan_building(count)


def _plan_step(facts: _Facts, step: Improvement) -> Step:
    section, domain, question = facts.questions[step.question]
    roles = {role.key: role.label for role in facts.bank.roles}
    action = step.action
    return Step(
        key=step.key,
        code=_code(section, question),
        section=section.short,
        title=name_of(question, domain),
        climbs=_climbs(facts, step),
        what=action.what,
        because=step.because,
        prompt=question.prompt,
        said=_behind(facts, question, step.statement),
        owner=roles[action.owner],
        effort=wording.EFFORTS[action.effort],
        horizon=wording.HORIZONS[action.horizon],
        proof=action.proof,
        unblocks=step.unblocks,
        urgent=step.rank is Rank.URGENT,
        gain=step.gain,
    )


def _climbs(facts: _Facts, step: Improvement) -> Text:
    if step.to is None:
        return wording.NOT_MET_TO_MET
    question = facts.bank.questions[step.question]
    present = _points(facts.item(step.question).score)
    reached = at_least(question, PER_LEVEL * step.to)
    if isinstance(question, Requirements) or names_level(facts.bank, question):
        return wording.climbs(level_at(question, present), level_at(question, reached))
    return wording.climbs_points(present, reached)


def _behind(facts: _Facts, question: Question, statement: str | None) -> Said:
    """The answer that a step starts from: of a block of statements only the one concerned."""
    answer = facts.answers.get(question.key)
    if statement is None or not isinstance(question, YesNo):
        return said(question, answer)
    label = next(row.label for row in question.statements if row.key == statement)
    return Said(None, rows=(SaidRow(label, wording.STATES["no"]),))


def _keep(facts: _Facts) -> tuple[Keep, ...]:
    """The proof of what works, for firms whose work is to keep it up."""
    if facts.standing is not Standing.PROVING and facts.plan.short:
        return ()
    strong = [item for item in _scored(facts) if _points(item.score) >= PROVEN]
    strong.sort(key=lambda item: -_points(item.contribution))
    kept = []
    for item in strong:
        section, domain, question = facts.questions[item.key]
        if question.evidence is not None:
            code = _code(section, question)
            kept.append(Keep(item.key, code, name_of(question, domain), question.evidence))
    return tuple(kept[:MOST_TO_KEEP])


# ------------------------------------------------------------- key figures


def _outcomes(facts: _Facts) -> tuple[KeyFigure, ...]:
    """The key figures that the firm gave, with their change over the year before."""
    page = facts.bank.outcomes
    return tuple(
        KeyFigure(question.key, question.prompt, said(question, answer), _better(question, answer))
        for question in (page.questions if page else ())
        if question.key in facts.shown
        if isinstance(answer := facts.answers.get(question.key), Figure | Quotient)
    )


def _better(question: Question, answer: Figure | Quotient) -> Text | None:
    """Whether the figure moved the way it should; None where that cannot be said."""
    if not isinstance(question, Ratio) or not isinstance(answer, Quotient):
        return None
    if question.better is None or answer.numerator == answer.denominator:
        return None
    rose = answer.numerator > answer.denominator
    return wording.MOVED[rose is (question.better is Better.HIGHER)]


# ----------------------------------------------------------------- unknowns

_WITHOUT_ANSWER = (Treatment.UNKNOWN, Treatment.UNANSWERED)


def _without_answer(facts: _Facts) -> list[ItemScore]:
    return [item for item in facts.result.items.values() if item.treatment in _WITHOUT_ANSWER]


def _unknowns(facts: _Facts) -> Unknowns:
    items = _without_answer(facts)
    if not items:
        return Unknowns(wording.NOTHING_TO_COLLECT, ())
    points = facts.bank.scoring.method is Method.POINTS
    told = wording.to_collect_under_points if points else wording.to_collect
    return Unknowns(told(len(items)), tuple(_unknown(facts, i) for i in items))


def _unknown(facts: _Facts, item: ItemScore) -> Unknown:
    section, _, question = facts.questions[item.key]
    return Unknown(
        key=item.key,
        code=_code(section, question),
        prompt=question.prompt,
        state=trace.state_of(item, facts.answers.get(item.key)),
        where=question.evidence,
    )


# ------------------------------------------------------------------- answers


def _profile(facts: _Facts) -> tuple[Fact, ...]:
    """What the firm told about itself; what it left out is not listed."""
    return tuple(
        Fact(question.key, question.prompt, said(question, facts.answers[question.key]))
        for question in facts.bank.profile.questions
        if question.key in facts.shown and question.key in facts.answers
    )


def _evidence(answer: Answer | None) -> Said | None:
    """What the firm names in support of an answer."""
    evidence = answer.evidence if isinstance(answer, Supported) else None
    if evidence is None:
        return None
    return Said(wording.GRADES[evidence.grade], Typed(evidence.note))


def _answer_groups(facts: _Facts) -> tuple[AnswerGroup, ...]:
    return tuple(
        AnswerGroup(
            key=section.key,
            code=section.code,
            title=section.title,
            entries=tuple(
                Entry(
                    key=question.key,
                    code=_code(section, question),
                    prompt=question.prompt,
                    said=said(question, facts.answers.get(question.key)),
                    score=facts.item(question.key).score,
                    evidence=_evidence(facts.answers.get(question.key)),
                )
                for question in section.questions
                if question.key in facts.shown
            ),
        )
        for section in facts.bank.sections
    )
