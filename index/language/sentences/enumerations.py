"""Lists within a sentence: "infrastructure, electronics and defense industries"."""

from __future__ import annotations

import re

from index.language.folding import fold
from index.language.lexicon import entries, spaced_words, unspaced_words

__all__ = ["whole_list"]

_SEPARATORS = ",،、;，；"
_ENDS = ".!?:()\n。！？؟।۔—–"
# So many separators make a list: two may stand around an aside.
_LEAST_SEPARATORS = 2
_LONGEST_ITEM = 60
# Words of a last item behind which a clause may follow: "and Iraq, which …".
_SHORT_ITEM = 5
_MOST_ITEMS = 20
_ITEM = re.compile(rf"[^{re.escape(_SEPARATORS + _ENDS)}]{{1,{_LONGEST_ITEM}}}")
_EAST = "、"  # stands between items and nowhere else


def whole_list(text: str, start: int, end: int) -> int:
    """Return where a list ends whose first items are `text[start:end]`; `end` when these are no list.

    A reader looks at so many words at once, and may stop before the last item. What is added must end with an item
    behind an "and": a comma alone may as well begin another clause.
    """
    words = text[start:end]
    if sum(letter in _SEPARATORS for letter in words) < _LEAST_SEPARATORS or _is_last(words):
        return end
    place = end
    for _ in range(_MOST_ITEMS):
        found = _next_item(text, place)
        if found is None:
            return end
        place, last = found
        if last:
            return place
    return end


def _is_last(words: str) -> bool:
    """Tell whether the last item of a list stands behind an "and"."""
    item = re.split(f"[{re.escape(_SEPARATORS)}]", words)[-1]
    return any(fold(word) in spaced_words("and_words") for word in item.split()) or any(
        sign in item for sign in unspaced_words("and_words")
    )


def _next_item(text: str, place: int) -> tuple[int, bool] | None:
    """Return the end of the item behind a place, and whether it is the last one; `None` when none follows."""
    rest = text[place:]
    bare = rest.lstrip(_SEPARATORS + " ")
    separated = any(letter in _SEPARATORS for letter in rest[: len(rest) - len(bare)])
    found = _ITEM.match(bare)
    if found is None:
        return None
    item = found.group().rstrip()
    behind = bare[len(found.group()) : len(found.group()) + 1]
    joined = fold(bare.split(" ", 1)[0]) in spaced_words("and_words") or bare.startswith(
        (*unspaced_words("and_words"), *entries("and_prefixes"))
    )
    within = any(fold(word) in spaced_words("and_words") for word in item.split()[1:])
    ends = behind == "" or behind in _ENDS
    short = len(item.split()) <= _SHORT_ITEM
    if not (separated or joined) or (not ends and (within or (joined and not short))):
        return None
    return place + len(rest) - len(bare) + len(item), joined or within or (ends and text[place : place + 1] == _EAST)
