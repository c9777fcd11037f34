"""Where the tables of an index come from: which generations they went through, and which shard of an index they are.

A replica that takes its primary's place may lack the last generation, and give its number to another one. What was read
of a generation holds for a later one only where that came from it, which this record shows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from index.errors import IndexIncompatibleError
from index.locations import Database
from index.stores.postgres.connection import Connection
from index.stores.postgres.tables.pointer import Pointer

__all__ = ["ONLY", "Lineage", "Shard", "check_shard", "read_lineage", "write_lineage"]

Shard: TypeAlias = tuple[int, int]
"""Number of a shard, from 0, and how many there are."""
ONLY: Shard = (0, 1)

_NAME = "lineage"
_MOST = 200  # generations; who read an older one reads anew


@dataclass(frozen=True, slots=True)
class Lineage:
    """The record of one generation.

    Attributes:
        names: of the generations (`Pointer.name`) that the same tables held before it, and its own.
        shard: of the index that it belongs to.
    """

    names: frozenset[tuple[int, int]]
    shard: Shard = ONLY


def read_lineage(ask: Callable[[str], Sequence[tuple[Any, ...]]], pointer: Pointer) -> Lineage:
    """Return the record of a generation; only itself where none was written."""
    rows = ask(f"SELECT content FROM babelquote_parts WHERE name = '{_NAME}'")
    if not rows:
        return Lineage(frozenset([pointer.name]))
    number, count = json.loads(rows[0][0]).get("shard", ONLY)
    return Lineage(frozenset([*_names(rows[0][0], pointer.epoch), pointer.name]), (number, count))


def write_lineage(connection: Connection, pointer: Pointer, shard: Shard = ONLY) -> None:
    """Add a generation to the record; new tables begin a new one."""
    row = connection.execute(b"SELECT content FROM babelquote_parts WHERE name = %s", (_NAME,)).fetchone()
    names = [*(_names(row[0], pointer.epoch) if row else ()), pointer.name][-_MOST:]
    content = json.dumps({"epoch": pointer.epoch, "names": names, "shard": shard}).encode()
    connection.execute(
        b"INSERT INTO babelquote_parts VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET content = excluded.content",
        (_NAME, content),
    )


def check_shard(location: Database, lineage: Lineage, named: Shard) -> None:
    """Refuse a shard that was named as another one, or alone.

    Raises:
        IndexIncompatibleError: says which shard of how many it is.
    """
    if lineage.shard != named:
        (number, count), (named_number, of) = lineage.shard, named
        what = f"is shard {number + 1} of {count}" if count > 1 else "is a whole index and no shard"
        fix = "name all shards in the order they were built in, with blanks between their addresses"
        raise IndexIncompatibleError(f"{location}: {what}, and was named as {named_number + 1} of {of}", fix)


def _names(content: bytes, epoch: int) -> list[tuple[int, int]]:
    note = json.loads(content)
    return [(number, started) for number, started in note["names"]] if note["epoch"] == epoch else []
