"""The chat page: what stands where, and which handler an event goes to.

A question goes from the box to `Page.ask`, which puts it in the conversation, and on to `Page.answer`, which streams
what the bot makes of it. Every handler can be reached by any program on this machine, so each one trusts only the
server's record of the conversation and checks what else it is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import gradio as gr

from index.errors import UsageError
from index.types import Article
from ui import render
from ui.history import Answers, Conversation, answered, explained, opened, stopped

STATIC = Path(__file__).parent / "static"
MAX_FILTER_CHARS = 200
MAX_ROWS = 5_000

FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"]
MONO_FONTS = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]

ASK: dict[str, Any] = {"submit_btn": "Ask", "stop_btn": False}
STOP: dict[str, Any] = {"submit_btn": False, "stop_btn": "Stop"}

BUSY = "An answer is still on its way. Wait for it, or press Stop, then ask again."
NO_PASSAGE = "This passage is not part of the conversation any more. Ask the question again."
NO_ARTICLE = "This article is not in the index any more. Reload the page to see what is."


class Articles(Protocol):
    """What the page needs of an index."""

    def articles(self) -> Sequence[render.Summary]: ...
    def article(self, article_id: str) -> Article | None: ...


class Page:
    """The handlers. A conversation comes in and goes out as `gr.State`, one for each open page; none is kept here."""

    def __init__(self, bot: Answers, index: Articles, examples: Sequence[str]) -> None:
        self._bot = bot
        self._index = index
        self._examples = tuple(examples)
        self._serials = count(1)

    def load(self) -> tuple[dict[str, Any], Any]:
        """The first page of the sources list, and what stands in place of the conversation."""
        sources = self.sources("", render.ROWS_AT_ONCE)
        return sources, gr.Chatbot(placeholder=render.welcome_html(self._examples, sources["total"]))

    def ask(self, question: str, conversation: Conversation) -> tuple[Conversation, Any, Any]:
        """The conversation with the question in it; the box keeps a question that was refused.

        Raises gr.Error, which the page shows, while another one is being answered.
        """
        if conversation.busy:
            raise gr.Error(BUSY, title="One at a time", print_exception=False)
        if not isinstance(question, str) or not question.strip():
            return conversation, gr.skip(), gr.skip()
        conversation = opened(conversation, question)
        refused = conversation.turns[-1].finished
        return conversation, messages(conversation), gr.skip() if refused else gr.Textbox(value="", **STOP)

    def ask_example(self, conversation: Conversation, event: gr.EventData) -> tuple[Conversation, Any, Any]:
        """As `ask`, with the example that was clicked."""
        number = _whole_number(event, "number")
        return self.ask(self._examples[number - 1] if 1 <= number <= len(self._examples) else "", conversation)

    def answer(self, conversation: Conversation) -> Iterator[tuple[Any, Any, Any]]:
        """The conversation as its last question is answered; with the last one comes what is said aloud."""
        if not conversation.turns or conversation.turns[-1].finished:
            yield gr.skip(), gr.skip(), gr.skip()  # Gradio empties all outputs of a generator that yields nothing
            return
        for now in answered(self._bot, conversation):
            turn = now.turns[-1]
            yield now, messages(now), {"aloud": render.spoken(turn)} if turn.finished else gr.skip()

    def rest(self, conversation: Conversation) -> tuple[Conversation, Any]:
        """The conversation, open to the next question."""
        return conversation.at_rest(), gr.Textbox(**ASK)

    def stop(self, conversation: Conversation) -> tuple[Conversation, Any, Any]:
        """The conversation as it stood when Stop was pressed."""
        conversation = stopped(conversation)
        return conversation, messages(conversation), gr.Textbox(**ASK)

    def open_citation(self, conversation: Conversation, event: gr.EventData) -> dict[str, Any]:
        """The article behind a citation, as the record of that answer has it."""
        turn, number = _whole_number(event, "turn"), _whole_number(event, "number")
        answer = conversation.answer(turn)
        for citation in answer.citations if answer else ():
            if citation.number == number:
                return self._shown(render.reader_view(citation.article, citation.start, citation.end))
        return self._shown(render.reader_problem(NO_PASSAGE))

    def open_nearest(self, conversation: Conversation, event: gr.EventData) -> dict[str, Any]:
        """The article of a passage that came near the question."""
        turn, place = _whole_number(event, "turn"), _whole_number(event, "number")
        answer = conversation.answer(turn)
        if answer is None or not 1 <= place <= len(answer.nearest):
            return self._shown(render.reader_problem(NO_PASSAGE))
        result = answer.nearest[place - 1]
        return self._article(str(result["article_id"]), int(result["start"]), int(result["end"]))

    def open_article(self, event: gr.EventData) -> dict[str, Any]:
        """An article of the sources list."""
        return self._article(str(_sent(event).get("id", "")))

    def find_sources(self, event: gr.EventData) -> dict[str, Any]:
        """The rows of the sources list that have the words typed."""
        wanted = str(_sent(event).get("wanted", ""))[:MAX_FILTER_CHARS]
        return self.sources(wanted, max(render.ROWS_AT_ONCE, min(_whole_number(event, "rows"), MAX_ROWS)))

    def sources(self, wanted: str, rows: int) -> dict[str, Any]:
        """The fields of the sources list, or what kept it from being read."""
        try:
            return render.sources_view(self._index.articles(), wanted, rows)
        except Exception as error:  # the outermost layer
            return {"total": 0, "matching": 0, "summary": "", "rows": [], "problem": explained(error)}

    def _article(self, article_id: str, start: int = 0, end: int = 0) -> dict[str, Any]:
        try:
            article = self._index.article(article_id)
            if article is None:
                raise UsageError(NO_ARTICLE)
            return self._shown(render.reader_view(article, start, end))
        except Exception as error:  # the outermost layer
            return self._shown(render.reader_problem(explained(error)))

    def _shown(self, view: dict[str, Any]) -> dict[str, Any]:
        """The view with a number of its own: the browser is told of a value only where it changed."""
        return view | {"serial": next(self._serials)}


def messages(conversation: Conversation) -> list[dict[str, str]]:
    """The conversation as Chatbot takes it."""
    pairs = (
        (render.question_html(turn.question), render.turn_html(turn, number))
        for number, turn in enumerate(conversation.turns, start=1)
    )
    return [
        {"role": role, "content": content}
        for pair in pairs
        for role, content in zip(("user", "assistant"), pair, strict=True)
    ]


def build_page(bot: Answers, index: Articles, examples: Sequence[str]) -> gr.Blocks:
    """The whole page, ready to be launched with `theme()` and `head()`."""
    page = Page(bot, index, examples)
    blocks = gr.Blocks(title="Footnote", fill_width=True, fill_height=True, analytics_enabled=False)
    with blocks:
        conversation = gr.State(Conversation())
        bar = _static_html("bar")
        with gr.Row(elem_id="fn-panes"):
            with gr.Column(elem_id="fn-left"):
                sources = _static_html("sources")
            with gr.Column(elem_id="fn-middle"):
                chat = _chatbot()
                box = gr.Textbox(
                    label="Your question", show_label=False, container=False, elem_id="fn-box", lines=1, max_lines=6,
                    placeholder="Ask about these articles", autofocus=True, **ASK,
                )  # fmt: skip
            with gr.Column(elem_id="fn-right"):
                reader = _static_html("reader")
        _wire_questions(page, conversation, bar, chat, box, reader)
        _wire_panes(page, conversation, sources, reader)
        quick(blocks.load)(page.load, None, [sources, chat])
    return blocks


def _wire_questions(page: Page, conversation: gr.State, bar: Any, chat: Any, box: Any, reader: Any) -> None:
    """Ask, answer, stop and start over."""
    answers = []
    for trigger, start, inputs in (
        (box.submit, page.ask, [box, conversation]),
        (reader.ask_example, page.ask_example, [conversation]),
    ):
        asked = quiet(trigger)(start, inputs, [conversation, chat, box])
        answer = quiet(asked.success)(
            page.answer, conversation, [conversation, chat, bar], concurrency_id="answer", concurrency_limit=2
        )
        quick(answer.then)(page.rest, conversation, [conversation, box])
        answers.append(answer)
    halted = quiet(box.stop)(None, cancels=answers)
    quick(halted.then)(page.stop, conversation, [conversation, chat, box])
    cleared = quiet(bar.start_over)(None, cancels=answers)
    quick(cleared.then)(lambda: (Conversation(), [], gr.Textbox(**ASK)), None, [conversation, chat, box])


def _wire_panes(page: Page, conversation: gr.State, sources: Any, reader: Any) -> None:
    """Open an article from wherever it is named, and look through the sources."""
    quick(reader.open_citation)(page.open_citation, conversation, reader)
    quick(reader.open_nearest)(page.open_nearest, conversation, reader)
    quick(sources.open_article)(page.open_article, None, reader)
    quick(sources.find_sources)(page.find_sources, None, sources)


def quiet(listener: Any) -> Any:
    """The listener, unlisted and without a progress display."""
    return partial(listener, api_visibility="private", show_progress="hidden")


def quick(listener: Any) -> Any:
    """The listener for work of some milliseconds: past the queue too, by which the text of a gr.Error would be lost."""
    return partial(quiet(listener), queue=False)


def theme() -> gr.themes.Base:
    """Gradio's plainest theme with system fonts. The colours are ours, in `page.css`."""
    return gr.themes.Base(primary_hue="teal", neutral_hue="stone", font=FONTS, font_mono=MONO_FONTS, radius_size="md")


