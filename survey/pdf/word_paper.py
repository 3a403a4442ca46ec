"""A Word document piece by piece: real styles, a language for every run. Sole python-docx importer.

The same pieces give the same bytes: all dates are the report's.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_PARAGRAPH_ALIGNMENT, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import nsmap, qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

from survey.core.answers import UNPRINTABLE
from survey.core.packed import repacked
from survey.core.parts import Typed
from survey.core.text import Locale, Text
from survey.pdf import word_chart
from survey.pdf.look import Logo, palette

LATIN, HAN = "Calibri", "Microsoft YaHei"
GREY = "5A6A70"
SECOND, CODE, STRONG, FLAG = "SecondLanguage", "QuestionCode", "Strong", "Flag"
PLAIN = "DefaultParagraphFont"
"""Character styles."""

NARROW = 6
"""A column of less than this share of the width has hardly any margins."""

_CHART = (Cm(14), Cm(9))
_WIDTH = Cm(21 - 2.2 - 2.2)
_PREFIXED = re.compile("[a-z]+:")
_NS = "{http://www.w3.org/XML/1998/namespace}space"

Run = BaseOxmlElement
Line = Sequence[Run]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; `share` is its part of the width, in per cent."""

    title: Text | str
    share: float
    right: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """Lines of runs; `fill` is a colour, `style` the lines' paragraph style."""

    lines: Sequence[Line]
    fill: str = ""
    style: str = "TableText"


@dataclass(frozen=True, slots=True)
class Row:
    """One row; a `strong` one stands for the rows below it."""

    cells: Sequence[Cell]
    strong: bool = False


