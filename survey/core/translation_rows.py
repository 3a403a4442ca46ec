"""Texts on their way to a translator and back, whatever the format of the file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from survey.core.errors import Facts
from survey.core.texts import Ledger, State, TextAt, state_of, texts

LONGEST = 4000
"""Characters of a text, as of any sentence of a bank."""


@dataclass(frozen=True, slots=True)
class TranslationRow:
    """One text of a file: where it stands, both languages, and whether it was reviewed.

    `spot` is the cell or line of its source, as a sentence names it.
    """

    place: str
    zh: str
    en: str
    reviewed: bool
    spot: Facts = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class FileFault:
    """Something in a file that is not taken as it stands; `facts` has what its sentence needs.

    The other rows can be read all the same.
    """

    code: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class TranslationFile:
    """A file that came back. Of a strange one bank, version and revision are empty or 0."""

    bank: str
    version: int
    revision: int
    rows: tuple[TranslationRow, ...]
    faults: tuple[FileFault, ...] = ()


@dataclass(frozen=True, slots=True)
class ExportedText:
    """One text on its way out; `was` is the source that a stale translation was made from."""

    text: TextAt
    state: State
    was: str


def plain(text: str) -> str:
    """A text as every file gives it back: without blanks around it, its lines ended alike."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def only_once(
    found: Sequence[tuple[TranslationRow, str]],
) -> tuple[tuple[TranslationRow, ...], tuple[FileFault, ...]]:
    """Rows with their spots in the file; of a text that has several none is taken."""
    spots: dict[str, list[str]] = {}
    for row, spot in found:
        spots.setdefault(row.place, []).append(spot)
    faults = tuple(
        FileFault("translations-twice", {"part": place, "first": each[0], "second": each[1]})
        for place, each in spots.items()
        if len(each) > 1
    )
    return tuple(row for row, _ in found if len(spots[row.place]) == 1), faults


def exported(data: object, ledger: Ledger) -> Iterator[ExportedText]:
    """Every text, in reading order; without a source no translation counts as reviewed."""
    for text in texts(data):
        state = state_of(text, ledger)
        was = ledger[text.place]["source"] if state is State.STALE else ""
        yield ExportedText(text, State.DRAFT if text.en and not text.zh else state, was)


def without_source(data: object) -> tuple[TextAt, ...]:
    """The texts that lack their Chinese, in reading order."""
    return tuple(text for text in texts(data) if not text.zh)
