"""A bank of four questions that reads like a real one: short journeys, pictures for people."""

from typing import Any

from tests.builders import (
    Data,
    a_profile,
    bank_data,
    choice,
    domain,
    ladder,
    multiple,
    number,
    section,
    words,
)

ENERGY = "sections/green/domains/energy"
QUESTIONS = f"{ENERGY}/questions"
METERING = f"{QUESTIONS}/metering"

ANSWERS: Data = {
    "production-type": {"option": "discrete"},
    "size-class": {"option": "small"},
    "metering": {"option": "level-3"},
    "measures": {"options": ["a", "b"]},
    "audit-years": {"number": "5"},
    "system": {"text": "能源看板"},
}
"""A whole set of answers to it."""

_STEPS = (
    ("没有单独计量", "Nothing is metered separately"),
    ("只按车间计量", "Metered by workshop only"),
    ("部分主要设备单独计量", "Some major equipment is metered"),
    ("主要设备都单独计量，人工抄表", "All major equipment is metered, read by hand"),
    ("自动采集，按月分析", "Read automatically, analysed every month"),
    ("自动采集，按班组分析并改进", "Read automatically, analysed and acted on by shift"),
)
_MEASURES = (
    ("a", "更换高效电机", "Efficient motors"),
    ("b", "余热回收", "Heat recovery"),
    ("c", "空压系统优化", "Better compressed air"),
    ("d", "屋顶光伏", "Solar panels on the roof"),
    ("none", "以上都没有", "None of these"),
)
_SIZES = (("large", "大型", "Large"), ("small", "小型", "Small"))
_TYPES = (("discrete", "离散型", "Discrete"), ("process", "流程型", "Process"))


def small_bank(key: str, *, title: tuple[str, str], **changes: Any) -> Data:
    """The bank; `changes` are fields of the question `metering`."""
    metering = ladder(
        "metering",
        weight=50,
        prompt=_text("主要用能设备是否单独计量？", "Is major equipment metered separately?"),
        options=[
            {"key": f"level-{n}", "points": n, "label": _text(*step)}
            for n, step in enumerate(_STEPS)
        ],
    )
    measures = multiple(
        "measures",
        weight=30,
        prompt=_text("近三年做过哪些节能改造？", "Which measures were taken in three years?"),
        options=_options(_MEASURES),
    )
    years = number(
        "audit-years",
        weight=20,
        prompt=_text("能源台账连续记录了几年？", "For how many years has energy been recorded?"),
    )
    system = words("system", prompt=_text("能源管理系统叫什么？", "What is the system called?"))
    energy = domain("energy", metering | changes, measures, years, system)
    energy["title"] = _text("能源管理", "Energy management")
    green = section("green", "A", energy, theme="green")
    green |= {
        "title": _text("绿色制造", "Green manufacturing"),
        "short": _text("绿色", "Green"),
        "summary": _text("能源怎样计量、分析和节约。", "How energy is metered and saved."),
    }
    profile = a_profile(
        _picked("production-type", "生产方式", "Type of production", _TYPES),
        _picked("size-class", "企业规模", "Size of the firm", _SIZES),
    )
    about = _text("能源管理的简短自评。", "A short look at the use of energy.")
    return bank_data(green, key=key, title=_text(*title), summary=about, profile=profile)


def _picked(key: str, zh: str, en: str, options: tuple[tuple[str, str, str], ...]) -> Data:
    return choice(key, prompt=_text(zh, en), required=True) | {"options": _options(options)}


def _options(options: tuple[tuple[str, str, str], ...]) -> list[Data]:
    return [{"key": key, "label": _text(zh, en)} for key, zh, en in options]


def _text(zh: str, en: str) -> Data:
    return {"zh": zh, "en": en}
