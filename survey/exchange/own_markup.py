"""Markup in a bank's own file that runs or loads from elsewhere: taken out, and reported.

The same of a file with its translations.

Other texts stay as they are to the sign, so that what was exported comes back unchanged. Nobody
who writes a bank needs markup, and not every program that gets its export escapes it.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from survey.core.places import Place, children, put, written
from survey.core.text import Locale
from survey.exchange import markup
from survey.exchange.bank_parts import Read
from survey.exchange.loss import Loss

_LANGUAGES = frozenset(Locale)
MOST_NAMED = 20


def without_running(found: Read) -> Read:
    """The same, its texts without what runs; each of them is a loss that keeps the words."""
    document, losses = found.document, list(found.losses)
    for place, text in list(_texts(document, ())):
        words, what = parted(text)
        if what:
            document = put(document, place, words)
            facts = {"language": place[-1], "what": what}
            losses.append(Loss("loss-markup", written(place), facts, ((place[-1], text),)))
    return replace(found, document=document, losses=tuple(losses))


def parted(text: str) -> tuple[str, str]:
    """The text without what runs, and that by its names; if nothing does, the text as it is."""
    plain = markup.plain(text) if "<" in text else None
    if plain is None or not plain.dropped:
        return text, ""
    return plain.text, ", ".join(plain.dropped[:MOST_NAMED])


def _texts(node: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """What somebody wrote in a language."""
    for step, part in children(node):
        inside = (*place, step)
        if isinstance(part, str):
            if step in _LANGUAGES:
                yield inside, part
        else:
            yield from _texts(part, inside)
