"""PDF files: pages become paragraphs again, and each page's beginning is kept for the citations."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from index.dates import iso_date, visible_date
from index.errors import UnreadableInput
from index.read.source import Source
from index.types import Article

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

MAX_PAGES = 5000
SAME_LINE_SHARE = 0.5
"""Of the smaller height of two pieces, how far they overlap when they stand on one line."""
PARAGRAPH_GAP = 1.6
"""Of the usual distance between lines, from which on a new paragraph begins."""
HEADING_SIZE = 1.15
MIN_HEIGHT = 1.2
"""Of a text, in points: letters of two points can't be read."""
EDGE_LINES = 2
"""Lines at the top and at the bottom of a page that may be a running head or foot."""
MIN_RUNNING_SHARE = 0.5

_PAGE_NUMBER = re.compile(
    r"(?:page |p\. ?|seite )?[-–—\[( ]*\d{1,4}[-–—\]) ]*(?:(?:of|/|von) ?\d{1,4})?", re.IGNORECASE
)
_FILE_NAME = re.compile(r"^(microsoft|powerpoint|untitled|document ?\d*$|slide)|\.(docx?|pdf|indd|qxd|tex|dvi)$", re.I)
_ENDED = re.compile(r"[.!?:;…”\"’')\]]$")
_BULLET = re.compile(r"^([•●▪–—*-]|\(?\d{1,2}[.)])\s")
_BROKEN_WORD = re.compile(r"[^\W\d]-$|\u00ad$|\ufffe$|\u0002$")


@dataclass
class _Line:
    text: str
    left: float
    bottom: float
    right: float
    top: float

    @property
    def height(self) -> float:
        return max(self.top - self.bottom, 0.1)


def read_pdf(source: Source) -> Iterator[Article]:
    """The one article of a PDF; a form feed begins each page. Raises UnreadableInput for one without text."""
    import pypdfium2 as pdfium

    source.check_size()
    try:
        document = pdfium.PdfDocument(source.path)
    except pdfium.PdfiumError as error:
        locked = "password" in str(error).lower() or "security" in str(error).lower()
        raise UnreadableInput("it is locked with a password" if locked else "it is damaged or no PDF") from error
    try:
        if len(document) > MAX_PAGES:
            raise UnreadableInput(f"it has {len(document):,} pages, more than the {MAX_PAGES:,} an article may have")
        pages = [_lines(document, number) for number in range(len(document))]
        about = document.get_metadata_dict(skip_empty=True)
    finally:
        document.close()
    if not any(pages):
        raise UnreadableInput("there is no text in it: scanned pages? (text recognition is not built in)")
    first = [line.text for line in pages[0][:12]]
    title = _title(about.get("Title", ""), pages[0], source)
    created, modified = _pdf_date(about.get("CreationDate", "")), _pdf_date(about.get("ModDate", ""))
    published = visible_date(first) or created
    yield Article(
        id=source.article_id,
        title=title,
        text=_text(_without_running_lines(pages)),
        published=published,
        updated=modified if modified and published and modified[:10] > published[:10] else None,
        authors=tuple(name.strip() for name in re.split(r"[;,]", about.get("Author", "")) if name.strip()),
        origin=source.origin,
    )


def _lines(document: PdfDocument, number: int) -> list[_Line]:
    """The visible lines of a page in reading order. A page that can't be loaded has none."""
    import pypdfium2 as pdfium

    try:
        page = document[number]
    except pdfium.PdfiumError:
        return []
    try:
        _drop_invisible(page)
        textpage = page.get_textpage()
        lines: list[_Line] = []
        for place in range(textpage.count_rects()):
            left, bottom, right, top = textpage.get_rect(place)
            text = " ".join(textpage.get_text_bounded(left, bottom, right, top).split())
            if text:
                _add(lines, _Line(text, left, bottom, right, top))
        textpage.close()
        return lines
    finally:
        page.close()


def _add(lines: list[_Line], piece: _Line) -> None:
    """Put a piece to the line that it goes on with, or begin a new one."""
    if lines:
        last = lines[-1]
        shared = min(last.top, piece.top) - max(last.bottom, piece.bottom)
        near = piece.left - last.right < 3 * max(last.height, piece.height)
        if shared > SAME_LINE_SHARE * min(last.height, piece.height) and near and piece.left >= last.left - 1:
            if piece.text == last.text and piece.left < last.right:  # bold made by printing twice
                return
            space = " " if piece.left - last.right > 0.12 * last.height else ""
            lines[-1] = _Line(
                last.text + space + piece.text,
                last.left,
                min(last.bottom, piece.bottom),
                max(last.right, piece.right),
                max(last.top, piece.top),
            )
            return
    lines.append(piece)


