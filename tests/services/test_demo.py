"""The demo data loads, twice, and is what the product itself would have made."""

from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.core import answers, editions, scoring
from survey.core.answers import BadAnswers
from survey.core.bank import Bank, EvidenceGrade, Ladder
from survey.core.errors import BadDocument
from survey.core.result import Result
from survey.exchange import answer_file, demo_file, yaml_bank
from survey.exchange.answer_file import AnswerFile
from survey.services import demo, targets
from survey.services.people import ADMINISTRATOR, CONSULTANT, FIRM
from survey.store.models import (
    AnswerChange,
    AnswerRow,
    Assessment,
    BankVersion,
    ConsultantFirm,
    Firm,
    Membership,
    User,
)
from tests.stored import NOW

TABLES = (
    AnswerChange,
    AnswerRow,
    Assessment,
    BankVersion,
    ConsultantFirm,
    Firm,
    Membership,
    User,
)


def load(session: Session, **places: Path) -> None:
    demo.load(session, hash_password=lambda word: f"hash of {word}", now=NOW, **places)


def counts(session: Session) -> list[int]:
    return [session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES]


def test_the_demo_loads_and_a_second_time_changes_nothing(session: Session) -> None:
    load(session)
    session.commit()
    first = counts(session)

    load(session)
    session.commit()

    assert counts(session) == first
    assert all(first)
    states = session.scalars(select(Assessment.submitted_at)).all()
    assert None in states
    assert NOW in states


def test_a_firm_has_an_earlier_round_on_the_version_before_and_targets(session: Session) -> None:
    load(session)

    (before, now) = session.execute(
        select(Assessment.id, Assessment.submitted_at, BankVersion.number)
        .join(Assessment.firm)
        .join(Assessment.bank_version)
        .where(Firm.name.startswith("砺洲阀门"))
        .order_by(Assessment.submitted_at)
    ).all()
    assert (before.submitted_at, before.number) == (NOW - demo.ROUND, 2)
    assert (now.submitted_at, now.number) == (NOW, 4)
    assert targets.levels_of(session, before.id) == {}
    assert targets.levels_of(session, now.id)["energy"] == 3


def test_firms_answer_the_edition_that_their_file_names(session: Session) -> None:
    load(session)

    asked = dict(
        session.execute(
            select(Firm.name, Assessment.edition).join(Assessment, Assessment.firm_id == Firm.id)
        ).all()
    )
    files = [given(path) for path in sorted((demo.SEEDS / "answers").glob("*.yaml"))]
    named = {each.firm.zh: each.edition for each in files if each.firm.zh in asked}
    assert asked == named
    assert set(asked.values()) == {editions.FULL, "express"}


@cache
def the_bank(name: str) -> Bank:
    _, bank = yaml_bank.read((demo.QUESTIONNAIRES / f"{name}.yaml").read_bytes())
    return bank


def given(path: Path) -> AnswerFile:
    return answer_file.read(path.read_bytes(), file=str(path))


def scored(firm: str) -> tuple[Bank, answers.Answers, Result]:
    """A firm's file as its edition of its bank asks it, read and scored."""
    read = given(demo.SEEDS / "answers" / f"{firm}.yaml")
    bank = editions.edition(the_bank(read.bank), read.edition)
    found = answers.read_all(bank, read.answers)
    return bank, found, scoring.score(bank, found)


LEVELS = {
    "aqiao-stamping": 0,
    "hewan-soy-foods": 1,
    "jichuan-coatings": 1,
    "lizhou-valve": 2,
    "lizhou-valve-2025": 1,  # a year before
    "xitong-seals": 2,
    "daiping-glass": 3,
    "hengyao-motors": 4,
    "zhilan-pharma": None,  # too much is not known
    "weizhou-furniture": None,  # a draft
    "qiudai-harness": 2,  # the points of the third level, but not its scenes
    "tinghe-packaging": 1,
}


@pytest.mark.parametrize(("firm", "level"), LEVELS.items())
def test_each_answer_file_tells_its_story(firm: str, level: int | None) -> None:
    _, _, result = scored(firm)

    assert result.level == level


def test_every_answer_file_has_its_story() -> None:
    assert {path.stem for path in (demo.SEEDS / "answers").glob("*.yaml")} == set(LEVELS)


def test_a_level_above_three_rests_on_evidence_for_every_ladder() -> None:
    bank, found, _ = scored("hengyao-motors")

    ladders = [key for key, question in bank.questions.items() if isinstance(question, Ladder)]
    assert len(ladders) > 40
    assert all(answers.grade_of(found[key]) >= EvidenceGrade.DOCUMENT for key in ladders)


def test_there_is_a_login_of_each_role(session: Session) -> None:
    assert list(demo.logins(session)) == []

    load(session)

    logins = list(demo.logins(session))
    assert [login.role for login in logins] == [FIRM, CONSULTANT, ADMINISTRATOR]
    assert all(demo.PASSWORD in str(login) for login in logins)


def test_what_a_visitor_changed_stays(session: Session) -> None:
    load(session)
    user = session.scalars(select(User).order_by(User.id)).first()
    assert user is not None
    user.name, user.password = "另一个名字", "another hash"
    session.commit()

    load(session)

    assert (user.name, user.password) == ("另一个名字", "another hash")


DEMO = """
people:
  - {email: admin@example.com, name: A, role: administrator}
  - {email: owner@example.com, name: B, role: owner, firm: one}
firms:
  - {key: one, answers: one.yaml, submitted: false, consultants: []}
"""
ANSWERS = """
bank: manufacturing-transformation/1
firm: {zh: 一号公司, en: Firm One}
answers:
  headcount: {number: "many"}
"""


def test_a_refused_answer_is_named(session: Session, tmp_path: Path) -> None:
    (tmp_path / "answers").mkdir()
    (tmp_path / "demo.yaml").write_text(DEMO)
    (tmp_path / "answers" / "one.yaml").write_text(ANSWERS)

    with pytest.raises(BadAnswers) as refused:
        load(session, seeds=tmp_path)

    assert [problem.place for problem in refused.value.problems] == ["headcount"]


def test_every_fault_of_a_demo_file_is_named_with_its_line() -> None:
    faulty = DEMO.replace("role: administrator", "role: director").replace("firm: one", "tel: 1")

    with pytest.raises(BadDocument) as refused:
        demo_file.read(faulty.encode(), file="demo.yaml")

    places = [(problem.place, problem.line) for problem in refused.value.problems]
    assert places == [("people.0.role", 3), ("people.1.tel", 4)]


def test_an_owner_without_a_firm_is_a_fault() -> None:
    with pytest.raises(BadDocument):
        demo_file.read(DEMO.replace(", firm: one", "").encode())
