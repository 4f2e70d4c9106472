"""The log of thumbs up and down, a JSON object a line: what `footnote eval make --feedback` reads."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from pathlib import Path

from index.errors import UsageError
from ui.history import Conversation

MAX_REASON_CHARACTERS = 1_000
_LOCK = threading.Lock()


def log_verdict(path: Path, conversation: Conversation, number: int, verdict: str, reason: str = "") -> None:
    """Appends what a person thinks of the answer of turn `number`. Raises UsageError where there is none such."""
    turn = conversation.turn(number)
    if turn is None or turn.answer is None or verdict not in ("up", "down"):
        raise UsageError("This answer is not part of the conversation any more.")
    earlier = Conversation(conversation.turns[: number - 1]).history()
    record = {
        "question": turn.question,
        "history": [each[:2] for each in earlier],
        "verdict": verdict,
        "reason": reason[:MAX_REASON_CHARACTERS],
        "limited": turn.limited,
        "answer": {key: value for key, value in turn.answer.items() if key != "draft"},
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    with _LOCK, path.open("a", encoding="utf-8", errors="replace") as file:
        file.write(json.dumps(record) + "\n")
