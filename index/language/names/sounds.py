"""Names across scripts: whether a name of one language is heard in a text of another.

Both are written in ASCII letters (the transliteration tables of anyascii, for every script of Unicode) and reduced to
classes of consonants: Arabic and Hebrew leave vowels out, and everywhere else they are what changes first. What is left
is compared by an edit distance in which sounds that languages confuse lie near each other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from anyascii import anyascii

from index.caching import kept
from index.language.scripts import NO_SPACES, script_of

__all__ = ["consonants", "heard"]

_WORD = re.compile(r"[a-z]+")
# Two letters that write one sound, in the spellings of many languages and of the transliteration itself.
_SOUNDS = (
    ("tsch", "s"), ("dsch", "j"), ("shch", "s"), ("sch", "s"), ("tch", "s"), ("tsh", "s"), ("ch", "s"), ("sh", "s"),
    ("zh", "j"), ("th", "t"), ("dh", "d"), ("kh", "h"), ("gh", "g"), ("ph", "p"), ("bh", "b"), ("ts", "s"),
    ("tz", "s"), ("x", "ks"), ("ck", "k"), ("ce", "s"), ("ci", "s"), ("ge", "j"), ("gi", "j"),
)  # fmt: skip
_LETTERS = {
    letter: group
    for group, letters in {
        "P": "bpf", "V": "vw", "K": "kgqc", "T": "td", "S": "sz", "J": "j", "H": "h", "L": "lr", "N": "n", "M": "m",
    }.items()
    for letter in letters
}  # fmt: skip
# What it costs to hear one class for another; pairs that aren't listed cost 1.
_NEAR = {"HK": 0.4, "PV": 0.3, "KS": 0.6, "KJ": 0.5, "JS": 0.3, "ST": 0.6, "MN": 0.4, "JT": 0.6}
# What it costs to miss a sound of the name, and to hear one more: h is silent or not
# written, w and v are vowels in many scripts, r falls silent.
_MISSED = {"H": 0.2, "V": 0.3, "J": 0.6}
_ADDED = {"H": 0.2, "V": 0.2, "J": 0.5, "L": 0.5}
_MISSED_ELSE, _ADDED_ELSE = 1.0, 0.7
# A word may begin with an article or a preposition that is written together with it, and end with a case.
_BEFORE, _BEHIND, _MOST_BEFORE = 0.25, 0.15, 2
# How much may differ in a name of 2, 3, 4, 5, or more consonants; less where no spaces tell words apart.
_TOLERANCE = (0.2, 0.6, 1.0, 1.2, 1.5)
_TOLERANCE_UNSPACED = (0.0, 0.2, 0.6, 0.8, 1.2)
_FAR = 9.0
_SOFT = "HV"


def heard(name: str, text: str) -> bool:
    """Tell whether a name stands in a text as it sounds; a name of fewer than two consonants can't be known, and does.

    Args:
        name: one word in any script.
        text: a sentence or a passage in any script.
    """
    sought = consonants(name)
    size = sum(sound not in _SOFT for sound in sought)
    if size < 2:
        return True
    spaced, words = _sounds(text)
    table = _TOLERANCE if spaced else _TOLERANCE_UNSPACED
    tolerance = table[min(size, len(table) + 1) - 2]
    return any(_distance(sought, word, spaced=spaced) <= tolerance for word in _candidates(sought, words, spaced))


@kept(4096, longest=64)
def consonants(word: str) -> str:
    """Return the classes of a word's consonants, doubled letters once: `Berlin` and `برلين` give the same."""
    written = anyascii(word).lower()
    for letters, sound in _SOUNDS:
        written = written.replace(letters, sound)
    found, last = [], ""
    for letter in written:
        if letter in _LETTERS and letter != last:
            found.append(_LETTERS[letter])
        last = letter
    return "".join(found)


@kept(512, longest=1000)
def _sounds(text: str) -> tuple[bool, tuple[str, ...]]:
    """Return whether a text has spaces between words, and the consonants of its words; unspaced ones in one piece."""
    spaced = script_of(text) not in NO_SPACES
    words = tuple(consonants(word) for word in _WORD.findall(anyascii(text).lower().replace("'", "")))
    return spaced, words if spaced else ("".join(words),)


def _candidates(sought: str, words: Sequence[str], spaced: bool) -> set[str]:
    """Return the words of like length, and neighbours that may be one name written apart."""
    if not spaced:
        return set(words)
    joined = [one + other for one, other in pairwise(words) if len(one) < len(sought)]
    most = len(sought) + max(3, len(sought))
    return {word for word in (*words, *joined) if len(sought) - 3 <= len(word) <= most}


@lru_cache(maxsize=4096)
def _distance(name: str, word: str, *, spaced: bool) -> float:
    """Return what it costs to hear a name in a word, or anywhere in a text without spaces."""
    before, behind = (_BEFORE, _BEHIND) if spaced else (0.0, 0.0)
    most = _MOST_BEFORE if spaced else len(word)
    row = [before * place if place <= most else _FAR for place in range(len(word) + 1)]
    for sound in name:
        missed = _MISSED.get(sound, _MISSED_ELSE)
        following = [row[0] + missed]
        for place, other in enumerate(word):
            following.append(
                min(
                    row[place] + _confusion(sound, other),
                    row[place + 1] + missed,
                    following[place] + _ADDED.get(other, _ADDED_ELSE),
                )
            )
        row = following
    return min(cost + behind * (len(word) - place) for place, cost in enumerate(row))


@lru_cache(maxsize=256)
def _confusion(one: str, other: str) -> float:
    return 0.0 if one == other else _NEAR.get("".join(sorted((one, other))), 1.0)
