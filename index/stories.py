"""Stories: an article and its copies (syndicated, republished, a later edition) are one story, not several sources.

Copies share long runs of words, two reports on one event share only quotes. Candidates come from MinHash signatures
(Broder 1997) in bands, as in locality-sensitive hashing; the shared runs are then counted exactly.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from index.types import Article

SHINGLE_WORDS = 5
BAND_ROWS = 3
BANDS = 42
"""With 42 bands of 3, two articles that share 45 % of their shingles meet with probability .98, 15 % with .13."""

MIN_CONTAINMENT = 0.6
"""Of the shorter article's shingles, those that the other has too. Between outlets, more than this is copying."""
MIN_CONTAINMENT_SAME_OUTLET = 0.8
"""An outlet repeats its own background paragraphs in each new report on a subject."""
MIN_RESEMBLANCE = 0.3
"""Shared shingles among all of both: a brief that a long report swallowed is a report of its own."""
SURE_CONTAINMENT = 0.95
MAX_DAYS_APART = 45
"""Further apart, two dated articles are one story only if they are all but equal: "Groundhog Day" 2019 and 2020 share
seven tenths of their words."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Sketch:
    """What an article is compared by: its shingles (sorted distinct 32-bit hashes of runs of five words)."""

    shingles: np.ndarray

    @classmethod
    def of(cls, text: str) -> Sketch:
        words = _WORD.findall(text.casefold())
        runs = range(max(1, len(words) - SHINGLE_WORDS + 1))
        hashes = {zlib.crc32(" ".join(words[i : i + SHINGLE_WORDS]).encode()) for i in runs}
        return cls(np.sort(np.fromiter(hashes, dtype=np.uint32, count=len(hashes))))

    @cached_property
    def keys(self) -> tuple[int, ...]:
        """One signed 64-bit key a band; copies share at least one."""
        from datasketch import MinHash

        minhash = MinHash(num_perm=BANDS * BAND_ROWS, hashfunc=int)
        minhash.update_batch(self.shingles.tolist())
        signature = minhash.hashvalues.astype("<u8")
        return tuple(
            int.from_bytes(
                hashlib.blake2b(bytes([band]) + rows.tobytes(), digest_size=8).digest(), "little", signed=True
            )
            for band, rows in enumerate(signature.reshape(BANDS, BAND_ROWS))
        )

    def containment(self, other: Sketch) -> float:
        """The share of this one's shingles that the other has too."""
        return self._shared(other) / len(self.shingles)

    def resemblance(self, other: Sketch) -> float:
        """The Jaccard index of both."""
        shared = self._shared(other)
        return shared / (len(self.shingles) + len(other.shingles) - shared)

    def _shared(self, other: Sketch) -> int:
        return len(np.intersect1d(self.shingles, other.shingles, assume_unique=True))


def same_story(one: Article, sketch: Sketch, other: Article, other_sketch: Sketch) -> bool:
    """Whether two articles are copies of one another."""
    containment = max(sketch.containment(other_sketch), other_sketch.containment(sketch))
    same_outlet = bool(one.source) and one.source.casefold() == other.source.casefold()
    if containment < (MIN_CONTAINMENT_SAME_OUTLET if same_outlet else MIN_CONTAINMENT):
        return False
    if sketch.resemblance(other_sketch) < MIN_RESEMBLANCE:
        return False
    return containment >= SURE_CONTAINMENT or _days_apart(one, other) <= MAX_DAYS_APART


def _days_apart(one: Article, other: Article) -> int:
    if not one.published or not other.published:
        return 0
    return abs((date.fromisoformat(one.published[:10]) - date.fromisoformat(other.published[:10])).days)
