"""Means and other statistics of questions, each with its 95 % bootstrap interval (Efron 1979, percentiles).

Questions of one cluster (an article, a dialogue) are drawn together, for they are not independent. Where there are
fewer clusters than MIN_CLUSTERS, each question is drawn by itself: what comes out is about other questions on the same
articles, since so few can't tell of others.
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
MIN_CLUSTERS = 10
"""With nine, flipping the signs of whole clusters can't come below p = 2/512, .09 after Holm's correction for 24
metrics: a test would pass whatever happened."""
CHUNK_CELLS = 4_000_000
"""Resampled values held at a time (32 MB): a set of 87,599 questions must not need 1.4 GB."""


def mean(values: Sequence[float], clusters: Sequence[str] | None = None) -> Metric:
    """The mean and its interval. Raises ValueError for no values.

    Where all values are 0 or all are 1 it is Wilson's, as in `share`, for as many cases as are drawn.
    """
    if not values:
        raise ValueError("the mean of no values is not a number")
    if values[0] in (0.0, 1.0) and len(set(values)) == 1:
        drawn = len(_groups(clusters, len(values)))
        found = share(drawn * int(values[0]), drawn)
        return Metric(found.value, len(values), found.low, found.high)
    return metric(float(np.mean(values)), len(values), _means([[value] for value in values], clusters))


def gain(
    before: Sequence[Sequence[float]], after: Sequence[Sequence[float]], clusters: Sequence[str] | None = None
) -> Metric:
    """The mean of all values of `after` less that of `before`, with the interval of the difference; n counts cases.

    Each case has a value or more in both; the same cases are drawn for both. Raises ValueError for no cases.
    """
    first, second = mean_of_all(before), mean_of_all(after)
    return metric(second - first, len(before), _means(after, clusters) - _means(before, clusters))


def mean_of_all(values: Sequence[Sequence[float]]) -> float:
    """The mean of all values of all cases. Raises ValueError for no values."""
    if not any(values):
        raise ValueError("the mean of no values is not a number")
    return float(np.mean([value for each in values for value in each]))


def _means(values: Sequence[Sequence[float]], clusters: Sequence[str] | None) -> Numbers:
    """The mean of all values of the cases of each resample: the same cases for the same clusters."""
    groups = _groups(clusters, len(values))
    case_sums = np.asarray([sum(each) for each in values], np.float64)
    case_counts = np.asarray([len(each) for each in values], np.float64)
    sums = np.asarray([case_sums[group].sum() for group in groups])
    counts = np.asarray([case_counts[group].sum() for group in groups])
    generator = np.random.default_rng(SEED)
    rows_at_once = max(1, CHUNK_CELLS // len(groups))
    means = []
    for first in range(0, RESAMPLES, rows_at_once):
        drawn = generator.integers(0, len(groups), size=(min(rows_at_once, RESAMPLES - first), len(groups)))
        means.append(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1))
    return np.concatenate(means)


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
    return None if value is None else metric(value, cases, resampled(statistic, cases, clusters))


def resampled(statistic: Callable[[Cases], float | None], cases: int, clusters: Sequence[str] | None = None) -> Numbers:
    """The statistic of each resample that has one."""
    groups = _groups(clusters, cases)
    alone = np.concatenate(groups) if len(groups) == cases else None
    generator = np.random.default_rng(SEED)
    found = []
    for _ in range(RESAMPLES):
        drawn = generator.integers(0, len(groups), size=len(groups))
        one = statistic(np.concatenate([groups[i] for i in drawn]) if alone is None else alone[drawn])
        if one is not None:
            found.append(one)
    return np.asarray(found)


def are_enough(clusters: Sequence[str]) -> bool:
    """Whether there are enough clusters to draw them whole."""
    return len(set(clusters)) >= MIN_CLUSTERS


def _groups(clusters: Sequence[str] | None, n: int) -> list[Cases]:
    """The positions of each cluster's cases, clusters in the order of their first; else each case alone."""
    if clusters is None or not are_enough(clusters):
        return [np.array([i]) for i in range(n)]
    positions: dict[str, list[int]] = {}
    for i, cluster in enumerate(clusters):
        positions.setdefault(cluster, []).append(i)
    return [np.asarray(group) for group in positions.values()]


def metric(value: float, n: int, resampled: Numbers) -> Metric:
    """A value of n cases with the interval that holds 95 % of what resamples gave."""
    low, high = np.percentile(resampled, (2.5, 97.5))
    return Metric(value, n, float(low), float(high))
