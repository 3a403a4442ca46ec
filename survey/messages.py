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
    "request-too-large": _(
        "What was sent is larger than %(most)s MB. Nothing of it was taken, and nothing was "
        "changed. Send a smaller file or a shorter text."
    ),
    "not-found": _("There is nothing here. Check the address, or start from the first page."),
    # ----------------------------------------------------------------- accounts
    "email-taken": _(
        "This address belongs to an account already. Use another one, or ask the person to sign in."
    ),
    "firm-name-missing": _("Enter the name of the firm."),
    "firm-name-too-long": _("Shorten the name of the firm to %(longest)s characters."),
    "already-in-a-firm": _("This person belongs to a firm already. Use another address."),
    "not-a-consultant": _("This person is no longer a consultant. Choose somebody else."),
    "unknown-role": _("“%(role)s” is not a role. Choose consultant or administrator."),
    "firm-role-fixed": _("People of a firm keep their role. Make a second account for other work."),
    "owner-only": _("Only the owner of the firm can do this. Ask the owner."),
    "owner-answers-all": _("The owner answers all sections. Choose a colleague."),
    "unknown-scope": _(
        "“%(scope)s” is not possible here. Choose all sections or only the assigned ones."
    ),
    "not-your-section": _(
        "This section is not assigned to you. Nothing was changed. Ask the owner of your firm to "
        "assign it to you."
    ),
    "not-all-sections": _(
        "You answer only the sections assigned to you. This concerns the whole assessment: ask "
        "the owner of your firm, or a colleague who answers all sections."
    ),
    "owner-stays": _("The owner cannot be removed: a firm keeps its owner."),
    "not-a-colleague": _("This person is no longer a colleague. Choose somebody else."),
    "section-shared-meanwhile": _(
        "“%(section)s” has been assigned differently since you opened this page, and is shown as "
        "it is now. Nothing is saved yet; your other choices are still here. Check, then save."
    ),
    "invitation-used": _(
        "This invitation has already been used: each link is for one person. Ask for a new one."
    ),
    "invitation-withdrawn": _(
        "This invitation has been withdrawn. Ask the person who sent it for a new one."
    ),
    "invitation-expired": _(
        "This invitation has expired. Ask the person who sent it for a new one."
    ),
    "invitation-days": _("A link works for %(fewest)s to %(most)s days. Choose a number of days."),
    "invitation-name-missing": _("Enter the name of the person."),
    "invitation-name-too-long": _("Shorten the name to %(longest)s characters."),
    "invitations-too-many": _(
        "There are already %(most)s open invitations. Withdraw those that are not needed."
    ),
    "invitation-other-account": _(
        "This account belongs to a consultant or an administrator, who do not answer for a firm. "
        "Sign out, and join with another address."
    ),
    "comment-missing": _("Write a comment first."),
    "comment-too-long": _("Shorten the comment to %(longest)s characters."),
    "not-your-comment": _("A comment can be withdrawn only by the person who wrote it."),
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
    "key-fixed": _(
        "The key “%(key)s” has been published, and stored answers refer to it, so it cannot be "
        "changed. Put it back."
    ),
    "draft-changed": _(
        "Somebody edited the draft meanwhile: it is at revision %(revision)s now. Nothing was "
        "published. Look at this page again, and publish then."
    ),
    "bank-newer-published": _(
        "Version %(newest)s of “%(bank)s” is published already, and firms start the highest "
        "number only. Begin a draft from version %(newest)s, and make the changes of version "
        "%(version)s there."
    ),
    "bank-would-go-back": _(
        "Nothing was published. Version %(version)s of “%(bank)s” lacks changes of version "
        "%(newest)s and would undo them (%(count)s): %(parts)s. If that is meant, confirm it with "
        "--go-back %(newest)s."
    ),
    "translations-open": _(
        "%(count)s texts are missing, stale or not reviewed. Review them, or waive stale and "
        "unreviewed ones with a reason in the administration."
    ),
    "waiver-reason-missing": _("Say why these texts may pass as they are."),
    "waiver-reason-too-long": _("Shorten the reason to %(longest)s characters."),
    "waiver-nothing-chosen": _("Choose the texts that may pass as they are."),
    "waiver-other-text": _(
        "One of these texts has been changed since the page was opened. Nothing was waived: look "
        "at the list again."
    ),
    "waiver-missing-text": _("A missing text cannot be waived. Write it in both languages."),
    "move-none": _("There is no newer version of these questions to move to."),
    "move-changed": _(
        "A colleague has changed something since this list was made. Nothing was moved: look at "
        "the list again, and move then."
    ),
    "answer-question-gone": _(
        "“%(question)s” is not asked any more: the assessment was moved to another version of the "
        "questions. What you typed was not saved; copy it if you still need it."
    ),
    "bank-not-published": _("A draft cannot be retired: only a published version can."),
    "condition-no-question": _("Choose the question that this row looks at, or remove the row."),
    "condition-unknown-question": _(
        "This row looks at a question that is not asked before this point. Choose another one."
    ),
    "condition-other-way": _(
        "The answers to this question cannot be tested in this way. Choose another test."
    ),
    "condition-no-option": _("Tick at least one answer, or remove the row."),
    "condition-unknown-option": _(
        "An answer is ticked that the question does not have. Clear the tick."
    ),
    "condition-no-number": _("Enter a number of at most six decimals, such as 20 or 2.5."),
    "weight-unreadable": _("Enter a weight from 0 to 1000, with four decimals at most."),
    "weights-contradict": _(
        "The comparisons contradict each other. Change the marked ones, or say below that these "
        "weights are to be used all the same."
    ),
    "condition-unreadable": _(
        "The condition that was sent could not be read. It is shown as it is stored. Make the "
        "change again."
    ),
    "not-a-draft": _(
        "Version %(version)s of “%(bank)s” is published and never changes. Begin a draft from it, "
        "and change that."
    ),
    "draft-discarded": _(
        "This draft of “%(bank)s” is discarded. Restore it before you work on it."
    ),
    "translations-no-file": _("Choose a .po or .xlsx file with translations."),
    "translations-other-kind": _(
        "This is neither a PO file nor a workbook. Choose a .po or .xlsx file with translations."
    ),
    "po-unreadable": _(
        "There are no texts in this file, or it is not a PO file. Download the file here again, "
        "and translate that one."
    ),
    "po-broken-line": _(
        "Line %(line)s of the PO file cannot be read: the file is damaged or cut off. Save it "
        "again in the program it was translated with. Nothing was changed."
    ),
    "po-too-large": _("The PO file is larger than %(megabytes)s MB. Choose a smaller one."),
    "po-other-signs": _("The PO file is not in UTF-8. Save it in UTF-8, and load it again."),
    "translations-no-sheet": _(
        "No sheet of the workbook has the columns Place, Chinese and English. Download the "
        "workbook here again, and translate in that."
    ),
    "translations-merged": _(
        "Sheet “%(sheet)s”: the cells %(range)s are merged. Only the first of them is read. "
        "Unmerge them."
    ),
    "translations-formula": _(
        "Sheet “%(sheet)s”, row %(row)s, column %(column)s: there is a formula, which is not "
        "calculated. Enter the text itself."
    ),
    "translations-cell-fault": _(
        "Sheet “%(sheet)s”, row %(row)s, column %(column)s: the cell shows %(value)s instead of a"
        " text. Enter the text."
    ),
    "translations-no-text": _(
        "Sheet “%(sheet)s”, row %(row)s, column %(column)s: “%(value)s” is a date or a per cent "
        "value. Format the cell as text, and enter the text."
    ),
    "translations-too-long": _(
        "Sheet “%(sheet)s”, row %(row)s, column %(column)s: shorten the text to %(most)s "
        "characters."
    ),
    "translations-too-long-line": _(
        "Line %(line)s of the PO file: shorten the translation to %(most)s characters."
    ),
    "translations-unprintable": _(
        "Sheet “%(sheet)s”, row %(row)s, column %(column)s: the text holds %(character)s, which "
        "cannot be shown. Remove it."
    ),
    "translations-unprintable-line": _(
        "Line %(line)s of the PO file: the text holds %(character)s, which cannot be shown. "
        "Remove it."
    ),
    "translations-source-cell": _(
        "Sheet “%(sheet)s”, row %(row)s, column %(column)s: the Chinese has been changed in the "
        "file. No Chinese is taken from here; change it in the editor, at “%(part)s”. The "
        "translation counts as made from the Chinese that the file was exported with."
    ),
    "translations-source-line": _(
        "Line %(line)s of the PO file: the Chinese has been changed in the file. No Chinese is "
        "taken from here; change it in the editor, at “%(part)s”. The translation counts as made "
        "from the Chinese that the file was exported with."
    ),
    "translations-twice": _(
        "The text “%(part)s” appears in the file twice, at %(first)s and %(second)s. Neither was "
        "taken; remove one of them."
    ),
    "translations-twice-in-lines": _(
        "The text “%(part)s” appears in the file twice, at lines %(first)s and %(second)s. "
        "Neither was taken; remove one of them."
    ),
    "translations-state": _(
        "Sheet “%(sheet)s”, row %(row)s, column %(column)s: “%(value)s” is not a state. Choose "
        "one from the list, or clear the cell."
    ),
    "translations-markup": _(
        "Sheet “%(sheet)s”, row %(row)s, column %(column)s: scripts, links, pictures or fields are "
        "taken out of the translation (%(what)s). Its words stay."
    ),
    "translations-markup-line": _(
        "Line %(line)s of the PO file: scripts, links, pictures or fields are taken out of the "
        "translation (%(what)s). Its words stay."
    ),
    "text-too-long": _("Shorten this text to %(most)s characters."),
    "text-term": _("The glossary calls “%(term)s” “%(agreed)s”; the translation does not."),
    "text-figure-missing": _("“%(figure)s” appears in the source, but not in the translation."),
    "text-figure-added": _("“%(figure)s” appears in the translation, but not in the source."),
    "text-placeholder-missing": _("“%(placeholder)s” is missing in the translation. Add it."),
    "text-placeholder-added": _(
        "“%(placeholder)s” appears only in the translation. Take it out, or add it to the source."
    ),
    "text-straight-quote": _(
        "There is a straight %(character)s in the Chinese. Use “ and ”, or ‘ and ’."
    ),
    "text-wide-sign": _(
        "“%(characters)s” in the Chinese is full-width. Use half-width figures and letters."
    ),
    "text-space-in-chinese": _(
        "There is a space between “%(before)s” and “%(after)s” in the Chinese. Take it out."
    ),
    "draft-key-twice": _(
        "Nothing was changed: “%(key)s” would be the key of two parts, because another part has "
        "been given it since. Give that part another key, then try again."
    ),
    "draft-unknown-revision": _("The draft has no such revision as this page says. Load it again."),
    "trial-faults": _(
        "A draft with problems cannot be printed. Solve them, then print the trial report."
    ),
    "trial-outdated": _(
        "The draft was edited before this trial report was printed. Print it again."
    ),
    "dry-run-faults": _(
        "This draft has problems, so no result can be calculated with it. Solve them first."
    ),
    "dry-run-nothing-submitted": _(
        "No firm has submitted an assessment of this bank yet, so there is nothing to try the "
        "draft on."
    ),
    "dry-run-busy": _(
        "Another dry run or download is under way at this moment. Try again in half a minute."
    ),
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
        "“%(question)s”: “in addition, the next step is partly in place” is not possible for this "
        "option. Clear the tick."
    ),
    "answer-half-alone": _(
        "“%(question)s”: choose a step first; then you can say that the next one is partly reached."
    ),
    "answer-both": _(
        "“%(question)s”: there is an answer, and “don’t know” or “not applicable” is ticked as "
        "well. Keep one of them."
    ),
    "answer-conflict": _(
        "“%(question)s”: a colleague, or another page of yours, has saved another answer "
        "meanwhile. Choose the one to keep."
    ),
    "answer-unknown-grade": _(
        "“%(question)s”: “%(grade)s” is not a kind of evidence. Choose a document of your own or "
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
    "answer-reason-alone": _(
        "“%(question)s”: there is a reason, but “not applicable” is not chosen. Choose it, or "
        "clear the reason."
    ),
    "answer-no-box": _("“%(question)s”: tick at least one box."),
    "answer-none-and-others": _(
        "“%(question)s”: “%(none)s” excludes the other options. Keep either that one or the others."
    ),
    "answer-not-a-number": _(
        "“%(question)s”: enter a number in digits, with a point before decimals."
    ),
    "answer-figure-missing": _("“%(question)s”: enter “%(figure)s” as well."),
    "answer-out-of-range": _("“%(question)s”: enter a number from %(minimum)s to %(maximum)s."),
    "answer-too-many-decimals": _(
        "“%(question)s”: enter at most %(decimals)s digits after the decimal point."
    ),
    "answer-not-whole": _("“%(question)s”: enter a whole number."),
    "answer-ratio-not-positive": _(
        "“%(question)s”: enter a denominator above 0 and a numerator of 0 or more."
    ),
    "answer-boxes-not-positive": _(
        "“%(question)s”: enter 0 or more as “%(numerator)s” and more than 0 as “%(denominator)s”."
    ),
    "answer-numerator-too-large": _(
        "“%(question)s”: the numerator is part of the denominator, so it cannot be larger. "
        "Check both figures."
    ),
    "answer-box-too-large": _(
        "“%(question)s”: “%(numerator)s” is part of “%(denominator)s”, so it cannot be larger. "
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
    "answer-far-too-long": _(
        "“%(question)s”: this is longer than %(longest)s characters, so it was not saved. Shorten "
        "it."
    ),
    "answer-unprintable": _(
        "“%(question)s”: the report cannot print “%(character)s” (%(codepoint)s). Replace this "
        "character or leave it out."
    ),
    "text-unprintable": _(
        "The report cannot print “%(character)s” (%(codepoint)s). Replace this character or leave "
        "it out."
    ),
    "answer-file-form": _(
        "An answer file has three entries: bank, firm (zh and en) and answers; it may have "
        "edition as well. Correct the file."
    ),
    "result-too-large": _(
        "The file of answers and result is larger than %(most)s bytes. Use the one that is "
        "attached to the report."
    ),
    "result-not-json": _(
        "This is not a file of answers and result. Use the result.json that is attached to the "
        "report."
    ),
    "result-form": _(
        "This part does not have the form in which reports attach their result. Use the "
        "result.json that is attached to the report."
    ),
    # ------------------------------------------------------------ evidence files
    "evidence-kind": _(
        "This kind of file is not accepted. Send a PDF, a picture (PNG, JPEG, WebP, GIF, HEIC) or "
        "an office document (Word, Excel, PowerPoint, OpenDocument, WPS)."
    ),
    "evidence-broken": _(
        "The file is damaged or incomplete. Open it on your computer, save it again and send the "
        "new copy."
    ),
    "evidence-two-in-one": _(
        "The file contains more than it appears to. Save or print it as a new PDF and send that."
    ),
    "evidence-macros": _(
        "The document contains macros. Save it without them, for example as .docx, .xlsx, .pptx "
        "or PDF, and send that."
    ),
    "evidence-password": _(
        "The document is protected by a password, so nobody else could open it. Save it without "
        "one, or as PDF, and send that."
    ),
    "evidence-unpacks": _(
        "The document unpacks to far more than its size. Save it as PDF and send that."
    ),
    "evidence-pixels": _(
        "The picture has more than %(most)s million pixels. Make it smaller and send it again."
    ),
    "evidence-too-large": _(
        "The file is larger than %(most)s MB. Make it smaller, or send the pages that matter."
    ),
    "evidence-empty": _("The file is empty. Choose another one."),
    "evidence-question-full": _(
        "This question already has %(most)s files. Remove one before you add another."
    ),
    "evidence-firm-full": _(
        "Your firm has %(limit)s MB for files, and %(left)s MB are left. Remove files that are "
        "not needed, or make this one smaller."
    ),
    "upload-gone": _(
        "This file was removed, or its upload was interrupted for too long. Send it again."
    ),
    "upload-offset": _(
        "This is not the part of the file that comes next. Choose the same file again to go on."
    ),
    "upload-too-much": _("More was sent than the file contains. Send it again."),
    "upload-busy": _("The same file is already being sent. Wait a moment."),
    "evidence-busy": _("The server is busy with other files at the moment. Try again soon."),
    # ---------------------------------------------------------------- workbooks
    "workbook-unreadable": _(
        "This file cannot be read: it is damaged, or contains something that does not belong in a "
        "workbook. Open it in your spreadsheet program, save it as .xlsx under a new name, and "
        "send that."
    ),
    "workbook-other-format": _(
        "This is not a workbook in the .xlsx format. Save the workbook that you filled in as "
        ".xlsx, and send that."
    ),
    "workbook-old-format": _(
        "This workbook is in the old .xls format. Save it as .xlsx, and send that."
    ),
    "workbook-password": _(
        "This workbook is locked with a password. Save it without one, and send it again."
    ),
    "workbook-too-large": _(
        "This workbook is too large to be read. Send the one that you downloaded here, without "
        "extra sheets or pictures; it may have up to %(megabytes)s MB."
    ),
    "workbook-not-ours": _(
        "This workbook was not downloaded here, or its hidden sheet is missing. Download a new "
        "one below, copy your answers into it, and send that."
    ),
    "workbook-other-release": _(
        "This workbook comes from another release of the site and cannot be read by this one. "
        "Download a new one below, and copy your answers into it."
    ),
    "workbook-other-firm": _(
        "This workbook was downloaded for another firm. Nothing was taken from it. Send the one "
        "for your own firm."
    ),
    "workbook-nothing-in-common": _(
        "None of the questions in this workbook is asked in this assessment. Nothing was taken "
        "from it. Send the workbook that belongs to this assessment."
    ),
    "workbook-busy": _(
        "Other workbooks are being read at the moment. Nothing was changed. Send yours again in "
        "half a minute."
    ),
    "workbook-missing": _("Choose the workbook that you filled in."),
    "cell-no-option": _("“%(value)s” is not in the list. Choose one of these: %(options)s."),
    "cell-other-column": _(
        "“%(value)s” does not belong in this cell. Choose it in the column “Don’t know, not "
        "applicable”, in the first row of this question."
    ),
    "cell-no-number": _("“%(value)s” is not a number. Enter digits, for example 12.5."),
    "cell-date": _(
        "This is a date (%(value)s), but a number is asked for. Set the format of the cell to "
        "General, and enter the number again."
    ),
    "cell-percent": _(
        "%(value)s is a share in per cent, but a number in the unit beside it is asked for. Set "
        "the format of the cell to General, and enter the number."
    ),
    "cell-formula": _(
        "There is a formula here, but the file does not contain its result. Enter the result "
        "itself."
    ),
    "cell-fault": _(
        "The spreadsheet shows %(value)s here instead of a result. Enter the answer itself."
    ),
    "cell-merged": _(
        "This row has merged cells, so its answer is not clear. Unmerge them, and fill in each "
        "cell."
    ),
    "cell-twice": _(
        "This question appears in the workbook twice, with different answers. Keep one of them."
    ),
    "cell-not-asked": _("This line is not asked in this assessment. Clear the cell."),
    "cell-rows-missing": _(
        "Some rows of this question are missing. Download the workbook again, and copy your "
        "answers into it."
    ),
    "pack-failed": _(
        "The preparation pack could not be made (%(reason)s). Try again; if that does not help, "
        "tell the operator."
    ),
    # -------------------------------------------------------------- comparisons
    "comparison-form": _(
        "A comparison has two entries: things, a list of names, and matrix, a list with one list "
        "of values for each thing. Correct the file."
    ),
    "comparison-value": _(
        "“%(value)s” is not a value for a comparison. Write it like 3, 1/3 or 0.5."
    ),
    "comparison-twice": _("“%(name)s” appears twice in the list of things. Keep one of them."),
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
    "bank-not-open": _(
        "These questions cannot be started: they are not published, or retired. Choose others."
    ),
    "not-complete": _(
        "Nothing has been submitted yet: %(count)s questions still need an answer or a "
        "correction. Complete them, then submit again."
    ),
    "already-full": _(
        "This assessment asks all the questions already, so there is nothing to go on to. "
        "Nothing was changed."
    ),
    "already-submitted": _(
        "This assessment has been submitted, so its answers are fixed. Nothing was changed."
    ),
    "reopening-reason-missing": _("Say in a few words why you are withdrawing the submission."),
    "reopening-reason-too-long": _("Shorten the reason to %(longest)s characters."),
    "review-begun": _(
        "Your consultant has begun to review this assessment, so it cannot be reopened. Nothing "
        "was changed. Ask your consultant."
    ),
    "other-under-way": _(
        "Another assessment of the same questions is under way. Nothing was changed. Submit that "
        "one first, or go on with it."
    ),
    "discard-submitted": _(
        "This assessment has been submitted before, so it cannot be discarded. Nothing was changed."
    ),
    "restore-under-way": _(
        "Another assessment with the same questions is under way. Submit or discard it first, "
        "then restore this one. Nothing was changed."
    ),
    "not-submitted": _(
        "There is no result yet. There will be one once the required questions are answered and "
        "the assessment is submitted, or submitted again after it was reopened."
    ),
    "target-unknown-domain": _(
        "“%(domain)s” is not a domain that these questions score. Nothing was changed. Load the "
        "page again and choose there."
    ),
    "target-unknown-level": _(
        "“%(level)s” is not a level that can be a target. Choose one of the levels offered."
    ),
    "what-if-unreadable": _(
        "The answers you had changed before could not be read, so this starts from the stored "
        "answers again. Nothing is lost that was saved."
    ),
    # ------------------------------------------------------------------ reports
    "unknown-copy": _(
        "There is no such copy of the report. Choose its languages, its extent and its format "
        "from the list on the reports page."
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
    "report-reopened": _(
        "The submission was withdrawn before this report was made. Submit the answers again, then "
        "ask for the report again."
    ),
    "report-not-again": _(
        "The file of this report was lost, and what it was made from has changed since, so it "
        "cannot be made again as it was. Copies that were handed out stay valid and can be "
        "verified. Ask for a new report."
    ),
    "report-cancelled": _("This report was cancelled. Ask for it again if it is needed."),
    "report-file-missing": _(
        "The file of this report is no longer on the disk. Tell the operator."
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
        "SVG files are not accepted, because they can carry scripts. Save the logo as PNG or JPEG."
    ),
    "logo-not-a-picture": _("This file is neither PNG nor JPEG. Choose a picture."),
    "logo-unreadable": _(
        "This picture cannot be read to its end. Save it again as PNG or JPEG, and choose it again."
    ),
    "logo-missing": _(
        "The logo of “%(owner)s” can no longer be read. Set it again or remove it, then ask for "
        "the report again."
    ),
    "bad-page": _("The report cannot be printed as it should be. Tell the operator."),
    "missing-glyph": _(
        "The report cannot be printed: the fonts have no shape for “%(character)s” "
        "(%(codepoint)s) in “%(place)s”. Replace this character and ask for the report again. If "
        "it can no longer be changed, download the Word copy or read the report in the browser."
    ),
    "renderer-complaint": _(
        "The report cannot be printed correctly. Tell the operator: %(complaint)s"
    ),
    "bidi-control": _(
        "The report cannot be printed: there is an invisible character (%(codepoint)s) in "
        "“%(place)s” that changes the direction of the text after it. Remove it and ask for the "
        "report again."
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
        "Parts are nested more than %(most)s levels deep here. Check indentation and brackets."
    ),
    "yaml-too-many-parts": _("The file has more than %(most)s entries. Load a smaller one."),
    "yaml-key-not-text": _("A key must be a plain word. Write it as text."),
    "yaml-key-too-long": _("The key “%(key)s” is too long. Shorten it to %(most)s characters."),
    "yaml-duplicate-key": _("“%(key)s” appears here twice. Keep one of them."),
    "yaml-bare-boolean": _(
        "“%(value)s” without quotes means true or false in YAML. Put it in quotes."
    ),
    "yaml-tag": _("Tags (starting with !) are not accepted. Write a plain value."),
    # --------------------------------------------------- question banks as files
    "exchange-unknown-format": _(
        "This file is in none of the formats that can be read. Send a YAML, JSON, XLSX, "
        "LimeSurvey or SurveyJS file."
    ),
    "bank-no-yaml": _(
        "This file is not written in YAML. Convert it first with “survey bank convert”."
    ),
    "exchange-no-file": _("Choose the file to import."),
    "exchange-gone": _(
        "The uploaded file is no longer kept: it was applied already, or a day has passed. "
        "Upload it again."
    ),
    "exchange-other-bank": _(
        "The file belongs to the question bank “%(theirs)s”, this draft to “%(ours)s”. Import"
        " it as a new draft."
    ),
    "workbook-no-sheet": _(
        "The sheet “%(name)s” is missing. Put it back with its first row; it may be empty below."
    ),
    "workbook-merged": _(
        "The cells %(area)s are merged. Separate them, and write each value into its own cell."
    ),
    "workbook-formula": _(
        "This cell has a formula, and formulas are never calculated here. Write its result as"
        " plain text or a plain number."
    ),
    "workbook-no-column": _(
        "The column “%(name)s” is missing in the first row. Add it; its cells may be empty."
    ),
    "workbook-unknown-column": _(
        "There is no column “%(name)s” on this sheet. Did you mean “%(near)s”? Correct the "
        "name, or remove the column."
    ),
    "workbook-column-unlike-any": _(
        "There is no column “%(name)s” on this sheet. Remove it; the sheet “notes” lists the "
        "columns that exist."
    ),
    "workbook-two-columns": _("The column “%(name)s” is there twice. Keep one of them."),
    "workbook-no-header": _(
        "This column has content but no name in the first row. Name it, or clear its cells."
    ),
    "workbook-not-in-this-row": _(
        "“%(value)s” has no meaning in a row of this type. Clear the cell, or correct the "
        "type of the row."
    ),
    "workbook-unknown-type": _("There is no type “%(value)s”. Use one of these: %(expected)s."),
    "workbook-type-of-kind": _(
        "A question of kind “%(kind)s” has the type %(expected)s. Correct the type or the kind."
    ),
    "workbook-calculate": _("Rows of type calculate are made by the export. Remove this one."),
    "workbook-group-kind": _(
        "Say in the column “kind” which kind of question this group is: %(expected)s."
    ),
    "workbook-group-here": _("A group cannot begin inside a question. Put “end group” before it."),
    "workbook-group-open": _("This group has no end. Put “end group” below its last row."),
    "workbook-group-not-open": _(
        "There is no group to end here. Remove this row, or add the “begin group” above."
    ),
    "workbook-page-twice": _(
        "The page “%(name)s” is there twice. Put all its questions into one group."
    ),
    "workbook-question-here": _(
        "A question must be in a domain of a section, or on the profile page. Move it into a group."
    ),
    "workbook-no-list": _(
        "The list “%(name)s” is not on the sheet “choices”. Add its options there, or correct"
        " the name."
    ),
    "workbook-no-list-name": _("Say in “list_name” which list this option belongs to."),
    "workbook-list-unused": _(
        "No question uses the list “%(name)s”. Name it in the type of a question, or remove "
        "its rows."
    ),
    "workbook-two-lists": _(
        "All rows of one question choose from one list, here “%(name)s”. Use that one."
    ),
    "workbook-two-weights": _(
        "There is one weight for all and one for each case as well. Keep one or the other."
    ),
    "workbook-unknown-figure": _(
        "The rows of this question are named %(expected)s. Correct the name."
    ),
    "workbook-one-row": _("This sheet has one row of values only. Remove the others."),
    "workbook-unknown-fact": _(
        "There is no field “%(name)s”. The sheet “notes” lists those that exist; correct the name"
        " or remove the row."
    ),
    "workbook-fact-twice": _("The field “%(name)s” is there twice. Keep one row of it."),
    "workbook-of-no-question": _(
        "There is no question “%(value)s” on the sheet “survey”. Correct the key, or remove "
        "the row."
    ),
    "workbook-of-no-statement": _(
        "The question has no row “%(value)s”. Correct the key, or remove the row."
    ),
    "workbook-of-nothing": _(
        "No row on the sheet that this one belongs to has the key “%(value)s”. Correct the key, "
        "or remove the row."
    ),
    "workbook-rest": _(
        "This row cannot be read any more. Delete it, or take the sheet “rest” from a fresh export."
    ),
    "workbook-cell-number": _(
        "“%(value)s” is not a plain number. Write digits only, such as 20 or 2.5."
    ),
    "workbook-cell-whole": _("“%(value)s” is not a whole number. Write digits only, such as 3."),
    "workbook-cell-yes-no": _(
        "“%(value)s” is neither yes nor no. Write yes or no, or clear the cell."
    ),
    "workbook-cell-date": _(
        "The spreadsheet program has turned this into a date: %(value)s. Set the cell to text, "
        "and type it again."
    ),
    "workbook-cell-percent": _(
        "This cell is set to per cent and holds %(value)s. Set it to a plain number, and type"
        " it again."
    ),
    "workbook-cell-broken": _("This cell shows %(value)s instead of a value. Write the value."),
    "workbook-expression": _(
        "The condition is not understood at “%(at)s”. Write it as in selected(${key}, "
        "'option') or ${key} >= 3, joined by and, or, not()."
    ),
    "workbook-expression-limits": _(
        "The limits are not understood at “%(at)s”. Write . >= 0 and . <= 100, or string-"
        "length(.) <= 200, or regex(., '…')."
    ),
    "workbook-rest-dropped": _(
        "“%(part)s” was %(value)s, which no column can show. The row it belonged to was renamed,"
        " moved, changed or removed, so it was left out. Enter it again by hand if it is needed."
    ),
    "workbook-comment-not-read": _("The comment on this cell is not part of the bank: not read."),
    "workbook-not-read": _("“%(value)s” is beside the text of this sheet and was not read."),
    "workbook-calculation": _(
        "“%(value)s” does not follow from the points and figures of the question, and was not "
        "read. Change the points on the sheet “choices”; the next export writes this cell anew."
    ),
    "workbook-for-programs": _(
        "“%(value)s” is meant for other programs. A question bank has no place for it, so it "
        "was not read."
    ),
    "workbook-yes-no": _(
        "“%(value)s” of the list yes_no is not as exported. Yes and No have fixed words in a"
        " question bank, so the change was left out."
    ),
    "workbook-sheet-not-read": _("This sheet is not part of the question bank and was not read."),
    # --------------------------------------------------------------------- bank
    "bad-document": _("The bank has %(count)s problems. Nothing was stored."),
    "bank-missing": _("“%(field)s” is missing. Add it."),
    "bank-not-an-object": _(
        "The document is not a question bank: it has no named entries. Choose another file."
    ),
    "bank-not-json": _(
        "The document holds a value that cannot be stored, such as a date or an infinite number. "
        "Write it as a text."
    ),
    "bank-too-deep": _("The document is nested more than %(most)s levels deep. Flatten it."),
    "bank-too-long-list": _(
        "A list of the document has more than %(most)s parts. Shorten it, or divide it up."
    ),
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
    "bank-glyph-missing": _(
        "The fonts of the reports have no shape for “%(character)s” (%(codepoint)s). Use another "
        "character."
    ),
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
    "bank-duplicate-key": _("The key “%(key)s” appears here twice. Give one of them another key."),
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
        "The scores of the bands go against “better: %(better)s”. Reverse them, or correct "
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
        "“%(value)s” is not a regular expression that can be used. Keep it short, without look-"
        "around and back-references."
    ),
    "bank-condition-form": _(
        "A condition has exactly one of question, all, any, not; "
        "with question, one of in, at_least."
    ),
    "bank-condition-looks-ahead": _(
        "The condition looks at “%(key)s”, which is not asked before it. A condition may only look "
        "back."
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
    # --------------------------------------------------- files of other systems
    "foreign-too-large": _(
        "The file is larger than %(megabytes)s MB, or unpacks to too much. Export fewer "
        "questions at a time."
    ),
    "foreign-not-a-form": _(
        "This is neither a workbook nor a CSV file of a form. Export the form as .xlsx and "
        "try again."
    ),
    "foreign-no-survey": _(
        "There is no sheet “survey” with the columns type and name. The sheets are: "
        "%(sheets)s. Name the sheet of questions “survey”."
    ),
    "foreign-not-utf8": _(
        "The text is not UTF-8 from line %(line)s on. Save the file as UTF-8 and try again."
    ),
    "foreign-not-limesurvey": _(
        "There is no question of a LimeSurvey survey in this file. Export the survey "
        "structure (.lss), or as tab-separated values (.txt)."
    ),
    "foreign-xml": _(
        "The XML is broken at line %(line)s: the file is damaged or incomplete. Export it again."
    ),
    "foreign-xml-declares": _(
        "The XML declares entities of its own, which no export does, so it was not read. "
        "Export the survey again."
    ),
    "foreign-archive": _(
        "This is an archive of a LimeSurvey survey with its answers. Export the structure of the "
        "survey alone (.lss) and upload that."
    ),
    "foreign-pdf": _(
        "This is a PDF: it shows questions to people, and no program can take them from it. Send "
        "the file that they were written in, as YAML, JSON or XLSX, or the export of your survey "
        "program."
    ),
    "foreign-html": _(
        "This is a web page, not the questionnaire on it. Export the questionnaire from the "
        "program that shows it, and send that file."
    ),
    "foreign-picture": _(
        "This is a picture, in which no program can read questions. Send the question bank as "
        "YAML, JSON or XLSX, or the export of your survey program."
    ),
    "foreign-document": _(
        "This is a text document or a presentation. Enter its questions in a workbook, and send "
        "that as .xlsx."
    ),
    "foreign-packed": _(
        "This is an archive with other files in it. Unpack it, and send only the file with the "
        "questions."
    ),
    "foreign-not-surveyjs": _(
        "This JSON has neither pages nor elements, so it is not a SurveyJS definition. Export the"
        " JSON of the survey."
    ),
    "foreign-json": _("The JSON is broken at line %(line)s. Correct it, or export the file again."),
    "json-too-many-names": _(
        "An object has more than %(most)s names. No question bank has as many; check the file."
    ),
    "json-twice": _("The name “%(name)s” appears twice in one object. Keep one of them."),
    # ------------------------------------------------- what was lost on the way
    "loss-note-summary": _("The note “%(note)s” has become the summary of its page."),
    "loss-defaults": _(
        "The file says nothing about weights, levels and advice, and not always anything about "
        "units and limits. The draft has the simplest values: look through them."
    ),
    "loss-more": _("%(count)s further losses are not listed."),
    "loss-code": _(
        "The code “%(question)s” cannot be a key of a bank; the key is “%(key)s”. The question's "
        "source names the code."
    ),
    "loss-group-code": _(
        "The group's code “%(question)s” cannot be a key of a bank; the key is “%(key)s”."
    ),
    "loss-code-twice": _(
        "The code “%(question)s” is used further up as well; this question has the key “%(key)s”."
        " Conditions look at the later one."
    ),
    "loss-choice-codes": _(
        "Some choices of “%(question)s” have keys that differ from their codes: %(codes)s."
    ),
    "loss-choice-twice": _(
        "“%(question)s” has the choice “%(choice)s” twice; the second one has the key “%(key)s”."
    ),
    "loss-choices-cut": _(
        "“%(question)s” has more than %(most)s choices. The last %(count)s were left out: "
        "%(codes)s."
    ),
    "loss-no-choices": _(
        "“%(question)s” has nothing to choose from in this file, so it has become a text."
    ),
    "loss-list-missing": _(
        "The choices of “%(question)s” are kept elsewhere (%(list)s) and are not in this file."
    ),
    "loss-list-copied": _(
        "“%(question)s” took its choices from the answers to “%(list)s”; now it always "
        "offers all of them."
    ),
    "loss-no-code": _("There is no code here; “%(code)s” is used instead."),
    "loss-kind": _(
        "“%(question)s” is of the kind “%(kind)s”, which does not exist here; it has become: "
        "%(became)s."
    ),
    "loss-kind-unknown": _(
        "“%(question)s” is of the kind “%(kind)s”, which is not known; it has become: %(became)s."
    ),
    "loss-unseen": _(
        "“%(question)s” (%(kind)s) does not ask for anything and was left out (%(value)s)."
    ),
    "loss-lines-split": _(
        "“%(question)s” has lines or columns to fill in; each has become a question of its own."
    ),
    "loss-second-scale": _("“%(question)s” has a second scale, which was left out: %(codes)s."),
    "loss-points-by-order": _(
        "The states of “%(question)s” have no points that rise from 0, so they are numbered "
        "in their order. Correct the points."
    ),
    "loss-range": _(
        "The limits of “%(question)s” (%(minimum)s to %(maximum)s) allow no answer and were left "
        "out."
    ),
    "loss-condition": _(
        "The condition of “%(question)s” cannot be expressed here, so it is always asked "
        "(%(condition)s)."
    ),
    "loss-condition-ahead": _(
        "The condition of “%(question)s” looks at itself or at a later question, so it is "
        "always asked (%(condition)s)."
    ),
    "loss-condition-never": _(
        "The condition of “%(question)s” never holds. The question was kept without it "
        "(%(condition)s)."
    ),
    "loss-constraint": _("A limit of “%(question)s” cannot be expressed here (%(constraint)s)."),
    "loss-feature": _("“%(question)s”: %(feature)s is not carried over (%(value)s)."),
    "loss-media": _(
        "“%(question)s” shows a file (%(kind)s, language %(language)s), which is not carried "
        "over (%(file)s)."
    ),
    "loss-markup": _(
        "Scripts, links, pictures or fields were taken out of the text in the language "
        "%(language)s (%(what)s)."
    ),
    "loss-signs": _(
        "%(count)s characters that no page can show were taken out (language %(language)s)."
    ),
    "loss-text-cut": _(
        "The text (language %(language)s) is longer than %(most)s characters; the last "
        "%(count)s were left out."
    ),
    "loss-piping": _(
        "The text (language %(language)s) shows an earlier answer or a result; its name in braces"
        " is kept as plain text."
    ),
    "loss-language": _("%(count)s texts in the language “%(language)s” have no place in a bank."),
    "loss-language-standing": _(
        "%(count)s texts exist in the language “%(language)s” alone. They have been put where the"
        " translation is needed."
    ),
    "loss-language-guessed": _(
        "%(count)s texts name no language; it was guessed from their script."
    ),
    "loss-repeat": _("“%(group)s” can be repeated there; here it is asked once."),
    "loss-group-flattened": _(
        "The group “%(group)s” is inside other groups; its questions were kept, its name was not."
    ),
    "loss-group-empty": _(
        "The group “%(group)s” asks nothing, so it was left out; the report keeps its words."
    ),
    "loss-group-end": _("A group ends here that never began."),
    "loss-group-open": _("The group “%(group)s” has no end; it ends with the file."),
    "loss-group-missing": _(
        "The group “%(group)s” of these questions is not in the file. They have been put into a "
        "group of their own."
    ),
    "loss-note": _(
        "The note “%(note)s” comes after the last question and was left out (%(text)s)."
    ),
    "loss-note-moved": _("The note “%(note)s” has become help of “%(question)s”."),
    "loss-disabled": _("“%(question)s” is switched off in the file and was left out."),
    "loss-row": _("This is neither a question nor a part of one and was left out (%(text)s)."),
    "loss-rows-cut": _("There are more than %(most)s questions. The others were left out."),
    "loss-orphan": _("This belongs to a question that is not there and was left out (%(text)s)."),
    "loss-twice": _(
        "This text appears twice in the language %(language)s; the later one was left out "
        "(%(text)s)."
    ),
    "loss-groups-cut": _(
        "There are more than %(most)s groups. The last %(count)s were left out; the report keeps "
        "their words."
    ),
    "loss-too-deep": _("This is nested in more than %(most)s panels and was left out."),
    "loss-list-unused": _(
        "No question uses the list “%(list)s” (%(count)s choices), so it was left out."
    ),
    "loss-quotas": _(
        "The survey's quotas (%(count)s rows) are not carried over: a bank does not limit how "
        "many may answer."
    ),
    "loss-sheet": _("The sheet “%(sheet)s” is not carried over."),
    "loss-table": _("The table “%(table)s” (%(count)s rows) is not carried over."),
    "loss-column": _("The column “%(column)s” (%(count)s cells) is not carried over."),
    "loss-column-twice": _("The column “%(column)s” appears twice; the second one was left out."),
    "loss-no-head": _("The column of this cell has no name, so the cell was left out."),
    "loss-cell": _(
        "The cell holds a formula without a result, or a code such as #REF!, and was left out."
    ),
    "loss-setting": _("The setting “%(setting)s” is not carried over (%(value)s)."),
    "loss-letters": _("The survey has %(count)s e-mail texts, which are not carried over."),
    "loss-json-twice": _(
        "The name “%(name)s” appears twice in one object; the later value counts."
    ),
    "loss-no-place": _("%(format)s has no place for “%(field)s” (places: %(count)s)."),
    "loss-kind-written": _(
        "%(format)s has no question of the kind “%(kind)s”; “%(question)s” was written as: "
        "%(became)s."
    ),
}


def sentence(code: str, facts: Facts, locale: Locale) -> str:
    """The sentence for a code, in the reader's language. Raises KeyError for an unknown code."""
    said = {name.removesuffix(f".{locale}"): fact for name, fact in facts.items()}
    return words(locale).gettext(SENTENCES[code]) % said


def for_error(error: SurveyError, locale: Locale) -> str:
    return sentence(error.code, error.facts, locale)


def for_problem(problem: Problem, locale: Locale) -> str:
    """The problem's sentence; ``file: line: place:`` is put before it by whoever shows it."""
    return sentence(problem.code, problem.facts, locale)
