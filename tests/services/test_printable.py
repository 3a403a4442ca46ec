"""What firms type is refused while they can still change it, if a report could not print it."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from survey.core.answers import PlainAnswer
from survey.pdf import fonts
from survey.services import assessments, printable
from survey.services.assessments import Saved
from survey.services.people import Actor
from survey.services.printable import Unprintable
from survey.store.models import Assessment
from tests.stored import NOW, a_firm, an_assessment


@pytest.fixture(scope="module")
def fonts_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fonts")
    fonts.make(folder)
    return folder


def save(
    session: Session,
    owner: Actor,
    assessment: Assessment,
    fonts_folder: Path,
    **given: PlainAnswer | None,
) -> Saved:
    return assessments.save(
        session, owner, assessment.id, given=given, seen={}, now=NOW, fonts_folder=fonts_folder
    )


@pytest.mark.parametrize(
    "text", ["阀门, Ventil №5：①㎡℃“—”……", "𬀩\u200d龘", "two\nlines\tand\u00a0spaces", "", "Ωμ½²"]
)
def test_what_the_fonts_have_is_taken(fonts_folder: Path, text: str) -> None:
    printable.must_be_printable(text, fonts_folder)


@pytest.mark.parametrize(
    ("text", "character", "codepoint"),
    [
        ("很好😀！", "😀", "U+1F600"),
        ("𠮷田阀门", "𠮷", "U+20BB7"),
        ("民生\ue000", "\ue000", "U+E000"),
        ("100\u202e", "\u202e", "U+202E"),
        ("\u2066abc", "\u2066", "U+2066"),
        ("one\u2028two", "\u2028", "U+2028"),
    ],
)
def test_the_first_character_that_cannot_be_printed_is_named(
    fonts_folder: Path, text: str, character: str, codepoint: str
) -> None:
    with pytest.raises(Unprintable) as refusal:
        printable.must_be_printable(text, fonts_folder)

    assert refusal.value.facts == {"character": character, "codepoint": codepoint}


def test_without_fonts_nothing_is_refused(tmp_path: Path) -> None:
    printable.must_be_printable("😀", tmp_path)


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        ("product", {"text": "阀门😀"}),
        ("planning", {"not_applicable": "没有😀"}),
        (
            "planning",
            {"option": "level-2", "evidence": {"grade": "document", "note": "计划😀.xlsx"}},
        ),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_whatever_a_firm_types_for_an_answer_is_looked_at(
    session: Session, fonts_folder: Path, key: str, answer: PlainAnswer
) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner)

    saved = save(session, owner, assessment, fonts_folder, **{key: answer}, years={"number": "5"})

    assert dict(saved.saved) == {"years": 1}
    (problem,) = saved.refused
    assert (problem.code, problem.place) == ("answer-unprintable", key)
    assert problem.facts["character"] == "😀"
    assert key not in assessments.hub(session, owner, assessment.id).plain


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_refused_answer_leaves_the_earlier_one_in_place(
    session: Session, fonts_folder: Path
) -> None:
    _, owner = a_firm(session)
    assessment = an_assessment(session, owner, answers={"product": {"text": "阀门"}})

    save(session, owner, assessment, fonts_folder, product={"text": "😀"})
    stored = assessments.hub(session, owner, assessment.id).plain["product"]
    cleared = save(session, owner, assessment, fonts_folder, product=None)

    assert stored == {"text": "阀门"}
    assert not cleared.refused
