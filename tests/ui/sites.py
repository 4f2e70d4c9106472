"""A site over a fake bot and a fake index, with real files for the conversations and the log of thumbs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from index.catalogue import ArticleSummary
from index.library import Index
from index.types import Article
from tests.fakes import FakeBot, FakeIndex
from ui.adding import Adding
from ui.choices import Choices
from ui.conversations import Conversations
from ui.examples import Suggestions
from ui.limits import Limits
from ui.site import Articles, Site


class FakeBots:
    """The same bot whatever is chosen; a language model named `broken` can't be reached."""

    def __init__(self, bot: FakeBot) -> None:
        self._bot = bot
        self.chosen: list[Choices] = []

    @property
    def default(self) -> FakeBot:
        return self._bot

    def choices(self, kept: dict[str, object]) -> Choices:
        return Choices.model_validate({**Choices().model_dump(), **kept})

    def of(self, choices: Choices) -> FakeBot:
        self.chosen.append(choices)
        return self._bot

    def try_out(self, choices: Choices) -> str:
        return f"hello from {choices.llm}"


def site_of(
    folder: Path,
    bot: FakeBot,
    index: Articles | FakeIndex,
    *,
    examples: Sequence[str] = (),
    adding: Adding | None = None,
    limits: Limits | None = None,
) -> Site:
    folder.mkdir(parents=True, exist_ok=True)
    return Site(
        index=index,
        bots=FakeBots(bot),
        conversations=Conversations(folder / "conversations.sqlite"),
        suggestions=Suggestions(lambda: examples),
        feedback=folder / "feedback.jsonl",
        adding=adding,
        limits=limits or Limits(questions_a_minute=1_000),
    )


class Indexed:
    """A real index, as the fake bot reads one."""

    def __init__(self, index: Index) -> None:
        self.index = index

    def articles(self) -> list[ArticleSummary]:
        return self.index.articles()

    def article(self, article_id: str, rev: int | None = None) -> Article | None:
        return self.index.article(article_id, rev)

    def count(self) -> int:
        return self.index.count()

    def passage_at(self, article: Article, start: int, end: int) -> tuple[int, int]:
        return self.index.passage_at(article, start, end)

    def __iter__(self) -> Iterator[Article]:
        found = (self.index.article(each.id) for each in self.index.articles())
        return (each for each in found if each is not None)
