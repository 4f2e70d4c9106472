"""Follow-ups: a question that leans on the conversation becomes one that stands alone.

A measured heuristic in the spirit of historical query expansion (Lin et al. 2021): what the conversation is about is
added in brackets, names are given in full, "and what about B" is asked as its model was of A. `evals.resolving`
measures it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.calendar import MONTHS, WEEKDAYS
from bot.types import MAX_QUESTION_CHARACTERS
from bot.words import DATELINE, PERSON, STOP_WORDS, UPPER, content_words, names, stems, words

History = Sequence[tuple[str, ...]]
"""A conversation so far, oldest first: of each turn the question and its answer, and, where that is known, how the
question was understood in the end (`Answer.interpreted_question`)."""

_SPAN_OF_TIME = r"(?:past\s+)?(?:day|week|weekend|month|year|morning|spring|summer|fall|autumn|winter|season)"
_BEFORE_THAT = "in on at of after before about by with from to for is was did does".split()
_PRONOUN = re.compile(
    r"\b(?:he|she|him|his|hers|her|himself|herself|its|itself|they|them|their|theirs|themselves|these|those"
    # not the "it" of "will it take long to …", nor "this week"
    rf"|it(?!\s+(?:cost|take|be)\b.*\bto\b)|this(?!\s+{_SPAN_OF_TIME}\b)"
    # not the "that" that opens a clause
    rf"|(?:{'|'.join(f'(?<={word} )' for word in _BEFORE_THAT)})that|that(?=\W*$))\b",
    re.IGNORECASE,
)
"""What points at something, in its own question or before it."""
_CLOSING = re.compile(
    r"\b(?:then|there|before|after|earlier|later|since|afterwards?|anyway|so|instead|in\s+return)\W*$", re.IGNORECASE
)
"""What points, at the end of a short question, at what was said before."""
_COMPARISON = re.compile(
    r"\b(?:else|others?(?!\s+than\b)|same|also|too(?=\W*$)|again|instead(?!\s+of\b))\b", re.IGNORECASE
)
"""What compares with something that was said before, where the question has no name in it."""
_DEFINITE = re.compile(r"\b(?:the|these|those)\s+(?:\w+\s+)?([^\W\d_][\w’'-]{2,})(?:\s+([^\W\d_][\w’'-]{2,}))?", re.I)
_POSSESSIVE = re.compile(r"(?:his|her|its|their)\b(?=\s+\w)", re.IGNORECASE)
_AUXILIARY = r"(?:did|do|does|is|are|was|were|had|has|have|will|would|can|could|should|might|must)"
_HELPED = re.compile(rf"\b{_AUXILIARY}(?:n['’]t)?\b", re.IGNORECASE)
_SUBJECT = re.compile(rf"\b{_AUXILIARY}(?:n['’]t)?\s+(?:also\s+)?$", re.IGNORECASE)
_PREPOSITION = r"(?:about|of|with|for|to|on|in|from|by|at|among|after|before|against|into|over)"
_OBJECT = re.compile(rf"\b{_PREPOSITION}\s+$", re.IGNORECASE)
_DETERMINED = re.compile(r"\b(?:the|an?|each|every)\s+$", re.IGNORECASE)
_WITH_MODIFIERS = re.compile(
    rf"(?P<determiner>\b(?:the|an?|each|every)\s+)(?:(?!(?:{'|'.join(sorted(STOP_WORDS))})\b)[\w’'-]+\s+){{1,2}}$",
    re.IGNORECASE,
)
"""What stands before a noun, from its article on."""
_NOUN = re.compile(r"\b(?:which|whose|an?|each|every)\s+[^\W\d_][\w’'-]{2,}", re.IGNORECASE)
_CLAUSE = re.compile(
    r"[,.;:?!–—]|\b(?:when|while|after|before|because|since|if|that|who|which|and|but|or|where|as|until|than)\b",
    re.IGNORECASE,
)
_CONJUNCTION = re.compile(r"^\W*(?:(?:and|but|or|so|ok|okay|well)\b[\s,]*)+", re.IGNORECASE)
_WHAT_ABOUT = re.compile(
    rf"^(?:what|how)\s+about\s+(?:(?P<where>{_PREPOSITION})\s+)?(?P<the>the\s+)?"
    # up to the end of the sentence, which is not the dot of "Dr. Fauci"; that of "the U.S." is kept
    r"(?P<other>[^?!]*?(?:(?:\b\w\.){2,}|[^\s?!.,;:]))[\s.,;:]*(?:[?!]|$)",
    re.IGNORECASE,
)
_NO_OTHER = re.compile(
    r"(?:that|this|last|next|now|today|tonight|tomorrow|yesterday|then|since|here|there|who|what|when|where|why|how|if)\b",
    re.IGNORECASE,
)
"""What begins, with the pronouns, what nothing can be asked of as it was of another: a time, a clause."""
_AND_A_NAME = re.compile(
    rf"^(?:and|or)\s+(?:(?P<where>{_PREPOSITION})\s+)?(?P<the>the\s+)?(?P<other>(?-i:[{UPPER}])[^?.!,]*)\W*$", re.I
)

_BARE = re.compile(
    r"(?P<how>why|when|where|how(?:\s+(?:come|long|often))?|(?:since|until)\s+when)"
    r"(?:\s+(?:so|exactly|(?:is|was)\s+(?:that|this|it)))*\W*$",
    re.IGNORECASE,
)
"""What asks something more of what was asked last, and says nothing of it. "Why not?" asks of its opposite."""
_ASKED_FOR = re.compile(
    rf"^(?:{_PREPOSITION}\s+)?(?P<word>who|whom|whose|what|which|when|where|why|how(?:\s+(?:many|much))?)\b\s*"
    rf"(?:(?P<thing>(?:[\w’'-]+\s+){{0,4}}?)(?P<helped>{_AUXILIARY}\b)\s*)?",
    re.IGNORECASE,
)
"""What a question asks for, up to its auxiliary where it has one: "how many people did"."""
_OF_DOING = frozenset("did do does".split())
_A_SUBJECT = re.compile(rf"(?:(?:the|an?|his|her|its|their|there|you|we|i)\b|(?-i:[{UPPER}])|{_PRONOUN.pattern})", re.I)
"""What begins a subject behind an auxiliary, as in "which car was he driving"."""

_ASKING = frozenset("since happen happened happens".split())
"""Words that say no more of what is asked about than "when" and "what" do."""
_BRACKETED = re.compile(r"(?P<asked>.*\?)\s*\([^()?]+\)\s*$")
_NAMED = rf"(?-i:[{UPPER}])[\w.’'-]*(?:\s+(?-i:[{UPPER}])[\w.’'-]*)*"
_PLACE = rf"(?:{_NAMED}(?:\s+\d{{4}})?|\w+(?:\s+(?!{_PREPOSITION}\b)\w+){{0,2}})"
"""What ends a question after a preposition: Brazil, April 2020, first quarter."""
_YEAR_BEHIND = re.compile(r"\s+\d{4}$")
_SMALL_WORDS = frozenset("of the".split())
_CALENDAR = MONTHS.keys() | WEEKDAYS
_NO_PLACE = "".join(rf"(?<!\b(?i:{word}) )" for word in ("in", "of", "at", "from"))
"""Before a name: "Paris" is not Paris Hilton there. "Of Jordan’s career" is of a career, maybe Michael Jordan's."""

