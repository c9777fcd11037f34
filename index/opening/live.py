"""An index that is asked while it is built: every reading sees one whole generation, the newest."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from index.disk.generations import CURRENT
from index.disk.private import tighten
from index.errors import IndexMissingError, StoreError
from index.locations import Location, LocationLike, location_of
from index.opening.collections import KeptCollections, named
from index.opening.opened import Index
from index.stores.base import Filter

__all__ = ["LiveFolder", "LiveIndex"]

_RETRY_SECONDS = 5.0
_IDLE_SECONDS = 1.0  # without a question; then the index is looked at from time to time


class _Served:
    """An open generation and how many are reading it."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.readers = 0
        self.retired = False


class LiveFolder:
    """Always the newest generation that can be trusted; safe to use from many threads.

    While nobody asks, a thread looks once a second for a newer generation: the one that is served would keep its place
    on the disk else, and the next question would wait until the newer one is open.

    Args:
        folder: of the index.
        opened: opens its current generation.
        wait: an index that isn't there yet, or holds nothing, may be filled later; until then readers get an error.

    Raises:
        StoreError: on making it, when there is no index that can be read.
    """

    def __init__(self, folder: Path, opened: Callable[[], Index], *, wait: bool = False) -> None:
        self._folder = folder
        self._open = opened
        tighten(self._folder)
        self._guard = threading.Lock()
        self._opening = threading.Lock()
        self._seen = self._looks()
        self._looked = time.monotonic()
        self._wait = wait
        self._served: _Served | None = self._first(wait=wait)
        self._failure: StoreError | None = None
        self._asked = time.monotonic()
        self._followed = False
        self._ended = threading.Event()
        follower = threading.Thread(target=_follow, args=(weakref.ref(self), self._ended), name="index", daemon=True)
        follower.start()

    @property
    def problem(self) -> str | None:
        """Why the newest generation isn't the one that is served, or `None`."""
        return None if self._failure is None else str(self._failure)

    @contextmanager
    def reading(self) -> Iterator[Index]:
        """Give the newest generation; it stays open until the block ends, whatever is built meanwhile.

        Raises:
            IndexMissingError: there is none yet, or it was removed: what its owner has deleted is not shown any more.
        """
        self._asked = time.monotonic()
        self._refresh(wait=self._followed or self._served is None)
        if self._seen is None:
            state = "there is no index yet" if self._served is None else "the index was removed"
            raise IndexMissingError(f"{self._folder}: {state}", "build one with `rag index`")
        with self._guard:
            served = self._served
            if served is None:
                why = self._failure
                raise StoreError(
                    why.problem if why else f"{self._folder}: can't be opened",
                    why.fix if why else "rebuild with `rag index`",
                )
            if self._wait and not served.index.manifest.passages:
                raise IndexMissingError(
                    f"{self._folder}: there is nothing in the index", "add documents with `rag index`"
                )
            served.readers += 1
        try:
            yield served.index
        finally:
            self._leave(served)

    def _first(self, *, wait: bool) -> _Served | None:
        try:
            return _Served(self._open())
        except IndexMissingError:
            if not wait:
                raise
            return None

    def _leave(self, served: _Served) -> None:
        with self._guard:
            served.readers -= 1
            last = served.retired and served.readers == 0
        if last:
            served.index.close()

    def _looks(self) -> tuple[int, int, int] | None:
        """Return what differs between two states of `CURRENT`: it is never written to, only replaced."""
        try:
            status = (self._folder / CURRENT).stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    def follow(self) -> None:
        """Go over to a newer generation unless somebody asks just now, and so does it anyway."""
        if time.monotonic() - self._asked < _IDLE_SECONDS:
            return
        self._followed = True
        try:
            self._refresh()
        finally:
            self._followed = False

    def _refresh(self, *, wait: bool = False) -> None:
        """Open the newest generation if there is another; one thread does it, the others go on with the old one.

        Args:
            wait: wait for the thread that does it: whoever asks after a build is to be answered from what it built.
        """
        looks = self._looks()
        again = self._failure is not None and time.monotonic() - self._looked > _RETRY_SECONDS
        if looks == self._seen and not (again or wait):
            return
        if not self._opening.acquire(blocking=wait):
            return
        try:
            if (looks != self._seen or again) and not self._ended.is_set():
                self._swap(looks)
        finally:
            self._opening.release()

    def _swap(self, looks: tuple[int, int, int] | None) -> None:
        self._seen, self._looked = looks, time.monotonic()
        try:
            fresh = self._open()
        except StoreError as error:
            self._failure = error
            return
        with self._guard:
            former, self._served = self._served, _Served(fresh)
            self._failure = None
            if former is None:
                return
            fresh.adopt(former.index)
            former.retired = True
            idle = former.readers == 0
        if idle:
            former.index.close()

    def close(self) -> None:
        """Close the index once the last reader has left; twice is no error."""
        self._ended.set()
        with self._opening, self._guard:
            served = self._served
            if served is None:
                return
            served.retired = True
            idle = served.readers == 0
        if idle:
            served.index.close()


def _follow(live: weakref.ref[LiveFolder], ended: threading.Event) -> None:
    """Let an index follow its builds until it is closed or forgotten."""
    while not ended.wait(_IDLE_SECONDS):
        found = live()
        if found is None:
            return
        found.follow()
        del found


class LiveIndex:
    """Always the newest generation of an index, in a folder or a database; safe to use from many threads.

    Args:
        index_dir: folder or `postgresql://` address of the index; `None` means `RAG_INDEX`, else the default place.
        wait: an index that isn't there yet, or holds nothing, may be filled later; until then readers get an error.

    Raises:
        StoreError: on making it, when there is no index that can be read.

    Attributes:
        collections: those of the index, as they are now.
    """

    def __init__(self, index_dir: LocationLike = None, *, wait: bool = False) -> None:
        from index.opening.engine import reading_engine

        self.location = location_of(index_dir)
        self._live = reading_engine(self.location).follow(self.location, wait=wait)
        self.collections = KeptCollections(self.location)

    @property
    def folder(self) -> Location:
        """The folder of the index, or its database."""
        return self.location

    @property
    def problem(self) -> str | None:
        """Why the newest generation isn't the one that is served, or `None`."""
        return self._live.problem

    def resolved(self, where: Filter | None) -> Filter | None:
        """Return a filter with what its collections hold in place of their names.

        Raises:
            ConfigError: there is no collection of that name.
            StoreError: the collections can't be read.
        """
        return named(where, self.collections.now)

    def reading(self) -> AbstractContextManager[Index]:
        """Give the newest generation; it stays as it is until the block ends, whatever is built meanwhile.

        Raises:
            IndexMissingError: there is none yet, or it was removed.
            StoreError: it can't be read.
        """
        return self._live.reading()

    def close(self) -> None:
        """Close the index once the last reader has left; twice is no error."""
        self._live.close()
