"""What blocks the next level stands with a note only where there are changes to count."""

from tests import builders as b
from tests.builders import a_report, at, ladders


def test_the_note_on_fewest_changes_stands_only_beside_changes() -> None:
    reason = {"zh": "题目太少。", "en": "Too few questions."}
    capped = ladders(levels=b.levels(ceiling=3, ceiling_reason=reason))

    with_changes = a_report(ladders(), at(2, 2, 2, 2, 2)).blocks
    without = a_report(capped, at(4, 4, 4, 4, 4)).blocks

    assert with_changes.note is not None
    assert without.note is None


def test_a_domain_of_which_nothing_is_known_is_named_as_such() -> None:
    made = a_report(
        ladders(levels=b.levels(breadth=100)), at(4, 4, 4, 4) | {"q4": {"unknown": True}}
    )

    [block] = [block for block in made.blocks.items if block.kind == "breadth"]
    assert [(part.label.en, part.note.zh) for part in block.parts] == [("Domain d4", "尚无答案")]
