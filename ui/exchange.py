"""What the interfaces for programs share: bodies that are checked, errors of one shape, and work done in threads."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from contextlib import aclosing, closing
from typing import TYPE_CHECKING, Annotated, Any, Protocol, TypeVar, cast

import anyio
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from bot.types import Answer, Step
from index.dates import day_in
from index.errors import FootnoteError, IndexUnavailable, ModelUnavailable
from ui.ask import Searches, filters_of, search_json
from ui.history import UNEXPECTED
from ui.limits import Limits, TooMany
from ui.people import user_of
from ui.words import plain

if TYPE_CHECKING:
    from ui.history import Answers

    class AskedBot(Answers, Searches, Protocol):
        """What programs need of a bot."""


logger = logging.getLogger(__name__)

MAX_NAMED = 1_000
"""Outlets or articles that one question may name."""

T = TypeVar("T")
Model = TypeVar("Model", bound=BaseModel)


# --- what is sent ---


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Day = Annotated[str, AfterValidator(day_in)]
Names = Annotated[list[str], Field(min_length=1, max_length=MAX_NAMED), BeforeValidator(_as_list)]


async def body_of(request: Request, model: type[Model]) -> Model:
    """The request's body as the model has it. Raises Refused, which names the first field that is not right."""
    body = await request.body()
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise refusal(error) from error


def refusal(error: ValidationError) -> Refused:
    """What to tell a program about a body or a query that is not right."""
    first = error.errors()[0]
    field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]).lstrip(".")
    field = plain(field)[:80]
    said = first["msg"].removeprefix("Value error, ").replace("Input should be", "must be", 1)
    said = said.replace("List should have", "must have", 1).replace(" after validation", "", 1)
    match first["type"]:
        case "json_invalid":
            message = f"The body is not JSON that can be read ({said.removeprefix('Invalid JSON: ')})."
        case "missing":
            message = f'"{field}" is missing.'
        case "extra_forbidden":
            message = f'"{field}" is not known here: leave it out, or see docs/programs.md for what is.'
        case _ if not field:
            message = "The body must be a JSON object."
        case _ if said.startswith("must "):
            message = f'"{field}" {said}.'
        case _:
            message = f'"{field}" is not right: {said}.'
    return Refused(400, message, "invalid_request")


# --- errors ---


