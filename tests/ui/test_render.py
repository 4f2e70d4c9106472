"""Hostile text stays text, and the words on the page say what the answer is."""

from __future__ import annotations

import html
import string
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.types import Answer, AnswerSentence, Citation, Step
from index.errors import UsageError
from index.types import Article
from tests.fakes import FakeBot, FakeIndex, FakeSummary, news
from ui import history, panes, render, words
from ui.history import Conversation, Turn
from ui.panes import Wanted

BRIDGE = news()[0]
QUESTION = "When will the harbour bridge close to traffic for repairs?"


class Tags(HTMLParser):
    """The tags of a piece of HTML with their attributes, and its text."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def answer_with(text: str, *, support: str = "quoted", confidence: float = 0.9) -> Answer:
    article = replace(BRIDGE, title=text, source=text, text=text, url=text)
    citation = Citation(1, article, 0, len(text), text)
    sentence = AnswerSentence(text, support, (1,))  # type: ignore[arg-type]
    return Answer(text, f"{text} again", "answered", confidence, (sentence,), (citation,), notice=text, written_by=text)


def finished(answer: Answer) -> str:
    return render.turn_html(Turn("?", answer.to_json(), finished=True), 1)


@given(st.text())
def test_escape_leaves_no_punctuation_but_its_own_and_reads_back_unchanged(text: str) -> None:
    escaped = words.escape(text)
    without_references = "".join(part.partition(";")[2] if i else part for i, part in enumerate(escaped.split("&#")))
    assert not set(without_references) & set(string.punctuation)
    assert html.unescape(escaped) == " ".join(words.plain(text).split())


@given(st.text(alphabet=st.characters(codec=None, categories=None)))
def test_plain_text_can_always_be_sent_as_json(text: str) -> None:
    shown = words.plain(text)
    shown.encode("utf-8")
    assert "\x00" not in shown


def test_a_lone_surrogate_is_replaced_and_a_pair_is_kept() -> None:
    assert words.plain("a\ud800b 😀") == "a\ufffdb 😀"


@given(st.text(min_size=1))
def test_an_answer_holds_no_tag_or_attribute_that_a_text_brought_in(text: str) -> None:
    expected = Tags(finished(answer_with("plain")))
    found = Tags(finished(answer_with(text)))
    assert [tag for tag in found.tags if tag != "strong"] == expected.tags
    assert [name for name, _ in found.attributes] == [name for name, _ in expected.attributes]


@pytest.mark.parametrize(
    "text", ["<img src=x onerror=alert(1)>", "![x](http://a.example/p.png)", "[1](#cite-1-1)", "$$x$$", "${1}", "{{x}}"]
)
def test_hostile_text_is_shown_as_it_is(text: str) -> None:
    assert text in Tags(finished(answer_with(text))).text


def test_no_blank_line_ends_the_block_of_html() -> None:
    assert "\n" not in finished(answer_with("one\n\ntwo\r\n\u2028three"))


def test_the_question_keeps_its_lines() -> None:
    assert render.question_html("one\n<b>two") == "one<br>&#60;b&#62;two"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)",
        "data:text/html,x",
        "vbscript:x", "file:///etc/passwd", "//a.example/x", "http:", "http://", "https:///x", "http://a.example/\nx",
        "http://[::1", "http:\\\\a.example", "", "articles/x.md",
    ],
)  # fmt: skip
def test_only_whole_web_addresses_become_links(url: str) -> None:
    assert words.safe_link(url) == ""


def test_a_web_address_is_kept() -> None:
    assert words.safe_link("https://a.example/b?c=d&e=f#g") == "https://a.example/b?c=d&e=f#g"


@pytest.mark.parametrize(
    ("iso", "readable"),
    [
        ("2024-02-11", "11 February 2024"), ("2024-04-30T08:15:00Z", "30 April 2024"), (None, ""), ("", ""),
        ("9999-99-99", "9999-99-99"), ("spring", "spring"),
    ],
)  # fmt: skip
def test_dates_are_readable(iso: str | None, readable: str) -> None:
    assert words.readable_date(iso) == readable


@pytest.mark.parametrize(
    ("support", "confidence", "words"),
    [
        ("quoted", 0.9, "Well supported"),
        ("quoted", 0.3, "Partly supported"),
        ("unsupported", 0.9, "Partly supported"),
    ],
)
def test_the_state_in_plain_words(support: str, confidence: float, words: str) -> None:
    assert words in finished(answer_with("x", support=support, confidence=confidence))


def test_an_unsupported_sentence_is_marked_in_words_too() -> None:
    marked = Tags(finished(answer_with("x", support="unsupported")))
    assert ("class", "fn-sentence fn-unsupported") in marked.attributes
    assert "no source" in marked.text


def test_a_chip_names_outlet_date_and_quote() -> None:
    (answer,) = [e for e in FakeBot(FakeIndex([BRIDGE])).stream(QUESTION) if isinstance(e, Answer)][-1:]
    markup = Tags(finished(answer))
    quote = answer.citations[0].quote
    assert ("title", f"Lindmouth Courier · 11 February 2024: “{quote}”") in markup.attributes
    assert ("href", "#cite-1-1") in markup.attributes
    assert answer.short_answer and f">{answer.short_answer}</strong>" in finished(answer)


def test_the_newest_of_the_sources_is_named() -> None:
    (answer,) = [e for e in FakeBot(FakeIndex(news())).stream(QUESTION) if isinstance(e, Answer)][-1:]
    assert "Newest source: 30 April 2024" in Tags(finished(answer)).text


def test_a_follow_up_says_how_it_was_understood_and_others_do_not() -> None:
    answer = answer_with("x")
    assert "Understood as: x again" in Tags(finished(answer)).text
    assert "Understood" not in finished(replace(answer, interpreted_question=answer.question))


def test_not_found_shows_the_nearest_passages() -> None:
    (answer,) = [e for e in FakeBot(FakeIndex(news())).stream("Who won at chess?") if isinstance(e, Answer)]
    markup = Tags(finished(answer))
    assert "Not in these articles" in markup.text
    links = [value for name, value in markup.attributes if name == "href" and value.startswith("#near")]
    assert links == ["#near-1-1", "#near-1-2", "#near-1-3"]


def test_a_draft_is_shown_without_a_state() -> None:
    markup = render.turn_html(
        Turn("?", {**Answer("?", "?", "answered", 0).to_json(), "draft": "so [1] far"}, working="Writing"), 1
    )
    assert "so [1] far" in Tags(markup).text
    assert "supported" not in markup
    assert "Writing…" in markup


def test_the_reader_is_given_the_text_in_three_parts_that_count_characters() -> None:
    text = "😀 Before. The quote 🦊. After."
    start, end = text.index("The"), text.index(" After")
    view = panes.reader_view(replace(BRIDGE, text=text, url="javascript:alert(1)"), (start, end))
    assert view["quote"] == "The quote 🦊."
    assert view["before"] + view["quote"] + view["after"] == text
    assert view["link"] == ""


def test_sources_are_newest_first_filtered_and_capped() -> None:
    index = FakeIndex(news())
    view = panes.sources_view(index.articles(), Wanted())
    assert [row["id"] for row in view["rows"]] == ["harbour-2", "harbour-1", "peat", "library", "undated"]
    assert view["summary"] == "5 articles · newest 30 Apr 2024"
    found = panes.sources_view(index.articles(), Wanted("COURIER february"))
    assert [row["id"] for row in found["rows"]] == ["harbour-1"]
    many = [FakeSummary(str(n), f"Title {n}", "", "", "", None, 1) for n in range(6_000)]
    capped = panes.sources_view(many, Wanted())
    assert (len(capped["rows"]), capped["matching"]) == (panes.ROWS_AT_ONCE, 6_000)


def test_welcome_says_how_to_add_articles_where_there_are_none() -> None:
    assert "footnote add FOLDER" in render.welcome_html(["Why?"], 0)
    assert "#ask-0-1" in render.welcome_html(["Why?"], 3)


# ---- The record of a conversation ----


def ask(bot: FakeBot, question: str, conversation: Conversation | None = None) -> list[Conversation]:
    return list(history.answered(bot, history.opened(conversation or Conversation(), question)))


def test_a_question_is_answered_with_signs_of_life_before() -> None:
    seen = ask(FakeBot(FakeIndex(news())), QUESTION)
    assert seen[0].turns[0].working == "Searching 5 articles"
    assert seen[-1].turns[0].finished
    assert seen[-1].answer(1) is not None
    assert (seen[-1].answer(0), seen[-1].answer(2), seen[-1].answer(-1)) == (None, None, None)


def test_answered_turns_are_the_history_of_the_next() -> None:
    bot = FakeBot(FakeIndex(news()))
    first = ask(bot, QUESTION)[-1]
    answer = first.answer(1)
    assert answer is not None
    ask(bot, "And why?", first)
    assert bot.asked[1] == ("And why?", ((QUESTION, f"{answer['short_answer']}. {answer['text']}", QUESTION),))


def test_a_question_that_is_too_long_never_reaches_the_bot() -> None:
    (turn,) = history.opened(Conversation(), "x" * 2_001).turns
    assert turn.finished and "2,001 characters" in turn.problem and "Shorten it" in turn.problem
    assert len(turn.question) < 200
    assert not history.opened(Conversation(), "x" * 2_000).turns[0].finished


def test_our_errors_are_told_and_others_logged(caplog: pytest.LogCaptureFixture) -> None:
    told = ask(FakeBot(FakeIndex(), error=UsageError("Do this next.")), "Why?")[-1].turns[0]
    assert told.problem == "Do this next."
    assert not caplog.records
    hidden = ask(FakeBot(FakeIndex(), error=RuntimeError("secret")), "Why?")[-1].turns[0]
    assert hidden.problem == history.UNEXPECTED
    assert "secret" in caplog.text and "Traceback" in caplog.text


def test_closing_ends_the_bots_stream() -> None:
    bot = FakeBot(FakeIndex(news()))
    events = history.answered(bot, history.opened(Conversation(), QUESTION))
    next(events)
    events.close()  # type: ignore[attr-defined]
    assert bot.closed.is_set()


def test_stop_keeps_what_was_there_and_leaves_it_out_of_the_history() -> None:
    partly = next(iter(history.answered(FakeBot(FakeIndex(news())), history.opened(Conversation(), QUESTION))))
    ended = history.stopped(partly)
    assert ended.turns[0].stopped and "Stopped." in render.turn_html(ended.turns[0], 1)
    assert ended.history() == []
    assert history.stopped(Conversation()) == Conversation()


def test_what_is_said_aloud_is_the_state_and_the_sentences() -> None:
    assert render.spoken(Turn("?", answer_with("It is so.").to_json(), finished=True)) == "Well supported. It is so."
    assert render.spoken(Turn("?", problem="No.", finished=True)) == "No."


def test_steps_alone_are_an_error() -> None:
    class Silent(FakeBot):
        def stream(self, question: str, **_: object):  # type: ignore[no-untyped-def]
            yield Step("search", "Searching")

    assert ask(Silent(FakeIndex()), "Why?")[-1].turns[0].problem == history.UNEXPECTED


def test_an_article_of_one_line_is_wholly_marked() -> None:
    assert panes.reader_view(Article("a", "t", "All."), (0, 4))["quote"] == "All."


def test_the_passage_around_a_quote_is_told_apart_and_one_that_does_not_hold_it_is_not() -> None:
    article = Article("a", "t", "Before. One. Two. Three. After.")
    view = panes.reader_view(article, (13, 17), (8, 24))
    assert [view[part] for part in ("before", "lead", "quote", "trail", "after")] == [
        "Before. ", "One. ", "Two.", " Three.", " After.",
    ]  # fmt: skip
    outside = panes.reader_view(article, (13, 17), (0, 8))
    assert (outside["lead"], outside["quote"], outside["trail"]) == ("", "Two.", "")


def test_a_web_original_is_opened_at_the_sentence() -> None:
    article = replace(
        BRIDGE, url="https://a.example/x?y=1", text="It is well-known, he said, that 5,000 & more came to see it. End."
    )
    link = panes.reader_view(article, (0, 61))["link"]
    assert (
        link == "https://a.example/x?y=1#:~:text=It%20is%20well%2Dknown%2C%20he%20said%2C,more%20came%20to%20see%20it."
    )
    assert panes.text_fragment("https://a.example/#part", "Short one.") == ":~:text=Short%20one."
    assert panes.reader_view(article)["link"] == article.url


def test_filters_narrow_the_list_and_undated_articles_are_in_no_range() -> None:
    summaries = FakeIndex(news()).articles()
    found = panes.sources_view(summaries, Wanted(source="Lindmouth Courier"))
    assert [row["id"] for row in found["rows"]] == ["harbour-1", "library"]
    assert found["outlets"][0] == {"name": "Lindmouth Courier", "label": "Lindmouth Courier (2)"}
    days = panes.sources_view(summaries, Wanted(date_from="2023-01-01", date_to="2024-04-30"))
    assert [row["id"] for row in days["rows"]] == ["harbour-2", "harbour-1", "peat"]
    assert [row["id"] for row in panes.sources_view(summaries, Wanted(date_to="2022-12-31"))["rows"]] == ["library"]


def test_a_conflict_stands_side_by_side_with_its_citations() -> None:
    (answer,) = [e for e in FakeBot(FakeIndex(news())).stream(QUESTION) if isinstance(e, Answer)][-1:]
    sides = [{"value": "9.1 <million>", "citations": [2]}, {"value": "6.4 million", "citations": [1, 99]}]
    markup = finished(replace(answer, conflicts=[{"sides": sides}]))
    assert "These sources disagree" in markup
    text = Tags(markup).text
    assert "9.1 <million>" in text and text.index("9.1 <million>") < text.index("6.4 million")
    assert markup.count('href="#cite-1-2"') == 2 and "#cite-1-99" not in markup


def test_what_can_be_done_is_offered_once_the_answer_is_whole() -> None:
    (answer,) = [e for e in FakeBot(FakeIndex(news())).stream(QUESTION) if isinstance(e, Answer)][-1:]
    turn = Turn("?", answer.to_json(), finished=True, verdict="up")
    assert "#do-again-1" in render.turn_html(turn, 1, last=True)
    assert "#do-again-1" not in render.turn_html(turn, 1)
    assert 'class="fn-act fn-up fn-done"' in render.turn_html(turn, 1)
    assert "#do-" not in render.turn_html(replace(turn, finished=False), 1)
    failed = render.turn_html(Turn("?", problem="No.", finished=True), 1, last=True)
    assert "#do-edit-1" in failed and "#do-again-1" in failed and "#do-copy-1" not in failed


def test_what_was_searched_is_said_where_nothing_was_found_or_not_all_was_asked() -> None:
    (missed,) = [e for e in FakeBot(FakeIndex(news())).stream("Who won at chess?") if isinstance(e, Answer)]
    assert "Searched: all 5 articles." in render.turn_html(
        Turn("?", missed.to_json(), finished=True, searched="all 5 articles"), 1
    ).replace("&#58;", ":").replace("&#46;", ".")
    (found,) = [e for e in FakeBot(FakeIndex(news())).stream(QUESTION) if isinstance(e, Answer)][-1:]
    turn = Turn("?", found.to_json(), finished=True, searched="2 ticked articles")
    assert "2 ticked articles" not in render.turn_html(turn, 1)
    assert "2 ticked articles" in render.turn_html(replace(turn, limited=True), 1)
