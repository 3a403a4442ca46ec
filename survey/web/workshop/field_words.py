"""What the fields, kinds and groups of the workshop's forms are called, with help."""

from collections.abc import Mapping
from dataclasses import dataclass

from survey.i18n import Later
from survey.i18n import lazy as _


@dataclass(frozen=True, slots=True)
class Words:
    """A field's name, and what helps to fill it in; no help is an empty text."""

    label: Later
    help: Later | str = ""


_COUNTED_WEIGHT = Words(
    _("Weight"),
    _("A number from 0 to 1000. It counts only if the question has bands or a scale."),
)

FIELDS: Mapping[str, Words] = {
    "key": Words(
        _("Key"),
        _("Lower-case letters, figures and hyphens. Other parts refer to it; firms never see it."),
    ),
    "code": Words(
        _("Code"), _("A capital letter and up to two figures, such as E3. Shown before the title.")
    ),
    "title": Words(_("Title")),
    "short": Words(
        _("Short name"),
        _("Used where there is no room for the whole text, such as in charts and tables."),
    ),
    "summary": Words(_("Summary"), _("One or two sentences below the title.")),
    "label": Words(_("Label")),
    "source": Words(_("Source")),
    "caution": Words(_("Caution"), _("What the reader should keep in mind.")),
    "weight": Words(
        _("Weight"),
        _("A number from 0 to 1000. The weights of all neighbours together make the whole."),
    ),
    "minutes": Words(_("Minutes"), _("How long answering takes, as firms are told.")),
    "ceiling": Words(
        _("Highest level"), _("No level above this one is given. Leave it empty for no limit.")
    ),
    "ceiling_reason": Words(
        _("Reason for the highest level"), _("Printed where the highest level holds the firm back.")
    ),
    "when": Words(_("Asked if"), _("Without a condition every firm is asked.")),
    "unit": Words(_("Unit")),
    "minimum": Words(_("Lowest value")),
    "maximum": Words(_("Highest value")),
    "better": Words(_("Which way is better")),
    "scale": Words(
        _("Scale from a published source"),
        _("A base value scores 0, a leading value 100. Leave all three empty for none."),
    ),
    "likely": Words(
        _("Likely range"),
        _("Outside it the page asks once more; nothing is refused. Leave both empty for none."),
    ),
    "bands": Words(
        _("Bands"), _("Every value from a lower bound upwards earns this share of the score.")
    ),
    "full_at": Words(
        _("Enough for the full score"), _("How many are needed. Leave it empty for all.")
    ),
    "states": Words(_("States"), _("What each row can be in, lowest points first.")),
    "rows": Words(_("Rows")),
    "number": Words(_("Number")),
    "level": Words(_("Level")),
    "meaning": Words(_("Meaning")),
    "core": Words(_("Core questions"), _("Each of them has to be at most one level below.")),
    "Bank.format": Words(_("Format")),
    "Bank.key": Words(_("Key of the bank"), _("It stays the same in all versions.")),
    "Bank.version": Words(_("Version"), _("Counted by the system.")),
    "Bank.title": Words(_("Title"), _("The name of the bank, as firms see it.")),
    "Bank.summary": Words(_("Introduction"), _("What firms read before they start.")),
    "Bank.notice": Words(
        _("Notice"), _("What the result is and what it is not; printed in every report.")
    ),
    "Bank.banner": Words(_("Banner"), _("Said on every page of an assessment.")),
    "Bank.method": Words(
        _("Description of the method"), _("One paragraph each, printed at the end of the report.")
    ),
    "Bank.roles": Words(_("Roles"), _("Who in a firm typically carries out a step.")),
    "Bank.profile": Words(_("Profile")),
    "Bank.weigh_by": Words(
        _("Weights depend on"), _("A choice of the profile. Weights can then differ by its answer.")
    ),
    "Bank.weigh_default": Words(
        _("Weights until this is answered"), _("The answer whose weights hold meanwhile.")
    ),
    "Bank.size_by": Words(
        _("Size is told by"), _("A choice of the profile; advice can be limited to some sizes.")
    ),
    "Bank.sector_by": Words(
        _("Sector is told by"), _("A choice of the profile; advice can be limited to some sectors.")
    ),
    "Bank.small_sizes": Words(_("Small sizes"), _("The sizes that count as small.")),
    "Bank.scoring": Words(_("Scoring")),
    "Bank.sections": Words(_("Sections")),
    "Bank.outcomes": Words(_("Key figures")),
    "Bank.levels": Words(_("Levels")),
    "Bank.editions": Words(_("Editions")),
    "Bank.eligibility": Words(_("Conditions of programmes")),
    "Bank.distributions": Words(_("Published distributions")),
    "Bank.hints": Words(_("Hints for reading")),
    "Bank.glossary": Words(_("Glossary")),
    "Bank.sources": Words(_("Sources")),
    "Scoring.method": Words(_("How parts become a whole")),
    "Scoring.not_applicable": Words(_("What is not applicable")),
    "Scoring.met_at": Words(
        _("A level is met from"),
        _("The share, in per cent, from which a staged level counts as met."),
    ),
    "QuestionBase.kind": Words(_("Kind")),
    "QuestionBase.short": Words(
        _("Short name"), _("The question's name where there is no room for all of it.")
    ),
    "QuestionBase.prompt": Words(_("Question")),
    "QuestionBase.help": Words(_("Help"), _("What is meant, what counts.")),
    "QuestionBase.example": Words(_("Example")),
    "QuestionBase.evidence": Words(
        _("Where to find the answer"), _("A document, a system, or what proves the answer.")
    ),
    "QuestionBase.required": Words(
        _("Has to be answered"), _("Without an answer nothing can be submitted.")
    ),
    "QuestionBase.not_applicable": Words(
        _("Not applicable"), _("Whether a firm may say that the question does not concern it.")
    ),
    "QuestionBase.optional_when": Words(
        _("May be left open if"), _("Then a question left open is as good as not asked.")
    ),
    "QuestionBase.urgent_below": Words(
        _("Urgent below level"), _("From 1 to 5. A lower level makes the advice urgent.")
    ),
    "QuestionBase.advice": Words(
        _("Advice"),
        _("By rising level. A firm gets the first that fits it and leads above its level."),
    ),
    "QuestionBase.source": Words(
        _("Where the question comes from"), _("For colleagues; in one language.")
    ),
    "QuestionBase.leans_on": Words(_("Leans on"), _("Entries of the sources of this bank.")),
    "QuestionBase.policy": Words(
        _("Policy directions"), _("The directions that the question answers to.")
    ),
    "QuestionBase.terms": Words(_("Terms explained beside it"), _("Words of the glossary.")),
    "options": Words(_("Options"), _("What can be chosen.")),
    "Option.points": Words(
        _("Its points"),
        _("On the question's own scale; 0 is the lowest. Leave it empty if nothing is scored."),
    ),
    "Ladder.half_steps": Words(_("“Partly at the next step” is possible")),
    "Multiple.none": Words(
        _("The box that excludes the others"), _("For example “none of these”.")
    ),
    "Multiple.credit": Words(_("What ticked boxes earn")),
    "Number.weight": _COUNTED_WEIGHT,
    "Ratio.weight": _COUNTED_WEIGHT,
    "Number.decimals": Words(_("Digits after the decimal point"), _("From 0 to 6.")),
    "Ratio.numerator": Words(_("Numerator")),
    "Ratio.denominator": Words(_("Denominator")),
    "Ratio.unit": Words(_("Unit"), _("Of both figures, or of the numerator.")),
    "Ratio.denominator_unit": Words(
        _("Unit of the denominator"), _("Only if it differs from the numerator’s.")
    ),
    "Ratio.may_exceed": Words(
        _("The numerator may be larger"), _("For comparisons such as this year over last year.")
    ),
    "Ratio.likely": Words(
        _("Likely range, in per cent"),
        _("Of the ratio, or of its change. Leave both empty for none."),
    ),
    "Ratio.likely_each": Words(
        _("Likely range of each figure"), _("In the unit above. Leave both empty for none.")
    ),
    "YesNo.statements": Words(_("Statements"), _("Each is answered yes or no.")),
    "Statement.remedy": Words(
        _("What to do if it is not true"), _("Leave everything empty for none.")
    ),
    "Open.maximum_length": Words(_("Longest answer, in characters"), _("From 1 to 2000.")),
    "Open.pattern": Words(
        _("Form of the answer"),
        _("A regular expression that the whole answer has to match. Leave it empty for free text."),
    ),
    "Requirements.rows": Words(_("Requirements"), _("In rising levels.")),
    "Requirements.rule": Words(_("What requirements earn")),
    "Requirements.met_at": Words(
        _("A level is met from"), _("The mean of its requirements, in per cent of the best state.")
    ),
    "Requirement.level": Words(_("Of level"), _("From 1 to 5.")),
    "Scale.base": Words(_("Base value"), _("Scores 0.")),
    "Scale.lead": Words(_("Leading value"), _("Scores 100.")),
    "Scale.source": Words(_("Source of both")),
    "Band.from": Words(_("From this value")),
    "Band.above": Words(_("Only above this value")),
    "Band.score": Words(_("Score in per cent")),
    "Likely.low": Words(_("Lowest usual value")),
    "Likely.high": Words(_("Highest usual value")),
    "Advice.to": Words(_("Leads to level"), _("From 1 to 5.")),
    "Action.what": Words(_("What is to be done")),
    "Action.proof": Words(_("How one sees that it is done")),
    "Action.owner": Words(_("Who does it")),
    "Action.effort": Words(_("Amount of work")),
    "Action.horizon": Words(_("By when")),
    "Action.sizes": Words(_("Only for firms of these sizes"), _("None ticked means all.")),
    "Action.types": Words(
        _("Only for these answers to what weights depend on"), _("None ticked means all.")
    ),
    "Action.sectors": Words(_("Only for these sectors"), _("None ticked means all.")),
    "Section.theme": Words(_("Theme"), _("The policy direction of the section.")),
    "Section.short": Words(_("Short name"), _("For charts and tables.")),
    "Section.domains": Words(_("Domains")),
    "questions": Words(_("Questions")),
    "LevelScheme.title": Words(_("Name of the scheme")),
    "LevelScheme.steps": Words(_("Steps of the scheme"), _("Lowest first.")),
    "LevelScheme.gates": Words(_("Gates"), _("What a level demands besides points.")),
    "LevelScheme.not_applicable_cap": Words(
        _("Most that may be not applicable, in per cent"),
        _("If more of the weight is declared not applicable, no total is given."),
    ),
    "LevelScheme.rated_from": Words(
        _("A section is rated from, in per cent"),
        _("The share of its weight that has to be applicable."),
    ),
    "Level.threshold": Words(_("From how many points")),
    "Level.title": Words(_("Name of the level")),
    "Gates.breadth": Words(_("Domains at the level, in per cent")),
    "Gates.breadth_below": Words(_("Domains at most one level below, in per cent")),
    "Gates.completeness": Words(_("Completeness, in per cent")),
    "Gates.evidence": Words(_("Evidence for a level"), _("Leave both empty for none.")),
    "Gates.scenes": Words(_("Scenes for a level"), _("Leave everything empty for none.")),
    "EvidenceGate.from_level": Words(_("From level")),
    "EvidenceGate.grade": Words(_("Grade of evidence")),
    "SceneGate.scenes": Words(_("Scene questions"), _("Ladder questions.")),
    "SceneGate.mandatory": Words(_("Mandatory scenes")),
    "SceneGate.steps": Words(_("Scenes for each level")),
    "SceneStep.scenes": Words(_("Scenes")),
    "SceneStep.mandatory": Words(_("Mandatory ones among them")),
    "Edition.questions": Words(_("Questions"), _("Those that the edition asks.")),
    "Term.term": Words(_("Term")),
    "Source.title": Words(_("Name of the source")),
    "Source.edition": Words(
        _("Edition of the source"), _("Such as a number and a year; in one language.")
    ),
    "Source.note": Words(_("Note")),
    "Eligibility.source": Words(_("Rule")),
    "Eligibility.conditions": Words(_("Conditions")),
    "RuleCondition.when": Words(
        _("Matters if"), _("Without a condition it matters to every firm.")
    ),
    "RuleCondition.holds": Words(
        _("Met if"), _("Without a condition the questionnaire does not ask for it.")
    ),
    "RuleCondition.where": Words(_("How the firm finds out")),
    "RuleCondition.other_way": Words(
        _("What else the rule accepts"), _("What the questionnaire does not ask for.")
    ),
    "PublishedDistribution.year": Words(_("Year")),
    "PublishedDistribution.base": Words(_("Who was counted")),
    "PublishedDistribution.shares": Words(_("Shares")),
    "PublishedShare.percent": Words(_("Per cent")),
    "PublishedShare.levels": Words(_("Levels"), _("Numbers with commas between them.")),
    "Hint.when": Words(_("Shown if"), _("Without a condition every firm sees it.")),
    "Hint.text": Words(_("Hint")),
}
"""By the name of the field, or by `Model.field` where that differs."""

