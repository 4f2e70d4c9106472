"""txtai's hybrid index over chunks that the embedding model reads whole, title and date before each."""

from __future__ import annotations

from llama_index.core.schema import MetadataMode

from evals.peers.tuned import tuned_chunks
from evals.peers.txtai import searchable
from evals.peers.types import Given, Indexed


def index(given: Given) -> Indexed:
    """The hybrid index, but for the chunks."""
    nodes = tuned_chunks(given.articles)
    return searchable([(str(node.ref_doc_id), node.get_content(MetadataMode.EMBED)) for node in nodes], given)
