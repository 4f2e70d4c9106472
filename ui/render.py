"""The conversation as HTML that is safe to show, made of answers in the JSON form that every interface prints.

Whatever comes from an article, a person or a model goes through `ui.words.escape`. What can be clicked is a link to a
`#…` that `static/reader.js` and `static/actions.js` read, because Chatbot's sanitizer takes away everything else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ui.history import Turn
from ui.words import byline, counted, escape, inline, plain, readable_date

WELL_SUPPORTED_FROM = 0.65
"""Confidence is calibrated, so this reads: two such answers in three are right, or more."""

MAX_COPIES_NAMED = 6
MAX_TITLE_CHARACTERS = 400
"""Of what hovering over a citation shows: a sentence may be as long as a page."""

Json = Mapping[str, Any]


def question_html(question: str) -> str:
    """A question as it was asked, its line ends kept."""
    return "<br>".join(escape(line) for line in plain(question).splitlines())


def turn_html(turn: Turn, number: int, *, last: bool = False) -> str:
    """What has come of turn `number` so far: its answer, what is being done, what went wrong, and what can be done."""
    parts = []
    if turn.answer is not None:
        parts.append(_answer_html(turn, number))
    if turn.problem:
        parts.append(f'<div class="fn-problem">{escape(turn.problem)}</div>')
    if turn.stopped:
        parts.append('<div class="fn-aside">Stopped. Ask again for the whole answer.</div>')
    elif not turn.finished:
        parts.append(f'<div class="fn-working">{escape(turn.working)}…</div>')
    if turn.finished and not turn.cut:
        parts.append(_actions_html(turn, number, last=last))
    return f'<div class="fn-turn">{"".join(parts)}</div>'


def spoken(turn: Turn) -> str:
    """The finished turn in one plain string, for a screen reader to say once."""
    if turn.answer is None:
        return plain(turn.problem)
    return plain(f"{state_of(turn.answer)[1]}. {' '.join(s['text'] for s in turn.answer['sentences'])}")


def state_of(answer: Json) -> tuple[str, str]:
    """How far the articles bear the answer: a class name and the words for it."""
    if answer["status"] == "not_found":
        return "fn-none", "Not in these articles"
    backed = all(sentence["support"] != "unsupported" for sentence in answer["sentences"])
    if backed and answer["confidence"] >= WELL_SUPPORTED_FROM:
        return "fn-well", "Well supported"
    return "fn-partly", "Partly supported"


def _answer_html(turn: Turn, number: int) -> str:
    answer, whole = turn.answer, turn.finished and not turn.stopped
    assert answer is not None
    parts = []
    if answer["interpreted_question"] != answer["question"]:
        edit = _action("understood", number, "Edit", "Put this question in the box to change it")
        understood = f'<span class="fn-understood">{escape(answer["interpreted_question"])}</span>'
        parts.append(f'<div class="fn-aside">Understood as: {understood} {edit}</div>')
    if answer["notice"]:
        parts.append(f'<div class="fn-notice">{escape(answer["notice"])}</div>')
    by_number = {citation["n"]: citation for citation in answer["citations"]}
    if answer["sentences"]:
        said = " ".join(_sentence_html(s, by_number, number) for s in answer["sentences"])
        parts.append(f'<div class="fn-said">{said}</div>')
    if answer.get("draft"):
        parts.append(f'<div class="fn-said fn-draft">{escape(answer["draft"])}</div>')
    if whole:
        parts += [_conflict_html(each, by_number, number) for each in answer["conflicts"]]
        parts += [_state_html(answer), _copies_html(answer)]
        if turn.since:
            parts.append(f'<div class="fn-notice fn-since">{escape(turn.since)}</div>')
        if answer["status"] == "not_found":
            searched = f'<div class="fn-aside">Searched: {escape(turn.searched)}.</div>' if turn.searched else ""
            parts += [searched, _nearest_html(answer["nearest"], number)]
        elif turn.limited:
            parts.append(f'<div class="fn-aside">Asked only: {escape(turn.searched)}.</div>')
    return "".join(parts)


def _state_html(answer: Json) -> str:
    kind, words = state_of(answer)
    dates = [citation["date"] for citation in answer["citations"] if citation["date"]]
    newest = f"Newest source: {readable_date(max(dates))}" if dates else ""
    writer = "" if answer["written_by"] == "quotes" else f"Written by {answer['written_by']}"
    several = len({citation["article_id"] for citation in answer["citations"]}) > 1
    sources = counted(answer["independent_sources"], "independent source") if several else ""
    facts = escape(byline(sources, newest, writer))
    badge = f'<span class="fn-badge {kind}">{words}</span>'
    return f'<div class="fn-state">{badge} <span class="fn-facts">{facts}</span></div>'


def _conflict_html(conflict: Json, by_number: Mapping[int, Json], turn: int) -> str:
    """The sides of a conflict beside each other, as the bot orders them: newest first."""
    sides = []
    for side in conflict["sides"]:
        cited = [by_number[n] for n in side["citations"] if n in by_number]
        chips = "".join("&nbsp;" + _chip_html(each, turn) for each in cited)
        about = byline(*(byline(each["source"] or each["title"], readable_date(each["date"])) for each in cited[:2]))
        sides.append(
            f'<div class="fn-side"><div class="fn-side-value">{escape(side["value"])}{chips}</div>'
            f'<div class="fn-side-by">{escape(about)}</div></div>'
        )
    title = "These sources disagree" if conflict.get("kind") != "development" else "This changed over time"
    return (
        f'<div class="fn-conflict"><div class="fn-conflict-title">{title}</div>'
        f'<div class="fn-sides">{"".join(sides)}</div></div>'
    )


def _copies_html(answer: Json) -> str:
    """Where else the cited articles stand, so that copies are not taken for further sources."""
    copied = {each["article_id"]: each for each in answer["citations"] if each["also_in"]}
    return "".join(
        f'<div class="fn-aside">“{escape(each["title"])}” also in: {escape(also_in(each["also_in"]))}</div>'
        for each in copied.values()
    )


def also_in(copies: Sequence[Json]) -> str:
    """`The Estuary Post (3 May 2023), Echo`: the outlets and dates of an article's copies."""
    named = (f"{each['source'] or each['title']}{_in_brackets(readable_date(each['date']))}" for each in copies)
    shown = list(dict.fromkeys(named))
    more = f" and {len(shown) - MAX_COPIES_NAMED} more" if len(shown) > MAX_COPIES_NAMED else ""
    return ", ".join(shown[:MAX_COPIES_NAMED]) + more


