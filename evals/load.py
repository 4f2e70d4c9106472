"""Loading: the three kinds of set, checked line by line. Every error names the file and the place in it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import IO, Any, cast

from bot.types import MAX_QUESTION_CHARACTERS
from evals.metrics import normalise
from evals.types import Evidence, Kind, Paragraph, QAExample, QuestionSet, ReadingSet, RetrievalSet
from index.errors import UsageError


def kind_of(path: Path) -> Kind:
    """Which kind of set this is, by its name alone. Raises UsageError when it is none or not there."""
    if path.is_dir():
        return "retrieval"
    if not path.exists():
        raise UsageError(f"There is no set {path}: check the spelling.")
    name = path.name.removesuffix(".gz")
    if name.endswith(".jsonl"):
        return "questions"
    if name.endswith(".json"):
        return "reading"
    raise UsageError(f"{path} is no set: give a BEIR folder, a SQuAD-format .json or a question .jsonl")


def set_files(path: Path) -> list[Path]:
    """The files that make up a set. Raises UsageError when one is missing."""
    if kind_of(path) != "retrieval":
        return [path]
    return [
        _one_of(path, "corpus.jsonl", "corpus.jsonl.gz"),
        _one_of(path, "queries.jsonl", "queries.jsonl.gz"),
        _one_of(path, "qrels.tsv", "qrels.tsv.gz", "qrels/test.tsv"),
    ]


# --- BEIR ---


def load_retrieval(folder: Path) -> RetrievalSet:
    """The queries and judgements of a BEIR folder, its corpus checked. Raises UsageError."""
    corpus, queries_file, qrels_file = set_files(folder)
    articles = _corpus_ids(corpus)
    queries = _queries(queries_file)
    qrels = _qrels(qrels_file)
    unknown = [query for query in qrels if query not in queries]
    if unknown:
        raise UsageError(f"{qrels_file} judges query {unknown[0]}, which is not in {queries_file.name}")
    judged = {query: marks for query, marks in qrels.items() if any(mark > 0 for mark in marks.values())}
    if not judged:
        raise UsageError(f"{qrels_file} names no relevant article for any query")
    notes = []
    if unjudged := len(queries) - len(judged):
        notes.append(f"{unjudged} queries were left out: no article is judged relevant to them")
    if missing := {article for marks in judged.values() for article in marks} - articles:
        notes.append(f"{len(missing)} judged articles are not in the corpus, so nothing can find them")
    asked = {query: text for query, text in queries.items() if query in judged}
    return RetrievalSet(corpus, asked, judged, tuple(notes))


def _corpus_ids(path: Path) -> set[str]:
    ids: set[str] = set()
    for place, record in records(path):
        identifier = _id(record, place)
        if not isinstance(record.get("text"), str):
            raise UsageError(f'{place}: "text" must be a string')
        if identifier in ids:
            raise UsageError(f"{place}: the id {identifier} was used before")
        ids.add(identifier)
    return ids


def _queries(path: Path) -> dict[str, str]:
    queries: dict[str, str] = {}
    for place, record in records(path):
        identifier = _id(record, place)
        if identifier in queries:
            raise UsageError(f"{place}: the id {identifier} was used before")
        queries[identifier] = text_of(record, "text", place)
    return queries


def _qrels(path: Path) -> dict[str, dict[str, int]]:
    """Judgements of `query, article, relevance` lines, with a header or none; TREC's four columns also do."""
    qrels: dict[str, dict[str, int]] = {}
    for number, line in _lines(path):
        fields = line.split("\t") if "\t" in line else line.split()
        fields = [each.strip() for each in fields]
        if len(fields) == 4:
            del fields[1]
        if len(fields) != 3 or not all(fields):
            raise UsageError(f"{path} line {number}: give query, article and relevance, with tabs between them")
        query, article, relevance = fields
        try:
            mark = int(relevance)
        except ValueError:
            if not qrels and number == 1:
                continue  # the header
            raise UsageError(f"{path} line {number}: the relevance {relevance} is no whole number") from None
        if qrels.setdefault(query, {}).setdefault(article, mark) != mark:
            raise UsageError(f"{path} line {number}: {article} was judged otherwise for query {query} before")
    return qrels


