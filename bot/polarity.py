"""What a sentence says is so and what it says is not so, word by word; and where two sentences say the opposite.

A negation is about the first content word after it, adverbs left out: "did not immediately respond". Two of them about
one word are none: "did not fail to pass".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from bot.calendar import MONTHS, WEEKDAYS
from bot.facts import negations
from bot.numbers import is_number
from bot.words import STOP_WORDS, stems, words

Span = tuple[int, int]

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_ADVERBS = frozenset("yet even ever longer quite always still again already soon far".split())
"""Words between a negation and what it is about, besides those in -ly."""
_CONJUNCTIONS = frozenset("but because after before although though while which who when if unless".split())
"""Words that a negation does not reach over: "he did not, but she came". Nor does "after refusing," over its comma."""
AUXILIARIES = frozenset(
    "is are was were be been am do does did has have had will would shall should can could may might must".split()
)
_REPLY = re.compile(r"No\s*[,;:—–]")
"""It answers a question and negates nothing of what follows: "No, the council rejected it."."""
MAX_BETWEEN = 3
"""Small words between an auxiliary and its verb: "was on the list"."""
REACH = 20
"""Words that a negation reaches over, at most, to what it is about: no sentence has as many small ones in a row."""
BASES = {
    past: base
    for base, forms in {
        "win": "won", "lose": "lost", "take": "took taken", "give": "gave given", "leave": "left", "buy": "bought",
        "sell": "sold", "pay": "paid", "make": "made", "build": "built", "hold": "held", "meet": "met", "lead": "led",
        "break": "broke broken", "write": "wrote written", "become": "became", "begin": "began begun", "find": "found",
        "see": "saw seen", "know": "knew known", "speak": "spoke spoken", "rise": "rose risen", "fall": "fell fallen",
        "go": "went gone", "come": "came", "send": "sent", "spend": "spent", "keep": "kept", "tell": "told",
        "withdraw": "withdrew withdrawn", "grow": "grew grown", "choose": "chose chosen", "run": "ran", "sue": "sued",
        "fly": "flew flown", "strike": "struck", "shoot": "shot", "steal": "stole stolen", "catch": "caught",
        "bring": "brought", "teach": "taught", "think": "thought", "seek": "sought", "fight": "fought",
        "wear": "wore worn", "drive": "drove driven", "throw": "threw thrown",
    }.items()
    for past in forms.split()
}  # fmt: skip
"""Past forms that have not the stem of their verb."""
_OPPOSITES = {
    base: frozenset(stems(others))
    for base, others in {
        "approv": "rejected vetoed", "accept": "rejected refused declined", "back": "opposed", "support": "opposed",
        "confirm": "denied", "pass": "failed", "win": "lose", "allow": "banned barred blocked prohibited forbade",
        "grant": "denied refused", "upheld": "overturned", "convict": "acquitted", "guilti": "innocent",
        "surviv": "died die", "aliv": "dead", "true": "false", "present": "absent", "admit": "denied",
        "succeed": "failed", "agre": "refused declined",
    }.items()
}  # fmt: skip
"""Stems of words for what is so, each with those that say it is not so. Of decisions and findings only: what rises and
falls does both within a week."""
_SIDES = tuple(
    (frozenset(stems(first)), frozenset(stems(second)))
    for first, second in (
        (
            "rise increase grow climb jump soar surge gain expand higher",
            "fall drop decline decrease shrink plunge slump tumble sink lower",
        ),
        ("double triple treble quadruple", "halve"),
        ("gain win", "lose"),
        ("open reopen", "close shut"),
    )
)
"""Words for what goes up and down, and the like, of which a claim has the one and its passage the other."""
_EXCHANGED = frozenset(stems("win gain lose"))
"""What one gains the other loses: these are opposites only of the same subject."""
_PRONOUN = re.compile(r"\b(?:he|she|it|they|his|her|its|their|them|this|that|these|those|who|which)\b", re.IGNORECASE)
ALIKE = 0.7
"""Share of a claim's other words that a sentence has which says the opposite. Set, not searched for."""
_PREFIXES = frozenset(("un", "il", "im", "ir", "in", "dis", "non"))
MIN_PREFIXED = 3
"""A word as short as this has its letters before it by chance: "put", "input"."""


