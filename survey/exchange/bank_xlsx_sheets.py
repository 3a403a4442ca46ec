"""The sheets and columns of a question bank's workbook: what each holds, and what it is for.

The workbook is an XLSForm (survey, choices, settings) with more columns and sheets beside. Writer
and reader go by these tables alone, and so does the sheet of notes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from survey.core.bank import (
    Better,
    Credit,
    Effort,
    EvidenceGrade,
    Kind,
    Method,
    NaPolicy,
    NotApplicable,
    RequirementRule,
    Theme,
)
from survey.core.text import Text

LANGUAGES: Mapping[str, str] = {"zh": "中文 (zh)", "en": "English (en)"}
"""How the columns of a language are called, as XLSForms call them."""

SURVEY, CHOICES, SETTINGS, GENERAL = "survey", "choices", "settings", "bank"
NOTES, LISTS, REST = "notes", "lists", "rest"

YES, NO = "yes", "no"


class Fill(StrEnum):
    """What a cell holds. A text has a column for each language."""

    TEXT = "text"
    WORD = "word"
    KEY = "key"
    KEYS = "keys"
    NUMBER = "number"
    WHOLE = "whole"
    WHOLES = "wholes"
    FLAG = "flag"
    CONDITION = "condition"
    LIMITS = "limits"
    FORM = "form"
    """What an XLSForm needs and the bank says elsewhere."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column, or one for each language. `offered` names the list to choose from."""

    name: str
    fill: Fill
    about: Text
    offered: str = ""
    width: int = 12

    @property
    def headers(self) -> tuple[str, ...]:
        if self.fill is Fill.TEXT:
            return tuple(f"{self.name}::{language}" for language in LANGUAGES.values())
        return (self.name,)

    @property
    def path(self) -> tuple[str, ...]:
        """The field that it holds, where nothing else is said."""
        return tuple(self.name.split("."))


def _c(name: str, fill: Fill, zh: str, en: str, offered: str = "", width: int = 0) -> Column:
    usual = 38 if fill is Fill.TEXT else 14
    return Column(name, fill, Text(zh=zh, en=en), offered, width or usual)


# ------------------------------------------------------------------------ survey

FORM_COLUMNS = ("type", "name", "calculation", "appearance")
"""Columns of the survey that say what a row is, or that are worked out by the export."""

