"""Measuring search alone: every query of a BEIR set over a fresh index, articles ranked by their best passage."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from evals.metrics import ALL_FOUND, RANKED, RETRIEVAL_MEASURES, all_found, retrieval_values
from evals.types import Marks, RetrievalSet
from evals.workspace import Journal, Workspace
from index.search import ScoredPassage

if TYPE_CHECKING:
    from bot.read import PassageReader
    from index.library import Index

FIRST_DEPTH, LAST_DEPTH = 100, 1600
"""Passages asked for, and more of them while fewer than RANKED articles are found: a collection of a few long
documents may fill a hundred places with three of them."""
SCORE_STEP = 1e-6
SINGLE_STEP = 2.0**-22
"""Share of a score by which the next must be lower: trec_eval holds scores in single precision (24 bits), for which
25.000001 is 25.000000, and orders what seems alike to it by id."""

Ranking = list[tuple[str, float]]
Progress = Callable[[int, int], None]


class Search(Protocol):
    """The k best passages for a question, best first."""

    def __call__(self, question: str, k: int) -> Sequence[ScoredPassage]: ...


def read_search(index: Index, reader: PassageReader, few: int) -> Search:
    """The bot's own search, but for copies of an article, which count as articles here: so many passages in the
    reader's order, the others as found."""
    from bot.read import behind

    def search(question: str, k: int) -> Sequence[ScoredPassage]:
        found = index.retriever(k=max(k, few), every_copy=True).search(question)
        return behind(reader.read(question, found[:few]), found[few:])[:k]

    return search


def ranked_articles(search: Search, question: str) -> Ranking:
    """Articles with the score of their best passage, best first; the scores fall strictly.

    Tools that read TREC runs order by score alone, each breaking ties its own way: a tie is set apart by 1e-6, large
    scores (of BM25) by as much as single precision can tell.
    """
    depth = FIRST_DEPTH
    while True:
        passages = search(question, depth)
        best: dict[str, float] = {}
        for found in passages:
            best.setdefault(found.article_id, float(found.score or 0.0))
        if len(best) >= RANKED or len(passages) < depth or depth >= LAST_DEPTH:
            break
        depth *= 4
    ranking: Ranking = []
    for article_id, score in best.items():
        last = ranking[-1][1] if ranking else 0.0
        ceiling = last - max(SCORE_STEP, abs(last) * SINGLE_STEP) if ranking else score
        ranking.append((article_id, round(min(score, ceiling), 6)))
    return ranking


def rank_all(search: Search, queries: Mapping[str, str], journal: Journal, progress: Progress) -> dict[str, Ranking]:
    """Every query's ranking, by query id in the set's order; those in the journal are not searched again."""
    run: dict[str, Ranking] = {}
    for done, (query, text) in enumerate(queries.items(), start=1):
        if query not in journal:
            journal.add({"id": query, "articles": ranked_articles(search, text)})
        run[query] = [(article_id, float(score)) for article_id, score in journal[query]["articles"]]
        progress(done, len(queries))
    return run


def trec(run: Mapping[str, Ranking]) -> str:
    """The run as a TREC file: query, Q0, article, rank from 1, score, name."""
    return "".join(
        f"{query} Q0 {article_id} {rank} {score:.6f} footnote\n"
        for query, ranking in run.items()
        for rank, (article_id, score) in enumerate(ranking, start=1)
    )


def marks_of(given: RetrievalSet, run: Mapping[str, Ranking]) -> list[Marks]:
    """The measures of every judged query, one without results counting as zero."""
    values = retrieval_values(given.qrels, run)
    marks = []
    for row, (query, relevant) in enumerate(given.qrels.items()):
        of_query = {name: [values[name][row]] for name in RETRIEVAL_MEASURES}
        if (whole := all_found(relevant, run.get(query, ()))) is not None:
            of_query[ALL_FOUND] = [whole]
        marks.append(Marks(query, of_query))
    return marks


def evaluate(
    given: RetrievalSet, search: Search, workspace: Workspace, progress: Progress, stage: str = ""
) -> list[Marks]:
    """Rank, write `run.trec`, mark. The files of a `stage` have its name in theirs."""
    with workspace.journal(f"rankings{stage and '.'}{stage}.jsonl") as journal:
        run = rank_all(search, given.queries, journal, progress)
    workspace.write_text(f"run{stage and '.'}{stage}.trec", trec(run))
    return marks_of(given, run)
