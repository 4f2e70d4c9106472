"""Fits the support score of the claim check: `python -m evals.supporting TRAIN.json.gz` (a SQuAD file).

Paragraphs that follow each other are a passage. It supports claims that are its own sentences, whole, shortened, with a
name for a pronoun, or two neighbours as one, and questions with their answers. It does not support claims joined from
two of its sentences, or from one and another passage's, and questions with the answer to another. All kinds but one
weigh the same on their side. The last fifth of the articles is kept for the figures. Needs scikit-learn (in the `dev`
extra).
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from bot.calibration import FILE, Logistic
from bot.support import SUPPORTED, signals
from evals import joining, mutate
from evals.calibrate import fit
from evals.claims import Pair
from evals.confidence import auroc
from evals.load import load_reading
from evals.provenance import sha256_of
from evals.types import Paragraph
from index.passages import sentence_spans

SEED = 20261128
PASSAGE_WORDS = (60, 420)
"""From one of our passages to a short article."""
SENTENCE_WORDS = (6, 45)
OF_EACH_PASSAGE = 3
CONDENSED = 0.5
"""Of the joined ones, so many are shortened too where they can be."""
RARER = 0.25
"""What a claim joined with another passage's sentence weighs beside the other false ones: claims are checked against
the passages that they cite. With equal weights fewer of those joined within a passage would be found."""
HELD_OUT = 5
"""Every so many articles are kept for the figures."""

OWN, ANSWER = "own words", "question and answer"
JOINED, JOINED_ELSEWHERE, OTHER_ANSWER = "joined", "joined with another passage's", "question and another answer"


def claims(articles: Sequence[Sequence[Paragraph]], count: int) -> list[Pair]:
    """So many claims, or some more; the same every time. An article is its paragraphs in their order."""
    chance = random.Random(SEED)
    made: list[Pair] = []
    while len(made) < count:
        paragraphs = chance.choice(articles)
        passage = _stretch(paragraphs, chance)
        sentences = _sentences(passage)
        if len(sentences) > 1:
            made += _of_sentences(passage, sentences, chance)
            made += _joined_elsewhere(passage, sentences, paragraphs, chance)
            made += _of_questions(passage, chance)
    return [each for each in made if signals(each.claim, each.passage)]


def _stretch(paragraphs: Sequence[Paragraph], chance: random.Random) -> list[Paragraph]:
    """Paragraphs that follow each other, of as many words as are drawn, or up to the article's end."""
    wanted, taken = chance.randint(*PASSAGE_WORDS), list[Paragraph]()
    for paragraph in paragraphs[chance.randrange(len(paragraphs)) :]:
        taken.append(paragraph)
        if sum(len(each.text.split()) for each in taken) >= wanted:
            break
    return taken


def _pair(claim: str, passage: Sequence[Paragraph], made: str) -> Pair:
    text = "\n\n".join(each.text for each in passage)
    return Pair(claim, text, "", made in (OWN, ANSWER), made, passage[0].id.rpartition("#")[0])


def _sentences(passage: Sequence[Paragraph]) -> list[str]:
    """The whole sentences of common length."""
    found = (" ".join(each.text[start:end].split()) for each in passage for start, end in sentence_spans(each.text))
    return [each for each in found if SENTENCE_WORDS[0] <= len(each.split()) <= SENTENCE_WORDS[1] and each[-1] == "."]


def _own(sentences: Sequence[str], chance: random.Random) -> str | None:
    at = chance.randrange(len(sentences))
    way = chance.choice(("whole", "condensed", "named", "merged"))
    if way == "whole":
        return sentences[at]
    if way == "condensed":
        return joining.condensed(sentences[at], chance)
    return joining.named(sentences, at) if way == "named" else joining.merged(sentences, at)


def _of_sentences(passage: Sequence[Paragraph], sentences: Sequence[str], chance: random.Random) -> Iterator[Pair]:
    for _ in range(OF_EACH_PASSAGE):
        if claim := _own(sentences, chance):
            yield _pair(claim, passage, OWN)
        if claim := joining.joined(sentences, chance.randrange(len(sentences)), chance):
            shorter = joining.condensed(claim, chance) if chance.random() < CONDENSED else None
            yield _pair(shorter or claim, passage, JOINED)


def _joined_elsewhere(
    passage: Sequence[Paragraph], sentences: Sequence[str], paragraphs: Sequence[Paragraph], chance: random.Random
) -> Iterator[Pair]:
    """A sentence of the passage joined with one of another paragraph of the article, whichever comes first."""
    others = _sentences([each for each in paragraphs if each not in passage])
    for _ in range(OF_EACH_PASSAGE if others else 0):
        two = [chance.choice(sentences), chance.choice(others)]
        if claim := joining.joined(two, chance.randrange(2), chance):
            yield _pair(claim, passage, JOINED_ELSEWHERE)


def _of_questions(passage: Sequence[Paragraph], chance: random.Random) -> Iterator[Pair]:
    examples = [each for paragraph in passage for each in paragraph.examples if each.answers]
    for example in chance.sample(examples, min(OF_EACH_PASSAGE, len(examples))):
        if (claim := mutate.statement(example.question, example.answers[0])) is None:
            continue
        yield _pair(claim, passage, ANSWER)
        others = [each.answers[0] for each in examples if not set(each.answers) & set(example.answers)]
        if others and (claim := mutate.statement(example.question, chance.choice(others))):
            yield _pair(claim, passage, OTHER_ANSWER)


def weights(given: Sequence[Pair]) -> list[float]:
    """A weight for each claim: true and false ones weigh the same, and on each side every kind of claim but one."""
    counts = Counter(each.made for each in given)
    shares = {made: RARER if made == JOINED_ELSEWHERE else 1.0 for made in counts}
    sides = {True: 0.0, False: 0.0}
    for made, share in shares.items():
        sides[made in (OWN, ANSWER)] += share
    return [len(given) / 2 * shares[each.made] / sides[each.supported] / counts[each.made] for each in given]


def main(given: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m evals.supporting", description=__doc__)
    parser.add_argument("squad", type=Path, help="SQuAD file to make claims of")
    parser.add_argument("--claims", type=int, default=10_000, help="claims to fit on; a quarter as many are measured")
    args = parser.parse_args(given)
    paragraphs = load_reading(args.squad).paragraphs
    articles = [list(own) for _, own in groupby(paragraphs, key=lambda each: each.id.rpartition("#")[0])]
    kept_out = articles[len(articles) * (HELD_OUT - 1) // HELD_OUT :]
    fitted_on = claims(articles[: -len(kept_out)], args.claims)
    entry = fit(
        [signals(each.claim, each.passage) for each in fitted_on],
        [each.supported for each in fitted_on],
        weights(fitted_on),
    )
    written: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    written["support"] = {**entry, "data": sha256_of(args.squad), "fitted by": "evals/supporting.py"}
    FILE.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    _tell(claims(kept_out, args.claims // 4), Logistic(entry["intercept"], entry["weights"]))
    return 0


def _tell(measured: Sequence[Pair], score: Logistic) -> None:
    scores = [score.probability(signals(each.claim, each.passage)) for each in measured]
    area = auroc(scores, [each.supported for each in measured])
    print(f"{len(measured)} claims of other articles: AUROC {area:.3f}")
    for made in (OWN, ANSWER, JOINED, JOINED_ELSEWHERE, OTHER_ANSWER):
        own = [score for score, each in zip(scores, measured, strict=True) if each.made == made]
        print(f"  {made}: {sum(score >= SUPPORTED for score in own) / len(own):.3f} taken for supported (n {len(own)})")


if __name__ == "__main__":
    sys.exit(main())
