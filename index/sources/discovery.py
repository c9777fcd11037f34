"""Finds the files under the given paths, and names whatever is left out with the reason."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pathspec import GitIgnoreSpec

from index.errors import SourceError, SourceSkippedError
from index.language.hygiene import printable
from index.sizes import limit_text
from index.sources.ignoring import IGNORE_FILE, IGNORE_FILE_LIMIT, is_ignored
from index.sources.types import MAX_BYTES, Discovery, SourceFile
from index.sources.uploaded import own_name

__all__ = ["IGNORE_FILE", "discover"]


def discover(
    paths: Sequence[Path],
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    max_bytes: int = MAX_BYTES,
) -> Discovery:
    """Walk files and folders.

    Hidden names, links, pipes and devices, names that are no text, files above the size limit and whatever a
    `.ragignore` file (the syntax of `.gitignore`) or the patterns leave out are skipped, each named once. A path that
    was given itself may be hidden or a link.

    Args:
        paths: files and folders.
        include: patterns of the `.gitignore` syntax; when given, only files that match one are kept.
        exclude: patterns of files and folders to leave out.
        max_bytes: largest file that is kept.

    Returns:
        The files, sorted by source, and what was skipped.

    Raises:
        SourceError: a path does not exist.
    """
    walk = _Walk(GitIgnoreSpec.from_lines(include) if include else None, GitIgnoreSpec.from_lines(exclude), max_bytes)
    roots = [_resolve(path) for path in paths]
    labels = _labels([_root_of(path) for path in roots])
    for path in roots:
        root = _root_of(path)
        walk.start(path, root, labels[root])
    files = sorted(_numbered(walk.files.values()), key=lambda file: file.source)
    return Discovery(tuple(files), tuple(sorted(walk.skipped.values(), key=lambda error: error.source)))


def _numbered(files: Iterable[SourceFile]) -> Iterator[SourceFile]:
    """Yield the files, each with a source of its own, the same at every look.

    Names that are written alike in other code points (NFC and NFD) are two files to most systems and one source to us.
    """
    taken: dict[str, int] = {}
    for file in sorted(files, key=lambda file: os.fsencode(file.path)):
        number = taken[file.source] = taken.get(file.source, 0) + 1
        yield file if number == 1 else replace(file, source=f"{file.source} ({number})")


def _resolve(path: Path) -> Path:
    shown = printable(str(path))
    try:
        return path.expanduser().resolve(strict=True)
    except FileNotFoundError as error:
        raise SourceError(shown, "there is no such file or folder", "check the path") from error
    except (OSError, RuntimeError, ValueError) as error:
        raise SourceError(shown, f"can't be opened ({error})", "check the path") from error


def _root_of(path: Path) -> Path:
    return path if path.is_dir() else path.parent


def _labels(roots: Sequence[Path]) -> dict[Path, str]:
    """Name each root by as few of its last folders as tell it from the others."""
    unique = list(dict.fromkeys(roots))
    labels = {}
    for root in unique:
        parts = [part for part in root.parts if part != root.anchor]
        others = [[part for part in other.parts if part != other.anchor] for other in unique if other != root]
        depth = 1
        while depth < len(parts) and any(other[-depth:] == parts[-depth:] for other in others):
            depth += 1
        labels[root] = "/".join(parts[-depth:])
    return labels


@dataclass
class _Walk:
    include: GitIgnoreSpec | None
    exclude: GitIgnoreSpec
    max_bytes: int
    files: dict[Path, SourceFile] = field(default_factory=dict)
    skipped: dict[Path, SourceSkippedError] = field(default_factory=dict)

    def start(self, path: Path, root: Path, label: str) -> None:
        if path != root:
            self._file(path, root, label, os.lstat(path), given=True)
            return
        folders: list[tuple[Path, tuple[tuple[str, GitIgnoreSpec], ...]]] = [(root, ())]
        while folders:  # a stack and no recursion: depth costs nothing
            folder, ignores = folders.pop()
            ignores = (*ignores, *_ignore_rules(folder, root))
            folders.extend((child, ignores) for child in self._folder(folder, root, label, ignores))

    def _folder(
        self, folder: Path, root: Path, label: str, ignores: tuple[tuple[str, GitIgnoreSpec], ...]
    ) -> Iterator[Path]:
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            self._skip(folder, root, label, f"the folder can't be read ({error.strerror})")
            return
        for entry in entries:
            path = folder / entry.name
            is_folder = entry.is_dir(follow_symlinks=False)
            reason = self._reason(entry, path, root, ignores, is_folder=is_folder)
            if reason:
                self._skip(path, root, label, reason)
            elif entry.name == IGNORE_FILE:
                continue
            elif is_folder:
                yield path
            else:
                self._entry(entry, path, root, label)

    def _entry(self, entry: os.DirEntry[str], path: Path, root: Path, label: str) -> None:
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError as error:
            self._skip(path, root, label, f"can't be read ({error.strerror})")
            return
        self._file(path, root, label, status, given=False)

    def _reason(
        self,
        entry: os.DirEntry[str],
        path: Path,
        root: Path,
        ignores: tuple[tuple[str, GitIgnoreSpec], ...],
        *,
        is_folder: bool,
    ) -> str:
        if entry.name == IGNORE_FILE:
            return ""
        reason = _reason_by_name(entry.name) or (_link_reason(path, root) if entry.is_symlink() else "")
        if reason:
            return reason
        relative = _relative(path, root) + ("/" if is_folder else "")
        if is_ignored(relative, ignores):
            return f"left out by {IGNORE_FILE}"
        if self.exclude.match_file(relative):
            return "excluded by a pattern"
        if not is_folder and self.include is not None and not self.include.match_file(relative):
            return "not among the included patterns"
        return ""

    def _file(self, path: Path, root: Path, label: str, status: os.stat_result, *, given: bool) -> None:
        if not stat.S_ISREG(status.st_mode):
            self._skip(path, root, label, f"{_kind(status.st_mode)}, not a file")
        elif given and _bad_name(path.name):
            self._skip(path, root, label, _reason_by_name(path.name))
        elif status.st_size > self.max_bytes:
            self._skip(path, root, label, f"{status.st_size:,} bytes; {limit_text(self.max_bytes)}")
        else:
            source = _source(path, root, label)
            file = SourceFile(path, source, status.st_size, status.st_mtime_ns, root, status.st_ctime_ns, status.st_ino)
            self.files.setdefault(path, file)

    def _skip(self, path: Path, root: Path, label: str, reason: str) -> None:
        self.skipped.setdefault(path, SourceSkippedError(printable(_source(path, root, label)), reason))


def _relative(path: Path, root: Path) -> str:
    """Return the path from a folder to what lies in it; as text, for `relative_to` is slow and there are many files."""
    return path.as_posix().removeprefix(root.as_posix()).removeprefix("/") or "."


def _source(path: Path, root: Path, label: str) -> str:
    relative = own_name(path)
    if relative is not None:
        return unicodedata.normalize("NFC", relative)
    relative = _relative(path, root)
    return unicodedata.normalize("NFC", f"{label}/{relative}" if label else relative)


def _bad_name(name: str) -> bool:
    return printable(name) != name


def _reason_by_name(name: str) -> str:
    if _bad_name(name):
        return "its name is no valid text or holds control characters; rename it to have it read"
    return "hidden" if name.startswith(".") else ""


def _link_reason(path: Path, root: Path) -> str:
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):
        return "a link that leads nowhere or in a circle"
    if target.is_relative_to(root):
        return "a link; what it points to is read where it is"
    return "a link that leaves the folder; give its target to have it read"


def _kind(mode: int) -> str:
    kinds = ((stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISCHR, "a device"))
    return next((kind for test, kind in kinds if test(mode)), "a device or something else")


def _ignore_rules(folder: Path, root: Path) -> Iterator[tuple[str, GitIgnoreSpec]]:
    path = folder / IGNORE_FILE
    try:
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode) or status.st_size > IGNORE_FILE_LIMIT:
            return
        lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError:
        return
    prefix = folder.relative_to(root).as_posix()
    yield ("" if prefix == "." else prefix + "/"), GitIgnoreSpec.from_lines(lines)
