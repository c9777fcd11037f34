"""A backup put back: checked as a whole beside the index, then switched to in one step as a build switches."""

from __future__ import annotations

import json
import os
import re
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

from index.backup.archiving import BESIDE, DIGESTS, FILES, FORMAT, GENERATION, HEAD, Backup, folder_of, uploads_of
from index.disk import files
from index.disk.files import DurableFile, FileStamp
from index.disk.generations import CURRENT, commit, discard, fresh_folder, sweep
from index.disk.locks import BuildLock
from index.disk.manifest import MANIFEST, Manifest, manifest_from
from index.disk.private import closed_umask, owned_folder, owned_tree
from index.errors import ConfigError, IndexDamagedError, IndexIncompatibleError
from index.locations import LocationLike, location_of

__all__ = ["restore"]

_STAGE = "restore.tmp"
_BLOCK = 1 << 20
_LARGEST_LIST = 256 << 20
# What may lie beside a generation, by its name in the archive; nothing else is written anywhere.
_BESIDE = re.compile(
    rf"{BESIDE}/(embeddings\.sqlite|receipts\.key|feedback\.jsonl|(pages|places)/[^/\0]+)"
    rf"|{FILES}/(uploads/[0-9a-f]{{16}}/[^/\0]+|names/[0-9a-f]{{16}})"
)
_DAMAGED = "take another backup; the index is as it was"


