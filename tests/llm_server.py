"""A real HTTP server that speaks Ollama's and OpenAI's chat protocols, for tests of the writer.

What it says is computed from the prompt by `reply`; how it misbehaves is `fault`.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

Messages = list[dict[str, str]]
Fault = Literal["", "cut", "silent", "error", "empty", "thinks"]
THOUGHTS, THOUGHT_S = 20, 0.05  # chunks that hold a thought and no word of the answer, and the time between them


@dataclass
class ModelServer:
    """The running server: its address, and every request body that it was sent."""

    reply: Callable[[Messages], str]
    fault: Fault = ""
    port: int = 0
    requests: list[dict[str, Any]] = field(default_factory=list)

    @property
    def ollama(self) -> str:
        """As FOOTNOTE_LLM names it."""
        return f"ollama/test-model@http://127.0.0.1:{self.port}"

    @property
    def openai(self) -> str:
        """As FOOTNOTE_LLM names it."""
        return f"http://127.0.0.1:{self.port}/v1#test-model"


@contextmanager
def serving(reply: Callable[[Messages], str], fault: Fault = "") -> Iterator[ModelServer]:
    """The server, on a free port of loopback, for as long as the context lasts."""
    state = ModelServer(reply, fault)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.requests.append(body)
            _answer(self, state, body)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: tests print for themselves."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Nothing: a client that hangs up is part of some tests."""

    server = Server(("127.0.0.1", 0), Handler)
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(handler: BaseHTTPRequestHandler, state: ModelServer, body: dict[str, Any]) -> None:
    if state.fault == "error":
        handler.send_response(500)
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        return
    text = "" if state.fault == "empty" else state.reply(body["messages"])
    if not body.get("stream"):
        _answer_whole(handler, text)
        return
    pieces = [text[i : i + 7] for i in range(0, len(text), 7)]
    openai = handler.path.startswith("/v1/")
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream" if openai else "application/x-ndjson")
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    if state.fault == "silent":
        time.sleep(3)
    if state.fault == "cut":
        pieces = pieces[: max(1, len(pieces) // 2)]
    lines = _openai_lines if openai else _ollama_lines
    try:
        for line in lines(pieces, whole=state.fault != "cut", thoughts=THOUGHTS if state.fault == "thinks" else 0):
            handler.wfile.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
            handler.wfile.flush()
        if state.fault == "cut":
            handler.close_connection = True
            handler.connection.close()
        else:
            handler.wfile.write(b"0\r\n\r\n")
    except (BrokenPipeError, ConnectionResetError, ValueError):
        pass


def _answer_whole(handler: BaseHTTPRequestHandler, text: str) -> None:
    """The answer in one piece, in both protocols at once."""
    message = {"role": "assistant", "content": text}
    record = {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "test-model",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "created_at": "2026-01-01T00:00:00Z", "message": message, "done": True, "done_reason": "stop",
    }  # fmt: skip
    data = json.dumps(record).encode()
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


def _openai_lines(pieces: list[str], *, whole: bool, thoughts: int) -> Iterator[bytes]:
    def chunk(delta: dict[str, str], reason: str | None) -> bytes:
        record = {
            "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "test-model",
            "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
        }  # fmt: skip
        return f"data: {json.dumps(record)}\n\n".encode()

    yield chunk({"role": "assistant", "content": ""}, None)
    for _ in range(thoughts):
        yield chunk({"reasoning_content": "Hm. "}, None)
        time.sleep(THOUGHT_S)
    for piece in pieces:
        yield chunk({"content": piece}, None)
    if whole:
        yield chunk({}, "stop")
        yield b"data: [DONE]\n\n"


def _ollama_lines(pieces: list[str], *, whole: bool, thoughts: int) -> Iterator[bytes]:
    def line(content: str, done: bool, **thought: str) -> bytes:
        record: dict[str, Any] = {
            "model": "test-model", "created_at": "2026-01-01T00:00:00Z",
            "message": {"role": "assistant", "content": content, **thought}, "done": done,
        }  # fmt: skip
        if done:
            record["done_reason"] = "stop"
        return (json.dumps(record) + "\n").encode()

    for _ in range(thoughts):
        yield line("", False, thinking="Hm. ")
        time.sleep(THOUGHT_S)
    for piece in pieces:
        yield line(piece, False)
    if whole:
        yield line("", True)
