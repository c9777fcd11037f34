"""The terms that a text is found by in the keyword index, for any script.

Words are folded (`index.language.folding`). Each gives itself and its overlapping character 4-grams, which stand in
for stemming in every language at once (McNamee and Mayfield 2004, "Character n-gram tokenization for European language
text retrieval"). Scripts that are written without spaces give single characters and bigrams. Numbers stay whole and
lose the marks between their thousands; codes of letters and digits are found with their hyphen and without.
"""

from __future__ import annotations

import re

from index.caching import kept
from index.language.folding import fold_for_search

__all__ = ["KEYWORDS_VERSION", "runs", "terms", "terms_of_run"]

KEYWORDS_VERSION = "3"
"""Part of what an index is: any change to `terms` changes it, and the keyword index is made anew."""

_GRAM = 4

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


def terms(text: str) -> list[str]:
    """Return the terms of a text in reading order, repetitions included; equal words give equal terms."""
    found, codes = runs(text)
    return [term for run in found for term in terms_of_run(run)] + codes


def runs(text: str) -> tuple[list[str], list[str]]:
    """Return the folded words of a text, or what stands between two spaces or signs, and the terms of its codes."""
    folded = _THOUSANDS.sub(_joined, fold_for_search(text))
    return _RUNS.findall(folded), [f"_{letters}{digits}_" for letters, digits in _CODE.findall(folded)]


def _joined(number: re.Match[str]) -> str:
    """Return a number without the marks between its thousands; with a space there, it may be two numbers as well."""
    joined = number[0].replace(number[1], "")
    return f"{joined} {number[0]}" if number[1] == " " else joined


@kept(2048, longest=64)
def terms_of_run(run: str) -> tuple[str, ...]:
    """Return the terms of one run."""
    if _UNSPACED_START.match(run):
        return (*run, *(run[at : at + 2] for at in range(len(run) - 1)))
    if run[0].isdecimal():
        digits = _DIGITS.match(run)
        return (run,) if digits is None else (run, digits[0])
    return (f"_{run}_", *(run[at : at + _GRAM] for at in range(len(run) - _GRAM + 1)))
