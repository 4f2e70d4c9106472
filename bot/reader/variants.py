"""Other ways to put a question, and dates to put over a passage: so that the reader relies on neither form."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import date, timedelta

from bot.reader.sources import Paragraph, Question

# What people leave out when they type key words.
FUNCTION_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a an the is are was were be been do does did has have had of in on at to for by from with and or "
        "that this these those it its their his her what which who whom whose when where why how",
    )
)
# Pairs whose exchange makes a question ask for something that its paragraph most likely does not say.
OPPOSITES = [
    ("before", "after"), ("first", "last"), ("largest", "smallest"), ("highest", "lowest"), ("most", "least"),
    ("more", "fewer"), ("increase", "decrease"), ("northern", "southern"), ("eastern", "western"),
    ("began", "ended"), ("win", "lose"), ("oldest", "newest"), ("can", "cannot"), ("maximum", "minimum"),
]  # fmt: skip


def keyword_form(question: str) -> str:
    """The question as typed into a search box: its content words only."""
    words = re.findall(r"[\w'\u2019.-]*\w", question)
    kept = [word for word in words if word.lower() not in FUNCTION_WORDS]
    return " ".join(kept if len(kept) >= 2 else words)


def random_dates(rng: random.Random, count: int = 2000) -> list[str]:
    """Dates from 1995 to 2026, half in ISO form, half written out."""
    days = [date(1995, 1, 1) + timedelta(rng.randrange(31 * 365)) for _ in range(count)]
    return [day.isoformat() if rng.random() < 0.5 else f"{day:%B} {day.day}, {day.year}" for day in days]


def alterations(paragraphs: list[Paragraph], questions: list[Question], rng: random.Random) -> Iterator[str]:
    """For each question one that its paragraph should not answer, or "" where no rule applies.

    A year or name of the question is exchanged for another that the same article's questions use, or a word
    for its opposite: a cheap stand-in for the adversarial questions of SQuAD 2.0 (Rajpurkar et al. 2018,
    table 2).
    """
    detail = re.compile(r"(?<=[a-z] )(?:[A-Z][a-z]{2,}(?: [A-Z][a-z]{2,})*|\d{3,4})\b")
    known: dict[int, list[str]] = {}
    for question in questions:
        known.setdefault(paragraphs[question.paragraph].article, []).extend(detail.findall(question.text))
    for question in questions:
        article = paragraphs[question.paragraph].article
        text = question.text
        options = [
            text.replace(f" {word} ", f" {opposite} ", 1)
            for pair in OPPOSITES
            for word, opposite in (pair, pair[::-1])
            if f" {word} " in text
        ]
        for match in detail.finditer(text):
            others = [
                d for d in known[article]
                if d[0].isdigit() == match[0][0].isdigit() and d not in text and match[0] not in d
                and d not in question.answers
            ]  # fmt: skip
            if others:
                options.append(text[: match.start()] + rng.choice(others) + text[match.end() :])
        yield rng.choice(options) if options and question.answerable else ""
