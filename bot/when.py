"""What a question says about which articles are meant: the newest, up to a day, since last week, of an outlet.

The words that say so lead the search and the order of the answer; what is read is the question without them. Only words
about reports count: "in 2019" is when something happened, and an article of 2023 may tell of it.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.calendar import MONTHS, Date, date_at
from bot.read import Evidence
from bot.words import stems, words
from index.search import ScoredPassage

_NEWEST = r"(?:latest|newest|most\s+recent|most\s+up[- ]to[- ]date)"
_REPORT = r"(?:reports?|articles?|news|coverage|stor(?:y|ies)|word|information|updates?)"
_GOING_BY = re.compile(
    rf"^(?:according\s+to|going\s+by|based\s+on|judging\s+by|from|in|as\s+of)\s+the\s+{_NEWEST}\s+{_REPORT}\s*,?\s*",
    re.I,
)
_AS_OF_NOW = re.compile(
    rf",?\s*\b(?:as\s+of\s+(?:now|today|the\s+{_NEWEST}\s+{_REPORT})|(?:according\s+to|in)\s+the\s+{_NEWEST}\s+{_REPORT}"
    r"|at\s+(?:the\s+moment|present)|right\s+now|so\s+far|currently|"
    r"(?<!until\s)(?<!till\s)(?<!by\s)(?<!from\s)(?<!before\s)now)(?=\W*$|,)",
    re.IGNORECASE,
)
_WORD_ON = re.compile(
    rf"^what(?:['’]s|\s+is|\s+was)\s+the\s+{_NEWEST}(?:\s+{_REPORT})?\s+(?:on|about|from)\s+(?P<rest>.+)$",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"^(?P<asking>where|when|why|how|who|what)\s+(?P<subject>.+?)\s+(?P<verb>is|are|was|were|has|have|will|stands?)\b"
    r"(?P<rest>[^.?!]*)[.?!]*$",
    re.IGNORECASE,
)
_NEWEST_FIGURE = re.compile(
    rf"\b{_NEWEST}\s+(?=(?:\w+\s+)?(?:counts?|tolls?|figures?|numbers?|estimates?|totals?|dates?|tall(?:y|ies)|prices?|"
    r"status|plans?|versions?|statements?|known|official|deaths?|results?|polls?|forecasts?)\b)",
    re.IGNORECASE,
)
_NEWEST_WORD = re.compile(rf"\b{_NEWEST}\b|\bnow\b|\bcurrent(?:ly)?\b|\bso\s+far\b", re.IGNORECASE)
_AS_OF = re.compile(r",?\s*\b(?:as\s+of|as\s+reported\s+(?:in|on|by))\s+", re.IGNORECASE)
_ARTICLES_OF = re.compile(
    rf",?\s*\b(?:in|according\s+to)\s+(?:the\s+)?{_REPORT}\s+(?P<how>from|of|in|since|after|before|until)\s+",
    re.IGNORECASE,
)
_ANOTHER = re.compile(r"(?:,\s*\d{4})*,?\s*(?:and|or|to|until|through|[-–/])\s*", re.IGNORECASE)
"""What may lead from a date to one more: "2019, 2020 and 2021" is no day to count up to."""
_OF_OLD = rf"\s+of\s+(?:the\b|\d{{4}}|{'|'.join(MONTHS)}\b)"
"""Behind a week or a year: "in the last week of March 2021" is none of ours."""
_RECENTLY = re.compile(
    rf",?\s*\b(?:(?P<named>yesterday|today|(?:last|this)\s+(?:week|month|year))\b(?!['’]s|{_OF_OLD})"
    r"|(?P<lately>(?<!until\s)(?<!more\s)(?<!most\s)(?<!\bas\s)recently|in\s+recent\s+(?:days|weeks|months))\b"
    rf"|(?:in|over|within)\s+the\s+(?:last|past)\s+(?P<count>\d{{1,3}}|few|two|three|four|five|six|seven|ten)?\s*"
    rf"(?P<unit>day|week|month|year)s?\b(?!{_OF_OLD}))",
    re.IGNORECASE,
)
_COUNTS = {"few": 3, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10}
_DAYS = {"day": 1, "week": 7, "month": 31, "year": 366}
_LATELY_DAYS = 60
_NOTHING = re.compile(r"\W*(?:and|but|or|so)?\W*", re.IGNORECASE)
MUCH_NEWER_DAYS = 90
SHORTLY_DAYS = 90
"""So many days before the week, month or year that is asked about, an article may still tell of what came of it."""
ON_THE_MATTER = 0.6
SHARED_WITH_TITLE = 2
"""An article is on the matter when so great a share of the question's stems stands in its headline and passage, and at
least so many of them in the headline."""
SHARE_OF_BEST = 0.8
"""An answer is moved up for its date when it is at least this share as likely as the likeliest: a newer article says
other things too, and half as likely an answer is mostly to another question."""


@dataclass(frozen=True)
class When:
    """What a question says of the articles' dates. `asked` is the question without that.

    `first` and `last` are ISO days, both included; `binding` where articles of other days must not answer. `newest`
    where the newest answer is wanted. `outlets` are those whose word is asked for.
    """

    asked: str
    newest: bool = False
    first: str = ""
    last: str = ""
    binding: bool = False
    outlets: tuple[str, ...] = ()

    @property
    def limits(self) -> str:
        """Which articles are asked about, in words; empty where any may answer."""
        return " ".join(filter(None, (f"of {' and '.join(self.outlets)}" if self.outlets else "", self.days)))

    @property
    def days(self) -> str:
        """The days in words; empty where articles of any day may answer."""
        first, last = (day_in_words(each) if each else "" for each in (self.first, self.last))
        if first and last:
            return f"of {first}" if first == last else f"from {first} to {last}"
        return f"from {first} on" if first else f"up to {last}" if last else ""

    @property
    def shortly_before(self) -> str:
        """The first ISO day of those shortly before the first one; empty where none is named."""
        return _shifted(self.first, -SHORTLY_DAYS) if self.first else ""


def when(question: str, today: date) -> When:
    """What the question says of the articles' dates; `today` is what "last week" is counted from."""
    for pattern in (_ARTICLES_OF, _AS_OF):
        for found in pattern.finditer(question):
            days = _days(question, found.end())
            if days is None:
                continue
            rest = _without(question, found.start(), days[2])
            how = found.groupdict().get("how") or "until"
            if how in ("from", "of", "in"):
                return When(rest, first=days[0], last=days[1], binding=True)
            if how in ("since", "after"):
                return When(rest, first=days[0] if how == "since" else _shifted(days[1], 1), binding=True)
            last = _shifted(days[0], -1) if how == "before" else days[1]
            return When(rest, newest=True, last=last, binding=True)
    recently = next((each for each in _RECENTLY.finditer(question) if not (_is_name(each) or _is_of_then(each))), None)
    if recently:
        # the words stay: an article of that week says "this week" itself
        return When(question, newest=True, first=_since(recently, today).isoformat(), last=today.isoformat())
    return _newest(question)


