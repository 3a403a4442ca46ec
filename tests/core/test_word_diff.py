"""What changed inside a sentence."""

from hypothesis import given, settings
from hypothesis import strategies as st

from survey.core.word_diff import MOST, Op, Span, spans

some = settings(max_examples=200, deadline=None, derandomize=True, database=None)


def said(old: str, new: str) -> list[tuple[str, str]]:
    return [(span.op.value, span.text) for span in spans(old, new)]


def test_chinese_is_compared_by_character() -> None:
    assert said("主要设备是否计量？", "主要用能设备是否分项计量？") == [
        ("same", "主要"),
        ("added", "用能"),
        ("same", "设备是否"),
        ("added", "分项"),
        ("same", "计量？"),
    ]


def test_other_words_are_compared_as_a_whole() -> None:
    assert said("Is the plan written?", "Is the planning written?") == [
        ("same", "Is the "),
        ("removed", "plan"),
        ("added", "planning"),
        ("same", " written?"),
    ]


def test_figures_in_chinese_are_compared_as_a_whole() -> None:
    assert said("不低于120台", "不低于150台") == [
        ("same", "不低于"),
        ("removed", "120"),
        ("added", "150"),
        ("same", "台"),
    ]


def test_the_same_text_is_one_passage_and_no_text_is_none() -> None:
    assert spans("设备", "设备") == (Span(Op.SAME, "设备"),)
    assert spans("", "") == ()
    assert said("", "新") == [("added", "新")]
    assert said("旧", "") == [("removed", "旧")]


def test_a_long_passage_is_shown_as_a_whole() -> None:
    old, new = "起" + "甲" * (MOST + 1) + "止", "起" + "乙" * 3 + "止"

    assert said(old, new) == [
        ("same", "起"),
        ("removed", "甲" * (MOST + 1)),
        ("added", "乙乙乙"),
        ("same", "止"),
    ]


@given(st.text("甲乙丙ab 1%。\n", max_size=30), st.text("甲乙丙ab 1%。\n", max_size=30))
@some
def test_both_texts_can_be_read_back(old: str, new: str) -> None:
    found = spans(old, new)

    assert "".join(span.text for span in found if span.op is not Op.ADDED) == old
    assert "".join(span.text for span in found if span.op is not Op.REMOVED) == new
    assert all(span.text for span in found)


def test_a_sentence_that_was_written_anew_is_one_change() -> None:
    assert spans("Who leads the change here?", "How far are the plans here?") == (
        Span(Op.REMOVED, "Who leads the change"),
        Span(Op.ADDED, "How far are the plans"),
        Span(Op.SAME, " here?"),
    )


def test_two_changes_with_a_passage_between_them_stay_two() -> None:
    assert spans("A of the whole plant B", "C of the whole plant D") == (
        Span(Op.REMOVED, "A"),
        Span(Op.ADDED, "C"),
        Span(Op.SAME, " of the whole plant "),
        Span(Op.REMOVED, "B"),
        Span(Op.ADDED, "D"),
    )
