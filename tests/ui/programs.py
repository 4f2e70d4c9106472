"""The interfaces for programs over a fake bot, in the test's own process or behind a real server."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.fakes import FakeBot, FakeIndex, free_port, news
from ui.limits import Limits
from ui.programs import routes

QUESTION = "When will the harbour bridge close to traffic for repairs?"
UNANSWERABLE = "Which zebra won?"
PATIENCE_S = 20


class WithUser:
    """Stands for a login: who asks is in the header X-User."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "x-user" in Headers(scope=scope):
            Request(scope).state.user = Headers(scope=scope)["x-user"]
        await self._app(scope, receive, send)


def app_of(bot: FakeBot, *, limits: Limits | None = None) -> Starlette:
    limits = limits or Limits(questions_a_minute=100_000)
    return Starlette(routes=routes(bot, FakeIndex(news()), limits), middleware=[Middleware(WithUser)])


def client_of(*, limits: Limits | None = None, **bot: Any) -> TestClient:
    return TestClient(app_of(FakeBot(FakeIndex(news()), **bot), limits=limits), raise_server_exceptions=True)


def refusal(reply: httpx.Response, status: int) -> str:
    """The message of an error, whose shape is checked."""
    assert reply.status_code == status, reply.text
    error = reply.json()["error"]
    assert set(error) == {"message", "type", "code"} and all(isinstance(each, str) for each in error.values())
    return str(error["message"])


def events(reply: httpx.Response) -> list[tuple[str, Any]]:
    """(name, data) of the events of a stream."""
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"].startswith("text/event-stream")
    found = []
    for block in reply.text.removesuffix("\n\n").split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        found.append(
            (fields.get("event", ""), fields["data"] if fields["data"] == "[DONE]" else json.loads(fields["data"]))
        )
    return found


@contextmanager
def served(bot: FakeBot) -> Iterator[str]:
    """The address of a real server."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app_of(bot), host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    end = time.monotonic() + PATIENCE_S
    while not server.started:
        assert time.monotonic() < end
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def chat(*said: str, **more: Any) -> dict[str, Any]:
    """A request in which user and assistant speak in turn."""
    roles = ("user", "assistant")
    messages = [{"role": roles[place % 2], "content": text} for place, text in enumerate(said)]
    return {"model": "footnote", "messages": messages, **more}
