"""The names of those who ask: whoever logged in, a program with the token, or whoever sits at this machine."""

from __future__ import annotations

from typing import Any

from bot.settings import RESERVED_NAMES

LOCAL, PROGRAM = RESERVED_NAMES
"""Whoever uses the page where there is no login, and whoever has the token."""


def user_of(request: Any) -> str:
    """The name of the person behind a Starlette request or a Gradio one."""
    name = getattr(request, "username", None) or getattr(getattr(request, "state", None), "user", None)
    return str(name) if name else LOCAL
