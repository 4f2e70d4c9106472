"""The training sets as compact arrays: read, tokenised and searched once, then kept in one file.

Training is bound by arithmetic, so all text work is done here, before the first step. What comes out is a
`Corpus`: ragged arrays of word pieces for paragraphs, questions and headers, answer spans in pieces, and for
each question the paragraphs that BM25 ranks highest without holding its answer.
"""

from __future__ import annotations

import hashlib
import json
import logging
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from bot.reader.altered import alterations
from bot.reader.rewording import lexicon, rewordings
from bot.reader.sources import Paragraph, Question, read_clapnq, read_squad, read_timeqa, sha256_text
from bot.reader.variants import keyword_form, random_dates
from bot.reader.written import read_written

log = logging.getLogger(__name__)

RECIPE = 4  # raise it when the arrays change, so that an older cache is not used
WRITTEN_TIMES = 3  # a pass has each written question so often, with other negatives and wording each time
HARD_NEGATIVES = 3  # kept per question and kind: enough for a different one in each of three passes

SENTENCE_END = re.compile(r"[.!?][\"')\]]*\s+(?=[\"'(\[]?[A-Z0-9])")


@dataclass(frozen=True)
class Ragged:
    """Lists of unequal length in one flat array: list i is `flat[bounds[i]:bounds[i + 1]]`."""

    flat: NDArray[Any]
    bounds: NDArray[np.int64]

    def __getitem__(self, i: int) -> NDArray[Any]:
        return self.flat[self.bounds[i] : self.bounds[i + 1]]

    def __len__(self) -> int:
        return len(self.bounds) - 1

    @classmethod
    def of(cls, lists: Sequence[Sequence[int]], dtype: type[np.generic]) -> Ragged:
        """The given lists, packed."""
        bounds = np.zeros(len(lists) + 1, np.int64)
        np.cumsum([len(items) for items in lists], out=bounds[1:])
        return cls(np.fromiter((x for items in lists for x in items), dtype, int(bounds[-1])), bounds)


@dataclass(frozen=True)
class Corpus:
    """All that training reads, by paragraph (`pieces` to `article`) and question (`plain` on).

    `spans` holds start, end (inclusive) piece pairs, flattened. `same` and `other` are (questions,
    HARD_NEGATIVES) paragraph numbers, best first, -1 where there is none. `altered` and `reworded` are empty
    where a question could not be.
    """

    pieces: Ragged
    sentences: Ragged  # piece number at which each sentence of the paragraph begins
    article: NDArray[np.int32]
    titles: Ragged
    dates: Ragged
    plain: Ragged
    keywords: Ragged
    altered: Ragged
    reworded: Ragged
    spans: Ragged
    paragraph: NDArray[np.int32]
    answerable: NDArray[np.bool_]
    spans_known: NDArray[np.bool_]
    held_out: NDArray[np.bool_]
    same: NDArray[np.int32]
    other: NDArray[np.int32]

    def save(self, path: Path) -> None:
        """Writes the arrays to one .npz file, whole or not at all."""
        arrays: dict[str, NDArray[Any]] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Ragged):
                arrays[f"{field.name}.flat"], arrays[f"{field.name}.bounds"] = value.flat, value.bounds
            else:
                arrays[field.name] = value
        partial = path.with_suffix(".partial.npz")
        with partial.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> Corpus:
        """The arrays of a file that `save` wrote."""
        with np.load(path) as arrays:
            values: dict[str, Any] = {
                field.name: Ragged(arrays[f"{field.name}.flat"], arrays[f"{field.name}.bounds"])
                if f"{field.name}.flat" in arrays
                else arrays[field.name]
                for field in fields(cls)
            }
        return cls(**values)


