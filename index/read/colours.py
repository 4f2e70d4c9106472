"""Can text of one colour be seen on another? As CSS writes colours."""

from __future__ import annotations

import colorsys
import re

LEAST_CONTRAST = 1.1
"""Of text and ground, as WCAG 2.2 counts it: 1 to 21, 4.5 for easy reading; light grey on white has 1.5."""
_NAMED = {
    "white": (255, 255, 255), "snow": (255, 250, 250), "ghostwhite": (248, 248, 255), "mintcream": (245, 255, 250),
    "azure": (240, 255, 255), "ivory": (255, 255, 240), "floralwhite": (255, 250, 240), "whitesmoke": (245, 245, 245),
    "black": (0, 0, 0), "red": (255, 0, 0), "green": (0, 128, 0), "blue": (0, 0, 255), "navy": (0, 0, 128),
    "gray": (128, 128, 128), "grey": (128, 128, 128), "silver": (192, 192, 192), "yellow": (255, 255, 0),
}  # fmt: skip
_HEX = re.compile(r"#([0-9a-f]{3,8})", re.IGNORECASE)
_FUNCTION = re.compile(r"(rgb|hsl)a?\(([^)]*)\)", re.IGNORECASE)
_TURN = {"rgb": (255.0, 255.0, 255.0), "hsl": (360.0, 1.0, 1.0)}
Colour = tuple[float, float, float, float]
"""Red, green and blue of 0 to 255, and how opaque, 0 to 1."""
_PAPER: Colour = (255.0, 255.0, 255.0, 1.0)


def is_unseen(text: str, ground: str) -> bool:
    """Whether nobody sees text of this colour on this ground; where no ground is given, on white.

    What is not understood (a picture, a variable, `inherit`) counts as seen.
    """
    own = colour(text)
    behind = _PAPER if not ground.strip() else colour(ground)
    if own is None:
        return False
    if own[3] < 0.05:
        return True
    if behind is not None and behind[3] < 0.05:
        behind = _PAPER
    return behind is not None and contrast(own, behind) < LEAST_CONTRAST


def colour(text: str) -> Colour | None:
    """The colour that a CSS value begins with, or None."""
    word = text.strip().casefold()
    if word.startswith("transparent"):
        return (0.0, 0.0, 0.0, 0.0)
    if found := _HEX.match(word):
        return _of_digits(found[1])
    if found := _FUNCTION.match(word):
        return _of_function(found[1], re.split(r"[\s,/]+", found[2].strip()))
    named = _NAMED.get(re.split(r"[\s;!]", word, maxsplit=1)[0])
    return (*named, 1.0) if named else None


def contrast(first: Colour, second: Colour) -> float:
    """The contrast ratio, 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _of_digits(digits: str) -> Colour | None:
    if len(digits) in (3, 4):
        digits = "".join(2 * digit for digit in digits)
    if len(digits) not in (6, 8):
        return None
    red, green, blue, opaque = (int((digits + "ff")[at : at + 2], 16) for at in range(0, 8, 2))
    return (float(red), float(green), float(blue), opaque / 255)


def _of_function(kind: str, parts: list[str]) -> Colour | None:
    try:
        values = [_share(part, whole) for part, whole in zip(parts[:3], _TURN[kind], strict=True)]
        opaque = _share(parts[3], 1.0) if len(parts) > 3 else 1.0
    except ValueError:
        return None
    if kind == "hsl":
        hue, saturation, lightness = values
        values = [255 * each for each in colorsys.hls_to_rgb(hue / 360 % 1, lightness, saturation)]
    return (values[0], values[1], values[2], opaque)


def _share(part: str, whole: float) -> float:
    """A number, or a percentage of the whole. Raises ValueError for anything else (`none`, `calc(…)`)."""
    if part.endswith("%"):
        return whole * float(part[:-1]) / 100
    return float(part.removesuffix("deg"))


def _luminance(given: Colour) -> float:
    channels = [max(0.0, min(1.0, value / 255)) for value in given[:3]]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
