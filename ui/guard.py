"""What every request passes before Gradio sees it, and what every answer carries back to the browser."""

from __future__ import annotations

import ipaddress
import re
import secrets
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.login import Login

if TYPE_CHECKING:
    from ui.login import Access

MAX_BODY_BYTES = 1_000_000
"""A question has at most 2,000 characters; the rest is what Gradio wraps around it, and the ids of ticked articles."""
ADDING = "/api/add"
MAX_ADDED_BYTES = 3_000_000
"""Of a pasted text, whose characters (`ui.adding.MAX_TEXT_CHARACTERS`) have four bytes at most, and some escapes."""
UPLOADS = "/api/uploads"
MAX_UPLOAD_BYTES = 30 * 1024**2
"""Of one file on its way; `ui.adding` says in words what a file may have."""

CLOSED = (
    "/gradio_api/api/",
    "/gradio_api/call/",
    "/gradio_api/component_server",
    "/gradio_api/custom_component",
    "/gradio_api/deep_link",
    "/gradio_api/dev/",
    "/gradio_api/file",
    "/gradio_api/info",
    "/gradio_api/openapi.json",
    "/gradio_api/process_recording",
    "/gradio_api/profiling",
    "/gradio_api/proxy=",
    "/gradio_api/run-history",
    "/gradio_api/runs",
    "/gradio_api/stream",
    "/gradio_api/undo-vibe-edit",
    "/gradio_api/upload",
    "/gradio_api/vibe-",
    "/custom_component",
    "/docs",
    "/manifest.json",
    "/monitoring",
    "/openapi.json",
    "/pwa_icon",
    "/redoc",
    "/svelte",
)
"""Routes of Gradio that the page does not use, by how they begin. Some fetch addresses, some take files."""

_HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_SCRIPT = re.compile(rb"<script(?=[\s>])")


def guarded(host: str, names: Sequence[str] = (), access: Access | None = None) -> list[Middleware]:
    """The middleware that stands before Gradio, outermost first. `names` are further names of this machine."""
    return [Middleware(Guard, hosts=Hosts(host, names)), Middleware(Login, access=access)]


