"""Which words are made of a name, and which only begin as it does."""

from __future__ import annotations

import pytest

from bot.check import check
from bot.roots import same_root


@pytest.mark.parametrize(
    "words",
    "Ukraine/Ukrainian Ukraine/Ukrainians Russia/Russian Israel/Israeli Israel/Israelis Italy/Italian "
    "Kenya/Kenyan Peru/Peruvian Iran/Iranian Mexico/Mexicans Texas/Texan China/Chinese Malta/Maltese "
    "Congo/Congolese Germany/German Germany/Germans Thailand/Thai Serbia/Serbs Croatia/Croat Turkey/Turkish "
    "Turkey/Turks Sweden/Swedish Finland/Finnish Democrats/Democratic Islam/Islamic Europe/European "
    "Nigeria/Nigerian Georgia/Georgian Afghans/Afghanistan Cyprus/Cypriots London/Londoners "
    "Parliament/Parliamentary Zelensky/Zelenskyy Zelenskiy/Zelenskyy Wales/Welsh".split(),
)
def test_a_people_and_its_place_are_one_name(words: str) -> None:
    one, two = words.casefold().split("/")
    assert same_root(one, two) and same_root(two, one)


@pytest.mark.parametrize(
    "words",
    "Niger/Nigeria Niger/Nigerians Maria/Mario Victoria/Victor Johnson/John Martin/Martinez Georgia/George "
    "Austria/Australia India/Indiana Peter/Peterson Robert/Roberta Alexander/Alexandra Iran/Iraq Park/Parker "
    "Slovakia/Slovenia".split(),
)
def test_names_that_begin_alike_are_not(words: str) -> None:
    one, two = words.casefold().split("/")
    assert not same_root(one, two) and not same_root(two, one)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Niger", "Nigeria"),
        ("Maria Lund", "Mario Lund"),
        ("Boris Johnson", "Boris John"),
        ("Ana Martin", "Ana Martinez"),
    ],
)
def test_a_claim_about_the_one_is_not_supported_by_what_is_said_of_the_other(one: str, two: str) -> None:
    said = "The loan was paid back on Friday by {}."
    assert check(said.format(one), said.format(two)).lacking
    assert check(said.format(two), said.format(one)).lacking
