"""The HTTP API: `/api/answer` and `/api/search`, with the same fields as the command line's `--json`."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from index.errors import ConfigError, IndexMissingError, RagError
from rag.errors import LLMError, QuestionError
from rag.llms.events import StreamEvent, Withdrawn
from rag.output.annotations import annotation
from rag.output.json import passage_fields
from rag.question.cleaning import recent
from rag.types import STYLES, Answer, Turn
from ui.http.admission import ApiError, Gates, HeldStream, error_object, refusal
from ui.http.disconnects import noticed, while_there, while_wanted
from ui.http.fair_queue import visitor_of
from ui.service.asking import Answerer, ChatService
from ui.service.filters import check_filter, filter_from

__all__ = [
    "MOST_PASSAGES",
    "ApiError",
    "Handler",
    "api_routes",
    "as_api_error",
    "chosen",
    "endpoint",
    "events",
    "json_of",
    "object_of",
    "public_pieces",
    "text_of",
    "whole",
]

logger = logging.getLogger(__name__)
MOST_PASSAGES = 100
_MANY = 5  # passages of a search that says nothing about it
NOTHING_INDEXED = "Nothing is indexed yet: add documents in the web chat's library, or run `rag index PATHS`."
Handler = Callable[[Mapping[str, object]], Response]


def api_routes(service: ChatService, gates: Gates) -> list[BaseRoute]:
    """Return the routes of the API."""

    def answer(body: Mapping[str, object]) -> Response:
        name, answerer = chosen(service, body)
        asked = {"history": _history(body), **_wanted(answerer, body)}
        if "style" in body:
            asked["style"] = _style(body)
        pieces = public_pieces(answerer.stream(text_of(body, "question"), **asked), service, name)
        if body.get("stream") is True:
            return HeldStream(events(_pieces(pieces)))
        return JSONResponse(_with_annotations(whole(pieces), answerer, body))

    def search(body: Mapping[str, object]) -> Response:
        wanted = {"k": _MANY, **_wanted(service.assistant, body)}
        hits = service.assistant.retrieve(text_of(body, "question"), **wanted)
        return JSONResponse({"passages": [passage_fields(hit) for hit in hits]})

    return [
        Route("/api/answer", endpoint(answer, gates), methods=["POST"]),
        Route("/api/search", endpoint(search, gates), methods=["POST"]),
    ]


def chosen(service: ChatService, body: Mapping[str, object]) -> tuple[str, Answerer]:
    """Return a backend; what is not offered is never replaced by another one, since the words would go elsewhere."""
    name = body.get("backend", "")
    names = [backend.name for backend in service.backends]
    if not isinstance(name, str) or (name and name not in names):
        raise ApiError(422, f"backend: one of {', '.join(names)} is needed.")
    return name, service.answerer(name)


def public_pieces(pieces: Iterator[StreamEvent], service: ChatService, name: str = "") -> Iterator[StreamEvent]:
    """Yield a backend's pieces and its answer, as visitors may see it."""
    for piece in while_wanted(pieces):
        yield service.shown(piece, name) if isinstance(piece, Answer) else piece


def whole(pieces: Iterator[StreamEvent]) -> Answer:
    """Return the finished answer of a stream."""
    *_, last = pieces
    assert isinstance(last, Answer), "a stream ends with its answer"
    return last


def endpoint(handler: Handler, gates: Gates, field: str = "backend") -> Callable[[Request], Any]:
    """Return a route's function: reads a JSON object, waits for a place, and turns errors into JSON.

    Args:
        handler: works in a thread.
        gates: where the request waits.
        field: field of the body that names the backend.
    """

    async def respond(request: Request) -> Response:
        try:
            body = object_of(await json_of(request))
            gate = gates.of(body.get(field))
            entered = await while_there(request.receive, gate.enter(visitor_of(request.scope)))
        except ApiError as error:
            return refusal(error)
        async with noticed(request.receive):
            return await _worked(handler, body, partial(gate.leave, entered))

    return respond


async def _worked(handler: Handler, body: Mapping[str, object], leave: Callable[[], None]) -> Response:
    """Run the handler in a thread; a stream keeps its place at the gate until it ends."""
    response: Response | None = None
    try:
        response = await run_in_threadpool(handler, body)
    except ApiError as error:
        return refusal(error)
    except RagError as error:
        return refusal(as_api_error(error))
    finally:
        if isinstance(response, HeldStream):
            response.at_end = leave
        else:
            leave()
    return response


