"""The one place that turns settings into a bot."""

from __future__ import annotations

from bot.calibration import fitted, fitted_reader
from bot.pipeline import Bot
from bot.read import PassageReader
from bot.reader.folder import SERVED, SHIPPED, description
from bot.reader.score import Reader
from bot.settings import Settings
from bot.write import language_model
from index.errors import ModelUnavailable
from index.library import Index


def build_reader() -> PassageReader:
    """The reader that the project ships, with its fitted weights. Raises ModelUnavailable."""
    if fitted_reader() != description(SHIPPED)["sha256"].get(SERVED):
        raise ModelUnavailable(
            "bot/calibration.json was fitted to other weights of the reader: restore both, or python -m evals.calibrate"
        )
    return PassageReader(Reader.open(SHIPPED), fitted("span"))


def build_bot(settings: Settings, index: Index | None = None) -> Bot:
    """The bot that the settings describe, over the given index or the one they name.

    Loads the embedding model and the reader. Raises IndexUnavailable, RecipeMismatch, ModelUnavailable, UsageError.
    """
    index = index or Index(settings)
    return Bot(
        index,
        build_reader(),
        fitted("answer"),
        passages=settings.passages,
        threshold=settings.threshold,
        llm=language_model(settings),
        strict=settings.strict,
    )
