"""What web copies carry besides the article is taken off here, before a text is stored and offsets point into it."""

from __future__ import annotations

import itertools
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

_PAGE = "\ufdd0"
"""Stands for a form feed while a text is cleaned: a code point that no text may use."""
_MIN_REPEATED_CHARACTERS = 40
"""A line of this length that stands twice in an article is a caption or a pull quote; shorter ones are headings."""
_MAX_FURNITURE_CHARACTERS = 240

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
    r"follow (us|me|the|@)?.{0,40} on (twitter|x|facebook|instagram|youtube|linkedin|telegram|whatsapp)\b.{0,120}",
    r"(to|please) (view|read|see|continue|subscribe)\b.{0,40}(story|article|reading)\b.{0,60}subscri.{0,60}",
    r"(subscribe|sign up|register|log ?in) (now |here |today )?(to|for) (read|our|the|unlimited|full)\b.{0,120}",
    r"(if you.{0,60})?already (a subscriber|registered|a member).{0,120}",
    r"download (the|our)\b.{0,60}\bapps?\b.{0,80}",
    r"(listen|watch|available) (now )?on (apple|spotify|google|itunes).{0,80}",
    r"all rights reserved\b.{0,120}|(©|\(c\)|copyright) ?(©|\(c\))? ?\d{4}\b.{0,120}|.{0,60}all rights reserved\.?",
    r"(categor(y|ies)|tags?|filed under|topics?|kategorien?|schlagworte?|schlagwörter|etiquetas) ?: .{0,120}",
    # The advertising-feedback form that stands where an article's page lost its text.
    r"(\d\. )?how relevant is this ad to you\?|video player was slow to load content\b.{0,200}|ad feedback",
    # The same in German, French, Spanish, Portuguese, Italian, Dutch and Polish. A full stop ends no link.
    r"(?!.*\.$)(lesen sie|lies|mehr|auch|weitere?s?) (auch|zum thema|interessant|artikel|beiträge|themen)\b.{0,120}",
    r"zum weiterlesen.{0,20}|weiterlesen|mehr lesen|anzeige|werbung|teilen|drucken|artikel (teilen|drucken|versenden)",
    r"(kommentare?|kommentar (schreiben|hinterlassen|verfassen))( insgesamt)?( ?\(?(?<!\d)\d+\)?| ?:)*",
    r"(?!.*\.$)(newsletter (abonnieren|bestellen|anmelden)|jetzt (abonnieren|anmelden|registrieren))\b.{0,120}",
    r"(?!.*\.$)(à )?lire (aussi|également|la suite)\b.{0,150}|(à )?voir aussi\b.{0,150}",
    r"publicité|partager|laisser un commentaire",
    r"(?!.*\.$)(lea|lee|leer|vea|mire|ver|te puede interesar)( también| además| más)? ?: .{0,150}",
    r"(?!.*\.$)(lea|lee|leer|ver) (también|más)\b.{0,150}",
    r"(notas|noticias|artículos|contenidos?|temas) relacionad[oa]s?|publicidad|compartir|deja(r)? un comentario.{0,40}",
    r"(?!.*\.$)(leia|veja) (também|mais)\b.{0,150}|publicidade|compartilhar|leggi anche\b.{0,150}|condividi|pubblicità",
    r"lees (ook|meer|verder)\b.{0,150}|advertentie|delen|reklama",
    r"(?!.*\.$)(czytaj|zobacz|przeczytaj) (też|także|również|więcej)\b.{0,150}",
)
_FURNITURE = re.compile(rf"[\W_]*(?:{'|'.join(_FURNITURE_LINES)})[\W_]*", re.IGNORECASE)


def clean_line(text: str) -> str:
    """A title, name or address on one line, without invisible and control characters."""
    return " ".join(_visible_characters(text).split())


def clean_text(text: str, title: str = "") -> str:
    """An article's text: visible characters only, paragraphs kept (a blank line between them), headline once
    (as the title, so not in the text), captions once, and no comment form, share bar, newsletter or cookie line."""
    return clean_pages(text, title)[0]


def clean_pages(text: str, title: str = "") -> tuple[str, tuple[int, ...]]:
    """A cleaned text, and where in it each page begins: form feeds in what is given begin pages, none means no pages.

    The offsets rise; a page without text begins where the next one does.
    """
    paged = "\f" in text
    text = text.replace(_PAGE, "").replace("\f", _PAGE)
    text = _visible_characters(text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = [" ".join(line.split()) for line in text.split("\n")]
    headline = _key(title)
    kept: list[str] = []
    body_begun = False
    seen: set[str] = set()
    marks = ""
    for line in lines:
        if not body_begun and headline and line and _key(line) == headline:
            marks += _PAGE * line.count(_PAGE)
            continue
        repeated = len(line) >= _MIN_REPEATED_CHARACTERS and line.strip(_PAGE) in seen
        if repeated or (len(line) <= _MAX_FURNITURE_CHARACTERS and _FURNITURE.fullmatch(line)):
            marks += _PAGE * line.count(_PAGE)
            continue
        if not line.strip(_PAGE):  # a mark waits for the next words: blank lines are counted below
            marks += line
            kept.append("")
            continue
        body_begun = True
        seen.add(line.strip(_PAGE))
        kept.append(marks + line)
        marks = ""
    kept.append(marks)
    return _without_marks(re.sub(r"\n{3,}", "\n\n", "\n".join(kept)), paged)


def _without_marks(text: str, paged: bool) -> tuple[str, tuple[int, ...]]:
    parts = text.split(_PAGE)
    whole = "".join(parts)
    stripped = whole.strip()
    if not paged:
        return stripped, ()
    offset = len(whole) - len(whole.lstrip())
    starts = itertools.accumulate(len(part) for part in parts[:-1])
    pages = [min(max(0, start - offset), len(stripped)) for start in starts]
    return stripped, tuple(pages if pages[0] == 0 else [0, *pages])


def _key(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().casefold()


def _visible_characters(text: str) -> str:
    text = _ESCAPE_SEQUENCE.sub("", text)
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    return _CONTROL.sub(" ", _MARKS_IN_A_ROW.sub(r"\1", text))
