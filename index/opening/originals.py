"""The file of which a document of the index was made, as the last build found it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from index.disk.ledger import Ledger, SourceRecord, read_ledger
from index.errors import StoreError
from index.locations import Database, Location
from index.sources.types import SourceFile

__all__ = ["original_of", "source_file"]


def original_of(place: Location, generation: int, document_id: str) -> SourceRecord | None:
    """Return what is known of a document's file; `None` for a page of the web, and where nothing is known.

    Args:
        place: the folder of the open generation, or the database.
        generation: its number.
        document_id: the document.
    """
    try:
        return _records(place, generation).get(document_id)
    except StoreError:
        return None


def source_file(record: SourceRecord) -> SourceFile:
    """Return the file as those who read files take it; a link that it has become is not followed."""
    path = Path(record.path)
    return SourceFile(path, record.source, record.size, record.mtime_ns, path.parent)


@lru_cache(maxsize=2)
def _records(place: Location, generation: int) -> Mapping[str, SourceRecord]:
    del generation  # a database has one address and many generations
    return {name: record for record in _ledger(place).files if record.path for name in record.documents}


def _ledger(place: Location) -> Ledger:
    if isinstance(place, Database):
        from index.opening.database_facts import listed_of

        return listed_of(place.parts[0])[1]
    return read_ledger(place)
