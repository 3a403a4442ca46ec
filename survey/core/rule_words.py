"""What is known about the conditions of rules, in both languages."""

from collections.abc import Mapping, Sequence

from survey.core.parts import ConditionState
from survey.core.text import Text

STATES: Mapping[ConditionState, Text] = {
    ConditionState.MET: Text(zh="已满足", en="Met"),
    ConditionState.NOT_MET: Text(zh="未满足", en="Not met"),
    ConditionState.UNKNOWN: Text(zh="待查实", en="To be checked"),
    ConditionState.NOT_APPLICABLE: Text(zh="不适用", en="Not applicable"),
}

ANSWER_FIRST = Text(
    zh="相关题目还没有已知的答案，答完才能判断。",
    en="Open until the question behind it is answered.",
)
NOT_ASKED = Text(
    zh="这次用的问卷没有问到；改用完整版填报后可以判断。",
    en="Not asked in this edition of the questionnaire; the full one does.",
)


def _counted(counts: Mapping[ConditionState, int]) -> Text:
    """How many are in each state, in one order; a state that none is in is left out."""
    found = [(word, counts[state]) for state, word in STATES.items() if counts[state]]
    chinese = "，".join(f"{count}项{word.zh}" for word, count in found)
    english = "; ".join(f"{word.en.lower()}: {count}" for word, count in found)
    return Text(zh=f"{chinese}。", en=f"{english.capitalize()}.")


def statements_counted(counts: Mapping[ConditionState, int]) -> Text:
    """How many statements about the law and its permits are true, and what comes first."""
    met, unmet = counts[ConditionState.MET], counts[ConditionState.NOT_MET]
    unclear, numbers = counts[ConditionState.UNKNOWN], _counted(counts)
    if unmet:
        return Text(
            zh=f"{numbers.zh}未满足的项目应先于其他改进处理。",
            en=f"{numbers.en} What is not met comes before any other improvement.",
        )
    if unclear:
        return Text(
            zh=f"{numbers.zh}没有已知未满足的项目，请先查实不清楚的项目。",
            en=f"{numbers.en} None is known to be unmet; settle the unclear ones first.",
        )
    if not met:
        return Text(
            zh="所列各项对本企业都不适用。", en="None of the items listed applies to the firm."
        )
    return Text(
        zh=f"适用的{met}项均已满足（自评）。请保存好证照和记录备查。",
        en=f"All that apply ({met}) are met, by the firm's own statement. Keep the certificates "
        "and records at hand.",
    )


def conditions_counted(counts: Mapping[ConditionState, int]) -> Text:
    """How many conditions of a programme hold, as far as the answers tell: never an approval."""
    numbers = _counted(counts)
    if counts[ConditionState.NOT_MET]:
        return Text(
            zh=f"{numbers.zh}有意申报的，先看未满足的条件能不能补上。",
            en=f"{numbers.en} If the firm wants to apply, see first whether what is not met can "
            "be.",
        )
    if counts[ConditionState.UNKNOWN]:
        return Text(
            zh=f"{numbers.zh}没有已知未满足的条件；有意申报的，先查实待查实的条件。",
            en=f"{numbers.en} None is known to be unmet; if the firm wants to apply, settle the "
            "open ones first.",
        )
    return Text(
        zh=f"{numbers.zh}这是企业的自评，是否符合以规则的现行文本和审核为准。",
        en=f"{numbers.en} This is the firm's own statement; the rule and its examiners decide.",
    )


def answered(texts: Sequence[Text]) -> Text | None:
    """The answers that a state rests on."""
    if not texts:
        return None
    return Text(
        zh="依据答案：" + "；".join(text.zh for text in texts),
        en="By the answer: " + "; ".join(text.en for text in texts),
    )
