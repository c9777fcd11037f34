"""Which generation is current: one row, read first in every snapshot and written last in every build."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from index.errors import IndexIncompatibleError, IndexMissingError
from index.locations import Database
from index.stores.postgres.tables.schema import FORMAT, Tables

__all__ = ["Pointer", "Search"]

_COUNTS = (
    "generation", "epoch", "dimension", "documents", "passages", "sentences", "terms", "last_document", "last_passage",
    "started_ns",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Search:
    """How vectors are searched.

    Attributes:
        method: of the vector index, `""` for none: then every search looks at every vector.
        effort: what a search of that index may cost; `ef_search` or `probes`, 0 for the method's own default.
        recall: share of the true nearest passages that it found in the index's own vectors, 1 without an index.
        measured: passages of the index when that was measured.
    """

    method: str = ""
    effort: int = 0
    recall: float = 1.0
    measured: int = 0


@dataclass(frozen=True, slots=True)
class Pointer:
    """The current generation.

    Attributes:
        generation: its number.
        epoch: number of the tables that hold it.
        dimension: length of its vectors.
        documents: how many.
        passages: how many.
        sentences: how many.
        terms: of all passages together, repetitions included: for their mean length.
        last_document: highest key that a document ever had.
        last_passage: highest key that a passage ever had.
        started_ns: when its build began, nanoseconds since the epoch: tells generations of one number apart.
        languages: passages per language.
        search: how its vectors are searched.
    """

    generation: int = 0
    epoch: int = 0
    dimension: int = 0
    documents: int = 0
    passages: int = 0
    sentences: int = 0
    terms: int = 0
    last_document: int = 0
    last_passage: int = 0
    started_ns: int = 0
    languages: Mapping[str, int] = field(default_factory=dict)
    search: Search = field(default_factory=Search)

    COLUMNS: ClassVar[str] = f"format, {', '.join(_COUNTS)}, languages, search"

    @property
    def tables(self) -> Tables:
        """Names of the tables that hold the generation."""
        return Tables(self.epoch)

    @property
    def name(self) -> tuple[int, int]:
        """What no other generation has: a server that took the place of another may have lost the last ones."""
        return self.generation, self.started_ns

    @classmethod
    def of(cls, location: Database, row: tuple[Any, ...] | None) -> Pointer:
        """Read the row.

        Raises:
            IndexMissingError: there is none.
            IndexIncompatibleError: the tables have another format.
        """
        if row is None:
            raise IndexMissingError(f"{location}: there is no index yet", "build one with `rag index`")
        found = int(row[0])
        if found != FORMAT:
            fix = "update this program" if found > FORMAT else "rebuild with `rag index --rebuild`"
            raise IndexIncompatibleError(f"{location}: the index has format {found}, this program reads {FORMAT}", fix)
        counts: dict[str, Any] = dict(zip(_COUNTS, map(int, row[1:-2]), strict=True))
        return cls(**counts, languages=json.loads(row[-2]), search=Search(**json.loads(row[-1])))

    def row(self) -> tuple[object, ...]:
        """Return the values of the row, in the order of `COLUMNS`."""
        search = {name: getattr(self.search, name) for name in Search.__slots__}
        counts = (getattr(self, name) for name in _COUNTS)
        return (FORMAT, *counts, json.dumps(dict(self.languages)), json.dumps(search))
