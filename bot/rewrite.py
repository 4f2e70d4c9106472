"""A language model rewrites a follow-up into a question that stands alone, and is not taken at its word.

Its rewrite is used only where it names nobody and nothing, and no number, that the conversation does not, and still
asks what was asked; else what `bot.resolve` made of the question stands.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from bot.prompts import REWRITE, REWRITE_RULES
from bot.resolve import History, Resolved
from bot.types import MAX_QUESTION_CHARACTERS
from bot.words import names, stems

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

logger = logging.getLogger(__name__)

TURNS = 4
"""Earlier turns that the model is shown."""
CHARACTERS_OF_AN_ANSWER = 600
MAX_CHARACTERS = 300
KEPT = 0.5
"""Share of the question's stems that a rewrite must keep, pronouns and the like left out."""
_MARKS = re.compile(r"\s*\[\d+\]")


def rewritten(llm: LLM, resolved: Resolved, question: str, history: History) -> Resolved:
    """The question as the model puts it, or as it was resolved where that can't be used or the model fails."""
    from llama_index.core.llms import ChatMessage

    said = [
        (_plain(asked)[:MAX_QUESTION_CHARACTERS], _plain(answer)[:CHARACTERS_OF_AN_ANSWER])
        for asked, answer, *_ in history[-TURNS:]
    ]
    lines = "\n".join(f"Question: {asked}\nAnswer: {answer}" for asked, answer in said)
    messages = [
        ChatMessage(role="system", content=REWRITE_RULES),
        ChatMessage(role="user", content=REWRITE.format(history=lines, question=question)),
    ]
    try:
        written = str(llm.chat(messages).message.content or "")
    except Exception:  # every client library has its own errors; the answer will say that the model failed
        logger.info("the language model failed at a rewrite", exc_info=True)
        return resolved
    text = " ".join(written.split()).strip("\"'“”")
    return Resolved(text, text) if _is_faithful(text, question, said) else resolved


def _is_faithful(text: str, question: str, said: History) -> bool:
    """Whether a rewrite is one question that says nothing new and drops little of what was asked."""
    if not 0 < len(text) <= MAX_CHARACTERS or "?" in text[:-1]:
        return False
    known = {stem for part in (question, *(each for turn in said for each in turn)) for stem in stems(part)}
    told = [*names(f"- {text}"), *re.findall(r"\d[\d.,]*", text)]
    if any(not set(stems(each)) <= known for each in told):
        return False
    asked = set(stems(question))
    return len(asked & set(stems(text))) >= KEPT * len(asked)


def _plain(text: str) -> str:
    return " ".join(_MARKS.sub("", text).split())
