"""The routes that tell what a document is about: for programs, and as HTML for the reader on the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from index.errors import StoreError
from rag import Assistant
from rag.overview.document import Overview
from ui.api.answers import ApiError, chosen, endpoint, text_of
from ui.http.admission import Gates
from ui.service.asking import ChatService
from ui.view import strings
from ui.view.written_overview import written_html

__all__ = ["overview_fields", "overview_routes"]


def overview_routes(service: ChatService, gates: Gates) -> list[BaseRoute]:
    """Return the routes; a language model writes only where it is asked to, and waits for a place like any question."""

    def overview(body: Mapping[str, object]) -> Response:
        assistant, name, document_id = _asked(service, body, "document")
        written = body.get("written", False)
        if not isinstance(written, bool):
            raise ApiError(422, "written: true or false is needed.")
        told = assistant.overview(document_id, written=written, language=_language(body))
        return JSONResponse(overview_fields(told, service, name, assistant.document(document_id).text))

    def shown(body: Mapping[str, object]) -> Response:
        assistant, name, document_id = _asked(service, body, "id")
        language = strings.choose(_language(body))
        told = assistant.overview(document_id, written=True, language=language)
        if told.written is None:
            raise ApiError(502, "overview_failed")
        return HTMLResponse(written_html(service.shown(told.written, name), language))

    return [
        Route("/api/overview", endpoint(overview, gates), methods=["POST"]),
        Route("/chat/overview", endpoint(shown, gates), methods=["POST"]),
    ]


def overview_fields(told: Overview, service: ChatService, name: str, text: str) -> dict[str, Any]:
    """Return an overview in JSON's own types.

    Args:
        told: the overview.
        service: knows what visitors may see.
        name: of the backend that wrote.
        text: the document's, from which the sentences are taken.
    """
    written = None if told.written is None else service.shown(told.written, name)
    sentences = [{"start": one.start, "end": one.end, "text": text[one.start : one.end]} for one in told.sentences]
    return {
        "document_id": told.document_id,
        "sentences": sentences,
        "headings": list(told.headings),
        "names": list(told.names),
        "language": told.language,
        "characters": told.characters,
        "written": None if written is None else written.to_dict(),
        "warnings": list(told.warnings if written is None else written.warnings),
    }


def _asked(service: ChatService, body: Mapping[str, object], field: str) -> tuple[Assistant, str, str]:
    """Return who is asked, its name, and about which document.

    Raises:
        ApiError: 404, there is no such document; 422, no such backend.
    """
    name, answerer = chosen(service, body)
    document_id = text_of(body, field)
    try:
        answerer.document(document_id)
    except StoreError:
        raise ApiError(404, "There is no such document.") from None
    if not isinstance(answerer, Assistant):
        raise ApiError(422, "backend: it tells of no document.")
    return answerer, name, document_id


def _language(body: Mapping[str, object]) -> str:
    language = body.get("language", "")
    if not isinstance(language, str) or len(language) > 35:
        raise ApiError(422, "language: a language code is needed.")
    return language
