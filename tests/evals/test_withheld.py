"""Asking with articles and without, and fitting the confidence to it; the reader counts words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.calibration import Logistic
from bot.pipeline import Bot
from bot.read import PassageReader
from evals.calibrate import fit_answers, fit_paragraphs, fit_spans, holds
from evals.calibrate import trials as calibration_trials
from evals.types import Evidence, QAExample
from evals.withheld import measure, trials
from index import ingest
from index.library import Index
from tests.fakes import WordReader

TOWNS = ("Lervik", "Tromvik", "Osmund", "Trell", "Hexcombe", "Kelby", "Alden", "Brockmoor")
EXAMPLES = [
    QAExample(
        town,
        f"How many days had the ferry strike in {town} lasted?",
        (str(30 + number),),
        True,
        (Evidence(f"in/{town}.txt", f"The ferry strike in {town} had lasted {30 + number} days."),),
    )
    for number, town in enumerate(TOWNS)
]


@pytest.fixture
def filled(index: Index, tmp_path: Path) -> Index:
    (tmp_path / "in").mkdir()
    for example in EXAMPLES:
        text = f"News of {example.id}\n\nRain fell. {example.evidence[0].quote} The mayor was glad."
        (tmp_path / "in" / f"{example.id}.txt").write_text(text, encoding="utf-8")
    ingest.add(index, [tmp_path / "in"])
    return index


def test_withholding_an_article_lowers_the_confidence(filled: Index) -> None:
    reader = PassageReader(WordReader(), Logistic(-2.0, {"margin": 1.0}))
    bot = Bot(filled, reader, Logistic(0.0, {"score": 1.0}), passages=8, threshold=0.0)
    found = list(trials(bot, EXAMPLES))
    assert len(found) == len(EXAMPLES)
    for trial in found:
        gold = trial.example.evidence[0].article_id
        assert gold in {citation.article.id for citation in trial.with_articles.citations}
        assert trial.without is not None
        assert gold not in {citation.article.id for citation in trial.without.citations}
    measured = {name: metric.value for name, metric in measure(found, 0.5).items()}
    assert measured["AUROC of the confidence"] == 1.0
    assert measured["answer in the first sentence"] == measured["short answer holds it"] == 1.0
    assert measured["answer in the sentences quoted of other articles"] == 0.0
    assert measured["AUROC for a right answer"] == 1.0


def test_a_question_whose_article_is_not_there_is_not_compared_with_itself(filled: Index) -> None:
    reader = PassageReader(WordReader(), Logistic(-2.0, {"margin": 1.0}))
    bot = Bot(filled, reader, Logistic(0.0, {"score": 1.0}), passages=8, threshold=0.0)
    elsewhere = replace(EXAMPLES[0], id="elsewhere", evidence=(Evidence("in/Elsewhere.txt", "Not there."),))
    found = list(trials(bot, [*EXAMPLES, elsewhere]))
    assert [trial.without is None for trial in found] == [False] * len(EXAMPLES) + [True]
    measured, without_it = measure(found, 0.5), measure(found[:-1], 0.5)
    assert measured["AUROC of the confidence"] == without_it["AUROC of the confidence"]
    assert measured["answer in the first sentence"].n == len(EXAMPLES) + 1
    assert "AUROC of the confidence" not in measure(found[-1:], 0.5)


def test_fitted_weights_tell_right_from_wrong(filled: Index) -> None:
    found = list(calibration_trials(filled, WordReader(), EXAMPLES))
    assert len(found) == 3 * len(EXAMPLES)
    with_all, _, without_answers = found[:3]
    holding = [[holds(passage, trial.gold) for passage in trial.passages] for trial in found[:3]]
    assert any(holding[0])
    assert without_answers.passages
    assert not any(holding[1] + holding[2])
    assert {each.passage.node_id for each in without_answers.passages} < {
        each.passage.node_id for each in with_all.passages
    }
    assert sum(any(any(own) for own in trial.span_labels()) for trial in found) == len(EXAMPLES)
    spans = fit_spans(found)
    weights = Logistic(spans["intercept"], spans["weights"])
    answers, paragraphs = fit_answers(found, weights), fit_paragraphs(found, WordReader())
    assert spans["positive"] >= len(EXAMPLES)
    assert (answers["n"], answers["positive"]) == (3 * len(EXAMPLES), len(EXAMPLES))
    assert answers["weights"]["score"] > 0
    assert paragraphs["weights"]["margin"] > 0
    assert paragraphs["positive"] == len(EXAMPLES)
    near_miss = replace(found[0], example=QAExample("near", "Who ended the strike?", answerable=False), gold={})
    assert fit_paragraphs([*found, near_miss], WordReader())["n"] == paragraphs["n"] + 1
