"""One slot a story: what a copy of an article repeats is not shown again, but where it also stands is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from index.compared import Compared
from index.search import Ranked, ScoredPassage
from index.stories import Sketch
from index.types import Article

MAX_REPEATED = 0.5
"""Of a passage's shingles, the share that the story's best-ranked article may have too for it to be news."""


class Copies:
    """The stories of an index, for its search."""

    def __init__(self, compared: Compared, article: Callable[[str], Article | None]) -> None:
        self._compared = compared
        self._article = article

    def without_copies(self, ranked: Sequence[Ranked]) -> list[Ranked]:
        """The ranking without passages that repeat what the best-ranked article of their story says.

        What only another edition says stays.
        """
        stories = self._compared.stories({str(node.metadata["article_id"]) for node, _ in ranked})
        best: dict[int, str] = {}
        sketches: dict[str, Sketch] = {}
        kept: list[Ranked] = []
        for node, score in ranked:
            article_id = str(node.metadata["article_id"])
            story = stories.get(article_id)
            first = best.setdefault(story, article_id) if story is not None else article_id
            if first != article_id:
                if first not in sketches:
                    article = self._article(first)
                    sketches[first] = Sketch.of(article.text if article else "")
                if Sketch.of(node.get_content()).containment(sketches[first]) > MAX_REPEATED:
                    continue
            kept.append((node, score))
        return kept

    def with_copies_named(self, passages: Sequence[ScoredPassage]) -> list[ScoredPassage]:
        """The passages, each with its story and the other articles of it."""
        stories = self._compared.stories({each.article_id for each in passages})
        copies = self._compared.copies(set(stories.values()))
        named = []
        for each in passages:
            story = stories.get(each.article_id)
            others = copies.get(story, []) if story is not None else []
            also_in = tuple(copy for copy in others if copy.id != each.article_id)
            named.append(each.model_copy(update={"story": story, "also_in": also_in}))
        return named
