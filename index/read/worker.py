"""The child process that parses files: `python -m index.read.worker`, one request a line, one item a line back.

What hostile files do to a parser, they do to this process, which may be killed at any time.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from index.read import read_source
from index.read.source import Source
from index.types import Article

MAX_MEMORY_BYTES = 1536 * 1024**2
"""Of address space, the interpreter and its libraries counted in. The largest real PDF met took 0.4 GB."""
MAX_PROCESSOR_S = 15
"""For one article. A page of 2 MB with 200,000 attributes keeps its parser busy for longer; real ones take 0.1 s."""


def main() -> None:
    """Answer requests from stdin until it ends."""
    requests = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a parser prints must not be taken for an answer
    limit_memory()
    for line in requests:
        for item in _items(json.loads(line)):
            _send(answers, item)
        _send(answers, {"done": True})


def _items(request: dict[str, Any]) -> Any:
    limit_processor()
    for item in read_source(Source(Path(request.pop("path")), **request)):
        yield {"article" if isinstance(item, Article) else "skipped": asdict(item)}
        limit_processor()


def _send(answers: IO[bytes], item: dict[str, Any]) -> None:
    answers.write(json.dumps(item).encode() + b"\n")
    answers.flush()


def limit_memory() -> None:
    import resource

    with contextlib.suppress(ValueError, OSError):  # not every system has this limit
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_processor() -> None:
    """From now on, so many seconds: then the system ends this process."""
    import resource

    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (used + MAX_PROCESSOR_S + 1, hard))


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        main()
