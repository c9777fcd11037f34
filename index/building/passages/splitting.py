"""Cuts what is too long for one passage, at the best place there is: clause, word, character."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from index.language.icu import character_ends, word_ends

__all__ = ["LONGEST_TOKEN", "split_span"]

LONGEST_TOKEN = 16  # characters; a span with more than this many for each allowed token is cut unseen
_CLAUSE = re.compile(r"[,;:،؛、，；：।–—…)\]」』）/|]\s*|\s[-–—]\s|\n\s*")
_SPACE = re.compile(r"\s+")
_REACH = 120  # code points on either side of the middle that word and character boundaries are looked for in
_BULK = 64  # a character of more code points than this is no writing: it may be cut


def split_span(
    text: str, start: int, end: int, fits: Callable[[int, int], bool], max_tokens: int, language: str
) -> Iterator[tuple[int, int]]:
    """Cut `text[start:end]` into spans that fit, in order, without the space between them.

    The span is halved until its parts fit, each time at the boundary nearest to the middle: the work grows with
    n log n whatever the text, and the counter never sees more than `LONGEST_TOKEN * max_tokens` characters.

    Args:
        text: the whole text.
        start: first code point of the span.
        end: one past its last.
        fits: says whether a span is within the bound; asked for short spans only.
        max_tokens: the bound that `fits` stands for.
        language: BCP 47 code, for word boundaries.
    """
    waiting = [(start, end)]
    while waiting:
        first, last = _strip(text, *waiting.pop())
        if first >= last:
            continue
        short = last - first <= LONGEST_TOKEN * max_tokens
        if last - first == 1 or (short and fits(first, last)):
            yield first, last
            continue
        middle = _best_cut(text, first, last, language)
        waiting += [(middle, last), (first, middle)]


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _best_cut(text: str, start: int, end: int, language: str) -> int:
    """Return where to cut: within the middle half at a clause or a space, else at a word, else at a character."""
    middle, quarter = (start + end) // 2, min((end - start) // 4, 2_000)
    for pattern in (_CLAUSE, _SPACE):
        cuts = [match.end() for match in pattern.finditer(text, middle - quarter, middle + quarter)]
        if cuts:
            return min(cuts, key=lambda cut: abs(cut - middle))
    low, high = max(start, middle - _REACH), min(end, middle + _REACH)
    window = text[low:high]
    characters = [low + cut for cut in character_ends(window)]
    words = {low + cut for cut in word_ends(window, language)}
    inside = [cut for cut in characters if start < cut < end and low < cut < high]
    whole = [cut for cut in inside if cut in words and abs(cut - middle) <= (end - start) // 4]
    cuts = whole or inside
    if not cuts:
        return middle if high - low > _BULK or end - start > 1 else end
    return min(cuts, key=lambda cut: abs(cut - middle))
