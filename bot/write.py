"""Answering with a language model over the passages; what it writes is cited and nothing of it is taken on trust."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.check import Check, check
from bot.cite import BEGUN_MARKS, Citations, closest_sentence, marks_before_stops, split_marks
from bot.clauses import ENOUGH_TO_FIND, clauses
from bot.instructions import instructions, without_instructions
from bot.prompts import QUESTION, REFUSAL, SYSTEM, TRIAL, numbered
from bot.settings import Settings
from bot.types import AnswerSentence
from bot.words import stems, words
from index.errors import FootnoteError, UsageError
from index.passages import Span, sentence_spans
from index.search import ScoredPassage

if TYPE_CHECKING:
    from llama_index.core.llms import LLM, ChatMessage

logger = logging.getLogger(__name__)

WRITER_PASSAGES = 8
CONTEXT_TOKENS = 8192
"""Of a local model: eight passages of 200 word pieces, the rules and an answer take less than half."""
MAX_CHARACTERS = 4000
"""Of a model's answer: what comes after is cut off, so that a model that never ends does not either."""
MAX_THOUGHT_CHARACTERS = 40_000
"""Of what a model thinks aloud before its answer, which is shown to nobody."""
_THINKS, _THOUGHT = "<think>", "</think>"
_END = re.compile(r"(?:[.!?][”\"’')]*|^)(?:\s*[\[【][^\]】]*[\]】])*$")
"""Of a whole sentence, or of the marks that follow one."""
MAX_WRITING_S = 900.0
"""Of thoughts and answer together: some servers send thoughts apart, so that their length is not seen here."""
LOOKED_UP_EVERY_S = 0.5
"""While no word comes: only where something is yielded can a caller end it."""
SHOWN_EVERY_S = 0.05
"""A page can't show more than this, and reading the text anew at every token would cost more than the model."""


class WriterFailed(FootnoteError):
    """The language model can't be reached, was too slow or broke off."""


class NothingSupported(WriterFailed):
    """The language model answered, and nothing of it may be shown."""


@dataclass(frozen=True)
class Written:
    """What a language model has written so far: its whole sentences, and the tail that is still growing; whether it
    says that the articles hold no answer, or none to a part of the question (such sentences are left out)."""

    sentences: tuple[AnswerSentence, ...]
    draft: str = ""
    refused: bool = False
    partly: bool = False


def language_model(settings: Settings) -> LLM | None:
    """The language model that FOOTNOTE_LLM names, or None when it names none. Nothing is contacted yet.

    Raises UsageError for a name that can't be understood.
    """
    name = settings.llm.strip()
    if not name:
        return None
    if name.startswith("ollama/"):
        from llama_index.llms.ollama import Ollama

        model, _, address = name.removeprefix("ollama/").partition("@")
        ollama: LLM = Ollama(
            model=model,
            base_url=address or "http://127.0.0.1:11434",
            request_timeout=settings.llm_timeout_s,
            context_window=CONTEXT_TOKENS,  # left out, the server is asked for it outside of any error handling
            temperature=0.0,
        )
        return ollama
    if name.startswith(("http://", "https://")):
        from llama_index.llms.openai_like import OpenAILike

        address, _, model = name.partition("#")
        server: LLM = OpenAILike(
            model=model or "default",
            api_base=address,
            api_key=settings.llm_key.get_secret_value() or "none",
            is_chat_model=True,
            timeout=settings.llm_timeout_s,
            max_retries=0,
            temperature=0.0,
        )
        return server
    raise UsageError(
        f"FOOTNOTE_LLM={name} is not understood: give ollama/NAME, or http://ADDRESS/v1#NAME for another server"
    )


def try_out(llm: LLM) -> str:
    """What the language model says to a first word, cut short. Raises WriterFailed when it can't be reached."""
    from llama_index.core.llms import ChatMessage

    return " ".join(said_by(llm, [ChatMessage(role="user", content=TRIAL)]).split())[:80]


def said_by(llm: LLM, messages: Sequence[ChatMessage]) -> str:
    """What the language model says, in one piece. Raises WriterFailed when it fails or says nothing."""
    name = llm.metadata.model_name
    try:
        said = str(llm.chat(messages).message.content or "")
    except Exception as error:  # every client library has its own errors; all of them mean the same here
        logger.info("the language model failed", exc_info=True)
        raise WriterFailed(f"The language model {name} failed ({_reason(error)}).") from error
    if not said.strip():
        raise WriterFailed(f"The language model {name} gave no answer.")
    return said


