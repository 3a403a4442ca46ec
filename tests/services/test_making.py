"""One model, five formats: each says the same, and a PDF carries what it can be checked by."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path

import docx
import openpyxl
import pytest

from survey.core import advice, document, editions, scoring
from survey.core.answers import read_all
from survey.core.bank import Bank
from survey.core.copies import Copy, Extent, Format
from survey.core.errors import BadDocument
from survey.core.figures import one_decimal
from survey.core.text import Languages
from survey.exchange import answer_file, result_file, yaml_bank
from survey.pdf import fonts, proof, signing
from survey.pdf.proof import State
from survey.pdf.signing import CertificateExpired, Signer
from survey.services import making, verifying
from survey.services.making import Printing
from survey.services.report_inputs import CHECKED_FROM, Inputs, Made
from survey.services.verifying import Rescored

ROOT = Path(__file__).parents[2]
SHORT = Copy(Languages.ZH, Extent.SHORT)


@cache
def a_firm() -> tuple[Inputs, Bank]:
    """A small firm on the shorter edition, and the whole bank."""
    given = answer_file.read((ROOT / "seeds" / "answers" / "aqiao-stamping.yaml").read_bytes())
    data, whole = yaml_bank.read((ROOT / "questionnaires" / f"{given.bank}.yaml").read_bytes())
    bank, answers = editions.edition(whole, given.edition), read_all(whole, given.answers)
    result = scoring.score(bank, answers)
    inputs = Inputs(
        report_id="5" * 32,
        copy=SHORT,
        firm_name=given.firm.zh,
        issued_on=date(2026, 1, 2),
        bank=bank,
        bank_digest=document.digest(data),
        edition=given.edition,
        answers=answers,
        result=result,
        plan=advice.plan(bank, answers, result),
    )
    return inputs, whole


@pytest.fixture(scope="module")
def printing(tmp_path_factory: pytest.TempPathFactory) -> Printing:
    folder = tmp_path_factory.mktemp("fonts")
    fonts.make(folder)
    certificate = tmp_path_factory.mktemp("certificate") / "certificate.p12"
    signing.self_made(certificate)
    signer = signing.load(certificate, "")
    return Printing(folder, "#0e4a57", "https://report.example.com", signer)


@pytest.fixture(scope="module")
def signed(printing: Printing) -> Made:
    return making.make(printing, a_firm()[0], lambda _percent: None)


def made(printing: Printing, form: Format) -> Made:
    inputs = replace(a_firm()[0], copy=replace(SHORT, format=form))
    return making.make(printing, inputs, lambda _percent: None)


def test_every_format_is_made_of_the_same_model(printing: Printing, signed: Made) -> None:
    total = one_decimal(a_firm()[0].result.total or 0)

    others = {form: made(printing, form) for form in Format if form is not Format.PDF}

    assert all(other.said == signed.said for other in others.values())
    assert all(other.pages is None for other in others.values())
    assert f">{total}<" in others[Format.HTML].content.decode()
    words = docx.Document(BytesIO(others[Format.DOCX].content)).element.body.xml
    assert f">{total}<" in words
    assert json.loads(others[Format.JSON].content)["report_id"] == "5" * 32
    assert len(openpyxl.load_workbook(BytesIO(others[Format.XLSX].content)).sheetnames) == 4


def test_a_pdf_is_signed_and_carries_answers_and_result(printing: Printing, signed: Made) -> None:
    found = proof.inspect(signed.content)

    assert found.signature.state is State.INTACT
    assert found.pages == signed.pages
    assert found.result == made(printing, Format.JSON).content
    inside = signing.opened(signed.content).attachments
    assert inside["answers.xlsx"] == made(printing, Format.XLSX).content


def test_progress_rises_and_the_check_comes_last(printing: Printing) -> None:
    heard: list[int] = []

    making.make(printing, a_firm()[0], heard.append)

    assert heard == sorted(heard)
    assert heard[-1] == CHECKED_FROM
    assert heard.count(CHECKED_FROM) == 1


def test_without_a_signer_a_pdf_is_not_signed_and_its_bytes_repeat(printing: Printing) -> None:
    unsigned = replace(printing, signer=None)

    one, other = (made(unsigned, Format.PDF) for _ in range(2))

    assert one.content == other.content
    assert proof.inspect(one.content).signature.state is State.ABSENT


def test_an_expired_certificate_makes_nothing(printing: Printing) -> None:
    assert printing.signer is not None
    late = Signer(
        printing.signer.pkcs12, printing.signer.password, lambda: datetime(2199, 1, 1, tzinfo=UTC)
    )

    with pytest.raises(CertificateExpired):
        making.make(replace(printing, signer=late), a_firm()[0], lambda _percent: None)


# ------------------------------------------------------------------- verifying


def test_the_attached_answers_scored_again_give_the_attached_result(signed: Made) -> None:
    found = verifying.verify(signed.content, {a_firm()[0].bank_digest: a_firm()[1]}.get)

    assert found.rescored is Rescored.SAME
    assert found.given.report_id == found.proof.report_id == "5" * 32


def test_without_the_bank_of_the_digest_nothing_is_scored_again(signed: Made) -> None:
    assert verifying.verify(signed.content, lambda _digest: None).rescored is Rescored.NO_BANK


def test_other_rules_and_other_scores_are_told_apart(signed: Made) -> None:
    given = result_file.read(proof.inspect(signed.content).result)
    whole = a_firm()[1]
    older = given.model_copy(update={"engine": "0"})
    wrong = given.model_copy(update={"answers": {}})

    assert verifying.rescored(older, whole) is Rescored.OTHER_RULES
    assert verifying.rescored(wrong, whole) is Rescored.DIFFERENT


def test_a_file_that_is_no_report_is_refused() -> None:
    with pytest.raises(proof.NotAReport):
        verifying.verify(b"%PDF-1.7 nothing", lambda _digest: None)
    with pytest.raises(BadDocument):
        result_file.read(b"{}")