def _drop_invisible(page: PdfPage) -> None:
    """Take out text that nobody sees: white on the bare page, of no size, or unpainted beside painted text.

    A scanned page whose text was recognised has nothing but unpainted text, which is the article.
    """
    import pypdfium2.raw as raw

    texts = list(page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=1))
    unpainted = [each for each in texts if raw.FPDFTextObj_GetTextRenderMode(each) == raw.FPDF_TEXTRENDERMODE_INVISIBLE]
    hidden = list(unpainted) if len(unpainted) < len(texts) else []
    behind: list[tuple[float, float, float, float]] | None = None
    for each in texts:
        left, bottom, right, top = each.get_bounds()
        if top - bottom < MIN_HEIGHT:
            hidden.append(each)
        elif _is_white(each):
            if behind is None:
                kinds = [raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING, raw.FPDF_PAGEOBJ_FORM]
                behind = [
                    other.get_bounds()
                    for other in page.get_objects(filter=kinds, max_depth=1)
                    if other.type != raw.FPDF_PAGEOBJ_PATH or not _is_white(other)
                ]
            x, y = (left + right) / 2, (bottom + top) / 2
            if not any(box[0] <= x <= box[2] and box[1] <= y <= box[3] for box in behind):
                hidden.append(each)
    for each in {id(each): each for each in hidden}.values():
        page.remove_obj(each)


def _is_white(item: object) -> bool:
    import ctypes

    import pypdfium2.raw as raw

    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not raw.FPDFPageObj_GetFillColor(item, red, green, blue, alpha):
        return False
    return alpha.value == 0 or min(red.value, green.value, blue.value) >= 250


def _without_running_lines(pages: Sequence[list[_Line]]) -> list[list[_Line]]:
    """The pages without page numbers and without lines at their edges that most of them share but for numbers."""

    def key(line: _Line) -> str:
        return re.sub(r"\d+", "#", line.text.casefold())

    edges = Counter(
        each for page in pages for each in {key(line) for line in [*page[:EDGE_LINES], *page[-EDGE_LINES:]]}
    )
    written = sum(bool(page) for page in pages)
    running = {each for each, count in edges.items() if count >= 3 and count >= MIN_RUNNING_SHARE * written}
    kept = []
    for page in pages:
        last = len(page) - EDGE_LINES
        kept.append(
            [
                line
                for place, line in enumerate(page)
                if not (
                    (place < EDGE_LINES or place >= last)
                    and (key(line) in running or (written > 1 and _PAGE_NUMBER.fullmatch(line.text)))
                )
            ]
        )
    return kept


def _text(pages: Sequence[list[_Line]]) -> str:
    """Paragraphs with a blank line between them, a form feed before the first character of each page."""
    parts: list[str] = []
    for page in pages:
        gaps = [above.bottom - below.bottom for above, below in itertools.pairwise(page)]
        usual = median([gap for gap in gaps if gap > 0] or [0.0])
        width = max((line.right - line.left for line in page), default=0.0)
        begun = False
        for place, line in enumerate(page):
            above = page[place - 1] if place else None
            mark = "" if begun else "\f"
            begun = True
            if not parts:
                parts.append(mark + line.text)
            elif _goes_on(parts[-1], line, above, usual, width):
                if _BROKEN_WORD.search(parts[-1]) and line.text[:1].islower():
                    parts[-1] = parts[-1][:-1] + mark + line.text
                else:
                    parts[-1] += " " + mark + line.text
            else:
                parts.append(mark + line.text)
        if not begun:
            parts.append("\f")
    return "\n\n".join(parts)


def _goes_on(before: str, line: _Line, above: _Line | None, usual: float, width: float) -> bool:
    """Whether a line belongs to the paragraph before it."""
    if _BULLET.match(line.text):
        return False
    if above is None:  # the first line of a page
        return not _ENDED.search(before) and not line.text[:1].isupper()
    if max(line.height, above.height) > HEADING_SIZE * min(line.height, above.height) and not line.text[:1].islower():
        return False
    gap = above.bottom - line.bottom
    if gap > PARAGRAPH_GAP * usual > 0:
        return False
    if gap < 0:  # the next column
        return not _ENDED.search(before)
    short = above.right - above.left < 0.75 * width
    indented = line.left - above.left > 0.8 * line.height and _ENDED.search(before)
    return not indented and not (short and (_ENDED.search(before) or line.text[:1].isupper()))


def _title(given: str, page: list[_Line], source: Source) -> str:
    given = given.strip()
    if given and not _FILE_NAME.search(given):
        return given
    if not page:
        return source.title_from_name
    largest = max(line.height for line in page[:20])
    lines = [line for line in page[:20] if line.height > 0.95 * largest]
    usual = median(line.height for line in page)
    if largest > HEADING_SIZE * usual and len(lines) <= 4:
        return " ".join(line.text for line in lines)[:300]
    return page[0].text if len(page[0].text) <= 200 else source.title_from_name


def _pdf_date(value: str) -> str | None:
    """`D:20230404172000+02'00'` as the day it names."""
    found = re.match(r"D?:?(\d{4})(\d{2})(\d{2})", value)
    return iso_date("-".join(found.groups())) if found else None
