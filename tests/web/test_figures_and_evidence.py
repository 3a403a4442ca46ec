"""Pages of questions: figures with a base, requirements by level, evidence, optional parts."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.core.answers import PlainAnswer
from survey.core.text import Locale
from survey.services import assessments
from survey.services.people import Actor
from survey.store.models import AnswerRow, Assessment, Firm
from tests.browser import Browser, Page, words_of
from tests.builders import (
    Data,
    a_profile,
    bank_data,
    benchmark,
    choice,
    domain,
    ladder,
    matrix,
    number,
    ratio,
    requirements,
    section,
    two_years,
    words,
    yes_no,
)
from tests.stored import NOW, a_firm, a_member, a_version, an_assessment
from tests.web import autosaved
from tests.web.people import browser_of

SOURCE = {"key": "standard", "title": {"zh": "一项标准", "en": "A standard"}, "edition": "2025"}
CITED = {"base": 20, "lead": 8, "source": "standard"}
FIGURES = {
    "q_energy.value": "12.5",
    "q_energy.base": "２０",
    "q_energy.lead": "10",
    "q_energy.source": "行业公报",
}
MEASURED = {"value": "12.5", "base": "20", "lead": "10", "source": "行业公报"}
REVERSED = requirements()["rows"][::-1]
PROOF = {"q_planning.evidence": "third-party", "q_planning.note": "检测报告"}
PROVEN = {
    "option": "level-3",
    "evidence": {"grade": "third-party", "note": "检测报告"},
}


def begun(
    app: Flask, session: Session, *questions: Data, language: Locale = Locale.EN, **changes: Any
) -> tuple[Browser, Actor, Assessment]:
    """An owner's browser, and an assessment of a bank with these questions on one page."""
    data = bank_data(section("page", "A", domain("first", *questions)), **changes)
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, version=a_version(session, data))
    return browser_of(app, session, owner, language=language), owner, assessment


def address(assessment: Assessment, page: str = "page") -> str:
    return f"/assessments/{assessment.id}/pages/{page}"


def stored(session: Session, actor: Actor, assessment: Assessment) -> dict[str, object]:
    session.rollback()
    return dict(assessments.hub(session, actor, assessment.id).plain)


def autosave(browser: Browser, assessment: Assessment, key: str, **parts: str) -> Page:
    """Send one answer as the script does; a part named `own` is the question's own."""
    name = f"q_{key}"
    fields = [(f"{name}.seen", parts.pop("seen", "0."))]
    fields += [(name if part == "own" else f"{name}.{part}", v) for part, v in parts.items()]
    return autosaved.autosave(browser, assessment, key, *fields, page="page")


def value_of(page: Page, name: str) -> str | None:
    return page.one("input", name=name).get("value")


def chosen(page: Page, name: str) -> list[str | None]:
    options = page.one("select", name=name).iter("option")
    return [option.get("value") for option in options if option.get("selected") is not None]


# ------------------------------------------------------------- where a link leads


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("question", "typed", "place"),
    [
        (ladder(), {"q_planning": "level-3", "q_planning.note": "台账"}, "q_planning-evidence"),
        (ladder(), {"q_planning": "level-3", "q_planning.evidence": "?"}, "q_planning-evidence"),
        (ladder(), {"q_planning": "level-3", "q_planning.evidence": "document"}, "q_planning-note"),
        (ladder(), {"q_planning": "_not-applicable"}, "q_planning-reason"),
        (ladder(), {"q_planning.half": "1"}, "q_planning"),
        (ratio(), {"q_share.numerator": "1,000"}, "q_share-denominator"),
        (ratio(), {"q_share.numerator": "30台", "q_share.denominator": "?"}, "q_share-denominator"),
        (ratio(), {"q_share.denominator": "30"}, "q_share"),
        (ratio(), {"q_share.numerator": "3", "q_share.denominator": "1,5"}, "q_share-denominator"),
        (ratio(), {"q_share.numerator": "3", "q_share.denominator": ".5"}, "q_share-denominator"),
        (benchmark(), FIGURES | {"q_energy.lead": ""}, "q_energy-lead"),
        (benchmark(), FIGURES | {"q_energy.source": ""}, "q_energy-source"),
        (number(), {"q_years": "many"}, "q_years"),
    ],
)
def test_what_needs_correcting_is_led_to_by_every_link(
    app: Flask, session: Session, question: Data, typed: dict[str, str], place: str
) -> None:
    browser, _, assessment = begun(app, session, question | {"not_applicable": "with-reason"})
    here = f"/assessments/{assessment.id}"

    refused = browser.send(browser.get(address(assessment)), address(assessment), **typed)
    missing, check = browser.get(f"{here}/missing"), browser.get(f"{here}/check")
    page = browser.get(address(assessment))

    key = question["key"]
    assert f"#{place}" in refused.links()
    assert f"{address(assessment)}#{place}" in missing.links()
    assert f"{address(assessment)}?back={key}#{place}" in check.links()
    assert page.by_id(place).get("name", "").startswith(f"q_{key}")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("question", "answered", "row"),
    [
        (matrix(), {"erp": "linked"}, "mes"),
        (matrix(), {"mes": "linked"}, "erp"),
        (matrix(), {"erp": "linked", "mes": "alone"}, "erp"),
        (matrix(), {}, "erp"),
        (yes_no(), {"registered": "yes"}, "permit"),
        (requirements(), {"list": "met"}, "plan"),
        (requirements(rows=REVERSED), {"list": "met", "plan": "met"}, "model"),
        (requirements(rows=REVERSED), {"list": "met"}, "plan"),
    ],
)
def test_a_link_to_a_table_lands_on_its_first_open_row(
    app: Flask, session: Session, question: Data, answered: dict[str, str], row: str
) -> None:
    browser, _, assessment = begun(app, session, question)
    name = f"q_{question['key']}"
    rows = {f"{name}.row.{key}": state for key, state in answered.items()}
    browser.send(browser.get(address(assessment)), address(assessment), **rows)

    page = browser.get(address(assessment))

    assert page.by_id(name).get("name") == f"{name}.row.{row}"


