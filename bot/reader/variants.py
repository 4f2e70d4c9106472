"""Other ways to put a question, and dates to put over a passage: so that the reader relies on neither form."""

from __future__ import annotations

import random
import re
from datetime import date, timedelta

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
    tuple(pair.split("/"))
    for pair in (
        "before/after first/last largest/smallest highest/lowest most/least more/fewer increase/decrease "
        "northern/southern eastern/western began/ended win/lose oldest/newest can/cannot maximum/minimum "
        "buy/sell bought/sold won/lost born/buried lent/borrowed joined/left hired/fired opened/closed "
        "attacked/defended gained/lost arrived/departed married/divorced accepted/rejected passed/failed "
        "father/mother son/daughter brother/sister husband/wife men/women male/female king/queen "
        "north/south east/west longest/shortest earliest/latest best/worst founded/dissolved teacher/student"
    ).split()
]


def keyword_form(question: str) -> str:
    """The question as typed into a search box: its content words only."""
    words = re.findall(r"[\w'\u2019.-]*\w", question)
    kept = [word for word in words if word.lower() not in FUNCTION_WORDS]
    return " ".join(kept if len(kept) >= 2 else words)


def random_dates(rng: random.Random, count: int = 2000) -> list[str]:
    """Dates from 1995 to 2026, half in ISO form, half written out."""
    days = [date(1995, 1, 1) + timedelta(rng.randrange(31 * 365)) for _ in range(count)]
    return [day.isoformat() if rng.random() < 0.5 else f"{day:%B} {day.day}, {day.year}" for day in days]
