"""Measures the claim check: `python -m evals.claims ARTICLES.jsonl… [--squad FILE] [--votes FILE]`.

Sentences of the articles are checked against the passage around them as they stand, put otherwise (true), with a
number, date, unit, name or negation changed (false), and against other passages (false). `--votes` adds
sentences that a model wrote and three persons judged (QAGS, Wang et al. 2020), each checked against its whole article.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.calendar import MONTHS
from bot.check import ONE_PLACE, check
from bot.words import STOP_WORDS, stems
from evals import mutate
from evals.intervals import Cases, interval, mean
from evals.load import load_reading
from evals.types import Metric
from index.passages import sentence_spans
from index.read import read_source
from index.read.source import Source
from index.types import Article

SEED = 20261124
PASSAGE_CHARACTERS = 900
"""About what a passage of the index has."""
LENGTHS = (50, 300)
_SPLIT_WORD = re.compile(r"\b(?P<inside>(?<=- ))?(?P<before>\w+) - (?=(?P<after>\w+)(?P<more> - (?=\w))?)")
_SPLIT_NUMBER = re.compile(rf"(?P<month>\b(?:{'|'.join(MONTHS)})\.? )?\b(?P<thousands>\d{{1,3}}), (?=\d{{3}}\b)", re.I)
BALANCED = "balanced accuracy"
OTHER_PASSAGES = 200
"""Drawn for each wrong passage; the one that shares most words with the sentence is taken."""


@dataclass(frozen=True)
class Pair:
    """A claim with a passage, whether the passage supports it, and how it was made. `article` for the intervals."""

    claim: str
    passage: str
    header: str
    supported: bool
    made: str
    article: str


@dataclass(frozen=True)
class _Sentence:
    text: str
    passage: str
    header: str
    article: Article


def pairs(articles: Sequence[Article], per_kind: int) -> list[Pair]:
    """At most so many pairs of each kind, drawn over the articles; deterministic."""
    chance = random.Random(SEED)
    sentences = [each for article in articles for each in _sentences(article)]
    chance.shuffle(sentences)
    made = [*_true(sentences, per_kind, chance), *_changed(sentences, per_kind, chance)]
    return [*made, *_elsewhere(sentences, per_kind, chance)]


def _sentences(article: Article) -> Iterator[_Sentence]:
    """The article's ordinary sentences, each with the whole sentences around it."""
    spans = sentence_spans(article.text)
    header = " · ".join(each for each in (article.title, article.source, article.published or "") if each)
    for number, (start, end) in enumerate(spans):
        text = article.text[start:end]
        if not (
            LENGTHS[0] <= len(text) <= LENGTHS[1] and text[:1].isupper() and text.endswith(".") and "\n" not in text
        ):
            continue
        first = last = number
        while spans[last][1] - spans[first][0] < PASSAGE_CHARACTERS and (first > 0 or last < len(spans) - 1):
            first, last = max(0, first - 1), min(len(spans) - 1, last + 1)
        yield _Sentence(text, article.text[spans[first][0] : spans[last][1]], header, article)


def _true(sentences: Sequence[_Sentence], per_kind: int, chance: random.Random) -> Iterator[Pair]:
    for made, change in mutate.TRUE.items():
        count = 0
        for each in sentences:
            if count == per_kind:
                break
            claim = change(each.text, chance)
            if claim is not None:
                count += 1
                yield Pair(claim, each.passage, each.header, True, made, each.article.id)


def _changed(sentences: Sequence[_Sentence], per_kind: int, chance: random.Random) -> Iterator[Pair]:
    for made, change in mutate.WRONG.items():
        yield from _taken(((each, change(each.text, chance)) for each in sentences), made, per_kind)
    own = ((each, mutate.name(each.text, chance, _names(each.article, each.passage))) for each in sentences)
    yield from _taken(own, "name of the article", per_kind)
    foreign = list(dict.fromkeys(name for each in sentences[:2000] for name in mutate.names_in(each.text)))
    yield from _taken(((each, mutate.name(each.text, chance, foreign)) for each in sentences), "name", per_kind)


def _names(article: Article, passage: str) -> list[str]:
    """Names of the article that its passage does not have: the likeliest slip of a model that read both."""
    return [name for name in mutate.names_in(article.text) if name not in passage]


def _taken(found: Iterator[tuple[_Sentence, str | None]], made: str, per_kind: int) -> Iterator[Pair]:
    count = 0
    for each, claim in found:
        if count == per_kind:
            return
        # what is changed back to itself is no error
        if claim is not None and claim != each.text:
            count += 1
            yield Pair(claim, each.passage, each.header, False, made, each.article.id)


def _elsewhere(sentences: Sequence[_Sentence], per_kind: int, chance: random.Random) -> Iterator[Pair]:
    """True sentences with the likest of some passages that do not hold them."""
    for each in sentences[:per_kind]:
        others = [
            o
            for o in chance.sample(sentences, min(OTHER_PASSAGES, len(sentences)))
            if o.article.id != each.article.id and each.text not in o.passage
        ]
        if others:
            wanted = set(stems(each.text))
            best = max(others, key=lambda other: len(wanted & set(stems(other.text))))
            yield Pair(each.text, best.passage, best.header, False, "passage of another article", each.article.id)


def voted(path: Path) -> list[Pair]:
    """The sentences of a QAGS file with the verdict of most of their judges."""
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    made = []
    for number, line in enumerate(text.decode("utf-8").splitlines()):
        record = json.loads(line)
        for judged in record["summary_sentences"]:
            votes = [each["response"].casefold() == "yes" for each in judged["responses"]]
            supported = 2 * sum(votes) > len(votes)
            article = _untokenised(record["article"])
            made.append(Pair(judged["sentence"], article, "", supported, "votes", str(number)))
    return made