class Paper:
    """A document that grows from the first page to the last."""

    def __init__(self, locales: Sequence[Locale], accent: str, issued_on: date) -> None:
        self.locales = locales
        self.shades = palette(accent)
        self._issued_on = issued_on
        self._document = docx.Document()
        self._contents: BaseOxmlElement | None = None
        self._chapters: list[tuple[str, str, Locale]] = []
        self._document.settings.element.append(_element("w:updateFields", {"w:val": "true"}))
        _set_page(self._document)
        _set_styles(self._document, self.shades.accent, self.shades.pale, locales[0])

    # ------------------------------------------------------------ inside a line

    def words(self, text: Text, style: str = "") -> list[Run]:
        """A text in every language, one behind the other."""
        runs = []
        for at, locale in enumerate(self.locales):
            if at:
                runs.append(run(" ", locale))
            runs.append(run(text.in_(locale), locale, style or (SECOND if at else "")))
        return runs

    def plain_words(self, text: Text) -> list[Run]:
        """The same in the colour of their paragraph."""
        return self.words(text, PLAIN)

    def plain(self, words: str, style: str = "") -> list[Run]:
        """Figures and codes, which have no language of their own."""
        return [run(words, self.locales[0], style)] if words else []

    def typed(self, words: Typed) -> list[Run]:
        """What a firm typed, in the language it is written in."""
        locale = Locale.ZH if words.html_lang == Locale.ZH.html_lang else Locale.EN
        return [run(words, locale)]

    def lines(self, text: Text) -> list[Line]:
        """A text with a line for each language."""
        return [
            [run(text.in_(locale), locale, SECOND if at else "")]
            for at, locale in enumerate(self.locales)
        ]

    # ------------------------------------------------------------------- blocks

    def chapter(self, number: str, title: Text) -> None:
        """The head of a chapter, which the contents list."""
        mark = f"_Toc{len(self._chapters) + 1:06d}"
        words = " ".join(title.in_(locale) for locale in self.locales)
        self._chapters.append((mark, f"{number}\u2003{words}", self.locales[0]))
        runs = [*self.plain(f"{number}\u2003"), *self.words(title)]
        self.paragraph("Heading1", _marked(runs, mark))

    def heading(self, level: int, title: Text, code: str = "") -> None:
        runs = [*self.plain(f"{code}\u2003" if code else ""), *self.words(title)]
        self.paragraph(f"Heading{level}", runs)

    def bullet(self, text: Text, code: str = "") -> None:
        """An item of a list, its second language below it."""
        first, *others = self.lines(text)
        self.paragraph("ListBullet", [*self.plain(f"{code} " if code else "", CODE), *first])
        for line in others:
            self.paragraph("ListContinue", line)

    def say(self, text: Text, style: str = "BodyText") -> None:
        """A paragraph for each language."""
        for line in self.lines(text):
            self.paragraph(style, line)

    def labelled(self, label: Text, text: Text, style: str = "BodyText") -> None:
        """A paragraph for each language, behind its label."""
        for line in self.labelled_lines(label, text):
            self.paragraph(style, line)

    def labelled_lines(self, label: Text, text: Text) -> list[Line]:
        return [
            [
                run(f"{label.in_(locale)}{colon(locale)}", locale, STRONG),
                run(text.in_(locale), locale, SECOND if at else ""),
            ]
            for at, locale in enumerate(self.locales)
        ]

    def link(self, address: str) -> None:
        """An address that leads to itself."""
        number = self._document.part.relate_to(
            address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True
        )
        shown = run(address, Locale.EN)
        inner = _element("w:hyperlink", {"r:id": number, "w:history": "1"}, shown)
        self._append(_paragraph("BodyText", [inner]))

    def paragraph(self, style: str, runs: Iterable[Run]) -> None:
        self._append(_paragraph(style, runs))

    def table(
        self, columns: Sequence[Column], rows: Sequence[Row], *, headless: bool = False
    ) -> None:
        """A table that repeats its head on every page and tears no row apart."""
        widths = [int(_WIDTH.twips * column.share / 100) for column in columns]
        table = _element("w:tbl", {}, _table_properties(headless=headless), _grid(widths))
        if not headless:
            heads = [self._head(column) for column in columns]
            table.append(_row(columns, widths, Row(heads), head=True))
        for row in rows:
            table.append(_row(columns, widths, row, head=False))
        self._append(table)
        self._append(_paragraph("AfterTable", []))

    def _head(self, column: Column) -> Cell:
        if isinstance(column.title, str):
            return Cell([self.plain(column.title)])
        return Cell([[run(column.title.in_(locale), locale)] for locale in self.locales])

    def logos(self, logos: Sequence[Logo]) -> None:
        """The logos beside each other, each with its words for those who cannot see it."""
        if not logos:
            return
        paragraph = self._document.add_paragraph(style="Cover Logos")
        for logo in logos:
            picture = paragraph.add_run().add_picture(BytesIO(logo.content), height=Cm(1.6))
            picture._inline.docPr.set("descr", logo.alt)  # noqa: SLF001  # there is no other way in
            paragraph.add_run("\u2003")

    def radar(self, names: Sequence[Text], values: Sequence[Decimal | None], words: Text) -> None:
        """A radar of several values from 0 to 100, with words for those who cannot see it."""
        package = self._document.part.package
        chart = Part(
            PackURI("/word/charts/chart1.xml"),
            word_chart.MEDIA_TYPE,
            word_chart.radar(
                ["\n".join(name.in_(locale) for locale in self.locales) for name in names],
                values,
                colour=self.shades.accent,
                fonts=(LATIN, HAN),
            ),
            package,
        )
        number = self._document.part.relate_to(chart, RELATIONSHIP_TYPE.CHART)
        said = " ".join(words.in_(locale) for locale in self.locales)
        self._append(_paragraph("Figure", [_drawing(number, said)]))

    def contents(self, title: Text) -> None:
        """Where the contents stand; they are filled in when the document is done."""
        self._append(_paragraph("ContentsTitle", self.words(title)))
        self._contents = _paragraph("toc1", [])
        self._append(self._contents)

    def new_page(self) -> None:
        line_break = _element("w:r", {}, _element("w:br", {"w:type": "page"}))
        self._append(_paragraph("AfterTable", [line_break]))

    def running(self, head: Line, foot: Sequence[Line]) -> None:
        """What stands on every page but the first; the last line has the page's number."""
        section = self._document.sections[0]
        section.different_first_page_header_footer = True
        *lines, last = foot
        lines = [*lines, [*last, *_page_of_pages(self.locales[0])]]
        for part, runs, style in (
            (section.header, [head], "Header"),
            (section.footer, lines, "Footer"),
        ):
            first = part.paragraphs[0]._p  # noqa: SLF001  # as above
            for line in runs:
                first.addprevious(_paragraph(style, line))
            first.getparent().remove(first)

    def content(self, *, title: str, subject: str, author: str, number: str) -> bytes:
        """The finished file."""
        if self._contents is not None:
            _fill_contents(self._contents, self._chapters)
        properties = self._document.core_properties
        day = datetime(
            self._issued_on.year, self._issued_on.month, self._issued_on.day, tzinfo=UTC
        ).replace(tzinfo=None)
        properties.title, properties.subject, properties.author = title, subject, author
        properties.identifier = number
        properties.language = self.locales[0].html_lang
        properties.last_modified_by, properties.comments, properties.keywords = author, "", ""
        properties.created = properties.modified = day
        properties.revision = 1
        made = BytesIO()
        self._document.save(made)
        return repacked(made.getvalue(), self._issued_on)

    def _append(self, block: BaseOxmlElement) -> None:
        body = self._document.element.body
        body.insert(len(body) - 1, block)  # the last one is the section's own


