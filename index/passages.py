"""Splitting: an article's text into sentences, and sentences into passages that the embedding model reads whole."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from llama_index.core.schema import MetadataMode, NodeRelationship, RelatedNodeInfo, TextNode

from index.errors import UsageError
from index.types import Article

if TYPE_CHECKING:
    from nltk.tokenize.punkt import PunktTokenizer

Span = tuple[int, int]
"""Start and end, in characters of the article's text."""

MAX_HEADER_PIECES = 48
SPECIAL_PIECES = 2
"""[CLS] and [SEP]."""
MAX_SENTENCE_CHARACTERS = 2000
"""One word of 50,000 letters is a single unknown word piece; it must still be cut to something a page can show."""


class PieceCounter(Protocol):
    """The part of an embedder that splitting needs: lengths in the model's own word pieces."""

    max_pieces: int

    def count_pieces(self, texts: Sequence[str]) -> list[int]: ...

    def cut(self, text: str, pieces: int) -> list[Span]: ...


@dataclass(frozen=True)
class Splitter:
    """Splits articles into passages of whole sentences.

    `passage_pieces` bounds a passage's word pieces (header and special pieces come on top and always fit the
    model); `overlap_pieces` bounds what the next passage repeats of the last one's closing sentences.
    """

    counter: PieceCounter
    language: str = "english"
    passage_pieces: int = 200
    overlap_pieces: int = 40

    @property
    def budget(self) -> int:
        """Word pieces that a passage's own text may have, at most."""
        return min(self.passage_pieces, self.counter.max_pieces - MAX_HEADER_PIECES - SPECIAL_PIECES)

    def split(self, article: Article, rev: int) -> list[TextNode]:
        """The article's passages in order, without embeddings; every character that is not white space is in one.

        `rev` is the article's revision in the catalogue; `node.metadata["sentences"]` holds the sentences' spans
        in the article, as one flat list.
        """
        header = self._header(article)
        groups = self._groups(self._sentences(article.text))
        return [_node(article, rev, number, group, header) for number, group in enumerate(groups)]

    def _sentences(self, text: str) -> Iterator[tuple[Span, int]]:
        """The sentences and their lengths in word pieces, those that alone are too long cut."""
        spans = sentence_spans(text, self.language)
        lengths = self.counter.count_pieces([text[start:end] for start, end in spans])
        for (start, end), length in zip(spans, lengths, strict=True):
            if length <= self.budget and end - start <= MAX_SENTENCE_CHARACTERS:
                yield (start, end), length
                continue
            for cut_start, cut_end in self.counter.cut(text[start:end], self.budget):
                for part in range(start + cut_start, start + cut_end, MAX_SENTENCE_CHARACTERS):
                    yield (part, min(part + MAX_SENTENCE_CHARACTERS, start + cut_end)), min(length, self.budget)

    def _groups(self, sentences: Iterator[tuple[Span, int]]) -> Iterator[list[Span]]:
        group: list[tuple[Span, int]] = []
        for sentence, length in sentences:
            if group and sum(size for _, size in group) + length > self.budget:
                yield [span for span, _ in group]
                group = self._overlap(group, self.budget - length)
            group.append((sentence, length))
        if group:
            yield [span for span, _ in group]

    def _overlap(self, group: list[tuple[Span, int]], room: int) -> list[tuple[Span, int]]:
        """The closing sentences of a passage that the next one repeats: two at most, and never all of it."""
        kept: list[tuple[Span, int]] = []
        for sentence, length in reversed(group[1:][-2:]):
            if sum(size for _, size in kept) + length > min(self.overlap_pieces, room):
                break
            kept.insert(0, (sentence, length))
        return kept

    def _header(self, article: Article) -> dict[str, str]:
        """Title, source and date as they go before the text; a title that is too long is cut to fit."""
        day = (article.published or "")[:10]
        header = {"title": article.title, "source": article.source[:60], "date": day}
        header = {key: value for key, value in header.items() if value}
        excess = self.counter.count_pieces([" · ".join(header.values())])[0] - MAX_HEADER_PIECES
        if excess > 0:
            title_pieces = self.counter.count_pieces([header["title"]])[0]
            start, end = self.counter.cut(header["title"], max(1, title_pieces - excess))[0]
            header["title"] = header["title"][start:end]
        return header


def _node(article: Article, rev: int, number: int, sentences: Sequence[Span], header: dict[str, str]) -> TextNode:
    start, end = sentences[0][0], sentences[-1][1]
    metadata: dict[str, Any] = {
        **header,
        "article_id": article.id,
        "rev": rev,
        "url": article.url,
        "language": article.language,
        "sentences": [offset for span in sentences for offset in span],
    }
    hidden = [key for key in metadata if key not in ("title", "source", "date")]
    return TextNode(
        id_=f"{article.id}#{number:05d}",
        text=article.text[start:end],
        start_char_idx=start,
        end_char_idx=end,
        metadata=metadata,
        excluded_embed_metadata_keys=hidden,
        excluded_llm_metadata_keys=hidden,
        metadata_template="{value}",
        metadata_separator=" · ",
        text_template="{metadata_str}\n{content}",
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=article.id)},
    )


def searched_text(node: TextNode) -> str:
    """What is embedded and searched: `title · source · date`, a line break, the passage."""
    return node.get_content(metadata_mode=MetadataMode.EMBED)


def text_hash(text: str) -> str:
    """Key under which a text's embedding is kept: equal texts are never embedded twice."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def sentences_of(node: TextNode) -> list[Span]:
    """The spans of the passage's sentences, in the article's text."""
    offsets: list[int] = node.metadata["sentences"]
    return list(zip(offsets[::2], offsets[1::2], strict=True))


_LINE = re.compile(r"[^\n]*\S[^\n]*")


def sentence_spans(text: str, language: str = "english") -> list[Span]:
    """The sentences of a text in order, as spans without surrounding white space; no sentence crosses a line break.

    Punkt (Kiss & Strunk 2006), from the model files that llama-index-core carries. Raises UsageError for a
    language that it has no model of.
    """
    tokenize = _punkt(language)
    return [
        (line.start() + start, line.start() + end)
        for line in _LINE.finditer(text)
        for start, end in tokenize(line.group())
    ]


@lru_cache(maxsize=4)
def _punkt(language: str) -> Callable[[str], Iterator[Span]]:
    import llama_index.core
    import nltk
    from nltk.tokenize.punkt import PunktTokenizer

    data = Path(next(iter(llama_index.core.__path__)), "_static", "nltk_cache")
    if str(data) not in nltk.data.path:
        nltk.data.path.insert(0, str(data))
    try:
        tokenizer: PunktTokenizer = PunktTokenizer(language)
    except LookupError as error:
        known = sorted(path.name for path in (data / "tokenizers" / "punkt_tab").iterdir() if path.is_dir())
        raise UsageError(
            f"FOOTNOTE_LANGUAGE={language} has no sentence splitter; choose one of: {', '.join(known)}"
        ) from error

    def spans(line: str) -> Iterator[Span]:
        for start, end in tokenizer.span_tokenize(line):
            stripped = line[start:end].strip()
            if stripped:
                begin = line.index(stripped, start)
                yield begin, begin + len(stripped)

    return spans
