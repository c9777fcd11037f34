"""A backup of an index in one file: a generation, whole and checked, and what belongs to the index beside it.

The file is a tar archive (`.tar`, or `.tar.gz` to pack it):

    babelquote.json          what it is: version of this format, digest of the manifest, where the index lay
    generation/…             manifest.json first, then every file that it names
    beside/…                 kept vectors, key of receipts, judgements, fetched pages, copies of what lies in places
    files/…                  what people uploaded
    digests.json             SHA-256 and size of all that no manifest names; last, so a cut file is noticed

A build may run meanwhile: the generation is held as any reader holds it, and never changes.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Literal

from index.disk import files
from index.disk.files import FileStamp
from index.disk.generations import Current, hold, read_current
from index.disk.locks import unlock
from index.disk.manifest import MANIFEST, Manifest, read_manifest
from index.errors import ConfigError, IndexDamagedError, IndexMissingError
from index.locations import Location, LocationLike, location_of

__all__ = ["BESIDE", "DIGESTS", "FILES", "FORMAT", "GENERATION", "HEAD", "Backup", "back_up", "folder_of", "uploads_of"]

FORMAT = 1
HEAD, DIGESTS = "babelquote.json", "digests.json"
GENERATION, BESIDE, FILES = "generation", "beside", "files"
_VECTORS = "embeddings.sqlite"
_KEPT = ("receipts.key", "feedback.jsonl", "pages", "places")
_UPLOADED = ("uploads", "names")
_TRIES = 50  # a generation that goes while it is opened has a successor at once


@dataclass(frozen=True, slots=True)
class Backup:
    """What was backed up or restored.

    Attributes:
        file: the archive.
        index_dir: folder of the index.
        generation: number of its generation.
        documents: how many.
        passages: how many.
        files: files in the archive.
        size_bytes: of the archive.
    """

    file: str
    index_dir: str
    generation: int
    documents: int
    passages: int
    files: int
    size_bytes: int


def back_up(file: str | Path, index_dir: LocationLike = None, *, force: bool = False) -> Backup:
    """Write a backup of an index, readable by its owner only; it appears whole or not at all.

    Args:
        file: the archive, `.tar`, or `.tar.gz` to pack it.
        index_dir: folder of the index; `None` is the default one.
        force: a file of that name may be replaced.

    Raises:
        ConfigError: the name is no archive's, the file is there already, or the index is in a database.
        IndexMissingError: nothing was built there yet.
        IndexDamagedError: a file of the index is not what was written.
    """
    path = Path(file)
    mode = _mode(path)
    folder = folder_of(location_of(index_dir), "pg_dump DATABASE > FILE")
    if path.exists() and not force:
        raise ConfigError(f"{path}: is there already", "name another file, or replace it with --force")
    with _held(folder) as current, _fresh(path) as (fresh, raw):
        manifest = read_manifest(current.folder, current.digest)
        with tarfile.open(fileobj=raw, mode=mode) as archive:
            count = _write(archive, folder, current, manifest)
        raw.flush()
        os.fsync(raw.fileno())
        size = fresh.stat().st_size
        files.replace(fresh, path)
        files.fsync_dir(path.absolute().parent)
    return Backup(str(path), str(folder), manifest.generation, manifest.documents, manifest.passages, count, size)


def folder_of(location: Location, instead: str) -> Path:
    """Return the folder of an index.

    Args:
        location: of the index.
        instead: what to use for a database.

    Raises:
        ConfigError: it is in a database.
    """
    if not isinstance(location, Path):
        raise ConfigError(f"{location}: an index in a database is kept by the database's own tools", f"use `{instead}`")
    return location.absolute()


def uploads_of(folder: Path) -> Path:
    """Return where the files lie that people uploaded to an index."""
    return folder.with_name(f"{folder.name}-files")


def _mode(path: Path) -> Literal["w", "w:gz"]:
    if path.name.endswith((".tar.gz", ".tgz")):
        return "w:gz"
    if path.name.endswith(".tar"):
        return "w"
    raise ConfigError(f"{path}: a backup is a .tar or .tar.gz file", "give the name such an ending")


@contextmanager
def _held(folder: Path) -> Iterator[Current]:
    """Hold the current generation, so that no build deletes it."""
    for _ in range(_TRIES):
        current = read_current(folder)
        held = hold(current.folder)
        if held is not None:
            try:
                yield current
            finally:
                unlock(held)
            return
    raise IndexMissingError(f"{folder}: its generations go faster than they can be read", "try again")


@contextmanager
def _fresh(path: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """Give a new file beside the wanted one, gone again if the block fails."""
    try:
        handle, name = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}-")  # made with 0600
    except FileNotFoundError as error:
        raise ConfigError(f"{path.absolute().parent}: there is no such folder", "make it first") from error
    try:
        with os.fdopen(handle, "wb") as raw:
            yield Path(name), raw
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()


def _write(archive: tarfile.TarFile, folder: Path, current: Current, manifest: Manifest) -> int:
    """Write all members; returns how many files there are."""
    head = {"format": FORMAT, "manifest": current.digest, "index_dir": str(folder)}
    _add_bytes(archive, HEAD, json.dumps(head).encode())
    _add_bytes(archive, f"{GENERATION}/{MANIFEST}", (current.folder / MANIFEST).read_bytes())
    for name, wanted in manifest.files.items():
        found = _add_file(archive, f"{GENERATION}/{name}", current.folder / name)
        if found != wanted:
            fix = "rebuild with `rag index`; nothing was backed up"
            raise IndexDamagedError(f"{current.folder / name}: its checksum does not hold", fix)
    stamps = dict(_beside(archive, folder))
    _add_bytes(archive, DIGESTS, json.dumps({name: asdict(one) for name, one in stamps.items()}).encode())
    return len(manifest.files) + len(stamps) + 3


def _beside(archive: tarfile.TarFile, folder: Path) -> Iterator[tuple[str, FileStamp]]:
    """Write what lies beside the generations; yields name and stamp of each file."""
    if (folder / _VECTORS).is_file():
        name = f"{BESIDE}/{_VECTORS}"
        with _snapshot(folder / _VECTORS) as copy:
            yield name, _add_file(archive, name, copy)
    for top, base, wanted in ((BESIDE, folder, _KEPT), (FILES, uploads_of(folder), _UPLOADED)):
        for path in (found for each in wanted for found in _files(base / each)):
            name = str(PurePosixPath(top, *path.relative_to(base).parts))
            with suppress(FileNotFoundError):  # taken away meanwhile
                yield name, _add_file(archive, name, path)


def _files(path: Path) -> Iterator[Path]:
    """Yield a file, or those below a folder; links are not followed."""
    found = [path] if path.is_file() else sorted(path.rglob("*"))
    yield from (each for each in found if each.is_file() and not each.is_symlink())


@contextmanager
def _snapshot(path: Path) -> Iterator[Path]:
    """Give a copy of a database as it was at one moment, whoever writes to it."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix="backup-") as made:
        copy = Path(made) / path.name
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        yield copy


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    archive.addfile(_entry(name, len(content)), io.BytesIO(content))


def _add_file(archive: tarfile.TarFile, name: str, path: Path) -> FileStamp:
    """Add a file as long as it is now; returns the stamp of what was added."""
    with path.open("rb") as source:
        size = os.fstat(source.fileno()).st_size
        read = _Hashing(source)
        try:
            archive.addfile(_entry(name, size), read)
        except OSError as error:
            if error.errno is not None:  # of the system, such as a full disk; without a number the file ended early
                raise
            raise IndexDamagedError(f"{path}: can't be read whole ({error})", "try again") from error
    return FileStamp(read.digest.hexdigest(), size)


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


class _Hashing(io.RawIOBase):
    """A file that is hashed while it is read."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        block = self._source.read(size)
        self.digest.update(block)
        return block
