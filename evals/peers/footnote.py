"""Footnote's own search, dense and full text fused, without its reader."""

from __future__ import annotations

from evals.peers.types import Given, Indexed
from index import ingest
from index.library import Index

MAX_NAMED = 2


def index(given: Given) -> Indexed:
    """As `footnote add` and `footnote search` do it, before anything is read."""
    made, note = taken_in(given)

    def search(question: str, k: int) -> list[str]:
        # every copy: the gold names one of several copies, and the others give each its own place too
        return [found.article_id for found in made.retriever(k=k, every_copy=True).search(question)]

    return Indexed(search, made.store.count(), note)


def taken_in(given: Given) -> tuple[Index, str]:
    """An index of the articles, and a word on those that it did not take."""
    made = Index(given.settings, create=True)
    skipped = ingest.add(made, [given.file]).skipped
    reasons = "; ".join(dict.fromkeys(each.reason for each in skipped[:MAX_NAMED]))
    return made, f"{len(skipped)} articles were not taken in ({reasons})" if skipped else ""
