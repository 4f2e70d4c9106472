"""Makes the file that the bot runs: `python -m bot.reader.export DIR` turns DIR/reader.safetensors into 8 bits.

Needs onnx (in the `dev` extra). Weights and activations of most matrix products are 8-bit integers, the scale of the
activations found as they come (dynamic quantisation), so no calibration data is needed.
"""

from __future__ import annotations

import argparse
import tempfile
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from bot.reader.folder import SERVED, describe, description
from bot.reader.model import ReaderNetwork, load_network

OPERATIONS = 17  # the ONNX operator set: the newest that the tracing exporter writes with layer normalisation whole


class _Plain(nn.Module):
    """The network with a tuple for output, as the exporter wants it."""

    def __init__(self, network: ReaderNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, ids: Tensor, mask: Tensor, segments: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        output = self.network(ids, mask, segments)
        return output.start, output.end, output.relevance, output.answerable


def export(folder: Path) -> Path:
    """Writes the folder's 8-bit network and brings its description up to date; the file's path."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    network = load_network(folder)
    network.encoder.config._attn_implementation = "eager"  # plain matrix products are what can be quantised
    with tempfile.TemporaryDirectory() as scratch:
        traced = Path(scratch, "reader.onnx")
        trace(network, traced)
        quantize_dynamic(
            traced,
            folder / SERVED,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,  # 7 bits: without VNNI instructions the processor's 16-bit sums could overflow
            nodes_to_exclude=sensitive(traced),
        )
    known = description(folder)
    describe(folder, known["encoder"], known["notes"])
    return folder / SERVED


def sensitive(traced: Path) -> list[str]:
    """The names of the products that stay in float32: those after each layer's activation, whose values are so uneven
    that 8 bits for all of them cost a point of F1 (a tenth of that without them, at the same speed)."""
    import onnx

    nodes = onnx.load(traced, load_external_data=False).graph.node
    return [
        n.name for n in nodes if n.op_type == "MatMul" and "/output/dense/" in n.name and "/attention/" not in n.name
    ]


def trace(network: ReaderNetwork, path: Path) -> None:
    """Writes the float32 graph, whose two dimensions are free."""
    ids = torch.ones((2, 16), dtype=torch.long)
    axes: dict[str, Any] = {name: {0: "pairs", 1: "pieces"} for name in ("ids", "mask", "segments", "start", "end")}
    axes |= {name: {0: "pairs"} for name in ("relevance", "answerable")}
    with warnings.catch_warnings():
        # It is called the old exporter; the new one asks for two more packages.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _Plain(network).eval(),
            (ids, torch.ones_like(ids), torch.zeros_like(ids)),
            path,
            dynamo=False,
            input_names=["ids", "mask", "segments"],
            output_names=["start", "end", "relevance", "answerable"],
            dynamic_axes=axes,
            opset_version=OPERATIONS,
        )


def main(given: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bot.reader.export", description="Make the file that is served.")
    parser.add_argument("folder", type=Path, help="a trained reader's folder")
    folder = parser.parse_args(given).folder
    path = export(folder)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
