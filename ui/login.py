"""Who may use the page: names and passwords, sessions that outlive a restart, the log-in page, the token for programs.

A browser logs in once and carries a cookie; a program sends the token with each request. What comes after `Login` finds
the name in `scope["state"]["user"]` and nowhere else.
"""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import math
import secrets
import sqlite3
import time
import unicodedata
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.settings import accounts_in
from index.errors import IndexUnavailable

if TYPE_CHECKING:
    from bot.settings import Settings

LOCAL = "local"
"""Whoever uses the page where there is no login."""
PROGRAM = "program"
"""Whoever has the token."""

COOKIE = "footnote_session"
SESSION_S = 30 * 24 * 3600
BUSY_TIMEOUT_S = 10.0
MAX_FORM_BYTES = 10_000
MIN_PASSWORD_CHARACTERS = 8
WRONG_TRIES_OF_NAME = RateLimitItemPerMinute(5)
WRONG_TRIES_FROM_ADDRESS = RateLimitItemPerMinute(20)

OPEN = frozenset({"/login", "/healthz", "/gradio_api/startup-events"})
"""What needs no login. Gradio asks its own server for the last one as it starts; later it does nothing."""

STATIC = Path(__file__).parent / "static"

_SCHEMA = """CREATE TABLE IF NOT EXISTS sessions (
    token_hash TEXT PRIMARY KEY, user TEXT NOT NULL, secret_hash TEXT NOT NULL, expires REAL NOT NULL
)"""
_NAME_FIELD = Template(
    '<label for="name">Name</label>\n<input id="name" name="name" value="$name" autocomplete="username" '
    'autocapitalize="none" autocorrect="off" spellcheck="false" maxlength="64" required$focus>'
)
_PASSWORD_FIELD = Template(
    '<label for="password">$label</label>\n<input id="password" name="password" type="password" '
    'autocomplete="current-password" required$focus>'
)


@dataclass(frozen=True)
class Access:
    """Who may log in (names and argon2 hashes), the token for programs, and the file that keeps the sessions."""

    users: Mapping[str, str] = field(repr=False)
    token: str = field(repr=False)
    sessions: Path

    @classmethod
    def of(cls, settings: Settings) -> Access:
        """What the settings say."""
        users = accounts_in(settings.users.get_secret_value())
        return cls(users, settings.token.get_secret_value(), settings.index / "conversations.sqlite")

    @property
    def needed(self) -> bool:
        """Whether anything is locked at all."""
        return bool(self.users or self.token)

    @property
    def by_token(self) -> bool:
        """Whether there is a token and nobody with a password: then the token opens the page too."""
        return bool(self.token and not self.users)

    def secret_of(self, name: str) -> str | None:
        """What a session of this name rests on: the hash of the password, or the token. None for an unknown name."""
        return self.token if self.by_token and name == PROGRAM else self.users.get(name)

    def admits(self, name: str, password: str) -> bool:
        """Whether this is the person's password. It takes as long for a name that there isn't."""
        if self.by_token:
            return name == PROGRAM and self.is_token(password)
        known = self.users.get(name)
        checked = known or next(iter(self.users.values()), "")
        try:
            return PasswordHasher().verify(checked, _normal(password)) and known is not None
        except (VerificationError, InvalidHashError):
            return False

    def is_token(self, text: str) -> bool:
        """Whether this is the token for programs."""
        return bool(self.token) and secrets.compare_digest(text.encode("utf-8", "replace"), self.token.encode())


def hashed(password: str) -> str:
    """The argon2 hash of a password, with a salt of its own."""
    return PasswordHasher().hash(_normal(password))


def _normal(password: str) -> str:
    """The password as it counts: an accented letter is the same from any keyboard (RFC 8265 asks for NFC)."""
    return unicodedata.normalize("NFC", password.encode("utf-8", "replace").decode("utf-8"))


