"""An exported conversation shows hostile text as text, and every quote comes back from it exactly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from markdown_it import MarkdownIt

from bot.exported import unescaped
from bot.verify import saved_answers
from ui.export import Exported, ExportedTurn, exactly, to_html, to_json, to_markdown, with_references

QUOTE = "“It will close,” she said."
FORMATS = {"md": to_markdown, "html": to_html, "json": to_json}
ANY = st.text(alphabet=st.characters(codec=None, categories=None), min_size=1, max_size=60)
HOSTILE = [
    "<script>alert(1)</script>", "</blockquote><script>alert(1)</script>", "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "![x](http://out.example/p.png)", "[x](http://out.example)", "[x](javascript:alert(1))", "<http://out.example>",
    "http://out.example/x", "www.out.example", "a@out.example", "# heading", "> quote", "```\ncode\n```",
    "~~~", "    code",
    "1. one", "- one", "+ one", "* one", "---", "===", "***", "| a | b |\n|---|---|",
    "[r]: http://out.example", "[^1]: x", "&lt;b&gt; &#60;",
    "*article* x *characters* 1–2", "**\\[1\\]** x", "## Question", "> ", "line one\nline two\\\n", "`code`",
    "$x$ $$y$$", "\\", "a\\\nb", "<!-- x -->",
    "\u202eright\u2028to\x85left\x00\r\n", "{{ 7 * 7 }}{% raw %}", "'\" autofocus onfocus=alert(1) x='",
    "<style>*{}</style>", "<a href='data:text/html,x'>x</a>",
    " leading and trailing \t", "\n\nblank lines\n\n", "<base href=http://out.example>",
    "<iframe src=http://out.example></iframe>",
]  # fmt: skip


ATTRIBUTES = {
    "lang", "charset", "name", "content", "http-equiv", "class", "id", "href", "rel", "data-n", "data-article-id",
    "data-start", "data-end", "data-character",
}  # fmt: skip


def answer(text: str = QUOTE, **more: Any) -> dict[str, Any]:
    citation = {
        "n": 1, "article_id": "a/b.md", "title": "A title", "source": "Courier", "url": "https://a.example/x",
        "date": "2024-02-11",
        "start": 12, "end": 12 + len(text), "quote": text, "page": None, "also_in": [], **more,
    }  # fmt: skip
    return {
        "question": "When?", "interpreted_question": "When will it close?", "status": "answered", "confidence": 0.83,
        "sentences": [{"text": text, "support": "quoted", "citations": [1], "answer": None, "lacking": []}],
        "citations": [citation], "nearest": [], "notice": "", "conflicts": [], "written_by": "quotes",
        "text": text, "draft": "",
    }  # fmt: skip


def conversation(*answers: dict[str, Any] | None, title: str = "When?") -> Exported:
    turns = tuple(
        ExportedTurn(str((each or {}).get("question", "When?")), each, "" if each else "No.") for each in answers
    )
    return Exported(title, "2026-11-25T10:00:00+00:00", turns)


def read_back(text: str, suffix: str, folder: Path) -> list[dict[str, Any]]:
    path = folder / f"conversation.{suffix}"
    path.write_bytes(text.encode("utf-8"))
    return list(saved_answers(path))


@given(st.text(alphabet=st.characters(codec=None, categories=None, exclude_characters="\n")))
def test_a_line_comes_back_from_markdown(line: str) -> None:
    written = exactly(line)
    assert "\n" not in written and "\r" not in written
    written.encode("utf-8")
    assert unescaped(written) == line


@pytest.mark.parametrize("suffix", FORMATS)
@given(quote=ANY, article_id=ANY)
def test_a_quote_comes_back_exactly(
    suffix: str, quote: str, article_id: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    written = FORMATS[suffix](conversation(answer(quote, article_id=article_id)))
    (found,) = read_back(written, suffix, tmp_path_factory.mktemp("x"))
    (citation,) = found["citations"]
    assert (citation["quote"], citation["article_id"]) == (quote, article_id)
    assert (citation["n"], citation["start"], citation["end"]) == (1, 12, 12 + len(quote))


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_quotes_come_back_too_and_forge_no_citation(suffix: str, text: str, tmp_path: Path) -> None:
    hostile = answer(text, title=text, source=text, url=text)
    hostile |= {"question": text, "interpreted_question": f"{text}?", "notice": text}
    written = FORMATS[suffix](conversation(hostile, answer(), None, title=text))
    found = read_back(written, suffix, tmp_path)
    assert [len(each["citations"]) for each in found] == [1, 1, 0]
    assert [each["citations"][0]["quote"] for each in found[:2]] == [text, QUOTE]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_hostile_text_becomes_an_element_of_the_page(text: str) -> None:
    hostile = answer(text, title=text, source=text, url=text, date=text)
    hostile |= {"question": text, "interpreted_question": f"{text}?", "notice": text, "written_by": text}
    page = html.document_fromstring(to_html(conversation(hostile, title=text)))
    ordinary = html.document_fromstring(to_html(conversation(answer() | {"notice": "x"})))
    kinds = {element.tag for element in ordinary.iter() if isinstance(element.tag, str)} | {"i"}
    assert {element.tag for element in page.iter() if isinstance(element.tag, str)} <= kinds
    for element in page.iter():
        assert set(element.attrib) <= ATTRIBUTES
        assert element.get("href", "#").startswith(("#", "http://", "https://"))
    assert not page.xpath("//script | //img | //link | //iframe | //@src | //@onerror | //comment()")


@pytest.mark.parametrize("text", HOSTILE)
def test_no_hostile_text_becomes_markup_of_the_markdown(text: str) -> None:
    hostile = answer(text, title=text, source=text, url=text)
    hostile |= {"question": text, "interpreted_question": f"{text}?", "notice": text}
    written = to_markdown(conversation(hostile, title=text))
    parser = MarkdownIt("gfm-like", {"html": True, "linkify": False}).enable("table")
    kinds = {
        inline.type for token in parser.parse(written) for inline in (token, *(token.children or ()))
    }  # fmt: skip
    assert kinds <= {
        "heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline", "text", "text_special",
        "em_open", "em_close",
        "strong_open", "strong_close", "hardbreak", "softbreak", "blockquote_open", "blockquote_close",
    }, kinds  # fmt: skip
    headings = [token for token in parser.parse(written) if token.type == "heading_open"]
    assert len(headings) == 2


def test_a_usual_conversation_reads_well() -> None:
    written = to_markdown(conversation(answer(), answer() | {"status": "not_found", "sentences": [], "citations": []}))
    assert "## When?" in written and "*Understood as:* When will it close?" in written
    assert f"> {QUOTE}\n" in written, "an ordinary sentence needs no escape"
    assert "**Confidence 83%**" in written and "**Not in these articles**" in written
    assert "A title · Courier · 11 February 2024" in written


def test_the_clipboard_gets_the_sentences_and_what_the_numbers_stand_for() -> None:
    text = with_references(answer())
    assert text.startswith(
        f"{QUOTE} [1]\n\n[1] A title · Courier · 11 February 2024 · https://a.example/x\n    “{QUOTE}”"
    )
    assert (
        with_references(answer() | {"sentences": [], "citations": [], "status": "not_found"})
        == "Not in these articles\n"
    )


def test_doubts_and_conflicts_are_in_every_format() -> None:
    doubtful = answer() | {
        "sentences": [
            {"text": "It is cheese.", "support": "unsupported", "citations": [], "answer": None, "lacking": []}
        ],
        "conflicts": [{"sides": [{"value": "9 million", "citations": [1]}, {"value": "6 million", "citations": [2]}]}],
    }
    for write in (to_markdown, to_html):
        written = write(conversation(doubtful))
        assert "not supported by the articles" in written and "9 million" in written and "Sources disagree" in written
    assert json.loads(to_json(conversation(doubtful)))["answers"][0]["conflicts"][0]["sides"][0]["value"] == "9 million"
    assert "(not supported by the articles)" in with_references(doubtful)


@pytest.mark.parametrize("suffix", FORMATS)
def test_an_answer_that_was_stopped_is_not_given_as_a_whole_one(suffix: str, tmp_path: Path) -> None:
    turn = ExportedTurn("When?", answer(), stopped=True)
    written = FORMATS[suffix](Exported("When?", "2026-11-25T10:00:00+00:00", (turn,)))
    (found,) = read_back(written, suffix, tmp_path)
    assert found["citations"][0]["quote"] == QUOTE
    if suffix == "json":
        assert found["stopped"] is True
    else:
        assert "Stopped before the answer was whole" in written and "83" not in written


def test_the_clipboard_gets_what_a_person_should_know_of_the_answer() -> None:
    sides = [{"value": "9 million", "citations": [1]}, {"value": "6 million", "citations": [2]}]
    text = with_references(answer() | {"notice": "No article of May answers this.", "conflicts": [{"sides": sides}]})
    assert text.startswith(f"No article of May answers this.\n\n{QUOTE} [1]\n\nSources disagree: 9 million [1]")
