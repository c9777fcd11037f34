"""From a question to the passages that may answer it, best first.

Dense search over aligned vectors proposes passages in every language, keywords propose more; the best sentence of each
sharpens its score, language pairs that the model finds far apart are evened out, and keywords reorder passages of one
language. Every stage's rank and score stays visible in the result.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from index.stores.base import Filter, PassageStore
from index.types import Document, FloatArray, Passage
from rag.answer_type import Expectation, expectation
from rag.confidence import Evidence
from rag.fusion import DEFAULT, FusionConfig, keyword_penalties
from rag.reranking import Reranker
from rag.text import grams
from rag.types import Rank, ScoredPassage, ScoredSentence

__all__ = ["Aligned", "Readable", "Retrieved", "retrieve"]


class Aligned(Protocol):
    """What reading needs of an index's alignment."""

    def attenuation(self, asked: str, languages: Sequence[str]) -> FloatArray:
        """Return the factor that makes similarities of a question in `asked` comparable across passage languages."""
        ...


class Readable(Protocol):
    """What reading needs of an open index."""

    @property
    def store(self) -> PassageStore:
        """Passages, vectors and keywords of one generation."""
        ...

    @property
    def alignment(self) -> Aligned:
        """What brings the languages of the index together."""
        ...

    @property
    def generation(self) -> int:
        """Number of that generation."""
        ...

    @property
    def fingerprint(self) -> str:
        """Names the model whose vectors the index holds."""
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
    keyword: float
    sentences: tuple[ScoredSentence, ...] = ()
    best_sentence: float = 0.0
    similarity: float = 0.0
    score: float = 0.0
    unmet: float = 0.0


def retrieve(
    index: Readable,
    question: str,
    k: int = 5,
    where: Filter | None = None,
    config: FusionConfig = DEFAULT,
    reranker: Reranker | None = None,
) -> Retrieved:
    """Return the `k` passages that fit the question best, with what the confidence needs.

    Args:
        index: an open index; the whole call reads one generation.
        question: a cleaned question in any language.
        k: most passages to return.
        where: which passages may be found; `None` means all.
        config: the constants of ranking.
        reranker: reads the best passages and has the last word on their order; the confidence stays as it was.
    """
    started = time.perf_counter()
    vector, language = index.embed_query(question)
    embedded = time.perf_counter()
    candidates = _propose(index.store, question, vector, k, where, config)
    _score(index, candidates, vector, language, config)
    wanted = expectation(index.fingerprint, vector, question)
    if wanted is not None:
        _prefer_expected(candidates[: 2 * k], wanted, config)
    evidence = _evidence(index.store, question, language, candidates)
    _lift_own_language(candidates, language, config)
    count = k if reranker is None else max(k, reranker.most)
    passages = _present(index.store, candidates, _spread(candidates, count, config))
    timings = {"embed": embedded - started, "retrieve": time.perf_counter() - embedded}
    if reranker is not None:
        passages = reranker(question, passages)[:k]
        timings["rerank"] = time.perf_counter() - embedded - timings["retrieve"]
    return Retrieved(passages, language, evidence, timings)


def _propose(
    store: PassageStore, question: str, vector: FloatArray, k: int, where: Filter | None, config: FusionConfig
) -> list[_Candidate]:
    """Join the proposals of both retrievers; a passage that only keywords found gets its dense score too."""
    dense = store.dense(vector, max(2 * k, config.candidates), where)
    words = store.keyword(question, max(k, config.keyword_depth), where)
    keyword = {hit.key: hit.score / words.ceiling for hit in words.hits} if words.ceiling > 0 else {}
    further = [hit.key for hit in words.hits[: max(k, config.keyword_candidates)]]
    keys = list(dict.fromkeys([hit.key for hit in dense] + further))
    if not keys:
        return []
    vectors = store.vectors(keys)
    return [
        _Candidate(key, passage, row, float(row @ vector), keyword.get(key, 0.0))
        for key, passage, row in zip(keys, store.passages(keys), vectors, strict=True)
    ]


