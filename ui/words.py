"""Words for people, and text made safe to show. Everything from an article, a person or a model is hostile here.

In HTML every ASCII punctuation mark of it is a character reference, because Chatbot reads its text as Markdown first
and its sanitizer can be got past; so the text can't be HTML, Markdown, a link, a formula or a diagram.
"""

from __future__ import annotations

import re
import string
from datetime import date
from urllib.parse import urlsplit

from bot.words import whole

_REFERENCES = str.maketrans({mark: f"&#{ord(mark)};" for mark in string.punctuation})
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SPACES = re.compile(r"\s+")
_URL_BREAKERS = re.compile(r"[\s\\\x00-\x20\x7f]")


def plain(text: str) -> str:
    """The text without control characters, and with U+FFFD for lone surrogates, which JSON can't carry."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", whole(text))


def escape(text: str) -> str:
    """The text on one line, fit for HTML and Markdown, as content or in a quoted attribute."""
    return inline(text).strip()


def inline(text: str) -> str:
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
