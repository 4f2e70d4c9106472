"""Questions altered so that their paragraph does not answer them any more, though almost every word still fits."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from bot.reader.rewording import Lexicon, stems_of
from bot.reader.sources import Paragraph, Question
from bot.reader.variants import FUNCTION_WORDS, OPPOSITES

Slot = tuple[str, str]
"""The word before, and the ending: words of one slot mostly fit in each other's place."""

# The word behind one of these can stand for another that the same article's questions have there.
SLOTS = frozenset("the a an of his her its their he she it they to many what which".split())
ASKED = frozenset({"many", "what", "which"})  # here it is the kind of thing that is asked for
VERBS = frozenset("did was is does were are do has had have can would of".split())  # behind such a kind
MEASURES = [("long", "often", "far", "fast"), ("old", "tall", "large", "high", "deep", "heavy", "expensive")]

_DETAIL = re.compile(r"(?<=[a-z] )(?:[A-Z][a-z]{2,}(?: [A-Z][a-z]{2,})*|\d{3,4})\b")
_SLOT = re.compile(r"\b([A-Za-z]+) (?=([a-z]{3,})\b(?: ([a-z]+))?)")
_ADVERB = re.compile(r"\b(When|Where|Why)(?= (?:did|do|does|was|were|is|are|has|had|have)\b)", re.IGNORECASE)
_MEASURE = re.compile(r"(?<=\b[Hh]ow )[a-z]+\b")
# Where the passage has nothing of the kind, it cannot say it.
_SIGNS = {
    "when": re.compile(r"\d|\b(?:(?:Jan|Febr)uary|March|April|May|June|July|August|\w+ember|October|century|\w+day)\b"),
    "where": re.compile(r"\b(?:[Ii]n|[Aa]t|near|from|to|of) (?:the )?[A-Z]"),
    "why": re.compile(r"\b(?:because|due|since|reasons?|so that|order to|result\w*|cause\w*|to [a-z]+|for)\b"),
}


def alterations(
    paragraphs: list[Paragraph], questions: list[Question], known: Lexicon, rng: random.Random
) -> Iterator[str]:
    """For each question one that its paragraph should not answer, or "" where no rule applies.

    One thing is exchanged: a year or name for another of the same article's questions; a word for its opposite, or for
    one that those questions have in the same place, if the paragraph has not that word and `known` does not have it
    for a neighbour; or what is asked for. A cheap stand-in for the adversarial questions of SQuAD 2.0 (Rajpurkar et al.
    2018, table 2).
    """
    details: dict[int, list[str]] = {}
    fillers: dict[tuple[int, Slot], list[str]] = {}
    for question in questions:
        article = paragraphs[question.paragraph].article
        details.setdefault(article, []).extend(_DETAIL.findall(question.text))
        for slot, word, _ in slots(question.text):
            fillers.setdefault((article, slot), []).append(word)
    for question in questions:
        paragraph = paragraphs[question.paragraph]
        ways = [
            list(other_details(question, details[paragraph.article])),
            list(opposites(question.text, paragraph.text)),
            list(other_fillers(question.text, paragraph, fillers, known, rng)),
            list(other_askings(question, paragraph.text)),
        ]
        ways = [way for way in ways if way]
        yield rng.choice(rng.choice(ways)) if ways and question.answerable else ""


def other_details(question: Question, known: list[str]) -> Iterator[str]:
    """The question with a year or a name exchanged for one of `known`."""
    text = question.text
    for match in _DETAIL.finditer(text):
        for detail in known:
            like = detail[0].isdigit() == match[0][0].isdigit()
            if like and detail not in text and match[0] not in detail and detail not in question.answers:
                yield text[: match.start()] + detail + text[match.end() :]


def opposites(text: str, passage: str) -> Iterator[str]:
    """The question with a word exchanged for its opposite, which the passage has not."""
    for pair in OPPOSITES:
        for word, opposite in (pair, pair[::-1]):
            if re.search(rf"\b{word}\b", text) and not re.search(rf"\b{opposite}\b", passage, re.IGNORECASE):
                yield re.sub(rf"\b{word}\b", opposite, text, count=1)


def slots(text: str) -> Iterator[tuple[Slot, str, tuple[int, int]]]:
    """The words of a question that could be exchanged: (slot, word, its place)."""
    for match in _SLOT.finditer(text):
        before, word, after = match[1].lower(), match[2], match[3]
        asked = before in ASKED
        if before in SLOTS and word not in FUNCTION_WORDS and (not asked or after in VERBS or before == "many"):
            ending = next((e for e in ("ing", "ed", "est", "s") if word.endswith(e)), "")
            # "Which" and "what" ask for the same kinds of thing.
            yield ("what" if before == "which" else before, ending), word, match.span(2)


def other_fillers(
    text: str,
    paragraph: Paragraph,
    fillers: dict[tuple[int, Slot], list[str]],
    known: Lexicon,
    rng: random.Random,
) -> Iterator[str]:
    """The question with a word exchanged for one that other questions of the article have in such a place."""
    passage = stems_of(paragraph.text)
    for slot, word, (start, end) in slots(text):
        stems = stems_of(word) | stems_of(text)
        others = sorted(
            {
                other
                for other in fillers[paragraph.article, slot]
                if not stems_of(other) & (stems | passage)
                and other not in known.get(word, ())
                and word not in known.get(other, ())
            }
        )
        if others:
            yield text[:start] + rng.choice(others) + text[end:]


def other_askings(question: Question, passage: str) -> Iterator[str]:
    """The question asking when, where or why instead, of which the passage shows no sign, or for another measure."""
    text = question.text
    if match := _ADVERB.search(text):
        for adverb, signs in _SIGNS.items():
            if adverb != match[1].lower() and not signs.search(passage):
                put = adverb.title() if match[1][0].isupper() else adverb
                yield text[: match.start()] + put + text[match.end() :]
    if match := _MEASURE.search(text):
        for measures in MEASURES:
            if match[0] in measures:
                for other in measures:
                    if other != match[0]:
                        yield text[: match.start()] + other + text[match.end() :]
