"""How the retrievers' scores become one: every constant of ranking stands here.

Dense similarity works across languages, keywords within one. A keyword score therefore counts only as far as
it stands out among the others: in another language every keyword hit is noise, and noise does not stand out.
Plain reciprocal rank fusion gives that noise a full vote.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from index.stores.base import KeywordHits

__all__ = ["DEFAULT", "FusionConfig", "keyword_bonus"]


@dataclass(frozen=True, slots=True)
class FusionConfig:
    """The constants of ranking; scores are cosines, so all of them are on that scale.

    Attributes:
        candidates: how many passages each retriever proposes.
        rescored: for how many of them the sentences are read.
        sentence_weight: share of the best sentence in the semantic score, the rest is the passage's own.
        keyword_weight: what a passage gets that holds every word of the question while no other holds one.
        keyword_others: how many other passages may share the highest keyword score before it stops standing out.
        same_language: advantage of a passage in the question's language; it decides ties, no more.
        duplicate: cosine from which two passages say the same (copies and translations).
        duplicate_share: share of the results that may say the same (but two always may).
    """

    candidates: int = 50
    rescored: int = 50
    sentence_weight: float = 0.5
    keyword_weight: float = 1.0
    keyword_others: int = 1
    same_language: float = 0.002
    duplicate: float = 0.9
    duplicate_share: float = 0.4


DEFAULT = FusionConfig()


def keyword_bonus(found: KeywordHits, config: FusionConfig = DEFAULT) -> Mapping[int, float]:
    """Return what keywords add to each passage's score, by key; passages that don't stand out are absent.

    bonus = w · max(0, score − reference) / ceiling, where the reference is the score of the first passage
    behind the `keyword_others` best.
    """
    if not found.hits or found.ceiling <= 0:
        return {}
    behind = found.hits[config.keyword_others :]
    reference = behind[0].score if behind else 0.0
    gains = ((hit.key, (hit.score - reference) / found.ceiling) for hit in found.hits)
    return {key: config.keyword_weight * min(1.0, gain) for key, gain in gains if gain > 0}
