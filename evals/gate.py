"""`footnote eval gate RUN --floors FILE`: did anything get worse than what was once reached?

The file of floors holds the marks of the run that was last accepted, with the hash of its set, so that a new run is
compared with it question by question. It lies beside the set and changes only on request: `--raise` takes a run that is
no worse, or that is better beyond noise in what counts most and worse beyond noise in nothing, `--lower` any.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from evals.compare import Difference, Run, differences, holm
from evals.measure import STATISTICS
from evals.types import Marks
from index.errors import UsageError

SIGNIFICANT = 0.05
PRIMARY = frozenset({"status_right", "contains", "evidence_cited", "f1", "exact_match", "brier", "nDCG@10"})
"""What counts most. Judged among themselves, as are the others: of two runs that differ by chance alone, at most one in
twenty fails by these and one in twenty by the others (Holm 1979), and fewer do, since metrics fall together."""
STRICT = frozenset({"quote_exact", "number_known"})
"""Metrics that must not fall at all: a quote that is not exact is a broken promise, not noise, and so is a number of no
citation."""
OUTCOME = ("confidence", "answerable", "right", "answered")
"""What floors hold of a question beside its values, if they are not of an older version."""
OF_ANSWERS = STRICT | {"citation_precision", "sentence_cited"}
"""Marks that a question has only where it was answered: a run that refuses it lacks nothing."""


@dataclass(frozen=True)
class Verdict:
    """The metrics that fell beyond noise, all that were compared, and what became of the floors, in words.

    `not_judged` are metrics of the run that the floors have nothing to compare with. `p_holm` of those compared is
    corrected among PRIMARY, or among the others.
    """

    fallen: tuple[Difference, ...] = ()
    compared: tuple[Difference, ...] = ()
    floors: str = "kept"
    accepted: bool = False
    broken: tuple[str, ...] = ()
    not_judged: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing fell, or the fall was accepted."""
        return self.accepted or not self.worse

    @property
    def risen(self) -> list[str]:
        """The names of the metrics of PRIMARY that rose beyond noise."""
        return [
            each.name
            for each in self.compared
            if each.name in PRIMARY and each.gain.low > 0 and each.p_holm < SIGNIFICANT
        ]

    @property
    def worse(self) -> list[str]:
        """The names of the metrics that fell, and of the strict ones that broke where the floors have none."""
        return [*(each.name for each in self.fallen), *self.broken]

    def to_json(self) -> dict[str, Any]:
        return {
            "passed": self.passed,
            "fallen": self.worse,
            "metrics": {each.name: each.to_json() for each in self.compared},
            "not_judged": list(self.not_judged),
            "notes": list(self.notes),
            "floors": self.floors,
        }


def pass_gate(run: Run, path: Path, *, raises: bool = False, lower: bool = False) -> Verdict:
    """Judges a run by the floors in a file, and brings them up to date where that is asked for.

    `raises` makes the run the floors when there are none yet, when no metric is lower than they are, or when one of
    PRIMARY rose beyond noise and none fell so; with `lower` in any case. Else it only adds what the floors don't hold
    yet. Raises UsageError for floors that are missing or do not fit the run, unless the run is to replace them, and for
    raising them by a run of other settings.
    """
    if lower and not raises:
        raise UsageError("--lower says what --raise may do: give both")
    if raises and not path.exists() and (broken := _broken(run.marks)) and not lower:
        return Verdict(broken=tuple(sorted(broken)), floors="not written")
    if raises and (lower or not path.exists()):
        try:
            found = judge(load_floors(path, _set_of(run)), run.marks)
        except UsageError:  # none yet, or of another set or other metrics: nothing to compare with
            found = Verdict()
        write_floors(path, run)
        return replace(found, floors=f"written to {path}", accepted=True)
    found = judge(load_floors(path, _set_of(run)), run.marks)
    if other := _other_settings(path, run):
        found = replace(found, notes=(f"other settings than the floors': {other}",))
        if raises:
            raise UsageError(f"the run has other settings than the floors ({other}): accept that with --raise --lower")
    if not raises or found.worse:
        return found
    below = [each.name for each in found.compared if each.gain.value < 0]
    lowered = f"{', '.join(below)} would be lowered, though within noise"
    if below and not found.risen:
        add_to_floors(path, run, found.not_judged)
        added = f"; added: {', '.join(found.not_judged)}" if found.not_judged else ""
        return replace(found, floors=f"kept: {lowered} (--lower allows it){added}")
    write_floors(path, run)
    within = f", by {', '.join(found.risen)}; lowered within noise: {', '.join(below)}" if below else ""
    return replace(found, floors=f"written to {path}{within}")


def _other_settings(path: Path, run: Run) -> str:
    """The settings of which the floors' run and this one had different ones, in words; of those that both know."""
    before = json.loads(path.read_text(encoding="utf-8")).get("settings", {})
    now = run.metrics["made_by"]["settings"]
    return ", ".join(
        f"{name} {before[name]} → {now[name]}" for name in sorted({*before} & {*now}) if before[name] != now[name]
    )


def _set_of(run: Run) -> str:
    return str(run.metrics["made_by"]["set"]["sha256"])


