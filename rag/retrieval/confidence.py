"""How likely the retrieved passages answer the question: one number, one threshold for all languages.

A logistic function of features that depend neither on the language nor on the size of the corpus. Its weights stand in
the profile of the embedder (`index.embedders.profile`). `tools/fit_confidence.py` fits them on questions in six
languages, in pools of one language and of all. For some questions the article that answers was taken out of the pool;
answered and unanswered questions weigh alike. Features that count only within a language are fitted on near misses too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from index.embedders.profile import ConfidenceProfile

__all__ = ["Evidence", "confidence", "logit"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What retrieval saw in a passage.

    Attributes:
        similarity: half the passage's cosine with the question, half its best sentence's.
        same_language: question and passage are in one language.
        coverage: share of the question's letter groups, without those of title and heading, that stand in the
            passage, 0 to 1; it says something only within a language.
        mismatch: probability that a number or a date is asked for that the best sentence doesn't hold, 0 to 1.
        shared_numbers: how many of the question's numbers the passage holds; more than two count as two.
        missing_numbers: how many it doesn't hold, likewise.
        background: how similar the question is to sentences that have nothing to do with it; `None`: not known.
        attenuation: factor by which the ranking makes similarities of this pair of languages comparable with others;
            the further apart the model puts the languages, the more a similarity says.
        best_coverage: as `coverage`, in the best sentences alone; `None`: not known.
        contrast: by how much the best sentence of the passage is nearer to the question than its others on average: one
            that answers stands out, one that is only about the same subject does not; `None`: it has no others.
    """

    similarity: float
    same_language: bool
    coverage: float
    mismatch: float = 0.0
    shared_numbers: int = 0
    missing_numbers: int = 0
    background: float | None = None
    attenuation: float = 1.0
    best_coverage: float | None = None
    contrast: float | None = None


def logit(evidence: Evidence, weights: ConfidenceProfile) -> float:
    """Return the logarithm of the odds that the passage answers, apart from what kind of answer is asked for."""
    inside = min(weights.attenuation_to, max(weights.attenuation_from, evidence.attenuation))
    value = weights.bias + weights.similarity * evidence.similarity
    value += weights.background * _or_typical(evidence.background, weights.typical_background)
    value += weights.contrast * _or_typical(evidence.contrast, weights.typical_contrast)
    value += weights.attenuation * inside
    value += weights.shared_numbers * min(weights.most_numbers, evidence.shared_numbers)
    value += weights.missing_numbers * min(weights.most_numbers, evidence.missing_numbers)
    if not evidence.same_language:
        return value
    best_coverage = weights.best_coverage * _or_typical(evidence.best_coverage, weights.typical_best_coverage)
    return value + weights.same_language + weights.coverage * evidence.coverage + best_coverage


def confidence(evidence: Evidence | None, weights: ConfidenceProfile, *, fits: bool = True) -> float:
    """Return the probability (0 to 1) that the passages answer the question; nothing found: 0.

    Args:
        evidence: the features of the passage that speaks most clearly for an answer, `None` when nothing was found.
        weights: what was fitted to the embedder that found them.
        fits: the best quotes hold the kind of thing that is asked for, such as a number.
    """
    if evidence is None:
        return 0.0
    odds = logit(evidence, weights) + min(weights.mismatch * evidence.mismatch, 0.0 if fits else weights.unfit)
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, odds))))


def _or_typical(value: float | None, typical: float) -> float:
    return typical if value is None else value
