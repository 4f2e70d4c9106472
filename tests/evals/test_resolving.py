"""How follow-ups are understood is measured against a person's rewrites."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pytest

from evals.resolving import Asked, carried_over, load_canard, main, measure

FISCHER = [("Bobby Fischer", "Early years"), ("Did he play chess early?", "At six.")]
RECORDS = [
    {"QuAC_dialog_id": "a", "History": ["Bobby Fischer", "Early years"], "Question": "When was he born?",
     "Rewrite": "When was Bobby Fischer born?"},
    {"QuAC_dialog_id": "a", "History": ["Bobby Fischer", "Early years", "When was he born?", "1943"],
     "Question": "Where did Bobby Fischer grow up?", "Rewrite": "Where did Bobby Fischer grow up?"},
    {"QuAC_dialog_id": "b", "History": ["Travis", "Formation"], "Question": "Who formed the band?",
     "Rewrite": "Who formed Travis?"},
]  # fmt: skip


@pytest.fixture
def canard(tmp_path: Path) -> Path:
    path = tmp_path / "canard.jsonl.gz"
    path.write_bytes(gzip.compress("".join(json.dumps(each) + "\n" for each in RECORDS).encode()))
    return path


def test_a_title_and_its_heading_are_the_first_turn(canard: Path) -> None:
    first, second, _ = load_canard(canard)
    assert first.history == (("Bobby Fischer", "Early years"),)
    assert second.history == (("Bobby Fischer", "Early years"), ("When was he born?", "1943"))
    assert first.lacking == {"bobbi", "fischer"} and second.lacking == set()


def test_what_is_added_is_counted_against_the_rewrite(canard: Path) -> None:
    found = {label: metric.value for label, metric in measure(load_canard(canard)).items()}
    # "he" is told to lean and gets the name and the heading's two words; the second stands alone; of the third, "the
    # band" was not told of before
    assert found["found to lean that do (precision)"] == 1.0
    assert found["leaning that are found (recall)"] == 1.0
    assert found["standing alone that are left alone"] == 1.0
    assert found["words lacking that are added (recall)"] == 1.0
    assert 0.5 <= found["words added that the rewrite has (precision)"] <= 1.0


def test_nothing_may_be_carried_over_into_something_else() -> None:
    asked = [Asked("a", tuple(FISCHER), "When was he born?", "When was Bobby Fischer born?")] * 2
    share, wrong = carried_over(asked, ["Who discovered radium in Paris?", "What did she call it?"], random.Random(1))
    assert share.value == 0.5 and [each.asked for each in wrong] == ["What did she call it?"]


def test_the_command_prints_the_figures(canard: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(canard), "--show", "1"]) == 0
    said = capsys.readouterr().out
    assert "3 questions of 2 dialogues" in said and "carried over into rewritten first questions" in said
