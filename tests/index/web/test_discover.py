"""Feeds, sitemaps and front pages: what they are, and where they lead."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from index.errors import UnreadableInput
from index.web.discover import canonical_of, feed_entries, feed_link, kind_of, sitemap_links, web_link
from index.web.fetch import Page

RSS = b"""<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Harbour Post</title><link>http://post.example/</link>
<item><title>One</title><link>/one#top</link><guid>id-1</guid><pubDate>Tue, 04 Apr 2023 15:20:00 GMT</pubDate>
<description>Short.</description><content:encoded><![CDATA[<p>Longer text.</p>]]></content:encoded></item>
<item><title>Two</title><link>javascript:alert(1)</link><guid>id-2</guid><pubDate>31 Foo 2024</pubDate></item>
</channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><entry><id>urn:1</id><title>T</title>
<link href="http://a.example/x"/><updated>2024-01-02T03:04:05Z</updated><author><name>Ann Lee</name></author></entry>
</feed>"""
RDF = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
<item rdf:about="http://r.example/1"><title>R</title><link>http://r.example/1</link></item></rdf:RDF>"""
BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<rss version="2.0"><channel><item><title>&b;</title><guid>1</guid></item></channel></rss>"""
SITEMAP = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc> http://s.example/a </loc><lastmod>2024-05-06</lastmod></url><url><loc>http://s.example/b</loc></url>
<url><loc>http://s.example/a</loc></url><url><loc>file:///etc/passwd</loc></url></urlset>"""
INDEX = b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>http://s.example/one.xml</loc></sitemap></sitemapindex>"""


def page(body: bytes, url: str = "http://post.example/feed") -> Page:
    return Page(url, "fetched", "application/xml", body)


@pytest.mark.parametrize(
    ("body", "kind"),
    [(RSS, "feed"), (ATOM, "feed"), (RDF, "feed"), (SITEMAP, "sitemap"), (gzip.compress(SITEMAP), "sitemap"),
     (INDEX, "sitemap"), (b"<!doctype html><!-- rss --><html><p>Text", "article"), (b"plain <b>text", "article"),
     (b"", "article")],
)  # fmt: skip
def test_kinds_are_told_by_the_first_element(body: bytes, kind: str) -> None:
    assert kind_of(page(body)) == kind


def test_entries_of_a_feed() -> None:
    one, two = feed_entries(page(RSS))
    assert (one.id, one.link, one.title, one.outlet) == (
        "http://post.example/id-1",
        "http://post.example/one",
        "One",
        "Harbour Post",
    )
    assert (one.published, one.content_html) == ("2023-04-04T15:20:00+00:00", "<p>Longer text.</p>")
    assert (two.link, two.published) == ("", None)
    (atom,) = feed_entries(page(ATOM))
    assert (atom.id, atom.published, atom.authors) == ("urn:1", "2024-01-02T03:04:05+00:00", ("Ann Lee",))
    (rdf,) = feed_entries(page(RDF))
    assert rdf.link == "http://r.example/1"


def test_a_feed_that_names_no_encoding_is_utf_8_and_an_empty_one_is_a_feed() -> None:
    item = "<item><title>Über die Fähre</title><guid>1</guid></item>"
    for start in ("", '<?xml version="1.0"?>', "\ufeff"):
        body = f'{start}<rss version="2.0"><channel><title>Küste</title>{item}</channel></rss>'.encode()
        (entry,) = feed_entries(page(body))
        assert (entry.title, entry.outlet) == ("Über die Fähre", "Küste")
    assert feed_entries(page(b'<rss version="2.0"><channel><title>Empty</title></channel></rss>')) == []


def test_a_feed_whose_first_element_is_hidden_is_none() -> None:
    assert kind_of(page(b"<-:rss>" + b"\n" * 100_000 + b"<a>")) == "article"
    with pytest.raises(UnreadableInput, match="encoding"):
        feed_entries(page(b'<?xml version="1.0" encoding="cp037"?><rss version="2.0"><channel></channel></rss>'))


def test_feeds_that_are_none() -> None:
    with pytest.raises(UnreadableInput, match="no feed that can be read"):
        feed_entries(page(b"<rss><channel><item><title>half"))
    with pytest.raises(UnreadableInput, match="entities"):
        feed_entries(page(BOMB))


def test_links_of_a_sitemap() -> None:
    links = [("http://s.example/a", "2024-05-06"), ("http://s.example/b", None)]
    assert sitemap_links(page(SITEMAP)) == (links, [])
    assert sitemap_links(page(gzip.compress(SITEMAP))) == (links, [])
    assert sitemap_links(page(INDEX)) == ([], ["http://s.example/one.xml"])
    with pytest.raises(UnreadableInput):
        sitemap_links(page(gzip.compress(SITEMAP)[:-20]))
    with pytest.raises(UnreadableInput):
        sitemap_links(page(gzip.compress(b"\0" * 30_000_000)))


def test_a_sitemap_reads_no_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("http://s.example/secret", encoding="utf-8")
    body = f"""<!DOCTYPE u [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>
    <urlset><url><loc>&x;</loc></url><url><loc>http://s.example/a</loc></url></urlset>"""
    assert sitemap_links(page(body.encode())) == ([("http://s.example/a", None)], [])


def test_the_feed_of_a_front_page() -> None:
    html = '<head><link rel="stylesheet" href="x"><link rel="alternate" type="application/rss+xml" href="/feed"></head>'
    assert feed_link(html, "http://a.example/b/") == "http://a.example/feed"
    assert feed_link("<p>none", "http://a.example/") is None


@pytest.mark.parametrize(
    ("own", "claimed", "canonical"),
    [
        ("http://a.example/x?utm_source=b&id=3#top", "", "http://a.example/x?id=3"),
        ("http://m.a.example/x", "http://www.a.example/y", "http://www.a.example/y"),
        ("http://evil.example/x", "http://bbc.example/y", "http://evil.example/x"),
        ("http://a.example/x", "http://[broken", "http://a.example/x"),
        ("http://a.example", "", "http://a.example/"),
    ],
)
def test_canonical_addresses(own: str, claimed: str, canonical: str) -> None:
    assert canonical_of(own, claimed) == canonical


def test_links_are_whole() -> None:
    assert web_link("../a#b", "http://a.example/x/y") == "http://a.example/a"
    assert web_link("data:text/html,x", "http://a.example/") == ""
