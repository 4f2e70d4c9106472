"""Published sets made into articles and questions, from tiny files in their formats."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

from bot.reader.sources import clapnq_held_out, sha256_text
from bot.reader.written import load_written
from evals import convert
from evals.convert import clapnq, main, news, squad, stories
from evals.load import load_questions


def write_squad(path: Path, articles: int) -> None:
    data = [
        {
            "title": f"Town_{n}",
            "paragraphs": [
                {
                    "context": f"Town {n} is old. It was founded in 1{n:03}.",
                    "qas": [{"id": f"q{n}", "question": "When  founded?", "answers": [answer(n), answer(n)]}],
                },
                {"context": "It rains.", "qas": []},
            ],
        }
        for n in range(articles)
    ]
    path.write_bytes(gzip.compress(json.dumps({"data": data}).encode()))


def answer(n: int) -> dict[str, object]:
    return {"text": f"1{n:03}", "answer_start": len(f"Town {n} is old. It was founded in ")}


def test_squad_by_articles_and_by_paragraphs(tmp_path: Path) -> None:
    write_squad(tmp_path / "squad.json.gz", 2)
    whole = squad(tmp_path / "squad.json.gz", paragraphs=False, held_out=False, each=None, beside=0)
    assert whole.articles[1] == {
        "id": "Town_1",
        "title": "Town 1",
        "text": "Town 1 is old. It was founded in 1001.\n\nIt rains.",
    }
    assert whole.questions[1] == {
        "id": "q1",
        "question": "When founded?",
        "answers": ["1001"],
        "evidence": [{"article_id": "Town_1", "quote": "It was founded in 1001."}],
    }
    parts = squad(tmp_path / "squad.json.gz", paragraphs=True, held_out=False, each=0, beside=0)
    assert [article["id"] for article in parts.articles] == ["Town_0/0", "Town_0/1", "Town_1/0", "Town_1/1"]
    assert parts.questions == []


def test_only_what_training_leaves_out_is_asked(tmp_path: Path) -> None:
    write_squad(tmp_path / "squad.json.gz", 30)
    made = squad(tmp_path / "squad.json.gz", paragraphs=False, held_out=True, each=1, beside=5)
    assert (len(made.articles), len(made.questions)) == (8, 3)
    asked = {question["evidence"][0]["article_id"] for question in made.questions}
    assert asked <= {article["id"] for article in made.articles}


def test_clapnq_halves_do_not_share_questions(tmp_path: Path) -> None:
    lines = []
    for n in range(20):
        chosen = ["Rain falls often ."] if n % 2 else []
        passage = {"title": "Rain", "text": "Rain falls often . Snow is rare ."}
        output = [{"answer": " ".join(chosen), "selected_sentences": chosen}]
        lines.append(json.dumps({"id": str(n), "input": "how often?", "passages": [passage], "output": output}))
    (tmp_path / "clapnq.jsonl").write_text("\n".join(lines), encoding="utf-8")
    halves = {half: clapnq([tmp_path / "clapnq.jsonl"], half=half) for half in ("trained", "held-out")}
    ids = {half: {question["id"] for question in made.questions} for half, made in halves.items()}
    assert ids["trained"] | ids["held-out"] == {str(n) for n in range(20)}
    assert ids["held-out"] == {str(n) for n in range(20) if clapnq_held_out(str(n))}
    for made in halves.values():
        assert len(made.articles) == 20
        for question in made.questions:
            quotes = [each["quote"] for each in question.get("evidence", [])]
            assert quotes == (["Rain falls often."] if int(question["id"]) % 2 else [])
            assert question.get("answerable", True) == bool(quotes)


def test_news_questions_and_the_command(tmp_path: Path) -> None:
    records = [
        {
            "question_id": "1",
            "question": "Who won?",
            "answer": "Ann",
            "gold_ids": ["a"],
            "answer_in_ids": ["a", "b"],
            "date": "2022/06/16",
        },
        {
            "question_id": "2",
            "question": "Who lost?",
            "answer": "Bo",
            "gold_ids": [],
            "answer_in_ids": ["c"],
            "date": "2022/06/16",
        },
    ]
    (tmp_path / "news.jsonl").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    assert [q["id"] for q in news([tmp_path / "news.jsonl"], gold="answer_in_ids").questions] == ["1", "2"]
    assert main(["news", str(tmp_path / "news.jsonl"), "--out", str(tmp_path / "out")]) == 0
    (example,) = load_questions(tmp_path / "out" / "questions.jsonl").examples
    assert (example.question, example.answers, example.answerable) == ("Who won?", ("Ann",), True)
    assert [each.article_id for each in example.evidence] == ["a"]
    assert example.asked_on == date(2022, 6, 16)


def test_every_second_question_is_asked_in_other_words_too(tmp_path: Path) -> None:
    write_squad(tmp_path / "squad.json.gz", 40)
    written = squad(tmp_path / "squad.json.gz", paragraphs=False, held_out=False, each=None, beside=0)
    made = convert.in_other_words(written, {"founded": ("begun",)})
    assert made.articles == written.articles
    others = [question for question in made.questions if question["id"].endswith("-reworded")]
    assert [question for question in made.questions if question not in others] == written.questions
    assert 0 < len(others) <= 20
    assert any("begun" in question["question"] for question in others)
    by_id = {question["id"]: question for question in written.questions}
    assert all(each["evidence"] == by_id[each["id"].removesuffix("-reworded")]["evidence"] for each in others)


def test_every_third_question_is_asked_of_something_that_its_paragraph_has_not() -> None:
    articles = [{"id": f"a{n}", "text": f"It rains.\n\nMill {n} was bought by Ann."} for n in range(7)]
    questions = [
        {
            "id": f"q{n}",
            "question": f"Who bought mill {n}?",
            "answers": ["Ann"],
            "evidence": [{"article_id": f"a{n}", "quote": f"Mill {n} was bought by Ann."}],
        }
        for n in range(7)
    ]
    misses = convert.near_misses(convert.Converted(articles, questions), {})
    assert misses == [
        {"id": f"q{n}-altered", "question": f"Who sold mill {n}?", "answerable": False} for n in (0, 3, 6)
    ]


def test_what_was_written_on_made_up_texts_is_asked_where_training_leaves_it_out(tmp_path: Path) -> None:
    story = {"title": "Bridge shut", "date": "2024-02-01", "text": "The bridge was shut on Monday by Ann Lee."}
    asked = [{"question": "Who closed it?", "answer": [33, 40]}, {"question": "Why was the bridge shut?"}]
    records = [
        {"paragraph": sha256_text("Town 1 is old."), "questions": [{"question": "Who founded it?"}]},
        *({**story, "title": f"Bridge {number} shut", "questions": asked} for number in range(10)),
    ]
    path = tmp_path / "written.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    assert main(["stories", str(path), "--out", str(tmp_path / "out")]) == 0
    made = stories(path)
    assert [article["date"] for article in made.articles] == ["2024-02-01"] * 10
    held_out = [passage for passage in load_written(path) if passage.title and passage.held_out]
    assert len(made.questions) == 2 * len(held_out) > 0
    assert made.questions[0]["answers"] == ["Ann Lee"]
    loaded = load_questions(tmp_path / "out" / "questions.jsonl").examples
    assert [example.answerable for example in loaded[:2]] == [True, False]


def test_a_question_on_an_event_has_every_story_that_answers_it_as_evidence(tmp_path: Path) -> None:
    told = ["The bridge was shut on Monday by Ann Lee.", "Lee, Ann, shut it. Ann Lee is 40.", "Nobody may cross now."]
    asked: list[list[dict[str, Any]]] = [
        [{"question": "Who closed the bridge?", "answer": [33, 40]}, {"question": "Who built the bridge?"}],
        [{"question": "Who closed the bridge?", "answer": [0, 8]}],
        [{"question": "Who closed the bridge?"}, {"question": "Who built the bridge?"}],
    ]
    records = [
        {"event": f"bridge {number}", "title": f"Bridge {number}, {n}", "date": "2024-02-01", "text": text}
        | {"questions": asked[n]}
        for number in range(20)
        for n, text in enumerate(told)
    ]
    path = tmp_path / "written.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    held_out = {passage.event for passage in load_written(path) if passage.held_out}
    made = stories(path)
    assert len(made.articles) == 60
    assert len(made.questions) == 2 * len(held_out) > 0
    answered, missed = made.questions[:2]
    assert answered["answers"] == ["Ann Lee", "Lee, Ann"]
    assert [gold["quote"] for gold in answered["evidence"]] == [told[0], "Lee, Ann, shut it."]
    assert missed["answerable"] is False
    assert len({question["id"] for question in made.questions}) == len(made.questions)
