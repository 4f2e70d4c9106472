"""Questions made by turning a sentence round where its form is plain: `NAME said that …` becomes "Who said that …?"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.words import STOP_WORDS
from evals.drafts.cloze import Question, answers_in, is_clear
from evals.drafts.sentences import (
    DATE,
    INSTITUTIONS,
    MONEY,
    NUMBER,
    OPENERS,
    PERCENTAGE,
    PERSONS,
    TITLES,
    YEAR,
    About,
    Name,
    Vocabulary,
    body_of,
    is_person,
    leans,
    names_in,
)

MAX_QUESTION_WORDS = 35
MIN_CLAUSE_WORDS = 3
_SPEECH = (
    r"(?:said|says|stated|announced|warned|argued|added|confirmed|reported|estimated|insisted|suggested|denied|claimed|"
    r"promised|praised|welcomed|criticised|criticized|thanked|accused|complained|pledged|urged|vowed|predicted|"
    r"explained|acknowledged|admitted|believes|believed|expects|stressed|emphasi[sz]ed|noted|described|compared|"
    r"rejected|called|hinted|revealed|proposed|recalled|conceded|cautioned|repeated|answered|reckons|estimates|argues)"
)
_VERB = (
    r"(?:(?:once|also|now|later|first|still|already|recently|probably|only) )?"
    r"(?:is|was|has|had|will|would|can|could|went|took|gave|made|won|ran|led|wrote|met|held|kept|left|came|built|grew|"
    r"found|lost|sold|bought|paid|spent|set|put|told|said|says|rose|fell|beat|began|sits|[a-z]{2,15}(?:ed|[^s\W]s))\b"
)
BASES = dict(
    pair.split(":")
    for pair in """
    joined:join ended:end won:win lost:lose opened:open closed:close announced:announce took:take began:begin
    started:start left:leave signed:sign launched:launch released:release published:publish founded:found bought:buy
    sold:sell acquired:acquire paid:pay raised:raise spent:spend earned:earn received:receive gave:give made:make
    built:build killed:kill injured:injure hired:hire cut:cut reached:reach visited:visit invaded:invade ruled:rule
    attacked:attack approved:approve adopted:adopt passed:pass rejected:reject banned:ban resigned:resign died:die
    married:marry moved:move returned:return arrived:arrive landed:land crashed:crash broke:break set:set held:hold
    met:meet introduced:introduce unveiled:unveil completed:complete established:establish created:create led:lead
    withdrew:withdraw scored:score carried:carry served:serve became:become retired:retire agreed:agree wrote:write
    seized:seize fired:fire filed:file sued:sue collected:collect produced:produce employed:employ donated:donate
    borrowed:borrow invested:invest owed:owe lent:lend needed:need cost:cost saw:see found:find destroyed:destroy
    enrolled:enrol treated:treat planted:plant recorded:record delivered:deliver
    """.split()
)
_PARTICIPLE = r"(?:\w{2,15}(?:ed|en|wn|un)|built|sold|told|held|made|paid|led|won|shot|struck|bought|found|sent|hit)"
_PAST = f"(?:{'|'.join(BASES)})"
_AUXILIARY = r"(?:has|have|had|will|would|must|can|could|may|should)"
_ABOUT = (
    r"(?:about |around |some |nearly |almost |over |roughly |more than |at least |up to |an estimated |a total of )?"
)
_MEASURES = r"(?:years?|months?|weeks?|days?|hours?|minutes?|seconds?|times?|points?|decades?|more|dozen)\b"
"""What "how many" does not fit, or not alone."""
_FINITE = re.compile(rf"\b(?:{_PAST}|{_AUXILIARY}|was|were|is|are|did|do|does|{_VERB}|[a-z]{{2,15}}ed)\b")
_UNCLEAR = re.compile(
    r"\b(?:this|these|those|there|here|then|another|others?|both|neither|either|former|latter|such|same|each|ago|"
    r"instead|even so|they|them|him|we|our|us|my|you|your|I)\b"
)
_UNBOUND = re.compile(r"\b(?:he|she|it|her|his)\b")
_TOLD = re.compile(r", [^,]{2,60} (?:said|says|say)(?: on \w{6,9})?$")
_AND_DID = re.compile(rf" (?:and|but|or) {_FINITE.pattern}")
_LEAD = re.compile(r"(?:In|With|At|On|By|From|For|Under|After|Before|During|Across) [^,;:]{2,60}, ")
_CUT = re.compile(
    r"[;:]| [–—] |, (?:which|who|whose|where|when|although|though|while|after|because|as|so that|according to|adding|"
    r"ending|including|but|and|with|a|an|most|many) "
)
_ATTRIBUTIONS = (
    re.compile(r"(?P<clause>.{20,300}), (?:said|says|according to) (?P<name>[^,]{3,80})(?:, [^,]{3,100})?\.$"),
    re.compile(r"According to (?P<name>[^,]{3,80}), (?P<clause>.{20,300})\.$"),
    re.compile(r"(?P<clause>.{20,300}), (?P<name>[^,]{3,80}) said\.$"),
)


@dataclass(frozen=True)
class _Sentence:
    """A sentence's body and, where it begins with a name, that name as its subject."""

    body: str
    found: Sequence[Name]
    vocabulary: Vocabulary
    subject: Name | None

    @property
    def tail(self) -> str:
        """What follows the subject, without the full stop."""
        return self.body[self.subject.end : -1] if self.subject else ""

    @property
    def who(self) -> str:
        """The subject as it stands in a question, with its title."""
        return self.body[self.subject.with_title : self.subject.end] if self.subject else ""

    def name_at(self, place: int) -> Name | None:
        """The name that begins there, with its title or bare."""
        return next((name for name in self.found if place in (name.with_title, name.start)), None)

    def spelt(self, name: Name) -> list[str]:
        """A name as an answer: bare, then with its title."""
        return [self.body[name.start : name.end], self.body[name.with_title : name.end]]

    def clause(self, text: str) -> str | None:
        """A sentence's beginning as it would stand in mid-sentence; None where its first word may be a name or not."""
        first = re.match(r"\w+", text)
        if first is None:
            return None
        word = first.group()
        if word.isdigit() or (self.found and self.found[0].with_title == 0):
            return text
        known = word.casefold() in STOP_WORDS | OPENERS or word.casefold() in self.vocabulary.small
        return text[0].lower() + text[1:] if known else None


