"""How answers reach their readers: a slow reader must not take the place of the others.

The server sends a whole answer by itself, and the thread that made it is free at once. Only
what is made while it is sent holds its thread for as long as its reader takes.
"""

import threading
from collections.abc import Iterable, Iterator
from wsgiref.types import WSGIEnvironment

from flask import Response
from typing_extensions import override

from survey.core.errors import SurveyError

LARGEST_WHOLE = 8 * 1024 * 1024
"""Bytes of an answer that is handed over whole; no report comes near it."""

LARGEST_FILE = 4 * 1024 * 1024
"""Bytes of a file that a form of the site takes."""

THREADS = 5
"""Requests that each process of the site works on at a time."""

MOST_STREAMS = 3
"""How many of these may be streams; the others are left to the pages."""

TRY_AGAIN = 30
"""Seconds."""


class TooManyStreams(SurveyError):
    """Streams are being sent already to as many readers as this process allows."""

    code = "too-many-downloads"


class Answer(Response):
    """An answer that is handed to the server whole unless it is too large."""

    @override
    def get_app_iter(self, environ: WSGIEnvironment) -> Iterable[bytes]:
        pieces = super().get_app_iter(environ)
        size = self.calculate_content_length() if self.is_sequence else self.content_length
        if size is None or size > LARGEST_WHOLE:
            return pieces
        try:
            return [b"".join(pieces)]
        finally:
            self.close()


_places = threading.BoundedSemaphore(MOST_STREAMS)
slow = threading.BoundedSemaphore(THREADS - 1)
"""Streams, and pieces of files that arrive: together they leave a thread to the pages."""


class Stream:
    """Pieces that are made while they are sent. The server closes it, also if it breaks off.

    Raises TooManyStreams.
    """

    def __init__(self, pieces: Iterator[bytes]) -> None:
        if not _places.acquire(blocking=False):
            raise TooManyStreams
        if not slow.acquire(blocking=False):
            _places.release()
            raise TooManyStreams
        self._pieces = pieces
        self._open = True

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        if self._open:
            self._open = False
            slow.release()
            _places.release()
