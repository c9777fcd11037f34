"""The two interfaces that every store implements: reading vectors and keywords, and writing a generation.

Fusion, filters' meaning and ranking rules stay outside, so that every engine ranks alike.
A generation is written by one builder and read by many; what each must keep is in `index.testing`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from index.errors import ConfigError
from index.language.codes import UNKNOWN, canonical
from index.stores.sets import DocumentSet
from index.types import Document, FloatArray, JsonValue, Passage, Sentence

__all__ = [
    "ALIASES",
    "COLUMNS",
    "DocumentHeader",
    "DocumentWriter",
    "Filter",
    "GenerationWriter",
    "Hit",
    "KeptVectors",
    "KeywordHits",
    "PassageStore",
]

COLUMNS = ("title", "source", "id")
"""Keys of a filter by metadata that are fields of a document itself."""
ALIASES = {"from": "sender", "to": "recipients", "file": "source"}
"""Other names that people have for a key."""
_KEY = re.compile(r"[^\W\d_][\w .-]{0,60}")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which passages may be found; an empty tuple or `None` means no restriction, several kinds must all hold.

    Attributes:
        languages: codes of the passage's language, in any form that names it (`zh-TW`, `zho` and `zh` are one).
        documents: ids of documents.
        date_from: earliest ISO 8601 date of the document, inclusive; documents without a date are left out.
        date_to: latest, inclusive (`"2020"` covers that whole year).
        folder: prefix of `Document.source` up to a `/`.
        metadata: pairs of a key of `Document.metadata` (or `title`, `source`, `id`) and words that its value, or one
            of its values, must hold; small and capital letters count alike.
        collections: names of collections, one of which must hold the document. An assistant asks what they hold
            (`index.opening.collections`) before any store is asked, and puts it into `among`.
        among: sets of documents, each of which must hold the document.
    """

    languages: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    date_from: str | None = None
    date_to: str | None = None
    folder: str | None = None
    metadata: tuple[tuple[str, str], ...] = ()
    collections: tuple[str, ...] = ()
    among: tuple[DocumentSet, ...] = ()

    def __post_init__(self) -> None:
        """Refuse keys that can't be one; languages are asked for as passages have them, wrong ones as they are."""
        codes = ((code, canonical(code)) for code in self.languages)
        object.__setattr__(self, "languages", tuple(given if code == UNKNOWN else code for given, code in codes))
        for key, _ in self.metadata:
            if not _KEY.fullmatch(key):
                raise ConfigError(f"where: {key!r} can't be a key of metadata", "write for instance author=Mei")

    def known(self) -> Filter:
        """Return this filter, which a store can apply as it is.

        Raises:
            ConfigError: it names collections; passing them over would let everything through.
        """
        if self.collections:
            problem = f"collection {self.collections[0]}: what it holds was not looked up"
            raise ConfigError(problem, "ask through `rag.Assistant`, or name the documents")
        return self

    @classmethod
    def of(cls, given: Filter | Mapping[str, str] | None) -> Filter | None:
        """Return a filter; a mapping is one by metadata: `{"author": "Mei"}`."""
        if not isinstance(given, Mapping):
            return given
        return cls(metadata=tuple((ALIASES.get(key, key), value) for key, value in given.items())) if given else None


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that one retriever found: `key` is the store's own integer for it, `score` higher is better."""

    key: int
    score: float


@dataclass(frozen=True, slots=True)
class KeywordHits:
    """What the keyword retriever found.

    Attributes:
        hits: best first, BM25 scores.
        ceiling: the score that a passage holding every term of the query would get, 0 when no term is known.
    """

    hits: tuple[Hit, ...]
    ceiling: float


@dataclass(frozen=True, slots=True)
class DocumentHeader:
    """What is shown of a document beside its words.

    Attributes:
        id: of the document.
        title: as readers know it.
        source: where it came from.
        language: BCP 47 code.
        metadata: what the source says about itself.
    """

    id: str
    title: str
    source: str
    language: str
    metadata: Mapping[str, JsonValue]