# --------------------------------------------------------- base and leading value


def test_a_figure_is_taken_with_base_lead_and_source(app: Flask, session: Session) -> None:
    browser, owner, assessment = begun(app, session, benchmark())
    page = browser.get(address(assessment))

    reply = browser.send(page, address(assessment), **FIGURES)

    assert "a lower figure is better" in page.text
    assert page.text.count("kgce") == 3
    assert reply.status == 303
    assert stored(session, owner, assessment) == {"energy": MEASURED}
    again = browser.get(address(assessment))
    assert words_of(again.one("output")) == "75.0"
    assert value_of(again, "q_energy.source") == "行业公报"
    browser.send(again, address(assessment))
    assert len(assessments.history(session, owner, assessment.id, "energy")) == 1


def test_where_the_bank_cites_both_values_only_the_figure_is_asked(
    app: Flask, session: Session
) -> None:
    browser, owner, assessment = begun(app, session, benchmark(scale=CITED), sources=[SOURCE])
    page = browser.get(address(assessment))

    reply = browser.send(page, address(assessment), **{"q_energy.value": "11"})

    assert page.all("input", name="q_energy.base") == []
    assert "20 kgce" in page.text
    assert "8 kgce" in page.text
    assert "A standard · 2025" in page.text
    assert reply.status == 303
    assert stored(session, owner, assessment) == {"energy": {"value": "11"}}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"q_energy.lead": "30"}, "the leading value must be below the base value"),
        ({"q_energy.source": " "}, "say where the base value and the leading value come from"),
        ({"q_energy.base": ""}, "enter “Base value (scores 0)” as well"),
        ({"q_energy.value": "1001"}, "from 0 to 1000"),
        ({"q_energy.state": "_unknown"}, "Keep one of them"),
    ],
)
def test_figures_that_do_not_fit_come_back_as_typed(
    app: Flask, session: Session, wrong: dict[str, str], sentence: str
) -> None:
    browser, owner, assessment = begun(app, session, benchmark())
    typed = FIGURES | wrong

    reply = browser.send(browser.get(address(assessment)), address(assessment), **typed)

    assert reply.status == 422
    assert sentence in words_of(reply.by_id("faults"))
    assert value_of(reply, "q_energy.value") == typed["q_energy.value"]
    assert value_of(reply, "q_energy.lead") == typed["q_energy.lead"]
    assert stored(session, owner, assessment) == {}


def test_the_reply_to_a_figure_has_its_score_or_none(app: Flask, session: Session) -> None:
    browser, _, assessment = begun(app, session, benchmark())

    right = autosave(browser, assessment, "energy", **MEASURED)
    unknown = autosave(browser, assessment, "energy", seen=right.json["seen"], state="_unknown")

    assert (right.status, right.json["share"]) == (200, "75.0")
    assert (unknown.status, unknown.json["share"]) == (200, "")


# ------------------------------------------------------------------ requirements


