"""How an answer by a language model ends: as a refusal, after thoughts, cut off, or not at all."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from bot.prompts import REFUSAL
from bot.types import Answer
from bot.write import _says_cut, _whole_sentences
from index.library import Index
from tests.bot.writing import QUESTION, address, bot_of, good
from tests.llm_server import Fault, serving


@pytest.mark.server
def test_a_refusal_is_not_found(filled: Index, protocol: str) -> None:
    with serving(lambda m: REFUSAL + ".") as server:
        answer = bot_of(filled, address(server, protocol)).ask(QUESTION)
    assert answer.status == "not_found"
    assert answer.nearest and not answer.sentences


@pytest.mark.server
@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("Not in these articles. [1]", "not_found"),
        ("The answer is not in these articles.", "not_found"),
        ("<think>Is it there?</think>" + REFUSAL, "not_found"),
        (f"The articles do not say who succeeded him. {REFUSAL}.", "not_found"),
        (f"{REFUSAL}. From general knowledge, Liz Truss succeeded him.", "not_found"),
        (f"The union took 9.7 percent [1]. {REFUSAL}.", "not_found"),
        ("The union accepted 4.5 percent [1]. The date of the vote is not in these articles.", "answered"),
        ("<think>\nIs it\nnot in these articles? It is.\n</think>\n\nThe union accepted 4.5 percent [1].", "answered"),
    ],
)
def test_only_what_says_nothing_else_is_a_refusal_and_thoughts_are_not_shown(
    filled: Index, protocol: str, monkeypatch: pytest.MonkeyPatch, said: str, status: str
) -> None:
    monkeypatch.setattr("bot.write.SHOWN_EVERY_S", 0.0)
    with serving(lambda m: said) as server:
        events = list(bot_of(filled, address(server, protocol)).stream(QUESTION))
    answers = [event for event in events if isinstance(event, Answer)]
    assert answers[-1].status == status and answers[-1].written_by == "test-model"
    assert [s.text for s in answers[-1].sentences] == ["The union accepted 4.5 percent."] * (status == "answered")
    assert not any("think" in answer.draft or "Is it" in answer.draft for answer in answers)


@pytest.mark.server
@pytest.mark.parametrize("opening", ["", "<think>", "<think>Hm.</think>"])
def test_what_comes_before_the_last_end_of_thoughts_is_not_shown(filled: Index, protocol: str, opening: str) -> None:
    said = f"{opening}Okay, the user asks for a rise. Passage 1 has it.</think>\n\nThe union accepted 4.5 percent [1]."
    with serving(lambda m: said) as server:
        answer = bot_of(filled, address(server, protocol)).ask(QUESTION)
    assert [s.text for s in answer.sentences] == ["The union accepted 4.5 percent."]


@pytest.mark.server
def test_thoughts_without_an_answer_are_none(filled: Index, protocol: str) -> None:
    with serving(lambda m: "<think>The union accepted 4.5 percent [1]. Hm.") as server:
        answer = bot_of(filled, address(server, protocol)).ask(QUESTION)
    assert answer.written_by == "quotes" and answer.sentences


@pytest.mark.server
@pytest.mark.parametrize(
    ("fault", "words"),
    [("cut", ""), ("silent", ""), ("error", ""), ("empty", "gave no answer")],
)
def test_a_server_that_fails_gives_the_quoted_answer_and_says_so(
    filled: Index, protocol: str, fault: Fault, words: str
) -> None:
    with serving(good, fault) as server:
        answer = bot_of(filled, address(server, protocol), llm_timeout_s=1).ask(QUESTION)
    assert answer.written_by == "quotes"
    assert "test-model" in answer.notice and words in answer.notice
    assert "Their union accepted a rise of 4.5 percent." in [sentence.text for sentence in answer.sentences]
    assert answer.sentences[0].support == "quoted"


@pytest.mark.server
def test_a_model_whose_thoughts_come_apart_can_be_ended_while_it_thinks(filled: Index, protocol: str) -> None:
    with serving(good, "thinks") as server:
        events = bot_of(filled, address(server, protocol)).stream(QUESTION)
        begun = next(event for event in events if isinstance(event, Answer))
        assert begun.sentences == () and begun.draft == ""
        events.close()  # type: ignore[attr-defined]
        answer = bot_of(filled, address(server, protocol)).ask(QUESTION)
    assert answer.written_by == "test-model" and answer.sentences[0].support == "supported"


@pytest.mark.server
def test_a_model_that_never_comes_to_an_end_is_given_up(
    filled: Index, protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.write.MAX_WRITING_S", 0.2)
    with serving(good, "thinks") as server:
        answer = bot_of(filled, address(server, protocol)).ask(QUESTION)
    assert answer.written_by == "quotes" and answer.citations
    assert "test-model did not come to an end" in answer.notice


@pytest.mark.server
def test_a_server_that_is_down_is_named(filled: Index) -> None:
    answer = bot_of(filled, "ollama/some-model@http://127.0.0.1:9").ask(QUESTION)
    assert "some-model failed" in answer.notice
    assert answer.citations


@pytest.mark.server
def test_an_endless_answer_is_cut_off(filled: Index) -> None:
    with serving(lambda m: "And on it goes [1]. " * 2000) as server:
        answer = bot_of(filled, server.openai).ask(QUESTION)
    assert len(answer.text) < 6000


@pytest.mark.server
def test_the_sentence_in_which_an_answer_is_cut_off_is_left_out(
    filled: Index, protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.write.MAX_CHARACTERS", 60)
    said = "The union accepted 4.5 percent [1]. The mayor of Lervik is Ada Rook. She left."
    with serving(lambda m: said) as server:
        answer = bot_of(filled, address(server, protocol)).ask(QUESTION)
    assert [sentence.text for sentence in answer.sentences] == ["The union accepted 4.5 percent."]


@pytest.mark.parametrize(("reason", "cut"), [("length", True), ("stop", False), (None, False)])
def test_a_server_says_that_an_answer_was_too_long(reason: str | None, cut: bool) -> None:
    assert _says_cut({"done": True, "done_reason": reason}) is cut
    assert _says_cut(SimpleNamespace(choices=[SimpleNamespace(finish_reason=reason)])) is cut


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("It rose [1]. The mayor is Ad", "It rose [1]. "),
        ("It rose. [1] It fell. [2", "It rose. [1] It fell. "),
        ("It rose. [1]", "It rose. [1]"),
        ("“It rose.”", "“It rose.”"),
        ("The mayor is Ad", ""),
    ],
)
def test_only_whole_sentences_of_it_are_read(text: str, whole: str) -> None:
    assert _whole_sentences(text) == whole
