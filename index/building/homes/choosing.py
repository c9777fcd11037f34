"""Which home an index has, by its location."""

from __future__ import annotations

from index.building.homes.base import Builds, Home
from index.engines import engine_of
from index.errors import StoreError
from index.locations import Location

__all__ = ["home_of"]


def home_of(location: Location) -> Home:
    """Return the home of an index.

    Raises:
        StoreError: there is no engine for it, or one that only reads.
    """
    engine = engine_of(location)
    if not isinstance(engine, Builds):
        raise StoreError(f"{location}: {type(engine).__name__} builds no index", "ask its package for one that does")
    return engine.home(location)
