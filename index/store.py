"""Passages in LanceDB, behind LlamaIndex's `BasePydanticVectorStore`.

LanceDB is used natively: llama-index's own wrapper for it pastes filters together as strings and replaces an
article by delete-then-add, which loses it when the process dies in between.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import lancedb
import numpy as np
import pyarrow as pa
from lancedb.index import FTS, Bitmap, BTree, IvfRq, LabelList
from lancedb.query import MatchQuery
from llama_index.core.schema import BaseNode, TextNode
from llama_index.core.vector_stores.types import (
    BasePydanticVectorStore,
    MetadataFilters,
    VectorStoreQuery,
    VectorStoreQueryMode,
    VectorStoreQueryResult,
)
from pydantic import PrivateAttr

from index.errors import UsageError
from index.filters import COLUMNS, entry, in_list, presence, quoted, where
from index.fusion import convex
from index.passages import searched_text, text_hash

TABLE = "passages"
LEG_DEPTH = 100
"""Passages that each of the two searches hands to the fusion; independent of how many are asked for."""
EXACT_UP_TO_ROWS = 100_000
"""Exact dense search takes some 0.1 s at this size on two cores; from there on an IVF_RQ index answers."""
KEEP_VERSIONS_FOR = timedelta(minutes=30)
"""Readers of an older version must not lose its files; 0 gave them "Not found" errors."""
NOT_FILTERABLE = frozenset({"sentences"})
Scored = list[tuple[str, float]]


def _schema(dimension: int) -> pa.Schema:
    return pa.schema(
        [
            pa.field("id", pa.string(), nullable=False),
            ("doc_id", pa.string()),
            ("rev", pa.int64()),
            ("title", pa.string()),
            ("source", pa.string()),
            ("day", pa.string()),
            ("language", pa.string()),
            ("entries", pa.list_(pa.string())),
            ("text", pa.string()),
            ("hash", pa.string()),
            ("node", pa.string()),
            ("vector", pa.list_(pa.float32(), dimension)),
        ]
    )


class LancePassageStore(BasePydanticVectorStore):
    """Passages on disk with dense search (cosine), full-text search (BM25) and both fused.

    `uri` is a folder (or an object store's address), `dimension` the length of the vectors, `language` the stemmer
    of the full-text index. `mode` of a query: DEFAULT, TEXT_SEARCH, SPARSE (BM25 too) and HYBRID; others raise
    UsageError. Similarities are cosines, BM25 scores, or fused scores in 0..1, ties in the order of ids. Writing
    is safe against other processes reading, not against other writers: `Index` holds a lock for that.

    Opens what is there, or with `create` makes an empty one. Raises ValueError when there is nothing to open,
    UsageError for a language without a stemmer.
    """

    stores_text: bool = True
    flat_metadata: bool = False
    uri: str
    dimension: int
    language: str = "english"
    _table: Any = PrivateAttr()

    def __init__(self, uri: str, dimension: int, language: str = "english", *, create: bool = False) -> None:
        super().__init__(stores_text=True, uri=uri, dimension=dimension, language=language)
        database = lancedb.connect(uri, read_consistency_interval=timedelta(seconds=1))
        if not create:
            self._table = database.open_table(TABLE)
        else:
            self._table = database.create_table(TABLE, schema=_schema(dimension))
            self._table.set_unenforced_primary_key("id")
            self._create_indices()

    def _create_indices(self) -> None:
        for column in ("id", "doc_id", "day", "hash"):
            self._table.create_index(column, config=BTree())
        for column in ("source", "language"):
            self._table.create_index(column, config=Bitmap())
        self._table.create_index("entries", config=LabelList())
        try:
            self._table.create_index("text", config=FTS(language=self.language.capitalize()))
        except ValueError as error:
            raise UsageError(
                f"FOOTNOTE_LANGUAGE={self.language} has no word stems ({error}): choose another"
            ) from error

    @property
    def client(self) -> Any:
        """The LanceDB table."""
        return self._table

    # --- writing ---

    def add(self, nodes: Sequence[BaseNode], **kwargs: Any) -> list[str]:
        """The ids of the nodes, added or (same id) updated in one commit. Each must carry its embedding."""
        if nodes:
            merge = self._table.merge_insert("id").when_matched_update_all().when_not_matched_insert_all()
            merge.execute(self._rows(nodes))
        return [node.node_id for node in nodes]

    def append(self, nodes: Sequence[BaseNode]) -> None:
        """Add nodes of whose ids none is there: a fifth of the time of `add`, which has to look."""
        if nodes:
            self._table.add(self._rows(nodes))

    def replace_articles(self, articles: Mapping[str, Sequence[BaseNode]]) -> None:
        """Make each article consist of just these passages, all in one commit: readers see old or new."""
        nodes = [node for passages in articles.values() for node in passages]
        merge = self._table.merge_insert("id").when_matched_update_all().when_not_matched_insert_all()
        merge.when_not_matched_by_source_delete(in_list("doc_id", articles)).execute(self._rows(nodes))

    def delete(self, ref_doc_id: str, **delete_kwargs: Any) -> None:
        """Delete an article's passages."""
        self.delete_articles([ref_doc_id])

    def delete_articles(self, article_ids: Iterable[str]) -> None:
        """Delete the passages of these articles in one commit."""
        self._table.delete(in_list("doc_id", article_ids))

    def delete_nodes(
        self,
        node_ids: list[str] | None = None,
        filters: MetadataFilters | None = None,
        **delete_kwargs: Any,
    ) -> None:
        """Delete the passages that have one of the ids (if given) and satisfy the filters (if given)."""
        condition = self._condition(node_ids, None, filters)
        if condition is not None:
            self._table.delete(condition)

    def clear(self) -> None:
        """Delete everything."""
        self._table.delete("true")

    def maintain(self) -> None:
        """Take new rows into the indices and drop old versions, when enough has been written to be worth it."""
        rows = self._table.count_rows()
        unindexed = self._table.index_stats("text_idx").num_unindexed_rows
        if unindexed > max(1000, rows // 200) or len(self._table.list_versions()) > 50:
            self._table.optimize(cleanup_older_than=KEEP_VERSIONS_FOR)
        stats = self._table.index_stats("vector_idx") if self._has_vector_index() else None
        trained_on = (stats.num_indexed_rows if stats else 0) or 0
        if rows >= EXACT_UP_TO_ROWS and trained_on < rows // 4:
            partitions = min(4096, max(16, math.isqrt(rows)))
            self._table.create_index("vector", config=IvfRq(distance_type="cosine", num_partitions=partitions))

    def _has_vector_index(self) -> bool:
        return any("vector" in index.columns for index in self._table.list_indices())

    def _rows(self, nodes: Sequence[BaseNode]) -> pa.Table:
        return pa.Table.from_pylist([_row(node) for node in nodes], schema=_schema(self.dimension))

    # --- reading ---

    def get_nodes(self, node_ids: list[str] | None = None, filters: MetadataFilters | None = None) -> list[BaseNode]:
        """The passages that have one of the ids (in their order) and satisfy the filters (else in order of ids)."""
        condition = self._condition(node_ids, None, filters)
        found = {row["id"]: _node(row["node"]) for row in self._select(["id", "node"], condition)}
        order = node_ids if node_ids is not None else sorted(found)
        return [found[node_id] for node_id in order if node_id in found]

    def query(self, query: VectorStoreQuery, **kwargs: Any) -> VectorStoreQueryResult:
        """The best passages for a query, with their similarities."""
        condition = self._condition(query.node_ids, query.doc_ids, query.filters)
        mode, k = query.mode, query.similarity_top_k
        if mode is VectorStoreQueryMode.DEFAULT:
            scored = self.dense(_vector_of(query), k, condition)
        elif mode in (VectorStoreQueryMode.TEXT_SEARCH, VectorStoreQueryMode.SPARSE):
            scored = self.text(query.query_str or "", query.sparse_top_k or k, condition)
        elif mode in (VectorStoreQueryMode.HYBRID, VectorStoreQueryMode.SEMANTIC_HYBRID):
            depth = max(k, LEG_DEPTH)
            dense = self.dense(_vector_of(query), depth, condition)
            text = self.text(query.query_str or "", depth, condition)
            weight = 0.5 if query.alpha is None else query.alpha
            scored = convex(dense, text, weight)[: query.hybrid_top_k or k]
        else:
            raise UsageError(f"The passage store has no query mode {mode.value}: use default, text_search or hybrid")
        nodes = self.get_nodes([node_id for node_id, _ in scored])
        scores = dict(scored)
        return VectorStoreQueryResult(
            nodes=nodes,
            similarities=[scores[node.node_id] for node in nodes],
            ids=[node.node_id for node in nodes],
        )

    def condition(self, filters: MetadataFilters | None) -> str | None:
        """The filters as this store's SQL, for `dense` and `text`."""
        return where(filters, self._entries)

    def dense(self, vector: Sequence[float] | np.ndarray, k: int, condition: str | None = None) -> Scored:
        """The k passages nearest to the vector as (id, cosine), best first."""
        query = self._table.search(np.asarray(vector, np.float32), vector_column_name="vector")
        query = query.distance_type("cosine").select(["id", "_distance"]).limit(k)
        rows = self._table.count_rows()
        if rows < EXACT_UP_TO_ROWS:
            query = query.bypass_vector_index()
        else:
            partitions = min(4096, max(16, math.isqrt(rows)))
            query = query.nprobes(partitions if condition else min(64, partitions)).refine_factor(10)
        if condition:
            query = query.where(condition, prefilter=True)
        return _ordered((row["id"], 1.0 - row["_distance"]) for row in query.to_list())

    def text(self, question: str, k: int, condition: str | None = None) -> Scored:
        """The k passages with the best BM25 score for the question as (id, score), best first."""
        match = MatchQuery(question, "text")  # type: ignore[call-arg]  # a plain string would be parsed as a query
        query = self._table.search(match, query_type="fts").select(["id", "_score"]).limit(k)
        if condition:
            query = query.where(condition, prefilter=True)
        return _ordered((row["id"], row["_score"]) for row in query.to_list())

    def cosines(self, vector: Sequence[float] | np.ndarray, ids: Sequence[str]) -> dict[str, float]:
        """The cosine of each of these passages with the vector."""
        rows = self._select(["id", "vector"], in_list("id", ids)) if ids else []
        unit = np.asarray(vector, np.float32)
        return {row["id"]: float(np.dot(np.asarray(row["vector"], np.float32), unit)) for row in rows}

    def vectors_by_hash(self, hashes: Sequence[str]) -> dict[str, list[float]]:
        """The embeddings that texts with these hashes already have."""
        rows = self._select(["hash", "vector"], in_list("hash", hashes)) if hashes else []
        return {row["hash"]: row["vector"] for row in rows}

    def passage_counts(self, article_ids: Iterable[str] | None = None) -> dict[tuple[str, int], int]:
        """How many passages each (article, revision) has, of these articles or of all."""
        condition = None if article_ids is None else in_list("doc_id", article_ids)
        rows = self._select(["doc_id", "rev"], condition)
        return dict(Counter((row["doc_id"], row["rev"]) for row in rows))

    def count(self) -> int:
        """The number of passages."""
        return int(self._table.count_rows())

    def _select(self, columns: list[str], condition: str | None) -> list[dict[str, Any]]:
        query = self._table.search().select(columns)
        if condition:
            query = query.where(condition)
        rows: list[dict[str, Any]] = query.limit(max(1, self._table.count_rows())).to_list()
        return rows

    def _entries(self, key: str) -> set[str]:
        condition = f"array_has(entries, {quoted(presence(key))})"
        start = f"{key}="
        rows = self._select(["entries"], condition)
        return {item[len(start) :] for row in rows for item in row["entries"] if item.startswith(start)}

    def _condition(
        self, node_ids: list[str] | None, doc_ids: list[str] | None, filters: MetadataFilters | None
    ) -> str | None:
        parts = [f"({filtered})"] if (filtered := self.condition(filters)) else []
        if node_ids is not None:
            parts.append(f"({in_list('id', node_ids)})")
        if doc_ids is not None:
            parts.append(f"({in_list('doc_id', doc_ids)})")
        return " AND ".join(parts) or None


def _vector_of(query: VectorStoreQuery) -> list[float]:
    if query.query_embedding is None:
        raise UsageError("A dense or hybrid query needs query_embedding")
    return query.query_embedding


def _ordered(scored: Iterable[tuple[str, float]]) -> Scored:
    return sorted(scored, key=lambda item: (-item[1], item[0]))


def _row(node: BaseNode) -> dict[str, Any]:
    if not isinstance(node, TextNode):
        raise UsageError(f"Only text nodes can be stored, not {type(node).__name__}")
    text = searched_text(node)
    metadata = node.metadata
    columns = {name: metadata[key] for key, name in COLUMNS.items() if isinstance(metadata.get(key), str)}
    entries = []
    for key, value in metadata.items():
        if key not in NOT_FILTERABLE and key not in COLUMNS and value is not None:
            entries += [presence(key), entry(key, value)]
    return {
        **columns,
        "id": node.node_id,
        "doc_id": node.ref_doc_id or metadata.get("article_id"),
        "rev": metadata.get("rev", 0),
        "entries": entries,
        "text": text,
        "hash": text_hash(text),
        "node": json.dumps(node.model_dump(mode="json", exclude={"embedding"}), ensure_ascii=False),
        "vector": node.get_embedding(),
    }


def _node(stored: str) -> BaseNode:
    return TextNode.model_validate_json(stored)
