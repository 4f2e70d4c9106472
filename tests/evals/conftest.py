"""Small made-up sets, written to disk."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from index.types import Article

ARTICLES = [
    Article(
        "notes/ferry.md",
        "Ferry to Osmund island gets a winter timetable",
        "The ferry to Osmund island will sail three times a day this winter. Captain Ilse Brandt said that the "
        "new engine copes with ice. A ticket costs 14 crowns.",
        origin="/articles/notes/ferry.md",
    ),
    Article(
        "notes/bakery.md",
        "Bakery in Trell burns down",
        "A fire destroyed the old bakery in Trell on Monday. Nobody was hurt. Owner Piet Maas wants to rebuild it.",
        origin="/articles/notes/bakery.md",
    ),
]


SUBJECTS = ("ferry", "bakery", "moor", "bridge", "orchard", "mill", "harbour", "lighthouse", "quarry", "school")


@pytest.fixture
def articles() -> list[Article]:
    return ARTICLES


@pytest.fixture
def write_lines(tmp_path: Path) -> Callable[..., Path]:
    """Writes records (or raw lines) as a JSON-lines file and gives its path."""

    def write(name: str, *records: Any) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return path

    return write


@pytest.fixture
def beir(tmp_path: Path, write_lines: Callable[..., Path]) -> Path:
    """A BEIR folder with three articles and two judged queries."""
    write_lines(
        "beir/corpus.jsonl",
        {"_id": "d1", "title": "Ferry", "text": "The ferry to Osmund island sails three times a day."},
        {"_id": "d2", "title": "Bakery", "text": "A fire destroyed the old bakery in Trell on Monday."},
        {"_id": "d3", "title": "Moor", "text": "Volunteers blocked the ditches on the moor to keep the peat wet."},
    )
    write_lines(
        "beir/queries.jsonl",
        {"_id": "q1", "text": "how often does the ferry sail"},
        {"_id": "q2", "text": "what burned down in Trell"},
        {"_id": "q3", "text": "a query that nobody judged"},
    )
    write_lines("beir/qrels.tsv", "query-id\tcorpus-id\tscore", "q1\td1\t2", "q2\td2\t1", "q2\td3\t0")
    return tmp_path / "beir"


@pytest.fixture
def squad(tmp_path: Path) -> Path:
    """A file in the format of SQuAD 2.0: one paragraph, one answerable and one impossible question."""
    context = "The bridge was built in 1912. It has nine arches. Trams have crossed it since 1931."
    answer = {"text": "1912", "answer_start": context.index("1912")}
    questions = [
        {"id": "s1", "question": "When was the bridge built?", "answers": [answer], "is_impossible": False},
        {"id": "s2", "question": "Who painted the ceiling of the opera?", "answers": [], "is_impossible": True},
    ]
    loaded = {"version": "v2.0", "data": [{"title": "Bridge", "paragraphs": [{"context": context, "qas": questions}]}]}
    path = tmp_path / "squad.json"
    path.write_text(json.dumps(loaded), encoding="utf-8")
    return path


@pytest.fixture
def questions(write_lines: Callable[..., Path]) -> Path:
    """Four questions on ARTICLES: two answerable, a follow-up, and one that they can't answer."""
    ferry, bakery = "notes/ferry.md", "notes/bakery.md"
    return write_lines(
        "questions.jsonl",
        {
            "id": "a",
            "question": "Who said that the new engine copes with ice?",
            "answers": ["Ilse Brandt"],
            "evidence": [{"article_id": ferry, "quote": "Captain Ilse Brandt said that the new engine copes with ice"}],
            "tags": ["fact"],
        },
        {
            "id": "b",
            "question": "What did the fire destroy in Trell?",
            "answers": ["the old bakery"],
            "evidence": [{"article_id": bakery, "quote": "A fire destroyed the old bakery in Trell on Monday"}],
            "tags": ["fact"],
        },
        {
            "id": "c",
            "question": "Who wants to rebuild it?",
            "answers": ["Piet Maas"],
            "evidence": [{"article_id": bakery}],
            "history": [["What burned down in Trell?", "The old bakery."]],
            "tags": ["follow-up"],
        },
        {"id": "d", "question": "Which football club did Zlatko Verhoeven buy?", "answerable": False, "tags": ["none"]},
    )


@pytest.fixture
def ten_articles(write_lines: Callable[..., Path]) -> Path:
    """Ten articles, each on something of its own."""
    texts = [
        f"The old {what} of Trell was repaired in {1900 + n}. People like the {what}."
        for n, what in enumerate(SUBJECTS)
    ]
    records = [
        {"id": f"a{n}", "title": f"News of the {what}", "date": "2022-03-04", "text": text}
        for n, (what, text) in enumerate(zip(SUBJECTS, texts, strict=True))
    ]
    return write_lines("articles.jsonl", *records)


@pytest.fixture
def asked(write_lines: Callable[..., Path]) -> Path:
    """Three questions on them, a follow-up and one without a gold article."""
    on = [
        {"id": f"q{n}", "question": f"when was the {SUBJECTS[n]} repaired", "evidence": [{"article_id": f"a{n}"}]}
        for n in range(3)
    ]
    follow_up = {"id": "f", "question": "and then", "evidence": [{"article_id": "a1"}], "history": [["when", "then"]]}
    return write_lines("asked.jsonl", *on, follow_up, {"id": "n", "question": "who knows"})
