"""Articles for tests, made of words that are drawn by a hash of what they are about: no two say the same by chance."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from index.types import Article

_WORDS = (
    "council river harbour minister winter budget teacher engine garden museum railway village doctor island market"
    " captain forest printer window summer bridge library farmer pilot sailor"
    " said built moved closed opened counted painted carried promised refused bought"
    " old new small quiet bright heavy early late public local under across after before around"
).split()


def report_on(subject: str, *, paragraphs: int, writer: str = "first", source: str = "Post") -> Article:
    """A report whose paragraphs have some forty words each, none of them shared with another writer's."""
    texts = []
    for number in range(paragraphs):
        words = []
        for place in range(40):
            digest = hashlib.blake2b(f"{subject}/{writer}/{number}/{place}".encode(), digest_size=4).digest()
            words.append(_WORDS[int.from_bytes(digest, "big") % len(_WORDS)])
        texts.append(f"On {subject} " + " ".join(words) + ".")
    return Article(f"{subject}/{writer}", f"Report on {subject}", "\n\n".join(texts), source, published="2023-05-02")


def write_bulk(path: Path, *articles: Article) -> Path:
    """A bulk file of these articles."""
    lines = [{"id": a.id, "title": a.title, "text": a.text, "source": a.source, "date": a.published} for a in articles]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return path