SURVEY_COLUMNS: tuple[Column, ...] = (
    _c(
        "type", Fill.FORM,
        "行的类型：begin group、end group、select_one 选项表、select_multiple 选项表、decimal、"
        "integer、text。板块、领域和多行题以begin group开头、end group结尾。",
        "What the row is: begin group, end group, select_one LIST, select_multiple LIST, decimal, "
        "integer, text. Sections, domains and questions of several rows begin with begin group "
        "and end with end group.",
        "types", 28,
    ),
    _c(
        "name", Fill.FORM,
        "标识，发布后不能再改：小写字母、数字和连字符。板块写section_标识，领域写domain_标识，"
        "题目直接写标识（以数字开头的前面加下划线），题目里的行写row_标识。",
        "The key, for ever: lower-case letters, digits, hyphens. section_KEY for a section, "
        "domain_KEY for a domain, the key itself for a question (with _ before a digit), row_KEY "
        "for a row inside a question.",
        width=28,
    ),
    _c("kind", Fill.KEY, "题型。", "The kind of question.", "kinds"),
    _c("code", Fill.WORD, "编号，例如A或A1。", "The code, such as A or A1.", width=8),
    _c(
        "label", Fill.TEXT,
        "题目的问法；板块和领域的标题；行的文字。",
        "The question; the title of a section or domain; the words of a row.",
        width=46,
    ),
    _c(
        "hint", Fill.TEXT,
        "题目的说明；板块的简介。", "Help for a question; the summary of a section.", width=46,
    ),
    _c(
        "relevant", Fill.CONDITION,
        "何时出这道题，例如selected(${size-class}, 'small')；数值写${years} >= 3；可用and、or、"
        "not()和括号。只能引用前面的题。",
        "When the question is asked: selected(${size-class}, 'small'), or ${years} >= 3 for a "
        "figure; and, or, not() and parentheses. It looks at questions above it only.",
        width=30,
    ),
    _c(
        "constraint", Fill.LIMITS,
        "答案的范围：. >= 0 and . <= 100；文字题写string-length(.) <= 200或regex(., '…')。",
        "What an answer may be: . >= 0 and . <= 100; for text string-length(.) <= 200 or "
        "regex(., '…').",
        width=24,
    ),
    _c("required", Fill.FLAG, "是否必答。", "Whether it must be answered.", "yes_no_words", 10),
    _c(
        "calculation", Fill.FORM,
        "由导出按choices表的分值生成。导入时不读，与分值不一致的会列出；请改分值。",
        "Worked out by the export from the points on choices. It is not read, and what differs "
        "is listed; change the points instead.",
    ),
    _c(
        "appearance", Fill.FORM,
        "由导出生成，供其他程序使用。导入时不读，改过的会列出。",
        "Written by the export for other programs. It is not read, and what differs is listed.",
    ),
    _c("short", Fill.TEXT, "简称。", "A short name.", width=20),
    _c(
        "weight", Fill.NUMBER,
        "权重。权重因企业而异的，每种情况另设一列，列名写weight [选项标识]。",
        "The weight. Where it depends on the firm, add a column for each case: weight [OPTION].",
        width=10,
    ),
    _c("theme", Fill.KEY, "板块对应的政策方向。", "The policy direction of a section.", "themes"),
    _c(
        "level", Fill.WHOLE,
        "要求所属的等级（requirements题的行）。",
        "The level that a requirement belongs to (rows of a requirements question).",
        width=8,
    ),
    _c(
        "not_applicable", Fill.KEY,
        "能否答“不适用”：never不能，with-reason说明理由后可以。",
        "Whether a firm may say that it does not apply: never, or with-reason.",
        "not_applicable",
    ),
    _c(
        "optional_when", Fill.CONDITION,
        "何时可以不填，写法同relevant。", "When it may be left open; written like relevant.",
        width=24,
    ),
    _c("example", Fill.TEXT, "示例。", "An example."),
    _c("evidence", Fill.TEXT, "依据从哪里找。", "Where the evidence is found."),
    _c("unit", Fill.TEXT, "单位。", "The unit.", width=14),
    _c(
        "denominator_unit", Fill.TEXT,
        "分母的单位，与分子不同时才填。", "The denominator's unit, if it differs.", width=14,
    ),
    _c("decimals", Fill.WHOLE, "小数位数，0到6。", "Decimal places, 0 to 6.", width=10),
    _c("better", Fill.KEY, "高好还是低好。", "Which way the figure should go.", "better"),
    _c(
        "may_exceed", Fill.FLAG,
        "比率能否超过100%。", "Whether a ratio may exceed 100%.", "yes_no_words",
    ),
    _c("scale.base", Fill.NUMBER, "公布的基准值（0分）。", "The published base value (score 0)."),
    _c("scale.lead", Fill.NUMBER, "公布的引领值（100分）。", "The published leading value."),
    _c("scale.source", Fill.KEY, "两个值的出处。", "The source of both.", "sources"),
    _c("likely.low", Fill.NUMBER, "常见范围的下限。", "The low end of the usual range."),
    _c("likely.high", Fill.NUMBER, "常见范围的上限。", "The high end of the usual range."),
    _c(
        "likely_each.low", Fill.NUMBER,
        "比率中每个数常见范围的下限。", "The low end for each figure of a ratio.",
    ),
    _c(
        "likely_each.high", Fill.NUMBER,
        "比率中每个数常见范围的上限。", "The high end for each figure of a ratio.",
    ),
    _c(
        "half_steps", Fill.FLAG,
        "阶梯题能否选“部分达到下一步”。", "Whether half steps of a ladder can be chosen.",
        "yes_no_words",
    ),
    _c("none", Fill.KEY, "“以上都没有”的选项。", "The option that excludes all others."),
    _c("full_at", Fill.WHOLE, "选满几项得满分。", "How many earn the full score.", width=8),
    _c("credit", Fill.KEY, "多选题怎样计分。", "What ticked boxes earn.", "credit"),
    _c("rule", Fill.KEY, "requirements题怎样计分。", "What requirements earn.", "rules"),
    _c("met_at", Fill.NUMBER, "达到百分之几算达标。", "Per cent from which a level is met."),
    _c("urgent_below", Fill.WHOLE, "低于几级的建议列为紧急。", "Advice below it is urgent."),
    _c("source", Fill.WORD, "出处。", "Where the question comes from.", width=24),
    _c(
        "leans_on", Fill.KEYS,
        "依据的来源，多个用空格隔开。", "Keys of sources, with spaces between.", width=24,
    ),
    _c(
        "policy", Fill.KEYS,
        "对应的政策方向，多个用空格隔开。", "Policy directions, with spaces between.", width=24,
    ),
    _c(
        "terms", Fill.KEYS,
        "用到的术语，多个用空格隔开。", "Keys of glossary terms, with spaces between.", width=24,
    ),
)  # fmt: skip

