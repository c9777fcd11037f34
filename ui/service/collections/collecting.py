"""Changing collections: what the command line, the page and its routes have in common."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from index.errors import ConfigError
from index.locations import Location
from index.opening.listing import Listed, listing_of
from index.stores.collections import EVERYONE, OWNER, Collection, Collections, checked_name
from index.stores.keeping import change_collections, read_collections

__all__ = ["Wanted", "change", "listed", "matches"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to become of a collection.

    Attributes:
        documents: ids of documents to put in.
        places: sources, or folders above them, to put in.
        matching: puts in the documents with these words in title or source.
        without: ids and places to take out.
        owner: to whom it belongs.
        closed: whether its documents are kept from all others; `None` leaves that as it is. A new one that belongs to
            a group or a person is closed.
        delete: it is forgotten.
    """

    documents: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    matching: str = ""
    without: tuple[str, ...] = ()
    owner: str = EVERYONE
    closed: bool | None = None
    delete: bool = False

    @property
    def changes(self) -> bool:
        """Tell whether anything is to be changed."""
        named = self.documents or self.places or self.matching or self.without
        return bool(named) or self.closed is not None or self.delete


def change(
    location: Location | None, name: str, wanted: Wanted, others_closed: bool | None = None
) -> tuple[Collections, tuple[Listed, ...]]:
    """Change one collection, or none, and return all with the documents of the index.

    Raises:
        ConfigError: the name, the owner or a document makes no sense.
        StoreError: they can't be read or written.
    """
    if not OWNER.fullmatch(wanted.owner):
        raise ConfigError(f"{wanted.owner}: nobody of that kind", "write everyone, group:NAME or user:NAME")
    listing = listing_of(location).documents
    if not name and wanted.changes:
        raise ConfigError("which collection is to be changed?", "name it: `rag collection NAME …`")
    if not wanted.changes and others_closed is None:
        return read_collections(location), listing
    checked = checked_name(name) if name else ""

    def anew(kept: Collections) -> Collections:
        if others_closed is not None:
            kept = replace(kept, others_closed=others_closed)
        if wanted.delete:
            return kept.without(checked, wanted.owner)
        if checked and wanted.changes:
            kept = kept.put(_with(kept.find(checked, wanted.owner), checked, wanted, listing))
        return kept

    return change_collections(location, anew), listing


def _with(kept: Collection | None, name: str, wanted: Wanted, listing: Sequence[Listed]) -> Collection:
    known = {one.id for one in listing if one.id}
    for one in wanted.documents:
        if one not in known:
            raise ConfigError(f"document {one}: the index has no document of that name", "see `rag export`")
    found = [one.id for one in listing if one.id and wanted.matching and matches(one, wanted.matching)]
    if wanted.matching and not found:
        raise ConfigError(f"{wanted.matching}: no document has these words in its title or source")
    before = kept or Collection(name, owner=wanted.owner, closed=wanted.owner != EVERYONE)
    out = {_place(one) for one in wanted.without} | set(wanted.without)
    return replace(
        before,
        documents=_without((*before.documents, *wanted.documents, *found), out),
        places=_without((*before.places, *map(_place, wanted.places)), out),
        closed=before.closed if wanted.closed is None else wanted.closed,
    )


def _without(names: Iterable[str], out: set[str]) -> tuple[str, ...]:
    return tuple(name for name in dict.fromkeys(names) if name and name not in out)


def _place(folder: str) -> str:
    """Return a folder as sources show it."""
    place = unicodedata.normalize("NFC", folder.strip()).removeprefix("./").rstrip("/")
    if not place or "\0" in place:
        raise ConfigError(f"folder {folder!r}: is none", "write it as sources show it, see `rag export`")
    return place


def listed(one: Collection, listing: Iterable[Listed]) -> list[Listed]:
    """Return the documents of a collection that are in the index."""
    held = one.held
    return [each for each in listing if each.id and held.holds(each.id, each.source)]


def matches(one: Listed, words: str) -> bool:
    """Tell whether a document has some words in its title or source."""
    return words.casefold().strip() in f"{one.title}\n{one.source}".casefold()
