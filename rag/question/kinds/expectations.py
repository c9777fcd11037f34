"""What kind of answer a question asks for, as far as a few words tell: a number, or a year.

A passage about the right subject that holds no number can't say how many. Similarity does not see that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from index.language.lexicon import known_words, numbered, spaced_words, unspaced_words
from index.language.numbers.digits import numbers
from index.language.numbers.signed_dates import date_signs
from index.language.scripts import NO_SPACES, script_of
from index.language.words import tokens

__all__ = ["Expected", "can_answer", "expected"]

Expected: TypeAlias = Literal["number", "year", ""]

# A word like "year" asks for a year when "which" or the like stands so near.
_NEAR = 2


def expected(question: str) -> Expected:
    """Return what a question asks for: a number, a year, or `""` for anything else."""
    if script_of(question) in NO_SPACES:
        if any(word in question for word in unspaced_words("year")):
            return "year"
        return "number" if any(word in question for word in unspaced_words("counting")) else ""
    forms = [token.form for token in tokens(question)]
    for place, form in enumerate(forms):
        near = forms[max(0, place - _NEAR) : place] + forms[place + 1 : place + 1 + _NEAR]
        if form in spaced_words("year") and any(other in spaced_words("which") for other in near):
            return "year"
    return "number" if _counts(forms) else ""


def _counts(forms: Sequence[str]) -> bool:
    """Tell whether the question asks how many; "many" and "viele" do so only behind "how"."""
    pairs = zip(["", *forms], forms, strict=False)
    return any(
        form in spaced_words("counting") or f"{before} {form}" in spaced_words("counting") for before, form in pairs
    )


def can_answer(kind: Expected, question: str, texts: Sequence[str]) -> bool:
    """Tell whether one of the texts holds what is asked for, besides the numbers that the question names itself."""
    if not kind:
        return True
    asked = set(numbers(question))
    if kind == "year":
        found = {number for text in texts for number in numbers(text)} - asked
        return any(number.isdigit() and len(number) == 4 for number in found)
    return any(_amounts(text) - asked or _spelled(text) for text in texts)


def _amounts(text: str) -> set[str]:
    """Return the numbers that are neither a year nor a day of a month."""
    forms = [token.form for token in tokens(text)]
    found = set()
    for place, word in enumerate(forms):
        if not word[0].isdigit() or (word.isdigit() and len(word) == 4 and 1000 <= int(word) <= 2100):
            continue
        near = forms[max(0, place - 1) : place] + forms[place + 1 : place + 2]
        if not any(other in numbered("months") or other.startswith(date_signs()) for other in near):
            found |= set(numbers(word))
    return found


def _spelled(text: str) -> bool:
    """Tell whether a text holds a number in words; "one" is an article in too many languages to count."""
    large, small = known_words("large_numbers"), numbered("numbers")
    spelled = any(token.form in large or small.get(token.form, 0) > 1 for token in tokens(text))
    return spelled or any(sign in text for sign in "两兩三四五六七八九十百千万萬億亿")
