"""Reading: a question and passages in, answer spans and verdicts out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from bot.reader.folder import TOKENIZER, checked
from bot.reader.groups import MAX_HEADER, MAX_QUESTION, MIDDLE_DOT, layout, room_for_passage
from bot.reader.runtime import Network, served_network

BEST_SPANS = 3
MAX_ANSWER_PIECES = 30  # longer than 99 % of SQuAD's answers
LOOKED_AT = 40 * BEST_SPANS  # pairs of edges, for most of the best ones overlap
OVERLAP_PIECES = 64  # of neighbouring windows of a passage too long for one


@dataclass(frozen=True)
class Span:
    """Characters `start`..`end` of a passage's text; start plus end logit, comparable between passages."""

    start: int
    end: int
    score: float


@dataclass(frozen=True)
class Reading:
    """What the reader makes of one passage. All numbers are logits, uncalibrated.

    `spans`: the best, best first, none overlapping a better one; empty for a passage without words.
    `no_answer`: the score, on the spans' scale, of there being no answer here. `relevance`: ranks the
    passages of one question. `answerable`: the log odds that this passage answers the question.
    """

    spans: tuple[Span, ...]
    no_answer: float
    relevance: float
    answerable: float


@dataclass(frozen=True)
class _Window:
    """A stretch of one passage as the network sees it; `offsets` are the characters of its passage pieces."""

    pair: int
    ids: NDArray[np.int64]
    segment_start: int
    passage_start: int
    offsets: NDArray[np.int64]


class Reader:
    """A trained reader, ready to read on the CPU. Safe to use from several threads."""

    def __init__(self, network: Network, tokenizer: Tokenizer) -> None:
        self.network = network
        self.tokenizer = tokenizer

    @classmethod
    def open(cls, folder: Path, network: Callable[[Path], Network] = served_network) -> Reader:
        """The reader of a folder, run as `network` opens it. Raises ModelUnavailable."""
        tokenizer = Tokenizer.from_file(str(checked(folder, TOKENIZER)))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return cls(network(folder), tokenizer)

    def score(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        """A reading for each (header, text), in the given order. A header is `title · date`, or empty."""
        return self.score_pairs([(question, header, text) for header, text in passages])

    def score_pairs(self, pairs: Sequence[tuple[str, str, str]]) -> list[Reading]:
        """A reading for each (question, header, text), in the given order; long texts in several windows."""
        results: list[list[Reading]] = [[] for _ in pairs]
        for window in self.windows(pairs):
            results[window.pair].append(self.read(window, pairs[window.pair][2]))
        return [merge(readings) for readings in results]

    def windows(self, pairs: Sequence[tuple[str, str, str]]) -> list[_Window]:
        """The pairs as pieces."""
        parts = list({part: None for pair in pairs for part in pair})
        encodings = dict(zip(parts, self.tokenizer.encode_batch(parts, add_special_tokens=False), strict=True))
        windows = []
        for number, (question, header, text) in enumerate(pairs):
            asked = np.array(encodings[question].ids[:MAX_QUESTION], np.int64)
            heading = shortened(np.array(encodings[header].ids, np.int64))
            pieces = np.array(encodings[text].ids, np.int64)
            offsets = np.array(encodings[text].offsets, np.int64).reshape(-1, 2)
            room = room_for_passage(asked, heading)
            for start in range(0, max(1, len(pieces) - OVERLAP_PIECES), room - OVERLAP_PIECES):
                stretch = slice(start, start + room)
                windows.append(_Window(number, *layout(asked, heading, pieces[stretch]), offsets[stretch]))
        return windows

    def read(self, window: _Window, text: str) -> Reading:
        """One forward pass over one window.

        Not in batches: those are no faster on two cores, and the scale of 8-bit activations is that of the whole batch,
        so that a passage's scores would depend on its company.
        """
        ids = window.ids[None, :]
        segments = np.zeros_like(ids)
        segments[0, window.segment_start :] = 1
        logits = self.network(ids, np.ones_like(ids), segments)
        start, end = logits.start[0], logits.end[0]
        return Reading(
            spans=best_spans(start, end, window, text),
            no_answer=float(start[0] + end[0]),
            relevance=float(logits.relevance[0]),
            answerable=float(logits.answerable[0]),
        )


def best_spans(start: NDArray[np.float32], end: NDArray[np.float32], window: _Window, text: str) -> tuple[Span, ...]:
    """The best spans of one window, in characters of `text`, none overlapping a better one."""
    length = len(window.offsets)
    if length == 0:
        return ()
    passage = slice(window.passage_start, window.passage_start + length)
    width = min(MAX_ANSWER_PIECES, length)
    scores = np.full((length, width), -np.inf, np.float32)
    for more in range(width):
        scores[: length - more, more] = start[passage][: length - more] + end[passage][more:]
    spans: list[Span] = []
    flat = scores.ravel()
    best = np.argpartition(-flat, min(LOOKED_AT, len(flat) - 1))[:LOOKED_AT]
    for at in best[np.lexsort((best, -flat[best]))]:
        first, more = divmod(int(at), width)
        if scores[first, more] == -np.inf:
            break
        low, high = whole_words(text, int(window.offsets[first, 0]), int(window.offsets[first + more, 1]))
        if "\n" in text[low:high]:
            continue  # no answer runs on over a line's end
        if all(high <= span.start or low >= span.end for span in spans):
            spans.append(Span(low, high, float(scores[first, more])))
        if len(spans) == BEST_SPANS:
            break
    return tuple(spans)


def shortened(header: NDArray[np.int64]) -> NDArray[np.int64]:
    """A header of `title · date` that fits: the title is cut, not the date, as in training."""
    if len(header) <= MAX_HEADER:
        return header
    dots = np.flatnonzero(header == MIDDLE_DOT)
    date = header[dots[-1] :] if len(dots) else header[:0]
    if len(date) >= MAX_HEADER:
        return header[:MAX_HEADER]
    return np.concatenate([header[: MAX_HEADER - len(date)], date])


def whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The span, widened so that it cuts no word (pieces may be parts of words)."""
    while start > 0 and text[start].isalnum() and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    return start, end


def merge(readings: list[Reading]) -> Reading:
    """One reading of a passage from those of its windows: an answer anywhere is an answer."""
    spans: list[Span] = []
    for span in sorted((s for r in readings for s in r.spans), key=lambda s: (-s.score, s.start, s.end)):
        if all(span.end <= kept.start or span.start >= kept.end for kept in spans):
            spans.append(span)
    return Reading(
        spans=tuple(spans[:BEST_SPANS]),
        no_answer=min(reading.no_answer for reading in readings),
        relevance=max(reading.relevance for reading in readings),
        answerable=max(reading.answerable for reading in readings),
    )
