"""The route that gives the page questions to begin with, and to go on with after an answer."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from ui.service.asking.asking import QUESTION_CHARACTERS, ChatService
from ui.service.library.suggested import Suggested
from ui.view import strings

__all__ = ["suggestion_routes"]


def suggestion_routes(service: ChatService) -> list[BaseRoute]:
    """Return the route; it works in a thread, since the questions are asked before they are suggested."""
    suggested = Suggested(service)

    def suggestions(request: Request) -> Response:
        language = strings.choose(request.query_params.get("language"))
        documents = [one for one in request.query_params.getlist("after") if one]
        question = request.query_params.get("question", "")[:QUESTION_CHARACTERS]
        found = suggested.after(language, documents, question) if documents else suggested.of(language)
        return JSONResponse({"questions": found}, headers={"cache-control": "no-store"})

    return [Route("/chat/suggestions", suggestions, methods=["GET"])]
