"""What became of every source of an index: the part of its manifest that grows with the number of files.

It is a file of its own, sealed by the manifest, because asking a question never needs it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from index.disk import files
from index.disk.files import FileStamp
from index.errors import IndexDamagedError

__all__ = ["LEDGER", "Ledger", "SourceRecord", "State", "read_ledger", "record_fields", "record_of", "write_ledger"]

LEDGER = "sources.json"

State: TypeAlias = Literal["indexed", "stale", "skipped", "failed"]


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One file as the last build found it.

    Attributes:
        source: name that people see.
        path: absolute path.
        size: bytes.
        mtime_ns: time of the last change, nanoseconds since the epoch.
        digest: SHA-256 of its bytes, hexadecimal; of those that are in the index when it is stale.
        documents: ids of the documents that it holds.
        state: `"indexed"`; `"stale"`: it can't be read any more, the index keeps the earlier text; `"skipped"`: left
            out on purpose; `"failed"`: never read.
        reason: why it is not simply indexed.
        ctime_ns: time of the last change to the file or to what is noted of it; 0 in an index of an earlier version.
        inode: number of the file on its disk; 0 likewise.
        warnings: sentences about how it was read: an encoding that was guessed, lines that were left out.
    """

    source: str
    path: str
    size: int
    mtime_ns: int
    digest: str
    documents: tuple[str, ...] = ()
    state: State = "indexed"
    reason: str = ""
    ctime_ns: int = 0
    inode: int = 0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ledger:
    """All sources.

    Attributes:
        files: every file that was looked into, in the order of their sources.
        left_out: (source, reason) of what was not looked into: hidden, a link, excluded …
        started_ns: when the build began to look, nanoseconds since the epoch.
    """

    files: tuple[SourceRecord, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    started_ns: int = 0

    @property
    def warned(self) -> tuple[tuple[str, str], ...]:
        """(source, warning) of the files that were read with a doubt."""
        return tuple((record.source, warning) for record in self.files for warning in record.warnings)

    def in_state(self, *states: State) -> tuple[tuple[str, str], ...]:
        """Return (source, reason) of the files in one of these states."""
        return tuple((record.source, record.reason) for record in self.files if record.state in states)


def write_ledger(folder: Path, ledger: Ledger) -> FileStamp:
    """Write the file durably into a generation's folder and return its stamp."""
    content = {
        "files": list(map(record_fields, ledger.files)),
        "left_out": ledger.left_out,
        "started_ns": ledger.started_ns,
    }
    return files.write_file(folder / LEDGER, json.dumps(content, ensure_ascii=True).encode("ascii"))


def record_fields(record: SourceRecord) -> dict[str, object]:
    """Return a record as JSON has it."""
    return {name: getattr(record, name) for name in SourceRecord.__slots__}


def record_of(fields: Mapping[str, Any]) -> SourceRecord:
    """Read what `record_fields` gave."""
    lists = {name: tuple(fields.get(name, ())) for name in ("documents", "warnings")}
    return SourceRecord(**{**fields, **lists})


def read_ledger(folder: Path) -> Ledger:
    """Read the file; whoever reads it has verified its checksum.

    Raises:
        IndexDamagedError: it is missing or not what it should be.
    """
    path = folder / LEDGER
    try:
        fields = json.loads(path.read_bytes())
        records = tuple(map(record_of, fields["files"]))
        left_out = tuple((source, reason) for source, reason in fields["left_out"])
        return Ledger(records, left_out, fields["started_ns"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexDamagedError(f"{path}: can't be read ({error})", "rebuild with `rag index --rebuild`") from error
