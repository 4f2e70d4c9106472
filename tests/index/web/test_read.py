"""`footnote add` of a page, a feed and a sitemap of a real site on loopback, through the whole index."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from bot.settings import Settings
from index import ingest
from index.library import Index
from tests.fake_embedder import FakeEmbedder
from tests.index.articles import report_on
from tests.index.test_ingest import consistent
from tests.index.web.conftest import Handler, Site, reply


@pytest.fixture
def index(settings: Settings) -> Index:
    return Index(settings.model_copy(update={"fetch_private": True}), create=True, embedder=FakeEmbedder())


def story(subject: str, *, extra: str = "", head: str = "") -> bytes:
    paragraphs = "".join(f"<p>{text}</p>" for text in report_on(subject, paragraphs=6).text.split("\n\n"))
    return f"""<!doctype html><html lang="en"><head><title>All about {subject} | Harbour Post</title>
    <meta property="og:title" content="All about {subject}"><meta property="og:site_name" content="Harbour Post">
    <meta property="article:published_time" content="2023-04-04T10:00:00Z">{head}</head><body><nav>Home News</nav>
    <article><h1>All about {subject}</h1>{paragraphs}{extra}</article></body></html>""".encode()


def with_validator(body: bytes, etag: str, kind: str = "text/html; charset=utf-8") -> Handler:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.headers.get("If-None-Match") == etag:
            handler.send_response(304)
            handler.end_headers()
        else:
            reply(handler, kind, body, ETag=etag)

    return answer


def rss(site: Site, *subjects: str) -> tuple[str, bytes]:
    items = "".join(
        f"<item><title>All about {each}</title><link>{site.url}/{each}</link><guid>id-{each}</guid>"
        "<pubDate>Wed, 05 Apr 2023 10:00:00 GMT</pubDate></item>"
        for each in subjects
    )
    return "application/rss+xml", f'<rss version="2.0"><channel><title>Feed</title>{items}</channel></rss>'.encode()


def test_a_page(index: Index, site: Site) -> None:
    site.pages["/ferry?utm_source=mail"] = ("text/html", story("ferries"))
    report = ingest.add(index, [site.url + "/ferry?utm_source=mail"])
    assert (report.added, report.skipped) == (1, [])
    (article,) = index.articles()
    assert (article.id, article.url) == (site.url + "/ferry", site.url + "/ferry")
    assert (article.title, article.source, article.published) == ("All about ferries", "Harbour Post", "2023-04-04")
    stored = index.article(article.id)
    assert stored is not None and stored.text.startswith("On ferries ") and "Home News" not in stored.text
    consistent(index)


def test_a_page_that_is_the_same_costs_nothing_and_one_that_changed_is_updated(index: Index, site: Site) -> None:
    site.pages["/a"] = with_validator(story("ferries"), '"1"')
    ingest.add(index, [site.url + "/a"])
    again = ingest.add(index, [site.url + "/a"])
    assert (again.unchanged, again.added, again.updated) == (1, 0, 0)
    site.pages["/a"] = with_validator(story("ferries", extra="<p>A new ferry came, it was said today.</p>"), '"2"')
    changed = ingest.add(index, [site.url + "/a"])
    assert (changed.updated, changed.embedded) == (1, 1)
    with index.writing():
        index.remove([site.url + "/a"])
    assert ingest.add(index, [site.url + "/a"]).added == 1


def test_a_page_is_its_own_under_another_address_and_no_file_may_stand_in_for_it(
    index: Index, site: Site, tmp_path: Path
) -> None:
    site.pages["/a?utm_source=mail"] = ("text/html", story("ferries"))
    ingest.add(index, [site.url + "/a?utm_source=mail"])
    site.pages["/a"] = ("text/html", story("ferries", extra="<p>A new ferry came, it was said today.</p>"))
    assert ingest.add(index, [site.url + "/a"]).updated == 1
    (tmp_path / "a.md").write_text(f"---\nid: {site.url}/a\n---\nNo ferry ever came.", encoding="utf-8")
    report = ingest.add(index, [tmp_path / "a.md"])
    assert (report.updated, len(report.skipped)) == (0, 1)
    assert f"belongs to the article of {site.url}/a:" in report.skipped[0].reason


def test_a_feed_is_followed_once_for_each_entry(index: Index, site: Site) -> None:
    site.pages |= {"/ferries": ("text/html", story("ferries")), "/trains": ("text/html", story("trains"))}
    site.pages["/feed"] = rss(site, "ferries", "trains", "gone")
    report = ingest.add(index, [site.url + "/feed"])
    assert (report.added, [each.origin for each in report.skipped]) == (2, [site.url + "/gone"])
    with index.writing():
        index.remove([site.url + "/trains"])
    site.asked.clear()
    site.pages["/planes"] = ("text/html", story("planes"))
    site.pages["/feed"] = rss(site, "ferries", "trains", "planes")
    report = ingest.add(index, [site.url + "/feed"])
    assert (report.added, report.unchanged) == (1, 2)
    assert site.asked == ["/feed", "/planes"]
    assert sorted(each.id for each in index.articles()) == [site.url + "/ferries", site.url + "/planes"]


@pytest.mark.parametrize("most", [1, 2])
def test_a_feed_that_did_not_change_is_read_until_every_entry_was_taken(
    index: Index, site: Site, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.web.read.MAX_PAGES", most)
    kind, feed = rss(site, "ferries", "trains")
    site.pages |= {"/feed": with_validator(feed, '"1"', kind), "/ferries": ("text/html", story("ferries"))}
    assert ingest.add(index, [site.url + "/feed"]).added == 1  # the other one fails, or is past the limit
    site.pages["/trains"] = ("text/html", story("trains"))
    again = ingest.add(index, [site.url + "/feed"])
    assert (again.added, again.unchanged) == (1, 1)
    site.asked.clear()
    assert ingest.add(index, [site.url + "/feed"]).unchanged == 2
    assert site.asked == ["/feed"]


def test_what_only_the_feed_knows_is_taken_from_it(index: Index, site: Site) -> None:
    content = "".join(f"<p>{text}</p>" for text in report_on("boats", paragraphs=6).text.split("\n\n"))
    entry = f"""<entry><id>urn:1</id><title>On boats</title><link href="{site.url}/absent"/>
    <updated>2024-01-02T03:04:05Z</updated><author><name>Ann Lee</name></author>
    <content type="html"><![CDATA[{content}]]></content></entry>"""
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Boat Echo</title>{entry}</feed>'
    site.pages["/feed"] = ("application/atom+xml", feed.encode())
    report = ingest.add(index, [site.url + "/feed"])
    assert (report.added, report.skipped) == (1, [])
    (article,) = index.articles()
    assert (article.title, article.authors) == ("On boats", ("Ann Lee",))
    assert (article.published or "")[:10] == "2024-01-02"


def test_entries_without_links_are_articles_of_their_own(index: Index, site: Site) -> None:
    entries = "".join(
        f"<entry><id>urn:{subject}</id><title>On {subject}</title><content type='html'><![CDATA["
        + "".join(f"<p>{text}</p>" for text in report_on(subject, paragraphs=6).text.split("\n\n"))
        + "]]></content></entry>"
        for subject in ("boats", "trains", "planes")
    )
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Echo</title>{entries}</feed>'
    site.pages["/feed"] = ("application/atom+xml", feed.encode())
    for added, unchanged in ((3, 0), (0, 3)):
        report = ingest.add(index, [site.url + "/feed"])
        assert (report.added, report.updated, report.unchanged, report.skipped) == (added, 0, unchanged, [])
    assert {each.id: each.title for each in index.articles()} == {
        f"{site.url}/feed#urn:{subject}": f"On {subject}" for subject in ("boats", "trains", "planes")
    }


def test_what_a_feed_says_of_another_outlets_page_stands_under_the_feeds_address(index: Index, site: Site) -> None:
    outlet = Site()
    try:
        outlet.pages["/trains"] = ("text/html", story("trains"))
        invented = "".join(f"<p>{text}</p>" for text in report_on("boats", paragraphs=6).text.split("\n\n"))
        entries = "".join(
            f"<entry><id>urn:{path}</id><title>Invented</title><author><name>Nobody</name></author>"
            f'<link href="{outlet.url}/{path}"/><content type="html"><![CDATA[{invented}]]></content></entry>'
            for path in ("trains", "absent")
        )
        feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Echo</title>{entries}</feed>'
        site.pages["/feed"] = ("application/atom+xml", feed.encode())
        assert ingest.add(index, [site.url + "/feed"]).added == 2
        titles = {each.id: each.title for each in index.articles()}
        assert titles == {f"{outlet.url}/trains": "All about trains", f"{site.url}/feed#urn:absent": "Invented"}
        copy = index.article(f"{site.url}/feed#urn:absent")
        assert copy is not None and copy.url.startswith(site.url)
    finally:
        outlet.close()


def test_a_table_from_the_web_keeps_all_its_rows(index: Index, site: Site) -> None:
    rows = "".join(f'On {each},"{report_on(each, paragraphs=2).text}",\n' for each in ("boats", "trains", "planes"))
    own = f'On trams,"{report_on("trams", paragraphs=2).text}",{site.url}/trams\n'
    site.pages["/all.csv"] = ("text/csv", f"title,text,url\n{rows}{own}".encode())
    report = ingest.add(index, [site.url + "/all.csv"])
    assert (report.added, report.skipped) == (4, [])
    assert f"{site.url}/trams" in {each.id for each in index.articles()}
    assert ingest.add(index, [site.url + "/all.csv"]).unchanged == 4


def test_a_sitemap_that_is_too_long_for_one_go_is_gone_on_with(
    index: Index, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.web.read.MAX_PAGES", 2)
    subjects = ("ferries", "trains", "planes", "trams")
    site.pages |= {f"/{each}": ("text/html", story(each)) for each in subjects}
    links = "".join(f"<url><loc>{site.url}/{each}</loc></url>" for each in subjects)
    site.pages["/sitemap.xml"] = ("application/xml", f"<urlset>{links}</urlset>".encode())
    assert [ingest.add(index, [site.url + "/sitemap.xml"]).added for _ in range(3)] == [2, 2, 0]


def test_sitemaps_that_are_left_out_are_named(index: Index, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.web.read.MAX_SITEMAPS", 2)
    for name in ("ferries", "trains"):
        site.pages[f"/{name}"] = ("text/html", story(name))
        site.pages[f"/{name}.xml"] = ("text/xml", f"<urlset><url><loc>{site.url}/{name}</loc></url></urlset>".encode())
    names = "".join(f"<sitemap><loc>{site.url}/{name}.xml</loc></sitemap>" for name in ("ferries", "trains"))
    site.pages["/sitemap.xml"] = ("text/xml", f"<sitemapindex>{names}</sitemapindex>".encode())
    report = ingest.add(index, [site.url + "/sitemap.xml"])
    assert report.added == 1
    assert [(each.origin, "more than the 2 sitemaps" in each.reason) for each in report.skipped] == [
        (site.url + "/sitemap.xml", True)
    ]


def moved_to_nowhere(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(302)
    handler.send_header("Location", "http://[")
    handler.end_headers()


def test_odd_answers_of_a_server_stop_nothing(index: Index, site: Site) -> None:
    undefined = b'<?xml version="1.0" encoding="undefined"?><rss version="2.0"><channel></channel></rss>'
    site.pages |= {"/moved": moved_to_nowhere, "/feed": ("application/xml", undefined)}
    site.pages["/tagged"] = with_validator(story("ferries"), '"\xe9"')
    body = story("Gürtel").decode().encode("latin-1")
    site.pages["/undefined"] = ("text/html; charset=undefined", body)
    wrong = [site.url + "/moved", site.url + "/feed", "http://[::1"]
    for added, unchanged in ((2, 0), (0, 2)):
        report = ingest.add(index, [*wrong, site.url + "/tagged", site.url + "/undefined"])
        assert (report.added, report.unchanged) == (added, unchanged)
        assert [each.origin for each in report.skipped] == wrong


def test_entries_of_one_page_are_asked_for_once(index: Index, site: Site) -> None:
    site.pages["/live"] = ("text/html", story("ferries"))
    items = "".join(f"<item><guid>post-{n}</guid><link>{site.url}/live#{n}</link></item>" for n in range(3))
    site.pages["/feed"] = ("application/rss+xml", f'<rss version="2.0"><channel>{items}</channel></rss>'.encode())
    report = ingest.add(index, [site.url + "/feed"])
    assert (report.added, report.unchanged, report.skipped) == (1, 0, [])
    site.asked.clear()
    ingest.add(index, [site.url + "/feed"])
    assert site.asked == ["/feed"]


@pytest.mark.parametrize("kind", ["feed", "sitemap"])
def test_a_page_that_was_refused_for_its_id_is_asked_for_again(
    index: Index, site: Site, tmp_path: Path, kind: str
) -> None:
    site.pages["/ferries"] = with_validator(story("ferries"), '"1"')
    link = f"<urlset><url><loc>{site.url}/ferries</loc><lastmod>2024-01-02</lastmod></url></urlset>"
    site.pages["/all"] = rss(site, "ferries") if kind == "feed" else ("application/xml", link.encode())
    (tmp_path / "a.md").write_text(f"---\nid: {site.url}/ferries\n---\nFrom a file.", encoding="utf-8")
    ingest.add(index, [tmp_path / "a.md"])
    for _ in range(2):
        report = ingest.add(index, [site.url + "/all"])
        assert (report.added, report.unchanged, len(report.skipped)) == (0, 0, 1)
    with index.writing():
        index.remove([site.url + "/ferries"])
    assert ingest.add(index, [site.url + "/all"]).added == 1
    assert ingest.add(index, [site.url + "/all"]).unchanged == 1


def test_a_sitemap_of_sitemaps(index: Index, site: Site) -> None:
    site.pages |= {"/a": ("text/html", story("ferries")), "/b": ("text/html", story("trains"))}
    dated = f"<url><loc>{site.url}/a</loc><lastmod>2024-01-02</lastmod></url>"
    one = f"<urlset>{dated}<url><loc>{site.url}/b</loc></url></urlset>"
    site.pages["/one.xml"] = ("application/xml", one.encode())
    both = f"<sitemapindex><sitemap><loc>{site.url}/one.xml</loc></sitemap></sitemapindex>"
    site.pages["/sitemap.xml"] = ("text/xml", both.encode())
    assert ingest.add(index, [site.url + "/sitemap.xml"]).added == 2
    site.asked.clear()
    again = ingest.add(index, [site.url + "/sitemap.xml"])
    assert (again.added, again.unchanged) == (0, 2)
    assert site.asked == ["/sitemap.xml", "/one.xml", "/b"]


def test_a_sitemap_that_fails_stops_none_beside_it_and_loses_nothing(index: Index, site: Site) -> None:
    site.pages |= {"/a": ("text/html", story("ferries")), "/b": ("text/html", story("trains"))}
    for name in ("a", "b"):
        one = f"<urlset><url><loc>{site.url}/{name}</loc><lastmod>2024-01-02</lastmod></url></urlset>"
        site.pages[f"/{name}.xml"] = ("application/xml", one.encode())
    site.pages["/bad.xml"] = ("application/xml", b"no sitemap")
    names = "".join(f"<sitemap><loc>{site.url}/{name}.xml</loc></sitemap>" for name in ("gone", "a", "bad", "b"))
    site.pages["/sitemap.xml"] = ("text/xml", f"<sitemapindex>{names}</sitemapindex>".encode())
    report = ingest.add(index, [site.url + "/sitemap.xml"])
    assert (report.added, [each.origin for each in report.skipped]) == (
        2,
        [site.url + "/gone.xml", site.url + "/bad.xml"],
    )
    with index.writing():
        index.remove([site.url + "/b"])
    working = site.pages.pop("/b.xml")
    ingest.add(index, [site.url + "/sitemap.xml"])
    site.pages["/b.xml"] = working
    assert ingest.add(index, [site.url + "/sitemap.xml"]).unchanged == 2, "what was removed does not come back"


def test_a_front_page_leads_to_its_feed(index: Index, site: Site) -> None:
    link = '<link rel="alternate" type="application/rss+xml" href="/feed">'
    site.pages |= {"/": ("text/html", f"<html><head>{link}</head><body></body></html>".encode())}
    site.pages |= {"/feed": rss(site, "ferries"), "/ferries": ("text/html", story("ferries"))}
    assert ingest.add(index, [site.url + "/"]).added == 1


def test_a_page_that_is_named_as_a_feed_leads_no_further(index: Index, site: Site) -> None:
    for number in range(3):
        link = f'<link rel="alternate" type="application/rss+xml" href="/loop{number + 1}">'
        site.pages[f"/loop{number}"] = ("text/html", f"<html><head>{link}</head><body></body></html>".encode())
    report = ingest.add(index, [site.url + "/loop0"])
    assert [each.origin for each in report.skipped] == [site.url + "/loop1"]
    assert site.asked == ["/loop0", "/loop1"]


def test_text_in_an_encoding_that_only_the_server_names(index: Index, site: Site) -> None:
    body = story("Gürtel").decode().replace("On Gürtel", "Über Gürtel").encode("latin-1")
    site.pages["/a"] = ("text/html; charset=latin-1", body)
    ingest.add(index, [site.url + "/a"])
    (article,) = index.articles()
    assert article.title == "All about Gürtel"


def test_bad_addresses_are_named_and_stop_nothing(index: Index, site: Site) -> None:
    site.pages["/a"] = ("text/html", story("ferries"))
    site.pages["/bad"] = ("application/xml", b"<rss><broken")
    wrong = ["http://127.0.0.1:1/", site.url + "/bad", site.url + "/404", "http://user@127.0.0.1/"]
    report = ingest.add(index, [*wrong, site.url + "/a"])
    assert report.added == 1
    assert [each.origin for each in report.skipped] == wrong


def test_ones_own_network_is_not_asked_unless_a_setting_says_so(settings: Settings, site: Site) -> None:
    report = ingest.add(Index(settings, create=True, embedder=FakeEmbedder()), [site.url + "/a"])
    assert "FOOTNOTE_FETCH_PRIVATE" in report.skipped[0].reason
    assert site.asked == []
