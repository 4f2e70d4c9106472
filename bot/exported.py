"""Answers out of the files that the page exports: the citations of a Markdown or an HTML file, exactly as written."""

from __future__ import annotations

import json
import re
from typing import Any

from index.errors import UsageError

_MARKDOWN_HEAD = re.compile(r"^\*Exported from Footnote\.", re.MULTILINE)
_HTML_HEAD = re.compile(r"^\s*<(?:!doctype html|html)", re.IGNORECASE)
_PLACE = re.compile(
    r"^\*article\* (?P<id>.+) \*characters\* (?P<start>\d+)–(?P<end>\d+)(?: \*version\* (?P<hash>[0-9a-f]{64}))?$"
)
_NUMBER = re.compile(r"^\*\*\\\[(\d+)\\\]\*\* ")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])|&#(\d{1,7});")
QUOTED = "> "


def is_markdown(text: str) -> bool:
    """Whether this is a conversation as Markdown."""
    return bool(_MARKDOWN_HEAD.search(text))


def is_html(text: str) -> bool:
    """Whether this is a page."""
    return bool(_HTML_HEAD.match(text))


def from_markdown(text: str, name: str) -> list[dict[str, Any]]:
    """The answers of a Markdown export: question and citations. Raises UsageError where one was damaged."""
    answers: list[dict[str, Any]] = []
    lines = text.split("\n")  # not splitlines: a quote may hold other ends of lines
    for at, line in enumerate(lines):
        if line.startswith("## "):
            answers.append({"question": unescaped(line[3:]), "citations": []})
        elif found := _PLACE.match(line):
            number = _NUMBER.match(lines[at - 1])
            quote = _quote(lines[at + 1 :])
            if number is None or not quote or not answers:
                raise UsageError(f"{name} line {at + 1}: this citation was damaged: export the conversation again")
            answers[-1]["citations"].append(
                {
                    "n": int(number.group(1)),
                    "article_id": unescaped(found["id"]),
                    "start": int(found["start"]),
                    "end": int(found["end"]),
                    "quote": quote,
                    "article_hash": found["hash"] or "",
                }
            )
        elif line.startswith("*article* "):
            raise UsageError(f"{name} line {at + 1}: this place was damaged: export the conversation again")
    return answers


def _quote(lines: list[str]) -> str:
    """The blockquote that follows after one blank line; a backslash at an end is a line break of the quote."""
    quoted = []
    for line in lines[1:]:
        if not line.startswith(QUOTED):
            break
        quoted.append(line.removeprefix(QUOTED))
    whole = [
        line[:-1] if place < len(quoted) - 1 and line.endswith("\\") else line for place, line in enumerate(quoted)
    ]
    return "\n".join(unescaped(line) for line in whole)


def unescaped(line: str) -> str:
    """What a line of Markdown says that `ui.export.exactly` wrote."""
    return _ESCAPED.sub(lambda found: found.group(1) or _character(int(found.group(2))), line)


def _character(code: int) -> str:
    return chr(code) if code < 0x110000 else "\N{REPLACEMENT CHARACTER}"


def from_html(text: str, name: str) -> list[dict[str, Any]]:
    """The answers of an HTML export: question and citations. Raises UsageError where one was damaged."""
    from lxml import etree, html

    parser = html.HTMLParser(no_network=True, encoding="utf-8", huge_tree=True)
    try:
        page = html.document_fromstring(text.encode("utf-8", "surrogatepass"), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise UsageError(f"{name} can't be read as a page: export the conversation again") from error
    answers = []
    for section in page.iterfind(".//section[@class='turn']"):
        heading = section.find("h2")
        citations = [_html_citation(each, name) for each in section.iterfind(".//blockquote")]
        answers.append({"question": "" if heading is None else heading.text_content(), "citations": citations})
    if not answers:
        raise UsageError(f"{name} holds no answers: give a file that Footnote exported")
    return answers


def _html_citation(quote: Any, name: str) -> dict[str, Any]:
    try:
        article_id = json.loads(quote.get("data-article-id"))
        numbers = {key: int(quote.get(f"data-{key}")) for key in ("n", "start", "end")}
    except (TypeError, ValueError) as error:
        raise UsageError(f"{name}: a citation was damaged: export the conversation again") from error
    kept = {"article_hash": quote.get("data-article-hash") or ""}
    return {**numbers, **kept, "article_id": str(article_id), "quote": _html_text(quote)}


def _html_text(element: Any) -> str:
    parts = [element.text or ""]
    for child in element:
        code = child.get("data-character") or ""
        parts.append(_character(int(code)) if code.isdecimal() else _html_text(child))
        parts.append(child.tail or "")
    return "".join(parts)
