"""Measures the reader alone on a SQuAD 1.1 file: `python -m evals.reader --squad FILE`.

Exact match and F1 on each question's own paragraph, with the 8-bit weights that are served and in float32; and how
well it tells that paragraph from the best wrong one: BM25's, of the same article and of the others, and with `--index`
(the paragraphs as articles, see `evals.convert squad --paragraphs`) also that of our own search. With `--written` also
how well it tells written questions that their passage answers from written near misses, of those that training holds
out.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bot.calibration import fitted
from bot.reader.corpus import hard_negatives
from bot.reader.folder import SHIPPED
from bot.reader.runtime import float_network, served_network
from bot.reader.score import Reader, Reading
from bot.reader.sources import Paragraph, Question, held_out_titles, read_squad, read_text
from bot.reader.written import read_written
from bot.settings import Settings
from evals.confidence import auroc, with_interval
from evals.intervals import gain, mean
from evals.metrics import exact_match, token_f1
from evals.reading import paragraph_signals
from evals.types import Metric
from index.library import Index

SEED = 13
LOOKED_AT = 60
"""Search results among which the best wrong paragraph is looked for."""


def load(path: Path, *, held_out: bool, sample: int | None) -> tuple[list[str], list[Paragraph], list[Question]]:
    """Titles, paragraphs and questions of a SQuAD 1.1 file, or of its articles that training holds out."""
    articles = json.loads(read_text(path))["data"]
    if held_out:
        kept = held_out_titles(articles)
        articles = [article for article in articles if article["title"] in kept]
    titles = [str(article["title"]) for article in articles]
    paragraphs: list[Paragraph] = []
    questions: list[Question] = []
    for number, article in enumerate(articles):
        for paragraph in article["paragraphs"]:
            paragraphs.append(Paragraph(paragraph["context"], number))
            for asked in paragraph["qas"]:
                answers = tuple(dict.fromkeys(answer["text"] for answer in asked["answers"]))
                questions.append(Question(asked["question"], len(paragraphs) - 1, answers, (), True, False, False))
    if sample is not None and sample < len(questions):
        questions = random.Random(SEED).sample(questions, sample)
    return titles, paragraphs, questions


def load_held_out_written(squad: Path, written: Path) -> tuple[list[str], list[Paragraph], list[Question]]:
    """Titles, paragraphs and the written questions that training holds out, on a SQuAD file and on made-up stories."""
    titles: list[str] = []
    paragraphs: list[Paragraph] = []
    published: list[Question] = []
    read_squad(squad, titles, paragraphs, published)
    questions = list(published)
    read_written(written, titles, paragraphs, questions)
    return titles, paragraphs, [question for question in questions[len(published) :] if question.held_out]


def found_wrong(
    index: Index, titles: Sequence[str], paragraphs: Sequence[Paragraph], questions: Sequence[Question]
) -> tuple[list[int], list[int]]:
    """Our search's best wrong paragraph for each question, of its own article and of others; -1 where there is none."""
    first = {number: i for i, number in reversed(list(enumerate(p.article for p in paragraphs)))}
    ids = {f"{titles[p.article]}/{i - first[p.article]}": i for i, p in enumerate(paragraphs)}
    same, other = [], []
    for question in questions:
        own = paragraphs[question.paragraph].article
        results = index.retriever(k=LOOKED_AT).search(question.text)
        found = [ids[each.article_id] for each in results if each.article_id in ids]
        wrong = [i for i in found if not any(a.lower() in paragraphs[i].text.lower() for a in question.answers)]
        same.append(next((i for i in wrong if paragraphs[i].article == own and i != question.paragraph), -1))
        other.append(next((i for i in wrong if paragraphs[i].article != own), -1))
    return same, other


def read(
    reader: Reader, paragraphs: Sequence[Paragraph], questions: Sequence[Question], numbers: Sequence[int]
) -> list[Reading]:
    """Each question's reading of the paragraph of that number; questions whose number is -1 are left out."""
    pairs = [(q.text, "", paragraphs[n].text) for q, n in zip(questions, numbers, strict=True) if n >= 0]
    return reader.score_pairs(pairs)


def answer_scores(
    paragraphs: Sequence[Paragraph], questions: Sequence[Question], readings: Sequence[Reading]
) -> tuple[list[float], list[float]]:
    """(exact matches, F1) of the best span, best of the gold answers."""
    exact, f1 = [], []
    for question, reading in zip(questions, readings, strict=True):
        best = reading.spans[0]
        found = paragraphs[question.paragraph].text[best.start : best.end]
        exact.append(exact_match(found, question.answers))
        f1.append(token_f1(found, question.answers))
    return exact, f1


def confidence(reading: Reading) -> float:
    """How likely the paragraph answers, as `footnote eval run` has it."""
    return fitted("paragraph").probability(paragraph_signals(reading)) if reading.spans else 0.0


