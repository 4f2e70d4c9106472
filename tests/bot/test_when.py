"""What a question says of the articles' dates."""

from __future__ import annotations

from datetime import date

import pytest
from llama_index.core.schema import TextNode

from bot.read import Evidence, FoundAnswer
from bot.when import When, newer_on_it, newest_answers_first, when
from index.search import ScoredPassage

TODAY = date(2026, 11, 25)
"""A Wednesday."""


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("According to the latest reports, when does Boluarte want to vote?", "When does Boluarte want to vote?"),
        ("Going by the newest report, has it been approved?", "Has it been approved?"),
        ("How many members does NATO have now?", "How many members does NATO have?"),
        ("How many are dead as of the most recent article?", "How many are dead?"),
        ("What is the latest death toll of the fire?", "What is the death toll of the fire?"),
        ("What is the most recent date given for it?", "What is the date given for it?"),
        ("What is the most recent word on where Castillo is?", "Where is Castillo?"),
        ("What’s the latest on Sweden’s bid?", "What happened with Sweden’s bid?"),
    ],
)
def test_the_newest_is_wanted_and_the_rest_is_asked(question: str, asked: str) -> None:
    assert when(question, TODAY) == When(asked, newest=True)


@pytest.mark.parametrize(
    "question",
    [
        "Who directed Apocalypse Now?",
        "Who founded Democracy Now?",
        "What did the minister say in the last week of May 2021?",
    ],
)
def test_a_name_or_a_past_stretch_says_nothing_of_the_articles_dates(question: str) -> None:
    assert when(question, TODAY) == When(question)


@pytest.mark.parametrize("question", ["How many have died this year of measles?", "Who died last week of cholera?"])
def test_of_what_somebody_died_is_no_other_year(question: str) -> None:
    assert when(question, TODAY).first


def test_until_now_stays_whole() -> None:
    assert when("Who ran the company until now?", TODAY).asked == "Who ran the company until now?"
    assert when("Ford closed its plant. Now, who runs it?", TODAY).newest
    assert when("WHO RUNS THE COMPANY NOW?", TODAY) == When("WHO RUNS THE COMPANY?", newest=True)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What was the toll as of March 2023?", When("What was the toll?", True, "", "2023-03-31", True)),
        ("As of 4 April 2023, who is in NATO?", When("Who is in NATO?", True, "", "2023-04-04", True)),
        (
            "How many had died, according to reports from 8 January 2022?",
            When("How many had died?", False, "2022-01-08", "2022-01-08", True),
        ),
        (
            "What is said in articles since 2022 on salt?",
            When("What is said on salt?", first="2022-01-01", binding=True),
        ),
        ("As of March 2023 who led?", When("Who led?", True, "", "2023-03-31", True)),
        ("As of the end of 2023 who led?", When("Who led?", True, "", "2023-12-31", True)),
        ("Who led as of Tuesday, 4 April 2023?", When("Who led?", True, "", "2023-04-04", True)),
        ("Who led as of March 31, 2023?", When("Who led?", True, "", "2023-03-31", True)),
        ("who led as of mid-march 2023", When("Who led", True, "", "2023-03-31", True)),
        (
            "How many people as of 3 April 2023 had died in the quake in Turkey?",
            When("How many people had died in the quake in Turkey?", True, "", "2023-04-03", True),
        ),
        (
            "According to reports from May 2023 who bought Twitter?",
            When("Who bought Twitter?", False, "2023-05-01", "2023-05-31", True),
        ),
        ("Who led as of the vote as of May 2023?", When("Who led as of the vote?", True, "", "2023-05-31", True)),
        ("Who won in reports before 2022?", When("Who won?", True, "", "2021-12-31", True)),
        ("Who won in articles before March 10, 2023?", When("Who won?", True, "", "2023-03-09", True)),
        ("Who won according to articles after 2022?", When("Who won?", first="2023-01-01", binding=True)),
        ("Who won in articles after March 2023?", When("Who won?", first="2023-04-01", binding=True)),
        ("Who won in articles until 2022?", When("Who won?", True, "", "2022-12-31", True)),
        ("Who won in reports before 0001?", When("Who won?", True, "", "0001-01-01", True)),
        ("Who won in reports after 9999?", When("Who won?", first="9999-12-31", binding=True)),
        ("as of march 2023", When("as of march 2023", True, "", "2023-03-31", True)),
    ],
)
def test_days_that_are_named_are_binding_and_only_they_are_left_out(question: str, said: When) -> None:
    assert when(question, TODAY) == said


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("today", "2026-11-25"),
        ("yesterday", "2026-11-24"),
        ("this week", "2026-11-19"),
        ("last week", "2026-11-16"),
        ("this month", "2026-11-01"),
        ("last month", "2026-10-01"),
        ("last year", "2025-01-01"),
        ("in the past ten days", "2026-11-15"),
        ("over the last 2 weeks", "2026-11-11"),
        ("recently", "2026-09-26"),
        ("in recent weeks", "2026-09-26"),
    ],
)
def test_last_week_is_counted_from_today_and_is_not_binding(words: str, first: str) -> None:
    question = f"Who resigned {words}?"
    assert when(question, TODAY) == When(question, True, first, TODAY.isoformat())