class Sessions:
    """The sessions in their file, each under the hash of its cookie. Safe from any thread: each call opens the file.

    A session ends with its 30 days, with its person, and with the password or token that it was begun with.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        try:
            with self._open() as file:
                file.execute(_SCHEMA)
        except sqlite3.Error as error:
            raise IndexUnavailable(
                f"{access.sessions}, which keeps people logged in, can't be written ({error}): see that its folder is "
                "there and yours, or move the file away"
            ) from error

    def begin(self, user: str) -> str:
        """A new session of this user: the text of its cookie, which is kept nowhere."""
        cookie = secrets.token_urlsafe(32)
        secret_hash = _digest(cookie, self._access.secret_of(user) or "")
        now = time.time()
        with self._open() as file:
            file.execute("DELETE FROM sessions WHERE expires <= ?", (now,))
            file.execute(
                "INSERT INTO sessions VALUES (?, ?, ?, ?)", (_digest(cookie), user, secret_hash, now + SESSION_S)
            )
        return cookie

    def user(self, cookie: str) -> str | None:
        """The user whose session this is, or None; one that holds no more is deleted."""
        if not cookie:
            return None
        with self._open() as file:
            row = file.execute(
                "SELECT user, secret_hash, expires FROM sessions WHERE token_hash = ?", (_digest(cookie),)
            ).fetchone()
        if row is None:
            return None
        secret = self._access.secret_of(row[0])
        if secret is None or row[1] != _digest(cookie, secret) or row[2] <= time.time():
            self.end(cookie)
            return None
        return str(row[0])

    def end(self, cookie: str) -> None:
        """Ends the session, if it is one."""
        with self._open() as file:
            file.execute("DELETE FROM sessions WHERE token_hash = ?", (_digest(cookie),))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        file = sqlite3.connect(self._access.sessions, timeout=BUSY_TIMEOUT_S)
        try:
            file.execute("PRAGMA journal_mode = WAL")
            with file:
                yield file
        finally:
            file.close()


def _digest(cookie: str, secret: str = "") -> str:
    """With the secret, a fingerprint of it that tells nothing to someone who has the file and not the cookie."""
    return hashlib.sha256(f"{cookie}\0{secret}".encode("utf-8", "replace")).hexdigest()


class Login:
    """Lets through who is logged in or has the token, and says who it is; sends browsers to the log-in page.

    Where there is nobody to log in and no token, everyone is `LOCAL`.
    """

    def __init__(self, app: ASGIApp, access: Access | None = None) -> None:
        self._app = app
        self._access = access if access is not None and access.needed else None
        self._sessions = Sessions(self._access) if self._access else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        user = self._user(request)
        if user is None and scope["path"] not in OPEN:
            await _refusal(request)(scope, receive, send)
            return
        scope.setdefault("state", {})["user"] = user
        await self._app(scope, receive, send)

    def _user(self, request: Request) -> str | None:
        if self._access is None or self._sessions is None:
            return LOCAL
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self._access.is_token(token.strip()):
            return PROGRAM
        return self._sessions.user(request.cookies.get(COOKIE, ""))  # in the loop: it takes less than a thread would


def _refusal(request: Request) -> Response:
    if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        return RedirectResponse("/login", 303, headers={"Cache-Control": "no-store"})
    words = "Log in first, or send Authorization: Bearer TOKEN."
    error = {"message": words, "type": "authentication_error", "code": "unauthorized"}
    return JSONResponse({"error": error}, 401, headers={"WWW-Authenticate": "Bearer"})


def login_routes(access: Access | None) -> list[Route]:
    """The log-in page and what its form and the log-out button are sent to; none where there is no login."""
    if access is None or not access.needed:
        return []
    page = LoginPage(access)
    return [
        Route("/login", page.show, methods=["GET"]),
        Route("/login", page.log_in, methods=["POST"]),
        Route("/logout", page.log_out, methods=["POST"]),
    ]


class LoginPage:
    """The log-in page: a plain form without any script. After it one is at `/`, wherever one came from."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._sessions = Sessions(access)
        self._tries = _WrongTries()
        self._one_by_one = asyncio.Lock()  # an argon2 check takes 64 MB, and tries must be counted before the next one
        self._page = Template((STATIC / "login.html").read_text("utf-8"))
        self._style = (STATIC / "login.css").read_text("utf-8")

    async def show(self, request: Request) -> Response:
        """The empty form; the page itself for whoever is logged in."""
        if request.state.user is not None:
            return RedirectResponse("/", 303)
        return self._form()

    async def log_in(self, request: Request) -> Response:
        """Begins a session and opens the page, or shows the form again with what is wrong."""
        body = await request.body()
        if len(body) > MAX_FORM_BYTES:
            return self._form("This is more than a name and a password.", status=413)
        name, password = _sent(body)
        name = PROGRAM if self._access.by_token else name
        async with self._one_by_one:
            wait_s = self._tries.wait_s(name, _address(request))
            if wait_s:
                words = f"Too many wrong tries. Try again in {wait_s} {'second' if wait_s == 1 else 'seconds'}."
                return self._form(words, name, status=429, headers={"Retry-After": str(wait_s)})
            if not await run_in_threadpool(self._access.admits, name, password):
                self._tries.count(name, _address(request))
                what = "token" if self._access.by_token else "name or the password"
                return self._form(f"The {what} is wrong. Try again.", name, status=401)
        self._sessions.end(request.cookies.get(COOKIE, ""))
        response = RedirectResponse("/", 303)
        response.set_cookie(
            COOKIE, self._sessions.begin(name), SESSION_S, path="/", secure=request.url.scheme == "https",
            httponly=True, samesite="strict",
        )  # fmt: skip
        return response

    async def log_out(self, request: Request) -> Response:
        """Ends the session of this browser."""
        self._sessions.end(request.cookies.get(COOKIE, ""))
        response = RedirectResponse("/login", 303)
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
        return response

    def _form(
        self, problem: str = "", name: str = "", *, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> Response:
        label, focus = ("Token", " autofocus") if self._access.by_token else ("Password", " autofocus" if name else "")
        fields = [_PASSWORD_FIELD.substitute(label=label, focus=focus)]
        if not self._access.by_token:
            fields.insert(0, _NAME_FIELD.substitute(name=escape(name), focus="" if name else " autofocus"))
        alert = f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else ""
        page = self._page.substitute(style=self._style, problem=alert, fields="\n".join(fields))
        own = {
            "Cache-Control": "no-store",
            "Content-Security-Policy": _policy(self._style),
            "Referrer-Policy": "same-origin",  # under no-referrer a browser sends the form with "Origin: null"
        }
        return HTMLResponse(page, status, headers={**own, **(headers or {})})


def _policy(style: str) -> str:
    fingerprint = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{fingerprint}'; img-src data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


def _sent(body: bytes) -> tuple[str, str]:
    """Name and password out of the form; empty for what isn't there."""
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=10)
    except ValueError:
        return "", ""
    return fields.get("name", [""])[0].strip(), fields.get("password", [""])[0]


def _address(request: Request) -> str:
    """The address that a request came from; of IPv6 the network, in which one machine has addresses as it likes."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return host if address.version == 4 else str(ipaddress.ip_network((address.packed, 64), strict=False))


class _WrongTries:
    """Wrong tries of the last minute, for each name, be it anyone's or not, and for each address."""

    def __init__(self) -> None:
        # The minute begins with the first wrong try. The library's moving window never forgets a name once typed.
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def count(self, name: str, address: str) -> None:
        """Notes one more."""
        for limit, *key in self._limits(name, address):
            self._limiter.hit(limit, *key)

    def wait_s(self, name: str, address: str) -> int:
        """The seconds until another try is allowed; 0 for now."""
        reached = [
            self._limiter.get_window_stats(limit, *key).reset_time
            for limit, *key in self._limits(name, address)
            if not self._limiter.test(limit, *key)
        ]
        return max(1, math.ceil(max(reached) - time.time())) if reached else 0

    @staticmethod
    def _limits(name: str, address: str) -> tuple[tuple[RateLimitItemPerMinute, str, str], ...]:
        return (WRONG_TRIES_OF_NAME, "name", name), (WRONG_TRIES_FROM_ADDRESS, "address", address)
