"""The HTTP API: `/api/answer` and `/api/search`, with the same fields as the command line's `--json`."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from index.errors import ConfigError, RagError
from rag.errors import LLMError, QuestionError
from rag.llms.base import Handover
from rag.types import Answer
from rag.types import Turn as Exchange
from ui.commands import answer_object, passage_object
from ui.service import ChatService

__all__ = ["ApiError", "Gate", "Handler", "api_routes", "endpoint", "events", "object_of", "text_of"]

logger = logging.getLogger(__name__)
_AT_ONCE = 8
_MOST_PASSAGES = 100
Handler = Callable[[Mapping[str, object]], Response]


class ApiError(Exception):
    """A refusal with its HTTP status; the message is for the caller."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets so many requests work at once; the others are told at once to come back, so that the page stays quick."""

    places: threading.BoundedSemaphore

    @classmethod
    def wide(cls, places: int = _AT_ONCE) -> Gate:
        """Return a gate with that many places."""
        return cls(threading.BoundedSemaphore(places))

    def enter(self) -> None:
        """Take a place.

        Raises:
            ApiError: 503, all are taken.
        """
        if not self.places.acquire(timeout=2.0):
            raise ApiError(503, "Too many questions at once; ask again in a moment.")

    def leave(self) -> None:
        """Give the place back."""
        self.places.release()


def api_routes(service: ChatService, gate: Gate) -> list[BaseRoute]:
    """Return the routes of the API."""

    def answer(body: Mapping[str, object]) -> Response:
        question, history = text_of(body, "question"), _history(body)
        pieces = service.assistant.stream(question, history=history)
        if body.get("stream") is True:
            return StreamingResponse(events(_pieces(pieces), gate), media_type="text/event-stream")
        *_, last = pieces
        assert isinstance(last, Answer), "a stream ends with its answer"
        return JSONResponse(answer_object(last))

    def search(body: Mapping[str, object]) -> Response:
        k = body.get("k", 5)
        if not isinstance(k, int) or isinstance(k, bool) or not 1 <= k <= _MOST_PASSAGES:
            raise ApiError(422, f"k: a whole number from 1 to {_MOST_PASSAGES} is needed.")
        hits = service.assistant.retrieve(text_of(body, "question"), k=k)
        return JSONResponse({"passages": [passage_object(hit) for hit in hits]})

    return [
        Route("/api/answer", endpoint(answer, gate), methods=["POST"]),
        Route("/api/search", endpoint(search, gate), methods=["POST"]),
    ]


def endpoint(handler: Handler, gate: Gate) -> Callable[[Request], Any]:
    """Return a route's function: reads a JSON object, waits for a place, and turns errors into JSON."""

    def work(body: Mapping[str, object]) -> Response:
        gate.enter()
        response: Response | None = None
        try:
            response = handler(body)
        finally:
            if not isinstance(response, StreamingResponse):  # a stream keeps its place until it ends
                gate.leave()
        return response

    async def respond(request: Request) -> Response:
        try:
            return await run_in_threadpool(work, object_of(await request.body()))
        except ApiError as error:
            return _refusal(error.status, str(error))
        except (QuestionError, ConfigError) as error:
            return _refusal(422, str(error))
        except LLMError as error:
            return _refusal(502, str(error))
        except RagError:
            logger.exception("a request to the API failed")
            return _refusal(500, "The index can't be read; the server's log says why.")

    return respond


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


def events(messages: Iterator[object], gate: Gate) -> Iterator[str]:
    """Yield server-sent events, one JSON object each, `[DONE]` last; gives the place at the gate back at the end."""
    try:
        for message in messages:
            yield f"data: {json.dumps(message, ensure_ascii=False)}\n\n"
    except RagError as error:
        known = isinstance(error, QuestionError | LLMError | ConfigError)
        told = str(error) if known else "The index can't be read; the server's log says why."
        yield f"data: {json.dumps({'error': {'message': told}}, ensure_ascii=False)}\n\n"
    finally:
        gate.leave()
    yield "data: [DONE]\n\n"


def _pieces(pieces: Iterator[str | Answer]) -> Iterator[object]:
    for piece in pieces:
        if isinstance(piece, Answer):
            yield {"answer": answer_object(piece)}
        elif isinstance(piece, Handover):
            yield {"withdrawn": True}
        else:
            yield {"piece": piece}


def _history(body: Mapping[str, object]) -> list[Exchange]:
    pairs = body.get("history") or []
    if not isinstance(pairs, list) or not all(_is_pair(pair) for pair in pairs):
        raise ApiError(422, "history: a list of pairs of texts, question and answer, is needed.")
    return [Exchange(question, answer) for question, answer in pairs]


def _is_pair(pair: object) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(isinstance(text, str) for text in pair)


def _refusal(status: int, message: str) -> Response:
    return JSONResponse({"error": {"message": message, "code": status}}, status_code=status)
