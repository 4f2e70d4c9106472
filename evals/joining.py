"""Claims made of a text's own sentences: true ones, shortened as a summary shortens, and false ones, joined from two.

Whether words belong together is what `bot/support.py` learns from them. Each function gives None where it finds nothing
to change.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

FARTHEST = 8
"""Sentences between the two that are joined, at most: a model mixes up what it read close together."""
SHORTEST, LONGEST = 6, 32
"""Words of a joined claim."""

_NAME = r"(?:The )?[A-Z][\w’'-]+(?: (?:of |the )?[A-Z][\w’'-]+)*"
_PRONOUN = re.compile(r"^(?:He|She|It|They) (?=[a-z])")
_SUBJECT = re.compile(rf"^({_NAME})(?= (?:is|was|are|were|has|had|have|[a-z]+ed|[a-z]+s) )")
_NO_SUBJECTS = frozenset(
    "In On At By As After Although However For When While Since During There This That These Those Some Many Most It "
    "He She They But And His Her Its Their".split()
)
_WORD = re.compile(r"[\w’'-]+|[,;]")
_JOINTS = frozenset(
    "in to of and was the for that who has is were by on with as at from had have are be which it its his her their a "
    "an not been would will , ;".split()
)
"""What two sentences are joined at: where a model that copies goes on in another sentence."""
_CUTS = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        (r", [^,.;“”\"]{6,90},(?= [a-z])", ""),  # an insertion
        (r" \([^)]{1,60}\)", ""),
        (r"^(?:In|On|After|While|As|Since|During|By|At|For|When|Although|Despite|With)\b[^,]{2,60}, ", ""),
        (r",? (?:which|who|where|while|because|although) [^“”\"]{12,}\.$", "."),
        (r", (?:and|but|with|after|as|including|when) [^“”\"]{12,}\.$", "."),
        (rf",? {_NAME} (?:said|says|added)\.$", "."),
        (r" (?:also|however|really|very|then|later|[a-z]+ly)(?= )", ""),
    )
)
"""What a summary leaves out of a sentence, and what it puts there instead."""


def condensed(sentence: str, chance: random.Random) -> str | None:
    """The sentence without one to three of its lesser parts: an insertion, an opening, a clause at its end."""
    claim = sentence
    for pattern, instead in chance.sample(_CUTS, chance.randint(1, 3)):
        shorter = pattern.sub(instead, claim, count=1)
        if len(shorter.split()) >= SHORTEST:
            claim = shorter
    return None if claim == sentence else _sentence(claim)


def named(sentences: Sequence[str], at: int) -> str | None:
    """A sentence that begins with a pronoun, with the subject of the one before in its place."""
    if at == 0:
        return None
    pronoun, subject = _PRONOUN.match(sentences[at]), _SUBJECT.match(sentences[at - 1])
    if pronoun is None or subject is None or subject[1].split()[0] in _NO_SUBJECTS:
        return None
    return f"{subject[1]} {sentences[at][pronoun.end() :]}"


def merged(sentences: Sequence[str], at: int) -> str | None:
    """A sentence and the next as one: "X did this and did that" where the next goes on with a pronoun."""
    if at + 1 == len(sentences):
        return None
    first, second = sentences[at].rstrip("."), sentences[at + 1]
    if len(first.split()) + len(second.split()) > LONGEST:
        return None
    if pronoun := _PRONOUN.match(second):
        return f"{first} and {second[pronoun.end() :]}"
    opening = second.split()[0]
    return f"{first}, and {second[:1].lower() + second[1:] if opening in _NO_SUBJECTS else second}"


def joined(sentences: Sequence[str], at: int, chance: random.Random) -> str | None:
    """The beginning of one sentence and the end of another near it, which meet in a word that both have.

    None where the second would only say more of the first's subject, so that the whole could be true.
    """
    others = [i for i in range(len(sentences)) if i != at and abs(i - at) <= FARTHEST]
    if not others:
        return None
    first, second = (_WORD.findall(sentences[i].rstrip(".")) for i in (at, chance.choice(others)))
    meetings = [
        (i, j)
        for i in range(2, len(first) - 1)
        for j in range(1, len(second) - 3)
        if first[i].casefold() in _JOINTS and first[i].casefold() == second[j].casefold()
    ]
    if not meetings:
        return None
    i, j = chance.choice(meetings)
    if i <= 4 and (f"{second[0]} " in ("He ", "She ", "It ", "They ") or second[0] == first[0]):
        return None
    kept, added = _content(first[:i]), _content(second[j:])
    if not kept - _content(second) or not added - _content(first) or len(kept | added) < 4:
        return None
    words = [*first[:i], *second[j:]]
    return _sentence(re.sub(r" (?=[,;])", "", " ".join(words))) if SHORTEST <= len(words) <= LONGEST else None


def _content(words: Sequence[str]) -> set[str]:
    return {word.casefold() for word in words if len(word) > 2 and word.casefold() not in _JOINTS}


def _sentence(text: str) -> str:
    text = text.strip().rstrip(" ,;:.")
    return f"{text[:1].upper()}{text[1:]}."
