"""The bot for programs: what it answers, what it refuses, and what happens to a client that goes away."""

from __future__ import annotations

import json
import logging
from typing import Any

import anyio
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect
from starlette.testclient import TestClient
from starlette.types import Message

from bot.types import Answer
from index.errors import IndexUnavailable, ModelUnavailable, UsageError
from tests.fakes import FakeBot, FakeIndex, news
from tests.ui.programs import PATIENCE_S, QUESTION, app_of, chat, client_of, events, refusal, served
from ui.limits import Limits


@pytest.fixture(scope="module")
def client() -> TestClient:
    return client_of()


# --- asking ---


def test_an_answer_is_the_one_that_the_bot_gives(client: TestClient) -> None:
    *_, expected = FakeBot(FakeIndex(news())).stream(QUESTION)
    assert isinstance(expected, Answer)
    assert client.post("/api/ask", json={"question": QUESTION}).json() == expected.to_json()


def test_the_history_reaches_the_bot(client: TestClient) -> None:
    asked = {"question": "and when does it reopen?", "history": [["What of the harbour bridge?", "It closes [1]"]]}
    answer = client.post("/api/ask", json=asked).json()
    assert answer["interpreted_question"] == "and when does it reopen? (What of the harbour bridge?)"


@pytest.mark.parametrize(
    ("wanted", "cited"),
    [
        ({"articles": ["harbour-2"]}, {"harbour-2"}),
        ({"source": "The Estuary Post"}, {"harbour-2"}),
        ({"source": ["The Estuary Post", "Lindmouth Courier"]}, {"harbour-1", "harbour-2"}),
        ({"from": "2024-03-01"}, {"harbour-2"}),
        ({"from": "2024-02-11T09:00:00Z", "to": "2024-02-11"}, {"harbour-1"}),
        ({"articles": ["it's \"not\" there'; DROP TABLE x; --"]}, set()),
    ],
)
def test_filters_choose_what_is_asked(client: TestClient, wanted: dict[str, Any], cited: set[str]) -> None:
    answer = client.post("/api/ask", json={"question": QUESTION, **wanted}).json()
    assert {each["article_id"] for each in answer["citations"]} == cited
    assert answer["status"] == ("answered" if cited else "not_found")
    found = client.post("/api/search", json={"question": QUESTION, **wanted}).json()
    assert {each["article_id"] for each in found["results"]} >= cited
    assert bool(found["results"]) == bool(cited)


def test_a_stream_tells_the_steps_the_unfinished_answers_and_the_finished_one_once() -> None:
    client = client_of(model_text="The bridge closes.")
    told = events(client.post("/api/ask", json={"question": QUESTION}, headers={"Accept": "text/event-stream"}))
    assert [name for name, _ in told] == ["step", "step", "answer", "answer", "answer", "done"]
    assert told[0][1] == {"hop": "search", "message": "Searching 5 articles"}
    assert [data["draft"] for name, data in told if name == "answer"] == ["The", "The bridge", "The bridge closes."]
    assert told[-1][1] == client.post("/api/ask", json={"question": QUESTION}).json()


def test_what_fails_in_a_stream_is_told_in_an_event_without_its_inside(caplog: pytest.LogCaptureFixture) -> None:
    client = client_of(error=RuntimeError("secret /home/ana/x"))
    with caplog.at_level(logging.ERROR):
        reply = client.post("/api/ask", json={"question": QUESTION}, headers={"Accept": "text/event-stream"})
    name, data = events(reply)[-1]
    assert (name, data["error"]["code"]) == ("error", "internal_error")
    assert "secret" not in reply.text
    assert "secret" in caplog.text


def test_search_gives_k_passages_with_their_places(client: TestClient) -> None:
    found = client.post("/api/search", json={"question": QUESTION, "k": 2}).json()
    assert [each["rank"] for each in found["results"]] == [1, 2]
    articles = {article.id: article for article in news()}
    for each in found["results"]:
        assert articles[each["article_id"]].text[each["start"] : each["end"]] == each["text"]


# --- articles ---


def test_articles_are_listed_in_parts(client: TestClient) -> None:
    whole = client.get("/api/articles").json()
    assert whole["total"] == 5
    assert set(whole["articles"][0]) == {
        "id", "title", "source", "url", "origin", "date", "updated", "authors", "language", "passages", "duplicates",
    }  # fmt: skip
    part = client.get("/api/articles?limit=2&offset=3").json()
    assert (part["total"], part["articles"]) == (5, whole["articles"][3:])
    found = client.get("/api/articles", params={"search": "BRIDGE", "source": "The Estuary Post"}).json()
    assert [each["id"] for each in found["articles"]] == ["harbour-2"]
    assert client.get("/api/articles?from=2024-01-01&to=2024-03-01").json()["total"] == 1