def _id(record: dict[str, Any], place: str) -> str:
    """The record's `id` or `_id`; without white space, so that it can stand in a TREC file."""
    found = next((value for value in map(record.get, ("id", "_id")) if value not in (None, "")), None)
    if isinstance(found, bool) or not isinstance(found, str | int):
        raise UsageError(f'{place}: there must be an "id" or "_id", a string')
    identifier = str(found).strip()
    if len(identifier.split()) != 1:
        raise UsageError(f"{place}: the id {identifier!r} must have no white space in it")
    return identifier


# --- SQuAD ---


def load_reading(path: Path) -> ReadingSet:
    """The paragraphs and questions of a file in the format of SQuAD 1.1 or 2.0. Raises UsageError."""
    try:
        with _open(path) as file:
            loaded = json.loads(file.read().decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise UsageError(f"{path} line {error.lineno} is not JSON: {error.msg}") from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is not JSON in UTF-8: {error}") from error
    except (OSError, EOFError) as error:
        raise _unreadable(path, error) from error
    seen: set[str] = set()
    paragraphs: list[Paragraph] = []
    for a, article in enumerate(_list(loaded, "data", str(path))):
        place = f"{path} data[{a}]"
        title = article.get("title") if isinstance(article, dict) else None
        for p, paragraph in enumerate(_list(article, "paragraphs", place)):
            within = f"{place}.paragraphs[{p}]"
            examples = [
                _squad_example(qa, f"{within}.qas[{q}]", seen) for q, qa in enumerate(_list(paragraph, "qas", within))
            ]
            text = text_of(paragraph, "context", within)
            paragraphs.append(Paragraph(f"{title or a}#{len(paragraphs)}", text, tuple(examples)))
    if not seen:
        raise UsageError(f"{path} has no questions in it")
    return ReadingSet(tuple(paragraphs))


def _squad_example(qa: Any, place: str, seen: set[str]) -> QAExample:
    if not isinstance(qa, dict):
        raise UsageError(f"{place} must be an object")
    identifier = text_of(qa, "id", place)
    if identifier in seen:
        raise UsageError(f"{place}: the id {identifier} was used before")
    seen.add(identifier)
    given = _list(qa, "answers", place) if qa.get("answers") is not None else []
    answers = [text_of(answer, "text", f"{place}.answers[{i}]") for i, answer in enumerate(given)]
    impossible = qa.get("is_impossible", not answers)
    if not isinstance(impossible, bool):
        raise UsageError(f'{place}: "is_impossible" must be true or false')
    if not impossible and not answers:
        raise UsageError(f"{place}: there are no answers, and it is not marked impossible")
    kept = () if impossible else tuple(dict.fromkeys(answers))
    return QAExample(identifier, text_of(qa, "question", place), kept, answerable=not impossible)


# --- questions ---


def load_questions(path: Path) -> QuestionSet:
    """The questions of a `.jsonl` file, in order. Raises UsageError with the line's number."""
    examples: dict[str, QAExample] = {}
    for place, record in records(path):
        example = example_of(record, place)
        if len(example.question) > MAX_QUESTION_CHARACTERS:
            raise UsageError(
                f"{place}: a question of {len(example.question):,} characters; {MAX_QUESTION_CHARACTERS:,} is the most"
            )
        if example.id in examples:
            raise UsageError(f"{place}: the id {example.id} was used before")
        examples[example.id] = example
    if not examples:
        raise UsageError(f"{path} has no questions in it")
    return QuestionSet(tuple(examples.values()))


def example_of(record: dict[str, Any], place: str) -> QAExample:
    identifier = record.get("id")
    if isinstance(identifier, bool) or not isinstance(identifier, str | int) or identifier == "":
        raise UsageError(f'{place}: there must be an "id", a string')
    answers = _strings(record, "answers", place)
    if bare := next((each for each in answers if not normalise(each)), None):
        raise UsageError(
            f"{place}: the answer {bare!r} can't be looked for, since a, an, the and punctuation don't count: give "
            "more of its words, as “vitamin A”"
        )
    evidence = tuple(
        Evidence(text_of(each, "article_id", where), text_of(each, "quote", where) if each.get("quote") else None)
        for each, where in _objects(record, "evidence", place)
    )
    answerable = record.get("answerable")
    if answerable is None:
        answerable = True if answers or evidence else None
    elif not isinstance(answerable, bool):
        raise UsageError(f'{place}: "answerable" must be true or false')
    history = []
    for turn in _list(record, "history", place) if record.get("history") is not None else []:
        if not isinstance(turn, list) or len(turn) != 2 or not all(isinstance(each, str) for each in turn):
            raise UsageError(f'{place}: "history" must be a list of [question, answer] pairs')
        history.append((turn[0], turn[1]))
    tags = tuple(dict.fromkeys(_strings(record, "tags", place)))
    question = text_of(record, "question", place)
    rewrite = text_of(record, "rewrite", place) if record.get("rewrite") is not None else None
    asked_on = None
    if record.get("asked_on") is not None:
        try:
            asked_on = date.fromisoformat(text_of(record, "asked_on", place))
        except ValueError as error:
            raise UsageError(f'{place}: "asked_on" must be a day like 2026-01-31') from error
    return QAExample(str(identifier), question, answers, answerable, evidence, tuple(history), tags, rewrite, asked_on)


# --- what they share ---


def _one_of(folder: Path, *names: str) -> Path:
    found = next((folder / name for name in names if (folder / name).is_file()), None)
    if found is None:
        raise UsageError(f"{folder} has no {names[0]}: a BEIR folder has corpus.jsonl, queries.jsonl, qrels.tsv")
    return found


def _open(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path, "rb")) if path.name.endswith(".gz") else path.open("rb")


