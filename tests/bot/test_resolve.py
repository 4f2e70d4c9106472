"""Follow-ups: what leans on the conversation is completed, what does not is left alone."""

from __future__ import annotations

import pytest

from bot.resolve import resolve, stands_alone

HISTORY = [
    (
        "Who rejected NATO peacekeepers in Ukraine?",
        "Russian Deputy Foreign Minister Alexander Grushko rejected them [1].",
    )
]


@pytest.mark.parametrize(
    "question",
    [
        "Who rejected NATO peacekeepers in Ukraine?",
        "When did the Artemis rocket lift off?",
        "how many people died in the bronx fire",
        "why was the artemis launch delayed",
        "What caused the flood that closed Yellowstone park in June?",
    ],
)
def test_questions_that_stand_alone_stay(question: str) -> None:
    assert stands_alone(question)
    assert resolve(question, HISTORY) == question


@pytest.mark.parametrize(
    "question", ["and what did he offer instead?", "since when?", "Why?", "What did he say about it?", "and who else?"]
)
def test_questions_that_lean_get_what_they_lack(question: str) -> None:
    resolved = resolve(question, HISTORY)
    assert "NATO" in resolved and "Ukraine" in resolved and "Grushko" in resolved
    assert not resolved.startswith("And ")


def test_without_a_history_nothing_is_added() -> None:
    assert resolve("why?", []) == "why?"


def test_a_chain_of_follow_ups_reaches_back_to_the_topic() -> None:
    history = [*HISTORY, ("And why?", "He called it premature [2].")]
    assert "NATO" in resolve("What does he want instead?", history)
