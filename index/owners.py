"""Whose an id is: the file's or site's that brought it, for as long as that is there and has it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from index.catalogue import Known
from index.dates import as_utc
from index.read import GONE
from index.read.source import ROW, file_of, id_of_origin, is_address
from index.types import Article

if TYPE_CHECKING:
    from index.library import Index


class Owners:
    """The ids met in one run, and whose they and those that the index knows are.

    `claimed` holds the ids of the articles that were taken or found unchanged, with where each was read;
    `unread_rows` those of rows that could not be read, and the origins of such rows without an id.
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        self.claimed: dict[str, str] = {}
        self.unread_rows: set[str] = set()
        self._read_whole: set[Path] = set()

    def read_whole(self, file: Path) -> None:
        """All that a file holds has been read: it has no article any more but those met."""
        self._read_whole.add(file)

    def is_met(self, article_id: str, origin: str) -> bool:
        """Whether an article that was read from there stands in a file of this run, readable or not."""
        return article_id in self.claimed or not self.unread_rows.isdisjoint((article_id, origin))

    def has_left(self, article_id: str, origin: str) -> bool:
        """Whether what an article was read from is gone, or has been read whole in this run without it."""
        return not _is_there(origin) or (file_of(origin) in self._read_whole and not self.is_met(article_id, origin))

    def identified(self, article: Article) -> Article:
        """The article under the id that it keeps: its own, else the one that it has or may have by its path."""
        made = id_of_origin(article.origin)
        if article.id != made:
            return article
        kept = self._index.catalogue.id_at(article.origin)
        if kept and not is_address(article.origin) and id_of_origin(kept) != made:
            kept = None  # an id of its own, of an article that stood in this line before
        return replace(article, id=kept or self._free_id(article))

    def _free_id(self, article: Article) -> str:
        """The id made from the path's last two parts, or from all of it where another folder's file has that one."""
        known = self._index.catalogue.known(article.id)
        owner = self.claimed.get(article.id) or (known.origin if known else "")
        return article.origin if owner and self._is_anothers(article.id, owner, article.origin) else article.id

    def refusal(self, article: Article, known: Known | None) -> str | None:
        """Why the article may not have its id, which this run met already or by which another one is known."""
        same = known is not None and known.content_hash == article.content_hash
        claimed = self.claimed.get(article.id)
        anothers = known is not None and self._is_anothers(article.id, known.origin, article.origin)
        if claimed is None and (same or not anothers):
            return None
        if claimed is not None:
            if known and not (same or anothers) and _is_anothers(claimed, article.origin):
                return None  # a copy was met first, and this is the article itself
            owner, problem = claimed, f"its id {article.id} was already used by {claimed}"
        else:
            assert known is not None
            owner = known.origin
            problem = (
                f"its id {article.id} belongs to the article of {owner}: give it another id, move that file away, "
                f"or take that article out with: footnote remove {article.id}"
            )
        before = None if same else self._index.article(article.id)
        if before is None or not _is_version(article, before, owner):
            return problem
        if _is_later(article, before, owner):
            return None
        return f"it is no newer than the version of the same article in {owner}"

    def _is_anothers(self, article_id: str, owner: str, origin: str) -> bool:
        """Whether an id is not for what comes from `origin` to take: another file's or site's, which still has it."""
        return _is_anothers(owner, origin) and not self.has_left(article_id, owner)


def _is_anothers(owner: str, origin: str) -> bool:
    """Whether two articles come from different files, or one from a file and one from a site.

    A page is its own under whichever address it is asked for: its id is the address that its site gives it.
    """
    if is_address(owner) and is_address(origin):
        return False
    theirs, ours = file_of(owner), file_of(origin)
    return theirs != ours and not _is_same(theirs, ours)


def _is_same(one: Path, other: Path) -> bool:
    """Whether two paths lead to one file, by a link."""
    try:
        return one.samefile(other)
    except OSError:
        return False


def _is_there(origin: str) -> bool:
    """Whether what an article came from is there, or may be: a site, and a file in a folder that is closed to us."""
    if is_address(origin):
        return True
    try:
        file_of(origin).stat()
    except OSError as error:
        return not isinstance(error, GONE)
    return bool(origin)


def _is_version(article: Article, before: Article, owner: str) -> bool:
    """Whether a row of one export is that of another, of the same source: under its id and its title or address."""
    if not (ROW.search(owner) and ROW.search(article.origin) and _is_anothers(owner, article.origin)):
        return False
    return article.title == before.title or bool(article.url and article.url == before.url)


def _is_later(article: Article, before: Article, owner: str) -> bool:
    """Whether a row is newer than another: by their dates, else by when their files were modified."""
    ours, theirs = article.updated or article.published, before.updated or before.published
    if ours and theirs and as_utc(ours) != as_utc(theirs):
        return as_utc(ours) > as_utc(theirs)
    return _modified_ns(article.origin) > max(_modified_ns(owner), _modified_ns(before.origin))


def _modified_ns(origin: str) -> int:
    try:
        return file_of(origin).stat().st_mtime_ns
    except OSError:
        return 0
