"""The one place that turns settings into a bot."""

from __future__ import annotations

from bot.calibration import fitted
from bot.pipeline import Bot
from bot.read import EvidenceReader, SentenceReader
from bot.settings import Settings
from bot.write import language_model
from index.embed import Embedder
from index.library import Index


def build_reader(embedder: Embedder) -> EvidenceReader:
    """What finds the sentences that answer."""
    return SentenceReader(embedder, fitted("sentence"))


def build_bot(settings: Settings, index: Index | None = None) -> Bot:
    """The bot that the settings describe, over the given index or the one they name.

    Loads the embedding model. Raises IndexUnavailable, RecipeMismatch, ModelUnavailable, UsageError.
    """
    index = index or Index(settings)
    return Bot(
        index,
        build_reader(index.embedder),
        fitted("answer"),
        passages=settings.passages,
        threshold=settings.threshold,
        llm=language_model(settings),
    )