def _newest(question: str) -> When:
    asked = _GOING_BY.sub("", question)
    asked = _AS_OF_NOW.sub(lambda found: found[0] if _is_name(found) else "", asked)
    about = _WORD_ON.match(asked)
    if about:
        clause = _CLAUSE.match(about["rest"])
        asked = (
            f"{clause['asking']} {clause['verb']} {clause['subject']}{clause['rest']}?"
            if clause
            else f"What happened with {about['rest']}"
        )
    asked = _NEWEST_FIGURE.sub("", asked)
    if asked == question or _NOTHING.fullmatch(asked):  # of "and now?" nothing would be left
        return When(question, newest=not all(map(_is_name, _NEWEST_WORD.finditer(question))))
    return When(f"{asked[:1].upper()}{asked[1:]}", newest=True)


def _without(question: str, start: int, end: int) -> str:
    rest = f"{question[:start]} {question[end:]}".strip(" ,")
    rest = re.sub(r"\s+(?=[?.!,])", "", " ".join(rest.split()))
    return f"{rest[:1].upper()}{rest[1:]}" if words(rest) else question


def _days(question: str, start: int) -> tuple[str, str, int] | None:
    """The first and last day of the one date that stands there, a day, a month or a year, and where it ends."""
    found = date_at(question, start)
    span = _span(found[0]) if found else None
    if not found or not span:
        return None
    another = _ANOTHER.match(question, found[1])
    return None if another and date_at(question, another.end()) else (*span, found[1])


