"""What other answers would give, beside a result. Nothing of it is stored."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from survey.core import conditions
from survey.core.answers import BadAnswers, PlainAnswer
from survey.core.result import Result
from survey.core.what_if import Difference, compare
from survey.services import assessments
from survey.services.assessments import Outcome
from survey.services.people import Actor


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A result beside the one that other answers would give. Nothing of the second is stored.

    `changes` are the answers that differ, in their normal form; None stands for a cleared one.
    """

    before: Outcome
    supposed: Outcome
    changes: Mapping[str, PlainAnswer | None]
    visible: frozenset[str]
    difference: Difference

    @property
    def after(self) -> Result:
        return self.supposed.result


def what_if(
    session: Session,
    actor: Actor,
    assessment_id: int,
    *,
    changes: Mapping[str, PlainAnswer | None],
) -> WhatIf:
    """What other answers would give, for everybody who may see the firm. Touches nothing.

    None takes an answer away. What says the same as the answer that is stored is no change, and
    a changed answer that a condition hides counts for nothing until it applies.

    Raises NotFound, NotSubmitted, BadAnswers with every answer that cannot be taken.
    """
    before = assessments.outcome(session, actor, assessment_id)
    bank = before.bank
    wanted, refused = assessments.normal(bank, changes)
    if refused:
        raise BadAnswers(refused)
    differing = {key: value for key, value in wanted.items() if value != before.plain.get(key)}
    later = {key: v for key, v in {**before.plain, **differing}.items() if v is not None}
    supposed = assessments.scored(before.assessment, bank, later, before.targets)
    return WhatIf(
        before=before,
        supposed=supposed,
        changes=differing,
        visible=conditions.visible(bank, supposed.answers),
        difference=compare(before.result, supposed.result),
    )
