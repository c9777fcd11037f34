"""Which engine keeps an index, by its location: a folder, PostgreSQL, or one that another package brings.

The scheme of an address names the engine: `postgresql://…`, several of them for shards, or `NAME://…` for the entry
point `NAME` of the group `babelquote.stores`. What an engine must do is declared where it is needed: for building
`index.building.homes.base` (`Builds`), for reading `index.opening.engine` (`Engine`). It is made once, without any
argument.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from index.errors import StoreError
from index.locations import ENGINES, STORES, Location
from index.plugins import Plug

__all__ = ["engine_of"]

_PLUG: Plug[object] = Plug(STORES, "engine of an index", ENGINES, StoreError)


def engine_of(location: Location) -> object:
    """Return what keeps the index at a location.

    Raises:
        StoreError: no installed package brings that engine, or it can't be loaded.
    """
    return _made("folder" if isinstance(location, Path) else location.scheme)


@lru_cache
def _made(name: str) -> object:
    return _PLUG.make(name)
