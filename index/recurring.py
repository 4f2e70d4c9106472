"""Lines that recur across many articles of an outlet: sign-up forms, disclaimers, promotions.

They are taken out of the stored texts. One article keeps a line that is no plain furniture, so that nothing an outlet
says can be lost by its saying it often.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import replace

from index.types import Article

MIN_WORDS = 4
"""Shorter lines are often headings that mean something: "Pennsylvania" in a round-up of the states."""
MAX_LINE_CHARACTERS = 1000
MIN_TITLES = 5
MIN_SHARE = 0.005
"""Of the outlet's titles; copies under one title count once. Of 3,922 articles of one outlet, twenty."""
MIN_ARTICLE_WORDS = 8
"""Fewer words than this left of a text are no article."""

_SPOKEN_TO_THE_READER = re.compile(
    r"\b(newsletters?|subscri\w+|sign(ed)? ?up|inbox|cookies?|privacy|click here|follow us|unsubscribe|app store"
    r"|your (e-?mail|details|data|information|inbox|subscription)|this ad|advert\w*|rights reserved|podcasts?"
    r"|terms (of use|and conditions)|affiliate|commission|download)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")


def line_keys(article: Article) -> dict[int, str]:
    """The lines of an article that may recur, by signed 64-bit keys that hold for its outlet alone.

    None for an article whose outlet is not known: nothing says that two such are related.
    """
    if not article.source:
        return {}
    return {
        _key(article.source, line): line
        for line in article.text.split("\n")
        if len(line) <= MAX_LINE_CHARACTERS and len(_WORD.findall(line)) >= MIN_WORDS
    }


def is_furniture(line: str) -> bool:
    """Whether a recurring line talks to the reader about the outlet itself, so that no article need keep it."""
    return bool(_SPOKEN_TO_THE_READER.search(line))


def without_lines(article: Article, keys: Collection[int]) -> Article:
    """The article without these lines; its pages still begin where they did."""
    kept: list[str] = []
    pages: list[int] = []
    old = new = 0
    left = list(article.pages)
    for block in article.text.split("\n\n"):
        lines = [line for line in block.split("\n") if _key(article.source, line) not in keys]
        while left and left[0] < old + len(block) + 2:
            pages.append(new + (left.pop(0) - old if len(lines) == block.count("\n") + 1 else 0))
        old += len(block) + 2
        if lines:
            kept.append("\n".join(lines))
            new += len(kept[-1]) + 2
    text = "\n\n".join(kept)
    return replace(article, text=text, pages=tuple(min(page, len(text)) for page in pages))


def is_empty(article: Article) -> bool:
    """Whether what is left of an article is too little to be one."""
    return len(_WORD.findall(article.text)) < MIN_ARTICLE_WORDS


def _key(outlet: str, line: str) -> int:
    words = " ".join(line.casefold().split())
    digest = hashlib.blake2b(f"{outlet.casefold()}\0{words}".encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "little", signed=True)
