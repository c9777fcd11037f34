"""What there is to say about an index in PostgreSQL: its manifest, its sources, its size, whether it is whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from index.building.versions import check_readable
from index.disk.ledger import Ledger
from index.disk.manifest import Manifest
from index.errors import IndexDamagedError, IndexMissingError
from index.locations import Database
from index.stores.postgres.connection import check_versions, connect
from index.stores.postgres.parts import read_ledger, read_manifest
from index.stores.postgres.searching.records import Records
from index.stores.postgres.searching.snapshot import Snapshot
from index.stores.postgres.tables.pointer import Pointer, Search
from index.stores.recall import low_recall, recall_line

__all__ = [
    "facts_of",
    "generation_of",
    "listed_of",
    "manifest_of_database",
    "problems_of",
    "recall_problem",
    "search_line",
]


@contextmanager
def _looking(location: Database) -> Iterator[Snapshot]:
    """Give a snapshot of the current generation."""
    connection = connect(location)
    try:
        check_versions(location, connection)
        yield Snapshot(location, connection)
    finally:
        connection.close()


def manifest_of_database(location: Database) -> Manifest:
    """Return the manifest of the current generation."""
    with _looking(location) as snapshot:
        return read_manifest(location, snapshot.rows)


def generation_of(location: Database) -> int:
    """Return a number that each generation has for itself, 0 where there is none."""
    try:
        with _looking(location) as snapshot:
            return sum(snapshot.pointer.name)
    except IndexMissingError:
        return 0


def facts_of(location: Database) -> tuple[Manifest, Ledger, Pointer, int]:
    """Return manifest, record of the sources, pointer, and the bytes of all tables of the index with their indexes."""
    with _looking(location) as snapshot:
        size = (
            "SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class WHERE relkind = 'r' "
            "AND relnamespace = current_schema()::regnamespace AND relname ~ '^babelquote_'"
        )
        ((total,),) = snapshot.rows(size)
        ask = snapshot.rows
        return read_manifest(location, ask), read_ledger(location, ask), snapshot.pointer, int(total)


def listed_of(location: Database) -> tuple[Manifest, Ledger, list[tuple[str, str, str, str, str, int]]]:
    """Return manifest, record of the sources, and (id, title, source, language, date, passages) of all documents."""
    with _looking(location) as snapshot:
        records = Records(location, snapshot.rows, snapshot.pointer.tables)
        return read_manifest(location, snapshot.rows), read_ledger(location, snapshot.rows), records.listed()


def search_line(search: Search) -> str:
    """Return for people how vectors are searched and what that finds."""
    if not search.method:
        return "exact: every vector is looked at"
    way = f"{search.method}, effort {search.effort}" if search.effort else search.method
    return recall_line(way, search.recall, search.measured)


def recall_problem(search: Search) -> tuple[str, str] | None:
    """Return what is wrong with an index that finds too little, and what to do about it."""
    fix = "run `rag index --rebuild`; if that does not help, RAG_VECTOR_INDEX=none looks at every vector"
    return low_recall(search.recall, fix)


def problems_of(location: Database) -> tuple[str, ...]:
    """Compare what is stored with itself, all of it, and return a sentence for each thing that does not hold."""
    with _looking(location) as snapshot:
        check_readable(location, read_manifest(location, snapshot.rows))
        try:
            return tuple(f"{location}: {problem}; {_REBUILD}" for problem in _unsound(snapshot))
        except (IndexDamagedError, UnicodeDecodeError) as error:
            return (f"{location}: {error}; {_REBUILD}",)


_REBUILD = "rebuild with `rag index --rebuild`"


def _unsound(snapshot: Snapshot) -> Iterator[str]:
    pointer, records = snapshot.pointer, Records(snapshot.location, snapshot.rows, snapshot.pointer.tables)
    counts = (
        "(SELECT count(*) FROM {documents}), (SELECT count(*) FROM {passages}), (SELECT count(*) FROM {embeddings})"
    )
    ((documents, passages, vectors),) = snapshot.rows(pointer.tables.fill(f"SELECT {counts}"))
    if (documents, passages, vectors) != (pointer.documents, pointer.passages, pointer.passages):
        wanted = f"{pointer.documents} documents and {pointer.passages} passages"
        yield f"{documents} documents, {passages} passages and {vectors} vectors are stored instead of {wanted}"
    cut = 'SELECT p.start, p."end", p.text FROM {passages} p JOIN {documents} d ON d.key = p.document WHERE d.id = %s'
    for name in records.document_ids():
        text = records.document(name).text
        rows = snapshot.rows(pointer.tables.fill(cut), (name.encode(),))
        if any(text[start:end] != part.decode() for start, end, part in rows):
            yield f"{name}: a passage is not what its document has at its place"
