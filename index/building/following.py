"""Rights that follow a document: one that comes under a new id takes its place in the collections of the former.

A collection names documents by their ids. A file that is renamed, or replaced by one of another id, would fall out of
a closed collection and be everyone's; so would a copy of it. Whoever builds asks here before the new generation is
current.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from index.building.homes.base import Kept
from index.disk.ledger import Ledger, SourceRecord
from index.locations import Location
from index.stores.collections import Collection, Collections
from index.stores.keeping import change_collections, read_collections

__all__ = ["follow", "keep_rights"]


def keep_rights(location: Location, before: Ledger, after: Ledger, old: Kept | None) -> tuple[str, ...]:
    """Put documents of new ids where those were that they come from; returns a sentence for each that is closed so.

    Args:
        location: of the index.
        before: the sources of its generation.
        after: those of the one that is to come.
        old: documents of its generation.

    Raises:
        StoreError: the collections can't be read or written.
    """
    kept = read_collections(location)
    sources: dict[str, str] = {}

    def source_of(name: str) -> str:
        if name not in sources:
            sources[name] = "" if old is None else old.document(name).source
        return sources[name]

    fresh, warnings = follow(kept, before, after, source_of)
    if fresh != kept:
        change_collections(location, lambda now: follow(now, before, after, source_of)[0])
    return warnings


def follow(
    kept: Collections, before: Ledger, after: Ledger, source_of: Callable[[str], str]
) -> tuple[Collections, tuple[str, ...]]:
    """Return the collections with the new ids of their documents, and a sentence for each that was closed so.

    A new document belongs where that of the same content was, or the one that left the same source. In an open
    collection it takes the place of one that is gone; to a closed one every copy is added.

    Args:
        kept: the collections.
        before: the sources of the generation before.
        after: those of the one that is to come.
        source_of: gives the source of a document of the generation before, by its id.
    """
    past = _Past.of(before if kept.each else Ledger(), after if kept.each else Ledger())
    former = {name: tuple(past.of_fresh(record, place)) for name, record, place in past.fresh}
    sources = {name: record.source for name, record, _ in past.fresh}
    warnings: list[str] = []
    changed = []
    for one in kept.each:
        added = [name for name, some in former.items() if any(_held(one, each, past, source_of) for each in some)]
        added = [name for name in added if not one.held.holds(name, sources[name])]
        changed.append(replace(one, documents=(*one.documents, *added)) if added else one)
        if one.closed:
            warnings += [f"{sources[name]}: is kept from others, as what it comes from was" for name in added]
    return replace(kept, each=tuple(changed)), tuple(dict.fromkeys(warnings))


def _held(one: Collection, name: str, past: _Past, source_of: Callable[[str], str]) -> bool:
    if one.closed:
        return name in one.documents or (bool(one.places) and one.held.holds(name, source_of(name)))
    return name in one.documents and name not in past.now


@dataclass(slots=True)
class _Past:
    """What was before, by content and by source; what is now, and what of it is new."""

    now: frozenset[str]
    fresh: list[tuple[str, SourceRecord, int]]
    by_digest: dict[str, list[SourceRecord]] = field(default_factory=dict)
    by_source: dict[str, SourceRecord] = field(default_factory=dict)

    @classmethod
    def of(cls, before: Ledger, after: Ledger) -> _Past:
        known = {name for record in before.files for name in record.documents}
        now = frozenset(name for record in after.files for name in record.documents)
        every = ((name, record, place) for record in after.files for place, name in enumerate(record.documents))
        found = cls(now, [one for one in every if one[0] not in known])
        for record in before.files if found.fresh else ():
            found.by_source[record.source] = record
            if record.digest:
                found.by_digest.setdefault(record.digest, []).append(record)
        return found

    def of_fresh(self, record: SourceRecord, place: int) -> Iterator[str]:
        """Yield the documents that a new one comes from: those of its content, and what left its source."""
        for other in self.by_digest.get(record.digest, ()):
            yield from _paired(other.documents, record, place)
        if record.source in self.by_source:
            left = [name for name in self.by_source[record.source].documents if name not in self.now]
            yield from left


def _paired(documents: Sequence[str], record: SourceRecord, place: int) -> Sequence[str]:
    """Return which document of a file one of another is; all of them where the files don't hold as many."""
    return documents[place : place + 1] if len(documents) == len(record.documents) else documents
