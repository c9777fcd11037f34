"""Files in the cache folder that can be made again: graphs, the tree of a vocabulary.

What lies there may be lost, damaged or not writable; whoever reads it makes it anew then.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import tempfile
from pathlib import Path

from index.config import cache_dir, forget_parts
from index.disk.private import owned_tree

__all__ = ["HEAD", "keep", "mapped", "place"]

HEAD = 64
"""Bytes before the content: its SHA-256, then zeros, so that what follows begins aligned."""


def place(folder: str, key: str, suffix: str) -> Path:
    """Return where the file for a key lies.

    Args:
        folder: name of the folder within the cache.
        key: all that the content depends on.
        suffix: of the file's name, with its dot.
    """
    return cache_dir() / folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}{suffix}"


def mapped(path: Path) -> mmap.mmap | None:
    """Return a file mapped into memory, the content behind `HEAD`; `None` where it isn't what was written.

    It is private to this process: OpenVINO wants to be allowed to write, though it doesn't.
    """
    try:
        if not _is_sound(path):
            return None
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    except (OSError, ValueError):  # not there, or empty by now
        return None


def _is_sound(path: Path) -> bool:
    """Tell whether a file is what was written. It is read piece by piece: mapped, all of it would fill memory."""
    with path.open("rb") as file:
        head = file.read(HEAD)
        digest = hashlib.file_digest(file, "sha256").digest()
        return file.tell() > HEAD and digest.ljust(HEAD, b"\0") == head


def keep(path: Path, content: bytes, most: int) -> None:
    """Write a file beside its place and rename it, so that no other process reads half of it.

    Args:
        path: its place.
        content: without the head.
        most: so many files of its kind are kept in its folder, the newest.
    """
    try:
        owned_tree(path.parent)  # what lies in it is run: nobody else may put anything there
        descriptor, unfinished = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(hashlib.sha256(content).digest().ljust(HEAD, b"\0"))
                file.write(content)
            Path(unfinished).replace(path)
        finally:
            Path(unfinished).unlink(missing_ok=True)
        _forget_old(path, most)
    except OSError:  # a cache that can't be written costs time, nothing else
        return


def _forget_old(path: Path, most: int) -> None:
    alike = path.parent.glob(f"*{path.suffix}")
    files = sorted(alike, key=lambda one: one.stat().st_mtime, reverse=True)
    forget_parts(path.parent)
    for file in files[most:]:
        file.unlink(missing_ok=True)
