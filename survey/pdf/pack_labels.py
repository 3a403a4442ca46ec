"""The fixed words of a preparation pack, in both languages at once."""

from collections.abc import Mapping

from survey.core import blanks
from survey.core.bank import Kind
from survey.core.text import Text

TITLE = Text(zh="填报准备材料", en="Preparation pack")
HOW = Text(zh="怎样使用", en="How to use this pack")
USE = (
    Text(
        zh="这份材料列出要回答的题目，供填报前分头准备；封面上的题数包括企业概况。"
        "每个板块从新的一页开始，可以拆开交给不同的同事。",
        en="This pack lists the questions, so that they can be prepared before they are answered; "
        "the number on the cover counts the facts about the firm as well. Each section begins on "
        "a new page and can be handed to another colleague.",
    ),
    Text(
        zh="先看“到哪里找”，把数据和文件准备好，再到网站上填写；也可以下载同样题目的表格，"
        "填好后上传。",
        en="Look first at where to find it, get figures and documents ready, then answer on the "
        "site. The same questions are available as a workbook to fill in and upload.",
    ),
    Text(
        zh="拿不准的题选“暂不清楚”，不要估填。标有条件的题，只在条件成立时填写。",
        en="Mark what is not known instead of guessing. A question with a condition is answered "
        "only if the condition holds.",
    ),
    Text(
        zh="这里不含任何企业的数据；打印或转发前无须脱敏。填好的纸质材料请按企业规定保管。",
        en="It contains no firm’s data and may be passed on. Once filled in, keep it as your "
        "firm’s rules require.",
    ),
)
COUNT = Text(zh="题目", en="Questions")
MINUTES = Text(zh="填报用时", en="Time to answer")
FILLED_IN_BY = Text(zh="填写人", en="Filled in by")
UNTIL = Text(zh="完成日期", en="Due")
HELP = Text(zh="说明", en="Help")
EXAMPLE = Text(zh="例", en="Example")
WHERE = Text(zh="到哪里找", en="Where to find it")
NOT_KNOWN = blanks.DONT_KNOW
DOES_NOT_APPLY = Text(zh="不适用于本企业，理由：", en="Does not apply to us, because:")
EVIDENCE = Text(zh="证据", en="Evidence")
OWN, THIRD = (text for _key, text in blanks.GRADES)
NAMED = Text(zh="名称：", en="Name:")
SHARE = Text(zh="比例", en="Share")
PARTLY = blanks.PARTLY_NEXT
LINE = Text(zh="项目", en="Item")
GLOSSARY = Text(zh="术语", en="Glossary")

HOW_TO: Mapping[Kind, Text] = {
    Kind.CHOICE: Text(zh="单选", en="Choose one"),
    Kind.LADDER: Text(zh="选一级：已经全部做到的最高一级", en="Choose the highest step in place"),
    Kind.MULTIPLE: Text(zh="可多选", en="Tick all that apply"),
    Kind.NUMBER: Text(zh="填一个数", en="One figure"),
    Kind.RATIO: Text(zh="填两个数", en="Two figures"),
    Kind.MATRIX: Text(zh="每行选一项", en="One in each line"),
    Kind.YES_NO: Text(zh="每行选一项", en="One in each line"),
    Kind.TEXT: Text(zh="填文字", en="A few words"),
    Kind.BENCHMARK: Text(zh="填数值", en="Figures"),
    Kind.REQUIREMENTS: Text(zh="每行选一项", en="One in each line"),
}


def questions(count: int) -> Text:
    return Text(zh=f"{count}题", en=f"{count} question{'' if count == 1 else 's'}")


def minutes(count: int) -> Text:
    return Text(zh=f"约{count}分钟", en=f"About {count} minutes")


def between(minimum: str, maximum: str) -> Text:
    return Text(zh=f"{minimum}至{maximum}", en=f"{minimum} to {maximum}")