def head() -> str:
    """The style sheet. In `css=` Gradio would prefix every rule, and none for `body` would match."""
    return f"<style>{(STATIC / 'page.css').read_text('utf-8')}</style>"


def _chatbot() -> gr.Chatbot:
    return gr.Chatbot(
        elem_id="fn-chat", label="Conversation", show_label=False, container=False, height="100%", layout="panel",
        buttons=[], feedback_options=None, allow_tags=False, latex_delimiters=[], group_consecutive_messages=False,
        line_breaks=False, allow_file_downloads=False, reasoning_tags=[],
    )  # fmt: skip


def _static_html(name: str) -> gr.HTML:
    """A pane made of `static/NAME.html` and `static/NAME.js`, which fills it with `textContent`.

    No data goes through the template: Gradio runs what it makes of one as code.
    """
    template = (STATIC / f"{name}.html").read_text("utf-8")
    script = (STATIC / f"{name}.js").read_text("utf-8")
    return gr.HTML(elem_id=f"fn-{name}", html_template=template, js_on_load=script, apply_default_css=False)


def _sent(event: gr.EventData) -> dict[str, Any]:
    """What the browser sent along, which may be anything."""
    data = event._data
    return data if isinstance(data, dict) else {}


def _whole_number(event: gr.EventData, name: str) -> int:
    """The whole number sent under that name, or 0."""
    value = _sent(event).get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
