"""The routes of collections: which there are, and making, changing and forgetting one."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from index.errors import RagError
from ui.api.bodies import json_of, object_of
from ui.http.admission import ApiError
from ui.service.collections.shelves import Shelves
from ui.service.library.library import Library
from ui.service.library.topics import Topics

__all__ = ["among", "collection_routes"]

_NEVER_KEPT = {"cache-control": "no-store"}


def collection_routes(library: Library, shelves: Shelves, topics: Topics) -> list[BaseRoute]:
    """Return the routes. A change is a POST of JSON, which no page of another site can send."""

    def shown(_: Request) -> Response:
        try:
            return JSONResponse(shelves.shown(), headers=_NEVER_KEPT)
        except RagError:
            return JSONResponse({"error": "library_unreadable"}, status_code=503)

    async def put(request: Request) -> Response:
        try:
            body = object_of(await json_of(request))
            name = await run_in_threadpool(_put, library, shelves, topics, body)
        except ApiError as error:
            return JSONResponse({"error": str(error), "detail": ""}, status_code=error.status)
        except RagError:
            return JSONResponse({"error": "library_unreadable", "detail": ""}, status_code=503)
        return JSONResponse({"kept": True, "name": name})

    return [
        Route("/library/collections", shown, methods=["GET"]),
        Route("/library/collection", put, methods=["POST"]),
    ]


def _put(library: Library, shelves: Shelves, topics: Topics, body: Mapping[str, object]) -> str:
    """Change a collection, return its name; `matching` adds what a search of the library finds."""
    matching = body.get("matching")
    found: list[str] = []
    if isinstance(matching, dict):
        query = {str(name): str(value) for name, value in matching.items()}
        found = [one.id for one in library.found(query, among(shelves, topics, query)) if one.id]
    return shelves.put(body, found)


def among(shelves: Shelves, topics: Topics, query: Mapping[str, str]) -> frozenset[str] | None:
    """Return the documents that a topic and a collection leave of the list, `None` for all."""
    parts = [topics.documents(query.get("topic", "")), shelves.ids(query.get("collection", ""))]
    sets = [frozenset(part) for part in parts if part is not None]
    return frozenset.intersection(*sets) if sets else None
