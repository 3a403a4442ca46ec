"""The comment in a draft's YAML that says which draft, and at which revision, it was made from.

It is no part of the bank. What is reviewed like code has none: published versions are written
without it.
"""

import re
from typing import Any

from survey.exchange import yaml_bank
from survey.exchange.bank_parts import Origin

_MARK = re.compile(
    rb"\xef?\xbb?\xbf?# qizhen draft ([a-z0-9-]{1,60})/([1-9][0-9]{0,8}), "
    rb"revision ([1-9][0-9]{0,8}), ([0-9a-f]{64})\r?\n"
)


def written(data: dict[str, Any], made_from: Origin | None) -> bytes:
    """The document as a file, with the line if it is a draft's."""
    content = yaml_bank.write(data)
    if made_from is not None:
        version = f"{made_from.bank}/{made_from.number}"
        said = f"# qizhen draft {version}, revision {made_from.revision}, {made_from.digest}\n"
        content = said + content
    return content.encode()


def origin(content: bytes) -> Origin | None:
    """What the first line says; None if it says something else."""
    said = _MARK.match(content)
    if said is None:
        return None
    return Origin(said[1].decode(), int(said[2]), int(said[3]), said[4].decode())
