"""Where a training run stands, and the learning rate that it has there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

WARM_UP_PAIRS = 3_000


@dataclass(frozen=True)
class Progress:
    """Where a run stands: pairs seen, pass, next window of it; `decay_from` is set once the rate falls.

    `began` is how many of the pairs were seen by earlier runs, whose weights this one began with.
    """

    pairs: int = 0
    steps: int = 0
    seconds: float = 0.0
    epoch: int = 0
    window: int = 0
    began: int = 0
    decay_from: int | None = None


@dataclass(frozen=True)
class Plan:
    """When the rate falls and when the run ends."""

    pairs: int
    decay_pairs: int
    deadline: datetime | None


def learning_rate_factor(progress: Progress, plan: Plan, decay_began: datetime | None, now: datetime) -> float:
    """0..1: warm-up by pairs, constant, linear fall by pairs, or by the clock where that would end sooner."""
    warm = min(1.0, (progress.pairs - progress.began + 1) / WARM_UP_PAIRS)
    if progress.decay_from is None:
        return warm
    done = (progress.pairs - progress.decay_from) / plan.decay_pairs
    if plan.deadline is not None and decay_began is not None and plan.deadline > decay_began:
        done = max(done, (now - decay_began) / (plan.deadline - decay_began))
    return warm * max(0.0, 1.0 - done)
