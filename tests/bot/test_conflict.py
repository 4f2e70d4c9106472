"""Differing reports stand side by side, newest first; what only looks different does not."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from bot.cite import Citations
from bot.conflict import Disagreement, disagreement, newest_first, sides_json
from bot.quote import quote
from bot.read import Evidence, FoundAnswer
from index.passages import sentence_spans
from index.types import Article
from tests.bot.test_read import scored

COST = "How much will the repairs to the harbour bridge cost?"
DEAD = "How many people died in the Mill Street fire?"


@dataclass(frozen=True)
class Report:
    text: str
    answer: str
    day: str = "2024-03-01"
    score: float = 0.8
    story: int | None = None


def evidence(report: Report, number: int) -> Evidence:
    start = report.text.index(report.answer)
    sentence = next(span for span in sentence_spans(report.text) if span[0] <= start < span[1])
    found = scored(report.text, f"r{number}").model_copy(update={"story": report.story})
    found.node.metadata.update(date=report.day, title="Harbour bridge repairs" if "bridge" in report.text else "Fire")
    return Evidence(found, *sentence, FoundAnswer(start, start + len(report.answer), report.score))


def found(question: str, *reports: Report) -> Disagreement | None:
    return disagreement(question, [evidence(report, n) for n, report in enumerate(reports)])


def values(result: Disagreement | None) -> list[str]:
    return [side[0].short_answer for side in result.sides] if result else []


SIX = Report("Repairs to the harbour bridge will cost 6.4 million pounds, the city said.", "6.4 million pounds")
NINE = Report(
    "Repairs to the harbour bridge will cost 9.1 million pounds, an engineer said.",
    "9.1 million pounds",
    "2024-04-30",
    0.6,
)


def test_two_sums_for_one_thing_are_a_conflict_the_newest_first() -> None:
    result = found(COST, SIX, NINE)
    assert result is not None and result.kind == "conflict"
    assert values(result) == ["9.1 million pounds", "6.4 million pounds"]


def test_the_newest_wins_and_every_side_is_cited() -> None:
    reports = [SIX, NINE]
    given = [evidence(report, n) for n, report in enumerate(reports)]
    result = disagreement(COST, given)
    citations = Citations(lambda each: Article(each.article_id, "T", reports[int(each.article_id[1:])].text))
    quoted = quote(newest_first(given, result), citations)
    assert quoted.short_answer == "9.1 million pounds"
    assert [sentence.citations for sentence in quoted.sentences] == [(1,), (2,)], "neither stands behind the other"
    assert sides_json(result, citations) == [
        {
            "kind": "conflict",
            "sides": [
                {"value": "9.1 million pounds", "date": "2024-04-30", "citations": [1]},
                {"value": "6.4 million pounds", "date": "2024-03-01", "citations": [2]},
            ],
        }
    ]


@pytest.mark.parametrize(
    "other",
    [
        Report(
            "The repairs to the harbour bridge will cost about 6 million pounds, he said.", "about 6 million pounds"
        ),
        Report("The repairs of the harbour bridge will cost 6,400,000 pounds.", "6,400,000 pounds"),
        Report("The repairs to the harbour bridge will cost 9.1 million euros, he said.", "9.1 million euros"),
        Report("The repairs to the station roof will cost 9.1 million pounds, he said.", "9.1 million pounds"),
        Report("It was 6.4 million once. Repairs to the harbour bridge will cost 9.1 million.", "9.1 million"),
        Report(NINE.text, NINE.answer, score=0.02),
        Report("The harbour bridge was opened in 1931 by the city.", "1931"),
        Report("Repairs to the harbour bridge could cost 9.1 million pounds, an engineer said.", "9.1 million pounds"),
    ],
    ids=[
        "rounded",
        "in figures",
        "another unit",
        "another thing",
        "tells of both",
        "unlikely",
        "another kind",
        "what may be",
    ],
)
def test_what_only_looks_different_is_no_conflict(other: Report) -> None:
    assert found(COST, SIX, other) is None


def test_copies_of_one_story_and_one_article_are_one_voice() -> None:
    one = Report(SIX.text, SIX.answer, story=7)
    assert found(COST, one, Report(NINE.text, NINE.answer, story=7)) is None
    assert disagreement(COST, [evidence(SIX, 0), evidence(NINE, 0)]) is None


def test_a_count_that_grows_has_developed_and_one_that_falls_has_not() -> None:
    nine = Report("At least 9 people died in the Mill Street fire, police said.", "9", "2024-01-10")
    later = Report("The Mill Street fire killed people: 17 people died, police said.", "17", "2024-01-12")
    grown = found(DEAD, nine, later)
    assert grown is not None and (grown.kind, values(grown)) == ("development", ["17", "9"])
    corrected = found(DEAD, Report(later.text, "17", "2024-01-09"), nine)
    assert corrected is not None and (corrected.kind, values(corrected)) == ("conflict", ["9", "17"])
    undated = found(DEAD, Report(nine.text, "9", ""), later)
    assert undated is not None and undated.kind == "conflict"


def test_a_later_article_that_names_the_earlier_number_corrects_it() -> None:
    first = Report("Officials said that 19 people died in the Mill Street fire, a blaze of Sunday.", "19", "2024-01-09")
    later = Report("The number of people who died in the Mill Street fire is 17, not 19.", "17", "2024-01-10", 0.4)
    for reports in ((first, later), (later, first)):
        result = found(DEAD, *reports)
        assert result is not None and (result.kind, values(result)) == ("development", ["17", "19"])
    assert found(DEAD, first, Report(later.text, "17", "2024-01-08")) is None, "what was said before corrects nothing"


def test_dates_differ_where_a_part_that_both_give_does() -> None:
    question = "When will the harbour bridge close?"
    fourth = Report("The harbour bridge will close on March 4 for repairs.", "March 4")
    eleventh = Report("The harbour bridge will close on March 11 for work.", "March 11")
    assert values(found(question, fourth, eleventh)) == ["March 4", "March 11"]
    same = Report("The harbour bridge will close on March 4, 2024 for work.", "March 4, 2024")
    assert found(question, fourth, same) is None


def test_a_year_that_stands_in_both_sentences_hides_no_conflict() -> None:
    question = "When did Maren Holt win the harbour bridge vote?"
    words = "Maren Holt won the harbour bridge vote in {}, against Idris Vane, a 2016 candidate."
    given = [Report(words.format(year), year) for year in ("2018", "2016")]
    assert values(found(question, *given)) == ["2018", "2016"]
    other = Report(given[0].text.replace("2018", "about 2,000"), "2016")
    assert found(question, given[0], other) is None, "that year stands in both alike"


def test_names_are_at_odds_only_in_sentences_that_say_the_same() -> None:
    question = "Who will lead the repairs of the harbour bridge?"
    holt = Report("Maren Holt will lead the repairs of the harbour bridge, the city said.", "Maren Holt")
    vane = Report("Idris Vane will lead the repairs of the harbour bridge, the city said.", "Idris Vane")
    assert values(found(question, holt, vane)) == ["Maren Holt", "Idris Vane"]
    council = Report("On repairs of the harbour bridge the council will hear from Idris Vane, a critic.", "Idris Vane")
    assert found(question, holt, council) is None
    assert (
        found(question, holt, Report("Ms Holt will lead the repairs of the harbour bridge, he said.", "Holt")) is None
    )


def test_the_same_said_of_somebody_else_is_no_conflict() -> None:
    question = "What share of parcels is moved by UPS?"
    ups = Report("An estimated 6% of parcels is moved by UPS every year.", "6%")
    assert (
        found(question, ups, Report("An estimated 8% of parcels is moved by DHL every year, not UPS.", "8%"))
        is not None
    )
    assert (
        found(question, ups, Report("UPS in figures. An estimated 8% of parcels is moved by DHL every year.", "8%"))
        is None
    )


def test_a_name_that_opens_the_sentence_is_somebody_too() -> None:
    question = "How many followers did Holt have on the harbour page?"
    holt = Report("Holt had 35 million followers on the harbour page and a presence elsewhere.", "35 million")
    vane = Report("Idris Vane had 29 million followers on the harbour page and a presence elsewhere.", "29 million")
    assert found(question, holt, vane) is None
    assert found(question, holt, Report(vane.text.replace("Idris Vane", "Holt"), "29 million")) is not None


def test_a_deputy_is_not_the_one_whose_deputy_he_is() -> None:
    question = "Who is the harbour master of Lervik?"
    master = Report("Maren Holt is the harbour master of Lervik.", "Maren Holt")
    deputy = Report("The city heard from Idris Vane, deputy harbour master of Lervik.", "Idris Vane")
    assert found(question, master, deputy) is None
    assert found(question, master, Report(deputy.text.replace("deputy", "the"), "Idris Vane")) is not None


def test_letters_with_full_stops_rule_nothing_out() -> None:
    question = "How much will the repairs to the U.S. harbour bridge cost?"
    both = [replace(each, text=each.text.replace("the harbour", "the U.S. harbour")) for each in (SIX, NINE)]
    assert values(found(question, *both)) == ["9.1 million pounds", "6.4 million pounds"]
    elsewhere = replace(both[1], text=both[1].text.replace("U.S.", "Lervik"))
    assert found(question, both[0], elsewhere) is None, "what is asked of the U.S. is said of somebody else there"


def test_three_sides_at_most_and_each_with_all_that_say_so() -> None:
    others = [
        Report(
            f"Repairs to the harbour bridge will cost {n}.1 million pounds, said source {n}.", f"{n}.1 million pounds"
        )
        for n in (7, 8, 9)
    ]
    again = Report("Repairs to the harbour bridge will cost 6.4 million pounds, said another.", "6.4 million pounds")
    result = found(COST, SIX, *others, again)
    assert result is not None and len(result.sides) == 3
    assert [len(side) for side in result.sides if side[0].short_answer == "6.4 million pounds"] == [2]


def test_nothing_found_is_nothing_at_odds() -> None:
    assert disagreement(COST, []) is None and found(COST, SIX) is None
    assert newest_first([], None) == [] and sides_json(None, Citations(lambda each: None)) == []


@pytest.mark.parametrize(
    ("question", "best", "answer", "other", "another"),
    [
        (
            "How many people were killed in the fire in Trell?",
            "The fire in Trell killed 17 people on Monday.", "17",
            "The fire in Trell injured 40 people on Monday.", "40",
        ),
        (
            "How many seats did the Guild win in the council of Trell?",
            "The Guild won 17 seats in the council of Trell.", "17",
            "The Guild lost 9 seats in the council of Trell.", "9",
        ),
        (
            "When was the first case of measles in Trell found?",
            "The first case of measles in Trell was found on 21 July.", "21 July",
            "The second case of measles in Trell was found on 9 September.", "9 September",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("score", [0.0, 0.1])
def test_a_number_of_another_thing_is_no_other_answer(
    question: str, best: str, answer: str, other: str, another: str, score: float
) -> None:
    reports = [Report(best, answer), Report(other, another, "2024-03-02", score)]
    given = [evidence(report, n) for n, report in enumerate(reports)]
    read = [each for each in given if each.score]
    assert disagreement(question, read, [each.passage for each in given]) is None


@pytest.mark.parametrize(
    ("question", "best", "other"),
    [
        (
            "How many people were killed in the fire in Trell?",
            "The fire in Trell killed 17 people on Monday.", "The fire in Trell left 19 people dead on Monday.",
        ),
        (
            "How many people were arrested at the protest in Trell?",
            "Police arrested 17 people at the protest in Trell on Monday.",
            "Police arrested 19 at the protest in Trell on Monday, officials said.",
        ),
        (
            "How many people were hurt in the fire in Trell?",
            "The fire in Trell hurt 17 people on Monday.", "The fire in Trell injured 19 people on Monday.",
        ),
    ],
)  # fmt: skip
def test_other_words_for_one_thing_hide_no_conflict(question: str, best: str, other: str) -> None:
    reports = [Report(best, "17"), Report(other, "19", "2024-03-02", 0.1)]
    given = [evidence(report, n) for n, report in enumerate(reports)]
    assert values(disagreement(question, given, [each.passage for each in given])) == ["19", "17"]


def test_stretches_of_days_differ() -> None:
    first = Report("The Lervik fair will be held on Feb. 3-5 in the old harbour.", "Feb. 3-5")
    second = Report("The Lervik fair will be held on Feb. 10-12 in the old harbour.", "Feb. 10-12", "2024-03-02")
    assert values(found("When will the Lervik fair be held?", first, second)) == ["Feb. 10-12", "Feb. 3-5"]