# --------------------------------------------------------------------- elements


def run(words: str, locale: Locale, style: str = "") -> Run:
    """Words in one language. The hint sets shared marks such as “ in the language's own font."""
    properties = _element("w:rPr", {})
    if style:
        properties.append(_element("w:rStyle", {"w:val": style}))
    if locale is Locale.ZH:
        properties.append(_element("w:rFonts", {"w:hint": "eastAsia"}))
    lang = "zh-CN" if locale is Locale.ZH else "en-US"
    properties.append(_element("w:lang", {"w:val": lang, "w:eastAsia": "zh-CN"}))
    made = _element("w:r", {}, properties)
    for at, line in enumerate(UNPRINTABLE.sub("", words).split("\n")):
        if at:
            made.append(_element("w:br", {}))
        said = _element("w:t", {_NS: "preserve"})
        said.text = line
        made.append(said)
    return made


def _element(tag: str, attributes: dict[str, str], *inner: BaseOxmlElement) -> BaseOxmlElement:
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(name) if _PREFIXED.match(name) else name, value)
    for part in inner:
        made.append(part)
    return made


def _drawing(number: str, words: str) -> Run:
    """A run with the chart of this relationship; `words` are for those who cannot see it."""
    size = {"cx": str(_CHART[0]), "cy": str(_CHART[1])}
    chart = _element("c:chart", {"r:id": number})
    data = _element("a:graphicData", {"uri": nsmap["c"]}, chart)
    inline = _element(
        "wp:inline", {"distT": "0", "distB": "0", "distL": "0", "distR": "0"},
        _element("wp:extent", size),
        _element("wp:docPr", {"id": "900", "name": "Radar", "descr": words}),
        _element("wp:cNvGraphicFramePr", {}),
        _element("a:graphic", {}, data),
    )  # fmt: skip
    return _element("w:r", {}, _element("w:drawing", {}, inline))


def _paragraph(style: str, runs: Iterable[Run]) -> BaseOxmlElement:
    properties = _element("w:pPr", {}, _element("w:pStyle", {"w:val": style}))
    return _element("w:p", {}, properties, *runs)


def colon(locale: Locale) -> str:
    return "：" if locale is Locale.ZH else ": "


def _marked(runs: Iterable[Run], mark: str) -> list[Run]:
    number = mark.removeprefix("_Toc").lstrip("0")
    return [
        _element("w:bookmarkStart", {"w:id": number, "w:name": mark}),
        *runs,
        _element("w:bookmarkEnd", {"w:id": number}),
    ]


# ----------------------------------------------------------------------- tables


def _table_properties(*, headless: bool) -> BaseOxmlElement:
    look = {
        "w:val": "0400" if headless else "0420", "w:firstRow": "0" if headless else "1",
        "w:lastRow": "0", "w:firstColumn": "0", "w:lastColumn": "0", "w:noHBand": "1",
        "w:noVBand": "1",
    }  # fmt: skip
    return _element(
        "w:tblPr",
        {},
        _element("w:tblStyle", {"w:val": "ReportTable"}),
        _element("w:tblW", {"w:w": str(_WIDTH.twips), "w:type": "dxa"}),
        _element("w:tblLayout", {"w:type": "fixed"}),
        _element("w:tblLook", look),
    )


def _grid(widths: Sequence[int]) -> BaseOxmlElement:
    return _element("w:tblGrid", {}, *(_element("w:gridCol", {"w:w": str(w)}) for w in widths))


def _row(
    columns: Sequence[Column], widths: Sequence[int], row: Row, *, head: bool
) -> BaseOxmlElement:
    properties = _element("w:trPr", {}, _element("w:cantSplit", {}))
    if head:
        properties.append(_element("w:tblHeader", {}))
    made = _element("w:tr", {}, properties)
    for column, width, cell in zip(columns, widths, row.cells, strict=True):
        inside = _element("w:tcPr", {}, _element("w:tcW", {"w:w": str(width), "w:type": "dxa"}))
        if cell.fill:
            fill = {"w:val": "clear", "w:color": "auto", "w:fill": cell.fill.lstrip("#")}
            inside.append(_element("w:shd", fill))
        if column.share < NARROW:
            margin = {"w:w": "20", "w:type": "dxa"}
            sides = (_element(f"w:{side}", margin) for side in ("left", "right"))
            inside.append(_element("w:tcMar", {}, *sides))
        style = "TableHead" if head else "TableStrong" if row.strong else cell.style
        lines = [_paragraph(style, line) for line in cell.lines or [[]]]
        for line in lines:
            if column.right:
                line[0].append(_element("w:jc", {"w:val": "right"}))
        made.append(_element("w:tc", {}, inside, *lines))
    return made


