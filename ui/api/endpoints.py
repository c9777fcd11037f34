"""How the API takes requests: reads and checks them, lets them in one by one, works in threads, refuses in JSON."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from fastapi import APIRouter, HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from index.errors import ConfigError, IndexMissingError, RagError
from rag.errors import LLMError, QuestionError
from rag.llms.events import StreamEvent
from rag.types import Answer
from ui.api.bodies import NO_OBJECT, json_of
from ui.api.fields import complaint
from ui.api.openapi import Responses
from ui.http.admission import ApiError, Gate, HeldStream, error_object, refusal
from ui.http.disconnects import noticed, while_there, while_wanted
from ui.http.fair_queue import visitor_of
from ui.service.asking.asking import Answerer, ChatService

__all__ = ["ApiRoute", "add_read", "as_api_error", "chosen", "events", "public_pieces", "whole", "worked"]

logger = logging.getLogger(__name__)
NOTHING_INDEXED = "Nothing is indexed yet: add documents in the web chat's library, or run `rag index PATHS`."


class ApiRoute(APIRoute):
    """A route whose refusals have the API's form and words, whatever finds the fault."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return FastAPI's own handler with its errors in our form."""
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                if self.body_field is not None:
                    _say_json(request)
                    await json_of(request)  # kept by the request; a body that is cut off is the guard's to refuse
                return await handle(request)
            except RequestValidationError as error:
                return refusal(self._misfit(error.errors()))
            except HTTPException:  # there was no JSON that could be read
                return refusal(ApiError(400, NO_OBJECT))
            except ApiError as error:
                return refusal(error)
            except RagError as error:
                return refusal(as_api_error(error))

        return answered

    def _misfit(self, errors: Sequence[Mapping[str, Any]]) -> ApiError:
        """Return what is wrong with a body; each error's place begins with the word "body"."""
        within = [{**error, "loc": error["loc"][1:]} for error in errors]
        kind = None if self.body_field is None else self.body_field.field_info.annotation
        if within[0]["type"] == "json_invalid" or not within[0]["loc"]:
            return ApiError(400, NO_OBJECT)
        assert isinstance(kind, type) and issubclass(kind, BaseModel), "a body is described by a model"
        return ApiError(422, complaint(kind, within))


def _say_json(request: Request) -> None:
    """Take a body of which nothing is said for JSON; FastAPI would not read it."""
    headers = request.scope["headers"]
    if all(name != b"content-type" for name, _ in headers):
        request.scope["headers"] = [*headers, (b"content-type", b"application/json")]


def add_read(
    router: APIRouter,
    path: str,
    endpoint: Callable[..., Coroutine[Any, Any, Response]],
    summary: str,
    gives: type[BaseModel],
    responses: Responses,
    extra: dict[str, Any] | None = None,
) -> None:
    """Add a route that is read with GET, and with HEAD as every web server has it."""
    router.add_api_route(
        path, endpoint, summary=summary, response_model=gives, responses=responses, openapi_extra=extra
    )
    router.add_api_route(path, endpoint, methods=["HEAD"], include_in_schema=False)


async def worked(request: Request, gate: Gate, work: Callable[[], Response]) -> Response:
    """Wait for a place, then work in a thread; a stream keeps its place at the gate until it ends.

    Raises:
        ApiError: 503, it would wait too long; or what `work` raises.
        RagError: what `work` raises.
    """
    entered = await while_there(request.receive, gate.enter(visitor_of(request.scope)))
    leave = partial(gate.leave, entered)
    async with noticed(request.receive):
        response: Response | None = None
        try:
            response = await run_in_threadpool(work)
        finally:
            if isinstance(response, HeldStream):
                response.at_end = leave
            else:
                leave()
        return response


def chosen(service: ChatService, name: object) -> tuple[str, Answerer]:
    """Return a backend; what is not offered is never replaced by another one, since the words would go elsewhere."""
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
