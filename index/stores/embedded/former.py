"""The vectors of a finished generation by what their texts are known by, for the build of the next one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.stores.embedded.parts import SINCE
from index.stores.embedded.records import Records
from index.stores.embedded.vectors.quantized import Quantized
from index.stores.embedded.vectors.twelve_bits import Rows, values_of
from index.stores.embedded.writing import DOCUMENTS, SENTENCES, VECTORS
from index.stores.rows import DIGEST_SIZE
from index.types import FloatArray

__all__ = ["Former", "FormerPassages", "FormerSentences"]

_SCANS, _FEW = 8, 100  # so often a hundredth of all digests is looked for without sorting them: an update of a document


class _Raw(Protocol):
    """Rows of vectors that can be had as the embedder gave them."""

    def raw(self, rows: NDArray[np.int64]) -> FloatArray:
        """Return some rows, shape (len(rows), dimension)."""
        ...


class Former(ABC):
    """Looks for vectors in a generation that holds them as the embedder gave them.

    Args:
        folder: of the generation.
        dimension: of a vector.
        check: called before the first vector is read; raises where a file that holds them is damaged.
    """

    def __init__(self, folder: Path, dimension: int, check: Callable[[], None] = lambda: None) -> None:
        self._dimension = dimension
        self._folders = [each for each in (folder, folder / SINCE) if (each / DOCUMENTS).exists()]
        self._check: Callable[[], None] | None = check

    @abstractmethod
    def _part_of(self, folder: Path) -> _Part | None:
        """Open the vectors of a folder; `None` where they don't lie as the embedder gave them."""

    @cached_property
    def _parts(self) -> list[_Part]:
        found = map(self._part_of, self._folders)
        return [part for part in found if part is not None]

    def places(self, digests: Sequence[bytes]) -> NDArray[np.int64]:
        """Return for each digest where its vector is: a row of all parts one behind the other, -1 for none."""
        found = np.full(len(digests), -1, np.int64)
        if len(digests):
            first = 0
            for part in self._parts:
                rows = part.rows_of(digests)
                found = np.where(rows >= 0, rows + first, found)
                first += len(part)
        return found

    def missing(self, digests: Sequence[bytes]) -> list[int]:
        """Return the places of the digests whose vector isn't here."""
        return np.flatnonzero(self.places(digests) < 0).tolist()

    def get(self, digests: Sequence[bytes]) -> tuple[FloatArray, list[int]]:
        """Return the vectors, shape (len(digests), dimension), and the places for which there is none."""
        places, vectors = self.places(digests), np.zeros((len(digests), self._dimension), np.float32)
        first, held = 0, bool((places >= 0).any())
        if held and self._check is not None:  # only now: most updates take no vector, and large files are read whole
            self._check()
            self._check = None
        for part in self._parts if held else []:
            here = np.flatnonzero((places >= first) & (places < first + len(part)))
            vectors[here] = part.vectors.raw(places[here] - first)
            first += len(part)
        return vectors, np.flatnonzero(places < 0).tolist()


class FormerSentences(Former):
    """Those of sentences."""

    def _part_of(self, folder: Path) -> _Part | None:
        vectors = Quantized(folder / SENTENCES)
        if vectors.centres is None:
            return None
        with closing(Records(folder / DOCUMENTS)) as records:
            digests = _numbers(b"".join(records.sentence_digests()))
        return _Part(vectors, digests) if len(digests) == vectors.starts[-1] else None


class FormerPassages(Former):
    """Those of passages."""

    def _part_of(self, folder: Path) -> _Part | None:
        path = folder / VECTORS
        if not values_of(path).exists():
            return None
        vectors = Rows(path)
        if vectors.shifts is None:
            return None
        with closing(Records(folder / DOCUMENTS)) as records:
            digests = _numbers(b"".join(records.passage_digests()))
        return _Part(vectors, digests) if len(digests) == len(vectors) else None


class _Part:
    """The vectors of one folder, and their digests, shape (n, 2); sorted when they are asked for often."""

    def __init__(self, vectors: _Raw, digests: NDArray[np.uint64]) -> None:
        self.vectors = vectors
        self._digests = digests
        self._asked = 0

    @cached_property
    def _order(self) -> NDArray[np.int64]:
        return np.argsort(self._digests[:, 0], kind="stable")

    @cached_property
    def _sorted(self) -> NDArray[np.uint64]:
        first: NDArray[np.uint64] = self._digests[self._order, 0]
        return first

    def rows_of(self, digests: Sequence[bytes]) -> NDArray[np.int64]:
        """Return the row of each digest, -1 for those that aren't here."""
        if not len(self):
            return np.full(len(digests), -1, np.int64)
        wanted = _numbers(b"".join(digests))
        self._asked += 1
        few = self._asked <= _SCANS and len(wanted) * _FEW < len(self)
        rows = self._scanned(wanted[:, 0]) if few else self._looked_up(wanted[:, 0])
        return np.where((self._digests[rows] == wanted).all(axis=1), rows, -1)

    def _looked_up(self, wanted: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return a row that begins as each digest does, or any."""
        return self._order[np.minimum(np.searchsorted(self._sorted, wanted), len(self) - 1)]

    def _scanned(self, wanted: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return the same by going through all, which takes a fifth of the time of sorting them."""
        different, place = np.unique(wanted, return_inverse=True)
        rows, first = np.zeros(len(different), np.int64), self._digests[:, 0]
        at = np.minimum(np.searchsorted(different, first), len(different) - 1)
        hits = np.flatnonzero(different[at] == first)
        rows[at[hits]] = hits
        return rows[place]

    def __len__(self) -> int:
        return len(self._digests)


def _numbers(joined: bytes) -> NDArray[np.uint64]:
    """Return digests that stand one behind the other as pairs of numbers, shape (n, 2)."""
    return np.frombuffer(joined, "<u8").reshape(-1, DIGEST_SIZE // 8)
