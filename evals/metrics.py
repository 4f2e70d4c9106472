"""The arithmetic of evaluation. Pure: text and numbers in, numbers out."""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

Span = tuple[int, int]

OVERLAP_SHARE = 0.5
"""A cited span holds the gold one, or the reverse, when this share of the shorter one is common to both."""

# --- answers ---

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_POSSESSIVE = re.compile(r"['’]s\b")
_APOSTROPHES = str.maketrans("‘’", "''")
_MONEY = "".join(each for each in map(chr, range(0x10000)) if unicodedata.category(each) == "Sc")
_KEPT = {ord(each): chr(0xE000 + place) for place, each in enumerate(f"{_MONEY}−")} | {
    ord("-"): chr(0xE000 + len(_MONEY))
}
_CURRENCIES = "".join(_KEPT[ord(each)] for each in _MONEY)
_OPENING = re.escape("([\"'“‘")
_SIGNED = re.compile(rf"[{re.escape(_MONEY)}](?=\d)|(?<![^\s{_OPENING}])[-−](?=[{re.escape(_MONEY)}]?\d)")
_POINT = "\uf000"
_POINTED = re.compile(r"(?<=\d)\.(?=\d)")
_PARTED = re.compile(r"(?<=\d)[-/:](?=\d)")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Scripts that put no space between words: Thai, Lao, Burmese, Khmer, Japanese, Chinese."""


def normalise(text: str) -> str:
    """SQuAD's normal form: lower case, ASCII punctuation out, a/an/the out, single spaces.

    Rajpurkar et al. 2016, section 6.1, in the order of the official script (punctuation before articles).
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(prediction: str, golds: Sequence[str]) -> float:
    """1.0 when the prediction has the normal form of any gold answer. No gold answer: 1.0 when it is empty."""
    own = normalise(prediction)
    return float(any(own == normalise(gold) for gold in _scorable(golds)))


def token_f1(prediction: str, golds: Sequence[str]) -> float:
    """The best F1 over the tokens of the normal forms. No gold answer: 1.0 when the prediction is empty."""
    own = normalise(prediction).split()
    return max(_f1(own, normalise(gold).split()) for gold in _scorable(golds))


def contains(text: str, golds: Sequence[str]) -> float:
    """1.0 when the tokens of any gold answer stand in the text in a row: "5 km" stands in neither "15 km" nor "1.5 km".

    How a text is set makes no difference: curly quotation marks, dashes and hyphens, a possessive s, a currency's sign
    where only one of the two has it. Another currency does, and a minus.
    """
    return float(any(_stands_in(gold, text, hyphen) for gold in golds for hyphen in (" ", "")))


def _stands_in(gold: str, text: str, hyphen: str) -> bool:
    wanted, there = (_as_typed(each, hyphen).split() for each in (gold, text))
    if _UNSPACED.search(gold):
        figure = rf"[\d{_POINT}]"
        found = re.escape(" ".join(wanted))
        if wanted and wanted[0][0].isdecimal():
            found = f"(?<!{figure}){found}"
        if wanted and wanted[-1][-1].isdecimal():
            found = f"{found}(?!{figure})"
        return bool(wanted) and re.search(found, " ".join(there)) is not None
    places = range(len(there) - len(wanted) + 1) if wanted else ()
    return any(all(map(_is_same, wanted, there[start : start + len(wanted)])) for start in places)


def _is_same(wanted: str, there: str) -> bool:
    bare = wanted.lstrip(_CURRENCIES)
    return wanted == there or (bare == there.lstrip(_CURRENCIES) and bare in (wanted, there))


def _as_typed(text: str, hyphen: str) -> str:
    """The normal form of what somebody would type who has no signs but those of a keyboard.

    A currency and a minus stay at their figure and a point in it, as characters that no text has; a hyphen, a slash or
    a colon between figures parts them.
    """
    typed = _POSSESSIVE.sub("", unicodedata.normalize("NFC", text)).translate(_APOSTROPHES)
    typed = _SIGNED.sub(lambda found: found[0].translate(_KEPT), typed)
    typed = _PARTED.sub(" ", _POINTED.sub(_POINT, typed))
    return normalise("".join(_typed(each, hyphen) for each in typed))


