"""Reading of the training sets: spans, sentences, forms of questions. No model is needed."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reader.corpus import Ragged, pieces_of, sentence_pieces
from bot.reader.sources import Paragraph, Question, natural, occurrences, read_squad, read_timeqa, sha256_text
from bot.reader.variants import keyword_form
from bot.reader.written import load_written, read_written

WRITTEN = Path(__file__).parents[3] / "bot" / "reader"


def test_natural_text_has_no_spaces_before_punctuation() -> None:
    assert natural("Washington , D.C. . It `` was '' ( once ) Smith 's so well - known") == (
        'Washington, D.C.. It "was" (once) Smith\'s so well-known'
    )


def test_occurrences_are_whole_words() -> None:
    text = "In 19 of 1900 days, 19."
    assert [text[start:end] for start, end in occurrences("19", text)] == ["19", "19"]
    assert occurrences(" ", text) == []


def test_keyword_form_keeps_content_words() -> None:
    assert keyword_form("What is the capital of France?") == "capital France"
    assert keyword_form("What is it?") == "What is it"


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 6)), min_size=1, max_size=20), st.data())
def test_pieces_cover_the_characters(steps: list[tuple[int, int]], data: st.DataObject) -> None:
    offsets, at = [], 0
    for gap, width in steps:
        offsets.append((at + gap, at + gap + width))
        at += gap + width
    first = data.draw(st.integers(0, len(offsets) - 1))
    last = data.draw(st.integers(first, len(offsets) - 1))
    assert pieces_of(np.array(offsets), offsets[first][0], offsets[last][1]) == [first, last]


def test_sentences_begin_at_pieces() -> None:
    text = "One two. Three four! Five"
    offsets = np.array([(0, 3), (4, 7), (7, 8), (9, 14), (15, 19), (19, 20), (21, 25)])
    assert sentence_pieces(text, offsets) == [0, 3, 6]


@given(st.lists(st.lists(st.integers(0, 30000))))
def test_ragged_gives_back_its_lists(lists: list[list[int]]) -> None:
    packed = Ragged.of(lists, np.uint16)
    assert [packed[i].tolist() for i in range(len(packed))] == lists


def test_squad_marks_every_occurrence(tmp_path: Path) -> None:
    answer = {"text": "red", "answer_start": 11, "occurrences": 2}
    paragraph = {
        "context": "A red door, red.",
        "qas": [{"id": "1", "question": "What  colour?", "answers": [answer]}],
    }
    paragraph["qas"][0]["answers"][0]["answer_start"] = 12  # type: ignore[index]
    path = tmp_path / "squad.json"
    path.write_text(json.dumps({"data": [{"title": "Door_(a)", "paragraphs": [paragraph]}]}), encoding="utf-8")
    titles: list[str] = []
    paragraphs: list[Paragraph] = []
    questions: list[Question] = []
    read_squad(path, titles, paragraphs, questions)
    assert titles == ["Door (a)"]
    assert questions[0].text == "What colour?"
    assert [paragraphs[0].text[start:end] for start, end in questions[0].spans] == ["red", "red"]


def test_timeqa_answers_stand_in_their_paragraph(tmp_path: Path) -> None:
    rows = [
        {
            "idx": "/wiki/Old_House#P1#0",
            "question": "Who owned the Old House in 1811?",
            "targets": ["George Peter"],
            "paragraphs": [
                {"title": "Old House", "text": "The house is old ."},
                {"title": "Old House", "text": "In 1811 , the Old House was owned by George Peter ."},
            ],
        },
        {
            "idx": "/wiki/Old_House#P1#1",
            "question": "Who owned it in 2050?",
            "targets": [""],
            "paragraphs": [],
        },
    ]
    path = tmp_path / "timeqa.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    titles: list[str] = []
    paragraphs: list[Paragraph] = []
    questions: list[Question] = []
    read_timeqa(path, titles, paragraphs, questions)
    assert [q.answerable for q in questions] == [True, False]
    start, end = questions[0].spans[0]
    assert paragraphs[questions[0].paragraph].text[start:end] == "George Peter"


def test_written_questions_join_their_paragraphs_and_stories(tmp_path: Path) -> None:
    text = "Ann Lee sold the mill in 1911. The mill burnt in 1911."
    start = text.index("1911")
    records = [
        {
            "paragraph": sha256_text(text),
            "questions": [
                {"question": "In what year did it change hands?", "answer": [start, start + 4]},
                {"question": "Who bought the mill?"},
            ],
        },
        {"paragraph": sha256_text("of another file"), "questions": [{"question": "Who is it?"}]},
        {
            "title": "Bridge shut",
            "date": "2024-02-01",
            "text": "The bridge was shut on Monday.",
            "questions": [{"question": "Why was the bridge shut?"}],
        },
    ]
    path = tmp_path / "written.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    titles, paragraphs = ["Mills"], [Paragraph(text, 0)]
    asked = Question("Who sold it?", 0, ("Ann Lee",), ((0, 7),), answerable=True, spans_known=True, held_out=True)
    questions = [asked]
    read_written(path, titles, paragraphs, questions)
    year, buyer, bridge = questions[1:]
    assert year.answers == ("1911",)
    assert [text[slice(*span)] for span in year.spans] == ["1911", "1911"]
    assert buyer.answerable is False
    assert buyer.spans == ()
    assert year.held_out  # its article is held out
    assert buyer.held_out
    assert (titles[1], paragraphs[bridge.paragraph]) == ("Bridge shut", Paragraph("The bridge was shut on Monday.", 1))
    assert not bridge.answerable


@pytest.mark.parametrize("name", ["written.jsonl", "written_events.jsonl"])
def test_what_was_written_for_the_reader_stands_in_its_stories(name: str) -> None:
    passages = list(load_written(WRITTEN / name))
    stories = [passage for passage in passages if not passage.paragraph]
    assert len({passage.title for passage in stories}) == len(stories)
    assert 0 < sum(passage.held_out for passage in stories) < len(stories) / 2
    for passage in stories:
        date.fromisoformat(passage.date)
        for asked in passage.questions:
            if asked.answer is not None:
                start, end = asked.answer
                assert 0 <= start < end <= len(passage.text)
    assert all(len(passage.paragraph) in (0, 64) and passage.questions for passage in passages)
    assert all(asked.text.endswith("?") for passage in passages for asked in passage.questions)
