"""What of a page a person can see: everything else is dropped before any text is taken from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from index.read.colours import is_unseen

if TYPE_CHECKING:
    from lxml.html import HtmlElement

NEVER_SHOWN = frozenset(
    "script style noscript template head iframe object embed applet svg math canvas audio video map select datalist"
    " button input textarea".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form"
    " h1 h2 h3 h4 h5 h6 header hr html legend li main nav ol p pre section summary table tbody td tfoot th thead tr ul"
    .split()
)  # fmt: skip
_NOTHING = r"0*\.?0+(?:px|pt|em|rem|ex|ch|vw|vh|%)?"
_ALMOST_NOTHING = r"(?:0+(?:\.0\d*)?|\.0\d*)%?"
_TINY = r"(?:(?:[0-2](?:\.\d*)?|\.\d+)(?:px|pt)|0*(?:\.[0-2]\d*)?(?:em|rem|ex|ch|vw|vh)|\d(?:\.\d*)?%|0+(?:\.0\d*)?)"
"""Sizes of letters that nobody can read; the smallest that browsers offer to enforce are 6 to 10 px."""
_FAR_AWAY = (
    r"-\s*(?:(?:\d{4,}|[3-9]\d{2})(?:\.\d+)?(?:px|pt|em|rem|%|vw|vh)?|[1-9]\d{2}(?:\.\d+)?(?:vw|vh|%)"
    r"|\d{2,}(?:\.\d+)?(?:em|rem))"
)
_HIDING_DECLARATIONS = re.compile(
    r"display\s*:\s*none"
    r"|visibility\s*:\s*(?:hidden|collapse)"
    rf"|opacity\s*:\s*{_ALMOST_NOTHING}\s*(?:!important\s*)?(?:;|$)"
    rf"|(?:font-size|zoom)\s*:\s*{_TINY}\s*(?:!important\s*)?(?:;|$)"
    rf"|font\s*:\s*(?:[\w-]+\s+)*{_TINY}(?:\s*/|\s)"
    rf"|(?:left|right|top|bottom|text-indent|margin-left|margin-top)\s*:\s*{_FAR_AWAY}"
    rf"|(?:transform|translate)\s*:[^;]*?(?:translate(?:x|y|3d)?\(\s*|translate\s*:\s*)(?:[\w.]+\s*,\s*)?{_FAR_AWAY}"
    r"|clip\s*:\s*rect\(\s*(?:0|1)(?:px)?[\s,]+(?:0|1)(?:px)?"
    r"|clip-path\s*:\s*(?:inset\(\s*(?:50|100)%|circle\(\s*0|polygon\(\s*0\s*0\s*\))"
    r"|transform\s*:\s*scale\(\s*0\s*[,)]|filter\s*:\s*opacity\(\s*0*\.?0*%?\s*\)",
    re.IGNORECASE,
)
_NO_HEIGHT = re.compile(rf"(?:^|[;\s])(?:max-)?(?:height|width)\s*:\s*{_NOTHING}\s*(?:!important\s*)?(?:;|$)", re.I)
_OVERFLOW = re.compile(r"overflow\s*:\s*hidden", re.IGNORECASE)
_COLOUR = re.compile(r"(?:^|[;\s])color\s*:\s*([^;!]+)", re.IGNORECASE)
_BACKGROUND = re.compile(r"background(?:-color|-image)?\s*:\s*([^;!]+)", re.IGNORECASE)
_HIDING_RULE = re.compile(r"([^{}]{1,2000})\{([^{}]{1,4000})\}")
_SIMPLE_SELECTOR = re.compile(r"(?:[a-z][a-z0-9]*)?[.#]-?[_a-z][\w-]*", re.IGNORECASE)
MAX_STYLE_CHARACTERS = 200_000
MAX_SHARE_HIDDEN_BY_RULE = 0.3
"""An element with more of the page's text than this is not taken for hidden by a rule of a style sheet: pages hide
their article so until a script shows it (3 of 230 real pages)."""


def parse_html(text: str) -> HtmlElement | None:
    """The page's tree, or None where there is nothing that can be parsed. Nothing is fetched, no entity expanded."""
    from lxml import etree, html

    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        # as bytes: lxml refuses a str that declares another encoding
        tree = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        return None
    return tree if isinstance(tree, html.HtmlElement) else None


def drop_invisible(tree: HtmlElement) -> None:
    """Take out what no reader of the page saw, in place.

    Hidden by attribute, by inline style or by a plain class or id rule of the page's own style sheets: not displayed,
    no size, off the screen, clipped away, white on white. Scripts and metadata stay, since dates and titles are
    found there; they are no text.
    """
    hidden = _hidden_names(tree)
    most = MAX_SHARE_HIDDEN_BY_RULE * _characters(tree) if hidden else 0.0
    for element in list(tree.iter()):
        parent = element.getparent()
        if parent is None or not isinstance(element.tag, str) or element.tag in ("head", "body", "meta", "script"):
            continue
        if hides(element.tag, element.attrib) or (hidden and _names(element) & hidden and _characters(element) <= most):
            element.drop_tree()