def _in_brackets(text: str) -> str:
    return f" ({text})" if text else ""


def _sentence_html(sentence: Json, by_number: Mapping[int, Json], turn: int) -> str:
    said = str(sentence["text"])
    text = escape(said)
    if sentence.get("answer"):
        start, end = sentence["answer"]
        before, short, after = (inline(part) for part in (said[:start], said[start:end], said[end:]))
        text = f'{before}<strong class="fn-short">{short}</strong>{after}'
    chips = "".join("&nbsp;" + _chip_html(by_number[n], turn) for n in sentence["citations"] if n in by_number)
    if sentence["support"] == "unsupported":
        lacking = ", ".join(sentence.get("lacking") or ())
        words = f"not in what it cites: {lacking}" if lacking else "no source"
        flag = f'<span class="fn-flag">{escape(words)}</span>'
        return f'<span class="fn-sentence fn-unsupported">{text}</span>&nbsp;{flag}{chips}'
    return f'<span class="fn-sentence">{text}</span>{chips}'


def _chip_html(citation: Json, turn: int) -> str:
    page = citation["page"]
    about = byline(
        citation["source"] or citation["title"], readable_date(citation["date"]), f"page {page}" if page else ""
    )
    quote = citation["quote"]
    shown = quote if len(quote) <= MAX_TITLE_CHARACTERS else quote[:MAX_TITLE_CHARACTERS] + "…"
    number = citation["n"]
    return f'<a class="fn-cite" href="#cite-{turn}-{number}" title="{escape(f"{about}: “{shown}”")}">{number}</a>'


def _nearest_html(nearest: Sequence[Json], turn: int) -> str:
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


def _actions_html(turn: Turn, number: int, *, last: bool) -> str:
    """What can be done with a finished turn, as a row of quiet links."""
    actions = []
    if turn.answer is not None and not turn.stopped:
        up, down = (" fn-done" if turn.verdict == verdict else "" for verdict in ("up", "down"))
        actions += [
            _action("copy", turn.kept_as, "Copy", "Copy the answer with its references"),
            _action("up", number, "Good", "This answer is good", up),
            _action("down", number, "Bad", "This answer is bad: say why", down),
        ]
    actions.append(_action("edit", number, "Edit", "Put the question in the box to change it"))
    if last:
        actions.append(_action("again", number, "Ask again", "Ask the same question again"))
    return f'<div class="fn-actions">{"".join(actions)}</div>'


def _action(name: str, number: int, words: str, title: str, more: str = "") -> str:
    return f'<a class="fn-act fn-{name}{more}" role="button" href="#do-{name}-{number}" title="{title}">{words}</a>'


def welcome_html(examples: Sequence[str], articles: int) -> str:
    """What stands in place of a conversation that has not begun: questions to try, or how to add articles."""
    if not articles:
        return (
            '<div class="fn-welcome"><h2>There are no articles yet</h2>'
            "<p>Add some: files from this computer, a web address or a feed, or a text that you paste.</p>"
            '<p><a class="fn-primary" role="button" href="#do-add-0">Add articles</a></p>'
            "<p>Or a whole folder, in the terminal: <code>footnote add FOLDER</code></p></div>"
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
