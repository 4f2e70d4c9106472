"""Letters and saved pages that are written as mail: `.eml` with its attachments, and `.mhtml`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path, PurePath

from index.dates import iso_date
from index.errors import UnreadableInput
from index.read.html import page_article
from index.read.source import Source, decode
from index.read.text import unwrap
from index.read.visible import block_text, drop_invisible, parse_html
from index.types import Article, Skipped

MAX_ATTACHMENTS = 50
MIN_SHARE_FOUND = 1 / 3
"""Of a letter's visible text. Less is a part of a newsletter that was taken for all of it."""


def read_eml(source: Source) -> Iterator[Article | Skipped]:
    """The letter, then the articles of the attached files of readable kinds."""
    message = _message(source)
    sender = _sender(message)
    text = _letter(message, source)
    if text:
        yield Article(
            id=source.article_id,
            title=str(message.get("subject") or "") or source.title_from_name,
            text=text,
            source=sender,
            published=_sent(message),
            authors=(sender,) if sender else (),
            language=str(message.get("content-language") or ""),
            origin=source.origin,
        )
    attached = list(_attached(message, source))
    if not text and not attached:
        raise UnreadableInput("there is no text in it")
    yield from attached


def read_mhtml(source: Source) -> Iterator[Article]:
    """The one article of a page that a browser saved as one file."""
    message = _message(source)
    for part in message.walk():
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            address = str(message.get("snapshot-content-location") or part.get("content-location") or "")
            url = address if address.startswith(("http://", "https://")) else ""
            yield page_article(_text(part), Source(source.path, source.origin, source.name, url))
            return
    raise UnreadableInput("there is no page in it")


def _message(source: Source) -> EmailMessage:
    message = message_from_bytes(source.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def _text(part: EmailMessage) -> str:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    charset = part.get_content_charset()
    try:
        return data.decode(charset) if charset else decode(data)
    except (LookupError, UnicodeError):
        return decode(data)


def _letter(message: EmailMessage, source: Source) -> str:
    """The body as text: of the HTML part, whose main text is looked for, or of the plain one."""
    html = message.get_body(preferencelist=("html",))
    if isinstance(html, EmailMessage):
        tree = parse_html(_text(html))
        if tree is not None:
            drop_invisible(tree)
            whole = block_text(tree)
            try:
                main = page_article(_text(html), source).text
            except UnreadableInput:
                main = ""
            return main if len(main) >= MIN_SHARE_FOUND * len(whole) else whole
    plain = message.get_body(preferencelist=("plain",))
    return unwrap(_text(plain).replace("\r\n", "\n")) if isinstance(plain, EmailMessage) else ""


def _sender(message: EmailMessage) -> str:
    try:
        addresses = message["from"].addresses if message["from"] is not None else ()
    except (AttributeError, IndexError, ValueError):
        return ""
    return next((each.display_name or each.addr_spec for each in addresses), "")


def _sent(message: EmailMessage) -> str | None:
    try:
        moment = message["date"].datetime if message["date"] is not None else None
    except (AttributeError, TypeError, ValueError):
        return None
    return iso_date(moment) if isinstance(moment, datetime) else None


def _attached(message: EmailMessage, source: Source) -> Iterator[Article | Skipped]:
    from index.read import parsed, reader_of

    with tempfile.TemporaryDirectory(prefix="footnote-") as folder:
        for number, part in enumerate(list(message.iter_attachments())[:MAX_ATTACHMENTS]):
            name = PurePath(part.get_filename() or "").name
            payload = part.get_payload(decode=True)
            if not name or reader_of(name) in (None, read_eml) or not isinstance(payload, bytes):
                continue
            path = Path(folder, f"{number}{PurePath(name).suffix[:20]}")
            path.write_bytes(payload)
            shown = "".join(character if character.isprintable() else "_" for character in name)
            yield from parsed(Source(path, given_origin=f"{source.origin}#{shown}", name=name))
