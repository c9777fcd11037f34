"""Every byte that our own code makes durable goes through here, so that one place is right and tests can break it.

A file counts as written only after it was flushed, synced and found to have its full length; a name counts only
after its folder was synced as well. Callers say `files.replace(...)`, never
`from index.disk.files import replace`, so that fault injection sees each step.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

__all__ = [
    "DurableFile",
    "FileStamp",
    "fsync_dir",
    "fsync_file",
    "link",
    "read_blocks",
    "remove_tree",
    "rename",
    "replace",
    "sha256_file",
    "share",
    "write_atomic",
    "write_file",
]

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What a file must be: its SHA-256 (hexadecimal) and its length in bytes."""

    sha256: str
    size: int


class DurableFile:
    """A new file that is synced and checked when its block ends; one that already exists is replaced.

    Attributes:
        path: where it is written.
        size: bytes written so far.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self._hash = hashlib.sha256()
        self._file = path.open("wb")

    def write(self, data: bytes | memoryview) -> None:
        """Append bytes; raises `OSError` when the disk doesn't take them."""
        _write(self._file.fileno(), memoryview(data).cast("B"))
        self._hash.update(data)
        self.size += memoryview(data).nbytes

    def stamp(self) -> FileStamp:
        """Return checksum and length of what was written."""
        return FileStamp(self._hash.hexdigest(), self.size)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()
        if kind is None:
            fsync_file(self.path)
            if self.path.stat().st_size != self.size:  # a full disk can lose the tail without an error
                raise OSError(f"{self.path}: only {self.path.stat().st_size} of {self.size} bytes were written")


def _write(descriptor: int, data: memoryview) -> None:
    while data:
        written = os.write(descriptor, data[:_BLOCK])
        data = data[written:]


def write_file(path: Path, data: bytes) -> FileStamp:
    """Write a whole file durably (its folder is the caller's to sync) and return its stamp."""
    with DurableFile(path) as file:
        file.write(data)
    return file.stamp()


def write_atomic(path: Path, data: bytes) -> None:
    """Replace a file so that whoever reads it, at any moment and after any crash, sees the old or the new content."""
    fresh = path.with_name(path.name + ".new")
    try:
        write_file(fresh, data)
        replace(fresh, path)
    except OSError:
        with suppress(OSError):  # a full disk: nothing is left of the attempt
            fresh.unlink()
        raise
    fsync_dir(path.parent)


def fsync_file(path: Path) -> None:
    """Ask the system to put the file's content on the disk."""
    descriptor = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fsync_dir(path: Path) -> None:
    """Ask the system to put the names in a folder on the disk; only POSIX systems offer it."""
    if os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def rename(source: Path, target: Path) -> None:
    """Give a file or folder another name; the target must not exist."""
    source.rename(target)


def replace(source: Path, target: Path) -> None:
    """Put a file in place of another in one step."""
    source.replace(target)


def link(source: Path, target: Path) -> None:
    """Give a file a second name; whoever removes one of them leaves the other."""
    os.link(source, target)


def share(source: Path, target: Path, stamp: FileStamp) -> None:
    """Let a file that is never written again stand under another name, too: copied where the disk has no links.

    Args:
        source: the file, which was synced when it was written.
        target: its other name (its folder is the caller's to sync).
        stamp: what the file must be.

    Raises:
        OSError: there is no room for a copy, or the copy is not what the file must be.
    """
    try:
        link(source, target)
    except OSError:  # another file system, or one without links
        with DurableFile(target) as file:
            for block in read_blocks(source):
                file.write(block)
        if file.stamp() != stamp:
            raise OSError(f"{source}: its checksum does not hold") from None


def remove_tree(path: Path) -> None:
    """Remove a folder with all that is in it; what is gone already is no error."""
    shutil.rmtree(path, ignore_errors=True)


def read_blocks(path: Path) -> Iterator[bytes]:
    """Go through the content of a file in blocks of a mebibyte."""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def sha256_file(path: Path) -> FileStamp:
    """Return checksum and length of a file as it is on the disk now."""
    digest, size = hashlib.sha256(), 0
    for block in read_blocks(path):
        digest.update(block)
        size += len(block)
    return FileStamp(digest.hexdigest(), size)
