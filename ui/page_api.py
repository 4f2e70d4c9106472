"""The endpoints behind the page's own scripts: the sources list, adding and removing, conversations, settings.

`/api/…` ones are for programs too (docs/programs.md); `/page/…` ones belong to the page and change with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import quote as percent_encoded

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.words import whole
from index.errors import UnreadableInput, UsageError
from index.read.picture import page_picture
from ui import choices as chosen
from ui import export, panes
from ui.adding import MAX_UPLOAD_BYTES, PARTIAL, Adding
from ui.exchange import Endpoint, json_response
from ui.people import user_of
from ui.scope import day_of
from ui.since import outdated
from ui.site import Site

MAX_ROWS = 5_000
MARKED = 100
"""Conversations at the top of the list whose cited articles are looked at: each has to be read for it."""
MAX_WORDS_CHARACTERS = 200
Json = dict[str, Any]
Work = Callable[[str, Json], Any]
"""Does something for a user with what was sent; runs in a thread."""

EXPORTS: dict[str, tuple[Callable[[export.Exported], str], str, str]] = {
    "markdown": (export.to_markdown, "text/markdown", "md"),
    "html": (export.to_html, "text/html", "html"),
    "json": (export.to_json, "application/json", "json"),
}


def routes(site: Site) -> list[Route]:
    """The endpoints over a site."""
    page = PageApi(site)
    return [
        _route("GET", "/page/sources", page.sources),
        _route("GET", "/page/conversations", page.conversations),
        _route("POST", "/page/conversations/rename", page.rename),
        _route("POST", "/page/conversations/delete", page.delete),
        _route("GET", "/page/references", page.references),
        _route("GET", "/page/settings", page.settings),
        _route("PUT", "/page/settings", page.keep_settings),
        _route("POST", "/page/settings/test", page.test_language_model),
        _route("GET", "/page/export", page.exported),
        _route("GET", "/page/picture", page.picture),
        _route("POST", "/api/add", page.add),
        _route("GET", "/api/add", page.adding),
        _route("POST", "/api/add/stop", page.stop_adding),
        _route("POST", "/api/remove", page.remove),
        _route("POST", "/api/restore", page.restore),
        Route("/api/uploads", Endpoint("PUT", page.upload), methods=["PUT"]),
    ]


class PageApi:
    """What the endpoints do. Each method takes the user's name and what was sent, and gives a response or JSON."""

    def __init__(self, site: Site) -> None:
        self._site = site

    # --- articles ---

    def sources(self, user: str, sent: Json) -> Json:
        """The rows of the sources list that are wanted."""
        wanted = panes.Wanted(
            _text(sent, "words")[:MAX_WORDS_CHARACTERS], _text(sent, "source"), day_of(sent, "from"), day_of(sent, "to")
        )
        rows = max(panes.ROWS_AT_ONCE, min(_number(sent, "rows"), MAX_ROWS))
        return panes.sources_view(self._site.index.articles(), wanted, rows)

    def picture(self, user: str, sent: Json) -> Response:
        """A page of the PDF that an article came from."""
        article = self._site.index.article(_text(sent, "article"))
        page = _number(sent, "page")
        if article is None or not article.origin.lower().endswith(".pdf") or not 1 <= page <= len(article.pages):
            raise UsageError("There is no such page.")
        path = Path(article.origin)
        if not path.is_file():
            raise UsageError("The PDF is not where it was any more, so its pages can't be shown.")
        try:
            with self._site.limits.aside(user):
                drawn = page_picture(path, page)
        except UnreadableInput as error:
            raise UsageError(f"Page {page} can't be shown: {error}") from error
        return Response(drawn, media_type="image/png", headers={"Cache-Control": "private, max-age=600"})

    def add(self, user: str, sent: Json) -> Json:
        """Begins to take in what was uploaded, addresses, and texts."""
        texts = sent.get("texts") or []
        if not isinstance(texts, list) or not all(isinstance(each, dict) for each in texts):
            raise UsageError('"texts" must be a list of {"title", "text"}')
        pairs = [(_text(each, "title"), _text(each, "text")) for each in texts]
        return self._adding.start(_names(sent, "uploads"), _names(sent, "addresses"), pairs).to_json()

    def adding(self, user: str, sent: Json) -> Json:
        """How far it is."""
        return {"job": self._site.adding.state() if self._site.adding else None}

    def stop_adding(self, user: str, sent: Json) -> Json:
        """Ends it; what was written stays."""
        self._adding.stop()
        return {}

    def remove(self, user: str, sent: Json) -> Json:
        """Takes articles out."""
        return {"removed": self._adding.remove(_names(sent, "ids"))}

    def restore(self, user: str, sent: Json) -> Json:
        """Brings back what was removed last; where `ids` says what that should be, only this."""
        return {"restored": self._adding.restore(_names(sent, "ids"))}

    async def upload(self, request: Request) -> Response:
        """Keeps one file, whose bytes are the body; `POST /api/add` then takes it in under the same name."""
        name = request.query_params.get("name", "")
        path = await run_in_threadpool(self._adding.place_for_upload, name)
        size = 0
        # Under a name of its own while it comes in: the same file may be sent twice at once.
        with NamedTemporaryFile(dir=path.parent, prefix=PARTIAL, delete=False) as file:
            part = Path(file.name)
            try:
                async for chunk in request.stream():
                    size += len(chunk)
                    if size > MAX_UPLOAD_BYTES:
                        limit = MAX_UPLOAD_BYTES // 1024**2
                        raise UsageError(
                            f"A file may have at most {limit} MB: split it, or use footnote add in the terminal."
                        )
                    file.write(chunk)
                file.flush()
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)
        return json_response({"name": name, "bytes": size})

    @property
    def _adding(self) -> Adding:
        if self._site.adding is None:
            raise UsageError("Articles can't be added here: use footnote add in the terminal.")
        return self._site.adding

    # --- conversations ---

    def conversations(self, user: str, sent: Json) -> Json:
        """Those of this person, last changed first, each with whether an article that it cites was changed since."""
        kept = self._site.conversations
        found = kept.listed(user, _text(sent, "words")[:MAX_WORDS_CHARACTERS])
        cited = kept.cited(user, [each.id for each in found[:MARKED]])
        marked = outdated(cited, self._site.index.article)
        return {"conversations": [{**vars(each), "outdated": each.id in marked} for each in found]}

    def rename(self, user: str, sent: Json) -> Json:
        """Gives one another name."""
        return {"title": self._site.conversations.rename(user, _text(sent, "id"), _text(sent, "title"))}

    def delete(self, user: str, sent: Json) -> Json:
        """Deletes one."""
        self._site.conversations.delete(user, _text(sent, "id"))
        return {}

    def exported(self, user: str, sent: Json) -> Response:
        """One as a file to save."""
        if _text(sent, "format") not in EXPORTS:
            raise UsageError(f'"format" must be one of {", ".join(EXPORTS)}')
        write, media_type, suffix = EXPORTS[_text(sent, "format")]
        conversation_id = _text(sent, "conversation")
        about = self._site.conversations.about(user, conversation_id)
        turns = tuple(
            export.ExportedTurn(each.question, each.answer, each.problem, each.stopped)
            for each in self._site.conversations.load(user, conversation_id).turns
        )
        body = write(export.Exported(about.title, about.created, turns))
        name = "".join(each if each.isalnum() else "-" for each in about.title)[:60].strip("-") or "conversation"
        encoded = f"attachment; filename*=UTF-8''{percent_encoded(name)}.{suffix}"
        return Response(body, media_type=media_type, headers={"Content-Disposition": encoded})

    def references(self, user: str, sent: Json) -> Response:
        """One answer as plain text with its references, for the clipboard; by the number under which its turn is kept,
        for its place may have gone to another."""
        conversation = self._site.conversations.load(user, _text(sent, "conversation"))
        number = _number(sent, "turn")
        answer = next((each.answer for each in conversation.turns if each.kept_as == number), None)
        if answer is None:
            raise UsageError("There is no such answer.")
        return PlainTextResponse(export.with_references(answer))

    # --- settings ---

    def settings(self, user: str, sent: Json) -> Json:
        """What this person chose."""
        return {"choices": self._site.choices(user).model_dump(), "user": user, "login": self._site.login}

    def keep_settings(self, user: str, sent: Json) -> Json:
        """Keeps what this person chose, from the next question on."""
        choices = chosen.checked(sent)
        self._site.conversations.keep_choices(user, choices.model_dump())
        return {"choices": choices.model_dump()}

    def test_language_model(self, user: str, sent: Json) -> Json:
        """Says a word to the language model."""
        choices = chosen.checked(sent)
        with self._site.limits.aside(user):
            return {"said": self._site.bots.try_out(choices)}


