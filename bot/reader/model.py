"""The reader's network, and its folder on disk: half-precision weights, a JSON description, the tokenizer.

An encoder (all-MiniLM-L6-v2: 6 layers, 384 wide) reads `[CLS] question [SEP] header [SEP] passage [SEP]`
once; two heads look at what it made of it: one at every piece (does the answer start, end here?), one at
[CLS] (is this the passage to read? does it hold an answer?).
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from bot.reader.folder import SERVED, TOKENIZER, WEIGHTS, checked, describe, description

# The encoder's own description; what is not named keeps BERT's default.
ENCODER_FIELDS = (
    "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
    "max_position_embeddings", "type_vocab_size", "layer_norm_eps", "hidden_act",
)  # fmt: skip


@dataclass(frozen=True)
class ReaderOutput:
    """Logits of one batch: `start`, `end` (pairs, pieces); `relevance`, `answerable` (pairs,)."""

    start: Tensor
    end: Tensor
    relevance: Tensor
    answerable: Tensor


class ReaderNetwork(nn.Module):
    """The encoder and its heads. The span logits of piece 0, [CLS], stand for "no answer here"."""

    def __init__(self, encoder: dict[str, Any]) -> None:
        super().__init__()
        # No dropout but what training asks for: see `bot.reader.dropout`.
        config = BertConfig(**encoder, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
        # SDPA, not eager: 13 pairs/s against 3 for a training step at 160 pieces (torch 2.13, float32, two
        # Zen 3 cores).
        config._attn_implementation = "sdpa"
        self.encoder = BertModel(config, add_pooling_layer=False)
        width = int(encoder["hidden_size"])
        self.span = nn.Linear(width, 2)
        self.pooler = nn.Linear(width, width)
        self.verdict = nn.Linear(width, 2)

    def forward(self, ids: Tensor, mask: Tensor, segments: Tensor) -> ReaderOutput:
        """Logits for `ids`, attention `mask` and `segments`, each (pairs, pieces), long."""
        hidden: Tensor = self.encoder(input_ids=ids, attention_mask=mask, token_type_ids=segments).last_hidden_state
        span = self.span(hidden)
        verdict = self.verdict(torch.tanh(self.pooler(hidden[:, 0])))
        return ReaderOutput(span[..., 0], span[..., 1], verdict[:, 0], verdict[:, 1])


def from_encoder(folder: Path, seed: int) -> ReaderNetwork:
    """A network with the sentence encoder's weights and fresh heads drawn from `seed`."""
    description = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    torch.manual_seed(seed)
    network = ReaderNetwork({name: description[name] for name in ENCODER_FIELDS})
    for head in (network.span, network.pooler, network.verdict):
        nn.init.normal_(head.weight, std=0.02)
        nn.init.zeros_(head.bias)
    weights = load_file(folder / "model.safetensors")
    wanted = network.encoder.state_dict()
    network.encoder.load_state_dict({name: weights[name.removeprefix("bert.")] for name in wanted})
    return network


def save_reader(network: ReaderNetwork, encoder: dict[str, Any], tokenizer: Path, folder: Path, **notes: Any) -> None:
    """Writes a folder that `load_network` opens: half-precision weights, tokenizer, description with `notes`."""
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f"{WEIGHTS}.partial"
    save_file({name: tensor.half().contiguous() for name, tensor in network.state_dict().items()}, partial)
    partial.replace(folder / WEIGHTS)
    (folder / SERVED).unlink(missing_ok=True)  # it was made of other weights
    if tokenizer.resolve() != (folder / TOKENIZER).resolve():
        shutil.copyfile(tokenizer, folder / TOKENIZER)
    describe(folder, encoder, notes)


def load_network(folder: Path) -> ReaderNetwork:
    """The network of a reader's folder in float32, ready to read. Raises ModelUnavailable."""
    network = ReaderNetwork(description(folder)["encoder"])
    tensors = load_file(checked(folder, WEIGHTS))
    network.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    return network.eval()


def encoder_description(network: ReaderNetwork) -> dict[str, Any]:
    """The encoder's fields that `ReaderNetwork` takes."""
    return {name: getattr(network.encoder.config, name) for name in ENCODER_FIELDS}
