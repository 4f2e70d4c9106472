"""The gate on the project itself: a fifth of the seed questions against what was once reached, and a spoilt reader."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.build import build_bot
from bot.calibration import fitted
from bot.pipeline import Bot
from bot.read import PassageReader
from bot.reader.folder import SHIPPED
from bot.reader.score import Reader, Reading
from bot.settings import READ_PASSAGES, Settings
from evals.asking import gold_articles
from evals.gate import judge, load_floors
from evals.load import load_questions
from evals.provenance import sha256_of
from evals.score import score_answer
from evals.types import Marks
from index.library import Index

pytestmark = pytest.mark.model

SET = Path(__file__).parent.parent.parent / "evals" / "sets" / "seeds.jsonl"
EXAMPLES = load_questions(SET).examples[::5]


@pytest.fixture(scope="module")
def floors() -> dict[str, Marks]:
    kept = load_floors(SET.with_name("seeds.floors.json"), sha256_of(SET))
    return {example.id: kept[example.id] for example in EXAMPLES}


def marks_of(bot: Bot) -> dict[str, Marks]:
    articles = gold_articles(bot.index)
    answers = {each.id: bot.ask(each.question, history=each.history).to_json() for each in EXAMPLES}
    return {each.id: score_answer(each, answers[each.id], articles) for each in EXAMPLES}


def test_the_seed_questions_are_answered_as_well_as_before(seeds_index: Index, floors: dict[str, Marks]) -> None:
    verdict = judge(floors, marks_of(build_bot(Settings(index=seeds_index.folder), seeds_index)))
    assert verdict.passed, [(each.name, each.first, each.second) for each in verdict.fallen]


class Confused:
    """A reader whose readings are those of the passages in the opposite order."""

    def __init__(self) -> None:
        self._reader = Reader.open(SHIPPED)

    def score(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        readings = self._reader.score(question, passages)
        blank = Reading((), 0.0, 0.0, 0.0)
        return [
            reading if all(span.end <= len(text) for span in reading.spans) else blank
            for reading, (_, text) in zip(readings[::-1], passages, strict=True)
        ]


def test_a_spoilt_reader_does_not_pass(seeds_index: Index, floors: dict[str, Marks]) -> None:
    reader = PassageReader(Confused(), fitted("span"))
    bot = Bot(seeds_index, reader, fitted("answer"), passages=READ_PASSAGES, threshold=0.5)
    verdict = judge(floors, marks_of(bot))
    assert {"contains", "evidence_cited"} <= {each.name for each in verdict.fallen}
