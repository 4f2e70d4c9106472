"""Follow-ups: three forms of a question searched for, and how much of the gap the bot closes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from evals.followups import CLOSED, FORMS, gap_closed, is_measured, search_all
from evals.measure import QUESTION_MEASURES, measured
from evals.score import GoldArticles
from evals.types import Evidence, Marks, QAExample
from evals.workspace import Workspace

ARTICLES = GoldArticles([("a", "/x/a.md"), ("b", "/x/b.md"), ("c", "/x/c.md")], lambda _: "")
EXAMPLE = QAExample(
    "f", "And why?", (), True, (Evidence("b"),), (("Who left?", "The captain"),), rewrite="Why did the captain leave?"
)


@dataclass
class Found:
    """A passage as search gives it."""

    article_id: str
    score: float


@dataclass
class Search:
    """Ranks as told by the question's last word; `asked` keeps the questions."""

    asked: list[str] = field(default_factory=list)

    def __call__(self, question: str, k: int) -> list[Found]:
        self.asked.append(question)
        order = {"why?": "ac", "leave?": "bac", "(captain)": "acb"}[question.split()[-1]]
        return [Found(article_id, 1.0 - rank / 10) for rank, article_id in enumerate(order)]


def test_each_form_is_searched_for_once(tmp_path: Path) -> None:
    search, answers = Search(), {"f": {"interpreted_question": "Why? (captain)"}}
    workspace = Workspace(tmp_path, "same")
    for _ in range(2):
        with workspace.journal("followups.jsonl") as journal:
            found = search_all([EXAMPLE], answers, search, ARTICLES, journal)  # type: ignore[arg-type]
    assert search.asked == ["And why?", "Why? (captain)", "Why did the captain leave?"]
    assert found == {
        "f": {
            "raw_Success@5": [0.0],
            "raw_RR@10": [0.0],
            "resolved_Success@5": [1.0],
            "resolved_RR@10": [1 / 3],
            "rewrite_Success@5": [1.0],
            "rewrite_RR@10": [1.0],
        }
    }


def test_what_is_found_past_the_tenth_counts_as_not_found(tmp_path: Path) -> None:
    def search(question: str, k: int) -> list[Found]:
        first = {"And why?": 10, "Why?": 9, "Why did the captain leave?": 0}[question]
        return [*(Found(f"x{i}", 1 - i / 100) for i in range(first)), Found("b", 0.1)]

    with Workspace(tmp_path, "same").journal("followups.jsonl") as journal:
        found = search_all([EXAMPLE], {"f": {"interpreted_question": "Why?"}}, search, ARTICLES, journal)["f"]  # type: ignore[arg-type]
    assert (found["raw_RR@10"], found["resolved_RR@10"], found["rewrite_RR@10"]) == ([0.0], [0.1], [1.0])


def test_only_follow_ups_that_a_person_rewrote_are_measured() -> None:
    assert is_measured(EXAMPLE)
    assert not is_measured(QAExample("x", "?", (), True, (Evidence("b"),), rewrite="Why?"))
    assert not is_measured(QAExample("x", "?", (), True, (), (("a", "b"),), rewrite="Why?"))
    assert not is_measured(QAExample("x", "?", (), True, (Evidence("b"),), (("a", "b"),)))


def marks(identifier: str, raw: float, resolved: float, rewrite: float) -> Marks:
    values = {f"{form}_RR@10": [value] for form, value in zip(FORMS, (raw, resolved, rewrite), strict=True)}
    return Marks(identifier, values)


def test_the_gap_closed_by_hand() -> None:
    found = [marks("a", 0.0, 1.0, 1.0), marks("b", 0.5, 0.5, 1.0), Marks("c", {})]
    # means .25, .75, 1.0: two thirds of the way
    closed = measured(found, QUESTION_MEASURES).metrics[CLOSED]
    assert closed.value == pytest.approx(2 / 3)
    assert closed.n == 2
    assert 0.0 <= closed.low <= closed.value <= closed.high <= 1.0


def test_without_a_gap_nothing_can_be_closed() -> None:
    assert gap_closed([marks("a", 1.0, 1.0, 1.0)], ["a"]) is None
    assert gap_closed([], []) is None
