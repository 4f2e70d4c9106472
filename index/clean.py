"""What web copies carry besides the article is taken off here, before a text is stored and offsets point into it."""

from __future__ import annotations

import re
import unicodedata

_ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])")
# Zero-width, bidirectional and tag characters, soft hyphens, variation selectors: nobody sees them, a model does.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0e\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e0fff]"
)
_COMBINING = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff"
_MARKS_IN_A_ROW = re.compile(f"([{_COMBINING}]{{3}})[{_COMBINING}]+")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff]")

_MAX_FURNITURE_CHARACTERS = 200

# Whole lines only, so that a sentence which mentions a newsletter stays.
_FURNITURE_LINES = (
    r"leave a (reply|comment)( cancel reply)?|cancel reply|post comment|(add|write) a comment",
    r"(\d+ )?comments?( \(\d+\))?|be the first to comment.{0,40}",
    r"your e?-?mail address will not be published.*|required fields are marked.*",
    r"(comment|name|e-?mail|website) ?\*|save my name,.*browser.*",
    r"share|tweet|email|print|copy link|share:.{0,60}|(share (this|on|via|with)|click to share)\b.{0,60}",
    r"follow us (on|at)\b.{0,80}",
    r"(sign up|subscribe) (for|to)\b.{0,40}(newsletters?|alerts?|updates?|briefing|mailing list)\b.{0,120}",
    r"(get|receive)\b.{0,60}(newsletter|in your inbox).{0,80}|enter your e-?mail.{0,60}|subscribe( now)?",
    r"(read|see) (more|also|next)\b[: ].{0,150}|read more|more on this story|you (may|might) also like.{0,40}",
    r"related (articles|stories|posts|topics):?",
    r"advertisement|story continues below( advertisement)?|sponsored( content)?",
    r"(we|this (site|website|page)) uses? cookies.*|accept (all )?cookies|cookie (settings|policy)",
)
_FURNITURE = re.compile(rf"[\W_]*(?:{'|'.join(_FURNITURE_LINES)})[\W_]*", re.IGNORECASE)


def clean_line(text: str) -> str:
    """A title, name or address on one line, without invisible and control characters."""
    return " ".join(_visible_characters(text).split())


def clean_text(text: str, title: str = "") -> str:
    """An article's text: visible characters only, paragraphs kept (a blank line between them), headline once
    (as the title, so not in the text), and no comment form, share bar, newsletter or cookie line."""
    text = _visible_characters(text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = [" ".join(line.split()) for line in text.split("\n")]
    headline = _key(title)
    kept: list[str] = []
    body_begun = False
    for line in lines:
        if not body_begun and line and headline and _key(line) == headline:
            continue
        if len(line) <= _MAX_FURNITURE_CHARACTERS and _FURNITURE.fullmatch(line):
            continue
        body_begun = body_begun or bool(line)
        kept.append(line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _key(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().casefold()


def _visible_characters(text: str) -> str:
    text = _ESCAPE_SEQUENCE.sub("", text)
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    return _CONTROL.sub(" ", _MARKS_IN_A_ROW.sub(r"\1", text))
