"""Preparation packs on the site: fetched, filled in, loaded back; nothing is lost on the way."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.config import Settings
from survey.core.text import Locale
from survey.exchange import xlsx_strangers
from survey.services import assessments, banks, pack_jobs
from survey.services.people import Actor
from survey.store import files
from survey.store.models import Assessment, Membership, Pack
from tests.browser import Browser, Page, words_of
from tests.builders import FULL_ANSWERS, bank_data, edition, level
from tests.stored import a_firm, a_member, a_submitted_assessment, a_version, an_assessment
from tests.web.people import browser_of
from tests.web.uploads import upload
from tests.workbooks import changed, filled_in

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

LEASE = timedelta(minutes=1)
LOCALES = list(Locale)


@pytest.fixture
def delivered(app: Flask) -> list[str]:
    """The packs that were handed to the workers."""
    handed: list[str] = []
    app.extensions["deliver-packs"] = handed.append
    return handed


def fetched(browser: Browser, assessment: Assessment, query: str = "languages=zh") -> bytes:
    reply = browser.get(f"/assessments/{assessment.id}/pack/workbook?{query}")
    assert reply.status == 200
    return reply.response.get_data()


def loaded(browser: Browser, assessment: Assessment, content: bytes) -> Page:
    return upload(browser, f"/assessments/{assessment.id}/pack/load", content, name="pack.xlsx")


def saved(browser: Browser, page: Page, **changes: Any) -> Page:
    action = next(
        form.get("action", "")
        for form in page.all("form")
        if form.get("action", "").endswith("/pack/save")
    )
    return browser.send(page, action, **changes)


def now_stored(session: Session, actor: Actor, assessment: Assessment) -> dict[str, Any]:
    session.expire_all()
    return dict(assessments.hub(session, actor, assessment.id).plain)


def save(session: Session, actor: Actor, assessment: Assessment, key: str, plain: Any) -> None:
    """What a colleague does meanwhile."""
    seen = assessments.hub(session, actor, assessment.id).revisions.get(key, 0)
    assessments.save(
        session,
        actor,
        assessment.id,
        given={key: plain},
        seen={key: seen},
        now=datetime.now(UTC),
    )
    session.commit()


def finished(session: Session, settings: Settings, pack_id: str) -> None:
    """Do what a worker does."""
    now = datetime.now(UTC)
    assert pack_jobs.claim(session, pack_id, token="t", now=now, lease=LEASE)
    sha256 = files.put(settings.reports_folder, b"%PDF-1.7 a pack")
    assert pack_jobs.finish(session, pack_id, token="t", sha256=sha256, size=15, pages=3, now=now)
    session.commit()


# --------------------------------------------------------------- before a start


@pytest.mark.parametrize("language", LOCALES)
def test_the_questions_can_be_had_before_anything_is_begun(
    app: Flask, session: Session, delivered: list[str], language: Locale
) -> None:
    _, owner = a_firm(session)
    version = a_version(session, bank_data(editions=[edition("planning")]))
    browser = browser_of(app, session, owner, language=language)

    home = browser.get("/firm")
    links = [link for link in home.links() if "/pack" in link]
    page = browser.get(links[0])
    asked = browser.send(page, f"/banks/{version.id}/pack")
    shown = browser.follow(asked)

    assert links == [
        f"/banks/{version.id}/pack?edition=express",
        f"/banks/{version.id}/pack",
    ]
    assert (page.status, asked.status, shown.status) == (200, 303, 200)
    assert asked.location == f"/packs/{delivered[0]}"
    pack = session.get_one(Pack, delivered[0])
    assert (pack.edition, pack.languages) == ("express", language.value)
    assert not assessments.list_for_firm(session, owner, owner.firm_id or 0)


def test_a_workbook_fetched_before_the_start_is_loaded_after_it(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    version = a_version(session)
    browser = browser_of(app, session, owner)

    reply = browser.get(f"/banks/{version.id}/pack/workbook?languages=en&page=everything")
    content = filled_in(reply.response.get_data(), years=12)
    assessment = an_assessment(session, owner, version=version)
    session.commit()
    page = loaded(browser, assessment, content)
    saved(browser, page)

    assert (reply.response.mimetype or "").endswith("spreadsheetml.sheet")
    assert "attachment" in reply.response.headers["Content-Disposition"]
    assert "not downloaded for this assessment" in page.text
    assert now_stored(session, owner, assessment) == {"years": {"number": "12"}}


@pytest.mark.parametrize("language", LOCALES)
def test_a_file_is_named_in_its_own_language(
    app: Flask, session: Session, language: Locale
) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner, language=language)

    def name(languages: str) -> str:
        address = f"/assessments/{assessment.id}/pack/workbook"
        reply = browser.get(f"{address}?page=everything&languages={languages}")
        return unquote(reply.response.headers["Content-Disposition"])

    assert "Test bank" in name("en")
    assert "测试题库" in name("zh")
    assert ("测试题库" in name("both")) == (language is Locale.ZH)
    assert browser.get(f"/assessments/{assessment.id}/pack").lang.startswith(language.value)


def test_of_a_bank_that_is_closed_or_unknown_there_is_nothing(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    version = a_version(session)
    browser = browser_of(app, session, owner)

    assert browser.get("/banks/999/pack").status == 404
    assert browser.get(f"/banks/{version.id}/pack?edition=none-such").status == 422
    assert browser.get(f"/banks/{version.id}/pack/workbook?languages=fr").status == 400
    assert browser.get(f"/banks/{version.id}/pack/workbook?page=none-such").status == 404
    assert browser.get(f"/packs/{'0' * 64}").status == 404
    banks.retire(session, version.id, by=None, now=datetime.now(UTC))
    session.commit()
    assert browser.get(f"/banks/{version.id}/pack").status == 422


# ---------------------------------------------------------------- the PDF's page


@pytest.mark.parametrize("language", LOCALES)
def test_the_page_of_a_pack_tells_how_far_it_is_and_hands_it_out(
    app: Flask, session: Session, settings: Settings, delivered: list[str], language: Locale
) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner, language=language)
    page = browser.get(f"/assessments/{assessment.id}/pack")
    asked = browser.send(page, f"/assessments/{assessment.id}/pack", languages="both")
    address = asked.location

    waiting, state = browser.get(address), browser.get(f"{address}/state").json
    too_early = browser.get(f"{address}/file")
    now = datetime.now(UTC)
    pack_jobs.claim(session, delivered[0], token="x", now=now - 2 * LEASE, lease=LEASE)
    pack_jobs.heartbeat(session, delivered[0], token="x", progress=40, now=now, lease=-LEASE)
    session.commit()
    going = browser.get(f"{address}/state").json
    finished(session, settings, delivered[0])
    ready, file = browser.get(address), browser.get(f"{address}/file")
    again = browser.send(page, f"/assessments/{assessment.id}/pack", languages="both")

    assert waiting.all("progress")
    assert (state["state"], state["open"], state["progress"]) == ("queued", True, 0)
    assert too_early.status == 404
    assert (going["state"], going["progress"]) == ("rendering", 40)
    assert ready.all("a", href=f"{address}/file")
    assert not ready.all("progress")
    assert file.response.get_data() == b"%PDF-1.7 a pack"
    assert file.response.mimetype == "application/pdf"
    assert (again.location, len(delivered)) == (address, 1)


def test_a_pack_that_failed_says_why_and_can_be_tried_again(
    app: Flask, session: Session, delivered: list[str]
) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner)
    page = browser.get(f"/assessments/{assessment.id}/pack")
    address = browser.send(page, f"/assessments/{assessment.id}/pack").location
    now, facts = datetime.now(UTC), {"reference": "abcd1234"}
    pack_jobs.claim(session, delivered[0], token="t", now=now, lease=LEASE)
    pack_jobs.fail(session, delivered[0], token="t", code="report-broken", facts=facts, now=now)
    session.commit()

    failed = browser.get(address)
    tried = browser.send(failed, f"{address}/retry")

    assert "report-broken abcd1234" in failed.text
    assert browser.get(f"{address}/state").json["open"]
    assert (tried.location, len(delivered)) == (address, 2)


def test_a_pack_whose_file_is_gone_says_so_and_is_made_again(
    app: Flask, session: Session, settings: Settings, delivered: list[str]
) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner)
    page = browser.get(f"/assessments/{assessment.id}/pack")
    address = browser.send(page, f"/assessments/{assessment.id}/pack").location
    finished(session, settings, delivered[0])
    pack = session.get_one(Pack, delivered[0])
    files.path(settings.reports_folder, pack.file_sha256 or "").write_bytes(b"damaged")

    lost = browser.get(f"{address}/file")
    browser.send(lost, f"{address}/retry")

    assert lost.status == 404
    assert "no longer available" in lost.text
    assert len(delivered) == 2


# ------------------------------------------------------------------ loading back


@pytest.mark.parametrize("language", LOCALES)
def test_nothing_is_saved_before_its_reader_has_seen_what_would_change(
    app: Flask, session: Session, language: Locale
) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers=FULL_ANSWERS)
    browser = browser_of(app, session, owner, language=language)
    content = filled_in(
        fetched(browser, assessment, "languages=both"), planning="level-4", years=None
    )

    page = loaded(browser, assessment, content)
    before = now_stored(session, owner, assessment)
    done = saved(browser, page)
    after = now_stored(session, owner, assessment)

    assert page.status == 200
    assert before == FULL_ANSWERS
    assert (done.status, done.location) == (303, f"/assessments/{assessment.id}")
    assert after == {**FULL_ANSWERS, "planning": level(4)}
    assert browser.follow(done).all("div", role="status")


def test_what_was_cleared_is_cleared_only_if_one_says_so(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers=FULL_ANSWERS)
    browser = browser_of(app, session, owner)
    page = loaded(browser, assessment, filled_in(fetched(browser, assessment), years=None))

    kept = saved(browser, page)
    assert "years" in now_stored(session, owner, assessment)
    saved(browser, page, clear="1")

    assert "Clear 1 answer on the site as well" in page.text
    assert "Nothing was changed." in browser.follow(kept).text
    assert "years" not in now_stored(session, owner, assessment)


def test_an_untouched_workbook_has_nothing_to_save(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers=FULL_ANSWERS)
    browser = browser_of(app, session, owner)

    page = loaded(browser, assessment, fetched(browser, assessment))

    assert "There is nothing to save." in page.text


def in_conflict(app: Flask, session: Session) -> tuple[Browser, Actor, Assessment, Page]:
    """A workbook with two answers that a colleague changed since, and one that nobody did."""
    firm, owner = a_firm(session)
    colleague = a_member(session, firm, "赵倩")
    assessment = an_assessment(session, owner, answers=FULL_ANSWERS)
    browser = browser_of(app, session, owner)
    content = filled_in(fetched(browser, assessment), planning="第5步", product="泵", years=9)
    save(session, colleague, assessment, "planning", level(1))
    save(session, colleague, assessment, "product", {"text": "管件"})
    return browser, owner, assessment, loaded(browser, assessment, content)


def test_a_conflict_shows_both_values_with_name_and_time(app: Flask, session: Session) -> None:
    *_, page = in_conflict(app, session)

    both = [" ".join("".join(field.itertext()).split()) for field in page.all("fieldset")]

    assert any("赵倩" in one and "Step 1" in one and "Step 5" in one for one in both)
    assert any("管件" in one and "泵" in one for one in both)


@pytest.mark.parametrize(
    ("choice", "planning", "product"),
    [("mine", level(5), {"text": "泵"}), ("theirs", level(1), {"text": "管件"})],
)
def test_all_conflicts_can_be_decided_at_once(
    app: Flask, session: Session, choice: str, planning: Any, product: Any
) -> None:
    browser, owner, assessment, page = in_conflict(app, session)

    done = saved(browser, page, all=choice)

    assert done.status == 303
    stored = now_stored(session, owner, assessment)
    assert (stored["planning"], stored["product"]) == (planning, product)
    assert stored["years"] == {"number": "9"}
    last = {
        key: assessments.history(session, owner, assessment.id, key)[-1]
        for key in ("planning", "product")
    }
    kept = {key: (each.outcome, each.before, each.after) for key, each in last.items()}
    outcome = "saved" if choice == "mine" else "conflict"
    assert kept == {
        "planning": (outcome, level(1), level(5)),
        "product": (outcome, {"text": "管件"}, {"text": "泵"}),
    }


def test_what_was_not_kept_is_shown_in_the_history_and_not_once_more_for_each_upload(
    app: Flask, session: Session
) -> None:
    firm, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers=FULL_ANSWERS)
    browser = browser_of(app, session, owner)
    content = filled_in(fetched(browser, assessment), product="泵")
    save(session, a_member(session, firm, "赵倩"), assessment, "product", {"text": "管件"})

    for _ in range(3):
        page = loaded(browser, assessment, content)
        done = saved(browser, page, **{"keep.product": "theirs"})

        assert done.status == 303
        assert "Nothing was changed." in browser.follow(done).text

    history = browser.get(f"/assessments/{assessment.id}/questions/product")
    assert history.text.count("泵") == 1
    assert history.text.count("Not used") == 1


def test_each_conflict_can_be_decided_and_what_is_not_is_asked_again(
    app: Flask, session: Session
) -> None:
    browser, owner, assessment, page = in_conflict(app, session)

    asked = saved(browser, page, **{"keep.planning": "mine"})
    stored = now_stored(session, owner, assessment)
    done = saved(browser, asked, **{"keep.product": "mine"})

    assert (asked.status, done.status) == (422, 303)
    assert (stored["planning"], stored["years"]) == (level(5), {"number": "9"})
    assert stored["product"] == {"text": "管件"}
    assert len(asked.all("fieldset")) == 1
    assert "Leave everything as it is" in page.text  # and not once something has been saved
    assert "Leave everything as it is" not in asked.text
    assert "Keep the site’s answers and go back" in asked.text
    assert now_stored(session, owner, assessment)["product"] == {"text": "泵"}
    outcomes = [
        change.outcome for change in assessments.history(session, owner, assessment.id, "product")
    ]
    assert outcomes == ["saved", "saved", "conflict", "saved"]


def test_what_a_colleague_changes_after_the_preview_is_asked_about(
    app: Flask, session: Session
) -> None:
    firm, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers=FULL_ANSWERS)
    browser = browser_of(app, session, owner)
    page = loaded(browser, assessment, filled_in(fetched(browser, assessment), years=9))
    save(session, a_member(session, firm, "赵倩"), assessment, "years", {"number": "7"})

    asked = saved(browser, page)
    done = saved(browser, asked, **{"keep.years": "mine"})

    assert (asked.status, done.status) == (422, 303)
    assert "赵倩" in asked.text
    assert now_stored(session, owner, assessment)["years"] == {"number": "9"}


@pytest.mark.parametrize("language", LOCALES)
def test_every_wrong_cell_is_named_and_the_others_are_taken(
    app: Flask, session: Session, language: Locale
) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner, language=language)
    content = filled_in(
        fetched(browser, assessment),
        planning="第9步", security__state="也许", security__grade="传闻", years="=1+1",
        share__numerator="#N/A", systems__row__erp="还行", product="阀门",
    )  # fmt: skip

    page = loaded(browser, assessment, content)
    done = saved(browser, page)

    notices = [words_of(each) for each in browser.follow(done).all("div", role="status")]
    assert any("7" in words for words in notices)
    (table,) = [t for t in page.all("table") if len(list(t.iter("th"))) > 8]
    rows = [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")][1:]
    assert [row[3] for row in rows] == ["K", "L", "N", "K", "K", "K", "K"]
    assert all(row[1] == "A 板块A" and row[2].isdigit() for row in rows)
    assert "第9步" in rows[0][4]
    assert now_stored(session, owner, assessment) == {"product": {"text": "阀门"}}


def test_what_is_refused_at_last_is_said_and_the_rest_is_saved(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner)
    page = loaded(browser, assessment, filled_in(fetched(browser, assessment), years=9))
    lines = [
        ["years", "added", 0, {"number": "9"}],
        ["planning", "added", 0, {"option": "level-9"}],
        ["no-such-question", "added", 0, {"text": "x"}],
    ]

    refused = saved(browser, page, answers=json.dumps(lines))

    assert refused.status == 422
    assert "level-9" in refused.text
    assert "no-such-question" in refused.text
    assert now_stored(session, owner, assessment) == {"years": {"number": "9"}}


@pytest.mark.parametrize(("language", "title"), [(Locale.ZH, "测试题库"), (Locale.EN, "Test bank")])
def test_a_workbook_of_another_version_is_recognised(
    app: Flask, session: Session, language: Locale, title: str
) -> None:
    _, owner = a_firm(session)
    old = an_assessment(session, owner)
    data = bank_data(version=2)
    del data["sections"][0]["domains"][1]["questions"][3]
    new = an_assessment(session, owner, version=a_version(session, data))
    browser = browser_of(app, session, owner, language=language)
    content = filled_in(fetched(browser, old), planning="第4步", product="阀门")

    page = loaded(browser, new, content)
    saved(browser, page)

    version, unasked = map(words_of, page.all("div", role="status"))
    assert title in version
    assert {"1", "2"} <= set(version)
    assert unasked.startswith(("1 question of the workbook is not asked", "表格里有1道题"))
    assert "test-bank" not in page.text
    assert now_stored(session, owner, new) == {"planning": level(4)}


def test_a_workbook_of_another_bank_or_edition_is_not_called_another_version(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    version = a_version(session, bank_data(editions=[edition("planning")]))
    mine = an_assessment(session, owner, version=version)
    other = an_assessment(session, owner, version=a_version(session, bank_data(key="other-bank")))
    browser = browser_of(app, session, owner)
    short = browser.get(f"/banks/{version.id}/pack/workbook?edition=express&languages=zh")

    of_edition = loaded(browser, mine, short.response.get_data())
    of_bank = loaded(browser, mine, fetched(browser, other))

    assert "another edition of the same questions" in of_edition.text
    assert "another questionnaire: other-bank/1" in of_bank.text
    assert "another version" not in of_edition.text + of_bank.text


def test_a_missing_sheet_and_a_question_that_does_not_apply_are_mentioned(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    data = bank_data()
    only = {"question": "production-type", "in": ["process"]}
    data["sections"][0]["domains"][0]["questions"][2]["when"] = only
    assessment = an_assessment(session, owner, version=a_version(session, data))
    browser = browser_of(app, session, owner)
    content = changed(
        filled_in(fetched(browser, assessment), years=9),
        lambda book: book.remove(book["企业概况"]),
    )

    page = loaded(browser, assessment, content)

    assert "企业概况" in page.text
    assert "It does not apply at the moment" in page.text


def test_a_colleague_with_some_sections_is_told_what_is_left_out(
    app: Flask, session: Session
) -> None:
    firm, owner = a_firm(session)
    member = a_member(session, firm)
    assessment = an_assessment(session, owner)
    session.get_one(Membership, member.user_id).scope = "assigned"
    browser = browser_of(app, session, member)
    content = filled_in(fetched(browser, assessment), years=9)

    page = loaded(browser, assessment, content)
    forged = [["years", "added", 0, {"number": "9"}]]
    refused = saved(browser, page, answers=json.dumps(forged))

    assert "1 answer is left out, because its section is not assigned to you" in page.text
    assert refused.status == 403
    assert now_stored(session, owner, assessment) == {}


# ------------------------------------------------------------------- bad input


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"key,answer\n", 422),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), 422),
        (b"PK\x03\x04 cut off", 422),
        (b"PK" + bytes(4 * 1024 * 1024), 413),
    ],
)
def test_a_bad_file_gets_a_sentence_and_changes_nothing(
    app: Flask, session: Session, language: Locale, content: bytes, status: int
) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers=FULL_ANSWERS)
    browser = browser_of(app, session, owner, language=language)

    page = loaded(browser, assessment, content)

    assert page.status == status
    assert page.by_id("file-fault").text
    assert now_stored(session, owner, assessment) == FULL_ANSWERS


def test_a_file_of_50_mb_is_refused_before_anybody_looks_into_it(
    app: Flask, session: Session
) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)

    page = loaded(browser_of(app, session, owner), assessment, b"PK" + bytes(50 * 1024 * 1024))

    assert page.status == 413
    assert "smaller file" in page.text


def test_no_file_at_all_gets_a_sentence(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner)

    page = browser.post(f"/assessments/{assessment.id}/pack/load")
    nameless = upload(browser, f"/assessments/{assessment.id}/pack/load", b"PK", name="")

    assert "Choose the workbook" in page.text
    assert (page.status, nameless.status) == (422, 422)


def test_another_firms_workbook_is_refused(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    _, stranger = a_firm(session, "远山机械有限公司")
    version = a_version(session)
    mine = an_assessment(session, owner, version=version)
    theirs = an_assessment(session, stranger, version=version)
    content = filled_in(fetched(browser_of(app, session, stranger), theirs), years=9)

    page = loaded(browser_of(app, session, owner), mine, content)

    assert page.status == 422
    assert "another firm" in page.text
    assert now_stored(session, owner, mine) == {}


def test_too_many_workbooks_at_once_are_asked_to_wait(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner)
    content = fetched(browser, assessment)

    with xlsx_strangers.places, xlsx_strangers.places:
        page = loaded(browser, assessment, content)

    assert page.status == 422
    assert "half a minute" in page.text


def test_a_submitted_assessment_takes_no_workbook(app: Flask, session: Session) -> None:
    _, owner = a_firm(session)
    assessment = a_submitted_assessment(session, owner)
    browser = browser_of(app, session, owner)
    lines = json.dumps([["years", "changed", 1, {"number": "9"}]])

    page = browser.get(f"/assessments/{assessment.id}/pack")
    sent = loaded(browser, assessment, fetched(browser, assessment))
    forged = browser.post(f"/assessments/{assessment.id}/pack/save", {"answers": lines})

    assert "no workbook can be uploaded" in page.text
    assert (sent.status, forged.status) == (422, 422)
    assert now_stored(session, owner, assessment) == FULL_ANSWERS


@pytest.mark.parametrize(
    "answers",
    [
        "",
        "{",
        "{}",
        "[1]",
        '[["years"]]',
        '[["years", "odd", 0, null]]',
        '[["years", "added", "0", null]]',
        '[["years", "added", true, null]]',
        '[["years", "added", -1, null]]',
        '[["years", "added", 99999999999, null]]',
        '[["years", "added", 0, 7]]',
        "[" * 100_000,
    ],
)
def test_a_form_that_is_not_ours_is_refused_as_a_whole(
    app: Flask, session: Session, answers: str
) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner)

    page = browser.post(f"/assessments/{assessment.id}/pack/save", {"answers": answers})

    assert page.status == 400
    assert now_stored(session, owner, assessment) == {}


def test_the_file_itself_is_never_kept(app: Flask, session: Session, settings: Settings) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)
    browser = browser_of(app, session, owner)
    before = {path for path in settings.folder.rglob("*") if path.is_file()}

    loaded(browser, assessment, filled_in(fetched(browser, assessment), years=9))

    assert {path for path in settings.folder.rglob("*") if path.is_file()} == before