ENOUGH_WORDS = 3
"""Content words from which on a question without a name or a leaning word stands alone. Of 1,691 questions inside
dialogues (CANARD) 2 / 3 / 4 tell .85 / .92 / .94 of the leaning ones, and carry something over into .025 / .039 / .059
of questions on something else."""
MANY_WORDS = 4
"""Content words up to which "the film" and "another" are taken to take up what was talked of."""
MOST_WORDS = 6
"""The same for what closes a question, "the day after" say."""
LATEST_TURNS = 12
"""Whoever comes back to something further off names it."""
NAMES_OF_AN_ANSWER = 2
MOST_NAMES = 4
"""Words of a person's full name."""
CHARACTERS_OF_AN_ANSWER = 300
"""Of an earlier answer, which may have five sentences: what was asked for is said in the first one or two."""


@dataclass(frozen=True)
class Resolved:
    """A question as it was understood.

    `text` stands alone; it is shown and searched for. `asked` is the part of it that a reader is asked: without the
    words in brackets, which only lead the search to the right articles (the reader, which was taught on questions as
    people ask them, finds more answers so). `added` are these words. Where not `certain`, the question may as well
    have been meant as it was typed.
    """

    text: str
    asked: str
    added: tuple[str, ...] = ()
    certain: bool = True

    def asking(self, asked: str) -> Resolved:
        """The same with another wording of what is asked."""
        return replace(self, text=self.text.replace(self.asked, asked, 1), asked=asked)


