"""Do independent articles say of one thing that it is so and that it is not? Yes against no.

Looked at are sentences of other stories that say the same as the best one but for a negation (`bot/polarity.py`) of
what is asked. Where the earlier one says that it is not so yet, or the later one that it has changed, it has developed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.alike import alike_sentences, answering, says_the_same
from bot.claims import Asked, Claim, independent, newest_sides
from bot.polarity import opposed, roots
from index.passages import sentences_of
from index.search import ScoredPassage

_DOUBT = re.compile(r"\b(?:may|might|could|should|if|whether|unless|would have)\b", re.IGNORECASE)
"""What makes a claim another one: what may be is not denied by what is not."""
_DAYS = re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:yesterday|today|tomorrow)\b", re.IGNORECASE)
_NOT_YET = re.compile(r"\b(?:has|have|had)(?:n[’']t| not| never)\b|\bnot yet\b|\byet to\b|\bstill\b", re.IGNORECASE)
"""What says of a thing only that it has not come by then."""
_CHANGED = re.compile(
    r"\b(?:no longer|not any ?more|initially|originally|previously|at first|after (?:first|initially|earlier|having)|"
    r"(?:first|earlier|had) (?:denied|refused|rejected|declined)|revers(?:ed|ing|al)|backtrack(?:ed|ing)|"
    r"changed (?:its|his|her|their) (?:mind|mind|position|course)|U-turn|finally|eventually|now)\b",
    re.IGNORECASE,
)
"""What says that it was otherwise before."""


def denials(question: str, best: Claim, passages: Sequence[ScoredPassage], asked: Asked) -> list[list[Claim]]:
    """The side of the best sentence and the side that denies it, the newest first; the best one alone where none does.

    What each side gives as the answer are the words that say so: "did not approve".
    """
    about = roots(question if asked.yes_or_no else f"{question} {best.evidence.short_answer}")
    own: list[Claim] = [best]
    against: list[Claim] = []
    for sentence in alike_sentences(best, passages, best.said):
        words = opposed(best.evidence.text, sentence.text, about)
        claim = Claim(sentence)
        if words is None or not independent(claim, [*own, *against]) or not asked.by(claim):
            continue
        first, second = (answering(each, span) for each, span in zip((best.evidence, sentence), words, strict=True))
        if _same_but_for_it(best, claim) and not _tells(claim, best) and not _tells(best, claim):
            own[0] = Claim(first)
            against.append(Claim(second))
    return newest_sides([own, against]) if against else [own]


def _same_but_for_it(best: Claim, other: Claim) -> bool:
    """Whether both speak of the same days, and neither of what may be where the other one speaks of what is."""
    doubts, days = (
        [{word.casefold() for word in pattern.findall(each.evidence.text)} for each in (best, other)]
        for pattern in (_DOUBT, _DAYS)
    )
    return doubts[0] == doubts[1] and (days[0] == days[1] or not days[0] or not days[1])


def _tells(claim: Claim, other: Claim) -> bool:
    """Whether the passage of a claim has what the other one says too: then its article knows of both."""
    passage = claim.evidence.passage.passage
    offset = passage.start_char_idx or 0
    others = (
        passage.text[start - offset : end - offset]
        for start, end in sentences_of(passage)
        if end <= claim.evidence.start or claim.evidence.end <= start
    )
    return any(
        says_the_same(claim.said, each) and opposed(each, claim.evidence.text, roots(other.evidence.text))
        for each in others
    )


def has_changed(sides: Sequence[Sequence[Claim]]) -> bool:
    """Whether what the newest side says came about after what the other one says. `sides` are the newest first."""
    if len(sides) != 2:
        return False
    newer, older = (side[0] for side in sides)
    if not newer.day > older.day > "":
        return False
    now, then = (
        [{each.casefold() for each in pattern.findall(claim.evidence.text)} for pattern in (_CHANGED, _NOT_YET)]
        for claim in (newer, older)
    )
    return bool(now[0] - then[0] or then[1] - now[1])