def test_requirements_stand_under_their_levels(app: Flask, session: Session) -> None:
    browser, owner, assessment = begun(app, session, requirements())
    page = browser.get(address(assessment))

    reply = browser.send(
        page,
        address(assessment),
        **{"q_scheduling.row.list": "met", "q_scheduling.row.model": "partly"},
    )

    heads = [words_of(head) for head in page.one("table").iter("th") if head.get("scope") != "col"]
    assert heads == [
        "Level 1",
        "Requirement list",
        "Requirement plan",
        "Level 2",
        "Requirement model",
    ]
    assert reply.status == 303
    kept = {"scheduling": {"rows": {"list": "met", "model": "partly"}}}
    assert stored(session, owner, assessment) == kept
    browser.send(browser.get(address(assessment)), address(assessment))
    assert stored(session, owner, assessment) == kept


def test_the_levels_are_named_in_chinese_too(app: Flask, session: Session) -> None:
    browser, _, assessment = begun(app, session, requirements(), language=Locale.ZH)

    page = browser.get(address(assessment))

    assert "第1级" in words_of(page.one("table"))
    assert "第2级" in words_of(page.one("table"))


# ------------------------------------------------------------------------ ratios


def test_a_denominator_has_its_own_unit_where_the_bank_gives_one(
    app: Flask, session: Session
) -> None:
    people = {"zh": "人", "en": "people"}
    browser, _, assessment = begun(app, session, ratio(denominator_unit=people))
    figures = {"q_share.numerator": "5", "q_share.denominator": "20"}

    page = browser.get(address(assessment))
    browser.send(page, address(assessment), **figures)
    after = words_of(browser.get(address(assessment)).by_id("q_share-box"))

    assert page.text.count("people") == 1
    assert "Ratio: 25 machines per 100 people" in after
    check = browser.get(f"/assessments/{assessment.id}/check").text
    assert "25 machines per 100 people (Networked machines: 5 machines; All machines" in check


def test_a_draft_that_is_understood_by_now_becomes_an_answer_once_it_is_sent(
    app: Flask, session: Session
) -> None:
    browser, owner, assessment = begun(app, session, number(maximum=100000))
    page = browser.get(address(assessment))
    browser.send(page, address(assessment), q_years="about")
    row = session.scalars(select(AnswerRow).filter_by(question_key="years")).one()
    row.plain = {"typed": {"": ["1 000"]}}  # as a version before this one had kept it
    session.commit()

    told = browser.get(address(assessment))
    browser.send(told, address(assessment))

    assert "Save the page to make it your answer." in words_of(told.by_id("q_years-box"))
    assert stored(session, owner, assessment) == {"years": {"number": "1000"}}


# ---------------------------------------------------------------------- evidence


def test_evidence_is_saved_with_its_answer_and_shown_again(app: Flask, session: Session) -> None:
    browser, owner, assessment = begun(app, session, ladder())
    page = browser.get(address(assessment))

    reply = browser.send(page, address(assessment), q_planning="level-3", **PROOF)

    assert reply.status == 303
    assert stored(session, owner, assessment) == {"planning": PROVEN}
    again = browser.get(address(assessment))
    assert chosen(again, "q_planning.evidence") == ["third-party"]
    assert value_of(again, "q_planning.note") == "检测报告"
    browser.send(again, address(assessment))
    assert len(assessments.history(session, owner, assessment.id, "planning")) == 1
    assert "Third-party proof: 检测报告" in browser.get(f"/assessments/{assessment.id}/check").text


def test_evidence_can_be_taken_back(app: Flask, session: Session) -> None:
    browser, owner, assessment = begun(app, session, ladder())
    page = browser.get(address(assessment))
    browser.send(page, address(assessment), q_planning="level-3", **PROOF)

    nothing = {"q_planning.evidence": "", "q_planning.note": ""}
    browser.send(browser.get(address(assessment)), address(assessment), **nothing)

    assert stored(session, owner, assessment) == {"planning": {"option": "level-3"}}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"q_planning.evidence": "document"}, "name the document or proof"),
        ({"q_planning.note": "台账"}, "a document of your own or third-party proof"),
        ({"q_planning.evidence": "hearsay", "q_planning.note": "台账"}, "“hearsay” is not a kind"),
    ],
)
def test_evidence_named_by_half_is_asked_about(
    app: Flask, session: Session, typed: dict[str, str], sentence: str
) -> None:
    browser, owner, assessment = begun(app, session, ladder())
    page = browser.get(address(assessment))

    reply = browser.send(page, address(assessment), q_planning="level-3", **typed)

    assert reply.status == 422
    assert sentence in words_of(reply.by_id("faults"))
    assert reply.one("details", **{"class": "more evidence"}).get("open") is not None
    assert value_of(reply, "q_planning.note") == typed.get("q_planning.note", "")
    checked = [pick.get("value") for pick in reply.all("input", checked="")]
    assert checked == ["level-3"]
    assert stored(session, owner, assessment) == {}


