"""The bot end to end without a language model, on made-up articles and the fake embedder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from bot.calibration import Logistic
from bot.pipeline import Bot, checked_question
from bot.read import PassageReader
from bot.settings import Settings
from bot.types import Answer, Step
from index import ingest
from index.errors import UsageError
from index.filters import date_and_source_filters
from index.library import Index
from tests.fake_embedder import FakeEmbedder
from tests.fakes import WordReader

READER = PassageReader(WordReader(), Logistic(0.0, {"margin": 2.0}))
STORIES = {
    "ferry": "Ferry strike ends\n\nFerry workers in Lervik went back to work on Friday. Their union accepted a rise of "
    "4.5 percent. The strike had lasted nine days.",
    "copy": "Strike over\n\nThe strike of ferry workers had lasted nine days. Their union in Lervik accepted a rise of "
    "4.5 percent.",
    "whale": "Whale seen\n\nA whale was seen off Tromvik on Sunday. Nobody was hurt.",
}


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Bot:
    """A bot over an index that all tests ask and none changes."""
    return bot_over(tmp_path_factory.mktemp("stories"), STORIES)


def bot_over(folder: Path, texts: Mapping[str, str]) -> Bot:
    (folder / "in").mkdir()
    for name, text in texts.items():
        (folder / "in" / f"{name}.txt").write_text(text, encoding="utf-8")
    index = Index(Settings(_env_file=None, index=folder / "index"), create=True, embedder=FakeEmbedder())
    ingest.add(index, [folder / "in"])
    return Bot(index, READER, Logistic(-4.0, {"covered": 8.0}), passages=8, threshold=0.5)


def test_the_answer_quotes_and_cites_every_copy(bot: Bot) -> None:
    answer = bot.ask("What rise did the union in Lervik accept?")
    assert answer.status == "answered"
    assert "accepted a rise of 4.5 percent." in answer.sentences[0].text
    assert answer.short_answer is not None and answer.short_answer in answer.sentences[0].text
    start, end = answer.sentences[0].answer or (0, 0)
    assert answer.sentences[0].text[start:end] == answer.short_answer
    assert answer.sentences[0].support == "quoted"
    assert len(answer.sentences[0].citations) == 2
    assert {citation.article.id for citation in answer.citations} >= {"in/ferry.txt", "in/copy.txt"}
    for citation in answer.citations:
        article = bot.index.article(citation.article.id)
        assert article is not None and article.text[citation.start : citation.end] == citation.quote
    assert set(answer.timings_ms) == {"resolve", "search", "read", "write", "total"}


def test_a_report_that_was_not_read_is_set_against_the_one_that_was(tmp_path: Path) -> None:
    texts = {
        **STORIES,
        "guild": "Guild\n\nThe old mill in Hamn cost 40 crowns, the guild said.",
        "miller": "Miller\n\nThe old mill in Hamn cost 90 crowns, a miller wrote.",
        "sea": "Sea\n\nA whale was not seen off Tromvik on Sunday, he said.",
    }
    narrow = bot_over(tmp_path, texts).chosen(passages=1, threshold=0.5, llm=None, strict=False)
    (conflict,) = narrow.ask("What did the old mill in Hamn cost?").conflicts
    assert {side["value"] for side in conflict["sides"]} == {"40", "90"}
    answer = narrow.ask("Was a whale seen off Tromvik on Sunday?")
    (conflict,) = answer.conflicts
    assert {side["value"] for side in conflict["sides"]} == {"was seen", "was not seen"}
    cited = {n for side in conflict["sides"] for n in side["citations"]}
    assert cited <= {citation.number for citation in answer.citations} and len(cited) == 2


def test_what_the_articles_do_not_hold_is_not_found_with_the_nearest(bot: Bot) -> None:
    answer = bot.ask("Which volcano erupted on Iceland yesterday evening?")
    assert answer.status == "not_found"
    assert not answer.sentences and not answer.citations and answer.text == ""
    assert [result["rank"] for result in answer.nearest] == [1, 2, 3]


def test_a_follow_up_is_understood_and_said(bot: Bot) -> None:
    history = [("What rise did the union in Lervik accept?", "Their union accepted a rise of 4.5 percent [1].")]
    events = list(bot.stream("and how long had it lasted?", history=history))
    assert isinstance(events[0], Step) and events[0].message.startswith("Understood as: ")
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert answer.question == "and how long had it lasted?" and "Lervik" in answer.interpreted_question


def test_a_short_question_on_something_else_carries_nothing_over(bot: Bot) -> None:
    history = [("What rise did the union in Lervik accept?", "4.5 percent. Their union accepted a rise [1].")]
    answer = bot.ask("Was a whale seen?", history=history)
    assert answer.interpreted_question == "Was a whale seen?"
    assert answer.citations[0].article.id == "in/whale.txt"
    taken_up = bot.ask("How long had it lasted?", history=[("What of the strike in Lervik?", "It is over [1].")])
    assert "strike" in taken_up.interpreted_question


def test_each_part_of_a_question_is_answered_and_cited(bot: Bot) -> None:
    answer = bot.ask("What rise did the union in Lervik accept, and where was the whale seen on Sunday?")
    cited = {each.article.id for each in answer.citations}
    assert "in/whale.txt" in cited and cited & {"in/ferry.txt", "in/copy.txt"}
    assert answer.status == "answered" and answer.notice == ""
    assert answer.short_answer is not None and answer.short_answer in answer.sentences[0].text


def test_a_part_that_is_not_answered_is_named(bot: Bot) -> None:
    answer = bot.ask("Where was the whale seen on Sunday, and which volcano erupted on Iceland?")
    assert answer.status == "answered" and [each.article.id for each in answer.citations] == ["in/whale.txt"]
    assert answer.notice == "Not in these articles: Which volcano erupted on Iceland?"


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> Bot:
    """A bot over an index that all tests ask and none changes."""
    days = {"2026-03-02": "nine", "2026-03-09": "sixteen"}
    texts = {
        day: f"Ferry strike\n\n{day}\n\nThe ferry strike in Lervik has lasted {lasted} days."
        for day, lasted in days.items()
    }
    return bot_over(tmp_path_factory.mktemp("dated"), texts)


@pytest.mark.parametrize(
    ("question", "first", "notice"),
    [
        ("How long has the ferry strike in Lervik lasted as of 3 March 2026?", "nine", "up to 3 March 2026"),
        ("According to the latest reports, how long has the ferry strike in Lervik lasted?", "sixteen", ""),
        ("How long had the ferry strike in Lervik lasted last week?", "sixteen", "from 9 March 2026 to 18 March 2026"),
    ],
)
def test_what_a_question_says_of_dates_is_heeded_and_shown(dated: Bot, question: str, first: str, notice: str) -> None:
    answer = dated.ask(question, today=date(2026, 3, 18))
    assert first in answer.sentences[0].text
    assert answer.notice == (f"Only articles {notice} were asked." if notice else "")


def test_where_no_article_is_of_those_days_the_others_are_asked_and_that_is_said(dated: Bot) -> None:
    answer = dated.ask("How long had the ferry strike in Lervik lasted last week?", today=date(2026, 11, 25))
    assert answer.status == "answered"
    assert answer.notice == "No article from 16 November 2026 to 25 November 2026 answers this: the others were asked."
    bound = dated.ask("How long has the ferry strike in Lervik lasted as of 1 March 2026?")
    assert (bound.status, bound.notice) == ("not_found", "Only articles up to 1 March 2026 were asked.")


def test_what_was_told_long_before_this_week_is_no_answer_where_articles_go_on(index: Index, tmp_path: Path) -> None:
    lasted = "The ferry strike in Lervik has lasted nine days."
    lines: list[dict[str, str]] = [
        {"id": "old", "title": "Ferry strike", "date": "2026-03-02", "text": lasted},
        {"id": "new", "title": "Whale", "date": "2026-11-23", "text": "A whale was seen off Tromvik on Sunday."},
    ]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(each) + "\n" for each in lines), encoding="utf-8")
    ingest.add(index, [tmp_path / "a.jsonl"])
    bot = Bot(index, READER, Logistic(-4.0, {"covered": 8.0}), passages=8, threshold=0.5)
    question, today = "How long has the ferry strike in Lervik lasted this week?", date(2026, 11, 25)
    answer = bot.ask(question, today=today)
    told = "No article from 19 November 2026 to 25 November 2026 answers this: those since 21 August 2026 were asked."
    assert (answer.status, answer.notice) == ("not_found", told)
    undated = json.dumps({"id": "note", "title": "Ferry strike", "text": lasted})
    (tmp_path / "b.jsonl").write_text(undated + "\n", encoding="utf-8")
    ingest.add(index, [tmp_path / "b.jsonl"])
    assert [each.article.id for each in bot.ask(question, today=today).citations] == ["note"]


@pytest.fixture
def two_outlets(index: Index, tmp_path: Path) -> Bot:
    return of_outlets(index, tmp_path, {"The Sun": "nine", "The Star": "ten"})


def of_outlets(index: Index, folder: Path, days: Mapping[str, str]) -> Bot:
    """A bot over one article of each outlet, which says how many days a strike lasted."""
    lines = [
        {"id": name, "title": "Ferry strike", "source": name, "text": f"The ferry strike in Lervik lasted {each} days."}
        for name, each in days.items()
    ]
    (folder / "a.jsonl").write_text("".join(json.dumps(each) + "\n" for each in lines), encoding="utf-8")
    ingest.add(index, [folder / "a.jsonl"])
    return Bot(index, READER, Logistic(-4.0, {"covered": 8.0}), passages=8, threshold=0.5)


def test_every_one_of_many_outlets_has_its_word(index: Index, tmp_path: Path) -> None:
    days = {"Sun": "two", "Star": "six", "Herald": "ten", "Post": "nine", "Echo": "four", "Times": "five"}
    bot = of_outlets(index, tmp_path, {f"The {name}": each for name, each in days.items()})
    named = "The Sun, The Star, The Herald, The Post, The Echo and The Times"
    answer = bot.ask(f"According to {named}, how long did the ferry strike in Lervik last?")
    assert answer.status == "answered"
    assert {each.article.source for each in answer.citations} == {f"The {name}" for name in days}


def test_each_outlet_that_is_named_has_its_word(two_outlets: Bot) -> None:
    answer = two_outlets.ask("How long did the ferry strike in Lervik last according to the star?")
    assert answer.notice == ""
    answer = two_outlets.ask("According to The Star, how long did the ferry strike in Lervik last?")
    assert {each.article.source for each in answer.citations} == {"The Star"}
    assert answer.notice == "Only articles of The Star were asked."
    answer = two_outlets.ask("How long did the ferry strike in Lervik last according to The Star and The Sun?")
    assert [each.article.source for each in answer.citations] == ["The Star", "The Sun"]
    assert answer.notice == "Only articles of The Star and The Sun were asked."


def test_an_outlet_that_does_not_say_is_named_and_the_others_are_asked(two_outlets: Bot) -> None:
    whale = {"id": "w", "title": "Whale", "source": "The Moon", "text": "A whale was seen off Tromvik on Sunday."}
    (Path(two_outlets.index.folder) / "w.jsonl").write_text(json.dumps(whale), encoding="utf-8")
    ingest.add(two_outlets.index, [Path(two_outlets.index.folder) / "w.jsonl"])
    answer = two_outlets.ask("According to The Moon, how long did the ferry strike in Lervik last?")
    assert answer.status == "answered"
    assert answer.notice == "No article of The Moon answers this: the others were asked."
    answer = two_outlets.ask("According to The Moon and The Sun, how long did the ferry strike in Lervik last?")
    assert [each.article.source for each in answer.citations] == ["The Sun"]
    assert answer.notice == "Only articles of The Moon and The Sun were asked. None of The Moon answers this."


def test_who_wants_every_answer_still_gets_one_from_other_days(dated: Bot) -> None:
    bot = dated.chosen(passages=8, threshold=0.0, llm=None, strict=False)
    answer = bot.ask("How long had the ferry strike in Lervik lasted last week?", today=date(2026, 11, 25))
    assert "sixteen" in answer.sentences[0].text


def test_filters_hold(bot: Bot) -> None:
    answer = bot.ask("What rise did the union in Lervik accept?", filters=date_and_source_filters(sources=["nobody"]))
    assert answer.status == "not_found" and list(answer.nearest) == []


@pytest.mark.parametrize("question", ["", "  \n ", "\x00", "x" * 2001])
def test_questions_that_cannot_be_asked(bot: Bot, question: str) -> None:
    with pytest.raises(UsageError):
        bot.ask(question)


@pytest.mark.parametrize(
    "question",
    ["😀😀😀", "?!", '" OR 1=1 --', "title:* NEAR(a b)", "’" * 50, "日本語の質問", "a" * 2000, "{0} %s ${x}"],
)
def test_odd_questions_get_an_answer_of_some_kind(bot: Bot, question: str) -> None:
    assert bot.ask(question).status in ("answered", "not_found")


def test_half_a_surrogate_pair_in_a_question_is_replaced() -> None:
    assert checked_question(" caf\udce9\n\U0001f98a fox \ud83e ") == "caf\ufffd \U0001f98a fox \ufffd"


def test_an_empty_index_is_not_found(index: Index) -> None:
    with index.writing():
        pass
    answer = Bot(index, READER, Logistic(5.0, {}), passages=8, threshold=0.5).ask("Anything?")
    assert (answer.status, answer.confidence) == ("not_found", 0.0)


def test_an_article_removed_while_it_is_asked_about_is_not_cited(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.index, "article", lambda article_id, rev=None: None)
    answer = bot.ask("What rise did the union in Lervik accept?")
    assert answer.status == "not_found" and not answer.citations


def test_search_is_in_the_readers_order_and_goes_on_behind_it(bot: Bot) -> None:
    bot = Bot(bot.index, READER, Logistic(5.0, {}), passages=2, threshold=0.5)
    found = bot.search("How long had the strike lasted, nine days?", k=3)
    assert len(found) == 3
    assert [each.score for each in found] == sorted((each.score or 0.0 for each in found), reverse=True)
    assert ["reader" in each.scores for each in found] == [True, True, False]
    assert len(bot.search("How long had the strike lasted?", k=1)) == 1
