"""From logits of beginning and end to the words of the text that answer."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.language.icu import character_ends
from rag.reading.model.heads import Seen
from rag.reading.model.windows import Window

__all__ = ["LEAST", "Spans", "log_softmax", "span_of", "words_of"]

LEAST = float(np.log(1e-12))
"""Stands for the logarithm of nothing, so that every figure is finite."""
_LONGEST = 30  # tokens of an answer
_LOOKED_AT, _OTHERS, _LEAST_OTHER = 200, 5, -9.0  # spans that are gone over and kept, and how likely one is at least
_CLAUSE, _WITHIN = 8, 16  # tokens of a clause at least, and spans within it that are kept
# Stripped by `str.strip`, not by an expression: a single token may stand for any number of blanks.
_BLANKS = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
_BEFORE = _BLANKS + ",;:،、；：.。"
_AFTER = _BLANKS + ",;:،、；：!?！？؟।۔。…"
_INITIAL = re.compile(r"(?:^|[.\s])\w\Z")  # whose full stop belongs to it, as in "U.S."
_PAIRS = {"(": ")", "[": "]", "（": "）", "「": "」", "『": "』", "“": "”", "«": "»", "„": "“", "《": "》"}


@dataclass(frozen=True, slots=True)
class Spans:
    """How probable the spans of a window are.

    Attributes:
        first: number of the first token of the best one.
        last: number of its last token.
        best: its log-probability among all spans of at most 30 tokens.
        begins: probability of each token that the span begins there, shape (tokens,).
        others: first and last token and log-probability of the likeliest spans that overlap neither it nor each other.
        within: the same of the likeliest ones within it that have two thirds of its tokens at most; none where it has
            less than 8.
    """

    first: int
    last: int
    best: float
    begins: NDArray[np.float64]
    others: tuple[tuple[int, int, float], ...] = ()
    within: tuple[tuple[int, int, float], ...] = ()


def words_of(seen: Seen) -> Spans | None:
    """Return the spans of a window; `None` where it has no token."""
    size = len(seen.starts)
    if not size:
        return None
    width = min(_LONGEST, size)
    ends = np.full(size + width, -np.inf)
    ends[:size] = seen.ends
    # Row i holds the spans that begin at token i, column j those of j + 1 tokens.
    table = seen.starts[:, None].astype(np.float64) + np.lib.stride_tricks.sliding_window_view(ends, width)[:size]
    table -= table.max()
    shares = np.exp(table)
    total = shares.sum()
    first, more = divmod(int(table.argmax()), width)
    others = _others(table, first, first + more, float(np.log(total)))
    within = _within(table, first, more, float(np.log(total)))
    return Spans(first, first + more, -float(np.log(total)), shares.sum(1) / total, others, within)


def _within(table: NDArray[np.float64], first: int, more: int, total: float) -> tuple[tuple[int, int, float], ...]:
    """Return the likeliest much shorter spans within one of `more + 1` tokens; `table` and `total` as in `_others`."""
    if more + 1 < _CLAUSE:
        return ()
    part = table[first : first + more + 1, : (more + 1) * 2 // 3].copy()
    rows, columns = np.indices(part.shape)
    part[rows + columns > more] = -np.inf
    best = [divmod(place, part.shape[1]) for place in np.argsort(-part, axis=None, kind="stable")[:_WITHIN].tolist()]
    found = ((first + row, first + row + column, float(part[row, column]) - total) for row, column in best)
    return tuple(one for one in found if one[2] >= _LEAST_OTHER)


def _others(table: NDArray[np.float64], first: int, last: int, total: float) -> tuple[tuple[int, int, float], ...]:
    """Return the likeliest spans beside one.

    Args:
        table: logarithm of each span's share, row i those that begin at token i, column j of j + 1 tokens.
        first: number of the span's first token.
        last: number of its last one.
        total: logarithm of the sum of all shares.
    """
    found: list[tuple[int, int, float]] = []
    taken = [(first, last)]
    shares = table.ravel()
    best = np.argpartition(shares, -min(_LOOKED_AT, len(shares)))[-_LOOKED_AT:]
    for place in best[np.argsort(-shares[best], kind="stable")].tolist():
        begin, more = divmod(place, table.shape[1])
        if len(found) == _OTHERS or table[begin, more] - total < _LEAST_OTHER:
            break
        if all(begin + more < low or begin > high for low, high in taken):
            taken.append((begin, begin + more))
            found.append((begin, begin + more, float(table[begin, more]) - total))
    return tuple(found)


def span_of(text: str, window: Window, spans: Spans) -> tuple[int, int]:
    """Return where in the text the best words stand: whole characters, without space and stops around them."""
    start, end = window.spans[spans.first][0], window.spans[spans.last][1]
    start, end = _trimmed(text, start, max(end, start))
    return _whole(text, start, end)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave out space and punctuation at either end, and a bracket whose partner is not there."""
    if not text[start:end].strip():
        return _grown(text, start, end)
    before = -1, -1
    kept = start, end
    while kept != before and kept[0] < kept[1]:
        before = kept
        kept = _without_marks(text, *kept)
    if kept[0] < kept[1]:
        return kept
    bare = text[start:end]
    return start + len(bare) - len(bare.lstrip()), start + len(bare.rstrip())


def _without_marks(text: str, start: int, end: int) -> tuple[int, int]:
    words = text[start:end].lstrip(_BEFORE)
    start = end - len(words)
    words = words.rstrip(_AFTER)
    bare = words.rstrip(".")
    if bare and not _INITIAL.search(bare[-2:]):
        words = bare
    end = start + len(words)
    return _without_half_pairs(text, start, end) if words else (start, end)


def _without_half_pairs(text: str, start: int, end: int) -> tuple[int, int]:
    words = text[start:end]
    closing = _PAIRS.get(words[0])
    if closing is not None and closing not in words[1:]:
        return start + 1, end
    openings = [opening for opening, close in _PAIRS.items() if close == words[-1]]
    if openings and not any(opening in words[:-1] for opening in openings):
        return start, end - 1
    return start, end


def _grown(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the nearest character that is no space, or the whole text where there is none."""
    behind = next((at for at in range(end, len(text)) if not text[at].isspace()), None)
    if behind is not None:
        return behind, behind + 1
    ahead = next((at for at in range(start - 1, -1, -1) if not text[at].isspace()), None)
    return (0, len(text)) if ahead is None else (ahead, ahead + 1)


def _whole(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a span so that it cuts no character as readers see them: a letter with its marks, an emoji of several."""
    ends = np.array([0, *character_ends(text)])
    return int(ends[ends <= start][-1]), int(ends[ends >= end][0])


def log_softmax(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return log-probabilities of logits, none below `LEAST`."""
    if not len(values):
        return np.zeros(0)
    shifted = values.astype(np.float64) - values.max()
    result: NDArray[np.float64] = np.maximum(shifted - np.log(np.exp(shifted).sum()), LEAST)
    return result
