"""The one way in which numbers are rounded before they are compared or stored."""

from decimal import ROUND_HALF_UP, Context, Decimal

_SIX_PLACES = Decimal("0.000001")
_ROOM = Context(prec=60)
"""A ratio of the largest to the smallest permitted number has more digits than the usual 28."""


def rounded(value: Decimal) -> Decimal:
    """Round half up to 6 places: the form in which numbers are compared and stored."""
    return value.quantize(_SIX_PLACES, rounding=ROUND_HALF_UP, context=_ROOM)
