"""Progress of long work on a terminal; nothing at all where stderr is not one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from index.ingest import Progress
    from index.writer import IngestReport


@contextmanager
def ingest_progress(what: str) -> Iterator[Progress]:
    """A bar over the articles read, with passages a second and the time left."""
    with _bar(what) as update:

        def progress(report: IngestReport, done: int, expected: int | None) -> None:
            rate = report.embedded / report.seconds if report.seconds else 0.0
            update(done, expected, f"{done} articles, {report.passages} passages, {rate:.0f} embedded/s")

        yield progress


@contextmanager
def question_progress() -> Iterator[Callable[[int, int], None]]:
    """A bar over the questions of a set; when all were asked it says what the time goes into that follows."""
    with _bar("Asking") as update:

        def progress(done: int, total: int) -> None:
            what = (
                f"{done} of {total} questions" if done < total else f"{total} questions asked, working out the metrics"
            )
            update(done, total, what)

        yield progress


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int, int | None, str], None]]:
    if not sys.stderr.isatty():
        yield lambda done, total, text: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    bar: Bar = RichProgress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[text]}", markup=False),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task(what, total=None, text="")
        yield lambda done, total, text: bar.update(task, completed=done, total=total, text=text)
