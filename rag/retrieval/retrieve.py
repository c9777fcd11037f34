"""From a question to the passages that may answer it, best first.

Dense search over aligned vectors proposes passages in every language, keywords propose more; the best sentence of each
sharpens its score, language pairs that the model finds far apart are evened out, and keywords reorder passages of one
language. Every stage's rank and score stays visible in the result.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from index.embedders.profile import ConfidenceProfile, ModelProfile, RankingProfile, profile_of
from index.stores.base import Filter, PassageStore
from index.types import FloatArray
from rag.question.kinds.answer_type import Expectation, expectation
from rag.question.kinds.library_questions import library_question
from rag.retrieval.confidence import Evidence
from rag.retrieval.evidence import LOOKED_AT, background, gather
from rag.retrieval.fusion import keyword_penalties
from rag.retrieval.ordering import Candidate, by_score, own_language_first, reading_on, without_crowding
from rag.retrieval.reranking import Reranker
from rag.types import Rank, ScoredPassage, ScoredSentence

__all__ = ["Aligned", "Readable", "Retrieved", "retrieve"]


_SHOUTED = 12  # capitals from which on a question without a small letter is taken for a sentence
_NOT_CALIBRATED = (
    "how sure this answer is was not calibrated for the embedding model of the index: refusals may come too often or "
    "too seldom"
)
_CODE = 2  # words that may be a name or a code, whatever their letters


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

    def embed_queries(self, texts: Sequence[str]) -> FloatArray:
        """Return the aligned unit vectors of many texts, shape (len(texts), dimension)."""
        ...


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What retrieval found.

    Attributes:
        passages: at most `k`, best first.
        language: BCP 47 code of the question.
        evidence: the features of the confidence; `None` when nothing was found.
        profile: what was fitted to the embedder of the index.
        timings: seconds per stage.
        warnings: sentences for people about what could not be done.
        library: which question about the library itself it is (`rag.question.kinds.library_questions`), `""` for one
            about the world.
        library_share: probability (0 to 1) that it is one.
        wanted: what kind of answer the question asks for, as its vector says; `None` where that isn't known.
    """

    passages: tuple[ScoredPassage, ...]
    language: str
    evidence: Evidence | None
    profile: ModelProfile
    timings: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    library: str = ""
    wanted: Expectation | None = None
    library_share: float = 0.0


def retrieve(
    index: Readable,
    question: str,
    k: int = 5,
    where: Filter | None = None,
    config: RankingProfile | None = None,
    reranker: Reranker | None = None,
) -> Retrieved:
    """Return the `k` passages that fit the question best, with what the confidence needs.

    Args:
        index: an open index; the whole call reads one generation.
        question: a cleaned question in any language.
        k: most passages to return.
        where: which passages may be found; `None` means all.
        config: the constants of ranking; `None`: those of the profile of the index's embedder.
        reranker: reads the best passages and has the last word on their order; the confidence stays as it was.
    """
    started = time.perf_counter()
    profile = profile_of(index.fingerprint)
    config = config or profile.ranking
    vector, language = index.embed_query(_spoken(question))
    embedded = time.perf_counter()
    candidates = _propose(index.store, question, vector, k, where, config)
    _score(index, candidates, vector, language, config)
    candidates = by_score(candidates, language)
    wanted = expectation(index.fingerprint, vector, question)
    if wanted is not None:
        _prefer_expected(candidates[: 2 * k], wanted, config)
    evidence = _evidence(index, question, vector, language, candidates, profile.confidence)
    candidates = reading_on(own_language_first(candidates, language, config), config)
    count = k if reranker is None else max(k, reranker.most)
    passages = _present(index.store, candidates, without_crowding(candidates, count, config))
    timings = {"embed": embedded - started, "retrieve": time.perf_counter() - embedded}
    if reranker is not None:
        passages = reranker(question, passages)[:k]
        timings["rerank"] = time.perf_counter() - embedded - timings["retrieve"]
    warnings = () if profile.calibrated else (_NOT_CALIBRATED,)
    library, share = library_question(index.fingerprint, vector)
    return Retrieved(passages, language, evidence, profile, timings, warnings, library, wanted, share)


