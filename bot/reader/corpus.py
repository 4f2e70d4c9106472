"""The training sets as compact arrays: read, tokenised and searched once, then kept in one file.

Training is bound by arithmetic, so all text work is done here, before the first step. What comes out is a
`Corpus`: ragged arrays of word pieces for paragraphs, questions and headers, answer spans in pieces, and for each
question the paragraphs that BM25 ranks highest without holding its answer.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import logging
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

log = logging.getLogger(__name__)

RECIPE = 1  # raise it when the arrays change, so that an older cache is not used
HARD_NEGATIVES = 3  # kept per question and kind: enough for a different one in each of three passes
HELD_OUT_ARTICLES = 12  # SQuAD training articles for validation, about 2,300 questions
MOST_OCCURRENCES = 4  # an answer such as "the" in a long paragraph would smear the loss over everything
MERGED_CHARACTERS = 400  # TimeQA paragraphs are often one sentence; neighbours are joined up to this length

SENTENCE_END = re.compile(r"[.!?][\"')\]]*\s+(?=[\"'(\[]?[A-Z0-9])")

# What people leave out when they type key words.
FUNCTION_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a an the is are was were be been do does did has have had of in on at to for by from with and or that "
        "this these those it its their his her what which who whom whose when where why how",
    )
)
# Pairs whose exchange makes a question ask for something that its paragraph most likely does not say.
OPPOSITES = [
    ("before", "after"), ("first", "last"), ("largest", "smallest"), ("highest", "lowest"), ("most", "least"),
    ("more", "fewer"), ("increase", "decrease"), ("northern", "southern"), ("eastern", "western"),
    ("began", "ended"), ("win", "lose"), ("oldest", "newest"), ("can", "cannot"), ("maximum", "minimum"),
]  # fmt: skip


@dataclass(frozen=True)
class Paragraph:
    """A paragraph and the article (by number) that it belongs to."""

    text: str
    article: int


@dataclass(frozen=True)
class Question:
    """A question, where its answer stands (character spans; none if unanswerable) and how it may be used.

    `spans_known` is False where only the paragraph, not the answer's place, is known (ClapNQ's long answers).
    """

    text: str
    paragraph: int
    answers: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    answerable: bool
    spans_known: bool
    held_out: bool


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
    """All that training reads, a row per paragraph (`pieces` to `article`) or per question (`plain` to `other`).

    `spans` holds start, end (inclusive) piece pairs, flattened. `same` and `other` are (questions,
    HARD_NEGATIVES) paragraph numbers, best first, -1 where there is none. `altered` is empty where a question
    could not be altered.
    """

    pieces: Ragged
    sentences: Ragged  # piece number at which each sentence of the paragraph begins
    article: NDArray[np.int32]
    titles: Ragged
    dates: Ragged
    plain: Ragged
    keywords: Ragged
    altered: Ragged
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


def sha256_text(text: str) -> str:
    """The text's SHA-256 in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def load_corpus(sources: dict[str, list[Path]], tokenizer: Tokenizer, cache: Path, seed: int) -> Corpus:
    """The corpus of `sources` ("squad", "timeqa", "clapnq": files), from `cache` if these files made it."""
    recipe = {
        "recipe": RECIPE,
        "seed": seed,
        **{kind: [sha256(path) for path in paths] for kind, paths in sources.items()},
    }
    key = sha256_text(json.dumps(recipe, sort_keys=True))[:16]
    path = cache / f"corpus-{key}.npz"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        build_corpus(sources, tokenizer, seed).save(path)
    return Corpus.load(path)


def build_corpus(sources: dict[str, list[Path]], tokenizer: Tokenizer, seed: int) -> Corpus:
    """Reads, tokenises and searches everything; about three minutes for the full sets."""
    titles: list[str] = []
    paragraphs: list[Paragraph] = []
    questions: list[Question] = []
    readers = {"squad": read_squad, "timeqa": read_timeqa, "clapnq": read_clapnq}
    for kind, paths in sources.items():
        for path in paths:
            before = len(questions)
            readers[kind](path, titles, paragraphs, questions)
            log.info("%s: %d questions from %s", kind, len(questions) - before, path.name)
    return pack(titles, paragraphs, questions, tokenizer, seed)


def pack(
    titles: list[str], paragraphs: list[Paragraph], questions: list[Question], tokenizer: Tokenizer, seed: int
) -> Corpus:
    """Texts to arrays. A question whose answer no pieces cover counts as unanswerable (none in SQuAD)."""
    rng = random.Random(seed)
    encoded = tokenizer.encode_batch([p.text for p in paragraphs], add_special_tokens=False)
    offsets = [np.array(e.offsets, np.int64).reshape(-1, 2) for e in encoded]
    spans = [
        [x for start, end in q.spans for x in pieces_of(offsets[q.paragraph], start, end)] for q in questions
    ]
    log.info("%d paragraphs tokenised", len(paragraphs))

    def tokenised(texts: Iterable[str]) -> Ragged:
        batch = tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return Ragged.of([e.ids for e in batch], np.uint16)

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
        altered=tokenised(alterations(paragraphs, questions, rng)),
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


