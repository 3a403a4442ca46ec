"""When a question applies, in words.

For those who read the questions before answering any, and for those who write the conditions,
whose drafts may lack a question, an answer or a text.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from survey.core.bank import Bank, Choice, Condition, Ladder, Multiple
from survey.core.figures import amount
from survey.core.text import Text, same


@dataclass(frozen=True, slots=True)
class Named:
    """What a sentence says of a question. `steps` are a ladder's points with their labels."""

    name: Text
    options: Mapping[str, Text]
    steps: Sequence[tuple[Decimal, Text]] = ()


_Naming = Callable[[str], Named]

INCOMPLETE = Text(zh="（尚不完整）", en="(not complete yet)")
WITHOUT = Text(zh="没有条件。", en="There is no condition.")


def applies(bank: Bank, condition: Condition) -> Text:
    return asked_if(clause(condition, _naming(bank)))


def may_stay_open(bank: Bank, condition: Condition) -> Text:
    return open_if(clause(condition, _naming(bank)))


def asked_if(said: Text) -> Text:
    return Text(zh=f"只在{said.zh}时填写。", en=f"Only if {said.en}.")


def open_if(said: Text) -> Text:
    return Text(zh=f"{said.zh}时可以不填。", en=f"May be left open if {said.en}.")


def said_if(said: Text) -> Text:
    """Of a hint beside a report."""
    return Text(zh=f"只在{said.zh}时说明。", en=f"Said only if {said.en}.")


def matters_if(said: Text) -> Text:
    """Of a condition of somebody else's rule."""
    return Text(zh=f"只在{said.zh}时相关。", en=f"Matters only if {said.en}.")


def met_if(said: Text) -> Text:
    """Of the same: how the answers tell that it holds."""
    return Text(zh=f"{said.zh}时视为满足。", en=f"Met if {said.en}.")


def clause(condition: Condition, naming: _Naming) -> Text:
    """The condition as a part of a sentence; what a draft lacks is called by its key."""
    if condition.all_ is not None:
        return _joined([clause(part, naming) for part in condition.all_], "，并且", " and ")
    if condition.any_ is not None:
        return _joined([clause(part, naming) for part in condition.any_], "，或者", " or ")
    if condition.not_ is not None:
        inner = clause(condition.not_, naming)
        return Text(zh=f"不是（{inner.zh}）", en=f"it is not so that ({inner.en})")
    if condition.question is None:
        return INCOMPLETE
    return _test(condition, naming(condition.question))


def _test(condition: Condition, about: Named) -> Text:
    if condition.in_ is not None:
        return _chosen(about.name, [about.options.get(key, same(key)) for key in condition.in_])
    if condition.at_least is None:
        return INCOMPLETE
    reaching = [label for points, label in about.steps if points >= condition.at_least]
    if reaching:
        return Text(
            zh=f"“{about.name.zh}”达到“{reaching[0].zh}”或更高",
            en=f"the answer to “{about.name.en}” is “{reaching[0].en}” or higher",
        )
    number = amount(condition.at_least)
    return Text(
        zh=f"“{about.name.zh}”不小于{number}",
        en=f"the answer to “{about.name.en}” is at least {number}",
    )


def _chosen(name: Text, labels: Sequence[Text]) -> Text:
    chinese = "或".join(f"“{label.zh}”" for label in labels)
    english = " or ".join(f"“{label.en}”" for label in labels)
    return Text(zh=f"“{name.zh}”选{chinese}", en=f"the answer to “{name.en}” is {english}")


def _naming(bank: Bank) -> _Naming:
    def named(key: str) -> Named:
        question = bank.questions[key]
        options = question.options if isinstance(question, Choice | Ladder | Multiple) else ()
        return Named(
            name=question.short or question.prompt,
            options={option.key: option.label for option in options},
            steps=[(o.points or Decimal(0), o.label) for o in options]
            if isinstance(question, Ladder)
            else (),
        )

    return named


def _joined(parts: Sequence[Text], chinese: str, english: str) -> Text:
    if len(parts) == 1:
        return parts[0]
    return Text(
        zh=chinese.join(f"（{part.zh}）" for part in parts),
        en=english.join(f"({part.en})" for part in parts),
    )
