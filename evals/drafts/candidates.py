"""What could be asked of an index's articles: candidates to choose from, some altered so that no article answers them.

The order of everything here comes from the random generator that is handed in, so that a seed tells all.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bot.words import content_words, names
from evals.drafts.cloze import Question, clozes
from evals.drafts.sentences import CALENDAR, Kind, Vocabulary, body_of, is_fit, kind_of, names_in
from evals.drafts.templates import templates

if TYPE_CHECKING:
    from index.library import Index
    from index.types import Article

Form = Literal["template", "cloze"]
FORMS: Sequence[Form] = ("template", "cloze")
ARTICLES_PER_QUESTION = 2
"""Articles to choose from for each question asked for; with these the reading stops, however many there are."""
MAX_TITLE_CHARACTERS = 30
"""What may stand before the name that opens a sentence."""
SWAPS = 4
"""Names that are tried in a question's place of one: many stand in its own article, or in one like it."""
WEAK = 2
"""A question as weak as this (it asks for a name in the headline, say) is taken only where its article has no other."""


@dataclass(frozen=True)
class Candidate:
    """A question that could be drafted, the sentence that answers it, and the names in it with what they are of."""

    sentence: str
    form: Form
    question: Question
    names: tuple[tuple[str, Kind | None], ...]


def read_candidates(index: Index, ids: Iterable[str], count: int, chance: random.Random) -> list[list[Candidate]]:
    """The candidates of each article that has some, the best first, until there are articles enough."""
    sources: list[list[Candidate]] = []
    seen: set[str] = set()
    for article_id in ids:
        article = index.article(article_id)
        found = list(_candidates(article, index.settings.language, seen, chance)) if article else []
        if found:
            chance.shuffle(found)
            sources.append(sorted(found, key=lambda each: each.question.weakness))
        if len(sources) >= count * ARTICLES_PER_QUESTION:
            break
    return sources


def _candidates(article: Article, language: str, seen: set[str], chance: random.Random) -> Iterator[Candidate]:
    """The best question of each form on each sentence that was not `seen` before."""
    from index.passages import sentence_spans

    sentences = [article.text[start:end] for start, end in sentence_spans(article.text, language)]
    vocabulary = Vocabulary.of(article.title, [body_of(sentence)[1] for sentence in sentences])
    for sentence in sentences:
        if sentence in seen or not is_fit(sentence, article.title):
            continue
        seen.add(sentence)
        told = tuple(_kinds(body_of(sentence)[1], vocabulary))
        for form, found in zip(FORMS, (templates(sentence, vocabulary), clozes(sentence, vocabulary)), strict=True):
            questions = list(found)
            for group in ([q for q in questions if q.about == "name"], [q for q in questions if q.about != "name"]):
                least = [each for each in group if each.weakness == min(each.weakness for each in group)]
                if least:
                    yield Candidate(sentence, form, chance.choice(least), told)


def _kinds(body: str, vocabulary: Vocabulary) -> Iterator[tuple[str, Kind | None]]:
    for name in names_in(body, vocabulary):
        yield body[name.start : name.end], kind_of(body, name, vocabulary)


def in_turn(sources: Sequence[Sequence[Candidate]], count: int, per_article: int) -> list[Candidate]:
    """The articles' best candidates, one of each article in each round, templates and clozes by turns."""
    picked: list[Candidate] = []
    used: set[str] = set()
    for turn in range(per_article):
        for place, source in enumerate(sources):
            form = FORMS[(turn + place) % 2]
            free = [each for each in source if not used & {each.sentence, each.question.text}]
            if free and len(picked) < count:
                best = min(free, key=lambda each: (each.question.weakness >= WEAK, each.form != form))
                picked.append(best)
                used |= {best.sentence, best.question.text}
    return picked


# --- questions without an answer ---


@dataclass
class Altered:
    """A question on a sentence in which `instead` stands for another name; `found` once an article may answer it."""

    question: str
    instead: str
    original: str
    sentence: str
    found: bool = False

    def look_in(self, text: str) -> None:
        """Take note of an article that has the new name together with another name or half the words of the rest."""
        if self.found or self.instead.split(" ")[-1] not in text:
            return
        rest = self.question.replace(self.instead, "")
        rest = rest.partition("“")[2] or rest
        folded = text.casefold()
        words = content_words(rest)
        shared = sum(word.casefold() in folded for word in words)
        told = [name for name in names(rest) if name.casefold() not in CALENDAR]
        self.found = shared * 2 >= len(words) or any(name in text for name in told)


def alterations(
    sources: Sequence[Sequence[Candidate]], picked: Sequence[Candidate], most: int, chance: random.Random
) -> list[Altered]:
    """Questions with one name swapped for one of its kind; whether no article answers them is still to be seen.

    Templates come first. Of the clozes those that ask for a figure serve, where a person opens the sentence: with
    another place in passing, a person would still fill the gap.
    """
    every = [each for source in sources for each in source]
    kinds = _kinds_of_names(every)
    taken = {each.sentence for each in picked}
    every = sorted(chance.sample(every, len(every)), key=lambda each: (FORMS.index(each.form), each.sentence in taken))
    found: dict[str, Altered] = {}
    for candidate in every:
        if len(found) >= most:
            break
        text = candidate.question.text
        own = [name for name, _ in candidate.names if name in kinds and _may_go(name, candidate, kinds[name])]
        swaps = [(name, other) for name in own for other in kinds if _may_stand(other, candidate, kinds, kinds[name])]
        for name, other in chance.sample(swaps, min(len(swaps), SWAPS)):
            question = text.replace(name, other)
            found.setdefault(question, Altered(question, other, name, candidate.sentence))
    return list(found.values())


def _kinds_of_names(candidates: Iterable[Candidate]) -> dict[str, Kind]:
    """What the names are of, as far as the sentences tell and agree, in order."""
    told = {(name, kind) for each in candidates for name, kind in each.names if kind is not None}
    counts = Counter(name for name, _ in told)
    return {name: kind for name, kind in sorted(told) if counts[name] == 1}


def _may_go(name: str, candidate: Candidate, kind: Kind) -> bool:
    """Whether the question is another one without this name."""
    text = candidate.question.text
    if text.count(name) != 1:
        return False
    before = text[: text.index(name)].rpartition("“")[2]
    opens = len(before) <= MAX_TITLE_CHARACTERS and "," not in before
    return candidate.form == "template" or (kind == "person" and opens and candidate.question.about != "name")


def _may_stand(other: str, candidate: Candidate, kinds: Mapping[str, Kind], kind: Kind) -> bool:
    """Whether another name fits into the question: of the same kind, whole, and without a word of the sentence's."""
    whole = kind != "person" or " " in other
    return kinds[other] == kind and whole and not any(word in candidate.sentence for word in other.split(" "))
