"""What two administrators changed differently is shown in words; all else is brought together."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from survey.core import bank_edits, places
from survey.core.renaming import renamed
from survey.core.text import Locale
from survey.services import drafts
from survey.store.models import User
from tests.browser import Page
from tests.builders import advice
from tests.stored import NOW
from tests.web.workshop.bench import LADDER, Bench, a_bench

PLANNING = places.parse(LADDER)
IF_PROCESS = {"question": "production-type", "in": ["process"]}
IF_BOTH = {"question": "production-type", "in": ["process", "mixed"]}
Change = Callable[[dict[str, Any]], Any]


@pytest.fixture
def bench(app: Flask, session: Session) -> Bench:
    return a_bench(app, session)


def put(value: Any, *inside: str) -> Change:
    return lambda data: places.put(data, (*PLANNING, *inside), value)


def edit(bench: Bench, change: Change, seen: int = 0, **more: Any) -> drafts.Edited:
    """In the name of the colleague, on the draft as it is unless an older revision is seen."""
    colleague = bench.session.query(User).filter_by(name=bench.names[1]).one()
    edited = drafts.edit(
        bench.session,
        bench.version_id,
        seen=seen or bench.draft.revision,
        change=change,
        act="set",
        place="",
        by=colleague.id,
        now=NOW,
        **more,
    )
    bench.session.commit()
    return edited


def undone(bench: Bench, first: Change, then: Change, language: Locale = Locale.EN) -> Page:
    """One edit is taken back where another one changed the same since."""
    edit(bench, first)
    taken_back = drafts.edits(bench.session, bench.version_id, most=1)[0].id
    edit(bench, then)
    browser = bench.browser(language=language)
    page = browser.post(f"/admin/banks/{bench.version_id}/history/{taken_back}/undo")
    assert page.status == 422
    assert not page.all("pre")
    return page


def deleted_while(bench: Bench, change: Change) -> Page:
    """I delete the question that a colleague has changed since I opened the page."""
    edit(bench, change)
    return bench.browser().post(
        f"/admin/banks/{bench.version_id}/contents/delete", {"seen": "1", "place": LADDER}
    )


@pytest.mark.parametrize(
    ("language", "was", "now"),
    [
        (Locale.EN, "is “process” or “mixed”", "is “process”"),
        (Locale.ZH, "“选项process”或“选项mixed”", "“选项process”"),
    ],
)
def test_two_conditions_are_shown_as_sentences_of_the_reader(
    bench: Bench, language: Locale, was: str, now: str
) -> None:
    page = undone(bench, put(IF_PROCESS, "when"), put(IF_BOTH, "when"), language)

    assert len(page.all("fieldset")) == 1
    assert was in page.text
    assert now in page.text
    assert '"question"' not in page.text


def test_a_question_that_one_deleted_and_the_other_changed_is_told_in_words(bench: Bench) -> None:
    def change(data: dict[str, Any]) -> Any:
        reworded = put({"zh": "同事的问法？", "en": "Asked by a colleague?"}, "prompt")
        return put(False, "half_steps")(put(IF_PROCESS, "when")(reworded(data)))

    page = deleted_while(bench, change)

    assert page.status == 422
    assert "Deleted: “What about planning?”" in page.text
    assert "Asked by a colleague?" in page.text
    assert "Another condition" in page.text
    assert "the answer to “What about production-type?” is" in page.text
    assert not page.all("pre")
    assert '"kind"' not in page.text


def test_one_piece_of_advice_that_one_deleted_is_told_by_its_words(bench: Bench) -> None:
    pieces = bench.at(f"{LADDER}/advice")
    other = {"zh": "同事的建议。", "en": "A colleague's advice."}

    page = undone(bench, put(other, "advice", "#0", "what"), put(pieces[1:], "advice"))

    assert "Deleted: “A colleague's advice.”" in page.text


def test_a_question_called_like_a_condition_is_shown_as_a_question(bench: Bench) -> None:
    place = (*PLANNING[:-1], "when")
    edit(bench, lambda data: renamed(data, PLANNING, "when"))
    edit(bench, lambda data: places.put(data, (*place, "help"), {"zh": "帮助。", "en": "Help."}))

    page = bench.browser().post(
        f"/admin/banks/{bench.version_id}/contents/delete",
        {"seen": "2", "place": places.written(place)},
    )

    assert page.status == 422
    assert "Deleted: “What about planning?”" in page.text
    assert "Help." in page.text


HERS = {"zh": "同事的建议。", "en": "A colleague's advice."}


def test_a_piece_of_advice_is_told_by_what_it_was_when_the_undone_edit_was_made(
    bench: Bench,
) -> None:
    pieces = bench.at(f"{LADDER}/advice")
    edit(bench, put(HERS, "advice", "#1", "what"))
    edited = drafts.edits(bench.session, bench.version_id, most=1)[0].id
    edit(bench, put(pieces[2:], "advice"))
    browser = bench.browser()
    history = browser.get(f"/admin/banks/{bench.version_id}/history")

    page = browser.send(history, f"/admin/banks/{bench.version_id}/history/{edited}/undo")

    assert page.status == 422
    assert HERS["en"] in (page.one("legend").text or "")
    assert page.one("input", name="seen").get("value") == "2"


def test_a_piece_of_advice_is_told_by_what_it_was_when_the_file_was_made(bench: Bench) -> None:
    pieces = bench.at(f"{LADDER}/advice")
    browser = bench.browser()
    files = f"/admin/banks/{bench.version_id}/files"
    made = browser.client.get(f"{files}/yaml/file").data.decode()
    edit(bench, put(pieces[2:], "advice"))
    was, words = pieces[1]["what"]["en"], HERS["en"]
    file = FileStorage(BytesIO(made.replace(was, words, 1).encode()), "bank.yaml")
    sent = {"csrf_token": browser.token(), "file": file}
    boundary, body = encode_multipart(sent)
    kind = f"multipart/form-data; boundary={boundary}"
    look = browser.send_raw(files, body, content_type=kind)

    page = browser.send(look, f"{files}/apply")

    assert page.status == 422
    assert was in (page.one("legend").text or "")
    assert words in page.text


def test_a_list_that_both_sorted_differently_is_shown_item_by_item(bench: Bench) -> None:
    one, two, three, *rest = bench.at(f"{LADDER}/advice")
    first = put([three, one, two, *rest], "advice")
    then = put([two, three, one, *rest, advice()[0]], "advice")

    page = undone(bench, first, then)

    items = [node.text for node in page.all("li") if (node.text or "").startswith("Reach step")]
    assert len(items) == 3 * (3 + len(rest)) + 1


def test_an_order_that_both_changed_is_shown_by_the_names_of_the_parts(bench: Bench) -> None:
    domain = PLANNING[:-1]

    page = undone(
        bench,
        lambda data: bank_edits.moved(data, (*domain, "planning"), domain, 2),
        lambda data: bank_edits.moved(data, (*domain, "planning"), domain, 1),
    )

    assert "What about planning?" in [node.text for node in page.all("li")]


def test_a_piece_of_advice_is_added_while_a_colleague_rewords_another(bench: Bench) -> None:
    pieces = bench.at(f"{LADDER}/advice")
    added = {**advice()[0], "to": 2, "what": {"zh": "又一条。", "en": "One more."}}
    words = {"zh": "另说。", "en": "Reworded."}
    edit(bench, put([*pieces, added], "advice"), seen=1)

    edited = edit(bench, put(words, "advice", "#0", "what"), seen=1)

    assert edited.clashes == ()
    assert bench.at(f"{LADDER}/advice") == [{**pieces[0], "what": words}, *pieces[1:], added]


def test_a_question_is_renamed_while_a_colleague_rewords_it(bench: Bench) -> None:
    words = {"zh": "同事的问法？", "en": "Asked by a colleague?"}
    edit(bench, put(words, "prompt"), seen=1)

    edited = edit(bench, lambda data: renamed(data, PLANNING, "planning-two"), seen=1)

    keys = [question["key"] for _, question in places.questions(bench.draft.document)]
    assert edited.clashes == ()
    assert "planning" not in keys
    assert bench.at(f"{LADDER}-two/prompt") == words
    assert bench.at("editions")[0]["questions"] == ["planning-two"]


def test_a_question_that_both_renamed_gets_the_key_that_is_chosen(bench: Bench) -> None:
    edit(bench, lambda data: renamed(data, PLANNING, "planning-two"), seen=1)

    def mine(data: dict[str, Any]) -> Any:
        return renamed(data, PLANNING, "planning-three")

    (clash,) = edit(bench, mine, seen=1).clashes
    edit(bench, mine, seen=1, choices={clash.place: "mine"})

    assert (clash.base, clash.theirs, clash.mine) == ("planning", "planning-two", "planning-three")
    keys = [question["key"] for _, question in places.questions(bench.draft.document)]
    assert [key for key in keys if key.startswith("planning")] == ["planning-three"]


def test_both_keys_are_shown_beside_the_question(bench: Bench) -> None:
    def rename(old: str, new: str) -> Change:
        return lambda data: renamed(data, (*PLANNING[:-1], old), new)

    edit(bench, rename("planning", "one"))
    taken_back = drafts.edits(bench.session, bench.version_id, most=1)[0].id
    edit(bench, rename("one", "two"))

    page = bench.browser().post(f"/admin/banks/{bench.version_id}/history/{taken_back}/undo")

    assert page.status == 422
    assert [node.text for node in page.all("pre")] == ["one", "two", "planning"]
