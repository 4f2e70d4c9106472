"""Sets from disk, good and bad; every error names the file and the line."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evals.load import kind_of, load_questions, load_reading, load_retrieval
from evals.types import Evidence, QAExample
from index.errors import UsageError

Write = Callable[..., Path]


def test_kinds_by_name(beir: Path, squad: Path, questions: Path, tmp_path: Path) -> None:
    assert kind_of(beir) == "retrieval"
    assert kind_of(squad) == "reading"
    assert kind_of(questions) == "questions"
    (tmp_path / "x.csv").touch()
    with pytest.raises(UsageError, match=r"x\.csv is no set"):
        kind_of(tmp_path / "x.csv")
    with pytest.raises(UsageError, match=r"no set .*gone"):
        kind_of(tmp_path / "gone.json")


# --- BEIR ---


def test_beir_keeps_judged_queries_in_order(beir: Path) -> None:
    given = load_retrieval(beir)
    assert list(given.queries) == ["q1", "q2"]
    assert given.qrels == {"q1": {"d1": 2}, "q2": {"d2": 1, "d3": 0}}
    assert given.notes == ("1 queries were left out: no article is judged relevant to them",)


def test_beir_gzipped_with_id_and_no_header(beir: Path, write_lines: Write) -> None:
    write_lines("beir/qrels.tsv", "1\td1\t1", "1\tdX\t1")
    write_lines("beir/queries.jsonl", {"id": 1, "text": "ferry"})
    for name in ("corpus.jsonl", "queries.jsonl", "qrels.tsv"):
        plain = beir / name
        (beir / f"{name}.gz").write_bytes(gzip.compress(plain.read_bytes()))
        plain.unlink()
    given = load_retrieval(beir)
    assert given.corpus.name == "corpus.jsonl.gz"
    assert given.queries == {"1": "ferry"}
    assert given.qrels == {"1": {"d1": 1, "dX": 1}}
    assert given.notes == ("1 judged articles are not in the corpus, so nothing can find them",)


def test_trec_qrels_in_four_columns(beir: Path, write_lines: Write) -> None:
    write_lines("beir/qrels.tsv", "q1 0 d1 1", "q2 0 d2 1")
    assert load_retrieval(beir).qrels == {"q1": {"d1": 1}, "q2": {"d2": 1}}


@pytest.mark.parametrize(
    ("name", "lines", "message"),
    [
        ("qrels.tsv", ["q1\td1\t1", "q1\td2\tmany"], r"qrels\.tsv line 2: the relevance many"),
        ("qrels.tsv", ["query\tdoc\tscore", "query\tdoc\tscore"], r"qrels\.tsv line 2: the relevance score"),
        ("qrels.tsv", ["q1\td1"], r"qrels\.tsv line 1: give query, article and relevance"),
        ("qrels.tsv", ["q1\td1\t1", "q1\td1\t0"], r"qrels\.tsv line 2: d1 was judged otherwise"),
        ("qrels.tsv", ["q9\td1\t1"], r"qrels\.tsv judges query q9"),
        ("qrels.tsv", ["q1\td1\t0"], r"qrels\.tsv names no relevant article"),
        ("queries.jsonl", [{"_id": "q1", "text": "x"}, "{"], r"queries\.jsonl line 2 is not JSON"),
        ("queries.jsonl", [{"_id": "q1", "text": " "}], r'queries\.jsonl line 1: "text" must be'),
        ("queries.jsonl", [{"text": "x"}], r'queries\.jsonl line 1: there must be an "id"'),
        ("queries.jsonl", [{"_id": "a b", "text": "x"}], r"queries\.jsonl line 1: the id 'a b'"),
        ("corpus.jsonl", [{"_id": "d1", "text": "x"}, {"_id": "d1", "text": "y"}], r"corpus\.jsonl line 2: the id d1"),
        ("corpus.jsonl", [{"_id": "d1", "title": "x"}], r'corpus\.jsonl line 1: "text" must be a string'),
        ("corpus.jsonl", ["[]"], r"corpus\.jsonl line 1 must be an object"),
    ],
)
def test_bad_beir(beir: Path, write_lines: Write, name: str, lines: list[Any], message: str) -> None:
    write_lines(f"beir/{name}", *lines)
    with pytest.raises(UsageError, match=message):
        load_retrieval(beir)


def test_beir_without_a_file(beir: Path) -> None:
    (beir / "qrels.tsv").unlink()
    with pytest.raises(UsageError, match=r"has no qrels\.tsv"):
        load_retrieval(beir)


# --- SQuAD ---


def test_squad_2(squad: Path) -> None:
    given = load_reading(squad)
    assert given.has_unanswerable
    assert given.paragraphs[0].id == "Bridge#0"
    assert given.examples == [
        QAExample("s1", "When was the bridge built?", ("1912",), answerable=True),
        QAExample("s2", "Who painted the ceiling of the opera?", (), answerable=False),
    ]


def test_squad_1_gzipped_has_only_answerable_questions(squad: Path, tmp_path: Path) -> None:
    loaded = json.loads(squad.read_text())
    answerable = loaded["data"][0]["paragraphs"][0]["qas"][0]
    del answerable["is_impossible"]
    answerable["answers"] *= 2
    loaded["data"][0]["paragraphs"][0]["qas"] = [answerable]
    path = tmp_path / "v1.json.gz"
    path.write_bytes(gzip.compress(json.dumps(loaded).encode()))
    given = load_reading(path)
    assert not given.has_unanswerable
    assert given.examples[0].answers == ("1912",)


def test_bad_squad(squad: Path, tmp_path: Path) -> None:
    def refused(change: Callable[[dict[str, Any]], object], message: str) -> None:
        loaded = json.loads(squad.read_text())
        change(loaded["data"][0]["paragraphs"][0])
        path = tmp_path / "bad.json"
        path.write_text(json.dumps(loaded))
        with pytest.raises(UsageError, match=message):
            load_reading(path)

    refused(lambda p: p.pop("context"), r'bad\.json data\[0\]\.paragraphs\[0\]: "context"')
    refused(lambda p: p["qas"][1].update(id="s1"), r"qas\[1\]: the id s1 was used before")
    refused(lambda p: p["qas"][0].update(answers=[]), r"qas\[0\]: there are no answers")
    refused(lambda p: p["qas"][0].update(answers=[{}]), r'qas\[0\]\.answers\[0\]: "text"')
    refused(lambda p: p["qas"][1].update(is_impossible="yes"), r'qas\[1\]: "is_impossible"')
    refused(lambda p: p.update(qas=[]), "no questions in it")
    (tmp_path / "torn.json").write_text('{"data": [\n{"title": ')
    with pytest.raises(UsageError, match=r"torn\.json line 2 is not JSON"):
        load_reading(tmp_path / "torn.json")
    (tmp_path / "cut.json.gz").write_bytes(gzip.compress(squad.read_bytes())[:60])
    with pytest.raises(UsageError, match=r"cut\.json\.gz can't be read"):
        load_reading(tmp_path / "cut.json.gz")


# --- questions ---


def test_questions(questions: Path) -> None:
    examples = load_questions(questions).examples
    assert [example.id for example in examples] == ["a", "b", "c", "d"]
    assert [example.answerable for example in examples] == [True, True, True, False]
    assert examples[2].history == (("What burned down in Trell?", "The old bakery."),)
    assert examples[2].evidence == (Evidence("notes/bakery.md"),)
    assert examples[0].tags == ("fact",)


def test_a_bare_question_is_neither_answerable_nor_not(write_lines: Write) -> None:
    path = write_lines("q.jsonl", {"id": 7, "question": "Why?"}, "", {"id": "8", "question": "How?", "answers": None})
    assert load_questions(path).examples == (QAExample("7", "Why?"), QAExample("8", "How?"))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("nonsense", "is not JSON"),
        ('"text"', "must be an object"),
        ({"question": "x"}, 'there must be an "id"'),
        ({"id": "1"}, '"question" must be a string'),
        ({"id": "ok", "question": "x"}, "the id ok was used before"),
        ({"id": "1", "question": "x", "answers": "y"}, '"answers" must be a list'),
        ({"id": "1", "question": "x", "answers": ["vitamin A", "A"]}, "the answer 'A' can't be looked for"),
        ({"id": "1", "question": "x", "answers": [""]}, '"answers" must be a list of strings'),
        ({"id": "1", "question": "x", "answerable": "no"}, '"answerable" must be true or false'),
        ({"id": "1", "question": "x", "evidence": [{}]}, r'evidence\[0\]: "article_id"'),
        ({"id": "1", "question": "x", "evidence": ["a"]}, r"evidence\[0\] must be an object"),
        ({"id": "1", "question": "x", "evidence": [{"article_id": "a", "quote": 3}]}, r'evidence\[0\]: "quote"'),
        ({"id": "1", "question": "x", "history": [["q"]]}, '"history" must be a list of'),
        ({"id": "1", "question": "x", "asked_on": "last week"}, '"asked_on" must be a day like 2026-01-31'),
        ({"id": "1", "question": 2001 * "x"}, "a question of 2,001 characters; 2,000 is the most"),
        ({"id": "1", "question": "x", "tags": [1]}, '"tags" must be a list of strings'),
    ],
)
def test_bad_question_lines(write_lines: Write, line: Any, message: str) -> None:
    path = write_lines("q.jsonl", {"id": "ok", "question": "Good?"}, line)
    with pytest.raises(UsageError, match=rf"q\.jsonl line 2.*{message}"):
        load_questions(path)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_bytes(b'{"id": "1", "question": "x"}\n\xff\xfe\n')
    with pytest.raises(UsageError, match=r"q\.jsonl line 2 is not UTF-8"):
        load_questions(path)
    path.write_bytes(b"")
    with pytest.raises(UsageError, match="no questions in it"):
        load_questions(path)


def test_the_shipped_set_loads() -> None:
    examples = load_questions(Path(__file__).parents[2] / "evals" / "sets" / "seeds.jsonl").examples
    assert sum(example.answerable is False for example in examples) >= 60
    assert all(example.evidence for example in examples if example.answerable)


def test_the_shipped_events_hold_what_their_questions_say() -> None:
    folder = Path(__file__).parents[2] / "evals" / "sets" / "events"
    articles = [json.loads(line) for line in (folder / "articles.jsonl").read_text(encoding="utf-8").splitlines()]
    texts = {article["id"]: article["text"] for article in articles}
    assert len(texts) == len(articles) == len({article["title"] for article in articles})
    events = []
    for name in ("calibration.jsonl", "questions.jsonl"):
        examples = load_questions(folder / name).examples
        events.append({example.id.rsplit("-", 1)[0] for example in examples})
        for example in examples:
            quotes = [gold.quote or "" for gold in example.evidence]
            assert all(gold.quote and gold.quote in texts[gold.article_id] for gold in example.evidence)
            assert bool(quotes) == bool(example.answers) == example.answerable
            assert all(any(answer in quote for quote in quotes) for answer in example.answers)
    assert not events[0] & events[1]
