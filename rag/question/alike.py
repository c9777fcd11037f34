"""Whether two words are the same but for their endings: no dictionary, only how they begin."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from index.language.question_words import common
from index.language.words import tokens

__all__ = ["alike", "among", "forms_of", "is_among", "names"]

# So long a common beginning makes two words one, as "manages" and "manager".
_STEM, _OF_WORD = 4, 0.6
_LEAST_LETTERS = 2  # of a word whose last vowel sign is left out
_VOWEL_SIGN = re.compile("[\u0900-\u0903\u093a-\u0dff]\\Z")  # of the scripts of India; letters among them are no marks


def forms_of(text: str) -> list[str]:
    """Return the words of a text that tell something; a capital makes a name of a common word, as in "in May"."""
    found = []
    for token in tokens(text):
        named = bool(token.start) and text[token.start].isupper()
        if token.form not in common() or named:
            found.append(token.form)
    return found


def is_among(words: Iterable[str], others: Iterable[str]) -> bool:
    """Tell whether one of some words is among others, endings aside."""
    return bool(among(words, others))


def among(asked: Iterable[str], forms: Iterable[str]) -> set[str]:
    """Return the words of a question that are among others."""
    there = set(forms)
    return {word for word in asked if any(alike(word, form) for form in there)}


def names(question: str, label: str) -> bool:
    """Tell whether a question holds all words of a label that tell something, endings aside."""
    words, asked = forms_of(label), forms_of(question)
    return bool(words) and all(is_among([word], asked) for word in words)


def alike(one: str, other: str) -> bool:
    """Tell whether two folded words are the same, endings aside."""
    if one == other or (_bare(one) == _bare(other) and len(_bare(one)) >= _LEAST_LETTERS):
        return True
    short, long = sorted((one, other), key=len)
    length = max(_STEM, int(_OF_WORD * len(long)))
    return one[0].isalpha() and len(short) >= length and short[:length] == long[:length]


def _bare(word: str) -> str:
    """Return a word without the vowel sign at its end, by which the languages of India inflect: चना, चने."""
    ends_so = word and _VOWEL_SIGN.search(word) and unicodedata.category(word[-1]) in ("Mc", "Mn")
    return word[:-1] if ends_so else word
