"""What a page of the web is, and where a feed, a sitemap or a front page leads."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from index.dates import iso_date
from index.errors import UnreadableInput
from index.read.source import MAX_FILE_BYTES
from index.web.fetch import Page

MAX_LINKS = 50_000
"""As many as the sitemap protocol allows in one file."""

_FEEDS, _SITEMAPS = ("rss", "feed", "rdf"), ("urlset", "sitemapindex")
_ROOT = re.compile(rb"<(?:\w[\w-]*:)?(\w[\w-]*)")
_SAME_PAGE = ("www.", "m.", "amp.", "mobile.")
_TRACKING = re.compile(
    r"utm_.*|fbclid|gclid|dclid|msclkid|mc_cid|mc_eid|igshid|ref_src|cmpid|ns_campaign", re.IGNORECASE
)


@dataclass(frozen=True)
class Entry:
    """One entry of a feed: `link` is whole or "", dates are ISO 8601 or None, `outlet` is the feed's title, `feed` its
    address where that is known."""

    id: str
    link: str
    title: str
    published: str | None
    updated: str | None
    authors: tuple[str, ...]
    content_html: str
    outlet: str
    feed: str = ""

    @property
    def address(self) -> str:
        """Its page, or its place in the feed."""
        return self.link or f"{self.feed}#{self.id}"


def kind_of(page: Page) -> Literal["feed", "sitemap", "article"]:
    """What the page is, by the first element in it: servers name feeds and sitemaps in many ways."""
    root = _ROOT.search(_unpacked(page.body)[:4096])
    name = root[1].decode("ascii", "replace").lower() if root else ""
    if name in _FEEDS:
        return "feed"
    return "sitemap" if name in _SITEMAPS else "article"


def feed_entries(page: Page) -> list[Entry]:
    """The entries of a feed (RSS, Atom, RDF), as they come. Raises UnreadableInput for none that can be read."""
    import feedparser

    body = page.body
    if re.search(rb"<!(?:ENTITY|DOCTYPE[^>]*\[)", body[:65536]):
        raise UnreadableInput("this feed defines entities of its own, which are not expanded")
    if not _reads_as_ascii(body):  # feedparser looks for the first element in ways that could take hours elsewhere
        raise UnreadableInput("this feed is in an encoding that is not read")
    # Without a type it would be taken for Latin-1.
    headers = {"content-location": page.url, "content-type": "application/xml"}
    try:
        parsed = feedparser.parse(io.BytesIO(body), response_headers=headers)
    except ValueError as error:  # an encoding that refuses to decode
        raise UnreadableInput(f"this is no feed that can be read ({error})") from error
    outlet = str(parsed.feed.get("title", "")).strip()
    entries = []
    for each in parsed.entries[:MAX_LINKS]:
        link = web_link(str(each.get("link", "")), page.url)
        contents = [str(part.get("value", "")) for part in each.get("content", ())] + [str(each.get("summary", ""))]
        entries.append(
            Entry(
                id=str(each.get("id", "")) or link,
                link=link,
                title=str(each.get("title", "")).strip(),
                published=_date(each, "published") or _date(each, "updated"),
                updated=_date(each, "updated"),
                authors=tuple(str(a["name"]) for a in each.get("authors", ()) if a.get("name")),
                content_html=max(contents, key=len),
                outlet=outlet,
            )
        )
    entries = [entry for entry in entries if entry.id]
    if not entries and (parsed.bozo or not parsed.version):
        problem = " ".join(str(parsed.get("bozo_exception", "")).split())[:120]
        raise UnreadableInput(f"this is no feed that can be read ({problem or 'no entries'})")
    return entries


def _reads_as_ascii(body: bytes) -> bool:
    """Whether the first element stands where `kind_of` saw it in the encoding that the feed declares, too."""
    declared = re.search(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]+)", body[:4096])
    try:
        return declared is None or b"<rss".decode(declared[1].decode("ascii", "replace")) == "<rss"
    except (UnicodeError, LookupError):
        return False


def _date(entry: dict[str, Any], name: str) -> str | None:
    parsed = dict.get(entry, f"{name}_parsed")  # feedparser's own `get` answers with another date where it has none
    if parsed is None:
        return None
    day = f"{parsed.tm_year:04d}-{parsed.tm_mon:02d}-{parsed.tm_mday:02d}"
    return iso_date(f"{day}T{parsed.tm_hour:02d}:{parsed.tm_min:02d}:{parsed.tm_sec:02d}+00:00")


def sitemap_links(page: Page) -> tuple[list[tuple[str, str | None]], list[str]]:
    """The pages of a sitemap with the days of their last change (or None), and the sitemaps that it names."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
    try:
        root = etree.fromstring(_unpacked(page.body), parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableInput(f"this is no sitemap that can be read ({error})") from error
    if root is None:
        raise UnreadableInput("this is no sitemap that can be read")
    pages: dict[str, str | None] = {}
    nested: dict[str, None] = {}
    for element in root.iter("{*}url", "{*}sitemap"):
        link = web_link((element.findtext("{*}loc") or "").strip(), page.url)
        if not link or len(pages) + len(nested) >= MAX_LINKS:
            continue
        if str(element.tag).endswith("sitemap"):
            nested.setdefault(link)
        else:
            pages.setdefault(link, iso_date((element.findtext("{*}lastmod") or "").strip()))
    return list(pages.items()), list(nested)


def _unpacked(body: bytes) -> bytes:
    """The body, unpacked when it is a gzip file. Raises UnreadableInput for one that is damaged or too large."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        with gzip.open(io.BytesIO(body)) as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableInput("it is damaged: it can't be unpacked") from error
    if len(data) > MAX_FILE_BYTES:
        raise UnreadableInput(f"it would unpack to more than {MAX_FILE_BYTES // 1024**2} MB")
    return data


def feed_link(html: str, base: str) -> str | None:
    """The feed that a page says it has, or None."""
    from index.read.visible import parse_html

    tree = parse_html(html)
    if tree is None:
        return None
    for link in tree.iter("link"):
        kind = (link.get("type") or "").lower()
        alternate = "alternate" in (link.get("rel") or "").lower()
        if alternate and kind in ("application/rss+xml", "application/atom+xml"):
            address = web_link(link.get("href") or "", base)
            if address:
                return address
    return None


def canonical_of(page_url: str, claimed: str) -> str:
    """The address that an article goes by: the one that its page claims, where that is on the same host, else its own.

    A page may name itself better than the link that led to it, but it may not pass for another outlet's.
    """
    url = claimed if claimed and host_of(claimed) == host_of(page_url) else page_url
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if not _is_tracking(name)]
    return parts._replace(query=urlencode(query), fragment="", path=parts.path or "/").geturl()


def _is_tracking(name: str) -> bool:
    return bool(_TRACKING.fullmatch(name))


def host_of(url: str) -> tuple[str, int | None]:
    """Host and port of an address, where www. and the like count as one host; "" for none."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return "", None
    for prefix in _SAME_PAGE:
        host = host.removeprefix(prefix)
    return host, port if port not in (80, 443) else None


def web_link(link: str, base: str) -> str:
    """A link as a whole http or https address without its fragment, or ""."""
    if not link.strip():
        return ""
    try:
        parts = urlsplit(urljoin(base, link.strip()))
    except ValueError:
        return ""
    return parts._replace(fragment="").geturl() if parts.scheme in ("http", "https") and parts.netloc else ""
