"""Questions to try, made from the articles that are there: each one was asked, and its answer is well supported."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from ui.render import state_of

if TYPE_CHECKING:
    from bot.pipeline import Bot

logger = logging.getLogger(__name__)

EXAMPLES = (
    ("seeds/nato-peacekeepers.txt", "Who rejected NATO peacekeepers in Ukraine, and what did he propose instead?"),
    ("seeds/artemis-lifts-off.md", "When did the Artemis rocket finally lift off?"),
    ("seeds/bronx-fire-toll-corrected.md", "How many people died in the Bronx fire?"),
    ("seeds/fox-dominion-settlement.md", "How much did Fox agree to pay Dominion?"),
)
SHOWN = 4
MAX_TRIED = 24
"""Drafts that are asked until enough have a good answer: some ten seconds of work on two cores, after the start."""

Drafts = Callable[[], Iterable[str]]
"""Gives questions drafted from the articles, the best first."""


def examples_for(article_ids: Collection[str]) -> list[str]:
    """The questions about the starter articles, those whose articles are there."""
    return [question for article_id, question in EXAMPLES if article_id in article_ids]


class Suggestions:
    """Questions to try. `renew` makes them anew in a thread, and until that is done the old ones stay.

    `at_hand` gives those that need no trying; `drafts` further ones, of which those stay that the bot answers well.
    """

    def __init__(self, at_hand: Callable[[], Sequence[str]], drafts: Drafts = tuple, bot: Bot | None = None) -> None:
        self._at_hand = at_hand
        self._drafts = drafts
        self._bot = bot
        self._questions: tuple[str, ...] = tuple(at_hand())
        self._renewals = 0
        self._lock = threading.Lock()

    def questions(self) -> tuple[str, ...]:
        """At most four, as they are now."""
        return self._questions[:SHOWN]

    def renew(self) -> None:
        """Begin to make them anew, because the articles have changed."""
        with self._lock:
            self._renewals += 1
            number = self._renewals
        threading.Thread(target=self._make, args=(number,), daemon=True).start()

    def _make(self, number: int) -> None:
        found = list(self._at_hand())
        self._questions = tuple(found)
        try:
            if self._bot is not None and found:
                self._bot.ask(found[0])  # loads the models before the first person asks
            for tried, question in enumerate(self._drafts()):
                if self._bot is None or len(found) >= SHOWN or tried >= MAX_TRIED or number != self._renewals:
                    break
                if state_of(self._bot.ask(question).to_json())[0] == "fn-well":
                    found.append(question)
                    self._questions = tuple(found)
        except Exception:  # questions to try are a courtesy: the page goes on without
            logger.info("no questions could be suggested", exc_info=True)
