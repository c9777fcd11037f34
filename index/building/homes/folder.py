"""An index in a folder: generations are folders, and one small file says which is current."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from index.building.aligning import Aligned, Rows
from index.building.finishing import Sealed, seal
from index.building.homes.base import Tell
from index.building.previous import Previous, find_previous
from index.building.settings import Settings
from index.disk.generations import discard, fresh_folder, read_current, sweep, sweep_patiently
from index.disk.ledger import Ledger
from index.disk.locks import BuildLock
from index.disk.manifest import VectorSearch
from index.disk.private import closed_umask, owned_folder
from index.stores.base import KeptVectors
from index.stores.embedded.records import Records
from index.stores.embedded.writing import DOCUMENTS, GenerationWriter
from index.stores.vector_cache import DamagedCacheError, VectorCache

__all__ = ["CACHE", "FolderHome"]

CACHE = "embeddings.sqlite"


class FolderHome:
    """The folder of an index, as a build sees it.

    Args:
        location: the folder.
    """

    def __init__(self, location: Path) -> None:
        self.location = location
        self._current: Path | None = None
        self._search: VectorSearch | None = None

    @property
    def beside(self) -> Path:
        """The folder itself."""
        return self.location

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Hold the folder's lock; what is made meanwhile is its owner's."""
        with closed_umask():
            owned_folder(self.location)
            with BuildLock(self.location):
                yield

    def find_previous(self) -> Previous:
        """Look for the generation to start from; a damaged one is never started from."""
        previous = find_previous(self.location)
        self._current = read_current(self.location).folder if previous.sound else None
        self._search = previous.manifest.search if previous.sound and previous.manifest else None
        return previous

    def tidy(self) -> None:
        """Delete every generation but the current one that no reader holds, and what killed builds left."""
        if self._current is not None:
            sweep(self.location, self._current)

    def kept_vectors(self, fingerprint: str, dimension: int, *, expected: bool) -> tuple[KeptVectors, str]:
        """Open the file of kept vectors; a file that is not there, or not whole, is started anew."""
        path = self.location / CACHE
        gone = expected and not path.exists()
        cache = VectorCache(path, fingerprint, dimension)
        warning = f"the kept vectors ({path.name}) were lost or damaged; what they lack is embedded again"
        return cache, warning if gone or cache.restarted else ""

    def draft(self, *, fresh: bool, keep_keywords: bool, dimension: int) -> FolderDraft:  # noqa: ARG002 - said by fetch
        """Begin the next generation in a folder that no reader knows yet."""
        return FolderDraft(self, self._current, self._search, fresh=fresh, keep_keywords=keep_keywords)

    def prune(self, cache: KeptVectors, count: int) -> None:
        """Drop kept vectors that the current generation does not need."""
        assert self._current is not None
        records = Records(self._current / DOCUMENTS)
        try:
            cache.prune(records.all_digests(), count)
        except DamagedCacheError as error:
            cache.restart(str(error))  # the index is done; the next build embeds again what it needs
        finally:
            records.close()

    def switched(self, folder: Path) -> None:
        """Take a folder for the current generation."""
        self._current = folder


class FolderDraft:
    """A generation in the making, in a folder of its own."""

    def __init__(
        self,
        home: FolderHome,
        current: Path | None,
        search: VectorSearch | None,
        *,
        fresh: bool,
        keep_keywords: bool,
    ) -> None:
        self._home = home
        self._current = current
        self._number, self._folder = fresh_folder(home.location)
        try:
            start = None if fresh else current
            self.writer = GenerationWriter(self._folder, start, keep_keywords=keep_keywords, search=search)
            self._old = None if current is None else Records(current / DOCUMENTS)
        except BaseException:
            self.discard()
            raise
        self._fresh = fresh

    @property
    def old(self) -> Records | None:
        """Documents of the generation before."""
        return self._old

    def records(self) -> Records:
        """Return what is stored so far."""
        return self.writer.records

    def former(self) -> FolderFormer | None:
        """Return the generation that this one started from."""
        if self._fresh or self._old is None:
            return None
        return FolderFormer(self._old, self.writer.records)

    def make_room(self) -> None:
        """Wait a moment for readers of older generations."""
        if self._current is not None:
            sweep_patiently(self._home.location, self._current, self._folder)

    def seal(self, ledger: Ledger, cache: KeptVectors, aligned: Aligned, settings: Settings, tell: Tell) -> Sealed:
        """Write vectors, keywords, ledger and manifest, and switch."""
        _, passages, _ = self.writer.records.totals()
        folder = seal(
            self._home.location, self._folder, self._number, self.writer, ledger, cache, aligned, settings, tell
        )
        self._home.switched(folder)
        return Sealed(self._number, passages)

    def discard(self) -> None:
        """Delete the folder, unless it has become current."""
        discard(self._home.location, self._folder)

    def close(self) -> None:
        """Close the files."""
        self.writer.records.close()
        if self._old is not None:
            self._old.close()


class FolderFormer:
    """The generation that another one was copied from."""

    def __init__(self, before: Records, now: Records) -> None:
        self._before = before
        self._now = now

    def changes(self) -> tuple[Rows, Rows]:
        """Return the passages that left since, and those that came."""
        then, now = self._before.passage_keys(), self._now.passage_keys()
        left, came = np.setdiff1d(then, now, True).tolist(), np.setdiff1d(now, then, True).tolist()
        return self._before.embedded_under(left), self._now.embedded_under(came)

    def part(self, name: str) -> Path:
        """Return one of its files."""
        return self._before.path.with_name(name)
