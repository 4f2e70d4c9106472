"""What a sentence gives as the answer, and whether two such claims can both be right.

Compared are numbers with their units, dates, names. Two of them are at odds only where their sentences speak of the
same thing and neither passage tells of the other's answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import permutations

from bot.calendar import WEEKDAYS, Date
from bot.facts import facts
from bot.numbers import Number, same_number
from bot.polarity import opposed, roots
from bot.read import Evidence
from bot.words import answer_key, content_words, names, overlap, stems

ASKED = 0.6
"""Share of the question's stems that stand in the sentence or the headline of either side."""
ASKING = frozenset(stems("age old number date day month year time percentage percent amount figure many much given"))
"""Words that say what is asked for, which need not stand where the answer does."""
ALIKE = 0.4
"""Share of the shorter sentence's stems, figures and answers left out, that the other sentence has."""
ALMOST_THE_SAME = 0.75
"""Share of it from which on the sentences say the same but for the answer."""
ALIKE_FOR_NAMES = 0.6
ASKED_FOR_NAMES = 0.9
"""The same where the answers are names, since several people may have done a thing; and the share of the question's
stems that must stand in either sentence itself."""
_YES_OR_NO = re.compile(
    r"(?:is|are|was|were|am|do|does|did|has|have|had|will|would|shall|should|can|could|may|might|must)\b", re.IGNORECASE
)
_LETTERS = re.compile(r"\b(?:[A-Z]\.){2,}")
_MAY = re.compile(r"\b(?:may|might|could)\b")
_QUALIFIERS = frozenset(stems("deputy vice former ex acting interim assistant associate co-founder"))
"""Words that make another office of one: the deputy chief of staff is not the chief of staff."""
_KINDS = tuple(
    tuple(frozenset(stems(words)) for words in kinds)
    for kinds in (
        (
            "kill die dead death deaths fatality fatalities", "injure injured injury injuries hurt wound wounded",
            "arrest arrested detain detained", "missing", "displaced homeless evacuated",
            "rescued saved survived survivors", "infected infection infections case cases",
        ),
        ("win", "lose lost losses"),
        ("first", "second", "third", "last"),
        ("revenue revenues sales turnover", "profit profits earnings", "loss losses"),
        ("open opening opens", "close closing closes closed"),
        ("men man boys", "women woman girls", "children"),
        ("buy bought purchase", "sell sold sale"),
        ("import imports imported", "export exports exported"),
        ("minimum lowest", "maximum highest"),
    )
)  # fmt: skip
"""Things of a kind that are counted or named beside each other, each by its words: who counts one has not counted
another."""
_DAYS = WEEKDAYS | {"today", "yesterday", "tomorrow", "tonight"}


@dataclass(frozen=True)
class Claim:
    """What one sentence gives as the answer."""

    evidence: Evidence

    @cached_property
    def number(self) -> Number | None:
        """The number in the answer, with the unit that its sentence gives it; None where the answer is a date."""
        if self.date is not None:
            return None
        answer = self.evidence.short_answer
        given = [each for each in facts(self.evidence.text).numbers if each.kind != "ordinal"]
        own = {(each.value, each.unit): each for each in given if _stands_in(each.text, answer)}
        return next(iter(own.values())) if len(own) == 1 else None

    @cached_property
    def date(self) -> Date | None:
        """The date in the answer."""
        found = [each for each in facts(self.evidence.short_answer).dates if not each.text.isdigit()]  # "Feb. 3-5"
        return found[0] if len(found) == 1 else None

    @cached_property
    def name(self) -> tuple[str, ...]:
        """The words of the answer where it is a name and nothing else, in lower case."""
        answer = self.evidence.short_answer
        found = content_words(answer)
        if not found or not all(word[:1].isupper() for word in found) or re.search(r"\d", answer):
            return ()
        key = answer_key(answer)
        return () if _DAYS & set(key) else key

    @cached_property
    def day(self) -> str:
        """The day of the article, or nothing."""
        return str(self.evidence.passage.node.metadata.get("date") or "")[:10]

    @cached_property
    def context(self) -> set[str]:
        """The stems of the sentence and of its headline."""
        return set(stems(f"{self.evidence.passage.node.metadata.get('title', '')} {self.evidence.text}"))

    @cached_property
    def plain(self) -> list[str]:
        """The stems of the sentence without figures and without the answer."""
        answer = set(stems(self.evidence.short_answer))
        return [stem for stem in stems(self.evidence.text) if stem not in answer and not stem[0].isdigit()]

    @cached_property
    def named(self) -> set[str]:
        """The stems of the names in the sentence, without the answer."""
        found = {stem for name in names(self.evidence.text) for stem in stems(name)}
        return found - set(stems(self.evidence.short_answer))

    @cached_property
    def may_be(self) -> bool:
        """Whether the sentence says what may be, which what is does not contradict."""
        return _MAY.search(self.evidence.text) is not None

    def speaks_of_others(self, other: Claim, asked: Asked) -> bool:
        """Whether somebody else stands in this sentence where the other one has who was asked about."""
        told = (other.named & asked.stems) | (other.said & asked.named)
        return bool(told - self.said) and bool(self.named - other.said)

    @cached_property
    def said(self) -> set[str]:
        """The stems of the sentence."""
        return set(stems(self.evidence.text))


