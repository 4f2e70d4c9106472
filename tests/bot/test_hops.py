"""Questions that ask about somebody whom they only describe are asked in two steps."""

from __future__ import annotations

import pytest

from bot.hops import hop
from bot.resolve import Resolved


def steps(question: str) -> tuple[str, str] | None:
    found = hop(Resolved(question, question))
    return (found.inner.asked, found.outer("Ada Rook").asked) if found else None


@pytest.mark.parametrize(
    ("question", "inner", "outer"),
    [
        ("How old is the founder of FTX?", "Who is the founder of FTX?", "How old is Ada Rook?"),
        (
            "Where was the director of film The Private Life of Cinema born?",
            "Who is the director of film The Private Life of Cinema?",
            "Where was Ada Rook born?",
        ),
        ("Where did Saw Thanda’s husband die?", "Who is the husband of Saw Thanda?", "Where did Ada Rook die?"),
        (
            "Who is the father of the director of Palo Alto (2013 Film)?",
            "Who is the director of Palo Alto (2013 Film)?",
            "Who is the father of Ada Rook?",
        ),
        ("How old is the founder of Ørsted?", "Who is the founder of Ørsted?", "How old is Ada Rook?"),
        ("How large is the capital of Peru?", "What is the capital of Peru?", "How large is Ada Rook?"),
    ],
)
def test_who_it_is_is_asked_first(question: str, inner: str, outer: str) -> None:
    assert steps(question) == (inner, outer)


@pytest.mark.parametrize(
    "question",
    [
        "Who is the founder of FTX?",
        "What is the capital of Peru?",
        "Who is Ada Rook’s mother?",
        "Which star was named the new creative director of Louis Vuitton?",
        "Who is the launch director of Artemis I?",
        "Who delivered the State of the Union address?",
        "Which country was crowned the winner of Eurovision 2023?",
        "What did the president of which African country ask for?",
        "How old is the founder of it?",
        "",
    ],
)
def test_other_questions_are_one_step(question: str) -> None:
    assert steps(question) is None
