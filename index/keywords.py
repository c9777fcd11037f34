"""The terms that a text is found by in the keyword index, for any script.

Words are folded (Unicode NFKC, case, accents, the variant letters of Arabic script, digits of all scripts). Each gives
itself and its overlapping character 4-grams, which stand in for stemming in every language at once (McNamee and
Mayfield 2004, "Character n-gram tokenization for European language text retrieval"). Scripts that are written without
spaces give single characters and bigrams; numbers stay whole.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["KEYWORDS_VERSION", "terms"]

KEYWORDS_VERSION = "1"
"""Part of what an index is: any change to `terms` changes it, and the keyword index is made anew."""

_GRAM = 4

# Letters that writers and keyboards use for one another: alef with signs, Persian and Arabic yeh and kaf, teh marbuta;
# marks that most texts leave out: vowel signs, tatweel, joiners.
_FOLDED = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ئ": "ي", "ؤ": "و", "ک": "ك", "ة": "ه", "ۀ": "ه"}
    | dict.fromkeys("ـٰ\u200c\u200d\u200e\u200f\xad" + "".join(map(chr, range(1611, 1632))))
)

# Thai, Lao, Burmese, Khmer, kana, Han and Hangul: no spaces between words, or particles grown onto them.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
# `\w` knows no combining marks, which Indic, Hebrew and other words are made of; dandas (U+0964, U+0965) end sentences.
_MARKS = "\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u0900-\u0963\u0966-\u0dff\u0f18-\u0fbc\u1ab0-\u1aff\u1dc0-\u1dff"
_RUNS = re.compile(rf"[{_UNSPACED}]+|(?:[^\W_{_UNSPACED}]|[{_MARKS}])+")
_UNSPACED_START = re.compile(f"[{_UNSPACED}]")
_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2]+")  # with the vowel points of Hebrew


def terms(text: str) -> list[str]:
    """Return the terms of a text in reading order, repetitions included; equal words give equal terms."""
    found: list[str] = []
    for run in _RUNS.findall(_fold(text)):
        found += _cut(run)
    return found


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold()))
    text = unicodedata.normalize("NFC", plain).translate(_FOLDED)
    digits = {ord(sign): str(unicodedata.digit(sign)) for sign in set(text) if sign.isdecimal() and not sign.isascii()}
    return text.translate(digits) if digits else text


@lru_cache(maxsize=1 << 16)
def _cut(run: str) -> tuple[str, ...]:
    if _UNSPACED_START.match(run):
        return (*run, *(run[at : at + 2] for at in range(len(run) - 1)))
    if run[0].isdecimal():
        return (run,)
    return (f"_{run}_", *(run[at : at + _GRAM] for at in range(len(run) - _GRAM + 1)))
