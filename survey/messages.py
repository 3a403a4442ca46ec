"""One sentence per error code, for web, API and command line alike.

A sentence says what to do, names the thing, ends with a full stop, and blames nobody.
English stands here; Chinese stands in translations/.
"""

from collections.abc import Mapping

from survey.catalogue import words
from survey.core.errors import Facts, Problem, SurveyError
from survey.core.text import Locale


def _(sentence: str) -> str:
    """Mark a sentence for extraction; it is looked up when the reader's language is known."""
    return sentence


SENTENCES: Mapping[str, str] = {
    "error": _("Something went wrong. Try again, and tell us if it happens again."),
    "not-found": _("There is nothing here. Check the address, or start from the first page."),
    # ----------------------------------------------------------------- accounts
    "email-taken": _(
        "This address belongs to an account already. Use another one, or ask the person to sign in."
    ),
    "firm-name-missing": _("Enter the name of the firm."),
    "firm-name-too-long": _("Shorten the name of the firm to %(longest)s characters."),
    "already-in-a-firm": _("This person belongs to a firm already. Use another address."),
    "not-a-consultant": _("This person is no consultant any more. Choose somebody else."),
    "unknown-role": _("“%(role)s” is not a role. Choose consultant or administrator."),
    "firm-role-fixed": _("People of a firm keep their role. Make a second account for other work."),
    "owner-only": _("Only the owner of the firm can do this. Ask the owner."),
    "owner-stays": _("The owner cannot be removed: a firm keeps its owner."),
    "last-administrator": _(
        "This is the last active administrator. Make somebody else an administrator first."
    ),
    "mail-not-sent": _(
        "The e-mail could not be sent: the mail server does not answer. Try again in a few minutes."
    ),
    # -------------------------------------------------------------------- banks
    "version-exists": _(
        "Version %(version)s of “%(bank)s” is published with other content. "
        "Give the file a higher version number."
    ),
    "bank-not-published": _("A draft cannot be retired: only a published version can."),
    # ------------------------------------------------------------------ answers
    "bad-answers": _("%(count)s answers cannot be taken. Correct them and try again."),
    "answer-unknown-question": _(
        "“%(question)s” is not a question of this bank. Remove it, or correct the key."
    ),
    "answer-wrong-form": _(
        "“%(question)s”: the answer does not have the form of this kind of question."
    ),
    "answer-never-not-applicable": _(
        "“%(question)s”: every firm answers this question. Choose an answer, or “don’t know”."
    ),
    "answer-reason-missing": _(
        "“%(question)s”: say in a few words why the question does not apply."
    ),
    "answer-unknown-option": _(
        "“%(question)s”: “%(option)s” is not among the options. Choose one that is offered."
    ),
    "answer-no-half-step": _(
        "“%(question)s”: “partly at the next step” is not possible for this option."
    ),
    "answer-half-alone": _(
        "“%(question)s”: choose a step first; then you can say that the next one is partly reached."
    ),
    "answer-both": _(
        "“%(question)s”: there is an answer, and “don’t know” or “not applicable” is ticked as "
        "well. Keep one of them."
    ),
    "answer-conflict": _(
        "“%(question)s”: a colleague has saved another answer meanwhile. Choose the one to keep."
    ),
    "answer-unknown-grade": _(
        "“%(question)s”: “%(grade)s” is no kind of evidence. Choose a document of your own or "
        "third-party proof."
    ),
    "answer-grade-missing": _(
        "“%(question)s”: say whether the evidence is a document of your own or third-party proof."
    ),
    "answer-note-missing": _("“%(question)s”: name the document or proof that you have in mind."),
    "answer-evidence-alone": _(
        "“%(question)s”: evidence supports an answer. Give the answer as well, or clear the "
        "evidence."
    ),
    "answer-no-box": _("“%(question)s”: tick at least one box."),
    "answer-none-and-others": _(
        "“%(question)s”: “none” excludes the other boxes. Keep either “none” or the others."
    ),
    "answer-not-a-number": _("“%(question)s”: enter a number, for example 12.5."),
    "answer-out-of-range": _("“%(question)s”: enter a number from %(minimum)s to %(maximum)s."),
    "answer-too-many-decimals": _(
        "“%(question)s”: enter at most %(decimals)s digits after the decimal point."
    ),
    "answer-ratio-not-positive": _(
        "“%(question)s”: enter a denominator above 0 and a numerator of 0 or more."
    ),
    "answer-numerator-too-large": _(
        "“%(question)s”: the numerator is part of the denominator, so it cannot be larger. "
        "Check both figures."
    ),
    "answer-lead-not-higher": _(
        "“%(question)s”: here higher is better, so the leading value must be above the base value. "
        "Check both."
    ),
    "answer-lead-not-lower": _(
        "“%(question)s”: here lower is better, so the leading value must be below the base value. "
        "Check both."
    ),
    "answer-source-missing": _(
        "“%(question)s”: say where the base value and the leading value come from."
    ),
    "answer-no-row": _("“%(question)s”: choose a state for at least one line."),
    "answer-unknown-row": _("“%(question)s”: “%(row)s” is not a line of this question."),
    "answer-text-missing": _("“%(question)s”: enter some text, or clear the answer."),
    "answer-text-pattern": _("“%(question)s”: check the text; it does not have the usual form."),
    "answer-too-long": _("“%(question)s”: shorten the text to %(longest)s characters."),
    "answer-unprintable": _(
        "“%(question)s”: the report cannot print “%(character)s” (%(codepoint)s). Replace this "
        "character or leave it out."
    ),
    "text-unprintable": _(
        "The report cannot print “%(character)s” (%(codepoint)s). Replace this character or leave "
        "it out."
    ),
    "answer-file-form": _(
        "An answer file has three entries: bank, firm (zh and en) and answers; edition may stand "
        "beside them. Correct the file."
    ),
    "result-too-large": _(
        "The file of answers and result is larger than %(most)s bytes. Use the one that is "
        "attached to the report."
    ),
    "result-not-json": _(
        "This is no file of answers and result. Use the result.json that is attached to the report."
    ),
    "result-form": _(
        "This part does not have the form in which reports attach their result. Use the "
        "result.json that is attached to the report."
    ),
    # -------------------------------------------------------------- comparisons
    "comparison-form": _(
        "A comparison has two entries: things, a list of names, and matrix, a list with one list "
        "of values for each thing. Correct the file."
    ),
    "comparison-value": _("“%(value)s” cannot be compared with. Write it like 3, 1/3 or 0.5."),
    "comparison-twice": _("“%(name)s” stands twice in the list of things. Keep one of them."),
    "comparison-names": _("There are %(things)s names and %(rows)s rows. Give each name one row."),
    "comparison-size": _("There are %(given)s things. Compare %(fewest)s to %(most)s."),
    "comparison-not-square": _(
        "Row %(row)s has %(given)s values instead of %(needed)s. Give one for each thing."
    ),
    "comparison-off-scale": _(
        "Row %(row)s, column %(column)s: %(value)s is outside the scale. Use 1/9 to 9."
    ),
    "comparison-not-reciprocal": _(
        "Row %(row)s, column %(column)s is not the reciprocal of row %(column)s, column %(row)s, "
        "such as 1/3 for 3. Correct one of them; a thing compared with itself is 1."
    ),
    # -------------------------------------------------------------- assessments
    "answer-hidden": _(
        "“%(question)s” no longer applies with the present answers. Nothing was saved for it."
    ),
    "bank-not-open": _(
        "These questions cannot be started: they are not published, or retired. Choose others."
    ),
    "not-complete": _(
        "Nothing was submitted yet: %(count)s questions still need an answer. "
        "Answer them, then submit again."
    ),
    "already-full": _(
        "This assessment asks all the questions already, so there is nothing to go on to. "
        "Nothing was changed."
    ),
    "already-submitted": _(
        "This assessment has been submitted, so its answers are fixed. Nothing was changed."
    ),
    "not-submitted": _(
        "There is no result yet. Answer the remaining questions and submit the assessment first."
    ),
    "target-unknown-domain": _(
        "“%(domain)s” is no domain that these questions score. Nothing was changed. "
        "Load the page again and choose there."
    ),
    "target-unknown-level": _(
        "“%(level)s” is no level that can be a target. Choose one of the levels offered."
    ),
    "what-if-unreadable": _(
        "The answers you had changed before could not be read, so this starts from the stored "
        "answers again. Nothing is lost that was saved."
    ),
    # ------------------------------------------------------------------ reports
    "unknown-copy": _(
        "There is no such copy of the report. Choose its languages, its extent and its format "
        "from the list of the reports page."
    ),
    "report-gave-up": _(
        "The report was tried %(attempts)s times without success. Try again later, or tell the "
        "operator."
    ),
    "report-broken": _(
        "Something went wrong on our side. Try again, or tell the operator this reference: "
        "%(reference)s."
    ),
    "report-out-of-time": _(
        "The report was stopped after %(seconds)s seconds: it is too long. Shorten the longest "
        "texts and ask for it again, or ask the operator to raise %(setting)s."
    ),
    "report-out-of-memory": _(
        "The report was stopped: it needs more than %(megabytes)s MB of memory. Shorten the "
        "longest texts and ask for it again, or ask the operator to raise %(setting)s."
    ),
    "report-outdated": _(
        "Something the report is made from has changed since it was asked for. Ask for it again."
    ),
    "report-not-again": _(
        "The file of this report was lost, and what it was made from has changed since, so it "
        "cannot be made again as it was. Copies that were handed out stay valid and can be "
        "verified. Ask for a new report."
    ),
    "report-cancelled": _("This report was cancelled. Ask for it again if it is needed."),
    "report-file-missing": _(
        "The file of this report is not on the disk any more. Tell the operator."
    ),
    "disk-full": _(
        "There is no room left on the disk, so nothing was stored. Tell the operator, then try "
        "again."
    ),
    # ----------------------------------------------------------------- archives
    "archive-empty": _("No firm was chosen. Choose at least one."),
    "archive-not-ready": _(
        "Some of these reports are still being made. Wait until all of them are done."
    ),
    "too-many-downloads": _(
        "Several archives are being downloaded at this moment. Try again in half a minute."
    ),
    "archive-nothing-submitted": _(
        "This firm has not submitted any answers yet, so there is no report."
    ),
    # -------------------------------------------------------------------- logos
    "logo-too-large": _("This picture is larger than %(most)s MB. Choose a smaller one."),
    "logo-too-many-pixels": _(
        "This picture has more than %(most)s million pixels. Choose a smaller one."
    ),
    "logo-is-svg": _(
        "SVG files are not taken, as they can carry scripts. Save the logo as PNG or JPEG."
    ),
    "logo-not-a-picture": _("This file is neither PNG nor JPEG. Choose a picture."),
    "logo-unreadable": _(
        "This picture cannot be read to its end. Save it again as PNG or JPEG, and choose it anew."
    ),
    "logo-missing": _(
        "The logo of “%(owner)s” cannot be read any more. Set it again or remove it, then ask for "
        "the report again."
    ),
    "bad-page": _("The report cannot be printed as it should be. Tell the operator."),
    "missing-glyph": _(
        "The report cannot be printed: the fonts have no shape for “%(character)s” "
        "(%(codepoint)s) in “%(place)s”. Replace this character and ask for the report again. "
        "If it cannot be changed any more, take the Word copy or read the report in the browser."
    ),
    "renderer-complaint": _(
        "The report cannot be printed without a fault. Tell the operator: %(complaint)s"
    ),
    "bidi-control": _(
        "The report cannot be printed: there is an invisible sign (%(codepoint)s) in “%(place)s” "
        "that turns the order of what follows. Remove it and ask for the report again."
    ),
    "report-file-incomplete": _(
        "The finished file was read back and is not as it should be (%(part)s), so it is not "
        "handed out. Ask for the report again; if that does not help, tell the operator."
    ),
    "certificate-expired": _(
        "The report cannot be signed: the certificate “%(name)s” is valid from %(first)s to "
        "%(last)s. Tell the operator to replace it."
    ),
    "certificate-unreadable": _(
        "The certificate in “%(file)s” cannot be opened. Check the file and its password."
    ),
    "certificate-not-read": _(
        "There is no certificate in “%(file)s” that can be read. Give it as PEM or DER."
    ),
    "checking-busy": _(
        "Other files are being checked at this moment. Send yours again in a few seconds."
    ),
    "not-a-report": _(
        "This file is not one of our reports, or it is damaged. Take the PDF as it was downloaded."
    ),
    "demo-file-form": _(
        "A demo file does not have this form here. Compare it with the one in seeds."
    ),
    # --------------------------------------------------------------------- yaml
    "yaml-too-large": _("The file is larger than %(most)s bytes. Load a smaller one."),
    "yaml-not-utf8": _("The file is not written in UTF-8. Save it as UTF-8 and try again."),
    "yaml-syntax": _(
        "The file cannot be read as YAML from here on. Check indentation, colons and quotes."
    ),
    "yaml-empty": _("The file is empty. Load a file with a bank in it."),
    "yaml-alias": _("Anchors and aliases (& and *) are not accepted. Write the part out."),
    "yaml-too-deep": _(
        "Here are more than %(most)s parts inside each other. Check indentation and brackets."
    ),
    "yaml-too-many-parts": _("The file has more than %(most)s entries. Load a smaller one."),
    "yaml-key-not-text": _("A key must be a plain word. Write it as text."),
    "yaml-key-too-long": _("The key “%(key)s” is too long. Shorten it to %(most)s characters."),
    "yaml-duplicate-key": _("“%(key)s” stands here twice. Keep one of them."),
    "yaml-bare-boolean": _(
        "“%(value)s” without quotes means true or false in YAML. Put it in quotes."
    ),
    "yaml-tag": _("Tags (starting with !) are not accepted. Write a plain value."),
    # --------------------------------------------------------------------- bank
    "bad-document": _("The bank has %(count)s problems. Nothing was stored."),
    "bank-missing": _("“%(field)s” is missing. Add it."),
    "bank-too-deep": _("The document has more than %(most)s parts inside each other. Flatten it."),
    "bank-too-many-problems": _(
        "There are more problems than these %(most)s. Solve them, then check again."
    ),
    "bank-missing-language": _("The text in “%(field)s” is missing. Write it in both languages."),
    "bank-not-both-languages": _(
        "“%(field)s” is a text, which has two entries: zh and en. Write it in both languages."
    ),
    "bank-unknown-field": _("“%(field)s” is not a field here. Remove it, or check its spelling."),
    "bank-empty-text": _("The text is empty. Write it."),
    "bank-text-too-long": _("The text is too long. Shorten it to %(limit)s characters."),
    "bank-unprintable": _("The text holds %(character)s, which cannot be shown. Remove it."),
    "bank-unknown-kind": _("“%(value)s” is not a kind of question. Use one of %(expected)s."),
    "bank-missing-kind": _("The question has no kind. Add one of %(expected)s."),
    "bank-bad-key": _(
        "“%(value)s” does not have the right form. "
        "Keys are lower-case letters, figures and hyphens."
    ),
    "bank-bad-code": _(
        "“%(value)s” is not a code. Use a capital letter, and up to two figures after it."
    ),
    "bank-not-one-of": _("“%(value)s” is not possible here. Use %(expected)s."),
    "bank-too-few": _("There are too few entries here. Add what is missing."),
    "bank-too-many": _("There are too many entries here. Keep %(limit)s at most."),
    "bank-not-a-number": _("“%(value)s” is not a plain number. Write it like 3 or 1.5."),
    "bank-not-a-whole-number": _("“%(value)s” is not a whole number. Write it like 3."),
    "bank-not-true-or-false": _("“%(value)s” is not possible here. Write true or false."),
    "bank-too-many-decimals": _(
        "“%(value)s” has too many digits after the decimal point. Use at most %(limit)s."
    ),
    "bank-too-low": _("“%(value)s” is too low. Use %(limit)s or more."),
    "bank-too-high": _("“%(value)s” is too high. Use %(limit)s or less."),
    "bank-wrong-value": _("“%(value)s” is not a possible value of “%(field)s”. Correct it."),
    "bank-duplicate-key": _("The key “%(key)s” stands here twice. Give one of them another key."),
    "bank-reserved-key": _("The key “%(key)s” is reserved. Choose another one."),
    "bank-unknown-key": _("There is nothing with the key “%(key)s”. Correct the key, or add it."),
    "bank-unknown-option": _(
        "The question “%(key)s” has no option “%(option)s”. Correct the condition."
    ),
    "bank-weights-incomplete": _(
        "The weights must name exactly these answers: %(expected)s. Complete them."
    ),
    "bank-not-a-choice": _(
        "“%(key)s” is not a choice of the profile. Name one that is, or remove the entry."
    ),
    "bank-weights-without-question": _(
        "Weights for each answer need a question in weigh_by. Name it, or give one weight."
    ),
    "bank-weights-sum": _("The section weights add up to %(sum)s. Make them add up to 100."),
    "bank-weights-sum-for": _(
        "The section weights for “%(option)s” add up to %(sum)s. Make them add up to 100."
    ),
    "bank-inner-sum": _("The weights here add up to %(sum)s. Make them add up to %(expected)s."),
    "bank-inner-sum-for": _(
        "The weights here for “%(option)s” add up to %(sum)s. Make them add up to %(expected)s."
    ),
    "bank-all-zero": _(
        "All weights here are 0, but the part around them weighs %(weight)s. Give one of them "
        "a weight."
    ),
    "bank-all-zero-for": _(
        "For “%(option)s” all weights here are 0, but the part around them weighs %(weight)s. "
        "Give one of them a weight."
    ),
    "bank-kind-in-profile": _(
        "The profile asks for facts only. Use choice, number, text, or boxes without credit; "
        "“%(kind)s” cannot be used, nor anything scored."
    ),
    "bank-kind-in-outcomes": _(
        "The key figures are facts only. Use number or ratio without bands and scale; "
        "“%(kind)s” cannot be used, nor anything scored."
    ),
    "bank-choice-outside-profile": _(
        "A choice is never scored and belongs to the profile. Use a ladder here."
    ),
    "bank-option-too-long-zh": _(
        "The option has %(length)s Chinese characters. Shorten it to %(longest)s."
    ),
    "bank-option-too-long-en": _(
        "The option has %(length)s English words. Shorten it to %(longest)s."
    ),
    "bank-advice-not-rising": _(
        "The advice leads to the levels %(steps)s. Put it in rising order."
    ),
    "bank-advice-missing": _(
        "Answers that can still improve reach level %(level)s, but no advice above it fits every "
        "firm. Add one without limits."
    ),
    "bank-advice-missing-for": _(
        "Answers that can still improve reach level %(level)s, but no advice above it fits a firm "
        "of the kind “%(firm)s”. Add one that does."
    ),
    "bank-points-missing": _("Each option of a scored question needs points. Add them."),
    "bank-points-not-rising": _(
        "The points are %(points)s. They must start at 0 and rise with each option."
    ),
    "bank-full-at-too-high": _("“full_at” is too high. There are only %(most)s to choose from."),
    "bank-full-at-and-credit": _(
        "“full_at” belongs to capped credit, and only to it. Give both, or neither."
    ),
    "bank-range-empty": _("The minimum is not below the maximum. Correct the range."),
    "bank-bands-start-late": _(
        "The first band must include the lowest value, %(lowest)s. Start there."
    ),
    "bank-bands-not-rising": _(
        "The bands must rise, each from a higher value than the one before."
    ),
    "bank-bands-not-monotone": _(
        "The scores of the bands are %(scores)s. They must only rise, or only fall."
    ),
    "bank-bands-wrong-way": _(
        "The scores of the bands go against “better: %(better)s”. Turn them round, or correct "
        "“better”."
    ),
    "bank-bands-not-full": _(
        "The best band scores %(best)s, so nobody can earn everything. Let it score 100."
    ),
    "bank-band-out-of-reach": _(
        "No answer lies above %(value)s, so none reaches this band. Remove it, or correct the "
        "range."
    ),
    "bank-bands-and-scale": _("There are bands as well as a scale. Keep one of them."),
    "bank-scale-sides": _(
        "The base value is %(base)s and the leading value %(lead)s. Put the leading value on the "
        "better side of the base value."
    ),
    "bank-requirements-gap": _(
        "The requirements have the levels %(levels)s. Number the levels from 1 on, without gaps."
    ),
    "bank-not-staged": _(
        "Staged scoring needs levels, so only requirements can be scored here, not “%(kind)s”. "
        "Change the kind, or the method of the bank."
    ),
    "bank-stages-differ": _(
        "In a staged bank each question has requirements up to the highest level, which is "
        "%(most)s. Add or remove requirements."
    ),
    "bank-bad-pattern": _(
        "“%(value)s” is not a regular expression that can be used. Keep it short, without "
        "look-around and references back."
    ),
    "bank-condition-form": _(
        "A condition has exactly one of question, all, any, not; "
        "with question, one of in, at_least."
    ),
    "bank-condition-looks-ahead": _(
        "The condition looks at “%(key)s”, which comes later. A condition may only look back."
    ),
    "bank-condition-not-a-number": _(
        "“%(key)s” has no number to compare. Use “in” with its options."
    ),
    "bank-condition-never": _("No set of answers meets this condition. Correct it, or remove it."),
    "bank-rule-without-way": _(
        "The questionnaire does not ask for this condition. Say under “where” how to find out."
    ),
    "bank-shares-above-hundred": _(
        "The shares add up to %(sum)s%%. Correct them to 100%% at most."
    ),
    "bank-share-of-no-level": _("One of these levels does not exist. Correct it."),
    "bank-levels-not-consecutive": _("The levels must be numbered one after the other."),
    "bank-levels-not-rising": _("The thresholds of the levels must rise."),
    "bank-staged-threshold": _(
        "With staged scoring level %(level)s is reached from %(expected)s points on. Write "
        "this threshold."
    ),
    "bank-core-not-scored": _("“%(key)s” is not scored, so it cannot be a core question."),
    "bank-ceiling-reason": _(
        "A ceiling needs a reason, and a reason a ceiling. Give both or none."
    ),
    "bank-scene-not-a-ladder": _(
        "“%(key)s” is not a ladder of this bank, so it cannot be a scene. Name a ladder."
    ),
    "bank-scene-conditional": _(
        "“%(key)s” is a scene, which is counted for every firm. Remove “%(field)s” from it."
    ),
    "bank-scene-half-steps": _(
        "“%(key)s” is a scene, which is counted by its whole steps. Set half_steps to false."
    ),
    "bank-too-many-scenes": _(
        "There are only %(scenes)s scenes, %(mandatory)s of them mandatory. Ask for no more."
    ),
    "bank-unknown-level": _("There is no level %(level)s. Use the number of a level."),
    "bank-edition-incomplete": _(
        "“%(key)s” depends on “%(needed)s”, which this edition does not ask. Add “%(needed)s”, or "
        "leave out “%(key)s”."
    ),
    "bank-edition-lacks-scene": _(
        "The levels count the scene “%(key)s”, which this edition does not ask. Add it."
    ),
    "bank-half-width": _(
        "There is a half-width “%(character)s” beside Chinese text. Use the full-width form."
    ),
    "bank-full-width": _("There is a “%(character)s” in the English text. Use English characters."),
}


def sentence(code: str, facts: Facts, locale: Locale) -> str:
    """The sentence for a code, in the reader's language. Raises KeyError for an unknown code."""
    return words(locale).gettext(SENTENCES[code]) % dict(facts)


def for_error(error: SurveyError, locale: Locale) -> str:
    return sentence(error.code, error.facts, locale)


def for_problem(problem: Problem, locale: Locale) -> str:
    """The problem's sentence; ``file: line: place:`` is put before it by whoever shows it."""
    return sentence(problem.code, problem.facts, locale)
