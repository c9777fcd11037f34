"""From a question to the passages that may answer it, best first.

Dense search over aligned vectors proposes passages in every language, keywords propose more, the best sentence of each
sharpens its score, and keywords that stand out lift it. Every stage's rank and score stays visible in the result.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from index.stores.base import Filter, PassageStore
from index.types import Document, FloatArray, Passage
from rag.confidence import Evidence
from rag.fusion import DEFAULT, FusionConfig, keyword_bonus
from rag.types import Rank, ScoredPassage, ScoredSentence

__all__ = ["Readable", "Retrieved", "retrieve"]


class Readable(Protocol):
    """What reading needs of an open index."""

    @property
    def store(self) -> PassageStore:
        """Passages, vectors and keywords of one generation."""
        ...

    @property
    def generation(self) -> int:
        """Number of that generation."""
        ...

    def embed_query(self, text: str) -> tuple[FloatArray, str]:
        """Return the aligned unit vector of a question, shape (dimension,), and its BCP 47 language."""
        ...


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What retrieval found.

    Attributes:
        passages: at most `k`, best first.
        language: BCP 47 code of the question.
        evidence: the features of the confidence; `None` when nothing was found.
        timings: seconds per stage.
    """

    passages: tuple[ScoredPassage, ...]
    language: str
    evidence: Evidence | None
    timings: Mapping[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class _Candidate:
    """A passage on its way through the stages."""

    key: int
    passage: Passage
    vector: FloatArray
    dense: float
    keyword: float = 0.0
    bonus: float = 0.0
    best_sentence: float = 0.0
    sentences: tuple[ScoredSentence, ...] = ()
    score: float = 0.0


def retrieve(
    index: Readable, question: str, k: int = 5, where: Filter | None = None, config: FusionConfig = DEFAULT
) -> Retrieved:
    """Return the `k` passages that fit the question best, with what the confidence needs.

    Args:
        index: an open index; the whole call reads one generation.
        question: a cleaned question in any language.
        k: most passages to return.
        where: which passages may be found; `None` means all.
        config: the constants of ranking.
    """
    started = time.perf_counter()
    vector, language = index.embed_query(question)
    embedded = time.perf_counter()
    candidates = _propose(index.store, question, vector, max(k, config.candidates), where, config)
    _rescore(index.store, candidates, vector, language, config)
    candidates.sort(key=lambda candidate: (-candidate.score, candidate.key))
    evidence = _evidence(candidates)
    chosen = _spread(candidates, k, config)
    passages = _present(index.store, candidates, chosen)
    timings = {"embed": embedded - started, "retrieve": time.perf_counter() - embedded}
    return Retrieved(passages, language, evidence, timings)


def _propose(
    store: PassageStore, question: str, vector: FloatArray, count: int, where: Filter | None, config: FusionConfig
) -> list[_Candidate]:
    """Join the proposals of both retrievers; a passage that only keywords found gets its dense score too."""
    dense = {hit.key: hit.score for hit in store.dense(vector, count, where)}
    words = store.keyword(question, count, where)
    bonus = keyword_bonus(words, config)
    ceiling = words.ceiling or 1.0
    keyword = {hit.key: hit.score / ceiling for hit in words.hits}
    keys = list(dict.fromkeys([*dense, *keyword]))
    if not keys:
        return []
    vectors = store.vectors(keys)
    scores = vectors @ vector
    return [
        _Candidate(key, passage, row, float(score), keyword.get(key, 0.0), bonus.get(key, 0.0))
        for key, passage, row, score in zip(keys, store.passages(keys), vectors, scores, strict=True)
    ]


def _rescore(
    store: PassageStore, candidates: Sequence[_Candidate], vector: FloatArray, language: str, config: FusionConfig
) -> None:
    """Mix the passage's own score with its best sentence's, and add what keywords and the language give."""
    promising = sorted(candidates, key=lambda candidate: -(candidate.dense + candidate.bonus))
    for place, candidate in enumerate(promising):
        candidate.best_sentence = candidate.dense
        if place < config.rescored:
            candidate.sentences = _score_sentences(store, candidate.key, vector)
            candidate.best_sentence = max((s.score for s in candidate.sentences), default=candidate.dense)
        share = config.sentence_weight
        candidate.score = (1 - share) * candidate.dense + share * candidate.best_sentence + candidate.bonus
        if candidate.passage.language == language:
            candidate.score += config.same_language


def _score_sentences(store: PassageStore, key: int, vector: FloatArray) -> tuple[ScoredSentence, ...]:
    sentences, vectors = store.sentences(key)
    if not sentences:
        return ()
    scores = np.asarray(vectors, dtype=np.float32) @ vector
    return tuple(
        ScoredSentence(sentence.start, sentence.end, float(score))
        for sentence, score in zip(sentences, scores, strict=True)
    )


def _evidence(candidates: Sequence[_Candidate]) -> Evidence | None:
    if not candidates:
        return None
    scores = sorted((candidate.score for candidate in candidates), reverse=True)
    return Evidence(
        passage=max(candidate.dense for candidate in candidates),
        sentence=max(candidate.best_sentence for candidate in candidates),
        margin=scores[0] - scores[min(9, len(scores) - 1)],
        coverage=min(1.0, max(candidate.keyword for candidate in candidates)),
    )


def _spread(candidates: Sequence[_Candidate], k: int, config: FusionConfig) -> list[_Candidate]:
    """Take the best `k`, but of passages that say the same no more than their share while others wait."""
    most = max(2, int(k * config.duplicate_share))
    chosen: list[_Candidate] = []
    waiting: list[_Candidate] = []
    for candidate in candidates:
        if len(chosen) == k:
            break
        alike = sum(float(candidate.vector @ other.vector) >= config.duplicate for other in chosen)
        (waiting if alike >= most else chosen).append(candidate)
    return sorted(chosen + waiting[: k - len(chosen)], key=lambda candidate: (-candidate.score, candidate.key))


def _present(
    store: PassageStore, found: Sequence[_Candidate], chosen: Iterable[_Candidate]
) -> tuple[ScoredPassage, ...]:
    """Add what readers want to know of each passage's document and of every stage."""
    stages = {
        "dense": _ranks({c.key: c.dense for c in found}),
        "sentence": _ranks({c.key: c.best_sentence for c in found if c.sentences}),
        "keyword": _ranks({c.key: c.keyword for c in found if c.keyword > 0}),
    }
    documents: dict[str, Document] = {}
    results = []
    for candidate in chosen:
        name = candidate.passage.document_id
        document = documents.get(name) or documents.setdefault(name, store.document(name))
        results.append(
            ScoredPassage(
                passage=candidate.passage,
                title=document.title,
                source=document.source,
                score=candidate.score,
                ranks={stage: ranks[candidate.key] for stage, ranks in stages.items() if candidate.key in ranks},
                sentences=candidate.sentences,
                metadata=document.metadata,
            )
        )
    return tuple(results)


def _ranks(scores: Mapping[int, float]) -> dict[int, Rank]:
    ordered = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    return {key: Rank(place, score) for place, (key, score) in enumerate(ordered, start=1)}
