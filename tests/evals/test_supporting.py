"""Claims made of a text's own sentences, and the fit of the support score on them."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from bot.calibration import FILE
from bot.support import signals
from evals import joining, supporting
from evals.claims import Pair
from evals.types import Paragraph, QAExample

SENTENCES = [
    "The board of the harbour hired Mara Lindqvist, who had run a shipyard, in the spring.",
    "She closed the narrow channel for repairs.",
    "Fishermen blocked the road to the market for a week.",
]


def test_what_is_left_out_by_hand() -> None:
    made = {joining.condensed(SENTENCES[0], random.Random(seed)) for seed in range(20)}
    assert made == {
        None,
        "The board of the harbour hired Mara Lindqvist in the spring.",  # without the insertion
        "The board of the harbour hired Mara Lindqvist.",  # what follows "who" taken for a clause at the end
    }


def test_a_pronoun_gets_the_name_before() -> None:
    assert joining.named(["Mara Lindqvist was hired.", "She closed it."], 1) == "Mara Lindqvist closed it."
    assert joining.named(["In spring was silence.", "She closed it."], 1) is None
    assert joining.named(SENTENCES, 2) is None and joining.named(SENTENCES, 0) is None


def test_neighbours_become_one_sentence() -> None:
    assert joining.merged(SENTENCES, 0) == f"{SENTENCES[0][:-1]} and closed the narrow channel for repairs."
    assert joining.merged(SENTENCES, 1) == f"{SENTENCES[1][:-1]}, and {SENTENCES[2]}"
    assert joining.merged(SENTENCES, 2) is None


def test_joined_ones_begin_as_one_sentence_and_end_as_another() -> None:
    made = {joining.joined(SENTENCES, 0, random.Random(seed)) for seed in range(200)} - {None}
    assert made
    for claim in made:
        assert claim is not None and claim not in SENTENCES
        assert SENTENCES[0].startswith(claim[:8])
        assert any(each.endswith(claim[-10:]) for each in SENTENCES[1:])


def _articles() -> list[list[Paragraph]]:
    def paragraph(article: int, number: int) -> Paragraph:
        text = " ".join(each.replace("Lindqvist", f"Lind{article}{number}") for each in SENTENCES)
        asked = ("Who closed the channel?", f"Mara Lind{article}{number}"), ("Who blocked the road?", "Fishermen")
        examples = tuple(QAExample(f"{article}.{number}.{i}", q, (a,)) for i, (q, a) in enumerate(asked))
        return Paragraph(f"Article {article}#{number}", text, examples)

    return [[paragraph(article, number) for number in range(12)] for article in range(4)]


def test_claims_are_the_same_every_time_and_of_all_kinds() -> None:
    made = supporting.claims(_articles(), 200)
    assert made == supporting.claims(_articles(), 200)
    kinds = {each.made for each in made}
    assert kinds == {
        supporting.OWN, supporting.ANSWER, supporting.JOINED, supporting.JOINED_ELSEWHERE, supporting.OTHER_ANSWER
    }  # fmt: skip
    assert all(each.supported is (each.made in (supporting.OWN, supporting.ANSWER)) for each in made)


def test_weights_by_hand() -> None:
    def pair(made: str) -> Pair:
        return Pair("c", "p", "", made in (supporting.OWN, supporting.ANSWER), made, "a")

    given = [pair(supporting.OWN), pair(supporting.ANSWER), pair(supporting.ANSWER)]
    given += [pair(supporting.JOINED), pair(supporting.JOINED_ELSEWHERE)]
    assert supporting.weights(given) == pytest.approx([1.25, 0.625, 0.625, 2.0, 0.5])


def test_the_fit_is_written_beside_the_others(
    tmp_path: Path, squad: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "calibration.json"
    kept.write_text(json.dumps({"answer": {"intercept": 1.0}, "support": {}}))
    articles = _articles()
    loaded = {
        "version": "1.1",
        "data": [
            {
                "title": f"Article {number}",
                "paragraphs": [
                    {
                        "context": each.text,
                        "qas": [
                            {"id": e.id, "question": e.question, "answers": [{"text": e.answers[0], "answer_start": 0}]}
                            for e in each.examples
                        ],
                    }
                    for each in own
                ],
            }
            for number, own in enumerate(articles)
        ],
    }
    squad.write_text(json.dumps(loaded))
    monkeypatch.setattr(supporting, "FILE", kept)
    assert supporting.main([str(squad), "--claims", "400"]) == 0
    written = json.loads(kept.read_text())
    assert written["answer"] == {"intercept": 1.0}
    assert set(written["support"]["weights"]) == set(signals("Some claim.", "Some claim."))
    assert "claims of other articles: AUROC" in capsys.readouterr().out


def test_what_ships_was_fitted_on_these_signals() -> None:
    shipped = json.loads(FILE.read_text(encoding="utf-8"))["support"]
    assert set(shipped["weights"]) == set(signals("Some claim.", "Some claim."))
