"""Questions that ask for several things are taken apart; others are not."""

from __future__ import annotations

import pytest

from bot.parts import parts
from bot.resolve import Resolved


def asked(question: str) -> list[str]:
    return [each.asked for each in parts(Resolved(question, question))]


@pytest.mark.parametrize(
    ("question", "pieces"),
    [
        (
            "Which prosecutor said Castillo might flee, and which lawyer later confirmed his messages?",
            ["Which prosecutor said Castillo might flee?", "Which lawyer later confirmed his messages?"],
        ),
        (
            "By what vote was Castillo removed, and for how long did the judges order him held?",
            ["By what vote was Castillo removed?", "For how long did the judges order him held?"],
        ),
        ("What will a dose cost in the US? Has Sanofi said?", ["What will a dose cost in the US?", "Has Sanofi said?"]),
        (
            "How many were counted in Lervik on the Sunday, and what on the Monday?",
            ["How many were counted in Lervik on the Sunday?", "How many were counted in Lervik on the Monday?"],
        ),
        (
            "What happened in Lervik? And what happened in Tromvik?",
            ["What happened in Lervik?", "What happened in Tromvik?"],
        ),
        ("Who leads Lervik? And how old is he?", ["Who leads Lervik?", "How old is he?"]),
        ("How many died in Lervik and how many in Graz?", ["How many died in Lervik?", "How many died in Graz?"]),
        ("Did Lervik or Graz send more tanks?", ["Did Lervik send more tanks?", "Did Graz send more tanks?"]),
        ("Who is older, Will Smith or Ada Rook?", ["Who is older, Will Smith?", "Who is older, Ada Rook?"]),
        ("Who is older, Ada Rook or Ben Stone?", ["Who is older, Ada Rook?", "Who is older, Ben Stone?"]),
        ("Who is older, Élodie Öberg or Ada Rook?", ["Who is older, Élodie Öberg?", "Who is older, Ada Rook?"]),
        (
            "What do both Lervik and Tromvik charge for a ferry?",
            ["What do both Lervik charge for a ferry?", "What do both Tromvik charge for a ferry?"],
        ),
    ],
)
def test_two_things_asked_are_two_parts(question: str, pieces: list[str]) -> None:
    assert asked(question) == pieces


def test_a_later_part_takes_up_what_the_first_one_is_about() -> None:
    _, second = parts(Resolved(*["Why was the strike in Lervik called off, and when did it begin?"] * 2))
    assert second.asked == "When did it begin?" and "Lervik" in second.text


def test_what_a_follow_up_took_up_goes_with_each_part() -> None:
    whole = Resolved("Who won, and who lost? (Lervik, race)", "Who won, and who lost?", ("Lervik", "race"))
    assert all("Lervik" in each.text for each in parts(whole))


@pytest.mark.parametrize(
    "question",
    [
        "When and where was Ada Rook born?",
        "Which band is back with a single and will reunite for a tour?",
        "What was the score between Delaware and Penn State?",
        "Who said that Finland and Sweden should be first to join?",
        "What did Rook say about salt, sand and stone?",
        "Who rejected it, and why?",
        "Does Lervik or Tromvik have a ferry?",
        "What is it? Who is she? Why? Where? When?",
    ],
)
def test_one_thing_asked_stays_whole(question: str) -> None:
    assert asked(question) == [question]
