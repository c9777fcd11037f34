"""Folders for temporary files: their owner's, removed at the end, and after a kill at the next start."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from index.disk.locks import try_lock

__all__ = ["remove_scratch", "scratch", "scratch_folder", "sweep"]

_PREFIX = "babelquote-"
_IN_USE = "in-use"
# A folder without a mark is one of an older version, or its process has this moment made it.
_FORGOTTEN_SECONDS = 86_400
_open: dict[Path, int] = {}


def scratch_folder() -> Path:
    """Make a folder that only this account may enter, and remove those of processes that are gone."""
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))  # 0700
    descriptor = os.open(folder / _IN_USE, os.O_RDWR | os.O_CREAT, 0o600)
    try_lock(descriptor)
    _open[folder] = descriptor  # the system gives the lock back however this process ends
    return folder


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder as `scratch_folder` makes it, and remove it when the block ends."""
    folder = scratch_folder()
    try:
        yield folder
    finally:
        remove_scratch(folder)


def remove_scratch(folder: Path | None = None) -> None:
    """Remove a folder that this process has made, `None` means every one; twice is no error."""
    for one in list(_open) if folder is None else [folder]:
        descriptor = _open.pop(one, None)
        if descriptor is not None:
            shutil.rmtree(one, ignore_errors=True)
            os.close(descriptor)


def sweep() -> None:
    """Remove the folders of processes that are gone."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):  # another process removes it just now
            look = folder.lstat()
            own = not hasattr(os, "geteuid") or look.st_uid == os.geteuid()
            if own and folder.is_dir() and not folder.is_symlink() and _is_left(folder, look.st_mtime):
                shutil.rmtree(folder, ignore_errors=True)


def _is_left(folder: Path, changed: float) -> bool:
    try:
        descriptor = os.open(folder / _IN_USE, os.O_RDWR)
    except FileNotFoundError:
        return time.time() - changed > _FORGOTTEN_SECONDS
    try:
        return try_lock(descriptor)
    finally:
        os.close(descriptor)
