"""What a file says that anybody may have sent, found out in a process of its own.

Whatever such a file does to a reader of PDFs ends with that process: it may take so much of a
processor and of memory, and it knows no secret. It is a fresh one, not a copy of the caller:
the caller has threads. `python -m survey.pdf.strangers SECONDS BYTES` is that process; it reads
the file from its input and writes what it found as JSON, or null for a file that is no report.
"""

import sys
import threading

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError

from survey import apart
from survey.core.errors import SurveyError
from survey.pdf import proof
from survey.pdf.proof import NotAReport, Proof

AT_ONCE = 2
"""Files in the hands of one server process."""

CPU_SECONDS = 5
WALL_SECONDS = 15
MEMORY_MB = 384
"""Of addresses; an ordinary report takes a third of it."""

_PROOF: TypeAdapter[Proof | None] = TypeAdapter(Proof | None)
places = threading.BoundedSemaphore(AT_ONCE)


class Busy(SurveyError):
    """As many files as may be are being looked at already, or the machine has too much to do."""

    code = "checking-busy"


def inspect(content: bytes) -> Proof:
    """Read a file that claims to be a report, as `proof.inspect` does.

    Raises NotAReport, also for a file that takes more than its limits; Busy; apart.Broken.
    """
    if not proof.is_pdf(content):
        raise NotAReport
    if not places.acquire(blocking=False):
        raise Busy
    limits = apart.Limits(CPU_SECONDS, WALL_SECONDS, MEMORY_MB)
    try:
        said = apart.ask_a_fresh_one("survey.pdf.strangers", content, limits)
    except apart.Late as error:
        raise Busy from error
    finally:
        places.release()
    found = None if said is None else _PROOF.validate_json(said)
    if found is None:
        raise NotAReport
    return found


# ---------------------------------------------------------------------- inside


def answer(content: bytes) -> bytes:
    """What the other process writes."""
    try:
        return _PROOF.dump_json(proof.inspect(content))
    except (NotAReport, PydanticSerializationError):  # the latter: half a character in its name
        return _PROOF.dump_json(None)


if __name__ == "__main__":
    apart.be_a_fresh_one(answer, sys.argv[1:])
