"""A question's year against a sentence's."""

from __future__ import annotations

import pytest

from bot.years import of_another_year


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("Who won the song contest in 2023?", "Norvia won in May 2022."),
        ("What was the turnout of the 2016 election?", "Turnout was 58 percent in 2012."),
        ("How many ships called at Lervik in 2019?", "In the 2010–11 season 42 ships called."),
        ("Did the bridge open in 1950?", "The bridge, opened on 3 May 1931, was rebuilt."),
    ],
)
def test_another_year(question: str, sentence: str) -> None:
    assert of_another_year(question, sentence)


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("Who won in 2022?", "Norvia won in May 2022."),
        ("Who won in 2022?", "Norvia won by 12 points."),
        ("Who won in 2022?", "In mid-2022 Norvia won what it had lost in 2020."),
        ("Who won in 2022?", "Norvia won on 2022-05-14 and in 2019."),
        ("Who won in 2022?", "Norvia won, for the first time since 1998."),
        ("What was the turnout in 2016?", "Turnout was 55 percent, compared with 58 in 2012."),
        ("How many ships called in 1912?", "During the years 1910-14 some 300 ships called."),
        ("How many ships called in 1912?", "From 1910 to 1914 some 300 ships called."),
        ("What has changed since 2010?", "In 2014 the fare rose."),
        ("Who led the club from 1990 on?", "He led it in 1975, in 1992 and in 2004."),
        ("Who played before 2010?", "In 2004 she played."),
        ("What did people wear in the 1970s?", "In 1974 they wore flares."),
        ("Who won?", "Norvia won in 2022."),
        ("How many of the 2000 people left?", "In 1990 half of them left."),
        ("What cost $1999?", "A bicycle did in 2004."),
    ],
)
def test_no_other_year(question: str, sentence: str) -> None:
    assert not of_another_year(question, sentence)


@pytest.mark.parametrize(
    ("around", "published", "another"),
    [
        ("Ann beat Eva.", "2021-07-07", True),
        ("Ann beat Eva.", "2018-01-03", False),
        ("Ann beat Eva.", "", False),
        ("The final of 2017 is remembered. Ann beat Eva.", "2021-07-07", False),
        ("In the years 2015-18 she won them all. Ann beat Eva.", "2021-07-07", False),
        ("She also won in 2019. Ann beat Eva.", "2021-07-07", True),
        ("Log of 2017-07-16. Ann beat Eva.", "2021-07-07", False),
    ],
)
def test_without_a_year_it_is_about_those_around_it(around: str, published: str, another: bool) -> None:
    found = of_another_year("Whom did Ann beat in 2017?", "Ann beat Eva.", around=around, published=published)
    assert found is another
