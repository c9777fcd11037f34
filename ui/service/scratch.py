"""The server's folder for temporary files: its owner's, removed at the end, and after a kill at the next start."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from index.disk.locks import try_lock

__all__ = ["remove_scratch", "scratch_folder"]

_PREFIX = "babelquote-"
_IN_USE = "in-use"
# A folder without a mark is one of an older version, or its server has this moment made it.
_FORGOTTEN_SECONDS = 86_400
_open: dict[Path, int] = {}


def scratch_folder() -> Path:
    """Make a folder that only this account may enter, and remove those of servers that are gone."""
    _sweep(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))  # 0700
    descriptor = os.open(folder / _IN_USE, os.O_RDWR | os.O_CREAT, 0o600)
    try_lock(descriptor)
    _open[folder] = descriptor  # the system gives the lock back however this process ends
    return folder


def remove_scratch() -> None:
    """Remove every folder that this process has made."""
    while _open:
        folder, descriptor = _open.popitem()
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def _sweep(where: Path) -> None:
    for folder in where.glob(f"{_PREFIX}*"):
        with suppress(OSError):  # another server removes it just now
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
