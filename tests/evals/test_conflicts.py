"""Briefs that contradict an article, and such as only look so: how they are made, and what is counted."""

from __future__ import annotations

import random
from pathlib import Path
from typing import cast

import pytest

from bot.pipeline import Bot
from evals import conflicts, denials
from evals.conflicts import Found
from evals.drafts.candidates import Candidate
from evals.drafts.cloze import Question
from evals.reports import CONFLICTS, DENIALS, OTHER_ANSWERS, SAME_ANSWERS, Case, cases
from evals.workspace import Workspace
from index.types import Article

WILL = "The Lervik council will close the old harbour bridge in May, according to Maren Holt."
DID = "Maren Holt signed the plan for the harbour bridge on Monday."
HAS = "Maren Holt has approved the plan for the harbour bridge, which was drawn up in May."


def given(sentence: str) -> denials.Statement:
    found = denials.statement(sentence, "the mayor of the town")
    assert found is not None
    return found


def test_a_sentence_becomes_a_question_of_yes_or_no() -> None:
    assert given(WILL).question == "Will the Lervik council close the old harbour bridge in May?"
    assert given(DID).question == "Did Maren Holt sign the plan for the harbour bridge on Monday?"
    assert given(HAS).question == "Has Maren Holt approved the plan for the harbour bridge?"


@pytest.mark.parametrize(
    "sentence",
    [
        "Maren Holt said the bridge will close for the whole of May.",
        "The bridge will close for the whole of May.",
        "Maren Holt had two plans for the bridge in her hand on Monday.",
    ],
    ids=["two verbs", "nobody is named", "had is no auxiliary"],
)
def test_what_has_no_plain_form_is_left(sentence: str) -> None:
    found = denials.statement(sentence, "the mayor")
    assert found is None or found.question is None


def test_denials_and_what_only_looks_like_them() -> None:
    chance = random.Random(1)
    assert denials.negated(given(WILL), chance) in {WILL.replace("will", will) for will in ("will not", "won’t")}
    signed = {DID.replace("signed", way) for way in ("did not sign", "didn’t sign", "failed to sign", "never signed")}
    assert denials.negated(given(DID), chance) in signed
    assert denials.negated(given(DID.replace("signed", "approved")), chance) in {
        DID.replace("signed", way) for way in ("rejected", "did not approve")
    }
    assert denials.negated(given(WILL.replace("will", "will not")), chance) == WILL
    assert denials.negated(given(HAS), chance) is None, "that it had not come by another day is no denial"
    assert denials.not_yet(given(HAS), chance) == HAS.replace("has", "has not yet")
    assert denials.not_yet(given(WILL), chance) is None
    assert denials.twice_negated(given(DID), chance) in {
        DID.replace("signed", way) for way in ("did not fail to sign", "did not refuse to sign")
    }
    assert denials.twice_negated(given(WILL), chance) in {
        f"{who} denied that {WILL[0].lower()}{WILL[1:]}" for who in ("Nobody", "No one has")
    }
    assert denials.another_thing_negated(given(HAS), chance) == HAS.replace("was drawn", "was not drawn")
    assert denials.put_otherwise(given(DID.replace("signed", "will not sign")), chance) == DID.replace(
        "signed", "won’t sign"
    )


def test_cases_are_the_same_every_time_each_on_an_article_of_its_own() -> None:
    articles, sources = [], []
    for number in range(60):
        sentence = DID.replace("Holt", f"Holt{number}")
        articles.append(
            Article(f"a{number}", "The bridge", f"{sentence} It was late.", published="2024-05-06", origin="x")
        )
        question = Question(f"Who signed plan {number}?", [f"Maren Holt{number}"], "name", 0)
        sources.append([Candidate(sentence, "template", question, ((f"Maren Holt{number}", "person"),))])
    made = cases(articles, sources, 3)
    assert made == cases(articles, sources, 3)
    assert len({case.article.id for case in made}) == len(made)
    assert {case.kind for case in made} >= {"another name", "other words", "no for a yes", "twice negated"}
    assert {case.kind for case in made if case.is_conflict} <= CONFLICTS < {*OTHER_ANSWERS, *SAME_ANSWERS, *DENIALS}
    days = {case.report.published < "2024-05-06" for case in made if case.kind == "not yet" and case.report.published}
    assert days <= {True}


def test_halves_and_figures_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    article = Article("a", "T", "x", published="2024-05-06")
    made = [Case(kind, "?", article, article) for kind in ("another name", "rounded") * 20]
    results = [Found(True, case.kind == "another name", True) for case in made]
    conflicts.print_figures(made, results)
    printed = capsys.readouterr().out
    assert "another name       20 cases,   20 answered,   20 shown as a conflict" in printed
    assert printed.count("F1") == 3 and printed.count("1.000 [1.000, 1.000] (n 20)") == 2
    assert "newest wins, of those   1.000 [0.839, 1.000] (n 20)" in printed
    half = conflicts.looked_at(40)
    assert half == conflicts.looked_at(40) and len(half) == 20


def test_what_was_asked_before_it_was_stopped_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    article = Article("a", "T", "x", published="2024-05-06")
    made = [Case("rounded", question, article, article) for question in ("one?", "two?", "three?")]
    asked: list[str] = []

    def asking(bot: object, case: Case) -> Found:
        if case.question == stop_at:
            raise KeyboardInterrupt
        asked.append(case.question)
        return Found(True, case.question == "two?", False)

    def answered(of: str) -> list[Found]:
        return conflicts.answered(made, cast(Bot, None), Workspace(tmp_path, of))

    monkeypatch.setattr(conflicts, "asked", asking)
    stop_at = "three?"
    with pytest.raises(KeyboardInterrupt):
        answered("a file")
    stop_at = ""
    found = answered("a file")
    assert asked == ["one?", "two?", "three?"]
    assert found == [Found(True, False, False), Found(True, True, False), Found(True, False, False)]
    assert capsys.readouterr().err == "3 of 3 questions\n"
    answered("a file")
    assert len(asked) == 6, "a finished run is measured again"
    answered("another file")
    assert len(asked) == 9
