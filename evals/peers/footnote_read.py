"""Footnote's search with its reader: the order in which `footnote search` shows passages."""

from __future__ import annotations

from bot.build import build_reader
from evals.peers.footnote import taken_in
from evals.peers.types import Given, Indexed
from evals.retrieval import read_search


def index(given: Given) -> Indexed:
    """The passages that an answer would be read from are put in the reader's order; the others follow as found."""
    made, note = taken_in(given)
    passages = read_search(made, build_reader(), given.settings.passages)

    def search(question: str, k: int) -> list[str]:
        return [each.article_id for each in passages(question, k)]

    return Indexed(search, made.store.count(), note)
