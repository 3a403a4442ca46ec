"""Two rounds, targets and published figures, in both languages."""

from decimal import Decimal

from survey.core.figures import apart, lacking, one_decimal
from survey.core.text import Text

LAST_ROUND = Text(zh="上一轮", en="Last round")
THIS_ROUND = Text(zh="本轮", en="This round")
SAME_QUESTIONS = Text(
    zh="两轮的题目、权重和等级条件相同，可以直接比较。",
    en="Both rounds had the same questions, weights and levels and can be compared directly.",
)
TARGET_REACHED = Text(zh="已达到", en="Reached")
TARGET_UNKNOWN = Text(zh="未评分", en="Not rated")


def rose_or_fell(before: Decimal, now: Decimal) -> Text:
    old, new, change = one_decimal(before), one_decimal(now), apart(now, before)
    by = one_decimal(abs(change))
    if not change:
        return Text(
            zh=f"与上一轮相比，总分没有变化（{new}分）。",
            en=f"The total is the same as in the last round: {new}.",
        )
    if change > 0:
        return Text(
            zh=f"与上一轮相比，总分由{old}分升到{new}分，提高{by}分。",
            en=f"Since the last round the total has risen by {by}, from {old} to {new}.",
        )
    return Text(
        zh=f"与上一轮相比，总分由{old}分降到{new}分，下降{by}分。",
        en=f"Since the last round the total has fallen by {by}, from {old} to {new}.",
    )


def moved(section: Text, by: Decimal) -> Text:
    points = one_decimal(abs(by))
    if by > 0:
        return Text(zh=f"{section.zh}提高{points}分", en=f"{section.en}: up {points}")
    return Text(zh=f"{section.zh}下降{points}分", en=f"{section.en}: down {points}")


def comparable(common: int, now: int, then_mean: Decimal, now_mean: Decimal) -> Text:
    """Of rounds with other questions or weights only the common part can be compared."""
    then, today = one_decimal(then_mean), one_decimal(now_mean)
    return Text(
        zh=f"两轮的题目或计分规则不完全相同，总分和板块得分的变化仅供参考。本轮计分的{now}道题中，"
        f"有{common}道上一轮也计了分；只看这些题、都按本轮权重计算，上一轮平均{then}分，"
        f"本轮平均{today}分。",
        en="The two rounds differ in questions or scoring rules, so take the change in the totals "
        f"as a hint. Of the {now} questions scored now, {common} were scored then as well; by "
        f"these alone, with the weights of today, the mean was {then} and is {today}.",
    )


def provisional(common: int) -> Text:
    return Text(
        zh=f"两轮中至少有一轮的得分是暂定的，变化可能只因为已知的答案不同。两轮都计分的题有{common}道，"
        "请以这些题的升降为准。",
        en="At least one of the two scores is provisional, so a change may only mean that other "
        f"answers were known. Questions scored in both rounds: {common}; go by these.",
    )


def target_missing(points: Decimal) -> Text:
    short = lacking(points)
    return Text(zh=f"还差{short.zh}分", en=f"{short.en} points short")


def targets_counted(count: int, reached: int) -> Text:
    return Text(
        zh=f"企业为{count}个领域定了目标等级，其中{reached}个已达到。",
        en=f"Domains with a target level: {count}; reached: {reached}.",
    )
