"""txtai's hybrid index as its documentation has it: BM25 and vectors, half and half; it cuts nothing into chunks."""

from __future__ import annotations

from collections.abc import Sequence

from txtai import Embeddings

from evals.peers.types import Given, Indexed, whole_text


def index(given: Given) -> Indexed:
    """Whole articles."""
    return searchable([(article.id, whole_text(article)) for article in given.articles], given)


def searchable(texts: Sequence[tuple[str, str]], given: Given) -> Indexed:
    """(Article id, text) pairs in a hybrid index."""
    made = Embeddings(path=given.model, hybrid=True)
    made.index(list(enumerate(text for _, text in texts)))

    def search(question: str, k: int) -> list[str]:
        return [texts[place][0] for place, _ in made.search(question, k)]

    return Indexed(search, len(texts))
