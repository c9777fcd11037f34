"""How likely the retrieved passages answer the question: one number, one threshold for all languages.

A logistic function of features that mean the same in every language.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["THRESHOLD", "Evidence", "confidence"]

# Below it the answer is a refusal.
THRESHOLD = 0.5
_BIAS = -9.0
_PASSAGE = 6.0
_SENTENCE = 16.0
_MARGIN = 4.0
_COVERAGE = 2.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What retrieval saw, in numbers that mean the same in every language.

    Attributes:
        passage: highest cosine of a passage with the question.
        sentence: highest cosine of a sentence with the question.
        margin: how far the best fused score stands above the tenth best (or the last).
        coverage: share of the question's words, by weight, that the best keyword hit holds; 0 to 1.
    """

    passage: float
    sentence: float
    margin: float
    coverage: float


def confidence(evidence: Evidence | None) -> float:
    """Return the probability (0 to 1) that the passages answer the question; nothing found: 0."""
    if evidence is None:
        return 0.0
    logit = (
        _BIAS
        + _PASSAGE * evidence.passage
        + _SENTENCE * evidence.sentence
        + _MARGIN * evidence.margin
        + _COVERAGE * evidence.coverage
    )
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, logit))))
