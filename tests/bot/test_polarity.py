"""What is so and what is not: the word that a negation is about, and sentences that say the opposite."""

from __future__ import annotations

import time

import pytest

from bot.polarity import opposed, polarity, roots

PLAN = "The council approved the harbour plan on Monday."


def words(first: str, second: str, about: str) -> tuple[str, str] | None:
    found = opposed(first, second, roots(about))
    return (first[slice(*found[0])], second[slice(*found[1])]) if found else None


@pytest.mark.parametrize(
    "text, denied",
    [
        ("It did not immediately close the road.", ["close"]),
        ("It did not fail to pass.", ["fail"]),
        ("Nobody denies that the road closed.", ["denies"]),
        ("It has not yet closed.", ["closed"]),
        ("It no longer closes.", ["closes"]),
        ("It was not only closed, but torn down.", []),
        ("There is no doubt that it closed.", []),
        ("He did not. Roads closed.", []),
        ("He did not, but roads closed.", []),
        ("After first refusing, they closed the road.", []),
    ],
)
def test_a_negation_is_about_one_word_and_two_of_them_are_none(text: str, denied: list[str]) -> None:
    assert [each.word for each in polarity(text).values() if each.denied] == denied


def test_a_text_of_negations_is_read_in_time() -> None:
    begun = time.monotonic()
    assert polarity("not " * 20_000 + "closed").keys() >= {"close"}
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    "second, value",
    [
        ("The council did not approve the harbour plan on Monday.", "did not approve"),
        ("The council didn’t approve the harbour plan on Monday.", "didn’t approve"),
        ("The council failed to approve the harbour plan on Monday.", "failed to approve"),
        ("The council rejected the harbour plan on Monday.", "rejected"),
        ("The council disapproved the harbour plan on Monday.", "disapproved"),
    ],
)
def test_the_opposite_is_found_with_its_words(second: str, value: str) -> None:
    assert words(PLAN, second, "Did the council approve the plan?") == ("approved", value)
    assert words(second, PLAN, "Did the council approve the plan?") == (value, "approved")


def test_verbs_whose_past_has_another_stem_are_known() -> None:
    assert words("Holt won the race.", "Holt did not win the race.", "Has Holt won?") == ("won", "did not win")
    assert words("A jury found her guilty.", "A jury found her not guilty.", "guilty") == ("guilty", "not guilty")


def test_a_word_may_stand_there_again() -> None:
    twice = "The road is closed in May and the bridge is closed in June."
    denied = twice.replace("bridge is", "bridge isn’t")
    assert words(twice, denied, "closed") == ("is closed", "isn’t closed")
    assert (
        words("Holt gave the magic number.", "Holt never gave the magic number.", "Did Holt give the magic number?")
        is not None
    )


@pytest.mark.parametrize(
    "first, second",
    [
        (PLAN, "The council did not fail to approve the harbour plan on Monday."),
        (PLAN, "The council, which did not vote on the road, approved the harbour plan on Monday."),
        ("The bank confirmed the merger.", "The bank did not deny the merger."),
        ("No injuries were reported.", "Injuries were not reported."),
        ("The council did not approve the plan.", "The council rejected the plan."),
        ("He put the plan first.", "He gave input to the plan first."),
    ],
    ids=["twice negated", "another thing", "not denied", "put otherwise", "not approved is rejected", "no prefix"],
)
def test_what_means_the_same_is_not_opposed(first: str, second: str) -> None:
    assert words(first, second, "approve the plan merger injuries reported confirm put") is None
