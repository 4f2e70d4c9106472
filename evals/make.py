"""`footnote eval make`: questions drafted from one's own articles, and test cases from the thumbs of a log.

No language model has a part in it. What comes out is a draft: someone should read it before it measures anything.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.drafts.candidates import Altered, Candidate, alterations, in_turn, read_candidates
from evals.load import example_of, records, text_of
from evals.types import Evidence, QAExample
from evals.workspace import ESCAPED
from index.errors import UsageError

if TYPE_CHECKING:
    from index.library import Index

TRIES_PER_ALTERED = 12
"""Alterations tried for each one wanted: few are safe where articles are about the same things."""


@dataclass(frozen=True)
class Draft:
    """A line of a question set. `note` is for whoever looks through it; loading passes over it."""

    example: QAExample
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        example = self.example
        evidence = [{"article_id": each.article_id, "quote": each.quote} for each in example.evidence]
        record: dict[str, Any] = {"id": example.id, "question": example.question}
        if example.answers:
            record["answers"] = list(example.answers)
        if example.answerable is not None:
            record["answerable"] = example.answerable
        if evidence:
            record["evidence"] = evidence
        if example.history:
            record["history"] = [list(turn) for turn in example.history]
        return {**record, "tags": list(example.tags), **({"note": self.note} if self.note else {})}


@dataclass(frozen=True)
class DraftSet:
    """Drafts, each question once, and in words what could not be done."""

    drafts: tuple[Draft, ...]
    notes: tuple[str, ...] = ()


def write(path: Path, made: DraftSet) -> None:
    """Write the drafts as a question set. Raises UsageError for a file that is there already, or for no drafts."""
    if not made.drafts:
        raise UsageError(f"There is nothing to write to {path}: {'; '.join(made.notes) or 'no question was made'}")
    lines = "".join(f"{json.dumps(draft.to_json(), ensure_ascii=False)}\n" for draft in made.drafts)
    try:
        with path.open("x", encoding="utf-8", errors=ESCAPED) as file:
            file.write(lines)
    except FileExistsError as error:
        raise UsageError(f"{path} is there already and is not overwritten: choose another name") from error
    except OSError as error:
        raise UsageError(f"{path} can't be written ({error.strerror}): choose another name") from error


def _identifier(prefix: str, *parts: object) -> str:
    """An id that is the same for the same question, whatever else is in the set."""
    return f"{prefix}-{hashlib.blake2b(json.dumps(parts).encode(), digest_size=6).hexdigest()}"


# --- drafts from articles ---


def draft(index: Index, *, count: int, seed: int, per_article: int = 3, unanswerable: float = 0.2) -> DraftSet:
    """`count` questions on the index's articles, or as many as they give, spread over them in turn.

    Up to a share `unanswerable` of them, at the end, are questions in which a name was swapped so that no article
    answers them. The same index and seed give the same drafts. Reads articles only: no model is loaded. Raises
    UsageError for numbers that can't be right.
    """
    if count < 1 or per_article < 1 or not 0 <= unanswerable <= 1:
        raise UsageError("Ask for one question or more, one per article or more, and a share from 0 to 1")
    chance = random.Random(seed)
    summaries = sorted(index.articles(), key=lambda each: each.id)
    english = [each.id for each in summaries if (each.language or index.settings.language).casefold().startswith("en")]
    sources = read_candidates(index, chance.sample(english, len(english)), count, chance)
    picked = in_turn(sources, count, per_article)
    wanted = round(count * unanswerable)
    altered = alterations(sources, picked, wanted * TRIES_PER_ALTERED, chance)
    holders = _look_through(index, [each.id for each in summaries], picked, altered)
    safe = list({each.sentence: each for each in altered if not each.found}.values())[:wanted]
    kept = picked[: count - len(safe)]
    notes = []
    if foreign := len(summaries) - len(english):
        notes.append(f"{foreign} articles were left out: they are not in English")
    if len(safe) < wanted:
        notes.append(f"{len(safe)} unanswerable questions instead of {wanted}: no more names could be swapped safely")
    if (made := len(kept) + len(safe)) < count:
        notes.append(f"{made} questions instead of {count}: the articles give no more at {per_article} each")
    drafts = [_answerable(each, holders[each.sentence]) for each in kept]
    return DraftSet((*drafts, *map(_unanswerable, safe)), tuple(notes))


def questions_on_newest(index: Index, *, articles: int = 40, seed: int = 0) -> list[str]:
    """Questions on the newest articles, one an article in turn, the best first: to try a bot with, not to measure."""
    language = index.settings.language
    english = [each.id for each in index.articles() if (each.language or language).casefold().startswith("en")]
    ids = english[:articles]
    sources = read_candidates(index, ids, len(ids), random.Random(seed))
    picked = in_turn(sources, 2 * len(ids), per_article=2)
    return [each.question.text for each in picked if each.form == "template"]


def _answerable(candidate: Candidate, article_ids: Iterable[str]) -> Draft:
    question = candidate.question
    identifier = _identifier("draft", question.text, candidate.sentence)
    evidence = tuple(Evidence(article_id, candidate.sentence) for article_id in article_ids)
    tags = ("draft", candidate.form, question.about)
    return Draft(QAExample(identifier, question.text, question.answers, True, evidence, tags=tags))


def _unanswerable(altered: Altered) -> Draft:
    identifier, tags = _identifier("draft", altered.question), ("draft", "unanswerable")
    example = QAExample(identifier, altered.question, answerable=False, tags=tags)
    return Draft(example, f"“{altered.instead}” stands for “{altered.original}”")


def _look_through(
    index: Index, ids: Iterable[str], picked: Sequence[Candidate], altered: Sequence[Altered]
) -> dict[str, list[str]]:
    """The articles that hold each picked sentence, in order of id; marks what an article may answer after all."""
    holders: dict[str, list[str]] = {each.sentence: [] for each in picked}
    for article_id in ids:
        article = index.article(article_id)
        if article is None:
            continue
        for sentence, held in holders.items():
            if sentence in article.text:
                held.append(article_id)
        for each in altered:
            each.look_in(f"{article.title}\n{article.text}")
    return holders


# --- test cases from a log ---


def from_feedback(path: Path) -> DraftSet:
    """A test case for each question of a log of thumbs up and down, in its order; the last verdict on one counts.

    What was found good must be answered so again, from the same quotes; of what was found bad only the question is
    kept, and the reason as the note. An answer from some of the articles alone is left out: a set is asked over all of
    them. Raises UsageError with the line's number.
    """
    drafts: dict[str, Draft] = {}
    lines = limited = 0
    for place, record in records(path):
        if record.get("limited") is True:
            limited += 1
            continue
        made = _case(record, place)
        drafts[made.example.id] = made
        lines += 1
    repeated = lines - len(drafts)
    notes = [f"{repeated} lines judge a question again: the last verdict counts"] if repeated else []
    if limited:
        notes.append(f"{limited} lines were left out: their questions were put to some of the articles alone")
    return DraftSet(tuple(drafts.values()), tuple(notes))


def _case(record: dict[str, Any], place: str) -> Draft:
    verdict, reason = record.get("verdict"), record.get("reason") or ""
    if verdict not in ("up", "down"):
        raise UsageError(f'{place}: "verdict" must be "up" or "down"')
    if not isinstance(reason, str):
        raise UsageError(f'{place}: "reason" must be a string')
    case: dict[str, Any] = {"question": text_of(record, "question", place), "history": record.get("history")}
    case["id"] = _identifier("feedback", case["question"], case["history"] or [])
    case["tags"] = ["feedback"]
    if verdict == "up":
        answer = record.get("answer")
        if not isinstance(answer, dict) or answer.get("status") not in ("answered", "not_found"):
            raise UsageError(f'{place}: "answer" must be an answer as footnote ask --json prints it')
        case["answerable"] = answer["status"] == "answered"
        case["evidence"] = answer.get("citations") if case["answerable"] else []
        case["tags"] = ["feedback", "kept"]
    example = example_of(case, place)
    return Draft(replace(example, evidence=tuple(dict.fromkeys(example.evidence))), " ".join(reason.split()))
