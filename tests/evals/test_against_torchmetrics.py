"""Our exact match and F1 and those of torchmetrics' SQuAD metric for the same predictions: see `make proofs`."""

from __future__ import annotations

import random

import pytest

from evals.metrics import exact_match, token_f1
from evals.proofs import of_torchmetrics

pytest.importorskip(
    "torchmetrics.text", reason="torchmetrics is not installed: pip install -c .constraints.txt -e '.[proofs]'"
)

WORDS = (
    *("the", "The", "a", "an", "A.", "U.S.", "us", "30", "days", "3.5", "$5", "km", "it's", "its", "co-op", "coop"),
    *("São", "são", "Straße", "“quoted”", "—", "!", "?", "theatre", "\t", "\n", "東京", "ı", "İ", "month", "month,"),
)


def phrase(chance: random.Random, longest: int) -> str:
    """Up to so many words, with odd white space between them."""
    return chance.choice((" ", "  ", "")).join(chance.choice(WORDS) for _ in range(chance.randint(0, longest)))


def near(chance: random.Random, gold: str) -> str:
    """A prediction that has something of a gold answer, or all of it, or nothing."""
    words = gold.split()
    if not words or chance.random() < 0.3:
        return phrase(chance, 6)
    start, end = sorted(chance.randint(0, len(words)) for _ in range(2))
    kept = chance.choice((words, words[start:end], [*words, phrase(chance, 2)], [word.upper() for word in words]))
    return " ".join(kept)


def official(prediction: str, golds: list[str]) -> tuple[float, float]:
    return of_torchmetrics({"1": prediction}, {"1": golds})


@pytest.mark.parametrize("seed", range(4))
def test_each_prediction_has_the_same_figures(seed: int) -> None:
    chance = random.Random(seed)
    exact, partly = 0, 0
    for _ in range(150):
        golds = [gold for gold in (phrase(chance, 5) for _ in range(chance.randint(1, 4))) if token_f1("", [gold]) == 0]
        golds = golds or [""]
        prediction = near(chance, chance.choice(golds))
        ours = exact_match(prediction, golds), token_f1(prediction, golds)
        assert ours == pytest.approx(official(prediction, golds), abs=1e-6), (prediction, golds)
        exact += ours[0] == 1
        partly += 0 < ours[1] < 1
    assert exact > 20 and partly > 20


def test_the_mean_over_a_set_is_the_same() -> None:
    chance = random.Random(7)
    golds = [[phrase(chance, 4) + " month", phrase(chance, 4) + " km"] for _ in range(100)]
    predictions = [near(chance, each[0]) for each in golds]
    theirs = of_torchmetrics(
        {str(n): prediction for n, prediction in enumerate(predictions)}, {str(n): each for n, each in enumerate(golds)}
    )
    ours = [(exact_match(p, each), token_f1(p, each)) for p, each in zip(predictions, golds, strict=True)]
    means = tuple(sum(values) / len(values) for values in zip(*ours, strict=True))
    assert means == pytest.approx(theirs, abs=1e-6)


def test_where_the_two_versions_of_squad_differ() -> None:
    """torchmetrics follows the script of SQuAD 1.1; ours that of 2.0, for which a gold of nothing but articles and
    punctuation is none."""
    assert official("", ["the", "x"]) == (1.0, 1.0)
    assert (exact_match("", ["the", "x"]), token_f1("", ["the", "x"])) == (0.0, 0.0)
    assert official("", []) == (exact_match("", []), token_f1("", [])) == (1.0, 1.0)
    assert official("x", []) == (exact_match("x", []), token_f1("x", [])) == (0.0, 0.0)
