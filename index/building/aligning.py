"""Fits the language alignment of an index to its own vectors, and keeps it until the corpus has moved.

An alignment that is fitted again moves every vector of an index by a trifle and so has all of them written again. The
mean vector of each language therefore is kept as a sum and a count: an update adds what is new, takes out what left,
and knows exactly what alignment the corpus would get now. The one it has stays while no language vector would move by
more than `TOLERANCE`.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from index.disk.manifest import ALIGNMENT, MEANS
from index.embedders.alignment.language_means import Means
from index.embedders.alignment.vectors import Alignment
from index.errors import StoreError
from index.language.codes import UNKNOWN, canonical
from index.stores.base import KeptVectors
from index.types import FloatArray

__all__ = ["TOLERANCE", "Aligned", "Corpus", "CorpusMeans", "Former", "Rows", "align"]

TOLERANCE = 0.01
"""How far, in vectors of length 1, a language vector may be from where the corpus has it now."""

_MOST = 100_000  # vectors that are looked at; the means of the languages need no more
_SLAB = 4096  # vectors in memory at once
_GROWN = 2  # an index that has so many times the passages it was fitted to is written anew: its inverted file, too

Rows: TypeAlias = Iterable[tuple[int, bytes, str]]
"""(key, digest, language) of passages."""


@dataclass(slots=True)
class CorpusMeans:
    """The mean vector of each language, in a form that can be kept up to date.

    Attributes:
        step: passages whose key it divides are counted: an even sample of a large index, all of a small one.
        fitted: passages of the index when its alignment was fitted.
        sums: language → sum of the vectors of its passages, float64, shape (dimension,), and how many these are.
    """

    step: int
    fitted: int
    sums: dict[str, tuple[NDArray[np.float64], int]] = field(default_factory=dict)

    def add(self, rows: Rows, cache: KeptVectors, sign: int = 1) -> bool:
        """Count passages, or with `sign` -1 take them out; returns whether the cache had all of their vectors."""
        chosen = (row[1:] for row in rows if row[0] % self.step == 0)
        whole = True
        while some := list(islice(chosen, _SLAB)):
            digests, languages = zip(*some, strict=True)
            vectors, missing = cache.get(digests)
            known = np.ones(len(digests), bool)
            known[missing] = False
            self._count(vectors[known], [each for each, sound in zip(languages, known, strict=True) if sound], sign)
            whole = whole and not missing
        return whole

    def _count(self, vectors: FloatArray, languages: Sequence[str], sign: int) -> None:
        """Add up: without rounding, since the cache gives half precision, so that no order of updates matters."""
        codes = np.array([canonical(language) for language in languages], np.str_)
        for code in set(codes.tolist()) - {UNKNOWN}:
            chosen = codes == code
            before, known = self.sums.get(code, (np.zeros(vectors.shape[1]), 0))
            total = before + sign * vectors[chosen].sum(axis=0, dtype=np.float64)
            self.sums[code] = total, known + sign * int(chosen.sum())

    def means(self) -> Means:
        """Return the means of the languages that have passages."""
        found = {name: (total, count) for name, (total, count) in sorted(self.sums.items()) if count > 0}
        return {name: ((total / count).astype(np.float32), count) for name, (total, count) in found.items()}

    def save(self, target: Path | BinaryIO) -> None:
        """Write them as a NumPy archive."""
        if isinstance(target, Path):
            with target.open("wb") as file:
                self.save(file)
            return
        names = sorted(self.sums)
        np.savez(
            target,
            about=np.array([self.step, self.fitted]),
            languages=np.array(names, np.str_),
            sums=np.array([self.sums[name][0] for name in names]),
            counts=np.array([self.sums[name][1] for name in names], np.int64),
        )

    @classmethod
    def load(cls, path: Path | BinaryIO) -> CorpusMeans:
        """Read what `save` wrote; raises `StoreError` when it isn't there or is something else."""
        try:
            with np.load(path, allow_pickle=False) as stored:
                step, fitted = map(int, stored["about"])
                rows = zip(stored["languages"].tolist(), stored["sums"], stored["counts"].tolist(), strict=True)
                return cls(step, fitted, {name: (total, count) for name, total, count in rows})
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise StoreError(f"{path}: can't be read ({error})", "run `rag index` to write it again") from error


@dataclass(frozen=True, slots=True)
class Aligned:
    """The alignment of a new generation.

    Attributes:
        alignment: it.
        means: of the corpus as it is now.
        kept: whether it subtracts what that of the generation before does, so that its vectors can stay.
    """

    alignment: Alignment
    means: CorpusMeans
    kept: bool


class Corpus(Protocol):
    """The passages of a generation, as fitting looks at them."""

    def totals(self) -> tuple[int, int, int]:
        """Return the numbers of documents, passages and sentences."""
        ...

    def embedded(self) -> Rows:
        """Go through all passages by ascending key."""
        ...


class Former(Protocol):
    """The generation that another one started from."""

    def changes(self) -> tuple[Rows, Rows]:
        """Return the passages that left since, and those that came."""
        ...

    def part(self, name: str) -> Path | BinaryIO:
        """Return its `ALIGNMENT` or its `MEANS`; raises `StoreError` where it has none."""
        ...


def align(fingerprint: str, cache: KeptVectors, records: Corpus, before: Former | None, dimension: int) -> Aligned:
    """Return the alignment of a generation: that of the one before while it fits, else one fitted anew.

    Args:
        fingerprint: of the embedder.
        cache: holds the raw vectors.
        records: the documents of the new generation.
        before: the generation that it started from; `None` when its vectors are not to be used.
        dimension: of a vector.
    """
    _, count, _ = records.totals()
    step = -(-count // _MOST) or 1
    means = None if before is None else _updated(cache, before, step)
    if means is None or before is None:
        means = CorpusMeans(step, count)
        means.add(records.embedded(), cache)
        return Aligned(Alignment.of_means(fingerprint, means.means(), dimension), means, kept=False)
    fresh = Alignment.of_means(fingerprint, means.means(), dimension)
    stored = Alignment.load(before.part(ALIGNMENT), fingerprint)
    moved = _distance(stored, fresh)
    if moved <= TOLERANCE and count <= _GROWN * means.fitted:
        subtracted = {name: getattr(stored, name) for name in ("queries", "passages", "sentences")} if moved else {}
        return Aligned(replace(fresh, **subtracted), means, kept=True)
    return Aligned(fresh, replace(means, fitted=count), kept=False)


def _updated(cache: KeptVectors, before: Former, step: int) -> CorpusMeans | None:
    """Return the means of the generation before, brought up to date; `None` where they have to be made anew."""
    try:
        means = CorpusMeans.load(before.part(MEANS))
    except StoreError:  # that generation was written by an earlier version of this program
        return None
    left, came = before.changes()
    whole = means.step == step and means.add(left, cache, -1)
    return means if whole and means.add(came, cache) else None


def _distance(one: Alignment, other: Alignment) -> float:
    """Return how far the language vector that moved most has moved."""
    if one.languages != other.languages:
        return np.inf
    moved = one.passages.astype(np.float32) - other.passages.astype(np.float32)
    return float(np.linalg.norm(moved, axis=1).max(initial=0.0))
