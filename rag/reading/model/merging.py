"""One reading of a passage from what was seen in its windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rag.reading.model.heads import Seen
from rag.reading.model.spans import LEAST, Spans, log_softmax, span_of, words_of
from rag.reading.model.windows import Text, Window
from rag.reading.types import Reading

__all__ = ["merged"]

_Shares = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Look:
    """A window with what was seen in it."""

    window: Window
    seen: Seen
    spans: Spans | None


def merged(text: Text, offset: int, windows: Sequence[Window], seen: Sequence[Seen]) -> Reading:
    """Return the reading of a passage.

    The window that answers best decides whether the passage answers, and gives the words. A sentence's probability is
    the mean over the windows, each counting as much as it answers.

    Args:
        text: what was read.
        offset: where it begins in the document.
        windows: the sequences in which it was read; at least one.
        seen: what was seen in each of them.
    """
    looks = [_Look(window, one, words_of(one)) for window, one in zip(windows, seen, strict=True)]
    best = max(looks, key=lambda look: look.seen.answers)
    start, end, span = 0, len(text.text), LEAST
    others: tuple[tuple[int, int, float], ...] = ()
    within = others
    if best.spans is not None:
        start, end = span_of(text.text, best.window, best.spans)
        span = best.spans.best
        others = _placed(text, offset, best.window, best.spans, best.spans.others)
        within = _placed(text, offset, best.window, best.spans, best.spans.within)
    weights = np.exp(log_softmax(np.array([one.answers for one in seen])))
    count = len(text.bounds)
    sentences = sum(
        (w * _sentence_shares(look, count) for w, look in zip(weights, looks, strict=True)), np.zeros(count)
    )
    words = sum((w * _word_shares(look, count) for w, look in zip(weights, looks, strict=True)), np.zeros(count))
    return Reading(
        answers=best.seen.answers,
        start=offset + start,
        end=offset + end,
        span=span,
        sentences=_logs(sentences),
        words=_logs(words),
        others=others,
        within=within,
    )


def _placed(
    text: Text, offset: int, window: Window, spans: Spans, some: Sequence[tuple[int, int, float]]
) -> tuple[tuple[int, int, float], ...]:
    """Return spans of tokens as places in the document."""
    words = [(span_of(text.text, window, replace(spans, first=low, last=high)), share) for low, high, share in some]
    return tuple((offset + start, offset + end, share) for (start, end), share in words)


def _sentence_shares(look: _Look, count: int) -> _Shares:
    shares = np.zeros(count)
    if count:
        shares[look.seen.sentences] = np.exp(log_softmax(look.seen.scores))
    return shares


def _word_shares(look: _Look, count: int) -> _Shares:
    if look.spans is None or not count:
        return np.zeros(count)
    shares: _Shares = np.bincount(look.window.sentences, look.spans.begins, count).astype(np.float64)
    return shares


def _logs(shares: _Shares) -> tuple[float, ...]:
    """Return logarithms of shares that add up to one; alike for all where nothing was read."""
    total = shares.sum()
    shares = shares / total if total > 0 else np.full(len(shares), 1 / max(len(shares), 1))
    with np.errstate(divide="ignore"):
        return tuple(np.maximum(np.log(shares), LEAST).tolist())