# ----------------------------------------------------------------------- fields


def _field(code: str, shown: str, locale: Locale) -> list[Run]:
    def mark(kind: str) -> Run:
        inner = _element("w:fldChar", {"w:fldCharType": kind})
        if kind == "begin":
            inner.set(qn("w:dirty"), "true")
        return _element("w:r", {}, inner)

    told = _element("w:instrText", {_NS: "preserve"})
    told.text = f" {code} "
    return [
        mark("begin"),
        _element("w:r", {}, told),
        mark("separate"),
        run(shown, locale),
        mark("end"),
    ]


def _page_of_pages(locale: Locale) -> list[Run]:
    tab = _element("w:r", {}, _element("w:tab", {}))
    return [tab, *_field("PAGE", "1", locale), run(" / ", locale), *_field("NUMPAGES", "1", locale)]


def _fill_contents(place: BaseOxmlElement, chapters: Sequence[tuple[str, str, Locale]]) -> None:
    """The contents as a field that Word renews; until then it names the chapters, and leads there.

    Which page a chapter begins on only Word can tell.
    """
    entries = [_paragraph("toc1", [_entry(*chapter)]) for chapter in chapters]
    begin, code, separate, _, end = _field('TOC \\o "1-1" \\h \\z \\u', "", Locale.EN)
    for part in (separate, code, begin):
        entries[0].insert(1, part)
    entries[-1].append(end)
    for entry in entries:
        place.addprevious(entry)
    place.getparent().remove(place)


def _entry(mark: str, words: str, locale: Locale) -> BaseOxmlElement:
    return _element("w:hyperlink", {"w:anchor": mark, "w:history": "1"}, run(words, locale))


# ----------------------------------------------------------------------- styles


def _set_page(document: Document) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    section.top_margin, section.bottom_margin = Cm(2.2), Cm(2)
    section.header_distance = section.footer_distance = Cm(1)


def _set_styles(document: Document, accent: str, pale: str, locale: Locale) -> None:
    """The styles that a consultant can change at one place."""
    normal = document.styles["Normal"]
    _set_font(normal, 10)
    language = "zh-CN" if locale is Locale.ZH else "en-US"
    normal.element.get_or_add_rPr().append(
        _element("w:lang", {"w:val": language, "w:eastAsia": "zh-CN"})
    )
    for name, size, colour, before, after in _PARAGRAPHS:
        chosen = accent if colour == "accent" else colour
        _set_paragraph(document, accent, name, size, chosen, before, after)
    _set_characters(document, accent)
    document.styles.element.append(_table_style(accent, pale))


# name, size, colour, space before and after
_PARAGRAPHS = (
    ("Heading 1", 18, "accent", 22, 8),
    ("Heading 2", 13, "accent", 14, 4),
    ("Heading 3", 11, "accent", 10, 3),
    ("Body Text", 10, "", 0, 5),
    ("Lead", 11.5, "", 0, 6),
    ("Hint", 9, GREY, 0, 4),
    ("List Bullet", 10, "", 0, 3),
    ("List Bullet 2", 9.5, "", 0, 2),
    ("List Continue", 10, "", 0, 3),
    ("Item Name", 10, "", 4, 1),
    ("Front Title", 13, "accent", 10, 4),
    ("Caption", 9, GREY, 8, 3),
    ("Figure", 10, "", 4, 6),
    ("Table Text", 9, "", 1, 1),
    ("Table Head", 9, "accent", 2, 2),
    ("Table Strong", 9, "", 2, 2),
    ("After Table", 4, "", 0, 4),
    ("Header", 8.5, GREY, 0, 0),
    ("Footer", 7.5, GREY, 0, 0),
    ("toc 1", 10.5, "", 2, 1),
    ("Contents Title", 18, "accent", 0, 12),
    ("Cover Product", 12, "FFFFFF", 0, 0),
    ("Title", 27, "FFFFFF", 0, 0),
    ("Subtitle", 13, "FFFFFF", 0, 0),
    ("Cover Logos", 10, "", 24, 0),
    ("Cover Firm", 20, "accent", 40, 18),
    ("Cover Figure", 24, "accent", 0, 2),
    ("Cover Words", 12, "", 4, 4),
)


