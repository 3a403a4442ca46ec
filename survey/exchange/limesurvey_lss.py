"""A survey's structure as LimeSurvey exports it in XML (.lss), of its versions 2 to 6.

Up to version 3 each row says its language; later the words stand in tables of their own (…_l10ns).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from survey.core.errors import quoted
from survey.exchange import limesurvey, limesurvey_rows
from survey.exchange.foreign import (
    LARGEST,
    MOST_ITEMS,
    Group,
    Item,
    Labels,
    NotReadable,
    Questionnaire,
    kept,
)
from survey.exchange.limesurvey import Asked, Part
from survey.exchange.limesurvey_rows import EMPTY, READ, Row, Rows, order

DEEPEST = 30
"""Elements inside each other; a survey's rows have 4, the look of one a few more."""

_LONGEST_NAME = 100
"""Signs of a table's name, or of the path of a text, each of which is said for every row."""

_NOT_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_SETTINGS_TAKEN = {
    "surveyls_survey_id", "surveyls_language", "surveyls_title", "surveyls_description",
    "surveyls_dateformat", "surveyls_numberformat",
}  # fmt: skip


def read(content: bytes) -> Questionnaire:
    """The questionnaire of a file. Raises NotReadable."""
    made = Questionnaire("LimeSurvey")
    rows = _rows(_root(content, made))
    if not rows.get("questions"):
        raise NotReadable("foreign-not-limesurvey")
    _Reader(made, rows).read()
    return made


