"""Files are parsed in a process of their own, with bounds on memory and time: `ReadingProcess`."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from types import TracebackType
from typing import IO, Any

from index.read.source import Source
from index.read.worker import MAX_PROCESSOR_S
from index.types import Article, Skipped

MAX_SILENCE_S = 60.0
"""Longest wait for the next article of a file, on a machine that does other work too."""
_CHUNK_BYTES = 1 << 16


class ReadingProcess:
    """Reads files in a child process that is started when first needed, and again after a file has ended it.

    Use it as a context manager, from one thread.
    """

    def __init__(self, max_silence_s: float = MAX_SILENCE_S) -> None:
        self._max_silence_s = max_silence_s
        self._child: subprocess.Popen[bytes] | None = None
        self._received = b""

    def __enter__(self) -> ReadingProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            child, self._child = self._child, None
            for pipe in (child.stdin, child.stdout):
                if pipe:
                    with contextlib.suppress(BrokenPipeError):  # what waits to be sent to a child that is gone
                        pipe.close()
        self._received = b""

    def read(self, source: Source) -> Iterator[Article | Skipped]:
        """The cleaned articles of one file, and what in it was skipped and why. Raises nothing for bad content."""
        finished = False
        try:
            stdin = self._started().stdin
            assert stdin is not None
            request = {"given_origin": source.given_origin, "name": source.name, "url": source.url}
            stdin.write(json.dumps({"path": str(source.path), **request}).encode() + b"\n")
            stdin.flush()
            while "done" not in (item := self._next()):
                yield _item(item)
            finished = True
        except _Ended as ended:
            yield Skipped(source.origin, ended.reason)
        except BrokenPipeError:
            yield Skipped(source.origin, "the process that reads files ended by itself: try again")
        finally:
            if not finished:
                self.close()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            self._child = subprocess.Popen(
                # -P: a folder named `index` where the command was started must not be taken for ours
                [sys.executable, "-P", "-m", "index.read.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # a Ctrl-C is ours to act on
            )
        return self._child

    def _next(self) -> dict[str, Any]:
        """The child's next line. Raises _Ended when it stays silent or ends."""
        assert self._child is not None and self._child.stdout is not None
        deadline = time.monotonic() + self._max_silence_s
        parts = [self._received]
        while b"\n" not in parts[-1]:
            parts.append(self._more(self._child.stdout, deadline))
        line, _, self._received = b"".join(parts).partition(b"\n")
        item: dict[str, Any] = json.loads(line)
        return item

    def _more(self, pipe: IO[bytes], deadline: float) -> bytes:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([pipe], [], [], left)[0]:
            raise _Ended(f"reading it took longer than {self._max_silence_s:.0f} s")
        data = os.read(pipe.fileno(), _CHUNK_BYTES)
        if not data:
            assert self._child is not None
            code = self._child.wait()
            if code == -signal.SIGXCPU:
                raise _Ended(f"reading it took more than {MAX_PROCESSOR_S} s of the processor's time")
            raise _Ended("reading it needed more memory than a file may take, or its parser failed")
        return data


class _Ended(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _item(message: dict[str, Any]) -> Article | Skipped:
    if "skipped" in message:
        return Skipped(**message["skipped"])
    fields = message["article"]
    return Article(**{**fields, "authors": tuple(fields["authors"]), "pages": tuple(fields["pages"])})
