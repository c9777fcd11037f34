"""What the alignment of a generation subtracts from the vectors of each language, as it lies beside them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from index.disk.files import DurableFile, FileStamp
from index.errors import IndexDamagedError
from index.types import FloatArray

__all__ = ["Shifts", "Slab"]

_READY = "*"  # no language has this code


@dataclass(frozen=True, slots=True)
class Slab:
    """Some vectors as the embedder gave them.

    Attributes:
        vectors: float32, shape (n, dimension).
        languages: rows of `Shifts`, shape (n,).
    """

    vectors: FloatArray
    languages: NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class Shifts:
    """What is subtracted from vectors, by language; what is left of them is compared by its direction.

    Attributes:
        names: BCP 47 codes.
        rows: of each, float32, shape (languages, dimension).
    """

    names: tuple[str, ...]
    rows: FloatArray

    @classmethod
    def none(cls, dimension: int) -> Self:
        """Return what leaves vectors as they are, their lengths too, under one name for all."""
        return cls((_READY,), np.zeros((1, dimension), np.float32))

    @property
    def is_none(self) -> bool:
        """Whether vectors are compared just as they are."""
        return self.names == (_READY,)

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Read those that lie beside a file of vectors; `None` where there are none.

        Raises:
            IndexDamagedError: the file is something else.
        """
        beside = _file_of(path)
        if not beside.exists():
            return None
        try:
            with np.load(beside, allow_pickle=False) as stored:
                return cls(tuple(stored["names"].tolist()), stored["rows"])
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise IndexDamagedError(f"{beside}: can't be read ({error})", "rebuild with `rag index`") from error

    def write(self, path: Path) -> dict[str, FileStamp]:
        """Write them beside a file of vectors, and return the stamp of their file by its name."""
        content, beside = io.BytesIO(), _file_of(path)
        np.savez(content, names=np.array(self.names, np.str_), rows=self.rows)
        with DurableFile(beside) as file:
            file.write(content.getvalue())
        return {beside.name: file.stamp()}

    def with_languages(self, languages: Sequence[str], subtracted: Callable[[Sequence[str]], FloatArray]) -> Self:
        """Return these and those of further languages behind them.

        Args:
            languages: that are to be there.
            subtracted: gives what is subtracted from each of some.
        """
        further = [language for language in languages if language not in self.names]
        if not further:
            return self
        return type(self)((*self.names, *further), np.concatenate([self.rows, subtracted(further)]))

    def places(self, languages: Sequence[str]) -> NDArray[np.int64]:
        """Return the row of each language."""
        row_of = {name: row for row, name in enumerate(self.names)}
        return np.fromiter((row_of[language] for language in languages), np.int64, len(languages))

    def aligned(self, slab: Slab) -> FloatArray:
        """Return vectors as they are compared, shape (n, dimension)."""
        if self.is_none:
            return slab.vectors
        found: FloatArray = slab.vectors - self.rows[slab.languages]
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        found /= np.where(lengths > 0, lengths, 1)
        return found


def _file_of(path: Path) -> Path:
    return path.with_name(f"{path.stem}_shifts.npz")
