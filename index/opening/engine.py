"""What an engine does for those who read and describe its indexes."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from index.disk.manifest import Manifest
from index.embedders.base import Embedder
from index.engines import engine_of
from index.errors import StoreError
from index.locations import Location

if TYPE_CHECKING:  # both look for an engine where an index is no folder
    from index.opening.health import IndexStatus
    from index.opening.listing import Listing
    from index.opening.opened import Index

__all__ = ["Engine", "Following", "reading_engine"]


class Following(Protocol):
    """Always the newest generation of one index, for many threads."""

    @property
    def problem(self) -> str | None:
        """Why the newest generation isn't the one that is served, or `None`."""
        ...

    def reading(self) -> AbstractContextManager[Index]:
        """Give the newest generation; it stays as it is until the block ends, whatever is built meanwhile."""
        ...

    def close(self) -> None:
        """Let go of the index once the last reader has left; twice is no error."""
        ...


@runtime_checkable
class Engine(Protocol):
    """Indexes of one kind; every method but `follow` and `stamp` raises `IndexMissingError` where there is none."""

    def open(self, location: Location, embedder: Embedder | None = None) -> Index:
        """Open the current generation; see `index.open`."""
        ...

    def follow(self, location: Location, *, wait: bool = False) -> Following:
        """Open the newest generation, now and for each later reading; see `index.LiveIndex`."""
        ...

    def manifest(self, location: Location) -> Manifest:
        """Return the manifest of the current generation."""
        ...

    def listing(self, location: Location) -> Listing:
        """List its documents."""
        ...

    def stamp(self, location: Location) -> int:
        """Return a number that is another one once there is a newer generation; 0 where there is no index yet."""
        ...

    def status(self, location: Location) -> IndexStatus:
        """Describe it; a damaged one is described as far as it can be, with its problems."""
        ...

    def problems(self, location: Location) -> tuple[str, ...]:
        """Check all of it, and return a sentence for each thing that does not hold.

        Raises:
            IndexDamagedError: it can't even be looked through.
        """
        ...


def reading_engine(location: Location) -> Engine:
    """Return the engine that reads the index at a location.

    Raises:
        StoreError: there is none, or what a package brings is no engine.
    """
    engine = engine_of(location)
    if not isinstance(engine, Engine):
        raise StoreError(f"{location}: {type(engine).__name__} is no engine of an index", "fix or remove its package")
    return engine
