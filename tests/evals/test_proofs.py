"""What `evals.proofs` says where it can't compare; the comparisons themselves are in test_against_….py."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.proofs import library, theirs
from index.errors import UsageError


def test_a_missing_library_names_its_command() -> None:
    with pytest.raises(UsageError, match=r"no_such_library is not installed: pip install .* '\.\[proofs\]'"):
        library("no_such_library")


def test_whole_answers_have_no_second_library(questions: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no second library measures whole answers"):
        theirs(tmp_path, questions)