Fields = Mapping[str, tuple[str, ...]]
"""The field of a part that each column holds, for rows of one sort."""


def _own(*names: str, **others: str) -> dict[str, tuple[str, ...]]:
    return {name: tuple(name.split(".")) for name in names} | {
        name: (field,) for name, field in others.items()
    }


PAGE = _own(label="title", hint="summary")
SECTION = PAGE | _own("short", "code", "theme", "weight")
DOMAIN = _own("weight", label="title")
QUESTION = _own(
    *(
        column.name
        for column in SURVEY_COLUMNS
        if column.name not in {*FORM_COLUMNS, "label", "hint", "relevant", "constraint", "theme",
                               "level"}
    ),
    label="prompt",
    hint="help",
    relevant="when",
)  # fmt: skip
STATEMENT = _own("label")
ROW = _own("label", "level")

PROFILE_NAME, OUTCOMES_NAME = "page_profile", "page_outcomes"
OF_SEVERAL_ROWS: Mapping[str, str] = {
    Kind.MATRIX: "rows",
    Kind.REQUIREMENTS: "rows",
    Kind.YES_NO: "statements",
    Kind.RATIO: "",
    Kind.BENCHMARK: "",
}
"""Kinds that are asked in several rows, and the list that these are; none for fixed ones."""

FIGURES: Mapping[str, Mapping[str, Text | None]] = {
    Kind.RATIO: {"numerator": None, "denominator": None},
    Kind.BENCHMARK: {
        "figure": Text(zh="本企业的数值", en="The firm's figure"),
        "base": Text(zh="基准值", en="Base value"),
        "lead": Text(zh="引领值", en="Leading value"),
    },
}
"""The fixed rows of a kind. Those without words of their own have them in the question."""

CHOICE_COLUMNS: tuple[Column, ...] = (
    _c("list_name", Fill.FORM, "选项表的名称，与type列一致。", "The list, as in the type.", "", 28),
    _c("name", Fill.KEY, "选项的标识。", "The option's key.", width=22),
    _c("label", Fill.TEXT, "选项的文字。", "The option's words.", width=50),
    _c("points", Fill.NUMBER, "分值，0为最低。", "Points; 0 is the lowest.", width=10),
)
OPTION = _own("label", "points", name="key")
YES_NO_LIST = "yes_no"
YES_NO_OPTIONS = ((YES, Text(zh="是", en="Yes")), (NO, Text(zh="否", en="No")))
"""The list of every row of a yes-no question: the same in each workbook, and not read."""

SETTING_COLUMNS: tuple[Column, ...] = (
    _c("form_title", Fill.WORD, "题库的中文标题。", "The bank's title in Chinese.", "", 50),
    _c("form_title (en)", Fill.WORD, "题库的英文标题。", "The bank's title in English.", "", 50),
    _c("form_id", Fill.KEY, "题库的标识。", "The bank's key.", "", 32),
    _c("version", Fill.WHOLE, "版本号。", "The number of the version."),
    _c("default_language", Fill.FORM, "固定为中文。", "Always Chinese.", "", 18),
)
SETTING_FIELDS: Fields = {
    "form_title": ("title", "zh"),
    "form_title (en)": ("title", "en"),
    "form_id": ("key",),
    "version": ("version",),
}

