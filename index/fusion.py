"""Fusing two rankings into one. Pure functions; rankings are lists of (id, score), best first."""

from __future__ import annotations

from collections.abc import Sequence

Ranking = Sequence[tuple[str, float]]

DENSE_FLOOR = -1.0
"""The least a cosine can be."""
TEXT_FLOOR = 0.0
"""The least a BM25 score can be."""
RANK_CONSTANT = 60
"""k of reciprocal rank fusion, as Cormack, Clarke and Büttcher (SIGIR 2009) set it."""


def normalised(ranking: Ranking, floor: float) -> dict[str, float]:
    """Scores scaled so that the least a score can be is 0 and the best of this ranking is 1.

    "Theoretical min-max" of Bruch, Gai and Ingber (TOIS 2023), which unlike min-max does not depend on the worst hit.
    """
    best = max((score for _, score in ranking), default=floor)
    if best <= floor:
        return {identifier: 0.0 for identifier, _ in ranking}
    return {identifier: max(0.0, score - floor) / (best - floor) for identifier, score in ranking}


def convex(dense: Ranking, text: Ranking, weight: float) -> list[tuple[str, float]]:
    """`weight` of the dense score and `1 - weight` of the text score, both normalised; best first, ties by id.

    What a ranking does not hold counts as its floor. Scores are in 0..1.
    """
    by_dense, by_text = normalised(dense, DENSE_FLOOR), normalised(text, TEXT_FLOOR)
    fused = {
        identifier: weight * by_dense.get(identifier, 0.0) + (1 - weight) * by_text.get(identifier, 0.0)
        for identifier in {*by_dense, *by_text}
    }
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))


def reciprocal_rank(*rankings: Ranking) -> list[tuple[str, float]]:
    """Reciprocal rank fusion: the sum of 1 / (60 + rank) over the rankings; best first, ties by id."""
    fused: dict[str, float] = {}
    for ranking in rankings:
        for rank, (identifier, _) in enumerate(ranking, start=1):
            fused[identifier] = fused.get(identifier, 0.0) + 1.0 / (RANK_CONSTANT + rank)
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))
