"""Follow-ups: what leans on the conversation is completed, what does not is left alone."""

from __future__ import annotations

import pytest

from bot.resolve import leans, resolve

HISTORY = [
    (
        "Who rejected NATO peacekeepers in Ukraine?",
        "Russian Deputy Foreign Minister Alexander Grushko rejected them [1].",
    )
]
MARATHON = [("Who ran the fastest marathon in history in Chicago?", "Kelvin Kiptum")]


@pytest.mark.parametrize(
    "question",
    [
        "Who rejected NATO peacekeepers in Ukraine?",
        "When did the Artemis rocket lift off?",
        "how many people died in the bronx fire",
        "why was the artemis launch delayed",
        "What caused the flood that closed Yellowstone park in June?",
        "Which company is releasing its most popular drink again this week?",
        "What did John Wayne do later in his career?",
        "How big was SVB compared with other American banks before it failed?",
        "How much will it cost to repair the roads in Yellowstone?",
        "What did Boluarte say on her first full day, and what did she say four days later?",
        "Which other cities besides Liverpool and Glasgow were on the shortlist?",
        "Why do specialists prefer pushing a threatening rock aside to shattering it?",
    ],
)
def test_questions_that_stand_alone_stay(question: str) -> None:
    resolved = resolve(question, HISTORY)
    assert (resolved.text, resolved.asked, resolved.added) == (question, question, ())
    assert resolved.certain


@pytest.mark.parametrize(
    "question",
    [
        "and what did he offer instead?",
        "since when?",
        "Why?",
        "What did he say about it?",
        "and who else?",
        "Which countries are willing to send troops anyway?",
        "Which port was hit the day after?",
        "What did they want?",
        "What still had to happen after that before they could join?",
    ],
)
def test_questions_that_lean_get_what_they_lack(question: str) -> None:
    resolved = resolve(question, HISTORY)
    assert "NATO" in resolved.text and "Ukraine" in resolved.text and "Grushko" in resolved.text
    assert resolved.certain and resolved.text.startswith(resolved.asked)
    assert not resolved.text.startswith("And ")


def test_a_reader_is_asked_without_the_words_that_lead_the_search() -> None:
    resolved = resolve("and what was his time in London?", MARATHON)
    assert resolved.asked == "What was his time in London?"
    assert resolved.text == "What was his time in London? (Chicago, ran, fastest, marathon, history, Kelvin Kiptum)"
    assert resolved.asking("When was he there?").text.startswith("When was he there? (Chicago")


@pytest.mark.parametrize("question", ["What did Biden say about it?", "How many Americans were among them?"])
def test_a_name_is_not_what_it_or_them_points_at_in_the_same_clause(question: str) -> None:
    assert leans(question, []) is True


def test_a_song_is_not_who_sang_it() -> None:
    assert leans("What song did they sing at Eurovision?", []) is True
    assert leans("Which song made its writers rich?", []) is False


@pytest.mark.parametrize("question", ["What does a llama cost?", "How many legs does a lobster have?"])
def test_a_short_question_on_something_else_is_no_certain_follow_up(question: str) -> None:
    resolved = resolve(question, MARATHON)
    assert leans(question, []) is None
    assert not resolved.certain and "marathon" in resolved.added


def test_the_film_is_the_one_that_was_talked_of() -> None:
    history = [("Who made the film about Jacques Cousteau?", "Lambert Wilson plays him in it.")]
    assert "Jacques Cousteau" in resolve("When was the film released?", history).text
    assert resolve("When was the famous old railway bridge rebuilt?", history).added == ()


def test_a_surname_alone_is_given_in_full() -> None:
    history = [("Who replaced Pedro Castillo?", "Dina Boluarte was sworn in [1].")]
    assert resolve("What did Castillo try to do?", history).text == "What did Pedro Castillo try to do?"
    assert resolve("What did Dina Boluarte promise?", history).text == "What did Dina Boluarte promise?"
    assert resolve("Where is the Castillo Pedro stands in?", history).text == "Where is the Castillo Pedro stands in?"


@pytest.mark.parametrize(
    ("before", "question", "understood"),
    [
        ("Who pays Kang-in Lee?", "Did Leeds sign Lee?", "Did Leeds sign Kang-in Lee?"),
        ("Who is Jet Li?", "What did Lisbon pay Li?", "What did Lisbon pay Jet Li?"),
        ("Who is Jet Li?", "What did Li-Ning pay Li’s agent?", "What did Li-Ning pay Jet Li’s agent?"),
        ("Who is Paris Hilton?", "In Hilton, who met Hilton?", "In Hilton, who met Paris Hilton?"),
        (
            "How tall is Michael Jordan?",
            "When did most of Jordan's wins come?",
            "When did most of Michael Jordan's wins come?",
        ),
    ],
)
def test_only_a_word_of_its_own_is_a_name(before: str, question: str, understood: str) -> None:
    assert resolve(question, [(before, "")]).text == understood


