"""Settings: few, all named in `.env.example`, read in one place."""

from __future__ import annotations

import re
import subprocess

import pytest
from pydantic import ValidationError

from bot.settings import Settings
from tests.conftest import ROOT


def test_every_setting_is_in_the_example_with_its_default() -> None:
    lines = dict(re.findall(r"^(FOOTNOTE_\w+)=(.*)$", (ROOT / ".env.example").read_text(encoding="utf-8"), re.M))
    assert set(lines) == {f"FOOTNOTE_{name.upper()}" for name in Settings.model_fields}
    assert len(lines) <= 15
    assert Settings(**{name.removeprefix("FOOTNOTE_").lower(): value for name, value in lines.items()}) == Settings()


def test_the_environment_is_read_nowhere_else() -> None:
    found = subprocess.run(
        ["git", "grep", "-nE", r"environ\.get|getenv|environ\[", "--", "index", "bot", "ui", "evals"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    reads = [line for line in found.stdout.splitlines() if not re.search(r"environ\[[^]]+\] *=", line)]
    assert reads == []


def test_environment_and_dotenv_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_PASSAGES", "7")
    assert Settings().passages == 7


@pytest.mark.parametrize(
    ("name", "value"),
    [("PASSAGES", "0"), ("PASSAGES", "many"), ("THRESHOLD", "2"), ("PRECISION", "int3"), ("ADDRESS", "nowhere")],
)
def test_bad_values_are_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"FOOTNOTE_{name}", value)
    with pytest.raises(ValidationError):
        Settings()
