"""One peer, measured in a process of its own: `python -m evals.peers.worker MODULE FILE QUESTIONS FOLDER SETTINGS`.

Takes the articles in, asks every question, and writes FOLDER/result.json: the articles found, the time that both took,
the most memory and the chunks. Whatever goes wrong ends it; what it says then is the peer's error.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.settings import Settings
from evals.metrics import RANKED
from evals.peers.memory import MemoryWatch
from evals.peers.types import Given, Search
from index.read.bulk import read_jsonl
from index.read.source import Source
from index.types import Article

RESULT = "result.json"
FIRST_DEPTH, LAST_DEPTH = 100, 1600
"""Chunks asked for, and more of them while they are of fewer than RANKED articles: every peer gets as many places for
as many articles, whatever its default number of results is."""
WARM_UP = "Is it warm?"


def best_articles(search: Search, question: str) -> list[str]:
    """The first RANKED articles, each at the rank of its best chunk."""
    depth = FIRST_DEPTH
    while True:
        found = search(question, depth)
        articles = list(dict.fromkeys(found))
        if len(articles) >= RANKED or len(found) < depth or depth >= LAST_DEPTH:
            return articles[:RANKED]
        depth *= 4


def measure(module: str, given: Given, questions: Mapping[str, str]) -> dict[str, Any]:
    """What stands in `result.json`. Neither importing the peer nor its first question, which warms it, is timed."""
    memory = MemoryWatch()
    peer = importlib.import_module(module)
    started, cpu_before = time.perf_counter(), _cpu_s()
    indexed = peer.index(given)
    index_s, index_cpu_s = time.perf_counter() - started, _cpu_s() - cpu_before
    best_articles(indexed.search, WARM_UP)
    rankings: dict[str, list[str]] = {}
    query_s, query_cpu_s = [], []
    for identifier, question in questions.items():
        started, cpu_before = time.perf_counter(), _cpu_s()
        rankings[identifier] = best_articles(indexed.search, question)
        query_s.append(time.perf_counter() - started)
        query_cpu_s.append(_cpu_s() - cpu_before)
    return {
        "chunks": indexed.chunks,
        "note": indexed.note,
        "index_s": index_s,
        "index_cpu_s": index_cpu_s,
        "query_s": query_s,
        "query_cpu_s": query_cpu_s,
        "peak_memory_mb": memory.peak_mb(),
        "rankings": rankings,
    }


def _cpu_s() -> float:
    """Processor seconds of this process and of those it started that have ended: other work beside it disturbs less."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _end_with_parent() -> None:
    """Wait for the end of stdin, which comes when the process that started this one is gone, however it went."""
    while os.read(0, 1):
        pass
    os._exit(1)


def main(arguments: list[str]) -> None:
    """The command line."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    module, file, asked, folder = arguments[0], *map(Path, arguments[1:4])
    settings = Settings(**{**json.loads(arguments[4]), "index": folder / "index"})
    articles = tuple(item for item in read_jsonl(Source(file)) if isinstance(item, Article))
    questions = json.loads(asked.read_text(encoding="utf-8"))
    result = measure(module, Given(file, articles, settings), questions)
    partial = folder / f"{RESULT}.partial"
    partial.write_text(json.dumps(result, ensure_ascii=False), encoding="utf-8")
    partial.replace(folder / RESULT)


if __name__ == "__main__":
    main(sys.argv[1:])
