"""The spoilt readers on readings made by hand, and what the script says; test_gate_seeds.py asks with them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.reader.score import Reading, Span
from bot.settings import Settings
from evals import kept, regressions
from evals.compare import Difference, load_run
from evals.gate import Verdict
from evals.intervals import mean
from evals.regressions import Halved, Shuffled, Trial, changed, main
from tests.evals.test_compare import marks, write_run

PASSAGES = [("", "x" * length) for length in (9, 20, 31, 42)]


class Plain:
    """Scores that tell which passage they are of; none for one that is empty."""

    def score(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        return [self._read(len(text)) for _, text in passages]

    def _read(self, size: int) -> Reading:
        spans = (Span(0, 2, size / 4), Span(3, 4, size / 4 - 1)) if size > 4 else ()
        return Reading(spans, no_answer=1.0, relevance=size, answerable=-size)


def test_half_of_each_passage_is_read() -> None:
    assert [reading.relevance for reading in Halved(Plain()).score("?", PASSAGES)] == [4, 10, 15, 21]


def test_scores_go_to_other_passages_and_spans_stay() -> None:
    passages = [*PASSAGES, ("", "yes")]
    right, shuffled = Plain().score("?", passages), Shuffled(Plain()).score("?", passages)
    assert shuffled == Shuffled(Plain()).score("?", passages)  # the same each time
    assert shuffled != right
    assert sorted(each.relevance for each in shuffled) == sorted(each.relevance for each in right)
    for own, other in zip(right, shuffled, strict=True):
        assert [(span.start, span.end) for span in own.spans] == [(span.start, span.end) for span in other.spans]
        assert other.answerable == -other.relevance
        if own.spans and other.relevance > 4:
            assert other.spans[0].score - other.no_answer == other.relevance / 4 - 1
            assert other.spans[0].score - other.spans[1].score == 1.0
    orders = {tuple(each.relevance for each in Shuffled(Plain()).score(f"{n}?", passages)) for n in range(20)}
    assert len(orders) > 10  # not the same order for all questions


def test_answers_are_the_same_but_for_time(tmp_path: Path) -> None:
    for name, text, ms in (("a", "yes", 1.0), ("b", "yes", 2.0), ("c", "no", 1.0)):
        (tmp_path / name).mkdir()
        lines = [{"id": "1", "text": "so", "timings_ms": {"read": ms}}, {"id": "2", "text": text, "timings_ms": {}}]
        (tmp_path / name / "answers.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    assert changed(tmp_path / "a", tmp_path / "b") == 0
    assert changed(tmp_path / "a", tmp_path / "c") == 1


def test_a_gate_that_does_not_hold_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fell = Difference("contains", 0.6, 0.4, mean([-0.2, -0.2]), 0.01, 0.02)
    good, bad = Verdict(), Verdict(fallen=(fell,))
    told = [Trial("as it was", good, True, 0, 90.0), Trial("halved", bad, False, 31, 60.0)]

    def given(*of_run: object) -> Iterator[Trial]:
        yield from told

    monkeypatch.setattr(regressions, "trials", given)
    assert main(["--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "as it was: the gate passes (0 answers changed, 90 s)"
    assert said[1] == "halved: the gate fails (31 answers changed, 60 s): contains 0.600 → 0.400"
    told.append(Trial("shuffled", good, False, 0, 1.0))
    assert main(["--out", str(tmp_path)]) == 1
    assert "shuffled: the gate passes  ← IT SHOULD NOT" in capsys.readouterr().out
    told[:] = [Trial("as it was", bad, True, 0, 1.0)]
    assert main(["--out", str(tmp_path)]) == 1
    with pytest.raises(SystemExit):
        main(["--out", str(tmp_path), "--reruns", "0"])


def test_an_unchanged_run_that_was_finished_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[Path] = []

    def counted(settings: Settings, set_path: Path, out: Path, **given: object) -> dict[str, Any]:
        ran.append(out)
        if not out.exists():
            write_run(out, [marks("q", 1.0)])
        return dict(load_run(out).metrics)

    monkeypatch.setattr(kept, "run", counted)
    settings = Settings(_env_file=None)
    for name in ("one", "one", "two"):
        regressions.unchanged(settings, tmp_path / name)
    assert ran == [tmp_path / "one", tmp_path / "two"]
    regressions.unchanged(settings.model_copy(update={"passages": 3}), tmp_path / "one")
    assert len(ran) == 3