def as_api_error(error: RagError) -> ApiError:
    """Return what a caller may know of an error; the log keeps the rest."""
    if isinstance(error, QuestionError | ConfigError):
        return ApiError(422, str(error))
    if isinstance(error, LLMError):
        return ApiError(502, str(error))
    if isinstance(error, IndexMissingError):
        return ApiError(503, NOTHING_INDEXED)
    logger.error("a request to the API failed", exc_info=error)
    return ApiError(500, "The index can't be read; the server's log says why.")


async def json_of(request: Request) -> bytes:
    """Return the body of a request, which says that it is JSON or nothing about it.

    A page of another site can send plain text or a form unasked, and nothing that calls itself JSON; what says nothing
    is told by its origin (`ui.http.guard`).

    Raises:
        ApiError: 415, it says that it is something else.
    """
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise ApiError(415, "The body must be sent as application/json.")
    return await request.body()


def object_of(content: bytes) -> Mapping[str, object]:
    """Return the JSON object of a body.

    Raises:
        ApiError: 400, it is none.
    """
    try:
        body = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "The body must be a JSON object.") from error
    if not isinstance(body, dict):
        raise ApiError(400, "The body must be a JSON object.")
    return body


def text_of(body: Mapping[str, object], name: str) -> str:
    """Return a field that must be a text.

    Raises:
        ApiError: 422, it is missing or something else.
    """
    value = body.get(name)
    if not isinstance(value, str):
        raise ApiError(422, f"{name}: a text is needed.")
    return value


def events(messages: Iterator[object]) -> Iterator[str]:
    """Yield server-sent events, one JSON object each, `[DONE]` last; an error in the middle is the last object."""
    try:
        for message in messages:
            yield _event(message)
    except RagError as error:
        yield _event(error_object(as_api_error(error)))
    yield "data: [DONE]\n\n"


def _event(message: object) -> str:
    return f"data: {json.dumps(message, ensure_ascii=False)}\n\n"


def _pieces(pieces: Iterator[StreamEvent]) -> Iterator[object]:
    for piece in pieces:
        if isinstance(piece, Answer):
            yield {"answer": piece.to_dict()}
        elif isinstance(piece, Withdrawn):
            yield {"withdrawn": True}
        else:
            yield {"piece": piece}


def _wanted(answerer: Answerer, body: Mapping[str, object]) -> dict[str, Any]:
    """Return how many passages and which of them a request asks for, where it says so.

    Raises:
        ApiError: 422, `k` makes no sense.
        ConfigError: a filter is none, or nothing in the index can match it.
    """
    wanted: dict[str, Any] = {"k": _count(body)} if "k" in body else {}
    where = filter_from(body)
    if where is not None:
        with answerer.reading() as opened:
            check_filter(where, opened.store, dashes="")
        wanted["where"] = where
    return wanted


def _with_annotations(answer: Answer, answerer: Answerer, body: Mapping[str, object]) -> dict[str, Any]:
    """Return the fields of an answer, with its citations as Web Annotations too where the request wants them."""
    fields = answer.to_dict()
    if body.get("annotations") is True:
        fields["annotations"] = [
            annotation(answerer.document(one.document_id), one.start, one.end, f"urn:babelquote:citation:{one.number}")
            for one in answer.citations
        ]
    return fields


def _style(body: Mapping[str, object]) -> str:
    style = body["style"]
    if style not in STYLES:
        raise ApiError(422, f"style: one of {', '.join(STYLES)} is needed.")
    return str(style)


def _count(body: Mapping[str, object]) -> int:
    k = body["k"]
    if not isinstance(k, int) or isinstance(k, bool) or not 1 <= k <= MOST_PASSAGES:
        raise ApiError(422, f"k: a whole number from 1 to {MOST_PASSAGES} is needed.")
    return k


def _history(body: Mapping[str, object]) -> list[Turn]:
    pairs = body.get("history") or []
    if not isinstance(pairs, list) or not all(_is_pair(pair) for pair in pairs):
        raise ApiError(422, "history: a list of pairs of texts, question and answer, is needed.")
    return list(recent([(asked, said) for asked, said in pairs]))


def _is_pair(pair: object) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(isinstance(text, str) for text in pair)