def _root(content: bytes, made: Questionnaire) -> Element:
    if len(content) > LARGEST:
        raise NotReadable("foreign-too-large", megabytes=LARGEST // 1024**2)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        sound, signs = content, 0
    else:
        sound, signs = _NOT_XML.subn(b"", content)
    if signs:
        made.losses.add("loss-signs", "", language="-", count=signs)
    try:
        root: Element = fromstring(sound, forbid_dtd=True)
    except DefusedXmlException as error:
        raise NotReadable("foreign-xml-declares") from error
    except ParseError as error:
        raise NotReadable("foreign-xml", line=error.position[0]) from error
    except (LookupError, ValueError) as error:  # an encoding that nobody knows
        raise NotReadable("foreign-xml", line=1) from error
    if _too_deep(root):
        raise NotReadable("bank-too-deep", most=DEEPEST)
    return root


def _too_deep(root: Element) -> bool:
    level = [root]
    for _ in range(DEEPEST):
        level = [inner for each in level for inner in each]
    return bool(level)


def _rows(root: Element) -> Rows:
    """Every table of the file, as rows of texts."""
    found: dict[str, list[Row]] = {}
    for table in root:
        is_table = table.find("rows") is not None
        rows: list[Row] = [
            {part.tag: "".join(part.itertext()) for part in row}
            for row in table.iterfind("rows/row" if is_table else "row")
        ]
        if not is_table:
            rows += [_leaves(part) for part in table if part.tag != "row"]
        if rows:
            found.setdefault(table.tag[:_LONGEST_NAME], []).extend(rows)
    found["languages"] = [{"language": each.text or ""} for each in root.iterfind("languages/*")]
    return found


def _leaves(element: Element) -> Row:
    """The texts of an element that is no row, such as the look of a survey, by their paths."""
    found: dict[str, str] = {}
    for path, words in _texts(element, ""):
        found[f"{path}#{len(found)}" if path in found else path] = words
    return found


def _texts(element: Element, around: str) -> Iterator[tuple[str, str]]:
    path = f"{around}/{element.tag}".lstrip("/")[-_LONGEST_NAME:]
    words = (element.text or "") + (element.tail or "")
    if words.strip():
        yield path, words
    for inner in element:
        yield from _texts(inner, path)


@dataclass(slots=True)
class _Reader:
    made: Questionnaire
    rows: Rows
    questions: dict[str, Asked] = field(default_factory=dict)
    parts: dict[str, tuple[str, Part]] = field(default_factory=dict)

    def table(self, name: str) -> Sequence[Row]:
        return self.rows.get(name, ())

    def read(self) -> None:
        self.survey()
        groups = self.groups()
        words = self.words_of(("question_l10ns", "subquestion_l10ns"), "qid")
        both: dict[bool, list[Row]] = {True: [], False: []}
        for row in self.table("questions"):
            both[row.get("parent_qid", "0").strip() in {"", "0"}].append(row)
        mains, inner = both[True], both[False]
        of_group = self.mains(mains, words)
        self.subquestions([*inner, *self.table("subquestions")], words)
        self.answers()
        self.attributes()
        self.defaults()
        self.conditions()
        self.put(groups, of_group)
        self.made.resolve = limesurvey.names_of(list(self.questions.values()))
        losses = self.made.losses
        for name, rows in self.rows.items():
            if name == "group_l10ns":
                own = limesurvey_rows.not_repeated(rows, self.table("groups"), "gid")
                limesurvey_rows.unread(losses, name, own)
            elif name in READ:
                limesurvey_rows.unread(losses, name, rows)
            elif name == "surveys":
                limesurvey_rows.whole_table(
                    losses,
                    name,
                    [limesurvey_rows.without(row, {"sid", "language"}) for row in rows],
                )
            else:
                limesurvey_rows.whole_table(losses, name, rows)

    # -------------------------------------------------------------- the survey

    def survey(self) -> None:
        made = self.made
        languages = [row["language"].strip() for row in self.table("languages")]
        for row in self.table("surveys"):
            made.code = made.code or (row.get("sid") and f"limesurvey-{row['sid']}") or ""
            made.language = made.language or row.get("language", "").strip().lower()
        made.language = made.language or next((each.lower() for each in languages if each), "")
        titles: Labels = {}
        texts: Labels = {}
        for row in self.table("surveys_languagesettings"):
            tag = row.get("surveyls_language", "").strip().lower()
            titles[tag] = row.get("surveyls_title", "")
            texts[tag] = row.get("surveyls_description", "")
            self.settings_left(row, tag)
        made.labels = made.losses.words(titles, "surveys_languagesettings/surveyls_title")
        made.hints = made.losses.words(texts, "surveys_languagesettings/surveyls_description")

    def settings_left(self, row: Row, tag: str) -> None:
        """What else is said of the survey in this language; its letters are told as one."""
        letters = tuple(
            (name, value) for name, value in row.items() if "email" in name and value.strip()
        )
        place = f"surveys_languagesettings/{tag}"
        for name, value in row.items():
            if name not in _SETTINGS_TAKEN and "email" not in name and value.strip():
                self.made.losses.setting(f"{place}/{name}", name, value)
        if letters:
            self.made.losses.add("loss-letters", place, letters, count=len(letters))

    def words_of(self, tables: Sequence[str], key: str) -> Mapping[str, Sequence[Row]]:
        """The rows of words by what they are about."""
        found: dict[str, list[Row]] = {}
        for name in tables:
            for row in self.table(name):
                found.setdefault(row.get(key, ""), []).append(row)
        return found

    def labels(self, rows: Sequence[Row], name: str, place: str) -> Labels:
        raw: Labels = {}
        for row in rows:
            tag = row.get("language", "").strip().lower()
            words = row.get(name, "").strip()
            if words and words != raw.setdefault(tag, words):
                facts = {"language": tag or "-", "text": quoted(words, longest=300)}
                self.made.losses.add("loss-twice", place, ((name, words),), **facts)
        return self.made.losses.words(raw, place)

    # ------------------------------------------------------------------- parts

    def groups(self) -> Mapping[str, Group]:
        """The groups by their number, in their order."""
        words = self.words_of(("group_l10ns",), "gid")
        rows: dict[str, list[Row]] = {}
        for row in self.table("groups"):
            rows.setdefault(row.get("gid", ""), []).append(row)
        found = {}
        for gid, same in sorted(rows.items(), key=lambda each: order(each[1][0], "group_order")):
            place = f"groups/{gid}"
            every = [*same, *words.get(gid, ())]
            limesurvey_rows.differing(self.made.losses, place, gid, same)
            found[gid] = limesurvey.group_of(
                f"group-{gid}",
                place,
                self.labels(every, "group_name", place),
                self.labels(every, "description", place),
                same[0].get("grelevance", ""),
            )
            if same[0].get("randomization_group", "").strip():
                self.made.losses.feature(
                    place, gid, "randomization_group", same[0]["randomization_group"]
                )
        return found

    def mains(
        self, rows: Sequence[Row], words: Mapping[str, Sequence[Row]]
    ) -> Mapping[str, Sequence[Asked]]:
        """The questions of each group, in their order."""
        same: dict[str, list[Row]] = {}
        for row in rows:
            same.setdefault(row.get("qid", ""), []).append(row)
        of_group: dict[str, list[Asked]] = {}
        in_order = sorted(same.items(), key=lambda each: order(each[1][0], "question_order"))
        for count, (qid, versions) in enumerate(in_order):
            row = versions[0]
            place = f"questions/{qid} {row.get('title', '')}".strip()
            if count == MOST_ITEMS:
                self.made.losses.add("loss-rows-cut", place, most=MOST_ITEMS)
                break
            every = [*versions, *words.get(qid, ())]
            asked = Asked(
                row.get("title", "").strip() or f"question-{qid}",
                row.get("type", "").strip(),
                place,
                self.labels(every, "question", place),
                self.labels(every, "help", place),
                row.get("relevance", ""),
                row.get("mandatory", ""),
                row.get("other", ""),
                row.get("preg", ""),
                number=f"{row.get('sid', '')}X{row.get('gid', '')}X{qid}",
            )
            limesurvey_rows.differing(self.made.losses, place, asked.code, versions)
            scripts = {each.get("language", ""): each.get("script", "") for each in every}
            if any(text.strip() for text in scripts.values()):
                texts = kept("script", scripts)
                self.made.losses.add("loss-markup", place, texts, language="-", what="script")
            self.questions[qid] = asked
            of_group.setdefault(row.get("gid", ""), []).append(asked)
        return of_group

    def subquestions(self, rows: Sequence[Row], words: Mapping[str, Sequence[Row]]) -> None:
        same: dict[str, list[Row]] = {}
        for row in rows:
            same.setdefault(row.get("qid", ""), []).append(row)
        for qid, versions in sorted(
            same.items(), key=lambda each: order(each[1][0], "question_order")
        ):
            row = versions[0]
            place = f"subquestions/{qid} {row.get('title', '')}".strip()
            asked = self.questions.get(row.get("parent_qid", ""))
            labels = self.labels([*versions, *words.get(qid, ())], "question", place)
            if asked is None:
                self.orphan(place, labels)
                continue
            limesurvey_rows.differing(self.made.losses, place, asked.code, versions)
            scale = order(row, "scale_id")
            code = row.get("title", "").strip() or qid
            part = Part(code, labels, scale, "", place, row.get("relevance", ""))
            asked.subquestions.append(part)

    def answers(self) -> None:
        by_number = self.words_of(("answer_l10ns",), "aid")
        by_code: dict[tuple[str, str], list[Row]] = {}
        for row in self.table("answer_l10ns"):
            if not row.get("aid"):
                by_code.setdefault((row.get("qid", ""), row.get("code", "")), []).append(row)
        same: dict[tuple[str, str, str, str], list[Row]] = {}
        for row in self.table("answers"):
            name = (row.get("qid", ""), row.get("code", ""), row.get("scale_id", "0"))
            same.setdefault((*name, row.get("aid", "")), []).append(row)
        single = [
            (name, rows) for name, every in same.items() for rows in limesurvey_rows.singles(every)
        ]
        for (qid, code, scale, aid), rows in sorted(
            single, key=lambda each: order(each[1][0], "sortorder")
        ):
            place = f"answers/{qid} {code}"
            others = by_number.get(aid, ()) if aid else ()
            every = [*rows, *others, *by_code.get((qid, code), ())]
            labels = self.labels(every, "answer", place)
            asked = self.questions.get(qid)
            if asked is None:
                self.orphan(place, labels)
                continue
            limesurvey_rows.differing(self.made.losses, place, asked.code, rows)
            at = 1 if scale.strip() == "1" else 0
            score = rows[0].get("assessment_value", "")
            asked.answers.append(Part(code.strip(), labels, at, score, place))

    def orphan(self, place: str, labels: Labels) -> None:
        said = quoted(next(iter(labels.values()), "-"), longest=300)
        self.made.losses.add("loss-orphan", place, kept("text", labels), text=said)

    def attributes(self) -> None:
        for row in self.table("question_attributes"):
            asked = self.questions.get(row.get("qid", ""))
            name, value = row.get("attribute", ""), row.get("value", "")
            tag = row.get("language", "").strip().lower()
            if asked is None or not name:
                if value.strip() not in EMPTY:
                    place = f"question_attributes/{row.get('qid', '')} {name}"
                    self.orphan(place, {tag: value})
                continue
            asked.attributes.setdefault(name, {}).setdefault(tag, value)

    def defaults(self) -> None:
        words = self.words_of(("defaultvalue_l10ns",), "dvid")
        for row in self.table("defaultvalues"):
            asked = self.questions.get(row.get("qid", ""))
            every = [row, *words.get(row.get("dvid", "-"), ())]
            place = f"defaultvalues/{row.get('qid', '')} {row.get('sqid', '')}"
            texts = tuple(
                (f"{place} {each.get('language', '')}".strip(), each["defaultvalue"])
                for each in every
                if each.get("defaultvalue", "").strip()
            )
            if asked is not None:
                asked.defaults += texts
            elif texts:
                self.orphan(place, dict(texts))

    def conditions(self) -> None:
        """Conditions of before relevance equations, where there is no equation.

        An equation is made of them by LimeSurvey itself; one that says less counts all the same.
        """
        of_question: dict[str, list[Row]] = {}
        for row in self.table("conditions"):
            of_question.setdefault(row.get("qid", ""), []).append(row)
        codes = {qid: asked.code for qid, asked in self.questions.items()}
        for qid, rows in of_question.items():
            asked, place = self.questions.get(qid), f"conditions/{qid}"
            said = limesurvey_rows.equation(rows)
            if asked is None:
                self.orphan(place, {"": said})
            elif asked.relevance.strip() in {"", "1"}:
                asked.relevance = said
            elif not limesurvey_rows.is_said(rows, asked.relevance, codes):
                facts = {"question": asked.code, "condition": quoted(said, longest=1000)}
                self.made.losses.add("loss-condition", place, **facts)

    def put(self, groups: Mapping[str, Group], of_group: Mapping[str, Sequence[Asked]]) -> None:
        for gid, group in groups.items():
            for asked in of_group.get(gid, ()):
                group.parts += self.items(asked)
            self.made.parts.append(group)
        for gid, questions in of_group.items():
            if gid in groups:
                continue
            self.made.losses.add("loss-group-missing", f"groups/{gid}", group=gid or "-")
            group = limesurvey.group_of(f"group-{gid}", f"groups/{gid}", {}, {}, "")
            for asked in questions:
                group.parts += self.items(asked)
            self.made.parts.append(group)

    def items(self, asked: Asked) -> Iterator[Item]:
        if not limesurvey.unseen(asked, self.made.losses):
            yield from limesurvey.item_parts(asked, self.made.losses)
