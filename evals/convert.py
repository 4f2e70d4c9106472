"""Published sets in the forms that Footnote takes: `python -m evals.convert KIND FILE… --out DIR`.

Writes DIR/articles.jsonl (to `footnote add`) and DIR/questions.jsonl (to `footnote eval run`). The data itself is not
part of the project.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.reader.altered import alterations
from bot.reader.rewording import Lexicon, lexicon, reworded, stems_of
from bot.reader.sources import Paragraph, Question, clapnq_held_out, held_out_titles, natural, sha256_text
from bot.reader.written import load_written
from index.embed import bundled_model_folder
from index.passages import sentence_spans

SEED = 20261124


@dataclass(frozen=True)
class Converted:
    """Articles and questions as JSON objects."""

    articles: list[dict[str, Any]]
    questions: list[dict[str, Any]]


def squad(path: Path, *, paragraphs: bool, held_out: bool, each: int | None, beside: int) -> Converted:
    """A SQuAD 1.1 file. Each article is one, its paragraphs joined, or with `paragraphs` each paragraph is.

    `held_out`: only questions on the articles that the reader's training leaves out, with `beside` others among the
    articles. `each`: so many questions of an article, drawn at random.
    """
    entries = json.loads(_text(path))["data"]
    asked_of = _asked_of(entries, held_out=held_out)
    others = [entry for entry in entries if entry["title"] not in asked_of]
    kept = {entry["title"] for entry in random.Random(SEED).sample(others, min(beside, len(others)))} | asked_of
    made = Converted([], [])
    for entry in entries:
        if entry["title"] not in kept:
            continue
        questions: list[dict[str, Any]] = []
        title = entry["title"].replace("_", " ")
        contexts = [" ".join(paragraph["context"].split("\n")) for paragraph in entry["paragraphs"]]
        if paragraphs:
            for number, context in enumerate(contexts):
                made.articles.append({"id": f"{entry['title']}/{number}", "title": title, "text": context})
        else:
            made.articles.append({"id": entry["title"], "title": title, "text": "\n\n".join(contexts)})
        for number, (paragraph, context) in enumerate(zip(entry["paragraphs"], contexts, strict=True)):
            article_id = f"{entry['title']}/{number}" if paragraphs else entry["title"]
            questions += (_squad_question(qa, context, article_id) for qa in paragraph["qas"])
        if entry["title"] in asked_of:
            some = len(questions) if each is None else min(each, len(questions))
            made.questions.extend(random.Random(SEED).sample(questions, some))
    return made


def _asked_of(entries: Sequence[dict[str, Any]], *, held_out: bool) -> set[str]:
    return held_out_titles(list(entries)) if held_out else {str(entry["title"]) for entry in entries}


def stories(path: Path) -> Converted:
    """The news stories made up for the reader's training; only those that it leaves out are asked about.

    A question that several stories on an event answer has them all as its evidence.
    """
    made = Converted([], [])
    asked: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for passage in load_written(path):
        if passage.paragraph:
            continue
        article_id = f"story-{sha256_text(passage.title)[:12]}"
        made.articles.append({"id": article_id, "title": passage.title, "date": passage.date, "text": passage.text})
        if passage.held_out:
            for each in passage.questions:
                answered = asked.setdefault((passage.matter, each.text), [])
                if each.answer is not None:
                    answered.append(_gold(each.answer, passage.text, article_id))
    for (matter, question), answered in asked.items():
        identifier = f"story-{sha256_text(f'{matter}/{question}')[:12]}"
        if answered:
            made.questions.append({"id": identifier, "question": question, **_joined(answered)})
        else:
            made.questions.append({"id": identifier, "question": question, "answerable": False})
    return made


def _joined(answered: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "answers": list(dict.fromkeys(gold["answer"] for gold in answered)),
        "evidence": [{"article_id": gold["article_id"], "quote": gold["quote"]} for gold in answered],
    }


def _gold(answer: tuple[int, int], text: str, article_id: str) -> dict[str, str]:
    start, end = answer
    touched = [span for span in sentence_spans(text) if span[0] < end and start < span[1]]
    return {"answer": text[start:end], "article_id": article_id, "quote": text[touched[0][0] : touched[-1][1]]}


def other_words(made: Converted) -> Lexicon:
    """Which words of the articles and questions can stand for each other."""
    texts = [article["text"] for article in made.articles]
    return lexicon([*texts, *(asked["question"] for asked in made.questions)], bundled_model_folder())


def in_other_words(made: Converted, known: Lexicon) -> Converted:
    """The same, and each second question once more in other words, where these differ."""
    chance = random.Random(SEED)
    questions = []
    for number, asked in enumerate(made.questions):
        questions.append(asked)
        told = stems_of(" ".join(each["quote"] for each in asked["evidence"]))
        other = reworded(asked["question"], told, known, chance)
        if number % 2 and other != asked["question"]:
            questions.append({**asked, "id": f"{asked['id']}-reworded", "question": other})
    return Converted(made.articles, questions)


def near_misses(made: Converted, known: Lexicon) -> list[dict[str, Any]]:
    """Each third question once more with one thing exchanged, so that its paragraph does not answer it any more."""
    texts = {article["id"]: article["text"] for article in made.articles}
    numbers = {article_id: number for number, article_id in enumerate(texts)}
    paragraphs: list[Paragraph] = []
    asked_there: list[Question] = []
    for asked in made.questions:
        (gold,) = asked["evidence"]
        around = next(part for part in texts[gold["article_id"]].split("\n\n") if gold["quote"] in part)
        paragraphs.append(Paragraph(around, numbers[gold["article_id"]]))
        answers = tuple(asked["answers"])
        question = asked["question"]
        asked_there.append(Question(question, len(asked_there), answers, (), True, spans_known=True, held_out=True))
    altered = list(alterations(paragraphs, asked_there, known, random.Random(SEED)))
    return [
        {"id": f"{asked['id']}-altered", "question": text, "answerable": False}
        for number, (asked, text) in enumerate(zip(made.questions, altered, strict=True))
        if text and number % 3 == 0
    ]


def _squad_question(qa: dict[str, Any], context: str, article_id: str) -> dict[str, Any]:
    first = qa["answers"][0]
    gold = _gold((first["answer_start"], first["answer_start"] + len(first["text"])), context, article_id)
    return {
        "id": qa["id"],
        "question": " ".join(qa["question"].split()),
        "answers": list(dict.fromkeys(answer["text"] for answer in qa["answers"])),
        "evidence": [{"article_id": article_id, "quote": gold["quote"]}],
    }


def clapnq(paths: Sequence[Path], *, half: str) -> Converted:
    """ClapNQ files: all passages are articles; `half` "trained" or "held-out" says which questions are asked.

    Gold are the sentences that its annotators chose; a question whose passage answers nothing is unanswerable.
    """
    made = Converted([], [])
    for path in paths:
        for line in _text(path).splitlines():
            record = json.loads(line)
            passage = record["passages"][0]
            text = natural(passage["text"])
            made.articles.append({"id": record["id"], "title": passage["title"], "text": text})
            if clapnq_held_out(record["id"]) != (half == "held-out"):
                continue
            picked = {natural(s) for output in record["output"] for s in output.get("selected_sentences", [])}
            quotes = [quote for quote in sorted(picked) if quote in text]
            asked = {"id": record["id"], "question": record["input"]}
            if quotes:
                evidence = [{"article_id": record["id"], "quote": quote} for quote in quotes]
                made.questions.append({**asked, "evidence": evidence, "tags": ["answerable"]})
            elif not picked:
                made.questions.append({**asked, "answerable": False, "tags": ["unanswerable"]})
    return made


def news(paths: Sequence[Path], *, gold: str) -> Converted:
    """RealTimeQA question files: those that have `gold` ("gold_ids" or "answer_in_ids"), with these as evidence."""
    made = Converted([], [])
    for path in paths:
        for line in _text(path).splitlines():
            record = json.loads(line)
            if record.get(gold):
                evidence = [{"article_id": article_id} for article_id in record[gold]]
                asked = {"id": record["question_id"], "question": record["question"], "answers": [record["answer"]]}
                asked_on = record["date"].replace("/", "-")
                made.questions.append({**asked, "evidence": evidence, "asked_on": asked_on})
    return made


def chunking(paths: Sequence[Path]) -> Converted:
    """Chroma's chunking evaluation: files of documents and of questions, whose references are the gold sentences."""
    made = Converted([], [])
    for path in paths:
        for number, line in enumerate(_text(path).splitlines()):
            record = json.loads(line)
            if "references" not in record:
                made.articles.append(
                    {"id": record["id"], "title": record["id"].replace("_", " "), "text": record["text"]}
                )
                continue
            quotes = dict.fromkeys(reference["content"] for reference in record["references"])
            evidence = [{"article_id": record["corpus_id"], "quote": quote} for quote in quotes]
            made.questions.append({"id": f"c{number}", "question": record["question"], "evidence": evidence})
    return made


