"""A trained reader's folder: the names in it, and the check that its files are the ones that belong together."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from index.errors import ModelUnavailable

SHIPPED = Path(__file__).parent / "weights"
WEIGHTS = "reader.safetensors"
"""Half-precision weights: what training goes on from, and what the other file is made of."""
SERVED = "reader.int8.onnx"
"""The same network with mostly 8-bit weights, as the bot runs it."""
DESCRIPTION = "reader.json"
TOKENIZER = "tokenizer.json"
FORMAT = 2


def checked(folder: Path, name: str) -> Path:
    """The path of one of the folder's files, known to be whole. Raises ModelUnavailable."""
    described = description(folder)["sha256"].get(name)
    path = folder / name
    if described is None or not path.is_file():
        raise ModelUnavailable(f"no {name} in the reader's folder {folder}: restore it from the project, or train it")
    found = digest(path)
    if found != described:
        raise ModelUnavailable(
            f"{path} has SHA-256 {found[:12]}…, {DESCRIPTION} says {described[:12]}…: "
            "the file is damaged or half replaced; restore the whole folder"
        )
    return path


def description(folder: Path) -> dict[str, Any]:
    """The JSON description of a reader's folder. Raises ModelUnavailable for another format."""
    path = folder / DESCRIPTION
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelUnavailable(f"no {DESCRIPTION} in the reader's folder {folder}: restore it, or train it") from error
    except ValueError as error:
        raise ModelUnavailable(f"{path} is damaged ({error}): restore the whole folder") from error
    if found.get("format") != FORMAT:
        raise ModelUnavailable(
            f"{path} has format {found.get('format')}, this version reads {FORMAT}: "
            "install the version that belongs to these weights"
        )
    return found


def describe(folder: Path, encoder: dict[str, Any], notes: dict[str, Any]) -> None:
    """Writes the description over the files that are in the folder now."""
    present = [name for name in (WEIGHTS, SERVED, TOKENIZER) if (folder / name).is_file()]
    written = {
        "format": FORMAT,
        "encoder": encoder,
        "sha256": {name: digest(folder / name) for name in present},
        "notes": notes,
    }
    (folder / DESCRIPTION).write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")


def digest(path: Path) -> str:
    """The file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
