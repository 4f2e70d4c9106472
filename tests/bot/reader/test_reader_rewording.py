"""Questions in other words: what is exchanged, left out and left alone."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bot.reader.rewording import MOST_NEIGHBOURS, lexicon, reworded, stems_of
from index.embed import bundled_model_folder

KNOWN = {"killed": ("murdered",), "prison": ("jail",), "spend": ("pass",)}


def all_rewordings(question: str, passage: str = "") -> set[str]:
    return {reworded(question, stems_of(passage), KNOWN, random.Random(seed)) for seed in range(300)}


def test_words_go_for_neighbours_and_those_of_the_passage_more_often() -> None:
    question = "Who was killed in the prison?"
    drawn = [reworded(question, stems_of("They were killing."), KNOWN, random.Random(seed)) for seed in range(300)]
    exchanged = sum("murdered" in text for text in drawn)
    elsewhere = sum("jail" in text for text in drawn)
    assert 0 < elsewhere < exchanged < 300


def test_names_may_be_left_out_but_never_all_that_is_asked_about() -> None:
    found = all_rewordings("How did Robert Brade of Arlow spend it?")
    assert any("Robert" not in text for text in found)
    assert all(sum(name in text for name in ("Robert", "Brade", "Arlow")) >= 1 for text in found)
    assert all("  " not in text for text in found)


def test_what_a_question_asks_for_is_put_otherwise() -> None:
    found = all_rewordings("Why did he go?")
    assert "Why did he go?" in found
    assert any(text.startswith("for what reason did he go") for text in found)


@pytest.mark.model
def test_the_encoder_knows_other_words_and_opposites_are_none() -> None:
    words = "killed murdered film movie leave depart stay father mother second third official unofficial larger large"
    known = lexicon([f"the {word} of Arlow" for word in words.split()] * 8, bundled_model_folder())
    assert "murdered" in known["killed"]
    assert "movie" in known["film"]
    assert "depart" in known["leave"]
    pairs = {(word, other) for word, others in known.items() for other in others}
    assert not pairs & {("leave", "stay"), ("mother", "father"), ("official", "unofficial"), ("arlow", "the")}
    assert not {"second", "third", "the"} & {word for pair in pairs for word in pair}
    assert all(len(others) <= MOST_NEIGHBOURS for others in known.values())


def test_no_texts_make_an_empty_lexicon(tmp_path: Path) -> None:
    assert lexicon([], tmp_path) == {}
