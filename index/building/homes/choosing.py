"""Which home an index has, by its location."""

from __future__ import annotations

from pathlib import Path

from index.building.homes.base import Home
from index.building.homes.folder import FolderHome
from index.locations import Location

__all__ = ["home_of"]


def home_of(location: Location) -> Home:
    """Return the home of an index."""
    if isinstance(location, Path):
        return FolderHome(location)
    from index.building.homes.database import DatabaseHome

    return DatabaseHome(location)
