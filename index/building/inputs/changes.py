"""What a build has to read: files compared with what the last build found, by how they look, then by content."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from index.disk import files
from index.disk.ledger import Ledger, SourceRecord, State
from index.errors import SourceError
from index.sources.types import SourceFile

__all__ = ["Plan", "Task", "content_digest", "make_plan"]

_RETRIED = ("failed", "stale")
_RACY_NS = 2_000_000_000  # a file changed this shortly before it was looked at may change again within one clock tick


@dataclass(frozen=True, slots=True)
class Task:
    """A file to be read.

    Attributes:
        file: the file.
        digest: SHA-256 of its bytes, hexadecimal; `""` when they can't be read.
        before: what it was in the last build: under the same name, or, when renamed, under another.
        renamed: whether `before` had another name and the same content.
    """

    file: SourceFile
    digest: str
    before: SourceRecord | None = None
    renamed: bool = False


@dataclass(slots=True)
class Plan:
    """What a build does with each file.

    Attributes:
        tasks: files to read, by source.
        unchanged: records to keep, with the file's times as they are now.
        removed: records of files that are gone.
        refused: pages that could not be fetched, and why.
    """

    tasks: list[Task] = field(default_factory=list)
    unchanged: list[SourceRecord] = field(default_factory=list)
    removed: list[SourceRecord] = field(default_factory=list)
    refused: list[tuple[Task, SourceError]] = field(default_factory=list)

    def touched(self) -> int:
        """Return how many documents leave, and about how many come: a file that is not known yet counts as one."""
        left = [task.before for task in self.tasks if task.before] + self.removed
        return sum(len(record.documents) for record in left) + sum(
            len(task.before.documents) if task.before else 1 for task in self.tasks
        )


def content_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, hexadecimal; `""` when they can't be read."""
    digest = hashlib.sha256()
    try:
        for block in files.read_blocks(path):
            digest.update(block)
    except OSError:
        return ""
    return digest.hexdigest()


def make_plan(
    found: Iterable[SourceFile], ledger: Ledger, digest_of: Callable[[Path], str] = content_digest, *, all_anew: bool
) -> Plan:
    """Decide for each file whether it is unchanged, changed, renamed, new or gone.

    Args:
        found: the files that are there now.
        ledger: what the last build found; empty for a first build.
        digest_of: gives the digest of a file's bytes.
        all_anew: read every file, whatever the ledger says.
    """
    known = {record.source: record for record in ledger.files}
    plan, strangers = Plan(), list[tuple[SourceFile, str]]()
    for file in found:
        record = known.pop(file.source, None)
        if record is None:
            strangers.append((file, digest_of(file.path)))
        elif not all_anew and record.state not in _RETRIED and _looks_unchanged(file, record, ledger.started_ns):
            plan.unchanged.append(record)
        else:
            _compare(plan, file, record, digest_of(file.path), all_anew=all_anew)
    _match_renamed(plan, strangers, known)
    plan.removed = list(known.values())
    plan.tasks.sort(key=lambda task: task.file.source)
    return plan


def _looks_unchanged(file: SourceFile, record: SourceRecord, started_ns: int) -> bool:
    """Tell whether a file may be taken for what it was without reading it.

    Any program can put the time of the last change back (`touch -r`, unpackers, editors); what the system itself
    notes, it can't.
    """
    same = (str(file.path), file.size, file.mtime_ns) == (record.path, record.size, record.mtime_ns)
    known = (file.ctime_ns, file.inode) == (record.ctime_ns, record.inode)
    return same and known and max(file.mtime_ns, file.ctime_ns) < started_ns - _RACY_NS


def _compare(plan: Plan, file: SourceFile, record: SourceRecord, digest: str, *, all_anew: bool) -> None:
    if digest and digest == record.digest and record.state != "failed" and not all_anew:
        state: State = "indexed" if record.state == "stale" else record.state
        reason = "" if state == "indexed" else record.reason
        looks = {name: getattr(file, name) for name in ("size", "mtime_ns", "ctime_ns", "inode")}
        plan.unchanged.append(replace(record, path=str(file.path), digest=digest, state=state, reason=reason, **looks))
    else:
        plan.tasks.append(Task(file, digest, record))


def _match_renamed(plan: Plan, strangers: list[tuple[SourceFile, str]], known: dict[str, SourceRecord]) -> None:
    gone: dict[str, list[str]] = {}
    for source, record in known.items():
        if record.documents:
            gone.setdefault(record.digest, []).append(source)
    for file, digest in strangers:
        former = gone.get(digest, []) if digest else []
        before = known.pop(former.pop(0)) if former else None
        plan.tasks.append(Task(file, digest, before, renamed=before is not None))