class PassageStore(Protocol):
    """Documents, passages, vectors and keywords of one generation, for reading by many threads."""

    @property
    def dimension(self) -> int:
        """Length of every vector."""
        ...

    def dense(self, vector: FloatArray, k: int, where: Filter | None = None) -> list[Hit]:
        """Return the `k` passages with the highest inner product with `vector` (shape (dimension,)), best first."""
        ...

    def keyword(self, text: str, k: int, where: Filter | None = None) -> KeywordHits:
        """Return the `k` passages with the highest BM25 score for the words of `text`, best first."""
        ...

    def passages(self, keys: Sequence[int]) -> list[Passage]:
        """Return the passages under these keys, in the same order; raises `StoreError` for an unknown key."""
        ...

    def vectors(self, keys: Sequence[int]) -> FloatArray:
        """Return the stored vectors under these keys, shape (len(keys), dimension)."""
        ...

    def sentences(self, keys: Sequence[int]) -> list[tuple[list[Sentence], FloatArray]]:
        """Return, for each of these keys, the sentences within the passage and their vectors, shape (n, dimension).

        A passage whose sentences were not stored has none. Raises `StoreError` for an unknown key.
        """
        ...

    def headers(self, document_ids: Sequence[str]) -> dict[str, DocumentHeader]:
        """Return what is shown of these documents, without their texts; raises `StoreError` for an unknown id."""
        ...

    def document(self, document_id: str) -> Document:
        """Return a document; raises `StoreError` for an unknown id."""
        ...

    def document_ids(self) -> Iterator[str]:
        """Go through the ids of all documents, in order of their sources."""
        ...

    def keys(self, document_id: str) -> list[int]:
        """Return the keys of a document's passages in reading order; empty for an unknown id."""
        ...

    def languages(self, where: Filter | None = None) -> dict[str, int]:
        """Return how many passages there are in each language that a filter lets through, most first."""
        ...

    def __len__(self) -> int:
        """Return how many passages there are."""
        ...

    def close(self) -> None:
        """Let go of the files; twice is no error."""
        ...


class GenerationWriter(Protocol):
    """Writes one generation of a store, by one thread; nobody reads it before `finish`."""

    def put(
        self,
        document: Document,
        passages: Sequence[Passage],
        vectors: FloatArray,
        sentences: Sequence[Sentence] = (),
        sentence_vectors: FloatArray | None = None,
    ) -> None:
        """Put a document with its passages in place of what was stored under its id.

        Args:
            document: the document.
            passages: its passages in reading order.
            vectors: their unit vectors, shape (len(passages), dimension), float32.
            sentences: its sentences in reading order.
            sentence_vectors: their unit vectors, shape (len(sentences), dimension), float32.

        Raises:
            StoreError: a shape does not fit, or a passage is not what the document has at its place.
        """
        ...

    def delete(self, document_id: str) -> None:
        """Remove a document with everything of it; an unknown id is no error."""
        ...

    def finish(self) -> object:
        """Write everything; afterwards a `PassageStore` can be opened on it."""
        ...


class DocumentWriter(Protocol):
    """Takes the documents of a generation in the making, whose vectors are known by digests."""

    def put(
        self,
        document: Document,
        passages: Sequence[Passage],
        digests: Sequence[bytes],
        sentences: Sequence[Sentence] = (),
        sentence_digests: Sequence[bytes] = (),
    ) -> None:
        """Store a document in place of what is stored under its id."""
        ...

    def delete(self, document_id: str) -> None:
        """Remove a document; an unknown id is no error."""
        ...


class KeptVectors(Protocol):
    """Vectors as the embedder gave them, by text, so that no text is embedded twice; see `vector_cache`."""

    @property
    def restarted(self) -> str:
        """Why they were lost when they were opened, or `""`."""
        ...

    def missing(self, digests: Sequence[bytes], rough: Collection[bytes] = ()) -> list[int]:
        """Return the places of the digests that are not stored, the first of equal ones only.

        A vector in 8 bits counts as stored for those in `rough` only.
        """
        ...

    def put(self, digests: Sequence[bytes], vectors: FloatArray, rough: Collection[bytes] = ()) -> None:
        """Store vectors, shape (len(digests), dimension), those in `rough` in 8 bits; they are durable then."""
        ...

    def get(self, digests: Sequence[bytes]) -> tuple[FloatArray, list[int]]:
        """Return the vectors, shape (len(digests), dimension), and the places for which there is none."""
        ...

    def prune(self, needed: Iterable[bytes], count: int) -> None:
        """Drop what an index no longer needs, once that is more than what it does need (about `count`)."""
        ...

    def drop_unsound(self) -> None:
        """Drop what is not as it was written."""
        ...

    def restart(self, reason: str) -> None:
        """Throw everything away and start anew."""
        ...

    def clear(self) -> None:
        """Forget everything."""
        ...

    def close(self) -> None:
        """Let go of what holds them; twice is no error."""
        ...
