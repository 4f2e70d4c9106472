"""Is one word of a name made of the other? Ukraine, Ukrainian, Ukrainians; but not Niger, Nigeria.

Only by the endings of adjectives of places and peoples, and by ways of writing one sound at the end of a name. What
two names begin with says nothing: Maria and Mario, Victoria and Victor, John and Johnson, Martin and Martinez.
"""

from __future__ import annotations

from functools import lru_cache

_SHORTEST = 4
"""Letters of a word that others are made of."""
_ENDINGS = {
    "n": ("",),  # of a word that ends with a vowel
    "an": ("", "e", "o", "as"),
    "ian": ("", "e", "y", "a", "as", "ium"),
    "vian": ("",),
    "ish": ("", "ey", "en"),
    "ese": ("", "a"),
    "lese": ("",),
    "i": ("",),
    "ic": ("",),
    "istan": ("",),
}
"""Of what is made of a word, each with what the word itself may have in its place: Italy, Italian."""
_LONG_ENDINGS = {"er": ("",), "al": ("", "e"), "ial": ("", "e"), "ary": ("",)}
"""The same, of words from six letters on: London, Londoner; Parliament, Parliamentary; not Park, Parker."""
_LONG = 6
_IRREGULAR = frozenset(
    tuple(pair.split("-"))
    for pair in (
        "arab-arabia argentine-argentina belgian-belgium croat-croatia cypriot-cypru danish-denmark dutch-netherland "
        "emirati-emirate finnish-finland french-france german-germany greek-greece irish-ireland "
        "kurd-kurdistan lebanese-lebanon mongol-mongolia norwegian-norway polish-poland portuguese-portugal "
        "scottish-scotland serb-serbia somali-somalia spanish-spain swiss-switzerland thai-thailand turk-turkey "
        "welsh-wale filipino-philippine"
    ).split()
)
"""Words of peoples and their places, without the s of the plural."""
_OTHERS = frozenset(
    tuple(pair.split("-"))
    for pair in "nigerian-niger georgian-george victorian-victor christian-christ julian-julia marian-maria".split()
)
"""Adjectives that are of another place, or of another name."""
_ONE_SOUND = frozenset(("y", "yy", "i", "ii", "iy", "yi", "ij"))
"""Zelensky, Zelenskyy, Zelenskiy."""


@lru_cache(maxsize=65536)
def same_root(first: str, second: str) -> bool:
    """Whether both words, in lower case, are one name, be one of them what is made of it or its plural."""
    one, two = _singular(first), _singular(second)
    return one == two or _made_of(one, two) or _made_of(two, one) or _sound_alike(one, two)


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > _SHORTEST else word


def _made_of(word: str, base: str) -> bool:
    if (word, base) in _IRREGULAR:
        return True
    if word[:3] != base[:3] or len(base) < _SHORTEST or (word, base) in _OTHERS:
        return False
    endings = _ENDINGS | (_LONG_ENDINGS if len(base) >= _LONG else {})
    return any(
        base == word.removesuffix(ending) + other and (ending != "n" or base[-1] in "aeiou")
        for ending, others in endings.items()
        if word.endswith(ending)
        for other in others
    )


def _sound_alike(one: str, two: str) -> bool:
    common = next((i for i, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))
    start = len(one[:common].rstrip("iy"))
    return start > _SHORTEST and one[start:] in _ONE_SOUND and two[start:] in _ONE_SOUND
