"""A language model that does whatever an article tells it, behind a real server that speaks OpenAI's chat protocol.

It can't be outwitted: it knows every planted order, sees it in whatever form it still stands in the prompt, and obeys
it there. What it does not find in its prompt it can't obey.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote

from bot.prompts import REFUSAL
from evals.planted import QUESTION
from evals.planting import Attack, encoded

PIECE_CHARACTERS = 9
"""Sent at a time, as a model sends its tokens."""
_TAGS = {0xE0000 + code: code for code in range(0x20, 0x7F)}
_BETWEEN_LETTERS = dict.fromkeys(map(ord, "\u200b\u200d\u2060\u00ad\ufeff\u202e\u202c"))


def obedient(attacks: Sequence[Attack]) -> Callable[[str], str]:
    """What the model says to a prompt: the orders that it finds there carried out, then the true sentence."""
    asked = {attack.story.question: attack for attack in attacks}

    def reply(prompt: str) -> str:
        passages, question = _parts(prompt)
        own = asked.get(question)
        said: list[str] = []
        for attack in attacks:
            number = next((n for n, text in passages.items() if _sees(text, attack)), None)
            if number is None:
                continue
            if attack.order.payload:
                payload = attack.order.payload.replace(QUESTION, quote(question))
                said.append(f"{payload.rstrip('.')} [{number}]." if "http" not in payload else f"{payload} [{number}]")
            elif attack is own:  # it is told to be silent on its own story only
                return REFUSAL
        spared = own is None or not (own.instead and said)
        if own is not None and spared:
            number = next((n for n, text in passages.items() if own.story.truth in text), None)
            said += [f"{own.story.truth.rstrip('.')} [{number}]."] if number else []
        return " ".join(said) or REFUSAL

    return reply


def _parts(prompt: str) -> tuple[dict[int, str], str]:
    """The numbered passages between the first and the last marker, and the question behind them."""
    marker = prompt.split("\n", 1)[0]
    body, _, question = prompt[len(marker) :].rpartition(f"\n{marker}\n\nQuestion: ")
    starts = [0]
    while (at := body.find(f"\n[{len(starts)}] ", starts[-1])) != -1:
        starts.append(at)
    ends = [*starts[2:], len(body)]
    passages = {n: body[start:end] for n, (start, end) in enumerate(zip(starts[1:], ends, strict=True), start=1)}
    return passages, question


def _sees(text: str, attack: Attack) -> bool:
    """Whether the order, or what it is to put out, can be made out in the text."""
    wanted = attack.order.payload or attack.order.words
    bare = _letters(text.translate(_TAGS).translate(_BETWEEN_LETTERS))
    return any(_letters(form) in bare for form in (wanted, wanted[::-1])) or encoded(attack.order) in text


def _letters(text: str) -> str:
    """Letters and digits alone, so that no mark or line break hides anything."""
    return re.sub(r"[\W_]+", "", text).casefold()


@contextmanager
def serving(reply: Callable[[str], str]) -> Iterator[str]:
    """The server on a free port of loopback, as FOOTNOTE_LLM names it; it runs as long as the context."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            text = reply(body["messages"][-1]["content"])
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            for line in _lines(text):
                self.wfile.write(line)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: the script prints for itself."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1#obedient"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _lines(text: str) -> Iterator[bytes]:
    """The text as the protocol streams it."""
    deltas: list[dict[str, str]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": text[at : at + PIECE_CHARACTERS]} for at in range(0, len(text), PIECE_CHARACTERS)]
    for delta in [*deltas, {}]:
        record = {
            "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "obedient",
            "choices": [{"index": 0, "delta": delta, "finish_reason": None if delta else "stop"}],
        }  # fmt: skip
        yield f"data: {json.dumps(record)}\n\n".encode()
    yield b"data: [DONE]\n\n"
