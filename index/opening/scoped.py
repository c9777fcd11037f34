"""An index as one of its readers may see it: what that reader may not see is not in it.

Whoever asks gets this in place of the index itself, so that nothing above it has to remember who may see what:
documents, passages, counts, languages and names are those of the reader's own part.

What is counted over the whole index stays so: how rare a word is (BM25's document frequencies) and the mean vectors
of its languages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from index.embedders.alignment.vectors import Alignment
from index.errors import StoreError
from index.locations import Location
from index.opening.collections import named
from index.opening.live import LiveIndex
from index.opening.opened import Index
from index.stores.base import DocumentHeader, Filter, Hit, KeywordHits, PassageStore
from index.stores.collections import Viewer
from index.stores.narrowing import narrowed
from index.stores.sets import DocumentSet
from index.types import Document, FloatArray, Passage, Sentence

__all__ = ["ScopedIndex", "ScopedLive", "ScopedStore"]

_GROUP = 500
# The same for what is hidden as for what never was.
_UNKNOWN = "{}: no such document in the index; `rag export` lists what is there"


@dataclass(frozen=True, slots=True)
class ScopedStore:
    """A `PassageStore` that holds only the documents of a set, out of another store.

    Attributes:
        whole: the other store.
        seen: which of its documents are here.
    """

    whole: PassageStore
    seen: DocumentSet
    _known: dict[str, bool] = field(default_factory=dict)

    @property
    def dimension(self) -> int:
        """Length of every vector."""
        return self.whole.dimension

    @property
    def _where(self) -> Filter:
        return Filter(among=(self.seen,))

    def dense(self, vector: FloatArray, k: int, where: Filter | None = None) -> list[Hit]:
        """Return the `k` passages with the highest inner product with `vector` (shape (dimension,)), best first."""
        return self.whole.dense(vector, k, narrowed(self._where, where))

    def keyword(self, text: str, k: int, where: Filter | None = None) -> KeywordHits:
        """Return the `k` passages with the highest BM25 score for the words of `text`, best first."""
        return self.whole.keyword(text, k, narrowed(self._where, where))

    def passages(self, keys: Sequence[int]) -> list[Passage]:
        """Return the passages under these keys, in the same order; raises `StoreError` for an unknown key."""
        found = self.whole.passages(keys)
        for name in dict.fromkeys(passage.document_id for passage in found):
            self._check(name)
        return found

    def vectors(self, keys: Sequence[int]) -> FloatArray:
        """Return the stored vectors under these keys, shape (len(keys), dimension)."""
        self.passages(keys)
        return self.whole.vectors(keys)

    def sentences(self, keys: Sequence[int]) -> list[tuple[list[Sentence], FloatArray]]:
        """Return, for each of these keys, the sentences within the passage and their vectors, shape (n, dimension)."""
        self.passages(keys)
        return self.whole.sentences(keys)

    def headers(self, document_ids: Sequence[str]) -> dict[str, DocumentHeader]:
        """Return what is shown of these documents, without their texts; raises `StoreError` for an unknown id."""
        for name in document_ids:
            self._check(name)
        return self.whole.headers(document_ids)

    def document(self, document_id: str) -> Document:
        """Return a document; raises `StoreError` for an unknown id."""
        self._check(document_id)
        return self.whole.document(document_id)

    def document_ids(self) -> Iterator[str]:
        """Go through the ids of all documents, in order of their sources."""
        names = self.whole.document_ids()
        while some := list(islice(names, _GROUP)):
            headers = self.whole.headers(some)
            yield from (name for name in some if self.seen.holds(name, headers[name].source))

    def keys(self, document_id: str) -> list[int]:
        """Return the keys of a document's passages in reading order; empty for an unknown id."""
        return self.whole.keys(document_id) if self._sees(document_id) else []

    def languages(self, where: Filter | None = None) -> dict[str, int]:
        """Return how many passages there are in each language that a filter lets through, most first."""
        return self.whole.languages(narrowed(self._where, where))

    def __len__(self) -> int:
        """Return how many passages there are."""
        return sum(self.languages().values())

    def close(self) -> None:
        """Let go of the files; twice is no error."""
        self.whole.close()

    def _check(self, document_id: str) -> None:
        if not self._sees(document_id):
            raise StoreError(_UNKNOWN.format(document_id))

    def _sees(self, document_id: str) -> bool:
        if document_id not in self._known:
            try:
                source = self.whole.headers([document_id])[document_id].source
            except StoreError:
                self._known[document_id] = False  # as often asked for as one that is hidden
            else:
                self._known[document_id] = self.seen.holds(document_id, source)
        return self._known[document_id]


