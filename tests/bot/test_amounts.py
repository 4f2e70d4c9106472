"""Which amounts bear out which: directions, sizes without a figure, and one of a kind."""

from __future__ import annotations

import pytest

from bot.amounts import sizes
from bot.check import check
from bot.facts import facts


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("Thousands of people were killed in the blast in Leeds.", "Three people were killed in the blast in Leeds."),
        (
            "Hundreds of people were killed in the blast in Leeds.",
            "Three people were killed in the blast in Leeds. Hundreds marched.",
        ),
        (
            "Dozens of people were killed in the blast in Leeds.",
            "Three people were killed in the blast in Leeds, where 50,000 live.",
        ),
        (
            "Dozens were killed in the blast in Leeds.",
            "Three people were killed in the blast in Leeds. It was in 2019.",
        ),
        ("More than 50 people died in the storm.", "Fewer than 50 people died in the storm."),
        ("Fewer than 50 people died in the storm.", "More than 50 people died in the storm."),
        ("He won by at most 20 votes.", "He won by more than 20 votes."),
        ("At least 800 people died in the storm.", "About 730 people died in the storm."),
        ("One hostage was freed in Gaza.", "Three hostages were freed in Gaza."),
        ("One Israeli hostage was freed in Gaza.", "Three Israeli hostages were freed in Gaza."),
        ("Only one man was arrested in Leeds.", "Three men were arrested in Leeds."),
        ("730 people died in the storm.", "About 800 people died in the storm."),
        ("50 people died in the storm.", "Fewer than 50 people died in the storm."),
        ("Nearly 800 people died in the storm.", "More than 800 people died in the storm."),
        ("More than 800 people died in the storm.", "Nearly 800 people died in the storm."),
        ("The mill was built around 1950.", "The mill was built in 1999."),
        ("The mill was built in 1950.", "The mill was built around 1999."),
        ("Millions of people fled the storm.", "Thousands of people fled the storm."),
        ("100 people fled the storm.", "Hundreds of people fled the storm."),
        ("Under 50 people died in the storm.", "At least 50 people died in the storm."),
        ("A few dozen people died in the storm.", "Three people died in the storm."),
        ("50 or fewer people died in the storm.", "More than 50 people died in the storm."),
    ],
)
def test_another_direction_or_size_is_another_amount(claim: str, passage: str) -> None:
    assert check(claim, passage).lacking


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("Thousands of people were killed in the blast in Leeds.", "4,200 people were killed in the blast in Leeds."),
        (
            "Thousands of people were killed in the blast in Leeds.",
            "Tens of thousands of people were killed in the blast in Leeds.",
        ),
        (
            "Thousands of people were killed in the blast in Leeds.",
            "People were killed in their thousands in the blast in Leeds.",
        ),
        ("Hundreds were killed in the blast in Leeds.", "At least 340 people were killed in the blast in Leeds."),
        ("Dozens were killed in the blast in Leeds.", "Some 40 people were killed in the blast in Leeds."),
        ("Dozens were killed in the blast in Leeds.", "Several dozen people were killed in the blast in Leeds."),
        ("Several hundred were killed in the blast in Leeds.", "Hundreds were killed in the blast in Leeds."),
        ("Hundreds were killed in the blast in Leeds.", "Several hundred were killed in the blast in Leeds."),
        ("More than 100 people were killed in the blast in Leeds.", "Hundreds were killed in the blast in Leeds."),
        ("Billions of dollars were lost in the crash.", "The crash cost $4.2bn, all of which was lost. Dollars fell."),
        ("At least 800 people died in the storm.", "850 people died in the storm."),
        ("At least 800 people died in the storm.", "At least 800 people died in the storm."),
        ("More than 800 people died in the storm.", "At least 800 people died in the storm."),
        ("About 800 people died in the storm.", "At least 812 people died in the storm."),
        ("800 people died in the storm.", "More than 800 people died in the storm."),
        ("Nearly 10 million people fled.", "More than 9.7 million people fled."),
        ("Nearly 10 million people fled.", "9,712,345 people fled."),
        ("More than 9.7 million people fled.", "9,712,345 people fled."),
        ("At most 20 votes were lost.", "No more than 20 votes were lost."),
        ("50 or more people died in the storm.", "At least 50 people died in the storm."),
        ("At least 50 people died in the storm.", "More than 50 people died in the storm."),
        ("At least 50 people died in the storm.", "50+ people died in the storm."),
        ("One hostage was freed in Gaza.", "One hostage was freed in Gaza and three hostages died."),
        ("One hostage was freed in Gaza.", "A hostage was freed in Gaza, where two soldiers died."),
        ("One of the three hostages was freed in Gaza.", "One of three hostages was freed in Gaza."),
        ("The mill was built around 1950.", "The mill was built in 1949."),
        ("No one was hurt in the three crashes.", "No one was hurt in the three crashes."),
        ("Dozens of homes burnt down.", "Two dozen homes burnt down."),
        ("Over 5% of them left.", "More than five percent of them left."),
        ("Up to 800 people fled.", "As many as 800 people fled."),
        ("Hundreds of thousands of people fled the storm.", "Half a million people fled the storm."),
    ],
)
def test_the_same_may_be_put_otherwise(claim: str, passage: str) -> None:
    assert check(claim, passage).lacking == ()


def test_what_is_lacking_is_named_as_it_stands() -> None:
    said = "Three {} freed in the raid on Leeds."
    assert check("Thousands of hostages were freed in the raid on Leeds.", said.format("hostages were")).lacking == (
        "“Thousands”",
    )
    assert check("One old hostage was freed in the raid on Leeds.", said.format("old hostages were")).lacking == (
        "“One old hostage”",
    )


def test_sizes_are_read_with_their_scale() -> None:
    found = sizes(
        "Tens of thousands left, dozens died and several dozen, or a few hundred, stayed for two hundred days."
    )
    assert [(each.text, each.value) for each in found] == [
        ("Tens of thousands", 10_000),
        ("dozens", 12),
        ("several dozen", 12),
        ("a few hundred", 100),
    ]


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("no fewer than 50 people", "at least"),
        ("in excess of $50m", "at least"),
        ("50+ people", "at least"),
        ("50 or more", "at least"),
        ("no more than fifty", "at most"),
        ("fewer than 50", "below"),
        ("almost 50", "nearly"),
        ("some 50", "about"),
        ("half a million", "about"),
        ("up to half a million", "at most"),
        ("50 people", ""),
    ],
)
def test_what_is_said_of_a_number_is_read(text: str, bound: str) -> None:
    (number,) = facts(text).numbers
    assert number.bound == bound
