"""Copies of what lies in places, each with a note of which version it is: what has not changed is not fetched again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from index.disk import files
from index.sizes import limit_text
from index.sources.places.base import Entry
from index.sources.types import RefusedError, SourceFile

__all__ = ["NOTE", "current", "fetched", "is_ours", "stem_of"]

NOTE = ".place.json"
_SUFFIX = re.compile(r"\.\w{1,9}", re.ASCII)
_OURS = re.compile(r"[0-9a-f]{24}(\.\w{1,9}|\.place\.json|\.part)?(\.new)?")


@dataclass(frozen=True, slots=True)
class _Note:
    """What is known of a copy.

    Attributes:
        name: of its file.
        sha256: of its bytes, hexadecimal.
        size: of it, bytes.
        ctime_ns: as the system notes it; with the next, shows without reading that the file is as it was written.
        inode: its number on the disk.
        version: as the place reported it.
    """

    name: str
    sha256: str
    size: int
    ctime_ns: int
    inode: int
    version: str


def stem_of(source: str) -> str:
    """Return how the names of a source's files begin."""
    return sha256(source.encode("utf-8", "replace")).hexdigest()[:24]


def is_ours(name: str) -> bool:
    """Say whether a file is a copy, a note, or what a killed build left of one."""
    return _OURS.fullmatch(name) is not None


def current(entry: Entry, source: str, folder: Path) -> SourceFile | None:
    """Return the copy of one thing if it is of the version that its place has now; `None` if it must be fetched."""
    note = _read_note(folder, stem_of(source))
    return _file(note, source, folder) if note and entry.version and note.version == entry.version else None


def fetched(entry: Entry, source: str, folder: Path, limit: int) -> SourceFile:
    """Fetch one thing; the copy can be read like any other file, and stays untouched where the bytes are the same.

    Args:
        entry: the thing.
        source: its name.
        folder: where copies lie; it must exist.
        limit: most bytes.

    Raises:
        RefusedError: it is too large. Whatever its place raises is raised here.
    """
    if entry.size is not None and entry.size > limit:
        raise RefusedError(f"{entry.size:,} bytes", limit_text(limit), skipped=True)
    stem = stem_of(source)
    return _file(_fetch(entry, folder, stem, limit, _read_note(folder, stem)), source, folder)


def _file(note: _Note, source: str, folder: Path) -> SourceFile:
    path = folder / note.name
    status = path.stat()
    noted = (status.st_ctime_ns, status.st_ino)
    return SourceFile(path, source, status.st_size, status.st_mtime_ns, folder, *noted)


def _fetch(entry: Entry, folder: Path, stem: str, limit: int, before: _Note | None) -> _Note:
    part = folder / f"{stem}.part"
    try:
        with files.DurableFile(part) as file:
            for block in _bounded(entry.read(), limit):
                file.write(block)
        stamp = file.stamp()
        name = stem + (entry.suffix if _SUFFIX.fullmatch(entry.suffix) else "")
        if before is None or (before.sha256, before.name) != (stamp.sha256, name):
            files.replace(part, folder / name)
            files.fsync_dir(folder)
    finally:
        part.unlink(missing_ok=True)
    status = (folder / name).stat()
    note = _Note(name, stamp.sha256, stamp.size, status.st_ctime_ns, status.st_ino, entry.version)
    files.write_atomic(folder / f"{stem}{NOTE}", json.dumps(asdict(note)).encode("ascii"))
    return note


def _bounded(blocks: Iterator[bytes], limit: int) -> Iterator[bytes]:
    size = 0
    for block in blocks:
        size += len(block)
        if size > limit:
            raise RefusedError(f"more than {limit:,} bytes, the limit", skipped=True)
        yield block


def _read_note(folder: Path, stem: str) -> _Note | None:
    """Return the note of a copy if its file is what the note says."""
    try:
        fields = json.loads((folder / f"{stem}{NOTE}").read_bytes())
        note = _Note(
            str(fields["name"]),
            str(fields["sha256"]),
            int(fields["size"]),
            int(fields["ctime_ns"]),
            int(fields["inode"]),
            str(fields["version"]),
        )
        path = folder / Path(note.name).name
        status = path.lstat()
        same = (status.st_size, status.st_ctime_ns, status.st_ino) == (note.size, note.ctime_ns, note.inode)
        sound = note.name.startswith(stem) and (same or files.sha256_file(path).sha256 == note.sha256)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return note if sound else None
