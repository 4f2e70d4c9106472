"""llama-index's five-line starter: documents into a VectorStoreIndex, in memory, with its own splitter."""

from __future__ import annotations

from collections.abc import Sequence

from llama_index.core import Document, VectorStoreIndex
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.schema import BaseNode

from evals.peers.types import Given, Indexed, whole_text
from index.embed import Embedder


def index(given: Given) -> Indexed:
    """The splitter is what llama-index takes when none is named, but not looked up in its global settings."""
    documents = [Document(id_=article.id, text=whole_text(article)) for article in given.articles]
    return searchable(SentenceSplitter().get_nodes_from_documents(documents), given)


def searchable(nodes: Sequence[BaseNode], given: Given) -> Indexed:
    """The nodes embedded and behind a retriever."""
    made = VectorStoreIndex(list(nodes), embed_model=Embedder.load(given.settings))

    def search(question: str, k: int) -> list[str]:
        return [str(found.node.ref_doc_id) for found in made.as_retriever(similarity_top_k=k).retrieve(question)]

    return Indexed(search, len(nodes))
