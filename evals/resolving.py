"""Measures how follow-ups are understood: `python -m evals.resolving CANARD.jsonl… [--other QUESTIONS.jsonl…]`.

CANARD (Elgohary et al. 2019) gives questions inside dialogues and what a person would have asked out of the blue.
Counted are the questions found to lean on what went before, and the words added to them, against the person's: stems
of the dialogue that the rewrite has and the question has not (as Voskarides et al. 2020, QuReTeC). Then the dialogues
go on to something else, with the rewritten first question of another one and with questions of `--other` sets: nothing
may be carried over into those.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.resolve import Resolved, resolve
from bot.words import stems
from evals.intervals import Cases, interval, mean
from evals.load import load_questions
from evals.types import Metric

SEED = 20261125


@dataclass(frozen=True)
class Asked:
    """A question inside a dialogue, what went before, and a person's rewrite of it."""

    dialogue: str
    history: tuple[tuple[str, str], ...]
    question: str
    rewrite: str

    @property
    def lacking(self) -> set[str]:
        """The stems of what went before that the rewrite has and the question has not."""
        before = {stem for turn in self.history for part in turn for stem in stems(part)}
        return (set(stems(self.rewrite)) - set(stems(self.question))) & before


def load_canard(path: Path) -> list[Asked]:
    """The questions of a CANARD file; the title and heading that a dialogue starts from are its first turn."""
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    asked = []
    for line in text.decode("utf-8").splitlines():
        record = json.loads(line)
        said = record["History"]
        history = tuple(zip(said[::2], said[1::2], strict=False))
        asked.append(Asked(record["QuAC_dialog_id"], history, record["Question"], record["Rewrite"]))
    return asked


def measure(asked: Sequence[Asked]) -> dict[str, Metric]:
    """Precision and recall of telling the questions that lack something, and of the words added to them."""
    dialogues = [each.dialogue for each in asked]
    rows = []
    for each in asked:
        resolved = resolve(each.question, each.history).text
        added = set(stems(resolved)) - set(stems(each.question))
        rows.append(
            (
                resolved != each.question,
                bool(each.lacking),
                len(added & each.lacking),
                len(added),
                len(each.lacking),
            )
        )
    table = np.array(rows, dtype=float)
    leans, lacks, both = table[:, 0], table[:, 1], table[:, 0] * table[:, 1]

    def share(of: np.ndarray, among: np.ndarray) -> Metric | None:
        def value(cases: Cases) -> float | None:
            return float(of[cases].sum() / among[cases].sum()) if among[cases].sum() else None

        return interval(value, len(asked), dialogues)

    found = {
        "found to lean that do (precision)": share(both, leans),
        "leaning that are found (recall)": share(both, lacks),
        "standing alone that are left alone": share((1 - leans) * (1 - lacks), 1 - lacks),
        "words added that the rewrite has (precision)": share(table[:, 2], table[:, 3]),
        "words lacking that are added (recall)": share(table[:, 2], table[:, 4]),
    }
    return {label: metric for label, metric in found.items() if metric is not None}


def carried_over(asked: Sequence[Asked], others: Sequence[str], draw: random.Random) -> tuple[Metric, list[Resolved]]:
    """The share of questions on something else into which something of a dialogue is carried over, and these.

    Each question is asked after another one of the dialogues' turns, drawn at random.
    """
    after = draw.sample(asked, min(len(asked), len(others)))
    resolved = [resolve(question, each.history) for each, question in zip(after, others, strict=False)]
    wrong = [each.text != question for each, question in zip(resolved, others, strict=False)]
    share = mean([float(bad) for bad in wrong], [each.dialogue for each in after])
    return share, [each for each, bad in zip(resolved, wrong, strict=True) if bad]


def main(given: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m evals.resolving", description=__doc__)
    parser.add_argument("dialogues", type=Path, nargs="+", help="CANARD, a JSON object a line")
    parser.add_argument(
        "--other", type=Path, nargs="*", default=[], help="question sets that have nothing to do with it"
    )
    parser.add_argument("--show", type=int, default=0, help="print so many that went wrong, of each kind")
    args = parser.parse_args(given)
    asked = [each for path in args.dialogues for each in load_canard(path)]
    draw = random.Random(SEED)
    print(f"{len(asked)} questions of {len({each.dialogue for each in asked})} dialogues")
    for label, metric in measure(asked).items():
        print(f"  {label}: {_words(metric)}")
    for each in draw.sample(asked, min(args.show, len(asked))):
        print(f"    {each.history[-1]}\n    asked:      {each.question}")
        print(f"    understood: {resolve(each.question, each.history).text}\n    rewritten:  {each.rewrite}")
    sets = {"rewritten first questions of other dialogues": _openings(asked)}
    sets |= {str(path): _first_questions(path) for path in args.other}
    for name, others in sets.items():
        draw.shuffle(others)
        share, wrong = carried_over(asked, others, draw)
        print(f"carried over into {name}: {_words(share)}")
        for resolved in wrong[: args.show]:
            print(f"    {resolved.text}")
    return 0


def _words(metric: Metric) -> str:
    return f"{metric.value:.3f} [{metric.low:.3f}, {metric.high:.3f}] (n {metric.n})"


def _openings(asked: Sequence[Asked]) -> list[str]:
    """The rewrite of each dialogue's first question: its person knows nothing of other dialogues."""
    return list({each.dialogue: each.rewrite for each in asked if len(each.history) == 1}.values())


def _first_questions(path: Path) -> list[str]:
    return [each.question for each in load_questions(path).examples if not each.history]


if __name__ == "__main__":
    sys.exit(main())
