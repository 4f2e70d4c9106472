"""`footnote verify`: does a saved answer still rest on what the articles say?

Takes answers as `footnote ask --json` and `--batch` print them or as the page exports them, and looks up each citation
in the index as it is now.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from bot import exported
from bot.words import overlap, stems
from index.errors import UsageError
from index.passages import Span, sentence_spans
from index.types import Article

State = Literal["intact", "moved", "changed", "gone"]
"""The quote stands where it stood; elsewhere in its article; no longer, though the article is there; or the article
is not in the index."""

ArticleOf = Callable[[str], Article | None]

MAX_FILE_BYTES = 50 * 1024**2
WRITERS = "footnote ask --json or the page's export"


@dataclass(frozen=True)
class CheckedCitation:
    """What became of one citation. `place` is where the quote stands now; `now` the sentence that comes nearest to a
    quote that changed. `article_changed` where anything in the article is another than when it was cited, be it only
    elsewhere; None where the answer was saved before that was kept."""

    number: int
    article_id: str
    quote: str
    state: State
    place: Span | None = None
    now: str = ""
    article_changed: bool | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "n": self.number,
            "article_id": self.article_id,
            "quote": self.quote,
            "state": self.state,
            "start": self.place[0] if self.place else None,
            "end": self.place[1] if self.place else None,
            "now": self.now,
            "article_changed": self.article_changed,
        }


def check(citation: Mapping[str, Any], article_of: ArticleOf, language: str = "english") -> CheckedCitation:
    """What became of a citation as `ask --json` prints it."""
    number, article_id, quote = int(citation["n"]), str(citation["article_id"]), str(citation["quote"])
    start, end = int(citation["start"]), int(citation["end"])
    article = article_of(article_id)
    if article is None:
        return CheckedCitation(number, article_id, quote, "gone", article_changed=True)
    kept = citation.get("article_hash")
    changed = article.content_hash != kept if kept else None
    if quote and article.text[start:end] == quote:
        return CheckedCitation(number, article_id, quote, "intact", (start, end), article_changed=changed)
    places = _places(quote, article.text)
    if places:
        nearest = min(places, key=lambda place: abs(place - start))
        place = (nearest, nearest + len(quote))
        return CheckedCitation(number, article_id, quote, "moved", place, article_changed=True)
    now = _nearest(quote, article.text, language)
    return CheckedCitation(number, article_id, quote, "changed", now=now, article_changed=True)


def _places(quote: str, text: str) -> list[int]:
    """Every offset at which the quote stands in the text."""
    places: list[int] = []
    at = text.find(quote) if quote else -1
    while at >= 0:
        places.append(at)
        at = text.find(quote, at + 1)
    return places


def _nearest(quote: str, text: str, language: str) -> str:
    """The sentence that shares most words with the quote, or nothing where none shares any."""
    wanted = stems(quote)
    best = max(
        (text[start:end] for start, end in sentence_spans(text, language)),
        key=lambda sentence: (len(set(stems(sentence)) & set(wanted)), overlap(stems(sentence), wanted)),
        default="",
    )
    return best if set(stems(best)) & set(wanted) else ""


def saved_answers(path: Path) -> Iterator[dict[str, Any]]:
    """The answers of a file: of `ask --json` (one object, a list of them, or one a line) or a conversation as exported
    (JSON, Markdown, HTML). Raises UsageError for anything else."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise UsageError(f"{path} has more than {MAX_FILE_BYTES // 1024**2} MB: give a file that Footnote wrote")
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} can't be read: {getattr(error, 'strerror', None) or error}") from error
    if exported.is_html(text):
        found = [(str(path), each) for each in exported.from_html(text, str(path))]
    elif exported.is_markdown(text):
        found = [(str(path), each) for each in exported.from_markdown(text, str(path))]
    else:
        found = _json_answers(text, path)
    if not found:
        raise UsageError(f"{path} is empty: give a file that {WRITERS} wrote")
    for place, answer in found:
        yield _answer(answer, place)


def _json_answers(text: str, path: Path) -> list[tuple[str, Any]]:
    try:
        loaded = json.loads(text)
    except (ValueError, RecursionError):
        numbered = enumerate(text.split("\n"), start=1)
        return [(f"{path} line {n}", _line(line, f"{path} line {n}")) for n, line in numbered if line.strip()]
    if isinstance(loaded, dict) and isinstance(loaded.get("answers"), list):
        loaded = loaded["answers"]
    return [(str(path), each) for each in (loaded if isinstance(loaded, list) else [loaded])]


def _line(line: str, place: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{place} is not JSON: give a file that {WRITERS} wrote") from error


def _answer(answer: Any, place: str) -> dict[str, Any]:
    wanted = {"n": int, "article_id": str, "start": int, "end": int, "quote": str}
    citations = answer.get("citations") if isinstance(answer, dict) else None
    if not isinstance(answer, dict) or not isinstance(citations, list):
        raise UsageError(f'{place} holds no answer (an object with "citations"): give a file that {WRITERS} wrote')
    for citation in citations:
        wrong = [
            name
            for name, kind in wanted.items()
            if not isinstance(citation, dict) or type(citation.get(name)) is not kind
        ]
        if wrong:
            raise UsageError(
                f"{place} has a citation without a right {wrong[0]!r}: it was changed since it was written"
            )
    return answer