def resolve(question: str, history: History) -> Resolved:
    """The question as it would be asked out of the blue; the same when it stands alone or nothing went before.

    One that ends in words in brackets, as `Resolved.text` does, has been resolved and perhaps edited.
    """
    bracketed = _BRACKETED.match(question)
    if bracketed:
        return Resolved(question, bracketed["asked"])
    # an earlier question may come from anywhere and be of any length
    history = [(turn[0][:MAX_QUESTION_CHARACTERS], *turn[1:]) for turn in history[-LATEST_TURNS:]]
    if not history:
        return Resolved(question, question)
    root = _root(history)
    said = _said(history[root:])
    whole = _names_in_full(question, said)
    leaning = leans(whole, said)
    if leaning is False:
        return Resolved(whole, whole)
    bare = _asked_of_another(whole, history) or _asked_otherwise(whole, history)
    bare = bare or _CONJUNCTION.sub("", whole).strip()
    bare = f"{bare[:1].upper()}{bare[1:]}" or whole
    topic = _telling(history[root][0])
    topic += _telling(history[-1][0]) if len(content_words(bare)) <= 1 else names(history[-1][0])
    answer = DATELINE.sub("", history[-1][1][:CHARACTERS_OF_AN_ANSWER])
    topic += names(answer)[:NAMES_OF_AN_ANSWER]
    added = tuple(_new(topic, bare))
    return Resolved(f"{bare} ({', '.join(added)})" if added else bare, bare, added, certain=leaning is True)


def leans(question: str, said: Sequence[str]) -> bool | None:
    """Whether a question can be understood only with what was said before it; None where it can't be told."""
    if _WHAT_ABOUT.match(question) or _CONJUNCTION.match(question):
        return True
    if any(not _bound(question, found) for found in _PRONOUN.finditer(question)):
        return True
    telling = [word for word in content_words(question) if word.casefold() not in _ASKING]
    if len(telling) <= MOST_WORDS and _CLOSING.search(question):
        return True
    if _named(question):
        return False
    if len(telling) <= MANY_WORDS and _COMPARISON.search(question):
        return True
    nouns = {stem for found in _DEFINITE.finditer(question) for word in found.groups() for stem in stems(word or "")}
    if len(telling) <= MANY_WORDS and nouns & _stems_of(said):
        return True
    if len(telling) >= ENOUGH_WORDS:
        return False
    return None if telling else True


def _root(history: History) -> int:
    """Which of the earlier questions began what is being talked of: the last one that took up nothing before it.

    One that can't be told to stand alone did so if it was understood as it was typed.
    """
    root = 0
    for i in range(1, len(history)):
        said = _said(history[root:i])
        question, *known = history[i]
        leaning = leans(question, said)
        alone = leaning is False or (leaning is None and known[1:] == [question])
        if alone and not set(stems(question)) & _stems_of(said):
            root = i
    return root


