"""Does a passage say what a sentence claims? Hard checks first, all of which must hold, then a learned score.

Every number with its unit, every date, name and quotation of the claim must stand in the passage, what is negated here
must be negated there, and most of the other words must be there too. Aliases, rounding and other ways of writing a
number are allowed for; nothing else is. What passes may still be put together from what has nothing to do with each
other: that is what the score is for (`bot/support.py`). No check looks for a passage: the ones a sentence cites are
checked first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from bot.ages import ages, ages_said
from bot.amounts import PLURALS, SIZE_WORDS, Size, bears_out, bears_out_number, one_of_several, size_borne_out, sizes
from bot.calendar import MONTHS
from bot.dates import Dates
from bot.facts import NO_FACTS, Facts, facts
from bot.numbers import NUMBER_WORDS, Number, is_number, stems_without_numbers
from bot.polarity import AUXILIARIES, BASES, Stated, contrary, polarity
from bot.possible import doubted, only_possible
from bot.roots import same_root
from bot.support import SUPPORTED, support
from bot.words import SHORT_NAMES, STOP_WORDS, UPPER, names, short_names, stems, words
from index.passages import sentence_spans

ENOUGH_WORDS = 0.5
"""Share of a claim's content words that its passage must have. Set, not searched for: a higher bar doubts what people
put in their own words."""
CLOSE = 0.8
"""Share of a claim's plain words that a sentence has, from which on the claim is taken to be made of it."""
NEAR = 6
"""Words between the parts of a name, at most, where the passage does not have them in a row."""
SHORT = 3
"""Letters of an alias that may be a word when it is not in upper case."""
ONE_PLACE = "one place that says all of it"
"""What a claim lacks that passes all hard checks and is doubted by the score."""
_TITLES = frozenset(
    "mr mrs ms miss dr sir lord lady president prime minister senator sen governor gov representative rep "
    "reverend rev professor prof king queen pope".split()
)
_ALIASES = (
    ("us", "usa", "america", "american", "americans", "united states"),
    ("uk", "britain", "british", "united kingdom", "great britain"),
    ("eu", "european union"),
    ("un", "united nations"),
    ("who", "world health organization", "world health organisation"),
)
_MEANT_BY = {"us": frozenset(("washington", "white house", "pentagon", "state department"))}
"""What is written for a whole country. Only so: who says Washington may mean the town."""
_OF_AGE = frozenset(stems("year old age"))
_SEATS = frozenset(
    "moscow kremlin london downing beijing paris berlin kyiv kiev jerusalem tehran brussels pyongyang tokyo delhi "
    "ankara cairo riyadh warsaw rome vatican madrid ottawa canberra seoul taipei islamabad kabul damascus baghdad "
    "beirut amman oslo stockholm helsinki copenhagen vienna prague budapest athens lisbon dublin wellington "
    "bogota lima caracas havana nairobi pretoria abuja khartoum tripoli tunis algiers rabat doha hanoi bangkok "
    "manila jakarta washington pentagon white house".split()
)
"""Where governments sit: they are named for what these do."""
_OF_AN_OFFICE = re.compile(r"\bUS(?=\s+(?:dollars?|President|Vice|Secretary|Senat|Congress|House|Supreme|Rep))")
"""Without it they are the same: US President Joe Biden."""
_PRONOUNS = frozenset("he she it they him her them his hers its their who which that this these".split())
_SUBJECT = re.compile(
    rf"\W*(?:The\s+)?(?P<name>[{UPPER}][\w’-]+(?:\s[{UPPER}][\w’-]+){{0,4}})"
    rf"\s(?:{'|'.join(sorted(AUXILIARIES | BASES.keys()))}|says|said|[a-z]+ed)\b"
)
"""What opens a sentence before a verb. A word of the language has an article there, or another word, or is many."""
_SHORT = frozenset(name.casefold() for name in SHORT_NAMES)
_ASIDE = re.compile(r",[^,;:]{1,40}\bsa(?:id|ys?)\s*,")
"""Who says it, in the middle of a sentence: "None of them, police said, was hurt."."""
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_POSSESSIVE = re.compile(r"['’]s\b")
_DOTTED = re.compile(r"\b(?:[A-Za-z]\.){2,}")
_QUOTE_MARKS = str.maketrans("“”‘’«»", '""\'\'""')


@dataclass(frozen=True)
class Check:
    """Whether a passage supports a claim, and if not, what it lacks, in words for a person."""

    lacking: tuple[str, ...] = ()

    @property
    def supported(self) -> bool:
        return not self.lacking


