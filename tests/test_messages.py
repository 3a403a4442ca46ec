"""Every refusal has a sentence, and every sentence a refusal."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import survey
from survey.core.errors import BadAnswer, Problem, SurveyError
from survey.core.text import Locale
from survey.messages import SENTENCES, for_error, for_problem, sentence

SOURCE = Path(survey.__file__).parent
OURS = re.compile(r"(answer|bank|comparison|yaml)-[a-z-]+")
HAN = re.compile("[\u4e00-\u9fff]")


def modules() -> list[Path]:
    return [path for path in sorted(SOURCE.rglob("*.py")) if path.name != "messages.py"]


def strings(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def refusals(tree: ast.AST) -> Iterator[str]:
    """Codes of problems, of refused answers, and of the classes of our errors."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Name(id="Problem" | "BadAnswer" | "BadComparison"),
                args=[ast.Constant(value=v), *_],
            ):
                yield str(v)
            case ast.ClassDef(bases=[ast.Name(id="SurveyError" | "NotFound"), *_]):
                yield from (str(v) for v in map(code_of, node.body) if v)
            case _:
                pass


def code_of(line: ast.stmt) -> object:
    match line:
        case ast.Assign(targets=[ast.Name(id="code")], value=ast.Constant(value=code)):
            return code
        case _:
            return None


def used() -> dict[str, str]:
    """Every code that the code base can refuse with, and a module that does."""
    found = {}
    for path in modules():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        codes = set(refusals(tree))
        if path.parent.name in {"core", "exchange"}:
            codes |= {value for value in strings(tree) if OURS.fullmatch(value)}
        found.update(dict.fromkeys(codes, str(path.relative_to(SOURCE))))
    return found


def test_every_code_has_a_sentence() -> None:
    without = {code: module for code, module in used().items() if code not in SENTENCES}

    assert without == {}, "write these codes into SENTENCES in survey/messages.py"


def test_every_sentence_has_a_code_that_somebody_uses() -> None:
    said = {value for path in modules() for value in strings(ast.parse(path.read_text("utf-8")))}

    assert set(SENTENCES) - said == set(), "remove these sentences from survey/messages.py"


@pytest.mark.parametrize("code", SENTENCES)
def test_a_sentence_ends_with_a_full_stop_and_blames_nobody(code: str) -> None:
    said = SENTENCES[code]

    assert said.endswith((".", ": %(complaint)s"))
    assert said[0].isupper() or said.startswith(("“", "%"))
    assert not re.search(r"\b(error|invalid|illegal|failed|you must)\b", said, re.IGNORECASE)


def test_a_problem_is_said_in_the_readers_language() -> None:
    problem = Problem("yaml-duplicate-key", "title", {"key": "100% zh"})

    assert for_problem(problem, Locale.EN) == "“100% zh” appears here twice. Keep one of them."
    assert HAN.search(for_problem(problem, Locale.ZH))
    assert "100% zh" in for_problem(problem, Locale.ZH)


def test_an_error_is_said_by_its_code_and_facts() -> None:
    error = BadAnswer("answer-too-long", question="product", longest=200)

    assert for_error(error, Locale.EN) == "“product”: shorten the text to 200 characters."
    assert "200" in for_error(error, Locale.ZH)
    assert for_error(SurveyError(), Locale.EN).startswith("Something went")


def test_a_code_without_a_sentence_is_a_fault_of_ours() -> None:
    with pytest.raises(KeyError):
        sentence("no-such-code", {}, Locale.EN)
