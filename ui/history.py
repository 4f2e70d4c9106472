"""The server's own record of a conversation. What a browser sends is only ever a number that is looked up in it."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Protocol, cast

from bot.types import MAX_QUESTION_CHARACTERS, Answer, Step
from index.errors import FootnoteError

logger = logging.getLogger(__name__)

DRAFT_EVERY_S = 0.05
"""Drafts that come faster are skipped: nobody reads faster, and each one is sent to the browser."""

UNEXPECTED = (
    "Something went wrong that Footnote did not expect. Try again; if it happens again, the details are in the "
    "terminal where Footnote runs."
)


class Answers(Protocol):
    """What the page needs of a bot."""

    def stream(self, question: str, *, history: Sequence[tuple[str, str]] = ...) -> Iterator[Step | Answer]: ...


@dataclass(frozen=True)
class Turn:
    """One question and what has come of it so far. `problem` says what went wrong and what to do."""

    question: str
    answer: Answer | None = None
    working: str = ""
    problem: str = ""
    finished: bool = False
    stopped: bool = False


@dataclass(frozen=True)
class Conversation:
    """The turns of one session, oldest first. A turn's number is its place, from 1.

    `busy` from the moment that a question is taken until all is sent: a handler that ends writes its conversation down
    once more, so a question that came in between would be lost.
    """

    turns: tuple[Turn, ...] = ()
    busy: bool = False

    def with_new(self, turn: Turn) -> Conversation:
        return Conversation((*self.turns, turn), busy=not turn.finished)

    def with_last(self, turn: Turn) -> Conversation:
        return replace(self, turns=(*self.turns[:-1], turn))

    def at_rest(self) -> Conversation:
        return replace(self, busy=False)

    def answer(self, number: int) -> Answer | None:
        """The answer of turn `number`, or None where there is no such turn or it has no answer."""
        return self.turns[number - 1].answer if 1 <= number <= len(self.turns) else None

    def history(self) -> list[tuple[str, str]]:
        """(question, answer) of the turns that were answered to the end, as `Bot.stream` takes them."""
        done = (turn for turn in self.turns if turn.finished and not turn.stopped)
        return [(turn.question, turn.answer.text) for turn in done if turn.answer]


def opened(conversation: Conversation, question: str) -> Conversation:
    """The conversation with the question in it: waiting for its answer, or refused where it is too long."""
    if len(question) <= MAX_QUESTION_CHARACTERS:
        return conversation.with_new(Turn(question.strip(), working="Starting"))
    problem = (
        f"This question has {len(question):,} characters, and at most {MAX_QUESTION_CHARACTERS:,} fit. "
        "Shorten it and ask again."
    )
    return conversation.with_new(Turn(question[:120] + "…", problem=problem, finished=True))


def answered(bot: Answers, conversation: Conversation) -> Iterator[Conversation]:
    """The conversation again and again while its last question is being answered; the last one is final.

    Closing the iterator closes the bot's stream. Errors end up in the turn, as words for a person.
    """
    turn = conversation.turns[-1]
    shown_at = 0.0
    try:
        with closing(cast("_Closable", bot.stream(turn.question, history=conversation.history()))) as events:
            for event in events:
                due = time.monotonic() - shown_at >= DRAFT_EVERY_S
                match event:
                    case Step():
                        turn, due = replace(turn, working=event.message), True
                    case Answer():
                        turn = replace(turn, answer=event)
                if due:
                    shown_at = time.monotonic()
                    yield conversation.with_last(turn)
        if turn.answer is None:
            raise RuntimeError("the bot's stream ended without an answer")
        turn = replace(turn, working="", finished=True)
    except Exception as error:  # the outermost layer
        turn = replace(turn, working="", answer=None, finished=True, problem=explained(error))
    yield conversation.with_last(turn)


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
