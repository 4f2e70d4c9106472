"""The gate on the project itself: a fifth of the seed questions against what was once reached, and spoilt bots."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.build import build_bot
from bot.pipeline import Bot
from bot.settings import Settings
from evals.asking import gold_articles
from evals.followups import FOLLOWUP_MEASURES
from evals.gate import judge, load_floors
from evals.load import load_questions
from evals.provenance import sha256_of
from evals.regressions import Halved, Shuffled, spoilt_bot
from evals.score import score_answer
from evals.types import Marks
from index.library import Index

pytestmark = [pytest.mark.model, pytest.mark.slow]

SET = Path(__file__).parent.parent.parent / "evals" / "sets" / "seeds.jsonl"
EXAMPLES = load_questions(SET).examples[::5]


@pytest.fixture(scope="module")
def floors() -> dict[str, Marks]:
    """Those of the fifth, without what follow-ups are searched for in three forms for, which is not done here."""
    kept = load_floors(SET.with_name("seeds.floors.json"), sha256_of(SET))
    return {example.id: _without_forms(kept[example.id]) for example in EXAMPLES}


def _without_forms(marks: Marks) -> Marks:
    return replace(marks, values={name: each for name, each in marks.values.items() if name not in FOLLOWUP_MEASURES})


def marks_of(bot: Bot) -> dict[str, Marks]:
    articles = gold_articles(bot.index)
    answers = {each.id: bot.ask(each.question, history=each.history).to_json() for each in EXAMPLES}
    return {each.id: score_answer(each, answers[each.id], articles) for each in EXAMPLES}


def test_the_seed_questions_are_answered_as_well_as_before(seeds_index: Index, floors: dict[str, Marks]) -> None:
    verdict = judge(floors, marks_of(build_bot(Settings(index=seeds_index.folder), seeds_index)))
    assert verdict.passed, [(each.name, each.first, each.second) for each in verdict.fallen]


def test_scores_shuffled_among_the_passages_do_not_pass(seeds_index: Index, floors: dict[str, Marks]) -> None:
    verdict = judge(floors, marks_of(spoilt_bot(seeds_index, Settings(index=seeds_index.folder), Shuffled)))
    assert {"contains", "evidence_cited"} <= {each.name for each in verdict.fallen}


def test_passages_cut_to_half_do_not_pass(seeds_index: Index, floors: dict[str, Marks]) -> None:
    """The second halves' answers are missed, and refused rather than given wrongly."""
    verdict = judge(floors, marks_of(spoilt_bot(seeds_index, Settings(index=seeds_index.folder), Halved)))
    assert {"answerable_answered", "article_cited"} <= {each.name for each in verdict.fallen}
