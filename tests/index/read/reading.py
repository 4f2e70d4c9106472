"""What a file is read as, in the process of the test."""

from __future__ import annotations

from pathlib import Path

from index.read import read_source
from index.read.source import Source
from index.types import Article, Skipped


def items(path: Path) -> list[Article | Skipped]:
    return list(read_source(Source(path)))


def article(path: Path) -> Article:
    """The one article of a file."""
    (found,) = items(path)
    assert isinstance(found, Article), found
    return found


def reason(path: Path) -> str:
    """Why the file was skipped."""
    (found,) = items(path)
    assert isinstance(found, Skipped), found
    return found.reason
