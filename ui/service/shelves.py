"""The collections as the page shows and changes them: each person those that are theirs."""

from __future__ import annotations

from collections.abc import Collection as Ids
from collections.abc import Mapping, Sequence
from dataclasses import replace

from index.errors import ConfigError
from index.opening.collections import change_collections
from index.stores.collections import EVERYONE, OWNER, Collection, Collections, Viewer, checked_name
from ui.http.admission import ApiError
from ui.http.viewing import viewer
from ui.service.collecting import listed
from ui.service.library import Library

__all__ = ["Shelves"]

_MOST_EACH = 200  # collections of one owner
_MOST_HELD = 100_000


class Shelves:
    """Collections beside a library; what whoever asks may not see is neither shown nor taken.

    Args:
        library: whose documents they hold.
    """

    def __init__(self, library: Library) -> None:
        self._library = library

    def shown(self) -> dict[str, object]:
        """Return the collections that whoever asks knows of, with how many documents that they may see.

        Raises:
            StoreError: they can't be read.
        """
        person, documents = viewer(), self._library.listing().documents
        kept = self._library.collections.now().of(person)
        rows = [
            {
                "name": one.name,
                "owner": one.owner if person.all else one.owner.partition(":")[0],
                "closed": one.closed,
                "documents": len(listed(one, documents)),
                "mine": self._may(one.owner),
            }
            for one in kept
        ]
        return {"collections": rows, "may": bool(person.name or person.all)}

    def ids(self, name: str) -> Ids[str] | None:
        """Return the ids of a collection's documents by its name; `None` where no name is given.

        Raises:
            StoreError: they can't be read.
        """
        if not name:
            return None
        known = [one for one in self._library.collections.now().of(viewer()) if one.named(name)]
        documents = self._library.listing().documents
        return {each.id for one in known for each in listed(one, documents)}

    def put(self, body: Mapping[str, object], found: Sequence[str]) -> None:
        """Make a collection, add to it, take from it, or forget it.

        Args:
            body: `name`; `documents` to add, `without` to take out (ids); `owner` and `closed`, for whoever sees
                everything; `delete`.
            found: ids of further documents to add.

        Raises:
            ApiError: 403, it is not theirs; 422, a field makes no sense.
            StoreError: they can't be read or written.
        """
        name, owner = _name(body), _text(body, "owner") or _own(viewer())
        closed, delete = body.get("closed"), body.get("delete") is True
        if not OWNER.fullmatch(owner):
            raise ApiError(422, "collection_owner")
        if not self._may(owner) or (closed is not None and not viewer().all):
            raise ApiError(403, "not_allowed")
        known = {one.id for one in self._library.listing().documents if one.id}
        added = [one for one in (*_ids(body, "documents"), *found) if one in known]
        out = frozenset(_ids(body, "without"))

        def change(kept: Collections) -> Collections:
            if delete:
                return kept.without(name, owner)
            before = kept.find(name, owner) or Collection(name, owner=owner, closed=False)
            held = [one for one in dict.fromkeys((*before.documents, *added)) if one not in out]
            if len(held) > _MOST_HELD or sum(one.owner == owner for one in kept.each) > _MOST_EACH:
                raise ApiError(422, "collection_full")
            shut = closed if isinstance(closed, bool) else before.closed
            return kept.put(replace(before, documents=tuple(held), closed=shut))

        change_collections(self._library.index_dir, change)

    def _may(self, owner: str) -> bool:
        """Tell whether whoever asks may change what belongs to somebody: their own, and all who see everything."""
        person = viewer()
        return person.all or (person.name != "" and owner == f"user:{person.name}")


def _own(person: Viewer) -> str:
    return f"user:{person.name}" if person.name else EVERYONE


def _name(body: Mapping[str, object]) -> str:
    try:
        return checked_name(_text(body, "name"))
    except ConfigError:
        raise ApiError(422, "collection_name") from None


def _text(body: Mapping[str, object], field: str) -> str:
    value = body.get(field, "")
    if not isinstance(value, str):
        raise ApiError(422, "collection_name")
    return value


def _ids(body: Mapping[str, object], field: str) -> list[str]:
    value = body.get(field, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ApiError(422, "collection_name")
    return value
