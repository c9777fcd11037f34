"""What has left the files of a generation since they were written, and the rest of them, seen as if it were all.

Files of a generation are never written again. An update of a large index takes them over as they are, notes what left,
and keeps what came in a folder beside them; when that has grown, both become one again.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.disk.files import FileStamp
from index.stores.embedded.arrays import read_array, write_array

__all__ = ["GONE_KEYWORDS", "SINCE", "Gone", "groups", "keys_go_on", "merge", "show_part", "summed"]

SINCE = "since"
"""Folder within a generation for what changed since the rest of it was written."""
GONE_KEYWORDS = "gone"
"""Folder within that one for the keyword index of the passages that left, by which terms are counted."""

_GONE = ("gone_documents.npy", "gone_passages.npy")
_TABLES = ("documents", "passages")
_MANY = 500  # keys in one statement; SQLite allows some thousands
_Value = TypeVar("_Value", int, str)
_NAMED = {"documents": "key", "passages": "document"}


@dataclass(frozen=True, slots=True)
class Gone:
    """What has left the files that a generation has taken over as they were.

    Attributes:
        documents: keys, ascending.
        passages: keys of their passages, ascending.
    """

    documents: NDArray[np.int64]
    passages: NDArray[np.int64]

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read it from the folder of what changed."""
        return cls(*(np.array(read_array(folder / name)) for name in _GONE))

    def write(self, folder: Path) -> dict[str, FileStamp]:
        """Write it there, and return the stamps of the files by name."""
        pairs = zip(_GONE, (self.documents, self.passages), strict=True)
        return {name: write_array(folder / name, keys) for name, keys in pairs}


def show_part(connection: sqlite3.Connection, documents: Sequence[int], *, hidden: bool) -> None:
    """Let a connection see a part only: views of the tables' own names stand before the tables.

    Args:
        connection: of a reader.
        documents: keys of documents.
        hidden: whether these are left out, or all others.
    """
    connection.executescript("PRAGMA temp_store=MEMORY; CREATE TEMP TABLE part (key INTEGER PRIMARY KEY); BEGIN")
    connection.executemany("INSERT INTO part VALUES (?)", ((int(key),) for key in documents))
    connection.execute("COMMIT")
    word = "NOT IN" if hidden else "IN"
    for table, key in _NAMED.items():
        select = f"SELECT * FROM main.{table} WHERE {key} {word} (SELECT key FROM temp.part)"  # noqa: S608 - names of ours
        connection.execute(f"CREATE TEMP VIEW {table} AS {select}")


def keys_go_on(connection: sqlite3.Connection, before: Path) -> None:
    """Let the keys in a file that has no rows yet come after all that were ever given in another.

    Args:
        connection: to the file, which has the tables.
        before: the other file.
    """
    with closing(sqlite3.connect(f"{before.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as earlier:
        last = earlier.execute("SELECT name, seq FROM sqlite_sequence").fetchall()
    connection.executemany("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", last)


def merge(path: Path, since: Path, gone: Sequence[int]) -> None:
    """Bring what changed into a copy of the file that it changed: keys stay as they are.

    Args:
        path: the copy.
        since: file of the documents that came.
        gone: keys of the documents that left.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-65536")
        connection.execute("ATTACH ? AS since", (f"{since.absolute()}",))
        connection.execute("BEGIN")
        for table, key in reversed(_NAMED.items()):
            connection.executemany(f"DELETE FROM {table} WHERE {key} = ?", ((int(each),) for each in gone))  # noqa: S608 - names of ours
        for table in _TABLES:
            connection.execute(f"INSERT INTO main.{table} SELECT * FROM since.{table} ORDER BY key")  # noqa: S608 - names of ours
            last = "(SELECT max(seq) FROM since.sqlite_sequence WHERE name = main.sqlite_sequence.name)"
            connection.execute(f"UPDATE main.sqlite_sequence SET seq = max(seq, {last}) WHERE name = ?", (table,))  # noqa: S608 - names of ours
        connection.execute("COMMIT")


def summed(counts: Iterable[Mapping[str, int]], less: Mapping[str, int] | None = None) -> dict[str, int]:
    """Return the sums of counts by name without those in `less`, most first; what comes to nothing is left out."""
    total = Counter[str]()
    for each in counts:
        total.update(each)
    total.subtract(less or {})
    return dict(sorted(((name, count) for name, count in total.items() if count), key=lambda pair: (-pair[1], pair[0])))


def groups(values: Sequence[_Value]) -> Iterator[tuple[list[_Value], str]]:
    """Go through values in groups that one statement takes, each with as many question marks."""
    for at in range(0, len(values), _MANY):
        some = list(values[at : at + _MANY])
        yield some, ", ".join("?" * len(some))
