"""The answers of the round before: offered, and counted only once they are confirmed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from survey.services import assessments, going_on, rounds
from survey.services.answer_rows import Sent
from survey.services.people import Actor
from survey.store.models import Assessment, BankVersion
from tests.builders import (
    FULL_ANSWERS,
    a_profile,
    bank_data,
    choice,
    domain,
    edition,
    ladder,
    level,
    number,
    plain_question,
    ratio,
    section,
    words,
)
from tests.stored import NOW, a_firm, a_submitted_assessment, a_version, an_assessment

LATER = NOW + timedelta(days=365)


@pytest.fixture
def owner(session: Session) -> Actor:
    return a_firm(session)[1]


def offered(session: Session, owner: Actor, draft: Assessment) -> dict[str, Any]:
    return {key: each.plain for key, each in offers(session, owner, draft, NOW).items()}


def offers(
    session: Session, owner: Actor, draft: Assessment, now: datetime
) -> dict[str, rounds.Offered]:
    state = assessments.hub(session, owner, draft.id)
    return rounds.offered(session, state.assessment, state.bank, now=now)


def next_round(session: Session, owner: Actor, **changes: Any) -> Assessment:
    version = a_version(session, bank_data(**({"version": 2} | changes)))
    return assessments.start(session, owner, version_id=version.id, now=LATER)


def test_a_new_round_offers_the_answers_of_the_last_and_counts_none(
    session: Session, owner: Actor
) -> None:
    done = a_submitted_assessment(session, owner)

    draft = next_round(session, owner)

    assert draft.previous_id == done.id
    assert offered(session, owner, draft) == FULL_ANSWERS
    assert list(offered(session, owner, draft))[:2] == ["production-type", "size-class"]
    assert assessments.hub(session, owner, draft.id).progress.answered == 0


def test_a_confirmed_answer_counts_and_is_offered_no_more(session: Session, owner: Actor) -> None:
    a_submitted_assessment(session, owner)
    draft = next_round(session, owner)

    given = {"planning": offered(session, owner, draft)["planning"]}
    assessments.save(session, owner, draft.id, given=given, seen={}, now=LATER)

    assert "planning" not in offered(session, owner, draft)
    assert assessments.hub(session, owner, draft.id).progress.answered == 1


def test_what_was_cleared_on_purpose_or_is_a_draft_is_not_offered(
    session: Session, owner: Actor
) -> None:
    a_submitted_assessment(session, owner)
    draft = next_round(session, owner)
    wrong = {"years": {"number": "x"}}
    assessments.save(
        session,
        owner,
        draft.id,
        given={"planning": level(1), **wrong},
        typed={"years": {"": ["x"]}},
        seen={},
        now=LATER,
    )
    assessments.save(
        session, owner, draft.id, given={"planning": None}, seen={"planning": 1}, now=LATER
    )

    assert offered(session, owner, draft).keys().isdisjoint({"planning", "years"})


def test_what_was_typed_and_cleared_before_it_was_ever_saved_is_offered_still(
    session: Session, owner: Actor
) -> None:
    a_submitted_assessment(session, owner)
    draft = next_round(session, owner)

    assessments.save(
        session,
        owner,
        draft.id,
        given={"planning": None},
        seen={},
        sent={"planning": Sent("key", "page", 1)},
        now=LATER,
    )

    assert "planning" in offered(session, owner, draft)


def test_only_what_its_question_can_still_take_is_offered(session: Session, owner: Actor) -> None:
    sometimes = {"question": "planning", "at_least": 5}
    parts = (ladder(), ladder("staff"), words("product"), words("hidden", when=sometimes))
    first = a_version(session, bank_data(section("one", "A", domain("d", *parts))))
    given = {
        "production-type": {"option": "mixed"},
        "planning": level(3),
        "staff": level(2),
        "product": {"text": "阀门"},
    }
    done = an_assessment(session, owner, version=first, answers=given)
    assessments.save(
        session,
        owner,
        done.id,
        given={"hidden": {"text": ""}},
        typed={"hidden": {"note": ["x"]}},
        seen={},
        now=NOW,
    )
    assessments.submit(session, owner, done.id, now=NOW)

    shorter = (ladder(), words("product", maximum_length=1), words("hidden"))
    second = section("one", "A", domain("d", *shorter))
    draft = next_round(session, owner, sections=[second])

    assert set(offered(session, owner, draft)) == {"production-type", "planning"}


def uses(session: Session, owner: Actor, draft: Assessment, now: datetime) -> dict[str, str]:
    return {key: each.use.value for key, each in offers(session, owner, draft, now).items()}


def a_round_of_figures(session: Session, owner: Actor) -> Assessment:
    """The round after one that compared two years, counted, measured a share and chose."""
    rise = ratio("rise", may_exceed=True, better="higher")
    parts = (ladder(), number("years"), ratio(), rise)
    bank = bank_data(section("one", "A", domain("d", *parts)))
    given = {
        "production-type": {"option": "mixed"},
        "planning": level(3),
        "years": {"number": "5"},
        "share": {"numerator": "3", "denominator": "12"},
        "rise": {"numerator": "61.9", "denominator": "57.3"},
    }
    version = a_version(session, bank)
    done = an_assessment(session, owner, version=version, answers=given)
    assessments.submit(session, owner, done.id, now=NOW)
    return an_assessment(session, owner, version=version)


def test_figures_of_this_year_are_confirmed_one_by_one(session: Session, owner: Actor) -> None:
    draft = a_round_of_figures(session, owner)
    last_hour = datetime(2026, 12, 31, 15, 59, tzinfo=UTC)

    assert uses(session, owner, draft, last_hour) == {
        "production-type": "together",
        "planning": "together",
        "years": "alone",
        "share": "alone",
        "rise": "alone",
    }


def test_figures_of_an_earlier_year_are_for_reading_and_a_comparison_moves_on(
    session: Session, owner: Actor
) -> None:
    draft = a_round_of_figures(session, owner)
    next_year = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)

    found = offers(session, owner, draft, next_year)

    assert {key: each.use.value for key, each in found.items()} == {
        "production-type": "together",
        "planning": "together",
        "years": "none",
        "share": "none",
        "rise": "year-before",
    }
    assert found["years"].fill is None
    assert found["rise"].fill == {"typed": {"denominator": ["61.9"]}}
    assert uses(session, owner, draft, next_year + timedelta(days=366))["rise"] == "none"


def test_a_figure_that_nobody_knew_is_confirmed_like_a_word(session: Session, owner: Actor) -> None:
    given = {**FULL_ANSWERS, "years": {"unknown": True}}
    done = a_submitted_assessment(session, owner, answers=given)
    draft = an_assessment(session, owner, version=done.bank_version)

    assert uses(session, owner, draft, LATER)["years"] == "together"


def test_the_first_round_offers_nothing(session: Session, owner: Actor) -> None:
    draft = an_assessment(session, owner)

    assert draft.previous_id is None
    assert offered(session, owner, draft) == {}


def test_the_newest_submitted_round_of_the_same_bank_and_firm_is_taken(
    session: Session, owner: Actor
) -> None:
    first = a_submitted_assessment(session, owner)
    second = an_assessment(session, owner, version=first.bank_version, answers=FULL_ANSWERS)
    assessments.submit(session, owner, second.id, now=NOW + timedelta(days=1))
    a_submitted_assessment(session, owner, version=a_version(session, bank_data(key="other-bank")))
    _, stranger = a_firm(session, "另一家公司")
    a_submitted_assessment(session, stranger, version=first.bank_version)

    assert second.previous_id == first.id
    assert next_round(session, owner).previous_id == second.id


def test_going_on_from_an_edition_looks_back_to_the_round_before_it(
    session: Session, owner: Actor
) -> None:
    before = a_submitted_assessment(session, owner)
    version = a_version(session, bank_data(version=2, editions=[edition("planning", "share")]))
    few = {key: FULL_ANSWERS[key] for key in ("production-type", "planning", "share")}
    express = an_assessment(session, owner, version=version, edition="express", answers=few)
    assessments.submit(session, owner, express.id, now=LATER)

    further = going_on.go_on(session, owner, express.id, now=LATER).assessment

    assert further.previous_id == before.id
    assert set(offered(session, owner, further)) == set(FULL_ANSWERS) - set(few)


def test_the_registered_name_is_offered_where_the_profile_asks_for_it(session: Session) -> None:
    firm, owner = a_firm(session)
    asking, short, silent = (
        a_version(session, bank_data(key=key, size_by=None, profile=a_profile(question)))
        for key, question in (
            ("asking", words("company-name", maximum_length=100)),
            ("short", words("company-name", maximum_length=3)),
            ("silent", words("motto")),
        )
    )

    offered = [
        rounds.registered(state.assessment, state.bank)
        for version in (asking, short, silent)
        for state in [
            assessments.hub(session, owner, an_assessment(session, owner, version=version).id)
        ]
    ]

    assert offered == [{"company-name": {"text": firm.name}}, {}, {}]


OTHER = "another-bank"
SCORED = {key: FULL_ANSWERS[key] for key in FULL_ANSWERS.keys() - {"production-type", "size-class"}}


def a_figure(key: str = "headcount") -> dict[str, Any]:
    unit = {"zh": "人", "en": "people"}
    return plain_question(key, "number", unit=unit, minimum=0, maximum=100000)


def a_bank_that_asks(session: Session, *facts: dict[str, Any], **changes: Any) -> BankVersion:
    return a_version(
        session, bank_data(**({"profile": a_profile(*facts), "size_by": None} | changes))
    )


def begun(session: Session, owner: Actor, *facts: dict[str, Any], **changes: Any) -> Assessment:
    """An assessment by another bank, whose profile asks this."""
    version = a_bank_that_asks(session, *facts, **({"key": OTHER} | changes))
    return assessments.start(session, owner, version_id=version.id, now=LATER)


def test_what_another_bank_asked_about_the_firm_is_offered_with_its_origin(
    session: Session, owner: Actor
) -> None:
    facts = (words("main-product"), choice("size", "small", "large"))
    first = a_bank_that_asks(session, *facts, title={"zh": "甲题库", "en": "Bank A"})
    given = {"main-product": {"text": "阀门"}, "size": {"option": "small"}, "planning": level(2)}
    an_assessment(session, owner, version=first, answers=given)

    draft = begun(session, owner, *facts)
    found = offers(session, owner, draft, NOW)

    assert {key: each.plain for key, each in found.items()} == {
        "main-product": {"text": "阀门"},
        "size": {"option": "small"},
    }
    origin = found["size"].origin
    assert origin is not None
    assert (origin.title.en, origin.at) == ("Bank A", NOW)
    assert assessments.hub(session, owner, draft.id).progress.answered == 0


def test_of_facts_answered_twice_the_newest_is_offered(session: Session, owner: Actor) -> None:
    fact = words("main-product")
    for at, bank, product in ((LATER, "one", "水泵"), (NOW, "two", "阀门")):
        version = a_bank_that_asks(session, fact, key=bank)
        held = assessments.start(session, owner, version_id=version.id, now=NOW)
        given = {"main-product": {"text": product}}
        assessments.save(session, owner, held.id, given=given, seen={}, now=at)

    draft = begun(session, owner, fact)

    assert offered(session, owner, draft) == {"main-product": {"text": "水泵"}}


def test_a_fact_that_was_answered_since_the_last_round_replaces_its_answer(
    session: Session, owner: Actor
) -> None:
    fact = words("main-product")
    first = a_bank_that_asks(session, fact)
    held = an_assessment(
        session, owner, version=first, answers=SCORED | {"main-product": {"text": "阀门"}}
    )
    assessments.submit(session, owner, held.id, now=NOW)
    since = begun(session, owner, fact)
    given = {"main-product": {"text": "水泵"}}
    assessments.save(session, owner, since.id, given=given, seen={}, now=LATER)

    draft = next_round(session, owner, profile=a_profile(fact), size_by=None)
    found = offers(session, owner, draft, LATER)

    assert found["main-product"].plain == {"text": "水泵"}
    assert found["main-product"].origin is not None
    assert found["planning"].origin is None


@pytest.mark.parametrize(
    "other",
    [
        words("size"),
        choice("size", "small", "large", prompt={"zh": "问别的", "en": "Something else?"}),
        {
            **choice("size", "small", "large"),
            "options": [
                {"key": key, "label": {"zh": "人数不同", "en": "Other bounds"}}
                for key in ("small", "large")
            ],
        },
        choice("size", "medium", "large"),
    ],
    ids=("kind", "prompt", "labels", "options"),
)
def test_a_fact_of_another_meaning_is_not_offered(
    session: Session, owner: Actor, other: dict[str, Any]
) -> None:
    first = a_bank_that_asks(session, choice("size", "small", "large"))
    an_assessment(session, owner, version=first, answers={"size": {"option": "small"}})

    assert offered(session, owner, begun(session, owner, other)) == {}


def test_a_scored_question_of_another_bank_is_not_offered_though_it_has_the_same_key(
    session: Session, owner: Actor
) -> None:
    an_assessment(session, owner, answers={"planning": level(2), "product": {"text": "阀门"}})

    shorter = [section("one", "A", domain("d", ladder()))]
    draft = begun(session, owner, words("product"), sections=shorter)

    assert offered(session, owner, draft) == {}


def test_drafts_cleared_facts_and_those_of_other_firms_are_not_offered(
    session: Session, owner: Actor
) -> None:
    facts = (words("main-product"), a_figure())
    first = a_bank_that_asks(session, *facts)
    held = an_assessment(session, owner, version=first, answers={"main-product": {"text": "阀门"}})
    assessments.save(
        session,
        owner,
        held.id,
        given={"main-product": None, "headcount": {"number": "many"}},
        typed={"headcount": {"": ["many"]}},
        seen={"main-product": 1},
        now=NOW,
    )
    stranger = a_firm(session, "别家企业")[1]
    an_assessment(session, stranger, version=first, answers={"main-product": {"text": "轴承"}})

    assert offered(session, owner, begun(session, owner, *facts)) == {}


def test_a_figure_about_the_firm_is_confirmed_in_its_year_alone(
    session: Session, owner: Actor
) -> None:
    first = a_bank_that_asks(session, a_figure())
    an_assessment(session, owner, version=first, answers={"headcount": {"number": "320"}})

    draft = begun(session, owner, a_figure())

    assert uses(session, owner, draft, NOW) == {"headcount": "alone"}
    assert uses(session, owner, draft, LATER) == {"headcount": "none"}
