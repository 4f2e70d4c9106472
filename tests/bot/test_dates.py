"""Dates of claims: the month by its capital, the year by the sentence or the article's day."""

from __future__ import annotations

import pytest

from bot.check import check


@pytest.mark.parametrize(
    ("claim", "passage", "header"),
    [
        ("The Fed will raise rates in May.", "The Fed may raise rates, officials said. They met in Boston.", ""),
        ("The Fed will raise rates in March.", "Protesters march to the Fed, which will raise rates.", ""),
        ("The Fed will raise rates in May.", "The Fed will raise rates, Theresa May said.", ""),
        (
            "Anna Holm resigned on 5 May 1999.",
            "Anna Holm resigned on 5 May. She had joined the firm in 1999.",
            "Holm resigns · BBC · 2023-05-06",
        ),
        (
            "Anna Holm resigned on 5 May 1999.",
            "She had joined the firm in 1999. Anna Holm resigned on 5 May.",
            "Holm resigns · BBC · 2023-05-06",
        ),
        ("Anna Holm resigned on 5 May 1999.", "Anna Holm resigned on 5 May. She had joined the firm in 1999.", ""),
        ("Anna Holm resigned on 5 May 2022.", "Anna Holm resigned on 5 May.", "Holm resigns · BBC · 2023-05-06"),
    ],
)
def test_a_date_that_the_passage_does_not_give_is_lacking(claim: str, passage: str, header: str) -> None:
    assert check(claim, passage, header).lacking


@pytest.mark.parametrize(
    ("claim", "passage", "header"),
    [
        (
            "Anna Holm resigned on 5 May 2023.",
            "Anna Holm resigned on 5 May. She had joined the firm in 1999.",
            "Holm resigns · BBC · 2023-05-06",
        ),
        (
            "Anna Holm resigned in May 2023.",
            "Anna Holm resigned on 5 May. She had joined the firm in 1999.",
            "Holm resigns · BBC · 2023-05-06",
        ),
        (
            "Anna Holm resigned on 20 December 2022.",
            "Anna Holm resigned on 20 December.",
            "Holm resigns · BBC · 2023-01-06",
        ),
        ("Anna Holm resigned on 5 May 1999.", "In 1999 it went on. Anna Holm resigned on 5 May.", ""),
        (
            "Anna Holm resigned on 5 May 1999.",
            "In the spring of 1999, on 5 May, Anna Holm resigned.",
            "Holm · BBC · 2023-05-06",
        ),
        ("The Fed will raise rates in May.", "Rates will go up at the Fed's May meeting, when it will raise them.", ""),
        ("The Fed will raise rates in March.", "The Fed will raise rates after the March elections.", ""),
        ("The Fed will raise rates in May.", "The Fed will raise rates on 5 May.", ""),
        ("The Fed will raise rates in May.", "The Fed will raise rates, maybe early in May.", ""),
        (
            "The vote is on 5 January 2023.",
            "The vote is on 5 January. It is the first of 2023.",
            "Vote · BBC · 2022-12-20",
        ),
    ],
)
def test_one_that_it_gives_otherwise_is_not(claim: str, passage: str, header: str) -> None:
    assert check(claim, passage, header).lacking == ()
