"""The sentences of the trace: why each part of a score is what it is, and what comes next."""

from decimal import ROUND_HALF_UP, Decimal

from survey.core.bank import Level
from survey.core.figures import amount, lacking, one_decimal
from survey.core.result import Treatment
from survey.core.text import Text, same


def total_because(total: Decimal, sections: int) -> Text:
    if sections == 1:
        return Text(
            zh=f"只有1个板块计分，得{one_decimal(total)}分。",
            en=f"Only one section is scored, with {one_decimal(total)} points.",
        )
    return Text(
        zh=f"{sections}个板块的贡献相加，得{one_decimal(total)}分。",
        en=f"The contributions of {sections} sections add up to {one_decimal(total)} points.",
    )


def stages_because(total: Decimal, met: int) -> Text:
    """How a staged bank comes to its total: level upon level."""
    if not met:
        return Text(
            zh=f"第1级尚未满足，按已满足的部分计，得{one_decimal(total)}分。",
            en=f"Level 1 is not met yet; what is met of it gives {one_decimal(total)} points.",
        )
    levels = "one level" if met == 1 else f"{met} levels"
    return Text(
        zh=f"已连续满足{met}级，每级按满分计，下一级按已满足的部分计，得{one_decimal(total)}分。",
        en=f"{levels.capitalize()} met in a row count in full, the next for what is met of it: "
        f"{one_decimal(total)} points.",
    )


def level_needs(step: Level, total: Decimal) -> Text:
    number, missing = step.number, step.threshold - total
    if missing <= 0:
        return Text(
            zh=f"第{number}级需要{one_decimal(step.threshold)}分，总分已够，还差其他条件。",
            en=f"Level {number} needs {one_decimal(step.threshold)} points: the total is "
            "enough, other conditions are not met.",
        )
    return Text(
        zh=f"第{number}级需要{one_decimal(step.threshold)}分，还差{lacking(missing).zh}分。",
        en=f"Level {number} needs {one_decimal(step.threshold)} points, {lacking(missing).en} "
        "more.",
    )


NOTHING_RATED = Text(
    zh="没有可计分的答案，权重由其他部分分担。",
    en="Nothing here is scored; its weight goes to the other parts.",
)
WITHOUT_WEIGHT = Text(
    zh="没有权重，不计入总分；有的等级条件会另外用到。",
    en="Without weight: not part of the total, though a condition of a level may look at it.",
)
LEFT_OUT_OF_TOTAL = Text(zh="不计入总分。", en="Not part of the total.")


def joint_because(score: Decimal, share: Decimal, weight: Decimal) -> Text:
    """A domain or section: its mean, its weight and its share in per cent."""
    return Text(
        zh=f"加权平均{one_decimal(score)}分；权重{amount(weight)}，占总分的{one_decimal(share)}%。",
        en=f"Weighted mean {one_decimal(score)}; weight {amount(weight)}, "
        f"share {one_decimal(share)}%.",
    )


def mean_because(score: Decimal, share: Decimal) -> Text:
    """The same where all parts weigh alike."""
    return Text(
        zh=f"平均{one_decimal(score)}分；各部分权重相同，占总分的{one_decimal(share)}%。",
        en=f"Mean {one_decimal(score)}; all parts weigh alike, share {one_decimal(share)}%.",
    )


def points_because(contribution: Decimal, most: Decimal) -> Text:
    """A section or domain whose weight is the most points that it can earn."""
    return Text(
        zh=f"得{precise(contribution)}分，最多{precise(most)}分。",
        en=f"{precise(contribution)} of {precise(most)} points.",
    )


def keeps_its_points(most: Decimal) -> Text:
    """The same where nothing is known yet."""
    return Text(
        zh=f"还没有可计分的答案，暂得0分，最多{precise(most)}分。",
        en=f"No scored answer yet: 0 of {precise(most)} points so far.",
    )


def staged_because(score: Decimal, share: Decimal, contribution: Decimal) -> Text:
    """A section or domain of a staged bank: how far it is by itself, and what of it counts."""
    return Text(
        zh=f"单独看得{one_decimal(score)}分；占总分的{one_decimal(share)}%，"
        f"按全部题目的等级计入{precise(contribution)}分。",
        en=f"By itself {one_decimal(score)} points; {one_decimal(share)}% of the total, of which "
        f"the levels of the whole count {precise(contribution)} points.",
    )


def domain_needs(level: int, needed: Decimal, missing: Decimal) -> Text:
    return Text(
        zh=f"第{level}级需要{one_decimal(needed)}分，还差{lacking(missing).zh}分。",
        en=f"Level {level} needs {one_decimal(needed)} points, {lacking(missing).en} more.",
    )


def stage_label(level: int) -> Text:
    return Text(zh=f"第{level}级已满足", en=f"Level {level} is met")


STAGE_COUNTS_FULL = Text(
    zh="达到规定比例的一级按满分计，补足差额。",
    en="A level that reaches the share asked for counts in full; this is the difference.",
)
ROUNDING = Text(zh="舍入", en="Rounding")
ROUNDED_TO_SIX = Text(
    zh="总分四舍五入到6位小数。", en="The total is rounded half up to six decimals."
)


