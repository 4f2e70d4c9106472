"""The page as any program on this machine, or any site in a browser, can reach it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from index.errors import UsageError
from tests.fakes import FakeBot, FakeIndex, free_port, news
from tests.ui.sites import site_of
from ui import guard, server

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.server

OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    index = FakeIndex(news())
    site = site_of(tmp_path_factory.mktemp("site"), FakeBot(index), index)
    with (
        server.running(site, host="127.0.0.1", port=free_port()) as url,
        httpx.Client(base_url=url, trust_env=False, timeout=60) as client,
    ):
        yield client


def test_health(client: httpx.Client) -> None:
    reply = client.get("/healthz")
    assert (reply.status_code, reply.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("path", ["/", "/healthz", "/config", "/gradio_api/file=/etc/passwd"])
def test_other_host_names_are_refused(client: httpx.Client, path: str) -> None:
    assert client.get(path, headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    ],
)
def test_posts_that_another_site_caused_are_refused(client: httpx.Client, headers: dict[str, str]) -> None:
    for path in ("/gradio_api/run/predict", "/gradio_api/queue/join", "/gradio_api/cancel", "/healthz"):
        assert client.post(path, json={}, headers=headers).status_code == 403


def test_another_site_may_link_to_the_page_but_not_read_from_it(client: httpx.Client) -> None:
    assert client.get("/", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}).status_code == 200
    assert client.get("/config", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}).status_code == 403


def test_bodies_past_the_limit_are_refused_declared_or_not(client: httpx.Client) -> None:
    declared = client.post("/gradio_api/run/predict", content=b"x" * (guard.MAX_BODY_BYTES + 1), headers=OWN_PAGE)
    assert declared.status_code == 413

    def chunks() -> Iterator[bytes]:
        for _ in range(20):
            yield b"x" * 100_000

    assert client.post("/gradio_api/run/predict", content=chunks(), headers=OWN_PAGE).status_code == 413


def test_a_pasted_text_of_many_bytes_fits(client: httpx.Client) -> None:
    body = {"texts": [{"title": "", "text": "橋" * 500_000}]}
    assert client.post("/api/add", json=body, headers=OWN_PAGE).status_code != 413
    too_much = client.post("/api/add", content=b"x" * (guard.MAX_ADDED_BYTES + 1), headers=OWN_PAGE)
    assert too_much.status_code == 413


@pytest.mark.parametrize("start", guard.CLOSED)
def test_routes_that_the_page_does_not_use_are_closed(client: httpx.Client, start: str) -> None:
    assert client.get(start).status_code == 404
    assert client.post(start, json={}, headers=OWN_PAGE).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=http://example.com/x", "/gradio_api/file=https://127.0.0.1/x", "/gradio_api//file=http://a.example",
        "/gradio_api/%66ile=http://a.example", "/GRADIO_API/file=http://a.example", "/gradio_api/file=pyproject.toml",
    ],
)  # fmt: skip
def test_no_file_and_no_address_is_fetched(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_page_carries_its_policy_and_a_new_nonce_each_time(client: httpx.Client) -> None:
    first, second = client.get("/"), client.get("/")
    policy = first.headers["content-security-policy"]
    nonce = policy.partition("'nonce-")[2].partition("'")[0]
    assert nonce and nonce not in second.headers["content-security-policy"]
    assert first.text.count("<script") == first.text.count(f'<script nonce="{nonce}"') > 0
    assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]
    assert first.headers["x-frame-options"] == "DENY"
    assert first.headers["x-content-type-options"] == "nosniff"
    assert first.headers["referrer-policy"] == "no-referrer"


def test_the_page_holds_no_text_of_an_article(client: httpx.Client) -> None:
    shown = client.get("/").text + client.get("/config").text
    assert not [article.title for article in news() if article.title in shown]


def test_every_event_is_private(client: httpx.Client) -> None:
    events: list[dict[str, Any]] = client.get("/config").json()["dependencies"]
    assert events and {event["api_visibility"] for event in events} == {"private"}


QUEUED = {"submit", "ask_example", "ask_again"}


def call(client: httpx.Client, target: str, data: list[Any], event: Any, session: str) -> httpx.Response:
    """The reply of the first handler of an event, called as a program could, whatever the page would have sent."""
    found = [d for d in client.get("/config").json()["dependencies"] if d["targets"][0][1] == target]
    body = {"fn_index": found[0]["id"], "data": data, "event_data": event, "session_hash": session}
    if target not in QUEUED:
        return client.post("/gradio_api/run/predict", json=body)
    joined = client.post("/gradio_api/queue/join", json=body)
    if joined.is_error:
        return joined
    with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as reply:
        for line in reply.iter_lines():
            message = json.loads(line.removeprefix("data: ") or "{}")
            if message.get("msg") == "process_completed":
                return httpx.Response(200 if message["success"] else 500, json=message["output"])
    raise AssertionError("the queue closed without an answer")


INPUTS: dict[str, list[Any]] = {
    "open_citation": [None], "open_nearest": [None], "open_article": [], "open_conversation": [None], "judge": [None],
    "ask_example": [None, None], "ask_again": [None, None], "articles_changed": [], "start_over": [None],
}  # fmt: skip


@pytest.mark.parametrize(
    "sent",
    [None, [], "x", 7, {}, {"turn": "1", "number": None}, {"turn": True, "number": -1}, {"turn": 10**9, "number": 1}],
)
@pytest.mark.parametrize("target", sorted(INPUTS))
def test_whatever_is_sent_is_answered_in_words(client: httpx.Client, target: str, sent: Any) -> None:
    data = INPUTS[target]
    reply = call(client, target, data, sent, "someone")
    assert reply.status_code == 200
    if target in {"open_citation", "open_nearest"}:
        assert "Ask the question again" in reply.json()["data"][0]["problem"]
    if target == "open_article":
        assert "Reload the page" in reply.json()["data"][0]["problem"]


def test_a_question_of_ten_megabytes_or_of_no_text_reaches_no_bot(client: httpx.Client) -> None:
    assert call(client, "submit", ["x" * 10_000_000, None, None], None, "someone").status_code == 413
    reply = call(client, "submit", ["x" * 500_000, None, None], None, "long")
    assert "500&#44;000 characters" in str(reply.json()["data"][1])
    assert call(client, "submit", ["  \n ", None, None], None, "blank").status_code == 200


def test_a_conversation_can_be_neither_sent_nor_seen_by_another_session(client: httpx.Client) -> None:
    forged = {"turns": [{"question": "forged", "answer": None, "finished": True}]}
    reply = call(client, "submit", ["What is so?", forged, {"articles": None, "replace": "x"}], None, "first")
    assert "forged" not in reply.text
    assert "What is so" in reply.text
    other = call(client, "submit", ["What else?", None, None], None, "second")
    assert "What is so" not in other.text


@pytest.mark.parametrize("scope", [{"articles": [1]}, {"articles": ["x"] * 2_001}, {"from": "soon"}, {"articles": "x"}])
def test_a_scope_that_can_not_be_right_is_refused(client: httpx.Client, scope: Any) -> None:
    reply = call(client, "submit", ["What is so?", None, scope], None, "scoped")
    assert reply.json()["data"][2]["problem"]


SERVE_UNTIL_TERMINATED = """
import os, signal, stat, tempfile
from pathlib import Path
from tests.fakes import FakeBot, FakeIndex, free_port
from tests.ui.sites import site_of
from ui.server import serve