def _spoken(question: str) -> str:
    """Return a question that is all in capitals in small letters: models have seldom read sentences that shout.

    A word or two may be a name or a code and stay as they are.
    """
    shouts = (
        question.isupper() and sum(char.isupper() for char in question) >= _SHOUTED and len(question.split()) > _CODE
    )
    return question.capitalize() if shouts else question


def _propose(
    store: PassageStore, question: str, vector: FloatArray, k: int, where: Filter | None, config: RankingProfile
) -> list[Candidate]:
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
        Candidate(key, passage, row, float(row @ vector), keyword.get(key, 0.0))
        for key, passage, row in zip(keys, store.passages(keys), vectors, strict=True)
    ]


def _score(
    index: Readable, candidates: list[Candidate], vector: FloatArray, language: str, config: RankingProfile
) -> None:
    """Fuse what is known of each candidate."""
    languages = [candidate.passage.language for candidate in candidates]
    factors = index.alignment.attenuation(language, languages)
    penalties = keyword_penalties([candidate.keyword for candidate in candidates], languages, config)
    share = config.sentence_weight
    scored = _score_sentences(index.store, [candidate.key for candidate in candidates], vector)
    for candidate, factor, penalty, sentences in zip(candidates, factors, penalties, scored, strict=True):
        candidate.sentences = sentences
        candidate.best_sentence = max((s.score for s in candidate.sentences), default=candidate.dense)
        candidate.contrast = _contrast([s.score for s in candidate.sentences])
        candidate.similarity = (1 - share) * candidate.dense + share * candidate.best_sentence
        candidate.attenuation = float(factor)
        candidate.score = candidate.similarity * candidate.attenuation + penalty


def _score_sentences(
    store: PassageStore, keys: Sequence[int], vector: FloatArray
) -> Iterator[tuple[ScoredSentence, ...]]:
    """Go through the sentences of each passage with their cosine to the question."""
    for sentences, vectors in store.sentences(keys):
        scores = (np.asarray(vectors, dtype=np.float32) @ vector).tolist() if sentences else []
        yield tuple(ScoredSentence(each.start, each.end, score) for each, score in zip(sentences, scores, strict=True))


def _contrast(scores: Sequence[float]) -> float | None:
    """Return by how much the highest is above the mean of the others, `None` where there are none."""
    return max(scores) - (sum(scores) - max(scores)) / (len(scores) - 1) if len(scores) > 1 else None


def _prefer_expected(candidates: Iterable[Candidate], wanted: Expectation, config: RankingProfile) -> None:
    """Lower the sentences that hold no number or date where the question asks for one."""
    for candidate in candidates:
        offset, passage = candidate.passage.start, candidate.passage
        missing = [
            wanted.mismatch(passage.text[s.start - offset : s.end - offset], passage.language)
            for s in candidate.sentences
        ]
        candidate.sentences = tuple(
            replace(sentence, score=sentence.score - config.expected_weight * share)
            for sentence, share in zip(candidate.sentences, missing, strict=True)
        )
        best = max(range(len(missing)), key=lambda place: candidate.sentences[place].score, default=None)
        candidate.mismatch = missing[best] if best is not None else wanted.mismatch(passage.text, passage.language)


def _evidence(
    index: Readable,
    question: str,
    vector: FloatArray,
    language: str,
    candidates: Sequence[Candidate],
    weights: ConfidenceProfile,
) -> Evidence | None:
    best = candidates[:LOOKED_AT]
    headers = index.store.headers([candidate.passage.document_id for candidate in best])
    titles = [headers[candidate.passage.document_id].title for candidate in best]
    return gather(question, language, best, titles, background(index.fingerprint, vector), weights)


def _present(store: PassageStore, found: Sequence[Candidate], chosen: Iterable[Candidate]) -> tuple[ScoredPassage, ...]:
    """Add what readers want to know of each passage's document and of every stage."""
    stages = {
        "dense": _ranks({c.key: c.dense for c in found}),
        "sentence": _ranks({c.key: c.best_sentence for c in found if c.sentences}),
        "keyword": _ranks({c.key: c.keyword for c in found if c.keyword > 0}),
    }
    results, shown = [], list(chosen)
    headers = store.headers([candidate.passage.document_id for candidate in shown])
    for candidate in shown:
        document = headers[candidate.passage.document_id]
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
