"""Who may use the page: names and passwords, sessions that outlive a restart, the log-in page, the token for programs.

A browser logs in once and carries a cookie; a program sends the token with each request. What comes after `Login` finds
the name in `scope["state"]["user"]` and nowhere else.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import time
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.settings import accounts_in
from index.errors import IndexUnavailable
from ui.people import LOCAL, PROGRAM

if TYPE_CHECKING:
    from bot.settings import Settings

COOKIE = "footnote_session"
SESSION_S = 30 * 24 * 3600
BUSY_TIMEOUT_S = 10.0
MIN_PASSWORD_CHARACTERS = 8

OPEN = frozenset({"/login", "/healthz", "/gradio_api/startup-events"})
"""What needs no login. Gradio asks its own server for the last one as it starts; later it does nothing."""


_SCHEMA = """CREATE TABLE IF NOT EXISTS sessions (
    token_hash TEXT PRIMARY KEY, user TEXT NOT NULL, secret_hash TEXT NOT NULL, expires REAL NOT NULL
)"""


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
