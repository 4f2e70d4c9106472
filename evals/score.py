"""Scoring whole answers against gold: an answer as `ask --json` prints it and an example in, marks out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import cached_property
from typing import Any

from evals.metrics import (
    Span,
    characters,
    common_characters,
    contains,
    exact_match,
    overlaps,
    quote_exact,
    spans_of,
    status_right,
    token_f1,
)
from evals.types import Evidence, Marks, QAExample

MAX_NAMED = 5
"""Ids that a note lists before it says how many more there are."""


class GoldArticles:
    """Finds the articles that a set's evidence names, in the index that was asked.

    `origins` are (article id, path or address it came from) pairs; `text_of` gives an article's stored text.
    """

    def __init__(self, origins: Iterable[tuple[str, str]], text_of: Callable[[str], str | None]) -> None:
        self._origins = dict(origins)
        self._text_of = text_of
        self._texts: dict[str, str | None] = {}

    def ids(self, article_id: str) -> list[str]:
        """The article with just this id, else all whose origin's path ends with it; empty when there is none."""
        if article_id in self._origins:
            return [article_id]
        wanted = article_id.strip("/")
        return [
            identifier
            for identifier, origin in self._by_last_part.get(wanted.rsplit("/", 1)[-1], ())
            if origin == wanted or origin.endswith(f"/{wanted}")
        ]

    @cached_property
    def _by_last_part(self) -> dict[str, list[tuple[str, str]]]:
        found: dict[str, list[tuple[str, str]]] = {}
        for identifier, origin in self._origins.items():
            found.setdefault(origin.rsplit("/", 1)[-1], []).append((identifier, origin))
        return found

    def text(self, article_id: str) -> str | None:
        """The article's text, None when it is not in the index."""
        if article_id not in self._texts:
            self._texts[article_id] = self._text_of(article_id)
        return self._texts[article_id]

    def spans(self, evidence: Evidence) -> dict[str, list[Span]]:
        """Where the gold quote stands, by article; articles that do not hold it are left out."""
        found = {}
        for article_id in self.ids(evidence.article_id):
            if spans := spans_of(evidence.quote or "", self.text(article_id) or ""):
                found[article_id] = spans
        return found


def answer_text(answer: Mapping[str, Any]) -> str:
    """The answer's sentences without their citation marks; empty for not_found."""
    return " ".join(sentence["text"] for sentence in answer["sentences"])


def score_answer(example: QAExample, answer: Mapping[str, Any], articles: GoldArticles) -> Marks:
    """The marks of one answer: see `QUESTION_MEASURES` for what each says."""
    values: dict[str, list[float]] = {}
    status = str(answer["status"])
    if example.answerable is not None:
        values["status_right"] = [status_right(status, example.answerable)]
        kind = "answerable_answered" if example.answerable else "unanswerable_refused"
        values[kind] = values["status_right"]
    if example.answers and example.answerable:
        text = answer_text(answer)
        short = str(answer.get("short_answer") or "")
        values["contains"] = [contains(text, example.answers)]
        values["exact_match"] = [exact_match(short, example.answers)]
        values["f1"] = [token_f1(short or text, example.answers)]
    if example.evidence and example.answerable:
        values |= _evidence_marks(example.evidence, answer["citations"], articles)
    if answer["citations"]:
        values["quote_exact"] = [
            quote_exact(articles.text(c["article_id"]), c["start"], c["end"], c["quote"]) for c in answer["citations"]
        ]
    values |= _numbering_marks(answer)
    right = _right(example, values) if status == "answered" else None
    return Marks(
        example.id,
        values,
        float(answer["confidence"]),
        example.answerable,
        example.tags,
        right,
        cluster(example),
        status == "answered",
    )


DIALOGUE = "dialogue-"
"""Tags that begin so name the dialogue of a question."""


def cluster(example: QAExample) -> str:
    """What a question shares with others: its dialogue, else the article that answers it, else nothing."""
    dialogue = next((tag for tag in example.tags if tag.startswith(DIALOGUE)), "")
    return dialogue or next((each.article_id for each in example.evidence), "")


def _right(example: QAExample, values: Mapping[str, Sequence[float]]) -> bool | None:
    """Whether an answer that was given is right: it holds a gold answer, or where there is none cites a gold quote."""
    if example.answerable is False:
        return False
    told = values.get("contains") or values.get("evidence_cited")
    return bool(told[0]) if told else None


