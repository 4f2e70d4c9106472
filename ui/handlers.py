"""What the events of the page do. A question goes to `Page.ask`, which keeps it, then `Page.answer` streams the answer.

Every handler can be reached by any program that may reach the page, so each one trusts only the server's record of the
conversation and checks what else it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import gradio as gr

from bot.verify import check
from bot.words import whole
from index.errors import FootnoteError, UsageError
from ui import panes, render
from ui.feedback import MAX_REASON_CHARACTERS, log_verdict
from ui.history import Conversation, Turn, answered, explained, opened, stopped
from ui.people import user_of
from ui.scope import Scope
from ui.since import told
from ui.site import Site
from ui.words import escape, plain

ASK: dict[str, Any] = {"submit_btn": "Ask", "stop_btn": False}
STOP: dict[str, Any] = {"submit_btn": False, "stop_btn": "Stop"}

BUSY = "An answer is still on its way. Wait for it, or press Stop, then ask again."
NO_PASSAGE = "This passage is not part of the conversation any more. Ask the question again."
NO_ARTICLE = "This article is not in the index any more. Reload the page to see what is."
MOVED = "The article was changed after this answer; the sentence stands here now."
CHANGED = "The article was changed after this answer. It does not say this any more:"
GONE = "This article was removed after this answer. It said:"

Kept = tuple[Conversation, Any, Any, Any]
"""The conversation, the chat, the bar and the box, as the outputs of most handlers stand."""


class Page:
    """The handlers. A conversation comes in and goes out as `gr.State`, one for each open page."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._serials = count(1)

    # --- asking ---

    def load(self) -> Any:
        """What stands in place of a conversation."""
        return gr.Chatbot(placeholder=self._welcome())

    def ask(self, question: str, conversation: Conversation, sent: Any, request: gr.Request) -> Kept:
        """The conversation with the question in it; the box keeps a question that was refused.

        `sent` is the scope, with `replace`, the number of a turn that the question stands in for if it is the last one,
        and `conversation`, the id of the one that the page shows. Raises gr.Error, which the page shows, while another
        one is being answered.
        """
        if conversation.busy:
            raise gr.Error(BUSY, title="One at a time", print_exception=False)
        if not isinstance(question, str) or not question.strip():
            return conversation, gr.skip(), gr.skip(), gr.skip()
        user = user_of(request)
        before = conversation = self._resumed(user, conversation, sent)
        try:
            self._site.limits.admit(user)
            scope = Scope.of(sent)
            conversation = self._as_kept(user, conversation)
            replaced = sent.get("replace") if isinstance(sent, Mapping) else None
            last = len(conversation.turns)
            again = last > 0 and replaced == last and _is_still(before.turns[-1:], conversation.turns[-1])
            words = scope.words(self._site.index.count())
            conversation = opened(conversation, question, searched=words, limited=scope.limited)
            turn = replace(conversation.turns[-1], scope=scope)
            conversation = self._site.conversations.save(user, conversation.with_last(turn), replacing=again)
        except Exception as error:  # the outermost layer
            return before, gr.skip(), self._bar(before, problem=explained(error)), gr.skip()
        refused = turn.finished
        box = gr.skip() if refused else gr.Textbox(value="", **STOP)
        return conversation, messages(conversation), self._bar(conversation), box

    def ask_example(self, conversation: Conversation, sent: Any, request: gr.Request, event: gr.EventData) -> Kept:
        """As `ask`, with the example that was clicked."""
        number, questions = _whole_number(event, "number"), self._site.suggestions.questions()
        question = questions[number - 1] if 1 <= number <= len(questions) else ""
        return self.ask(question, conversation, sent, request)

    def ask_again(self, conversation: Conversation, sent: Any, request: gr.Request) -> Kept:
        """As `ask`, with the last question once more, in the place of what it came to."""
        conversation = self._resumed(user_of(request), conversation, sent)
        if not conversation.turns or conversation.turns[-1].cut:
            return conversation, gr.skip(), gr.skip(), gr.skip()
        given = {**sent} if isinstance(sent, Mapping) else {}
        again = {**given, "replace": len(conversation.turns)}
        return self.ask(conversation.turns[-1].question, conversation, again, request)

    def answer(self, conversation: Conversation, request: gr.Request) -> Iterator[tuple[Any, Any, Any]]:
        """The conversation as its last question is answered; with the last one comes what is said aloud."""
        if not conversation.turns or conversation.turns[-1].finished:
            yield gr.skip(), gr.skip(), gr.skip()  # Gradio empties all outputs of a generator that yields nothing
            return
        user, now = user_of(request), conversation
        try:
            with self._site.limits.turn():
                scope = conversation.turns[-1].scope or Scope()
                for now in answered(self._site.bot_of(user), conversation, scope.filters()):
                    turn = now.turns[-1]
                    if turn.finished:
                        self._keep(user, now)  # before it is shown, for then it may be asked again
                    said = {"aloud": render.spoken(turn)} if turn.finished else {}
                    yield now, messages(now), self._bar(now, **said) if turn.finished else gr.skip()
        except Exception as error:  # the outermost layer: without an end the turn would seem to go on for ever
            now = now.with_last(replace(now.turns[-1], working="", finished=True, problem=explained(error)))
            self._keep(user, now)
            yield now, messages(now), self._bar(now)
        finally:
            # A page that is closed in mid-answer ends this generator: what was there until then is kept.
            if not now.turns[-1].finished:
                self._keep(user, stopped(now))

    def rest(self, conversation: Conversation) -> tuple[Conversation, Any]:
        """The conversation, open to the next question."""
        return conversation.at_rest(), gr.Textbox(**ASK)

    def stop(self, conversation: Conversation, request: gr.Request) -> tuple[Conversation, Any, Any]:
        """The conversation as it stood when Stop was pressed."""
        before, conversation = conversation, stopped(conversation)
        if conversation.turns != before.turns:
            self._keep(user_of(request), conversation)
        return conversation, messages(conversation), gr.Textbox(**ASK)

    # --- conversations ---

    def start_over(self, conversation: Conversation, request: gr.Request) -> Kept:
        """An empty conversation in place of this one."""
        self._leave(conversation, request)
        return self._empty()

    def _empty(self) -> Kept:
        chat = gr.Chatbot(value=[], placeholder=self._welcome())
        return Conversation(), chat, self._bar(Conversation()), gr.Textbox(**ASK)

    def open_conversation(self, before: Conversation, request: gr.Request, event: gr.EventData) -> Kept:
        """A conversation of this person's; an empty one, and why, where there is none such."""
        self._leave(before, request)
        try:
            kept = self._site.conversations.load(user_of(request), whole(str(_sent(event).get("id", ""))))
            conversation = told(kept, self._site.index.article)
        except Exception as error:  # the outermost layer
            empty, chat, _, box = self._empty()
            return empty, chat, self._bar(empty, problem=explained(error)), box
        return conversation, messages(conversation), self._bar(conversation), gr.Textbox(**ASK)

    def judge(
        self, conversation: Conversation, request: gr.Request, event: gr.EventData
    ) -> tuple[Conversation, Any, Any]:
        """The conversation with a thumb up or down on one of its answers, which goes to the log with the reason."""
        number, verdict = _whole_number(event, "turn"), str(_sent(event).get("verdict", ""))
        reason = str(_sent(event).get("reason") or "")[:MAX_REASON_CHARACTERS]
        conversation = self._resumed(user_of(request), conversation, _sent(event))
        try:
            log_verdict(self._site.feedback, conversation, number, verdict, reason)
            turn = conversation.turns[number - 1]
            conversation = conversation.with_turn(number, replace(turn, verdict=verdict))
            self._site.conversations.update(user_of(request), conversation.id, conversation.turns[number - 1])
        except Exception as error:  # the outermost layer
            return conversation, gr.skip(), self._bar(conversation, problem=explained(error))
        return conversation, messages(conversation), self._bar(conversation, aloud="Thank you. It is in the log.")

    # --- articles ---

    def open_citation(self, conversation: Conversation, request: gr.Request, event: gr.EventData) -> dict[str, Any]:
        """The article behind a citation, as the record of that answer has it."""
        turn, number = _whole_number(event, "turn"), _whole_number(event, "number")
        answer = self._resumed(user_of(request), conversation, _sent(event)).answer(turn)
        cited = next((each for each in answer["citations"] if each["n"] == number), None) if answer else None
        if cited is None:
            return self._shown(panes.reader_problem(NO_PASSAGE))
        return self._guarded(lambda: self._cited(cited))

    def open_nearest(self, conversation: Conversation, request: gr.Request, event: gr.EventData) -> dict[str, Any]:
        """The article of a passage that came near the question."""
        turn, place = _whole_number(event, "turn"), _whole_number(event, "number")
        answer = self._resumed(user_of(request), conversation, _sent(event)).answer(turn)
        if answer is None or not 1 <= place <= len(answer["nearest"]):
            return self._shown(panes.reader_problem(NO_PASSAGE))
        found = answer["nearest"][place - 1]
        quoted = {
            "n": place, "article_id": found["article_id"], "start": found["start"], "end": found["end"],
            "quote": found["text"], "title": found["title"],
        }  # fmt: skip
        return self._guarded(lambda: self._cited(quoted))

    def open_article(self, event: gr.EventData) -> dict[str, Any]:
        """An article of the sources list."""
        article_id = whole(str(_sent(event).get("id", "")))

        def view() -> dict[str, Any]:
            article = self._site.index.article(article_id)
            if article is None:
                raise UsageError(NO_ARTICLE)
            return panes.reader_view(article)

        return self._guarded(view)

    def _cited(self, cited: Mapping[str, Any]) -> dict[str, Any]:
        """The article with the quote marked where it stands now, or what became of it since the answer."""
        index = self._site.index
        found = check(cited, index.article)
        article = index.article(found.article_id)
        if article is None:
            return panes.reader_problem(f"{GONE} “{found.quote}”", title=str(cited.get("title") or ""))
        if found.place is None:
            return panes.reader_view(article, note=f"{CHANGED} “{found.quote}”")
        passage = index.passage_at(article, *found.place)
        return panes.reader_view(article, found.place, passage, MOVED if found.state == "moved" else "")

    def _guarded(self, view: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        try:
            return self._shown(view())
        except Exception as error:  # the outermost layer
            return self._shown(panes.reader_problem(explained(error)))

    def _shown(self, view: dict[str, Any]) -> dict[str, Any]:
        """The view with a number of its own: the browser is told of a value only where it changed."""
        return view | {"serial": next(self._serials)}

    def _bar(self, conversation: Conversation, **more: str) -> dict[str, Any]:
        """What the bar and the scripts are told: which conversation is open, what to say aloud, what went wrong."""
        said = {name: plain(text) for name, text in more.items()}
        return self._shown({"conversation": conversation.id, "turns": len(conversation.turns), **said})

    def _welcome(self) -> str:
        try:
            articles = self._site.index.count()
        except Exception as error:  # the outermost layer
            return f'<div class="fn-problem">{escape(explained(error))}</div>'
        return render.welcome_html(self._site.suggestions.questions(), articles)

    def _resumed(self, user: str, conversation: Conversation, sent: Any) -> Conversation:
        """The conversation; where the server has forgotten it, as after a restart, the one of this person's that the
        page says it shows."""
        shown = sent.get("conversation") if isinstance(sent, Mapping) else None
        if conversation.turns or not isinstance(shown, str) or not shown:
            return conversation
        try:
            return told(self._site.conversations.load(user, whole(shown)), self._site.index.article)
        except FootnoteError:  # it was deleted, or can't be read
            return conversation

    def _as_kept(self, user: str, conversation: Conversation) -> Conversation:
        """The conversation as the file has it, which another page may have gone on with; else what this page has."""
        if not conversation.id:
            return conversation
        try:
            return told(self._site.conversations.load(user, conversation.id), self._site.index.article)
        except UsageError:  # it was deleted: what stands on this page begins another
            return replace(conversation, id="")

    def _leave(self, conversation: Conversation, request: gr.Request) -> None:
        """Ends a last turn that waits for its answer: what was cancelled before it began has nobody else to do so."""
        if conversation.turns and not conversation.turns[-1].finished:
            try:
                self._site.conversations.end(user_of(request), conversation.id, conversation.turns[-1])
            except Exception as error:  # the next conversation must not be kept from opening
                explained(error)

    def _keep(self, user: str, conversation: Conversation) -> None:
        """Keeps the last turn, which is this page's own; another page may have gone on with the conversation."""
        try:
            self._site.conversations.update(user, conversation.id, conversation.turns[-1])
        except Exception as error:  # the answer is on the page: it must not go because it can't be kept
            explained(error)


def messages(conversation: Conversation) -> list[dict[str, str]]:
    """The conversation as Chatbot takes it."""
    last = len(conversation.turns)
    pairs = (
        (render.question_html(turn.question), render.turn_html(turn, number, last=number == last))
        for number, turn in enumerate(conversation.turns, start=1)
    )
    return [
        {"role": role, "content": content}
        for pair in pairs
        for role, content in zip(("user", "assistant"), pair, strict=True)
    ]


def _is_still(shown: Sequence[Turn], kept: Turn) -> bool:
    """Whether the last turn of the file is the one that the page shows, and was not answered to the end meanwhile.

    Not told by the answer: an answer that is stopped goes a little further in the file than the page was shown.
    """
    same = bool(shown) and shown[0].kept_as == kept.kept_as
    return same and (not shown[0].stopped or kept.stopped or bool(kept.problem))


def _sent(event: gr.EventData) -> dict[str, Any]:
    """What the browser sent along, which may be anything."""
    data = event._data
    return data if isinstance(data, dict) else {}


def _whole_number(event: gr.EventData, name: str) -> int:
    """The whole number sent under that name, or 0."""
    value = _sent(event).get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
