"""Questions put in other words than their passages: who has not read an article does not ask in its words.

Published reading sets were written with the passage in view, so a confidence that is fitted to them alone takes shared
words for the sign of an answer. The other words come from the sentence encoder itself, whose nearest words are mostly
synonyms and word forms; no thesaurus is needed.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import Stemmer

from bot.reader.sources import Paragraph, Question
from bot.reader.variants import FUNCTION_WORDS, OPPOSITES

Lexicon = dict[str, tuple[str, ...]]

LEAST_USES = 8  # of a word in the texts: rarer ones are mostly misspelt or foreign
LEAST_SIMILARITY = 0.66  # by eye, of 60 words: below it neighbours are of one field rather than of like meaning
MOST_NEIGHBOURS = 5
# A word that the passage has too is the sign that is to be done without.
SHARED_CHANCE, OTHER_CHANCE = 0.6, 0.2
NAME_CHANCE = 0.12  # a name left out, as by somebody who knows the matter but not who it was
FRAME_CHANCE = 0.4
LEAST_WORDS = 2  # of a question's own words must stay

_STEMMER = Stemmer.Stemmer("english")
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_PLAIN = re.compile(r"(?<![\w'\u2019-])[a-z]{3,}(?![\w'\u2019-])")
# Near each other for the encoder, since they stand in like sentences, but not to be exchanged.
_OPPOSED = (
    "leave/stay leave/remain easy/difficult easy/hard fast/slow quickly/slowly safe/dangerous many/few most/few "
    "mother/father king/queen son/daughter brother/sister husband/wife man/woman men/women male/female boy/girl "
    "summer/winter spring/autumn north/south east/west left/right up/down high/low long/short big/small large/small "
    "old/new old/young early/late rich/poor win/lose won/lost buy/sell bought/sold birth/death born/died "
    "allowed/prohibited allowed/forbidden permitted/prohibited accept/reject include/exclude success/failure "
    "war/peace import/export inside/outside above/below true/false alive/dead enemy/friend ally/enemy "
    "teacher/student died/survived killed/survived rise/fall rose/fell increased/decreased gain/loss strong/weak "
    "open/closed public/private full/empty hot/cold warm/cold light/dark black/white day/night morning/evening"
)
_APART = {frozenset(pair) for pair in (*OPPOSITES, *(pair.split("/") for pair in _OPPOSED.split()))}
_NUMBERS = frozenset(
    "one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred thousand "
    "million billion first second third fourth fifth sixth seventh eighth ninth tenth once twice half double triple "
    "dozen".split()
)
# What a question asks for, which `_FRAMES` puts otherwise, and how much of it.
_ASKING = frozenset(
    "many much year years month months day days date time type kind sort name long old often most more some several "
    "few fewer less least other another all any only minority majority".split()
)
_NEGATING = ("un", "in", "im", "il", "ir", "dis", "non", "anti", "mis", "de")
_FRAMES: list[tuple[re.Pattern[str], tuple[str, ...]]] = [
    (re.compile(pattern, re.IGNORECASE), tuple(others))
    for pattern, others in (
        (r"^how many\b", ("what number of", "what is the number of", "how large a number of")),
        (r"^how much(?: of)?\b", ("what amount of", "what sum of")),
        (
            r"^how long (?=did|do|does|has|have|had)",
            ("for what length of time ", "over what time ", "for how many years "),
        ),
        (r"^how old\b", ("at what age", "what age")),
        (r"^how often\b", ("with what frequency", "how many times")),
        (r"^how\b(?! (?:many|much|long|old|often|far|large|big|high|tall))", ("in what way", "by what means")),
        (r"^when (?=did|was|were|is|does|do|has|had|will)", ("on what date ", "in what year ", "at what time ")),
        (r"^(?:in |during )?(?:what|which) year\b", ("when", "in which year")),
        (r"^(?:on )?(?:what|which) (?:date|day)\b", ("when", "on which day")),
        (
            r"^who (?=did|was|were|is|are|has|had|\w+ed\b)",
            ("which person ", "what person ", "what is the name of who "),
        ),
        (r"^where (?=did|was|were|is|are|does|do|can)", ("in what place ", "at which place ", "what place ")),
        (r"^why\b", ("for what reason", "how come", "what made it so that", "what was behind it that")),
        (r"^what (?:type|kind|sort)s? of\b", ("which kind of", "what sort of", "what form of")),
        (r"^what (?:is|was) the name of\b", ("what do they call", "which is", "how does one call")),
        (r"^what\b", ("which",)),
        (r"^which\b", ("what",)),
    )
]


def lexicon(texts: Iterable[str], encoder: Path) -> Lexicon:
    """For each common word of `texts` others of nearly its meaning, by the sentence encoder of the folder `encoder`.

    Names, numbers, forms of one stem and opposites are left out; a word without such neighbours has no entry.
    """
    from sentence_transformers import SentenceTransformer

    counts = Counter(word for text in texts for word in _PLAIN.findall(text))
    left_alone = FUNCTION_WORDS | _NUMBERS | _ASKING
    words = sorted(word for word, uses in counts.items() if uses >= LEAST_USES and word not in left_alone)
    if not words:
        return {}
    vectors = SentenceTransformer(str(encoder), device="cpu").encode(
        words, batch_size=256, normalize_embeddings=True, show_progress_bar=False
    )
    stems = _STEMMER.stemWords(words)
    found: Lexicon = {}
    for row, word in enumerate(words):
        likeness = vectors @ vectors[row]
        near = (int(i) for i in np.argsort(-likeness) if likeness[i] >= LEAST_SIMILARITY)
        others = [words[i] for i in near if stems[i] != stems[row] and not _opposed(word, words[i])]
        if others:
            found[word] = tuple(others[:MOST_NEIGHBOURS])
    return found


def _opposed(word: str, other: str) -> bool:
    """Whether the two are opposites, by the list or by a prefix."""
    short, long = sorted((word, other), key=len)
    return frozenset((word, other)) in _APART or any(long == prefix + short for prefix in _NEGATING)


def reworded(question: str, passage_stems: frozenset[str], known: Lexicon, chance: random.Random) -> str:
    """The question with some words exchanged for neighbours, some names left out, and perhaps asked differently.

    Words of which the passage has the stem (of Snowball's English, lower case) go most often.
    """
    words = list(_WORD.finditer(question))
    left = len([word for word in words if word.group().lower() not in FUNCTION_WORDS])
    parts, at = [], 0
    for number, word in enumerate(words):
        text, put = word.group(), word.group()
        if text in known:
            shared = _STEMMER.stemWord(text) in passage_stems
            if chance.random() < (SHARED_CHANCE if shared else OTHER_CHANCE):
                put = chance.choice(known[text])
        elif number and text[0].isupper() and left > LEAST_WORDS and chance.random() < NAME_CHANCE:
            put, left = "", left - 1
        parts += [question[at : word.start()], put]
        at = word.end()
    text = " ".join("".join([*parts, question[at:]]).split())
    if chance.random() < FRAME_CHANCE:
        for pattern, others in _FRAMES:
            if pattern.search(text):
                return pattern.sub(chance.choice(others), text, count=1)
    return text


def rewordings(
    paragraphs: list[Paragraph], questions: list[Question], known: Lexicon, chance: random.Random
) -> Iterator[str]:
    """For each question the same in other words, or "" where it comes out as it was."""
    stems: dict[int, frozenset[str]] = {}
    for question in questions:
        if question.paragraph not in stems:
            stems = {question.paragraph: stems_of(paragraphs[question.paragraph].text)}
        text = reworded(question.text, stems[question.paragraph], known, chance)
        yield "" if text == question.text else text


def stems_of(text: str) -> frozenset[str]:
    """The stems of the text's words, in lower case."""
    return frozenset(_STEMMER.stemWords([word.lower() for word in _WORD.findall(text)]))