def _untokenised(text: str) -> str:
    """The text with numbers and hyphenated words put together again: the set's articles have "27 - year - old" and
    "3, 000", which no article that people read has. A dash beside a function word stays, but in "head - to - head"."""

    def joined(found: re.Match[str]) -> str:
        small = [word.casefold() in STOP_WORDS - {"old"} for word in (found["before"], found["after"])]
        apart = (small[0] and found["inside"] is None) or (small[1] and not found["more"])
        return found[0] if apart else f"{found['before']}-"

    text = _SPLIT_WORD.sub(joined, text)
    return _SPLIT_NUMBER.sub(lambda found: found[0] if found["month"] else f"{found['thousands']},", text)


def stated(path: Path, at_most: int) -> list[Pair]:
    """Questions of a SQuAD file with the answer in the place of what they ask for: true statements in the words of
    people, each beside the same with the answer to another question on its paragraph."""
    chance = random.Random(SEED)
    made: list[Pair] = []
    paragraphs = list(load_reading(path).paragraphs)
    chance.shuffle(paragraphs)
    for paragraph in paragraphs:
        article = paragraph.id.rpartition("#")[0]
        for example in paragraph.examples:
            others = [
                o.answers[0] for o in paragraph.examples if o.answers and not set(o.answers) & set(example.answers)
            ]
            if not example.answers or (true := mutate.statement(example.question, example.answers[0])) is None:
                continue
            made.append(Pair(true, paragraph.text, "", True, "question and answer", article))
            if others and (false := mutate.statement(example.question, chance.choice(others))):
                made.append(Pair(false, paragraph.text, "", False, "question and another answer", article))
    return made[:at_most]


def measure(given: Sequence[Pair], *, hard_only: bool = False) -> dict[str, Metric]:
    """The share judged right of each kind of pair, of all true and of all false ones, and the mean of these two.

    With `hard_only`, a claim that only the score doubts counts as supported.
    """
    kept = ((), (ONE_PLACE,)) if hard_only else ((),)
    found_lacking = [check(each.claim, each.passage, each.header).lacking for each in given]
    right = [float((lacking in kept) == each.supported) for lacking, each in zip(found_lacking, given, strict=True)]
    articles = [each.article for each in given]
    found: dict[str, Metric] = {}

    def add(label: str, chosen: Sequence[int]) -> None:
        if chosen:
            found[label] = mean([right[i] for i in chosen], [articles[i] for i in chosen])

    for supported, word in ((True, "true"), (False, "false")):
        own = [i for i, each in enumerate(given) if each.supported is supported]
        for made in dict.fromkeys(given[i].made for i in own):
            add(f"{word}: {made}", [i for i in own if given[i].made == made])
        add(f"all {word}", own)
    if (both := balanced([each.supported for each in given], right, articles)) is not None:
        found[BALANCED] = both
    return found


def balanced(supported: Sequence[bool], right: Sequence[float], articles: Sequence[str]) -> Metric | None:
    """Balanced accuracy: the mean of the shares of true and of false ones judged right. None without both."""
    wanted, judged = np.array(supported, np.bool_), np.array(right)

    def of(cases: Cases) -> float | None:
        true, false = judged[cases[wanted[cases]]], judged[cases[~wanted[cases]]]
        return float(true.mean() + false.mean()) / 2 if len(true) and len(false) else None

    return interval(of, len(supported), articles)


def main(given: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m evals.claims", description=__doc__)
    parser.add_argument("articles", type=Path, nargs="*", help="articles, as `footnote add` takes them")
    parser.add_argument("--squad", type=Path, help="SQuAD file: statements made of its questions and answers")
    parser.add_argument("--votes", type=Path, help="QAGS file: sentences judged by people")
    parser.add_argument("--each", type=int, default=250, help="pairs of each kind")
    parser.add_argument("--articles-at-most", type=int, default=600, help="articles that the sentences are drawn from")
    parser.add_argument("--hard-only", action="store_true", help="as if there were no score behind the hard checks")
    parser.add_argument("--show", type=int, default=0, help="print so many of those judged wrong, of each kind")
    args = parser.parse_args(given)
    read = [item for path in args.articles for item in read_source(Source(path)) if isinstance(item, Article)]
    chosen = random.Random(SEED).sample(read, min(args.articles_at_most, len(read)))
    given_pairs = {
        "made from articles": pairs(chosen, args.each) if chosen else [],
        "made from questions": stated(args.squad, 8 * args.each) if args.squad else [],
        "judged by people": voted(args.votes) if args.votes else [],
    }
    for name, some in given_pairs.items():
        if not some:
            continue
        found = measure(some, hard_only=args.hard_only)
        print(f"{name}: {len(some)} pairs")
        for label, metric in found.items():
            print(f"  {label}: {metric.value:.3f} [{metric.low:.3f}, {metric.high:.3f}] (n {metric.n})")
        _show(some, args.show)
    return 0


def _show(some: Sequence[Pair], count: int) -> None:
    shown: dict[str, int] = {}
    for each in some:
        verdict = check(each.claim, each.passage, each.header)
        if verdict.supported != each.supported and shown.get(each.made, 0) < count:
            shown[each.made] = shown.get(each.made, 0) + 1
            print(f"\n[{each.made}; supported: {each.supported}] {each.claim}\n  lacking {verdict.lacking}")
            print(f"  passage: {' '.join(each.passage.split())}")


if __name__ == "__main__":
    sys.exit(main())
