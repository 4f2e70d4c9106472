"""The endpoints behind the page's scripts: what they give, and that no body makes them fail without a word."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from index.library import Index
from index.types import Article
from tests.fakes import FakeBot, FakeIndex, news
from tests.index.read.documents import column, write_pdf
from tests.ui.sites import Indexed, site_of
from tests.ui.test_adding import TEXT, finished
from ui.adding import Adding
from ui.history import Conversation, answered, opened
from ui.limits import MOST_ASIDE, Limits
from ui.page_api import routes
from ui.site import Site

QUESTION = "When will the harbour bridge close to traffic for repairs?"


class AsUser:
    """Whoever the header names is logged in."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = dict(scope.get("headers", [])).get(b"x-user", b"").decode()
        scope.setdefault("state", {})["user"] = name
        await self.app(scope, receive, send)


def client_of(site: Site) -> TestClient:
    return TestClient(Starlette(routes=routes(site), middleware=[Middleware(AsUser)]), raise_server_exceptions=False)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    index = FakeIndex(news())
    return site_of(tmp_path / "site", FakeBot(index), index)


@pytest.fixture
def client(site: Site) -> TestClient:
    return client_of(site)


@pytest.fixture
def growing(index: Index, tmp_path: Path) -> Iterator[tuple[TestClient, Adding]]:
    adding = Adding(index)
    yield client_of(site_of(tmp_path / "site", FakeBot(FakeIndex()), Indexed(index), adding=adding)), adding
    adding.close()


def kept(site: Site, user: str = "local") -> str:
    *_, last = answered(FakeBot(FakeIndex(news())), opened(Conversation(), QUESTION))
    return site.conversations.save(user, last).id


def test_the_sources_list(client: TestClient) -> None:
    view = client.get("/page/sources", params={"words": "bridge", "from": "2024-03-01", "rows": "0"}).json()
    assert [row["id"] for row in view["rows"]] == ["harbour-2"]
    assert (view["total"], view["matching"]) == (5, 1)


def test_conversations_belong_to_the_one_who_asked(client: TestClient, site: Site) -> None:
    own = kept(site, "ann")
    ann, bob = {"x-user": "ann"}, {"x-user": "bob"}
    assert [c["id"] for c in client.get("/page/conversations", headers=ann).json()["conversations"]] == [own]
    assert client.get("/page/conversations", headers=bob).json()["conversations"] == []
    for method, path, sent in (
        ("GET", "/page/export", {"conversation": own, "format": "json"}),
        ("GET", "/page/references", {"conversation": own, "turn": "1"}),
        ("POST", "/page/conversations/rename", {"id": own, "title": "x"}),
        ("POST", "/page/conversations/delete", {"id": own}),
    ):
        options: dict[str, Any] = {"params": sent} if method == "GET" else {"json": sent}
        reply = client.request(method, path, headers=bob, **options)
        assert reply.status_code == 400 and "not there any more" in reply.json()["error"]["message"], path
        assert client.request(method, path, headers=ann, **options).status_code == 200, path


def test_what_is_copied_is_the_answer_that_was_shown_though_its_place_went_to_another(
    client: TestClient, site: Site
) -> None:
    first = site.conversations.load("local", kept(site))
    other = replace(first.turns[0], question="What else?", kept_as=0)
    site.conversations.save("local", replace(first, turns=(first.turns[0], other)), replacing=True)
    sent = {"conversation": first.id, "turn": str(first.turns[0].kept_as)}
    reply = client.get("/page/references", params=sent)
    assert reply.status_code == 400 and "no such answer" in reply.json()["error"]["message"]
    assert client.get("/page/references", params=sent | {"turn": "2"}).status_code == 200


