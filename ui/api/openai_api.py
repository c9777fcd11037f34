"""An OpenAI-compatible face of the assistant: `/v1/models` and `/v1/chat/completions`, citations in an extra field.

The protocol: https://platform.openai.com/docs/api-reference/chat.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from rag.llms.events import StreamEvent, Withdrawn
from rag.output.notices import QUOTING, made_by
from rag.question.cleaning import MAX_CHARACTERS, MOST_TURNS
from rag.types import Answer
from ui.api.endpoints import ApiRoute, add_read, events, public_pieces, whole, worked
from ui.api.openai_requests import conversation, said
from ui.api.openai_tasks import task_result
from ui.api.openapi import refusals, returns
from ui.api.requests import ChatRequest
from ui.api.responses import ChatCompletion, Model, Models
from ui.http.admission import ApiError, Gates, HeldStream, refusal
from ui.service.asking.asking import Answerer, ChatService
from ui.terminal.lines import jsonable

__all__ = ["MODEL", "openai_routes"]

MODEL = "babelquote"
"""Name under which the default backend answers; the others are called by their own names."""


def openai_routes(service: ChatService, gates: Gates) -> list[BaseRoute]:
    """Return the routes. The text ends with its numbered sources, `citations` holds them as objects."""
    router = APIRouter(route_class=ApiRoute)

    async def models() -> Response:
        return JSONResponse({"object": "list", "data": [_model(name) for name in _names(service)]})

    async def model(name: str) -> Response:
        if name not in _names(service):
            raise ApiError(404, f"model: there is no {name[:200]!r} here; GET /v1/models lists what there is.")
        return JSONResponse(_model(name))

    @router.post(
        "/v1/chat/completions",
        summary="Answer as OpenAI's API does",
        response_model=ChatCompletion,
        responses=returns("ChatEvent", _404="There is no such model"),
    )
    async def completions(request: Request, body: ChatRequest) -> Response:
        return await worked(request, gates.of(body.model), partial(_completed, service, body))

    absent = refusals({404: "There is no such model"})
    add_read(router, "/v1/models", models, "What may be named as model", Models, refusals())
    add_read(router, "/v1/models/{name:path}", model, "Whether something may be named as model", Model, absent)
    rest = Route("/v1/{rest:path}", _absent, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    return [*router.routes, rest]


def _completed(service: ChatService, asked: ChatRequest) -> Response:
    question, history = conversation(asked.messages)
    name, answerer = _chosen(service, asked.model)
    task = task_result(question, history[0].question if history else "")
    if task is not None:
        return _for_a_task(task, name, asked)
    pieces = public_pieces(answerer.stream(question, history=history), service, "" if name == MODEL else name)
    if asked.stream:
        return _streamed(_chunks(pieces, _head("chat.completion.chunk", name)), asked)
    return JSONResponse(_completion(whole(pieces), _head("chat.completion", name), asked))


def _streamed(chunks: Iterator[dict[str, object]], asked: ChatRequest) -> Response:
    return HeldStream(events(_with_usage(chunks, asked.messages) if asked.wants_usage else chunks))


async def _absent(request: Request) -> Response:
    """Refuse what OpenAI's API has and this one does not, in its own form."""
    path = request.url.path
    offered = "POST /v1/chat/completions, GET /v1/models and GET /v1/models/NAME are"
    return refusal(ApiError(404, f"{path[:100]} is not offered here; {offered}."))


def _model(name: str) -> dict[str, object]:
    return {"id": name, "object": "model", "owned_by": MODEL, "created": 0}


def _for_a_task(text: str, name: str, asked: ChatRequest) -> Response:
    """Return a text that is no answer from documents, whole or as a stream."""
    if not asked.stream:
        head = _head("chat.completion", name)
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        extra = {"citations": [], "refused": False, "made_by": made_by(QUOTING)}
        return JSONResponse({**head, "choices": [choice], "usage": _usage(asked.messages, text), **extra})
    head = _head("chat.completion.chunk", name)
    deltas = ({"role": "assistant", "content": ""}, {"content": text})
    last = {**_chunk(head, {}, "stop"), "made_by": made_by(QUOTING)}
    return _streamed(iter([*(_chunk(head, delta) for delta in deltas), last]), asked)


def _names(service: ChatService) -> list[str]:
    return [MODEL, *(backend.name for backend in service.backends)]


def _chosen(service: ChatService, model: object) -> tuple[str, Answerer]:
    """Return a model by its name; what is not offered is never replaced, since the words would go elsewhere."""
    name = MODEL if model is None else model
    if not isinstance(name, str) or name not in _names(service):
        raise ApiError(404, f"model: there is no {name!r} here; GET /v1/models lists what there is.")
    return name, service.answerer("" if name == MODEL else name)


def _completion(answer: Answer, head: Mapping[str, object], asked: ChatRequest) -> dict[str, object]:
    text = str(answer)
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop", "logprobs": None}
    return {**head, "choices": [choice], "usage": _usage(asked.messages, text), **_extra(answer)}


def _usage(messages: Sequence[object], text: str) -> dict[str, int]:
    """Return the tokens of what was read and of what came back, counted by cl100k_base; passages are not in it."""
    from rag.prompts.tokenizer import count_tokens

    read = [said(message)[1][:MAX_CHARACTERS] for message in messages[-2 * MOST_TURNS - 1 :]]
    prompt, completion = sum(map(count_tokens, read)), count_tokens(text)
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _with_usage(chunks: Iterator[dict[str, object]], messages: Sequence[object]) -> Iterator[dict[str, object]]:
    """Add a last chunk with the tokens, and to all others that they have none."""
    head: dict[str, object] = {}
    text = ""
    for chunk in chunks:
        head, text = chunk, text + _content(chunk)
        yield {**chunk, "usage": None}
    yield {**head, "choices": [], "usage": _usage(messages, text)}


def _content(chunk: Mapping[str, object]) -> str:
    choices = chunk["choices"]
    assert isinstance(choices, list), "a chunk has its choice"
    return str(choices[0]["delta"].get("content", ""))


def _chunks(pieces: Iterator[StreamEvent], head: Mapping[str, object]) -> Iterator[dict[str, object]]:
    sent = ""
    yield _chunk(head, {"role": "assistant", "content": ""})
    for piece in pieces:
        if isinstance(piece, Answer):
            # What was checked takes the place of what was streamed; where they agree only the sources are missing.
            full, sent = str(piece), sent.rstrip()
            rest = full[len(sent) :] if full.startswith(sent) else f"\n\n{full}" if sent else full
            yield {**_chunk(head, {"content": rest}), **_extra(piece)}
        elif not isinstance(piece, Withdrawn):
            sent += piece
            yield _chunk(head, {"content": piece})
    yield _chunk(head, {}, "stop")


def _chunk(head: Mapping[str, object], delta: Mapping[str, str], finish: str | None = None) -> dict[str, object]:
    return {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def _head(kind: str, model: str) -> dict[str, object]:
    return {"id": f"chatcmpl-{uuid.uuid4().hex}", "object": kind, "created": int(time.time()), "model": model}


def _extra(answer: Answer) -> dict[str, object]:
    citations = jsonable(list(answer.citations))
    return {"citations": citations, "refused": answer.refused, "made_by": made_by(answer.llm)}
