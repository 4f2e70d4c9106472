"""Which clauses of a sentence can be checked alone, each against its own passage."""

from __future__ import annotations

import pytest

from bot.clauses import clauses, leans_on_another


def test_a_sentence_is_cut_where_each_clause_says_enough_of_its_own() -> None:
    both = "The union accepted a rise, but train drivers in Lervik walked out."
    assert clauses(both) == ["The union accepted a rise", "train drivers in Lervik walked out."]
    assert clauses("The union accepted a rise of 4.5 percent.") == []
    assert clauses("The union accepted a rise, but drivers left.") == []
    assert clauses("Holt resigned on Thursday, while he was born in 1952 in Leningrad.") == []


@pytest.mark.parametrize(
    "clause",
    [
        "he was born in 1952",
        "in Leningrad he was born",
        "his mother lived in Leningrad",
        "the party chose his successor",
        "was born in Leningrad",
        "later joined the navy in Leningrad",
        "in May they walked out over pay",
        "its plant in Lervik was closed",
        "this led to a strike in Lervik",
        "the latter was born in Leningrad",
    ],
)
def test_a_clause_whose_subject_is_elsewhere_is_seen(clause: str) -> None:
    assert leans_on_another(clause)


@pytest.mark.parametrize(
    "clause",
    [
        "train drivers walked out over their rest rooms",
        "Putin met his adviser in Leningrad",
        "there was a strike in Lervik",
        "the union said it would strike",
        "this week ministers met in Lervik",
        "during the strike the ferries lay still",
    ],
)
def test_a_clause_with_its_own_subject_stands_alone(clause: str) -> None:
    assert not leans_on_another(clause)
