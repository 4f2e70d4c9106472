"""Questions that ask for several things: what each part asks, so that each can be searched for and read for itself.

Two questions joined by a comma and "and" are two parts. Two names that are set against one another ("A or B", "both A
and B") give a part each that names one of them. Decomposition by rule, as in BREAK's "and" and comparison operators
(Wolfson et al. 2020).
"""

from __future__ import annotations

import re

from bot.resolve import Resolved, resolve
from bot.words import UPPER, content_words, names

MOST_PARTS = 3
_QUESTION_WORD = (
    r"(?:(?:in|on|at|by|to|for|from|of|with|since|until|during|about|exactly)\s+){0,2}"
    r"(?:(?:what|which|who|whom|whose|when|where|why|how)\b"
    # a verb alone may go on with the same question: "which band is back and will tour?"
    r"|(?:did|does|do|is|are|was|were|has|have|had|will|can)\s+(?:he|she|it|they|this|that|there|the|"
    rf"(?-i:[{UPPER}])))"
)
_JOINT = re.compile(rf"(?:[,;]\s*(?:and|but|or)|\s+and)\s+(?={_QUESTION_WORD})", re.IGNORECASE)
_FIRST_WORDS = re.compile(rf"^\W*{_QUESTION_WORD}", re.IGNORECASE)
_ELLIPSIS = re.compile(r"^(?:what|how\s+(?:many|much))\s+(?=(?:on|in|at|for|by|from|after|before)\b)", re.IGNORECASE)
"""As in "how many on the Sunday, and what on the Monday?"."""
_MEASURE = re.compile(r"^how\s+(?:old|long|often|far)\b", re.IGNORECASE)
_NEXT_SENTENCE = re.compile(r"(?<=\?)\s+(?:(?:and|but|or|so)[\s,]+)?(?=\S)", re.IGNORECASE)
_EITHER = re.compile(
    r"\b(?:older|younger|larger|bigger|smaller|longer|shorter|higher|lower|taller|more|fewer|less|most|first|last|"
    r"earlier|later|better|worse|sooner|either|same)\b",
    re.IGNORECASE,
)
_BOTH = re.compile(r"\b(?:both|compared?|differ|differs|different|out\s+of|same)\b", re.IGNORECASE)
_NO_NAME = r"(?!^(?:Is|Are|Was|Were|Did|Does|Do|Has|Have|Had|Would|Can|Could|Should)\b)"
_NAME = rf"{_NO_NAME}[{UPPER}0-9][\w.’'&-]*(?:\s+(?:(?:of|the|de|and|in|on|at|a|to)\s+)?[{UPPER}0-9][\w.’'&-]*)*"
_TWO_NAMES = re.compile(
    rf"\b(?P<first>{_NAME})(?P<joint>,?\s+(?:or|and|vs\.?|versus|than|with|to)\s+)(?P<second>{_NAME})"
)


def parts(question: Resolved) -> list[Resolved]:
    """The parts of a question in order, each to stand alone; the question itself where it asks for one thing."""
    asked = _joined(question.asked) or _compared(question.asked)
    if not asked:
        return [question]
    context = f" ({', '.join(question.added)})" if question.added else ""
    return [Resolved(f"{each.text}{context}", each.asked, question.added, question.certain) for each in asked]


def _joined(question: str) -> list[Resolved]:
    """The questions that are strung together, those after the first with what they take up from it."""
    pieces = [
        piece.strip(" ,;")
        for sentence in _NEXT_SENTENCE.split(question)
        for piece in _JOINT.split(sentence)
        if piece.strip(" ,;")
    ]
    if not 1 < len(pieces) <= MOST_PARTS or not all(map(_FIRST_WORDS.match, pieces)):
        return []
    if not all(content_words(piece) or _MEASURE.match(piece) for piece in pieces):
        return []  # "when and where was …" is one question
    first = pieces[0].rstrip("?") + "?"
    found = [Resolved(first, first)]
    for piece in pieces[1:]:
        whole = _ELLIPSIS.sub("what about ", f"{piece.rstrip('?')}?")
        whole = f"{whole[:1].upper()}{whole[1:]}"
        found.append(resolve(whole, [(first, "")]))
    return found


def _compared(question: str) -> list[Resolved]:
    """A question about two names that are compared, once for each."""
    found = _TWO_NAMES.search(question)
    if not found or not (_EITHER if "or" in found["joint"].split() else _BOTH).search(question):
        return []
    return _of_each(question, found)


def one_name_each(question: Resolved) -> list[Resolved]:
    """A question about "A and B", once for each; nothing where it speaks of no two names."""
    found = _TWO_NAMES.search(question.asked)
    return [question.asking(each.asked) for each in _of_each(question.asked, found)] if found else []


def _of_each(question: str, found: re.Match[str]) -> list[Resolved]:
    first, second = (found[key].strip() for key in ("first", "second"))
    if not names(f"- {first}") or not names(f"- {second}"):
        return []
    before, after = question[: found.start()], question[found.end() :]
    return [Resolved(text, text) for text in (f"{before}{each}{after}" for each in (first, second))]
