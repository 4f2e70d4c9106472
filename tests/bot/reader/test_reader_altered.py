"""Questions altered so that their paragraph does not answer them: what is exchanged, and what for."""

from __future__ import annotations

import random

import pytest

from bot.reader.altered import alterations, opposites, other_askings, other_fillers, slots
from bot.reader.rewording import rewordings, stems_of
from bot.reader.sources import Paragraph, Question

PASSAGE = "Mira Solt bought the mill from Odd Hale. The four workers kept their jobs."


def question(text: str, *answers: str, answerable: bool = True) -> Question:
    return Question(text, 0, answers, ((0, 4),), answerable, spans_known=True, held_out=False)


def made(
    questions: list[Question], passage: str = PASSAGE, known: dict[str, tuple[str, ...]] | None = None
) -> set[str]:
    """What the first of the questions becomes, over many seeds."""
    paragraphs = [Paragraph(passage, 0)]
    return {next(alterations(paragraphs, questions, known or {}, random.Random(seed))) for seed in range(60)}


def test_what_is_counted_goes_for_what_another_question_counts() -> None:
    asked = [question("How many workers stayed?", "four"), question("How many bridges stood?", "two")]
    assert made(asked) == {"How many bridges stayed?"}


def test_nothing_that_the_passage_has_is_put_in() -> None:
    asked = [question("How many workers stayed?", "four"), question("How many mills stood?", "two")]
    assert made(asked) == {""}


def test_nor_a_word_of_nearly_the_same_meaning() -> None:
    asked = [question("How many workers stayed?", "four"), question("How many labourers stood?", "two")]
    assert made(asked, known={"workers": ("labourers",)}) == {""}
    assert made(asked, known={"labourers": ("workers",)}) == {""}


def test_names_and_years_go_for_others_of_the_article_but_not_for_the_answer() -> None:
    asked = [
        question("When did Mira Solt buy it?", "1901"),
        question("What did Odd Hale do?", "sold it"),
        question("Where was it in 1901?", "here"),
    ]
    assert {text for text in made(asked) if "Mira" not in text} == {"When did Odd Hale buy it?"}


def test_opposites_go_unless_the_passage_has_them() -> None:
    assert list(opposites("Who bought the mill?", PASSAGE)) == ["Who sold the mill?"]
    assert list(opposites("Who bought the mill?", PASSAGE + " Hale sold it.")) == []
    assert list(opposites("Who outbought them?", PASSAGE)) == []


@pytest.mark.parametrize(
    ("passage", "other"),
    [
        ("He sang.", {"When did he sing?", "Why did he sing?"}),
        ("He sang on Monday.", {"Why did he sing?"}),
        ("He sang because he could.", {"When did he sing?"}),
    ],
)
def test_another_circumstance_is_asked_for_where_the_passage_shows_no_sign_of_it(passage: str, other: set[str]) -> None:
    assert set(other_askings(question("Where did he sing?", "here"), passage)) == other


def test_another_measure_is_asked_for() -> None:
    found = set(other_askings(question("How old is the tower?", "90 years"), "It is 90 years old."))
    assert "How tall is the tower?" in found
    assert not any("how often" in text.lower() for text in found)


def test_words_are_exchanged_only_where_they_fit() -> None:
    found = [(slot, word) for slot, word, _ in slots("Which rivers did the old mill's owner want to enter?")]
    assert found == [(("what", "s"), "rivers"), (("the", ""), "old"), (("to", ""), "enter")]
    assert list(slots("What happened there?")) == []


def test_every_place_of_an_exchanged_word_is_within_the_question() -> None:
    text = "What river is the source of the town's wealth?"
    fillers = {(0, slot): ["harbour"] for slot, _, _ in slots(text)}
    found = list(other_fillers(text, Paragraph(PASSAGE, 0), fillers, {}, random.Random(1)))
    assert "What harbour is the source of the town's wealth?" in found
    assert "What river is the source of the harbour's wealth?" in found


def test_what_cannot_be_altered_or_has_no_answer_stays_out() -> None:
    assert made([question("Semiochemicals come whence?", "plants")]) == {""}
    assert made([question("Who bought it first?", "Solt", answerable=False)]) == {""}


def test_other_words_are_empty_where_they_are_the_same() -> None:
    asked = [question("Who killed it?", "Solt"), question("Zzz?", "Solt")]
    texts = [
        list(rewordings([Paragraph(PASSAGE, 0)], asked, {"killed": ("slew",)}, random.Random(seed)))
        for seed in range(40)
    ]
    assert {second for _, second in texts} == {""}
    assert any("slew" in first for first, _ in texts)
    assert "Who killed it?" not in {first for first, _ in texts}
    assert stems_of("Mills") == stems_of("mill")
