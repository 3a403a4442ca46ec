"""Files that everybody may read."""

import json

import pytest
from flask import Flask

from tests.browser import Browser

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_programs_find_the_schema_of_a_result(app: Flask) -> None:
    reply = Browser(app).get("/schemas/result-1.json")

    assert reply.status == 200
    assert reply.response.mimetype == "application/schema+json"
    assert json.loads(reply.response.get_data())["$id"] == "urn:qizhen:result:1"
    reply.response.close()


def test_editors_find_the_schema_of_a_bank(app: Flask) -> None:
    reply = Browser(app).get("/schemas/bank-1.json")

    assert reply.status == 200
    assert reply.response.mimetype == "application/schema+json"
    assert json.loads(reply.response.get_data())["$id"] == "urn:qizhen:bank:1"
    reply.response.close()
