"""The bytes of the workshop's pages at 76 items of six options: never over 300 kB compressed."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.core.places import questions, written
from survey.exchange import yaml_bank
from survey.services import banks, drafts
from tests.stored import NOW, an_administrator
from tests.web.people import browser_of

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

BANK = Path("questionnaires/manufacturing-transformation/4.yaml")
LARGEST = 300_000


def reworded(data: Any) -> Any:
    """Every question asked otherwise, so that every page has as much to show as it can."""
    new = deepcopy(data)
    for _, question in questions(new):
        question["prompt"]["zh"] = f"现在，{question['prompt']['zh']}"
        question["weight"] = "7"
    return new


def test_no_page_is_larger_than_its_budget(app: Flask, session: Session) -> None:
    data, _bank = yaml_bank.read(BANK.read_bytes(), file=BANK.name)
    stored = banks.store_draft(session, data=data, now=NOW)
    version = banks.publish(session, stored.id, now=NOW)
    who = an_administrator(session)
    draft = drafts.begin(session, source_id=version.id, by=who.user_id, now=NOW)
    drafts.edit(
        session, draft.id, seen=1, change=reworded, act="set", place="", by=who.user_id, now=NOW
    )
    biggest, _ = max(questions(data), key=lambda found: len(json.dumps(found[1])))
    section = max(data["sections"], key=lambda part: len(json.dumps(part)))["key"]
    version_id, draft_id = version.id, draft.id
    client = browser_of(app, session, who).client
    at = f"/admin/banks/{draft_id}"
    addresses = (
        f"{at}/contents",
        f"{at}/parts/{written(biggest)}",
        f"{at}/parts/levels",
        f"{at}/translations",
        f"{at}/weights",
        f"{at}/weights/sections/{section}",
        f"{at}/weighing",
        f"{at}/preview?page={section}",
        f"{at}/compare?other={version_id}",
        f"{at}/publishing",
        f"{at}/history",
        f"{at}/files",
        at,
        "/admin/banks",
    )

    answers = {to: client.get(to, headers={"Accept-Encoding": "gzip"}) for to in addresses}

    assert {to: answer.status_code for to, answer in answers.items()} == dict.fromkeys(
        addresses, 200
    )
    assert [to for to, answer in answers.items() if len(answer.data) > LARGEST] == []
    assert {answer.headers["Content-Encoding"] for answer in answers.values()} == {"gzip"}
