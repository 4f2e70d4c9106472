"""The command line: `footnote VERB`. Heavy libraries are imported only by the verbs that need them."""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.words import whole
from index.errors import FootnoteError, IndexUnavailable, UsageError
from ui.ask import summaries_json
from ui.cli_eval import add_eval
from ui.cli_page import add_page
from ui.terminal import DONE, INCOMPLETE, NO_INDEX, WRONG_USAGE, plain, print_json, reported, settings_of

if TYPE_CHECKING:
    from index.library import Index

logger = logging.getLogger("footnote")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code. Errors go to stderr in one line."""
    options = parser().parse_args(arguments)
    logging.basicConfig(level=logging.DEBUG if options.debug else logging.ERROR, format="%(name)s: %(message)s")
    try:
        code: int = options.run(options)
        return code
    except IndexUnavailable as error:
        return _failed(error, NO_INDEX)
    except UsageError as error:
        return _failed(error, WRONG_USAGE)
    except FootnoteError as error:
        return _failed(error, INCOMPLETE)
    except KeyboardInterrupt:
        goes_on = "What was done stays; the same command goes on from here."
        rebuilt = "The index is whole: as it was, or rebuilt if that was nearly done."
        kept = rebuilt if options.run is run_rebuild else goes_on
        print(f"Stopped. {kept}", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:
        logger.debug("unexpected", exc_info=True)
        return _failed(f"footnote failed ({type(error).__name__}: {error}); run it with --debug for more", INCOMPLETE)


def _failed(error: object, code: int) -> int:
    print(" ".join(str(error).split()), file=sys.stderr)
    return code


def parser() -> argparse.ArgumentParser:
    """All verbs and their options."""
    top = argparse.ArgumentParser(
        prog="footnote", description="Questions about your articles, answered with the sentences they rest on."
    )
    top.add_argument("--version", action=_Version, help="show the version")
    verbs = top.add_subparsers(metavar="VERB", required=True)

    def verb(name: str, run: Callable[[argparse.Namespace], int], about: str) -> argparse.ArgumentParser:
        command = verbs.add_parser(name, help=about, description=about)
        command.add_argument("--index", type=Path, metavar="DIR", help="folder of the index (default: .footnote)")
        command.add_argument("--json", action="store_true", help="print JSON")
        command.add_argument("--debug", action="store_true", help="show what goes on, and tracebacks")
        command.set_defaults(run=run)
        return command

    add = verb("add", run_add, "add or update files, folders, bulk files (.jsonl), web pages, feeds and sitemaps")
    add.add_argument("what", nargs="+", metavar="WHAT", help="a file, a folder, or an http(s) address")
    sync = verb("sync", run_sync, "make the index mirror a folder: added, changed, removed")
    sync.add_argument("folder", type=Path, metavar="FOLDER")
    sync.add_argument("--watch", action="store_true", help="go on following its changes until stopped with Ctrl-C")
    remove = verb("remove", run_remove, "remove articles")
    remove.add_argument("ids", nargs="+", metavar="ID")
    verb("list", run_list, "list the articles")
    show = verb("show", run_show, "show one article as it is stored")
    show.add_argument("id", metavar="ID")
    verb("rebuild", run_rebuild, "split and embed every article again, as the settings say")
    search = verb("search", run_search, "the best passages for a question")
    ask = verb("ask", run_ask, "a cited answer to a question")
    for command in (search, ask):
        command.add_argument("question", nargs="?", type=whole, metavar="QUESTION")
        command.add_argument("--batch", type=Path, metavar="FILE.jsonl", help="questions, one JSON object a line")
        command.add_argument("--from", dest="date_from", type=_day, metavar="DATE", help="articles from this day on")
        command.add_argument("--to", dest="date_to", type=_day, metavar="DATE", help="articles up to this day")
        command.add_argument(
            "--source", action="append", type=whole, metavar="NAME", help="this outlet only (may be repeated)"
        )
    search.add_argument("-k", type=_count, metavar="N", help="passages to show")
    ask.add_argument("-k", dest="passages", type=_count, metavar="N", help="passages to read")
    ask.add_argument("--llm", metavar="NAME", help="language model that writes the answer (see .env.example)")
    verify = verb("verify", run_verify, "re-check saved answers (of ask --json) or an exported conversation")
    verify.add_argument("file", type=Path, metavar="FILE")
    add_page(verb)
    add_eval(verbs)
    return top


class _Version(argparse.Action):
    """Prints the version, which is looked up only when asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str | None = None) -> None:
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from importlib.metadata import version

        print(f"footnote {version('footnote')}")
        parser.exit()


