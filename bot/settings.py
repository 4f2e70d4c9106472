"""All settings: the index's and the bot's. Each is an environment variable `FOOTNOTE_…`; none is read elsewhere."""

from __future__ import annotations

from functools import cached_property

from pydantic import Field, SecretStr, computed_field, field_validator

from index.settings import IndexSettings

READ_PASSAGES = 12
"""How many passages are read for a question unless a setting says otherwise; docs/results.md says how to compare."""


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
