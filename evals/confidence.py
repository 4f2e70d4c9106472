"""How much a confidence is worth: does it rank, is it calibrated, what would answering only the sure ones bring?

Pure functions of confidences (0..1) and whether each case is right. None where a statistic has no value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from evals.intervals import Cases, interval
from evals.types import Metric

CALIBRATION_BINS = 10
ACCURACY = 0.9
"""What `coverage_at` asks for: nine in ten right is what a person would call reliable."""

Scores = Sequence[float] | npt.NDArray[np.float64]
Truths = Sequence[bool] | npt.NDArray[np.bool_]
Statistic = Callable[[Scores, Truths], float | None]


def with_interval(
    statistic: Statistic, confidences: Scores, right: Truths, clusters: Sequence[str] | None = None
) -> Metric | None:
    """One of the statistics below with its 95 % bootstrap interval; None where it has no value."""
    scores, marks = np.asarray(confidences, np.float64), np.asarray(right, np.bool_)

    def of(cases: Cases) -> float | None:
        return statistic(scores[cases], marks[cases])

    return interval(of, len(scores), clusters)


def auroc(confidences: Scores, right: Truths) -> float | None:
    """How often a right case scores above a wrong one, ties counting half (Mann and Whitney); None without both."""
    scores, marks = _arrays(confidences, right)
    positives, negatives = scores[marks], np.sort(scores[~marks])
    if not len(positives) or not len(negatives):
        return None
    below = np.searchsorted(negatives, positives, side="left")
    not_above = np.searchsorted(negatives, positives, side="right")
    return float((below + not_above).mean() / 2 / len(negatives))


def auprc(confidences: Scores, right: Truths) -> float | None:
    """Area under the precision-recall curve as average precision: the mean, over the right cases, of the precision at
    the threshold that just lets each through. Its value by chance is the share right. None without both kinds."""
    scores, marks = _arrays(confidences, right)
    if not marks.any() or marks.all():
        return None
    wrong, ends = _by_surety(scores, marks)
    let_through = np.flatnonzero(ends) + 1
    hits = np.cumsum(1 - wrong)[ends]
    gained = np.diff(hits, prepend=0.0)
    return float((gained * hits / let_through).sum() / marks.sum())


def precision(decisions: Scores, right: Truths) -> float | None:
    """Of the cases that were taken (decision 1, not 0), the share that should be; None where none was."""
    taken, marks = _arrays(decisions, right)
    return float(marks[taken > 0].mean()) if (taken > 0).any() else None


def f1_score(decisions: Scores, right: Truths) -> float | None:
    """The harmonic mean of the precision of what was taken and its recall; None where nothing was or should be."""
    taken, marks = _arrays(decisions, right)
    both = (taken > 0).sum() + marks.sum()
    return float(2 * marks[taken > 0].sum() / both) if both else None


def calibration_error(confidences: Scores, right: Truths) -> float | None:
    """Expected calibration error: the mean distance of confidence and share right over ten bins of equal width.

    Guo et al. 2017, equation 3. Its bootstrap interval lies high, as resampling adds noise to every bin.
    """
    scores, marks = _arrays(confidences, right)
    if not len(scores):
        return None
    bins = np.minimum((scores * CALIBRATION_BINS).astype(np.int64), CALIBRATION_BINS - 1)
    gaps = np.bincount(bins, weights=scores - marks, minlength=CALIBRATION_BINS)
    return float(np.abs(gaps).sum() / len(scores))


def brier(confidences: Scores, right: Truths) -> float | None:
    """The mean squared distance of confidence and outcome (Brier 1950): 0 is best, always saying .5 gives .25."""
    scores, marks = _arrays(confidences, right)
    return float(((scores - marks) ** 2).mean()) if len(scores) else None


def aurc(confidences: Scores, right: Truths) -> float | None:
    """Area under the risk-coverage curve: the mean, over every number of cases answered, the surest first, of the
    share wrong among them (Geifman et al. 2019). Lower is better. Cases of one confidence share what is wrong."""
    wrong, _ = _by_surety(confidences, right)
    return float((np.cumsum(wrong) / np.arange(1, len(wrong) + 1)).mean()) if len(wrong) else None


def coverage_at(confidences: Scores, right: Truths) -> float | None:
    """The largest share of cases that a threshold lets through with ACCURACY of them right."""
    wrong, ends = _by_surety(confidences, right)
    if not len(wrong):
        return None
    good = ends & (np.cumsum(wrong) <= (1 - ACCURACY) * np.arange(1, len(wrong) + 1) + 1e-9)
    return float((np.flatnonzero(good)[-1] + 1) / len(wrong)) if good.any() else 0.0


def risk_coverage(confidences: Scores, right: Truths) -> list[tuple[float, float, float]]:
    """(coverage, risk, confidence) at each tenth of the cases, the surest first: were only those answered, the
    share wrong, and the lowest confidence among them (El-Yaniv and Wiener 2010)."""
    order = np.argsort(-np.asarray(confidences, np.float64), kind="stable")
    wrong, _ = _by_surety(confidences, right)
    points = []
    for tenth in range(1, 11):
        count = round(tenth * len(order) / 10)
        if count:
            points.append((tenth / 10, float(wrong[:count].mean()), float(confidences[order[count - 1]])))
    return points


def _arrays(confidences: Scores, right: Truths) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    return np.asarray(confidences, np.float64), np.asarray(right, np.bool_)


def _by_surety(confidences: Scores, right: Truths) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """How wrong each case is, the surest first, cases of one confidence having their mean; and where such a run of
    equals ends, which is where a threshold can cut."""
    scores, marks = _arrays(confidences, right)
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    wrong = np.where(marks[order], 0.0, 1.0)
    ends = np.append(ordered[1:] != ordered[:-1], True) if len(ordered) else np.zeros(0, np.bool_)
    run = np.append(0, np.cumsum(ends)[:-1]) if len(ordered) else np.zeros(0, np.int64)
    means = np.bincount(run, weights=wrong) / np.bincount(run) if len(ordered) else wrong
    return means[run], ends
