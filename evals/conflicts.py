"""Are differing reports told from such as only look different? `python -m evals.conflicts ARTICLES.jsonl.gz --out DIR`.

Made of real articles by editing: a sentence that answers a drafted question is put into a brief of another outlet, with
another number, date or name as the answer. Look-alikes say the same in rounded or other figures or in other words, tell
of somebody else, or count a growing number anew on a later day. All briefs and articles stand in one index, and the
whole bot is asked.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from bot.build import build_bot
from bot.conflict import GROWING
from bot.facts import facts
from bot.pipeline import Bot
from bot.settings import Settings
from bot.words import stems
from evals import mutate
from evals.drafts.candidates import FORMS, Candidate, read_candidates
from evals.intervals import Cases, interval, mean
from index import ingest
from index.library import Index
from index.read import read_source
from index.read.source import Source
from index.types import Article

SEED = 20261125
OUTLETS = ("Harbour Ledger", "Northgate Courier", "The Meridian Post", "Lantern Daily")
ENDINGS = (
    "More was expected to be known later in the week.",
    "The outlet could not reach anyone for comment.",
    "This brief will be brought up to date.",
    "It was the second such report in a month.",
)
MAX_DAYS = 9
_FIGURE = re.compile(r"\d{1,3}(?:,\d{3})+|\d+")
Edit = Callable[[Candidate, "Pool"], str | None]
"""Makes another outlet's sentence out of a candidate's, or None where it can't."""


@dataclass(frozen=True)
class Pool:
    """What edits choose from: a random generator, and the names of people in all articles."""

    chance: random.Random
    names: Sequence[str]


@dataclass(frozen=True)
class Case:
    """A question, the kind of edit, and the report that was made beside the article."""

    kind: str
    question: str
    article: Article
    report: Article

    @property
    def is_conflict(self) -> bool:
        return self.kind in CONFLICTS

    @property
    def newest(self) -> str:
        """The id of the newer of the two."""
        return max(self.article, self.report, key=lambda each: each.published or "").id


# --- edits ---


def _put(candidate: Candidate, other: str | None) -> str | None:
    answer = candidate.question.answers[0]
    return candidate.sentence.replace(answer, other) if other and other != answer else None


def other_number(candidate: Candidate, pool: Pool) -> str | None:
    """Another number as the answer, of what is not counted anew from day to day."""
    if GROWING & set(stems(candidate.sentence)):
        return None
    return _put(candidate, mutate.number(candidate.question.answers[0], pool.chance))


def other_date(candidate: Candidate, pool: Pool) -> str | None:
    """Another date as the answer."""
    return _put(candidate, mutate.date(candidate.question.answers[0], pool.chance))


def other_name(candidate: Candidate, pool: Pool) -> str | None:
    """Another name as the answer."""
    answer = candidate.question.answers[0]
    if candidate.question.about != "name" or (answer, "person") not in candidate.names:
        return None
    fitting = [name for name in pool.names if len(name.split()) == 2 and name not in candidate.sentence]
    return _put(candidate, pool.chance.choice(fitting)) if fitting else None


def rounded(candidate: Candidate, pool: Pool) -> str | None:
    """The answer's number rounded and hedged."""
    answer = candidate.question.answers[0]
    found = _FIGURE.search(answer)
    value = int(found.group().replace(",", "")) if found else 0
    if found is None or value < 1_100 or 1900 <= value <= 2100:
        return None
    near = round(value, -(len(str(value)) - 2))
    return _put(candidate, answer.replace(found.group(), f"about {near:,}")) if near != value else None


def in_other_figures(candidate: Candidate, pool: Pool) -> str | None:
    """The numbers in another way of writing."""
    return mutate.figures(candidate.sentence, pool.chance)


def in_other_words(candidate: Candidate, pool: Pool) -> str | None:
    """The same, shortened, attributed otherwise, or as it stands."""
    made = (mutate.TRUE[name](candidate.sentence, pool.chance) for name in ("shortened", "attributed", "day first"))
    return next((each for each in made if each), candidate.sentence)


def of_somebody_else(candidate: Candidate, pool: Pool) -> str | None:
    """Another number, of somebody else."""
    changed = other_number(candidate, pool)
    own = [name for name, _ in candidate.names if name in candidate.question.text]
    if changed is None or not own:
        return None
    fitting = [name for name in pool.names if name not in candidate.sentence and name != own[0]]
    return changed.replace(own[0], pool.chance.choice(fitting))


def grown(candidate: Candidate, pool: Pool) -> str | None:
    """A larger number, of what is counted anew from day to day."""
    answer = candidate.question.answers[0]
    found = _FIGURE.search(answer)
    counted = any(number.kind == "count" for number in facts(answer).numbers) and not facts(answer).dates
    if found is None or not counted or not GROWING & set(stems(candidate.sentence)):
        return None
    value = int(found.group().replace(",", ""))
    return _put(
        candidate, answer.replace(found.group(), f"{value + max(1, round(value * pool.chance.uniform(0.1, 0.8))):,}")
    )


CONFLICTS: dict[str, Edit] = {"another number": other_number, "another date": other_date, "another name": other_name}
LOOK_ALIKES: dict[str, Edit] = {
    "rounded": rounded,
    "other figures": in_other_figures,
    "other words": in_other_words,
    "somebody else": of_somebody_else,
    "grown": grown,
}


# --- cases ---


