"""Items dealt into two columns: none is lost, none changes its place, no band is too high."""

import pytest

from survey.core.parts import Entry, GlossaryTerm, Keep, Said, SaidRow, SourceLine, Typed
from survey.core.text import Locale, Text
from survey.pdf.columns import LONG, WIDTH, Band, Item, bands
from tests.pdf.conftest import EMPTY, TYPICAL, a_firms_report

ZH = (Locale.ZH,)


def of_lines(count: int) -> Text:
    return Text(zh="字" * WIDTH * count, en="x")


def heights(found: list[Band]) -> list[tuple[int, int]]:
    return [
        tuple(sum(len(text.zh) // WIDTH for text in half) for half in (band.left, band.right))  # type: ignore[misc,union-attr]
        for band in found
    ]


@pytest.mark.parametrize(
    "items",
    [
        a_firms_report(TYPICAL).glossary,
        a_firms_report(TYPICAL).roadmap.later,
        a_firms_report(TYPICAL).sources,
        a_firms_report(EMPTY).unknowns.items,
        a_firms_report(TYPICAL).answers[2].entries,
        [],
    ],
)
@pytest.mark.parametrize("locales", [ZH, tuple(Locale)])
def test_every_item_is_dealt_once_and_in_its_order(
    items: list[Item], locales: tuple[Locale, ...]
) -> None:
    found = bands(items, locales)

    assert [item for band in found for item in (*band.left, *band.right)] == list(items)


def test_two_items_of_one_height_stand_side_by_side() -> None:
    found = bands([of_lines(3), of_lines(3)], ZH)

    assert heights(found) == [(3, 3)]


def test_short_items_are_piled_beside_a_high_one() -> None:
    found = bands([of_lines(6), of_lines(2), of_lines(2), of_lines(2)], ZH)

    assert heights(found) == [(6, 6)]


def test_many_items_make_several_low_bands() -> None:
    found = bands([of_lines(4)] * 20, ZH)

    assert heights(found) == [(4, 4)] * 10


def test_a_long_item_has_the_width_to_itself() -> None:
    found = bands([of_lines(1), of_lines(LONG + 1), of_lines(1)], ZH)

    assert [(len(band.left), len(band.right)) for band in found] == [(1, 0), (1, 0), (1, 0)]


def test_latin_letters_take_half_the_width() -> None:
    english = [Text(zh="字", en="x" * WIDTH), Text(zh="字", en="x" * 5 * WIDTH)]

    (one,) = bands(english, (Locale.EN,))

    assert (len(one.left), len(one.right)) == (1, 1)


def test_every_kind_of_item_is_measured_with_all_its_words() -> None:
    text, long = Text(zh="字", en="x"), Typed("字" * WIDTH * (LONG + 1))
    rows = Said(None, rows=(SaidRow(of_lines(LONG + 1), text),))
    high: list[Item] = [
        Entry("a", "A1", text, Said(None, long), None, None),
        Entry("b", "A2", text, Said(text), None, Said(text, long)),
        Entry("c", "A3", text, rows, None, None),
        GlossaryTerm("d", text, of_lines(LONG + 1)),
        Keep("e", "A4", text, of_lines(LONG + 1)),
        SourceLine("f", text, "2025", of_lines(LONG + 1)),
    ]

    found = bands(high, ZH)

    assert all(not band.right for band in found)
