"""How this firm best reads its report: by its size and by where it stands, in both languages."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from survey.core.figures import amount
from survey.core.parts import Standing
from survey.core.text import Text

SHORT_OF_TIME = Text(
    zh="时间不多，只看“总览”一页：结论、卡点和最先要做的事都在上面。",
    en="Short of time? The summary page has the result, what blocks the next level and what to "
    "do first.",
)
CHECKING = Text(
    zh="核对结果，看附录：全部答案、每道题的得分和它对总分的贡献都能逐项对上。",
    en="Checking the result? The appendices hold every answer, its score and its part of the "
    "total.",
)
SMALL = Text(
    zh="企业规模不大，往往一个人管几件事：计划最多列7个步骤，建议老板和一两位骨干一起，"
    "每月碰一次，做完一步再开下一步。",
    en="In a small firm one person looks after several things, so the plan has seven steps at "
    "most. The owner and one or two key people should meet monthly and finish a step before the "
    "next one begins.",
)
LARGE = Text(
    zh="安排工作，看“改进计划”：每一步都写明责任岗位和完成标志。建议由一位分管负责人牵头，"
    "各板块负责人按月报进度，每季度对照一次。",
    en="Handing out work? The plan names an owner and the proof of completion for each step. One "
    "director should lead, with monthly progress from each area and a review every quarter.",
)
STANDINGS: Mapping[Standing, Text] = {
    Standing.UNKNOWN: Text(
        zh="这次没有足够的已知答案，报告的重点是“待查实的数据”：先查清，再重新填报。",
        en="Too little is known this time. Read the chapter on data to collect, find the answers, "
        "and fill in the questionnaire again.",
    ),
    Standing.OVER_CAP: Text(
        zh="声明“不适用”的题目过多，没有给出总分。请先核对这些题目是否真的不适用。",
        en="Too much was declared not applicable for a total. Check first whether those questions "
        "really do not apply.",
    ),
    Standing.INCOMPLETE: Text(
        zh="得分是暂定的。先看“待查实的数据”，补齐后等级才有意义。",
        en="The score is provisional. Start with the data to collect; a level means something "
        "only once it is in.",
    ),
    Standing.STARTING: Text(
        zh="企业还在打基础：先把台账、责任人和基本制度立起来，不必急着买系统。",
        en="The firm is still laying foundations: records, named owners and basic rules come "
        "first, systems later.",
    ),
    Standing.BUILDING: Text(
        zh="企业已有基础：先看“卡点”一章，把挡住下一级的几道题补上，比全面铺开更划算。",
        en="The foundations are there. The chapter on what blocks the next level shows the few "
        "answers that pay off more than doing a little everywhere.",
    ),
    Standing.CONNECTED: Text(
        zh="企业多数环节已经打通：重点看薄弱领域和证据等级，让数据真正用于决策。",
        en="Most of the firm is connected by now. Look at the weak domains and at the grades of "
        "evidence, and put the data to work in decisions.",
    ),
    Standing.PROVING: Text(
        zh="企业已走在前面：重点看“留证清单”，把做得好的地方保持住、说得清、拿得出证据。",
        en="The firm is ahead. Read the list of proof to keep: what works has to be kept up and "
        "shown to others.",
    ),
}


def heaviest(question: Text, sections: Sequence[tuple[Text, Decimal]]) -> Text:
    """Which sections weigh most, where this depends on the answer to a question."""
    chinese = "、".join(f"“{name.zh}”（{amount(weight)}%）" for name, weight in sections)
    english = ", ".join(f"{name.en} ({amount(weight)}%)" for name, weight in sections)
    return Text(
        zh=f"板块的权重随“{question.zh}”而定，对本企业最重的是{chinese}。",
        en=f"Section weights depend on “{question.en}”; the heaviest for this firm: {english}.",
    )


def round_of(year: int) -> Text:
    return Text(zh=f"{year}年自评", en=f"Self-assessment of {year}")
