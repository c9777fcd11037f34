"""Scripts of text: which writing system its letters belong to (ISO 15924 codes)."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from functools import lru_cache

__all__ = ["NO_SPACES", "RIGHT_TO_LEFT", "is_small", "script_counts", "script_of", "script_of_char"]

# First code point, last code point, script; the blocks in which living languages are written (Unicode 16).
_RANGES: tuple[tuple[int, int, str], ...] = (
    (0x41, 0x5A, "Latn"), (0x61, 0x7A, "Latn"), (0xAA, 0xAA, "Latn"), (0xBA, 0xBA, "Latn"), (0xC0, 0x24F, "Latn"),
    (0x250, 0x2AF, "Latn"), (0x370, 0x3FF, "Grek"), (0x400, 0x52F, "Cyrl"), (0x531, 0x58A, "Armn"),
    (0x591, 0x5F4, "Hebr"), (0x600, 0x6FF, "Arab"), (0x700, 0x74F, "Syrc"), (0x750, 0x77F, "Arab"),
    (0x780, 0x7BF, "Thaa"), (0x7C0, 0x7FF, "Nkoo"), (0x860, 0x86F, "Syrc"), (0x870, 0x8FF, "Arab"),
    (0x900, 0x963, "Deva"), (0x966, 0x97F, "Deva"), (0x980, 0x9FF, "Beng"), (0xA00, 0xA7F, "Guru"),
    (0xA80, 0xAFF, "Gujr"), (0xB00, 0xB7F, "Orya"), (0xB80, 0xBFF, "Taml"), (0xC00, 0xC7F, "Telu"),
    (0xC80, 0xCFF, "Knda"), (0xD00, 0xD7F, "Mlym"), (0xD80, 0xDFF, "Sinh"), (0xE00, 0xE7F, "Thai"),
    (0xE80, 0xEFF, "Laoo"), (0xF00, 0xFFF, "Tibt"), (0x1000, 0x109F, "Mymr"), (0x10A0, 0x10FF, "Geor"),
    (0x1100, 0x11FF, "Hang"), (0x1200, 0x139F, "Ethi"), (0x13A0, 0x13FF, "Cher"), (0x1400, 0x167F, "Cans"),
    (0x1780, 0x17FF, "Khmr"), (0x1800, 0x18AF, "Mong"), (0x18B0, 0x18FF, "Cans"), (0x1C50, 0x1C7F, "Olck"),
    (0x1C80, 0x1C8F, "Cyrl"), (0x1C90, 0x1CBF, "Geor"), (0x1D00, 0x1DBF, "Latn"), (0x1E00, 0x1EFF, "Latn"),
    (0x1F00, 0x1FFF, "Grek"), (0x2C60, 0x2C7F, "Latn"), (0x2D00, 0x2D2F, "Geor"), (0x2D30, 0x2D7F, "Tfng"),
    (0x2D80, 0x2DDF, "Ethi"), (0x2DE0, 0x2DFF, "Cyrl"), (0x2E80, 0x2FDF, "Hani"), (0x3005, 0x3007, "Hani"),
    (0x3041, 0x309F, "Kana"), (0x30A1, 0x30FA, "Kana"), (0x30FD, 0x30FF, "Kana"), (0x3105, 0x312F, "Bopo"),
    (0x3131, 0x318E, "Hang"), (0x31F0, 0x31FF, "Kana"), (0x3400, 0x4DBF, "Hani"), (0x4E00, 0x9FFF, "Hani"),
    (0xA000, 0xA4CF, "Yiii"), (0xA4D0, 0xA4FF, "Lisu"), (0xA500, 0xA63F, "Vaii"), (0xA640, 0xA69F, "Cyrl"),
    (0xA720, 0xA7FF, "Latn"), (0xA960, 0xA97F, "Hang"), (0xA9E0, 0xA9FF, "Mymr"), (0xAA60, 0xAA7F, "Mymr"),
    (0xAB01, 0xAB2F, "Ethi"), (0xAB30, 0xAB6F, "Latn"), (0xAB70, 0xABBF, "Cher"), (0xABC0, 0xABFF, "Mtei"),
    (0xAC00, 0xD7FF, "Hang"), (0xF900, 0xFAFF, "Hani"), (0xFB00, 0xFB06, "Latn"), (0xFB13, 0xFB17, "Armn"),
    (0xFB1D, 0xFB4F, "Hebr"), (0xFB50, 0xFDFF, "Arab"), (0xFE70, 0xFEFE, "Arab"), (0xFF21, 0xFF3A, "Latn"),
    (0xFF41, 0xFF5A, "Latn"), (0xFF66, 0xFF9D, "Kana"), (0xFFA0, 0xFFDC, "Hang"), (0x1E900, 0x1E95F, "Adlm"),
    (0x20000, 0x3FFFF, "Hani"),
)  # fmt: skip
_STARTS = tuple(first for first, _, _ in _RANGES)

_DENSE = frozenset({"Hani", "Kana", "Hang"})
RIGHT_TO_LEFT = frozenset({"Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm"})
NO_SPACES = frozenset({"Hani", "Kana", "Thai", "Laoo", "Khmr", "Mymr", "Tibt"})


@lru_cache(maxsize=4096)
def script_of_char(char: str) -> str:
    """Return the script of a letter, `""` for digits, punctuation and what no listed script holds."""
    point = ord(char)
    at = bisect_right(_STARTS, point) - 1
    if at < 0 or point > _RANGES[at][1] or point in (0x60C, 0x61B, 0x61F, 0x640, 0xD7, 0xF7):
        return ""  # the comma, semicolon and question mark of Arabic, its stretching mark, and two signs
    if 0x660 <= point <= 0x669 or 0x6F0 <= point <= 0x6F9:
        return ""  # Arabic and Persian digits
    return _RANGES[at][2]


def is_small(char: str) -> bool:
    """Tell whether a character is a small letter of a script that begins sentences with capitals.

    Georgian letters count as small in Unicode, but Georgian sentences have no capitals.
    """
    return char.islower() and script_of_char(char) != "Geor"


def script_counts(text: str) -> Counter[str]:
    """Return how many letters of each script the text has, a sign of East Asia counted as three letters.

    It says about as much as three letters of an alphabet do.
    """
    counts: Counter[str] = Counter()
    for char, times in Counter(text).items():
        script = script_of_char(char)
        if script:
            counts[script] += 3 * times if script in _DENSE else times
    return counts


def script_of(text: str) -> str:
    """Return the script of most letters (`"Latn"`, `"Arab"`, `"Hani"` …), `"Zyyy"` (common) without letters.

    A text with more than a tenth of kana is `"Kana"` however many ideographs stand beside them: only Japanese mixes so.
    """
    counts = script_counts(text)
    if not counts:
        return "Zyyy"
    if counts["Kana"] and 10 * counts["Kana"] > counts["Kana"] + counts["Hani"] and counts["Hani"]:
        counts["Kana"] += counts.pop("Hani")
    return max(counts, key=lambda script: (counts[script], script))
