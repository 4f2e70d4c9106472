"""What an English sentence holds: whether it can be asked about, and the names, numbers and dates in it.

All of it by regular expressions whose quantifiers are bounded or possessive, so that no text takes long.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bot.words import DATELINE, STOP_WORDS

About = Literal["name", "number", "date", "money", "percentage"]
"""What is asked for."""
Kind = Literal["person", "place"]
"""What a name is of."""

MAX_CHARACTERS = 400
MIN_WORDS, MAX_WORDS = 8, 40
MAX_WORD_CHARACTERS = 40
CALENDAR = frozenset(
    """
    january february march april may june july august september october november december jan feb mar apr jun jul aug
    sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays
    fridays saturdays sundays
    """.split()
)
TITLES = frozenset(
    """
    president vice prime minister chancellor king queen prince princess pope sir dame lord lady mr mrs ms dr prof
    professor senator sen representative rep congressman congresswoman governor gov mayor judge justice sheriff
    commissioner secretary ambassador envoy general gen colonel captain capt lieutenant sergeant admiral administrator
    director chairman chairwoman chair chief executive officer manager coach owner founder analyst economist lawyer
    attorney prosecutor spokesman spokeswoman spokesperson author actor actress singer director editor leader deputy
    premier speaker archbishop bishop cardinal rabbi imam sheikh engineer scientist astronaut commander head
    """.split()
)
PERSONS = TITLES | frozenset(
    "man woman person player winner champion child boy girl father mother son daughter".split()
)
INSTITUTIONS = frozenset(
    """
    university college school institute academy bank department ministry bureau office agency board council court house
    senate congress commission committee federation association organisation organization society union company
    corporation group motors airlines hospital centre center museum church party republic city county state islands gulf
    bay horn duke times post journal news fund club league cup airport street road bridge lake river mount park award
    prize act treaty initiative system association service services international foundation press
    administration authority laboratory
    """.split()
)
OPENERS = frozenset(
    """
    according although among and another amid around as at because before behind beside between both but despite during
    earlier even every few former fourth however just last later like many meanwhile most nearly never next no nobody
    nor not none now often once one only over several since some soon still such than that though three thus today
    tomorrow two under unlike until whether while within without yesterday yet
    """.split()
)
_CAPITAL = r"[^\W\d_a-zß-öø-ÿ]"
_TOKEN = rf"(?>(?:{_CAPITAL}\.){{2,4}}|{_CAPITAL}\.(?= )|{_CAPITAL}\w{{0,30}}(?:[-’']{_CAPITAL}\w{{1,30}}){{0,3}})"
_PARTICLES = r"(?:(?:de|da|do|dos|del|der|van|von|bin|bint|al|el|la|le|di|du) ){0,2}"
_RUN = re.compile(rf"(?<![\w’'.-]){_TOKEN}(?: {_PARTICLES}{_TOKEN}){{0,6}}+(?![\w-])")
_OF = re.compile(rf" of (?:the )?(?:{_TOKEN})(?: {_TOKEN}){{0,4}}+(?![\w-])")
_OFFICE = re.compile(r"of (?:State|Defen[cs]e|Energy|Commerce|Labor|Education|Health|Transportation|Agriculture) ")

_FIGURE = r"(?:\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,3})?|\d{1,4}(?:\.\d{1,3})?)"
_SCALE = r"(?: (?:hundred|thousand|million|billion|trillion)\b)?"
_UNITS = "two|three|four|five|six|seven|eight|nine"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_SPELT = rf"(?:(?:{_TENS})(?:-(?:one|{_UNITS}))?|{_UNITS}|ten|eleven|twelve|thirteen|fifteen|sixteen|eighteen)"
MONEY = rf"(?:US|A|C|NZ)?[$€£¥]{_FIGURE}(?:(?:bn|m|k)\b|{_SCALE})(?![\w%-]|[.,]\d)"
PERCENTAGE = rf"(?<![\w.,$€£¥-]){_FIGURE}(?:%| per cent\b| percent\b)(?![\w-])"
NUMBER = (
    rf"(?<![\w.,:/$€£¥–-])(?:{_FIGURE}|(?i:{_SPELT})\b){_SCALE}"
    r"(?![\w:/%–-]|[.,]\d| (?:per ?cent|dollars|euros|pounds|crowns|a\.?m|p\.?m|BC|AD)\b)"
)
_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
YEAR = r"(?:1[5-9]|20)\d\d(?![\w:/%-]|[.,]\d)"
DATE = rf"(?:\d{{1,2}} {_MONTH}(?: {YEAR})?|{_MONTH} \d{{1,2}}(?:, {YEAR})?|{_MONTH} {YEAR})(?![\w-])"
FIGURES: Sequence[tuple[About, re.Pattern[str]]] = (
    ("date", re.compile(rf"\b{DATE}|(?<=\bin ){YEAR}|(?<=\bsince ){YEAR}|(?<=\buntil ){YEAR}")),
    ("money", re.compile(MONEY)),
    ("percentage", re.compile(PERCENTAGE)),
    ("number", re.compile(NUMBER)),
)

_WORD = re.compile(r"[^\W\d_]{1,40}")
_IN = re.compile(r"\b[Ii]n $")
_LEANING = re.compile(
    r"(?:he|she|it|they|we|i|you|his|her|hers|its|their|our|my|your|this|that|these|those|such|there|here|however|but|"
    r"and|or|so|yet|still|also|too|then|thus|therefore|meanwhile|instead|moreover|nevertheless|otherwise|besides|"
    r"another|others?|both|neither|either|none|nor|all|half|afterwards?|earlier|later)\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"\b(?:he|she|it|they|him|her|them|his|hers|its|their)\b", re.IGNORECASE)
_ASIDE = re.compile(r"\b(?:he|she|it|they|we|I) (?:said|says|added|wrote|told)\b")
_UNFIT = re.compile(
    r"[<>{}\[\]|\\^~_*#@©“”\"«»„‘`…\N{REPLACEMENT CHARACTER}]|https?:|www\.|&\w{1,10};|\b(?:cookies?|newsletter|"
    r"subscribe|sign up|click|read more|follow us|all rights reserved|copyright|this (?:article|story|newspaper))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Name:
    """A name in a sentence. From `start` to `end` it is bare; `with_title` is where a title before it begins."""

    start: int
    end: int
    with_title: int

    @property
    def titled(self) -> bool:
        """Whether a title stands before it, as before a person's."""
        return self.with_title < self.start


