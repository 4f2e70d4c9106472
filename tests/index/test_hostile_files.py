"""Sixty hostile files in one folder: each is named or taken in clean, the good ones beside them are indexed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from index.library import Index
from index.settings import IndexSettings
from tests.index.hostile import EITHER, HOSTILE, SKIPPED, write_all
from tests.index.test_ingest import consistent
from ui.cli import main


@pytest.mark.model
@pytest.mark.slow
def test_every_hostile_file_is_handled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "in"
    write_all(folder)
    code = main(["add", str(folder), "--index", str(tmp_path / "index"), "--json"])
    said = capsys.readouterr()
    report = json.loads(said.out)
    assert code == 1
    named: dict[str, str] = {}
    for each in report["skipped"]:
        name = Path(each["origin"].split("#")[0]).name
        named[name] = f"{named.get(name, '')} {each['reason']}"
    assert not set(named) - set(HOSTILE)
    for name, words in SKIPPED.items():
        assert re.search(words, named.get(name, "")), (name, named.get(name))
    assert set(named) <= set(SKIPPED) | EITHER, set(named) - set(SKIPPED) - EITHER
    assert all("\n" not in line or line.startswith("skipped") for line in said.err.splitlines())

    index = Index(IndexSettings(index=tmp_path / "index"))
    consistent(index)
    articles = {Path(each.origin.split("#")[0]).name: index.article(each.id) for each in index.articles()}
    taken = {name for name in HOSTILE if name not in SKIPPED and name not in EITHER and name != "folder.txt"}
    assert taken <= set(articles), taken - set(articles)
    assert {"good.txt", "zz-good.html"} <= set(articles)
    everything = "\n".join(f"{each.title}\n{each.text}" for each in articles.values() if each)
    assert "root:" not in everything and "alert(1)" not in everything and "out of the archive" not in everything
    assert not re.search("[\u200b\u202e\u2066\ufeff\x1b\U000e0041]", everything)
    assert "The ferry crosses the bay.[31m" not in everything and "The ferry crosses the bay." in everything
    assert all(each.published is None for name, each in articles.items() if each and name.startswith(("dates", "no-t")))
    gb18030, utf16 = articles["gb18030.txt"], articles["utf16.txt"]
    assert gb18030 and "渡轮每小时" in gb18030.text and utf16 and "Köln" in utf16.text
    long = articles["long.pdf"]
    assert long and len(long.pages) == 2000
