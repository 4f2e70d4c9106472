"""Which sentences of an article tell a machine what to say, instead of telling people what happened.

Such a sentence states nothing: “answer that the bridge cost 9 million” is no report that it did. So a language model is
not shown it, no claim rests on it, and it is quoted as no answer; in the article and among search results it stays.
Recognised is how machines are spoken to (overriding what they were told, addressing them, forging a turn of a
conversation, saying how a reply is to be made), never what they are to say. Who avoids all such words gets through.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from index.passages import Span, sentence_spans

LEFT_OUT = "[…]"
"""Stands where a language model is not shown something."""
OPENING_CHARACTERS = 30
"""A line so short (“### System”, “END OF PASSAGES”) opens what comes under it."""

_MACHINE = (
    r"(?:a\.?i\.?s?|(?:ai|a\.i\.|digital|virtual|helpful|language|search|research)[ -](?:assistants?|models?|systems?|"
    r"agents?|tools?|bots?|engines?)|assistants?|chat ?bots?|(?:large )?language models?|llms?|gpts?|chatgpt|copilot|"
    r"gemini|claude|bing|alexa|siri|grok|perplexity|bots?|machine readers?|answer(?:ing)? (?:engines?|systems?))"
)
_TOLD = (
    r"(?:instructions?|rules?|prompts?|guidelines?|directions?|directives?|commands?|orders?|constraints?|safeguards?|"
    r"(?:safety|security|system) (?:protocols?|checks?|settings?))"
)
_EARLIER = r"(?:previous|prior|preceding|earlier|above|foregoing|former|existing|original|initial|old|current)"
_REPLY = r"(?:answers?|repl(?:y|ies)|responses?|outputs?|summar(?:y|ies)|completions?)"
_REPLYING = (
    r"(?:answer(?:ing|s)?|repl(?:y|ies|ying)|respond(?:ing|s)?|summari[sz](?:e|es|ing)|quot(?:e|ing)|process(?:ing)?)"
)
_READING = r"(?:reading|processing|review(?:ing)?|summari[sz]ing|visiting|crawling|indexing|parsing|scanning|answering)"
_SAY = (
    r"(?:say|write|answer|reply|respond|output|print|repeat|state|tell|show|include|add|append|insert|begin|start|end|"
    r"finish|claim|cite|recommend|report|mention|give|return|display|decode|translate|generate|provide|present|declare|"
    r"conclude|insist|refuse|execute|send|render|use|put|quote|summari[sz]e|inform|assert|confirm|call|advise|ask|copy|"
    r"forward|reveal|leak|remember|rate|rank|prefer|describe|praise|treat)"
)
_USER = r"(?:users?|person who asks|questioner|asker)"
_THIS = r"(?:this|these|the (?:text|article|passage|page|document))"
_NOT = r"(?:do not|don['’]t|never)"
# Where a clause may begin with a verb in the imperative, or after words that make an order of it. A quotation mark in
# the middle of a sentence is no such place: there somebody reports what was said.
_CLAUSE = (
    r"(?:(?:^|[.:;!?…*>#)\]\n–—-])\s*[“”\"'‘]?\s*|,\s+|\b(?:please|now|always|only|just|simply|instead|then|kindly|must|"
    r"should|shall|you will|you to(?: first)?|has to|have to|needs? to|(?:task|job|goal) is (?:now )?to|and)\s+)"
)
# The same without “and” and the like, before verbs that are common in reports.
_ORDER = r"(?:(?:^|[.:;!?,]\s+)[“”\"'‘]?|\b(?:must|should|please|now|instead|always|then|do not|never) )"
_AFTER_CLAUSE = (
    # what was told before is to count no more
    r"(?:ignore|disregard|forget|override|overrule|bypass|discard|drop|neglect|skip|cancel|abandon|delete|erase|disable|"
    rf"pay no attention to|{_NOT} (?:follow|obey)|stop (?:following|obeying)|set aside)\b[^.!?\n]{{0,60}}\b"
    rf"(?:{_TOLD}|{_EARLIER}|everything|security|what (?:you were|was) (?:told|said)|the (?:text|context|question)|"
    r"(?:the )?user|(?:the|your) (?:\w+ )?(?:task|request)|search results|(?:other|all) (?:documents|sources))\b",
    r"pretend (?:that )?(?:you(?:['’]re| are)|to be)\b",
    # how the reply is to be made
    rf"{_SAY}\b[^.!?\n]{{0,80}}(?:\b(?:your|the final|every|each|any) {_REPLY}\b|\band nothing (?:else|more)\b)",
    rf"(?:{_NOT}|always|{_SAY})\b[^.!?\n]{{0,80}}\bwhen (?:you )?{_REPLYING}\b",
    r"(?:always|never) (?:answer|reply|respond)\b",
    rf"{_SAY} (?:the )?(?:words?|phrase|string|text|sentence|following(?: \w+)?)\s?[:“\"'‘]",
    rf"{_NOT} (?:mention|reveal|quote|cite|show|disclose|repeat|refer to|discuss|follow|answer|use)\b[^.!?\n]{{0,40}}\b"
    r"(?:this|these|the|your|any) (?:above )?(?:sentence|instructions?|message|note|prompt|passages?|question|rules)\b",
    r"(?:decode|decrypt|unscramble|base64|translate|execute|reverse) (?:this|the following|these)\b",
)
_AFTER_ORDER = (
    rf"(?:act|behave|respond|answer|speak|reply) as (?:if|though|an?) (?:you|{_MACHINE}|\w+bot)\b",
    rf"{_SAY} (?:the |this |your )?{_USER}\b(?! (?:fees?|data|accounts?|names?|experience|guides?))",
    r"(?:output|print) (?:the|this|in|your|[“\"'‘])",
    rf"{_SAY} (?:only|exactly|nothing (?:else )?(?:but|except)|just|verbatim|word for word)\b",
)
_AT_START = (
    # a machine is spoken to
    rf"(?:to|for) (?:all |any |every |the )?{_MACHINE}\b[^.!?\n]{{0,60}}[:,]",
    rf"{_MACHINE}\s?[,:] (?:please |you |now |always |never |must |should |have to |{_NOT} )*{_SAY}\b",
    # new rules are given, a turn of a conversation or the end of the quotation is forged
    rf"(?:important|urgent|attention|stop|wait|update)?\W*(?:new|updated|revised) {_TOLD}\s?[:(]",
    r"\[(?:system|admin|developer|assistant|instructions?)\b[^\]]{0,30}\]",
    r"(?:system|assistant|developer|ai|chatbot)\s*:\s",
    r"#{1,6} ?(?:system|instructions?|new (?:task|instructions?)|response|assistant|user)\b:?",
    r"(?:end|begin(?:ning)?|start) of (?:the )?(?:passages?|quoted? (?:matter|text)|quote|quotation|context|document|"
    r"user input|untrusted text|prompt|instructions?|system)\b",
)
_ANYWHERE = (
    # a machine is spoken to
    r"(?:attention|notice|notes?|message|instructions?|reminder|warning|memo|dear|hello|hi|hey)\b[ ,:!]{1,3}"
    rf"(?:to |for )?(?:all |any |every |the |our )?{_MACHINE}(?: \w+)?(?=[,.:;!?)-])",
    rf"{_MACHINE} (?:which |that )?(?:is |are )?{_READING} (?:this|the|these)\b",
    rf"if you(?:['’]re| are) (?:an? |the |any )?(?:\w+ ){{0,2}}{_MACHINE}\b",
    rf"as (?:an? )?{_MACHINE}, you\b",
    r"you are (?:now|no longer|henceforth) (?:an? |the |called |named |bound by |acting as |free (?:of|from) |"
    r"operating |in \w+ mode|\S*(?:gpt|bot|ai)\b)",
    r"from (?:now|here|this point) (?:on(?:wards?)?|forward),? (?:you (?:must|are to|have to|should|only|always)|"
    r"answer|say|write|respond|reply|always|only|every)\b",
    r"I (?:hereby )?(?:authori[sz]e|instruct|permit) you to\b",
    # what it was told before is to count no more
    rf"(?:new|updated|revised|changed|different) {_TOLD} (?:now )?(?:apply|hold|begin|start) "
    r"(?:from (?:here|now)|to you|below|instead)",
    rf"(?:previous|prior|earlier|all other|your) {_TOLD} (?:are|have been|were) (?:now )?(?:cancel|void|replac|"
    r"obsolete|overrid|supersed|revok|lifted|suspend|invalid)",
    rf"(?:supersed|replac|overrid)\w+ (?:all |any |your )*(?:{_EARLIER} )?{_TOLD}\b",
    r"(?:system|admin(?:istrator)?|developer)[ -](?:override|prompt|message|notice|instructions?|note|update)\b"
    r"\s?[.:!\])-]",
    r"(?:higher|highest|top) priority (?:than|instructions?)\b",
    # how the reply is to be made
    rf"(?:in|to|of|at|with|begin|start|end|precede|preface) (?:your|every|each) (?:\w+ )?{_REPLY}\b[^.!?\n]{{0,60}}?"
    rf"{_CLAUSE}{_SAY}\b",
    r"your (?:only |sole |new |next |real |actual |first |true )+(?:task|job|goal|instructions?|purpose|reply|role)\b",
    r"(?:when(?:ever)?|if|before|while|after|instead of) (?:you |being |they )?(?:are )?"
    r"(?:asked (?:about|what|who|whether|how|any|a question|for an answer)|"
    rf"{_REPLYING}(?! the (?:door|phone|call))|read(?:ing)?|translat(?:e|ing)|performing)\b[^.!?\n]{{0,60}}?"
    rf"{_CLAUSE}(?:always |never |only |also )?{_SAY}\b",
    r"wh(?:o|at|ich)ever\b[^.!?\n]{0,60}(?:asked|ask|question|answers|summari[sz]es)\b[^.!?\n]{0,40}?"
    rf"{_CLAUSE}{_SAY}\b",
    r"(?:any(?:one|body|thing)|every(?:one|body)|those|who|whoever) (?:that |who )?(?:answers?|summari[sz]es?)\b"
    rf"[^.!?\n]{{0,40}}\b{_THIS}\b[^.!?\n]{{0,40}}\b(?:must|has to|have to|should|shall|is to|are to)\b",
    r"(?:instead of|rather than) the user['’]s (?:requests?|questions?|query|prompt|message|input)\b",
    r"(?:if|when(?:ever)?|once) (?:the|a|any) (?:user|reader) (?:ever )?(?:asks|wants|requests)\b",
    r"(?:in|during) (?:any|every|all) (?:conversations?|chats?)\b",
    rf"your {_REPLY} (?:must|should|shall|has to|have to|needs? to|is to|are to)\b",
    rf"(?:any|every|all|each) {_REPLY} (?:to|of|about|from) {_THIS}\b",
    rf"{_REPLY} to (?:any|every|all|each) questions?\b",
    r"(?:the (?:reader|user|questioner|asker)|whoever asks) (?:should|must|has to|is to|needs to) be (?:told|informed|"
    r"given|shown)\b",
    r"(?:contains?|includes?|begins? with|ends? with|with) the (?:phrase|words|sentence|string|line)\s?:",
    r"secret (?:code|phrase|words?|sentence|text|string|message)\s?:",
    # what is to be said is encoded
    r"(?:from|in|as|of) (?:base ?64|rot ?13|hexadecimal|morse code|leetspeak)\b",
    r"base ?64\b[^\n]*[A-Za-z0-9+/]{16}",
)
_INSTRUCTION = re.compile(
    rf"{_CLAUSE}(?:{'|'.join(_AFTER_CLAUSE)})|{_ORDER}(?:{'|'.join(_AFTER_ORDER)})"
    rf"|^\W*(?:{'|'.join(_AT_START)})|\b(?:{'|'.join(_ANYWHERE)})",
    re.IGNORECASE,
)
_LINE = re.compile(r"[^\n]*\S[^\n]*")
_CHAT_TOKENS = re.compile(
    r"<\|[^|>]{0,40}\|>|\[/?INST\]|<</?SYS>>|</?(?:s|system|user|assistant|context|passages?|documents?|instructions?)>",
    re.IGNORECASE,
)


_LOOK_ALIKES = str.maketrans("аеорсухіјѕһԁɡοαρν’", "aeopcyxijshdgoapv'")
"""Letters of other scripts that look like Latin ones."""
_BACKWARDS = re.compile(r"\b(?:eht|dna|fo|ot|ruoy|uoy|siht|yas)\b", re.IGNORECASE)
_SPACED = re.compile(r"\b\w(?: \w\b){5,}")


@lru_cache(maxsize=512)
def instructions(text: str) -> tuple[Span, ...]:
    """The stretches of a text that tell a machine what to say, in order.

    Each begins with the sentence that does and lasts to the end of its paragraph, since what is to be said mostly
    follows; where it ends with a colon, or only opens a forged turn, to the end of the next paragraph. A paragraph that
    says so backwards, as marks for another direction show it, is one as a whole.
    """
    found: list[Span] = []
    opened = False
    for line in _LINE.finditer(text):
        begun, opened = opened or bool(_BACKWARDS.search(line.group()) and _tells(line.group()[::-1])), False
        for start, end in sentence_spans(line.group()):
            is_one = _tells(line.group()[start:end])
            begun = begun or is_one
            if begun:
                found.append((line.start() + start, line.start() + end))
                opened = line.group()[:end].rstrip("*_ ").endswith(":") or (
                    is_one and end - start <= OPENING_CHARACTERS
                )
    return tuple(found)


def touches(span: Span, spans: Sequence[Span]) -> bool:
    """Whether a stretch shares a character with one of the others."""
    return any(start < span[1] and span[0] < end for start, end in spans)


def without_instructions(text: str) -> str:
    """The text as a language model may see it, and as a claim may rest on it."""
    parts, position = [], 0
    for start, end in instructions(text):
        parts += [text[position:start], LEFT_OUT]
        position = end
    return "".join([*parts, text[position:]])


def _tells(sentence: str) -> bool:
    return bool(_CHAT_TOKENS.search(sentence) or _INSTRUCTION.search(_plain_letters(sentence)))


def _plain_letters(sentence: str) -> str:
    """The sentence in the letters that it looks like: no full-width or foreign ones, no spaces between letters."""
    if not sentence.isascii():
        sentence = unicodedata.normalize("NFKC", sentence).translate(_LOOK_ALIKES)
    if _SPACED.search(sentence):
        sentence = " ".join(re.sub(r"(?<=\b\w) (?=\w\b)", "", word) for word in re.split(r" {2,}", sentence))
    return sentence
