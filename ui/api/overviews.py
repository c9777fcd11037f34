"""The routes that tell what a document is about: for programs, and as HTML for the reader on the page."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute

from index.errors import StoreError
from rag import Assistant
from rag.overview.contents.document import Overview
from ui.api.endpoints import ApiRoute, chosen, worked
from ui.api.openapi import returns
from ui.api.requests import OverviewRequest, WrittenOverviewRequest
from ui.api.responses import Overview as OverviewFields
from ui.http.admission import ApiError, Gates
from ui.service.asking.asking import ChatService
from ui.view import strings
from ui.view.documents.written_overview import written_html

__all__ = ["overview_fields", "overview_routes"]


def overview_routes(service: ChatService, gates: Gates) -> list[BaseRoute]:
    """Return the routes; a language model writes only where it is asked to, and waits for a place like any question."""
    router = APIRouter(route_class=ApiRoute)

    @router.post(
        "/api/overview",
        summary="What a document is about",
        response_model=OverviewFields,
        responses=returns(_404="There is no such document"),
    )
    async def overview(request: Request, body: OverviewRequest) -> Response:
        return await worked(request, gates.of(body.backend), partial(_overview, service, body))

    @router.post("/chat/overview", include_in_schema=False)
    async def shown(request: Request, body: WrittenOverviewRequest) -> Response:
        return await worked(request, gates.of(body.backend), partial(_shown, service, body))

    return list(router.routes)


def _overview(service: ChatService, asked: OverviewRequest) -> Response:
    assistant, name = _assistant(service, asked.backend, asked.document)
    found = assistant.overview(asked.document, written=asked.written, language=asked.language)
    return JSONResponse(overview_fields(found, service, name, assistant.document(asked.document).text))


def _shown(service: ChatService, asked: WrittenOverviewRequest) -> Response:
    assistant, name = _assistant(service, asked.backend, asked.id)
    language = strings.choose(asked.language)
    found = assistant.overview(asked.id, written=True, language=language)
    if found.written is None:
        raise ApiError(502, "overview_failed")
    return HTMLResponse(written_html(service.shown(found.written, name), language))


def overview_fields(found: Overview, service: ChatService, name: str, text: str) -> dict[str, Any]:
    """Return an overview in JSON's own types.

    Args:
        found: the overview.
        service: knows what visitors may see.
        name: of the backend that wrote.
        text: the document's, from which the sentences are taken.
    """
    written = None if found.written is None else service.shown(found.written, name)
    sentences = [{"start": one.start, "end": one.end, "text": text[one.start : one.end]} for one in found.sentences]
    return {
        "document_id": found.document_id,
        "sentences": sentences,
        "headings": list(found.headings),
        "names": list(found.names),
        "language": found.language,
        "characters": found.characters,
        "written": None if written is None else written.to_dict(),
        "warnings": list(found.warnings if written is None else written.warnings),
    }


def _assistant(service: ChatService, backend: object, document_id: str) -> tuple[Assistant, str]:
    """Return who is asked about a document, and its name.

    Raises:
        ApiError: 404, there is no such document; 422, no such backend.
    """
    name, answerer = chosen(service, backend)
    try:
        answerer.document(document_id)
    except StoreError:
        raise ApiError(404, "There is no such document.") from None
    if not isinstance(answerer, Assistant):
        raise ApiError(422, "backend: it tells of no document.")
    return answerer, name
