"""Which language a text is in, and which way it is written; offline, and the same answer every time.

The script decides alone where one language owns it (Hangul, kana, Thai …). For the others a classifier reads the
letters of the main script (`index.language.classifier`, asked here only); `docs/languages.md` shows what was measured.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from index.language.classifier import classes, shares
from index.language.codes import UNKNOWN, canonical
from index.language.fields import ListField
from index.language.lexicon import languages, phrases_of, words_of
from index.language.scripts import script_of, script_of_char
from index.language.words import tokens

__all__ = ["detect", "detect_within", "script_of", "scripts_of_language"]

_LONGEST = 4_000  # code points that are looked at: more changes no decision and costs time
# A name or two tell no language: what speaks for the likeliest one, and for those nearly the same, must be this much.
_LEAST_SHARE = 0.3
# Else so many words that its questions are made of tell a language, in a text no longer than that.
_LEAST_COMMON, _FEW_WORDS = 2, 300
# One letter of its own among so many shows a language that the classifier doesn't know.
_OWN_LETTERS = 40
_NO_CHARACTERS = ("Cc", "Cs", "Cn", "Co")
_SURE = 60  # code points from which on the classifier is trusted against the document's language


def scripts_of_language(language: str) -> tuple[str, ...]:
    """Return the scripts that a language is usually written in, `("Latn",)` for languages without a file."""
    return _scripts(canonical(language))


def _scripts(code: str) -> tuple[str, ...]:
    known = languages().get(code)
    return known.values.get("scripts", ("Latn",)) if known else ("Latn",)


@lru_cache(maxsize=64)
def _written_in(script: str) -> frozenset[str]:
    """Return the codes of the classifier's languages that are written in a script."""
    return frozenset(code for code in classes() if script in _scripts(code))


@lru_cache(maxsize=4)
def _by_script(field: ListField) -> Mapping[str, str]:
    """Return the language that a field of its file names scripts for, by script."""
    return {script: code for code, scripts in phrases_of(field).items() for script in scripts}


def detect(text: str) -> str:
    """Return the BCP 47 code of most of the text (`"en"`, `"ar"`, `"zh"` …), `"und"` when it can't be known.

    Words in a second script (names, terms) do not vote. Deterministic; needs no network and no model file.
    """
    text = unicodedata.normalize("NFC", text[:_LONGEST])  # split accents would be read as other letters
    script = script_of(text)
    if script == "Zyyy":
        return UNKNOWN
    if script in _by_script("alone_in"):
        return _by_script("alone_in")[script]
    language = _classify(_only(text, script), script)
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
    for char in set(text):
        other = script_of_char(char)
        if (other and other != script) or unicodedata.category(char) in _NO_CHARACTERS:
            text = text.replace(char, " ")
    return text


def _classify(text: str, script: str) -> str:
    """Return the likeliest language that is written in a script, unknown where it is one of many.

    Languages that are nearly the same share what speaks for them; so they are counted together, the likeliest wins.
    """
    if own := _by_own_letters(text, script):
        return own
    written = _written_in(script)
    likely = {code: share for code, share in shares(text).items() if code in written}
    best = next(iter(likely), UNKNOWN)
    together = sum(likely.get(code, 0.0) for code in (best, *phrases_of("alike").get(best, ())))
    return canonical(best) if together >= _LEAST_SHARE * sum(likely.values()) else _by_common_words(text, script)


def _by_common_words(text: str, script: str) -> str:
    """Return the language of most of the common words in a question full of names; unknown where two have as many."""
    forms = [token.form for token in tokens(text[:_FEW_WORDS])]
    counts = {
        code: sum(form in words_of("common", code) for form in forms)
        for code in phrases_of("common")
        if script in _scripts(code)
    }
    most = max(counts.values(), default=0)
    best = [code for code, count in counts.items() if count == most]
    return best[0] if most >= _LEAST_COMMON and len(best) == 1 else UNKNOWN


def _by_own_letters(text: str, script: str) -> str:
    """Return the language whose own letters stand in a text, often enough to be no foreign name's; else `""`."""
    for code, letters in phrases_of("own_letters").items():
        if script in scripts_of_language(code) and _OWN_LETTERS * sum(map(text.count, letters)) > len(text):
            return code
    return ""
