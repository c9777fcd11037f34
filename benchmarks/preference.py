"""Measures of rankings over parallel texts in several languages, each as the paper that brought it defines it.

A name is `language:id`; the parallel texts of a question are its relevant ones, one a language.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rag.evaluation.metrics import ndcg

__all__ = ["OUTCOMES", "lang_ndcg", "outcome", "prefers_own", "recall", "target_languages_recall"]

OUTCOMES = ("right, own language", "right, other language", "wrong, own language", "wrong, other language")


def language_of(name: str) -> str:
    """Return the language that a text's name begins with."""
    return name.partition(":")[0]


def recall(ranked: Sequence[str], relevant: Collection[str], k: int) -> float | None:
    """Return the share of the relevant that is among the first `k`; `None` where nothing is relevant."""
    return len(set(ranked[:k]) & set(relevant)) / len(relevant) if relevant else None


def target_languages_recall(ranked: Sequence[str], relevant: Collection[str], asked: str, k: int = 20) -> float | None:
    """Return TLR@k: recall of the relevant texts in other languages than the question's (SHIFT, arXiv:2606.18801, 4.3).

    The first `k` are those of the whole ranking, not of the other languages alone. `None`: no text in another language
    is relevant, and the question is left out of the mean.
    """
    return recall(ranked, [name for name in relevant if language_of(name) != asked], k)


def prefers_own(ranked: Sequence[str], relevant: Collection[str], asked: str) -> bool | None:
    """Tell whether the first relevant text is in the question's language; the mean is LPR (MLAIRE, arXiv:2605.07249).

    `None`: no relevant text was found, which says nothing about a preference. The paper's formula was not at hand,
    only its description: how often, of equivalent translations, the one in the question's language is preferred.
    """
    first = next((name for name in ranked if name in relevant), None)
    return None if first is None else language_of(first) == asked


def lang_ndcg(ranked: Sequence[str], relevant: Collection[str], asked: str, k: int = 10) -> float:
    """Return nDCG@k where the relevant text in the question's language alone counts (Lang-nDCG, arXiv:2605.07249).

    As with `prefers_own`, by the paper's description: it may weigh the other languages otherwise than by nothing.
    """
    return ndcg(ranked, {name for name in relevant if language_of(name) == asked}, k)


def outcome(ranked: Sequence[str], relevant: Collection[str], asked: str) -> str:
    """Return which of the four `OUTCOMES` the first text is (the four-way decomposition of arXiv:2605.07249)."""
    right, own = ranked[:1] and ranked[0] in relevant, ranked[:1] and language_of(ranked[0]) == asked
    return OUTCOMES[2 * (not right) + (not own)]
