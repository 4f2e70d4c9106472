"""Saved answers against articles that stayed, moved, changed or went."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.verify import check, saved_answers
from index.errors import UsageError
from index.types import Article

TEXT = "Rain fell. The union wants 4.5 percent. Talks go on."
QUOTE = "The union wants 4.5 percent."


def citation(text: str = TEXT, quote: str = QUOTE) -> dict[str, object]:
    start = text.index(quote)
    return {"n": 1, "article_id": "a", "start": start, "end": start + len(quote), "quote": quote}


def state(text: str | None, cited: dict[str, object] | None = None) -> str:
    return check(cited or citation(), lambda _: None if text is None else Article("a", "T", text)).state


def test_the_four_states() -> None:
    assert state(TEXT) == "intact"
    assert state(None) == "gone"
    moved = check(citation(), lambda _: Article("a", "T", f"New lead. {TEXT} {QUOTE}"))
    assert (moved.state, moved.place) == ("moved", (21, 21 + len(QUOTE)))
    changed = check(citation(), lambda _: Article("a", "T", TEXT.replace("4.5", "4.6")))
    assert (changed.state, changed.place, changed.now) == ("changed", None, "The union wants 4.6 percent.")
    assert check(citation(), lambda _: Article("a", "T", "Ferries sail again.")).now == ""


@given(st.integers(0, len(QUOTE) - 1), st.characters(codec="utf-8"))
def test_a_change_of_one_character_is_found(at: int, new: str) -> None:
    edited = QUOTE[:at] + new + QUOTE[at + 1 :]
    assert (state(TEXT.replace(QUOTE, edited)) == "intact") == (new == QUOTE[at])


def test_one_object_a_list_and_lines(tmp_path: Path) -> None:
    answer = {"question": "What?", "citations": [citation()]}
    for name, text in (
        ("one.json", json.dumps(answer, indent=2)),
        ("list.json", json.dumps([answer])),
        ("lines.jsonl", json.dumps(answer) + "\n\n"),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert list(saved_answers(tmp_path / name)) == [answer]
    (tmp_path / "two.jsonl").write_text(f"{json.dumps(answer)}\n{json.dumps(answer)}", encoding="utf-8")
    assert len(list(saved_answers(tmp_path / "two.jsonl"))) == 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"Who won?", "line 1 is not JSON"),
        (b"[1]", "holds no answer"),
        (b'{"citations": [{"n": 1}]}', "without a right 'article_id'"),
        (b'{"citations": [{"n": true, "article_id": "a", "start": 0, "end": 1, "quote": "x"}]}', "without a right 'n'"),
        (b"\xff\xfe\x00", "can't be read"),
    ],
)
def test_files_that_hold_no_answer(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(UsageError, match=reason):
        list(saved_answers(tmp_path / "x.json"))
