"""Fixtures that several packages' tests share. No test may use an index or a setting of the person who runs it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from bot.settings import Settings
from index.embed import Embedder
from index.library import Index
from tests.fake_embedder import FakeEmbedder

hypothesis_settings.register_profile("footnote", deadline=None)  # the machines that run this are shared
hypothesis_settings.load_profile("footnote")

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first: of several processes none is left alone with one at the end."""
    long = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("FOOTNOTE_") and name != "FOOTNOTE_REQUIRE_BROWSER":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(index=tmp_path / "index")


@pytest.fixture
def index(settings: Settings) -> Index:
    """An empty index whose embedder is the fake one."""
    return Index(settings, create=True, embedder=FakeEmbedder())


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The real embedding model."""
    return Embedder.load(Settings(_env_file=None))


@pytest.fixture(scope="session")
def seeds_index(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Index]:
    """The seeds, indexed with the real model."""
    from index import ingest

    index = Index(Settings(index=tmp_path_factory.mktemp("seeds") / "index"), create=True, embedder=embedder)
    report = ingest.add(index, [SEEDS])
    assert not report.skipped
    yield index