# --- reading --------------------------------------------------------------------------------------


def read_text(path: Path) -> str:
    """The file's text; a name that ends in .gz is unpacked."""
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8") as file:
            return file.read()
    return path.read_text(encoding="utf-8")


def read_squad(path: Path, titles: list[str], paragraphs: list[Paragraph], questions: list[Question]) -> None:
    """Appends a SQuAD 1.1 file."""
    data = json.loads(read_text(path))["data"]
    held_out_of_training = held_out_titles(data)
    for entry in data:
        titles.append(entry["title"].replace("_", " "))
        for given in entry["paragraphs"]:
            paragraphs.append(Paragraph(given["context"], len(titles) - 1))
            for asked in given["qas"]:
                answer = asked["answers"][0]
                start, text = answer["answer_start"], answer["text"]
                found = [(start, start + len(text))]
                if answer.get("occurrences", 2) > 1:
                    found = list(dict.fromkeys(found + occurrences(text, given["context"])))[
                        :MOST_OCCURRENCES
                    ]
                questions.append(
                    Question(
                        text=" ".join(asked["question"].split()),
                        paragraph=len(paragraphs) - 1,
                        answers=(text,),
                        spans=tuple(found),
                        answerable=True,
                        spans_known=True,
                        held_out=entry["title"] in held_out_of_training,
                    )
                )