def _unreadable(path: Path, error: Exception) -> UsageError:
    return UsageError(f"{path} can't be read: {getattr(error, 'strerror', None) or error}")


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, with their numbers from 1."""
    number = 0
    try:
        with _open(path) as file:
            for number, raw in enumerate(file, start=1):
                line = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
                if line.strip():
                    yield number, line
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} line {number} is not UTF-8: {error.reason}") from error
    except (OSError, EOFError) as error:
        raise _unreadable(path, error) from error


def records(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects of a JSON-lines file, each with its place in words."""
    for number, line in _lines(path):
        place = f"{path} line {number}"
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{place} is not JSON: {error}") from error
        if not isinstance(record, dict):
            raise UsageError(f"{place} must be an object")
        yield place, record


def text_of(record: Any, key: str, place: str) -> str:
    value = record.get(key) if isinstance(record, dict) else None
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f'{place}: "{key}" must be a string that is not empty')
    return value


def _list(record: Any, key: str, place: str) -> list[Any]:
    value = record.get(key) if isinstance(record, dict) else None
    if not isinstance(value, list):
        raise UsageError(f'{place}: "{key}" must be a list')
    return value


def _strings(record: dict[str, Any], key: str, place: str) -> tuple[str, ...]:
    values = _list(record, key, place) if record.get(key) is not None else []
    if not all(isinstance(value, str) and value.strip() for value in values):
        raise UsageError(f'{place}: "{key}" must be a list of strings that are not empty')
    return tuple(values)


def _objects(record: dict[str, Any], key: str, place: str) -> Iterator[tuple[dict[str, Any], str]]:
    for i, value in enumerate(_list(record, key, place) if record.get(key) is not None else []):
        if not isinstance(value, dict):
            raise UsageError(f"{place}: {key}[{i}] must be an object")
        yield value, f"{place}: {key}[{i}]"
