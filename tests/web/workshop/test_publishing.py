"""The page before publishing, and any two versions side by side."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.core import places
from survey.core.text import Locale
from survey.services import banks, drafts
from survey.services import publishing as publishing_service
from survey.store.models import BankVersion
from survey.web.workshop import publishing
from tests.browser import Browser, Page, words_of
from tests.builders import bank_data, domain, ladder, multiple, section
from tests.stored import NOW, a_version, an_administrator
from tests.web.people import browser_of
from tests.web.workshop.bench import a_bench

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

OTHERWISE = {"zh": "换一种问法？", "en": "Asked in other words?"}


@pytest.fixture
def draft(session: Session) -> BankVersion:
    """A draft whose summary was changed in Chinese alone."""
    version = drafts.begin(session, source_id=a_version(session).id, by=None, now=NOW)
    put(session, version, ("summary", "zh"), "新的说明。")
    session.refresh(version)
    return version


def put(session: Session, version: BankVersion, place: tuple[str, ...], value: Any) -> None:
    session.refresh(version)
    drafts.edit(
        session,
        version.id,
        seen=version.revision,
        change=lambda data: places.put(data, place, value),
        act="set",
        place="",
        by=None,
        now=NOW,
    )


def administrator(app: Flask, session: Session, language: Locale = Locale.EN) -> Browser:
    return browser_of(app, session, an_administrator(session), language=language)


def of(version: BankVersion) -> str:
    return f"/admin/banks/{version.id}/publishing"


def opened(browser: Browser, draft: BankVersion) -> tuple[Page, str]:
    """The page before publishing, and the mark of the one text that can be waived."""
    page = browser.get(of(draft))
    (box,) = page.all("input", type="checkbox")
    return page, box.get("value", "")


@pytest.mark.parametrize("locale", list(Locale))
def test_a_stale_text_is_waived_and_the_draft_published(
    app: Flask, session: Session, draft: BankVersion, locale: Locale
) -> None:
    browser = administrator(app, session, locale)
    page, mark = opened(browser, draft)
    offered = [form.get("action") for form in page.all("form")]

    waived = browser.follow(
        browser.send(page, f"{of(draft)}/waive", mark=[mark], reason="意思没有变。")
    )
    published = browser.follow(browser.post(of(draft), {"seen": str(draft.revision)}))

    assert of(draft) not in offered
    assert of(draft) in [form.get("action") for form in waived.all("form")]
    assert "意思没有变。" in waived.text
    session.refresh(draft)
    assert draft.published_at is not None
    assert published.status == 200
    assert f"/admin/banks/{draft.id}/retire" in [f.get("action") for f in published.all("form")]


def test_without_a_reason_the_page_comes_back_with_the_choice(
    app: Flask, session: Session, draft: BankVersion
) -> None:
    browser = administrator(app, session)
    page, mark = opened(browser, draft)

    again = browser.send(page, f"{of(draft)}/waive", mark=[mark], reason=" ")

    assert again.status == 422
    assert "Say why" in again.text
    (kept,) = again.all("input", type="checkbox")
    assert kept.get("checked") is not None


def test_a_choice_and_its_reason_stay_when_the_language_is_changed(
    app: Flask, session: Session, draft: BankVersion
) -> None:
    browser = administrator(app, session)
    page, mark = opened(browser, draft)
    assert page.one("button", name="language").get("form") == "waive"

    changed = browser.send(page, f"{of(draft)}/waive", mark=[mark], reason="意思", language="zh")

    assert (changed.status, changed.lang) == (200, "zh-CN")
    (kept,) = changed.all("input", type="checkbox")
    assert kept.get("checked") is not None
    assert "".join(changed.by_id("reason").itertext()) == "意思"
    session.refresh(draft)
    assert draft.waivers == []


def test_a_choice_and_its_reason_come_back_if_the_page_was_open_for_too_long(
    app: Flask, session: Session, draft: BankVersion
) -> None:
    browser = administrator(app, session)
    page, mark = opened(browser, draft)
    with browser.client.session_transaction() as kept:
        del kept["csrf_token"]

    unsent = browser.send(page, f"{of(draft)}/waive", mark=[mark], reason="意思没有变。")
    browser.send(unsent, f"{of(draft)}/waive")

    shown = words_of(unsent.by_id("main"))
    assert ("意思没有变。" in shown, mark in shown) == (True, False)
    session.refresh(draft)
    assert [waiver["reason"] for waiver in draft.waivers] == ["意思没有变。"]


def test_with_nothing_to_keep_the_language_leads_back_to_the_page(
    app: Flask, session: Session, draft: BankVersion
) -> None:
    browser = administrator(app, session)
    page, _ = opened(browser, draft)

    changed = browser.send(page, f"{of(draft)}/waive", language="zh")

    assert changed.location == of(draft)
    assert browser.follow(changed).lang == "zh-CN"


def test_forged_marks_waive_nothing(app: Flask, session: Session, draft: BankVersion) -> None:
    browser = administrator(app, session)

    page = browser.post(f"{of(draft)}/waive", {"mark": "0123456789abcdef", "reason": "Because"})
    published = a_version(session, bank_data(key="another"))
    session.commit()
    frozen = browser.post(f"{of(published)}/waive", {"mark": "x", "reason": "Because"})
    withdrawn = browser.post(f"{of(published)}/withdraw", {"mark": "x"})

    assert (page.status, frozen.status, withdrawn.status) == (422, 422, 422)
    session.refresh(draft)
    assert draft.waivers == []


@pytest.mark.parametrize("locale", list(Locale))
def test_a_reason_that_comes_after_the_publication_is_shown(
    app: Flask, session: Session, draft: BankVersion, locale: Locale
) -> None:
    browser = administrator(app, session, locale)
    page, mark = opened(browser, draft)
    session.refresh(draft)
    publishing_service.waive(session, draft.id, marks=[mark], reason="先放行。", by=None, now=NOW)
    banks.publish(session, draft.id, by=None, now=NOW)
    session.commit()

    late = browser.send(page, f"{of(draft)}/waive", mark=[mark], reason="意思没有变。")
    other = next(each for each in Locale if each is not locale)
    switched = browser.send(late, f"{of(draft)}/waive", language=other.value)

    assert (late.status, switched.status) == (422, 200)
    for shown, language in ((late, locale), (switched, other)):
        assert NOT_SAVED[language] in shown.text
        assert "".join(shown.by_id("reason").itertext()) == "意思没有变。"
        assert shown.by_id("reason").get("readonly") is not None


NOT_SAVED = {
    Locale.EN: "What you typed is shown below; it has not been saved.",
    Locale.ZH: "您填写的内容显示在下面，没有保存。",
}
WAIVED_ALREADY = {
    Locale.EN: "1 of the chosen texts has been waived already, by 周明. Your reason was not saved, "
    "and nothing was waived now.",
    Locale.ZH: "所选文字中有1条已由周明放行。这次没有放行任何文字，您的理由也没有保存。",
}


@pytest.mark.parametrize("locale", list(Locale))
def test_a_second_waiver_says_whose_holds_and_keeps_its_reason(
    app: Flask, session: Session, draft: BankVersion, locale: Locale
) -> None:
    browser = administrator(app, session, locale)
    colleague = browser_of(app, session, an_administrator(session, name="周明"))
    page, mark = opened(browser, draft)
    place = f"{of(draft)}/waive"
    colleague.send(colleague.get(of(draft)), place, mark=[mark], reason="只是标点。")

    late = browser.send(page, place, mark=[mark], reason="意思没有变。")

    assert late.status == 422
    assert WAIVED_ALREADY[locale] in late.text
    assert "只是标点。" in late.text
    assert "".join(late.by_id("reason").itertext()) == "意思没有变。"
    session.refresh(draft)
    assert [waiver["reason"] for waiver in draft.waivers] == ["只是标点。"]


def test_what_nobody_else_has_waived_stays_chosen(
    app: Flask, session: Session, draft: BankVersion
) -> None:
    put(session, draft, ("notice", "zh"), "新的提示。")
    browser = administrator(app, session)
    page = browser.get(of(draft))
    first, second = (box.get("value", "") for box in page.all("input", type="checkbox"))
    place = f"{of(draft)}/waive"
    browser_of(app, session, an_administrator(session, name="周明")).post(
        place, {"mark": first, "reason": "只是标点。"}
    )

    late = browser.send(page, place, mark=[first, second], reason="意思没有变。")
    again = browser.follow(browser.send(late, place))

    (box,) = late.all("input", type="checkbox")
    assert (box.get("value"), box.get("checked") is not None) == (second, True)
    assert late.by_id("reason").get("readonly") is None
    assert "1 text is waived." in again.text
    session.refresh(draft)
    assert [waiver["reason"] for waiver in draft.waivers] == ["只是标点。", "意思没有变。"]


def test_a_waiver_sent_twice_is_told_as_one(
    app: Flask, session: Session, draft: BankVersion
) -> None:
    browser = administrator(app, session)
    page, mark = opened(browser, draft)
    place = f"{of(draft)}/waive"

    browser.send(page, place, mark=[mark], reason="意思没有变。")
    twice = browser.follow(browser.send(page, place, mark=[mark], reason="意思没有变。"))

    assert "1 text is waived." in twice.text
    session.refresh(draft)
    assert len(draft.waivers) == 1


def test_a_waiver_is_withdrawn(app: Flask, session: Session, draft: BankVersion) -> None:
    browser = administrator(app, session)
    page, mark = opened(browser, draft)
    browser.send(page, f"{of(draft)}/waive", mark=[mark], reason="Because")

    again = browser.follow(browser.post(f"{of(draft)}/withdraw", {"mark": mark}))

    assert "withdrawn" in again.text
    assert len(again.all("input", type="checkbox")) == 1


def test_an_edit_in_between_brings_the_page_back(app: Flask, session: Session) -> None:
    draft = drafts.begin(session, source_id=a_version(session).id, by=None, now=NOW)
    browser = administrator(app, session)
    page = browser.get(of(draft))
    put(session, draft, ("minutes",), 9)
    session.commit()

    again = browser.post(of(draft), {"seen": page.one("input", name="seen").get("value")})

    assert again.status == 422
    assert "Nothing was published" in again.text
    session.refresh(draft)
    assert draft.published_at is None


def test_a_forged_publication_is_refused(app: Flask, session: Session, draft: BankVersion) -> None:
    browser = administrator(app, session)

    forged = browser.post(of(draft), {"seen": str(draft.revision)})
    nonsense = browser.post(of(draft), {"seen": "nonsense"})

    assert (forged.status, nonsense.status) == (422, 422)
    assert "cannot be published yet" in forged.text
    session.refresh(draft)
    assert draft.published_at is None


def test_problems_missing_texts_and_rare_characters_are_listed(
    app: Flask, session: Session, draft: BankVersion
) -> None:
    put(session, draft, ("minutes",), 0)
    put(session, draft, ("notice",), {"zh": "提示。", "en": ""})
    put(session, draft, ("title",), {"zh": "题库𪚥", "en": "Bank"})
    browser = administrator(app, session)

    page = browser.get(of(draft))

    assert "missing in English" in page.text
    assert "U+2A6A5" in page.text
    assert "cannot be waived" in page.text
    assert any("minutes" in link for link in page.links())


def test_a_missing_text_is_told_once(app: Flask, session: Session, draft: BankVersion) -> None:
    put(session, draft, ("minutes",), 0)
    put(session, draft, ("notice",), {"zh": "", "en": ""})
    put(session, draft, ("levels", "steps", f"{places.NUMBER}1", "title", "en"), "")
    browser = administrator(app, session)

    page = browser.get(of(draft))

    assert "1 problem" in page.text
    assert "2 texts missing" in page.text
    (mended,) = page.all("section", **{"aria-labelledby": "problems"})
    assert len(mended.findall("ul/li")) == 1
    assert "Name of the level" in page.text
    assert "Name of the scheme" not in page.text


def test_the_first_version_of_a_bank_has_nobody_to_move(app: Flask, session: Session) -> None:
    first = banks.store_draft(session, data=bank_data(), by=None, now=NOW)
    session.commit()
    browser = administrator(app, session)

    alone = browser.get(of(first)).text
    banks.publish(session, first.id, by=None, now=NOW)
    second = drafts.begin(session, source_id=first.id, by=None, now=NOW)
    session.commit()
    later = browser.get(of(second)).text

    assert "All checks are passed" in alone
    assert "All checks are passed" in later
    assert [said in alone for said in ("Assessments under way", "Dry run")] == [False, False]
    assert [said in later for said in ("Assessments under way", "Dry run")] == [True, True]


def test_what_would_go_back_is_shown_and_has_to_be_confirmed(app: Flask, session: Session) -> None:
    origin = a_version(session)
    first = drafts.begin(session, source_id=origin.id, by=None, now=NOW)
    second = drafts.begin(session, source_id=origin.id, by=None, now=NOW)
    put(session, first, ("minutes",), 33)
    put(session, second, ("levels", "not_applicable_cap"), 19)
    banks.publish(session, first.id, by=None, now=NOW)
    session.commit()
    browser = administrator(app, session)
    session.refresh(second)

    listed = browser.get("/admin/banks").text
    page = browser.get(of(second))
    (box,) = page.all("input", name="back")
    sent = {"seen": str(second.revision)}
    without = browser.post(of(second), sent)
    forged = browser.post(of(second), {**sent, "back": "1"})
    session.refresh(second)
    before = second.published_at
    done = browser.post(of(second), {**sent, "back": box.get("value") or ""})

    assert "begun without version 2" in listed
    assert "begun from version 1 as it was then, and lacks changes of version 2" in page.text
    assert "1 part that would go back" in page.text
    assert "Minutes before: 33 → now: 5" in page.text
    assert box.get("required") is not None
    assert [without.status, forged.status, before, done.status] == [422, 422, None, 303]
    assert "Nothing was published. Look at what would go back" in without.text


def test_what_a_file_of_an_older_version_would_take_back_is_shown_and_has_to_be_confirmed(
    app: Flask, session: Session
) -> None:
    origin = a_version(session)
    newest = drafts.begin(session, source_id=origin.id, by=None, now=NOW)
    put(session, newest, ("minutes",), 33)
    banks.publish(session, newest.id, by=None, now=NOW)
    of_a_file = drafts.begin_with(session, document=bank_data(), by=None, now=NOW)
    session.commit()
    browser = administrator(app, session)

    page = browser.get(of(of_a_file))
    (box,) = page.all("input", name="back")
    without = browser.post(of(of_a_file), {"seen": "1"})
    done = browser.post(of(of_a_file), {"seen": "1", "back": box.get("value") or ""})

    assert "begun from a file that is nearest to version 1, and lacks changes of" in page.text
    assert "Minutes before: 33 → now: 5" in page.text
    assert [without.status, done.status] == [422, 303]


def test_of_very_much_that_would_go_back_the_first_parts_are_shown(
    app: Flask, session: Session
) -> None:
    origin = a_version(session)
    first = drafts.begin(session, source_id=origin.id, by=None, now=NOW)
    second = drafts.begin(session, source_id=origin.id, by=None, now=NOW)
    terms = [
        {"key": f"t{at}", "term": OTHERWISE, "meaning": OTHERWISE}
        for at in range(publishing.MOST_CHANGED + 1)
    ]
    put(session, first, ("glossary",), terms)
    first.ledger = {}
    banks.publish(session, first.id, by=None, now=NOW)
    browser = administrator(app, session)

    page = browser.get(of(second))

    assert "101 parts that would go back" in page.text
    assert "1 more part differs." in page.text


def test_a_draft_of_the_newest_version_has_nothing_to_confirm(app: Flask, session: Session) -> None:
    draft = drafts.begin(session, source_id=a_version(session).id, by=None, now=NOW)
    put(session, draft, ("minutes",), 9)
    browser = administrator(app, session)

    page = browser.get(of(draft))

    assert page.all("input", name="back") == []
    assert "begun without" not in browser.get("/admin/banks").text


def test_the_differences_are_shown_where_a_draft_is_published(app: Flask, session: Session) -> None:
    draft = drafts.begin(session, source_id=a_version(session).id, by=None, now=NOW)
    put(session, draft, ("summary",), {"zh": "全新的说明。", "en": "A summary for everyone."})
    browser = administrator(app, session)

    (changes,) = browser.get(of(draft)).all("section", **{"aria-labelledby": "changes"})

    assert len(changes.findall("details")) == 1
    said = {"".join(each.itertext()) for each in changes.iter("ins")}
    assert any("for everyone" in each for each in said)
    assert any("全新" in each for each in said)


def test_of_very_many_differences_the_page_has_the_link_alone(app: Flask, session: Session) -> None:
    draft = drafts.begin(session, source_id=a_version(session).id, by=None, now=NOW)
    terms = [
        {"key": f"t{at}", "term": OTHERWISE, "meaning": OTHERWISE}
        for at in range(publishing.MOST_CHANGED + 1)
    ]
    put(session, draft, ("glossary",), terms[1:])
    browser = administrator(app, session)

    fewer = browser.get(of(draft)).one("section", **{"aria-labelledby": "changes"})
    put(session, draft, ("glossary",), terms)
    session.commit()
    more = browser.get(of(draft)).one("section", **{"aria-labelledby": "changes"})

    assert [len(each.findall("details")) for each in (fewer, more)] == [1, 0]
    assert "See every change, side by side" in "".join(more.itertext())


def test_a_published_question_that_gets_another_key_is_told(app: Flask, session: Session) -> None:
    data = bank_data(section("everything", "A", domain("d", ladder(), multiple())))
    draft = drafts.begin(session, source_id=a_version(session, data).id, by=None, now=NOW)
    questions = ("sections", "everything", "domains", "d", "questions")
    browser = administrator(app, session)

    before = browser.get(of(draft))
    put(session, draft, questions, [ladder() | {"key": "plans"}, multiple()])
    session.commit()
    after = browser.get(of(draft))

    assert "another key" not in before.text
    assert "1 published question gets another key" in after.text
    assert [code.text for code in after.all("code")][:2] == ["planning", "plans"]


def test_a_discarded_draft_says_so(app: Flask, session: Session, draft: BankVersion) -> None:
    drafts.discard(session, draft.id, by=None, now=NOW)
    browser = administrator(app, session)

    page = browser.get(of(draft))
    forced = browser.post(of(draft), {"seen": "2"})

    assert "is discarded" in page.text
    assert forced.status == 422


def test_others_find_no_such_version(app: Flask, session: Session) -> None:
    browser = administrator(app, session)

    assert browser.get("/admin/banks/999/publishing").status == 404
    assert browser.post("/admin/banks/999/publishing").status == 404
    assert browser.post("/admin/banks/999/publishing/waive", {"reason": "x"}).status == 404
    assert browser.post("/admin/banks/999/publishing/withdraw").status == 404
    assert browser.get("/admin/banks/999/compare").status == 404


# --------------------------------------------------------------------- compared


@pytest.mark.parametrize("locale", list(Locale))
def test_two_versions_stand_side_by_side(app: Flask, session: Session, locale: Locale) -> None:
    def of_(version: int, *questions: Any, **changes: Any) -> BankVersion:
        data = bank_data(section("s", "A", domain("d", *questions)), version=version, **changes)
        return a_version(session, data)

    condition = {"question": "size-class", "in": ["small"]}
    old = of_(1, ladder("a"), ladder("b", weight="50"), ladder("c", weight="49"))
    new = of_(
        2,
        ladder("a", prompt=OTHERWISE, required=True, when=condition),
        ladder("c", weight="50"),
        ladder("d", weight="49"),
        small_sizes=["small"],
        editions=[],
    )
    browser = administrator(app, session, locale)

    page = browser.get(f"/admin/banks/{new.id}/compare")
    reworded = browser.get(f"/admin/banks/{new.id}/compare?other={old.id}&sort=reworded")
    back = browser.get(f"/admin/banks/{old.id}/compare?version={new.id}&other={old.id}")

    assert OTHERWISE["zh"] in page.text.replace(" ", "") or page.all("ins")
    assert page.all("del")
    assert {"a", "b", "c", "d"} <= {"".join(code.itertext()) for code in page.all("code")}
    assert {"".join(code.itertext()) for code in reworded.all("code")} >= {"a"}
    assert back.location.startswith(f"/admin/banks/{new.id}/compare")


def test_what_moved_and_what_was_scored_otherwise_is_told(app: Flask, session: Session) -> None:
    def two(version: int, first: list[Any], second: list[Any], **changes: Any) -> BankVersion:
        domains = (domain("d", *first, weight=50), domain("e", *second, weight=50))
        data = bank_data(section("s", "A", *domains), version=version, **changes)
        return drafts.begin_with(session, document=data, by=None, now=NOW)

    fewer = ladder("c")
    fewer["options"] = fewer["options"][:-1]
    fewer["advice"] = fewer["advice"][:-1]
    swapped = multiple(full_at=2)
    swapped["options"] = [*swapped["options"][1:4], swapped["options"][0], swapped["options"][4]]
    old = two(1, [ladder("a", weight="50"), ladder("b", weight="50")], [ladder("c"), multiple()])
    new = two(
        2,
        [ladder("a", weight="100")],
        [fewer, ladder("b", weight="1"), swapped],
        glossary=[{"key": "t", "term": OTHERWISE, "meaning": OTHERWISE}],
    )
    browser = administrator(app, session)

    page = browser.get(f"/admin/banks/{new.id}/compare?other={old.id}")

    assert "Stands in" in page.text
    assert "Section A › Domain d" in page.text
    assert "Step 5" in page.text
    assert "Order" in page.text
    assert "Weighted differently" in page.text


def test_equal_versions_and_lonely_ones_say_so(app: Flask, session: Session) -> None:
    only = a_version(session)
    browser = administrator(app, session)

    assert "no other version" in browser.get(f"/admin/banks/{only.id}/compare").text
    same = browser.get(f"/admin/banks/{only.id}/compare?other={only.id}")
    assert "Nothing differs" in same.text


def test_drafts_with_any_fault_are_compared(app: Flask, session: Session) -> None:
    source = a_version(session)
    draft = drafts.begin(session, source_id=source.id, by=None, now=NOW)
    put(session, draft, ("sections",), [{"key": "s", "domains": [{"questions": [{"key": 7}]}]}, 3])
    put(session, draft, ("levels",), "none")
    browser = administrator(app, session)

    for address in (
        f"/admin/banks/{draft.id}/compare",
        f"/admin/banks/{source.id}/compare?other={draft.id}",
        of(draft),
    ):
        assert browser.get(address).status == 200


def test_a_draft_that_a_newer_version_has_overtaken_offers_a_new_draft_instead(
    app: Flask, session: Session
) -> None:
    bench = a_bench(app, session, bank_data())
    a_version(session, bank_data(version=9))
    session.commit()
    here = f"/admin/banks/{bench.version_id}/publishing"
    office = bench.browser()

    page = office.get(here)
    forged = office.post(here, {"seen": "1"})

    assert "Begin a draft from version 9" in page.text
    assert forged.status == 422
    assert "firms start the highest number only" in forged.text