@dataclass(frozen=True)
class Vocabulary:
    """What an article's words tell of a sentence's.

    `small` are written so somewhere, `names` are capitalised in mid-sentence, `persons` are in a person's name.
    `usual` are those names that the headline holds, and the most frequent.
    """

    small: frozenset[str]
    names: frozenset[str]
    usual: frozenset[str]
    persons: frozenset[str] = frozenset()

    @classmethod
    def of(cls, title: str, bodies: Sequence[str]) -> Vocabulary:
        """That of an article with this headline and these sentences, as `body_of` gives them."""
        small: set[str] = set()
        capitalised: Counter[str] = Counter()
        bodies = [body for body in bodies if len(body) <= MAX_CHARACTERS]
        for body in bodies:
            words = _WORD.findall(body)[1:]
            small.update(word for word in words if word.islower())
            capitalised.update(word for word in words if word[0].isupper() and word.casefold() not in CALENDAR)
        usual = {word for word, count in capitalised.most_common(1) if count > 1}
        usual |= capitalised.keys() & set(_WORD.findall(title))
        found = cls(frozenset(small), frozenset(capitalised), frozenset(usual))
        named = ((body, name) for body in bodies for name in names_in(body, found))
        persons = {word for body, name in named if is_person(body, name) for word in _words(body, name)}
        return replace(found, persons=frozenset(persons))

    def has_person(self, name: str) -> bool:
        """Whether a name is that of a person the article introduces, whole or in part."""
        return all(word in self.persons for word in name.split(" "))


def _words(body: str, name: Name) -> list[str]:
    return body[name.start : name.end].split(" ")


def body_of(sentence: str) -> tuple[int, str]:
    """Where a sentence begins behind its dateline (`ROME – …`), and it from there, its hard spaces made plain."""
    plain = sentence.replace("\N{NO-BREAK SPACE}", " ")
    line = DATELINE.match(plain)
    start = line.end() if line else 0
    return start, plain[start:]


