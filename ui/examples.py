"""Questions to try, each shown only while the article that answers it is in the index."""

from __future__ import annotations

from collections.abc import Collection

EXAMPLES = (
    ("seeds/nato-peacekeepers.txt", "Who rejected NATO peacekeepers in Ukraine, and what did he propose instead?"),
    ("seeds/artemis-lifts-off.md", "When did the Artemis rocket finally lift off?"),
    ("seeds/bronx-fire-toll-corrected.md", "How many people died in the Bronx fire?"),
    ("seeds/fox-dominion-settlement.md", "How much did Fox agree to pay Dominion?"),
)


def examples_for(article_ids: Collection[str]) -> list[str]:
    """The questions whose articles are there."""
    return [question for article_id, question in EXAMPLES if article_id in article_ids]