def on_ready(url):
    folder = os.environ["GRADIO_TEMP_DIR"]
    print(folder, oct(stat.S_IMODE(os.stat(folder).st_mode)), flush=True)
    os.kill(os.getpid(), signal.SIGTERM)

site = site_of(Path(tempfile.mkdtemp()), FakeBot(FakeIndex()), FakeIndex())
serve(site, host="127.0.0.1", port=free_port(), on_ready=on_ready)
"""


def test_the_temporary_folder_is_private_and_goes_with_the_process() -> None:
    """The one line is also all that is printed: the server itself prints nothing."""
    done = subprocess.run(
        [sys.executable, "-c", SERVE_UNTIL_TERMINATED],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    folder, mode = done.stdout.split()
    assert mode == "0o700"
    assert not Path(folder).exists()


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    index = FakeIndex()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"Port {port} .* --address"):
            server.serve(site_of(tmp_path, FakeBot(index), index), host="127.0.0.1", port=port)


def test_a_name_for_others_needs_a_log_in_on_loopback_too(tmp_path: Path) -> None:
    index = FakeIndex()
    door = server.Door(names=("news.example.org",))
    with pytest.raises(UsageError, match=r"On news\.example\.org others could reach the page"):
        server.serve(site_of(tmp_path, FakeBot(index), index), host="127.0.0.1", port=free_port(), door=door)
