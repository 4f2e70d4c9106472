"""What the page shows, as data that is safe to show: HTML for the conversation, plain fields for the two side panes.

Everything that comes from an article, a person or a model is hostile here. In HTML every ASCII punctuation mark of it
is a character reference, because Chatbot reads its text as Markdown first and its sanitizer can be got past; so the
text can't be HTML, Markdown, a link, a formula or a diagram. The fields of the side panes are plain text, and the page
puts them in place with `textContent` only.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol
from urllib.parse import urlsplit

from bot.types import Answer, AnswerSentence, Citation
from index.catalogue import ArticleSummary
from index.types import Article
from ui.history import Turn

WELL_SUPPORTED_FROM = 0.65
"""Confidence is calibrated, so this reads: two such answers in three are right, or more."""

ROWS_AT_ONCE = 50
"""Rows of the sources list that are sent to the browser before it asks for more."""

MAX_COPIES_NAMED = 6

_REFERENCES = str.maketrans({mark: f"&#{ord(mark)};" for mark in string.punctuation})
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SPACES = re.compile(r"\s+")
_URL_BREAKERS = re.compile(r"[\s\\\x00-\x20\x7f]")


class Summary(Protocol):
    """A row of the sources list, as the index gives it."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def origin(self) -> str: ...
    @property
    def published(self) -> str | None: ...
    @property
    def passages(self) -> int: ...


# ---- Words ----------------------------------------------------------------------------------------------------------


def plain(text: str) -> str:
    """The text without control characters, and with U+FFFD for lone surrogates, which JSON can't carry."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", whole)


def escape(text: str) -> str:
    """The text on one line, fit for HTML and Markdown, as content or in a quoted attribute."""
    return _inline(text).strip()


def _inline(text: str) -> str:
    """As `escape`, with a space kept at either end, for a part of a line."""
    return _SPACES.sub(" ", plain(text)).translate(_REFERENCES)


def readable_date(iso: str | None, month: str = "%B") -> str:
    """`12 March 2024` from an ISO 8601 date, with or without a time; what is no date is given back as it is."""
    if not iso:
        return ""
    try:
        day = date.fromisoformat(iso[:10])
    except ValueError:
        return plain(iso)
    return f"{day.day} {day.strftime(month)} {day.year}"


def safe_link(url: str) -> str:
    """The address where it is a whole http or https one, else nothing (`javascript:`, `data:`, paths)."""
    if _URL_BREAKERS.search(url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return plain(url) if parts.scheme in {"http", "https"} and parts.hostname else ""


def byline(*facts: str) -> str:
    """The facts that there are, set apart by a dot: `The Estuary Post · 30 April 2024`."""
    return " · ".join(fact for fact in facts if fact)


def counted(number: int, noun: str) -> str:
    """`1 article`, `4,971 articles`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


# ---- The conversation -----------------------------------------------------------------------------------------------


def question_html(question: str) -> str:
    """A question as it was asked, its line ends kept."""
    return "<br>".join(escape(line) for line in plain(question).splitlines())


def turn_html(turn: Turn, number: int) -> str:
    """What has come of turn `number` so far: its answer, what is being done, what went wrong."""
    parts = []
    if turn.answer is not None:
        parts.append(_answer_html(turn.answer, number, finished=turn.finished and not turn.stopped))
    if turn.problem:
        parts.append(f'<div class="fn-problem">{escape(turn.problem)}</div>')
    if turn.stopped:
        parts.append('<div class="fn-aside">Stopped. Ask again for the whole answer.</div>')
    elif not turn.finished:
        parts.append(f'<div class="fn-working">{escape(turn.working)}…</div>')
    return f'<div class="fn-turn">{"".join(parts)}</div>'


def spoken(turn: Turn) -> str:
    """The finished turn in one plain string, for a screen reader to say once."""
    if turn.problem or turn.answer is None:
        return plain(turn.problem)
    return plain(f"{state_of(turn.answer)[1]}. {' '.join(s.text for s in turn.answer.sentences)}")