def judge(floors: Mapping[str, Marks], run: Mapping[str, Marks]) -> Verdict:
    """Compares a run's marks with the floors'.

    A metric has fallen when the paired difference is beyond noise both ways it is judged: its 95 % interval lies below
    zero, and the test has p < 0.05 after Holm's correction (few clusters make the interval too narrow).
    A strict one has fallen when a single value of the run is less than 1. Raises UsageError where the run lacks what
    the floors hold.
    """
    lacking = [
        f"{name} of question {identifier}"
        for identifier, marks in floors.items()
        for name, values in marks.values.items()
        if values and name not in OF_ANSWERS and not (identifier in run and run[identifier].values.get(name))
    ]
    if lacking:
        raise UsageError(
            f"the run lacks {len(lacking)} marks that the floors hold ({lacking[0]}, …): run the whole set, or accept "
            "that with --raise --lower"
        )
    compared = _corrected(differences(floors, run))
    broken = _broken(run)
    fallen = tuple(
        each
        for each in compared
        if each.name in broken or (each.name not in STRICT and each.gain.high < 0 and each.p_holm < SIGNIFICANT)
    )
    unpaired = broken - {each.name for each in fallen}
    return Verdict(fallen, compared, broken=tuple(sorted(unpaired)), not_judged=_not_judged(compared, run))


def _broken(run: Mapping[str, Marks]) -> set[str]:
    """The strict metrics of which a value is less than 1."""
    return {
        name
        for marks in run.values()
        for name, values in marks.values.items()
        if name in STRICT and any(value < 1 for value in values)
    }


def _corrected(found: Sequence[Difference]) -> tuple[Difference, ...]:
    """The same with p_holm among PRIMARY or among the others; those that may not fall at all are tested for nothing."""
    corrected: dict[str, float] = {}
    for primary in (True, False):
        own = [each for each in found if (each.name in PRIMARY) is primary and each.name not in STRICT]
        corrected |= {each.name: p for each, p in zip(own, holm([each.p for each in own]), strict=True)}
    return tuple(replace(each, p_holm=corrected.get(each.name, 1.0)) for each in found)


def _not_judged(compared: Sequence[Difference], run: Mapping[str, Marks]) -> tuple[str, ...]:
    """What a run measures and floors that were written before that was measured don't hold."""
    marks = list(run.values())
    means = dict.fromkeys(name for each in marks for name, values in each.values.items() if values)
    statistics = [
        name
        for name, of_cases in STATISTICS.items()
        if of_cases.value(of_cases.table(marks), np.arange(len(marks))) is not None
    ]
    judged = {each.name for each in compared}
    return tuple(name for name in (*means, *statistics) if name not in judged)


def load_floors(path: Path, set_sha256: str) -> dict[str, Marks]:
    """The floors of a file, by question. Raises UsageError when there are none, or when they are another set's."""
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
        floors = {
            identifier: Marks(
                identifier, each["values"], cluster=each["cluster"], **{name: each.get(name) for name in OUTCOME}
            )
            for identifier, each in loaded["questions"].items()
        }
        of_set = loaded["set"]
    except FileNotFoundError as error:
        raise UsageError(f"there is no file of floors {path}: make it with --raise") from error
    except OSError as error:
        raise UsageError(f"{path} can't be read ({error.strerror}): give the file of floors") from error
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path} is no file of floors ({error}): make it again with --raise --lower") from error
    if of_set["sha256"] != set_sha256:
        raise UsageError(
            f"{path} was made with another version of the set {of_set['name']}: its floors say nothing about this one. "
            "Run the old code on the new set and accept that with --raise --lower"
        )
    return floors


def write_floors(path: Path, run: Run) -> None:
    """Makes the run's marks the floors. Raises UsageError where they can't be written."""
    made_by = run.metrics["made_by"]
    questions = {
        marks.id: {"cluster": marks.cluster, **_outcome(marks), "values": _values(marks)}
        for marks in run.marks.values()
    }
    floors: dict[str, Any] = {
        "set": {"name": made_by["set"]["name"], "sha256": made_by["set"]["sha256"]},
        "settings": made_by["settings"],
        "metrics": {name: round(metric["value"], 4) for name, metric in run.metrics["metrics"].items()},
        "questions": questions,
    }
    _write(path, floors)


def add_to_floors(path: Path, run: Run, names: Sequence[str]) -> None:
    """Adds these metrics of a run to floors that were written before they were measured; the others stay.

    Raises UsageError where they can't be written.
    """
    floors = json.loads(path.read_text(encoding="utf-8"))
    reached = run.metrics["metrics"]
    floors["metrics"] |= {name: round(reached[name]["value"], 4) for name in names if name in reached}
    for identifier, kept in floors["questions"].items():
        marks = run.marks[identifier]
        kept |= {name: value for name, value in _outcome(marks).items() if name not in kept}
        kept["values"] |= {name: values for name, values in _values(marks).items() if name in names}
    _write(path, floors)


def _outcome(marks: Marks) -> dict[str, Any]:
    return {name: getattr(marks, name) for name in OUTCOME}


def _values(marks: Marks) -> dict[str, list[float]]:
    return {name: list(values) for name, values in marks.values.items()}


def _write(path: Path, floors: Mapping[str, Any]) -> None:
    partial = path.with_name(f"{path.name}.partial")
    try:
        partial.write_text(_compact(floors), encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise UsageError(f"{path} can't be written ({error.strerror}): choose another file with --floors") from error


def _compact(floors: Mapping[str, Any]) -> str:
    """JSON with a line for each question, so that a change of floors can be read as a change."""
    head = {name: value for name, value in floors.items() if name != "questions"}
    lines = [f"  {json.dumps(identifier)}: {json.dumps(each)}" for identifier, each in floors["questions"].items()]
    return json.dumps(head, indent=1)[:-2] + ',\n "questions": {\n' + ",\n".join(lines) + "\n }\n}\n"
