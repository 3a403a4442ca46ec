"""The sentences that ask "really?" about a figure that few firms have."""

from survey.core.text import Text


def high(value: Text, most: Text) -> Text:
    return Text(
        zh=f"填的是{value.zh}，偏高：通常不超过{most.zh}。数值和单位都对吗？",
        en=f"You entered {value.en}, which is unusually high: {most.en} at most is usual. "
        "Are the figure and its unit right?",
    )


def low(value: Text, least: Text) -> Text:
    return Text(
        zh=f"填的是{value.zh}，偏低：通常不低于{least.zh}。数值和单位都对吗？",
        en=f"You entered {value.en}, which is unusually low: {least.en} at least is usual. "
        "Are the figure and its unit right?",
    )


def part_high(name: Text, value: Text, most: Text) -> Text:
    """The same of one of two figures."""
    return Text(
        zh=f"“{name.zh}”填的是{value.zh}，偏高：通常不超过{most.zh}。数值和单位都对吗？",
        en=f"“{name.en}” is entered as {value.en}, which is unusually high: {most.en} at most is "
        "usual. Are the figure and its unit right?",
    )


def part_low(name: Text, value: Text, least: Text) -> Text:
    return Text(
        zh=f"“{name.zh}”填的是{value.zh}，偏低：通常不低于{least.zh}。数值和单位都对吗？",
        en=f"“{name.en}” is entered as {value.en}, which is unusually low: {least.en} at least is "
        "usual. Are the figure and its unit right?",
    )


def share_high(value: Text, most: Text) -> Text:
    """The same of what two figures come to."""
    return Text(
        zh=f"两数相除得{value.zh}，偏高：通常不超过{most.zh}。两个数都对吗？",
        en=f"The two figures come to {value.en}, which is unusually high: {most.en} at most is "
        "usual. Are both right?",
    )


def share_low(value: Text, least: Text) -> Text:
    return Text(
        zh=f"两数相除得{value.zh}，偏低：通常不低于{least.zh}。两个数都对吗？",
        en=f"The two figures come to {value.en}, which is unusually low: {least.en} at least is "
        "usual. Are both right?",
    )


def change(value: Text, least: Text, most: Text) -> Text:
    """The same of how one figure stands to an earlier one."""
    return Text(
        zh=f"前后相比{value.zh}，变化较大：通常在{least.zh}到{most.zh}之间。两个数都对吗？",
        en=f"One figure against the other: {value.en}, which is unusual. Most changes lie between "
        f"{least.en} and {most.en}. Are both figures right?",
    )
