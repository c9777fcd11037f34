"""Words and letters in any script, for comparing what an answer says with what a source says.

Cheap on purpose: no dictionary, no model. Scripts that write without spaces are cut into pairs of letters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.caching import kept
from index.language.folding import MARKS, fold
from index.language.scripts import script_of

__all__ = ["Token", "grams", "has_case", "tokens", "visible"]

# Marks belong to the letter before them; `\w` alone would cut Hindi or Thai words at every vowel sign.
_INDIC = "\u0900-\u0963\u0966-\u0dff\u0e31-\u0e3a\u0e47-\u0e4e\u0eb1-\u0ecd\u0f18-\u0fbc\u102b-\u109f\u17b4-\u17d3"
_JOINERS = "\u200c\u200d"
_WORD = re.compile(f"[^\\W_](?:[^\\W_]|[{MARKS}{_INDIC}{_JOINERS}])*")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]")


@dataclass(frozen=True, slots=True)
class Token:
    """A word (or a pair of letters of an unspaced script): folded form, and where it stands in the text."""

    form: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """Return the words of a text in order; runs of an unspaced script give overlapping pairs of letters."""
    found: list[Token] = []
    for match in _WORD.finditer(text):
        if _UNSPACED.search(match.group()):
            found.extend(_pairs(text, match.start(), match.end()))
        elif form := fold(match.group()):
            found.append(Token(form, match.start(), match.end()))
    return found


def _pairs(text: str, start: int, end: int) -> list[Token]:
    """Cut a run into what is spaced (a number, a Latin word) and pairs of what is not."""
    spans: list[tuple[int, int]] = []
    position = start
    while position < end:
        inside = bool(_UNSPACED.match(text[position]))
        stop = position + 1
        while stop < end and bool(_UNSPACED.match(text[stop])) == inside:
            stop += 1
        if inside and stop - position > 1:
            spans += [(i, i + 2) for i in range(position, stop - 1)]
        else:
            spans.append((position, stop))
        position = stop
    # Of some signs nothing stays, such as the stroke that lengthens an Arabic word: no word is empty.
    return [Token(form, first, last) for first, last in spans if (form := fold(text[first:last]))]


@kept(512, longest=1000)
def grams(text: str) -> frozenset[str]:
    """Return the letter groups by which texts are compared without a dictionary: endings and compounds may differ.

    A word gives its runs of four letters and itself between `_`; pairs of an unspaced script give their letters too.
    """
    found: set[str] = set()
    for token in tokens(text):
        form = token.form
        if _UNSPACED.match(form):
            found.update((form, *form))
        elif form[0].isdigit():
            found.add(form)
        else:
            found.add(f"_{form}_")
            found.update(form[start : start + 4] for start in range(len(form) - 3))
    return frozenset(found)


def has_case(text: str) -> bool:
    """Tell whether the text is in a script that marks names by capital letters."""
    return script_of(text) in {"Latn", "Cyrl", "Grek", "Armn"}


def visible(text: str) -> str:
    """Drop what no reader sees and what could steer a screen or a model: controls, bidi overrides, tags, surrogates.

    Joiners stay: Persian and emoji are wrong without them.
    """
    return _UNSEEN.sub("", text)
