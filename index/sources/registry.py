"""Which reader takes a file: decided by what is in it; the extension only breaks ties.

The formats are the modules of `index.sources.formats` and of its rooms, each with one `READER`: a new format is one
new file there.
Packages may bring more by the entry point group `babelquote.readers`, each entry naming a `Reader`.
"""

from __future__ import annotations

import importlib
import io
import pkgutil
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from importlib.metadata import entry_points

from index.errors import ConfigError, RagError, SourceSkippedError
from index.language.hygiene import clean
from index.plugins import blaming
from index.sources import formats
from index.sources.text.encoding import decode_head
from index.sources.types import Extract, Head, ReadContext, Reader, RefusedError

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
    found = [importlib.import_module(name).READER for name in _modules()]
    for entry in entry_points(group=GROUP):
        with blaming(f"entry point {entry.name} of {GROUP}"):
            reader = entry.load()
        if not isinstance(reader, Reader):
            raise ConfigError(f"entry point {entry.name} of {GROUP}: {entry.value} is not a Reader", "fix or remove it")
        found.append(replace(reader, sniff=partial(_asked, reader.sniff), read=partial(_read, reader)))
    return tuple(found)


def _modules() -> list[str]:
    """Return the formats' modules, ordered by file name whatever the room: of two equally sure, the first reads."""
    lying = pkgutil.walk_packages(formats.__path__, f"{formats.__name__}.")
    return sorted((one.name for one in lying if not one.ispkg), key=lambda name: name.rpartition(".")[2])


def _asked(sniff: Callable[[Head], float], head: Head) -> float:
    """Ask a reader of another package how sure it is; one that fails is not sure: others may know the file."""
    try:
        sure = float(sniff(head))
    except Exception:  # noqa: BLE001 - whatever it may raise, the file is not its
        return 0.0
    return min(sure, 1.0) if sure > 0 else 0.0  # no number is not above


def _read(reader: Reader, data: bytes, context: ReadContext) -> Sequence[Extract]:
    """Let a reader of another package read; where it fails or gives no texts, it is named."""
    try:
        extracts = list(reader.read(data, context))
    except (RagError, RefusedError, ImportError, RecursionError, MemoryError):
        raise
    except Exception as error:  # the package may raise anything
        reason = f"the reader {reader.name!r} failed ({type(error).__name__}: {error})"
        raise RefusedError(reason, "is the file damaged? if not, report it to those who made the reader") from error
    if not all(
        isinstance(one, Extract) and isinstance(one.text, str) and isinstance(one.title, str) for one in extracts
    ):
        raise RefusedError(
            f"the reader {reader.name!r} gave something else than texts", "report it to those who made it"
        )
    for one in extracts:
        _cleaned(one, context)
    return extracts


def _cleaned(extract: Extract, context: ReadContext) -> None:
    """Clean a text; what counts in it is dropped where its letters have moved."""
    text = clean(extract.text)
    if len(text) != len(extract.text) and (extract.headings or extract.pages or extract.tables or extract.code):
        extract.headings, extract.pages, extract.tables, extract.code = [], [], [], []
        context.warn("the reader gave a text with control characters; its headings, pages and tables are left out")
    extract.text = text


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