def state_of(answer: Answer) -> tuple[str, str]:
    """How far the articles bear the answer: a class name and the words for it."""
    if answer.status == "not_found":
        return "fn-none", "Not in these articles"
    backed = all(sentence.support != "unsupported" for sentence in answer.sentences)
    if backed and answer.confidence >= WELL_SUPPORTED_FROM:
        return "fn-well", "Well supported"
    return "fn-partly", "Partly supported"


def _answer_html(answer: Answer, number: int, *, finished: bool) -> str:
    parts = []
    if answer.interpreted_question != answer.question:
        parts.append(f'<div class="fn-aside">Understood as: {escape(answer.interpreted_question)}</div>')
    if answer.notice:
        parts.append(f'<div class="fn-notice">{escape(answer.notice)}</div>')
    if answer.sentences:
        by_number = {citation.number: citation for citation in answer.citations}
        said = " ".join(_sentence_html(s, by_number, number) for s in answer.sentences)
        parts.append(f'<div class="fn-said">{said}</div>')
    if answer.draft:
        parts.append(f'<div class="fn-said fn-draft">{escape(answer.draft)}</div>')
    if finished:
        parts.append(_state_html(answer))
        parts.append(_copies_html(answer))
        parts.append(_nearest_html(answer.nearest, number) if answer.status == "not_found" else "")
    return "".join(parts)


def _state_html(answer: Answer) -> str:
    kind, words = state_of(answer)
    dates = [citation.article.published for citation in answer.citations if citation.article.published]
    newest = f"Newest source: {readable_date(max(dates))}" if dates else ""
    writer = "" if answer.written_by == "quotes" else f"Written by {answer.written_by}"
    several = len({citation.article.id for citation in answer.citations}) > 1
    sources = counted(answer.independent_sources, "independent source") if several else ""
    facts = escape(byline(sources, newest, writer))
    badge = f'<span class="fn-badge {kind}">{words}</span>'
    return f'<div class="fn-state">{badge} <span class="fn-facts">{facts}</span></div>'


def _copies_html(answer: Answer) -> str:
    """Where else the cited articles stand, so that copies are not taken for further sources."""
    copied = {each.article.id: each for each in answer.citations if each.also_in}
    lines = "".join(
        f'<div class="fn-aside">“{escape(each.article.title)}” also in: {escape(also_in(each.also_in))}</div>'
        for each in copied.values()
    )
    return lines


def also_in(copies: Sequence[ArticleSummary]) -> str:
    """`The Estuary Post (3 May 2023), Echo`: the outlets and dates of an article's copies."""
    named = (f"{each.source or each.title}{_in_brackets(readable_date(each.published))}" for each in copies)
    shown = list(dict.fromkeys(named))
    more = f" and {len(shown) - MAX_COPIES_NAMED} more" if len(shown) > MAX_COPIES_NAMED else ""
    return ", ".join(shown[:MAX_COPIES_NAMED]) + more


def _in_brackets(text: str) -> str:
    return f" ({text})" if text else ""


def _sentence_html(sentence: AnswerSentence, by_number: Mapping[int, Citation], turn: int) -> str:
    text = escape(sentence.text)
    if sentence.answer is not None:
        start, end = sentence.answer
        parts = (sentence.text[:start], sentence.text[start:end], sentence.text[end:])
        before, short, after = (_inline(part) for part in parts)
        text = f'{before}<strong class="fn-short">{short}</strong>{after}'
    chips = "".join("&nbsp;" + _chip_html(by_number[n], turn) for n in sentence.citations if n in by_number)
    if sentence.support == "unsupported":
        words = f"not in what it cites: {', '.join(sentence.lacking)}" if sentence.lacking else "no source"
        flag = f'<span class="fn-flag">{escape(words)}</span>'
        return f'<span class="fn-sentence fn-unsupported">{text}</span>&nbsp;{flag}{chips}'
    return f'<span class="fn-sentence">{text}</span>{chips}'


def _chip_html(citation: Citation, turn: int) -> str:
    article = citation.article
    page = article.page_at(citation.start)
    about = byline(article.source or article.title, readable_date(article.published), f"page {page}" if page else "")
    title = escape(f"{about}: “{citation.quote}”")
    number = citation.number
    return f'<a class="fn-cite" href="#cite-{turn}-{number}" title="{title}">{number}</a>'


