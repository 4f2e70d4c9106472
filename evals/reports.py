"""Briefs of another outlet, made of real articles by editing: such as contradict them, and such as only look so.

A sentence that answers a drafted question is put into the brief with another answer, or otherwise; a sentence that is
asked about with yes or no is denied there, or is not (`evals/denials.py`).
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice

from bot.conflict import GROWING
from bot.facts import facts
from bot.words import stems
from evals import denials, mutate
from evals.drafts.candidates import FORMS, Candidate
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
Denial = Callable[[denials.Statement, random.Random], str | None]
"""The same of a sentence that is asked about with yes or no."""
Edited = tuple[Article, str | None, str | None]
"""An article, a question on it and what a brief says; where one of these could not be made, None."""


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


OTHER_ANSWERS: dict[str, Edit] = {
    "another number": other_number,
    "another date": other_date,
    "another name": other_name,
}
SAME_ANSWERS: dict[str, Edit] = {
    "rounded": rounded,
    "other figures": in_other_figures,
    "other words": in_other_words,
    "somebody else": of_somebody_else,
    "grown": grown,
}
DENIALS: dict[str, Denial] = {
    "no for a yes": denials.negated,
    "twice negated": denials.twice_negated,
    "another negated": denials.another_thing_negated,
    "not yet": denials.not_yet,
    "yes put otherwise": denials.put_otherwise,
}
CONFLICTS = frozenset((*OTHER_ANSWERS, "no for a yes"))
LATER, EARLIER = frozenset(("grown",)), frozenset(("not yet",))
"""Kinds whose brief is of a day after the article's, and of one before it."""


# --- cases ---


def cases(articles: Sequence[Article], sources: Sequence[Sequence[Candidate]], per_kind: int) -> list[Case]:
    """Cases of all kinds, each on an article of its own, in the order of the kinds."""
    chance = random.Random(SEED)
    everybody = {name for source in sources for each in source for name, kind in each.names if kind == "person"}
    pool = Pool(chance, sorted(name for name in everybody if " " in name))
    found = [*_candidates(sources, articles)]
    taken: set[str] = set()
    made: list[Case] = []
    for kind, edit in {**OTHER_ANSWERS, **SAME_ANSWERS}.items():
        edited = (
            (article, candidate.question.text, edit(candidate, pool)) for candidate, article in _free(found, taken)
        )
        made += _first(kind, edited, per_kind, pool, taken, len(made))
    for kind, change in DENIALS.items():
        denied = (
            (article, given.question, change(given, chance))
            for candidate, article in _free(found, taken)
            if (given := denials.statement(candidate.sentence, article.text))
        )
        made += _first(kind, denied, per_kind, pool, taken, len(made))
    return made


def _free(found: Sequence[tuple[Candidate, Article]], taken: set[str]) -> Iterator[tuple[Candidate, Article]]:
    return ((candidate, article) for candidate, article in found if article.id not in taken)


def _first(
    kind: str,
    edited: Iterable[tuple[Article, str | None, str | None]],
    most: int,
    pool: Pool,
    taken: set[str],
    number: int,
) -> Iterator[Case]:
    """The first cases that could be made; their articles are `taken`."""
    made = ((article, question, sentence) for article, question, sentence in edited if question and sentence)
    for place, (article, question, sentence) in enumerate(islice(made, most)):
        taken.add(article.id)
        yield Case(kind, question, article, _report(kind, article, sentence, number + place, pool))


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


def _report(kind: str, article: Article, sentence: str, number: int, pool: Pool) -> Article:
    """A brief of another outlet, of a day before or after the article's.

    It takes no other sentence of the article: with several it would be a copy of it.
    """
    later = kind in LATER or (kind not in EARLIER and pool.chance.random() < 0.5)
    days = pool.chance.randint(1, MAX_DAYS) * (1 if later else -1)
    day = date.fromisoformat((article.published or "")[:10]) + timedelta(days=days)
    title = " ".join(article.title.split(" ")[:6]) + ": what is known"
    text = f"{sentence}\n\n{pool.chance.choice(ENDINGS)}"
    return replace(
        article, id=f"report-{number}", title=title, text=text, source=pool.chance.choice(OUTLETS),
        published=day.isoformat(), updated=None, url="", origin=f"report-{number}",
    )  # fmt: skip
