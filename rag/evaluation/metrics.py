"""Textbook measures of ranked lists and of yes/no decisions, on plain Python numbers.

Definitions as in Manning, Raghavan, Schütze, *Introduction to Information Retrieval* (2008), chapter 8.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

__all__ = ["average_precision", "calibration_error", "hit", "mean", "ndcg", "reciprocal_rank", "roc_auc", "unique"]


def unique(ids: Sequence[str]) -> list[str]:
    """Return the ids without repeats, each at its first place: a ranking of documents from one of passages."""
    return list(dict.fromkeys(ids))


def hit(ranked: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Return 1.0 when one of the first `k` is relevant, else 0.0."""
    return float(any(item in relevant for item in ranked[:k]))


def reciprocal_rank(ranked: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Return 1 / rank of the first relevant item among the first `k`, or 0.0."""
    return next((1 / rank for rank, item in enumerate(ranked[:k], start=1) if item in relevant), 0.0)


def ndcg(ranked: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Return the normalised discounted cumulative gain of the first `k` with gains of 0 and 1."""
    gain = sum(1 / math.log2(rank + 1) for rank, item in enumerate(ranked[:k], start=1) if item in relevant)
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(k, len(relevant)) + 1))
    return gain / ideal if ideal else 0.0


def average_precision(ranked: Sequence[str], relevant: Collection[str]) -> float:
    """Return the mean of the precisions at each relevant item; items that were not found count as 0."""
    found, total = 0, 0.0
    for rank, item in enumerate(ranked, start=1):
        if item in relevant:
            found += 1
            total += found / rank
    return total / len(relevant) if relevant else 0.0


def roc_auc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """Return the chance that a positive scores above a negative, ties counting half; `None` when one side is empty.

    The Mann-Whitney statistic, by ranks in O(n log n).
    """
    if not positive or not negative:
        return None
    scores = sorted([(score, 1) for score in positive] + [(score, 0) for score in negative])
    rank_sum, start = 0.0, 0
    while start < len(scores):
        end = start
        while end < len(scores) and scores[end][0] == scores[start][0]:
            end += 1
        middle = (start + end + 1) / 2  # mean of the ranks start+1 … end that the ties share
        rank_sum += middle * sum(label for _, label in scores[start:end])
        start = end
    wins = rank_sum - len(positive) * (len(positive) + 1) / 2
    return wins / (len(positive) * len(negative))


def calibration_error(positive: Sequence[float], negative: Sequence[float], bins: int = 10) -> float | None:
    """Return how far probabilities are from what came true, 0 to 1; `None` when one side is empty.

    The expected calibration error (Naeini, Cooper & Hauskrecht 2015, https://doi.org/10.1609/aaai.v29i1.9602) over
    bins of equal width. Positives and negatives weigh alike together, whatever their numbers.

    Args:
        positive: probabilities given to what was so.
        negative: probabilities given to what was not.
        bins: how many.
    """
    if not positive or not negative:
        return None
    rows = [(value, 0.5 / len(positive), 1.0) for value in positive]
    rows += [(value, 0.5 / len(negative), 0.0) for value in negative]
    apart = [0.0] * bins  # what was promised less what came true, by bin
    for value, weight, true in rows:
        apart[min(bins - 1, int(value * bins))] += weight * (value - true)
    return sum(map(abs, apart))


def mean(values: Sequence[float]) -> float | None:
    """Return the mean, or `None` of nothing."""
    return sum(values) / len(values) if values else None