# -------------------------------------------------------------- facts of the bank

FACTS: tuple[Column, ...] = (
    _c("format", Fill.WHOLE, "格式号，固定为1。", "The format, always 1.", "formats"),
    _c("summary", Fill.TEXT, "题库的简介。", "What the bank is."),
    _c("notice", Fill.TEXT, "声明。", "The notice."),
    _c("banner", Fill.TEXT, "页首提示。", "The line on top of pages."),
    _c(
        "method", Fill.TEXT,
        "评分方法的说明，一段一行，可加行。", "How it scores: a row for each paragraph.",
    ),
    _c("minutes", Fill.WHOLE, "预计分钟数。", "Estimated minutes."),
    _c("weigh_by", Fill.KEY, "决定权重的题目。", "The question that weights go by.", "names"),
    _c("weigh_default", Fill.KEY, "没有答时按哪个选项。", "The option if it is not answered."),
    _c("size_by", Fill.KEY, "问企业规模的题目。", "The question about size.", "names"),
    _c("sector_by", Fill.KEY, "问行业的题目。", "The question about the sector.", "names"),
    _c("small_sizes", Fill.KEYS, "算作小企业的选项。", "The options that count as small."),
    _c("scoring.method", Fill.KEY, "计分方法。", "The method of scoring.", "methods"),
    _c(
        "scoring.not_applicable", Fill.KEY,
        "不适用的怎样计。", "What a part that does not apply does.", "na_policies",
    ),
    _c("scoring.met_at", Fill.NUMBER, "达到百分之几算达标。", "Per cent from which it is met."),
    _c("levels.title", Fill.TEXT, "等级的名称。", "What the levels are called."),
    _c("levels.not_applicable_cap", Fill.NUMBER, "不适用的上限（%）。", "Most that may not apply."),
    _c("levels.rated_from", Fill.NUMBER, "完成多少才评级（%）。", "Completeness for a rating."),
    _c("levels.gates.breadth", Fill.NUMBER, "广度门槛（%）。", "Breadth demanded, per cent."),
    _c("levels.gates.breadth_below", Fill.NUMBER, "低一级的广度（%）。", "The same, one below."),
    _c("levels.gates.core", Fill.KEYS, "核心题。", "The core questions."),
    _c("levels.gates.completeness", Fill.NUMBER, "完整度（%）。", "Completeness, per cent."),
    _c(
        "levels.gates.evidence.from_level", Fill.WHOLE,
        "从几级起要证据。", "Evidence from here.", "levels",
    ),
    _c(
        "levels.gates.evidence.grade", Fill.WHOLE,
        "证据的等级。", "The grade of evidence.", "grades",
    ),
    _c("levels.gates.scenes.scenes", Fill.KEYS, "场景题。", "The scenes."),
    _c("levels.gates.scenes.mandatory", Fill.KEYS, "必备的场景题。", "The mandatory scenes."),
    _c("levels.gates.ceiling", Fill.WHOLE, "最高等级。", "The highest level.", "levels"),
    _c("levels.gates.ceiling_reason", Fill.TEXT, "封顶的理由。", "Why there is a ceiling."),
)  # fmt: skip
METHOD = "method"
FACT_HEADERS = ("field", "value", *LANGUAGES.values())

# --------------------------------------------------------------------- more lists


@dataclass(frozen=True, slots=True)
class Parts:
    """A sheet with a row for each part of a list.

    `owners` name the columns that say which part the list belongs to; without any it stands at
    `place` in the bank.
    """

    title: str
    place: tuple[str, ...]
    columns: Sequence[Column]
    owners: Sequence[Column] = ()

    @property
    def layout(self) -> tuple[Column, ...]:
        return (*self.owners, *self.columns)


