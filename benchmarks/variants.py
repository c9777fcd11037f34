"""What the product's ranking is compared with, on the same store: plain dense, keywords, and their usual fusion."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.pools import Pool

Ranker = Callable[[Pool, str, int], list[str]]
"""Pool, question and depth to the names of documents, best first, none twice."""

_RRF = 60  # the constant of Cormack, Clarke & Büttcher (2009), which every framework takes over
_DEEP = 100


def _unique(names: Sequence[str], k: int) -> list[str]:
    return list(dict.fromkeys(names))[:k]


def _once(rank: Callable[[Pool, str], list[str]]) -> Ranker:
    """Keep the first hundred of each question, for the fusions."""

    def ranked(pool: Pool, question: str, k: int) -> list[str]:
        key = rank.__name__, question
        if key not in pool.ranked:
            pool.ranked[key] = _unique(rank(pool, question), _DEEP)
        return pool.ranked[key][:k]

    return ranked


@_once
def plain(pool: Pool, question: str) -> list[str]:
    """Rank by the model's own vectors."""
    names, vectors = pool.raw
    scores = vectors @ pool.embedder.embed_query(question)
    return [names[row] for row in np.argsort(-scores, kind="stable")[: 3 * _DEEP]]


@_once
def aligned(pool: Pool, question: str) -> list[str]:
    """Rank by vectors without their languages, nothing else."""
    vector, _ = pool.index.embed_query(question)
    hits = pool.index.store.dense(vector, 3 * _DEEP)
    return [pool.document_of[hit.key] for hit in hits]


@_once
def bm25(pool: Pool, question: str) -> list[str]:
    """Rank by keywords alone."""
    hits = pool.index.store.keyword(question, 3 * _DEEP).hits
    return [pool.document_of[hit.key] for hit in hits]


def _fused(first: Ranker, second: Ranker) -> Ranker:
    def rank(pool: Pool, question: str, k: int) -> list[str]:
        scores: dict[str, float] = {}
        for ranker in (first, second):
            for place, name in enumerate(ranker(pool, question, _DEEP), start=1):
                scores[name] = scores.get(name, 0.0) + 1 / (_RRF + place)
        return sorted(scores, key=lambda name: -scores[name])[:k]

    return rank


def ours(pool: Pool, question: str, k: int) -> list[str]:
    """Rank as the product does."""
    hits = pool.assistant.retrieve(question, 2 * k)
    return _unique([hit.passage.document_id for hit in hits], k)


VARIANTS: dict[str, Ranker] = {
    "dense as the model gives it": plain,
    "BM25": bm25,
    "RRF of these two": _fused(plain, bm25),
    "dense without languages": aligned,
    "RRF of that and BM25": _fused(aligned, bm25),
    "babelquote": ours,
}