def write(
    llm: LLM, question: str, passages: Sequence[ScoredPassage], citations: Citations, *, strict: bool = False
) -> Iterator[Written]:
    """The model's answer as it grows, each sentence checked against what it cites; the last one is whole.

    With `strict`, sentences that the passages do not support are left out, and none is shown before it is whole. Raises
    WriterFailed when the model fails, breaks off, or has nothing left to say then.
    """
    from llama_index.core.llms import ChatMessage

    marker = f"=== {secrets.token_hex(8)} ==="
    shown = [(_header(found), without_instructions(found.passage.text)) for found in passages]
    messages = [
        ChatMessage(role="system", content=SYSTEM.format(marker=marker, refusal=REFUSAL)),
        ChatMessage(role="user", content=QUESTION.format(marker=marker, passages=numbered(shown), question=question)),
    ]
    growing = _Growing(passages, citations, strict)
    text, finished, cut, shown_at = "", False, False, 0.0
    latest = time.monotonic() + MAX_WRITING_S
    try:
        for chunk in llm.stream_chat(messages):
            text += chunk.delta or ""
            finished = finished or _says_finished(chunk.raw)
            cut = cut or _says_cut(chunk.raw)
            if len(text) > MAX_THOUGHT_CHARACTERS or len(_said(text)) > MAX_CHARACTERS:
                text, finished, cut = _said(text)[:MAX_CHARACTERS], True, True
                break
            now = time.monotonic()
            shown_at = shown_at or now  # the wait for the first chunk is none of it
            if now > latest and not finished:
                break
            if now - shown_at >= (SHOWN_EVERY_S if chunk.delta else LOOKED_UP_EVERY_S):
                yield growing.read(text, whole=False)
                shown_at = time.monotonic()
    except Exception as error:  # every client library has its own errors; all of them mean the same here
        logger.info("the language model failed", exc_info=True)
        raise WriterFailed(f"The language model {llm.metadata.model_name} failed ({_reason(error)}).") from error
    if not text.strip() or not finished:
        what = "broke off in mid-answer" if text.strip() else "gave no answer"
        what = "did not come to an end" if time.monotonic() > latest else what
        raise WriterFailed(f"The language model {llm.metadata.model_name} {what}.")
    written = growing.read(_whole_sentences(text) if cut else text, whole=True)
    if not written.sentences and not written.refused:
        raise NothingSupported(f"The language model {llm.metadata.model_name} wrote nothing that the articles support.")
    yield written


def _said(text: str) -> str:
    """What a model has said after its thoughts, if it begins with any; nothing while it thinks. Where its prompt opened
    them for it, only their end is there to be seen."""
    if _THOUGHT in text:
        return text.rpartition(_THOUGHT)[2]
    thinks = text.lstrip().startswith(_THINKS) or _THINKS.startswith(text.strip())
    return "" if thinks else text


def _refuses(text: str, passages: Sequence[ScoredPassage]) -> bool:
    """Whether a whole answer says that there is none: the agreed phrase alone, or in sentences that cite nothing."""
    bare, named = split_marks(text, passages)
    alone = words(bare.casefold()) == words(REFUSAL.casefold())
    return alone or (not named and all(_has_phrase(text[start:end]) for start, end in sentence_spans(text)))


def _has_phrase(text: str) -> bool:
    return REFUSAL.casefold() in text.casefold()


def _header(found: ScoredPassage) -> str:
    """`title · source · date`, without a title or outlet that is an instruction to a machine."""
    parts = (str(found.node.metadata.get(key) or "") for key in ("title", "source", "date"))
    return " · ".join(part for part in parts if part and not instructions(part))


def _says_finished(raw: object) -> bool:
    """Whether a chunk carries the protocol's sign that the answer is whole (Ollama's `done`, OpenAI's reason)."""
    if isinstance(raw, dict):
        return bool(raw.get("done"))
    choices = getattr(raw, "choices", None) or []
    return any(getattr(choice, "finish_reason", None) for choice in choices)


def _says_cut(raw: object) -> bool:
    """Whether a chunk says that the answer ends where it does because it was too long."""
    if isinstance(raw, dict):
        return raw.get("done_reason") == "length"
    choices = getattr(raw, "choices", None) or []
    return any(getattr(choice, "finish_reason", None) == "length" for choice in choices)


