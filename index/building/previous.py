"""The generation that a build starts from, if there is one that can be trusted."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from index.disk.generations import read_current
from index.disk.ledger import Ledger, read_ledger
from index.disk.manifest import Manifest, read_manifest, salvage_manifest
from index.disk.verifying import verify
from index.errors import IndexDamagedError, IndexIncompatibleError, IndexMissingError

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


def find_previous(index_dir: Path) -> Previous:
    """Look for the generation to start from; a damaged one is never started from, only its settings are kept."""
    try:
        current = read_current(index_dir)
    except IndexMissingError:
        return Previous()
    except IndexDamagedError as error:
        return Previous(problem=str(error))
    manifest = None
    try:
        manifest = read_manifest(current.folder, current.digest)
        verify(current.folder, manifest, whole=True)  # what is taken over from it gets a new checksum
        return Previous(True, manifest, read_ledger(current.folder))
    except (IndexDamagedError, IndexIncompatibleError) as error:
        return Previous(False, manifest or salvage_manifest(current.folder), problem=str(error))
