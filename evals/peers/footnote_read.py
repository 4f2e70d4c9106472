"""Footnote's search with its reader: the order in which `footnote search` shows passages."""

from __future__ import annotations

from bot.build import build_reader
from bot.read import behind
from evals.peers.footnote import taken_in
from evals.peers.types import Given, Indexed


def index(given: Given) -> Indexed:
    """The passages that an answer would be read from are put in the reader's order; the others follow as found."""
    made, note = taken_in(given)
    reader = build_reader()

    def search(question: str, k: int) -> list[str]:
        found = made.retriever(k=k, every_copy=True).search(question)
        few = given.settings.passages
        return [each.article_id for each in behind(reader.read(question, found[:few]), found[few:])]

    return Indexed(search, made.store.count(), note)
