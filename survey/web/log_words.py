"""What the acts in the log are called; the sentence reads: who – act – whom or what."""

from collections.abc import Mapping

from survey.i18n import Later, lazy

ACTS: Mapping[str, Later] = {
    "register-firm": lazy("registered the firm"),
    "rename-firm": lazy("renamed the firm"),
    "add-member": lazy("added a person to the firm"),
    "remove-member": lazy("removed a person from the firm"),
    "leave-firm": lazy("left the firm"),
    "set-scope": lazy("changed which sections a person answers at the firm"),
    "invite": lazy("created an invitation link for the firm"),
    "withdraw-invitation": lazy("withdrew an invitation link of the firm"),
    "accept-invitation": lazy("joined the firm by an invitation link"),
    "submit-assessment": lazy("submitted an assessment of"),
    "reopen-assessment": lazy("reopened an assessment of"),
    "discard-assessment": lazy("discarded an assessment of"),
    "restore-assessment": lazy("restored a discarded assessment of"),
    "erase-assessment": lazy("erased a discarded assessment of"),
    "move-assessment": lazy("moved an assessment to another version of its questions at"),
    "begin-review": lazy("began to review an assessment of"),
    "end-review": lazy("ended the review of an assessment of"),
    "give-back-assessment": lazy("returned an assessment to"),
    "assign-consultant": lazy("assigned a consultant to the firm"),
    "unassign-consultant": lazy("ended a consultant’s assignment to the firm"),
    "set-logo": lazy("changed the logo of"),
    "remove-logo": lazy("removed the logo of"),
    "set-role": lazy("changed the role of"),
    "deactivate": lazy("deactivated the account of"),
    "activate": lazy("activated the account of"),
    "reset-second-step": lazy("switched off two-step sign-in for"),
    "store-bank": lazy("stored the draft"),
    "begin-draft": lazy("began the draft"),
    "discard-draft": lazy("discarded the draft"),
    "restore-draft": lazy("restored the draft"),
    "waive-translations": lazy("waived translations of the draft"),
    "withdraw-waiver": lazy("withdrew a waiver for translations of the draft"),
    "publish-bank": lazy("published the bank"),
    "retire-bank": lazy("retired the bank"),
    "sign-in": lazy("signed in"),
    "fail-to-sign-in": lazy("failed to sign in"),
    "sign-out-everywhere": lazy("signed out on all devices"),
    "reset-password": lazy("set a new password by e-mail link"),
    "change-password": lazy("changed the password"),
    "set-up-second-step": lazy("switched two-step sign-in on"),
    "remove-second-step": lazy("switched two-step sign-in off"),
}
ABOUT_ONESELF = frozenset(
    {
        "sign-in",
        "fail-to-sign-in",
        "sign-out-everywhere",
        "reset-password",
        "change-password",
        "set-up-second-step",
        "remove-second-step",
    }
)
"""Acts whose subject is the person who acts: the name is said once."""
