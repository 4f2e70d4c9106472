"""A stand-in for the embedding model that computes from the text: hashed word counts, one piece a word."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding

from index.embed import Embedder
from index.passages import Span

DIMENSION = 64


class FakeEmbedder(Embedder):
    """Texts that share words lie near each other. `embedded` keeps every text that was embedded, in order."""

    embedded: list[str]

    def __init__(self) -> None:
        BaseEmbedding.__init__(
            self, model_name="fake", embed_batch_size=8, max_pieces=256, dimension=DIMENSION, embedded=[]
        )

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        self.embedded.extend(texts)
        return np.stack([_vector(text) for text in texts]) if texts else np.zeros((0, DIMENSION), np.float32)

    def count_pieces(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def cut(self, text: str, pieces: int) -> list[Span]:
        words = list(re.finditer(r"\S+", text))
        groups = [words[i : i + pieces] for i in range(0, len(words), pieces)]
        return [(group[0].start(), group[-1].end()) for group in groups]


def _vector(text: str) -> np.ndarray:
    vector = np.full(DIMENSION, 1e-3, np.float32)
    for word in re.findall(r"\w+", text.casefold()):
        vector[hashlib.blake2b(word.encode(), digest_size=2).digest()[0] % DIMENSION] += 1
    unit: np.ndarray = vector / np.linalg.norm(vector)
    return unit
