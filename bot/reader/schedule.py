"""Where a training run stands, and the learning rate that it has there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

WARM_UP_PAIRS = 3_000


@dataclass(frozen=True)
class Progress:
    """Where a run stands: pairs seen, pass, next window of it; `decay_from` is set once the rate falls."""

    pairs: int = 0
    steps: int = 0
    seconds: float = 0.0
    epoch: int = 0
    window: int = 0
    decay_from: int | None = None


@dataclass(frozen=True)
class Plan:
    """When the rate falls and when the run ends."""

    pairs: int
    decay_pairs: int
    deadline: datetime | None


def learning_rate_factor(progress: Progress, plan: Plan, decay_began: datetime | None, now: datetime) -> float:
    """0..1: warm-up by pairs, constant, linear fall by pairs, or by the clock where that would end sooner."""
    if progress.decay_from is None:
        return min(1.0, (progress.pairs + 1) / WARM_UP_PAIRS)
    done = (progress.pairs - progress.decay_from) / plan.decay_pairs
    if plan.deadline is not None and decay_began is not None and plan.deadline > decay_began:
        done = max(done, (now - decay_began) / (plan.deadline - decay_began))
    return max(0.0, 1.0 - done)
