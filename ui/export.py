"""A conversation as a file: Markdown, one HTML page, or JSON. `footnote verify` reads all three (`bot.exported`).

Every text from an article, a person or a model is hostile: in Markdown it is escaped so that it stays plain text, in
HTML by the template. A quote comes back from each format exactly as it stood in its article.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ui.words import byline, plain, readable_date, safe_link

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

TEMPLATE = Path(__file__).parent / "static" / "export.html.jinja"

_SPECIAL = r"""[\\`*_{}\[\]<>#+!|~^=$&@]   # of Markdown, of GitHub's and of formulas
    |:(?=/)|(?<=\bwww)\.                     # of an address without angle brackets
    |^-|(?<=-)-|-(?=-)                       # of lists and rules
    """
_MARKDOWN = re.compile(
    _SPECIAL + "".join(rf"|(?<=^\d{{{digits}}})[.)]" for digits in range(1, 10)),  # of numbered lists
    re.VERBOSE | re.IGNORECASE,
)
_ODD = re.compile("[\x00-\x1f\x7f-\xa0\u2028\u2029\ud800-\udfff\ufeff\ufdd0-\ufdef\ufffe\uffff]|^ +| +$")
"""What an editor, a parser or UTF-8 may lose: controls, unusual spaces, and spaces at either end of a line."""
_LOST_IN_HTML = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


STOPPED = "Stopped before the answer was whole."


@dataclass(frozen=True)
class ExportedTurn:
    """A question and its answer, in the form of `Answer.to_json`; `problem` where there is none, `stopped` where it is
    not whole."""

    question: str
    answer: Mapping[str, Any] | None
    problem: str = ""
    stopped: bool = False


@dataclass(frozen=True)
class Exported:
    """A conversation to be written; `created` is ISO 8601."""

    title: str
    created: str
    turns: tuple[ExportedTurn, ...]


def to_json(conversation: Exported) -> str:
    """`{"title", "created", "exported_by", "answers"}`; a turn without an answer has "question" and "problem", one that
    was stopped in mid-answer `"stopped": true`."""
    answers = [
        {key: value for key, value in turn.answer.items() if key != "draft"}
        | ({"stopped": True} if turn.stopped else {})
        if turn.answer
        else {"question": turn.question, "problem": turn.problem or "It was stopped.", "citations": []}
        for turn in conversation.turns
    ]
    about = {"title": conversation.title, "created": conversation.created, "exported_by": "Footnote"}
    return json.dumps({**about, "answers": answers}, ensure_ascii=True, indent=2) + "\n"


# --- Markdown ---


def to_markdown(conversation: Exported) -> str:
    """The conversation with every quote and its place."""
    parts = [f"# {_line(conversation.title)}", f"*Exported from Footnote. Begun on {_line(conversation.created)}.*"]
    for turn in conversation.turns:
        parts.append(f"## {_line(turn.question)}")
        parts += _markdown_turn(turn)
    return "\n\n".join(parts) + "\n"


def _markdown_turn(turn: ExportedTurn) -> list[str]:
    if turn.answer is None:
        return [_line(turn.problem or "It was stopped.")]
    answer, parts = turn.answer, []
    if answer["interpreted_question"] != answer["question"]:
        parts.append(f"*Understood as:* {_line(answer['interpreted_question'])}")
    if answer["notice"]:
        parts.append(f"*Note:* {_line(answer['notice'])}")
    if answer["sentences"]:
        parts.append(" ".join(_markdown_sentence(each) for each in answer["sentences"]))
    parts += [f"*{_disagree(each)}:* {_line(_sides(each))}" for each in answer["conflicts"]]
    parts.append(f"*{STOPPED}*" if turn.stopped else f"**{state_words(answer)}**")
    parts += [_markdown_citation(each) for each in answer["citations"]]
    return parts


def _markdown_sentence(sentence: Mapping[str, Any]) -> str:
    marks = "".join(rf"\[{n}\]" for n in sentence["citations"])
    doubt = " *(not supported by the articles)*" if sentence["support"] == "unsupported" else ""
    return f"{_line(sentence['text'])} {marks}{doubt}".rstrip()


def _markdown_citation(citation: Mapping[str, Any]) -> str:
    link = safe_link(citation["url"] or "")
    about = _line(byline(citation["title"], _facts(citation), link))
    place = f"*article* {exactly(citation['article_id'])} *characters* {citation['start']}–{citation['end']}"
    if citation.get("article_hash"):
        place += f" *version* {citation['article_hash']}"
    quote = "\\\n> ".join(exactly(line) for line in citation["quote"].split("\n"))
    return f"**\\[{citation['n']}\\]** {about}\\\n{place}\n\n> {quote}"


def exactly(line: str) -> str:
    """A line as Markdown that shows it as it is, and from which `bot.exported.unescaped` gets it back."""
    odd = _ODD.sub(lambda found: "".join(f"\0{ord(each)}\1" for each in found.group()), line)
    parts = re.split("\0([0-9]+)\1", odd)
    escaped = (_MARKDOWN.sub(r"\\\g<0>", part) if n % 2 == 0 else f"&#{part};" for n, part in enumerate(parts))
    return "".join(escaped)


def _line(text: str) -> str:
    return exactly(" ".join(plain(text).split()))


# --- HTML ---


def to_html(conversation: Exported) -> str:
    """One page that loads nothing and runs nothing."""
    return _template().render(conversation=conversation, stopped=STOPPED)


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(
        plain=plain, day=readable_date, facts=_facts, link=safe_link, exactly=_exactly_in_html, state=state_words,
        sides=_sides, disagree=_disagree, json=json.dumps,
    )  # fmt: skip
    return environment.from_string(TEMPLATE.read_text("utf-8"))


def _exactly_in_html(text: str) -> Markup:
    """The text as HTML; a character that a parser would change stands in an attribute."""
    from markupsafe import Markup, escape

    parts = []
    at = 0
    for found in _LOST_IN_HTML.finditer(text):
        parts += [escape(text[at : found.start()]), Markup(f'<i data-character="{ord(found.group())}"></i>')]
        at = found.end()
    return Markup("").join([*parts, escape(text[at:])])


# --- plain text ---


def with_references(answer: Mapping[str, Any]) -> str:
    """One answer as plain text: what a person should know of it, its sentences with [n], where sources disagree, and
    what each number stands for."""
    lines = [answer["notice"]] if answer["notice"] else []
    lines.append(" ".join(_spoken(each) for each in answer["sentences"]) or state_words(answer))
    lines += [f"{_disagree(each)}: {_sides(each)}" for each in answer["conflicts"]]
    for citation in answer["citations"]:
        about = byline(citation["title"], _facts(citation), safe_link(citation["url"] or ""))
        lines.append(f"[{citation['n']}] {about}\n    “{' '.join(citation['quote'].split())}”")
    return plain("\n\n".join(lines)) + "\n"


def _spoken(sentence: Mapping[str, Any]) -> str:
    marks = "".join(f"[{n}]" for n in sentence["citations"])
    doubt = " (not supported by the articles)" if sentence["support"] == "unsupported" else ""
    return f"{' '.join(sentence['text'].split())} {marks}{doubt}".rstrip()


# --- words ---


def state_words(answer: Mapping[str, Any]) -> str:
    """`Confidence 83 %`, or that the articles don't hold the answer."""
    return "Not in these articles" if answer["status"] == "not_found" else f"Confidence {answer['confidence']:.0%}"


def _facts(citation: Mapping[str, Any]) -> str:
    page = f"page {citation['page']}" if citation.get("page") else ""
    return byline(citation["source"] or "", readable_date(citation["date"]), page)


def _sides(conflict: Mapping[str, Any]) -> str:
    return "; ".join(
        f"{side['value']} {''.join(f'[{n}]' for n in side['citations'])}".rstrip() for side in conflict["sides"]
    )


def _disagree(conflict: Mapping[str, Any]) -> str:
    return "Changed over time" if conflict.get("kind") == "development" else "Sources disagree"
