"""Sending one answer as an open page does: named, so that it may be sent again."""

from collections.abc import Sequence
from itertools import count
from typing import Any
from uuid import uuid4

from survey.store.models import Assessment
from tests.browser import Browser, Page

CLIENT = "5f0c2a9e-0000-4000-8000-000000000001"
OTHER_CLIENT = "5f0c2a9e-0000-4000-8000-000000000002"
_seq = count(1)

Field = tuple[str, str]


def autosave(
    browser: Browser,
    assessment: Assessment,
    key: str,
    *fields: Field,
    page: str = "everything",
    **facts: Any,
) -> Page:
    """Send names and values of one question; each call is a newer value of the same page."""
    place = f"/assessments/{assessment.id}/answers/{key}?page={page}"
    return browser.post_json(
        place,
        body_of(fields, **{name: facts[name] for name in facts if name != "save_key"}),
        {"Idempotency-Key": facts.get("save_key", str(uuid4()))},
    )


def body_of(fields: Sequence[Field], **facts: Any) -> dict[str, Any]:
    own = {"client": CLIENT, "seq": next(_seq)}
    return {"fields": [list(field) for field in fields], **own, **facts}


def years(value: str, seen: str = "0.") -> tuple[Field, Field]:
    return ("q_years.seen", seen), ("q_years", value)
