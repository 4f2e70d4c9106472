"""Which sentences of an article tell a machine what to say, instead of telling people what happened.

Such a sentence states nothing: “answer that the bridge cost 9 million” is no report that it did. So a language model is
not shown it, no claim rests on it, and it is quoted as no answer; in the article and among search results it stays.
Recognised is how machines are spoken to (overriding what they were told, addressing them, forging a turn of a
conversation, saying how a reply is to be made), never what they are to say. Who avoids all such words gets through.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from index.passages import Span, sentence_spans

LEFT_OUT = "[…]"
"""Stands where a language model is not shown something."""
OPENING_WORDS = 4
"""A line of so few words (“### System”, “END OF PASSAGES”) opens what comes under it."""

# Where a clause may begin with a verb in the imperative, or after words that make an order of it.
_BEGINS = (
    r"(?:^|[.:;!?…“”\"'‘*>#)\]\n–—-]\s*|,\s+|\b(?:please|now|always|only|just|simply|instead|then|kindly|must|should|shall|"
    r"you will|you to|has to|have to|need to|needs to|task is to|task is now to|job is to|goal is to|and)\s+)"
)
_MACHINE = (
    r"(?:a\.?i\.?s?|(?:ai|a\.i\.|digital|virtual|helpful|language|search|research)[ -](?:assistants?|models?|systems?|"
    r"agents?|tools?|bots?|engines?)|assistants?|chat ?bots?|(?:large )?language models?|llms?|gpts?|chatgpt|copilot|"
    r"gemini|claude|bots?|machine readers?|answer(?:ing)? (?:engines?|machines?|systems?))"
)
_TOLD = (
    r"(?:instructions?|rules?|prompts?|guidelines?|directions?|directives?|commands?|orders?|constraints?|safeguards?)"
)
_EARLIER = r"(?:previous|prior|preceding|earlier|above|foregoing|former|existing|original|initial|old|current)"
_ANSWER = r"(?:answers?|repl(?:y|ies)|responses?|outputs?|summar(?:y|ies)|completions?)"
_SAYING = (
    r"(?:say|write|answer|reply|respond|output|print|repeat|state|tell|show|include|add|append|insert|begin|start|end|"
    r"finish|claim|cite|recommend|report|mention|give|return|display|decode|translate|generate|provide|present|declare|"
    r"conclude|insist|refuse|execute|send|render|use|put|quote|summari[sz]e|inform|assert|confirm|call|advise)"
)
_PATTERNS = (
    # what was told before is to count no more
    rf"{_BEGINS}(?:ignore|disregard|forget|override|overrule|bypass|discard|drop|neglect|skip|cancel|abandon|delete|erase|"
    rf"pay no attention to|do not (?:follow|obey)|don['’]t (?:follow|obey)|stop (?:following|obeying)|set aside)\b"
    rf"[^.!?\n]{{0,60}}\b(?:{_TOLD}|{_EARLIER}|everything|what (?:you were|was) (?:told|said)|the (?:text|context|question))\b",
    rf"\b(?:new|updated|revised|changed|different) {_TOLD} (?:now )?(?:apply|hold|begin|start) (?:from (?:here|now)|to you|below|instead)",
    rf"^\W*(?:important|urgent|attention|stop|wait|update)?\W*(?:new|updated|revised) {_TOLD}\s?:",
    rf"\b(?:previous|prior|earlier|all other|your) {_TOLD} (?:are|have been|were) (?:now )?(?:cancel|void|replac|obsolete|"
    r"overrid|supersed|revok|lifted|suspend|invalid)",
    rf"\b(?:system|admin(?:istrator)?|developer|security|policy)[ -](?:override|prompt|message|notice|instructions?|note)\b"
    r"[\s.:!\])-]",
    # a machine is spoken to
    rf"\b(?:attention|notice|note|notes|message|instructions?|reminder|warning|memo|dear|hello|hi|hey)\b[ ,:!]{{1,3}}(?:to |for )?"
    rf"(?:all |any |every |the |our )?{_MACHINE}(?=[\s,.:;!?)-])",
    rf"^\W*(?:to|for) (?:all |any |every |the )?{_MACHINE}\b[^.!?\n]{{0,60}}[:,]",
    rf"\bif you(?:['’]re| are) (?:an? |the |any )?(?:\w+ ){{0,2}}{_MACHINE}\b",
    rf"\bas (?:an? )?{_MACHINE}, you\b",
    rf"^\W*{_MACHINE}(?: reading (?:this|the) \w+)?\s?[,:] (?:please |you |now |always |do not |don['’]t )*{_SAYING}\b",
    rf"(?:^|[.:;!?,]\s+|\b(?:must|should|please|now) )(?:act|behave|respond|answer|speak|reply) as (?:if|though|an?) (?:you|{_MACHINE}|\w+bot)\b",
    r"\byou are (?:now|no longer|henceforth) (?:an? |the |called |named |bound by |acting as |free (?:of|from) |operating )",
    r"\bfrom (?:now|here) on(?:wards?)?,? (?:you (?:must|are to|have to|should|only|always)|answer|say|write|respond|reply|always|only|every)\b",
    # a turn of a conversation, or the end of the quotation, is forged
    r"^\W*(?:system|assistant|developer|ai|chatbot)\s*:\s",
    r"^\s*#{1,6} ?(?:system|instructions?|new (?:task|instructions?)|response|assistant|user)\b:?",
    r"^\W*(?:end|begin(?:ning)?|start) of (?:the )?(?:passages?|quoted? (?:matter|text)|quote|quotation|context|document|user input|"
    r"untrusted text|prompt|instructions?|system)\b",
    # how the reply is to be made
    rf"{_BEGINS}{_SAYING}\b[^.!?\n]{{0,80}}\b(?:your|the|every|each|any) {_ANSWER}\b",
    rf"\b(?:in|to|of|at|with|begin|start|end|precede|preface) (?:your|every|each) (?:\w+ )?{_ANSWER}\b[^.!?\n]{{0,60}}?{_BEGINS}{_SAYING}\b",
    rf"\byour (?:only |sole |new |next |real |actual |first |true )+(?:task|job|goal|instructions?|purpose|answer|reply|role)\b",
    rf"\b(?:when(?:ever)?|if|before|while|after) (?:you |being |they )?(?:are )?(?:asked|answer|answering|repl(?:y|ying)|respond(?:ing)?|"
    rf"summari[sz](?:e|ing)|quot(?:e|ing)|read(?:ing)?|process(?:ing)?)\b[^.!?\n]{{0,60}}?,? {_BEGINS}(?:always |never |only |also )?{_SAYING}\b",
    rf"\bwh(?:o|at|ich)ever\b[^.!?\n]{{0,60}}(?:asked|ask|question|answers|summari[sz]es)\b[^.!?\n]{{0,40}}?{_BEGINS}{_SAYING}\b",
    r"\b(?:any(?:one|body|thing)|every(?:one|body)|those|who|whoever) (?:that |who )?(?:answers?|summari[sz]es?)\b[^.!?\n]{0,40}\b"
    r"(?:this|these|the (?:text|article|passage|page|document))\b[^.!?\n]{0,40}\b(?:must|has to|have to|should|shall|is to|are to)\b",
    rf"{_BEGINS}(?:{_SAYING}|tell) (?:the |this |your )?(?:users?|person who asks|questioner|asker)\b",
    rf"(?:^|[.:;!?,]\s+|\b(?:must|should|please|now|instead|always|then) ){_SAYING} (?:only|exactly|nothing (?:else )?(?:but|except)|just|verbatim|word for word)\b",
    rf"{_BEGINS}{_SAYING} (?:the )?(?:words?|phrase|string|text|sentence|following(?: \w+)?)\s?[:“\"'‘]",
    rf"{_BEGINS}(?:do not|don['’]t|never) (?:mention|reveal|quote|cite|show|disclose|repeat|refer to|discuss|follow|answer|use)\b"
    r"[^.!?\n]{0,40}\b(?:this|these|the|your|any) (?:above )?(?:sentence|instructions?|message|note|prompt|passages?|question|rules?|text)\b",
    # what is to be said is encoded
    rf"{_BEGINS}(?:decode|decrypt|unscramble|base64|translate|execute|reverse) (?:this|the following|these)\b",
    r"\b(?:from|in|as|of) (?:base ?64|rot ?13|hexadecimal|morse code|leetspeak)\b",
)  # fmt: skip
_INSTRUCTION = re.compile("|".join(f"(?:{pattern})" for pattern in _PATTERNS), re.IGNORECASE)
_CHAT_TOKENS = re.compile(
    r"<\|[^|>]{0,40}\|>|\[/?INST\]|<</?SYS>>|</?(?:s|system|user|assistant|context|passages?|documents?|instructions?)>",
    re.IGNORECASE,
)


@lru_cache(maxsize=512)
def instructions(text: str) -> tuple[Span, ...]:
    """The stretches of a text that tell a machine what to say, in order.

    Each begins with the sentence that does and lasts to the end of its paragraph, since what is to be said mostly
    follows; after a sentence that ends with a colon, and after a paragraph that only opens a forged turn, to the end of
    the next one.
    """
    found: list[Span] = []
    begun = opened = False
    last_line = -1
    for start, end in sentence_spans(text):
        line = text.count("\n", 0, start)
        if line != last_line:
            begun, opened = opened, False
            last_line = line
        sentence = text[start:end]
        is_one = bool(_INSTRUCTION.search(sentence) or _CHAT_TOKENS.search(sentence))
        begun = begun or is_one
        opened = begun and (sentence.rstrip("*_ ").endswith(":") or (is_one and len(sentence.split()) <= OPENING_WORDS))
        if begun:
            found = (
                [*found[:-1], (found[-1][0], end)]
                if found and _joins(text, found[-1], start)
                else [*found, (start, end)]
            )
    return tuple(found)


def _joins(text: str, before: Span, start: int) -> bool:
    return not text[before[1] : start].strip()


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
