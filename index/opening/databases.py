"""The engine of indexes in PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from index.disk.manifest import Manifest
from index.embedders.base import Embedder
from index.errors import IndexDamagedError, IndexIncompatibleError
from index.locations import Database, Location
from index.opening import database_facts as facts
from index.opening.database import LiveDatabase, open_database
from index.opening.listing import Listing, listing_from
from index.opening.opened import Index

if TYPE_CHECKING:
    from index.building.homes.database import DatabaseHome
    from index.opening.health import IndexStatus

__all__ = ["DatabaseEngine"]


class DatabaseEngine:
    """Keeps each index in a schema of a database."""

    def home(self, location: Location) -> DatabaseHome:
        """Return the place where an index is built."""
        from index.building.homes.database import DatabaseHome  # who only asks builds nothing

        return DatabaseHome(_database(location))

    def open(self, location: Location, embedder: Embedder | None = None) -> Index:
        """Open the current generation."""
        return open_database(_database(location), embedder)

    def follow(self, location: Location, *, wait: bool = False) -> LiveDatabase:
        """Open the newest generation, now and for each later reading."""
        return LiveDatabase(_database(location), wait=wait)

    def manifest(self, location: Location) -> Manifest:
        """Return the manifest of the current generation."""
        return facts.manifest_of_database(_database(location))

    def listing(self, location: Location) -> Listing:
        """List the documents."""
        return listing_from(*facts.listed_of(_database(location)))

    def stamp(self, location: Location) -> int:
        """Return the number of the current generation."""
        return facts.generation_of(_database(location))

    def status(self, location: Location) -> IndexStatus:
        """Describe an index."""
        from index.opening.health import damaged, described  # nor reads sources

        try:
            manifest, ledger, pointer, size = facts.facts_of(_database(location))
        except (IndexDamagedError, IndexIncompatibleError) as error:
            return damaged(location, error)
        low = facts.recall_problem(pointer.search)
        known = described(location, size, manifest, ledger, [low] if low else [])
        return replace(known, vectors=facts.search_line(pointer.search))

    def problems(self, location: Location) -> tuple[str, ...]:
        """Compare what is stored with itself."""
        return facts.problems_of(_database(location))


def _database(location: Location) -> Database:
    assert isinstance(location, Database), "a folder has another engine"
    return location
