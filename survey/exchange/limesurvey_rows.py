"""The rows of a LimeSurvey structure in XML: which of them belong together, and what is left."""

import re
from collections.abc import Mapping, Sequence

from survey.core.errors import quoted
from survey.exchange.foreign import Losses

Row = Mapping[str, str]
Rows = Mapping[str, Sequence[Row]]

_METHODS = {"<", "<=", ">", ">=", "==", "!="}


_WORDS = {"language"}
READ: Mapping[str, set[str]] = {
    "answers": {"aid", "qid", "code", "answer", "sortorder", "assessment_value", "scale_id"},
    "answer_l10ns": {"id", "aid", "qid", "code", "answer", "scale_id"},
    "groups": {"gid", "sid", "group_name", "group_order", "description", "grelevance",
               "randomization_group"},
    "group_l10ns": {"id", "gid", "group_name", "description"},
    "questions": {"qid", "parent_qid", "sid", "gid", "type", "title", "question", "help", "preg",
                  "other", "mandatory", "question_order", "relevance", "script"},
    "subquestions": {"qid", "parent_qid", "sid", "gid", "type", "title", "question",
                     "question_order", "scale_id", "relevance"},
    "question_l10ns": {"id", "qid", "question", "help", "script"},
    "question_attributes": {"qaid", "qid", "attribute", "value"},
    "conditions": {"cid", "qid", "cqid", "cfieldname", "method", "value", "scenario"},
    "defaultvalues": {"dvid", "qid", "sqid", "scale_id", "specialtype", "defaultvalue"},
    "defaultvalue_l10ns": {"id", "dvid", "defaultvalue"},
    "surveys_languagesettings": {""},
    "languages": {""},
}  # fmt: skip
"""What the rows of a table are read for; whatever else stands in them is a loss."""

_TRANSLATED = {
    "language",
    "id",
    "question",
    "help",
    "script",
    "answer",
    "group_name",
    "description",
}

EMPTY = {"", "0", "N"}
"""What LimeSurvey writes where nobody has said anything."""


def order(row: Row, name: str) -> int:
    text = row.get(name, "").strip()
    return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else 0


def whole_table(losses: Losses, name: str, rows: Sequence[Row]) -> None:
    """A table that nothing is read of."""
    texts = tuple(
        (f"{name}/{at}/{column}", value)
        for at, row in enumerate(rows, start=1)
        for column, value in row.items()
        if value.strip()
    )
    if not texts:
        return
    if name == "quota":
        losses.add("loss-quotas", name, texts, count=len(rows))
    else:
        losses.add("loss-table", name, texts, table=quoted(name), count=len(rows))


def unread(losses: Losses, table: str, rows: Sequence[Row]) -> None:
    """The columns of a table that are not read, each with all it says."""
    if "" in READ[table]:
        return
    left: dict[str, list[tuple[str, str]]] = {}
    for at, row in enumerate(rows, start=1):
        number = row.get("qid") or row.get("gid") or str(at)
        for column, value in row.items():
            if column not in READ[table] | _WORDS and value.strip() not in EMPTY:
                left.setdefault(column, []).append((f"{table}/{number}/{column}", value))
    for column, texts in left.items():
        head, count = quoted(column), len(texts)
        place = f"{table}/{column}"
        losses.add("loss-column", place, tuple(texts), column=head, count=count)


def not_repeated(rows: Sequence[Row], others: Sequence[Row], key: str) -> Sequence[Row]:
    """Rows without what they only repeat of the row with the same key in another table."""
    known = {row.get(key, ""): row for row in others}
    return [
        {
            name: value
            for name, value in row.items()
            if name == key or known.get(row.get(key, ""), {}).get(name) != value
        }
        for row in rows
    ]


def differing(losses: Losses, place: str, code: str, versions: Sequence[Row]) -> None:
    """What the rows of further languages say otherwise than the first, which counts."""
    first = versions[0]
    for row in versions[1:]:
        for name, value in row.items():
            if name not in _TRANSLATED and value.strip() and value != first.get(name, ""):
                losses.feature(place, code, name, value)


def without(row: Row, names: set[str]) -> Row:
    return {name: value for name, value in row.items() if name not in names}


def singles(rows: Sequence[Row]) -> Sequence[Sequence[Row]]:
    """Rows of one code by what they belong to: a language said once more begins another one."""
    found: list[dict[str, Row]] = []
    for row in rows:
        tag = row.get("language", "")
        fitting = next((each for each in found if tag not in each), None)
        if fitting is None:
            found.append(fitting := {})
        fitting[tag] = row
    return [list(each.values()) for each in found]


_NUMBERS = re.compile(r"[0-9]+X[0-9]+X")
"""Of the survey and of the group: the question's follows, then the code of its part."""

_WORDS_OF_TEXT = re.compile(r""""([^"]*)"|'([^']*)'|(\w+(?:\.\w+)*)""")


def is_said(rows: Sequence[Row], text: str, codes: Mapping[str, str]) -> bool:
    """Whether an equation names every question and answer of these conditions."""
    found = [match.groups(default="") for match in _WORDS_OF_TEXT.finditer(text)]
    names = {bare.partition(".")[0] for _, _, bare in found}
    values = {word for words in found for word in words}
    return all(_is_row_said(row, names, values, codes) for row in rows)


def _is_row_said(row: Row, names: set[str], values: set[str], codes: Mapping[str, str]) -> bool:
    number, value = row.get("cqid", ""), row.get("value", "").strip()
    column = row.get("cfieldname", "").lstrip("+")
    code = codes.get(number, "")
    if code and f"{code}_{value}" in names:  # a box of the question
        return True
    start = _NUMBERS.match(column)
    part = column[start.end() :].removeprefix(number).replace("#", "_") if start else ""
    named = {column, f"{code}_{part}" if part else code} - {""}
    return (not value or value in values) and not named.isdisjoint(names)


def equation(rows: Sequence[Row]) -> str:
    """Any scenario; in it every question; of one question any answer."""
    scenarios: dict[str, dict[str, list[str]]] = {}
    for row in rows:
        name = row.get("cfieldname", "").lstrip("+")
        method, value = row.get("method", "").strip(), row.get("value", "")
        if method not in _METHODS or '"' in value or "@" in value or "{" in name:
            return f"{name} {method} {value!r} ?"
        is_box = row.get("cfieldname", "").startswith("+")
        said = f'{name} {method} "{"Y" if is_box and value == "Y" else value}"'
        scenario = scenarios.setdefault(row.get("scenario", "1"), {})
        scenario.setdefault(row.get("cqid", "") or name, []).append(said)
    return " or ".join(
        "(" + " and ".join("(" + " or ".join(tests) + ")" for tests in each.values()) + ")"
        for each in scenarios.values()
    )
