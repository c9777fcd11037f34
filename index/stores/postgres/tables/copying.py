"""Rows in PostgreSQL's binary form, made from arrays: a vector costs no Python object.

The format is that of COPY … (FORMAT BINARY) in PostgreSQL's manual; a `halfvec` is its dimension, a zero, and its
values in half precision, all big-endian.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from index.stores.postgres.connection import Connection
from index.types import FloatArray

__all__ = ["copy_embeddings", "copy_postings", "copy_rows", "read_halves"]

_HEAD, _TAIL = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"


def copy_rows(connection: Connection, table: str, columns: str, rows: Iterable[Sequence[object]]) -> None:
    """Put rows into a table."""
    with connection.cursor().copy(f"COPY {table} ({columns}) FROM STDIN".encode()) as copy:
        for row in rows:
            copy.write_row(row)


def copy_postings(connection: Connection, table: str, rows: Iterable[tuple[int, int, bytes]]) -> None:
    """Put rows of terms into a table."""
    with connection.cursor().copy(f"COPY {table} (term, segment, packed) FROM STDIN (FORMAT BINARY)".encode()) as copy:
        copy.set_types(["int8", "int4", "bytea"])
        for row in rows:
            copy.write_row(row)


def copy_embeddings(connection: Connection, table: str, slabs: Iterable[tuple[Sequence[int], FloatArray]]) -> int:
    """Put vectors with their keys into a table and return how many; a slab has shape (len(keys), dimension)."""
    count = 0
    with connection.cursor().copy(f"COPY {table} (key, embedding) FROM STDIN (FORMAT BINARY)".encode()) as copy:
        copy.write(_HEAD)
        for keys, rows in slabs:
            copy.write(_binary(np.array(keys, np.int32), rows))
            count += len(keys)
        copy.write(_TAIL)
    return count


def _binary(keys: NDArray[np.int32], rows: FloatArray) -> bytes:
    dimension = rows.shape[1]
    layout = [
        ("fields", ">i2"), ("key_bytes", ">i4"), ("key", ">i4"), ("vector_bytes", ">i4"), ("dimension", ">i2"),
        ("unused", ">i2"), ("values", ">f2", (dimension,)),
    ]  # fmt: skip
    found = np.zeros(len(keys), layout)
    found["fields"], found["key_bytes"], found["key"] = 2, 4, keys
    found["vector_bytes"], found["dimension"], found["values"] = 4 + 2 * dimension, dimension, rows
    return found.tobytes()


def read_halves(values: Iterable[bytes], dimension: int) -> FloatArray:
    """Return vectors as the server sent them in binary, shape (n, dimension)."""
    joined = b"".join(value[4:] for value in values)
    return np.frombuffer(joined, ">f2").reshape(-1, dimension).astype(np.float32)