@dataclass(frozen=True)
class Stated:
    """A content word as a text has it: how often plainly and how often negated, and where it stands first, negated if
    it is anywhere, with the auxiliary and the negation before it."""

    word: str
    plain: int
    denied: int
    span: Span

    @property
    def only_plain(self) -> bool:
        return self.plain > 0 and not self.denied

    @property
    def only_denied(self) -> bool:
        return self.denied > 0 and not self.plain

    def denies(self, other: Stated) -> bool:
        """Whether it is negated once more here, and stands plainly once more there."""
        return self.denied > other.denied and self.plain < other.plain


@lru_cache(maxsize=4096)
def polarity(text: str) -> dict[str, Stated]:
    """Each content word of a text by its stem, in order."""
    found: dict[str, Stated] = {}
    denials = _denials(text)
    for word, stem, start, end in _content(text):
        negating = denials.get(start, [])
        denied = len(negating) % 2
        known = found.get(stem)
        span = (_opening(text, min([start, *negating])), end)
        if known:
            span = span if denied and not known.denied else known.span
            found[stem] = Stated(known.word, known.plain + 1 - denied, known.denied + denied, span)
        else:
            found[stem] = Stated(word, 1 - denied, denied, span)
    return found


def roots(text: str) -> set[str]:
    """The stems of the content words, those of verbs in the past as of their base: what `polarity` knows them by."""
    return {stem for _, stem, _, _ in _content(text)}


def _content(text: str) -> Iterator[tuple[str, str, int, int]]:
    """(word, stem, start, end) of each content word."""
    for match in _TOKEN.finditer(text):
        word = match.group()
        for stem in stems(BASES.get(word.casefold(), word))[:1]:
            yield word, stem, match.start(), match.end()


def _denials(text: str) -> dict[int, list[int]]:
    """Where words stand that are negated, each with the places of what negates it; a negation of one reaches on."""
    spans = [span for span in negations(text) if not _REPLY.match(text, span[0])]
    negating = {place for start, end in spans for place in range(start, end)}
    found: dict[int, list[int]] = {}
    for start, end in spans:
        for match in islice(_TOKEN.finditer(text, end), REACH):
            word = match.group().casefold()
            between = text[end : match.start()]
            if "." in between or word in _CONJUNCTIONS or (text.endswith("ing", start, end) and "," in between):
                break
            negates = not negating.isdisjoint(range(*match.span()))
            passed = word in _ADVERBS or word.endswith("ly") or BASES.get(word, word) in STOP_WORDS
            if negates or not passed:
                found.setdefault(match.start(), []).append(start)
            if not negates and match.start() in found:
                break
    return found


def _opening(text: str, place: int) -> int:
    """Where the auxiliary stands that belongs to a word or a negation, or the word itself: "was on the" list."""
    before = list(_TOKEN.finditer(text, max(0, place - 40), place))[::-1]
    if place and text[place - 1].isalpha():  # n't, within its auxiliary
        return before[0].start()
    for match in before[: MAX_BETWEEN + 1]:
        word = match.group().casefold()
        if text[match.end() : place].strip(" ’'") and re.search(r"[,.;:]", text[match.end() : place]):
            break
        if word in AUXILIARIES:
            return match.start()
        if word not in STOP_WORDS | _ADVERBS and not word.endswith("ly"):
            break
    return place


def opposed(first: str, second: str, about: set[str]) -> tuple[Span, Span] | None:
    """Where two sentences that say the same of one thing say that it is so and that it is not: the words in either.

    `about`: the roots that it must be about. None where each negates something that the other has plainly: then they
    may mean the same.
    """
    one, two = polarity(first), polarity(second)
    mine = [stem for stem, said in one.items() if stem in two and said.denies(two[stem])]
    yours = [stem for stem, said in two.items() if stem in one and said.denies(one[stem])]
    if mine and yours:
        return None
    pairs = [*_opposites(one, two), *((stem, stem) for stem in (*mine, *yours))]
    found = next((pair for pair in pairs if about & set(pair)), None)
    return (one[found[0]].span, two[found[1]].span) if found else None


