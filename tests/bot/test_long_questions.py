"""Questions are hostile text: whatever is typed, each step of understanding comes to an end."""

from __future__ import annotations

from datetime import date

import pytest

from bot.hops import hop
from bot.outlets import outlets
from bot.parts import one_name_each, parts
from bot.resolve import resolve
from bot.types import MAX_QUESTION_CHARACTERS
from bot.when import when

PIECES = [
    "A", "1", "A ", "A-", "A'", "a", "( ", "? (", "Aa and ", "Aa, ", "A or ", "A of the ", "and ", "the ", "of the ",
    "it ", "what ", "what about ", ", and what ", "when and ", "according to A ", "did A, ",
    "did The A, ", "The A, ", "The A and ", "as of ", "in the last ",
    "the latest ", "What is the latest on ", "the director of ", "the founder of a A ", "A's ", "A's father ",
]  # fmt: skip


@pytest.mark.parametrize("piece", PIECES)
def test_the_longest_question_of_one_piece_is_understood_somehow(piece: str) -> None:
    question = (piece * MAX_QUESTION_CHARACTERS)[:MAX_QUESTION_CHARACTERS]
    resolved = resolve(question, [(piece * 50_000, question)] * 3)
    assert resolved.text and parts(resolved)
    assert when(question, date(2026, 11, 25)).asked
    assert isinstance(outlets(question, lambda name: name).asked, str)
    assert isinstance(one_name_each(resolved), list)
    assert hop(resolved) is None or hop(resolved)
