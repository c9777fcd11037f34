"""The terms that a text is found by in the keyword index, for any script.

Words are folded (Unicode NFKC, case, accents, digits of all scripts, and letters that writers use for one another in
Latin, Arabic, Devanagari and Ethiopic script). Each gives itself and its overlapping character 4-grams, which stand in
for stemming in every language at once (McNamee and Mayfield 2004, "Character n-gram tokenization for European language
text retrieval"). Scripts that are written without spaces give single characters and bigrams. Numbers stay whole and
lose the marks between their thousands; codes of letters and digits are found with their hyphen and without.
"""

from __future__ import annotations

import re
import unicodedata

from index.caching import kept

__all__ = ["KEYWORDS_VERSION", "terms"]

KEYWORDS_VERSION = "3"
"""Part of what an index is: any change to `terms` changes it, and the keyword index is made anew."""

_GRAM = 4

# Letters that writers and keyboards use for one another: alef with signs, Persian, Urdu and Arabic yeh, kaf and heh,
# teh marbuta; marks that most texts leave out: vowel signs, tatweel, joiners.
_ARABIC = {
    "أ": "ا",
    "إ": "ا",
    "آ": "ا",
    "ٱ": "ا",
    "ى": "ي",
    "ی": "ي",
    "ئ": "ي",
    "ؤ": "و",
    "ک": "ك",
    "ڪ": "ك",
    "ۓ": "ے",
    **dict.fromkeys("ةۀۃہھۂەۿ", "ه"),
    **dict.fromkeys("ـٰ\u200c\u200d\u200e\u200f\xad" + "".join(map(chr, range(1611, 1632))), None),
}
# Latin letters that Unicode does not take for a plain one with a mark, and keyboards of other countries lack.
_LATIN = {
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ħ": "h",
    "ı": "i",
    "ŧ": "t",
    "æ": "ae",
    "œ": "oe",
    "ð": "d",
    "þ": "th",
    "ə": "e",
}
# Ethiopic rows (of eight letters) that sound alike in Amharic and are written for one another.
_ETHIOPIC = {
    chr(row + place): chr(plain + place)
    for row, plain in ((0x1220, 0x1230), (0x1210, 0x1200), (0x1280, 0x1200), (0x12D0, 0x12A0), (0x1340, 0x1338))
    for place in range(7)
} | {"ሃ": "ሀ", "ሓ": "ሀ", "ኃ": "ሀ", "ኻ": "ሀ", "ኣ": "አ", "ዓ": "አ"}
_FOLDED = str.maketrans(_ARABIC | _LATIN | _ETHIOPIC)
# Devanagari and its sisters write a nasal before its consonant as a letter or as a dot; the dot of loans is optional.
_NASAL = re.compile("[ङञणनम]्(?=[क-म])|ँ")
_NUKTA = re.compile("़")

# Thai, Lao, Burmese, Khmer, kana, Han and Hangul: no spaces between words, or particles grown onto them.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
# `\w` knows no combining marks, which Indic, Hebrew and other words are made of; dandas (U+0964, U+0965) end sentences.
_MARKS = "\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u0900-\u0963\u0966-\u0dff\u0f18-\u0fbc\u1ab0-\u1aff\u1dc0-\u1dff"
_RUNS = re.compile(rf"[{_UNSPACED}]+|(?:[^\W_{_UNSPACED}]|[{_MARKS}])+")
_THOUSANDS = re.compile(r"(?<![\w.,])\d{1,3}(?:([.,'\u2019\u066c ])\d{3})(?:\1\d{3})*(?!\d|\1\d)")
_CODE = re.compile(r"(?<!\w)([^\W\d_]{1,6})[-\u2010\u2013](\d{1,5})(?!\w)")
_DIGITS = re.compile(r"\d+(?=\D)")  # of `15km`
_UNSPACED_START = re.compile(f"[{_UNSPACED}]")
_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2]+")  # with the vowel points of Hebrew


def terms(text: str) -> list[str]:
    """Return the terms of a text in reading order, repetitions included; equal words give equal terms."""
    folded = _THOUSANDS.sub(_joined, _fold(text))
    found = [term for run in _RUNS.findall(folded) for term in _cut(run)]
    return found + [f"_{letters}{digits}_" for letters, digits in _CODE.findall(folded)]


def _joined(number: re.Match[str]) -> str:
    """Return a number without the marks between its thousands; with a space there, it may be two numbers as well."""
    joined = number[0].replace(number[1], "")
    return f"{joined} {number[0]}" if number[1] == " " else joined


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold()))
    text = _NASAL.sub("ं", _NUKTA.sub("", unicodedata.normalize("NFC", plain).translate(_FOLDED)))
    digits = {ord(sign): str(unicodedata.digit(sign)) for sign in set(text) if sign.isdecimal() and not sign.isascii()}
    return text.translate(digits) if digits else text


@kept(1 << 14, longest=64)
def _cut(run: str) -> tuple[str, ...]:
    if _UNSPACED_START.match(run):
        return (*run, *(run[at : at + 2] for at in range(len(run) - 1)))
    if run[0].isdecimal():
        digits = _DIGITS.match(run)
        return (run,) if digits is None else (run, digits[0])
    return (f"_{run}_", *(run[at : at + _GRAM] for at in range(len(run) - _GRAM + 1)))
