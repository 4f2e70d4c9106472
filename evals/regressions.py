"""Does the gate hold? Spoilt bots must fail it and unchanged ones must pass: `python -m evals.regressions --out DIR`.

The seed questions are asked (a) with each passage cut to half of its text before it is read, (b) with the reader's
scores shuffled among a question's passages, (c) unchanged, again and again, each time over a fresh index in a process
of its own as `make gate` does it; whether the answers are the same to the letter is said too. Started again after it
was stopped, it keeps the unchanged runs that were finished, where code, machine and settings are still the same. Exits
with 1 where (a) or (b) passes or one of (c) fails.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.calibration import fitted
from bot.pipeline import Bot
from bot.read import PassageReader, Reads
from bot.reader.folder import SHIPPED
from bot.reader.score import Reader, Reading
from bot.settings import Settings
from evals import asking
from evals.compare import load_run
from evals.gate import Verdict, judge, load_floors
from evals.kept import run_or_keep
from evals.load import load_questions
from evals.provenance import sha256_of
from evals.types import Marks
from evals.workspace import Workspace
from index.library import Index

ROOT = Path(__file__).parent.parent
SET = ROOT / "evals" / "sets" / "seeds.jsonl"
FLOORS = SET.with_name("seeds.floors.json")
SEED = 20261125
RERUNS = 10


class Halved:
    """A reader that is given the first half of each passage's text, by characters."""

    def __init__(self, reader: Reads) -> None:
        self._reader = reader

    def score(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        return self._reader.score(question, [(header, text[: len(text) // 2]) for header, text in passages])


class Shuffled:
    """A reader whose scores are those of another of the question's passages; the spans stay where they are.

    The best span's margin over there being no answer is the other passage's, and the further spans keep their distance
    to it.
    """

    def __init__(self, reader: Reads, seed: int = SEED) -> None:
        self._reader = reader
        self._seed = seed

    def score(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        readings = self._reader.score(question, passages)
        others = random.Random(f"{self._seed} {question}").sample(readings, len(readings))
        return [_with_scores_of(own, other) for own, other in zip(readings, others, strict=True)]


def _with_scores_of(own: Reading, other: Reading) -> Reading:
    scored = replace(own, relevance=other.relevance, answerable=other.answerable)
    if not own.spans or not other.spans:
        return scored
    gain = (other.spans[0].score - other.no_answer) - (own.spans[0].score - own.no_answer)
    return replace(scored, spans=tuple(replace(span, score=span.score + gain) for span in own.spans))


SPOILT: dict[str, Callable[[Reads], Reads]] = {
    "passages cut to half before they are read": Halved,
    "the reader's scores shuffled among the passages": Shuffled,
}


def spoilt_bot(index: Index, settings: Settings, spoil: Callable[[Reads], Reads]) -> Bot:
    """The bot that the settings describe, but for its reader. Raises ModelUnavailable."""
    reader = PassageReader(spoil(Reader.open(SHIPPED)), fitted("span"))
    return Bot(index, reader, fitted("answer"), passages=settings.passages, threshold=settings.threshold)


@dataclass(frozen=True)
class Trial:
    """One way to answer the seed questions, what the gate says of it, and what it should say.

    `changed` counts the answers that are not those of the first unchanged run.
    """

    name: str
    verdict: Verdict
    should_pass: bool
    changed: int
    seconds: float

    @property
    def as_it_should(self) -> bool:
        """Whether the gate does what it is there for."""
        return self.verdict.passed is self.should_pass

    def line(self) -> str:
        """One line for people: what the gate said, and the metrics that fell, from the floors' mean to this one."""
        fallen = ", ".join(f"{each.name} {each.first:.3f} → {each.second:.3f}" for each in self.verdict.fallen)
        said = "passes" if self.verdict.passed else "fails"
        wrong = "" if self.as_it_should else "  ← IT SHOULD NOT"
        told = f"{self.changed} answers changed, {self.seconds:.0f} s"
        return f"{self.name}: the gate {said}{wrong} ({told}){': ' if fallen else ''}{fallen}"


def unchanged(settings: Settings, out: Path) -> None:
    """One run as `make eval` makes it; one that is there and was made of all the same is kept."""
    run_or_keep(settings, SET, out, articles=ROOT / "seeds")


def trials(settings: Settings, out: Path, reruns: int) -> Iterator[Trial]:
    """The unchanged runs, then the spoilt ones over the first one's index; each is kept in a folder of its own."""
    floors = load_floors(FLOORS, sha256_of(SET))
    first = out / "unchanged-1"
    for number in range(1, reruns + 1):
        folder = out / f"unchanged-{number}"
        began = time.perf_counter()
        # in a process of its own, so that the order of sets of words is another one each time
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as alone:
            alone.submit(unchanged, settings, folder).result()
        verdict = judge(floors, load_run(folder).marks)
        yield Trial(f"unchanged, run {number}", verdict, True, changed(first, folder), time.perf_counter() - began)
    index = Index(settings.model_copy(update={"index": first / "index"}))
    for number, (name, spoil) in enumerate(SPOILT.items(), start=1):
        folder = out / f"spoilt-{number}"
        began = time.perf_counter()
        marks = ask_spoilt(settings, index, spoil, folder)
        yield Trial(name, judge(floors, marks), False, changed(first, folder), time.perf_counter() - began)


def ask_spoilt(settings: Settings, index: Index, spoil: Callable[[Reads], Reads], folder: Path) -> dict[str, Marks]:
    """The marks of the seed questions, answered by a spoilt bot; asked anew each time."""
    workspace = Workspace(folder, f"{SEED} {time.time_ns()}")
    made = asking.evaluate(
        load_questions(SET), index, lambda: spoilt_bot(index, settings, spoil), workspace, lambda done, total: None
    )
    return {each.id: each for each in made.marks}


def changed(first: Path, second: Path) -> int:
    """How many answers of two runs differ in anything but the time that they took."""
    one, other = answers_of(first), answers_of(second)
    return sum(one.get(identifier) != other.get(identifier) for identifier in one.keys() | other.keys())


def answers_of(folder: Path) -> dict[str, dict[str, Any]]:
    """The answers of a run by question, without times."""
    with (folder / "answers.jsonl").open(encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    return {record["id"]: {key: value for key, value in record.items() if key != "timings_ms"} for record in records}


def main(given: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m evals.regressions", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the runs")
    parser.add_argument("--reruns", type=int, default=RERUNS, metavar="N", help=f"unchanged runs (default: {RERUNS})")
    args = parser.parse_args(given)
    if args.reruns < 1:
        parser.error("--reruns: at least one run is needed, for the index that the spoilt bots are asked over")
    wrong = 0
    for trial in trials(Settings(), args.out, args.reruns):
        print(trial.line(), flush=True)
        wrong += not trial.as_it_should
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
