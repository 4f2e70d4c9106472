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
_FURNITURE = re.compile(
    r"""(?ix) ^[\W_]* (?:
        leave \s a \s (?:reply|comment) (?:\s cancel \s reply)? | cancel \s reply | post \s comment | (?:add|write) \s a \s comment
      | (?:\d+ \s)? comments? (?:\s \(\d+\))? | be \s the \s first \s to \s comment .{0,40}
      | your \s e?-?mail \s address \s will \s not \s be \s published .* | required \s fields \s are \s marked .*
      | (?:comment|name|e-?mail|website) \s? \* | save \s my \s name, .* browser .*
      | share \s (?:this|on|via|with) \b .{0,60} | share | tweet | email | print | copy \s link | click \s to \s share .{0,60}
      | share: .{0,60} | follow \s us \s (?:on|at) \b .{0,80}
      | (?:sign \s up|subscribe) \s (?:for|to) \b .{0,40} (?:newsletters?|alerts?|updates?|briefing|mailing \s list) \b .{0,120}
      | (?:get|receive) \b .{0,60} (?:newsletter|in \s your \s inbox) .{0,80} | enter \s your \s e-?mail .{0,60} | subscribe (?:\s now)?
      | (?:read|see) \s (?:more|also|next) \b [:\s] .{0,150} | read \s more | related \s (?:articles|stories|posts|topics) :? | more \s on \s this \s story
      | you \s (?:may|might) \s also \s like .{0,40} | advertisement | story \s continues \s below (?:\s advertisement)? | sponsored (?:\s content)?
      | (?:we|this \s (?:site|website|page)) \s uses? \s cookies .* | accept \s (?:all \s)? cookies | cookie \s (?:settings|policy)
    ) [\W_]* $"""
)


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
        if len(line) <= _MAX_FURNITURE_CHARACTERS and _FURNITURE.match(line):
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