def block_text(tree: HtmlElement) -> str:
    """The visible text of a tree, a blank line between its blocks; cells of a table row are joined by ` | `."""
    blocks: list[str] = []
    line: list[str] = []

    def flush() -> None:
        text = " ".join("".join(line).split()).strip(" |")
        if text:
            blocks.append(text)
        line.clear()

    for kind, value in _events(tree):
        if kind == "text":
            line.append(value)
        elif value in ("td", "th"):
            line.append(" | " if kind == "end" else "")
        else:
            flush()
    flush()
    return "\n\n".join(blocks)


def _events(tree: HtmlElement) -> Iterator[tuple[str, str]]:
    """Text and the ends of blocks in document order, without recursion: pages nest 100,000 deep."""
    from lxml import etree

    skipped: object = None
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else "script"
        if event == "start":
            if skipped is None and tag in NEVER_SHOWN:
                skipped = element
            if skipped is None:
                if tag in _BLOCKS or tag == "br":
                    yield "start", tag
                if element.text:
                    yield "text", element.text
            continue
        if skipped is None and tag in _BLOCKS:
            yield "end", tag
        if skipped is element:
            skipped = None
        if skipped is None and element.tail and element is not tree:
            yield "text", element.tail


def _characters(element: HtmlElement) -> int:
    """Length of the text below it, white space and scripts left out."""
    return sum(len(text.strip()) for text in element.xpath(".//text()[not(parent::script or parent::style)]"))


def hides(tag: str, attributes: Mapping[str, str]) -> bool:
    """Whether an element of this tag and these attributes shows nothing of what is in it."""
    if "hidden" in attributes and attributes["hidden"] != "until-found":
        return True
    if attributes.get("aria-hidden") == "true" and tag in ("span", "div", "p") and "style" in attributes:
        return True
    style = attributes.get("style")
    return bool(style and _hides(style, attributes.get("bgcolor", ""))) or (
        tag == "font" and is_unseen(attributes.get("color", ""), "")
    )


def _hides(style: str, background: str = "") -> bool:
    style = style[:2000]
    if _HIDING_DECLARATIONS.search(style):
        return True
    if _NO_HEIGHT.search(style) and _OVERFLOW.search(style):
        return True
    return _has_no_contrast(style, background)


def _has_no_contrast(style: str, background: str = "") -> bool:
    """Whether the style's colour can't be told from its ground."""
    colour, behind = _COLOUR.search(style), _BACKGROUND.search(style)
    return colour is not None and is_unseen(colour[1], behind[1] if behind else background)


def _is_on_white(tree: HtmlElement) -> bool:
    """Whether the page has no style sheet elsewhere, and names no ground but white."""
    if any("stylesheet" in (link.get("rel") or "").lower() for link in tree.iter("link")):
        return False
    if any(element.get("bgcolor") or element.get("background") for element in tree.iter("body", "table", "td", "tr")):
        return False
    sheets = [(element.text or "")[:MAX_STYLE_CHARACTERS] for element in tree.iter("style")]
    styles = [element.get("style")[:2000] for element in tree.iter() if element.get("style")]
    grounds = (found[1] for text in (*sheets, *styles) for found in _BACKGROUND.finditer(text))
    return all(is_unseen("white", re.split("[}]", ground)[0]) for ground in grounds)


def _hidden_names(tree: HtmlElement) -> frozenset[str]:
    """`.class` and `#id` (with or without their tag) that the page's own style sheets hide.

    Rules inside `@media` are left alone: print rules hide what the screen shows. White text counts as hidden where the
    rule itself sets the ground, or where nothing on the page sets any that is not white.
    """
    names: set[str] = set()
    on_white = _is_on_white(tree)
    for element in tree.iter("style"):
        sheet = re.sub(r"/\*.*?\*/", "", (element.text or "")[:MAX_STYLE_CHARACTERS], flags=re.DOTALL)
        for rule in _HIDING_RULE.finditer(_without_conditions(sheet)):
            ground = _BACKGROUND.search(rule[2])
            if _HIDING_DECLARATIONS.search(rule[2]) or ((ground or on_white) and _has_no_contrast(rule[2])):
                selectors = (each.strip() for each in rule[1].split(","))
                names.update(each.lower() for each in selectors if _SIMPLE_SELECTOR.fullmatch(each))
    return frozenset(names)


def _without_conditions(sheet: str) -> str:
    """The style sheet without its `@media` and other blocks that hold rules."""
    kept: list[str] = []
    depth, start, position = 0, 0, 0
    while (at := sheet.find("@", position)) != -1:
        opening = sheet.find("{", at)
        if opening == -1:
            break
        kept.append(sheet[start:at])
        depth, position = 1, opening + 1
        for brace in re.finditer(r"[{}]", sheet[position:]):
            depth += 1 if brace[0] == "{" else -1
            if depth == 0:
                position += brace.end()
                break
        else:
            return "".join(kept)
        start = position
    return "".join([*kept, sheet[start:]])


def _names(element: HtmlElement) -> set[str]:
    tag = element.tag.lower()
    marks = [f".{name}" for name in (element.get("class") or "").lower().split()]
    if element.get("id"):
        marks.append("#" + element.get("id").lower())
    return {*marks, *(tag + mark for mark in marks)}
