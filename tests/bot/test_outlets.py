"""Whose word a question asks for."""

from __future__ import annotations

import pytest

from bot.outlets import Outlets, outlets

KNOWN = {"cnn": "CNN", "usa today": "USA Today", "the week": "The Week", "écho": "Écho", "bbc": "BBC"}


def known(name: str) -> str | None:
    return KNOWN.get(name.casefold())


@pytest.mark.parametrize(
    ("question", "asked", "names"),
    [
        ("According to CNN, how many died?", "How many died?", ("CNN",)),
        ("According to Écho, how many died?", "How many died?", ("Écho",)),
        ("How many died according to USA Today and CNN?", "How many died?", ("USA Today", "CNN")),
        ("How many died, as reported by The Week?", "How many died?", ("The Week",)),
        (
            "How many died in articles of CNN, The Week and USA Today?",
            "How many died?",
            ("CNN", "The Week", "USA Today"),
        ),
        ("What did CNN and USA Today report about the fire?", None, ("CNN", "USA Today")),
        ("What does The Week say about the fire?", None, ("The Week",)),
        ("What does Week say about the fire?", None, ("The Week",)),
        ("What did The Week and the BBC say about the fire?", None, ("The Week", "BBC")),
        ("What did the BBC and the Week say about the fire?", None, ("BBC", "The Week")),
        ("According to the BBC, how many died?", "How many died?", ("BBC",)),
    ],
)
def test_outlets_whose_word_is_asked_for(question: str, asked: str | None, names: tuple[str, ...]) -> None:
    assert outlets(question, known) == Outlets(asked or question, names)


@pytest.mark.parametrize(
    "question",
    [
        "Who bought CNN?",
        "According to the mayor, how many died?",
        "According to Mary Fisk and CNN, how many died?",
        "What did the mayor say about CNN?",
        "What did Ada Rook say about the fire?",
        "",
    ],
)
def test_other_questions_ask_for_nobodys_word(question: str) -> None:
    assert outlets(question, known) == Outlets(question)
