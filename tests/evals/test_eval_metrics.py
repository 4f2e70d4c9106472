"""The arithmetic, on cases worked by hand."""

from __future__ import annotations

import pytest

from evals.confidence import (
    auprc,
    aurc,
    auroc,
    brier,
    calibration_error,
    coverage_at,
    f1_score,
    precision,
    risk_coverage,
    with_interval,
)
from evals.intervals import mean
from evals.measure import by_tag, cluster_notes, measured
from evals.metrics import (
    all_found,
    characters,
    common_characters,
    contains,
    exact_match,
    normalise,
    overlaps,
    quote_exact,
    retrieval_values,
    spans_of,
    status_right,
    token_f1,
)
from evals.types import Marks


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


@pytest.mark.parametrize(
    ("text", "gold"),
    [
        ("He called it “Paris”.", "Paris"),
        ("Maas’s bakery", "Maas"),
        ("Maas’s bakery", "Maas's bakery"),
        ("Paris—the capital—won", "Paris"),
        ("It costs €14 now", "14"),
        ("It costs 14 now", "$14"),
        ("from 1990–1995", "1990-1995"),
        ("It ended 3–1.", "3-1"),
        ("Trump‑Biden debate", "Trump-Biden"),
        ("They co-operate", "cooperate"),
        ("Cafe\u0301 Central", "Café Central"),
        ("東京は日本の首都です。", "東京"),
    ],
)
def test_how_a_text_is_set_makes_no_difference(text: str, gold: str) -> None:
    assert contains(text, [gold]) == 1.0
    assert contains(text, ["Rome", "京都"]) == 0.0


@pytest.mark.parametrize(
    ("text", "gold"),
    [("It cost €5 million.", "£5 million"), ("It was −5 degrees.", "5 degrees"), ("It was 5 degrees.", "-5 degrees")],
)
def test_another_currency_or_a_minus_makes_one(text: str, gold: str) -> None:
    assert contains(text, [gold]) == 0.0
    assert contains(text, [text]) == 1.0


@pytest.mark.parametrize(
    ("text", "gold"),
    [
        ("It lost 1.5 million.", "15 million"),
        ("It rose by 6.4 percent.", "64 percent"),
        ("It is 15 km away.", "1.5 km"),
        ("32 people were hurt.", "3-2"),
        ("It was cold (−5 degrees).", "5 degrees"),
        ("Half (1/2) is left.", "12"),
        ("会議は11月だ。", "1月"),
        ("13人が負傷した。", "3人"),
        ("平均1.5人", "5人"),
        ("2月10日", "2月1"),
    ],
)
def test_a_figure_is_not_found_in_part_of_another_one(text: str, gold: str) -> None:
    assert contains(text, [gold]) == 0.0
    assert contains(text, [text]) == 1.0


@pytest.mark.parametrize(
    ("text", "gold"),
    [
        ("2019-20", "2019/20"),
        ("It is 3:2.", "3-2"),
        ("1400.5", "1,400.5"),
        ("9/11, the day", "9/11"),
        ("1990-95", "1990"),
    ],
)
def test_figures_are_found_however_they_are_set(text: str, gold: str) -> None:
    assert contains(text, [gold]) == 1.0


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


