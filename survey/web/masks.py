"""A firm's name for strangers: enough for those who know it, too little to learn it."""

STARS = "****"
FEW_STARS = "***"
SHOWN = 2


def masked(name: str) -> str:
    """The first two characters, then as many stars for every name: 砺洲****, Li***.

    Of a name that is hardly longer, only the first.
    """
    kept = name.strip()[: SHOWN if len(name.strip()) > SHOWN else 1]
    return kept + (FEW_STARS if kept.isascii() else STARS)
