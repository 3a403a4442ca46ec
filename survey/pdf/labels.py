"""The fixed words of the report, in both languages at once.

What depends on a firm's answers is composed in core; here stand titles, table heads and hints.
"""

from survey.core.text import Text

PRODUCT = Text(zh="企诊", en="Qizhen")
REPORT = Text(zh="转型升级自评与改进报告", en="Self-assessment and improvement report")
SHORT_REPORT = Text(zh="转型升级自评报告（简版）", en="Self-assessment report, short edition")
SELF_DECLARED = Text(zh="自评，仅供参考", en="Self-declared, indicative")
NOT_OFFICIAL = Text(
    zh="由企业自行填报得出，不是官方认证或评定。",
    en="Based on what the firm states about itself; not an official certification.",
)
UNNAMED = Text(zh="未填写企业名称", en="Firm not named")
ISSUED = Text(zh="日期", en="Date")
QUESTIONNAIRE = Text(zh="问卷", en="Questionnaire")
VERSION = Text(zh="版本", en="Version")
REPORT_NUMBER = Text(zh="报告编号", en="Report number")
ENGINE = Text(zh="计分规则版本", en="Scoring rules, version")
ENGINE_SHORT = Text(zh="计分规则", en="scoring rules")
SKIP = Text(zh="跳到正文", en="Skip to the report")
DIGEST = Text(zh="问卷指纹（SHA-256）", en="Questionnaire digest (SHA-256)")

CONTENTS = Text(zh="目录", en="Contents")
HOW_TO_READ = Text(zh="怎样阅读", en="How to read this report")
DOCUMENT = Text(zh="文件信息", en="About this document")

SUMMARY = Text(zh="总览", en="Summary")
FIRM = Text(zh="企业概况", en="The firm")
POSITION = Text(zh="现状：各板块得分", en="Where the firm stands")
NEXT_LEVEL = Text(zh="卡点：什么挡住了下一级", en="What blocks the next level")
SECTION_BY_SECTION = Text(zh="逐个板块看", en="Section by section")
CONDITIONS = Text(zh="前提与申报条件", en="Pre-conditions and programmes")
BESIDE = Text(zh="对照：上一轮、目标与同行", en="Beside last round, targets and others")
PLAN = Text(zh="改进计划", en="Improvement plan")
COLLECT = Text(zh="待查实的数据", en="Data to collect")
ANSWERS = Text(zh="全部答案", en="All answers")
TRACE = Text(zh="得分明细：从答案到总分", en="Trace: from answers to the total")
METHOD = Text(zh="方法与等级", en="Method and levels")
GLOSSARY = Text(zh="术语", en="Glossary")
SOURCES = Text(zh="参考来源与声明", en="Sources and notice")

TOTAL = Text(zh="总分", en="Total")
OUT_OF = Text(zh="满分100", en="out of 100")
PROVISIONAL = Text(zh="暂定", en="Provisional")
NO_TOTAL = Text(zh="未给出", en="Not given")
LEVEL = Text(zh="等级", en="Level")
COMPLETENESS = Text(zh="完整度", en="Completeness")
NOT_APPLICABLE = Text(zh="不适用", en="Not applicable")
TO_COLLECT = Text(zh="待查实", en="To collect")
BLOCKING = Text(zh="卡在哪里", en="What blocks")
FIRST_STEPS = Text(zh="最先要做的事", en="What to do first")
COLLECT_FIRST = Text(zh="最先要查的事", en="What to find out first")
KEEP_FIRST = Text(zh="最该留的证据", en="What to keep as proof")

STEP = Text(zh="步骤", en="Step")
OWNER = Text(zh="责任岗位", en="Owner")
EFFORT = Text(zh="工作量", en="Effort")
HORIZON = Text(zh="期限", en="When")
WHY = Text(zh="为什么", en="Why")
PROOF = Text(zh="完成标志", en="Proof of completion")
EVIDENCE = Text(zh="证据", en="Evidence")
EVIDENCE_HINT = Text(
    zh="证据一列是该领域已计分答案中最低的一档：只有自述、有数据、有文件、有第三方证明。",
    en="Evidence shows the lowest grade among the scored answers of a domain: statement only, "
    "figure given, document named, third-party proof.",
)
KEY_FIGURES = Text(zh="成效指标（不计分）", en="Key figures (not scored)")
URGENT = Text(zh="优先", en="Urgent")
UNBLOCKS = Text(zh="破除卡点", en="Unblocks the next level")
LATER = Text(zh="以后再做", en="Later")
LATER_HINT = Text(
    zh="以下步骤同样以后再做，做法见“逐个板块看”。",
    en="These too can wait; the chapter section by section says how to do them.",
)
KEEP = Text(zh="留证清单", en="Proof to keep")
WHERE = Text(zh="到哪里找", en="Where to look")
ANSWER = Text(zh="答案", en="Answer")
STRENGTHS = Text(zh="优势", en="Strengths")
GAPS = Text(zh="差距", en="Gaps")

