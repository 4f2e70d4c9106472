"""`footnote ui`, `password` and `mcp`: what people and programs ask at. The other verbs are in `ui.cli`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import UsageError
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
    page.add_argument("--name", action="append", default=[], metavar="HOST", help="a further name of this machine")
    page.add_argument("--no-login", action="store_true", help="serve it to others even where nobody has to log in")
    password = verb("password", run_password, "make an entry for FOOTNOTE_USERS, out of a password that is asked for")
    password.add_argument("name", metavar="NAME")
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
    from ui.login import Access
    from ui.server import Door, serve

    def ready(url: str) -> None:
        print(f"Footnote is at {url} (stop it with Ctrl-C)", flush=True)

    door = Door(Access.of(settings), tuple(options.name), open_to_all=options.no_login)
    site = site_of(settings, index)
    serve(site, host=settings.host, port=settings.port, door=door, on_ready=ready)
    return DONE


def run_password(options: argparse.Namespace) -> int:
    from bot.settings import accounts_in
    from ui.login import MIN_PASSWORD_CHARACTERS, hashed

    password = _asked_password()
    if len(password) < MIN_PASSWORD_CHARACTERS:
        raise UsageError(f"A password needs {MIN_PASSWORD_CHARACTERS} characters or more.")
    entry = f"{options.name}:{hashed(password)}"
    try:
        accounts_in(entry)
    except ValueError as error:
        raise UsageError(f"{options.name} can't be a name: {error}") from error
    print(entry)
    print("This goes into FOOTNOTE_USERS: in .env as it is, in a shell between single quotes.", file=sys.stderr)
    return DONE


def _asked_password() -> str:
    """The password, typed twice, or the first line of a stdin that is no terminal."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    from getpass import getpass

    first = getpass("Password: ")
    if getpass("Once more: ") != first:
        raise UsageError("These were two different passwords: try again.")
    return first


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
        login=bool(settings.users.get_secret_value() or settings.token.get_secret_value()),
    )
