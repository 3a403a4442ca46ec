"""Why a step of the plan stands where it does, in words."""

from decimal import Decimal

from survey.core.figures import about
from survey.core.text import Text

NOT_MET = Text(
    zh="这是合规前提，目前没有满足，先于其他改进。",
    en="A pre-condition that is not met; it comes before any other improvement.",
)
TARGET_REACHED = Text(
    zh="这个领域已达到企业自己定的目标，可以往后放。",
    en="This domain has reached the firm's own target, so it can wait.",
)


def urgent(gain: Decimal) -> Text:
    """A question below the floor that the bank sets for safety, security or compliance."""
    if not gain:
        return Text(
            zh="安全和合规的底线还没有守住，先于其他改进。",
            en="A basic safeguard is missing; it comes before any other improvement.",
        )
    points = about(gain)
    return Text(
        zh=f"安全和合规的底线还没有守住，先于其他改进；完成后总分可提高{points.zh}分。",
        en="A basic safeguard is missing; it comes before any other improvement. "
        f"Done, it adds {points.en} points.",
    )


def unblocks(gain: Decimal) -> Text:
    if not gain:
        return Text(
            zh="这是下一级的卡点之一。",
            en="One of the blockers of the next level.",
        )
    points = about(gain)
    return Text(
        zh=f"这是下一级的卡点之一；完成后总分可提高{points.zh}分。",
        en=f"One of the blockers of the next level; done, it adds {points.en} points.",
    )


def worth(gain: Decimal, effort: Text) -> Text:
    """A step that stands where it does by what it brings for its effort."""
    if not gain:
        return Text(
            zh="这一项目前不计入总分，但仍值得去做。",
            en="It does not count towards the total at present, but is worth doing.",
        )
    points = about(gain)
    return Text(
        zh=f"完成后总分可提高{points.zh}分，工作量{effort.zh}；按“提高的分数÷工作量”排在这里。",
        en=f"Done, it adds {points.en} points for a {effort.en.lower()} amount of work; steps "
        "stand in the order of points per effort.",
    )
