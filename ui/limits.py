"""How much one person may ask, and how many answers are made at once: the models share this machine with its user."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from index.errors import FootnoteError
from ui.words import counted

LONGEST_WAIT_S = 60.0
"""After that most people and programs have given up, and an answer would be made for nobody."""
BUSY_RETRY_S = 15
"""What to wait before asking again when the queue is full: a few answers in quotes, or one of a language model."""

MOST_ASIDE = 4
"""Trials of a language model and pictures of pages that wait or are made at a time: each one holds one of the threads
that all endpoints share, for many seconds."""


class TooMany(FootnoteError):
    """More was asked than is answered now; in `retry_after_s` seconds it is worth another try."""

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Limits:
    """Questions a minute and person, and places for the answers under way. Safe to use from several threads."""

    def __init__(
        self,
        questions_a_minute: int = 60,
        at_once: int = 2,
        waiting: int = 20,
        *,
        longest_wait_s: float = LONGEST_WAIT_S,
    ) -> None:
        self._a_minute = RateLimitItemPerMinute(questions_a_minute)
        self._asked = MovingWindowRateLimiter(MemoryStorage())
        self._asking = threading.Lock()
        self._at_once = at_once
        self._waiting = waiting
        self._longest_wait_s = longest_wait_s
        self._answering = 0
        self._queue: deque[object] = deque()
        self._changed = threading.Condition()
        self._aside = threading.BoundedSemaphore(MOST_ASIDE)

    def admit(self, user: str) -> None:
        """Counts one more question of this user. Raises TooMany, and does not count it, past the limit of a minute."""
        with self._asking:  # the library's window and its start are two calls
            if self._asked.hit(self._a_minute, user):
                return
            frees_at = self._asked.get_window_stats(self._a_minute, user).reset_time
        wait_s = max(1, math.ceil(frees_at - time.time()))
        raise TooMany(
            f"You asked {counted(self._a_minute.amount, 'question')} within a minute. "
            f"Ask again in {counted(wait_s, 'second')}.",
            wait_s,
        )

    @contextmanager
    def turn(self) -> Iterator[None]:
        """A place for one answer, first come, first served; blocks until there is one.

        Raises TooMany when too many wait already, and when no place came free in time.
        """
        self._take_place()
        try:
            yield
        finally:
            with self._changed:
                self._answering -= 1
                self._changed.notify_all()

    @contextmanager
    def aside(self, user: str) -> Iterator[None]:
        """A turn for other work of this user that takes long; it counts as a question. Raises TooMany."""
        self.admit(user)
        if not self._aside.acquire(blocking=False):
            raise TooMany(
                f"Too much is under way already. Try again in {counted(BUSY_RETRY_S, 'second')}.", BUSY_RETRY_S
            )
        try:
            with self.turn():
                yield
        finally:
            self._aside.release()

    def _take_place(self) -> None:
        with self._changed:
            if self._queue or self._answering >= self._at_once:
                self._wait_for_place()
            self._answering += 1

    def _wait_for_place(self) -> None:
        if len(self._queue) >= self._waiting:
            raise TooMany(
                f"{counted(len(self._queue), 'question')} wait for an answer already. "
                f"Ask again in {counted(BUSY_RETRY_S, 'second')}.",
                BUSY_RETRY_S,
            )
        place = object()
        self._queue.append(place)
        try:
            free = self._changed.wait_for(
                lambda: self._queue[0] is place and self._answering < self._at_once, self._longest_wait_s
            )
        finally:
            self._queue.remove(place)
            self._changed.notify_all()  # whoever is next in the queue may have a place too
        if not free:
            raise TooMany(
                f"No answer could be begun within {counted(math.ceil(self._longest_wait_s), 'second')}. "
                f"Ask again in {counted(BUSY_RETRY_S, 'second')}.",
                BUSY_RETRY_S,
            )