_KEY = _c("key", Fill.KEY, "标识，发布后不能再改。", "The key, for ever.", width=24)
_OF_QUESTION = _c("question", Fill.KEY, "题目的标识。", "The question's key.", "names", 28)
_ACTION = (
    _c("what", Fill.TEXT, "做什么。", "What to do.", width=50),
    _c("proof", Fill.TEXT, "做到的证明。", "What proves it.", width=40),
    _c("owner", Fill.KEY, "由谁做。", "Who does it.", "roles", 22),
    _c("effort", Fill.KEY, "工作量。", "How much work.", "efforts", 8),
    _c("horizon", Fill.WHOLE, "期限（天）。", "By when, in days.", "horizons", 9),
    _c("sizes", Fill.KEYS, "适用的规模，空格隔开；空为全部。", "Sizes it fits; empty for all."),
    _c("types", Fill.KEYS, "适用的类型，空格隔开；空为全部。", "Types it fits; empty for all."),
    _c("sectors", Fill.KEYS, "适用的行业，空格隔开；空为全部。", "Sectors it fits."),
)
_TITLE = _c("title", Fill.TEXT, "标题。", "The title.")
_CAUTION = _c("caution", Fill.TEXT, "使用时的提醒。", "What to be careful about.")
_WHEN = _c("when", Fill.CONDITION, "何时适用，写法同relevant。", "When; like relevant.", width=30)

ADVICE = Parts(
    "advice",
    ("advice",),
    (
        _c("to", Fill.WHOLE, "做到第几级。", "The level that it leads to.", width=6),
        *_ACTION,
    ),
    (
        _OF_QUESTION,
        _c(
            "statement", Fill.KEY,
            "yes-no题里的行；给整道题的建议不填。",
            "A row of a yes-no question; empty for advice on the whole question.", width=22,
        ),
    ),
)  # fmt: skip
BANDS = Parts(
    "bands",
    ("bands",),
    (
        _c("from", Fill.NUMBER, "从多少起。", "From this value on."),
        _c("above", Fill.FLAG, "是否不含这个值。", "Without the value itself.", "yes_no_words"),
        _c("score", Fill.NUMBER, "得分（%）。", "The score, per cent."),
    ),
    (_OF_QUESTION,),
)
LEVELS = Parts(
    "levels",
    ("levels", "steps"),
    (
        _c("number", Fill.WHOLE, "等级，0到5。", "The level, 0 to 5.", "levels", 10),
        _c("threshold", Fill.NUMBER, "从多少分起。", "From how many points.", width=10),
        _TITLE,
        _c("meaning", Fill.TEXT, "含义。", "What it means.", width=50),
    ),
)
SCENE_STEPS = Parts(
    "scene_steps",
    ("levels", "gates", "scenes", "steps"),
    (
        _c("level", Fill.WHOLE, "等级。", "The level.", "levels"),
        _c("scenes", Fill.WHOLE, "需要几个场景。", "How many scenes."),
        _c("mandatory", Fill.WHOLE, "其中几个必备。", "How many mandatory ones."),
    ),
)
EDITIONS = Parts(
    "editions",
    ("editions",),
    (
        _KEY,
        _TITLE,
        _c("summary", Fill.TEXT, "简介。", "The summary."),
        _c("minutes", Fill.WHOLE, "预计分钟数。", "Estimated minutes."),
        _c("questions", Fill.KEYS, "包含的题目，空格隔开。", "Its questions.", width=50),
        _c("ceiling", Fill.WHOLE, "最高等级。", "The highest level."),
        _c("ceiling_reason", Fill.TEXT, "封顶的理由。", "Why there is a ceiling."),
    ),
)
ELIGIBILITY = Parts(
    "eligibility",
    ("eligibility",),
    (_KEY, _TITLE, _c("source", Fill.KEY, "来源。", "The source.", "sources", 24), _CAUTION),
)
RULES = Parts(
    "eligibility_rules",
    ("conditions",),
    (
        _KEY,
        _c("label", Fill.TEXT, "条件。", "The condition."),
        _WHEN,
        _c("holds", Fill.CONDITION, "何时算满足。", "When it is met.", width=30),
        _c("where", Fill.TEXT, "问卷不问的到哪里查。", "Where to find out what is not asked."),
        _c("other_way", Fill.TEXT, "规则认可的其他情形。", "What else the rule accepts."),
    ),
    (_c("eligibility", Fill.KEY, "项目的标识。", "The programme's key.", "programmes", 24),),
)
DISTRIBUTIONS = Parts(
    "distributions",
    ("distributions",),
    (
        _KEY,
        _TITLE,
        _c("year", Fill.WHOLE, "年份。", "The year."),
        _c("base", Fill.TEXT, "统计范围。", "Who was counted."),
        _c("source", Fill.KEY, "来源。", "The source.", "sources", 24),
        _CAUTION,
    ),
)
SHARES = Parts(
    "distribution_shares",
    ("shares",),
    (
        _c("label", Fill.TEXT, "这一部分的名称。", "What the part is called."),
        _c("percent", Fill.NUMBER, "占比（%）。", "Per cent."),
        _c("levels", Fill.WHOLES, "对应的等级，空格隔开。", "Its levels."),
    ),
    (_c("distribution", Fill.KEY, "分布的标识。", "The distribution's key.", "distributions", 24),),
)
HINTS = Parts(
    "hints", ("hints",), (_KEY, _WHEN, _c("text", Fill.TEXT, "提示。", "The hint.", width=60))
)
ROLES = Parts("roles", ("roles",), (_KEY, _c("label", Fill.TEXT, "名称。", "The name.")))
GLOSSARY = Parts(
    "glossary",
    ("glossary",),
    (
        _KEY,
        _c("term", Fill.TEXT, "术语。", "The term.", width=26),
        _c("meaning", Fill.TEXT, "含义。", "What it means.", width=60),
    ),
)
SOURCES = Parts(
    "sources",
    ("sources",),
    (
        _KEY,
        _TITLE,
        _c("edition", Fill.WORD, "版本或文号。", "The edition.", width=24),
        _c("note", Fill.TEXT, "采用了什么。", "What was taken from it.", width=50),
    ),
)

