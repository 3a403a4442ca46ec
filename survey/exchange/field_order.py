"""The order in which the fields of a bank are written: that of the files of `questionnaires/`.

A document has its fields as somebody came by them: in the order of a workbook's columns, or the
latest edited last. In a file they always stand in this order: who reviews the difference sees
what was changed, and nothing else.
"""

from typing import Any

_ORDER = (
    "all", "from_level", "grade", "breadth", "breadth_below", "core", "completeness", "format",
    "not", "number", "threshold", "low", "high", "question", "at_least", "in", "from", "above",
    "score", "to", "sizes", "types", "what", "proof", "owner", "effort", "horizon", "key",
    "version", "level", "scenes", "mandatory", "code", "title", "year", "base", "shares", "steps",
    "gates", "not_applicable_cap", "rated_from", "edition", "note", "short", "summary", "banner",
    "notice", "method", "minutes", "roles", "profile", "weigh_by", "weigh_default", "size_by",
    "sector_by", "small_sizes", "editions", "scoring", "levels", "sections", "outcomes",
    "glossary", "hints", "eligibility", "distributions", "sources", "theme", "kind", "required",
    "term", "meaning", "weight", "urgent_below", "none", "full_at", "not_applicable",
    "optional_when", "domains", "when", "text", "questions", "ceiling", "ceiling_reason",
    "prompt", "help", "example", "evidence", "maximum_length", "pattern", "terms", "leans_on",
    "policy", "credit", "rule", "met_at", "half_steps", "rows", "states", "numerator",
    "denominator", "unit", "denominator_unit", "may_exceed", "better", "minimum", "maximum",
    "decimals", "likely", "likely_each", "bands", "source", "statements", "caution",
    "conditions", "options", "advice", "points", "label", "where", "percent", "holds",
    "other_way", "remedy", "zh", "en",
)  # fmt: skip
_PLACE_OF = {name: place for place, name in enumerate(_ORDER)}
_BY_ANSWER = "weight"
"""What has no fields but one entry for each answer."""


def as_reviewed(data: Any) -> Any:
    """The same data; a field that no reviewed file has follows the others as it came."""
    if isinstance(data, list):
        return [as_reviewed(part) for part in data]
    if not isinstance(data, dict):
        return data
    names = sorted(data, key=lambda name: _PLACE_OF.get(name, len(_ORDER)))
    return {name: data[name] if name == _BY_ANSWER else as_reviewed(data[name]) for name in names}