def check(claim: str, passage: str, header: str = "") -> Check:
    """Checks a sentence against a passage. `header` is its `title · source · date`, whose names and dates count too."""
    claim, given = _undotted(claim), _given(passage, header)
    stated, closest = facts(claim), given.closest(claim)
    aged = ages_said(claim)
    known = given.ages_of(claim, closest) if aged else set[int]()
    lacking = []
    for number in stated.numbers:
        is_age = bool(known) and number.kind == "count" and number.value in aged
        if number.value not in known if is_age else not given.has_number(number, stated, closest):
            lacking.append(f"“{number.text}”")
    lacking += [f"“{size.text}”" for size in sizes(claim) if not given.has_size(size, stated, closest)]
    if one := one_of_several(claim, closest):
        lacking.append(f"“{one}”")
    lacking += [f"“{date.text}”" for date in stated.dates if not given.dates.have(date, stated, closest)]
    lacking += [f"“{name}”" for name in _names(claim) if not given.has_name(name, claim, closest)]
    if name := given.unknown_subject(claim, closest):
        lacking.append(f"“{name}”")
    lacking += [f"the quotation “{text}”" for text in stated.quotations if not given.has_quotation(text)]
    if not lacking and (word := given.otherwise_negated(claim, closest) or contrary(claim, given.sentences)):
        lacking.append(f"whether “{word}” is so or not")
    if not lacking and only_possible(closest) and (word := doubted(claim, closest, given.elsewhere(closest))):
        lacking.append(f"whether “{word}” is so or only may be")
    if not lacking and not given.has_most_words(claim, stated):
        lacking.append("most of its words")
    if not lacking and support(claim, given.passage) < SUPPORTED:
        lacking.append(ONE_PLACE)
    return Check(tuple(dict.fromkeys(lacking)))


