"""The bot as OpenAI's clients see it: one model, `footnote`, whose messages carry their citations as annotations.

Only what was said is taken from a request. A system message is not obeyed, since an answer is made of the articles;
temperature, tools and the like have nothing to act on.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from bot.types import Answer, AnswerSentence
from ui.exchange import Asking, Refused, body_of, json_response, server_sent, streamed

MODEL = "footnote"
UNSUPPORTED = " (not supported by the articles)"
NOT_FOUND = "Not in these articles."
TAKEN_BACK = "The answer above does not hold. This one does:"
"""Where what was sent can't stay: the model broke off and quotes stand in, or it said at last that nothing answers."""


class Message(BaseModel):
    """One message of the conversation. Of its fields only these are looked at."""

    model_config = ConfigDict(strict=True)

    role: str
    content: Any = None


class StreamOptions(BaseModel):
    """What a stream is to carry besides."""

    model_config = ConfigDict(strict=True)

    include_usage: bool | None = None


class ChatRequest(BaseModel):
    """The body of a chat completion. Clients send much more, which is ignored."""

    model_config = ConfigDict(strict=True)

    model: str
    messages: list[Message] = Field(min_length=1)
    stream: bool | None = None
    stream_options: StreamOptions | None = None


class OpenAIApi:
    """What the addresses under `/v1/` do."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._created = int(time.time())

    async def models(self, request: Request) -> Response:
        """The list of models, which has one."""
        return json_response({"object": "list", "data": [self._model()]})

    async def model(self, request: Request) -> Response:
        """The one model."""
        _check_model(str(request.path_params["model"]))
        return json_response(self._model())

    async def chat(self, request: Request) -> Response:
        """An answer to the last user message, in one piece or sentence by sentence."""
        chat = await body_of(request, ChatRequest)
        _check_model(chat.model)
        asked = asked_in(chat.messages)
        self._asking.admit(request)
        completion = _Completion(asked)
        if chat.stream:
            with_usage = bool(chat.stream_options and chat.stream_options.include_usage)
            return await streamed(completion.chunks(self._asking, with_usage=with_usage))
        return json_response(completion.whole(await self._asking.answer(asked)))

    def _model(self) -> dict[str, Any]:
        return {"id": MODEL, "object": "model", "created": self._created, "owned_by": MODEL}


def _check_model(name: str) -> None:
    if name != MODEL:
        raise Refused(404, f"There is no model of that name here: the only one is {MODEL}.", "model_not_found")


# --- what was asked ---


def asked_in(messages: Sequence[Message]) -> dict[str, Any]:
    """The last user message as the question, and the pairs of user and assistant messages before it as the history.

    Raises Refused where there is no user message, and for content that is not text.
    """
    said = [
        (message.role, _text(message.content, number))
        for number, message in enumerate(messages)
        if message.role in {"user", "assistant"}
    ]
    last = max((place for place, (role, _) in enumerate(said) if role == "user"), default=None)
    if last is None:
        raise Refused(400, '"messages" must hold a message whose role is "user".', "invalid_request")
    history: list[tuple[str, str]] = []
    question: str | None = None
    for role, text in said[:last]:
        if role == "user":
            question = text
        elif question is not None and text:
            history.append((question, text))
            question = None
    return {"question": said[last][1], "history": history}


def _text(content: Any, number: int) -> str:
    """The text of a message. One of an assistant that only called tools has none."""
    parts = content if isinstance(content, list) else [{"type": "text", "text": content or ""}]
    texts = [part.get("text") for part in parts if isinstance(part, dict) and part.get("type") == "text"]
    whole = [text for text in texts if isinstance(text, str)]
    if len(whole) != len(parts):
        raise Refused(
            400, f'"messages[{number}].content" must be a text or a list of text parts: nothing else can be read.',
            "invalid_request",
        )  # fmt: skip
    return "\n".join(whole)


# --- what is said ---


def content_of(answer: Answer) -> str:
    """The text of an answer with its [n] marks; where nothing was found, that, and what is nearest. Below it what a
    person should know of it: the marks must stand where `annotations_of` says."""
    return "\n\n".join(filter(None, (_said(answer), answer.notice)))


def _said(answer: Answer) -> str:
    if answer.status == "answered":
        return " ".join(map(_written, answer.sentences))
    titles = dict.fromkeys(" ".join(str(each["title"]).split()) for each in answer.nearest)
    named = "; ".join(f"“{title}”" for title in titles if title)
    return f"{NOT_FOUND} The nearest: {named}" if named else NOT_FOUND


def annotations_of(answer: Answer, offset: int = 0) -> Iterator[dict[str, Any]]:
    """OpenAI's `url_citation` for each [n] mark of the text, which stands at start_index to end_index of the content.

    `offset` is where the text begins in the content. Indices count characters (Unicode code points).
    """
    cited = {citation.number: citation.article for citation in answer.citations}
    for sentence in answer.sentences if answer.status == "answered" else ():
        start = offset + len(sentence.text) + 1
        for number in sentence.citations:
            end = start + len(f"[{number}]")
            if number in cited:
                article = cited[number]
                place = {"start_index": start, "end_index": end, "url": article.url, "title": article.title}
                yield {"type": "url_citation", "url_citation": place}
            start = end
        offset += len(_written(sentence)) + 1


def _written(sentence: AnswerSentence) -> str:
    marks = "".join(f"[{number}]" for number in sentence.citations)
    doubt = UNSUPPORTED if sentence.support == "unsupported" else ""
    return sentence.text + (f" {marks}" if marks else "") + doubt


class _Completion:
    """One chat completion: its name and time, and the forms that it is sent in."""

    def __init__(self, asked: dict[str, Any]) -> None:
        self._asked = asked
        self._about = {"id": f"chatcmpl-{secrets.token_hex(12)}", "created": int(time.time()), "model": MODEL}

    def whole(self, answer: Answer) -> dict[str, Any]:
        """The answer in one piece."""
        content = content_of(answer)
        message = {
            "role": "assistant",
            "content": content,
            "refusal": None,
            "annotations": list(annotations_of(answer)),
        }
        return {
            **self._about,
            "object": "chat.completion",
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
            "usage": self._usage(content),
            "footnote": answer.to_json(),
        }

    async def chunks(self, asking: Asking, *, with_usage: bool) -> AsyncGenerator[str]:
        """The answer as events: who speaks, each sentence once it is final, the citations, and the end."""
        sent, answer, begun = "", None, False
        async with aclosing(asking.events(self._asked)) as events:
            async for event in events:
                if not begun:
                    yield self._chunk({"role": "assistant", "content": ""})
                    begun = True
                if not isinstance(event, Answer):
                    continue
                answer = event
                content = _said(answer) if answer.sentences else ""
                if content.startswith(sent) and content != sent:
                    yield self._chunk({"content": content[len(sent) :]})
                    sent = content
        if answer is None:
            raise RuntimeError("the bot's stream ended without an answer")
        content = content_of(answer)
        before = "" if content.startswith(sent) else f"{sent}\n\n{TAKEN_BACK}\n\n"
        content = before + content
        if content != sent:
            yield self._chunk({"content": content[len(sent) :]})
        annotations = list(annotations_of(answer, len(before)))
        yield self._chunk({"annotations": annotations}, finish_reason="stop", footnote=answer.to_json())
        if with_usage:
            usage = {**self._about, "object": "chat.completion.chunk", "choices": [], "usage": self._usage(content)}
            yield server_sent(usage)
        yield "data: [DONE]\n\n"

    def _chunk(self, delta: dict[str, Any], *, finish_reason: str | None = None, **more: Any) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return server_sent({**self._about, "object": "chat.completion.chunk", "choices": [choice], **more})

    def _usage(self, content: str) -> dict[str, int]:
        """Words, not tokens: of the question with its history, and of the answer."""
        heard = [self._asked["question"], *(text for pair in self._asked["history"] for text in pair)]
        prompt, completion = sum(len(text.split()) for text in heard), len(content.split())
        return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
