"""What a person chooses in the settings: quotes or a language model, how sure an answer must be, how much is read."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from bot.pipeline import Bot
from bot.settings import Settings
from bot.write import language_model, try_out
from index.errors import UsageError

LENIENT, STRICT = 0.35, 0.7
"""Confidence below which the answer is "not in these articles"; in between stands what the settings say (0.5)."""
TRIAL_TIMEOUT_S = 20.0


class Choices(BaseModel):
    """One person's choices. `llm` is named as FOOTNOTE_LLM is; empty for quoted answers."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    llm: str = Field("", max_length=500)
    sureness: Literal["lenient", "balanced", "strict"] = "balanced"
    passages: int = Field(12, ge=1, le=50)
    drop_unsupported: bool = False

    @classmethod
    def of(cls, settings: Settings) -> Choices:
        """What the settings say, before a person has chosen."""
        return cls(llm=settings.llm, passages=min(settings.passages, 50), drop_unsupported=settings.strict)


def checked(given: Any) -> Choices:
    """Choices as a browser sent them. Raises UsageError for what can't be right."""
    try:
        choices = Choices.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(f"{'.'.join(map(str, first['loc'])) or 'The settings'}: {first['msg']}.") from error
    language_model(Settings(_env_file=None, llm=choices.llm))  # says what can't be understood
    return choices


def chosen_settings(settings: Settings, choices: Choices) -> Settings:
    """The settings with a person's choices in front.

    The key is for the server that it was set for: another address that someone types must not be sent it.
    """
    threshold = {"lenient": LENIENT, "balanced": settings.threshold, "strict": STRICT}[choices.sureness]
    changed: dict[str, Any] = {
        "llm": choices.llm,
        "passages": choices.passages,
        "threshold": threshold,
        "strict": choices.drop_unsupported,
    }
    if _server(choices.llm) != _server(settings.llm):
        changed["llm_key"] = SecretStr("")
    return settings.model_copy(update=changed)


def _server(llm: str) -> tuple[str, str]:
    parts = urlsplit(llm.strip())
    return parts.scheme, parts.netloc


class Bots:
    """The bot under each person's choices; all share the articles and the models that were loaded once."""

    def __init__(self, bot: Bot, settings: Settings) -> None:
        self._bot = bot
        self._settings = settings
        self._language_model = lru_cache(maxsize=16)(language_model)

    @property
    def default(self) -> Bot:
        """The bot as the settings describe it."""
        return self._bot

    def choices(self, kept: dict[str, object]) -> Choices:
        """What was kept for a person, over what the settings say; what is not understood any more is left out."""
        default = Choices.of(self._settings)
        try:
            return Choices.model_validate({**default.model_dump(), **kept})
        except ValidationError:
            return default

    def of(self, choices: Choices) -> Bot:
        """The bot under these choices. Raises UsageError for a language model that can't be understood."""
        settings = chosen_settings(self._settings, choices)
        return self._bot.chosen(
            passages=settings.passages,
            threshold=settings.threshold,
            llm=self._language_model(settings),
            strict=settings.strict,
        )

    def try_out(self, choices: Choices) -> str:
        """What the chosen language model says to a first word. Raises WriterFailed, UsageError."""
        settings = chosen_settings(self._settings, choices).model_copy(update={"llm_timeout_s": TRIAL_TIMEOUT_S})
        llm = language_model(settings)
        if llm is None:
            raise UsageError("Name a language model first.")
        return try_out(llm)
