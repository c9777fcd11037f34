"""An index in a folder: generations are folders, and one small file says which is current."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from index.building.aligning import Aligned, Rows
from index.building.finishing import Sealed, seal
from index.building.homes.base import Beginning, OnProgress, Sizes, UnsoundError
from index.building.homes.kept import CACHE, FolderVectors
from index.building.previous import Previous, find_previous
from index.building.settings import Settings
from index.building.versions import holds_vectors
from index.disk.generations import discard, fresh_folder, generations, read_current, sweep, sweep_patiently
from index.disk.ledger import Ledger
from index.disk.locks import BuildLock
from index.disk.manifest import Manifest, salvage_manifest
from index.disk.private import closed_umask, owned_folder
from index.disk.verifying import verify
from index.errors import IndexDamagedError
from index.stores.base import KeptVectors
from index.stores.embedded.former import FormerPassages, FormerSentences
from index.stores.embedded.records import Records
from index.stores.embedded.together import Together, records_of
from index.stores.embedded.updating import UpdateWriter, is_small
from index.stores.embedded.writing import DOCUMENTS, SENTENCES, VECTORS, GenerationWriter

__all__ = ["FolderHome"]

_PASSAGES = f"{Path(VECTORS).stem}_"  # how the files of their vectors begin

_Former: TypeAlias = tuple[FormerPassages | None, FormerSentences | None]


class FolderHome:
    """The folder of an index, as a build sees it.

    Args:
        location: the folder.
    """

    def __init__(self, location: Path) -> None:
        self.location = location
        self._current: Path | None = None
        self._manifest: Manifest | None = None
        self._is_checked = False
        self._is_suspect = False

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
        """Look for the generation to start from; every byte of one is read that turned out to be damaged."""
        previous = find_previous(self.location, whole=self._is_suspect)
        self._current = read_current(self.location).folder if previous.sound else None
        self._manifest = previous.manifest if previous.sound else None
        self._is_checked = self._is_suspect or self._manifest is None or not is_small(0, self._manifest)
        return previous

    def tidy(self) -> None:
        """Delete every generation but the current one that no reader holds, and what killed builds left."""
        if self._current is not None:
            sweep(self.location, self._current)

    def kept_vectors(self, fingerprint: str, dimension: int) -> tuple[KeptVectors, str]:
        """Open the file of kept vectors; a file that is not there, or not whole, is started anew."""
        path, manifest = self.location / CACHE, self._manifest
        counted_on = manifest is not None and not holds_vectors(manifest)
        gone = not path.exists()
        cache = FolderVectors(self.location, fingerprint, dimension, *self._former(fingerprint, dimension))
        warning = f"the kept vectors ({path.name}) were lost or damaged; what they lack is embedded again"
        return cache, warning if counted_on and (gone or cache.restarted) else ""

    def _former(self, fingerprint: str, dimension: int) -> _Former:
        """Return the vectors of the generation before, where an embedder gave them that has this fingerprint."""
        folder, manifest = self._current, self._manifest
        if folder is None or manifest is None:
            return _saved(self.location, fingerprint, dimension)
        if manifest.embedder.fingerprint != fingerprint:
            return None, None

        def checking(name: str) -> Callable[[], None]:
            return lambda: None if self._is_checked else self._check_bytes(folder, _part_of(manifest, name))

        passages = FormerPassages(folder, dimension, checking(_PASSAGES))
        return passages, FormerSentences(folder, dimension, checking(f"{SENTENCES}/"))

    def begin(self, beginning: Beginning) -> FolderGeneration:
        """Begin the next generation in a folder that no reader knows yet.

        Raises:
            UnsoundError: a large file of the generation before, which has to be read for it, is damaged.
        """
        manifest = self._manifest
        as_before = not beginning.fresh and beginning.keep_keywords
        small = as_before and manifest is not None and _is_small(beginning.changed, manifest)
        if self._current is not None and manifest is not None and not (small or self._is_checked):
            self._check_bytes(self._current, manifest)
            self._is_checked = True
        return FolderGeneration(self, self._current, manifest, beginning, small=small)

    def _check_bytes(self, folder: Path, manifest: Manifest) -> None:
        """Check the bytes of files that a new generation takes something over from, of large ones as well."""
        try:
            verify(folder, manifest, whole=True)
        except IndexDamagedError as error:
            self._is_suspect = True
            raise UnsoundError(str(error)) from error

    def prune(self, cache: KeptVectors, sizes: Sizes) -> None:
        """Drop kept vectors: the current generation holds all that it needs."""
        cache.prune((), sizes.passages)
        if isinstance(cache, FolderVectors) and self._manifest is not None and not holds_vectors(self._manifest):
            cache.forget_earlier()

    def switched(self, folder: Path) -> None:
        """Take a folder for the current generation."""
        self._current = folder


def _is_small(changed: float, manifest: Manifest) -> bool:
    """Tell whether so many documents are a small part of a large index, by the passages that its documents have."""
    return is_small(changed * manifest.passages / max(manifest.documents, 1), manifest)


def _saved(location: Path, fingerprint: str, dimension: int) -> _Former:
    """Return the vectors of a generation that can't be trusted as a whole, where their own files are as written."""
    for folder in generations(location):
        manifest = salvage_manifest(folder)
        if manifest is None or manifest.embedder.fingerprint != fingerprint or not holds_vectors(manifest):
            continue
        if not _is_whole(folder, manifest, DOCUMENTS):
            continue
        passages = FormerPassages(folder, dimension) if _is_whole(folder, manifest, _PASSAGES) else None
        sentences = FormerSentences(folder, dimension) if _is_whole(folder, manifest, f"{SENTENCES}/") else None
        return passages, sentences
    return None, None


