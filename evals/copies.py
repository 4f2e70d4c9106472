"""How well copies are told from other reports on the same event: `python -m evals.copies ARTICLES.jsonl.gz…`.

Copies are made of real articles: paragraphs dropped, the headline changed, a wire credit added, a few words of each
paragraph edited. The look-alikes are real: for an article, the one most like it that another outlet published within
three days, and the same with up to three of the first one's paragraphs (a shared statement, say) put into it. Both are
put to `same_story` and to the candidate search before it; F1 is counted over all pairs.

`--index DIR` prints 30 of the stories of several articles that an index of real articles holds, to be looked at.
"""

from __future__ import annotations

import argparse
import math
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from evals.intervals import Cases, interval, mean
from index.catalogue import ArticleSummary
from index.library import Index
from index.read import read_source
from index.read.source import Source
from index.settings import IndexSettings
from index.stories import Sketch, same_story
from index.types import Article

SEED = 20261125
MIN_PARAGRAPHS = 6
MAX_DAYS = 3
CLUSTERS_SHOWN = 30
EDITED_SHARE = 0.03
"""Of the words of a copy that was gone over: a desk's spelling and style."""
_WORD = re.compile(r"[a-z]{4,}")
Pair = tuple[str, Article, Article]
"""What kind it is, and two articles."""


def copies(articles: Sequence[Article], chance: random.Random) -> Iterator[Pair]:
    """Each article with one copy of each kind."""
    for article in articles:
        paragraphs = article.text.split("\n\n")
        kept = sorted(chance.sample(range(len(paragraphs)), math.ceil(len(paragraphs) * chance.uniform(0.5, 0.9))))
        dropped = "\n\n".join(paragraphs[i] for i in kept)
        credit = f"{article.text}\n\nAdditional reporting by the wire's correspondents in three cities."
        cut = "\n\n".join(paragraphs[: max(3, math.ceil(len(paragraphs) * 0.6))])
        edited = " ".join(
            chance.choice(("which", "also", "its", "this")) if chance.random() < EDITED_SHARE else word
            for word in article.text.split(" ")
        )
        for kind, text in (("dropped", dropped), ("credit", credit), ("cut short", cut), ("edited", edited)):
            yield kind, article, replace(article, id="copy", title="Another headline", source="another", text=text)


def look_alikes(articles: Sequence[Article], everything: Sequence[Article], chance: random.Random) -> Iterator[Pair]:
    """Each article with another outlet's most similar one of those days, as it is and with some of its paragraphs."""
    bags = {article.id: Counter(_WORD.findall(f"{article.title} {article.text}".lower())) for article in everything}
    spread = Counter(word for bag in bags.values() for word in bag)
    weights = {word: math.log(len(bags) / count) for word, count in spread.items()}
    for article in articles:
        near = [each for each in everything if each.source != article.source and _days(each, article) <= MAX_DAYS]
        if not near:
            continue
        other = max(near, key=lambda each: (_likeness(bags[article.id], bags[each.id], weights), each.id))
        yield "same event", article, other
        paragraphs = article.text.split("\n\n")
        borrowed = chance.sample(paragraphs, min(3, len(paragraphs) // 4))
        yield "same event, shared words", article, replace(other, text="\n\n".join([other.text, *borrowed]))


def _days(one: Article, other: Article) -> int:
    return abs((date.fromisoformat((one.published or "")[:10]) - date.fromisoformat((other.published or "")[:10])).days)


def _likeness(one: Counter[str], other: Counter[str], weights: dict[str, float]) -> float:
    shared = sum(weights[word] for word in one.keys() & other.keys())
    return shared / math.sqrt(len(one) * len(other))


def found_alike(one: Article, other: Article) -> bool:
    """Whether the pair would be found and taken for one story when the second comes in."""
    sketch, other_sketch = Sketch.of(one.text), Sketch.of(other.text)
    return bool(set(sketch.keys) & set(other_sketch.keys)) and same_story(one, sketch, other, other_sketch)


def clusters(folder: Path) -> list[list[ArticleSummary]]:
    """The stories of several articles in an index."""
    index = Index(IndexSettings(index=folder))
    stories: dict[int | None, list[ArticleSummary]] = {}
    for article in index.articles():
        stories.setdefault(article.story, []).append(article)
    return [story for number, story in sorted(stories.items(), key=str) if number and len(story) > 1]


def main(given: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m evals.copies", description=__doc__)
    parser.add_argument("articles", nargs="+", type=Path, help="bulk files of articles of several outlets")
    parser.add_argument("--sample", type=int, default=250, help="articles that pairs are made of")
    parser.add_argument("--index", type=Path, help="an index whose stories are printed")
    args = parser.parse_args(given)
    chance = random.Random(SEED)
    read = [item for path in args.articles for item in read_source(Source(path)) if isinstance(item, Article)]
    dated = [each for each in read if each.published and each.text.count("\n\n") + 1 >= MIN_PARAGRAPHS]
    sample = chance.sample(dated, min(args.sample, len(dated)))
    pairs = [(pair, True) for pair in copies(sample, chance)]
    pairs += [(pair, False) for pair in look_alikes(sample, dated, chance)]
    said = [found_alike(one, other) for (_, one, other), _ in pairs]
    truth = [copy for _, copy in pairs]
    for kind in dict.fromkeys(kind for (kind, _, _), _ in pairs):
        right = [float(s == t) for s, t, ((k, _, _), _) in zip(said, truth, pairs, strict=True) if k == kind]
        print(f"{kind:26} right {_shown(mean(right))}")

    def f1(cases: Cases) -> float | None:
        hits = sum(said[i] and truth[i] for i in cases)
        return 2 * hits / (sum(said[i] for i in cases) + sum(truth[i] for i in cases)) if hits else None

    print(f"{'F1 over all pairs':26}       {_shown(interval(f1, len(pairs), [one.id for (_, one, _), _ in pairs]))}")
    if args.index:
        found = clusters(args.index)
        print(f"\n{len(found)} stories of several articles, of sizes {dict(sorted(Counter(map(len, found)).items()))}")
        for story in chance.sample(found, min(CLUSTERS_SHOWN, len(found))):
            print()
            for each in story[:5]:
                print(f"  {each.published} {each.source:16} {each.passages:4} passages  {each.title[:90]}")
    return 0


def _shown(metric: object) -> str:
    return f"{metric.value:.3f} [{metric.low:.3f}, {metric.high:.3f}] (n {metric.n})" if metric else "–"  # type: ignore[attr-defined]


if __name__ == "__main__":
    sys.exit(main())