def _route(method: str, path: str, work: Work) -> Route:
    async def answer(request: Request) -> Response:
        sent = dict(request.query_params) if method == "GET" else await _body(request)
        result = await run_in_threadpool(work, user_of(request), sent)
        return result if isinstance(result, Response) else json_response(result)

    return Route(path, Endpoint(method, answer), methods=[method])


async def _body(request: Request) -> Json:
    """The JSON object that was sent. Raises UsageError for anything else."""
    try:
        sent = json.loads(await request.body() or b"{}")
    except (ValueError, RecursionError) as error:
        raise UsageError("This is not JSON.") from error
    if not isinstance(sent, dict):
        raise UsageError("The body must be a JSON object.")
    return sent


def _text(sent: Json, name: str) -> str:
    value = sent.get(name)
    if value is None:
        return ""
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise UsageError(f'"{name}" must be a text')
    return whole(str(value))


def _names(sent: Json, name: str) -> list[str]:
    value = sent.get(name) or []
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise UsageError(f'"{name}" must be a list of texts')
    return [whole(each) for each in value]


def _number(sent: Json, name: str) -> int:
    """The whole number of at most nine digits that was sent; 0 for none."""
    value = _text(sent, name) or "0"
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise UsageError(f'"{name}" must be a whole number')
    return int(value)
