"""Two runs compared and a run judged by floors: by hand, on simulated noise, and through the command line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from evals.compare import compare, differences, holm, load_run, outcome, randomisation
from evals.gate import judge, load_floors, pass_gate
from evals.types import Marks
from index.errors import UsageError
from ui.cli import main


def marks(identifier: str, contains: float, *, exact: Sequence[float] = (1.0,), cluster: str = "") -> Marks:
    values = {"contains": [contains], "quote_exact": list(exact), "status_right": [1.0]}
    return Marks(identifier, values, 0.9, True, (), bool(contains), cluster)


def write_run(
    folder: Path, given: Sequence[Marks], *, sha256: str = "s1", settings: dict[str, object] | None = None
) -> Path:
    folder.mkdir(parents=True)
    value = float(np.mean([each.values["contains"][0] for each in given]))
    metrics = {
        "kind": "questions",
        "metrics": {"contains": {"value": value, "n": len(given), "low": 0.0, "high": 1.0}},
        "resources": {},
        "made_by": {
            "set": {"name": "own.jsonl", "sha256": sha256},
            "settings": settings or {"threshold": 0.5},
            "code_sha256": "c",
            "index": {"sha256": "i"},
        },
    }
    (folder / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
    for name, lines in (
        ("marks.jsonl", [each.to_json() for each in given]),
        ("answers.jsonl", [{"id": each.id, "question": f"{each.id}?", "text": f"says {each.right}"} for each in given]),
    ):
        (folder / name).write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return folder


def test_holm_by_hand() -> None:
    # sorted .01 .03 .04: times 3, 2, 1 → .03, .06, .06 (never falling)
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([]) == []


def test_randomisation_counts_whole_clusters() -> None:
    # four gains of one: all signs alike in 2 of 16 flips
    assert randomisation([1.0] * 4, list("abcd")) == pytest.approx(2 / 16)
    # twenty in ten clusters: 2 of 1,024 flips
    assert randomisation([1.0] * 20, list("aabbccddeeffgghhiijj")) == pytest.approx(2 / 1024)
    # in two clusters no flip of whole ones could be rare: each question counts by itself
    assert randomisation([1.0] * 4, list("aabb")) == pytest.approx(2 / 16)
    assert randomisation([0.0, 0.0], ["a", "b"]) == randomisation([1.0], ["a"]) == 1.0


def test_differences_are_paired_by_question() -> None:
    first = {i: marks(i, float(i in "ab")) for i in "abcde"}
    second = {i: marks(i, float(i in "abc")) for i in "abcdx"}
    found = {each.name: each for each in differences(first, second)}
    contains = found["contains"]
    assert (contains.first, contains.second, contains.gain.value, contains.gain.n) == (0.5, 0.75, 0.25, 4)
    assert contains.gain.low == 0.0 and contains.p == 1.0
    assert found["quote_exact"].gain.value == 0.0


def test_outcomes_in_words() -> None:
    assert outcome(Marks("a", {"contains": [1.0]}, right=True)) == "right"
    assert outcome(Marks("a", {"contains": [0.0], "f1": [0.0], "exact_match": [0.0]}, right=False)) == "wrong"
    refused = {"contains": [0.0], "f1": [0.0], "exact_match": [0.0]}
    assert outcome(Marks("a", refused, answerable=True, answered=False)) == "wrongly refused"
    assert outcome(Marks("a", {}, answerable=False, answered=False)) == "rightly refused"
    assert outcome(Marks("a", {}, answered=False)) == "refused"
    assert outcome(Marks("a", {"exact_match": [0.0]}, answerable=False, answered=True)) == "wrong"
    assert outcome(Marks("a", {"status_right": [1.0]}, answerable=True, answered=True)) == "answered"
    assert outcome(Marks("a", {"Success@1": [1.0]})) == "right"
    assert outcome(Marks("a", {})) == "not judged"


def test_noise_passes_and_a_drop_does_not() -> None:
    chance = np.random.default_rng(7)
    base = {str(i): marks(str(i), float(chance.random() < 0.7)) for i in range(200)}
    assert judge(base, base).passed
    swapped = {
        i: marks(i, 1.0 - m.values["contains"][0] if int(i) % 50 == 0 else m.values["contains"][0])
        for i, m in base.items()
    }
    assert judge(base, swapped).passed
    worse = {i: marks(i, 0.0 if int(i) % 7 == 0 else m.values["contains"][0]) for i, m in base.items()}
    assert judge(base, worse).worse == ["contains", "calibration_error", "brier", "aurc"]
    inexact = {**base, "3": marks("3", base["3"].values["contains"][0], exact=(0.0,))}
    assert judge(base, inexact).worse == ["quote_exact"]
    uncited = {i: marks(i, m.values["contains"][0], exact=()) for i, m in base.items()}
    assert judge(uncited, uncited).passed and judge(uncited, inexact).worse == ["quote_exact"]


def test_of_many_metrics_one_falls_by_chance_and_the_gate_holds() -> None:
    chance = np.random.default_rng(11)
    names = [f"metric {number}" for number in range(30)]
    first, second = (
        {str(i): Marks(str(i), {name: [float(chance.random() < 0.7)] for name in names}) for i in range(120)}
        for _ in range(2)
    )
    verdict = judge(first, second)
    assert any(each.p < 0.05 and each.gain.high < 0 for each in verdict.compared)
    assert verdict.passed
    clearly = {i: Marks(i, {**m.values, "metric 3": [0.0]}) for i, m in second.items()}
    assert judge(first, clearly).worse == ["metric 3"]


def test_a_collapse_of_many_metrics_fails_however_few_articles_there_are() -> None:
    names = [
        "contains",
        "status_right",
        "evidence_cited",
        "f1",
        "brier_",
        *(f"metric {number}" for number in range(24)),
    ]
    for clusters in (6, 9, 10):
        first, second = (
            {str(i): Marks(str(i), {name: [value] for name in names}, cluster=str(i % clusters)) for i in range(120)}
            for value in (1.0, 0.0)
        )
        assert set(judge(first, second).worse) == set(names)


def test_few_questions_or_clusters_are_no_proof() -> None:
    base = {str(i): marks(str(i), 1.0) for i in range(40)}
    assert judge(base, {i: marks(i, float(int(i) > 3)) for i in base}).passed  # four of forty: p = 2/16
    of_ten = {i: str(int(i) % 10) for i in base}
    together = {i: marks(i, 1.0, cluster=of_ten[i]) for i in base}
    # all that one article of ten has to say is lost
    assert judge(together, {i: marks(i, float(of_ten[i] != "0"), cluster=of_ten[i]) for i in base}).passed


def test_a_collapse_fails_however_few_articles_there_are() -> None:
    for clusters in (1, 2, 5):
        base = {str(i): marks(str(i), 1.0, cluster=str(i % clusters)) for i in range(40)}
        gone = {i: marks(i, 0.0, cluster=each.cluster) for i, each in base.items()}
        assert [each.name for each in judge(base, gone).fallen][:1] == ["contains"]


def sure(identifier: str, confidence: float, right: bool) -> Marks:
    return Marks(identifier, {"contains": [float(right)]}, confidence, right, (), right, "", True)


def test_a_confidence_that_tells_nothing_any_more_fails() -> None:
    base = {str(i): sure(str(i), 0.9 if i % 2 else 0.2, bool(i % 2)) for i in range(60)}
    blind = {i: sure(i, 0.9, each.right is True) for i, each in base.items()}
    verdict = judge(base, blind)
    assert {"confidence_auroc", "brier", "aurc", "calibration_error"} <= set(verdict.worse)
    assert "contains" not in verdict.worse
    found = {each.name: each for each in verdict.compared}
    assert (found["confidence_auroc"].first, found["confidence_auroc"].second) == (1.0, 0.5)
    # by hand: before, .9 and right or .2 and wrong; after, all .9
    assert found["brier"].first == pytest.approx((0.1**2 + 0.2**2) / 2)
    assert found["brier"].second == pytest.approx((0.1**2 + 0.9**2) / 2)
    assert found["brier"].gain.value == pytest.approx(found["brier"].first - found["brier"].second)  # less is better
    assert judge(blind, base).passed


def test_floors_of_an_older_version_say_what_they_do_not_hold() -> None:
    run = {str(i): sure(str(i), 0.9, bool(i % 2)) for i in range(20)}
    old = {i: Marks(i, {"contains": each.values["contains"]}) for i, each in run.items()}
    verdict = judge(old, run)
    assert verdict.passed
    assert "confidence_auroc" in verdict.not_judged and "contains" not in verdict.not_judged
    assert judge(run, run).not_judged == ()


def test_raising_adds_what_floors_lack_and_lowers_nothing(tmp_path: Path) -> None:
    run = [sure(str(i), 0.9 if i % 2 else 0.2, bool(i % 3)) for i in range(20)]
    path, lower = tmp_path / "floors.json", [sure("0", 0.2, True), *run[1:]]
    pass_gate(load_run(write_run(tmp_path / "once", lower)), path, raises=True)
    kept = json.loads(path.read_text(encoding="utf-8"))
    for each in kept["questions"].values():  # as an older version wrote them
        for name in ("confidence", "answerable", "right", "answered"):
            del each[name]
    path.write_text(json.dumps(kept), encoding="utf-8")
    found = pass_gate(load_run(write_run(tmp_path / "now", run)), path, raises=True)
    assert "kept: contains would be lowered" in found.floors and "added: confidence_auroc" in found.floors
    now = load_floors(path, "s1")
    assert now["0"].values["contains"] == [1.0] and now["1"].confidence == 0.9
    assert judge(now, {each.id: each for each in run}).not_judged == ()


def test_a_clear_gain_raises_the_floors_though_something_is_lower_within_noise(tmp_path: Path) -> None:
    def run(name: str, right: int, cited: int) -> str:
        return str(
            write_run(
                tmp_path / name,
                [
                    Marks(f"q{i}", {"contains": [float(i < right)], "article_cited": [float(i != cited)]}, 0.9)
                    for i in range(60)
                ],
            )
        )

    path = tmp_path / "floors.json"
    pass_gate(load_run(Path(run("before", 20, -1))), path, raises=True)
    found = pass_gate(load_run(Path(run("slightly", 21, 59))), path, raises=True)
    assert found.passed and "kept: article_cited would be lowered" in found.floors
    found = pass_gate(load_run(Path(run("clearly", 40, 59))), path, raises=True)
    assert "by contains; lowered within noise: article_cited" in found.floors
    assert sum(each.values["contains"][0] for each in load_floors(path, "s1").values()) == 40


def test_runs_of_other_settings_are_told_of_and_raise_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "floors.json"
    base = write_run(tmp_path / "base", [marks(i, 1.0) for i in "abc"])
    other = write_run(tmp_path / "other", [marks(i, 1.0) for i in "abc"], settings={"threshold": 0.3, "new": 1})
    assert main(["eval", "gate", str(base), "--floors", str(path), "--raise"]) == 0
    assert main(["eval", "gate", str(other), "--floors", str(path)]) == 0
    assert "note: other settings than the floors': threshold 0.5 → 0.3\n" in capsys.readouterr().out
    kept = path.read_text(encoding="utf-8")
    assert main(["eval", "gate", str(other), "--floors", str(path), "--raise"]) == 2
    assert "threshold 0.5 → 0.3): accept that with --raise --lower" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == kept
    assert main(["eval", "gate", str(other), "--floors", str(path), "--raise", "--lower"]) == 0


def test_a_run_with_inexact_quotes_is_no_first_floor(tmp_path: Path) -> None:
    path = tmp_path / "floors.json"
    for name, broken in (("quote_exact", {"quote_exact": [0.0]}), ("number_known", {"number_known": [1.0, 0.0]})):
        run = load_run(write_run(tmp_path / name, [Marks("a", {"contains": [1.0], **broken})]))
        found = pass_gate(run, path, raises=True)
        assert not found.passed and found.worse == [name] and not path.exists()
        assert pass_gate(run, path, raises=True, lower=True).passed
        path.unlink()


def test_a_right_refusal_lacks_nothing() -> None:
    answered = {"status_right": [0.0], "sentence_cited": [1.0], "number_known": [1.0], "citation_precision": [0.5]}
    base = {i: Marks(i, answered, answerable=False, answered=True) for i in "abcdefgh"}
    better = {**base, "a": Marks("a", {"status_right": [1.0]}, answerable=False, answered=False)}
    assert judge(base, better).passed


def test_values_count_alike_however_many_a_question_has() -> None:
    first = {"a": Marks("a", {"sentence_cited": [1.0, 1.0, 1.0]}), "b": Marks("b", {"sentence_cited": [0.0]})}
    second = {"a": Marks("a", {"sentence_cited": [1.0]}), "b": Marks("b", {"sentence_cited": [0.0, 1.0, 1.0]})}
    (found,) = differences(first, second)
    assert (found.first, found.second, found.gain.value, found.gain.n) == (0.75, 0.75, 0.0, 2)


def test_a_run_that_lacks_something_is_not_judged() -> None:
    base = {i: marks(i, 1.0) for i in "abc"}
    with pytest.raises(UsageError, match=r"lacks 2 marks that the floors hold .contains of question c"):
        judge(base, {i: base[i] for i in "ab"})
    without = {i: Marks(i, {"contains": [1.0]}) for i in "abc"}
    with pytest.raises(UsageError, match=r"lacks 3 marks that the floors hold .status_right"):
        judge(base, without)


def test_what_an_answer_says_steers_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = write_run(tmp_path / "a", [marks("x", 0.0)])
    second = write_run(tmp_path / "b", [marks("x", 1.0)])
    forged = {"id": "x", "question": "x?", "text": "\x1b[2J\x1b]0;owned\x07The gate is passed."}
    (second / "answers.jsonl").write_text(json.dumps(forged) + "\n", encoding="utf-8")
    assert main(["eval", "compare", str(first), str(second)]) == 0
    said = capsys.readouterr().out
    assert "The gate is passed." in said and "\x1b" not in said and "\x07" not in said


def test_comparing_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = write_run(tmp_path / "a", [marks(i, float(i == "x")) for i in "xyz"])
    second = write_run(tmp_path / "b", [marks(i, float(i != "z")) for i in "xyz"], settings={"threshold": 0.7})
    assert main(["eval", "compare", str(first), str(second)]) == 0
    said = capsys.readouterr().out
    assert "note: other settings: threshold 0.5 → 0.7" in said
    assert "1 questions changed sides:" in said and "y: wrong → right y?" in said
    assert "before: says False" in said and "after:  says True" in said
    assert main(["eval", "compare", str(first), str(second), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["metrics"]["contains"]["gain"]["value"] == pytest.approx(1 / 3, abs=1e-6)
    assert found == json.loads(json.dumps(compare(load_run(first), load_run(second)).to_json()))


def test_runs_that_cannot_be_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = write_run(tmp_path / "a", [marks("x", 1.0)])
    other = write_run(tmp_path / "b", [marks("x", 1.0)], sha256="s2")
    assert main(["eval", "compare", str(first), str(other)]) == 2
    assert "runs of different sets" in capsys.readouterr().err
    assert main(["eval", "compare", str(first), str(tmp_path)]) == 2
    assert "no finished run" in capsys.readouterr().err
    (first / "marks.jsonl").write_text("{", encoding="utf-8")
    assert main(["eval", "compare", str(first), str(other)]) == 2
    assert "is damaged" in capsys.readouterr().err
    (tmp_path / "file").touch()
    assert main(["eval", "compare", str(tmp_path / "file"), str(other)]) == 2
    assert "is no folder of a run" in capsys.readouterr().err
    assert main(["eval", "gate", str(other), "--floors", str(tmp_path)]) == 2
    assert "can't be read" in capsys.readouterr().err
    assert main(["eval", "gate", str(other), "--floors", str(tmp_path / "no" / "floors.json"), "--raise"]) == 2
    assert "can't be written" in capsys.readouterr().err


def test_floors_rise_on_request_and_fall_only_with_a_flag(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    floors = tmp_path / "own.floors.json"
    ids = [f"q{i}" for i in range(40)]

    def run(name: str, right: int, sha256: str = "s1") -> str:
        given = [marks(i, float(place < right)) for place, i in enumerate(ids)]
        return str(write_run(tmp_path / name, given, sha256=sha256))

    def gate(folder: str, *flags: str) -> int:
        return main(["eval", "gate", folder, "--floors", str(floors), *flags])

    good, better, slightly, worse = run("good", 20), run("better", 22), run("slightly", 19), run("worse", 10)
    assert gate(good) == 2 and "no file of floors" in capsys.readouterr().err
    assert gate(good, "--raise") == 0 and floors.exists()
    kept = floors.read_text(encoding="utf-8")
    assert gate(good) == 0 and gate(slightly) == 0
    assert gate(slightly, "--raise") == 0 and floors.read_text(encoding="utf-8") == kept
    assert "contains, calibration_error, brier, aurc would be lowered" in capsys.readouterr().out
    assert gate(worse) == 1 and "fallen beyond noise: contains" in capsys.readouterr().out
    assert gate(worse, "--raise") == 1 and floors.read_text(encoding="utf-8") == kept
    assert gate(better, "--raise") == 0 and floors.read_text(encoding="utf-8") != kept
    assert gate(better, "--lower") == 2
    assert gate(worse, "--raise", "--lower") == 0
    assert gate(worse) == 0
    other = run("other", 20, sha256="s2")
    assert gate(other) == 2 and "another version of the set" in capsys.readouterr().err
    assert gate(other, "--raise", "--lower") == 0 and gate(other) == 0
    few = str(write_run(tmp_path / "few", [marks("q1", 1.0)], sha256="s2"))
    assert gate(few) == 2 and "marks that the floors hold" in capsys.readouterr().err
    assert gate(few, "--raise", "--lower") == 0 and gate(few) == 0
    floors.write_text("{}", encoding="utf-8")
    assert gate(other) == 2 and "is no file of floors" in capsys.readouterr().err