@pytest.mark.parametrize("given", [None, "_unknown"])
def test_evidence_for_nothing_is_asked_about_and_kept_as_typed(
    app: Flask, session: Session, given: str | None
) -> None:
    browser, owner, assessment = begun(app, session, ladder())
    page = browser.get(address(assessment))

    reply = browser.send(page, address(assessment), **PROOF, q_planning=given)

    assert reply.status == 422
    assert "evidence supports an answer" in words_of(reply.by_id("faults"))
    assert chosen(reply, "q_planning.evidence") == ["third-party"]
    assert value_of(reply, "q_planning.note") == "检测报告"
    assert stored(session, owner, assessment) == {}


def test_evidence_saves_itself_with_the_answer(app: Flask, session: Session) -> None:
    browser, owner, assessment = begun(app, session, ladder())
    evidence = {"evidence": "third-party", "note": "检测报告"}

    alone = autosave(browser, assessment, "planning", **evidence)
    both = autosave(browser, assessment, "planning", own="level-3", **evidence)

    assert (alone.status, alone.json["state"]) == (200, "kept")
    assert "evidence supports an answer" in alone.json["problem"]
    assert (both.status, both.json["state"]) == (200, "saved")
    assert stored(session, owner, assessment) == {"planning": PROVEN}


def test_two_pieces_of_evidence_for_one_answer_are_a_conflict(app: Flask, session: Session) -> None:
    browser, owner, assessment = begun(app, session, ladder())
    page = browser.get(address(assessment))
    member = a_member(session, session.get_one(Firm, owner.firm_id))
    given: dict[str, PlainAnswer | None] = {"planning": PROVEN}
    assessments.save(session, member, assessment.id, given=given, seen={}, now=NOW)
    session.commit()
    mine = {"q_planning.evidence": "document", "q_planning.note": "年度计划"}

    reply = browser.send(page, address(assessment), q_planning="level-3", **mine)

    assert reply.status == 409
    panel = words_of(reply.by_id("q_planning-box"))
    assert "Third-party proof: 检测报告" in panel
    assert "Document of our own: 年度计划" in panel
    assert stored(session, owner, assessment) == {"planning": PROVEN}
    kept = browser.send(reply, address(assessment), **{"q_planning.keep": "mine"})
    assert kept.status == 303
    document = {"grade": "document", "note": "年度计划"}
    kept_answer = {"option": "level-3", "evidence": document}
    assert stored(session, owner, assessment) == {"planning": kept_answer}


def test_evidence_is_asked_for_what_is_scored_and_shown_wherever_it_is_stored(
    app: Flask, session: Session
) -> None:
    browser, owner, assessment = begun(app, session, words())
    before = browser.get(address(assessment))
    note = {"grade": "document", "note": "样本"}
    given: dict[str, PlainAnswer | None] = {"product": {"text": "阀门", "evidence": note}}
    assessments.save(session, owner, assessment.id, given=given, seen={}, now=NOW)
    session.commit()

    after = browser.get(address(assessment))
    browser.send(after, address(assessment))

    assert before.all("select", name="q_product.evidence") == []
    assert value_of(after, "q_product.note") == "样本"
    assert stored(session, owner, assessment) == given


# ---------------------------------------------------------------------- optional

SMALL = {"question": "size", "in": ["small"]}
SIZES = a_profile(choice("size", "large", "small", required=True))


def marks(page: Page, key: str) -> list[str]:
    """What stands beside the question's prompt and can be seen."""
    legend = page.by_id(f"q_{key}-box")[0]
    return [words_of(mark) for mark in legend.iter("span") if mark.get("hidden") is None]


def test_a_question_is_called_optional_for_the_firms_it_is_optional_for(
    app: Flask, session: Session
) -> None:
    asked = ladder(optional_when=SMALL)
    browser, _, assessment = begun(app, session, asked, profile=SIZES, size_by="size")
    profile = address(assessment, "profile")

    browser.send(browser.get(profile), profile, q_size="large")
    large = browser.get(address(assessment))
    browser.send(browser.get(profile), profile, q_size="small")
    small = browser.get(address(assessment))

    assert marks(large, "planning") == []
    assert marks(small, "planning") == ["(optional for firms of this size)"]
    assert "0 of 0 questions answered" in small.text
    check = browser.get(f"/assessments/{assessment.id}/check")
    assert "Optional, left open" in check.text
    assert "Submit and see the result" in check.text


