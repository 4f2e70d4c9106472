"""The arrows between the packages, and that naming a package loads nothing heavy."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

MAY_IMPORT = {"index": set(), "bot": {"index"}, "ui": {"bot", "index"}, "evals": {"bot", "index"}}
HEAVY = ("torch", "transformers", "sentence_transformers", "llama_index", "lancedb", "gradio", "nltk", "pandas")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_packages_import_only_what_the_design_allows(package: str) -> None:
    ours = set(MAY_IMPORT)
    for path in (ROOT / package).rglob("*.py"):
        allowed = MAY_IMPORT[package] | {package}
        if path in (ROOT / "ui" / "cli_eval.py", ROOT / "ui" / "cli_page.py"):
            allowed = allowed | {"evals"}
        if path == ROOT / "evals" / "attacks.py":  # it looks at what the page would show
            allowed = allowed | {"ui"}
        wrong = {name for name in imports(path) if name.split(".")[0] in ours} - {
            name for name in imports(path) if name.split(".")[0] in allowed
        }
        assert not wrong, f"{path.relative_to(ROOT)} imports {sorted(wrong)}"


def test_llama_index_settings_are_never_touched() -> None:
    for package in MAY_IMPORT:
        for path in (ROOT / package).rglob("*.py"):
            assert "llama_index.core.settings" not in set(imports(path))
            assert "from llama_index.core import Settings" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "modules", ["index, bot, ui, evals, bot.reader", "ui.cli, index.library, index.catalogue, bot.settings"]
)
def test_naming_our_packages_loads_nothing_heavy(modules: str) -> None:
    code = f"import {modules}, sys; print(*[m for m in {HEAVY!r} if m in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []
