"""The bodies of requests that bring JSON, read with as little trust as they deserve."""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.requests import Request

from ui.http.admission import ApiError

__all__ = ["NO_OBJECT", "json_of", "object_of", "text_of"]

NO_OBJECT = "The body must be a JSON object."


async def json_of(request: Request) -> bytes:
    """Return the body of a request, which says that it is JSON or nothing about it.

    A page of another site can send plain text or a form unasked, and nothing that calls itself JSON; what says nothing
    is recognised by its origin (`ui.http.guard`).

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
        raise ApiError(400, NO_OBJECT) from error
    if not isinstance(body, dict):
        raise ApiError(400, NO_OBJECT)
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
