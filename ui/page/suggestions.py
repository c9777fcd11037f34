"""The route that gives the page questions to begin with."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from ui.service.asking import ChatService
from ui.service.suggested import Suggested
from ui.view import strings

__all__ = ["suggestion_routes"]


def suggestion_routes(service: ChatService) -> list[BaseRoute]:
    """Return the route; it works in a thread, since the questions are asked before they are suggested."""
    suggested = Suggested(service)

    def suggestions(request: Request) -> Response:
        language = strings.choose(request.query_params.get("language"))
        return JSONResponse({"questions": suggested.of(language)}, headers={"cache-control": "no-store"})

    return [Route("/chat/suggestions", suggestions, methods=["GET"])]
