"""Advisory locks that the system drops by itself when their process ends, however it ends.

`flock` on Linux and macOS, `msvcrt` on Windows. That knows exclusive locks of bytes only, and lets nobody else read
these: there a shared lock is one byte of many far behind the content, an exclusive one is all of them.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Self

from index.errors import IndexBusyError

__all__ = ["BuildLock", "try_lock", "unlock"]

# Between taking the lock and writing its name a process needs an instant; whoever comes then waits for the name.
_NAMING_SECONDS = 1.0
# On Windows: where the bytes begin that are locked, and how many may share a lock.
_BEHIND = 1 << 30
_SHARERS = 256

_held: set[int] = set()
_watching_forks = False


def try_lock(descriptor: int, *, shared: bool = False) -> bool:
    """Take a lock on an open file without waiting; returns whether it was free."""
    if sys.platform == "win32":
        return _try_bytes(descriptor, shared=shared)
    import fcntl

    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _try_bytes(descriptor: int, *, shared: bool) -> bool:
    """Do the same on Windows; the place in the file stays where it was."""
    msvcrt = import_module("msvcrt")
    place = os.lseek(descriptor, 0, os.SEEK_CUR)
    try:
        for first in range(_BEHIND, _BEHIND + (_SHARERS if shared else 1)):
            os.lseek(descriptor, first, os.SEEK_SET)
            with suppress(OSError):
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1 if shared else _SHARERS)
                return True
        return False
    finally:
        os.lseek(descriptor, place, os.SEEK_SET)


def unlock(descriptor: int) -> None:
    """Close the file, which gives its lock back."""
    _held.discard(descriptor)
    os.close(descriptor)


class BuildLock:
    """Held by the one build of an index folder.

    Raises:
        IndexBusyError: on entering, when another build holds it; names its process and since when.
    """

    def __init__(self, index_dir: Path) -> None:
        self._path = index_dir / "lock"
        self._descriptor = -1

    def __enter__(self) -> Self:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        patience = time.monotonic() + _NAMING_SECONDS
        while not try_lock(descriptor):
            os.lseek(descriptor, 0, os.SEEK_SET)
            holder = os.read(descriptor, 200)
            if holder or time.monotonic() > patience:
                os.close(descriptor)
                raise IndexBusyError(self._busy(holder))
            time.sleep(0.02)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, json.dumps({"pid": os.getpid(), "since": _now()}).encode())
        self._descriptor = descriptor
        _forget_in_children(descriptor)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.ftruncate(self._descriptor, 0)
        unlock(self._descriptor)

    def _busy(self, holder: bytes) -> str:
        try:
            owner = json.loads(holder)
            who = f"process {owner['pid']} since {owner['since']}"
        except (ValueError, KeyError, TypeError):
            who = "another process"  # it has taken the lock and not yet said its name
        return f"{self._path.parent}: already being built by {who}; wait until it is done and run again"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _forget_in_children(descriptor: int) -> None:
    """Close the lock in forked children: one that outlives a killed build would hold the lock in its name."""
    global _watching_forks  # noqa: PLW0603 - the hook can be registered once only
    _held.add(descriptor)
    if not _watching_forks and hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_close_held)
        _watching_forks = True


def _close_held() -> None:
    while _held:
        os.close(_held.pop())
