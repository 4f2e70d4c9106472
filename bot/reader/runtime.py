"""What runs the reader's network: 8-bit weights in ONNX Runtime to serve, float32 in PyTorch to compare with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.reader.folder import SERVED, checked

Pieces = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Logits:
    """What the network says of a batch: `start`, `end` (pairs, pieces); `relevance`, `answerable` (pairs,)."""

    start: Floats
    end: Floats
    relevance: Floats
    answerable: Floats


Network = Callable[[Pieces, Pieces, Pieces], Logits]
"""Logits for (ids, attention mask, segments), each (pairs, pieces). May be called from several threads."""


def served_network(folder: Path) -> Network:
    """The folder's 8-bit network: the model card says what it gains and costs. Raises ModelUnavailable."""
    import onnxruntime
    import torch

    options = onnxruntime.SessionOptions()
    # As many threads as the embedder has: the two take turns, and OMP_NUM_THREADS bounds both.
    options.intra_op_num_threads = torch.get_num_threads()
    # Threads that spin while they wait would take the cores from the embedder and from other askers.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(checked(folder, SERVED), options, providers=["CPUExecutionProvider"])

    def run(ids: Pieces, mask: Pieces, segments: Pieces) -> Logits:
        return Logits(*session.run(None, {"ids": ids, "mask": mask, "segments": segments}))

    return run


def float_network(folder: Path) -> Network:
    """The folder's network in float32. Raises ModelUnavailable."""
    import torch

    from bot.reader.model import load_network

    network = load_network(folder)

    def run(ids: Pieces, mask: Pieces, segments: Pieces) -> Logits:
        with torch.inference_mode():
            output = network(torch.from_numpy(ids), torch.from_numpy(mask), torch.from_numpy(segments))
        return Logits(output.start.numpy(), output.end.numpy(), output.relevance.numpy(), output.answerable.numpy())

    return run
