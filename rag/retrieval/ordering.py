"""The order in which found passages are shown, once each has its score: for people who read some languages, not all.

Scores say what is likely to answer. Three rules come on top. Among passages that say the same, the one in the
question's language comes first, because people can read it. Copies and translations take only a part of the places.
Behind the first places an answer is no longer likely: there every language gets the share that meaning alone would give
it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from index.embedders.profile import RankingProfile
from index.types import FloatArray, Passage
from rag.types import ScoredSentence

__all__ = ["Candidate", "by_score", "own_language_first", "reading_on", "without_crowding"]

T = TypeVar("T")


@dataclass(slots=True)
class Candidate:
    """A passage on its way through the stages.

    Attributes:
        key: of the passage in its store.
        passage: the passage.
        vector: its aligned unit vector, shape (dimension,).
        dense: cosine of question and passage.
        keyword: keyword score, as a share of that of a passage with all words of the question.
        sentences: the passage's sentences with their cosines.
        best_sentence: the best of these.
        similarity: of both together.
        attenuation: factor that makes similarities comparable between language pairs.
        score: what decides.
        contrast: by how much its best sentence is nearer to the question than its others are on average; `None` where
            it has no others.
        mismatch: how far the passage lacks what kind of answer the question asks for, 0 to 1.
    """

    key: int
    passage: Passage
    vector: FloatArray
    dense: float
    keyword: float
    sentences: tuple[ScoredSentence, ...] = ()
    best_sentence: float = 0.0
    similarity: float = 0.0
    attenuation: float = 1.0
    score: float = 0.0
    contrast: float | None = None
    mismatch: float = 0.0


def by_score(candidates: Sequence[Candidate], language: str) -> list[Candidate]:
    """Return the candidates, best first; ties go to the given language, then to the earlier passage."""
    return sorted(candidates, key=lambda one: (-one.score, one.passage.language != language, one.key))


def own_language_first(candidates: Sequence[Candidate], language: str, config: RankingProfile) -> list[Candidate]:
    """Put a passage in the question's language before those of other languages that say the same.

    Only the first few are looked at. A passage rises to the score of what it stands for, but only from nearby: what
    scores far less says something else after all.
    """
    top = list(candidates[: config.keyword_candidates * 2])
    own = [place for place, one in enumerate(top) if one.passage.language == language]
    others = [place for place, one in enumerate(top) if one.passage.language != language]
    if own and others:
        same = _same(top, config)
        scores = [one.score for one in top]
        for place in own:
            near = [scores[n] for n in others if same[place, n] and 0 < scores[n] - scores[place] <= config.lift]
            top[place].score = max([scores[place], *near])
    return by_score(candidates, language)


def _same(candidates: Sequence[Candidate], config: RankingProfile) -> NDArray[np.bool_]:
    """Tell which candidates say the same, shape (n, n).

    Copies are close. Translations need not be, but each is the nearest to the other that there is in its language.
    """
    vectors = np.stack([one.vector for one in candidates])
    cosines = np.einsum("ik,jk->ij", vectors, vectors)  # too small to wake a thread pool for
    places = _grouped(range(len(candidates)), [one.passage.language for one in candidates])
    nearest = np.zeros(cosines.shape, bool)
    for some in places.values():
        best = np.asarray(some)[cosines[:, some].argmax(axis=1)]
        nearest[np.arange(len(candidates)), best] = True
    translated = nearest & nearest.T & (cosines >= config.translated)
    return np.asarray(translated | (cosines >= config.same))


def without_crowding(candidates: Sequence[Candidate], k: int, config: RankingProfile) -> list[Candidate]:
    """Take the best `k`, but of passages that say the same no more than their share while others wait."""
    most = max(2, int(k * config.same_share))
    chosen: list[Candidate] = []
    waiting: list[Candidate] = []
    for one in candidates:
        if len(chosen) == k:
            break
        alike = sum(_alike(one, other, config) for other in chosen)
        (waiting if alike >= most else chosen).append(one)
    kept = {one.key for one in chosen + waiting[: k - len(chosen)]}
    return [one for one in candidates if one.key in kept]


def _alike(one: Candidate, other: Candidate, config: RankingProfile) -> bool:
    foreign = one.passage.language != other.passage.language
    return float(one.vector @ other.vector) >= (config.translated if foreign else config.same)


def reading_on(candidates: Sequence[Candidate], config: RankingProfile) -> list[Candidate]:
    """Let the languages share the places behind the first ones by the similarities of their passages alone.

    Keywords and the attenuation of pairs are there to find the passage that answers, and press down the question's own
    language as soon as it is found. Within a language the order stays; the scores are handed out anew, so that they
    still fall.
    """
    first, rest = list(candidates[: config.first_places]), list(candidates[config.first_places :])
    scores = [one.score for one in rest]
    claims: list[tuple[float, Candidate]] = []
    for some in _grouped(rest, [one.passage.language for one in rest]).values():
        found = sorted((one.similarity * one.attenuation**config.attenuation_behind for one in some), reverse=True)
        claims += zip(found, some, strict=True)
    claims.sort(key=lambda claim: -claim[0])
    for score, (_, one) in zip(scores, claims, strict=True):
        one.score = score
    return first + [one for _, one in claims]


def _grouped(things: Sequence[T], languages: Sequence[str]) -> dict[str, list[T]]:
    groups: dict[str, list[T]] = defaultdict(list)
    for thing, language in zip(things, languages, strict=True):
        groups[language].append(thing)
    return groups
