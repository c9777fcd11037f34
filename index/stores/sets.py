"""Sets of documents, as filters and collections name them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["EMPTY", "DocumentSet"]


@dataclass(frozen=True, slots=True)
class DocumentSet:
    """Documents that are named one by one, or by where they come from; one is in the set that any of these names.

    Attributes:
        documents: their ids.
        places: sources, or folders above them; what is put into such a folder later is in the set as well.
        outside: whatever is not in this other set is in this one, too; `None` adds nothing.
    """

    documents: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    outside: DocumentSet | None = None

    def __post_init__(self) -> None:
        """Take any iterable of names; a folder's name ends without its slash."""
        object.__setattr__(self, "documents", frozenset(self.documents))
        object.__setattr__(self, "places", frozenset(filter(None, (place.rstrip("/") for place in self.places))))

    def holds(self, document_id: str, source: str) -> bool:
        """Tell whether a document is in the set."""
        if document_id in self.documents or any(_below(source, place) for place in self.places):
            return True
        return self.outside is not None and not self.outside.holds(document_id, source)

    @classmethod
    def union(cls, sets: Iterable[DocumentSet]) -> DocumentSet:
        """Return what is in any of some sets, none of which has an `outside`."""
        given = list(sets)
        assert all(one.outside is None for one in given), "what is outside of one may be inside of another"
        return cls(
            frozenset[str]().union(*(one.documents for one in given)),
            frozenset[str]().union(*(one.places for one in given)),
        )


EMPTY = DocumentSet()
"""Holds nothing."""


def _below(source: str, place: str) -> bool:
    return source == place or source.startswith(place + "/")
