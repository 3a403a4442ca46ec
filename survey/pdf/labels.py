"""The fixed words of the report, in both languages at once.

What depends on a firm's answers is composed in core; here stand titles, table heads and hints.
"""

from survey.core.text import Text

PRODUCT = Text(zh="企诊", en="Qizhen")
REPORT = Text(zh="转型升级自评与改进报告", en="Self-assessment and improvement report")
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
DIGEST = Text(zh="问卷指纹（SHA-256）", en="Questionnaire digest (SHA-256)")

CONTENTS = Text(zh="目录", en="Contents")
HOW_TO_READ = Text(zh="怎样阅读", en="How to read this report")
READING = (
    Text(
        zh="时间不多，只看“总览”一页：结论、卡点和最先要做的事都在上面。",
        en="Short of time? The summary page has the result, what blocks it and what to do first.",
    ),
    Text(
        zh="安排工作，看“改进计划”：每一步都写明做什么、由谁负责、怎样算完成。",
        en="Handing out work? The plan says for each step what to do, who leads and how to tell it "
        "is done.",
    ),
    Text(
        zh="核对结果，看附录：全部答案、每道题的得分和它对总分的贡献都能逐项对上。",
        en="Checking the result? The appendices hold every answer, its score and its part of the "
        "total.",
    ),
)
DOCUMENT = Text(zh="文件信息", en="About this document")

SUMMARY = Text(zh="总览", en="Summary")
FIRM = Text(zh="企业概况", en="The firm")
POSITION = Text(zh="现状：各板块得分", en="Where the firm stands")
NEXT_LEVEL = Text(zh="卡点：什么挡住了下一级", en="What blocks the next level")
FINDINGS = Text(zh="优势与差距", en="Strengths and gaps")
CONDITIONS = Text(zh="合规前提", en="Preconditions")
PLAN = Text(zh="改进计划", en="Improvement plan")
COLLECT = Text(zh="待查实的数据", en="Data to collect")
ANSWERS = Text(zh="全部答案", en="All answers")
TRACE = Text(zh="得分明细：从答案到总分", en="Trace: from answers to the total")
METHOD = Text(zh="方法与等级", en="Method and levels")
GLOSSARY = Text(zh="术语", en="Glossary")
SOURCES = Text(zh="参考来源与声明", en="Sources and notice")
APPENDIX = Text(zh="附录", en="Appendix")

TOTAL = Text(zh="总分", en="Total")
OUT_OF = Text(zh="满分100", en="out of 100")
PROVISIONAL = Text(zh="暂定", en="Provisional")
NO_TOTAL = Text(zh="未给出", en="Not given")
LEVEL = Text(zh="等级", en="Level")
FROM_POINTS = Text(zh="分起", en="and up")
COMPLETENESS = Text(zh="完整度", en="Completeness")
COMPLETENESS_HINT = Text(
    zh="已知答案占适用权重的比例", en="Share of applicable weight with a known answer"
)
NOT_APPLICABLE = Text(zh="不适用", en="Not applicable")
NOT_APPLICABLE_HINT = Text(zh="声明不适用的权重比例", en="Share of weight declared not applicable")
TO_COLLECT = Text(zh="待查实", en="To collect")
TO_COLLECT_HINT = Text(zh="没有已知答案的计分题数", en="Scored questions without a known answer")
STRONGEST = Text(zh="走在前面的", en="Furthest ahead")
WEAKEST = Text(zh="最该补的", en="Most to gain")
BLOCKING = Text(zh="卡在哪里", en="What blocks")
FIRST_STEPS = Text(zh="最先要做的事", en="What to do first")
COLLECT_FIRST = Text(zh="最先要查的事", en="What to find out first")
KEEP_FIRST = Text(zh="最该留的证据", en="What to keep as proof")
NONE = Text(zh="无", en="None")

STEP = Text(zh="步骤", en="Step")
OWNER = Text(zh="责任岗位", en="Owner")
EFFORT = Text(zh="工作量", en="Effort")
HORIZON = Text(zh="期限", en="When")
WHY = Text(zh="为什么", en="Why")
NOW = Text(zh="现状", en="Today")
PROOF = Text(zh="完成标志", en="Proof of completion")
EVIDENCE = Text(zh="证据", en="Evidence")
EVIDENCE_HINT = Text(
    zh="证据一列是该领域已计分答案中最低的一档：只有自述、有数据、有文件、有第三方证明。",
    en="Evidence shows the lowest grade among the scored answers of a domain: statement only, "
    "figure given, document named, third-party proof.",
)
KEY_FIGURES = Text(zh="成效指标（不计分）", en="Key figures (not scored)")
URGENT = Text(zh="优先", en="Urgent")
UNBLOCKS = Text(zh="解卡点", en="Unblocks the next level")
GAIN = Text(zh="约提高", en="Adds about")
LATER = Text(zh="以后再做", en="Later")
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
POINTS = Text(zh="分", en="points")
BY_DOMAIN = Text(zh="各领域得分", en="Scores by domain")
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
WEIGHTS_OF_SECTIONS = Text(
    zh="板块权重（适用于本企业）", en="Section weights (as they apply to this firm)"
)
LEVELS = Text(zh="等级", en="Levels")
EDITION = Text(zh="版本", en="Edition")
NOTICE = Text(zh="声明", en="Notice")
PRECONDITION_NOTE = Text(zh="不计分，只提示。", en="Not scored; a reminder only.")
