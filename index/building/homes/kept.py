"""The vectors that an index in a folder keeps: in its generation, as the embedder gave them, and nowhere else.

Until a generation holds those of a build, they wait in a file that is gone afterwards. Up to layout 5 those of passages
lay in a file of their own once more; it is read until a generation holds them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from index.stores.embedded.former import FormerPassages, FormerSentences
from index.stores.vector_cache import VectorCache, places_missing
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
        former: passages and sentences of the generation before, where they are of this embedder.
    """

    def __init__(
        self, folder: Path, fingerprint: str, dimension: int, former: tuple[FormerPassages, FormerSentences] | None
    ) -> None:
        self._space = (fingerprint, dimension)
        self._paths = {name: folder / name for name in (_WAITING, CACHE)}
        self._files = dict[str, VectorCache]()
        self._former = former
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
        if self._former is None:
            return places
        passages, sentences = self._former
        places = [places[at] for at in passages.missing([digests[place] for place in places])]
        short = [place for place in places if digests[place] in rough]
        lacking = {short[at] for at in sentences.missing([digests[place] for place in short])}
        return [place for place in places if place in lacking or digests[place] not in rough]

    def put(self, digests: Sequence[bytes], vectors: FloatArray, rough: Collection[bytes] = ()) -> None:
        """Store vectors, shape (len(digests), dimension), those in `rough` as sentences; they are durable then."""
        self._open(_WAITING).put(digests, vectors, rough)

    def get(self, digests: Sequence[bytes]) -> tuple[FloatArray, list[int]]:
        """Return the vectors, shape (len(digests), dimension), and the places for which there is none."""
        first, *others = [*self._files.values(), *(self._former or ())] or [self._open(_WAITING)]
        vectors, missing = first.get(digests)
        for holder in others:
            if missing:
                found, lacking = holder.get([digests[place] for place in missing])
                vectors[missing] = found
                missing = [missing[at] for at in lacking]
        return vectors, missing

    def prune(self, needed: Iterable[bytes], count: int) -> None:  # noqa: ARG002 - of the protocol
        """Let go of all that waited: the current generation holds it now."""
        self._remove()

    def _remove(self) -> None:
        for file in self._files.values():
            file.remove()
        self._files.clear()

    def drop_unsound(self) -> None:
        """Drop what is not as it was written."""
        for file in self._files.values():
            file.drop_unsound()

    def restart(self, reason: str) -> None:  # noqa: ARG002 - of the protocol
        """Throw the files away and start anew."""
        self._remove()

    def clear(self) -> None:
        """Forget everything; the generation before isn't asked any more."""
        self._remove()
        self._former = None

    def close(self) -> None:
        """Close the files; twice is no error."""
        for file in self._files.values():
            file.close()
