"""Averages the weights of two readers: `python -m bot.reader.average FIRST SECOND --share 0.6 --out DIR`.

Where one was trained on from the other, what lies between them is mostly better than either, and costs nothing when it
is used (Wortsman et al. 2022, "Model soups").
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from bot.reader.folder import TOKENIZER, WEIGHTS, checked, description
from bot.reader.model import encoder_description, load_network, save_reader


def average(first: Path, second: Path, share: float, out: Path) -> None:
    """Writes a reader's folder with `share` (0..1) of the second one's weights and the rest of the first one's.

    Training goes on from it where that of the second one had come to. Raises ModelUnavailable for a folder that is not
    whole.
    """
    network, other = load_network(first), load_network(second)
    with torch.no_grad():
        for own, added in zip(network.parameters(), other.parameters(), strict=True):
            own.lerp_(added, share)
    hashes = [description(each)["sha256"][WEIGHTS] for each in (first, second)]
    notes = {**description(second)["notes"], "averaged": {"share": share, "of": hashes}}
    save_reader(network, encoder_description(network), checked(first, TOKENIZER), out, **notes)


def main(given: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bot.reader.average", description="Average two readers.")
    parser.add_argument("first", type=Path, help="a reader's folder")
    parser.add_argument("second", type=Path, help="another one, which was trained on from the first")
    parser.add_argument("--share", type=float, default=0.5, help="of the second one (default: 0.5)")
    parser.add_argument("--out", type=Path, required=True, help="where the reader goes")
    args = parser.parse_args(given)
    if not 0.0 <= args.share <= 1.0:
        parser.error("--share is between 0 and 1")
    average(args.first, args.second, args.share, args.out)


if __name__ == "__main__":
    main()
