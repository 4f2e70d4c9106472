"""The chat page: what stands where, and which handler an event goes to. What is done is in `ui.handlers`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from ui.handlers import ASK, Page
from ui.history import Conversation
from ui.site import Site

STATIC = Path(__file__).parent / "static"

FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"]
MONO_FONTS = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]


def build_page(site: Site) -> gr.Blocks:
    """The whole page, ready to be launched with `theme()` and `head()`."""
    page = Page(site)
    blocks = gr.Blocks(title="Footnote", fill_width=True, fill_height=True, analytics_enabled=False)
    with blocks:
        conversation = gr.State(Conversation())
        bar = _static_html("bar", "bar", "settings", "actions")
        with gr.Row(elem_id="fn-panes"):
            with gr.Column(elem_id="fn-left"):
                left = _static_html("lists", "sources", "adding", "conversations")
            with gr.Column(elem_id="fn-middle"):
                chat = _chatbot()
                box = gr.Textbox(
                    label="Your question", show_label=False, container=False, elem_id="fn-box", lines=1, max_lines=6,
                    placeholder="Ask about these articles", autofocus=True, **ASK,
                )  # fmt: skip
            with gr.Column(elem_id="fn-right"):
                reader = _static_html("reader", "reader")
        outputs = [conversation, chat, bar, box]
        answers = _wire_questions(page, conversation, left, chat, bar, box, reader)
        _wire_conversations(page, outputs, answers, bar, left)
        quick(reader.open_citation)(page.open_citation, conversation, reader)
        quick(reader.open_nearest)(page.open_nearest, conversation, reader)
        quick(left.open_article)(page.open_article, None, reader)
        quick(left.articles_changed)(page.load, None, chat)
        quick(blocks.load)(page.load, None, chat)
    return blocks


def _wire_questions(
    page: Page, conversation: gr.State, left: Any, chat: Any, bar: Any, box: Any, reader: Any
) -> list[Any]:
    """Ask, answer and stop; gives the events that answer. The value of `left` is the scope of the next question."""
    answers = []
    for trigger, start, inputs in (
        (box.submit, page.ask, [box, conversation, left]),
        (reader.ask_example, page.ask_example, [conversation, left]),
        (bar.ask_again, page.ask_again, [conversation, left]),
    ):
        asked = quiet(trigger)(start, inputs, [conversation, chat, bar, box])
        answer = quiet(asked.success)(
            page.answer, conversation, [conversation, chat, bar], concurrency_id="answer", concurrency_limit=2
        )
        quick(answer.then)(page.rest, conversation, [conversation, box])
        answers.append(answer)
    halted = quiet(box.stop)(None, cancels=answers)
    quick(halted.then)(page.stop, conversation, [conversation, chat, box])
    return answers


def _wire_conversations(page: Page, outputs: list[Any], answers: list[Any], bar: Any, left: Any) -> None:
    """Begin another, open one, judge an answer. An answer under way ends and is kept as it stands."""
    conversation, chat, *_ = outputs
    quick(bar.start_over)(page.start_over, conversation, outputs, cancels=answers)
    quick(left.open_conversation)(page.open_conversation, conversation, outputs, cancels=answers)
    quick(bar.judge)(page.judge, conversation, [conversation, chat, bar])


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
    """The style sheets. In `css=` Gradio would prefix every rule, and none for `body` would match."""
    sheets = "".join((STATIC / name).read_text("utf-8") for name in ("page.css", "chat.css", "parts.css"))
    return f"<style>{sheets}</style>"


def _chatbot() -> gr.Chatbot:
    return gr.Chatbot(
        elem_id="fn-chat", label="Conversation", show_label=False, container=False, height="100%", layout="panel",
        buttons=[], feedback_options=None, allow_tags=False, latex_delimiters=[], group_consecutive_messages=False,
        line_breaks=False, allow_file_downloads=False, reasoning_tags=[],
    )  # fmt: skip


def _static_html(name: str, *scripts: str) -> gr.HTML:
    """A pane made of `static/NAME.html` and scripts beside it, which fill it with `textContent`.

    No data goes through the template: Gradio runs what it makes of one as code. Each script has a block of its own, and
    all see `shared.js`.
    """
    template = (STATIC / f"{name}.html").read_text("utf-8")
    shared = (STATIC / "shared.js").read_text("utf-8")
    script = "\n".join([shared, *("{\n" + (STATIC / f"{each}.js").read_text("utf-8") + "\n}" for each in scripts)])
    return gr.HTML(elem_id=f"fn-{name}", html_template=template, js_on_load=script, apply_default_css=False)