@pytest.mark.parametrize(
    ("before", "question"),
    [
        ("When did Theresa May resign?", "What happened in May?"),
        ("When did Theresa May resign?", "Which ministers were sworn in after May?"),
        ("How tall is Michael Jordan?", "What is the capital of Jordan?"),
        ("Who is Paris Hilton?", "What is the population of Paris?"),
        ("Who is Paris Hilton?", "Who flew a plane from Paris to Lyon?"),
        ("What did the Bank of England decide?", "How did England play against Iran?"),
        ("Who leads the University of Texas?", "What did Texas decide on abortion?"),
        ("What does Twitter Blue cost?", "Who bought Twitter?"),
    ],
)
def test_a_month_or_a_place_is_nobodys_name(before: str, question: str) -> None:
    assert resolve(question, [(before, "")]).asked == question


def test_a_first_name_is_given_in_full_where_it_can_be_a_persons() -> None:
    assert resolve("What did Patti sing?", [("Who is Patti Page?", "")]).text == "What did Patti Page sing?"
    said = [("Who is Elon Musk?", "He makes cars.")]
    assert resolve("Who married Elon?", said).text == "Who married Elon Musk?"


@pytest.mark.parametrize(
    ("question", "understood"),
    [
        ("And what about phones?", "From when does the law apply to phones?"),
        ("how about cameras", "From when does the law apply to cameras?"),
    ],
)
def test_what_about_another_is_the_last_question_asked_of_it(question: str, understood: str) -> None:
    history = [("From when does the law apply to laptops?", "2026")]
    assert resolve(question, history).asked == understood


CANADA = "What does insulin cost in Canada?"


@pytest.mark.parametrize(
    ("before", "question"),
    [
        ("Who is Elon Musk?", "What about him?"),
        ("When was Emmanuel Macron elected?", "What about his wife?"),
        ("When was Emmanuel Macron elected?", "What about the strike?"),
        ("What did the Senate decide on the Railway Act?", "What about it?"),
        ("What is the median wage in Lervik and who pays it?", "What about the strike?"),
        ("When did the war start?", "What about the strike?"),
        ("how many died in the quake?", "What about Peru?"),
        (CANADA, "How about now"),
        (CANADA, "What about last year?"),
        (CANADA, "What about in it?"),
        (CANADA, "What about when he left?"),
        (CANADA, "What about aspirin?"),
    ],
)
def test_what_nothing_can_be_asked_of_in_another_place_stays_as_it_is(before: str, question: str) -> None:
    resolved = resolve(question, [(before, "")])
    assert resolved.asked == question and resolved.added and resolved.certain


@pytest.mark.parametrize(
    ("before", "question", "understood"),
    [
        (CANADA, "What about in the U.S.?", "What does insulin cost in the U.S.?"),
        ("What does insulin cost in the U.S.?", "And what about in Canada?", CANADA),
        (CANADA, r"What about in C:\quebec?", r"What does insulin cost in C:\quebec?"),
        (CANADA, r"What about in \1?", r"What does insulin cost in \1?"),
        (
            "What did Deborah Birx say about masks?",
            "What about Dr. Fauci?",
            "What did Dr. Fauci say about masks?",
        ),
        (
            "How many people died in Kansas City?",
            "What about St. Louis?",
            "How many people died in St. Louis?",
        ),
        (
            "How many died in the fire on Monday?",
            "What about the flood?",
            "How many died in the flood on Monday?",
        ),
        ("Who won in Brazil in March?", "What about Peru?", "Who won in Peru in March?"),
        ("Who won the race in 1998?", "What about 2002?", "Who won the race in 2002?"),
        ("Who won the election in Brazil?", "what about peru?", "Who won the election in peru?"),
        ("Who makes laptops?", "What about phones? And why?", "Who makes phones?"),
        ("Who won the first debate?", "What about the second debate?", "Who won the second debate?"),
        ("Who won the men's final?", "What about the women's final?", "Who won the women's final?"),
        ("Who paid for the average house?", "What about the old flat?", "Who paid for the old flat?"),
        (
            "Who won at the end of the season?",
            "What about the second season?",
            "Who won at the end of the second season?",
        ),
        (
            "How many were sold in the first quarter?",
            "What about in the second quarter?",
            "How many were sold in the second quarter?",
        ),
        ("How many were sold in April 2020?", "And in May 2021?", "How many were sold in May 2021?"),
        ("Who lives in peace with France?", "And in Peru?", "Who lives in peace with France in Peru?"),
    ],
)
def test_another_takes_the_place_of_its_like(before: str, question: str, understood: str) -> None:
    assert resolve(question, [(before, "")]).asked == understood


