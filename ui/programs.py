"""The bot for programs over HTTP: `/api/…` here, what OpenAI's clients expect in `openai_api.py`.

docs/programs.md describes each address. Nothing here can be steered by an article: what they say is only ever data.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.types import Answer, Step
from ui.ask import ListedArticles, article_json, listed_json
from ui.exchange import (
    Asking,
    Day,
    Endpoint,
    Names,
    Refused,
    body_of,
    json_response,
    refusal,
    server_sent,
    streamed,
)
from ui.history import shown
from ui.openai_api import OpenAIApi
from ui.panes import Wanted

if TYPE_CHECKING:
    from ui.exchange import AskedBot
    from ui.limits import Limits

STREAM = "text/event-stream"


class _Asked(BaseModel):
    """A question, and which articles it is asked of."""

    model_config = ConfigDict(extra="forbid", strict=True)

    question: str
    date_from: Day | None = Field(None, alias="from")
    date_to: Day | None = Field(None, alias="to")
    source: Names | None = None
    articles: Names | None = None

    def as_asked(self) -> dict[str, Any]:
        """The fields as `ui.ask` takes them."""
        return self.model_dump(by_alias=True, exclude_none=True)


class Question(_Asked):
    """The body of `POST /api/ask`."""

    history: list[tuple[str, str]] = []


class Search(_Asked):
    """The body of `POST /api/search`."""

    k: int | None = Field(None, ge=1, le=100)


class Listing(BaseModel):
    """The query of `GET /api/articles`, whose values are all texts."""

    model_config = ConfigDict(extra="forbid")

    search: str = Field("", max_length=200)
    source: str = ""
    date_from: Day | None = Field(None, alias="from")
    date_to: Day | None = Field(None, alias="to")
    limit: int = Field(100, ge=1, le=1_000)
    offset: int = Field(0, ge=0, le=10_000_000)


def routes(bot: AskedBot, index: ListedArticles, limits: Limits) -> list[Route]:
    """The routes for programs. The name of the user, where there is a login, is in `request.state.user`."""
    asking = Asking(bot, limits)
    api, openai = ProgramsApi(asking, index), OpenAIApi(asking)
    return [
        Route("/api/ask", Endpoint("POST", api.ask)),
        Route("/api/search", Endpoint("POST", api.search)),
        Route("/api/articles", Endpoint("GET", api.articles)),
        Route("/api/article", Endpoint("GET", api.article)),
        Route("/v1/models", Endpoint("GET", openai.models)),
        Route("/v1/models/{model:path}", Endpoint("GET", openai.model)),
        Route("/v1/chat/completions", Endpoint("POST", openai.chat)),
    ]


class ProgramsApi:
    """What the addresses under `/api/` do."""

    def __init__(self, asking: Asking, index: ListedArticles) -> None:
        self._asking = asking
        self._index = index

    async def ask(self, request: Request) -> Response:
        """An answer; as it is made, where the client accepts a stream of events."""
        question = await body_of(request, Question)
        self._asking.admit(request)
        if STREAM in request.headers.get("accept", "").lower():
            return await streamed(_told(self._asking.events(question.as_asked())), error_event="error")
        return json_response((await self._asking.answer(question.as_asked())).to_json())

    async def search(self, request: Request) -> Response:
        """The best passages for a question."""
        wanted = await body_of(request, Search)
        self._asking.admit(request)
        return json_response(await self._asking.search(wanted.as_asked(), wanted.k))

    async def articles(self, request: Request) -> Response:
        """A part of the list of articles."""
        try:
            query = Listing.model_validate(dict(request.query_params))
        except ValidationError as error:
            raise refusal(error) from error
        wanted = Wanted(query.search, query.source, query.date_from or "", query.date_to or "")
        listed = await run_in_threadpool(listed_json, self._index, wanted, limit=query.limit, offset=query.offset)
        return json_response(listed)

    async def article(self, request: Request) -> Response:
        """One article, with its text."""
        article_id = request.query_params.get("id", "")
        if not article_id:
            raise Refused(400, '"id" is missing: /api/article?id=…', "invalid_request")
        article = await run_in_threadpool(article_json, self._index, article_id)
        if article is None:
            raise Refused(404, "There is no article of that id: /api/articles lists what there is.", "not_found")
        return json_response(article)


async def _told(events: AsyncGenerator[Step | Answer]) -> AsyncGenerator[str]:
    """The events as a client gets them. An answer waits for the one after it, because only the last is finished."""
    latest: Answer | None = None
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Step):
                yield server_sent({"hop": event.hop, "message": event.message}, "step")
                continue
            if latest is not None:
                yield server_sent(shown(latest), "answer")
            latest = event
    if latest is None:
        raise RuntimeError("the bot's stream ended without an answer")
    yield server_sent(latest.to_json(), "done")
