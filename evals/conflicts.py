"""Are differing reports told from such as only look different? `python -m evals.conflicts ARTICLES.jsonl.gz --out DIR`.

Made of real articles by editing: a sentence that answers a drafted question is put into a brief of another outlet, with
another number, date or name as the answer; a sentence that is asked about with yes or no is denied there. Look-alikes
say the same in rounded or other figures or in other words, tell of somebody else, count a growing number anew on a
later day, negate twice, negate another thing, or say on an earlier day that it is not so yet. All briefs and articles
stand in one index, and the whole bot is asked.

A run that was stopped is gone on with. Half of the cases, drawn by a seed, were looked at while the rules were
written; the other half was not.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bot.build import build_bot
from bot.pipeline import Bot
from bot.settings import Settings
from evals.drafts.candidates import read_candidates
from evals.intervals import Cases, interval, mean
from evals.progress import tell
from evals.provenance import code_hash, digest, index_recipe, settings_record, sha256_of, versions
from evals.reports import SEED, Case, cases
from evals.workspace import FINISHED, Workspace
from index import ingest
from index.library import Index
from index.read import read_source
from index.read.source import Source
from index.types import Article


class Found(NamedTuple):
    """Whether a case was answered, a conflict was shown, and the newest article gives the answer."""

    answered: bool
    shown: bool
    newest: bool


def asked(bot: Bot, case: Case) -> Found:
    """What the bot makes of a case's question."""
    answer = bot.ask(case.question)
    shown = any(each["kind"] == "conflict" for each in answer.conflicts)
    first = answer.sentences[0].citations if answer.sentences else ()
    cited = {each.number: each.article.id for each in answer.citations}
    return Found(bool(answer.sentences), shown, any(cited[n] == case.newest for n in first))


def main(given: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m evals.conflicts", description=__doc__)
    parser.add_argument("articles", type=Path, help="a bulk file of dated articles")
    parser.add_argument("--out", type=Path, required=True, help="folder for the index and the answers")
    parser.add_argument("--sample", type=int, default=900, help="articles that stand in the index")
    parser.add_argument("--per-kind", type=int, default=50, help="cases of each kind")
    parser.add_argument("--show", type=int, default=0, help="print so many of the cases that went wrong")
    args = parser.parse_args(given)
    read = [each for each in read_source(Source(args.articles)) if isinstance(each, Article)]
    dated = [each for each in read if each.published and each.source and len(each.text) > 1_000]
    articles = random.Random(SEED).sample(dated, min(args.sample, len(dated)))
    settings = Settings(_env_file=None, index=args.out / "index")
    inputs = digest([sha256_of(args.articles), args.sample, index_recipe(settings), code_hash(["index"])])
    made_by = [inputs, args.per_kind, code_hash(), versions(), settings_record(settings)]
    workspace = Workspace(args.out, digest(made_by), inputs)
    index = Index(settings, create=True)
    with index.writing():
        ingest.write_articles(index, [article for article in articles if index.article(article.id) is None])
    stored = [each for each in (index.article(article.id) for article in articles) if each is not None]
    sources = read_candidates(index, [each.id for each in stored], len(stored), random.Random(SEED))
    made = cases(stored, sources, args.per_kind)
    wanted = {each.id for each in stored} | {case.report.id for case in made}
    with index.writing():
        index.remove([each.id for each in index.articles() if each.id not in wanted])
        ingest.write_articles(index, [case.report for case in made])
    results = answered(made, build_bot(settings, index), workspace)
    print_figures(made, results)
    _print_wrong(made, results, args.show)
    return 0


def answered(made: Sequence[Case], bot: Bot, workspace: Workspace) -> list[Found]:
    """What became of each case, in order; those that were asked before the run was stopped are not asked again."""
    with workspace.journal("answers.jsonl") as journal:
        for place, case in enumerate(made):
            if str(place) not in journal:
                journal.add({"id": str(place), "found": asked(bot, case)})
            tell(place + 1, len(made))
        results = [Found(*journal[str(place)]["found"]) for place in range(len(made))]
    workspace.write_json(FINISHED, {"cases": len(made)})
    return results


def looked_at(count: int) -> list[int]:
    """The places of the half of the cases that were looked at while the rules were written, in order."""
    return sorted(random.Random(SEED + 1).sample(range(count), count // 2))


def print_figures(made: Sequence[Case], results: Sequence[Found]) -> None:
    """What became of each kind of case, then the figures of all cases and of either half."""
    for kind in dict.fromkeys(case.kind for case in made):
        own = [found for case, found in zip(made, results, strict=True) if case.kind == kind]
        count, shown = sum(found.answered for found in own), sum(found.shown for found in own)
        print(f"{kind:17} {len(own):3} cases, {count:4} answered, {shown:4} shown as a conflict")
    half = set(looked_at(len(made)))
    _print_half("all cases", made, results)
    for name, chosen in (("looked at", half), ("not looked at", set(range(len(made))) - half)):
        _print_half(name, [made[i] for i in sorted(chosen)], [results[i] for i in sorted(chosen)])


def _print_half(name: str, made: Sequence[Case], results: Sequence[Found]) -> None:
    truth, said = [case.is_conflict for case in made], [found.shown for found in results]

    def f1(chosen: Cases) -> float | None:
        hits = sum(said[i] and truth[i] for i in chosen)
        known = sum(said[i] for i in chosen) + sum(truth[i] for i in chosen)
        return 2 * hits / known if known else None

    alarms = [float(s) for s, t in zip(said, truth, strict=True) if not t]
    newest = [float(found.newest) for found, t in zip(results, truth, strict=True) if t and found.shown]
    print(f"{name}:")
    print(f"  F1                      {_shown(interval(f1, len(made)))}")
    print(f"  false alarms            {_shown(mean(alarms))}")
    print(f"  newest wins, of those   {_shown(mean(newest) if newest else None)}")


def _print_wrong(made: Sequence[Case], results: Sequence[Found], show: int) -> None:
    """Some of the cases that went wrong, of the half that may be looked at."""
    half = [(made[i], results[i]) for i in looked_at(len(made))]
    wrong = [(case, found) for case, found in half if found.answered and found.shown != case.is_conflict]
    for case, found in random.Random(SEED).sample(wrong, min(show, len(wrong))):
        print(f"\n{case.kind}, shown {found.shown}: {case.question}\n  {case.report.text[:300]}")


def _shown(metric: object) -> str:
    return f"{metric.value:.3f} [{metric.low:.3f}, {metric.high:.3f}] (n {metric.n})" if metric else "–"  # type: ignore[attr-defined]


if __name__ == "__main__":
    sys.exit(main())