def _opposites(one: dict[str, Stated], two: dict[str, Stated]) -> Iterator[tuple[str, str]]:
    """The words, by their stems, of the first and of the second that say the opposite, both plainly or both negated."""
    for here, mine in one.items():
        for there, yours in two.items():
            if here in two or there in one or not _are_opposites((here, mine), (there, yours)):
                continue
            if (mine.only_plain and yours.only_plain) or (mine.only_denied and yours.only_denied):
                yield here, there


def _are_opposites(*said: tuple[str, Stated]) -> bool:
    """Whether one of two words is the opposite of the other: by the table, or by what stands before it ("illegal")."""
    for (stem, plain), (other_stem, other) in (said, said[::-1]):
        if other_stem in _OPPOSITES.get(stem, ()):
            return True
        before = other.word.casefold().removesuffix(plain.word.casefold())
        if before in _PREFIXES and len(plain.word) > MIN_PREFIXED:
            return True
    return False


def contrary(claim: str, sentences: Sequence[str]) -> str:
    """A word of the claim for which the sentence most like it says the opposite ("fell" for "rose"), or "" where there
    is none: where a sentence as like has the word, or another one for the same."""
    here = polarity(claim)
    plain = {stem for stem, said in here.items() if not is_number(said.word)}
    for sentence in sentences:
        there = polarity(sentence)
        for stem, said in here.items():
            rest = plain - {stem}
            shared = len(rest & there.keys())
            if shared < max(ALIKE * len(rest), 1):
                continue
            pairs = (((stem, said, claim), (other, yours, sentence)) for other, yours in there.items())
            opposite = any(two[0] not in here and _are_contrary(one, two) for one, two in pairs)
            if opposite and shared > _most_shared(stem, rest, claim, sentences):
                return said.word
    return ""


def _most_shared(stem: str, rest: Set[str], claim: str, sentences: Sequence[str]) -> int:
    """How many of the other words of a claim a sentence has that has this one, or another for the same."""
    most = 0
    for before, sentence in zip(["", *sentences], sentences, strict=False):
        own = roots(sentence) | (roots(before) if _goes_on(sentence, f"{claim} {before}") else set())
        if stem in own or _same_side(stem, own):
            most = max(most, len(rest & own))
    return most


def _goes_on(sentence: str, before: str) -> bool:
    """Whether a sentence has a pronoun and nobody new, so that it is about what the one before it is about."""
    known = STOP_WORDS | MONTHS.keys() | WEEKDAYS | {word.casefold() for word in words(before)}
    new = (word for word in words(sentence) if word[0].isupper() and word.casefold() not in known)
    return _PRONOUN.search(sentence) is not None and not any(new)


def _same_side(stem: str, own: Set[str]) -> bool:
    """Whether a word is among these that has an opposite in common with this one."""
    if any(stem in side and side & own for sides in _SIDES for side in sides):
        return True
    return any(other in own and _OPPOSITES.get(stem, frozenset()) & _OPPOSITES[other] for other in _OPPOSITES)


def _are_contrary(one: tuple[str, Stated, str], two: tuple[str, Stated, str]) -> bool:
    """Whether of two words, each with its sentence, one is the opposite of the other and both are so or both not."""
    (here, said, claim), (there, yours, sentence) = one, two
    if not (said.only_plain and yours.only_plain) and not (said.only_denied and yours.only_denied):
        return False
    sided = any((here in a and there in b) or (here in b and there in a) for a, b in _SIDES)
    if not sided and not _are_opposites((here, said), (there, yours)):
        return False
    one_subject = roots(claim[: said.span[0]]) & roots(sentence[: yours.span[0]])
    return bool(one_subject) or not {here, there} <= _EXCHANGED
