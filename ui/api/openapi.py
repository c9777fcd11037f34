"""The description of the API at `/api/openapi.json`: FastAPI's own, from the routes and the models of their bodies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from ui.api.responses import AnswerEvent, ChatEvent, Error

__all__ = ["ADDRESS", "EVENTS", "Responses", "by_the_guard", "describe", "refusals", "returns"]

Responses: TypeAlias = dict[int | str, dict[str, Any]]
ADDRESS = "/api/openapi.json"
EVENTS: Mapping[str, Any] = {"AnswerEvent": AnswerEvent, "ChatEvent": ChatEvent}
"""What streams send, by the names under which it is described."""

_TEXT = {"text/plain": {"schema": {"type": "string"}}}
_OF_STRANGERS = {403: "The request comes from another site", 421: "The server is not called by that name"}
_OF_BODIES = {408: "Nothing more of the request came", 413: "The body is too large"}
_SIGNED_IN = {401: "Not signed in", 429: "Too many wrong passwords; Retry-After says how many seconds"}
_ASKED = {
    400: "The body is no JSON object",
    415: "The body is not sent as JSON",
    422: "A field makes no sense",
    500: "The index can't be read",
    502: "The model did not answer",
    503: "Too many questions at once; Retry-After says how many seconds",
}


def returns(event: str = "", **absent: str) -> Responses:
    """Return what FastAPI is to say of the responses of a route that is asked something.

    Args:
        event: name of what its stream sends, `""` when it has none.
        absent: what else it may refuse with, by status with an underscore before it.
    """
    meanings = {int(status[1:]): what for status, what in absent.items()}
    found = refusals({**_ASKED, **meanings}, posted=True)
    if event:
        schema = {"$ref": f"#/components/schemas/{event}", "description": "Each event; the last is [DONE]."}
        found[200] = {"content": {"text/event-stream": {"schema": schema}}}
    return found


def refusals(meanings: Mapping[int, str] | None = None, *, posted: bool = False) -> Responses:
    """Return the refusals of a route: its own, those of who must sign in, and those of the guard before it."""
    own = {**_SIGNED_IN, **(meanings or {})}
    described: Responses = {status: {"description": what, "model": Error} for status, what in own.items()}
    return described | by_the_guard(posted=posted)


def by_the_guard(*, posted: bool = False) -> Responses:
    """Return what the guard refuses on every route, and, where something is posted, of its body."""
    guards = {**_OF_STRANGERS, **(_OF_BODIES if posted else {})}
    return {status: {"description": what, "content": _TEXT} for status, what in guards.items()}


def describe(app: FastAPI, *, signed_in: bool) -> None:
    """Let an application tell what streams send, and who may ask.

    Args:
        app: the application with its routes.
        signed_in: whether everyone has to sign in.
    """

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app, signed_in=signed_in)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's guide has it


def _described(app: FastAPI, *, signed_in: bool) -> dict[str, Any]:
    schema = get_openapi(
        title="Babelquote",
        version="1",
        description="Questions in any language, answered from the indexed documents with the exact words cited.",
        routes=app.routes,
    )
    components = schema["components"]
    for name, kind in EVENTS.items():
        event = TypeAdapter(kind).json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
        components["schemas"] |= {**event.pop("$defs"), name: event}
    components["securitySchemes"] = {
        "basic": {"type": "http", "scheme": "basic"},
        "key": {"type": "http", "scheme": "bearer", "description": "NAME:PASSWORD, or an access token"},
    }
    schema["security"] = [*([] if signed_in else [{}]), {"basic": []}, {"key": []}]
    return schema
