"""A small made-up world to train on; the encoder's folder and tokenizer, for tests marked `model`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tokenizers import Tokenizer

TOWNS = [
    "Arlow",
    "Bracken",
    "Culmore",
    "Dunholt",
    "Elverton",
    "Farleigh",
    "Gorsley",
    "Hexcombe",
    "Ivybridge",
    "Kelby",
]
FACTS = [
    (
        "Who founded {town}?",
        "{town} was founded by {value}.",
        ["a miller", "two monks", "a rich widow", "salt traders"],
    ),
    (
        "What does {town} make?",
        "The people of {town} make {value}.",
        ["clay pipes", "wool", "ship bells", "honey cakes"],
    ),
    ("When did {town} flood?", "A great flood came to {town} in {value}.", ["1741", "1802", "1856", "1911"]),
    (
        "What stands on the hill of {town}?",
        "On its hill stands {value}.",
        ["a chapel", "an oak", "a beacon", "a kiln"],
    ),
    (
        "Which river passes {town}?",
        "The river {value} passes {town} on its way.",
        ["Ash", "Wend", "Tarn", "Lode"],
    ),
]


def write_squad(path: Path) -> None:
    """Writes ten articles of one paragraph and five questions each, as SQuAD would write them down."""
    data = []
    for number, town in enumerate(TOWNS):
        sentences, asked = [], []
        for column, (question, sentence, values) in enumerate(FACTS):
            value = values[(number + column) % len(values)]
            asked.append((question.format(town=town), value))
            sentences.append(sentence.format(town=town, value=value))
        context = " ".join(sentences)
        qas = [
            {
                "id": f"{number}-{i}",
                "question": question,
                "answers": [{"text": value, "answer_start": context.index(value), "occurrences": context.count(value)}],
            }
            for i, (question, value) in enumerate(asked)
        ]
        data.append({"title": f"{town}_(town)", "paragraphs": [{"context": context, "qas": qas}]})
    path.write_text(json.dumps({"version": "1.1", "data": data}), encoding="utf-8")


@pytest.fixture(scope="session")
def made_up_squad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQuAD file of fifty made-up questions."""
    path = tmp_path_factory.mktemp("made-up") / "train.json"
    write_squad(path)
    return path


@pytest.fixture(scope="session")
def encoder() -> Path:
    """The folder of all-MiniLM-L6-v2."""
    from bot.reader.train import find_encoder

    return find_encoder()


@pytest.fixture(scope="session")
def tokenizer(encoder: Path) -> Tokenizer:
    """The encoder's tokenizer, neither cutting nor padding."""
    from bot.reader.train import open_tokenizer

    return open_tokenizer(encoder / "tokenizer.json")
