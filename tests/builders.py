"""Data for tests: functions with defaults, so that a test mentions only what matters."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from survey.core import advice as improvements
from survey.core import document, report, scoring
from survey.core.answers import Answer, read_all
from survey.core.bank import Bank
from survey.core.facts import Previous
from survey.core.parts import Report

Data = dict[str, Any]


def text(value: str = "字") -> Data:
    """A text whose English differs from its Chinese."""
    return {"zh": f"中文{value}" if value.isascii() else value, "en": f"English {len(value)}"}


def ladder(key: str = "planning", *, weight: Any = "1", **changes: Any) -> Data:
    """A ladder of six steps, ``level-0`` to ``level-5``, with advice for each step up."""
    options = [
        {"key": f"level-{n}", "points": n, "label": {"zh": f"第{n}步", "en": f"Step {n}"}}
        for n in range(6)
    ]
    return scored(key, "ladder", weight=weight, options=options) | changes


def multiple(key: str = "security", *, full_at: int | None = 4, **changes: Any) -> Data:
    """Four boxes ``a`` to ``d`` and ``none``."""
    options = [
        {"key": name, "label": {"zh": f"措施{name}", "en": f"Measure {name}"}}
        for name in ("a", "b", "c", "d", "none")
    ]
    return scored(key, "multiple", options=options, none="none", full_at=full_at) | changes


def number(key: str = "years", **changes: Any) -> Data:
    bands = [{"from": 0, "score": 0}, {"from": 3, "score": 50}, {"from": 10, "score": 100}]
    unit = {"zh": "年", "en": "years"}
    return scored(key, "number", unit=unit, minimum=0, maximum=100, bands=bands) | changes


def ratio(key: str = "share", **changes: Any) -> Data:
    bands = [
        {"from": 0, "score": 0},
        {"from": 0, "above": True, "score": 20},
        {"from": 20, "score": 60},
        {"from": 60, "score": 100},
    ]
    parts: Data = {
        "numerator": {"zh": "联网设备数", "en": "Networked machines"},
        "denominator": {"zh": "设备总数", "en": "All machines"},
        "unit": {"zh": "台", "en": "machines"},
    }
    return scored(key, "ratio", bands=bands, **parts) | changes


def matrix(key: str = "systems", **changes: Any) -> Data:
    """Rows ``erp`` and ``mes``; states ``none`` (0), ``alone`` (1), ``linked`` (2)."""
    rows = [{"key": k, "label": {"zh": k.upper(), "en": k.upper()}} for k in ("erp", "mes")]
    states = [
        {"key": "none", "points": 0, "label": {"zh": "没有", "en": "None"}},
        {"key": "alone", "points": 1, "label": {"zh": "单独使用", "en": "Stand-alone"}},
        {"key": "linked", "points": 2, "label": {"zh": "互通", "en": "Linked"}},
    ]
    return scored(key, "matrix", rows=rows, states=states) | changes


def benchmark(key: str = "energy", **changes: Any) -> Data:
    """Energy per unit, where less is better; the firm enters base and leading value."""
    unit = {"zh": "千克标准煤", "en": "kgce"}
    return scored(key, "benchmark", unit=unit, better="lower", maximum=1000) | changes


def requirements(key: str = "scheduling", **changes: Any) -> Data:
    """Rows ``list`` and ``plan`` on level 1, ``model`` on level 2; three states of 0 to 1."""
    rows = [
        {"key": name, "level": at, "label": {"zh": f"要求{name}", "en": f"Requirement {name}"}}
        for name, at in (("list", 1), ("plan", 1), ("model", 2))
    ]
    states = [
        {"key": "unmet", "points": 0, "label": {"zh": "未做到", "en": "Not met"}},
        {"key": "partly", "points": "0.5", "label": {"zh": "部分做到", "en": "Partly met"}},
        {"key": "met", "points": 1, "label": {"zh": "做到", "en": "Met"}},
    ]
    return scored(key, "requirements", rows=rows, states=states, rule="staged") | changes


def two_years(key: str = "productivity", **changes: Any) -> Data:
    """A key figure of the outcomes page: last year and the year before."""
    parts: Data = {
        "numerator": {"zh": "上年", "en": "Last year"},
        "denominator": {"zh": "前年", "en": "Year before"},
        "unit": {"zh": "万元/人", "en": "CNY 10,000 per person"},
    }
    return plain_question(key, "ratio", may_exceed=True, better="higher", **parts) | changes


def yes_no(key: str = "conditions", **changes: Any) -> Data:
    statements = [
        {"key": "registered", "label": {"zh": "已登记注册", "en": "The firm is registered"}},
        {"key": "permit", "label": {"zh": "持有排污许可", "en": "There is a discharge permit"}},
    ]
    return plain_question(key, "yes-no", statements=statements) | changes


def words(key: str = "product", **changes: Any) -> Data:
    return plain_question(key, "text", maximum_length=20) | changes


def choice(key: str, *options: str, **changes: Any) -> Data:
    listed = [{"key": name, "label": {"zh": f"选项{name}", "en": name}} for name in options]
    return plain_question(key, "choice", options=listed) | changes


def scored(key: str, kind: str, *, weight: Any = "1", **parts: Any) -> Data:
    return plain_question(key, kind, weight=weight, advice=advice(), **parts)


def plain_question(key: str, kind: str, **parts: Any) -> Data:
    prompt = {"zh": f"关于{key}的问题？", "en": f"What about {key}?"}
    return {"key": key, "kind": kind, "prompt": prompt, **parts}


def advice(**changes: Any) -> list[Data]:
    """Advice for each of the five steps."""
    return [
        {
            "to": step,
            "what": {"zh": f"先做到第{step}步。", "en": f"Reach step {step} first."},
            "proof": {"zh": f"有第{step}步的记录。", "en": f"There is a record of step {step}."},
            "owner": "manager",
            "effort": "M",
            "horizon": 90,
        }
        | changes
        for step in range(1, 6)
    ]


def domain(key: str, *questions: Data, weight: Any = "1") -> Data:
    title = {"zh": f"领域{key}", "en": f"Domain {key}"}
    return {"key": key, "title": title, "weight": weight, "questions": list(questions)}


def section(key: str, code: str, *domains: Data, weight: Any = 100, theme: str = "smart") -> Data:
    return {
        "key": key,
        "code": code,
        "title": {"zh": f"板块{key}", "en": f"Section {key}"},
        "short": {"zh": f"板块{code}", "en": f"Section {code}"},
        "summary": {"zh": "这一部分的说明。", "en": "What this part is about."},
        "theme": theme,
        "weight": weight,
        "domains": list(domains),
    }


def levels(**gates: Any) -> Data:
    """Levels at 20, 40, 60, 80 and 95 points, with no other gate than completeness."""
    open_gates: Data = {"breadth": 0, "breadth_below": 0, "completeness": 80}
    thresholds = (0, 20, 40, 60, 80, 95)
    return {
        "title": {"zh": "自评等级", "en": "Self-declared level"},
        "steps": [
            {
                "number": n,
                "threshold": threshold,
                "title": {"zh": f"等级{n}", "en": f"Level {n}"},
                "meaning": {"zh": "这一等级的含义。", "en": "What this level means."},
            }
            for n, threshold in enumerate(thresholds)
        ],
        "gates": open_gates | gates,
    }


def staged_levels(met_at: int = 80, **gates: Any) -> Data:
    """Levels 1 and 2 of a staged bank, from where each of two stages is met."""
    scheme = levels(**gates)
    scheme["steps"] = scheme["steps"][1:3]
    for step, threshold in zip(scheme["steps"], (met_at, 100 + met_at), strict=True):
        step["threshold"] = f"{threshold / 2:g}"
    return scheme


def a_profile(*questions: Data) -> Data:
    return {
        "title": {"zh": "企业概况", "en": "Profile"},
        "summary": {"zh": "几个基本事实。", "en": "A few facts."},
        "questions": list(questions),
    }


def bank_data(*sections: Data, **changes: Any) -> Data:
    """A bank document. Without sections: one of each kind of question, in one section."""
    every_kind = section(
        "everything",
        "A",
        domain("first", ladder(not_applicable="with-reason"), multiple(), number()),
        domain("second", ratio(), matrix(), yes_no(), words()),
    )
    data: Data = {
        "format": 1,
        "key": "test-bank",
        "version": 1,
        "title": {"zh": "测试题库", "en": "Test bank"},
        "summary": {"zh": "用于测试的题库。", "en": "A bank for tests."},
        "notice": {"zh": "自评结果，仅供参考。", "en": "Self-declared and indicative."},
        "method": [{"zh": "得分是加权平均值。", "en": "The score is a weighted mean."}],
        "minutes": 5,
        "roles": [{"key": "manager", "label": {"zh": "负责人", "en": "Manager"}}],
        "profile": a_profile(
            choice("production-type", "discrete", "process", "mixed", required=True),
            choice("size-class", "large", "medium", "small", "micro"),
        ),
        "size_by": "size-class",
        "sections": list(sections) or [every_kind],
        "levels": levels(),
    }
    return data | changes


def points_bank_data(**changes: Any) -> Data:
    """A bank of rules that count points: levels 1 to 3 from 40, 60 and 80; scenes earn none."""
    steps = levels()["steps"][1:4]
    for step, threshold in zip(steps, (40, 60, 80), strict=True):
        step["threshold"] = threshold
    sections = (
        section("work", "A", domain("equipment", ladder("planning", weight="100"), weight=100)),
        section("scenes", "B", domain("sales", ladder("orders", weight="0"), weight=0), weight=0),
    )
    facts: Data = {"scoring": {"method": "points"}, "levels": levels() | {"steps": steps}}
    return bank_data(*sections, **(facts | changes))


def a_bank(*sections: Data, **changes: Any) -> Bank:
    return document.read(bank_data(*sections, **changes))


def edition(*questions: str, **changes: Any) -> Data:
    """A shorter form of a bank with these questions, ``express``."""
    return {
        "key": "express",
        "title": {"zh": "测试题库（快速版）", "en": "Test bank (express)"},
        "summary": {"zh": "只问最要紧的几道题。", "en": "Only the questions that matter most."},
        "minutes": 2,
        "questions": list(questions),
    } | changes


def rule_condition(key: str = "market", **changes: Any) -> Data:
    """A condition of a programme: at least three years in the market, and where to look."""
    return {
        "key": key,
        "label": {"zh": f"条件{key}", "en": f"Condition {key}"},
        "holds": {"question": "years", "at_least": 3},
    } | changes


def eligibility(*conditions: Data, **changes: Any) -> Data:
    """The conditions of a programme, which stand in the source ``norm``."""
    return {
        "key": "programme",
        "title": {"zh": "某项计划", "en": "A programme"},
        "source": "norm",
        "conditions": list(conditions) or [rule_condition()],
    } | changes


def published_share(percent: Any, **changes: Any) -> Data:
    return {"label": {"zh": "一部分", "en": "Part"}, "percent": percent} | changes


def distribution(*shares: Data, **changes: Any) -> Data:
    """A published distribution from the source ``norm``."""
    return {
        "key": "survey",
        "title": {"zh": "等级分布", "en": "Levels"},
        "year": 2022,
        "base": {"zh": "一些企业", "en": "Some firms"},
        "shares": list(shares) or [published_share(100)],
        "source": "norm",
        "caution": {"zh": "仅供了解。", "en": "For orientation."},
    } | changes


def level(n: int, *, half: bool = False) -> Data:
    """The plain answer to a ladder."""
    return {"option": f"level-{n}", "half": True} if half else {"option": f"level-{n}"}


def answers(bank: Bank, plain: Mapping[str, Data]) -> dict[str, Answer]:
    return read_all(bank, plain)


def a_report(
    bank: Bank,
    plain: Mapping[str, Data],
    *,
    firm: str = "示例阀门有限公司",
    previous: Previous | None = None,
    targets: Mapping[str, int] | None = None,
) -> Report:
    """What the report of these answers says."""
    given = answers(bank, plain)
    result = scoring.score(bank, given)
    return report.build(
        bank=bank,
        answers=given,
        result=result,
        plan=improvements.plan(bank, given, result, targets),
        firm_name=firm,
        report_id="0f3b9c5e",
        issued_on=date(2026, 11, 23),
        bank_digest="d1" * 32,
        previous=previous,
        targets=targets or {},
    )


def last_round(bank: Bank, plain: Mapping[str, Data]) -> Previous:
    """A round one year before."""
    return Previous(bank, scoring.score(bank, answers(bank, plain)), date(2025, 11, 24))


def ladders(count: int = 5, **changes: Any) -> Bank:
    """Sections `s0`, `s1`, ... with one ladder `q0`, `q1`, ... each."""
    sections = [
        section(
            f"s{i}",
            "ABCDEFGH"[i],
            domain(f"d{i}", ladder(f"q{i}", not_applicable="with-reason")),
            weight=100 // count + (100 % count if i == 0 else 0),
        )
        for i in range(count)
    ]
    return a_bank(*sections, **changes)


def at(*steps: int) -> dict[str, Data]:
    """Answers to `ladders`, by step."""
    return {f"q{i}": level(step) for i, step in enumerate(steps)}


def all_at(n: int, keys: Sequence[str]) -> dict[str, Data]:
    """Ladder answers at one level for all these questions."""
    return {key: level(n) for key in keys}


FULL_ANSWERS: Mapping[str, Data] = {
    "production-type": {"option": "discrete"},
    "size-class": {"option": "small"},
    "planning": {"option": "level-3"},
    "security": {"options": ["a", "b"]},
    "years": {"number": "5"},
    "share": {"numerator": "30", "denominator": "100"},
    "systems": {"rows": {"erp": "linked", "mes": "alone"}},
    "conditions": {"statements": {"registered": "yes", "permit": "unknown"}},
    "product": {"text": "阀门"},
}
"""A whole set of answers to the bank that `bank_data()` gives."""
