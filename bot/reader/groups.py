"""Training groups: a question with the paragraph that answers it and others that do not, as word pieces.

Everything random is drawn from (seed, pass, question), so a run that was stopped goes on with the very same
groups.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.reader.corpus import HARD_NEGATIVES, Corpus
from bot.reader.sources import MOST_OCCURRENCES

Pieces = NDArray[np.int64]

CLS, SEP, MIDDLE_DOT = 101, 102, 1087  # ids in the vocabulary of BERT uncased, which the encoder uses
MAX_PIECES = 256
MAX_QUESTION = 48
MAX_HEADER = 32
SHORTEST_PASSAGE = 16

WINDOW = 256  # groups that are put in order of length together; a run stops and goes on only between windows
BATCH_PAIRS = 16
LENGTH_STEP = 16  # few different shapes: oneDNN compiles its bfloat16 products for each, and keeps 1,024

# Shares that were set from the pilot in issue 3 (58 % of its pairs held the answer), not searched for.
NEGATIVE_COUNTS = (0.35, 0.55, 0.10)  # chance of 0, 1, 2 negatives beside a positive
NEGATIVE_KINDS = ("same", "other", "deleted", "altered")
NEGATIVE_SHARES = (0.45, 0.20, 0.10, 0.25)
NEGATIVE_LENGTHS = (
    0.8,
    1.25,
)  # of a negative passage at most, in lengths of the positive one: little is padding
RANK_SHARES = (0.5, 0.3, 0.2)  # which of the three hardest negatives
KEYWORD_SHARE = 0.12
REWORDED_SHARE = 0.20
# Lower-casing needs no share of its own: the vocabulary is uncased.
NO_QUESTION_MARK_SHARE = 0.10
HEADER_KINDS = ("none", "title", "title and date", "headline and date", "date")
HEADER_SHARES = (0.35, 0.25, 0.22, 0.13, 0.05)
QUESTION_MARK = 1029


@dataclass(frozen=True)
class Pair:
    """One question with one passage. `spans` are first, last positions in `ids`.

    `relevant` is None where ranking this pair against the others of its group would mean nothing: its question
    is altered, or no pair of the group answers.
    """

    ids: Pieces
    segment_start: int
    passage_start: int
    spans: tuple[tuple[int, int], ...]
    answerable: bool
    relevant: bool | None
    spans_known: bool = True


Group = list[Pair]


@dataclass(frozen=True)
class Batch:
    """Pairs padded to one length: (pairs, pieces) arrays, or (pairs,).

    `spans` is (pairs, MOST_OCCURRENCES, 2), padded with -1; `relevant` 1, 0 or -1 for "not ranked".
    """

    ids: Pieces
    mask: Pieces
    segments: Pieces
    passage: NDArray[np.bool_]
    spans: Pieces
    spans_known: NDArray[np.bool_]
    answerable: NDArray[np.bool_]
    relevant: Pieces
    group: Pieces


def layout(question: Pieces, header: Pieces, passage: Pieces) -> tuple[Pieces, int, int]:
    """(ids, segment start, passage start) of `[CLS] question [SEP] header [SEP] passage [SEP]`.

    The line break between header and passage is no word piece, so a [SEP] stands for it; none where no header
    is.
    """
    parts = [np.array([CLS]), question, np.array([SEP])]
    segment_start = len(question) + 2
    if len(header):
        parts += [header, np.array([SEP])]
    passage_start = sum(len(part) for part in parts)
    return np.concatenate([*parts, passage, np.array([SEP])]).astype(np.int64), segment_start, passage_start


def room_for_passage(question: Pieces, header: Pieces) -> int:
    """How many pieces of passage fit beside this question and header."""
    return MAX_PIECES - 3 - len(question) - (len(header) + 1 if len(header) else 0)


def window_around(
    sentences: Pieces, length: int, first: int, last: int, size: int, rng: np.random.Generator
) -> tuple[int, int]:
    """(start, end) of at most `size` pieces: first..last in, where possible, whole sentences."""
    if length <= size:
        return 0, length
    bounds = np.append(sentences, length)
    low = int(np.searchsorted(sentences, first, side="right")) - 1
    high = int(np.searchsorted(bounds, last, side="right"))
    if bounds[high] - bounds[low] > size:  # its own sentence is too long: any stretch around the answer
        earliest, latest = max(0, last + 1 - size), min(first, length - size)
        start = int(rng.integers(earliest, max(earliest, latest) + 1))
        return start, min(length, start + size)
    while True:
        options = []
        if low > 0 and bounds[high] - bounds[low - 1] <= size:
            options.append((low - 1, high))
        if high < len(bounds) - 1 and bounds[high + 1] - bounds[low] <= size:
            options.append((low, high + 1))
        if not options:
            return int(bounds[low]), int(bounds[high])
        low, high = options[int(rng.integers(len(options)))]


class GroupMaker:
    """Makes the group of one question in one pass over the data.

    `crop_share` of the groups see only a stretch of their paragraphs: more different questions for the same
    time.
    """

    def __init__(self, corpus: Corpus, seed: int, crop_share: float) -> None:
        self.corpus, self.seed, self.crop_share = corpus, seed, crop_share
        self.first_of_article = {int(a): i for i, a in reversed(list(enumerate(corpus.article)))}

    def group(self, row: int, epoch: int) -> Group:
        """The question's own pair, then its negatives; of about one length, so length says nothing."""
        corpus, rng = self.corpus, np.random.default_rng([self.seed, epoch, row])
        own = int(corpus.paragraph[row])
        question, bare = self.question(row, rng)
        style = str(rng.choice(HEADER_KINDS, p=HEADER_SHARES))
        header = self.header(own, style, rng)
        size = self.passage_size(question, header, rng)
        spans = corpus.spans[row].reshape(-1, 2).astype(np.int64)
        answerable = bool(corpus.answerable[row])
        first, last = spans[rng.integers(len(spans))] if len(spans) else self.anywhere(own, rng)
        positive = self.pair(question, header, own, (int(first), int(last)), size, spans, rng)
        known = bool(corpus.spans_known[row])
        count = int(rng.choice(len(NEGATIVE_COUNTS), p=NEGATIVE_COUNTS)) if known else 1
        if known and not answerable:
            count = 0  # it is a negative itself
        kinds = [str(kind) for kind in rng.choice(NEGATIVE_KINDS, p=NEGATIVE_SHARES, size=count)]
        group = [Pair(*positive, answerable, True if answerable else None, known)]
        length = len(group[0].ids) - group[0].passage_start
        used = {own}
        for kind in kinds:
            # An altered question is a whole one: beside key words its form would give it away.
            kind = "same" if kind == "altered" and bare else kind
            size = max(SHORTEST_PASSAGE, int(length * rng.uniform(*NEGATIVE_LENGTHS)))
            negative = self.negative(kind, row, question, style, size, used, rng)
            if negative is not None:
                ranked = negative.relevant if answerable else None
                group.append(Pair(negative.ids, negative.segment_start, negative.passage_start, (), False, ranked))
        return group

    def question(self, row: int, rng: np.random.Generator) -> tuple[Pieces, bool]:
        """The question's pieces, at times in other words or without its question mark; whether they are key words."""
        drawn = rng.random()
        if drawn < KEYWORD_SHARE:
            return self.corpus.keywords[row].astype(np.int64)[:MAX_QUESTION], True
        reword = drawn < KEYWORD_SHARE + REWORDED_SHARE and len(self.corpus.reworded[row])
        pieces = (self.corpus.reworded if reword else self.corpus.plain)[row].astype(np.int64)
        if rng.random() < NO_QUESTION_MARK_SHARE and len(pieces) > 1 and pieces[-1] == QUESTION_MARK:
            pieces = pieces[:-1]
        return pieces[:MAX_QUESTION], False

    def header(self, paragraph: int, style: str, rng: np.random.Generator) -> Pieces:
        """`title · date` of the given style; a headline is the opening of one of the article's paragraphs."""
        if style == "none":
            return np.empty(0, np.int64)
        article = int(self.corpus.article[paragraph])
        when = self.corpus.dates[int(rng.integers(len(self.corpus.dates)))].astype(np.int64)
        if style == "date":
            return when
        title = self.corpus.titles[article].astype(np.int64)
        if style == "headline and date":
            opening = self.corpus.pieces[min(self.first_of_article[article] + int(rng.integers(3)), paragraph)]
            title = opening[: int(rng.integers(6, 16))].astype(np.int64)
        if style != "title":
            title = np.concatenate([title[: MAX_HEADER - len(when) - 1], [MIDDLE_DOT], when])
        return title[:MAX_HEADER]

    def passage_size(self, question: Pieces, header: Pieces, rng: np.random.Generator) -> int:
        """The most pieces that the group's passages may have."""
        room = room_for_passage(question, header)
        return min(room, int(rng.integers(48, 129))) if rng.random() < self.crop_share else room

    def anywhere(self, paragraph: int, rng: np.random.Generator) -> tuple[int, int]:
        """One random piece of the paragraph, as a span."""
        at = int(rng.integers(max(1, len(self.corpus.pieces[paragraph]))))
        return at, at

    def pair(
        self,
        question: Pieces,
        header: Pieces,
        paragraph: int,
        around: tuple[int, int],
        size: int,
        spans: Pieces,
        rng: np.random.Generator,
    ) -> tuple[Pieces, int, int, tuple[tuple[int, int], ...]]:
        """The laid-out pieces, and those of `spans` (in pieces of the paragraph) that its window holds."""
        pieces = self.corpus.pieces[paragraph].astype(np.int64)
        sentences = self.corpus.sentences[paragraph].astype(np.int64)
        size = min(size, room_for_passage(question, header))
        start, end = window_around(sentences, len(pieces), *around, size, rng)
        ids, segment_start, passage_start = layout(question, header, pieces[start:end])
        shift = passage_start - start
        inside = tuple((int(f) + shift, int(g) + shift) for f, g in spans if f >= start and g < end)
        return ids, segment_start, passage_start, inside

    def negative(
        self,
        kind: str,
        row: int,
        question: Pieces,
        style: str,
        size: int,
        used: set[int],
        rng: np.random.Generator,
    ) -> Pair | None:
        """The question, perhaps altered, with a passage that does not answer; None if none is left."""
        corpus, own, nothing = self.corpus, int(self.corpus.paragraph[row]), np.empty((0, 2), np.int64)
        if kind == "altered" and len(corpus.altered[row]) and len(corpus.spans[row]):
            altered = corpus.altered[row].astype(np.int64)[:MAX_QUESTION]
            spans = corpus.spans[row].reshape(-1, 2).astype(np.int64)
            made = self.pair(
                altered,
                self.header(own, style, rng),
                own,
                (int(spans[0, 0]), int(spans[0, 1])),
                size,
                nothing,
                rng,
            )
            return Pair(*made, answerable=False, relevant=None)
        if kind == "deleted" and len(corpus.spans[row]):
            shortened = self.without_answer(row, size)
            if len(shortened) >= SHORTEST_PASSAGE:
                header = self.header(own, style, rng)
                ids, segment, start = layout(question, header, shortened[: room_for_passage(question, header)])
                return Pair(ids, segment, start, (), answerable=False, relevant=False)
        table = corpus.other if kind == "other" else corpus.same
        ranks = rng.choice(HARD_NEGATIVES, p=RANK_SHARES, size=HARD_NEGATIVES, replace=False)
        candidates = [int(table[row, rank]) for rank in ranks] + [int(p) for p in corpus.other[row]]
        chosen = next((p for p in candidates if p >= 0 and p not in used), None)
        if chosen is None:
            return None
        used.add(chosen)
        header = self.header(chosen, style, rng)
        made = self.pair(question, header, chosen, self.anywhere(chosen, rng), size, nothing, rng)
        return Pair(*made, answerable=False, relevant=False)

    def without_answer(self, row: int, size: int) -> Pieces:
        """The question's paragraph less the sentences that hold its answer, cut to `size` around the gap."""
        corpus = self.corpus
        pieces = corpus.pieces[int(corpus.paragraph[row])].astype(np.int64)
        sentences = corpus.sentences[int(corpus.paragraph[row])].astype(np.int64)
        number = np.searchsorted(sentences, np.arange(len(pieces)), side="right") - 1
        spans = corpus.spans[row].reshape(-1, 2).astype(np.int64)
        keep = ~np.isin(number, np.unique(number[spans.ravel()]))
        left = pieces[keep]
        gap = int(keep[: int(spans[0, 0])].sum())
        start = max(0, min(gap - size // 2, len(left) - size))
        return left[start : start + size]


def windows(maker: GroupMaker, rows: Pieces, epoch: int, start: int) -> Iterator[tuple[int, list[Batch]]]:
    """From window `start` of a pass on: (number of the next window, the window's batches in random order)."""
    order = np.random.default_rng([maker.seed, epoch]).permutation(rows)
    for number in range(start, (len(order) + WINDOW - 1) // WINDOW):
        groups = [maker.group(int(row), epoch) for row in order[number * WINDOW : (number + 1) * WINDOW]]
        groups.sort(key=lambda group: max(len(pair.ids) for pair in group))
        batches: list[list[Group]] = [[]]
        for group in groups:
            if sum(map(len, batches[-1])) >= BATCH_PAIRS:
                batches.append([])
            batches[-1].append(group)
        shuffled = np.random.default_rng([maker.seed, epoch, number, 1]).permutation(len(batches))
        yield number + 1, [collate(batches[i]) for i in shuffled]


def collate(groups: list[Group]) -> Batch:
    """The groups' pairs, padded to the longest and on to a multiple of LENGTH_STEP."""
    pairs = [(number, pair) for number, group in enumerate(groups) for pair in group]
    longest = max(len(pair.ids) for _, pair in pairs)
    shape = (len(pairs), -(-longest // LENGTH_STEP) * LENGTH_STEP)
    ids, mask, segments = np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    passage = np.zeros(shape, np.bool_)
    spans = np.full((len(pairs), MOST_OCCURRENCES, 2), -1, np.int64)
    for i, (_, pair) in enumerate(pairs):
        end = len(pair.ids)
        ids[i, :end], mask[i, :end] = pair.ids, 1
        segments[i, pair.segment_start : end] = 1
        passage[i, pair.passage_start : end - 1] = True
        if pair.spans:
            spans[i, : len(pair.spans)] = pair.spans
    return Batch(
        ids,
        mask,
        segments,
        passage,
        spans,
        spans_known=np.array([pair.spans_known for _, pair in pairs], np.bool_),
        answerable=np.array([pair.answerable for _, pair in pairs], np.bool_),
        relevant=np.array([-1 if pair.relevant is None else int(pair.relevant) for _, pair in pairs], np.int64),
        group=np.array([number for number, _ in pairs], np.int64),
    )
