"""One conversation open on two pages, which are asked at the same time: each keeps its own turn and no other."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from tests.fakes import FakeBot, FakeIndex, news
from tests.ui.conftest import EXAMPLES, QUESTION
from tests.ui.sites import site_of
from ui.handlers import Page
from ui.history import Conversation
from ui.site import Site

REQUEST = gr.Request(username="ana")
THIRD = "How long will the bridge work take?"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    index = FakeIndex(news())
    return site_of(tmp_path, FakeBot(index), index)


@pytest.fixture
def page(site: Site) -> Page:
    return Page(site)


def begun(page: Page, question: str, before: Conversation, sent: Any = None) -> Conversation:
    return page.ask(question, before, sent, REQUEST)[0]


def ended(page: Page, conversation: Conversation) -> Conversation:
    *_, (last, _, _) = page.answer(conversation, REQUEST)
    return page.rest(last)[0]


def in_file(site: Site, conversation: Conversation) -> list[tuple[str, bool, bool]]:
    """Of each turn that is kept, what was asked, whether there is an answer and whether it counts as stopped."""
    turns = site.conversations.load("ana", conversation.id).turns
    return [(turn.question, turn.answer is not None, turn.stopped) for turn in turns]


@pytest.mark.parametrize("first", ["one", "other"])
def test_answers_made_at_the_same_time_are_both_kept(page: Page, site: Site, first: str) -> None:
    both = ended(page, begun(page, QUESTION, Conversation()))
    one = begun(page, EXAMPLES[1], both)
    other = begun(page, THIRD, both)
    for conversation in (one, other) if first == "one" else (other, one):
        ended(page, conversation)
    assert in_file(site, both) == [(QUESTION, True, False), (EXAMPLES[1], True, False), (THIRD, True, False)]


def test_a_question_that_is_being_answered_or_was_by_now_is_not_replaced(page: Page, site: Site) -> None:
    both = ended(page, begun(page, QUESTION, Conversation()))
    one = begun(page, EXAMPLES[1], both)
    other = site.conversations.load("ana", both.id)
    assert other.turns[-1].stopped, "so it stands on the other page, which can't know"
    again = page.ask_again(other, None, REQUEST)[0]
    ended(page, one)
    page.ask_again(other, None, REQUEST)
    ended(page, again)
    assert in_file(site, both)[1:3] == [(EXAMPLES[1], True, False), (EXAMPLES[1], True, False)]


def test_a_stop_or_a_thumb_leaves_alone_what_the_other_page_did(page: Page, site: Site) -> None:
    both = ended(page, begun(page, QUESTION, Conversation()))
    one = begun(page, EXAMPLES[1], both)
    other = begun(page, THIRD, both)
    page.stop(one, REQUEST)
    ended(page, other)
    event = gr.EventData(None, {"turn": 1, "verdict": "up"})
    page.judge(both, REQUEST, event)
    assert in_file(site, both) == [(QUESTION, True, False), (EXAMPLES[1], False, True), (THIRD, True, False)]
    assert site.conversations.load("ana", both.id).turns[0].verdict == "up"


def test_a_question_takes_the_place_of_the_last_one_and_its_late_end_does_not_come_back(page: Page, site: Site) -> None:
    both = ended(page, begun(page, QUESTION, Conversation()))
    going = begun(page, EXAMPLES[1], both)
    late = page.answer(going, REQUEST)
    next(late)
    halted = page.stop(going, REQUEST)[0]
    edited = ended(page, begun(page, THIRD, halted, {"replace": 2}))
    late.close()  # type: ignore[attr-defined]
    assert [turn.question for turn in edited.turns] == [QUESTION, THIRD]
    assert in_file(site, both) == [(QUESTION, True, False), (THIRD, True, False)]


def test_a_conversation_deleted_elsewhere_goes_on_as_another(page: Page, site: Site) -> None:
    first = ended(page, begun(page, QUESTION, Conversation()))
    site.conversations.delete("ana", first.id)
    second = ended(page, begun(page, THIRD, first))
    assert second.id != first.id
    assert in_file(site, second) == [(QUESTION, True, False), (THIRD, True, False)]


def test_a_page_that_the_server_forgot_goes_on_with_the_conversation_that_it_shows(page: Page, site: Site) -> None:
    known = ended(page, begun(page, QUESTION, Conversation()))
    sent = {"conversation": known.id}
    cited = gr.EventData(None, {"turn": 1, "number": 1, **sent})
    shown = page.open_citation(Conversation(), REQUEST, cited)
    assert not shown.get("problem") and shown["quote"]
    assert page.open_citation(Conversation(), gr.Request(username="ben"), cited)["problem"]
    again = ended(page, page.ask_again(Conversation(), sent, REQUEST)[0])
    after = ended(page, begun(page, THIRD, Conversation(), sent))
    assert again.id == after.id == known.id
    assert in_file(site, known) == [(QUESTION, True, False), (THIRD, True, False)]
    others = page.ask(THIRD, Conversation(), sent, gr.Request(username="ben"))[0]
    assert others.id != known.id and len(others.turns) == 1
    begun(page, THIRD, Conversation(), {"conversation": ""})
    assert len(in_file(site, known)) == 2


def test_a_question_that_was_too_long_is_neither_asked_again_nor_edited(page: Page, site: Site) -> None:
    refused, shown, *_ = page.ask("Why? " * 1_000, Conversation(), None, REQUEST)
    assert "#do-" not in shown[-1]["content"]
    assert page.ask_again(refused, None, REQUEST)[0] == refused
    after, shown, *_ = page.ask(QUESTION, refused, None, REQUEST)
    assert [turn.cut for turn in site.conversations.load("ana", after.id).turns] == [True, False]


def test_what_became_of_the_sources_stays_on_the_page_with_the_next_question(
    page: Page, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = ended(page, begun(page, QUESTION, Conversation()))
    monkeypatch.setattr(site.index, "article", lambda article_id: None)
    after = begun(page, THIRD, known)
    assert "removed" in after.turns[0].since
    event = gr.EventData(None, {"turn": 1, "verdict": "up"})
    page.judge(after, REQUEST, event)
    assert site.conversations.load("ana", known.id).turns[0].since == "", "it is found out anew each time"


def test_questions_that_come_at_once_each_get_a_place(page: Page, site: Site) -> None:
    both = ended(page, begun(page, QUESTION, Conversation()))
    known = site.conversations.load("ana", both.id)
    turns = [replace(known.turns[0], question=f"Question {number}", kept_as=0) for number in range(8)]
    threads = [
        threading.Thread(target=site.conversations.save, args=("ana", replace(known, turns=(*known.turns, turn))))
        for turn in turns
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {question for question, *_ in in_file(site, both)} == {QUESTION, *(turn.question for turn in turns)}


@pytest.mark.parametrize("seen", [1, 2, 3])
def test_ask_again_replaces_a_stopped_answer_that_went_further_in_the_file(
    page: Page, site: Site, monkeypatch: pytest.MonkeyPatch, seen: int
) -> None:
    monkeypatch.setattr("ui.history.DRAFT_EVERY_S", 0)
    now = begun(page, QUESTION, Conversation())
    going = page.answer(now, REQUEST)
    for _ in range(seen):
        now = next(going)[0]
    next(going)  # made while Stop was pressed, and never shown
    halted = page.stop(now, REQUEST)[0]
    going.close()  # type: ignore[attr-defined]
    assert site.conversations.load("ana", halted.id).turns[-1].stopped
    last = ended(page, page.ask_again(halted, None, REQUEST)[0])
    assert in_file(site, last) == [(QUESTION, True, False)]


def test_an_answer_that_was_done_when_it_was_stopped_is_spared(page: Page, site: Site) -> None:
    waiting = begun(page, QUESTION, Conversation())
    halted = page.stop(waiting, REQUEST)[0]
    ended(page, waiting)
    ended(page, page.ask_again(halted, None, REQUEST)[0])
    assert in_file(site, waiting) == [(QUESTION, True, False), (QUESTION, True, False)]


def test_a_question_whose_server_was_killed_is_replaced_when_it_is_asked_again(
    page: Page, site: Site, tmp_path: Path
) -> None:
    killed = begun(page, QUESTION, Conversation())
    index = FakeIndex(news())
    site = site_of(tmp_path, FakeBot(index), index)  # as the next server makes it
    page = Page(site)
    known = site.conversations.load("ana", killed.id)
    ended(page, page.ask_again(known, None, REQUEST)[0])
    assert in_file(site, known) == [(QUESTION, True, False)]


def test_an_answer_that_is_shown_can_be_asked_again_at_once(page: Page, site: Site) -> None:
    answering = page.answer(begun(page, QUESTION, Conversation()), REQUEST)
    shown = next(now for now, _, _ in answering if now.turns[-1].finished)  # the generator has not ended
    again = begun(page, EXAMPLES[1], shown.at_rest(), {"replace": 1})
    answering.close()
    ended(page, again)
    assert in_file(site, again) == [(EXAMPLES[1], True, False)]


def test_a_question_that_was_left_before_its_answer_began_is_replaced_when_it_is_asked_again(
    page: Page, site: Site
) -> None:
    left = begun(page, QUESTION, Conversation())
    page.start_over(left, REQUEST)
    later = page.open_conversation(Conversation(), REQUEST, gr.EventData(None, {"id": left.id}))[0]
    ended(page, page.ask_again(later, None, REQUEST)[0])
    assert in_file(site, left) == [(QUESTION, True, False)]


def test_an_answer_that_was_done_when_its_page_went_elsewhere_is_spared(page: Page, site: Site) -> None:
    before = begun(page, QUESTION, Conversation())
    ended(page, before)
    page.open_conversation(before, REQUEST, gr.EventData(None, {"id": before.id}))
    assert in_file(site, before) == [(QUESTION, True, False)]