def test_shortly_before_is_a_season() -> None:
    assert when("Who resigned this week?", TODAY).shortly_before == "2026-08-21"
    assert when("Who resigned?", TODAY).shortly_before == ""


@pytest.mark.parametrize("question", ["And now?", "Currently?", "As of now?"])
def test_where_nothing_else_is_asked_the_question_stays(question: str) -> None:
    assert when(question, TODAY) == When(question, newest=True)


@pytest.mark.parametrize("question", ["Who resigned Today?", "WHO RESIGNED TODAY?", "Today, who resigned?"])
def test_only_a_capital_inside_a_sentence_is_a_name(question: str) -> None:
    assert bool(when(question, TODAY).first) == (question != "Who resigned Today?")


@pytest.mark.parametrize(
    "question",
    [
        "Who won the election in 2019?",
        "Who ran the mine until recently?",
        "What had she recently bought?",
        "As recently as May, who led?",
        "According to USA Today, who won?",
        "What must companies do by the end of 2030?",
        "What happened in March 2023?",
        "Why couldn’t last year’s champions sing?",
        "Where does wild polio still exist?",
        "who negotiated the grain deal in the first place",
        "What was the toll as of the second day?",
        "As of 31 February 2023, what was it?",
        "as of 2019, 2020 and 2021 who led?",
        "Who led, according to reports from March 2023 to May 2023?",
        "Who led as of 2019-20?",
        "as of May 0000 who led",
        "who leads as of 0000?",
        "Who was it as of ٢٠٢٣?",
        "According to reports of 2022 elections, who led?",
        "",
    ],
)
def test_other_questions_say_nothing_of_it(question: str) -> None:
    assert when(question, TODAY) == When(question)


def passage(title: str, day: str, text: str = "The harbour bridge is closed.") -> ScoredPassage:
    node = TextNode(text=text, metadata={"title": title, "date": day, "article_id": title})
    return ScoredPassage(node=node, score=0.5, scores={})


BRIDGE = "When will the harbour bridge in Lindmouth open?"
OLD = passage("Harbour bridge to open in May", "2022-01-10")


def test_a_much_newer_article_on_the_matter_is_named() -> None:
    newer = passage("Lindmouth harbour bridge stays shut", "2023-04-04")
    assert newer_on_it(BRIDGE, [OLD], [OLD, newer]) == (
        "A newer article on this does not answer it: “Lindmouth harbour bridge stays shut” (4 April 2023)."
    )


@pytest.mark.parametrize(
    ("cited", "other"),
    [
        (OLD, passage("Lindmouth harbour bridge stays shut", "2022-03-01")),
        (OLD, passage("Ferries run again", "2023-04-04", "Ferries run.")),
        (OLD, passage("Lindmouth harbour bridge stays shut", "")),
        (passage("Harbour bridge to open", ""), passage("Lindmouth harbour bridge stays shut", "2023-04-04")),
    ],
)
def test_other_articles_are_not(cited: ScoredPassage, other: ScoredPassage) -> None:
    assert newer_on_it(BRIDGE, [cited], [cited, other]) == ""


def test_the_newest_of_the_likely_answers_is_first_and_no_unlikely_one() -> None:
    def found(day: str, score: float) -> Evidence:
        return Evidence(passage(day, day), 0, 4, FoundAnswer(0, 4, score))

    old, newer, newest = found("2023-01-01", 0.9), found("2023-02-01", 0.8), found("2023-03-01", 0.5)
    assert newest_answers_first([old, newer, newest]) == [newer, old, newest]
    assert newest_answers_first([]) == []


def test_the_days_are_said_in_words() -> None:
    assert When("", first="2023-03-01").days == "from 1 March 2023 on"
    assert When("", last="2023-03-31").days == "up to 31 March 2023"
    assert When("", first="2023-03-01", last="2023-03-31").days == "from 1 March 2023 to 31 March 2023"
    assert When("", first="2023-03-01", last="2023-03-01").days == "of 1 March 2023"
    assert When("").days == ""
