"""Spans are exact stretches of the passage's text, whatever the text and the logits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from bot.reader.groups import MAX_HEADER, layout, window_around
from bot.reader.score import MAX_ANSWER_PIECES, Span, _Window, best_spans, shortened, whole_words


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
    assert bool(spans) == bool(len(pieces)) or "\n" in text
    assert list(spans) == sorted(spans, key=lambda span: -span.score)
    for number, span in enumerate(spans):
        assert 0 <= span.start < span.end <= len(text)
        assert all(span.end <= other.start or span.start >= other.end for other in spans[:number])
    if spans and "\n" not in text:
        assert_best(spans[0], logits, window)


def test_no_span_runs_on_over_a_line_and_hides_a_better_one() -> None:
    text = "Founder\nAnn Lee\n1912"
    offsets = np.array([(0, 7), (8, 11), (12, 15), (16, 20)])
    window = _Window(0, *layout(np.array([2054]), np.empty(0, np.int64), np.array([1, 2, 3, 4])), offsets)
    logits = np.zeros((2, len(window.ids)), np.float32)
    at = window.passage_start
    logits[0, at], logits[0, at + 1], logits[1, at + 2] = 9.0, 8.0, 9.0  # "Founder\nAnn Lee", then "Ann Lee"
    spans = best_spans(logits[0], logits[1], window, text)
    assert text[spans[0].start : spans[0].end] == "Ann Lee"
    assert not any("\n" in text[span.start : span.end] for span in spans)


def test_a_long_headline_keeps_its_date() -> None:
    title, date = np.full(40, 7), np.array([1087, 2, 3])
    cut = shortened(np.concatenate([title, date]))
    assert len(cut) == MAX_HEADER and cut[-3:].tolist() == [1087, 2, 3]
    assert shortened(date).tolist() == date.tolist()
    assert shortened(title).tolist() == title[:MAX_HEADER].tolist()


def assert_best(span: Span, logits: np.ndarray, window: _Window) -> None:
    """No valid pair of pieces scores higher."""
    at = window.passage_start
    scores = [
        logits[0, at + i] + logits[1, at + j]
        for i in range(len(window.offsets))
        for j in range(i, min(len(window.offsets), i + MAX_ANSWER_PIECES))
    ]
    assert span.score == pytest.approx(max(scores))
