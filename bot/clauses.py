"""The clauses of a sentence, where each can be checked alone against a passage of its own."""

from __future__ import annotations

import re

from bot.polarity import AUXILIARIES, BASES
from bot.words import PERSON, content_words, names, stems

ENOUGH_TO_FIND = 3
"""Content words that a sentence or a clause must have for a passage to be looked for that says it."""
_BETWEEN_CLAUSES = re.compile(r";\s+|,\s+(?:and|but)\s+|,?\s+(?:while|whereas)\s+")
"""Not at "and" without a comma: what comes after it mostly has its subject before it."""
_HAS_NO_SUBJECT = re.compile(
    r"\W*(?:(?:\w+ly|then|later|also|so|thus|now)\s+)*(?:"
    r"(?:this|that)(?!\s+(?:day|week|month|year|time)\b)|these|those|both|neither|either|such|who|which|others?|"
    r"the\s+(?:former|latter|others?)|there(?!\s+(?:is|are|was|were|has|have|will)\b)|"
    r"born|(?!during\b|according\b)(?-i:[a-z][a-z]+(?:ed|ing))|"
    rf"{'|'.join(sorted(AUXILIARIES | BASES.keys()))})\b",
    re.IGNORECASE,
)
"""How a clause begins whose subject is in the one before it."""
_THING = re.compile(r"\b(?:it|its|they|them|their|theirs|itself|themselves)\b", re.IGNORECASE)


def clauses(claim: str) -> list[str]:
    """The clauses of a sentence, each of which says enough to be found alone; empty where it has one, or where a later
    one is about whom or what an earlier one names: a passage about anybody would say that."""
    first, *others = _BETWEEN_CLAUSES.split(claim)
    short = any(len(set(stems(clause))) < ENOUGH_TO_FIND for clause in (first, *others))
    return [] if short or any(map(leans_on_another, others)) or not others else [first, *others]


def leans_on_another(clause: str) -> bool:
    """Whether who or what a clause is about may stand in another one: it begins with a verb or a word that points back,
    or has a pronoun with nothing before it, no name for a person and no noun for a thing, that it could stand for."""
    if _HAS_NO_SUBJECT.match(clause):
        return True
    person, thing = PERSON.search(clause), _THING.search(clause)
    if person:
        named = names(f"that {clause[: person.start()]}")  # the first word of a clause may be a name
        if not any(map(clause.startswith, named)):
            return True
    return thing is not None and not any(word[0].islower() for word in content_words(clause[: thing.start()]))
