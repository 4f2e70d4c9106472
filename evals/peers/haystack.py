"""Haystack's hybrid retrieval as its tutorial builds it, in memory; reciprocal ranks join what the tutorial reranks."""

from __future__ import annotations

from haystack import Document, Pipeline
from haystack.components.joiners import DocumentJoiner
from haystack.components.preprocessors import DocumentSplitter
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.components.writers import DocumentWriter
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)

from evals.peers.types import Given, Indexed, whole_text


def index(given: Given) -> Indexed:
    """Splitter (200 words), store and retrievers as they are by default."""
    store = InMemoryDocumentStore()
    indexing = Pipeline()
    indexing.add_component("splitter", DocumentSplitter())
    indexing.add_component("embedder", SentenceTransformersDocumentEmbedder(model=given.model, progress_bar=False))
    indexing.add_component("writer", DocumentWriter(store))
    indexing.connect("splitter", "embedder")
    indexing.connect("embedder", "writer")
    documents = [Document(content=whole_text(each), meta={"article_id": each.id}) for each in given.articles]
    indexing.run({"splitter": {"documents": documents}})
    asking = _asking(store, given.model)

    def search(question: str, k: int) -> list[str]:
        asked = {"embedder": {"text": question}, "words": {"query": question, "top_k": k}, "vectors": {"top_k": k}}
        return [str(found.meta["article_id"]) for found in asking.run(asked)["joiner"]["documents"][:k]]

    return Indexed(search, store.count_documents())


def _asking(store: InMemoryDocumentStore, model: str) -> Pipeline:
    pipeline = Pipeline()
    pipeline.add_component("embedder", SentenceTransformersTextEmbedder(model=model, progress_bar=False))
    pipeline.add_component("vectors", InMemoryEmbeddingRetriever(store))
    pipeline.add_component("words", InMemoryBM25Retriever(store))
    # the tutorial joins by concatenating and has a second model rank what comes of it; without one, this is the mode
    # that the documentation of the joiner names for lists of different scores
    pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
    pipeline.connect("embedder", "vectors")
    pipeline.connect("words", "joiner")
    pipeline.connect("vectors", "joiner")
    return pipeline