SECTION = Text(zh="板块", en="Section")
DOMAIN = Text(zh="领域", en="Domain")
QUESTION = Text(zh="题目", en="Question")
SCORE = Text(zh="得分", en="Score")
WEIGHT = Text(zh="权重", en="Weight")
SHARE = Text(zh="占比（%）", en="Share (%)")
CONTRIBUTION = Text(zh="贡献", en="Contribution")
NOT_RATED = Text(zh="未评分", en="Not rated")
RADAR = Text(
    zh="各板块得分雷达图，数值见下表",
    en="Radar of the section scores; the table below has the figures",
)
RADAR_HINT = Text(
    zh="由内向外每一圈为20分；缺口表示该板块未评分。",
    en="Each ring is 20 points; a gap means that the section is not rated.",
)
THRESHOLD = Text(zh="总分门槛", en="Total from")
MEANING = Text(zh="含义", en="Meaning")
NOTICE = Text(zh="声明", en="Notice")
HEAT_MAP = Text(zh="领域等级图", en="Domains by level")
HEAT_MAP_HINT = Text(
    zh="每满20分为一级；深色格是已达到的等级，格中数字即等级。未评分的领域留空。",
    en="One level for each full 20 points. Dark boxes are reached; the figure names the level. "
    "Domains without a score stay empty.",
)
NEXT_STEPS = Text(zh="薄弱领域的下一步", en="Next step of each weak domain")
WORKS = Text(zh="做得好的", en="What works")
LACKS = Text(zh="差距最大的", en="What lacks most")
TIMELINE = Text(zh="时间安排", en="Time line")
DAYS_30 = Text(zh="30天内", en="By day 30")
DAYS_90 = Text(zh="90天内", en="By day 90")
DAYS_365 = Text(zh="一年内", en="Within a year")
EFFECT = Text(zh="计划完成后的得分和等级", en="Score and level once the plan is done")
LAST_AND_NOW = Text(zh="与上一轮相比", en="Beside the last round")
TARGETS = Text(zh="与企业目标相比", en="Beside the firm's own targets")
TARGET = Text(zh="目标", en="Target")
STATE = Text(zh="状态", en="State")
OTHERS = Text(zh="公开的同行分布", en="Published figures of other firms")
BASE = Text(zh="样本", en="Base")
SOURCE = Text(zh="出处", en="Source")
LATEST = Text(zh="上年", en="Last year")
YEAR_BEFORE = Text(zh="前一年", en="Year before")
CHANGE = Text(zh="变化", en="Change")
RULE = Text(zh="依据", en="Rule")
CONDITION = Text(zh="条件", en="Condition")
FIGURE = Text(zh="指标", en="Figure")
VERIFY = Text(zh="扫码或打开网址，可核对本报告是否原件", en="Scan or open to check this report")
SIGNATURE = Text(zh="电子签名", en="Electronic signature")
STAGE = Text(zh="阶段", en="Stage")
RISEN = Text(zh="提高最多的题", en="Answers that rose most")
FALLEN = Text(zh="降低最多的题", en="Answers that fell most")
ISSUER = Text(zh="出具", en="Issued by")
USED_TERMS = Text(
    zh="只列出本报告用到的术语。", en="Only the words that this report uses are listed."
)
MORE_BLOCKS = Text(zh="其余卡点见下文", en="More in the chapter on what blocks")
PRECONDITION_NOTE = Text(
    zh="本章各表不计分，只说明答案显示的情况，不代表符合任何申报条件。",
    en="Nothing in this chapter is scored. It shows what the answers tell and does not mean that "
    "a firm may apply for a programme.",
)


def more_lines(count: int) -> Text:
    """How many lines of an answer stand only among all answers."""
    return Text(zh=f"另有{count}项，见附录A。", en=f"{count} more in appendix A.")
