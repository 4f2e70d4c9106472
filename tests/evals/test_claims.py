"""Pairs of claims and passages: what is changed is wrong, what is only put otherwise is not; measured by hand."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from evals import mutate
from evals.claims import BALANCED, Pair, _untokenised, measure, pairs, stated, voted
from index.types import Article

SENTENCE = "Mara Lindqvist, who runs the harbour, said on March 12 that 1,250 boats were not moved for seven days."


@pytest.mark.parametrize("kind", mutate.WRONG)
def test_a_changed_sentence_differs_in_one_place(kind: str) -> None:
    changed = mutate.WRONG[kind](SENTENCE, random.Random(1))
    assert changed is not None and changed != SENTENCE
    start = next(i for i, (a, b) in enumerate(zip(changed, SENTENCE, strict=False)) if a != b)
    assert changed[:start] == SENTENCE[:start]
    assert changed.split()[-1] in ("days.", "weeks.")


def test_changes_say_what_they_say() -> None:
    chance = random.Random(1)
    assert mutate.unit(SENTENCE, chance) == SENTENCE.replace("seven days", "seven weeks")
    assert mutate.negation(SENTENCE, chance) == SENTENCE.replace("were not", "were")
    assert mutate.negation("The bridge was closed.", chance) == "The bridge was not closed."
    assert mutate.name("They met Mara Lindqvist there.", chance, ["Piet Maas", "Al"]) == "They met Piet Maas there."
    assert mutate.name("They met her there.", chance, ["Piet Maas"]) is None
    assert mutate.number("It was in 1999.", chance) is None  # a year is a date


def test_true_ones_keep_what_they_say() -> None:
    chance = random.Random(1)
    assert mutate.figures(SENTENCE, chance) == SENTENCE.replace("1,250", "1250").replace("seven", "7")
    assert mutate.day_first(SENTENCE, chance) == SENTENCE.replace("March 12", "12 March")
    assert mutate.shortened(SENTENCE, chance) == SENTENCE.replace(", who runs the harbour,", "")
    assert mutate.figures("The thirty-six states.", chance) is None
    said = "The boats were not moved for days, Mara Lindqvist said."
    assert mutate.attributed(said, chance) == "According to Mara Lindqvist, The boats were not moved for days."


def test_questions_become_statements() -> None:
    assert mutate.statement("Who built the bridge?", "a guild") is None  # "built" is no regular verb
    assert mutate.statement("Who painted the bridge?", "a guild") == "A guild painted the bridge."
    assert mutate.statement("What does the bridge cross?", "the Osm") is None
    assert mutate.statement("Which town was founded first?", "Trell") == "Trell was founded first."
    assert mutate.statement("When was it built?", "1912") is None


def test_pairs_are_the_same_every_time_and_hold_both_kinds() -> None:
    text = " ".join(f"{SENTENCE[:-1]} at place {n}. The harbour of Port Osmund {n} was closed again." for n in range(6))
    articles = [Article(f"a{i}", f"Title {i}", text.replace("Lindqvist", f"Lind{i}"), origin="x") for i in range(4)]
    found = pairs(articles, 3)
    assert found == pairs(articles, 3)
    assert {each.made for each in found if not each.supported} >= {"number", "date", "unit", "negation"}
    for each in found:
        if each.made == "as it stands":
            assert each.claim in each.passage and each.supported


def test_shares_right_by_hand() -> None:
    passage = "The bridge was opened in 1912."
    given = [
        Pair("The bridge was opened in 1912.", passage, "", True, "x", "a"),
        Pair("A ferry crossed the wide river daily.", passage, "", True, "x", "b"),  # judged wrong: no words of it
        Pair("The bridge was opened in 1913.", passage, "", False, "y", "a"),
    ]
    found = measure(given)
    assert found["all true"].value == 0.5 and found["all false"].value == 1.0
    assert found[BALANCED].value == 0.75 and found[BALANCED].n == 3
    assert BALANCED not in measure(given[:2])


def test_what_only_the_score_doubts() -> None:
    passage = "Mara Lindqvist leads the office. The harbour was closed for repairs. In 2014 the bridge was opened."
    given = [Pair("Mara Lindqvist opened the bridge.", passage, "", False, "x", "a")]
    assert measure(given)["all false"].value == 1.0
    assert measure(given, hard_only=True)["all false"].value == 0.0


def test_votes_and_questions_are_read(tmp_path: Path, squad: Path) -> None:
    votes = [{"response": "yes"}, {"response": "no"}, {"response": "yes"}]
    record = {"article": "Of 27 - year - olds, 3, 000.", "summary_sentences": [{"sentence": "A.", "responses": votes}]}
    (tmp_path / "votes.jsonl").write_text(json.dumps(record))
    assert voted(tmp_path / "votes.jsonl") == [Pair("A.", "Of 27-year-olds, 3,000.", "", True, "votes", "0")]
    loaded = json.loads(squad.read_text())
    loaded["data"][0]["paragraphs"][0]["qas"][0]["question"] = "What crossed it?"
    squad.write_text(json.dumps(loaded))
    (pair,) = stated(squad, 10)
    assert pair.claim == "1912 crossed it." and pair.supported


@pytest.mark.parametrize(
    ("split", "whole"),
    [
        ("A 27 - year - old won $ 53, 193, 914.", "A 27-year-old won $ 53,193,914."),
        ("a 100, 000 - a - week deal, head - to - head", "a 100,000-a-week deal, head-to-head"),
        ("The firm - which makes cars - said so on Monday - its day.", None),
        ("On March 14, 300 left, and in 2004, 300 more.", None),
    ],
)
def test_words_that_a_set_took_apart_are_put_together_and_no_others(split: str, whole: str | None) -> None:
    assert _untokenised(split) == (whole or split)
