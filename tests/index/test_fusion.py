"""Fusion: hand-worked values and what must hold for any two rankings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.fusion import convex, reciprocal_rank

# no subnormal ones: training the reader, in other tests, has the processor flush them for the rest of the process
rankings = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(-1, 1, allow_subnormal=False), max_size=8).map(
    lambda scores: sorted(scores.items(), key=lambda item: (-item[1], item[0]))
)


def test_convex_by_hand() -> None:
    # dense from -1: a (0.6+1)/1.6 = 1, b (0.2+1)/1.6 = .75; text from 0: b 1, c .5
    fused = convex([("a", 0.6), ("b", 0.2)], [("b", 8.0), ("c", 4.0)], 0.6)
    assert fused == [("b", pytest.approx(0.85)), ("a", pytest.approx(0.6)), ("c", pytest.approx(0.2))]


def test_reciprocal_rank_by_hand() -> None:
    fused = reciprocal_rank([("a", 0.9), ("b", 0.8)], [("b", 7.0)])
    assert fused == [("b", pytest.approx(1 / 62 + 1 / 61)), ("a", pytest.approx(1 / 61))]


def test_ties_go_by_id() -> None:
    assert [name for name, _ in convex([("b", 0.5), ("a", 0.5)], [], 0.5)] == ["a", "b"]


@given(rankings, rankings, st.floats(0, 1, allow_subnormal=False))
def test_fused_scores_are_shares_and_nothing_is_lost(
    dense: list[tuple[str, float]], text: list[tuple[str, float]], weight: float
) -> None:
    fused = convex(dense, text, weight)
    assert {name for name, _ in fused} == {name for name, _ in [*dense, *text]}
    assert all(0 <= score <= 1 + 1e-9 for _, score in fused)
    assert fused == sorted(fused, key=lambda item: (-item[1], item[0]))


@given(rankings)
def test_one_ranking_alone_keeps_its_order(dense: list[tuple[str, float]]) -> None:
    scores = dict(dense)
    order = [scores[name] for name, _ in convex(dense, [], 1.0)]
    assert order == pytest.approx([score for _, score in dense], abs=1e-9)
