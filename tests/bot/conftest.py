"""What the tests of writing share: an index that none of them changes, and both protocols."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from index.library import Index
from tests.bot.writing import fill


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """An index that all tests ask and none changes."""
    return fill(tmp_path_factory.mktemp("filled"))


@pytest.fixture(params=["ollama", "openai"])
def protocol(request: pytest.FixtureRequest) -> Iterator[str]:
    yield request.param
