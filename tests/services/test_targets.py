"""Targets: chosen by the firm's own people, read by everybody who may see the firm."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from survey.core import document
from survey.core.errors import NotFound
from survey.services import assessments, targets
from survey.services.people import Actor
from survey.services.targets import UnknownDomain, UnknownLevel
from survey.store.models import Assessment, Target
from tests.builders import (
    a_bank,
    bank_data,
    domain,
    edition,
    ladder,
    points_bank_data,
    section,
    words,
    yes_no,
)
from tests.stored import (
    NOW,
    a_consultant,
    a_firm,
    a_member,
    a_submitted_assessment,
    a_version,
    an_administrator,
    an_assessment,
)

LATER = NOW + timedelta(minutes=5)


def choose(session: Session, actor: Actor, assessment: Assessment, **wanted: int | None) -> None:
    targets.set_targets(session, actor, assessment.id, targets=wanted, now=LATER)


def levels(session: Session, actor: Actor, assessment: Assessment) -> dict[str, int]:
    chosen = targets.targets_of(session, actor, assessment.id)
    return {key: each.level for key, each in chosen.items()}


def test_targets_are_chosen_before_and_after_submitting(session: Session) -> None:
    _, owner = a_firm(session)
    done = a_submitted_assessment(session, owner)
    draft = an_assessment(session, owner, version=a_version(session, bank_data(version=2)))

    for assessment in (draft, done):
        choose(session, owner, assessment, first=4, second=0)

        assert levels(session, owner, assessment) == {"first": 4, "second": 0}


def test_a_target_is_changed_and_taken_away(session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    choose(session, owner, assessment, first=3, second=2)

    choose(session, owner, assessment, first=5)
    choose(session, owner, assessment, second=None)

    assert levels(session, owner, assessment) == {"first": 5}


def test_a_target_has_the_author_who_changed_it_last(session: Session) -> None:
    firm, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    targets.set_targets(session, owner, assessment.id, targets={"first": 3, "second": 2}, now=NOW)

    choose(session, a_member(session, firm, name="赵倩"), assessment, first=3, second=4)

    chosen = targets.targets_of(session, owner, assessment.id)
    assert (chosen["first"].author, chosen["first"].at) == ("王强", NOW)
    assert (chosen["second"].author, chosen["second"].at) == ("赵倩", LATER)


@pytest.mark.parametrize("level", [-1, 6, 2**40, True, "3", 2.0])
def test_a_level_from_outside_the_scale_is_refused(session: Session, level: int) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)

    with pytest.raises(UnknownLevel) as refused:
        choose(session, owner, assessment, first=2, second=level)

    assert refused.value.code == "target-unknown-level"
    assert levels(session, owner, assessment) == {}


@pytest.mark.parametrize("level", [0, 4, 5])
def test_only_the_banks_own_levels_are_targets(session: Session, level: int) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, version=a_version(session, points_bank_data()))

    with pytest.raises(UnknownLevel):
        choose(session, owner, assessment, equipment=level)
    choose(session, owner, assessment, equipment=3)

    assert levels(session, owner, assessment) == {"equipment": 3}


def test_a_level_above_the_ceiling_of_the_edition_is_no_target(session: Session) -> None:
    _, owner = a_firm(session)
    reason = {"zh": "题目太少。", "en": "Too few questions."}
    short = edition("planning", ceiling=3, ceiling_reason=reason)
    version = a_version(session, bank_data(editions=[short]))
    assessment = an_assessment(session, owner, version=version, edition="express")

    with pytest.raises(UnknownLevel):
        choose(session, owner, assessment, first=4)
    choose(session, owner, assessment, first=3)

    assert levels(session, owner, assessment) == {"first": 3}


def test_a_target_that_is_not_offered_any_more_may_stay(session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, version=a_version(session, points_bank_data()))
    session.add(
        Target(
            assessment_id=assessment.id,
            domain_key="equipment",
            level=5,
            author_id=owner.user_id,
            at=NOW,
        )
    )
    session.flush()

    choose(session, owner, assessment, equipment=5)

    assert levels(session, owner, assessment) == {"equipment": 5}
    with pytest.raises(UnknownLevel):
        choose(session, owner, assessment, equipment=4)


def test_what_weighs_nothing_has_no_target(session: Session) -> None:
    _, owner = a_firm(session)
    parts = (domain("plans", ladder(), weight=100), domain("extra", ladder("more"), weight=0))
    scenes = section("two", "B", domain("scenes", ladder("third"), weight=100), weight=0)
    data = bank_data(section("one", "A", *parts), scenes)
    assessment = an_assessment(session, owner, version=a_version(session, data))

    for key in ("extra", "scenes"):
        with pytest.raises(UnknownDomain):
            choose(session, owner, assessment, **{key: 3})
    choose(session, owner, assessment, plans=3)

    assert levels(session, owner, assessment) == {"plans": 3}


def test_whether_a_domain_weighs_anything_depends_on_the_firm(session: Session) -> None:
    _, owner = a_firm(session)
    weights = {"discrete": 100, "process": 0, "mixed": 50}
    rest = {"discrete": 0, "process": 100, "mixed": 50}
    parts = (domain("design", ladder(), weight=weights), domain("safety", ladder("b"), weight=rest))
    data = bank_data(section("one", "A", *parts), weigh_by="production-type", weigh_default="mixed")
    assessment = an_assessment(session, owner, version=a_version(session, data))

    choose(session, owner, assessment, design=3)
    given = {"production-type": {"option": "process"}}
    assessments.save(session, owner, assessment.id, given=given, seen={}, now=NOW)

    with pytest.raises(UnknownDomain):
        choose(session, owner, assessment, design=4)
    choose(session, owner, assessment, safety=2)
    assert levels(session, owner, assessment) == {"design": 3, "safety": 2}


@pytest.mark.parametrize("key", ["no-such-domain", "planning", "everything", "", "x" * 500])
def test_what_is_no_domain_is_refused(session: Session, key: str) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)

    with pytest.raises(UnknownDomain):
        choose(session, owner, assessment, **{"first": 2, key: 3})

    assert levels(session, owner, assessment) == {}


def test_a_domain_that_is_not_scored_or_not_asked_has_no_target(session: Session) -> None:
    _, owner = a_firm(session)
    parts = (
        domain("plans", ladder()),
        domain("duties", yes_no()),
        domain("people", ladder("training"), words()),
    )
    data = bank_data(section("one", "A", *parts), editions=[edition("planning", "product")])
    version = a_version(session, data)
    assessment = an_assessment(session, owner, version=version, edition="express")

    for key in ("duties", "people"):
        with pytest.raises(UnknownDomain):
            choose(session, owner, assessment, **{key: 3})
    choose(session, owner, assessment, plans=3)

    assert levels(session, owner, assessment) == {"plans": 3}


def test_targets_are_read_by_whoever_sees_the_firm_and_chosen_by_its_people_alone(
    session: Session,
) -> None:
    firm, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    choose(session, owner, assessment, first=3)

    for reader in (a_consultant(session, firm), an_administrator(session)):
        assert levels(session, reader, assessment) == {"first": 3}
        with pytest.raises(NotFound):
            choose(session, reader, assessment, first=5)


def test_another_firm_neither_reads_nor_chooses(session: Session) -> None:
    _, owner = a_firm(session)
    other, stranger = a_firm(session, "另一家公司")
    assessment = an_assessment(session, owner)

    for outsider in (stranger, a_consultant(session, other)):
        with pytest.raises(NotFound):
            targets.targets_of(session, outsider, assessment.id)
        with pytest.raises(NotFound):
            choose(session, outsider, assessment, first=5)


def test_an_assessment_that_does_not_exist_is_not_found(session: Session) -> None:
    _, owner = a_firm(session)

    with pytest.raises(NotFound):
        targets.targets_of(session, owner, 99)
    with pytest.raises(NotFound):
        choose(session, owner, Assessment(id=99), first=3)


@pytest.mark.parametrize(
    ("level", "score", "gap"),
    [
        (3, "40", "20"),
        (3, "59.999999", "0.000001"),
        (3, "60", "0"),
        (3, "71.5", "0"),
        (0, "0", "0"),
        (5, "0", "100"),
    ],
)
def test_the_gap_is_what_is_missing_to_the_points_of_the_level(
    level: int, score: str, gap: str
) -> None:
    assert targets.gap(a_bank(), level, Decimal(score)) == Decimal(gap)


def test_by_published_rules_the_gap_is_up_to_the_threshold_of_their_step() -> None:
    bank = document.read(points_bank_data())

    assert targets.gap(bank, 2, Decimal("45.5")) == Decimal("14.5")


def test_without_a_score_there_is_no_gap() -> None:
    assert targets.gap(a_bank(), 3, None) is None


@pytest.mark.parametrize("row", ["(1, 'first', 6)", "(1, 'first', -1)", "(1, '', 3)"])
def test_the_database_refuses_what_is_no_target(session: Session, row: str) -> None:
    _, owner = a_firm(session)
    an_assessment(session, owner)
    insert = f"""INSERT INTO target (assessment_id, domain_key, level, author_id, at)
    SELECT one.*, {owner.user_id}, CURRENT_TIMESTAMP FROM (VALUES {row}) AS one"""

    with pytest.raises(IntegrityError, match="ck_target"):
        session.execute(text(insert))