def _said(history: History) -> list[str]:
    return [part for turn in history for part in (turn[0], turn[1][:CHARACTERS_OF_AN_ANSWER])]


def _stems_of(said: Sequence[str]) -> set[str]:
    return {stem for part in said for stem in stems(part)}


def _names_in_full(question: str, said: Sequence[str]) -> str:
    """The question with each last name alone in full as it was said before; a first one where that can be a person's.

    Twitter is not Twitter Blue, nor England the Bank of England. What may be a month or a place ("in May", "of Jordan")
    is left alone.
    """
    full = [each.split() for part in said for each in names(part)]
    asked = {word.casefold() for word in words(question)}
    of_a_person = any(map(PERSON.search, said))
    for name in _named(question):
        for longer in full:
            rest = {word.casefold() for word in longer if word != name}
            is_short = name == longer[-1] or (name == longer[0] and (of_a_person or _does(name, question)))
            if is_short and 0 < len(rest) < MOST_NAMES and not rest & (asked | _SMALL_WORDS):
                word = re.escape(name)
                alone = re.search(rf"(?:{_NO_PLACE}|(?={word}['’]s\b))(?<![\w-]){word}(?![\w-])", question)
                if alone:
                    question = f"{question[: alone.start()]}{' '.join(longer)}{question[alone.end() :]}"
                break
    return question


def _does(name: str, question: str) -> bool:
    """Whether a name stands where somebody who does something is named, as in "what did Patti sing?"."""
    return any(_SUBJECT.search(question[: each.start()]) for each in re.finditer(rf"\b{re.escape(name)}\b", question))


def _asked_of_another(question: str, history: History) -> str:
    """ "And what about phones?" as the last full question, asked of phones; empty where it is no such question."""
    found = _WHAT_ABOUT.match(_CONJUNCTION.sub("", question)) or _AND_A_NAME.match(question)
    model = next((turn[0] for turn in reversed(history) if not _WHAT_ABOUT.match(_CONJUNCTION.sub("", turn[0]))), "")
    if found is None or not model or len(found["other"].split()) > MOST_NAMES:
        return ""
    other = found["other"].strip()
    if _PRONOUN.match(other) or _NO_OTHER.match(other):
        return ""
    if found.re is _AND_A_NAME and names(f"- {other}") != [_YEAR_BEHIND.sub("", other)]:
        return ""
    model = _CONJUNCTION.sub("", model)
    if found["where"]:
        # "and in Peru?" takes the place of "in Brazil"; without such a place it is one more thing that is said
        there = re.search(rf"\b{found['where']}\s+(?:the\s+)?{_PLACE}(?=\W*$)", model, re.I)
        said = f"{found['where'].lower()} {(found['the'] or '').lower()}{other}"
        return f"{model[: there.start()]}{said}{model[there.end() :]}" if there else _with_more(model, said)
    around = _around_its_like(other, model, careless=question.islower())
    return other.join(around) if around else ""


def _asked_otherwise(question: str, history: History) -> str:
    """ "Why?" as the last question, asked so; empty where it is no such question, or that can't be asked so."""
    bare = _BARE.match(_CONJUNCTION.sub("", question))
    if not bare:
        return ""
    asked, answer, *known = history[-1]
    model = _CONJUNCTION.sub("", _BRACKETED.sub(r"\g<asked>", known[0] if known else asked)).strip()
    if _HELPED.match(model):
        rest = f"{model[:1].lower()}{model[1:]}"
    elif found := _ASKED_FOR.match(model):
        rest = _said_of_it(found, model[found.end() :], answer[:CHARACTERS_OF_AN_ANSWER])
    else:
        return ""
    return f"{bare['how']} {rest}" if content_words(rest) else ""