def held_out_titles(articles: list[dict[str, Any]]) -> set[str]:
    """Titles of the SQuAD training articles kept for validation: those whose title has the lowest hash."""
    ranked = sorted((str(a["title"]) for a in articles), key=lambda title: sha256_text(title))
    return set(ranked[: min(HELD_OUT_ARTICLES, len(articles) // 10)])


def read_timeqa(
    path: Path, titles: list[str], paragraphs: list[Paragraph], questions: list[Question]
) -> None:
    """Appends a TimeQA file; its spaced-out tokens are set as ordinary text, its answers found again in it."""
    articles: dict[str, tuple[int, int]] = {}
    for line in read_text(path).splitlines():
        row = json.loads(line)
        page = row["idx"].split("#")[0]
        if page not in articles:
            titles.append(page.removeprefix("/wiki/").replace("_", " "))
            first = len(paragraphs)
            paragraphs.extend(Paragraph(text, len(titles) - 1) for text in merged(row["paragraphs"]))
            articles[page] = (first, len(paragraphs))
        numbers = range(*articles[page])
        if not numbers:
            continue
        answers = tuple(natural(target) for target in row["targets"] if target.strip())
        found = {i: [s for a in answers for s in occurrences(a, paragraphs[i].text)] for i in numbers}
        # The page may name the answer often; the paragraph that shares most words with the question is its
        # evidence.
        words = set(re.findall(r"\w+", row["question"].lower()))
        by_overlap = sorted(
            numbers, key=lambda i: (-len(words & set(re.findall(r"\w+", paragraphs[i].text.lower()))), i)
        )
        holding = [i for i in by_overlap if found[i]]
        if answers and not holding:
            continue
        chosen = holding[0] if answers else by_overlap[0]
        questions.append(
            Question(
                text=row["question"],
                paragraph=chosen,
                answers=answers,
                spans=tuple(found[chosen][:MOST_OCCURRENCES]),
                answerable=bool(answers),
                spans_known=True,
                held_out=False,
            )
        )


def read_clapnq(
    path: Path, titles: list[str], paragraphs: list[Paragraph], questions: list[Question]
) -> None:
    """Appends a ClapNQ file; its answers are long, so it teaches whether a passage answers, not where.

    Every second question (by the hash of its id) is held out: the set is also used to measure the whole bot.
    """
    for line in read_text(path).splitlines():
        row = json.loads(line)
        passage = row["passages"][0]
        titles.append(passage["title"])
        paragraphs.append(Paragraph(natural(passage["text"]), len(titles) - 1))
        answerable = bool(row["output"][0]["answer"].strip())
        questions.append(
            Question(
                text=row["input"],
                paragraph=len(paragraphs) - 1,
                answers=(),
                spans=(),
                answerable=answerable,
                spans_known=False,
                held_out=clapnq_held_out(row["id"]),
            )
        )


def clapnq_held_out(identifier: str) -> bool:
    """Whether the ClapNQ question of this id is kept out of training."""
    return int(sha256_text(identifier)[:2], 16) % 2 == 1


def merged(given: Sequence[dict[str, str]]) -> Iterator[str]:
    """Neighbouring short paragraphs joined, as ordinary text."""
    text = ""
    for paragraph in given:
        text = f"{text} {natural(paragraph['text'])}".strip()
        if len(text) >= MERGED_CHARACTERS:
            yield text
            text = ""
    if text:
        yield text


def natural(text: str) -> str:
    """Text whose punctuation was split off by spaces, set as people write it."""
    text = re.sub(r"``\s*|\s*''", '"', " ".join(text.split()))
    text = re.sub(r"\s+([.,;:!?)\]%]|'s\b|n't\b)", r"\1", text)
    text = re.sub(r"([(\[$])\s+", r"\1", text)
    return re.sub(r"(\w) - (\w)", r"\1-\2", text)


def occurrences(answer: str, text: str) -> list[tuple[int, int]]:
    """Character spans at which `answer` stands in `text` as whole words, in order."""
    if not answer.strip():
        return []
    return [m.span() for m in re.finditer(rf"(?<!\w){re.escape(answer)}(?!\w)", text)]


# --- tokens ---------------------------------------------------------------------------------------


def pieces_of(offsets: NDArray[np.int64], start: int, end: int) -> list[int]:
    """[first, last] piece that cover the characters start..end, or [] where none do."""
    first = int(np.searchsorted(offsets[:, 1], start, side="right"))
    last = int(np.searchsorted(offsets[:, 0], end, side="left")) - 1
    return [first, last] if first <= last else []


def sentence_pieces(text: str, offsets: NDArray[np.int64]) -> list[int]:
    """The piece with which each sentence of `text` begins; the first is always 0."""
    starts = [m.end() for m in SENTENCE_END.finditer(text)]
    return sorted({0, *(int(i) for i in np.searchsorted(offsets[:, 0], starts) if i < len(offsets))})


def keyword_form(question: str) -> str:
    """The question as typed into a search box: its content words only."""
    words = re.findall(r"[\w'’.-]*\w", question)
    kept = [word for word in words if word.lower() not in FUNCTION_WORDS]
    return " ".join(kept if len(kept) >= 2 else words)


def random_dates(rng: random.Random, count: int = 2000) -> list[str]:
    """Dates from 1995 to 2026, half in ISO form, half written out."""
    days = [date(1995, 1, 1) + timedelta(rng.randrange(31 * 365)) for _ in range(count)]
    return [day.isoformat() if rng.random() < 0.5 else f"{day:%B} {day.day}, {day.year}" for day in days]


def alterations(paragraphs: list[Paragraph], questions: list[Question], rng: random.Random) -> Iterator[str]:
    """For each question one that its paragraph should not answer, or "" where no rule applies.

    A year or name of the question is exchanged for another that the same article's questions use, or a word
    for its opposite: a cheap stand-in for the adversarial questions of SQuAD 2.0 (Rajpurkar et al. 2018,
    table 2).
    """
    detail = re.compile(r"(?<=[a-z] )(?:[A-Z][a-z]{2,}(?: [A-Z][a-z]{2,})*|\d{3,4})\b")
    known: dict[int, list[str]] = {}
    for question in questions:
        known.setdefault(paragraphs[question.paragraph].article, []).extend(detail.findall(question.text))
    for question in questions:
        article = paragraphs[question.paragraph].article
        text = question.text
        options = [
            text.replace(f" {word} ", f" {opposite} ", 1)
            for pair in OPPOSITES
            for word, opposite in (pair, pair[::-1])
            if f" {word} " in text
        ]
        for match in detail.finditer(text):
            others = [
                d for d in known[article]
                if d[0].isdigit() == match[0][0].isdigit() and d not in text and match[0] not in d
                and d not in question.answers
            ]  # fmt: skip
            if others:
                options.append(text[: match.start()] + rng.choice(others) + text[match.end() :])
        yield rng.choice(options) if options and question.answerable else ""


# --- hard negatives -------------------------------------------------------------------------------


def hard_negatives(
    titles: list[str], paragraphs: list[Paragraph], questions: list[Question]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """(same, other): BM25's best paragraphs without the answer, of the question's article and of the others."""
    import bm25s  # type: ignore[import-untyped]
    import Stemmer  # type: ignore[import-not-found]

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

        def lacking(
            candidates: Iterable[int], known: list[str] = answers, best: int = question.paragraph
        ) -> list[int]:
            found = (int(i) for i in candidates if i != best and not any(a in lowered[i] for a in known))
            return [i for i, _ in zip(found, range(HARD_NEGATIVES), strict=False)]

        near = lacking(own[np.argsort(-scores[own], kind="stable")][:12])
        scores[own] = -1.0
        width = min(12, len(scores) - 1)
        top = np.argpartition(-scores, width)[:width]
        far = lacking(top[np.argsort(-scores[top], kind="stable")])
        same[row, : len(near)], other[row, : len(far)] = near, far
    return same, other
