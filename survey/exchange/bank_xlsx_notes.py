"""The sheet of a question bank's workbook that says in both languages how it is filled in."""

from survey.core.bank import Kind
from survey.core.text import Text
from survey.exchange import bank_xlsx_sheets as sheets
from survey.exchange import xlsx
from survey.exchange.bank_xlsx_sheets import LISTS, NOTES, OFFERED, Column
from survey.exchange.xlsx import Cell, Look, Sheet

_HOW = (
    Text(
        zh="本工作簿就是一份题库：survey是题目，choices是选项，settings是标识和版本，bank是总体设置，"
        "其余各表见下。它同时是有效的XLSForm，多出的列和表其他程序会略过。",
        en="This workbook is one question bank: survey has the questions, choices their options, "
        "settings the key and version, bank what concerns the whole; the other sheets are listed "
        "below. It is a valid XLSForm at the same time; other programs skip the extra columns and "
        "sheets.",
    ),
    Text(
        zh="下载来填写的工作簿里有一份小示例，标识是example-bank。请从第二行起把各表换成自己的内容，用不到的行整行删除；"
        "settings的form_id写自己的标识，bank表里保留每个field，只改它右边的值。",
        en="The workbook that is offered to fill in holds a small example with the key "
        "example-bank. Replace it by your own from the second row of every sheet on, and delete "
        "rows that you do not need. Write your own key in form_id on settings; on bank keep every "
        "field and change what stands beside it.",
    ),
    Text(
        zh="第一行是列名，请不要改动。行可以增删、移动；空行会略过。请不要合并单元格。",
        en="The first row has the names of the columns; please leave it as it is. Rows may be "
        "added, removed and moved; empty rows are skipped. Please merge no cells.",
    ),
    Text(
        zh="每段文字都有中文列和英文列。草稿可以缺一种语言，发布前必须补齐。",
        en="Every text has a column for Chinese and one for English. A draft may lack one of them; "
        "publishing needs both.",
    ),
    Text(
        zh="能选的请从下拉列表里选。数字只写数值，不带单位、百分号和千位分隔符。",
        en="Choose from the lists where there are any. Write figures without unit, per-cent sign "
        "and separators of thousands.",
    ),
    Text(
        zh="公式不会被计算，含公式的单元格不予导入；请写出结果。以“=”“+”“-”“@”开头的文字按文字保存。",
        en="Formulas are never calculated, and a cell with one is refused: write its result. Text "
        "that begins with = + - @ is kept as text.",
    ),
    Text(
        zh="survey里先写page_profile（企业概况），再写各板块（section_…），板块里是领域（domain_…），"
        "领域里是题目，最后可以写page_outcomes（成效指标）；每一层以begin group开头、"
        "end group结尾。",
        en="survey begins with page_profile (facts about the firm), then the sections (section_…), "
        "in them domains (domain_…), in them questions, and at the end page_outcomes (key "
        "figures) if there are any. Each of them begins with begin group and ends with end group.",
    ),
    Text(
        zh="矩阵题、要求题和是非题也以begin group开头：题目写在这一行，各行写在下面（row_…），"
        "类型写作“select_one 选项表”（是非题写作“select_one yes_no”）。比率题下面两行是"
        "part_numerator和part_denominator。",
        en="Questions of kind matrix, requirements and yes-no begin with begin group too: the "
        "question stands in that row, its rows below it (row_…), of type select_one LIST "
        "(select_one yes_no for yes-no). The two rows of a ratio are part_numerator and "
        "part_denominator.",
    ),
    Text(
        zh="上传后先列出全部问题和改动，确认之前草稿不变。有看不懂的单元格时，不导入任何内容。",
        en="After uploading, all problems and all changes are listed first; the draft stays as it "
        "is until you confirm. If any cell is not understood, nothing is imported.",
    ),
    Text(
        zh="隐藏的rest表存放各列写不下的内容，请保留。",
        en="The hidden sheet rest keeps what no column has room for; please leave it.",
    ),
)
_KINDS = {
    Kind.CHOICE: Text(zh="单选，不计分：select_one", en="one of several facts: select_one"),
    Kind.LADDER: Text(zh="阶梯，从低到高：select_one", en="a ladder, lowest first: select_one"),
    Kind.MULTIPLE: Text(zh="多选：select_multiple", en="several boxes: select_multiple"),
    Kind.NUMBER: Text(zh="数字：decimal或integer", en="a number: decimal or integer"),
    Kind.RATIO: Text(zh="比率：begin group", en="a ratio: begin group"),
    Kind.MATRIX: Text(zh="矩阵：begin group", en="a matrix: begin group"),
    Kind.YES_NO: Text(zh="是非：begin group", en="statements, yes or no: begin group"),
    Kind.TEXT: Text(zh="文字：text", en="free text: text"),
    Kind.BENCHMARK: Text(zh="对标值：begin group", en="a figure beside a benchmark: begin group"),
    Kind.REQUIREMENTS: Text(zh="分级要求：begin group", en="requirements in levels: begin group"),
}

LIST_TITLES = {
    name: f"{LISTS}!${xlsx.letter(at)}$2:${xlsx.letter(at)}${len(values) + 1}"
    for at, (name, values) in enumerate(OFFERED.items(), start=1)
}
"""Where each list stands that is offered in a column."""


def notes_sheet() -> Sheet:
    rows = [_line("", "", Text(zh="怎样填写", en="How to fill it in"), Look.HEAD)]
    rows += [_line(str(number), "", text, Look.BODY) for number, text in enumerate(_HOW, start=1)]
    rows.append(_line("kind", "", Text(zh="题型和类型", en="Kinds and types"), Look.BAND))
    rows += [_line("", kind, text, Look.BODY) for kind, text in _KINDS.items()]
    for title, columns in _sheets():
        rows.append(_line(title, "", Text(zh="列的含义", en="What the columns are"), Look.BAND))
        rows += [_line("", column.name, column.about, Look.BODY) for column in columns]
    return Sheet(NOTES, (20, 30, 70, 70), rows, is_tall=True)


def _sheets() -> list[tuple[str, tuple[Column, ...]]]:
    return [
        (sheets.SURVEY, sheets.SURVEY_COLUMNS),
        (sheets.CHOICES, sheets.CHOICE_COLUMNS),
        (sheets.SETTINGS, sheets.SETTING_COLUMNS),
        (sheets.GENERAL, sheets.FACTS),
        *((parts.title, parts.layout) for parts in sheets.ORDER),
    ]


def _line(first: str, second: str, text: Text, look: Look) -> list[Cell]:
    return [Cell(each or None, look) for each in (first, second, text.zh, text.en)]


def lists_sheet() -> Sheet:
    """What is offered in the columns, on a sheet of its own: a list in a cell is too short."""
    columns = list(OFFERED.values())
    rows = [[Cell(name, Look.HEAD) for name in OFFERED]]
    rows += [
        [Cell(values[number] if number < len(values) else None) for values in columns]
        for number in range(max(map(len, columns)))
    ]
    return Sheet(LISTS, [18] * len(columns), rows, hidden=True)
