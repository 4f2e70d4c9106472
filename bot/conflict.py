"""Do independent articles answer a question differently? What they say then stands side by side, the newest first.

Compared are the short answers that the reader found (`bot/claims.py`), and whether a thing is so (`bot/denial.py`);
what is asked must stand in both sentences. A number that grows from day to day (of victims, of votes), or that a later
article corrects by name, has developed and is said to have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from bot.alike import other_answers
from bot.cite import Citations
from bot.claims import (
    ALMOST_THE_SAME,
    Asked,
    Claim,
    agree,
    at_odds,
    corrects,
    independent,
    newest_sides,
    of_another_thing,
)
from bot.denial import denials, has_changed
from bot.read import Evidence
from bot.words import overlap, stems
from index.search import ScoredPassage

Kind = Literal["conflict", "development"]

LIKELY = 0.25
"""Share of the best answer's likelihood that another answer must have to be set against it."""
LIKELY_IF_ALIKE = 0.03
"""The same where the sentences say the same but for the answer: the reader gives the odds to one article at a time."""
MAX_SIDES = 3
GROWING = frozenset(
    stems(
        "dead death deaths die died dies kill killed toll casualties victims injured injuries hurt wounded missing "
        "bodies rescued cases infections infected hospitalized displaced evacuated fled arrested arrests detained "
        "charged raised donated collected votes counted customers homes outages cancelled canceled flights sold views "
        "signatures"
    )
)
"""What is counted anew from day to day in the news, so that a later and larger number is no contradiction."""


@dataclass(frozen=True)
class Disagreement:
    """Sides that answer differently, the newest first; each holds the evidence of the articles that say so."""

    kind: Kind
    sides: tuple[tuple[Evidence, ...], ...]


def disagreement(
    question: str, evidence: Sequence[Evidence], passages: Sequence[ScoredPassage] = ()
) -> Disagreement | None:
    """How independent articles differ on the likeliest answer, or None where they don't.

    `evidence` is in the order that `find_evidence` gives it; `passages` are those in which others may say the same.
    """
    if not evidence:
        return None
    asked = Asked.of(question, Claim(evidence[0]))
    best = _best(evidence, asked)
    if not asked.by(best):
        return None
    others = (Claim(each) for each in evidence if each is not best.evidence)
    likely = [claim for claim in others if _is_likely(claim, best)]
    bar = LIKELY * best.evidence.score
    rivals = [claim for claim in likely if claim.evidence.score >= bar]
    doubtful = [claim for claim in likely if claim.evidence.score < bar]
    # what the reader does not take for an answer may be one to another question
    rivals += [each for each in (*doubtful, *other_answers(best, passages)) if not of_another_thing(best, each, asked)]
    rivals = [claim for claim in rivals if asked.by(claim)]
    sides, corrected = _answers(best, rivals, asked)
    developed = corrected or _has_grown(question, sides)
    if len(sides) < 2:
        sides = denials(question, best, passages, asked)
        developed = has_changed(sides)
    if len(sides) < 2:
        return None
    kind: Kind = "development" if developed else "conflict"
    return Disagreement(kind, tuple(tuple(claim.evidence for claim in side) for side in sides))


def _best(evidence: Sequence[Evidence], asked: Asked) -> Claim:
    """The likeliest sentence; for a yes-or-no question that of the likely ones which says most of what is asked.

    The reader finds such an answer in any sentence that sounds like one; it was not made for these questions.
    """
    likely = [Claim(each) for each in evidence if each.score >= LIKELY * evidence[0].score]
    return max(likely, key=lambda claim: len(asked.stems & claim.said)) if asked.yes_or_no else likely[0]


def _answers(best: Claim, rivals: Sequence[Claim], asked: Asked) -> tuple[list[list[Claim]], bool]:
    """The sides that give different answers, the newest first, and whether one corrects another."""
    sides: list[list[Claim]] = [[best]]
    corrected = False
    for claim in rivals:
        if not independent(claim, [each for side in sides for each in side]):
            continue
        same = next((side for side in sides if agree(side[0], claim)), None)
        if same is not None:
            same.append(claim)
        elif len(sides) < MAX_SIDES and any(corrects(a, b) for a, b in ((claim, best), (best, claim))):
            sides.append([claim])
            corrected = True
        elif len(sides) < MAX_SIDES and all(at_odds(side[0], claim, asked) for side in sides):
            sides.append([claim])
    return newest_sides(sides), corrected


def newest_first(evidence: Sequence[Evidence], found: Disagreement | None) -> list[Evidence]:
    """The evidence with that of the newest side in front: between versions of a fact the newest article wins."""
    if found is None:
        return list(evidence)
    newest = found.sides[0]
    there = {(each.passage.article_id, each.start) for each in newest}
    return [*newest, *(each for each in evidence if (each.passage.article_id, each.start) not in there)]


def sides_json(found: Disagreement | None, citations: Citations) -> list[dict[str, Any]]:
    """The disagreement as `Answer.conflicts` has it: `[{"kind", "sides": [{"value", "date", "citations"}]}]`."""
    if found is None:
        return []
    sides = []
    for side in found.sides:
        numbers = [citations.cite(each.passage, each.start, each.end) for each in side]
        cited = [number for number in numbers if number is not None]
        if cited:
            day = max(Claim(each).day for each in side)
            sides.append({"value": side[0].short_answer, "date": day or None, "citations": cited})
    return [{"kind": found.kind, "sides": sides}] if len(sides) > 1 else []


def _is_likely(claim: Claim, best: Claim) -> bool:
    share = claim.evidence.score / best.evidence.score if best.evidence.score else 0.0
    return share >= LIKELY or (share >= LIKELY_IF_ALIKE and overlap(claim.plain, best.plain) >= ALMOST_THE_SAME)


def _has_grown(question: str, sides: Sequence[Sequence[Claim]]) -> bool:
    """Whether each later number is the larger one, of things that are counted anew from day to day.

    `sides` are the newest first.
    """
    numbers = [side[0].number for side in sides]
    days = [max(claim.day for claim in side) for side in sides]
    counted = set(stems(question)) | {stem for side in sides for stem in side[0].plain}
    values = [number.value for number in numbers if number]
    return (
        len(values) == len(sides)
        and all(number.kind in ("count", "money") for number in numbers if number)
        and bool(GROWING & counted)
        and all(days)
        and all(later > earlier for later, earlier in pairwise(days))
        and all(later > earlier for later, earlier in pairwise(values))
    )
