"""How far long work is, as lines on stderr: for scripts, which run for hours into a log."""

from __future__ import annotations

import sys

TELL_EVERY = 50


def tell(done: int, total: int) -> None:
    """A line for every so many questions, and for the last."""
    if done % TELL_EVERY == 0 or done == total:
        print(f"{done} of {total} questions", file=sys.stderr, flush=True)
