"""The library's routes: what is indexed for everyone; updating, uploading and removing for those who may."""

from __future__ import annotations

import hmac
import logging
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from index.errors import RagError
from index.listing import Listed, Listing, list_documents
from index.sources.web import is_address
from ui.api import ApiError, object_of, text_of
from ui.builds import Builds
from ui.feedback import Feedback
from ui.login import USER
from ui.terminal import jsonable
from ui.uploads import UploadError, Uploads

__all__ = ["UPLOAD_PATH", "Library", "Rights", "library_routes"]

logger = logging.getLogger(__name__)
UPLOAD_PATH = "/library/upload"
_ADMIN = "admin"
_TOKEN_HEADER = "x-babelquote-token"  # noqa: S105
_PAGE = 100
_NEVER_KEPT = {"cache-control": "no-store"}
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

    def shown(self, one: Listed) -> dict[str, object]:
        """Return a document as the page gets it: without its path."""
        row: dict[str, object] = {name: getattr(one, name) for name in _SHOWN_FIELDS}
        return {**row, "uploaded": self.uploads.holds(one.path)}

    def remove(self, document_id: str) -> None:
        """Remove an uploaded document and start the build that forgets it.

        Raises:
            ApiError: 404, it is none that was uploaded; 409, it is the only one.
        """
        documents = self.listing().documents
        found = next((one for one in documents if document_id and one.id == document_id), None)
        if found is None or not self.uploads.holds(found.path):
            raise ApiError(404, "not_uploaded")
        if all(one.path == found.path for one in documents if one.id):
            raise ApiError(409, "last_document")
        self.uploads.remove(found.path)
        self.builds.start(queue=True)

    def add(self, place: str) -> None:
        """Index a folder, a file or an address besides what is indexed.

        Raises:
            ApiError: 422, there is no such path.
        """
        place = place.strip()
        if not is_address(place):
            path = Path(place).expanduser()
            if not place or "\0" in place or not path.exists():
                raise ApiError(422, "add_missing")
            place = str(path.absolute())
        self.builds.start(add=[place], queue=True)


def library_routes(library: Library) -> list[BaseRoute]:
    """Return the routes. Whatever changes something is a POST that brings the token."""
    rights, builds = library.rights, library.builds

    def state(request: Request) -> Response:
        may = rights.may(request.scope.get(USER))
        found: dict[str, object] = {"admin": may, "local": may and rights.local, "build": jsonable(builds.state)}
        if may:
            found |= {"token": rights.token, "extensions": Uploads.extensions(), "bytes": library.uploads.file_bytes}
        else:
            found["build"] = {"running": builds.state.running, "number": builds.state.number}
        return JSONResponse(found, headers=_NEVER_KEPT)

    def documents(request: Request) -> Response:
        try:
            listing = library.listing()
        except RagError:
            return JSONResponse({"error": "library_unreadable"}, status_code=503)
        return JSONResponse(_page(library, listing, request.query_params), headers=_NEVER_KEPT)

    def update(_: Mapping[str, object]) -> Response:
        if not builds.start():
            raise ApiError(409, "already_running")
        return JSONResponse({"started": True}, status_code=202)

    def remove(body: Mapping[str, object]) -> Response:
        library.remove(text_of(body, "id"))
        return JSONResponse({"started": True}, status_code=202)

    def add(body: Mapping[str, object]) -> Response:
        if not rights.local:
            raise ApiError(403, "not_allowed")
        library.add(text_of(body, "place"))
        return JSONResponse({"started": True}, status_code=202)

    return [
        Route("/library/state", state, methods=["GET"]),
        Route("/library/documents", documents, methods=["GET"]),
        Route("/library/update", _change(rights, update), methods=["POST"]),
        Route("/library/remove", _change(rights, remove), methods=["POST"]),
        Route("/library/add", _change(rights, add), methods=["POST"]),
        Route(UPLOAD_PATH, _upload(library), methods=["POST"]),
        Route("/chat/feedback", _judging(Feedback(library.index_dir)), methods=["POST"]),
    ]


def _judging(feedback: Feedback) -> Callable[[Request], Any]:
    """Everyone who may ask may say what they think of the answer."""

    def keep(body: Mapping[str, object]) -> None:
        feedback.add(text_of(body, "record"), text_of(body, "rating"), text_of(body, "reason"))

    async def respond(request: Request) -> Response:
        try:
            await run_in_threadpool(keep, object_of(await request.body()))
        except ApiError as error:
            return _refusal(error.status, str(error))
        except ValueError:
            return _refusal(422, "no_such_judgement")
        except RagError:
            logger.exception("a judgement could not be kept")
            return _refusal(503, "library_unreadable")
        return JSONResponse({"kept": True})

    return respond


def _change(rights: Rights, handler: Callable[[Mapping[str, object]], Response]) -> Callable[[Request], Any]:
    async def respond(request: Request) -> Response:
        try:
            rights.check(request)
            return await run_in_threadpool(handler, object_of(await request.body()))
        except ApiError as error:
            return _refusal(error.status, str(error))
        except RagError:
            return _refusal(503, "library_unreadable")

    return respond


def _upload(library: Library) -> Callable[[Request], Any]:
    async def respond(request: Request) -> Response:
        try:
            library.rights.check(request)
            path = await library.uploads.receive(request.query_params.get("name", ""), request.stream())
            path = await run_in_threadpool(library.uploads.accept, path)
        except ApiError as error:
            return _refusal(error.status, str(error))
        except UploadError as error:
            return _refusal(error.status, error.key, error.detail)
        except ClientDisconnect:
            return _refusal(413, "upload_large", str(library.uploads.file_bytes // 1_000_000))
        library.builds.start(add=[str(library.uploads.folder)], queue=True)
        return JSONResponse({"stored": path.name}, status_code=202)

    return respond


def _page(library: Library, listing: Listing, query: Mapping[str, str]) -> dict[str, object]:
    wanted, language, state = query.get("query", "").casefold().strip(), query.get("language"), query.get("state")
    texts = [one for one in listing.documents if one.id]
    found = [
        one
        for one in listing.documents
        if (not wanted or wanted in f"{one.title}\n{one.source}".casefold())
        and (not language or (one.language == language and one.id))
        and (one.state == state if state else one.state != "skipped")
    ]
    start = int(offset) if (offset := query.get("offset", "0")).isascii() and offset.isdecimal() else 0
    return {
        "generation": listing.generation,
        "built_at": listing.built_at,
        "documents": [library.shown(one) for one in found[start : start + _PAGE]],
        "found": len(found),
        "total": len(texts),
        "passages": sum(one.passages for one in texts),
        "languages": dict(Counter(one.language for one in texts).most_common()),
        "states": dict(Counter(one.state for one in listing.documents)),
    }


def _refusal(status: int, key: str, detail: str = "") -> Response:
    return JSONResponse({"error": key, "detail": detail}, status_code=status)
