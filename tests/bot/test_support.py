"""Whether a claim's words belong together: what the score sees, and what it makes of it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.support import SUPPORTED, signals, support

PASSAGE = (
    "The harbour board hired Mara Lindqvist in spring. She had run a shipyard before. "
    "Fishermen blocked the narrow channel for a week. The market hall lost its roof in the storm."
)


def test_signals_by_hand() -> None:
    found = signals("The board blocked the channel with 200 tons of concrete.", PASSAGE)
    # board, block, channel are there, concrete is not; each stands in one of four sentences
    assert found == {
        "known": 0.75,
        "sentence": pytest.approx(2 / 3),
        "neighbours": pytest.approx(2 / 3),  # the first sentence and the third are no neighbours
        "first": 0.0,
    }


def test_a_sentence_with_a_pronoun_has_the_name_before() -> None:
    assert signals("Lindqvist had run a shipyard.", PASSAGE)["sentence"] == 1.0
    assert signals("Lindqvist blocked a shipyard.", PASSAGE)["sentence"] < 1.0


def test_a_word_of_all_sentences_weighs_least() -> None:
    passage = "The ferry sank. The ferry burnt. The ferry vanished."
    found = signals("The ferry sank and burnt.", passage)
    everywhere, once = math.log(2), math.log(4)
    assert found["sentence"] == pytest.approx((everywhere + once) / (everywhere + 2 * once))
    assert found["neighbours"] == 1.0 and found["first"] == 1.0


@pytest.mark.parametrize(
    "claim",
    [
        "The harbour board hired Mara Lindqvist.",
        "In spring, Lindqvist was hired by the board of the harbour.",
        "Mara Lindqvist had run a shipyard.",  # from two neighbours
        "The storm took the roof of the market hall.",
        "Lindqvist.",
        "",
    ],
)
def test_what_one_place_says_is_supported(claim: str) -> None:
    assert support(claim, PASSAGE) >= SUPPORTED


@pytest.mark.parametrize(
    "claim",
    [
        "Fishermen hired Mara Lindqvist in the storm.",
        "The harbour board lost its roof.",
        "The board hired the market hall for a week.",
    ],
)
def test_what_is_put_together_is_not(claim: str) -> None:
    assert support(claim, PASSAGE) < SUPPORTED


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_has_a_score(claim: str, passage: str) -> None:
    assert 0.0 <= support(claim, passage) <= 1.0
    assert all(0.0 <= value <= 1.0 + 1e-9 for value in signals(claim, passage).values())