def test_of_all_or_none_the_interval_is_wilsons() -> None:
    # by hand, z² = 3.8415: 20 / (20 + z²) and z² / (20 + z²)
    every, none = mean([1.0] * 20), mean([0.0] * 20)
    assert (every.value, every.n, every.high) == (1.0, 20, 1.0) and every.low == pytest.approx(0.8389, abs=1e-4)
    assert (none.value, none.n, none.low) == (0.0, 20, 0.0) and none.high == pytest.approx(0.1611, abs=1e-4)
    ten = mean([1.0] * 20, [str(i // 2) for i in range(20)])  # ten articles are ten cases
    assert ten.n == 20 and ten.low == pytest.approx(10 / (10 + 3.8415), abs=1e-4)
    assert mean([0.5, 0.5]).low == 0.5


def test_mean_in_chunks_is_still_one_bootstrap(monkeypatch: pytest.MonkeyPatch) -> None:
    values = [float(i % 3 == 0) for i in range(90)]
    whole = mean(values)
    monkeypatch.setattr("evals.intervals.CHUNK_CELLS", 1000)
    assert mean(values) == whole


def test_mean_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no values"):
        mean([])


def test_auroc_counts_pairs_and_ties_half() -> None:
    # positives .9 .4, negatives .5 .4: pairs won 2, tied 1, lost 1 of 4
    assert auroc([0.9, 0.4, 0.5, 0.4], [True, True, False, False]) == pytest.approx(2.5 / 4)
    assert auroc([0.9, 0.8, 0.1], [True, True, False]) == 1.0
    assert auroc([0.9, 0.8], [True, True]) is None
    assert with_interval(auroc, [0.9, 0.8], [False, False]) is None
    assert auroc([], []) is None


def test_auroc_interval_holds_the_value() -> None:
    scores = [i / 40 for i in range(40)]
    metric = with_interval(auroc, scores, [i % 3 == 0 or i > 30 for i in range(40)])
    assert metric is not None
    assert metric.low < metric.value < metric.high
    assert metric.n == 40


def test_auprc_by_hand() -> None:
    # right ones at ranks 1 and 3: (1/1 + 2/3) / 2
    assert auprc([0.9, 0.8, 0.7, 0.6], [True, False, True, False]) == pytest.approx((1 + 2 / 3) / 2)
    # two of one confidence are let through together: the right one at a precision of 1/2; then the last at 2/3
    assert auprc([0.5, 0.5, 0.1], [True, False, True]) == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert auprc([0.5, 0.4], [True, True]) is None
    assert auprc([], []) is None


def test_auprc_is_scikit_learns_average_precision() -> None:
    from sklearn.metrics import average_precision_score

    scores = [round((i * 37 % 50) / 50, 1) for i in range(120)]  # many ties
    right = [i % 7 in (0, 3) for i in range(120)]
    assert auprc(scores, right) == pytest.approx(average_precision_score(right, scores))


def test_precision_and_f1_of_a_decision() -> None:
    decisions, right = [1, 1, 1, 0, 0], [True, True, False, True, False]
    assert precision(decisions, right) == pytest.approx(2 / 3)
    assert f1_score(decisions, right) == pytest.approx(2 * 2 / (3 + 3))
    assert precision([0, 0], [True, False]) is None
    assert f1_score([0, 0], [True, False]) == 0.0
    assert f1_score([0], [False]) is None


def test_common_characters_counts_each_once() -> None:
    # 0-4 and 2-8 are 0-8; with 3-5, 6-7 and 7-20 in common: 3-5 and 6-8
    assert common_characters([(0, 4), (2, 8)], [(3, 5), (6, 7), (7, 20)]) == 4
    assert characters([(5, 9), (0, 4), (2, 6)]) == 9
    assert common_characters([], [(1, 2)]) == characters([]) == 0


def test_all_found_asks_for_each_of_several() -> None:
    ranking = [(f"d{i}", 1 - i / 100) for i in range(12)]
    assert all_found({"d0": 1, "d9": 2, "d11": 0}, ranking) == 1.0
    assert all_found({"d0": 1, "d10": 1}, ranking) == 0.0
    assert all_found({"d0": 1}, ranking) is None
    assert all_found({f"d{i}": 1 for i in range(11)}, ranking) is None


def test_calibration_error_by_hand() -> None:
    # the bin from 0.9: two of 0.95, one right: |0.95 - 0.5| · 2/3; the bin from 0.2: one of 0.25, wrong: 0.25 · 1/3
    confidences, right = [0.95, 0.95, 0.25], [True, False, False]
    assert calibration_error(confidences, right) == pytest.approx(0.9 / 3 + 0.25 / 3)
    assert calibration_error([1.0, 0.0], [True, False]) == 0.0
    assert calibration_error([], []) is None
    metric = with_interval(calibration_error, confidences, right)
    assert metric is not None and metric.n == 3 and metric.low < metric.value < metric.high


def test_brier_by_hand() -> None:
    assert brier([0.8, 0.4], [True, False]) == pytest.approx((0.04 + 0.16) / 2)
    assert brier([], []) is None


def test_area_under_the_risk_coverage_curve_by_hand() -> None:
    # the surest first: right, wrong, right; risks 0, 1/2, 1/3
    assert aurc([0.2, 0.9, 0.5], [True, True, False]) == pytest.approx((0 + 1 / 2 + 1 / 3) / 3)
    assert aurc([], []) is None
    assert aurc([0.5, 0.5], [True, False]) == aurc([0.5, 0.5], [False, True]) == pytest.approx(0.5)


def test_coverage_at_nine_in_ten_right() -> None:
    confidences = [1 - i / 100 for i in range(40)]
    # one wrong in the first twenty, then all wrong: 22 answered have 3 wrong, 21 have 2: 2/21 < 0.1
    assert coverage_at(confidences, [i != 3 and i < 20 for i in range(40)]) == 21 / 40
    assert coverage_at([0.9, 0.8], [False, True]) == 0.0
    assert coverage_at([0.9] * 4, [True, True, True, False]) == coverage_at([0.9] * 4, [False, True, True, True]) == 0.0
    assert coverage_at([0.5] * 10, [True] * 10) == 1.0


def test_questions_of_one_cluster_are_drawn_together() -> None:
    values = [1.0, 1.0, 1.0, 0.0, 0.0, 0.0]
    apart, together = mean(8 * values), mean(8 * values, [str(place // 3) for place in range(48)])
    assert (together.value, together.n) == (0.5, 48)
    assert together.high - together.low > 1.4 * (apart.high - apart.low)
    assert mean(values, list("uvwxyz")) == mean(values)
    scores = 4 * [0.9, 0.8, 0.7, 0.6, 0.5, 0.4]
    marks = 4 * [True, False, True, False, True, False]
    narrow, wide = (with_interval(auroc, scores, marks, [str(i // size) for i in range(24)]) for size in (1, 2))
    assert narrow is not None and wide is not None and narrow != wide


def test_tags_on_a_few_questions_are_not_measured() -> None:
    marks = [Marks(str(i), {"contains": [1.0]}, tags=("fact", f"dialogue-{i // 4}")) for i in range(8)]
    found = by_tag(marks, lambda chosen: measured(chosen, {}))
    assert list(found) == ["fact"]


def test_of_few_articles_the_questions_are_drawn() -> None:
    values = [1.0, 1.0, 1.0, 0.0, 0.0, 0.0]
    assert mean(values, list("aaaaaa")) == mean(values, list("aaabbb")) == mean(values)
    assert mean(values).low < 0.5 < mean(values).high
    of_two = [Marks(str(i), {}, cluster=str(i % 2)) for i in range(10)]
    (note,) = cluster_notes(of_two)
    assert "about 2 articles" in note
    assert cluster_notes([Marks(str(i), {}, cluster=str(i % 10)) for i in range(20)]) == []
    assert cluster_notes([Marks(str(i), {}) for i in range(4)]) == []


def test_risk_falls_on_the_unsure_ones() -> None:
    confidences = [0.1, 0.9, 0.8, 0.3, 0.7, 0.6, 0.5, 0.4, 0.2, 0.05]
    points = risk_coverage(confidences, [each >= 0.5 for each in confidences])
    assert points[0] == (0.1, 0.0, 0.9)
    assert points[4] == (0.5, 0.0, 0.5)
    assert points[-1] == (1.0, pytest.approx(0.5), 0.05)
    assert risk_coverage([], []) == []


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
        "R@10": 0,
        "AP@10": 0,
    }
