"""Killing a writer, for real: the script that does it many times, run a few times."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from evals.kills import kill_once, versions


@pytest.mark.model
@pytest.mark.slow
def test_a_killed_writer_loses_and_doubles_nothing(tmp_path: Path) -> None:
    lines = [
        {"id": f"a{i}", "title": f"Story {i}", "text": f"Ferry number {i} left Lervik on day {i}. " * 40}
        for i in range(300)
    ]
    (tmp_path / "articles.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    first, second = versions(tmp_path / "articles.jsonl", tmp_path)
    chance = random.Random(7)
    outcomes = [kill_once(bulk, tmp_path / "index", chance) for bulk in (first, first, second)]
    assert [outcome.wrong for outcome in outcomes] == [(), (), ()]
    assert outcomes[-1].listed_after > 0
