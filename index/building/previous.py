"""The generation that a build starts from, if there is one that can be trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from index.disk.generations import read_current
from index.disk.ledger import Ledger, SourceRecord, read_ledger
from index.disk.manifest import Manifest, read_manifest, salvage_manifest
from index.disk.verifying import verify
from index.errors import IndexDamagedError, IndexIncompatibleError, IndexMissingError
from index.stores.embedded.updating import is_small
from index.types import JsonValue

__all__ = ["Previous", "find_previous"]


@dataclass(frozen=True, slots=True)
class Previous:
    """What a build knows of the index before it.

    Attributes:
        sound: whether there is a generation that can be trusted.
        manifest: its manifest; that of an unsound generation too, when it can be read, for its settings only.
        ledger: its sources; empty without a sound generation.
        problem: why there is no sound generation although something was built, or `""`.
    """

    sound: bool = False
    manifest: Manifest | None = None
    ledger: Ledger = field(default_factory=Ledger)
    problem: str = ""

    def is_of(
        self, roots: tuple[str, ...], options: Mapping[str, JsonValue], left_out: tuple[tuple[str, str], ...]
    ) -> bool:
        """Tell whether it is of these roots and options, leaves out the same, and has nothing to be looked at again."""
        if self.manifest is None or any(record.state == "stale" for record in self.ledger.files):
            return False
        if any(not (record.ctime_ns or record.inode) for record in self.ledger.files):
            return False  # of an earlier version: noted once, files need not be read each time
        same = self.manifest.roots == roots and self.manifest.options == options
        return same and self.ledger.left_out == left_out

    def tells_the_same(self, roots: tuple[str, ...], ledger: Ledger) -> bool:
        """Tell whether another ledger says of every source what is said here: what failed before failed again."""

        def notes(records: Sequence[SourceRecord]) -> list[tuple[str, ...]]:
            return [(each.source, each.state, each.reason, *each.documents) for each in records]

        same = self.manifest is not None and self.manifest.roots == roots
        return same and notes(ledger.files) == notes(self.ledger.files) and ledger.left_out == self.ledger.left_out


def find_previous(index_dir: Path, *, whole: bool = False) -> Previous:
    """Look for the generation to start from; a damaged one is never started from, only its settings are kept.

    Args:
        index_dir: the index.
        whole: read every byte of a large one as well, whose files a small change takes over unread, with the checksums
            that they have.
    """
    try:
        current = read_current(index_dir)
    except IndexMissingError:
        return Previous()
    except IndexDamagedError as error:
        return Previous(problem=str(error))
    manifest = None
    try:
        manifest = read_manifest(current.folder, current.digest)
        verify(current.folder, manifest, whole=whole or not is_small(0, manifest))
        return Previous(True, manifest, read_ledger(current.folder))
    except (IndexDamagedError, IndexIncompatibleError) as error:
        return Previous(False, manifest or salvage_manifest(current.folder), problem=str(error))