def _nearest_html(nearest: Sequence[Mapping[str, Any]], turn: int) -> str:
    if not nearest:
        return '<div class="fn-aside">No passage comes near the question. Try other words.</div>'
    rows = "".join(
        f'<li><a class="fn-near" href="#near-{turn}-{place}">'
        f'<span class="fn-near-title">{escape(str(result["title"]))}</span>'
        f'<span class="fn-near-by">{escape(byline(str(result["source"] or ""), readable_date(result["date"])))}</span>'
        f'<span class="fn-near-text">{escape(str(result["text"]))}</span></a></li>'
        for place, result in enumerate(nearest, start=1)
    )
    return f'<div class="fn-aside">The passages that come nearest:</div><ol class="fn-nearest">{rows}</ol>'


def welcome_html(examples: Sequence[str], articles: int) -> str:
    """What stands in place of a conversation that has not begun: questions to try, or how to add articles."""
    if not articles:
        return (
            '<div class="fn-welcome"><h2>There are no articles yet</h2>'
            "<p>Add a folder of articles in the terminal, then reload this page:</p>"
            "<p><code>footnote add FOLDER</code></p></div>"
        )
    links = "".join(
        f'<li><a class="fn-example" href="#ask-0-{place}">{escape(example)}</a></li>'
        for place, example in enumerate(examples, start=1)
    )
    return (
        f'<div class="fn-welcome"><h2>Ask {counted(articles, "article")}</h2>'
        "<p>Every sentence of an answer has a number. Click it to see where it stands.</p>"
        f'<ul class="fn-examples">{links}</ul></div>'
    )


# ---- The two side panes ---------------------------------------------------------------------------------------------


def reader_view(article: Article, start: int = 0, end: int = 0) -> dict[str, Any]:
    """The fields of the reader pane: the whole text in three parts, of which the middle one is to be marked.

    Cut here and not in the browser, whose strings count in UTF-16 units.
    """
    return {
        "title": plain(article.title),
        "byline": plain(byline(article.source, readable_date(article.published), _page(article, start, end))),
        "origin": plain(article.origin),
        "link": safe_link(article.url),
        "before": plain(article.text[:start]),
        "quote": plain(article.text[start:end]),
        "after": plain(article.text[end:]),
        "problem": "",
    }


def _page(article: Article, start: int, end: int) -> str:
    page = article.page_at(start) if end else None
    return f"page {page}" if page else ""


def reader_problem(problem: str) -> dict[str, Any]:
    """The fields of the reader pane where there is no article to show."""
    return {"title": "This can't be shown", "problem": plain(problem)}


def sources_view(summaries: Iterable[Summary], wanted: str = "", rows: int = ROWS_AT_ONCE) -> dict[str, Any]:
    """The fields of the sources list: the newest `rows` articles that have every word of `wanted`, and the counts.

    Words are looked for in title, outlet and date, without regard to case. Undated articles come last.
    """
    everything = list(summaries)
    words = wanted.casefold().split()
    matching = [s for s in everything if all(word in _searched(s) for word in words)]
    matching.sort(key=lambda s: (s.title.casefold(), s.id))
    matching.sort(key=lambda s: s.published or "", reverse=True)
    dates = [s.published for s in everything if s.published]
    return {
        "total": len(everything),
        "matching": len(matching),
        "summary": byline(counted(len(everything), "article"), f"newest {readable_date(max(dates))}" if dates else ""),
        "rows": [_row(summary) for summary in matching[:rows]],
        "problem": "",
    }


def _searched(summary: Summary) -> str:
    return f"{summary.title} {summary.source} {readable_date(summary.published)} {summary.published or ''}".casefold()


def _row(summary: Summary) -> dict[str, Any]:
    facts = byline(
        summary.source,
        readable_date(summary.published, "%b"),
        counted(summary.passages, "passage").replace(" ", "\N{NO-BREAK SPACE}"),
    )
    return {"id": summary.id, "title": plain(summary.title), "byline": plain(facts)}
