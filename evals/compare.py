"""`footnote eval compare A B`: two runs of one set, question by question."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from evals.intervals import CHUNK_CELLS, SEED, Cases, Numbers, are_enough, gain, mean_of_all, metric, resampled
from evals.measure import STATISTICS, OfCases, clusters_of
from evals.types import Marks, Metric
from evals.workspace import FINISHED, JOURNALS, MARKS
from index.errors import UsageError

PERMUTATIONS = 9_999
"""Sign flips of the randomisation test: the least p there is, is 1 in 10,000."""
EXCHANGES = 999
"""The same for statistics of the confidence, each of which is computed anew: the least is 1 in 1,000."""
ROUNDING = 1e-12


@dataclass(frozen=True)
class Run:
    """A finished run: its `metrics.json`, the marks of each question by id, and what was answered, by id."""

    folder: Path
    metrics: Mapping[str, Any]
    marks: Mapping[str, Marks]
    answers: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Difference:
    """One metric in both runs over the questions that have it in both; where it is a statistic of cases, such as the
    answers given, over those that make one in either.

    `gain` is the second run's less the first's (the other way round where less is better), with its 95 % interval.
    `p` is that of a paired randomisation test, two-sided, and `p_holm` the same after Holm's correction for all metrics
    of the comparison.
    """

    name: str
    first: float
    second: float
    gain: Metric
    p: float
    p_holm: float

    def to_json(self) -> dict[str, Any]:
        return {
            "first": round(self.first, 6),
            "second": round(self.second, 6),
            "gain": self.gain.to_json(),
            "p": round(self.p, 4),
            "p_holm": round(self.p_holm, 4),
        }


@dataclass(frozen=True)
class Changed:
    """A question whose outcome is not the same in both runs, with both answers in words."""

    id: str
    question: str
    before: str
    after: str
    answers: tuple[str, str]

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "question": self.question,
            "before": self.before,
            "after": self.after,
            "answers": list(self.answers),
        }


@dataclass(frozen=True)
class Comparison:
    """The differences by metric, the questions that changed sides, and what keeps the runs from being comparable."""

    differences: tuple[Difference, ...]
    changed: tuple[Changed, ...]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "metrics": {each.name: each.to_json() for each in self.differences},
            "changed": [each.to_json() for each in self.changed],
            "notes": list(self.notes),
        }


def load_run(folder: Path) -> Run:
    """The finished run in a folder. Raises UsageError where there is none."""
    try:
        metrics = json.loads((folder / FINISHED).read_text(encoding="utf-8"))
        _ = metrics["made_by"]["set"]["sha256"], metrics["made_by"]["settings"], metrics["resources"]
        marks = [_marks(record) for record in _lines(folder / MARKS)]
        journals = [folder / name for name in JOURNALS if (folder / name).is_file()]
        answers = {str(record["id"]): record for path in journals for record in _lines(path)}
    except FileNotFoundError as error:
        missing = Path(error.filename).name
        raise UsageError(
            f"{folder} holds no finished run ({missing} is missing): footnote eval run SET --out {folder}"
        ) from error
    except NotADirectoryError as error:
        raise UsageError(f"{folder} is no folder of a run: give what was --out of footnote eval run") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"the run in {folder} is damaged ({error}): run it again") from error
    return Run(folder, metrics, {each.id: each for each in marks}, answers)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _marks(record: Mapping[str, Any]) -> Marks:
    return Marks(
        record["id"],
        record["values"],
        record["confidence"],
        record["answerable"],
        tuple(record["tags"]),
        record["right"],
        record["cluster"],
        record["answered"],
    )


def compare(first: Run, second: Run) -> Comparison:
    """What changed from the first run to the second. Raises UsageError for runs of different sets."""
    sets = [run.metrics["made_by"]["set"] for run in (first, second)]
    if sets[0]["sha256"] != sets[1]["sha256"]:
        raise UsageError(
            f"{first.folder} and {second.folder} are runs of different sets ({sets[0]['name']}, {sets[1]['name']}): "
            "only runs of one set can be compared"
        )
    return Comparison(
        differences=differences(first.marks, second.marks),
        changed=tuple(_changed(first, second)),
        notes=tuple(_notes(first.metrics, second.metrics)),
    )


def differences(first: Mapping[str, Marks], second: Mapping[str, Marks]) -> tuple[Difference, ...]:
    """Every metric that both have, paired by question: means over questions, then statistics of the confidence."""
    made = [*_means(first, second), *_statistics(first, second)]
    corrected = holm([each.p for each in made])
    return tuple(replace(each, p_holm=p) for each, p in zip(made, corrected, strict=True))


def _means(first: Mapping[str, Marks], second: Mapping[str, Marks]) -> Iterator[Difference]:
    names = dict.fromkeys(name for marks in first.values() for name in marks.values)
    for name in names:
        both = [i for i in first if i in second and first[i].values.get(name) and second[i].values.get(name)]
        if not both:
            continue
        before, after = ([marks[i].values[name] for i in both] for marks in (first, second))
        gains = [float(np.mean(b) - np.mean(a)) for a, b in zip(before, after, strict=True)]
        clusters = clusters_of([first[i] for i in both])
        yield Difference(
            name,
            mean_of_all(before),
            mean_of_all(after),
            gain(before, after, clusters),
            randomisation(gains, clusters),
            1.0,
        )


def _statistics(first: Mapping[str, Marks], second: Mapping[str, Marks]) -> Iterator[Difference]:
    both = [i for i in first if i in second]
    clusters = clusters_of([first[i] for i in both])
    everything = np.arange(len(both))
    for name, of_cases in STATISTICS.items():
        tables = [of_cases.table([marks[i] for i in both]) for marks in (first, second)]
        before, after = (of_cases.value(table, everything) for table in tables)
        if before is None or after is None:
            continue
        judged = int(np.count_nonzero(tables[0][2] + tables[1][2]))
        gained = partial(_gained, of_cases)
        value = gained(tables[0], tables[1], everything) or 0.0
        if np.array_equal(tables[0], tables[1]):
            yield Difference(name, before, after, Metric(0.0, judged, 0.0, 0.0), 1.0, 1.0)
            continue
        resamples = resampled(partial(gained, tables[0], tables[1]), len(both), clusters)
        p = _exchanged(gained, tables[0], tables[1], clusters)
        yield Difference(name, before, after, metric(value, judged, resamples), p, 1.0)


def _gained(of_cases: OfCases, first: Numbers, second: Numbers, cases: Cases) -> float | None:
    before, after = of_cases.value(first, cases), of_cases.value(second, cases)
    if before is None or after is None:
        return None
    return before - after if of_cases.less_is_better else after - before


def _exchanged(
    gained: Callable[[Numbers, Numbers, Cases], float | None], first: Numbers, second: Numbers, clusters: Sequence[str]
) -> float:
    """The two-sided p of a gain: how often it is as large with the runs exchanged for a random half of the clusters."""
    everything = np.arange(len(clusters))
    observed = gained(first, second, everything) or 0.0
    units = np.unique(_units(clusters), return_inverse=True)[1]
    generator = np.random.default_rng(SEED)
    as_large = 0
    for _ in range(EXCHANGES):
        exchanged = generator.integers(0, 2, size=units.max() + 1).astype(np.bool_)[units]
        made = gained(np.where(exchanged, second, first), np.where(exchanged, first, second), everything)
        as_large += made is not None and abs(made) >= abs(observed) - ROUNDING
    return (as_large + 1) / (EXCHANGES + 1)


def _units(clusters: Sequence[str]) -> list[str]:
    """What is exchanged together: clusters, or single questions where clusters are too few."""
    return list(clusters) if are_enough(clusters) else [str(place) for place in range(len(clusters))]


def randomisation(gains: Sequence[float], clusters: Sequence[str]) -> float:
    """The two-sided p of a paired randomisation test, the signs of whole clusters flipped (Fisher 1935), or those of
    single questions where clusters are too few."""
    from scipy.stats import permutation_test

    sums: dict[str, float] = {}
    for each, unit in zip(gains, _units(clusters), strict=True):
        sums[unit] = sums.get(unit, 0.0) + each
    values = np.asarray(list(sums.values()))
    if len(values) < 2 or not values.any():
        return 1.0
    tested = permutation_test(
        (values,),
        lambda flipped, axis: flipped.sum(axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=PERMUTATIONS,
        batch=max(1, CHUNK_CELLS // len(values)),
        rng=np.random.default_rng(SEED),
    )
    return float(tested.pvalue)


def holm(ps: Sequence[float]) -> list[float]:
    """The p values after Holm's correction (1979), in the given order."""
    corrected = [1.0] * len(ps)
    highest = 0.0
    for place, i in enumerate(sorted(range(len(ps)), key=lambda i: ps[i])):
        highest = max(highest, min(1.0, (len(ps) - place) * ps[i]))
        corrected[i] = highest
    return corrected


