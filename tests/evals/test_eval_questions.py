"""Asking and scoring a question set, with a stand-in for the bot; going on after a kill."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.types import Answer, AnswerSentence, Citation
from evals.asking import NO_SHORT_ANSWERS, ask_all, measure
from evals.followups import CLOSED, FOLLOWUP_MEASURES
from evals.load import load_questions
from evals.measure import NO_FOLLOWUP, QUESTION_MEASURES, measured
from evals.report import markdown, summary
from evals.score import GoldArticles, gold_notes, score_answer
from evals.types import Evidence, Marks, QAExample
from evals.workspace import Workspace
from index.errors import UsageError
from index.types import Article

RUN_DAY = date(2026, 11, 30)


@dataclass
class QuotingBot:
    """Quotes the first sentence that holds the question's last word; `asked` keeps what came in.

    After `dies_after` questions it raises KeyboardInterrupt, as a killed run would end.
    """

    articles: Sequence[Article]
    dies_after: int | None = None
    asked: list[tuple[str, tuple[tuple[str, str], ...]]] = field(default_factory=list)
    days: list[date | None] = field(default_factory=list)

    def ask(self, question: str, *, history: Sequence[tuple[str, str]] = (), today: date | None = None) -> Answer:
        if self.dies_after is not None and len(self.asked) >= self.dies_after:
            raise KeyboardInterrupt
        self.asked.append((question, tuple(history)))
        self.days.append(today)
        word = question.rstrip("?").split()[-1].lower()
        for article in self.articles:
            for sentence in article.text.split(". "):
                if word in sentence.lower():
                    return self._quoted(question, article, sentence)
        return Answer(question, question, "not_found", 0.1, timings_ms={"total": 2.0})

    def _quoted(self, question: str, article: Article, sentence: str) -> Answer:
        start = article.text.index(sentence)
        citation = Citation(1, article, start, start + len(sentence), sentence)
        return Answer(
            question,
            question,
            "answered",
            0.9,
            (AnswerSentence(sentence, "quoted", (1,)),),
            (citation,),
            timings_ms={"total": 4.0},
        )


def gold(articles: list[Article]) -> GoldArticles:
    texts = {article.id: article.text for article in articles}
    return GoldArticles(((article.id, article.origin) for article in articles), texts.get)


def ask(bot: QuotingBot, questions: Path, out: Path) -> dict[str, dict[str, Any]]:
    with Workspace(out, "same").journal("answers.jsonl") as journal:
        return ask_all(load_questions(questions).examples, lambda: bot, journal, lambda done, total: None, RUN_DAY)


def test_metrics_of_a_set_worked_by_hand(questions: Path, articles: list[Article], tmp_path: Path) -> None:
    bot = QuotingBot(articles)
    answers = ask(bot, questions, tmp_path / "out")
    result = measure(load_questions(questions).examples, answers, gold(articles), {})
    values = {name: (metric.value, metric.n) for name, metric in result.measured.metrics.items()}
    # a: "ice" quotes Brandt's sentence. b: "trell" quotes the fire. c: "it" stands in "...with ice"? No: in "winter
    # timetable..." of the ferry, so the wrong article is cited. d: "buy" stands nowhere, so it is refused.
    assert [answers[i]["status"] for i in "abcd"] == ["answered", "answered", "answered", "not_found"]
    assert answers["c"]["citations"][0]["article_id"] == "notes/ferry.md"
    assert values["status_right"] == (1.0, 4)
    assert values["answerable_answered"] == (1.0, 3)
    assert values["unanswerable_refused"] == (1.0, 1)
    assert values["contains"] == (pytest.approx(2 / 3), 3)
    assert values["article_cited"] == (pytest.approx(2 / 3), 3)
    assert values["evidence_cited"] == (1.0, 2)  # c has no gold quote
    assert values["quote_exact"] == (1.0, 3)
    assert values["confidence_auroc"] == (1.0, 4)
    assert values["exact_match"] == (0.0, 3)
    assert result.measured.absent == {
        "all_articles_cited": "no question of the set has gold quotes in several articles",
        CLOSED: QUESTION_MEASURES[CLOSED].when_absent,
        **dict.fromkeys(FOLLOWUP_MEASURES, NO_FOLLOWUP),
    }
    assert values["answered_precision"] == values["answered_f1"] == values["refused_f1"] == (1.0, 4)
    unanswerable = [each for each in result.marks if each.answerable is False]
    absent = measured(unanswerable, QUESTION_MEASURES).absent
    assert absent["contains"] == "no question of the set has a gold answer"
    assert result.timings_ms == {"total": {"p50": 4.0, "p95": 4.0, "p99": 4.0}}


def test_history_reaches_the_bot(questions: Path, articles: list[Article], tmp_path: Path) -> None:
    bot = QuotingBot(articles)
    ask(bot, questions, tmp_path / "out")
    assert bot.asked[2] == ("Who wants to rebuild it?", (("What burned down in Trell?", "The old bakery."),))


def test_a_question_is_asked_as_on_its_own_day_or_the_runs(articles: list[Article], tmp_path: Path) -> None:
    lines = [{"id": "1", "question": "Who left last week?", "asked_on": "2022-06-16"}, {"id": "2", "question": "Who?"}]
    (tmp_path / "dated.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    bot = QuotingBot(articles)
    ask(bot, tmp_path / "dated.jsonl", tmp_path / "out")
    assert bot.days == [date(2022, 6, 16), RUN_DAY]


def test_a_killed_run_goes_on_where_it_stopped(questions: Path, articles: list[Article], tmp_path: Path) -> None:
    whole = ask(QuotingBot(articles), questions, tmp_path / "whole")
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        ask(QuotingBot(articles, dies_after=2), questions, out)
    with (out / "answers.jsonl").open("a") as file:
        file.write('{"id": "c", "question": "torn in mid-wri')
    second = QuotingBot(articles)
    answers = ask(second, questions, out)
    assert [question for question, _ in second.asked] == [
        "Who wants to rebuild it?",
        "Which football club did Zlatko Verhoeven buy?",
    ]
    assert answers == whole
    assert (out / "answers.jsonl").read_text() == (tmp_path / "whole" / "answers.jsonl").read_text()
    assert [json.loads(line)["id"] for line in (out / "answers.jsonl").read_text().splitlines()] == list("abcd")


def test_no_bot_is_built_when_all_is_answered(questions: Path, articles: list[Article], tmp_path: Path) -> None:
    first = ask(QuotingBot(articles), questions, tmp_path)
    assert ask(QuotingBot(articles, dies_after=0), questions, tmp_path) == first


def test_a_question_that_the_bot_refuses_is_named(questions: Path, articles: list[Article], tmp_path: Path) -> None:
    class Refusing(QuotingBot):
        def ask(self, question: str, *, history: Any = (), today: Any = None) -> Any:
            raise UsageError("The question has 3,000 characters")

    with pytest.raises(UsageError, match="question a of the set: The question has 3,000"):
        ask(Refusing(articles), questions, tmp_path)


def test_what_the_language_model_failed_to_write_is_neither_kept_nor_measured(
    questions: Path, articles: list[Article], tmp_path: Path
) -> None:
    class Down(QuotingBot):
        def ask(self, question: str, *, history: Any = (), today: Any = None) -> Answer:
            answer = super().ask(question, history=history, today=today)
            return replace(answer, notice="The language model can't be reached.", model_failed=bool(answer.sentences))

    class Up(QuotingBot):
        def ask(self, question: str, *, history: Any = (), today: Any = None) -> Answer:
            return replace(super().ask(question, history=history, today=today), written_by="model")

    def asked(bot: QuotingBot) -> dict[str, dict[str, Any]]:
        with Workspace(tmp_path / "out", "same").journal("answers.jsonl") as journal:
            return ask_all(examples, lambda: bot, journal, lambda done, total: None, RUN_DAY)

    examples = load_questions(questions).examples
    with pytest.raises(UsageError, match=r"failed at 3 of 4 questions \(first a: The language model can't be reached"):
        asked(Down(articles))
    up = Up(articles)
    answers = asked(up)
    assert len(up.asked) == 3  # the fourth was refused before anything was to be written
    result = measure(examples, answers, gold(articles), {}, by_model=True)
    assert result.measured.absent["exact_match"] == NO_SHORT_ANSWERS
    assert result.measured.metrics["f1"].n == 3


def test_what_the_set_does_not_say_is_not_measured() -> None:
    marks = [Marks("a", {}, 0.9, True), Marks("b", {}, 0.2, False), Marks("c", {}, 0.1, None)]
    found = measured(marks, QUESTION_MEASURES)
    of_confidence = {"confidence_auroc", "confidence_auprc"}
    assert set(found.metrics) == of_confidence
    assert found.metrics["confidence_auroc"].n == 2
    assert set(found.absent) == set(QUESTION_MEASURES) - of_confidence
    assert all(found.absent.values())


# --- evidence ---


def answer_citing(article: Article, start: int, end: int) -> dict[str, Any]:
    citation = {"n": 1, "article_id": article.id, "start": start, "end": end, "quote": article.text[start:end]}
    sentences = [{"text": article.text[start:end], "citations": [1]}]
    return {
        "status": "answered",
        "confidence": 0.7,
        "short_answer": None,
        "sentences": sentences,
        "citations": [citation],
    }


def test_citations_are_measured_in_characters(articles: list[Article]) -> None:
    ferry = articles[0]
    quote = "A ticket costs 14 crowns."
    start = ferry.text.index(quote)
    example = QAExample("x", "?", ("14 crowns",), True, (Evidence("notes/ferry.md", quote),))
    whole = score_answer(example, answer_citing(ferry, start, start + len(quote)), gold(articles)).values
    assert whole["citation_precision"] == whole["citation_recall"] == [1.0]
    # five characters too early, five too few at the end
    shifted = score_answer(example, answer_citing(ferry, start - 5, start + 20), gold(articles)).values
    assert shifted["citation_precision"] == [20 / 25]
    assert shifted["citation_recall"] == [20 / 25]
    refused = {**answer_citing(ferry, 0, 5), "status": "not_found", "citations": [], "sentences": []}
    marks = score_answer(example, refused, gold(articles)).values
    assert marks["citation_recall"] == [0.0]
    assert "citation_precision" not in marks and "sentence_cited" not in marks


def test_numbers_without_a_citation_and_sentences_without_a_number_are_seen(articles: list[Article]) -> None:
    answer = answer_citing(articles[0], 0, 20)
    answer["sentences"] = [{"text": "a", "citations": [1, 7]}, {"text": "b", "citations": []}]
    marks = score_answer(QAExample("x", "?"), answer, gold(articles)).values
    assert marks["sentence_cited"] == [1.0, 0.0]
    assert marks["number_known"] == [1.0, 0.0]


def test_article_ids_match_exactly_or_as_the_end_of_an_origin() -> None:
    found = GoldArticles(
        [("seeds/a.md", "/x/seeds/a.md"), ("b", "/y/other/a.md"), ("n1", "/y/news.jsonl#L1")], lambda _: ""
    )
    assert found.ids("seeds/a.md") == ["seeds/a.md"]
    assert found.ids("other/a.md") == ["b"]
    assert found.ids("a.md") == ["seeds/a.md", "b"]
    assert found.ids("news.jsonl#L1") == ["n1"]
    assert found.ids("eeds/a.md") == []
    assert found.ids("/x/seeds/a.md") == ["seeds/a.md"]


def test_evidence_recall_counts_gold_quotes(articles: list[Article]) -> None:
    ferry = articles[0]
    evidence = (
        Evidence("notes/ferry.md", "A ticket costs 14 crowns."),
        Evidence("articles/notes/bakery.md", "Nobody was hurt."),
    )
    example = QAExample("x", "?", answerable=True, evidence=evidence)
    start = ferry.text.index("A ticket")
    marks = score_answer(example, answer_citing(ferry, start, len(ferry.text)), gold(articles)).values
    assert marks["article_cited"] == [1.0]
    assert marks["evidence_cited"] == [1.0]
    assert marks["evidence_recall"] == [0.5]
    assert marks["all_articles_cited"] == [0.0]
    both = answer_citing(ferry, start, len(ferry.text))
    both["citations"][0]["also_in"] = [{"article_id": articles[1].id}]
    assert score_answer(example, both, gold(articles)).values["all_articles_cited"] == [1.0]
    one = replace(example, evidence=evidence[:1])
    assert "all_articles_cited" not in score_answer(one, both, gold(articles)).values
    elsewhere = score_answer(example, answer_citing(ferry, 0, start - 1), gold(articles)).values
    assert (elsewhere["article_cited"], elsewhere["evidence_cited"], elsewhere["evidence_recall"]) == ([1], [0], [0])


def test_any_copy_of_the_gold_article_will_do(articles: list[Article]) -> None:
    ferry = articles[0]
    copy = replace(ferry, id="agency/ferry.txt", origin="/agency/ferry.txt")
    found = gold([*articles, copy])
    quote = "A ticket costs 14 crowns."
    start = ferry.text.index(quote)
    given = answer_citing(ferry, start, start + len(quote))
    listed = QAExample("x", "?", answerable=True, evidence=(Evidence(ferry.id, quote), Evidence(copy.id, quote)))
    marks = score_answer(listed, given, found).values
    assert (marks["evidence_recall"], marks["citation_recall"], marks["citation_precision"]) == ([1], [1], [1])
    assert "all_articles_cited" not in marks
    # the copy alone is gold: the bot cites one of a story and names the others
    given["citations"][0]["also_in"] = [{"article_id": copy.id}]
    only = QAExample("y", "?", answerable=True, evidence=(Evidence(copy.id, quote),))
    marks = score_answer(only, given, found).values
    assert (marks["article_cited"], marks["evidence_cited"], marks["citation_recall"]) == ([1], [1], [1])
    del given["citations"][0]["also_in"]
    assert score_answer(only, given, found).values["article_cited"] == [0]


def test_a_bot_that_refuses_all_has_no_short_answer_right(articles: list[Article]) -> None:
    example = QAExample("x", "?", answers=("14 crowns",), answerable=True)
    refused = Answer("?", "?", "not_found", 0.1).to_json()
    result = measure([example], {"x": refused}, gold(articles), {})
    assert result.measured.metrics["exact_match"].value == 0.0


def test_a_changed_quote_is_not_exact(articles: list[Article]) -> None:
    answer = answer_citing(articles[0], 0, 9)
    answer["citations"][0]["quote"] = "The Ferry"
    assert score_answer(QAExample("x", "?"), answer, gold(articles)).values == {
        "quote_exact": [0.0],
        "sentence_cited": [1.0],
        "number_known": [1.0],
    }


def test_gold_that_cannot_be_found_is_said_and_not_counted_against_the_bot(articles: list[Article]) -> None:
    adrift = QAExample("x", "?", answerable=True, evidence=(Evidence("notes/ferry.md", "never written"),))
    missing = QAExample("y", "?", answerable=True, evidence=(Evidence("notes/gone.md", "whatever"),))
    answer = answer_citing(articles[0], 0, 20)
    assert "evidence_cited" not in score_answer(adrift, answer, gold(articles)).values
    assert score_answer(missing, answer, gold(articles)).values["evidence_cited"] == [0.0]
    assert gold_notes([adrift, missing], gold(articles)) == [
        "1 gold articles are not in the index, so nothing can cite them: notes/gone.md",
        "1 questions have gold quotes that are not in their article: x",
    ]


def test_short_answers_are_what_exact_match_and_f1_look_at(articles: list[Article]) -> None:
    example = QAExample("x", "?", answers=("14 crowns",), answerable=True)
    answer = {**answer_citing(articles[0], 0, 67), "short_answer": "the 14 crowns"}
    marks = score_answer(example, answer, gold(articles)).values
    assert (marks["exact_match"], marks["f1"], marks["contains"]) == ([1.0], [1.0], [0.0])


def test_what_is_right_when_it_is_answered(articles: list[Article]) -> None:
    given = answer_citing(articles[0], 0, 67)
    evidence = (Evidence("notes/ferry.md", given["citations"][0]["quote"]),)
    examples = {
        QAExample("a", "?", answers=("Osmund",), answerable=True): True,
        QAExample("b", "?", answers=("Osmund", "x"), answerable=False): False,
        QAExample("c", "?", answers=("whales",), answerable=True, evidence=evidence): False,
        QAExample("d", "?", answerable=True, evidence=evidence): True,
        QAExample("e", "?", answerable=True): None,
    }
    assert {example: score_answer(example, given, gold(articles)).right for example in examples} == examples
    refused = {**given, "status": "not_found", "sentences": [], "citations": []}
    assert {score_answer(example, refused, gold(articles)).right for example in examples} == {None}


# --- reports ---


def test_reports_show_values_intervals_and_gaps(questions: Path, articles: list[Article], tmp_path: Path) -> None:
    answers = ask(QuotingBot(articles), questions, tmp_path)
    metrics = measure(load_questions(questions).examples, answers, gold(articles), {}, by_model=True).to_json()
    text = summary(metrics)
    assert text.startswith("Questions · 4 questions\n")
    rows = [line.split() for line in text.splitlines()]
    assert ["contains", "0.667", "0.000", "to", "1.000", "3"] in rows
    assert ["total", "4", "4", "4"] in rows
    assert f"no exact_match: {NO_SHORT_ANSWERS}" in text
    page = markdown(metrics)
    assert any("about 3 articles or dialogues" in line for line in text.splitlines())
    assert "| metric | value | 95 % interval | n |\n| :-- | --: | --: | --: |" in page
    assert "| status_right | 1.000 | 0.510 to 1.000 | 4 |" in page
