"""Articles come in and go out from the page: progress, what was skipped, stop, undo, and no name that can do harm."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import Settings
from index.errors import UsageError, WriterBusy
from index.library import Index
from tests.fake_embedder import FakeEmbedder
from ui.adding import Adding

TEXT = "The harbour bridge in Lindmouth will close to traffic on 4 March for repairs. It will take eleven weeks."


@pytest.fixture
def adding(index: Index) -> Iterator[Adding]:
    adding = Adding(index)
    yield adding
    adding.close()


def send(adding: Adding, name: str, content: bytes | str) -> str:
    path = adding.place_for(name)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return name


def finished(adding: Adding) -> dict[str, object]:
    deadline = time.monotonic() + 60
    while (state := adding.state()) is None or state["running"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return state


def test_files_are_taken_in_and_what_is_not_is_named(adding: Adding, index: Index) -> None:
    names = [
        send(adding, "bridge.txt", TEXT),
        send(adding, "empty.md", ""),
        send(adding, "reports/peat.txt", "The peat of the moor holds water again, they say."),
    ]
    adding.start(names, [], [])
    state = finished(adding)
    assert (state["added"], state["skipped_count"], state["problem"]) == (2, 1, "")
    assert [each["name"] for each in state["skipped"]] == ["empty.md"]  # type: ignore[attr-defined]
    assert {each.id for each in index.articles()} == {"uploads/bridge.txt", "reports/peat.txt"}


def test_the_same_name_again_is_an_update(adding: Adding, index: Index) -> None:
    adding.start([send(adding, "bridge.txt", TEXT)], [], [])
    finished(adding)
    adding.start([send(adding, "bridge.txt", TEXT + " Ferries will run every ten minutes.")], [], [])
    assert finished(adding)["updated"] == 1
    assert len(index.articles()) == 1


def test_a_pasted_text_has_its_first_line_for_a_title(adding: Adding, index: Index) -> None:
    adding.start([], [], [("", f"Bridge to close for repairs\n\n{TEXT}")])
    assert finished(adding)["added"] == 1
    (article,) = index.articles()
    assert article.title == "Bridge to close for repairs"
    full = index.article(article.id)
    assert full is not None and TEXT in full.text


def test_closing_waits_for_what_is_just_beginning(adding: Adding, monkeypatch: pytest.MonkeyPatch) -> None:
    beginning, start = threading.Event(), threading.Thread.start

    def slowly(thread: threading.Thread) -> None:
        beginning.set()
        time.sleep(0.3)
        start(thread)

    asking = threading.Thread(target=adding.start, args=([], [], [("", TEXT)]))
    asking_starts = threading.Thread.start.__get__(asking)
    monkeypatch.setattr(threading.Thread, "start", slowly)
    asking_starts()
    assert beginning.wait(10)
    adding.close()
    asking.join()
    state = adding.state()
    assert state is not None and not state["running"] and not state["problem"]


@pytest.mark.parametrize("folder", ["../idx", "../c#/idx"])
def test_the_file_of_an_article_stays_however_the_index_is_named(folder: str) -> None:
    index = Index(Settings(index=Path(folder)), create=True, embedder=FakeEmbedder())
    adding = Adding(index)
    adding.start([], [], [("Bridge", TEXT)])
    assert finished(adding)["added"] == 1
    adding.close()
    assert [path.name for path in Path(folder, "uploads").rglob("*.txt")] == ["Bridge.txt"]


def test_texts_that_begin_alike_stay_apart(adding: Adding, index: Index) -> None:
    start = "Harbour notes of the week. " * 4
    first, second = (f"{start}{said}" for said in ("The bridge will close.", "The ferry ran late."))
    for text in (first, second, first, second):
        adding.start([], [], [("", text)])
        finished(adding)
    adding.start([], [], [("Notes", "The peat of the moor holds water again."), ("Notes", TEXT)])
    finished(adding)
    texts = [article.text for article in (index.article(each.id) for each in index.articles()) if article]
    assert len(texts) == 4
    for said in ("The bridge will close.", "The ferry ran late.", "The peat of the moor", TEXT):
        assert sum(said in text for text in texts) == 1


@pytest.mark.parametrize("failing", ["_on_change", "_delete_unused"])
def test_adding_goes_on_after_an_end_that_failed(
    adding: Adding, index: Index, failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("the disk is gone")

    with monkeypatch.context() as broken:
        broken.setattr(adding, failing, fail)
        adding.start([send(adding, "a.txt", TEXT)], [], [])
        state = finished(adding)
    assert state["added"] == 1 and "did not expect" in str(state["problem"])
    adding.start([send(adding, "b.txt", "The peat of the moor holds water again.")], [], [])
    assert (finished(adding)["added"], len(index.articles())) == (1, 2)


def test_articles_go_and_come_back_whole(adding: Adding, index: Index) -> None:
    adding.start([send(adding, "bridge.txt", TEXT)], [], [])
    finished(adding)
    before = index.article("uploads/bridge.txt")
    assert adding.remove(["uploads/bridge.txt", "nothing"]) == ["bridge"]
    assert index.articles() == [] and index.store.count() == 0
    assert adding.restore() == 1
    assert index.article("uploads/bridge.txt") == before
    assert index.store.count() == 1
    assert adding.restore() == 0


def test_what_another_person_removed_since_is_not_brought_back_in_its_place(adding: Adding, index: Index) -> None:
    for name in ("one.txt", "two.txt"):
        adding.start([send(adding, name, f"{TEXT} This is said in {name}.")], [], [])
        finished(adding)
        adding.remove([f"uploads/{name}"])
    with pytest.raises(UsageError, match="can't be brought back any more"):
        adding.restore(["uploads/one.txt"])
    assert index.articles() == []
    assert adding.restore(["uploads/two.txt"]) == 1


def test_a_file_goes_with_its_article_once_it_can_no_longer_come_back(adding: Adding, index: Index) -> None:
    for name in ("one.txt", "two.txt"):
        adding.start([send(adding, name, f"{TEXT} This is said in {name}.")], [], [])
        finished(adding)
    folder = index.folder / "uploads"
    adding.remove(["uploads/one.txt"])
    assert (folder / "one.txt").exists(), "an undo may need it"
    adding.remove(["uploads/two.txt"])
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["two.txt"]


def test_it_can_be_stopped_and_goes_on(adding: Adding, index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.ingest.TELL_EVERY_S", 0.0)
    names = [send(adding, f"n{number}.txt", f"{TEXT} This is report number {number} of many.") for number in range(60)]
    adding.start(names, [], [])
    adding.stop()
    assert finished(adding)["stopped"] is True
    assert len(index.articles()) < 60
    names = [send(adding, f"n{number}.txt", f"{TEXT} This is report number {number} of many.") for number in range(60)]
    adding.start(names, [], [])
    finished(adding)
    assert len(index.articles()) == 60


def test_one_lot_at_a_time(adding: Adding) -> None:
    adding.start([send(adding, "a.txt", TEXT)], [], [])
    with pytest.raises(UsageError, match="added already"):
        adding.start([send(adding, "b.txt", TEXT)], [], [])
    finished(adding)


@pytest.mark.parametrize(
    ("names", "addresses", "texts", "told"),
    [
        ([], [], [], "nothing to add"), (["gone.txt"], [], [], "has not arrived"), ([], ["ftp://x"], [],
        "no|not a web"),
        ([], ["/etc/passwd"], [], "not a web address"), ([], [], [("", "  ")], "empty"),
        ([], [], [("", "x" * 500_001)], "500,001"), (["x.txt"] * 501, [], [], "At most 500"), (["x.exe"], [],
        [], "not read"),
    ],
)  # fmt: skip
def test_what_can_not_be_right_is_refused(
    adding: Adding, names: list[str], addresses: list[str], texts: list[tuple[str, str]], told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        adding.start(names, addresses, texts)
    assert adding.state() is None or not adding.state()["running"]  # type: ignore[index]


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.txt", "/etc/passwd.txt", "..\\..\\windows.txt", "a/../../b.txt", "-rf.txt", "$(touch x).txt",
        "<img src=x onerror=alert(1)>.md", "x\x00y.txt", "x\ny.txt", "\u202etxt.exe.txt", "é" * 300 + ".txt",
        "CON .txt",
        "a#b.txt", "%2f..%2fb.txt", "\ud800.txt", " .txt", "....txt", "~.txt", "x.TXT",
    ],
)  # fmt: skip
def test_no_name_leads_out_of_the_folder(adding: Adding, index: Index, name: str) -> None:
    folder = (index.folder / "uploads").resolve()
    path = adding.place_for(name)
    assert path.resolve().is_relative_to(folder) and path.parent.is_dir()
    assert path == adding.place_for(name)
    assert path.name.isprintable() and len(path.name.encode()) <= 255 and "#" not in path.name
    path.write_text(TEXT)
    assert Path(path).suffix.lower() in (".txt", ".md")


def test_names_that_are_cleaned_to_the_same_stay_apart(adding: Adding) -> None:
    assert len({adding.place_for(name) for name in ("a?.txt", "a*.txt", "a_.txt", "b/a?.txt")}) == 4


def test_an_undo_outlasts_a_busy_index_and_a_removal_of_nothing(adding: Adding, index: Index) -> None:
    adding.start([send(adding, "bridge.txt", TEXT)], [], [])
    finished(adding)
    adding.remove(["uploads/bridge.txt"])
    assert adding.remove(["nothing"]) == []
    held, go = threading.Event(), threading.Event()

    def hold() -> None:
        with index.writing():
            held.set()
            go.wait(60)

    writer = threading.Thread(target=hold)
    writer.start()
    assert held.wait(60)
    with pytest.raises(WriterBusy):
        adding.restore()
    go.set()
    writer.join()
    assert adding.restore() == 1
    assert [each.id for each in index.articles()] == ["uploads/bridge.txt"]


def test_what_is_there_again_is_not_put_back_to_what_it_was(adding: Adding, index: Index) -> None:
    adding.start([send(adding, "bridge.txt", TEXT)], [], [])
    finished(adding)
    adding.remove(["uploads/bridge.txt"])
    adding.start([send(adding, "bridge.txt", f"{TEXT} Ferries will run.")], [], [])
    finished(adding)
    assert adding.restore() == 0
    article = index.article("uploads/bridge.txt")
    assert article is not None and "Ferries" in article.text


def test_a_file_that_was_sent_waits_for_its_turn_whatever_else_ends(adding: Adding, index: Index) -> None:
    adding.start([send(adding, "one.txt", TEXT)], [], [])
    waiting = send(adding, "two.txt", f"{TEXT} Another report.")
    finished(adding)
    adding.remove(["uploads/one.txt"])
    adding.start([waiting], [], [])
    assert finished(adding)["added"] == 1


def test_files_left_behind_by_a_killed_server_go_after_a_day(adding: Adding, index: Index) -> None:
    adding.start([send(adding, "kept.txt", TEXT)], [], [])
    finished(adding)
    for name in ("kept.txt", send(adding, "left.txt", TEXT), send(adding, "young.txt", TEXT)):
        if name != "young.txt":
            os.utime(adding.place_for(name), (1, 1))
    Adding(index)
    assert sorted(path.name for path in (index.folder / "uploads").iterdir()) == ["kept.txt", "young.txt"]
