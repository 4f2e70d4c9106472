"""Conversations survive a restart, belong to one person, and go without a trace."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.types import Answer
from evals.make import from_feedback
from index.errors import IndexUnavailable, UsageError
from tests.fakes import FakeBot, FakeIndex, news
from ui.conversations import Conversations
from ui.feedback import log_verdict
from ui.history import Conversation, Turn, answered, opened
from ui.scope import Scope

QUESTION = "When will the harbour bridge close to traffic for repairs?"


@pytest.fixture
def kept(tmp_path: Path) -> Conversations:
    return Conversations(tmp_path / "conversations.sqlite")


def asked(question: str = QUESTION, before: Conversation | None = None) -> Conversation:
    *_, last = answered(FakeBot(FakeIndex(news())), opened(before or Conversation(), question))
    return last


def test_a_conversation_comes_back_as_it_was_from_another_process_view(kept: Conversations, tmp_path: Path) -> None:
    scope = Scope(("harbour-1", "peat"))
    conversation = asked()
    conversation = conversation.with_last(
        replace(conversation.turns[0], scope=scope, searched="2 ticked articles", limited=True, verdict="up")
    )
    saved = kept.save("local", conversation)
    assert saved.id
    again = Conversations(tmp_path / "conversations.sqlite").load("local", saved.id)
    assert again.turns == saved.turns
    assert [replace(turn, kept_as=0) for turn in again.turns] == list(conversation.turns)
    answer = conversation.turns[0].answer or {}
    assert again.history() == [(QUESTION, f"{answer['short_answer']}. {answer['text']}", QUESTION)]


def test_saving_again_keeps_the_id_and_adds_what_is_new(kept: Conversations) -> None:
    first = kept.save("local", asked())
    second = kept.save("local", asked("And why does the bridge close?", first.at_rest()))
    assert second.id == first.id
    assert [turn.question for turn in kept.load("local", first.id).turns] == [
        QUESTION,
        "And why does the bridge close?",
    ]
    third = kept.save("local", asked("Who is Maren Holt?", second.at_rest()), replacing=True)
    assert kept.load("local", first.id).turns == third.turns == (first.turns[0], third.turns[1])
    kept.update("local", first.id, replace(first.turns[0], verdict="up"))
    assert [turn.verdict for turn in kept.load("local", first.id).turns] == ["up", ""]
    assert [each.questions for each in kept.listed("local")] == [2]


def test_an_answer_under_way_when_the_server_ended_counts_as_stopped(kept: Conversations) -> None:
    saved = kept.save("local", opened(Conversation(), QUESTION))
    (turn,) = kept.load("local", saved.id).turns
    assert turn.finished and turn.stopped and turn.answer is None


def test_nobody_reads_changes_or_deletes_what_is_anothers(kept: Conversations) -> None:
    saved = kept.save("ann", asked())
    for act in (
        lambda: kept.load("bob", saved.id),
        lambda: kept.rename("bob", saved.id, "Mine"),
        lambda: kept.delete("bob", saved.id),
        lambda: kept.save("bob", saved),
        lambda: kept.update("bob", saved.id, saved.turns[0]),
        lambda: kept.about("bob", saved.id),
    ):
        with pytest.raises(UsageError, match="not there any more"):
            act()
    assert kept.listed("bob") == []
    assert kept.listed("ann")[0].title == QUESTION


def test_names_are_given_changed_and_searched(kept: Conversations) -> None:
    bridge = kept.save("local", asked())
    kept.save("local", asked("What did Ana Quill count on the moor?"))
    assert [each.title for each in kept.listed("local")] == ["What did Ana Quill count on the moor?", QUESTION]
    assert kept.rename("local", bridge.id, "  The\nbridge ") == "The bridge"
    assert [each.title for each in kept.listed("local", "BRIDGE")] == ["The bridge"]
    assert [each.id for each in kept.listed("local", "cable anchors")] == []
    assert [each.id for each in kept.listed("local", "harbour lindmouth")] == [bridge.id], (
        "the answers are searched too"
    )
    assert kept.listed("local", "100%_") == []
    with pytest.raises(UsageError, match="needs a name"):
        kept.rename("local", bridge.id, " \n ")


def test_what_is_deleted_leaves_no_trace_in_the_file(kept: Conversations, tmp_path: Path) -> None:
    saved = kept.save("local", asked("What did Zanzibarina do on the harbour bridge in Lindmouth?"))
    kept.delete("local", saved.id)
    assert kept.listed("local") == []
    assert b"Zanzibarina" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


@given(question=st.text(alphabet=st.characters(codec=None, categories=None), min_size=1, max_size=40))
def test_any_text_can_be_kept_and_searched(question: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    kept = Conversations(tmp_path_factory.mktemp("c") / "c.sqlite")
    saved = kept.save("local", Conversation((Turn(question, problem=question, finished=True),)))
    assert kept.load("local", saved.id).turns[0].question == question
    kept.listed("local", question)


def test_several_at_once_lose_nothing(kept: Conversations) -> None:
    def work(name: str) -> None:
        for number in range(10):
            kept.save(name, Conversation((Turn(f"{name} {number}", finished=True),)))

    threads = [threading.Thread(target=work, args=(f"user{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(kept.listed(f"user{n}")) for n in range(4)] == [10, 10, 10, 10]


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "conversations.sqlite"
    path.write_bytes(b"not a database at all, but long enough to be looked at" * 100)
    with pytest.raises(IndexUnavailable, match=r"conversations\.sqlite .* move that file away"):
        Conversations(path)


def test_choices_are_kept_for_each_person(kept: Conversations) -> None:
    kept.keep_choices("ann", {"llm": "ollama/x"})
    kept.keep_choices("ann", {"llm": "ollama/y"})
    assert (kept.choices("ann"), kept.choices("bob")) == ({"llm": "ollama/y"}, {})


def test_thumbs_become_test_cases(tmp_path: Path) -> None:
    path = tmp_path / "feedback.jsonl"
    conversation = asked("Who won at chess?", asked())
    log_verdict(path, conversation, 1, "up")
    log_verdict(path, conversation, 2, "down", "It is\nin the third article \ud800")
    made = from_feedback(path)
    good, bad = made.drafts
    assert good.example.question == QUESTION and good.example.answerable and good.example.evidence
    assert bad.note.startswith("It is in the third article") and bad.example.history
    assert "draft" not in json.loads(path.read_text().splitlines()[0])["answer"]
    for number, verdict in ((0, "up"), (3, "up"), (1, "sideways")):
        with pytest.raises(UsageError):
            log_verdict(path, conversation, number, verdict)


def test_the_scope_is_checked_and_said_in_words() -> None:
    assert Scope.of(None).words(40) == "all 40 articles"
    assert Scope.of({"articles": [], "source": "", "from": "", "to": ""}) == Scope()
    assert Scope.of({"articles": ["a"], "source": "ignored"}) == Scope(("a",))
    assert Scope.of({"source": "Courier", "from": "2024-03-01"}).words(9) == "articles of Courier, from 1 March 2024"
    assert Scope.of({"to": "2024-03-01"}).words(9) == "articles to 1 March 2024"
    assert Scope.of({"to": "2099-12-31"}).date_to == "2099-12-31", "a day to come is a way to say: all"
    assert Scope.of({"from": "2024-03-01"}).filters() is not None and Scope().filters() is None
    for wrong in ({"articles": "a"}, {"articles": [1]}, {"articles": ["a"] * 2_001}, {"from": "soon"}):
        with pytest.raises(UsageError):
            Scope.of(wrong)


def test_answers_of_the_bot_are_kept_in_the_form_that_every_interface_prints() -> None:
    turn = asked().turns[0]
    (answer,) = [e for e in FakeBot(FakeIndex(news())).stream(QUESTION) if isinstance(e, Answer)][-1:]
    assert turn.answer == {**answer.to_json(), "draft": ""}
