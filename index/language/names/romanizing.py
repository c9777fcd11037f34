"""A name in Latin letters, for readers who don't know its script.

anyascii (ISC) has a table for every script of Unicode. Arabic and Hebrew leave short vowels out: parts of names that
are known are written as newspapers write them (`given_names.toml`), the others letter by letter, where no vowel is
made up.
Chinese names have their family name apart. Japanese names in Han characters are read in ways that the characters don't
tell, so they stay as they are.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from anyascii import anyascii

from index.language.lexicon import entries
from index.language.scripts import script_of, script_of_char

__all__ = ["romanized"]

# و and ي between consonants are long vowels.
_LONG = re.compile(r"(?<=[^aiuwyʿʾ-])([wy])(?=[^aiuwyʿʾ]|$)")
_UNSEEN = re.compile("[\u0610-\u061a\u064b-\u065f\u0670\u0640\u200c\u200d\u0591-\u05c7]")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_GIVEN = range(1, 3)  # characters of a given name


def romanized(words: str, language: str) -> str:
    """Return the words in Latin letters, each beginning with a capital; `""` where letters don't tell how they sound.

    Args:
        words: a name.
        language: its BCP 47 code.
    """
    script = script_of(words)
    if language == "ja" and any(script_of_char(letter) == "Hani" for letter in words):
        return ""
    if script in ("Arab", "Hebr"):
        return " ".join(_known(script).get(word) or _spelled(script, word) for word in _UNSEEN.sub("", words).split())
    parts = words.split() if script != "Hani" else _chinese(words.strip())
    return " ".join(_capital(_HUMP.sub(lambda _: "\0", anyascii(part)).replace("\0", "").lower()) for part in parts)


def _chinese(name: str) -> list[str]:
    """Return family and given name; a title before them ("工程师林国栋") is no part of a name."""
    if "·" in name or " " in name:
        return re.split("[· ]", name)
    families = entries("family_names")
    for size in (2, 1):
        for given in reversed(_GIVEN):
            family = name[-given - size : -given]
            if len(name) >= given + size and family in families:
                return [family, name[-given:]]
    return [name]


def _spelled(script: str, word: str) -> str:
    return _arabic(word) if script == "Arab" else _hebrew(word)


def _arabic(word: str) -> str:
    article = next(filter(word.startswith, entries("article_prefixes")), "")
    article = article if len(word) > len(article) + 1 else ""
    known = _known("Arab", "letters")
    sounds = "".join(known.get(letter, letter) for letter in word.removeprefix(article))
    sounds = "a" + sounds[1:] if sounds.startswith("ʿ") else sounds
    sounds = sounds[:1] + _LONG.sub(lambda found: "u" if found[1] == "w" else "i", sounds)[1:]
    return ("al-" if article else "") + _capital(sounds)


def _hebrew(word: str) -> str:
    sounds: list[str] = []
    for place, letter in enumerate(word):
        last = place == len(word) - 1
        if letter == "ו" and place:
            sounds.append("u" if last and word[place - 1] == "ה" else "o")
        elif letter == "י" and place:
            sounds.append("i")
        elif letter == "ה" and last:
            sounds.append("a")
        else:
            first = _known("Hebr", "beginning").get(letter) if not place else None
            sounds.append(first or _known("Hebr", "letters").get(letter, letter))
    return _capital("".join(sounds).replace("aa", "a").replace("ii", "i"))


@lru_cache(maxsize=8)
def _known(script: str, kind: str = "names") -> Mapping[str, str]:
    """Return parts of names in one script, or its letters, with how they are written in Latin letters."""
    table = tomllib.loads((files("index.language.names") / "given_names.toml").read_text("utf-8"))
    return dict(entry.split() for entry in table[script][kind].split(","))


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]
