"""Places that `fsspec` reaches: buckets of S3, Google and Azure, WebDAV, SMB, SFTP, FTP, repositories of GitHub.

Credentials are those that fsspec and its packages find by themselves (its configuration files, variables such as
`AWS_ACCESS_KEY_ID`, keys of SSH), else a password as `index.sources.places.secrets` looks it up.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any, TypeAlias

from pathspec import GitIgnoreSpec

from index.sources.ignoring import IGNORE_FILE, IGNORE_FILE_LIMIT, Ignores, is_ignored
from index.sources.places.base import Entry, LeftOut
from index.sources.types import RefusedError

__all__ = ["Filesystem", "version_of"]

Info: TypeAlias = Any
"""What fsspec says of one thing: a dict, with `name`, `type` and `size` at least."""
_BLOCK = 1 << 20
_DEEPEST = 100
# What places say of a thing that changes with its bytes, and, where they say nothing of the kind, when it changed.
_MARKS = ("etag", "e_tag", "md5hash", "md5", "content_md5", "crc32c", "sha", "content_hash", "versionid", "generation")
_TIMES = ("lastmodified", "last_modified", "mtime", "modified", "updated", "modify", "last_write_time", "created")
_RACY_S = 3.0  # what changed this shortly before it was looked at may change again within one tick of its clock


@dataclass(slots=True)
class Filesystem:
    """A place as fsspec shows it.

    Attributes:
        fs: the file system (`fsspec.AbstractFileSystem`).
        root: the place in it.
        step: does one step with it, in the time that one may take.
    """

    fs: Any
    root: str
    step: Callable[[Callable[[], Any]], Any]

    def entries(self) -> Iterator[Entry | LeftOut]:
        """Go through all files below the root, folder by folder; see `Place.entries`."""
        info = self.step(self._root_info)
        if info.get("type") == "file":
            yield self._entry("", self.root, info)
            return
        folders, seen = list[tuple[str, Ignores]]([(self.root, ())]), {""}
        while folders:
            folder, ignores = folders.pop()
            listed = self._listed(folder, given=folder == self.root)
            ignores = (*ignores, *self._rules(folder, listed))
            for path, info in listed:
                if isinstance(info, LeftOut):
                    yield info
                    continue
                below = self._below(path)
                if below is None or below not in seen:
                    found = self._looked_at(path, below, info, ignores)
                    seen.add(below or "")
                    if found is None:
                        folders.append((path, ignores))
                    else:
                        yield found

    def close(self) -> None:
        """Let go of the connection where the library keeps one for this place alone."""
        client = getattr(self.fs, "client", None)
        if client is not None and hasattr(client, "close"):
            client.close()

    def _looked_at(self, path: str, below: str | None, info: Info, ignores: Ignores) -> Entry | LeftOut | None:
        """Return what one thing is; `None` for a folder to look into."""
        if below is None or ".." in below.split("/"):
            return LeftOut("", f"{path}: its name leads out of the place", lost=False)
        folder = info.get("type") == "directory"
        if is_ignored(below + ("/" if folder else ""), ignores):
            return LeftOut(f"/{below}", f"left out by {IGNORE_FILE}", lost=False)
        if not folder:
            return self._entry(f"/{below}", path, info)
        if PurePosixPath(below).name.startswith("."):
            return LeftOut(f"/{below}", "hidden", lost=False)
        if below.count("/") >= _DEEPEST:
            return LeftOut(f"/{below}", f"more than {_DEEPEST} folders deep", lost=False)
        return None

    def _rules(self, folder: str, listed: list[tuple[str, Info]]) -> Ignores:
        """Return what the folder's own file leaves out."""
        for path, info in listed:
            size = info.get("size") if not isinstance(info, LeftOut) else None
            if path.endswith(f"/{IGNORE_FILE}") and isinstance(size, int) and size <= IGNORE_FILE_LIMIT:
                text = b"".join(self._read(path)).decode("utf-8-sig", "replace")
                prefix = self._below(folder)
                return ((f"{prefix}/" if prefix else "", GitIgnoreSpec.from_lines(text.splitlines())),)
        return ()

    def _root_info(self) -> Mapping[str, Any]:
        try:
            found: Mapping[str, Any] = self.fs.info(self.root)
        except FileNotFoundError:
            raise RefusedError("there is nothing", "check the address") from None
        return found

    def _listed(self, folder: str, *, given: bool) -> list[tuple[str, Any]]:
        """Return names and descriptions of what lies in a folder; a folder that can't be read is one thing left out."""
        try:
            found = self.step(lambda: self.fs.ls(folder, detail=True))
        except (OSError, RefusedError) as error:
            if given:
                raise
            reason = error.reason if isinstance(error, RefusedError) else error.strerror or type(error).__name__
            tail = f"/{self._below(folder)}"
            return [(folder, LeftOut(tail, f"the folder can't be read ({reason})", lost=True))]
        return sorted(((str(each["name"]), each) for each in found), key=lambda each: each[0])

    def _below(self, path: str) -> str | None:
        """Return a path from the root on; `None` for one that lies elsewhere."""
        root, path = self.root.strip("/"), path.strip("/")
        if not root:
            return path
        return "" if path == root else path[len(root) + 1 :] if path.startswith(f"{root}/") else None

    def _entry(self, tail: str, path: str, info: Mapping[str, Any]) -> Entry | LeftOut:
        kind = info.get("type")
        if kind != "file":
            return LeftOut(tail, "a link" if kind in ("link", "symlink") else "not a file", lost=False)
        size = info.get("size")
        suffix = PurePosixPath(path).suffix.lower()
        name = tail.removeprefix("/") or PurePosixPath(path).name
        known = int(size) if isinstance(size, int | float) and size >= 0 else None
        return Entry(tail, name, suffix, known, version_of(info), lambda: self._read(path))

    def _read(self, path: str) -> Iterator[bytes]:
        file = self.step(lambda: self.fs.open(path, "rb"))
        try:
            while block := self.step(lambda: file.read(_BLOCK)):
                yield block
        finally:
            with suppress(OSError, RefusedError):
                self.step(file.close)


def version_of(info: Mapping[str, Any], now: float | None = None) -> str:
    """Return a text that changes whenever a file's bytes do, by what its place says of it; `""` when it says nothing.

    Args:
        info: as `fsspec` describes the file.
        now: seconds since the epoch; `None` for the clock's.
    """
    known = {name.lower().replace("-", "_"): value for name, value in info.items() if value not in (None, "")}
    marks = {name: str(known[name]) for name in _MARKS if name in known}
    times = {name: str(known[name]) for name in _TIMES if name in known}
    if not marks:
        moments = [_moment(known[name]) for name in times]
        now = time.time() if now is None else now
        if not moments or any(each is None or each > now - _RACY_S for each in moments):
            return ""
    return json.dumps({**marks, **times, "size": known.get("size")}, sort_keys=True)


def _moment(value: object) -> float | None:
    """Return a time in seconds since the epoch; `None` for one that can't be read."""
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str) and value.isdigit() and len(value) == 14:  # FTP
        return datetime.strptime(value, "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp()
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
