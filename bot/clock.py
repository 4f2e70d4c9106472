"""How long each hop of an answer took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Clock:
    """Milliseconds each hop took, and all of them together."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._hops: dict[str, float] = {}

    @contextmanager
    def __call__(self, hop: str) -> Iterator[None]:
        """Times what is done inside; a hop that is taken again goes on."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self._hops[hop] = self._hops.get(hop, 0.0) + (time.perf_counter() - started) * 1000

    def mark(self, hop: str) -> None:
        """The hop has lasted from the end of the timed ones until now."""
        elapsed = (time.perf_counter() - self._started) * 1000
        self._hops[hop] = elapsed - sum(ms for name, ms in self._hops.items() if name != hop)

    def timings(self) -> dict[str, float]:
        return {**self._hops, "total": (time.perf_counter() - self._started) * 1000}
