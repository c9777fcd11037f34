"""Routes of the reader for pages as they look, and for the files that documents were made of."""

from __future__ import annotations

from urllib.parse import quote

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from index.errors import RagError, SourceError
from ui.http.disconnects import while_there
from ui.service.asking.asking import ChatService
from ui.service.library.pages import Asked, Pages

__all__ = ["page_routes"]

_NEVER_KEPT = {"cache-control": "no-store"}
_AT_ONCE, _MOST_WAITING = 2, 24  # one draws, one reads what was drawn; more looks than that wait without a thread
_NOTES = {"not found": "page_unmarked", "scan": "page_scanned"}


def page_routes(service: ChatService, pages: Pages) -> list[BaseRoute]:
    """Return the routes; what may be seen is what the assistant gives as a document."""
    limiter = CapacityLimiter(_AT_ONCE)

    async def look(request: Request) -> Response:
        if limiter.statistics().tasks_waiting >= _MOST_WAITING:
            return JSONResponse({"error": "busy"}, status_code=503)
        query = request.query_params
        asked = Asked(*(_number(query.get(name, "")) for name in ("start", "end", "page", "zoom")))

        def work() -> Response:
            return _page(service, pages, query.get("id", ""), asked)

        return await while_there(request.receive, to_thread.run_sync(work, limiter=limiter))

    async def original(request: Request) -> Response:
        def work() -> Response:
            return _original(service, pages, request.query_params.get("id", ""))

        return await to_thread.run_sync(work, limiter=limiter)

    return [
        Route("/chat/page", look, methods=["GET"]),
        Route("/chat/original", original, methods=["GET"]),
    ]


def _page(service: ChatService, pages: Pages, document_id: str, asked: Asked) -> Response:
    try:
        number, drawn = pages.look(service.assistant, document_id, asked)
    except SourceError as error:
        changed = "has changed" in error.reason or "can't be opened" in error.reason
        return JSONResponse({"error": "original_gone" if changed else "page_failed"}, status_code=409)
    except (RagError, KeyError):
        return JSONResponse({"error": "document_gone"}, status_code=404)
    picture = {
        "page": number,
        "pages": drawn.pages,
        "width": drawn.width,
        "height": drawn.height,
        "image": f"data:image/webp;base64,{drawn.image}",
        "boxes": drawn.boxes,
        "note": _NOTES.get(drawn.marked, ""),
    }
    return JSONResponse(picture, headers=_NEVER_KEPT)


def _original(service: ChatService, pages: Pages, document_id: str) -> Response:
    try:
        name, data = pages.original(service.assistant, document_id)
    except SourceError:
        return JSONResponse({"error": "original_gone"}, status_code=409)
    except (RagError, KeyError):
        return JSONResponse({"error": "document_gone"}, status_code=404)
    # Never shown inline: a file may hold scripts, and would run them as this page.
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}", **_NEVER_KEPT}
    return Response(data, media_type="application/octet-stream", headers=headers)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0
