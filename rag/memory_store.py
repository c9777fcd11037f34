"""A passage store that keeps nothing: plain lists, exact search, hashed n-grams; for `rag.testing`."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from index.embedders.alignment import Alignment
from index.embedders.base import beginning
from index.embedders.hashing import HashingEmbedder
from index.errors import StoreError
from index.keywords import terms
from index.languages import detect
from index.stores.base import Filter, Hit, KeywordHits
from index.types import Document, FloatArray, Passage, Sentence
from rag.sentences import sentence_spans

__all__ = ["MemoryIndex", "MemoryStore", "document"]

_PARAGRAPH = re.compile(r"\S(?:.|\n(?!\s*\n))*")


def document(name: str, text: str, language: str = "") -> Document:
    """Return a document with this id; its language is found when it is not told."""
    return Document(name, name.replace("-", " ").title(), f"texts/{name}.md", language or detect(text), text)


class MemoryStore:
    """Documents, passages and vectors in lists; the key of a passage is its place."""

    def __init__(self) -> None:
        self._embedder = HashingEmbedder()
        self._documents: dict[str, Document] = {}
        self._rows: dict[int, tuple[Passage, FloatArray, list[Sentence], FloatArray]] = {}
        self._next = 0

    @property
    def dimension(self) -> int:
        """Length of every vector."""
        return self._embedder.dimension

    def add(self, document: Document) -> None:
        """Cut, embed and store a document: every paragraph is a passage."""
        found = _PARAGRAPH.finditer(document.text)
        cuts = [(match.start(), match.start() + len(match.group().rstrip())) for match in found]
        passages = [
            Passage(f"{document.id}:{n}", document.id, start, end, document.text[start:end], document.language, "")
            for n, (start, end) in enumerate(cuts)
        ]
        sentences = [
            Sentence(passage.start + start, passage.start + end)
            for passage in passages
            for start, end in sentence_spans(passage.text)
        ]
        vectors = self._embedder.embed_passages([passage.text for passage in passages])
        texts = [document.text[sentence.start : sentence.end] for sentence in sentences]
        self.replace(document, passages, vectors, sentences, self._embedder.embed_passages(texts))

    def replace(
        self,
        document: Document,
        passages: Sequence[Passage],
        vectors: FloatArray,
        sentences: Sequence[Sentence] = (),
        sentence_vectors: FloatArray | None = None,
    ) -> None:
        """Put a document in place of what was stored under its id."""
        self.delete(document.id)
        self._documents[document.id] = document
        for passage, vector in zip(passages, vectors, strict=True):
            inside = [n for n, s in enumerate(sentences) if passage.start <= s.start and s.end <= passage.end]
            rows = np.zeros((0, self.dimension), np.float32) if sentence_vectors is None else sentence_vectors[inside]
            self._rows[self._next] = (passage, vector, [sentences[n] for n in inside], rows)
            self._next += 1

    def delete(self, document_id: str) -> None:
        """Remove a document."""
        self._documents.pop(document_id, None)
        self._rows = {key: row for key, row in self._rows.items() if row[0].document_id != document_id}

    def dense(self, vector: FloatArray, k: int, where: Filter | None = None) -> list[Hit]:
        """Return the nearest passages by exact search."""
        hits = [Hit(key, float(row[1] @ vector)) for key, row in self._rows.items() if _passes(row[0], where)]
        return sorted(hits, key=lambda hit: (-hit.score, hit.key))[:k]

    def keyword(self, text: str, k: int, where: Filter | None = None) -> KeywordHits:
        """Return the best passages by the weight of the question's terms that they hold."""
        counts = {key: Counter(terms(row[0].text)) for key, row in self._rows.items()}
        weights = {}
        for term in dict.fromkeys(terms(text)):
            holders = sum(term in found for found in counts.values())
            if holders:
                weights[term] = math.log(1 + (len(counts) - holders + 0.5) / (holders + 0.5))
        hits = [
            Hit(key, sum(weight for term, weight in weights.items() if term in found))
            for key, found in counts.items()
            if _passes(self._rows[key][0], where)
        ]
        hits = sorted((hit for hit in hits if hit.score > 0), key=lambda hit: (-hit.score, hit.key))
        return KeywordHits(tuple(hits[:k]), sum(weights.values()))

    def passages(self, keys: Sequence[int]) -> list[Passage]:
        """Return passages by key."""
        return [self._rows[key][0] for key in keys]

    def vectors(self, keys: Sequence[int]) -> FloatArray:
        """Return vectors by key."""
        return np.stack([self._rows[key][1] for key in keys])

    def sentences(self, key: int) -> tuple[list[Sentence], FloatArray]:
        """Return a passage's sentences and their vectors."""
        return self._rows[key][2], self._rows[key][3]

    def document(self, document_id: str) -> Document:
        """Return a document."""
        try:
            return self._documents[document_id]
        except KeyError:
            raise StoreError(f"no document {document_id!r} in memory: add it first") from None

    def document_ids(self) -> Iterator[str]:
        """Go through the ids."""
        return iter(sorted(self._documents, key=lambda name: self._documents[name].source))

    def keys(self, document_id: str) -> list[int]:
        """Return the keys of a document's passages."""
        return [key for key, row in self._rows.items() if row[0].document_id == document_id]

    def __len__(self) -> int:
        """Return how many passages there are."""
        return len(self._rows)

    def close(self) -> None:
        """Do nothing: there are no files."""


class MemoryIndex:
    """What reading needs of an index, around a store in memory."""

    def __init__(self, store: MemoryStore, generation: int = 1) -> None:
        self.store = store
        self.generation = generation
        self.alignment = Alignment.identity(store.dimension)
        self._embedder = HashingEmbedder()

    @property
    def fingerprint(self) -> str:
        """Names the model."""
        return self._embedder.fingerprint

    def embed_query(self, text: str) -> tuple[FloatArray, str]:
        """Return the vector of a question and its language."""
        return self._embedder.embed_query(beginning(self._embedder, text)), detect(text)


def _passes(passage: Passage, where: Filter | None) -> bool:
    if where is None:
        return True
    if where.languages and passage.language not in where.languages:
        return False
    return not where.documents or passage.document_id in where.documents
