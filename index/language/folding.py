"""Spellings of one word brought together: for comparing words, and, going further, for finding them by keywords.

Both drop case, width, accents and the digits' script (Unicode NFKC), and take letters for one another that writers and
keyboards exchange. The search goes further, for there a word that is missed costs more than one found too often: Latin
letters that other keyboards lack, all forms of Arabic heh and yeh, Ethiopic rows that sound alike, Indic nasals. In a
comparison these may tell two names apart.
"""

from __future__ import annotations

import re
import unicodedata

from index.caching import kept

__all__ = ["MARKS", "fold", "fold_for_search"]

# Marks that belong to the letter before them, in Latin, Cyrillic, Hebrew and Arabic script.
MARKS = "\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
# Diacritics are dropped only where readers write with and without them; in Indic scripts they are vowels.
_DROPPED = re.compile(f"[{MARKS}\u200c\u200d]")
_LEVELS = re.compile("(?<=\\d)(?:([⁰¹²³⁴-⁹⁺⁻]+)|[₀-₉₊₋]+)")
# Letters that Arabic script writes in several ways; Persian and Arabic keyboards differ in yeh and kaf.
_ARABIC = {
    "أ": "ا",
    "إ": "ا",
    "آ": "ا",
    "ٱ": "ا",
    "ى": "ي",
    "ی": "ي",
    "ک": "ك",
    "ة": "ه",
    "ؤ": "و",
    "ئ": "ي",
    "ـ": None,
}
_LETTERS = str.maketrans({**_ARABIC, "ß": "ss"})

# More of them: Urdu yeh, kaf and heh, marks that most texts leave out, joiners.
_MORE_ARABIC = {
    "ڪ": "ك",
    "ۓ": "ے",
    **dict.fromkeys("ۀۃہھۂەۿ", "ه"),
    **dict.fromkeys("ٰ\u200c\u200d\u200e\u200f\xad" + "".join(map(chr, range(1611, 1632))), None),
}
# Latin letters that Unicode does not take for a plain one with a mark, and keyboards of other countries lack.
_LATIN = {
    "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "ŧ": "t", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ə": "e",
}  # fmt: skip
# Ethiopic rows (of eight letters) that sound alike in Amharic and are written for one another.
_ETHIOPIC = {
    chr(row + place): chr(plain + place)
    for row, plain in ((0x1220, 0x1230), (0x1210, 0x1200), (0x1280, 0x1200), (0x12D0, 0x12A0), (0x1340, 0x1338))
    for place in range(7)
} | {"ሃ": "ሀ", "ሓ": "ሀ", "ኃ": "ሀ", "ኻ": "ሀ", "ኣ": "አ", "ዓ": "አ"}
_SEARCHED = str.maketrans(_ARABIC | _MORE_ARABIC | _LATIN | _ETHIOPIC)
# Devanagari and its sisters write a nasal before its consonant as a letter or as a dot; the dot of loans is optional.
_NASAL = re.compile("[ङञणनम]्(?=[क-म])|ँ")
_NUKTA = re.compile("़")
_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2]+")  # with the vowel points of Hebrew


@kept(4096, longest=64)
def fold(text: str) -> str:
    """Return a form in which spellings of the same word agree: case, width, digits' script, diacritics."""
    if not text.isascii():
        text = _LEVELS.sub(lambda run: ("^" if run[1] else "_") + run[0], text)  # 10⁶ is not 106
    text = unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS)
    text = _DROPPED.sub("", unicodedata.normalize("NFD", text))
    text = unicodedata.normalize("NFC", text)
    if text.isascii():
        return text
    digits = {ord(sign): str(digit) for sign in set(text) if (digit := unicodedata.digit(sign, -1)) >= 0}
    return text.translate(digits) if digits else text


def fold_for_search(text: str) -> str:
    """Return a form in which words agree that a search should find for one another."""
    if text.isascii():
        return text.lower()
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold()))
    text = _NASAL.sub("ं", _NUKTA.sub("", unicodedata.normalize("NFC", plain).translate(_SEARCHED)))
    digits = {ord(sign): str(unicodedata.digit(sign)) for sign in set(text) if sign.isdecimal() and not sign.isascii()}
    return text.translate(digits) if digits else text
