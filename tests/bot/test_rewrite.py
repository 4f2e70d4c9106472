"""A language model's rewrite of a follow-up is used only where it is faithful. Over real HTTP."""

from __future__ import annotations

import pytest

from bot.prompts import REWRITE_RULES
from bot.resolve import resolve
from bot.rewrite import rewritten
from bot.settings import Settings
from bot.types import Answer
from bot.write import language_model
from index.library import Index
from tests.bot.writing import bot_of, good
from tests.llm_server import Fault, Messages, serving

HISTORY = [("Who became Peru’s first woman president?", "Dina Boluarte was sworn in on 7 December [1].")]
QUESTION = "What did she call her most urgent task?"


def rewrite_of(text: str, fault: Fault = "", protocol: str = "openai") -> str:
    """What the question is asked as when the model says `text`."""
    with serving(lambda messages: text, fault) as server:
        llm = language_model(Settings(llm=server.openai if protocol == "openai" else server.ollama))
        assert llm is not None
        return rewritten(llm, resolve(QUESTION, HISTORY), QUESTION, HISTORY).text


@pytest.mark.server
@pytest.mark.parametrize(
    "text",
    [
        "What did Dina Boluarte call her most urgent task as president of Peru?",
        '"What did Dina Boluarte call her most urgent task?"',
        "What did Boluarte call her most urgent task on 7 December?\n",
    ],
)
def test_a_faithful_rewrite_is_asked(text: str) -> None:
    assert rewrite_of(text) == text.strip().strip('"')


@pytest.mark.server
@pytest.mark.parametrize(
    "text",
    [
        "What did Keiko Fujimori call her most urgent task?",
        "What did Dina Boluarte call her most urgent task in 2022?",
        "Where was Dina Boluarte born?",
        "What did she call her most urgent task? And who is she? I think it was corruption.",
        "Dina Boluarte " * 40,
        "   ",
    ],
)
def test_anything_else_leaves_what_was_resolved(text: str) -> None:
    assert rewrite_of(text) == resolve(QUESTION, HISTORY).text


@pytest.mark.server
def test_a_model_that_fails_leaves_what_was_resolved() -> None:
    assert rewrite_of("", "error") == resolve(QUESTION, HISTORY).text


@pytest.mark.server
def test_ollama_is_asked_as_well() -> None:
    assert rewrite_of("What did Dina Boluarte call most urgent, her task?", protocol="ollama").startswith(
        "What did Dina"
    )


@pytest.mark.server
def test_the_bot_searches_for_the_rewrite_and_shows_it(filled: Index) -> None:
    history = [("What did the union of the ferry workers in Lervik accept?", "A rise of 4.5 percent [1].")]
    understood = "How high was the rise that the union of the ferry workers in Lervik accepted?"

    def say(messages: Messages) -> str:
        return understood if messages[0]["content"] == REWRITE_RULES else good(messages)

    with serving(say) as server:
        answer = bot_of(filled, server.openai).ask("How high was that rise?", history=history)
    assert isinstance(answer, Answer) and answer.status == "answered"
    assert answer.interpreted_question == understood
    rewrite, written = server.requests
    assert "[1]" not in rewrite["messages"][1]["content"] and understood in written["messages"][1]["content"]


@pytest.mark.server
def test_a_question_that_stands_alone_costs_no_rewrite(filled: Index) -> None:
    with serving(good) as server:
        bot_of(filled, server.openai).ask("What did the union of the ferry workers in Lervik accept?", history=HISTORY)
    assert len(server.requests) == 1
