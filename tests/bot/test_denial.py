"""Yes against no: what one article says is so and another says is not, of what is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.cite import Citations
from bot.conflict import Disagreement, disagreement, newest_first, sides_json
from bot.quote import quote
from bot.read import Evidence, ReadPassage
from index.types import Article
from tests.bot.test_conflict import Report, evidence, values

ASKED = "Did the council approve the plan for the harbour bridge?"
YES = Report("The council approved the plan for the harbour bridge on Monday, officials said.", "Monday")
NO = Report(
    "The council did not approve the plan for the harbour bridge on Monday, officials said.", "Monday", "2024-03-05"
)


def read(report: Report, number: int) -> tuple[Evidence, ReadPassage]:
    found = evidence(report, number)
    passage = found.passage
    whole = ReadPassage(
        node=passage.node, score=report.score, scores={}, story=report.story, also_in=(), answers=(found.answer,)
    )
    return replace(found, passage=whole), whole


def found(question: str, *reports: Report) -> Disagreement | None:
    """What is found where the reader gives the first report alone, and the others were only read."""
    given = [read(report, number) for number, report in enumerate(reports)]
    return disagreement(question, [given[0][0]], [passage for _, passage in given])


def test_yes_and_no_stand_side_by_side_in_their_own_words() -> None:
    for reports in ((YES, NO), (NO, YES)):
        result = found(ASKED, *reports)
        assert result is not None and result.kind == "conflict"
        assert values(result) == ["did not approve", "approved"]


def test_each_side_is_cited_for_itself() -> None:
    given = [read(report, number) for number, report in enumerate((YES, NO))]
    result = disagreement(ASKED, [each for each, _ in given], [passage for _, passage in given])
    citations = Citations(lambda each: Article(each.article_id, "T", (YES, NO)[int(each.article_id[1:])].text))
    quoted = quote(newest_first([each for each, _ in given], result), citations)
    assert [sentence.citations for sentence in quoted.sentences] == [(1,), (2,)], "neither stands behind the other"
    assert sides_json(result, citations) == [
        {
            "kind": "conflict",
            "sides": [
                {"value": "did not approve", "date": "2024-03-05", "citations": [1]},
                {"value": "approved", "date": "2024-03-01", "citations": [2]},
            ],
        }
    ]


def test_the_sentence_that_says_most_of_what_is_asked_is_the_one_denied() -> None:
    other = replace(YES, text="The town is for a bridge, or it is not.", answer="not", score=0.9)
    given = [read(report, number) for number, report in enumerate((other, YES, NO))]
    result = disagreement(ASKED, [each for each, _ in given[:2]], [passage for _, passage in given])
    assert values(result) == ["did not approve", "approved"]


def test_what_else_is_asked_may_be_denied_too() -> None:
    assert values(found("When did the council approve the plan for the harbour bridge?", YES, NO)) == [
        "did not approve",
        "approved",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "The council did not fail to approve the plan for the harbour bridge on Monday, officials said.",
        "The council approved the plan for the harbour bridge on Monday, officials did not say why.",
        "The council might not approve the plan for the harbour bridge on Monday, officials said.",
        "The council did not approve the plan for the harbour bridge on Friday, Monday’s officials said.",
        "The council did not approve the plan for the station roof, officials said on Monday.",
        "The council did not approve the plan for the harbour bridge on Monday, officials said. The council approved "
        "the plan for the harbour bridge on Monday, others said.",
    ],
    ids=["twice", "another thing", "may be", "another day", "another plan", "tells of both"],
)
def test_what_only_looks_opposed_is_no_conflict(text: str) -> None:
    assert found(ASKED, YES, Report(text, "Monday", "2024-03-05")) is None


def test_one_story_does_not_deny_itself() -> None:
    assert found(ASKED, replace(YES, story=7), replace(NO, story=7)) is None


@pytest.mark.parametrize(
    "earlier",
    [
        "The council had not approved the plan for the harbour bridge on Monday, officials said.",
        "The council has not yet approved the plan for the harbour bridge, officials said on Monday.",
        "The council hasn’t approved the plan for the still closed harbour bridge on Monday, officials said.",
    ],
)
def test_what_is_not_so_yet_and_then_is_has_developed(earlier: str) -> None:
    yes = replace(YES, day="2024-03-09")
    result = found(ASKED, yes, Report(earlier, "Monday", "2024-03-05"))
    assert result is not None and (result.kind, result.sides[0][0].short_answer) == ("development", "approved")
    result = found(ASKED, YES, Report(earlier, "Monday", "2024-03-05"))
    assert result is not None and result.kind == "conflict", "it was approved before"


def test_what_says_that_it_has_changed_has_developed() -> None:
    later = "After first refusing, the council approved the plan for the harbour bridge on Monday, officials said."
    result = found(ASKED, NO, Report(later, "Monday", "2024-03-09"))
    assert result is not None and (result.kind, result.sides[0][0].short_answer) == ("development", "approved")
