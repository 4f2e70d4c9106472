"""The contract of a passage store, with LlamaIndex's own filter function as the judge."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode
from llama_index.core.vector_stores.types import (
    FilterCondition,
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
    VectorStoreQuery,
    VectorStoreQueryMode,
)
from llama_index.core.vector_stores.utils import build_metadata_filter_fn

from index.errors import UsageError
from index.store import LancePassageStore
from tests.fake_embedder import DIMENSION, FakeEmbedder

FAKE = FakeEmbedder()
HOSTILE = "O'Brien \"x\" -- ' OR 'a'='a; \\ %_ {}"
METADATA: list[dict[str, Any]] = [
    {"source": "Post", "date": "2022-01-05", "year": 2022, "tags": ["war", "peace"], "note": "Alpha beta"},
    {"source": "Ledger", "date": "2023-07-01", "year": 2023, "tags": ["peace"], "note": "beta"},
    {"source": HOSTILE, "date": "2023-12-31", "year": 2023, "tags": [], "note": HOSTILE, "score": 0.5},
    {"date": "2024-02-02", "year": 2024, "note": ""},
    {"source": "Post", "title": "Percent 100% _x_", "score": 1.5, "flag": "yes"},
]


def node(number: int, text: str, article: str, metadata: dict[str, Any]) -> TextNode:
    made = TextNode(
        id_=f"{article}#{number:05d}",
        text=text,
        start_char_idx=3,
        end_char_idx=3 + len(text),
        metadata=metadata,
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=article)},
    )
    made.embedding = [float(value) for value in FAKE.embed([text])[0]]
    return made


NODES = [
    node(0, "The quick brown fox jumps over the lazy dog.", "a", METADATA[0]),
    node(1, "Peace talks opened in Geneva on Monday.", "a", METADATA[1]),
    node(0, "Inflation fell to three percent in July.", "b", METADATA[2]),
    node(0, "Peace talks in Geneva broke down after two days of talks.", "it's", METADATA[3]),
    node(0, "The rocket lifted off from Florida.", "d", METADATA[4]),
]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> LancePassageStore:
    store = LancePassageStore(str(tmp_path_factory.mktemp("store")), DIMENSION, create=True)
    store.add(NODES)
    return store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LancePassageStore]:
    store = LancePassageStore(str(tmp_path / "store"), DIMENSION, create=True)
    store.add(NODES)
    yield store


def ids(nodes: Any) -> list[str]:
    return [each.node_id for each in nodes]


def test_a_node_comes_back_as_it_was(full: LancePassageStore) -> None:
    for original in NODES:
        (found,) = full.get_nodes([original.node_id])
        assert found.model_dump(exclude={"embedding"}) == original.model_dump(exclude={"embedding"})


CASES: list[tuple[str, FilterOperator, Any]] = [
    (key, operator, value)
    for key, values in {
        "source": ["Post", HOSTILE, "nobody"],
        "date": ["2023-07-01", "2023"],
        "note": ["beta", HOSTILE, ""],
        "title": ["Percent 100% _x_", "%"],
        "absent": ["x"],
    }.items()
    for value in values
    for operator in (
        FilterOperator.EQ, FilterOperator.NE, FilterOperator.GT, FilterOperator.GTE, FilterOperator.LT,
        FilterOperator.LTE, FilterOperator.TEXT_MATCH, FilterOperator.TEXT_MATCH_INSENSITIVE, FilterOperator.CONTAINS,
    )
] + [
    (key, operator, value)
    for key, value in {"year": 2023, "score": 1.0}.items()
    for operator in (
        FilterOperator.EQ, FilterOperator.NE, FilterOperator.GT, FilterOperator.GTE, FilterOperator.LT,
        FilterOperator.LTE,
    )
] + [
    (key, operator, values)
    for key, values in {
        "source": ["Post", HOSTILE], "note": ["beta", HOSTILE], "year": [2022, 2024], "tags": ["peace", "war"],
    }.items()
    for operator in (FilterOperator.IN, FilterOperator.NIN, FilterOperator.ANY, FilterOperator.ALL)
    if not (key == "tags" and operator in (FilterOperator.IN, FilterOperator.NIN))
    and not (key == "year" and operator in (FilterOperator.ANY, FilterOperator.ALL))
] + [
    ("tags", FilterOperator.CONTAINS, "war"),
    ("tags", FilterOperator.IS_EMPTY, None),
    ("note", FilterOperator.IS_EMPTY, None),
    ("source", FilterOperator.IS_EMPTY, None),
]  # fmt: skip


@pytest.mark.parametrize(("key", "operator", "value"), CASES)
def test_each_operator_means_what_llama_index_says(
    full: LancePassageStore, key: str, operator: FilterOperator, value: Any
) -> None:
    filters = MetadataFilters(filters=[MetadataFilter(key=key, operator=operator, value=value)])
    by_id = {each.node_id: each.metadata for each in NODES}
    judge = build_metadata_filter_fn(lambda node_id: by_id[node_id], filters)
    assert ids(full.get_nodes(filters=filters)) == sorted(filter(judge, by_id))


def test_conditions_and_nesting(full: LancePassageStore) -> None:
    post = MetadataFilter(key="source", value="Post")
    y2023 = MetadataFilter(key="year", value=2023)
    late = MetadataFilter(key="date", operator=FilterOperator.GTE, value="2023-12-01")

    def found(condition: FilterCondition, *filters: Any) -> list[str]:
        return ids(full.get_nodes(filters=MetadataFilters(filters=list(filters), condition=condition)))

    assert found(FilterCondition.OR, post, y2023) == ["a#00000", "a#00001", "b#00000", "d#00000"]
    assert found(FilterCondition.AND, y2023, late) == ["b#00000"]
    assert found(FilterCondition.NOT, post, y2023) == ["it's#00000"]
    nested = MetadataFilters(filters=[y2023, late], condition=FilterCondition.AND)
    assert found(FilterCondition.OR, post, nested) == ["a#00000", "b#00000", "d#00000"]
    assert found(FilterCondition.NOT, nested) == ["a#00000", "a#00001", "d#00000", "it's#00000"]


def test_dense_query_gives_cosines(full: LancePassageStore) -> None:
    vector = NODES[1].embedding
    assert vector is not None
    result = full.query(VectorStoreQuery(query_embedding=vector, similarity_top_k=5))
    expected = {n.node_id: float(np.dot(n.embedding, vector)) for n in NODES}  # type: ignore[arg-type]
    assert result.ids is not None and result.similarities is not None
    assert result.ids[0] == "a#00001"
    assert dict(zip(result.ids, result.similarities, strict=True)) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("mode", [VectorStoreQueryMode.TEXT_SEARCH, VectorStoreQueryMode.SPARSE])
def test_text_query_stems_and_survives_any_syntax(full: LancePassageStore, mode: VectorStoreQueryMode) -> None:
    result = full.query(VectorStoreQuery(query_str="jumping foxes", similarity_top_k=5, mode=mode))
    assert result.ids == ["a#00000"]
    for odd in ('"', '"quick fox"', "*", "title:x", "a AND", "NEAR(", "-", "' OR 1=1", "", "日本"):
        full.query(VectorStoreQuery(query_str=odd, similarity_top_k=5, mode=mode))


def test_hybrid_query_uses_alpha(full: LancePassageStore) -> None:
    def best(alpha: float) -> str:
        query = VectorStoreQuery(
            query_embedding=NODES[0].embedding,
            query_str="rocket Florida",
            similarity_top_k=3,
            mode=VectorStoreQueryMode.HYBRID,
            alpha=alpha,
        )
        result = full.query(query)
        assert result.ids
        return result.ids[0]

    assert best(1.0) == "a#00000"
    assert best(0.0) == "d#00000"


def test_queries_obey_filters_and_ids(full: LancePassageStore) -> None:
    filters = MetadataFilters(filters=[MetadataFilter(key="source", value="Post")])
    for mode in (VectorStoreQueryMode.DEFAULT, VectorStoreQueryMode.TEXT_SEARCH, VectorStoreQueryMode.HYBRID):
        query = VectorStoreQuery(
            query_embedding=NODES[1].embedding, query_str="peace fox rocket", similarity_top_k=9, mode=mode
        )
        query.filters = filters
        assert set(full.query(query).ids or []) <= {"a#00000", "d#00000"}
        query.filters, query.doc_ids = None, ["it's"]
        assert set(full.query(query).ids or []) <= {"it's#00000"}
        query.doc_ids, query.node_ids = None, []
        assert full.query(query).ids == []


def test_other_modes_are_refused(full: LancePassageStore) -> None:
    with pytest.raises(UsageError, match="mmr"):
        full.query(VectorStoreQuery(query_embedding=[0.0] * DIMENSION, mode=VectorStoreQueryMode.MMR))


def test_adding_an_id_again_updates_it(store: LancePassageStore) -> None:
    store.add([node(0, "Something else entirely.", "d", {})])
    assert store.count() == len(NODES)
    assert store.text("rocket", 5) == []


def test_delete_by_article_ids_and_filters(store: LancePassageStore) -> None:
    store.delete("it's")
    assert store.count() == 4
    store.delete_nodes(["a#00000"])
    store.delete_nodes(filters=MetadataFilters(filters=[MetadataFilter(key="note", value=HOSTILE)]))
    assert ids(store.get_nodes()) == ["a#00001", "d#00000"]
    store.delete_nodes()
    assert store.count() == 2
    store.delete("' OR 'a'='a")
    assert store.count() == 2
    store.clear()
    assert store.count() == 0
    assert store.text("peace", 5) == []


def test_replacing_an_article_leaves_no_surplus_passage(store: LancePassageStore) -> None:
    store.replace_articles({"a": [node(0, "One new passage on whales.", "a", {})], "e": [node(0, "New.", "e", {})]})
    assert ids(store.get_nodes()) == ["a#00000", "b#00000", "d#00000", "e#00000", "it's#00000"]
    assert [identifier for identifier, _ in store.text("whales", 5)] == ["a#00000"]
    assert store.text("fox", 5) == []


def test_another_handle_sees_what_was_written(store: LancePassageStore) -> None:
    other = LancePassageStore(store.uri, DIMENSION)
    assert other.count() == len(NODES)
    store.maintain()
    assert [identifier for identifier, _ in other.text("fox", 5)] == ["a#00000"]


async def _ask_async(store: LancePassageStore) -> list[str]:
    result = await store.aquery(VectorStoreQuery(query_embedding=NODES[0].embedding, similarity_top_k=1))
    return list(result.ids or [])


def test_async_query(full: LancePassageStore) -> None:
    import asyncio

    assert asyncio.run(_ask_async(full)) == ["a#00000"]


def test_a_large_store_answers_from_its_vector_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.store.EXACT_UP_TO_ROWS", 400)
    store = LancePassageStore(str(tmp_path / "store"), DIMENSION, create=True)
    nodes = [node(i, f"word{i} word{i // 2} word{i // 3} word{i % 17}", "x", {"half": i % 2}) for i in range(600)]
    store.add(nodes)
    store.maintain()
    assert store._has_vector_index()
    even = store.condition(MetadataFilters(filters=[MetadataFilter(key="half", value=0)]))
    found = 0
    for wanted in nodes[::20]:
        assert wanted.embedding is not None
        exact = {n.node_id: float(np.dot(n.embedding, wanted.embedding)) for n in nodes[::2]}  # type: ignore[arg-type]
        tenth = sorted(exact.values())[-10] - 1e-4  # many texts are alike: any of those at the tenth place will do
        got = [identifier for identifier, _ in store.dense(wanted.embedding, 10, even)]
        found += sum(exact[each] >= tenth for each in got)
    assert found / (30 * 10) > 0.85
