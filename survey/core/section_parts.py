"""Where the firm stands: sections, domains, strengths and gaps, each with the answers behind it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from survey.core import section_words, wording
from survey.core.advice import Improvement
from survey.core.bank import Bank, Domain, Method, Section
from survey.core.earned import HUNDRED, is_scored, level_of
from survey.core.facts import STRONG, UNEVEN, WEAK, Facts, code_of, points_of, scored
from survey.core.parts import DomainPart, DomainStep, Finding, Findings, SectionPart
from survey.core.result import OPEN, DomainScore, ItemScore, Result, SectionScore, Treatment
from survey.core.said import name_of, said
from survey.core.text import Text

MOST_FINDINGS = 3
MOST_IN_SECTION = 2


def sections(facts: Facts) -> tuple[SectionPart, ...]:
    scores = {score.key: score for score in facts.result.sections}
    return tuple(
        _section(facts, section, scores[section.key])
        for section in facts.bank.sections
        if scores[section.key].weight
    )


def _section(facts: Facts, section: Section, score: SectionScore) -> SectionPart:
    domains: Mapping[str, DomainScore] = {domain.key: domain for domain in score.domains}
    best, worst = _best(facts, score), _worst(facts, score)
    grades = [item.evidence for item in score.items if item.evidence is not None]
    return SectionPart(
        key=section.key,
        code=section.code,
        title=section.title,
        short=section.short,
        summary=section.summary,
        weight=score.weight,
        score=score.score if score.rated else None,
        level=_section_level(facts.bank, score),
        completeness=HUNDRED if score.completeness is None else score.completeness,
        domains=tuple(
            _domain(facts, domain, domains[domain.key])
            for domain in section.domains
            if any(is_scored(question) for question in domain.questions)
        ),
        evidence=wording.GRADES[min(grades)] if grades else None,
        story=_story(facts, section, score),
        strengths=best,
        gaps=worst,
    )


def _best(facts: Facts, score: SectionScore) -> tuple[Finding, ...]:
    """What already works in this section: its best questions of at least 60 points."""
    strong = [item for item in _known(score) if points_of(item.score) >= STRONG]
    strong.sort(key=lambda item: (-points_of(item.score), -points_of(item.share)))
    return tuple(
        finding(facts, item, wording.contributes(points_of(item.contribution)))
        for item in strong[:MOST_IN_SECTION]
    )


def _worst(facts: Facts, score: SectionScore) -> tuple[Finding, ...]:
    """What costs this section most: its questions below 60 points, the dearest first."""
    weak = [item for item in _known(score) if points_of(item.score) < STRONG]
    weak.sort(key=lambda item: (-lost(item), points_of(item.score)))
    return tuple(
        finding(facts, item, wording.could_bring(lost(item))) for item in weak[:MOST_IN_SECTION]
    )


def _known(score: SectionScore) -> list[ItemScore]:
    return [item for item in score.items if item.treatment is Treatment.SCORED]


def _story(facts: Facts, section: Section, score: SectionScore) -> tuple[Text, ...]:
    """Where the section stands beside the whole, and which of its domains lead and lag."""
    if score.score is None or not score.rated:
        open_ = sum(item.treatment in OPEN for item in score.items)
        return (section_words.unrated(open_),)
    said = []
    total = facts.result.total
    if total is not None:
        said.append(section_words.beside_the_whole(score.score, total))
    titles = {domain.key: domain.title for domain in section.domains}
    rated = [
        (domain.score, titles[domain.key]) for domain in score.domains if domain.score is not None
    ]
    best = max(rated, key=lambda domain: domain[0])
    worst = min(rated, key=lambda domain: domain[0])
    if best[0] > worst[0]:
        said.append(section_words.leads_and_lags(best[1], best[0], worst[1], worst[0]))
    open_ = sum(item.treatment in OPEN for item in score.items)
    if open_:
        said.append(section_words.still_open(open_))
    return tuple(said)


def _section_level(bank: Bank, score: SectionScore) -> Text | None:
    """The section's own level, in banks whose parts have levels; marked if it is cut."""
    if not score.rated or score.level is None or not bank.parts_have_levels:
        return None
    return wording.section_level(
        score.level, unverified=score.unverified, capped=_is_capped(bank, score)
    )


