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


def longest_list(data: object) -> int:
    """How many parts the longest list has, wherever it is."""
    longest, left = 0, [data]
    while left:
        node = left.pop()
        if isinstance(node, list):
            longest = max(longest, len(node))
            left += node
        elif isinstance(node, dict):
            left += node.values()
    return longest
