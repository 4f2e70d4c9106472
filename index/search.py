"""Search: dense and full text, fused, as a LlamaIndex retriever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal, Protocol

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.schema import BaseNode, NodeWithScore, QueryBundle, TextNode
from llama_index.core.vector_stores.types import MetadataFilters

from index.catalogue import ArticleSummary
from index.fusion import convex, reciprocal_rank
from index.store import LEG_DEPTH, LancePassageStore, Scored

Fusion = Literal["convex", "rrf", "dense", "text"]
Ranked = tuple[BaseNode, float]
"""A passage with its fused score."""

DENSE_WEIGHT = 0.7
"""Share of the dense score in the fusion: see docs/results.md for how it was chosen."""
PASSAGES_PER_ARTICLE = 3
CAPPED_RANKS = 10
"""Among the first ten results at most three of one article, where at least ten articles compete: a collection of a
few long documents is left alone."""


class ScoredPassage(NodeWithScore):
    """A passage with its fused score (0..1) and the scores it came from (`dense`: cosine, `text`: BM25).

    `story` is the story that its article is of, `also_in` the other articles of that story: copies, other editions.
    """

    scores: dict[str, float]
    story: int | None = None
    also_in: tuple[ArticleSummary, ...] = ()

    @property
    def passage(self) -> TextNode:
        assert isinstance(self.node, TextNode)
        return self.node

    @property
    def article_id(self) -> str:
        return str(self.node.metadata["article_id"])


class StorySlots(Protocol):
    """What knows which articles are copies of one another: `index.copies.Copies`."""

    def without_copies(self, ranked: Sequence[Ranked]) -> list[Ranked]: ...

    def with_copies_named(self, passages: Sequence[ScoredPassage]) -> list[ScoredPassage]: ...


class HybridRetriever(BaseRetriever):
    """The k best passages for a question, best first; the same question gives the same passages.

    `filters` restricts the search (dates, outlets, any metadata). With `stories`, a story has one slot: what copies of
    an article repeat is left out. `fusion` "dense" and "text" are for measuring.
    """

    def __init__(
        self,
        store: LancePassageStore,
        embedder: BaseEmbedding,
        *,
        k: int = 10,
        filters: MetadataFilters | None = None,
        stories: StorySlots | None = None,
        dense_weight: float = DENSE_WEIGHT,
        fusion: Fusion = "convex",
    ) -> None:
        super().__init__()
        self._store = store
        self._embedder = embedder
        self._k = k
        self._filters = filters
        self._stories = stories
        self._dense_weight = dense_weight
        self._fusion = fusion

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return list(self.search(query_bundle.query_str))

    def search(self, question: str) -> list[ScoredPassage]:
        """What `retrieve` gives, with its own type."""
        vector = self._embedder.get_query_embedding(question)
        condition = self._store.condition(self._filters)
        with ThreadPoolExecutor(max_workers=1) as pool:
            text_leg = pool.submit(self._store.text, question, LEG_DEPTH, condition)
            dense = self._store.dense(vector, max(self._k, LEG_DEPTH), condition)
            text = text_leg.result()
        fused = self._fuse(dense, text)[: max(self._k, LEG_DEPTH)]
        found = {node.node_id: node for node in self._store.get_nodes([identifier for identifier, _ in fused])}
        ranked = [(found[identifier], score) for identifier, score in fused if identifier in found]
        if self._stories is not None:
            ranked = self._stories.without_copies(ranked)
        chosen = cap_per_article(ranked)[: self._k]
        dense_scores, text_scores = dict(dense), dict(text)
        lacking = [node.node_id for node, _ in chosen if node.node_id not in dense_scores]
        dense_scores.update(self._store.cosines(vector, lacking))
        passages = [
            ScoredPassage(
                node=node,
                score=score,
                scores={
                    "dense": dense_scores.get(node.node_id, 0.0),
                    "text": text_scores.get(node.node_id, 0.0),
                },
            )
            for node, score in chosen
        ]
        return passages if self._stories is None else self._stories.with_copies_named(passages)

    def by_words(self, text: str) -> list[ScoredPassage]:
        """The k passages that share most words with a text, by BM25 alone: nothing is embedded."""
        found = dict(self._store.text(text, self._k, self._store.condition(self._filters)))
        nodes = {node.node_id: node for node in self._store.get_nodes(list(found))}
        ranked = [(nodes[identifier], score) for identifier, score in found.items() if identifier in nodes]
        if self._stories is not None:
            ranked = self._stories.without_copies(ranked)
        passages = [ScoredPassage(node=node, score=score, scores={"text": score}) for node, score in ranked]
        return passages if self._stories is None else self._stories.with_copies_named(passages)

    def _fuse(self, dense: Scored, text: Scored) -> Scored:
        if self._fusion == "dense":
            return dense
        if self._fusion == "text":
            return text
        if self._fusion == "rrf":
            return reciprocal_rank(dense, text)
        return convex(dense, text, self._dense_weight)


def cap_per_article(ranked: Sequence[tuple[Any, float]]) -> list[tuple[Any, float]]:
    """The ranking with an article's fourth and later passages moved behind the first ten places."""
    articles = [node.metadata.get("article_id") for node, _ in ranked]
    if len(set(articles)) < CAPPED_RANKS:
        return list(ranked)
    first: list[tuple[Any, float]] = []
    later: list[tuple[Any, float]] = []
    taken: dict[Any, int] = {}
    for article, item in zip(articles, ranked, strict=True):
        if len(first) < CAPPED_RANKS and taken.get(article, 0) >= PASSAGES_PER_ARTICLE:
            later.append(item)
        else:
            taken[article] = taken.get(article, 0) + 1
            first.append(item)
    return first[:CAPPED_RANKS] + sorted(later + first[CAPPED_RANKS:], key=lambda item: (-item[1], item[0].node_id))


def as_result(found: ScoredPassage, rank: int) -> Mapping[str, Any]:
    """A search result as every interface prints it; `rank` starts at 1."""
    node = found.passage
    metadata = node.metadata
    return {
        "rank": rank,
        "score": round(float(found.score or 0.0), 6),
        "scores": {name: round(score, 6) for name, score in found.scores.items()},
        "article_id": found.article_id,
        "title": metadata.get("title", ""),
        "source": metadata.get("source", ""),
        "url": metadata.get("url", ""),
        "date": metadata.get("date"),
        "passage_id": node.node_id,
        "start": node.start_char_idx,
        "end": node.end_char_idx,
        "text": node.text,
        "also_in": [each.reference() for each in found.also_in],
    }
