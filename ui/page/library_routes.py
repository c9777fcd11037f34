"""The library's routes: what is indexed for everyone; updating, uploading and removing for those who may."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from index.errors import RagError
from ui.api.bodies import json_of, object_of, text_of
from ui.http.admission import ApiError
from ui.http.fair_queue import visitor_of
from ui.http.sign_in.login import USER
from ui.page.collection_routes import among, collection_routes
from ui.service.collections.shelves import Shelves
from ui.service.library.library import Library
from ui.service.library.topics import Topics
from ui.service.library.uploads import UploadError, Uploads
from ui.service.watching.feedback import Feedback, FloodError
from ui.terminal.lines import jsonable
from ui.view import strings

__all__ = ["UPLOAD_PATH", "add", "library_routes"]

logger = logging.getLogger(__name__)
UPLOAD_PATH = "/library/upload"
_READ_AT_ONCE = 2  # uploads that are tried in the sandbox; each may take hundreds of megabytes there
_NEVER_KEPT = {"cache-control": "no-store"}


def library_routes(
    library: Library, topics: Topics | None = None, people: Sequence[str] | None = None
) -> list[BaseRoute]:
    """Return the routes. Whatever changes something is a POST that brings the token.

    Args:
        library: what is indexed.
        topics: what it is about.
        people: to whom a collection can be given, see `Shelves`.
    """
    known_topics, shelves = topics or Topics(None), Shelves(library, people)
    changes = [
        Route(f"/library/{name}", partial(_change, library, change), methods=["POST"])
        for name, change in _CHANGES.items()
    ]
    return [
        Route("/library/state", partial(_state, library), methods=["GET"]),
        Route("/library/documents", partial(_documents, library, known_topics, shelves), methods=["GET"]),
        Route("/library/topics", partial(_topics, known_topics), methods=["GET"]),
        *changes,
        *collection_routes(library, shelves, known_topics),
        Route(UPLOAD_PATH, partial(_upload, library, asyncio.Semaphore(_READ_AT_ONCE)), methods=["POST"]),
        Route("/chat/feedback", partial(_judge, Feedback(library.beside)), methods=["POST"]),
    ]


def _state(library: Library, request: Request) -> Response:
    rights, build = library.rights, library.builds.state
    may = rights.may(request.scope.get(USER))
    found: dict[str, object] = {"admin": may, "local": may and rights.local, "empty": library.empty()}
    if may:
        found |= {"token": rights.token, "extensions": Uploads.extensions(), "bytes": library.uploads.file_bytes}
    # A build reports all files that it reads.
    if may and library.sees_all():
        found["build"] = jsonable(library.builds.since(_since(request)))
    else:
        found["build"] = {"running": build.running, "number": build.number}
    return JSONResponse(found, headers=_NEVER_KEPT)


def _documents(library: Library, topics: Topics, shelves: Shelves, request: Request) -> Response:
    try:
        places = library.places() if library.rights.may(request.scope.get(USER)) else []
        some = among(shelves, topics, request.query_params)
        return JSONResponse({**library.page(request.query_params, some), "places": places}, headers=_NEVER_KEPT)
    except RagError:
        return _refusal(503, "library_unreadable")


def _topics(topics: Topics, request: Request) -> Response:
    listed = topics.of(strings.choose(request.query_params.get("language")))
    return JSONResponse(listed, headers=_NEVER_KEPT)


def _update(library: Library, _: Mapping[str, object]) -> None:
    library.update()


def _remove(library: Library, body: Mapping[str, object]) -> None:
    if "place" in body:
        library.remove_place(text_of(body, "place"))
    else:
        library.remove(text_of(body, "id"), text_of({"source": "", **body}, "source"))


def _put_back(library: Library, body: Mapping[str, object]) -> None:
    library.put_back(text_of(body, "source"))


def _add_samples(library: Library, _: Mapping[str, object]) -> None:
    library.add_samples()


def add(library: Library, body: Mapping[str, object]) -> None:
    """Index a place that the local user named.

    Raises:
        ApiError: 403, it is somebody else; or what `Library.add` refuses.
    """
    if not library.rights.local:
        raise ApiError(403, "not_allowed")
    library.add(text_of(body, "place"))


_CHANGES: Mapping[str, Callable[[Library, Mapping[str, object]], None]] = MappingProxyType(
    {"update": _update, "remove": _remove, "restore": _put_back, "samples": _add_samples, "add": add}
)


async def _change(
    library: Library, change: Callable[[Library, Mapping[str, object]], None], request: Request
) -> Response:
    try:
        library.rights.check(request)
        await run_in_threadpool(change, library, object_of(await json_of(request)))
    except ApiError as error:
        return _refusal(error.status, str(error))
    except RagError:
        return _refusal(503, "library_unreadable")
    return JSONResponse({"started": True}, status_code=202)


async def _upload(library: Library, reading: asyncio.Semaphore, request: Request) -> Response:
    try:
        library.rights.check(request)
        name = request.query_params.get("name", "")
        path = await library.uploads.receive(name, request.stream())
        async with reading:
            path = await run_in_threadpool(library.uploads.accept, path, name)
    except ApiError as error:
        return _refusal(error.status, str(error))
    except UploadError as error:
        return _refusal(error.status, error.key, error.detail)
    except OSError as error:  # the disk is full or may only be read
        logger.warning("an upload can't be kept: %s", error)
        return _refusal(507, "upload_full")
    except ClientDisconnect:
        return _refusal(413, "upload_large", str(library.uploads.file_bytes // 1_000_000))
    library.builds.start(add=[str(library.uploads.folder)], queue=True)
    return JSONResponse({"stored": path.name, "upload": library.uploads.place_of(str(path))}, status_code=202)


async def _judge(feedback: Feedback, request: Request) -> Response:
    """Everyone who may ask may say what they think of the answer."""
    try:
        await run_in_threadpool(_keep, feedback, object_of(await json_of(request)), visitor_of(request.scope)[0])
    except ApiError as error:
        return _refusal(error.status, str(error))
    except ValueError:
        return _refusal(422, "no_such_judgement")
    except FloodError:
        return _refusal(429, "busy")
    except RagError:
        logger.exception("a judgement could not be kept")
        return _refusal(503, "library_unreadable")
    return JSONResponse({"kept": True})


def _keep(feedback: Feedback, body: Mapping[str, object], visitor: str) -> None:
    feedback.add(text_of(body, "record"), text_of(body, "rating"), text_of(body, "reason"), visitor)


def _since(request: Request) -> int:
    """Return the number of the build after which reports are shown together; by itself only the last one is."""
    sent = request.query_params.get("since", "")
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 12 else sys.maxsize


def _refusal(status: int, key: str, detail: str = "") -> Response:
    return JSONResponse({"error": key, "detail": detail}, status_code=status)
