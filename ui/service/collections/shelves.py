"""The collections as the page shows and changes them: each person those that are theirs."""

from __future__ import annotations

from collections.abc import Collection as Ids
from collections.abc import Mapping, Sequence
from dataclasses import replace

from index.stores.collections import EVERYONE, Collections, Viewer
from index.stores.keeping import change_collections
from ui.http.admission import ApiError
from ui.http.sign_in.viewing import viewer
from ui.service.collections.change_requests import carried_out, change_request
from ui.service.collections.collecting import listed
from ui.service.library.library import Library

__all__ = ["Shelves"]


class Shelves:
    """Collections beside a library; what whoever asks may not see is neither shown nor taken.

    Args:
        library: whose documents they hold.
        people: to whom a collection can be given, besides everyone: `group:NAME`, `user:NAME`; `None`: to nobody,
            since nobody signs in.
    """

    def __init__(self, library: Library, people: Sequence[str] | None = None) -> None:
        self._library = library
        self._people = people

    def shown(self) -> dict[str, object]:
        """Return the collections that whoever asks knows of, with how many documents that they may see.

        Raises:
            StoreError: they can't be read.
        """
        person, documents = viewer(), self._library.listing().documents
        kept = self._library.collections.now()
        rows = [
            {
                "name": one.name,
                "owner": one.owner if person.all else one.owner.partition(":")[0],
                "closed": one.closed,
                "documents": len(listed(one, documents)),
                "mine": _may(person, one.owner) and (person.all or not one.closed),
            }
            for one in kept.of(person)
        ]
        fields: dict[str, object] = {"collections": rows, "may": bool(person.name or person.all)}
        # Who there is, and whose collections there are, is shown to those alone who can give one to somebody.
        if person.all and self._people is not None:
            fields["people"] = sorted({*self._people, *(one.owner for one in kept.each)} - {EVERYONE})
        return fields

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

    def put(self, body: Mapping[str, object], found: Sequence[str]) -> str:
        """Make a collection, add to it, take from it, rename it, give it to somebody, close it, or forget it.

        Args:
            body: the fields of `ChangeRequest`; `uploads` names files just uploaded, to add what came of them.
            found: ids of further documents to add.

        Returns:
            The name by which it is kept.

        Raises:
            ApiError: 403, it is not theirs; or what `change_request` and `carried_out` refuse.
            StoreError: they can't be read or written.
        """
        request, person = change_request(body), viewer()
        owner = request.owner or _own(person)
        if not _may(person, owner) or not (person.all or (request.closed is None and request.to in ("", owner))):
            raise ApiError(403, "collection_not_yours")
        if request.to and not self._there_is(request.to):
            raise ApiError(422, "collection_nobody")
        known = {one.id for one in self._library.listing().documents if one.id}
        uploaded = self._library.of_uploads(body.get("uploads"))
        added = tuple(one for one in (*request.documents, *found, *uploaded) if one in known)
        seen, name = replace(request, documents=added), request.name

        def change(kept: Collections) -> Collections:
            nonlocal name
            after, name = carried_out(kept, seen, owner, sees_all=person.all)
            return after

        change_collections(self._library.index_dir, change)
        return name

    def _there_is(self, owner: str) -> bool:
        """Tell whether something can belong to somebody; where a proxy signs people in, nobody knows them all."""
        kept = self._library.collections.now()
        return owner == EVERYONE or not self._people or owner in {*self._people, *(one.owner for one in kept.each)}


def _may(person: Viewer, owner: str) -> bool:
    """Tell whether a person may change what belongs to somebody: their own, and all who see everything."""
    return person.all or (person.name != "" and owner == f"user:{person.name}")


def _own(person: Viewer) -> str:
    return f"user:{person.name}" if person.name else EVERYONE
