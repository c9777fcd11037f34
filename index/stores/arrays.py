"""Plain `.npy` files: written piece by piece, synced and stamped; read by memory map, never with pickle."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from index import files
from index.errors import IndexDamagedError
from index.files import FileStamp

__all__ = ["read_array", "write_array", "write_arrays"]


def write_array(path: Path, array: NDArray[Any]) -> FileStamp:
    """Write one array."""
    return write_arrays(path, [array], array.dtype, array.shape)


def write_arrays(path: Path, pieces: Iterable[NDArray[Any]], dtype: DTypeLike, shape: tuple[int, ...]) -> FileStamp:
    """Write an array of the given shape from its pieces, which follow one another along the first axis."""
    header = io.BytesIO()
    kind = np.dtype(dtype)
    np.lib.format.write_array_header_2_0(
        header, {"descr": np.lib.format.dtype_to_descr(kind), "fortran_order": False, "shape": shape}
    )
    with files.DurableFile(path) as file:
        file.write(header.getvalue())
        start = file.size
        for piece in pieces:
            if piece.size:
                file.write(np.ascontiguousarray(piece, dtype=kind).data)
        expected = kind.itemsize * int(np.prod(shape, dtype=np.int64))
        assert file.size - start == expected, f"{path.name}: the pieces do not add up to {shape}"
    return file.stamp()


def read_array(path: Path) -> NDArray[Any]:
    """Open an array by memory map.

    Raises:
        IndexDamagedError: the file is no array, or shorter than it says.
    """
    try:
        found: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise IndexDamagedError(f"{path}: can't be read as an array ({error}); rebuild with `rag index`") from error
    return found