def _span(named: Date) -> tuple[str, str] | None:
    if not named.year:
        return None
    first, last = named.month or 1, named.month or 12
    days = monthrange(named.year, last)[1]
    if named.day is not None and named.day > days:
        return None
    return date(named.year, first, named.day or 1).isoformat(), date(named.year, last, named.day or days).isoformat()


def _shifted(iso: str, days: int) -> str:
    """The day that many days later; the same where the calendar has none."""
    try:
        return (date.fromisoformat(iso) + timedelta(days=days)).isoformat()
    except OverflowError:
        return iso


def _is_of_then(found: re.Match[str]) -> bool:
    """Whether it is "recently" of a time in the past: "What had she recently bought?"."""
    return found["lately"] is not None and re.search(r"\bhad\b", found.string[: found.start()], re.I) is not None


def _is_name(found: re.Match[str]) -> bool:
    """Whether it is written as a part of a name, with a capital inside a sentence: "USA Today", "Apocalypse Now"."""
    start = found.start() + len(found[0]) - len(found[0].lstrip(", "))
    opens = not found.string[:start].rstrip() or found.string[:start].rstrip()[-1] in ".?!"
    return not opens and found.string[start].isupper() and not found.string.isupper()


def _since(found: re.Match[str], today: date) -> date:
    """The first day of a stretch that ends today."""
    named = " ".join((found["named"] or "").casefold().split())
    if found["lately"]:
        return today - timedelta(days=_LATELY_DAYS)
    if named == "today":
        return today
    if named == "yesterday":
        return today - timedelta(days=1)
    if named == "this week":  # on a Monday too it means more than one day
        return today - timedelta(days=6)
    if named == "last week":
        return today - timedelta(days=today.weekday() + 7)
    if named.endswith("month"):
        first = today.replace(day=1)
        return (first - timedelta(days=1)).replace(day=1) if named.startswith("last") else first
    if named.endswith("year"):
        return date(today.year - (1 if named.startswith("last") else 0), 1, 1)
    count = found["count"] or "1"
    number = int(count) if count.isdigit() else _COUNTS[count.casefold()]
    return today - timedelta(days=number * _DAYS[found["unit"].casefold()])


def day_in_words(iso: str) -> str:
    """ "2023-03-31" as "31 March 2023"."""
    day = date.fromisoformat(iso[:10])
    return f"{day.day} {day:%B %Y}"


def newest_answers_first(evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence with the likely answers in the order of their articles' days, the newest first."""
    bar = evidence[0].score * SHARE_OF_BEST if evidence else 0.0
    likely = [each for each in evidence if each.score >= bar]
    return [*sorted(likely, key=_day, reverse=True), *(each for each in evidence if each.score < bar)]


def newer_on_it(question: str, cited: Sequence[ScoredPassage], passages: Sequence[ScoredPassage]) -> str:
    """Which of the passages is of an article on the same matter that is much newer than all that are cited, in words;
    empty where none is, or where something cited has no date."""
    days = [day_of(each) for each in cited]
    asked = set(stems(question))
    if not days or not all(days) or not asked:
        return ""
    for found in sorted(passages, key=day_of, reverse=True):
        if not day_of(found) or _days_between(max(days), day_of(found)) < MUCH_NEWER_DAYS:
            return ""
        title = str(found.node.metadata.get("title") or "")
        told = asked & set(stems(f"{title} {found.passage.text}"))
        if len(told) >= ON_THE_MATTER * len(asked) and len(asked & set(stems(title))) >= SHARED_WITH_TITLE:
            return f"A newer article on this does not answer it: “{title}” ({day_in_words(day_of(found))})."
    return ""


def _days_between(first: str, second: str) -> int:
    return (date.fromisoformat(second) - date.fromisoformat(first)).days


def day_of(passage: ScoredPassage) -> str:
    """The ISO day of a passage's article, or nothing."""
    return str(passage.node.metadata.get("date") or "")[:10]


def _day(evidence: Evidence) -> str:
    return day_of(evidence.passage)
