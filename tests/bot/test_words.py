"""Words, stems and names of English questions."""

from __future__ import annotations

from bot.words import content_words, names, overlap, short_names, stems


def test_content_words_and_stems() -> None:
    question = "Who rejected NATO's peacekeepers in Ukraine, and what did he propose instead?"
    assert content_words(question) == ["rejected", "NATO", "peacekeepers", "Ukraine", "propose", "instead"]
    assert stems("running runs, the RUNNER’s") == ["run", "run", "runner"]


def test_names() -> None:
    assert names("When did President Lula da Silva meet Joe Biden in Brasília?") == [
        "President Lula",
        "Silva",
        "Joe Biden",
        "Brasília",
    ]
    assert names("Who is the Bank of England's governor?") == ["Bank of England"]
    assert names("What happened? Nobody knows.") == []
    assert names("NATO said no.") == ["NATO"]


def test_names_begin_with_any_upper_case_letter() -> None:
    assert names("He met Élodie.") == ["Élodie"]
    assert names("In Zürich, Łukasz met Øystein.") == ["Zürich", "Łukasz", "Øystein"]
    assert names("He met Ада Öberg of Çankaya.") == ["Ада Öberg of Çankaya"]
    assert names("He met élodie and şahin.") == []


def test_overlap() -> None:
    assert overlap(["a", "b"], ["b", "c", "d"]) == 0.5
    assert overlap([], ["a"]) == 0.0


def test_names_that_are_small_words_but_for_their_capitals() -> None:
    assert short_names("The US told us who the WHO is, and NOT ALL of the US.") == ["US", "WHO"]
    assert short_names("WHO WON?\nUS$5m") == []
    assert short_names("US\nand Iran") == ["US"]
