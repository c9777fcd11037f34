"""Checks whether the files of a generation are what was written, before any of them is parsed.

Files up to `ALWAYS` bytes are hashed at every opening, about 1.3 GB a second. A larger one is hashed as it is written.
It is hashed again whenever its size, inode, modification time or change time differs from what was noted then, for
example after a generation was copied or restored from a backup. No program can write to a file, or set its times,
without moving the change time. What remains is decay of the medium under a large file that was sound once. A build
takes over what it finds, so it reads everything; so does `rag index --verify`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.disk import files
from index.disk.files import FileStamp
from index.disk.manifest import Manifest
from index.errors import IndexDamagedError

__all__ = ["looks_kept", "note_written", "problems", "verify"]

ALWAYS = 64 << 20
_NOTES = "verified.json"


def verify(folder: Path, manifest: Manifest, *, whole: bool = False) -> None:
    """Check every file of a generation.

    Args:
        folder: of the generation.
        manifest: says what each file must be.
        whole: read the large ones, too, that were found sound before and look as they did then.

    Raises:
        IndexDamagedError: one is missing or is not what was written; names it.
    """
    notes = _read_notes(folder)
    fresh = dict[str, list[int]]()
    for name, stamp in manifest.files.items():
        path = folder / name
        large = stamp.size > ALWAYS
        looks = _looks(path) if large else []
        if whole or not (large and notes.get(name) == [*looks, stamp.sha256]):
            problem = _problem(path, stamp)
            if problem:
                raise IndexDamagedError(problem)
        if large:
            fresh[name] = looks
    _write_notes(folder, {name: [*looks, manifest.files[name].sha256] for name, looks in fresh.items()}, notes)


def note_written(folder: Path, manifest: Manifest) -> None:
    """Note how the large files of a generation look that was just written, so that its first reader need not hash them.

    Args:
        folder: of the generation, which no reader knows yet.
        manifest: whose checksums were made of the bytes as they were written.
    """
    large = {name: stamp for name, stamp in manifest.files.items() if stamp.size > ALWAYS}
    looks = {name: _looks(folder / name) for name in large}
    sizes = {name: stamp.size for name, stamp in large.items()}
    _write_notes(
        folder, {name: [*look, large[name].sha256] for name, look in looks.items() if look[:1] == [sizes[name]]}, {}
    )


@contextmanager
def looks_kept(folder: Path) -> Iterator[None]:
    """Keep the notes on a generation's large files true, while hard links to the same files come or go.

    A link changes a file's change time and nothing else, so only that is noted anew. Where a file did not fit its note
    before, the note stays as it was, so that the file is hashed.
    """
    notes = _read_notes(folder)
    held = {name: looks for name in notes if (looks := _looks(folder / name)) and notes[name][:-1] == looks}
    try:
        yield
    finally:
        fresh = dict(notes)
        for name, looks in held.items():
            now = _looks(folder / name)
            if now[:-1] == looks[:-1]:
                fresh[name] = [*now, notes[name][-1]]
        _write_notes(folder, fresh, notes)


def problems(folder: Path, manifest: Manifest) -> list[str]:
    """Read every file whole and return a sentence for each that is not what was written."""
    return [found for name, stamp in manifest.files.items() if (found := _problem(folder / name, stamp))]


def _problem(path: Path, stamp: FileStamp) -> str:
    try:
        found = files.sha256_file(path)
    except OSError as error:
        return f"{path}: can't be read ({error.strerror}); rebuild with `rag index`"
    if found.size != stamp.size:
        return f"{path}: has {found.size} bytes instead of {stamp.size}; rebuild with `rag index`"
    return "" if found == stamp else f"{path}: its checksum does not hold; rebuild with `rag index`"


def _looks(path: Path) -> list[int]:
    try:
        status = path.stat()
    except OSError:
        return []
    return [status.st_size, status.st_ino, status.st_mtime_ns, status.st_ctime_ns]


def _read_notes(folder: Path) -> dict[str, list[int | str]]:
    try:
        found = json.loads((folder / _NOTES).read_bytes())
    except (OSError, ValueError):
        return {}
    return {name: notes for name, notes in found.items() if isinstance(notes, list)} if isinstance(found, dict) else {}


def _write_notes(folder: Path, notes: dict[str, list[int | str]], before: dict[str, list[int | str]]) -> None:
    """Note what was found sound; an index that can't be written to is simply hashed again next time."""
    if not notes or notes == before:
        return
    fresh = folder / f"{_NOTES}.{os.getpid()}"
    try:
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(notes), encoding="ascii")
        fresh.replace(folder / _NOTES)
    except OSError:
        fresh.unlink(missing_ok=True)
