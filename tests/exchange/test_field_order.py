"""Fields in the order of the reviewed files."""

from survey.exchange.field_order import as_reviewed


def test_fields_stand_as_in_a_reviewed_file_and_unknown_ones_behind() -> None:
    mixed = {"own": 1, "prompt": {"en": "a", "zh": "b"}, "kind": "text", "key": "a"}

    ordered = as_reviewed([mixed])

    assert ordered == [mixed]
    assert list(ordered[0]) == ["key", "kind", "prompt", "own"]
    assert list(ordered[0]["prompt"]) == ["zh", "en"]


def test_weights_by_answer_keep_their_own_order() -> None:
    weights = {"low": 1, "key": 2, "all": 3}

    assert list(as_reviewed({"weight": weights})["weight"]) == ["low", "key", "all"]
