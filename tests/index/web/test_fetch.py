"""Fetching from a real server: what comes, what is refused, and that nothing takes longer or more than it may."""

from __future__ import annotations

import gzip
import socket
import time
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from index.errors import UnreadableInput
from index.web.addresses import NOT_PUBLIC
from index.web.fetch import Fetcher
from tests.index.web.conftest import Site, reply

HTML = ("text/html; charset=iso-8859-1", "<p>Grüße</p>".encode("latin-1"))


def refused(site: Site, path: str, **limits: Any) -> str:
    with Fetcher(allow_private=True, **limits) as fetcher, pytest.raises(UnreadableInput) as error:
        fetcher.get(site.url + path)
    return str(error.value)


def redirect(to: str) -> Any:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", to)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def test_a_page_comes_with_its_type_encoding_and_place(site: Site) -> None:
    site.pages = {"/a": redirect("b?c=d"), "/b?c=d": HTML}
    with Fetcher(allow_private=True) as fetcher:
        page = fetcher.get(site.url + "/a#part")
    assert (page.status, page.content_type, page.encoding) == ("fetched", "text/html", "iso-8859-1")
    assert page.url == site.url + "/b?c=d"
    assert page.body == HTML[1]
    assert site.headers[0]["Host"] == site.url.removeprefix("http://")
    assert "Cookie" not in site.headers[1]


def test_cookies_are_not_kept(site: Site) -> None:
    site.pages["/a"] = lambda handler: reply(handler, *HTML, Set_Cookie="a=b")
    with Fetcher(allow_private=True) as fetcher:
        fetcher.get(site.url + "/a")
        fetcher.get(site.url + "/a")
    assert all("Cookie" not in headers for headers in site.headers)


def test_a_page_that_is_the_same_is_not_sent_again(site: Site) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.headers.get("If-None-Match") == '"v1"':
            handler.send_response(304)
            handler.end_headers()
        else:
            reply(handler, *HTML, ETag='"v1"', Last_Modified="Tue, 04 Apr 2023 10:00:00 GMT")

    site.pages["/a"] = answer
    with Fetcher(allow_private=True) as fetcher:
        first = fetcher.get(site.url + "/a")
        again = fetcher.get(site.url + "/a", etag=first.etag, last_modified=first.last_modified)
    assert (first.etag, again.status, again.body) == ('"v1"', "unchanged", b"")
    assert site.headers[1]["If-Modified-Since"] == "Tue, 04 Apr 2023 10:00:00 GMT"


def test_gzip_is_unpacked_and_a_bomb_is_stopped(site: Site) -> None:
    site.pages["/a"] = lambda handler: reply(handler, "text/html", gzip.compress(b"<p>x</p>"), Content_Encoding="gzip")
    bomb = gzip.compress(b"\0" * 60_000_000)
    site.pages["/bomb"] = lambda handler: reply(handler, "text/html", bomb, Content_Encoding="gzip")
    site.pages["/broken"] = lambda handler: reply(handler, "text/html", b"no gzip", Content_Encoding="gzip")
    with Fetcher(allow_private=True) as fetcher:
        assert fetcher.get(site.url + "/a").body == b"<p>x</p>"
    assert "larger than the 20 MB" in refused(site, "/bomb")
    assert "can't be unpacked" in refused(site, "/broken")


def test_too_much_is_refused_at_once_or_when_it_comes(site: Site) -> None:
    site.pages["/claims"] = lambda handler: reply(handler, "text/html", b"x", length=str(10 * 1024**3))
    site.pages["/comes"] = ("text/html", b"x" * 3_000_000)
    assert "larger than the 20 MB" in refused(site, "/claims")
    assert "larger than the 1 MB" in refused(site, "/comes", max_bytes=1024**2)


@pytest.mark.parametrize("where", ["headers", "body"])
def test_a_server_that_trickles_is_given_up(site: Site, where: str) -> None:
    def trickle(handler: BaseHTTPRequestHandler) -> None:
        if where == "body":
            handler.send_response(200)
            handler.send_header("Content-Type", "text/html")
            handler.end_headers()
        for byte in b"HTTP/1.1 200 OK\r\n" + b"X-Slow: " + b"y" * 300:
            try:
                handler.wfile.write(bytes([byte]))
            except OSError:
                return
            time.sleep(0.1)

    site.pages["/slow"] = trickle
    started = time.monotonic()
    assert "took longer than 1 s" in refused(site, "/slow", max_seconds=1.0)
    assert time.monotonic() - started < 3


def test_redirects_end(site: Site) -> None:
    site.pages["/loop"] = redirect("/loop")
    assert "redirected more than 5 times" in refused(site, "/loop")
    assert len(site.asked) == 6


def test_each_redirect_is_judged(site: Site) -> None:
    site.pages["/a"] = redirect("ftp://127.0.0.1/")
    site.pages["/b"] = redirect("http://user@127.0.0.1/")
    assert "http:// or https://" in refused(site, "/a")
    assert "user name" in refused(site, "/b")


def test_a_name_that_turns_private_reaches_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rebinding: public when it is judged, private when it is asked again. The connection goes where was judged."""
    asked: list[str] = []
    connected: list[str] = []

    def look_up(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        if host == "rebinding.example":
            asked.append(host)
            ip = "93.184.216.34" if len(asked) == 1 else "127.0.0.1"
        else:
            ip = host
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port))]

    def connect(address: tuple[str, int], *_: Any, **__: Any) -> Any:
        connected.append(address[0])
        raise OSError("no network here")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    with Fetcher() as fetcher, pytest.raises(UnreadableInput, match="can't be reached"):
        fetcher.get("http://rebinding.example/")
    assert (asked, connected) == (["rebinding.example"], ["93.184.216.34"])


def test_a_public_name_for_loopback_is_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with Fetcher() as fetcher, pytest.raises(UnreadableInput) as error:
        fetcher.get("http://looks-public.example/")
    assert str(error.value) == NOT_PUBLIC
    assert site.asked == []


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("image/png", "image/png"), ("application/octet-stream", "octet-stream"), ("video/mp4", "video")],
)
def test_other_kinds_are_not_read(site: Site, kind: str, reason: str) -> None:
    site.pages["/x"] = (kind, b"x")
    assert reason in refused(site, "/x")


def test_answers_that_are_none(site: Site) -> None:
    assert refused(site, "/absent") == "its server answered 404 Not Found"
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with Fetcher(allow_private=True) as fetcher, pytest.raises(UnreadableInput, match="can't be reached"):
        fetcher.get(f"http://127.0.0.1:{port}/")
