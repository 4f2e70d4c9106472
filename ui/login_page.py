"""The log-in page: a plain form without any script, what it is sent to, and how many wrong tries it bears."""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import math
import time
from base64 import b64encode
from collections.abc import Mapping
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import parse_qs

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from ui.login import COOKIE, SESSION_S, Access, Sessions
from ui.people import PROGRAM

MAX_FORM_BYTES = 10_000
WRONG_TRIES_OF_NAME = RateLimitItemPerMinute(5)
WRONG_TRIES_FROM_ADDRESS = RateLimitItemPerMinute(20)
STATIC = Path(__file__).parent / "static"

_NAME_FIELD = Template(
    '<label for="name">Name</label>\n<input id="name" name="name" value="$name" autocomplete="username" '
    'autocapitalize="none" autocorrect="off" spellcheck="false" maxlength="64" required$focus>'
)
_PASSWORD_FIELD = Template(
    '<label for="password">$label</label>\n<input id="password" name="password" type="password" '
    'autocomplete="current-password" required$focus>'
)


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