def _day(text: str) -> str:
    from index.dates import day_in, iso_date

    with contextlib.suppress(ValueError):
        return day_in(text)
    day = iso_date(text)  # a date in words
    if day is None:
        raise argparse.ArgumentTypeError(f"{text} is not a date: write it like 2025-03-16")
    return day[:10]


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 to 100")
    return int(text)


# --- articles ---


def run_add(options: argparse.Namespace) -> int:
    from index import ingest
    from index.library import Index
    from ui.progress import ingest_progress

    index = Index(settings_of(options), create=True)
    with ingest_progress("Adding") as progress:
        report = ingest.add(index, options.what, progress)
    return reported(report, as_json=options.json)


def run_sync(options: argparse.Namespace) -> int:
    from index import ingest
    from index.library import Index
    from ui.progress import ingest_progress

    if not options.folder.is_dir():
        raise UsageError(f"{options.folder} is not a folder: sync mirrors a folder; use add for files")
    index = Index(settings_of(options), create=True)
    with ingest_progress("Syncing") as progress:
        report = ingest.sync(index, options.folder, progress)
    code = reported(report, as_json=options.json)
    return _follow(index, options) if options.watch else code


def _follow(index: Index, options: argparse.Namespace) -> int:
    """Sync what changes, until interrupted. Changes that come while another process writes wait for it."""
    from index import ingest
    from index.errors import WriterBusy
    from index.watch import changes

    waiting: set[Path] = set()
    print(f"Watching {options.folder} (stop with Ctrl-C)", file=sys.stderr, flush=True)
    for changed in changes(options.folder):
        waiting |= changed
        if not waiting:
            continue
        try:
            report = ingest.sync(index, options.folder, only=waiting)
        except WriterBusy as error:
            print(" ".join(str(error).split()), file=sys.stderr, flush=True)
            continue
        waiting.clear()
        if report.added or report.updated or report.removed or report.duplicates or report.skipped:
            reported(report, as_json=options.json)
            sys.stdout.flush()
    return DONE


def run_rebuild(options: argparse.Namespace) -> int:
    from index import ingest
    from index.library import Index
    from ui.progress import ingest_progress

    index = Index(settings_of(options))
    with ingest_progress("Rebuilding") as progress:
        report = ingest.rebuild(index, progress)
    return reported(report, as_json=options.json)


def run_remove(options: argparse.Namespace) -> int:
    from index.library import Index
    from index.types import Skipped
    from index.writer import IngestReport

    index = Index(settings_of(options))
    with index.writing():
        removed = index.remove(options.ids)
    report = IngestReport(removed=len(removed))
    report.skipped = [Skipped(i, "there is no such article") for i in options.ids if i not in removed]
    return reported(report, as_json=options.json)


def run_list(options: argparse.Namespace) -> int:
    from index.library import Index

    articles = Index(settings_of(options)).articles()
    if options.json:
        print_json(summaries_json(articles))
        return DONE
    for article in articles:
        print(plain(f"{(article.published or '–')[:10]:10}  {article.source[:24]:24}  {article.title}  [{article.id}]"))
    print(f"{len(articles)} articles, {sum(article.passages for article in articles)} passages")
    return DONE


def run_show(options: argparse.Namespace) -> int:
    from index.library import Index

    index = Index(settings_of(options))
    article = index.article(options.id)
    if article is None:
        raise UsageError(f"There is no article {options.id}: footnote list shows what there is")
    if options.json:
        summary = next(each for each in summaries_json(index.articles()) if each["id"] == article.id)
        print_json({**summary, "text": article.text})
    else:
        about = " · ".join(filter(None, (article.source, article.published or "", article.url)))
        print(plain(article.title), plain(about), "", article.text, sep="\n")
    return DONE


# --- questions ---


def run_search(options: argparse.Namespace) -> int:
    from ui.ask import search_json

    return _for_each_question(options, partial(search_json, k=options.k), _print_results)


def run_ask(options: argparse.Namespace) -> int:
    from ui.ask import answer_json

    return _for_each_question(options, answer_json, _print_answer)