class Hosts:
    """The names under which the page may be asked for: another one is a site that points its own name here.

    On loopback these are loopback's names. Elsewhere any address is one too (no name server stands behind it), and so
    are this machine's own name and the names given.
    """

    def __init__(self, host: str, names: Sequence[str] = ()) -> None:
        self._names = {"127.0.0.1", "localhost", "[::1]", host.lower(), *(name.lower() for name in names)}
        self._addresses = not is_loopback(host)
        if self._addresses:
            own = socket.gethostname().lower()
            self._names |= {own, own.removesuffix(".local"), f"{own.partition('.')[0]}.local"}

    def __contains__(self, header: str) -> bool:
        name = re.sub(r":[0-9]+$", "", header.lower())
        return name in self._names or (self._addresses and _is_address(name.strip("[]")))


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the host."""
    bare = host.strip("[]")
    return host == "localhost" or (_is_address(bare) and ipaddress.ip_address(bare).is_loopback)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Guard:
    """Turns away what the page never asks for, and tells the browser to run and load nothing but the page's own.

    400 for another name than this machine's, 404 for the routes in `CLOSED`, 403 for requests that another site caused,
    413 for bodies past `MAX_BODY_BYTES`, or `MAX_ADDED_BYTES` for what is added. What is uploaded goes through piece by
    piece, and is cut off at its own limit.
    """

    def __init__(self, app: ASGIApp, hosts: Hosts) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        policed = _Policed(send)
        if refusal is None and scope["path"] == UPLOADS:
            await self._app(scope, _counted(receive), policed)
            return
        body: list[Message] = []
        if refusal is None and scope["method"] not in {"GET", "HEAD"}:
            most = MAX_ADDED_BYTES if scope["path"] == ADDING else MAX_BODY_BYTES
            body, fits = await _read_body(Headers(scope=scope), receive, most)
            refusal = None if fits else PlainTextResponse("This is more than the page ever sends.", 413)
        if refusal is not None:
            await refusal(scope, receive, policed)
        else:
            await self._app(scope, _replayed(body, receive), policed)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        if Headers(scope=scope).get("host", "") not in self._hosts:
            return PlainTextResponse("This server does not answer to that name: footnote ui --name NAME allows it", 400)
        path = re.sub(r"/{2,}", "/", scope["path"]).lower()
        if path.startswith(CLOSED):
            return PlainTextResponse("Not found", 404)
        if _from_another_site(scope["method"], Headers(scope=scope)):
            return PlainTextResponse("Another site may not use this page.", 403)
        return None


def _from_another_site(method: str, headers: Headers) -> bool:
    """Whether a page of another origin caused the request. To follow a link to here is fine.

    Programs send neither header and are let through: they don't carry anyone's browser session.
    """
    site = headers.get("sec-fetch-site", "none")
    follows_link = method == "GET" and headers.get("sec-fetch-mode") == "navigate"
    if site not in {"none", "same-origin"} and not follows_link:
        return True
    origin = headers.get("origin")
    host = headers.get("host", "")
    return origin is not None and origin not in (f"http://{host}", f"https://{host}")


async def _read_body(headers: Headers, receive: Receive, most: int) -> tuple[list[Message], bool]:
    """The messages of the request's body, and whether it has `most` bytes or fewer; past that it is left unread."""
    declared = headers.get("content-length", "0")
    if not declared.isdigit() or int(declared) > most:
        return [], False
    messages: list[Message] = []
    size = 0
    while True:
        message = await receive()
        messages.append(message)
        size += len(message.get("body", b""))
        if size > most:
            return [], False
        if message["type"] != "http.request" or not message.get("more_body", False):
            return messages, True


def _counted(receive: Receive) -> Receive:
    """A `receive` that ends the body, as if the sender had gone away, once it is past the limit for uploads."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        return message if size <= MAX_UPLOAD_BYTES else {"type": "http.disconnect"}

    return counted


def _replayed(messages: list[Message], receive: Receive) -> Receive:
    """A `receive` that gives the messages read already, then goes on with the real one."""
    waiting = iter(messages)

    async def replay() -> Message:
        for message in waiting:
            return message
        return await receive()

    return replay


class _Policed:
    """A `send` that adds the security headers, and to a page the policy under which only its own scripts run.

    HTML is held back until it is whole, to mark its script tags with this response's nonce. Gradio's page holds no text
    of an article, a person or a model (all of that comes later, as data), so every tag in it is Gradio's own. A page
    that brings a policy of its own (the log-in page, an exported conversation) keeps that.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._html = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message.setdefault("headers", []))
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            if headers.get("content-type", "").startswith("text/html") and "content-security-policy" not in headers:
                self._start = message
                return
        elif self._start is not None and message["type"] == "http.response.body":
            self._html += message.get("body", b"")
            if not message.get("more_body", False):
                await self._send_page(self._start)
            return
        await self._send(message)

    async def _send_page(self, start: Message) -> None:
        nonce = secrets.token_urlsafe(16)
        page = _SCRIPT.sub(f'<script nonce="{nonce}"'.encode(), bytes(self._html))
        headers = MutableHeaders(raw=start["headers"])
        headers["Content-Security-Policy"] = _policy(nonce)
        headers["Content-Length"] = str(len(page))
        await self._send(start)
        await self._send({"type": "http.response.body", "body": page})


def _policy(nonce: str) -> str:
    """The content security policy. 'unsafe-eval' is there because gr.HTML makes functions out of its templates."""
    return (
        "default-src 'self'; "
        f"script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
        "base-uri 'self'; form-action 'none'; frame-ancestors 'none'; frame-src 'none'; object-src 'none'; "
        "worker-src 'none'"
    )
