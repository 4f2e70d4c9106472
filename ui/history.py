"""The server's own record of a conversation. What a browser sends is only ever a number that is looked up in it."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, cast

from bot.resolve import History
from bot.types import MAX_QUESTION_CHARACTERS, Answer, Step
from index.errors import FootnoteError
from ui.scope import Scope

if TYPE_CHECKING:
    from llama_index.core.vector_stores.types import MetadataFilters

logger = logging.getLogger(__name__)

DRAFT_EVERY_S = 0.05
"""Drafts that come faster are skipped: nobody reads faster, and each one is sent to the browser."""

UNEXPECTED = (
    "Something went wrong that Footnote did not expect. Try again; if it happens again, the details are in the "
    "terminal where Footnote runs."
)


class Answers(Protocol):
    """What the page needs of a bot."""

    def stream(
        self, question: str, *, history: History = ..., filters: MetadataFilters | None = ...
    ) -> Iterator[Step | Answer]: ...


@dataclass(frozen=True)
class Turn:
    """One question and what has come of it so far. `problem` says what went wrong and what to do.

    `answer` is in the JSON form of `Answer.to_json`, with its `draft` while one is being written. `searched` says in
    words which articles were asked; `limited` that these were not all, and `scope` which. `verdict` is "up", "down" or
    empty. `since` says what became of the cited articles after the answer was saved, where anything did. `kept_as` is
    its number in the file of conversations, which no other turn of that conversation is given; 0 until it is there.
    `cut` where the question was too long, so that only its beginning is kept.
    """

    question: str
    answer: Mapping[str, Any] | None = None
    working: str = ""
    problem: str = ""
    finished: bool = False
    stopped: bool = False
    searched: str = ""
    limited: bool = False
    scope: Scope | None = None
    verdict: str = ""
    since: str = ""
    kept_as: int = 0
    cut: bool = False


@dataclass(frozen=True)
class Conversation:
    """The turns of one conversation, oldest first. A turn's number is its place, from 1.

    `id` is empty until the first question is kept. `busy` from the moment that a question is taken until all is sent:
    a handler that ends writes its conversation down once more, so a question that came in between would be lost.
    """

    turns: tuple[Turn, ...] = ()
    busy: bool = False
    id: str = ""

    def with_new(self, turn: Turn) -> Conversation:
        return replace(self, turns=(*self.turns, turn), busy=not turn.finished)

    def with_last(self, turn: Turn) -> Conversation:
        return replace(self, turns=(*self.turns[:-1], turn))

    def with_turn(self, number: int, turn: Turn) -> Conversation:
        return replace(self, turns=(*self.turns[: number - 1], turn, *self.turns[number:]))

    def at_rest(self) -> Conversation:
        return replace(self, busy=False)

    def turn(self, number: int) -> Turn | None:
        """The turn of that number, or None where there is none."""
        return self.turns[number - 1] if 1 <= number <= len(self.turns) else None

    def answer(self, number: int) -> Mapping[str, Any] | None:
        """The answer of turn `number`, or None where there is no such turn or it has no answer."""
        turn = self.turn(number)
        return turn.answer if turn else None

    def history(self) -> list[tuple[str, str, str]]:
        """The turns that were answered to the end, as `Bot.stream` takes them.

        The short answer comes first: what the next question points at is most likely there.
        """
        done = (turn.answer for turn in self.turns if turn.answer and turn.finished and not turn.stopped)
        return [
            (
                str(answer["question"]),
                ". ".join(filter(None, (answer["short_answer"], answer["text"]))),
                str(answer["interpreted_question"]),
            )
            for answer in done
        ]


def opened(conversation: Conversation, question: str, *, searched: str = "", limited: bool = False) -> Conversation:
    """The conversation with the question in it: waiting for its answer, or refused where it is too long."""
    if len(question) <= MAX_QUESTION_CHARACTERS:
        turn = Turn(question.strip(), working="Starting", searched=searched, limited=limited)
        return conversation.with_new(turn)
    problem = (
        f"This question has {len(question):,} characters, and at most {MAX_QUESTION_CHARACTERS:,} fit. "
        "Shorten it and ask again."
    )
    return conversation.with_new(Turn(question[:120] + "…", problem=problem, finished=True, cut=True))


def answered(
    bot: Answers, conversation: Conversation, filters: MetadataFilters | None = None
) -> Iterator[Conversation]:
    """The conversation again and again while its last question is being answered; the last one is final.

    Closing the iterator closes the bot's stream. Errors end up in the turn, as words for a person.
    """
    turn = conversation.turns[-1]
    latest: Answer | None = None
    shown_at = 0.0
    try:
        stream = bot.stream(turn.question, history=conversation.history(), filters=filters)
        with closing(cast("_Closable", stream)) as events:
            for event in events:
                due = time.monotonic() - shown_at >= DRAFT_EVERY_S
                match event:
                    case Step():
                        turn, due = replace(turn, working=event.message), True
                    case Answer():
                        latest = event
                if due:
                    shown_at = time.monotonic()
                    turn = replace(turn, answer=shown(latest)) if latest else turn
                    yield conversation.with_last(turn)
        if latest is None:
            raise RuntimeError("the bot's stream ended without an answer")
        turn = replace(turn, answer=shown(latest), working="", finished=True)
    except Exception as error:  # the outermost layer
        turn = replace(turn, working="", answer=None, finished=True, problem=explained(error))
    yield conversation.with_last(turn)


def shown(answer: Answer) -> dict[str, Any]:
    """An answer in the form that the page shows and keeps: what every interface prints, and the draft."""
    return {**answer.to_json(), "draft": answer.draft}


def stopped(conversation: Conversation) -> Conversation:
    """The conversation with its last turn ended where it stood."""
    conversation = conversation.at_rest()
    if not conversation.turns or conversation.turns[-1].finished:
        return conversation
    return conversation.with_last(replace(conversation.turns[-1], working="", finished=True, stopped=True))


def explained(error: Exception) -> str:
    """What to tell a person about an error. One that is not ours is logged with its traceback."""
    if isinstance(error, FootnoteError):
        return str(error)
    logger.error("unexpected error behind the page", exc_info=error)
    return UNEXPECTED


class _Closable(Iterator[Step | Answer], Protocol):
    """`Bot.stream` is a generator, which its declared type does not say."""

    def close(self) -> None: ...
