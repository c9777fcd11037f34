"""The library: what is indexed, who may change it, and what changes it."""

from __future__ import annotations

import hmac
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from starlette.requests import Request

from index.errors import StoreError
from index.listing import Listed, Listing, list_documents
from index.sources.addresses import is_address, told_address
from ui.builds import Builds
from ui.gate import ApiError
from ui.login import USER
from ui.uploads import Uploads

__all__ = ["Library", "Rights"]

_ADMIN = "admin"
_TOKEN_HEADER = "x-babelquote-token"  # noqa: S105
_PAGE = 100
_SHOWN_FIELDS = ("id", "title", "source", "language", "date", "passages", "state", "reason")


@dataclass(frozen=True, slots=True)
class Rights:
    """Who may change what is indexed.

    Attributes:
        local: only this machine's own user reaches the page; that user may also name folders and addresses.
        admin: `None` lets the local user and the signed-in `admin`; `True` all who may see the page; `False` nobody.
        token: random, made for this process; every change must bring it.
    """

    local: bool
    admin: bool | None = None
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    def may(self, user: object) -> bool:
        """Tell whether a person may make changes."""
        if self.admin is not None:
            return self.admin
        return self.local or user == _ADMIN

    def check(self, request: Request) -> None:
        """Refuse a change by someone who may not, or without the token.

        Raises:
            ApiError: 403.
        """
        sent = request.headers.get(_TOKEN_HEADER, "").encode("utf-8", "replace")
        if not (self.may(request.scope.get(USER)) and hmac.compare_digest(sent, self.token.encode())):
            raise ApiError(403, "not_allowed")


class Library:
    """What is indexed, read once a generation, and what changes it.

    Args:
        index_dir: folder of the index.
        rights: who may change it.
        builds: runs the builds; made for the folder when left out.
        uploads: keeps the uploaded files; beside the index's folder when left out.
    """

    def __init__(
        self, index_dir: Path, rights: Rights, builds: Builds | None = None, uploads: Uploads | None = None
    ) -> None:
        self.index_dir = index_dir
        self.rights = rights
        self.builds = builds or Builds(index_dir)
        folder = index_dir.absolute()
        self.uploads = uploads or Uploads(folder.with_name(f"{folder.name}-files") / "uploads")
        self._kept: tuple[object, Listing] | None = None

    def listing(self) -> Listing:
        """Return what is indexed now.

        Raises:
            StoreError: there is no index that can be read.
        """
        look = (self.index_dir / "CURRENT").stat().st_mtime_ns if (self.index_dir / "CURRENT").exists() else 0
        kept = self._kept
        if kept is None or kept[0] != look:
            kept = self._kept = (look, list_documents(self.index_dir))
        return kept[1]

    def page(self, query: Mapping[str, str]) -> dict[str, object]:
        """Return the documents that a query asks for, a page of them, and what there is in all.

        Args:
            query: `query` (words of title or source), `language`, `state` and `offset`, each of which may be missing.

        Raises:
            StoreError: there is no index that can be read.
        """
        listing = self.listing()
        texts = [one for one in listing.documents if one.id]
        found = [one for one in listing.documents if _fits(one, query)]
        start = int(offset) if (offset := query.get("offset", "0")).isascii() and offset.isdecimal() else 0
        return {
            "generation": listing.generation,
            "built_at": listing.built_at,
            "documents": [self._shown(one, listing) for one in found[start : start + _PAGE]],
            "found": len(found),
            "total": len(texts),
            "passages": sum(one.passages for one in texts),
            "languages": dict(Counter(one.language for one in texts).most_common()),
            "states": dict(Counter(one.state for one in listing.documents)),
        }

    def remove(self, document_id: str, source: str = "") -> None:
        """Remove an uploaded document, or forget a web address, and start the build that does so.

        Args:
            document_id: the document's id; `""` for an address from which nothing came.
            source: its source, as it is listed.

        Raises:
            ApiError: 404, it is none that can be removed here; 409, it is the only one.
        """
        listing = self.listing()
        found = next((one for one in listing.documents if _is(one, document_id, source)), None)
        if found is None or not self._removable(found, listing):
            raise ApiError(404, "not_uploaded")
        if all(_same_origin(one, found) for one in listing.documents if one.id):
            raise ApiError(409, "last_document")
        if self.uploads.holds(found.path):
            self.uploads.remove(found.path)
            self.builds.start(queue=True)
        else:
            self.builds.start(drop=[found.source], queue=True)

    def add(self, place: str) -> None:
        """Index a folder, a file or an address besides what is indexed.

        Raises:
            ApiError: 422, there is no such path.
        """
        place = place.strip()
        if is_address(place) and told_address(place) != place:
            raise ApiError(422, "add_missing")
        if not is_address(place):
            path = Path(place).expanduser()
            if not place or "\0" in place or not path.exists():
                raise ApiError(422, "add_missing")
            place = str(path.absolute())
        self.builds.start(add=[place], queue=True)

    def resume(self) -> None:
        """Index what was uploaded and accepted before a server was killed, and not indexed any more."""
        waiting = {str(path.resolve()) for path in self.uploads.folder.glob("*/*") if path.is_file()}
        try:
            known = {one.path for one in self.listing().documents}
        except StoreError:
            return  # there is nothing to add it to
        if waiting - known:
            self.builds.start(add=[str(self.uploads.folder)], queue=True)

    def _shown(self, one: Listed, listing: Listing) -> dict[str, object]:
        """Return a document as the page gets it: without its path."""
        row: dict[str, object] = {name: getattr(one, name) for name in _SHOWN_FIELDS}
        return {**row, "removable": self._removable(one, listing)}

    def _removable(self, one: Listed, listing: Listing) -> bool:
        named = self.rights.local and is_address(one.source) and one.source in listing.roots
        return named or self.uploads.holds(one.path)


def _is(one: Listed, document_id: str, source: str) -> bool:
    return one.id == document_id if document_id else not one.id and bool(source) and one.source == source


def _same_origin(one: Listed, other: Listed) -> bool:
    """Tell whether both come from one file, or from one address."""
    return one.path == other.path if other.path else one.source == other.source


def _fits(one: Listed, query: Mapping[str, str]) -> bool:
    wanted, language, state = query.get("query", "").casefold().strip(), query.get("language"), query.get("state")
    return (
        (not wanted or wanted in f"{one.title}\n{one.source}".casefold())
        and (not language or (one.language == language and bool(one.id)))
        and (one.state == state if state else one.state != "skipped")
    )