def on_ladder(at: int, top: int, score: Decimal, *, half: bool) -> Text:
    partly = Text(zh=f"并部分达到第{at + 1}级，", en=f", partly {at + 1}") if half else same("")
    return Text(
        zh=f"选第{at}级（共{top}级），{partly.zh}得{one_decimal(score)}分",
        en=f"Step {at} of {top}{partly.en}: {one_decimal(score)} points",
    )


def with_boxes(ticked: int, full_at: int | None, score: Decimal) -> Text:
    boxes = "One box" if ticked == 1 else f"{ticked} boxes"
    if full_at is None:
        return Text(
            zh=f"选了{ticked}项，得{one_decimal(score)}分",
            en=f"{boxes} ticked: {one_decimal(score)} points",
        )
    return Text(
        zh=f"选了{ticked}项（{full_at}项满分），得{one_decimal(score)}分",
        en=f"{boxes} ticked ({full_at} for the full score): {one_decimal(score)} points",
    )


def with_figure(figure: Text, score: Decimal) -> Text:
    return Text(
        zh=f"数值为{figure.zh}，得{one_decimal(score)}分",
        en=f"The figure is {figure.en}: {one_decimal(score)} points",
    )


def with_rows(score: Decimal) -> Text:
    return Text(
        zh=f"各行合计，得{one_decimal(score)}分",
        en=f"All rows together: {one_decimal(score)} points",
    )


def between_base_and_lead(value: str, base: str, lead: str, score: Decimal) -> Text:
    return Text(
        zh=f"{value}，基准值{base}为0分，引领值{lead}为100分，按直线折算得{one_decimal(score)}分",
        en=f"{value}, on a straight line from {base} (0 points) to {lead} (100): "
        f"{one_decimal(score)} points",
    )


def requirements_met(levels: int, score: Decimal) -> Text:
    if not levels:
        return Text(
            zh=f"第1级的要求尚未满足，得{one_decimal(score)}分",
            en=f"Level 1 is not met yet: {one_decimal(score)} points",
        )
    return Text(
        zh=f"连续满足到第{levels}级，得{one_decimal(score)}分",
        en=f"Met up to level {levels}: {one_decimal(score)} points",
    )


def earned_inside(earned: Text, share: Decimal, contribution: Decimal) -> Text:
    """How a question came to its points, and what they are worth in the total."""
    return Text(
        zh=f"{earned.zh}；占总分的{one_decimal(share)}%，贡献约{precise(contribution)}分。",
        en=f"{earned.en}; share {one_decimal(share)}%, contribution about "
        f"{precise(contribution)} points.",
    )


def earned_outside(earned: Text) -> Text:
    return Text(zh=f"{earned.zh}；不计入总分。", en=f"{earned.en}; not part of the total.")


def precise(contribution: Decimal) -> str:
    """Points of the total with two decimals: one would hide small questions."""
    return f"{contribution.quantize(Decimal('0.01'), rounding=ROUND_HALF_UP):f}"


def earned_nothing(state: Text, share: Decimal) -> Text:
    """A question without an answer that keeps its share of the total, in per cent."""
    part = one_decimal(share)
    return Text(
        zh=f"{state.zh}：保留总分的{part}%，目前得0分。",
        en=f"{state.en}: keeps its {part}% of the total and earns nothing of it at present.",
    )


def untaken(treatment: Treatment, state: Text, cover: Decimal) -> Text:
    """Why a question takes no part; `cover` is its part of everything asked, in per cent."""
    part = one_decimal(cover)
    match treatment:
        case Treatment.UNKNOWN | Treatment.UNANSWERED:
            return Text(
                zh=f"{state.zh}：不计入平均，不按零分算；占全部题目权重的{part}%，会降低完整度。",
                en=f"{state.en}: left out of the mean, not counted as zero; {part}% of the weight, "
                "which lowers the completeness.",
            )
        case Treatment.NOT_APPLICABLE:
            return Text(
                zh=f"不适用：权重由旁边的题目分担；占全部题目权重的{part}%。",
                en=f"Not applicable: its weight goes to the questions beside it; "
                f"{part}% of the weight.",
            )
        case Treatment.OPTIONAL:
            return Text(
                zh=f"{state.zh}：不影响得分和完整度。",
                en=f"{state.en}: neither score nor completeness change.",
            )
        case Treatment.HIDDEN:
            return Text(
                zh="按企业的情况不问此题；已有的答案保留但不计分。",
                en="Not asked of this firm; an answer given earlier is kept but not scored.",
            )
        case _:
            return Text(zh="不计分。", en="Not scored.")


def next_option(step: int, label: Text) -> Text:
    return Text(zh=f"下一级（第{step}级）：{label.zh}。", en=f"Next, step {step}: {label.en}.")


def next_points(needed: Decimal) -> Text:
    return Text(
        zh=f"再上一级需要{one_decimal(needed)}分。",
        en=f"The next level needs {one_decimal(needed)} points.",
    )