@dataclass(frozen=True)
class Asked:
    """What a question is about: its stems, its roots as `bot.polarity` has them, the stems of each name that its answer
    is not, those of names in letters with full stops ("U.S.", which others write otherwise), and whether it is one of
    yes or no, whose answer is no name.
    """

    stems: frozenset[str]
    roots: frozenset[str]
    names: tuple[frozenset[str], ...]
    letters: frozenset[str]
    yes_or_no: bool

    @classmethod
    def of(cls, question: str, best: Claim) -> Asked:
        """That of a question with its best answer."""
        yes_or_no = bool(_YES_OR_NO.match(question))
        answer = set() if yes_or_no else set(stems(best.evidence.short_answer))
        told = (frozenset(stems(name)) for name in names(question) if len(name) > 1)  # "U.S." gives two letters
        wanted = tuple(name for name in told if not name & answer)
        letters = frozenset(stems(" ".join(_LETTERS.findall(question))))
        return cls(frozenset(stems(question)) - ASKING, frozenset(roots(question)) - ASKING, wanted, letters, yes_or_no)

    @property
    def named(self) -> set[str]:
        return {stem for name in self.names for stem in name} | self.letters

    def by(self, claim: Claim) -> bool:
        """Whether a claim is about what the question is about: most of its words, and all of its names."""
        whole = claim.context | set(stems(claim.evidence.passage.passage.text))
        told = all(name <= whole for name in self.names)
        return told and len(self.stems & claim.context) >= ASKED * len(self.stems)


def independent(claim: Claim, others: Sequence[Claim]) -> bool:
    """Whether its article is another story than those of the others."""
    passage = claim.evidence.passage
    return all(
        passage.article_id != other.evidence.passage.article_id
        and (passage.story is None or passage.story != other.evidence.passage.story)
        for other in others
    )


def agree(first: Claim, second: Claim) -> bool:
    """Whether two claims give the same answer: a number or a date that is no other, or names one of which is in the
    other or ends as it does."""
    if first.number and second.number:
        return _comparable(first.number, second.number) and not _numbers_differ(first.number, second.number)
    if first.date and second.date:
        return not _dates_differ(first.date, second.date)
    one, two = (answer_key(each.evidence.short_answer) for each in (first, second))
    return set(one) <= set(two) or set(two) <= set(one) or one[-1:] == two[-1:]


