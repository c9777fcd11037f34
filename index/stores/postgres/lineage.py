"""Which generations the tables of an index went through.

A replica that takes its primary's place may lack the last generation, and give its number to another one. What was read
of a generation holds for a later one only where that came from it, and this record tells.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from index.stores.postgres.connection import Connection
from index.stores.postgres.pointer import Pointer

__all__ = ["Lineage", "read_lineage", "write_lineage"]

Lineage = frozenset[tuple[int, int]]
"""Names of generations (`Pointer.name`) that the same tables held before the current one, and its own."""

_NAME = "lineage"
_MOST = 200  # generations; who read an older one reads anew


def read_lineage(ask: Callable[[str], Sequence[tuple[Any, ...]]], pointer: Pointer) -> Lineage:
    """Return the record of a generation; only itself where none was written."""
    rows = ask(f"SELECT content FROM babelquote_parts WHERE name = '{_NAME}'")
    return frozenset([*(_names(rows[0][0], pointer.epoch) if rows else ()), pointer.name])


def write_lineage(connection: Connection, pointer: Pointer) -> None:
    """Add a generation to the record; new tables begin a new one."""
    row = connection.execute(b"SELECT content FROM babelquote_parts WHERE name = %s", (_NAME,)).fetchone()
    names = [*(_names(row[0], pointer.epoch) if row else ()), pointer.name][-_MOST:]
    content = json.dumps({"epoch": pointer.epoch, "names": names}).encode()
    connection.execute(
        b"INSERT INTO babelquote_parts VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET content = excluded.content",
        (_NAME, content),
    )


def _names(content: bytes, epoch: int) -> list[tuple[int, int]]:
    told = json.loads(content)
    return [(number, started) for number, started in told["names"]] if told["epoch"] == epoch else []
