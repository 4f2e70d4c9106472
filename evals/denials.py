"""Sentences that are asked about with yes or no, and what another outlet makes of them: the same, or the opposite.

Like `evals/mutate.py`, with patterns of its own, so that what the bot can't read is not left out of the measurement.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from evals import mutate
from evals.drafts.cloze import is_clear
from evals.drafts.templates import BASES, cut

MAX_QUESTION_WORDS = 30
_WHO = r"(?P<who>[^,;:()]{3,90}?)"
_NO_SUBJECT = re.compile(
    r"\b(?:who|which|that|said|says?|hopes?|since|when|while|as|if|because|what|how|thinks?|believes?|expects?|indicates?|means?|now|"
    rf"[a-z]+ed|{'|'.join(BASES)})\b"
)
"""What a subject of one verb does not hold."""
_BE = re.compile(
    rf"{_WHO} (?P<verb>is|are|was|were|will|would|can|could) (?P<denied>not )?(?P<rest>(?!been? not\b).{{12,}})\.$"
)
_HAS = re.compile(
    rf"{_WHO} (?P<verb>has|have|had) (?P<denied>not )?"
    rf"(?P<rest>(?:[a-z]+ly )?(?:[a-z]+ed|been|{'|'.join(BASES)}) .{{8,}})\.$"
)
_DID = re.compile(rf"{_WHO} (?P<verb>{'|'.join(BASES)}) (?P<rest>.{{12,}})\.$")
_CONTRACTED = {"will": "won’t", "can": "can’t"}
_OPPOSITES = {
    "approved": "rejected", "passed": "rejected", "adopted": "rejected", "accepted": "turned down", "won": "lost",
    "confirmed": "denied", "supported": "opposed", "backed": "opposed", "allowed": "banned",
}  # fmt: skip
_ALSO = (
    ", but no date was given",
    ", although the details were not published",
    ", while nothing was said of the cost",
    ", which had not been announced before",
)
_FURTHER = re.compile(r"\b(is|are|was|were|will|would|has|have|had) (?!not\b)")


@dataclass(frozen=True)
class Statement:
    """A sentence in the parts that its yes-or-no question is made of. `denied` where it has a "not"."""

    sentence: str
    who: str
    verb: str
    rest: str
    denied: bool

    @property
    def auxiliary(self) -> str:
        """The verb where it is one that takes "not" itself."""
        return "" if self.verb in BASES and self.verb != "had" else self.verb

    @property
    def asked(self) -> str:
        """What follows the verb, up to where something is only added to it."""
        return cut(f"{self.verb} {self.rest}").removeprefix(f"{self.verb} ")

    @property
    def question(self) -> str | None:
        """The sentence turned round: "Will NAME close …?", "Did NAME close …?"; None where it does not say of whom."""
        asked = self.asked
        verb = (self.auxiliary.capitalize(), asked) if self.auxiliary else ("Did", f"{BASES[self.verb]} {asked}")
        text = f"{verb[0]} {self.who} {verb[1].strip()}?"
        return text if is_clear(text) and len(text.split()) <= MAX_QUESTION_WORDS else None

    def put(self, verb: str) -> str:
        """The sentence with other words for its verb."""
        return f"{self.who[0].upper()}{self.who[1:]} {verb} {self.rest}."


def statement(sentence: str, article: str) -> Statement | None:
    """The parts of a sentence, or None where its form is not plain. `article` tells what is written small."""
    match = _BE.match(sentence) or _HAS.match(sentence) or _DID.match(sentence)
    if match is None or not re.search(r"[A-Z]\w", match["who"]) or _NO_SUBJECT.search(match["who"]):
        return None
    who, first = match["who"], match["who"].split()[0]
    if first in ("The", "A", "An") or re.search(rf"(?<![\w’'-]){re.escape(first.lower())}(?![\w’'-])", article):
        who = who[0].lower() + who[1:]
    return Statement(sentence, who, match["verb"], match["rest"], bool(match.groupdict().get("denied")))


def negated(given: Statement, chance: random.Random) -> str | None:
    """It is not so. Of what has come about by a day nothing is made: that it has not by another day is no denial."""
    if given.verb in ("has", "have", "had"):
        return None
    if given.denied:
        return given.put(given.verb)
    if given.auxiliary:
        verb = given.auxiliary
        return given.put(chance.choice((f"{verb} not", _CONTRACTED.get(verb, f"{verb}n’t"))))
    base = BASES[given.verb]
    ways = [f"did not {base}", f"didn’t {base}", f"failed to {base}", f"never {given.verb}"]
    if given.verb in _OPPOSITES:
        ways = [_OPPOSITES[given.verb], *ways[:1]]
    return given.put(chance.choice(ways))


def twice_negated(given: Statement, chance: random.Random) -> str | None:
    """It is not so that it is not so."""
    if given.denied:
        return None
    if not given.auxiliary:
        base = BASES[given.verb]
        return given.put(chance.choice((f"did not fail to {base}", f"did not refuse to {base}")))
    return f"{chance.choice(('Nobody denied that', 'No one has denied that'))} {given.who} {given.verb} {given.rest}."


def another_thing_negated(given: Statement, chance: random.Random) -> str | None:
    """A verb behind what is asked is negated, or something is added that was not so."""
    behind = given.rest[len(given.asked) :] if given.rest.startswith(given.asked) else ""
    if match := _FURTHER.search(behind):
        changed = f"{behind[: match.end()]}not {behind[match.end() :]}"
        return given.sentence.replace(behind, changed)
    return f"{given.sentence[:-1]}{chance.choice(_ALSO)}."


def not_yet(given: Statement, chance: random.Random) -> str | None:
    """It is not so yet, as an earlier report may have it."""
    if given.denied:
        return None
    if given.verb in ("has", "have", "had"):
        return given.put(f"{given.verb} not yet")
    if given.verb.endswith("ed") and not given.auxiliary:
        return given.put(f"had not yet {given.verb}")
    return given.put(f"{given.verb} not yet") if given.verb in ("is", "are", "was", "were") else None


def put_otherwise(given: Statement, chance: random.Random) -> str | None:
    """The same: with "n’t" for "not", shortened, attributed, or as it stands."""
    if given.denied and given.verb != "can":
        return given.sentence.replace(f"{given.verb} not ", f"{_CONTRACTED.get(given.verb, f'{given.verb}n’t')} ", 1)
    made = (mutate.TRUE[name](given.sentence, chance) for name in ("shortened", "attributed", "day first", "figures"))
    return next((each for each in made if each), given.sentence)
