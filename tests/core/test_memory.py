"""What is remembered stays within its bound, also when threads share it."""

from concurrent.futures import ThreadPoolExecutor

from survey.core.memory import Remembered


def test_the_oldest_is_forgotten_first() -> None:
    squares = Remembered[int, int](2)

    for number in (1, 2, 3):
        squares[number] = number * number

    assert squares == {2: 4, 3: 9}


def test_what_is_put_in_once_more_pushes_nothing_out() -> None:
    squares = Remembered[int, int](2)
    squares[1], squares[2] = 1, 0

    squares[2] = 4

    assert squares == {1: 1, 2: 4}


def test_threads_share_it() -> None:
    squares = Remembered[int, int](8)

    def fill(start: int) -> None:
        for number in range(start, start + 2000):
            squares[number] = number * number
            assert squares.get(number, number * number) == number * number

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(fill, range(0, 1600, 200)))

    assert len(squares) == 8
