"""Drafting question sets from articles and from a log of thumbs: over the seeds, by hand, and on hostile text."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.settings import Settings
from bot.words import names
from evals.drafts.candidates import Altered
from evals.drafts.cloze import GAP
from evals.drafts.sentences import CALENDAR, is_fit
from evals.load import load_questions
from evals.make import Draft, DraftSet, draft, from_feedback, write
from evals.types import Evidence, QAExample
from index import ingest
from index.errors import UsageError
from index.library import Index
from index.passages import sentence_spans
from index.types import Article
from tests.conftest import ROOT, SEEDS
from tests.evals.test_drafts import BRIDGE, HOSTILE
from tests.fake_embedder import FakeEmbedder
from tests.test_imports import HEAVY
from ui.cli import main

Write = Callable[..., Path]
ASKED_FOR = 60


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """The seeds, indexed with the fake embedder."""
    index = Index(Settings(index=tmp_path_factory.mktemp("make") / "index"), create=True, embedder=FakeEmbedder())
    assert not ingest.add(index, [SEEDS]).skipped
    return index


@pytest.fixture(scope="module")
def made(seeds: Index) -> DraftSet:
    return draft(seeds, count=ASKED_FOR, seed=7)


def answerable(made: DraftSet) -> list[Draft]:
    return [each for each in made.drafts if each.example.answerable]


def unanswerable(made: DraftSet) -> list[Draft]:
    return [each for each in made.drafts if each.example.answerable is False]


def fill(index: Index, *texts: str, language: str = "", title: str = "News of the day") -> None:
    """Puts articles a0, a1, … with these texts into the index."""
    articles = [Article(f"{language}a{n}", title, text, language=language) for n, text in enumerate(texts)]
    with index.writing():
        ingest.write_articles(index, articles)


# --- over the seeds ---


def test_each_draft_has_its_exact_sentence_as_gold(seeds: Index, made: DraftSet) -> None:
    assert len(answerable(made)) >= 40
    for each in answerable(made):
        example = each.example
        assert example.evidence
        for evidence in example.evidence:
            article = seeds.article(evidence.article_id)
            assert article is not None and evidence.quote is not None
            spans = sentence_spans(article.text)
            assert evidence.quote in [article.text[start:end] for start, end in spans]
            assert len(evidence.quote) <= 400 and is_fit(evidence.quote, article.title)
            for answer in example.answers:
                assert evidence.quote.count(answer) == 1
                assert answer.casefold() not in example.question.casefold()
        assert example.answers and example.question.endswith("?")
        assert example.tags[0] == "draft" and example.tags[1] in ("cloze", "template")


def test_both_forms_and_several_kinds_of_answer_come_up(made: DraftSet) -> None:
    tags = Counter(tag for each in answerable(made) for tag in each.example.tags)
    assert tags["cloze"] >= 10 and tags["template"] >= 10
    assert tags["name"] >= 10 and tags["number"] >= 5 and {"date", "money"} & set(tags)


def test_the_gap_filled_is_the_sentence_again(made: DraftSet) -> None:
    for each in answerable(made):
        if "cloze" in each.example.tags:
            left = each.example.question.partition("“")[2].rpartition("”")[0]
            quote = each.example.evidence[0].quote or ""
            assert left.count(GAP) == 1 and left.replace(GAP, each.example.answers[0]) in quote


def test_questions_are_spread_over_the_articles(seeds: Index) -> None:
    def most(count: int, per_article: int) -> int:
        made = draft(seeds, count=count, seed=1, per_article=per_article, unanswerable=0)
        first = Counter(each.example.evidence[0].article_id for each in made.drafts)
        return max(first.values())

    assert most(25, 3) == 1
    assert most(200, 2) == 2


def test_no_sentence_and_no_question_comes_twice(seeds: Index) -> None:
    made = draft(seeds, count=300, seed=2, per_article=9, unanswerable=0)
    assert any("instead of 300" in note for note in made.notes)
    assert max(Counter(each.example.evidence[0].quote for each in made.drafts).values()) == 1
    assert max(Counter(each.example.question for each in made.drafts).values()) == 1
    shared = [each for each in made.drafts if len(each.example.evidence) > 1]
    assert shared, "two seeds carry one agency's report"


def test_the_file_loads_as_what_was_drafted(made: DraftSet, tmp_path: Path) -> None:
    write(tmp_path / "own.jsonl", made)
    assert load_questions(tmp_path / "own.jsonl").examples == tuple(each.example for each in made.drafts)


def test_a_seed_tells_every_byte(seeds: Index, made: DraftSet, tmp_path: Path) -> None:
    write(tmp_path / "first.jsonl", made)
    write(tmp_path / "again.jsonl", draft(seeds, count=ASKED_FOR, seed=7))
    write(tmp_path / "other.jsonl", draft(seeds, count=ASKED_FOR, seed=8))
    first = (tmp_path / "first.jsonl").read_bytes()
    assert first == (tmp_path / "again.jsonl").read_bytes()
    assert first != (tmp_path / "other.jsonl").read_bytes()


def test_what_was_swapped_in_stands_in_no_article_with_the_rest(seeds: Index, made: DraftSet) -> None:
    altered = unanswerable(made)
    assert 4 <= len(altered) <= ASKED_FOR * 0.2
    texts = [article.text for each in seeds.articles() if (article := seeds.article(each.id))]
    for each in altered:
        instead, original = (part.strip("“”") for part in each.note.split(" stands for "))
        assert instead in each.example.question and original not in each.example.question
        assert any(instead in text for text in texts)
        rest = each.example.question.replace(instead, "")
        told = [name for name in names(rest.partition("“")[2] or rest) if name.casefold() not in CALENDAR]
        for text in texts:
            assert instead not in text or not any(name in text for name in told)
        assert each.example.tags == ("draft", "unanswerable")
        assert not each.example.answers and not each.example.evidence


def test_the_share_of_unanswerable_questions_is_asked_for_and_its_lack_said(seeds: Index) -> None:
    assert not unanswerable(draft(seeds, count=20, seed=1, unanswerable=0))
    every = draft(seeds, count=40, seed=1, unanswerable=1)
    assert 0 < len(unanswerable(every)) < 40 and len(every.drafts) == 40
    assert any(f"{len(unanswerable(every))} unanswerable questions instead of 40" in note for note in every.notes)


# --- small indexes ---


def test_a_syndicated_sentence_is_asked_once_with_all_its_articles(index: Index) -> None:
    fill(index, f"It rains. {BRIDGE}", f"{BRIDGE} It snows.", "A fox was seen in the yard behind the school.")
    made = draft(index, count=9, seed=1, per_article=9, unanswerable=0)
    assert [each.example.evidence for each in made.drafts] == [(Evidence("a0", BRIDGE), Evidence("a1", BRIDGE))]


LORRIES = "More than 500 lorries of the Red Crescent reached {} on Thursday."
DRIVERS = "Not one of the 40 drivers had ever before been in Trell, it seems."
COTTAGES = "The mayor said that 12 cottages had been sold in Osmund, far more than anyone had thought."


def test_a_swap_between_articles_on_other_things_is_made(index: Index) -> None:
    fill(index, f"{LORRIES.format('Trell')} {DRIVERS}", COTTAGES)
    (altered,) = unanswerable(draft(index, count=4, seed=1, unanswerable=1))
    assert altered.example.question == "How many lorries of the Red Crescent reached Osmund on Thursday?"


def test_a_swap_that_another_article_answers_is_not_made(index: Index) -> None:
    fill(index, f"{LORRIES.format('Trell')} {DRIVERS}", COTTAGES, f"{LORRIES.format('Osmund')} It rained.")
    assert not unanswerable(draft(index, count=4, seed=1, unanswerable=1))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Osmund is far away. The Red Crescent was founded long ago.", True),  # another name of the question
        ("At Osmund lorries arrive by ferry; on Thursday none reached it.", True),  # half of its other words
        ("At Osmund a few lorries were seen on Thursday.", False),
        ("Lorries of the Red Crescent reached Trell.", False),
    ],
)
def test_where_a_swapped_question_may_be_answered(text: str, found: bool) -> None:
    altered = Altered("How many lorries of the Red Crescent reached Osmund on Thursday?", "Osmund", "Trell", LORRIES)
    altered.look_in(text)
    assert altered.found is found


def test_articles_in_another_language_are_left_out(index: Index) -> None:
    fill(
        index,
        "Der Bürgermeister Piet Maas sagte am Montag, dass die Brücke in Trell 14 Millionen kostet.",
        language="de",
    )
    fill(index, BRIDGE, language="en-GB")
    made = draft(index, count=2, seed=1, unanswerable=0)
    assert [each.example.evidence[0].article_id for each in made.drafts] == ["en-GBa0"]
    assert made.notes[0] == "1 articles were left out: they are not in English"


@pytest.mark.parametrize("wrong", [{"count": 0}, {"per_article": 0}, {"unanswerable": 1.5}])
def test_numbers_that_cannot_be_right(index: Index, wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="Ask for one question or more"):
        draft(index, **{"count": 5, "seed": 1, **wrong})


def test_drafting_needs_neither_the_model_nor_the_passages(index: Index, settings: Settings) -> None:
    fill(index, BRIDGE)
    again = Index(settings)
    assert draft(again, count=1, seed=1).drafts
    assert not {"embedder", "store"} & set(vars(again))
    code = f"import evals.make, sys; print(*[m for m in {HEAVY!r} if m in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []


def test_an_article_of_hostile_text_gives_nothing_and_breaks_nothing(index: Index) -> None:
    fill(index, "\n".join(text.replace("\ud800", "?") for text in HOSTILE), "x", BRIDGE)
    made = draft(index, count=5, seed=1, unanswerable=0)
    assert {each.example.evidence[0].quote for each in made.drafts} == {BRIDGE}


# --- writing ---


def one(question: str = "Why?", article_id: str = "a") -> DraftSet:
    return DraftSet((Draft(QAExample("1", question, ("x",), True, (Evidence(article_id, "x y"),)), "look again"),))


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    path.write_text("precious", encoding="utf-8")
    with pytest.raises(UsageError, match=r"own\.jsonl is there already .* choose another name"):
        write(path, one())
    assert path.read_text(encoding="utf-8") == "precious"


def test_nothing_is_written_where_nothing_was_made(index: Index, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nothing to write .* 0 questions instead of 5"):
        write(tmp_path / "own.jsonl", draft(index, count=5, seed=1, unanswerable=0))
    assert not (tmp_path / "own.jsonl").exists()
    with pytest.raises(UsageError, match="can't be written"):
        write(tmp_path / "missing" / "own.jsonl", one())


def test_what_utf8_cannot_hold_is_escaped(tmp_path: Path) -> None:
    write(tmp_path / "own.jsonl", one("Naïve?", article_id="caf\udce9.txt"))
    (example,) = load_questions(tmp_path / "own.jsonl").examples
    assert example.evidence[0].article_id == "caf\udce9.txt" and example.question == "Naïve?"


# --- feedback ---


def thumb(verdict: str, question: str = "Who opened the bridge?", **more: Any) -> dict[str, Any]:
    citation = {"n": 1, "article_id": "a", "start": 0, "end": 9, "quote": "Voss came"}
    answer = {"question": question, "status": "answered", "text": "Voss came [1]", "citations": [citation, citation]}
    return {"question": question, "history": [], "verdict": verdict, "reason": "", "answer": answer, **more}


def test_thumbs_become_test_cases(write_lines: Write, tmp_path: Path) -> None:
    log = write_lines(
        "log.jsonl",
        thumb("down", reason="wrong  bridge\n", history=[["Where is Trell?", "North."]], time="2026-11-01T10:00:00"),
        thumb("up"),
        thumb("up", "Who was hurt?", answer={"status": "not_found", "citations": []}),
        thumb("up", "Who paid?", history=None),
        thumb("down", "Who paid?", answer=None, reason=None),
    )
    made = from_feedback(log)
    write(tmp_path / "cases.jsonl", made)
    down, up, none, paid = load_questions(tmp_path / "cases.jsonl").examples
    assert down.question == "Who opened the bridge?" and down.history == (("Where is Trell?", "North."),)
    assert (down.answerable, down.evidence, down.answers, down.tags) == (None, (), (), ("feedback",))
    assert (up.answerable, up.evidence, up.tags) == (True, (Evidence("a", "Voss came"),), ("feedback", "kept"))
    assert (none.answerable, none.evidence) == (False, ())
    assert (paid.question, paid.answerable, paid.tags) == ("Who paid?", None, ("feedback",))  # the last verdict
    assert made.notes == ("1 lines judge a question again: the last verdict counts",)
    lines = [json.loads(line) for line in (tmp_path / "cases.jsonl").read_text(encoding="utf-8").splitlines()]
    assert lines[0]["note"] == "wrong bridge" and "answerable" not in lines[0] and "note" not in lines[1]


def test_the_same_question_in_another_conversation_is_another_case(write_lines: Write) -> None:
    log = write_lines("log.jsonl", thumb("up"), thumb("up", history=[["q", "a"]]), thumb("up"))
    assert len(from_feedback(log).drafts) == 2


def test_an_answer_from_some_of_the_articles_makes_no_case(write_lines: Write) -> None:
    none = {"status": "not_found", "citations": []}
    log = write_lines("log.jsonl", thumb("up", limited=False), thumb("up", "Who won?", answer=none, limited=True))
    made = from_feedback(log)
    assert [each.example.question for each in made.drafts] == ["Who opened the bridge?"]
    assert made.notes == ("1 lines were left out: their questions were put to some of the articles alone",)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("nonsense", "is not JSON"),
        ("[]", "must be an object"),
        (thumb("sideways"), '"verdict" must be "up" or "down"'),
        (thumb("down", question=" "), '"question" must be a string'),
        (thumb("down", reason=3), '"reason" must be a string'),
        (thumb("down", history=[["q"]]), '"history" must be a list of'),
        (thumb("down", history="q"), '"history" must be a list'),
        (thumb("up", answer=None), '"answer" must be an answer as footnote ask --json prints it'),
        (thumb("up", answer={"status": "maybe"}), '"answer" must be'),
        (thumb("up", answer={"status": "answered", "citations": [{"quote": "x"}]}), '"article_id" must be'),
        (thumb("up", answer={"status": "answered", "citations": 3}), '"evidence" must be a list'),
    ],
)
def test_bad_lines_of_a_log(write_lines: Write, line: Any, message: str) -> None:
    log = write_lines("log.jsonl", thumb("up"), line)
    with pytest.raises(UsageError, match=rf"log\.jsonl line 2.*{message}"):
        from_feedback(log)


# --- the command line ---


def test_drafts_from_the_command_line(seeds: Index, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "own.jsonl"
    asked = ["eval", "make", "--index", str(seeds.folder), "--out", str(out), "--count", "12"]
    assert main(asked) == 0
    assert f"{out}: 12 drafts" in capsys.readouterr().out
    assert len(load_questions(out).examples) == 12
    assert main(asked) == 2
    assert "not overwritten" in capsys.readouterr().err


def test_test_cases_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log, out = tmp_path / "log.jsonl", tmp_path / "cases.jsonl"
    log.write_text(json.dumps({"question": "Who left?", "verdict": "down", "reason": "old"}) + "\n")
    assert main(["eval", "make", "--feedback", str(log), "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"file": str(out), "questions": 1, "notes": []}
    (example,) = load_questions(out).examples
    assert example.answerable is None and example.tags == ("feedback",)
