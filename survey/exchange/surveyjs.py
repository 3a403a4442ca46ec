"""A SurveyJS definition (JSON) as a questionnaire."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from survey.core.errors import quoted
from survey.exchange.foreign import (
    MOST_ITEMS,
    OTHER,
    SPECIFY_OTHER,
    Ask,
    Choice,
    Group,
    Item,
    Labels,
    NotReadable,
    Questionnaire,
    kept_choices,
    within,
)
from survey.exchange.foreign_questions import stacked
from survey.exchange.language_names import tag_of
from survey.exchange.surveyjs_json import Element, list_of, load, says, value_of
from survey.exchange.surveyjs_parts import Parts, length_of

DEEPEST = 30
_INSIDE = ("elements", "questions")
_ELEMENTS = (*_INSIDE, "templateElements")

_ONE = {"radiogroup", "dropdown", "buttongroup", "imagepicker"}
_MANY = {"checkbox", "tagbox", "ranking"}
_MAP = "imagemap"
_PICTURES = {"imagepicker", _MAP}
_UNANSWERED = {"expression", "image"}
_NEAR_TEXTS = {"file", "signaturepad", "comment", "text"}
_NONE = {"zh": "无", "en": "None"}
_TYPED_CELLS = {"text", "comment", "expression", "slider", "file", "signaturepad"}
"""Cells of a table that offer none of its choices."""
_SLIDER = (Decimal(0), Decimal(100))
"""The ends of a slider that names none."""


def read(content: bytes) -> Questionnaire:
    """The questionnaire of a definition. Raises NotReadable."""
    made = Questionnaire("SurveyJS")
    data = load(content, made)
    if not isinstance(data, dict) or not any(
        isinstance(data.get(name), list) for name in ("pages", *_INSIDE)
    ):
        raise NotReadable("foreign-not-surveyjs")
    _Reader(made).root(Element(data, ""))
    return made


class _Reader(Parts):
    """Reads the pages, and each element by its kind."""

    def root(self, root: Element) -> None:
        made = self.made
        made.ignores_case = True
        made.labels = self.text(root, "title")
        made.hints = self.text(root, "description")
        for at, page in enumerate(list_of(root.get("pages"))):
            place = f"pages[{at}]"
            if isinstance(page, dict):
                made.parts.append(self.group(Element(page, place), f"page{at + 1}", 0))
            else:
                self.odd(place, page)
        for name in _INSIDE:
            made.parts += self.inside(root, name, "", 0)
        self.language(root)
        self.copies()
        root.taken.add("$schema")
        if root.data.get("clearInvisibleValues") == "onHidden":  # so it is in a bank
            root.taken.add("clearInvisibleValues")
        for name, value in root.left():
            made.losses.setting(name, name, value)

    def language(self, root: Element) -> None:
        """What the texts without a tag are in, unless others are tagged with that language."""
        locale = root.data.get("locale")
        if isinstance(locale, str) and not says(root.data, tag_of(locale)):
            self.made.language = tag_of(root.get("locale"))

    # ------------------------------------------------------------------ groups

    def group(self, data: Element, otherwise: str, depth: int) -> Group:
        code = value_of(data.get("name") or otherwise)
        data.get("type")
        group = Group(
            code,
            data.place,
            self.text(data, "title"),
            self.text(data, "description"),
            relevant=data.text("visibleIf"),
        )
        for name in _ELEMENTS:
            group.parts += self.inside(data, name, f"{data.place}.", depth + 1)
        data.tell(self.made.losses, code)
        return group

    def inside(self, data: Element, name: str, before: str, depth: int) -> Iterator[Item | Group]:
        if not isinstance(data.data.get(name), list):
            return
        for at, element in enumerate(data.get(name)):
            place = f"{before}{name}[{at}]"
            if not isinstance(element, dict):
                self.odd(place, element)
            elif depth > DEEPEST:
                texts = within("", element)
                self.made.losses.add("loss-too-deep", place, texts, most=DEEPEST)
            else:
                yield from self.element(Element(element, place), depth)

    def element(self, data: Element, depth: int) -> Iterator[Item | Group]:
        kind = value_of(data.get("type") or "text").lower()
        name = value_of(data.get("name") or f"question-{self.count + 1}")
        losses = self.made.losses
        if kind in {"panel", "flowpanel"}:
            yield self.group(data, name, depth)
            return
        if kind == "paneldynamic":
            losses.add("loss-repeat", data.place, group=quoted(name))
            group = self.group(data, name, depth)
            _say_the_whole(group, "{panel.", "{")
            yield group
            return
        if kind not in _KINDS and any(data.data.get(inner) for inner in _ELEMENTS):
            losses.add("loss-kind-unknown", data.place, **_facts(data, name), became="panel")
            yield self.group(data, name, depth)
            return
        self.count += 1
        if self.count > MOST_ITEMS:
            losses.add("loss-rows-cut", data.place, data.rest(), most=MOST_ITEMS)
            return
        if not data.has("name"):
            losses.add("loss-no-code", data.place, code=name)
        yield from _KINDS.get(kind, _Reader.unknown)(self, data, name)
        data.tell(losses, name)

    # --------------------------------------------------------------- questions

    def item(self, data: Element, name: str, ask: Ask) -> Item:
        return Item(
            name,
            ask,
            data.place,
            self.text(data, "title") or {"": name},
            self.text(data, "description"),
            required=data.true("isRequired"),
            relevant=data.text("visibleIf"),
        )

    def changed(self, item: Item, data: Element) -> None:
        facts = _facts(data, item.code)
        self.made.losses.add("loss-kind", item.place, **facts, became=item.ask.value)

    def plain(self, data: Element, name: str) -> Iterator[Item]:
        """A field to fill in: a number, or a text with its limits."""
        kind = value_of(data.data.get("inputType") or "text")
        validators = self.validators(data)
        numeric = any(each.data.get("type") in {"numeric", "number"} for each in validators)
        is_number = kind in {"number", "range"} or numeric
        item = self.item(data, name, Ask.NUMBER if is_number else Ask.TEXT)
        if kind in {"number", "range", "text", "search"}:
            data.get("inputType")
        if is_number:
            self.number(item, data)
        item.longest = length_of(data)
        for validator in validators:
            self.validator(item, validator)
        if value_of(data.get("type")) in {"file", "signaturepad"}:
            self.changed(item, data)
        yield item

    def number(self, item: Item, data: Element) -> None:
        step = data.number("step")
        item.decimals = 2
        if step is not None and step > 0:
            item.decimals = max(0, min(6, -int(step.normalize().as_tuple().exponent)))
            if step != Decimal(1).scaleb(-item.decimals):
                self.made.losses.feature(item.place, item.code, "step", f"{step:f}")
        item.minimum, item.maximum = data.number("min"), data.number("max")

    def selected(self, data: Element, name: str) -> Iterator[Item]:
        """One or several of the choices, with "other" and "none" as choices of their own."""
        kind = value_of(data.get("type"))
        is_many = kind in _MANY or (kind in _PICTURES and data.true("multiSelect"))
        is_many = is_many or (kind == _MAP and not data.has("multiSelect"))
        item = self.item(data, name, Ask.MANY if is_many else Ask.ONE)
        item.choices = self.choices(data, "choices", name) + self.numbered(data)
        if kind == _MAP:
            item.choices += self.choices(data, "areas", name)
        self.choices_of[name] = [*item.choices]
        self.from_elsewhere(item, data)
        if data.true("hasNone") or data.true("showNoneItem"):
            item.choices.append(Choice("none", self.text(data, "noneText") or {**_NONE}))
            item.none = "none"
        has_other = data.true("hasOther") or data.true("showOtherItem")
        if has_other:
            item.choices.append(Choice("other", self.text(data, "otherText") or {**OTHER}))
        if kind in {"ranking", _MAP}:
            self.changed(item, data)
        for validator in self.validators(data):
            self.validator(item, validator)
        yield item
        if has_other:
            about = f"{{{name}}} contains 'other'"
            yield Item(f"{name}-Comment", Ask.TEXT, data.place, {**SPECIFY_OTHER}, relevant=about)

    def copies(self) -> None:
        """The choices of another question, where there is one, take the place of the own ones."""
        for item, source, own in self.copied:
            found = self.choices_of.get(source, [])
            if not found or source == item.code:
                continue
            copied = [Choice(each.code, dict(each.labels)) for each in found]
            item.choices = [*copied, *item.choices[len(own) :]]
            self.choices_of[item.code] = copied
            if own:
                codes, texts = ", ".join(each.code for each in own), kept_choices(own)
                self.made.losses.feature(item.place, item.code, "choices", codes, texts)

    def from_elsewhere(self, item: Item, data: Element) -> None:
        source = data.text("choicesFromQuestion")
        if source:
            self.copied.append((item, source, [*item.choices]))
            facts = {"question": quoted(item.code), "list": quoted(source)}
            self.made.losses.add("loss-list-copied", item.place, **facts)
        by_url = data.get("choicesByUrl")
        if by_url:
            said = by_url.get("url", by_url) if isinstance(by_url, dict) else by_url
            facts = {"question": quoted(item.code), "list": quoted(said, longest=200)}
            texts = within("choicesByUrl", by_url) if isinstance(by_url, dict) else ()
            self.made.losses.add("loss-list-missing", item.place, texts, **facts)

    def boolean(self, data: Element, name: str) -> Iterator[Item]:
        item = self.item(data, name, Ask.ONE)
        item.choices = self.yes_no(data)
        yield item

    def rating(self, data: Element, name: str) -> Iterator[Item]:
        item = self.item(data, name, Ask.ONE)
        item.choices = self.rates(data, name)
        self.choices_of[name] = item.choices
        yield item

    def slider(self, data: Element, name: str) -> Iterator[Item]:
        """A number between two ends; with a handle at either end of a range it is no number."""
        is_range = data.data.get("sliderType") == "range"
        item = self.item(data, name, Ask.TEXT if is_range else Ask.NUMBER)
        if not is_range:
            data.get("sliderType")
            self.number(item, data)
            item.decimals = item.decimals if data.has("step") else 0
            item.minimum = _SLIDER[0] if item.minimum is None else item.minimum
            item.maximum = _SLIDER[1] if item.maximum is None else item.maximum
        self.changed(item, data)
        yield item

    def table(self, data: Element, name: str) -> Iterator[Item]:
        item = self.item(data, name, Ask.TABLE)
        item.rows = self.choices(data, "rows", name)
        item.choices = self.choices(data, "columns", name)
        item.required = data.true("isAllRowRequired") or item.required
        yield item

    def columns(self, data: Element, name: str) -> Iterator[Item]:
        """A table with a question in each column: one table, or one question, for each of them."""
        rows = self.choices(data, "rows", name)
        whole = self.item(data, name, Ask.TABLE)
        if not rows:
            self.made.losses.add("loss-repeat", data.place, group=quoted(name))
        else:
            self.made.losses.add("loss-lines-split", data.place, question=quoted(name))
        shared = self.choices(data, "choices", name)
        shared_kind = data.text("cellType")
        is_offered = False
        for at, column in enumerate(list_of(data.data.get("columns"))):
            given = column if isinstance(column, dict) else {"name": value_of(column)}
            inside = Element(given, f"{data.place}.columns[{at}]")
            item = self.column(inside, whole, at, rows)
            kind = inside.text("cellType").replace("default", "") or shared_kind or "dropdown"
            if kind == "boolean":
                item.choices = self.yes_no(inside)
            elif kind == "rating":
                item.choices = self.rates(inside, item.code)
            elif kind not in _TYPED_CELLS:
                own = self.choices(inside, "choices", item.code)
                item.choices = own or [Choice(each.code, dict(each.labels)) for each in shared]
                is_offered = is_offered or not own
            if not rows:
                item.ask = Ask.MANY if kind in {"checkbox", "tagbox"} else Ask.ONE
                if not item.choices:
                    item.ask = Ask.TEXT
            if kind not in {"dropdown", "radiogroup", "boolean"}:
                facts = {
                    "question": quoted(item.code),
                    "kind": f"{value_of(data.get('type'))}/{kind}",
                }
                self.made.losses.add("loss-kind", inside.place, **facts, became=item.ask.value)
            inside.tell(self.made.losses, item.code)
            yield item
        if not list_of(data.data.get("columns")):
            whole.rows = rows
            yield whole
        if shared and not is_offered:
            codes, texts = ", ".join(each.code for each in shared), kept_choices(shared)
            self.made.losses.feature(data.place, name, "choices", codes, texts)
        if isinstance(data.data.get("columns"), list):
            data.get("columns")

    def column(self, data: Element, whole: Item, at: int, rows: list[Choice]) -> Item:
        """One column without its choices: the words and conditions of it and of the whole."""
        name = value_of(data.get("name") or at + 1)
        title = self.text(data, "title") or {"": name}
        item = Item(f"{whole.code}.{name}", Ask.TABLE, data.place, _beside(whole.labels, title))
        item.hints = stacked([whole.hints, self.text(data, "description")])
        item.around, item.relevant = (whole.relevant,), data.text("visibleIf")
        if not rows:
            item.relevant = item.relevant.replace("{row.", f"{{{whole.code}.")
        item.required = data.true("isRequired") or whole.required
        item.rows = [Choice(row.code, dict(row.labels)) for row in rows]
        return item

    def lines(self, data: Element, name: str) -> Iterator[Item]:
        """One question for each line to fill in."""
        whole = self.item(data, name, Ask.TEXT)
        self.made.losses.add("loss-lines-split", data.place, question=quoted(name))
        for at, line in enumerate(list_of(data.data.get("items"))):
            place = f"{data.place}.items[{at}]"
            if not isinstance(line, dict):
                self.odd(place, line)
                continue
            inside = Element(line, place)
            own = value_of(inside.get("name") or at + 1)
            code = f"{name}.{own}"
            for item in self.plain(inside, code):
                title = item.labels if line.get("title") else {"": own}
                item.labels = _beside(whole.labels, title)
                item.hints = stacked([whole.hints, item.hints])
                item.around = (whole.relevant,)
                item.required = item.required or whole.required
                yield item
            inside.tell(self.made.losses, code)
        if not list_of(data.data.get("items")):
            yield whole
        if isinstance(data.data.get("items"), list):
            data.get("items")

    def note(self, data: Element, name: str) -> Iterator[Item]:
        labels, relevant = self.text(data, "html"), data.text("visibleIf")
        yield Item(name, Ask.NOTE, data.place, labels, relevant=relevant)

    def unanswered(self, data: Element, name: str) -> Iterator[Item]:
        said = quoted(data.data.get("expression") or data.data.get("imageLink") or "-", longest=300)
        facts = {**_facts(data, name), "value": said}
        self.made.losses.add("loss-unseen", data.place, data.rest(), **facts)
        yield from ()

    def unknown(self, data: Element, name: str) -> Iterator[Item]:
        """A kind nobody knows: a choice if it has choices, a text if it has none."""
        item = self.item(data, name, Ask.TEXT)
        item.choices = self.choices(data, "choices", name)
        if item.choices:
            item.ask = Ask.ONE
        facts = _facts(data, name)
        self.made.losses.add("loss-kind-unknown", data.place, **facts, became=item.ask.value)
        yield item


def _facts(data: Element, name: str) -> dict[str, str]:
    return {"question": quoted(name), "kind": value_of(data.get("type"))}


def _say_the_whole(group: Group, inner: str, whole: str) -> None:
    """What conditions inside a repeated panel call their neighbours, as everybody calls them."""
    for part in group.parts:
        part.relevant = part.relevant.replace(inner, whole)
        if isinstance(part, Group):
            _say_the_whole(part, inner, whole)
        else:
            part.around = tuple(text.replace(inner, whole) for text in part.around)


def _beside(whole: Labels, part: Labels) -> Labels:
    """The words of a question and of one of its lines, language by language."""
    both = {}
    for tag in dict.fromkeys((*whole, *part)):
        words = [labels.get(tag) or labels.get("", "") for labels in (whole, part)]
        both[tag] = " · ".join(word for word in words if word)
    return both


_Make = Callable[[_Reader, Element, str], Iterator[Item]]
_KINDS: Mapping[str, _Make] = {
    **dict.fromkeys((*_NEAR_TEXTS,), _Reader.plain),
    **dict.fromkeys((*_ONE, *_MANY, _MAP), _Reader.selected),
    **dict.fromkeys((*_UNANSWERED,), _Reader.unanswered),
    "boolean": _Reader.boolean,
    "rating": _Reader.rating,
    "slider": _Reader.slider,
    "matrix": _Reader.table,
    "matrixdropdown": _Reader.columns,
    "matrixdynamic": _Reader.columns,
    "multipletext": _Reader.lines,
    "html": _Reader.note,
}
