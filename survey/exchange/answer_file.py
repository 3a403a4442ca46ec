"""A firm's answers as a YAML file: what `survey score` and `survey report` read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from survey.core.editions import FULL
from survey.core.errors import BadDocument, Problem
from survey.core.text import Text
from survey.exchange import yaml_file


@dataclass(frozen=True, slots=True)
class AnswerFile:
    """Which bank and edition were answered, by whom, and the answers in their plain form."""

    bank: str
    edition: str
    firm: Text
    answers: Mapping[str, Any]
    loaded: yaml_file.Loaded


def read(content: bytes, *, file: str = "") -> AnswerFile:
    """Raises BadDocument if the file has not the form ``bank``, ``firm``, ``answers``.

    An ``edition`` may stand beside them; without it the whole bank was answered.
    """
    loaded = yaml_file.load(content, file=file)
    match loaded.data:
        case {
            "bank": str(bank),
            "firm": {"zh": str(zh), "en": str(en), **more},
            "answers": dict(answers),
            **rest,
        } if zh.strip() and en.strip() and not more and set(rest) <= {"edition"}:
            edition = rest.get("edition", FULL)
            if isinstance(edition, str):
                firm = Text(zh=zh.strip(), en=en.strip())
                return AnswerFile(bank, edition, firm, answers, loaded)
        case _:
            pass
    raise BadDocument((Problem("answer-file-form", "", {}, file=file, line=1),))