def test_one_article_comes_with_its_text(client: TestClient) -> None:
    article = next(each for each in news() if each.id == "peat")
    shown = client.get("/api/article?id=peat").json()
    assert (shown["id"], shown["text"], shown["date"]) == ("peat", article.text, article.published)


@pytest.mark.parametrize("article_id", ["no", "' OR 1=1 --", "\x00", "x" * 10_000, "../../etc/passwd", "\ud83d\ude00"])
def test_an_article_that_is_not_there(client: TestClient, article_id: str) -> None:
    whole = article_id.encode("utf-16", "surrogatepass").decode("utf-16")
    assert "/api/articles lists" in refusal(client.get("/api/article", params={"id": whole}), 404)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("limit=0", '"limit" must be greater than or equal to 1'),
        ("limit=1001", '"limit" must be less than or equal to 1000'),
        ("offset=-1", '"offset" must be'),
        ("limit=x", '"limit" must be a valid integer'),
        ("from=soon", '"from" must be a date like 2025-03-16'),
        ("colour=red", '"colour" is not known here'),
    ],
)
def test_a_query_that_is_not_right_is_named(client: TestClient, query: str, says: str) -> None:
    assert says in refusal(client.get(f"/api/articles?{query}"), 400)


def test_an_id_must_be_given(client: TestClient) -> None:
    assert '"id" is missing' in refusal(client.get("/api/article"), 400)


# --- what is refused ---


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b'{"question": "\\ud800"}', "not JSON"),
        (b'{"question": "x", "k": NaN}', '"k"'),
        (b"[" * 100_000, "not JSON"),
        (b'{"question": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "not JSON"),
        (b'{"question": "x", "k": ' + b"9" * 10_000 + b"}", "not JSON"),
        (b"[]", "must be a JSON object"),
        (b"null", "must be a JSON object"),
        (b"{}", '"question" is missing'),
        (b'{"question": null}', '"question" must be a valid string'),
        (b'{"question": 7}', '"question" must be a valid string'),
        (b'{"question": "  \\u0000 "}', "The question is empty"),
        (b'{"question": "x", "from": "yesterday"}', '"from" must be a date like 2025-03-16'),
        (b'{"question": "x", "to": "2024-02-31"}', '"to" must be a date like 2025-03-16'),
        (b'{"question": "x", "source": [1]}', '"source[0]" must be a valid string'),
        (b'{"question": "x", "source": []}', '"source" must have at least 1 item, not 0.'),
        (b'{"question": "x", "articles": {"a": 1}}', '"articles"'),
        (b'{"question": "x", "\\u202e<script>": 1}', "is not known here"),
    ],
)
@pytest.mark.parametrize("path", ["/api/ask", "/api/search"])
def test_a_bad_body_is_answered_with_what_is_wrong(path: str, body: bytes, says: str) -> None:
    client = client_of(error=UsageError("The question is empty: type one."))
    assert says in refusal(client.post(path, content=body), 400)


@pytest.mark.parametrize("k", ["0", "101", "true", "1.5", '"5"'])
def test_k_is_a_number_from_1_to_100(client: TestClient, k: str) -> None:
    assert '"k" must be' in refusal(client.post("/api/search", content=f'{{"question": "x", "k": {k}}}'), 400)


@pytest.mark.parametrize("turn", ["[]", '["a"]', '["a", "b", "c"]', '["a", 1]', '"ab"', "null"])
def test_the_history_is_pairs_of_texts(client: TestClient, turn: str) -> None:
    reply = client.post("/api/ask", content=f'{{"question": "x", "history": [{turn}]}}')
    assert '"history[0]' in refusal(reply, 400)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = (
    "question", "history", "from", "to", "source", "articles", "k", "model", "messages", "stream", "role", "content",
    "stream_options",
)  # fmt: skip


@given(body=st.dictionaries(st.sampled_from(FIELDS), JSON) | JSON)
def test_no_body_is_too_odd_for_an_answer(client: TestClient, body: Any) -> None:
    messages = {"model": "footnote", "messages": [body]}
    for path in ("/api/ask", "/api/search", "/v1/chat/completions"):
        for sent in (body, {"question": QUESTION, **body} if isinstance(body, dict) else body, messages):
            reply = client.post(path, content=json.dumps(sent).encode())
            assert reply.status_code in {200, 400, 404}, reply.text


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (UsageError("so and so"), 400, "invalid_request"),
        (IndexUnavailable("so and so"), 503, "index_unavailable"),
        (ModelUnavailable("so and so"), 503, "model_unavailable"),
    ],
)
@pytest.mark.parametrize("path", ["/api/ask", "/api/search", "/v1/chat/completions"])
def test_our_errors_have_their_words_and_a_status(path: str, error: Exception, status: int, code: str) -> None:
    body = chat(QUESTION) if path.startswith("/v1") else {"question": QUESTION}
    reply = client_of(error=error).post(path, json=body)
    assert (refusal(reply, status), reply.json()["error"]["code"]) == ("so and so", code)


