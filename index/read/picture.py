"""A picture of one page of a PDF, drawn in a process of its own with bounds on memory and time.

`python -m index.read.picture FILE PAGE` writes it as PNG to its standard output.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from index.errors import UnreadableInput
from index.read.process import MAX_SILENCE_S
from index.read.source import MAX_FILE_BYTES
from index.read.worker import limit_memory, limit_processor

WIDTH_PIXELS = 1000
MAX_HEIGHT_PIXELS = 3000
"""A page may be as tall as it likes; its picture may not."""
MAX_PICTURE_BYTES = 8 * 1024**2


def page_picture(path: Path, page: int) -> bytes:
    """The page (from 1) as PNG, 1,000 pixels wide. Raises UnreadableInput where it can't be drawn."""
    command = [sys.executable, "-P", "-m", "index.read.picture", str(path), str(page)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=MAX_SILENCE_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise UnreadableInput(f"drawing it took longer than {MAX_SILENCE_S:.0f} s") from error
    if done.returncode != 0 or not done.stdout.startswith(b"\x89PNG") or len(done.stdout) > MAX_PICTURE_BYTES:
        raise UnreadableInput("this page can't be drawn")
    return done.stdout


def _draw(path: Path, page: int) -> None:
    import pypdfium2 as pdfium

    if path.stat().st_size > MAX_FILE_BYTES:
        raise SystemExit(1)
    document = pdfium.PdfDocument(path)
    drawn = document[page - 1]
    width, height = drawn.get_size()
    scale = min(WIDTH_PIXELS / max(width, 1.0), MAX_HEIGHT_PIXELS / max(height, 1.0))
    picture = drawn.render(scale=scale).to_pil()
    with os.fdopen(os.dup(1), "wb") as out:
        picture.save(out, "PNG")


if __name__ == "__main__":
    limit_memory()
    limit_processor()
    _draw(Path(sys.argv[1]), int(sys.argv[2]))