def at_odds(first: Claim, second: Claim, asked: Asked) -> bool:
    """Whether two claims give answers of one kind that can't both be right."""
    alike = overlap(first.plain, second.plain)
    if first.speaks_of_others(second, asked) or second.speaks_of_others(first, asked):
        return False
    if first.may_be != second.may_be:
        return False
    if first.number and second.number:
        odds = alike >= ALIKE and _numbers_differ(first.number, second.number)
        if first.number.kind == "year" and alike >= ALMOST_THE_SAME:
            return odds and _has_more(first, second) and _has_more(second, first)
        return odds and not _tells(first, second.number) and not _tells(second, first.number)
    if first.date and second.date:
        return alike >= ALIKE and _dates_differ(first.date, second.date)
    if first.name and second.name and not (first.number or second.number):
        told = [each.evidence.passage.passage.text.casefold() for each in (first, second)]
        both = first.name[-1] in told[1] or second.name[-1] in told[0]
        said = all(len(asked.stems & each.said) >= ASKED_FOR_NAMES * len(asked.stems) for each in (first, second))
        one_office = first.said & _QUALIFIERS == second.said & _QUALIFIERS
        return said and one_office and alike >= ALIKE_FOR_NAMES and not both
    return False


def of_another_thing(best: Claim, other: Claim, asked: Asked) -> bool:
    """Whether a sentence much like the best one has another word where that has one of the question's: "injured 40"
    where the question and the best sentence have "killed"."""
    mine, theirs = (roots(each.evidence.text) for each in (best, other))
    return any(
        asked.roots & mine & one and not theirs & one and theirs & another and not mine & another
        for kinds in _KINDS
        for one, another in permutations(kinds, 2)
    )


def corrects(newer: Claim, older: Claim) -> bool:
    """Whether a later article names the earlier one's number beside its own: "17, not 19 as first announced"."""
    if not (newer.number and older.number and newer.day > older.day > ""):
        return False
    known = facts(newer.evidence.text).numbers
    named = any(each.kind == older.number.kind and each.value == older.number.value for each in known)
    return named and _numbers_differ(newer.number, older.number) and overlap(newer.plain, older.plain) >= ALIKE


def _numbers_differ(first: Number, second: Number) -> bool:
    """Of one kind and unit, and not the same in rounded or hedged words."""
    plain = [replace(each, unit="") for each in (first, second)]
    return _comparable(first, second) and not same_number(*plain) and not same_number(*reversed(plain))


def _comparable(first: Number, second: Number) -> bool:
    """Of one kind and unit; where there is no unit, people may be what is counted."""
    units = [each.unit.replace("person", "") for each in (first, second)]
    return first.kind == second.kind and units[0] == units[1]


def _tells(claim: Claim, other: Number) -> bool:
    """Whether the passage of a claim gives the other number too: then its article knows of both.

    Of years, of which there are many in an article, only its sentence is looked at.
    """
    text = claim.evidence.text if other.kind == "year" else claim.evidence.passage.passage.text
    given = facts(text).numbers
    return any(each.kind == other.kind and each.value == other.value for each in given)


def _has_more(claim: Claim, other: Claim) -> bool:
    """Whether a claim's number stands in its sentence more often than in the other one, which may have it in passing:
    "in 2016, against a 2016 candidate"."""
    assert claim.number
    counts = [
        sum(each.kind == claim.number.kind and each.value == claim.number.value for each in facts(text).numbers)
        for text in (claim.evidence.text, other.evidence.text)
    ]
    return counts[0] > counts[1]


def _dates_differ(first: Date, second: Date) -> bool:
    """Whether a part that both give is another one; of the larger parts too."""
    pairs = ((first.year, second.year), (first.month, second.month), (first.day, second.day))
    return any(a is not None and b is not None and a != b for a, b in pairs)


def _stands_in(number: str, answer: str) -> bool:
    """Whether a number stands in the answer as one of its own, not as a part of a longer one."""
    return re.search(rf"(?<![\d.,]){re.escape(number)}(?![.,]?\d)", answer) is not None


def differ(first: Evidence, second: Evidence) -> bool:
    """Whether two sentences, however alike they are, give different numbers or dates as the answer, or one says that
    it is so and the other that it is not."""
    one, two = Claim(first), Claim(second)
    if opposed(first.text, second.text, roots(first.text) | roots(second.text)):
        return True
    if one.number and two.number:
        return _numbers_differ(one.number, two.number)
    return one.date is not None and two.date is not None and _dates_differ(one.date, two.date)


def newest_sides(sides: Sequence[list[Claim]]) -> list[list[Claim]]:
    """The sides in the order of their newest articles."""
    return sorted(sides, key=lambda side: max(claim.day for claim in side), reverse=True)
