"""All that the page and its endpoints are served from, gathered in one place."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from index.types import Article
from ui.ask import ListedArticles
from ui.choices import Choices
from ui.conversations import Conversations
from ui.examples import Suggestions
from ui.history import Answers
from ui.limits import Limits
from ui.panes import Span

if TYPE_CHECKING:
    from ui.adding import Adding
    from ui.exchange import AskedBot


class Articles(ListedArticles, Protocol):
    """What the page and programs need of an index."""

    def count(self) -> int: ...
    def article(self, article_id: str, rev: int | None = ...) -> Article | None: ...
    def passage_at(self, article: Article, start: int, end: int) -> Span: ...


class ChosenBots(Protocol):
    """The bot under each person's choices, as `ui.choices.Bots` has it."""

    @property
    def default(self) -> AskedBot: ...
    def choices(self, kept: dict[str, object]) -> Choices: ...
    def of(self, choices: Choices) -> Answers: ...
    def try_out(self, choices: Choices) -> str: ...


@dataclass(frozen=True)
class Site:
    """`adding` is None where articles can't be added from the page; `feedback` is the log of thumbs."""

    index: Articles
    bots: ChosenBots
    conversations: Conversations
    suggestions: Suggestions
    feedback: Path
    adding: Adding | None = None
    limits: Limits = field(default_factory=Limits)
    login: bool = False

    def choices(self, user: str) -> Choices:
        """What this person chose, or what the settings say."""
        return self.bots.choices(self.conversations.choices(user))

    def bot_of(self, user: str) -> Answers:
        """The bot under this person's choices. Raises UsageError for a language model that can't be understood."""
        return self.bots.of(self.choices(user))
