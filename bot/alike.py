"""Sentences of other stories that say what the best one says, be it with another answer: what the reader passed over.

The reader weighs each passage for itself and may give a second report of one thing little weight, or find something
else in it. Once the best sentence is known, its likes can be told by their words.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from bot.claims import ALMOST_THE_SAME, Claim, independent
from bot.facts import facts
from bot.read import Evidence, FoundAnswer
from bot.words import overlap, stems
from index.passages import Span, sentences_of
from index.search import ScoredPassage

MIN_SHARED = 3
"""Stems at least that two sentences share which say the same thing."""
MAX_NAME_CHARACTERS = 60
_SCALE = r"(?:\s?%|[\s-](?:per ?cent|hundred|thousand|million|billion|trillion|dozen)\b){0,2}"
"""What belongs to a number and stands behind it."""
_CONTEXT = re.compile(r"[\w’'-]+")


def alike_sentences(best: Claim, passages: Sequence[ScoredPassage], said: Collection[str]) -> Iterator[Evidence]:
    """The sentences of other stories that say what the best one says, the whole of each as its answer.

    `said`: the stems of the best sentence that count. Each is as likely as the best one, since it says the same.
    """
    for passage in passages:
        for start, end in sentences_of(passage.passage):
            sentence = Evidence(passage, start, end, FoundAnswer(start, end, best.evidence.score))
            if independent(Claim(sentence), [best]) and says_the_same(said, sentence.text):
                yield sentence


def says_the_same(said: Collection[str], text: str) -> bool:
    """Whether a text has nearly all of these stems, or they nearly all of its own."""
    found = set(stems(text))
    return len(found & set(said)) >= MIN_SHARED and overlap(list(said), list(found)) >= ALMOST_THE_SAME


def other_answers(best: Claim, passages: Sequence[ScoredPassage]) -> Iterator[Claim]:
    """What sentences of other stories give in the place of the best one's answer."""
    for sentence in alike_sentences(best, passages, best.plain):
        place = _other_answer(best, sentence.text)
        if place is not None:
            yield Claim(answering(sentence, place))


def answering(sentence: Evidence, place: Span) -> Evidence:
    """The sentence with a stretch of it as its answer."""
    start, end = (sentence.start + each for each in place)
    return Evidence(sentence.passage, sentence.start, sentence.end, FoundAnswer(start, end, sentence.score))


def _other_answer(best: Claim, text: str) -> Span | None:
    """Where a sentence has one thing of the kind of the best answer that the best sentence has not."""
    here, there = facts(best.evidence.text), facts(text)
    if best.date:
        dates = {(each.year, each.month, each.day) for each in here.dates}
        found = [each.text for each in there.dates if (each.year, each.month, each.day) not in dates]
    elif best.number:
        values = {each.value for each in here.numbers}
        kind = best.number.kind
        found = [each.text for each in there.numbers if each.kind == kind and each.value not in values]
    else:
        return _other_name(best, text) if best.name else None
    if len(found) != 1:
        return None
    match = re.search(rf"(?<![\w.,]){re.escape(found[0])}(?![.,]?\d){_SCALE}", text)
    return match.span() if match else None


def _other_name(best: Claim, text: str) -> Span | None:
    """What stands between the words that are around the best answer: the beginning of the sentence and "won", say."""
    start, end = best.evidence.answer_in_text
    before = _CONTEXT.findall(best.evidence.text[:start])[-1:]
    after = _CONTEXT.findall(best.evidence.text[end:])[:1]
    opens = rf"\b{re.escape(before[0])}\W+" if before else r"^\W*"
    closes = rf"(?=\W+{re.escape(after[0])}\b)" if after else r"(?=\W*$)"
    match = re.search(rf"{opens}(?P<name>[^\W\d_a-z][^.;:]{{1,{MAX_NAME_CHARACTERS}}}?){closes}", text)
    return match.span("name") if match else None