CHOICES: Mapping[str, Mapping[str, Later]] = {
    "Kind": {
        "choice": _("Choice (facts)"),
        "ladder": _("Ladder"),
        "multiple": _("Multiple choice"),
        "number": _("Number question"),
        "ratio": _("Ratio"),
        "matrix": _("Matrix"),
        "yes-no": _("Yes or no"),
        "text": _("Free text"),
        "benchmark": _("Benchmark"),
        "requirements": _("Requirements in levels"),
    },
    "Effort": {
        "S": _("S: days"),
        "M": _("M: weeks"),
        "L": _("L: months"),
    },
    "Horizon": {
        "30": _("30 days"),
        "90": _("90 days"),
        "365": _("A year"),
    },
    "Theme": {
        "smart": _("Smart"),
        "green": _("Green"),
        "service": _("Service-oriented"),
        "digital": _("Digital"),
        "innovation": _("Innovation and specialisation"),
    },
    "Better": {
        "higher": _("Higher is better"),
        "lower": _("Lower is better"),
    },
    "NotApplicable": {
        "never": _("Every firm answers"),
        "with-reason": _("Possible, with a reason"),
    },
    "Credit": {
        "capped": _("An equal part each, up to enough for the full score"),
        "equal": _("An equal part each"),
        "points": _("Their own points"),
    },
    "RequirementRule": {
        "staged": _("One for each level met in a row, and part of the next"),
        "bands": _("The number of levels met in a row"),
    },
    "Method": {
        "weighted": _("Weighted mean"),
        "mean": _("Plain mean"),
        "points": _("Points added up"),
        "staged": _("Level by level"),
    },
    "NaPolicy": {
        "exclude": _("Is left out"),
        "zero": _("Counts as 0"),
    },
    "EvidenceGrade": {
        "0": _("Statement alone"),
        "1": _("Figures as proof"),
        "2": _("Document of one’s own"),
        "3": _("Third-party proof"),
    },
}

