"""The library: what is indexed, who may change it, and what changes it."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from index.building.inputs.finding import TAKEN_OUT
from index.config import seeds_dir
from index.errors import SourceError, StoreError
from index.locations import Location, beside
from index.opening.collections import KeptCollections
from index.opening.listing import Listed, Listing, listing_of, stamp_of
from index.sources.places.addresses import check_place, is_place, is_remote, scheme_of
from index.sources.places.guarded import NETWORKED
from index.sources.web.addresses import shown_address
from index.stores.sets import DocumentSet
from ui.http.admission import ApiError
from ui.http.sign_in.viewing import viewer
from ui.service.library.builds import Builds
from ui.service.library.folders import below, folders
from ui.service.library.rights import ADMIN, Rights
from ui.service.library.roots import Root, roots_of
from ui.service.library.uploads import Uploads

__all__ = ["ADMIN", "Library", "Rights"]

_PAGE = 100
_SHOWN_FIELDS = ("id", "title", "source", "language", "date", "passages", "state", "reason", "warnings")


class Library:
    """What is indexed, read once a generation and shown as whoever asks may see it, and what changes it.

    Args:
        index_dir: folder or database of the index.
        rights: who may change it.
        builds: runs the builds; made for the folder when left out.
        uploads: keeps the uploaded files; beside the index's folder when left out.
        allow_places: whether places elsewhere (`s3://` …), which the server's own credentials open, can be named.
    """

    def __init__(
        self,
        index_dir: Location,
        rights: Rights,
        builds: Builds | None = None,
        uploads: Uploads | None = None,
        *,
        allow_places: bool = False,
    ) -> None:
        self.allow_places = allow_places
        self.index_dir = index_dir
        self.rights = rights
        self.builds = builds or Builds(index_dir)
        self.beside = beside(index_dir)
        folder = self.beside.absolute()
        self.uploads = uploads or Uploads(folder.with_name(f"{folder.name}-files") / "uploads")
        self.collections = KeptCollections(index_dir)
        self._kept: tuple[object, Listing, tuple[Root, ...]] | None = None

    def listing(self) -> Listing:
        """Return what whoever asks may see of what is indexed now; nothing where there is no index yet.

        Files and addresses that no document came from are named only to those who see everything.

        Raises:
            StoreError: there is an index that can't be read, or it can't be known who may see what.
        """
        whole = self._read()[0]
        seen = self.seen(whole.generation)  # after it is read: a build changes rights before it switches
        if seen is None:
            return whole
        documents = tuple(one for one in whole.documents if one.id and seen.holds(one.id, one.source))
        return replace(whole, documents=documents, roots=(), options={})

    def seen(self, generation: int = 0) -> DocumentSet | None:
        """Return the documents of a generation that whoever asks may see, `None` for all of them.

        Raises:
            StoreError: it can't be known.
        """
        person = viewer()
        return None if person.all else self.collections.now(generation).seen(person)

    def sees_all(self) -> bool:
        """Tell whether whoever asks may see everything; where that can't be known, they may not."""
        try:
            return self.seen() is None
        except StoreError:
            return False

    def empty(self) -> bool:
        """Tell whether there is nothing to ask; an index that can't be read holds something."""
        try:
            return not any(one.id for one in self.listing().documents)
        except StoreError:
            return False

    def _read(self) -> tuple[Listing, tuple[Root, ...]]:
        look = stamp_of(self.index_dir)
        kept = self._kept
        if kept is None or kept[0] != look:
            listing = listing_of(self.index_dir)
            kept = self._kept = (look, listing, roots_of(listing, self.uploads.folder))
        return kept[1:]

    def page(self, query: Mapping[str, str], among: Collection[str] | None = None) -> dict[str, object]:
        """Return the documents that a query asks for, a page of them, and what there is in all.

        Args:
            query: `query` (words of title or source), `language`, `folder`, `state` and `offset`, each of which may be
                missing.
            among: ids of the documents that come into question; `None` means all.

        Raises:
            StoreError: there is an index that can't be read.
        """
        listing = self.listing()
        texts = [one for one in listing.documents if one.id]
        together = Counter(one.path for one in texts)
        found = self.found(query, among)
        start = int(offset) if (offset := query.get("offset", "0")).isascii() and offset.isdecimal() else 0
        return {
            "generation": listing.generation,
            "built_at": listing.built_at,
            "documents": [self._shown(one, listing, together) for one in found[start : start + _PAGE]],
            "found": len(found),
            "folders": folders(found, query.get("folder", "")),
            "total": len(texts),
            "passages": sum(one.passages for one in texts),
            "languages": dict(Counter(one.language for one in texts).most_common()),
            "states": dict(Counter(one.state for one in listing.documents)),
        }

    def found(self, query: Mapping[str, str], among: Collection[str] | None = None) -> list[Listed]:
        """Return all documents that a query asks for; arguments and errors are those of `page`."""
        each = self.listing().documents
        return [one for one in each if _fits(one, query) and (among is None or one.id in among)]

    def of_uploads(self, names: object) -> list[str]:
        """Return the ids of what came of uploads, by the names in their receipt."""
        wanted = {one for one in names if isinstance(one, str)} if isinstance(names, list) else set[str]()
        return [one.id for one in self.listing().documents if one.id and self.uploads.place_of(one.path) in wanted]

    def places(self) -> list[dict[str, object]]:
        """Return where the documents come from, for those who may change that.

        Raises:
            StoreError: there is an index that can't be read.
        """
        roots = self._read()[1] if self.seen() is None else ()
        return [
            {
                "key": root.key,
                "kind": root.kind,
                "documents": root.documents,
                "name": root.name(roots),
                "removable": self._leaves(root),
            }
            for root in roots
        ]

    def _leaves(self, root: Root) -> bool:
        """Tell whether a place can be taken out here: what only the local user can add, no other one takes out."""
        return root.kind == "samples" or (self.rights.local and root.kind != "uploads")

    def remove(self, document_id: str, source: str = "") -> None:
        """Take a document out of the index and start the build that does so.

        An uploaded file is deleted, since it is a copy of our own; the file of any other document stays where it is,
        is left out from now on, and can be put back.

        Args:
            document_id: the document's id; `""` for a file or an address from which nothing came.
            source: its source, as it is listed.

        Raises:
            ApiError: 404, it is none that can be removed here.
        """
        listing = self.listing()
        found = next((one for one in listing.documents if _is(one, document_id, source)), None)
        if found is None or not self._removable(found, listing):
            raise ApiError(404, "not_removable")
        self.uploads.remove(found.path)
        self.builds.start(drop=[found.source if is_remote(found.source) else found.path], queue=True)

    def remove_place(self, key: str) -> None:
        """Take out all that comes from one place; no file is deleted.

        Raises:
            ApiError: 404, there is no such place, or it isn't theirs who ask.
        """
        roots = self._read()[1] if self.seen() is None else ()
        root = next((one for one in roots if one.key == key), None)
        if root is None or not self._leaves(root):
            raise ApiError(404, "not_removable")
        self.builds.start(drop=[root.place], queue=True)

    def put_back(self, source: str) -> None:
        """Index again what was taken out of a place that is still indexed.

        Raises:
            ApiError: 404, nothing of that name was taken out.
        """
        removed = self.listing().options.get("removed")
        paths = [str(one) for one in removed] if isinstance(removed, list) else []
        back = [one for one in paths if source and _named(one, source)]
        if not back:
            raise ApiError(404, "not_removable")
        self.builds.start(add=back, queue=True)

    def add_samples(self) -> None:
        """Index the sample articles besides what is indexed."""
        self.builds.start(add=[str(seeds_dir())], queue=True)

    def update(self) -> None:
        """Bring the index up to date.

        Raises:
            ApiError: 409, an update runs already, or there is nothing that could be brought up to date.
        """
        if not self._read()[0].roots:
            raise ApiError(409, "nothing_indexed")
        if not self.builds.start():
            raise ApiError(409, "already_running")

    def add(self, place: str) -> None:
        """Index a folder, a file or an address besides what is indexed.

        Raises:
            ApiError: 422, there is no such path, or it is a place elsewhere and those can't be named here.
        """
        place = place.strip()
        if is_place(place):
            self._check_place(place)
        elif is_remote(place) and shown_address(place) != place:
            raise ApiError(422, "add_missing")
        if not is_remote(place):
            path = Path(place).expanduser()
            if not place or "\0" in place or not path.exists():
                raise ApiError(422, "add_missing")
            place = str(path.absolute())
        self.builds.start(add=[place], queue=True)

    def _check_place(self, place: str) -> None:
        if not self.allow_places:
            raise ApiError(422, "add_no_places")
        try:
            check_place(place)
        except SourceError:
            raise ApiError(422, "add_missing") from None
        if scheme_of(place) not in NETWORKED:
            raise ApiError(422, "add_missing")

    def resume(self) -> None:
        """Index what was uploaded and accepted before a server was killed, and not indexed any more."""
        waiting = {str(path.resolve()) for path in self.uploads.folder.glob("*/*") if path.is_file()}
        try:
            known = {one.path for one in self._read()[0].documents}
        except StoreError:
            return  # what it would be added to can't be read
        if waiting - known:
            self.builds.start(add=[str(self.uploads.folder)], queue=True)

    def _shown(self, one: Listed, listing: Listing, together: Counter[str]) -> dict[str, object]:
        """Return a document as the page gets it: without its path."""
        row: dict[str, object] = {name: getattr(one, name) for name in _SHOWN_FIELDS}
        row |= {"removable": self._removable(one, listing), "together": together[one.path] if one.path else 1}
        return {**row, "uploaded": self.uploads.holds(one.path), "taken_out": one.reason == TAKEN_OUT and not one.path}

    def _removable(self, one: Listed, listing: Listing) -> bool:
        if is_remote(one.source):
            return self.rights.local and one.source in listing.roots
        return bool(one.path)


def _is(one: Listed, document_id: str, source: str) -> bool:
    return one.id == document_id if document_id else not one.id and bool(source) and one.source == source


def _named(path: str, source: str) -> bool:
    """Tell whether a path is that of a source, whose name is the end of it."""
    return f"/{unicodedata.normalize('NFC', Path(path).as_posix())}".endswith(f"/{source}")


def _fits(one: Listed, query: Mapping[str, str]) -> bool:
    wanted, language, state = query.get("query", "").casefold().strip(), query.get("language"), query.get("state")
    folder = query.get("folder", "").rstrip("/")
    return (
        (not wanted or wanted in f"{one.title}\n{one.source}".casefold())
        and (not folder or below(one.source, folder))
        and (not language or (one.language == language and bool(one.id)))
        and (one.state == state if state else one.state != "skipped")
    )
