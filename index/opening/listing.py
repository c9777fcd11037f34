"""What an index holds, document by document, for showing it: no text, no vector is read."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from index.disk.generations import CURRENT, hold, read_current
from index.disk.ledger import Ledger, SourceRecord, State, read_ledger
from index.disk.manifest import Manifest, read_manifest
from index.disk.verifying import verify
from index.errors import IndexDamagedError, IndexMissingError
from index.locations import Location, LocationLike, location_of
from index.stores.embedded.together import records_of

__all__ = [
    "Listed",
    "Listing",
    "list_documents",
    "list_folder",
    "listing_from",
    "listing_of",
    "stamp_of",
    "stamp_of_folder",
]

_TRIES = 3


@dataclass(frozen=True, slots=True)
class Listed:
    """A document of the index, or a source that none could be made of.

    Attributes:
        id: the document's id; `""` for a source that is not in the index.
        title: its title; of such a source, its name.
        source: its source as people know it.
        language: BCP 47 code, `"und"` when unknown.
        date: ISO 8601, as precise as known, or `""`.
        passages: how many.
        state: what became of its file.
        reason: why it is not simply indexed, or what was doubtful in reading it.
        path: absolute path of its file, or `""`; not for others' eyes.
        warnings: what was doubtful in reading it, one sentence each.
    """

    id: str
    title: str
    source: str
    language: str = "und"
    date: str = ""
    passages: int = 0
    state: State = "indexed"
    reason: str = ""
    path: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """All of one generation.

    Attributes:
        generation: its number.
        built_at: when it was finished, ISO 8601 in UTC.
        roots: the paths that an update looks at.
        options: how it was built, as the manifest keeps it.
        documents: in the order of their sources; what could not be indexed comes first.
    """

    generation: int
    built_at: str
    roots: tuple[str, ...]
    options: Mapping[str, object]
    documents: tuple[Listed, ...]


def list_documents(index_dir: LocationLike = None) -> Listing:
    """List the documents of an index.

    Raises:
        StoreError: there is no index, or it can't be read.
    """
    from index.opening.engine import reading_engine

    location = location_of(index_dir)
    return reading_engine(location).listing(location)


def list_folder(folder: Path) -> Listing:
    """List the documents of an index in a folder; errors are those of `list_documents`."""
    for _ in range(_TRIES):
        current = read_current(folder)
        held = hold(current.folder)
        if held is None:  # a newer one took its place at this moment
            continue
        try:
            manifest = read_manifest(current.folder, current.digest)
            verify(current.folder, manifest)
            rows, ledger = _rows(current.folder), read_ledger(current.folder)
        finally:
            os.close(held)
        return listing_from(manifest, ledger, rows)
    raise IndexDamagedError(f"{folder}: can't be listed", "rebuild with `rag index`")


def listing_from(manifest: Manifest, ledger: Ledger, rows: list[tuple[str, str, str, str, str, int]]) -> Listing:
    """Return the listing of a generation.

    Args:
        manifest: what it is.
        ledger: record of its sources.
        rows: (id, title, source, language, date, passages) of all documents.
    """
    documents = (*_left_out(ledger), *_listed(rows, ledger))
    return Listing(manifest.generation, manifest.built_at, manifest.roots, dict(manifest.options), documents)


def stamp_of(location: Location) -> int:
    """Return a number that is another one once there is a newer generation; 0 where there is no index yet."""
    from index.opening.engine import reading_engine

    return reading_engine(location).stamp(location)


def stamp_of_folder(folder: Path) -> int:
    """Return the same for an index in a folder."""
    try:
        return (folder / CURRENT).stat().st_mtime_ns
    except OSError:
        return 0


def listing_of(index_dir: LocationLike = None) -> Listing:
    """List the documents of an index that may not be there yet: then it holds nothing.

    Raises:
        StoreError: it can't be read.
    """
    try:
        return list_documents(index_dir)
    except IndexMissingError:
        return Listing(0, "", (), {}, ())


def _rows(folder: Path) -> list[tuple[str, str, str, str, str, int]]:
    records = records_of(folder)
    try:
        return records.listed()
    finally:
        records.close()


def _listed(rows: list[tuple[str, str, str, str, str, int]], ledger: Ledger) -> list[Listed]:
    files = {name: record for record in ledger.files for name in record.documents}
    none = SourceRecord("", "", 0, 0, "")
    found = []
    for row in rows:
        record = files.get(row[0], none)
        reason = record.reason or "; ".join(record.warnings)
        found.append(Listed(*row, state=record.state, reason=reason, path=record.path, warnings=record.warnings))
    return found


def _left_out(ledger: Ledger) -> list[Listed]:
    failed = [
        Listed("", _name(one.source), one.source, state=one.state, reason=one.reason, path=one.path)
        for one in ledger.files
        if not one.documents
    ]
    skipped = [Listed("", _name(source), source, state="skipped", reason=reason) for source, reason in ledger.left_out]
    return sorted([*failed, *skipped], key=lambda one: (one.state != "failed", one.source))


def _name(source: str) -> str:
    return json.dumps(source)[1:-1] if not source.isprintable() else source.rsplit("/", 1)[-1] or source
