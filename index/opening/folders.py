"""The engine of indexes in folders."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from index.disk.generations import read_current
from index.disk.manifest import Manifest, read_manifest
from index.disk.verifying import problems
from index.embedders.base import Embedder
from index.locations import Location
from index.opening.listing import Listing, list_folder, stamp_of_folder
from index.opening.live import LiveFolder
from index.opening.opened import Index, open_folder

if TYPE_CHECKING:
    from index.building.homes.folder import FolderHome
    from index.opening.health import IndexStatus

__all__ = ["FolderEngine"]


class FolderEngine:
    """Keeps each index in a folder; one that keeps them in folders of its own says in `folder` where."""

    def folder(self, location: Location) -> Path:
        """Return the folder of an index."""
        assert isinstance(location, Path), "an address has another engine"
        return location

    def home(self, location: Location) -> FolderHome:
        """Return the place where an index is built."""
        from index.building.homes.folder import FolderHome  # who only asks builds nothing

        return FolderHome(self.folder(location))

    def open(self, location: Location, embedder: Embedder | None = None) -> Index:
        """Open the current generation."""
        return open_folder(self.folder(location), embedder)

    def follow(self, location: Location, *, wait: bool = False) -> LiveFolder:
        """Open the newest generation, now and for each later reading."""
        return LiveFolder(self.folder(location), lambda: self.open(location), wait=wait)

    def manifest(self, location: Location) -> Manifest:
        """Return the manifest of the current generation."""
        current = read_current(self.folder(location))
        return read_manifest(current.folder, current.digest)

    def listing(self, location: Location) -> Listing:
        """List the documents."""
        return list_folder(self.folder(location))

    def stamp(self, location: Location) -> int:
        """Return a number that is another one once there is a newer generation."""
        return stamp_of_folder(self.folder(location))

    def status(self, location: Location) -> IndexStatus:
        """Describe an index."""
        from index.opening.health import status_of_folder  # nor reads sources

        return status_of_folder(self.folder(location))

    def problems(self, location: Location) -> tuple[str, ...]:
        """Read every file against its checksum."""
        current = read_current(self.folder(location))
        return tuple(problems(current.folder, read_manifest(current.folder, current.digest)))