def write(made: Converted, out: Path) -> list[str]:
    """Writes DIR/articles.jsonl and DIR/questions.jsonl, where there are any; says what was written."""
    out.mkdir(parents=True, exist_ok=True)
    return [*_write(out / "articles.jsonl", made.articles), *_write(out / "questions.jsonl", made.questions)]


def _text(path: Path) -> str:
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")


def _write(path: Path, records: Iterable[dict[str, Any]]) -> Iterator[str]:
    lines = [json.dumps(record, ensure_ascii=False) for record in records]
    if lines:
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        yield f"{path}: {len(lines)}"


def main(given: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m evals.convert", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    for kind in ("squad", "clapnq", "news", "chunking", "stories"):
        each = kinds.add_parser(kind)
        each.add_argument("files", type=Path, nargs=1 if kind in ("squad", "stories") else "+")
        each.add_argument("--out", type=Path, required=True, help="folder for articles.jsonl and questions.jsonl")
        if kind == "squad":
            each.add_argument("--paragraphs", action="store_true", help="each paragraph is an article")
            each.add_argument("--held-out", action="store_true", help="ask only of what training leaves out")
            each.add_argument("--each", type=int, help="questions of an article (default: all)")
            each.add_argument("--reworded", action="store_true", help="ask each second one once more, in other words")
            each.add_argument("--near-misses", action="store_true", help="ask each third one once more, altered")
            each.add_argument("--beside", type=int, default=40, help="other articles with --held-out")
        elif kind == "clapnq":
            each.add_argument("--half", choices=("trained", "held-out"), default="held-out")
        elif kind == "news":
            each.add_argument("--gold", choices=("gold_ids", "answer_in_ids"), default="gold_ids")
    args = parser.parse_args(given)
    if args.kind == "squad":
        made = squad(
            args.files[0], paragraphs=args.paragraphs, held_out=args.held_out, each=args.each, beside=args.beside
        )
        known = other_words(made) if args.near_misses or args.reworded else {}
        misses = near_misses(made, known) if args.near_misses else []
        made = in_other_words(made, known) if args.reworded else made
        made.questions.extend(misses)
    elif args.kind == "clapnq":
        made = clapnq(args.files, half=args.half)
    elif args.kind == "news":
        made = news(args.files, gold=args.gold)
    elif args.kind == "stories":
        made = stories(args.files[0])
    else:
        made = chunking(args.files)
    print(*write(made, args.out), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
