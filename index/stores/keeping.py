"""Where the collections of an index are kept: `collections.json` in its folder, or a row of its database.

What can't be read lets nobody see anything that is kept from anybody: a `StoreError` is raised, nothing assumed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from index.disk import files
from index.disk.locks import try_lock, unlock
from index.disk.private import closed_umask, owned_folder
from index.errors import ConfigError, StoreError
from index.locations import Database, Location, LocationLike, location_of
from index.stores.collections import Collections

__all__ = ["FILE", "change_collections", "looks_of", "read_collections"]

FILE = "collections.json"
_LOCK = f"{FILE}.lock"
_PATIENCE = 10.0
_LOOKED_SECONDS = 2.0  # between two looks into a database


def read_collections(index_dir: LocationLike = None) -> Collections:
    """Return the collections of an index; none where none were made.

    Raises:
        StoreError: they can't be read.
    """
    location = location_of(index_dir)
    if isinstance(location, Path):
        return _read(location / FILE)
    place = _table_of(location)
    if place is None:
        return Collections()  # an engine that keeps none
    from index.stores.postgres.collecting import kept

    content = kept(place)
    return _parsed(location, content) if content else Collections()


def change_collections(index_dir: LocationLike, change: Callable[[Collections], Collections]) -> Collections:
    """Change the collections of an index and return them; nobody else changes them meanwhile.

    Raises:
        ConfigError: the engine of the index keeps no collections.
        StoreError: they can't be read or written.
    """
    location = location_of(index_dir)
    if isinstance(location, Path):
        return _changed(location, change)
    place = _table_of(location)
    if place is None:
        raise ConfigError(f"{location}: its engine keeps no collections", "use a folder or PostgreSQL")
    from index.stores.postgres.collecting import changed

    def anew(content: bytes) -> bytes:
        return change(_parsed(location, content) if content else Collections()).to_json()

    return _parsed(location, changed(place, anew))


def looks_of(location: Location) -> object:
    """Return what differs as soon as the collections of an index may have changed.

    Raises:
        StoreError: it can't be known.
    """
    if not isinstance(location, Path):
        return int(time.monotonic() / _LOOKED_SECONDS)
    try:
        status = (location / FILE).stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable(location / FILE, error) from error
    return status.st_ino, status.st_mtime_ns, status.st_size


def _table_of(location: Database) -> Database | None:
    """Return the database that keeps the collections, of several shards the first one; `None` for other engines."""
    first = location.parts[0]
    return first if first.scheme == "postgresql" else None


def _read(path: Path) -> Collections:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Collections()
    except OSError as error:
        raise _unreadable(path, error) from error
    return _parsed(path, content)


def _parsed(place: object, content: bytes) -> Collections:
    try:
        return Collections.from_json(content)
    except (ValueError, TypeError, RecursionError) as error:
        raise _unreadable(place, error) from error


def _unreadable(place: object, error: Exception) -> StoreError:
    problem = f"{place}: the collections, and who may see them, can't be read ({error}); until then nothing is shown"
    return StoreError(problem, "fix it, or take it away to lift every restriction")


def _changed(folder: Path, change: Callable[[Collections], Collections]) -> Collections:
    path = folder / FILE
    try:
        owned_folder(folder)
        with closed_umask(), _locked(folder / _LOCK):
            fresh = change(_read(path))
            files.write_atomic(path, fresh.to_json())
    except OSError as error:
        raise StoreError(f"{path}: can't be written ({error})", "check the space and the rights there") from error
    return fresh


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Be the only one who changes the file; whoever was before is waited for."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + _PATIENCE
    while not try_lock(descriptor):
        if time.monotonic() > deadline:
            os.close(descriptor)
            raise StoreError(f"{path.parent}: somebody else changes its collections", "try again in a moment")
        time.sleep(0.02)
    try:
        yield
    finally:
        unlock(descriptor)
