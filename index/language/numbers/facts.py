"""The hard facts of a sentence: numbers, months, negation and names, compared without a model.

A meaning model calls "45 %" and "12 %" near neighbours; these do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Self

from index.caching import kept
from index.language.folding import fold
from index.language.lexicon import known_words, numbered, unspaced_words
from index.language.numbers.digits import ascii_digits, numbers
from index.language.numbers.signed_dates import month_signed
from index.language.scripts import script_of
from index.language.words import Token, has_case, tokens

__all__ = ["Around", "Facts", "begins_sentence", "facts_of"]

# More signs do not stand between two sentences.
_BEFORE = 40


@dataclass(frozen=True, slots=True)
class Facts:
    """What must agree between a claim and its proof.

    Attributes:
        numbers: every number written in digits of any script, in one spelling.
        spelled: numbers written as words (0 to 12), in digits; some are articles too, so they only excuse.
        months: months beside a number, named in words or as `10月`; 1 to 12.
        dated: months named anywhere: "in June" proves `6月`, though "may" alone claims nothing.
        negated: the sentence holds a word that denies.
        names: folded words that look like names (capital letters inside a sentence); empty where a script has no case.
        words: every folded word, in order.
        script: the script of most letters.
    """

    numbers: frozenset[str]
    spelled: frozenset[str]
    months: frozenset[int]
    dated: frozenset[int]
    negated: bool
    names: frozenset[str]
    words: tuple[str, ...]
    script: str


@dataclass(frozen=True, slots=True)
class Around:
    """What stands anywhere around a quote, each as in `Facts`."""

    numbers: frozenset[str]
    spelled: frozenset[str]
    dated: frozenset[int]
    words: tuple[str, ...]

    @classmethod
    def of(cls, facts: Sequence[Facts]) -> Self:
        """Gather what stands in several texts."""
        return cls(
            numbers=frozenset().union(*(one.numbers for one in facts)),
            spelled=frozenset().union(*(one.spelled for one in facts)),
            dated=frozenset().union(*(one.dated for one in facts)),
            words=tuple(chain.from_iterable(one.words for one in facts)),
        )


@kept(512, longest=2000)
def facts_of(text: str) -> Facts:
    """Return the facts of a sentence (or of a few)."""
    words = tokens(text)
    forms = tuple(token.form for token in words)
    small, months, beside = numbered("numbers"), numbered("months"), _months(text, forms)
    return Facts(
        numbers=frozenset(numbers(text)),
        spelled=frozenset(str(small[form]) for form in forms if form in small),
        months=frozenset(beside),
        dated=frozenset(months[form] for form in forms if form in months) | beside,
        negated=_denies(text, forms),
        names=frozenset(_names(text, words)),
        words=forms,
        script=script_of(text),
    )


def _months(text: str, forms: tuple[str, ...]) -> set[int]:
    """Return the months that stand beside a number; "may" and "march" alone are ordinary words."""
    months = numbered("months")
    found = {int(number) for number in month_signed().findall(ascii_digits(text)) if 1 <= int(number) <= 12}
    for place, form in enumerate(forms):
        near = forms[max(0, place - 2) : place] + forms[place + 1 : place + 3]
        if form in months and any(word[0].isdigit() for word in near):
            found.add(months[form])
    return found


def _denies(text: str, forms: tuple[str, ...]) -> bool:
    denials = known_words("denials")
    if any(form in denials for form in forms):
        return True
    folded = fold(text)
    for word in unspaced_words("harmless_denials"):
        folded = folded.replace(word, "")
    return any(part in folded for part in known_words("denial_parts"))


def _names(text: str, words: list[Token]) -> set[str]:
    """Return capitalised words that do not begin a sentence, and abbreviations anywhere."""
    found: set[str] = set()
    if not has_case(text):
        return found
    for token in words:
        spelled = text[token.start : token.end]
        if spelled[0].isupper() and (spelled[1:].isupper() or not begins_sentence(text, token.start)):
            found.add(token.form)
    return found


def begins_sentence(text: str, place: int) -> bool:
    """Tell whether nothing but opening signs stands between the end of a sentence, or of a line, and a place."""
    before = text[max(0, place - _BEFORE) : place].rstrip(" \t\"'“”„«»‘’([{¿¡*_-–—•")
    return not before or before[-1] in ".!?:;…\n。！？"
