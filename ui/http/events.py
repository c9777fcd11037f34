"""Checks the events of the chat's queue before the framework sees them: what it does not know ends in a traceback."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import JSONResponse

from ui.http.bodies import App, Receive, Scope, Send

__all__ = ["Events"]

_JOIN = "/gradio_api/queue/join"


@dataclass(frozen=True, slots=True)
class Events:
    """Lets only events pass that the page sends.

    Attributes:
        app: the application that serves the chat.
        known: gives the number of inputs of each function by its number.
    """

    app: App
    known: Callable[[], dict[int, int]]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it with a refusal."""
        if scope["type"] != "http" or scope["path"].rstrip("/") != _JOIN or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        body = await _whole(receive)
        # A body that was cut off, by the client or at the limit, is answered too: the guard says which it was.
        if body is None or not self._is_event(body):
            await JSONResponse({"detail": "There is no such event."}, status_code=422)(scope, receive, send)
            return
        await self.app(scope, _again(body, receive), send)

    def _is_event(self, body: bytes) -> bool:
        try:
            event = json.loads(body)
        except (ValueError, RecursionError):
            return False
        if not isinstance(event, dict) or not isinstance(event.get("session_hash"), str):
            return False
        number, data = event.get("fn_index"), event.get("data")
        if isinstance(number, bool) or not isinstance(number, int) or not isinstance(data, list):
            return False
        return self.known().get(number) == len(data)


async def _whole(receive: Receive) -> bytes | None:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the body once, and then what comes."""
    left = [{"type": "http.request", "body": body, "more_body": False}]

    async def received() -> dict[str, object]:
        return dict(left.pop() if left else await receive())

    return received