def _whole_sentences(text: str) -> str:
    """A text without its last sentence where that does not end."""
    spans = sentence_spans(text)
    ends = not spans or _END.search(text[slice(*spans[-1])])
    return text if ends else text[: spans[-1][0]]


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:120]}" if text else type(error).__name__


@dataclass(frozen=True)
class _Claim:
    """A sentence without its marks, the places to cite for it, and whether they support it."""

    text: str
    places: Sequence[tuple[ScoredPassage, Span]]
    found: Check


class _Growing:
    """Reads a model's text again and again while it grows; a sentence that was read is not read again."""

    def __init__(self, passages: Sequence[ScoredPassage], citations: Citations, strict: bool) -> None:
        self._passages = passages
        self._citations = citations
        self._strict = strict
        self._read: dict[str, _Claim] = {}

    def read(self, text: str, *, whole: bool) -> Written:
        text = marks_before_stops(_said(text))
        if whole and text.strip() and _refuses(text, self._passages):
            return Written((), refused=True)
        spans = sentence_spans(text)
        growing = len(spans) - (0 if whole else 1)
        if not whole and growing > 0 and BEGUN_MARKS.fullmatch(text, spans[growing][0]):
            growing -= 1  # the sentence before is not whole either
        draft = "" if whole or self._strict or not spans else text[spans[growing][0] :]  # a draft is not checked yet
        draft = "" if _has_phrase(draft) else draft
        said = [text[start:end] for start, end in spans[: max(growing, 0)]]
        found = [each for each in said if not _has_phrase(each)]
        self._citations.restart()  # what was read before may have grown into another sentence
        sentences = tuple(each for text in found if (each := self._sentence(text)))
        partly = len(found) < len(said)
        if whole and partly and not any(each.support == "supported" for each in sentences):
            return Written((), refused=True)  # what is left explains that there is no answer, or makes one up
        return Written(sentences, draft, partly=partly)

    def _sentence(self, text: str) -> AnswerSentence | None:
        """A sentence with its citations: of each passage that it names, the sentence closest to what it says; None
        where it is not to be shown, be it for want of support."""
        if text not in self._read:
            bare, named = split_marks(text, self._passages)
            chosen, found = self._behind(bare, [self._passages[n - 1] for n in named])
            self._read[text] = _Claim(bare, [(each, closest_sentence(bare, each)) for each in chosen], found)
        claim = self._read[text]
        if not claim.text or (self._strict and not claim.found.supported):
            return None
        numbers = [self._citations.cite(passage, *span) for passage, span in claim.places]
        cited = tuple(dict.fromkeys(number for number in numbers if number is not None))
        if claim.found.supported and cited:
            return AnswerSentence(claim.text, "supported", cited)
        if self._strict:
            return None
        return AnswerSentence(claim.text, "unsupported", cited, lacking=claim.found.lacking if cited else ())

    def _behind(self, claim: str, named: Sequence[ScoredPassage]) -> tuple[Sequence[ScoredPassage], Check]:
        """The passages to cite, and whether they support the claim.

        Those of the named ones that support it alone; else all of them, if they do together, be it each a clause of its
        own; else another passage that does; else the named ones after all, with what they lack.
        """
        alone = [passage for passage in named if _check(claim, [passage]).supported]
        if alone:
            return alone, Check()
        together = _check(claim, named)
        if named and (together.supported or (len(named) > 1 and _clause_by_clause(claim, named))):
            return named, Check()
        if len(set(stems(claim))) >= ENOUGH_TO_FIND:
            other = next((each for each in self._passages if _check(claim, [each]).supported), None)
            if other is not None:
                return [other], Check()
        return named, together


def _clause_by_clause(claim: str, passages: Sequence[ScoredPassage]) -> bool:
    """Whether the claim has several clauses and one of the passages each supports one alone: "A did this [1] and B did
    that [2]", whose words no passage has together."""
    found = clauses(claim)
    return bool(found) and all(any(_check(each, [passage]).supported for passage in passages) for each in found)


def _check(claim: str, passages: Sequence[ScoredPassage]) -> Check:
    text = "\n\n".join(without_instructions(passage.passage.text) for passage in passages)
    return check(claim, text, "\n".join(map(_header, passages)))