@pytest.mark.parametrize(
    ("kind", "media"), [("markdown", "text/markdown"), ("html", "text/html"), ("json", "application/json")]
)
def test_an_export_is_a_file_to_save(client: TestClient, site: Site, kind: str, media: str) -> None:
    reply = client.get("/page/export", params={"conversation": kept(site), "format": kind})
    assert reply.headers["content-type"].startswith(media)
    assert reply.headers["content-disposition"].startswith("attachment; filename*=UTF-8''When-will-the-harbour")
    assert "harbour" in reply.text


def test_settings_are_each_persons_own(client: TestClient) -> None:
    chosen = {"llm": "ollama/x", "sureness": "strict", "passages": 5, "drop_unsupported": True}
    assert client.put("/page/settings", json=chosen, headers={"x-user": "ann"}).status_code == 200
    assert client.get("/page/settings", headers={"x-user": "ann"}).json()["choices"] == chosen
    assert client.get("/page/settings", headers={"x-user": "bob"}).json()["choices"]["llm"] == ""
    assert client.post("/page/settings/test", json=chosen).json() == {"said": "hello from ollama/x"}


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/page/settings/test"), ("GET", "/page/picture?article=report&page=1")]
)
def test_slow_work_is_limited_and_leaves_the_other_endpoints_alone(
    tmp_path: Path, method: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pdf = tmp_path / "report.pdf"
    pdf.touch()
    index = FakeIndex([Article("report", "Report", TEXT, origin=str(pdf), pages=(0,))])
    site = site_of(tmp_path / "site", FakeBot(index), index, limits=Limits(at_once=1, questions_a_minute=45))
    go = threading.Event()

    def slow(*_: object) -> str:
        assert go.wait(60)
        return "hello"

    monkeypatch.setattr(site.bots, "try_out", slow)
    monkeypatch.setattr("ui.page_api.page_picture", slow)
    with client_of(site) as client, ThreadPoolExecutor(40) as threads:

        def ask() -> Response:
            return client.request(method, path, json={"llm": "ollama/x"})

        asked = [threads.submit(ask) for _ in range(40)]
        refused = list(islice(as_completed(asked, timeout=30), 40 - MOST_ASIDE))
        assert {each.result().status_code for each in refused} == {429}
        assert client.get("/page/settings").status_code == 200
        go.set()
        assert [each.result().status_code for each in asked].count(200) == MOST_ASIDE
        assert [ask().status_code for _ in range(6)] == [200] * 5 + [429], "places are given back, each one counts"


def test_files_are_sent_taken_in_taken_out_and_brought_back(growing: tuple[TestClient, Adding]) -> None:
    client, adding = growing
    assert client.get("/api/add").json() == {"job": None}
    reply = client.put("/api/uploads", params={"name": "bridge.txt"}, content=TEXT.encode())
    assert reply.json() == {"name": "bridge.txt", "bytes": len(TEXT)}
    assert client.post("/api/add", json={"uploads": ["bridge.txt"]}).json()["running"] is True
    finished(adding)
    assert client.get("/api/add").json()["job"]["added"] == 1
    assert client.post("/api/remove", json={"ids": ["uploads/bridge.txt"]}).json() == {"removed": ["bridge"]}
    assert client.post("/api/restore", json={}).json() == {"restored": 1}


def test_a_file_too_large_or_of_no_kind_is_refused_and_not_kept(
    growing: tuple[TestClient, Adding], index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _ = growing
    monkeypatch.setattr("ui.page_api.MAX_UPLOAD_BYTES", 1_000)
    reply = client.put("/api/uploads", params={"name": "x.txt"}, content=b"x" * 1_001)
    assert reply.status_code == 400 and "at most" in reply.json()["error"]["message"]
    assert client.put("/api/uploads", params={"name": "x.exe"}, content=b"x").status_code == 400
    assert client.put("/api/uploads", content=b"x").status_code == 400
    assert [path for path in (index.folder / "uploads").rglob("*") if path.is_file()] == []


def test_a_file_sent_twice_at_once_is_whole(growing: tuple[TestClient, Adding], index: Index) -> None:
    client, _ = growing
    bodies = [letter.encode() * 2_000_000 for letter in "ab"]
    threads = [
        threading.Thread(target=client.put, args=("/api/uploads?name=x.txt",), kwargs={"content": body})
        for body in bodies
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (path,) = [path for path in (index.folder / "uploads").rglob("*") if path.is_file()]
    assert path.read_bytes() in bodies


def test_a_page_of_a_pdf_is_drawn_and_nothing_else_is_read(growing: tuple[TestClient, Adding], tmp_path: Path) -> None:
    client, adding = growing
    pdf = write_pdf(tmp_path / "two.pdf", [column(TEXT * 3), column("Second page. " + TEXT * 3)])
    client.put("/api/uploads", params={"name": "two.pdf"}, content=pdf.read_bytes())
    client.put("/api/uploads", params={"name": "bridge.txt"}, content=TEXT.encode())
    client.post("/api/add", json={"uploads": ["two.pdf", "bridge.txt"]})
    finished(adding)
    reply = client.get("/page/picture", params={"article": "uploads/two.pdf", "page": "2"})
    assert (reply.status_code, reply.headers["content-type"]) == (200, "image/png")
    assert reply.content.startswith(b"\x89PNG")
    for article, page in (
        ("uploads/two.pdf", "3"), ("uploads/two.pdf", "0"), ("uploads/bridge.txt", "1"), ("/etc/passwd", "1"),
        ("uploads/two.pdf", "x"), ("", ""),
    ):  # fmt: skip
        assert client.get("/page/picture", params={"article": article, "page": page}).status_code == 400


def test_where_articles_can_not_be_added_it_is_said(client: TestClient) -> None:
    for method, path in (("POST", "/api/add"), ("POST", "/api/remove"), ("PUT", "/api/uploads?name=x.txt")):
        reply = client.request(method, path, json={"ids": ["peat"]})
        assert reply.status_code == 400 and "in the terminal" in reply.json()["error"]["message"]


BODIES: list[bytes] = [
    b"", b"[]", b"null", b"1", b'"x"', b"{", b"[" * 100_000, b"\xff\xfe", b'{"a": NaN}',
    b'{"id": null, "ids": [1], "title": {}}',
    b'{"uploads": "x", "addresses": {}, "texts": [1]}', b'{"texts": [{"title": [], "text": 1}]}',
    b'{"addresses": ["\\ud800"]}',
    b'{"llm": NaN, "passages": 1e999}', b'{"id": "\\u0000", "title": "\\ud800", "ids": ["\\ud800", "a\'b"]}',
    b'{"id": true}',
]  # fmt: skip


@pytest.mark.parametrize("body", BODIES)
def test_no_body_makes_an_endpoint_fail_without_a_word(growing: tuple[TestClient, Adding], body: bytes) -> None:
    client, _ = growing
    for method, path in (
        ("POST", "/page/conversations/rename"), ("POST", "/page/conversations/delete"), ("PUT", "/page/settings"),
        ("POST", "/page/settings/test"), ("POST", "/api/add"), ("POST", "/api/remove"), ("POST", "/api/restore"),
        ("POST", "/api/add/stop"),
    ):  # fmt: skip
        reply = client.request(method, path, content=body)
        assert reply.status_code in (200, 400, 503), (path, reply.text)
        if reply.status_code != 200:
            assert reply.json()["error"]["message"]


@pytest.mark.parametrize("value", ["", "x", "-1", "1e9", "9" * 5_000, "\x00", str(math.pi), "²", "９"])
def test_no_query_makes_an_endpoint_fail_without_a_word(client: TestClient, value: str) -> None:
    for path in ("sources", "conversations", "export", "references", "picture", "settings"):
        names = ("words", "rows", "from", "conversation", "format", "turn", "article", "page")
        reply = client.get(f"/page/{path}", params=dict.fromkeys(names, value))
        assert reply.status_code in (200, 400), (path, reply.text)
