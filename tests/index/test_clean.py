"""Cleaning: what web copies carry goes, what the article says stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.clean import clean_line, clean_pages, clean_text


@pytest.mark.parametrize(
    "furniture",
    [
        "Leave a Reply",
        "LEAVE A COMMENT",
        "Your email address will not be published. Required fields are marked *",
        "Required fields are marked *",
        "Share this article",
        "Share this:",
        "Sign up for our newsletter",
        "Subscribe to our daily briefing and never miss a story",
        "Read more: Talks resume in Geneva",
        "Advertisement",
        "Name *",
        "Save my name, email, and website in this browser for the next time I comment.",
        "We use cookies to improve your experience.",
        "— Follow us on Facebook —",
    ],
)
def test_furniture_lines_go(furniture: str) -> None:
    assert clean_text(f"First.\n\n{furniture}\n\nLast.") == "First.\n\nLast."


@pytest.mark.parametrize(
    "sentence",
    [
        "He told her to leave a reply on the machine before noon.",
        "Share prices fell by 4% on Monday.",
        "The newsletter said that readers could sign up for updates until Friday, when the offer ended.",
        "Print sales rose.",
        "Comments by the minister angered allies.",
        "Related stories had appeared for weeks.",
    ],
)
def test_sentences_about_such_things_stay(sentence: str) -> None:
    assert clean_text(f"First.\n\n{sentence}\n\nLast.") == f"First.\n\n{sentence}\n\nLast."


def test_repeated_headline_goes_but_only_from_the_top() -> None:
    text = "Moon found\n\nMoon Found!\n\nA moon was found.\n\nMoon found\n\nEnd."
    assert clean_text(text, "Moon found") == "A moon was found.\n\nMoon found\n\nEnd."


def test_what_nobody_sees_goes() -> None:
    hidden = "\u200bzero\u200d \u202eover\u202c \x1b[31mred\x1b[0m \U000e0041\U000e0042tag a\x00b \ufefffine\u00ad"
    assert clean_text(hidden) == "zero over red tag a b fine"
    assert clean_line("a\n\tb\u2028c") == "a b c"


def test_stacked_accents_are_limited_and_ordinary_ones_kept() -> None:
    assert clean_text("Z" + "\u0301" * 5000) == "\u0179" + "\u0301" * 3
    assert clean_text("Café Łódź naïve") == "Café Łódź naïve"


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once
    assert "\n\n\n" not in once


@pytest.mark.parametrize(
    "sentence",
    [
        "Auch Artikel 5 des Vertrags wurde angerufen.",
        "Weitere Themen waren die Energiepreise.",
        "Lire aussi entre les lignes est un art.",
        "The tag line read: all rights are reserved for the crew.",
        "Sharing the prize, she said, was right.",
        "Download speeds doubled.",
    ],
)
def test_sentences_that_look_like_furniture_stay(sentence: str) -> None:
    assert clean_text(f"One.\n\n{sentence}\n\nTwo.") == f"One.\n\n{sentence}\n\nTwo."


@pytest.mark.parametrize(
    "furniture",
    [
        "Lea también: Impiden ingreso a un reportero", "À lire aussi", "Lesen Sie auch: Die Fähre fährt wieder",
        "Notas relacionadas", "Anzeige", "Publicité", "Follow us on Twitter and Facebook", "© 2022 Harbour Post",
        "To view the full story, please subscribe to the Post", "1. How relevant is this ad to you?",
        "Video player was slow to load content Video content never loaded",
    ],
)  # fmt: skip
def test_furniture_of_other_languages_and_forms_goes(furniture: str) -> None:
    assert clean_text(f"One.\n\n{furniture}\n\nTwo.") == "One.\n\nTwo."


def test_a_caption_that_is_repeated_stands_once() -> None:
    caption = "The ferry leaves the harbour on its first day of service."
    assert clean_text(f"{caption}\n\nText.\n\n{caption}\n\nWhat next?\n\nMore.\n\nWhat next?") == (
        f"{caption}\n\nText.\n\nWhat next?\n\nMore.\n\nWhat next?"
    )


def test_form_feeds_begin_pages() -> None:
    text, pages = clean_pages("\fTitle here\n\nOne goes \fon.\n\n\fLeave a Reply\n\n\fFour.", "Title here")
    assert text == "One goes on.\n\nFour."
    assert [text[page:] for page in pages] == ["One goes on.\n\nFour.", "on.\n\nFour.", "Four.", "Four."]
    assert clean_pages("No pages.") == ("No pages.", ())
    assert clean_pages("First.\f\n\nSecond.")[1] == (0, 6)


@given(st.lists(st.text(alphabet=st.characters(codec="utf-8"), max_size=40), min_size=1, max_size=6))
def test_pages_rise_and_stay_in_the_text(parts: list[str]) -> None:
    text, pages = clean_pages("\f".join(parts))
    assert list(pages) == sorted(pages)
    assert all(0 <= page <= len(text) for page in pages)
    assert text == clean_text("\f".join(parts))


def test_a_long_number_in_a_line_takes_no_time() -> None:
    line = f"Kommentare {'1' * 60}x"
    assert clean_text(line) == line