def _set_paragraph(
    document: Document,
    accent: str,
    name: str,
    size: float,
    colour: str,
    before: float,
    after: float,
) -> None:
    styles = document.styles
    names = {style.name for style in styles}
    style = styles[name] if name in names else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    assert isinstance(style, ParagraphStyle)
    _set_font(style, size)
    if colour:
        style.font.color.rgb = RGBColor.from_string(colour.lstrip("#").upper())
    style.font.italic = False
    style.font.bold = name.startswith(
        ("Heading", "Table Head", "Table Strong", "Title", "Cover F", "Item", "Front")
    )
    layout = style.paragraph_format
    layout.space_before, layout.space_after = Pt(before), Pt(after)
    layout.line_spacing = 1.0 if name.startswith("Table") else 1.15
    layout.keep_with_next = name.startswith(("Heading", "Caption", "Table Head", "Item", "Front"))
    layout.widow_control = True
    if name.startswith(("toc", "Header", "Footer")):
        for stop in list(layout.tab_stops):
            del stop
        dots = WD_TAB_LEADER.DOTS if name.startswith("toc") else WD_TAB_LEADER.SPACES
        layout.tab_stops.add_tab_stop(_WIDTH, WD_TAB_ALIGNMENT.RIGHT, dots)
    if name == "Figure":
        layout.alignment = WD_PARAGRAPH_ALIGNMENT.CENTER
    if name in {"Cover Product", "Title", "Subtitle"}:
        _set_band(style, accent)


def _set_band(style: ParagraphStyle, accent: str) -> None:
    """White words on the accent, as a band from one style to the next."""
    properties = style.element.get_or_add_pPr()
    for old in properties.findall(qn("w:pBdr")):
        properties.remove(old)
    colour = accent.lstrip("#")
    line = {"w:val": "single", "w:sz": "96", "w:space": "0", "w:color": colour}
    sides = (_element(f"w:{side}", line) for side in ("top", "left", "bottom", "right"))
    fill = _element("w:shd", {"w:val": "clear", "w:color": "auto", "w:fill": colour})
    properties.insert_element_before(
        _element("w:pBdr", {}, *sides), "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc"
    )
    properties.insert_element_before(fill, "w:tabs", "w:spacing", "w:ind", "w:jc")


def _set_font(style: ParagraphStyle, size: float) -> None:
    style.font.size = Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for name, family in (("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", HAN)):
        fonts.set(qn(f"w:{name}"), family)


def _set_characters(document: Document, accent: str) -> None:
    for name, colour, bold in (
        ("Second Language", GREY, None), ("Question Code", accent, True), ("Flag", accent, True),
    ):  # fmt: skip
        style = document.styles.add_style(name, WD_STYLE_TYPE.CHARACTER)
        style.font.color.rgb = RGBColor.from_string(colour.lstrip("#").upper())
        style.font.bold = bold


def _table_style(accent: str, pale: str) -> BaseOxmlElement:
    line = {"w:val": "single", "w:sz": "4", "w:space": "0", "w:color": "C9D3D6"}
    borders = (_element(f"w:{side}", line) for side in ("top", "bottom", "insideH"))
    margins = (
        _element(f"w:{side}", {"w:w": width, "w:type": "dxa"})
        for side, width in (("top", "30"), ("left", "80"), ("bottom", "30"), ("right", "80"))
    )
    fill = {"w:val": "clear", "w:color": "auto", "w:fill": pale.lstrip("#")}
    under = {"w:val": "single", "w:sz": "8", "w:space": "0", "w:color": accent.lstrip("#")}
    first = _element(
        "w:tblStylePr", {"w:type": "firstRow"},
        _element(
            "w:tcPr", {}, _element("w:tcBorders", {}, _element("w:bottom", under)),
            _element("w:shd", fill), _element("w:vAlign", {"w:val": "bottom"}),
        ),
    )  # fmt: skip
    return _element(
        "w:style",
        {"w:type": "table", "w:customStyle": "1", "w:styleId": "ReportTable"},
        _element("w:name", {"w:val": "Report Table"}),
        _element("w:basedOn", {"w:val": "TableNormal"}),
        _element("w:uiPriority", {"w:val": "59"}),
        _element("w:qFormat", {}),
        _element(
            "w:tblPr", {}, _element("w:tblBorders", {}, *borders),
            _element("w:tblCellMar", {}, *margins),
        ),
        first,
    )  # fmt: skip