SIGNALS: dict[str, Callable[[Reading], float]] = {
    "answerable": lambda reading: reading.answerable,
    "margin": lambda reading: paragraph_signals(reading)["margin"] if reading.spans else -100.0,
    "confidence": confidence,
}


def telling(
    right: Sequence[Reading], wrong: Sequence[Reading], threshold: float, articles: tuple[list[str], list[str]]
) -> Iterator[str]:
    """A line for each signal, and two for the threshold; `articles` are those of right and wrong questions."""
    for name, signal in SIGNALS.items():
        values = [signal(reading) for reading in (*right, *wrong)]
        kinds = [True] * len(right) + [False] * len(wrong)
        yield shown(f"AUROC of {name}", with_interval(auroc, values, kinds, articles[0] + articles[1]))
    for name, readings, own in (("answered", right, articles[0]), ("false answers", wrong, articles[1])):
        given = [float(confidence(reading) >= threshold) for reading in readings]
        yield shown(f"{name} at {threshold:g}", mean(given, own) if given else None)


def written_told(
    reader: Reader, titles: Sequence[str], paragraphs: Sequence[Paragraph], questions: Sequence[Question]
) -> Iterator[str]:
    """The lines of `telling` for written questions, and the F1 of those that have an answer."""
    answered, missed = ([q for q in questions if q.answerable is kind] for kind in (True, False))
    own = [[q.paragraph for q in some] for some in (answered, missed)]
    articles = [[titles[paragraphs[number].article] for number in some] for some in own]
    right = read(reader, paragraphs, answered, own[0])
    _, f1 = answer_scores(paragraphs, answered, right)
    yield shown("F1", mean(f1, articles[0]))
    yield from telling(right, read(reader, paragraphs, missed, own[1]), 0.5, (articles[0], articles[1]))


def shown(name: str, metric: Metric | None) -> str:
    """A metric on a line."""
    if metric is None:
        return f"  {name}: none"
    return f"  {name}: {metric.value:.4f} [{metric.low:.4f}, {metric.high:.4f}] (n {metric.n})"


def main(given: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m evals.reader", description=__doc__)
    parser.add_argument("--squad", type=Path, required=True, help="SQuAD 1.1 file")
    parser.add_argument("--reader", type=Path, default=SHIPPED, help="folder of the reader; default: the shipped one")
    parser.add_argument("--index", type=Path, help="index of the file's paragraphs, for our search's wrong ones")
    parser.add_argument("--held-out", action="store_true", help="only the articles that training holds out")
    parser.add_argument("--written", type=Path, help="questions written for the reader, on this file and on stories")
    parser.add_argument("--sample", type=int, help="so many questions, drawn at random")
    args = parser.parse_args(given)
    titles, paragraphs, questions = load(args.squad, held_out=args.held_out, sample=args.sample)
    own = [question.paragraph for question in questions]
    articles = [titles[paragraphs[number].article] for number in own]
    scores = {}
    readings = {}
    for name, network in (("8-bit", served_network), ("float32", float_network)):
        reader = Reader.open(args.reader, network)
        read(reader, paragraphs, questions[:16], own[:16])
        began = time.perf_counter()
        readings[name] = read(reader, paragraphs, questions, own)
        rate = len(questions) / (time.perf_counter() - began)
        exact, scores[name] = answer_scores(paragraphs, questions, readings[name])
        print(f"{name}, {rate:.1f} questions/s, one at a time", shown("exact match", mean(exact, articles)), sep="\n")
        print(shown("F1", mean(scores[name], articles)), flush=True)
    print("8-bit against float32, the same questions")
    before, after = ([[each] for each in scores[name]] for name in ("float32", "8-bit"))
    lost = gain(before, after, articles)
    print(shown("difference of F1", lost), flush=True)

    reader = Reader.open(args.reader)
    bm25 = hard_negatives([""] * len(titles), paragraphs, questions)
    wrong = {"BM25's, same article": bm25[0][:, 0].tolist(), "BM25's, other articles": bm25[1][:, 0].tolist()}
    if args.index is not None:
        found = found_wrong(Index(Settings(index=args.index)), titles, paragraphs, questions)
        wrong |= {"our search's, same article": found[0], "our search's, other articles": found[1]}
    for name, numbers in wrong.items():
        print(f"best wrong paragraph, {name}")
        read_wrong = read(reader, paragraphs, questions, numbers)
        of_wrong = [article for article, number in zip(articles, numbers, strict=True) if number >= 0]
        print(*telling(readings["8-bit"], read_wrong, 0.5, (articles, of_wrong)), sep="\n", flush=True)
    if args.written is not None:
        print("written near misses, on the passages that they are about")
        print(*written_told(reader, *load_held_out_written(args.squad, args.written)), sep="\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