def test_the_reply_to_a_saved_answer_lists_what_is_optional_now(
    app: Flask, session: Session
) -> None:
    when = {"question": "planning", "at_least": 3}
    asked = [ladder(), ladder("detail", optional_when=when)]
    browser, _, assessment = begun(app, session, *asked)

    low = autosave(browser, assessment, "planning", own="level-1")
    high = autosave(browser, assessment, "planning", own="level-4", seen=low.json["seen"])

    assert (low.json["optional"], low.json["progress"]) == ([], "1 of 2 questions answered")
    assert high.json["optional"] == ["detail"]
    assert high.json["progress"] == "1 of 1 question answered"


# ---------------------------------------------------------- key figures and banner


def test_the_key_figures_are_one_more_page_and_show_the_change(
    app: Flask, session: Session
) -> None:
    figures = a_profile(two_years(), two_years("scrap", better="lower"))
    figures["title"] = {"zh": "成效指标", "en": "Key figures"}
    browser, owner, assessment = begun(app, session, ladder(), outcomes=figures)
    hub = browser.get(f"/assessments/{assessment.id}")
    section_page = browser.get(address(assessment))

    onwards = browser.send(section_page, address(assessment), q_planning="level-3")
    page = browser.follow(onwards)
    typed = {"q_productivity.numerator": "54", "q_productivity.denominator": "48"}
    end = browser.send(page, address(assessment, "outcomes"), **typed)

    assert address(assessment, "outcomes") in hub.links()
    assert "Key figures (optional)" in hub.text
    assert onwards.location.endswith("/pages/outcomes")
    assert words_of(page.one("h1")) == "Key figures"
    assert "Nothing here is scored" in page.text
    assert "Save and check the answers" in page.text
    assert end.location.endswith("/check")
    assert stored(session, owner, assessment)["productivity"] == {
        "numerator": "54",
        "denominator": "48",
    }
    again = browser.get(address(assessment, "outcomes"))
    assert [words_of(said) for said in again.all("output")] == ["up 12.5%", "not yet known"]
    assert "up 12.5% (Last year: 54" in browser.get(f"/assessments/{assessment.id}/check").text


@pytest.mark.parametrize(
    ("last", "before", "said"),
    [
        ("3", "4", "下降25.0%"),
        ("4", "4", "持平"),
        ("1.0001", "1", "上升不到0.1%"),
        ("6", "4", "上升50.0%"),
    ],
)
def test_the_change_between_two_years_is_said_in_chinese(
    app: Flask, session: Session, last: str, before: str, said: str
) -> None:
    figures = a_profile(two_years())
    browser, _, assessment = begun(app, session, ladder(), outcomes=figures, language=Locale.ZH)
    place = address(assessment, "outcomes")
    typed = {"q_productivity.numerator": last, "q_productivity.denominator": before}

    browser.send(browser.get(place), place, **typed)

    assert words_of(browser.get(place).one("output")) == said


def test_a_bank_without_key_figures_has_no_such_page(app: Flask, session: Session) -> None:
    browser, _, assessment = begun(app, session, ladder())

    assert browser.get(address(assessment, "outcomes")).status == 404
    assert (
        address(assessment, "outcomes") not in browser.get(f"/assessments/{assessment.id}").links()
    )


@pytest.mark.parametrize(
    ("language", "said"),
    [(Locale.ZH, "自评，并非官方评定。"), (Locale.EN, "Self-declared, not official.")],
)
def test_what_a_bank_wants_said_stands_on_every_page(
    app: Flask, session: Session, language: Locale, said: str
) -> None:
    banner = {"zh": "自评，并非官方评定。", "en": "Self-declared, not official."}
    browser, owner, assessment = begun(
        app,
        session,
        ladder(),
        banner=banner,
        profile=a_profile(choice("size", "a", "b")),
        size_by=None,
        language=language,
    )
    here = f"/assessments/{assessment.id}"

    for place in (here, address(assessment), address(assessment, "profile"), f"{here}/check"):
        assert said in browser.get(place).text, place
    given: dict[str, PlainAnswer | None] = {"planning": {"option": "level-3"}}
    assessments.save(session, owner, assessment.id, given=given, seen={}, now=NOW)
    assessments.submit(session, owner, assessment.id, now=NOW)
    session.commit()
    for place in (f"{here}/result", f"{here}/trace"):
        assert said in browser.get(place).text, place
