"""The HTTP API: `/api/answer` and `/api/search`, with the same fields as the command line's `--json`, and `/health`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from rag.llms.events import StreamEvent, Withdrawn
from rag.output.annotations import quote_annotations
from rag.output.json import passage_fields
from rag.question.cleaning import recent
from rag.types import Answer
from ui.api.endpoints import ApiRoute, add_read, chosen, events, public_pieces, whole, worked
from ui.api.openapi import by_the_guard, returns
from ui.api.requests import AnswerRequest, Filters, SearchRequest
from ui.api.responses import Answer as AnswerFields
from ui.api.responses import Health, SearchResult
from ui.http.admission import Gates, HeldStream
from ui.service.asking.asking import Answerer, ChatService
from ui.service.asking.filters import check_filter

__all__ = ["answer_object", "api_routes", "checked_filter"]

_OPEN: dict[str, Any] = {"security": []}  # to everyone


def api_routes(service: ChatService, gates: Gates) -> list[BaseRoute]:
    """Return the routes of the API."""
    router = APIRouter(route_class=ApiRoute)

    @router.post(
        "/api/answer", summary="Answer a question", response_model=AnswerFields, responses=returns("AnswerEvent")
    )
    async def answer(request: Request, body: AnswerRequest) -> Response:
        return await worked(request, gates.of(body.backend), partial(_answer, service, body))

    @router.post("/api/search", summary="Find passages", response_model=SearchResult, responses=returns())
    async def search(request: Request, body: SearchRequest) -> Response:
        return await worked(request, gates.of(), partial(_search, service, body))

    add_read(router, "/health", _health, "Whether the server answers", Health, by_the_guard(), _OPEN)
    return list(router.routes)


def checked_filter(asked: Filters, answerer: Answerer) -> dict[str, Any]:
    """Return the filter of a request as an argument, none where it names none.

    Raises:
        ConfigError: nothing in the index can match it.
    """
    where = asked.filter()
    if where is None:
        return {}
    with answerer.reading() as opened:
        check_filter(where, opened.store, dashes="")
    return {"where": where}


async def _health() -> Response:
    return JSONResponse({"status": "ok"}, headers={"cache-control": "no-store"})


def _answer(service: ChatService, asked: AnswerRequest) -> Response:
    name, answerer = chosen(service, asked.backend)
    wanted = checked_filter(asked, answerer)
    wanted |= {key: getattr(asked, key) for key in ("k", "style") if key in asked.model_fields_set}
    history = list(recent([(question, said) for question, said in asked.history or ()]))
    pieces = public_pieces(answerer.stream(asked.question, history=history, **wanted), service, name)
    fields = partial(answer_object, answerer=answerer, annotated=asked.annotations is True)
    if asked.stream:
        return HeldStream(events(_pieces(pieces, fields)))
    return JSONResponse(fields(whole(pieces)))


def _search(service: ChatService, asked: SearchRequest) -> Response:
    wanted = checked_filter(asked, service.assistant)
    hits = service.assistant.retrieve(asked.question, k=asked.k, **wanted)
    return JSONResponse({"passages": [passage_fields(hit) for hit in hits]})


def _pieces(pieces: Iterator[StreamEvent], fields: Callable[[Answer], dict[str, Any]]) -> Iterator[object]:
    for piece in pieces:
        if isinstance(piece, Answer):
            yield {"answer": fields(piece)}
        elif isinstance(piece, Withdrawn):
            yield {"withdrawn": True}
        else:
            yield {"piece": piece}


def answer_object(answer: Answer, *, answerer: Answerer, annotated: bool) -> dict[str, Any]:
    """Return the fields of an answer, with its citations as Web Annotations too where the request wants them."""
    fields = answer.to_dict()
    if annotated:
        fields["annotations"] = quote_annotations(answer.citations, answerer.document)
    return fields
