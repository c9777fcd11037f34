"""The vectors that an index in a folder keeps: in its generation, as the embedder gave them, and nowhere else.

Until a generation holds those of a build, they wait in a file that is gone afterwards. Vectors of passages that left
are kept in another one for a while, since texts come back: files are moved, folders left out and taken in again. Up to
layout 5 that file held those of all passages; they are read there until a generation holds them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import numpy as np

from index.stores.embedded.former import FormerPassages, FormerSentences
from index.stores.vector_cache import VectorCache, places_missing
from index.types import FloatArray

__all__ = ["CACHE", "FolderVectors"]

CACHE = "embeddings.sqlite"
_WAITING = f"{CACHE}.new"
_LEFT, _LEFT_SHARE = 1_000, 0.1  # vectors that are kept of passages that left: so many, and so many for each passage


class FolderVectors:
    """Implements `KeptVectors` for an index in a folder.

    Args:
        folder: of the index.
        fingerprint: of the embedder.
        dimension: length of its vectors.
        passages: those of the generation before, where they are of this embedder.
        sentences: the same.
    """

    def __init__(
        self,
        folder: Path,
        fingerprint: str,
        dimension: int,
        passages: FormerPassages | None,
        sentences: FormerSentences | None,
    ) -> None:
        self._space = (fingerprint, dimension)
        self._paths = {name: folder / name for name in (_WAITING, CACHE)}
        self._files = dict[str, VectorCache]()
        self._passages, self._sentences = passages, sentences
        for name, path in self._paths.items():
            if path.exists():
                self._open(name)

    @property
    def restarted(self) -> str:
        """Why those that an earlier version kept were lost when they were opened, or `""`."""
        return self._files[CACHE].restarted if CACHE in self._files else ""

    def _open(self, name: str) -> VectorCache:
        if name not in self._files:
            self._files[name] = VectorCache(self._paths[name], *self._space)
        return self._files[name]

    def missing(self, digests: Sequence[bytes], rough: Collection[bytes] = ()) -> list[int]:
        """Return the places of the digests that are not stored; see `KeptVectors.missing`."""
        places = places_missing(digests, ())
        for file in self._files.values():
            places = [places[at] for at in file.missing([digests[place] for place in places], rough)]
        if self._passages is not None:
            places = [places[at] for at in self._passages.missing([digests[place] for place in places])]
        short = [place for place in places if digests[place] in rough]
        if self._sentences is None:
            return places
        lacking = {short[at] for at in self._sentences.missing([digests[place] for place in short])}
        return [place for place in places if place in lacking or digests[place] not in rough]

    def put(self, digests: Sequence[bytes], vectors: FloatArray, rough: Collection[bytes] = ()) -> None:
        """Store vectors, shape (len(digests), dimension), those in `rough` as sentences; they are durable then."""
        self._open(_WAITING).put(digests, vectors, rough)

    def get(self, digests: Sequence[bytes]) -> tuple[FloatArray, list[int]]:
        """Return the vectors, shape (len(digests), dimension), and the places for which there is none."""
        vectors, missing = np.zeros((len(digests), self._space[1]), np.float32), list(range(len(digests)))
        for holder in (*self._files.values(), self._passages, self._sentences):
            if missing and holder is not None:
                found, lacking = holder.get([digests[place] for place in missing])
                vectors[missing] = found
                missing = [missing[at] for at in lacking]
        return vectors, missing

    def keep(self, digests: Sequence[bytes]) -> None:
        """Keep vectors of passages that leave the index, as far as there are any."""
        vectors, missing = self.get(digests)
        found = np.setdiff1d(np.arange(len(digests)), missing)
        if len(found):
            self._open(CACHE).put([digests[place] for place in found], vectors[found])

    def prune(self, needed: Iterable[bytes], count: int) -> None:  # noqa: ARG002 - of the protocol
        """Let go of what waited, which the current generation holds now, and of most that left long ago."""
        self._remove(_WAITING)
        if CACHE in self._files:
            self._files[CACHE].trim(int(_LEFT + _LEFT_SHARE * count))

    def forget_earlier(self) -> None:
        """Let go of what an earlier version kept of passages, which the current generation holds now."""
        self._remove(CACHE)

    def _remove(self, *names: str) -> None:
        for name in names:
            if name in self._files:
                self._files.pop(name).remove()

    def drop_unsound(self) -> None:
        """Drop what is not as it was written."""
        for file in self._files.values():
            file.drop_unsound()

    def restart(self, reason: str) -> None:  # noqa: ARG002 - of the protocol
        """Throw the files away and start anew."""
        self._remove(_WAITING, CACHE)

    def clear(self) -> None:
        """Forget everything; the generation before isn't asked any more."""
        self._remove(_WAITING, CACHE)
        self._passages = self._sentences = None

    def close(self) -> None:
        """Close the files; twice is no error."""
        for file in self._files.values():
            file.close()
