"""Dropout drops the share that it is told, everywhere alike, and only while the network trains."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from bot.reader.dropout import ByteDropout, set_dropout
from bot.reader.model import ReaderOutput, from_encoder

ROWS, WIDTH = 1_001, 67  # no multiple of the eight bytes that are drawn together


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_the_share_is_dropped_the_rest_scaled_up_and_gradients_follow(kind: torch.dtype) -> None:
    torch.manual_seed(1)
    given = torch.ones(ROWS, WIDTH, dtype=kind, requires_grad=True)
    kept = ByteDropout(0.25).train()(given)
    kept.sum().backward()
    flat = (kept == 0).flatten().float()
    assert flat.mean().item() == pytest.approx(0.25, abs=0.01)
    assert all(flat[place::8].mean().item() == pytest.approx(0.25, abs=0.03) for place in range(8))
    assert kept.max().item() == pytest.approx(4 / 3, rel=0.01)
    assert kept.dtype == kind
    assert given.grad is not None
    assert torch.equal(given.grad, kept)


@pytest.mark.parametrize("dropout", [ByteDropout(0.25).eval(), ByteDropout(0.0).train(), ByteDropout(0.001).train()])
def test_nothing_is_dropped_in_use_or_where_the_share_is_none(dropout: ByteDropout) -> None:
    given = torch.ones(ROWS, WIDTH)
    assert torch.equal(dropout(given), given)


@pytest.mark.model
def test_a_network_drops_while_it_trains_the_same_again_from_the_same_seed(encoder: Path) -> None:
    network = from_encoder(encoder, seed=1)
    ids = torch.from_numpy(np.arange(1_000, 1_032)[None, :])
    ones = torch.ones_like(ids)

    def start(seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        output: ReaderOutput = network(ids, ones, ones)
        return output.start.detach()

    whole = start(1)
    assert torch.equal(network.train()(ids, ones, ones).start, whole)
    set_dropout(network, 0.1)
    assert not torch.equal(start(1), whole)
    assert not torch.equal(start(1), start(2))
    assert torch.equal(start(1), start(1))
    network.eval()
    assert torch.equal(start(1), whole)
