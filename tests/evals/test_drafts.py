"""Drafts of questions, sentence by sentence: what is asked of one, what is not, and that no text takes long."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.drafts.cloze import GAP, clozes, gap
from evals.drafts.sentences import Vocabulary, body_of, is_fit
from evals.drafts.templates import templates

BRIDGE = "Clara Voss, the director of the harbour museum, said that the bridge at Trell had cost 14 lives."


def vocabulary(*sentences: str, title: str = "") -> Vocabulary:
    return Vocabulary.of(title, [body_of(sentence)[1] for sentence in sentences])


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
