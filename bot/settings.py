"""All settings: the index's and the bot's. Each is an environment variable `FOOTNOTE_…`; none is read elsewhere."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, computed_field, field_validator

from index.settings import IndexSettings

READ_PASSAGES = 12
"""How many passages are read for a question unless a setting says otherwise; docs/results.md says how to compare."""

MIN_TOKEN_CHARACTERS = 20
RESERVED_NAMES = ("local", "program")
"""Whoever uses the page where there is no login, and whoever has the token."""

_NAME = re.compile(r"[^\s:]{1,64}")
_HASH = re.compile(r"\$argon2(id|i|d)\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{43,}")
"""As argon2-cffi writes it. One of fewer characters was cut off, and would never match a password."""


def account_name(name: str) -> str:
    """The name if a person can log in under it. Raises ValueError, which says why not."""
    if not _NAME.fullmatch(name) or not name.isprintable():
        raise ValueError("a name has 1 to 64 characters, without space or colon")
    if name in RESERVED_NAMES:
        raise ValueError(f"the name {name} is Footnote's own: take another")
    return name


def accounts_in(users: str) -> dict[str, str]:
    """Name and hash of each person in a `NAME:HASH NAME:HASH` text, in its order.

    Raises ValueError, which names the person and never what stands in the place of the hash: it may be a password.
    """
    accounts: dict[str, str] = {}
    for number, pair in enumerate(users.split(), start=1):
        name, colon, password_hash = pair.partition(":")
        if not colon:
            raise ValueError(f"entry {number} is not NAME:HASH: make it with footnote password NAME")
        account_name(name)
        if name in accounts:
            raise ValueError(f"{name} is there twice: leave one of the two out")
        if not _HASH.fullmatch(password_hash):
            raise ValueError(
                f"what follows {name}: is not a whole hash: make one with footnote password {name}, and put it between "
                "single quotes where a shell reads it"
            )
        accounts[name] = password_hash
    return accounts


def _hidden(value: object) -> object:
    """The value as a secret before anything looks at it, so that no message about it can print it."""
    return SecretStr(value) if isinstance(value, str) else value


def _users_are_sound(value: SecretStr) -> SecretStr:
    accounts_in(value.get_secret_value())
    return value


def _token_is_sound(value: SecretStr) -> SecretStr:
    token = value.get_secret_value()
    if token and (len(token) < MIN_TOKEN_CHARACTERS or not re.fullmatch(r"[!-~]+", token)):
        raise ValueError(
            f"a token has at least {MIN_TOKEN_CHARACTERS} letters, digits or signs of ASCII and no space: "
            "take what openssl rand -hex 24 prints"
        )
    return value


Users = Annotated[SecretStr, AfterValidator(_users_are_sound), BeforeValidator(_hidden)]
Token = Annotated[SecretStr, AfterValidator(_token_is_sound), BeforeValidator(_hidden)]


class Settings(IndexSettings):
    """The settings of a bot and its page. Bad values raise pydantic's ValidationError."""

    llm: str = Field(
        "",
        description="Language model that writes the answers: ollama/NAME, ollama/NAME@ADDRESS, or the address of any "
        "OpenAI-compatible server with the model after a #: http://127.0.0.1:8000/v1#NAME. Empty: quoted answers.",
    )
    llm_key: SecretStr = Field(SecretStr(""), description="Key for the language model's server, if it wants one.")
    llm_timeout_s: float = Field(60.0, gt=0, description="Longest silence of the language model, in seconds.")
    passages: int = Field(
        READ_PASSAGES, ge=1, le=100, description="Passages that are searched out and read for a question."
    )
    threshold: float = Field(
        0.5, ge=0, le=1, description="Confidence below which the answer is: not in these articles."
    )
    strict: bool = Field(
        False, description="Leave out sentences of a language model that the cited passages do not support."
    )
    address: str = Field("127.0.0.1:7860", description="Where the chat page is served.")
    users: Users = Field(
        SecretStr(""), description="People who may log in: NAME:HASH pairs of footnote password NAME, spaces between."
    )
    token: Token = Field(SecretStr(""), description="Token for programs, sent as Authorization: Bearer TOKEN.")

    @field_validator("address")
    @classmethod
    def _has_a_port(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise ValueError("give it as HOST:PORT, for example 127.0.0.1:7860")
        return value

    @computed_field  # type: ignore[prop-decorator]
    @cached_property
    def host(self) -> str:
        return self.address.rpartition(":")[0]

    @computed_field  # type: ignore[prop-decorator]
    @cached_property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])
