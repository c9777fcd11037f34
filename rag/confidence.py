"""How likely the retrieved passages answer the question: one number, one threshold for all languages.

A logistic function of features that depend neither on the language nor on the size of the corpus. Its weights are
fitted by `tools/fit_confidence.py` on questions in six languages of which some had lost their article, in pools of one
language and of all, with both outcomes weighted alike; what counts only within a language, also on near misses.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = [
    "EVENING_RANGE",
    "MOST_NUMBERS",
    "THRESHOLD",
    "TYPICAL_BACKGROUND",
    "TYPICAL_COVERAGE",
    "TYPICAL_STANDING",
    "TYPICAL_TOLD",
    "Evidence",
    "confidence",
    "logit",
]

# Below it the answer is a refusal.
THRESHOLD = 0.34
# What `Evidence.background` is for most questions; stands in where the model's is not known.
TYPICAL_BACKGROUND = 0.17
# What `Evidence.coverage` and `Evidence.told` usually are within a language, where the passage answers or nearly does.
TYPICAL_COVERAGE = 0.6
TYPICAL_TOLD = 0.5
# What `Evidence.standing` usually is, between passages that answer and others; stands in for one of a single sentence.
TYPICAL_STANDING = 0.14
_BIAS = -11.95
_SIMILARITY = 26.79
_SAME_LANGUAGE = -5.12
_COVERAGE = 4.06
_TOLD = 6.42
_SHARED_NUMBERS = 1.03
_MISSING_NUMBERS = -0.83
_BACKGROUND = -7.87
_EVENING = 4.56
_STANDING = 6.89
# Pairs of languages outside these bounds were not among those of the fit: their distance counts no further.
EVENING_RANGE = 0.8, 1.12
MOST_NUMBERS = 2
# A number or a date is asked for, and the best sentence holds none. Set by judgement: where whole paragraphs are
# missing (what the rest is fitted on) a fit gives -1.4, but a passage that is near and lacks the number is the danger.
_UNMET = -3.0
# The same told by words of the question, and none of the best quotes holds one: surer. Set by judgement.
_UNFIT = -5.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What retrieval saw in a passage.

    Attributes:
        similarity: half the passage's cosine with the question, half its best sentence's.
        same_language: question and passage are in one language.
        coverage: share of the question's letter groups, without those of title and heading, that stand in the
            passage, 0 to 1; it says something only within a language.
        unmet: probability that a number or a date is asked for that the best sentence doesn't hold, 0 to 1.
        shared_numbers: how many of the question's numbers the passage holds; more than two count as two.
        missing_numbers: how many it doesn't hold, likewise.
        background: how similar the question is to sentences that have nothing to do with it.
        evening: factor by which the ranking makes similarities of this pair of languages comparable with others;
            the further apart the model puts the languages, the more a similarity says.
        told: as `coverage`, in the best sentences alone.
        standing: by how much the best sentence of the passage is nearer to the question than its others on average: one
            that answers stands out, one that is only about the same subject does not.
    """

    similarity: float
    same_language: bool
    coverage: float
    unmet: float = 0.0
    shared_numbers: int = 0
    missing_numbers: int = 0
    background: float = TYPICAL_BACKGROUND
    evening: float = 1.0
    told: float = TYPICAL_TOLD
    standing: float = TYPICAL_STANDING


def logit(evidence: Evidence) -> float:
    """Return the logarithm of the odds that the passage answers, apart from what kind of answer is asked for."""
    low, high = EVENING_RANGE
    value = _BIAS + _SIMILARITY * evidence.similarity + _BACKGROUND * evidence.background
    value += _STANDING * evidence.standing
    value += _EVENING * min(high, max(low, evidence.evening))
    value += _SHARED_NUMBERS * min(MOST_NUMBERS, evidence.shared_numbers)
    value += _MISSING_NUMBERS * min(MOST_NUMBERS, evidence.missing_numbers)
    if not evidence.same_language:
        return value
    return value + _SAME_LANGUAGE + _COVERAGE * evidence.coverage + _TOLD * evidence.told


def confidence(evidence: Evidence | None, *, fits: bool = True) -> float:
    """Return the probability (0 to 1) that the passages answer the question; nothing found: 0.

    Args:
        evidence: the features of the passage that speaks most clearly for an answer, `None` when nothing was found.
        fits: the best quotes hold the kind of thing that is asked for, such as a number.
    """
    if evidence is None:
        return 0.0
    odds = logit(evidence) + min(_UNMET * evidence.unmet, 0.0 if fits else _UNFIT)
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, odds))))