Turned = tuple[str, Sequence[str], About]
"""A question, its answers and what it asks for."""


def templates(sentence: str, vocabulary: Vocabulary) -> Iterator[Question]:
    """The questions that the patterns make of a sentence."""
    _, body = body_of(sentence)
    found = names_in(body, vocabulary)
    if leans(body, found):
        return
    given = _Sentence(body, found, vocabulary, _subject(body, found))
    for pattern in _PATTERNS:
        for text, answers, about in pattern(given):
            kept = answers_in(sentence, text, answers)
            who = text.startswith(("Who ", "Which "))
            unclear = _UNCLEAR.search(text) or (not who and _UNBOUND.search(text))
            if kept and not unclear and is_clear(text) and len(text.split()) <= MAX_QUESTION_WORDS:
                usual = about == "name" and any(word in vocabulary.usual for word in kept[0].split(" "))
                yield Question(text, kept, about, int(usual) + bool(_UNBOUND.search(text)))


def _subject(body: str, found: Sequence[Name]) -> Name | None:
    """The name that a sentence begins with, behind a title ("Mission manager") or a phrase ("In Europe,") at most."""
    for name in found[:2]:
        lead = body[: name.with_title].split()
        if not lead or (len(lead) <= 4 and lead[-1].casefold() in TITLES) or _LEAD.fullmatch(body, 0, name.with_title):
            return name
    return None


