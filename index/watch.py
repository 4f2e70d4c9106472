"""Changes in a folder, as they happen: what `footnote sync --watch` follows."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

from index.read import reader_of
from index.read.source import absolute_path

DEBOUNCE_MS = 800
"""An editor writes a file in several steps; they are one change."""
IDLE_MS = 3000


def changes(folder: Path, stop: threading.Event | None = None) -> Iterator[set[Path]]:
    """Sets of absolute paths below a folder that were added, changed or removed, until `stop` is set.

    Files without a reader are left out, unless they are gone; a folder that was moved or removed is given itself. Where
    nothing changes, an empty set comes every few seconds, for what could not be done before.
    """
    import watchfiles

    root = absolute_path(folder)

    def wanted(change: watchfiles.Change, path: str) -> bool:
        inside = Path(path).relative_to(root).parts if Path(path).is_relative_to(root) else ()
        if not inside:
            return False  # the folder itself: nothing in it has changed by that
        return not any(part.startswith(".") for part in inside) and (
            reader_of(path) is not None
            or "." not in inside[-1]
            or change == watchfiles.Change.deleted  # it may have been a folder with a dot in its name
        )

    watched = watchfiles.watch(
        root,
        watch_filter=wanted,
        stop_event=stop,
        debounce=DEBOUNCE_MS,
        step=100,
        rust_timeout=IDLE_MS,
        yield_on_timeout=True,
    )
    for found in watched:
        yield {Path(path) for _, path in found}