def _score(
    index: Readable, candidates: list[_Candidate], vector: FloatArray, language: str, config: FusionConfig
) -> None:
    """Fuse what is known of each candidate, and sort them, best first."""
    languages = [candidate.passage.language for candidate in candidates]
    factors = index.alignment.attenuation(language, languages)
    penalties = keyword_penalties([candidate.keyword for candidate in candidates], languages, config)
    share = config.sentence_weight
    for candidate, factor, penalty in zip(candidates, factors, penalties, strict=True):
        candidate.sentences = _score_sentences(index.store, candidate.key, vector)
        candidate.best_sentence = max((s.score for s in candidate.sentences), default=candidate.dense)
        candidate.similarity = (1 - share) * candidate.dense + share * candidate.best_sentence
        candidate.score = candidate.similarity * float(factor) + penalty
    candidates.sort(key=lambda candidate: (-candidate.score, candidate.passage.language != language, candidate.key))


def _score_sentences(store: PassageStore, key: int, vector: FloatArray) -> tuple[ScoredSentence, ...]:
    sentences, vectors = store.sentences(key)
    if not sentences:
        return ()
    scores = np.asarray(vectors, dtype=np.float32) @ vector
    return tuple(
        ScoredSentence(sentence.start, sentence.end, float(score))
        for sentence, score in zip(sentences, scores, strict=True)
    )


def _prefer_expected(candidates: Iterable[_Candidate], wanted: Expectation, config: FusionConfig) -> None:
    """Lower the sentences that hold no number or date where the question asks for one."""
    for candidate in candidates:
        offset, passage = candidate.passage.start, candidate.passage
        missing = [
            wanted.unmet(passage.text[s.start - offset : s.end - offset], passage.language) for s in candidate.sentences
        ]
        candidate.sentences = tuple(
            replace(sentence, score=sentence.score - config.expected_weight * share)
            for sentence, share in zip(candidate.sentences, missing, strict=True)
        )
        best = max(range(len(missing)), key=lambda place: candidate.sentences[place].score, default=None)
        candidate.unmet = missing[best] if best is not None else wanted.unmet(passage.text, passage.language)


def _evidence(store: PassageStore, question: str, language: str, candidates: Sequence[_Candidate]) -> Evidence | None:
    """Return the features of the best passage; its title and heading name what the text itself calls "it"."""
    if not candidates:
        return None
    best = candidates[0]
    asked = grams(question)
    title = store.document(best.passage.document_id).title
    shared = asked & (grams(best.passage.text) | grams(title) | grams(best.passage.heading))
    return Evidence(
        similarity=best.similarity,
        same_language=best.passage.language == language,
        coverage=len(shared) / len(asked) if asked else 0.0,
        unmet=best.unmet,
    )


def _lift_own_language(candidates: list[_Candidate], language: str, config: FusionConfig) -> None:
    """Put a passage in the question's language before those of other languages that say the same."""
    top = candidates[: config.keyword_candidates * 2]
    vectors = np.stack([candidate.vector for candidate in top]) if top else np.zeros((0, 1), np.float32)
    alike = np.einsum("ik,jk->ij", vectors, vectors) >= config.same  # too small to wake a thread pool for
    for place, candidate in enumerate(top):
        if candidate.passage.language == language:
            before = [
                other.score
                for n, other in enumerate(top[:place])
                if alike[place, n] and other.passage.language != language
            ]
            candidate.score = max([candidate.score, *before])
    candidates.sort(key=lambda candidate: (-candidate.score, candidate.passage.language != language, candidate.key))


def _spread(candidates: Sequence[_Candidate], k: int, config: FusionConfig) -> list[_Candidate]:
    """Take the best `k`, but of passages that say the same no more than their share while others wait."""
    most = max(2, int(k * config.same_share))
    chosen: list[_Candidate] = []
    waiting: list[_Candidate] = []
    for candidate in candidates:
        if len(chosen) == k:
            break
        alike = sum(float(candidate.vector @ other.vector) >= config.same for other in chosen)
        (waiting if alike >= most else chosen).append(candidate)
    kept = {candidate.key for candidate in chosen + waiting[: k - len(chosen)]}
    return [candidate for candidate in candidates if candidate.key in kept]


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
