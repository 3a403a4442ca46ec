"""The demo data loads, twice, and is what the product itself would have made."""

from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.core.answers import BadAnswers
from survey.core.errors import BadDocument
from survey.exchange import demo_file
from survey.services import demo
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
