"""Answers go to the server whole; what is streamed is counted, whole or broken off."""

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder

from survey.web.sending import (
    LARGEST_WHOLE,
    MOST_STREAMS,
    THREADS,
    Answer,
    Stream,
    TooManyStreams,
    slow,
)

PIECE = b"x" * 1024 * 1024


def sent(answer: Answer, method: str = "GET") -> list[bytes] | None:
    """What is handed to the server at once; None if it is made while it is sent."""
    pieces = answer.get_app_iter(EnvironBuilder(method=method).get_environ())
    if isinstance(pieces, list):
        return pieces
    pieces.close()  # type: ignore[attr-defined]  # as WSGI has it
    return None


def pieces_of(megabytes: int) -> Iterator[bytes]:
    return iter([PIECE] * megabytes)


def of_known_size(pieces: Iterator[bytes] | Stream, megabytes: int) -> Answer:
    answer = Answer(pieces)
    answer.content_length = megabytes * len(PIECE)
    return answer


def test_a_page_is_handed_over_whole() -> None:
    assert sent(Answer("页面")) == ["页面".encode()]


def test_a_file_of_some_megabytes_is_handed_over_whole_and_closed() -> None:
    closed: list[bool] = []
    answer = of_known_size(pieces_of(3), 3)
    answer.call_on_close(lambda: closed.append(True))

    assert sent(answer) == [PIECE * 3]
    assert closed == [True]


def test_what_is_large_or_of_unknown_size_is_sent_piece_by_piece() -> None:
    assert sent(of_known_size(pieces_of(9), 9)) is None
    assert sent(Answer(pieces_of(1))) is None
    assert 9 * len(PIECE) > LARGEST_WHOLE


def test_who_asks_for_the_head_alone_gets_no_body() -> None:
    assert sent(Answer("page"), "HEAD") == [b""]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_static_files_are_handed_over_whole(app: Flask) -> None:
    with app.test_request_context("/static/qizhen.css"):
        answer = app.full_dispatch_request()

    assert isinstance(answer, Answer)
    assert sent(answer) is not None


def test_so_many_streams_and_no_more_and_pages_keep_their_threads() -> None:
    streams = [Stream(pieces_of(1)) for _ in range(MOST_STREAMS)]

    with pytest.raises(TooManyStreams):
        Stream(pieces_of(1))
    streams[0].close()
    streams[0].close()
    again = Stream(pieces_of(1))
    with pytest.raises(TooManyStreams):
        Stream(pieces_of(1))

    for stream in (*streams[1:], again):
        stream.close()
    assert THREADS - MOST_STREAMS >= 2


def test_streams_leave_room_for_pieces_of_files_that_arrive() -> None:
    for _ in range(THREADS - 1):
        slow.acquire()

    with pytest.raises(TooManyStreams):
        Stream(pieces_of(1))
    for _ in range(THREADS - 1):
        slow.release()

    Stream(pieces_of(1)).close()


def test_a_stream_that_breaks_off_or_is_not_wanted_gives_its_place_back() -> None:
    for method in ("GET", "HEAD"):
        for megabytes in (1, 9):
            for _ in range(MOST_STREAMS + 1):
                sent(of_known_size(Stream(pieces_of(megabytes)), megabytes), method)