def restore(file: str | Path, index_dir: LocationLike = None, *, force: bool = False) -> Backup:
    """Put a backup in an index's place; whoever is asking goes over to it as to any new generation.

    Args:
        file: what `back_up` wrote.
        index_dir: folder of the index; `None` is the default one.
        force: an index that is there may be replaced, with its judgements and its key of receipts.

    Raises:
        ConfigError: there is an index already, the file is no backup, or the place is a database.
        IndexDamagedError: a file of the backup is not what was written; nothing was changed.
        IndexBusyError: a build is running.
    """
    path = Path(file)
    folder = folder_of(location_of(index_dir), "psql DATABASE < FILE")
    if not force and ((folder / CURRENT).exists() or any(uploads_of(folder).glob("uploads/*"))):
        raise ConfigError(f"{folder}: there is an index already", "name another folder, or replace it with --force")
    with _opened(path) as archive, closed_umask():
        owned_folder(folder)
        with BuildLock(folder), _staged(folder) as stage:
            number, fresh = fresh_folder(folder)
            try:
                manifest, count = _unpacked(archive, path, fresh, stage, folder, number)
                _put_beside(stage, folder)
                final = commit(folder, fresh, _seal(fresh, manifest))
            except BaseException:
                discard(folder, fresh)
                raise
            sweep(folder, final)
    size = path.stat().st_size
    return Backup(str(path), str(folder), number, manifest.documents, manifest.passages, count, size)


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    """Open an archive for reading from its beginning to its end; whatever is wrong with it is reported in one line."""
    try:
        with tarfile.open(path, "r:*") as archive:
            yield archive
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: there is no such file", "name a backup") from error
    except (tarfile.TarError, EOFError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise IndexDamagedError(f"{path}: is no whole backup ({error})", _DAMAGED) from error


@contextmanager
def _staged(folder: Path) -> Iterator[Path]:
    stage = folder / _STAGE
    files.remove_tree(stage)
    stage.mkdir()
    try:
        yield stage
    finally:
        files.remove_tree(stage)


def _unpacked(
    archive: tarfile.TarFile, path: Path, fresh: Path, stage: Path, folder: Path, number: int
) -> tuple[Manifest, int]:
    """Write what the archive holds, each file checked; returns the manifest as it is to be here, and how many files."""
    head = _object(archive, HEAD, path)
    if head["format"] != FORMAT:
        fix = "update this program"
        raise IndexIncompatibleError(f"{path}: has format {head['format']}, this program reads {FORMAT}", fix)
    content = _content(archive, f"{GENERATION}/{MANIFEST}", path)
    if sha256(content).hexdigest() != head["manifest"]:
        raise IndexDamagedError(f"{path}: the checksum of its manifest does not hold", _DAMAGED)
    manifest = manifest_from(str(path), content)
    for name, stamp in manifest.files.items():
        if not _is_inside(name) or _extracted(archive, f"{GENERATION}/{name}", fresh / name, path) != stamp:
            raise IndexDamagedError(f"{path}: the checksum of {name} does not hold", _DAMAGED)
    count = _beside(archive, path, stage)
    return _moved(manifest, str(head["index_dir"]), folder, number), len(manifest.files) + count + 3


def _beside(archive: tarfile.TarFile, path: Path, stage: Path) -> int:
    """Write into the stage what lies beside the generation; returns how many files."""
    found = dict[str, FileStamp]()
    while (entry := archive.next()) is not None and entry.name != DIGESTS:
        if not _BESIDE.fullmatch(entry.name) or not _is_inside(entry.name):
            raise IndexDamagedError(f"{path}: holds {entry.name!r}, which no backup does", _DAMAGED)
        found[entry.name] = _written(archive, entry, stage / entry.name, path)
    if entry is None:
        raise IndexDamagedError(f"{path}: its end is missing", _DAMAGED)
    listed = {name: FileStamp(**stamp) for name, stamp in _parsed(_bytes(archive, entry, path)).items()}
    if wrong := sorted(name for name in {*found, *listed} if found.get(name) != listed.get(name)):
        raise IndexDamagedError(f"{path}: the checksum of {wrong[0]} does not hold", _DAMAGED)
    return len(found)


def _is_inside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    unsafe = os.name == "nt" and any(":" in part or "\\" in part for part in parts)
    return not name.startswith("/") and ".." not in parts and not unsafe


def _object(archive: tarfile.TarFile, name: str, path: Path) -> Mapping[str, Any]:
    return _parsed(_content(archive, name, path))


def _parsed(content: bytes) -> Mapping[str, Any]:
    found = json.loads(content)
    if not isinstance(found, dict):
        raise TypeError("an object is missing")
    return found


def _content(archive: tarfile.TarFile, name: str, path: Path) -> bytes:
    return _bytes(archive, _next(archive, name, path), path)


def _next(archive: tarfile.TarFile, name: str, path: Path) -> tarfile.TarInfo:
    """Return the next member, which must have a certain name."""
    entry = archive.next()
    if entry is None or entry.name != name:
        raise IndexDamagedError(f"{path}: is no whole backup ({name} is missing)", _DAMAGED)
    return entry


def _bytes(archive: tarfile.TarFile, entry: tarfile.TarInfo, path: Path) -> bytes:
    source = archive.extractfile(entry) if entry.isreg() and entry.size <= _LARGEST_LIST else None
    content = b"" if source is None else source.read()
    if source is None or len(content) != entry.size:
        raise IndexDamagedError(f"{path}: {entry.name} is cut off", _DAMAGED)
    return content


def _extracted(archive: tarfile.TarFile, name: str, target: Path, path: Path) -> FileStamp:
    return _written(archive, _next(archive, name, path), target, path)


def _written(archive: tarfile.TarFile, entry: tarfile.TarInfo, target: Path, path: Path) -> FileStamp:
    """Write one member; only regular files are taken."""
    source = archive.extractfile(entry) if entry.isreg() else None
    if source is None:
        raise IndexDamagedError(f"{path}: {entry.name} is no file", _DAMAGED)
    target.parent.mkdir(parents=True, exist_ok=True)
    with DurableFile(target) as written:
        while block := source.read(_BLOCK):
            written.write(block)
    return written.stamp()


def _moved(manifest: Manifest, before: str, folder: Path, number: int) -> Manifest:
    """Return the manifest for this place: its number here, and uploads where they lie now."""
    old, new = str(uploads_of(Path(before))), str(uploads_of(folder))

    def here(place: str) -> str:
        return new + place[len(old) :] if place == old or place.startswith((f"{old}/", f"{old}\\")) else place

    options = dict(manifest.options)
    if isinstance(removed := options.get("removed"), list):
        options["removed"] = [here(str(one)) for one in removed]
    return replace(manifest, generation=number, roots=tuple(map(here, manifest.roots)), options=options)


def _seal(fresh: Path, manifest: Manifest) -> str:
    """Write the manifest; returns its digest."""
    content = manifest.to_json()
    files.write_file(fresh / MANIFEST, content)
    for folder in {path.parent for path in fresh.rglob("*")}:
        files.fsync_dir(folder)
    return sha256(content).hexdigest()


def _put_beside(stage: Path, folder: Path) -> None:
    """Put what is beside the generation in its place, file by file."""
    for top, base in ((BESIDE, folder), (FILES, uploads_of(folder))):
        for path in sorted(each for each in (stage / top).rglob("*") if each.is_file()):
            target = base / path.relative_to(stage / top)
            if target.parent != folder:
                owned_tree(target.parent)
            files.replace(path, target)
            files.fsync_dir(target.parent)