@pytest.mark.parametrize("path", ["/api/ask", "/api/search", "/v1/chat/completions"])
def test_of_other_errors_nothing_is_told_and_all_is_logged(path: str, caplog: pytest.LogCaptureFixture) -> None:
    body = chat(QUESTION) if path.startswith("/v1") else {"question": QUESTION}
    with caplog.at_level(logging.ERROR):
        reply = client_of(error=KeyError("secret")).post(path, json=body)
    assert "did not expect" in refusal(reply, 500)
    assert "secret" not in reply.text
    assert "Traceback" in caplog.text


def test_the_wrong_method_is_told(client: TestClient) -> None:
    reply = client.get("/api/ask")
    assert "Use POST" in refusal(reply, 405)
    assert reply.headers["allow"] == "POST"
    refusal(client.delete("/api/articles"), 405)


def test_each_person_has_a_limit_and_is_told_when_to_ask_again() -> None:
    client = client_of(limits=Limits(questions_a_minute=2))
    for path in ("/api/ask", "/api/search"):
        assert client.post(path, json={"question": QUESTION}).status_code == 200
    for path, body in (("/api/ask", {"question": QUESTION}), ("/v1/chat/completions", chat(QUESTION))):
        reply = client.post(path, json=body)
        assert "You asked 2 questions within a minute" in refusal(reply, 429)
        assert 1 <= int(reply.headers["retry-after"]) <= 60
        assert reply.json()["error"]["type"] == "rate_limit_error"
    assert client.post("/api/ask", json={"question": QUESTION}, headers={"X-User": "ana"}).status_code == 200
    assert client.get("/api/articles").status_code == 200


def test_a_full_queue_gets_a_status_also_where_a_stream_was_wanted() -> None:
    limits = Limits(at_once=1, waiting=0)
    client = client_of(limits=limits)
    with limits.turn():
        reply = client.post("/api/ask", json={"question": QUESTION}, headers={"Accept": "text/event-stream"})
    assert "wait for an answer already" in refusal(reply, 429)
    assert reply.headers["retry-after"] == "15"
    assert client.post("/api/ask", json={"question": QUESTION}).status_code == 200


def test_a_client_that_can_be_sent_nothing_closes_the_bots_stream_at_once() -> None:
    bot = FakeBot(FakeIndex(news()))
    headers = [(b"accept", b"text/event-stream")]
    scope = {
        "type": "http", "method": "POST", "path": "/api/ask", "headers": headers, "query_string": b"",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
    }  # fmt: skip

    async def receive() -> Message:
        return {"type": "http.request", "body": json.dumps({"question": QUESTION}).encode()}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            raise OSError("gone")

    async def request() -> None:
        with pytest.raises(ClientDisconnect):
            await app_of(bot)(scope, receive, send)
        assert bot.closed.is_set()

    anyio.run(request)


def test_half_a_surrogate_from_a_language_model_is_sent_as_it_is() -> None:
    client = client_of(model_text="So \ud83d it is.")
    for reply in (
        client.post("/api/ask", json={"question": QUESTION}),
        client.post("/v1/chat/completions", json=chat(QUESTION)),
        client.post("/v1/chat/completions", json=chat(QUESTION, stream=True)),
    ):
        assert reply.status_code == 200
        assert r"So \ud83d it is." in reply.text


# --- over a real server ---


@pytest.mark.server
@pytest.mark.parametrize("path", ["/api/ask", "/v1/chat/completions"])
def test_a_client_that_goes_away_closes_the_bots_stream_and_frees_its_place(path: str) -> None:
    bot = FakeBot(FakeIndex(news()), model_text=" ".join(["word"] * 2_000), pause_s=0.02)
    body = chat(QUESTION, stream=True) if path.startswith("/v1") else {"question": QUESTION}
    with served(bot) as url, httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE_S) as client:
        for _ in range(3):  # more than there are places
            bot.closed.clear()
            with client.stream("POST", path, json=body, headers={"Accept": "text/event-stream"}) as reply:
                assert next(reply.iter_lines())
            assert bot.closed.wait(PATIENCE_S)
