"""Dropout for training on a CPU, where drawing its mask must not take as long as the products do."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import Dropout

from bot.reader.model import ReaderNetwork


class ByteDropout(Dropout):
    """Dropout that draws a byte for each activation, so its share is rounded to a multiple of 1/256.

    torch 2.13 draws a number for each on a CPU, which took almost half of a
    training step in bfloat16, attention weights included.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Zeroes a share of `input`, of any shape, and scales up the rest, while training."""
        dropped = round(256 * self.p)
        if not self.training or not dropped:
            return input
        numbers = torch.empty(-(-input.numel() // 8), dtype=torch.int64).random_(-(2**63), None)
        kept = numbers.view(torch.uint8)[: input.numel()].view(input.shape) >= dropped
        return input * kept.to(input.dtype).mul_(256 / (256 - dropped))


def set_dropout(network: ReaderNetwork, share: float) -> None:
    """Lets a share of the encoder's activations drop in training: of its input and of what each layer's two parts
    add. Attention weights keep none: there are several times as many."""
    dropping = [name for name, module in network.named_modules() if isinstance(module, Dropout)]
    for name in dropping:
        if not name.endswith("attention.self.dropout"):
            network.set_submodule(name, ByteDropout(share))