def sha256(path: Path) -> str:
    """The file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_corpus(sources: dict[str, list[Path]], tokenizer: Tokenizer, encoder: Path, cache: Path, seed: int) -> Corpus:
    """The corpus of `sources` ("squad", "timeqa", "clapnq", "written": files), from `cache` if these files made it."""
    recipe = {
        "recipe": RECIPE,
        "seed": seed,
        **{kind: [sha256(path) for path in paths] for kind, paths in sources.items()},
    }
    key = sha256_text(json.dumps(recipe, sort_keys=True))[:16]
    path = cache / f"corpus-{key}.npz"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        build_corpus(sources, tokenizer, encoder, seed).save(path)
    return Corpus.load(path)


def build_corpus(sources: dict[str, list[Path]], tokenizer: Tokenizer, encoder: Path, seed: int) -> Corpus:
    """Reads, tokenises and searches everything; about five minutes for the full sets. Name "squad" before "written"."""
    titles: list[str] = []
    paragraphs: list[Paragraph] = []
    questions: list[Question] = []
    readers = {"squad": read_squad, "timeqa": read_timeqa, "clapnq": read_clapnq, "written": read_written}
    for kind, paths in sources.items():
        for path in paths:
            before = len(questions)
            readers[kind](path, titles, paragraphs, questions)
            log.info("%s: %d questions from %s", kind, len(questions) - before, path.name)
            if kind == "written":
                questions.extend((WRITTEN_TIMES - 1) * questions[before:])
    return pack(titles, paragraphs, questions, tokenizer, encoder, seed)


def pack(
    titles: list[str],
    paragraphs: list[Paragraph],
    questions: list[Question],
    tokenizer: Tokenizer,
    encoder: Path,
    seed: int,
) -> Corpus:
    """Texts to arrays. A question whose answer no pieces cover counts as unanswerable (none in SQuAD)."""
    rng = random.Random(seed)
    encoded = tokenizer.encode_batch([p.text for p in paragraphs], add_special_tokens=False)
    offsets = [np.array(e.offsets, np.int64).reshape(-1, 2) for e in encoded]
    spans = [[x for start, end in q.spans for x in pieces_of(offsets[q.paragraph], start, end)] for q in questions]
    log.info("%d paragraphs tokenised", len(paragraphs))

    def tokenised(texts: Iterable[str]) -> Ragged:
        batch = tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return Ragged.of([e.ids for e in batch], np.uint16)

    known = lexicon([p.text for p in paragraphs] + [q.text for q in questions], encoder)
    log.info("other words found for %d", len(known))
    same, other = hard_negatives(titles, paragraphs, questions)
    log.info("hard negatives found for %d questions", len(questions))
    return Corpus(
        pieces=Ragged.of([e.ids for e in encoded], np.uint16),
        sentences=Ragged.of(
            [sentence_pieces(p.text, offset) for p, offset in zip(paragraphs, offsets, strict=True)],
            np.uint16,
        ),
        article=np.array([p.article for p in paragraphs], np.int32),
        titles=tokenised(titles),
        dates=tokenised(random_dates(rng)),
        plain=tokenised(q.text for q in questions),
        keywords=tokenised(keyword_form(q.text) for q in questions),
        altered=tokenised(alterations(paragraphs, questions, known, rng)),
        reworded=tokenised(rewordings(paragraphs, questions, known, rng)),
        spans=Ragged.of(spans, np.uint16),
        paragraph=np.array([q.paragraph for q in questions], np.int32),
        answerable=np.array(
            [q.answerable and (bool(s) or not q.spans_known) for q, s in zip(questions, spans, strict=True)],
            np.bool_,
        ),
        spans_known=np.array([q.spans_known for q in questions], np.bool_),
        held_out=np.array([q.held_out for q in questions], np.bool_),
        same=same,
        other=other,
    )


def pieces_of(offsets: NDArray[np.int64], start: int, end: int) -> list[int]:
    """[first, last] piece that cover the characters start..end, or [] where none do."""
    first = int(np.searchsorted(offsets[:, 1], start, side="right"))
    last = int(np.searchsorted(offsets[:, 0], end, side="left")) - 1
    return [first, last] if first <= last else []


def sentence_pieces(text: str, offsets: NDArray[np.int64]) -> list[int]:
    """The piece with which each sentence of `text` begins; the first is always 0."""
    starts = [m.end() for m in SENTENCE_END.finditer(text)]
    return sorted({0, *(int(i) for i in np.searchsorted(offsets[:, 0], starts) if i < len(offsets))})


def hard_negatives(
    titles: list[str], paragraphs: list[Paragraph], questions: list[Question]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """(same, other): BM25's best paragraphs without the answer, of the own article and of others."""
    import bm25s
    import Stemmer

    stemmer = Stemmer.Stemmer("english")

    def words(texts: list[str]) -> Any:
        return bm25s.tokenize(texts, stopwords="en", stemmer=stemmer, return_ids=False, show_progress=False)

    searcher = bm25s.BM25()
    searcher.index(words([f"{titles[p.article]} {p.text}" for p in paragraphs]), show_progress=False)
    lowered = [p.text.lower() for p in paragraphs]
    article = np.array([p.article for p in paragraphs])
    members: dict[int, NDArray[np.int64]] = {int(a): np.flatnonzero(article == a) for a in np.unique(article)}
    same = np.full((len(questions), HARD_NEGATIVES), -1, np.int32)
    other = np.full((len(questions), HARD_NEGATIVES), -1, np.int32)
    asked = words([q.text for q in questions])
    for row, question in enumerate(questions):
        if not asked[row]:
            continue
        scores = searcher.get_scores(asked[row])
        own = members[paragraphs[question.paragraph].article]
        answers = [a.lower() for a in question.answers]

        def lacking(candidates: Iterable[int], known: list[str] = answers, best: int = question.paragraph) -> list[int]:
            found = (int(i) for i in candidates if i != best and not any(a in lowered[i] for a in known))
            return [i for i, _ in zip(found, range(HARD_NEGATIVES), strict=False)]

        near = lacking(own[np.argsort(-scores[own], kind="stable")][:12])
        scores[own] = -1.0
        width = min(12, len(scores) - 1)
        top = np.argpartition(-scores, width)[:width]
        far = lacking(top[np.argsort(-scores[top], kind="stable")])
        same[row, : len(near)], other[row, : len(far)] = near, far
    return same, other
