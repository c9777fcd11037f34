"""The generations of an index: which one is current, how the next takes its place, and when old ones go.

index_dir/
    CURRENT               "gen-000002 <sha256 of its manifest>", replaced in one step
    gen-000002/           a finished generation, never changed again
        manifest.json     what it is; SHA-256 and size of all that follows
        documents.sqlite  passages_*  keys.npy  keywords/  sentences/  alignment.npz  sources.json
        since/            of a large index: what changed since the files above were written; earlier generations share
                          those, each under names of its own
        in-use            locked by every reader, shared; who can lock it alone may delete the folder
        verified.json     which large files were found sound, and how they looked then
    gen-000003.tmp/       a build at work, or what one left that was killed
    embeddings.sqlite.new vectors by text that no generation holds yet
    embeddings.sqlite     those of passages that left lately
    lock                  held by the one build
"""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

from index.disk import files
from index.disk.locks import try_lock, unlock
from index.disk.verifying import looks_kept
from index.errors import IndexDamagedError, IndexMissingError, StoreError

__all__ = [
    "CURRENT",
    "Current",
    "commit",
    "discard",
    "fresh_folder",
    "generations",
    "hold",
    "number_of",
    "read_current",
    "sweep",
    "sweep_patiently",
]

CURRENT = "CURRENT"
_IN_USE = "in-use"
_LINE = re.compile(rb"(gen-\d{6,}) ([0-9a-f]{64})\n")
# An idle reader goes over to a newer generation within about two seconds (`index.opening.live`).
_READERS_SECONDS = 3.0
_LOOK_SECONDS = 0.05
_NAME = re.compile(r"gen-(\d{6,})(\.tmp|\.old)?")


@dataclass(frozen=True, slots=True)
class Current:
    """The generation that is to be read.

    Attributes:
        folder: its folder.
        digest: SHA-256 of its manifest, hexadecimal.
    """

    folder: Path
    digest: str


def read_current(index_dir: Path) -> Current:
    """Return the current generation.

    Raises:
        IndexMissingError: nothing was built there yet.
        IndexDamagedError: the file that names it is not what was written.
    """
    path = index_dir / CURRENT
    try:
        found = _LINE.fullmatch(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise IndexMissingError(f"{index_dir}: there is no index yet", "build one with `rag index`") from error
    except OSError as error:
        raise IndexDamagedError(f"{path}: can't be read ({error.strerror})", "check its permissions") from error
    if found is None:
        raise IndexDamagedError(f"{path}: is damaged", "name what to index again: `rag index PATHS`")
    return Current(index_dir / found[1].decode(), found[2].decode())


def number_of(folder: Path) -> int:
    """Return the number of a generation from the name of its folder."""
    found = _NAME.fullmatch(folder.name)
    return int(found[1]) if found else 0


def generations(index_dir: Path) -> list[Path]:
    """Return the folders of all finished generations, the newest one first."""
    found = [each for each in index_dir.iterdir() if _NAME.fullmatch(each.name) and not each.suffix]
    return sorted(found, key=number_of, reverse=True)


def fresh_folder(index_dir: Path) -> tuple[int, Path]:
    """Make the folder of the next generation under a temporary name and return its number and path."""
    number = 1 + max((number_of(each) for each in index_dir.iterdir()), default=0)
    folder = index_dir / f"gen-{number:06}.tmp"
    folder.mkdir()
    return number, folder


def commit(index_dir: Path, folder: Path, digest: str) -> Path:
    """Give a complete folder, whose files are synced, its name and make it the current generation.

    Args:
        index_dir: the index.
        folder: what `fresh_folder` made.
        digest: SHA-256 of its manifest.

    Returns:
        The folder under its name.
    """
    files.write_file(folder / _IN_USE, b"")
    files.fsync_dir(folder)
    final = folder.with_suffix("")
    files.rename(folder, final)
    files.fsync_dir(index_dir)
    files.write_atomic(index_dir / CURRENT, f"{final.name} {digest}\n".encode())
    return final


def hold(folder: Path) -> int | None:
    """Mark a generation as being read until the returned descriptor is closed; `None` when it is on its way out."""
    try:
        descriptor = os.open(folder / _IN_USE, os.O_RDONLY)
    except OSError:
        return None
    if try_lock(descriptor, shared=True) and os.fstat(descriptor).st_nlink:
        return descriptor
    os.close(descriptor)
    return None


def discard(index_dir: Path, folder: Path) -> None:
    """Delete a generation that failed, under its temporary name or its final one, unless it has become current.

    No other generation is touched: whether the switch has reached the disk is not known after a failure.
    """
    final = folder.with_suffix("")
    try:
        current = read_current(index_dir).folder
    except StoreError:
        current = None
    with looks_kept(current or final):
        files.remove_tree(folder)
        if current != final:
            files.remove_tree(final)


def sweep(index_dir: Path, keep: Path) -> None:
    """Delete every generation but one that no reader holds, and what killed builds left; needs the build's lock."""
    (index_dir / f"{CURRENT}.new").unlink(missing_ok=True)
    others = [each for each in sorted(index_dir.iterdir()) if _NAME.fullmatch(each.name) and each != keep]
    if not others:
        return
    with looks_kept(keep):
        for folder in others:
            if folder.suffix:
                files.remove_tree(folder)
            else:
                _remove_unless_read(folder)


def sweep_patiently(index_dir: Path, keep: Path, building: Path) -> None:
    """Give readers of older generations a moment to go over to the newest, before there is one more of them.

    When builds follow each other faster than an idle reader looks, the disk would hold three generations else. A reader
    that stays is not waited for.

    Args:
        index_dir: the index, whose build lock is held.
        keep: its current generation.
        building: the folder that is to become the next one.
    """
    deadline = time.monotonic() + _READERS_SECONDS
    others = [each for each in index_dir.iterdir() if _NAME.fullmatch(each.name) and each not in (keep, building)]
    with looks_kept(keep):
        while (others := [each for each in others if not _remove_unless_read(each)]) and time.monotonic() < deadline:
            time.sleep(_LOOK_SECONDS)


def _remove_unless_read(folder: Path) -> bool:
    """Delete a generation; returns whether it is gone."""
    try:
        descriptor = os.open(folder / _IN_USE, os.O_RDWR)
    except FileNotFoundError:  # its removal was interrupted
        files.remove_tree(folder)
        return True
    except OSError:
        return False
    try:
        free = try_lock(descriptor)
        if free:
            files.remove_tree(folder)
    finally:
        unlock(descriptor)
    if free:
        files.remove_tree(folder)  # Windows kept the mark, which was open until now
    return free
