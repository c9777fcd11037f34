"""Which reader takes a file: decided by what is in it; the extension only breaks ties.

The formats are the modules of `index.sources.formats`, each with one `READER`: a new format is one new file there.
Packages may bring more by the entry point group `babelquote.readers`, each entry naming a `Reader`.
"""

from __future__ import annotations

import importlib
import io
import pkgutil
import zipfile
from functools import cache
from importlib.metadata import entry_points

from index.errors import ConfigError, SourceSkippedError
from index.sources import formats
from index.sources.text.encoding import decode_head
from index.sources.types import Head, Reader

__all__ = ["HEAD_BYTES", "choose", "head_of", "readers"]

GROUP = "babelquote.readers"
HEAD_BYTES = 64 * 1024
_EXTENSION_BONUS = 0.05
_MEMBER_LIMIT = 10_000


@cache
def readers() -> tuple[Reader, ...]:
    """Return every reader: those of this package, then those of others.

    Raises:
        ConfigError: an entry point does not name a `Reader`.
    """
    names = sorted(module.name for module in pkgutil.iter_modules(formats.__path__))
    found = [importlib.import_module(f"{formats.__name__}.{name}").READER for name in names]
    for entry in entry_points(group=GROUP):
        reader = entry.load()
        if not isinstance(reader, Reader):
            raise ConfigError(f"entry point {entry.name} of {GROUP}: {entry.value} is not a Reader", "fix or remove it")
        found.append(reader)
    return tuple(found)


def choose(data: bytes, suffix: str, source: str) -> Reader:
    """Return the reader that is surest about the file.

    Raises:
        SourceSkippedError: no reader knows what it is.
    """
    head = head_of(data, suffix)
    best, chosen = 0.0, None
    for reader in readers():
        confidence = reader.sniff(head)
        if confidence > 0:
            confidence += _EXTENSION_BONUS * (head.suffix in reader.extensions)
        if confidence > best:
            best, chosen = confidence, reader
    if chosen is None:
        raise SourceSkippedError(source, "neither text nor a known format", "convert it to PDF, DOCX or text")
    return chosen


def head_of(data: bytes, suffix: str) -> Head:
    """Return what readers may look at; a zip's names come from its directory, which may lie but can't hurt here."""
    members: frozenset[str] = frozenset()
    if data.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                members = frozenset(archive.namelist()[:_MEMBER_LIMIT])
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError):
            members = frozenset()
    start = data[:HEAD_BYTES]
    return Head(start, decode_head(start), suffix.lower(), members, len(data) <= HEAD_BYTES)