def outcome(marks: Marks) -> str:
    """What came of one question, in a word or two."""
    if marks.answered is False:
        return {True: "wrongly refused", False: "rightly refused", None: "refused"}[marks.answerable]
    if marks.answered and marks.answerable is False:
        return "wrong"
    if marks.right is not None:
        return "right" if marks.right else "wrong"
    told = marks.values.get("exact_match") or marks.values.get("Success@1")
    if told is None:
        return "answered" if marks.answered else "not judged"
    return "right" if told[0] else "wrong"


def _changed(first: Run, second: Run) -> Iterator[Changed]:
    for identifier, before in first.marks.items():
        after = second.marks.get(identifier)
        if after is not None and outcome(before) != outcome(after):
            both = (first.answers.get(identifier, {}), second.answers.get(identifier, {}))
            question = str(both[0].get("question") or both[1].get("question") or "")
            yield Changed(identifier, question, outcome(before), outcome(after), (said(both[0]), said(both[1])))


def said(answer: Mapping[str, Any]) -> str:
    """An answer, a prediction or a ranking's first articles in words."""
    if "articles" in answer:
        return ", ".join(str(article_id) for article_id, _ in answer["articles"][:3])
    if "prediction" in answer:
        return str(answer["prediction"]) or "(no answer)"
    return str(answer.get("text") or "(not in these articles)")


def _notes(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[str]:
    """What else is not the same: settings, index, code."""
    a, b = first["made_by"], second["made_by"]
    settings = [
        f"{name} {a['settings'].get(name)} → {b['settings'].get(name)}"
        for name in sorted({*a["settings"], *b["settings"]})
        if a["settings"].get(name) != b["settings"].get(name)
    ]
    if settings:
        yield f"other settings: {', '.join(settings)}"
    if a.get("index") != b.get("index"):
        yield "the index is not the same"
    if a.get("code_sha256") != b.get("code_sha256"):
        yield "the code or the weights are not the same"
