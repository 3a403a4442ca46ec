"""Texts on their way to a translator."""

from survey.core.texts import State
from survey.core.translation_rows import exported
from tests.builders import bank_data


def test_every_text_with_a_source_is_exported_with_its_state() -> None:
    data = bank_data(title={"zh": "", "en": "No source"}, notice={"zh": "提示", "en": ""})
    ledger = {
        "summary": {"state": "stale", "source": "旧的说明。", "was": "reviewed"},
        "levels/title": {"state": "draft", "source": "自评等级"},
    }

    found = {row.text.place: (row.state, row.was) for row in exported(data, ledger)}

    assert "title" not in found
    assert found["notice"] == (State.MISSING, "")
    assert found["summary"] == (State.STALE, "旧的说明。")
    assert found["levels/title"] == (State.DRAFT, "")
    assert found["method/#0"] == (State.REVIEWED, "")
