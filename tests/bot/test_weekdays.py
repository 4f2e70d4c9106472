"""Which day "Friday" was, by the date of the article that says it."""

from __future__ import annotations

import pytest

from bot.weekdays import day_meant

CLOSED = "Regulators closed the bank on Friday."


@pytest.mark.parametrize(
    ("answer", "published", "meant"),
    [
        ("Friday", "2023-03-11", "10 March 2023"),
        ("on Friday", "2023-03-11", "10 March 2023"),
        ("late Friday night", "2023-03-10T23:00:00Z", "10 March 2023"),
        ("last Friday", "2023-03-10", "3 March 2023"),
        ("Sunday", "2023-03-11", "5 March 2023"),
        ("yesterday", "2023-03-01", "28 February 2023"),
        ("today", "2023-03-01", "1 March 2023"),
    ],
)
def test_a_weekday_is_the_last_one_before_the_article(answer: str, published: str, meant: str) -> None:
    told = day_meant("When was the bank closed?", answer, f"Regulators closed the bank {answer}.", published)
    assert f"is {meant}: " in told


@pytest.mark.parametrize(
    ("question", "answer", "sentence", "published"),
    [
        ("Who closed the bank?", "Friday", CLOSED, "2023-03-11"),
        ("When was the bank closed?", "Friday", CLOSED, None),
        ("When was the bank closed?", "10 March", CLOSED, "2023-03-11"),
        ("When was the bank closed?", "next Friday", CLOSED, "2023-03-11"),
        ("When was the bank closed?", "Friday at the earliest", CLOSED, "2023-03-11"),
        ("When does it open?", "Friday", "The bank will open on Friday.", "2023-03-11"),
        ("When does it open?", "Friday", "The bank is to open on Friday.", "2023-03-11"),
        ("When does it open?", "Friday", "It’ll open on Friday.", "2023-03-11"),
        ("When is the market?", "Friday", "There is a market every Friday.", "2023-03-11"),
    ],
)
def test_nothing_is_said_where_it_is_not_asked_or_not_sure(
    question: str, answer: str, sentence: str, published: str | None
) -> None:
    assert day_meant(question, answer, sentence, published) == ""


def test_what_another_clause_says_is_of_no_weight() -> None:
    sentence = "Regulators closed the bank on Friday, after a week in which it could not find the money."
    assert "10 March 2023" in day_meant("When was it closed?", "Friday", sentence, "2023-03-11")


def test_may_is_a_month_too() -> None:
    assert "5 May 2023" in day_meant("When did it close?", "Friday", "In May, on a Friday, it closed.", "2023-05-06")
