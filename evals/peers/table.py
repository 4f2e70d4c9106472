"""The table of peers. Another one is a module with a function `index`, and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

INSTALL = "pip install -c .constraints.txt -e '.[peers]'"


@dataclass(frozen=True)
class Peer:
    """One row: its name, what stands in the table, how it is set, and what must be installed for it.

    `ours` are the packages of this project that its results depend on, besides the modules in this folder.
    """

    name: str
    title: str
    setting: str
    packages: tuple[str, ...]
    ours: tuple[str, ...] = ("index",)
    module: str = ""

    @property
    def module_name(self) -> str:
        """The module that has its `index`."""
        return self.module or f"evals.peers.{self.name.replace('-', '_')}"


FOOTNOTE, FOOTNOTE_READ = "footnote", "footnote-read"

_ALL = (
    Peer(FOOTNOTE, "Footnote, search", "dense and BM25, fused; no reader", ("footnote",), ("index",)),
    Peer(FOOTNOTE_READ, "Footnote, read", "the same, put in order by its reader", ("footnote",), ("index", "bot")),
    Peer("llama-index", "llama-index starter", "defaults: dense, 1,024 tokens", ("llama-index-core",), ("index",)),
    Peer("bm25s", "BM25 (bm25s)", "its README: stemmed, whole articles", ("bm25s", "PyStemmer")),
    Peer("txtai", "txtai hybrid", "defaults: BM25 and dense, whole articles", ("txtai",)),
    Peer(
        "haystack",
        "Haystack hybrid",
        "defaults: 200 words, BM25 and dense, reciprocal ranks",
        ("haystack-ai", "sentence-transformers-haystack"),
    ),
    Peer(
        "llama-index-tuned",
        "llama-index, tuned",
        "dense, 256 tokens, title and date before each",
        ("llama-index-core",),
        ("index",),
    ),
    Peer("txtai-tuned", "txtai, tuned", "hybrid, 256 tokens, title and date before each", ("txtai",)),
)
PEERS: Mapping[str, Peer] = {peer.name: peer for peer in _ALL}
