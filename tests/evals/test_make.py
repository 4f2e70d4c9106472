"""Drafting question sets from articles and from a log of thumbs: over the seeds, by hand, and on hostile text."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.settings import Settings
from bot.words import names
from evals.drafts.candidates import Altered
from evals.drafts.cloze import GAP, clozes, gap
from evals.drafts.sentences import CALENDAR, Vocabulary, body_of, is_fit
from evals.drafts.templates import templates
from evals.load import load_questions
from evals.make import Draft, DraftSet, draft, from_feedback, write
from evals.types import Evidence, QAExample
from index import ingest
from index.errors import UsageError
from index.library import Index
from index.passages import sentence_spans
from index.types import Article
from tests.conftest import ROOT, SEEDS
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


def vocabulary(*sentences: str, title: str = "") -> Vocabulary:
    return Vocabulary.of(title, [body_of(sentence)[1] for sentence in sentences])


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

BRIDGE = "Clara Voss, the director of the harbour museum, said that the bridge at Trell had cost 14 lives."


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


# --- single sentences ---


@pytest.mark.parametrize(
    ("sentence", "question", "answers"),
    [
        (
            BRIDGE,
            "Which director of the harbour museum said that the bridge at Trell had cost 14 lives?",
            ("Clara Voss",),
        ),
        (
            "Prime Minister Ada Lund of Osmund, who is 41, praised the crew of the ferry.",
            None,
            (),
        ),
        (
            "Prime Minister Ada Lund praised the crew of the Osmund ferry, which had come in late.",
            "Who praised the crew of the Osmund ferry?",
            ("Ada Lund", "Prime Minister Ada Lund"),
        ),
        (
            "TRELL – About 5,500 members of the Dockers Union walked out, and the port was shut.",
            "How many members of the Dockers Union walked out?",
            ("5,500",),
        ),
        (
            "Some 12.5 percent of the farms around Trell were flooded in the night to Sunday.",
            "What percentage of the farms around Trell were flooded in the night to Sunday?",
            ("12.5 percent",),
        ),
        (
            "Clara Voss won two seats in the council of Trell and lost one in the county.",
            "How many seats did Clara Voss win in the council of Trell?",
            ("two",),
        ),
        (
            "Harbour Holdings will pay $3.5 million to the owners of the Osmund ferry, a spokesman said.",
            "How much will Harbour Holdings pay to the owners of the Osmund ferry?",
            ("$3.5 million",),
        ),
        (
            "Harbour Holdings sold 45 boats in the first half of the year, mostly to Trell.",
            "How many boats did Harbour Holdings sell in the first half of the year?",
            ("45",),
        ),
        (
            "Harbour Holdings opened its first yard on the island of Osmund in 1912.",
            "When did Harbour Holdings open its first yard on the island of Osmund?",
            ("1912",),
        ),
        (
            "On 4 May 1931, Harbour Holdings was sold to a bank in the town of Trell.",
            "When was Harbour Holdings sold to a bank in the town of Trell?",
            ("4 May 1931",),
        ),
        (
            "Clara Voss, 41, has been running the harbour museum since the spring.",
            "What age is given for Clara Voss?",
            ("41",),
        ),
        (
            "The old bridges of Trell are safe for another winter, said Clara Voss, the town’s engineer.",
            None,
            (),
        ),
        (
            "The old bridges of Trell are safe for one more winter, said Clara Voss, the town’s engineer.",
            "Who said that the old bridges of Trell are safe for one more winter?",
            ("Clara Voss",),
        ),
        (
            "Harbour Holdings, which is based in Old Trell, has lost money for the past ten years.",
            "Where is Harbour Holdings based?",
            ("Old Trell",),
        ),
        (
            "Osmund Island is the only part of the kingdom of Trell that has never had a road, guides say.",
            "What is the only part of the kingdom of Trell that has never had a road?",
            ("Osmund Island",),
        ),
    ],
)
def test_sentences_turned_round(sentence: str, question: str | None, answers: tuple[str, ...]) -> None:
    known = vocabulary(sentence, "People say Clara Voss and Harbour Holdings of Osmund are what Trell has.")
    found = {each.text: each.answers for each in templates(sentence, known)}
    if question is None:
        assert found == {}
    else:
        assert found[question] == answers


@pytest.mark.parametrize(
    "sentence",
    [
        "He said on Monday that the bridge at Trell had cost 14 million crowns.",
        "However, Clara Voss said that the bridge at Trell had cost 14 million crowns.",
        "“The bridge at Trell has cost us 14 million crowns,” said Clara Voss on Monday.",
        "Clara Voss Opens the New Bridge at Trell After 14 Years of Work",
        "Did Clara Voss open the bridge at Trell after 14 years of work?",
        "Clara Voss opened it.",
        "Clara Voss said <b>the bridge</b> at Trell had cost 14 million crowns in all.",
        "Clara Voss said &quot;the bridge at Trell had cost 14 million crowns in all.",
        "Clara Voss said the bridge at Trell had\x00 cost 14 million crowns in all.",
        "Clara Voss said the bridge\tat Trell had cost 14 million crowns in all.",
        f"Clara Voss said the {'b' * 41} at Trell had cost 14 million crowns in all.",
        f"Clara Voss said {'the bridge at Trell ' * 30}had cost 14 million crowns in all.",
        "Clara Voss said (the bridge at Trell had cost 14 million crowns in all.",
        "The bridge, Clara Voss and 14 million crowns are news, he said, to Trell.",
        "Sign up for the newsletter of Clara Voss and 14 others at Trell today.",
        "",
        ".",
    ],
)
def test_sentences_that_are_no_use(sentence: str) -> None:
    assert not is_fit(sentence)


def test_a_headline_with_a_full_stop_is_no_sentence() -> None:
    assert is_fit(BRIDGE) and not is_fit(BRIDGE, BRIDGE.rstrip("."))


def test_a_hard_space_is_kept_in_the_answer() -> None:
    sentence = "The repair of the old bridge at Trell will cost $14\N{NO-BREAK SPACE}million in the end."
    (money,) = [each for each in clozes(sentence, vocabulary(sentence)) if each.about == "money"]
    assert money.answers == ("$14\N{NO-BREAK SPACE}million",) and "\N{NO-BREAK SPACE}" not in money.text


def test_names_of_the_headline_are_asked_for_last() -> None:
    sentence = "Clara Voss and Piet Maas opened the bridge at Trell on the first day of spring."
    known = vocabulary(sentence, "All know Clara Voss and Piet Maas here.", title="Clara Voss opens a bridge")
    weakness = {each.answers[0]: each.weakness for each in clozes(sentence, known)}
    assert weakness["Piet Maas"] < weakness["Clara Voss"]


def test_a_name_that_is_half_told_elsewhere_in_the_sentence_is_not_asked_for() -> None:
    sentence = "Clara Voss said in Trell that the harbour museum had been the idea of Voss’s late mother."
    known = vocabulary(sentence, "All know Clara Voss.")
    assert {each.answers[0] for each in clozes(sentence, known)} == {"Trell"}


def test_an_answer_that_the_question_tells_is_none() -> None:
    sentence = "Two ferries of the Osmund line sank with two hundred people on board near Trell."
    assert not list(templates(sentence, vocabulary(sentence)))
    assert "Two" not in {answer for each in clozes(sentence, vocabulary(sentence)) for answer in each.answers}


HOSTILE = [
    "A" * 400,
    "A " * 199 + "A.",
    "Aa " * 132 + ".",
    "1,111" * 80,
    "1 " * 200,
    ", " * 200,
    "A, a, " * 66 + ".",
    "According to " + "a, " * 120 + ".",
    "Ann Lee " + "has " * 90 + "$1.",
    "Ann Lee was " + "ed " * 110 + "in 1999.",
    "Ann-" * 99 + ".",
    "A." * 199,
    "ANN, ANN " * 40 + "– ",
    "\N{COMBINING ACUTE ACCENT}" * 400,
    "\ud800" * 400,
    "é" * 200 + "’" * 200,
]


@pytest.mark.parametrize("sentence", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_sentences_take_no_time(sentence: str) -> None:
    began = time.process_time()
    known = vocabulary(sentence, sentence * 50)
    is_fit(sentence), is_fit(sentence * 50)
    list(templates(sentence, known)), list(clozes(sentence, known))
    assert time.process_time() - began < 0.5


def test_an_article_of_hostile_text_gives_nothing_and_breaks_nothing(index: Index) -> None:
    fill(index, "\n".join(text.replace("\ud800", "?") for text in HOSTILE), "x", BRIDGE)
    made = draft(index, count=5, seed=1, unanswerable=0)
    assert {each.example.evidence[0].quote for each in made.drafts} == {BRIDGE}


# --- properties ---


@given(st.text(), st.data())
def test_a_gap_can_be_filled_again(body: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, len(body)))
    left = gap(body, start, end)
    assert left[:start] == body[:start] and left[start + len(GAP) :] == body[end:]
    assert left[:start] + body[start:end] + left[start + len(GAP) :] == body


WORDS = st.sampled_from(
    "Clara Voss Mayor Piet Maas Trell Osmund President the a of in on and said that who was is 14 3,500 2019 $5 "
    "million percent people bridges opened won cost 4 May , . ’s – (he) They Thursday U.S. naïve Straße 12%".split(" ")
)


@given(st.lists(WORDS, min_size=1, max_size=45).map(" ".join) | st.text(max_size=200))
def test_whatever_is_asked_has_its_answer_in_the_sentence_alone(sentence: str) -> None:
    for each in (*templates(sentence, vocabulary(sentence)), *clozes(sentence, vocabulary(sentence))):
        assert each.answers
        for answer in each.answers:
            assert sentence.count(answer) == 1 and answer.casefold() not in each.text.casefold()


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