class _Given:
    """A passage, taken apart once for all checks.

    A fact may stand anywhere in the passage, but not where the sentence that the claim is made of has another of its
    kind: a year from two sentences on, put in the place of the right one, is wrong though the passage has it.
    """

    def __init__(self, passage: str, header: str) -> None:
        self.passage = passage
        self._whole = f"{header}\n{passage}"
        self._facts, self._header = facts(passage), facts(header)
        self.dates = Dates(passage, header)
        self.sentences = [passage[start:end] for start, end in sentence_spans(passage)]
        self._words = _tokens(self._whole)
        self._known = set(self._words)
        self._upper = {word.casefold() for word in _bare_words(self._whole) if word.isupper()} - _SHORT
        self._upper |= {name.casefold() for name in short_names(self._whole)}  # WHO but for a question in capitals
        self._lower = {word for word in _bare_words(self._whole) if word.islower()}
        self._stems = set(stems(self._whole))

    def closest(self, claim: str) -> str:
        """The sentence that has nearly all plain words of the claim (no numbers, no names); of several the one that has
        most words of any kind. Empty if there is none."""
        plain, wanted = _plain_stems(claim), set(stems(claim))
        close = [each for each in self.sentences if plain and len(plain & _plain_stems(each)) >= CLOSE * len(plain)]
        return max(close, key=lambda each: len(wanted & set(stems(each))), default="")

    # --- numbers and dates ---

    def ages_of(self, claim: str, closest: str) -> set[int]:
        """The ages in the sentence that the claim is made of, else in those that have any word of it."""
        wanted = set(stems_without_numbers(claim)) - _OF_AGE
        near = [closest] if closest else [each for each in self.sentences if wanted & set(stems(each))]
        return {age for each in near for age in ages(each)}

    def has_number(self, claimed: Number, stated: Facts, closest: str) -> bool:
        own = facts(closest)
        if any(bears_out(claimed, each) for each in own.numbers) or self._has_year(claimed, own):
            return True
        if any(bears_out_number(claimed, each) for each in sizes(closest or self.passage)):
            return True
        same = [each for each in (*self._facts.numbers, *self._header.numbers) if bears_out(claimed, each)]
        if any(each.beside & claimed.beside for each in same):
            return True  # "Super Bowl 50", wherever it stands
        rivals = [each for each in own.numbers if each.kind == claimed.kind and not _is_stated(each, stated)]
        if rivals or (claimed.kind == "year" and any(date.year for date in own.dates)):
            return False
        return bool(same) or any(self._has_year(claimed, each) for each in (self._facts, self._header))

    def has_size(self, claimed: Size, stated: Facts, closest: str) -> bool:
        """Whether there are "thousands" there, be it in figures."""
        own = facts(closest)
        if size_borne_out(claimed, own.numbers, sizes(closest)):
            return True
        if any(each.kind == "count" and not _is_stated(each, stated) for each in own.numbers):
            return False
        return size_borne_out(claimed, [*self._facts.numbers, *self._header.numbers], sizes(self._whole))

    def _has_year(self, claimed: Number, given: Facts) -> bool:
        years = {
            float(date.year if claimed.kind == "year" else date.year // 10 * 10) for date in given.dates if date.year
        }
        return claimed.kind in ("year", "decade") and claimed.value in years

    # --- names and quotations ---

    def has_name(self, name: str, claim: str, closest: str) -> bool:
        if name in SHORT_NAMES:
            return self._is_alias(name) or any(map(self._has_alias, _MEANT_BY.get(name.casefold(), ())))
        parts = [part for part in _tokens(name) if part not in STOP_WORDS | _TITLES]
        if not parts or self._is_alias(name) or self._is_acronym(name):
            return True
        if not all(self._has_part(part) for part in parts):
            return False
        if len(parts) > 1 and not self._together(parts):
            return False
        return not self._takes_a_place(parts, claim, closest)

    def _takes_a_place(self, parts: Sequence[str], claim: str, closest: str) -> bool:
        """Whether the sentence that the claim is made of names somebody else there, and has no word that may mean this
        one."""
        there, here = _tokens(closest), _tokens(claim)
        if not there or _PRONOUNS & set(there) or any(_among(part, there) for part in parts):
            return False
        return any(
            not any(_among(part, here) for part in _tokens(other)) and not self._is_alias(other)
            for other in _names(closest)
        )

    def unknown_subject(self, claim: str, closest: str) -> str:
        """The one word that opens the claim, where the passage has it in no form and the sentence that the claim is
        made of has another name in its place. `names` leaves such words out, most of which are none. Or a name that
        opens it, where the passage has it and that sentence has another name there and no word that may mean it."""
        here, there = _subject(claim), _subject(closest)
        if here and there and self._is_another_subject(here, there, closest):
            return here
        if not here or " " in here or not there or (there not in SHORT_NAMES and there.casefold() in self._lower):
            return ""
        if self._has_part(here.casefold()) or set(stems(here)) <= self._stems or self._is_alias(here):
            return ""
        if here.casefold() in _MEANT_BY.get(there.casefold(), ()):
            return ""
        return "" if any(_among(part, _tokens(claim)) for part in _tokens(there)) else here

    def _is_another_subject(self, here: str, there: str, closest: str) -> bool:
        """Whether two names that open sentences, both of which the passage has, are those of two."""
        own, others = _tokens(here), _tokens(closest)
        if any(_among(part, others) for part in own) or _PRONOUNS & set(others):
            return False
        two = [here.casefold(), there.casefold()]
        if two[0].startswith(two[1][:SHORT]) or not _SEATS.isdisjoint(_tokens(f"{here} {there}")):
            return False
        if any(name in self._lower or name in _MEANT_BY or self._is_alias(name) for name in two):
            return False
        return set(own) <= self._known

    def elsewhere(self, closest: str) -> set[str]:
        """The stems of what the other sentences say plainly."""
        return {stem for each in self.sentences if each != closest for stem in set(stems(each)) - only_possible(each)}

    def _has_part(self, part: str) -> bool:
        return part in self._known or any(same_root(part, own) for own in self._known)

    def _together(self, parts: Sequence[str]) -> bool:
        """Whether each two neighbouring parts stand near each other somewhere, in any order."""
        places = [[i for i, own in enumerate(self._words) if own == part or same_root(part, own)] for part in parts]
        return all(any(abs(i - j) <= NEAR for i in here for j in there) for here, there in pairwise(places))

    def _is_alias(self, name: str) -> bool:
        own = " ".join(name.casefold().replace(".", "").split()).removeprefix("the ")
        return any(own in group and any(map(self._has_alias, group)) for group in _ALIASES)

    def _has_alias(self, alias: str) -> bool:
        """Whether it stands there; a short one in upper case, since "us" is a word too."""
        return alias in self._upper if len(alias) <= SHORT else f" {alias} " in f" {' '.join(self._words)} "

    def _is_acronym(self, name: str) -> bool:
        """NATO for a run of words with those initials, or the reverse."""
        bare = name.replace(".", "")
        if bare.isupper() and 2 <= len(bare) <= 6:
            initials = [run.replace(" ", "") for run in self._initials()]
            return any(bare.casefold() in run for run in initials)
        letters = "".join(word[0] for word in name.split() if word[0].isupper()).casefold()
        return len(letters) > 2 and letters in self._upper

    def _initials(self) -> Iterable[str]:
        """The initials of each run of capitalised words, small words between them left out."""
        for run in re.findall(rf"(?:[{UPPER}][\w’'-]+(?:\s+(?:of|the|for|and|on)\b)*\s*){{2,8}}", self._whole):
            yield "".join(word[0] for word in run.split() if word[0].isupper()).casefold()

    def has_quotation(self, text: str) -> bool:
        return _plain(text) in _plain(self._whole)

    # --- what is said of them ---

    def has_most_words(self, claim: str, stated: Facts) -> bool:
        """Whether it has enough of what the claim says; "No, he did not." says nothing that could be looked for."""
        wanted = set(stems_without_numbers(claim))
        if not wanted:
            units = set(stems(claim))  # "That is days, not months."
            stated_there = stated != NO_FACTS or _names(claim) or (units and units <= self._stems)
            return bool(stated_there) or not _tokens(claim)
        return len(wanted & self._stems) >= ENOUGH_WORDS * len(wanted)

    def otherwise_negated(self, claim: str, closest: str) -> str:
        """A word that is negated in the claim and nowhere in the passage, or the other way round in its sentence."""
        here, there, everywhere = polarity(claim), polarity(closest), polarity(self.passage)
        for stem, said in here.items():
            plainly = any(stem in each and not each[stem].denied for each in (there, everywhere))
            denies = any(
                each.denied and (other in here or _in_one_clause(closest, each, there.get(stem)))
                for other, each in there.items()
            )
            if said.denied and not denies and plainly:
                return said.word
            if said.only_plain and stem in there and there[stem].only_denied:
                return said.word
        return ""


def _in_one_clause(sentence: str, denied: Stated, word: Stated | None) -> bool:
    """Whether a word stands in what is denied, or nowhere: "did not attend the meeting" for "was not at the meeting",
    but not "who has never lost an election, voted for it" for "did not vote"."""
    if word is None:
        return True
    first, last = sorted((denied.span, word.span))
    return not re.search(r"[,;:]", _ASIDE.sub(" ", sentence[first[1] : last[0]]))


@lru_cache(maxsize=64)
def _given(passage: str, header: str) -> _Given:
    """The passage taken apart; kept, because every sentence of an answer is checked against the same few."""
    return _Given(_undotted(passage), _undotted(header))


def _undotted(text: str) -> str:
    """The text with U.S. as US."""
    return _DOTTED.sub(lambda match: match.group().replace(".", ""), text)


def _tokens(text: str) -> list[str]:
    """Words in lower case, hyphenated ones in their parts, possessives off."""
    return [word.casefold() for word in _bare_words(text)]


def _bare_words(text: str) -> list[str]:
    """The same words as they stand."""
    return [match.group() for match in _TOKEN.finditer(_POSSESSIVE.sub("", text))]


def _names(text: str) -> list[str]:
    """Names of more than a letter, without a number before them, titles alone, and months, which dates are for."""
    no_names = _TITLES | STOP_WORDS | MONTHS.keys() | NUMBER_WORDS
    found = []
    for name in names(text):
        first, _, rest = name.partition(" ")
        bare = rest if rest and first.casefold() in NUMBER_WORDS else name
        if len(bare) > 1 and not set(_tokens(bare)) <= no_names:
            found.append(bare.rstrip("'’"))
    return [*found, *short_names(_OF_AN_OFFICE.sub("", text))]


def _subject(text: str) -> str:
    """The name that opens a sentence as its subject, or one word that may be a name: nothing in the plural."""
    found = _SUBJECT.match(text)
    name = found["name"] if found else ""
    common = name not in SHORT_NAMES and name.casefold() in _TITLES | STOP_WORDS | MONTHS.keys() | NUMBER_WORDS
    return "" if common or (" " not in name and name.endswith("s")) else name


def _plain_stems(text: str) -> set[str]:
    """The stems of the content words that are neither amounts nor capitalised."""
    plain = (word for word in words(text) if word[0].islower() and not is_number(word) and word not in SIZE_WORDS)
    return set(stems(" ".join(PLURALS.get(word, word) for word in plain)))


def _is_stated(own: Number, stated: Facts) -> bool:
    return any(bears_out(number, own) for number in stated.numbers)


def _among(part: str, given: Sequence[str]) -> bool:
    return any(part == own or same_root(part, own) for own in given)


def _plain(text: str) -> str:
    return " ".join(text.translate(_QUOTE_MARKS).casefold().split()).strip(" .,;:!?\"'")
