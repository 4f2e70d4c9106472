"""`footnote ui` and `footnote mcp`: what people and programs ask at. The other verbs are in `ui.cli`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ui.terminal import DONE, reported, settings_of

if TYPE_CHECKING:
    from bot.pipeline import Bot
    from bot.settings import Settings
    from index.library import Index
    from ui.site import Site

Verb = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]


def add_page(verb: Verb) -> None:
    """Adds the verbs, by the function that makes one with the common options."""
    page = verb("ui", run_ui, "the chat page, and the same bot for programs (docs/programs.md)")
    page.add_argument("--address", metavar="HOST:PORT", help="where to serve it (default: 127.0.0.1:7860)")
    page.add_argument("--llm", metavar="NAME", help="language model that writes the answers (see .env.example)")
    page.add_argument("--add", type=Path, metavar="FOLDER", help="add this folder first when the index is empty")
    tools = verb("mcp", run_mcp, "the tools search, ask and list_articles by the Model Context Protocol, over stdio")
    tools.add_argument("--llm", metavar="NAME", help="language model that writes the answers (see .env.example)")


def run_ui(options: argparse.Namespace) -> int:
    from index.library import Index

    settings = settings_of(options)
    index = Index(settings, create=True)
    if options.add is not None and not index.articles():
        from index import ingest
        from ui.progress import ingest_progress

        with ingest_progress("Adding") as progress:
            reported(ingest.add(index, [options.add], progress), as_json=False)
    from ui.server import serve

    def ready(url: str) -> None:
        print(f"Footnote is at {url} (stop it with Ctrl-C)", flush=True)

    serve(site_of(settings, index), host=settings.host, port=settings.port, on_ready=ready)
    return DONE


def run_mcp(options: argparse.Namespace) -> int:
    from index.library import Index
    from ui.mcp_server import serve_over_stdio

    settings = settings_of(options)
    index = Index(settings)

    def load() -> Bot:
        from bot.build import build_bot

        bot = build_bot(settings, index)
        _ = index.embedder  # else it is loaded by the first question
        return bot

    serve_over_stdio(load, index)
    return DONE


def site_of(settings: Settings, index: Index) -> Site:
    """All that the page is served from. Questions to try are drafted by what drafts question sets."""
    from bot.build import build_bot
    from evals.make import questions_on_newest
    from ui.adding import Adding
    from ui.choices import Bots
    from ui.conversations import Conversations
    from ui.examples import Suggestions, examples_for
    from ui.site import Site

    bots = Bots(build_bot(settings, index), settings)
    suggestions = Suggestions(
        lambda: examples_for({article.id for article in index.articles()}),
        partial(questions_on_newest, index),
        bots.default,
    )
    suggestions.renew()
    return Site(
        index=index,
        bots=bots,
        conversations=Conversations(index.folder / "conversations.sqlite"),
        suggestions=suggestions,
        feedback=index.folder / "feedback.jsonl",
        adding=Adding(index, suggestions.renew),
    )