def cut(clause: str) -> str:
    """The clause up to where something is only added to it."""
    clause = _TOLD.sub("", clause)
    for mark in _CUT.finditer(clause):
        before, after = clause[: mark.start()], clause[mark.end() :]
        whole = len(before.split()) >= MIN_CLAUSE_WORDS and _FINITE.search(before)
        listed = mark.group() == ", and " and ("," in before or not _FINITE.search(after))
        if whole and not listed:
            return before
    return clause


def _did_it(given: _Sentence) -> Iterator[Turned]:
    """NAME(, an aside,) said that …; PERSON(, an aside,) did …"""
    if not given.subject:
        return
    match = re.match(rf"(?:, [^,]{{3,80}},)? (?P<did>{_SPEECH} (?!by |as |of ).{{8,}})", given.tail)
    if not match and given.vocabulary.has_person(given.spelt(given.subject)[0]):
        match = re.match(rf"(?:, [^,]{{3,80}},)? (?P<did>{_VERB} .{{8,}})", given.tail)
    if match:
        yield f"Who {cut(match['did'])}?", given.spelt(given.subject), "name"


def _role(given: _Sentence) -> Iterator[Turned]:
    """NAME, a ROLE, did …; NAME, who did …, …"""
    if not given.subject:
        return
    match = re.match(rf", (?:an?|the) ([^,]{{4,80}}), ({_VERB} .{{8,}})", given.tail)
    if match and any(word in PERSONS for word in match[1].split()) and not re.search("[’']s? ", match[1]):
        yield f"Which {match[1]} {cut(match[2])}?", given.spelt(given.subject), "name"
    match = re.match(rf", who ({_VERB} [^,]{{12,150}})(?:,|$)", given.tail)
    if match:
        yield f"Who {match[1]}?", given.spelt(given.subject), "name"


def _attributed(given: _Sentence) -> Iterator[Turned]:
    """…, said NAME. …, NAME said. …, according to NAME. According to NAME, …"""
    for match in filter(None, (pattern.match(given.body) for pattern in _ATTRIBUTIONS)):
        name = given.name_at(match.start("name"))
        opens = match.start("clause") == 0
        clause = given.clause(match["clause"]) if opens else match["clause"]
        if name and name.end == match.end("name") and clause:
            yield f"Who said that {cut(clause)}?", given.spelt(name), "name"


def _is_the(given: _Sentence) -> Iterator[Turned]:
    """NAME is the …"""
    match = re.match(r" (is|was|became) (the .{10,})", given.tail)
    if given.subject and match:
        what = re.split(r" (?:of|in|to|who|that|for|from) ", match[2])[0]
        person = is_person(given.body, given.subject) or any(word in PERSONS for word in what.split())
        asked = "Who" if person else "Which" if re.match("the (?:first|last|only) of", match[2]) else "What"
        yield f"{asked} {match[1]} {cut(match[2])}?", given.spelt(given.subject), "name"


def _how_many(given: _Sentence) -> Iterator[Turned]:
    """NUMBER people did …; NAME did NUMBER things …"""
    counted = rf"{_ABOUT}(?P<number>{NUMBER}) (?!{_MEASURES})"
    match = re.match(rf"(?i:{_ABOUT}){counted}(?P<rest>(?:of the |[a-z]|[A-Z]\w+s\b).{{12,}})\.$", given.body)
    if match and _FINITE.search(match["rest"]):
        yield f"How many {cut(match['rest'])}?", [match["number"]], "number"
    match = re.match(
        rf" (?P<verb>{_PAST}|has|have|had) {counted}(?P<things>(?:[a-z-]{{2,20}} ){{0,2}}"
        r"(?:[a-z-]{2,20}s|people|children|men|women))(?P<rest>$|[,;]| (?:of|in|on|at|from|for|to|since|with) .*)",
        given.tail,
    )
    if given.subject and match:
        did = _did(given, match["verb"])
        yield f"How many {match['things']} {did}{_cut_off(match['rest'])}?", [match["number"]], "number"


