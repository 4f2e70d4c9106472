"""Fitted weights: small logistic regressions over named signals, kept in `calibration.json` with their history."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("calibration.json")


@dataclass(frozen=True)
class Logistic:
    """p = 1 / (1 + exp(-(intercept + Σ weight · signal)))."""

    intercept: float
    weights: Mapping[str, float]

    def probability(self, signals: Mapping[str, float]) -> float:
        """The probability for these signals. Raises KeyError when one is missing."""
        z = self.intercept + sum(weight * signals[name] for name, weight in self.weights.items())
        return 1.0 / (1.0 + math.exp(-z)) if z > -700 else 0.0


@lru_cache(maxsize=1)
def _fitted() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return loaded


def fitted(name: str) -> Logistic:
    """The weights `span` (is this span the answer?), `answer` (is what is quoted right?), `paragraph` (does this
    one paragraph, read alone, answer?) or `support` (does this passage say what a claim says?)."""
    entry = _fitted()[name]
    return Logistic(entry["intercept"], entry["weights"])


def fitted_reader() -> str:
    """SHA-256 of the reader's file whose scores the weights were fitted to."""
    return str(_fitted().get("reader", ""))
