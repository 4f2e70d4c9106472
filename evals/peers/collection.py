"""What is measured on: a collection of articles, whole or drawn around the gold ones, and the questions on it."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.load import load_questions
from evals.types import QAExample
from index.errors import UsageError
from index.read.bulk import read_jsonl
from index.read.source import Source
from index.types import Article


@dataclass(frozen=True)
class Collection:
    """Articles in the order of their files, and the questions that name the articles which answer them.

    `notes` say what was left out.
    """

    articles: tuple[Article, ...]
    examples: tuple[QAExample, ...]
    notes: tuple[str, ...]

    @property
    def qrels(self) -> dict[str, dict[str, int]]:
        """By question the articles that answer it."""
        return {each.id: {evidence.article_id: 1 for evidence in each.evidence} for each in self.examples}

    def articles_text(self) -> str:
        """The articles as a bulk file."""
        return "".join(f"{json.dumps(_record(article), ensure_ascii=False)}\n" for article in self.articles)

    def questions_text(self) -> str:
        """The questions as a JSON object, text by id."""
        return json.dumps({each.id: each.question for each in self.examples}, ensure_ascii=False, indent=1) + "\n"


def collect(paths: Sequence[Path], questions: Path, *, sample: int | None = None, seed: int = 0) -> Collection:
    """The collection of these bulk files, or so many articles of it: the gold ones, the others drawn by `seed`.

    Raises UsageError for what can't be measured on.
    """
    articles, notes = _read(paths)
    asked = load_questions(questions).examples
    examples = tuple(each for each in asked if each.evidence and not each.history)
    if not examples:
        raise UsageError(f"{questions} has no question that stands alone and names the article which answers it")
    if left_out := len(asked) - len(examples):
        notes.append(f"{left_out} questions were left out: they name no article that answers them, or are follow-ups")
    gold = {evidence.article_id for each in examples for evidence in each.evidence}
    present = gold & articles.keys()
    if not present:
        raise UsageError(f"none of the articles that {questions} names is among the articles given: check the ids")
    if missing := len(gold) - len(present):
        notes.append(f"{missing} gold articles are not among the articles, so nothing can find them")
    chosen = sampled(articles, present, sample, seed) if sample is not None else articles
    return Collection(tuple(article for i, article in articles.items() if i in chosen), examples, tuple(notes))


def sampled(ids: Iterable[str], gold: set[str], size: int, seed: int) -> set[str]:
    """The gold ids and others to make up `size`; the order of the files makes no difference. Raises UsageError."""
    if size < len(gold):
        raise UsageError(f"--sample {size} has no room for the {len(gold)} gold articles: give at least that many")
    others = sorted(set(ids) - gold)
    return gold | set(random.Random(seed).sample(others, min(size - len(gold), len(others))))


def _read(paths: Sequence[Path]) -> tuple[dict[str, Article], list[str]]:
    articles: dict[str, Article] = {}
    skipped = 0
    for path in paths:
        if not path.is_file() or not path.name.endswith((".jsonl", ".jsonl.gz")):
            raise UsageError(
                f"{path} is no bulk file of articles: give .jsonl or .jsonl.gz, an object with text a line"
            )
        for item in read_jsonl(Source(path)):
            if not isinstance(item, Article) or not item.text.strip():
                skipped += 1
            elif articles.setdefault(item.id, item) is not item:
                raise UsageError(f"{path}: the article id {item.id} was used before")
    return articles, [f"{skipped} lines hold no article that can be read"] if skipped else []


def _record(article: Article) -> dict[str, object]:
    """As a line of a bulk file, which reads back as the same article."""
    record = {
        "id": article.id,
        "title": article.title,
        "text": article.text,
        "source": article.source,
        "url": article.url,
        "date": article.published,
        "updated": article.updated,
        "authors": list(article.authors),
        "language": article.language,
    }
    return {key: value for key, value in record.items() if value}
