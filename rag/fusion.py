"""How the retrievers' scores become one: every constant of ranking stands here.

Dense similarity is compared across languages, keywords only among passages of one language: a question in another
language shares no words with the passage that answers it, so its keyword list is noise there, and a plain fusion by
ranks gives that noise a full vote. Within a language, a passage loses as far as it holds fewer of the question's words
than the best one of that language does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["DEFAULT", "FusionConfig", "keyword_penalties"]


@dataclass(frozen=True, slots=True)
class FusionConfig:
    """The constants of ranking; scores are cosines, so all of them are on that scale.

    Attributes:
        candidates: how many passages dense search proposes.
        keyword_candidates: how many more the keywords propose.
        keyword_depth: how far down the keyword list scores are known; further down they count as none.
        sentence_weight: share of the best sentence in the semantic score, the rest is the passage's own.
        keyword_weight: what a passage loses that holds none of the question's words while another of its
            language holds all, each of them once.
        expected_weight: what a sentence loses as a quote that holds no number or date where one is asked for.
        same: cosine from which two passages say the same, whatever stands between.
        translated: cosine from which passages of two languages do, if none of their languages is nearer to either.
        lift: how far below a foreign passage one in the question's language may score that comes first for it.
        same_share: share of the results that may say the same (but two always may).
        first_places: behind these, languages share the places by the similarity of their passages alone.
        evening_behind: exponent of the evening factor there: it presses down what is close in language, and there is
            no answer to be found there that would need it.
    """

    candidates: int = 100
    keyword_candidates: int = 20
    keyword_depth: int = 400
    sentence_weight: float = 0.5
    keyword_weight: float = 0.32
    expected_weight: float = 0.2
    same: float = 0.86
    translated: float = 0.6
    lift: float = 0.2
    same_share: float = 0.4
    first_places: int = 10
    evening_behind: float = 0.5


DEFAULT = FusionConfig()


def keyword_penalties(shares: Sequence[float], languages: Sequence[str], config: FusionConfig = DEFAULT) -> list[float]:
    """Return what keywords take from each candidate's score, 0 or less.

    Args:
        shares: keyword score of each candidate divided by that of a passage with all words of the question.
        languages: language of each candidate.
        config: the constants of ranking.
    """
    best: dict[str, float] = {}
    for share, language in zip(shares, languages, strict=True):
        best[language] = max(best.get(language, 0.0), share)
    return [config.keyword_weight * (share - best[lang]) for share, lang in zip(shares, languages, strict=True)]
