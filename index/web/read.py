"""Addresses become articles: a page, all that a feed lists, all that a sitemap lists."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from index.errors import UnreadableInput
from index.read import reader_of
from index.read.process import ReadingProcess
from index.read.source import Source
from index.remembered import Fetched, Remembered
from index.types import Article, Skipped, Unchanged
from index.web.discover import Entry, canonical_of, feed_entries, feed_link, host_of, kind_of, sitemap_links
from index.web.fetch import Fetcher, Page

MAX_PAGES = 2000
"""That one feed or sitemap is followed to in one go; the next `footnote add` of it goes on."""
MAX_SITEMAPS = 50

_SUFFIXES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/epub+zip": ".epub",
    "application/rtf": ".rtf",
    "text/rtf": ".rtf",
    "text/csv": ".csv",
}
_DECODED = frozenset({".html", ".txt", ".md", ".csv"})

Item = Article | Skipped | Unchanged


class WebReader:
    """Reads addresses. What it learns of them is kept by `remember`, once the articles are on the disk.

    `is_there` says whether an article that was read from an address is in the index.
    """

    def __init__(
        self, fetcher: Fetcher, process: ReadingProcess, remembered: Remembered, is_there: Callable[[str], bool]
    ) -> None:
        self._fetcher = fetcher
        self._process = process
        self._remembered = remembered
        self._is_there = is_there
        self._learned: dict[str, Fetched] = {}
        self._given: set[str] = set()
        self._refused: set[str] = set()

    def read(self, address: str, *, as_feed: bool = False) -> Iterator[Item]:
        """The articles at an address, and what was skipped and why. Raises nothing for what comes over the network.

        With `as_feed` only what a feed lists is read: a page may name any address as its feed, another such page too.
        """
        before = self._remembered.get(address)
        known = bool(before.seen) or self._is_there(address)
        try:
            page = self._fetcher.get(
                address,
                etag=before.etag if known else "",
                last_modified=before.last_modified if known else "",
            )
            if page.status == "unchanged":
                yield Unchanged(max(1, len(before.seen)))
            elif kind_of(page) == "feed":
                yield from self._feed(page, address, before)
            elif as_feed:
                raise UnreadableInput("a page names this as its feed, but it is none")
            elif kind_of(page) == "sitemap":
                yield from self._sitemap(page, address, before)
            else:
                yield from self._page_or_its_feed(page, address)
        except UnreadableInput as error:
            yield Skipped(address, str(error))

    def refuse(self, article: Article) -> None:
        """The article last given can't be taken: it is asked for again at the next run, as if it had not been read."""
        self._refused.add(article.id)
        self._learned.pop(article.origin, None)

    def _is_taken(self, item: Item) -> bool:
        """Whether an item that was given, and has been looked at since, need not be asked for again."""
        return not isinstance(item, Skipped) and not (isinstance(item, Article) and item.id in self._refused)

    def remember(self) -> None:
        """Keep what was learned. Call it when all that was read has been written."""
        for address, fetched in self._learned.items():
            self._remembered.put(address, fetched)
        self._learned.clear()

    def _page_or_its_feed(self, page: Page, address: str) -> Iterator[Item]:
        """The article of a page; of one without an article, what the feed that it names lists."""
        items = list(self._page(page, address))
        feed = (
            None
            if any(not isinstance(each, Skipped) for each in items)
            else feed_link(_bytes(page, ".html").decode("utf-8", "replace"), page.url)
        )
        if feed and feed != address:
            yield from self.read(feed, as_feed=True)
        else:
            yield from items

    def _linked(self, address: str, entry: Entry | None = None, spare: Entry | None = None) -> Iterator[Item]:
        """The article of a page that a feed or sitemap names; where it has none, that of the `spare` entry."""
        before = self._remembered.get(address) if self._is_there(address) else Fetched()
        try:
            page = self._fetcher.get(address, etag=before.etag, last_modified=before.last_modified)
            if page.status == "unchanged":
                yield Unchanged()
                return
            items = list(self._page(page, address, entry))
        except UnreadableInput as error:
            items = [Skipped(address, str(error))]
        if spare is not None and spare.content_html and all(isinstance(each, Skipped) for each in items):
            in_feed = list(self._of_entry(spare))
            items = in_feed if any(isinstance(each, Article) for each in in_feed) else items
        yield from items

    def _page(self, page: Page, address: str, entry: Entry | None = None) -> Iterator[Item]:
        suffix = _SUFFIXES.get(page.content_type) or Path(urlsplit(page.url).path).suffix.lower()
        if reader_of("page" + suffix) is None:
            raise UnreadableInput(f"what is there ({page.content_type or 'of no stated kind'}) is not read")
        self._learned[address] = Fetched(page.etag, page.last_modified)
        yield from self._parsed(_bytes(page, suffix), suffix, page.url, address, entry)

    def _of_entry(self, entry: Entry) -> Iterator[Item]:
        """The article as a feed itself holds it."""
        body = f"<html><body><article>{entry.content_html}</article></body></html>".encode("utf-8", "replace")
        yield from self._parsed(body, ".html", entry.address, entry.address, entry)

    def _parsed(self, body: bytes, suffix: str, url: str, address: str, entry: Entry | None) -> Iterator[Item]:
        with tempfile.TemporaryDirectory(prefix="footnote-") as folder:
            path = Path(folder, "page" + suffix)
            path.write_bytes(body)
            name = (Path(urlsplit(url).path).stem or "page") + suffix
            for item in self._process.read(Source(path, given_origin=address, name=name, url=url)):
                if isinstance(item, Skipped):
                    yield item
                    continue
                article = _completed(item, url, entry)
                if item.origin != address and article.url == canonical_of(url, ""):
                    article = replace(article, id=item.origin)  # a row that names no page of its own
                if article.id in self._given:  # two addresses of one page: taken, and counted already
                    yield Unchanged(0)
                else:
                    self._given.add(article.id)
                    yield article

    def _feed(self, page: Page, address: str, before: Fetched) -> Iterator[Item]:
        seen = set(before.seen)
        followed = 0
        entries = feed_entries(page)
        for entry in entries:
            key = entry.id or entry.link
            if key in before.seen:
                yield Unchanged()
                continue
            if followed >= MAX_PAGES:
                break
            followed += 1
            own = replace(entry, feed=address)
            if entry.link and host_of(entry.link) != host_of(page.url):
                # What a feed says of another outlet's page is not that outlet's: it stands under the feed's address.
                entry, own = replace(entry, title="", authors=()), replace(own, link="")
            taken = False
            for item in self._linked(entry.link, entry, own) if entry.link else self._of_entry(own):
                yield item
                taken = taken or self._is_taken(item)
            if taken:
                seen.add(key)
        # While an entry is missing the feed is asked for anew: "unchanged" would keep that entry out.
        whole = all((entry.id or entry.link) in seen for entry in entries)
        validators = (page.etag, page.last_modified) if whole else ("", "")
        self._learned[address] = Fetched(*validators, frozenset(seen))

    def _sitemap(self, page: Page, address: str, before: Fetched) -> Iterator[Item]:
        seen: set[str] = set()
        followed = 0
        whole = True
        # What was taken before comes last: of a sitemap that is too long for one go, the next one takes the rest.
        for found in sorted(self._links(page), key=lambda each: _key_of(each) in before.seen):
            if isinstance(found, Skipped):
                whole = False
                yield found
                continue
            link, day = found
            key = _key_of(found)
            if day and key in before.seen:
                seen.add(key)
                yield Unchanged()
                continue
            if followed >= MAX_PAGES:
                whole = False
                break
            followed += 1
            for item in self._linked(link):
                yield item
                if self._is_taken(item):
                    seen.add(key)
        if not whole:  # what lies in the rest was taken before, and may have been removed since
            seen |= before.seen
        # A sitemap of sitemaps may be unchanged while those in it are not: it is asked for anew each time.
        self._learned[address] = Fetched("", "", frozenset(seen))

    def _links(self, page: Page) -> Iterator[tuple[str, str | None] | Skipped]:
        """The pages of a sitemap and of those that it names, with the days of their last change; what can't be read."""
        links, waiting = sitemap_links(page)
        yield from links
        asked = {page.url}
        while waiting and len(asked) < MAX_SITEMAPS:
            nested = waiting.pop(0)
            if nested in asked:
                continue
            asked.add(nested)
            try:
                links, further = sitemap_links(self._fetcher.get(nested))
            except UnreadableInput as error:
                yield Skipped(nested, str(error))
                continue
            yield from links
            waiting += further
        if any(each not in asked for each in waiting):
            reason = f"it names more than the {MAX_SITEMAPS} sitemaps that are read: add the others by their addresses"
            yield Skipped(page.url, reason)


def _key_of(found: tuple[str, str | None] | Skipped) -> str:
    """What a sitemap's page is remembered by: its address and the day of its last change."""
    return "" if isinstance(found, Skipped) else f"{found[0]} {found[1]}"


def _completed(article: Article, url: str, entry: Entry | None) -> Article:
    """The article under its canonical address, with what only the feed says of it.

    An entry without a page of its own is known by the feed's address and its id there.
    """
    canonical = canonical_of(url, article.url)
    return replace(
        article,
        id=article.id if entry and not entry.link else canonical,
        url=canonical,
        title=(entry.title if entry and entry.title else article.title),
        source=article.source or (entry.outlet if entry else ""),
        published=article.published or (entry.published if entry else None),
        updated=article.updated or (entry.updated if entry else None),
        authors=article.authors or (entry.authors if entry else ()),
    )


def _bytes(page: Page, suffix: str) -> bytes:
    """The body; a text in the encoding that the server names as UTF-8, where that fits and UTF-8 itself does not."""
    if suffix in _DECODED and page.encoding:
        try:
            page.body.decode("utf-8")
        except UnicodeDecodeError:
            with contextlib.suppress(UnicodeError, LookupError):
                return page.body.decode(page.encoding).encode("utf-8", "replace")
    return page.body
