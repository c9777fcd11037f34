"""An OpenAI-compatible face of the assistant: `/v1/models` and `/v1/chat/completions`, citations in an extra field."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from rag.llms.base import Handover
from rag.types import Answer
from rag.types import Turn as Exchange
from ui.api import ApiError, Gate, endpoint, events, whole
from ui.gate import HeldStream
from ui.service import ChatService
from ui.terminal import jsonable

__all__ = ["openai_routes"]

MODEL = "babelquote"


def openai_routes(service: ChatService, gate: Gate) -> list[BaseRoute]:
    """Return the routes. The text ends with its numbered sources, `citations` holds them as objects."""

    async def models(_: Request) -> Response:
        return JSONResponse(
            {"object": "list", "data": [{"id": MODEL, "object": "model", "owned_by": MODEL, "created": 0}]}
        )

    def completions(body: Mapping[str, object]) -> Response:
        question, history = _conversation(body.get("messages"))
        pieces = service.assistant.stream(question, history=history)
        if body.get("stream") is True:
            return HeldStream(events(_chunks(pieces)))
        last = whole(pieces)
        message = {"role": "assistant", "content": str(last)}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
        return JSONResponse({**_head("chat.completion"), "choices": [choice], "usage": usage, **_extra(last)})

    return [
        Route("/v1/models", models, methods=["GET"]),
        Route("/v1/chat/completions", endpoint(completions, gate), methods=["POST"]),
    ]


def _conversation(messages: object) -> tuple[str, list[Exchange]]:
    """Return the last user message as the question, and the exchanges before it."""
    said = [_said(message) for message in messages] if isinstance(messages, list) else []
    if not said or said[-1][0] != "user":
        raise ApiError(422, "messages: a list that ends with a user message is needed.")
    exchanges: list[Exchange] = []
    asked = ""
    for role, text in said[:-1]:
        if role == "user":
            asked = text
        elif role == "assistant" and asked:
            exchanges.append(Exchange(asked, text))
            asked = ""
    return said[-1][1], exchanges


def _said(message: object) -> tuple[str, str]:
    if isinstance(message, dict):
        role, content = message.get("role"), message.get("content")
        if isinstance(content, list):  # parts of a message; those that are no text say nothing here
            content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
        if isinstance(role, str) and isinstance(content, str):
            return role, content
    raise ApiError(422, "messages: each needs a role and a text as its content.")


def _chunks(pieces: Iterator[str | Answer]) -> Iterator[object]:
    head = _head("chat.completion.chunk")
    sent = ""
    yield _chunk(head, {"role": "assistant", "content": ""})
    for piece in pieces:
        if isinstance(piece, Answer):
            # What was checked takes the place of what was streamed; where they agree only the sources are missing.
            full, sent = str(piece), sent.rstrip()
            rest = full[len(sent) :] if full.startswith(sent) else f"\n\n{full}" if sent else full
            yield {**_chunk(head, {"content": rest}), **_extra(piece)}
        elif not isinstance(piece, Handover):
            sent += piece
            yield _chunk(head, {"content": piece})
    yield _chunk(head, {}, "stop")


def _chunk(head: Mapping[str, object], delta: Mapping[str, str], finish: str | None = None) -> dict[str, object]:
    return {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def _head(kind: str) -> dict[str, object]:
    return {"id": f"chatcmpl-{uuid.uuid4().hex}", "object": kind, "created": int(time.time()), "model": MODEL}


def _extra(answer: Answer) -> dict[str, object]:
    return {"citations": jsonable(list(answer.citations)), "refused": answer.refused}