def _evidence_marks(
    evidence: Sequence[Evidence], citations: Sequence[Mapping[str, Any]], articles: GoldArticles
) -> dict[str, list[float]]:
    gold_ids = {article_id for each in evidence for article_id in articles.ids(each.article_id)}
    cited: dict[str, list[Span]] = {}
    for article_id, span in (_place(citation, gold_ids, articles) for citation in citations):
        cited.setdefault(article_id, []).append(span)
    known = cited.keys() | {copy["article_id"] for citation in citations for copy in citation.get("also_in", ())}
    marks = {"article_cited": [float(not gold_ids.isdisjoint(known))]}
    quotes = _by_quote(evidence)
    wanted = {frozenset(i for each in alike for i in articles.ids(each.article_id)) for alike in quotes} - {frozenset()}
    if wanted and not frozenset.intersection(*wanted):
        marks["all_articles_cited"] = [float(all(ids & known for ids in wanted))]
    found, covered = [], []
    gold: dict[str, list[Span]] = {}
    for alike in quotes:
        spans = {i: where for each in alike for i, where in articles.spans(each).items()}
        if not spans and any(articles.ids(each.article_id) for each in alike):
            continue  # the set's own fault, said in a note: nothing that the bot cites could be right
        places = [(i, place) for i, of_article in spans.items() for place in of_article]
        found.append(any(overlaps(own, place) for i, place in places for own in cited.get(i, ())))
        shares = [common_characters(cited.get(i, ()), [place]) / (place[1] - place[0]) for i, place in places]
        covered.append(max(shares, default=0.0))
        for i, place in places:
            gold.setdefault(i, []).append(place)
    if found:
        marks["evidence_cited"] = [float(any(found))]
        marks["evidence_recall"] = [sum(found) / len(found)]
        marks["citation_recall"] = [sum(covered) / len(covered)]
        if cited:
            common = sum(common_characters(spans, gold.get(i, ())) for i, spans in cited.items())
            marks["citation_precision"] = [common / sum(map(characters, cited.values()))]
    return marks


def _by_quote(evidence: Sequence[Evidence]) -> list[list[Evidence]]:
    """The evidence that has a quote; what has the same one is together, for any of it will do: an article's copies."""
    found: dict[str, list[Evidence]] = {}
    for each in evidence:
        if each.quote is not None:
            found.setdefault(" ".join(each.quote.split()), []).append(each)
    return list(found.values())


def _place(citation: Mapping[str, Any], gold_ids: Set[str], articles: GoldArticles) -> tuple[str, Span]:
    """The article and the place that a citation counts for: its own, or, where a copy of its article is the gold one,
    that of the same words there."""
    if citation["article_id"] not in gold_ids:
        for copy in citation.get("also_in", ()):
            same = spans_of(citation["quote"], articles.text(copy["article_id"]) or "")
            if copy["article_id"] in gold_ids and same:
                return copy["article_id"], same[0]
    return citation["article_id"], (citation["start"], citation["end"])


def _numbering_marks(answer: Mapping[str, Any]) -> dict[str, list[float]]:
    """For each sentence whether it cites anything, and for each number it cites whether there is such a citation."""
    known = {citation["n"] for citation in answer["citations"]}
    sentences = [sentence["citations"] for sentence in answer["sentences"]]
    marks = {
        "sentence_cited": [float(bool(numbers)) for numbers in sentences],
        "number_known": [float(number in known) for numbers in sentences for number in numbers],
    }
    return {name: values for name, values in marks.items() if values}


def gold_notes(examples: Sequence[QAExample], articles: GoldArticles) -> list[str]:
    """What is wrong with the set's evidence, in words: articles that the index lacks, quotes that stand nowhere."""
    named = [(example.id, each) for example in examples if example.answerable for each in example.evidence]
    missing = dict.fromkeys(each.article_id for _, each in named if not articles.ids(each.article_id))
    adrift = dict.fromkeys(
        question
        for question, each in named
        if each.quote is not None and articles.ids(each.article_id) and not articles.spans(each)
    )
    notes = []
    if missing:
        notes.append(f"{len(missing)} gold articles are not in the index, so nothing can cite them: {_some(missing)}")
    if adrift:
        notes.append(f"{len(adrift)} questions have gold quotes that are not in their article: {_some(adrift)}")
    return notes


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - MAX_NAMED} more" if len(listed) > MAX_NAMED else ""
    return ", ".join(listed[:MAX_NAMED]) + more
