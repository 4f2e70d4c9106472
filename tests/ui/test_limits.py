"""How much one person may ask, and how many answers are made at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from ui.limits import Limits, TooMany

PATIENCE_S = 10.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time of day, in the one item; a test may move it on."""
    now = [1_700_000_000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    return now


def test_the_window_moves_and_the_message_says_when_to_ask_again(clock: list[float]) -> None:
    limits = Limits(questions_a_minute=3)
    for _ in range(3):
        limits.admit("ana")
        clock[0] += 20.5
    limits.admit("ana")  # the first of them is a minute old and past
    clock[0] += 7
    with pytest.raises(TooMany) as refused:
        limits.admit("ana")
    assert str(refused.value) == "You asked 3 questions within a minute. Ask again in 12 seconds."
    assert refused.value.retry_after_s == 12
    clock[0] += 12.5
    limits.admit("ana")


def test_a_refused_question_is_not_counted(clock: list[float]) -> None:
    limits = Limits(questions_a_minute=1)
    limits.admit("ana")
    for _ in range(5):
        clock[0] += 10
        with pytest.raises(TooMany):
            limits.admit("ana")
    clock[0] += 10.5
    limits.admit("ana")


def test_each_person_has_a_minute_of_their_own() -> None:
    limits = Limits(questions_a_minute=1)
    limits.admit("ana")
    limits.admit("a/n/a")
    with pytest.raises(TooMany):
        limits.admit("ana")


def test_no_more_are_admitted_when_many_threads_ask_at_once() -> None:
    limits = Limits(questions_a_minute=30)
    admitted: list[bool] = []

    def ask() -> None:
        for _ in range(10):
            try:
                limits.admit("ana")
            except TooMany:
                continue
            admitted.append(True)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(admitted) == 30


@contextmanager
def held(limits: Limits) -> Iterator[threading.Event]:
    """Another thread has a turn until the event is set, at the latest when the context ends."""
    release, begun = threading.Event(), threading.Event()

    def hold() -> None:
        with limits.turn():
            begun.set()
            release.wait(PATIENCE_S)

    thread = threading.Thread(target=hold)
    thread.start()
    assert begun.wait(PATIENCE_S)
    yield release
    release.set()
    thread.join(PATIENCE_S)


@contextmanager
def waiting(limits: Limits, *, names: str = "x", done: list[str] | None = None) -> Iterator[None]:
    """A thread for each name waits for its turn, in that order, and ends within the context."""

    def take(name: str) -> None:
        with limits.turn():
            if done is not None:
                done.append(name)

    threads = []
    for name in names:
        threads.append(threading.Thread(target=take, args=(name,)))
        threads[-1].start()
        until(lambda: len(limits._queue) == len(threads))
    yield
    for thread in threads:
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_turns_come_in_the_order_in_which_they_were_asked_for() -> None:
    limits = Limits(at_once=1)
    done: list[str] = []
    with held(limits) as release, waiting(limits, names="abcdef", done=done):
        assert done == []
        release.set()
    assert done == list("abcdef")


def test_so_many_answers_are_made_at_once_and_no_more() -> None:
    limits = Limits(at_once=2)
    now, most = [0], [0]
    lock = threading.Lock()

    def answer() -> None:
        with limits.turn():
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
            time.sleep(0.01)
            with lock:
                now[0] -= 1

    threads = [threading.Thread(target=answer) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert (now[0], most[0]) == (0, 2)


def test_when_enough_wait_the_next_is_sent_away_at_once() -> None:
    limits = Limits(at_once=1, waiting=2)
    with held(limits) as release, waiting(limits, names="ab"):
        with pytest.raises(TooMany, match=r"2 questions wait for an answer already\. Ask again in 15 seconds\.") as e:
            limits.turn().__enter__()
        assert e.value.retry_after_s == 15
        release.set()
    with limits.turn():
        pass


def test_a_wait_that_is_over_takes_no_place() -> None:
    limits = Limits(at_once=1, longest_wait_s=0.05)
    with held(limits), pytest.raises(TooMany, match="could be begun within 1 second"), limits.turn():
        pass
    with limits.turn():
        pass
    assert not limits._queue


def test_an_answer_that_fails_gives_its_place_back() -> None:
    limits = Limits(at_once=1, longest_wait_s=0.05)
    for _ in range(3):
        with pytest.raises(ValueError, match="broken"), limits.turn():
            raise ValueError("broken")
