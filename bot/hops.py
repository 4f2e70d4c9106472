"""Questions that need two articles one after the other: "how old is the founder of FTX" asks who that is first.

The inner question is answered, and its answer stands in the outer one in the place of the words that described it
(Self-Ask's order of questions, Press et al. 2023, by rule).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.resolve import Resolved
from bot.words import UPPER, names

_PERSONS = frozenset(
    """
    founder creator inventor designer architect director producer writer author screenwriter composer songwriter
    performer singer musician artist painter sculptor president chairman chairwoman chief leader head boss owner manager
    coach captain mayor governor king queen emperor winner champion discoverer editor publisher killer father mother
    husband wife spouse partner son daughter child brother sister grandfather grandmother successor predecessor
    """.split()
)
_THINGS = frozenset("capital company maker manufacturer birthplace hometown team club band".split())
_ROLE = "|".join(sorted(_PERSONS | _THINGS, key=len, reverse=True))
_SMALL = r"(?:of|the|de|and|in|on|at|a|to|with|for|is|not|no|by|from)"
_NO_NAME = r"(?!(?:Who|What|Which|When|Where|Why|How|Is|Was|Did|Does)\b)"
_NAME = rf"{_NO_NAME}[{UPPER}0-9][\w.’'&:!-]*(?:,?\s+(?:{_SMALL}\s+)*[{UPPER}0-9(][\w.’'&:!)-]*)*"
_DESCRIBED = (
    re.compile(
        rf"\b[Tt]he\s+(?P<role>{_ROLE})\s+of\s+(?P<whose>(?:the\s+|a\s+)?(?:(?!which\b|what\b)[a-z]+\s+)?{_NAME})"
    ),
    re.compile(rf"(?P<whose>{_NAME})['’]s\s+(?P<role>{_ROLE})\b(?!\s*,?\s+[{UPPER}])"),
)
_ASKS_FOR_IT = re.compile(rf"^\W*(?:who|which|what)\b(?!.*\b(?:{_ROLE}|nationality|birth|death|age)\b)", re.IGNORECASE)
"""The rest of a question that asks who or what is described, and for nothing else."""


@dataclass(frozen=True)
class Hop:
    """A question taken apart: `inner` asks who or what is described, `outer` the rest of it."""

    inner: Resolved
    question: str
    described: str

    def outer(self, answer: str) -> Resolved:
        """The question with the inner one's answer in it."""
        text = self.question.replace(self.described, answer, 1)
        return Resolved(text, text)


def hop(question: Resolved) -> Hop | None:
    """The two questions that a question is made of; None where it describes nobody whom it does not name."""
    asked = question.asked
    found = next((match for match in (each.search(asked) for each in _DESCRIBED) if match), None)
    if not found or not names(f"- {found['whose']}"):
        return None
    described = found.group().strip()
    if _ASKS_FOR_IT.match(asked.replace(described, " ", 1)):
        return None
    word = "Who" if found["role"] in _PERSONS else "What"
    return Hop(question.asking(f"{word} is the {found['role']} of {found['whose'].strip()}?"), asked, described)
