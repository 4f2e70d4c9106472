"""llama-index with chunks that the embedding model reads whole, title and date before each."""

from __future__ import annotations

from evals.peers.llama_index import searchable
from evals.peers.tuned import tuned_chunks
from evals.peers.types import Given, Indexed


def index(given: Given) -> Indexed:
    """The starter, but for the chunks."""
    return searchable(tuned_chunks(given.articles), given)