MODELS: Mapping[str, Later] = {
    "Bank": _("General"),
    "Profile": _("Page of facts"),
    "Section": _("Section"),
    "Domain": _("Domain"),
    "Question": _("Question"),
    "LevelScheme": _("Levels and gates"),
    "Edition": _("Shorter edition"),
    "Role": _("Role in a firm"),
    "Term": _("Term"),
    "Source": _("Source of the bank"),
    "Eligibility": _("Programme"),
    "RuleCondition": _("Condition of a programme"),
    "PublishedDistribution": _("Published distribution"),
    "Hint": _("Hint"),
}
GROUPS: Mapping[str, Later] = {
    "wording": _("Wording"),
    "answers": _("Answers"),
    "scoring": _("How it is scored"),
    "asking": _("When it is asked"),
    "advice": _("Advice"),
    "references": _("References"),
    "about": _("About the bank"),
    "depends": _("What depends on the profile"),
    "levels": _("Levels"),
    "gates": _("Gates"),
    "rest": _("More"),
}
ADD: Mapping[str, Later] = {
    "options": _("Add an option"),
    "states": _("Add a state"),
    "rows": _("Add a row"),
    "bands": _("Add a band"),
    "advice": _("Add advice"),
    "statements": _("Add a statement"),
    "steps": _("Add a step"),
    "shares": _("Add a share"),
    "roles": _("Add a role"),
    "method": _("Add a paragraph"),
}

PARAGRAPH = Words(_("Paragraph"))
"""One text of a list of texts."""
