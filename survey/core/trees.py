"""Walking through plain data (JSON types)."""


def parts(node: object) -> list[tuple[object, object]]:
    """The parts of an object or a list, each with its key or number; nothing for a leaf."""
    if isinstance(node, dict):
        return list(node.items())
    return list(enumerate(node)) if isinstance(node, list) else []


def too_deep(data: object, most: int) -> bool:
    """Counted without recursion, which a hostile document would exhaust."""
    layer = [data]
    for _ in range(most):
        layer = [part for node in layer for _, part in parts(node)]
    return bool(layer)