def _typed(character: str, hyphen: str) -> str:
    kind = unicodedata.category(character)
    if kind == "Pd":
        return hyphen if character == "-" or hyphen else " "
    return " " if character > "\x7f" and kind[0] in "PS" else character


def _scorable(golds: Sequence[str]) -> Sequence[str]:
    """As the official script of SQuAD 2.0 has it: what normalises to nothing is no gold answer."""
    return [gold for gold in golds if normalise(gold)] or [""]


def _f1(own: Sequence[str], gold: Sequence[str]) -> float:
    if not own or not gold:
        return float(own == gold)
    common = sum((Counter(own) & Counter(gold)).values())
    return 2 * common / (len(own) + len(gold))


def status_right(status: str, answerable: bool) -> float:
    """1.0 for an answerable question answered and for an unanswerable one not_found."""
    return float((status == "answered") == answerable)


# --- citations ---


def spans_of(quote: str, text: str) -> list[Span]:
    """Every place where the quote stands in the text, whatever the white space between its words."""
    words = quote.split()
    if not words:
        return []
    pattern = r"\s+".join(re.escape(word) for word in words)
    return [match.span() for match in re.finditer(pattern, text)]


def overlaps(first: Span, second: Span) -> bool:
    """Whether the two have at least half of the shorter one in common."""
    common = min(first[1], second[1]) - max(first[0], second[0])
    shorter = min(first[1] - first[0], second[1] - second[0])
    return shorter > 0 and common >= OVERLAP_SHARE * shorter


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same characters as spans that neither touch nor overlap, in order."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def characters(spans: Iterable[Span]) -> int:
    """How many characters the spans cover, each counted once."""
    return sum(end - start for start, end in merged(spans))


def common_characters(first: Iterable[Span], second: Iterable[Span]) -> int:
    """How many characters are covered by both."""
    others = merged(second)
    return sum(max(0, min(end, e) - max(start, s)) for start, end in merged(first) for s, e in others)


def quote_exact(text: str | None, start: int, end: int, quote: str) -> float:
    """1.0 when the quote is the article's text from start to end, character for character."""
    return float(text is not None and bool(quote) and text[start:end] == quote)


# --- retrieval ---

RETRIEVAL_MEASURES = ("Success@1", "Success@5", "Success@10", "RR@10", "nDCG@10", "R@10", "AP@10")
"""Names as ir-measures has them: Success is also called Hit, the mean of RR is MRR, that of AP is MAP."""
ALL_FOUND = "all_found@10"
RANKED = 10
"""The depth of the measures that look deepest."""


def retrieval_values(
    qrels: Mapping[str, Mapping[str, int]], run: Mapping[str, Sequence[tuple[str, float]]]
) -> dict[str, list[float]]:
    """Each measure's value for every query of the qrels, in their order; a query without results counts as zero.

    The run's scores must fall strictly, since the libraries order by score alone and break ties each their way.
    """
    import ir_measures

    measures = [ir_measures.parse_measure(name) for name in RETRIEVAL_MEASURES]
    judged = [ir_measures.Qrel(q, doc, mark) for q, marks in qrels.items() for doc, mark in marks.items()]
    retrieved = [ir_measures.ScoredDoc(q, doc, score) for q in qrels for doc, score in run.get(q, ())]
    values = {name: dict.fromkeys(qrels, 0.0) for name in RETRIEVAL_MEASURES}
    for measured in ir_measures.iter_calc(measures, judged, retrieved):
        values[str(measured.measure)][measured.query_id] = float(measured.value)
    return {name: list(by_query.values()) for name, by_query in values.items()}


def all_found(relevant: Mapping[str, int], ranking: Sequence[tuple[str, float]]) -> float | None:
    """1.0 when every relevant article is among the first RANKED; None where that is no question of its own: for one
    relevant article (it is Success then), and for more than could be among them."""
    gold = {article_id for article_id, mark in relevant.items() if mark > 0}
    if not 1 < len(gold) <= RANKED:
        return None
    return float(gold <= {article_id for article_id, _ in ranking[:RANKED]})
