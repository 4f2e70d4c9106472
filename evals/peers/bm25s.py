"""BM25 by bm25s over whole articles, stemmed, as its README shows."""

from __future__ import annotations

import bm25s
import Stemmer

from evals.peers.types import Given, Indexed, whole_text


def index(given: Given) -> Indexed:
    """English stop words out of the articles, the stemmer that the README names, the scoring that is its default."""
    ids = [article.id for article in given.articles]
    stemmer = Stemmer.Stemmer("english")
    texts = [whole_text(article) for article in given.articles]
    retriever = bm25s.BM25()
    retriever.index(bm25s.tokenize(texts, stopwords="en", stemmer=stemmer, show_progress=False), show_progress=False)

    def search(question: str, k: int) -> list[str]:
        words = bm25s.tokenize(question, stemmer=stemmer, show_progress=False)
        found, _ = retriever.retrieve(words, k=min(k, len(ids)), show_progress=False)
        return [ids[place] for place in found[0]]

    return Indexed(search, len(ids))
