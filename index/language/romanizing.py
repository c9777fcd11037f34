"""A name in Latin letters, letter by letter, for readers who don't know its script.

anyascii (ISC) has a table for every script of Unicode. Arabic writing leaves short vowels out and joins the article
to its word: it has a table of its own here, and no vowel is made up. Japanese names in Han characters are read in ways
that the characters don't tell, so they stay as they are.
"""

from __future__ import annotations

import re

from anyascii import anyascii

from index.language.scripts import script_of, script_of_char

__all__ = ["romanized"]

_LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءأإآؤئپچژگکی"
_SOUNDS = "a b t th j h kh d dh r z s sh s d t z ʿ gh f q k l m n h w y a a ʾ a i a w y p ch zh g k y"
_ARABIC = dict(zip(_LETTERS, _SOUNDS.split(), strict=True))
_ARTICLE = re.compile(r"^ال(?=..)")
_UNSEEN = re.compile("[\u0610-\u061a\u064b-\u065f\u0670\u0640\u200c\u200d]")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def romanized(words: str, language: str) -> str:
    """Return the words in Latin letters, each beginning with a capital; `""` where letters don't tell how they sound.

    Args:
        words: a name.
        language: its BCP 47 code.
    """
    script = script_of(words)
    if language == "ja" and any(script_of_char(letter) == "Hani" for letter in words):
        return ""
    if script == "Arab":
        return " ".join(_arabic(word) for word in words.split())
    parts = words.split() if script != "Hani" else [words]
    return " ".join(_capital(_HUMP.sub(lambda _: "\0", anyascii(part)).replace("\0", "").lower()) for part in parts)


def _arabic(word: str) -> str:
    bare = _UNSEEN.sub("", word)
    article = "al-" if _ARTICLE.match(bare) else ""
    letters = _ARTICLE.sub("", bare)
    sounds = "".join(_ARABIC.get(letter, letter) for letter in letters)
    return article + _capital("a" + sounds[1:] if sounds.startswith("ʿ") else sounds)


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]