class Refused(Exception):
    """A request that can't be answered: the status, what to do in words, and a name for it that a program can test."""

    def __init__(self, status: int, message: str, code: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = dict(headers or {})


def refused(error: Exception) -> Refused:
    """The same error as programs get it. One that is not ours is logged, and nothing of it is told."""
    match error:
        case Refused():
            return error
        case ClientDisconnect():
            return Refused(400, "The request broke off.", "broken_off")
        case TooMany():
            return Refused(429, str(error), "rate_limit_exceeded", {"Retry-After": str(error.retry_after_s)})
        case IndexUnavailable():
            return Refused(503, str(error), "index_unavailable")
        case ModelUnavailable():
            return Refused(503, str(error), "model_unavailable")
        case FootnoteError():
            return Refused(400, str(error), "invalid_request")
    logger.error("unexpected error behind an interface for programs", exc_info=error)
    return Refused(500, UNEXPECTED, "internal_error")


def error_json(error: Refused) -> dict[str, Any]:
    """The error in the shape that OpenAI's clients know."""
    kind = {429: "rate_limit_error", 500: "server_error", 503: "server_error"}
    return {
        "error": {"message": str(error), "type": kind.get(error.status, "invalid_request_error"), "code": error.code}
    }


def json_text(value: object) -> str:
    """JSON on one line, all in ASCII: a language model can send half of a surrogate pair, which UTF-8 can't carry."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def json_response(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A response whose body is this value."""
    return Response(json_text(value), status, headers, media_type="application/json")


class Endpoint:
    """One address as an ASGI app: whatever goes wrong behind it comes back in the one shape that errors have."""

    def __init__(self, method: str, answer: Callable[[Request], Awaitable[Response]]) -> None:
        self._methods = {"GET": ("GET", "HEAD")}.get(method, (method,))
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            if request.method not in self._methods:
                allowed = ", ".join(self._methods)
                raise Refused(405, f"Use {self._methods[0]} here.", "method_not_allowed", {"Allow": allowed})
            response = await self._answer(request)
        except Exception as error:  # the outermost layer
            told = refused(error)
            response = json_response(error_json(told), told.status, told.headers)
        await response(scope, receive, send)


# --- what is asked ---


class Asking:
    """The bot behind the limits. Its work is done in threads, never on the event loop."""

    def __init__(self, bot: AskedBot, limits: Limits) -> None:
        self._bot = bot
        self._limits = limits

    def admit(self, request: Request) -> None:
        """Counts one more question of the person behind the request. Raises TooMany."""
        self._limits.admit(user_of(request))

    async def answer(self, asked: Mapping[str, Any]) -> Answer:
        """The finished answer. Cancelling it closes the bot's stream after the step that it is in."""
        last: Step | Answer | None = None
        async with aclosing(self.events(asked)) as events:
            async for event in events:
                last = event
        if not isinstance(last, Answer):
            raise RuntimeError("the bot's stream ended without an answer")
        return last

    def events(self, asked: Mapping[str, Any]) -> AsyncGenerator[Step | Answer]:
        """What `Bot.stream` gives for a question, once there is a place for it. Closing it closes the bot's stream."""
        return _in_threads(self._events(asked))

    async def search(self, asked: Mapping[str, Any], k: int | None) -> dict[str, Any]:
        """The best passages as `search --json` prints them, once there is a place for the search."""
        return await run_in_threadpool(self._search, asked, k)

    def _events(self, asked: Mapping[str, Any]) -> Generator[Step | Answer]:
        with self._limits.turn():
            stream = self._bot.stream(asked["question"], history=asked.get("history") or (), filters=filters_of(asked))
            with closing(cast("Generator[Step | Answer]", stream)) as events:
                yield from events

    def _search(self, asked: Mapping[str, Any], k: int | None) -> dict[str, Any]:
        with self._limits.turn():
            return search_json(self._bot, asked, k=k)


async def _in_threads(items: Generator[T]) -> AsyncGenerator[T]:
    """The same items, each made in a worker thread."""
    try:
        while (item := await run_in_threadpool(next, items, None)) is not None:
            yield item
    finally:
        with anyio.CancelScope(shield=True):
            await run_in_threadpool(items.close)


# --- what is sent back piece by piece ---


def server_sent(value: object, event: str = "") -> str:
    """A server-sent event with this value as its data."""
    name = f"event: {event}\n" if event else ""
    return f"{name}data: {json_text(value)}\n\n"


async def streamed(events: AsyncGenerator[str], *, error_event: str = "") -> Response:
    """A response that sends these texts as they are made.

    What goes wrong before the first one is raised here, and so gets a status of its own; later it is told in an event.
    """
    told = _errors_told(events, error_event)
    return _EventStream(await anext(told), told)


async def _errors_told(events: AsyncGenerator[str], error_event: str) -> AsyncGenerator[str]:
    begun = False
    try:
        async with aclosing(events):
            async for text in events:
                begun = True
                yield text
    except Exception as error:  # the outermost layer, once the status has been sent
        if not begun:
            raise
        yield server_sent(error_json(refused(error)), error_event)


class _EventStream(StreamingResponse):
    """Server-sent events; a client that goes away closes what they are made from."""

    media_type = "text/event-stream"

    def __init__(self, first: str, rest: AsyncGenerator[str]) -> None:
        async def all_of_them() -> AsyncGenerator[str]:
            yield first
            async for each in rest:
                yield each

        super().__init__(all_of_them(), headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            with anyio.CancelScope(shield=True):
                await self._rest.aclose()