def is_fit(sentence: str, title: str = "") -> bool:
    """Whether a sentence can be asked about: whole, plain, of fair length, and clear without the ones before it."""
    if len(sentence) > MAX_CHARACTERS:
        return False
    _, body = body_of(sentence)
    words = body.split(" ")
    return (
        MIN_WORDS <= len(words) <= MAX_WORDS
        and all(0 < len(word) <= MAX_WORD_CHARACTERS for word in words)
        and body.isprintable()
        and body.endswith(".")
        and not body.endswith("..")
        and (body[0].isupper() or body[0].isdigit())
        and body.count("(") == body.count(")")
        and not _LEANING.match(body)
        and not _UNFIT.search(body)
        and not _ASIDE.search(body)
        and body.casefold().rstrip(".") != title.casefold().rstrip(".")
    )


def leans(body: str, found: Sequence[Name]) -> bool:
    """Whether a pronoun stands before any name, so that it speaks of something in an earlier sentence."""
    pronoun = _PRONOUN.search(body)
    return pronoun is not None and (not found or pronoun.start() < found[0].start)


def names_in(body: str, vocabulary: Vocabulary) -> list[Name]:
    """The names in a sentence, in order, each without the titles before it."""
    found: list[Name] = []
    for match in _RUN.finditer(body):
        name = _name(body, match, vocabulary)
        if name and (not found or name.start >= found[-1].end):  # "Bank of Santa Clara" is not Santa Clara too
            found.append(name)
    return found


def _name(body: str, match: re.Match[str], vocabulary: Vocabulary) -> Name | None:
    start, end = match.span()
    if match.group().split(" ")[-1].casefold() in INSTITUTIONS and (more := _OF.match(body, end)):
        end = more.end()
    while start < end and _is_opener(body, start, end, vocabulary):
        start = min(end, start + len(body[start:end].split(" ")[0]) + 1)
    words = body[start:end].split(" ")
    alone = words[0].casefold() if len(words) == 1 else ""
    if start >= end or {word.casefold() for word in words} & CALENDAR:
        return None
    if alone in TITLES | INSTITUTIONS or len(alone) == 1:
        return None
    bare = start
    last = max((i for i, word in enumerate(words[:-1]) if word.casefold().rstrip(".") in TITLES), default=None)
    if last is not None and words[-1].casefold() not in INSTITUTIONS:
        bare += sum(len(word) + 1 for word in words[: last + 1])
        if office := _OFFICE.match(body, bare):
            bare = office.end()
    return Name(bare, end, start) if bare < end else None


def _is_opener(body: str, start: int, end: int, vocabulary: Vocabulary) -> bool:
    """Whether a capitalised word is no part of a name but one that opens a sentence, or a small one."""
    word, _, more = body[start:end].partition(" ")
    plain = word.casefold()
    if start > 0 and not body[:start].endswith((": ", "; ")):
        return plain in ("the", "a", "an", "i")
    if plain in TITLES or (plain in ("old", "long") and word in vocabulary.names):
        return False
    opener = plain in OPENERS or (plain in STOP_WORDS and not word.isupper())
    return opener or plain in vocabulary.small or (not more and word not in vocabulary.names)


def kind_of(body: str, name: Name, vocabulary: Vocabulary) -> Kind | None:
    """What a name is surely or most likely of: a person introduced with a title or so, or a place ("in Rome,")."""
    words = _words(body, name)
    if words[-1].casefold() in INSTITUTIONS:
        return None
    if is_person(body, name) or vocabulary.has_person(" ".join(words)):
        return "person"
    alone = re.match(r"[.,;]| (?:on|in|after|and|to|for|with|at|by|last|when|where|was|is)\b", body[name.end :])
    return "place" if alone and _IN.search(body[: name.start]) and not words[0].isupper() else None


def is_person(body: str, name: Name) -> bool:
    """Whether a name is surely a person's: by its title, or by what follows two or three words."""
    words = _words(body, name)
    if any(word.casefold() in INSTITUTIONS for word in words) or _IN.search(body[: name.start]):
        return False
    follows = re.match(r", (?:who |\d\d,)|,? (?:said|says|told|warned|argued|wrote)\b", body[name.end : name.end + 12])
    return name.titled or (len(words) in (2, 3) and follows is not None)
