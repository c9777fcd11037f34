"""An OpenAI-compatible face of the assistant: `/v1/models` and `/v1/chat/completions`, citations in an extra field.

The protocol: https://platform.openai.com/docs/api-reference/chat.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from rag.llms.base import Handover
from rag.questions import MAX_CHARACTERS, MOST_TURNS, recent
from rag.types import Answer
from rag.types import Turn as Exchange
from ui.api import endpoint, events, public_pieces, whole
from ui.gate import ApiError, Gates, HeldStream
from ui.service import Answerer, ChatService
from ui.terminal import jsonable

__all__ = ["MODEL", "openai_routes"]

MODEL = "babelquote"
"""Name under which the default backend answers; the others are called by their own names."""


def openai_routes(service: ChatService, gates: Gates) -> list[BaseRoute]:
    """Return the routes. The text ends with its numbered sources, `citations` holds them as objects."""

    async def models(_: Request) -> Response:
        listed = [{"id": name, "object": "model", "owned_by": MODEL, "created": 0} for name in _names(service)]
        return JSONResponse({"object": "list", "data": listed})

    def completions(body: Mapping[str, object]) -> Response:
        question, history = _conversation(body.get("messages"))
        name, answerer = _chosen(service, body.get("model"))
        pieces = public_pieces(answerer.stream(question, history=history), service, "" if name == MODEL else name)
        if body.get("stream") is True:
            chunks = _chunks(pieces, _head("chat.completion.chunk", name))
            return HeldStream(events(_with_usage(chunks, body) if _wants_usage(body) else chunks))
        return JSONResponse(_completion(whole(pieces), _head("chat.completion", name), body))

    return [
        Route("/v1/models", models, methods=["GET"]),
        Route("/v1/chat/completions", endpoint(completions, gates, "model"), methods=["POST"]),
    ]


def _names(service: ChatService) -> list[str]:
    return [MODEL, *(backend.name for backend in service.backends)]


def _chosen(service: ChatService, model: object) -> tuple[str, Answerer]:
    """Return a model by its name; what is not offered is never replaced, since the words would go elsewhere."""
    name = MODEL if model is None else model
    if not isinstance(name, str) or name not in _names(service):
        raise ApiError(404, f"model: there is no {name!r} here; GET /v1/models lists what there is.")
    return name, service.answerer("" if name == MODEL else name)


def _completion(answer: Answer, head: Mapping[str, object], body: Mapping[str, object]) -> dict[str, object]:
    text = str(answer)
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop", "logprobs": None}
    return {**head, "choices": [choice], "usage": _usage(body, text), **_extra(answer)}


def _usage(body: Mapping[str, object], text: str) -> dict[str, int]:
    """Return the tokens of what was read and of what came back, counted by cl100k_base; passages are not in it."""
    from rag.tokenizer import count_tokens

    messages = body["messages"]
    assert isinstance(messages, list), "the conversation was read"
    read = [_said(message)[1][:MAX_CHARACTERS] for message in messages[-2 * MOST_TURNS - 1 :]]
    prompt, completion = sum(map(count_tokens, read)), count_tokens(text)
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


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
    return said[-1][1], list(recent(exchanges))


def _said(message: object) -> tuple[str, str]:
    if isinstance(message, dict):
        role, content = message.get("role"), message.get("content")
        if isinstance(content, list):  # parts of a message; those that are no text say nothing here
            content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
        if isinstance(role, str) and isinstance(content, str):
            return role, content
    raise ApiError(422, "messages: each needs a role and a text as its content.")


def _wants_usage(body: Mapping[str, object]) -> bool:
    options = body.get("stream_options")
    return isinstance(options, dict) and options.get("include_usage") is True


def _with_usage(chunks: Iterator[dict[str, object]], body: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """Add a last chunk with the tokens, and to all others that they have none."""
    head: dict[str, object] = {}
    text = ""
    for chunk in chunks:
        head, text = chunk, text + _content(chunk)
        yield {**chunk, "usage": None}
    yield {**head, "choices": [], "usage": _usage(body, text)}


def _content(chunk: Mapping[str, object]) -> str:
    choices = chunk["choices"]
    assert isinstance(choices, list), "a chunk has its choice"
    return str(choices[0]["delta"].get("content", ""))


def _chunks(pieces: Iterator[str | Answer], head: Mapping[str, object]) -> Iterator[dict[str, object]]:
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


def _head(kind: str, model: str) -> dict[str, object]:
    return {"id": f"chatcmpl-{uuid.uuid4().hex}", "object": kind, "created": int(time.time()), "model": model}


def _extra(answer: Answer) -> dict[str, object]:
    return {"citations": jsonable(list(answer.citations)), "refused": answer.refused}
