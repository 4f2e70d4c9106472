"""Means and other statistics of questions, each with its 95 % bootstrap interval (Efron 1979, percentiles).

Questions of one cluster (an article, a dialogue) are drawn together, for they are not independent.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from evals.types import Metric

Numbers = npt.NDArray[np.float64]
Cases = npt.NDArray[np.int64]

RESAMPLES = 2000
SEED = 20250316
"""Of the bootstrap: any number does, as long as it stays the same, so that a rerun gives the same interval."""
NORMAL_QUANTILE = 1.959964
"""Of the normal distribution at .975."""
CHUNK_CELLS = 4_000_000
"""Resampled values held at a time (32 MB): a set of 87,599 questions must not need 1.4 GB."""


def mean(values: Sequence[float], clusters: Sequence[str] | None = None) -> Metric:
    """The mean and its interval. Raises ValueError for no values."""
    if not values:
        raise ValueError("the mean of no values is not a number")
    numbers = np.asarray(values, dtype=np.float64)
    groups = _groups(clusters, len(numbers))
    sums = np.asarray([numbers[group].sum() for group in groups])
    counts = np.asarray([len(group) for group in groups], np.float64)
    generator = np.random.default_rng(SEED)
    rows_at_once = max(1, CHUNK_CELLS // len(groups))
    means = []
    for first in range(0, RESAMPLES, rows_at_once):
        drawn = generator.integers(0, len(groups), size=(min(rows_at_once, RESAMPLES - first), len(groups)))
        means.append(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1))
    return _metric(float(numbers.mean()), len(numbers), np.concatenate(means))


def share(hits: int, cases: int) -> Metric:
    """The share of cases that are hits, with its Wilson score interval (1927).

    For rare events: of none in a hundred the bootstrap says [0, 0], this says [0, .037].

    Raises ValueError for no cases.
    """
    if not cases:
        raise ValueError("the share of no cases is not a number")
    rate, weight = hits / cases, NORMAL_QUANTILE**2 / cases
    middle = (rate + weight / 2) / (1 + weight)
    reach = NORMAL_QUANTILE / (1 + weight) * math.sqrt(rate * (1 - rate) / cases + weight / (4 * cases))
    return Metric(rate, cases, max(0.0, middle - reach), min(1.0, middle + reach))


def interval(
    statistic: Callable[[Cases], float | None], cases: int, clusters: Sequence[str] | None = None
) -> Metric | None:
    """A statistic of so many cases, given as their positions, and its interval.

    None where it can't be computed of all cases; resamples of which it can't are left out.
    """
    value = statistic(np.arange(cases)) if cases else None
    if value is None:
        return None
    groups = _groups(clusters, cases)
    generator = np.random.default_rng(SEED)
    found = []
    for _ in range(RESAMPLES):
        drawn = generator.integers(0, len(groups), size=len(groups))
        one = statistic(np.concatenate([groups[i] for i in drawn]))
        if one is not None:
            found.append(one)
    return _metric(value, cases, np.asarray(found))


def _groups(clusters: Sequence[str] | None, n: int) -> list[Cases]:
    """The positions of each cluster's cases, clusters in the order of their first; each case alone without any."""
    if clusters is None:
        return [np.array([i]) for i in range(n)]
    positions: dict[str, list[int]] = {}
    for i, cluster in enumerate(clusters):
        positions.setdefault(cluster, []).append(i)
    return [np.asarray(group) for group in positions.values()]


def _metric(value: float, n: int, resampled: Numbers) -> Metric:
    low, high = np.percentile(resampled, (2.5, 97.5))
    return Metric(value, n, float(low), float(high))