def _is_whole(folder: Path, manifest: Manifest, name: str) -> bool:
    """Tell whether the files whose names hold another one are as they were written."""
    try:
        verify(folder, _part_of(manifest, name), whole=True)
    except IndexDamagedError:
        return False
    return True


def _part_of(manifest: Manifest, name: str) -> Manifest:
    """Return a manifest of the only files whose names hold another one."""
    return replace(manifest, files={path: stamp for path, stamp in manifest.files.items() if name in path})


class FolderGeneration:
    """A generation in the making, in a folder of its own."""

    def __init__(
        self,
        home: FolderHome,
        current: Path | None,
        manifest: Manifest | None,
        beginning: Beginning,
        *,
        small: bool,
    ) -> None:
        self._home = home
        self._current = current
        self._number, self._folder = fresh_folder(home.location)
        try:
            self.writer = self._started(manifest, beginning, small=small)
            self._old = None if current is None else records_of(current)
        except BaseException:
            self.discard()
            raise
        self._fresh = beginning.fresh
        self._compared: FolderFormer | None = None

    def _started(
        self, manifest: Manifest | None, beginning: Beginning, *, small: bool
    ) -> GenerationWriter | UpdateWriter:
        if small and self._current is not None and manifest is not None:
            return UpdateWriter(self._folder, self._current, manifest)
        search = manifest.search if manifest else None
        start = None if beginning.fresh else self._current
        return GenerationWriter(self._folder, start, keep_keywords=beginning.keep_keywords, search=search)

    @property
    def old(self) -> Records | Together | None:
        """Documents of the generation before."""
        return self._old

    def records(self) -> Records | Together:
        """Return what is stored so far."""
        return self.writer.records

    def former(self) -> FolderFormer | None:
        """Return the generation that this one started from; asked for once all documents are stored."""
        if self._compared is None:
            self._compared = self._compare()
        return self._compared

    def _compare(self) -> FolderFormer | None:
        if self._fresh or self._old is None:
            return None
        assert self._current is not None
        now = self.writer.records
        if isinstance(self.writer, UpdateWriter):
            return FolderFormer(self._current, self._old, now, self.writer.changes())
        before, after = self._old.passage_keys(), now.passage_keys()
        keys = np.setdiff1d(before, after, True), np.setdiff1d(after, before, True)
        return FolderFormer(self._current, self._old, now, keys)

    def make_room(self) -> None:
        """Wait a moment for readers of older generations."""
        if self._current is not None:
            sweep_patiently(self._home.location, self._current, self._folder)

    def seal(
        self, ledger: Ledger, cache: KeptVectors, aligned: Aligned, settings: Settings, progress: OnProgress
    ) -> Sealed:
        """Write vectors, keywords, ledger and manifest, and switch."""
        _, passages, _ = self.writer.records.totals()
        former = self.former()
        if former is not None and isinstance(cache, FolderVectors):
            cache.keep(former.left())
        folder = seal(
            self._home.location, self._folder, self._number, self.writer, ledger, cache, aligned, settings, progress
        )
        self._home.switched(folder)
        return Sealed(self._number, passages)

    def discard(self) -> None:
        """Delete the folder, unless it has become current."""
        discard(self._home.location, self._folder)

    def close(self) -> None:
        """Close the files."""
        self.writer.close()
        if self._old is not None:
            self._old.close()


class FolderFormer:
    """The generation that another one was copied from."""

    def __init__(
        self,
        folder: Path,
        before: Records | Together,
        now: Records | Together,
        keys: tuple[NDArray[np.int64], NDArray[np.int64]],
    ) -> None:
        self._folder = folder
        self._before = before
        self._now = now
        self._left, self._came = (some.tolist() for some in keys)

    def changes(self) -> tuple[Rows, Rows]:
        """Return the passages that left since, and those that came."""
        return self._before.embedded_under(self._left), self._now.embedded_under(self._came)

    def left(self) -> list[bytes]:
        """Return what the vectors of the passages that left are known by, without those that came again."""
        left, came = ([digest for _, digest, _ in rows] for rows in self.changes())
        again = frozenset(came)
        return [digest for digest in left if digest not in again]

    def part(self, name: str) -> Path:
        """Return one of its files."""
        return self._folder / name
