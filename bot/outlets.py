"""Which outlets' word a question asks for: "according to CNN", "what did The Sun and The Star report on it?"

A question about an outlet ("who bought CNN?") asks for nobody's word.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.words import UPPER

_NAME = rf"(?:the\s+)?[{UPPER}0-9][\w.&’'-]*(?:\s+(?:of\s+|the\s+)?[{UPPER}0-9][\w.&’'-]*)*"
# "The" is a word of the name like others: read both ways, a list of many such names would take for ever
_NAMES = rf"(?P<names>{_NAME}(?:(?:\s*,\s*|\s+(?:and|or|versus|vs\.?)\s+|\s*,\s*and\s+){_NAME})*)"
_WORD = r"(?:reports?|articles?|coverage|stor(?:y|ies)|account|version)"
_ACCORDING = re.compile(
    rf",?\s*\b(?:[Aa]ccording\s+to|[Aa]s\s+reported\s+(?:by|in)|[Rr]eported\s+by|[Ii]n\s+(?:the\s+)?{_WORD}\s+(?:of|by|in|from))"
    rf"\s+{_NAMES}\s*,?"
)
_SAYS = re.compile(
    rf"\b(?:did|do|does|has|have|had)\s+(?:both\s+)?{_NAMES}\s+(?:say|report|write|claim|give|put|tell|said|reported|"
    r"written|claimed|given)\b"
)
_ARTICLE = re.compile(r"^the\s+", re.IGNORECASE)
_JOINT = re.compile(r"\s*,\s*and\s+|\s*,\s*|\s+(?:and|or|versus|vs\.?)\s+")


@dataclass(frozen=True)
class Outlets:
    """The outlets, as the articles name them, whose word is asked for; `asked` is the question without "according to
    CNN"."""

    asked: str
    names: tuple[str, ...] = ()


def _known(name: str, known: Callable[[str], str | None]) -> str | None:
    """The outlet of that name; "the BBC" may be kept as BBC, and the New York Times with its article."""
    bare = _ARTICLE.sub("", name)
    return known(name) or (known(bare) if bare != name else known(f"The {name}"))


def outlets(question: str, known: Callable[[str], str | None]) -> Outlets:
    """What a question says of outlets. `known` gives an outlet's name as articles have it, or None for no outlet."""
    for pattern in (_ACCORDING, _SAYS):
        for found in pattern.finditer(question):
            named = [_known(name, known) for name in _JOINT.split(found["names"])]
            names = tuple(dict.fromkeys(name for name in named if name))
            if not names or not all(named):
                continue
            if pattern is _SAYS:
                return Outlets(question, names)
            rest = " ".join(f"{question[: found.start()]} {question[found.end() :]}".split())
            rest = re.sub(r"\s+(?=[?.!,])", "", rest)
            return Outlets(f"{rest[:1].upper()}{rest[1:]}", names)
    return Outlets(question)
