"""Spans are exact stretches of the passage's text, whatever the text and the logits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from bot.reader.groups import layout, window_around
from bot.reader.score import MAX_ANSWER_PIECES, Span, _Window, best_spans, whole_words


@given(st.text(st.characters(codec="utf-8"), max_size=60), st.data())
def test_whole_words_only_widen(text: str, data: st.DataObject) -> None:
    if not text:
        return
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    low, high = whole_words(text, start, end)
    assert 0 <= low <= start < end <= high <= len(text)
    assert low == 0 or not (text[low].isalnum() and text[low - 1].isalnum())


@given(st.lists(st.integers(1, 40), min_size=1, max_size=8), st.integers(4, 80), st.integers(0, 2**32), st.data())
def test_a_window_holds_its_span(lengths: list[int], size: int, seed: int, data: st.DataObject) -> None:
    total = sum(lengths)
    sentences = np.cumsum([0, *lengths[:-1]]).astype(np.int64)
    first = data.draw(st.integers(0, total - 1))
    last = min(total - 1, first + data.draw(st.integers(0, min(3, size - 1))))
    start, end = window_around(sentences, total, first, last, size, np.random.default_rng(seed))
    assert start <= first <= last < end <= total
    assert end - start <= size


@pytest.mark.model
@settings(deadline=None, max_examples=60)
@given(text=st.text(st.characters(codec="utf-8"), min_size=1, max_size=120), seed=st.integers(0, 2**32))
def test_best_spans_are_exact_ordered_and_apart(tokenizer: Tokenizer, text: str, seed: int) -> None:
    encoding = tokenizer.encode(text, add_special_tokens=False)
    offsets = np.array(encoding.offsets, np.int64).reshape(-1, 2)
    pieces = np.array(encoding.ids, np.int64)
    window = _Window(0, *layout(np.array([2054]), np.empty(0, np.int64), pieces), offsets)
    logits = np.random.default_rng(seed).normal(size=(2, len(window.ids))).astype(np.float32)
    spans = best_spans(logits[0], logits[1], window, text)
    assert bool(spans) == bool(len(pieces))
    assert list(spans) == sorted(spans, key=lambda span: -span.score)
    for number, span in enumerate(spans):
        assert 0 <= span.start < span.end <= len(text)
        assert all(span.end <= other.start or span.start >= other.end for other in spans[:number])
    if spans:
        assert_best(spans[0], logits, window)


def assert_best(span: Span, logits: np.ndarray, window: _Window) -> None:
    """No valid pair of pieces scores higher."""
    at = window.passage_start
    scores = [
        logits[0, at + i] + logits[1, at + j]
        for i in range(len(window.offsets))
        for j in range(i, min(len(window.offsets), i + MAX_ANSWER_PIECES))
    ]
    assert span.score == pytest.approx(max(scores))