def _for_each_question(
    options: argparse.Namespace,
    answer: Callable[[Any, dict[str, Any]], dict[str, Any]],
    show: Callable[[dict[str, Any]], None],
) -> int:
    from ui.ask import read_batch

    if (options.question is None) == (options.batch is None):
        raise UsageError("Give one question in quotes, or --batch FILE.jsonl")
    settings = settings_of(options)
    common = {"from": options.date_from, "to": options.date_to, "source": options.source}
    asked = [{**common, "question": options.question}]
    questions = iter(asked) if options.batch is None else read_batch(options.batch, common)
    from bot.build import build_bot

    bot = build_bot(settings)
    for question in questions:
        answered = answer(bot, question)
        if options.batch is not None:
            print(json.dumps({"id": question["id"], **answered}, ensure_ascii=False), flush=True)
        elif options.json:
            print_json(answered)
        else:
            show(answered)
    return DONE


def _print_results(found: dict[str, Any]) -> None:
    for result in found["results"]:
        about = " · ".join(filter(None, (result["title"], result["source"], result["date"])))
        print(plain(f"{result['rank']:2}. {about}  ({result['score']:.3f})"))
        print(f"    {plain(result['text'])[:300]}")
        print(_also_in(result) + "\n" if result["also_in"] else "")


def _print_answer(answer: dict[str, Any]) -> None:
    if answer["interpreted_question"] != answer["question"]:
        print(f"Understood as: {plain(answer['interpreted_question'])}\n")
    if answer["notice"]:
        print(f"{plain(answer['notice'])}\n")
    if answer["status"] == "not_found":
        print("Not in these articles. The nearest passages:\n")
        _print_results({"results": answer["nearest"]})
        return
    for sentence in answer["sentences"]:
        marks = "".join(f"[{n}]" for n in sentence["citations"])
        if sentence["support"] == "unsupported":
            marks += "(not supported by the articles)"
        print(f"{plain(sentence['text'])} {marks}")
    for conflict in answer["conflicts"]:
        print("\nSources disagree:" if conflict["kind"] == "conflict" else "\nThis changed over time:")
        for side in conflict["sides"]:
            marks = "".join(f"[{n}]" for n in side["citations"])
            print(plain(f"  {(side['date'] or '–')[:10]:10}  {side['value']} {marks}"))
    print(f"\nConfidence {answer['confidence']:.0%}")
    for citation in answer["citations"]:
        page = f"page {citation['page']}" if citation["page"] else None
        about = " · ".join(filter(None, (citation["title"], citation["source"], citation["date"], page)))
        print(plain(f"[{citation['n']}] {about}  [{citation['article_id']} {citation['start']}–{citation['end']}]"))
        print(f"    “{plain(citation['quote'])}”")
        if citation["also_in"]:
            print(_also_in(citation))


def _also_in(found: dict[str, Any]) -> str:
    named = (
        (copy["source"] or copy["title"]) + (f" ({copy['date'][:10]})" if copy["date"] else "")
        for copy in found["also_in"]
    )
    return plain(f"    also in: {', '.join(dict.fromkeys(named))}")


def run_verify(options: argparse.Namespace) -> int:
    from bot.verify import check, saved_answers
    from index.library import Index

    answers = list(saved_answers(options.file))
    settings = settings_of(options)
    index = Index(settings)
    checked = [
        (answer, [check(citation, index.article, settings.language) for citation in answer["citations"]])
        for answer in answers
    ]
    citations = [each for _, own in checked for each in own]
    intact = sum(each.state == "intact" for each in citations)
    if options.json:
        print_json(
            [{"question": a.get("question"), "citations": [each.to_json() for each in own]} for a, own in checked]
        )
    else:
        for answer, own in checked:
            print(plain(str(answer.get("question") or "")))
            for each in own:
                also = " (its article was changed elsewhere)" if each.state == "intact" and each.article_changed else ""
                print(f"  [{each.number}] {each.state}{also}: {plain(each.article_id)} “{plain(each.quote)}”")
                if each.now:
                    print(f"      now: “{plain(each.now)}”")
        print(f"{intact} of {len(citations)} citations intact")
    return DONE if intact == len(citations) else INCOMPLETE


if __name__ == "__main__":
    sys.exit(main())
