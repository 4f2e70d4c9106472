"""Lines that an outlet prints under everything leave the stored texts, and nothing else does."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from index import ingest, writer
from index.library import Index
from index.recurring import line_keys, without_lines
from index.types import Article
from tests.index.articles import report_on, write_bulk
from tests.index.test_ingest import consistent

SIGN_UP = "Our podcasts on all that floats come out on Fridays."
RULE = "The ferry crosses the bay every hour from six in the morning until midnight."


def with_footer(number: int, *, source: str = "Post") -> Article:
    article = report_on(f"subject {number}", paragraphs=2, source=source)
    return replace(article, text=f"{article.text}\n\n{RULE}\n\n{SIGN_UP}")


def texts(index: Index) -> list[str]:
    return [article.text for each in index.articles() if (article := index.article(each.id))]


def test_a_line_of_many_articles_goes_and_one_keeps_what_may_matter(index: Index, tmp_path: Path) -> None:
    report = ingest.add(index, [write_bulk(tmp_path / "a.jsonl", *map(with_footer, range(7)))])
    assert (report.added, report.updated) == (7, 0)
    assert not any(SIGN_UP in text for text in texts(index))
    assert sum(RULE in text for text in texts(index)) == 1
    assert all("subject" in text for text in texts(index))
    consistent(index)
    assert index.store.text("podcasts", 5) == []

    later = ingest.add(index, [write_bulk(tmp_path / "b.jsonl", with_footer(8))])
    assert later.added == 1
    assert sum(RULE in text for text in texts(index)) == 1
    consistent(index)


def test_what_was_read_counts_as_unchanged_although_less_is_stored(index: Index, tmp_path: Path) -> None:
    bulk = write_bulk(tmp_path / "a.jsonl", *map(with_footer, range(7)))
    ingest.add(index, [bulk])
    again = ingest.add(index, [bulk])
    assert (again.unchanged, again.updated, again.embedded) == (7, 0, 0)
    rebuilt = ingest.rebuild(index)
    assert rebuilt.updated == 7
    assert ingest.add(index, [bulk]).unchanged == 7


def test_lines_that_a_killed_writer_was_taking_out_go_with_the_next(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bulk = write_bulk(tmp_path / "a.jsonl", *map(with_footer, range(7)))
    monkeypatch.setattr(writer, "BATCH_ARTICLES", 3)
    commit, commits = index.commit, itertools.count(1)

    def killed_at_the_fifth(*args: Any, **kwargs: Any) -> None:  # three batches were added by then, and one stripped
        if next(commits) == 5:
            raise KeyboardInterrupt
        commit(*args, **kwargs)

    monkeypatch.setattr(index, "commit", killed_at_the_fifth)
    with pytest.raises(KeyboardInterrupt):
        ingest.add(index, [bulk])
    assert 0 < sum(SIGN_UP in text for text in texts(index)) < 7

    assert ingest.add(index, [bulk]).unchanged == 7
    assert not any(SIGN_UP in text for text in texts(index))
    assert sum(RULE in text for text in texts(index)) == 1
    consistent(index)


def test_begun_lines_whose_articles_are_gone_are_done_with(index: Index, tmp_path: Path) -> None:
    index.compared.begin_lines({1: None})
    with index.catalogue.writing() as connection:  # what removing the article that keeps a line does
        connection.execute("DELETE FROM recurring_lines")
    ingest.add(index, [write_bulk(tmp_path / "a.jsonl", with_footer(1))])
    assert index.compared.begun_lines() == []


def test_few_articles_other_outlets_and_unknown_outlets_keep_their_lines(index: Index, tmp_path: Path) -> None:
    few = [with_footer(number) for number in range(4)]
    elsewhere = [with_footer(number, source="Echo") for number in range(4, 8)]
    unknown = [with_footer(number, source="") for number in range(8, 16)]
    ingest.add(index, [write_bulk(tmp_path / "a.jsonl", *few, *elsewhere, *unknown)])
    assert all(SIGN_UP in text for text in texts(index))


def test_copies_of_one_article_do_not_make_its_lines_recur(index: Index, tmp_path: Path) -> None:
    copies = [replace(with_footer(1), id=f"copy {number}") for number in range(9)]
    ingest.add(index, [write_bulk(tmp_path / "a.jsonl", *copies)])
    assert all(SIGN_UP in text for text in texts(index))


def test_a_line_comes_back_when_the_article_that_kept_it_goes(index: Index, tmp_path: Path) -> None:
    bulk = write_bulk(tmp_path / "a.jsonl", *map(with_footer, range(7)))
    ingest.add(index, [bulk])
    (keeper,) = (each.id for each in index.articles() if RULE in getattr(index.article(each.id), "text", ""))
    with index.writing():
        index.remove([keeper])
    assert sum(RULE in text for text in texts(index)) == 0
    ingest.add(index, [write_bulk(tmp_path / "b.jsonl", with_footer(8))])
    assert sum(RULE in text for text in texts(index)) == 1, "what is said must stand somewhere"
    consistent(index)


def test_copies_that_turn_out_to_be_no_articles_are_not_counted_twice(index: Index, tmp_path: Path) -> None:
    forms = [Article(f"form {n}", f"A lost story {n}", f"{SIGN_UP}\n\n{RULE}", "Post") for n in range(5)]
    report = ingest.add(index, [write_bulk(tmp_path / "a.jsonl", *forms)])
    assert report.added >= 0 and report.duplicates >= 0
    assert report.added + report.duplicates + len(report.skipped) == 5
    assert len(index.articles()) == report.added + report.duplicates


def test_a_page_of_nothing_else_is_no_article(index: Index, tmp_path: Path) -> None:
    form = Article("form", "A lost story", f"{SIGN_UP}\n\n{RULE}", "Post")
    report = ingest.add(index, [write_bulk(tmp_path / "a.jsonl", form, *map(with_footer, range(7)))])
    assert (report.added, len(report.skipped)) == (7, 1)
    assert "many pages of Post" in report.skipped[0].reason
    assert index.article("form") is None
    again = ingest.add(index, [tmp_path / "a.jsonl"])
    assert (again.unchanged, again.added, len(again.skipped)) == (7, 0, 1)
    consistent(index)


def test_an_article_of_very_many_lines_is_taken(index: Index, tmp_path: Path) -> None:
    text = "\n".join(f"Line {number} of this very long list." for number in range(40_000))
    report = ingest.add(index, [write_bulk(tmp_path / "a.jsonl", Article("long", "A list", text, "Post"))])
    assert report.added == 1


def test_short_lines_are_headings_and_stay() -> None:
    article = Article("a", "T", "Pennsylvania\n\nThe state counted its votes again on Monday.", "Post")
    assert list(line_keys(article).values()) == ["The state counted its votes again on Monday."]


def test_pages_begin_where_they_did() -> None:
    text = "First page here it is.\n\nA line that goes away now.\n\nSecond page begins with this."
    article = Article("a", "T", text, "Post", pages=(0, text.index("Second")))
    keys = {key for key, line in line_keys(article).items() if "goes away" in line}
    stripped = without_lines(article, keys)
    assert stripped.text == "First page here it is.\n\nSecond page begins with this."
    assert [stripped.text[page:][:6] for page in stripped.pages] == ["First ", "Second"]
    assert stripped.page_at(stripped.text.index("begins")) == 2
