"""What the verbs of the command line share: exit codes, settings, and how text and JSON are printed."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from index.errors import UsageError

if TYPE_CHECKING:
    from bot.settings import Settings
    from index.writer import IngestReport

DONE, INCOMPLETE, WRONG_USAGE, NO_INDEX = 0, 1, 2, 3
"""Exit codes: done; some inputs were skipped or a check failed; wrong usage; the index can't be opened."""

SETTINGS = ("index", "llm", "address", "passages")
"""Options that stand in for a setting of the same name."""


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings, with what the command line says in front. Raises UsageError for bad ones."""
    from pydantic import ValidationError

    from bot.settings import Settings

    given = {name: getattr(options, name, None) for name in SETTINGS}
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = "FOOTNOTE_" + "_".join(map(str, first["loc"])).upper()
        raise UsageError(f"{name}={first['input']} can't be right: {first['msg']}") from error


def print_json(value: object) -> None:
    """Prints a value as JSON."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


def plain(text: str) -> str:
    """Text on one line without control characters, so that an article can't steer the terminal."""
    return "".join(character if character.isprintable() else " " for character in text)


def plain_lines(text: str) -> str:
    """Text of several lines, each of them plain."""
    return "\n".join(map(plain, text.split("\n")))


def reported(report: IngestReport, *, as_json: bool) -> int:
    """Prints what came of taking articles in; gives the exit code."""
    if as_json:
        print_json(report.to_json())
    else:
        counts = report.to_json()
        words = ("added", "updated", "unchanged", "removed", "duplicates")
        print(", ".join(f"{counts[word]} {word}" for word in words) + f", {len(report.skipped)} skipped", end="")
        print(f"; {report.passages} passages in {report.seconds:.1f} s")
    for each in report.skipped:
        print(f"skipped {plain(each.origin)}: {plain(each.reason)}", file=sys.stderr)
    return INCOMPLETE if report.skipped else DONE
