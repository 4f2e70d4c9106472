"""The arithmetic, on cases worked by hand."""

from __future__ import annotations

import pytest

from evals.metrics import (
    auroc,
    auroc_metric,
    contains,
    exact_match,
    mean,
    normalise,
    overlaps,
    quote_exact,
    retrieval_values,
    spans_of,
    status_right,
    token_f1,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Eiffel Tower!", "eiffel tower"),
        ("an  apple,\ta day", "apple day"),
        ("U.S.A.", "usa"),
        ("theatre and answer", "theatre and answer"),  # articles go as whole words only
        ("“quoted”", "“quoted”"),  # the official script takes out ASCII punctuation only
        ("The", ""),
    ],
)
def test_normalise(text: str, expected: str) -> None:
    assert normalise(text) == expected


def test_exact_match_takes_any_gold_and_an_empty_prediction_where_there_is_none() -> None:
    assert exact_match("the 30 days", ["a month", "30 days."]) == 1.0
    assert exact_match("30 days long", ["30 days"]) == 0.0
    assert exact_match("", []) == 1.0
    assert exact_match("something", []) == 0.0
    assert exact_match("", ["the"]) == 1.0  # a gold that normalises to nothing is none
    assert exact_match("", ["the", "x"]) == 0.0


def test_token_f1_is_the_best_over_the_golds() -> None:
    # prediction 4 tokens, gold 2, common 2: p = 1/2, r = 1, F1 = 2/3
    assert token_f1("unarmed observer mission there", ["observer mission"]) == pytest.approx(2 / 3)
    # the second gold: 3 of 4 and 3 of 3: F1 = 6/7
    assert token_f1("unarmed observer mission there", ["no", "unarmed observer mission"]) == pytest.approx(6 / 7)
    # repeated tokens count as often as both have them: common 1 of 2 and 1 of 1
    assert token_f1("ha ha", ["ha"]) == pytest.approx(2 / 3)
    assert token_f1("ha ha x", ["ha ha"]) == pytest.approx(4 / 5)
    assert token_f1("nothing alike", ["gold"]) == 0.0
    assert token_f1("", []) == 1.0
    assert token_f1("", ["gold"]) == 0.0


def test_contains_wants_whole_tokens_in_a_row() -> None:
    assert contains("It lasts for 30 days, he said.", ["30 days"]) == 1.0
    assert contains("It is 15 km away", ["5 km"]) == 0.0
    assert contains("30 long days", ["30 days"]) == 0.0
    assert contains("whatever", ["the"]) == 0.0
    assert contains("", ["x"]) == 0.0


def test_status_right() -> None:
    assert status_right("answered", True) == status_right("not_found", False) == 1.0
    assert status_right("answered", False) == status_right("not_found", True) == 0.0


def test_spans_of_finds_every_place_whatever_the_white_space() -> None:
    assert spans_of("a b", "a b, a\n b") == [(0, 3), (5, 9)]
    assert spans_of("(1.5)", "x (1.5) 1a5") == [(2, 7)]
    assert spans_of("gone", "text") == []
    assert spans_of("  ", "text") == []


def test_overlap_is_half_of_the_shorter() -> None:
    assert overlaps((0, 10), (5, 15))  # 5 of 10
    assert not overlaps((0, 10), (6, 16))  # 4 of 10
    assert overlaps((0, 100), (40, 44))
    assert not overlaps((0, 10), (10, 20))
    assert not overlaps((3, 3), (0, 10))


def test_quote_exact() -> None:
    assert quote_exact("abcdef", 1, 3, "bc") == 1.0
    assert quote_exact("abcdef", 1, 4, "bc") == 0.0
    assert quote_exact(None, 1, 3, "bc") == 0.0
    assert quote_exact("abcdef", 2, 2, "") == 0.0


def test_mean_has_the_interval_that_the_binomial_law_gives() -> None:
    values = [1.0] * 50 + [0.0] * 50
    metric = mean(values)
    assert metric.value == 0.5
    assert metric.n == 100
    # the 2.5th and 97.5th percentile of Binomial(100, 1/2) are 40 and 60
    assert metric.low == pytest.approx(0.40, abs=0.011)
    assert metric.high == pytest.approx(0.60, abs=0.011)
    assert mean(values) == metric
    assert mean([0.25]) == mean([0.25, 0.25]).__class__(0.25, 1, 0.25, 0.25)


def test_mean_in_chunks_is_still_one_bootstrap(monkeypatch: pytest.MonkeyPatch) -> None:
    values = [float(i % 3 == 0) for i in range(90)]
    whole = mean(values)
    monkeypatch.setattr("evals.metrics.CHUNK_CELLS", 1000)
    assert mean(values) == whole


def test_mean_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no values"):
        mean([])


def test_auroc_counts_pairs_and_ties_half() -> None:
    # positives .9 .4, negatives .5 .4: pairs won 2, tied 1, lost 1 of 4
    assert auroc([0.9, 0.4, 0.5, 0.4], [True, True, False, False]) == pytest.approx(2.5 / 4)
    assert auroc([0.9, 0.8, 0.1], [True, True, False]) == 1.0
    assert auroc([0.9, 0.8], [True, True]) is None
    assert auroc_metric([0.9, 0.8], [False, False]) is None
    assert auroc([], []) is None


def test_auroc_interval_holds_the_value() -> None:
    scores = [i / 40 for i in range(40)]
    metric = auroc_metric(scores, [i % 3 == 0 or i > 30 for i in range(40)])
    assert metric is not None
    assert metric.low < metric.value < metric.high
    assert metric.n == 40


def test_retrieval_by_hand() -> None:
    qrels = {"q1": {"a": 1, "b": 1}, "q2": {"c": 2}, "q3": {"d": 1}}
    run = {
        "q1": [("x", 0.9), ("a", 0.8), ("y", 0.7), ("b", 0.6)],
        "q2": [(f"n{i}", 1 - i / 100) for i in range(6)] + [("c", 0.5)],
    }
    values = retrieval_values(qrels, run)
    assert values["Success@1"] == [0, 0, 0]
    assert values["Success@5"] == [1, 0, 0]
    assert values["Success@10"] == [1, 1, 0]
    assert values["RR@10"] == pytest.approx([1 / 2, 1 / 7, 0])
    # q1: (1/log2 3 + 1/log2 5) / (1 + 1/log2 3) = 1.0616 / 1.6309; q2: 1/log2 8; q3 has no results: zero
    assert values["nDCG@10"] == pytest.approx([0.65092, 1 / 3, 0], abs=1e-4)


def test_rank_eleven_is_no_success() -> None:
    run = {"q": [(f"n{i}", 1 - i / 100) for i in range(10)] + [("gold", 0.1)]}
    assert {name: values[0] for name, values in retrieval_values({"q": {"gold": 1}}, run).items()} == {
        "Success@1": 0,
        "Success@5": 0,
        "Success@10": 0,
        "RR@10": 0,
        "nDCG@10": 0,
    }
