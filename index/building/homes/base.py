"""What a build needs of the place that its index lives in."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from index.building.aligning import Aligned, Corpus, Former
from index.building.finishing import Sealed
from index.building.previous import Previous
from index.building.report import Stage
from index.building.settings import Settings
from index.disk.ledger import Ledger
from index.errors import StoreError
from index.locations import Location
from index.stores.base import DocumentWriter, KeptVectors
from index.types import Document

__all__ = ["Beginning", "Builds", "Home", "Kept", "NextGeneration", "OnProgress", "Sizes", "UnsoundError"]


class UnsoundError(StoreError):
    """The generation to start from turned out to be damaged: its home, asked for it again, says what can be saved."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """How the next generation begins.

    Attributes:
        fresh: empty; else as the one before.
        keep_keywords: the one before cut words as this one will.
        dimension: of the vectors.
        changed: about how many documents leave or come; infinite where all may.
    """

    fresh: bool
    keep_keywords: bool
    dimension: int
    changed: float


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many passages and sentences a generation has."""

    passages: int
    sentences: int


OnProgress = Callable[[Stage, int, int], None]


class Kept(Protocol):
    """Documents of the generation before."""

    def document(self, document_id: str) -> Document:
        """Return a document; raises `StoreError` for an unknown id."""
        ...

    def digests(self, document_id: str) -> list[bytes]:
        """Return the digests of a document's passages in reading order."""
        ...


class NextGeneration(Protocol):
    """A generation in the making."""

    @property
    def writer(self) -> DocumentWriter:
        """Takes its documents."""
        ...

    @property
    def old(self) -> Kept | None:
        """Documents of the generation before, `None` where there is none."""
        ...

    def records(self) -> Corpus:
        """Return what is stored so far."""
        ...

    def former(self) -> Former | None:
        """Return the generation that this one started from, `None` where it starts empty."""
        ...

    def make_room(self) -> None:
        """Give readers of older generations a moment to go over to the newest, before there is one more."""
        ...

    def seal(
        self, ledger: Ledger, cache: KeptVectors, aligned: Aligned, settings: Settings, progress: OnProgress
    ) -> Sealed:
        """Write what the generation lacks besides its documents, and make it current."""
        ...

    def discard(self) -> None:
        """Leave nothing of it, unless it has become current."""
        ...

    def close(self) -> None:
        """Let go of what it reads; twice is no error."""
        ...


@runtime_checkable
class Builds(Protocol):
    """What an engine does for a build."""

    def home(self, location: Location) -> Home:
        """Return the place where an index is built."""
        ...


class Home(Protocol):
    """The place of one index."""

    @property
    def location(self) -> Location:
        """Where it is; names it in messages."""
        ...

    @property
    def beside(self) -> Path:
        """Folder on this machine for what belongs to the index: fetched pages."""
        ...

    def claimed(self) -> AbstractContextManager[None]:
        """Hold the place for one build.

        Raises:
            IndexBusyError: on entering, when another build holds it; names who it is.
            StoreError: it can't be made or reached.
        """
        ...

    def find_previous(self) -> Previous:
        """Look for the generation to start from."""
        ...

    def tidy(self) -> None:
        """Delete every generation but the current one that nobody reads, and what killed builds left."""
        ...

    def kept_vectors(self, fingerprint: str, dimension: int) -> tuple[KeptVectors, str]:
        """Open the vectors of earlier builds; also returns that they were lost beside a sound generation, or `""`."""
        ...

    def begin(self, beginning: Beginning) -> NextGeneration:
        """Begin the next generation.

        Raises:
            UnsoundError: what was found to start from is damaged.
        """
        ...

    def prune(self, cache: KeptVectors, sizes: Sizes) -> None:
        """Drop kept vectors that the current generation, which has these sizes, does not need."""
        ...