def _is_capped(bank: Bank, score: SectionScore) -> bool:
    """Whether the points of the section would give a level above the bank's ceiling."""
    ceiling = bank.levels.gates.ceiling
    return (
        ceiling is not None
        and bank.parts_have_levels
        and score.rated
        and score.level == ceiling
        and level_of(points_of(score.score)) > ceiling
    )


def _domain(facts: Facts, domain: Domain, score: DomainScore) -> DomainPart:
    return DomainPart(
        key=domain.key,
        title=domain.title,
        score=score.score,
        level=score.level,
        evidence=None if score.evidence is None else wording.GRADES[score.evidence],
        column=None if score.score is None else level_of(score.score),
        next_step=_next_step(facts, domain, score),
    )


def _next_step(facts: Facts, domain: Domain, score: DomainScore) -> DomainStep | None:
    """The first step of a weak domain, one below 60 points: in the plan or among the later ones."""
    weak = score.score is not None and score.score < STRONG
    keys = {question.key for question in domain.questions} if weak else set()
    steps = (step for step in (*facts.plan.short, *facts.plan.rest) if step.question in keys)
    return next((_domain_step(facts, step) for step in steps), None)


def _domain_step(facts: Facts, step: Improvement) -> DomainStep:
    section, _, question = facts.questions[step.question]
    roles = {role.key: role.label for role in facts.bank.roles}
    return DomainStep(
        key=step.key,
        code=code_of(section, question),
        what=step.action.what,
        owner=roles[step.action.owner],
        horizon=wording.HORIZONS[step.action.horizon],
    )


def picture(bank: Bank, result: Result, sections: Sequence[SectionPart]) -> tuple[Text, ...]:
    """What the radar shows: the highest and the lowest section, and those without a score.

    Last comes why no section is above the bank's ceiling, where one would be.
    """
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
    ceiling, reason = bank.levels.gates.ceiling, bank.levels.gates.ceiling_reason
    if ceiling and reason and any(_is_capped(bank, score) for score in result.sections):
        said.append(wording.blocked_by_ceiling(ceiling, reason))
    return tuple(said)


def strengths(facts: Facts) -> Findings:
    """The best questions of at least 60 points; without any, the best of at least 40."""
    known = scored(facts)
    if not known:
        return Findings(wording.NOTHING_TO_COMPARE, ())
    best = sorted(known, key=lambda item: (-points_of(item.score), -points_of(item.share)))
    strong = [item for item in best if points_of(item.score) >= STRONG]
    fair = [item for item in best if points_of(item.score) >= WEAK]
    if not fair:
        return Findings(wording.NO_STRENGTHS, ())
    opening = wording.STRENGTHS if strong else wording.BEST_SO_FAR
    return Findings(
        opening,
        tuple(
            finding(facts, item, wording.contributes(points_of(item.contribution)))
            for item in (strong or fair)[:MOST_FINDINGS]
        ),
    )


def gaps(facts: Facts, named_strengths: Findings) -> Findings:
    """What costs the total most, of the questions below 60 points or, without any, below 100.

    What is named as a strength is not named as a gap as well.
    """
    named = {each.key for each in named_strengths.items}
    others = [item for item in scored(facts) if item.key not in named]
    if not scored(facts):
        return Findings(wording.NOTHING_TO_COMPARE, ())
    weak = [item for item in others if points_of(item.score) < STRONG]
    short = weak or [item for item in others if points_of(item.score) < 100]
    if not short:
        return Findings(wording.NO_GAPS, ())
    short.sort(key=lambda item: (-lost(item), points_of(item.score)))
    opening = wording.GAPS if weak else wording.LAST_GAPS
    findings = tuple(
        finding(facts, item, wording.could_bring(lost(item))) for item in short[:MOST_FINDINGS]
    )
    return Findings(opening, findings)


def finding(facts: Facts, item: ItemScore, comment: Text) -> Finding:
    section, domain, question = facts.questions[item.key]
    return Finding(
        key=item.key,
        code=code_of(section, question),
        title=name_of(question, domain),
        prompt=question.prompt,
        said=said(question, facts.answers.get(item.key)),
        score=points_of(item.score),
        comment=comment,
    )


def lost(item: ItemScore) -> Decimal:
    """The points of the total that the question could still bring."""
    return points_of(item.share) * (100 - points_of(item.score))
