"""The vectors that an index in a folder keeps: those of passages in a file of their own, those of sentences in itself.

A sentence's vector is six times as frequent as a passage's, so it is kept once: in the generation, as the embedder
gave it. Until a generation holds those of a build, they wait in a file that is gone afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from index.stores.embedded.former import FormerSentences
from index.stores.vector_cache import VectorCache
from index.types import FloatArray

__all__ = ["CACHE", "FolderVectors"]

CACHE = "embeddings.sqlite"
_WAITING = f"{CACHE}.new"


class FolderVectors:
    """Implements `KeptVectors` for an index in a folder.

    Args:
        folder: of the index.
        fingerprint: of the embedder.
        dimension: length of its vectors.
        former: the sentences of the generation before, where they are of this embedder.
    """

    def __init__(self, folder: Path, fingerprint: str, dimension: int, former: FormerSentences | None) -> None:
        self._passages = VectorCache(folder / CACHE, fingerprint, dimension)
        self._path, self._space = folder / _WAITING, (fingerprint, dimension)
        self._waiting: VectorCache | None = None
        self._former = former
        if self._path.exists():
            self._open_waiting()

    @property
    def restarted(self) -> str:
        """Why those of passages were lost when they were opened, or `""`."""
        return self._passages.restarted

    def _open_waiting(self) -> VectorCache:
        if self._waiting is None:
            self._waiting = VectorCache(self._path, *self._space)
        return self._waiting

    def missing(self, digests: Sequence[bytes], rough: Collection[bytes] = ()) -> list[int]:
        """Return the places of the digests that are not stored; see `KeptVectors.missing`."""
        places = self._passages.missing(digests, rough)
        rest = [place for place in places if digests[place] in rough]
        if self._waiting is not None:
            rest = [rest[at] for at in self._waiting.missing([digests[place] for place in rest], rough)]
        if self._former is not None:
            rest = [rest[at] for at in self._former.missing([digests[place] for place in rest])]
        return sorted([place for place in places if digests[place] not in rough] + rest)

    def put(self, digests: Sequence[bytes], vectors: FloatArray, rough: Collection[bytes] = ()) -> None:
        """Store vectors, shape (len(digests), dimension), those in `rough` as sentences; they are durable then."""
        short = [place for place, digest in enumerate(digests) if digest in rough]
        if short:
            self._open_waiting().put([digests[place] for place in short], vectors[short], rough)
        long = [place for place, digest in enumerate(digests) if digest not in rough]
        if long:
            self._passages.put([digests[place] for place in long], vectors[long])

    def get(self, digests: Sequence[bytes]) -> tuple[FloatArray, list[int]]:
        """Return the vectors, shape (len(digests), dimension), and the places for which there is none."""
        vectors, missing = self._passages.get(digests)
        for holder in (self._waiting, self._former):
            if missing and holder is not None:
                found, lacking = holder.get([digests[place] for place in missing])
                vectors[missing] = found
                missing = [missing[at] for at in lacking]
        return vectors, missing

    def prune(self, needed: Iterable[bytes], count: int) -> None:
        """Drop vectors of passages that an index no longer needs; see `VectorCache.prune`."""
        self._passages.prune(needed, count)

    def settle(self, sentences: Iterable[bytes]) -> None:
        """Let go of the vectors of sentences, which the current generation holds now.

        Args:
            sentences: digests of those that are no passages; asked for where an earlier version kept some.
        """
        self._remove_waiting()
        self._passages.forget_sentences(sentences)

    def _remove_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.remove()
            self._waiting = None

    def drop_unsound(self) -> None:
        """Drop what is not as it was written."""
        for cache in (self._passages, self._waiting):
            if cache is not None:
                cache.drop_unsound()

    def restart(self, reason: str) -> None:
        """Throw both files away and start anew."""
        self._passages.restart(reason)
        self._remove_waiting()

    def clear(self) -> None:
        """Forget everything; the generation before isn't asked any more."""
        self._passages.clear()
        self._remove_waiting()
        self._former = None

    def close(self) -> None:
        """Close the files; twice is no error."""
        self._passages.close()
        if self._waiting is not None:
            self._waiting.close()