def _said_of_it(asked_for: re.Match[str], rest: str, answer: str) -> str:
    """What a question says of what it asks for, with a subject: that of the question, or, where it asks for that, what
    it calls it or the first name of the answer; empty where there is none."""
    is_who = asked_for["word"].lower() == "who"
    helped, thing = asked_for["helped"] or "", (asked_for["thing"] or "").strip()
    has_subject = helped.lower() in _OF_DOING or bool(helped and _A_SUBJECT.match(rest))
    if has_subject or not (is_who or thing):
        return f"{helped} {rest}".strip()
    subject = " ".join((names(answer) or names(f"- {answer}"))[:1]) if is_who else thing
    return " ".join(filter(None, (helped, subject, rest))) if subject else ""


def _around_its_like(other: str, model: str, *, careless: bool) -> tuple[str, str] | None:
    """What stands before and after what another thing takes the place of; None where it would fit nowhere.

    A name takes the place of a name. Another word takes that of a noun, as far as can be told: of what stands after a
    preposition or an article, or ends a question without an auxiliary. Only the `careless` write no capitals in names.
    """
    named = bool(names(f"- {other}"))
    alike = [name for name in names(model) if _is_date(name) == _is_date(other)] if named else []
    if alike:
        return _around(alike[-1], model)
    alike = [word for word in content_words(model)[1:] if _is_date(word) == _is_date(other)]
    if not alike:
        return None
    name = next((name for name in _named(model) if alike[-1] in words(name)), "")
    around = _around(name or alike[-1], model)
    if not around or (name and not careless):
        return None
    before, after = around
    if not name and len(other.split()) > 1 and (own := _WITH_MODIFIERS.search(before)):
        before = before[: own.end("determiner")]  # "the second debate" is asked of in place of "the first debate"
    if _DETERMINED.search(before):
        fits = not named
    else:
        fits = bool(_OBJECT.search(before)) or not (words(after) or _HELPED.search(before))
    return (before, after) if fits else None


def _around(part: str, question: str) -> tuple[str, str] | None:
    """What stands before and after the last place where this stands as words of its own."""
    found = list(re.finditer(rf"(?<!\w){re.escape(part)}(?!\w)", question))
    return (question[: found[-1].start()], question[found[-1].end() :]) if found else None


def _is_date(text: str) -> bool:
    return all(word in _CALENDAR or word.isdigit() for word in text.casefold().split())


def _with_more(question: str, more: str) -> str:
    bare = question.rstrip(" ?.!")
    return f"{bare} {more}?"


def _bound(question: str, pronoun: re.Match[str]) -> bool:
    """Whether a pronoun can point at something in its own question: a noun or a name before it.

    "What song did they sing" has a noun before it that they can't be, and "what did Biden say about it" such a name.
    """
    before = question[: pronoun.start()]
    if not _SUBJECT.search(before) and _NOUN.search(before):
        return True
    ends = [before.find(name) + len(name) for name in names(f"- {before}")]
    if not ends:
        return False
    is_object = _OBJECT.search(before) and not _POSSESSIVE.match(question, pronoun.start())
    return not is_object or _CLAUSE.search(before, min(ends)) is not None


def _named(question: str) -> list[str]:
    """The names in a question that are no days or months."""
    return [name for name in names(question) if not set(name.casefold().split()) <= _CALENDAR]


def _new(phrases: Sequence[str], question: str) -> list[str]:
    """Those that say something that neither the question nor one before them says; no dates."""
    known = set(stems(question))
    new = []
    for phrase in phrases:
        own = set(stems(phrase)) or {phrase.casefold()}
        if 2 * len(own & known) < len(own) and not set(phrase.casefold().split()) <= _CALENDAR and not phrase.isdigit():
            new.append(phrase)
            known |= own
    return new


def _telling(question: str) -> list[str]:
    """The names in a question, then its other content words."""
    found = names(question)
    inside = " ".join(found).casefold()
    return found + [word for word in content_words(question) if word.casefold() not in inside]
