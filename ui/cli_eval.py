"""`footnote eval …`: the verbs that score. The others are in `ui.cli`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ui.terminal import DONE, INCOMPLETE, plain, plain_lines, print_json, settings_of


def add_eval(verbs: Any) -> None:
    """Adds `eval` and its actions to the verbs (argparse's subparsers)."""
    evaluate = verbs.add_parser("eval", help="score question sets", description="score question sets")
    actions = evaluate.add_subparsers(metavar="ACTION", required=True)
    run = actions.add_parser("run", help="run a set and write its metrics")
    run.add_argument("set", type=Path, metavar="SET", help="a BEIR folder, a SQuAD .json or a question .jsonl")
    run.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the results go")
    run.add_argument("--index", type=Path, metavar="DIR", help="ask over this index")
    run.add_argument("--articles", type=Path, nargs="+", metavar="PATH", help="ask over a fresh index of these")
    run.add_argument("--compare-stages", action="store_true", help="a BEIR folder: each stage of the search too")
    run.add_argument("--judge", action="store_true", help="questions: FOOTNOTE_LLM judges if answers are faithful")
    run.set_defaults(run=run_eval)
    compare = actions.add_parser("compare", help="two runs of one set, question by question")
    compare.add_argument("first", type=Path, metavar="A", help="folder of a run")
    compare.add_argument("second", type=Path, metavar="B", help="folder of another")
    compare.set_defaults(run=run_compare)
    gate = actions.add_parser("gate", help="exit with 1 when a run is worse than the floors")
    gate.add_argument("folder", type=Path, metavar="RUN", help="folder of a run")
    gate.add_argument("--floors", type=Path, required=True, metavar="FILE", help="what was once reached")
    gate.add_argument("--raise", dest="raises", action="store_true", help="make this run the floors unless it is worse")
    gate.add_argument("--lower", action="store_true", help="with --raise: even if it is worse")
    gate.set_defaults(run=run_gate)
    make = actions.add_parser("make", help="draft questions from your articles, or test cases from a log of thumbs")
    make.add_argument("--out", type=Path, required=True, metavar="FILE", help="the question set to write, a .jsonl")
    make.add_argument("--index", type=Path, metavar="DIR", help="draft from the articles of this index")
    make.add_argument("--count", type=int, default=50, metavar="N", help="questions (default: 50)")
    make.add_argument("--per-article", type=int, default=3, metavar="N", help="of one article, at most (default: 3)")
    make.add_argument("--unanswerable", type=float, default=0.2, metavar="SHARE", help="of them (default: 0.2)")
    make.add_argument("--seed", type=int, default=0, metavar="N", help="another number draws other questions")
    make.add_argument("--feedback", type=Path, metavar="LOG", help="a log of thumbs up and down, instead of articles")
    make.set_defaults(run=run_make)
    report = actions.add_parser("report", help="write a run's report.html anew, and print Markdown for a pull request")
    report.add_argument("folder", type=Path, metavar="RUN", help="folder of a run")
    report.add_argument("--against", type=Path, metavar="BASE", help="folder of an earlier run of the same set")
    report.set_defaults(run=run_report)
    peers = actions.add_parser("peers", help="the same questions through other stacks: quality, time and memory")
    peers.add_argument("articles", type=Path, nargs="+", metavar="ARTICLES", help="bulk files (.jsonl, .jsonl.gz)")
    peers.add_argument("--questions", type=Path, required=True, metavar="SET", help="a question .jsonl")
    peers.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the results go, and are kept")
    peers.add_argument("--sample", type=int, metavar="N", help="the gold articles and others drawn, N in all")
    peers.add_argument("--seed", type=int, default=0, metavar="N", help="another number draws other articles")
    peers.add_argument("--peer", action="append", default=[], metavar="NAME", help="only this one (may be repeated)")
    peers.set_defaults(run=run_peers)
    for command in (run, compare, gate, make, report, peers):
        command.add_argument("--json", action="store_true", help="print JSON")
        command.add_argument("--debug", action="store_true", help="show what goes on, and tracebacks")


def run_eval(options: argparse.Namespace) -> int:
    from evals.report import summary
    from evals.run import Also, run
    from ui.progress import question_progress

    asked: dict[Also, bool] = {"stages": options.compare_stages, "judge": options.judge}
    with question_progress() as progress:
        metrics = run(
            settings_of(options),
            options.set,
            options.out,
            articles=options.articles,
            also=[name for name, wanted in asked.items() if wanted],
            progress=progress,
        )
    _show(metrics, summary, as_json=options.json)
    return DONE


def run_compare(options: argparse.Namespace) -> int:
    from evals.compare import compare, load_run
    from evals.report import comparison_summary

    found = compare(load_run(options.first), load_run(options.second)).to_json()
    _show(found, comparison_summary, as_json=options.json)
    return DONE


def run_gate(options: argparse.Namespace) -> int:
    from evals.compare import load_run
    from evals.gate import pass_gate
    from evals.report import gate_summary

    outcome = pass_gate(load_run(options.folder), options.floors, raises=options.raises, lower=options.lower).to_json()
    _show(outcome, gate_summary, as_json=options.json)
    return DONE if outcome["passed"] else INCOMPLETE


def run_make(options: argparse.Namespace) -> int:
    from evals.make import draft, from_feedback, write
    from index.library import Index

    if options.feedback:
        made = from_feedback(options.feedback)
    else:
        made = draft(
            Index(settings_of(options)),
            count=options.count,
            seed=options.seed,
            per_article=options.per_article,
            unanswerable=options.unanswerable,
        )
    write(options.out, made)
    if options.json:
        print_json({"file": str(options.out), "questions": len(made.drafts), "notes": list(made.notes)})
        return DONE
    for note in made.notes:
        print(f"note: {plain(note)}", file=sys.stderr)
    print(f"{options.out}: {len(made.drafts)} drafts. Read them before they measure anything: strike the odd ones.")
    return DONE


def run_report(options: argparse.Namespace) -> int:
    from evals.compare import compare, load_run
    from evals.report import pull_request
    from evals.report_page import write_page

    run = load_run(options.folder)
    changes = compare(load_run(options.against), run).to_json() if options.against else None
    page = write_page(options.folder)
    if options.json:
        print_json({"page": str(page), "metrics": run.metrics, "against": changes})
    else:
        print(plain_lines(pull_request(run.metrics, changes)))
        print(f"The whole report: {page}", file=sys.stderr)
    return DONE


def run_peers(options: argparse.Namespace) -> int:
    from evals.peers.report import markdown
    from evals.peers.run import run

    made = run(
        settings_of(options),
        options.articles,
        options.questions,
        options.out,
        sample=options.sample,
        seed=options.seed,
        names=options.peer,
        tell=lambda text: print(plain(text), file=sys.stderr, flush=True),
    )
    _show(made, markdown, as_json=options.json)
    return DONE if all(row["status"] == "measured" for row in made["peers"]) else INCOMPLETE


def _show(result: dict[str, Any], in_words: Callable[[Mapping[str, Any]], str], *, as_json: bool) -> None:
    if as_json:
        print_json(result)
    else:
        print(plain_lines(in_words(result)))