@pytest.mark.parametrize(
    ("before", "answer", "question", "understood"),
    [
        ("When did Finland join NATO?", "On Tuesday.", "why?", "Why did Finland join NATO?"),
        (
            "How many people did the Bronx fire kill?",
            "Seventeen.",
            "And when was that?",
            "When did the Bronx fire kill?",
        ),
        ("Did Finland join NATO?", "It did.", "since when?", "Since when did Finland join NATO?"),
        (
            "Who won the Chicago marathon?",
            "Kelvin Kiptum won it.",
            "How?",
            "How Kelvin Kiptum won the Chicago marathon?",
        ),
        ("how many passengers were on the flight", "189.", "why", "Why were passengers on the flight"),
        ("Which car was he driving?", "A Saab.", "where exactly?", "Where was he driving?"),
        ("Who was killed in Lindmouth?", "Ann Lee was.", "why is that?", "Why was Ann Lee killed in Lindmouth?"),
        ("Who was killed in Lindmouth?", "two sailors", "why?", "Why?"),
        ("What is the cost of the bridge?", "6.4 million.", "how come?", "How come is the cost of the bridge?"),
        ("Did Sweden join NATO?", "It did not.", "why not?", "Why not?"),
    ],
)
def test_a_bare_question_word_asks_more_of_what_was_asked_last(
    before: str, answer: str, question: str, understood: str
) -> None:
    assert resolve(question, [(before, answer)]).asked == understood


def test_where_a_report_was_sent_from_is_not_what_was_talked_of() -> None:
    answer = "NEW YORK (Northern News) – Ferries to Lervik were stopped on Monday."
    assert resolve("Why was that?", [("What happened to the ferries?", answer)]).added == ("Lervik",)


def test_a_bare_question_word_asks_of_what_was_understood() -> None:
    history = [
        ("When did Finland join NATO?", "On Tuesday."),
        ("Why?", "Because of the war.", "Why did Finland join NATO? (Tuesday)"),
    ]
    assert resolve("Since when?", history).asked == "Since when did Finland join NATO?"
    assert resolve("Why?", [("Yellowstone", "It is a park.")]).asked == "Why?"


def test_and_another_name_is_the_last_question_asked_of_it() -> None:
    history = [("Who won the election in Brazil?", "Lula"), ("And in Peru?", "Castillo")]
    assert resolve("And in Peru?", history[:1]).asked == "Who won the election in Peru?"
    assert resolve("And why?", history[:1]).asked == "Why Lula won the election in Brazil?"
    assert resolve("And Österreich?", [("How did Graz vote?", "")]).asked == "How did Österreich vote?"


def test_what_about_a_day_is_added_where_none_was_named() -> None:
    history = [("why was the artemis launch delayed", "An engine ran too warm.")]
    assert resolve("And what about in September?", history).asked == "Why was the artemis launch delayed in September?"
    assert resolve("What about on Monday?", [("Who spoke on Sunday?", "Ada")]).asked == "Who spoke on Monday?"


def test_what_was_understood_and_edited_is_not_resolved_again() -> None:
    resolved = resolve("What was his time in Berlin? (Kelvin Kiptum, marathon)", HISTORY)
    assert resolved.asked == "What was his time in Berlin?"
    assert resolved.text == "What was his time in Berlin? (Kelvin Kiptum, marathon)"
    assert resolve("What is NATO (the alliance)?", []).asked == "What is NATO (the alliance)?"


def test_without_a_history_nothing_is_added() -> None:
    assert resolve("why?", []).text == "why?"


def test_a_chain_of_follow_ups_reaches_back_to_the_topic() -> None:
    history = [*HISTORY, ("And why?", "He called it premature [2].")]
    assert "NATO" in resolve("What does he want instead?", history).text


def test_another_topic_ends_the_one_before_it() -> None:
    history = [*HISTORY, ("How old is the stilt village under Lake Ohrid?", "8,000 years [1].")]
    resolved = resolve("Who found it?", history)
    assert "Lake Ohrid" in resolved.text and "NATO" not in resolved.text


def test_a_short_question_that_was_understood_as_typed_began_another_topic() -> None:
    drug = ("Which drug makers developed the RSV antibody?", "Sanofi and AstraZeneca [1].")
    asked = "Where is the stilt village?"
    assert resolve("And how many stakes were found there?", [drug, (asked, "", asked)]).added == ("stilt", "village")
    taken_up = resolve("And who found it?", [drug, (asked, "", f"{asked} (RSV, drug)")])
    assert "RSV" in taken_up.added


def test_no_days_and_figures_are_carried_over() -> None:
    history = [("What was voted for on 24 October 2022 in Strasbourg?", "USB-C, on Tuesday")]
    assert resolve("Who voted against it?", history).added == ("Strasbourg", "USB-C")


@pytest.mark.parametrize("odd", ["(", "?", "\\", "[", "what about", "and", "it", "And (X", "what about (?", "A " * 900])
def test_odd_text_is_survived(odd: str) -> None:
    assert resolve(odd, [(odd, odd), ("Who is X?", odd)]).text
