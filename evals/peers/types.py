"""The nouns: what every peer is given, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from index.types import Article

if TYPE_CHECKING:
    from bot.settings import Settings


@dataclass(frozen=True)
class Given:
    """What every peer is given: the same articles, as objects and as the bulk file that `footnote add` takes.

    `settings.index` is a folder that is the peer's alone and goes when it is measured.
    """

    file: Path
    articles: tuple[Article, ...]
    settings: Settings

    @property
    def model(self) -> str:
        """The embedding model that all of them use: its folder, or the name that the settings give."""
        from index.embed import bundled_model_folder  # brings in more than a peer may need, and its memory is measured

        return self.settings.embedding_model or str(bundled_model_folder())


class Search(Protocol):
    """The ids of the articles that the k best chunks for a question are of, best chunk first, repetitions and all."""

    def __call__(self, question: str, k: int) -> list[str]: ...


@dataclass(frozen=True)
class Indexed:
    """A peer that has taken the articles in: its search, how many chunks it holds, and what is to be said of it."""

    search: Search
    chunks: int
    note: str = ""


def whole_text(article: Article) -> str:
    """Title and text: what a peer that knows nothing of titles is given, so that none has to do without them."""
    return f"{article.title}\n\n{article.text}" if article.title else article.text
