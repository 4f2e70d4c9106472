"""Splitting: exact offsets, whole sentences, nothing dropped."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.embed import Embedder
from index.errors import UsageError
from index.library import Index
from index.passages import Splitter, searched_text, sentence_spans, sentences_of
from index.types import Article
from tests.fake_embedder import FakeEmbedder

FAKE = FakeEmbedder()

paragraphs = st.lists(
    st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1), min_size=1).map(
        " ".join
    ),
    min_size=1,
).map("\n\n".join)


def check(article: Article, splitter: Splitter) -> None:
    nodes = splitter.split(article, rev=1)
    covered = [False] * len(article.text)
    for number, node in enumerate(nodes):
        start, end = node.start_char_idx, node.end_char_idx
        assert start is not None and end is not None
        assert article.text[start:end] == node.text
        assert node.node_id == f"{article.id}#{number:05d}"
        assert node.ref_doc_id == article.id
        spans = sentences_of(node)
        assert (spans[0][0], spans[-1][1]) == (start, end)
        for left, right in spans:
            covered[left:right] = [True] * (right - left)
    missing = [c for c, seen in zip(article.text, covered, strict=True) if not seen and not c.isspace()]
    assert not missing


@given(paragraphs)
def test_any_text_is_covered_with_exact_offsets(text: str) -> None:
    if text.strip():
        check(Article("a", "Title", text), Splitter(FAKE, passage_pieces=30, overlap_pieces=8))


@given(st.lists(st.integers(1, 60), min_size=1, max_size=60))
def test_passages_stay_within_their_budget(lengths: list[int]) -> None:
    text = " ".join(" ".join(["Word", *["word"] * (n - 1)]) + "." for n in lengths)
    splitter = Splitter(FAKE, passage_pieces=50, overlap_pieces=10)
    nodes = splitter.split(Article("a", "Title", text), rev=1)
    assert all(FAKE.count_pieces([node.text])[0] <= 50 for node in nodes)
    check(Article("a", "Title", text), splitter)


def test_passages_overlap_by_whole_sentences() -> None:
    text = " ".join(f"Sentence number {i} says something short." for i in range(60))
    nodes = Splitter(FAKE, passage_pieces=60, overlap_pieces=14).split(Article("a", "T", text), rev=1)
    assert len(nodes) > 3
    for before, after in itertools.pairwise(nodes):
        shared = set(sentences_of(before)) & set(sentences_of(after))
        assert 1 <= len(shared) <= 2


def test_sentences_never_cross_a_line_and_abbreviations_hold() -> None:
    text = "A headline without a stop\n\nMr. Smith paid $3.5 million. He left."
    found = [text[start:end] for start, end in sentence_spans(text)]
    assert found == ["A headline without a stop", "Mr. Smith paid $3.5 million.", "He left."]


def test_language_without_a_splitter_is_named() -> None:
    with pytest.raises(UsageError, match=r"klingon.*english"):
        sentence_spans("Text.", "klingon")


def test_header_goes_before_the_text_and_missing_parts_leave_no_trace() -> None:
    splitter = Splitter(FAKE)
    full = splitter.split(Article("a", "T", "Body.", source="Post", published="2024-05-06T07:08:09"), rev=1)[0]
    assert searched_text(full) == "T · Post · 2024-05-06\nBody."
    assert full.text == "Body."
    assert searched_text(splitter.split(Article("a", "T", "Body."), rev=1)[0]) == "T\nBody."


@pytest.mark.model
def test_the_model_reads_every_piece_of_every_seed_passage(embedder: Embedder, seeds_index: Index) -> None:
    tokenizer = embedder._model.tokenizer
    splitter = Splitter(embedder)
    count = 0
    for summary in seeds_index.articles():
        article = seeds_index.article(summary.id)
        assert article is not None
        check(article, splitter)
        for node in splitter.split(article, rev=1):
            pieces = tokenizer(searched_text(node), truncation=False, verbose=False)["input_ids"]
            assert len(pieces) <= embedder.max_pieces == 256
            count += 1
    assert count > 80


@pytest.mark.model
@settings(max_examples=30, deadline=None)
@given(
    words=st.lists(
        st.sampled_from(["Antidisestablishmentarianism", "naïve", "日本語", "3.14", "a", "--", "Z.", "😀"]),
        min_size=1,
        max_size=900,
    )
)
def test_nothing_is_dropped_by_the_model_even_of_odd_texts(words: list[str], embedder: Embedder) -> None:
    article = Article("a", " ".join(words), " ".join(words), source="x" * 300, published="2024-01-01")
    for node in Splitter(embedder).split(article, rev=1):
        pieces = embedder._model.tokenizer(searched_text(node), truncation=False, verbose=False)["input_ids"]
        assert len(pieces) <= 256
