"""What is indexed is its owner's: folders that no other account may enter, files that none may read.

Texts, questions and judgements lie in the index, and a system's usual umask lets every account read them.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["closed_umask", "owned_folder", "owned_tree", "tighten"]

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
# What our own programs put into the folder of an index, by the beginnings of the names.
_OURS = (
    "gen-",
    "CURRENT",
    "lock",
    "embeddings.sqlite",
    "feedback.jsonl",
    "receipts.key",
    "collections.json",
    "pages",
    "places",
    "uploads",
    "incoming",
)


@contextmanager
def closed_umask() -> Iterator[None]:
    """Make what is created within a block its owner's; a umask that forbids more stays as it is."""
    before = os.umask(0o077)
    os.umask(before | _OTHERS)
    try:
        yield
    finally:
        os.umask(before)


def owned_folder(path: Path) -> None:
    """Make the folder of an index, or tighten one that is there with all that is ours in it.

    Raises:
        OSError: it can't be made.
    """
    if not path.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
    tighten(path)


def owned_tree(path: Path) -> None:
    """Make a folder that is all ours, or tighten it with all that is in it.

    Raises:
        OSError: it can't be made.
    """
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.name == "posix":
        _close_tree(path)


def tighten(index_dir: Path) -> None:
    """Take from other accounts what they may do with an index, one that was made before included.

    What is not ours, in a folder that serves for more, stays as it is, and so does what belongs to another account.
    """
    if os.name != "posix":
        return
    with suppress(OSError):
        entries = sorted(index_dir.iterdir())
        ours = [entry for entry in entries if entry.name.startswith(_OURS)]
        if ours == entries:
            _close(index_dir)
        for entry in ours:
            _close_tree(entry)


def _close_tree(path: Path) -> None:
    if path.is_symlink():
        return
    _close(path)
    for folder, names, files in os.walk(path):
        for name in (*names, *files):
            _close(Path(folder) / name)


def _close(path: Path) -> None:
    with suppress(OSError):  # it went meanwhile, or is another account's
        mode = path.lstat().st_mode
        if mode & _OTHERS and not stat.S_ISLNK(mode):
            path.chmod(stat.S_IMODE(mode) & ~_OTHERS)