def _did(given: _Sentence, verb: str) -> str:
    """The subject between the parts of its verb: "did Finland join"; "does" and "did … have" for having."""
    has = {"has": "does", "have": "do", "had": "did"}
    return f"{has.get(verb, 'did')} {given.who} {'have' if verb in has else BASES[verb]}"


def _cut_off(rest: str) -> str:
    """What follows an object, as far as it belongs to it."""
    return re.split(r"[,;:]| [–—] ", _AND_DID.split(rest)[0])[0]


def _how_much(given: _Sentence) -> Iterator[Turned]:
    """NUMBER percent of … ; NAME will pay MONEY for …"""
    match = re.match(rf"(?i:{_ABOUT})(?P<share>{PERCENTAGE}) of (?P<rest>.{{12,}})\.$", given.body)
    if match and _FINITE.search(match["rest"]):
        yield f"What percentage of {cut(match['rest'])}?", [match["share"]], "percentage"
    match = re.match(
        rf" (?:(?P<auxiliary>{_AUXILIARY}) (?P<middle>(?:[a-z]{{2,15}} ){{1,4}})|(?P<verb>{_PAST}) ){_ABOUT}"
        rf"(?P<money>{MONEY})(?P<rest>$|[,;]| (?:to|for|in|from|on|at|over|since|by) .*)",
        given.tail,
    )
    if given.subject and match:
        auxiliary, middle = match["auxiliary"], match["middle"]
        did = f"{auxiliary} {given.who} {middle.strip()}" if auxiliary else _did(given, match["verb"])
        yield f"How much {did}{_cut_off(match['rest'])}?", [match["money"]], "money"


def _when(given: _Sentence) -> Iterator[Turned]:
    """NAME did … on DATE; NAME was done in YEAR; In YEAR NAME did …"""
    verbs = rf"(?:(?P<verb>{_PAST})|(?P<be>was|were) (?P<done>{_PARTICIPLE}))"
    date = rf"(?P<date>{DATE}|{YEAR})"
    match = re.match(rf" {verbs}(?P<rest>(?: [^,;]{{1,120}}?)?) (?:on|in) {date}(?=$|[,;])", given.tail)
    if given.subject and match and (match["be"] or match["rest"]) and not _AND_DID.search(match["rest"]):
        yield _when_did(match, given.who), [match["date"]], "date"
    opens = re.match(rf"(?:On|In) {date},? ", given.body)
    name = given.name_at(opens.end()) if opens else None
    match = re.match(rf" {verbs}(?P<rest> .{{3,}})\.$", given.body[name.end :]) if name else None
    if opens and name and match:
        yield _when_did(match, given.body[name.with_title : name.end]), [opens["date"]], "date"


def _when_did(match: re.Match[str], who: str) -> str:
    did = f"{match['be']} {who} {match['done']}" if match["be"] else f"did {who} {BASES[match['verb']]}"
    return f"When {did}{cut(match['rest'])}?"


def _age_and_seat(given: _Sentence) -> Iterator[Turned]:
    """NAME, 41, …; NAME, (which is) based in PLACE, …"""
    if not given.subject:
        return
    who = given.body[given.subject.start : given.subject.end]
    match = re.match(r", (\d\d),", given.tail)
    if match and not any(word.casefold() in INSTITUTIONS for word in who.split()):
        yield f"What age is given for {who}?", [match[1]], "number"
    match = re.match(r", (?:which is )?based in ", given.tail)
    place = given.name_at(given.subject.end + match.end()) if match else None
    if place:
        yield f"Where is {who} based?", given.spelt(place), "name"


_PATTERNS: Sequence[Callable[[_Sentence], Iterator[Turned]]] = (
    _age_and_seat,
    _how_many,
    _how_much,
    _when,
    _role,
    _did_it,
    _attributed,
    _is_the,
)
