"""Files of numbers, mostly `.npy`: written piece by piece, synced, stamped; read by memory map, never with pickle."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from index.disk.files import DurableFile, FileStamp
from index.errors import IndexDamagedError, StoreError

__all__ = ["ArrayFile", "read_array", "read_plain", "write_array", "write_arrays"]


class ArrayFile(DurableFile):
    """A `.npy` file whose shape is known before its content; its pieces follow one another along the first axis."""

    def __init__(self, path: Path, dtype: DTypeLike, shape: tuple[int, ...]) -> None:
        super().__init__(path)
        self._kind = np.dtype(dtype)
        header = io.BytesIO()
        about = {"descr": np.lib.format.dtype_to_descr(self._kind), "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_2_0(header, about)
        self.write(header.getvalue())
        self._expected = self.size + self._kind.itemsize * int(np.prod(shape, dtype=np.int64))

    def append(self, piece: NDArray[Any]) -> None:
        """Write the next piece."""
        if piece.size:
            self.write(np.ascontiguousarray(piece, dtype=self._kind).data)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        super().__exit__(kind, error, at)
        if kind is None and self.size != self._expected:
            raise StoreError(f"{self.path}: {self.size} bytes came instead of {self._expected}; nothing was switched")


def write_array(path: Path, array: NDArray[Any]) -> FileStamp:
    """Write one array."""
    return write_arrays(path, [array], array.dtype, array.shape)


def write_arrays(path: Path, pieces: Iterable[NDArray[Any]], dtype: DTypeLike, shape: tuple[int, ...]) -> FileStamp:
    """Write an array of the given shape from its pieces, which follow one another along the first axis."""
    with ArrayFile(path, dtype, shape) as file:
        for piece in pieces:
            file.append(piece)
    return file.stamp()


def read_array(path: Path) -> NDArray[Any]:
    """Open an array by memory map.

    Raises:
        IndexDamagedError: the file is no array, or shorter than it says.
    """
    try:
        found: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise IndexDamagedError(f"{path}: can't be read as an array ({error})", "rebuild with `rag index`") from error
    return found


def read_plain(path: Path, kind: DTypeLike) -> NDArray[Any]:
    """Open a file of nothing but numbers by memory map.

    Raises:
        IndexDamagedError: it can't be read, or its length fits no such numbers.
    """
    try:
        if not path.stat().st_size:
            return np.empty(0, kind)  # what is empty can't be mapped
        return np.asarray(np.memmap(path, np.dtype(kind), mode="r"))
    except (OSError, ValueError) as error:
        raise IndexDamagedError(f"{path}: can't be read ({error})", "rebuild with `rag index`") from error
