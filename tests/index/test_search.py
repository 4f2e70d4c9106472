"""The retriever: order, caps, filters, and what LlamaIndex expects of it."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from bot.settings import Settings
from index import ingest
from index.filters import date_and_source_filters
from index.library import Index
from index.search import as_result, cap_per_article
from tests.fake_embedder import FakeEmbedder


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """An index that all tests search and none changes."""
    folder = tmp_path_factory.mktemp("filled")
    outlets = ("Post", "Ledger", "O'Brien's")
    lines = [
        {
            "id": f"art{i:02d}",
            "title": f"Story {i}",
            "text": f"Peace talks about topic{i} were held in city{i}. " * 3,
            "date": f"2023-{1 + i % 12:02d}-15",
            "source": outlets[i % 3],
        }
        for i in range(24)
    ]
    (folder / "b.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    index = Index(Settings(_env_file=None, index=folder / "index"), create=True, embedder=FakeEmbedder())
    ingest.add(index, [folder / "b.jsonl"])
    return index


def test_the_right_article_comes_first_with_its_scores(filled: Index) -> None:
    found = filled.retriever(k=5).search("What about topic7 in city7?")
    assert found[0].article_id == "art07"
    assert len(found) == 5
    assert found[0].scores["text"] > 0 and 0 < found[0].scores["dense"] <= 1.0001
    assert [item.score for item in found] == sorted((item.score for item in found), reverse=True)


def test_same_question_same_answer(filled: Index) -> None:
    runs = {tuple(item.node.node_id for item in filled.retriever(k=24).search("peace talks")) for _ in range(5)}
    assert len(runs) == 1


@pytest.mark.parametrize("fusion", ["dense", "text", "rrf", "convex"])
def test_each_fusion_finds_it(filled: Index, fusion: str) -> None:
    found = filled.retriever(k=3, fusion=fusion).retrieve("topic11 city11")  # type: ignore[arg-type]
    assert found[0].node.metadata["article_id"] == "art11"


def test_filters_by_date_and_source(filled: Index) -> None:
    filters = date_and_source_filters("2023-03-15", "2023-04-15", ["O'Brien's", "Post"])
    found = filled.retriever(k=24, filters=filters).search("peace talks")
    assert found
    assert {item.node.metadata["date"] for item in found} <= {"2023-03-15", "2023-04-15"}
    assert {item.node.metadata["source"] for item in found} == {"O'Brien's", "Post"}
    assert date_and_source_filters() is None


def test_an_empty_index_finds_nothing(index: Index) -> None:
    with index.writing():
        pass
    assert index.retriever().search("anything") == []


def test_by_words_alone_nothing_is_embedded(filled: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(filled.embedder), "_get_query_embedding", None)
    found = filled.retriever(k=3).by_words("Peace talks about topic7 were held in city7.")
    assert found[0].article_id == "art07" and len(found) == 3
    assert found[0].score == found[0].scores["text"] > 0
    dated = date_and_source_filters("2023-09-01", "2023-09-30")
    assert {each.article_id for each in filled.retriever(k=9, filters=dated).by_words("talks in city8")} == {
        "art08",
        "art20",
    }


def test_three_passages_of_an_article_in_the_first_ten() -> None:
    def ranked(articles: str) -> list[tuple[SimpleNamespace, float]]:
        return [
            (SimpleNamespace(node_id=f"{name}{i}", metadata={"article_id": name}), 1 - i / 100)
            for i, name in enumerate(articles)
        ]

    many = cap_per_article(ranked("aaaaaaabcdefghijkl"))
    first_ten = [node.metadata["article_id"] for node, _ in many[:10]]
    assert first_ten == list("aaabcdefgh")
    assert len(many) == 18
    few = ranked("aaaaaaabc")
    assert cap_per_article(few) == few


def test_a_result_as_it_is_printed(filled: Index) -> None:
    found = filled.retriever(k=1).search("topic3 city3")[0]
    result = as_result(found, 1)
    article = filled.article(result["article_id"])
    assert article is not None
    assert article.text[result["start"] : result["end"]] == result["text"]
    assert (result["rank"], result["date"], result["source"]) == (1, "2023-04-15", "Post")
    json.dumps(result)
