"""What an index has beside its tables of documents: manifest, alignment, and the record of every source."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from io import BytesIO
from typing import Any

from index.disk.ledger import Ledger, SourceRecord, record_fields, record_of
from index.disk.manifest import Manifest, manifest_from
from index.errors import IndexDamagedError, IndexMissingError
from index.locations import Database
from index.stores.postgres.connection import Connection

__all__ = ["Part", "read_ledger", "read_manifest", "read_part", "write_ledger", "write_part"]

Ask = Callable[[str], Sequence[tuple[Any, ...]]]
"""statement → all its rows, in their binary form."""


class Part(BytesIO):
    """The bytes of a part, which messages name by where they come from."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self._named = name

    def __str__(self) -> str:
        return self._named


def read_manifest(location: Database, ask: Ask) -> Manifest:
    """Return the manifest of the current generation.

    Raises:
        IndexMissingError: there is none.
        IndexDamagedError: it is not what was written.
    """
    rows = ask("SELECT manifest FROM babelquote_index")
    if not rows:
        raise IndexMissingError(f"{location}: there is no index yet", "build one with `rag index`")
    return manifest_from(str(location), rows[0][0])


def read_part(location: Database, ask: Ask, name: str) -> Part:
    """Return a part.

    Raises:
        IndexDamagedError: it is not there.
    """
    assert name.isascii()
    rows = ask(f"SELECT content FROM babelquote_parts WHERE name = '{name}'")
    if not rows:
        raise IndexDamagedError(f"{location}: has no {name}", "rebuild with `rag index --rebuild`")
    return Part(rows[0][0], f"{location} ({name})")


def write_part(connection: Connection, name: str, save: Callable[[BytesIO], None]) -> None:
    """Write a part in place of the former one, from what saves it into a file."""
    content = BytesIO()
    save(content)
    connection.execute(
        b"INSERT INTO babelquote_parts VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET content = excluded.content",
        (name, content.getvalue()),
    )


def read_ledger(location: Database, ask: Ask) -> Ledger:
    """Return what became of every source.

    Raises:
        IndexDamagedError: it is not what was written.
    """
    try:
        records = [record_of(json.loads(content)) for (content,) in ask("SELECT record FROM babelquote_sources")]
        ((started_ns, left_out),) = ask("SELECT started_ns, left_out FROM babelquote_index")
        pairs = tuple((source, reason) for source, reason in json.loads(left_out))
    except (ValueError, KeyError, TypeError) as error:
        problem = f"{location}: the record of its sources can't be read ({error})"
        raise IndexDamagedError(problem, "rebuild with `rag index --rebuild`") from error
    return Ledger(tuple(sorted(records, key=lambda each: each.source)), pairs, started_ns)


def write_ledger(connection: Connection, before: Ledger | None, now: Ledger) -> None:
    """Write what changed since an earlier record of the sources; all of it where that can't be trusted (`None`)."""
    known: Mapping[str, SourceRecord] = {each.source: each for each in before.files} if before else {}
    if before is None:
        connection.execute(b"DELETE FROM babelquote_sources")
    changed = [each for each in now.files if known.get(each.source) != each]
    gone = known.keys() - {each.source for each in now.files}
    with connection.cursor() as cursor:
        cursor.execute(b"DELETE FROM babelquote_sources WHERE digest = ANY(%s)", ([*map(_digest, gone)],))
        cursor.executemany(
            b"INSERT INTO babelquote_sources VALUES (%s, %s) "
            b"ON CONFLICT (digest) DO UPDATE SET record = excluded.record",
            [(_digest(each.source), json.dumps(record_fields(each)).encode()) for each in changed],
        )


def _digest(source: str) -> bytes:
    return sha256(source.encode("utf-8", "surrogatepass")).digest()
