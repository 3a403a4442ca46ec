"""The interface words of one language, read straight from the .po file.

So there is no compiled copy that could be missing or stale.
"""

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from survey.core.text import Locale

FOLDER = Path(__file__).parent.parent / "translations"


@cache
def words(locale: Locale) -> NullTranslations:
    """English is the source of interface words, so it needs no file."""
    if locale is Locale.EN:
        return NullTranslations()
    path = FOLDER / locale.folder / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=locale.folder)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
