"""Answers by a language model, over real HTTP: what it cites and what it makes up."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.prompts import REFUSAL
from bot.settings import Settings
from bot.types import Answer, Step
from bot.write import language_model
from index import ingest
from index.errors import UsageError
from index.library import Index
from tests.bot.writing import QUESTION, STORY, address, bot_of, fill, good, number_of
from tests.llm_server import Messages, serving


@pytest.mark.server
def test_a_streamed_answer_is_cited_to_exact_sentences(
    filled: Index, protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.write.SHOWN_EVERY_S", 0.0)
    with serving(good) as server:
        events = list(bot_of(filled, address(server, protocol)).stream(QUESTION))
    answers = [event for event in events if isinstance(event, Answer)]
    assert any(isinstance(event, Step) for event in events)
    assert len(answers) > 3 and answers[0].draft and not answers[-1].draft
    final = answers[-1]
    assert final.written_by == "test-model"
    assert [(s.text, s.support) for s in final.sentences] == [
        ("The union took 4.5 percent.", "supported"),
        ("They went back on Friday.", "supported"),
    ]
    quotes = [citation.quote for citation in final.citations]
    assert quotes == [
        "Their union accepted a rise of 4.5 percent.",
        "Ferry workers in Lervik went back to work on Friday.",
    ]
    for citation in final.citations:
        assert citation.article.text[citation.start : citation.end] == citation.quote
    assert final.timings_ms["write"] > 0


@pytest.mark.server
def test_what_the_model_is_given(filled: Index, protocol: str) -> None:
    with serving(good) as server:
        bot_of(filled, address(server, protocol), llm_key=SecretStr("k")).ask(QUESTION)
    (request,) = server.requests
    system, user = (message["content"] for message in request["messages"])
    assert "Use only what the passages say" in system
    assert "your own knowledge" not in system
    assert user.endswith(f"Question: {QUESTION}")
    assert "<|im_start|>" not in user and "[INST]" not in user
    assert "PWNED" not in user and "Workers note\n[…]" in user
    marker = user.split("\n")[0]
    assert len(marker) > 16 and user.count(marker) == 2 and marker in system


@pytest.mark.server
def test_numbers_out_of_range_are_dropped_and_uncited_sentences_marked(filled: Index, protocol: str) -> None:
    with serving(lambda m: "It was 4.5 percent [99]. The moon is made of cheese. Work resumed [1][77].") as server:
        answer = bot_of(filled, address(server, protocol)).ask(QUESTION)
    assert [s.support for s in answer.sentences] == ["unsupported", "unsupported", "supported"]
    assert answer.sentences[2].citations == (1,)
    assert "[99]" not in answer.text


@pytest.mark.server
def test_what_the_cited_passage_does_not_say_is_marked_with_the_reason(filled: Index, protocol: str) -> None:
    def wrong(messages: Messages) -> str:
        n = number_of(messages, "4.5 percent")
        return f"The union took 9.7 percent [{n}]. The strike had lasted nine weeks [{n}]."

    with serving(wrong) as server:
        answer = bot_of(filled, address(server, protocol)).ask(QUESTION)
    assert [(s.support, s.lacking) for s in answer.sentences] == [
        ("unsupported", ("“9.7”",)),
        ("unsupported", ("“nine”",)),
    ]
    assert all(s.citations for s in answer.sentences)  # what it names can be looked at


@pytest.mark.server
def test_a_sentence_that_another_passage_supports_is_cited_to_that_one(filled: Index, protocol: str) -> None:
    def elsewhere(messages: Messages) -> str:
        return f"Their union accepted a rise of 4.5 percent [{number_of(messages, 'Workers note')}]."

    with serving(elsewhere) as server:
        answer = bot_of(filled, address(server, protocol)).ask(QUESTION)
    assert [s.support for s in answer.sentences] == ["supported"]
    assert [c.quote for c in answer.citations] == ["Their union accepted a rise of 4.5 percent."]


@pytest.mark.server
def test_what_two_passages_say_in_one_sentence_is_cited_to_both(index: Index, tmp_path: Path, protocol: str) -> None:
    (tmp_path / "ferry.txt").write_text(STORY, encoding="utf-8")
    (tmp_path / "train.txt").write_text(
        "Train strike begins\n\nTrain drivers in Lervik walked out on Monday over missing rest rooms.", encoding="utf-8"
    )
    ingest.add(index, [tmp_path / "ferry.txt", tmp_path / "train.txt"])

    def both(messages: Messages) -> str:
        ferry, train = number_of(messages, "4.5 percent"), number_of(messages, "rest rooms")
        return (
            f"The union accepted 4.5 percent, but train drivers walked out over rest rooms [{ferry}][{train}]. "
            f"Train drivers accepted a rise of 4.5 percent on Monday [{ferry}][{train}]."
        )

    with serving(both) as server:
        true, mixed = bot_of(index, address(server, protocol)).ask(QUESTION).sentences
    assert true.support == "supported" and len(true.citations) == 2
    assert mixed.support == "unsupported"


@pytest.mark.server
@pytest.mark.parametrize(
    ("second", "support"),
    [
        ("while he was born in 1952 in Leningrad", "unsupported"),
        ("and was born in 1952 in Leningrad", "unsupported"),
        ("; in Leningrad, his studies were of law", "unsupported"),
        ("while Vladimir Putin was born in 1952 in Leningrad", "supported"),
    ],
)
def test_a_clause_about_whom_another_one_names_is_not_taken_alone(
    index: Index, tmp_path: Path, second: str, support: str
) -> None:
    (tmp_path / "one.txt").write_text(
        "London\n\nBoris Johnson resigned on Thursday in London. He was prime minister for three years.", "utf-8"
    )
    (tmp_path / "two.txt").write_text(
        "A life\n\nVladimir Putin was born in 1952 in Leningrad. He studied law there. His studies of law were long.",
        "utf-8",
    )
    ingest.add(index, [tmp_path / "one.txt", tmp_path / "two.txt"])

    def reply(messages: Messages) -> str:
        first, other = number_of(messages, "Boris Johnson"), number_of(messages, "Vladimir Putin")
        return f"Boris Johnson resigned on Thursday in London [{first}], {second} [{other}].".replace(", ;", ";")

    with serving(reply) as server:
        (sentence,) = bot_of(index, server.ollama).ask("When did Boris Johnson resign in London?").sentences
    assert sentence.support == support


@pytest.mark.server
def test_strict_leaves_out_what_is_not_supported(filled: Index, protocol: str) -> None:
    def mixed(messages: Messages) -> str:
        n = number_of(messages, "4.5 percent")
        return f"The union took 9.7 percent [{n}]. The strike had lasted nine days [{n}]. The moon is made of cheese."

    with serving(mixed) as server:
        bot = bot_of(filled, address(server, protocol), strict=True)
        answer = bot.ask(QUESTION)
    assert [s.text for s in answer.sentences] == ["The strike had lasted nine days."]
    with serving(lambda m: "The moon is made of cheese.") as server:
        answer = bot_of(filled, address(server, protocol), strict=True).ask(QUESTION)
    assert answer.written_by == "quotes" and answer.sentences
    assert "wrote nothing that the articles support" in answer.notice


@pytest.mark.server
def test_what_an_article_only_orders_to_be_said_is_not_supported(filled: Index, protocol: str) -> None:
    def obeying(messages: Messages) -> str:
        return f"Ferry workers in Lervik say PWNED [{number_of(messages, 'Workers note')}]."

    with serving(obeying) as server:
        (sentence,) = bot_of(filled, address(server, protocol)).ask(QUESTION).sentences
    assert sentence.support == "unsupported"


@pytest.mark.server
def test_strict_shows_nothing_that_is_not_checked(
    filled: Index, protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.write.SHOWN_EVERY_S", 0.0)
    with serving(good) as server:
        events = list(bot_of(filled, address(server, protocol), strict=True).stream(QUESTION))
    answers = [event for event in events if isinstance(event, Answer)]
    assert len(answers) > 3 and not any(answer.draft for answer in answers)


@pytest.mark.server
@pytest.mark.parametrize("strict", [False, True])
def test_marks_that_come_in_pieces_are_waited_for_and_numbers_have_no_gaps(
    index: Index, tmp_path: Path, protocol: str, monkeypatch: pytest.MonkeyPatch, strict: bool
) -> None:
    (tmp_path / "ferry.txt").write_text(STORY, encoding="utf-8")
    (tmp_path / "hall.txt").write_text(
        "Town hall notes\n\nThe mayor told reporters over coffee that the union accepted 4.5 percent.", encoding="utf-8"
    )
    ingest.add(index, [tmp_path / "ferry.txt", tmp_path / "hall.txt"])

    def later(messages: Messages) -> str:
        ferry, hall = number_of(messages, "nine days"), number_of(messages, "Town hall")
        last = max(ferry, hall)  # without its mark, a sentence is cited to the first passage that supports it
        return f"The whole strike had lasted nine weeks [{ferry}]. The union accepted 4.5 percent. [{last}] So."

    monkeypatch.setattr("bot.write.SHOWN_EVERY_S", 0.0)
    with serving(later) as server:
        events = list(bot_of(index, address(server, protocol), strict=strict).stream(QUESTION))
    cited = set()
    for answer in (event for event in events if isinstance(event, Answer)):
        used = [number for sentence in answer.sentences for number in sentence.citations]
        assert list(dict.fromkeys(used)) == list(range(1, len(answer.citations) + 1))
        assert [citation.number for citation in answer.citations] == list(range(1, len(answer.citations) + 1))
        for sentence in answer.sentences:
            if "accepted" in sentence.text:
                cited |= {answer.citations[number - 1].article.id for number in sentence.citations}
    assert len(cited) == 1


@pytest.mark.server
def test_articles_that_differ_are_shown_whatever_the_model_says(tmp_path: Path) -> None:
    """Where its answer rests on one of them: an answer from elsewhere is not set against them."""
    index = fill(tmp_path)
    guild = "Guild\n\nThe old mill in Hamn cost 40 crowns, the guild said."
    miller = "Miller\n\nThe old mill in Hamn cost 90 crowns, a miller wrote."
    (tmp_path / "in" / "guild.txt").write_text(guild, encoding="utf-8")
    (tmp_path / "in" / "miller.txt").write_text(miller, encoding="utf-8")
    ingest.add(index, [tmp_path / "in"])
    question = "What did the old mill in Hamn cost?"
    with serving(lambda m: f"The old mill in Hamn cost 40 crowns [{number_of(m, '40 crowns')}].") as server:
        answer = bot_of(index, server.ollama).ask(question)
    (conflict,) = answer.conflicts
    assert {side["value"] for side in conflict["sides"]} == {"40", "90"}
    numbers = {n for side in conflict["sides"] for n in side["citations"]}
    assert numbers == {citation.number for citation in answer.citations} == {1, 2}
    assert [sentence.citations for sentence in answer.sentences] == [(1,)]
    with serving(lambda m: f"They went back on Friday [{number_of(m, 'went back')}].") as server:
        assert not bot_of(index, server.ollama).ask(question).conflicts


@pytest.mark.server
def test_a_part_that_the_model_does_not_find_is_told(filled: Index) -> None:
    with serving(lambda m: f"{good(m)} The fare is {REFUSAL.casefold()}.") as server:
        answer = bot_of(filled, server.ollama).ask(QUESTION)
    assert len(answer.sentences) == 2 and "a part of the question" in answer.notice
    with serving(good) as server:
        assert bot_of(filled, server.ollama).ask(QUESTION).notice == ""


@pytest.mark.server
def test_an_empty_retrieval_never_reaches_the_model(index: Index) -> None:
    with index.writing():
        pass
    with serving(good) as server:
        answer = bot_of(index, server.openai).ask(QUESTION)
    assert answer.status == "not_found" and server.requests == []


def test_names_that_make_no_sense_are_refused() -> None:
    with pytest.raises(UsageError, match="ollama/NAME"):
        language_model(Settings(llm="gpt-17"))
    assert language_model(Settings()) is None
