"""The most memory of a process and of those that it starts, as Linux tells it.

getrusage won't do: there a new process begins with the peak of the one that started it, which would count this
project's own memory as a peer's, and Footnote's own as that of the process that parses for it.
"""

from __future__ import annotations

import re
import threading
from pathlib import Path

from evals.provenance import peak_memory_mb

LOOK_EVERY_S = 0.05
"""A process that starts and ends in between is not seen; those that parse live for as long as articles come."""
MB_PER_KIB = 1024 / 1e6
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB", re.M)


class MemoryWatch:
    """Watches this process from its making until `peak_mb` is asked for."""

    def __init__(self) -> None:
        self._children: dict[str, float] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def peak_mb(self) -> float:
        """The peak of this process and that of the largest one it started, together; elsewhere than on Linux only
        what getrusage says of this process."""
        self._ended.set()
        self._thread.join()
        own = _peak_mb(Path("/proc/self"))
        return peak_memory_mb() if own is None else own + max(self._children.values(), default=0.0)

    def _look(self) -> None:
        while not self._ended.wait(LOOK_EVERY_S):
            for path in Path("/proc/self/task").glob("*/children"):
                for pid in _read(path).split():
                    peak = _peak_mb(Path("/proc", pid))
                    self._children[pid] = max(self._children.get(pid, 0.0), peak or 0.0)


def _peak_mb(process: Path) -> float | None:
    found = _PEAK.search(_read(process / "status"))
    return int(found[1]) * MB_PER_KIB if found else None


def _read(path: Path) -> str:
    """The text, empty where the process or the file is gone."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
