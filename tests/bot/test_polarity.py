"""What is so and what is not: the word that a negation is about, and sentences that say the opposite."""

from __future__ import annotations

import time

import pytest

from bot.check import check
from bot.polarity import contrary, opposed, polarity, roots

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


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("The Senate rejected the bill on Tuesday.", "The Senate approved the bill on Tuesday."),
        ("The Senate approved the bill on Tuesday.", "The Senate rejected the bill on Tuesday."),
        (
            "The Senate rejected the bill on Tuesday.",
            "The Senate approved the bill on Tuesday. The House rejected it in May.",
        ),
        ("The jury acquitted Anna Holm of fraud.", "The jury convicted Anna Holm of fraud."),
        ("Anna Holm was convicted of fraud by the jury.", "Anna Holm was acquitted of fraud by the jury."),
        ("The jury found Anna Holm guilty.", "The jury found Anna Holm innocent."),
        ("Anna Holm is innocent, the jury found.", "Anna Holm is guilty, the jury found."),
        ("Profits rose 5% in 2022.", "Profits fell 5% in 2022."),
        ("Profits fell 5% in 2022.", "Profits climbed 5% in 2022."),
        ("Sales doubled.", "Sales halved."),
        ("Sales halved last year.", "Sales doubled last year."),
        ("Labour lost 20 seats in the north.", "Labour gained 20 seats in the north."),
        ("Holt lost the race in Leeds.", "Holt won the race in Leeds."),
        ("The bridge was closed in May.", "The bridge was opened in May."),
        ("All twenty sailors survived the wreck.", "All twenty sailors died in the wreck."),
        ("Prices fell.", "Prices rose in 2021. In Lervik people dropped in."),
    ],
)
def test_a_claim_that_says_the_opposite_of_its_passage_is_not_supported(claim: str, passage: str) -> None:
    assert check(claim, passage).lacking


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        (
            "The Senate rejected the bill on Tuesday.",
            "The Senate first approved the bill; on Tuesday it rejected the bill.",
        ),
        (
            "The Senate rejected the bill on Tuesday.",
            "The House approved the bill. The Senate rejected the bill on Tuesday.",
        ),
        (
            "The Senate accepted the bill on Tuesday.",
            "The Senate approved the bill on Tuesday and rejected a change to it. The Senate accepted it gladly.",
        ),
        ("Profits rose 5% in 2022.", "Profits climbed 5% in 2022, while sales fell. What rose in 2022 was profits."),
        ("Profits rose 5% in 2022.", "Profits grew 5% in 2022. Profits fell 5% in 2021."),
        ("Holt won the race in Leeds.", "Berg lost the race in Leeds to Holt, who won by a second."),
        ("Holt won the race against Berg.", "Berg lost the race against Holt."),
        ("Anna Holm is innocent, the jury found.", "The jury found Anna Holm not guilty: she is innocent."),
        ("Exports rose and imports fell in May.", "Exports rose in May and imports fell."),
        ("Three sailors survived the wreck.", "Three sailors survived the wreck and twenty died."),
        ("The shop closed in May.", "The shop opened in 2001 and closed in May."),
        ("Prices fell.", "Prices rose in 2021. In 2022 they dropped."),
    ],
)
def test_one_whose_passage_has_the_opposite_of_another_thing_is(claim: str, passage: str) -> None:
    assert check(claim, passage).lacking == ()


def test_the_word_that_has_its_opposite_there_is_named() -> None:
    assert contrary("Profits rose in May.", ["Profits fell in May."]) == "rose"
    assert check("Profits rose in May.", "Profits fell in May.").lacking == ("whether “rose” is so or not",)
    assert contrary("Profits rose in May.", ["Profits fell in May.", "In May, profits climbed."]) == ""
    assert contrary("Profits did not rise in May.", ["Profits fell in May."]) == ""
