"""Copies of one article are one story; two reports on one event are two."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from index import ingest
from index.library import Index
from index.stories import Sketch, same_story
from index.types import Article
from tests.index.articles import report_on, write_bulk

REPORT = report_on("the harbour bridge", paragraphs=12)


def alike(one: Article, other: Article) -> bool:
    return same_story(one, Sketch.of(one.text), other, Sketch.of(other.text))


def test_a_sketch_counts_shared_runs_of_five_words() -> None:
    one, other = Sketch.of("one two three four five six"), Sketch.of("Two, three; FOUR five six seven")
    assert (len(one.shingles), len(other.shingles)) == (2, 2)
    assert one.containment(other) == 0.5
    assert one.resemblance(other) == pytest.approx(1 / 3)
    assert Sketch.of("one two three four five six").keys == one.keys
    assert not set(one.keys) & set(Sketch.of("nothing of it is the same here at all").keys)


def test_texts_without_words_have_a_sketch() -> None:
    assert len(Sketch.of("").shingles) == 1
    assert len(Sketch.of("…").keys) == len(REPORT.title and Sketch.of(REPORT.text).keys)


@pytest.mark.parametrize(
    "edited",
    [
        REPORT.text,
        "By the wire service\n\n" + REPORT.text + "\n\nAdditional reporting by Ann Lee in Port Stanley.",
        "\n\n".join(REPORT.text.split("\n\n")[:7]),
        "\n\n".join(REPORT.text.split("\n\n")[::2] + REPORT.text.split("\n\n")[-2:]),
    ],
)
def test_copies_with_credits_or_fewer_paragraphs_are_one_story(edited: str) -> None:
    assert alike(REPORT, replace(REPORT, id="copy", title="Another headline", source="Other Post", text=edited))


def test_two_reports_on_one_event_are_two_stories() -> None:
    shared = REPORT.text.split("\n\n")[3]
    other = report_on("the harbour bridge", paragraphs=11, writer="second")
    assert not alike(REPORT, replace(other, source="Other Post", text=other.text + "\n\n" + shared))


def test_a_years_old_look_alike_is_a_story_of_its_own_unless_it_is_equal() -> None:
    paragraphs = REPORT.text.split("\n\n")
    news = report_on("that other year", paragraphs=3, writer="second").text
    changed = "\n\n".join([*paragraphs[:8], news])
    now = replace(REPORT, published="2023-02-02")
    then = replace(REPORT, id="then", text=changed, source="Other Post", published="2022-02-02")
    assert not alike(now, then)
    assert alike(now, replace(then, published="2023-02-10"))
    assert alike(now, replace(then, text=REPORT.text))


def test_an_outlet_that_repeats_its_background_writes_a_new_story() -> None:
    paragraphs = REPORT.text.split("\n\n")
    news = report_on("a new ferry", paragraphs=5, writer="second").text
    mixed = replace(REPORT, id="new", text=news + "\n\n" + "\n\n".join(paragraphs[:9]))
    assert not alike(REPORT, mixed)
    assert alike(REPORT, replace(mixed, source="Other Post"))


def test_copies_are_counted_listed_and_take_one_slot(index: Index, tmp_path: Path) -> None:
    copy = replace(REPORT, id="copy", title="Wire: bridge", source="Other Post", published="2023-05-03")
    longer = replace(copy, id="longer", text=copy.text + "\n\nOnly this edition names the ferryman Quillon Abernathy.")
    other = report_on("the lighthouse", paragraphs=12)
    report = ingest.add(index, [write_bulk(tmp_path / "a.jsonl", REPORT, copy, longer, other)])
    assert (report.added, report.duplicates, report.unchanged) == (2, 2, 0)
    stories = index.compared.stories([REPORT.id, "copy", "longer", other.id])
    assert stories[REPORT.id] == stories["copy"] == stories["longer"] != stories[other.id]

    found = index.retriever(k=20).search(REPORT.text.split("\n\n")[0])
    assert len({each.article_id for each in found if each.story == stories["copy"]}) == 1
    first = found[0]
    assert {copy.id for copy in first.also_in} == {REPORT.id, "copy", "longer"} - {first.article_id}
    assert {each.source for each in first.also_in} >= {"Other Post"}
    everywhere = index.retriever(k=20, every_copy=True).search(REPORT.text.split("\n\n")[0])
    assert len({each.article_id for each in everywhere}) == 4

    only_there = index.retriever(k=5).search("Who is the ferryman Quillon Abernathy?")
    assert "Quillon Abernathy" in only_there[0].passage.text


def test_a_story_ends_with_its_last_copy(index: Index, tmp_path: Path) -> None:
    copy = replace(REPORT, id="copy", source="Other Post")
    ingest.add(index, [write_bulk(tmp_path / "a.jsonl", REPORT, copy)])
    with index.writing():
        index.remove([REPORT.id])
    (found,) = {each.article_id for each in index.retriever(k=20).search(REPORT.text[:80])}
    assert found == "copy"
    assert all(not each.also_in for each in index.retriever(k=20).search(REPORT.text[:80]))
    again = ingest.add(index, [write_bulk(tmp_path / "b.jsonl", replace(REPORT, id="back"))])
    assert (again.added, again.duplicates) == (0, 1)


def test_an_index_of_an_earlier_version_is_compared_when_it_is_next_written_to(index: Index, tmp_path: Path) -> None:
    ingest.add(index, [write_bulk(tmp_path / "a.jsonl", REPORT)])
    with index.catalogue.writing() as connection:
        connection.execute("UPDATE revisions SET story = NULL")
        connection.execute("DELETE FROM story_keys")
    report = ingest.add(index, [write_bulk(tmp_path / "b.jsonl", replace(REPORT, id="copy", source="Other Post"))])
    assert report.duplicates == 1