def cases(articles: Sequence[Article], sources: Sequence[Sequence[Candidate]], per_kind: int) -> list[Case]:
    """Cases of all kinds, each on a sentence of its own, in the order of the kinds."""
    chance = random.Random(SEED)
    everybody = {name for source in sources for each in source for name, kind in each.names if kind == "person"}
    pool = Pool(chance, sorted(name for name in everybody if " " in name))
    taken: set[str] = set()
    made: list[Case] = []
    for kind, edit in {**CONFLICTS, **LOOK_ALIKES}.items():
        found = 0
        for candidate, article in _candidates(sources, articles):
            if found >= per_kind:
                break
            if article.id in taken:
                continue
            sentence = edit(candidate, pool)
            if sentence is not None:
                report = _report(article, sentence, len(made), pool, later=kind == "grown")
                made.append(Case(kind, candidate.question.text, article, report))
                taken.add(article.id)
                found += 1
    return made


def _candidates(
    sources: Sequence[Sequence[Candidate]], articles: Sequence[Article]
) -> Iterator[tuple[Candidate, Article]]:
    """The candidates in templates first, then in clozes, each with the article that it is from."""
    for form in FORMS:
        for source in sources:
            for candidate in source:
                if candidate.form == form:
                    article = next((each for each in articles if candidate.sentence in each.text), None)
                    if article is not None:
                        yield candidate, article


def _report(article: Article, sentence: str, number: int, pool: Pool, *, later: bool) -> Article:
    """A brief of another outlet, of a day before or after the article's.

    It takes no other sentence of the article: with several it would be a copy of it.
    """
    days = pool.chance.randint(1, MAX_DAYS) * (1 if later or pool.chance.random() < 0.5 else -1)
    day = date.fromisoformat((article.published or "")[:10]) + timedelta(days=days)
    title = " ".join(article.title.split(" ")[:6]) + ": what is known"
    text = f"{sentence}\n\n{pool.chance.choice(ENDINGS)}"
    return replace(
        article, id=f"report-{number}", title=title, text=text, source=pool.chance.choice(OUTLETS),
        published=day.isoformat(), updated=None, url="", origin=f"report-{number}",
    )  # fmt: skip


# --- measuring ---


def asked(bot: Bot, case: Case) -> tuple[bool, bool, bool]:
    """Whether it was answered, a conflict was shown, and the newest article gives the answer."""
    answer = bot.ask(case.question)
    shown = any(each["kind"] == "conflict" for each in answer.conflicts)
    first = answer.sentences[0].citations if answer.sentences else ()
    cited = {each.number: each.article.id for each in answer.citations}
    return bool(answer.sentences), shown, any(cited[n] == case.newest for n in first)


def main(given: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m evals.conflicts", description=__doc__)
    parser.add_argument("articles", type=Path, help="a bulk file of dated articles")
    parser.add_argument("--out", type=Path, required=True, help="an empty folder, for the index")
    parser.add_argument("--sample", type=int, default=600, help="articles that stand in the index")
    parser.add_argument("--per-kind", type=int, default=50, help="cases of each kind")
    parser.add_argument("--show", type=int, default=0, help="print so many of the cases that went wrong")
    args = parser.parse_args(given)
    read = [each for each in read_source(Source(args.articles)) if isinstance(each, Article)]
    dated = [each for each in read if each.published and each.source and len(each.text) > 1_000]
    articles = random.Random(SEED).sample(dated, min(args.sample, len(dated)))
    settings = Settings(_env_file=None, index=args.out / "index")
    index = Index(settings, create=True)
    if not index.articles():
        with index.writing():
            ingest.write_articles(index, articles)
    stored = [each for each in (index.article(article.id) for article in articles) if each is not None]
    sources = read_candidates(index, [each.id for each in stored], len(stored), random.Random(SEED))
    made = cases(stored, sources, args.per_kind)
    with index.writing():
        ingest.write_articles(index, [case.report for case in made])
    bot = build_bot(settings, index)
    results = [asked(bot, case) for case in made]
    _print(made, results, args.show)
    return 0


def _print(made: Sequence[Case], results: Sequence[tuple[bool, bool, bool]], show: int) -> None:
    for kind in dict.fromkeys(case.kind for case in made):
        own = [found for case, found in zip(made, results, strict=True) if case.kind == kind]
        answered, shown = (sum(found[place] for found in own) for place in (0, 1))
        print(f"{kind:16} {len(own):4} cases, {answered:4} answered, {shown:4} shown as a conflict")
    truth, said = [case.is_conflict for case in made], [found[1] for found in results]

    def f1(chosen: Cases) -> float | None:
        hits = sum(said[i] and truth[i] for i in chosen)
        return 2 * hits / (sum(said[i] for i in chosen) + sum(truth[i] for i in chosen)) if hits else None

    alarms = [float(s) for s, t in zip(said, truth, strict=True) if not t]
    newest = [float(found[2]) for found, t in zip(results, truth, strict=True) if t and found[1]]
    print(f"F1                      {_shown(interval(f1, len(made)))}")
    print(f"false alarms            {_shown(mean(alarms))}")
    print(f"newest wins, of those   {_shown(mean(newest))}")
    wrong = [(c, f) for c, f in zip(made, results, strict=True) if f[0] and f[1] != c.is_conflict]
    for case, found in random.Random(SEED).sample(wrong, min(show, len(wrong))):
        print(f"\n{case.kind}, shown {found[1]}: {case.question}\n  {case.report.text[:300]}")


def _shown(metric: object) -> str:
    return f"{metric.value:.3f} [{metric.low:.3f}, {metric.high:.3f}] (n {metric.n})" if metric else "–"  # type: ignore[attr-defined]


if __name__ == "__main__":
    sys.exit(main())
