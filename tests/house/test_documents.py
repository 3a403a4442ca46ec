"""Documents name nothing that is not there, and every picture is in a document."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
PICTURES = ROOT / "docs" / "pictures"
MOST_BYTES = 3_000_000
"""Of all pictures together: the repository keeps every version of them for good."""

_LINK = re.compile(r"\]\(([^)#\s]+)")


def named_in(document: Path) -> list[Path]:
    """The files of ours that a document links to or shows."""
    links = _LINK.findall(document.read_text(encoding="utf-8"))
    return [(document.parent / link).resolve() for link in links if "://" not in link]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_a_document_names_exists(document: Path) -> None:
    missing = [str(path.relative_to(ROOT)) for path in named_in(document) if not path.is_file()]

    assert not missing


def test_every_picture_is_shown_somewhere() -> None:
    shown = {path for document in DOCUMENTS for path in named_in(document)}

    assert not [path.name for path in PICTURES.iterdir() if path.resolve() not in shown]


def test_the_pictures_are_small() -> None:
    assert sum(path.stat().st_size for path in PICTURES.iterdir()) < MOST_BYTES


def test_both_languages_of_the_manual_show_the_same_pictures() -> None:
    english, chinese = (
        [path.name for path in named_in(ROOT / "docs" / f"administrators.{tag}.md")]
        for tag in ("en", "zh-CN")
    )

    assert [name.replace("-en.", "-zh.") for name in english if name.endswith(".png")] == [
        name for name in chinese if name.endswith(".png")
    ]
