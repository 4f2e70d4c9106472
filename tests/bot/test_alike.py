"""What the reader passed over: sentences of other stories that say the same, be it with another answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.conflict import Disagreement, disagreement
from tests.bot.test_conflict import COST, NINE, SIX, Report, evidence, values

BEST = Report("The repairs to the harbour bridge will cost 6.4 million pounds by May 3, the city said.", "6.4 million")


def found(question: str, best: Report, *others: Report) -> Disagreement | None:
    """What is found where the reader gives the best report alone, and the others only share words with it."""
    passages = [evidence(report, number).passage for number, report in enumerate((best, *others))]
    return disagreement(question, [evidence(best, 0)], passages)


def test_what_was_not_read_is_set_against_the_best_answer() -> None:
    assert values(found(COST, SIX, NINE)) == ["9.1 million", "6.4 million pounds"]
    assert found(COST, SIX, replace(NINE, story=3)) is not None
    assert found(COST, replace(SIX, story=3), replace(NINE, story=3)) is None, "one story has one voice"


@pytest.mark.parametrize(
    "text",
    [
        "The repairs to the harbour bridge will cost 6.4 million pounds by May 9, the city said.",
        "The repairs to the harbour bridge will cost about 6 million pounds by May 3, the city said.",
        "The repairs to the harbour bridge, of 4 million and 3 million pounds, will cost 9.1 million pounds by May 3.",
        "The repairs to the station roof in Lervik will cost 9.1 million pounds by May 3, the guild said.",
    ],
    ids=["another date, not asked", "rounded", "several numbers", "another thing"],
)
def test_what_is_not_surely_in_the_answers_place_is_left(text: str) -> None:
    assert found(COST, BEST, Report(text, "harbour bridge" if "bridge" in text else "station")) is None


def test_dates_and_names_stand_in_the_answers_place_too() -> None:
    closes = Report("The harbour bridge will close on March 4 for 11 weeks of repairs.", "March 4")
    later = Report("The harbour bridge will close on March 11 for 11 weeks of repairs.", "weeks")
    assert values(found("When will the harbour bridge close?", closes, later)) == ["March 4", "March 11"]
    holt = Report("The city said that Maren Holt will lead the repairs of the harbour bridge.", "Maren Holt")
    vane = Report("The city said that Idris Vane will lead the repairs of the harbour bridge.", "repairs")
    asked = "Who will lead the repairs of the harbour bridge?"
    assert values(found(asked, holt, vane)) == ["Maren Holt", "Idris Vane"]
    opens = Report(holt.text.removeprefix("The city said that "), "Maren Holt")
    assert values(found(asked, opens, Report(vane.text.removeprefix("The city said that "), "repairs"))) == [
        "Maren Holt",
        "Idris Vane",
    ]
