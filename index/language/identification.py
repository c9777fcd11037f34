"""Which language a text is in, and which way it is written; offline, and the same answer every time.

The script decides alone where one language owns it (Hangul, kana, Thai …). For the others Google's Compact
Language Detector 2 reads the letters of the main script: a naive Bayes classifier over letter quadgrams, with its
tables compiled in (https://github.com/CLD2Owners/cld2).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from index.language.codes import UNKNOWN, canonical
from index.language.fields import ListField
from index.language.lexicon import languages, phrases_of
from index.language.scripts import script_of, script_of_char

__all__ = ["detect", "detect_within", "script_of", "scripts_of_language"]

_LONGEST = 4_000  # code points that are looked at: more changes no decision and costs time
_SURE = 60  # code points from which on the classifier is trusted against the document's language


def scripts_of_language(language: str) -> tuple[str, ...]:
    """Return the scripts that a language is usually written in, `("Latn",)` for languages without a file."""
    known = languages().get(canonical(language))
    return known.values.get("scripts", ("Latn",)) if known else ("Latn",)


@lru_cache(maxsize=4)
def _by_script(field: ListField) -> Mapping[str, str]:
    """Return the language that a field of its file names scripts for, by script."""
    return {script: code for code, scripts in phrases_of(field).items() for script in scripts}


def detect(text: str) -> str:
    """Return the BCP 47 code of most of the text (`"en"`, `"ar"`, `"zh"` …), `"und"` when it can't be told.

    Words in a second script (names, terms) do not vote. Deterministic; needs no network and no model file.
    """
    text = unicodedata.normalize("NFC", text[:_LONGEST])  # split accents would be read as other letters
    script = script_of(text)
    if script == "Zyyy":
        return UNKNOWN
    if script in _by_script("alone_in"):
        return _by_script("alone_in")[script]
    language = _detect_by_letters(_only(text, script), script)
    return _by_script("assumed_in").get(script, UNKNOWN) if language == UNKNOWN else language


def detect_within(text: str, document_language: str) -> str:
    """Return the language of a part of a document, whose own language decides where the part alone does not.

    That is: where nothing is detected, or the part is short, or the two languages are easily confused, provided that
    the document's language is written in the script of the part.
    """
    own, found = canonical(document_language), detect(text)
    if own in (UNKNOWN, found) or script_of(text) not in scripts_of_language(own):
        return found
    unsure = found == UNKNOWN or len(text) < _SURE or found in phrases_of("alike").get(own, ())
    return own if unsure else found


def _only(text: str, script: str) -> str:
    """Return the text with the letters of other scripts, and what is no character at all, made spaces."""
    foreign = {}
    for char in set(text):
        other = script_of_char(char)
        if (other and other != script) or unicodedata.category(char) in ("Cc", "Cs", "Cn", "Co"):
            foreign[ord(char)] = " "
    return text.translate(foreign)


def _detect_by_letters(text: str, script: str) -> str:
    language = _classify(text, script, "")
    expected = _by_script("expected_in").get(script)
    if language == UNKNOWN and expected:  # undecided among relatives: let the largest one count more
        language = _classify(text, script, expected)
    return language


def _classify(text: str, script: str, hint: str) -> str:
    import pycld2  # type: ignore[import-untyped,unused-ignore]

    try:
        reliable, _, guesses = pycld2.detect(text, returnVectors=False, bestEffort=True, hintLanguage=hint or None)
    except pycld2.error:  # it takes fewer characters for valid than Unicode does
        return UNKNOWN
    language = canonical(guesses[0][1])
    if language == "ku" and script == "Arab":
        return "ckb"
    if script not in scripts_of_language(language) or not (reliable or len(text) >= 40):
        return UNKNOWN
    return language
