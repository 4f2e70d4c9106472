"""The training sets as they are published: files in, paragraphs and questions out."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HELD_OUT_ARTICLES = 12  # SQuAD training articles for validation, about 2,300 questions
MERGED_CHARACTERS = 400  # TimeQA paragraphs are often one sentence; neighbours are joined up to this length
MOST_OCCURRENCES = 4  # an answer such as "the" in a long paragraph would smear the loss over everything


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
                    found = list(dict.fromkeys(found + occurrences(text, given["context"])))[:MOST_OCCURRENCES]
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


def read_timeqa(path: Path, titles: list[str], paragraphs: list[Paragraph], questions: list[Question]) -> None:
    """Appends a TimeQA file; its spaced-out tokens become ordinary text, its answers are found there."""
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


def read_clapnq(path: Path, titles: list[str], paragraphs: list[Paragraph], questions: list[Question]) -> None:
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


def sha256_text(text: str) -> str:
    """The text's SHA-256 in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