@dataclass(frozen=True, slots=True)
class ScopedIndex:
    """One generation as a reader may see it.

    Attributes:
        whole: the generation.
        seen: the documents that the reader may see.
        store: these alone.
    """

    whole: Index
    seen: DocumentSet
    store: ScopedStore = field(init=False)

    def __post_init__(self) -> None:
        """Hide the rest."""
        object.__setattr__(self, "store", ScopedStore(self.whole.store, self.seen))

    @property
    def folder(self) -> Location:
        """The folder of the generation, or the database."""
        return self.whole.folder

    @property
    def beside(self) -> Path:
        """Folder for what belongs to the index on this machine."""
        return self.whole.beside

    @property
    def alignment(self) -> Alignment:
        """Brings the vectors of its languages together."""
        return self.whole.alignment

    @property
    def generation(self) -> int:
        """Number of the generation."""
        return self.whole.generation

    @property
    def fingerprint(self) -> str:
        """Names the model whose vectors the index holds."""
        return self.whole.fingerprint

    def embed_query(self, text: str) -> tuple[FloatArray, str]:
        """Return the vector of a question, shape (dimension,), aligned as the passages are, and its language."""
        return self.whole.embed_query(text)

    def embed_queries(self, texts: Sequence[str]) -> FloatArray:
        """Return the vectors of many texts, shape (len(texts), dimension)."""
        return self.whole.embed_queries(texts)


class ScopedLive:
    """A live index as whoever asks may see it: who that is, is asked anew at each reading.

    Args:
        live: the index.
        viewer: says who asks now.
    """

    def __init__(self, live: LiveIndex, viewer: Callable[[], Viewer]) -> None:
        self._live = live
        self._viewer = viewer

    @property
    def folder(self) -> Location:
        """The folder of the index, or its database."""
        return self._live.folder

    @property
    def problem(self) -> str | None:
        """Why the newest generation isn't the one that is served, or `None`."""
        return self._live.problem

    def reading(self) -> AbstractContextManager[Index | ScopedIndex]:
        """Give the newest generation as whoever asks may see it; errors are those of `LiveIndex.reading`.

        Raises:
            StoreError: who may see what can't be read: then nobody sees anything.
        """
        return self._reading()

    def seen(self, generation: int = 0) -> DocumentSet | None:
        """Return which documents of a generation whoever asks now may see, `None` for all of them.

        Raises:
            StoreError: who may see what can't be read.
        """
        viewer = self._viewer()
        return None if viewer.all else self._live.collections.now(generation).seen(viewer)

    def resolved(self, where: Filter | None) -> Filter | None:
        """Return a filter with what its collections hold in place of their names.

        Raises:
            ConfigError: whoever asks knows of no collection of that name.
            StoreError: the collections can't be read.
        """
        return named(where, self._live.collections.now, self._viewer())

    @contextmanager
    def _reading(self) -> Iterator[Index | ScopedIndex]:
        with self._live.reading() as index:
            seen = self.seen(index.generation)  # after it is open: a build changes rights before it switches
            yield index if seen is None else ScopedIndex(index, seen)

    def close(self) -> None:
        """Close the index once the last reader has left; twice is no error."""
        self._live.close()
