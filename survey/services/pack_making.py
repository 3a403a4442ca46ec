"""Print a preparation pack. Apart from what the site loads: only workers print."""

from collections.abc import Callable

from survey.pdf import pack_page, render
from survey.services.making import Printing
from survey.services.pack_inputs import PackInputs, identity
from survey.services.report_inputs import CHECKED_FROM, Made


def make(printing: Printing, inputs: PackInputs, progress: Callable[[int], None]) -> Made:
    """Print it; `progress` hears rising per cents. Raises what the renderer complains about."""
    made = pack_page.html(
        inputs.bank, inputs.bank_digest, inputs.languages, inputs.question_keys, printing.accent
    )
    number = identity(
        inputs.bank_digest,
        inputs.edition,
        inputs.languages,
        inputs.question_keys,
        printing.accent,
    )
    rendered = render.page_bytes(
        made,
        fonts_folder=printing.fonts_folder,
        accent=printing.accent,
        style=pack_page.STYLES,
        identity=number[:32].encode(),
        progress=lambda percent: progress(min(percent, CHECKED_FROM - 1)),
    )
    return Made(rendered.content, rendered.pages, {})
