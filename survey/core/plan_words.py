"""What the plan would do to score and level, in both languages."""

from collections.abc import Mapping
from decimal import Decimal

from survey.core import wording
from survey.core.bank import Level
from survey.core.figures import one_decimal
from survey.core.text import Text

TODAY = Text(zh="目前", en="Today")
AFTER: Mapping[int, Text] = {
    1: Text(zh="第一阶段后", en="After phase 1"),
    2: Text(zh="第二阶段后", en="After phase 2"),
    3: Text(zh="第三阶段后", en="After phase 3"),
}
EFFECT_NOTE = Text(
    zh="这是按现行计分规则推算的结果：假定所列步骤全部完成并留下完成标志，其他答案不变。"
    "它说明计划的分量，不是承诺。",
    en="Worked out with the same scoring rules: every step listed is done and its proof exists, "
    "all other answers stay as they are. It shows what the plan weighs; it is not a promise.",
)


def effect(before: Decimal, after: Decimal) -> Text:
    low, high = one_decimal(before), one_decimal(after)
    return Text(
        zh=f"计划全部完成后，总分预计由{low}分升到{high}分，等级不变。",
        en=f"With the whole plan done, the total would rise from {low} to {high}; the level would "
        "stay the same.",
    )


NO_EFFECT_ON_TOTAL = Text(
    zh="计划所列的步骤主要补前提、守底线，完成后总分和等级基本不变，但应当先做。",
    en="The steps of this plan see to pre-conditions and safeguards. They hardly change total and "
    "level, and come first all the same.",
)


def effect_before_level(before: Decimal, after: Decimal) -> Text:
    low, high = one_decimal(before), one_decimal(after)
    return Text(
        zh=f"计划全部完成后，按目前已知的答案计算，总分预计由{low}分升到{high}分；"
        "待查实的数据补齐后才能评级。",
        en=f"With the whole plan done, the total by the answers known today would rise from {low} "
        f"to {high}; a level can be given only once the open data are in.",
    )


def effect_below_levels(before: Decimal, after: Decimal) -> Text:
    low, high = one_decimal(before), one_decimal(after)
    return Text(
        zh=f"计划全部完成后，总分预计由{low}分升到{high}分，仍未满足最低一级的条件。",
        en=f"With the whole plan done, the total would rise from {low} to {high}; the conditions "
        "of the lowest level would still not be met.",
    )


def effect_with_level(before: Decimal, after: Decimal, step: Level) -> Text:
    low, high, name = one_decimal(before), one_decimal(after), wording.level_name(step)
    return Text(
        zh=f"计划全部完成后，总分预计由{low}分升到{high}分，可达到{name.zh}。",
        en=f"With the whole plan done, the total would rise from {low} to {high} and reach "
        f"{name.en}.",
    )
