"""Questions written for this project: near misses and questions in quite other words (`written.jsonl`).

Published sets have few of either: their questions were written with the answer in view, and what is altered by rule
(`bot.reader.altered`) is altered in one word. A line is a passage with its questions: a paragraph of the SQuAD file,
named by the SHA-256 of its text, or a news story made up for the purpose. A question has the characters of its
`answer`, or none where the passage, though it speaks of the matter, does not answer it. Several stories may be about
one `event`: then a question on it stands with those that answer it and with some that don't.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.reader.sources import MOST_OCCURRENCES, Paragraph, Question, occurrences, read_text, sha256_text

STORIES_HELD_OUT = 5  # one of so many stories, for validation and for fitting the confidence


@dataclass(frozen=True)
class Asked:
    """A question and the characters of its answer; None where the passage has none."""

    text: str
    answer: tuple[int, int] | None


@dataclass(frozen=True)
class Written:
    """A passage's questions. `paragraph` is the SHA-256 of a SQuAD paragraph's text, or "" with a story's own `title`,
    `date` (ISO) and `text`; `event` names what it is about together with other stories, "" where it stands alone."""

    paragraph: str
    title: str
    date: str
    text: str
    event: str
    questions: tuple[Asked, ...]

    @property
    def matter(self) -> str:
        """What the questions of a story are about: its event, or where it has none its title."""
        return self.event or self.title

    @property
    def held_out(self) -> bool:
        """Whether a story is kept out of training, with all that are about its event; of a paragraph its article
        decides."""
        return int(sha256_text(self.matter)[:8], 16) % STORIES_HELD_OUT == 0


def load_written(path: Path) -> Iterator[Written]:
    """The passages of a file, in order."""
    for line in read_text(path).splitlines():
        record: dict[str, Any] = json.loads(line)
        questions = tuple(
            Asked(asked["question"], (asked["answer"][0], asked["answer"][1]) if "answer" in asked else None)
            for asked in record["questions"]
        )
        yield Written(
            record.get("paragraph", ""),
            record.get("title", ""),
            record.get("date", ""),
            record.get("text", ""),
            record.get("event", ""),
            questions,
        )


def read_written(path: Path, titles: list[str], paragraphs: list[Paragraph], questions: list[Question]) -> None:
    """Appends a file's questions, after the SQuAD file that they are on; those on other paragraphs are left out."""
    known = {sha256_text(paragraph.text): number for number, paragraph in enumerate(paragraphs)}
    held_out = {question.paragraph for question in questions if question.held_out}
    for passage in load_written(path):
        if passage.paragraph:
            number = known.get(passage.paragraph)
            if number is None:
                continue
        else:
            titles.append(passage.title)
            paragraphs.append(Paragraph(passage.text, len(titles) - 1))
            number = len(paragraphs) - 1
        kept_out = number in held_out if passage.paragraph else passage.held_out
        questions.extend(_question(asked, number, paragraphs[number].text, kept_out) for asked in passage.questions)


def _question(asked: Asked, paragraph: int, text: str, held_out: bool) -> Question:
    answers: tuple[str, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()
    if asked.answer is not None:
        answers = (text[slice(*asked.answer)],)
        spans = tuple(dict.fromkeys([asked.answer, *occurrences(answers[0], text)]))[:MOST_OCCURRENCES]
    answerable = asked.answer is not None
    return Question(asked.text, paragraph, answers, spans, answerable, spans_known=True, held_out=held_out)
