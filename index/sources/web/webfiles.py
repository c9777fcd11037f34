"""Pages as files: fetched once, and after that only when the server says that they have changed.

Beside each page lies a note of what the server said about this version of it (`ETag`, `Last-Modified`), at which
address, and the SHA-256 of the file. The server is asked for a newer version only (RFC 9110, section 13) when the file
is what the note says; a page that was damaged or half written is fetched whole.
"""

from __future__ import annotations

import json
import mimetypes
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath

import httpx

from index.disk import files
from index.sources.types import SourceFile, WebPolicy
from index.sources.web.fetching import Version, WebPage, fetch, without_fragment

__all__ = ["NOTE", "fetch_file"]

NOTE = ".http.json"
"""How the name of a note ends; it begins as that of its page."""


@dataclass(frozen=True, slots=True)
class _Note:
    """What is known of a page on the disk.

    Attributes:
        name: of its file.
        sha256: of the file's bytes, hexadecimal.
        version: what the server said about it.
    """

    name: str
    sha256: str
    version: Version


def fetch_file(address: str, folder: Path, policy: WebPolicy | None = None) -> SourceFile:
    """Bring a page in a folder, named by the digest of its address, up to date; read it like any other file.

    A page that has not changed stays as it is, its time of change included.

    Args:
        address: what the user gave; it becomes the document's source.
        folder: where the bytes are kept; it must exist.
        policy: what fetching may do.

    Raises:
        SourceError: see `fetch`.
    """
    stem = sha256(address.encode("utf-8", "replace")).hexdigest()[:24]
    note = _read_note(folder, stem)
    page = fetch(address, policy, note.version if note else None)
    path = folder / note.name if note and page.unchanged else _store(page, folder, stem)
    status = path.stat()
    name, noted = without_fragment(address), (status.st_ctime_ns, status.st_ino)
    return SourceFile(path, name, status.st_size, status.st_mtime_ns, folder, *noted)


def _read_note(folder: Path, stem: str) -> _Note | None:
    """Return the note of a page if its file is what the note says."""
    try:
        fields = json.loads((folder / f"{stem}{NOTE}").read_bytes())
        note = _Note(
            str(fields["name"]),
            str(fields["sha256"]),
            Version(**{name: str(value) for name, value in fields["version"].items()}),
        )
        sound = note.name.startswith(stem) and files.sha256_file(folder / note.name).sha256 == note.sha256
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return note if sound else None


def _store(page: WebPage, folder: Path, stem: str) -> Path:
    suffix = PurePosixPath(httpx.URL(page.address).path).suffix.lower() or mimetypes.guess_extension(page.content_type)
    path = folder / (stem + (suffix if suffix and suffix[1:].isalnum() and len(suffix) <= 10 else ".html"))
    content = _in_utf8(page)
    files.write_atomic(path, content)
    note = _Note(path.name, sha256(content).hexdigest(), page.version)
    if page.version.is_known:
        files.write_atomic(folder / f"{stem}{NOTE}", json.dumps(asdict(note)).encode("ascii"))
    return path


def _in_utf8(page: WebPage) -> bytes:
    """Return text in UTF-8 with a mark when the server names its encoding: that counts more than what the page says."""
    if not page.charset or not page.content_type.startswith(("text/", "application/xhtml")):
        return page.data
    try:
        return page.data.decode(page.charset).encode("utf-8-sig")
    except (LookupError, UnicodeError):
        return page.data