IN_THE_BANK = (
    LEVELS, SCENE_STEPS, EDITIONS, ELIGIBILITY, DISTRIBUTIONS, HINTS, ROLES, GLOSSARY, SOURCES,
)  # fmt: skip
INSIDE: Mapping[str, Parts] = {"eligibility": RULES, "distributions": SHARES}
"""Lists inside the parts of another sheet."""

ORDER = (
    ADVICE, BANDS, LEVELS, SCENE_STEPS, ROLES, EDITIONS, HINTS, GLOSSARY, SOURCES, ELIGIBILITY,
    RULES, DISTRIBUTIONS, SHARES,
)  # fmt: skip

REST_HEADERS = ("place", "before", "after")

WEIGHT_OF = "weight [{}]"

# ------------------------------------------------------------------ what is offered

OFFERED: Mapping[str, Sequence[str | int]] = {
    "types": (
        "begin group", "end group", "select_one ", "select_multiple ", "decimal", "integer", "text",
    ),
    "kinds": tuple(Kind),
    "yes_no_words": (YES, NO),
    "themes": tuple(Theme),
    "not_applicable": tuple(NotApplicable),
    "better": tuple(Better),
    "credit": tuple(Credit),
    "rules": tuple(RequirementRule),
    "efforts": tuple(Effort),
    "horizons": (30, 90, 365),
    "methods": tuple(Method),
    "na_policies": tuple(NaPolicy),
    "formats": (1,),
    "levels": (0, 1, 2, 3, 4, 5),
    "grades": tuple(map(int, EvidenceGrade)),
}  # fmt: skip

OFFERED_ABOVE: Mapping[str, tuple[str, int]] = {
    "names": (SURVEY, 2),
    "roles": (ROLES.title, 1),
    "sources": (SOURCES.title, 1),
    "programmes": (ELIGIBILITY.title, 1),
    "distributions": (DISTRIBUTIONS.title, 1),
}
"""Lists that grow with the workbook: the sheet and the column that they stand in."""


def headers(columns: Sequence[Column]) -> Iterator[tuple[str, Column]]:
    """Every header of a sheet, in order, with its column."""
    for column in columns:
        for header in column.headers:
            yield header, column
